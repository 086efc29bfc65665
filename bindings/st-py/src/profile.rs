//! Recording what a program does: calls of operators by their names, and what the core tells.

use crate::call::{Args, Native, natives};
use crate::convert;
use crate::errors::OrRaise;
use crate::tensor::{PyTensor, raw_of};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyList};
use st_core::runtime::{self, Detail, Open, TraceEvent, TraceOptions};
use std::cell::RefCell;

type Answer<'py> = PyResult<Bound<'py, PyAny>>;
type Details = Vec<(&'static str, Detail)>;

thread_local!(static RANGES: RefCell<Vec<(usize, Open)>> = const { RefCell::new(Vec::new()) });

/// Runs a call of an operator; while something is recorded it is shown under torch's name.
#[inline]
pub(crate) fn operator<T>(
    name: &str,
    operands: impl FnOnce() -> Vec<Vec<usize>>,
    call: impl FnOnce() -> T,
) -> T {
    let Some(options) = runtime::tracing() else { return call() };
    let details = details(&options, operands);
    let open = runtime::begin("cpu_op", || format!("aten::{name}"));
    let result = call();
    runtime::end(open, details, false);
    result
}

/// Runs a function of ours; it is shown if it gives a tensor or if something ran in it.
#[inline]
pub(crate) fn native<'py>(name: &str, call: impl FnOnce() -> Answer<'py>) -> Answer<'py> {
    let Some(options) = runtime::tracing().filter(|_| !name.starts_with('_')) else { return call() };
    let open = runtime::begin("cpu_op", || format!("aten::{name}"));
    let result = call();
    let is_tensor = result.as_ref().is_ok_and(|object| object.cast::<PyTensor>().is_ok());
    runtime::end(open, details(&options, Vec::new), !is_tensor);
    result
}

/// The shape of an argument as torch tells it: nothing for what is no tensor.
pub(crate) fn shape_of(argument: &Bound<'_, PyAny>) -> Vec<usize> {
    raw_of(argument).map_or_else(Vec::new, |(tensor, _)| tensor.shape().to_vec())
}

fn details(options: &TraceOptions, operands: impl FnOnce() -> Vec<Vec<usize>>) -> Details {
    let mut details = Vec::new();
    if options.shapes {
        details.push(("Input Dims", Detail::Shapes(operands())));
    }
    if options.stacks {
        details.push(("Call stack", Detail::Texts(Python::attach(stack).unwrap_or_default())));
    }
    details
}

/// The Python frames that lead here, the innermost first: `file(line): function`.
fn stack(py: Python<'_>) -> PyResult<Vec<String>> {
    let mut lines = Vec::new();
    let mut frame = py.import("sys")?.getattr("_getframe")?.call0()?;
    while !frame.is_none() {
        let code = frame.getattr("f_code")?;
        let file: String = code.getattr("co_filename")?.extract()?;
        let line: usize = frame.getattr("f_lineno")?.extract()?;
        let function: String = code.getattr("co_name")?.extract()?;
        lines.push(format!("{file}({line}): {function}"));
        frame = frame.getattr("f_back")?;
    }
    Ok(lines)
}

fn start<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    let [shapes, memory, stacks, devices] = [0, 1, 2, 3].map(|i| args.bool(i));
    let options = TraceOptions { shapes: shapes?, memory: memory?, stacks: stacks?, devices: devices? };
    runtime::start_trace(options).or_raise()?;
    args.none()
}

fn stop<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    let events = runtime::stop_trace().or_raise()?;
    let events = events.iter().map(|event| described(args.py, event)).collect::<PyResult<Vec<_>>>()?;
    Ok(PyList::new(args.py, events)?.into_any())
}

fn described<'py>(py: Python<'py>, event: &TraceEvent) -> PyResult<Bound<'py, PyDict>> {
    let told = PyDict::new(py);
    told.set_item("category", event.category)?;
    told.set_item("name", &event.name)?;
    told.set_item("start", event.start)?;
    told.set_item("end", event.end)?;
    told.set_item("device", event.device)?;
    told.set_item("stream", event.stream)?;
    told.set_item("link", event.link)?;
    let details = PyDict::new(py);
    for (name, detail) in &event.details {
        details.set_item(
            name,
            match detail {
                Detail::Text(text) => text.into_bound_py_any(py)?,
                Detail::Number(number) => number.into_bound_py_any(py)?,
                Detail::Texts(texts) => texts.into_bound_py_any(py)?,
                Detail::Sizes(sizes) => sizes.into_bound_py_any(py)?,
                Detail::Shapes(shapes) => shapes.into_bound_py_any(py)?,
            },
        )?;
    }
    told.set_item("details", details)?;
    Ok(told)
}

/// A range begins: what was asked for before it does not run inside.
fn enter<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    if runtime::tracing().is_none() {
        return args.none();
    }
    runtime::flush_all().or_raise()?;
    let name: String = args.required(0)?.extract()?;
    let open = runtime::begin("user_annotation", || name);
    let number = RANGES.with_borrow_mut(|ranges| {
        let number = ranges.last().map_or(0, |(last, _)| last + 1);
        ranges.push((number, open));
        number
    });
    Ok(PyInt::new(args.py, number).into_any())
}

/// A range is over: what was asked for in it runs inside.
fn leave<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    let number: usize = args.required(0)?.extract()?;
    let flushed = if runtime::tracing().is_some() { runtime::flush_all() } else { Ok(()) };
    let open = RANGES.with_borrow_mut(|ranges| {
        let at = ranges.iter().position(|(known, _)| *known == number)?;
        Some(ranges.remove(at).1)
    });
    if let (Some(open), Some(options)) = (open, runtime::tracing()) {
        runtime::end(open, details(&options, Vec::new), false);
    }
    flushed.or_raise()?;
    args.none()
}

fn is_tracing<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    Ok(convert::scalar_object(args.py, runtime::tracing().is_some().into()))
}

pub(crate) const FUNCTIONS: &[Native] = natives! {
    "_trace_start" ("shapes, memory, stacks, devices") start: "Records what this thread does from here on.";
    "_trace_stop" ("") stop: "What happened since then.";
    "_trace_enter" ("name") enter: "A named range begins; its number, if something is recorded.";
    "_trace_leave" ("number") leave: "A range is over.";
    "_is_tracing" ("") is_tracing: "Whether this thread records what it does.";
};
