//! Writing to tensors: an in-place operator is its functional form, whose result then takes the place of the contents.
//!
//! The storage cell advances to another node; a view's write is a node that replaces a part of the cell's contents. On the
//! tape the written tensor gets the history of the result, and for a view its base does.

use super::Tensor;
use crate::autograd::{
    Backward, Edge, Edges, GradNode, Rule, Saved, is_grad_enabled, mode, next_id, torch_name,
};
use crate::graph::{Args, Cell, DeviceId, Node, Op};
use crate::ops::Pointwise;
use crate::runtime;
use st_kernel::view::{Dims, View, broadcast};
use st_kernel::{DType, Expr, Result, Scalar, runtime_err};
use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

/// `base` with the elements seen by `view` (of a contiguous tensor of its shape) replaced by `value`.
pub fn assign(base: &Tensor, view: &View, value: &Tensor) -> Result<Tensor> {
    if value.shape() != &view.shape[..] {
        return Err(runtime_err!(
            "assign: the value has shape {:?}, what it replaces {:?}",
            value.shape(),
            &view.shape[..]
        ));
    }
    let (base, value) = (base.whole()?, value.to_dtype(base.dtype())?);
    let args = Args::from_iter([base.arg(), value.arg()]);
    let op = Op::Assign(Box::new(view.clone()));
    let node = Node::new(op, args, Dims::from_slice(base.shape()), base.dtype(), base.device());
    Tensor::record(node, &[Some(&base), Some(&value)], || Rule::Assign(Box::new(view.clone())))
}

/// Whether in-place operators may store a result of one dtype in a tensor of another.
fn can_cast(from: DType, to: DType) -> bool {
    let loses_fraction = from.is_float() && !to.is_float();
    let loses_number = from != DType::Bool && to == DType::Bool;
    !loses_fraction && !loses_number
}

impl Tensor {
    /// Takes over the contents and the history of `result`, which an operator has just made.
    pub fn become_(&self, result: &Tensor) -> Result<()> {
        self.become_since(result, None)
    }

    /// Writes what `f` makes of this tensor into it. What gradients inside `f` need of the old contents is kept.
    pub fn in_place(&self, f: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<()> {
        let since = self.begin_in_place();
        self.become_since(&f(self)?, Some(since))
    }

    /// The moment from which on nodes belong to an operator that is going to write here: for [`become_since`](Tensor::become_since).
    pub fn begin_in_place(&self) -> u64 {
        self.leave_hooks();
        next_id()
    }

    /// As [`become_`](Tensor::become_) for a tensor that sees elements several times, as an expanded one does: each is what
    /// it was changed to where it was. For operators that write at indices, which torch lets do so.
    pub fn become_where_changed(&self, result: &Tensor) -> Result<()> {
        let (mut old, mut new) = (self.clone(), result.to_dtype(self.dtype())?);
        for d in 0..self.dim() {
            if self.strides()[d] == 0 && self.shape()[d] > 1 {
                let same = old.eq(&new)?.logical_or(&old.isnan()?.logical_and(&new.isnan()?)?)?;
                let place = same.to_dtype(DType::I64)?.detach().argmin(Some(d as i64), true)?;
                (old, new) = (old.narrow(d as i64, 0, 1)?, new.gather(d as i64, &place)?);
            }
        }
        old.become_(&new)
    }

    /// Whether it sees an element more than once, as an expanded tensor does.
    pub fn repeats(&self) -> bool {
        self.numel() > 0 && self.shape().iter().zip(self.strides()).any(|(&n, &step)| n > 1 && step == 0)
    }

    /// As [`become_`](Tensor::become_); what nodes made since then need of the old contents is kept.
    pub fn become_since(&self, result: &Tensor, since: Option<u64>) -> Result<()> {
        self.check_output(result)?;
        self.check_overlap()?;
        let value = result.to_dtype(self.dtype())?;
        if value.edge().is_none() && self.view_of().is_none() {
            // Random numbers and the like: what the contents were made of has no part in them.
            return self.overwrite(value, "CopyBackwards");
        }
        self.take_over(&value, since.or_else(|| result.edge().map(|e| e.node.id)))
    }

    /// Copies elements from a tensor that broadcasts to this one, converting them.
    pub fn copy_(&self, src: &Tensor) -> Result<()> {
        self.check_overlap()?;
        if self.overlap(src) == super::Overlap::Part {
            return Err(runtime_err!(
                "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation."
            ));
        }
        let shape = match broadcast(self.shape(), src.shape()) {
            Some(shape) if shape[..] == *self.shape() => shape,
            Some(shape) => return Err(wrong_shape(self.shape(), &shape)),
            None => return Err(no_broadcast(self.shape(), src.shape())),
        };
        let sizes: Vec<i64> = shape.iter().map(|&n| n as i64).collect();
        let source = if src.shape() == self.shape() { src.clone() } else { src.expand(&sizes)? };
        let copy = source.moved(Some(self.device()), Some(self.dtype()), true)?;
        self.overwrite(copy, "CopyBackwards")
    }

    /// Sets every element to a number.
    pub fn fill_(&self, value: Scalar) -> Result<()> {
        self.overwrite(Tensor::full(self.shape(), value, self.dtype(), self.device())?, "FillBackward0")
    }

    /// Sets every element to zero.
    pub fn zero_(&self) -> Result<()> {
        self.overwrite(Tensor::full(self.shape(), 0, self.dtype(), self.device())?, "ZeroBackward0")
    }

    /// This tensor if it has the result's shape, else what it is after being resized to it: at the same place if its
    /// storage has room, as in torch. A handle's view is fixed, so whoever keeps the handle puts this in its place.
    pub fn fitted_to(&self, result: &Tensor) -> Result<Tensor> {
        if self.shape() == result.shape() {
            return Ok(self.clone());
        }
        self.expect_out()?;
        let mut view = View::contiguous(result.shape());
        // An operator's result may stand in another order; a view of something else says nothing of its order.
        if result.base().is_none() && result.fills_its_memory() {
            view.strides = result.0.view.strides.clone();
        }
        view.offset = self.0.view.offset;
        let has_room = view.bounds().is_none_or(|(_, high)| high < self.0.storage.numel as isize);
        if has_room {
            return Ok(self.alias(view));
        }
        let fresh = Tensor::empty(result.shape(), self.dtype(), self.device())?;
        Ok(fresh.alias(View { offset: 0, ..view }))
    }

    /// What `out=` gives to, or what is given there, is not on the tape.
    fn expect_out(&self) -> Result<()> {
        if !(is_grad_enabled() && self.requires_grad()) {
            return Ok(());
        }
        Err(runtime_err!(
            "functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad."
        ))
    }

    /// Stores an operator's result in this tensor, its `out=` argument.
    pub fn write_into(&self, result: &Tensor) -> Result<()> {
        self.expect_out().and_then(|()| result.expect_out())?;
        if self.shape() != result.shape() {
            return Err(runtime_err!(
                "out=: the result has shape {:?}, the tensor given for it {:?}; resize it with fitted_to() first",
                result.shape(),
                self.shape()
            ));
        }
        self.become_(result)
    }

    /// What this tensor is after an operator that makes a view of it has been applied in place: `t_`, `squeeze_` ...
    /// A handle's view is fixed, so whoever keeps the handle puts the result in its place.
    pub fn view_in_place(&self, view: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
        self.check_in_place(is_grad_enabled() && self.requires_grad())?;
        let seen = view(self)?;
        seen.keep_creation_of(self);
        self.count_write();
        // A leaf that wants gradients stays one.
        let is_leaf = self.requires_grad() && self.is_leaf() && self.base().is_none();
        if is_leaf { self.with_data(&seen) } else { Ok(seen) }
    }

    /// Lets go of the contents if no other handle sees them: for a handle that has to outlive its tensor.
    pub fn release(&self) {
        let is_last = Arc::strong_count(&self.0) == 1 && self.0.storage.holders() == 1;
        if let (true, Ok(nothing)) = (is_last, zeros(&[self.0.storage.numel], self.dtype(), self.device())) {
            let (node, out) = nothing.0.storage.node();
            self.0.storage.cell().replace(node, out);
        }
    }

    /// Replaces all contents by ones that do not depend on them.
    fn overwrite(&self, value: Tensor, name: &'static str) -> Result<()> {
        if !(is_grad_enabled() && (self.requires_grad() || value.requires_grad())) {
            return self.take_over(&value, None);
        }
        let result = value.detach();
        let outs = std::slice::from_ref(&result);
        crate::autograd::record(outs, &[Some(self), Some(&value)], || {
            Rule::Custom(Box::new(Overwrite { name }))
        })?;
        self.take_over(&result, None)
    }

    /// The data and, if anything requires gradients, the history. The value has this tensor's shape and dtype.
    fn take_over(&self, value: &Tensor, since: Option<u64>) -> Result<()> {
        let tracking = is_grad_enabled() && (self.requires_grad() || value.requires_grad());
        self.check_in_place(tracking)?;
        if !tracking {
            return self.store(value);
        }
        let nodes = since.map_or_else(Vec::new, |since| made_since(value, since));
        self.keep_contents_for(&nodes)?;
        self.store(value)?;
        for node in nodes {
            // A gradient written with the output looks at the memory the output is in now.
            node.with_kept(|kept| {
                kept.outputs
                    .iter_mut()
                    .flatten()
                    .filter(|s| s.is(value))
                    .for_each(|s| *s = Saved::held(self));
            });
        }
        self.rebase(value)
    }

    /// What the result's nodes saved of the contents that are about to be replaced becomes a tensor of its own.
    fn keep_contents_for(&self, nodes: &[Arc<GradNode>]) -> Result<()> {
        let mut old: Option<Arc<Cell>> = None;
        for node in nodes {
            let mut wanted = false;
            node.with_kept(|kept| {
                wanted = kept.inputs.iter().flatten().any(|s| s.is_of(self.0.storage.cell()))
            });
            if !wanted {
                continue;
            }
            let old = match &old {
                Some(old) => old.clone(),
                None => old.insert(self.old_contents()?).clone(),
            };
            node.with_kept(|kept| {
                kept.inputs
                    .iter_mut()
                    .flatten()
                    .filter(|s| s.is_of(self.0.storage.cell()))
                    .for_each(|s| s.move_to(&old));
            });
        }
        Ok(())
    }

    /// The storage's contents in a cell that this tensor's writes do not reach. Nodes are immutable: nothing is copied.
    fn old_contents(&self) -> Result<Arc<Cell>> {
        let (node, out) = self.0.storage.node();
        if !self.0.storage.is_shared() {
            return Ok(Cell::new(node, out));
        }
        let all = View::contiguous(node.out_shape(out));
        let copy = Tensor::over(self.0.storage.cell().clone(), all).copy()?;
        runtime::realize(std::slice::from_ref(&copy))?;
        Ok(copy.0.storage.cell().clone())
    }

    /// Counts a write that the tape may see.
    fn count_write(&self) {
        if !self.writes_unseen() {
            self.0.storage.cell().bump();
        }
    }

    /// Advances the storage.
    fn store(&self, value: &Tensor) -> Result<()> {
        let cell = self.0.storage.cell();
        if self.numel() == 0 {
            self.count_write();
            return Ok(());
        }
        let (old, old_out) = cell.node();
        let shape = old.out_shape(old_out);
        let view = &self.0.view;
        let is_whole = view.is_whole(cell.numel);
        // All of the memory in another order of the dimensions: the value is seen in that order.
        let order = view.dense_order().filter(|_| !is_whole && self.numel() == cell.numel);
        let ordered = order.map(|order| value.alias(value.0.view.permute(&order)));
        let value = ordered.as_ref().unwrap_or(value);
        let (node, out) = if !is_whole && ordered.is_none() {
            let op = Op::Assign(Box::new(self.0.view.clone()));
            let args = Args::from_iter([self.0.storage.arg(None), value.arg()]);
            (Node::new(op, args, Dims::from_slice(shape), cell.dtype, cell.device), 0)
        } else if value.0.operand_view.is_none() && value.shape() == shape && !value.0.storage.is_shared() {
            value.0.storage.node()
        } else {
            (copy_node(value, shape)?, 0)
        };
        // Somebody else sees shared memory: the write goes to these very bytes, at once.
        if cell.is_shared() {
            runtime::write_through(cell, node, out)?;
            self.count_write();
            return Ok(());
        }
        let depth = node.depth;
        if self.writes_unseen() {
            cell.write_unseen(node, out)
        } else {
            cell.write(node, out)
        }
        self.settle(depth, &[])
    }

    /// The history of a written tensor: that of the value. A view's base has the value in place of a part.
    pub(crate) fn rebase(&self, value: &Tensor) -> Result<()> {
        let Some((base, _)) = self.view_of() else {
            if let Some(edge) = value.edge() {
                self.set_history(edge);
            }
            return Ok(());
        };
        let edges = Edges::from_iter([base.edge(), value.edge()]);
        let (of, view) = (&base.0.view, self.0.view.clone());
        let rule = if of.is_whole(base.0.storage.numel) {
            Rule::Assign(Box::new(view))
        } else {
            Rule::Custom(Box::new(AssignThrough { base: of.clone(), view, storage: base.0.storage.numel }))
        };
        let node = GradNode::of_rule(rule, edges, &[Some(&base), Some(value)], std::slice::from_ref(&base))?;
        // This view's own history is renewed from the base's when it is asked for.
        base.set_history(Edge { node, out: 0 });
        self.outdate_history();
        Ok(())
    }

    fn check_output(&self, result: &Tensor) -> Result<()> {
        if !can_cast(result.dtype(), self.dtype()) {
            return Err(runtime_err!(
                "result type {} can't be cast to the desired output type {}",
                torch_name(result.dtype()),
                torch_name(self.dtype())
            ));
        }
        if self.shape() != result.shape() {
            return Err(wrong_shape(self.shape(), result.shape()));
        }
        if self.device() != result.device() {
            return Err(runtime_err!(
                "Expected all tensors to be on the same device; move them with .to(device) first"
            ));
        }
        Ok(())
    }

    fn check_overlap(&self) -> Result<()> {
        if self.0.operand_view.is_some() && self.0.view.overlaps_itself() {
            return Err(runtime_err!(
                "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation."
            ));
        }
        Ok(())
    }

    /// Whether it may be written in this mode; `tracking` if the write goes on the tape.
    pub(crate) fn check_in_place(&self, tracking: bool) -> Result<()> {
        if !mode().inference && self.is_inference() {
            return Err(runtime_err!(
                "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details."
            ));
        }
        let view = tracking.then(|| self.view_of()).flatten();
        if let Some((_, creation)) = &view {
            self.expect_writable(*creation)?;
        }
        // (The base of a view that wants gradients need not want them itself.)
        let written = view.as_ref().map_or(self, |(base, _)| base);
        if tracking && self.requires_grad() && written.is_leaf() {
            let what = if view.is_some() { "a view of a leaf Variable" } else { "a leaf Variable" };
            return Err(runtime_err!("{what} that requires grad is being used in an in-place operation."));
        }
        Ok(())
    }
}

fn wrong_shape(own: &[usize], result: &[usize]) -> st_kernel::Error {
    runtime_err!("output with shape {own:?} doesn't match the broadcast shape {result:?}")
}

/// What torch says of shapes that do not broadcast.
pub(crate) fn no_broadcast(a: &[usize], b: &[usize]) -> st_kernel::Error {
    runtime_err!("{}", unlike_sizes(a, b))
}

/// The sizes that keep two shapes from being broadcast, in torch's words.
pub(crate) fn unlike_sizes(a: &[usize], b: &[usize]) -> String {
    let pairs = a.iter().rev().zip(b.iter().rev());
    let (back, (x, y)) =
        pairs.enumerate().find(|(_, (x, y))| x != y && **x != 1 && **y != 1).unwrap_or((0, (&0, &0)));
    let dim = a.len().max(b.len()) - 1 - back;
    format!(
        "The size of tensor a ({x}) must match the size of tensor b ({y}) at non-singleton dimension {dim}"
    )
}

/// A copy of a tensor's elements under the shape a storage has.
fn copy_node(value: &Tensor, shape: &[usize]) -> Result<Arc<Node>> {
    static COPIES: [OnceLock<Pointwise>; DType::ALL.len()] = [const { OnceLock::new() }; DType::ALL.len()];
    let dtype = value.dtype();
    let copy = COPIES[dtype as usize]
        .get_or_init(|| Pointwise::intern("copy_", Expr::build(&[dtype], |x| vec![x[0]]), None));
    let value = match value.0.view.reshape(shape) {
        Some(view) => value.alias(view),
        None => value.detach().contiguous()?.alias(View::contiguous(shape)),
    };
    let args = Args::from_iter([value.arg()]);
    Ok(Node::new(Op::Pointwise(*copy), args, Dims::from_slice(shape), dtype, value.device()))
}

/// The nodes behind a tensor from this number on.
fn made_since(value: &Tensor, since: u64) -> Vec<Arc<GradNode>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut waiting: Vec<Arc<GradNode>> = value.edge().map(|e| e.node).into_iter().collect();
    while let Some(node) = waiting.pop() {
        if node.id >= since && seen.insert(node.id) {
            waiting.extend(node.edges.iter().flatten().map(|e| e.node.clone()));
            found.push(node);
        }
    }
    found
}

/// All elements replaced: the old ones get no gradient, the new ones all of it.
struct Overwrite {
    name: &'static str,
}

impl Backward for Overwrite {
    fn name(&self) -> String {
        self.name.into()
    }

    fn backward(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let Some(gradient) = &upstream[0] else { return Ok(vec![None, None]) };
        Ok(vec![Some(zeros(gradient.shape(), gradient.dtype(), gradient.device())?), Some(gradient.clone())])
    }
}

fn zeros(shape: &[usize], dtype: DType, device: DeviceId) -> Result<Tensor> {
    Tensor::full(shape, 0, dtype, device)
}

/// A write to a view of a base that does not see its storage in order: gradients are laid out as the storage is.
struct AssignThrough {
    base: View,
    view: View,
    storage: usize,
}

impl Backward for AssignThrough {
    fn name(&self) -> String {
        "CopySlices".into()
    }

    fn backward(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let Some(gradient) = &upstream[0] else { return Ok(vec![None, None]) };
        let (dtype, device) = (gradient.dtype(), gradient.device());
        let flat = assign(&zeros(&[self.storage], dtype, device)?, &self.base, gradient)?;
        let seen = |t: &Tensor, view: &View| t.as_strided(&view.shape, &view.strides, view.offset as usize);
        let kept = assign(&flat, &self.view, &zeros(&self.view.shape, dtype, device)?)?;
        Ok(vec![Some(seen(&kept, &self.base)?), Some(seen(&flat, &self.view)?)])
    }
}
