//! Linear algebra of complex matrices, and eigenvalues of any, which are complex.
//!
//! Where a function respects sums, products and adjoints (inverse, solutions, exponential), it is computed on real
//! matrices twice as large, `[[re, -im], [im, re]]`, and its gradient is theirs. Factorisations are nodes of their own.

use super::derived::{cofactors, is_zero_somewhere};
use super::host::{Call as HostCall, each, for_complex, for_dtype, outputs, part, parts, record, sizes};
use super::spectral::{differences, no_eigenvalues, no_svd, svd, svdvals};
use super::{check, formula, shape_of, solve, spectral};
use crate::autograd::{self, Call, Gradients, no_grad};
use crate::complex::{Complex, Numbers};
use crate::graph::{HostElement, HostFn};
use crate::ops::join::cat;
use crate::ops::select;
use crate::tensor::Tensor;
use smallvec::smallvec;
use st_host::{Complex as Pair, Field};
use st_kernel::view::Dims;
use st_kernel::{DType, Result, runtime_err};
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
    expect_finite("torch.linalg.eig", &info)?;
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
    expect_finite("torch.linalg.eigvals", &info)?;
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

fn expect_finite(name: &str, info: &Tensor) -> Result<()> {
    let failed = !info.is_sample() && info.to_vec::<i32>()?.iter().any(|&code| code != 0);
    if failed { Err(runtime_err!("{name}: input tensor should not contain infs or NaNs.")) } else { Ok(()) }
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

pub(super) fn enlarged(a: &Complex) -> Result<Tensor> {
    let (re, im) = (a.re()?, a.im()?);
    cat(&[cat(&[re.clone(), im.neg()?], -1)?, cat(&[im, re], -1)?], -2)
}

/// From the first columns of an enlarged matrix of `rows` rows.
pub(super) fn shrunk(a: &Tensor, rows: usize, columns: usize) -> Result<Complex> {
    let half = a.narrow(-1, 0, columns as i64)?;
    Complex::join(&half.narrow(-2, 0, rows as i64)?, &half.narrow(-2, rows as i64, rows as i64)?)
}

/// The X of A X = B.
fn solved(a: &Complex, b: &Complex) -> Result<Complex> {
    solve::left_solution(a, b).map(|found| found.0)
}

// ---- factorisations ----

fn determinant_parts(a: &Complex) -> Result<Complex> {
    let _mode = no_grad();
    let (batch, n, _) = parts_of(a.shape());
    let (lu, pivots, _) = super::lu::packed(&a.detach())?;
    if n == 0 {
        return Complex::full(batch, [1.0, 0.0], a.parts(), a.pairs().device());
    }
    let diagonal = lu.diagonals()?;
    let sign = super::lu::sign_of_swaps(&pivots, a.parts())?;
    diagonal.prod(diagonal.dim() as i64 - 1, false)?.scaled(&sign)
}

pub(super) fn determinant(a: &Complex) -> Result<Complex> {
    check::square("linalg.det", &a.detach().re()?, "A")?;
    let det = determinant_parts(a)?;
    let gradient = |call: &Call| {
        let Some(g) = upstream(call, 0) else { return none() };
        let (a, det) = (z(call.input(0)), z(call.output(0)));
        if is_zero_somewhere(&det.abs()?)? {
            return one(cofactors(&a, determinant)?.mul(&g.unsqueeze(-1)?.unsqueeze(-1)?)?);
        }
        let right = Complex::from_real(&a.re()?.unit()?, a.parts())?;
        let weight = g.mul(&det.conj()?)?.unsqueeze(-1)?.unsqueeze(-1)?;
        one(solved(&a.adjoint()?, &right.mul(&weight)?)?)
    };
    autograd::record(std::slice::from_ref(det.pairs()), &[Some(a.pairs())], || {
        formula("linalg_det", 1, 1, gradient)
    })?;
    Ok(det)
}

pub(super) fn sign_and_log(a: &Complex) -> Result<(Complex, Tensor)> {
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

pub(super) fn singular_values(a: &Complex) -> Result<Tensor> {
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

pub(super) fn singular(a: &Complex, full: bool) -> Result<(Complex, Tensor, Complex)> {
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

pub(super) fn hermitian(a: &Complex, uplo: &str) -> Result<(Tensor, Complex)> {
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

pub(super) fn power(a: &Complex, n: i64) -> Result<Complex> {
    check::square("linalg.matrix_power", &a.detach().re()?, "A")?;
    let unit = Complex::from_real(&a.re()?.unit()?.expand_to(a.shape())?, a.parts())?;
    // Nothing of this matrix is chosen for the power 0, but the result is still made of it.
    let nothing = Tensor::full(&[], false, DType::Bool, unit.pairs().device())?;
    let unit = Complex::of_pairs(select(&nothing, a.pairs(), unit.pairs())?);
    let mut base = if n < 0 { solve::regular_inverse(a)? } else { a.clone() };
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
