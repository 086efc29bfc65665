//! Low-rank approximations by random projections.

use crate::random;
use crate::tensor::Tensor;
use st_kernel::{Result, runtime_err, value_err};

/// An orthonormal basis of about the range of A, by `niter` subspace iterations from a random start.
fn basis(a: &Tensor, q: i64, niter: i64) -> Result<Tensor> {
    let columns = a.shape()[a.dim() - 1];
    let like =
        random::Like::tensor(&Tensor::empty(&[columns, q as usize], a.dtype(), a.device())?, None, None);
    let start = random::standard_normal(&like)?;
    let orthonormal = |x: Tensor| -> Result<Tensor> { Ok(x.linalg_qr("reduced")?.0) };
    let mut found = orthonormal(a.matmul(&start)?)?;
    for _ in 0..niter {
        let back = orthonormal(a.adjoint()?.matmul(&found)?)?;
        found = orthonormal(a.matmul(&back)?)?;
    }
    Ok(found)
}

/// The `q` largest singular values of A (less `mean`, if given), with U and V.
pub(crate) fn svd_lowrank(
    a: &Tensor,
    q: i64,
    niter: i64,
    mean: Option<&Tensor>,
) -> Result<(Tensor, Tensor, Tensor)> {
    if a.dim() < 2 {
        return Err(runtime_err!(
            "svd_lowrank: expected a matrix or a batch of them, got {} dimensions",
            a.dim()
        ));
    }
    let a = match mean {
        Some(mean) => a.sub(&mean.expand_to(a.shape())?)?,
        None => a.clone(),
    };
    let (m, n) = (a.shape()[a.dim() - 2], a.shape()[a.dim() - 1]);
    let wide = m < n;
    let tall = if wide { a.adjoint()? } else { a };
    let q = q.clamp(0, m.min(n) as i64);
    let range = basis(&tall, q, niter)?;
    let (u, s, vh) = range.adjoint()?.matmul(&tall)?.linalg_svd(false)?;
    let (u, v) = (range.matmul(&u)?, vh.adjoint()?);
    Ok(if wide { (v, s, u) } else { (u, s, v) })
}

/// The `q` first principal components of A's rows.
pub(crate) fn pca_lowrank(
    a: &Tensor,
    q: Option<i64>,
    center: bool,
    niter: i64,
) -> Result<(Tensor, Tensor, Tensor)> {
    if a.dim() < 2 {
        return Err(runtime_err!(
            "pca_lowrank: expected a matrix or a batch of them, got {} dimensions",
            a.dim()
        ));
    }
    let (m, n) = (a.shape()[a.dim() - 2] as i64, a.shape()[a.dim() - 1] as i64);
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
    let mean = if center { Some(a.mean(&[-2], true)?) } else { None };
    svd_lowrank(a, q, niter, mean.as_ref())
}
