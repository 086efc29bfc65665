//! LU factorisations: packed factors, the same taken apart, and systems solved with them.

use super::check::{self, fits};
use super::host::{
    Call as HostCall, columns, each, for_dtype, for_kind, outputs, part, parts, record, sizes,
};
use super::matrices::Matrices;
use super::solve::{clash, triangular_solution};
use super::{formula, shape_of};
use crate::autograd::{Call, Gradients};
use crate::graph::{HostElement, HostFn};
use crate::tensor::Tensor;
use smallvec::smallvec;
use st_host::Field;
use st_kernel::view::broadcast;
use st_kernel::{DType, Error, Result, runtime_err, value_err};
use std::sync::Arc;

fn lu_of<T: Field + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let (m, n, count) = sizes::<T>(&inputs[0]);
        let [lu, pivots, info] = outputs(outs);
        let lu = lu.elements::<T>();
        lu.copy_from_slice(inputs[0].elements());
        let size = lu.len();
        let jobs = parts(lu, count).into_iter().zip(parts(pivots.elements::<i32>(), count));
        each(size, jobs.zip(info.elements::<i32>()), |_, ((lu, pivots), info)| {
            *info = st_host::lu(m, n, lu, pivots);
        });
        Ok(())
    })
}

/// From the swaps of a factorisation to the matrix P of A = P L U.
fn permutation_of<T: Field + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let [p] = outputs(outs);
        let m = columns::<T>(p.shape);
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

/// L and U packed in one matrix, pivots as LAPACK counts them, and codes: 0, or the first zero on U's diagonal.
pub(super) fn factors<M: Matrices>(a: &M, pivot: bool) -> Result<(M, Tensor, Tensor)> {
    if a.rank() < 2 {
        return Err(runtime_err!(
            "torch.lu_factor_ex: Expected tensor with 2 or more dimensions. Got size: {:?} instead",
            a.extents()
        ));
    }
    a.expect_kernel("lu_cpu")?;
    if !pivot {
        return Err(runtime_err!("linalg.lu_factor: LU without pivoting is not implemented on the CPU"));
    }
    packed(a)
}

/// As [`factors`], with an error if U is singular.
pub(super) fn regular_factors<M: Matrices>(a: &M, pivot: bool) -> Result<(M, Tensor)> {
    let (lu, pivots, info) = factors(a, pivot)?;
    check::codes("torch.linalg.lu_factor", &info, singular)?;
    Ok((lu, pivots))
}

pub(super) fn packed<M: Matrices>(a: &M) -> Result<(M, Tensor, Tensor)> {
    let ((m, n), batch) = (a.rows_and_columns(), a.leading(2));
    let shapes = [
        (M::shape_of(a.extents(), &[]), a.parts()),
        (shape_of(batch, &[m.min(n)]), DType::I32),
        (batch.into(), DType::I32),
    ];
    let run = for_kind!(M, a.parts(), lu_of());
    let call = HostCall { name: "lu", params: &[u64::from(M::COMPLEX)], run };
    let rule = || formula("linalg_lu_factor_ex", 0, 3, gradient::<M>);
    let [lu, pivots, info] = record(call, &[a.node()], shapes, rule)?;
    Ok((M::of_node(lu), pivots, info))
}

/// The sign of a permutation, given its swaps.
pub(super) fn sign_of_swaps(pivots: &Tensor, dtype: DType) -> Result<Tensor> {
    let n = pivots.shape()[pivots.dim() - 1];
    let own = crate::ops::arrange::positions(n, pivots.device()).add(1)?;
    let swaps = pivots.to_dtype(DType::I64)?.ne(&own)?.to_dtype(DType::I64)?.sum(&[-1], false)?;
    swaps.remainder(2)?.mul(-2)?.add(1)?.to_dtype(dtype)
}

/// P, L and U of each matrix.
pub(super) fn three_factors<M: Matrices>(a: &M, pivot: bool) -> Result<(M, M, M)> {
    if a.rank() < 2 {
        return Err(runtime_err!(
            "linalg.lu: Expected tensor with 2 or more dimensions. Got size: {:?} instead",
            a.extents()
        ));
    }
    let (lu, pivots, _) = factors(a, pivot)?;
    unpacked(&lu, &pivots, true, true)
}

/// Refuses pivots that are no rows.
fn expect_pivots(pivots: &Tensor, rows: usize, message: impl FnOnce() -> String) -> Result<()> {
    let outside = |&pivot: &i32| pivot < 1 || pivot as usize > rows;
    if !pivots.is_sample() && pivots.to_vec::<i32>()?.iter().any(outside) {
        return Err(Error::Runtime(message()));
    }
    Ok(())
}

/// P as real numbers.
fn permutation(pivots: &Tensor, batch: &[usize], m: usize, dtype: DType) -> Result<Tensor> {
    let kind = if matches!(dtype, DType::F32 | DType::F64) { dtype } else { DType::F32 };
    let run = for_dtype!(kind, permutation_of());
    let call = HostCall { name: "permutation", params: &[], run };
    let shapes = [(shape_of(batch, &[m, m]), kind)];
    let [p] = record(call, &[pivots], shapes, || formula("lu_unpack", 0, 0, |_| Ok(Gradients::new())))?;
    p.to_dtype(dtype)
}

/// P, L and U of packed factors; what is not asked for is empty.
pub(super) fn unpacked<M: Matrices>(lu: &M, pivots: &Tensor, data: bool, swaps: bool) -> Result<(M, M, M)> {
    if lu.rank() < 2 {
        return Err(runtime_err!(
            "torch.lu_unpack: Expected tensor with 2 or more dimensions. Got size: {:?} instead",
            lu.extents()
        ));
    }
    if swaps && pivots.dtype() != DType::I32 {
        return Err(runtime_err!(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\nNote: this function is intended to be used with the output produced by torch.linalg.lu_factor"
        ));
    }
    let (m, n) = lu.rows_and_columns();
    if swaps {
        let wanted = shape_of(lu.leading(2), &[m.min(n)]);
        if pivots.shape() != &wanted[..] {
            return Err(value_err!(
                "Expected LU_pivots to have shape {wanted:?} but got {:?} instead.",
                pivots.shape()
            ));
        }
        expect_pivots(pivots, m, || {
            "torch.lu_unpack: pivots must be between 1 and LU.size(-2). Use the output of torch.linalg.lu_factor".into()
        })?;
    }
    let k = m.min(n);
    let nothing = || Tensor::empty(&M::shape_of(&[0], &[]), lu.parts(), lu.node().device()).map(M::of_node);
    let (l, u) = if data {
        let l = lu.piece(-1, 0, k as i64)?.below(-1)?.plus(&lu.identity(m, k)?)?;
        (l, lu.piece(-2, 0, k as i64)?.above(0)?)
    } else {
        (nothing()?, nothing()?)
    };
    let p = match swaps {
        true => M::of_real(permutation(pivots, lu.leading(2), m, lu.parts())?)?,
        false => nothing()?,
    };
    Ok((p, l, u))
}

/// Solves with the factors of `linalg_lu_factor`: A X = B, X A = B, or with A's conjugate transpose.
pub(super) fn solve<M: Matrices>(lu: &M, pivots: &Tensor, b: &M, left: bool, adjoint: bool) -> Result<M> {
    let name = "linalg.lu_solve";
    check::any_float(name, lu.node())?;
    if lu.parts() != b.parts() {
        return Err(runtime_err!(
            "{name}: Expected LU and B to have the same dtype, but found LU of type {} and B of type {} instead",
            lu.dtype_name(),
            b.dtype_name()
        ));
    }
    if pivots.dtype() != DType::I32 {
        return Err(runtime_err!(
            "{name}: pivots should be a Tensor of scalar type torch.int32, got {}",
            pivots.dtype()
        ));
    }
    let (plain, right) = (lu.like_real()?, b.like_real()?);
    check::square(name, &plain, "LU")?;
    check::matrix(name, &right, "B")?;
    fits(name, &plain, &right, left)?;
    if pivots.dim() + 1 != lu.rank() || pivots.shape() != lu.leading(1) {
        return Err(runtime_err!(
            "{name}: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape {:?} instead",
            pivots.shape()
        ));
    }
    lu.expect_kernel("lu_solve_cpu")?;
    expect_pivots(pivots, lu.rows_and_columns().0, || {
        "Pivots given to lu_solve must all be greater or equal to 1 and smaller or equal to LU.size(-2)"
            .into()
    })?;
    if !left {
        return solve(lu, pivots, &b.daggered()?, true, !adjoint)?.daggered();
    }
    let (_, l, u) = unpacked(lu, pivots, true, false)?;
    let (n, k) = b.rows_and_columns();
    let p = permutation(pivots, lu.leading(2), n, lu.parts())?;
    if adjoint {
        let x = triangular_solution(&u.daggered()?, b, false, true, false)?;
        return M::of_real(p)?.product(&triangular_solution(&l.daggered()?, &x, true, true, true)?);
    }
    // A transposed permutation is its inverse; NaN and infinity elsewhere must not spread, so rows are picked.
    let batch = broadcast(p.batch(2), b.leading(2)).ok_or_else(|| clash(&plain, &right))?;
    let rows = if p.numel() == 0 {
        Tensor::zeros(p.batch(1), DType::I64, p.device())?
    } else {
        p.argmax(Some(-2), false)?
    };
    let b = b.widened_to(&batch, &[n, k])?.rows_at(&rows)?;
    triangular_solution(&u, &triangular_solution(&l, &b, false, true, true)?, true, true, false)
}

impl Tensor {
    /// L and U packed in one matrix, pivots as LAPACK counts them, and codes: 0, or the first zero on U's diagonal.
    pub fn linalg_lu_factor_ex(&self, pivot: bool, check_errors: bool) -> Result<(Tensor, Tensor, Tensor)> {
        let (lu, pivots, info) = factors(self, pivot)?;
        if check_errors {
            check::codes("torch.linalg.lu_factor_ex", &info, singular)?;
        }
        Ok((lu, pivots, info))
    }

    /// As [`Tensor::linalg_lu_factor_ex`], with an error if U is singular.
    pub fn linalg_lu_factor(&self, pivot: bool) -> Result<(Tensor, Tensor)> {
        regular_factors(self, pivot)
    }

    /// P, L and U of each matrix.
    pub fn linalg_lu(&self, pivot: bool) -> Result<(Tensor, Tensor, Tensor)> {
        three_factors(self, pivot)
    }
}

/// P, L and U of packed factors; what is not asked for is empty.
pub fn lu_unpack(lu: &Tensor, pivots: &Tensor, data: bool, swaps: bool) -> Result<(Tensor, Tensor, Tensor)> {
    unpacked(lu, pivots, data, swaps)
}

/// Solves with the factors of `linalg_lu_factor`: A X = B, X A = B, or with A's conjugate transpose.
pub fn lu_solve(lu: &Tensor, pivots: &Tensor, b: &Tensor, left: bool, adjoint: bool) -> Result<Tensor> {
    solve(lu, pivots, b, left, adjoint)
}

pub(super) fn singular(code: i64) -> Error {
    runtime_err!(
        "U[{code},{code}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)"
    )
}

/// From the gradients of L and U, which lie in one matrix, to that of A = P L U.
fn gradient<M: Matrices>(call: &Call) -> Result<Gradients> {
    let Some(g) = &call.upstream[0] else { return Ok(smallvec![None]) };
    let (g, lu) = (M::of_node(g.clone()), M::of_node(call.output(0).clone()));
    let (p, l, u) = unpacked(&lu, call.output(1), true, true)?;
    let (m, n) = lu.rows_and_columns();
    let k = m.min(n) as i64;
    let gl = g.piece(-1, 0, k)?.below(-1)?;
    let gu = g.piece(-2, 0, k)?.above(0)?;
    let unit_lower = |a: &M, b: &M| triangular_solution(&a.daggered()?, b, true, true, true);
    // x U^{-H}
    let by_upper = |x: &M, u: &M| triangular_solution(&u.daggered()?, x, false, false, false);
    let inner = |a: M, b: M| -> Result<M> { a.below(-1)?.plus(&b.above(0)?) };
    let found = if m == n {
        let middle = inner(l.daggered()?.product(&gl)?, gu.product(&u.daggered()?)?)?;
        by_upper(&unit_lower(&l, &middle)?, &u)?
    } else if m < n {
        let rest = n as i64 - k;
        let (u1, u2) = (u.piece(-1, 0, k)?, u.piece(-1, k, rest)?);
        let (gu1, gu2) = (gu.piece(-1, 0, k)?, gu.piece(-1, k, rest)?);
        let of_l = l.daggered()?.product(&gl)?.minus(&gu2.product(&u2.daggered()?)?)?;
        let middle = inner(of_l, gu1.product(&u1.daggered()?)?)?;
        let first = by_upper(&unit_lower(&l, &middle)?, &u1)?;
        M::joined(&[first, unit_lower(&l, &gu2)?], -1)?
    } else {
        let rest = m as i64 - k;
        let (l1, l2) = (l.piece(-2, 0, k)?, l.piece(-2, k, rest)?);
        let (gl1, gl2) = (gl.piece(-2, 0, k)?, gl.piece(-2, k, rest)?);
        let of_u = gu.product(&u.daggered()?)?.minus(&l2.daggered()?.product(&gl2)?)?;
        let middle = inner(l1.daggered()?.product(&gl1)?, of_u)?;
        let first = by_upper(&unit_lower(&l1, &middle)?, &u)?;
        M::joined(&[first, by_upper(&gl2, &u)?], -2)?
    };
    Ok(smallvec![Some(p.product(&found)?.node().clone())])
}
