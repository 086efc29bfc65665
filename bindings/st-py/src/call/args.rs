//! Arguments of the functions written in Rust for Python: matched with names, converted where they are used.

use super::bind::{Given, canonical};
use crate::convert::{self, Argument};
use crate::device::PyDevice;
use crate::tensor::{PyTensor, raw_of, tensor_of};
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use smallvec::SmallVec;
use st_core::graph::DeviceId;
use st_core::{DType, Tensor};

/// The parameter names of a function of ours.
pub(crate) struct Names {
    names: Vec<&'static str>,
    required: Vec<bool>,
    /// How many may be given by position.
    positional: usize,
    /// Whether more positional arguments are welcome.
    rest: bool,
}

impl Names {
    /// From Python's syntax.
    pub(crate) fn parse(parameters: &'static str) -> Names {
        let mut parsed =
            Names { names: Vec::new(), required: Vec::new(), positional: usize::MAX, rest: false };
        for word in parameters.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            if let Some(rest) = word.strip_prefix('*') {
                parsed.positional = parsed.names.len();
                parsed.rest = !rest.is_empty();
                continue;
            }
            parsed.names.push(word.split('=').next().unwrap_or(word));
            parsed.required.push(!word.contains('='));
        }
        parsed.positional = parsed.positional.min(parsed.names.len());
        parsed
    }

    /// Arguments in the order of the parameters, a method's object first.
    pub(crate) fn bind<'a, 'py>(
        &'a self,
        name: &'a str,
        given: &'a Given<'_, 'py>,
    ) -> PyResult<Args<'a, 'py>> {
        let own = usize::from(given.method);
        let mut values: SmallVec<[Option<Argument<'a, 'py>>; 8]> =
            SmallVec::from_elem(None, self.names.len());
        let positional = &given.positional[own..];
        if positional.len() > self.positional && !self.rest {
            return Err(PyTypeError::new_err(format!(
                "{name}() takes {} positional arguments but {} were given",
                self.positional,
                positional.len()
            )));
        }
        let split = positional.len().min(self.positional);
        for (slot, argument) in values.iter_mut().zip(&positional[..split]) {
            *slot = Some(*argument);
        }
        for (word, argument) in &given.named {
            let word = word.to_str()?;
            let i = self
                .names
                .iter()
                .position(|n| *n == word)
                .or_else(|| self.names.iter().position(|n| *n == canonical(word)));
            let Some(i) = i else {
                return Err(PyTypeError::new_err(format!(
                    "{name}() got an unexpected keyword argument '{word}'"
                )));
            };
            if values[i].replace(*argument).is_some() {
                return Err(PyTypeError::new_err(format!(
                    "{name}() got multiple values for argument '{word}'"
                )));
            }
        }
        if let Some(i) = (0..values.len()).find(|&i| self.required[i] && values[i].is_none()) {
            let missing = self.names[i];
            return Err(PyTypeError::new_err(format!(
                "{name}() missing 1 required positional argument: \"{missing}\""
            )));
        }
        let this = given.method.then(|| given.positional[0]);
        Ok(Args { py: given.py, name, names: &self.names, this, values, rest: &positional[split..] })
    }
}

/// The arguments of one call.
pub(crate) struct Args<'a, 'py> {
    pub(crate) py: Python<'py>,
    name: &'a str,
    names: &'a [&'static str],
    this: Option<Argument<'a, 'py>>,
    values: SmallVec<[Option<Argument<'a, 'py>>; 8]>,
    rest: &'a [Argument<'a, 'py>],
}

impl<'a, 'py> Args<'a, 'py> {
    /// The function's name, for messages.
    pub(crate) fn name(&self) -> &'a str {
        self.name
    }

    /// The object a method is called on.
    pub(crate) fn this(&self) -> &Bound<'py, PyAny> {
        self.this.as_ref().expect("methods have an object")
    }

    /// The tensor a method is called on.
    pub(crate) fn this_tensor(&self) -> &Tensor {
        self.this_object().tensor()
    }

    /// The object of ours a method is called on.
    pub(crate) fn this_object(&self) -> &PyTensor {
        self.this().cast::<PyTensor>().expect("Python checks the type of a method's object").get()
    }

    /// An error if a method that knows real numbers only is called on complex ones.
    pub(crate) fn refuse_complex(&self, knows: bool) -> PyResult<()> {
        match self.this.as_ref().and_then(|this| this.cast::<PyTensor>().ok()) {
            Some(this) if this.get().is_complex() && !knows => Err(PyRuntimeError::new_err(format!(
                "{}() is not implemented for complex tensors; use .real and .imag",
                self.name
            ))),
            _ => Ok(()),
        }
    }

    /// Positional arguments beyond the named parameters.
    pub(crate) fn rest(&self) -> &[Argument<'a, 'py>] {
        self.rest
    }

    /// An argument as it came; `None` if it was not given or is Python's `None`.
    pub(crate) fn get(&self, i: usize) -> Option<&Bound<'py, PyAny>> {
        self.values[i].as_deref().filter(|object| !object.is_none())
    }

    /// An argument that must be given.
    pub(crate) fn required(&self, i: usize) -> PyResult<&Bound<'py, PyAny>> {
        self.get(i).ok_or_else(|| self.wrong(i, "given", None))
    }

    /// The `TypeError` of an argument.
    pub(crate) fn wrong(&self, i: usize, expected: &str, got: Option<&Bound<'py, PyAny>>) -> PyErr {
        let got = got.map_or_else(|| "None".into(), convert::type_name);
        PyTypeError::new_err(format!(
            "{}(): argument '{}' (position {}) must be {expected}, not {got}",
            self.name,
            self.names[i],
            i + 1
        ))
    }

    fn converted<T>(
        &self,
        i: usize,
        expected: &str,
        convert: impl FnOnce(&Bound<'py, PyAny>) -> PyResult<Option<T>>,
    ) -> PyResult<Option<T>> {
        let Some(object) = self.get(i) else { return Ok(None) };
        match convert(object)? {
            Some(value) => Ok(Some(value)),
            None => Err(self.wrong(i, expected, Some(object))),
        }
    }

    /// A tensor, if given.
    pub(crate) fn maybe_tensor(&self, i: usize) -> PyResult<Option<&Tensor>> {
        let Some(object) = self.get(i) else { return Ok(None) };
        tensor_of(object).map(Some).ok_or_else(|| self.wrong(i, "Tensor", Some(object)))
    }

    /// A tensor.
    pub(crate) fn tensor(&self, i: usize) -> PyResult<&Tensor> {
        self.maybe_tensor(i)?.ok_or_else(|| self.wrong(i, "Tensor", None))
    }

    /// A list of tensors; one tensor counts as a list.
    pub(crate) fn tensors(&self, i: usize) -> PyResult<Vec<Tensor>> {
        Ok(self.raws(i)?.into_iter().map(|(tensor, _)| tensor).collect())
    }

    /// As `tensors`, beside each whether it holds the pairs of a complex tensor.
    pub(crate) fn raws(&self, i: usize) -> PyResult<Vec<(Tensor, bool)>> {
        let object = self.required(i)?;
        let one =
            |object: &Bound<'_, PyAny>| raw_of(object).map(|(tensor, complex)| (tensor.clone(), complex));
        if let Some(raw) = one(object) {
            return Ok(vec![raw]);
        }
        let listed: Option<Vec<_>> = convert::items(object).and_then(|list| list.iter().map(one).collect());
        listed.ok_or_else(|| self.wrong(i, "Tensor or sequence of Tensors", Some(object)))
    }

    /// A truth value, if given.
    pub(crate) fn maybe_bool(&self, i: usize) -> PyResult<Option<bool>> {
        self.converted(i, "bool", convert::boolean)
    }

    /// A truth value, false if not given.
    pub(crate) fn bool(&self, i: usize) -> PyResult<bool> {
        Ok(self.maybe_bool(i)?.unwrap_or(false))
    }

    /// An integer, if given.
    pub(crate) fn maybe_int(&self, i: usize) -> PyResult<Option<i64>> {
        self.converted(i, "int", convert::int)
    }

    /// A dtype, if given.
    pub(crate) fn maybe_dtype(&self, i: usize) -> PyResult<Option<DType>> {
        self.converted(i, "spiraltorch_rs.dtype", |object| Ok(convert::maybe_dtype(object)))
    }

    /// An integer that must be given.
    pub(crate) fn int(&self, i: usize) -> PyResult<i64> {
        self.maybe_int(i)?.ok_or_else(|| self.wrong(i, "int", self.get(i)))
    }

    /// A device, if given.
    pub(crate) fn maybe_device(&self, i: usize) -> PyResult<Option<DeviceId>> {
        self.get(i).map(|object| PyDevice::from_object(self.name, object)?.id()).transpose()
    }

    /// Nothing, for functions without a result.
    pub(crate) fn none(&self) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.py.None().into_bound(self.py))
    }
}
