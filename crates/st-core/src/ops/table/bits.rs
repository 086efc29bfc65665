//! Bits and truth values.

use super::macros::pointwise;
use crate::ops::def::{Forms, Out};
use crate::ops::pointwise::DtypeRule::*;
use st_kernel::expr::*;

pointwise! {
    /// The bits set in both; on booleans, and.
    bitwise_and(input, other) { dtype: Bits, forward: |x| x[0] & x[1], onnx: "BitwiseAnd", also: Forms::NUMBER_FIRST }

    /// The bits set in either; on booleans, or.
    bitwise_or(input, other) { dtype: Bits, forward: |x| x[0] | x[1], onnx: "BitwiseOr", also: Forms::NUMBER_FIRST }

    /// The bits set in one of them; on booleans, exclusive or.
    bitwise_xor(input, other) { dtype: Bits, forward: |x| x[0] ^ x[1], onnx: "BitwiseXor", also: Forms::NUMBER_FIRST }

    /// Every bit flipped; on booleans, not.
    bitwise_not(input) { dtype: Bits, forward: |x| !x[0], onnx: "BitwiseNot", out: Out::Found }

    /// Bits moved to the left; 0 where they are moved too far.
    bitwise_left_shift(input, other) { dtype: Integer, forward: |x| shl(x[0], x[1]), domain: (0.0, 6.0), also: Forms::NUMBER_FIRST }

    /// Bits moved to the right, keeping the sign; a negative shift counts as one too far.
    bitwise_right_shift(input, other) {
        dtype: Integer, forward: |x| shr(x[0], select(lt(x[1], 0.0), 63.0, x[1], x[1])), domain: (0.0, 6.0), also: Forms::NUMBER_FIRST
    }

    /// Whether both are true, that is not zero.
    logical_and(input, other) { dtype: Logical, forward: |x| x[0] & x[1], onnx: "And" }

    /// Whether one of them is true, that is not zero.
    logical_or(input, other) { dtype: Logical, forward: |x| x[0] | x[1], onnx: "Or" }

    /// Whether exactly one of them is true, that is not zero.
    logical_xor(input, other) { dtype: Logical, forward: |x| x[0] ^ x[1], onnx: "Xor" }

    /// Whether it is zero.
    logical_not(input) { dtype: Logical, forward: |x| !x[0], onnx: "Not" }
}
