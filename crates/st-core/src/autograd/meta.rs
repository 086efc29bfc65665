//! A tensor's place on the tape: its history, its gradient, the tensor it is a view of, and the methods that ask for them.

use super::hooks::{Hook, HookHandle, NodeHooks, PostHook};
use super::node::Edges;
use super::{Backward, Edge, GradFn, GradNode, Rule, engine, mode};
use crate::lock::{Lock, LockGuard};
use crate::tensor::Tensor;
use st_kernel::{Error, Result, runtime_err};
use std::any::Any;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

/// What the tape knows about a tensor handle. Two handles of one storage are different tensors.
pub struct Meta {
    /// What computed it; `None` for a leaf.
    history: Option<Edge>,
    view: Option<Box<ViewOf>>,
    /// Shared with what the tensor was before its data were exchanged.
    extra: Option<Arc<Lock<Extra>>>,
    /// A leaf's own flag.
    requires_grad: bool,
    inference: bool,
    /// Writes are not counted: it is what `.data` gave.
    uncounted: bool,
}

/// A tensor handle's base: writes to one change the history of the other.
pub(crate) struct ViewOf {
    /// Not itself a view.
    pub(crate) base: Tensor,
    /// The storage's version that the history is of.
    version: u32,
    pub(crate) creation: Creation,
}

/// The mode a view was made in; writing to it in another mode is ambiguous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Creation {
    Recorded,
    NoGrad,
    Inference,
    /// One of several views that one call gave.
    OneOfSeveral,
    /// What a user's function gave, alone or with others.
    Function,
    SeveralOfFunction,
}

#[derive(Default)]
struct Extra {
    grad: Option<Tensor>,
    accumulator: Weak<GradNode>,
    /// Of a leaf; those of other tensors are their node's.
    hooks: Option<Arc<NodeHooks>>,
    retains_grad: bool,
}

impl Default for Meta {
    #[inline]
    fn default() -> Meta {
        Meta {
            history: None,
            view: None,
            extra: None,
            requires_grad: false,
            inference: mode::is_inference_mode_enabled(),
            uncounted: false,
        }
    }
}

impl Meta {
    fn extra(&mut self) -> LockGuard<'_, Extra> {
        lock(self.extra.get_or_insert_default())
    }
}

fn lock(extra: &Lock<Extra>) -> LockGuard<'_, Extra> {
    extra.lock()
}

/// A view of memory that has been written since, made where it is not clear what the tape should see of that.
struct Overridden(Error);

impl Backward for Overridden {
    fn name(&self) -> String {
        "Invalid".into()
    }

    fn backward(&self, _: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        Err(self.0.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl GradFn {
    /// Refuses the node of a view that has no history since its base was written.
    pub fn expect_valid(&self) -> Result<()> {
        let overridden = self.custom().and_then(|rule| rule.as_any()?.downcast_ref::<Overridden>());
        overridden.map_or(Ok(()), |overridden| Err(overridden.0.clone()))
    }
}

const OF_FUNCTION: &str = "This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function.";
const ONE_OF_SEVERAL: &str = "This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.";

/// Why a view that was made so may not be written, or its base, where it was not `direct`.
fn ambiguous(creation: Creation, made_by: Option<&Edge>, direct: bool) -> Error {
    let (made, when, block) = match creation {
        Creation::Inference => ("inference mode", "in normal mode", "inference_mode"),
        _ => ("no_grad mode", "with grad mode enabled", "no_grad"),
    };
    let remedy = match creation {
        Creation::OneOfSeveral | Creation::SeveralOfFunction => ONE_OF_SEVERAL.into(),
        Creation::Function => OF_FUNCTION.into(),
        _ => format!(
            "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the {block} block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked)."
        ),
    };
    let written = if direct { "is being" } else { "its base or another view of its base has been" };
    let Some(Edge { node, out }) = made_by else {
        return runtime_err!("A view was created in {made} and {written} modified inplace {when}. {remedy}");
    };
    let name = node.name();
    let operator = name.trim_end_matches(char::is_numeric).trim_end_matches("Backward");
    match creation {
        Creation::Inference | Creation::NoGrad => runtime_err!(
            "Output {out} of {operator} is a view of a view which was created in {made} and {written} modified inplace {when}. {remedy}"
        ),
        _ => runtime_err!("Output {out} of {operator} is a view and {written} modified inplace. {remedy}"),
    }
}

/// Asking and telling, within the library.
impl Tensor {
    /// Calls `f` on what the tape knows. `f` must not touch another tensor.
    fn meta<T>(&self, f: impl FnOnce(&mut Meta) -> T) -> T {
        f(&mut self.0.meta.lock())
    }

    /// Where a gradient of this tensor goes; `None` if it needs none.
    pub(crate) fn edge(&self) -> Option<Edge> {
        if !self.is_tracked() || !self.dtype().is_float() {
            return None;
        }
        // One lock for what is not a view, which is nearly everything.
        let (is_view, edge) = self.meta(|m| {
            let history = m.history.clone();
            if m.view.is_some() {
                (true, None)
            } else if history.is_none() && m.requires_grad {
                (false, Some(Edge { node: self.accumulator(m), out: 0 }))
            } else {
                (false, history)
            }
        });
        if !is_view {
            return edge;
        }
        self.renew_history();
        let edge = self.meta(|m| m.history.clone());
        edge.or_else(|| {
            self.requires_grad().then(|| Edge { node: self.meta(|m| self.accumulator(m)), out: 0 })
        })
    }

    fn accumulator(&self, meta: &mut Meta) -> Arc<GradNode> {
        let mut extra = meta.extra();
        let weak = &mut extra.accumulator;
        weak.upgrade().unwrap_or_else(|| {
            let node = GradNode::of_leaf(self);
            *weak = Arc::downgrade(&node);
            node
        })
    }

    /// A view whose storage has been written sees the base's history, not its own of before.
    fn renew_history(&self) {
        let version = self.version();
        let stale = self.meta(|m| {
            let view = m.view.as_ref().filter(|v| v.version != version)?;
            Some((view.base.clone(), view.creation, m.history.clone()))
        });
        let Some((base, creation, history)) = stale else { return };
        let rule = match creation {
            _ if history.is_none() && !base.requires_grad() => return,
            Creation::Recorded => self.part_of(&base),
            _ => Rule::Custom(Box::new(Overridden(ambiguous(creation, history.as_ref(), false)))),
        };
        self.come_from_base(&base, rule);
    }

    /// Refuses a write to a view that was made where it is not clear what the tape should see.
    pub(crate) fn expect_writable(&self, creation: Creation) -> Result<()> {
        if creation == Creation::Recorded {
            return Ok(());
        }
        self.renew_history();
        Err(ambiguous(creation, self.meta(|m| m.history.clone()).as_ref(), true))
    }

    fn part_of(&self, base: &Tensor) -> Rule {
        Rule::AsStrided(Box::new((base.0.view.clone(), self.0.view.clone())))
    }

    /// A view's history is a part of the base's.
    fn come_from_base(&self, base: &Tensor, rule: Rule) {
        let edges = Edges::from_iter([base.edge()]);
        if let Ok(node) = GradNode::of_rule(rule, edges, &[Some(base)], std::slice::from_ref(self)) {
            self.set_history(Edge { node, out: 0 });
        }
    }

    /// Before a view is written: hooks that are on what made it stay with whoever has read it by now.
    pub(crate) fn leave_hooks(&self) {
        let Some((base, Creation::Recorded)) = self.view_of() else { return };
        self.renew_history();
        if self.meta(|m| m.history.clone()).is_some_and(|edge| edge.node.hooks().is_some()) {
            self.come_from_base(&base, self.part_of(&base));
        }
    }

    /// A view's history is out of date: the base has another.
    pub(crate) fn outdate_history(&self) {
        let version = self.version();
        self.meta(|m| m.view.iter_mut().for_each(|view| view.version = version.wrapping_sub(1)));
    }

    /// From now on it is what the node made.
    pub(crate) fn set_history(&self, edge: Edge) {
        let version = self.version();
        let (old, retained) = self.meta(|m| {
            if let Some(view) = &mut m.view {
                view.version = version;
            }
            let retains = m.extra.as_ref().is_some_and(|e| lock(e).retains_grad);
            let retained = retains.then(|| edge.clone());
            (m.history.replace(edge), retained)
        });
        self.0.tracked.store(true, Ordering::Release);
        if let Some(edge) = retained {
            if let Some(hooks) = old.and_then(|old| old.node.hooks()) {
                hooks.forget(self);
            }
            edge.node.hooks_to_add().retain(edge.out, self);
        }
    }

    /// The base of a view and how the view was made.
    pub(crate) fn view_of(&self) -> Option<(Tensor, Creation)> {
        self.is_tracked()
            .then(|| self.meta(|m| m.view.as_ref().map(|v| (v.base.clone(), v.creation))))
            .flatten()
    }

    /// Says of a view that a call gave others with it.
    pub(crate) fn mark_one_of_several(&self) {
        if self.is_tracked() {
            self.meta(|m| match &mut m.view {
                Some(view) if view.creation == Creation::Recorded => view.creation = Creation::OneOfSeveral,
                _ => {}
            });
        }
    }

    /// Says of a view that it was made as this one was, which it replaces.
    pub(crate) fn keep_creation_of(&self, old: &Tensor) {
        if let Some((_, creation)) = old.view_of() {
            self.meta(|m| m.view.iter_mut().for_each(|view| view.creation = creation));
        }
    }

    /// Says of a view that a user's function gave it, perhaps with others.
    pub fn mark_of_function(&self, several: bool) {
        let creation = if several { Creation::SeveralOfFunction } else { Creation::Function };
        self.meta(|m| m.view.iter_mut().for_each(|view| view.creation = creation));
    }

    pub(super) fn become_view_of(&self, base: &Tensor) {
        let now = mode::mode();
        let (inference, uncounted) = base.meta(|m| (m.inference, m.uncounted));
        self.meta(|m| (m.inference, m.uncounted) = (inference, uncounted));
        if inference {
            return;
        }
        let made = match now {
            _ if now.inference => Creation::Inference,
            _ if now.grad => Creation::Recorded,
            _ => Creation::NoGrad,
        };
        let (base, creation) = match base.view_of() {
            Some((root, Creation::Recorded)) => (root, made),
            Some((root, inherited)) => (root, inherited),
            None => (base.clone(), made),
        };
        let version = self.version();
        self.meta(|m| m.view = Some(Box::new(ViewOf { base, version, creation })));
        self.0.tracked.store(true, Ordering::Release);
    }

    /// From now on it is no view, but the only tensor of its memory.
    pub(crate) fn forget_base(&self) {
        let tracked = self.meta(|m| {
            m.view = None;
            m.requires_grad || m.history.is_some()
        });
        self.0.tracked.store(tracked, Ordering::Release);
    }

    pub(crate) fn leaf_hooks(&self) -> Option<Arc<NodeHooks>> {
        self.meta(|m| m.extra.as_ref().and_then(|e| lock(e).hooks.clone()))
    }

    pub(crate) fn leaf_hooks_to_add(&self) -> Arc<NodeHooks> {
        self.meta(|m| m.extra().hooks.get_or_insert_default().clone())
    }

    /// The hooks its gradient passes, and its place among them.
    fn hooks_to_add(&self) -> Result<(Arc<NodeHooks>, u32)> {
        if !self.requires_grad() {
            return Err(runtime_err!("cannot register a hook on a tensor that doesn't require gradient"));
        }
        self.renew_history();
        Ok(match self.meta(|m| m.history.clone()) {
            Some(edge) => (edge.node.hooks_to_add(), edge.out),
            None => (self.leaf_hooks_to_add(), 0),
        })
    }

    /// Shows whom hooks and functions on the tape belong to that live only as long as this handle: a language that looks for
    /// cycles of references, as Python does, has to know of them. Waits for nobody.
    pub fn visit_owners(&self, visit: &mut dyn FnMut(&dyn Any)) {
        if !self.is_tracked() || Arc::strong_count(&self.0) > 1 {
            return;
        }
        let Some(meta) = self.0.meta.try_lock() else { return };
        if let Some(edge) = &meta.history {
            edge.node.visit_owners(visit);
        }
        let alone = meta.extra.as_ref().filter(|extra| Arc::strong_count(extra) == 1);
        if let Some(Some(extra)) = alone.map(|extra| extra.try_lock())
            && let Some(hooks) = &extra.hooks
        {
            hooks.visit_owners(visit);
        }
    }

    /// Sets `.grad` without questions.
    pub(super) fn put_grad(&self, grad: Option<Tensor>) {
        let old = self.meta(|m| std::mem::replace(&mut m.extra().grad, grad));
        drop(old);
    }
}

/// The tape of a tensor.
impl Tensor {
    /// Whether gradients flow to it.
    pub fn requires_grad(&self) -> bool {
        if !self.is_tracked() || !self.dtype().is_float() {
            return false;
        }
        let (own, base) =
            self.meta(|m| (m.requires_grad || m.history.is_some(), m.view.as_ref().map(|v| v.base.clone())));
        own || base.is_some_and(|base| base.requires_grad())
    }

    /// Sets whether a leaf wants a gradient; gives the tensor itself.
    pub fn requires_grad_(&self, on: bool) -> Result<Tensor> {
        if on && self.requires_grad() {
            return Ok(self.clone());
        }
        if on && !self.dtype().is_float() {
            return Err(runtime_err!(
                "Only Tensors of floating point and complex dtype can require gradients"
            ));
        }
        if on && self.is_inference() && !mode::is_inference_mode_enabled() {
            return Err(runtime_err!(
                "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."
            ));
        }
        if !on && !self.is_leaf() {
            return Err(runtime_err!(
                "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
            ));
        }
        let is_view = self.meta(|m| {
            m.requires_grad = on;
            m.view.is_some()
        });
        self.0.tracked.store(on || is_view, Ordering::Release);
        Ok(self.clone())
    }

    /// Whether no operator on the tape made it.
    pub fn is_leaf(&self) -> bool {
        self.grad_fn().is_none()
    }

    /// The node that made it.
    pub fn grad_fn(&self) -> Option<GradFn> {
        if !self.is_tracked() {
            return None;
        }
        self.renew_history();
        self.meta(|m| m.history.as_ref().map(|edge| GradFn(edge.node.clone())))
    }

    /// Which output of that node it is.
    pub fn output_nr(&self) -> usize {
        self.meta(|m| m.history.as_ref().map_or(0, |edge| edge.out as usize))
    }

    /// Whether it was made in inference mode and can never be part of a tape.
    pub fn is_inference(&self) -> bool {
        self.meta(|m| m.inference)
    }

    /// The tensor it is a view of.
    pub fn base(&self) -> Option<Tensor> {
        self.view_of().map(|(base, _)| base)
    }

    /// The gradient accumulated so far.
    pub fn grad(&self) -> Option<Tensor> {
        self.meta(|m| m.extra.as_ref().and_then(|e| lock(e).grad.clone()))
    }

    /// Replaces the gradient.
    pub fn set_grad(&self, grad: Option<Tensor>) -> Result<()> {
        if let Some(grad) = &grad {
            if grad.is(self) {
                return Err(runtime_err!("can't assign Variable as its own grad"));
            }
            if grad.dtype() != self.dtype() {
                return Err(runtime_err!(
                    "attempting to assign a gradient with dtype '{}' to a tensor with grad_dtype '{}'. The gradient must match the tensor's dtype; convert it with .to(dtype) first",
                    grad.dtype(),
                    self.dtype()
                ));
            }
            if grad.device() != self.device() {
                return Err(runtime_err!(
                    "attempting to assign a gradient on another device than the tensor's; move it with .to(device) first"
                ));
            }
            if grad.shape() != self.shape() {
                return Err(runtime_err!(
                    "attempting to assign a gradient of size '{:?}' to a tensor of size '{:?}'. Please ensure that the gradient and the tensor are the same size",
                    grad.shape(),
                    self.shape()
                ));
            }
        }
        self.put_grad(grad);
        Ok(())
    }

    /// The same memory, not on the tape. Writes to either are counted for both.
    pub fn detach(&self) -> Tensor {
        let alias = self.alias(self.0.view.clone());
        let (inference, uncounted) = self.meta(|m| (m.inference, m.uncounted));
        alias.meta(|m| (m.inference, m.uncounted) = (inference, uncounted));
        alias
    }

    /// As [`Tensor::detach`], but writes to the result are hidden from the tape: gradients see what it holds later.
    pub fn data(&self) -> Tensor {
        let alias = self.detach();
        alias.meta(|m| m.uncounted = true);
        alias
    }

    /// Whether writes to it are hidden from the tape.
    pub(crate) fn writes_unseen(&self) -> bool {
        self.meta(|m| m.uncounted)
    }

    /// What this tensor is after `x.data = value`: the value's memory at this tensor's place on the tape.
    pub fn with_data(&self, value: &Tensor) -> Result<Tensor> {
        let wants_gradient = self.requires_grad();
        if wants_gradient && !value.dtype().is_float() {
            return Err(runtime_err!(
                "data set to a tensor that requires gradients must be floating point or complex dtype"
            ));
        }
        let made = value.detach();
        let (extra, history, own) = self.meta(|m| {
            drop(m.extra());
            (m.extra.clone(), m.history.clone(), m.requires_grad)
        });
        made.meta(|m| (m.extra, m.history, m.requires_grad) = (extra, history, own));
        made.0.tracked.store(wants_gradient, Ordering::Release);
        Ok(made)
    }

    /// Takes the tensor itself off the tape.
    pub fn detach_(&self) -> Result<()> {
        if self.view_of().is_some() {
            return Err(runtime_err!("Can't detach views in-place. Use detach() instead."));
        }
        let old = self.meta(|m| {
            m.requires_grad = false;
            m.history.take()
        });
        self.0.tracked.store(false, Ordering::Release);
        drop(old);
        Ok(())
    }

    /// Adds the gradients of this scalar to the `.grad` of the leaves it was computed from.
    pub fn backward(&self) -> Result<()> {
        self.backward_with(None, false, false, None)
    }

    /// As [`Tensor::backward`] with a gradient to start from; `inputs` restricts where gradients are accumulated.
    pub fn backward_with(
        &self,
        gradient: Option<&Tensor>,
        retain_graph: bool,
        create_graph: bool,
        inputs: Option<&[Tensor]>,
    ) -> Result<()> {
        engine::backward(
            std::slice::from_ref(self),
            Some(&[gradient.cloned()]),
            retain_graph,
            create_graph,
            inputs,
        )
    }

    /// Keeps the gradient of a tensor that is not a leaf, in its `.grad`.
    pub fn retain_grad(&self) -> Result<()> {
        if !self.requires_grad() {
            return Err(runtime_err!("can't retain_grad on Tensor that has requires_grad=False"));
        }
        if self.is_leaf() || self.retains_grad() {
            return Ok(());
        }
        let (hooks, out) = self.hooks_to_add()?;
        hooks.retain(out, self);
        self.meta(|m| m.extra().retains_grad = true);
        Ok(())
    }

    /// Whether it is not a leaf and keeps its gradient.
    pub fn retains_grad(&self) -> bool {
        self.meta(|m| m.extra.as_ref().is_some_and(|e| lock(e).retains_grad))
    }

    /// Calls the hook with this tensor's gradient when it is complete.
    pub fn register_hook(&self, hook: Hook) -> Result<HookHandle> {
        let (hooks, out) = self.hooks_to_add()?;
        Ok(hooks.tensor.add(out, hook))
    }

    /// Calls the hook with this leaf after its gradient has been accumulated.
    pub fn register_post_accumulate_grad_hook(&self, hook: PostHook) -> Result<HookHandle> {
        let (hooks, _) = self.hooks_to_add()?;
        if !self.is_leaf() {
            return Err(runtime_err!("post accumulate grad hooks cannot be registered on non-leaf tensors"));
        }
        Ok(hooks.accumulated.add(0, hook))
    }
}
