//! Errors on their way to Python: the core's kinds, panics, and exceptions that pass through the core.

use crate::call::{Args, Native, natives};
use pyo3::create_exception;
use pyo3::exceptions::{PyIndexError, PyNotImplementedError, PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};
use st_core::Error;
use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

create_exception!(spiraltorch_rs, OutOfMemoryError, PyRuntimeError, "A device ran out of memory.");
create_exception!(
    spiraltorch_rs.linalg,
    LinAlgError,
    PyRuntimeError,
    "A matrix has no answer: it is singular, say."
);

thread_local!(static PASSING: RefCell<Option<PyErr>> = const { RefCell::new(None) });

/// What the core sees of a Python exception; the exception itself waits in the thread until it is back in Python.
const MARK: &str = "a Python exception passes through";

/// An exception of a user's hook or function as an error of the core.
pub(crate) fn into_core(error: PyErr) -> Error {
    PASSING.set(Some(error));
    Error::Runtime(MARK.into())
}

/// An error of the core as a Python exception.
pub(crate) fn raise(error: Error) -> PyErr {
    if error.message().contains(MARK)
        && let Some(passing) = PASSING.take()
    {
        return passing;
    }
    match error {
        Error::Type(m) => PyTypeError::new_err(m),
        Error::Value(m) => PyValueError::new_err(m),
        // Torch raises the one or the other, by operator; this is both.
        Error::Index(m) if is_either(&m) => out_of_bounds(m),
        Error::Index(m) => PyIndexError::new_err(m),
        Error::Runtime(m) => PyRuntimeError::new_err(m),
        Error::Unsupported(m) => PyNotImplementedError::new_err(m),
        Error::OutOfMemory(m) => OutOfMemoryError::new_err(m),
        Error::LinAlg(m) => LinAlgError::new_err(m),
    }
}

/// Whether torch raises one of two kinds: what a kernel finds, by operator; and what gather and its kin are given.
fn is_either(message: &str) -> bool {
    message.contains("while running ")
        || ["gather", "scatter", "narrow_copy"].iter().any(|op| message.starts_with(op))
}

/// An exception that is an `IndexError` and a `RuntimeError`.
fn out_of_bounds(message: String) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    Python::attach(|py| {
        let class = CLASS.get_or_try_init(py, || {
            let bases = (py.get_type::<PyIndexError>(), py.get_type::<PyRuntimeError>());
            let scope = PyDict::new(py);
            scope.set_item("__module__", "spiraltorch_rs")?;
            let made = py.get_type::<PyType>().call1(("OutOfBoundsError", bases, scope))?;
            Ok(made.cast_into::<PyType>()?.unbind())
        });
        match class {
            Ok(class) => PyErr::from_type(class.bind(py).clone(), message),
            Err(error) => error,
        }
    })
}

/// `result.or_raise()?` where a function gives a `PyResult`.
pub(crate) trait OrRaise<T> {
    /// The value, or the error as a Python exception.
    fn or_raise(self) -> PyResult<T>;
}

impl<T> OrRaise<T> for st_core::Result<T> {
    fn or_raise(self) -> PyResult<T> {
        self.map_err(raise)
    }
}

/// Runs `f`; a panic in it becomes a `RuntimeError`, so that the process stays usable.
#[inline]
pub(crate) fn guard<T>(what: &str, f: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    // Errors are large, and rare: in a box the result fits in registers.
    match catch_unwind(AssertUnwindSafe(|| f().map_err(Box::new))) {
        Ok(result) => result.map_err(|error| *error),
        Err(panic) => Err(panicked(what, &*panic)),
    }
}

#[cold]
fn panicked(what: &str, panic: &(dyn Any + Send)) -> PyErr {
    let text = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "no message",
    };
    PyRuntimeError::new_err(format!("internal error in {what}; please report: {text}"))
}

fn panic<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    panic!("{}() was called", args.name());
}

pub(crate) const FUNCTIONS: &[Native] = natives! {
    "_panic" ("") panic: "Panics, for the test that a panic becomes an exception.";
};

/// Adds the exception types.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("_LinAlgError", module.py().get_type::<LinAlgError>())?;
    module.add("OutOfMemoryError", module.py().get_type::<OutOfMemoryError>())
}
