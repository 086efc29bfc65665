//! Views: the same memory seen under another shape, and copies that arrange elements anew.

use super::macros::build;
use crate::ops::arrange::{PadMode, positions};
use crate::ops::def::{Forms, Ints};
use crate::tensor::Tensor;
use st_kernel::{DType, Result, Scalar, runtime_err};

build! {
    /// The same memory under another shape; one size may be -1.
    "view" "(input: Tensor, size: int[])".forms(Forms::METHOD).torch("torch.Tensor.view"),
        |input: &Tensor, size: Ints| input.view(&size);

    /// The same bytes as elements of another dtype.
    "view" "(input: Tensor, dtype: dtype)".forms(Forms::METHOD).torch("torch.Tensor.view"),
        |input: &Tensor, dtype: DType| input.view_dtype(dtype);

    /// The same elements under another shape: a view where possible, else a copy.
    "reshape" "(input: Tensor, shape: int[])".onnx("Reshape"), |input: &Tensor, shape: Ints| input.reshape(&shape);

    /// The shape of another tensor.
    "view_as" "(input: Tensor, other: Tensor)".forms(Forms::METHOD).torch("torch.Tensor.view_as"),
        |input: &Tensor, other: &Tensor| input.view(&sizes(other));

    /// The shape of another tensor, with a copy where strides cannot say so.
    "reshape_as" "(input: Tensor, other: Tensor)".forms(Forms::METHOD).torch("torch.Tensor.reshape_as"),
        |input: &Tensor, other: &Tensor| input.reshape(&sizes(other));

    /// Dimension `dims[i]` becomes dimension `i`.
    "permute" "(input: Tensor, dims: int[])".onnx("Transpose"), |input: &Tensor, dims: Ints| input.permute(&dims);

    /// Two dimensions change places.
    "transpose" "(input: Tensor, dim0: int, dim1: int)".onnx("Transpose").node("transpose"),
        |input: &Tensor, dim0: i64, dim1: i64| input.transpose(dim0, dim1);

    /// Two dimensions swapped.
    "swapaxes" "(input: Tensor, axis0: int, axis1: int)".node("transpose"),
        |input: &Tensor, axis0: i64, axis1: i64| input.transpose(axis0, axis1);

    /// The transpose of a matrix; vectors stay as they are.
    "t" "(input: Tensor)".onnx("Transpose").node("t"), |input: &Tensor| input.t();

    /// Broadcasts to sizes, where -1 keeps one.
    "expand" "(input: Tensor, size: int[])".forms(Forms::METHOD).torch("torch.Tensor.expand").onnx("Expand"),
        |input: &Tensor, size: Ints| input.expand(&size);

    /// Broadcasts to the shape of another tensor.
    "expand_as" "(input: Tensor, other: Tensor)".forms(Forms::METHOD).torch("torch.Tensor.expand_as"),
        |input: &Tensor, other: &Tensor| input.expand(&sizes(other));

    /// Broadcasts to a shape.
    "broadcast_to" "(input: Tensor, size: int[])", |input: &Tensor, size: Ints| input.expand(&size);

    /// A dimension of size one before `dim`.
    "unsqueeze" "(input: Tensor, dim: int)".onnx("Unsqueeze").node("unsqueeze"), |input: &Tensor, dim: i64| input.unsqueeze(dim);

    /// Without the dimensions of size one, or without those of them that are named.
    "squeeze" "(input: Tensor, dim: int[]? = None)".onnx("Squeeze").node("squeeze"),
        |input: &Tensor, dim: Option<Ints>| input.squeeze(dim.as_deref());

    /// Some dimensions as one.
    "flatten" "(input: Tensor, start_dim: int = 0, end_dim: int = -1)".onnx("Flatten"),
        |input: &Tensor, start_dim: i64, end_dim: i64| input.flatten(start_dim, end_dim);

    /// All dimensions as one.
    "ravel" "(input: Tensor)", |input: &Tensor| input.contiguous()?.reshape(&[-1]);

    /// One dimension as several.
    "unflatten" "(input: Tensor, dim: int, sizes: int[])", |input: &Tensor, dim: i64, sizes: Ints| input.unflatten(dim, &sizes);

    /// Dimensions moved to other places.
    "movedim" "(input: Tensor, source: int[], destination: int[])",
        |input: &Tensor, source: Ints, destination: Ints| input.movedim(&source, &destination);

    /// `length` elements from `start` on along a dimension.
    "narrow" "(input: Tensor, dim: int, start: int, length: int)",
        |input: &Tensor, dim: i64, start: i64, length: i64| input.narrow(dim, start, length);

    /// `length` elements along a dimension, from where a tensor says.
    "narrow" "(input: Tensor, dim: int, start: Tensor, length: int)",
        |input: &Tensor, dim: i64, start: &Tensor, length: i64| {
            if start.dim() != 0 || start.dtype().is_float() || start.dtype() == DType::Bool {
                return Err(runtime_err!("start must be an 0-dim integral Tensor. Got {:?} {}", start.shape(), start.dtype()));
            }
            input.narrow(dim, start.item()?.to_i64(), length)
        };

    /// The part at an index of a dimension, without that dimension.
    "select" "(input: Tensor, dim: int, index: int)", |input: &Tensor, dim: i64, index: i64| input.select(dim, index);

    /// The diagonal of two dimensions as the last one.
    "diagonal" "(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1)".node("diagonal"),
        |input: &Tensor, offset: i64, dim1: i64, dim2: i64| input.diagonal(offset, dim1, dim2);

    /// The diagonal of a matrix, or the matrix of a diagonal.
    "diag" "(input: Tensor, diagonal: int = 0)".forms(Forms::BOTH_OUT), |input: &Tensor, diagonal: i64| input.diag(diagonal);

    /// The last dimension as the diagonal of two new ones.
    "diag_embed" "(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1)",
        |input: &Tensor, offset: i64, dim1: i64, dim2: i64| input.diag_embed(offset, dim1, dim2);

    /// Windows of `size` elements every `step` along a dimension, as a new last dimension.
    "unfold" "(input: Tensor, dimension: int, size: int, step: int)".forms(Forms::METHOD).torch("torch.Tensor.unfold").node("unfold"),
        |input: &Tensor, dimension: i64, size: i64, step: i64| input.unfold(dimension, size, step);

    /// Any strided view of the storage.
    "as_strided" "(input: Tensor, size: int[], stride: int[], storage_offset: int? = None)",
        |input: &Tensor, size: Ints, stride: Ints, storage_offset: Option<i64>| {
            // How the entries of a batch lie in memory, a sample does not know.
            if input.is_sample() {
                return Err(crate::vmap::value_error());
            }
            let shape = crate::tensor::sizes(&size)?;
            let strides: Vec<isize> = stride.iter().map(|&s| s as isize).collect();
            let offset = match storage_offset {
                None => input.storage_offset(),
                Some(offset) => usize::try_from(offset)
                    .map_err(|_| runtime_err!("Tensor: invalid storage offset {offset}"))?,
            };
            input.as_strided(&shape, &strides, offset)
        };

    /// Dimensions in reversed order (a copy).
    "flip" "(input: Tensor, dims: int[])", |input: &Tensor, dims: Ints| input.flip(&dims);

    /// Columns in reversed order.
    "fliplr" "(input: Tensor)", |input: &Tensor| input.fliplr();

    /// Rows in reversed order.
    "flipud" "(input: Tensor)", |input: &Tensor| input.flipud();

    /// Turned by quarters in the plane of two dimensions.
    "rot90" "(input: Tensor, k: int = 1, dims: int[] = [0, 1])",
        |input: &Tensor, k: i64, dims: Ints| match dims[..] {
            [from, to] => input.rot90(k, [from, to]),
            _ => Err(runtime_err!("expected total rotation dims == 2, but got dims = {}", dims.len())),
        };

    /// Moved along dimensions; what leaves at one end comes in at the other.
    "roll" "(input: Tensor, shifts: int[], dims: int[]? = None)".node("roll"),
        |input: &Tensor, shifts: Ints, dims: Option<Ints>| input.roll(&shifts, &dims.unwrap_or_default());

    /// So many copies along each dimension.
    "repeat" "(input: Tensor, repeats: int[])".forms(Forms::METHOD).torch("torch.Tensor.repeat").onnx("Tile").node("repeat"),
        |input: &Tensor, repeats: Ints| input.repeat(&repeats);

    /// As `repeat`; dimensions that are not named stay.
    "tile" "(input: Tensor, dims: int[])".onnx("Tile"), |input: &Tensor, dims: Ints| input.tile(&dims);

    /// Every element so many times in a row.
    "repeat_interleave" "(input: Tensor, repeats: int, dim: int? = None, *, output_size: int? = None)",
        |input: &Tensor, repeats: i64, dim: Option<i64>, _size: Option<i64>| input.repeat_interleave(repeats, dim);

    /// The index of each count as often as the count says.
    "repeat_interleave" "(repeats: Tensor, *, output_size: int? = None)".forms(Forms::FUNCTION),
        |repeats: &Tensor, _size: Option<i64>| {
            if repeats.dim() != 1 {
                return Err(runtime_err!("repeat_interleave only accept 1D vector as repeat"));
            }
            positions(repeats.numel(), repeats.device()).repeat_interleave_each(repeats, None)
        };

    /// Every element as often as the tensor of counts says.
    "repeat_interleave" "(input: Tensor, repeats: Tensor, dim: int? = None, *, output_size: int? = None)",
        |input: &Tensor, repeats: &Tensor, dim: Option<i64>, _size: Option<i64>| input.repeat_interleave_each(repeats, dim);

    /// The lower triangle, zeros above the diagonal.
    "tril" "(input: Tensor, diagonal: int = 0)".forms(Forms::EVERY).onnx("Trilu"),
        |input: &Tensor, diagonal: i64| input.tril(diagonal);

    /// The upper triangle, zeros below the diagonal.
    "triu" "(input: Tensor, diagonal: int = 0)".forms(Forms::EVERY).onnx("Trilu"),
        |input: &Tensor, diagonal: i64| input.triu(diagonal);

    /// Margins before and after dimensions, from the last one on: of a number, mirrored, repeated or circular.
    "pad" "(input: Tensor, pad: int[], mode: str = 'constant', value: Number? = None)"
        .forms(Forms::FUNCTIONAL).torch("torch.nn.functional.pad").onnx("Pad"),
        |input: &Tensor, pad: Ints, mode: &str, value: Option<Scalar>| padded(input, &pad, mode, value);
}

fn sizes(t: &Tensor) -> Ints {
    t.shape().iter().map(|&n| n as i64).collect()
}

fn padded(input: &Tensor, pad: &[i64], mode: &str, value: Option<Scalar>) -> Result<Tensor> {
    if !pad.len().is_multiple_of(2) {
        return Err(runtime_err!("Padding length must be divisible by 2, got {}", pad.len()));
    }
    let margins: Vec<(i64, i64)> = pad.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    let numbered = value.is_some_and(|value| value.to_f64() != 0.0);
    if numbered && matches!(mode, "reflect" | "replicate" | "circular") {
        return Err(runtime_err!("Padding mode \"{mode}\" doesn't take in value argument"));
    }
    let mode = match mode {
        "constant" => return input.pad_constant(&margins, value.unwrap_or(Scalar::Int(0))),
        "reflect" => PadMode::Reflect,
        "replicate" => PadMode::Replicate,
        "circular" => PadMode::Circular,
        other => return Err(st_kernel::unsupported!("Unrecognised padding mode {other}")),
    };
    expect_elements(input, margins.len(), mode)?;
    input.pad_from(&margins, mode)
}

/// Refuses an image without elements to mirror or repeat; only the batch may be empty.
fn expect_elements(input: &Tensor, spatial: usize, mode: PadMode) -> Result<()> {
    let batched = input.dim() == spatial + 2;
    let known = batched || input.dim() == spatial + 1;
    if !known
        || matches!(mode, PadMode::Circular)
        || !input.shape().iter().skip(usize::from(batched)).any(|&n| n == 0)
    {
        return Ok(());
    }
    Err(runtime_err!(
        "Expected {}D or {}D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: {:?}",
        spatial + 1,
        spatial + 2,
        input.shape()
    ))
}
