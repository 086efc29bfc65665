//! Reductions, running reductions and order.

use super::{linear, macros::build};
use crate::ops::Operand;
use crate::ops::composite::products::{MatrixNorm, matrix_norm};
use crate::ops::def::{Forms, Ints, Out};
use crate::ops::index::expect_known;
use crate::tensor::Tensor;
use st_kernel::{DType, Result, Scalar, runtime_err};

const VALUES: &[&str] = &["values", "indices"];
const BOTH: Forms = Forms::BOTH_OUT;

build! {
    /// The sum over some dimensions, all if none are named.
    "sum" "(input: Tensor, dim: int[]? = None, keepdim: bool = False, *, dtype: dtype? = None)".forms(BOTH).onnx("ReduceSum").also(Forms::CAST),
        |input: &Tensor, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>| {
            as_asked(cast(input, dtype)?.sum(&dim.unwrap_or_default(), keepdim)?, dtype)
        };

    /// The mean over some dimensions, all if none are named.
    "mean" "(input: Tensor, dim: int[]? = None, keepdim: bool = False, *, dtype: dtype? = None)".forms(BOTH).onnx("ReduceMean").also(Forms::CAST),
        |input: &Tensor, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>| {
            cast(input, dtype)?.mean(&dim.unwrap_or_default(), keepdim)
        };

    /// The sum of what is not NaN.
    "nansum" "(input: Tensor, dim: int[]? = None, keepdim: bool = False, *, dtype: dtype? = None)".forms(BOTH).also(Forms::CAST),
        |input: &Tensor, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>| {
            as_asked(cast(input, dtype)?.nansum(&dim.unwrap_or_default(), keepdim)?, dtype)
        };

    /// The mean of what is not NaN.
    "nanmean" "(input: Tensor, dim: int[]? = None, keepdim: bool = False, *, dtype: dtype? = None)".forms(BOTH).also(Forms::CAST),
        |input: &Tensor, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>| {
            cast(input, dtype)?.nanmean(&dim.unwrap_or_default(), keepdim)
        };

    /// The product along a dimension, or of all elements.
    "prod" "(input: Tensor, dim: int? = None, keepdim: bool = False, *, dtype: dtype? = None)".forms(BOTH).onnx("ReduceProd").also(Forms::CAST),
        |input: &Tensor, dim: Option<i64>, keepdim: bool, dtype: Option<DType>| {
            as_asked(cast(input, dtype)?.prod(dim.as_slice(), keepdim)?, dtype)
        };

    /// The largest over some dimensions; equal ones share the gradient evenly.
    "amax" "(input: Tensor, dim: int[]? = None, keepdim: bool = False)".forms(BOTH).onnx("ReduceMax").out(Out::Same("Expected the dtype for input and out to match, but got {needs} for input's dtype and {got} for out's dtype.")),
        |input: &Tensor, dim: Option<Ints>, keepdim: bool| input.amax(&dim.unwrap_or_default(), keepdim);

    /// The smallest over some dimensions; equal ones share the gradient evenly.
    "amin" "(input: Tensor, dim: int[]? = None, keepdim: bool = False)".forms(BOTH).onnx("ReduceMin").out(Out::Same("Expected the dtype for input and out to match, but got {needs} for input's dtype and {got} for out's dtype.")),
        |input: &Tensor, dim: Option<Ints>, keepdim: bool| input.amin(&dim.unwrap_or_default(), keepdim);

    /// The smallest and the largest, along a dimension or of all elements.
    "aminmax" "(input: Tensor, *, dim: int? = None, keepdim: bool = False)".returns(&["min", "max"]).forms(Forms::BOTH_OUT).out(Out::Same("Expected out tensor to have dtype {c_needs}, but got {c_got} instead")),
        |input: &Tensor, dim: Option<i64>, keepdim: bool| {
            input.amin(dim.as_slice(), keepdim).and_then(|low| Ok((low, input.amax(dim.as_slice(), keepdim)?)))
        };

    /// The largest of all elements.
    "max" "(input: Tensor)".forms(BOTH).onnx("ReduceMax").also(Forms::CAST).node("max:1"), |input: &Tensor| input.max_all();

    /// The larger of two; NaN if either is.
    "max" "(input: Tensor, other: Tensor)".forms(BOTH).also(Forms::CAST), |input: &Tensor, other: &Tensor| input.maximum(other);

    /// The largest along a dimension and where it is first.
    "max" "(input: Tensor, dim: int, keepdim: bool = False)".forms(BOTH).returns(VALUES).node("max"),
        |input: &Tensor, dim: i64, keepdim: bool| input.max_dim(dim, keepdim);

    /// The smallest of all elements.
    "min" "(input: Tensor)".forms(BOTH).onnx("ReduceMin").also(Forms::CAST).node("min:1"), |input: &Tensor| input.min_all();

    /// The smaller of two; NaN if either is.
    "min" "(input: Tensor, other: Tensor)".forms(BOTH).also(Forms::CAST), |input: &Tensor, other: &Tensor| input.minimum(other);

    /// The smallest along a dimension and where it is first.
    "min" "(input: Tensor, dim: int, keepdim: bool = False)".forms(BOTH).returns(VALUES).node("min"),
        |input: &Tensor, dim: i64, keepdim: bool| input.min_dim(dim, keepdim);

    /// Where the largest is first: along a dimension, or in row-major order of all elements.
    "argmax" "(input: Tensor, dim: int? = None, keepdim: bool = False)".onnx("ArgMax").forms(Forms::BOTH_OUT),
        |input: &Tensor, dim: Option<i64>, keepdim: bool| input.argmax(dim, keepdim);

    /// Where the smallest is first: along a dimension, or in row-major order of all elements.
    "argmin" "(input: Tensor, dim: int? = None, keepdim: bool = False)".onnx("ArgMin").forms(Forms::BOTH_OUT),
        |input: &Tensor, dim: Option<i64>, keepdim: bool| input.argmin(dim, keepdim);

    /// Whether all elements are true (not zero).
    "all" "(input: Tensor, dim: int[]? = None, keepdim: bool = False)".forms(BOTH).out(Out::Truth("{op} only supports bool tensor for result, got: {got}")),
        |input: &Tensor, dim: Option<Ints>, keepdim: bool| match dim {
            Some(none) if none.is_empty() => truths(input),
            dim => input.all(&dim.unwrap_or_default(), keepdim),
        };

    /// Whether any element is true (not zero).
    "any" "(input: Tensor, dim: int[]? = None, keepdim: bool = False)".forms(BOTH).out(Out::Truth("{op} only supports bool tensor for result, got: {got}")),
        |input: &Tensor, dim: Option<Ints>, keepdim: bool| match dim {
            Some(none) if none.is_empty() => truths(input),
            dim => input.any(&dim.unwrap_or_default(), keepdim),
        };

    /// How many elements are not zero.
    "count_nonzero" "(input: Tensor, dim: int[]? = None)",
        |input: &Tensor, dim: Option<Ints>| input.count_nonzero(&dim.unwrap_or_default());

    /// The variance, divided by the count less `correction`.
    "var" "(input: Tensor, dim: int[]? = None, *, correction: Number? = 1, keepdim: bool = False)".forms(BOTH.and(Forms::OUT)).also(Forms::CAST).node("var"),
        |input: &Tensor, dim: Option<Ints>, correction: Option<Scalar>, keepdim: bool| {
            input.var(&dim.unwrap_or_default(), usual(correction), keepdim)
        };

    /// The variance over some dimensions, by torch's older arguments.
    "var" "(input: Tensor, dim: int[]?, unbiased: bool, keepdim: bool = False)".forms(BOTH).also(Forms::CAST).node("var"),
        |input: &Tensor, dim: Option<Ints>, unbiased: bool, keepdim: bool| {
            input.var(&dim.unwrap_or_default(), f64::from(u8::from(unbiased)), keepdim)
        };

    /// The variance of all elements, by torch's older arguments.
    "var" "(input: Tensor, unbiased: bool)".node("var"),
        |input: &Tensor, unbiased: bool| input.var(&[], f64::from(u8::from(unbiased)), false);

    /// The standard deviation: the root of `var`.
    "std" "(input: Tensor, dim: int[]? = None, *, correction: Number? = 1, keepdim: bool = False)".forms(BOTH.and(Forms::OUT)).also(Forms::CAST).node("std"),
        |input: &Tensor, dim: Option<Ints>, correction: Option<Scalar>, keepdim: bool| {
            input.std(&dim.unwrap_or_default(), usual(correction), keepdim)
        };

    /// The standard deviation over some dimensions, by torch's older arguments.
    "std" "(input: Tensor, dim: int[]?, unbiased: bool, keepdim: bool = False)".forms(BOTH).also(Forms::CAST).node("std"),
        |input: &Tensor, dim: Option<Ints>, unbiased: bool, keepdim: bool| {
            input.std(&dim.unwrap_or_default(), f64::from(u8::from(unbiased)), keepdim)
        };

    /// The standard deviation of all elements, by torch's older arguments.
    "std" "(input: Tensor, unbiased: bool)".node("std"),
        |input: &Tensor, unbiased: bool| input.std(&[], f64::from(u8::from(unbiased)), false);

    /// Variance and mean.
    "var_mean" "(input: Tensor, dim: int[]? = None, *, correction: Number? = 1, keepdim: bool = False)"
        .forms(Forms::FUNCTION).returns(&["var", "mean"]),
        |input: &Tensor, dim: Option<Ints>, correction: Option<Scalar>, keepdim: bool| {
            input.var_mean(&dim.unwrap_or_default(), usual(correction), keepdim)
        };

    /// Variance and mean over some dimensions, by torch's older arguments.
    "var_mean" "(input: Tensor, dim: int[]?, unbiased: bool, keepdim: bool = False)"
        .forms(Forms::FUNCTION).returns(&["var", "mean"]),
        |input: &Tensor, dim: Option<Ints>, unbiased: bool, keepdim: bool| {
            input.var_mean(&dim.unwrap_or_default(), f64::from(u8::from(unbiased)), keepdim)
        };

    /// Variance and mean of all elements, by torch's older arguments.
    "var_mean" "(input: Tensor, unbiased: bool)".forms(Forms::FUNCTION).returns(&["var", "mean"]),
        |input: &Tensor, unbiased: bool| input.var_mean(&[], f64::from(u8::from(unbiased)), false);

    /// Standard deviation and mean.
    "std_mean" "(input: Tensor, dim: int[]? = None, *, correction: Number? = 1, keepdim: bool = False)"
        .forms(Forms::FUNCTION).returns(&["std", "mean"]),
        |input: &Tensor, dim: Option<Ints>, correction: Option<Scalar>, keepdim: bool| {
            input.std_mean(&dim.unwrap_or_default(), usual(correction), keepdim)
        };

    /// Standard deviation and mean over some dimensions, by torch's older arguments.
    "std_mean" "(input: Tensor, dim: int[]?, unbiased: bool, keepdim: bool = False)"
        .forms(Forms::FUNCTION).returns(&["std", "mean"]),
        |input: &Tensor, dim: Option<Ints>, unbiased: bool, keepdim: bool| {
            input.std_mean(&dim.unwrap_or_default(), f64::from(u8::from(unbiased)), keepdim)
        };

    /// Standard deviation and mean of all elements, by torch's older arguments.
    "std_mean" "(input: Tensor, unbiased: bool)".forms(Forms::FUNCTION).returns(&["std", "mean"]),
        |input: &Tensor, unbiased: bool| input.std_mean(&[], f64::from(u8::from(unbiased)), false);

    /// The p-norm over some dimensions, all if none are named.
    "norm" "(input: Tensor, p: float? = 2.0, dim: int[]? = None, keepdim: bool = False, dtype: dtype? = None)".forms(Forms::BOTH_OUT).node("linalg_vector_norm"),
        |input: &Tensor, p: Option<f64>, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>| {
            linear::cast(input, dtype)?.norm(p.unwrap_or(2.0), &dim.unwrap_or_default(), keepdim)
        };

    /// The norm named by a word: 'fro' is the 2-norm of all elements, 'nuc' the sum of a matrix's singular values.
    "norm" "(input: Tensor, p: str, dim: int[]? = None, keepdim: bool = False, dtype: dtype? = None)".forms(Forms::BOTH_OUT).node("linalg_vector_norm"),
        |input: &Tensor, p: &str, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>| match p {
            "fro" => linear::cast(input, dtype)?.norm(2.0, &dim.unwrap_or_default(), keepdim),
            "nuc" => {
                let dims = dim.unwrap_or(Ints::from_slice(&[0, 1]));
                matrix_norm(&linear::cast(input, dtype)?, MatrixNorm::Nuclear, &dims, keepdim)
            }
            other => Err(runtime_err!("norm: unknown order '{other}'; 'fro', 'nuc' and numbers are known")),
        };

    /// The logarithm of the sum of exponentials.
    "logsumexp" "(input: Tensor, dim: int[], keepdim: bool = False)".forms(BOTH).onnx("ReduceLogSumExp").also(Forms::CAST),
        |input: &Tensor, dim: Ints, keepdim: bool| input.logsumexp(&dim, keepdim);

    /// The p-norm of the difference.
    "dist" "(input: Tensor, other: Tensor, p: float = 2.0)", |input: &Tensor, other: &Tensor, p: f64| input.dist(other, p);

    /// The sum of a matrix's diagonal.
    "trace" "(input: Tensor)".node("trace"), |input: &Tensor| input.trace();

    /// Running sums.
    "cumsum" "(input: Tensor, dim: int, *, dtype: dtype? = None)".forms(Forms::EVERY).onnx("CumSum").also(Forms::CAST),
        |input: &Tensor, dim: i64, dtype: Option<DType>| as_asked(cast(input, dtype)?.cumsum(dim)?, dtype);

    /// Running products.
    "cumprod" "(input: Tensor, dim: int, *, dtype: dtype? = None)".forms(Forms::EVERY).also(Forms::CAST),
        |input: &Tensor, dim: i64, dtype: Option<DType>| as_asked(cast(input, dtype)?.cumprod(dim)?, dtype);

    /// Running maxima and where they last were.
    "cummax" "(input: Tensor, dim: int)".returns(VALUES).forms(Forms::BOTH_OUT).out(Out::Same("{op}(): expected scalar_type {needs} but found {got}")), |input: &Tensor, dim: i64| input.cummax(dim);

    /// Running minima and where they last were.
    "cummin" "(input: Tensor, dim: int)".returns(VALUES).forms(Forms::BOTH_OUT).out(Out::Same("{op}(): expected scalar_type {needs} but found {got}")), |input: &Tensor, dim: i64| input.cummin(dim);

    /// Running logarithms of sums of exponentials.
    "logcumsumexp" "(input: Tensor, dim: int)".forms(BOTH).out(Out::Same("{op}(): expected scalar_type {needs} but found {got}")), |input: &Tensor, dim: i64| input.logcumsumexp(dim);

    /// The elements in order and where they were; equal ones keep theirs.
    "sort" "(input: Tensor, dim: int = -1, descending: bool = False, stable: bool? = False)".returns(VALUES).forms(Forms::BOTH_OUT),
        |input: &Tensor, dim: i64, descending: bool, stable: Option<bool>| input.sort(dim, descending, stable == Some(true));

    /// Where the elements in order are.
    "argsort" "(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False)".forms(Forms::BOTH_OUT).also(Forms::CAST),
        |input: &Tensor, dim: i64, descending: bool, stable: bool| input.argsort(dim, descending, stable);

    /// The elements in order along the first dimension.
    "msort" "(input: Tensor)".forms(Forms::BOTH_OUT), |input: &Tensor| input.msort();

    /// How many elements of the sorted last dimension stand before each value; with `right`, equal ones count too.
    "searchsorted" "(sorted_sequence: Tensor, input: Operand, *, out_int32: bool = False, right: bool = False, side: str? = None, sorter: Tensor? = None)"
        .forms(Forms::FUNCTION.and(Forms::OUT)),
        |sorted: &Tensor, values: Operand, out_int32: bool, right: bool, side: Option<&str>, sorter: Option<&Tensor>| {
            if let Some(order) = sorter {
                let n = sorted.shape().last().map_or(1, |&n| n as i64);
                expect_known(order, |i| (0..n).contains(&i.to_i64()), "torch.searchsorted(): sorter index out of range")?;
            }
            let sorted = sorter.map_or_else(|| Ok(sorted.clone()), |order| sorted.gather(-1, order))?;
            place(sorted.searchsorted(values, is_right(right, side)?)?, out_int32)
        };

    /// How many of the sorted boundaries stand before each element; with `right`, equal ones count too.
    "bucketize" "(input: Operand, boundaries: Tensor, *, out_int32: bool = False, right: bool = False)"
        .forms(Forms::FUNCTION.and(Forms::OUT)),
        |input: Operand, boundaries: &Tensor, out_int32: bool, right: bool| {
            if boundaries.dim() != 1 {
                return Err(runtime_err!("boundaries tensor must be 1 dimension, but got dim({})", boundaries.dim()));
            }
            place(boundaries.searchsorted(input, right)?, out_int32)
        };

    /// How often each number from 0 on occurs, or the sum of the weights it occurs with.
    "bincount" "(input: Tensor, weights: Tensor? = None, minlength: int = 0)",
        |input: &Tensor, weights: Option<&Tensor>, minlength: i64| input.bincount(weights, minlength);

    /// The `k` largest (or smallest) in order, and where they were.
    "topk" "(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True)".returns(VALUES).onnx("TopK").forms(Forms::BOTH_OUT).node("topk"),
        |input: &Tensor, k: i64, dim: i64, largest: bool, sorted: bool| input.topk(k, dim, largest, sorted);

    /// The `k`-th smallest, counted from 1, and where it is.
    "kthvalue" "(input: Tensor, k: int, dim: int = -1, keepdim: bool = False)".returns(VALUES).forms(Forms::BOTH_OUT).also(Forms::APART).node("kthvalue"),
        |input: &Tensor, k: i64, dim: i64, keepdim: bool| input.kthvalue(k, dim, keepdim);

    /// The median of all elements: of two, the smaller.
    "median" "(input: Tensor)".node("median"), |input: &Tensor| input.median();

    /// The median along a dimension (of two, the smaller) and where it is.
    "median" "(input: Tensor, dim: int, keepdim: bool = False)".returns(VALUES).forms(Forms::BOTH_OUT).also(Forms::CAST).node("median"),
        |input: &Tensor, dim: i64, keepdim: bool| input.median_dim(dim, keepdim);

    /// The median of all elements that are not NaN.
    "nanmedian" "(input: Tensor)", |input: &Tensor| input.nanmedian();

    /// The median along a dimension of what is not NaN, and where it is.
    "nanmedian" "(input: Tensor, dim: int, keepdim: bool = False)".returns(VALUES).forms(Forms::BOTH_OUT).also(Forms::CAST),
        |input: &Tensor, dim: i64, keepdim: bool| input.nanmedian_dim(dim, keepdim);
}

/// Along no dimension: which elements are true, bytes as bytes.
fn truths(input: &Tensor) -> Result<Tensor> {
    input.ne(0)?.to_dtype(if input.dtype() == DType::U8 { DType::U8 } else { DType::Bool })
}

fn is_right(right: bool, side: Option<&str>) -> Result<bool> {
    match side {
        None => Ok(right),
        Some("left") if right => Err(runtime_err!(
            "searchsorted(): side and right can't be set to opposites, got side of left while right was True"
        )),
        Some("left") => Ok(false),
        Some("right") => Ok(true),
        Some(other) => {
            Err(runtime_err!("searchsorted(): side can only be 'left' or 'right' but got {other}"))
        }
    }
}

/// Torch's usual correction; `None` is the usual one, too.
fn usual(correction: Option<Scalar>) -> f64 {
    correction.map_or(1.0, |c| c.to_f64())
}

fn place(positions: Tensor, out_int32: bool) -> Result<Tensor> {
    if out_int32 { positions.to_dtype(DType::I32) } else { Ok(positions) }
}

fn cast(input: &Tensor, dtype: Option<DType>) -> Result<Tensor> {
    input.to_dtype(dtype.unwrap_or(input.dtype()))
}

/// Integers are added up as `int64`, whatever dtype is wanted.
fn as_asked(result: Tensor, dtype: Option<DType>) -> Result<Tensor> {
    result.to_dtype(dtype.unwrap_or(result.dtype()))
}
