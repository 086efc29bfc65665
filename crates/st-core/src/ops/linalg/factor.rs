//! LU, Cholesky and QR factorisations with their gradients.

use super::host::{Call as HostCall, each, for_dtype, outputs, part, parts, record, sizes};
use super::{check, formula, shape_of};
use crate::autograd::{Call, Gradients};
use crate::graph::{HostElement, HostFn};
use crate::ops::join::cat;
use crate::tensor::Tensor;
use smallvec::smallvec;
use st_host::Field;
use st_kernel::{DType, Error, Result, runtime_err};
use std::sync::Arc;

fn lu<T: Field + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let (m, n, count) = sizes(&inputs[0]);
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

fn cholesky<T: Field + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let (n, _, count) = sizes(&inputs[0]);
        let [l, info] = outputs(outs);
        let l = l.elements::<T>();
        l.copy_from_slice(inputs[0].elements());
        let size = l.len();
        each(size, parts(l, count).into_iter().zip(info.elements::<i32>()), |_, (l, info)| {
            *info = st_host::cholesky(n, l);
        });
        Ok(())
    })
}

fn geqrf<T: Field + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let (m, n, count) = sizes(&inputs[0]);
        let [a, tau] = outputs(outs);
        let a = a.elements::<T>();
        a.copy_from_slice(inputs[0].elements());
        let size = a.len();
        let jobs = parts(a, count).into_iter().zip(parts(tau.elements::<T>(), count));
        each(size, jobs, |_, (a, tau)| st_host::qr(m, n, a, tau));
        Ok(())
    })
}

fn product_of_reflectors<T: Field + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let (m, n, count) = sizes(&inputs[0]);
        let [q] = outputs(outs);
        let columns = q.shape[q.shape.len() - 1];
        let (a, tau) = (inputs[0].elements::<T>(), inputs[1].elements::<T>());
        each(a.len(), parts(q.elements::<T>(), count), |i, q| {
            st_host::reflectors_product(m, n, part(a, i, count), part(tau, i, count), columns, q);
        });
        Ok(())
    })
}

fn apply_reflectors<T: Field + HostElement>(adjoint: bool) -> HostFn {
    Arc::new(move |inputs, outs| {
        let (m, n, count) = sizes(&inputs[0]);
        let [out] = outputs(outs);
        let columns = out.shape[out.shape.len() - 1];
        let (a, tau) = (inputs[0].elements::<T>(), inputs[1].elements::<T>());
        let out = out.elements::<T>();
        out.copy_from_slice(inputs[2].elements());
        each(a.len(), parts(out, count), |i, c| {
            let (a, tau) = (part(a, i, count), part(tau, i, count));
            st_host::apply_reflectors(m, n, a, tau, adjoint, columns, c);
        });
        Ok(())
    })
}

impl Tensor {
    /// L and U packed in one matrix, pivots as LAPACK counts them, and codes: 0, or the first zero on U's diagonal.
    pub fn linalg_lu_factor_ex(&self, pivot: bool, check_errors: bool) -> Result<(Tensor, Tensor, Tensor)> {
        let name = "torch.linalg.lu_factor_ex";
        if self.dim() < 2 {
            return Err(runtime_err!(
                "{name}: Expected tensor with 2 or more dimensions. Got size: {:?} instead",
                self.shape()
            ));
        }
        check::kernel("lu_cpu", self)?;
        if !pivot {
            return Err(runtime_err!("linalg.lu_factor: LU without pivoting is not implemented on the CPU"));
        }
        let (lu, pivots, info) = self.lu_packed()?;
        if check_errors {
            check::codes(name, &info, singular_lu)?;
        }
        Ok((lu, pivots, info))
    }

    /// As [`Tensor::linalg_lu_factor_ex`], with an error if U is singular.
    pub fn linalg_lu_factor(&self, pivot: bool) -> Result<(Tensor, Tensor)> {
        let (lu, pivots, info) = self.linalg_lu_factor_ex(pivot, false)?;
        check::codes("torch.linalg.lu_factor", &info, singular_lu)?;
        Ok((lu, pivots))
    }

    pub(super) fn lu_packed(&self) -> Result<(Tensor, Tensor, Tensor)> {
        let (m, n) = self.rows_columns();
        let batch = self.batch(2);
        let shapes = [
            (self.shape().into(), self.dtype()),
            (shape_of(batch, &[m.min(n)]), DType::I32),
            (batch.into(), DType::I32),
        ];
        let call = HostCall { name: "lu", params: &[], run: for_dtype!(self.dtype(), lu()) };
        let [lu, pivots, info] =
            record(call, &[self], shapes, || formula("linalg_lu_factor_ex", 0, 3, lu_gradient))?;
        Ok((lu, pivots, info))
    }

    /// The Cholesky factor (lower, or its conjugate transpose), and codes: 0, or the first minor that is not positive.
    pub fn linalg_cholesky_ex(&self, upper: bool, check_errors: bool) -> Result<(Tensor, Tensor)> {
        check::square("linalg.cholesky", self, "A")?;
        check::any_float("linalg.cholesky", self)?;
        check::kernel("cholesky_cpu", self)?;
        // Only one triangle is read; the other one then has the same gradient.
        let source = if upper { self.adjoint()? } else { self.clone() };
        let shapes = [(self.shape().into(), self.dtype()), (self.batch(2).into(), DType::I32)];
        let call = HostCall { name: "cholesky", params: &[], run: for_dtype!(self.dtype(), cholesky()) };
        let [l, info] =
            record(call, &[&source], shapes, || formula("linalg_cholesky_ex", 0, 1, cholesky_gradient))?;
        if check_errors {
            check::codes("linalg.cholesky_ex", &info, not_positive)?;
        }
        Ok((if upper { l.adjoint()? } else { l }, info))
    }

    /// The Cholesky factor; an error if a matrix is not positive-definite.
    pub fn linalg_cholesky(&self, upper: bool) -> Result<Tensor> {
        let (l, info) = self.linalg_cholesky_ex(upper, false)?;
        check::codes("linalg.cholesky", &info, not_positive)?;
        Ok(l)
    }

    /// R above and the reflections that made it below, and their factors.
    pub fn geqrf(&self) -> Result<(Tensor, Tensor)> {
        check::matrix("torch.geqrf", self, "A")?;
        check::kernel("geqrf_cpu", self)?;
        let (m, n) = self.rows_columns();
        let shapes =
            [(self.shape().into(), self.dtype()), (shape_of(self.batch(2), &[m.min(n)]), self.dtype())];
        let call = HostCall { name: "geqrf", params: &[], run: for_dtype!(self.dtype(), geqrf()) };
        let refuse =
            |_: &Call| Err(Error::Unsupported("the derivative for 'geqrf' is not implemented.".into()));
        let [a, tau] = record(call, &[self], shapes, || formula("geqrf", 0, 0, refuse))?;
        Ok((a, tau))
    }

    /// The first columns of the product of reflections.
    pub fn linalg_householder_product(&self, tau: &Tensor) -> Result<Tensor> {
        let name = "torch.linalg.householder_product";
        let err = |m: &str| Err(runtime_err!("{name}: {m}"));
        if self.dim() < 2 {
            return err("input must have at least 2 dimensions.");
        }
        let (m, n) = self.rows_columns();
        if m < n {
            return err("input.shape[-2] must be greater than or equal to input.shape[-1]");
        }
        if tau.dim() == 0 || tau.shape()[tau.dim() - 1] > n {
            return err("input.shape[-1] must be greater than or equal to tau.shape[-1]");
        }
        if tau.dim() + 1 != self.dim() {
            return Err(runtime_err!(
                "{name}: Expected tau to have one dimension less than input, but got tau.ndim equal to {} and input.ndim is equal to {}",
                tau.dim(),
                self.dim()
            ));
        }
        if tau.batch(1) != self.batch(2) {
            return Err(runtime_err!(
                "{name}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got {:?}",
                tau.batch(1)
            ));
        }
        if tau.dtype() != self.dtype() {
            return Err(runtime_err!(
                "{name}: tau dtype {} does not match input dtype {}",
                crate::autograd::torch_name(tau.dtype()),
                crate::autograd::torch_name(self.dtype())
            ));
        }
        check::kernel("orgqr_cpu", self)?;
        if self.requires_grad() || tau.requires_grad() {
            // Written out, the gradient follows.
            let columns = Tensor::eye(m, n, self.dtype(), self.device())?;
            return self.reflected(tau, false, &columns.expand_to(self.shape())?);
        }
        self.reflectors_product(tau, n)
    }

    fn reflectors_product(&self, tau: &Tensor, columns: usize) -> Result<Tensor> {
        let m = self.rows_columns().0;
        let shapes = [(shape_of(self.batch(2), &[m, columns]), self.dtype())];
        let run = for_dtype!(self.dtype(), product_of_reflectors());
        let call = HostCall { name: "householder_product", params: &[], run };
        let nothing = || formula("linalg_householder_product", 0, 0, |_| Ok(Gradients::new()));
        let [q] = record(call, &[&self.detach(), &tau.detach()], shapes, nothing)?;
        Ok(q)
    }

    /// The product of reflections, or its conjugate transpose, with a matrix: one reflection after another.
    fn reflected(&self, tau: &Tensor, adjoint: bool, c: &Tensor) -> Result<Tensor> {
        let k = tau.shape()[tau.dim() - 1];
        let vectors = self.tril(-1)?.add(&Tensor::eye(
            self.rows_columns().0,
            self.rows_columns().1,
            self.dtype(),
            self.device(),
        )?)?;
        let mut c = c.clone();
        for step in 0..k {
            let i = if adjoint { step } else { k - 1 - step } as i64;
            let v = vectors.narrow(-1, i, 1)?;
            let factor = tau.narrow(-1, i, 1)?.unsqueeze(-1)?;
            c = c.sub(&v.mul(&factor)?.matmul(&v.adjoint()?.matmul(&c)?)?)?;
        }
        Ok(c)
    }

    /// The product of the full Q of `geqrf`'s reflections with a matrix, on either side.
    pub fn ormqr(&self, tau: &Tensor, other: &Tensor, left: bool, transpose: bool) -> Result<Tensor> {
        for (name, t) in [("input", self), ("other", other)] {
            if t.dim() < 2 {
                return Err(runtime_err!("torch.ormqr: {name} must have at least 2 dimensions."));
            }
        }
        let rows = other.shape()[other.dim() - if left { 2 } else { 1 }];
        if rows != self.rows_columns().0 {
            return Err(runtime_err!(
                "torch.ormqr: other.shape[{}] must be equal to input.shape[-2]",
                if left { -2 } else { -1 }
            ));
        }
        if tau.dim() == 0 || tau.shape()[tau.dim() - 1] > rows {
            return Err(runtime_err!(
                "torch.ormqr: other.shape[{}] must be greater than or equal to tau.shape[-1]",
                if left { -2 } else { -1 }
            ));
        }
        if tau.batch(1) != self.batch(2) || other.batch(2) != self.batch(2) {
            return Err(runtime_err!(
                "torch.ormqr: Expected batch dimensions of tau and other to be equal to input.shape[:-2]"
            ));
        }
        if tau.dtype() != self.dtype() || other.dtype() != self.dtype() {
            return Err(runtime_err!(
                "torch.ormqr: Expected input, tau and other to have the same dtype, but input has dtype {}",
                crate::autograd::torch_name(self.dtype())
            ));
        }
        check::kernel("ormqr_cpu", self)?;
        if !left {
            // C Q = (Q^H C^H)^H.
            return self.ormqr(tau, &other.adjoint()?, true, !transpose)?.adjoint();
        }
        if [self, tau, other].iter().any(|t| t.requires_grad()) {
            return self.reflected(tau, transpose, other);
        }
        let shapes = [(other.shape().into(), self.dtype())];
        let run = for_dtype!(self.dtype(), apply_reflectors(transpose));
        let call = HostCall { name: "ormqr", params: &[u64::from(transpose)], run };
        let nothing = || formula("ormqr", 0, 0, |_| Ok(Gradients::new()));
        let [out] = record(call, &[self, tau, other], shapes, nothing)?;
        Ok(out)
    }

    /// Q and R of each matrix: `reduced`, `complete`, or `r` (with an empty Q).
    pub fn linalg_qr(&self, mode: &str) -> Result<(Tensor, Tensor)> {
        check::matrix("linalg.qr", self, "A")?;
        check::any_float("linalg.qr", self)?;
        if !["reduced", "complete", "r"].contains(&mode) {
            return Err(runtime_err!(
                "qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
            ));
        }
        check::kernel("geqrf_cpu", self)?;
        let (m, n) = self.rows_columns();
        let columns = if mode == "complete" { m } else { m.min(n) };
        let (q, r) = {
            let _mode = crate::autograd::no_grad();
            let (packed, tau) = self.detach().geqrf()?;
            let r = packed.narrow(-2, 0, columns.min(m) as i64)?.triu(0)?;
            let q = match mode {
                "r" => Tensor::empty(&[0], self.dtype(), self.device())?,
                _ => packed.reflectors_product(&tau, columns)?,
            };
            (q, r)
        };
        let kind = mode.to_string();
        crate::autograd::record(&[q.clone(), r.clone()], &[Some(self)], || {
            formula("linalg_qr", 0, if kind == "r" { 0 } else { 3 }, move |call| qr_gradient(call, &kind))
        })?;
        Ok((q, r))
    }
}

pub(super) fn singular_lu(code: i64) -> Error {
    runtime_err!(
        "U[{code},{code}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)"
    )
}

fn not_positive(code: i64) -> Error {
    Error::LinAlg(format!(
        "The factorization could not be completed because the input is not positive-definite (the leading minor of order {code} is not positive-definite)."
    ))
}

/// From the gradients of L and U, which lie in one matrix, to that of A = P L U.
fn lu_gradient(call: &Call) -> Result<Gradients> {
    let Some(g) = &call.upstream[0] else { return Ok(smallvec![None]) };
    let (packed, pivots) = (call.output(0), call.output(1));
    let (p, l, u) = super::lu_unpack(packed, pivots, true, true)?;
    let (m, n) = packed.rows_columns();
    let k = m.min(n) as i64;
    let gl = g.narrow(-1, 0, k)?.tril(-1)?;
    let gu = g.narrow(-2, 0, k)?.triu(0)?;
    let unit_lower = |a: &Tensor, b: &Tensor| super::solve_triangular(&a.adjoint()?, b, true, true, true);
    // x U^{-H}
    let by_upper = |x: &Tensor, u: &Tensor| super::solve_triangular(&u.adjoint()?, x, false, false, false);
    let inner = |a: Tensor, b: Tensor| -> Result<Tensor> { a.tril(-1)?.add(&b.triu(0)?) };
    let found = if m == n {
        let middle = inner(l.adjoint()?.matmul(&gl)?, gu.matmul(&u.adjoint()?)?)?;
        by_upper(&unit_lower(&l, &middle)?, &u)?
    } else if m < n {
        let rest = n as i64 - k;
        let (u1, u2) = (u.narrow(-1, 0, k)?, u.narrow(-1, k, rest)?);
        let (gu1, gu2) = (gu.narrow(-1, 0, k)?, gu.narrow(-1, k, rest)?);
        let of_l = l.adjoint()?.matmul(&gl)?.sub(&gu2.matmul(&u2.adjoint()?)?)?;
        let middle = inner(of_l, gu1.matmul(&u1.adjoint()?)?)?;
        let first = by_upper(&unit_lower(&l, &middle)?, &u1)?;
        cat(&[first, unit_lower(&l, &gu2)?], -1)?
    } else {
        let rest = m as i64 - k;
        let (l1, l2) = (l.narrow(-2, 0, k)?, l.narrow(-2, k, rest)?);
        let (gl1, gl2) = (gl.narrow(-2, 0, k)?, gl.narrow(-2, k, rest)?);
        let of_u = gu.matmul(&u.adjoint()?)?.sub(&l2.adjoint()?.matmul(&gl2)?)?;
        let middle = inner(l1.adjoint()?.matmul(&gl1)?, of_u)?;
        let first = by_upper(&unit_lower(&l1, &middle)?, &u)?;
        cat(&[first, by_upper(&gl2, &u)?], -2)?
    };
    Ok(smallvec![Some(p.matmul(&found)?)])
}

/// `L^{-H} sym(L^H g) L^{-1}`, where `sym` takes the lower triangle for the upper one too.
fn cholesky_gradient(call: &Call) -> Result<Gradients> {
    let Some(g) = &call.upstream[0] else { return Ok(smallvec![None]) };
    let l = call.output(0);
    let product = l.adjoint()?.matmul(g)?;
    let middle = product.tril(0)?.add(&product.tril(-1)?.adjoint()?)?.mul(0.5)?;
    let adjoint = l.adjoint()?;
    let left = super::solve_triangular(&adjoint, &middle, true, true, false)?;
    Ok(smallvec![Some(super::solve_triangular(l, &left, false, false, false)?)])
}

fn qr_gradient(call: &Call, mode: &str) -> Result<Gradients> {
    let (gq, gr) = (call.upstream[0].clone(), call.upstream[1].clone());
    if gq.is_none() && gr.is_none() {
        return Ok(smallvec![None]);
    }
    if mode == "r" {
        return Err(runtime_err!(
            "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr."
        ));
    }
    let (q, r) = (call.output(0), call.output(1));
    let (m, n) = (q.shape()[q.dim() - 2], r.shape()[r.dim() - 1]);
    if mode == "complete" && m > n {
        return Err(runtime_err!(
            "The QR decomposition is not differentiable when mode='complete' and nrows > ncols."
        ));
    }
    let zeros = |t: &Tensor| Tensor::zeros(t.shape(), t.dtype(), t.device());
    let gq = gq.map_or_else(|| zeros(q), Ok)?;
    let gr = gr.map_or_else(|| zeros(r), Ok)?;
    let square = |gq: &Tensor, r: &Tensor, gr: &Tensor| -> Result<Tensor> {
        let m = r.matmul(&gr.adjoint()?)?.sub(&gq.adjoint()?.matmul(q)?)?;
        let symmetric = m.tril(0)?.add(&m.tril(-1)?.adjoint()?)?;
        let right = gq.add(&q.matmul(&symmetric)?)?;
        super::solve_triangular(&r.adjoint()?, &right, false, false, false)
    };
    if m >= n {
        return Ok(smallvec![Some(square(&gq, r, &gr)?)]);
    }
    // A = Q [R1 R2]: the later columns Y are Q R2.
    let rest = (n - m) as i64;
    let (r1, r2) = (r.narrow(-1, 0, m as i64)?, r.narrow(-1, m as i64, rest)?);
    let (gr1, gr2) = (gr.narrow(-1, 0, m as i64)?, gr.narrow(-1, m as i64, rest)?);
    let y = q.matmul(&r2)?;
    let first = square(&gq.add(&y.matmul(&gr2.adjoint()?)?)?, &r1, &gr1)?;
    Ok(smallvec![Some(cat(&[first, q.matmul(&gr2)?], -1)?)])
}
