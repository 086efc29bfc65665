//! Tensors from Python data: nested lists, numbers, arrays, other tensors.

use crate::buffer;
use crate::call::{Args, Native, natives};
use crate::convert::{self, boolean, item, number};
use crate::dlpack;
use crate::errors::{OrRaise, raise};
use crate::gpu;
use crate::tensor::{complex_of, raw_of, tensor_of};
use crate::warnings;
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyCapsule, PyComplex, PyDict, PyFloat, PyInt, PyList, PyMemoryView,
    PyString, PyTuple,
};
use st_core::ops::Value;
use st_core::{Complex, DType, Error, Scalar, Tensor};

/// Numbers read so far, in the narrowest of four types that holds them all.
enum Numbers {
    Bools(Vec<bool>),
    Ints(Vec<i64>),
    Floats(Vec<f64>),
    /// Complex numbers, part after part.
    Pairs(Vec<f64>),
}

use Numbers::{Bools, Floats, Ints, Pairs};

/// A dtype, or that of the parts of a complex one and true.
pub(crate) type Kind = (DType, bool);

impl Numbers {
    fn push(&mut self, scalar: Scalar) {
        match (&mut *self, scalar) {
            (Floats(list), number) => list.push(number.to_f64()),
            (Pairs(list), number) => list.extend([number.to_f64(), 0.0]),
            (Ints(list), Scalar::Int(_) | Scalar::Large(_) | Scalar::Bool(_)) => list.push(scalar.to_i64()),
            (Bools(list), Scalar::Bool(b)) => list.push(b),
            (Ints(list), Scalar::Float(x)) => {
                let mut wider: Vec<f64> = list.iter().map(|&i| i as f64).collect();
                wider.push(x);
                *self = Floats(wider);
            }
            (Bools(list), _) => {
                *self = Ints(list.iter().map(|&b| i64::from(b)).collect());
                self.push(scalar);
            }
        }
    }

    fn push_pair(&mut self, pair: [f64; 2]) {
        let reals: Vec<f64> = match self {
            Pairs(list) => return list.extend(pair),
            Floats(list) => std::mem::take(list),
            Ints(list) => list.iter().map(|&i| i as f64).collect(),
            Bools(list) => list.iter().map(|&b| f64::from(u8::from(b))).collect(),
        };
        *self = Pairs(reals.into_iter().flat_map(|re| [re, 0.0]).chain(pair).collect());
    }

    /// A number that an integer dtype has no room for.
    fn beyond(&self, dtype: DType) -> bool {
        dtype.is_int()
            && match self {
                Bools(_) => false,
                Ints(list) => dtype != DType::I64 && list.iter().any(|&i| !Scalar::Int(i).fits(dtype)),
                Floats(list) | Pairs(list) => list.iter().any(|&x| !Scalar::Float(x).fits(dtype)),
            }
    }

    /// The elements' bytes as `dtype`.
    fn bytes(&self, dtype: DType) -> Vec<u8> {
        match (self, dtype) {
            (Floats(list) | Pairs(list), DType::F32) => {
                list.iter().flat_map(|&x| (x as f32).to_ne_bytes()).collect()
            }
            (Floats(list) | Pairs(list), DType::F64) => list.iter().flat_map(|x| x.to_ne_bytes()).collect(),
            (Ints(list), DType::I64) => list.iter().flat_map(|i| i.to_ne_bytes()).collect(),
            (Floats(list) | Pairs(list), _) => written(list, dtype),
            (Ints(list), _) => written(list, dtype),
            (Bools(list), _) => written(list, dtype),
        }
    }
}

fn written<T: Copy + Into<Scalar>>(list: &[T], dtype: DType) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(list.len() * dtype.size());
    list.iter().for_each(|&x| x.into().write(dtype, &mut bytes));
    bytes
}

/// A walk through nested sequences.
struct Reader {
    numbers: Numbers,
    /// The promoted dtype of what was read.
    dtype: Option<DType>,
    /// Whether an integer had more than 64 bits, which floats and truth values have room for.
    long: bool,
    /// Whether they are for `uint64`, which has room for some of those.
    unsigned: bool,
    shape: Vec<usize>,
}

impl Reader {
    fn saw(&mut self, dtype: DType) {
        if self.dtype != Some(dtype) {
            self.dtype = Some(self.dtype.map_or(dtype, |known| known.promote(dtype)));
        }
    }

    fn read(&mut self, object: &Bound<'_, PyAny>, depth: usize) -> PyResult<()> {
        if depth == self.shape.len() {
            return self.read_number(object);
        }
        let Some(items) = sequence(object)? else {
            return Err(PyTypeError::new_err(format!("not a sequence: {}", convert::type_name(object))));
        };
        if items.len() != self.shape[depth] {
            return Err(PyValueError::new_err(format!(
                "expected sequence of length {} at dim {depth} (got {})",
                self.shape[depth],
                items.len()
            )));
        }
        if depth + 1 < self.shape.len() {
            return items.iter().try_for_each(|inner| self.read(&inner, depth + 1));
        }
        items.iter().try_for_each(|number| self.read_number(&number))
    }

    fn read_number(&mut self, object: &Bound<'_, PyAny>) -> PyResult<()> {
        if let Ok(float) = object.cast_exact::<PyFloat>() {
            self.saw(st_core::default_dtype());
            self.numbers.push(Scalar::Float(float.value()));
            return Ok(());
        }
        if let Some(Value::ComplexNumber(pair)) = complex_number(object)? {
            if object.getattr("dtype").is_ok_and(|dtype| dtype.to_string().ends_with("complex128")) {
                self.saw(DType::F64);
            }
            self.numbers.push_pair(pair);
            return Ok(());
        }
        if let Some(tensor) = tensor_of(object) {
            if tensor.numel() != 1 && !tensor.dtype().is_float() {
                return Err(PyTypeError::new_err(
                    "only integer tensors of a single element can be converted to an index",
                ));
            }
            if tensor.numel() != 1 {
                return Err(PyValueError::new_err(
                    "only one element tensors can be converted to Python scalars",
                ));
            }
            self.saw(tensor.dtype());
            self.numbers.push(item(tensor)?);
            return Ok(());
        }
        if self.unsigned && object.is_exact_instance_of::<PyInt>() {
            self.saw(DType::I64);
            self.numbers.push(Scalar::Int(object.extract::<u64>()? as i64));
            return Ok(());
        }
        if object.is_exact_instance_of::<PyInt>() && object.extract::<i64>().is_err() {
            self.saw(DType::I64);
            self.long = true;
            self.numbers.push(Scalar::Float(object.call_method0("__float__")?.extract()?));
            return Ok(());
        }
        let Some(scalar) = number(object)? else {
            let got = convert::type_name(object);
            let deep = !self.shape.is_empty() && sequence(object)?.is_some();
            return Err(PyTypeError::new_err(if deep {
                format!("expected a number at dim {}, got a {got}: the lists are uneven", self.shape.len())
            } else {
                format!("new(): invalid data type '{got}'")
            }));
        };
        self.saw(numpy_dtype(object).unwrap_or(match scalar {
            Scalar::Bool(_) => DType::Bool,
            Scalar::Int(_) | Scalar::Large(_) => DType::I64,
            Scalar::Float(_) => st_core::default_dtype(),
        }));
        self.numbers.push(scalar);
        Ok(())
    }
}

/// The dtype of a numpy scalar.
fn numpy_dtype(object: &Bound<'_, PyAny>) -> Option<DType> {
    if object.is_exact_instance_of::<PyInt>() || object.is_exact_instance_of::<PyBool>() {
        return None;
    }
    DType::parse(object.getattr("dtype").ok()?.getattr("name").ok()?.extract::<String>().ok()?.as_str())
}

/// The items of anything that is a sequence and not text.
fn sequence<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyList>>> {
    if let Ok(list) = object.cast::<PyList>() {
        return Ok(Some(list.clone()));
    }
    if let Ok(tuple) = object.cast::<PyTuple>() {
        return Ok(Some(tuple.to_list()));
    }
    let unsuitable = object.is_instance_of::<PyString>()
        || object.is_instance_of::<PyDict>()
        || !object.hasattr("__len__")?
        || !object.hasattr("__getitem__")?
        || tensor_of(object).is_some_and(|tensor| tensor.dim() == 0);
    if unsuitable || object.len().is_err() {
        return Ok(None);
    }
    Ok(Some(
        object.try_iter()?.collect::<PyResult<Vec<_>>>().and_then(|items| PyList::new(object.py(), items))?,
    ))
}

/// The shape nested sequences have, by their first items.
fn shape_of(object: &Bound<'_, PyAny>) -> PyResult<Vec<usize>> {
    let mut shape = Vec::new();
    let mut inner = object.clone();
    // As in torch, a tensor in a list is a number.
    while convert::any_tensor(&inner).is_none()
        && let Some(items) = sequence(&inner)?
    {
        shape.push(items.len());
        if shape.len() > 64 {
            return Err(PyValueError::new_err("too many dimensions: sequences are nested more than 64 deep"));
        }
        if items.is_empty() {
            break;
        }
        inner = items.get_item(0)?;
    }
    Ok(shape)
}

/// A complex number of Python's or numpy's, or that in a complex tensor.
fn complex_number(object: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
    match complex_of(object) {
        Some(z) => Ok(Some(Value::ComplexNumber(z.item().or_raise()?))),
        None => convert::complex_number(object),
    }
}

/// The elements of a nested sequence or a number.
fn read(object: &Bound<'_, PyAny>, kind: Option<Kind>) -> PyResult<Value> {
    if object.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err(format!(
            "new(): invalid data type '{}'",
            convert::type_name(object)
        )));
    }
    let unsigned = kind == Some((DType::U64, false));
    let mut reader =
        Reader { numbers: Bools(Vec::new()), dtype: None, long: false, unsigned, shape: shape_of(object)? };
    reader.read(object, 0)?;
    let has_pairs = matches!(reader.numbers, Pairs(_));
    if has_pairs || kind.is_some_and(|(_, complex)| complex) {
        return read_complex(reader, kind);
    }
    let dtype = kind.map(|(dtype, _)| dtype).or(reader.dtype).unwrap_or_else(st_core::default_dtype);
    if reader.long && dtype.is_int() {
        return Err(PyValueError::new_err("Overflow when unpacking long long"));
    }
    if reader.numbers.beyond(dtype) {
        return Err(raise(Error::Runtime(format!(
            "value cannot be converted to type {dtype} without overflow"
        ))));
    }
    Tensor::from_bytes(&reader.numbers.bytes(dtype), &reader.shape, dtype, 0).or_raise().map(Value::Tensor)
}

fn read_complex(mut reader: Reader, kind: Option<Kind>) -> PyResult<Value> {
    let parts = match (kind, reader.dtype) {
        (Some((parts, true)), _) => parts,
        (Some((DType::Bool, false)), _) => {
            // True where either part is something, however small.
            let z = read_complex(reader, Some((DType::F64, true)))?;
            let Value::Complex(z) = z else { return Ok(z) };
            return z.pairs().ne(0).and_then(|parts| parts.any(&[-1], false)).or_raise().map(Value::Tensor);
        }
        (Some((dtype, false)), _) => {
            return Err(PyTypeError::new_err(format!(
                "complex numbers cannot be converted to {dtype}; take their .real and .imag"
            )));
        }
        (None, Some(DType::F64)) => DType::F64,
        (None, _) => st_core::complex::default_parts(),
    };
    // Real numbers among others were widened when the first complex one came; without any they are now.
    if !matches!(reader.numbers, Pairs(_)) {
        reader.numbers.push_pair([0.0; 2]);
        if let Pairs(list) = &mut reader.numbers {
            list.truncate(list.len() - 2);
        }
    }
    reader.shape.push(2);
    let pairs = Tensor::from_bytes(&reader.numbers.bytes(parts), &reader.shape, parts, 0).or_raise()?;
    Ok(Value::Complex(Complex::of_pairs(pairs)))
}

/// A tensor of any data; it may share the data's memory.
fn shared_or_read(object: &Bound<'_, PyAny>, kind: Option<Kind>, function: &str) -> PyResult<(Value, bool)> {
    if let Some(tensor) = convert::any_tensor(object) {
        return Ok((tensor, true));
    }
    if !object.is_instance_of::<PyList>()
        && !object.is_instance_of::<PyFloat>()
        && !object.is_instance_of::<PyInt>()
        && !object.is_instance_of::<PyComplex>()
    {
        if object.hasattr("__array_interface__")? {
            return Ok((buffer::import(object, function)?, true));
        }
        if object.hasattr("__dlpack__")? || object.is_instance_of::<PyCapsule>() {
            return Ok((dlpack::import(object)?, true));
        }
        if object.hasattr("__cuda_array_interface__")? {
            return Ok((gpu::import_array(object)?, true));
        }
    }
    Ok((read(object, kind)?, false))
}

/// Real or complex as a kind wants it.
fn cast(value: Value, kind: Option<Kind>) -> PyResult<Value> {
    match (value, kind) {
        (value, None) => Ok(value),
        (Value::Tensor(x), Some((dtype, false))) => x.to_dtype(dtype).or_raise().map(Value::Tensor),
        (Value::Tensor(x), Some((parts, true))) => {
            Complex::from_real(&x, parts).or_raise().map(Value::Complex)
        }
        (Value::Complex(z), Some((parts, true))) => z.to_parts(parts).or_raise().map(Value::Complex),
        (Value::Complex(z), Some((dtype, false))) => {
            z.to_real(dtype).and_then(|x| x.copy()).or_raise().map(Value::Tensor)
        }
        (other, _) => Err(PyTypeError::new_err(format!("new(): expected a Tensor, not {}", other.kind()))),
    }
}

/// A tensor of any data, complex or not.
pub(crate) fn any_from_data(object: &Bound<'_, PyAny>, function: &str) -> PyResult<Value> {
    Ok(shared_or_read(object, None, function)?.0)
}

/// A tensor of any data, as a dtype if one is named.
pub(crate) fn from_data(object: &Bound<'_, PyAny>, dtype: Option<DType>, function: &str) -> PyResult<Tensor> {
    let kind = dtype.map(|dtype| (dtype, false));
    let (value, _) = shared_or_read(object, kind, function)?;
    real(cast(value, kind)?, function)
}

fn real(value: Value, function: &str) -> PyResult<Tensor> {
    match value {
        Value::Tensor(tensor) => Ok(tensor),
        other => {
            Err(PyTypeError::new_err(format!("{function}(): expected real numbers, not a {}", other.kind())))
        }
    }
}

/// A tensor that shares nothing with the data.
fn copied(object: &Bound<'_, PyAny>, kind: Option<Kind>, function: &str) -> PyResult<Value> {
    let (value, shares) = shared_or_read(object, kind, function)?;
    let value = match value {
        Value::Tensor(tensor) => Value::Tensor(tensor.detach()),
        Value::Complex(z) => Value::Complex(Complex::of_pairs(z.pairs().detach())),
        other => other,
    };
    let made = match (&value, kind) {
        (Value::Tensor(x), Some(kind)) => kind != (x.dtype(), false),
        (Value::Complex(z), Some(kind)) => kind != (z.parts(), true),
        _ => false,
    };
    match cast(value, kind)? {
        Value::Tensor(tensor) if shares && !made => tensor.copy().or_raise().map(Value::Tensor),
        Value::Complex(z) if shares && !made => {
            z.pairs().copy().or_raise().map(|pairs| Value::Complex(Complex::of_pairs(pairs)))
        }
        value => Ok(value),
    }
}

fn copied_real(object: &Bound<'_, PyAny>, dtype: Option<DType>, function: &str) -> PyResult<Tensor> {
    real(copied(object, dtype.map(|dtype| (dtype, false)), function)?, function)
}

fn finish<'py>(args: &Args<'_, 'py>, value: Value, requires_grad: bool) -> PyResult<Bound<'py, PyAny>> {
    let tensor = match &value {
        Value::Complex(z) => z.pairs(),
        Value::Tensor(tensor) => tensor,
        other => {
            return Err(PyTypeError::new_err(format!("{}: no tensor but {}", args.name(), other.kind())));
        }
    };
    if requires_grad {
        tensor.requires_grad_(true).or_raise()?;
    }
    convert::object(args.py, value)
}

fn maybe_kind(args: &Args<'_, '_>, i: usize) -> PyResult<Option<Kind>> {
    match args.get(i).and_then(|object| convert::complex_parts(object)) {
        Some(parts) => Ok(Some((parts, true))),
        None => Ok(args.maybe_dtype(i)?.map(|dtype| (dtype, false))),
    }
}

/// On the device that is named; else where the data is or, if that is no tensor, where new tensors are.
fn placed(args: &Args<'_, '_>, data: &Bound<'_, PyAny>, made: Value) -> PyResult<Value> {
    let device = args.maybe_device(2)?;
    let place = |tensor: &Tensor| {
        let usual = raw_of(data).map_or_else(st_core::default_device, |(data, _)| data.device());
        tensor.to_device(device.unwrap_or(usual)).or_raise()
    };
    Ok(match made {
        Value::Complex(z) => Value::Complex(Complex::of_pairs(place(z.pairs())?)),
        Value::Tensor(tensor) => Value::Tensor(place(&tensor)?),
        other => other,
    })
}

/// Whether an object is the very tensor that was made of it.
fn is_same(object: &Bound<'_, PyAny>, made: &Value) -> bool {
    raw_of(object).is_some_and(|(tensor, _)| match made {
        Value::Complex(z) => z.pairs().is(tensor),
        Value::Tensor(made) => made.is(tensor),
        _ => false,
    })
}

fn tensor<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let data = args.required(0)?;
    warnings::of_copy(data, "torch.tensor")?;
    let made = copied(data, maybe_kind(args, 1)?, args.name())?;
    finish(args, placed(args, data, made)?, args.bool(3)?)
}

fn as_tensor<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let (data, kind) = (args.required(0)?, maybe_kind(args, 1)?);
    let made = placed(args, data, cast(shared_or_read(data, kind, args.name())?.0, kind)?)?;
    if is_same(data, &made) {
        return Ok(data.clone());
    }
    convert::object(args.py, made)
}

fn asarray<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let (data, kind) = (args.required(0)?, maybe_kind(args, 1)?);
    let must_copy = args.get(3).map(boolean).transpose()?.flatten();
    let made = match must_copy {
        _ if has_bytes(data) => {
            let (dtype, complex) = kind.unwrap_or((st_core::default_dtype(), false));
            let seen = of_kind(buffer::import_flat(data, (dtype, complex), -1, 0)?, complex);
            return finish_bytes(args, seen, must_copy == Some(true));
        }
        Some(true) => copied(data, kind, args.name())?,
        _ => {
            let (seen, shared) = shared_or_read(data, kind, args.name())?;
            if must_copy == Some(false) && !shared {
                return Err(PyValueError::new_err("can't alias arbitrary sequence into a tensor"));
            }
            cast(seen, kind)?
        }
    };
    let shares = |tensor: &Tensor| raw_of(data).is_none_or(|(own, _)| own.shares_storage(tensor));
    let aliases = match &made {
        Value::Complex(z) => shares(z.pairs()),
        Value::Tensor(tensor) => shares(tensor),
        _ => true,
    };
    if must_copy == Some(false) && !aliases {
        let named = |(dtype, complex)| {
            if complex { st_core::complex_name(dtype) } else { st_core::dtype_name(dtype) }
        };
        return Err(PyValueError::new_err(match (raw_of(data), kind) {
            (Some((own, complex)), Some(kind)) => format!(
                "can't alias tensor with dtype '{}' into dtype '{}'; leave copy=None",
                named((own.dtype(), complex)),
                named(kind)
            ),
            _ => "can't alias tensor with copy=False: this needs a copy".to_owned(),
        }));
    }
    finish(args, placed(args, data, made)?, args.bool(4)?)
}

/// Whether an object is memory that says nothing of its elements, but the bytes of them.
fn has_bytes(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyMemoryView>()
        || object.is_instance_of::<PyBytes>()
        || object.is_instance_of::<PyByteArray>()
}

fn finish_bytes<'py>(args: &Args<'_, 'py>, seen: Value, copy: bool) -> PyResult<Bound<'py, PyAny>> {
    let seen = match seen {
        Value::Complex(z) if copy => Value::Complex(Complex::of_pairs(z.pairs().copy().or_raise()?)),
        Value::Tensor(tensor) if copy => Value::Tensor(tensor.copy().or_raise()?),
        seen => seen,
    };
    finish(args, placed(args, args.required(0)?, seen)?, args.bool(4)?)
}

/// A tensor, or the complex one whose pairs it is.
fn of_kind(tensor: Tensor, complex: bool) -> Value {
    if complex { Value::Complex(Complex::of_pairs(tensor)) } else { Value::Tensor(tensor) }
}

fn from_numpy<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let array = args.required(0)?;
    if !array.hasattr("__array_interface__")? {
        let got = convert::type_name(array);
        return Err(PyTypeError::new_err(format!("expected np.ndarray (got {got})")));
    }
    convert::object(args.py, buffer::import(array, args.name())?)
}

fn frombuffer<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let (dtype, complex) = maybe_kind(args, 1)?.ok_or_else(|| args.wrong(1, "spiraltorch_rs.dtype", None))?;
    let (count, offset) = (args.maybe_int(2)?.unwrap_or(-1), args.maybe_int(3)?.unwrap_or(0));
    let made = buffer::import_flat(args.required(0)?, (dtype, complex), count, offset)?;
    finish(args, of_kind(made, complex), args.bool(4)?)
}

/// As `frombuffer`, of memory that nobody else writes.
fn adopt<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let dtype = args.maybe_dtype(1)?.ok_or_else(|| args.wrong(1, "spiraltorch_rs.dtype", None))?;
    let made = buffer::import_flat(args.required(0)?, (dtype, false), args.int(2)?, args.int(3)?)?;
    made.claim_storage();
    crate::tensor::PyTensor::wrap(args.py, made)
}

fn new_tensor<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let own = (args.this_tensor().dtype(), args.this_object().is_complex());
    warnings::of_copy(args.required(0)?, "tensor.new_tensor")?;
    let made = copied(args.required(0)?, Some(maybe_kind(args, 1)?.unwrap_or(own)), args.name())?;
    finish(args, placed(args, args.this(), made)?, args.bool(3)?)
}

/// `Tensor(...)`: torch's old constructor. Sizes make memory with undefined contents, data a copy in the default dtype.
pub(crate) fn legacy(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Tensor> {
    let named = kwargs.map_or(0, |kwargs| kwargs.len());
    let (dtype, device) = (st_core::default_dtype(), st_core::default_device());
    if let Some(given) = kwargs.map(|kwargs| kwargs.get_item("device")).transpose()?.flatten() {
        refuse_device(args, &given)?;
    }
    if args.is_empty() {
        let data = kwargs.map(|kwargs| kwargs.get_item("data")).transpose()?.flatten();
        return match data {
            Some(data) => Ok(copied_real(&data, None, "Tensor")?),
            None => Tensor::empty(&[0], dtype, device).or_raise(),
        };
    }
    let first = args.get_item(0)?;
    if args.len() == 1 && named == 0 {
        if let Some(tensor) = tensor_of(&first) {
            return Ok(tensor.detach());
        }
        if convert::int(&first)?.is_none() && !is_size(&first)? {
            return copied_real(&first, Some(dtype), "Tensor");
        }
    }
    // A subclass may have parameters of its own after the data.
    if let Some(tensor) = tensor_of(&first) {
        return Ok(tensor.detach());
    }
    let sizes = match (args.len(), convert::int_list(&first)?) {
        (1, Some(sizes)) => sizes,
        _ => convert::ints_of(args.iter().collect::<Vec<_>>().iter())?
            .ok_or_else(|| raise(Error::Type("new(): expected data, a tensor or sizes".into())))?,
    };
    st_core::tensor::sizes(&sizes).and_then(|sizes| Tensor::empty(&sizes, dtype, device)).or_raise()
}

/// The old constructor makes tensors of the CPU, and none of other tensors, where a device is named.
fn refuse_device(args: &Bound<'_, PyTuple>, device: &Bound<'_, PyAny>) -> PyResult<()> {
    if args.get_item(0).is_ok_and(|first| raw_of(&first).is_some()) {
        return Err(PyRuntimeError::new_err(
            "Legacy tensor constructor of the form torch.Tensor(tensor, device=device) is not supported. Use torch.tensor(...) or torch.as_tensor(...) instead.",
        ));
    }
    let name = device.str()?.to_string();
    let kind = name.split(':').next().unwrap_or_default();
    if device.is_none() || kind == "cpu" {
        return Ok(());
    }
    Err(PyRuntimeError::new_err(format!(
        "legacy constructor expects device type: cpu but device type: {kind} was passed"
    )))
}

fn is_size(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(object.get_type().name()? == "Size")
}

pub(crate) const FUNCTIONS: &[Native] = natives! {
    "tensor" ("data, dtype=None, device=None, requires_grad=False, pin_memory=False") tensor: "A tensor with a copy of the data: a number, nested lists, an array, a tensor.";
    "as_tensor" ("data, dtype=None, device=None") as_tensor: "A tensor of the data, which it shares where it can.";
    "asarray" ("obj, dtype=None, device=None, copy=None, requires_grad=False") asarray: "A tensor of the data, shared or copied as asked.";
    "from_numpy" ("ndarray") from_numpy: "A tensor that shares the array's memory.";
    "_adopt" ("buffer, dtype, count, offset") adopt: "A tensor over memory that nobody else writes.";
    "frombuffer" ("buffer, dtype=None, count=-1, offset=0, requires_grad=False") frombuffer: "A tensor that shares the memory of an object with Python's buffer protocol.";
};

pub(crate) const METHODS: &[Native] = natives! {
    "new_tensor" ("data, dtype=None, device=None, requires_grad=False") new_tensor complex: "A tensor with a copy of the data, of this tensor's dtype unless another is named.";
};
