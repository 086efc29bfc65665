//! Factorisations of indefinite symmetric or Hermitian matrices, and systems solved with them. Torch has no gradients.

use super::host::{Call as HostCall, columns, each, for_kind, outputs, part, parts, record, sizes};
use super::matrices::Matrices;
use super::{check, formula, shape_of};
use crate::autograd::Gradients;
use crate::graph::{HostElement, HostFn};
use crate::tensor::Tensor;
use st_host::Field;
use st_kernel::view::broadcast;
use st_kernel::{DType, Error, Result, runtime_err};
use std::sync::Arc;

fn ldl_of<T: Field + HostElement>(hermitian: bool) -> HostFn {
    Arc::new(move |inputs, outs| {
        let (n, _, count) = sizes::<T>(&inputs[0]);
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

fn ldl_solution<T: Field + HostElement>(hermitian: bool) -> HostFn {
    Arc::new(move |inputs, outs| {
        let (n, _, count) = sizes::<T>(&inputs[0]);
        let [b] = outputs(outs);
        let columns = columns::<T>(b.shape);
        let (a, pivots) = (inputs[0].elements::<T>(), inputs[1].elements::<i32>());
        let b = b.elements::<T>();
        b.copy_from_slice(inputs[2].elements());
        each(a.len(), parts(b, count), |i, b| {
            st_host::ldl_solve(n, columns, part(a, i, count), part(pivots, i, count), b, hermitian);
        });
        Ok(())
    })
}

/// The factors, of which the lower triangles are read, with codes.
pub(super) fn ldl<M: Matrices>(a: &M, hermitian: bool) -> Result<(M, Tensor, Tensor)> {
    let name = "torch.linalg.ldl_factor_ex";
    check::square(name, &a.like_real()?, "A")?;
    check::any_float(name, a.node())?;
    a.expect_kernel("ldl_factor_kernel_cpu")?;
    let shapes = [
        (M::shape_of(a.extents(), &[]), a.parts()),
        (a.leading(1).into(), DType::I32),
        (a.leading(2).into(), DType::I32),
    ];
    let run = for_kind!(M, a.parts(), ldl_of(hermitian));
    let params = [u64::from(hermitian) | u64::from(M::COMPLEX) << 1];
    let call = HostCall { name: "ldl", params: &params, run };
    let nothing = || formula("linalg_ldl_factor_ex", 0, 0, |_| Ok(Gradients::new()));
    let [ld, pivots, info] = record(call, &[a.off_tape().node()], shapes, nothing)?;
    Ok((M::of_node(ld), pivots, info))
}

/// As [`ldl`], with an error if D is singular.
pub(super) fn regular_ldl<M: Matrices>(a: &M, hermitian: bool) -> Result<(M, Tensor)> {
    let (ld, pivots, info) = ldl(a, hermitian)?;
    check::codes("torch.linalg.ldl_factor", &info, zero_pivot)?;
    Ok((ld, pivots))
}

/// Solves with the factors of [`ldl`].
pub(super) fn ldl_solve<M: Matrices>(ld: &M, pivots: &Tensor, b: &M, hermitian: bool) -> Result<M> {
    let name = "torch.linalg.ldl_solve";
    let (plain, right) = (ld.like_real()?, b.like_real()?);
    check::square(name, &plain, "LD")?;
    check::matrix(name, &right, "B")?;
    check::fits(name, &plain, &right, true)?;
    if pivots.shape() != ld.leading(1) {
        return Err(runtime_err!(
            "{name}: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape {:?} instead",
            pivots.shape()
        ));
    }
    if !matches!(pivots.dtype(), DType::I32 | DType::I64) {
        return Err(runtime_err!("{name}: Expected pivots to be integers. Got {}", pivots.dtype()));
    }
    if ld.parts() != b.parts() {
        return Err(runtime_err!(
            "ldl_solve: dtypes of LD ({}) and B ({}) must be equal",
            ld.dtype_name(),
            b.dtype_name()
        ));
    }
    ld.expect_kernel("ldl_solve_cpu")?;
    let (n, k) = b.rows_and_columns();
    let batch = broadcast(ld.leading(2), b.leading(2))
        .ok_or_else(|| runtime_err!("{name}: batches of LD and B do not broadcast"))?;
    let (ld, b) = (ld.off_tape().widened_to(&batch, &[n, n])?, b.off_tape().widened_to(&batch, &[n, k])?);
    let pivots = pivots.to_dtype(DType::I32)?.expand_to(&shape_of(&batch, &[n]))?;
    let run = for_kind!(M, ld.parts(), ldl_solution(hermitian));
    let params = [u64::from(hermitian) | u64::from(M::COMPLEX) << 1];
    let call = HostCall { name: "ldl_solve", params: &params, run };
    let nothing = || formula("linalg_ldl_solve", 0, 0, |_| Ok(Gradients::new()));
    let shapes = [(M::shape_of(&batch, &[n, k]), ld.parts())];
    let [x] = record(call, &[ld.node(), &pivots, b.node()], shapes, nothing)?;
    Ok(M::of_node(x))
}

impl Tensor {
    /// The factors of symmetric (or Hermitian) indefinite matrices, of which the lower triangles are read, with codes.
    pub fn linalg_ldl_factor_ex(
        &self,
        hermitian: bool,
        check_errors: bool,
    ) -> Result<(Tensor, Tensor, Tensor)> {
        let (ld, pivots, info) = ldl(self, hermitian)?;
        if check_errors {
            check::codes("torch.linalg.ldl_factor_ex", &info, zero_pivot)?;
        }
        Ok((ld, pivots, info))
    }

    /// As [`Tensor::linalg_ldl_factor_ex`], with an error if D is singular.
    pub fn linalg_ldl_factor(&self, hermitian: bool) -> Result<(Tensor, Tensor)> {
        regular_ldl(self, hermitian)
    }

    /// Solves with the factors of [`Tensor::linalg_ldl_factor`].
    pub fn linalg_ldl_solve(&self, pivots: &Tensor, b: &Tensor, hermitian: bool) -> Result<Tensor> {
        ldl_solve(self, pivots, b, hermitian)
    }
}

pub(super) fn zero_pivot(code: i64) -> Error {
    runtime_err!(
        "The diagonal block of D number {code} is zero, so it cannot be solved with; consider linalg.ldl_factor_ex"
    )
}
