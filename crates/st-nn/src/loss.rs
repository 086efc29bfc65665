//! Losses: the mean over the batch of what a prediction costs.
//!
//! ```
//! # fn main() -> st_core::Result<()> {
//! use st_core::Tensor;
//! use st_nn::loss;
//! let logits = Tensor::of([[2.0f32, 0.0], [0.0, 2.0]])?;
//! let classes = Tensor::of([0i64, 1])?;
//! let loss: f64 = loss::cross_entropy(&logits, &classes)?.to_scalar()?;
//! assert!((loss - (1.0 + (-2f64).exp()).ln()).abs() < 1e-6);
//! # Ok(()) }
//! ```

use st_core::functional as f;
use st_core::{Result, Tensor, value_err};

pub use f::Reduction;

/// The cross-entropy of scores `[batch, classes, ..]` and classes `[batch, ..]`, or probabilities of the scores' shape.
pub fn cross_entropy(logits: &Tensor, target: &Tensor) -> Result<Tensor> {
    CrossEntropy::default().of(logits, target)
}

/// [`cross_entropy`] with settings.
#[derive(Clone, Debug)]
pub struct CrossEntropy {
    /// A weight for each class.
    pub weight: Option<Tensor>,
    /// Targets of this class do not count.
    pub ignore_index: i64,
    /// The share of the target that is spread over all classes.
    pub label_smoothing: f64,
    /// What becomes of the samples' losses.
    pub reduction: Reduction,
}

impl Default for CrossEntropy {
    fn default() -> CrossEntropy {
        CrossEntropy { weight: None, ignore_index: -100, label_smoothing: 0.0, reduction: Reduction::Mean }
    }
}

impl CrossEntropy {
    /// The loss of scores and classes.
    pub fn of(&self, logits: &Tensor, target: &Tensor) -> Result<Tensor> {
        let weight = self.weight.as_ref();
        f::cross_entropy(logits, target, weight, self.ignore_index, self.reduction, self.label_smoothing)
    }
}

/// Minus the log-probabilities at the classes: [`cross_entropy`] of what has gone through `log_softmax`.
pub fn nll(log_probabilities: &Tensor, classes: &Tensor) -> Result<Tensor> {
    f::nll_loss(log_probabilities, classes, None, -100, Reduction::Mean)
}

/// What a distribution loses by another's log-probabilities, per sample.
pub fn kl_div(log_probabilities: &Tensor, target: &Tensor) -> Result<Tensor> {
    expect_same("kl_div", log_probabilities, target)?;
    let batch = target.shape().first().copied().unwrap_or(1);
    f::kl_div(log_probabilities, target, Reduction::Sum, false)? / batch as f64
}

/// Losses that are the mean of what each element costs.
macro_rules! elementwise {
    ($($(#[$doc:meta])* $name:ident ($($setting:ident: $t:ty),*) => |$x:ident, $y:ident| $element:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name(input: &Tensor, target: &Tensor $(, $setting: $t)*) -> Result<Tensor> {
            expect_same(stringify!($name), input, target)?;
            f::reduced(|$x, $y| $element, input, target, None, Reduction::Mean)
        }
    )*};
}

elementwise! {
    /// The squared difference.
    mse() => |x, y| x.mse_element(y);
    /// The absolute difference.
    l1() => |x, y| x.l1_element(y);
    /// Half the square over `beta` where the difference is below it, else the absolute difference less half of it.
    smooth_l1(beta: f64) => |x, y| x.smooth_l1_element(y, beta);
    /// Half the square where the difference is at most `delta`, else a line that goes on from there.
    huber(delta: f64) => |x, y| x.huber_element(y, delta);
    /// Minus the log-likelihood of coins with the probabilities `input`.
    binary_cross_entropy() => |x, y| x.bce_element(y);
    /// [`binary_cross_entropy`] of the input's sigmoid, without overflow.
    binary_cross_entropy_with_logits() => |x, y| x.bce_logits_element(y);
}

/// Broadcasting a target is nearly always a mistake: it compares every sample with every other.
fn expect_same(name: &str, input: &Tensor, target: &Tensor) -> Result<()> {
    if input.shape() == target.shape() {
        return Ok(());
    }
    Err(value_err!(
        "{name}: input {:?} and target {:?} must have one shape; reshape one of them",
        input.shape(),
        target.shape()
    ))
}
