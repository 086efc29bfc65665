//! Indexing by tensors, the node kinds: reading and combining at places that index tensors say.
//!
//! An [`IndexPlan`] tells how the indexed tensor's dimensions relate to those of the result; everything that indexes by
//! tensors (gather, scatter, index_select, `x[i, :, j]`, embedding) is one of the two methods here under some plan.

use crate::autograd::Rule;
use crate::graph::{Arg, Args, Node, Op};
use crate::tensor::Tensor;
use smallvec::SmallVec;
use st_kernel::view::{Dims, Strides, View, numel};
use st_kernel::{DType, Result, Scalar, ScatterOp, index_err, runtime_err};
use std::sync::Arc;

/// How the dimensions of an indexed tensor relate to those of the result: `Some(axis)` walks along that axis of the
/// result, `None` is displaced by the next index tensor (each has the result's shape).
pub type IndexPlan = SmallVec<[Option<u8>; 4]>;

/// Index tensors with up to so many elements are checked at the call, if their elements are known by then.
const CHECKED_AT_ONCE: usize = 4096;
/// Those of the host that are at most so many nodes from their data are run for that.
const STEPS_AT_ONCE: u32 = 4;

/// A plan for one index tensor along `dim`, the result having all the other dimensions in order.
pub(crate) fn walk_all_but(dim: usize, rank: usize) -> IndexPlan {
    (0..rank)
        .map(|d| match d.cmp(&dim) {
            std::cmp::Ordering::Less => Some(d as u8),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(d as u8 - 1),
        })
        .collect()
}

/// A plan for an index tensor along `dim` of a result with the same dimensions, as `gather` has.
pub(crate) fn displace(dim: usize, rank: usize) -> IndexPlan {
    (0..rank).map(|d| (d != dim).then_some(d as u8)).collect()
}

/// A view of the places before they are displaced, and `(size, stride)` of each index.
fn places(of: &View, plan: &IndexPlan, shape: &[usize]) -> (View, SmallVec<[(usize, isize); 2]>) {
    let mut strides = Strides::from_elem(0, shape.len());
    let mut displaced = SmallVec::new();
    for (d, walked) in plan.iter().enumerate() {
        match walked {
            Some(axis) => strides[*axis as usize] += of.strides[d],
            None => displaced.push((of.shape[d], of.strides[d])),
        }
    }
    (View { shape: Dims::from_slice(shape), strides, offset: of.offset }, displaced)
}

impl Tensor {
    /// The elements at index tensors that broadcast to the result's shape.
    pub fn index_by(&self, plan: &IndexPlan, indices: &[Tensor], shape: &[usize]) -> Result<Tensor> {
        let indices = checked_indices(self.shape(), plan, indices, shape)?;
        self.index_unchecked(plan, &indices, shape)
    }

    /// As [`Tensor::index_by`] with indices that went through it before.
    pub(crate) fn index_unchecked(
        &self,
        plan: &IndexPlan,
        indices: &[Tensor],
        shape: &[usize],
    ) -> Result<Tensor> {
        let read = self.as_it_is_now();
        let (view, displaced) = places(&read.0.view, plan, shape);
        let mut args = Args::from_iter([read.0.storage.arg(Some(Arc::new(view)))]);
        args.extend(indices.iter().map(|i| expanded(i, shape)));
        let node =
            Node::new(Op::Gather(displaced), args, Dims::from_slice(shape), self.dtype(), self.device());
        let inputs: SmallVec<[Option<&Tensor>; 3]> = [self].into_iter().chain(indices).map(Some).collect();
        Tensor::record(node, &inputs, || Rule::Index(plan.clone()))
    }

    /// All of a storage in row-major order, as nodes that write into their first operand need it.
    pub(crate) fn whole(&self) -> Result<Tensor> {
        if self.0.view.is_whole(self.0.storage.numel) { Ok(self.clone()) } else { self.copy() }
    }

    /// A copy with the elements of `source` combined in at index tensors that broadcast to its shape.
    ///
    /// Sums and products in half precision are rounded once, at the end.
    pub fn scatter_by(
        &self,
        op: ScatterOp,
        plan: &IndexPlan,
        indices: &[Tensor],
        source: &Tensor,
    ) -> Result<Tensor> {
        let indices = checked_indices(self.shape(), plan, indices, source.shape())?;
        self.scatter_unchecked(op, plan, &indices, source)
    }

    /// As [`Tensor::scatter_by`] with indices that went through it before.
    pub(crate) fn scatter_unchecked(
        &self,
        op: ScatterOp,
        plan: &IndexPlan,
        indices: &[Tensor],
        source: &Tensor,
    ) -> Result<Tensor> {
        let (dtype, compute) = (self.dtype(), self.dtype().compute());
        if dtype != source.dtype() {
            return Err(runtime_err!("scatter: expected a source of dtype {dtype}, got {}", source.dtype()));
        }
        if dtype != compute && matches!(op, ScatterOp::Add | ScatterOp::Prod) {
            let wide =
                self.to_dtype(compute)?.scatter_unchecked(op, plan, indices, &source.to_dtype(compute)?)?;
            return wide.to_dtype(dtype);
        }
        let base = self.whole()?;
        let (view, displaced) = places(&View::contiguous(self.shape()), plan, source.shape());
        let mut args = Args::from_iter([base.arg(), source.arg()]);
        args.extend(indices.iter().map(|i| expanded(i, source.shape())));
        let kind = Op::Scatter(op, Box::new(view), displaced);
        let node = Node::new(kind, args, Dims::from_slice(self.shape()), dtype, self.device());
        let inputs: SmallVec<[Option<&Tensor>; 4]> =
            [&base, source].into_iter().chain(indices).map(Some).collect();
        Tensor::record(node, &inputs, || Rule::Scatter(op, plan.clone()))
    }
}

/// An index as an operand of a shape; the tape takes no notice of indices.
fn expanded(index: &Tensor, shape: &[usize]) -> Arg {
    if index.shape() == shape {
        return index.arg();
    }
    let read = index.as_it_is_now();
    read.0.storage.arg(Some(Arc::new(read.0.view.expand(shape))))
}

/// Index tensors as `int64`, those whose elements are known and few being in range.
fn checked_indices(
    indexed: &[usize],
    plan: &IndexPlan,
    indices: &[Tensor],
    shape: &[usize],
) -> Result<Vec<Tensor>> {
    let dims = plan.iter().enumerate().filter(|(_, walked)| walked.is_none()).map(|(d, _)| d);
    let check = |(dim, index): (usize, &Tensor)| {
        if !matches!(index.dtype(), DType::I64 | DType::I32) {
            return Err(index_err!(
                "tensors used as indices must be long, int, byte or bool tensors, got {}",
                index.dtype()
            ));
        }
        let size = indexed[dim];
        if size == 0 && numel(shape) > 0 {
            return Err(index_err!("index is out of bounds for dimension with size 0"));
        }
        check_range(index, dim, size)?;
        index.to_dtype(DType::I64)
    };
    dims.zip(indices).map(check).collect()
}

fn check_range(index: &Tensor, dim: usize, size: usize) -> Result<()> {
    let n = size as i64;
    let outside = |i: i64| !(-n..n).contains(&i);
    match known_elements(index)?.into_iter().flatten().find(|&i| outside(i)) {
        Some(i) => Err(index_err!("index {i} is out of bounds for dimension {dim} with size {size}")),
        None => Ok(()),
    }
}

/// The elements of a small integer tensor, if they are in the host's memory already or a few steps from there.
pub(crate) fn known_elements(t: &Tensor) -> Result<Option<Vec<i64>>> {
    let Some(bytes) = known_bytes(t, reads_data)? else { return Ok(None) };
    let view = &t.0.view;
    // Indices usually lie one after another.
    if t.dtype() == DType::I64 && view.is_contiguous() {
        let numbers = bytes.as_chunks().0.iter().skip(view.offset as usize).take(t.numel());
        return Ok(Some(numbers.map(|&number| i64::from_ne_bytes(number)).collect()));
    }
    Ok(Some(numbers_in(t, &bytes).map(Scalar::to_i64).collect()))
}

/// Whether it depends on what a program gave or wrote, and not on ranges and constants alone.
fn reads_data(node: &Node) -> bool {
    let writes = matches!(node.op, Op::Assign(_) | Op::Scatter(..));
    writes
        || node.is_realized()
        || node.with_args(|args| args.iter().filter_map(Arg::node).any(|n| reads_data(n)))
}

/// An error if an element of a small tensor is refused that is known, or nearly: others are not waited for.
pub(crate) fn expect_known(t: &Tensor, allowed: impl Fn(Scalar) -> bool, text: &str) -> Result<()> {
    let known = known_bytes(t, |_| true)?;
    let refused = known.is_some_and(|bytes| numbers_in(t, &bytes).any(|number| !allowed(number)));
    if refused { Err(runtime_err!("{text}")) } else { Ok(()) }
}

/// The memory of a small tensor, if it is the host's already or a few steps from there.
fn known_bytes(t: &Tensor, wanted: impl Fn(&Node) -> bool) -> Result<Option<Vec<u8>>> {
    let (node, out) = t.0.storage.node();
    let small = numel(&node.shape) <= CHECKED_AT_ONCE && !node.is_realized() && !node.is_sample();
    if small && node.depth <= STEPS_AT_ONCE && t.device() == 0 && wanted(&node) {
        crate::runtime::realize(std::slice::from_ref(t))?;
    }
    let size = t.dtype().size();
    let buffer = match node.value(out) {
        Some(b) if b.len() <= CHECKED_AT_ONCE * size && b.host_ptr().is_some() => b,
        _ => return Ok(None),
    };
    let mut bytes = vec![0; buffer.len()];
    crate::runtime::device(t.device())?.download(buffer, &mut bytes)?;
    Ok(Some(bytes))
}

/// The elements of a tensor in its memory.
fn numbers_in(t: &Tensor, bytes: &[u8]) -> impl Iterator<Item = Scalar> {
    let mut places = vec![t.0.view.offset];
    for (&n, &stride) in t.0.view.shape.iter().zip(&t.0.view.strides) {
        // A broadcast dimension repeats what has been seen.
        let steps = if stride == 0 { n.min(1) } else { n } as isize;
        places = places.iter().flat_map(|&p| (0..steps).map(move |i| p + i * stride)).collect();
    }
    let size = t.dtype().size();
    places.into_iter().map(move |at| Scalar::read(t.dtype(), &bytes[at as usize * size..]))
}
