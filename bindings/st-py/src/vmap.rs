//! Functions recorded on one sample of a batch, for `vmap`.

use crate::call::{Args, Native, natives};
use crate::errors::OrRaise;
use crate::tensor::{PyTensor, raw_of};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBool;
use st_core::Tensor;
use st_core::vmap::{self, Randomness, Recording};
use std::sync::Arc;

type Any<'py> = PyResult<Bound<'py, PyAny>>;

/// A function that is, or was, recorded.
#[pyclass(name = "_Recording", module = "spiraltorch_rs", frozen)]
struct PyRecording(Arc<Recording>);

#[pymethods]
impl PyRecording {
    /// A tensor that stands for an entry of a batch, which is along the first dimension.
    fn sample<'py>(&self, py: Python<'py>, batched: &Bound<'py, PyAny>) -> Any<'py> {
        let (tensor, complex) =
            raw_of(batched).ok_or_else(|| PyTypeError::new_err("sample(): expected a Tensor"))?;
        PyTensor::wrap_raw(py, self.0.sample(tensor).or_raise()?, complex)
    }

    /// Whether a tensor depends on what was recorded.
    fn is_batched(&self, tensor: &Bound<'_, PyAny>) -> PyResult<bool> {
        raw_of(tensor).map_or(Ok(false), |(tensor, _)| self.0.is_batched(tensor).or_raise())
    }

    /// What the function computed, for the whole batch.
    fn lift<'py>(
        &self,
        py: Python<'py>,
        outputs: Vec<Bound<'py, PyAny>>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let raw: Option<Vec<(Tensor, bool)>> = outputs
            .iter()
            .map(|out| raw_of(out).map(|(tensor, complex)| (tensor.clone(), complex)))
            .collect();
        let raw = raw.ok_or_else(|| PyTypeError::new_err("lift(): expected Tensors"))?;
        let (tensors, complex): (Vec<Tensor>, Vec<bool>) = raw.into_iter().unzip();
        let lifted = self.0.lift(&tensors).or_raise()?.into_iter().zip(complex);
        lifted.map(|(tensor, complex)| PyTensor::wrap_raw(py, tensor, complex)).collect()
    }
}

fn begin<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let batch: usize = args.required(0)?.extract()?;
    let randomness = match args.required(1)?.extract::<&str>()? {
        "error" => Randomness::Error,
        "different" => Randomness::Different,
        "same" => Randomness::Same,
        other => {
            return Err(PyValueError::new_err(format!(
                "Only allowed values for randomness are 'error', 'different', or 'same'. Got {other}"
            )));
        }
    };
    Ok(Bound::new(args.py, PyRecording(Recording::begin(batch, randomness)))?.into_any())
}

fn end<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    vmap::end();
    args.none()
}

/// Whether an error message says that a recorded function needs a value.
fn needs_value<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let message: String = args.required(0)?.extract()?;
    Ok(PyBool::new(args.py, vmap::is_value_error(&message)).to_owned().into_any())
}

/// Refuses to give the user the value of a sample.
pub(crate) fn refuse_value(tensor: &Tensor) -> PyResult<()> {
    if !tensor.is_sample() {
        return Ok(());
    }
    Err(PyRuntimeError::new_err(
        "vmap: It looks like you're either (1) calling .item() on a Tensor or (2) attempting to use a Tensor in some data-dependent control flow. For (1): we don't support vmap over calling .item() on a Tensor, please try to rewrite what you're doing with other operations. For (2): If you're doing some control flow instead, we don't support that yet, please use st.where.",
    ))
}

pub(crate) const FUNCTIONS: &[Native] = natives! {
    "_vmap_begin" ("batch_size, randomness") begin: "Begins to record a function on one sample of a batch.";
    "_vmap_end" ("") end: "Ends the newest recording.";
    "_vmap_needs_value" ("message") needs_value: "Whether an error says that a recorded function needs a value.";
};

/// Adds the class.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyRecording>()
}
