//! `uint64` on registers that are signed: numbers from 2^63 on are negative ones there. What tells them apart is written
//! with operations on `int64`, so that no backend knows of it and writing an expression again changes nothing.

use crate::dtype::DType;
use crate::expr::{Ex, eq, gcd, le, lt, max, min, pow, select, shr, trunc_div};
use crate::prim::Prim;

/// What a primitive gives for two `uint64`, if it is not what it gives for their bits.
pub(crate) fn primitive(prim: Prim, a: Ex, b: Ex) -> Option<Ex> {
    let (a, b) = (a.cast(DType::I64), b.cast(DType::I64));
    let result = match prim {
        Prim::Lt => return Some(lt(turned(a), turned(b))),
        Prim::Le => return Some(le(turned(a), turned(b))),
        Prim::Max => larger(a, b),
        Prim::Min => smaller(a, b),
        Prim::Shr => select(eq(b, 0.0), a, shr(half(a), smaller(b, a.like(64)) - 1.0), a),
        Prim::TruncDiv | Prim::FloorDiv => quotient(a, b),
        Prim::Fmod | Prim::Mod => remainder(a, b),
        // An odd number to the power 2^62 is 1, an even one to the power 64 is 0.
        Prim::Pow => pow(a, select(lt(b, 0.0), b & b.like(i64::MAX) | b.like(1i64 << 62), b, b)),
        Prim::Gcd => divisor(a, b),
        _ => return None,
    };
    Some(result.cast(DType::U64))
}

/// The number as a floating-point one, rounded once.
pub(crate) fn to_float(x: Ex, dtype: DType) -> Ex {
    let (x, inside) = (x.cast(DType::I64), dtype.compute());
    // Half of it, its last bit kept for the rounding, is a signed number.
    let large = (half(x) | x & x.like(1)).cast(inside);
    select(lt(x, 0.0), large + large, x.cast(inside), large).cast(dtype)
}

/// A floating-point number without its fraction.
pub(crate) fn from_float(x: Ex) -> Ex {
    let end = -(i64::MIN as f64);
    let beyond = (x - end).cast(DType::I64);
    let bits = select(le(x.like(end), x), turned(beyond), x.cast(DType::I64), beyond);
    bits.cast(DType::U64)
}

/// Without the first bit, what has it comes after the rest in signed order.
fn turned(x: Ex) -> Ex {
    x ^ x.like(i64::MIN)
}

fn larger(a: Ex, b: Ex) -> Ex {
    turned(max(turned(a), turned(b)))
}

fn smaller(a: Ex, b: Ex) -> Ex {
    turned(min(turned(a), turned(b)))
}

fn half(x: Ex) -> Ex {
    shr(x, 1.0) & x.like(i64::MAX)
}

/// Twice the quotient of the half is it, or one too few; so is 0 if the divisor is 2^63 or more.
fn quotient(a: Ex, b: Ex) -> Ex {
    let whole = trunc_div(half(a), b);
    let near = select(lt(b, 0.0), 0.0, whole + whole, a);
    near + select(le(turned(b), turned(a - near * b)), 1.0, 0.0, a)
}

fn remainder(a: Ex, b: Ex) -> Ex {
    a - quotient(a, b) * b
}

/// The greatest common divisor: Euclid's second remainder is below 2^63.
fn divisor(a: Ex, b: Ex) -> Ex {
    let some = |x: Ex| select(eq(x, 0.0), 1.0, x, x);
    let (more, less) = (larger(a, b), smaller(a, b));
    let rest = remainder(more, some(less));
    let last = remainder(less, some(rest));
    select(eq(less, 0.0), more, select(eq(rest, 0.0), less, gcd(rest, last), a), a)
}
