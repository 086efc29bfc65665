//! `x[key]` and `x[key] = value`: the key as a list of what the core indexes with.

use crate::convert::{self, int, item, number};
use crate::creation;
use crate::errors::OrRaise;
use crate::properties::real_of;
use crate::tensor::{PyTensor, tensor_of};
use crate::warnings;
use pyo3::exceptions::{PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyComplex, PyEllipsis, PyFloat, PyInt, PyList, PySlice, PyString, PyTuple};
use smallvec::SmallVec;
use st_core::debug::as_operator;
use st_core::ops::{Index, ParamKind, Value};
use st_core::{Complex, DType, Error, Scalar, Tensor};

type Items = SmallVec<[Index; 4]>;

/// `tensor[key]`.
pub(crate) fn get<'py>(
    py: Python<'py>,
    object: &PyTensor,
    key: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let (tensor, items) = (object.tensor(), items(key)?);
    if object.is_complex() {
        let items = of_pairs(object, items)?;
        return PyTensor::wrap_raw(py, as_operator("index", || tensor.index(&items)).or_raise()?, true);
    }
    let part = as_operator("index", || tensor.index(&items))
        .map_err(|error| end_of_iteration(tensor, key, error))
        .or_raise()?;
    PyTensor::wrap(py, part)
}

/// Python's old iteration protocol and torch's users want an `IndexError` for `x[len(x)]`.
fn end_of_iteration(tensor: &Tensor, key: &Bound<'_, PyAny>, error: Error) -> Error {
    match error {
        Error::Index(_) if tensor.dim() == 0 && key.is_instance_of::<PyInt>() => Error::Index(
            "invalid index of a 0-dim tensor. Use `tensor.item()` to convert a 0-dim tensor to a number"
                .into(),
        ),
        other => other,
    }
}

/// The key for the pairs of a complex tensor: what names all of its dimensions leaves the last one alone.
fn of_pairs(object: &PyTensor, mut items: Items) -> PyResult<Items> {
    let taken = |item: &Index| match item {
        Index::Int(_) | Index::Slice { .. } => 1,
        Index::Tensor(t) if matches!(t.dtype(), DType::Bool | DType::U8) => t.dim(),
        Index::Tensor(_) => 1,
        _ => 0,
    };
    let (count, rank) = (items.iter().map(taken).sum::<usize>(), object.shape().len());
    if count > rank {
        return Err(PyIndexError::new_err(format!("too many indices for tensor of dimension {rank}")));
    }
    if items.iter().any(|item| matches!(item, Index::Ellipsis)) {
        items.push(Index::Slice { start: None, end: None, step: None });
    }
    Ok(items)
}

/// `complex[key] = value`.
fn set_complex(object: &PyTensor, items: Items, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let (tensor, items) = (object.tensor(), of_pairs(object, items)?);
    let parts = tensor.dtype();
    let value = match convert::value(ParamKind::Operand, value)? {
        Some(Value::Complex(z)) => z.to_parts(parts),
        Some(Value::Tensor(x)) => Complex::from_real(&x, parts),
        Some(Value::ComplexNumber(pair)) => Complex::full(&[], pair, parts, tensor.device()),
        Some(Value::Scalar(x)) => Complex::full(&[], [x.to_f64(), 0.0], parts, tensor.device()),
        _ => {
            let made = creation::any_from_data(value, "__setitem__")?;
            match made {
                Value::Complex(z) => z.to_parts(parts),
                Value::Tensor(x) => Complex::from_real(&x, parts),
                other => return Err(PyTypeError::new_err(format!("can't assign a {}", other.kind()))),
            }
        }
    };
    let value = value.or_raise()?;
    as_operator("index_put_", || tensor.index_put_items(&items, value.pairs())).or_raise()
}

/// `tensor[key] = value`.
pub(crate) fn set(object: &PyTensor, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let (tensor, items) = (object.tensor(), items(key)?);
    if tensor.repeats()
        && let Some(Index::Tensor(first)) = items.iter().find(|item| matches!(item, Index::Tensor(_)))
    {
        let masks = first.dtype() == DType::Bool;
        warnings::of_places(key.py(), if masks { "masked_fill" } else { "index_fill" })?;
    }
    if object.is_complex() {
        return set_complex(object, items, value);
    }
    if let Some(value) = tensor_of(value) {
        return as_operator("index_put_", || tensor.index_put_items(&items, value)).or_raise();
    }
    if let Some(number) = number(value)? {
        // What is too large for half precision is infinite where places are given by numbers and slices.
        let plain = !items.iter().any(|item| matches!(item, Index::Tensor(_)));
        let half = matches!(tensor.dtype(), DType::F16 | DType::BF16);
        let number = if plain && half { number.cast(tensor.dtype()) } else { number };
        return as_operator("index_put_", || tensor.index_put_items(&items, number)).or_raise();
    }
    if let Ok(complex) = value.cast::<PyComplex>() {
        let number = real_of([complex.real(), complex.imag()], tensor.dtype())?;
        return as_operator("index_put_", || tensor.index_put_items(&items, number)).or_raise();
    }
    if value.is_instance_of::<PyString>() || value.is_none() {
        let got = convert::type_name(value);
        return Err(PyTypeError::new_err(format!("can't assign a {got} to a {} tensor", tensor.dtype())));
    }
    let value = creation::from_data(value, Some(tensor.dtype()), "__setitem__")?;
    as_operator("index_put_", || tensor.index_put_items(&items, &value)).or_raise()
}

fn items(key: &Bound<'_, PyAny>) -> PyResult<Items> {
    if let Ok(tuple) = key.cast::<PyTuple>() {
        return tuple.iter_borrowed().map(|part| one(&part)).collect();
    }
    match key.cast::<PyList>() {
        Ok(list) if stands_for_tuple(list) => {
            warnings::warn(
                key.py(),
                "Using a non-tuple sequence for multidimensional indexing is deprecated; use x[tuple(seq)] instead of x[seq].",
            )?;
            list.iter().map(|part| one(&part)).collect()
        }
        _ => Ok(Items::from_iter([one(key)?])),
    }
}

/// Torch's rule, numpy's of old: a short list with a list, a slice or the like in it is an index for each dimension.
fn stands_for_tuple(list: &Bound<'_, PyList>) -> bool {
    let whole = |part: Bound<'_, PyAny>| {
        let listed = part.is_instance_of::<PyList>() || part.is_instance_of::<PyTuple>();
        listed
            || part.is_none()
            || part.is_instance_of::<PySlice>()
            || part.is(PyEllipsis::get(part.py()))
            || tensor_of(&part).is_some()
    };
    list.len() < 32 && list.iter().any(whole)
}

fn one(key: &Bound<'_, PyAny>) -> PyResult<Index> {
    if key.is_exact_instance_of::<PyInt>() {
        return Ok(Index::Int(convert::index(key, false)?.unwrap_or_default()));
    }
    if key.is_none() {
        return Ok(Index::None);
    }
    if let Ok(slice) = key.cast::<PySlice>() {
        return slice_of(slice);
    }
    if key.is(PyEllipsis::get(key.py())) {
        return Ok(Index::Ellipsis);
    }
    if let Ok(truth) = key.cast::<PyBool>() {
        return Ok(Index::Bool(truth.is_true()));
    }
    if let Some(tensor) = tensor_of(key) {
        // As in torch, one integer is a position: what is read is a view.
        let byte = tensor.dtype() == DType::U8;
        if byte {
            warnings::warn(
                key.py(),
                "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.",
            )?;
        }
        let position = tensor.dim() == 0 && tensor.dtype().is_int() && !byte && !tensor.is_sample();
        return Ok(if position { Index::Int(item(tensor)?.to_i64()) } else { Index::Tensor(tensor.clone()) });
    }
    if key.is_instance_of::<PyFloat>() || key.is_instance_of::<PyString>() {
        return Err(wrong(key));
    }
    if let Some(position) = int(key)? {
        return Ok(Index::Int(position));
    }
    if let Some(Scalar::Bool(truth)) = number(key)? {
        return Ok(Index::Bool(truth));
    }
    sequence(key)
}

/// A list, or an array of numpy's: an index tensor; an empty list has integers.
fn sequence(key: &Bound<'_, PyAny>) -> PyResult<Index> {
    if key.len().is_err() {
        return Err(wrong(key));
    }
    let tensor = creation::from_data(key, None, "__getitem__")?;
    let empty_list = tensor.numel() == 0 && tensor.dtype().is_float() && convert::items(key).is_some();
    let tensor = if empty_list { tensor.to_dtype(DType::I64).or_raise()? } else { tensor };
    Ok(Index::Tensor(tensor))
}

fn slice_of(slice: &Bound<'_, PySlice>) -> PyResult<Index> {
    let bound = |name: &str| -> PyResult<Option<i64>> {
        let object = slice.getattr(name)?;
        if object.is_none() {
            return Ok(None);
        }
        let wrong =
            || PyTypeError::new_err("slice indices must be integers or None or have an __index__ method");
        convert::index(&object, true)?.ok_or_else(wrong).map(Some)
    };
    let step = bound("step")?;
    if step.is_some_and(|step| step <= 0) {
        return Err(PyValueError::new_err("step must be greater than zero"));
    }
    Ok(Index::Slice { start: bound("start")?, end: bound("stop")?, step })
}

fn wrong(key: &Bound<'_, PyAny>) -> PyErr {
    PyIndexError::new_err(format!(
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got {})",
        convert::type_name(key)
    ))
}
