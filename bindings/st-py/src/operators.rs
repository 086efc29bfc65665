//! What Python's symbols do with tensors: `x + y`, `-x`, `x += y`.

use crate::call::labels;
use crate::convert::{self, number};
use crate::creation;
use crate::errors::{OrRaise, guard};
use crate::overrides;
use crate::profile;
use crate::tensor::{PyTensor, This, raw_of, tensor_of};
use pyo3::Borrowed;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyNotImplemented};
use st_core::autocast;
use st_core::autograd;
use st_core::ops::{self, Kind, OpDef, Operand, Output, ParamKind, PointwiseRow, Value};
use st_core::{Complex, Tensor};
use std::sync::OnceLock;

type Any<'py> = PyResult<Bound<'py, PyAny>>;

/// A row of the table that Python has a symbol for.
pub(crate) struct Symbol {
    pub(crate) name: &'static str,
    /// The methods that classes with `__torch_function__` see: of the left operand, and of the right.
    methods: [&'static str; 2],
    found: OnceLock<Found>,
}

enum Found {
    Row(&'static PointwiseRow),
    /// Overloads.
    Built(&'static [&'static OpDef]),
}

impl Symbol {
    const fn new(name: &'static str, methods: [&'static str; 2]) -> Symbol {
        Symbol { name, methods, found: OnceLock::new() }
    }

    fn find(&self) -> Found {
        let overloads = ops::lookup(self.name);
        let row = overloads.iter().find_map(|op| match &op.kind {
            Kind::Pointwise(row) if op.params().len() <= 2 => Some(row),
            _ => None,
        });
        match row {
            Some(row) => Found::Row(row),
            None => Found::Built(overloads),
        }
    }

    /// As `apply` for complex arguments.
    fn apply_values<'py>(&self, py: Python<'py>, mut values: Vec<Value>) -> Any<'py> {
        let fits = |op: &&&'static OpDef| {
            op.params().iter().zip(&values).all(|(param, value)| match param.kind {
                // A number may stand first: `2 - z`.
                ParamKind::Tensor if matches!(op.kind, Kind::Pointwise(_)) => true,
                ParamKind::Tensor => matches!(value, Value::Tensor(_) | Value::Complex(_)),
                ParamKind::Number => matches!(value, Value::Scalar(_) | Value::ComplexNumber(_)),
                _ => true,
            })
        };
        let op = *ops::lookup(self.name)
            .iter()
            .find(fits)
            .ok_or_else(|| PyTypeError::new_err(format!("{}: unsupported operands", self.name)))?;
        let defaults = op.params().iter().skip(values.len());
        values.extend(defaults.map(|param| param.default.clone().unwrap_or(Value::None)));
        crate::call::wrap(py, op, op.call(&values).or_raise()?)
    }

    #[inline]
    pub(crate) fn apply(&self, operands: &[Operand]) -> PyResult<Tensor> {
        let shape = |operand: &Operand| match operand {
            Operand::Tensor(tensor) => tensor.shape().to_vec(),
            Operand::Scalar(_) => Vec::new(),
        };
        profile::operator(self.name, || operands.iter().map(shape).collect(), || self.apply_cast(operands))
    }

    fn apply_cast(&self, operands: &[Operand]) -> PyResult<Tensor> {
        if autocast::is_on() {
            let op = ops::lookup(self.name).first().copied();
            let values = || operands.iter().map(value_of).collect();
            if let Some(values) = autocast::prepared(op, values).or_raise()? {
                return self.apply_here(&values.iter().filter_map(operand_of).collect::<Vec<_>>());
            }
        }
        self.apply_here(operands)
    }

    fn apply_here(&self, operands: &[Operand]) -> PyResult<Tensor> {
        match self.found.get_or_init(|| self.find()) {
            Found::Row(row) => row.apply(operands).or_raise(),
            Found::Built(overloads) => {
                let op = overloads
                    .iter()
                    .find(|op| takes(op, operands))
                    .ok_or_else(|| PyTypeError::new_err(format!("{}: unsupported operands", self.name)))?;
                let mut values: Vec<Value> = operands.iter().map(value_of).collect();
                let defaults = op.params().iter().skip(values.len());
                values.extend(defaults.map(|param| param.default.clone().unwrap_or(Value::None)));
                let since = autograd::next_id();
                let output = op.call(&values).or_raise()?;
                labels::give(op, &values, &output, since);
                match output {
                    Output::One(tensor) => Ok(tensor),
                    _ => Err(PyTypeError::new_err(format!("{} gives no tensor", self.name))),
                }
            }
        }
    }
}

/// Whether an overload has parameters for these operands.
fn takes(op: &'static OpDef, operands: &[Operand]) -> bool {
    op.params().iter().zip(operands).all(|(param, operand)| match param.kind {
        ParamKind::Tensor => matches!(operand, Operand::Tensor(_)),
        ParamKind::Number => matches!(operand, Operand::Scalar(_)),
        _ => true,
    })
}

fn value_of(operand: &Operand) -> Value {
    match operand {
        Operand::Tensor(tensor) => Value::Tensor((*tensor).clone()),
        Operand::Scalar(scalar) => Value::Scalar(*scalar),
    }
}

fn operand_of(value: &Value) -> Option<Operand<'_>> {
    match value {
        Value::Tensor(tensor) => Some(Operand::Tensor(tensor)),
        Value::Scalar(scalar) => Some(Operand::Scalar(*scalar)),
        _ => None,
    }
}

macro_rules! symbols {
    ($($symbol:ident = $name:literal $left:literal $($right:literal)?;)*) => {
        $(pub(crate) static $symbol: Symbol = Symbol::new($name, [$left, symbols!(@ $left $($right)?)]);)*
    };
    (@ $left:literal) => { $left };
    (@ $left:literal $right:literal) => { $right };
}
symbols! {
    ADD = "add" "add"; SUB = "sub" "sub" "__rsub__"; MUL = "mul" "mul"; DIV = "div" "div" "__rdiv__";
    FLOOR_DIV = "floor_divide" "__floordiv__" "__rfloordiv__"; REM = "remainder" "remainder" "__rmod__";
    POW = "pow" "pow" "__rpow__"; MATMUL = "matmul" "matmul";
    AND = "bitwise_and" "__and__" "__rand__"; OR = "bitwise_or" "__or__" "__ror__";
    XOR = "bitwise_xor" "__xor__" "__rxor__"; SHL = "bitwise_left_shift" "__lshift__" "__rlshift__";
    SHR = "bitwise_right_shift" "__rshift__" "__rrshift__";
    EQ = "eq" "__eq__"; NE = "ne" "ne"; LT = "lt" "lt"; LE = "le" "le"; GT = "gt" "gt"; GE = "ge" "ge";
    NEG = "neg" "neg"; ABS = "abs" "abs"; NOT = "bitwise_not" "__invert__";
}

/// The operand in an object; `None` if it is no tensor and no number.
#[inline]
pub(crate) fn operand<'a>(object: &'a Bound<'_, PyAny>) -> PyResult<Option<Operand<'a>>> {
    match tensor_of(object) {
        Some(tensor) => Ok(Some(Operand::Tensor(tensor))),
        None => Ok(number(object)?.map(Operand::Scalar)),
    }
}

/// `this <symbol> other`, or the other way round.
#[inline]
pub(crate) fn binary<'py>(
    this: &This<'py>,
    other: &Bound<'py, PyAny>,
    symbol: &Symbol,
    swapped: bool,
) -> Any<'py> {
    if overrides::has_mode() || overrides::asks(this) || overrides::asks(other) {
        return overridden(this, other, symbol, swapped);
    }
    guard(symbol.name, || {
        if this.get().is_complex() {
            return binary_of_complex(this, other, symbol, swapped);
        }
        let this_tensor = this.get().tensor();
        // Each kind of operand goes its own way, for the processor waits where one is built in one place and copied to another.
        let tensor = if let Some(other) = tensor_of(other) {
            let (left, right) = if swapped { (other, this_tensor) } else { (this_tensor, other) };
            symbol.apply(&[Operand::Tensor(left), Operand::Tensor(right)])?
        } else {
            match number(other)? {
                Some(other) if swapped => {
                    symbol.apply(&[Operand::Scalar(other), Operand::Tensor(this_tensor)])?
                }
                Some(other) => symbol.apply(&[Operand::Tensor(this_tensor), Operand::Scalar(other)])?,
                None => return binary_of_complex(this, other, symbol, swapped),
            }
        };
        PyTensor::wrap(this.py(), tensor)
    })
}

/// As `binary` where a mode or the class of an operand says what it does.
fn overridden<'py>(this: &This<'py>, other: &Bound<'py, PyAny>, symbol: &Symbol, swapped: bool) -> Any<'py> {
    match overrides::ask_method(symbol.methods[usize::from(swapped)], &[this.as_any(), other]) {
        // Python asks the other operand, and says in its own words that none knows.
        Err(error)
            if error.is_instance_of::<PyTypeError>(this.py()) && !swapped && raw_of(other).is_none() =>
        {
            Ok(not_implemented(this.py()))
        }
        answer => answer,
    }
}

/// As `binary` where an operand is no real tensor and no real number.
fn binary_of_complex<'py>(
    this: &This<'py>,
    other: &Bound<'py, PyAny>,
    symbol: &Symbol,
    swapped: bool,
) -> Any<'py> {
    let known = this.get().is_complex() || is_complex(other);
    let value = if known { convert::value(ParamKind::Operand, other)? } else { None };
    let Some(other) = value else { return binary_of_array(this, other, symbol, swapped) };
    // (Of a sum torch multiplies the second term by a factor of one: it is the other operand on both sides.)
    let swapped = swapped && symbol.name != "add";
    let values = if swapped { [other, value_in(this)] } else { [value_in(this), other] };
    symbol.apply_values(this.py(), values.into())
}

/// As `binary` beside an array of numpy's, which leaves these two to the tensor; for anything else Python asks the other object.
fn binary_of_array<'py>(
    this: &This<'py>,
    other: &Bound<'py, PyAny>,
    symbol: &Symbol,
    swapped: bool,
) -> Any<'py> {
    if !other.hasattr("__array_interface__")? {
        return Ok(not_implemented(this.py()));
    }
    match (symbol.name, swapped) {
        ("eq", _) => {
            let array = convert::object(this.py(), creation::any_from_data(other, "eq")?)?;
            binary(this, &array, symbol, false)
        }
        ("div", true) => this.call_method0("reciprocal")?.mul(other),
        _ => Ok(not_implemented(this.py())),
    }
}

/// Whether an object is a complex tensor or a complex number of Python's.
pub(crate) fn is_complex(object: &Bound<'_, PyAny>) -> bool {
    match object.cast::<PyTensor>() {
        Ok(tensor) => tensor.get().is_complex(),
        Err(_) => object.is_instance_of::<PyComplex>(),
    }
}

/// The tensor of an object as an argument.
pub(crate) fn value_in(this: &This<'_>) -> Value {
    let tensor = this.get().tensor().clone();
    if this.get().is_complex() { Value::Complex(Complex::of_pairs(tensor)) } else { Value::Tensor(tensor) }
}

pub(crate) fn unary<'py>(this: &This<'py>, symbol: &Symbol) -> Any<'py> {
    if overrides::has_mode() || overrides::asks(this) {
        return overrides::ask_method(symbol.methods[0], &[this.as_any()]);
    }
    if this.get().is_complex() {
        return guard(symbol.name, || symbol.apply_values(this.py(), vec![value_in(this)]));
    }
    guard(symbol.name, || PyTensor::wrap(this.py(), symbol.apply(&[Operand::Tensor(this.get().tensor())])?))
}

/// What an operator takes beside a tensor; for anything else Python asks the other object.
pub(crate) struct Other<'py>(Bound<'py, PyAny>);

impl<'py> FromPyObject<'_, 'py> for Other<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if operand(&object)?.is_none() && !is_complex(&object) {
            return Err(PyTypeError::new_err("neither a tensor nor a number"));
        }
        Ok(Other(object.to_owned()))
    }
}

/// `this <symbol>= other`.
pub(crate) fn in_place(this: &This<'_>, Other(other): &Other<'_>, symbol: &Symbol) -> PyResult<()> {
    if overrides::has_mode() || overrides::asks(this) || overrides::asks(other) {
        let method = format!("{}_", symbol.name);
        return overrides::ask_method(&method, &[this.as_any(), other]).map(drop);
    }
    guard(symbol.name, || {
        if this.get().is_complex() || is_complex(other) {
            return this.get().become_(|| binary(this, other, symbol, false));
        }
        let Some(other) = operand(other)? else {
            let (own, got) = (convert::type_name(this), convert::type_name(other));
            return Err(PyTypeError::new_err(format!(
                "unsupported operand types for {}_: '{own}' and '{got}'",
                symbol.name
            )));
        };
        let result = symbol.apply(&[Operand::Tensor(this.get().tensor()), other])?;
        this.get().tensor().become_(&result).or_raise()
    })
}

pub(crate) fn not_implemented(py: Python<'_>) -> Bound<'_, PyAny> {
    PyNotImplemented::get(py).to_owned().into_any()
}
