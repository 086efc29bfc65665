//! Stand-in rows.
#![allow(missing_docs)]
use super::pointwise::{DtypeRule, Operand, PointwiseRow};
use crate::tensor::Tensor;
use st_kernel::Result;
use st_kernel::expr::*;
use std::sync::OnceLock;

macro_rules! rows {
    ($($name:ident($($a:ident),*) $rule:ident |$x:ident| $e:expr;)*) => {$(
        impl Tensor {
            pub fn $name<'a>(&'a self, $($a: impl Into<Operand<'a>>),*) -> Result<Tensor> {
                static ROW: PointwiseRow = PointwiseRow {
                    name: stringify!($name), dtype: DtypeRule::$rule, forward: |$x| $e, vjp: None,
                    cache: [const { OnceLock::new() }; 10],
                };
                ROW.apply(&[self.into(), $($a.into()),*])
            }
        }
    )*};
}
rows! {
    add(other) Promote |x| x[0] + x[1];
    sub(other) Number |x| x[0] - x[1];
    mul(other) Promote |x| x[0] * x[1];
    div(other) ToFloat |x| x[0] / x[1];
    neg() Number |x| -x[0];
    eq(other) Compare |x| eq(x[0], x[1]);
    ne(other) Compare |x| ne(x[0], x[1]);
    lt(other) Compare |x| lt(x[0], x[1]);
    le(other) Compare |x| le(x[0], x[1]);
    gt(other) Compare |x| gt(x[0], x[1]);
    ge(other) Compare |x| ge(x[0], x[1]);
    logical_and(other) Logical |x| x[0] & x[1];
    logical_or(other) Logical |x| x[0] | x[1];
    logical_not() Logical |x| !x[0];
    isnan() Compare |x| is_nan(x[0]);
    exp() ToFloat |x| exp(x[0]);
    log() ToFloat |x| log(x[0]);
    floor_divide(other) Promote |x| floor_div(x[0], x[1]);
}

/// `a` where the condition holds, else `b`.
pub fn select<'a>(condition: &'a Tensor, a: impl Into<Operand<'a>>, b: impl Into<Operand<'a>>) -> Result<Tensor> {
    static ROW: PointwiseRow = PointwiseRow {
        name: "where", dtype: DtypeRule::Choose, forward: |x| st_kernel::expr::select(x[0], x[1], x[2], x[1]), vjp: None,
        cache: [const { OnceLock::new() }; 10],
    };
    ROW.apply(&[condition.into(), a.into(), b.into()])
}
