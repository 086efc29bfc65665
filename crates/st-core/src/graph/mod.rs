//! The lazy graph: what has been asked for and not been run.
//!
//! A [`Node`] is immutable: an operation, its operands ([`Arg`]: a node seen through a strided view) and the shape and
//! dtype of what it makes, always contiguous. Running a graph gives nodes their buffers and drops their operands.
//! Tensors that share memory hold nodes through a [`Cell`], which in-place operators advance to a new node.

mod cell;
mod host;
mod pending;

pub use cell::{Cell, Storage};
pub use host::{HostElement, HostFn, HostInput, HostOp, HostOutput};
pub(crate) use pending::{
    Waits, any_mutated, created, created_pending, mutated_pending, too_many_pending, waits,
};

use crate::chain::{Waiting, drop_iteratively};
use crate::lock::Lock;
use crate::ops::Pointwise;
use smallvec::SmallVec;
use st_kernel::view::{Dims, View};
use st_kernel::{Buffer, ConvKind, DType, ReduceOp, Scalar, ScanOp, ScatterOp};
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Which device: an index into the list of devices that are open.
pub type DeviceId = u8;
/// The CPU's.
pub(crate) const CPU: DeviceId = 0;

/// An operand.
#[derive(Clone)]
pub enum Arg {
    /// An output of a node.
    Of {
        /// The node.
        node: Arc<Node>,
        /// Which of its outputs.
        out: u8,
        /// How its flat memory is seen; `None` is row-major order of the node's own shape.
        view: Option<Arc<View>>,
    },
    /// A number of the dtype that the operator has there; it may change from run to run without a new plan.
    Number(Scalar),
}

impl Arg {
    /// Output 0 of a node, whole.
    pub fn whole(node: Arc<Node>) -> Arg {
        Arg::Of { node, out: 0, view: None }
    }

    /// The node, if it is one's output.
    pub fn node(&self) -> Option<&Arc<Node>> {
        match self {
            Arg::Of { node, .. } => Some(node),
            Arg::Number(_) => None,
        }
    }

    /// The shape the operand has.
    pub fn shape(&self) -> &[usize] {
        match self {
            Arg::Of { view: Some(view), .. } => &view.shape,
            Arg::Of { node, out, .. } => node.out_shape(*out),
            Arg::Number(_) => &[],
        }
    }

    /// The view, made explicit.
    pub fn strided(&self) -> View {
        match self {
            Arg::Of { view: Some(view), .. } => (**view).clone(),
            _ => View::contiguous(self.shape()),
        }
    }
}

/// The sizes of a convolution beyond its operands' shapes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConvDims {
    /// Images.
    pub batch: usize,
    /// Groups.
    pub groups: usize,
    /// Input channels of a group.
    pub c_in: usize,
    /// Output channels of a group.
    pub c_out: usize,
    /// For each spatial dimension: input, kernel, output, stride, padding, dilation.
    pub spatial: SmallVec<[[usize; 6]; 2]>,
}

/// What a node does.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Op {
    /// Nothing: it was made with a buffer.
    Leaf,
    /// Memory whose contents nobody may read before it is written.
    Empty,
    /// An expression of operands broadcast to the node's shape.
    Pointwise(Pointwise),
    /// A reduction over the axes in the mask; they stay as size 1.
    Reduce(ReduceOp, u64),
    /// A running reduction along an axis; Max and Min have positions as output 1.
    Scan(ScanOp, u8),
    /// Operand 0 read through its view, displaced by index operands 1..: `(size, stride)` of each.
    Gather(SmallVec<[(usize, isize); 2]>),
    /// Operand 0 with the elements of operand 1 combined in at a view displaced by index operands 2...
    Scatter(ScatterOp, Box<View>, SmallVec<[(usize, isize); 2]>),
    /// Operand 0 with the elements seen by the view replaced by operand 1.
    Assign(Box<View>),
    /// Product of `[batch.., m, k]` and `[batch.., k, n]`; batch dimensions are already broadcast.
    Matmul,
    /// Convolution of two contiguous operands.
    Conv(ConvKind, Box<ConvDims>),
    /// Attention of q, k, v, the mask if there is one, and the scale; output 1 is the logarithm of each row's sum of
    /// exponentials. Backward, the result, these logarithms and the result's gradient come before the scale; output 0 is
    /// the gradient of q, output 1 that of k and, after it, that of v.
    Attention {
        /// The gradients instead of the result.
        backward: bool,
        /// Whether query i sees keys 0 to i only.
        causal: bool,
    },
    /// Stable sort along an axis, largest first if the flag is set; positions are output 1. Keeps so many.
    Sort(u8, bool, usize),
    /// An algorithm of the host, with any number of outputs.
    Host(Box<HostOp>),
}

impl Op {
    /// A short name for people.
    pub fn name(&self) -> &'static str {
        match self {
            Op::Leaf => "data",
            Op::Empty => "empty",
            Op::Pointwise(p) => p.name,
            Op::Reduce(op, _) => match op {
                ReduceOp::Sum => "sum",
                ReduceOp::Prod => "prod",
                ReduceOp::Max => "max",
                ReduceOp::Min => "min",
                ReduceOp::ArgMax => "argmax",
                ReduceOp::ArgMin => "argmin",
            },
            Op::Scan(op, _) => match op {
                ScanOp::Sum => "cumsum",
                ScanOp::Prod => "cumprod",
                ScanOp::Max => "cummax",
                ScanOp::Min => "cummin",
                ScanOp::LogSumExp => "logcumsumexp",
            },
            Op::Gather(_) => "gather",
            Op::Scatter(..) => "scatter",
            Op::Assign(_) => "assign",
            Op::Matmul => "matmul",
            Op::Conv(ConvKind::Forward, _) => "conv",
            Op::Conv(ConvKind::Input, _) => "conv_input_grad",
            Op::Conv(ConvKind::Weight, _) => "conv_weight_grad",
            Op::Attention { backward: false, .. } => "attention",
            Op::Attention { backward: true, .. } => "attention_grad",
            Op::Sort(..) => "sort",
            Op::Host(host) => host.name,
        }
    }
}

/// Operands; most nodes have at most three.
pub type Args = SmallVec<[Arg; 3]>;

/// A node of the lazy graph.
pub struct Node {
    /// What it does.
    pub op: Op,
    /// The shape of output 0.
    pub shape: Dims,
    /// The dtype of output 0.
    pub dtype: DType,
    /// The outputs after the first.
    further: Box<[Further]>,
    /// Where it runs.
    pub device: DeviceId,
    /// Longest way back to a buffer, in nodes.
    pub depth: u32,
    /// The line of the user's program that made it, under `ST_DEBUG=1`.
    pub origin: Option<Arc<str>>,
    /// The operator that made it, if it is a part of another one.
    pub operator: &'static str,
    args: Lock<Args>,
    value: OnceLock<Buffer>,
    /// Whether it depends on a sample of a batch, which has no value.
    sample: bool,
    /// Whether recorded work of its device knows it by its memory.
    fixed: AtomicBool,
    /// Of what is written over: the address of the node that takes its place, else 0.
    heir: AtomicUsize,
    /// Scratch of the run in progress: its number and this node's index there.
    pub(crate) mark: AtomicU64,
}

/// A further output of a node.
struct Further {
    shape: Dims,
    dtype: DType,
    value: OnceLock<Buffer>,
}

impl Node {
    /// A node that has not been run.
    pub fn new(op: Op, args: Args, shape: Dims, dtype: DType, device: DeviceId) -> Arc<Node> {
        Node::with_further(op, args, (shape, dtype), [], device)
    }

    /// A node with several outputs.
    pub fn with_further(
        op: Op,
        args: Args,
        (shape, dtype): (Dims, DType),
        further: impl IntoIterator<Item = (Dims, DType)>,
        device: DeviceId,
    ) -> Arc<Node> {
        let depth = args
            .iter()
            .filter_map(Arg::node)
            .map(|n| if n.is_realized() { 0 } else { n.depth })
            .max()
            .unwrap_or(0)
            + 1;
        let (origin, operator) = (crate::debug::origin(), crate::debug::operator());
        let further = further
            .into_iter()
            .map(|(shape, dtype)| Further { shape, dtype, value: OnceLock::new() })
            .collect();
        let draws = crate::vmap::draws_for_batch(&op);
        let sample = draws || args.iter().filter_map(Arg::node).any(|n| n.sample);
        let node = Arc::new(Node {
            op,
            shape,
            dtype,
            further,
            device,
            depth,
            origin,
            operator,
            args: Lock::new(args),
            value: OnceLock::new(),
            sample,
            fixed: AtomicBool::new(false),
            heir: AtomicUsize::new(0),
            mark: AtomicU64::new(0),
        });
        if draws {
            crate::vmap::claim(&node);
        }
        node
    }

    /// A node that stands for an entry of a batch.
    pub(crate) fn sample(shape: &[usize], dtype: DType, device: DeviceId) -> Arc<Node> {
        let mut node = Node::new(Op::Leaf, Args::new(), Dims::from_slice(shape), dtype, device);
        if let Some(node) = Arc::get_mut(&mut node) {
            node.sample = true;
        }
        node
    }

    /// Whether it depends on a sample of a batch, so that it can only be rewritten and not be run.
    pub(crate) fn is_sample(&self) -> bool {
        self.sample
    }

    /// A node that has its buffer.
    pub fn leaf(buffer: Buffer, shape: &[usize], dtype: DType, device: DeviceId) -> Arc<Node> {
        let node = Node::new(Op::Leaf, Args::new(), Dims::from_slice(shape), dtype, device);
        let _ = node.value.set(buffer);
        node
    }

    /// From now on recorded work of its device reads or writes its memory.
    pub(crate) fn fix(&self) {
        self.fixed.store(true, Ordering::Relaxed);
    }

    /// Whether recorded work of its device does.
    pub(crate) fn is_fixed(&self) -> bool {
        self.fixed.load(Ordering::Relaxed)
    }

    /// In the next run this node's memory is for the result of `heir`, and for no other.
    pub(crate) fn set_heir(&self, heir: Option<&Arc<Node>>) {
        self.heir.store(heir.map_or(0, |node| Arc::as_ptr(node).addr()), Ordering::Relaxed);
    }

    /// Which of some nodes its memory is for.
    pub(crate) fn heir(&self, nodes: &[Arc<Node>]) -> Option<u32> {
        let heir = self.heir.load(Ordering::Relaxed);
        let found = if heir == 0 { None } else { nodes.iter().position(|n| Arc::as_ptr(n).addr() == heir) };
        found.map(|at| at as u32)
    }

    /// Whether it needs no run.
    pub fn is_realized(&self) -> bool {
        self.value.get().is_some()
    }

    /// The buffer of an output, if it has been run.
    pub fn value(&self, out: u8) -> Option<&Buffer> {
        self.further_at(out).map_or(&self.value, |further| &further.value).get()
    }

    /// Shapes and dtypes of the outputs after the first.
    pub fn further(&self) -> impl Iterator<Item = (&Dims, DType)> {
        self.further.iter().map(|further| (&further.shape, further.dtype))
    }

    fn further_at(&self, out: u8) -> Option<&Further> {
        self.further.get(usize::from(out).wrapping_sub(1))
    }

    /// The shape of an output.
    pub fn out_shape(&self, out: u8) -> &[usize] {
        self.further_at(out).map_or(&self.shape, |further| &further.shape)
    }

    /// The dtype of an output.
    pub fn out_dtype(&self, out: u8) -> DType {
        self.further_at(out).map_or(self.dtype, |further| further.dtype)
    }

    /// The operands, empty once it has been run.
    pub fn args(&self) -> Args {
        self.args.lock().clone()
    }

    /// Calls `f` on the operands without copying them.
    pub(crate) fn with_args<T>(&self, f: impl FnOnce(&Args) -> T) -> T {
        f(&self.args.lock())
    }

    /// Gives it what a run made, the first output last, and drops its operands.
    pub(crate) fn realize(&self, first: Buffer, further: impl IntoIterator<Item = Buffer>) {
        for (own, value) in self.further.iter().zip(further) {
            let _ = own.value.set(value);
        }
        let _ = self.value.set(first);
        let args = std::mem::take(&mut *self.args.lock());
        drop_iteratively(&DROPPING, args);
    }

    pub(crate) fn marked(&self, run: u64) -> Option<usize> {
        let mark = self.mark.load(Ordering::Relaxed);
        (mark >> 32 == run).then_some(mark as u32 as usize)
    }

    pub(crate) fn set_mark(&self, run: u64, index: usize) {
        self.mark.store(run << 32 | index as u64, Ordering::Relaxed);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let args = self.args.get_mut();
        // Operands that have been run have dropped theirs: no chain.
        if args.iter().filter_map(Arg::node).any(|node| !node.is_realized()) {
            drop_iteratively(&DROPPING, std::mem::take(args));
        }
    }
}

thread_local!(static DROPPING: Waiting<Args> = const { RefCell::new(None) });
