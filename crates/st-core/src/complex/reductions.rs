//! Variances of complex numbers, which are those of their parts, and means.

use super::Complex;
use super::dispatch::{call_named, linear, parts_of_args, value, z};
use crate::ops::{self, OpDef, Output, Value};
use st_kernel::{Result, runtime_err};

/// Variances of the parts add up.
pub(super) fn spread(def: &'static OpDef, v: &[Value]) -> Result<Output> {
    let name = if def.name == "std" { "var" } else { def.name };
    let same = ops::lookup(name).iter().find(|row| row.signature == def.signature).unwrap_or(&def);
    let variance = |which| match same.call(&parts_of_args(def, v, which)?)? {
        Output::One(x) => Ok(x),
        _ => Err(runtime_err!("{name}: a tensor was expected")),
    };
    let sum = variance(0)?.add(&variance(1)?)?;
    Ok(Output::One(if def.name == "std" { sum.sqrt()? } else { sum }))
}

pub(super) fn spread_and_mean(def: &'static OpDef, v: &[Value]) -> Result<Output> {
    let name = def.name.trim_end_matches("_mean");
    let row = ops::lookup(name).iter().find(|row| row.signature == def.signature);
    let row = row.ok_or_else(|| runtime_err!("there is no operator {name} beside {}", def.name))?;
    let spread = spread(row, v)?;
    let part = |which| match def.call(&parts_of_args(def, v, which)?)? {
        Output::Many(list) if list.len() == 2 => Ok(list[1].clone()),
        _ => Err(runtime_err!("{}: two tensors were expected", def.name)),
    };
    Ok(Output::Tuple(vec![spread, Output::Complex(Complex::join(&part(0)?, &part(1)?)?)]))
}

/// A quotient of complex numbers, in which an infinite part makes the other one NaN.
pub(super) fn mean(def: &'static OpDef, v: &[Value]) -> Result<Output> {
    let sum = call_named("sum", v)?;
    let Output::Complex(total) = &sum else { return linear(def, v) };
    let count = z(v, 0)?.pairs().numel() as f64 / total.pairs().numel() as f64;
    call_named("div", &[value(sum), Value::ComplexNumber([count, 0.0])])
}
