//! The class `Tensor`: what Python asks of an object (operators, truth, length, attributes). Methods come from `call`.

use crate::convert::{self, item, number, scalar_object};
use crate::device::PyDevice;
use crate::dtype::{self, PyDType};
use crate::errors::{OrRaise, guard};
use crate::handle::Handle;
use crate::layout::{self, Layout};
use crate::{autograd, buffer, creation, indexing, size};
use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyNotImplemented, PyString, PyTuple, PyType};
use st_core::ops::{self, Kind, OpDef, Operand, Output, ParamKind, PointwiseRow, Value};
use st_core::{Scalar, Tensor};
use std::cell::Cell;
use std::sync::{Mutex, OnceLock};

/// A multi-dimensional array with torch's semantics.
#[pyclass(name = "Tensor", module = "spiraltorch_rs", frozen, subclass, weakref, dict)]
pub(crate) struct PyTensor {
    handle: Handle,
    /// The object that `.grad` was last, so that `x.grad is x.grad`.
    grad: Mutex<Option<Py<PyTensor>>>,
}

/// The tensor in an object, if it is one.
#[inline]
pub(crate) fn tensor_of<'a>(object: &'a Bound<'_, PyAny>) -> Option<&'a Tensor> {
    object.cast::<PyTensor>().ok().map(|tensor| tensor.get().tensor())
}

thread_local!(static HANDED_OVER: Cell<Option<Tensor>> = const { Cell::new(None) });

type Any<'py> = PyResult<Bound<'py, PyAny>>;
type This<'py> = Bound<'py, PyTensor>;

impl PyTensor {
    /// A Python object for a tensor.
    #[inline]
    pub(crate) fn wrap(py: Python<'_>, tensor: Tensor) -> Any<'_> {
        Ok(Bound::new(py, PyTensor::of(tensor))?.into_any())
    }

    #[inline]
    fn of(tensor: Tensor) -> PyTensor {
        PyTensor { handle: Handle::new(tensor), grad: Mutex::new(None) }
    }

    /// An object of a subclass. Its constructor finds the tensor where this leaves it, whatever parameters it has.
    pub(crate) fn wrap_as<'py>(class: &Bound<'py, PyType>, tensor: Tensor) -> Any<'py> {
        HANDED_OVER.set(Some(tensor));
        let made = class.py().get_type::<PyTensor>().getattr("__new__").and_then(|new| new.call1((class,)));
        HANDED_OVER.take();
        made
    }

    /// The tensor.
    #[inline]
    pub(crate) fn tensor(&self) -> &Tensor {
        &self.handle
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
        let object = PyTensor::wrap(py, grad)?;
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

/// A row of the table that Python has a symbol for.
struct Symbol {
    name: &'static str,
    found: OnceLock<Found>,
}

enum Found {
    Row(&'static PointwiseRow),
    /// Overloads.
    Built(&'static [&'static OpDef]),
}

impl Symbol {
    const fn new(name: &'static str) -> Symbol {
        Symbol { name, found: OnceLock::new() }
    }

    fn find(&self) -> Found {
        let overloads = ops::lookup(self.name);
        let row = overloads.iter().find_map(|op| match &op.kind {
            Kind::Pointwise(row) if op.params().len() <= 2 => Some(row),
            _ => None,
        });
        match row {
            Some(row) => Found::Row(row),
            None => Found::Built(overloads),
        }
    }

    #[inline]
    fn apply(&self, operands: &[Operand]) -> PyResult<Tensor> {
        match self.found.get_or_init(|| self.find()) {
            Found::Row(row) => row.apply(operands).or_raise(),
            Found::Built(overloads) => {
                let op = overloads
                    .iter()
                    .find(|op| takes(op, operands))
                    .ok_or_else(|| PyTypeError::new_err(format!("{}: unsupported operands", self.name)))?;
                let mut values: Vec<Value> = operands.iter().map(value_of).collect();
                let defaults = op.params().iter().skip(values.len());
                values.extend(defaults.map(|param| param.default.clone().unwrap_or(Value::None)));
                match op.call(&values).or_raise()? {
                    Output::One(tensor) => Ok(tensor),
                    _ => Err(PyTypeError::new_err(format!("{} gives no tensor", self.name))),
                }
            }
        }
    }
}

/// Whether an overload has parameters for these operands.
fn takes(op: &'static OpDef, operands: &[Operand]) -> bool {
    op.params().iter().zip(operands).all(|(param, operand)| match param.kind {
        ParamKind::Tensor => matches!(operand, Operand::Tensor(_)),
        ParamKind::Number => matches!(operand, Operand::Scalar(_)),
        _ => true,
    })
}

fn value_of(operand: &Operand) -> Value {
    match operand {
        Operand::Tensor(tensor) => Value::Tensor((*tensor).clone()),
        Operand::Scalar(scalar) => Value::Scalar(*scalar),
    }
}

macro_rules! symbols {
    ($($symbol:ident = $name:literal;)*) => { $(static $symbol: Symbol = Symbol::new($name);)* };
}
symbols! {
    ADD = "add"; SUB = "sub"; MUL = "mul"; DIV = "div"; FLOOR_DIV = "floor_divide"; REM = "remainder"; POW = "pow";
    MATMUL = "matmul"; AND = "bitwise_and"; OR = "bitwise_or"; XOR = "bitwise_xor"; SHL = "bitwise_left_shift";
    SHR = "bitwise_right_shift"; EQ = "eq"; NE = "ne"; LT = "lt"; LE = "le"; GT = "gt"; GE = "ge";
    NEG = "neg"; ABS = "abs"; NOT = "bitwise_not"; POS = "positive";
}

/// The operand in an object; `None` if it is no tensor and no number.
#[inline]
fn operand<'a>(object: &'a Bound<'_, PyAny>) -> PyResult<Option<Operand<'a>>> {
    match tensor_of(object) {
        Some(tensor) => Ok(Some(Operand::Tensor(tensor))),
        None => Ok(number(object)?.map(Operand::Scalar)),
    }
}

/// `this <symbol> other`, or the other way round.
#[inline]
fn binary<'py>(this: &This<'py>, other: &Bound<'py, PyAny>, symbol: &Symbol, swapped: bool) -> Any<'py> {
    guard(symbol.name, || {
        let Some(other) = operand(other)? else { return Ok(not_implemented(this.py())) };
        let this_operand = Operand::Tensor(this.get().tensor());
        let operands = if swapped { [other, this_operand] } else { [this_operand, other] };
        PyTensor::wrap(this.py(), symbol.apply(&operands)?)
    })
}

fn unary<'py>(this: &This<'py>, symbol: &Symbol) -> Any<'py> {
    guard(symbol.name, || PyTensor::wrap(this.py(), symbol.apply(&[Operand::Tensor(this.get().tensor())])?))
}

/// `this <symbol>= other`.
fn in_place(this: &This<'_>, other: &Bound<'_, PyAny>, symbol: &Symbol) -> PyResult<()> {
    guard(symbol.name, || {
        let Some(other) = operand(other)? else {
            let (own, got) = (convert::type_name(this), convert::type_name(other));
            return Err(PyTypeError::new_err(format!(
                "unsupported operand types for {}_: '{own}' and '{got}'",
                symbol.name
            )));
        };
        let result = symbol.apply(&[Operand::Tensor(this.get().tensor()), other])?;
        this.get().tensor().become_(&result).or_raise()
    })
}

fn not_implemented(py: Python<'_>) -> Bound<'_, PyAny> {
    PyNotImplemented::get(py).to_owned().into_any()
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

#[pymethods]
impl PyTensor {
    #[new]
    #[pyo3(signature = (*args, **kwargs))]
    fn new(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<PyTensor> {
        match HANDED_OVER.take() {
            Some(tensor) => Ok(PyTensor::of(tensor)),
            None => guard("Tensor", || creation::legacy(args, kwargs).map(PyTensor::of)),
        }
    }

    /// Subclasses may give `__init__` other arguments than `__new__`.
    #[pyo3(signature = (*_args, **_kwargs))]
    fn __init__(&self, _args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) {}

    fn __add__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &ADD, false)
    }
    fn __radd__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &ADD, true)
    }
    fn __iadd__(this: &This<'_>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        in_place(this, other, &ADD)
    }
    fn __sub__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &SUB, false)
    }
    fn __rsub__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &SUB, true)
    }
    fn __isub__(this: &This<'_>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        in_place(this, other, &SUB)
    }
    fn __mul__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &MUL, false)
    }
    fn __rmul__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &MUL, true)
    }
    fn __imul__(this: &This<'_>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        in_place(this, other, &MUL)
    }
    fn __truediv__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &DIV, false)
    }
    fn __rtruediv__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &DIV, true)
    }
    fn __itruediv__(this: &This<'_>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        in_place(this, other, &DIV)
    }
    fn __floordiv__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &FLOOR_DIV, false)
    }
    fn __rfloordiv__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &FLOOR_DIV, true)
    }
    fn __ifloordiv__(this: &This<'_>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        in_place(this, other, &FLOOR_DIV)
    }
    fn __mod__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &REM, false)
    }
    fn __rmod__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &REM, true)
    }
    fn __imod__(this: &This<'_>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        in_place(this, other, &REM)
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
    fn __ipow__(
        this: &This<'_>,
        other: &Bound<'_, PyAny>,
        _modulo: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        in_place(this, other, &POW)
    }
    fn __matmul__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        if tensor_of(other).is_none() {
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
    fn __iand__(this: &This<'_>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        in_place(this, other, &AND)
    }
    fn __or__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &OR, false)
    }
    fn __ror__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &OR, true)
    }
    fn __ior__(this: &This<'_>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        in_place(this, other, &OR)
    }
    fn __xor__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &XOR, false)
    }
    fn __rxor__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &XOR, true)
    }
    fn __ixor__(this: &This<'_>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        in_place(this, other, &XOR)
    }
    fn __lshift__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &SHL, false)
    }
    fn __rlshift__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &SHL, true)
    }
    fn __ilshift__(this: &This<'_>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        in_place(this, other, &SHL)
    }
    fn __rshift__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &SHR, false)
    }
    fn __rrshift__<'py>(this: &This<'py>, other: &Bound<'py, PyAny>) -> Any<'py> {
        binary(this, other, &SHR, true)
    }
    fn __irshift__(this: &This<'_>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        in_place(this, other, &SHR)
    }
    fn __neg__<'py>(this: &This<'py>) -> Any<'py> {
        unary(this, &NEG)
    }
    fn __pos__<'py>(this: &This<'py>) -> Any<'py> {
        unary(this, &POS)
    }
    fn __abs__<'py>(this: &This<'py>) -> Any<'py> {
        unary(this, &ABS)
    }
    fn __invert__<'py>(this: &This<'py>) -> Any<'py> {
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
        match this.get().tensor().numel() {
            1 => Ok(only_element(this, "bool")?.to_bool()),
            0 => Err(PyRuntimeError::new_err("Boolean value of Tensor with no values is ambiguous")),
            _ => {
                Err(PyRuntimeError::new_err("Boolean value of Tensor with more than one value is ambiguous"))
            }
        }
    }

    fn __float__(this: &This<'_>) -> PyResult<f64> {
        Ok(only_element(this, "Scalar")?.to_f64())
    }

    fn __int__<'py>(this: &This<'py>) -> Any<'py> {
        let number = scalar_object(this.py(), only_element(this, "Scalar")?);
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

    fn __complex__<'py>(this: &This<'py>) -> PyResult<Bound<'py, pyo3::types::PyComplex>> {
        Ok(pyo3::types::PyComplex::from_doubles(this.py(), only_element(this, "Scalar")?.to_f64(), 0.0))
    }

    fn __len__(&self) -> PyResult<usize> {
        self.tensor().shape().first().copied().ok_or_else(|| PyTypeError::new_err("len() of a 0-d tensor"))
    }

    fn __iter__<'py>(this: &This<'py>) -> Any<'py> {
        let tensor = this.get().tensor();
        let count =
            *tensor.shape().first().ok_or_else(|| PyTypeError::new_err("iteration over a 0-d tensor"))?;
        let rows = guard("iter", || {
            (0..count)
                .map(|i| PyTensor::wrap(this.py(), tensor.select(0, i as i64).or_raise()?))
                .collect::<PyResult<Vec<_>>>()
        })?;
        Ok(PyTuple::new(this.py(), rows)?.try_iter()?.into_any())
    }

    fn __contains__(this: &This<'_>, element: &Bound<'_, PyAny>) -> PyResult<bool> {
        guard("__contains__", || {
            let Some(element) = operand(element)? else {
                return Err(PyRuntimeError::new_err(format!(
                    "Tensor.__contains__ only supports Tensor or scalar, but you passed in a {}.",
                    convert::type_name(element)
                )));
            };
            let equal = EQ.apply(&[Operand::Tensor(this.get().tensor()), element])?;
            let found = equal.any(&[], false).or_raise()?;
            Ok(item(&found)?.to_bool())
        })
    }

    fn __getitem__<'py>(this: &This<'py>, key: &Bound<'py, PyAny>) -> Any<'py> {
        guard("__getitem__", || indexing::get(this.py(), this.get().tensor(), key))
    }

    fn __setitem__(this: &This<'_>, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        guard("__setitem__", || indexing::set(this.get().tensor(), key, value))
    }

    fn __repr__(this: &This<'_>) -> PyResult<String> {
        guard("repr", || {
            let kind = this.get_type();
            let exact = kind.is(this.py().get_type::<PyTensor>());
            let name = if exact { "tensor".to_owned() } else { kind.name()?.to_string() };
            let tensor = this.get().tensor();
            tensor.repr(&name).or_raise()
        })
    }

    fn __format__<'py>(this: &This<'py>, spec: &Bound<'py, PyString>) -> Any<'py> {
        let tensor = this.get().tensor();
        if tensor.dim() == 0 {
            let number = scalar_object(this.py(), only_element(this, "Scalar")?);
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

    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> Any<'py> {
        size::new(py, self.tensor().shape())
    }

    #[getter]
    fn dtype<'py>(&self, py: Python<'py>) -> Bound<'py, PyDType> {
        dtype::object(py, self.tensor().dtype()).clone()
    }

    #[getter]
    fn device(&self) -> PyResult<PyDevice> {
        PyDevice::of(self.tensor().device())
    }

    #[getter]
    fn ndim(&self) -> usize {
        self.tensor().dim()
    }

    #[getter]
    fn itemsize(&self) -> usize {
        self.tensor().dtype().size()
    }

    #[getter]
    fn nbytes(&self) -> usize {
        self.tensor().numel() * self.tensor().dtype().size()
    }

    #[getter]
    fn _version(&self) -> u32 {
        self.tensor().version()
    }

    /// All dimensions in reverse order.
    #[getter(T)]
    fn reversed<'py>(&self, py: Python<'py>) -> Any<'py> {
        let order: Vec<i64> = (0..self.tensor().dim() as i64).rev().collect();
        guard("T", || PyTensor::wrap(py, self.tensor().permute(&order).or_raise()?))
    }

    /// The last two dimensions swapped.
    #[getter(mT)]
    fn matrix_transpose<'py>(&self, py: Python<'py>) -> Any<'py> {
        if self.tensor().dim() < 2 {
            return Err(PyRuntimeError::new_err(
                "tensor.mT is only supported on matrices or batches of matrices",
            ));
        }
        guard("mT", || PyTensor::wrap(py, self.tensor().transpose(-2, -1).or_raise()?))
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
    fn set_requires_grad(&self, on: bool) -> PyResult<()> {
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

    #[getter]
    fn grad_fn<'py>(&self, py: Python<'py>) -> Any<'py> {
        autograd::grad_fn(py, self.tensor())
    }

    /// The same memory, not on the tape.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Any<'py> {
        PyTensor::wrap(py, self.tensor().detach())
    }

    #[setter]
    fn set_data(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let value = tensor_of(value).ok_or_else(|| PyTypeError::new_err("Tensor.data must be a Tensor"))?;
        guard("data", || self.replace_data(value))
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
            Some(base) => PyTensor::wrap(py, base),
            None => Ok(py.None().into_bound(py)),
        }
    }

    /// Numpy's operators leave a tensor operand to the tensor.
    #[classattr]
    fn __array_priority__() -> i64 {
        1000
    }

    #[getter]
    fn layout(&self) -> Layout {
        layout::STRIDED
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
