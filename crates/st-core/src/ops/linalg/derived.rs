//! What is made of factorisations: determinants, pseudo-inverses, ranks, least squares, powers.

use super::host::{Call as HostCall, each, for_dtype, outputs, part, parts, record, sizes};
use super::matrices::Matrices;
use super::{check, formula, shape_of};
use crate::autograd::{self, Call, Gradients, no_grad};
use crate::graph::{HostElement, HostFn};
use crate::ops::join::cat;
use crate::ops::{Operand, select};
use crate::runtime::has_no_values;
use crate::tensor::{Tensor, normalize_dim};
use smallvec::smallvec;
use st_host::Field;
use st_kernel::view::{broadcast, numel};
use st_kernel::{DType, ReduceOp, Result, Scalar, runtime_err, value_err};
use std::sync::Arc;

fn exponential<T: Field + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let (n, _, count) = sizes::<T>(&inputs[0]);
        let [out] = outputs(outs);
        let a = inputs[0].elements::<T>();
        each(a.len(), parts(out.elements::<T>(), count), |i, out| {
            st_host::exponential(n, part(a, i, count), out);
        });
        Ok(())
    })
}

/// Torch's names of LAPACK's ways to solve least squares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// The matrix has full rank.
    Gels,
    /// Gives the rank.
    Gelsy,
    /// Gives rank and singular values.
    Gelsd,
    /// As `Gelsd`.
    Gelss,
}

/// What [`Tensor::linalg_lstsq`] finds; what a driver does not tell is empty.
pub struct Lstsq<M = Tensor> {
    /// The solution of smallest norm.
    pub solution: M,
    /// The squared distance of each column, where there are more equations than unknowns and all are independent.
    pub residuals: Tensor,
    /// The ranks.
    pub rank: Tensor,
    /// The singular values.
    pub singular_values: Tensor,
}

fn epsilon(dtype: DType) -> f64 {
    if dtype == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) }
}

/// Below which singular values count as zero: `max(atol, rtol * largest)`, torch's usual numbers if none are given.
fn cutoff<M: Matrices>(
    a: &M,
    largest: &Tensor,
    atol: Option<Operand>,
    rtol: Option<Operand>,
) -> Result<Tensor> {
    let (m, n) = a.rows_and_columns();
    let filled = |given: Operand| match given {
        Operand::Tensor(t) => t.to_dtype(largest.dtype()),
        Operand::Scalar(s) => Tensor::full(&[], s, largest.dtype(), largest.device()),
    };
    let usual = epsilon(a.parts()) * m.max(n) as f64;
    let rtol = match (&atol, rtol) {
        (_, Some(rtol)) => filled(rtol)?,
        // Where a tolerance is given and not 0, it is the only one.
        (Some(atol), None) => select(&filled(*atol)?.gt(0.0)?, 0.0, usual)?.to_dtype(largest.dtype())?,
        (None, None) => filled(Operand::Scalar(usual.into()))?,
    };
    let relative = rtol.mul(largest)?;
    match atol {
        Some(atol) => relative.maximum(&filled(atol)?),
        None => Ok(relative),
    }
}

/// The largest value of each row, 0 of none.
fn largest_of(values: &Tensor) -> Result<Tensor> {
    if values.shape()[values.dim() - 1] == 0 {
        return Tensor::zeros(values.batch(1), values.dtype(), values.device());
    }
    values.amax(&[-1], false)
}

impl Tensor {
    /// Determinant's factors from LU: the sign of the row swaps and U's diagonal.
    fn lu_diagonal(&self) -> Result<(Tensor, Tensor)> {
        let (lu, pivots, _) = super::lu::packed(&self.detach())?;
        Ok((super::lu::sign_of_swaps(&pivots, self.dtype())?, lu.diagonals()?))
    }

    /// The determinant of each matrix.
    pub fn linalg_det(&self) -> Result<Tensor> {
        check::square("linalg.det", self, "A")?;
        check::any_float("linalg.det", self)?;
        check::kernel("lu_cpu", self)?;
        let det = {
            let _mode = no_grad();
            let (sign, diagonal) = self.lu_diagonal()?;
            diagonal.prod(&[-1], false)?.mul(&sign)?
        };
        autograd::record(std::slice::from_ref(&det), &[Some(self)], || {
            formula("linalg_det", 1, 1, det_gradient)
        })?;
        Ok(det)
    }

    /// Sign and logarithm of the absolute value of each matrix's determinant.
    pub fn linalg_slogdet(&self) -> Result<(Tensor, Tensor)> {
        check::square("linalg.slogdet", self, "A")?;
        check::float("linalg.slogdet", self)?;
        let (sign, log) = {
            let _mode = no_grad();
            let (sign, diagonal) = self.lu_diagonal()?;
            let signs = diagonal.sign()?.prod(&[-1], false)?;
            (signs.mul(&sign)?, diagonal.abs()?.log()?.sum(&[-1], false)?)
        };
        let gradient = |call: &Call| {
            let Some(g) = &call.upstream[1] else { return Ok(smallvec![None]) };
            let a = call.input(0);
            let right = g.unsqueeze(-1)?.unsqueeze(-1)?.mul(&a.unit()?)?;
            Ok(smallvec![Some(a.adjoint()?.solve_left(&right)?.0)])
        };
        autograd::record(&[sign.clone(), log.clone()], &[Some(self)], || {
            formula("linalg_slogdet", 1, 0, gradient)
        })?;
        Ok((sign, log))
    }

    /// The logarithm of each matrix's determinant; NaN where that is negative.
    pub fn logdet(&self) -> Result<Tensor> {
        check::square("logdet", self, "A")?;
        check::float("logdet", self)?;
        let (sign, log) = self.linalg_slogdet()?;
        select(&sign.eq(-1.0)?, f64::NAN, &log)
    }

    /// The pseudo-inverse: singular values up to `max(atol, rtol * largest)` count as zero.
    pub fn linalg_pinv(
        &self,
        atol: Option<Operand>,
        rtol: Option<Operand>,
        hermitian: bool,
    ) -> Result<Tensor> {
        pseudo_inverse(self, atol, rtol, hermitian)
    }

    /// How many singular values are above `max(atol, rtol * largest)`.
    pub fn linalg_matrix_rank(
        &self,
        atol: Option<Operand>,
        rtol: Option<Operand>,
        hermitian: bool,
    ) -> Result<Tensor> {
        rank(self, atol, rtol, hermitian)
    }

    /// The X for which A X is nearest to B.
    pub fn linalg_lstsq(&self, b: &Tensor, rcond: Option<f64>, driver: Option<&str>) -> Result<Lstsq> {
        least_squares(self, b, rcond, driver)
    }

    /// The exponential of each matrix.
    pub fn linalg_matrix_exp(&self) -> Result<Tensor> {
        check::square("linalg.matrix_exp", self, "A")?;
        check::any_float("linalg.matrix_exp", self)?;
        let wide = self.widened()?;
        let run = for_dtype!(wide.dtype(), exponential());
        let call = HostCall { name: "matrix_exp", params: &[], run };
        let shapes = [(wide.shape().into(), wide.dtype())];
        let [out] = record(call, &[&wide], shapes, || formula("linalg_matrix_exp", 1, 0, exp_gradient))?;
        out.to_dtype(self.dtype())
    }

    /// The n-th power of each matrix; of the inverse if n is negative.
    pub fn linalg_matrix_power(&self, n: i64) -> Result<Tensor> {
        check::square("linalg.matrix_power", self, "A")?;
        if n == 0 {
            // Nothing of this matrix is chosen, but the result is still made of it.
            let nothing = Tensor::full(&[], false, DType::Bool, self.device())?;
            return select(&nothing, self, &self.unit()?);
        }
        let mut base = if n < 0 { self.linalg_inv()? } else { self.clone() };
        let mut left = n.unsigned_abs();
        let mut result: Option<Tensor> = None;
        while left > 0 {
            if left & 1 == 1 {
                result = Some(match result {
                    Some(result) => result.matmul(&base)?,
                    None => base.clone(),
                });
            }
            left >>= 1;
            if left > 0 {
                base = base.matmul(&base)?;
            }
        }
        let result = result.expect("n is not 0");
        if result.is(self) { self.copy() } else { Ok(result) }
    }

    /// The condition number in a norm: `fro`, `nuc`, 1, -1, 2, -2 or infinity.
    pub fn linalg_cond(&self, p: Option<f64>, word: Option<&str>) -> Result<Tensor> {
        condition(self, p, word)
    }

    /// The sum of the singular values over two dimensions.
    pub fn nuclear_norm(&self, dims: Option<(i64, i64)>, keepdim: bool) -> Result<Tensor> {
        let (a, b) = dims.unwrap_or((-2, -1));
        check::matrix("linalg.matrix_norm", self, "A")?;
        check::float("linalg.matrix_norm", self)?;
        let (first, second) = (normalize_dim(a, self.dim())?, normalize_dim(b, self.dim())?);
        if first == second {
            return Err(runtime_err!("linalg.matrix_norm: dims must be different. Got ({a}, {b})"));
        }
        let matrices = self.movedim(&[first as i64, second as i64], &[-2, -1])?;
        let norm = matrices.linalg_svdvals()?.sum(&[-1], false)?;
        if !keepdim {
            return Ok(norm);
        }
        let (low, high) = (first.min(second) as i64, first.max(second) as i64);
        norm.unsqueeze(low)?.unsqueeze(high)
    }

    /// The tensor that is the inverse of this one as a map of its last dimensions to the first `ind`.
    pub fn linalg_tensorinv(&self, ind: i64) -> Result<Tensor> {
        let (rows, columns, n) = expect_balanced(self.shape(), ind)?;
        let (inverse, info) = self.reshape_to(&[n, n])?.linalg_inv_ex(false)?;
        check::codes("inverse", &info, super::solve::singular_inverse)?;
        inverse.reshape_to(&[columns, rows].concat())
    }

    /// The X for which the tensor product of this tensor with X over X's dimensions is `b`.
    pub fn linalg_tensorsolve(&self, b: &Tensor, dims: Option<&[i64]>) -> Result<Tensor> {
        let a = self.moved_to_end(dims)?;
        let (columns, n) = expect_solvable(a.shape(), b.shape())?;
        a.reshape_to(&[n, n])?.linalg_solve(&b.reshape(&[-1])?, true)?.reshape_to(&columns)
    }

    /// With these dimensions after all others.
    pub(super) fn moved_to_end(&self, dims: Option<&[i64]>) -> Result<Tensor> {
        let Some(dims) = dims else { return Ok(self.clone()) };
        let to: Vec<i64> = (0..dims.len() as i64).map(|i| i - dims.len() as i64).collect();
        self.movedim(dims, &to)
    }
}

/// The pseudo-inverse from factors, without a gradient.
fn pseudo_inverse_value<M: Matrices>(
    a: &M,
    atol: Option<Operand>,
    rtol: Option<Operand>,
    hermitian: bool,
) -> Result<M> {
    let _mode = no_grad();
    let inverted = |values: &Tensor, sizes: &Tensor| -> Result<Tensor> {
        let limit = cutoff(a, &largest_of(sizes)?, atol, rtol)?.unsqueeze(-1)?;
        select(&sizes.gt(&limit)?, &values.reciprocal()?, 0.0)?.unsqueeze(-2)
    };
    if hermitian {
        let (values, vectors) = a.off_tape().hermitian()?;
        let inverted = inverted(&values, &values.abs()?)?;
        return vectors.weighed(&inverted)?.product(&vectors.daggered()?);
    }
    let (u, s, vh) = a.off_tape().singular()?;
    vh.daggered()?.weighed(&inverted(&s, &s)?)?.product(&u.daggered()?)
}

/// The pseudo-inverse: singular values up to `max(atol, rtol * largest)` count as zero.
pub(super) fn pseudo_inverse<M: Matrices>(
    a: &M,
    atol: Option<Operand>,
    rtol: Option<Operand>,
    hermitian: bool,
) -> Result<M> {
    if a.rank() < 2 || !matches!(a.parts(), DType::F32 | DType::F64) {
        return Err(runtime_err!(
            "linalg.pinv({}{{{:?}}}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types",
            a.dtype_name(),
            a.extents()
        ));
    }
    let (m, n) = a.rows_and_columns();
    if hermitian {
        check::square("linalg.eigh", &a.like_real()?, "A")?;
    }
    let inverse = if numel(a.extents()) == 0 {
        M::of_node(Tensor::empty(&M::shape_of(a.leading(2), &[n, m]), a.parts(), a.node().device())?)
    } else {
        pseudo_inverse_value(a, atol, rtol, hermitian)?
    };
    autograd::record(std::slice::from_ref(inverse.node()), &[Some(a.node())], || {
        formula("linalg_pinv", 1, 1, pinv_gradient::<M>)
    })?;
    Ok(inverse)
}

/// How many singular values are above `max(atol, rtol * largest)`.
pub(super) fn rank<M: Matrices>(
    a: &M,
    atol: Option<Operand>,
    rtol: Option<Operand>,
    hermitian: bool,
) -> Result<Tensor> {
    check::matrix("torch.linalg.matrix_rank", &a.like_real()?, "input")?;
    if !matches!(a.parts(), DType::F32 | DType::F64) {
        return Err(runtime_err!("This function doesn't handle types other than float and double"));
    }
    let a = a.off_tape();
    if a.node().numel() == 0 {
        return Tensor::zeros(a.leading(2), DType::I64, a.node().device());
    }
    let sizes = if hermitian { a.hermitian()?.0.abs()? } else { a.singular_values()? };
    let limit = cutoff(&a, &largest_of(&sizes)?, atol, rtol)?;
    sizes.gt(&limit.unsqueeze(-1)?)?.to_dtype(DType::I64)?.sum(&[-1], false)
}

fn driver_of(name: &str, driver: Option<&str>) -> Result<Driver> {
    Ok(match driver {
        None | Some("gelsy") => Driver::Gelsy,
        Some("gels") => Driver::Gels,
        Some("gelsd") => Driver::Gelsd,
        Some("gelss") => Driver::Gelss,
        Some(_) => {
            return Err(runtime_err!(
                "{name}: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)"
            ));
        }
    })
}

/// The X for which A X is nearest to B.
pub(super) fn least_squares<M: Matrices>(
    a: &M,
    b: &M,
    rcond: Option<f64>,
    driver: Option<&str>,
) -> Result<Lstsq<M>> {
    let name = "torch.linalg.lstsq";
    if !matches!(a.parts(), DType::F32 | DType::F64) {
        return Err(runtime_err!("This function doesn't handle types other than float and double"));
    }
    if a.rank() < 2 {
        return Err(runtime_err!("{name}: input must have at least 2 dimensions."));
    }
    if b.rank() == 0 {
        return Err(runtime_err!("{name}: other must have at least 1 dimension."));
    }
    if b.parts() != a.parts() {
        return Err(runtime_err!(
            "{name}: Expected input and other to have the same dtype, but got input's dtype {} and other's dtype {}",
            a.dtype_name(),
            b.dtype_name()
        ));
    }
    let driver = driver_of(name, driver)?;
    let (m, n) = a.rows_and_columns();
    if b.rank() > a.rank() || b.rank() + 1 < a.rank() {
        return Err(runtime_err!(
            "{name}: input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1"
        ));
    }
    let vector = b.rank() + 1 == a.rank();
    let right = if vector { b.raised(-1)? } else { b.clone() };
    if right.rank() < 2 || right.rows_and_columns().0 != m {
        let at = if vector { -1 } else { -2 };
        return Err(runtime_err!("{name}: input.size(-2) should match other.size({at})"));
    }
    let batch = broadcast(a.leading(2), right.leading(2)).ok_or_else(|| {
        runtime_err!(
            "{name}: batches of input {:?} and other {:?} do not broadcast",
            a.leading(2),
            right.leading(2)
        )
    })?;
    let a = a.widened_to(&batch, &[m, n])?;
    let right = right.widened_to(&batch, &[m, right.rows_and_columns().1])?;
    let rcond = match driver {
        Driver::Gels => 0.0,
        _ => rcond.filter(|&r| r >= 0.0).unwrap_or(epsilon(a.parts()) * m.max(n) as f64),
    };
    // LAPACK's gelsd takes no share of the largest for nothing.
    let rcond = if driver == Driver::Gelsd && rcond >= 1.0 { epsilon(a.parts()) } else { rcond };
    let inverse = pseudo_inverse(&a, None, Some(Operand::Scalar(Scalar::Float(rcond))), false)?;
    let solution = inverse.product(&right)?;
    lstsq_report(&a, driver, rcond, solution, &right, vector)
}

fn lstsq_report<M: Matrices>(
    a: &M,
    driver: Driver,
    rcond: f64,
    solution: M,
    right: &M,
    vector: bool,
) -> Result<Lstsq<M>> {
    let ((m, n), device) = (a.rows_and_columns(), a.node().device());
    let empty = |dtype: DType| Tensor::empty(&[0], dtype, device);
    let values = if a.node().numel() == 0 {
        Tensor::zeros(&shape_of(a.leading(2), &[m.min(n)]), a.parts(), device)?
    } else {
        a.off_tape().singular_values()?
    };
    let limit = largest_of(&values)?.mul(rcond)?.unsqueeze(-1)?;
    let rank = values.gt(&limit)?.to_dtype(DType::I64)?.sum(&[-1], false)?;
    let full = driver == Driver::Gels || rank.to_vec::<i64>()?.iter().all(|&r| r == n as i64);
    // Of the default driver torch tells no residuals.
    let residuals = if m > n && full && driver != Driver::Gelsy {
        let apart = a.product(&solution)?.minus(right)?.node().square()?;
        let squares = if M::COMPLEX { apart.sum(&[-1], false)? } else { apart };
        squares.sum(&[-2], false)?
    } else {
        // None, but made of the same.
        solution.node().reshape(&[-1])?.narrow(0, 0, 0)?.copy()?
    };
    let flat = |x: &M| x.node().squeeze(Some(&[M::place(-1)])).map(M::of_node);
    Ok(Lstsq {
        solution: if vector { flat(&solution)? } else { solution },
        residuals,
        rank: if driver == Driver::Gels { empty(DType::I64)? } else { rank },
        singular_values: match driver {
            Driver::Gelsd | Driver::Gelss => values,
            _ => empty(a.parts())?,
        },
    })
}

/// The condition number in a norm: `fro`, `nuc`, 1, -1, 2, -2 or infinity.
pub(super) fn condition<M: Matrices>(a: &M, p: Option<f64>, word: Option<&str>) -> Result<Tensor> {
    check::matrix("linalg.cond", &a.like_real()?, "A")?;
    match (word, p) {
        (Some("fro" | "nuc"), _) => {}
        (Some(other), _) => return Err(value_err!("linalg.cond got an invalid norm type: {other}")),
        (None, None) => return singular_ratio(a, 2.0),
        (None, Some(p)) if p.abs() == 2.0 => return singular_ratio(a, p),
        (None, Some(p)) if p.abs() == 1.0 || p.is_infinite() => {}
        (None, Some(p)) => return Err(value_err!("linalg.cond got an invalid norm type: {p}")),
    }
    let ord = word.map_or_else(|| p.unwrap_or(2.0).to_string(), str::to_string);
    check::square(&format!("linalg.cond(ord={ord})"), &a.like_real()?, "A")?;
    if a.node().numel() == 0 {
        return Tensor::zeros(a.leading(2), a.parts(), a.node().device());
    }
    let (inverse, info) = super::solve::inverse(a)?;
    // What has no inverse has no norm of it either.
    let singular = info.gt(0)?;
    let mut wide = singular.unsqueeze(-1)?.unsqueeze(-1)?;
    if M::COMPLEX {
        wide = wide.unsqueeze(-1)?;
    }
    let inverse = M::of_node(select(&wide, 0.0, inverse.node())?);
    let number = norm_for_condition(a, p, word)?.mul(&norm_for_condition(&inverse, p, word)?)?;
    select(&singular, f64::INFINITY, &number)
}

fn norm_for_condition<M: Matrices>(a: &M, p: Option<f64>, word: Option<&str>) -> Result<Tensor> {
    match word {
        Some("nuc") => return a.singular_values()?.sum(&[-1], false),
        Some(_) => return a.sizes_of_elements()?.norm(2.0, &[-2, -1], false),
        None => {}
    }
    let p = p.unwrap_or(2.0);
    let sums = a.sizes_of_elements()?.sum(&[if p.is_infinite() { -1 } else { -2 }], false)?;
    sums.reduce(if p > 0.0 { ReduceOp::Max } else { ReduceOp::Min }, &[-1], false)
}

fn singular_ratio<M: Matrices>(a: &M, p: f64) -> Result<Tensor> {
    let values = a.singular_values()?;
    if values.numel() == 0 {
        return Tensor::zeros(a.leading(2), a.parts(), a.node().device());
    }
    let (first, last) = (values.select(-1, 0)?, values.select(-1, -1)?);
    if p > 0.0 { first.div(&last) } else { last.div(&first) }
}

/// The first `ind` sizes, the others, and the product of either.
pub(super) fn expect_balanced(shape: &[usize], ind: i64) -> Result<(&[usize], &[usize], usize)> {
    if ind <= 0 {
        return Err(runtime_err!("Expected a strictly positive integer for 'ind', but got {ind}"));
    }
    let (rows, columns) = shape.split_at((ind as usize).min(shape.len()));
    let (m, n) = (numel(rows), numel(columns));
    if m != n {
        return Err(runtime_err!(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got {n} != {m}"
        ));
    }
    Ok((rows, columns, n))
}

/// The sizes of the X of a tensor of this shape times X = B, and their product.
pub(super) fn expect_solvable(shape: &[usize], b: &[usize]) -> Result<(Vec<usize>, usize)> {
    let (rows, columns) = shape.split_at(b.len().min(shape.len()));
    let (m, n) = (numel(rows), numel(columns));
    if m != n || n != numel(b) {
        return Err(runtime_err!(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got {n} != {}",
            numel(b)
        ));
    }
    Ok((columns.to_vec(), n))
}

/// `g det A^{-H}`; where a determinant is 0, of the products of all other singular values.
fn det_gradient(call: &Call) -> Result<Gradients> {
    let Some(g) = &call.upstream[0] else { return Ok(smallvec![None]) };
    let (a, det) = (call.input(0), call.output(0));
    let wide = |t: &Tensor| t.unsqueeze(-1)?.unsqueeze(-1);
    let found = if is_zero_somewhere(det)? {
        cofactors(a, Tensor::linalg_det)?.mul(&wide(g)?)?
    } else {
        let right = wide(&g.mul(det)?)?.mul(&a.unit()?)?;
        a.adjoint()?.solve_left(&right)?.0
    };
    Ok(smallvec![Some(found)])
}

/// Whether a number is zero; without values, none is.
pub(super) fn is_zero_somewhere(size: &Tensor) -> Result<bool> {
    Ok(!has_no_values(size.device()) && size.detach().eq(0.0)?.any(&[], false)?.item()?.to_bool())
}

/// What a determinant's gradient is multiplied by to be the matrix's, of singular matrices, too.
pub(super) fn cofactors<M: Matrices>(a: &M, determinant: impl Fn(&M) -> Result<M>) -> Result<M> {
    let (u, s, vh) = a.singular()?;
    let n = s.shape()[s.dim() - 1];
    let all = s.unsqueeze(-2)?.expand_to(&shape_of(s.batch(1), &[n, n]))?;
    let others = select(&all.unit()?.to_dtype(DType::Bool)?, 1.0, &all)?.prod(&[-1], false)?;
    let turn = determinant(&u)?.times_elements(&determinant(&vh)?)?.conjugate()?;
    u.weighed(&others.unsqueeze(-2)?)?.product(&vh)?.times_elements(&turn.raised(-1)?.raised(-1)?)
}

/// Golub and Pereyra's formula, in the order of products that is cheaper for the shape.
pub(super) fn pinv_gradient<M: Matrices>(call: &Call) -> Result<Gradients> {
    let Some(g) = &call.upstream[0] else { return Ok(smallvec![None]) };
    let (a, p) = (M::of_node(call.input(0).clone()), M::of_node(call.output(0).clone()));
    let (m, n) = a.rows_and_columns();
    let (ph, gh) = (p.daggered()?, M::of_node(g.clone()).daggered()?);
    let found = if m <= n {
        let k = gh.product(&p)?;
        let kph = k.product(&ph)?;
        let inside = kph.minus(&p.product(&k)?.daggered()?)?.minus(&a.product(&p)?.product(&kph)?)?;
        inside.plus(&ph.product(&p)?.product(&gh.minus(&k.product(&a)?)?)?)?
    } else {
        let k = p.product(&gh)?;
        let phk = ph.product(&k)?;
        let inside = phk.minus(&k.product(&p)?.daggered()?)?.minus(&phk.product(&p)?.product(&a)?)?;
        inside.plus(&gh.minus(&a.product(&k)?)?.product(&p)?.product(&ph)?)?
    };
    Ok(smallvec![Some(found.node().clone())])
}

/// The upper right corner of the exponential of `[[A^H, g], [0, A^H]]`.
fn exp_gradient(call: &Call) -> Result<Gradients> {
    let Some(g) = &call.upstream[0] else { return Ok(smallvec![None]) };
    let adjoint = call.input(0).adjoint()?;
    let n = adjoint.rows_columns().0 as i64;
    let zeros = Tensor::zeros(adjoint.shape(), adjoint.dtype(), adjoint.device())?;
    let top = cat(&[adjoint.clone(), g.clone()], -1)?;
    let whole = cat(&[top, cat(&[zeros, adjoint], -1)?], -2)?;
    Ok(smallvec![Some(whole.linalg_matrix_exp()?.narrow(-2, 0, n)?.narrow(-1, n, n)?)])
}
