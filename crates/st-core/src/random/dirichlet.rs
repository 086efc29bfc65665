//! Shares that add up to one, and how they move with their concentrations.
//!
//! The shares are gamma numbers over their sum; but that would give a gradient that depends on how they were drawn. The
//! one here, as torch's, is a function of the shares: each is a Beta number, whose quantile is held.

use super::Generator;
use crate::graph::HostFn;
use crate::ops::linalg::host::{Call, each, outputs, record};
use crate::ops::linalg::without_gradient;
use crate::tensor::Tensor;
use st_kernel::{DType, Result};
use std::sync::Arc;

/// Distance of the places at which [`beta_slope`] looks at its integrand.
const STEP: f64 = 0.2;
/// Where they begin and, at the least, end.
const FIRST: f64 = -3.3;
const LAST: f64 = 3.4;

impl Tensor {
    /// Shares with a concentration for each of the last dimension.
    pub fn dirichlet_shares(&self, generator: Option<Generator>) -> Result<Tensor> {
        let (smallest, digits) = match self.dtype() {
            DType::F64 => (f64::MIN_POSITIVE, 53),
            DType::F16 => (2f64.powi(-14), 11),
            DType::BF16 => (f64::from(f32::MIN_POSITIVE), 8),
            _ => (f64::from(f32::MIN_POSITIVE), 24),
        };
        // None is zero or one, where densities have no logarithm.
        let shares = self.detach().log_standard_gamma(generator)?.softmax(-1, None)?;
        let shares = shares.clamp_min(smallest)?.clamp_max(1.0 - 2f64.powi(-digits))?;
        if !self.requires_grad() {
            return Ok(shares);
        }
        let total = self.detach().sum(&[-1], true)?.expand_to(self.shape())?;
        let slopes = dirichlet_slopes(&shares, &self.detach(), &total)?;
        // Zero in value, so that the shares are the drawn ones; the rest makes sure that they go on adding up to one.
        let moved = self.sub(&self.detach())?.mul(&slopes)?;
        shares.add(&moved)?.sub(&shares.mul(&moved.sum(&[-1], true)?)?)
    }
}

/// How much a share with a concentration among others (their total is `total`) moves with it, over what the others have.
pub(crate) fn dirichlet_slopes(shares: &Tensor, concentration: &Tensor, total: &Tensor) -> Result<Tensor> {
    let wide = |t: &Tensor| t.detach().to_dtype(DType::F64)?.contiguous();
    let (x, a, total) = (wide(shares)?, wide(concentration)?, wide(total)?);
    let others = total.sub(&a)?;
    let mean_log = a.digamma()?.sub(&total.digamma()?)?;
    let run: HostFn = Arc::new(|inputs, outs| {
        let [out] = outputs(outs);
        let [x, a, b, mean] = [0, 1, 2, 3].map(|i| inputs[i].elements::<f64>());
        let all = out.elements::<f64>();
        // Each takes a hundred exponentials.
        each(all.len() * 64, all.iter_mut(), |i, slope| *slope = beta_slope(x[i], a[i], b[i], mean[i]));
        Ok(())
    });
    let call = Call { name: "dirichlet_slopes", params: &[], run };
    let shapes = [(x.shape().into(), DType::F64)];
    let [slopes] =
        record(call, &[&x, &a, &others, &mean_log], shapes, || without_gradient("dirichlet_slopes"))?;
    slopes.to_dtype(shares.dtype())
}

/// The derivative of a Beta number by its first concentration at a fixed quantile, over one less the number.
///
/// It is minus the integral of `(log t - mean) * density(t)` from 0 to x over `density(x) * (1 - x)`, or the same from x
/// to 1. Along `t = x exp(-s)`, or `1 - t = (1 - x) exp(-s)`, the integrand falls off at its own pace from s = 0 on.
fn beta_slope(x: f64, a: f64, b: f64, mean: f64) -> f64 {
    let x = x.clamp(f64::MIN_POSITIVE, 1.0);
    if x * (a + b) <= a {
        let (rest, log_x) = ((-x).ln_1p(), x.ln());
        let ratio = x / (1.0 - x);
        let slope = a - (b - 1.0) * ratio;
        let bend = (b - 1.0) * ratio / (1.0 - x);
        let integral = falling(slope, bend, a, |s| {
            let power = -a * s + (b - 1.0) * ((-x * (-s).exp()).ln_1p() - rest);
            power.exp() * (log_x - s - mean)
        });
        return -ratio * integral;
    }
    let (over, log_x) = (1.0 - x, x.ln());
    let slope = b - (a - 1.0) * over / x;
    let bend = (a - 1.0) * over / (x * x);
    falling(slope, bend, b, |s| {
        let log_t = (-over * (-s).exp()).ln_1p();
        (-b * s + (a - 1.0) * (log_t - log_x)).exp() * (log_t - mean)
    })
}

/// The integral from 0 to infinity of what falls off as its slope and its bend at 0 say, and as `exp(-rate * s)` in the end.
///
/// The places are `scale * exp(v - exp(-v))` at equal steps of v.
fn falling(slope: f64, bend: f64, rate: f64, f: impl Fn(f64) -> f64) -> f64 {
    let scale = 1.0 / slope.abs().max(bend.abs().sqrt()).max(f64::MIN_POSITIVE);
    let last = LAST.max((40.0 / (rate * scale)).ln().min(700.0));
    let steps = ((last - FIRST) / STEP).ceil() as usize;
    let at = |i: usize| {
        let v = FIRST + i as f64 * STEP;
        let inward = (-v).exp();
        let s = scale * (v - inward).exp();
        let value = f(s) * s * (1.0 + inward);
        if value.is_finite() { value } else { 0.0 }
    };
    (0..=steps).map(at).sum::<f64>() * STEP
}

#[cfg(test)]
mod tests {
    use super::beta_slope;

    #[test]
    fn uniform_numbers_have_a_formula() {
        // Beta(1, b) is 1 - (1 - u)^(1/b); Beta(a, 1) is u^(1/a), whose derivative by a is -x log(x) / a.
        for x in [1e-9, 0.01, 0.3, 0.5, 0.9, 0.999_999] {
            for a in [1e-3, 0.1, 1.0, 7.0, 300.0] {
                // digamma(a) - digamma(a + 1) = -1 / a.
                let (found, known) = (beta_slope(x, a, 1.0, -1.0 / a), -x * f64::ln(x) / a / (1.0 - x));
                assert!((found - known).abs() <= 1e-7 * known.abs(), "{x} {a}: {found} is not {known}");
            }
        }
    }
}
