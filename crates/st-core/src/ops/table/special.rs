//! The error function, the gamma function and their kin.

use super::macros::{build, pointwise};
use crate::ops::def::Forms;
use crate::tensor::Tensor;
use st_kernel::expr::*;
use st_kernel::{Ex, unsupported};

pointwise! {
    /// The error function.
    erf(input) { forward: |x| erf(x[0]), onnx: "Erf" }

    /// 1 - erf(x), exact far from zero.
    erfc(input) { forward: |x| erfc(x[0]) }

    /// The inverse of the error function.
    erfinv(input) { forward: |x| erfinv(x[0]), domain: (-0.9, 0.9) }

    /// The logarithm of |gamma(x)|.
    lgamma(input) { forward: |x| lgamma(x[0]), domain: (0.2, 4.0) }

    /// The derivative of `lgamma`.
    digamma(input) { forward: |x| digamma(x[0]), domain: (0.2, 4.0) }

    /// The derivative of `digamma`.
    trigamma(input) {
        forward: |x| trigamma(x[0]), vjp: Some(|x, _, g| vec![Some(g * tetragamma(x[0]))]),
        forms: Forms::HIDDEN, domain: (0.2, 4.0)
    }
}

/// The derivative of `trigamma`: recurrence over eight steps, then the asymptotic series.
fn tetragamma(x: Ex) -> Ex {
    let near = (0..8).map(|k| x + f64::from(k)).map(|x| -2.0 / (x * x * x)).reduce(|sum, term| sum + term);
    let w = 1.0 / (x + 8.0);
    let z = w * w;
    let series = [1.0 / 6.0, -1.0 / 6.0, 0.3, -5.0 / 6.0];
    let tail = z * z * (-0.5 + z * series.iter().rev().fold(z.like(0.0), |sum, &c| z * sum + c));
    near.expect("eight terms") - z - z * w + tail
}

build! {
    /// The n-th derivative of `digamma`, for n up to 1.
    "polygamma" "(n: int, input: Tensor)".forms(Forms::EVERY).domain(0.2, 4.0),
        |n: i64, input: &Tensor| match n {
            0 => input.digamma(),
            1 => input.trigamma(),
            _ => Err(unsupported!("polygamma: order {n} is not built yet; orders 0 and 1 are")),
        };
}
