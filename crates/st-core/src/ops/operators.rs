//! Rust's operators on tensors: `(&a + &b)?`, `(2.0 * &a)?`, `(-&a)?`.

use super::Operand;
use crate::tensor::Tensor;
use st_kernel::{Result, Scalar};
use std::ops::*;

/// `a` where the condition holds, else `b`.
pub fn select<'a>(
    condition: &'a Tensor,
    a: impl Into<Operand<'a>>,
    b: impl Into<Operand<'a>>,
) -> Result<Tensor> {
    condition.where_(a, b)
}

macro_rules! binary {
    ($($trait:ident $method:ident = $function:ident;)*) => {$(
        impl<'a, T: Into<Operand<'a>>> $trait<T> for &'a Tensor {
            type Output = Result<Tensor>;
            fn $method(self, other: T) -> Result<Tensor> { Tensor::$function(self, other) }
        }
        impl $trait<&Tensor> for Tensor {
            type Output = Result<Tensor>;
            fn $method(self, other: &Tensor) -> Result<Tensor> { Tensor::$function(&self, other) }
        }
        impl $trait<Tensor> for Tensor {
            type Output = Result<Tensor>;
            fn $method(self, other: Tensor) -> Result<Tensor> { Tensor::$function(&self, &other) }
        }
        impl $trait<Tensor> for &Tensor {
            type Output = Result<Tensor>;
            fn $method(self, other: Tensor) -> Result<Tensor> { Tensor::$function(self, &other) }
        }
        binary!(@numbers $trait $method $function: f64 f32 i64 i32 bool);
    )*};
    (@numbers $trait:ident $method:ident $function:ident: $($number:ty)*) => {$(
        impl $trait<$number> for Tensor {
            type Output = Result<Tensor>;
            fn $method(self, other: $number) -> Result<Tensor> { Tensor::$function(&self, other) }
        }
    )*};
}
binary! {
    Add add = add;
    Sub sub = sub;
    Mul mul = mul;
    Div div = div;
    Rem rem = remainder;
    BitAnd bitand = bitwise_and;
    BitOr bitor = bitwise_or;
    BitXor bitxor = bitwise_xor;
}

macro_rules! from_the_left {
    ($($number:ty)*) => {$(
        impl Add<&Tensor> for $number {
            type Output = Result<Tensor>;
            fn add(self, other: &Tensor) -> Result<Tensor> { other.add(self) }
        }
        impl Sub<&Tensor> for $number {
            type Output = Result<Tensor>;
            fn sub(self, other: &Tensor) -> Result<Tensor> { other.rsub(self) }
        }
        impl Mul<&Tensor> for $number {
            type Output = Result<Tensor>;
            fn mul(self, other: &Tensor) -> Result<Tensor> { other.mul(self) }
        }
        impl Div<&Tensor> for $number {
            type Output = Result<Tensor>;
            fn div(self, other: &Tensor) -> Result<Tensor> { other.divided_from(Scalar::from(self)) }
        }
    )*};
}
// One type for each kind of number, or literals would be ambiguous.
from_the_left! { f64 i64 }

impl Tensor {
    /// A number divided by this, as Python's `number / tensor`.
    pub fn divided_from(&self, number: impl Into<Scalar>) -> Result<Tensor> {
        Tensor::mul(&self.reciprocal()?, number.into())
    }
}

macro_rules! unary {
    ($($trait:ident $method:ident = $function:ident;)*) => {$(
        impl $trait for &Tensor {
            type Output = Result<Tensor>;
            fn $method(self) -> Result<Tensor> { self.$function() }
        }
        impl $trait for Tensor {
            type Output = Result<Tensor>;
            fn $method(self) -> Result<Tensor> { Tensor::$function(&self) }
        }
    )*};
}
unary! {
    Neg neg = neg;
    Not not = bitwise_not;
}
