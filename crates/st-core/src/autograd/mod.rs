//! The tape.

mod gradient;
#[allow(unused_imports, reason = "stand-in: the engine will use them")]
pub(crate) use gradient::{Call, Gradients, Keeps};

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

struct Entry {
    outs: Vec<Tensor>,
    inputs: Vec<Option<Tensor>>,
    rule: std::rc::Rc<Rule>,
}
thread_local!(static TAPE: std::cell::RefCell<Option<Vec<std::rc::Rc<Entry>>>> = const { std::cell::RefCell::new(None) });
thread_local!(static ENABLED: std::cell::Cell<bool> = const { std::cell::Cell::new(true) });

/// Stand-in.
pub fn is_grad_enabled() -> bool {
    ENABLED.get()
}

pub(crate) fn record(outs: &[Tensor], inputs: &[Option<&Tensor>], rule: impl FnOnce() -> Rule) -> Result<()> {
    TAPE.with_borrow_mut(|tape| {
        if let Some(tape) = tape.as_mut().filter(|_| ENABLED.get()) {
            let inputs = inputs.iter().map(|i| i.cloned()).collect();
            tape.push(std::rc::Rc::new(Entry { outs: outs.to_vec(), inputs, rule: std::rc::Rc::new(rule()) }));
        }
    });
    Ok(())
}
pub(crate) fn record_view(out: &Tensor, base: &Tensor, rule: impl FnOnce() -> Rule) -> Result<()> {
    record(std::slice::from_ref(out), &[Some(base)], rule)
}

/// Stand-in.
pub fn grad(
    outputs: &[Tensor],
    inputs: &[Tensor],
    _grad_outputs: Option<&[Option<Tensor>]>,
    _retain_graph: bool,
    create_graph: bool,
    _allow_unused: bool,
    _materialize_grads: bool,
) -> Result<Vec<Option<Tensor>>> {
    let key = |t: &Tensor| std::sync::Arc::as_ptr(&t.0) as usize;
    let tape = TAPE.with_borrow(|t| t.as_ref().expect("requires_grad_").clone());
    let mut grads: std::collections::HashMap<usize, Tensor> = Default::default();
    let mut wanted: std::collections::HashSet<usize> = inputs.iter().map(key).collect();
    for e in &tape {
        if e.inputs.iter().flatten().any(|i| wanted.contains(&key(i))) {
            wanted.extend(e.outs.iter().filter(|o| o.dtype().is_float()).map(key));
        }
    }
    let before = ENABLED.replace(create_graph);
    for o in outputs {
        grads.insert(key(o), Tensor::full(o.shape(), 1.0, o.dtype(), o.device())?);
    }
    for e in tape.iter().rev() {
        let upstream: Vec<Option<Tensor>> = e.outs.iter().map(|o| grads.get(&key(o)).cloned()).collect();
        if upstream.iter().all(Option::is_none) {
            continue;
        }
        let needs: Vec<bool> =
            e.inputs.iter().map(|i| i.as_ref().is_some_and(|i| i.dtype().is_float() && wanted.contains(&key(i)))).collect();
        if !needs.contains(&true) {
            continue;
        }
        let keeps = e.rule.keeps(&|i| needs[i]);
        let kept = |bits: u64, i: usize, t: Option<&Tensor>| t.filter(|_| bits >> i & 1 == 1).cloned();
        let saved: Vec<_> = e.inputs.iter().enumerate().map(|(i, t)| kept(keeps.inputs, i, t.as_ref())).collect();
        let outs: Vec<_> = e.outs.iter().enumerate().map(|(i, t)| kept(keeps.outputs, i, Some(t))).collect();
        let shapes: Vec<_> = e
            .inputs
            .iter()
            .map(|i| i.as_ref().map_or((Default::default(), st_kernel::DType::F32), |i| (i.shape().into(), i.dtype())))
            .collect();
        let call = Call { inputs: &saved, shapes: &shapes, outputs: &outs, upstream: &upstream, needs: &needs };
        for ((g, i), need) in e.rule.gradient(&call)?.into_iter().zip(&e.inputs).zip(&needs) {
            let (Some(g), Some(i), true) = (g, i, need) else { continue };
            assert_eq!((g.shape(), g.dtype()), (i.shape(), i.dtype()), "{}", e.rule.name());
            let sum = match grads.get(&key(i)) {
                Some(old) => old.add(&g)?,
                None => g,
            };
            grads.insert(key(i), sum);
        }
    }
    ENABLED.set(before);
    Ok(inputs.iter().map(|i| grads.get(&key(i)).cloned()).collect())
}
impl Tensor {
    /// Stand-in.
    pub fn requires_grad_(&self, _on: bool) -> Result<Tensor> {
        TAPE.with_borrow_mut(|t| *t = Some(t.take().unwrap_or_default()));
        Ok(self.clone())
    }
}
impl Tensor {
    /// The same memory, not on the tape.
    pub fn detach(&self) -> Tensor {
        self.alias(self.0.view.clone())
    }
}
