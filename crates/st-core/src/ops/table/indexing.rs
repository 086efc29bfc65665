//! Reading and writing at indices, joining and dividing.

use super::macros::build;
use crate::ops::def::{Forms, Ints, Out};
use crate::ops::gather::{Combine, one_hot};
use crate::ops::{Operand, join};
use crate::tensor::Tensor;
use st_kernel::{DType, Result, Scalar, runtime_err};

const WRITE: Forms = Forms::BOTH.and(Forms::INPLACE);

build! {
    /// `out[i][j] = input[index[i][j]][j]` for dimension 0, and so on.
    "gather" "(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False)".forms(Forms::BOTH_OUT).onnx("GatherElements").also(Forms::APART).node("gather"),
        |input: &Tensor, dim: i64, index: &Tensor, _sparse_grad: bool| input.gather(dim, index);

    /// As `gather` after broadcasting; without a dimension, in row-major order of all elements.
    "take_along_dim" "(input: Tensor, indices: Tensor, dim: int? = None)".forms(Forms::BOTH_OUT).also(Forms::APART),
        |input: &Tensor, indices: &Tensor, dim: Option<i64>| input.take_along_dim(indices, dim);

    /// The elements at row-major positions.
    "take" "(input: Tensor, index: Tensor)".forms(Forms::BOTH_OUT).also(Forms::APART), |input: &Tensor, index: &Tensor| input.take(index);

    /// The parts at the indices of a dimension.
    "index_select" "(input: Tensor, dim: int, index: Tensor)".forms(Forms::BOTH_OUT).onnx("Gather").also(Forms::APART).node("index_select"),
        |input: &Tensor, dim: i64, index: &Tensor| input.index_select(dim, index);

    /// The elements where the mask is true.
    "masked_select" "(input: Tensor, mask: Tensor)".forms(Forms::BOTH_OUT).also(Forms::APART),
        |input: &Tensor, mask: &Tensor| input.masked_select(mask);

    /// A copy with `out[index[i][j]][j] = src[i][j]` for dimension 0, and so on.
    "scatter" "(input: Tensor, dim: int, index: Tensor, src: Tensor)".forms(WRITE.and(Forms::OUT)).onnx("ScatterElements").also(Forms::SCATTERS),
        |input: &Tensor, dim: i64, index: &Tensor, src: &Tensor| input.scatter(dim, index, src);

    /// A copy with a number at the indices.
    "scatter" "(input: Tensor, dim: int, index: Tensor, value: Number)".forms(WRITE.and(Forms::OUT)).also(Forms::SCATTERS),
        |input: &Tensor, dim: i64, index: &Tensor, value: Scalar| input.scatter(dim, index, value);

    /// A copy with the source's elements added, or multiplied in, at the indices.
    "scatter" "(input: Tensor, dim: int, index: Tensor, src: Operand, *, reduce: str)".forms(WRITE.and(Forms::OUT)).also(Forms::SCATTERS),
        |input: &Tensor, dim: i64, index: &Tensor, src: Operand, reduce: &str| {
            let how = match reduce {
                "add" => Combine::Sum,
                "multiply" => Combine::Prod,
                other => return Err(runtime_err!("reduce argument must be either add or multiply, got {other}")),
            };
            input.scatter_reduce(dim, index, src, how, true)
        };

    /// A copy with the source's elements added at the indices.
    "scatter_add" "(input: Tensor, dim: int, index: Tensor, src: Tensor)".forms(WRITE.and(Forms::OUT)).also(Forms::SCATTERS).node("scatter_add"),
        |input: &Tensor, dim: i64, index: &Tensor, src: &Tensor| input.scatter_add(dim, index, src);

    /// A copy with the source's elements combined in at the indices: 'sum', 'prod', 'mean', 'amax' or 'amin'.
    "scatter_reduce" "(input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True)".forms(WRITE.and(Forms::OUT)),
        |input: &Tensor, dim: i64, index: &Tensor, src: &Tensor, reduce: &str, include_self: bool| {
            input.scatter_reduce(dim, index, src, Combine::parse(reduce)?, include_self)
        };

    /// A copy with `alpha` times the parts of the source added at the indices of a dimension.
    "index_add" "(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Number = 1)".forms(WRITE.and(Forms::OUT)).also(Forms::SCATTERS).node("index_add"),
        |input: &Tensor, dim: i64, index: &Tensor, source: &Tensor, alpha: Scalar| input.index_add(dim, index, source, alpha);

    /// A copy with the parts at the indices of a dimension replaced.
    "index_copy" "(input: Tensor, dim: int, index: Tensor, source: Tensor)".forms(WRITE.and(Forms::OUT)).also(Forms::SCATTERS),
        |input: &Tensor, dim: i64, index: &Tensor, source: &Tensor| input.index_copy(dim, index, source);

    /// A copy with the parts at the indices of a dimension filled.
    "index_fill" "(input: Tensor, dim: int, index: Tensor, value: Operand)".forms(WRITE).also(Forms::SCATTERS),
        |input: &Tensor, dim: i64, index: &Tensor, value: Operand| input.index_fill(dim, index, value);

    /// A copy with `out[indices] = values`, or `+=` where `accumulate` is set.
    "index_put" "(input: Tensor, indices: Tensor[], values: Tensor, accumulate: bool = False)".forms(WRITE).also(Forms::SCATTERS),
        |input: &Tensor, indices: &[Option<Tensor>], values: &Tensor, accumulate: bool| {
            input.index_put(indices, values, accumulate)
        };

    /// Positions of the elements that are not zero, a row for each.
    "nonzero" "(input: Tensor)".onnx("NonZero").forms(Forms::BOTH_OUT).out(Out::Same("nonzero: Expected out tensor to have scalar type {needs} but got scalar type {got}")), |input: &Tensor| input.nonzero();

    /// Positions of the elements that are not zero: one tensor, or one for each dimension.
    "nonzero" "(input: Tensor, *, as_tuple: bool)".forms(Forms::BOTH_OUT).out(Out::Same("nonzero: Expected out tensor to have scalar type {needs} but got scalar type {got}")),
        |input: &Tensor, as_tuple: bool| {
            if as_tuple { input.nonzero_as_tuple().map(crate::ops::Output::from) } else { input.nonzero().map(Into::into) }
        };

    /// Positions of the elements that are not zero, one tensor for each dimension.
    "argwhere" "(input: Tensor)", |input: &Tensor| input.nonzero();

    /// Positions where the condition holds, one tensor for each dimension.
    "where" "(condition: Tensor)", |condition: &Tensor| condition.nonzero_as_tuple();

    /// For each class a one where it is the index's and zeros elsewhere.
    "one_hot" "(input: Tensor, num_classes: int = -1)".forms(Forms::FUNCTIONAL).torch("torch.nn.functional.one_hot").onnx("OneHot"),
        |input: &Tensor, num_classes: i64| {
            one_hot(input, (num_classes != -1).then_some(num_classes.max(0) as usize))
        };

    /// Tensors one after another along a dimension.
    "cat" "(tensors: Tensor[], dim: int = 0)".forms(Forms::FUNCTION.and(Forms::OUT)).onnx("Concat").also(Forms::CAST.and(Forms::APART)),
        |tensors: Vec<Tensor>, dim: i64| join::cat(&tensors, dim);

    /// Tensors along a new dimension.
    "stack" "(tensors: Tensor[], dim: int = 0)".forms(Forms::FUNCTION.and(Forms::OUT)).also(Forms::CAST).node("stack"),
        |tensors: Vec<Tensor>, dim: i64| join::stack(&tensors, dim);

    /// Tensors beside one another.
    "hstack" "(tensors: Tensor[])".forms(Forms::FUNCTION.and(Forms::OUT)).also(Forms::CAST), |tensors: Vec<Tensor>| join::hstack(&tensors);

    /// Tensors below one another.
    "vstack" "(tensors: Tensor[])".forms(Forms::FUNCTION.and(Forms::OUT)).also(Forms::CAST), |tensors: Vec<Tensor>| join::vstack(&tensors);

    /// Tensors behind one another.
    "dstack" "(tensors: Tensor[])".forms(Forms::FUNCTION.and(Forms::OUT)).also(Forms::CAST), |tensors: Vec<Tensor>| join::dstack(&tensors);

    /// Vectors as the columns of a matrix.
    "column_stack" "(tensors: Tensor[])".forms(Forms::FUNCTION.and(Forms::OUT)).also(Forms::CAST), |tensors: Vec<Tensor>| join::column_stack(&tensors);

    /// Each tensor as a view of the shape that all of them broadcast to.
    "broadcast_tensors" "(tensors: Tensor[])".forms(Forms::FUNCTION).also(Forms::SPREAD), |tensors: Vec<Tensor>| join::broadcast_tensors(&tensors);

    /// The coordinates of a grid spanned by vectors; indexing='xy' swaps the first two dimensions.
    "meshgrid" "(tensors: Tensor[], *, indexing: str = 'ij')".forms(Forms::FUNCTION).also(Forms::SPREAD),
        |tensors: Vec<Tensor>, indexing: &str| join::meshgrid(&tensors, indexing);

    /// Views of so many elements of a dimension; the last may be smaller.
    "split" "(input: Tensor, split_size_or_sections: int, dim: int = 0)".node("split"),
        |input: &Tensor, size: i64, dim: i64| input.split(size, dim);

    /// Views of these sizes of a dimension.
    "split" "(input: Tensor, split_size_or_sections: int[], dim: int = 0)".node("split"),
        |input: &Tensor, sizes: Ints, dim: i64| input.split_with_sizes(&sizes, dim);

    /// So many views of a dimension, of equal size if possible.
    "chunk" "(input: Tensor, chunks: int, dim: int = 0)".node("split"), |input: &Tensor, chunks: i64, dim: i64| input.chunk(chunks, dim);

    /// So many views of a dimension, the first ones larger by one where it must be.
    "tensor_split" "(input: Tensor, indices_or_sections: int, dim: int = 0)",
        |input: &Tensor, sections: i64, dim: i64| input.tensor_split(sections, dim);

    /// Views of a dimension divided at these positions.
    "tensor_split" "(input: Tensor, indices_or_sections: int[], dim: int = 0)",
        |input: &Tensor, positions: Ints, dim: i64| input.tensor_split_at(&positions, dim);

    /// As above, with the number or the positions in a tensor.
    "tensor_split" "(input: Tensor, tensor_indices_or_sections: Tensor, dim: int = 0)",
        |input: &Tensor, places: &Tensor, dim: i64| {
            if places.dtype() != DType::I64 {
                return Err(runtime_err!(
                    "tensor_split expected tensor_indices_or_sections to have dtype of long, but got {}",
                    crate::autograd::torch_name(places.dtype())
                ));
            }
            if places.dim() > 1 {
                return Err(runtime_err!(
                    "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a tensor with {} dims",
                    places.dim()
                ));
            }
            let numbers = places.reshape(&[-1])?.unbind(0)?;
            let numbers: Ints = numbers.iter().map(|n| Ok(n.item()?.to_i64())).collect::<Result<_>>()?;
            if places.dim() == 0 { input.tensor_split(numbers[0], dim) } else { input.tensor_split_at(&numbers, dim) }
        };

    /// The parts of a dimension, each without it.
    "unbind" "(input: Tensor, dim: int = 0)".node("unbind"), |input: &Tensor, dim: i64| input.unbind(dim);

    /// With at least one dimension.
    "atleast_1d" "(input: Tensor)".forms(Forms::FUNCTION).also(Forms::SPREAD), |input: &Tensor| input.atleast_1d();

    /// Each with at least one dimension.
    "atleast_1d" "(tensors: Tensor[])".forms(Forms::FUNCTION).also(Forms::SPREAD),
        |tensors: Vec<Tensor>| tensors.iter().map(Tensor::atleast_1d).collect::<Result<Vec<_>>>();

    /// With at least two dimensions.
    "atleast_2d" "(input: Tensor)".forms(Forms::FUNCTION).also(Forms::SPREAD), |input: &Tensor| input.atleast_2d();

    /// Each with at least two dimensions.
    "atleast_2d" "(tensors: Tensor[])".forms(Forms::FUNCTION).also(Forms::SPREAD),
        |tensors: Vec<Tensor>| tensors.iter().map(Tensor::atleast_2d).collect::<Result<Vec<_>>>();

    /// With at least three dimensions.
    "atleast_3d" "(input: Tensor)".forms(Forms::FUNCTION).also(Forms::SPREAD), |input: &Tensor| input.atleast_3d();

    /// Each with at least three dimensions.
    "atleast_3d" "(tensors: Tensor[])".forms(Forms::FUNCTION).also(Forms::SPREAD),
        |tensors: Vec<Tensor>| tensors.iter().map(Tensor::atleast_3d).collect::<Result<Vec<_>>>();
}
