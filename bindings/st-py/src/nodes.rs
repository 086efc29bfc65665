//! Nodes of the tape as Python sees them: their place in the graph, what they saved, their hooks.

use crate::autograd::{
    UserBackward, from_core, gradients_from, handle, owned, pack_through, traverse, tuple_of, wrap_or_none,
};
use crate::convert;
use crate::errors::OrRaise;
use crate::tensor::PyTensor;
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};
use st_core::Tensor;
use st_core::autograd::{GradFn, SavedPlace};
use st_core::ops::Value;
use std::cell::RefCell;
use std::sync::Arc;

type Any<'py> = PyResult<Bound<'py, PyAny>>;

/// A node of the tape. (Python's garbage collector may look at an object whose memory is still zero: that is `None`.)
#[pyclass(name = "Node", module = "spiraltorch_rs.autograd.graph", frozen, weakref, subclass)]
pub(crate) struct PyNode(Option<GradFn>);

impl PyNode {
    pub(crate) fn node(&self) -> &GradFn {
        self.0.as_ref().expect("a node that has been made")
    }
}

thread_local!(static HANDED_OVER: RefCell<Option<GradFn>> = const { RefCell::new(None) });

/// The class of the nodes of a name, as torch has one for each.
pub(crate) fn node_class<'py>(py: Python<'py>, name: &str) -> Any<'py> {
    static CLASSES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let classes = CLASSES.get_or_init(py, || PyDict::new(py).unbind()).bind(py);
    if let Some(class) = classes.get_item(name)? {
        return Ok(class);
    }
    let bases = (py.get_type::<PyNode>(),);
    let class = py.get_type::<PyType>().call1((name, bases, PyDict::new(py)))?;
    class.setattr("__module__", "spiraltorch_rs.autograd.graph")?;
    classes.set_item(name, &class)?;
    Ok(class)
}

/// The object of a node: the same as long as somebody holds it.
pub(crate) fn node_object(py: Python<'_>, node: GradFn) -> Any<'_> {
    static OBJECTS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let make = || py.import("weakref")?.getattr("WeakValueDictionary")?.call0().map(Bound::unbind);
    let objects = OBJECTS.get_or_try_init(py, make)?.bind(py);
    let number = node.sequence_id();
    let known = objects.call_method1("get", (number,))?;
    if !known.is_none() {
        return Ok(known);
    }
    let class = node_class(py, &node.name())?;
    HANDED_OVER.set(Some(node));
    let object = class.call0();
    HANDED_OVER.take();
    objects.set_item(number, object.as_ref().map_err(|error| error.clone_ref(py))?)?;
    object
}

#[pymethods]
impl PyNode {
    #[new]
    fn new() -> PyResult<PyNode> {
        let node = HANDED_OVER.take();
        node.map(|node| PyNode(Some(node))).ok_or_else(|| PyTypeError::new_err("nodes are made by the tape"))
    }

    /// What users note about it.
    #[getter]
    fn metadata<'py>(this: &Bound<'py, PyNode>) -> Any<'py> {
        let py = this.py();
        this.getattr("__dict__")?.call_method1("setdefault", ("metadata", PyDict::new(py)))
    }

    /// Its name, such as `MulBackward0`.
    fn name(&self) -> String {
        self.node().name()
    }

    /// The gradients of its inputs from those of its outputs.
    #[pyo3(signature = (*gradients))]
    fn __call__<'py>(&self, gradients: &Bound<'py, PyTuple>) -> Any<'py> {
        let (py, wanted, got) = (gradients.py(), self.node().outputs(), gradients.len());
        if got != wanted {
            return Err(PyTypeError::new_err(format!("expected {wanted} arguments, got {got} instead")));
        }
        let found = self.node().call(&gradients_from(gradients, &self.node().name())?).or_raise()?;
        match &found[..] {
            [only] => wrap_or_none(py, only.clone()),
            several => Ok(tuple_of(py, several)?.into_any()),
        }
    }

    /// The nodes its gradients go to, each with the number of the output.
    #[getter]
    fn next_functions<'py>(&self, py: Python<'py>) -> Any<'py> {
        let edge = |edge: Option<(GradFn, usize)>| match edge {
            Some((node, output)) => (node_object(py, node)?, output).into_pyobject(py),
            None => (py.None(), 0usize).into_pyobject(py),
        };
        let edges = self.node().next_functions().into_iter().map(edge).collect::<PyResult<Vec<_>>>()?;
        Ok(PyTuple::new(py, edges)?.into_any())
    }

    /// The leaf whose gradient ends here.
    #[getter]
    fn variable<'py>(&self, py: Python<'py>) -> Any<'py> {
        wrap_or_none(py, self.node().variable())
    }

    /// The line of the forward pass, under `ST_DEBUG=1` or anomaly mode.
    #[getter]
    fn origin(&self) -> Option<String> {
        self.node().origin().map(|line| line.to_string())
    }

    fn _sequence_nr(&self) -> u64 {
        self.node().sequence_id()
    }

    /// What a user's function noted in its context; the tensors an operator saved, as `_saved_self`, `_saved_other` or
    /// `_saved_result`.
    fn __getattr__<'py>(&self, py: Python<'py>, name: &str) -> Any<'py> {
        let context = self.node().custom().and_then(|rule| rule.as_any()?.downcast_ref::<UserBackward>());
        if let Some(rule) = context {
            return rule.context.bind(py).getattr(name);
        }
        let absent = || {
            PyAttributeError::new_err(format!("'{}' object has no attribute '{name}'", self.node().name()))
        };
        if let Some(raw) = name.strip_prefix("_raw_saved_") {
            let place = self.node().saved_place(raw).ok_or_else(absent)?;
            return Ok(Bound::new(py, PyRawSaved(self.node().clone(), place))?.into_any());
        }
        let saved = name.strip_prefix("_saved_").and_then(|name| self.node().saved_place(name));
        match self.node().saved(saved.ok_or_else(absent)?).or_raise()? {
            Some(Value::Tensor(tensor)) => PyTensor::known(py, tensor, false),
            Some(other) => convert::object(py, other),
            None => Ok(py.None().into_bound(py)),
        }
    }

    /// Calls the hook after the node ran, with the gradients of its inputs and outputs.
    fn register_hook<'py>(&self, hook: &Bound<'py, PyAny>) -> Any<'py> {
        let (py, hook) = (hook.py(), owned(hook));
        let owner = hook.clone();
        let call = move |inputs: &[Option<Tensor>], outputs: &[Option<Tensor>]| {
            from_core(|py| several(&hook.bind(py).call1((tuple_of(py, inputs)?, tuple_of(py, outputs)?))?))
        };
        handle(py, self.node().register_hook(Arc::new(call)).owned_by(owner))
    }

    /// Calls the hook before the node runs, with the gradients of its outputs.
    fn register_prehook<'py>(&self, hook: &Bound<'py, PyAny>) -> Any<'py> {
        let (py, hook) = (hook.py(), owned(hook));
        let owner = hook.clone();
        let call = move |outputs: &[Option<Tensor>]| {
            from_core(|py| several(&hook.bind(py).call1((tuple_of(py, outputs)?,))?))
        };
        handle(py, self.node().register_prehook(Arc::new(call)).owned_by(owner))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        traverse(&visit, |show| self.0.iter().for_each(|node| node.visit_owners(show)))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<PyNode>().is_ok_and(|other| self.node().is(other.get().node()))
    }

    fn __hash__(&self) -> u64 {
        self.node().sequence_id()
    }

    fn __repr__(&self) -> String {
        format!("<{}>", self.node().name())
    }
}

/// A tensor that a node saved, before it is unpacked.
#[pyclass(name = "SavedTensor", module = "spiraltorch_rs.autograd", frozen)]
struct PyRawSaved(GradFn, SavedPlace);

#[pymethods]
impl PyRawSaved {
    /// From now on it goes through two functions.
    fn register_hooks(&self, pack_hook: Py<PyAny>, unpack_hook: Py<PyAny>) -> PyResult<()> {
        self.0.pack_saved(self.1, &pack_through(pack_hook, unpack_hook)).or_raise()
    }
}

fn several(given: &Bound<'_, PyAny>) -> PyResult<Option<Vec<Option<Tensor>>>> {
    if given.is_none() { Ok(None) } else { gradients_from(given, "a hook of a node").map(Some) }
}
