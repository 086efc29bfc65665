//! What torch's functions of linear algebra refuse, in its words.

use crate::tensor::Tensor;
use st_kernel::dtype::Category;
use st_kernel::{DType, Error, Result, runtime_err, unsupported};

/// Torch's name of a dtype in these messages.
fn name_of(dtype: DType) -> &'static str {
    crate::autograd::torch_name(dtype)
}

/// Matrices of any shape.
pub(crate) fn matrix(name: &str, a: &Tensor, argument: &str) -> Result<()> {
    if a.dim() >= 2 {
        return Ok(());
    }
    Err(runtime_err!("{name}: The input tensor {argument} must have at least 2 dimensions."))
}

/// Square matrices.
pub(crate) fn square(name: &str, a: &Tensor, argument: &str) -> Result<()> {
    matrix(name, a, argument)?;
    let (m, n) = a.rows_columns();
    if m == n {
        return Ok(());
    }
    Err(runtime_err!(
        "{name}: {argument} must be batches of square matrices, but they are {m} by {n} matrices"
    ))
}

/// Floats of at least single precision, checked by torch before anything else.
pub(crate) fn float(name: &str, a: &Tensor) -> Result<()> {
    any_float(name, a)?;
    if matches!(a.dtype(), DType::F16 | DType::BF16) {
        return Err(unsupported!("{name}: Low precision dtypes not supported. Got {}", name_of(a.dtype())));
    }
    Ok(())
}

/// Floats; half precision is left to [`kernel`].
pub(crate) fn any_float(name: &str, a: &Tensor) -> Result<()> {
    if a.dtype().category() == Category::Float {
        return Ok(());
    }
    Err(unsupported!(
        "{name}: Expected a floating point or complex tensor as input. Got {}",
        name_of(a.dtype())
    ))
}

/// The dtypes the algorithm called `kernel` exists for.
pub(crate) fn kernel(kernel: &str, a: &Tensor) -> Result<()> {
    if matches!(a.dtype(), DType::F32 | DType::F64) {
        return Ok(());
    }
    Err(unsupported!("\"{kernel}\" not implemented for '{}'", name_of(a.dtype())))
}

/// Raises what `error` makes of the first code that is not 0. The graph runs.
pub(crate) fn codes(name: &str, info: &Tensor, error: impl FnOnce(i64) -> Error) -> Result<()> {
    if info.is_sample() || crate::runtime::has_no_values(info.device()) {
        // One entry of a batch that is not there yet, or none at all.
        return Ok(());
    }
    let codes = info.to_vec::<i32>()?;
    let Some(at) = codes.iter().position(|&code| code != 0) else { return Ok(()) };
    let batch = if info.dim() == 0 { String::new() } else { format!("(Batch element {at}): ") };
    Err(match error(i64::from(codes[at])) {
        Error::LinAlg(m) => Error::LinAlg(format!("{name}: {batch}{m}")),
        Error::Runtime(m) => Error::Runtime(format!("{name}: {batch}{m}")),
        other => other,
    })
}

/// Whether sizes of the systems and their right sides agree.
pub(crate) fn fits(name: &str, a: &Tensor, b: &Tensor, left: bool) -> Result<()> {
    let ((m, n), (r, c)) = (a.rows_columns(), b.rows_columns());
    let agree = if left { r == m } else { c == n };
    if agree {
        return Ok(());
    }
    Err(runtime_err!(
        "{name}: Incompatible shapes of A and B for the equation {} ({m}x{n} and {r}x{c})",
        if left { "AX = B" } else { "XA = B" }
    ))
}
