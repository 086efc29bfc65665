//! A single number with its kind, as Python has it.

use crate::dtype::{Category, DType};
use half::{bf16, f16};
use std::fmt;
use std::hash::{Hash, Hasher};

/// A number that is not a tensor: a Python scalar, a constant, a kernel parameter.
#[derive(Clone, Copy, Debug)]
pub enum Scalar {
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A user's integer from 2^63 on; as an element of a dtype it is an [`Scalar::Int`] of the same bits.
    Large(u64),
    /// A float.
    Float(f64),
}

use Scalar::*;

impl Scalar {
    /// The kind promotion sees.
    pub fn category(self) -> Category {
        match self {
            Bool(_) => Category::Bool,
            Int(_) | Large(_) => Category::Int,
            Float(_) => Category::Float,
        }
    }

    /// As a double.
    pub fn to_f64(self) -> f64 {
        match self {
            Bool(b) => f64::from(u8::from(b)),
            Int(i) => i as f64,
            Large(i) => i as f64,
            Float(x) => x,
        }
    }

    /// As an integer, truncating.
    pub fn to_i64(self) -> i64 {
        match self {
            Bool(b) => i64::from(b),
            Int(i) => i,
            Large(i) => i as i64,
            Float(x) => x as i64,
        }
    }

    /// As the integer that an element of `dtype` is.
    pub fn to_whole(self, dtype: DType) -> i128 {
        if dtype == DType::U64 { i128::from(self.to_i64() as u64) } else { i128::from(self.to_i64()) }
    }

    /// Whether it is not zero.
    pub fn to_bool(self) -> bool {
        match self {
            Bool(b) => b,
            Int(i) => i != 0,
            Large(_) => true,
            Float(x) => x != 0.0,
        }
    }

    /// The value a tensor of `dtype` holds after storing this scalar: rounded, wrapped or truncated.
    pub fn cast(self, dtype: DType) -> Scalar {
        match dtype {
            DType::Bool => Bool(self.to_bool()),
            DType::U8 => Int(self.to_i64() as u8 as i64),
            DType::I8 => Int(self.to_i64() as i8 as i64),
            DType::I16 => Int(self.to_i64() as i16 as i64),
            DType::I32 => Int(self.to_i64() as i32 as i64),
            DType::U16 => Int(self.to_i64() as u16 as i64),
            DType::U32 => Int(self.to_i64() as u32 as i64),
            DType::U64 => match self {
                Float(x) if x >= -(i64::MIN as f64) => Int(x as u64 as i64),
                _ => Int(self.to_i64()),
            },
            DType::I64 => Int(self.to_i64()),
            // Through single precision, as torch and every device round.
            DType::F16 => Float(f16::from_f32(self.to_f64() as f32).to_f64()),
            DType::BF16 => Float(bf16::from_f32(self.to_f64() as f32).to_f64()),
            DType::F32 => Float(self.to_f64() as f32 as f64),
            DType::F64 => Float(self.to_f64()),
        }
    }

    /// Whether it is in the range of `dtype`; fractions are cut, and of bytes the negative counterparts are in range too.
    pub fn fits(self, dtype: DType) -> bool {
        let bits = 8 * dtype.size() as u32;
        match (self, dtype) {
            (Bool(_), _) | (_, DType::Bool | DType::F64) => true,
            (Int(_), DType::U64) => true,
            (Large(_), _) if dtype.is_int() => dtype == DType::U64,
            (Int(i), DType::U8 | DType::U16 | DType::U32) => i.unsigned_abs() < 1 << bits,
            (Int(i), _) if dtype.is_int() => i.unsigned_abs() - u64::from(i < 0) < 1 << (bits - 1),
            (Float(x), DType::U8 | DType::U16 | DType::U32 | DType::U64) => {
                (0.0..2f64.powi(bits as i32)).contains(&x.trunc())
            }
            (Float(x), _) if dtype.is_int() => {
                let end = 2f64.powi(bits as i32 - 1);
                (-end..end).contains(&x.trunc())
            }
            _ => {
                let x = self.to_f64();
                !x.is_finite() || x.abs() <= largest(dtype)
            }
        }
    }

    /// Appends the bytes an element of `dtype` has.
    pub fn write(self, dtype: DType, out: &mut Vec<u8>) {
        let value = self.cast(dtype);
        match dtype {
            DType::Bool | DType::U8 | DType::I8 => out.push(value.to_i64() as u8),
            DType::I16 | DType::U16 => out.extend((value.to_i64() as i16).to_ne_bytes()),
            DType::I32 | DType::U32 => out.extend((value.to_i64() as i32).to_ne_bytes()),
            DType::I64 | DType::U64 => out.extend(value.to_i64().to_ne_bytes()),
            DType::F16 => out.extend(f16::from_f32(value.to_f64() as f32).to_ne_bytes()),
            DType::BF16 => out.extend(bf16::from_f32(value.to_f64() as f32).to_ne_bytes()),
            DType::F32 => out.extend((value.to_f64() as f32).to_ne_bytes()),
            DType::F64 => out.extend(value.to_f64().to_ne_bytes()),
        }
    }

    /// Reads one element of `dtype` from the front of `bytes`.
    pub fn read(dtype: DType, bytes: &[u8]) -> Scalar {
        macro_rules! take {
            ($t:ty) => {
                <$t>::from_ne_bytes(
                    bytes[..size_of::<$t>()].try_into().expect("the slice has the type's size"),
                )
            };
        }
        match dtype {
            DType::Bool => Bool(bytes[0] != 0),
            DType::U8 => Int(i64::from(bytes[0])),
            DType::I8 => Int(i64::from(bytes[0] as i8)),
            DType::I16 => Int(i64::from(take!(i16))),
            DType::I32 => Int(i64::from(take!(i32))),
            DType::U16 => Int(i64::from(take!(u16))),
            DType::U32 => Int(i64::from(take!(u32))),
            DType::I64 | DType::U64 => Int(take!(i64)),
            DType::F16 => Float(take!(f16).to_f64()),
            DType::BF16 => Float(take!(bf16).to_f64()),
            DType::F32 => Float(f64::from(take!(f32))),
            DType::F64 => Float(take!(f64)),
        }
    }

    fn bits(self) -> (u8, u64) {
        match self {
            Bool(b) => (0, u64::from(b)),
            Int(i) => (1, i as u64),
            Large(i) => (3, i),
            Float(x) => (2, x.to_bits()),
        }
    }
}

/// Equal means the same kind and the same bits, so that scalars can be hashed.
impl PartialEq for Scalar {
    fn eq(&self, other: &Scalar) -> bool {
        self.bits() == other.bits()
    }
}
impl Eq for Scalar {}
impl Hash for Scalar {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits().hash(state);
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bool(b) => write!(f, "{b}"),
            Int(i) => write!(f, "{i}"),
            Large(i) => write!(f, "{i}"),
            Float(x) => write!(f, "{x:?}"),
        }
    }
}

/// The largest finite number of a floating-point dtype.
fn largest(dtype: DType) -> f64 {
    match dtype {
        DType::F16 => f16::MAX.to_f64(),
        DType::BF16 => bf16::MAX.to_f64(),
        DType::F32 => f64::from(f32::MAX),
        _ => f64::MAX,
    }
}

macro_rules! from {
    ($($t:ty => |$x:ident| $e:expr),* $(,)?) => {$(
        impl From<$t> for Scalar { fn from($x: $t) -> Scalar { $e } }
    )*};
}
from! {
    bool => |x| Bool(x),
    i32 => |x| Int(i64::from(x)),
    i64 => |x| Int(x),
    usize => |x| Int(x as i64),
    f32 => |x| Float(f64::from(x)),
    f64 => |x| Float(x),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_fits_where_storing_it_keeps_its_size() {
        for dtype in DType::ALL.into_iter().filter(|d| d.is_int() && d.integers().0 < 0) {
            let largest = i64::MAX >> (64 - 8 * dtype.size());
            for edge in [largest, -largest - 1] {
                assert!(Int(edge).fits(dtype), "{edge} in {dtype}");
                let beyond = Float(edge as f64 * 1.01);
                assert!(!beyond.fits(dtype), "{beyond} in {dtype}");
            }
            assert!(!Float(f64::NAN).fits(dtype));
        }
        for (number, fits) in [(Int(255), true), (Int(256), false), (Int(-255), true), (Int(-256), false)] {
            assert_eq!(number.fits(DType::U8), fits, "{number}");
        }
        for (number, fits) in [(255.9, true), (256.0, false), (-0.5, true), (-1.0, false)] {
            assert_eq!(Float(number).fits(DType::U8), fits, "{number}");
        }
        assert!(Float(f64::INFINITY).fits(DType::F16) && !Float(70_000.0).fits(DType::F16));
        assert!(Float(1e300).fits(DType::F64) && !Float(1e300).fits(DType::F32));
    }

    #[test]
    fn doubles_become_half_precision_through_single() {
        // Just above the middle of two halves: rounding to single first lands on the middle, which goes to even.
        for (dtype, ulp) in [(DType::F16, 2f64.powi(-10)), (DType::BF16, 2f64.powi(-7))] {
            let above_the_middle = Scalar::Float(1.0 + ulp / 2.0 + 2f64.powi(-40));
            assert_eq!(above_the_middle.cast(dtype), Scalar::Float(1.0));
            let mut bytes = Vec::new();
            above_the_middle.write(dtype, &mut bytes);
            assert_eq!(Scalar::read(dtype, &bytes), Scalar::Float(1.0));
        }
    }
}
