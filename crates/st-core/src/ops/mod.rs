//! Operators: what a user can ask of tensors.
//!
//! [`table`] lists them. A row is an expression over primitives ([`pointwise`]) or made of other operators ([`composite`]);
//! the other kinds of nodes have a file each.

pub mod advanced;
pub mod arrange;
pub mod attention;
mod cast;
pub mod composite;
pub mod conv;
pub mod def;
pub mod einsum;
pub mod fft;
pub mod gather;
pub mod index;
pub mod join;
mod layout;
pub mod linalg;
pub mod matmul;
mod operators;
pub mod pointwise;
pub mod reduce;
pub mod scan;
pub mod search;
pub mod signature;
pub mod sort;
pub mod table;
pub(crate) mod taps;
pub(crate) mod window;

pub use advanced::Index;
pub use def::{Forms, Ints, Kind, OpDef, Out, Output, Param, ParamKind, Value};
pub use operators::select;
pub use pointwise::{Operand, Pointwise, PointwiseRow, result_type};
pub(crate) use pointwise::{Vjp, apply};
pub use table::{ALIASES, NAMESPACES, all, lookup, namespace};
