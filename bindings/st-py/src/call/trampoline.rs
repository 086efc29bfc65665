//! The C functions Python calls. A C function closes over nothing, so there is one for each number of an entry.

use super::bind::Given;
use super::{Entry, Place, Target};
use crate::errors::guard;
use crate::tensor::PyTensor;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use pyo3::{Borrowed, ffi};
use std::ffi::CString;
use std::sync::OnceLock;

/// A C function called with an array of arguments and the names of the last of them.
pub(crate) type Callable = unsafe extern "C" fn(
    *mut ffi::PyObject,
    *const *mut ffi::PyObject,
    ffi::Py_ssize_t,
    *mut ffi::PyObject,
) -> *mut ffi::PyObject;

static ENTRIES: OnceLock<Vec<Entry>> = OnceLock::new();

/// The C function of entry `I`.
unsafe extern "C" fn enter<const I: usize>(
    this: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: Python passes what it promises for METH_FASTCALL | METH_KEYWORDS.
    unsafe { dispatch(I, this, args, count, names) }
}

const SIDE: usize = 32;
macro_rules! row {
    ($high:literal: $($low:literal)*) => { [$(enter::<{ $high * SIDE + $low }>),*] };
}
macro_rules! table {
    ($($high:literal)*) => { [$(row!($high: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31)),*] };
}
static TABLE: [[Callable; SIDE]; 2 * SIDE] = table!(
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
    32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
);

/// # Safety
/// As METH_FASTCALL | METH_KEYWORDS: `args` holds `count` objects and one more for each of `names`, a tuple or null.
unsafe extern "C" fn dispatch(
    index: usize,
    this: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    Python::attach(|py| {
        let Some(entry) = ENTRIES.get().and_then(|entries| entries.get(index)) else {
            return std::ptr::null_mut();
        };
        let result = guard(&entry.name, || {
            // SAFETY: Python keeps all arguments alive during the call.
            let borrow = |object: *mut ffi::PyObject| unsafe { Borrowed::from_ptr(py, object) };
            // SAFETY: there are `count` positional arguments.
            let at = |i: usize| borrow(unsafe { *args.add(i) });
            let count = count as usize;
            let mut given = Given::new(py, entry.method);
            if entry.method {
                given.positional.push(borrow(this));
            }
            given.positional.extend((0..count).map(at));
            if !names.is_null() {
                // SAFETY: `names` is a tuple.
                let named = unsafe { ffi::PyTuple_Size(names) } as usize;
                for i in 0..named {
                    // SAFETY: the index is in range; the tuple holds strings.
                    let name = borrow(unsafe { ffi::PyTuple_GetItem(names, i as ffi::Py_ssize_t) });
                    // SAFETY: keyword names are strings.
                    given.named.push((unsafe { name.cast_unchecked::<PyString>() }, at(count + i)));
                }
            }
            entry.call(&given)
        });
        match result {
            Ok(object) => object.into_ptr(),
            Err(error) => {
                error.restore(py);
                std::ptr::null_mut()
            }
        }
    })
}

/// The documentation of a callable in CPython's form, with a signature that `inspect` reads.
fn doc(entry: &Entry) -> String {
    let (parameters, text) = match &entry.target {
        Target::Operator(overloads, form) => (
            super::bind::signature(overloads[0], *form),
            format!("{}\n\n{}", overloads[0].doc, overloads[0].signature),
        ),
        Target::Native(native, _) if entry.method && native.parameters.is_empty() => {
            ("$self".into(), native.doc.into())
        }
        Target::Native(native, _) if entry.method => {
            (format!("$self, {}", native.parameters), native.doc.into())
        }
        Target::Native(native, _) => (native.parameters.into(), native.doc.into()),
    };
    format!("{}({parameters})\n--\n\n{text}", entry.name)
}

/// Makes Python callables of the entries. They live as long as the process.
pub(crate) fn publish(
    module: &Bound<'_, PyModule>,
    namespaces: &Bound<'_, PyDict>,
    entries: Vec<(Place, Entry)>,
) -> PyResult<()> {
    let py = module.py();
    let (places, entries): (Vec<Place>, Vec<Entry>) = entries.into_iter().unzip();
    assert!(entries.len() <= TABLE.len() * SIDE, "the table of C functions is too small: give it more rows");
    if ENTRIES.set(entries).is_err() {
        return Err(pyo3::exceptions::PyImportError::new_err(
            "the module can be initialised once per process",
        ));
    }
    let tensor = py.get_type::<PyTensor>();
    let package = PyString::new(py, "spiraltorch_rs");
    let no_nul = |text: String| CString::new(text).expect("names and docs have no NUL");
    for (i, (place, entry)) in places.into_iter().zip(ENTRIES.get().into_iter().flatten()).enumerate() {
        let definition = Box::leak(Box::new(ffi::PyMethodDef {
            ml_name: no_nul(entry.name.clone()).into_raw(),
            ml_meth: ffi::PyMethodDefPointer { PyCFunctionFastWithKeywords: TABLE[i / SIDE][i % SIDE] },
            ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
            ml_doc: no_nul(doc(entry)).into_raw(),
        }));
        // SAFETY: the definition lives for ever; the type and the name are alive; null means an exception is set.
        let object = unsafe {
            let raw = match place {
                Place::Tensor => ffi::PyDescr_NewMethod(tensor.as_ptr().cast(), definition),
                _ => ffi::PyCFunction_NewEx(definition, std::ptr::null_mut(), package.as_ptr()),
            };
            Bound::from_owned_ptr_or_err(py, raw)?
        };
        if entry.may_be_overridden() {
            let _ = entry.object.set(object.clone().unbind());
        }
        match place {
            Place::Tensor => tensor.setattr(entry.name.as_str(), object)?,
            // `add` also lists a name in `__all__`.
            Place::Module if entry.name.starts_with('_') => module.setattr(entry.name.as_str(), object)?,
            Place::Module => module.add(entry.name.as_str(), object)?,
            Place::Namespace(name) => {
                namespaces.as_any().get_item(name)?.set_item(entry.name.as_str(), object)?
            }
        }
    }
    Ok(())
}
