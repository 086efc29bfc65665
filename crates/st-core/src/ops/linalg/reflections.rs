//! Householder's reflections: QR factors as LAPACK packs them, products of reflections, with themselves and with matrices.

use super::host::{Call as HostCall, columns, each, for_kind, outputs, part, parts, record, sizes};
use super::matrices::Matrices;
use super::{check, formula};
use crate::autograd::{Call, Gradients};
use crate::graph::{HostElement, HostFn};
use crate::ops::select;
use crate::tensor::Tensor;
use st_host::Field;
use st_kernel::{DType, Error, Result, runtime_err};
use std::sync::Arc;

fn geqrf_of<T: Field + HostElement>() -> HostFn {
    Arc::new(|inputs, outs| {
        let (m, n, count) = sizes::<T>(&inputs[0]);
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
        let (m, n, count) = sizes::<T>(&inputs[0]);
        let [q] = outputs(outs);
        let columns = columns::<T>(q.shape);
        let (a, tau) = (inputs[0].elements::<T>(), inputs[1].elements::<T>());
        each(a.len(), parts(q.elements::<T>(), count), |i, q| {
            st_host::reflectors_product(m, n, part(a, i, count), part(tau, i, count), columns, q);
        });
        Ok(())
    })
}

fn apply_reflectors<T: Field + HostElement>(adjoint: bool) -> HostFn {
    Arc::new(move |inputs, outs| {
        let (m, n, count) = sizes::<T>(&inputs[0]);
        let [out] = outputs(outs);
        let columns = columns::<T>(out.shape);
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

/// R above and the reflections that made it below, and their factors.
pub(crate) fn geqrf<M: Matrices>(a: &M) -> Result<(M, M)> {
    check::matrix("torch.geqrf", &a.like_real()?, "A")?;
    a.expect_kernel("geqrf_cpu")?;
    let (m, n) = a.rows_and_columns();
    let dtype = a.parts();
    let shapes = [(M::shape_of(a.extents(), &[]), dtype), (M::shape_of(a.leading(2), &[m.min(n)]), dtype)];
    let run = for_kind!(M, dtype, geqrf_of());
    let call = HostCall { name: "geqrf", params: &[u64::from(M::COMPLEX)], run };
    let refuse = |_: &Call| Err(Error::Unsupported("the derivative for 'geqrf' is not implemented.".into()));
    let [packed, tau] = record(call, &[a.node()], shapes, || formula("geqrf", 0, 0, refuse))?;
    Ok((M::of_node(packed), M::of_node(tau)))
}

/// The first columns of the product of reflections.
pub(crate) fn householder_product<M: Matrices>(a: &M, tau: &M) -> Result<M> {
    let name = "torch.linalg.householder_product";
    let err = |m: &str| Err(runtime_err!("{name}: {m}"));
    if a.rank() < 2 {
        return err("input must have at least 2 dimensions.");
    }
    let (m, n) = a.rows_and_columns();
    if m < n {
        return err("input.shape[-2] must be greater than or equal to input.shape[-1]");
    }
    if tau.rank() == 0 || tau.extents()[tau.rank() - 1] > n {
        return err("input.shape[-1] must be greater than or equal to tau.shape[-1]");
    }
    if tau.rank() + 1 != a.rank() {
        return Err(runtime_err!(
            "{name}: Expected tau to have one dimension less than input, but got tau.ndim equal to {} and input.ndim is equal to {}",
            tau.rank(),
            a.rank()
        ));
    }
    if tau.leading(1) != a.leading(2) {
        return Err(runtime_err!(
            "{name}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got {:?}",
            tau.leading(1)
        ));
    }
    if tau.parts() != a.parts() {
        return Err(runtime_err!(
            "{name}: tau dtype {} does not match input dtype {}",
            tau.dtype_name(),
            a.dtype_name()
        ));
    }
    a.expect_kernel("orgqr_cpu")?;
    if !a.node().requires_grad() && !tau.node().requires_grad() {
        return reflectors_product(a, tau, n);
    }
    // Written out, the gradient follows; what no reflection changes still is made of the input.
    let columns = a.identity(m, n)?.widened_to(a.leading(2), &[m, n])?;
    let never = Tensor::full(&[], false, DType::Bool, a.node().device())?;
    let columns = M::of_node(select(&never, a.node(), columns.node())?);
    reflected(a, tau, false, &columns)
}

/// The first columns of the product of reflections, without a gradient.
pub(super) fn reflectors_product<M: Matrices>(a: &M, tau: &M, columns: usize) -> Result<M> {
    let (m, _) = a.rows_and_columns();
    let shapes = [(M::shape_of(a.leading(2), &[m, columns]), a.parts())];
    let run = for_kind!(M, a.parts(), product_of_reflectors());
    let call = HostCall { name: "householder_product", params: &[u64::from(M::COMPLEX)], run };
    let nothing = || formula("linalg_householder_product", 0, 0, |_| Ok(Gradients::new()));
    let (a, tau) = (a.off_tape(), tau.off_tape());
    let [q] = record(call, &[a.node(), tau.node()], shapes, nothing)?;
    Ok(M::of_node(q))
}

/// The product of reflections, or its conjugate transpose, with a matrix: one reflection after another.
fn reflected<M: Matrices>(a: &M, tau: &M, adjoint: bool, c: &M) -> Result<M> {
    let k = tau.extents()[tau.rank() - 1];
    let (m, n) = a.rows_and_columns();
    let vectors = a.below(-1)?.plus(&a.identity(m, n)?)?;
    let mut c = c.clone();
    for step in 0..k {
        let i = if adjoint { step } else { k - 1 - step } as i64;
        let v = vectors.piece(-1, i, 1)?;
        let factor = tau.piece(-1, i, 1)?.raised(-1)?;
        let factor = if adjoint { factor.conjugate()? } else { factor };
        c = c.minus(&v.times_elements(&factor)?.product(&v.daggered()?.product(&c)?)?)?;
    }
    Ok(c)
}

/// The product of the full Q of `geqrf`'s reflections with a matrix, on either side.
pub(crate) fn ormqr<M: Matrices>(a: &M, tau: &M, other: &M, left: bool, transpose: bool) -> Result<M> {
    for (name, t) in [("input", a), ("other", other)] {
        if t.rank() < 2 {
            return Err(runtime_err!("torch.ormqr: {name} must have at least 2 dimensions."));
        }
    }
    let side = if left { 2 } else { 1 };
    let rows = other.extents()[other.rank() - side];
    if rows != a.rows_and_columns().0 {
        return Err(runtime_err!("torch.ormqr: other.shape[-{side}] must be equal to input.shape[-2]"));
    }
    if tau.rank() == 0 || tau.extents()[tau.rank() - 1] > rows {
        return Err(runtime_err!(
            "torch.ormqr: other.shape[-{side}] must be greater than or equal to tau.shape[-1]"
        ));
    }
    if tau.leading(1) != a.leading(2) || other.leading(2) != a.leading(2) {
        return Err(runtime_err!(
            "torch.ormqr: Expected batch dimensions of tau and other to be equal to input.shape[:-2]"
        ));
    }
    if tau.parts() != a.parts() || other.parts() != a.parts() {
        return Err(runtime_err!(
            "torch.ormqr: Expected input, tau and other to have the same dtype, but input has dtype {}",
            a.dtype_name()
        ));
    }
    a.expect_kernel("ormqr_cpu")?;
    if !left {
        // C Q = (Q^H C^H)^H.
        return ormqr(a, tau, &other.daggered()?, true, !transpose)?.daggered();
    }
    if [a, tau, other].iter().any(|t| t.node().requires_grad()) {
        return reflected(a, tau, transpose, other);
    }
    let shapes = [(M::shape_of(other.extents(), &[]), a.parts())];
    let run = for_kind!(M, a.parts(), apply_reflectors(transpose));
    let call = HostCall { name: "ormqr", params: &[u64::from(transpose) | u64::from(M::COMPLEX) << 1], run };
    let nothing = || formula("ormqr", 0, 0, |_| Ok(Gradients::new()));
    let [out] = record(call, &[a.node(), tau.node(), other.node()], shapes, nothing)?;
    Ok(M::of_node(out))
}
