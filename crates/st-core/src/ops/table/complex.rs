//! Complex numbers: made of parts, taken apart. What the other rows do with them stands in `crate::complex`.

use super::macros::{build, pointwise};
use crate::autograd::torch_name;
use crate::complex::Complex;
use crate::ops::def::{Forms, Out, Output, Value};
use crate::ops::pointwise::DtypeRule::ToFloat;
use crate::tensor::Tensor;
use st_kernel::expr::*;
use st_kernel::{DType, Error, Result, runtime_err, type_err, unsupported};

pointwise! {
    /// The angle of a complex number; of a real one 0 or pi.
    angle(input) {
        forward: |x| select(is_nan(x[0]), x[0], select(lt(x[0], 0.0), std::f64::consts::PI, 0.0, x[0]), x[0]),
        dtype: ToFloat, vjp: Some(|x, _, _| vec![Some(x[0].like(0.0))]), forms: Forms::BOTH_OUT
    }

    /// Complex numbers with the imaginary part negated.
    conj_physical(input) { forward: |x| x[0], dtype: crate::ops::pointwise::DtypeRule::Promote, out: Out::Found }
}

build! {
    /// The complex tensor of a real and an imaginary part.
    "complex" "(real: Tensor, imag: Tensor)".forms(Forms::FUNCTION.and(Forms::OUT)).out(Out::Same("{op}(): Expected object of scalar type {needs} but got scalar type {got} for argument 'out'")),
        |real: &Tensor, imag: &Tensor| joined(real, imag);

    /// The complex tensor of absolute values and angles.
    "polar" "(abs: Tensor, angle: Tensor)".forms(Forms::FUNCTION.and(Forms::OUT)).out(Out::Same("{op}(): Expected object of scalar type {needs} but got scalar type {got} for argument 'out'")).node("polar"),
        |abs: &Tensor, angle: &Tensor| {
            expect_parts(abs, angle)?;
            let abs = abs.modulus()?;
            joined(&abs.mul(&angle.cos()?)?, &abs.mul(&angle.sin()?)?)
        };

    /// A real tensor with a last dimension of two, seen as complex numbers.
    "view_as_complex" "(input: Tensor)".forms(Forms::FUNCTION), |input: &Tensor| Complex::from_pairs(input);

    /// Complex numbers seen as a real tensor with a last dimension of two.
    "view_as_real" "(input: Tensor)".forms(Forms::FUNCTION), |input: &Tensor| Err::<Tensor, _>(runtime_err!("view_as_real is only supported for complex tensors, got {}", input.dtype()));

    /// The real parts, a view; a real tensor itself.
    "real" "(input: Tensor)".forms(Forms::FUNCTION), |input: &Tensor| Ok::<_, Error>(input.clone());

    /// The imaginary parts, a view.
    "imag" "(input: Tensor)".forms(Forms::FUNCTION), |input: &Tensor| only_complex("imag", input);

    /// Complex numbers with the imaginary part negated; a real tensor itself.
    "conj" "(input: Tensor)", |input: &Tensor| Ok::<_, Error>(input.clone());

    /// The tensor: conjugation is never postponed here.
    "resolve_conj" "(input: Tensor)", |input: &Tensor| Ok::<_, Error>(input.clone());

    /// The tensor: negation is never postponed here.
    "resolve_neg" "(input: Tensor)", |input: &Tensor| Ok::<_, Error>(input.clone());

    /// Whether conjugation is postponed: never.
    "is_conj" "(input: Tensor)", |_input: &Tensor| Ok::<_, Error>(false);

    /// Whether negation is postponed: never.
    "is_neg" "(input: Tensor)", |_input: &Tensor| Ok::<_, Error>(false);

    /// The conjugate of the transpose of matrices.
    "adjoint" "(input: Tensor)", |input: &Tensor| adjoint(input);

    /// As `complex32`.
    "chalf" "(input: Tensor)".forms(Forms::METHOD), |input: &Tensor| widened(input, DType::F16);

    /// As `complex64`.
    "cfloat" "(input: Tensor)".forms(Forms::METHOD), |input: &Tensor| widened(input, DType::F32);

    /// As `complex128`.
    "cdouble" "(input: Tensor)".forms(Forms::METHOD), |input: &Tensor| widened(input, DType::F64);

    /// Whether the imaginary part is zero.
    "isreal" "(input: Tensor)", |input: &Tensor| Tensor::full(input.shape(), true, DType::Bool, input.device());

    /// The product of vectors, the first conjugated.
    "vdot" "(input: Tensor, other: Tensor)".forms(Forms::BOTH_OUT).out(Out::Same("{op}(): result dtype {got} does not match input dtype {needs}")), |input: &Tensor, other: &Tensor| input.dot(other);
}

fn joined(re: &Tensor, im: &Tensor) -> Result<Complex> {
    expect_parts(re, im)?;
    Complex::join(re, im)
}

fn expect_parts(re: &Tensor, im: &Tensor) -> Result<()> {
    let known = |t: &Tensor| matches!(t.dtype(), DType::F16 | DType::F32 | DType::F64);
    if !known(re) || !known(im) {
        return Err(unsupported!(
            "Expected both inputs to be Half, Float or Double tensors but got {} and {}",
            torch_name(re.dtype()),
            torch_name(im.dtype())
        ));
    }
    if re.dtype() != im.dtype() {
        return Err(runtime_err!(
            "Expected object of scalar type {} but got scalar type {} for second argument",
            torch_name(re.dtype()),
            torch_name(im.dtype())
        ));
    }
    Ok(())
}

fn only_complex(name: &str, input: &Tensor) -> Result<Tensor> {
    Err(type_err!(
        "{name} is not implemented for tensors with non-complex dtypes, got {}; make one with torch.complex(real, imag)",
        input.dtype()
    ))
}

fn adjoint(input: &Tensor) -> Result<Tensor> {
    if input.dim() == 0 {
        return Ok(input.clone());
    }
    if input.dim() < 2 {
        return Err(runtime_err!(
            "tensor.adjoint() is only supported on matrices or batches of matrices. Got {}-D tensor.",
            input.dim()
        ));
    }
    input.transpose(-2, -1)
}

fn widened(input: &Tensor, parts: DType) -> Result<Output> {
    crate::ops::lookup("to").first().ok_or_else(|| runtime_err!("there is no operator to"))?.call(&[
        Value::Tensor(input.clone()),
        Value::ComplexDType(parts),
        Value::Scalar(false.into()),
        Value::Scalar(false.into()),
    ])
}
