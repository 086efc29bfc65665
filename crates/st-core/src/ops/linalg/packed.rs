//! Packed factors taken apart, and solving with them.

use super::host::{Call as HostCall, each, for_dtype, outputs, part, parts, record, sizes};
use super::{check, formula, shape_of, solve_triangular};
use crate::autograd::Gradients;
use crate::graph::{HostElement, HostFn};
use crate::tensor::Tensor;
use st_host::Field;
use st_kernel::view::broadcast;
use st_kernel::{DType, Error, Result, runtime_err};
use std::sync::Arc;

/// From the swaps of a factorisation to the matrix P of A = P L U.
fn permutation<T: Field + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let [p] = outputs(outs);
        let m = p.shape[p.shape.len() - 1];
        let count = p.shape[..p.shape.len() - 2].iter().product();
        let pivots = inputs[0].elements::<i32>();
        let p = p.elements::<T>();
        each(p.len(), parts(p, count), |i, p| {
            let mut order: Vec<usize> = (0..m).collect();
            for (k, &with) in part(pivots, i, count).iter().enumerate() {
                if (1..=m).contains(&(with as usize)) {
                    order.swap(k, with as usize - 1);
                }
            }
            order.iter().enumerate().for_each(|(to, &from)| p[from * m + to] = T::ONE);
        });
        Ok(())
    })
}

fn ldl<T: Field + HostElement>(hermitian: bool) -> HostFn {
    Arc::new(move |inputs, outs| {
        let (n, _, count) = sizes(&inputs[0]);
        let [a, pivots, info] = outputs(outs);
        let a = a.elements::<T>();
        a.copy_from_slice(inputs[0].elements());
        let size = a.len();
        let jobs = parts(a, count).into_iter().zip(parts(pivots.elements::<i32>(), count));
        each(size, jobs.zip(info.elements::<i32>()), |_, ((a, pivots), info)| {
            *info = st_host::ldl(n, a, pivots, hermitian);
        });
        Ok(())
    })
}

fn ldl_solve<T: Field + HostElement>(hermitian: bool) -> HostFn {
    Arc::new(move |inputs, outs| {
        let (n, _, count) = sizes(&inputs[0]);
        let [b] = outputs(outs);
        let columns = b.shape[b.shape.len() - 1];
        let (a, pivots) = (inputs[0].elements::<T>(), inputs[1].elements::<i32>());
        let b = b.elements::<T>();
        b.copy_from_slice(inputs[2].elements());
        each(a.len(), parts(b, count), |i, b| {
            st_host::ldl_solve(n, columns, part(a, i, count), part(pivots, i, count), b, hermitian);
        });
        Ok(())
    })
}

/// P, L and U of packed factors; what is not asked for is empty.
pub fn lu_unpack(lu: &Tensor, pivots: &Tensor, data: bool, swaps: bool) -> Result<(Tensor, Tensor, Tensor)> {
    if lu.dim() < 2 {
        return Err(runtime_err!(
            "torch.lu_unpack: Expected tensor with 2 or more dimensions. Got size: {:?} instead",
            lu.shape()
        ));
    }
    if swaps && pivots.dtype() != DType::I32 {
        return Err(runtime_err!(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\nNote: this function is intended to be used with the output produced by torch.linalg.lu_factor"
        ));
    }
    let (m, n) = lu.rows_columns();
    let k = m.min(n) as i64;
    let nothing = || Tensor::empty(&[0], lu.dtype(), lu.device());
    let (l, u) = if data {
        let columns = lu.narrow(-1, 0, k)?;
        let l = columns.tril(-1)?.add(&Tensor::eye(m, k as usize, lu.dtype(), lu.device())?)?;
        (l, lu.narrow(-2, 0, k)?.triu(0)?)
    } else {
        (nothing()?, nothing()?)
    };
    let p = if swaps {
        let shapes = [(shape_of(lu.batch(2), &[m, m]), lu.dtype())];
        let run = for_dtype!(lu.dtype(), permutation());
        let call = HostCall { name: "permutation", params: &[], run };
        let [p] = record(call, &[pivots], shapes, || formula("lu_unpack", 0, 0, |_| Ok(Gradients::new())))?;
        p
    } else {
        nothing()?
    };
    Ok((p, l, u))
}

/// Solves with the factors of `linalg_lu_factor`: A X = B, X A = B, or with A's conjugate transpose.
pub fn lu_solve(lu: &Tensor, pivots: &Tensor, b: &Tensor, left: bool, adjoint: bool) -> Result<Tensor> {
    let name = "linalg.lu_solve";
    check::any_float(name, lu)?;
    if lu.dtype() != b.dtype() {
        return Err(runtime_err!(
            "{name}: Expected LU and B to have the same dtype, but found LU of type {} and B of type {} instead",
            crate::autograd::torch_name(lu.dtype()),
            crate::autograd::torch_name(b.dtype())
        ));
    }
    if pivots.dtype() != DType::I32 {
        return Err(runtime_err!(
            "{name}: pivots should be a Tensor of scalar type torch.int32, got {}",
            pivots.dtype()
        ));
    }
    check::square(name, lu, "LU")?;
    check::matrix(name, b, "B")?;
    fits(name, lu, b, left)?;
    if pivots.dim() + 1 != lu.dim() || pivots.shape() != &lu.shape()[..lu.dim() - 1] {
        return Err(runtime_err!(
            "{name}: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape {:?} instead",
            pivots.shape()
        ));
    }
    check::kernel("lu_solve_cpu", lu)?;
    if !left {
        return lu_solve(lu, pivots, &b.adjoint()?, true, !adjoint)?.adjoint();
    }
    let (p, l, u) = lu_unpack(lu, pivots, true, true)?;
    if adjoint {
        let x = solve_triangular(&u.adjoint()?, b, false, true, false)?;
        return p.matmul(&solve_triangular(&l.adjoint()?, &x, true, true, true)?);
    }
    // A transposed permutation is its inverse; NaN and infinity elsewhere must not spread, so rows are picked.
    let batch = broadcast(p.batch(2), b.batch(2)).unwrap_or_default();
    let rows = if p.numel() == 0 {
        Tensor::zeros(p.batch(1), DType::I64, p.device())?
    } else {
        p.argmax(Some(-2), false)?
    };
    let (n, k) = b.rows_columns();
    let at = rows.unsqueeze(-1)?.expand_to(&shape_of(&batch, &[n, k]))?;
    let b = b.expand_to(&shape_of(&batch, &[n, k]))?.gather(-2, &at)?;
    solve_triangular(&u, &solve_triangular(&l, &b, false, true, true)?, true, true, false)
}

/// Whether sizes of the systems and their right sides agree.
pub(super) fn fits(name: &str, a: &Tensor, b: &Tensor, left: bool) -> Result<()> {
    let ((m, n), (r, c)) = (a.rows_columns(), b.rows_columns());
    let agree = if left { r == m } else { c == n };
    if agree {
        return Ok(());
    }
    Err(runtime_err!(
        "{name}: Incompatible shapes of A and B for the equation {} ({m}x{n} and {r}x{c})",
        if left { "AX = B" } else { "XA = B" }
    ))
}

impl Tensor {
    /// P, L and U of each matrix.
    pub fn linalg_lu(&self, pivot: bool) -> Result<(Tensor, Tensor, Tensor)> {
        if self.dim() < 2 {
            return Err(runtime_err!(
                "linalg.lu: Expected tensor with 2 or more dimensions. Got size: {:?} instead",
                self.shape()
            ));
        }
        let (lu, pivots, _) = self.linalg_lu_factor_ex(pivot, false)?;
        lu_unpack(&lu, &pivots, true, true)
    }

    /// The factors of symmetric (or Hermitian) indefinite matrices, of which the lower triangles are read, with codes.
    pub fn linalg_ldl_factor_ex(
        &self,
        hermitian: bool,
        check_errors: bool,
    ) -> Result<(Tensor, Tensor, Tensor)> {
        let name = "torch.linalg.ldl_factor_ex";
        check::square(name, self, "A")?;
        check::any_float(name, self)?;
        check::kernel("ldl_factor_kernel_cpu", self)?;
        let n = self.rows_columns().0;
        let shapes = [
            (self.shape().into(), self.dtype()),
            (shape_of(self.batch(2), &[n]), DType::I32),
            (self.batch(2).into(), DType::I32),
        ];
        let run = for_dtype!(self.dtype(), ldl(hermitian));
        let call = HostCall { name: "ldl", params: &[u64::from(hermitian)], run };
        let nothing = || formula("linalg_ldl_factor_ex", 0, 0, |_| Ok(Gradients::new()));
        let [ld, pivots, info] = record(call, &[&self.detach()], shapes, nothing)?;
        if check_errors {
            check::codes(name, &info, zero_pivot)?;
        }
        Ok((ld, pivots, info))
    }

    /// As [`Tensor::linalg_ldl_factor_ex`], with an error if D is singular.
    pub fn linalg_ldl_factor(&self, hermitian: bool) -> Result<(Tensor, Tensor)> {
        let (ld, pivots, info) = self.linalg_ldl_factor_ex(hermitian, false)?;
        check::codes("torch.linalg.ldl_factor", &info, zero_pivot)?;
        Ok((ld, pivots))
    }

    /// Solves with the factors of [`Tensor::linalg_ldl_factor`].
    pub fn linalg_ldl_solve(&self, pivots: &Tensor, b: &Tensor, hermitian: bool) -> Result<Tensor> {
        let name = "torch.linalg.ldl_solve";
        check::square(name, self, "LD")?;
        check::matrix(name, b, "B")?;
        if self.rows_columns().0 != b.rows_columns().0 {
            return fits(name, self, b, true).map(|()| b.clone());
        }
        if pivots.shape() != &self.shape()[..self.dim() - 1] {
            return Err(runtime_err!(
                "{name}: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape {:?} instead",
                pivots.shape()
            ));
        }
        if !matches!(pivots.dtype(), DType::I32 | DType::I64) {
            return Err(runtime_err!("{name}: Expected pivots to be integers. Got {}", pivots.dtype()));
        }
        if self.dtype() != b.dtype() {
            return Err(runtime_err!(
                "ldl_solve: dtypes of LD ({}) and B ({}) must be equal",
                self.dtype(),
                b.dtype()
            ));
        }
        check::kernel("ldl_solve_cpu", self)?;
        let (n, k) = b.rows_columns();
        let batch = broadcast(self.batch(2), b.batch(2))
            .ok_or_else(|| runtime_err!("{name}: batches of LD and B do not broadcast"))?;
        let shape = shape_of(&batch, &[n, k]);
        let inputs = [
            self.detach().expand_to(&shape_of(&batch, &[n, n]))?,
            pivots.to_dtype(DType::I32)?.expand_to(&shape_of(&batch, &[n]))?,
            b.detach().expand_to(&shape)?,
        ];
        let run = for_dtype!(self.dtype(), ldl_solve(hermitian));
        let call = HostCall { name: "ldl_solve", params: &[u64::from(hermitian)], run };
        let nothing = || formula("linalg_ldl_solve", 0, 0, |_| Ok(Gradients::new()));
        let [x] = record(call, &inputs.each_ref(), [(shape, self.dtype())], nothing)?;
        Ok(x)
    }
}

fn zero_pivot(code: i64) -> Error {
    runtime_err!(
        "The diagonal block of D number {code} is zero, so it cannot be solved with; consider linalg.ldl_factor_ex"
    )
}
