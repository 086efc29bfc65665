//! Logarithms of running sums of exponentials of complex numbers.
//!
//! A function of the host: each sum begins with the larger of what is added, so that small numbers keep their digits beside
//! whatever comes later, and imaginary parts go on beyond pi, as torch's do.

use super::Complex;
use super::dispatch::complex;
use crate::autograd::{Call, Formula, Gradients, Keeps, Rule};
use crate::graph::{HostElement, HostFn};
use crate::ops::Value;
use crate::ops::linalg::host::{self, for_dtype};
use crate::tensor::normalize_dim;
use smallvec::smallvec;
use st_host::{Complex as Pair, Real};
use st_kernel::view::Dims;
use st_kernel::{DType, Result};
use std::sync::Arc;

impl Complex {
    /// The logarithm of the sum of the exponentials of the elements up to each one.
    pub fn logcumsumexp(&self, dim: i64) -> Result<Complex> {
        if self.dim() == 0 || self.numel() == 0 {
            normalize_dim(dim, self.dim())?;
            return self.pairs().copy().map(Complex);
        }
        let d = normalize_dim(dim, self.dim())? as i64;
        let parts = if self.parts() == DType::F64 { DType::F64 } else { DType::F32 };
        let lines = self.to_parts(parts)?.pairs().movedim(&[d], &[-2])?;
        let length = self.shape()[d as usize];
        let run = for_dtype!(parts, running(length));
        let call = host::Call {
            name: "logcumsumexp",
            params: &[length as u64, u64::from(parts == DType::F64)],
            run,
        };
        let keeps = Keeps { inputs: 1, outputs: 1 };
        let rule = Formula { name: "logcumsumexp", keeps, gradient: Box::new(gradient) };
        let shape = (Dims::from_slice(lines.shape()), parts);
        let [sums] = host::record(call, &[&lines], [shape], || Rule::Formula(Box::new(rule)))?;
        Complex(sums.movedim(&[-2], &[d])?).to_parts(self.parts())
    }
}

/// Over the last dimension: the sum of `g * exp(x - out)` from each element on, in logarithms because the exponential
/// alone would overflow.
fn gradient(call: &Call) -> Result<Gradients> {
    let Some(g) = &call.upstream[0] else { return Ok(smallvec![None]) };
    let of = |name, z: Complex| complex(name, vec![Value::Complex(z)]);
    let (x, out) = (Complex(call.input(0).clone()).conj()?, Complex(call.output(0).clone()).conj()?);
    let turned = |z: Complex| z.pairs().flip(&[-2]).map(Complex);
    let shares = of("log", Complex(g.clone()))?.sub(&out)?;
    let sums = turned(turned(shares)?.logcumsumexp(-1)?)?.add(&x)?;
    Ok(smallvec![Some(of("exp", sums)?.pairs().clone())])
}

fn running<T: Real>(length: usize) -> HostFn
where
    Pair<T>: HostElement,
{
    Arc::new(move |inputs, outs| {
        let [sums] = host::outputs(outs);
        let lines = inputs[0].elements::<Pair<T>>().chunks_exact(length);
        for (line, sums) in lines.zip(sums.elements::<Pair<T>>().chunks_exact_mut(length)) {
            let mut sum = Pair::new(T::neg_infinity(), T::zero());
            for (x, place) in line.iter().zip(sums) {
                sum = log_add_exp(*x, sum);
                *place = sum;
            }
        }
        Ok(())
    })
}

fn log_add_exp<T: Real>(x: Pair<T>, y: Pair<T>) -> Pair<T> {
    if [x.re, x.im, y.re, y.im].into_iter().any(T::is_nan) {
        return Pair::new(T::nan(), T::nan());
    }
    let (least, most) = if x.re < y.re { (x, y) } else { (y, x) };
    if least.re == T::neg_infinity() && most.re == least.re {
        return least;
    }
    if least.re == T::infinity() {
        return (least.exp() + most.exp()).ln();
    }
    most + log1p((least - most).exp())
}

/// Where the sum is near one, its distance from it has more digits than its size.
fn log1p<T: Real>(z: Pair<T>) -> Pair<T> {
    let (two, sum) = (T::one() + T::one(), z + T::one());
    if z.norm() * two > T::one() {
        return sum.ln();
    }
    Pair::new((z.re * (z.re + two) + z.im * z.im).ln_1p() / two, sum.arg())
}
