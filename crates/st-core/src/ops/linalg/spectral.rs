//! Singular values and eigenvalues with their gradients.

use super::host::{Call as HostCall, each, for_dtype, outputs, part, parts, record, sizes};
use super::{check, formula, shape_of};
use crate::autograd::{Call, Gradients};
use crate::graph::{HostElement, HostFn};
use crate::ops::select;
use crate::tensor::Tensor;
use smallvec::smallvec;
use st_host::Field;
use st_kernel::{DType, Error, Result, runtime_err};
use std::sync::Arc;

fn svd<T: Field<Real: HostElement> + HostElement>(full: bool) -> HostFn {
    Arc::new(move |inputs, outs| {
        let (m, n, count) = sizes(&inputs[0]);
        let [u, s, vh, info] = outputs(outs);
        let a = inputs[0].elements::<T>();
        let factors = parts(u.elements::<T>(), count).into_iter().zip(parts(vh.elements::<T>(), count));
        let values = parts(s.elements::<T::Real>(), count).into_iter().zip(info.elements::<i32>());
        each(a.len(), factors.zip(values), |i, ((u, vh), (s, info))| {
            *info = i32::from(st_host::svd((m, n), part(a, i, count), full, u, s, vh).is_err());
        });
        Ok(())
    })
}

fn svdvals<T: Field<Real: HostElement> + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let (m, n, count) = sizes(&inputs[0]);
        let [s, info] = outputs(outs);
        let a = inputs[0].elements::<T>();
        let jobs = parts(s.elements::<T::Real>(), count).into_iter().zip(info.elements::<i32>());
        each(a.len(), jobs, |i, (s, info)| {
            *info = i32::from(st_host::svdvals((m, n), part(a, i, count), s).is_err());
        });
        Ok(())
    })
}

fn eigh<T: Field<Real: HostElement> + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let (n, _, count) = sizes(&inputs[0]);
        let [values, vectors, info] = outputs(outs);
        let a = inputs[0].elements::<T>();
        let pairs =
            parts(values.elements::<T::Real>(), count).into_iter().zip(parts(vectors.elements::<T>(), count));
        each(a.len(), pairs.zip(info.elements::<i32>()), |i, ((values, vectors), info)| {
            *info = i32::from(st_host::eigh(n, part(a, i, count), values, vectors).is_err());
        });
        Ok(())
    })
}

fn eigvalsh<T: Field<Real: HostElement> + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let (n, _, count) = sizes(&inputs[0]);
        let [values, info] = outputs(outs);
        let a = inputs[0].elements::<T>();
        let jobs = parts(values.elements::<T::Real>(), count).into_iter().zip(info.elements::<i32>());
        each(a.len(), jobs, |i, (values, info)| {
            *info = i32::from(st_host::eigvalsh(n, part(a, i, count), values).is_err());
        });
        Ok(())
    })
}

fn no_svd(_: i64) -> Error {
    Error::LinAlg(
        "The algorithm failed to converge because the input matrix contained non-finite values.".into(),
    )
}

fn no_eigenvalues(code: i64) -> Error {
    Error::LinAlg(format!(
        "The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated eigenvalues (error code: {code})."
    ))
}

impl Tensor {
    fn svd_checked(&self) -> Result<()> {
        check::matrix("linalg.svd", self, "A")?;
        check::any_float("linalg.svd", self)?;
        check::kernel("linalg_svd_cpu", self)
    }

    /// U, the singular values (largest first) and V^H of each matrix; the square matrices if `full`.
    pub fn linalg_svd(&self, full: bool) -> Result<(Tensor, Tensor, Tensor)> {
        self.svd_checked()?;
        let (m, n) = self.rows_columns();
        let (batch, k) = (self.batch(2), m.min(n));
        let (rows, columns) = if full { (m, n) } else { (k, k) };
        let shapes = [
            (shape_of(batch, &[m, rows]), self.dtype()),
            (shape_of(batch, &[k]), self.dtype()),
            (shape_of(batch, &[columns, n]), self.dtype()),
            (batch.into(), DType::I32),
        ];
        let run = for_dtype!(self.dtype(), svd(full));
        let call = HostCall { name: "svd", params: &[u64::from(full)], run };
        let [u, s, vh, info] = record(call, &[self], shapes, || formula("linalg_svd", 0, 7, svd_gradient))?;
        check::codes("linalg.svd", &info, no_svd)?;
        Ok((u, s, vh))
    }

    /// The singular values of each matrix, largest first.
    pub fn linalg_svdvals(&self) -> Result<Tensor> {
        self.svd_checked()?;
        if self.requires_grad() && crate::autograd::is_grad_enabled() {
            return Ok(self.linalg_svd(false)?.1);
        }
        let (m, n) = self.rows_columns();
        let shapes =
            [(shape_of(self.batch(2), &[m.min(n)]), self.dtype()), (self.batch(2).into(), DType::I32)];
        let call = HostCall { name: "svdvals", params: &[], run: for_dtype!(self.dtype(), svdvals()) };
        let [s, info] = record(call, &[self], shapes, || formula("svdvals", 0, 0, |_| Ok(Gradients::new())))?;
        check::codes("linalg.svd", &info, no_svd)?;
        Ok(s)
    }

    /// What an eigenvalue function reads of Hermitian matrices: the lower triangles, or the upper ones.
    fn triangle_of(&self, name: &str, uplo: &str) -> Result<Tensor> {
        check::square(name, self, "A")?;
        let upper = match uplo {
            "L" | "l" => false,
            "U" | "u" => true,
            other => {
                return Err(runtime_err!("Expected UPLO argument to be 'L' or 'U', but got {other}"));
            }
        };
        check::kernel("linalg_eigh_cpu", self)?;
        // The gradient is that of the whole matrix, whichever half was read.
        if upper { self.adjoint() } else { Ok(self.clone()) }
    }

    /// Eigenvalues (in ascending order) and eigenvectors of symmetric or Hermitian matrices.
    pub fn linalg_eigh(&self, uplo: &str) -> Result<(Tensor, Tensor)> {
        let a = self.triangle_of("linalg.eigh", uplo)?;
        let shapes = [
            (self.shape()[..self.dim() - 1].into(), self.dtype()),
            (self.shape().into(), self.dtype()),
            (self.batch(2).into(), DType::I32),
        ];
        let call = HostCall { name: "eigh", params: &[], run: for_dtype!(self.dtype(), eigh()) };
        let [values, vectors, info] =
            record(call, &[&a], shapes, || formula("linalg_eigh", 0, 3, eigh_gradient))?;
        check::codes("linalg.eigh", &info, no_eigenvalues)?;
        Ok((values, vectors))
    }

    /// The eigenvalues alone, in ascending order.
    pub fn linalg_eigvalsh(&self, uplo: &str) -> Result<Tensor> {
        if self.requires_grad() && crate::autograd::is_grad_enabled() {
            return Ok(self.linalg_eigh(uplo)?.0);
        }
        let a = self.triangle_of("linalg.eigh", uplo)?;
        let shapes =
            [(self.shape()[..self.dim() - 1].into(), self.dtype()), (self.batch(2).into(), DType::I32)];
        let call = HostCall { name: "eigvalsh", params: &[], run: for_dtype!(self.dtype(), eigvalsh()) };
        let nothing = || formula("linalg_eigvalsh", 0, 0, |_| Ok(Gradients::new()));
        let [values, info] = record(call, &[&a], shapes, nothing)?;
        check::codes("linalg.eigh", &info, no_eigenvalues)?;
        Ok(values)
    }
}

/// `x[j] - x[i]` at row i and column j, with ones on the diagonal.
fn differences(x: &Tensor) -> Result<Tensor> {
    let apart = x.unsqueeze(-2)?.sub(&x.unsqueeze(-1)?)?;
    apart.add(&apart.unit()?)
}

/// `V (S / (differences of values), with the values' gradient on the diagonal) V^H`, S being the skew part of V^H gV.
fn eigh_gradient(call: &Call) -> Result<Gradients> {
    let (values, vectors) = (call.output(0), call.output(1));
    let adjoint = vectors.adjoint()?;
    let found = match (&call.upstream[0], &call.upstream[1]) {
        (None, None) => return Ok(smallvec![None]),
        (Some(g), None) => vectors.scale_columns(g)?.matmul(&adjoint)?,
        (g, Some(gv)) => {
            let product = adjoint.matmul(gv)?;
            let skew = product.sub(&product.adjoint()?)?.mul(0.5)?;
            let inner = skew.div(&differences(values)?)?;
            let unit = inner.unit()?.to_dtype(DType::Bool)?;
            let diagonal = match g {
                Some(g) => select(&unit, &g.unsqueeze(-1)?, &inner)?,
                None => select(&unit, 0.0, &inner)?,
            };
            vectors.matmul(&diagonal.matmul(&adjoint)?)?
        }
    };
    Ok(smallvec![Some(found)])
}

fn svd_gradient(call: &Call) -> Result<Gradients> {
    let [gu, gs, gvh] = [0, 1, 2].map(|i| call.upstream[i].clone());
    let (u, s, vh) = (call.output(0), call.output(1), call.output(2));
    let k = s.shape()[s.dim() - 1] as i64;
    // Of full matrices the further columns have no gradient.
    let first = |t: &Tensor, dim: i64| t.narrow(dim, 0, k);
    let (u, vh) = (first(u, -1)?, first(vh, -2)?);
    let gu = gu.map(|g| first(&g, -1)).transpose()?;
    let gvh = gvh.map(|g| first(&g, -2)).transpose()?;
    if gu.is_none() && gvh.is_none() {
        let Some(gs) = gs else { return Ok(smallvec![None]) };
        return Ok(smallvec![Some(u.scale_columns(&gs)?.matmul(&vh)?)]);
    }
    let (m, n) = (call.shape(0)[call.shape(0).len() - 2], call.shape(0)[call.shape(0).len() - 1]);
    let skew = |x: Tensor| -> Result<Tensor> { x.sub(&x.adjoint()?) };
    let gaps = differences(&s.square()?)?;
    let mut inner = match &gs {
        Some(gs) => gs.diag_embed(0, -2, -1)?,
        None => Tensor::zeros(gaps.shape(), s.dtype(), s.device())?,
    };
    if let Some(gu) = &gu {
        let turn = skew(u.adjoint()?.matmul(gu)?)?.div(&gaps)?;
        inner = inner.add(&turn.scale_columns(s)?)?;
    }
    if let Some(gvh) = &gvh {
        let turn = skew(vh.matmul(&gvh.adjoint()?)?)?.div(&gaps)?;
        inner = inner.add(&turn.scale_rows(s)?)?;
    }
    let mut found = u.matmul(&inner)?.matmul(&vh)?;
    if let Some(gu) = gu.filter(|_| m as i64 > k) {
        let g = gu.div(&s.unsqueeze(-2)?)?;
        let outside = g.sub(&u.matmul(&u.adjoint()?.matmul(&g)?)?)?;
        found = found.add(&outside.matmul(&vh)?)?;
    }
    if let Some(gvh) = gvh.filter(|_| n as i64 > k) {
        let g = gvh.div(&s.unsqueeze(-1)?)?;
        let outside = g.sub(&g.matmul(&vh.adjoint()?)?.matmul(&vh)?)?;
        found = found.add(&u.matmul(&outside)?)?;
    }
    Ok(smallvec![Some(found)])
}
