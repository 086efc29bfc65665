//! The tape: what was computed from what, and the way back.
//!
//! Operators `record` a `GradNode` for results that need gradients; the `engine` walks the nodes from the newest to
//! the oldest and applies each one's [`Rule`]. A tensor handle keeps its place on the tape in its [`Meta`].

mod anomaly;
mod checkpoint;
mod engine;
mod function;
mod gradient;
mod hooks;
mod meta;
mod mode;
mod node;
mod saved;
mod sums;

pub use anomaly::{
    is_anomaly_check_nan_enabled, is_anomaly_enabled, set_anomaly_check_nan, set_detect_anomaly,
};
pub use checkpoint::{CheckpointFn, checkpoint};
pub use engine::{End, backward, current_node, grad, will_run};
pub use function::{SavedTensor, apply_custom, apply_custom_to, passed_on};
pub use hooks::{Hook, HookHandle, PostHook, PostNodeHook, PreNodeHook};
pub use meta::Meta;
pub use mode::{
    Mode, ModeGuard, enable_grad, inference_mode, is_grad_enabled, is_inference_mode_enabled, mode, no_grad,
    set_grad_enabled, set_mode,
};
pub use node::{GradFn, SavedPlace, next_id};
pub use saved::{
    Pack, SavedHooksGuard, Unpack, pop_saved_tensors_hooks, push_saved_tensors_hooks, saved_tensors_hooks,
};

pub(crate) use engine::grad_of_edges;
pub(crate) use function::{record_edges, record_underivable, refuse, with_idle};
pub(crate) use gradient::{Call, Gradients, Keeps};
pub(crate) use node::{Edge, Edges, GradNode, Work, released_error};
pub(crate) use saved::Saved;
pub use saved::torch_name;

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
    Pointwise(Pointwise, SmallVec<[Option<Scalar>; 2]>),
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
    /// The largest or smallest of all elements: unlike a `Reduce`, every NaN has a share of the gradient.
    ExtremeOfAll(ReduceOp),
    /// A running reduction along an axis.
    Scan(ScanOp, u8),
    /// Input 0 at index tensors (inputs 1..).
    Index(IndexPlan),
    /// Input 0 with input 1 combined in at index tensors (inputs 2..).
    Scatter(ScatterOp, IndexPlan),
    /// Input 0 with the elements seen by the view (of a contiguous tensor of its shape) replaced by input 1.
    Assign(Box<View>),
    /// `[batch.., m, k]` times `[batch.., k, n]`; which of them lay in memory transposed. Their gradients do so too.
    Matmul([bool; 2]),
    /// Attention of q, k, v and perhaps a mask; output 1 is what its kernel keeps for the gradient.
    Attention {
        /// Whether query i sees keys 0 to i only.
        causal: bool,
        /// What products of q and k are multiplied by.
        scale: f64,
    },
    /// A convolution.
    Conv(ConvKind, Box<ConvDims>),
    /// A stable sort (or top-k) along a dimension; output 1 holds positions.
    Sort(usize),
    /// The inputs, one after another along a dimension.
    Cat(usize),
    /// Margins of a constant before and after each dimension; negative ones cut.
    Pad(SmallVec<[(i64, i64); 4]>),
    /// A gradient written as a function of what it keeps.
    Formula(Box<Formula>),
    /// Anything else.
    Custom(Box<dyn Backward>),
}

/// The gradient of an operator that has no rule of its own: factorisations, transforms.
pub struct Formula {
    /// The operator.
    pub(crate) name: &'static str,
    /// What it looks at.
    pub(crate) keeps: Keeps,
    /// A gradient for each input that has one, as if all were wanted.
    #[expect(clippy::type_complexity, reason = "a function in a box")]
    pub(crate) gradient: Box<dyn Fn(&Call) -> Result<Gradients> + Send + Sync>,
}

/// A gradient written by hand: of a user's function, of a checkpoint.
pub trait Backward: Send + Sync {
    /// What errors and `grad_fn` call it.
    fn name(&self) -> String;
    /// From the gradients of the outputs to those of the inputs.
    fn backward(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>>;
    /// Called after a backward pass that does not retain the graph: what was saved may go.
    fn release(&self) {}
    /// Shows what it holds of others', for [`Tensor::visit_owners`].
    fn visit_owners(&self, _visit: &mut dyn FnMut(&dyn std::any::Any)) {}
    /// Itself, for whoever made it and knows its type.
    fn as_any(&self) -> Option<&dyn std::any::Any> {
        None
    }
}

/// Puts the results of an operator on the tape if an input is on it.
#[inline]
pub(crate) fn record(outs: &[Tensor], inputs: &[Option<&Tensor>], rule: impl FnOnce() -> Rule) -> Result<()> {
    if !mode::is_grad_enabled() || !inputs.iter().flatten().any(|t| t.is_tracked()) {
        return Ok(());
    }
    record_node(outs, inputs, rule)
}

fn record_node(outs: &[Tensor], inputs: &[Option<&Tensor>], rule: impl FnOnce() -> Rule) -> Result<()> {
    if !outs.iter().any(|out| out.dtype().is_float()) {
        return Ok(());
    }
    let edges: node::Edges = inputs.iter().map(|t| t.and_then(Tensor::edge)).collect();
    if edges.iter().all(Option::is_none) {
        return Ok(());
    }
    let node = GradNode::of_rule(rule(), edges, inputs, outs)?;
    // (The last one takes the node itself.)
    for ((i, out), node) in outs.iter().enumerate().zip(std::iter::repeat_n(node, outs.len())) {
        if out.dtype().is_float() {
            out.set_history(Edge { node, out: i as u32 });
        }
    }
    Ok(())
}

/// Gives a copy of `original`'s elements its place on the tape.
pub(crate) fn same_place(copy: &Tensor, original: &Tensor) {
    if let Some(edge) = original.edge() {
        copy.set_history(edge);
    }
}

/// Makes `out` a view of `base`: writes to one are seen by the tape of the other.
pub(crate) fn record_view(out: &Tensor, base: &Tensor, rule: impl FnOnce() -> Rule) -> Result<()> {
    out.become_view_of(base);
    if base.is_inference() {
        return Ok(());
    }
    record(std::slice::from_ref(out), &[Some(base)], rule)
}
