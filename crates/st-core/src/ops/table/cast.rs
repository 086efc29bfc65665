//! Changes of dtype, device and layout.

use super::macros::build;
use crate::ops::Operand;
use crate::ops::def::{Forms, On};
use crate::tensor::Tensor;
use st_kernel::{DType, Error, unsupported};

build! {
    /// The tensor itself; booleans are refused.
    "positive" "(input: Tensor)".forms(Forms::BOTH), |input: &Tensor| match input.dtype() {
        DType::Bool => Err(unsupported!("The `+` operator, on a bool tensor is not supported.")),
        _ => Ok(input.clone()),
    };

    /// The dtype an arithmetic operator gives for these operands.
    "result_type" "(tensor1: Operand, tensor2: Operand)".forms(Forms::FUNCTION),
        |a: Operand, b: Operand| Ok::<_, Error>(crate::ops::result_type(&[a, b]));

    /// As another dtype; itself if it has it already.
    "to" "(input: Tensor, dtype: dtype, non_blocking: bool = False, copy: bool = False)".forms(Forms::METHOD),
        |input: &Tensor, dtype: DType, _non_blocking: bool, copy: bool| input.moved(None, Some(dtype), copy);

    /// On another device, as another dtype if one is named.
    "to" "(input: Tensor, device: device? = None, dtype: dtype? = None, non_blocking: bool = False, copy: bool = False)"
        .forms(Forms::METHOD),
        |input: &Tensor, device: Option<On>, dtype: Option<DType>, non_blocking: bool, copy: bool| {
            input.moved_when(device.map(|d| d.0), dtype, copy, non_blocking)
        };

    /// With the dtype and device of another tensor.
    "to" "(input: Tensor, other: Tensor, non_blocking: bool = False, copy: bool = False)".forms(Forms::METHOD),
        |input: &Tensor, other: &Tensor, non_blocking: bool, copy: bool| {
            input.moved_when(Some(other.device()), Some(other.dtype()), copy, non_blocking)
        };

    /// With the dtype and device of another tensor.
    "type_as" "(input: Tensor, other: Tensor)".forms(Forms::METHOD),
        |input: &Tensor, other: &Tensor| input.moved(Some(other.device()), Some(other.dtype()), false);

    /// As `float64`.
    "double" "(input: Tensor)".forms(Forms::METHOD), |input: &Tensor| input.to_dtype(DType::F64);

    /// As `float32`.
    "float" "(input: Tensor)".forms(Forms::METHOD).onnx("Cast"), |input: &Tensor| input.to_dtype(DType::F32);

    /// As `float16`.
    "half" "(input: Tensor)".forms(Forms::METHOD), |input: &Tensor| input.to_dtype(DType::F16);

    /// As `bfloat16`.
    "bfloat16" "(input: Tensor)".forms(Forms::METHOD), |input: &Tensor| input.to_dtype(DType::BF16);

    /// As `int64`.
    "long" "(input: Tensor)".forms(Forms::METHOD), |input: &Tensor| input.to_dtype(DType::I64);

    /// As `int32`.
    "int" "(input: Tensor)".forms(Forms::METHOD), |input: &Tensor| input.to_dtype(DType::I32);

    /// As `int16`.
    "short" "(input: Tensor)".forms(Forms::METHOD), |input: &Tensor| input.to_dtype(DType::I16);

    /// As `int8`.
    "char" "(input: Tensor)".forms(Forms::METHOD), |input: &Tensor| input.to_dtype(DType::I8);

    /// As `uint8`.
    "byte" "(input: Tensor)".forms(Forms::METHOD), |input: &Tensor| input.to_dtype(DType::U8);

    /// As `bool`: whether it is not zero.
    "bool" "(input: Tensor)".forms(Forms::METHOD), |input: &Tensor| input.to_dtype(DType::Bool);

    /// On the CPU.
    "cpu" "(input: Tensor)".forms(Forms::METHOD), |input: &Tensor| input.to_device(0);

    /// In row-major order; itself if it is already.
    "contiguous" "(input: Tensor)".forms(Forms::METHOD), |input: &Tensor| input.contiguous();

    /// A copy of the data, on the tape.
    "clone" "(input: Tensor)".forms(Forms::BOTH), |input: &Tensor| input.copy();
}
