//! Tensors put together, taken apart and partly replaced; copies of what are views elsewhere.

use super::macros::build;
use crate::ops::Operand;
use crate::ops::composite::{rearrange, segments};
use crate::ops::def::{Forms, Ints};
use crate::tensor::{Tensor, normalize_dim, sizes};
use st_kernel::{DType, Result, Scalar, runtime_err, type_err, value_err};

const WRITE: Forms = Forms::BOTH.and(Forms::INPLACE);
const COPY: Forms = Forms::FUNCTION.and(Forms::OUT);
const FUNCTION: Forms = Forms::FUNCTION;

build! {
    /// The tensors as blocks on the diagonal of a matrix of zeros.
    "block_diag" "(tensors: Tensor[])".forms(FUNCTION).also(Forms::SPREAD), |tensors: Vec<Tensor>| rearrange::block_diag(&tensors);

    /// Every choice of one element of each vector, a row for each.
    "cartesian_prod" "(tensors: Tensor[])".forms(FUNCTION).also(Forms::SPREAD), |tensors: Vec<Tensor>| rearrange::cartesian_prod(&tensors);

    /// Every choice of `r` elements of a vector in its order, a row for each.
    "combinations" "(input: Tensor, r: int = 2, with_replacement: bool = False)".forms(FUNCTION),
        |input: &Tensor, r: i64, with_replacement: bool| rearrange::combinations(input, r, with_replacement);

    /// A matrix with the elements on a diagonal.
    "diagflat" "(input: Tensor, offset: int = 0)", |input: &Tensor, offset: i64| input.reshape(&[-1])?.diag_embed(offset, 0, 1);

    /// A copy with one part of a dimension replaced.
    "select_scatter" "(input: Tensor, src: Tensor, dim: int, index: int)",
        |input: &Tensor, src: &Tensor, dim: i64, index: i64| input.with_part("slice", src, |t| t.select(dim, index));

    /// A copy with a slice of a dimension replaced.
    "slice_scatter" "(input: Tensor, src: Tensor, dim: int = 0, start: int? = None, end: int? = None, step: int = 1)".forms(Forms::BOTH_OUT),
        |input: &Tensor, src: &Tensor, dim: i64, start: Option<i64>, end: Option<i64>, step: i64| {
            input.with_part("slice", src, |t| t.slice(dim, start, end, step))
        };

    /// A copy with a diagonal replaced.
    "diagonal_scatter" "(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1)",
        |input: &Tensor, src: &Tensor, offset: i64, dim1: i64, dim2: i64| {
            input.with_part("slice", src, |t| t.diagonal(offset, dim1, dim2))
        };

    /// A copy with what a strided view of it sees replaced.
    "as_strided_scatter" "(input: Tensor, src: Tensor, size: int[], stride: int[], storage_offset: int? = None)",
        |input: &Tensor, src: &Tensor, size: Ints, stride: Ints, storage_offset: Option<i64>| {
            strided_scatter(input, src, &size, &stride, storage_offset)
        };

    /// So many equal views of the second dimension, or of a vector.
    "hsplit" "(input: Tensor, sections: int)", |input: &Tensor, sections: i64| evenly(input, "hsplit", sections);

    /// Views of the second dimension, or of a vector, divided at these positions.
    "hsplit" "(input: Tensor, indices: int[])", |input: &Tensor, indices: Ints| divided(input, "hsplit", &indices);

    /// So many equal views of the first dimension.
    "vsplit" "(input: Tensor, sections: int)", |input: &Tensor, sections: i64| evenly(input, "vsplit", sections);

    /// Views of the first dimension divided at these positions.
    "vsplit" "(input: Tensor, indices: int[])", |input: &Tensor, indices: Ints| divided(input, "vsplit", &indices);

    /// So many equal views of the third dimension.
    "dsplit" "(input: Tensor, sections: int)", |input: &Tensor, sections: i64| evenly(input, "dsplit", sections);

    /// Views of the third dimension divided at these positions.
    "dsplit" "(input: Tensor, indices: int[])", |input: &Tensor, indices: Ints| divided(input, "dsplit", &indices);

    /// Views of these sizes of a dimension.
    "split_with_sizes" "(input: Tensor, split_sizes: int[], dim: int = 0)",
        |input: &Tensor, split_sizes: Ints, dim: i64| input.split_with_sizes(&split_sizes, dim);

    /// As `split`, in memory of their own: each may be written to.
    "unsafe_split" "(input: Tensor, split_size: int, dim: int = 0)",
        |input: &Tensor, size: i64, dim: i64| copies(input.split(size, dim)?);

    /// As `chunk`, in memory of their own.
    "unsafe_chunk" "(input: Tensor, chunks: int, dim: int = 0)",
        |input: &Tensor, chunks: i64, dim: i64| copies(input.chunk(chunks, dim)?);

    /// As `split_with_sizes`, in memory of their own.
    "unsafe_split_with_sizes" "(input: Tensor, split_sizes: int[], dim: int = 0)",
        |input: &Tensor, split_sizes: Ints, dim: i64| copies(input.split_with_sizes(&split_sizes, dim)?);

    /// Summed over what was broadcast to get here from a shape.
    "sum_to_size" "(input: Tensor, size: int[])".forms(Forms::METHOD).torch("torch.Tensor.sum_to_size"),
        |input: &Tensor, size: Ints| {
            let shape = sizes(&size)?;
            let fits = st_kernel::view::broadcast(&shape, input.shape()).is_some_and(|all| all[..] == *input.shape());
            if fits && shape.is_empty() {
                return input.sum_all().map(Into::into);
            }
            if fits { input.sum_to(&shape) } else { Err(runtime_err!("size {{{size:?}}} is not expandable to size {{{:?}}}.", input.shape())) }
        };

    /// A copy filled with a number.
    "fill" "(input: Tensor, value: Operand)".forms(FUNCTION),
        |input: &Tensor, value: Operand| {
            let filled = input.filling(value)?.expand_to(input.shape())?;
            if !input.requires_grad() {
                return filled.copy().map(Into::into);
            }
            // On the tape, with a gradient of zeros for what was filled.
            let copy = input.copy()?;
            copy.copy_(&filled)?;
            Ok(copy)
        };

    /// Its diagonal filled with a number, in place; with `wrap` a tall matrix starts over below.
    "fill_diagonal_" "(input: Tensor, fill_value: Number, wrap: bool = False)".forms(Forms::METHOD).torch(""),
        |input: &Tensor, fill_value: Scalar, wrap: bool| fill_diagonal(input, fill_value, wrap);

    /// A copy with the elements of a source at row-major positions, replaced or added.
    "put" "(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False)".forms(WRITE).also(Forms::SCATTERS),
        |input: &Tensor, index: &Tensor, source: &Tensor, accumulate: bool| input.put(index, source, accumulate);

    /// The elements at index tensors; `None` keeps a dimension.
    "index" "(input: Tensor, indices: Tensor[])".forms(Forms::METHOD).torch(""),
        |input: &Tensor, indices: &[Option<Tensor>]| input.index_tensors(indices);

    /// A copy with the parts of a source combined in at the indices of a dimension: 'prod', 'mean', 'amax' or 'amin'.
    "index_reduce" "(input: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self: bool = True)".forms(WRITE.and(Forms::OUT)),
        |input: &Tensor, dim: i64, index: &Tensor, source: &Tensor, reduce: &str, include_self: bool| {
            segments::index_reduce(input, dim, index, source, reduce, include_self)
        };

    /// A copy with the places where a mask is true filled by the first elements of a source.
    "masked_scatter" "(input: Tensor, mask: Tensor, source: Tensor)".forms(WRITE),
        |input: &Tensor, mask: &Tensor, source: &Tensor| input.masked_scatter(mask, source);

    /// Parts along a dimension whose p-norm is larger than `maxnorm`, brought down to it.
    "renorm" "(input: Tensor, p: Number, dim: int, maxnorm: Number)".forms(Forms::EVERY).node("renorm"),
        |input: &Tensor, p: Scalar, dim: i64, maxnorm: Scalar| input.renorm(p.to_f64(), dim, maxnorm.to_f64());

    /// Whether each element is among those of another tensor.
    "isin" "(elements: Tensor, test_elements: Tensor, *, assume_unique: bool = False, invert: bool = False)".forms(COPY),
        |elements: &Tensor, test_elements: &Tensor, _assume_unique: bool, invert: bool| isin(elements, test_elements, invert);

    /// Whether each element is a number.
    "isin" "(elements: Tensor, test_element: Number, *, assume_unique: bool = False, invert: bool = False)".forms(COPY),
        |elements: &Tensor, test_element: Scalar, _assume_unique: bool, invert: bool| {
            isin(elements, &alone(test_element, elements)?, invert)
        };

    /// Whether a number is among the elements.
    "isin" "(element: Number, test_elements: Tensor, *, assume_unique: bool = False, invert: bool = False)".forms(COPY),
        |element: Scalar, test_elements: &Tensor, _assume_unique: bool, invert: bool| {
            isin(&alone(element, test_elements)?, test_elements, invert)
        };

    /// Whether two tensors have the same shape.
    "is_same_size" "(input: Tensor, other: Tensor)", |input: &Tensor, other: &Tensor| Ok::<_, st_kernel::Error>(input.shape() == other.shape());

    /// Whether the only element is not zero.
    "is_nonzero" "(input: Tensor)",
        |input: &Tensor| match input.numel() {
            1 => input.item().map(Scalar::to_bool),
            0 => Err(runtime_err!("Boolean value of Tensor with no values is ambiguous")),
            _ => Err(runtime_err!("Boolean value of Tensor with more than one value is ambiguous")),
        };

    /// A copy.
    "alias_copy" "(input: Tensor)".forms(COPY), |input: &Tensor| input.copy();

    /// A copy.
    "detach_copy" "(input: Tensor)".forms(COPY), |input: &Tensor| input.copy();

    /// A copy of what a strided view sees.
    "as_strided_copy" "(input: Tensor, size: int[], stride: int[], storage_offset: int? = None)".forms(COPY),
        |input: &Tensor, size: Ints, stride: Ints, storage_offset: Option<i64>| strided(input, &size, &stride, storage_offset)?.copy();

    /// A copy of a diagonal.
    "diagonal_copy" "(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1)".forms(COPY),
        |input: &Tensor, offset: i64, dim1: i64, dim2: i64| input.diagonal(offset, dim1, dim2)?.copy();

    /// A copy that is broadcast to sizes.
    "expand_copy" "(input: Tensor, size: int[], *, implicit: bool = False)".forms(COPY),
        |input: &Tensor, size: Ints, _implicit: bool| input.expand(&size)?.copy();

    /// A copy of a part of a dimension.
    "narrow_copy" "(input: Tensor, dim: int, start: int, length: int)".forms(COPY.and(Forms::METHOD)),
        |input: &Tensor, dim: i64, start: i64, length: i64| {
            if length < 0 {
                let size = input.shape().get(normalize_dim(dim, input.dim())?).copied().unwrap_or(1);
                return Err(runtime_err!("start ({start}) + length ({length}) exceeds dimension size ({size})."));
            }
            input.narrow(dim, start, length)?.copy()
        };

    /// A copy with its dimensions in another order.
    "permute_copy" "(input: Tensor, dims: int[])".forms(COPY), |input: &Tensor, dims: Ints| input.permute(&dims)?.copy();

    /// A copy of one part of a dimension.
    "select_copy" "(input: Tensor, dim: int, index: int)".forms(COPY).also(Forms::CAST), |input: &Tensor, dim: i64, index: i64| input.select(dim, index)?.copy();

    /// A copy of a slice of a dimension.
    "slice_copy" "(input: Tensor, dim: int = 0, start: int? = None, end: int? = None, step: int = 1)".forms(COPY),
        |input: &Tensor, dim: i64, start: Option<i64>, end: Option<i64>, step: i64| input.slice(dim, start, end, step)?.copy();

    /// Copies of so many elements of a dimension.
    "split_copy" "(input: Tensor, split_size: int, dim: int = 0)".forms(FUNCTION.and(Forms::OUT)).also(Forms::CAST),
        |input: &Tensor, split_size: i64, dim: i64| copies(input.split(split_size, dim)?);

    /// Copies of these sizes of a dimension.
    "split_with_sizes_copy" "(input: Tensor, split_sizes: int[], dim: int = 0)".forms(FUNCTION.and(Forms::OUT)),
        |input: &Tensor, split_sizes: Ints, dim: i64| copies(input.split_with_sizes(&split_sizes, dim)?);

    /// A copy without dimensions of size one: all of them, or those named.
    "squeeze_copy" "(input: Tensor, dim: int[]? = None)".forms(COPY), |input: &Tensor, dim: Option<Ints>| input.squeeze(dim.as_deref())?.copy();

    /// A copy of the transpose of a matrix.
    "t_copy" "(input: Tensor)".forms(COPY), |input: &Tensor| input.t()?.copy();

    /// A copy with two dimensions swapped.
    "transpose_copy" "(input: Tensor, dim0: int, dim1: int)".forms(COPY), |input: &Tensor, dim0: i64, dim1: i64| input.transpose(dim0, dim1)?.copy();

    /// Copies of the parts of a dimension.
    "unbind_copy" "(input: Tensor, dim: int = 0)".forms(FUNCTION.and(Forms::OUT)), |input: &Tensor, dim: i64| copies(input.unbind(dim)?);

    /// A copy of the windows along a dimension.
    "unfold_copy" "(input: Tensor, dimension: int, size: int, step: int)".forms(COPY),
        |input: &Tensor, dimension: i64, size: i64, step: i64| input.unfold(dimension, size, step)?.copy();

    /// A copy with a dimension of size one before `dim`.
    "unsqueeze_copy" "(input: Tensor, dim: int)".forms(COPY), |input: &Tensor, dim: i64| input.unsqueeze(dim)?.copy();

    /// A copy under another shape.
    "view_copy" "(input: Tensor, size: int[])".forms(COPY), |input: &Tensor, size: Ints| input.reshape(&size)?.copy();

    /// Rows and columns of the elements of a matrix on and below a diagonal.
    "tril_indices" "(row: int, col: int, offset: int = 0, *, dtype: dtype? = None, device: device? = None)".forms(FUNCTION),
        |row: i64, col: i64, offset: i64, dtype: Option<DType>, device: Option<crate::ops::def::On>| {
            rearrange::triangle_indices(row, col, offset, true, dtype.unwrap_or(DType::I64), super::creation::id(device))
        };

    /// Rows and columns of the elements of a matrix on and above a diagonal.
    "triu_indices" "(row: int, col: int, offset: int = 0, *, dtype: dtype? = None, device: device? = None)".forms(FUNCTION),
        |row: i64, col: i64, offset: i64, dtype: Option<DType>, device: Option<crate::ops::def::On>| {
            rearrange::triangle_indices(row, col, offset, false, dtype.unwrap_or(DType::I64), super::creation::id(device))
        };

    /// For each dimension of a shape, where row-major positions are in it.
    "unravel_index" "(indices: Tensor, shape: int[])".forms(FUNCTION), |indices: &Tensor, shape: Ints| unravel(indices, &shape);
}

fn strided(t: &Tensor, size: &[i64], stride: &[i64], offset: Option<i64>) -> Result<Tensor> {
    let strides: Vec<isize> = stride.iter().map(|&s| s as isize).collect();
    t.as_strided(&sizes(size)?, &strides, offset.map_or(t.storage_offset(), |o| o as usize))
}

/// In a copy of the tensor that has its strides.
fn strided_scatter(
    input: &Tensor,
    src: &Tensor,
    size: &[i64],
    stride: &[i64],
    offset: Option<i64>,
) -> Result<Tensor> {
    let offset = offset.unwrap_or(input.storage_offset() as i64);
    let room = Tensor::zeros(&[input.flat_storage().numel()], input.dtype(), input.device())?;
    let own = |room: &Tensor| room.as_strided(input.shape(), input.strides(), input.storage_offset());
    own(&room)?.copy_(input)?;
    own(&room.with_part("view", src, |room| strided(room, size, stride, Some(offset)))?)
}

fn evenly(input: &Tensor, name: &str, sections: i64) -> Result<Vec<Tensor>> {
    input.split_evenly(name, sections, input.split_dimension(name)?)
}

fn divided(input: &Tensor, name: &str, indices: &[i64]) -> Result<Vec<Tensor>> {
    input.tensor_split_at(indices, input.split_dimension(name)? as i64)
}

fn copies(parts: Vec<Tensor>) -> Result<Vec<Tensor>> {
    parts.iter().map(Tensor::copy).collect()
}

fn alone(number: Scalar, like: &Tensor) -> Result<Tensor> {
    crate::ops::composite::beside(number, like)
}

fn isin(elements: &Tensor, among: &Tensor, invert: bool) -> Result<Tensor> {
    let found = elements.isin(among)?;
    if invert { found.logical_not() } else { Ok(found) }
}

fn fill_diagonal(input: &Tensor, value: Scalar, wrap: bool) -> Result<Tensor> {
    let shape = input.shape();
    let Some((&rows, others)) = shape.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Err(runtime_err!("dimensions must larger than 1"));
    };
    if others.len() > 1 && others.iter().any(|&n| n != rows) {
        return Err(runtime_err!("all dimensions of input must be of equal length"));
    }
    let step: isize = input.strides().iter().sum();
    let columns = others[0];
    let fill = |from: usize, count: usize| {
        let offset = input.storage_offset() + from * input.strides()[0] as usize;
        input.as_strided(&[count], &[step], offset)?.fill_(value)
    };
    fill(0, rows.min(columns))?;
    if wrap && others.len() == 1 {
        let mut from = columns + 1;
        while from < rows && columns > 0 {
            fill(from, columns.min(rows - from))?;
            from += columns + 1;
        }
    }
    Ok(input.clone())
}

fn unravel(indices: &Tensor, shape: &[i64]) -> Result<Vec<Tensor>> {
    if indices.dtype().is_float() || indices.dtype() == DType::Bool {
        return Err(type_err!("expected 'indices' to be integer dtype, but got {}", indices.dtype()));
    }
    if let Some(n) = shape.iter().find(|n| **n < 0) {
        return Err(value_err!("'shape' cannot have negative values, but got {n} in {shape:?}"));
    }
    let mut below: i64 = shape.iter().fold(1, |all, n| all.saturating_mul(*n));
    let indices = indices.to_dtype(DType::I64)?;
    let mut out = Vec::new();
    for &n in shape {
        below = if n == 0 { 0 } else { below / n };
        out.push(indices.floor_divide(below.max(1))?.remainder(n.max(1))?);
    }
    Ok(out)
}
