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

/// What operators are tried with, until one call is accepted.
struct Sample {
    dtype: DType,
    word: &'static str,
    /// Whether parameters with a usual value get one that is not None.
    all_given: bool,
    shape: &'static [usize],
    integers: &'static [i64],
}

fn samples() -> impl Iterator<Item = Sample> {
    const SHAPES: [&[usize]; 6] = [&[2, 2], &[2], &[], &[1, 2, 2], &[1, 2, 2, 2], &[1, 2, 2, 2, 2]];
    const INTEGERS: [&[i64]; 6] = [&[0], &[1], &[2, 2], &[1, 1], &[0, 1], &[]];
    let values = [DType::F32, DType::I64].into_iter().flat_map(|dtype| {
        ["sum", "none"]
            .into_iter()
            .flat_map(move |word| [false, true].map(|all_given| (dtype, word, all_given)))
    });
    values.flat_map(|(dtype, word, all_given)| {
        SHAPES.into_iter().flat_map(move |shape| {
            INTEGERS.into_iter().map(move |integers| Sample { dtype, word, all_given, shape, integers })
        })
    })
}

fn probe(row: &'static OpDef) -> Option<Found> {
    let output = samples().find_map(|sample| sample.call(row).ok())?;
    Some(Found { result: result_kind(&output), differentiable: is_on_tape(&output) })
}

impl Sample {
    fn call(&self, row: &'static OpDef) -> Result<Output> {
        let args: Result<Vec<Value>> = row.params().iter().map(|param| self.argument(param)).collect();
        row.call(&args?)
    }

    fn argument(&self, param: &Param) -> Result<Value> {
        match &param.default {
            Some(Value::None) if self.all_given => {}
            Some(default) => return Ok(default.clone()),
            None if param.optional && !self.all_given => return Ok(Value::None),
            None => {}
        }
        Ok(match param.kind {
            ParamKind::Tensor | ParamKind::Operand => Value::Tensor(self.tensor(param)?),
            ParamKind::Tensors => Value::Tensors(vec![Some(self.tensor(param)?), Some(self.tensor(param)?)]),
            ParamKind::Number | ParamKind::Float => Value::Scalar(Scalar::Float(1.0)),
            ParamKind::Int => Value::Scalar(Scalar::Int(self.integers.first().copied().unwrap_or(0))),
            ParamKind::Ints => Value::Ints(self.integers.iter().copied().collect()),
            ParamKind::Bool => Value::Scalar(Scalar::Bool(false)),
            ParamKind::Text => Value::Text(self.word.into()),
            ParamKind::DType => Value::DType(self.dtype),
            ParamKind::Device => Value::Device(0),
            ParamKind::Generator => Value::None,
        })
    }

    /// Positions where the name asks for them, else numbers that want a gradient if they can have one.
    fn tensor(&self, param: &Param) -> Result<Tensor> {
        match param.name {
            "index" | "indices" | "target" => Tensor::full(self.shape, 0, DType::I64, 0),
            "condition" | "mask" => Tensor::full(self.shape, true, DType::Bool, 0),
            _ => {
                let tensor = Tensor::full(self.shape, 1, self.dtype, 0)?;
                tensor.requires_grad_(self.dtype.is_float())
            }
        }
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
        (
            "forms",
            json_list(forms.iter().filter(|(_, form)| row.forms.has(*form)).map(|(name, _)| json_text(name))),
        ),
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
