//! Products of complex numbers at indices. What is added there needs no formula: it is added part by part.

use super::Complex;
use super::dispatch::{Own, complex, convert, flag, linear, number, z};
use crate::graph::{HostElement, HostFn};
use crate::ops::linalg::host::{Call, for_complex, outputs, record};
use crate::ops::{OpDef, Output, Value};
use crate::tensor::{Tensor, normalize_dim};
use st_host::Field;
use st_kernel::{DType, Result, runtime_err, unsupported};
use std::sync::Arc;

pub(super) const SCATTERS: &[(&str, Own)] = &[("scatter", scatter), ("scatter_reduce", scatter_reduce)];

/// The source's elements put, added or multiplied in.
fn scatter(def: &'static OpDef, v: &[Value]) -> Result<Output> {
    match v.get(4) {
        Some(Value::Text(how)) if how == "multiply" => multiplied(v).map(Output::Complex),
        _ => linear(def, v),
    }
}

fn scatter_reduce(def: &'static OpDef, v: &[Value]) -> Result<Output> {
    let Value::Text(how) = &v[4] else { return linear(def, v) };
    match &**how {
        "sum" | "mean" => linear(def, v),
        "prod" if flag(&v[5]) => multiplied(v).map(Output::Complex),
        "prod" => {
            let Value::Tensor(index) = &v[2] else { return linear(def, v) };
            let input = z(v, 0)?;
            let one = Complex::full(index.shape(), [1.0, 0.0], input.parts(), index.device())?;
            let ones = [v[0].clone(), v[1].clone(), v[2].clone(), Value::Complex(one)];
            let mut args = v.to_vec();
            args[0] = Value::Complex(complex("scatter", ones.to_vec())?);
            multiplied(&args).map(Output::Complex)
        }
        other => {
            Err(unsupported!("scatter_reduce: reduce='{other}' compares, and complex numbers have no order"))
        }
    }
}

/// Input, dimension, index and source: the input with the source's elements multiplied in.
fn multiplied(v: &[Value]) -> Result<Complex> {
    let (input, dim) = (z(v, 0)?, number(&v[1]));
    let Value::Tensor(index) = &v[2] else { return Err(runtime_err!("scatter: the index must be a Tensor")) };
    let d = normalize_dim(dim, input.dim())?;
    let source = match &v[3] {
        source @ (Value::Complex(_) | Value::Tensor(_)) => convert(source, input.parts())?,
        number => {
            let zeros = Complex::full(index.shape(), [0.0; 2], input.parts(), index.device())?;
            complex("add", vec![Value::Complex(zeros), number.clone(), Value::Scalar(1.into())])?
        }
    };
    if index.numel() == 0 {
        // Whatever its shape, it multiplies nothing.
        return input.pairs().copy().map(Complex::of_pairs);
    }
    if input.dim() == 0 || index.dim() == 0 || source.dim() == 0 {
        // A number counts as a row of one.
        let row = |z: &Complex| if z.dim() == 0 { z.reshape(&[1]) } else { Ok(z.clone()) };
        let index = if index.dim() == 0 { index.reshape_to(&[1])? } else { index.clone() };
        let (input_row, source) = (Value::Complex(row(input)?), Value::Complex(row(&source)?));
        let sizes: Vec<i64> = input.shape().iter().map(|&n| n as i64).collect();
        return multiplied(&[input_row, v[1].clone(), Value::Tensor(index), source])?.reshape(&sizes);
    }
    if index.dim() != input.dim() || source.dim() != input.dim() {
        return Err(runtime_err!(
            "Index tensor must have the same number of dimensions as self and src tensor"
        ));
    }
    let mut source = source.pairs().clone();
    for (k, &size) in index.shape().iter().enumerate() {
        if size > source.shape()[k] || k != d && size > input.shape()[k] {
            return Err(runtime_err!(
                "Expected index {:?} to be no larger than self {:?} apart from dimension {d} and to be no larger size than src",
                index.shape(),
                input.shape()
            ));
        }
        source = source.narrow(k as i64, 0, size as i64)?;
    }
    let run = for_complex!(input.parts(), multiply(d));
    let call = Call { name: "scatter_multiply", params: &[d as u64], run };
    let shapes = [(input.pairs().shape().into(), input.parts())];
    let index = index.to_dtype(DType::I64)?;
    let off = |t: &Tensor| t.detach();
    let none = || crate::ops::linalg::without_gradient("scatter_multiply");
    let [out] = record(call, &[&off(input.pairs()), &off(&index), &off(&source)], shapes, none)?;
    Ok(Complex::of_pairs(out))
}

fn multiply<T: Field + HostElement>(dim: usize) -> HostFn {
    Arc::new(move |inputs, outs| {
        let [out] = outputs(outs);
        let (index, walked) = (inputs[1].elements::<i64>(), inputs[1].shape);
        let sizes = &inputs[0].shape[..walked.len()];
        let out = out.elements::<T>();
        out.copy_from_slice(inputs[0].elements());
        for (at, (&to, &factor)) in index.iter().zip(inputs[2].elements::<T>()).enumerate() {
            if to < 0 || to as usize >= sizes[dim] {
                return Err(runtime_err!(
                    "scatter: index {to} is out of bounds for dimension {dim} with size {}",
                    sizes[dim]
                ));
            }
            let (mut rest, mut place, mut step) = (at, 0, 1);
            for d in (0..sizes.len()).rev() {
                let here = if d == dim { to as usize } else { rest % walked[d] };
                rest /= walked[d];
                place += here * step;
                step *= sizes[d];
            }
            out[place] *= factor;
        }
        Ok(())
    })
}
