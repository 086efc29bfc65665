//! New tensors: from the host's memory, filled with a number, counting, with nothing in them yet.

use super::{Element, Tensor, default_dtype};
use crate::graph::{Args, DeviceId, Node, Op};
use crate::ops::arrange::positions;
use crate::ops::pointwise::{Pointwise, apply, expect_fits, generate, scalar_dtype};
use crate::runtime;
use st_kernel::expr::{eq, floor_div, lt, modulo, pow, select};
use st_kernel::view::{Dims, numel};
use st_kernel::{DType, Ex, Expr, Result, Scalar, runtime_err, unsupported, value_err};
use std::sync::OnceLock;

/// Sizes a caller named: none of them negative, and not more elements than can be counted in bytes.
pub fn sizes(size: &[i64]) -> Result<Vec<usize>> {
    let negative = || runtime_err!("Trying to create tensor with negative dimension: {size:?}");
    let sizes = size.iter().map(|&n| usize::try_from(n).map_err(|_| negative()));
    let sizes = sizes.collect::<Result<Vec<usize>>>()?;
    expect_countable(&sizes)?;
    Ok(sizes)
}

/// Refuses shapes whose elements nobody can count in bytes, whatever their dtype.
pub(crate) fn expect_countable(shape: &[usize]) -> Result<()> {
    const WIDEST: usize = size_of::<f64>();
    let bytes = shape.iter().try_fold(WIDEST, |n, &size| n.checked_mul(size));
    if shape.contains(&0) {
        let steps = shape.iter().rev().try_fold(1i64, |n, &size| n.checked_mul(size.max(1) as i64));
        return match steps {
            Some(_) => Ok(()),
            None => Err(runtime_err!("Stride calculation overflowed with sizes={shape:?}")),
        };
    }
    if bytes.is_some_and(|bytes| bytes <= isize::MAX as usize) {
        return Ok(());
    }
    Err(runtime_err!(
        "Storage size calculation overflowed with sizes={shape:?}; memory is counted in 64 bits, ask for fewer elements"
    ))
}

/// Row and column of the element in the last two dimensions.
pub(crate) fn cell_of(rows: Ex, columns: Ex) -> (Ex, Ex) {
    let at = Ex::position();
    (modulo(floor_div(at, columns), rows), modulo(at, columns))
}

impl Tensor {
    /// A tensor of the elements in `bytes`, row-major.
    pub fn from_bytes(bytes: &[u8], shape: &[usize], dtype: DType, device: DeviceId) -> Result<Tensor> {
        if bytes.len() != numel(shape) * dtype.size() {
            return Err(value_err!(
                "{} bytes do not make a {dtype} tensor of shape {shape:?}, which takes {}",
                bytes.len(),
                numel(shape) * dtype.size()
            ));
        }
        let open = runtime::device(device)?;
        let buffer = open.alloc(bytes.len())?;
        open.upload(bytes, &buffer)?;
        Ok(Tensor::from_node(Node::leaf(buffer, shape, dtype, device), 0))
    }

    /// A tensor of these elements, row-major: on the CPU, but inside an operator where its operands are.
    pub fn from_slice<T: Element>(elements: &[T], shape: &[usize]) -> Result<Tensor> {
        let mut bytes = Vec::with_capacity(elements.len() * T::DTYPE.size());
        elements.iter().for_each(|x| x.to_scalar().write(T::DTYPE, &mut bytes));
        Tensor::from_bytes(&bytes, shape, T::DTYPE, runtime::device_beside())
    }

    /// Every element the same number; it stays an expression until somebody needs memory.
    pub fn full(shape: &[usize], value: impl Into<Scalar>, dtype: DType, device: DeviceId) -> Result<Tensor> {
        static FILLS: [OnceLock<Pointwise>; DType::ALL.len()] = [const { OnceLock::new() }; DType::ALL.len()];
        let make = || Pointwise::intern("full", Expr::build(&[dtype], |x| vec![x[0]]), None);
        let value = value.into();
        if !value.fits(dtype) {
            return Err(runtime_err!("value cannot be converted to type {dtype} without overflow"));
        }
        generate(*FILLS[dtype as usize].get_or_init(make), &[value], shape, device)
    }

    /// Zeros.
    pub fn zeros(shape: &[usize], dtype: DType, device: DeviceId) -> Result<Tensor> {
        Tensor::full(shape, 0, dtype, device)
    }

    /// Ones.
    pub fn ones(shape: &[usize], dtype: DType, device: DeviceId) -> Result<Tensor> {
        Tensor::full(shape, 1, dtype, device)
    }

    /// Every element the same number, with the shape, dtype and device of this.
    pub fn full_like(&self, value: impl Into<Scalar>) -> Result<Tensor> {
        Tensor::full(self.shape(), value, self.dtype(), self.device())
    }

    /// Zeros, with the shape, dtype and device of this.
    pub fn zeros_like(&self) -> Result<Tensor> {
        self.full_like(0)
    }

    /// Ones, with the shape, dtype and device of this.
    pub fn ones_like(&self) -> Result<Tensor> {
        self.full_like(1)
    }

    /// Memory with undefined contents.
    pub fn empty(shape: &[usize], dtype: DType, device: DeviceId) -> Result<Tensor> {
        expect_countable(shape)?;
        Ok(Tensor::from_node(Node::new(Op::Empty, Args::new(), Dims::from_slice(shape), dtype, device), 0))
    }

    /// `start`, `start + step` and so on, before `end`. Integers count in `int64`, anything else in the default dtype.
    pub fn arange(
        start: impl Into<Scalar>,
        end: impl Into<Scalar>,
        step: impl Into<Scalar>,
        dtype: Option<DType>,
        device: DeviceId,
    ) -> Result<Tensor> {
        let numbers = [start.into(), end.into(), step.into()];
        let float = numbers.iter().find(|n| matches!(n, Scalar::Float(_)));
        let dtype = dtype.unwrap_or(float.map_or(DType::I64, |_| default_dtype()));
        let count = range_len(numbers, float.is_some())?;
        let compute = if dtype.is_float() { precise(device) } else { DType::I64 };
        let [first, _, by] = numbers.map(|n| if dtype.is_float() { n } else { Scalar::Int(n.to_i64()) });
        let expr =
            Expr::build(&[compute; 2], |x| vec![(x[0] + Ex::position().cast(compute) * x[1]).cast(dtype)]);
        generate(Pointwise::intern("arange", expr, None), &[first, by], &[count], device)
    }

    /// So many numbers at equal steps, both ends included.
    pub fn linspace(
        start: f64,
        end: f64,
        steps: i64,
        dtype: Option<DType>,
        device: DeviceId,
    ) -> Result<Tensor> {
        let dtype = dtype.unwrap_or_else(default_dtype);
        spaced("linspace", start, end, steps, dtype, device, &[], |x, _| x)
    }

    /// `base` to the powers at equal steps, both ends included.
    pub fn logspace(
        start: f64,
        end: f64,
        steps: i64,
        base: f64,
        dtype: Option<DType>,
        device: DeviceId,
    ) -> Result<Tensor> {
        let dtype = dtype.unwrap_or_else(default_dtype);
        spaced("logspace", start, end, steps, dtype, device, &[base.into()], |x, params| pow(params[0], x))
    }

    /// Ones on the diagonal, zeros elsewhere.
    pub fn eye(rows: usize, columns: usize, dtype: DType, device: DeviceId) -> Result<Tensor> {
        expect_countable(&[rows, columns])?;
        let expr = Expr::build(&[DType::I64; 2], |x| vec![eq(x[0], x[1]).cast(dtype)]);
        let (row, column) = (positions(rows, device).unsqueeze(1)?, positions(columns, device));
        apply(Pointwise::intern("eye", expr, None), &[(&row).into(), (&column).into()])
    }

    /// The dtype a number gives a tensor that is filled with it.
    pub fn dtype_of(value: Scalar) -> DType {
        scalar_dtype(value)
    }
}

/// Ranges are computed in double precision, as torch does, where the device has it.
pub(crate) fn precise(device: DeviceId) -> DType {
    let doubles = crate::runtime::device(device).is_ok_and(|d| d.info().dtypes.contains(&DType::F64));
    if doubles { DType::F64 } else { DType::F32 }
}

fn range_len([start, end, step]: [Scalar; 3], float: bool) -> Result<usize> {
    let (first, last, by) = (start.to_f64(), end.to_f64(), step.to_f64());
    if by == 0.0 || by.is_nan() {
        return Err(runtime_err!("arange: step must be nonzero"));
    }
    if by.is_infinite() {
        return Err(runtime_err!("arange: step must be finite but got {by}"));
    }
    if !(first.is_finite() && last.is_finite()) {
        return Err(runtime_err!("arange: unsupported range: {first} -> {last}"));
    }
    if (last - first) * by < 0.0 {
        return Err(runtime_err!(
            "arange: upper bound and lower bound inconsistent with step sign ({start}, {end}, {step})"
        ));
    }
    if float {
        return Ok(((last - first) / by).ceil() as usize);
    }
    let (distance, by) = (i128::from(end.to_i64()) - i128::from(start.to_i64()), i128::from(step.to_i64()));
    let whole = distance / by;
    Ok((whole + i128::from(distance % by != 0)) as usize)
}

/// Numbers at equal steps, each changed by `finish`. Both halves count from their own end, so that both ends are exact.
#[expect(clippy::too_many_arguments, reason = "what two public constructors share")]
fn spaced(
    name: &'static str,
    start: f64,
    end: f64,
    steps: i64,
    dtype: DType,
    device: DeviceId,
    params: &[Scalar],
    finish: impl FnOnce(Ex, &[Ex]) -> Ex,
) -> Result<Tensor> {
    if steps < 0 {
        return Err(runtime_err!("{name}: number of steps must be non-negative, got {steps}"));
    }
    if dtype == DType::Bool {
        return Err(unsupported!("\"{name}\" not implemented for 'Bool'; ask for a dtype of numbers"));
    }
    // (Whole numbers may wrap.)
    let given = |x: f64| if x.trunc() == x as i64 as f64 { Scalar::Int(x as i64) } else { x.into() };
    [start, end].into_iter().try_for_each(|number| expect_fits(name, given(number), dtype))?;
    let (start, end) = if dtype.is_float() { (start, end) } else { (start.trunc(), end.trunc()) };
    // (One number is the start, whatever the end is.)
    let (end, step) = if steps == 1 { (start, 0.0) } else { (end, (end - start) / (steps - 1) as f64) };
    let compute = precise(device);
    let mut inputs = vec![compute, compute, compute, DType::I64];
    inputs.extend(params.iter().map(|_| compute));
    let expr = Expr::build(&inputs, |x| {
        let at = Ex::position();
        let from_start = x[0] + at.cast(compute) * x[2];
        let from_end = x[1] - (x[3] - 1.0 - at).cast(compute) * x[2];
        let first_half = lt(at + at, x[3]);
        vec![finish(select(first_half, from_start, from_end, from_start), &x[4..]).cast(dtype)]
    });
    let mut numbers = vec![start.into(), end.into(), step.into(), Scalar::Int(steps)];
    numbers.extend(params);
    generate(Pointwise::intern(name, expr, None), &numbers, &[steps as usize], device)
}
