//! The operator table. Adding a pointwise operator is adding one row.
//!
//! From a row follow the Rust method, the Python function, method, in-place and `out=` forms, the type stub, the docs page,
//! the gradient, the kernels of all backends, the ONNX export and the tests against torch. Rows are grouped by family, one
//! file each; rows of one name are overloads, tried in the order they stand in.

mod macros;

mod activation;
mod arithmetic;
mod bessel;
mod bits;
mod cast;
mod compare;
mod complex;
mod creation;
mod dropout;
mod exponential;
mod fft;
mod images;
mod indexing;
mod linalg;
mod linear;
mod loss;
mod margin;
mod native;
mod normalization;
mod orthogonal;
mod parts;
mod pooling;
mod product;
mod random;
mod recurrent;
mod reduction;
mod rounding;
mod select;
mod series;
mod special;
mod statistics;
mod structure;
mod trigonometric;
mod views;
mod windows;

#[cfg(test)]
mod tests;

use super::def::OpDef;
use std::collections::HashMap;
use std::sync::LazyLock;

static FILES: &[&[OpDef]] = &[
    &arithmetic::BUILT,
    &arithmetic::ROWS,
    &complex::BUILT,
    &complex::ROWS,
    &compare::BUILT,
    &compare::ROWS,
    &bits::ROWS,
    &rounding::BUILT,
    &rounding::ROWS,
    &exponential::BUILT,
    &exponential::ROWS,
    &trigonometric::ROWS,
    &special::ROWS,
    &special::BUILT,
    &bessel::ROWS,
    &orthogonal::ROWS,
    &orthogonal::BUILT,
    &activation::BUILT,
    &activation::ROWS,
    &select::BUILT,
    &select::ROWS,
    &loss::BUILT,
    &loss::ROWS,
    &margin::BUILT,
    &cast::BUILT,
    &creation::BUILT,
    &random::BUILT,
    &views::BUILT,
    &reduction::BUILT,
    &product::BUILT,
    &linalg::BUILT,
    &fft::BUILT,
    &normalization::BUILT,
    &dropout::BUILT,
    &native::BUILT,
    &recurrent::BUILT,
    &pooling::BUILT,
    &images::BUILT,
    &indexing::BUILT,
    &structure::BUILT,
    &linear::BUILT,
    &statistics::BUILT,
    &parts::ROWS,
    &parts::BUILT,
    &windows::BUILT,
];

/// Other names torch has for operators, and the names of their rows.
pub static ALIASES: &[(&str, &str)] = &[
    ("absolute", "abs"),
    ("arccos", "acos"),
    ("arccosh", "acosh"),
    ("arcsin", "asin"),
    ("arcsinh", "asinh"),
    ("arctan", "atan"),
    ("arctan2", "atan2"),
    ("arctanh", "atanh"),
    ("clip", "clamp"),
    ("concat", "cat"),
    ("concatenate", "cat"),
    ("divide", "div"),
    ("fix", "trunc"),
    ("ger", "outer"),
    ("greater", "gt"),
    ("greater_equal", "ge"),
    ("less", "lt"),
    ("less_equal", "le"),
    ("linalg_matmul", "matmul"),
    ("moveaxis", "movedim"),
    ("multiply", "mul"),
    ("negative", "neg"),
    ("not_equal", "ne"),
    ("row_stack", "vstack"),
    ("special_digamma", "digamma"),
    ("special_erf", "erf"),
    ("special_erfc", "erfc"),
    ("special_erfinv", "erfinv"),
    ("special_exp2", "exp2"),
    ("special_expit", "sigmoid"),
    ("special_expm1", "expm1"),
    ("special_gammainc", "igamma"),
    ("special_gammaincc", "igammac"),
    ("special_gammaln", "lgamma"),
    ("special_i0", "i0"),
    ("special_log1p", "log1p"),
    ("special_log_softmax", "log_softmax"),
    ("special_logit", "logit"),
    ("special_logsumexp", "logsumexp"),
    ("special_multigammaln", "mvlgamma"),
    ("special_polygamma", "polygamma"),
    ("special_psi", "digamma"),
    ("special_round", "round"),
    ("special_sinc", "sinc"),
    ("special_softmax", "softmax"),
    ("special_xlogy", "xlogy"),
    ("subtract", "sub"),
    ("swapdims", "transpose"),
    ("trapz", "trapezoid"),
    ("true_divide", "div"),
];

/// Modules of their own in Python: the row `linalg_inv` is `st.linalg.inv` there, and nothing else.
pub static NAMESPACES: &[&str] = &["fft", "linalg", "special"];

/// The namespace of a row and its name there: `("linalg", "inv")`.
pub fn namespace(name: &'static str) -> Option<(&'static str, &'static str)> {
    let (namespace, short) = name.split_once('_')?;
    NAMESPACES.contains(&namespace).then_some((namespace, short))
}

/// Every row, family by family.
pub fn all() -> impl Iterator<Item = &'static OpDef> {
    FILES.iter().flat_map(|rows| rows.iter())
}

/// The rows of a name or alias: its overloads, in the order to try them.
pub fn lookup(name: &str) -> &'static [&'static OpDef] {
    static BY_NAME: LazyLock<HashMap<&'static str, Vec<&'static OpDef>>> = LazyLock::new(|| {
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for def in all().filter(|def| def.forms != super::Forms::HIDDEN) {
            by_name.entry(def.name).or_default().push(def);
        }
        for &(alias, name) in ALIASES {
            by_name.insert(alias, by_name[name].clone());
        }
        by_name
    });
    BY_NAME.get(name).map_or(&[], Vec::as_slice)
}
