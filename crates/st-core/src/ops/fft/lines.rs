//! Fourier transforms of lines.
//!
//! Three nodes of the host do the work along the last dimension, on pairs of real and imaginary parts: complex to
//! complex, real to the first half of a transform, and back. Each one's gradient is one of the three.

use crate::autograd::{Call, Formula, Gradients, Keeps, Rule};
use crate::graph::{HostElement, HostFn};
use crate::ops::arrange;
use crate::ops::linalg::host::{Call as HostCall, each, outputs, part, parts, record};
use crate::ops::select;
use crate::tensor::Tensor;
use smallvec::smallvec;
use st_host::{Complex, Direction, HalfPlan, Plan, Precision, RealPlan};
use st_kernel::view::Dims;
use st_kernel::{DType, Result};
use std::sync::Arc;

fn complex<R: Precision + HostElement>(direction: Direction, scale: f64) -> HostFn
where
    Complex<R>: HostElement,
{
    Arc::new(move |inputs, outs| {
        let [out] = outputs(outs);
        let [lead @ .., n, _] = out.shape else { unreachable!("pairs have a dimension") };
        let (count, n) = (lead.iter().product(), *n);
        let lines = out.elements::<Complex<R>>();
        lines.copy_from_slice(inputs[0].elements());
        if lines.is_empty() {
            return Ok(());
        }
        let plan = Plan::<R>::new(n, direction);
        let scale = R::from_f64(scale).expect("a float");
        each(lines.len(), parts(lines, count), |_, line| plan.transform(line, scale));
        Ok(())
    })
}

fn real_to_half<R: Precision + HostElement>(scale: f64) -> HostFn
where
    Complex<R>: HostElement,
{
    Arc::new(move |inputs, outs| {
        let [out] = outputs(outs);
        let [lead @ .., n] = inputs[0].shape else { unreachable!("a line has a dimension") };
        let count = lead.iter().product();
        let lines = inputs[0].elements::<R>();
        if lines.is_empty() {
            return Ok(());
        }
        let plan = RealPlan::<R>::new(*n);
        let scale = R::from_f64(scale).expect("a float");
        each(lines.len(), parts(out.elements::<Complex<R>>(), count), |i, half| {
            plan.transform(part(lines, i, count), half, scale);
        });
        Ok(())
    })
}

/// The whole transform of a real line: its second half mirrors the first.
fn real_to_whole<R: Precision + HostElement>(direction: Direction, scale: f64) -> HostFn
where
    Complex<R>: HostElement,
{
    Arc::new(move |inputs, outs| {
        let [out] = outputs(outs);
        let [lead @ .., n] = inputs[0].shape else { unreachable!("a line has a dimension") };
        let (count, n) = (lead.iter().product(), *n);
        let lines = inputs[0].elements::<R>();
        if lines.is_empty() {
            return Ok(());
        }
        let plan = RealPlan::<R>::new(n);
        let scale = R::from_f64(scale).expect("a float");
        each(lines.len(), parts(out.elements::<Complex<R>>(), count), |i, whole| {
            plan.transform(part(lines, i, count), &mut whole[..n / 2 + 1], scale);
            if direction == Direction::Inverse {
                whole[..n / 2 + 1].iter_mut().for_each(|x| *x = x.conj());
            }
            for k in n / 2 + 1..n {
                whole[k] = whole[n - k].conj();
            }
        });
        Ok(())
    })
}

fn half_to_real<R: Precision + HostElement>(scale: f64) -> HostFn
where
    Complex<R>: HostElement,
{
    Arc::new(move |inputs, outs| {
        let [out] = outputs(outs);
        let [lead @ .., n] = out.shape else { unreachable!("a line has a dimension") };
        let (count, n) = (lead.iter().product(), *n);
        let halves = inputs[0].elements::<Complex<R>>();
        if halves.is_empty() {
            return Ok(());
        }
        let plan = HalfPlan::<R>::new(n);
        let scale = R::from_f64(scale).expect("a float");
        each(halves.len(), parts(out.elements::<R>(), count), |i, line| {
            plan.transform(part(halves, i, count), line, scale);
        });
        Ok(())
    })
}

/// Calls a generic function for the precision.
macro_rules! for_precision {
    ($dtype:expr, $call:ident($($arg:expr),*)) => {
        match $dtype {
            DType::F64 => $call::<f64>($($arg),*),
            _ => $call::<f32>($($arg),*),
        }
    };
}

fn linear(name: &'static str, gradient: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static) -> Rule {
    let gradient = move |call: &Call| -> Result<Gradients> {
        Ok(smallvec![call.upstream[0].as_ref().map(&gradient).transpose()?])
    };
    Rule::Formula(Box::new(Formula { name, keeps: Keeps::default(), gradient: Box::new(gradient) }))
}

/// The scaled transform of `[.., n, 2]` along the dimension before the last.
pub(crate) fn transform(pairs: &Tensor, direction: Direction, scale: f64) -> Result<Tensor> {
    let run = for_precision!(pairs.dtype(), complex(direction, scale));
    let params = [u64::from(direction == Direction::Inverse), scale.to_bits()];
    let rule = || linear("fft_c2c", move |g| transform(g, direction.opposite(), scale));
    let call = HostCall { name: "fft", params: &params, run };
    let [out] = record(call, &[pairs], [(pairs.shape().into(), pairs.dtype())], rule)?;
    Ok(out)
}

/// The same of real lines `[.., n]`.
pub(crate) fn transform_of_real(x: &Tensor, direction: Direction, scale: f64) -> Result<Tensor> {
    let run = for_precision!(x.dtype(), real_to_whole(direction, scale));
    let params = [u64::from(direction == Direction::Inverse), scale.to_bits()];
    let shape: Dims = x.shape().iter().copied().chain([2]).collect();
    let rule = || linear("fft_c2c", move |g| transform(g, direction.opposite(), scale)?.select(-1, 0));
    let call = HostCall { name: "fft_of_real", params: &params, run };
    let [out] = record(call, &[x], [(shape, x.dtype())], rule)?;
    Ok(out)
}

/// The first half of the scaled transform of real lines: `[.., n]` becomes `[.., n / 2 + 1, 2]`.
pub(crate) fn transform_real(x: &Tensor, scale: f64) -> Result<Tensor> {
    let (n, lead) = x.shape().split_last().expect("a line has a dimension");
    let shape: Dims = lead.iter().copied().chain([n / 2 + 1, 2]).collect();
    let run = for_precision!(x.dtype(), real_to_half(scale));
    let n = *n;
    let rule = || linear("fft_r2c", move |g| transform_to_real(&weighted(g, n, 0.5)?, n, scale));
    let call = HostCall { name: "rfft", params: &[scale.to_bits()], run };
    let [out] = record(call, &[x], [(shape, x.dtype())], rule)?;
    Ok(out)
}

/// The real lines of `n` elements that are the scaled inverse transform of these first halves.
pub(crate) fn transform_to_real(half: &Tensor, n: usize, scale: f64) -> Result<Tensor> {
    let lead = &half.shape()[..half.dim() - 2];
    let shape: Dims = lead.iter().copied().chain([n]).collect();
    let run = for_precision!(half.dtype(), half_to_real(scale));
    let rule = || linear("fft_c2r", move |g| weighted(&transform_real(g, scale)?, n, 2.0));
    let call = HostCall { name: "irfft", params: &[scale.to_bits()], run };
    let [out] = record(call, &[half], [(shape, half.dtype())], rule)?;
    Ok(out)
}

/// Halves with a weight for those elements that stand for two of the whole.
fn weighted(half: &Tensor, n: usize, weight: f64) -> Result<Tensor> {
    let at = arrange::positions(half.shape()[half.dim() - 2], half.device()).unsqueeze(-1)?;
    let alone = at.eq(0)?.logical_or(&at.eq(if n.is_multiple_of(2) { (n / 2) as i64 } else { -1 })?)?;
    half.mul(&select(&alone, 1.0, weight)?.to_dtype(half.dtype())?)
}
