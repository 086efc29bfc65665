//! One rule for each kind of node: the node that does the same to a batch, in front of all other dimensions.

use super::record::{Outputs, Randomness, Recording, batched};
use crate::graph::{Arg, Args, ConvDims, Node, Op};
use crate::ops::Pointwise;
use smallvec::{SmallVec, smallvec};
use st_kernel::view::{Dims, View, numel};
use st_kernel::{ConvKind, DType, Expr, Inst, Result, Scalar, unsupported};
use std::sync::Arc;

/// A node of a sample and its operands; those that depend on the batch have been lifted.
pub(super) struct Call<'a> {
    pub(super) recording: &'a Recording,
    pub(super) node: &'a Arc<Node>,
    pub(super) args: &'a Args,
    pub(super) lifted: &'a [Option<(Arc<Node>, u8)>],
}

impl Call<'_> {
    fn batch(&self) -> usize {
        self.recording.batch
    }

    /// A shape with the batch in front.
    fn over(&self, shape: &[usize]) -> Dims {
        [self.batch()].into_iter().chain(shape.iter().copied()).collect()
    }

    /// Operand `i` with the batch in front, padded to `rank` dimensions; one without is broadcast.
    fn arg(&self, i: usize, rank: usize) -> Arg {
        let arg = &self.args[i];
        match &self.lifted[i] {
            Some(lifted) => batched(arg, lifted, self.batch(), rank),
            None => match arg {
                Arg::Number(_) => arg.clone(),
                Arg::Of { node, out, .. } => {
                    let mut view = arg.strided();
                    let missing = rank.saturating_sub(view.shape.len());
                    view.shape
                        .insert_many(0, [self.batch()].into_iter().chain(std::iter::repeat_n(1, missing)));
                    view.strides.insert_many(0, std::iter::repeat_n(0, missing + 1));
                    Arg::Of { node: node.clone(), out: *out, view: Some(Arc::new(view)) }
                }
            },
        }
    }

    /// As [`Call::arg`], in memory of its own in row-major order.
    fn whole(&self, i: usize) -> Arg {
        in_order(self.arg(i, 0))
    }

    /// The same kind of node over `[batch, shape..]`.
    fn node_of(&self, op: Op, args: Args) -> Arc<Node> {
        let further = self.node.further().map(|(shape, dtype)| (self.over(shape), dtype));
        let first = (self.over(&self.node.shape), self.node.dtype);
        Node::with_further(op, args, first, further, self.node.device)
    }

    fn all_args(&self) -> Args {
        (0..self.args.len()).map(|i| self.arg(i, 0)).collect()
    }

    /// The node's outputs for the batch.
    pub(super) fn batched(&self) -> Result<Outputs> {
        let node = match &self.node.op {
            Op::Pointwise(p) => self.pointwise(*p),
            Op::Reduce(op, mask) => self.node_of(Op::Reduce(*op, mask << 1), self.all_args()),
            Op::Scan(op, axis) => self.node_of(Op::Scan(*op, axis + 1), self.all_args()),
            Op::Sort(axis, descending, kept) => {
                self.node_of(Op::Sort(axis + 1, *descending, *kept), self.all_args())
            }
            Op::Gather(displaced) => self.node_of(Op::Gather(displaced.clone()), self.all_args()),
            Op::Scatter(op, view, displaced) => {
                let mut args = self.all_args();
                args[0] = self.whole(0);
                self.node_of(Op::Scatter(*op, Box::new(self.within(view)), displaced.clone()), args)
            }
            Op::Assign(view) => {
                let args = Args::from_iter([self.whole(0), self.arg(1, view.shape.len())]);
                self.node_of(Op::Assign(Box::new(self.within(view))), args)
            }
            // Functions of the host take any batch in front.
            Op::Host(op) => self.node_of(Op::Host(op.clone()), self.all_args()),
            Op::Matmul => self.matmul(),
            Op::Conv(kind, dims) => self.conv(*kind, dims),
            Op::Attention { backward, .. } => return Ok(self.attention(*backward)),
            Op::Leaf | Op::Empty => unreachable!("memory depends on no batch"),
            #[allow(unreachable_patterns, reason = "kinds of nodes may be added without a rule")]
            other => return Err(unsupported!("vmap: there is no rule for {}", other.name())),
        };
        let outputs = 0..=node.further().count() as u8;
        Ok(outputs.map(|out| (node.clone(), out)).collect())
    }

    /// A view of a contiguous tensor of the node's shape, within that of the batch.
    fn within(&self, view: &View) -> View {
        let step = numel(&self.node.shape) as isize;
        let strides = [step].into_iter().chain(view.strides.iter().copied()).collect();
        View { shape: self.over(&view.shape), strides, offset: view.offset }
    }

    fn pointwise(&self, p: Pointwise) -> Arc<Node> {
        let rank = self.node.shape.len();
        // What does not depend on the batch is broadcast as it is.
        let one = |i: usize| if self.lifted[i].is_some() { self.arg(i, rank) } else { self.args[i].clone() };
        let mut args: Args = (0..self.args.len()).map(one).collect();
        let own_numbers = self.recording.randomness == Randomness::Different && p.is_random();
        let by_position = p.expr().insts.iter().any(|(inst, _)| *inst == Inst::Coord(Inst::POSITION));
        if own_numbers || !by_position {
            return self.node_of(Op::Pointwise(p), args);
        }
        // The position within the entry, not within the batch.
        args.push(Arg::Number(Scalar::Int(numel(&self.node.shape).max(1) as i64)));
        let mut inputs = p.expr().inputs.clone();
        inputs.push(DType::I64);
        let expr = Expr::build(&inputs, |x| p.expr().inline_within(&x[..x.len() - 1], x[x.len() - 1]));
        self.node_of(Op::Pointwise(Pointwise::intern(p.name, expr, None)), args)
    }

    /// Rows against one matrix, or one matrix against columns, are one product; otherwise the batch is one more dimension.
    fn matmul(&self) -> Arc<Node> {
        let (dtype, device) = (self.node.dtype, self.node.device);
        let &[.., m, n] = &self.node.shape[..] else { unreachable!("a product has two dimensions") };
        let two_dims = self.node.shape.len() == 2;
        let (a, b) = (self.arg(0, 0), self.arg(1, 0));
        let k = a.shape()[a.shape().len() - 1];
        if two_dims
            && self.lifted[1].is_none()
            && let Some(rows) = reshaped(&a, a.strided(), &[self.batch() * m, k])
        {
            let shape = smallvec![self.batch() * m, n];
            return Node::new(Op::Matmul, args_of([rows, self.args[1].clone()]), shape, dtype, device);
        }
        if two_dims
            && self.lifted[0].is_none()
            && n == 1
            && let Some(rows) = reshaped(&b, b.strided(), &[self.batch(), k])
        {
            let turned = seen(&self.args[0], self.args[0].strided().permute(&[1, 0]));
            return Node::new(Op::Matmul, args_of([rows, turned]), smallvec![self.batch(), m], dtype, device);
        }
        self.node_of(Op::Matmul, args_of([a, b]))
    }

    /// The batch is one of images, or of groups where the other operand has it too.
    fn conv(&self, kind: ConvKind, dims: &ConvDims) -> Arc<Node> {
        let (dtype, device) = (self.node.dtype, self.node.device);
        if kind != ConvKind::Weight && self.lifted[1].is_none() {
            let more = ConvDims { batch: self.batch() * dims.batch, ..dims.clone() };
            let mut shape = self.node.shape.clone();
            shape[0] *= self.batch();
            let images = flat_images(self.whole(0));
            let args = args_of([images, in_order(self.args[1].clone())]);
            return Node::new(Op::Conv(kind, Box::new(more)), args, shape, dtype, device);
        }
        let more = ConvDims { groups: self.batch() * dims.groups, ..dims.clone() };
        let second = if kind == ConvKind::Weight { self.as_groups(1) } else { flat_images(self.whole(1)) };
        let mut shape = self.node.shape.clone();
        shape[usize::from(kind != ConvKind::Weight)] *= self.batch();
        let args = args_of([self.as_groups(0), second]);
        let made = Node::new(Op::Conv(kind, Box::new(more)), args, shape, dtype, device);
        if kind == ConvKind::Weight || dims.batch == 1 {
            return made;
        }
        // From [images, batch, channels ..] to [batch, images, channels ..].
        let mut split: Dims = smallvec![dims.batch, self.batch()];
        split.extend_from_slice(&self.node.shape[1..]);
        let mut order: SmallVec<[usize; 6]> = (0..split.len()).collect();
        order.swap(0, 1);
        let view = View::contiguous(&split).permute(&order);
        copy_of(Arg::Of { node: made, out: 0, view: Some(Arc::new(view)) })
    }

    /// `[batch, images, channels ..]` as `[images, batch * channels ..]`.
    fn as_groups(&self, i: usize) -> Arg {
        let arg = self.arg(i, 0);
        let mut order: SmallVec<[usize; 6]> = (0..arg.shape().len()).collect();
        order.swap(0, 1);
        let turned = in_order(seen(&arg, arg.strided().permute(&order)));
        let shape = Dims::from_slice(turned.shape());
        let joined: Dims =
            [shape[0], shape[1] * shape[2]].into_iter().chain(shape[3..].iter().copied()).collect();
        seen(&turned, View::contiguous(&joined))
    }

    /// The gradients of k and v lie one after the other for each entry, not for all of them.
    fn attention(&self, backward: bool) -> Outputs {
        let args = self.all_args();
        let Some((rest, dtype)) = self.node.further().next().filter(|_| backward) else {
            let node = self.node_of(self.node.op.clone(), args);
            return smallvec![(node.clone(), 0), (node, 1)];
        };
        let (all, device) = (self.batch() * rest[0], self.node.device);
        let shape = self.over(&self.node.shape);
        let (op, further) = (self.node.op.clone(), [(smallvec![all], dtype)]);
        let node = Node::with_further(op, args, (shape, self.node.dtype), further, device);
        let whole = self.over(&rest[..]);
        let mut joined = Node::new(Op::Empty, Args::new(), whole.clone(), dtype, device);
        let of_k = numel(self.args[1].shape());
        for (first, count) in [(0, of_k), (of_k, rest[0] - of_k)] {
            let from =
                View { offset: (first * self.batch()) as isize, ..View::contiguous(&[self.batch(), count]) };
            let to = View::contiguous(&whole).slice(1, first, count, 1);
            let part = Arg::Of { node: node.clone(), out: 1, view: Some(Arc::new(from)) };
            let args = args_of([Arg::whole(joined), part]);
            joined = Node::new(Op::Assign(Box::new(to)), args, whole.clone(), dtype, device);
        }
        smallvec![(node, 0), (joined, 0)]
    }
}

impl Recording {
    /// The sum over the batch of what a sample's node gives, where the node can take the sum over more of what it sums
    /// over anyway: the gradient of a weight that all entries share. `None` if it cannot.
    pub(super) fn summed(&self, node: &Arc<Node>) -> Result<Option<Arc<Node>>> {
        let weight = matches!(&node.op, Op::Conv(ConvKind::Weight, _));
        if !node.is_sample() || !(weight || (matches!(node.op, Op::Matmul) && node.shape.len() == 2)) {
            return Ok(None);
        }
        let operands = self.lift_operands(node)?;
        let [(a, true), (b, true)] = &operands[..] else { return Ok(None) };
        let args = match &node.op {
            Op::Conv(_, dims) => {
                let dims = ConvDims { batch: self.batch * dims.batch, ..(**dims).clone() };
                let args = [a, b].map(|arg| flat_images(in_order(arg.clone())));
                let op = Op::Conv(ConvKind::Weight, Box::new(dims));
                return Ok(Some(Node::new(op, args_of(args), node.shape.clone(), node.dtype, node.device)));
            }
            _ => {
                let (m, k) = (a.shape()[1], a.shape()[2]);
                let rows = reshaped(a, a.strided().permute(&[1, 0, 2]), &[m, self.batch * k]);
                let columns = reshaped(b, b.strided(), &[self.batch * k, b.shape()[2]]);
                rows.zip(columns)
            }
        };
        Ok(args.map(|(a, b)| {
            Node::new(Op::Matmul, args_of([a, b]), node.shape.clone(), node.dtype, node.device)
        }))
    }
}

fn args_of(list: impl IntoIterator<Item = Arg>) -> Args {
    list.into_iter().collect()
}

/// An operand under another view of its memory.
fn seen(arg: &Arg, view: View) -> Arg {
    match arg {
        Arg::Of { node, out, .. } => Arg::Of { node: node.clone(), out: *out, view: Some(Arc::new(view)) },
        Arg::Number(_) => arg.clone(),
    }
}

/// The elements seen by a view under another shape, if strides can say so.
fn reshaped(arg: &Arg, view: View, shape: &[usize]) -> Option<Arg> {
    view.reshape(shape).map(|view| seen(arg, view))
}

/// A node of the operand's elements in row-major order.
fn copy_of(arg: Arg) -> Arc<Node> {
    let Arg::Of { node, out, .. } = &arg else { unreachable!("numbers are not copied") };
    let (dtype, device, shape) = (node.out_dtype(*out), node.device, Dims::from_slice(arg.shape()));
    let same = Pointwise::intern("copy", Expr::build(&[dtype], |x| vec![x[0]]), None);
    Node::new(Op::Pointwise(same), args_of([arg]), shape, dtype, device)
}

/// The operand itself if it is all of a node in row-major order, else a copy.
fn in_order(arg: Arg) -> Arg {
    let Arg::Of { node, out, .. } = &arg else { return arg };
    if arg.strided().is_whole(numel(node.out_shape(*out))) { arg } else { Arg::whole(copy_of(arg)) }
}

/// The first two dimensions as one.
fn flat_images(arg: Arg) -> Arg {
    let shape = arg.shape();
    let joined: Dims = [shape[0] * shape[1]].into_iter().chain(shape[2..].iter().copied()).collect();
    let view = View::contiguous(&joined);
    seen(&arg, view)
}
