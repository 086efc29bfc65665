//! Dropout and other random choices of networks.

use super::macros::build;
use crate::ops::composite::dropout::*;
use crate::ops::def::Forms;
use crate::tensor::Tensor;

const LAYER: Forms = Forms::FUNCTIONAL.and(Forms::ARGUMENT);
const PLAIN: Forms = Forms::FUNCTION.and(Forms::INPLACE);

build! {
    /// Zeros with probability `p`; what stays is scaled by 1 / (1 - p).
    "dropout" "(input: Tensor, p: float = 0.5, training: bool = True)".forms(LAYER).torch("").onnx("Dropout"),
        |input: &Tensor, p: f64, training: bool| {
            expect_probability(p)?;
            input.dropout(p, training)
        };

    /// Zeros with probability `p`; what stays is scaled by 1 / (1 - p).
    "dropout" "(input: Tensor, p: float, train: bool)".forms(PLAIN).torch("").onnx("Dropout"),
        |input: &Tensor, p: f64, train: bool| input.dropout(p, train);

    /// Whole channels of lines are zero with probability `p`.
    "dropout1d" "(input: Tensor, p: float = 0.5, training: bool = True)".forms(LAYER).torch("").gives("Tensor"),
        |input: &Tensor, p: f64, training: bool| dropout_channels("dropout1d", input, 1, p, training);

    /// Whole channels of images are zero with probability `p`.
    "dropout2d" "(input: Tensor, p: float = 0.5, training: bool = True)".forms(LAYER).torch("").gives("Tensor"),
        |input: &Tensor, p: f64, training: bool| dropout_channels("dropout2d", input, 2, p, training);

    /// Whole channels of volumes are zero with probability `p`.
    "dropout3d" "(input: Tensor, p: float = 0.5, training: bool = True)".forms(LAYER).torch("").gives("Tensor"),
        |input: &Tensor, p: f64, training: bool| dropout_channels("dropout3d", input, 3, p, training);

    /// Whole channels are zero with probability `p`.
    "feature_dropout" "(input: Tensor, p: float, train: bool)".forms(PLAIN).torch(""),
        |input: &Tensor, p: f64, train: bool| input.feature_dropout(p, train);

    /// What `selu` goes to on the left with probability `p`, scaled so that mean and variance stay.
    "alpha_dropout" "(input: Tensor, p: float = 0.5, training: bool = False)".forms(LAYER).torch(""),
        |input: &Tensor, p: f64, training: bool| {
            expect_probability(p)?;
            alpha_dropout(input, p, training, false)
        };

    /// What `selu` goes to on the left with probability `p`, scaled so that mean and variance stay.
    "alpha_dropout" "(input: Tensor, p: float, train: bool)".forms(PLAIN).torch(""),
        |input: &Tensor, p: f64, train: bool| alpha_dropout(input, p, train, false);

    /// As `alpha_dropout` for whole channels.
    "feature_alpha_dropout" "(input: Tensor, p: float = 0.5, training: bool = False)".forms(LAYER).torch(""),
        |input: &Tensor, p: f64, training: bool| {
            expect_probability(p)?;
            alpha_dropout(input, p, training, true)
        };

    /// As `alpha_dropout` for whole channels.
    "feature_alpha_dropout" "(input: Tensor, p: float, train: bool)".forms(PLAIN).torch(""),
        |input: &Tensor, p: f64, train: bool| alpha_dropout(input, p, train, true);

    /// `dropout`, and what it kept.
    "native_dropout" "(input: Tensor, p: float, train: bool?)".forms(Forms::FUNCTION).torch(""),
        |input: &Tensor, p: f64, train: Option<bool>| native_dropout(input, p, train.unwrap_or(true));

    /// A softmax that chooses at random; `hard` gives ones and zeros with the gradient of the soft choice.
    "gumbel_softmax" "(logits: Tensor, tau: float = 1.0, hard: bool = False, eps: float = 1e-10, dim: int = -1)".forms(Forms::FUNCTIONAL).torch(""),
        |logits: &Tensor, tau: f64, hard: bool, _eps: f64, dim: i64| gumbel_softmax(logits, tau, hard, dim);
}
