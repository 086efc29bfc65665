//! Data types and torch's promotion rules.

use std::fmt;

/// The element type of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum DType {
    /// True or false, one byte.
    Bool,
    /// Unsigned 8-bit integer.
    U8,
    /// Signed 8-bit integer.
    I8,
    /// Signed 16-bit integer.
    I16,
    /// Signed 32-bit integer.
    I32,
    /// Signed 64-bit integer.
    I64,
    /// Unsigned 16-bit integer.
    U16,
    /// Unsigned 32-bit integer.
    U32,
    /// Unsigned 64-bit integer. Numbers from 2^63 on are kept, multiplied, compared for equality, sorted and converted
    /// right; arithmetic that asks for their order takes them for negative ones. Torch has none of that.
    U64,
    /// IEEE half precision.
    F16,
    /// The upper half of a single: 8 exponent bits, 7 mantissa bits.
    BF16,
    /// IEEE single precision.
    F32,
    /// IEEE double precision.
    F64,
}

/// The coarse kind of a dtype; promotion prefers the higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// Booleans.
    Bool,
    /// Integers of any width.
    Int,
    /// Floating-point numbers.
    Float,
}

use DType::*;

impl DType {
    /// Every dtype, in the order of promotion.
    pub const ALL: [DType; 13] = [Bool, U8, I8, I16, I32, I64, U16, U32, U64, F16, BF16, F32, F64];

    /// Bytes an element takes.
    pub const fn size(self) -> usize {
        match self {
            Bool | U8 | I8 => 1,
            I16 | U16 | F16 | BF16 => 2,
            I32 | U32 | F32 => 4,
            I64 | U64 | F64 => 8,
        }
    }

    /// Torch's name, such as `float32`.
    pub const fn name(self) -> &'static str {
        match self {
            Bool => "bool",
            U8 => "uint8",
            I8 => "int8",
            I16 => "int16",
            I32 => "int32",
            I64 => "int64",
            U16 => "uint16",
            U32 => "uint32",
            U64 => "uint64",
            F16 => "float16",
            BF16 => "bfloat16",
            F32 => "float32",
            F64 => "float64",
        }
    }

    /// The dtype of this name, torch's aliases included.
    pub fn parse(name: &str) -> Option<DType> {
        let canonical = match name {
            "half" => "float16",
            "float" => "float32",
            "double" => "float64",
            "short" => "int16",
            "int" => "int32",
            "long" => "int64",
            other => other,
        };
        DType::ALL.into_iter().find(|d| d.name() == canonical)
    }

    /// Bool, integer or float.
    pub const fn category(self) -> Category {
        match self {
            Bool => Category::Bool,
            U8 | I8 | I16 | I32 | I64 | U16 | U32 | U64 => Category::Int,
            F16 | BF16 | F32 | F64 => Category::Float,
        }
    }

    /// Whether this is a floating-point type.
    pub const fn is_float(self) -> bool {
        matches!(self, F16 | BF16 | F32 | F64)
    }

    /// Whether this is an integer type; bool is not.
    pub const fn is_int(self) -> bool {
        matches!(self, U8 | I8 | I16 | I32 | I64 | U16 | U32 | U64)
    }

    /// The smallest and the largest number of an integer type.
    pub const fn integers(self) -> (i64, i64) {
        match self {
            Bool => (0, 1),
            U8 | U16 | U32 => (0, i64::MAX >> (63 - 8 * self.size())),
            U64 => (0, i64::MAX),
            other => (i64::MIN >> (64 - 8 * other.size()), i64::MAX >> (64 - 8 * other.size())),
        }
    }

    /// The type arithmetic on this type is done in: half precision computes in single.
    pub const fn compute(self) -> DType {
        match self {
            F16 | BF16 => F32,
            other => other,
        }
    }

    /// The smallest type both operands fit in, by torch's table.
    pub fn promote(self, other: DType) -> DType {
        match (self.min(other), self.max(other)) {
            (a, b) if a == b => a,
            (F16, BF16) => F32,
            (U8, I8) => I16,
            // Torch promotes these with floats and booleans only.
            (I8 | I16, U16) => I32,
            (I8 | I16 | I32, U32) => I64,
            (signed @ (I8 | I16 | I32 | I64), U16 | U32 | U64) => {
                if let U64 = self.max(other) {
                    I64
                } else {
                    signed
                }
            }
            (_, b) => b,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
