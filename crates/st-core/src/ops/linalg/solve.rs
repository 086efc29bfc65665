//! Inverses and systems of equations.

use super::check::{self, fits};
use super::formula;
use super::host::{Call as HostCall, columns, each, for_kind, outputs, part, parts, record, sizes};
use super::matrices::Matrices;
use crate::autograd::{self, Call, no_grad};
use crate::graph::{HostElement, HostFn};
use crate::tensor::Tensor;
use smallvec::smallvec;
use st_host::{Field, Triangle};
use st_kernel::view::broadcast;
use st_kernel::{DType, Error, Result, runtime_err};
use std::sync::Arc;

fn inverse_of<T: Field + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let (n, _, count) = sizes::<T>(&inputs[0]);
        let [inverse, info] = outputs(outs);
        let a = inputs[0].elements::<T>();
        let jobs = parts(inverse.elements::<T>(), count).into_iter().zip(info.elements::<i32>());
        each(a.len(), jobs, |i, (inverse, info)| {
            (0..n).for_each(|k| inverse[k * n + k] = T::ONE);
            *info = st_host::solve(n, n, part(a, i, count), inverse);
        });
        Ok(())
    })
}

fn solution_of<T: Field + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let (n, _, count) = sizes::<T>(&inputs[0]);
        let [x, info] = outputs(outs);
        let k = columns::<T>(x.shape);
        let a = inputs[0].elements::<T>();
        let x = x.elements::<T>();
        x.copy_from_slice(inputs[1].elements());
        each(a.len(), parts(x, count).into_iter().zip(info.elements::<i32>()), |i, (x, info)| {
            *info = st_host::solve(n, k, part(a, i, count), x);
        });
        Ok(())
    })
}

fn triangular_of<T: Field + HostElement>(triangle: Triangle) -> HostFn {
    Arc::new(move |inputs, outs| {
        let (n, _, count) = sizes::<T>(&inputs[0]);
        let [x] = outputs(outs);
        let k = columns::<T>(x.shape);
        let a = inputs[0].elements::<T>();
        let x = x.elements::<T>();
        x.copy_from_slice(inputs[1].elements());
        each(a.len(), parts(x, count), |i, x| {
            st_host::solve_triangular(n, k, part(a, i, count), x, triangle);
        });
        Ok(())
    })
}

/// Solves A X = B (or X A = B), where A is a triangle; batches broadcast.
pub fn solve_triangular(a: &Tensor, b: &Tensor, upper: bool, left: bool, unit: bool) -> Result<Tensor> {
    triangular_solution(a, b, upper, left, unit)
}

/// Torch's older name for the same, of the matrix or its transpose; gives a copy of the matrix, too.
pub(crate) fn triangular<M: Matrices>(
    b: &M,
    a: &M,
    upper: bool,
    transpose: bool,
    unit: bool,
) -> Result<(M, M)> {
    let solution = if transpose {
        triangular_solution(&a.flipped()?, b, !upper, true, unit)?
    } else {
        triangular_solution(a, b, upper, true, unit)?
    };
    Ok((solution, M::of_node(a.node().copy()?)))
}

/// As [`solve_triangular`], of real or of complex matrices.
pub(super) fn triangular_solution<M: Matrices>(
    a: &M,
    b: &M,
    upper: bool,
    left: bool,
    unit: bool,
) -> Result<M> {
    let name = "linalg.solve_triangular";
    let (plain, right) = (a.like_real()?, b.like_real()?);
    a.expect_dtype_of(name, b)?;
    check::square(name, &plain, "A")?;
    check::matrix(name, &right, "B")?;
    fits(name, &plain, &right, left)?;
    a.expect_kernel("triangular_solve_cpu")?;
    if !left {
        // X A = B is A^T X^T = B^T.
        return triangular_solution(&a.flipped()?, &b.flipped()?, !upper, true, unit)?.flipped();
    }
    let (n, k) = b.rows_and_columns();
    let batch = broadcast(a.leading(2), b.leading(2)).ok_or_else(|| clash(&plain, &right))?;
    let (a, b) = (a.widened_to(&batch, &[n, n])?, b.widened_to(&batch, &[n, k])?);
    let run = for_kind!(M, a.parts(), triangular_of(Triangle { upper, unit, ..Triangle::default() }));
    let params = [u64::from(upper) | u64::from(unit) << 1 | u64::from(M::COMPLEX) << 2];
    let call = HostCall { name: "solve_triangular", params: &params, run };
    let rule = || {
        formula("linalg_solve_triangular", 1, 1, move |call| {
            let Some(g) = &call.upstream[0] else { return Ok(smallvec![None, None]) };
            let (a, x) = (M::of_node(call.input(0).clone()), M::of_node(call.output(0).clone()));
            let of_b = triangular_solution(&a.daggered()?, &M::of_node(g.clone()), !upper, true, unit)?;
            let of_a = if call.needs[0] {
                let whole = of_b.product(&x.daggered()?)?.by(-1.0)?;
                let skip = i64::from(unit);
                Some(if upper { whole.above(skip)? } else { whole.below(-skip)? })
            } else {
                None
            };
            let of_b = call.needs[1].then(|| of_b.node().clone());
            Ok(smallvec![of_a.map(|of_a| of_a.node().clone()), of_b])
        })
    };
    // A is looked at for the gradient of either.
    let shapes = [(M::shape_of(&batch, &[n, k]), a.parts())];
    let [x] = record(call, &[a.node(), b.node()], shapes, rule)?;
    Ok(M::of_node(x))
}

pub(super) fn clash(a: &Tensor, b: &Tensor) -> Error {
    let (x, y) = (a.batch(2), b.batch(2));
    let differ = |i: &usize| {
        let (p, q) = (x[x.len() - i], y[y.len() - i]);
        p != q && p != 1 && q != 1
    };
    let i = (1..=x.len().min(y.len())).find(differ).unwrap_or(1);
    runtime_err!(
        "The size of tensor a ({}) must match the size of tensor b ({}) at non-singleton dimension {}",
        x[x.len() - i],
        y[y.len() - i],
        x.len().max(y.len()) - i
    )
}

pub(super) fn singular_inverse(code: i64) -> Error {
    Error::LinAlg(format!(
        "The diagonal element {code} is zero, the inversion could not be completed because the input matrix is singular."
    ))
}

pub(super) fn singular_solver(_: i64) -> Error {
    Error::LinAlg("The solver failed because the input matrix is singular.".into())
}

/// The inverse of each matrix, and codes: 0, or the first zero met on the diagonal.
pub(super) fn inverse<M: Matrices>(a: &M) -> Result<(M, Tensor)> {
    check::square("linalg.inv", &a.like_real()?, "A")?;
    check::float("linalg.inv", a.node())?;
    let shapes = [(M::shape_of(a.extents(), &[]), a.parts()), (a.leading(2).into(), DType::I32)];
    let run = for_kind!(M, a.parts(), inverse_of());
    let call = HostCall { name: "inv", params: &[u64::from(M::COMPLEX)], run };
    let rule = || {
        formula("linalg_inv_ex", 0, 1, |call| {
            let Some(g) = &call.upstream[0] else { return Ok(smallvec![None]) };
            let adjoint = M::of_node(call.output(0).clone()).daggered()?;
            let found = adjoint.product(&M::of_node(g.clone()).product(&adjoint)?)?.by(-1.0)?;
            Ok(smallvec![Some(found.node().clone())])
        })
    };
    let [inverse, info] = record(call, &[a.node()], shapes, rule)?;
    Ok((M::of_node(inverse), info))
}

/// As [`inverse`], with an error if there is none.
pub(super) fn regular_inverse<M: Matrices>(a: &M) -> Result<M> {
    let (inverse, info) = inverse(a)?;
    check::codes("linalg.inv", &info, singular_inverse)?;
    Ok(inverse)
}

/// The X of A X = B (or X A = B), and codes. B may be a batch of vectors.
pub(super) fn solution<M: Matrices>(a: &M, b: &M, left: bool) -> Result<(M, Tensor)> {
    let name = "linalg.solve";
    check::any_float(name, a.node())?;
    a.expect_dtype_of(name, b)?;
    check::square(name, &a.like_real()?, "A")?;
    // Vectors if B has one dimension, or one less than A and the same sizes before the last.
    let vector = b.rank() == 1 || b.rank() + 1 == a.rank() && b.extents() == a.leading(1);
    if !vector {
        check::matrix(name, &b.like_real()?, "B")?;
        return solution_of_fitting(a, b, left);
    }
    if !left {
        return Err(runtime_err!(
            "linalg.solve: Vector broadcasting of the left hand side is not supported for left=False. In this case linalg.solve is equivalent to B / A.squeeze(-1)"
        ));
    }
    let (x, info) = solution_of_fitting(a, &b.raised(-1)?, left)?;
    Ok((M::of_node(x.node().squeeze(Some(&[M::place(-1)]))?), info))
}

fn solution_of_fitting<M: Matrices>(a: &M, b: &M, left: bool) -> Result<(M, Tensor)> {
    fits("linalg.solve", &a.like_real()?, &b.like_real()?, left)?;
    a.expect_kernel("lu_cpu")?;
    if left {
        return left_solution(a, b);
    }
    let (x, info) = solution_of_fitting(&a.flipped()?, &b.flipped()?, true)?;
    Ok((x.flipped()?, info))
}

/// As [`solution`], with an error if A is singular.
pub(super) fn regular_solution<M: Matrices>(a: &M, b: &M, left: bool) -> Result<M> {
    let (x, info) = solution(a, b, left)?;
    check::codes("torch.linalg.solve", &info, singular_solver)?;
    Ok(x)
}

/// Solves A X = B for matrices whose sizes fit.
pub(super) fn left_solution<M: Matrices>(a: &M, b: &M) -> Result<(M, Tensor)> {
    let (n, k) = b.rows_and_columns();
    let batch = match broadcast(a.leading(2), b.leading(2)) {
        Some(batch) => batch,
        None => return Err(clash(&a.like_real()?, &b.like_real()?)),
    };
    let (a, b) = (a.widened_to(&batch, &[n, n])?, b.widened_to(&batch, &[n, k])?);
    let run = for_kind!(M, a.parts(), solution_of());
    let call = HostCall { name: "solve", params: &[u64::from(M::COMPLEX)], run };
    let rule = || {
        formula("linalg_solve_ex", 1, 1, |call| {
            let Some(g) = &call.upstream[0] else { return Ok(smallvec![None, None]) };
            let (a, x) = (M::of_node(call.input(0).clone()), M::of_node(call.output(0).clone()));
            let (of_b, _) = left_solution(&a.daggered()?, &M::of_node(g.clone()))?;
            let of_a = match call.needs[0] {
                true => Some(of_b.product(&x.daggered()?)?.by(-1.0)?.node().clone()),
                false => None,
            };
            Ok(smallvec![of_a, call.needs[1].then(|| of_b.node().clone())])
        })
    };
    let shapes = [(M::shape_of(&batch, &[n, k]), a.parts()), (batch, DType::I32)];
    let [x, info] = record(call, &[a.node(), b.node()], shapes, rule)?;
    Ok((M::of_node(x), info))
}

impl Tensor {
    /// The inverse of each matrix, and codes: 0, or the first zero met on the diagonal.
    pub fn linalg_inv_ex(&self, check_errors: bool) -> Result<(Tensor, Tensor)> {
        let (inverse, info) = inverse(self)?;
        if check_errors {
            check::codes("linalg.inv_ex", &info, singular_inverse)?;
        }
        Ok((inverse, info))
    }

    /// The inverse of each matrix; an error if one has none.
    pub fn linalg_inv(&self) -> Result<Tensor> {
        regular_inverse(self)
    }

    /// The X of A X = B (or X A = B) and codes: 0, or the first zero met on the diagonal. B may be a batch of vectors.
    pub fn linalg_solve_ex(&self, b: &Tensor, left: bool, check_errors: bool) -> Result<(Tensor, Tensor)> {
        let (x, info) = solution(self, b, left)?;
        if check_errors {
            check::codes("torch.linalg.solve_ex", &info, singular_solver)?;
        }
        Ok((x, info))
    }

    /// Solves A X = B for matrices whose sizes fit.
    pub(super) fn solve_left(&self, b: &Tensor) -> Result<(Tensor, Tensor)> {
        left_solution(self, b)
    }

    /// The X of A X = B (or X A = B); an error if A is singular.
    pub fn linalg_solve(&self, b: &Tensor, left: bool) -> Result<Tensor> {
        regular_solution(self, b, left)
    }

    /// Solves A X = B, given a Cholesky factor of A.
    pub fn cholesky_solve(&self, factor: &Tensor, upper: bool) -> Result<Tensor> {
        cholesky_solution(self, factor, upper)
    }

    /// The inverse of the matrix of which this is a Cholesky factor.
    pub fn cholesky_inverse(&self, upper: bool) -> Result<Tensor> {
        inverse_of_cholesky(self, upper)
    }
}

/// Solves A X = B, given a Cholesky factor of A.
pub(super) fn cholesky_solution<M: Matrices>(b: &M, factor: &M, upper: bool) -> Result<M> {
    for (name, t) in [("b", b), ("u", factor)] {
        if t.rank() < 2 {
            return Err(runtime_err!(
                "{name} should have at least 2 dimensions, but has {} dimensions instead",
                t.rank()
            ));
        }
    }
    let (plain, right) = (factor.like_real()?, b.like_real()?);
    check::square("cholesky_solve", &plain, "A")?;
    fits("cholesky_solve", &plain, &right, true)?;
    factor.expect_dtype_of("cholesky_solve", b)?;
    factor.expect_kernel("cholesky_solve_cpu")?;
    let batch = broadcast(b.leading(2), factor.leading(2)).ok_or_else(|| clash(&right, &plain))?;
    let (n, k) = b.rows_and_columns();
    let (b, factor) = (b.widened_to(&batch, &[n, k])?, factor.widened_to(&batch, &[n, n])?);
    let x = {
        let _mode = no_grad();
        let adjoint = factor.daggered()?;
        let (first, second) = if upper { (&adjoint, &factor) } else { (&factor, &adjoint) };
        let half = triangular_solution(first, &b, false, true, false)?;
        triangular_solution(second, &half, true, true, false)?
    };
    let gradient = move |call: &Call| {
        let Some(g) = &call.upstream[0] else { return Ok(smallvec![None, None]) };
        let (factor, x) = (M::of_node(call.input(1).clone()), M::of_node(call.output(0).clone()));
        let of_b = cholesky_solution(&M::of_node(g.clone()), &factor, upper)?;
        let of_factor = cholesky_factor_gradient(&factor, &of_b.product(&x.daggered()?)?, upper)?;
        Ok(smallvec![Some(of_b.node().clone()), Some(of_factor.node().clone())])
    };
    autograd::record(std::slice::from_ref(x.node()), &[Some(b.node()), Some(factor.node())], || {
        formula("cholesky_solve", 2, 1, gradient)
    })?;
    Ok(x)
}

/// The inverse of the matrix of which this is a Cholesky factor.
pub(super) fn inverse_of_cholesky<M: Matrices>(factor: &M, upper: bool) -> Result<M> {
    check::square("cholesky_inverse", &factor.like_real()?, "A")?;
    factor.expect_kernel("cholesky_inverse_out_cpu")?;
    let inverse = {
        let _mode = no_grad();
        expect_no_zeros(&factor.off_tape().sizes_of_elements()?.diagonals()?)?;
        let (n, _) = factor.rows_and_columns();
        let unit = factor.identity(n, n)?.widened_to(factor.leading(2), &[n, n])?;
        cholesky_solution(&unit, &factor.off_tape(), upper)?
    };
    let gradient = move |call: &Call| {
        let Some(g) = &call.upstream[0] else { return Ok(smallvec![None]) };
        let inverse = M::of_node(call.output(0).clone());
        let product = inverse.product(&M::of_node(g.clone()).product(&inverse)?)?;
        let of_factor = cholesky_factor_gradient(&M::of_node(call.input(0).clone()), &product, upper)?;
        Ok(smallvec![Some(of_factor.node().clone())])
    };
    autograd::record(std::slice::from_ref(inverse.node()), &[Some(factor.node())], || {
        formula("cholesky_inverse", 1, 1, gradient)
    })?;
    Ok(inverse)
}

/// Refuses factors with a zero on their diagonal.
fn expect_no_zeros(diagonals: &Tensor) -> Result<()> {
    let [batch @ .., n] = diagonals.shape() else { unreachable!("diagonals of matrices") };
    if *n == 0 {
        return Ok(());
    }
    let zeros = diagonals.eq(0.0)?.to_dtype(DType::I32)?.to_vec::<i32>()?;
    let first = |zeros: &[i32]| zeros.iter().position(|&zero| zero != 0).map_or(0, |k| k as i32 + 1);
    let codes: Vec<i32> = zeros.chunks(*n).map(first).collect();
    check::codes("cholesky_inverse", &Tensor::from_slice(&codes, batch)?, singular_inverse)
}

/// The gradient of a Cholesky factor whose matrix has the gradient `-product`, in both triangles, as torch has it.
fn cholesky_factor_gradient<M: Matrices>(factor: &M, product: &M, upper: bool) -> Result<M> {
    let both = product.plus(&product.daggered()?)?;
    if upper { factor.product(&both)?.by(-1.0) } else { both.product(factor)?.by(-1.0) }
}
