//! Python's buffer protocol both ways, and numpy through it: no copies, and numpy is not imported before it is asked for.

use crate::call::{Args, Native, natives};
use crate::convert;
use crate::errors::OrRaise;
use crate::tensor::PyTensor;
use crate::warnings;
use pyo3::buffer::{ElementType, PyUntypedBuffer};
use pyo3::exceptions::{PyBufferError, PyRuntimeError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyMemoryView;
use st_core::graph::DeviceId;
use st_core::ops::Value;
use st_core::{Complex, DType, Tensor};
use std::ffi::{CStr, c_int, c_long};
use std::ptr::NonNull;

/// What an exported buffer points into.
struct Export {
    /// Keeps the memory.
    _owner: Tensor,
    shape: Vec<isize>,
    strides: Vec<isize>,
}

/// Python's code of an element type; numpy knows no bfloat16.
fn code(dtype: DType, complex: bool) -> Option<&'static CStr> {
    Some(match dtype {
        DType::F32 if complex => c"Zf",
        DType::F64 if complex => c"Zd",
        _ if complex => return None,
        DType::Bool => c"?",
        DType::U8 => c"B",
        DType::I8 => c"b",
        DType::I16 => c"h",
        DType::U16 => c"H",
        DType::U32 => c"I",
        DType::U64 if size_of::<c_long>() == 8 => c"L",
        DType::U64 => c"Q",
        DType::I32 => c"i",
        // The code numpy has for its own int64.
        DType::I64 if size_of::<c_long>() == 8 => c"l",
        DType::I64 => c"q",
        DType::F16 => c"e",
        DType::BF16 => return None,
        DType::F32 => c"f",
        DType::F64 => c"d",
    })
}

/// The dtype of a buffer's elements, and whether it is that of the parts of complex numbers.
fn kind_of(format: &CStr) -> Option<(DType, bool)> {
    match format.to_bytes() {
        b"Zf" | b"@Zf" | b"=Zf" => Some((DType::F32, true)),
        b"Zd" | b"@Zd" | b"=Zd" => Some((DType::F64, true)),
        b"<Zf" if cfg!(target_endian = "little") => Some((DType::F32, true)),
        b"<Zd" if cfg!(target_endian = "little") => Some((DType::F64, true)),
        _ => dtype_of(format).map(|dtype| (dtype, false)),
    }
}

fn dtype_of(format: &CStr) -> Option<DType> {
    let native = match format.to_bytes() {
        [b'@' | b'=', code] | [code] => *code,
        [b'<', code] if cfg!(target_endian = "little") => *code,
        [b'>' | b'!', code] if cfg!(target_endian = "big") => *code,
        _ => return None,
    };
    if native == b'e' {
        return Some(DType::F16);
    }
    Some(match ElementType::from_format(format) {
        ElementType::Bool => DType::Bool,
        ElementType::UnsignedInteger { bytes: 1 } => DType::U8,
        ElementType::UnsignedInteger { bytes: 2 } => DType::U16,
        ElementType::UnsignedInteger { bytes: 4 } => DType::U32,
        ElementType::UnsignedInteger { bytes: 8 } => DType::U64,
        ElementType::SignedInteger { bytes: 1 } => DType::I8,
        ElementType::SignedInteger { bytes: 2 } => DType::I16,
        ElementType::SignedInteger { bytes: 4 } => DType::I32,
        ElementType::SignedInteger { bytes: 8 } => DType::I64,
        ElementType::Float { bytes: 4 } => DType::F32,
        ElementType::Float { bytes: 8 } => DType::F64,
        _ => return None,
    })
}

/// Why a tensor's memory cannot be shown to Python.
fn refuse_export(tensor: &Tensor) -> PyResult<()> {
    if tensor.requires_grad() && st_core::autograd::is_grad_enabled() {
        return Err(PyRuntimeError::new_err(
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
        ));
    }
    if tensor.device() != 0 {
        return Err(PyTypeError::new_err(
            "can't convert a tensor of another device to numpy. Use Tensor.cpu() to copy the tensor to host memory first.",
        ));
    }
    Ok(())
}

/// Fills a view of a tensor's memory; Python and we see each other's writes from now on.
///
/// # Safety
/// `view` is null or points to a view to fill.
pub(crate) unsafe fn export(
    this: &Bound<'_, PyTensor>,
    view: *mut ffi::Py_buffer,
    flags: c_int,
) -> PyResult<()> {
    if view.is_null() {
        return Err(PyBufferError::new_err("no view to fill"));
    }
    // SAFETY: the view is there; an exporter that fails leaves no object in it.
    unsafe { (*view).obj = std::ptr::null_mut() };
    let tensor = this.get().tensor();
    refuse_export(tensor).map_err(|error| PyBufferError::new_err(error.value(this.py()).to_string()))?;
    let format = code(tensor.dtype(), this.get().is_complex())
        .ok_or_else(|| PyBufferError::new_err(format!("Got unsupported ScalarType {}", tensor.dtype())))?;
    if flags & ffi::PyBUF_STRIDES != ffi::PyBUF_STRIDES && !tensor.is_contiguous() {
        return Err(PyBufferError::new_err("the tensor is not contiguous"));
    }
    let start = tensor.share_storage().or_raise()?.host_ptr();
    let (size, part) = (this.get().element_size(), tensor.dtype().size());
    let start = start.ok_or_else(|| PyBufferError::new_err("the memory is not the host's"))?;
    let export = Box::new(Export {
        _owner: tensor.detach(),
        shape: this.get().shape().iter().map(|&n| n as isize).collect(),
        strides: this.get().strides().iter().map(|&s| s * size as isize).collect(),
    });
    let export = Box::into_raw(export);
    // SAFETY: `view` is Python's; shape and strides live in the export, which `release` frees; the offset is in the storage.
    unsafe {
        let shaped = flags & ffi::PyBUF_ND == ffi::PyBUF_ND;
        let strided = flags & ffi::PyBUF_STRIDES == ffi::PyBUF_STRIDES;
        (*view).buf = start.as_ptr().add(tensor.storage_offset() * part).cast();
        (*view).len = (tensor.numel() * part) as isize;
        (*view).readonly = 0;
        (*view).itemsize = size as isize;
        (*view).format =
            if flags & ffi::PyBUF_FORMAT != 0 { format.as_ptr().cast_mut() } else { std::ptr::null_mut() };
        (*view).ndim = if shaped { this.get().shape().len() as c_int } else { 1 };
        (*view).shape = if shaped { (*export).shape.as_mut_ptr() } else { std::ptr::null_mut() };
        (*view).strides = if strided { (*export).strides.as_mut_ptr() } else { std::ptr::null_mut() };
        (*view).suboffsets = std::ptr::null_mut();
        (*view).internal = export.cast();
        (*view).obj = this.clone().into_any().into_ptr();
    }
    Ok(())
}

/// # Safety
/// `view` was filled by [`export`].
pub(crate) unsafe fn release(view: *mut ffi::Py_buffer) {
    // SAFETY: `internal` holds the box that `export` made; it is freed once.
    drop(unsafe { Box::from_raw((*view).internal.cast::<Export>()) });
}

/// A tensor over the memory of an array.
pub(crate) fn import(array: &Bound<'_, PyAny>, function: &str) -> PyResult<Value> {
    let unsupported = |_| {
        let kind = array
            .getattr("dtype")
            .map_or_else(|_| convert::type_name(array), |d| format!("array of type {d}"));
        PyTypeError::new_err(format!(
            "{function}(): can't convert {kind}. The supported types are: float64, float32, complex64, complex128, float16, int64, int32, int16, int8, uint64, uint32, uint16, uint8, and bool."
        ))
    };
    // The view keeps the array; unlike a buffer of pyo3's it can be dropped by a thread that does not hold the GIL.
    let keeper = PyMemoryView::from(array).map_err(unsupported)?;
    if keeper.getattr("ndim")?.extract::<usize>()? == 0 {
        // Python gives no shape for no dimensions, which pyo3 refuses: one dimension of size one is the same memory.
        return match import(&array.call_method1("reshape", (1,))?, function)? {
            Value::Complex(vector) => {
                let pair = vector.pairs().as_strided(&[2], &[1], 0).or_raise()?;
                Ok(Value::Complex(Complex::of_pairs(pair)))
            }
            Value::Tensor(vector) => vector.as_strided(&[], &[], 0).or_raise().map(Value::Tensor),
            other => Ok(other),
        };
    }
    let buffer = PyUntypedBuffer::get(&keeper)?;
    let (dtype, complex) = kind_of(buffer.format()).ok_or_else(|| unsupported(PyTypeError::new_err("")))?;
    let size = buffer.item_size() as isize;
    let mut shape: Vec<usize> = buffer.shape().to_vec();
    let empty = shape.contains(&0);
    let whole = buffer.strides().iter().all(|stride| stride % size == 0);
    if !whole && !empty {
        return Err(PyValueError::new_err(
            "given numpy array strides not a multiple of the element byte size. Copy the array first.",
        ));
    }
    // Strides along dimensions of size one or zero mean nothing and may be anything.
    let mut strides: Vec<isize> = buffer
        .strides()
        .iter()
        .zip(&shape)
        .map(|(&s, &n)| if n <= 1 || empty { 1 } else { s / size })
        .collect();
    if strides.iter().any(|&s| s < 0) {
        return Err(PyValueError::new_err(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not currently supported. (You can probably work around this by making a copy of your array with array.copy().)",
        ));
    }
    if buffer.readonly() && function == "from_numpy" {
        warnings::warn(
            array.py(),
            "The given NumPy array is not writable. Writing to the tensor would write to it all the same; copy the array to protect it.",
        )?;
    }
    let first = NonNull::new(buffer.buf_ptr().cast::<u8>()).unwrap_or(NonNull::<u64>::dangling().cast());
    let owner: Box<Py<PyMemoryView>> = Box::new(keeper.unbind());
    // SAFETY: the memory view keeps the array's memory; the strides were checked.
    unsafe { foreign(first, (&mut shape, &mut strides), (dtype, complex), owner) }
}

/// A tensor over memory, of complex numbers if `complex`: then `dtype` is that of the parts.
///
/// # Safety
/// The owner keeps the memory that shape and strides reach.
pub(crate) unsafe fn foreign(
    first: NonNull<u8>,
    (shape, strides): (&mut Vec<usize>, &mut Vec<isize>),
    (dtype, complex): (DType, bool),
    owner: Box<dyn std::any::Any + Send + Sync>,
) -> PyResult<Value> {
    split_parts(shape, strides, complex);
    // SAFETY: the caller's promise.
    let tensor = unsafe { Tensor::from_foreign(first, shape, strides, dtype, owner) }.or_raise()?;
    Ok(complex_or_real(tensor, complex))
}

/// As [`foreign`] for memory of a device at an address.
///
/// # Safety
/// As for [`foreign`], on the device.
pub(crate) unsafe fn foreign_on(
    device: DeviceId,
    address: u64,
    (shape, strides): (&mut Vec<usize>, &mut Vec<isize>),
    (dtype, complex): (DType, bool),
    owner: Box<dyn std::any::Any + Send + Sync>,
) -> PyResult<Value> {
    split_parts(shape, strides, complex);
    // SAFETY: the caller's promise.
    let tensor =
        unsafe { Tensor::from_foreign_on(device, address, shape, strides, dtype, owner) }.or_raise()?;
    Ok(complex_or_real(tensor, complex))
}

/// The last dimension of complex numbers, which has their parts.
fn split_parts(shape: &mut Vec<usize>, strides: &mut Vec<isize>, complex: bool) {
    if complex {
        strides.iter_mut().for_each(|stride| *stride *= 2);
        shape.push(2);
        strides.push(1);
    }
}

fn complex_or_real(tensor: Tensor, complex: bool) -> Value {
    if complex { Value::Complex(Complex::of_pairs(tensor)) } else { Value::Tensor(tensor) }
}

/// A vector over a part of an object's memory.
pub(crate) fn import_flat(
    object: &Bound<'_, PyAny>,
    (dtype, complex): (DType, bool),
    count: i64,
    offset: i64,
) -> PyResult<Tensor> {
    let keeper = PyMemoryView::from(object)
        .map_err(|_| PyValueError::new_err("object does not implement Python buffer protocol."))?;
    if !keeper.getattr("c_contiguous")?.is_truthy()? {
        return Err(PyRuntimeError::new_err(
            "could not retrieve a contiguous buffer from the given object (non-contiguous buffers are not supported)",
        ));
    }
    // A single number has no sizes; as bytes it has.
    let single = keeper.getattr("ndim")?.eq(0)?;
    let keeper =
        if single { keeper.call_method1("cast", ("B",))?.cast_into::<PyMemoryView>()? } else { keeper };
    if keeper.getattr("readonly")?.is_truthy()? {
        let text = "The given buffer is not writable. Writing to the tensor would write to it all the same; copy the buffer to protect it.";
        warnings::warn(object.py(), text)?;
    }
    let buffer = PyUntypedBuffer::get(&keeper)?;
    if buffer.len_bytes() == 0 || count == 0 {
        return Err(PyValueError::new_err(format!(
            "both buffer length ({}) and count ({count}) must not be 0",
            buffer.len_bytes()
        )));
    }
    let (total, size) = (buffer.len_bytes(), dtype.size() * (1 + usize::from(complex)));
    let offset = usize::try_from(offset).ok().filter(|&o| o < total).ok_or_else(|| {
        PyValueError::new_err(format!(
            "offset ({offset} bytes) must be non-negative and no greater than buffer length ({total} bytes) minus 1"
        ))
    })?;
    let most = (total - offset) / size;
    let count = match count {
        -1 if (total - offset) % size == 0 => most,
        -1 => {
            return Err(PyValueError::new_err(format!(
                "buffer length ({} bytes) after offset ({offset} bytes) must be a multiple of element size ({size})",
                total - offset
            )));
        }
        n => usize::try_from(n).ok().filter(|&n| n > 0 && n <= most).ok_or_else(|| {
            PyValueError::new_err(format!(
                "requested buffer length ({n} * {size} bytes) after offset ({offset} bytes) must not be greater than actual buffer length ({total} bytes)"
            ))
        })?,
    };
    let start = NonNull::new(buffer.buf_ptr().cast::<u8>())
        .ok_or_else(|| PyValueError::new_err("the buffer is empty"))?;
    let owner: Box<Py<PyMemoryView>> = Box::new(keeper.unbind());
    let (shape, strides): (&[usize], &[isize]) =
        if complex { (&[count, 2], &[2, 1]) } else { (&[count], &[1]) };
    // SAFETY: the memory view keeps the memory; offset and count lie in it.
    unsafe { Tensor::from_foreign(start.add(offset), shape, strides, dtype, owner) }.or_raise()
}

fn numpy<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let force = args.bool(0)?;
    let tensor = args.this_tensor();
    let complex = args.this_object().is_complex();
    let plain =
        if force { PyTensor::wrap_raw(args.py, tensor.detach(), complex)? } else { args.this().clone() };
    if !force {
        refuse_export(tensor)?;
    }
    if code(tensor.dtype(), complex).is_none() {
        return Err(PyTypeError::new_err(
            "Got unsupported ScalarType BFloat16; convert the tensor with .float() first",
        ));
    }
    let view = PyMemoryView::from(&plain)?;
    args.py.import("numpy")?.call_method1("asarray", (view,))
}

/// What numpy calls for `numpy.asarray(tensor)`.
fn array<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let shared = numpy_of(args)?;
    let copy = args.maybe_bool(1)?;
    match args.get(0) {
        Some(dtype) => shared.call_method1("astype", (dtype,)),
        None if copy == Some(true) => shared.call_method0("copy"),
        None => Ok(shared),
    }
}

fn numpy_of<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    args.this().call_method0("numpy")
}

/// What numpy calls with the result of a function of its own on a tensor.
fn array_wrap<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let array = args.required(0)?;
    convert::object(args.py, crate::creation::any_from_data(array, "from_numpy")?)
}

pub(crate) const METHODS: &[Native] = natives! {
    "numpy" ("*, force=False") numpy complex: "A numpy array of the same memory.";
    "__array__" ("dtype=None, copy=None") array complex: "For numpy.";
    "__array_wrap__" ("array, context=None, return_scalar=False") array_wrap complex: "For numpy.";
};
