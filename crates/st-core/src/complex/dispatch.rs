//! What a row of the operator table does with complex arguments.
//!
//! Most need no formula: an operator that is linear in its values acts on the real and on the imaginary parts, and one that
//! makes a view of the parts makes the same view of the pairs.

use super::checks::{expect_fitting, expect_one_dtype, expect_simple, refusal};
use super::composites::COMPOSITES;
use super::names::{LINEAR, Names, OF_ANY_NUMBERS, OF_FIRST_DTYPE, OF_ONE_DTYPE, PRODUCTS, SUMS};
use super::pointwise::{COMPARISONS, FORMULAS, MEASURES, compare, find, formula, measure};
use super::reductions::{mean, spread, spread_and_mean};
use super::scatter::SCATTERS;
use super::{Complex, bytes, moves, norms, parts_of};
use crate::autograd::with_idle;
use crate::ops::{self, Kind, OpDef, Output, ParamKind, Value};
use crate::tensor::Tensor;
use st_kernel::{DType, Result, Scalar, runtime_err, type_err, unsupported};

/// Parameters that hold values, and not places or masks.
const VALUES: &[&str] = &[
    "input",
    "other",
    "src",
    "source",
    "value",
    "values",
    "tensors",
    "fill_value",
    "operands",
    "start",
    "end",
    "s",
];

pub(super) type Own = fn(&'static OpDef, &[Value]) -> Result<Output>;

/// Those that are neither.
const OWN: &[(&str, Own)] = &[
    ("addbmm", |_, v| affine("addbmm", "addbmm", v)),
    ("addmm", |_, v| affine("addmm", "mm", v)),
    ("addmv", |_, v| affine("addmv", "mv", v)),
    ("baddbmm", |_, v| affine("baddbmm", "bmm", v)),
    ("adjoint", |_, v| {
        let z = z(v, 0)?;
        if z.dim() == 0 {
            return z.conj().map(Output::Complex);
        }
        if z.dim() < 2 {
            return Err(runtime_err!(
                "tensor.adjoint() is only supported on matrices or batches of matrices. Got {}-D tensor.",
                z.dim()
            ));
        }
        complex("transpose", vec![Value::Complex(z.conj()?), int(-2), int(-1)]).map(Output::Complex)
    }),
    ("all", |d, v| on_truth(d, v)),
    ("any", |d, v| on_truth(d, v)),
    ("allclose", |_, v| {
        let close = real("isclose", v.to_vec())?;
        close.all(&[], false)?.item().map(|s| Output::Plain(Value::Scalar(Scalar::Bool(s.to_bool()))))
    }),
    ("argwhere", |d, v| on_truth(d, v)),
    ("bilinear", |d, v| {
        let (of, bias) = v.split_at(3);
        let product = multilinear(d, &[of, &[Value::None]].concat())?;
        match &bias[0] {
            Value::None => Ok(product),
            bias => call_named("add", &[value(product), bias.clone(), Value::Scalar(1.into())]),
        }
    }),
    ("chalf", |_, v| convert(&v[0], DType::F16).map(Output::Complex)),
    ("cdouble", |_, v| convert(&v[0], DType::F64).map(Output::Complex)),
    ("cfloat", |_, v| convert(&v[0], DType::F32).map(Output::Complex)),
    ("clone", |_, v| z(v, 0)?.pairs().copy().map(pairs)),
    ("conj", |_, v| z(v, 0)?.conj().map(Output::Complex)),
    ("contiguous", |_, v| {
        let z = z(v, 0)?;
        let dense = z.pairs().contiguous()?;
        Ok(Output::Complex(if dense.is(z.pairs()) { z.clone() } else { Complex::of_pairs(dense) }))
    }),
    ("conv1d", |d, v| with_bias(d, v, 1)),
    ("conv2d", |d, v| with_bias(d, v, 2)),
    ("conv3d", |d, v| with_bias(d, v, 3)),
    ("conv_transpose1d", |d, v| with_bias(d, v, 1)),
    ("conv_transpose2d", |d, v| with_bias(d, v, 2)),
    ("conv_transpose3d", |d, v| with_bias(d, v, 3)),
    ("linear", |d, v| with_bias(d, v, 0)),
    ("count_nonzero", |d, v| on_truth(d, v)),
    ("cpu", |_, v| moves::placed(Output::Complex(z(v, 0)?.clone()), Some(0))),
    ("cumprod", |_, v| z(v, 0)?.cumprod(number(&v[1])).map(Output::Complex)),
    ("dist", |_, v| {
        let difference = complex("sub", vec![v[0].clone(), v[1].clone(), Value::Scalar(1.into())])?;
        call_named(
            "dist",
            &[
                Value::Tensor(difference.abs()?),
                Value::Tensor(Tensor::zeros(&[], difference.parts(), 0)?),
                v[2].clone(),
            ],
        )
    }),
    ("double", |_, v| real_as(v, DType::F64)),
    ("float", |_, v| real_as(v, DType::F32)),
    ("equal", |_, v| {
        let (a, b) = (shape_of(&v[0]), shape_of(&v[1]));
        let same = a == b && real("eq", vec![v[0].clone(), v[1].clone()])?.all(&[], false)?.item()?.to_bool();
        Ok(Output::Plain(Value::Scalar(Scalar::Bool(same))))
    }),
    ("is_nonzero", |d, v| on_truth(d, v)),
    ("eye", |d, v| real_part_only(d, v)),
    ("bfloat16", |_, v| real_as(v, DType::BF16)),
    ("byte", |_, v| real_as(v, DType::U8)),
    ("char", |_, v| real_as(v, DType::I8)),
    ("half", |_, v| real_as(v, DType::F16)),
    ("int", |_, v| real_as(v, DType::I32)),
    ("long", |_, v| real_as(v, DType::I64)),
    ("short", |_, v| real_as(v, DType::I16)),
    ("dropout", masked),
    ("dropout1d", masked),
    ("dropout2d", masked),
    ("dropout3d", masked),
    ("feature_dropout", masked),
    ("l1_loss", |d, v| {
        let difference = complex("sub", vec![v[0].clone(), v[1].clone(), Value::Scalar(1.into())])?.abs()?;
        let mut args = v.to_vec();
        args[1] = Value::Tensor(nothing_like(&difference)?);
        args[0] = Value::Tensor(difference);
        d.call(&args)
    }),
    ("log_softmax", of_real_dtype),
    ("softmax", of_real_dtype),
    ("softmin", of_real_dtype),
    ("logdet", |_, v| match call_named("linalg_det", v)? {
        Output::Complex(det) => call_named("log", &[Value::Complex(det)]),
        other => Ok(other),
    }),
    ("linspace", |d, v| {
        expect_complex_dtype(d, v)?;
        linear(d, v)
    }),
    ("logspace", |d, v| {
        expect_complex_dtype(d, v)?;
        real_part_only(d, v)
    }),
    ("logsumexp", |_, v| {
        let (z, dims) = (z(v, 0)?, ints(&v[1]));
        let (scaled, largest) = scaled_exp(z, &dims)?;
        let keep = matches!(&v[2], Value::Scalar(s) if s.to_bool());
        let sums = call_named("sum", &[Value::Complex(scaled), v[1].clone(), v[2].clone(), Value::None])?;
        let largest = if keep || z.dim() == 0 {
            largest
        } else {
            largest.squeeze((!dims.is_empty()).then_some(&dims[..]))?
        };
        logarithm(sums, largest)
    }),
    ("normalize", |_, v| {
        let z = z(v, 0)?;
        let args =
            [Value::Tensor(z.abs()?), v[1].clone(), v[2].clone(), Value::Scalar(true.into()), Value::None];
        let Output::One(size) = call_named("norm", &args)? else {
            return Err(runtime_err!("normalize: no norm"));
        };
        call_named("div", &[v[0].clone(), Value::Tensor(size.clamp_min(number_f64(&v[3]))?)])
    }),
    ("pairwise_distance", |d, v| {
        let difference = complex("sub", vec![v[0].clone(), v[1].clone(), Value::Scalar(1.into())])?;
        let apart =
            complex("add", vec![Value::Complex(difference), v[3].clone(), Value::Scalar(1.into())])?.abs()?;
        let mut args = v.to_vec();
        args[1] = Value::Tensor(nothing_like(&apart)?);
        args[0] = Value::Tensor(apart);
        args[3] = Value::Scalar(0.0.into());
        d.call(&args)
    }),
    ("empty_strided", |d, v| pairs_at(d, v)),
    ("new_empty_strided", |d, v| pairs_at(d, v)),
    ("imag", |_, v| z(v, 0)?.im().map(Output::One)),
    ("is_conj", |_, _| Ok(Output::Plain(Value::Scalar(false.into())))),
    ("is_neg", |_, _| Ok(Output::Plain(Value::Scalar(false.into())))),
    ("isclose", |_, v| {
        let (rtol, atol) = (number_f64(&v[2]), number_f64(&v[3]));
        let size = real("abs", vec![as_complex(&v[1])?])?;
        let apart = complex("sub", vec![v[0].clone(), v[1].clone(), Value::Scalar(1.into())])?.abs()?;
        let near = apart.le(&size.mul(rtol)?.add(atol)?)?.logical_and(&apart.isfinite()?)?;
        let mut close = near.logical_or(&real("eq", vec![v[0].clone(), v[1].clone()])?)?;
        if matches!(v.get(4), Some(Value::Scalar(s)) if s.to_bool()) {
            let nan = |v: &Value| real("isnan", vec![as_complex(v)?]);
            close = close.logical_or(&nan(&v[0])?.logical_and(&nan(&v[1])?)?)?;
        }
        Ok(Output::One(close))
    }),
    ("linalg_vecdot", |_, v| {
        let product = complex("mul", vec![conjugate(&v[0])?, v[1].clone()])?;
        call_named("sum", &[Value::Complex(product), v[2].clone(), Value::Scalar(false.into()), Value::None])
    }),
    ("linalg_vector_norm", |d, v| on_sizes(d, v)),
    ("matrix_H", |_, v| call_named("adjoint", v)),
    ("nonzero", |d, v| on_truth(d, v)),
    ("nonzero_static", |d, v| on_truth(d, v)),
    ("norm", norms::norm),
    ("linalg_norm", norms::norm),
    ("linalg_matrix_norm", norms::norm),
    ("ones", |d, v| real_part_only(d, v)),
    ("ones_like", |d, v| real_part_only(d, v)),
    ("new_ones", |d, v| real_part_only(d, v)),
    ("prod", |_, v| {
        let z = z(v, 0)?;
        match &v[1] {
            Value::None => z.reshape(&[-1])?.prod(0, false).map(Output::Complex),
            dim => z.prod(number(dim), matches!(&v[2], Value::Scalar(s) if s.to_bool())).map(Output::Complex),
        }
    }),
    ("mean", |d, v| mean(d, v)),
    ("nansum", |_, _| Err(unsupported!("nansum on CPU does not support complex inputs"))),
    ("rand", |d, v| both_parts(d, v, 1.0)),
    ("rand_like", |d, v| both_parts(d, v, 1.0)),
    ("randn", |d, v| both_parts(d, v, std::f64::consts::FRAC_1_SQRT_2)),
    ("randn_like", |d, v| both_parts(d, v, std::f64::consts::FRAC_1_SQRT_2)),
    ("ravel", |_, v| Complex::of_pairs(z(v, 0)?.pairs().contiguous()?).reshape(&[-1]).map(Output::Complex)),
    ("real", |_, v| z(v, 0)?.re().map(Output::One)),
    ("rms_norm", |_, v| {
        let dims: ops::Ints = (1..=ints(&v[1]).len() as i64).map(|d| -d).collect();
        let eps = match (&v[3], z(v, 0)?.parts()) {
            (Value::Scalar(s), _) => s.to_f64(),
            (_, DType::F64) => f64::EPSILON,
            _ => f64::from(f32::EPSILON),
        };
        let square = complex("square", vec![v[0].clone()])?;
        let mean = complex(
            "mean",
            vec![Value::Complex(square), Value::Ints(dims), Value::Scalar(true.into()), Value::None],
        )?;
        let shifted =
            complex("add", vec![Value::Complex(mean), Value::Scalar(eps.into()), Value::Scalar(1.into())])?;
        let scale = complex("rsqrt", vec![Value::Complex(shifted)])?;
        let scaled = complex("mul", vec![v[0].clone(), Value::Complex(scale)])?;
        match &v[2] {
            Value::None => Ok(Output::Complex(scaled)),
            weight => call_named("mul", &[Value::Complex(scaled), weight.clone()]),
        }
    }),
    ("fill_diagonal_", |d, v| {
        for which in 0..2 {
            d.call(&parts_of_args(d, v, which)?)?;
        }
        Ok(Output::Complex(z(v, 0)?.clone()))
    }),
    ("positive", |_, v| Ok(Output::Complex(z(v, 0)?.clone()))),
    ("resolve_conj", |_, v| Ok(Output::Complex(z(v, 0)?.clone()))),
    ("resolve_neg", |_, v| Ok(Output::Complex(z(v, 0)?.clone()))),
    ("result_type", |_, v| Ok(Output::Plain(Value::ComplexDType(super::pointwise::promoted(v))))),
    ("std", |d, v| spread(d, v)),
    ("std_mean", |d, v| spread_and_mean(d, v)),
    ("to", |d, v| moves::to(d, v)),
    ("type_as", |_, v| match &v[1] {
        Value::Complex(like) => {
            moves::placed(Output::Complex(convert(&v[0], like.parts())?), Some(like.pairs().device()))
        }
        Value::Tensor(like) => moves::placed(real_as(v, like.dtype())?, Some(like.device())),
        other => Err(type_err!("type_as(): argument 'other' must be Tensor, not {}", other.kind())),
    }),
    ("uniform_", |d, v| {
        let z = z(v, 0)?;
        let mut args = v.to_vec();
        args[0] = Value::Tensor(z.pairs().clone());
        d.call(&args)?;
        Ok(Output::Complex(z.clone()))
    }),
    ("normal_", |d, v| {
        let z = z(v, 0)?;
        let mut args = v.to_vec();
        args[0] = Value::Tensor(z.pairs().clone());
        args[1] = Value::Scalar(0.0.into());
        args[2] = Value::Scalar((number_f64(&v[2]) * std::f64::consts::FRAC_1_SQRT_2).into());
        d.call(&args)?;
        z.re()?.in_place(|re| re.add(number_f64(&v[1])))?;
        Ok(Output::Complex(z.clone()))
    }),
    ("var", |d, v| spread(d, v)),
    ("var_mean", |d, v| spread_and_mean(d, v)),
    ("vdot", |_, v| call_named("dot", &[conjugate(&v[0])?, v[1].clone()])),
    ("view", |d, v| bytes::view(&v[0], &v[1]).unwrap_or_else(|| linear(d, v))),
    ("view_as_real", |_, v| {
        let z = z(v, 0)?;
        z.pairs().view_as_rule(z.pairs().0.view.clone(), || crate::autograd::Rule::Reshape).map(Output::One)
    }),
];

/// Calls a row of which an argument is complex.
pub(crate) fn call(def: &'static OpDef, args: &[Value]) -> Result<Output> {
    let named = |names: &Names| names.contains(def.name);
    if let (true, Kind::Build(build)) = (named(&OF_ANY_NUMBERS), &def.kind) {
        return build(args);
    }
    if let Some(found) = ops::linalg::call(def.name, args) {
        return found;
    }
    if let (true, [Value::Tensor(real), rest @ .., Value::ComplexDType(parts)]) =
        (matches!(def.name, "prod" | "cumprod" | "mean"), args)
    {
        let first = Value::Complex(convert(&Value::Tensor(real.clone()), *parts)?);
        return call(def, &[&[first], rest, &[Value::None]].concat());
    }
    if let (true, [Value::Complex(z), rest @ .., dtype]) = (named(&SUMS), args) {
        match dtype {
            // As in torch, the imaginary part is dropped.
            Value::DType(dtype) => {
                let real = Value::Tensor(z.re()?.to_dtype(*dtype)?);
                return def.call(&[&[real], rest, &[Value::DType(*dtype)]].concat());
            }
            Value::ComplexDType(parts) if *parts != z.parts() => {
                let z = Value::Complex(z.to_parts(*parts)?);
                return call(def, &[&[z], rest, &[Value::None]].concat());
            }
            _ => {}
        }
    }
    expect_fitting(def.name, args)?;
    expect_simple(def.name, args)?;
    if named(&OF_ONE_DTYPE) {
        expect_one_dtype(def.name, args)?;
    }
    if is_factory_of_reals(def, args)
        || (named(&OF_FIRST_DTYPE) && matches!(args.first(), Some(Value::Tensor(_))))
    {
        return def.call(&parts_of_args(def, args, 0)?);
    }
    if let Some((_, own)) = OWN.iter().chain(COMPOSITES).chain(SCATTERS).find(|(name, _)| *name == def.name) {
        return own(def, args);
    }
    if let Some(write) = find(FORMULAS, def.name) {
        let operands = if def.name == "div" { &args[..2] } else { args };
        return formula(def.name, operands, write).map(Output::Complex);
    }
    if let Some(what) = find(MEASURES, def.name) {
        return measure(def.name, &args[0], what).map(Output::One);
    }
    if let Some(what) = find(COMPARISONS, def.name) {
        return compare(def.name, args, what).map(Output::One);
    }
    if named(&LINEAR) {
        return linear(def, args);
    }
    if named(&PRODUCTS) {
        return multilinear(def, args);
    }
    Err(refusal(def.name, args))
}

/// `zeros_like(z, dtype=float32)` and the like: the complex tensor gives the shape only.
fn is_factory_of_reals(def: &'static OpDef, args: &[Value]) -> bool {
    let makes = def.name.ends_with("_like") || def.name.starts_with("new_");
    makes && args.iter().any(|value| matches!(value, Value::DType(_)))
}

/// What has sizes and strides, of pairs that lie side by side.
fn pairs_at(def: &'static OpDef, args: &[Value]) -> Result<Output> {
    let mut args = parts_of_args(def, args, 0)?;
    let mut lists = args.iter_mut().filter_map(|value| match value {
        Value::Ints(list) => Some(list),
        _ => None,
    });
    if let (Some(sizes), Some(strides)) = (lists.next(), lists.next()) {
        sizes.push(2);
        strides.iter_mut().for_each(|stride| *stride *= 2);
        strides.push(1);
    }
    match def.call(&args)? {
        Output::One(pairs) => Ok(Output::Complex(Complex::of_pairs(pairs))),
        other => Ok(other),
    }
}

// ---- linear operators ----

/// The real (0) or imaginary (1) part of an argument; real values have an imaginary part of zero.
fn part(value: &Value, which: usize, holds_values: bool) -> Result<Value> {
    Ok(match value {
        Value::Complex(z) => Value::Tensor(if which == 0 { z.re()? } else { z.im()? }),
        Value::ComplexNumber(z) => Value::Scalar(z[which].into()),
        Value::ComplexDType(parts) => Value::DType(*parts),
        Value::List(list) => {
            let parts: Result<Vec<Option<Tensor>>> = list
                .iter()
                .map(|value| match part(value, which, holds_values)? {
                    Value::Tensor(t) => Ok(Some(t)),
                    _ => Ok(None),
                })
                .collect();
            Value::Tensors(parts?)
        }
        Value::Tensor(x) if which == 1 && holds_values => Value::Tensor(nothing_like(x)?),
        Value::Tensors(list) if which == 1 && holds_values => Value::Tensors(
            list.iter().map(|t| t.as_ref().map(nothing_like).transpose()).collect::<Result<_>>()?,
        ),
        Value::Scalar(_) if which == 1 && holds_values => Value::Scalar(0.into()),
        other => other.clone(),
    })
}

fn nothing_like(x: &Tensor) -> Result<Tensor> {
    Tensor::zeros(&[], x.dtype(), x.device())?.expand_to(x.shape())
}

pub(super) fn parts_of_args(def: &'static OpDef, args: &[Value], which: usize) -> Result<Vec<Value>> {
    let is_number =
        |kind: ParamKind| matches!(kind, ParamKind::Number | ParamKind::Operand | ParamKind::Float);
    def.params()
        .iter()
        .zip(args)
        .map(|(param, value)| {
            let numeric = !matches!(value, Value::Scalar(_)) || is_number(param.kind);
            let places = def.name == "embedding" && param.name == "input";
            part(value, which, numeric && !places && VALUES.contains(&param.name))
        })
        .collect()
}

pub(super) fn linear(def: &'static OpDef, args: &[Value]) -> Result<Output> {
    let parts = parts_of_args(def, args, 0)?;
    let re = def.call(&parts)?;
    // An operator that gives an operand itself does so with complex ones.
    let given = |(part, _): &(&Value, &Value)| match (part, &re) {
        (Value::Tensor(part), Output::One(t)) => part.is(t),
        _ => false,
    };
    if let Some((_, Value::Complex(z))) = parts.iter().zip(args).find(given) {
        return Ok(Output::Complex(z.clone()));
    }
    let view = match args.iter().find(|value| matches!(value, Value::Complex(_) | Value::List(_))) {
        Some(Value::Complex(z)) => same_view(z, &re)?,
        Some(Value::List(list)) => same_views(list, &re)?,
        _ => None,
    };
    if let Some(view) = view {
        return Ok(view);
    }
    join(re, def.call(&parts_of_args(def, args, 1)?)?)
}

/// If the real parts of the result are a view of those of the operand: the same view of both parts.
fn same_view(z: &Complex, re: &Output) -> Result<Option<Output>> {
    let sees = |t: &Tensor| t.shares_storage(z.pairs());
    Ok(match re {
        Output::One(t) if sees(t) => Some(Output::Complex(z.seen_as(&t.0.view)?)),
        Output::Many(list) if !list.is_empty() && list.iter().all(sees) => {
            let views: Result<Vec<Output>> =
                list.iter().map(|t| z.seen_as(&t.0.view).map(Output::Complex)).collect();
            Some(Output::Tuple(views?))
        }
        _ => None,
    })
}

/// As [`same_view`] if each result is a view of one of several operands; real ones stay real.
fn same_views(list: &[Value], re: &Output) -> Result<Option<Output>> {
    let Output::Many(parts) = re else { return Ok(None) };
    let view = |(part, value): (&Tensor, &Value)| match value {
        Value::Complex(z) if part.shares_storage(z.pairs()) => {
            z.seen_as(&part.0.view).map(Output::Complex).ok()
        }
        Value::Tensor(x) if part.shares_storage(x) => Some(Output::One(part.clone())),
        _ => None,
    };
    let views: Option<Vec<Output>> = parts.iter().zip(list).map(view).collect();
    Ok(views.filter(|views| views.len() == list.len()).map(Output::Tuple))
}

/// re + i im.
fn join(re: Output, im: Output) -> Result<Output> {
    Ok(match (re, im) {
        (Output::One(re), Output::One(im)) => Output::Complex(Complex::join(&re, &im)?),
        (Output::Complex(re), Output::Complex(im)) => {
            let turned =
                formula("mul", &[Value::Complex(im), Value::ComplexNumber([0.0, 1.0])], |z| z[0] * z[1])?;
            Output::Complex(re.add(&turned)?)
        }
        (Output::Many(re), Output::Many(im)) => {
            let parts = re.iter().zip(&im).map(|(re, im)| Complex::join(re, im).map(Output::Complex));
            Output::Tuple(parts.collect::<Result<_>>()?)
        }
        (plain, _) => plain,
    })
}

/// Takes the first complex argument apart; the others follow when the row is called with the parts.
fn multilinear(def: &'static OpDef, args: &[Value]) -> Result<Output> {
    let parts = super::pointwise::promoted(&flat(args));
    let args: Vec<Value> = args.iter().map(|v| with_parts(v, parts)).collect::<Result<_>>()?;
    if let ("matmul" | "linalg_matmul" | "mm" | "bmm", [Value::Complex(a), Value::Complex(b), ..]) =
        (def.name, &args[..])
        && let Some(factors) = a.as_real_factors(b)?
    {
        let factors: Vec<Value> =
            factors.map(Value::Tensor).into_iter().chain(args[2..].iter().cloned()).collect();
        return match def.call(&factors)? {
            Output::One(product) => product.unflatten(-1, &[-1, 2]).map(pairs),
            other => Ok(other),
        };
    }
    let at = args.iter().position(Value::is_complex).expect("a complex argument");
    let with = |which: usize| -> Result<Output> {
        let mut args = args.clone();
        args[at] = match &args[at] {
            Value::List(list) => {
                let mut list = list.clone();
                let first = list.iter().position(Value::is_complex).expect("a complex tensor in the list");
                list[first] = part(&list[first], which, true)?;
                Value::list(list)
            }
            value => part(value, which, true)?,
        };
        if args.iter().any(Value::is_complex) { multilinear(def, &args) } else { def.call(&args) }
    };
    join(with(0)?, with(1)?)
}

/// Arguments with the tensors of lists beside them.
pub(super) fn flat(args: &[Value]) -> Vec<Value> {
    let mut all = Vec::new();
    for value in args {
        match value {
            Value::List(list) => all.extend(list.iter().cloned()),
            other => all.push(other.clone()),
        }
    }
    all
}

/// Tensors with parts of a dtype: products want one dtype.
fn with_parts(value: &Value, parts: DType) -> Result<Value> {
    Ok(match value {
        Value::Complex(z) => Value::Complex(z.to_parts(parts)?),
        Value::Tensor(x) => Value::Tensor(x.to_dtype(parts)?),
        Value::List(list) => Value::List(list.iter().map(|v| with_parts(v, parts)).collect::<Result<_>>()?),
        other => other.clone(),
    })
}

// ---- others ----

fn pairs(pairs: Tensor) -> Output {
    Output::Complex(Complex::of_pairs(pairs))
}

/// The complex tensor at a place.
pub(super) fn z(args: &[Value], at: usize) -> Result<&Complex> {
    match &args[at] {
        Value::Complex(z) => Ok(z),
        other => Err(type_err!("expected a complex Tensor, not {}", other.kind())),
    }
}

pub(super) fn int(value: i64) -> Value {
    Value::Scalar(value.into())
}

pub(super) fn ints(value: &Value) -> ops::Ints {
    if let Value::Ints(list) = value { list.clone() } else { ops::Ints::new() }
}

pub(super) fn number(value: &Value) -> i64 {
    if let Value::Scalar(s) = value { s.to_i64() } else { 0 }
}

pub(super) fn number_f64(value: &Value) -> f64 {
    if let Value::Scalar(s) = value { s.to_f64() } else { 0.0 }
}

/// Whether a flag is set.
pub(super) fn flag(value: &Value) -> bool {
    matches!(value, Value::Scalar(s) if s.to_bool())
}

fn shape_of(value: &Value) -> &[usize] {
    match value {
        Value::Complex(z) => z.shape(),
        Value::Tensor(x) => x.shape(),
        _ => &[],
    }
}

pub(super) fn call_named(name: &str, args: &[Value]) -> Result<Output> {
    let [def, ..] = ops::lookup(name) else { return Err(runtime_err!("there is no operator {name}")) };
    def.call(args)
}

/// Calls a row that has a complex result.
pub(super) fn complex(name: &str, args: Vec<Value>) -> Result<Complex> {
    match call_named(name, &args)? {
        Output::Complex(z) => Ok(z),
        Output::One(x) => convert(&Value::Tensor(x), DType::F32),
        _ => Err(runtime_err!("{name} gives no complex tensor")),
    }
}

/// Calls a row that has a real result.
pub(super) fn real(name: &str, args: Vec<Value>) -> Result<Tensor> {
    match call_named(name, &args)? {
        Output::One(x) => Ok(x),
        _ => Err(runtime_err!("{name} gives no real tensor")),
    }
}

/// A complex tensor of a value.
fn as_complex(value: &Value) -> Result<Value> {
    match value {
        Value::Tensor(x) => convert(value, parts_of(x.dtype())).map(Value::Complex),
        other => Ok(other.clone()),
    }
}

/// A value as a complex tensor with parts of a dtype.
pub(super) fn convert(value: &Value, parts: DType) -> Result<Complex> {
    match value {
        Value::Complex(z) if z.parts() == parts => Ok(z.clone()),
        Value::Complex(z) => z.to_parts(parts),
        Value::Tensor(x) => {
            let re = x.to_dtype(parts)?;
            Complex::join(&re, &nothing_like(&re)?)
        }
        other => Err(type_err!("expected a Tensor, not {}", other.kind())),
    }
}

fn conjugate(value: &Value) -> Result<Value> {
    match value {
        Value::Complex(z) => z.conj().map(Value::Complex),
        other => Ok(other.clone()),
    }
}

/// beta * input + alpha * product(a, b).
pub(super) fn affine(name: &'static str, product: &str, v: &[Value]) -> Result<Output> {
    let product = match product {
        "addbmm" => call_named(
            "sum",
            &[
                value(call_named("bmm", &v[1..3])?),
                Value::Ints(ops::Ints::from_slice(&[0])),
                Value::Scalar(false.into()),
                Value::None,
            ],
        )?,
        name => call_named(name, &v[1..3])?,
    };
    let scaled = call_named("mul", &[value(product), v[4].clone()])?;
    let beta_is_zero = matches!(&v[3], Value::Scalar(s) if s.to_f64() == 0.0);
    if beta_is_zero {
        return match (&v[0], scaled) {
            (Value::Complex(idle), Output::Complex(z)) => {
                with_idle(z.pairs().clone(), idle.pairs(), name).map(Complex::of_pairs).map(Output::Complex)
            }
            (_, scaled) => Ok(scaled),
        };
    }
    let start = call_named("mul", &[v[0].clone(), v[3].clone()])?;
    call_named("add", &[value(start), value(scaled), Value::Scalar(1.into())])
}

pub(super) fn value(output: Output) -> Value {
    match output {
        Output::One(x) => Value::Tensor(x),
        Output::Complex(z) => Value::Complex(z),
        _ => Value::None,
    }
}

/// A product with a bias for each channel, which stands before `dims` dimensions of the result.
fn with_bias(def: &'static OpDef, v: &[Value], dims: usize) -> Result<Output> {
    let mut args = v.to_vec();
    let bias = std::mem::replace(&mut args[2], Value::None);
    let product = multilinear(def, &args)?;
    // A convolution of no channels makes none.
    let nothing = dims > 0 && matches!(&product, Output::Complex(z) if z.shape()[z.dim() - dims - 1] == 0);
    let bias = if nothing { call_named("narrow", &[bias, int(0), int(0), int(0)]).map(value)? } else { bias };
    let mut standing = vec![-1];
    standing.resize(1 + dims, 1);
    let bias = match bias {
        Value::None => return Ok(product),
        Value::Complex(b) => Value::Complex(b.reshape(&standing)?),
        Value::Tensor(b) => Value::Tensor(b.reshape(&standing)?),
        other => other,
    };
    call_named("add", &[value(product), bias, Value::Scalar(1.into())])
}

/// Applies a row to whether elements are not zero.
fn on_truth(def: &'static OpDef, v: &[Value]) -> Result<Output> {
    let mut args = v.to_vec();
    args[0] = Value::Tensor(real("bool", vec![v[0].clone()])?);
    def.call(&args)
}

/// Applies a row to the absolute values.
pub(super) fn on_sizes(def: &'static OpDef, v: &[Value]) -> Result<Output> {
    let mut args = v.to_vec();
    args[0] = Value::Tensor(z(v, 0)?.abs()?);
    for arg in &mut args {
        if let Value::ComplexDType(parts) = arg {
            *arg = Value::DType(*parts);
        }
    }
    def.call(&args)
}

/// The real part as another dtype, in memory of its own.
pub(super) fn real_as(v: &[Value], dtype: DType) -> Result<Output> {
    let z = z(v, 0)?;
    if z.parts() == dtype { z.re()?.copy() } else { z.to_real(dtype) }.map(Output::One)
}

/// With `dtype=` of a real dtype: of the real part, as torch has it.
fn of_real_dtype(def: &'static OpDef, v: &[Value]) -> Result<Output> {
    match v.last() {
        Some(Value::DType(dtype)) => {
            let mut args = v.to_vec();
            args[0] = Value::Tensor(z(v, 0)?.re()?.to_dtype(*dtype)?);
            def.call(&args)
        }
        _ => Err(unsupported!("\"{}\" not implemented for complex numbers; give a real dtype=", def.name)),
    }
}

/// Both parts are kept or dropped together.
fn masked(def: &'static OpDef, v: &[Value]) -> Result<Output> {
    let z = z(v, 0)?;
    let mut args = v.to_vec();
    args[0] = Value::Tensor(Tensor::full(z.shape(), 1, z.parts(), z.pairs().device())?);
    let kept = value(def.call(&args)?);
    call_named("mul", &[Value::Complex(z.clone()), kept])
}

/// exp(z - m) and m, the largest real part along dimensions.
pub(super) fn scaled_exp(z: &Complex, dims: &[i64]) -> Result<(Complex, Tensor)> {
    let re = z.re()?.detach();
    let largest = match re.numel() {
        _ if re.dim() == 0 => re,
        // Of nothing, whatever is finite.
        0 => re.sum(dims, true)?,
        _ => re.amax(dims, true)?,
    };
    let largest = ops::select(&largest.isfinite()?, &largest, 0.0)?;
    let shift = Value::Tensor(largest.clone());
    let shifted = complex("sub", vec![Value::Complex(z.clone()), shift, Value::Scalar(1.into())])?;
    Ok((complex("exp", vec![Value::Complex(shifted)])?, largest))
}

pub(super) fn logarithm(sums: Output, largest: Tensor) -> Result<Output> {
    let log = call_named("log", &[value(sums)])?;
    call_named("add", &[value(log), Value::Tensor(largest), Value::Scalar(1.into())])
}

/// A result of which only the real part has anything.
fn real_part_only(def: &'static OpDef, v: &[Value]) -> Result<Output> {
    let re = def.call(&parts_of_args(def, v, 0)?)?;
    match re {
        Output::One(re) => Ok(Output::Complex(Complex::join(&re, &nothing_like(&re)?)?)),
        other => Ok(other),
    }
}

/// An error if complex numbers are to be put into real ones.
fn expect_complex_dtype(def: &'static OpDef, v: &[Value]) -> Result<()> {
    let real = v.iter().find_map(|value| if let Value::DType(dtype) = value { Some(*dtype) } else { None });
    match real.filter(|_| v.iter().any(Value::is_complex)) {
        Some(dtype) => Err(runtime_err!(
            "torch.{}(): inferred dtype {} can't be safely cast to passed dtype {}",
            def.name,
            super::dtype_name(super::default_parts()),
            crate::dtype_name(dtype)
        )),
        None => Ok(()),
    }
}

/// Random parts, each drawn by itself.
fn both_parts(def: &'static OpDef, v: &[Value], factor: f64) -> Result<Output> {
    let draw = || -> Result<Tensor> {
        match def.call(&parts_of_args(def, v, 0)?)? {
            Output::One(x) if factor != 1.0 => x.mul(factor),
            Output::One(x) => Ok(x),
            _ => Err(runtime_err!("{}: a tensor was expected", def.name)),
        }
    };
    Complex::join(&draw()?, &draw()?).map(Output::Complex)
}
