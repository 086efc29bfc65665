//! The class `Tensor`: what Python asks of an object (operators, truth, length, attributes). Methods come from `call`.

use crate::convert::{self, element_object, item};
use crate::device::PyDevice;
use crate::dtype::{self, PyDType};
use crate::errors::{OrRaise, guard};
use crate::handle::Handle;
use crate::layout::{self, Layout};
use crate::operators::*;
use crate::{autograd, buffer, creation, indexing, object, overrides, size, warnings};
use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyDict, PyString, PyTuple};
use smallvec::SmallVec;
use st_core::ops::Operand;
use st_core::{Complex, Scalar, Tensor};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// A multi-dimensional array with torch's semantics.
#[pyclass(name = "Tensor", module = "spiraltorch_rs", frozen, subclass, weakref, dict)]
pub(crate) struct PyTensor {
    pub(crate) handle: Handle,
    /// Whether the handle's last dimension holds the two parts of complex numbers.
    pub(crate) complex: AtomicBool,
    /// The object that `.grad` was last, so that `x.grad is x.grad`.
    grad: Mutex<Option<Py<PyTensor>>>,
}

/// The tensor in an object, if it is one of real numbers.
#[inline]
pub(crate) fn tensor_of<'a>(object: &'a Bound<'_, PyAny>) -> Option<&'a Tensor> {
    object
        .cast::<PyTensor>()
        .ok()
        .map(PyTensor::get_ref)
        .filter(|object| !object.is_complex())
        .map(PyTensor::tensor)
}

/// The complex tensor in an object, if it is one.
pub(crate) fn complex_of(object: &Bound<'_, PyAny>) -> Option<Complex> {
    let object = object.cast::<PyTensor>().ok()?.get();
    object.is_complex().then(|| Complex::of_pairs(object.tensor().clone()))
}

/// The real tensor in an object or under it, if it is a tensor, and whether its last dimension holds complex numbers.
pub(crate) fn raw_of<'a>(object: &'a Bound<'_, PyAny>) -> Option<(&'a Tensor, bool)> {
    let object = object.cast::<PyTensor>().ok()?.get();
    Some((object.tensor(), object.is_complex()))
}

pub(crate) type Any<'py> = PyResult<Bound<'py, PyAny>>;
pub(crate) type This<'py> = Bound<'py, PyTensor>;

impl PyTensor {
    #[inline]
    fn of(tensor: Tensor, complex: bool) -> PyTensor {
        PyTensor { handle: Handle::new(tensor), complex: AtomicBool::new(complex), grad: Mutex::new(None) }
    }

    /// The tensor; under a complex one, its pairs.
    #[inline]
    pub(crate) fn tensor(&self) -> &Tensor {
        &self.handle
    }

    fn get_ref<'a>(object: &'a Bound<'_, PyTensor>) -> &'a PyTensor {
        object.get()
    }

    /// Whether its numbers are complex.
    pub(crate) fn is_complex(&self) -> bool {
        self.complex.load(Relaxed)
    }

    /// The sizes that the user sees.
    pub(crate) fn shape(&self) -> &[usize] {
        let shape = self.tensor().shape();
        &shape[..shape.len() - usize::from(self.is_complex())]
    }

    /// The steps between elements that the user sees.
    pub(crate) fn strides(&self) -> SmallVec<[isize; 6]> {
        if self.is_complex() {
            return Complex::of_pairs(self.tensor().clone()).strides();
        }
        self.tensor().strides().iter().copied().collect()
    }

    /// Parts of an element: two of a complex number.
    pub(crate) fn parts(&self) -> usize {
        1 + usize::from(self.is_complex())
    }

    /// Bytes of an element.
    pub(crate) fn element_size(&self) -> usize {
        self.tensor().dtype().size() * self.parts()
    }

    /// Takes over the contents of what an operator gives; what gradients need of the old ones is kept.
    pub(crate) fn become_<'py>(&self, operator: impl FnOnce() -> Any<'py>) -> PyResult<()> {
        let since = self.tensor().begin_in_place();
        let result = &operator()?;
        let (result, complex) =
            raw_of(result).ok_or_else(|| PyTypeError::new_err("the operator gives no tensor"))?;
        match (self.is_complex(), complex) {
            (false, true) => Err(PyRuntimeError::new_err(
                "result type ComplexFloat can't be cast to the desired output type Float",
            )),
            (true, false) => {
                let widened = Complex::from_real(result, self.tensor().dtype()).or_raise()?;
                self.tensor().become_since(widened.pairs(), Some(since)).or_raise()
            }
            _ => self.tensor().become_since(result, Some(since)).or_raise(),
        }
    }

    /// Makes the object another tensor.
    pub(crate) fn replace(&self, tensor: Tensor) {
        self.handle.replace(tensor);
    }

    /// `x.data = value`: the object sees the value's memory from now on.
    fn replace_data(&self, value: &Tensor) -> PyResult<()> {
        let own = self.tensor();
        self.replace(own.with_data(value).or_raise()?);
        // It lives on in the handle, its memory need not.
        own.release();
        Ok(())
    }

    /// The object of the gradient: the one that was last seen if it is still that tensor.
    pub(crate) fn grad_object<'py>(&self, py: Python<'py>) -> Any<'py> {
        let Some(grad) = self.handle.grad() else {
            self.remember_grad(None);
            return Ok(py.None().into_bound(py));
        };
        let known =
            self.grad.lock().expect("no panic while the lock is held").as_ref().map(|g| g.clone_ref(py));
        if let Some(known) = known.filter(|known| known.get().tensor().is(&grad)) {
            return Ok(known.into_bound(py).into_any());
        }
        let object = PyTensor::wrap_raw(py, grad, self.is_complex())?;
        self.remember_grad(object.cast().ok());
        Ok(object)
    }

    /// From now on this is the object of the gradient.
    pub(crate) fn remember_grad(&self, object: Option<&Bound<'_, PyTensor>>) {
        let object = object.map(|object| object.clone().unbind());
        let old = std::mem::replace(&mut *self.grad.lock().expect("no panic while the lock is held"), object);
        drop(old);
    }
}

fn only_element(this: &This<'_>, wanted: &str) -> PyResult<Scalar> {
    let tensor = this.get().tensor();
    if tensor.numel() != 1 {
        return Err(PyRuntimeError::new_err(format!(
            "a Tensor with {} elements cannot be converted to {wanted}",
            tensor.numel()
        )));
    }
    guard("item", || item(tensor))
}

/// The element, for Python's `int`, `float` and `complex`.
fn only_number(this: &This<'_>, wanted: &str) -> PyResult<Scalar> {
    if let Some(complex) = complex_of(this)
        && complex.numel() == 1
    {
        let [re, im] = complex.item().or_raise()?;
        if im != 0.0 {
            return Err(PyRuntimeError::new_err(format!(
                "value cannot be converted to type {wanted} without overflow"
            )));
        }
        return Ok(Scalar::Float(re));
    }
    if this.get().tensor().numel() != 1 {
        return Err(PyValueError::new_err("only one element tensors can be converted to Python scalars"));
    }
    only_element(this, "Scalar")
}

#[pymethods]
impl PyTensor {
    #[new]
    #[pyo3(signature = (*args, **kwargs))]
    fn new(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<PyTensor> {
        match object::handed_over() {
            Some((tensor, complex)) => Ok(PyTensor::of(tensor, complex)),
            None => guard("Tensor", || creation::legacy(args, kwargs).map(|made| PyTensor::of(made, false))),
        }
    }

    /// Subclasses may give `__init__` other arguments than `__new__`.
    #[pyo3(signature = (*_args, **_kwargs))]
    fn __init__(&self, _args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) {}

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Ok(grad) = self.grad.try_lock() {
            visit.call(&*grad)?;
        }
        autograd::traverse(&visit, |show| self.handle.get().map_or((), |tensor| tensor.visit_owners(show)))
    }

    fn __add__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &ADD, false)
    }
    fn __radd__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &ADD, false)
    }
    fn __iadd__(this: &This<'_>, other: Other<'_>) -> PyResult<()> {
        in_place(this, &other, &ADD)
    }
    fn __sub__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &SUB, false)
    }
    fn __rsub__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &SUB, true)
    }
    fn __isub__(this: &This<'_>, other: Other<'_>) -> PyResult<()> {
        in_place(this, &other, &SUB)
    }
    fn __mul__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &MUL, false)
    }
    fn __rmul__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &MUL, false)
    }
    fn __imul__(this: &This<'_>, other: Other<'_>) -> PyResult<()> {
        in_place(this, &other, &MUL)
    }
    fn __truediv__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &DIV, false)
    }
    fn __rtruediv__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &DIV, true)
    }
    fn __itruediv__(this: &This<'_>, other: Other<'_>) -> PyResult<()> {
        in_place(this, &other, &DIV)
    }
    fn __floordiv__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &FLOOR_DIV, false)
    }
    fn __rfloordiv__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &FLOOR_DIV, true)
    }
    fn __ifloordiv__(this: &This<'_>, other: Other<'_>) -> PyResult<()> {
        in_place(this, &other, &FLOOR_DIV)
    }
    fn __mod__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &REM, false)
    }
    fn __rmod__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &REM, true)
    }
    fn __imod__(this: &This<'_>, other: Other<'_>) -> PyResult<()> {
        in_place(this, &other, &REM)
    }
    fn __pow__<'py>(
        this: &This<'py>,
        other: &Bound<'py, PyAny>,
        _modulo: Option<&Bound<'py, PyAny>>,
    ) -> Any<'py> {
        binary(this, other, &POW, false)
    }
    fn __rpow__<'py>(
        this: &This<'py>,
        other: &Bound<'py, PyAny>,
        _modulo: Option<&Bound<'py, PyAny>>,
    ) -> Any<'py> {
        binary(this, other, &POW, true)
    }
    fn __ipow__(this: &This<'_>, other: Other<'_>, _modulo: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        in_place(this, &other, &POW)
    }
    fn __matmul__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        if raw_of(other).is_none() {
            Ok(not_implemented(this.py()))
        } else {
            binary(this, other, &MATMUL, false)
        }
    }
    fn __and__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &AND, false)
    }
    fn __rand__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &AND, true)
    }
    fn __iand__(this: &This<'_>, other: Other<'_>) -> PyResult<()> {
        in_place(this, &other, &AND)
    }
    fn __or__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &OR, false)
    }
    fn __ror__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &OR, true)
    }
    fn __ior__(this: &This<'_>, other: Other<'_>) -> PyResult<()> {
        in_place(this, &other, &OR)
    }
    fn __xor__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &XOR, false)
    }
    fn __rxor__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &XOR, true)
    }
    fn __ixor__(this: &This<'_>, other: Other<'_>) -> PyResult<()> {
        in_place(this, &other, &XOR)
    }
    fn __lshift__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &SHL, false)
    }
    fn __rlshift__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &SHL, true)
    }
    fn __ilshift__(this: &This<'_>, other: Other<'_>) -> PyResult<()> {
        in_place(this, &other, &SHL)
    }
    fn __rshift__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &SHR, false)
    }
    fn __rrshift__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &SHR, true)
    }
    fn __irshift__(this: &This<'_>, other: Other<'_>) -> PyResult<()> {
        in_place(this, &other, &SHR)
    }
    fn __neg__<'py>(this: &This<'py>) -> Any<'py> {
        unary(this, &NEG)
    }
    fn __pos__<'py>(this: &This<'py>) -> Any<'py> {
        this.call_method0("positive")
    }
    fn __abs__<'py>(this: &This<'py>) -> Any<'py> {
        unary(this, &ABS)
    }
    fn __invert__<'py>(this: &This<'py>) -> Any<'py> {
        if this.get().tensor().dtype().is_float() {
            return Err(PyTypeError::new_err(
                "~ (operator.invert) is only implemented on integer and Boolean-type tensors",
            ));
        }
        unary(this, &NOT)
    }

    fn __richcmp__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>, op: CompareOp) -> Any<'py> {
        let symbol = match op {
            CompareOp::Eq => &EQ,
            CompareOp::Ne => &NE,
            CompareOp::Lt => &LT,
            CompareOp::Le => &LE,
            CompareOp::Gt => &GT,
            CompareOp::Ge => &GE,
        };
        binary(this, other, symbol, false)
    }

    /// By identity, as in torch: `==` compares elements.
    fn __hash__(this: &This<'_>) -> isize {
        (this.as_ptr() as isize) >> 4
    }

    fn __bool__(this: &This<'_>) -> PyResult<bool> {
        match this.get().tensor().numel() / this.get().parts() {
            1 if this.get().is_complex() => {
                Ok(this.get().tensor().to_vec::<f64>().or_raise()?.iter().any(|&part| part != 0.0))
            }
            1 => Ok(only_element(this, "bool")?.to_bool()),
            0 => Err(PyRuntimeError::new_err("Boolean value of Tensor with no values is ambiguous")),
            _ => {
                Err(PyRuntimeError::new_err("Boolean value of Tensor with more than one value is ambiguous"))
            }
        }
    }

    fn __float__(this: &This<'_>) -> PyResult<f64> {
        warnings::of_number(this)?;
        Ok(only_number(this, "double")?.to_f64())
    }

    fn __int__<'py>(this: &This<'py>) -> Any<'py> {
        warnings::of_number(this)?;
        let dtype = this.get().tensor().dtype();
        let number = element_object(this.py(), only_number(this, "int64_t")?, dtype);
        // SAFETY: the object is alive; null means an exception is set (a NaN has no integer).
        unsafe { Bound::from_owned_ptr_or_err(this.py(), ffi::PyNumber_Long(number.as_ptr())) }
    }

    fn __index__(this: &This<'_>) -> PyResult<i64> {
        let tensor = this.get().tensor();
        if tensor.numel() != 1 || tensor.dtype().is_float() {
            return Err(PyTypeError::new_err(
                "only integer tensors of a single element can be converted to an index",
            ));
        }
        Ok(only_element(this, "index")?.to_i64())
    }

    fn __complex__<'py>(this: &This<'py>) -> PyResult<Bound<'py, PyComplex>> {
        let [re, im] = match complex_of(this) {
            Some(complex) => complex.item().or_raise()?,
            None => [only_number(this, "complex")?.to_f64(), 0.0],
        };
        Ok(PyComplex::from_doubles(this.py(), re, im))
    }

    fn __len__(&self) -> PyResult<usize> {
        self.shape().first().copied().ok_or_else(|| PyTypeError::new_err("len() of a 0-d tensor"))
    }

    fn __iter__<'py>(this: &This<'py>) -> Any<'py> {
        let tensor = this.get().tensor();
        if this.get().shape().is_empty() {
            return Err(PyTypeError::new_err("iteration over a 0-d tensor"));
        }
        let complex = this.get().is_complex();
        let rows = guard("iter", || {
            let rows = tensor.unbind(0).or_raise()?.into_iter();
            rows.map(|row| PyTensor::wrap_raw(this.py(), row, complex)).collect::<PyResult<Vec<_>>>()
        })?;
        Ok(PyTuple::new(this.py(), rows)?.try_iter()?.into_any())
    }

    fn __contains__(this: &This<'_>, element: &Bound<'_, PyAny>) -> PyResult<bool> {
        guard("__contains__", || {
            if this.get().is_complex() || is_complex(element) {
                let equal = binary(this, element, &EQ, false)?;
                return equal.call_method0("any")?.is_truthy();
            }
            let Some(element) = operand(element)? else {
                return Err(PyRuntimeError::new_err(format!(
                    "Tensor.__contains__ only supports Tensor or scalar, but you passed in a {}.",
                    element.get_type()
                )));
            };
            let equal = EQ.apply(&[Operand::Tensor(this.get().tensor()), element])?;
            let found = equal.any(&[], false).or_raise()?;
            Ok(item(&found)?.to_bool())
        })
    }

    fn __getitem__<'py>(this: &This<'py>, key: &Bound<'py, PyAny>) -> Any<'py> {
        if overrides::has_mode() || overrides::asks(this) {
            return overrides::ask_method("__getitem__", &[this.as_any(), key]);
        }
        guard("__getitem__", || indexing::get(this.py(), this.get(), key))
    }

    fn __setitem__(this: &This<'_>, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        if overrides::has_mode() || overrides::asks(this) || overrides::asks(value) {
            return overrides::ask_method("__setitem__", &[this.as_any(), key, value]).map(drop);
        }
        guard("__setitem__", || indexing::set(this.get(), key, value))
    }

    fn __delitem__(&self, _key: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyTypeError::new_err("Tensor does not support deleting items"))
    }

    fn __repr__(this: &This<'_>) -> PyResult<String> {
        guard("repr", || {
            let kind = this.get_type();
            let exact = kind.is(this.py().get_type::<PyTensor>());
            let name = if exact { "tensor".to_owned() } else { kind.name()?.to_string() };
            let tensor = this.get().tensor();
            match complex_of(this) {
                Some(complex) => complex.repr(&name).or_raise(),
                None => tensor.repr(&name).or_raise(),
            }
        })
    }

    fn __format__<'py>(this: &This<'py>, spec: &Bound<'py, PyString>) -> Any<'py> {
        if this.get().shape().is_empty() && !this.getattr("is_meta")?.is_truthy()? {
            let number = this.call_method0("item")?;
            return number.call_method1("__format__", (spec,));
        }
        if spec.is_empty()? {
            return Ok(this.str()?.into_any());
        }
        let class = convert::type_name(this);
        Err(PyTypeError::new_err(format!("unsupported format string passed to {class}.__format__")))
    }

    /// # Safety
    /// Python calls this with a view to fill.
    unsafe fn __getbuffer__(
        this: This<'_>,
        view: *mut ffi::Py_buffer,
        flags: std::ffi::c_int,
    ) -> PyResult<()> {
        // SAFETY: handed on as Python promises it.
        guard("getbuffer", || unsafe { buffer::export(&this, view, flags) })
    }

    /// # Safety
    /// Python calls this with a view that `__getbuffer__` filled.
    unsafe fn __releasebuffer__(&self, view: *mut ffi::Py_buffer) {
        // SAFETY: handed on as Python promises it.
        unsafe { buffer::release(view) }
    }

    #[getter(shape)]
    fn size<'py>(&self, py: Python<'py>) -> Any<'py> {
        size::new(py, self.shape())
    }

    #[getter]
    fn dtype<'py>(&self, py: Python<'py>) -> Bound<'py, PyDType> {
        dtype::object_of(py, self.tensor().dtype(), self.is_complex()).clone()
    }

    #[getter]
    fn device(&self) -> PyResult<PyDevice> {
        PyDevice::of(self.tensor().device())
    }

    #[getter]
    fn ndim(&self) -> usize {
        self.shape().len()
    }

    #[getter]
    fn itemsize(&self) -> usize {
        self.element_size()
    }

    #[getter]
    fn nbytes(&self) -> usize {
        self.tensor().numel() * self.tensor().dtype().size()
    }

    #[getter]
    fn _version(&self) -> PyResult<u32> {
        if self.tensor().is_inference() {
            return Err(PyRuntimeError::new_err("Inference tensors do not track version counter."));
        }
        Ok(self.tensor().version())
    }

    /// All dimensions in reverse order.
    #[getter(T)]
    fn reversed<'py>(&self, py: Python<'py>) -> Any<'py> {
        warnings::of_reversal(py, self.shape().len())?;
        let mut order: Vec<i64> = (0..self.shape().len() as i64).rev().collect();
        order.extend(self.is_complex().then_some(self.shape().len() as i64));
        guard("T", || PyTensor::wrap_raw(py, self.tensor().permute(&order).or_raise()?, self.is_complex()))
    }

    /// The last two dimensions swapped.
    #[getter(mT)]
    fn matrix_transpose<'py>(this: &This<'py>) -> Any<'py> {
        match this.get().shape().len() {
            0 => flat(this, "mT", "This function is the identity in these cases.", "positive"),
            1 => Err(not_matrices("mT", "matrices or batches of matrices", 1)),
            _ => this.call_method1("transpose", (-2, -1)),
        }
    }

    /// The conjugate of the transpose of matrices.
    #[getter(mH)]
    fn conjugate_transpose<'py>(this: &This<'py>) -> Any<'py> {
        match this.get().shape().len() {
            0 => flat(this, "mH", "Consider using x.conj().", "conj"),
            1 => Err(not_matrices("mH", "matrices or batches of matrices", 1)),
            _ => this.call_method0("adjoint"),
        }
    }

    /// The conjugate of the transpose of a matrix.
    #[getter(H)]
    fn conjugate_of_matrix<'py>(this: &This<'py>) -> Any<'py> {
        match this.get().shape().len() {
            0 => flat(this, "H", "Consider using x.conj().", "conj"),
            2 => this.call_method0("adjoint"),
            n => Err(not_matrices("H", "matrices (2-D tensors)", n)),
        }
    }

    /// The real parts.
    #[getter(real)]
    fn real_parts<'py>(this: &This<'py>) -> Any<'py> {
        match complex_of(this) {
            Some(complex) => PyTensor::wrap(this.py(), complex.re().or_raise()?),
            None => Ok(this.clone().into_any()),
        }
    }

    /// The imaginary parts.
    #[getter(imag)]
    fn imaginary_parts<'py>(this: &This<'py>) -> Any<'py> {
        match complex_of(this) {
            Some(complex) => PyTensor::wrap(this.py(), complex.im().or_raise()?),
            None => Err(PyTypeError::new_err("imag is not implemented for tensors with non-complex dtypes.")),
        }
    }

    /// `z.real = x`.
    #[setter(real)]
    fn set_real_parts(this: &This<'_>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        fill_or_copy(&PyTensor::real_parts(this)?, value)
    }

    /// `z.imag = x`.
    #[setter(imag)]
    fn set_imaginary_parts(this: &This<'_>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        fill_or_copy(&PyTensor::imaginary_parts(this)?, value)
    }

    #[getter]
    fn is_cuda(&self) -> PyResult<bool> {
        Ok(st_core::runtime::device(self.tensor().device()).or_raise()?.info().kind == "cuda")
    }

    #[getter]
    fn is_leaf(&self) -> bool {
        self.tensor().is_leaf()
    }

    #[getter]
    fn requires_grad(&self) -> bool {
        self.tensor().requires_grad()
    }

    #[setter]
    fn set_requires_grad(&self, on: &Bound<'_, PyAny>) -> PyResult<()> {
        let on: bool = on.extract().map_err(|_| PyRuntimeError::new_err("requires_grad must be a bool"))?;
        guard("requires_grad", || self.tensor().requires_grad_(on).or_raise().map(drop))
    }

    #[getter]
    fn retains_grad(&self) -> bool {
        self.tensor().retains_grad()
    }

    #[getter]
    fn output_nr(&self) -> usize {
        self.tensor().output_nr()
    }

    #[getter]
    fn grad<'py>(this: &This<'py>) -> Any<'py> {
        autograd::grad_of(this)
    }

    #[setter]
    fn set_grad(this: &This<'_>, grad: &Bound<'_, PyAny>) -> PyResult<()> {
        guard("grad", || autograd::set_grad_of(this, grad))
    }

    #[deleter]
    fn delete_grad(this: &This<'_>) -> PyResult<()> {
        guard("grad", || autograd::set_grad_of(this, &this.py().None().into_bound(this.py())))
    }

    #[getter]
    fn grad_fn<'py>(&self, py: Python<'py>) -> Any<'py> {
        autograd::grad_fn(py, self.tensor())
    }

    /// The same memory, not on the tape.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Any<'py> {
        PyTensor::wrap_raw(py, self.tensor().data(), self.is_complex())
    }

    #[setter]
    fn set_data(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let (value, complex) = raw_of(value).ok_or_else(|| {
            let got = convert::type_name(value);
            PyTypeError::new_err(format!("Variable data has to be a tensor, but got {got}"))
        })?;
        guard("data", || self.replace_data(value))?;
        self.complex.store(complex, Relaxed);
        Ok(())
    }

    #[deleter(data)]
    fn delete_data(&self) -> PyResult<()> {
        Err(PyRuntimeError::new_err("Deleting tensor data is not allowed. Delete tensor instead!"))
    }

    /// Whether it is a view of another tensor.
    #[pyo3(name = "_is_view")]
    fn is_view(&self) -> bool {
        self.tensor().base().is_some()
    }

    /// The tensor it is a view of.
    #[getter(_base)]
    fn base<'py>(&self, py: Python<'py>) -> Any<'py> {
        match self.tensor().base() {
            Some(base) => match PyTensor::owner(py, &base) {
                Some(object) => Ok(object),
                None => PyTensor::wrap_raw(py, base, self.is_complex()),
            },
            None => Ok(py.None().into_bound(py)),
        }
    }

    /// Numpy's operators leave a tensor operand to the tensor.
    #[classattr]
    fn __array_priority__() -> i64 {
        1000
    }

    #[getter]
    fn layout(&self, py: Python<'_>) -> PyResult<Py<Layout>> {
        layout::strided(py)
    }

    #[getter]
    fn is_quantized(&self) -> bool {
        false
    }

    #[getter]
    fn is_sparse(&self) -> bool {
        false
    }
}

/// `part[...] = value` for the parts of complex numbers.
fn fill_or_copy(part: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let method = if raw_of(value).is_some() { "copy_" } else { "fill_" };
    part.call_method1(method, (value,)).map(drop)
}

/// What a turned number is in torch's older programs: a method's result, with a warning.
fn flat<'py>(this: &This<'py>, name: &str, advice: &str, method: &str) -> Any<'py> {
    warnings::warn(this.py(), &format!("Tensor.{name} is deprecated on 0-D tensors. {advice}"))?;
    this.call_method0(method)
}

fn not_matrices(name: &str, wanted: &str, rank: usize) -> PyErr {
    PyRuntimeError::new_err(format!("tensor.{name} is only supported on {wanted}. Got {rank}-D tensor."))
}
