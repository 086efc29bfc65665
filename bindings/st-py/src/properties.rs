//! Methods of `Tensor` that are no operators: what it is, its values, writing, the other kinds of handles.

use crate::call::{Args, Native, natives};
use crate::convert::{self, element_object, scalar_object};
use crate::dtype;
use crate::errors::OrRaise;
use crate::layout::MemoryFormat;
use crate::size;
use crate::tensor::{PyTensor, complex_of, raw_of, tensor_of};
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyList, PyString, PyTuple};
use st_core::ops::{ParamKind, Value};
use st_core::tensor::display::module;
use st_core::{Complex, DType, Scalar, Tensor};

type Any<'py> = PyResult<Bound<'py, PyAny>>;

fn item<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    match complex_of(args.this()) {
        Some(complex) => convert::object(args.py, Value::ComplexNumber(complex.item().or_raise()?)),
        None => {
            let tensor = args.this_tensor();
            Ok(element_object(args.py, convert::item(tensor)?, tensor.dtype()))
        }
    }
}

fn tolist<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let tensor = args.this_tensor();
    let bytes = tensor.to_bytes().or_raise()?;
    let dtype = tensor.dtype();
    if args.this_object().is_complex() {
        let part = |bytes: &[u8]| Scalar::read(dtype, bytes).to_f64();
        let read = |bytes: &[u8]| {
            convert::object(args.py, Value::ComplexNumber([part(bytes), part(&bytes[dtype.size()..])]))
        };
        return nested(args.py, &bytes, args.this_object().shape(), 2 * dtype.size(), &read);
    }
    let read = |bytes: &[u8]| Ok(element_object(args.py, Scalar::read(dtype, bytes), dtype));
    nested(args.py, &bytes, tensor.shape(), dtype.size(), &read)
}

fn nested<'py>(
    py: Python<'py>,
    bytes: &[u8],
    shape: &[usize],
    element: usize,
    read: &dyn Fn(&[u8]) -> Any<'py>,
) -> Any<'py> {
    let Some((&count, inner)) = shape.split_first() else { return read(bytes) };
    let size = inner.iter().product::<usize>() * element;
    let parts = (0..count).map(|i| nested(py, &bytes[i * size..(i + 1) * size], inner, element, read));
    Ok(PyList::new(py, parts.collect::<PyResult<Vec<_>>>()?)?.into_any())
}

fn integer<'py>(args: &Args<'_, 'py>, value: usize) -> Any<'py> {
    Ok(PyInt::new(args.py, value).into_any())
}

fn dim_argument(args: &Args<'_, '_>) -> PyResult<Option<usize>> {
    let rank = args.this_object().shape().len();
    args.maybe_int(0)?.map(|dim| st_core::tensor::normalize_dim(dim, rank).or_raise()).transpose()
}

fn size_of_dim<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let shape = args.this_object().shape();
    match dim_argument(args)? {
        None => size::new(args.py, shape),
        Some(dim) if dim < shape.len() => integer(args, shape[dim]),
        Some(_) => {
            Err(pyo3::exceptions::PyIndexError::new_err("Dimension specified but tensor has no dimensions"))
        }
    }
}

fn stride<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let strides = args.this_object().strides();
    match dim_argument(args)? {
        None => Ok(PyTuple::new(args.py, strides)?.into_any()),
        Some(dim) if dim < strides.len() => Ok(PyInt::new(args.py, strides[dim]).into_any()),
        Some(_) => {
            Err(pyo3::exceptions::PyIndexError::new_err("Dimension specified but tensor has no dimensions"))
        }
    }
}

fn dim<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    integer(args, args.this_object().shape().len())
}

fn numel<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    integer(args, args.this_tensor().numel() / args.this_object().parts())
}

fn element_size<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    integer(args, args.this_object().element_size())
}

fn storage_offset<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    integer(args, args.this_tensor().storage_offset() / args.this_object().parts())
}

fn storage_id<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    integer(args, args.this_tensor().storage_id())
}

fn flat_storage<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let flat = args.this_tensor().flat_storage();
    if !args.this_object().is_complex() {
        return PyTensor::wrap(args.py, flat);
    }
    PyTensor::wrap_raw(args.py, flat.view(&[-1, 2]).or_raise()?, true)
}

fn move_storage<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    args.this_tensor().move_storage(args.tensor(0)?).or_raise()?;
    Ok(args.this().clone())
}

/// The kind of a tensor's device.
fn runtime_kind(tensor: &st_core::Tensor) -> PyResult<&'static str> {
    Ok(st_core::runtime::device(tensor.device()).or_raise()?.info().kind)
}

fn data_ptr<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let tensor = args.this_tensor();
    if st_core::runtime::has_no_values(tensor.device()) {
        return integer(args, 0);
    }
    let offset = tensor.storage_offset() * tensor.dtype().size();
    if tensor.device() != 0 {
        let address = match runtime_kind(tensor)? {
            "cuda" => tensor.share_storage().or_raise()?.address(),
            _ => None,
        };
        // Memory of other GPUs has no address here, but a number that tells it from other memory.
        return integer(args, address.map_or(tensor.storage_id(), |address| address as usize) + offset);
    }
    let start = tensor.share_storage().or_raise()?.host_ptr();
    let start = start.ok_or_else(|| PyRuntimeError::new_err("data_ptr(): the memory is not the host's"))?;
    integer(args, start.as_ptr() as usize + offset)
}

fn truth<'py>(args: &Args<'_, 'py>, value: bool) -> Any<'py> {
    Ok(scalar_object(args.py, Scalar::Bool(value)))
}

fn is_contiguous<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    match args.get(0) {
        None => truth(args, args.this_tensor().is_contiguous()),
        Some(format) => {
            let format =
                format.cast::<MemoryFormat>().map_err(|_| args.wrong(0, "memory_format", Some(format)))?;
            truth(args, format.get().is_that_of(args.this_tensor(), args.this_object().is_complex())?)
        }
    }
}

fn is_floating_point<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    truth(args, args.this_tensor().dtype().is_float() && !args.this_object().is_complex())
}

fn is_complex<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    truth(args, args.this_object().is_complex())
}

fn is_signed<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    truth(args, args.this_tensor().dtype().is_float() || args.this_tensor().dtype().integers().0 < 0)
}

fn function_is_floating_point<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let (tensor, complex) = any(args)?;
    truth(args, tensor.dtype().is_float() && !complex)
}

fn function_is_complex<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let (_, complex) = any(args)?;
    truth(args, complex)
}

/// The tensor that is the first argument, and whether it holds pairs of complex numbers.
fn any<'a>(args: &'a Args<'_, '_>) -> PyResult<(&'a Tensor, bool)> {
    let object = args.required(0)?;
    raw_of(object).ok_or_else(|| args.wrong(0, "Tensor", Some(object)))
}

fn is_tensor<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    truth(args, args.get(0).is_some_and(|object| raw_of(object).is_some()))
}

fn function_numel<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let (tensor, complex) = any(args)?;
    integer(args, tensor.numel() / if complex { 2 } else { 1 })
}

fn is_set_to<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let (this, other) = (args.this_tensor(), args.tensor(0)?);
    let same_view = this.storage_offset() == other.storage_offset() && this.strides() == other.strides();
    truth(args, this.shares_storage(other) && same_view && this.shape() == other.shape())
}

fn type_or_cast<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let tensor = args.this_tensor();
    if let Some(dtype) = args.get(0)
        && (args.this_object().is_complex() || convert::complex_parts(dtype).is_some())
    {
        return args.this().call_method1("to", (dtype,));
    }
    let Some(wanted) = args.get(0) else {
        let complex = if args.this_object().is_complex() { "Complex" } else { "" };
        let name = format!("{}.{complex}{}", module(), legacy_name(tensor.dtype()));
        return Ok(PyString::new(args.py, &name).into_any());
    };
    let dtype = match wanted.cast::<PyString>() {
        Ok(name) => {
            let name = name.to_str()?.rsplit('.').next().unwrap_or_default();
            DType::ALL.into_iter().find(|&dtype| legacy_name(dtype) == name)
        }
        // A class such as `FloatTensor` has a dtype.
        Err(_) if wanted.is(args.py.get_type::<PyTensor>()) => Some(st_core::default_dtype()),
        Err(_) => convert::maybe_dtype(wanted)
            .or_else(|| wanted.getattr("dtype").ok().and_then(|dtype| convert::maybe_dtype(&dtype))),
    };
    let dtype = dtype.ok_or_else(|| args.wrong(0, "dtype or the name of a tensor type", Some(wanted)))?;
    PyTensor::known(args.py, tensor.to_dtype(dtype).or_raise()?, false)
}

/// Torch's old class names.
fn legacy_name(dtype: DType) -> &'static str {
    match dtype {
        DType::Bool => "BoolTensor",
        DType::U8 => "ByteTensor",
        DType::I8 => "CharTensor",
        DType::I16 => "ShortTensor",
        DType::I32 => "IntTensor",
        DType::I64 => "LongTensor",
        DType::U16 => "UInt16Tensor",
        DType::U32 => "UInt32Tensor",
        DType::U64 => "UInt64Tensor",
        DType::F16 => "HalfTensor",
        DType::BF16 => "BFloat16Tensor",
        DType::F32 => "FloatTensor",
        DType::F64 => "DoubleTensor",
    }
}

fn copy_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let source = args.required(0)?;
    match (args.this_object().is_complex(), complex_of(source)) {
        (true, Some(source)) => args.this_tensor().copy_(source.pairs()).or_raise()?,
        (true, None) => {
            let parts = args.this_tensor().dtype();
            let source = Complex::from_real(args.tensor(0)?, parts).or_raise()?;
            args.this_tensor().copy_(source.pairs()).or_raise()?;
        }
        (false, Some(source)) => {
            let this = args.this_tensor();
            this.copy_(&source.to_real(this.dtype()).or_raise()?).or_raise()?;
        }
        (false, None) => args.this_tensor().copy_(args.tensor(0)?).or_raise()?,
    }
    Ok(args.this().clone())
}

fn fill_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let (this, value) = (args.this_tensor(), args.required(0)?);
    if args.this_object().is_complex() {
        let pair = match convert::value(ParamKind::Number, value)? {
            Some(Value::ComplexNumber(pair)) => pair,
            Some(Value::Scalar(real)) => [real.to_f64(), 0.0],
            _ => return Err(args.wrong(0, "Number", Some(value))),
        };
        let filled = Complex::full(&[], pair, this.dtype(), this.device()).or_raise()?;
        this.copy_(filled.pairs()).or_raise()?;
        return Ok(args.this().clone());
    }
    match tensor_of(value) {
        Some(source) if source.dim() == 0 => this.copy_(&expanded(source, this)?).or_raise()?,
        Some(source) => {
            return Err(PyRuntimeError::new_err(format!(
                "fill_ only supports 0-dimension value tensor but got tensor with {} dimensions.",
                source.dim()
            )));
        }
        None => {
            let scalar = match convert::value(ParamKind::Number, value)? {
                Some(Value::ComplexNumber(pair)) => real_of(pair, this.dtype())?,
                Some(Value::Scalar(real)) => real,
                _ => return Err(args.wrong(0, "Number", Some(value))),
            };
            this.fill_(scalar).or_raise()?;
        }
    }
    Ok(args.this().clone())
}

/// A complex number for a real tensor: it has no imaginary part.
pub(crate) fn real_of([re, im]: [f64; 2], dtype: DType) -> PyResult<Scalar> {
    match dtype {
        DType::Bool => Ok(Scalar::Bool(re != 0.0 || im != 0.0)),
        _ if im == 0.0 => Ok(Scalar::Float(re)),
        _ => Err(PyRuntimeError::new_err(format!(
            "value cannot be converted to type {dtype} without overflow; use its .real"
        ))),
    }
}

fn expanded(tensor: &Tensor, like: &Tensor) -> PyResult<Tensor> {
    let sizes: Vec<i64> = like.shape().iter().map(|&n| n as i64).collect();
    tensor.expand(&sizes).or_raise()
}

fn zero_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    args.this_tensor().zero_().or_raise()?;
    Ok(args.this().clone())
}

/// `x.t_()` and the like: the object is a view of what it was.
fn become_view<'py>(args: &Args<'_, 'py>, view: impl FnOnce(&Tensor) -> st_core::Result<Tensor>) -> Any<'py> {
    let object = args.this_object();
    let seen = match complex_of(args.this()) {
        Some(complex) => object.tensor().view_in_place(|_| Ok(complex.viewed(view)?.pairs().clone())),
        None => object.tensor().view_in_place(view),
    };
    object.replace(seen.or_raise()?);
    Ok(args.this().clone())
}

fn t_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    become_view(args, Tensor::t)
}

fn transpose_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let (a, b) = (args.int(0)?, args.int(1)?);
    become_view(args, |tensor| tensor.transpose(a, b))
}

fn unsqueeze_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let dim = args.int(0)?;
    become_view(args, |tensor| tensor.unsqueeze(dim))
}

fn squeeze_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let dims = match args.get(0) {
        Some(dims) => {
            Some(convert::ints(dims)?.ok_or_else(|| args.wrong(0, "int or tuple of ints", Some(dims)))?)
        }
        None => None,
    };
    become_view(args, |tensor| tensor.squeeze(dims.as_deref()))
}

/// `x.resize_(..)`: other sizes of the same storage, which grows where it must. New elements are undefined.
fn resized<'py>(object: &Bound<'py, PyAny>, shape: &[usize], format: MemoryFormat) -> Any<'py> {
    let object = object.cast::<PyTensor>()?;
    let tensor = object.get().tensor();
    let pair: &[usize] = if object.get().is_complex() { &[2] } else { &[] };
    let shape = &[shape, pair].concat()[..];
    if tensor.requires_grad() && !st_core::autograd::is_inference_mode_enabled() {
        return Err(PyRuntimeError::new_err("cannot resize variables that require grad"));
    }
    if tensor.shape() != shape {
        let wanted = Tensor::empty(shape, tensor.dtype(), tensor.device()).or_raise()?;
        let fitted = tensor.fitted_to(&wanted).or_raise()?;
        if !fitted.shares_storage(tensor) && fitted.numel() > 0 {
            let kept = tensor.flat_storage();
            let from = tensor.storage_offset().min(kept.numel()) as i64;
            let kept = kept.slice(0, Some(from), None, 1).or_raise()?;
            let flat = fitted.view(&[-1]).or_raise()?;
            flat.slice(0, None, Some(kept.numel() as i64), 1)
                .and_then(|head| head.copy_(&kept))
                .or_raise()?;
        }
        object.get().replace(fitted);
        object.get().tensor().bump_version();
    }
    if let Some(strides) = format.strides(&shape[..shape.len() - pair.len()])? {
        let tensor = object.get().tensor();
        let mut steps: Vec<isize> = strides.iter().map(|step| step << pair.len()).collect();
        steps.extend(pair.iter().map(|_| 1));
        let ordered = tensor.as_strided(shape, &steps, tensor.storage_offset()).or_raise()?;
        object.get().replace(ordered);
    }
    Ok(object.clone().into_any())
}

fn resize_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let rest = args.rest();
    let sizes = match rest {
        [single] => convert::ints(single)?,
        _ => convert::ints_of(rest.iter().map(|argument| &**argument))?,
    };
    let sizes =
        sizes.ok_or_else(|| PyTypeError::new_err("resize_(): argument 'size' must be tuple of ints"))?;
    let format = format_of(args, 0, None)?;
    resized(args.this(), &st_core::tensor::sizes(&sizes).or_raise()?, format)
}

fn resize_as_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    resized(args.this(), &template_shape(args, 0)?, format_of(args, 1, Some(0))?)
}

fn function_resize_as_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    resized(args.required(0)?, &template_shape(args, 1)?, format_of(args, 2, Some(1))?)
}

/// The format asked for; to preserve is to take that of the tensor at `template`.
fn format_of(args: &Args<'_, '_>, i: usize, template: Option<usize>) -> PyResult<MemoryFormat> {
    let Some(format) = args.get(i) else { return Ok(MemoryFormat::Contiguous) };
    let format =
        *format.cast::<MemoryFormat>().map_err(|_| args.wrong(i, "memory_format", Some(format)))?.get();
    match template.map(|at| args.required(at)).transpose()?.and_then(raw_of) {
        Some((tensor, complex)) if format == MemoryFormat::Preserve => MemoryFormat::seen_in(tensor, complex),
        _ => Ok(format),
    }
}

fn template_shape(args: &Args<'_, '_>, i: usize) -> PyResult<Vec<usize>> {
    let template = args.required(i)?;
    let (tensor, complex) = raw_of(template).ok_or_else(|| args.wrong(i, "Tensor", Some(template)))?;
    let shape = tensor.shape();
    Ok(shape[..shape.len() - usize::from(complex)].to_vec())
}

fn as_strided_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let ints = |i: usize| -> PyResult<convert::Ints> {
        convert::ints(args.required(i)?)?.ok_or_else(|| args.wrong(i, "tuple of ints", args.get(i)))
    };
    let parts = args.this_object().parts();
    let shape = st_core::tensor::sizes(&ints(0)?).or_raise()?;
    let strides: Vec<isize> = ints(1)?.iter().map(|&s| s as isize * parts as isize).collect();
    let own = args.this_tensor().storage_offset();
    let offset = args.maybe_int(2)?.map_or(own, |o| o as usize * parts);
    become_view(args, |tensor| tensor.as_strided(&shape, &strides, offset))
}

/// `x.set_(source)`: the object sees another tensor's memory from now on.
fn set_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let object = args.this().cast::<PyTensor>()?;
    let own = args.this_tensor();
    let complex = args.this_object().is_complex();
    let nothing: &[usize] = if complex { &[0, 2] } else { &[0] };
    let (source, is_complex) = match args.get(0).map(|source| raw_of(source)) {
        Some(Some((source, is_complex))) => (source.detach(), is_complex),
        Some(None) => return Err(args.wrong(0, "Tensor", args.get(0))),
        None => (Tensor::empty(nothing, own.dtype(), own.device()).or_raise()?, complex),
    };
    if source.dtype() != own.dtype() || complex != is_complex {
        return Err(PyRuntimeError::new_err(format!(
            "Could not set tensor of type {} to a tensor of type {}",
            source.dtype(),
            own.dtype()
        )));
    }
    if own.is_leaf() && own.requires_grad() && st_core::autograd::is_grad_enabled() {
        return Err(PyRuntimeError::new_err(
            "a leaf Variable that requires grad is being used in an in-place operation.",
        ));
    }
    object.get().replace(source.requires_grad_(own.requires_grad()).or_raise()?);
    Ok(args.this().clone())
}

/// Two objects become each other's tensor.
fn swap<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let other = args.required(0)?.cast::<PyTensor>()?.get();
    let this = args.this_object();
    if this.is_complex() != other.is_complex() {
        return Err(PyRuntimeError::new_err("swap_tensors(): a real and a complex tensor cannot be swapped"));
    }
    let own = this.tensor().clone();
    this.replace(other.tensor().clone());
    other.replace(own);
    args.none()
}

/// A method as a function of the tensor.
fn as_function<'py>(args: &Args<'_, 'py>, method: &str) -> Any<'py> {
    args.required(0)?.call_method0(method)
}

fn function_zero_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    as_function(args, "zero_")
}

fn function_detach<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    as_function(args, "detach")
}

fn function_detach_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    as_function(args, "detach_")
}

fn function_is_signed<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    as_function(args, "is_signed")
}

fn function_fill_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    args.required(0)?.call_method1("fill_", (args.required(1)?,))
}

/// Another class over the same memory: `nn.Parameter` and the like.
fn make_subclass<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let (class, data) = (args.required(0)?, args.required(1)?);
    let (data, complex) = raw_of(data).ok_or_else(|| args.wrong(1, "Tensor", Some(data)))?;
    let tensor = data.detach();
    if args.bool(2)? {
        tensor.requires_grad_(true).or_raise()?;
    }
    PyTensor::wrap_as(class.cast()?, tensor, complex)
}

/// `x.as_subclass(cls)`: the same tensor, on the tape where it was, as an object of another class.
fn as_subclass<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let class = args.required(0)?;
    let class = class.cast().map_err(|_| args.wrong(0, "a class", Some(class)))?;
    PyTensor::wrap_as(class, args.this_tensor().clone(), args.this_object().is_complex())
}

fn dtype_of_result<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let [(from, a), (to, b)] = [dtype_argument(args, 0)?, dtype_argument(args, 1)?];
    // A complex type has room for integers; its precision is that of the floats among the two.
    let promoted = match (a, b) {
        (true, false) if !to.is_float() => from,
        (false, true) if !from.is_float() => to,
        _ => from.promote(to),
    };
    Ok(dtype::object_of(args.py, promoted, a || b).clone().into_any())
}

fn can_cast<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let [(from, a), (to, b)] = [dtype_argument(args, 0)?, dtype_argument(args, 1)?];
    truth(args, b || (!a && from.category() <= to.category()))
}

/// A dtype, or that of the parts of a complex one and true.
fn dtype_argument(args: &Args<'_, '_>, i: usize) -> PyResult<(DType, bool)> {
    let object = args.required(i)?;
    match convert::complex_parts(object) {
        Some(parts) => Ok((parts, true)),
        None => Ok((convert::dtype(args.name(), object)?, false)),
    }
}

pub(crate) const METHODS: &[Native] = natives! {
    "item" ("") item complex: "The only element, as a number of Python.";
    "tolist" ("") tolist complex: "The elements as nested lists; a number if there are no dimensions.";
    "size" ("dim=None") size_of_dim complex: "The sizes, or that of one dimension.";
    "stride" ("dim=None") stride complex: "The steps between elements, or that of one dimension.";
    "dim" ("") dim complex: "The number of dimensions.";
    "ndimension" ("") dim complex: "The number of dimensions.";
    "numel" ("") numel complex: "The number of elements.";
    "nelement" ("") numel complex: "The number of elements.";
    "element_size" ("") element_size complex: "Bytes an element takes.";
    "storage_offset" ("") storage_offset complex: "The position of the first element in the storage.";
    "_storage_id" ("") storage_id complex: "Equal for tensors that share memory.";
    "_move_storage" ("to") move_storage complex: "From now on the storage is another tensor's memory, which others write as well.";
    "_flat_storage" ("") flat_storage complex: "All of the storage as a vector.";
    "data_ptr" ("") data_ptr complex: "The address of the first element.";
    "is_contiguous" ("memory_format=None") is_contiguous complex: "Whether the elements follow one another in row-major order.";
    "is_floating_point" ("") is_floating_point complex: "Whether the dtype is a floating-point type.";
    "is_complex" ("") is_complex complex: "Whether the dtype is a complex type.";
    "is_signed" ("") is_signed complex: "Whether the dtype has negative numbers.";
    "is_set_to" ("tensor") is_set_to: "Whether another tensor is the same view of the same memory.";
    "type" ("dtype=None, non_blocking=False") type_or_cast complex: "The name of the type, or a cast.";
    "copy_" ("src, non_blocking=False") copy_ complex: "Writes the elements of another tensor.";
    "fill_" ("value") fill_ complex: "Writes a number everywhere.";
    "zero_" ("") zero_ complex: "Writes zeros.";
    "t_" ("") t_ complex: "Becomes the transpose of the matrix it was.";
    "transpose_" ("dim0, dim1") transpose_ complex: "Becomes what it was with two dimensions swapped.";
    "swapaxes_" ("axis0, axis1") transpose_ complex: "Becomes what it was with two dimensions swapped.";
    "swapdims_" ("dim0, dim1") transpose_ complex: "Becomes what it was with two dimensions swapped.";
    "unsqueeze_" ("dim") unsqueeze_ complex: "Becomes what it was with a dimension of size one before `dim`.";
    "resize_" ("*size, memory_format=None") resize_ complex: "Other sizes of the same storage, which grows where it must.";
    "resize_as_" ("the_template, memory_format=None") resize_as_ complex: "Resized to another tensor's sizes.";
    "as_strided_" ("size, stride, storage_offset=None") as_strided_ complex: "Becomes a strided view of its storage.";
    "_set" ("source=None") set_ complex: "Sees another tensor's memory from now on.";
    "as_subclass" ("cls") as_subclass complex: "The same tensor as an object of a subclass.";
    "_swap" ("other") swap complex: "Becomes another tensor, which becomes this one.";
    "squeeze_" ("dim=None") squeeze_ complex: "Becomes what it was without dimensions of size one: all, or those named.";
};

pub(crate) const FUNCTIONS: &[Native] = natives! {
    "is_tensor" ("obj") is_tensor: "Whether an object is a tensor.";
    "is_floating_point" ("input") function_is_floating_point: "Whether the dtype is a floating-point type.";
    "is_complex" ("input") function_is_complex: "Whether the dtype is a complex type.";
    "is_signed" ("input") function_is_signed: "Whether the dtype has negative numbers.";
    "detach" ("input") function_detach: "The same memory, not on the tape.";
    "detach_" ("input") function_detach_: "Takes a tensor off the tape.";
    "zero_" ("input") function_zero_: "Writes zeros.";
    "fill_" ("input, value") function_fill_: "Writes a number everywhere.";
    "resize_as_" ("input, the_template, memory_format=None") function_resize_as_: "Resized to another tensor's sizes.";
    "numel" ("input") function_numel: "The number of elements.";
    "_make_subclass" ("cls, data, require_grad=False") make_subclass: "A tensor of another class over the same memory.";
    "promote_types" ("type1, type2") dtype_of_result: "The smallest dtype both fit in.";
    "can_cast" ("from_, to") can_cast: "Whether a result of one dtype may be written to a tensor of another.";
};
