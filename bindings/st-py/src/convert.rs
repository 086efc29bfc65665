//! Python objects to what the core takes. `Ok(None)` says "not of this type", so that another overload may be tried.

use crate::device::PyDevice;
use crate::dtype::{self, PyDType};
use crate::errors::OrRaise;
use crate::runtime::PyGenerator;
use crate::tensor::{PyTensor, complex_of, tensor_of};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyComplex, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};
use pyo3::{Borrowed, ffi};
use st_core::ops::{ParamKind, Value};
use st_core::{DType, Scalar, Tensor};

/// Sizes or dimensions.
pub(crate) type Ints = smallvec::SmallVec<[i64; 4]>;

/// The name of an object's type, for messages.
pub(crate) fn type_name(object: &Bound<'_, PyAny>) -> String {
    if object.is_none() {
        return "None".into();
    }
    object.get_type().name().map_or_else(|_| "object".into(), |name| name.to_string())
}

const TOO_LONG: &str = "Overflow when unpacking long long: the integer does not fit 64 bits";

/// As [`int`] for an index, where torch's error is another; the end of a slice may be as far away as it likes.
pub(crate) fn index(object: &Bound<'_, PyAny>, of_slice: bool) -> PyResult<Option<i64>> {
    match int(object) {
        Err(error)
            if error.is_instance_of::<PyRuntimeError>(object.py()) && object.is_instance_of::<PyInt>() =>
        {
            let far = if object.lt(0)? { i64::MIN } else { i64::MAX };
            if of_slice { Ok(Some(far)) } else { Err(PyValueError::new_err(TOO_LONG)) }
        }
        found => found,
    }
}

/// A Python integer; `bool` counts as one here.
fn long(object: &Bound<'_, PyAny>) -> PyResult<i64> {
    let mut overflow = 0;
    // SAFETY: the object is alive and the thread attached; errors are looked for below.
    let value = unsafe { ffi::PyLong_AsLongLongAndOverflow(object.as_ptr(), &mut overflow) };
    if overflow != 0 {
        return Err(PyRuntimeError::new_err(TOO_LONG));
    }
    if value == -1 && PyErr::occurred(object.py()) {
        return Err(PyErr::fetch(object.py()));
    }
    Ok(value)
}

/// A number of numpy's, or a 0-d array, as Python's own number.
fn numpy_number<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let kind = object.get_type();
    let numpy = kind.module().is_ok_and(|module| module.to_str().is_ok_and(|m| m == "numpy"));
    if !numpy || !object.hasattr("ndim")? || object.getattr("ndim")?.extract::<usize>()? != 0 {
        return Ok(None);
    }
    let number = object.call_method0("item")?;
    let known = number.is_instance_of::<PyFloat>()
        || number.is_instance_of::<PyInt>()
        || number.is_instance_of::<PyComplex>();
    Ok(known.then_some(number))
}

/// A number or truth value: Python's, numpy's.
#[inline]
pub(crate) fn number(object: &Bound<'_, PyAny>) -> PyResult<Option<Scalar>> {
    match object.cast::<PyFloat>() {
        Ok(float) => Ok(Some(Scalar::Float(float.value()))),
        Err(_) => other_number(object),
    }
}

/// As [`number`] for what is no float.
fn other_number(object: &Bound<'_, PyAny>) -> PyResult<Option<Scalar>> {
    if let Ok(truth) = object.cast::<PyBool>() {
        return Ok(Some(Scalar::Bool(truth.is_true())));
    }
    if object.is_instance_of::<PyInt>() {
        // Integers of 64 bits, signed or not.
        let signed = long(object).map(Scalar::Int);
        return signed.or_else(|_| object.extract::<u64>().map(Scalar::Large)).map(Some);
    }
    match numpy_number(object)? {
        Some(plain) => number(&plain),
        None => Ok(None),
    }
}

/// The value of a tensor of one element.
pub(crate) fn item(tensor: &Tensor) -> PyResult<Scalar> {
    crate::vmap::refuse_value(tensor)?;
    let item = tensor.item().or_raise()?;
    // An element has the bits of the number.
    match item {
        Scalar::Int(i) if i < 0 && tensor.dtype() == DType::U64 => Ok(Scalar::Large(i as u64)),
        item => Ok(item),
    }
}

/// As [`number`], 0-d tensors too, but for those whose gradient would be lost.
fn number_or_item(object: &Bound<'_, PyAny>) -> PyResult<Option<Scalar>> {
    match tensor_of(object) {
        Some(tensor) if tensor.dim() == 0 && !tensor.requires_grad() => item(tensor).map(Some),
        Some(_) => Ok(None),
        None => number(object),
    }
}

/// An integer: Python's, numpy's, an integer 0-d tensor; not a truth value.
pub(crate) fn int(object: &Bound<'_, PyAny>) -> PyResult<Option<i64>> {
    if object.is_exact_instance_of::<PyInt>() {
        return long(object).map(Some);
    }
    if object.is_instance_of::<PyBool>() || object.is_instance_of::<PyFloat>() {
        return Ok(None);
    }
    if let Some(tensor) = tensor_of(object) {
        let whole = tensor.dim() == 0 && tensor.dtype().is_int();
        return if whole { Ok(Some(item(tensor)?.to_i64())) } else { Ok(None) };
    }
    // SAFETY: the object is alive and the thread attached.
    if unsafe { ffi::PyIndex_Check(object.as_ptr()) } == 0 {
        return Ok(None);
    }
    // SAFETY: as above; a null result means an exception, which is taken over.
    let index = unsafe { Bound::from_owned_ptr_or_opt(object.py(), ffi::PyNumber_Index(object.as_ptr())) };
    match index {
        Some(index) => long(&index).map(Some),
        None => {
            drop(PyErr::take(object.py()));
            Ok(None)
        }
    }
}

/// The elements of a list or tuple (or a subclass, such as `Size`).
pub(crate) fn items<'py>(object: &Bound<'py, PyAny>) -> Option<Vec<Bound<'py, PyAny>>> {
    if let Ok(tuple) = object.cast::<PyTuple>() {
        return Some(tuple.iter().collect());
    }
    object.cast::<PyList>().ok().map(|list| list.iter().collect())
}

/// Integers from a list or tuple.
pub(crate) fn int_list(object: &Bound<'_, PyAny>) -> PyResult<Option<Ints>> {
    let Some(items) = items(object) else { return Ok(None) };
    ints_of(items.iter())
}

/// Integers from several objects.
pub(crate) fn ints_of<'a, 'py: 'a>(
    items: impl Iterator<Item = &'a Bound<'py, PyAny>>,
) -> PyResult<Option<Ints>> {
    let mut out = Ints::new();
    for object in items {
        match int(object)? {
            Some(value) => out.push(value),
            None => return Ok(None),
        }
    }
    Ok(Some(out))
}

/// Integers from a list, a tuple or one integer.
pub(crate) fn ints(object: &Bound<'_, PyAny>) -> PyResult<Option<Ints>> {
    match int(object)? {
        Some(one) => Ok(Some(Ints::from_slice(&[one]))),
        None => int_list(object),
    }
}

/// Integers from a list, a tuple or one integer; `None` is a number left open.
fn open_ints(object: &Bound<'_, PyAny>) -> PyResult<Option<Vec<Option<i64>>>> {
    let one = |object: &Bound<'_, PyAny>| -> PyResult<Option<Option<i64>>> {
        if object.is_none() { Ok(Some(None)) } else { Ok(int(object)?.map(Some)) }
    };
    match items(object) {
        Some(items) => items.iter().map(one).collect(),
        None => Ok(one(object)?.map(|i| vec![i])),
    }
}

/// Numbers from a list, a tuple or one number.
fn floats(object: &Bound<'_, PyAny>) -> PyResult<Option<Vec<f64>>> {
    let one = |object: &Bound<'_, PyAny>| -> PyResult<Option<f64>> {
        let number = number_or_item(object)?.filter(|n| !matches!(n, Scalar::Bool(_)));
        Ok(number.map(|n| n.to_f64()))
    };
    match items(object) {
        Some(items) => items.iter().map(one).collect(),
        None => Ok(one(object)?.map(|x| vec![x])),
    }
}

/// Tensors from a list or tuple; `None` among them stays.
pub(crate) fn tensors(object: &Bound<'_, PyAny>) -> Option<Vec<Option<Tensor>>> {
    let one = |object: Bound<'_, PyAny>| match tensor_of(&object) {
        Some(tensor) => Some(Some(tensor.clone())),
        None => object.is_none().then_some(None),
    };
    items(object)?.into_iter().map(one).collect()
}

/// A tensor, complex or not.
pub(crate) fn any_tensor(object: &Bound<'_, PyAny>) -> Option<Value> {
    match tensor_of(object) {
        Some(tensor) => Some(Value::Tensor(tensor.clone())),
        None => complex_of(object).map(Value::Complex),
    }
}

/// Tensors of which some are complex.
pub(crate) fn any_tensors(object: &Bound<'_, PyAny>) -> Option<Value> {
    let list: Option<Vec<Value>> = items(object)?.iter().map(any_tensor).collect();
    list.map(Value::list)
}

/// A complex number of Python's or numpy's.
pub(crate) fn complex_number(object: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
    let plain = if object.is_instance_of::<PyComplex>() { None } else { numpy_number(object)? };
    let number = plain.as_ref().unwrap_or(object).cast::<PyComplex>().ok();
    Ok(number.map(|number| Value::ComplexNumber([number.real(), number.imag()])))
}

/// A number, complex or not.
fn any_number<'py>(
    object: &Bound<'py, PyAny>,
    real: impl Fn(&Bound<'py, PyAny>) -> PyResult<Option<Scalar>>,
) -> PyResult<Option<Value>> {
    match real(object)? {
        Some(number) => Ok(Some(Value::Scalar(number))),
        None => complex_number(object),
    }
}

/// A dtype, complex or not.
fn any_dtype(object: &Bound<'_, PyAny>) -> Option<Value> {
    if let Some(dtype) = maybe_dtype(object) {
        return Some(Value::DType(dtype));
    }
    complex_parts(object).map(Value::ComplexDType)
}

/// The dtype of the parts, if an object stands for a complex dtype.
pub(crate) fn complex_parts(object: &Bound<'_, PyAny>) -> Option<DType> {
    if let Ok(dtype) = object.cast::<PyDType>() {
        return dtype.get().complex.then_some(dtype.get().dtype);
    }
    let is_type = object.is(object.py().get_type::<PyComplex>());
    is_type.then_some(DType::F64)
}

/// A truth value, not an integer.
pub(crate) fn boolean(object: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
    if let Ok(truth) = object.cast::<PyBool>() {
        return Ok(Some(truth.is_true()));
    }
    Ok(match numpy_number(object)? {
        Some(plain) => plain.cast::<PyBool>().ok().map(|b| b.is_true()),
        None => None,
    })
}

/// A dtype object, or the Python type that stands for one.
pub(crate) fn maybe_dtype(object: &Bound<'_, PyAny>) -> Option<DType> {
    if let Ok(dtype) = object.cast::<PyDType>() {
        return (!dtype.get().complex).then_some(dtype.get().dtype);
    }
    dtype::of_python_type(object.cast::<PyType>().ok()?)
}

/// As [`maybe_dtype`], or a `TypeError`.
pub(crate) fn dtype(function: &str, object: &Bound<'_, PyAny>) -> PyResult<DType> {
    maybe_dtype(object).ok_or_else(|| {
        let got = type_name(object);
        PyTypeError::new_err(format!(
            "{function}(): argument 'dtype' must be spiraltorch_rs.dtype, not {got}"
        ))
    })
}

/// An argument as a parameter's kind wants it.
pub(crate) fn value(kind: ParamKind, object: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
    let mut value = Value::None;
    Ok(read(kind, object, &mut value)?.then_some(value))
}

/// Puts an argument as a parameter's kind wants it where it belongs; whether it is of that kind.
pub(crate) fn read(kind: ParamKind, object: &Bound<'_, PyAny>, to: &mut Value) -> PyResult<bool> {
    if matches!(kind, ParamKind::Tensor | ParamKind::Operand)
        && let Some(tensor) = tensor_of(object)
    {
        *to = Value::Tensor(tensor.clone());
        return Ok(true);
    }
    let found = match kind {
        ParamKind::Tensor => complex_of(object).map(Value::Complex),
        ParamKind::Operand => match complex_of(object) {
            None => any_number(object, number)?,
            complex => complex.map(Value::Complex),
        },
        ParamKind::Tensors => match tensors(object) {
            Some(real) => Some(Value::Tensors(real)),
            None => any_tensors(object),
        },
        ParamKind::Number => match complex_of(object) {
            Some(z) if z.dim() == 0 => Some(Value::ComplexNumber(z.item().or_raise()?)),
            _ => any_number(object, number_or_item)?,
        },
        ParamKind::Int => int(object)?.map(|i| Value::Scalar(Scalar::Int(i))),
        ParamKind::Ints => ints(object)?.map(Value::Ints),
        ParamKind::OpenInts => open_ints(object)?.map(Value::OpenInts),
        ParamKind::Floats => floats(object)?.map(Value::Floats),
        ParamKind::Float => {
            number_or_item(object)?.map(|number| Value::Scalar(Scalar::Float(number.to_f64())))
        }
        ParamKind::Bool => boolean(object)?.map(|b| Value::Scalar(Scalar::Bool(b))),
        ParamKind::Text => match object.cast::<PyString>() {
            Ok(text) => Some(Value::Text(text.to_str()?.to_owned().into())),
            Err(_) => None,
        },
        ParamKind::DType => any_dtype(object),
        ParamKind::Generator => {
            object.cast::<PyGenerator>().ok().map(|g| Value::Generator(g.get().0.clone()))
        }
        ParamKind::Device => {
            let known = object.is_instance_of::<PyDevice>() || object.is_instance_of::<PyString>();
            if known { Some(Value::Device(PyDevice::from_object("device", object)?.id()?)) } else { None }
        }
    };
    Ok(found.map(|value| *to = value).is_some())
}

/// What a parameter takes, in the words of torch's messages.
pub(crate) fn kind_name(kind: ParamKind) -> &'static str {
    match kind {
        ParamKind::Tensor => "Tensor",
        ParamKind::Operand => "Tensor or Number",
        ParamKind::Tensors => "tuple of Tensors",
        ParamKind::Number => "Number",
        ParamKind::Int => "int",
        ParamKind::Ints | ParamKind::OpenInts => "tuple of ints",
        ParamKind::Floats => "tuple of floats",
        ParamKind::Float => "float",
        ParamKind::Bool => "bool",
        ParamKind::Text => "str",
        ParamKind::DType => "spiraltorch_rs.dtype",
        ParamKind::Generator => "Generator",
        ParamKind::Device => "spiraltorch_rs.device",
    }
}

/// A number as a Python object.
pub(crate) fn scalar_object(py: Python<'_>, scalar: Scalar) -> Bound<'_, PyAny> {
    match scalar {
        Scalar::Bool(b) => PyBool::new(py, b).to_owned().into_any(),
        Scalar::Int(i) => PyInt::new(py, i).into_any(),
        Scalar::Large(i) => PyInt::new(py, i).into_any(),
        Scalar::Float(x) => PyFloat::new(py, x).into_any(),
    }
}

/// An element of a tensor as a Python object.
pub(crate) fn element_object(py: Python<'_>, element: Scalar, dtype: DType) -> Bound<'_, PyAny> {
    match element {
        Scalar::Int(i) if dtype == DType::U64 => PyInt::new(py, i as u64).into_any(),
        other => scalar_object(py, other),
    }
}

/// A plain value of the core as a Python object.
pub(crate) fn object(py: Python<'_>, value: Value) -> PyResult<Bound<'_, PyAny>> {
    Ok(match value {
        Value::None => py.None().into_bound(py),
        Value::Tensor(tensor) => PyTensor::wrap(py, tensor)?,
        Value::Tensors(tensors) => {
            let one = |tensor: Option<Tensor>| match tensor {
                Some(tensor) => PyTensor::wrap(py, tensor),
                None => Ok(py.None().into_bound(py)),
            };
            PyTuple::new(py, tensors.into_iter().map(one).collect::<PyResult<Vec<_>>>()?)?.into_any()
        }
        Value::Scalar(scalar) => scalar_object(py, scalar),
        Value::Ints(ints) => PyTuple::new(py, ints)?.into_any(),
        Value::OpenInts(ints) => PyTuple::new(py, ints)?.into_any(),
        Value::Floats(floats) => PyTuple::new(py, floats)?.into_any(),
        Value::DType(dtype) => dtype::object(py, dtype).clone().into_any(),
        Value::Device(id) => Bound::new(py, PyDevice::of(id)?)?.into_any(),
        Value::Generator(generator) => Bound::new(py, PyGenerator(generator))?.into_any(),
        Value::Text(text) => PyString::new(py, &text).into_any(),
        Value::Complex(z) => PyTensor::wrap_complex(py, z)?,
        Value::List(list) => {
            let items = list.into_iter().map(|item| self::object(py, item));
            PyTuple::new(py, items.collect::<PyResult<Vec<_>>>()?)?.into_any()
        }
        Value::ComplexNumber([re, im]) => PyComplex::from_doubles(py, re, im).into_any(),
        Value::ComplexDType(parts) => dtype::object_of(py, parts, true).clone().into_any(),
    })
}

/// An argument on its way in.
pub(crate) type Argument<'a, 'py> = Borrowed<'a, 'py, PyAny>;
