//! Memory seen as elements of another dtype, where complex numbers are among them: `view(dtype)`.

use super::{Complex, torch_name as complex_name};
use crate::autograd::torch_name;
use crate::ops::{Output, Value};
use crate::tensor::{Tensor, of_other_size};
use st_kernel::{DType, Result};

/// `x.view(dtype)`, or `None` if it is a view of other sizes.
pub(super) fn view(x: &Value, dtype: &Value) -> Option<Result<Output>> {
    Some(match (x, dtype) {
        (Value::Complex(z), Value::ComplexDType(parts)) if z.parts() == *parts => same(z),
        (Value::Complex(z), Value::DType(dtype)) => seen_as(z, *dtype, 1).map(Output::One),
        (Value::Complex(z), Value::ComplexDType(parts)) => seen_as(z, *parts, 2).and_then(|x| paired(&x)),
        (Value::Tensor(x), Value::ComplexDType(parts)) => to_complex(x, *parts),
        _ => return None,
    })
}

/// Neighbours along the last dimension as one complex number.
fn paired(x: &Tensor) -> Result<Output> {
    Complex::from_pairs(&x.unflatten(-1, &[-1, 2])?).map(Output::Complex)
}

fn to_complex(x: &Tensor, parts: DType) -> Result<Output> {
    // The tape does not follow the bytes.
    let (x, sizes) = (x.detach(), [x.dtype().size(), 2 * parts.size()]);
    if sizes[0] == sizes[1] {
        return Complex::from_pairs(&x.unsqueeze(-1)?.view_dtype(parts)?).map(Output::Complex);
    }
    of_other_size(&x.0.view, sizes, [torch_name(x.dtype()), complex_name(parts)])?;
    paired(&if x.dtype() == parts { x } else { x.view_dtype(parts)? })
}

/// Another handle of the same complex numbers.
fn same(z: &Complex) -> Result<Output> {
    let mut view = z.pairs().0.view.clone();
    view.shape.pop();
    view.strides.pop();
    z.detach().seen_as(&view).map(Output::Complex)
}

/// The memory of complex numbers as elements of another dtype, which has so many parts; as a tensor of those.
fn seen_as(z: &Complex, dtype: DType, count: usize) -> Result<Tensor> {
    let (pairs, sizes) = (z.pairs().detach(), [2 * z.parts().size(), count * dtype.size()]);
    if sizes[0] == sizes[1] {
        return pairs.view_dtype(dtype)?.squeeze(Some(&[-1]));
    }
    let name = if count == 2 { complex_name(dtype) } else { torch_name(dtype) };
    let mut view = pairs.0.view.clone();
    view.shape.pop();
    view.strides.pop();
    // Of a dimension with one element the step may be anything.
    view.strides.iter_mut().filter(|step| **step != 1).for_each(|step| *step /= 2);
    view.offset /= 2;
    of_other_size(&view, sizes, [complex_name(z.parts()), name])?;
    let last = z.dim() as i64;
    let parts = pairs.flatten(last - 1, last)?;
    if dtype == z.parts() { Ok(parts) } else { parts.view_dtype(dtype) }
}
