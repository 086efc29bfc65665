//! DLPack both ways: tensors of other libraries without a copy.

use crate::buffer;
use crate::call::{Args, Native, natives};
use crate::convert;
use crate::errors::OrRaise;
use crate::gpu;
use crate::tensor::{PyTensor, raw_of};
use pyo3::exceptions::{PyBufferError, PyRuntimeError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use st_core::graph::DeviceId;
use st_core::ops::Value;
use st_core::runtime;
use st_core::{DType, Tensor};
use std::ffi::{CStr, c_void};
use std::ptr::NonNull;

/// The protocol's `DLTensor`.
#[repr(C)]
struct View {
    data: *mut c_void,
    device_type: i32,
    device_id: i32,
    ndim: i32,
    code: u8,
    bits: u8,
    lanes: u16,
    shape: *mut i64,
    strides: *mut i64,
    byte_offset: u64,
}

/// The protocol's `DLManagedTensor`.
#[repr(C)]
struct Managed {
    view: View,
    context: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut Managed)>,
}

/// The protocol's `DLManagedTensorVersioned`.
#[repr(C)]
struct Versioned {
    major: u32,
    minor: u32,
    context: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut Versioned)>,
    flags: u64,
    view: View,
}

/// The protocol's numbers of devices: the host, CUDA, memory that both see.
const CPU: i32 = 1;
const CUDA: i32 = 2;
const PINNED: i32 = 3;
const MANAGED: i32 = 13;
/// The protocol's type code of complex numbers.
const COMPLEX: u8 = 5;

/// The protocol's type code and bits.
fn code(dtype: DType) -> (u8, u8) {
    let bits = dtype.size() as u8 * 8;
    match dtype {
        DType::Bool => (6, 8),
        DType::U8 | DType::U16 | DType::U32 | DType::U64 => (1, bits),
        DType::I8 | DType::I16 | DType::I32 | DType::I64 => (0, bits),
        DType::BF16 => (4, 16),
        DType::F16 | DType::F32 | DType::F64 => (2, bits),
    }
}

/// A dtype, or that of the parts of complex numbers and true.
fn kind_of(view: &View) -> Option<(DType, bool)> {
    match (view.code, view.bits, view.lanes) {
        (COMPLEX, 64, 1) => Some((DType::F32, true)),
        (COMPLEX, 128, 1) => Some((DType::F64, true)),
        _ => dtype_of(view).map(|dtype| (dtype, false)),
    }
}

fn dtype_of(view: &View) -> Option<DType> {
    DType::ALL.into_iter().find(|&dtype| view.lanes == 1 && code(dtype) == (view.code, view.bits))
}

/// The two structs of the protocol's versions.
trait Layout: Sized + 'static {
    /// The capsule's name, before and after somebody took the tensor.
    const NAMES: [&'static CStr; 2];
    fn of(view: View) -> Self;
    fn view(&self) -> &View;
    /// # Safety
    /// `this` came from an exporter and is not used afterwards.
    unsafe fn delete(this: *mut Self);
}

impl Layout for Managed {
    const NAMES: [&'static CStr; 2] = [c"dltensor", c"used_dltensor"];
    fn of(view: View) -> Managed {
        Managed { view, context: std::ptr::null_mut(), deleter: Some(drop_export::<Managed>) }
    }
    fn view(&self) -> &View {
        &self.view
    }
    unsafe fn delete(this: *mut Managed) {
        // SAFETY: the exporter's own function, called once.
        unsafe { (*this).deleter.inspect(|delete| delete(this)) };
    }
}

impl Layout for Versioned {
    const NAMES: [&'static CStr; 2] = [c"dltensor_versioned", c"used_dltensor_versioned"];
    fn of(view: View) -> Versioned {
        let deleter = Some(drop_export::<Versioned> as unsafe extern "C" fn(*mut Versioned));
        Versioned { major: 1, minor: 0, context: std::ptr::null_mut(), deleter, flags: 0, view }
    }
    fn view(&self) -> &View {
        &self.view
    }
    unsafe fn delete(this: *mut Versioned) {
        // SAFETY: the exporter's own function, called once.
        unsafe { (*this).deleter.inspect(|delete| delete(this)) };
    }
}

/// What an exported tensor points into; the struct comes first, so that its address is the box's.
#[repr(C)]
struct Export<M> {
    managed: M,
    _owner: Tensor,
    _sizes: Box<[i64]>,
}

/// # Safety
/// `managed` is the start of an `Export` made by [`export`].
unsafe extern "C" fn drop_export<M>(managed: *mut M) {
    // SAFETY: the caller's promise; the consumer calls this once.
    drop(unsafe { Box::from_raw(managed.cast::<Export<M>>()) });
}

/// A capsule nobody took frees its tensor.
unsafe extern "C" fn drop_capsule<M: Layout>(capsule: *mut ffi::PyObject) {
    // SAFETY: Python passes the capsule; with its first name it still owns the tensor.
    unsafe {
        if ffi::PyCapsule_IsValid(capsule, M::NAMES[0].as_ptr()) == 1 {
            M::delete(ffi::PyCapsule_GetPointer(capsule, M::NAMES[0].as_ptr()).cast());
        }
    }
}

/// The protocol's names of a tensor's device.
fn place_of(tensor: &Tensor) -> PyResult<(i32, i32)> {
    let info = runtime::device(tensor.device()).or_raise()?.info();
    match info.kind {
        "cpu" => Ok((CPU, 0)),
        "cuda" => Ok((CUDA, info.index as i32)),
        kind => Err(PyBufferError::new_err(format!("__dlpack__: memory of '{kind}' cannot be shared"))),
    }
}

fn export<'py, M: Layout>(py: Python<'py>, this: &PyTensor, tensor: &Tensor) -> PyResult<Bound<'py, PyAny>> {
    let (device_type, device_id) = place_of(tensor)?;
    let start = tensor.share_storage().or_raise()?.address();
    let start = start.ok_or_else(|| PyBufferError::new_err("__dlpack__: the memory has no address"))?;
    let first = start as usize + tensor.storage_offset() * tensor.dtype().size();
    let ndim = this.shape().len();
    let (code, bits) = match code(tensor.dtype()) {
        (_, bits) if this.is_complex() => (COMPLEX, 2 * bits),
        real => real,
    };
    let sizes = tensor.shape()[..ndim].iter().map(|&n| n as i64);
    let strides = tensor.strides()[..ndim].iter().map(|&s| (s / this.parts() as isize) as i64);
    let mut sizes: Box<[i64]> = sizes.chain(strides).collect();
    let view = View {
        data: std::ptr::with_exposed_provenance_mut(first),
        device_type,
        device_id,
        ndim: ndim as i32,
        code,
        bits,
        lanes: 1,
        shape: sizes.as_mut_ptr(),
        strides: sizes[ndim..].as_mut_ptr(),
        byte_offset: 0,
    };
    let export =
        Box::into_raw(Box::new(Export { managed: M::of(view), _owner: tensor.detach(), _sizes: sizes }));
    // SAFETY: pointer, name and destructor are valid for the capsule's life; null means an exception is set.
    unsafe {
        let capsule = ffi::PyCapsule_New(export.cast(), M::NAMES[0].as_ptr(), Some(drop_capsule::<M>));
        Bound::from_owned_ptr_or_err(py, capsule)
    }
}

/// A tensor taken from a capsule, given back when no tensor of ours needs it.
struct Taken<M: Layout>(*mut M);
// SAFETY: the protocol's deleter may be called by any thread.
unsafe impl<M: Layout> Send for Taken<M> {}
// SAFETY: as above; nothing is done through a shared reference.
unsafe impl<M: Layout> Sync for Taken<M> {}

impl<M: Layout> Drop for Taken<M> {
    fn drop(&mut self) {
        // SAFETY: taken from a capsule that was renamed, so this is the only owner.
        unsafe { M::delete(self.0) };
    }
}

fn take<M: Layout>(capsule: &Bound<'_, PyAny>) -> PyResult<Value> {
    // SAFETY: the capsule has the name that says what it points to; renaming it makes us the owner.
    let taken = unsafe {
        let managed = ffi::PyCapsule_GetPointer(capsule.as_ptr(), M::NAMES[0].as_ptr()).cast::<M>();
        if managed.is_null() || ffi::PyCapsule_SetName(capsule.as_ptr(), M::NAMES[1].as_ptr()) != 0 {
            return Err(PyErr::fetch(capsule.py()));
        }
        Taken(managed)
    };
    // SAFETY: the exporter keeps the struct, shape and strides until the deleter is called.
    let (view, shape, strides) = unsafe {
        let view = (*taken.0).view();
        let list = |start: *mut i64| match (start.is_null(), view.ndim) {
            (true, _) | (_, 0) => Vec::new(),
            (false, n) => std::slice::from_raw_parts(start, n as usize).to_vec(),
        };
        (view, list(view.shape), list(view.strides))
    };
    let device = match view.device_type {
        CPU | PINNED => 0,
        CUDA | MANAGED => runtime::find_device("cuda", view.device_id as usize).or_raise()?,
        other => {
            return Err(PyRuntimeError::new_err(format!(
                "from_dlpack: device type {other} is not open in this build"
            )));
        }
    };
    let unknown = || {
        PyTypeError::new_err(format!(
            "from_dlpack: unsupported element type (code {}, {} bits)",
            view.code, view.bits
        ))
    };
    let kind = kind_of(view).ok_or_else(unknown)?;
    let mut shape: Vec<usize> = shape.iter().map(|&n| n as usize).collect();
    let mut strides: Vec<isize> = if strides.is_empty() {
        (0..shape.len()).map(|d| shape[d + 1..].iter().product::<usize>() as isize).collect()
    } else {
        strides.iter().zip(&shape).map(|(&s, &n)| if n <= 1 { 1 } else { s as isize }).collect()
    };
    let first = view.data.cast::<u8>().wrapping_add(view.byte_offset as usize);
    if device != 0 {
        let address = first.expose_provenance() as u64;
        // SAFETY: the exporter's promise, held until `taken` is dropped.
        return unsafe {
            buffer::foreign_on(device, address, (&mut shape, &mut strides), kind, Box::new(taken))
        };
    }
    let first = NonNull::new(first).unwrap_or(NonNull::<u64>::dangling().cast());
    // SAFETY: the exporter's promise, held until `taken` is dropped.
    unsafe { buffer::foreign(first, (&mut shape, &mut strides), kind, Box::new(taken)) }
}

/// The GPU that an object says its memory is on.
fn cuda_of(object: &Bound<'_, PyAny>) -> PyResult<Option<DeviceId>> {
    if !object.hasattr("__dlpack_device__")? {
        return Ok(None);
    }
    let place = object.call_method0("__dlpack_device__")?;
    match place.get_item(0)?.call_method0("__int__")?.extract::<i32>()? {
        CUDA | MANAGED => runtime::find_device("cuda", place.get_item(1)?.extract()?).or_raise().map(Some),
        _ => Ok(None),
    }
}

/// A tensor over the memory of an object with `__dlpack__`, or of a capsule.
pub(crate) fn import(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    let py = object.py();
    let capsule = if object.hasattr("__dlpack__")? {
        let named = PyDict::new(py);
        named.set_item("max_version", (1, 0))?;
        if let Some(device) = cuda_of(object)? {
            named.set_item("stream", gpu::shared_number(gpu::current_stream(device)?))?;
        }
        match object.call_method("__dlpack__", (), Some(&named)) {
            Err(error) if error.is_instance_of::<PyTypeError>(py) => {
                named.del_item("max_version")?;
                object.call_method("__dlpack__", (), Some(&named))?
            }
            other => other?,
        }
    } else {
        object.clone()
    };
    // SAFETY: any object may be asked whether it is such a capsule.
    let is = |name: &CStr| unsafe { ffi::PyCapsule_IsValid(capsule.as_ptr(), name.as_ptr()) == 1 };
    if is(Versioned::NAMES[0]) {
        take::<Versioned>(&capsule)
    } else if is(Managed::NAMES[0]) {
        take::<Managed>(&capsule)
    } else {
        let got = convert::type_name(object);
        Err(PyTypeError::new_err(format!(
            "from_dlpack: expected an object with __dlpack__ or a capsule that was not used before, got {got}"
        )))
    }
}

fn dlpack<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let tensor = args.this_tensor();
    if tensor.requires_grad() {
        return Err(PyBufferError::new_err(
            "Can't export tensors that require gradient, use tensor.detach()",
        ));
    }
    let stream = args.get(0).map(|stream| convert::int(stream).ok().flatten());
    if stream == Some(None) {
        return Err(PyTypeError::new_err("stream must be ``int`` or ``none``"));
    }
    let stream = stream.flatten();
    let wanted: Option<(i32, i32)> = args.get(2).map(|place| place.extract()).transpose()?;
    let copy = args.maybe_bool(3)?;
    let tensor = match (wanted, copy) {
        (Some((CPU, _)), None | Some(true)) if tensor.device() != 0 => tensor.to_device(0).or_raise()?,
        (Some(wanted), _) if wanted != place_of(tensor)? => {
            return Err(PyBufferError::new_err("__dlpack__: the tensor is on another device"));
        }
        (_, Some(true)) => tensor.copy().or_raise()?,
        _ => tensor.clone(),
    };
    if tensor.device() == 0 {
        if args.this_tensor().device() == 0 && stream.is_some_and(|stream| stream != -1) {
            return Err(PyBufferError::new_err("__dlpack__: a CPU tensor has no stream"));
        }
    } else {
        runtime::realize(std::slice::from_ref(&tensor)).or_raise()?;
        if let Some(theirs) = gpu::own_number("__dlpack__", stream)? {
            gpu::order(tensor.device(), theirs, gpu::current_stream(tensor.device())?)?;
        }
    }
    let newest = args.get(1).map(|version| version.get_item(0)?.extract::<u32>()).transpose()?;
    if newest.is_some_and(|major| major >= 1) {
        export::<Versioned>(args.py, args.this_object(), &tensor)
    } else {
        export::<Managed>(args.py, args.this_object(), &tensor)
    }
}

fn dlpack_device<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let (kind, index) = place_of(args.this_tensor())?;
    Ok(PyTuple::new(args.py, [kind, index])?.into_any())
}

fn from_dlpack<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let object = args.required(0)?;
    if raw_of(object).is_some() {
        return Ok(object.clone());
    }
    convert::object(args.py, import(object)?)
}

pub(crate) const FUNCTIONS: &[Native] = natives! {
    "from_dlpack" ("ext_tensor") from_dlpack: "A tensor that shares the memory of another library's.";
};

pub(crate) const METHODS: &[Native] = natives! {
    "__dlpack__" ("*, stream=None, max_version=None, dl_device=None, copy=None") dlpack complex: "For other libraries.";
    "__dlpack_device__" ("") dlpack_device complex: "For other libraries.";
};
