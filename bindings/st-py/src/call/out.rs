//! The tensors a caller gives for results, `out=` and the receiver of an in-place method: what torch lets them be.

use super::bind::is_sum;
use crate::convert;
use crate::errors::OrRaise;
use crate::tensor::PyTensor;
use crate::warnings;
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use st_core::ops::{Forms, Kind, OpDef, Out, Output, Value};
use st_core::tensor::Overlap;
use st_core::{Complex, DType, Scalar, Tensor};

const SHARED: &str = "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. \
     Please clone() the tensor before performing the operation.";
const REPEATED: &str = "unsupported operation: more than one element of the written-to tensor refers to a single memory location. \
     Please clone() the tensor before performing the operation.";

/// Puts an operator's results into the tensors given for them.
pub(super) fn write<'py>(
    name: &str,
    op: &'static OpDef,
    values: &[Value],
    out: &Bound<'py, PyAny>,
    output: Output,
) -> PyResult<Bound<'py, PyAny>> {
    let Some(results) = raw_results(output) else {
        return Err(PyTypeError::new_err(format!("{name}() has no tensor for out=")));
    };
    if op.name == "nonzero" && matches!(values, [_, Value::Scalar(Scalar::Bool(true))]) {
        return Err(PyRuntimeError::new_err("nonzero does not support the out kwarg when as_tuple is True"));
    }
    let outs = convert::items(out).unwrap_or_else(|| vec![out.clone()]);
    if outs.len() != results.len() {
        return Err(PyTypeError::new_err(format!("{name}(): out= must hold {} tensors", results.len())));
    }
    let mut targets = Vec::with_capacity(outs.len());
    for target in &outs {
        targets.push(target.cast::<PyTensor>().map_err(|_| {
            let got = convert::type_name(target);
            PyTypeError::new_err(format!("{name}(): argument 'out' must be Tensor, not {got}"))
        })?);
    }
    for (at, (target, (result, complex))) in targets.iter().zip(&results).enumerate() {
        expect_dtype(name, op, values, (at, target.get()), (result.dtype(), *complex))?;
        if target.get().is_complex() == *complex {
            // What may not be an operand is looked at as it is given, all else as it will be.
            let own = target.get().tensor();
            let seen =
                if op.forms.has(Forms::APART) { own.clone() } else { own.fitted_to(result).or_raise()? };
            expect_apart(op, &seen, values)?;
        }
    }
    if let [one, other] = &targets[..]
        && one.get().tensor().overlap(other.get().tensor()) != Overlap::Nothing
    {
        return Err(PyValueError::new_err(format!(
            "{name}(): the two out= tensors must not overlap in memory; give two tensors of their own"
        )));
    }
    for (target, (result, complex)) in targets.iter().zip(&results) {
        let result = match op.written() {
            Out::Any | Out::Truth(_) => &result.to_dtype(target.get().tensor().dtype()).or_raise()?,
            _ if op.forms.has(Forms::FILLS) => &in_shape_of(target.get(), result, *complex)?,
            _ => result,
        };
        warn_of_resizing(out.py(), target.get(), result, *complex)?;
        write_one(target.get(), result, *complex)?;
    }
    if op.returns.is_empty() {
        return Ok(out.clone());
    }
    super::several(out.py(), op, outs.into_iter().map(Ok))
}

fn in_shape_of(out: &PyTensor, row: &Tensor, complex: bool) -> PyResult<Tensor> {
    let same = out.tensor().numel() == row.numel() && out.is_complex() == complex;
    let sizes: Vec<i64> = out.tensor().shape().iter().map(|&n| n as i64).collect();
    if same { row.view(&sizes).or_raise() } else { Ok(row.clone()) }
}

/// Torch's warning when a tensor that is not empty gets another shape.
fn warn_of_resizing(py: Python<'_>, out: &PyTensor, result: &Tensor, complex: bool) -> PyResult<()> {
    let needed = &result.shape()[..result.dim() - usize::from(complex)];
    if out.tensor().numel() == 0 || out.shape() == needed {
        return Ok(());
    }
    let text = format!(
        "An output with one or more elements was resized since it had shape {:?}, which does not match the required output \
         shape {needed:?}. This behavior is deprecated, and in a future PyTorch release outputs will not be resized unless they have \
         zero elements. You can explicitly reuse an out tensor t by resizing it, inplace, to zero elements with t.resize_(0).",
        out.shape()
    );
    warnings::warn(py, &text)
}

fn write_one(target: &PyTensor, result: &Tensor, complex: bool) -> PyResult<()> {
    let widened = match target.is_complex() && !complex {
        true => Some(Complex::from_real(result, target.tensor().dtype()).or_raise()?),
        false => None,
    };
    let result = widened.as_ref().map_or(result, Complex::pairs);
    let out = target.tensor().fitted_to(result).or_raise()?;
    expect_places(&out)?;
    out.write_into(result).or_raise()?;
    if !out.is(target.tensor()) {
        target.replace(out);
    }
    Ok(())
}

fn expect_dtype(
    name: &str,
    op: &'static OpDef,
    values: &[Value],
    (at, out): (usize, &PyTensor),
    (wanted, complex): (DType, bool),
) -> PyResult<()> {
    let own = out.tensor().dtype();
    if let Some((named, of_complex)) = named_dtype(op, values)
        && (named, of_complex) != (own, out.is_complex())
    {
        let (named, own) = (torch_name(named, of_complex), torch_name(own, out.is_complex()));
        return Err(PyRuntimeError::new_err(format!(
            "{name}(): dtype {named} does not match dtype of out parameter ({own})"
        )));
    }
    if let Some(asked) = asked_dtype(op, values)
        && asked != (own, out.is_complex())
    {
        return Err(PyRuntimeError::new_err(format!(
            "{name}(): Expected out tensor to have dtype {}, but got {} instead",
            c_name(asked.0, asked.1),
            c_name(own, out.is_complex())
        )));
    }
    let (same, real) = (own == wanted && out.is_complex() == complex, !out.is_complex());
    let of_complex = !complex && values.iter().any(Value::is_complex);
    let words = match op.written() {
        _ if same => return Ok(()),
        Out::Found if of_complex => return Ok(()),
        Out::Truth(_) if matches!(own, DType::U8 | DType::Bool) => return Ok(()),
        Out::Found => "Found dtype {got} but expected {needs}",
        Out::Same("") => "{op}(): Expected out tensor to have dtype {c_needs}, but got {c_got} instead",
        Out::Same(words) | Out::Truth(words) => words,
        Out::Safe(..) if real && (complex || own.category() < wanted.category()) => {
            "{torch}: Expected {result} to be safely castable from {needs} dtype, but got {result} with dtype {got}"
        }
        Out::Cast | Out::Any if real && complex => {
            "{op}(): result type {needs} can't be cast to the desired output type {got}"
        }
        _ => return Ok(()),
    };
    let (torch, result) = match op.written() {
        Out::Safe(torch, result) => (torch, result),
        _ => (name, "result"),
    };
    let text = words
        .replace("{op}", name)
        .replace("{torch}", torch)
        .replace("{result}", op.returns.get(at).unwrap_or(&result))
        .replace("{needs}", torch_name(wanted, complex))
        .replace("{got}", torch_name(own, !real))
        .replace("{c_needs}", &c_name(wanted, complex))
        .replace("{c_got}", &c_name(own, !real));
    Err(PyRuntimeError::new_err(text))
}

/// What torch's C++ calls a dtype.
fn c_name(dtype: DType, complex: bool) -> String {
    let own = match dtype {
        DType::Bool => "bool",
        DType::U8 => "unsigned char",
        DType::I8 => "signed char",
        DType::U16 => "unsigned short",
        DType::I16 => "short",
        DType::U32 => "unsigned int",
        DType::I32 => "int",
        DType::U64 => "unsigned long",
        DType::I64 => "long",
        DType::F16 => "c10::Half",
        DType::BF16 => "c10::BFloat16",
        DType::F32 => "float",
        DType::F64 => "double",
    };
    if complex { format!("c10::complex<{own}>") } else { own.to_owned() }
}

/// The dtype the caller named for a new tensor, which is that of `out=`.
fn named_dtype(op: &'static OpDef, values: &[Value]) -> Option<(DType, bool)> {
    if !op.params().iter().any(|p| p.name == "device") {
        return None;
    }
    values.iter().find_map(|value| match value {
        Value::DType(dtype) => Some((*dtype, false)),
        Value::ComplexDType(parts) => Some((*parts, true)),
        _ => None,
    })
}

/// The dtype the caller named for sums and products, which is that of `out=`.
fn asked_dtype(op: &'static OpDef, values: &[Value]) -> Option<(DType, bool)> {
    match values.last() {
        Some(Value::DType(dtype)) if is_sum(op) => Some((*dtype, false)),
        Some(Value::ComplexDType(parts)) if is_sum(op) => Some((*parts, true)),
        _ => None,
    }
}

pub(super) fn torch_name(dtype: DType, complex: bool) -> &'static str {
    if complex { st_core::complex_name(dtype) } else { st_core::dtype_name(dtype) }
}

/// An error if what is written and what is read are the same memory, but not element for element.
pub(super) fn expect_apart(op: &OpDef, target: &Tensor, values: &[Value]) -> PyResult<()> {
    let apart = op.forms.has(Forms::APART);
    if apart {
        expect_places(target)?;
    }
    if !apart && !matches!(op.kind, Kind::Pointwise(_)) && !op.forms.has(Forms::ELEMENTWISE) {
        return Ok(());
    }
    expect_unshared(target, values, apart)
}

/// An error if an in-place operator that writes at indices reads what it writes, in one more of its operands.
pub(super) fn expect_scattered_apart(op: &OpDef, target: &Tensor, values: &[Value]) -> PyResult<()> {
    if op.forms.has(Forms::SCATTERS) { expect_unshared(target, &values[1..], true) } else { Ok(()) }
}

/// An error if memory is shared; as a whole only if that is not allowed, either.
fn expect_unshared(target: &Tensor, values: &[Value], entirely: bool) -> PyResult<()> {
    let shares = |operand: &Tensor| match target.overlap(operand) {
        Overlap::Whole => entirely,
        Overlap::Part => true,
        Overlap::Nothing | Overlap::Unknown => false,
    };
    let found = values.iter().any(|value| match value {
        Value::Tensor(operand) => shares(operand),
        Value::Complex(operand) => shares(operand.pairs()),
        Value::Tensors(list) => list.iter().flatten().any(shares),
        _ => false,
    });
    if found { Err(PyRuntimeError::new_err(SHARED)) } else { Ok(()) }
}

/// Elements of one place cannot hold different results.
fn expect_places(out: &Tensor) -> PyResult<()> {
    if out.repeats() { Err(PyRuntimeError::new_err(REPEATED)) } else { Ok(()) }
}

/// The tensors an operator gave, and whether they are pairs of complex numbers.
fn raw_results(output: Output) -> Option<Vec<(Tensor, bool)>> {
    Some(match output {
        Output::One(result) => vec![(result, false)],
        Output::Complex(result) => vec![(result.pairs().clone(), true)],
        Output::Many(results) => results.into_iter().map(|result| (result, false)).collect(),
        Output::Tuple(results) => {
            results.into_iter().map(raw_results).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect()
        }
        Output::Plain(_) => return None,
    })
}
