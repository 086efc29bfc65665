//! Linear algebra of complex matrices, and eigenvalues of any, which are complex.
//!
//! Where a function respects sums, products and adjoints (inverse, solutions, exponential), it is computed on real
//! matrices twice as large, `[[re, -im], [im, re]]`, and its gradient is theirs. Factorisations are nodes of their own.

use super::host::{Call as HostCall, each, for_complex, for_dtype, outputs, part, parts, record, sizes};
use super::spectral::{differences, no_eigenvalues, no_svd, svd, svdvals};
use super::{check, factor, formula, shape_of, solve, spectral};
use crate::autograd::{self, Call, Gradients, no_grad};
use crate::complex::{Complex, Numbers};
use crate::graph::{HostElement, HostFn};
use crate::ops::def::{Output, Value};
use crate::ops::join::cat;
use crate::ops::{Operand, arrange, select};
use crate::tensor::Tensor;
use smallvec::smallvec;
use st_host::{Complex as Pair, Field, Triangle};
use st_kernel::view::{Dims, broadcast};
use st_kernel::{DType, Result, Scalar, runtime_err};
use std::sync::Arc;

fn eig<T: Field + HostElement>() -> HostFn
where
    Pair<T::Real>: HostElement,
{
    Arc::new(|inputs, outs| {
        let (n, _, count) = sizes::<T>(&inputs[0]);
        let [values, vectors, info] = outputs(outs);
        let a = inputs[0].elements::<T>();
        let pairs = parts(values.elements::<Pair<T::Real>>(), count)
            .into_iter()
            .zip(parts(vectors.elements::<Pair<T::Real>>(), count));
        each(a.len(), pairs.zip(info.elements::<i32>()), |i, ((values, vectors), info)| {
            *info = i32::from(st_host::eig(n, part(a, i, count), values, vectors).is_err());
        });
        Ok(())
    })
}

fn eigvals<T: Field + HostElement>() -> HostFn
where
    Pair<T::Real>: HostElement,
{
    Arc::new(|inputs, outs| {
        let (n, _, count) = sizes::<T>(&inputs[0]);
        let [values, info] = outputs(outs);
        let a = inputs[0].elements::<T>();
        let jobs = parts(values.elements::<Pair<T::Real>>(), count).into_iter().zip(info.elements::<i32>());
        each(a.len(), jobs, |i, (values, info)| {
            *info = i32::from(st_host::eigvals(n, part(a, i, count), values).is_err());
        });
        Ok(())
    })
}

fn z(pairs: &Tensor) -> Complex {
    Complex::of_pairs(pairs.clone())
}

/// Batch sizes, rows and columns.
fn parts_of(shape: &[usize]) -> (&[usize], usize, usize) {
    let [batch @ .., m, n] = shape else { unreachable!("matrices were asked for") };
    (batch, *m, *n)
}

fn pairs(batch: &[usize], sizes: &[usize]) -> Dims {
    batch.iter().chain(sizes).copied().chain([2]).collect()
}

fn none() -> Result<Gradients> {
    Ok(smallvec![None])
}

fn one(gradient: Complex) -> Result<Gradients> {
    Ok(smallvec![Some(gradient.pairs().clone())])
}

fn upstream(call: &Call, i: usize) -> Option<Complex> {
    call.upstream[i].as_ref().map(z)
}

/// The node reads and writes pairs: those of a real operand are made first.
fn expect_square(name: &str, x: &Numbers) -> Result<()> {
    check::square(name, &real_like(x)?, "A")
}

/// A real tensor of the same shape, for checks.
fn real_like(x: &Numbers) -> Result<Tensor> {
    match x {
        Numbers::Real(x) => Ok(x.clone()),
        Numbers::Complex(z) => z.detach().re(),
    }
}

/// Eigenvalues and eigenvectors of square matrices.
pub fn eigen(x: &Numbers) -> Result<(Complex, Complex)> {
    let dtype = eigen_dtype("linalg.eig", x)?;
    let (batch, n, _) = parts_of(x.shape());
    let shapes = [(pairs(batch, &[n]), dtype), (pairs(batch, &[n, n]), dtype), (batch.into(), DType::I32)];
    let (input, is_complex, run) = match x {
        Numbers::Real(x) => (x.clone(), false, for_dtype!(dtype, eig())),
        Numbers::Complex(z) => (z.pairs().clone(), true, for_complex!(dtype, eig())),
    };
    let call = HostCall { name: "eig", params: &[u64::from(is_complex)], run };
    let rule = || formula("linalg_eig", 0, 3, move |call| eigen_gradient(call, is_complex));
    let [values, vectors, info] = record(call, &[&input], shapes, rule)?;
    check::codes("linalg.eig", &info, not_finite)?;
    Ok((Complex::of_pairs(values), Complex::of_pairs(vectors)))
}

/// The eigenvalues alone.
pub fn eigenvalues(x: &Numbers) -> Result<Complex> {
    let dtype = eigen_dtype("linalg.eigvals", x)?;
    let (batch, n, _) = parts_of(x.shape());
    let (input, is_complex, run) = match x {
        Numbers::Real(x) => (x, false, for_dtype!(dtype, eigvals())),
        Numbers::Complex(z) => (z.pairs(), true, for_complex!(dtype, eigvals())),
    };
    if input.requires_grad() && autograd::is_grad_enabled() {
        return Ok(eigen(x)?.0);
    }
    let shapes = [(pairs(batch, &[n]), dtype), (batch.into(), DType::I32)];
    let call = HostCall { name: "eigvals", params: &[u64::from(is_complex)], run };
    let [values, info] = record(call, &[input], shapes, || formula("linalg_eigvals", 0, 0, |_| none()))?;
    check::codes("linalg.eigvals", &info, not_finite)?;
    Ok(Complex::of_pairs(values))
}

fn eigen_dtype(name: &str, x: &Numbers) -> Result<DType> {
    expect_square(name, x)?;
    if !x.parts().is_float() {
        return Err(runtime_err!(
            "{name}: Unknown Complex ScalarType for {}; convert the matrices with .float()",
            crate::autograd::torch_name(x.parts())
        ));
    }
    check::kernel("linalg_eig_out_cpu", &real_like(x)?)?;
    Ok(x.parts())
}

fn not_finite(_: i64) -> st_kernel::Error {
    runtime_err!("input tensor should not contain infs or NaNs.")
}

/// Refuses gradients that depend on the phase of vectors, which is arbitrary.
fn expect_no_phase(name: &str, what: &str, diagonal: &Complex) -> Result<()> {
    let phase = diagonal.detach().im()?;
    if phase.numel() == 0 || phase.abs()?.amax(&[], false)?.item()?.to_f64() <= 1e-2 {
        return Ok(());
    }
    Err(runtime_err!(
        "{name}: The {what} in the complex case are specified up to multiplication by e^{{i phi}}. The specified loss function depends on this quantity, so it is ill-defined."
    ))
}

fn eigen_gradient(call: &Call, is_complex: bool) -> Result<Gradients> {
    let (values, vectors) = (z(call.output(0)), z(call.output(1)));
    let adjoint = vectors.adjoint()?;
    let right = match (upstream(call, 0), upstream(call, 1)) {
        (None, None) => return none(),
        (Some(g), None) => g.unsqueeze(-1)?.mul(&adjoint)?,
        (g, Some(gv)) => {
            let product = adjoint.matmul(&gv)?;
            let diagonal = product.diagonals()?;
            expect_no_phase("linalg_eig_backward", "eigenvectors", &diagonal)?;
            let real = Complex::from_real(&diagonal.re()?, values.parts())?;
            let turned = product.sub(&adjoint.matmul(&vectors)?.mul(&real.unsqueeze(-2)?)?)?;
            let apart = values.unsqueeze(-2)?.sub(&values.unsqueeze(-1)?)?.conj()?;
            let unit = apart.re()?.unit()?;
            let inner = turned.div(&apart.add(&Complex::from_real(&unit, values.parts())?)?)?;
            let inner = inner.scaled(&unit.mul(-1)?.add(1)?)?;
            let inner = match g {
                Some(g) => inner.add(&diagonal_matrix(&g)?)?,
                None => inner,
            };
            inner.matmul(&adjoint)?
        }
    };
    let found = solved(&adjoint, &right)?;
    if is_complex { one(found) } else { Ok(smallvec![Some(found.re()?)]) }
}

fn diagonal_matrix(x: &Complex) -> Result<Complex> {
    Complex::join(&x.re()?.diag_embed(0, -2, -1)?, &x.im()?.diag_embed(0, -2, -1)?)
}

// ---- by real matrices twice as large ----

fn enlarged(a: &Complex) -> Result<Tensor> {
    let (re, im) = (a.re()?, a.im()?);
    cat(&[cat(&[re.clone(), im.neg()?], -1)?, cat(&[im, re], -1)?], -2)
}

/// From the first columns of an enlarged matrix of `rows` rows.
fn shrunk(a: &Tensor, rows: usize, columns: usize) -> Result<Complex> {
    let half = a.narrow(-1, 0, columns as i64)?;
    Complex::join(&half.narrow(-2, 0, rows as i64)?, &half.narrow(-2, rows as i64, rows as i64)?)
}

/// The X of A X = B.
fn solved(a: &Complex, b: &Complex) -> Result<Complex> {
    solved_with_codes(a, b).map(|found| found.0)
}

fn solved_with_codes(a: &Complex, b: &Complex) -> Result<(Complex, Tensor)> {
    let (n, k) = (b.shape()[b.dim() - 2], b.shape()[b.dim() - 1]);
    let (x, info) = enlarged(a)?.solve_left(&cat(&[b.re()?, b.im()?], -2)?)?;
    Ok((shrunk(&x, n, k)?, info.add(1)?.floor_divide(2)?.to_dtype(DType::I32)?))
}

fn inverse(a: &Complex) -> Result<(Complex, Tensor)> {
    check::square("linalg.inv", &a.detach().re()?, "A")?;
    let n = a.shape()[a.dim() - 1];
    let (inverse, info) = enlarged(a)?.linalg_inv_ex(false)?;
    Ok((shrunk(&inverse, n, n)?, info.add(1)?.floor_divide(2)?.to_dtype(DType::I32)?))
}

fn solution(a: &Complex, b: &Numbers, left: bool) -> Result<(Complex, Tensor)> {
    let name = "linalg.solve";
    let (plain, b) = (a.detach().re()?, b.to_complex()?);
    if b.parts() != a.parts() {
        return Err(runtime_err!("{name}: Expected A and B to have the same dtype"));
    }
    check::square(name, &plain, "A")?;
    let vector = b.dim() == 1 || b.dim() + 1 == a.dim() && b.shape() == &a.shape()[..a.dim() - 1];
    let right = if vector { b.unsqueeze(-1)? } else { b };
    check::matrix(name, &right.detach().re()?, "B")?;
    super::packed::fits(name, &plain, &right.detach().re()?, left)?;
    let (x, info) = if left {
        solved_with_codes(a, &right)?
    } else {
        let (x, info) = solved_with_codes(&a.transposed()?, &right.transposed()?)?;
        (x.transposed()?, info)
    };
    let x = if vector { Complex::of_pairs(x.pairs().squeeze(Some(&[-2]))?) } else { x };
    Ok((x, info))
}

fn pseudo_inverse(
    a: &Complex,
    atol: Option<Operand>,
    rtol: Option<Operand>,
    hermitian: bool,
) -> Result<Complex> {
    let (_, m, n) = parts_of(a.shape());
    let usual = f64::EPSILON.max(if a.parts() == DType::F64 { 0.0 } else { f64::from(f32::EPSILON) });
    // Of the matrix itself, not of the larger one.
    let rtol = match (&atol, rtol) {
        (None, None) => Some(Operand::Scalar(Scalar::Float(usual * m.max(n) as f64))),
        (_, rtol) => rtol,
    };
    shrunk(&enlarged(a)?.linalg_pinv(atol, rtol, hermitian)?, n, m)
}

// ---- factorisations ----

fn determinant_parts(a: &Complex) -> Result<Complex> {
    let _mode = no_grad();
    let (batch, n, _) = parts_of(a.shape());
    let dtype = a.parts();
    let shapes =
        [(a.pairs().shape().into(), dtype), (shape_of(batch, &[n]), DType::I32), (batch.into(), DType::I32)];
    let call = HostCall { name: "lu", params: &[1], run: for_complex!(dtype, factor::lu_of()) };
    let [lu, pivots, _] = record(call, &[&a.pairs().detach()], shapes, || formula("lu", 0, 0, |_| none()))?;
    let own = arrange::positions(n, lu.device()).add(1)?;
    let swaps = pivots.to_dtype(DType::I64)?.ne(&own)?.to_dtype(DType::I64)?.sum(&[-1], false)?;
    let sign = swaps.remainder(2)?.mul(-2)?.add(1)?.to_dtype(dtype)?;
    let diagonal = Complex::of_pairs(lu).diagonals()?;
    if n == 0 {
        return Complex::full(batch, [1.0, 0.0], dtype, a.pairs().device());
    }
    diagonal.prod(diagonal.dim() as i64 - 1, false)?.scaled(&sign)
}

fn determinant(a: &Complex) -> Result<Complex> {
    check::square("linalg.det", &a.detach().re()?, "A")?;
    let det = determinant_parts(a)?;
    let gradient = |call: &Call| {
        let Some(g) = upstream(call, 0) else { return none() };
        let (a, det) = (z(call.input(0)), z(call.output(0)));
        let right = Complex::from_real(&a.re()?.unit()?, a.parts())?;
        let weight = g.mul(&det.conj()?)?.unsqueeze(-1)?.unsqueeze(-1)?;
        one(solved(&a.adjoint()?, &right.mul(&weight)?)?)
    };
    autograd::record(std::slice::from_ref(det.pairs()), &[Some(a.pairs())], || {
        formula("linalg_det", 1, 1, gradient)
    })?;
    Ok(det)
}

fn sign_and_log(a: &Complex) -> Result<(Complex, Tensor)> {
    check::square("linalg.slogdet", &a.detach().re()?, "A")?;
    let (sign, log) = {
        let _mode = no_grad();
        let det = determinant_parts(a)?;
        let size = det.abs()?;
        let sign = det.scaled(&select(&size.eq(0.0)?, 0.0, &size.reciprocal()?)?)?;
        (sign, size.log()?)
    };
    let gradient = |call: &Call| {
        let (a, sign) = (z(call.input(0)), z(call.output(0)));
        let zero = || Tensor::zeros(sign.shape(), a.parts(), a.pairs().device());
        let turn = match upstream(call, 0) {
            Some(gs) => gs.conj()?.mul(&sign)?.im()?.neg()?,
            None => zero()?,
        };
        let grow = call.upstream[1].clone().map_or_else(zero, Ok)?;
        let weight = Complex::join(&grow, &turn)?.unsqueeze(-1)?.unsqueeze(-1)?;
        let unit = Complex::from_real(&a.re()?.unit()?, a.parts())?;
        one(solved(&a.adjoint()?, &unit.mul(&weight)?)?)
    };
    autograd::record(&[sign.pairs().clone(), log.clone()], &[Some(a.pairs())], || {
        formula("linalg_slogdet", 1, 1, gradient)
    })?;
    Ok((sign, log))
}

/// The lower triangle with half of its diagonal.
fn half_lower(x: &Complex) -> Result<Complex> {
    x.tril(0)?.add(&x.tril(-1)?)?.times(0.5)
}

fn triangular(a: &Complex, b: &Complex, upper: bool, left: bool, unit: bool) -> Result<Complex> {
    let name = "linalg.solve_triangular";
    let plain = |x: &Complex| x.detach().re();
    check::square(name, &plain(a)?, "A")?;
    check::matrix(name, &plain(b)?, "B")?;
    super::packed::fits(name, &plain(a)?, &plain(b)?, left)?;
    if !left {
        return triangular(&a.transposed()?, &b.transposed()?, !upper, true, unit)?.transposed();
    }
    let (batch_a, n, _) = parts_of(a.shape());
    let (batch_b, _, k) = parts_of(b.shape());
    let batch = match broadcast(batch_a, batch_b) {
        Some(batch) => batch,
        None => return Err(solve::clash(&plain(a)?, &plain(b)?)),
    };
    let (a, b) = (a.expand_to(&shape_of(&batch, &[n, n]))?, b.expand_to(&shape_of(&batch, &[n, k]))?);
    let run = for_complex!(a.parts(), solve::triangular(Triangle { upper, unit, ..Triangle::default() }));
    let params = [u64::from(upper) | u64::from(unit) << 1 | 4];
    let rule = || {
        formula("linalg_solve_triangular", 1, 1, move |call| {
            let Some(g) = upstream(call, 0) else { return Ok(smallvec![None, None]) };
            let of_b = triangular(&z(call.input(0)).adjoint()?, &g, !upper, true, unit)?;
            let whole = of_b.matmul(&z(call.output(0)).adjoint()?)?.times(-1.0)?;
            let skip = i64::from(unit);
            let of_a = if upper { whole.triu(skip)? } else { whole.tril(-skip)? };
            Ok(smallvec![Some(of_a.pairs().clone()), Some(of_b.pairs().clone())])
        })
    };
    let call = HostCall { name: "solve_triangular", params: &params, run };
    let [x] = record(call, &[a.pairs(), b.pairs()], [(pairs(&batch, &[n, k]), a.parts())], rule)?;
    Ok(Complex::of_pairs(x))
}

fn cholesky(a: &Complex, upper: bool) -> Result<(Complex, Tensor)> {
    check::square("linalg.cholesky", &a.detach().re()?, "A")?;
    let source = if upper { a.adjoint()? } else { a.clone() };
    let (batch, ..) = parts_of(a.shape());
    let shapes = [(a.pairs().shape().into(), a.parts()), (batch.into(), DType::I32)];
    let call =
        HostCall { name: "cholesky", params: &[1], run: for_complex!(a.parts(), factor::cholesky_of()) };
    let gradient = |call: &Call| {
        let Some(g) = upstream(call, 0) else { return none() };
        let l = z(call.output(0));
        let half = half_lower(&l.adjoint()?.matmul(&g)?)?;
        let middle = half.add(&half.adjoint()?)?.times(0.5)?;
        let left = triangular(&l.adjoint()?, &middle, true, true, false)?;
        one(triangular(&l, &left, false, false, false)?)
    };
    let [l, info] =
        record(call, &[source.pairs()], shapes, || formula("linalg_cholesky_ex", 0, 1, gradient))?;
    let l = Complex::of_pairs(l);
    Ok((if upper { l.adjoint()? } else { l }, info))
}

fn qr(a: &Complex, mode: &str) -> Result<(Complex, Complex)> {
    check::matrix("linalg.qr", &a.detach().re()?, "A")?;
    if !["reduced", "complete", "r"].contains(&mode) {
        return Err(runtime_err!(
            "qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        ));
    }
    let (batch, m, n) = parts_of(a.shape());
    let dtype = a.parts();
    let columns = if mode == "complete" { m } else { m.min(n) };
    let nothing = || formula("qr", 0, 0, |_| none());
    let (q, r) = {
        let _mode = no_grad();
        let shapes = [(a.pairs().shape().into(), dtype), (pairs(batch, &[m.min(n)]), dtype)];
        let call = HostCall { name: "geqrf", params: &[1], run: for_complex!(dtype, factor::geqrf_of()) };
        let [packed, tau] = record(call, &[&a.pairs().detach()], shapes, nothing)?;
        let run = for_complex!(dtype, factor::product_of_reflectors());
        let call = HostCall { name: "householder_product", params: &[1], run };
        let [q] = record(call, &[&packed, &tau], [(pairs(batch, &[m, columns]), dtype)], nothing)?;
        let r = Complex::of_pairs(packed).cut(-2, 0, columns as i64)?.triu(0)?;
        let q = if mode == "r" { Tensor::empty(&[0, 2], dtype, q.device())? } else { q };
        (Complex::of_pairs(q), r)
    };
    let kind = mode.to_string();
    autograd::record(&[q.pairs().clone(), r.pairs().clone()], &[Some(a.pairs())], || {
        formula("linalg_qr", 0, if kind == "r" { 0 } else { 3 }, move |call| qr_gradient(call, &kind))
    })?;
    Ok((q, r))
}

fn qr_gradient(call: &Call, mode: &str) -> Result<Gradients> {
    let (gq, gr) = (upstream(call, 0), upstream(call, 1));
    if gq.is_none() && gr.is_none() {
        return none();
    }
    factor::expect_q(mode)?;
    let (q, r) = (z(call.output(0)), z(call.output(1)));
    let (m, n) = (q.shape()[q.dim() - 2], r.shape()[r.dim() - 1]);
    factor::expect_differentiable_shape(mode, m, n)?;
    let zeros =
        |t: &Complex| Tensor::zeros(t.pairs().shape(), t.parts(), t.pairs().device()).map(Complex::of_pairs);
    let gq = gq.map_or_else(|| zeros(&q), Ok)?;
    let gr = gr.map_or_else(|| zeros(&r), Ok)?;
    let square = |gq: &Complex, r: &Complex, gr: &Complex| -> Result<Complex> {
        let half = half_lower(&r.matmul(&gr.adjoint()?)?.sub(&gq.adjoint()?.matmul(&q)?)?)?;
        let right = gq.add(&q.matmul(&half.add(&half.adjoint()?)?)?)?;
        triangular(&r.adjoint()?, &right, false, false, false)
    };
    if m >= n {
        return one(square(&gq, &r, &gr)?);
    }
    let (size, rest) = (m as i64, (n - m) as i64);
    let (r1, r2) = (r.cut(-1, 0, size)?, r.cut(-1, size, rest)?);
    let (gr1, gr2) = (gr.cut(-1, 0, size)?, gr.cut(-1, size, rest)?);
    let first = square(&gq.add(&q.matmul(&r2)?.matmul(&gr2.adjoint()?)?)?, &r1, &gr1)?;
    let both = cat(&[first.pairs().clone(), q.matmul(&gr2)?.pairs().clone()], -2)?;
    Ok(smallvec![Some(both)])
}

fn singular_values(a: &Complex) -> Result<Tensor> {
    check::matrix("linalg.svd", &a.detach().re()?, "A")?;
    if a.pairs().requires_grad() && autograd::is_grad_enabled() {
        return Ok(singular(a, false)?.1);
    }
    let (batch, m, n) = parts_of(a.shape());
    let shapes = [(shape_of(batch, &[m.min(n)]), a.parts()), (batch.into(), DType::I32)];
    let call = HostCall { name: "svdvals", params: &[1], run: for_complex!(a.parts(), svdvals()) };
    let [s, info] = record(call, &[a.pairs()], shapes, || formula("svdvals", 0, 0, |_| none()))?;
    check::codes("linalg.svd", &info, no_svd)?;
    Ok(s)
}

fn singular(a: &Complex, full: bool) -> Result<(Complex, Tensor, Complex)> {
    check::matrix("linalg.svd", &a.detach().re()?, "A")?;
    let (batch, m, n) = parts_of(a.shape());
    let (k, dtype) = (m.min(n), a.parts());
    let (rows, columns) = if full { (m, n) } else { (k, k) };
    let shapes = [
        (pairs(batch, &[m, rows]), dtype),
        (shape_of(batch, &[k]), dtype),
        (pairs(batch, &[columns, n]), dtype),
        (batch.into(), DType::I32),
    ];
    let call = HostCall { name: "svd", params: &[2 + u64::from(full)], run: for_complex!(dtype, svd(full)) };
    let [u, s, vh, info] = record(call, &[a.pairs()], shapes, || formula("linalg_svd", 0, 7, svd_gradient))?;
    check::codes("linalg.svd", &info, no_svd)?;
    Ok((Complex::of_pairs(u), s, Complex::of_pairs(vh)))
}

fn svd_gradient(call: &Call) -> Result<Gradients> {
    let (u, s, vh) = (z(call.output(0)), call.output(1), z(call.output(2)));
    let k = s.shape()[s.dim() - 1] as i64;
    let (m, n) = (u.shape()[u.dim() - 2] as i64, vh.shape()[vh.dim() - 1] as i64);
    let (u, vh) = (u.cut(-1, 0, k)?, vh.cut(-2, 0, k)?);
    let gu = upstream(call, 0).map(|g| g.cut(-1, 0, k)).transpose()?;
    let gvh = upstream(call, 2).map(|g| g.cut(-2, 0, k)).transpose()?;
    let gs = call.upstream[1].clone();
    let (row, column) = (s.unsqueeze(-2)?, s.unsqueeze(-1)?);
    let gaps = differences(&s.square()?)?.reciprocal()?;
    let mut inner = match &gs {
        Some(gs) => Complex::from_real(&gs.diag_embed(0, -2, -1)?, s.dtype())?,
        None => Complex::from_real(&gaps.mul(0.0)?, s.dtype())?,
    };
    let mut phase: Option<Complex> = None;
    if let Some(gu) = &gu {
        let product = u.adjoint()?.matmul(gu)?;
        let skew = product.sub(&product.adjoint()?)?;
        inner = inner.add(&skew.scaled(&gaps.mul(&row)?)?)?;
        // The phases of U's columns, which V's follow.
        let turn =
            skew.scaled(&gaps.unit()?.div(&row.mul(2.0)?)?)?.sub(&skew.scaled(&gaps.unit()?.mul(&row)?)?)?;
        inner = inner.add(&turn)?;
        phase = Some(product.diagonals()?);
    }
    if let Some(gvh) = &gvh {
        let product = vh.matmul(&gvh.adjoint()?)?;
        let skew = product.sub(&product.adjoint()?)?;
        let off = skew.sub(&skew.scaled(&gaps.unit()?)?)?;
        inner = inner.add(&off.scaled(&gaps.mul(&column)?)?)?;
        let own = product.diagonals()?;
        phase = Some(match phase {
            Some(phase) => phase.add(&own)?,
            None => own,
        });
    }
    if let Some(phase) = phase {
        expect_no_phase("svd_backward", "singular vectors", &phase)?;
    }
    let mut found = u.matmul(&inner)?.matmul(&vh)?;
    if let Some(gu) = gu.filter(|_| m > k) {
        let g = gu.scaled(&row.reciprocal()?)?;
        let outside = g.sub(&u.matmul(&u.adjoint()?.matmul(&g)?)?)?;
        found = found.add(&outside.matmul(&vh)?)?;
    }
    if let Some(gvh) = gvh.filter(|_| n > k) {
        let g = gvh.scaled(&column.reciprocal()?)?;
        let outside = g.sub(&g.matmul(&vh.adjoint()?)?.matmul(&vh)?)?;
        found = found.add(&u.matmul(&outside)?)?;
    }
    one(found)
}

fn hermitian(a: &Complex, uplo: &str) -> Result<(Tensor, Complex)> {
    let name = "linalg.eigh";
    let upper = spectral::is_upper(uplo)?;
    check::square(name, &a.detach().re()?, "A")?;
    let source = if upper { a.adjoint()? } else { a.clone() };
    let (batch, n, _) = parts_of(a.shape());
    let shapes = [
        (shape_of(batch, &[n]), a.parts()),
        (a.pairs().shape().into(), a.parts()),
        (batch.into(), DType::I32),
    ];
    let call = HostCall { name: "eigh", params: &[1], run: for_complex!(a.parts(), spectral::eigh()) };
    let gradient = |call: &Call| {
        let (values, vectors) = (call.output(0), z(call.output(1)));
        let unit = vectors.re()?.unit()?;
        let mut inner = match &call.upstream[0] {
            Some(g) => Complex::from_real(&g.diag_embed(0, -2, -1)?, g.dtype())?,
            None => Complex::from_real(&unit.mul(0.0)?, values.dtype())?,
        };
        if let Some(gv) = upstream(call, 1) {
            let product = vectors.adjoint()?.matmul(&gv)?;
            expect_no_phase("linalg_eig_backward", "eigenvectors", &product.diagonals()?)?;
            let skew = product.sub(&product.adjoint()?)?.times(0.5)?;
            let off = differences(values)?.reciprocal()?.sub(&unit)?;
            inner = inner.add(&skew.scaled(&off)?)?;
        }
        one(vectors.matmul(&inner.matmul(&vectors.adjoint()?)?)?)
    };
    let [values, vectors, info] =
        record(call, &[source.pairs()], shapes, || formula("linalg_eigh", 0, 3, gradient))?;
    check::codes(name, &info, no_eigenvalues)?;
    Ok((values, Complex::of_pairs(vectors)))
}

fn power(a: &Complex, n: i64) -> Result<Complex> {
    check::square("linalg.matrix_power", &a.detach().re()?, "A")?;
    let unit = Complex::from_real(&a.re()?.unit()?.expand_to(a.shape())?, a.parts())?;
    // Nothing of this matrix is chosen for the power 0, but the result is still made of it.
    let nothing = Tensor::full(&[], false, DType::Bool, unit.pairs().device())?;
    let unit = Complex::of_pairs(select(&nothing, a.pairs(), unit.pairs())?);
    let mut base = if n < 0 { checked_inverse(a)? } else { a.clone() };
    let (mut left, mut result) = (n.unsigned_abs(), unit);
    while left > 0 {
        if left & 1 == 1 {
            result = result.matmul(&base)?;
        }
        left >>= 1;
        if left > 0 {
            base = base.matmul(&base)?;
        }
    }
    Ok(result)
}

fn checked_inverse(a: &Complex) -> Result<Complex> {
    let (inverse, info) = inverse(a)?;
    check::codes("linalg.inv", &info, solve::singular_inverse)?;
    Ok(inverse)
}

fn least_squares(a: &Complex, b: &Numbers, rcond: Option<f64>, driver: Option<&str>) -> Result<Output> {
    let (b, (_, m, n)) = (b.to_complex()?, parts_of(a.shape()));
    let vector = b.dim() + 1 == a.dim();
    let right = if vector { b.unsqueeze(-1)? } else { b };
    if right.dim() < 2 || right.shape()[right.dim() - 2] != m {
        return Err(runtime_err!("torch.linalg.lstsq: input.size(-2) should match other.size(-2)"));
    }
    let epsilon = if a.parts() == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
    let rcond = rcond.or(Some(epsilon * m.max(n) as f64));
    let found = enlarged(a)?.linalg_lstsq(&cat(&[right.re()?, right.im()?], -2)?, rcond, driver)?;
    let x = shrunk(&found.solution, n, right.shape()[right.dim() - 1])?;
    let x = if vector { Complex::of_pairs(x.pairs().squeeze(Some(&[-2]))?) } else { x };
    let every_other =
        |t: Tensor| if t.dim() == 0 || t.numel() == 0 { Ok(t) } else { t.slice(-1, None, None, 2) };
    Ok(Output::Tuple(vec![
        Output::Complex(x),
        Output::One(found.residuals),
        Output::One(if found.rank.numel() == 0 { found.rank } else { found.rank.floor_divide(2)? }),
        Output::One(every_other(found.singular_values)?),
    ]))
}

// ---- rows ----

fn text(value: &Value) -> Option<&str> {
    if let Value::Text(text) = value { Some(text) } else { None }
}

fn flag(value: &Value) -> bool {
    matches!(value, Value::Scalar(s) if s.to_bool())
}

fn float(value: &Value) -> Option<f64> {
    if let Value::Scalar(s) = value { Some(s.to_f64()) } else { None }
}

fn operand(value: &Value) -> Option<Operand<'_>> {
    match value {
        Value::Scalar(s) => Some(Operand::Scalar(*s)),
        Value::Tensor(t) => Some(Operand::Tensor(t)),
        _ => None,
    }
}

fn numbers(value: &Value) -> Result<Numbers> {
    match value {
        Value::Tensor(t) => Ok(Numbers::Real(t.clone())),
        Value::Complex(z) => Ok(Numbers::Complex(z.clone())),
        other => Err(st_kernel::type_err!("expected a Tensor, not {}", other.kind())),
    }
}

fn tuple(outputs: impl IntoIterator<Item = Output>) -> Output {
    Output::Tuple(outputs.into_iter().collect())
}

/// What a row of linear algebra does with complex arguments; `None` if it takes none.
pub(crate) fn call(name: &str, v: &[Value]) -> Option<Result<Output>> {
    let known = "linalg_inv inverse linalg_inv_ex linalg_solve linalg_solve_ex linalg_solve_triangular linalg_cholesky \
        linalg_cholesky_ex cholesky linalg_qr qr linalg_svd linalg_svdvals svd linalg_eigh linalg_eigvalsh linalg_det det \
        linalg_slogdet slogdet linalg_pinv pinverse linalg_matrix_exp matrix_exp linalg_matrix_power matrix_power \
        linalg_lstsq linalg_matrix_rank linalg_cond";
    known.split_whitespace().any(|k| k == name).then(|| known_call(name, v))
}

fn known_call(name: &str, v: &[Value]) -> Result<Output> {
    use Output::{Complex as C, One};
    let a = numbers(&v[0])?.to_complex()?;
    Ok(match name {
        "linalg_inv" | "inverse" => C(checked_inverse(&a)?),
        "linalg_inv_ex" => {
            let (inverse, info) = inverse(&a)?;
            if flag(&v[1]) {
                check::codes("linalg.inv_ex", &info, solve::singular_inverse)?;
            }
            tuple([C(inverse), One(info)])
        }
        "linalg_solve" => {
            let (x, info) = solution(&a, &numbers(&v[1])?, flag(&v[2]))?;
            check::codes("torch.linalg.solve", &info, solve::singular_solver)?;
            C(x)
        }
        "linalg_solve_ex" => {
            let (x, info) = solution(&a, &numbers(&v[1])?, flag(&v[2]))?;
            tuple([C(x), One(info)])
        }
        "linalg_solve_triangular" => {
            let b = numbers(&v[1])?.to_complex()?;
            C(triangular(&a, &b, flag(&v[2]), flag(&v[3]), flag(&v[4]))?)
        }
        "linalg_cholesky" | "cholesky" => {
            let (l, info) = cholesky(&a, flag(&v[1]))?;
            check::codes("linalg.cholesky", &info, factor::not_positive)?;
            C(l)
        }
        "linalg_cholesky_ex" => {
            let (l, info) = cholesky(&a, flag(&v[1]))?;
            tuple([C(l), One(info)])
        }
        "linalg_qr" => {
            let (q, r) = qr(&a, text(&v[1]).unwrap_or("reduced"))?;
            tuple([C(q), C(r)])
        }
        "qr" => {
            let (q, r) = qr(&a, if flag(&v[1]) { "reduced" } else { "complete" })?;
            tuple([C(q), C(r)])
        }
        "linalg_svd" => {
            let (u, s, vh) = singular(&a, flag(&v[1]))?;
            tuple([C(u), One(s), C(vh)])
        }
        "svd" => {
            let (u, s, vh) = singular(&a, !flag(&v[1]))?;
            tuple([C(u), One(s), C(vh.adjoint()?)])
        }
        "linalg_svdvals" => One(singular_values(&a)?),
        "linalg_eigh" => {
            let (values, vectors) = hermitian(&a, text(&v[1]).unwrap_or("L"))?;
            tuple([One(values), C(vectors)])
        }
        "linalg_eigvalsh" => One(hermitian(&a, text(&v[1]).unwrap_or("L"))?.0),
        "linalg_det" | "det" => C(determinant(&a)?),
        "linalg_slogdet" | "slogdet" => {
            let (sign, log) = sign_and_log(&a)?;
            tuple([C(sign), One(log)])
        }
        "linalg_pinv" if v.len() == 3 => C(pseudo_inverse(&a, None, operand(&v[1]), flag(&v[2]))?),
        "linalg_pinv" => C(pseudo_inverse(&a, operand(&v[1]), operand(&v[2]), flag(&v[3]))?),
        "pinverse" => C(pseudo_inverse(&a, None, operand(&v[1]), false)?),
        "linalg_matrix_exp" | "matrix_exp" => {
            check::square("linalg.matrix_exp", &a.detach().re()?, "A")?;
            let n = a.shape()[a.dim() - 1];
            C(shrunk(&enlarged(&a)?.linalg_matrix_exp()?, n, n)?)
        }
        "linalg_matrix_power" | "matrix_power" => C(power(&a, float(&v[1]).unwrap_or(1.0) as i64)?),
        "linalg_lstsq" => least_squares(&a, &numbers(&v[1])?, float(&v[2]), text(&v[3]))?,
        "linalg_matrix_rank" => {
            let (atol, rtol) = if v.len() == 3 {
                (operand(&v[1]), Some(Operand::Scalar(0.0.into())))
            } else {
                (operand(&v[1]), operand(&v[2]))
            };
            One(enlarged(&a)?.linalg_matrix_rank(atol, rtol, false)?.floor_divide(2)?)
        }
        _ => match (text(&v[1]), float(&v[1])) {
            (None, p) if p.is_none_or(|p| p.abs() == 2.0) => One(enlarged(&a)?.linalg_cond(p, None)?),
            (word, p) => {
                let (inverse, _) = inverse(&a)?;
                One(a.abs()?.norm_for_cond(p, word)?.mul(&inverse.abs()?.norm_for_cond(p, word)?)?)
            }
        },
    })
}
