//! Formulas of pointwise operators on complex numbers.

use super::algebra::{C, c, hypot};
use super::{Complex, derivatives, either, parts_of};
use crate::autograd::{no_grad, record};
use crate::ops::{Operand, Pointwise, Value, Vjp, apply, result_type};
use crate::tensor::Tensor;
use smallvec::SmallVec;
use st_kernel::expr as ex;
use st_kernel::{DType, Ex, Expr, Result, Scalar, type_err};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

/// The element of the result from those of the operands.
pub(super) type Formula = fn(&[C]) -> C;
/// A real result.
pub(super) type Measure = fn(C) -> Ex;
/// What is true of two numbers.
pub(super) type Relation = fn(C, C) -> Ex;

/// Operators with a complex result.
pub(super) static FORMULAS: &[(&str, Formula)] = &[
    ("acos", |z| z[0].acos()),
    ("acosh", |z| z[0].acosh()),
    ("add", |z| z[0] + scaled(z, 1, 2)),
    ("addcdiv", |z| z[0] + z[3] * z[1] / z[2]),
    ("addcmul", |z| z[0] + z[3] * z[1] * z[2]),
    ("asin", |z| z[0].asin()),
    ("asinh", |z| z[0].asinh()),
    ("atan", |z| z[0].atan()),
    ("atanh", |z| z[0].atanh()),
    ("conj_physical", |z| z[0].conj()),
    ("cos", |z| z[0].cos()),
    ("cosh", |z| z[0].cosh()),
    ("div", |z| z[0] / z[1]),
    ("exp", |z| z[0].exp()),
    ("exp2", |z| (z[0] * std::f64::consts::LN_2).exp()),
    ("expm1", |z| z[0].expm1()),
    ("ldexp", |z| z[0] * (z[1] * std::f64::consts::LN_2).exp()),
    ("lerp", |z| {
        let step = z[1] - z[0];
        let small = ex::lt(z[2].re * z[2].re + z[2].im * z[2].im, 0.25);
        (z[0] + z[2] * step).or(small, z[1] - step * (z[0].like(1.0) - z[2]))
    }),
    ("log", |z| z[0].log()),
    ("log10", |z| z[0].log() * std::f64::consts::LOG10_E),
    ("log1p", |z| z[0].log1p()),
    ("log2", |z| z[0].log() * std::f64::consts::LOG2_E),
    ("logaddexp", |z| {
        let first = ex::ge(z[0].re, z[1].re);
        let (large, small) = (z[0].or(first, z[1]), z[1].or(first, z[0]));
        let result = large + (small - large).exp().log1p();
        // Two that are infinite have no difference: the sum itself has a direction, or is nothing.
        let (end, equal) = (large.re.like(f64::INFINITY), ex::eq(large.re, small.re));
        let endless = (large.exp() + small.exp()).log().or(ex::eq(large.re, end), small);
        let result = endless.or(equal & ex::eq(ex::abs(large.re), end), result);
        let (x, y) = (large + small, large.like(f64::NAN));
        c(y.re, y.re).or(ex::is_nan(x.im) | ex::is_nan(z[0].re) | ex::is_nan(z[1].re), result)
    }),
    ("mul", |z| z[0] * z[1]),
    ("neg", |z| -z[0]),
    ("pow", |z| z[0].pow(z[1])),
    ("reciprocal", |z| z[0].reciprocal()),
    ("rsqrt", |z| z[0].sqrt().reciprocal()),
    ("rsub", |z| z[1] - scaled(z, 0, 2)),
    ("sgn", |z| {
        let zero = z[0].is_zero();
        let size = c(ex::select(zero, 1.0, z[0].re, z[0].re), z[0].im).abs();
        z[0].like(0.0).or(zero, c(z[0].re / size, z[0].im / size))
    }),
    ("sigmoid", |z| z[0].sigmoid()),
    ("silu", |z| z[0] * z[0].sigmoid()),
    ("sin", |z| z[0].sin()),
    ("sinc", |z| {
        let zero = z[0].is_zero();
        let angle = z[0].like(1.0).or(zero, z[0]) * std::f64::consts::PI;
        z[0].like(1.0).or(zero, angle.sin() / angle)
    }),
    ("sinh", |z| z[0].sinh()),
    ("softsign", |z| {
        let size = z[0].abs() + 1.0;
        c(z[0].re / size, z[0].im / size)
    }),
    ("sqrt", |z| z[0].sqrt()),
    ("square", |z| z[0].square()),
    ("sub", |z| z[0] - scaled(z, 1, 2)),
    ("tan", |z| z[0].tan()),
    ("tanh", |z| z[0].tanh()),
    ("tanhshrink", |z| z[0] - z[0].tanh()),
];

/// An operand times a factor, one in an overload without it: torch multiplies by it, too, so that an infinite part makes
/// the other NaN.
fn scaled(z: &[C], operand: usize, factor: usize) -> C {
    let z0 = z[operand];
    z.get(factor).map_or_else(|| c(z0.re - z0.im * 0.0, z0.im + z0.re * 0.0), |factor| z0 * *factor)
}

/// Operators with a real result; a gradient written by hand where the derived one has no value at zero.
pub(super) static MEASURES: &[(&str, (Measure, Option<Vjp>))] = &[
    ("abs", (|z| z.abs(), Some(abs_gradient))),
    ("angle", (|z| z.angle(), Some(angle_gradient))),
    ("isfinite", (|z| ex::lt(ex::abs(z.re), f64::INFINITY) & ex::lt(ex::abs(z.im), f64::INFINITY), None)),
    ("isinf", (|z| ex::eq(ex::abs(z.re), f64::INFINITY) | ex::eq(ex::abs(z.im), f64::INFINITY), None)),
    ("isnan", (|z| ex::is_nan(z.re) | ex::is_nan(z.im), None)),
    ("isreal", (|z| ex::eq(z.im, 0.0), None)),
    ("bool", (|z| !z.is_zero(), None)),
    ("logical_not", (C::is_zero, None)),
];

/// Of the number alone, so that its size may be written in place.
fn abs_gradient(z: &[Ex], _size: Ex, upstream: Ex) -> Vec<Option<Ex>> {
    let size = hypot(z[0], z[1]);
    let zero = ex::eq(size, 0.0);
    let safe = ex::select(zero, 1.0, size, size);
    // (Zero there whatever the number is, so that the second gradient is zero, too.)
    let along = |part: Ex| Some(ex::select(zero, 0.0, upstream * part / safe, part));
    vec![along(z[0]), along(z[1])]
}

fn angle_gradient(z: &[Ex], _angle: Ex, upstream: Ex) -> Vec<Option<Ex>> {
    let square = z[0] * z[0] + z[1] * z[1];
    let safe = ex::select(ex::eq(square, 0.0), 1.0, square, square);
    vec![Some(-(upstream * z[1] / safe)), Some(upstream * z[0] / safe)]
}

/// Comparisons: what is true of two numbers.
pub(super) static COMPARISONS: &[(&str, Relation)] = &[
    ("eq", |a, b| ex::eq(a.re, b.re) & ex::eq(a.im, b.im)),
    ("ne", |a, b| ex::ne(a.re, b.re) | ex::ne(a.im, b.im)),
    ("logical_and", |a, b| !a.is_zero() & !b.is_zero()),
    ("logical_or", |a, b| !a.is_zero() | !b.is_zero()),
    ("logical_xor", |a, b| a.is_zero() ^ b.is_zero()),
];

/// The row of this name.
pub(super) fn find<T: Copy>(rows: &[(&str, T)], name: &str) -> Option<T> {
    rows.iter().find(|(row, _)| *row == name).map(|(_, what)| *what)
}

/// The dtype of the parts that these are promoted to; tensors with dimensions come before 0-d ones before numbers.
pub(super) fn promoted(values: &[Value]) -> DType {
    let mut stand_ins: Vec<Tensor> = Vec::new();
    let mut add = |dtype: DType, dims: usize| {
        let shape: &[usize] = if dims > 0 { &[0] } else { &[] };
        stand_ins.extend(Tensor::empty(shape, dtype, 0));
    };
    for value in values {
        match value {
            Value::Tensor(t) if t.dtype().is_float() => add(t.dtype(), t.dim()),
            Value::Complex(z) => add(z.parts(), z.dim()),
            _ => {}
        }
    }
    if stand_ins.is_empty() {
        return super::default_parts();
    }
    parts_of(result_type(&stand_ins.iter().map(Operand::Tensor).collect::<Vec<_>>()))
}

/// Inputs of an expression: two for a complex operand, one for a real one.
struct Inputs {
    tensors: Vec<Option<Tensor>>,
    numbers: Vec<Scalar>,
    dtypes: Vec<DType>,
    /// For each operand, whether it has an imaginary part.
    complex: SmallVec<[bool; 4]>,
}

impl Inputs {
    /// `pairs` if the result is complex, so that operands must have its last dimension.
    fn new(name: &str, values: &[Value], parts: DType, pairs: bool) -> Result<Inputs> {
        let mut inputs =
            Inputs { tensors: vec![], numbers: vec![], dtypes: vec![], complex: SmallVec::new() };
        for value in values {
            match value {
                Value::Complex(z) if pairs => {
                    for part in [0, 1] {
                        inputs.both_parts_read(&z.pairs().narrow(-1, part, 1)?)?;
                    }
                }
                Value::Complex(z) => {
                    inputs.tensor(z.re()?);
                    inputs.tensor(z.im()?);
                }
                Value::Tensor(x) if pairs => inputs.both_parts_read(&x.unsqueeze(-1)?)?,
                Value::Tensor(x) => inputs.tensor(x.clone()),
                Value::Scalar(x) => inputs.number(*x, parts),
                Value::ComplexNumber(z) => z.iter().for_each(|&x| inputs.number(x.into(), parts)),
                other => {
                    return Err(type_err!("{name}(): expected a Tensor or Number, not {}", other.kind()));
                }
            }
            inputs.complex.push(matches!(value, Value::Complex(_) | Value::ComplexNumber(_)));
        }
        Ok(inputs)
    }

    fn tensor(&mut self, tensor: Tensor) {
        self.dtypes.push(tensor.dtype());
        self.tensors.push(Some(tensor));
        self.numbers.push(Scalar::Int(0));
    }

    /// A tensor whose last dimension, of size one, stands for both parts of the result.
    fn both_parts_read(&mut self, tensor: &Tensor) -> Result<()> {
        let mut sizes: SmallVec<[usize; 4]> = SmallVec::from_slice(tensor.shape());
        *sizes.last_mut().expect("a dimension of size one") = 2;
        self.tensor(tensor.expand_to(&sizes)?);
        Ok(())
    }

    fn number(&mut self, number: Scalar, parts: DType) {
        self.dtypes.push(parts);
        self.tensors.push(None);
        self.numbers.push(number);
    }

    /// The operands as complex numbers of expressions.
    fn operands(&self, x: &[Ex], parts: DType) -> SmallVec<[C; 4]> {
        let mut x = x.iter().map(|e| e.cast(parts.compute()));
        let mut next = || x.next().expect("an input for each part");
        self.complex
            .iter()
            .map(|&complex| {
                let re = next();
                c(re, if complex { next() } else { re.like(0.0) })
            })
            .collect()
    }

    /// Applies the expression of a row, which `write` gives where operands of these dtypes are new. A row is its name and
    /// where its formula is: several may have one name.
    fn apply(
        &self,
        row: (&'static str, usize),
        parts: DType,
        vjp: Option<Vjp>,
        write: impl FnOnce(&[Ex]) -> Ex,
    ) -> Result<Tensor> {
        type Row = (&'static str, usize);
        type Made = HashMap<(Row, DType, Vec<DType>, SmallVec<[bool; 4]>), Pointwise>;
        static MADE: LazyLock<Mutex<Made>> = LazyLock::new(Mutex::default);
        let key = (row, parts, self.dtypes.clone(), self.complex.clone());
        let known = MADE.lock().expect("no panic while the lock is held").get(&key).copied();
        let pointwise = known.unwrap_or_else(|| {
            let made = Pointwise::intern(row.0, Expr::build(&self.dtypes, |x| vec![write(x)]), vjp);
            MADE.lock().expect("no panic while the lock is held").insert(key, made);
            made
        });
        let operands: Vec<Operand> = self
            .tensors
            .iter()
            .zip(&self.numbers)
            .map(|(tensor, number)| tensor.as_ref().map_or(Operand::Scalar(*number), Operand::Tensor))
            .collect();
        apply(pointwise, &operands)
    }
}

fn is_tensor(value: &Value) -> bool {
    matches!(value, Value::Tensor(_) | Value::Complex(_))
}

/// A formula of operands of which one is complex.
pub(super) fn formula(name: &'static str, values: &[Value], formula: Formula) -> Result<Complex> {
    let parts = promoted(values);
    // Numbers alone have no shape that the pair of parts could be a dimension of.
    if let ([Value::ComplexNumber(z), rest @ ..], false) = (values, values.iter().any(is_tensor)) {
        let pair = Tensor::from_slice(z, &[2])?.to_dtype(parts)?;
        let values = [&[Value::Complex(Complex::of_pairs(pair))], rest].concat();
        return self::formula(name, &values, formula);
    }
    let inputs = Inputs::new(name, values, parts, true)?;
    let write = || {
        inputs.apply((name, formula as usize), parts, None, |x| {
            let z = formula(&inputs.operands(x, parts));
            either(z.re.cast(parts), z.im.cast(parts))
        })
    };
    let ([Value::Complex(z)], Some(derivative)) = (values, derivatives::find(name)) else {
        return write().map(Complex::of_pairs);
    };
    let pairs = {
        let _unrecorded = no_grad();
        write()?
    };
    record(std::slice::from_ref(&pairs), &[Some(z.pairs())], || derivative.rule(name))?;
    Ok(Complex::of_pairs(pairs))
}

/// A measure of a complex operand.
pub(super) fn measure(
    name: &'static str,
    value: &Value,
    (measure, vjp): (Measure, Option<Vjp>),
) -> Result<Tensor> {
    let values = std::slice::from_ref(value);
    let parts = promoted(values);
    let inputs = Inputs::new(name, values, parts, false)?;
    inputs.apply((name, measure as usize), parts, vjp, |x| {
        let y = measure(inputs.operands(x, parts)[0]);
        if y.dtype.is_float() { y.cast(parts) } else { y }
    })
}

/// What is true of two operands.
pub(super) fn compare(name: &'static str, values: &[Value], compare: Relation) -> Result<Tensor> {
    let parts = promoted(values);
    let inputs = Inputs::new(name, values, parts, false)?;
    inputs.apply((name, compare as usize), parts, None, |x| {
        let z = inputs.operands(x, parts);
        compare(z[0], z[1])
    })
}
