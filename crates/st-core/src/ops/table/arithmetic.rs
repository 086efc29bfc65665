//! Sums, products, quotients, powers and what is made of them.

use super::macros::{build, pointwise};
use crate::ops::def::{Forms, Out};
use crate::ops::pointwise::DtypeRule::*;
use crate::ops::pointwise::result_type;
use crate::ops::{Operand, composite};
use crate::tensor::Tensor;
use st_kernel::expr::*;
use st_kernel::{DType, Ex, Result, Scalar};

pointwise! {
    /// Adds; on booleans, or.
    add(input, other) { dtype: Promote, forward: |x| sum(x[0], x[1]), onnx: "Add", also: Forms::NUMBER_FIRST }

    /// Adds `alpha` times `other`.
    add_scaled "add" (input, other * alpha = 1) { dtype: Promote, forward: |x| sum(x[0], product(x[1], x[2])), also: Forms::NUMBER_FIRST }

    /// Subtracts.
    sub(input, other) { dtype: NoBool, forward: |x| x[0] - x[1], onnx: "Sub", also: Forms::NUMBER_FIRST }

    /// Subtracts `alpha` times `other`.
    sub_scaled "sub" (input, other * alpha = 1) { dtype: NoBool, forward: |x| x[0] - x[1] * x[2], also: Forms::NUMBER_FIRST }

    /// Subtracts `input` from `other`.
    rsub(input, other) { dtype: NoBool, forward: |x| x[1] - x[0], forms: Forms::FUNCTION }

    /// Subtracts `alpha` times `input` from `other`.
    rsub_scaled "rsub" (input, other * alpha = 1) {
        dtype: NoBool, forward: |x| x[1] - x[0] * x[2], forms: Forms::FUNCTION
    }

    /// Multiplies; on booleans, and.
    mul(input, other) { dtype: Promote, forward: |x| product(x[0], x[1]), onnx: "Mul", also: Forms::NUMBER_FIRST }

    /// Divides; integers become floats.
    div(input, other) {
        // Of the operands, so that the quotient may be written in place.
        forward: |x| x[0] / x[1], vjp: Some(|x, _, g| vec![Some(g / x[1]), Some(-g * (x[0] / x[1] / x[1]))]),
        onnx: "Div", domain: (0.5, 4.0), also: Forms::NUMBER_FIRST
    }

    /// Divides and rounds down.
    floor_divide(input, other) { dtype: Number, forward: |x| floor_div(x[0], x[1]), domain: (0.5, 4.0), also: Forms::NUMBER_FIRST }

    /// Divides and rounds towards zero.
    trunc_divide(input, other) { dtype: Number, forward: |x| trunc_div(x[0], x[1]), forms: Forms::HIDDEN, domain: (0.5, 4.0) }

    /// What is left of division rounded down: the sign of the divisor, as Python's `%`.
    remainder(input, other) {
        dtype: Number, forward: |x| modulo(x[0], x[1]),
        vjp: Some(|x, _, g| vec![Some(g), Some(-g * floor_div(x[0], x[1]))]), onnx: "Mod", domain: (0.5, 4.0), also: Forms::NUMBER_FIRST
    }

    /// What is left of division rounded towards zero: the sign of the dividend, as C's `fmod`.
    fmod(input, other) { dtype: Number, forward: |x| fmod(x[0], x[1]), domain: (0.5, 4.0) }

    /// The opposite number.
    neg(input) { dtype: NoBool, forward: |x| -x[0], onnx: "Neg", out: Out::Found }

    /// The absolute value.
    abs(input) { dtype: Number, forward: |x| abs(x[0]), onnx: "Abs", out: Out::Found }

    /// -1, 0 or 1, as the sign is.
    sign(input) { dtype: Promote, forward: |x| sign(x[0]), onnx: "Sign", out: Out::Found }

    /// As `sign`, for real numbers.
    sgn(input) { dtype: Promote, forward: |x| sign(x[0]), out: Out::Found }

    /// The square; of booleans, as integers.
    square(input) { dtype: Promote, forward: |x| square(counted(x[0])) }

    /// The third power.
    cube(input) { dtype: Number, forward: |x| x[0] * x[0] * x[0], forms: Forms::HIDDEN }

    /// 1 / x.
    reciprocal(input) {
        forward: |x| 1.0 / x[0], vjp: Some(|_, y, g| vec![Some(-g * y * y)]), onnx: "Reciprocal", domain: (0.5, 4.0)
    }

    /// The square root.
    sqrt(input) { forward: |x| sqrt(x[0]), onnx: "Sqrt", domain: (0.1, 4.0) }

    /// 1 / sqrt(x).
    rsqrt(input) { forward: |x| rsqrt(x[0]), domain: (0.1, 4.0) }

    /// `input` to the power `exponent`.
    power(input, exponent) { dtype: Number, forward: |x| pow(x[0], x[1]), forms: Forms::HIDDEN, domain: (0.2, 3.0) }

    /// One, which no number changes: the power of zero.
    zeroth_power(input) {
        dtype: Number, forward: |x| pow(x[0], x[0].like(0.0)), vjp: Some(|_, _, g| vec![Some(g.like(0.0))]),
        forms: Forms::HIDDEN
    }

    /// The factor of a complex number's direction, with the gradient of a size: turned where it is negative, none at zero.
    modulus(input) {
        forward: |x| x[0], vjp: Some(|x, _, g| vec![Some(g * sign(x[0]))]), forms: Forms::HIDDEN, domain: (0.5, 4.0)
    }

    /// One over the square.
    inverse_square(input) {
        forward: |x| 1.0 / (x[0] * x[0]), vjp: Some(|x, _, g| vec![Some(g * -2.0 * pow(x[0], x[0].like(-3.0)))]),
        forms: Forms::HIDDEN, domain: (0.5, 4.0)
    }

    /// `base` to the power `input`.
    power_of(input, base) { dtype: Number, forward: |x| pow(x[1], x[0]), forms: Forms::HIDDEN, domain: (0.2, 3.0) }

    /// The square root, with gradient 0 at 0: of norms.
    norm_root(input) {
        dtype: Float, forward: |x| sqrt(x[0]),
        // Nothing infinite even where it is not chosen: the second gradient would multiply it by 0.
        vjp: Some(|_, y, g| {
            let safe = select(eq(y, 0.0), 1.0, y, y);
            vec![Some(select(eq(y, 0.0), g * 0.0, g * 0.5 / safe, g))]
        }),
        forms: Forms::HIDDEN, domain: (0.1, 4.0)
    }

    /// To the power of a parameter, with gradient 0 where the result is 0: of norms.
    norm_power(input; exponent) {
        dtype: Float, forward: |x| pow(x[0], x[1]),
        vjp: Some(|x, y, g| {
            let zero = eq(y, 0.0) | eq(x[0], 0.0);
            vec![Some(select(zero, 0.0, g * x[1] * y / select(zero, 1.0, x[0], g), g)), None]
        }),
        forms: Forms::HIDDEN, domain: (0.2, 3.0)
    }

    /// The larger; NaN if either is.
    maximum(input, other) {
        dtype: Promote, forward: |x| max(x[0], x[1]), forms: Forms::BOTH_OUT, onnx: "Max",
        vjp: Some(|x, _, g| vec![Some(unless_less(x[0], x[1], g)), Some(unless_less(x[1], x[0], g))])
    }

    /// The smaller; NaN if either is.
    minimum(input, other) {
        dtype: Promote, forward: |x| min(x[0], x[1]), forms: Forms::BOTH_OUT, onnx: "Min",
        vjp: Some(|x, _, g| vec![Some(unless_less(-x[0], -x[1], g)), Some(unless_less(-x[1], -x[0], g))])
    }

    /// The larger; a number wins against NaN.
    fmax(input, other) {
        dtype: Promote, forward: |x| select(ge(x[0], x[1]) | is_nan(x[1]), x[0], x[1], x[0]), forms: Forms::BOTH_OUT,
        vjp: Some(|x, _, g| numbers_win(gt(x[0], x[1]), x, g))
    }

    /// The smaller; a number wins against NaN.
    fmin(input, other) {
        dtype: Promote, forward: |x| select(le(x[0], x[1]) | is_nan(x[1]), x[0], x[1], x[0]), forms: Forms::BOTH_OUT,
        vjp: Some(|x, _, g| numbers_win(lt(x[0], x[1]), x, g))
    }

    /// The length of the hypotenuse, without overflow on the way.
    hypot(input, other) {
        dtype: Float, forward: |x| hypotenuse(abs(x[0]), abs(x[1])),
        vjp: Some(|x, y, g| vec![Some(g * (x[0] / y)), Some(g * (x[1] / y))]), domain: (0.5, 4.0)
    }

    /// |input| with the sign of `other`.
    copysign(input, other) { forward: |x| copysign(x[0], x[1]), domain: (0.5, 4.0) }

    /// `input * 2 ** other` for whole exponents.
    ldexp_whole(input, other) {
        // In three steps, as the power alone may not be finite where the result is; what is farther changes nothing.
        forward: |x| {
            let far = if x[0].dtype == DType::F64 { 2200.0 } else { 300.0 };
            let exponent = min(max(x[1], -far), far);
            let third = floor(exponent * (1.0 / 3.0));
            let step = exp2(third);
            x[0] * step * step * exp2(exponent - third * 2.0)
        },
        forms: Forms::HIDDEN
    }

    /// The greatest common divisor.
    gcd(input, other) { dtype: Integer, forward: |x| gcd(x[0], x[1]), domain: (0.0, 30.0) }

    /// The least common multiple.
    lcm(input, other) {
        dtype: Integer,
        forward: |x| {
            let divisor = gcd(x[0], x[1]);
            let divisor = select(eq(divisor, 0.0), 1.0, divisor, divisor);
            let part = trunc_div(x[0], divisor);
            // What is too large is cut off in the end, in C's `int` at the least.
            if x[0].dtype.size() < 4 && x[0].dtype != DType::U16 {
                abs(part.cast(DType::I32) * x[1].cast(DType::I32)).cast(x[0].dtype)
            } else {
                abs(part * x[1])
            }
        },
        domain: (0.0, 9.0)
    }

    /// `input + value * tensor1 * tensor2`.
    addcmul(input, tensor1, tensor2 * value = 1) { dtype: Number, forward: |x| x[0] + x[3] * x[1] * x[2] }

    /// `input + value * tensor1 / tensor2`.
    addcdiv(input, tensor1, tensor2 * value = 1) {
        dtype: Float, forward: |x| x[0] + x[3] * x[1] / x[2], domain: (0.5, 4.0)
    }

    /// From `input` to `end` by the share `weight`.
    lerp(input, end, weight) {
        dtype: Float,
        forward: |x| {
            // From the nearer end; where one weight serves all points, so does the choice.
            let (step, near) = (x[1] - x[0], lt(abs(x[2]), 0.5));
            select(near, x[0], x[1], step) + step * select(near, x[2], x[2] - 1.0, step)
        },
        vjp: Some(|x, _, g| vec![Some(g * (1.0 - x[2])), Some(g * x[2]), Some(g * (x[1] - x[0]))]),
        domain: (0.0, 1.0), out: Out::Same("")
    }
}

build! {
    /// `input * 2 ** other`.
    "ldexp" "(input: Tensor, other: Tensor)".forms(Forms::EVERY).also(Forms::CAST.and(Forms::ELEMENTWISE)).node("ldexp"),
        |input: &Tensor, other: &Tensor| match other.dtype().is_float() {
            // Torch's power is of its exponent's dtype, infinite where that is.
            true => input.mul(&other.exp2()?),
            false => input.ldexp_whole(other),
        };

    /// Divides, then rounds to 'trunc' or 'floor'.
    "div" "(input: Tensor, other: Operand, *, rounding_mode: str?)".forms(Forms::EVERY).also(Forms::CAST.and(Forms::NUMBER_FIRST)),
        |input: &Tensor, other: Operand, rounding_mode: Option<&str>| input.div_rounded(other, rounding_mode);

    /// `input` to the power `exponent`; squares, roots and the like have kernels of their own.
    "pow" "(input: Tensor, exponent: Operand)".forms(Forms::EVERY).onnx("Pow").domain(0.2, 3.0).also(Forms::CAST.and(Forms::ELEMENTWISE)).node("pow"),
        |input: &Tensor, exponent: Operand| input.pow(exponent);

    /// A number to the power `exponent`.
    "pow" "(input: Number, exponent: Tensor)".forms(Forms::FUNCTION.and(Forms::OUT)).also(Forms::CAST.and(Forms::ELEMENTWISE)),
        |input: Scalar, exponent: &Tensor| composite::number_to_power(input, exponent);

    /// `input` to the power `exponent`, in double precision.
    "float_power" "(input: Tensor, exponent: Operand)".forms(Forms::EVERY.and(Forms::EXACT)).domain(0.2, 3.0).also(Forms::ELEMENTWISE).out(Out::Same("the output given to float_power has dtype {got} but the operation's result requires dtype {needs}")),
        |input: &Tensor, exponent: Operand| match exponent {
            Operand::Tensor(exponent) => input.to_dtype(DType::F64)?.pow(&exponent.to_dtype(DType::F64)?),
            number => input.to_dtype(DType::F64)?.pow(number),
        };

    /// A number to the power `exponent`, in double precision.
    "float_power" "(input: Number, exponent: Tensor)".forms(Forms::FUNCTION.and(Forms::OUT)).also(Forms::ELEMENTWISE).out(Out::Same("the output given to float_power has dtype {got} but the operation's result requires dtype {needs}")),
        |input: Scalar, exponent: &Tensor| composite::number_to_power(input, &exponent.to_dtype(DType::F64)?);
}

impl Tensor {
    /// To a power. Powers that have a kernel of their own take it, as in torch.
    pub fn pow<'a>(&'a self, exponent: impl Into<Operand<'a>>) -> Result<Tensor> {
        let exponent = exponent.into();
        let Operand::Scalar(number) = exponent else { return self.power(exponent) };
        if !self.dtype().is_float() {
            return composite::integer_power(self, number);
        }
        match number.to_f64() {
            0.0 => self.zeroth_power(),
            1.0 => self.mul(1),
            2.0 => self.square(),
            3.0 => self.cube(),
            0.5 => self.sqrt(),
            -0.5 => self.rsqrt(),
            -1.0 => self.reciprocal(),
            -2.0 => self.inverse_square(),
            _ => self.power(exponent),
        }
    }

    /// Quotient rounded by torch's `rounding_mode`: none, "trunc" or "floor".
    pub fn div_rounded<'a>(
        &'a self,
        other: impl Into<Operand<'a>>,
        rounding_mode: Option<&str>,
    ) -> Result<Tensor> {
        let other = other.into();
        // Of halves torch rounds the quotient first.
        let of_halves = |common: DType| common.is_float() && common.compute() != common;
        match rounding_mode {
            None => self.div(other),
            Some("floor") => self.floor_divide(other),
            Some("trunc")
                if of_halves(result_type(&[Operand::Tensor(self), other]))
                    && matches!(other, Operand::Tensor(t) if t.numel() != 1) =>
            {
                self.div(other)?.trunc()
            }
            Some("trunc") => self.trunc_divide(other),
            Some(mode) => Err(st_kernel::runtime_err!(
                "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{mode}'"
            )),
        }
    }
}

fn sum(a: Ex, b: Ex) -> Ex {
    if a.dtype == DType::Bool { a | b } else { a + b }
}

fn product(a: Ex, b: Ex) -> Ex {
    if a.dtype == DType::Bool { a & b } else { a * b }
}

/// Booleans as numbers.
fn counted(x: Ex) -> Ex {
    if x.dtype == DType::Bool { x.cast(DType::I64) } else { x }
}

fn sign(x: Ex) -> Ex {
    if x.dtype == DType::Bool { x } else { select(gt(x, 0.0), 1.0, select(lt(x, 0.0), -1.0, 0.0, x), x) }
}

/// The gradient of the larger of two: none for the smaller, half of it at a tie, all of it beside NaN, as in torch.
fn unless_less(mine: Ex, other: Ex, g: Ex) -> Ex {
    select(lt(mine, other), 0.0, select(eq(mine, other), g * 0.5, g, g), g)
}

/// The gradients of `fmax` and `fmin`, where the first operand wins or the second is NaN; half each at a tie.
fn numbers_win(first: Ex, x: &[Ex], g: Ex) -> Vec<Option<Ex>> {
    let (first, tie) = (first | is_nan(x[1]), eq(x[0], x[1]));
    let share = |mine, other| select(tie, g * 0.5, select(first, mine, other, g), g);
    let none = g.like(0.0);
    vec![Some(share(g, none)), Some(share(none, g))]
}

fn hypotenuse(a: Ex, b: Ex) -> Ex {
    let (long, short) = (max(a, b), min(a, b));
    let ratio = short / long;
    let length = select(eq(long, 0.0), long, long * sqrt(ratio * ratio + 1.0), long);
    select(eq(a, f64::INFINITY) | eq(b, f64::INFINITY), f64::INFINITY, length, long)
}
