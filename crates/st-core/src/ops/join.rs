//! Joining tensors and taking them apart: cat, stack, split, chunk, unbind.
//!
//! A join is fresh memory that each input is written into; what takes apart makes views.

use super::pointwise::{Operand, result_type};
use crate::autograd::Rule;
use crate::graph::{Arg, Args, Node, Op};
use crate::tensor::{Tensor, normalize_dim};
use smallvec::SmallVec;
use st_kernel::view::{Dims, View, broadcast};
use st_kernel::{Result, index_err, runtime_err, value_err};

/// The tensors one after another along a dimension. Empty tensors of one dimension join anything, as in torch.
pub fn cat(tensors: &[Tensor], dim: i64) -> Result<Tensor> {
    let Some(first) = tensors.first() else {
        return Err(value_err!("torch.cat(): expected a non-empty list of Tensors"));
    };
    let legacy = |t: &Tensor| t.shape() == [0];
    if let Some(at) = tensors.iter().position(|t| t.dim() == 0) {
        return Err(runtime_err!("zero-dimensional tensor (at position {at}) cannot be concatenated"));
    }
    // Vectors of nothing go with any dimension.
    let (like, dim) = tensors.iter().find(|t| !legacy(t)).map_or((first, 0), |like| (like, dim));
    let d = normalize_dim(dim, like.dim())?;
    let mut shape = Dims::from_slice(like.shape());
    shape[d] = 0;
    for (at, t) in tensors.iter().enumerate().filter(|(_, t)| !legacy(t)) {
        expect_joinable(like, t, d, at)?;
        shape[d] += t.shape()[d];
    }
    let operands: Vec<Operand> = tensors.iter().map(Operand::from).collect();
    let dtype = result_type(&operands);
    let inputs = tensors.iter().map(|t| t.to_dtype(dtype)).collect::<Result<Vec<_>>>()?;
    let mut node = Node::new(Op::Empty, Args::new(), shape.clone(), dtype, like.device());
    let (whole, mut start) = (View::contiguous(&shape), 0);
    for t in inputs.iter().filter(|t| t.numel() > 0) {
        let part = whole.slice(d, start, t.shape()[d], 1);
        start += t.shape()[d];
        let args = Args::from_iter([Arg::whole(node), t.arg()]);
        node = Node::new(Op::Assign(Box::new(part)), args, shape.clone(), dtype, like.device());
    }
    let inputs: SmallVec<[Option<&Tensor>; 4]> = inputs.iter().map(Some).collect();
    Tensor::record(node, &inputs, || Rule::Cat(d))
}

fn expect_joinable(like: &Tensor, t: &Tensor, dim: usize, at: usize) -> Result<()> {
    if t.dim() != like.dim() {
        return Err(runtime_err!(
            "Tensors must have same number of dimensions: got {} and {}",
            like.dim(),
            t.dim()
        ));
    }
    if let Some(d) = (0..t.dim()).find(|&d| d != dim && t.shape()[d] != like.shape()[d]) {
        return Err(runtime_err!(
            "Sizes of tensors must match except in dimension {dim}. Expected size {} but got size {} for tensor number {at} in the list.",
            like.shape()[d],
            t.shape()[d]
        ));
    }
    if t.device() != like.device() {
        return Err(runtime_err!(
            "cat: expected all tensors on the same device; move them with .to(device) first"
        ));
    }
    Ok(())
}

/// The tensors side by side along a new dimension.
pub fn stack(tensors: &[Tensor], dim: i64) -> Result<Tensor> {
    let Some(first) = tensors.first() else {
        return Err(runtime_err!("stack expects a non-empty TensorList"));
    };
    if let Some((at, t)) = tensors.iter().enumerate().find(|(_, t)| t.shape() != first.shape()) {
        return Err(runtime_err!(
            "stack expects each tensor to be equal size, but got {:?} at entry 0 and {:?} at entry {at}",
            first.shape(),
            t.shape()
        ));
    }
    let d = normalize_dim(dim, first.dim() + 1)? as i64;
    cat(&tensors.iter().map(|t| t.unsqueeze(d)).collect::<Result<Vec<_>>>()?, d)
}

/// Joins along the second dimension (vectors: along the first).
pub fn hstack(tensors: &[Tensor]) -> Result<Tensor> {
    expect_some("hstack", tensors)?;
    let tensors = each(tensors, Tensor::atleast_1d)?;
    let vectors = tensors.first().is_some_and(|t| t.dim() == 1);
    cat(&tensors, i64::from(!vectors))
}

fn expect_some(name: &str, tensors: &[Tensor]) -> Result<()> {
    if tensors.is_empty() { Err(runtime_err!("{name} expects a non-empty TensorList")) } else { Ok(()) }
}

/// Joins along the first dimension, vectors being rows.
pub fn vstack(tensors: &[Tensor]) -> Result<Tensor> {
    expect_some("vstack", tensors)?;
    cat(&each(tensors, Tensor::atleast_2d)?, 0)
}

/// Joins along the third dimension.
pub fn dstack(tensors: &[Tensor]) -> Result<Tensor> {
    expect_some("dstack", tensors)?;
    cat(&each(tensors, Tensor::atleast_3d)?, 2)
}

/// Joins along the second dimension, vectors being columns.
pub fn column_stack(tensors: &[Tensor]) -> Result<Tensor> {
    cat(&each(tensors, |t| if t.dim() <= 1 { t.reshape_to(&[t.numel(), 1]) } else { Ok(t.clone()) })?, 1)
}

fn each(tensors: &[Tensor], f: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Vec<Tensor>> {
    tensors.iter().map(f).collect()
}

/// Each as a view of the shape that all of them broadcast to.
pub fn broadcast_tensors(tensors: &[Tensor]) -> Result<Vec<Tensor>> {
    let mut shape = Dims::new();
    for t in tensors {
        shape = broadcast(&shape, t.shape()).ok_or_else(|| {
            runtime_err!("broadcast_tensors: the shapes {shape:?} and {:?} do not broadcast", t.shape())
        })?;
    }
    tensors.iter().map(|t| t.expand_to(&shape)).collect()
}

/// The coordinates of the grid that vectors span: the i-th along dimension i, but for 'xy' the first two swapped.
pub fn meshgrid(tensors: &[Tensor], indexing: &str) -> Result<Vec<Tensor>> {
    let swapped = match indexing {
        "ij" => false,
        "xy" => tensors.len() > 1,
        other => {
            return Err(runtime_err!(
                "torch.meshgrid: indexing must be one of \"xy\" or \"ij\", but received: {other}"
            ));
        }
    };
    let place = |i: usize| if swapped && i < 2 { 1 - i } else { i };
    let mut standing = Vec::new();
    for (i, t) in tensors.iter().enumerate() {
        if t.dim() > 1 {
            return Err(runtime_err!(
                "torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {:?}",
                t.shape()
            ));
        }
        if t.dtype() != tensors[0].dtype() {
            return Err(runtime_err!("torch.meshgrid expects all tensors to have the same dtype"));
        }
        let mut shape = Dims::from_elem(1, tensors.len());
        shape[place(i)] = t.numel();
        standing.push(t.reshape_to(&shape)?);
    }
    broadcast_tensors(&standing)
}

impl Tensor {
    /// With at least one dimension.
    pub fn atleast_1d(&self) -> Result<Tensor> {
        if self.dim() == 0 { self.reshape_to(&[1]) } else { Ok(self.clone()) }
    }

    /// With at least two dimensions; a vector is a row.
    pub fn atleast_2d(&self) -> Result<Tensor> {
        if self.dim() < 2 { self.reshape_to(&[1, self.numel()]) } else { Ok(self.clone()) }
    }

    /// With at least three dimensions; a vector stands in the second, a matrix in the first two.
    pub fn atleast_3d(&self) -> Result<Tensor> {
        match self.dim() {
            0 | 1 => self.reshape_to(&[1, self.numel(), 1]),
            2 => self.unsqueeze(-1),
            _ => Ok(self.clone()),
        }
    }

    /// Pieces of a size along a dimension; the last may be smaller.
    pub fn split(&self, size: i64, dim: i64) -> Result<Vec<Tensor>> {
        let n = self.size_to_split("split", dim)?;
        if size < 0 {
            return Err(runtime_err!("split expects split_size be non-negative, but got split_size={size}"));
        }
        if size == 0 && n > 0 {
            return Err(runtime_err!(
                "split_size can only be 0 if dimension size is 0, but got dimension size of {n}"
            ));
        }
        let pieces = if size == 0 { 1 } else { n.div_euclid(size) + i64::from(n % size != 0) }.max(1);
        several((0..pieces).map(|i| self.narrow(dim, i * size, size.min(n - i * size))))
    }

    /// Pieces of these sizes along a dimension.
    pub fn split_with_sizes(&self, sizes: &[i64], dim: i64) -> Result<Vec<Tensor>> {
        let n = self.size_to_split("split_with_sizes", dim)?;
        if sizes.iter().sum::<i64>() != n || sizes.iter().any(|&s| s < 0) {
            return Err(runtime_err!(
                "split_with_sizes expects split_sizes to sum exactly to {n} (input tensor's size at dimension {dim}), but got split_sizes={sizes:?}"
            ));
        }
        several(self.pieces(sizes, dim))
    }

    fn pieces(&self, sizes: &[i64], dim: i64) -> impl Iterator<Item = Result<Tensor>> {
        let mut start = 0;
        sizes.iter().map(move |&size| {
            start += size;
            self.narrow(dim, start - size, size)
        })
    }

    /// At most so many pieces of one size along a dimension.
    pub fn chunk(&self, chunks: i64, dim: i64) -> Result<Vec<Tensor>> {
        let n = self.size_to_split("chunk", dim)?;
        if chunks <= 0 {
            return Err(runtime_err!("chunk expects `chunks` to be greater than 0, got: {chunks}"));
        }
        let size = (n + chunks - 1) / chunks;
        if size == 0 {
            return self.split_with_sizes(&vec![0; chunks as usize], dim);
        }
        self.split(size, dim)
    }

    /// So many pieces along a dimension, the first ones larger by one where it does not divide.
    pub fn tensor_split(&self, sections: i64, dim: i64) -> Result<Vec<Tensor>> {
        let n = self.size_to_split("tensor_split", dim)?;
        if sections <= 0 {
            return Err(runtime_err!("number of sections must be larger than 0, got {sections}"));
        }
        let mut sizes: Vec<i64> = Vec::new();
        sizes
            .try_reserve_exact(usize::try_from(sections).unwrap_or(usize::MAX))
            .map_err(|_| runtime_err!("tensor_split: {sections} sections are more than memory holds"))?;
        sizes.extend((0..sections).map(|i| n / sections + i64::from(i < n % sections)));
        self.pieces(&sizes, dim).collect()
    }

    /// The pieces between these positions of a dimension.
    pub fn tensor_split_at(&self, positions: &[i64], dim: i64) -> Result<Vec<Tensor>> {
        let n = self.size_to_split("tensor_split", dim)?;
        let starts = std::iter::once(0).chain(positions.iter().copied());
        let ends = positions.iter().copied().chain([n]);
        starts.zip(ends).map(|(start, end)| self.slice(dim, Some(start), Some(end), 1)).collect()
    }

    /// The parts at each index of a dimension, without it.
    pub fn unbind(&self, dim: i64) -> Result<Vec<Tensor>> {
        if self.dim() == 0 {
            return Err(index_err!("unbind: Dimension specified as {dim} but tensor has no dimensions"));
        }
        let n = self.size_to_split("unbind", dim)?;
        let rows = several((0..n).map(|i| self.select(dim, i)))?;
        rows.iter().for_each(|row| row.label_grad_fn("unbind", 0));
        Ok(rows)
    }

    fn size_to_split(&self, name: &str, dim: i64) -> Result<i64> {
        if self.dim() == 0 {
            return Err(runtime_err!(
                "{name} expected at least a 1-dimensional tensor, but got a tensor with 0 dims"
            ));
        }
        Ok(self.shape()[normalize_dim(dim, self.dim())?] as i64)
    }
}

/// Views that one call gives: none of them may be written where gradients are recorded, as in torch.
fn several(views: impl Iterator<Item = Result<Tensor>>) -> Result<Vec<Tensor>> {
    let views: Vec<Tensor> = views.collect::<Result<_>>()?;
    views.iter().for_each(Tensor::mark_one_of_several);
    Ok(views)
}
