//! Operators.

pub mod advanced;
pub mod arrange;
mod cast;
pub mod conv;
pub mod def;
pub mod gather;
pub mod index;
pub mod join;
pub mod matmul;
pub mod pointwise;
pub mod reduce;
pub mod scan;
pub mod sort;
mod table;

pub use advanced::Index;
pub use def::{Forms, OpDef, Output, Param, ParamKind, Value};
pub use pointwise::{Operand, Pointwise, PointwiseRow};
pub use table::select;
