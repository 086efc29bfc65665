//! Tests of the table itself: every row parses, evaluates, and has the gradient finite differences say.

use super::{all, lookup};
use crate::ops::def::{Kind, OpDef, ParamKind};
use crate::ops::pointwise::{DtypeRule, Gradient, Pointwise, PointwiseRow};
use crate::ops::{Forms, Output, Value};
use crate::tensor::Tensor;
use st_kernel::{DType, Scalar};
use std::collections::HashSet;

fn pointwise_rows() -> impl Iterator<Item = (&'static OpDef, &'static PointwiseRow)> {
    all().filter_map(|def| if let Kind::Pointwise(row) = &def.kind { Some((def, row)) } else { None })
}

/// An instance of a row for operands of one dtype; parameters have the dtype computed in.
fn instance(def: &'static OpDef, row: &PointwiseRow, dtype: DType) -> Pointwise {
    let mut inputs = vec![dtype; def.params().len()];
    inputs[row.operands..].fill(if dtype.is_float() { dtype.compute() } else { DType::F32 });
    match row.dtype {
        DtypeRule::Choose => inputs[0] = DType::Bool,
        DtypeRule::Fill => inputs[1] = DType::Bool,
        _ => {}
    }
    row.make(&inputs, dtype)
}

/// The usual value of a parameter, something harmless where it has none.
fn parameter(def: &'static OpDef, i: usize) -> f64 {
    match &def.params()[i].default {
        Some(Value::Scalar(s)) => s.to_f64(),
        _ => 0.75 + i as f64,
    }
}

/// Points inside the row's domain, away from the corners at simple numbers.
fn points(def: &'static OpDef, row: &PointwiseRow) -> Vec<Vec<f64>> {
    let (low, high) = def.domain;
    let operand = |k: usize, i: usize| {
        low + (high - low) * ((k * 7 + i * 5) % 13) as f64 / 13.0 + 0.0371 * (high - low)
    };
    let value = |k: usize, i: usize| if i < row.operands { operand(k, i) } else { parameter(def, i) };
    (0..13).map(|k| (0..def.params().len()).map(|i| value(k, i)).collect()).collect()
}

fn numbers(pointwise: Pointwise, point: &[f64]) -> Vec<Scalar> {
    point.iter().zip(&pointwise.expr().inputs).map(|(&x, &dtype)| Scalar::Float(x).cast(dtype)).collect()
}

fn value_at(pointwise: Pointwise, point: &[f64]) -> Scalar {
    pointwise.expr().eval(&numbers(pointwise, point))[0]
}

#[test]
fn every_signature_parses() {
    for def in all() {
        assert!(crate::ops::signature::parse(def.signature).is_ok(), "{}{}", def.name, def.signature);
        assert!(
            def.doc.len() > 5 && !def.doc.starts_with(' ') && def.doc.ends_with('.'),
            "{}: {:?}",
            def.name,
            def.doc
        );
        assert!(def.domain.0 < def.domain.1, "{}", def.name);
    }
}

#[test]
fn overloads_differ_and_methods_have_a_receiver() {
    let mut seen = HashSet::new();
    for def in all().filter(|d| d.forms != Forms::HIDDEN) {
        assert!(seen.insert((def.name, def.signature)), "{}{} stands twice", def.name, def.signature);
        assert!(lookup(def.name).iter().any(|d| std::ptr::eq(*d, def)));
        if def.forms.has(Forms::METHOD) {
            let tensor = |kind| matches!(kind, ParamKind::Tensor | ParamKind::Operand);
            assert!(def.params().iter().any(|p| tensor(p.kind)), "{} has no receiver", def.name);
        }
    }
    assert!(lookup("no_such_operator").is_empty());
}

#[test]
fn pointwise_rows_evaluate_for_every_dtype_they_take() {
    for (def, row) in pointwise_rows() {
        let floats = [DType::F16, DType::BF16, DType::F32, DType::F64];
        let ints = [DType::Bool, DType::U8, DType::I64];
        let takes = |d: DType| match row.dtype {
            _ if def.name.starts_with("frexp") => d.is_float(),
            DtypeRule::Promote | DtypeRule::Compare | DtypeRule::Choose | DtypeRule::Fill => true,
            DtypeRule::Number | DtypeRule::Cut | DtypeRule::NoBool => d != DType::Bool,
            DtypeRule::Bits => !d.is_float(),
            DtypeRule::Integer => d.is_int(),
            DtypeRule::Float | DtypeRule::ToFloat => d.is_float(),
            DtypeRule::Logical => d == DType::Bool,
        };
        for dtype in floats.into_iter().chain(ints).filter(|&d| takes(d)) {
            let mut inputs = vec![dtype; def.params().len()];
            if row.dtype == DtypeRule::Compare && !dtype.is_float() {
                inputs[row.operands..].fill(DType::F32);
            } else {
                inputs[row.operands..].fill(dtype.compute());
            }
            let made = row.make(&inputs, dtype);
            let point: Vec<f64> = points(def, row)[3].iter().map(|x| x.abs().max(1.0)).collect();
            let got = value_at(made, &point);
            assert!(
                !got.to_f64().is_nan() || row.dtype == DtypeRule::ToFloat,
                "{} of {dtype} at {point:?}",
                def.name
            );
            let expected = match (row.dtype, def.name, dtype) {
                (_, "frexp_exponent", _) => DType::I32,
                (DtypeRule::Compare, ..) => DType::Bool,
                (_, "square", DType::Bool) => DType::I64, // as torch's
                _ => dtype,
            };
            assert_eq!(made.expr().out_dtype(0), expected, "{}", def.name);
        }
    }
}

/// The row of two numbers' clamp; that of two tensors comes after it.
fn clamp_between() -> &'static OpDef {
    pointwise_rows().find(|(def, _)| def.name == "clamp").expect("there is one").0
}

#[test]
fn gradients_match_finite_differences() {
    const H: f64 = 1e-6;
    let mut checked = 0;
    for (def, row) in pointwise_rows() {
        if matches!(row.dtype, DtypeRule::Bits | DtypeRule::Integer | DtypeRule::Logical | DtypeRule::Compare)
        {
            continue;
        }
        // Torch has no derivative of orthogonal polynomials, nor have we; `passed` is there for a gradient of its own; what
        // `next_towards` takes describes a dtype, and drawn at random means nothing.
        if matches!(def.name, "polynomial" | "shifted_polynomial" | "passed" | "next_towards") {
            continue;
        }
        let y = instance(def, row, DType::F64);
        for point in points(def, row) {
            // The bounds of these are always numbers, which take no gradient.
            let bounded =
                ["clamp_min", "clamp_max"].contains(&def.name) || std::ptr::eq(def, clamp_between());
            let operands = if bounded { 1 } else { row.operands };
            // As in torch, the orders of these functions have no derivative: it is NaN.
            let order = match def.name {
                "scaled_zeta" => Some(1),
                "special_zeta" | "igamma" | "igammac" | "special_gammainc" | "special_gammaincc" => Some(0),
                _ => None,
            };
            for i in (0..operands).filter(|&i| y.expr().inputs[i].is_float() && Some(i) != order) {
                let moved = |h: f64| {
                    let mut point = point.clone();
                    point[i] += h;
                    value_at(y, &point).to_f64()
                };
                let expected = (moved(H) - moved(-H)) / (2.0 * H);
                let got = y.gradient(i).map_or(0.0, |g| {
                    let mut values = numbers(y, &point);
                    values.extend([value_at(y, &point), Scalar::Float(1.0)]);
                    gradient_at(g, &values)
                });
                let close = (got - expected).abs() <= 1e-5 * expected.abs().max(1.0);
                assert!(close, "{} by operand {i} at {point:?}: {got}, differences say {expected}", def.name);
                checked += 1;
            }
        }
    }
    assert!(checked > 1000);
}

/// A gradient at the operands, the output and the upstream gradient.
fn gradient_at(gradient: &Gradient, all: &[Scalar]) -> f64 {
    let read: Vec<Scalar> = gradient.reads.iter().map(|&k| all[usize::from(k)]).collect();
    gradient.pointwise.expr().eval(&read)[0].to_f64()
}

#[test]
fn gradients_are_finite_at_the_ends_of_activations() {
    for (def, row) in pointwise_rows().filter(|(def, _)| def.forms.has(Forms::FUNCTIONAL)) {
        let y = instance(def, row, DType::F32);
        for x in [-200.0, -1.0, 0.0, 1.0, 200.0] {
            let mut point: Vec<f64> = (0..def.params().len()).map(|i| parameter(def, i)).collect();
            point[0] = x;
            let mut values = numbers(y, &point);
            values.extend([value_at(y, &point), Scalar::Float(1.0)]);
            let got = y.gradient(0).map_or(0.0, |g| gradient_at(g, &values));
            assert!(got.is_finite(), "{} at {x}: {got}", def.name);
        }
    }
}

#[test]
fn rows_run_as_they_evaluate() {
    for (def, row) in pointwise_rows() {
        let dtype = match row.dtype {
            DtypeRule::Bits | DtypeRule::Integer => DType::I32,
            DtypeRule::Logical => DType::Bool,
            _ => DType::F32,
        };
        let made = instance(def, row, dtype);
        let points = points(def, row);
        let column = |i: usize| {
            let dtype = made.expr().inputs[i];
            let mut bytes = Vec::new();
            points.iter().for_each(|p| Scalar::Float(p[i]).cast(dtype).write(dtype, &mut bytes));
            Value::Tensor(Tensor::from_bytes(&bytes, &[points.len()], dtype, 0).unwrap())
        };
        let argument =
            |i: usize| if i < row.operands { column(i) } else { Value::Scalar(parameter(def, i).into()) };
        let args: Vec<Value> = (0..def.params().len()).map(argument).collect();
        let Output::One(result) = def.call(&args).unwrap_or_else(|e| panic!("{}: {e}", def.name)) else {
            panic!("{} gives one tensor", def.name)
        };
        assert_eq!(result.dtype(), made.expr().out_dtype(0), "{}", def.name);
        for (point, got) in points.iter().zip(result.to_vec::<f64>().unwrap()) {
            let expected = value_at(made, point).to_f64();
            let close = (got - expected).abs() <= 2e-5 * expected.abs().max(1.0) || got == expected;
            assert!(
                close || got.is_nan() && expected.is_nan(),
                "{} at {point:?}: {got}, not {expected}",
                def.name
            );
        }
    }
}

#[test]
fn errors_name_operator_operands_and_remedy() {
    let x = Tensor::from_slice(&[true, false], &[2]).unwrap();
    let y = Tensor::from_slice(&[1.0f32, 2.0, 3.0], &[3]).unwrap();
    let message = |r: crate::Result<Tensor>| r.unwrap_err().to_string();
    let refused = message(x.sub(1));
    assert!(
        refused.contains("sub") && refused.contains("bool[2], 1") && refused.contains("logical_not"),
        "{refused}"
    );
    let shapes = message(x.add(&y));
    assert!(
        shapes.contains("add") && shapes.contains("bool[2], float32[3]") && shapes.contains("broadcast"),
        "{shapes}"
    );
    let kind = Tensor::from_slice(&[1i64], &[1]).unwrap();
    assert!(message(kind.gelu()).contains("int64[1]"));
    assert!(message(kind.add_scaled(&kind, 0.5)).contains("floating point"));
    assert!(message(kind.pow(-1)).contains("negative"));
    let wrong = lookup("sum")[0].call(&[Value::Text("x".into())]).err().unwrap();
    assert_eq!(wrong.to_string(), "sum(): argument 'input' must be Tensor, not str");
}

#[test]
fn promotion_is_torchs() {
    let of = |dtype: DType, shape: &[usize]| Tensor::full(shape, 1, dtype, 0).unwrap();
    let (ints, half, wide) = (of(DType::I32, &[2]), of(DType::F16, &[2]), of(DType::F64, &[]));
    assert_eq!(ints.add(1.5).unwrap().dtype(), DType::F32);
    assert_eq!(ints.add(2).unwrap().dtype(), DType::I32);
    assert_eq!(half.mul(&wide).unwrap().dtype(), DType::F16);
    assert_eq!(ints.mul(&wide).unwrap().dtype(), DType::F64);
    assert_eq!(ints.div(&ints).unwrap().dtype(), DType::F32);
    assert_eq!(of(DType::Bool, &[2]).add(1).unwrap().dtype(), DType::I64);
    assert_eq!(of(DType::U8, &[2]).add(&of(DType::I8, &[2])).unwrap().dtype(), DType::I16);
    assert_eq!(ints.eq(1.5).unwrap().dtype(), DType::Bool);
    assert_eq!(ints.exp().unwrap().dtype(), DType::F32);
    assert_eq!(half.leaky_relu(0.1).unwrap().dtype(), DType::F16);
}

#[test]
fn corners_are_torchs() {
    let value = |name: &str, dtype: DType, point: &[f64]| {
        let (def, row) =
            pointwise_rows().find(|(def, row)| def.name == name && row.operands == point.len()).unwrap();
        value_at(instance(def, row, dtype), point).to_f64()
    };
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    assert_eq!(value("round", DType::F32, &[2.5]), 2.0);
    assert_eq!(value("sign", DType::F32, &[nan]), 0.0);
    assert!(
        value("relu", DType::F32, &[nan]).is_nan() && value("relu", DType::F32, &[-0.0]).is_sign_negative()
    );
    assert_eq!(
        (value("remainder", DType::I64, &[-7.0, 3.0]), value("fmod", DType::I64, &[-7.0, 3.0])),
        (2.0, -1.0)
    );
    assert_eq!(value("floor_divide", DType::F32, &[-7.0, 2.0]), -4.0);
    assert_eq!((value("fmax", DType::F32, &[nan, 1.0]), value("fmin", DType::F32, &[1.0, nan])), (1.0, 1.0));
    assert!(
        value("maximum", DType::F32, &[nan, 1.0]).is_nan()
            && value("clamp", DType::F32, &[nan, 0.0, 1.0]).is_nan()
    );
    assert_eq!(value("clamp", DType::F32, &[5.0, 3.0, 1.0]), 1.0);
    assert_eq!(value("bitwise_left_shift", DType::I32, &[5.0, 40.0]), 0.0);
    assert_eq!(value("bitwise_right_shift", DType::I64, &[-5.0, -1.0]), -1.0);
    assert_eq!(value("logaddexp", DType::F32, &[-inf, -inf]), -inf);
    assert_eq!(value("xlogy", DType::F32, &[0.0, 0.0]), 0.0);
    assert_eq!(value("hypot", DType::F32, &[nan, inf]), inf);
    assert_eq!(value("hypot", DType::F32, &[3e30, 4e30]), 5e30f32 as f64);
    assert_eq!(value("heaviside", DType::F32, &[0.0, 0.5]), 0.5);
    assert_eq!(value("add", DType::Bool, &[1.0, 1.0]), 1.0);
    assert_eq!(value("add", DType::U8, &[200.0, 100.0]), 44.0);
    assert_eq!(value("logit", DType::F32, &[0.0]), -inf);
}
