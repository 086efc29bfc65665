//! Operators: what a user can ask of tensors.
//!
//! [`table`] lists them. A row is an expression over primitives ([`pointwise`]) or made of other operators ([`composite`]);
//! the other kinds of nodes have a file each.

mod cast;
pub mod composite;
pub mod def;
pub mod index;
mod operators;
pub mod pointwise;
pub mod signature;
pub mod table;

pub use def::{Forms, Ints, Kind, OpDef, Output, Param, ParamKind, Value};
pub use operators::select;
pub use pointwise::{Operand, Pointwise, PointwiseRow};
pub use table::{all, lookup};
