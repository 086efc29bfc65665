//! Operators.

mod cast;
pub mod def;
pub mod index;
pub mod pointwise;

pub use def::{Forms, OpDef, Output, Param, ParamKind, Value};
pub use pointwise::{Operand, Pointwise, PointwiseRow};
