//! `Size`, the tuple a shape is. The class is in Python: the stable ABI cannot extend `tuple`.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;

static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// A `Size` of these numbers.
pub(crate) fn new<'py>(py: Python<'py>, sizes: &[usize]) -> PyResult<Bound<'py, PyAny>> {
    let find = || Ok::<_, PyErr>(py.import("spiraltorch_rs._size")?.getattr("of_whole")?.unbind());
    CLASS.get_or_try_init(py, find)?.bind(py).call1((PyTuple::new(py, sizes)?,))
}
