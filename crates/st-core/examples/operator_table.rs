//! Prints the operator table, a JSON object a line, for `tools/generate.py`.
//!
//! What a row does not say is found by calling it with small tensors: what kind of result it gives, and whether a gradient
//! flows through it. Nothing is computed for that; the calls only build graphs.

use st_core::ops::{self, Forms, OpDef, Output, Param, ParamKind, Value};
use st_core::{DType, Result, Scalar, Tensor};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut complete = true;
    for row in ops::all().filter(|row| row.forms != Forms::HIDDEN) {
        match probe(row) {
            Some(found) => println!("{}", json_row(row, &found)),
            None => {
                eprintln!("{}{}: no sample fits it; add one to {}", row.name, row.signature, file!());
                complete = false;
            }
        }
    }
    if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

// ---- what a call shows ----

struct Found {
    result: &'static str,
    differentiable: bool,
}

/// Shapes and lists of integers that operators are tried with, until one accepts them.
const SHAPES: [&[usize]; 6] = [&[2, 2], &[2], &[], &[1, 2, 2], &[1, 2, 2, 2], &[1, 2, 2, 2, 2]];
const INTEGERS: [&[i64]; 6] = [&[0], &[1], &[2, 2], &[1, 1], &[0, 1], &[]];

fn probe(row: &'static OpDef) -> Option<Found> {
    let tries = SHAPES.iter().flat_map(|shape| INTEGERS.iter().map(move |integers| (shape, integers)));
    let mut results = tries.filter_map(|(shape, integers)| try_call(row, shape, integers).ok());
    results.next().map(|output| Found { result: result_kind(&output), differentiable: is_on_tape(&output) })
}

fn try_call(row: &'static OpDef, shape: &[usize], integers: &[i64]) -> Result<Output> {
    let args = row.params().iter().map(|param| sample(param, shape, integers));
    row.call(&args.collect::<Result<Vec<Value>>>()?)
}

/// An argument for a parameter: its default, or something small.
fn sample(param: &Param, shape: &[usize], integers: &[i64]) -> Result<Value> {
    if let Some(default) = &param.default {
        return Ok(default.clone());
    }
    Ok(match param.kind {
        ParamKind::Tensor | ParamKind::Operand => Value::Tensor(sample_tensor(param, shape)?),
        ParamKind::Tensors => Value::Tensors(vec![Some(sample_tensor(param, shape)?), Some(sample_tensor(param, shape)?)]),
        ParamKind::Number | ParamKind::Float => Value::Scalar(Scalar::Float(1.0)),
        ParamKind::Int => Value::Scalar(Scalar::Int(integers.first().copied().unwrap_or(0))),
        ParamKind::Ints => Value::Ints(integers.iter().copied().collect()),
        ParamKind::Bool => Value::Scalar(Scalar::Bool(false)),
        ParamKind::Text => Value::Text("sum".into()),
        ParamKind::DType => Value::DType(DType::F32),
        ParamKind::Device => Value::Device(0),
        ParamKind::Generator => Value::None,
    })
}

/// Positions where the name asks for them, else numbers with a gradient.
fn sample_tensor(param: &Param, shape: &[usize]) -> Result<Tensor> {
    match param.name {
        "index" | "indices" | "target" => Tensor::full(shape, 0, DType::I64, 0),
        "condition" | "mask" => Tensor::full(shape, true, DType::Bool, 0),
        _ => Tensor::full(shape, 0.5, DType::F32, 0)?.requires_grad_(true),
    }
}

fn result_kind(output: &Output) -> &'static str {
    match output {
        Output::One(_) => "Tensor",
        Output::Many(_) => "Tensor[]",
        Output::Plain(Value::Scalar(Scalar::Bool(_))) => "bool",
        Output::Plain(Value::Scalar(Scalar::Int(_))) => "int",
        Output::Plain(Value::Scalar(Scalar::Float(_))) => "float",
        Output::Plain(Value::DType(_)) => "dtype",
        Output::Plain(_) => "Number",
    }
}

fn is_on_tape(output: &Output) -> bool {
    match output {
        Output::One(tensor) => tensor.requires_grad(),
        Output::Many(tensors) => tensors.iter().any(Tensor::requires_grad),
        Output::Plain(_) => false,
    }
}

// ---- JSON ----

fn json_row(row: &'static OpDef, found: &Found) -> String {
    let forms = [
        ("function", Forms::FUNCTION),
        ("method", Forms::METHOD),
        ("inplace", Forms::INPLACE),
        ("out", Forms::OUT),
        ("functional", Forms::FUNCTIONAL),
    ];
    json_object([
        ("name", json_text(row.name)),
        ("family", json_text(row.family())),
        ("doc", json_text(row.doc)),
        ("params", json_list(row.params().iter().map(json_param))),
        ("forms", json_list(forms.iter().filter(|(_, form)| row.forms.has(*form)).map(|(name, _)| json_text(name)))),
        ("returns", json_list(row.returns.iter().map(|name| json_text(name)))),
        ("result", json_text(found.result)),
        ("differentiable", found.differentiable.to_string()),
        ("torch", json_text(row.torch)),
        ("onnx", json_text(row.onnx.unwrap_or(""))),
    ])
}

fn json_param(param: &Param) -> String {
    let kind = match param.kind {
        ParamKind::Tensor => "Tensor",
        ParamKind::Operand => "Operand",
        ParamKind::Tensors => "Tensor[]",
        ParamKind::Number => "Number",
        ParamKind::Int => "int",
        ParamKind::Ints => "int[]",
        ParamKind::Float => "float",
        ParamKind::Bool => "bool",
        ParamKind::Text => "str",
        ParamKind::DType => "dtype",
        ParamKind::Device => "device",
        ParamKind::Generator => "Generator",
    };
    json_object([
        ("name", json_text(param.name)),
        ("kind", json_text(kind)),
        ("optional", param.optional.to_string()),
        ("default", param.default.as_ref().map_or("null".to_owned(), |value| json_text(&python(value)))),
        ("keyword_only", param.keyword_only.to_string()),
    ])
}

/// A default as Python spells it.
fn python(value: &Value) -> String {
    match value {
        Value::Scalar(Scalar::Bool(true)) => "True".to_owned(),
        Value::Scalar(Scalar::Bool(false)) => "False".to_owned(),
        Value::Scalar(number) => number.to_string(),
        Value::Ints(list) => format!("{list:?}"),
        Value::Text(text) => format!("'{text}'"),
        Value::DType(dtype) => dtype.to_string(),
        _ => "None".to_owned(),
    }
}

fn json_object<const N: usize>(fields: [(&str, String); N]) -> String {
    format!("{{{}}}", fields.map(|(name, value)| format!("{}: {value}", json_text(name))).join(", "))
}

fn json_list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

fn json_text(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            c if c.is_control() => format!("\\u{:04x}", c as u32),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}
