//! Operators made of operators, for complex numbers: what of their formulas is not that of the real ones.

use super::Complex;
use super::dispatch::{
    Own, affine, call_named, complex, convert, flag, int, ints, number, number_f64, real, z,
};
use super::pointwise::formula;
use crate::ops::composite::{calculus, dropout, products};
use crate::ops::linalg::matrices::Matrices;
use crate::ops::{Ints, Output, Value};
use st_kernel::{DType, Result, runtime_err};

pub(super) const COMPOSITES: &[(&str, Own)] = &[
    ("addr", |_, v| {
        for (scalar, name) in [(&v[3], "beta"), (&v[4], "alpha")] {
            if let Value::Scalar(scalar) = scalar {
                products::expect_no_flag(*scalar, name, false)?;
            }
        }
        affine("addr", "outer", v)
    }),
    ("alpha_dropout", |_, v| alpha_dropout(v, false)),
    ("feature_alpha_dropout", |_, v| alpha_dropout(v, true)),
    ("float_power", |_, v| {
        let wide = |v: &Value| match v {
            Value::Complex(z) => z.to_parts(DType::F64).map(Value::Complex),
            Value::Tensor(x) => x.to_dtype(DType::F64).map(Value::Tensor),
            other => Ok(other.clone()),
        };
        power(&[wide(&v[0])?, wide(&v[1])?])
    }),
    ("pow", |_, v| power(v)),
    ("as_strided", |_, v| strided(v).map(Output::Complex)),
    ("as_strided_copy", |_, v| strided(v)?.pairs().copy().map(Complex::of_pairs).map(Output::Complex)),
    ("as_strided_scatter", |_, v| {
        let (z, mut args) = (z(v, 0)?, v.to_vec());
        let (size, stride, offset) = steps_of_pairs(z, &v[2], &v[3], &v[4]);
        args[0] = Value::Tensor(z.pairs().clone());
        args[1] = Value::Tensor(convert(&v[1], z.parts())?.pairs().clone());
        (args[2], args[3], args[4]) = (Value::Ints(size), Value::Ints(stride), int(offset));
        real("as_strided_scatter", args).map(Complex::of_pairs).map(Output::Complex)
    }),
    ("cov", |_, v| {
        let weights = |i: usize| if let Value::Tensor(w) = &v[i] { Some(w) } else { None };
        let correction = if let Value::Scalar(s) = v[1] { s } else { 1.into() };
        calculus::cov(z(v, 0)?, correction, weights(2), weights(3)).map(Output::Complex)
    }),
    ("corrcoef", |_, v| correlations(z(v, 0)?).map(Output::Complex)),
    ("linalg_vander", |_, v| {
        let z = z(v, 0)?;
        let x = if z.dim() == 0 { z.reshape(&[1])? } else { z.clone() };
        let n = if let Value::None = v[1] { x.shape()[x.dim() - 1] as i64 } else { number(&v[1]) };
        if n <= 1 {
            return Err(runtime_err!("N must be greater than 1."));
        }
        powers(&x, n).map(Output::Complex)
    }),
    ("vander", |_, v| {
        let z = z(v, 0)?;
        if z.dim() != 1 {
            return Err(runtime_err!("x must be a one-dimensional tensor."));
        }
        let n = if let Value::None = v[1] { z.numel() as i64 } else { number(&v[1]) };
        let rising = powers(z, n)?;
        if flag(&v[2]) {
            return Ok(Output::Complex(rising));
        }
        call_named("flip", &[Value::Complex(rising), Value::Ints(Ints::from_slice(&[-1]))])
    }),
    ("logcumsumexp", |_, v| z(v, 0)?.logcumsumexp(number(&v[1])).map(Output::Complex)),
    ("renorm", |_, v| {
        let z = z(v, 0)?;
        let factor = z.abs()?.renorm_factor(number_f64(&v[1]), number(&v[2]), number_f64(&v[3]))?;
        z.scaled(&factor).map(Output::Complex)
    }),
    ("triplet_margin_loss", |def, v| {
        let apart = |a: usize, b: usize| {
            let p = Value::Scalar(number_f64(&v[4]).into());
            let args = [v[a].clone(), v[b].clone(), p, v[5].clone(), Value::Scalar(false.into())];
            real("pairwise_distance", args.to_vec())
        };
        let (near, mut far) = (apart(0, 1)?, apart(0, 2)?);
        if flag(&v[6]) {
            far = far.minimum(&apart(1, 2)?)?;
        }
        // Points of a line at these distances from zero.
        let mut args = v.to_vec();
        args[0] = Value::Tensor(near.detach().full_like(0.0)?.unsqueeze(-1)?);
        (args[1], args[2]) = (Value::Tensor(near.unsqueeze(-1)?), Value::Tensor(far.unsqueeze(-1)?));
        (args[4], args[5]) = (Value::Scalar(1.0.into()), Value::Scalar(0.0.into()));
        args[6] = Value::Scalar(false.into());
        def.call(&args)
    }),
];

fn alpha_dropout(v: &[Value], channels: bool) -> Result<Output> {
    let (z, p) = (z(v, 0)?, number_f64(&v[1]));
    dropout::expect_probability(p)?;
    if !flag(&v[2]) || p == 0.0 || z.numel() == 0 {
        return Ok(Output::Complex(z.clone()));
    }
    if p == 1.0 {
        return z.times(0.0).map(Output::Complex);
    }
    let (factor, shift) = dropout::alpha_noise(z.shape(), z.parts(), z.pairs().device(), p, channels)?;
    z.scaled(&factor)?.add(&Complex::from_real(&shift, z.parts())?).map(Output::Complex)
}

/// Sizes, steps and offset of a strided view, for the pairs.
fn steps_of_pairs(z: &Complex, size: &Value, stride: &Value, offset: &Value) -> (Ints, Ints, i64) {
    let offset = if let Value::Scalar(s) = offset { s.to_i64() } else { z.storage_offset() as i64 };
    let size = ints(size).iter().copied().chain([2]).collect();
    let stride = ints(stride).iter().map(|step| 2 * step).chain([1]).collect();
    (size, stride, 2 * offset)
}

fn strided(v: &[Value]) -> Result<Complex> {
    let z = z(v, 0)?;
    let (size, stride, offset) = steps_of_pairs(z, &v[1], &v[2], &v[3]);
    let strides: Vec<isize> = stride.iter().map(|&step| step as isize).collect();
    z.pairs()
        .as_strided(&crate::tensor::sizes(&size)?, &strides, offset.max(0) as usize)
        .map(Complex::of_pairs)
}

fn correlations(x: &Complex) -> Result<Complex> {
    if x.dim() > 2 {
        return Err(runtime_err!(
            "corrcoef(): expected input to have two or fewer dimensions but got an input with {} dimensions",
            x.dim()
        ));
    }
    let c = calculus::cov(x, 1.into(), None, None)?;
    if c.dim() == 0 {
        return c.div(&c);
    }
    let deviation = c.re()?.diagonal(0, 0, 1)?.sqrt()?;
    let scale = deviation.unsqueeze(1)?.mul(&deviation.unsqueeze(0)?)?;
    let c = c.scaled(&scale.reciprocal()?)?;
    let pairs = c.pairs().clamp(Some((-1.0).into()), Some(1.0.into()))?;
    Ok(Complex::of_pairs(pairs))
}

/// Small whole powers are products.
fn power(v: &[Value]) -> Result<Output> {
    let times = |f| formula("pow", &v[..1], f).map(Output::Complex);
    if let Value::Scalar(exponent) = &v[1] {
        match exponent.to_f64() {
            0.0 => return times(|z| z[0].like(1.0)),
            1.0 => return times(|z| z[0]),
            2.0 => return times(|z| z[0].square()),
            3.0 => return times(|z| z[0].square() * z[0]),
            -1.0 => return times(|z| z[0].reciprocal()),
            -2.0 => return times(|z| z[0].square().reciprocal()),
            0.5 => return complex("sqrt", v[..1].to_vec()).map(Output::Complex),
            _ => {}
        }
    }
    formula("pow", v, |z| z[0].pow(z[1])).map(Output::Complex)
}

/// Powers 0 to `n - 1` along a new last dimension.
fn powers(x: &Complex, n: i64) -> Result<Complex> {
    if n < 0 {
        return Err(runtime_err!("N must be non-negative."));
    }
    let sizes = |last: i64| x.shape().iter().map(|&n| n as i64).chain([last]).collect::<Ints>();
    let ones = Complex::full(&crate::tensor::sizes(&sizes(1))?, [1.0, 0.0], x.parts(), x.pairs().device())?;
    if n < 2 {
        return ones.piece(-1, 0, n);
    }
    let column = Value::Complex(x.unsqueeze(-1)?);
    let factors = complex("expand", vec![column, Value::Ints(sizes(n - 1)), Value::Scalar(false.into())])?;
    Complex::joined(&[ones, factors.cumprod(-1)?], -1)
}
