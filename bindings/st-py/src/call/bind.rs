//! Matching arguments with parameters, and torch's messages when they do not match.

use super::Form;
use crate::convert::{self, Argument};
use crate::errors::OrRaise;
use crate::layout::MemoryFormat;
use crate::tensor::{raw_of, tensor_of};
use pyo3::Borrowed;
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyUserWarning};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use smallvec::SmallVec;
use st_core::ops::{Forms, Kind, OpDef, Param, ParamKind, Value};
use st_core::{DType, Scalar, Tensor};
use std::ffi::CString;

/// What a caller gave.
pub(crate) struct Given<'a, 'py> {
    pub(crate) py: Python<'py>,
    /// Whether the first positional argument is the object a method is called on.
    pub(crate) method: bool,
    pub(crate) positional: SmallVec<[Argument<'a, 'py>; 8]>,
    pub(crate) named: SmallVec<[(Borrowed<'a, 'py, PyString>, Argument<'a, 'py>); 4]>,
}

impl<'py> Given<'_, 'py> {
    pub(crate) fn new(py: Python<'py>, method: bool) -> Self {
        Given { py, method, positional: SmallVec::new(), named: SmallVec::new() }
    }
}

impl<'py> Given<'_, 'py> {
    /// The arguments once more, for Python.
    pub(crate) fn repeated(&self) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let named = PyDict::new(self.py);
        self.named.iter().try_for_each(|(name, argument)| named.set_item(name, argument))?;
        Ok((PyTuple::new(self.py, self.positional.iter().map(|argument| &**argument))?, named))
    }

    /// The object an in-place form writes: the one it is called on, or the first argument.
    pub(crate) fn receiver(&self) -> Option<Bound<'py, PyAny>> {
        let named =
            || self.named.iter().find(|(name, _)| name.to_str().is_ok_and(|n| canonical(n) == "input"));
        self.positional.first().or_else(|| named().map(|(_, object)| object)).map(|object| (**object).clone())
    }
}

/// Why arguments do not match.
pub(crate) enum Fault {
    /// The argument of parameter `.0` has the wrong type; it was positional number `.1` or named.
    Type(usize, Option<usize>),
    /// Parameter `.0` was not given.
    Missing(usize),
    /// More positional arguments than parameters.
    TooMany,
    /// There is no such keyword.
    Unknown(String),
    /// Given by position and by name.
    Twice(String),
    /// A conversion failed for good.
    Raised(PyErr),
}

impl From<PyErr> for Fault {
    fn from(error: PyErr) -> Fault {
        Fault::Raised(error)
    }
}

/// The values of an operator's parameters, and where the result goes. It is filled where it stands: values are wide, and
/// moving one from hand to hand costs more than reading it.
#[derive(Default)]
pub(crate) struct BoundCall<'py> {
    /// One for each parameter.
    pub(crate) values: SmallVec<[Value; 8]>,
    /// A bit for each that has been given.
    given: u64,
    pub(crate) out: Option<Bound<'py, PyAny>>,
    /// Whether the caller of a function that makes tensors wants gradients of it.
    pub(crate) requires_grad: bool,
    /// In which order the caller wants the result's elements.
    pub(crate) format: Option<MemoryFormat>,
    /// Whether the result becomes the contents of the first argument.
    pub(crate) in_place: bool,
}

/// Numpy's names of some parameters.
pub(super) fn canonical(name: &str) -> &str {
    match name {
        "axis" => "dim",
        "keepdims" => "keepdim",
        "self" | "x" | "x1" | "tensor" => "input",
        "x2" => "other",
        other => other,
    }
}

/// The parameter that a method's object is: `input`, wherever it stands (`cond.where` does not exist, `x.where` does).
pub(super) fn receiver(params: &[Param], form: Form) -> usize {
    match form {
        Form::Method | Form::InPlaceMethod => {
            let tensor = |p: &Param| matches!(p.kind, ParamKind::Tensor | ParamKind::Operand);
            let first = || params.iter().position(tensor);
            params.iter().position(|p| p.name == "input").or_else(first).unwrap_or(0)
        }
        _ => 0,
    }
}

/// Whether a parameter takes all the positional arguments that are left: `x.view(2, 3)`.
fn takes_rest(op: &'static OpDef, i: usize) -> bool {
    let params = op.params();
    let several = match params[i].kind {
        ParamKind::Ints => true,
        ParamKind::Tensors => op.forms.has(Forms::SPREAD),
        _ => false,
    };
    several && params.get(i + 1).is_none_or(|next| next.keyword_only)
}

impl BoundCall<'_> {
    fn has(&self, i: usize) -> bool {
        self.given >> i & 1 == 1
    }

    fn set(&mut self, i: usize, value: Value) {
        self.values[i] = value;
        self.given |= 1 << i;
    }

    /// Reads the argument of parameter `i`; whether it has its type.
    fn read(&mut self, i: usize, param: &Param, argument: &Bound<'_, PyAny>) -> PyResult<bool> {
        let fits =
            convert::read(param.kind, argument, &mut self.values[i])? || param.optional && argument.is_none();
        self.given |= u64::from(fits) << i;
        Ok(fits)
    }

    /// Gives the rest their defaults.
    fn complete(&mut self, op: &'static OpDef) -> Result<(), Fault> {
        for (i, param) in op.params().iter().enumerate() {
            if self.has(i) {
                continue;
            }
            match &param.default {
                Some(Value::None) => {}
                Some(Value::Scalar(number)) => self.values[i] = Value::Scalar(*number),
                Some(default) => self.values[i].clone_from(default),
                None if op.forms.has(Forms::SPREAD) && param.kind == ParamKind::Tensors => {
                    self.values[i] = Value::list(Vec::new());
                }
                None => return Err(Fault::Missing(i)),
            }
        }
        Ok(())
    }
}

/// Matches arguments with an operator's parameters. `bound` is empty before.
pub(crate) fn operator<'py>(
    op: &'static OpDef,
    form: Form,
    given: &Given<'_, 'py>,
    bound: &mut BoundCall<'py>,
) -> Result<(), Fault> {
    let params = op.params();
    bound.values.extend(params.iter().map(|_| Value::None));
    positional(op, form, given, bound)?;
    for (name, argument) in &given.named {
        named(op, form, name.to_str()?, argument, bound)?;
    }
    if let Some(out) = &bound.out
        && let Some(at) = params.iter().position(|p| p.name == "dtype" && (is_factory(op) || is_sum(op)))
    {
        let wanted = convert::value(ParamKind::DType, &out.getattr(intern!(out.py(), "dtype"))?)?;
        match (&bound.values[at], wanted) {
            // What is made for a tensor of the caller's is made in its dtype.
            (Value::None, Some(wanted)) => bound.set(at, wanted),
            (Value::DType(given), Some(Value::DType(wanted))) if is_factory(op) && *given != wanted => {
                return Err(Fault::Raised(PyRuntimeError::new_err(format!(
                    "{}(): dtype {} does not match dtype of out parameter ({})",
                    op.name,
                    super::out::torch_name(*given, false),
                    super::out::torch_name(wanted, false)
                ))));
            }
            _ => {}
        }
    }
    bound.complete(op)
}

/// Matches the positional arguments.
fn positional<'py>(
    op: &'static OpDef,
    form: Form,
    given: &Given<'_, 'py>,
    bound: &mut BoundCall<'py>,
) -> Result<(), Fault> {
    let params = op.params();
    let receiver = receiver(params, form);
    let mut free = 0;
    for (position, argument) in given.positional.iter().enumerate() {
        let i = if position == 0 && receiver > 0 {
            receiver
        } else {
            if free == receiver && receiver > 0 {
                free += 1;
            }
            free += 1;
            free - 1
        };
        if i == params.len() && takes_inplace(op, form) {
            bound.in_place = convert::boolean(argument)?.ok_or(Fault::TooMany)?;
            continue;
        }
        if i >= params.len() || params[i].keyword_only {
            return Err(Fault::TooMany);
        }
        let rest = &given.positional[position..];
        if takes_rest(op, i) && (rest.len() > 1 || convert::items(argument).is_none()) {
            bound.set(i, several(&params[i], rest)?.ok_or(Fault::Type(i, Some(position)))?);
            break;
        }
        if bound.read(i, &params[i], argument)? {
            continue;
        }
        let number = if i == 0 && form == Form::Function { leading_number(op, given)? } else { None };
        bound.set(i, number.ok_or(Fault::Type(i, Some(position)))?);
    }
    Ok(())
}

/// Matches an argument given by name.
fn named<'py>(
    op: &'static OpDef,
    form: Form,
    name: &str,
    argument: &Bound<'py, PyAny>,
    bound: &mut BoundCall<'py>,
) -> Result<(), Fault> {
    let params = op.params();
    let flag = || convert::boolean(argument)?.ok_or_else(|| wrong_flag(op, name, argument));
    match name {
        "out" if form == Form::Function && takes_out(op) => {
            bound.out = (!argument.is_none()).then(|| argument.clone());
            return Ok(());
        }
        "memory_format" if takes_format(op) => {
            if !argument.is_none() {
                let given = argument.cast::<MemoryFormat>().map_err(|_| wrong_format(op, argument))?;
                bound.format = Some(*given.get());
            }
            return Ok(());
        }
        "inplace" if takes_inplace(op, form) => {
            bound.in_place = flag()?;
            return Ok(());
        }
        _ => {}
    }
    if is_factory(op) && !params.iter().any(|p| p.name == name) {
        match name {
            "requires_grad" => {
                bound.requires_grad = flag()?;
                return Ok(());
            }
            // There is one layout, and host memory needs no pinning.
            "layout" | "pin_memory" => return Ok(()),
            "device" => {
                convert::value(ParamKind::Device, argument)?;
                return Ok(());
            }
            _ => {}
        }
    }
    let find = |wanted: &str| params.iter().position(|p| p.name == wanted);
    let Some(i) = find(name).or_else(|| find(canonical(name))) else {
        return Err(Fault::Unknown(name.into()));
    };
    if bound.has(i) {
        return Err(Fault::Twice(name.into()));
    }
    if bound.read(i, &params[i], argument)? { Ok(()) } else { Err(Fault::Type(i, None)) }
}

/// Torch's old order of arguments, numbers before the tensors they multiply, in the new one: numbers by name.
pub(crate) fn in_new_order<'n, 'a: 'n, 'py: 'n>(
    name: &str,
    called: &str,
    given: &Given<'a, 'py>,
) -> PyResult<Option<Given<'n, 'py>>> {
    let mut new = Given::new(given.py, given.method);
    new.named.extend(given.named.iter().copied());
    if let ("add" | "sub" | "rsub", [.., other, alpha]) = (name, &given.positional[..])
        && given.positional.len() == 3
        && is_number(other)?
        && is_number(alpha)?
    {
        new.positional.extend(given.positional[..2].iter().copied());
        new.named.push((intern!(given.py, "alpha").as_borrowed(), *alpha));
        return Ok(Some(new));
    }
    let names: &[&'static str] = match name {
        "add" | "sub" => &["alpha"],
        "addcmul" | "addcdiv" => &["value"],
        "addmm" | "addmv" | "addr" | "addbmm" | "baddbmm" => &["beta", "alpha"],
        _ => return Ok(None),
    };
    let mut numbers = names.iter();
    for argument in &given.positional {
        if raw_of(argument).is_some() || !is_number(argument)? {
            new.positional.push(*argument);
            continue;
        }
        let Some(name) = numbers.next() else { return Ok(None) };
        let name = match *name {
            "alpha" => intern!(given.py, "alpha"),
            "beta" => intern!(given.py, "beta"),
            _ => intern!(given.py, "value"),
        };
        new.named.push((name.as_borrowed(), *argument));
    }
    if new.positional.len() == given.positional.len() {
        return Ok(None);
    }
    let text = CString::new(format!("This overload of {called} is deprecated: give numbers by name"))?;
    PyErr::warn(given.py, &given.py.get_type::<PyUserWarning>(), &text, 1)?;
    Ok(Some(new))
}

/// Whether it can be a number: tensors without dimensions can.
fn is_number(argument: &Argument<'_, '_>) -> PyResult<bool> {
    Ok(convert::value(ParamKind::Number, argument)?.is_some())
}

/// Whether `inplace=` is a parameter, as in `nn.functional.relu(x, inplace=True)`.
fn takes_inplace(op: &'static OpDef, form: Form) -> bool {
    form == Form::Function && op.forms.has(Forms::ARGUMENT)
}

/// Whether the result can go into a tensor of the caller's.
fn takes_out(op: &'static OpDef) -> bool {
    op.forms.has(Forms::OUT)
}

/// A number as the first operand: as it is for an expression with a tensor, else as a tensor without dimensions.
fn leading_number(op: &'static OpDef, given: &Given<'_, '_>) -> PyResult<Option<Value>> {
    if !op.forms.has(Forms::NUMBER_FIRST) {
        return Ok(None);
    }
    let number = match convert::value(ParamKind::Operand, &given.positional[0])? {
        Some(Value::Scalar(number)) => number,
        Some(complex @ Value::ComplexNumber(_)) if matches!(op.kind, Kind::Pointwise(_)) => {
            return Ok(Some(complex));
        }
        _ => return Ok(None),
    };
    let other = given.positional.get(1).and_then(|argument| tensor_of(argument));
    if other.is_none() && !matches!(op.name, "add" | "sub" | "mul" | "div" | "floor_divide") {
        return Ok(None);
    }
    if other.is_some() && matches!(op.kind, Kind::Pointwise(_)) {
        return Ok(Some(Value::Scalar(number)));
    }
    let wide = matches!(number, Scalar::Float(_)) && other.is_some_and(|t| t.dtype() == DType::F64);
    let dtype = if wide { DType::F64 } else { Tensor::dtype_of(number) };
    let device = other.map_or_else(st_core::default_device, Tensor::device);
    Tensor::full(&[], number, dtype, device).or_raise().map(|tensor| Some(Value::Tensor(tensor)))
}

/// Whether an operator makes tensors out of nothing: torch's factories take a few more keywords.
fn is_factory(op: &'static OpDef) -> bool {
    let on_device = op.params().iter().any(|p| p.kind == ParamKind::Device);
    (on_device && op.name != "to") || op.name.ends_with("_like")
}

/// Whether an operator adds or multiplies in the dtype of the tensor it writes to.
pub(super) fn is_sum(op: &'static OpDef) -> bool {
    let named = |kind| op.params().iter().any(|param| param.kind == kind);
    op.forms.has(Forms::CAST) && named(ParamKind::DType) && !named(ParamKind::Device)
}

/// Whether the elements of an operator's result may be asked for in an order.
fn takes_format(op: &'static OpDef) -> bool {
    matches!(op.name, "clone" | "contiguous" | "to" | "empty" | "cfloat" | "cdouble" | "chalf")
        || op.name.ends_with("_like")
        || op.family() == "cast"
}

fn wrong_format(op: &OpDef, got: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!(
        "{}(): argument 'memory_format' must be spiraltorch_rs.memory_format, not {}",
        op.name,
        convert::type_name(got)
    ))
}

fn wrong_flag(op: &OpDef, name: &str, got: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!(
        "{}(): argument '{name}' must be bool, not {}",
        op.name,
        convert::type_name(got)
    ))
}

fn several(param: &Param, arguments: &[Argument<'_, '_>]) -> PyResult<Option<Value>> {
    if let [single] = arguments {
        return match convert::value(param.kind, single)? {
            Some(value) => Ok(Some(value)),
            None if param.optional && single.is_none() => Ok(Some(Value::None)),
            None => Ok(convert::any_tensor(single)
                .filter(|_| param.kind == ParamKind::Tensors)
                .map(|tensor| Value::list(vec![tensor]))),
        };
    }
    let objects = || arguments.iter().map(|argument| &**argument);
    Ok(match param.kind {
        ParamKind::Ints => convert::ints_of(objects())?.map(Value::Ints),
        _ => {
            let tensors: Option<Vec<_>> = objects().map(convert::any_tensor).collect();
            tensors.map(Value::list)
        }
    })
}

/// An operator's parameters in the syntax `inspect` reads.
pub(crate) fn signature(op: &'static OpDef, form: Form) -> String {
    let params = op.params();
    let method = matches!(form, Form::Method | Form::InPlaceMethod);
    let own = receiver(params, form);
    let mut words: Vec<String> = if method { vec!["$self".into()] } else { Vec::new() };
    let mut starred = false;
    for (_, param) in params.iter().enumerate().filter(|&(i, _)| !(method && i == own)) {
        if param.keyword_only && !starred {
            words.push("*".into());
            starred = true;
        }
        let default = param.default.as_ref().map(|value| format!("={}", literal(value))).unwrap_or_default();
        words.push(format!("{}{default}", param.name));
    }
    words.join(", ")
}

fn literal(value: &Value) -> String {
    match value {
        Value::Scalar(st_core::Scalar::Bool(truth)) => if *truth { "True" } else { "False" }.into(),
        Value::Scalar(number) => number.to_string().replace("inf", "1e999").replace("NaN", "None"),
        Value::Ints(ints) => format!("({})", ints.iter().map(|i| format!("{i},")).collect::<String>()),
        Value::Text(text) => format!("'{text}'"),
        _ => "None".into(),
    }
}

/// The `TypeError` for arguments that match no overload.
pub(crate) fn explain(
    name: &str,
    overloads: &[&'static OpDef],
    given: &Given<'_, '_>,
    faults: Vec<Fault>,
) -> PyErr {
    if let ([op], Some(fault)) = (overloads, faults.first()) {
        return PyTypeError::new_err(describe(name, op.params(), given, fault));
    }
    let got: Vec<String> = given
        .positional
        .iter()
        .map(|argument| convert::type_name(argument))
        .chain(
            given
                .named
                .iter()
                .map(|(name, argument)| format!("{}={}", &**name, convert::type_name(argument))),
        )
        .collect();
    let expected: String = overloads.iter().map(|op| format!("\n * {}", op.signature)).collect();
    PyTypeError::new_err(format!(
        "{name}() received an invalid combination of arguments - got ({}), but expected one of:{expected}",
        got.join(", ")
    ))
}

fn describe(name: &str, params: &[Param], given: &Given<'_, '_>, fault: &Fault) -> String {
    match fault {
        Fault::Type(i, position) => {
            let param = &params[*i];
            let argument = match position {
                Some(at) => Some(given.positional[*at]),
                None => given
                    .named
                    .iter()
                    .find(|(n, _)| n.to_str().is_ok_and(|n| canonical(n) == param.name))
                    .map(|n| n.1),
            };
            let got = argument.map_or_else(|| "object".into(), |argument| convert::type_name(&argument));
            let at = position.map(|p| format!(" (position {})", p + 1)).unwrap_or_default();
            format!(
                "{name}(): argument '{}'{at} must be {}, not {got}",
                param.name,
                convert::kind_name(param.kind)
            )
        }
        Fault::Missing(i) => {
            format!("{name}() missing 1 required positional argument: \"{}\"", params[*i].name)
        }
        Fault::TooMany => {
            let most = params.iter().filter(|p| !p.keyword_only).count();
            format!("{name}() takes {most} positional arguments but {} were given", given.positional.len())
        }
        Fault::Unknown(word) => format!("{name}() got an unexpected keyword argument '{word}'"),
        Fault::Twice(word) => format!("{name}() got multiple values for argument '{word}'"),
        Fault::Raised(error) => error.to_string(),
    }
}
