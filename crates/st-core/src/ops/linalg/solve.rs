//! Inverses and systems of equations.

use super::host::{Call as HostCall, each, for_dtype, outputs, part, parts, record, sizes};
use super::packed::fits;
use super::{check, formula, shape_of};
use crate::autograd::{self, Call, no_grad};
use crate::graph::{HostElement, HostFn};
use crate::tensor::Tensor;
use smallvec::smallvec;
use st_host::{Field, Triangle};
use st_kernel::view::broadcast;
use st_kernel::{DType, Error, Result, runtime_err};
use std::sync::Arc;

fn inverse<T: Field + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let (n, _, count) = sizes(&inputs[0]);
        let [inverse, info] = outputs(outs);
        let a = inputs[0].elements::<T>();
        let jobs = parts(inverse.elements::<T>(), count).into_iter().zip(info.elements::<i32>());
        each(a.len(), jobs, |i, (inverse, info)| {
            (0..n).for_each(|k| inverse[k * n + k] = T::ONE);
            *info = solve_one(n, n, part(a, i, count), inverse);
        });
        Ok(())
    })
}

fn solution<T: Field + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let (n, _, count) = sizes(&inputs[0]);
        let [x, info] = outputs(outs);
        let k = x.shape[x.shape.len() - 1];
        let a = inputs[0].elements::<T>();
        let x = x.elements::<T>();
        x.copy_from_slice(inputs[1].elements());
        each(a.len(), parts(x, count).into_iter().zip(info.elements::<i32>()), |i, (x, info)| {
            *info = solve_one(n, k, part(a, i, count), x);
        });
        Ok(())
    })
}

fn solve_one<T: Field>(n: usize, k: usize, a: &[T], b: &mut [T]) -> i32 {
    let (mut factors, mut pivots) = (a.to_vec(), vec![0; n]);
    let info = st_host::lu(n, n, &mut factors, &mut pivots);
    st_host::lu_solve(n, k, &factors, &pivots, b, Triangle::default());
    info
}

fn triangular<T: Field + HostElement>(triangle: Triangle) -> HostFn {
    Arc::new(move |inputs, outs| {
        let (n, _, count) = sizes(&inputs[0]);
        let [x] = outputs(outs);
        let k = x.shape[x.shape.len() - 1];
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
    let name = "linalg.solve_triangular";
    check::same_dtype(name, a, b)?;
    check::square(name, a, "A")?;
    check::matrix(name, b, "B")?;
    fits(name, a, b, left)?;
    check::kernel("triangular_solve_cpu", a)?;
    if !left {
        // X A = B is A^T X^T = B^T.
        return solve_triangular(&a.transpose(-2, -1)?, &b.transpose(-2, -1)?, !upper, true, unit)?
            .transpose(-2, -1);
    }
    let (n, k) = b.rows_columns();
    let batch = broadcast(a.batch(2), b.batch(2)).ok_or_else(|| clash(a, b))?;
    let a = a.expand_to(&shape_of(&batch, &[n, n]))?;
    let shape = shape_of(&batch, &[n, k]);
    let b = b.expand_to(&shape)?;
    let triangle = Triangle { upper, unit, ..Triangle::default() };
    let run = for_dtype!(a.dtype(), triangular(triangle));
    let params = [u64::from(upper) | u64::from(unit) << 1];
    let call = HostCall { name: "solve_triangular", params: &params, run };
    let rule = || {
        formula("linalg_solve_triangular", 1, 1, move |call| {
            let Some(g) = &call.upstream[0] else { return Ok(smallvec![None, None]) };
            let of_b = solve_triangular(&call.input(0).adjoint()?, g, !upper, true, unit)?;
            let of_a = if call.needs[0] {
                let whole = of_b.matmul(&call.output(0).adjoint()?)?.neg()?;
                let skip = i64::from(unit);
                Some(if upper { whole.triu(skip)? } else { whole.tril(-skip)? })
            } else {
                None
            };
            Ok(smallvec![of_a, call.needs[1].then_some(of_b)])
        })
    };
    // A is looked at for the gradient of either.
    let [x] = record(call, &[&a, &b], [(shape, a.dtype())], rule)?;
    Ok(x)
}

fn clash(a: &Tensor, b: &Tensor) -> Error {
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

fn singular_inverse(code: i64) -> Error {
    Error::LinAlg(format!(
        "The diagonal element {code} is zero, the inversion could not be completed because the input matrix is singular."
    ))
}

fn singular_solver(_: i64) -> Error {
    Error::LinAlg("The solver failed because the input matrix is singular.".into())
}

impl Tensor {
    /// The inverse of each matrix, and codes: 0, or the first zero met on the diagonal.
    pub fn linalg_inv_ex(&self, check_errors: bool) -> Result<(Tensor, Tensor)> {
        check::square("linalg.inv", self, "A")?;
        check::float("linalg.inv", self)?;
        let shapes = [(self.shape().into(), self.dtype()), (self.batch(2).into(), DType::I32)];
        let call = HostCall { name: "inv", params: &[], run: for_dtype!(self.dtype(), inverse()) };
        let rule = || {
            formula("linalg_inv_ex", 0, 1, |call| {
                let Some(g) = &call.upstream[0] else { return Ok(smallvec![None]) };
                let adjoint = call.output(0).adjoint()?;
                Ok(smallvec![Some(adjoint.matmul(&g.matmul(&adjoint)?)?.neg()?)])
            })
        };
        let [inverse, info] = record(call, &[self], shapes, rule)?;
        if check_errors {
            check::codes("linalg.inv_ex", &info, singular_inverse)?;
        }
        Ok((inverse, info))
    }

    /// The inverse of each matrix; an error if one has none.
    pub fn linalg_inv(&self) -> Result<Tensor> {
        let (inverse, info) = self.linalg_inv_ex(false)?;
        check::codes("linalg.inv", &info, singular_inverse)?;
        Ok(inverse)
    }

    /// The X of A X = B (or X A = B) and codes: 0, or the first zero met on the diagonal. B may be a batch of vectors.
    pub fn linalg_solve_ex(&self, b: &Tensor, left: bool, check_errors: bool) -> Result<(Tensor, Tensor)> {
        let name = "linalg.solve";
        check::any_float(name, self)?;
        check::same_dtype(name, self, b)?;
        check::square(name, self, "A")?;
        // Vectors if B has one dimension, or one less than A and the same sizes before the last.
        let vector =
            b.dim() == 1 || b.dim() + 1 == self.dim() && b.shape() == &self.shape()[..self.dim() - 1];
        if vector {
            if !left {
                return Err(runtime_err!(
                    "linalg.solve: Vector broadcasting of the left hand side is not supported for left=False. In this case linalg.solve is equivalent to B / A.squeeze(-1)"
                ));
            }
            let (x, info) = self.solve_checked(name, &b.unsqueeze(-1)?, left)?;
            let x = x.squeeze(Some(&[-1]))?;
            return self.with_codes_checked(x, info, check_errors);
        }
        check::matrix(name, b, "B")?;
        let (x, info) = self.solve_checked(name, b, left)?;
        self.with_codes_checked(x, info, check_errors)
    }

    fn with_codes_checked(&self, x: Tensor, info: Tensor, check_errors: bool) -> Result<(Tensor, Tensor)> {
        if check_errors {
            check::codes("torch.linalg.solve_ex", &info, singular_solver)?;
        }
        Ok((x, info))
    }

    fn solve_checked(&self, name: &str, b: &Tensor, left: bool) -> Result<(Tensor, Tensor)> {
        fits(name, self, b, left)?;
        check::kernel("lu_cpu", self)?;
        if !left {
            let (x, info) = self.transpose(-2, -1)?.solve_checked(name, &b.transpose(-2, -1)?, true)?;
            return Ok((x.transpose(-2, -1)?, info));
        }
        self.solve_left(b)
    }

    /// Solves A X = B for matrices whose sizes fit.
    pub(super) fn solve_left(&self, b: &Tensor) -> Result<(Tensor, Tensor)> {
        let (n, k) = b.rows_columns();
        let batch = broadcast(self.batch(2), b.batch(2)).ok_or_else(|| clash(self, b))?;
        let a = self.expand_to(&shape_of(&batch, &[n, n]))?;
        let shape = shape_of(&batch, &[n, k]);
        let b = b.expand_to(&shape)?;
        let call = HostCall { name: "solve", params: &[], run: for_dtype!(a.dtype(), solution()) };
        let rule = || {
            formula("linalg_solve_ex", 1, 1, |call| {
                let Some(g) = &call.upstream[0] else { return Ok(smallvec![None, None]) };
                let (of_b, _) = call.input(0).adjoint()?.solve_left(g)?;
                let of_a = match call.needs[0] {
                    true => Some(of_b.matmul(&call.output(0).adjoint()?)?.neg()?),
                    false => None,
                };
                Ok(smallvec![of_a, call.needs[1].then_some(of_b)])
            })
        };
        let shapes = [(shape, a.dtype()), (batch, DType::I32)];
        let [x, info] = record(call, &[&a, &b], shapes, rule)?;
        Ok((x, info))
    }

    /// The X of A X = B (or X A = B); an error if A is singular.
    pub fn linalg_solve(&self, b: &Tensor, left: bool) -> Result<Tensor> {
        let (x, info) = self.linalg_solve_ex(b, left, false)?;
        check::codes("torch.linalg.solve", &info, singular_solver)?;
        Ok(x)
    }

    /// Solves A X = B, given a Cholesky factor of A.
    pub fn cholesky_solve(&self, factor: &Tensor, upper: bool) -> Result<Tensor> {
        for (name, t) in [("b", self), ("u", factor)] {
            if t.dim() < 2 {
                return Err(runtime_err!(
                    "{name} should have at least 2 dimensions, but has {} dimensions instead",
                    t.dim()
                ));
            }
        }
        check::square("cholesky_solve", factor, "A")?;
        fits("cholesky_solve", factor, self, true)?;
        check::same_dtype("cholesky_solve", factor, self)?;
        check::kernel("cholesky_solve_cpu", factor)?;
        let batch = broadcast(self.batch(2), factor.batch(2)).ok_or_else(|| clash(self, factor))?;
        let (n, k) = self.rows_columns();
        let b = self.expand_to(&shape_of(&batch, &[n, k]))?;
        let factor = factor.expand_to(&shape_of(&batch, &[n, n]))?;
        let x = {
            let _mode = no_grad();
            let adjoint = factor.adjoint()?;
            let (first, second) = if upper { (&adjoint, &factor) } else { (&factor, &adjoint) };
            let half = solve_triangular(first, &b, false, true, false)?;
            solve_triangular(second, &half, true, true, false)?
        };
        let gradient = move |call: &Call| {
            let Some(g) = &call.upstream[0] else { return Ok(smallvec![None, None]) };
            let of_b = g.cholesky_solve(call.input(1), upper)?;
            let product = of_b.matmul(&call.output(0).adjoint()?)?;
            let of_factor = cholesky_factor_gradient(call.input(1), &product, upper)?;
            Ok(smallvec![Some(of_b), Some(of_factor)])
        };
        autograd::record(std::slice::from_ref(&x), &[Some(&b), Some(&factor)], || {
            formula("cholesky_solve", 2, 1, gradient)
        })?;
        Ok(x)
    }

    /// The inverse of the matrix of which this is a Cholesky factor.
    pub fn cholesky_inverse(&self, upper: bool) -> Result<Tensor> {
        check::square("cholesky_inverse", self, "A")?;
        check::kernel("cholesky_inverse_out_cpu", self)?;
        let inverse = {
            let _mode = no_grad();
            let zeros = self.detach().diagonals()?.eq(0.0)?.to_dtype(DType::I32)?;
            let n = self.rows_columns().0 as i32;
            let first = |zeros: &[i32]| zeros.iter().position(|&zero| zero != 0).map_or(0, |k| k as i32 + 1);
            let codes: Vec<i32> = match n {
                0 => Vec::new(),
                n => zeros.to_vec::<i32>()?.chunks(n as usize).map(first).collect(),
            };
            if n > 0 {
                check::codes(
                    "cholesky_inverse",
                    &Tensor::from_slice(&codes, self.batch(2))?,
                    singular_inverse,
                )?;
            }
            self.unit()?.expand_to(self.shape())?.cholesky_solve(&self.detach(), upper)?
        };
        let gradient = move |call: &Call| {
            let Some(g) = &call.upstream[0] else { return Ok(smallvec![None]) };
            let inverse = call.output(0);
            let product = inverse.matmul(&g.matmul(inverse)?)?;
            Ok(smallvec![Some(cholesky_factor_gradient(call.input(0), &product, upper)?)])
        };
        autograd::record(std::slice::from_ref(&inverse), &[Some(self)], || {
            formula("cholesky_inverse", 1, 1, gradient)
        })?;
        Ok(inverse)
    }
}

/// The gradient of a Cholesky factor whose matrix has the gradient `-product`, in both triangles, as torch has it.
fn cholesky_factor_gradient(factor: &Tensor, product: &Tensor, upper: bool) -> Result<Tensor> {
    let both = product.add(&product.adjoint()?)?;
    if upper { factor.matmul(&both)?.neg() } else { both.matmul(factor)?.neg() }
}
