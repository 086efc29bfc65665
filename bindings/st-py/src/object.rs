//! The Python objects that stand for tensors: how they are made, and found again from their tensor.

use crate::autograd;
use crate::tensor::{Any, PyTensor, This, raw_of};
use pyo3::prelude::*;
use pyo3::types::PyType;
use pyo3::{PyTypeInfo, ffi};
use st_core::{Complex, Tensor};
use std::cell::Cell;
use std::sync::atomic::Ordering::Relaxed;

thread_local!(static HANDED_OVER: Cell<Option<(Tensor, bool)>> = const { Cell::new(None) });

/// The tensor that an object of a subclass is being made for.
pub(crate) fn handed_over() -> Option<(Tensor, bool)> {
    HANDED_OVER.take()
}

impl PyTensor {
    /// A Python object for a tensor.
    #[inline]
    pub(crate) fn wrap(py: Python<'_>, tensor: Tensor) -> Any<'_> {
        PyTensor::wrap_raw(py, tensor, false)
    }

    /// A Python object for a complex tensor.
    pub(crate) fn wrap_complex(py: Python<'_>, complex: Complex) -> Any<'_> {
        PyTensor::wrap_raw(py, complex.pairs().clone(), true)
    }

    /// A Python object for a real tensor, or for the complex tensor over it.
    #[inline]
    pub(crate) fn wrap_raw(py: Python<'_>, tensor: Tensor, complex: bool) -> Any<'_> {
        let tensor = autograd::laid_out(tensor, complex)?;
        let object = PyTensor::blank(py)?;
        let made = object.get();
        tensor.set_owner(object.as_ptr() as usize);
        // SAFETY: the object is new; nobody has it yet.
        unsafe { made.handle.fill(tensor) };
        made.complex.store(complex, Relaxed);
        Ok(object.into_any())
    }

    /// An object without a tensor. `object.__new__` would make it a dictionary too, which hardly any tensor needs.
    #[inline]
    fn blank(py: Python<'_>) -> PyResult<This<'_>> {
        // SAFETY: the type is that of `PyTensor`, whose fields are all valid as zeros: no tensor, no gradient, an open
        // lock, no dictionary, no weak references.
        unsafe {
            let object = ffi::PyType_GenericAlloc(PyTensor::type_object_raw(py), 0);
            Ok(Bound::from_owned_ptr_or_err(py, object)?.cast_into_unchecked())
        }
    }

    /// The object that stands for a tensor; a new one if there is none.
    pub(crate) fn known(py: Python<'_>, tensor: Tensor, complex: bool) -> Any<'_> {
        let known = PyTensor::owner(py, &tensor)
            .filter(|object| raw_of(object).is_some_and(|(own, _)| own.is(&tensor)));
        known.map_or_else(|| PyTensor::wrap_raw(py, tensor, complex), Ok)
    }

    /// The object that stands for a tensor, if there is one.
    pub(crate) fn owner<'py>(py: Python<'py>, tensor: &Tensor) -> Option<Bound<'py, PyAny>> {
        let object = tensor.owner() as *mut ffi::PyObject;
        // SAFETY: an object takes its address away before it goes, and the GIL is held; one without references is going.
        unsafe {
            (!object.is_null() && ffi::Py_REFCNT(object) > 0).then(|| Bound::from_borrowed_ptr(py, object))
        }
    }

    /// An object of a subclass. Its constructor finds the tensor where this leaves it, whatever parameters it has.
    pub(crate) fn wrap_as<'py>(class: &Bound<'py, PyType>, tensor: Tensor, complex: bool) -> Any<'py> {
        HANDED_OVER.set(Some((tensor, complex)));
        let made = class.py().get_type::<PyTensor>().getattr("__new__").and_then(|new| new.call1((class,)));
        HANDED_OVER.take();
        if let Ok(made) = &made {
            PyTensor::own(made);
        }
        made
    }

    /// Tells the tensor of an object which object that is.
    pub(crate) fn own(object: &Bound<'_, PyAny>) {
        if let Some((tensor, _)) = raw_of(object) {
            tensor.set_owner(object.as_ptr() as usize);
        }
    }
}
