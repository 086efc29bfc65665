//! `device` objects: where a tensor lives.

use crate::convert;
use crate::errors::OrRaise;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyString;
use st_core::graph::DeviceId;
use st_core::runtime;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Which GPU `"cuda"` means.
static CURRENT: AtomicUsize = AtomicUsize::new(0);

/// Which GPU `"cuda"` means.
pub(crate) fn current() -> usize {
    CURRENT.load(Relaxed)
}

/// Changes which GPU `"cuda"` means, if there is such a one.
pub(crate) fn set_current(index: usize) -> PyResult<()> {
    runtime::find_device("cuda", index).or_raise()?;
    CURRENT.store(index, Relaxed);
    Ok(())
}

/// Where a tensor lives: a kind and, optionally, which of them.
#[pyclass(name = "device", module = "spiraltorch_rs", frozen, eq, hash)]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct PyDevice {
    kind: String,
    index: Option<usize>,
}

impl PyDevice {
    fn parse(text: &str) -> PyResult<PyDevice> {
        let (kind, index) = match text.split_once(':') {
            None => (text, None),
            Some((kind, digits)) => match digits.parse() {
                Ok(index) => (kind, Some(index)),
                Err(_) => return Err(PyRuntimeError::new_err(format!("Invalid device string: '{text}'"))),
            },
        };
        const KINDS: [&str; 6] = ["cpu", "cuda", "wgpu", "hip", "mps", "meta"];
        if !KINDS.contains(&kind) {
            return Err(PyRuntimeError::new_err(format!(
                "Expected one of {} device type at start of device string: {text}",
                KINDS.join(", ")
            )));
        }
        Ok(PyDevice { kind: kind.into(), index })
    }

    /// The open device this names.
    pub(crate) fn id(&self) -> PyResult<DeviceId> {
        let usual = || if self.kind == "cuda" { current() } else { 0 };
        runtime::find_device(&self.kind, self.index.unwrap_or_else(usual)).or_raise()
    }

    /// The object of an open device.
    pub(crate) fn of(id: DeviceId) -> PyResult<PyDevice> {
        let info = runtime::device(id).or_raise()?.info();
        let index = (!matches!(info.kind, "cpu" | "meta")).then_some(info.index);
        Ok(PyDevice { kind: info.kind.into(), index })
    }

    /// What a user gave as a device: an object, a string, an index.
    pub(crate) fn from_object(function: &str, given: &Bound<'_, PyAny>) -> PyResult<PyDevice> {
        if let Ok(device) = given.cast::<PyDevice>() {
            return Ok(device.get().clone());
        }
        if let Ok(text) = given.cast::<PyString>() {
            return PyDevice::parse(text.to_str()?);
        }
        if let Some(index) = convert::int(given)? {
            return Ok(PyDevice { kind: "cuda".into(), index: Some(position(index)?) });
        }
        Err(PyTypeError::new_err(format!(
            "{function}(): argument 'device' must be device, str or int, not {}",
            convert::type_name(given)
        )))
    }
}

fn position(index: i64) -> PyResult<usize> {
    usize::try_from(index).map_err(|_| PyRuntimeError::new_err("Device index must not be negative"))
}

#[pymethods]
impl PyDevice {
    #[new]
    #[pyo3(signature = (r#type, index=None))]
    fn new(r#type: &Bound<'_, PyAny>, index: Option<i64>) -> PyResult<PyDevice> {
        let device = PyDevice::from_object("device", r#type)?;
        let index = index.map(position).transpose()?;
        if index.is_some() && device.index.is_some() {
            return Err(PyRuntimeError::new_err(format!(
                "type (string) must not include an index because index was passed explicitly: {}",
                device.__str__()
            )));
        }
        Ok(PyDevice { index: index.or(device.index), ..device })
    }

    #[getter]
    fn r#type(&self) -> &str {
        &self.kind
    }

    #[getter]
    fn index(&self) -> Option<usize> {
        self.index
    }

    fn __str__(&self) -> String {
        self.index.map_or_else(|| self.kind.clone(), |i| format!("{}:{i}", self.kind))
    }

    fn __repr__(&self) -> String {
        let index = self.index.map(|i| format!(", index={i}")).unwrap_or_default();
        format!("device(type='{}'{index})", self.kind)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyAny>, (String,)) {
        (py.get_type::<PyDevice>().into_any(), (self.__str__(),))
    }
}

/// Adds the type.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyDevice>()
}
