//! The tensor: a handle of a storage cell and a view of it, with its place on the autograd tape.

mod create;
pub mod display;
mod foreign;
mod index;
pub(crate) mod inplace;
mod nested;
mod shape;

use crate::autograd::{self, Meta, Rule};
use crate::graph::{self, Arg, Args, Cell, DeviceId, Node, Op, Storage, Waits, too_many_pending};
use crate::lock::Lock;
use crate::ops::Pointwise;
use crate::runtime;
use st_kernel::view::{View, same_shape};
use st_kernel::{Buffer, DType, Error, Expr, Result, Scalar, runtime_err};
use std::cell::Cell as StdCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

pub(crate) use create::precise;
pub use create::sizes;
pub(crate) use create::{cell_of, expect_countable};
pub(crate) use foreign::of_other_size;
pub use index::{Indices, Position};
pub use inplace::assign;
pub use nested::Nested;
pub use shape::normalize_dim;
pub(crate) use shape::normalize_dims;

/// A multi-dimensional array with PyTorch's semantics. Cloning copies the handle, not the data.
///
/// ```
/// # fn main() -> st_core::Result<()> {
/// use st_core::Tensor;
/// let x = Tensor::from_slice(&[1.0f32, 2.0, 3.0], &[3])?.requires_grad_(true)?;
/// let y = (&x * &x)?.sum_all()?;
/// y.backward()?;
/// assert_eq!(x.grad().unwrap().to_vec::<f32>()?, [2.0, 4.0, 6.0]);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Tensor(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) storage: Storage,
    /// What of the storage's flat memory this is.
    pub(crate) view: View,
    /// The same for operands, `None` if it is all of it in order.
    pub(crate) operand_view: Option<Arc<View>>,
    /// Whether the tape has anything to do with it; everything else about that is in `meta`.
    pub(crate) tracked: AtomicBool,
    pub(crate) meta: Lock<Meta>,
    /// What [`Tensor::set_owner`] was told last.
    owner: AtomicUsize,
}

impl Waits for Inner {
    fn pending(&self) -> Option<Arc<Node>> {
        let node = self.storage.node().0;
        graph::waits(&node).then_some(node)
    }
}

/// Whether two views walk alike; along a dimension of size one nobody walks.
fn same_steps(a: &View, b: &View) -> bool {
    fn walked(view: &View) -> impl Iterator<Item = (&usize, &isize)> {
        view.shape.iter().zip(&view.strides).filter(|(size, _)| **size != 1)
    }
    walked(a).eq(walked(b))
}

/// Shared memory up to this size is copied when an operator reads it; larger memory makes the operator run at once.
const QUICK_COPY: usize = 1 << 18;

static DEFAULT_DEVICE: AtomicU8 = AtomicU8::new(0);

/// Where new tensors are when nobody says where.
pub fn default_device() -> DeviceId {
    DEFAULT_DEVICE.load(Ordering::Relaxed)
}

/// Sets where new tensors are when nobody says where.
pub fn set_default_device(device: DeviceId) {
    DEFAULT_DEVICE.store(device, Ordering::Relaxed);
}

thread_local!(static DEFAULT_DTYPE: StdCell<DType> = const { StdCell::new(DType::F32) });

/// The dtype floats get when nobody says one.
pub fn default_dtype() -> DType {
    DEFAULT_DTYPE.get()
}

/// Sets the dtype floats get when nobody says one.
pub fn set_default_dtype(dtype: DType) -> Result<()> {
    if !dtype.is_float() {
        return Err(st_kernel::type_err!("set_default_dtype: expected a floating-point dtype, got {dtype}"));
    }
    DEFAULT_DTYPE.set(dtype);
    Ok(())
}

/// How much of the same memory two tensors see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// None of it.
    Nothing,
    /// All of it, element for element.
    Whole,
    /// Some of it, or all of it in another order.
    Part,
    /// With gaps between their elements, they may see some of it or none.
    Unknown,
}

impl Tensor {
    /// A tensor that is an output of a node.
    pub(crate) fn from_node(node: Arc<Node>, out: u8) -> Tensor {
        let view = View::contiguous(node.out_shape(out));
        let (waits, numel) = (graph::waits(&node), view.numel());
        let tensor = Tensor::with_storage(Storage::of_node(node, out, numel), view, None);
        if waits {
            graph::created(&tensor.0);
        }
        tensor
    }

    /// A tensor that sees a cell through a view.
    pub(crate) fn over(cell: Arc<Cell>, view: View) -> Tensor {
        let (node, out) = cell.node();
        let whole = view.is_whole(cell.numel) && node.out_shape(out) == &view.shape[..];
        let operand_view = (!whole).then(|| Arc::new(view.clone()));
        Tensor::seeing(cell, view, operand_view)
    }

    /// A tensor that sees a cell through a view, which operands have only where it is not the whole in its order.
    pub(crate) fn seeing(cell: Arc<Cell>, view: View, operand_view: Option<Arc<View>>) -> Tensor {
        Tensor::with_storage(Storage::of_cell(cell), view, operand_view)
    }

    #[inline(always)]
    fn with_storage(storage: Storage, view: View, operand_view: Option<Arc<View>>) -> Tensor {
        Tensor(Arc::new(Inner {
            storage,
            view,
            operand_view,
            tracked: AtomicBool::new(false),
            meta: Lock::new(Meta::default()),
            owner: AtomicUsize::new(0),
        }))
    }

    /// Remembers the object of another language that stands for this tensor, by an address; 0 is none.
    pub fn set_owner(&self, address: usize) {
        self.0.owner.store(address, Ordering::Release);
    }

    /// The address that [`Tensor::set_owner`] was given last.
    pub fn owner(&self) -> usize {
        self.0.owner.load(Ordering::Acquire)
    }

    /// The result of an operator: a tensor of the node's output, recorded on the tape if an input is on it.
    pub(crate) fn record(
        node: Arc<Node>,
        inputs: &[Option<&Tensor>],
        rule: impl FnOnce() -> Rule,
    ) -> Result<Tensor> {
        let depth = node.depth;
        Tensor::record_result(Tensor::from_node(node, 0), depth, inputs, rule)
    }

    /// As [`Tensor::record`], the node's output under another shape: no view of anything, the rule knows of both shapes.
    pub(crate) fn record_as(
        shape: &[usize],
        node: Arc<Node>,
        inputs: &[Option<&Tensor>],
        rule: impl FnOnce() -> Rule,
    ) -> Result<Tensor> {
        let depth = node.depth;
        let tensor = Tensor::over(Cell::new(node, 0), View::contiguous(shape));
        Tensor::record_result(tensor, depth, inputs, rule)
    }

    /// As [`Tensor::record`] for a node whose dimensions stand in another order.
    pub(crate) fn record_ordered(
        node: Arc<Node>,
        order: &[usize],
        inputs: &[Option<&Tensor>],
        rule: impl FnOnce() -> Rule,
    ) -> Result<Tensor> {
        let depth = node.depth;
        Tensor::record_result(Tensor::of_ordered(node, order), depth, inputs, rule)
    }

    fn record_result(
        tensor: Tensor,
        depth: u32,
        inputs: &[Option<&Tensor>],
        rule: impl FnOnce() -> Rule,
    ) -> Result<Tensor> {
        tensor.settle(depth, inputs)?;
        autograd::record(std::slice::from_ref(&tensor), inputs, rule)?;
        Ok(tensor)
    }

    /// Refuses a node whose operands are not where it is; a move has no operands.
    fn expect_one_device(&self) -> Result<()> {
        let node = self.0.storage.node().0;
        let here = node.with_args(|args| args.iter().filter_map(Arg::node).all(|n| n.device == node.device));
        if here {
            return Ok(());
        }
        Err(runtime_err!(
            "{}: expected all tensors on the same device; move them with .to(device) first",
            node.operator
        ))
    }

    /// As [`Tensor::record`] for a node with two outputs.
    pub(crate) fn record_two(
        node: Arc<Node>,
        inputs: &[Option<&Tensor>],
        rule: impl FnOnce() -> Rule,
    ) -> Result<(Tensor, Tensor)> {
        let outs: [Tensor; 2] = Tensor::record_all(node, inputs, rule)?;
        Ok(outs.into())
    }

    /// As [`Tensor::record`] for a node with `N` outputs.
    pub(crate) fn record_all<const N: usize>(
        node: Arc<Node>,
        inputs: &[Option<&Tensor>],
        rule: impl FnOnce() -> Rule,
    ) -> Result<[Tensor; N]> {
        let depth = node.depth;
        let outs = std::array::from_fn(|out| Tensor::from_node(node.clone(), out as u8));
        drop(node);
        outs[0].settle(depth, inputs)?;
        autograd::record(&outs, inputs, rule)?;
        Ok(outs)
    }

    /// Memory that somebody else may write is read now; a graph that has grown long is run.
    fn settle(&self, depth: u32, inputs: &[Option<&Tensor>]) -> Result<()> {
        let shared = inputs.iter().flatten().any(|t| t.0.storage.is_shared() && !t.is_quickly_copied());
        if !runtime::only_cpu() {
            self.expect_one_device()?;
        }
        if !(shared || runtime::is_long(depth) || too_many_pending()) || self.is_sample() {
            return Ok(());
        }
        if shared { runtime::realize(std::slice::from_ref(self)) } else { runtime::flush_all() }
    }

    /// This tensor as an operand of a graph node. (Inlined, it is put together where it is kept.)
    #[inline(always)]
    pub(crate) fn arg(&self) -> Arg {
        let (node, out) = self.0.storage.node();
        if self.0.operand_view.is_none() && !same_shape(node.out_shape(out), self.shape())
            || self.is_copied_now()
        {
            return self.unusual_arg(node, out);
        }
        Arg::Of { node, out, view: self.0.operand_view.clone() }
    }

    /// As [`Tensor::arg`] where it was written in place through a view of another shape, or is copied now.
    #[cold]
    fn unusual_arg(&self, node: Arc<Node>, out: u8) -> Arg {
        let whole = self.0.operand_view.is_none() && node.out_shape(out) == self.shape();
        let other = || self.0.operand_view.clone().unwrap_or_else(|| Arc::new(self.0.view.clone()));
        let arg = Arg::Of { node, out, view: (!whole).then(other) };
        if self.is_copied_now() { self.copied_now(arg) } else { arg }
    }

    /// What an operator reads that sees this tensor's memory through a view of its own: if somebody else may write that
    /// memory, a copy of the elements as they are now.
    pub(crate) fn as_it_is_now(&self) -> Tensor {
        if !self.is_copied_now() {
            return self.clone();
        }
        match self.arg() {
            Arg::Of { node, out, view: None } => Tensor::from_node(node, out),
            _ => self.clone(),
        }
    }

    fn is_copied_now(&self) -> bool {
        self.0.storage.is_shared() && self.is_quickly_copied()
    }

    /// Whether it stands for an entry of a batch, or depends on one: it has no value (see [`crate::vmap`]).
    pub fn is_sample(&self) -> bool {
        self.0.storage.node().0.is_sample()
    }

    /// Whether reading shared memory at the call is done by copying it, rather than by running the operator at once.
    fn is_quickly_copied(&self) -> bool {
        self.numel() * self.dtype().size() <= QUICK_COPY
    }

    /// The elements of an operand as they are now.
    fn copied_now(&self, arg: Arg) -> Arg {
        let same = Expr::build(&[self.dtype()], |x| vec![x[0]]);
        let op = Op::Pointwise(Pointwise::intern("copy", same, None));
        let shape = self.0.view.shape.clone();
        let copy = Node::new(op, Args::from_iter([arg.clone()]), shape, self.dtype(), self.device());
        match runtime::run(vec![copy.clone()]) {
            Ok(()) => Arg::whole(copy),
            Err(_) => arg,
        }
    }

    /// Another view of the same memory, not on the tape.
    pub(crate) fn alias(&self, view: View) -> Tensor {
        Tensor::over(self.0.storage.cell().clone(), view)
    }

    /// Sizes.
    pub fn shape(&self) -> &[usize] {
        &self.0.view.shape
    }

    /// Steps between elements.
    pub fn strides(&self) -> &[isize] {
        &self.0.view.strides
    }

    /// Position of the first element in the storage.
    pub fn storage_offset(&self) -> usize {
        self.0.view.offset as usize
    }

    /// Number of dimensions.
    pub fn dim(&self) -> usize {
        self.0.view.shape.len()
    }

    /// Number of elements.
    pub fn numel(&self) -> usize {
        self.0.view.numel()
    }

    /// Element type.
    pub fn dtype(&self) -> DType {
        self.0.storage.dtype
    }

    /// Where it lives.
    pub fn device(&self) -> DeviceId {
        self.0.storage.device
    }

    /// Whether its elements follow one another in row-major order.
    pub fn is_contiguous(&self) -> bool {
        self.0.view.is_contiguous()
    }

    /// How often its memory has been written.
    pub fn version(&self) -> u32 {
        self.0.storage.version()
    }

    /// Counts a write that happened behind our back.
    pub fn bump_version(&self) {
        self.0.storage.cell().bump();
    }

    /// Whether two handles are one tensor.
    pub fn is(&self, other: &Tensor) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether two tensors see the same memory.
    pub fn shares_storage(&self, other: &Tensor) -> bool {
        self.0.storage.is(&other.0.storage)
    }

    /// The same elements, in memory of their own if they are the other's.
    pub(crate) fn apart_from(self, other: &Tensor) -> Result<Tensor> {
        if self.shares_storage(other) { self.copy() } else { Ok(self) }
    }

    /// How much of the same memory two tensors see.
    pub fn overlap(&self, other: &Tensor) -> Overlap {
        if !self.shares_storage(other) {
            return Overlap::Nothing;
        }
        let (own, others) = (&self.0.view, &other.0.view);
        let (Some(a), Some(b)) = (own.bounds(), others.bounds()) else { return Overlap::Nothing };
        let is_dense = |view: &View, (low, high): (isize, isize)| {
            view.numel() as isize == high - low + 1 && !view.overlaps_itself()
        };
        if std::ptr::eq(own, others) {
            Overlap::Whole
        } else if a.1 < b.0 || b.1 < a.0 {
            Overlap::Nothing
        } else if !is_dense(own, a) || !is_dense(others, b) {
            Overlap::Unknown
        } else if a == b && same_steps(own, others) {
            Overlap::Whole
        } else {
            Overlap::Part
        }
    }

    pub(crate) fn is_tracked(&self) -> bool {
        self.0.tracked.load(Ordering::Acquire)
    }

    /// Runs what it takes to have this tensor's elements in memory, and gives the buffer of its whole storage.
    pub fn storage(&self) -> Result<Buffer> {
        runtime::realize(std::slice::from_ref(self))?;
        let (node, out) = self.0.storage.node();
        node.value(out).cloned().ok_or_else(|| runtime_err!("the tensor's graph was not run"))
    }

    /// From now on another owner sees this tensor's memory: pending readers are run, later writes go to these bytes.
    pub fn share_storage(&self) -> Result<Buffer> {
        let mut buffer = self.storage()?;
        // A reader that fails has no value that a later write could spoil.
        let _ = runtime::flush_all();
        let (node, out) = self.0.storage.node();
        // Nodes are immutable for everybody else who holds this one: they keep the old memory.
        if !self.0.storage.is_shared() && Arc::strong_count(&node) > 2 {
            let device = runtime::device(self.device())?;
            let own = device.alloc(buffer.len())?;
            device.copy(&buffer, &own)?;
            buffer = own;
            let own = Node::leaf(buffer.clone(), node.out_shape(out), self.dtype(), self.device());
            self.0.storage.cell().replace(own, 0);
        }
        self.0.storage.cell().share();
        Ok(buffer)
    }

    /// The elements in row-major order, as bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        if self.numel() == 0 {
            return Ok(Vec::new());
        }
        if runtime::has_no_values(self.device()) {
            // (Before memory for them is asked for: a tensor without values may be of any size.)
            return runtime::device(self.device())?.download(&self.storage()?, &mut []).map(|()| Vec::new());
        }
        let mut dense = self.detach().contiguous()?;
        if self.device() != 0 && dense.numel() < dense.0.storage.numel {
            // A part of a large storage: the rest need not travel.
            dense = dense.copy()?;
        }
        let buffer = dense.storage()?;
        let size = self.dtype().size();
        let start = dense.storage_offset() * size;
        let mut all = vec![0; buffer.len()];
        runtime::device(self.device())?.download(&buffer, &mut all)?;
        all.truncate(start + self.numel() * size);
        all.drain(..start);
        Ok(all)
    }

    /// Calls a function with the elements in row-major order, as bytes: where they lie, if that is so on the host.
    pub(crate) fn with_bytes<T>(&self, f: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
        if self.device() == 0 && self.numel() > 0 {
            let dense = self.detach().contiguous()?;
            let buffer = dense.storage()?;
            let size = self.dtype().size();
            if let Some(start) = buffer.host_ptr() {
                // SAFETY: the elements lie in the storage, which is kept; the device has finished writing them.
                let bytes = unsafe {
                    let first = start.as_ptr().add(dense.storage_offset() * size);
                    std::slice::from_raw_parts(first, dense.numel() * size)
                };
                return f(bytes);
            }
        }
        f(&self.to_bytes()?)
    }

    /// The elements in row-major order.
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        let same = self.detach().to_dtype(T::DTYPE)?;
        let bytes = same.to_bytes()?;
        Ok(bytes.chunks_exact(T::DTYPE.size()).map(|b| T::from_scalar(Scalar::read(T::DTYPE, b))).collect())
    }

    /// The only element, as a Rust number.
    pub fn to_scalar<T: Element>(&self) -> Result<T> {
        Ok(T::from_scalar(self.item()?))
    }

    /// The only element.
    pub fn item(&self) -> Result<Scalar> {
        if self.numel() != 1 {
            return Err(runtime_err!(
                "a Tensor with {} elements cannot be converted to Scalar; index or reduce it to one element",
                self.numel()
            ));
        }
        if runtime::has_no_values(self.device()) {
            return Err(runtime_err!("Tensor.item() cannot be called on meta tensors"));
        }
        let buffer = self.storage()?;
        let (dtype, at) = (self.dtype(), self.storage_offset() * self.dtype().size());
        let mut element = [0u8; 8];
        match buffer.host_ptr() {
            // SAFETY: the storage holds this element and the device has finished writing it.
            Some(ptr) => unsafe {
                std::ptr::copy_nonoverlapping(ptr.as_ptr().add(at), element.as_mut_ptr(), dtype.size());
            },
            None => {
                let bytes = self.to_bytes()?;
                element[..dtype.size()].copy_from_slice(&bytes);
            }
        }
        Ok(Scalar::read(dtype, &element))
    }
}

/// A Rust type that is an element type.
pub trait Element: Copy + 'static {
    /// Its dtype.
    const DTYPE: DType;
    /// From a number that has this dtype.
    fn from_scalar(s: Scalar) -> Self;
    /// As a number.
    fn to_scalar(self) -> Scalar;
}

macro_rules! elements {
    ($($t:ty, $dtype:ident, |$s:ident| $from:expr, |$x:ident| $to:expr;)*) => {$(
        impl Element for $t {
            const DTYPE: DType = DType::$dtype;
            fn from_scalar($s: Scalar) -> $t { $from }
            fn to_scalar(self) -> Scalar { let $x = self; $to }
        }
    )*};
}
elements! {
    bool, Bool, |s| s.to_bool(), |x| x.into();
    u8, U8, |s| s.to_i64() as u8, |x| i64::from(x).into();
    i8, I8, |s| s.to_i64() as i8, |x| i64::from(x).into();
    i16, I16, |s| s.to_i64() as i16, |x| i64::from(x).into();
    i32, I32, |s| s.to_i64() as i32, |x| x.into();
    i64, I64, |s| s.to_i64(), |x| x.into();
    u16, U16, |s| s.to_i64() as u16, |x| i64::from(x).into();
    u32, U32, |s| s.to_i64() as u32, |x| i64::from(x).into();
    u64, U64, |s| s.to_i64() as u64, |x| (x as i64).into();
    half::f16, F16, |s| half::f16::from_f32(s.to_f64() as f32), |x| x.to_f64().into();
    half::bf16, BF16, |s| half::bf16::from_f32(s.to_f64() as f32), |x| x.to_f64().into();
    f32, F32, |s| s.to_f64() as f32, |x| x.into();
    f64, F64, |s| s.to_f64(), |x| x.into();
}

impl std::fmt::Debug for Tensor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tensor({}{:?})", self.dtype(), self.shape())
    }
}

impl TryFrom<&Tensor> for f64 {
    type Error = Error;
    fn try_from(t: &Tensor) -> Result<f64> {
        Ok(t.item()?.to_f64())
    }
}
