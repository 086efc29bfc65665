//! Calls from Python: one C function for every callable, argument matching for the operator table and for our own functions.
//!
//! A callable is an [`Entry`] of a list; its C function knows nothing but its number there. So a row of the operator table
//! becomes a function, a method and an in-place form without a line of code of its own.

mod args;
mod bind;
pub(crate) mod labels;
mod lists;
mod out;
mod trampoline;

pub(crate) use args::Args;
use trampoline::publish;

use crate::convert;
use crate::errors::OrRaise;
use crate::overrides;
use crate::profile;
use crate::tensor::{PyTensor, raw_of, tensor_of};
use crate::warnings;
use args::Names;
use bind::Given;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use smallvec::SmallVec;
use st_core::autocast;
use st_core::autograd;
use st_core::ops::composite::overwriting;
use st_core::ops::{self, Forms, Kind, OpDef, Operand, Output, ParamKind, Value};
use st_core::{Complex, DType, Error, Tensor};
use std::sync::OnceLock;

/// A function written in Rust for Python: its parameters in Python's syntax, one doc line, what it does.
pub(crate) struct Native {
    /// Its name.
    pub(crate) name: &'static str,
    /// Parameter names with defaults; `*` alone starts the keyword-only ones, `*name` takes the rest.
    pub(crate) parameters: &'static str,
    /// What it does, in a line.
    pub(crate) doc: &'static str,
    /// Whether a method knows what to do with complex numbers.
    pub(crate) complex: bool,
    /// What it does.
    pub(crate) call: for<'a, 'py> fn(&Args<'a, 'py>) -> PyResult<Bound<'py, PyAny>>,
}

/// A list of functions: `"name" ("parameters") rust_function: "doc";`.
macro_rules! natives {
    ($($name:literal ($parameters:literal) $call:ident $($complex:ident)?: $doc:literal;)*) => {
        &[$($crate::call::Native {
            name: $name,
            parameters: $parameters,
            doc: $doc,
            complex: natives!(@ $($complex)?),
            call: $call,
        }),*]
    };
    (@) => { false };
    (@ complex) => { true };
}
pub(crate) use natives;

/// How an operator is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `st.name(...)`.
    Function,
    /// `tensor.name(...)`.
    Method,
    /// `tensor.name_(...)`.
    InPlaceMethod,
    /// `st.name_(...)`.
    InPlaceFunction,
}

/// What a callable does.
pub(crate) enum Target {
    /// A row of the operator table: its overloads, tried in order.
    Operator(&'static [&'static OpDef], Form),
    /// A function of ours.
    Native(&'static Native, Names),
}

/// A callable.
pub(crate) struct Entry {
    name: String,
    target: Target,
    /// Whether the object it is called on is its first argument.
    method: bool,
    /// Whether the second operand, too, must be a tensor: torch takes no number there.
    tensors_only: bool,
    /// What Python calls it by, for those who decide what it does.
    object: OnceLock<Py<PyAny>>,
}

/// Functions of ours that no class and no mode is asked about, beside those whose names start with `_`.
const NOT_ASKED: [&str; 4] = ["tensor", "is_tensor", "as_tensor", "as_subclass"];

impl Entry {
    /// Whether classes of arguments may say what the call does.
    fn may_be_overridden(&self) -> bool {
        match &self.target {
            Target::Operator(..) => true,
            Target::Native(native, _) => {
                (self.method || native.parameters.starts_with("input"))
                    && !native.name.starts_with('_')
                    && !NOT_ASKED.contains(&native.name)
            }
        }
    }

    /// The answer of a class of an argument, or of a mode, if there is one that is asked.
    fn overridden<'py>(&self, given: &Given<'_, 'py>) -> Option<PyResult<Bound<'py, PyAny>>> {
        let function = self.object.get()?;
        let named = given.named.iter().map(|(_, argument)| argument);
        let mut all = given.positional.iter().chain(named);
        if !(overrides::has_mode() || all.any(|argument| overrides::asks(argument))) {
            return None;
        }
        let function = function.bind(given.py);
        Some(given.repeated().and_then(|(args, kwargs)| {
            let named = given.named.iter().map(|(_, argument)| argument);
            let all = given.positional.iter().chain(named);
            overrides::ask(function, all.map(|argument| (**argument).clone()), args, Some(kwargs))
        }))
    }

    fn call<'py>(&self, given: &Given<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(answer) = self.overridden(given) {
            return answer;
        }
        match &self.target {
            Target::Operator(overloads, form) => {
                let shapes = || given.positional.iter().map(|x| profile::shape_of(x)).collect();
                profile::operator(&self.name, shapes, || self.call_operator(overloads, *form, given))
            }
            Target::Native(native, names) => profile::native(&self.name, || {
                let args = names.bind(&self.name, given)?;
                args.refuse_complex(native.complex)?;
                (native.call)(&args)
            }),
        }
    }

    fn call_operator<'py>(
        &self,
        overloads: &'static [&'static OpDef],
        form: Form,
        given: &Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if self.tensors_only {
            self.expect_tensor(given)?;
        }
        if !autocast::is_on()
            && let Some(result) = self.quickly(overloads[0], form, given)?
        {
            return Ok(result);
        }
        let mut faults = Vec::new();
        for op in overloads {
            let mut bound = bind::BoundCall::default();
            match bind::operator(op, form, given, &mut bound) {
                Ok(()) => return self.run(op, form, given, &mut bound),
                Err(bind::Fault::Raised(error)) => return Err(error),
                Err(fault) => faults.push(fault),
            }
        }
        if let Some(renamed) = bind::in_new_order(overloads[0].name, &self.name, given)? {
            return self.call_operator(overloads, form, &renamed);
        }
        Err(bind::explain(&self.name, overloads, given, faults))
    }

    /// `x.exp()` and `x.add(y)`: nothing to match, all arguments are operands of an expression.
    fn quickly<'py>(
        &self,
        op: &'static OpDef,
        form: Form,
        given: &Given<'_, 'py>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Kind::Pointwise(row) = &op.kind else { return Ok(None) };
        let plain = given.named.is_empty() && given.positional.len() == op.params().len();
        let by_position = op.params().last().is_none_or(|last| !last.keyword_only);
        if !plain || !by_position || form != self.plain_form() || bind::receiver(op.params(), form) != 0 {
            return Ok(None);
        }
        let mut operands: SmallVec<[Operand; 4]> = SmallVec::new();
        for (argument, param) in given.positional.iter().zip(op.params()) {
            match tensor_of(argument) {
                Some(tensor) => operands.push(Operand::Tensor(tensor)),
                None if param.kind == ParamKind::Operand => match convert::number(argument)? {
                    Some(number) => operands.push(Operand::Scalar(number)),
                    None => return Ok(None),
                },
                None => return Ok(None),
            }
        }
        PyTensor::wrap(given.py, row.apply(&operands).or_raise()?).map(Some)
    }

    /// Torch's error for a number as the second operand.
    fn expect_tensor(&self, given: &Given<'_, '_>) -> PyResult<()> {
        let Some(second) = given.positional.get(1) else { return Ok(()) };
        if convert::number(second)?.is_none() {
            return Ok(());
        }
        Err(PyTypeError::new_err(format!(
            "{}(): argument 'other' (position {}) must be Tensor, not {}",
            self.name,
            2 - usize::from(self.method),
            convert::type_name(second)
        )))
    }

    fn plain_form(&self) -> Form {
        if self.method { Form::Method } else { Form::Function }
    }

    fn run<'py>(
        &self,
        op: &'static OpDef,
        form: Form,
        given: &Given<'_, 'py>,
        bound: &mut bind::BoundCall<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if bound.in_place || matches!(form, Form::InPlaceMethod | Form::InPlaceFunction) {
            return self.in_place(given, op, &bound.values);
        }
        lists::expect_whole(op, given, &bound.values)?;
        warnings::of_call(given.py, op, &bound.values)?;
        if autocast::is_on() && bound.out.is_none() {
            autocast::prepare(op, &mut bound.values).or_raise()?;
        }
        let since = autograd::next_id();
        let keeps = op.name == "contiguous";
        let mut output = match (&bound.values[..], bound.format) {
            // What already stands in the order that is asked for is not put into another first.
            ([Value::Tensor(tensor), ..], Some(format)) if keeps && format.reorders() => {
                Output::One(tensor.clone())
            }
            ([Value::Complex(z), ..], Some(format)) if keeps && format.reorders() => {
                Output::Complex(z.clone())
            }
            (values, _) => op.call(values).or_raise()?,
        };
        labels::give(op, &bound.values, &output, since);
        if let Some(format) = bound.format {
            output = match output {
                Output::One(result) => Output::One(format.arrange(result, false, !keeps)?),
                Output::Complex(z) => {
                    let pairs = format.arrange(z.pairs().clone(), true, !keeps)?;
                    Output::Complex(Complex::of_pairs(pairs))
                }
                other => other,
            };
        }
        if let Some(out) = &bound.out {
            return out::write(&self.name, op, &bound.values, out, output);
        }
        if let Output::One(result) = &output {
            if bound.requires_grad {
                result.requires_grad_(true).or_raise()?;
            }
            // `x.contiguous()` may be `x`, and then is the same object.
            if let Some(first) = given.positional.first()
                && tensor_of(first).is_some_and(|tensor| tensor.is(result))
            {
                return Ok((**first).clone());
            }
        }
        if let Output::Complex(result) = &output {
            if bound.requires_grad {
                result.pairs().requires_grad_(true).or_raise()?;
            }
            if let Some(first) = given.positional.first()
                && raw_of(first).is_some_and(|(tensor, complex)| complex && tensor.is(result.pairs()))
            {
                return Ok((**first).clone());
            }
        }
        wrap(given.py, op, output)
    }

    /// Refuses a result of another dtype than that of the tensor it is for.
    fn expect_exact(&self, target: &Bound<'_, PyAny>, result: &Bound<'_, PyAny>) -> PyResult<()> {
        let kind = |object| raw_of(object).map(|(tensor, complex)| (tensor.dtype(), complex));
        let name = |kind: Option<(DType, bool)>| match kind {
            Some((parts, true)) => st_core::complex_name(parts),
            Some((dtype, false)) => st_core::dtype_name(dtype),
            None => "no tensor",
        };
        let (own, made) = (kind(target), kind(result));
        if own == made {
            return Ok(());
        }
        Err(PyRuntimeError::new_err(format!(
            "the base given to {} has dtype {} but the operation's result requires dtype {}",
            self.name,
            name(own),
            name(made)
        )))
    }

    /// The functional form's result becomes the contents of the tensor it was called on.
    fn in_place<'py>(
        &self,
        given: &Given<'_, 'py>,
        op: &'static OpDef,
        values: &[Value],
    ) -> PyResult<Bound<'py, PyAny>> {
        let object = given
            .receiver()
            .ok_or_else(|| PyTypeError::new_err(format!("{}(): no tensor to write", self.name)))?;
        if let Some((target, _)) = raw_of(&object) {
            out::expect_apart(op, target, values)?;
            out::expect_scattered_apart(op, target, values)?;
        }
        if let Some((target, _)) = raw_of(&object)
            && matches!(op.name, "index_fill" | "masked_fill" | "index_put" | "threshold")
            && target.repeats()
        {
            if op.name != "threshold" {
                warnings::of_places(given.py, op.name)?;
            }
            let result = wrap(given.py, op, op.call(values).or_raise()?)?;
            let (result, _) = raw_of(&result).ok_or_else(|| PyTypeError::new_err("no tensor to write"))?;
            target.become_where_changed(result).or_raise()?;
            return Ok(object);
        }
        if values.iter().any(Value::is_complex) {
            if matches!(op.name, "abs" | "angle") {
                return Err(PyRuntimeError::new_err(format!(
                    "In-place {} is not supported for complex tensors.",
                    op.name
                )));
            }
            let compute = || {
                let result = wrap(given.py, op, op.call(values).or_raise()?)?;
                if op.forms.has(Forms::EXACT) {
                    self.expect_exact(&object, &result)?;
                }
                Ok(result)
            };
            object.cast::<PyTensor>()?.get().become_(compute)?;
            return Ok(object);
        }
        let target = tensor_of(&object).ok_or_else(|| {
            PyTypeError::new_err(format!("{}(): argument 'input' must be Tensor", self.name))
        })?;
        let compute = |_: &Tensor| match op.call(values)? {
            Output::One(result) if op.forms.has(Forms::EXACT) && result.dtype() != target.dtype() => {
                Err(Error::Runtime(format!(
                    "the base given to {} has dtype {} but the operation's result requires dtype {}",
                    self.name,
                    target.dtype(),
                    result.dtype()
                )))
            }
            Output::One(result) => overwriting(op, values, result),
            _ => Err(Error::Type(format!("{}(): has no in-place form for these arguments", self.name))),
        };
        target.in_place(compute).or_raise()?;
        Ok(object)
    }
}

/// What an operator gave, as Python sees it.
pub(crate) fn wrap<'py>(py: Python<'py>, op: &'static OpDef, output: Output) -> PyResult<Bound<'py, PyAny>> {
    match output {
        Output::One(tensor) => PyTensor::wrap(py, tensor),
        Output::Complex(complex) => PyTensor::wrap_complex(py, complex),
        Output::Many(tensors) => several(py, op, tensors.into_iter().map(|t| PyTensor::known(py, t, false))),
        Output::Tuple(parts) => several(py, op, parts.into_iter().map(|part| wrap(py, op, part))),
        Output::Plain(value) => convert::object(py, value),
    }
}

/// Several results, with their names if they have some.
fn several<'py>(
    py: Python<'py>,
    op: &'static OpDef,
    items: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
) -> PyResult<Bound<'py, PyAny>> {
    let tuple = PyTuple::new(py, items.collect::<PyResult<Vec<_>>>()?)?;
    if op.returns.is_empty() { Ok(tuple.into_any()) } else { named_tuple(py, op.name, op.returns, tuple) }
}

/// A tuple whose items have names, of the class `return_types.<name>`.
pub(crate) fn named_tuple<'py>(
    py: Python<'py>,
    name: &str,
    fields: &[&str],
    items: Bound<'py, PyTuple>,
) -> PyResult<Bound<'py, PyAny>> {
    let module = py.import("spiraltorch_rs.return_types")?;
    module.call_method1("_class_of", (name, PyTuple::new(py, fields)?))?.call1((items,))
}

/// Operators that take two tensors where a number would do, too: a program that is right here is right there.
const TENSORS_ONLY: [&str; 16] = [
    "arctan2",
    "atan2",
    "fmax",
    "fmin",
    "gcd",
    "heaviside",
    "hypot",
    "lcm",
    "ldexp",
    "logaddexp",
    "logaddexp2",
    "logical_and",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
];

/// The callables an operator name gives, beside where they belong.
fn operator_entries(name: &'static str) -> Vec<(Place, Entry)> {
    let overloads = ops::lookup(name);
    let tensors_only = TENSORS_ONLY.contains(&name);
    let has = |form: Forms| overloads.iter().any(|op| op.forms.0 & form.0 != 0);
    let entry = |form: Form, room: Forms| {
        let overloads = overloads_in(overloads, room);
        let in_place = matches!(form, Form::InPlaceMethod | Form::InPlaceFunction);
        let name = if in_place { format!("{name}_") } else { name.to_owned() };
        let method = matches!(form, Form::Method | Form::InPlaceMethod);
        Entry {
            name,
            target: Target::Operator(overloads, form),
            method,
            tensors_only,
            object: OnceLock::new(),
        }
    };
    let mut entries = Vec::new();
    if has(Forms::FUNCTION) {
        let (place, short) = namespaced(name);
        entries.push((place, Entry { name: short.into(), ..entry(Form::Function, Forms::FUNCTION) }));
        if place != Place::Module {
            return entries;
        }
    }
    if has(Forms::FUNCTIONAL) {
        entries.push((Place::Namespace("functional"), entry(Form::Function, Forms::FUNCTIONAL)));
    }
    if has(Forms::METHOD) {
        entries.push((Place::Tensor, entry(Form::Method, Forms::METHOD)));
    }
    if has(Forms::INPLACE) {
        entries.push((Place::Tensor, entry(Form::InPlaceMethod, Forms::INPLACE)));
        entries.push((Place::Module, entry(Form::InPlaceFunction, Forms::INPLACE)));
        if has(Forms::FUNCTIONAL) {
            entries.push((Place::Namespace("functional"), entry(Form::InPlaceFunction, Forms::INPLACE)));
        }
    }
    entries
}

/// The overloads that appear in a form; all of them, if that is what they are.
fn overloads_in(overloads: &'static [&'static OpDef], room: Forms) -> &'static [&'static OpDef] {
    if overloads.iter().all(|op| op.forms.has(room)) {
        return overloads;
    }
    let some: Vec<&'static OpDef> = overloads.iter().copied().filter(|op| op.forms.has(room)).collect();
    // As the table itself, kept for as long as the module is: for ever.
    Vec::leak(some)
}

/// Where a callable is found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// `st.`
    Module,
    /// `st.linalg.` and others, named in `_C._namespaces`.
    Namespace(&'static str),
    /// `Tensor.`
    Tensor,
}

/// `linalg_inv` is `st.linalg.inv`.
fn namespaced(name: &'static str) -> (Place, &'static str) {
    match ops::namespace(name) {
        Some((namespace, short)) => (Place::Namespace(namespace), short),
        None => (Place::Module, name),
    }
}

/// Publishes the operator table, then our own functions and methods, which win over rows of the same name.
pub(crate) fn register(
    module: &Bound<'_, PyModule>,
    functions: &[&'static [Native]],
    methods: &[&'static [Native]],
) -> PyResult<()> {
    let mut entries = Vec::new();
    let mut names: Vec<&'static str> = ops::all().map(|op| op.name).collect();
    names.dedup();
    for name in names.into_iter().chain(ops::ALIASES.iter().map(|&(alias, _)| alias)) {
        entries.extend(operator_entries(name));
    }
    for (list, place) in [(functions, Place::Module), (methods, Place::Tensor)] {
        for native in list.iter().flat_map(|natives| natives.iter()) {
            let target = Target::Native(native, Names::parse(native.parameters));
            entries.push((
                place,
                Entry {
                    name: native.name.into(),
                    target,
                    method: place == Place::Tensor,
                    tensors_only: false,
                    object: OnceLock::new(),
                },
            ));
        }
    }
    let namespaces = PyDict::new(module.py());
    for namespace in ops::NAMESPACES.iter().chain(&["functional"]) {
        namespaces.set_item(namespace, PyDict::new(module.py()))?;
    }
    publish(module, &namespaces, entries)?;
    module.add("_namespaces", namespaces)
}
