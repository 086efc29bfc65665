//! Losses: what one element contributes, and the functions with weights and reductions.

use super::macros::{build, pointwise};
use crate::ops::composite::{self, Reduction, chosen, reduced, weighed};
use crate::ops::def::Forms;
use crate::ops::index::expect_known;
use crate::ops::pointwise::DtypeRule::*;
use crate::tensor::Tensor;
use st_kernel::expr::*;
use st_kernel::{DType, Ex, Result, Scalar, runtime_err, unsupported, value_err};

const LAYER: Forms = Forms::FUNCTIONAL;

pointwise! {
    /// The squared difference.
    mse_element(input, target) {
        dtype: Float, forward: |x| square(x[0] - x[1]),
        vjp: Some(|x, _, g| both(g * ((x[0] - x[1]) * 2.0))), forms: Forms::HIDDEN
    }

    /// The absolute difference.
    l1_element(input, target) { dtype: NoBool, forward: |x| abs(x[0] - x[1]), forms: Forms::HIDDEN }

    /// Half the square over `beta` where the difference is below it, else the absolute difference less half of it.
    smooth_l1_element(input, target; beta = 1.0) {
        dtype: Float,
        forward: |x| {
            let d = abs(x[0] - x[1]);
            select(lt(d, x[2]), d * d * 0.5 / x[2], d - x[2] * 0.5, d)
        },
        vjp: Some(|x, _, g| {
            let d = x[0] - x[1];
            both(g * select(lt(abs(d), x[2]), d / x[2], copysign(d.like(1.0), d), d))
        }),
        forms: Forms::HIDDEN
    }

    /// Half the square where the difference is at most `delta`, else a line that goes on from there.
    huber_element(input, target; delta = 1.0) {
        dtype: Float,
        forward: |x| {
            let d = abs(x[0] - x[1]);
            select(le(d, x[2]), d * d * 0.5, x[2] * (d - x[2] * 0.5), d)
        },
        vjp: Some(|x, _, g| {
            let d = x[0] - x[1];
            both(g * min(max(d, -x[2]), x[2]))
        }),
        forms: Forms::HIDDEN
    }

    /// Minus the log-likelihood of a coin: logarithms count as at least -100, as in torch.
    bce_element(input, target) {
        dtype: Float,
        forward: |x| (x[1] - 1.0) * max(log1p(-x[0]), -100.0) - x[1] * max(log(x[0]), -100.0),
        vjp: Some(|x, _, g| {
            let room = max((1.0 - x[0]) * x[0], 1e-12);
            vec![Some(g * (x[0] - x[1]) / room), Some(g * (log1p(-x[0]) - log(x[0])))]
        }),
        forms: Forms::HIDDEN, domain: (0.05, 0.95)
    }

    /// `bce_element` of the sigmoid, without overflow.
    bce_logits_element(input, target) {
        dtype: Float,
        forward: |x| max(x[0], 0.0) - x[0] * x[1] + log1p(exp(-abs(x[0]))),
        vjp: Some(|x, _, g| vec![Some(g * (sigmoid(x[0]) - x[1])), Some(-g * x[0])]), forms: Forms::HIDDEN
    }

    /// As `bce_logits_element`, with a weight for the positive answers.
    bce_logits_weighted(input, target, pos_weight) {
        dtype: Float,
        forward: |x| (1.0 - x[1]) * x[0] + ((x[2] - 1.0) * x[1] + 1.0) * below(x[0]),
        vjp: Some(|x, _, g| {
            let slope = 1.0 - x[1] - ((x[2] - 1.0) * x[1] + 1.0) * sigmoid(-x[0]);
            vec![Some(g * slope), Some(g * ((x[2] - 1.0) * below(x[0]) - x[0])), Some(g * x[1] * below(x[0]))]
        }),
        forms: Forms::HIDDEN
    }

    /// What the target's distribution loses by the input's log-probabilities.
    kl_element(input, target) {
        dtype: Float,
        forward: |x| {
            let safe = select(eq(x[1], 0.0), 1.0, x[1], x[1]);
            select(eq(x[1], 0.0), 0.0, x[1] * log(safe), x[1]) - x[1] * x[0]
        },
        forms: Forms::HIDDEN, domain: (0.1, 1.0)
    }

    /// The logarithm of the sum of three exponentials; -inf has no gradient.
    log_add3(a, b, c) {
        dtype: Float,
        forward: |x| {
            let top = max(max(x[0], x[1]), x[2]);
            let top = select(eq(top, f64::NEG_INFINITY), 0.0, top, top);
            log(exp(x[0] - top) + exp(x[1] - top) + exp(x[2] - top)) + top
        },
        vjp: Some(|x, y, g| {
            let share = |x: Ex| Some(select(eq(y, f64::NEG_INFINITY), 0.0, g * exp(x - y), g));
            vec![share(x[0]), share(x[1]), share(x[2])]
        }),
        forms: Forms::HIDDEN
    }

    /// As `kl_element`, the target's probabilities given by their logarithms.
    kl_log_element(input, target) { dtype: Float, forward: |x| exp(x[1]) * (x[1] - x[0]), forms: Forms::HIDDEN }
}

build! {
    /// The squared difference.
    "mse_loss" "(input: Tensor, target: Tensor, size_average: bool? = None, reduce: bool? = None, reduction: str = 'mean', weight: Tensor? = None)"
        .forms(LAYER).torch("torch.nn.functional.mse_loss").node("mse_loss"),
        |input: &Tensor, target: &Tensor, average: Option<bool>, reduce: Option<bool>, reduction: &str, weight: Option<&Tensor>| {
            // As in torch, integers have this loss only beside weights.
            let whole = weight.is_some() && !input.dtype().is_float() && !target.dtype().is_float();
            let element = |x: &Tensor, t: &Tensor| if whole { x.sub(t)?.square() } else { x.mse_element(t) };
            weighed(element, input, target, weight, chosen(average, reduce, reduction)?)
        };

    /// The absolute difference.
    "l1_loss" "(input: Tensor, target: Tensor, size_average: bool? = None, reduce: bool? = None, reduction: str = 'mean', weight: Tensor? = None)"
        .forms(LAYER).torch("torch.nn.functional.l1_loss"),
        |input: &Tensor, target: &Tensor, average: Option<bool>, reduce: Option<bool>, reduction: &str, weight: Option<&Tensor>| {
            weighed(|x, t| x.l1_element(t), input, target, weight, chosen(average, reduce, reduction)?)
        };

    /// A square below `beta`, the absolute difference above.
    "smooth_l1_loss" "(input: Tensor, target: Tensor, size_average: bool? = None, reduce: bool? = None, reduction: str = 'mean', beta: float = 1.0)"
        .forms(LAYER).torch("torch.nn.functional.smooth_l1_loss").node("smooth_l1_loss"),
        |input: &Tensor, target: &Tensor, average: Option<bool>, reduce: Option<bool>, reduction: &str, beta: f64| {
            if beta < 0.0 || beta.is_nan() {
                return Err(runtime_err!("smooth_l1_loss does not support negative values for beta."));
            }
            let element = |x: &Tensor, t: &Tensor| if beta == 0.0 { x.l1_element(t) } else { x.smooth_l1_element(t, bounded(beta, x, t)) };
            reduced(element, input, target, None, chosen(average, reduce, reduction)?)
        };

    /// Half a square up to `delta`, a line above.
    "huber_loss" "(input: Tensor, target: Tensor, reduction: str = 'mean', delta: float = 1.0, weight: Tensor? = None)"
        .forms(LAYER).torch("torch.nn.functional.huber_loss").node("huber_loss"),
        |input: &Tensor, target: &Tensor, reduction: &str, delta: f64, weight: Option<&Tensor>| {
            if delta <= 0.0 || delta.is_nan() {
                return Err(runtime_err!("huber_loss does not support non-positive values for delta."));
            }
            if let Some(weight) = weight {
                composite::expect_weight_of(input, weight)?;
            }
            let (dtype, common) = (input.dtype(), input.dtype().promote(target.dtype()));
            if common.is_float() && !dtype.is_float() {
                return Err(runtime_err!("huber_loss: result type {common} can't be cast to the desired output type {dtype}"));
            }
            // The losses are of the input's dtype, whatever the target's.
            let element = |x: &Tensor, t: &Tensor| x.huber_element(t, bounded(delta, x, t))?.to_dtype(x.dtype());
            reduced(element, input, target, weight, Reduction::parse(reduction)?)?.to_dtype(dtype)
        };

    /// Minus the log-likelihood of coins with the probabilities `input`.
    "binary_cross_entropy" "(input: Tensor, target: Tensor, weight: Tensor? = None, size_average: bool? = None, reduce: bool? = None, reduction: str = 'mean')"
        .forms(LAYER).torch("torch.nn.functional.binary_cross_entropy").domain(0.05, 0.95),
        |input: &Tensor, target: &Tensor, weight: Option<&Tensor>, average: Option<bool>, reduce: Option<bool>, reduction: &str| {
            expect_equal_shapes(input, target)?;
            let share = |x: Scalar| (0.0..=1.0).contains(&x.to_f64());
            expect_known(input, share, "all elements of input should be between 0 and 1")?;
            expect_known(target, share, "all elements of target should be between 0 and 1")?;
            reduced(|x, t| x.bce_element(t), input, target, weight, chosen(average, reduce, reduction)?)
        };

    /// `binary_cross_entropy` of the sigmoid, without overflow.
    "binary_cross_entropy_with_logits" "(input: Tensor, target: Tensor, weight: Tensor? = None, size_average: bool? = None, reduce: bool? = None, reduction: str = 'mean', pos_weight: Tensor? = None)"
        .forms(LAYER).torch("torch.nn.functional.binary_cross_entropy_with_logits").node("binary_cross_entropy_with_logits"),
        |input: &Tensor, target: &Tensor, weight: Option<&Tensor>, average: Option<bool>, reduce: Option<bool>, reduction: &str, pos_weight: Option<&Tensor>| {
            logits_loss(input, target, weight, pos_weight, chosen(average, reduce, reduction)?)
        };

    /// `binary_cross_entropy` of the sigmoid; the reduction is a number.
    "binary_cross_entropy_with_logits" "(input: Tensor, target: Tensor, weight: Tensor? = None, pos_weight: Tensor? = None, reduction: int = 1)"
        .forms(Forms::FUNCTION).torch("torch.binary_cross_entropy_with_logits").node("binary_cross_entropy_with_logits"),
        |input: &Tensor, target: &Tensor, weight: Option<&Tensor>, pos_weight: Option<&Tensor>, reduction: i64| {
            logits_loss(input, target, weight, pos_weight, Reduction::numbered(reduction)?)
        };

    /// What the target's distribution loses by the input's log-probabilities.
    "kl_div" "(input: Tensor, target: Tensor, size_average: bool? = None, reduce: bool? = None, reduction: str = 'mean', log_target: bool = False)"
        .forms(LAYER).torch("torch.nn.functional.kl_div").domain(0.1, 1.0),
        |input: &Tensor, target: &Tensor, average: Option<bool>, reduce: Option<bool>, reduction: &str, log_target: bool| {
            match reduction {
                "batchmean" if average.is_none() && reduce.is_none() => composite::kl_div_of_batch(input, target, log_target),
                _ => composite::kl_div(input, target, chosen(average, reduce, reduction)?, log_target),
            }
        };

    /// What the target's distribution loses by the input's log-probabilities; the reduction is a number.
    "kl_div" "(input: Tensor, target: Tensor, reduction: int = 1, *, log_target: bool = False)"
        .forms(Forms::FUNCTION).torch("torch.kl_div").domain(0.1, 1.0),
        |input: &Tensor, target: &Tensor, reduction: i64, log_target: bool| {
            composite::kl_div(input, target, Reduction::numbered(reduction)?, log_target)
        };

    /// Minus the log-probability at the target's class.
    "nll_loss" "(input: Tensor, target: Tensor, weight: Tensor? = None, size_average: bool? = None, ignore_index: int = -100, reduce: bool? = None, reduction: str = 'mean')"
        .forms(LAYER).torch("torch.nn.functional.nll_loss").onnx("NegativeLogLikelihoodLoss").node("nll_loss"),
        |input: &Tensor, target: &Tensor, weight: Option<&Tensor>, average: Option<bool>, ignore_index: i64, reduce: Option<bool>, reduction: &str| {
            composite::nll_loss(input, target, weight, ignore_index, chosen(average, reduce, reduction)?)
        };

    /// `nll_loss` of `log_softmax`; the target holds class indices, or probabilities of the input's shape.
    "cross_entropy" "(input: Tensor, target: Tensor, weight: Tensor? = None, size_average: bool? = None, ignore_index: int = -100, reduce: bool? = None, reduction: str = 'mean', label_smoothing: float = 0.0)"
        .forms(LAYER).torch("torch.nn.functional.cross_entropy").onnx("SoftmaxCrossEntropyLoss").node("nll_loss"),
        |input: &Tensor, target: &Tensor, weight: Option<&Tensor>, average: Option<bool>, ignore_index: i64, reduce: Option<bool>, reduction: &str, smoothing: f64| {
            composite::cross_entropy(input, target, weight, ignore_index, chosen(average, reduce, reduction)?, smoothing)
        };

    /// `cross_entropy` of `input @ linear_weight.T + linear_bias`.
    "linear_cross_entropy" "(input: Tensor, linear_weight: Tensor, target: Tensor, *, linear_bias: Tensor? = None, weight: Tensor? = None, reduction: str = 'mean', ignore_index: int? = None, label_smoothing: float = 0.0)"
        .forms(LAYER).gives("Tensor"),
        |input: &Tensor, rows: &Tensor, target: &Tensor, bias: Option<&Tensor>, weight: Option<&Tensor>, reduction: &str, ignore: Option<i64>, smoothing: f64| {
            let how = Reduction::parse(reduction)?;
            composite::linear_cross_entropy(input, rows, target, bias, weight, ignore, how, smoothing)
        };
}

/// The cross-entropy of coins whose log-odds are given.
fn logits_loss(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    pos_weight: Option<&Tensor>,
    how: Reduction,
) -> Result<Tensor> {
    if input.shape() != target.shape() {
        return Err(value_err!(
            "Target size ({:?}) must be the same as input size ({:?})",
            target.shape(),
            input.shape()
        ));
    }
    // Torch writes the losses over a copy of the target. (Inputs that are no floats are refused below.)
    match target.dtype() {
        _ if !input.dtype().is_float() => {}
        DType::Bool => {
            return Err(unsupported!(
                "Subtraction, the `-` operator, with a bool tensor is not supported; convert the target with .to(dtype)"
            ));
        }
        dtype if !dtype.is_float() => {
            return Err(runtime_err!(
                "result type {} can't be cast to the desired output type {dtype}; convert the target with .to(dtype)",
                input.dtype()
            ));
        }
        _ => {}
    }
    let element = |x: &Tensor, t: &Tensor| match pos_weight {
        Some(pos_weight) => x.bce_logits_weighted(t, pos_weight),
        None => x.bce_logits_element(t),
    };
    reduced(element, input, target, weight, how)?.to_dtype(target.dtype())
}

fn expect_equal_shapes(input: &Tensor, target: &Tensor) -> Result<()> {
    if input.shape() == target.shape() {
        return Ok(());
    }
    Err(value_err!(
        "Using a target size ({:?}) that is different to the input size ({:?}) is deprecated. Please ensure they have the same size.",
        target.shape(),
        input.shape()
    ))
}

/// The gradient of a difference: the second operand's is the opposite.
fn both(g: Ex) -> Vec<Option<Ex>> {
    vec![Some(g), Some(-g)]
}

/// softplus(-x).
fn below(x: Ex) -> Ex {
    log1p(exp(-abs(x))) + max(-x, 0.0)
}

/// A bound beyond the dtype that a loss is computed in is infinite.
fn bounded(bound: f64, input: &Tensor, target: &Tensor) -> f64 {
    let dtype = input.dtype().promote(target.dtype());
    let beyond = dtype.is_float() && !Scalar::Float(bound).fits(dtype.compute());
    if beyond { f64::INFINITY } else { bound }
}
