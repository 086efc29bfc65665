//! Differences and integrals of samples, covariances, quantiles, histograms, different elements.

use super::macros::build;
use crate::ops::Operand;
use crate::ops::composite::calculus::{self, Spacing};
use crate::ops::composite::{order, segments};
use crate::ops::def::{Forms, Out};
use crate::tensor::Tensor;
use st_kernel::{Result, Scalar, runtime_err};

const UNIQUE: &[&str] = &["output", "inverse_indices", "counts"];
const HISTOGRAM: &[&str] = &["hist", "bin_edges"];

build! {
    /// The n-th differences of neighbours along a dimension.
    "diff" "(input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor? = None, append: Tensor? = None)".forms(Forms::BOTH_OUT).also(Forms::CAST),
        |input: &Tensor, n: i64, dim: i64, prepend: Option<&Tensor>, append: Option<&Tensor>| {
            calculus::diff(input, n, dim, prepend, append)
        };

    /// The integral along a dimension by trapezoids between samples at these places.
    "trapezoid" "(y: Tensor, x: Tensor, *, dim: int = -1)".forms(Forms::FUNCTION),
        |y: &Tensor, x: &Tensor, dim: i64| calculus::trapezoid(y, Spacing::Places(x), dim);

    /// The integral along a dimension by trapezoids between equally spaced samples.
    "trapezoid" "(y: Tensor, *, dx: Number = 1, dim: int = -1)".forms(Forms::FUNCTION),
        |y: &Tensor, dx: Scalar, dim: i64| calculus::trapezoid(y, Spacing::Step(dx), dim);

    /// The integrals up to each sample but the first, by trapezoids between samples at these places.
    "cumulative_trapezoid" "(y: Tensor, x: Tensor, *, dim: int = -1)".forms(Forms::FUNCTION),
        |y: &Tensor, x: &Tensor, dim: i64| calculus::cumulative_trapezoid(y, Spacing::Places(x), dim);

    /// The integrals up to each sample but the first, by trapezoids between equally spaced samples.
    "cumulative_trapezoid" "(y: Tensor, *, dx: Number = 1, dim: int = -1)".forms(Forms::FUNCTION),
        |y: &Tensor, dx: Scalar, dim: i64| calculus::cumulative_trapezoid(y, Spacing::Step(dx), dim);

    /// The covariances of rows of samples, which may count several times or be of different importance.
    "cov" "(input: Tensor, *, correction: int = 1, fweights: Tensor? = None, aweights: Tensor? = None)",
        |input: &Tensor, correction: i64, fweights: Option<&Tensor>, aweights: Option<&Tensor>| {
            calculus::cov(input, Scalar::Int(correction), fweights, aweights)
        };

    /// Pearson's correlation coefficients of rows of samples.
    "corrcoef" "(input: Tensor)", |input: &Tensor| calculus::corrcoef(input);

    /// The elements that a share `q` of the others is below.
    "quantile" "(input: Tensor, q: Operand, dim: int? = None, keepdim: bool = False, *, interpolation: str = 'linear')".forms(Forms::BOTH_OUT).out(Out::Same("{op}() out tensor must be same dtype as the input tensor, which is {needs}, but got {got}")),
        |input: &Tensor, q: Operand, dim: Option<i64>, keepdim: bool, interpolation: &str| {
            order::quantile(input, q, dim, keepdim, interpolation, false)
        };

    /// As `quantile`, of what is not NaN.
    "nanquantile" "(input: Tensor, q: Operand, dim: int? = None, keepdim: bool = False, *, interpolation: str = 'linear')".forms(Forms::BOTH_OUT).out(Out::Same("{op}() out tensor must be same dtype as the input tensor, which is {needs}, but got {got}")),
        |input: &Tensor, q: Operand, dim: Option<i64>, keepdim: bool, interpolation: &str| {
            order::quantile(input, q, dim, keepdim, interpolation, true)
        };

    /// The most frequent element along a dimension, the smallest of several, and where it is last.
    "mode" "(input: Tensor, dim: int = -1, keepdim: bool = False)".forms(Forms::BOTH_OUT).returns(&["values", "indices"]).out(Out::Same("mode(): expected scalar type '{needs}' but got '{got}' for {result} output")),
        |input: &Tensor, dim: i64, keepdim: bool| order::mode(input, dim, keepdim);

    /// How many elements fall into each of so many equal parts of a range: that of the elements if none is named.
    "histc" "(input: Tensor, bins: int = 100, min: Number = 0, max: Number = 0)".forms(Forms::BOTH_OUT),
        |input: &Tensor, bins: i64, min: Scalar, max: Scalar| calculus::histc(input, bins, min.to_f64(), max.to_f64());

    /// How many elements, or which sum of weights, fall into each of so many equal parts of a range.
    "histogram" "(input: Tensor, bins: int = 100, *, range: float[]? = None, weight: Tensor? = None, density: bool = False)"
        .forms(Forms::BOTH_OUT).returns(HISTOGRAM),
        |input: &Tensor, bins: i64, range: Option<Vec<f64>>, weight: Option<&Tensor>, density: bool| {
            let range = range.map(|ends| pair(&ends)).transpose()?;
            let edges = calculus::histogram_edges(input, bins, range)?;
            calculus::histogram(input, &edges, weight, density).map(|counts| (counts, edges))
        };

    /// How many elements, or which sum of weights, fall between neighbouring edges.
    "histogram" "(input: Tensor, bins: Tensor, *, weight: Tensor? = None, density: bool = False)"
        .forms(Forms::BOTH_OUT).returns(HISTOGRAM),
        |input: &Tensor, bins: &Tensor, weight: Option<&Tensor>, density: bool| {
            calculus::histogram(input, bins, weight, density).map(|counts| (counts, bins.clone()))
        };

    /// The different elements, where each element went and how often each occurs.
    "_unique2" "(input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False)"
        .forms(Forms::FUNCTION).returns(UNIQUE).torch(""),
        |input: &Tensor, _sorted: bool, _return_inverse: bool, _return_counts: bool| {
            input.unique().map(|found| (found.values, found.inverse, found.counts))
        };

    /// The different parts along a dimension, where each part went and how often each occurs.
    "_unique_dim" "(input: Tensor, dim: int)".forms(Forms::FUNCTION).returns(UNIQUE).torch(""),
        |input: &Tensor, dim: i64| segments::unique_along(input, dim);

    /// The elements, or the parts along a dimension, without those that equal the one before.
    "_unique_consecutive" "(input: Tensor, dim: int? = None)".forms(Forms::FUNCTION).returns(UNIQUE).torch(""),
        |input: &Tensor, dim: Option<i64>| match dim {
            Some(dim) => segments::unique_consecutive_along(input, dim),
            None => input.unique_consecutive().map(|found| (found.values, found.inverse, found.counts)),
        };

    /// Each part of a dimension reduced, the parts given by their lengths or by where they start and end.
    "segment_reduce" "(data: Tensor, reduce: str, *, lengths: Tensor? = None, indices: Tensor? = None, offsets: Tensor? = None, axis: int = 0, unsafe: bool = False, initial: Number? = None)"
        .forms(Forms::FUNCTION),
        |data: &Tensor, reduce: &str, lengths: Option<&Tensor>, indices: Option<&Tensor>, offsets: Option<&Tensor>, axis: i64, is_unsafe: bool, initial: Option<Scalar>| {
            if indices.is_some() {
                return Err(runtime_err!("segment_reduce(): indices based reduction is not supported yet."));
            }
            segments::segment_reduce(data, reduce, lengths, offsets, axis, !is_unsafe, initial)
        };

    /// The first positions that are not zero, so many of them; what is missing is filled.
    "nonzero_static" "(input: Tensor, *, size: int, fill_value: int = -1)".forms(Forms::BOTH_OUT).also(Forms::CAST),
        |input: &Tensor, size: i64, fill_value: i64| segments::nonzero_static(input, size, fill_value);
}

fn pair(ends: &[f64]) -> Result<(f64, f64)> {
    match ends {
        &[low, high] => Ok((low, high)),
        _ => Err(runtime_err!("torch.histogram(): range should have 2 elements, but got {}", ends.len())),
    }
}
