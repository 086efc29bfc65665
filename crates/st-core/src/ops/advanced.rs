//! `x[...]` as Python has it: numbers, slices, `None`, `...`, masks and index tensors, for reading and for writing.
//!
//! First everything that is a view is done; what is left are index tensors for some dimensions of that view. Those
//! broadcast together; their common shape stands where the first of them stood, or in front if they are not neighbours.

use super::index::IndexPlan;
use super::pointwise::Operand;
use super::select;
use crate::autograd::{Rule, torch_name};
use crate::tensor::Tensor;
use st_kernel::view::{Dims, broadcast};
use st_kernel::{DType, Result, Scalar, ScatterOp, index_err, runtime_err, value_err};

/// One item of `x[...]`.
#[derive(Clone)]
pub enum Index {
    /// `None`: a new dimension of size one.
    None,
    /// `...`: as many whole dimensions as are left.
    Ellipsis,
    /// One position of a dimension.
    Int(i64),
    /// `start:end:step`.
    Slice {
        /// From here on.
        start: Option<i64>,
        /// Up to before here.
        end: Option<i64>,
        /// In steps of.
        step: Option<i64>,
    },
    /// A truth value: a new dimension of size one or zero.
    Bool(bool),
    /// A mask of booleans (or bytes), or integers.
    Tensor(Tensor),
}

impl Index {
    /// `:`.
    pub const ALL: Index = Index::Slice { start: None, end: None, step: None };

    /// How many dimensions it takes.
    fn consumes(&self) -> usize {
        match self {
            Index::None | Index::Ellipsis | Index::Bool(_) => 0,
            Index::Int(_) | Index::Slice { .. } => 1,
            Index::Tensor(t) if is_mask(t) => t.dim(),
            Index::Tensor(_) => 1,
        }
    }
}

fn is_mask(t: &Tensor) -> bool {
    matches!(t.dtype(), DType::Bool | DType::U8)
}

/// Index tensors for dimensions of a tensor, worked out.
struct Places {
    plan: IndexPlan,
    indices: Vec<Tensor>,
    shape: Dims,
}

impl Tensor {
    /// `self[items]`: a view where only numbers, slices, `None` and `...` occur, else a copy.
    pub fn index(&self, items: &[Index]) -> Result<Tensor> {
        let (view, indices) = self.viewed(items)?;
        match () {
            () if indices.iter().any(Option::is_some) => view.index_tensors(&indices),
            () if !view.is(self) => Ok(view),
            // All of it is a view of it, too, and not the tensor itself.
            () if matches!(items, [Index::Slice { .. }]) => self.slice(0, None, None, 1),
            () => self.labelled_alias(),
        }
    }

    fn labelled_alias(&self) -> Result<Tensor> {
        let alias = self.view_as_rule(self.0.view.clone(), || Rule::Reshape)?;
        alias.label_grad_fn("alias", 0);
        Ok(alias)
    }

    /// `self[items] = value`, in place.
    pub fn index_put_items<'a>(&self, items: &[Index], value: impl Into<Operand<'a>>) -> Result<()> {
        if matches!(items, [Index::Bool(false)]) {
            // As in torch, nothing is written and the value's shape is not looked at.
            return Ok(());
        }
        let (view, indices) = self.viewed(items)?;
        let value = match value.into() {
            // The order in which elements that are one are written does not matter.
            Operand::Scalar(s) if indices.iter().all(Option::is_none) && view.repeats() => {
                return view.fill_(s);
            }
            Operand::Scalar(s) => Tensor::full(&[], s, self.dtype(), self.device())?,
            // A number that is read from here is read before it is written.
            Operand::Tensor(t) if t.dim() == 0 && t.shares_storage(self) => t.copy()?,
            Operand::Tensor(t) => without_leading_ones(t)?,
        };
        // As in torch, `x[True] = value` is `x[None] = value`, which converts.
        if indices.iter().all(Option::is_none) || matches!(items, [Index::Bool(true)]) {
            view.copy_(&value)?;
            return Ok(());
        }
        let written = match only_mask(&indices) {
            Some((first, mask)) if value.numel() == 1 => view.masked_with(first, mask, &value)?,
            _ => view.index_put(&indices, &value, false)?,
        };
        if view.repeats() { view.become_where_changed(&written) } else { view.become_(&written) }
    }

    /// `self[indices]` with a tensor or nothing for each dimension.
    pub fn index_tensors(&self, indices: &[Option<Tensor>]) -> Result<Tensor> {
        let places = self.places(indices)?;
        self.index_by(&places.plan, &places.indices, &places.shape)
    }

    /// A copy with `self[indices]` replaced by `values`, or with them added where `accumulate`.
    pub fn index_put(&self, indices: &[Option<Tensor>], values: &Tensor, accumulate: bool) -> Result<Tensor> {
        if let [Some(truth)] = indices
            && truth.dim() == 0
            && is_mask(truth)
            && values.numel() == 1
            && !accumulate
        {
            return self.masked_with(0, &truth.to_dtype(DType::Bool)?, values);
        }
        let places = self.places(indices)?;
        let fits = broadcast(values.shape(), &places.shape).is_some_and(|s| s == places.shape);
        if !fits {
            return Err(runtime_err!(
                "shape mismatch: value tensor of shape {:?} cannot be broadcast to indexing result of shape {:?}",
                values.shape(),
                &places.shape[..]
            ));
        }
        if values.dtype() != self.dtype() {
            return Err(runtime_err!(
                "Index put requires the source and destination dtypes match, got {} for the destination and {} for the source.",
                torch_name(self.dtype()),
                torch_name(values.dtype())
            ));
        }
        let op = if accumulate { ScatterOp::Add } else { ScatterOp::Set };
        self.scatter_by(op, &places.plan, &places.indices, &values.expand_to(&places.shape)?)
    }

    /// One value, of any dtype, where a mask of the dimensions from `first` on is true.
    fn masked_with(&self, first: usize, mask: &Tensor, value: &Tensor) -> Result<Tensor> {
        expect_mask_fits(self, mask, first)?;
        if mask.dtype() != DType::Bool {
            return Err(runtime_err!(
                "masked_fill_ only supports boolean masks, but got mask with dtype {}",
                mask.dtype()
            ));
        }
        let mut shape = Dims::from_slice(mask.shape());
        shape.resize(self.dim() - first, 1);
        let mask = if mask.device() == 0 { &mask.to_device(self.device())? } else { mask };
        select(&mask.reshape_to(&shape)?, &value.to_dtype(self.dtype())?.reshape_to(&[])?, self)
    }

    /// Everything that is a view, and the tensors left for dimensions of it.
    fn viewed(&self, items: &[Index]) -> Result<(Tensor, Vec<Option<Tensor>>)> {
        let taken: usize = items.iter().map(Index::consumes).sum();
        if taken > self.dim() {
            if self.dim() == 0 && items.iter().all(|i| matches!(i, Index::Int(_))) {
                return Err(index_err!(
                    "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
                ));
            }
            return Err(index_err!("too many indices for tensor of dimension {}", self.dim()));
        }
        let mut walk = Viewing { view: self.clone(), dim: 0, named: 0, indices: Vec::new() };
        for (place, item) in items.iter().enumerate() {
            match item {
                Index::Ellipsis => walk.pass(self.dim() - taken),
                item => walk.take(item, place)?,
            }
        }
        Ok((walk.view, walk.indices))
    }

    /// Masks become positions; index tensors broadcast and find their place.
    fn places(&self, indices: &[Option<Tensor>]) -> Result<Places> {
        let mut per_dim = self.positions_of_masks(indices)?;
        // As in torch, what an index list or another tensor of the CPU says is brought to the tensor.
        for index in per_dim.iter_mut().flatten().filter(|index| index.device() == 0) {
            *index = index.to_device(self.device())?;
        }
        let tensors: Vec<&Tensor> = per_dim.iter().flatten().collect();
        let common = tensors
            .iter()
            .try_fold(Dims::new(), |shape, t| broadcast(&shape, t.shape()))
            .ok_or_else(|| {
                let shapes: Vec<String> = tensors.iter().map(|t| format!("{:?}", t.shape())).collect();
                index_err!(
                    "shape mismatch: indexing tensors could not be broadcast together with shapes {}",
                    shapes.join(", ")
                )
            })?;
        let named: Vec<usize> = (0..self.dim()).filter(|&d| per_dim[d].is_some()).collect();
        let neighbours = named.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        let lead = if neighbours { named.first().copied().unwrap_or(0) } else { 0 };
        let whole: Vec<usize> = (0..self.dim()).filter(|&d| per_dim[d].is_none()).collect();
        let sizes = |dims: &[usize]| -> Dims { dims.iter().map(|&d| self.shape()[d]).collect() };
        let (before, after) = (sizes(&whole[..lead]), sizes(&whole[lead..]));
        let shape: Dims = before.iter().chain(&common).chain(&after).copied().collect();
        let mut plan = IndexPlan::from_elem(None, self.dim());
        for (i, &d) in whole.iter().enumerate() {
            plan[d] = Some(if i < lead { i } else { i + common.len() } as u8);
        }
        // Each index tensor ends where the common dimensions end.
        let standing = |t: &Tensor| {
            let mut sizes = Dims::from_slice(t.shape());
            sizes.resize(t.dim() + after.len(), 1);
            t.reshape_to(&sizes)
        };
        let indices = tensors.into_iter().map(standing).collect::<Result<_>>()?;
        Ok(Places { plan, indices, shape })
    }

    /// An index tensor or nothing for each dimension, masks replaced by the positions of what is true.
    fn positions_of_masks(&self, indices: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let mut out: Vec<Option<Tensor>> = Vec::with_capacity(self.dim());
        for index in indices {
            match index {
                // As in torch, a truth value chooses nothing.
                Some(truth) if truth.dim() == 0 && is_mask(truth) => {}
                Some(mask) if is_mask(mask) => {
                    expect_mask_fits(self, mask, out.len())?;
                    out.extend(mask.nonzero_as_tuple()?.into_iter().map(Some));
                }
                other => out.push(other.clone()),
            }
        }
        if out.len() > self.dim() {
            return Err(index_err!(
                "too many indices for tensor of dimension {} (got {})",
                self.dim(),
                out.len()
            ));
        }
        out.resize(self.dim(), None);
        Ok(out)
    }
}

/// The walk over the items of `x[...]`.
struct Viewing {
    view: Tensor,
    /// The dimension of the view that the next item is about.
    dim: usize,
    /// How many dimensions of the view the index list covers; a mask is one entry for several of them.
    named: usize,
    indices: Vec<Option<Tensor>>,
}

impl Viewing {
    /// Leaves dimensions whole.
    fn pass(&mut self, dims: usize) {
        self.dim += dims;
    }

    /// The item at a place of the index, which torch's errors name.
    fn take(&mut self, item: &Index, place: usize) -> Result<()> {
        let dim = self.dim as i64;
        match item {
            Index::None => {
                self.view = self.view.unsqueeze(dim)?;
                self.pass(1);
            }
            Index::Int(i) => self.choose(*i, place)?,
            Index::Slice { start: None, end: None, step: None | Some(1) } => self.pass(1),
            Index::Slice { start, end, step } => {
                if step.is_some_and(|s| s <= 0) {
                    return Err(value_err!("step must be greater than zero"));
                }
                self.view = self.view.slice(dim, *start, *end, step.unwrap_or(1))?;
                self.pass(1);
            }
            Index::Bool(b) => self.truth(*b)?,
            Index::Tensor(t) if t.dim() == 0 && is_mask(t) => self.truth(t.item()?.to_bool())?,
            Index::Tensor(t) if t.dim() == 0 && t.dtype().is_int() => {
                self.choose(t.item()?.to_i64(), place)?;
            }
            Index::Tensor(t) => self.name(t.clone(), item.consumes()),
            Index::Ellipsis => {}
        }
        Ok(())
    }

    fn choose(&mut self, position: i64, place: usize) -> Result<()> {
        let n = self.view.shape()[self.dim] as i64;
        if !(-n..n).contains(&position) {
            return Err(index_err!("index {position} is out of bounds for dimension {place} with size {n}"));
        }
        self.view = self.view.select(self.dim as i64, position)?;
        Ok(())
    }

    /// A truth value is a dimension of size one that is kept or dropped.
    fn truth(&mut self, keep: bool) -> Result<()> {
        self.view = self.view.unsqueeze(self.dim as i64)?;
        let rows: &[i64] = if keep { &[0] } else { &[] };
        let bytes: Vec<u8> = rows.iter().flat_map(|i| i.to_ne_bytes()).collect();
        self.name(Tensor::from_bytes(&bytes, &[rows.len()], DType::I64, self.view.device())?, 1);
        Ok(())
    }

    fn name(&mut self, index: Tensor, dims: usize) {
        self.indices.extend((self.named..self.dim).map(|_| None));
        self.indices.push(Some(index));
        self.pass(dims);
        self.named = self.dim;
    }
}

/// The mask that is the only index, and its first dimension.
fn only_mask(indices: &[Option<Tensor>]) -> Option<(usize, &Tensor)> {
    let first = indices.iter().position(Option::is_some)?;
    let mask = indices[first].as_ref().filter(|mask| is_mask(mask))?;
    indices[first + 1..].iter().all(Option::is_none).then_some((first, mask))
}

fn expect_mask_fits(of: &Tensor, mask: &Tensor, first: usize) -> Result<()> {
    for d in 0..mask.dim() {
        if of.shape().get(first + d) != Some(&mask.shape()[d]) {
            return Err(index_err!(
                "The shape of the mask {:?} at index {d} does not match the shape of the indexed tensor {:?} at index {}",
                mask.shape(),
                of.shape(),
                first + d
            ));
        }
    }
    Ok(())
}

/// Torch lets a value have more dimensions than its place if they are of size one and come first.
fn without_leading_ones(value: &Tensor) -> Result<Tensor> {
    let ones = value.shape().iter().take_while(|&&n| n == 1).count();
    if ones == 0 { Ok(value.clone()) } else { value.reshape_to(&value.shape()[ones..]) }
}

/// A number for whoever has one.
impl From<Scalar> for Index {
    fn from(s: Scalar) -> Index {
        match s {
            Scalar::Bool(b) => Index::Bool(b),
            other => Index::Int(other.to_i64()),
        }
    }
}
