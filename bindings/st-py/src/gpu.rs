//! What `spiraltorch_rs.cuda` is made of: streams, events, pinned memory, arrays of other libraries on a GPU.

use crate::buffer;
use crate::call::{Args, Native, natives};
use crate::errors::OrRaise;
use crate::tensor::PyTensor;
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat};
use st_core::DType;
use st_core::graph::DeviceId;
use st_core::ops::Value;
use st_core::runtime::{self, Streams};

type Answer<'py> = PyResult<Bound<'py, PyAny>>;

pub(crate) fn device_of(args: &Args<'_, '_>) -> PyResult<&'static dyn runtime::Device> {
    runtime::device(args.maybe_device(0)?.unwrap_or(0)).or_raise()
}

/// The streams of the device that the first argument names.
fn streams(args: &Args<'_, '_>) -> PyResult<&'static dyn Streams> {
    let device = device_of(args)?;
    let kind = device.info().kind;
    device.streams().ok_or_else(|| PyRuntimeError::new_err(format!("'{kind}' has no streams")))
}

fn number(args: &Args<'_, '_>, i: usize) -> PyResult<u64> {
    args.required(i)?.extract()
}

fn integer<'py>(args: &Args<'_, 'py>, value: u64) -> Answer<'py> {
    Ok(value.into_pyobject(args.py)?.into_any())
}

fn boolean<'py>(args: &Args<'_, 'py>, value: bool) -> Answer<'py> {
    Ok(PyBool::new(args.py, value).to_owned().into_any())
}

fn flush<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    runtime::flush_all().or_raise()?;
    args.none()
}

fn free_memory<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    integer(args, device_of(args)?.free_memory().unwrap_or(0))
}

fn properties<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    let all = PyDict::new(args.py);
    device_of(args)?.properties().into_iter().try_for_each(|(name, value)| all.set_item(name, value))?;
    Ok(all.into_any())
}

fn stream_new<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    integer(args, streams(args)?.stream(args.required(1)?.extract()?).or_raise()?)
}

fn stream_priorities<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    Ok(streams(args)?.priorities().or_raise()?.into_pyobject(args.py)?.into_any())
}

fn stream_current<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    integer(args, streams(args)?.current())
}

/// What was asked for before belongs to the stream that was chosen before.
fn stream_choose<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    runtime::flush_all().or_raise()?;
    streams(args)?.choose(number(args, 1)?);
    args.none()
}

fn stream_query<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    boolean(args, streams(args)?.is_done(number(args, 1)?).or_raise()?)
}

fn stream_wait<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    let (streams, stream) = (streams(args)?, number(args, 1)?);
    args.py.detach(|| streams.wait(stream)).or_raise()?;
    args.none()
}

fn stream_order<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    streams(args)?.order(number(args, 1)?, number(args, 2)?).or_raise()?;
    args.none()
}

fn event_new<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    integer(args, streams(args)?.event(args.bool(1)?).or_raise()?)
}

fn event_record<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    streams(args)?.record(number(args, 1)?, number(args, 2)?).or_raise()?;
    args.none()
}

fn event_query<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    boolean(args, streams(args)?.has_happened(number(args, 1)?).or_raise()?)
}

fn event_wait<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    let (streams, event) = (streams(args)?, number(args, 1)?);
    args.py.detach(|| streams.wait_for(event)).or_raise()?;
    args.none()
}

fn event_between<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    let milliseconds = streams(args)?.between(number(args, 1)?, number(args, 2)?).or_raise()?;
    Ok(PyFloat::new(args.py, f64::from(milliseconds)).into_any())
}

fn event_forget<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    streams(args)?.forget(number(args, 1)?);
    args.none()
}

fn pinned<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    let device = args.maybe_device(1)?.unwrap_or(0);
    PyTensor::wrap(args.py, args.tensor(0)?.pinned(device).or_raise()?)
}

fn is_pinned<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    let (tensor, device) = (args.tensor(0)?, args.maybe_device(1)?.unwrap_or(0));
    if tensor.device() != 0 || !tensor.is_realized() {
        return boolean(args, false);
    }
    let start = tensor.storage().or_raise()?.host_ptr();
    let device = runtime::device(device).or_raise()?;
    boolean(args, start.is_some_and(|start| device.is_pinned(start.as_ptr())))
}

/// What a stream does later waits for what another one has to do now.
pub(crate) fn order(device: DeviceId, later: u64, earlier: u64) -> PyResult<()> {
    let Some(streams) = runtime::device(device).or_raise()?.streams().filter(|_| later != earlier) else {
        return Ok(());
    };
    let event = streams.event(false).or_raise()?;
    let outcome = streams.record(event, earlier).and_then(|()| streams.order(later, event));
    streams.forget(event);
    outcome.or_raise()
}

/// The stream of a device that this thread works in; 0 if it has no streams.
pub(crate) fn current_stream(device: DeviceId) -> PyResult<u64> {
    Ok(runtime::device(device).or_raise()?.streams().map_or(0, |streams| streams.current()))
}

/// What other libraries write for the stream that is used if nobody says otherwise; ours is number 0.
pub(crate) fn shared_number(stream: u64) -> u64 {
    if stream == 0 { 1 } else { stream }
}

/// A stream by the number that other libraries write; 0 would be ambiguous.
pub(crate) fn own_number(function: &str, stream: Option<i64>) -> PyResult<Option<u64>> {
    match stream {
        None | Some(1) => Ok(Some(0)),
        Some(-1) => Ok(None),
        Some(stream) if stream > 0 => Ok(Some(stream as u64)),
        Some(stream) => Err(PyValueError::new_err(format!(
            "{function}: {stream} is no stream of CUDA here (1 is the default one)"
        ))),
    }
}

/// The dtype of an array's `typestr`, or that of the parts of complex numbers and true.
fn kind_of(text: &str) -> Option<(DType, bool)> {
    let (order, kind) = text.split_at_checked(1)?;
    if !matches!(order, "<" | "|" | "=") {
        return None;
    }
    Some(match kind {
        "b1" => (DType::Bool, false),
        "u1" => (DType::U8, false),
        "i1" => (DType::I8, false),
        "i2" => (DType::I16, false),
        "i4" => (DType::I32, false),
        "i8" => (DType::I64, false),
        "f2" => (DType::F16, false),
        "f4" => (DType::F32, false),
        "f8" => (DType::F64, false),
        "c8" => (DType::F32, true),
        "c16" => (DType::F64, true),
        _ => return None,
    })
}

/// A tensor over the memory of an object with `__cuda_array_interface__`.
pub(crate) fn import_array(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    let about = object.getattr("__cuda_array_interface__")?;
    let entry = |name: &str| about.call_method1("get", (name,));
    let (address, _): (u64, bool) = about.get_item("data")?.extract()?;
    let mut shape: Vec<usize> = about.get_item("shape")?.extract()?;
    let text: String = about.get_item("typestr")?.extract()?;
    let (dtype, complex) = kind_of(&text)
        .ok_or_else(|| PyTypeError::new_err(format!("__cuda_array_interface__: unsupported type {text}")))?;
    if !entry("mask")?.is_none() {
        return Err(PyTypeError::new_err("__cuda_array_interface__: masked arrays are not supported"));
    }
    let size = dtype.size() * (1 + usize::from(complex));
    let bytes: Option<Vec<isize>> = entry("strides")?.extract()?;
    let mut strides = match bytes {
        None => (0..shape.len()).map(|d| shape[d + 1..].iter().product::<usize>() as isize).collect(),
        Some(bytes) if bytes.iter().all(|b| b % size as isize == 0) => {
            bytes.iter().map(|b| b / size as isize).collect::<Vec<_>>()
        }
        Some(_) => {
            return Err(PyValueError::new_err("given array strides not a multiple of the element byte size"));
        }
    };
    let device = runtime::find_device("cuda", crate::device::current()).or_raise()?;
    let stream: Option<i64> = entry("stream")?.extract()?;
    if let (Some(_), Some(theirs)) = (stream, own_number("__cuda_array_interface__", stream)?) {
        order(device, current_stream(device)?, theirs)?;
    }
    let owner: Box<Py<PyAny>> = Box::new(object.clone().unbind());
    // SAFETY: the object keeps the memory that it describes.
    unsafe { buffer::foreign_on(device, address, (&mut shape, &mut strides), (dtype, complex), owner) }
}

/// Work of a GPU that was recorded.
#[pyclass(name = "_Graph", module = "spiraltorch_rs._C", frozen)]
pub(crate) struct PyGraph(runtime::Captured);

#[pymethods]
impl PyGraph {
    /// Has the GPU do it once more.
    fn replay(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.0.replay()).or_raise()
    }

    /// Writes what it does to a file.
    fn draw(&self, file: &str) -> PyResult<()> {
        self.0.draw(file).or_raise()
    }
}

fn capture_begin<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    runtime::begin_capture(args.maybe_device(0)?.unwrap_or(0), number(args, 1)?).or_raise()?;
    args.none()
}

fn capture_end<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    Ok(Bound::new(args.py, PyGraph(runtime::end_capture().or_raise()?))?.into_any())
}

fn capture_abort<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    runtime::abort_capture();
    args.none()
}

fn is_capturing<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    boolean(args, runtime::is_capturing())
}

fn reaches<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    let other = runtime::device(args.maybe_device(1)?.unwrap_or(0)).or_raise()?;
    boolean(args, device_of(args)?.reaches(other))
}

/// Adds the classes.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyGraph>()
}

pub(crate) const FUNCTIONS: &[Native] = natives! {
    "_flush" ("") flush: "Starts everything that this thread's tensors wait for.";
    "_free_memory" ("device") free_memory: "Bytes of a device's memory that nobody uses.";
    "_device_properties" ("device") properties: "What else a device is, in numbers.";
    "_stream_new" ("device, priority") stream_new: "A stream of a priority.";
    "_stream_priorities" ("device") stream_priorities: "The lowest and the highest priority.";
    "_stream_current" ("device") stream_current: "The stream that this thread has chosen.";
    "_stream_choose" ("device, stream") stream_choose: "Chooses this thread's stream.";
    "_stream_query" ("device, stream") stream_query: "Whether a stream's work is done.";
    "_stream_wait" ("device, stream") stream_wait: "Waits for a stream's work.";
    "_stream_order" ("device, stream, event") stream_order: "A stream's later work waits for an event.";
    "_event_new" ("device, timing") event_new: "A mark for streams.";
    "_event_record" ("device, event, stream") event_record: "Puts a mark after a stream's work.";
    "_event_query" ("device, event") event_query: "Whether the work before a mark is done.";
    "_event_wait" ("device, event") event_wait: "Waits for the work before a mark.";
    "_event_between" ("device, start, end") event_between: "Milliseconds between two marks.";
    "_event_forget" ("device, event") event_forget: "Gives a mark back.";
    "_capture_begin" ("device, pool") capture_begin: "Records this thread's work on a device instead of doing it.";
    "_capture_end" ("") capture_end: "What was recorded.";
    "_capture_abort" ("") capture_abort: "Ends a recording that has failed.";
    "_is_capturing" ("") is_capturing: "Whether this thread's work is recorded instead of being done.";
    "_reaches" ("device, other") reaches: "Whether a device reads another one's memory itself.";
    "_pinned" ("tensor, device") pinned: "The same elements in memory that a device copies from by itself.";
    "_is_pinned" ("tensor, device") is_pinned: "Whether its elements are in such memory.";
};
