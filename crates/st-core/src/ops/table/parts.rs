//! What floating-point numbers are made of: mantissas, exponents, neighbours.

use super::macros::{build, pointwise};
use crate::ops::def::Forms;
use crate::ops::pointwise::DtypeRule::*;
use crate::ops::pointwise::result_type;
use crate::tensor::Tensor;
use st_kernel::expr::*;
use st_kernel::{DType, Ex, Result, runtime_err, unsupported};

pointwise! {
    /// The exponent of a number whose mantissa is from 0.5 on, below 1.
    frexp_exponent(input) {
        dtype: Compare,
        forward: |x| select(is_plain(x[0]), exponent(x[0]) + 1.0, 0.0, x[0]).cast(DType::I32), forms: Forms::HIDDEN
    }

    /// A number's mantissa, from 0.5 on, below 1.
    frexp_mantissa(input) {
        dtype: Float,
        forward: |x| select(is_plain(x[0]), scaled(x[0], -(exponent(x[0]) + 1.0)), x[0], x[0]),
        vjp: Some(|x, _, g| {
            let plain = is_plain(x[0]);
            vec![Some(scaled(g, select(plain, -(exponent(x[0]) + 1.0), 0.0, x[0])))]
        }),
        forms: Forms::HIDDEN
    }

    /// The next number towards another one, given the number of bits after the point, the least exponent and the largest number.
    next_towards(input, other; bits; least; largest) {
        dtype: Float,
        forward: |x| {
            let (x, y, bits, least, largest) = (x[0], x[1], x[2], x[3], x[4]);
            let a = abs(x);
            let e = max(exponent(select(is_plain(x), x, 1.0, x)), least);
            let ulp = scaled(scaled(x.like(1.0), e), -bits);
            let grows = select(gt(x, 0.0), gt(y, x).cast(x.dtype), lt(y, x).cast(x.dtype), x);
            let lower = eq(a, scaled(x.like(1.0), e)) & gt(e, least);
            let down = a - select(lower, ulp * 0.5, ulp, ulp);
            let down = select(eq(a, f64::INFINITY), largest, down, down);
            let moved = copysign(select(gt(grows, 0.0), a + ulp, down, a), x);
            let moved = select(eq(x, 0.0), copysign(scaled(scaled(x.like(1.0), least), -bits), y), moved, x);
            select(eq(x, y), y, select(is_nan(x) | is_nan(y), f64::NAN, moved, x), x)
        },
        vjp: Some(|x, _, g| vec![Some(select(eq(x[0], x[1]), 0.0, g, g)), None, None, None, None]),
        forms: Forms::HIDDEN
    }
}

/// Not zero, infinite or NaN.
fn is_plain(x: Ex) -> Ex {
    lt(abs(x), f64::INFINITY) & ne(x, 0.0)
}

/// x times 2 to the power e, also where the power alone would overflow.
fn scaled(x: Ex, e: Ex) -> Ex {
    let half = floor(e * 0.5);
    x * exp2(half) * exp2(e - half)
}

/// The power of two just below or at |x|: the logarithm, corrected where it was rounded across a whole number.
fn exponent(x: Ex) -> Ex {
    // Multiplied into the normal numbers, where logarithms are exact enough.
    let small = lt(abs(x), 1e-30);
    let lift = select(small, 64.0, 0.0, x);
    let a = abs(x) * select(small, 64f64.exp2(), 1.0, x);
    let rough = floor(log2(a));
    let m = scaled(a, -rough);
    rough + select(ge(m, 2.0), 1.0, select(lt(m, 1.0), -1.0, 0.0, x), x) - lift
}

build! {
    /// Mantissas from 0.5 on, below 1, and exponents: `input = mantissa * 2 ** exponent`.
    "frexp" "(input: Tensor)".forms(Forms::BOTH_OUT).returns(&["mantissa", "exponent"]),
        |input: &Tensor| frexp(input);

    /// The next number of the dtype towards another one.
    "nextafter" "(input: Tensor, other: Tensor)".forms(Forms::EVERY).also(Forms::CAST.and(Forms::ELEMENTWISE)), |input: &Tensor, other: &Tensor| nextafter(input, other);
}

fn frexp(input: &Tensor) -> Result<(Tensor, Tensor)> {
    if !input.dtype().is_float() {
        return Err(runtime_err!("torch.frexp() only supports floating-point dtypes"));
    }
    Ok((input.frexp_mantissa()?, input.frexp_exponent()?))
}

fn nextafter(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    let (bits, exponents) = match result_type(&[input.into(), other.into()]) {
        DType::F64 => (52, 11),
        DType::F32 => (23, 8),
        DType::F16 => (10, 5),
        DType::BF16 => (7, 8),
        other => {
            return Err(unsupported!(
                "\"nextafter\" not implemented for {other}; convert the tensors with .float()"
            ));
        }
    };
    let bias = (1i32 << (exponents - 1)) - 1;
    let largest = (2.0 - 0.5f64.powi(bits)) * 2f64.powi(bias);
    input.next_towards(other, f64::from(bits), f64::from(1 - bias), largest)
}
