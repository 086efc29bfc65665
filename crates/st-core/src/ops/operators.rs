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
        impl<'a, T: Into<Operand<'a>>> $trait<T> for Tensor {
            type Output = Result<Tensor>;
            fn $method(self, other: T) -> Result<Tensor> {
                let other: Operand = other.into();
                Tensor::$function(&self, other)
            }
        }
        impl $trait<Tensor> for Tensor {
            type Output = Result<Tensor>;
            fn $method(self, other: Tensor) -> Result<Tensor> { Tensor::$function(&self, &other) }
        }
        impl $trait<Tensor> for &Tensor {
            type Output = Result<Tensor>;
            fn $method(self, other: Tensor) -> Result<Tensor> { Tensor::$function(self, &other) }
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
        from_the_left!(@ $number, &Tensor);
        from_the_left!(@ $number, Tensor);
    )*};
    (@ $number:ty, $tensor:ty) => {
        impl Add<$tensor> for $number {
            type Output = Result<Tensor>;
            fn add(self, other: $tensor) -> Result<Tensor> { Tensor::add(&other, self) }
        }
        impl Sub<$tensor> for $number {
            type Output = Result<Tensor>;
            fn sub(self, other: $tensor) -> Result<Tensor> { other.rsub(self) }
        }
        impl Mul<$tensor> for $number {
            type Output = Result<Tensor>;
            fn mul(self, other: $tensor) -> Result<Tensor> { Tensor::mul(&other, self) }
        }
        impl Div<$tensor> for $number {
            type Output = Result<Tensor>;
            fn div(self, other: $tensor) -> Result<Tensor> { other.divided_from(Scalar::from(self)) }
        }
    };
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
