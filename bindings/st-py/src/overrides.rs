//! `__torch_function__`: classes that say what functions do with their objects, and modes that see every call.
//!
//! A call is theirs if an argument's class has that method, or one in a list of arguments; tensors of the class itself
//! and parameters cost a comparison of pointers. Everything that Python can call with a tensor asks here first: the C
//! functions of `call`, the symbols of `operators`, and, through `_torch_function`, what is written in Python.

use crate::call::{Args, Native, natives};
use crate::device::PyDevice;
use crate::dtype::PyDType;
use crate::tensor::PyTensor;
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyNotImplemented, PyString, PyTuple, PyType};
use pyo3::{PyTypeInfo, intern};
use std::cell::{Cell, RefCell};

type Any<'py> = PyResult<Bound<'py, PyAny>>;

thread_local! {
    /// How many want no subclass to be asked: 1, nor a mode: 2.
    static OFF: Cell<u8> = const { Cell::new(0) };
    /// Whether there are modes.
    static ANY_MODE: Cell<bool> = const { Cell::new(false) };
    /// Modes, the innermost last.
    static MODES: RefCell<Vec<Py<PyAny>>> = const { RefCell::new(Vec::new()) };
}

/// The class of tensors that is most common after `Tensor` and asked for nothing, `Parameter`, and the
/// `__torch_function__` of all such classes.
static QUIET: PyOnceLock<(Py<PyType>, Py<PyAny>)> = PyOnceLock::new();

/// Whether every call is shown to a mode.
#[inline]
pub(crate) fn has_mode() -> bool {
    ANY_MODE.get() && OFF.get() < 2
}

/// Whether an argument's class wants to be asked.
#[inline]
pub(crate) fn asks(object: &Bound<'_, PyAny>) -> bool {
    !object.is_exact_instance_of::<PyTensor>() && OFF.get() == 0 && asks_for_itself_or_inside(object)
}

fn asks_for_itself_or_inside(object: &Bound<'_, PyAny>) -> bool {
    if let Ok(tuple) = object.cast::<PyTuple>() {
        return tuple.iter_borrowed().any(|item| asks_for_itself(&item));
    }
    match object.cast_exact::<PyList>() {
        Ok(list) => list.iter().any(|item| asks_for_itself(&item)),
        Err(_) => asks_for_itself(object),
    }
}

fn asks_for_itself(object: &Bound<'_, PyAny>) -> bool {
    let py = object.py();
    let class = object.get_type();
    let one_of_pythons = || {
        class.is(PyFloat::type_object(py))
            || class.is(PyInt::type_object(py))
            || class.is(PyBool::type_object(py))
    };
    let one_of_ours = || {
        class.is(PyTensor::type_object(py))
            || class.is(PyDType::type_object(py))
            || class.is(PyDevice::type_object(py))
    };
    if one_of_pythons() || one_of_ours() || object.is_none() || object.is_instance_of::<PyString>() {
        return false;
    }
    let quiet = QUIET.get(py);
    if quiet.is_some_and(|(parameter, _)| class.is(parameter)) || object.is_instance_of::<PyType>() {
        return false;
    }
    let method = class.getattr(intern!(py, "__torch_function__"));
    method.is_ok_and(|method| quiet.is_none_or(|(_, disabled)| !method.is(disabled)))
}

/// The objects among the arguments whose classes are asked: one of each class, subclasses before what they derive from.
fn concerned<'py>(arguments: impl Iterator<Item = Bound<'py, PyAny>>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let mut found: Vec<Bound<'py, PyAny>> = Vec::new();
    let mut add = |object: Bound<'py, PyAny>| -> PyResult<()> {
        let class = object.get_type();
        if !asks_for_itself(&object) || found.iter().any(|other| other.get_type().is(&class)) {
            return Ok(());
        }
        let mut at = found.len();
        for (i, other) in found.iter().enumerate().rev() {
            if class.is_subclass(&other.get_type())? {
                at = i;
            }
        }
        found.insert(at, object);
        Ok(())
    };
    for argument in arguments {
        match (argument.cast::<PyTuple>(), argument.cast_exact::<PyList>()) {
            (Ok(tuple), _) => tuple.iter().try_for_each(&mut add)?,
            (_, Ok(list)) => list.iter().try_for_each(&mut add)?,
            _ => add(argument)?,
        }
    }
    Ok(found)
}

/// Asks the innermost mode, then the classes of the arguments, what `function` does with them.
pub(crate) fn ask<'py>(
    function: &Bound<'py, PyAny>,
    relevant: impl Iterator<Item = Bound<'py, PyAny>>,
    args: Bound<'py, PyTuple>,
    kwargs: Option<Bound<'py, PyDict>>,
) -> Any<'py> {
    let py = function.py();
    let kwargs = kwargs.unwrap_or_else(|| PyDict::new(py));
    let found = if OFF.get() == 0 { concerned(relevant)? } else { Vec::new() };
    let classes = PyTuple::new(py, found.iter().map(|object| object.get_type()))?;
    let name = intern!(py, "__torch_function__");
    let declined = |answer: &Bound<'_, PyAny>| answer.is(PyNotImplemented::get(py));
    let mut asked = String::new();
    if has_mode() {
        let hidden = Hidden::innermost();
        let mode = hidden.0.bind(py);
        let answer = mode.call_method1(name, (function, &classes, &args, &kwargs))?;
        if !declined(&answer) {
            return Ok(answer);
        }
        asked += &format!("  - mode object {}\n", mode.repr()?);
    }
    for object in &found {
        let answer = object.getattr(name)?.call1((function, &classes, &args, &kwargs))?;
        if !declined(&answer) {
            return Ok(answer);
        }
        asked += &format!("  - tensor subclass {}\n", object.get_type().repr()?);
    }
    if asked.is_empty() {
        return function.call(args, Some(&kwargs));
    }
    let path: String = py
        .import(intern!(py, "spiraltorch_rs.overrides"))?
        .call_method1(intern!(py, "_path"), (function,))?
        .extract()?;
    if path.contains(".functional.") {
        // Torch has these in Python, with a text of their own.
        return Err(PyTypeError::new_err(format!(
            "no implementation found for '{path}' on types that implement __torch_function__: {}",
            PyList::new(py, classes.iter())?.repr()?
        )));
    }
    Err(PyTypeError::new_err(format!(
        "Multiple dispatch failed for '{path}'; all __torch_function__ handlers returned NotImplemented:\n\n{asked}"
    )))
}

/// As `ask` of a method of `Tensor`.
pub(crate) fn ask_method<'py>(name: &str, args: &[&Bound<'py, PyAny>]) -> Any<'py> {
    let py = args[0].py();
    let function = py.get_type::<PyTensor>().getattr(name)?;
    ask(&function, args.iter().map(|&arg| arg.clone()), PyTuple::new(py, args)?, None)
}

/// The innermost mode while it is asked: what it calls, it does not see.
struct Hidden(Py<PyAny>);

impl Hidden {
    fn innermost() -> Hidden {
        let mode = MODES.with_borrow_mut(Vec::pop).expect("there is a mode");
        ANY_MODE.set(MODES.with_borrow(|modes| !modes.is_empty()));
        Hidden(mode)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        Python::attach(|py| MODES.with_borrow_mut(|modes| modes.push(self.0.clone_ref(py))));
        ANY_MODE.set(true);
    }
}

fn torch_function<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let relevant = args.required(1)?.try_iter()?.collect::<PyResult<Vec<_>>>()?;
    let kwargs = args.get(3).map(|kwargs| kwargs.cast::<PyDict>().cloned()).transpose()?;
    ask(args.required(0)?, relevant.into_iter(), args.required(2)?.cast::<PyTuple>()?.clone(), kwargs)
}

fn has_torch_function<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let any = has_mode() || args.rest().iter().any(|object| asks(object));
    Ok(PyBool::new(args.py, any).to_owned().into_any())
}

fn torch_function_off<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let before = OFF.get();
    if let Some(off) = args.maybe_int(0)? {
        OFF.set(off as u8);
    }
    Ok(PyInt::new(args.py, before).into_any())
}

fn push_mode<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let mode = args.required(0)?.clone().unbind();
    MODES.with_borrow_mut(|modes| modes.push(mode));
    ANY_MODE.set(true);
    args.none()
}

fn pop_mode<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let mode = MODES.with_borrow_mut(Vec::pop).ok_or_else(|| PyIndexError::new_err("there is no mode"))?;
    ANY_MODE.set(MODES.with_borrow(|modes| !modes.is_empty()));
    Ok(mode.into_bound(args.py))
}

fn modes<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let all = MODES.with_borrow(|modes| modes.iter().map(|mode| mode.clone_ref(args.py)).collect::<Vec<_>>());
    Ok(PyList::new(args.py, all)?.into_any())
}

fn quiet<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let class = args.required(0)?.cast::<PyType>()?.clone().unbind();
    let _ = QUIET.set(args.py, (class, args.required(1)?.clone().unbind()));
    args.none()
}

pub(crate) const FUNCTIONS: &[Native] = natives! {
    "_torch_function" ("function, relevant, args, kwargs=None") torch_function: "What modes and classes say a call is.";
    "_has_torch_function" ("*objects") has_torch_function: "Whether a mode or a class wants to be asked.";
    "_torch_function_off" ("off=None") torch_function_off: "Whom not to ask: 1 classes, 2 modes; gives what it was.";
    "_push_torch_function_mode" ("mode") push_mode: "Shows calls to a mode from now on.";
    "_pop_torch_function_mode" ("") pop_mode: "Ends the innermost mode.";
    "_torch_function_modes" ("") modes: "The modes, the innermost last.";
    "_quiet_class" ("cls, disabled") quiet: "Names `Parameter`, and the method of classes that are not asked.";
};
