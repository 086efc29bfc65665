//! Memory seen as elements of another dtype, where complex numbers are among them: `view(dtype)`.

use super::Complex;
use crate::ops::{Output, Value};
use crate::tensor::Tensor;
use st_kernel::{DType, Result, runtime_err};

/// `x.view(dtype)`, or `None` if it is a view of other sizes.
pub(super) fn view(x: &Value, dtype: &Value) -> Option<Result<Output>> {
    Some(match (x, dtype) {
        (Value::Complex(z), Value::ComplexDType(parts)) if z.parts() == *parts => same(z),
        (Value::Complex(z), Value::DType(dtype)) => seen_as(z, *dtype).map(Output::One),
        (Value::Complex(z), Value::ComplexDType(parts)) => seen_as(z, *parts).and_then(|x| paired(&x)),
        (Value::Tensor(x), Value::ComplexDType(parts)) => to_complex(x, *parts),
        _ => return None,
    })
}

/// Neighbours along the last dimension as one complex number.
fn paired(x: &Tensor) -> Result<Output> {
    if x.dim() == 0 {
        return Err(runtime_err!("self.dim() cannot be 0 to view it as complex (different element sizes)"));
    }
    Complex::from_pairs(&x.unflatten(-1, &[-1, 2])?).map(Output::Complex)
}

fn to_complex(x: &Tensor, parts: DType) -> Result<Output> {
    if x.dtype().size() == 2 * parts.size() {
        return Complex::from_pairs(&x.unsqueeze(-1)?.view_dtype(parts)?).map(Output::Complex);
    }
    paired(&if x.dtype() == parts { x.clone() } else { x.view_dtype(parts)? })
}

/// Another handle of the same complex numbers.
fn same(z: &Complex) -> Result<Output> {
    let mut view = z.pairs().0.view.clone();
    view.shape.pop();
    view.strides.pop();
    z.seen_as(&view).map(Output::Complex)
}

/// The memory of complex numbers as elements of a real dtype.
fn seen_as(z: &Complex, dtype: DType) -> Result<Tensor> {
    if dtype.size() == 2 * z.parts().size() {
        return z.pairs().view_dtype(dtype)?.squeeze(Some(&[-1]));
    }
    let last = z.dim() as i64;
    if last == 0 {
        return Err(runtime_err!(
            "self.dim() cannot be 0 to view ComplexFloat as {dtype} (different element sizes)"
        ));
    }
    let step = z.pairs().strides()[last as usize - 1];
    if step != 2 && z.shape()[last as usize - 1] != 1 && z.pairs().numel() > 0 {
        return Err(runtime_err!(
            "self.stride(-1) must be 1 to view ComplexFloat as {dtype} (different element sizes), but got {}",
            step / 2
        ));
    }
    let parts = z.pairs().flatten(last - 1, last)?;
    if dtype == z.parts() { Ok(parts) } else { parts.view_dtype(dtype) }
}
