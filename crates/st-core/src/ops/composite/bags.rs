//! Embeddings: rows of a table, summed in bags, with limited norms and gradients divided by how often a row is read.

use crate::ops::arrange::positions;
use crate::ops::gather::{Combine, embedding};
use crate::ops::select;
use crate::tensor::Tensor;
use st_kernel::{DType, Error, Result, runtime_err, value_err};

/// The rows of `weight` at the indices; the gradient of a row is divided by how often it is read.
pub fn embedding_by_frequency(indices: &Tensor, weight: &Tensor, padding_idx: Option<i64>) -> Result<Tensor> {
    let found = embedding(indices, weight, padding_idx)?;
    let rows = Tensor::zeros(&[weight.shape()[0]], weight.dtype(), weight.device())?;
    let indices = indices.to_dtype(DType::I64)?;
    let flat = indices.reshape(&[-1])?;
    let ones = Tensor::ones(flat.shape(), weight.dtype(), weight.device())?;
    let counts = rows.index_add(0, &flat, &ones, 1)?.take(&indices)?;
    found.passed(&counts.reciprocal()?.unsqueeze(-1)?)
}

/// Scales the rows at the indices whose norm is larger down to it, in place.
pub fn renorm_rows(weight: &Tensor, indices: &Tensor, max_norm: f64, p: f64) -> Result<()> {
    let _off =
        crate::autograd::ModeGuard::new(crate::autograd::Mode { grad: false, ..crate::autograd::mode() });
    if weight.dim() != 2 {
        return Err(runtime_err!("'weight' must be 2-D, got shape {:?}", weight.shape()));
    }
    let old = weight.detach();
    let flat = indices.to_dtype(DType::I64)?.reshape(&[-1])?;
    let used = Tensor::zeros(&[old.shape()[0]], DType::Bool, old.device())?.index_fill(0, &flat, true)?;
    let norm = old.widened()?.norm(p, &[1], true)?;
    let large = norm.gt(max_norm)?.logical_and(&used.unsqueeze(1)?)?;
    let scale = norm.add(1e-7)?.reciprocal()?.mul(max_norm)?;
    let rows = old.widened()?.mul(&select(&large, &scale, 1.0)?)?.to_dtype(old.dtype())?;
    old.copy_(&rows)
}

/// What bags do with their rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bag {
    /// Sum.
    Sum,
    /// Mean.
    Mean,
    /// The largest in each column.
    Max,
}

impl Bag {
    /// By torch's name or number.
    pub fn parse(name: &str) -> Result<Bag> {
        match name {
            "sum" | "0" => Ok(Bag::Sum),
            "mean" | "1" => Ok(Bag::Mean),
            "max" | "2" => Ok(Bag::Max),
            _ => Err(value_err!("mode has to be one of sum, mean or max")),
        }
    }
}

/// What [`embedding_bag`] is asked for.
#[derive(Clone, Copy, Debug)]
pub struct BagOptions {
    /// What becomes of the rows of a bag.
    pub mode: Bag,
    /// Whether gradients are divided by how often a row is read.
    pub by_frequency: bool,
    /// Whether the last offset is the end of the last bag.
    pub last_offset: bool,
    /// The row that does not count.
    pub padding_idx: Option<i64>,
}

/// Bags of indices as one list.
pub struct Bags {
    /// The indices.
    pub indices: Tensor,
    /// The bag of each.
    pub bag: Tensor,
    /// How many bags there are.
    pub count: usize,
}

impl Bags {
    /// From a row for each bag, or a list and where bags start in it.
    pub fn new(input: &Tensor, offsets: Option<&Tensor>, last_offset: bool) -> Result<Bags> {
        if !matches!(input.dtype(), DType::I64 | DType::I32) {
            return Err(runtime_err!(
                "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got {} instead (while checking arguments for embedding_bag)",
                input.dtype()
            ));
        }
        match (input.dim(), offsets) {
            (2, Some(_)) => Err(value_err!(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type Tensor"
            )),
            (2, None) => {
                let &[count, length] = input.shape() else { unreachable!("the rank is two") };
                let bag = positions(count, input.device()).unsqueeze(1)?.expand_to(&[count, length])?;
                Ok(Bags { indices: input.reshape(&[-1])?, bag: bag.reshape(&[-1])?, count })
            }
            (1, None) => Err(value_err!("offsets has to be a 1D Tensor but got None")),
            (1, Some(offsets)) => Bags::listed(input, offsets, last_offset),
            (n, _) => Err(value_err!("input has to be 1D or 2D Tensor, but got Tensor of dimension {n}")),
        }
    }

    fn listed(input: &Tensor, offsets: &Tensor, last_offset: bool) -> Result<Bags> {
        if offsets.dim() != 1 {
            return Err(value_err!("offsets has to be a 1D Tensor"));
        }
        let known = offsets.to_dtype(DType::I64)?.to_vec::<i64>()?;
        if let Some(first) = known.first()
            && *first != 0
        {
            return Err(runtime_err!(
                "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got {first}"
            ));
        }
        if let Some(last) = known.last()
            && *last > input.numel() as i64
        {
            return Err(runtime_err!(
                "offsets[-1] can not be greater than input's length {} but got offsets[-1] of {last}",
                input.numel()
            ));
        }
        let offsets = if last_offset {
            if offsets.numel() == 0 {
                return Err(runtime_err!("include_last_offset: numBags should be at least 1"));
            }
            offsets.narrow(0, 0, offsets.numel() as i64 - 1)?
        } else {
            offsets.clone()
        };
        let count = offsets.numel();
        // The bag of an index is the last that starts at or before it.
        let at = positions(input.numel(), input.device()).unsqueeze(1)?;
        let bag = if count * input.numel() <= 1 << 16 {
            at.ge(&offsets.to_dtype(DType::I64)?)?.to_dtype(DType::I64)?.sum(&[1], false)?.sub(1)?
        } else {
            let one = Tensor::ones(&[count], DType::I64, input.device())?;
            let starts = Tensor::zeros(&[input.numel() + 1], DType::I64, input.device())?;
            starts.index_add(0, &offsets, &one, 1)?.cumsum(0)?.narrow(0, 0, input.numel() as i64)?.sub(1)?
        };
        Ok(Bags { indices: input.clone(), bag, count })
    }
}

/// The rows of `weight` at the indices of each bag as one row, with a weight for each index if given.
pub fn embedding_bag(
    bags: &Bags,
    weight: &Tensor,
    per_sample: Option<&Tensor>,
    o: &BagOptions,
) -> Result<Tensor> {
    if let Some(per_sample) = per_sample {
        if o.mode != Bag::Sum {
            return Err(st_kernel::unsupported!(
                "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='{:?}'). Please open a feature request on GitHub.",
                o.mode
            ));
        }
        if per_sample.dtype() != weight.dtype() {
            return Err(runtime_err!(
                "embedding_bag: expected weight ({}) and per_sample_weights ({}) to have the same type as each other",
                weight.dtype(),
                per_sample.dtype()
            ));
        }
    }
    let &[rows, width] = weight.shape() else {
        return Err(runtime_err!(
            "embedding_bag: expected a weight of 2 dimensions, got {:?}",
            weight.shape()
        ));
    };
    let n = rows as i64;
    let padding = match o.padding_idx {
        Some(i) if !(-n..n).contains(&i) => {
            return Err(runtime_err!(
                "padding_idx must be within the number of embeddings, -{n} through {}, but got {i}",
                n - 1
            ));
        }
        Some(i) => Some(i.rem_euclid(n)),
        None => None,
    };
    let table = weight.widened()?;
    let read = match o.by_frequency && o.mode != Bag::Max {
        true => embedding_by_frequency(&bags.indices, &table, padding),
        false => embedding(&bags.indices, &table, padding),
    };
    let mut found = read.map_err(|error| match error {
        Error::Index(text) => {
            runtime_err!("Expected idx >= 0 && idx < num_embeddings but found idx out of range: {text}")
        }
        other => other,
    })?;
    let counts = match padding {
        Some(padding) => bags.indices.ne(padding)?,
        None => Tensor::full(bags.indices.shape(), true, DType::Bool, weight.device())?,
    };
    let column = counts.unsqueeze(1)?;
    let dtype = table.dtype();
    let empty = |value: f64| Tensor::full(&[bags.count, width], value, dtype, weight.device());
    let out = match o.mode {
        Bag::Max => {
            let n = bags.indices.shape()[0] as i64;
            let place = Tensor::arange(0, n, 1, Some(DType::I64), weight.device())?;
            let nowhere = Tensor::full(&[bags.count], n, DType::I64, weight.device())?;
            let starts =
                nowhere.scatter_reduce(0, &bags.bag, &select(&counts, &place, n)?, Combine::Min, true)?;
            // What is no number stays where it is the first of a bag, and is passed over elsewhere.
            let starts = starts.gather(0, &bags.bag)?.eq(&place)?.unsqueeze(1)?;
            let counted = column.logical_and(&found.detach().isnan()?.logical_not()?.logical_or(&starts)?)?;
            let seen = select(&counted, &found, f64::NEG_INFINITY)?;
            let largest = first_largest(bags, &seen, &empty(f64::NEG_INFINITY)?)?;
            let some = bag_sizes(bags, &counts)?.gt(0)?.unsqueeze(1)?;
            select(&some, &largest, 0.0)?
        }
        mode => {
            if let Some(per_sample) = per_sample {
                found = found.mul(&per_sample.widened()?.reshape(&[-1, 1])?)?;
            }
            let sums = empty(0.0)?.index_add(0, &bags.bag, &select(&column, &found, 0.0)?, 1)?;
            match mode {
                Bag::Mean => {
                    let sizes = bag_sizes(bags, &counts)?.clamp_above(1)?;
                    sums.div(&sizes.to_dtype(dtype)?.unsqueeze(1)?)?
                }
                _ => sums,
            }
        }
    };
    out.to_dtype(weight.dtype())
}

/// The largest element of each bag and column, at least that of `lowest`; its gradient is that of the first such element.
fn first_largest(bags: &Bags, seen: &Tensor, lowest: &Tensor) -> Result<Tensor> {
    let index = bags.bag.unsqueeze(1)?.expand_to(seen.shape())?;
    let n = seen.shape()[0] as i64;
    if n == 0 {
        return lowest.scatter_reduce(0, &index, seen, Combine::Max, true);
    }
    let largest = lowest.scatter_reduce(0, &index, &seen.detach(), Combine::Max, true)?;
    let place = Tensor::arange(0, n, 1, Some(DType::I64), seen.device())?.unsqueeze(1)?;
    let is_largest = seen.detach().eq(&largest.gather(0, &index)?)?.logical_or(&seen.detach().isnan()?)?;
    let nowhere = Tensor::full(lowest.shape(), n, DType::I64, seen.device())?;
    let places = select(&is_largest, &place, n)?;
    let first = nowhere.scatter_reduce(0, &index, &places, Combine::Min, true)?;
    let found = seen.gather(0, &first.clamp_below(n - 1)?)?;
    select(&first.lt(n)?, &found, &largest)
}

/// How many indices of each bag count.
fn bag_sizes(bags: &Bags, counts: &Tensor) -> Result<Tensor> {
    let zeros = Tensor::zeros(&[bags.count], DType::I64, counts.device())?;
    zeros.index_add(0, &bags.bag, &counts.to_dtype(DType::I64)?, 1)
}

/// [`embedding_bag`] with what torch's own function gives beside it: each index's bag, the bags' sizes, and for the
/// largest where they are.
pub fn embedding_bag_parts(
    bags: &Bags,
    weight: &Tensor,
    per_sample: Option<&Tensor>,
    o: &BagOptions,
) -> Result<Vec<Tensor>> {
    let out = embedding_bag(bags, weight, per_sample, o)?;
    let all = Tensor::full(bags.indices.shape(), true, DType::Bool, weight.device())?;
    let counts = o.padding_idx.map_or(Ok(all), |padding| bags.indices.ne(padding))?;
    let sizes = bag_sizes(bags, &counts)?;
    Ok(vec![out, bags.bag.clone(), sizes.clone(), sizes])
}
