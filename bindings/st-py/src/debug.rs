//! Which line of the user's program runs now: the innermost Python frame outside this package.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::sync::Arc;

static FRAME_OF: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// `file:line, in function`, or nothing outside Python.
fn location() -> Option<Arc<str>> {
    Python::try_attach(|py| {
        // An exception on its way (a hook's) must not be lost by looking.
        let pending = PyErr::take(py);
        let found = find(py).ok().flatten();
        if let Some(error) = pending {
            error.restore(py);
        }
        found
    })?
}

fn find(py: Python<'_>) -> PyResult<Option<Arc<str>>> {
    let frame_of =
        FRAME_OF.get_or_try_init(py, || Ok::<_, PyErr>(py.import("sys")?.getattr("_getframe")?.unbind()))?;
    let mut frame = frame_of.bind(py).call0()?;
    while !frame.is_none() {
        let code = frame.getattr("f_code")?;
        let file: String = code.getattr("co_filename")?.extract()?;
        if !file.contains("/spiraltorch_rs/") && !file.contains("\\spiraltorch_rs\\") {
            let line: usize = frame.getattr("f_lineno")?.extract()?;
            let function: String = code.getattr("co_name")?.extract()?;
            return Ok(Some(format!("{file}:{line}, in {function}").into()));
        }
        frame = frame.getattr("f_back")?;
    }
    Ok(None)
}

/// Tells the core how to find the line.
pub(crate) fn register() {
    st_core::debug::set_locator(location);
}
