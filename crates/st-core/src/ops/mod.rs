//! Operators.

mod cast;
pub mod def;
pub mod index;
pub mod pointwise;
mod table;

pub use def::{Forms, OpDef, Output, Param, ParamKind, Value};
pub use table::select;
pub use pointwise::{Operand, Pointwise, PointwiseRow};
