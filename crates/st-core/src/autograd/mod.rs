//! The tape.

mod gradient;
#[allow(unused_imports, reason = "stand-in: the engine will use them")]
pub(crate) use gradient::{Call, Gradients, Keeps};
/// Stand-in.
pub fn is_grad_enabled() -> bool {
    true
}

use crate::graph::ConvDims;
use crate::ops::Pointwise;
use crate::ops::index::IndexPlan;
use crate::tensor::Tensor;
use smallvec::SmallVec;
use st_kernel::view::View;
use st_kernel::{ConvKind, ReduceOp, Result, Scalar, ScanOp, ScatterOp};

/// How a result's gradient becomes the gradients of what it was made of.
pub enum Rule {
    /// A pointwise expression; the operands that were numbers.
    Pointwise(Pointwise, SmallVec<[Option<Scalar>; 4]>),
    /// The same elements in the same order under another shape.
    Reshape,
    /// Dimension `order[i]` became dimension `i`.
    Permute(SmallVec<[usize; 4]>),
    /// Broadcast.
    Expand,
    /// Every `step`-th element from `start` on.
    Slice {
        /// Along this dimension.
        dim: usize,
        /// From here on.
        start: usize,
        /// In steps of.
        step: usize,
    },
    /// One index of a dimension.
    Select {
        /// The dimension.
        dim: usize,
        /// The index.
        index: usize,
    },
    /// Any view of the storage: the input's view and the output's.
    AsStrided(Box<(View, View)>),
    /// Reversed dimensions (a copy).
    Flip(SmallVec<[usize; 4]>),
    /// A reduction over the axes in the mask, which stay as size 1. Input 0 to output 0.
    Reduce(ReduceOp, u64),
    /// A running reduction along an axis.
    Scan(ScanOp, u8),
    /// Input 0 at index tensors (inputs 1..).
    Index(IndexPlan),
    /// Input 0 with input 1 combined in at index tensors (inputs 2..).
    Scatter(ScatterOp, IndexPlan),
    /// Input 0 with the elements seen by the view (of a contiguous tensor of its shape) replaced by input 1.
    Assign(Box<View>),
    /// `[batch.., m, k]` times `[batch.., k, n]`.
    Matmul,
    /// A convolution.
    Conv(ConvKind, Box<ConvDims>),
    /// A stable sort (or top-k) along a dimension; output 1 holds positions.
    Sort(usize),
    /// The inputs, one after another along a dimension.
    Cat(usize),
    /// Margins of a constant before and after each dimension; negative ones cut.
    Pad(SmallVec<[(i64, i64); 4]>),
    /// Anything else.
    Custom(Box<dyn Backward>),
}

/// A gradient written by hand: of a user's function, of a checkpoint.
pub trait Backward: Send + Sync {
    /// What errors and `grad_fn` call it.
    fn name(&self) -> String;
    /// From the gradients of the outputs to those of the inputs.
    fn backward(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>>;
}

/// What the tape knows about a tensor.
#[derive(Default)]
pub struct Meta {}

pub(crate) fn record(
    _outs: &[Tensor],
    _inputs: &[Option<&Tensor>],
    _rule: impl FnOnce() -> Rule,
) -> Result<()> {
    Ok(())
}
pub(crate) fn record_view(_out: &Tensor, _base: &Tensor, _rule: impl FnOnce() -> Rule) -> Result<()> {
    Ok(())
}
impl Tensor {
    /// The same memory, not on the tape.
    pub fn detach(&self) -> Tensor {
        self.alias(self.0.view.clone())
    }
}

/// Stand-in.
pub struct GradFn;
impl GradFn {
    /// Stand-in.
    pub fn name(&self) -> String {
        String::new()
    }
}
impl Tensor {
    /// Stand-in.
    pub fn requires_grad_(&self, _: bool) -> Result<Tensor> {
        Ok(self.clone())
    }
    /// Stand-in.
    pub fn requires_grad(&self) -> bool {
        false
    }
    /// Stand-in.
    pub fn grad_fn(&self) -> Option<GradFn> {
        None
    }
}
