//! Exponentials and logarithms.

use super::macros::{build, pointwise};
use crate::ops::def::Forms;
use crate::ops::pointwise::DtypeRule::*;
use crate::ops::pointwise::expect_fits;
use crate::tensor::Tensor;
use st_kernel::Scalar;
use st_kernel::expr::*;
use std::f64::consts::LN_2;

pointwise! {
    /// e to the power x.
    exp(input) { forward: |x| exp(x[0]), onnx: "Exp" }

    /// 2 to the power x.
    exp2(input) { forward: |x| exp2(x[0]) }

    /// exp(x) - 1, exact near zero.
    expm1(input) { forward: |x| expm1(x[0]) }

    /// The natural logarithm.
    log(input) { forward: |x| log(x[0]), onnx: "Log", domain: (0.1, 4.0) }

    /// The logarithm to base 2.
    log2(input) { forward: |x| log2(x[0]), domain: (0.1, 4.0) }

    /// The logarithm to base 10.
    log10(input) { forward: |x| log10(x[0]), domain: (0.1, 4.0) }

    /// log(1 + x), exact near zero.
    log1p(input) { forward: |x| log1p(x[0]), domain: (-0.9, 4.0) }

    /// 1 / (1 + exp(-x)).
    sigmoid(input) { forward: |x| sigmoid(x[0]), forms: Forms::EVERY.and(Forms::FUNCTIONAL), onnx: "Sigmoid" }

    /// The inverse of `sigmoid`: log(x / (1 - x)).
    logit(input) {
        forward: |x| log(x[0] / (1.0 - x[0])),
        vjp: Some(|x, _, g| {
            let outside = lt(x[0], 0.0) | gt(x[0], 1.0);
            vec![Some(select(outside, f64::NAN, g / abs(x[0] * (1.0 - x[0])), g))]
        }),
        domain: (0.05, 0.95)
    }

    /// x * log(y); 0 where x is, even if the logarithm is not a number.
    xlogy(input, other) {
        forward: |x| {
            let zero = eq(x[0], 0.0) & !is_nan(x[1]);
            select(zero, 0.0, x[0] * log(x[1]), x[0])
        },
        vjp: Some(|x, _, g| {
            let zero = eq(x[0], 0.0) & le(x[1], 0.0);
            vec![Some(g * select(zero, 0.0, log(x[1]), g)), Some(g * x[0] / x[1])]
        }),
        domain: (0.1, 4.0), also: Forms::NUMBER_FIRST
    }

    /// log(exp(x) + exp(y)), without overflow.
    logaddexp(input, other) {
        dtype: Float,
        forward: |x| {
            let same = eq(x[0], x[1]);
            max(x[0], x[1]) + log1p(exp(-select(same, 0.0, abs(x[0] - x[1]), x[0])))
        },
        vjp: Some(|x, _, g| vec![Some(g * sigmoid(x[0] - x[1])), Some(g * sigmoid(x[1] - x[0]))]),
        forms: Forms::BOTH_OUT
    }

    /// log2(2 ** x + 2 ** y), without overflow.
    logaddexp2(input, other) {
        dtype: Float,
        forward: |x| {
            let same = eq(x[0], x[1]);
            max(x[0], x[1]) + log1p(exp2(-select(same, 0.0, abs(x[0] - x[1]), x[0]))) * (1.0 / LN_2)
        },
        vjp: Some(|x, _, g| {
            let share = |a, b| g * sigmoid((a - b) * LN_2);
            vec![Some(share(x[0], x[1])), Some(share(x[1], x[0]))]
        }),
        forms: Forms::BOTH_OUT
    }
}

build! {
    /// The inverse of `sigmoid`, of `input` clamped to [eps, 1 - eps].
    "logit" "(input: Tensor, eps: float?)".forms(Forms::EVERY).domain(0.05, 0.95).also(Forms::CAST),
        |input: &Tensor, eps: Option<f64>| match eps {
            // Where the bounds cross, what is below the lower one goes there, and the rest to the upper one.
            Some(eps) => {
                let of_dtype = |x: f64| match input.dtype().is_float() {
                    true => Scalar::Float(x).cast(input.dtype()).to_f64(),
                    false => x,
                };
                if input.dtype().is_float() {
                    expect_fits("logit", eps.into(), input.dtype())?;
                }
                let eps = of_dtype(eps);
                let cut = input.clamp(None, Some(Scalar::Float(of_dtype(1.0 - eps)).into()))?;
                cut.fill_where(&input.lt(eps)?, eps)?.logit()
            }
            None => input.logit(),
        };
}
