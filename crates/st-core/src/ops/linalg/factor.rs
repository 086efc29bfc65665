//! Cholesky and QR factorisations with their gradients, of real and of complex matrices.

use super::host::{Call as HostCall, each, for_kind, outputs, part, parts, record, sizes};
use super::matrices::Matrices;
use super::reflections::{geqrf, reflectors_product};
use super::solve::triangular_solution;
use super::{check, formula};
use crate::autograd::{self, Call, Gradients, no_grad};
use crate::graph::{HostElement, HostFn};
use crate::tensor::Tensor;
use smallvec::smallvec;
use st_host::Field;
use st_kernel::{DType, Error, Result, runtime_err};
use std::sync::Arc;

/// Of the lower triangles, or of the conjugates of the upper ones.
fn cholesky_of<T: Field + HostElement>(upper: bool) -> HostFn {
    Arc::new(move |inputs, outs| {
        let (n, _, count) = sizes::<T>(&inputs[0]);
        let [l, info] = outputs(outs);
        let (a, l) = (inputs[0].elements::<T>(), l.elements::<T>());
        let size = l.len();
        each(size, parts(l, count).into_iter().zip(info.elements::<i32>()), |i, (l, info)| {
            let a = part(a, i, count);
            match upper {
                true => l.iter_mut().enumerate().for_each(|(k, x)| *x = a[k % n * n + k / n].conj()),
                false => l.copy_from_slice(a),
            }
            *info = st_host::cholesky(n, l);
        });
        Ok(())
    })
}

/// The Cholesky factor (lower, or its conjugate transpose), and codes: 0, or the first minor that is not positive.
pub(super) fn cholesky<M: Matrices>(a: &M, upper: bool) -> Result<(M, Tensor)> {
    check::square("linalg.cholesky", &a.like_real()?, "A")?;
    check::any_float("linalg.cholesky", a.node())?;
    a.expect_kernel("cholesky_cpu")?;
    // Only one triangle is read; the other one then has the same gradient.
    let shapes = [(M::shape_of(a.extents(), &[]), a.parts()), (a.leading(2).into(), DType::I32)];
    let run = for_kind!(M, a.parts(), cholesky_of(upper));
    let params = [u64::from(M::COMPLEX) | u64::from(upper) << 1];
    let call = HostCall { name: "cholesky", params: &params, run };
    let rule = || formula("linalg_cholesky_ex", 0, 1, cholesky_gradient::<M>);
    let [l, info] = record(call, &[a.node()], shapes, rule)?;
    let l = M::of_node(l);
    Ok((if upper { l.daggered()? } else { l }, info))
}

/// Q and R of each matrix: `reduced`, `complete`, or `r` (with an empty Q).
pub(crate) fn qr<M: Matrices>(a: &M, mode: &str) -> Result<(M, M)> {
    check::matrix("linalg.qr", &a.like_real()?, "A")?;
    check::any_float("linalg.qr", a.node())?;
    if !["reduced", "complete", "r"].contains(&mode) {
        return Err(runtime_err!(
            "qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        ));
    }
    a.expect_kernel("geqrf_cpu")?;
    let (m, n) = a.rows_and_columns();
    let columns = if mode == "complete" { m } else { m.min(n) };
    let (q, r) = {
        let _mode = no_grad();
        let (packed, tau) = geqrf(&a.off_tape())?;
        let r = packed.piece(-2, 0, columns as i64)?.above(0)?;
        let q = match mode {
            "r" => M::of_node(Tensor::empty(&M::shape_of(&[0], &[]), a.parts(), a.node().device())?),
            _ => reflectors_product(&packed, &tau, columns)?,
        };
        (q, r)
    };
    let kind = mode.to_string();
    autograd::record(&[q.node().clone(), r.node().clone()], &[Some(a.node())], || {
        let outputs = if kind == "r" { 0 } else { 3 };
        formula("linalg_qr", 0, outputs, move |call| qr_gradient::<M>(call, &kind))
    })?;
    Ok((q, r))
}

impl Tensor {
    /// The Cholesky factor (lower, or its conjugate transpose), and codes: 0, or the first minor that is not positive.
    pub fn linalg_cholesky_ex(&self, upper: bool, check_errors: bool) -> Result<(Tensor, Tensor)> {
        let (l, info) = cholesky(self, upper)?;
        if check_errors {
            check::codes("linalg.cholesky_ex", &info, not_positive)?;
        }
        Ok((l, info))
    }

    /// The Cholesky factor; an error if a matrix is not positive-definite.
    pub fn linalg_cholesky(&self, upper: bool) -> Result<Tensor> {
        let (l, info) = cholesky(self, upper)?;
        check::codes("linalg.cholesky", &info, not_positive)?;
        Ok(l)
    }

    /// Q and R of each matrix: `reduced`, `complete`, or `r` (with an empty Q).
    pub fn linalg_qr(&self, mode: &str) -> Result<(Tensor, Tensor)> {
        qr(self, mode)
    }
}

pub(super) fn not_positive(code: i64) -> Error {
    Error::LinAlg(format!(
        "The factorization could not be completed because the input is not positive-definite (the leading minor of order {code} is not positive-definite)."
    ))
}

/// `L^{-H} sym(L^H g) L^{-1}`, where `sym` takes the lower triangle for the upper one too.
fn cholesky_gradient<M: Matrices>(call: &Call) -> Result<Gradients> {
    let Some(g) = &call.upstream[0] else { return Ok(smallvec![None]) };
    let (l, g) = (M::of_node(call.output(0).clone()), M::of_node(g.clone()));
    let adjoint = l.daggered()?;
    let product = adjoint.product(&g)?;
    let middle = product.below(0)?.plus(&product.below(-1)?.daggered()?)?.by(0.5)?;
    let left = triangular_solution(&adjoint, &middle, true, true, false)?;
    Ok(smallvec![Some(triangular_solution(&l, &left, false, false, false)?.node().clone())])
}

fn qr_gradient<M: Matrices>(call: &Call, mode: &str) -> Result<Gradients> {
    let (gq, gr) = (call.upstream[0].clone(), call.upstream[1].clone());
    if gq.is_none() && gr.is_none() {
        return Ok(smallvec![None]);
    }
    expect_q(mode)?;
    let (q, r) = (M::of_node(call.output(0).clone()), M::of_node(call.output(1).clone()));
    let (m, n) = (q.rows_and_columns().0, r.rows_and_columns().1);
    expect_differentiable_shape(mode, m, n)?;
    let or_zeros = |g: Option<Tensor>, of: &M| {
        let of = of.node();
        g.map_or_else(|| Tensor::zeros(of.shape(), of.dtype(), of.device()), Ok).map(M::of_node)
    };
    let (gq, gr) = (or_zeros(gq, &q)?, or_zeros(gr, &r)?);
    let square = |gq: &M, r: &M, gr: &M| -> Result<M> {
        let product = r.product(&gr.daggered()?)?.minus(&gq.daggered()?.product(&q)?)?;
        let half = product.below(0)?.plus(&product.below(-1)?)?.by(0.5)?;
        let right = gq.plus(&q.product(&half.plus(&half.daggered()?)?)?)?;
        triangular_solution(&r.daggered()?, &right, false, false, false)
    };
    if m >= n {
        return Ok(smallvec![Some(square(&gq, &r, &gr)?.node().clone())]);
    }
    // A = Q [R1 R2]: the later columns Y are Q R2.
    let (size, rest) = (m as i64, (n - m) as i64);
    let (r1, r2) = (r.piece(-1, 0, size)?, r.piece(-1, size, rest)?);
    let (gr1, gr2) = (gr.piece(-1, 0, size)?, gr.piece(-1, size, rest)?);
    let y = q.product(&r2)?;
    let first = square(&gq.plus(&y.product(&gr2.daggered()?)?)?, &r1, &gr1)?;
    Ok(smallvec![Some(M::joined(&[first, q.product(&gr2)?], -1)?.node().clone())])
}

/// Refuses the gradient where there is no Q.
fn expect_q(mode: &str) -> Result<()> {
    if mode == "r" {
        return Err(runtime_err!(
            "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr."
        ));
    }
    Ok(())
}

/// Refuses the gradient where Q is more than the matrix says.
fn expect_differentiable_shape(mode: &str, m: usize, n: usize) -> Result<()> {
    if mode == "complete" && m > n {
        return Err(runtime_err!(
            "The QR decomposition is not differentiable when mode='complete' and nrows > ncols."
        ));
    }
    Ok(())
}
