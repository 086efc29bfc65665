//! The tape as Python sees it: gradients, hooks, modes, functions written by users. `nodes` has its nodes.
//!
//! User code is called with the GIL held and without a lock of the core's. Its exceptions pass through the core (`errors`).

use crate::call::{Args, Native, natives};
use crate::convert;
use crate::dtype;
use crate::errors::{OrRaise, into_core};
use crate::nodes::{PyNode, node_class, node_object};
use crate::tensor::{PyTensor, raw_of};
use crate::warnings;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyList, PyString, PyTuple};
use st_core::autograd::{self, Backward, End, HookHandle, Mode, SavedTensor};
use st_core::{Complex, Result, Tensor};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

type Any<'py> = PyResult<Bound<'py, PyAny>>;
type Gradients = Vec<Option<Tensor>>;

/// A tensor or `None`.
pub(crate) fn wrap_or_none(py: Python<'_>, tensor: Option<Tensor>) -> Any<'_> {
    tensor.map_or_else(|| Ok(py.None().into_bound(py)), |tensor| PyTensor::known(py, tensor, false))
}

pub(crate) fn tuple_of<'py>(py: Python<'py>, tensors: &[Option<Tensor>]) -> PyResult<Bound<'py, PyTuple>> {
    tuple_as(py, tensors, &[])
}

/// As `tuple_of`; the tensors marked hold pairs of complex numbers.
fn tuple_as<'py>(
    py: Python<'py>,
    tensors: &[Option<Tensor>],
    complex: &[bool],
) -> PyResult<Bound<'py, PyTuple>> {
    let wrap = |(i, tensor): (usize, &Option<Tensor>)| match tensor {
        Some(tensor) => PyTensor::wrap_raw(py, tensor.clone(), complex.get(i).is_some_and(|&is| is)),
        None => Ok(py.None().into_bound(py)),
    };
    PyTuple::new(py, tensors.iter().enumerate().map(wrap).collect::<PyResult<Vec<_>>>()?)
}

/// What a user's function gave in place of gradients: a tensor, `None`, or several of them.
pub(crate) fn gradients_from(given: &Bound<'_, PyAny>, what: &str) -> PyResult<Gradients> {
    if given.is_none() {
        return Ok(vec![None]);
    }
    let one = |object: &Bound<'_, PyAny>| match raw_of(object) {
        Some((tensor, _)) => Some(Some(tensor.clone())),
        None => object.is_none().then_some(None),
    };
    if let Some(tensor) = one(given) {
        return Ok(vec![tensor]);
    }
    let listed: Option<Gradients> = convert::items(given).and_then(|list| list.iter().map(one).collect());
    listed.ok_or_else(|| {
        let got = convert::type_name(given);
        PyTypeError::new_err(format!("{what}: expected Tensors or None, got {got}"))
    })
}

/// Calls Python from within the core.
pub(crate) fn from_core<T>(f: impl for<'py> FnOnce(Python<'py>) -> PyResult<T>) -> Result<T> {
    Python::attach(|py| f(py).map_err(into_core))
}

// ---- tensors ----

pub(crate) fn grad_of<'py>(this: &Bound<'py, PyTensor>) -> Any<'py> {
    warnings::of_missing_grad(this)?;
    this.get().grad_object(this.py())
}

pub(crate) fn set_grad_of(this: &Bound<'_, PyTensor>, grad: &Bound<'_, PyAny>) -> PyResult<()> {
    let object = grad.cast::<PyTensor>().ok();
    let tensor = match object {
        Some(object) => Some(object.get().tensor().clone()),
        None if grad.is_none() => None,
        None => {
            let got = convert::type_name(grad);
            return Err(PyTypeError::new_err(format!(
                "assigned grad expected to be a Tensor or None but got grad of type {got}"
            )));
        }
    };
    this.get().tensor().set_grad(tensor).or_raise()?;
    this.get().remember_grad(object);
    Ok(())
}

pub(crate) fn grad_fn<'py>(py: Python<'py>, tensor: &Tensor) -> Any<'py> {
    match tensor.grad_fn() {
        Some(node) => {
            node.expect_valid().or_raise()?;
            node_object(py, node)
        }
        None => Ok(py.None().into_bound(py)),
    }
}

fn requires_grad_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    args.this_tensor().requires_grad_(args.maybe_bool(0)?.unwrap_or(true)).or_raise()?;
    Ok(args.this().clone())
}

fn detach<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    PyTensor::wrap_raw(args.py, args.this_tensor().detach(), args.this_object().is_complex())
}

fn detach_<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    args.this_tensor().detach_().or_raise()?;
    Ok(args.this().clone())
}

fn is_inference<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    truth(args, args.this_tensor().is_inference())
}

fn retain_grad<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    args.this_tensor().retain_grad().or_raise()?;
    args.none()
}

fn backward<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let create_graph = args.bool(2)?;
    let retain_graph = args.maybe_bool(1)?.unwrap_or(create_graph);
    warnings::of_cycle(args.py, create_graph)?;
    let inputs = args.get(3).map(|_| args.tensors(3)).transpose()?;
    let tensor = args.this_tensor();
    let start = (tensor.clone().into(), args.this_object().is_complex());
    let gradient =
        first_gradients(&[start], args.get(0), "gradient")?.and_then(|mut given| given.pop().flatten());
    walked(args.py, || {
        tensor.backward_with(gradient.as_ref(), retain_graph, create_graph, inputs.as_deref())
    })?;
    args.none()
}

/// The gradients to start with; refused where they do not fit what the user sees of that, which the core does not.
fn first_gradients(
    starts: &[(End, bool)],
    given: Option<&Bound<'_, PyAny>>,
    what: &str,
) -> PyResult<Option<Gradients>> {
    let gradients = given.map(|given| gradients_from(given, what)).transpose()?;
    let objects =
        given.map_or_else(Vec::new, |given| convert::items(given).unwrap_or_else(|| vec![given.clone()]));
    for (i, start) in starts.iter().enumerate() {
        match objects.get(i).and_then(raw_of) {
            Some(gradient) => expect_fit(i, start, gradient)?,
            None if start.1 && start.0.made().0.iter().product::<usize>() == 2 => {
                let got = dtype::text(start.0.made().1, true);
                return Err(PyRuntimeError::new_err(format!(
                    "grad can be implicitly created only for real scalar outputs but got {got}"
                )));
            }
            None => {}
        }
    }
    Ok(gradients)
}

/// Refuses a gradient of another shape than the user sees, or one of complex numbers and the other of real ones.
fn expect_fit(i: usize, (start, complex): &(End, bool), (given, same): (&Tensor, bool)) -> PyResult<()> {
    if start.tensor().is_none() && !complex {
        // (An edge that somebody put together does not know.)
        return Ok(());
    }
    let (shape, kind, _) = start.made();
    let shapes =
        [(given.shape(), same), (shape, *complex)].map(|(shape, is)| &shape[..shape.len() - usize::from(is)]);
    if shapes[0] != shapes[1] {
        return Err(PyRuntimeError::new_err(format!(
            "Mismatch in shape: grad_output[{i}] has a shape of torch.Size({:?}) and output[{i}] has a shape of torch.Size({:?}).",
            shapes[0], shapes[1]
        )));
    }
    if same != *complex {
        return Err(PyRuntimeError::new_err(format!(
            "For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in dtype: grad_output[{i}] has a dtype of {} and output[{i}] has a dtype of {}.",
            dtype::text(given.dtype(), same),
            dtype::text(kind, *complex)
        )));
    }
    Ok(())
}

/// A tensor, or an output of a node as a tuple of both; whether it is complex, which the tuple says as `_complex`.
fn end_of(object: &Bound<'_, PyAny>) -> PyResult<Option<(End, bool)>> {
    if let Some((tensor, complex)) = raw_of(object) {
        return Ok(Some((tensor.clone().into(), complex)));
    }
    let Ok(edge) = object.cast::<PyTuple>() else { return Ok(None) };
    let (Ok(node), Ok(out)) = (edge.get_item(0), edge.get_item(1)) else { return Ok(None) };
    let (Ok(node), Ok(out)) = (node.cast::<PyNode>(), out.extract()) else { return Ok(None) };
    let complex = edge.getattr("_complex").and_then(|complex| complex.extract()).unwrap_or(false);
    Ok(Some((End::at_output(node.get().node(), out).or_raise()?, complex)))
}

/// The parameter as tensors and outputs of nodes.
fn ends(args: &Args<'_, '_>, i: usize) -> PyResult<Vec<(End, bool)>> {
    let object = args.required(i)?;
    let found: Option<Vec<_>> = match convert::items(object) {
        Some(list) => list.iter().map(end_of).collect::<PyResult<_>>()?,
        None => None,
    };
    found.ok_or_else(|| args.wrong(i, "Tensor or sequence of Tensors", Some(object)))
}

fn backward_many<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let create_graph = args.bool(3)?;
    let retain_graph = args.maybe_bool(2)?.unwrap_or(create_graph);
    warnings::of_cycle(args.py, create_graph)?;
    let inputs = args.get(4).map(|_| ends(args, 4)).transpose()?;
    let inputs = inputs.map(|list| list.into_iter().map(|(end, _)| end).collect::<Vec<_>>());
    let starts = ends(args, 0)?;
    let gradients = first_gradients(&starts, args.get(1), "grad_tensors")?;
    let starts: Vec<End> = starts.into_iter().map(|(end, _)| end).collect();
    walked(args.py, || {
        autograd::backward(&starts, gradients.as_deref(), retain_graph, create_graph, inputs.as_deref())
    })?;
    args.none()
}

fn grad<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let create_graph = args.bool(4)?;
    let retain_graph = args.maybe_bool(3)?.unwrap_or(create_graph);
    let materialize = args.bool(6)?;
    let allow_unused = args.maybe_bool(5)?.unwrap_or(materialize);
    let outputs = ends(args, 0)?;
    let grad_outputs = first_gradients(&outputs, args.get(2), "grad_outputs")?;
    let outputs: Vec<End> = outputs.into_iter().map(|(end, _)| end).collect();
    let (inputs, complex): (Vec<End>, Vec<bool>) = ends(args, 1)?.into_iter().unzip();
    let gradients = walked(args.py, || {
        autograd::grad(
            &outputs,
            &inputs,
            grad_outputs.as_deref(),
            retain_graph,
            create_graph,
            allow_unused,
            materialize,
        )
    })?;
    Ok(tuple_as(args.py, &gradients, &complex)?.into_any())
}

// ---- backward passes ----

/// A backward pass of this thread: its number and what is called when it ends.
type BackwardPass = (u64, Vec<Py<PyAny>>);

thread_local!(static PASSES: RefCell<Vec<BackwardPass>> = const { RefCell::new(Vec::new()) });

/// The number of the next pass, of whichever thread.
static NEXT_PASS: AtomicU64 = AtomicU64::new(0);

/// Passes within passes of one thread; the next one gets a thread, and so a stack, of its own.
const DEPTH: usize = 60;

/// Runs a backward pass, then what was queued in it.
fn walked<T: Send>(py: Python<'_>, walk: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    if PASSES.with_borrow(Vec::len) < DEPTH {
        return walked_here(py, walk);
    }
    let mode = autograd::mode();
    let deeper = move || {
        autograd::set_mode(mode);
        Python::attach(|py| walked_here(py, walk))
    };
    py.detach(|| {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(8 << 20).spawn_scoped(scope, deeper)?;
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })
}

fn walked_here<T>(py: Python<'_>, walk: impl FnOnce() -> Result<T>) -> PyResult<T> {
    PASSES.with_borrow_mut(|passes| passes.push((NEXT_PASS.fetch_add(1, Relaxed), Vec::new())));
    let mut result = walk().or_raise();
    let mut at = 0;
    // A callback may queue others.
    while result.is_ok() {
        let next = PASSES.with_borrow(|passes| {
            passes.last().and_then(|(_, callbacks)| callbacks.get(at)).map(|callback| callback.clone_ref(py))
        });
        let Some(callback) = next else { break };
        at += 1;
        result = callback.bind(py).call0().and(result);
    }
    let pass = PASSES.with_borrow_mut(|passes| passes.pop());
    drop(pass);
    result
}

fn queue_callback<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let callback = callable(args, 0)?.clone().unbind();
    PASSES.with_borrow_mut(|passes| match passes.last_mut() {
        Some((_, callbacks)) => {
            callbacks.push(callback);
            Ok(())
        }
        None => Err(PyRuntimeError::new_err("Final callbacks can only be installed during backward pass.")),
    })?;
    args.none()
}

fn current_pass<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let number = PASSES.with_borrow(|passes| passes.last().map_or(-1, |(number, _)| *number as i64));
    Ok(PyInt::new(args.py, number).into_any())
}

fn class_of_nodes<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    node_class(args.py, &args.required(0)?.extract::<String>()?)
}

fn function_is_inference<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    args.required(0)?.call_method0("is_inference")
}

fn will_run<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let node = args.required(0)?;
    let node = node.cast::<PyNode>().map_err(|_| args.wrong(0, "Node", Some(node)))?;
    truth(args, autograd::will_run(node.get().node()).or_raise()?)
}

// ---- hooks ----

/// Takes a hook away again.
#[pyclass(name = "RemovableHandle", module = "spiraltorch_rs", frozen)]
struct PyHandle(HookHandle);

#[pymethods]
impl PyHandle {
    /// Takes the hook away; nothing happens the second time.
    fn remove(&self) {
        self.0.remove();
    }

    #[getter]
    fn id(&self) -> u64 {
        self.0.id()
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __exit__(&self, _kind: &Bound<'_, PyAny>, _error: &Bound<'_, PyAny>, _trace: &Bound<'_, PyAny>) {
        self.0.remove();
    }
}

/// A hook as the tape holds it: its calls and its owner, which the garbage collector is shown, are one reference.
pub(crate) fn owned(hook: &Bound<'_, PyAny>) -> Arc<Py<PyAny>> {
    Arc::new(hook.clone().unbind())
}

/// Shows the garbage collector what objects the tape holds on behalf of one.
pub(crate) fn traverse(
    visit: &PyVisit<'_>,
    owners: impl FnOnce(&mut dyn FnMut(&dyn std::any::Any)),
) -> std::result::Result<(), PyTraverseError> {
    let mut done = Ok(());
    owners(&mut |owner| {
        if let (Ok(()), Some(object)) = (&done, owner.downcast_ref::<Py<PyAny>>()) {
            done = visit.call(object);
        }
    });
    done
}

pub(crate) fn handle<'py>(py: Python<'py>, hook: HookHandle) -> Any<'py> {
    Ok(Bound::new(py, PyHandle(hook))?.into_any())
}

fn callable<'a, 'py>(args: &'a Args<'_, 'py>, i: usize) -> PyResult<&'a Bound<'py, PyAny>> {
    let object = args.required(i)?;
    if object.is_callable() { Ok(object) } else { Err(args.wrong(i, "callable", Some(object))) }
}

/// What a hook gave in place of a gradient.
fn replacement(given: &Bound<'_, PyAny>) -> PyResult<Option<Tensor>> {
    match raw_of(given) {
        Some((tensor, _)) => Ok(Some(tensor.clone())),
        None if given.is_none() => Ok(None),
        None => Err(PyTypeError::new_err(format!(
            "a hook gives a Tensor or None, not {}",
            convert::type_name(given)
        ))),
    }
}

/// A tensor as an object can stand for it: the parts of complex numbers lie side by side.
#[inline]
pub(crate) fn laid_out(tensor: Tensor, complex: bool) -> PyResult<Tensor> {
    if complex { Complex::side_by_side(tensor).or_raise() } else { Ok(tensor) }
}

fn register_hook<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let hook = owned(callable(args, 0)?);
    let (owner, complex) = (hook.clone(), args.this_object().is_complex());
    let call = move |gradient: &Tensor| {
        from_core(|py| {
            let seen = laid_out(gradient.clone(), complex)?;
            let given = hook.bind(py).call1((PyTensor::known(py, seen.clone(), complex)?,))?;
            // What was laid out for the hook may have been written by it.
            Ok(replacement(&given)?.or_else(|| (!seen.is(gradient)).then_some(seen)))
        })
    };
    handle(args.py, args.this_tensor().register_hook(Arc::new(call)).or_raise()?.owned_by(owner))
}

/// The hook sees the very object it was registered on; a weak reference, since the tensor owns the hook.
fn register_post_accumulate_grad_hook<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let hook = owned(callable(args, 0)?);
    let owner = hook.clone();
    let this = args.py.import("weakref")?.getattr("ref")?.call1((args.this(),))?.unbind();
    let call = move |leaf: &Tensor| {
        from_core(|py| {
            let alive = this.bind(py).call0()?;
            let object = if alive.is_none() { PyTensor::wrap(py, leaf.clone())? } else { alive };
            let given = hook.bind(py).call1((&object,))?;
            if given.is_none() || given.is(&object) {
                return Ok(());
            }
            Err(match raw_of(&given) {
                Some(_) => PyRuntimeError::new_err("Tensor post accumulate grad hooks should return None."),
                None => PyTypeError::new_err(format!(
                    "expected Variable, but hook returned '{}'",
                    convert::type_name(&given)
                )),
            })
        })
    };
    let registered = args.this_tensor().register_post_accumulate_grad_hook(Arc::new(call)).or_raise()?;
    handle(args.py, registered.owned_by(owner))
}

// ---- modes ----

fn truth<'py>(args: &Args<'_, 'py>, value: bool) -> Any<'py> {
    Ok(PyBool::new(args.py, value).to_owned().into_any())
}

fn is_grad_enabled<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    truth(args, autograd::is_grad_enabled())
}

fn is_inference_mode_enabled<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    truth(args, autograd::is_inference_mode_enabled())
}

/// Sets what this thread records and gives what it recorded before; `None` leaves a switch as it is.
fn set_mode<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let now = autograd::mode();
    let wanted = Mode {
        grad: args.maybe_bool(0)?.unwrap_or(now.grad),
        inference: args.maybe_bool(1)?.unwrap_or(now.inference),
    };
    let before = autograd::set_mode(wanted);
    Ok((before.grad, before.inference).into_pyobject(args.py)?.into_any())
}

fn set_detect_anomaly<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    truth(args, autograd::set_detect_anomaly(args.bool(0)?))
}

fn set_anomaly_check_nan<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    truth(args, autograd::set_anomaly_check_nan(args.bool(0)?))
}

fn is_anomaly_check_nan_enabled<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    truth(args, autograd::is_anomaly_check_nan_enabled())
}

fn is_anomaly_enabled<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    truth(args, autograd::is_anomaly_enabled())
}

// ---- functions of users ----

/// A tensor a user's function saved, checked for writes when it is read.
#[pyclass(name = "SavedTensor", module = "spiraltorch_rs", frozen)]
struct PySaved(SavedTensor, bool);

#[pymethods]
impl PySaved {
    fn unpack<'py>(&self, py: Python<'py>) -> Any<'py> {
        PyTensor::known(py, self.0.unpack().or_raise()?, self.1)
    }
}

fn save<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let object = args.required(0)?;
    let (tensor, complex) = raw_of(object).ok_or_else(|| args.wrong(0, "Tensor", Some(object)))?;
    let saved = match args.maybe_int(1)? {
        Some(output) => SavedTensor::output(tensor, output as usize),
        None => SavedTensor::input(tensor),
    };
    Ok(Bound::new(args.py, PySaved(saved.or_raise()?, complex))?.into_any())
}

/// The gradient a user wrote.
pub(crate) struct UserBackward {
    name: String,
    backward: Py<PyAny>,
    release: Py<PyAny>,
    /// Which outputs are complex.
    complex: Vec<bool>,
    /// What `forward` left for `backward`.
    pub(crate) context: Py<PyAny>,
}

impl Backward for UserBackward {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn backward(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        from_core(|py| {
            gradients_from(&self.backward.bind(py).call1(tuple_as(py, upstream, &self.complex)?)?, &self.name)
        })
    }

    fn visit_owners(&self, visit: &mut dyn FnMut(&dyn std::any::Any)) {
        [&self.backward, &self.release, &self.context].into_iter().for_each(|object| visit(object));
    }

    fn as_any(&self) -> Option<&dyn std::any::Any> {
        Some(self)
    }

    fn release(&self) {
        Python::attach(|py| {
            if let Err(error) = self.release.bind(py).call0() {
                error.write_unraisable(py, None);
            }
        });
    }
}

fn record<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let name = args.required(0)?.cast::<PyString>()?.to_str()?.to_owned();
    let (backward, release) = (callable(args, 1)?.clone().unbind(), callable(args, 2)?.clone().unbind());
    let inputs = args.tensors(3)?;
    let (outputs, complex): (Vec<Tensor>, Vec<bool>) = args.raws(4)?.into_iter().unzip();
    let differentiable: Vec<bool> = args.required(5)?.extract()?;
    if differentiable.len() != outputs.len() {
        return Err(PyRuntimeError::new_err("each output is differentiable or not"));
    }
    let marked: Vec<(&Tensor, bool)> = outputs.iter().zip(differentiable).collect();
    let context = args.required(6)?.clone().unbind();
    let rule = Box::new(UserBackward { name, backward, release, complex, context });
    match autograd::apply_custom_to(rule, &inputs, &marked).or_raise()? {
        Some(node) => node_object(args.py, node),
        None => args.none(),
    }
}

/// Tensors saved for gradients go through two functions from now on.
fn push_saved_tensors_hooks<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let (pack, unpack) = (callable(args, 0)?.clone().unbind(), callable(args, 1)?.clone().unbind());
    autograd::push_saved_tensors_hooks(pack_through(pack, unpack));
    args.none()
}

pub(crate) fn pack_through(pack: Py<PyAny>, unpack: Py<PyAny>) -> autograd::Pack {
    let unpack = Arc::new(unpack);
    Arc::new(move |tensor: &Tensor| {
        let packed =
            from_core(|py| Ok(pack.bind(py).call1((PyTensor::wrap(py, tensor.clone())?,))?.unbind()))?;
        let unpack = unpack.clone();
        let give_back: autograd::Unpack = Arc::new(move || {
            from_core(|py| {
                let given = unpack.bind(py).call1((packed.bind(py),))?;
                raw_of(&given).map(|(tensor, _)| tensor.clone()).ok_or_else(|| {
                    let got = convert::type_name(&given);
                    PyTypeError::new_err(format!(
                        "Output of saved tensor unpack_hook expected to be a Tensor but got {got}"
                    ))
                })
            })
        });
        Ok(give_back)
    })
}

fn pop_saved_tensors_hooks<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    autograd::pop_saved_tensors_hooks();
    args.none()
}

fn increment_version<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    args.tensor(0)?.bump_version();
    args.none()
}

/// The number the next node of the tape gets, or a later one.
fn tape_position<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    Ok(autograd::next_id().into_pyobject(args.py)?.into_any())
}

/// Says of views that a user's function gave them.
fn mark_of_function<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let several = args.bool(1)?;
    args.raws(0)?.iter().for_each(|(tensor, _)| tensor.mark_of_function(several));
    args.none()
}

fn passed_on<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let (tensor, complex) = raw_of(args.required(0)?).ok_or_else(|| args.wrong(0, "Tensor", args.get(0)))?;
    PyTensor::wrap_raw(args.py, autograd::passed_on(tensor).or_raise()?, complex)
}

/// Whether gradients of `outputs` depend on the tape before `since` or on leaves other than `inside`.
fn leads_outside<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let since = args.required(1)?.extract()?;
    truth(args, st_core::vmap::leads_outside(&args.tensors(0)?, since, &args.tensors(2)?))
}

/// Calls a function of tensors without keeping what it saves; the backward pass calls it again.
fn checkpoint<'py>(args: &Args<'_, 'py>) -> Any<'py> {
    let function = callable(args, 0)?.clone().unbind();
    let call = move |inputs: &[Tensor]| {
        from_core(|py| {
            let inputs: Vec<Option<Tensor>> = inputs.iter().cloned().map(Some).collect();
            let given = function.bind(py).call1(tuple_of(py, &inputs)?)?;
            let outputs: Option<Vec<Tensor>> = gradients_from(&given, "checkpoint")?.into_iter().collect();
            outputs.ok_or_else(|| {
                PyTypeError::new_err("checkpoint: the function gave None in place of a Tensor")
            })
        })
    };
    let outputs = autograd::checkpoint(Arc::new(call), &args.tensors(1)?, args.bool(2)?).or_raise()?;
    let outputs =
        outputs.into_iter().map(|tensor| PyTensor::wrap(args.py, tensor)).collect::<PyResult<Vec<_>>>()?;
    Ok(PyList::new(args.py, outputs)?.into_any())
}

pub(crate) const METHODS: &[Native] = natives! {
    "backward" ("gradient=None, retain_graph=None, create_graph=False, inputs=None")
        backward complex: "Adds the gradients of this tensor to the `.grad` of the leaves it was made of.";
    "requires_grad_" ("requires_grad=True") requires_grad_ complex: "Whether gradients are recorded from here on.";
    "detach" ("") detach complex: "The same memory, not on the tape.";
    "detach_" ("") detach_ complex: "Takes this tensor off the tape.";
    "is_inference" ("") is_inference complex: "Whether it was made in inference mode.";
    "retain_grad" ("") retain_grad complex: "Keeps the gradient of a tensor that is no leaf.";
    "register_hook" ("hook") register_hook complex: "Shows the gradient to a function that may replace it.";
    "register_post_accumulate_grad_hook" ("hook")
        register_post_accumulate_grad_hook complex: "Calls a function when `.grad` has been added to.";
};

pub(crate) const FUNCTIONS: &[Native] = natives! {
    "_backward" ("tensors, grad_tensors=None, retain_graph=None, create_graph=False, inputs=None")
        backward_many: "Adds the gradients of several tensors to the leaves they were made of.";
    "_grad" ("outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, allow_unused=None, materialize_grads=False")
        grad: "The gradients of some tensors with respect to others.";
    "_queue_callback" ("callback") queue_callback: "Calls a function when this backward pass ends.";
    "_current_graph_task_id" ("") current_pass: "The number of this backward pass; -1 outside of one.";
    "_will_engine_execute_node" ("node") will_run: "Whether this backward pass runs a node.";
    "_node_class" ("name") class_of_nodes: "The class of the tape's nodes of a name.";
    "is_inference" ("input") function_is_inference: "Whether a tensor was made in inference mode.";
    "is_grad_enabled" ("") is_grad_enabled: "Whether operators are recorded.";
    "is_inference_mode_enabled" ("") is_inference_mode_enabled: "Whether inference mode is on.";
    "_set_mode" ("grad=None, inference=None") set_mode: "Sets what this thread records; gives what it was.";
    "_set_detect_anomaly" ("on") set_detect_anomaly: "Switches anomaly mode; gives what it was.";
    "_set_anomaly_check_nan" ("on") set_anomaly_check_nan: "Sets whether anomaly mode looks for NaN; gives what it was.";
    "is_anomaly_check_nan_enabled" ("") is_anomaly_check_nan_enabled: "Whether anomaly mode looks for NaN.";
    "is_anomaly_enabled" ("") is_anomaly_enabled: "Whether anomaly mode is on.";
    "_save" ("tensor, output=None") save: "Saves a tensor for a gradient.";
    "_record" ("name, backward, release, inputs, outputs, differentiable, context") record: "Puts a user's function on the tape.";
    "_push_saved_tensors_hooks" ("pack_hook, unpack_hook")
        push_saved_tensors_hooks: "Tensors saved for gradients go through two functions from now on.";
    "_pop_saved_tensors_hooks" ("") pop_saved_tensors_hooks: "Ends the newest hooks for saved tensors.";
    "_increment_version" ("tensor") increment_version: "Tells the tape that a tensor's memory was written.";
    "_tape_position" ("") tape_position: "Nodes of the tape made from now on have this number or a larger one.";
    "_mark_of_function" ("tensors, several") mark_of_function: "Says of views that a user's function gave them.";
    "_passed_on" ("tensor") passed_on: "The same memory one step on along the tape, where it may be written.";
    "_leads_outside" ("outputs, since, inside")
        leads_outside: "Whether gradients depend on the tape before a position or on leaves other than `inside`.";
    "_checkpoint" ("function, inputs, stop_early=False") checkpoint: "Calls a function again in the backward pass instead of saving.";
};

/// Adds the classes.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyHandle>()?;
    module.add_class::<PyNode>()
}
