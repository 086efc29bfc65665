//! The extension module `spiraltorch_rs._C`: types, the GIL and errors; no mathematics.

#![expect(non_snake_case, reason = "the module is `_C`, as in torch")]

use pyo3::prelude::*;

/// The extension module.
#[pymodule]
fn _C(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))
}
