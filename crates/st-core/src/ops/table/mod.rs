//! The operator table. Adding a pointwise operator is adding one row.
//!
//! From a row follow the Rust method, the Python function, method, in-place and `out=` forms, the type stub, the docs page,
//! the gradient, the kernels of all backends, the ONNX export and the tests against torch. Rows are grouped by family, one
//! file each; rows of one name are overloads, tried in the order they stand in.

mod macros;

mod activation;
mod arithmetic;
mod bits;
mod cast;
mod compare;
mod exponential;
mod rounding;
mod select;
mod special;
mod trigonometric;

#[cfg(test)]
mod tests;

use super::def::OpDef;
use std::collections::HashMap;
use std::sync::LazyLock;

static FILES: &[&[OpDef]] = &[
    &arithmetic::BUILT,
    &arithmetic::ROWS,
    &compare::BUILT,
    &compare::ROWS,
    &bits::ROWS,
    &rounding::BUILT,
    &rounding::ROWS,
    &exponential::BUILT,
    &exponential::ROWS,
    &trigonometric::ROWS,
    &special::BUILT,
    &special::ROWS,
    &activation::BUILT,
    &activation::ROWS,
    &select::BUILT,
    &select::ROWS,
    &cast::BUILT,
];

/// Every row, family by family.
pub fn all() -> impl Iterator<Item = &'static OpDef> {
    FILES.iter().flat_map(|rows| rows.iter())
}

/// The rows of a name: its overloads, in the order to try them.
pub fn lookup(name: &str) -> &'static [&'static OpDef] {
    static BY_NAME: LazyLock<HashMap<&'static str, Vec<&'static OpDef>>> = LazyLock::new(|| {
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for def in all().filter(|def| def.forms != super::Forms::HIDDEN) {
            by_name.entry(def.name).or_default().push(def);
        }
        by_name
    });
    BY_NAME.get(name).map_or(&[], Vec::as_slice)
}
