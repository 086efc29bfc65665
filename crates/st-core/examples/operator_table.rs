//! Prints the operator table, a JSON object a line, for `tools/generate.py`.
//!
//! What a row does not say is found by calling it with small tensors: what kind of result it gives, and whether a gradient
//! flows through it. Nothing is computed for that; the calls only build graphs.

use st_core::autograd::grad;
use st_core::ops::{self, Forms, OpDef, Output, Param, ParamKind, Value};
use st_core::{Complex, DType, Result, Scalar, Tensor};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut complete = true;
    let samples = samples();
    for row in ops::all().filter(|row| row.forms != Forms::HIDDEN) {
        match probe(row, &samples) {
            Some(found) => {
                let aliases =
                    ops::ALIASES.iter().filter(|(_, name)| *name == row.name).map(|&(alias, _)| alias);
                for name in [row.name].into_iter().chain(aliases) {
                    println!("{}", json_row(row, name, &found));
                }
            }
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
#[derive(Clone, Copy)]
struct Sample {
    dtype: DType,
    /// Whether tensors want gradients; an operator that writes in place refuses those.
    tape: bool,
    /// Whether parameters that are None unless given are given.
    all_given: bool,
    /// The parameter that gets positions or numbers of classes.
    positions: &'static str,
    word: &'static str,
    shape: &'static [usize],
    integers: &'static [i64],
    complex: bool,
}

/// The likeliest first.
fn samples() -> Vec<Sample> {
    const SHAPES: [&[usize]; 6] = [&[2, 2], &[2], &[], &[2, 2, 2], &[2, 2, 2, 2], &[2, 2, 2, 2, 2]];
    const INTEGERS: [&[i64]; 7] = [&[0], &[1], &[2, 2], &[1, 1], &[0, 1], &[1, 2], &[]];
    const WORDS: [&str; 7] = ["none", "sum", "floor", "fro", "i,i", "mean", "add"];
    let mut list = Vec::new();
    for (dtype, tape) in [(DType::F32, true), (DType::I64, false), (DType::F32, false)] {
        for (all_given, positions) in [(false, ""), (true, ""), (false, "target"), (false, "input")] {
            for word in WORDS {
                for shape in SHAPES {
                    list.extend(INTEGERS.map(|integers| Sample {
                        dtype,
                        tape,
                        all_given,
                        positions,
                        word,
                        shape,
                        integers,
                        complex: false,
                    }));
                }
            }
        }
    }
    list.extend(list.first().map(|usual| Sample { complex: true, ..*usual }));
    list
}

fn probe(row: &'static OpDef, samples: &[Sample]) -> Option<Found> {
    let mut calls = samples.iter().filter_map(|sample| sample.call(row).ok());
    let Some(first) = calls.next() else {
        return (!row.gives.is_empty()).then_some(Found { result: row.gives, differentiable: true });
    };
    let has_gradient = |(args, output): &(Vec<Value>, Output)| {
        let leaves: Vec<&Tensor> = args.iter().flat_map(tensors_in).filter(|t| t.requires_grad()).collect();
        has_gradient(output, &leaves)
    };
    // (Some sizes have none, such as pools of nothing.)
    let differentiable = has_gradient(&first) || calls.take(32).any(|call| has_gradient(&call));
    Some(Found { result: result_kind(&first.1), differentiable })
}

/// Parameters that are given only where others are not.
const ALONE: [&str; 3] = ["indices", "output_ratio", "_random_samples"];

impl Sample {
    fn call(&self, row: &'static OpDef) -> Result<(Vec<Value>, Output)> {
        let args: Result<Vec<Value>> = row.params().iter().map(|param| self.argument(row, param)).collect();
        let args = args?;
        let output = row.call(&args)?;
        Ok((args, output))
    }

    fn argument(&self, row: &OpDef, param: &Param) -> Result<Value> {
        match &param.default {
            Some(Value::None) if self.all_given && !ALONE.contains(&param.name) => {}
            Some(default) => return Ok(default.clone()),
            None => {}
        }
        Ok(match param.kind {
            ParamKind::Tensor if self.complex => {
                Value::Complex(Complex::from_real(&self.tensor(row, param)?, self.dtype)?)
            }
            ParamKind::Tensor | ParamKind::Operand => Value::Tensor(self.tensor(row, param)?),
            ParamKind::Tensors => {
                Value::Tensors(vec![Some(self.tensor(row, param)?), Some(self.tensor(row, param)?)])
            }
            ParamKind::Float if param.name == "p" => Value::Scalar(Scalar::Float(0.5)),
            ParamKind::Number | ParamKind::Float => Value::Scalar(Scalar::Float(1.0)),
            ParamKind::Int => Value::Scalar(Scalar::Int(self.integer(param))),
            ParamKind::Ints => Value::Ints(self.integers.iter().copied().collect()),
            ParamKind::OpenInts => Value::OpenInts(self.integers.iter().map(|&i| Some(i)).collect()),
            ParamKind::Floats => Value::Floats(self.integers.iter().map(|&i| i as f64).collect()),
            ParamKind::Bool => Value::Scalar(Scalar::Bool(false)),
            ParamKind::Text if param.name == "equation" => Value::Text("...,...->...".into()),
            ParamKind::Text => Value::Text(self.word.into()),
            ParamKind::DType => Value::DType(self.dtype),
            ParamKind::Device => Value::Device(0),
            ParamKind::Generator => Value::None,
        })
    }

    fn integer(&self, param: &Param) -> i64 {
        match param.name {
            "high" | "to" | "n_fft" => 2,
            _ => self.integers.first().copied().unwrap_or(0),
        }
    }

    /// Positions, truth values, vectors where the name asks for them, else numbers.
    fn tensor(&self, row: &OpDef, param: &Param) -> Result<Tensor> {
        let numbers = |shape: &[usize]| {
            let ones = Tensor::full(shape, 1, self.dtype, 0)?;
            // Matrices are ones that can be inverted.
            let made = if *shape == [2, 2] { ones.tril(0)?.triu(0)? } else { ones };
            made.detach().requires_grad_(self.tape)
        };
        match param.name {
            "tau" => numbers(&[2]),
            "input2" if matches!(row.name, "orgqr" | "ormqr") => numbers(&[2]),
            "pivots" | "LU_pivots" => Tensor::full(&[2], 1, DType::I32, 0),
            "src" if matches!(row.name, "select_scatter" | "diagonal_scatter") => numbers(&[2]),
            "batch1" | "batch2" => numbers(&[2, 2, 2]),
            "input" | "other" if row.name.ends_with("cross") => numbers(&[3]),
            "index" if row.name == "index_reduce" => Tensor::full(&[2], 0, DType::I64, 0),
            "weight" | "bias" if row.name == "batch_norm" => numbers(&[2]),
            "input" if row.name == "fold" => numbers(&[4, 1]),
            "start" => Tensor::full(&[], 0, DType::I64, 0),
            "lengths" | "offsets" if row.name == "segment_reduce" => Tensor::full(&[2], 1, DType::I64, 0),
            "target" if self.positions == "target" => Tensor::full(&[2], 0, DType::I64, 0),
            "index" | "indices" | "repeats" => Tensor::full(self.shape, 0, DType::I64, 0),
            name if name == self.positions => Tensor::full(self.shape, 0, DType::I64, 0),
            "condition" | "mask" => Tensor::full(self.shape, true, DType::Bool, 0),
            "vec" => numbers(&[2]),
            "mat" => numbers(&[2, 2]),
            "running_mean" | "running_var" => Tensor::full(&[2], 1, self.dtype, 0),
            _ => numbers(self.shape),
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
        Output::Complex(_) => "Tensor",
        Output::Tuple(_) => "Tensor[]",
    }
}

fn tensors_in(value: &Value) -> Vec<&Tensor> {
    match value {
        Value::Tensor(tensor) => vec![tensor],
        Value::Tensors(tensors) => tensors.iter().flatten().collect(),
        Value::Complex(z) => vec![z.pairs()],
        Value::List(list) => list.iter().flat_map(tensors_in).collect(),
        _ => vec![],
    }
}

/// Whether a leaf gets a gradient. What is on the tape may yet refuse to give one.
fn has_gradient(output: &Output, leaves: &[&Tensor]) -> bool {
    let reaches = |tensor: &Tensor| {
        let gradient =
            |leaf: &&Tensor| grad(&[tensor.sum_all()?], &[(*leaf).clone()], None, true, false, true, false);
        tensor.requires_grad() && leaves.iter().any(|leaf| gradient(leaf).is_ok())
    };
    match output {
        Output::One(tensor) => reaches(tensor),
        Output::Many(tensors) => tensors.iter().any(reaches),
        Output::Plain(_) => false,
        Output::Complex(z) => reaches(z.pairs()),
        Output::Tuple(parts) => parts.iter().any(|part| has_gradient(part, leaves)),
    }
}

// ---- JSON ----

fn json_row(row: &'static OpDef, name: &'static str, found: &Found) -> String {
    let forms = [
        ("function", Forms::FUNCTION),
        ("method", Forms::METHOD),
        ("inplace", Forms::INPLACE),
        ("out", Forms::OUT),
        ("functional", Forms::FUNCTIONAL),
        ("argument", Forms::ARGUMENT),
    ];
    json_object([
        ("name", json_text(name)),
        ("alias_of", json_text(if name == row.name { "" } else { row.name })),
        ("namespace", json_text(ops::namespace(name).map_or("", |(namespace, _)| namespace))),
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
        ("torch", json_text(&row.reference())),
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
        ParamKind::OpenInts => "int?[]",
        ParamKind::Floats => "float[]",
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
