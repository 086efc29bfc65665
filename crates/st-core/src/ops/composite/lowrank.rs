//! Low-rank approximations by random projections.

use crate::ops::linalg::factor::qr;
use crate::ops::linalg::matrices::Matrices;
use crate::random;
use crate::tensor::Tensor;
use st_kernel::{Result, runtime_err, value_err};

/// An orthonormal basis of about the range of A, by `niter` subspace iterations from a random start.
fn basis<M: Matrices>(a: &M, q: i64, niter: i64) -> Result<M> {
    let columns = a.rows_and_columns().1;
    let room = Tensor::empty(&M::shape_of(&[], &[columns, q as usize]), a.parts(), a.node().device())?;
    let start = M::of_node(random::standard_normal(&random::Like::tensor(&room, None, None))?);
    let orthonormal = |x: M| -> Result<M> { Ok(qr(&x, "reduced")?.0) };
    let mut found = orthonormal(a.product(&start)?)?;
    for _ in 0..niter {
        let back = orthonormal(a.daggered()?.product(&found)?)?;
        found = orthonormal(a.product(&back)?)?;
    }
    Ok(found)
}

/// The `q` largest singular values of A (less `mean`, if given), with U and V.
pub(crate) fn svd_lowrank<M: Matrices>(
    a: &M,
    q: i64,
    niter: i64,
    mean: Option<&M>,
) -> Result<(M, Tensor, M)> {
    if a.rank() < 2 {
        return Err(runtime_err!(
            "svd_lowrank: expected a matrix or a batch of them, got {} dimensions",
            a.rank()
        ));
    }
    let a = match mean {
        Some(mean) => a.minus(&mean.widened_to(a.extents(), &[])?)?,
        None => a.clone(),
    };
    let (m, n) = a.rows_and_columns();
    let wide = m < n;
    let tall = if wide { a.daggered()? } else { a };
    let q = q.clamp(0, m.min(n) as i64);
    let range = basis(&tall, q, niter)?;
    let (u, s, vh) = range.daggered()?.product(&tall)?.singular()?;
    let (u, v) = (range.product(&u)?, vh.daggered()?);
    Ok(if wide { (v, s, u) } else { (u, s, v) })
}

/// The `q` first principal components of A's rows.
pub(crate) fn pca_lowrank<M: Matrices>(
    a: &M,
    q: Option<i64>,
    center: bool,
    niter: i64,
) -> Result<(M, Tensor, M)> {
    if a.rank() < 2 {
        return Err(runtime_err!(
            "pca_lowrank: expected a matrix or a batch of them, got {} dimensions",
            a.rank()
        ));
    }
    let (m, n) = a.rows_and_columns();
    let (m, n) = (m as i64, n as i64);
    let q = q.unwrap_or_else(|| 6.min(m).min(n));
    if !(0..=m.min(n)).contains(&q) {
        return Err(value_err!(
            "q(={q}) must be non-negative integer and not greater than min(m, n)={}",
            m.min(n)
        ));
    }
    if niter < 0 {
        return Err(value_err!("niter(={niter}) must be non-negative integer"));
    }
    let mean = if center { Some(M::of_node(a.node().mean(&[M::place(-2)], true)?)) } else { None };
    svd_lowrank(a, q, niter, mean.as_ref())
}
