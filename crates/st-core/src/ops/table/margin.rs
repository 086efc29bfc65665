//! Losses of pairs, triples, margins, counts and sequences.

use super::macros::build;
use crate::ops::Operand;
use crate::ops::composite::ctc::ctc_loss;
use crate::ops::composite::margin::*;
use crate::ops::composite::{Reduction, chosen};
use crate::ops::def::{Forms, Ints};
use crate::tensor::Tensor;
use st_kernel::{DType, Result, runtime_err, value_err};

const LAYER: Forms = Forms::FUNCTIONAL;

build! {
    /// By how much `target` times the difference falls short of the margin.
    "margin_ranking_loss" "(input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, size_average: bool? = None, reduce: bool? = None, reduction: str = 'mean')"
        .forms(LAYER).torch("torch.nn.functional.margin_ranking_loss"),
        |x1: &Tensor, x2: &Tensor, target: &Tensor, margin: f64, average: Option<bool>, reduce: Option<bool>, reduction: &str| {
            margin_ranking(x1, x2, target, margin, chosen(average, reduce, reduction)?)
        };

    /// By how much `target` times the difference falls short of the margin; the reduction is a number.
    "margin_ranking_loss" "(input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: int = 1)"
        .forms(Forms::FUNCTION).torch("torch.margin_ranking_loss"),
        |x1: &Tensor, x2: &Tensor, target: &Tensor, margin: f64, reduction: i64| {
            margin_ranking(x1, x2, target, margin, Reduction::numbered(reduction)?)
        };

    /// The distance where the target is 1, by how much it falls short of the margin where it is -1.
    "hinge_embedding_loss" "(input: Tensor, target: Tensor, margin: float = 1.0, size_average: bool? = None, reduce: bool? = None, reduction: str = 'mean')"
        .forms(LAYER).torch("torch.nn.functional.hinge_embedding_loss"),
        |input: &Tensor, target: &Tensor, margin: f64, average: Option<bool>, reduce: Option<bool>, reduction: &str| {
            hinge_embedding(input, target, margin, chosen(average, reduce, reduction)?)
        };

    /// The distance where the target is 1, by how much it falls short of the margin where it is -1; the reduction is a number.
    "hinge_embedding_loss" "(input: Tensor, target: Tensor, margin: float = 1.0, reduction: int = 1)"
        .forms(Forms::FUNCTION).torch("torch.hinge_embedding_loss"),
        |input: &Tensor, target: &Tensor, margin: f64, reduction: i64| {
            hinge_embedding(input, target, margin, Reduction::numbered(reduction)?)
        };

    /// The angle between pairs where the target is 1, how similar they are beyond the margin where it is -1.
    "cosine_embedding_loss" "(input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, size_average: bool? = None, reduce: bool? = None, reduction: str = 'mean')"
        .forms(LAYER).torch("torch.nn.functional.cosine_embedding_loss").gives("Tensor"),
        |x1: &Tensor, x2: &Tensor, target: &Tensor, margin: f64, average: Option<bool>, reduce: Option<bool>, reduction: &str| {
            cosine_embedding(x1, x2, target, margin, chosen(average, reduce, reduction)?)
        };

    /// The angle between pairs where the target is 1, how similar they are beyond the margin where it is -1; the reduction is a number.
    "cosine_embedding_loss" "(input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: int = 1)"
        .forms(Forms::FUNCTION).torch("torch.cosine_embedding_loss").gives("Tensor"),
        |x1: &Tensor, x2: &Tensor, target: &Tensor, margin: f64, reduction: i64| {
            cosine_embedding(x1, x2, target, margin, Reduction::numbered(reduction)?)
        };

    /// By how much the negative is not as much farther from the anchor than the positive as it shall be.
    "triplet_margin_loss" "(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2.0, eps: float = 1e-06, swap: bool = False, size_average: bool? = None, reduce: bool? = None, reduction: str = 'mean')"
        .forms(LAYER).torch("torch.nn.functional.triplet_margin_loss"),
        |anchor: &Tensor, positive: &Tensor, negative: &Tensor, margin: f64, p: f64, eps: f64, swap: bool, average: Option<bool>, reduce: Option<bool>, reduction: &str| {
            if margin <= 0.0 {
                return Err(value_err!("margin must be greater than 0, got {margin:?}"));
            }
            triplet_margin(anchor, positive, negative, &Triplet { margin, p, eps, swap }, chosen(average, reduce, reduction)?)
        };

    /// By how much the negative is not as much farther from the anchor than the positive as it shall be; the reduction is a number.
    "triplet_margin_loss" "(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2.0, eps: float = 1e-06, swap: bool = False, reduction: int = 1)"
        .forms(Forms::FUNCTION).torch("torch.triplet_margin_loss"),
        |anchor: &Tensor, positive: &Tensor, negative: &Tensor, margin: f64, p: f64, eps: f64, swap: bool, reduction: i64| {
            triplet_margin(anchor, positive, negative, &Triplet { margin, p, eps, swap }, Reduction::numbered(reduction)?)
        };

    /// By how much other classes come too near to the target's.
    "multi_margin_loss" "(input: Tensor, target: Tensor, p: int = 1, margin: float = 1.0, weight: Tensor? = None, size_average: bool? = None, reduce: bool? = None, reduction: str = 'mean')"
        .forms(LAYER).torch("torch.nn.functional.multi_margin_loss").gives("Tensor"),
        |input: &Tensor, target: &Tensor, p: i64, margin: f64, weight: Option<&Tensor>, average: Option<bool>, reduce: Option<bool>, reduction: &str| {
            multi_margin(input, target, p, margin, weight, chosen(average, reduce, reduction)?)
        };

    /// By how much other classes come too near to those of the target.
    "multilabel_margin_loss" "(input: Tensor, target: Tensor, size_average: bool? = None, reduce: bool? = None, reduction: str = 'mean')"
        .forms(LAYER).torch("torch.nn.functional.multilabel_margin_loss").gives("Tensor"),
        |input: &Tensor, target: &Tensor, average: Option<bool>, reduce: Option<bool>, reduction: &str| {
            multilabel_margin(input, target, chosen(average, reduce, reduction)?)
        };

    /// log(1 + exp(-target * input)).
    "soft_margin_loss" "(input: Tensor, target: Tensor, size_average: bool? = None, reduce: bool? = None, reduction: str = 'mean')"
        .forms(LAYER).torch("torch.nn.functional.soft_margin_loss"),
        |input: &Tensor, target: &Tensor, average: Option<bool>, reduce: Option<bool>, reduction: &str| {
            soft_margin(input, target, chosen(average, reduce, reduction)?)
        };

    /// The mean over classes of what a coin for each loses.
    "multilabel_soft_margin_loss" "(input: Tensor, target: Tensor, weight: Tensor? = None, size_average: bool? = None, reduce: bool? = None, reduction: str = 'mean')"
        .forms(LAYER).torch("torch.nn.functional.multilabel_soft_margin_loss"),
        |input: &Tensor, target: &Tensor, weight: Option<&Tensor>, average: Option<bool>, reduce: Option<bool>, reduction: &str| {
            multilabel_soft_margin(input, target, weight, chosen(average, reduce, reduction)?)
        };

    /// Minus the log-likelihood of counts.
    "poisson_nll_loss" "(input: Tensor, target: Tensor, log_input: bool = True, full: bool = False, size_average: bool? = None, eps: float = 1e-08, reduce: bool? = None, reduction: str = 'mean')"
        .forms(LAYER).torch("torch.nn.functional.poisson_nll_loss"),
        |input: &Tensor, target: &Tensor, log_input: bool, full: bool, average: Option<bool>, eps: f64, reduce: Option<bool>, reduction: &str| {
            poisson_nll(input, target, log_input, full, eps, chosen(average, reduce, reduction)?)
        };

    /// Minus the log-likelihood of counts; the reduction is a number.
    "poisson_nll_loss" "(input: Tensor, target: Tensor, log_input: bool, full: bool, eps: float, reduction: int)"
        .forms(Forms::FUNCTION).torch("torch.poisson_nll_loss"),
        |input: &Tensor, target: &Tensor, log_input: bool, full: bool, eps: f64, reduction: i64| {
            poisson_nll(input, target, log_input, full, eps, Reduction::numbered(reduction)?)
        };

    /// Minus the log-likelihood of normal numbers with a mean and a variance for each.
    "gaussian_nll_loss" "(input: Tensor, target: Tensor, var: Operand, full: bool = False, eps: float = 1e-06, reduction: str = 'mean')"
        .forms(LAYER).torch("torch.nn.functional.gaussian_nll_loss"),
        |input: &Tensor, target: &Tensor, var: Operand, full: bool, eps: f64, reduction: &str| {
            let how = Reduction::parse(reduction).map_err(|_| value_err!("{reduction} is not valid"))?;
            let var = match var {
                Operand::Tensor(var) => var.clone(),
                Operand::Scalar(var) if input.dtype().is_float() => input.detach().full_like(var)?,
                Operand::Scalar(var) => Tensor::full(input.shape(), var, crate::default_dtype(), input.device())?,
            };
            gaussian_nll(input, target, &var, full, eps, how)
        };

    /// Minus the log-probability of the target among all sequences of labels.
    "ctc_loss" "(log_probs: Tensor, targets: Tensor, input_lengths: int[], target_lengths: int[], blank: int = 0, reduction: str = 'mean', zero_infinity: bool = False)"
        .forms(LAYER).torch("torch.nn.functional.ctc_loss").gives("Tensor"),
        |log_probs: &Tensor, targets: &Tensor, inputs: Ints, labels: Ints, blank: i64, reduction: &str, zero_infinity: bool| {
            ctc_loss(log_probs, targets, [&inputs, &labels], blank, Reduction::parse(reduction)?, zero_infinity)
        };

    /// Minus the log-probability of the target among all sequences of labels; the reduction is a number.
    "ctc_loss" "(log_probs: Tensor, targets: Tensor, input_lengths: int[], target_lengths: int[], blank: int = 0, reduction: int = 1, zero_infinity: bool = False)"
        .forms(Forms::FUNCTION).torch("torch.ctc_loss").gives("Tensor"),
        |log_probs: &Tensor, targets: &Tensor, inputs: Ints, labels: Ints, blank: i64, reduction: i64, zero_infinity: bool| {
            ctc_loss(log_probs, targets, [&inputs, &labels], blank, Reduction::numbered(reduction)?, zero_infinity)
        };

    /// Minus the log-probability of the target among all sequences of labels.
    "ctc_loss" "(log_probs: Tensor, targets: Tensor, input_lengths: Tensor, target_lengths: Tensor, blank: int = 0, reduction: str = 'mean', zero_infinity: bool = False)"
        .forms(LAYER).torch("torch.nn.functional.ctc_loss").gives("Tensor"),
        |log_probs: &Tensor, targets: &Tensor, inputs: &Tensor, labels: &Tensor, blank: i64, reduction: &str, zero_infinity: bool| {
            ctc_loss(log_probs, targets, [&lengths(inputs)?, &lengths(labels)?], blank, Reduction::parse(reduction)?, zero_infinity)
        };

    /// Minus the log-probability of the target among all sequences of labels; the reduction is a number.
    "ctc_loss" "(log_probs: Tensor, targets: Tensor, input_lengths: Tensor, target_lengths: Tensor, blank: int = 0, reduction: int = 1, zero_infinity: bool = False)"
        .forms(Forms::FUNCTION).torch("torch.ctc_loss").gives("Tensor"),
        |log_probs: &Tensor, targets: &Tensor, inputs: &Tensor, labels: &Tensor, blank: i64, reduction: i64, zero_infinity: bool| {
            ctc_loss(log_probs, targets, [&lengths(inputs)?, &lengths(labels)?], blank, Reduction::numbered(reduction)?, zero_infinity)
        };
}

/// Lengths that are given as a tensor: they decide how long the recursion is.
fn lengths(t: &Tensor) -> Result<Vec<i64>> {
    if !t.dtype().is_int() {
        return Err(runtime_err!("input_lengths and target_lengths must be integral, got {}", t.dtype()));
    }
    t.to_dtype(DType::I64)?.to_vec::<i64>()
}
