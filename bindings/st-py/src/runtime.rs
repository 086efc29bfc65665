//! Running graphs and settings: realize, synchronize, explain, devices, threads, printing, random numbers.

use crate::call::{Args, Native, natives};
use crate::convert;
use crate::dtype;
use crate::errors::OrRaise;
use crate::tensor::PyTensor;
use pyo3::exceptions::{PyTypeError, PyUserWarning, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyInt, PyList, PyString};
use st_core::random::{Generator, State};
use st_core::runtime::{self, Fallback};
use st_core::tensor::display::{PrintOptions, printoptions, set_printoptions};

/// Work that is run by the thread that hands it over, only without the GIL.
struct SameThread<'a>(&'a mut dyn FnMut());
// SAFETY: `detach` runs its closure on the calling thread; nothing is sent anywhere.
unsafe impl Send for SameThread<'_> {}

/// Runs a graph with the GIL released, so that other Python threads go on.
fn without_gil(work: &mut dyn FnMut()) {
    let mut work = Some(SameThread(work));
    let attached = Python::try_attach(|py| {
        let mut work = work.take();
        py.detach(move || {
            if let Some(SameThread(run)) = &mut work {
                run();
            }
        });
    });
    if let (None, Some(SameThread(run))) = (attached, work) {
        run();
    }
}

/// A source of random numbers.
#[pyclass(name = "Generator", module = "spiraltorch_rs", frozen)]
pub(crate) struct PyGenerator(pub(crate) Generator);

/// Seeds may be negative or larger than 63 bits.
fn seed_of(object: &Bound<'_, PyAny>) -> PyResult<u64> {
    if let Ok(seed) = object.extract::<u64>() {
        return Ok(seed);
    }
    if let Some(seed) = convert::int(object)? {
        return Ok(seed as u64);
    }
    Err(PyTypeError::new_err(format!("expected a long, but got {}", convert::type_name(object))))
}

#[pymethods]
impl PyGenerator {
    #[new]
    #[pyo3(signature = (device=None))]
    fn new(device: Option<&Bound<'_, PyAny>>) -> PyResult<PyGenerator> {
        if let Some(device) = device {
            crate::device::PyDevice::from_object("Generator", device)?.id()?;
        }
        Ok(PyGenerator(Generator::default()))
    }

    /// Starts over with a seed.
    fn manual_seed<'py>(slf: &Bound<'py, Self>, seed: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        slf.get().0.manual_seed(seed_of(seed)?);
        Ok(slf.clone())
    }

    /// Starts over with a seed nobody knows, and tells it.
    fn seed(&self) -> u64 {
        self.0.seed()
    }

    /// The seed it started with.
    fn initial_seed(&self) -> u64 {
        self.0.initial_seed()
    }

    /// What comes next, as a tensor of bytes.
    fn get_state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        PyTensor::wrap(py, state_tensor(&self.0)?)
    }

    /// Goes on from a state.
    fn set_state(&self, state: &Bound<'_, PyAny>) -> PyResult<()> {
        restore_state(&self.0, state)
    }

    /// Another generator that goes on from the same state.
    fn clone_state(&self) -> PyGenerator {
        let copy = Generator::default();
        copy.set_state(self.0.state());
        PyGenerator(copy)
    }

    /// What comes next, as a generator.
    fn graphsafe_get_state(&self) -> PyGenerator {
        self.clone_state()
    }

    /// Goes on from another generator's state.
    fn graphsafe_set_state<'py>(slf: &Bound<'py, Self>, state: &Bound<'py, PyGenerator>) -> Bound<'py, Self> {
        slf.get().0.set_state(state.get().0.state());
        slf.clone()
    }

    /// How many 32-bit words it has given out since it was seeded.
    fn get_offset(&self) -> u64 {
        self.0.state().offset
    }

    /// Goes on after so many words.
    fn set_offset(&self, offset: u64) {
        self.0.set_state(State { offset, ..self.0.state() });
    }

    fn __getstate__(&self) -> (u64, u64) {
        let state = self.0.state();
        (state.key, state.offset)
    }

    fn __setstate__(&self, state: (u64, u64)) {
        self.0.set_state(State { key: state.0, offset: state.1 });
    }

    #[getter]
    fn device(&self) -> PyResult<crate::device::PyDevice> {
        crate::device::PyDevice::of(0)
    }
}

fn state_tensor(generator: &Generator) -> PyResult<st_core::Tensor> {
    let state = generator.state();
    let bytes = [state.key.to_le_bytes(), state.offset.to_le_bytes()].concat();
    st_core::Tensor::from_bytes(&bytes, &[bytes.len()], st_core::DType::U8, 0).or_raise()
}

fn restore_state(generator: &Generator, state: &Bound<'_, PyAny>) -> PyResult<()> {
    let tensor = crate::tensor::tensor_of(state)
        .filter(|tensor| tensor.dtype() == st_core::DType::U8 && tensor.numel() == 16)
        .ok_or_else(|| {
            PyTypeError::new_err("expected a ByteTensor that get_state() or get_rng_state() gave")
        })?;
    let bytes = tensor.to_bytes().or_raise()?;
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
    generator.set_state(State { key: word(0), offset: word(8) });
    Ok(())
}

fn manual_seed<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    Generator::global().manual_seed(seed_of(args.required(0)?)?);
    default_generator(args)
}

fn default_generator<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    Ok(Bound::new(args.py, PyGenerator(Generator::global().clone()))?.into_any())
}

fn seed<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    Ok(Generator::global().seed().into_pyobject(args.py)?.into_any())
}

fn initial_seed<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    Ok(Generator::global().initial_seed().into_pyobject(args.py)?.into_any())
}

fn get_rng_state<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    PyTensor::wrap(args.py, state_tensor(Generator::global())?)
}

fn set_rng_state<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    restore_state(Generator::global(), args.required(0)?)?;
    args.none()
}

fn synchronize<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    runtime::synchronize().or_raise()?;
    args.none()
}

fn realize<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let mut tensors = Vec::new();
    for argument in args.rest() {
        match crate::tensor::raw_of(argument) {
            Some((tensor, _)) => tensors.push(tensor.clone()),
            None => {
                let got = convert::type_name(argument);
                return Err(PyTypeError::new_err(format!("realize(): expected Tensors, got {got}")));
            }
        }
    }
    runtime::realize(&tensors).or_raise()?;
    args.none()
}

/// What a device is and can do, as a dictionary.
fn about_device<'py>(py: Python<'py>, info: &runtime::DeviceInfo) -> PyResult<Bound<'py, PyDict>> {
    let device = PyDict::new(py);
    device.set_item("name", &info.name)?;
    device.set_item("memory", info.memory)?;
    device.set_item("abilities", info.abilities.clone())?;
    device.set_item("dtypes", info.dtypes.iter().map(|d| d.name()).collect::<Vec<_>>())?;
    Ok(device)
}

fn device_info<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    Ok(about_device(args.py, device_of(args)?.info())?.into_any())
}

/// All backends, as dictionaries; the package makes them readable.
fn backends<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let backend = |backend: &runtime::Backend| {
        let found = PyDict::new(args.py);
        found.set_item("name", backend.name)?;
        found.set_item("built_in", backend.built_in)?;
        found.set_item("reason", &backend.reason)?;
        let devices = backend.devices.iter().map(|info| about_device(args.py, info));
        found.set_item("devices", devices.collect::<PyResult<Vec<_>>>()?)?;
        Ok::<_, PyErr>(found)
    };
    let all = runtime::backends().or_raise()?;
    Ok(PyList::new(args.py, all.iter().map(backend).collect::<PyResult<Vec<_>>>()?)?.into_any())
}

fn device_count<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let kind: String = args.required(0)?.extract()?;
    let software = args.get(1).map_or(Ok(false), |given| given.extract())?;
    Ok(PyInt::new(args.py, runtime::device_count(&kind, software)).into_any())
}

fn is_built_in<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let kind: String = args.required(0)?.extract()?;
    Ok(PyBool::new(args.py, runtime::is_built_in(&kind)).to_owned().into_any())
}

fn current_device<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    Ok(PyInt::new(args.py, crate::device::current()).into_any())
}

fn set_current_device<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    crate::device::set_current(args.required(0)?.extract()?)?;
    args.none()
}

/// `(in use, cached, the most in use)` of a device's memory, in bytes.
fn memory_stats<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let stats = device_of(args)?.memory_stats();
    Ok((stats.in_use, stats.cached, stats.peak).into_pyobject(args.py)?.into_any())
}

fn reset_peak_memory<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    device_of(args)?.reset_peak_memory();
    args.none()
}

fn empty_cache<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    device_of(args)?.empty_cache();
    args.none()
}

/// The device of the first argument; it is opened.
fn device_of(args: &Args<'_, '_>) -> PyResult<&'static dyn runtime::Device> {
    runtime::device(args.maybe_device(0)?.unwrap_or(0)).or_raise()
}

/// `(result, report as text, kernels as dictionaries)` of a call.
fn explain<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let work = args.required(0)?;
    let run = || work.call0().map(Bound::unbind).map_err(crate::errors::into_core);
    let (result, report) = runtime::explain(run).or_raise()?;
    described(args, result, &report)
}

fn explain_tensors<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let tensors: Vec<st_core::Tensor> = args.raws(0)?.into_iter().map(|(tensor, _)| tensor).collect();
    let report = runtime::explain_tensors(&tensors).or_raise()?;
    described(args, args.required(0)?.clone().unbind(), &report)
}

fn described<'py>(
    args: &Args<'_, 'py>,
    result: Py<PyAny>,
    report: &runtime::Report,
) -> PyResult<Bound<'py, PyAny>> {
    let step = |step: &runtime::StepReport| {
        let kernel = PyDict::new(args.py);
        kernel.set_item("kind", step.kind)?;
        kernel.set_item("operators", &step.operators)?;
        kernel.set_item("dims", step.dims.clone())?;
        kernel.set_item("bytes", step.bytes)?;
        kernel.set_item("seconds", step.time.as_secs_f64())?;
        kernel.set_item("origin", step.origin.as_deref())?;
        Ok::<_, PyErr>(kernel)
    };
    let steps = PyList::new(args.py, report.steps.iter().map(step).collect::<PyResult<Vec<_>>>()?)?;
    Ok((result, report.to_string(), steps).into_pyobject(args.py)?.into_any())
}

fn stats<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let stats = runtime::stats();
    let counts = PyDict::new(args.py);
    counts.set_item("plans", stats.plans)?;
    counts.set_item("plan_hits", stats.plan_hits)?;
    counts.set_item("kernels_compiled", stats.kernels_compiled)?;
    counts.set_item("launches", stats.launches)?;
    Ok(counts.into_any())
}

fn set_fusion<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    Ok(convert::scalar_object(args.py, runtime::set_fusion(args.bool(0)?).into()))
}

const POLICIES: [(&str, Fallback); 3] =
    [("error", Fallback::Error), ("warn", Fallback::Warn), ("allow", Fallback::Allow)];

fn policy_name(policy: Fallback) -> &'static str {
    POLICIES.iter().find(|(_, known)| *known == policy).map_or("error", |(name, _)| name)
}

fn forked<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    runtime::forked();
    Ok(args.py.None().into_bound(args.py))
}

fn set_fallback<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let name: String = args.required(0)?.extract()?;
    let policy = POLICIES.iter().find(|(known, _)| *known == name).ok_or_else(|| {
        PyValueError::new_err(format!("set_fallback expects 'error', 'warn' or 'allow', got '{name}'"))
    })?;
    Ok(PyString::new(args.py, policy_name(runtime::set_fallback(policy.1))).into_any())
}

fn get_fallback<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    Ok(PyString::new(args.py, policy_name(runtime::fallback())).into_any())
}

fn call_it_torch<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    st_core::tensor::display::call_it_torch();
    args.none()
}

/// A warning of the core.
fn warn(text: &str) -> st_core::Result<()> {
    let text = std::ffi::CString::new(text).unwrap_or_default();
    Python::attach(|py| PyErr::warn(py, &py.get_type::<PyUserWarning>(), &text, 1))
        .map_err(crate::errors::into_core)
}

fn get_num_threads<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    Ok(PyInt::new(args.py, runtime::num_threads()).into_any())
}

fn set_num_threads<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let threads = args.maybe_int(0)?.filter(|&n| n > 0);
    let threads =
        threads.ok_or_else(|| PyValueError::new_err("set_num_threads expects a positive integer"))?;
    runtime::set_num_threads(threads as usize);
    args.none()
}

fn get_default_dtype<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    Ok(dtype::object(args.py, st_core::default_dtype()).clone().into_any())
}

fn set_default_dtype<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let wanted = convert::maybe_dtype(args.required(0)?).ok_or_else(|| {
        PyTypeError::new_err(
            "invalid dtype object: only floating-point types are supported as the default type",
        )
    })?;
    st_core::set_default_dtype(wanted).or_raise()?;
    args.none()
}

fn get_default_device<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    Ok(Bound::new(args.py, crate::device::PyDevice::of(st_core::default_device())?)?.into_any())
}

fn set_default_device<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    st_core::set_default_device(args.maybe_device(0)?.unwrap_or(0));
    args.none()
}

fn set_print_options<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let mut options = match args.get(4) {
        None => printoptions(),
        Some(profile) => PrintOptions::profile(profile.extract()?).ok_or_else(|| {
            PyValueError::new_err("set_printoptions: profile is 'default', 'short' or 'full'")
        })?,
    };
    let count = |i: usize| args.maybe_int(i).map(|n| n.map(|n| n.max(0) as usize));
    options.precision = count(0)?.unwrap_or(options.precision);
    options.edgeitems = count(2)?.unwrap_or(options.edgeitems);
    options.linewidth = count(3)?.unwrap_or(options.linewidth);
    if let Some(threshold) = args.get(1) {
        options.threshold = threshold.extract()?;
    }
    if args.get(4).is_some() || args.get(5).is_some() {
        options.sci_mode = args.maybe_bool(5)?;
    }
    set_printoptions(options);
    args.none()
}

/// The elements in row-major order, for pickles.
fn bytes<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let bytes = args.this_tensor().to_bytes().or_raise()?;
    let fill = |copy: &mut [u8]| {
        copy.copy_from_slice(&bytes);
        Ok(())
    };
    Ok(PyBytes::new_with(args.py, bytes.len(), fill)?.into_any())
}

/// The other way round: a vector of a dtype.
fn from_bytes<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let data = args.required(0)?.cast::<PyBytes>()?.as_bytes();
    if let Some(parts) = convert::complex_parts(args.required(1)?) {
        let pairs = st_core::Tensor::from_bytes(data, &[data.len() / parts.size() / 2, 2], parts, 0);
        return PyTensor::wrap_raw(args.py, pairs.or_raise()?, true);
    }
    let dtype = convert::dtype(args.name(), args.required(1)?)?;
    let count = data.len() / dtype.size();
    PyTensor::wrap(args.py, st_core::Tensor::from_bytes(data, &[count], dtype, 0).or_raise()?)
}

fn table<'py>(args: &Args<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
    let row = |op: &'static st_core::ops::OpDef| {
        let row = PyDict::new(args.py);
        row.set_item("name", op.name)?;
        row.set_item("signature", op.signature)?;
        row.set_item("torch", op.reference())?;
        row.set_item("domain", op.domain)?;
        row.set_item("forms", op.forms.0)?;
        row.set_item(
            "returns",
            op.returns.iter().map(|name| PyString::new(args.py, name)).collect::<Vec<_>>(),
        )?;
        row.set_item("pointwise", matches!(op.kind, st_core::ops::Kind::Pointwise(_)))?;
        Ok::<_, PyErr>(row)
    };
    Ok(PyList::new(args.py, st_core::ops::all().map(row).collect::<PyResult<Vec<_>>>()?)?.into_any())
}

pub(crate) const FUNCTIONS: &[Native] = natives! {
    "manual_seed" ("seed") manual_seed: "Seeds the random numbers; gives the default generator.";
    "_default_generator" ("") default_generator: "The generator that is used when none is given.";
    "seed" ("") seed: "Seeds the random numbers with a number nobody knows, and tells it.";
    "initial_seed" ("") initial_seed: "The seed the random numbers started with.";
    "get_rng_state" ("") get_rng_state: "The state of the random numbers.";
    "set_rng_state" ("new_state") set_rng_state: "Goes on with random numbers from a state.";
    "synchronize" ("device=None") synchronize: "Runs everything and waits until it is done.";
    "realize" ("*tensors") realize: "Starts the work these tensors wait for.";
    "_backends" ("") backends: "All backends, with their devices.";
    "_device_count" ("kind, software=False") device_count:
        "How many GPUs of a kind there are; and programs that stand in for one, if `software`.";
    "_device_info" ("device") device_info: "What a device is and can do.";
    "_is_built_in" ("kind") is_built_in: "Whether this build has a backend.";
    "_current_device" ("") current_device: "The index of the GPU that `cuda` means.";
    "_set_current_device" ("index") set_current_device: "Changes which GPU `cuda` means.";
    "_memory_stats" ("device") memory_stats: "Bytes in use, cached, and in use at most, on a device.";
    "_reset_peak_memory" ("device") reset_peak_memory: "Forgets how much memory was in use at most.";
    "_empty_cache" ("device") empty_cache: "Gives memory that no tensor uses back to the system.";
    "_explain" ("work") explain: "Calls `work` and reports the kernels that ran.";
    "_explain_tensors" ("tensors") explain_tensors: "Runs what tensors wait for and reports the kernels.";
    "_forked" ("") forked: "Is called in a process that was forked: devices of its parent are not for it.";
    "_stats" ("") stats: "How often graphs were planned and kernels run.";
    "_set_fusion" ("on") set_fusion: "Whether this thread's graphs are fused; turned off only to compare.";
    "set_fallback" ("policy") set_fallback:
        "What happens to an operator without a kernel: 'error', 'warn' or 'allow' (the host does it). Gives the last.";
    "get_fallback" ("") get_fallback: "What happens to an operator that a device has no kernel for.";
    "get_num_threads" ("") get_num_threads: "How many threads the CPU computes with.";
    "_call_it_torch" ("") call_it_torch: "From here on dtypes are printed as torch's.";
    "set_num_threads" ("n") set_num_threads: "Sets how many threads the CPU computes with.";
    "get_default_dtype" ("") get_default_dtype: "The dtype floats get when nobody says one.";
    "set_default_dtype" ("d") set_default_dtype: "Sets the dtype floats get when nobody says one.";
    "get_default_device" ("") get_default_device: "Where new tensors are when nobody says where.";
    "set_default_device" ("device") set_default_device: "Sets where new tensors are when nobody says where; None is the CPU.";
    "set_printoptions" ("precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None")
        set_print_options: "How tensors are printed.";
    "_from_bytes" ("data, dtype") from_bytes: "A vector of the elements in `data`.";
    "_table" ("") table: "The operator table, for tests.";
};

pub(crate) const METHODS: &[Native] = natives! {
    "_bytes" ("") bytes complex: "The elements in row-major order.";
};

/// Adds the classes, and tells the core how to wait.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    runtime::set_blocking(without_gil);
    runtime::set_tell(warn);
    module.add_class::<PyGenerator>()
}
