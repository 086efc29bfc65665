//! Activations of neural networks, as in `torch.nn.functional`.
//!
//! A branch that is not taken must still be finite, or its zero share of the gradient becomes NaN: hence the `min(x, 0)`
//! inside exponentials. Zero keeps its sign where torch's does. Where torch's gradient at a corner is not the derived one, it is written.

use super::macros::{build, pointwise};
use crate::ops::composite;
use crate::ops::def::{Forms, Out};
use crate::ops::pointwise::DtypeRule::*;
use crate::ops::pointwise::{expect_fits, expect_float};
use crate::tensor::Tensor;
use st_kernel::expr::*;
use st_kernel::{Ex, Result, Scalar, runtime_err, value_err};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

const LAYER: Forms = Forms::FUNCTIONAL;
/// With the argument `inplace`.
const WRITES: Forms = LAYER.and(Forms::ARGUMENT);
const EVERYWHERE: Forms = Forms::BOTH.and(Forms::INPLACE).and(WRITES);
const FUNCTION: Forms = WRITES.and(Forms::FUNCTION);

const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

pointwise! {
    /// max(x, 0), with gradient 0 at 0.
    relu(input) {
        dtype: Number, forward: |x| select(lt(x[0], 0.0), 0.0, x[0], x[0]),
        vjp: Some(|_, y, g| vec![Some(select(le(y, 0.0), 0.0, g, g))]), forms: EVERYWHERE, onnx: "Relu"
    }

    /// x between 0 and 6.
    relu6(input) {
        dtype: Number, forward: |x| min(x[0].like(6.0), max(x[0].like(0.0), x[0])),
        vjp: Some(|x, _, g| vec![Some(select(le(x[0], 0.0) | ge(x[0], 6.0), 0.0, g, g))]), forms: WRITES
    }

    /// x between `min_val` and `max_val`.
    cut_tanh "hardtanh" (input; min_val = -1.0; max_val = 1.0) {
        dtype: Cut, forward: |x| min(x[2], max(x[1], x[0])),
        vjp: Some(|x, _, g| vec![Some(select(le(x[0], x[1]) | ge(x[0], x[2]), 0.0, g, g)), None, None]),
        forms: Forms::HIDDEN
    }

    /// x if positive, else `alpha * (exp(x) - 1)`.
    elu(input; alpha = 1.0) {
        dtype: Float, forward: |x| select(lt(x[0], 0.0), x[1] * expm1(min(x[0], 0.0)), x[0], x[0]),
        vjp: Some(|x, _, g| vec![Some(select(le(x[0], 0.0), g * x[1] * exp(below(x[0])), g, g)), None]),
        forms: WRITES.and(Forms::INPLACE), onnx: "Elu"
    }

    /// `elu` with the scales that keep mean 0 and variance 1.
    selu(input) {
        dtype: Float, forward: |x| select(lt(x[0], 0.0), SELU_ALPHA * expm1(min(x[0], 0.0)), x[0], x[0]) * SELU_SCALE,
        vjp: Some(|x, _, g| {
            let left = g * exp(below(x[0])) * (SELU_ALPHA * SELU_SCALE);
            vec![Some(select(le(x[0], 0.0), left, g * SELU_SCALE, g))]
        }),
        forms: FUNCTION.and(Forms::INPLACE), onnx: "Selu"
    }

    /// x if positive, else `alpha * (exp(x / alpha) - 1)`: its slope has no jump.
    celu(input; alpha = 1.0) {
        dtype: Float, forward: |x| select(lt(x[0], 0.0), x[1] * expm1(min(x[0], 0.0) / x[1]), x[0], x[0]),
        vjp: Some(|x, _, g| vec![Some(select(le(x[0], 0.0), g * exp(below(x[0]) / x[1]), g, g)), None]),
        forms: FUNCTION.and(Forms::INPLACE), onnx: "Celu"
    }

    /// x if positive, else `negative_slope * x`.
    leaky_relu(input; negative_slope = 0.01) {
        dtype: Float, forward: |x| select(gt(x[0], 0.0), x[0], x[0] * x[1], x[0]),
        vjp: Some(|x, _, g| vec![Some(select(gt(x[0], 0.0), g, g * x[1], g)), None]),
        forms: WRITES.and(Forms::INPLACE), onnx: "LeakyRelu"
    }

    /// x if positive, else `weight * x`.
    sloped(input, weight) {
        dtype: Float, forward: |x| select(gt(x[0], 0.0), x[0], x[1] * x[0], x[0]),
        vjp: Some(|x, _, g| {
            let positive = gt(x[0], 0.0);
            vec![Some(select(positive, g, g * x[1], g)), Some(select(positive, 0.0, g * x[0], g))]
        }),
        forms: Forms::HIDDEN
    }

    /// Gaussian error linear unit, exact: x * Phi(x).
    gelu(input) {
        dtype: Float, forward: |x| x[0] * 0.5 * (erf(x[0] * FRAC_1_SQRT_2) + 1.0), forms: LAYER.and(Forms::OUT), onnx: "Gelu", out: Out::Same("")
    }

    /// `gelu` approximated by a hyperbolic tangent.
    gelu_tanh(input) {
        dtype: Float,
        forward: |x| x[0] * 0.5 * (tanh(gelu_inner(x[0])) + 1.0),
        vjp: Some(|x, _, g| {
            let t = tanh(gelu_inner(x[0]));
            let slope = (x[0] * x[0] * (3.0 * 0.044715) + 1.0) * (FRAC_2_SQRT_PI * FRAC_1_SQRT_2);
            vec![Some(g * 0.5 * (t + 1.0 + x[0] * (1.0 - t * t) * slope))]
        }),
        forms: Forms::HIDDEN
    }

    /// x * sigmoid(x), also called swish.
    silu(input) {
        dtype: Float, forward: |x| x[0] * sigmoid(x[0]),
        vjp: Some(|x, _, g| {
            let s = sigmoid(x[0]);
            vec![Some(g * s * (x[0] * (1.0 - s) + 1.0))]
        }),
        forms: WRITES
    }

    /// x * tanh(log(1 + exp(x))).
    mish(input) {
        dtype: Float, forward: |x| x[0] * tanh(log1p(exp(min(x[0], 20.0)))), forms: WRITES, onnx: "Mish"
    }

    /// A factor for the gradient alone.
    passed(input, scale) { dtype: Float, forward: |x| x[0], vjp: Some(|x, _, g| vec![Some(g * x[1]), None]), forms: Forms::HIDDEN }

    /// log(1 + exp(beta * x)) / beta; x itself where `beta * x` is above the threshold.
    softplus(input; beta = 1.0; threshold = 20.0) {
        dtype: Float,
        forward: |x| {
            let scaled = x[0] * x[1];
            select(gt(scaled, x[2]), x[0], log1p(exp(min(scaled, x[2]))) / x[1], x[0])
        },
        vjp: Some(|x, _, g| {
            let scaled = x[0] * x[1];
            vec![Some(select(gt(scaled, x[2]), g, g * sigmoid(scaled), g)), None, None]
        }),
        forms: LAYER.and(Forms::OUT), onnx: "Softplus", out: Out::Same("")
    }

    /// x / (1 + |x|).
    soft_sign "softsign" (input) { dtype: Float, forward: |x| x[0] / (abs(x[0]) + 1.0), forms: Forms::HIDDEN }

    /// x moved towards zero by `lambd`, 0 in between.
    shrunk "softshrink" (input; lambd = 0.5) {
        dtype: Float,
        forward: |x| select(gt(x[0], x[1]), x[0] - x[1], select(lt(x[0], -x[1]), x[0] + x[1], x[0] * 0.0, x[0]), x[0]),
        vjp: Some(|x, _, g| vec![Some(select(le(abs(x[0]), x[1]), 0.0, g, g)), None]),
        forms: Forms::HIDDEN
    }

    /// x, but 0 between `-lambd` and `lambd`.
    hard_shrunk "hardshrink" (input; lambd = 0.5) {
        dtype: Float, forward: |x| select(le(abs(x[0]), x[1]), 0.0, x[0], x[0]), forms: Forms::HIDDEN
    }

    /// A straight line from 0 at -3 to 1 at 3.
    hardsigmoid(input) {
        dtype: Float, forward: |x| min(max(x[0] + 3.0, 0.0), 6.0) / x[0].like(6.0),
        vjp: Some(|x, _, g| vec![Some(select(lt(abs(x[0]), 3.0), g * (1.0 / 6.0), 0.0, g))]), forms: WRITES
    }

    /// x * hardsigmoid(x).
    hardswish(input) {
        dtype: Float, forward: |x| x[0] * min(max(x[0] + 3.0, 0.0), 6.0) / x[0].like(6.0),
        vjp: Some(|x, _, g| {
            let inside = select(lt(x[0], 3.0), g * (x[0] * (1.0 / 3.0) + 0.5), g, g);
            vec![Some(select(le(x[0], -3.0), 0.0, inside, g))]
        }),
        forms: WRITES, onnx: "HardSwish"
    }

    /// log(sigmoid(x)), without overflow.
    logsigmoid(input) {
        dtype: Float, forward: |x| min(x[0], 0.0) - log1p(exp(-abs(x[0]))),
        vjp: Some(|x, _, g| vec![Some(g * sigmoid(-x[0]))]), forms: LAYER.and(Forms::OUT), out: Out::Same(""), node: "log_sigmoid"
    }

    /// x above the threshold, else `value`.
    threshold(input; threshold; value) {
        dtype: Cut, forward: |x| select(le(x[0], x[1]), x[2], x[0], x[0]), forms: FUNCTION.and(Forms::INPLACE).and(Forms::OUT)
    }
}

build! {
    /// x between `min_val` and `max_val`.
    "hardtanh" "(input: Tensor, min_val: Number = -1.0, max_val: Number = 1.0)".forms(WRITES.and(Forms::INPLACE)),
        |input: &Tensor, min_val: Scalar, max_val: Scalar| {
            if min_val.to_f64() > max_val.to_f64() {
                return Err(value_err!("min_val cannot be greater than max_val, got {min_val} and {max_val}"));
            }
            input.cut_tanh(min_val, max_val)
        };

    /// x, but 0 between `-lambd` and `lambd`.
    "hardshrink" "(input: Tensor, lambd: float = 0.5)".forms(LAYER.and(Forms::BOTH).and(Forms::OUT)).out(Out::Found),
        |input: &Tensor, lambd: f64| input.hard_shrunk(rounded("hardshrink", lambd, input)?);

    /// x moved towards zero by `lambd`, 0 in between.
    "softshrink" "(input: Tensor, lambd: float = 0.5)".forms(LAYER.and(Forms::OUT)), |input: &Tensor, lambd: f64| {
        expect_float("softshrink", input)?;
        if !(lambd >= 0.0 && lambd.is_finite() && Scalar::Float(lambd).fits(input.dtype())) {
            return Err(runtime_err!("lambda must be in range [0, the largest number of input dtype {}], but found {lambd}", input.dtype()));
        }
        input.shrunk(rounded("softshrink", lambd, input)?)
    };

    /// x / (1 + |x|); of integers, as in torch, the divisor is one, too.
    "softsign" "(input: Tensor)".forms(LAYER).torch("torch.nn.functional.softsign").onnx("Softsign"), |input: &Tensor| {
        if input.dtype().is_float() { input.soft_sign() } else { input.div(&input.abs()?.add(1)?) }
    };

    /// x - tanh(x), as torch the difference of what is left of the tangent in the input's dtype.
    "tanhshrink" "(input: Tensor)".forms(LAYER).torch("torch.nn.functional.tanhshrink"),
        |input: &Tensor| input.sub(&input.tanh()?);

    /// Gaussian error linear unit; approximate='tanh' is the cheaper formula.
    "gelu" "(input: Tensor, *, approximate: str)".forms(LAYER.and(Forms::OUT)).torch("torch.nn.functional.gelu"),
        |input: &Tensor, approximate: &str| composite::gelu(input, approximate);

    /// x if positive, else `weight * x`, with one weight or one for each channel (dimension 1).
    "prelu" "(input: Tensor, weight: Tensor)".forms(LAYER.and(Forms::BOTH)).torch("torch.nn.functional.prelu").onnx("PRelu"),
        |input: &Tensor, weight: &Tensor| input.prelu(weight);

    /// As `leaky_relu` with a slope drawn from [lower, upper] for each element in training, their mean otherwise.
    "rrelu" "(input: Tensor, lower: float = 0.125, upper: float = 0.3333333333333333, training: bool = False)"
        .forms(FUNCTION.and(Forms::INPLACE)).torch("torch.nn.functional.rrelu"),
        |input: &Tensor, lower: f64, upper: f64, training: bool| input.rrelu(lower, upper, training);

    /// The first half along a dimension times the sigmoid of the second.
    "glu" "(input: Tensor, dim: int = -1)".forms(LAYER).torch("torch.nn.functional.glu").node("glu"),
        |input: &Tensor, dim: i64| input.glu(dim);
}

/// x where it is negative, else 0; at 0 the derivative is 0, as in torch.
fn below(x: Ex) -> Ex {
    select(lt(x, 0.0), x, 0.0, x)
}

fn gelu_inner(x: Ex) -> Ex {
    (x + x * x * x * 0.044715) * (FRAC_2_SQRT_PI * FRAC_1_SQRT_2)
}

/// A number as the elements of a tensor are: torch compares half precision with halves.
fn rounded(name: &str, number: f64, input: &Tensor) -> Result<Scalar> {
    let (number, dtype) = (Scalar::Float(number), input.dtype());
    if !dtype.is_float() {
        return Ok(number);
    }
    expect_fits(name, number, dtype)?;
    Ok(number.cast(dtype))
}
