//! Reductions of the parts of a dimension, and other operators whose source stands at indices.

use crate::autograd::record_underivable;
use crate::ops::arrange::positions;
use crate::ops::gather::Combine;
use crate::ops::join::cat;
use crate::ops::select;
use crate::tensor::{Tensor, normalize_dim};
use st_kernel::{DType, Result, Scalar, index_err, runtime_err};
use std::cmp::Ordering;

/// Each part of a dimension reduced: the parts' lengths or where they start and end, in the dimension `axis`.
pub fn segment_reduce(
    data: &Tensor,
    reduce: &str,
    lengths: Option<&Tensor>,
    offsets: Option<&Tensor>,
    axis: i64,
    is_safe: bool,
    initial: Option<Scalar>,
) -> Result<Tensor> {
    let axis = normalize_dim(axis, data.dim())?;
    let n = data.shape().get(axis).copied().unwrap_or(1) as i64;
    let how = Combine::parse(reduce)?;
    let sizes = match (lengths, offsets) {
        (Some(lengths), _) => lengths.to_dtype(DType::I64)?,
        (None, Some(offsets)) => {
            let parts = offsets.shape().last().map_or(0, |&n| n as i64 - 1);
            offsets.narrow(-1, 1, parts)?.sub(&offsets.narrow(-1, 0, parts)?)?.to_dtype(DType::I64)?
        }
        (None, None) => {
            return Err(runtime_err!("segment_reduce(): Either lengths or offsets must be defined."));
        }
    };
    if sizes.dim() != axis + 1 {
        return Err(runtime_err!(
            "segment_reduce(): Expected lengths to have {} dimensions, one more than axis, got {}",
            axis + 1,
            sizes.dim()
        ));
    }
    if is_safe {
        let sums = sizes.sum(&[-1], false)?;
        if !sums.eq(n)?.all(&[], false)?.item()?.to_bool() || !sizes.ge(0)?.all(&[], false)?.item()?.to_bool()
        {
            return Err(runtime_err!(
                "segment_reduce(): Expected all rows of lengths along axis to sum to data.size(axis) = {n} when !unsafe."
            ));
        }
    }
    let count = sizes.shape()[axis];
    let ends = match (lengths, offsets) {
        (None, Some(offsets)) => offsets.narrow(-1, 1, count as i64)?.to_dtype(DType::I64)?.contiguous()?,
        _ => sizes.cumsum(-1)?,
    };
    // Which part each place is in; one more part takes what is behind the last.
    let lead = &data.shape()[..axis];
    let place = positions(n as usize, data.device()).expand_to(&[lead, &[n as usize]].concat())?;
    let part = ends.searchsorted((&place).into(), true)?;
    let inner = vec![1; data.dim() - axis - 1];
    let part = part.reshape_to(&[part.shape(), &inner[..]].concat())?.expand_to(data.shape())?;
    let mut shape = data.shape().to_vec();
    shape[axis] = count + 1;
    let start = match (how, initial) {
        (Combine::Max, _) => Scalar::Float(f64::NEG_INFINITY),
        (Combine::Min, _) => Scalar::Float(f64::INFINITY),
        (_, Some(initial)) => initial,
        (Combine::Prod, None) => Scalar::Int(1),
        _ => Scalar::Int(0),
    };
    let reduce = |start: Scalar, data: &Tensor, op: Combine| {
        let base = Tensor::full(&shape, start, data.dtype(), data.device())?;
        base.scatter_reduce(axis as i64, &part, data, op, true)?.narrow(axis as i64, 0, count as i64)
    };
    let reduced = match how {
        Combine::Max | Combine::Min | Combine::Prod if data.requires_grad() => {
            reduced_beside_nan(data, how, start, reduce)?
        }
        Combine::Mean => reduce(start, data, Combine::Sum)?,
        _ => reduce(start, data, how)?,
    };
    // What it starts from takes no share of the gradient of elements that are as large.
    match (how, initial) {
        (Combine::Max, Some(least)) => return reduced.fill_where(&reduced.detach().lt(least)?, least),
        (Combine::Min, Some(most)) => return reduced.fill_where(&reduced.detach().gt(most)?, most),
        (Combine::Mean, _) => {}
        _ => return Ok(reduced),
    }
    let sizes = sizes.reshape_to(&[sizes.shape(), &inner[..]].concat())?;
    let mean = reduced.div(&sizes)?;
    if initial.is_some() { select(&sizes.eq(0)?, &reduced, &mean) } else { Ok(mean) }
}

/// The largest, the smallest or the product of each part, as `reduce` makes them. A NaN takes the gradient of its part, which
/// comparing and dividing would not give it.
fn reduced_beside_nan(
    data: &Tensor,
    how: Combine,
    start: Scalar,
    reduce: impl Fn(Scalar, &Tensor, Combine) -> Result<Tensor>,
) -> Result<Tensor> {
    let sum = |of: &Tensor| reduce(Scalar::Int(0), of, Combine::Sum);
    let nan = data.detach().isnan()?;
    let (lost, nans) = (sum(&select(&nan, data, 0.0)?)?, sum(&nan.to_dtype(data.dtype())?)?);
    if how == Combine::Prod {
        let none = nans.eq(0.0)?.to_dtype(data.dtype())?;
        return reduce(start, &select(&nan, 1.0, data)?, how)?.mul(&lost.add(&none)?);
    }
    let others = reduce(start, &select(&nan, 0.0, data)?, how)?;
    others.fill_where(&nans.ne(0.0)?, 0.0)?.add(&lost.div(&nans.clamp_min(1.0)?)?)
}

/// A copy with the parts of a source combined in at the indices of a dimension.
pub fn index_reduce(
    input: &Tensor,
    dim: i64,
    index: &Tensor,
    source: &Tensor,
    reduce: &str,
    include_self: bool,
) -> Result<Tensor> {
    if !matches!(reduce, "prod" | "mean" | "amax" | "amin") {
        return Err(runtime_err!(
            "index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}."
        ));
    }
    if index.dim() > 1 {
        return Err(index_err!("index_reduce(): Index should have dimension 1 or 0 (got {})", index.dim()));
    }
    crate::ops::gather::expect_whole("index_reduce", index)?;
    if source.dtype() != input.dtype() {
        return Err(runtime_err!(
            "index_reduce(): self ({}) and source ({}) must have the same scalar type",
            input.dtype(),
            source.dtype()
        ));
    }
    let d = normalize_dim(dim, input.dim())?;
    let size = source.shape().get(d).copied().unwrap_or(1);
    if index.numel() != size || source.dim() != input.dim() {
        return Err(runtime_err!(
            "index_reduce(): Number of indices ({}) should be equal to source.size(dim): ({size}), for dim: {dim}",
            index.numel()
        ));
    }
    if input.dim() == 0 {
        return index_reduce(
            &input.reshape_to(&[1])?,
            0,
            index,
            &source.reshape_to(&[1])?,
            reduce,
            include_self,
        )?
        .reshape_to(&[]);
    }
    let others = (0..input.dim()).all(|k| k == d || input.shape()[k] == source.shape()[k]);
    if !others {
        return Err(runtime_err!(
            "index_reduce(): source tensor shape {:?} must match self tensor shape {:?}, excluding the specified dimension",
            source.shape(),
            input.shape()
        ));
    }
    let mut standing = vec![1; input.dim()];
    standing[d] = size;
    let index = index.reshape_to(&standing)?.expand_to(source.shape())?;
    input.scatter_reduce(d as i64, &index, source, Combine::parse(reduce)?, include_self)
}

/// The first positions that are not zero, so many of them; what is missing is filled.
pub fn nonzero_static(input: &Tensor, size: i64, fill: i64) -> Result<Tensor> {
    if size < 0 {
        return Err(runtime_err!("nonzero_static: 'size' must be an non-negative integer"));
    }
    let found = input.nonzero()?;
    let count = found.shape()[0] as i64;
    if count >= size {
        return found.narrow(0, 0, size)?.copy();
    }
    let rest = Tensor::full(&[(size - count) as usize, input.dim()], fill, DType::I64, input.device())?;
    cat(&[found, rest], 0)
}

/// The different parts along a dimension in order, where each went and how often each occurs.
pub fn unique_along(input: &Tensor, dim: i64) -> Result<(Tensor, Tensor, Tensor)> {
    let (rows, d) = rows_along(input, dim)?;
    let (keys, width) = keys_of(&rows)?;
    let n = rows.shape()[0];
    let row = |i: usize| &keys[i * width..(i + 1) * width];
    let order = if n <= INSERTED {
        inserted(n, |a, b| is_less(row(a), row(b)))
    } else {
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| compare(row(a), row(b)));
        order
    };
    groups("unique_dim", input, d, &order, |a, b| same(row(a), row(b)))
}

/// Up to so many rows torch puts each before those that it is less than; beside a NaN none is.
const INSERTED: usize = 16;

fn inserted(n: usize, is_less: impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(n);
    for i in 0..n {
        let first = order.first().is_some_and(|&first| is_less(i, first));
        let after = order.iter().rposition(|&other| !is_less(i, other)).map_or(0, |at| at + 1);
        order.insert(if first { 0 } else { after }, i);
    }
    order
}

/// The parts along a dimension without those that equal the one before.
pub fn unique_consecutive_along(input: &Tensor, dim: i64) -> Result<(Tensor, Tensor, Tensor)> {
    let (rows, d) = rows_along(input, dim)?;
    let (keys, width) = keys_of(&rows)?;
    let order: Vec<usize> = (0..rows.shape()[0]).collect();
    groups("unique_consecutive", input, d, &order, |a, b| {
        same(&keys[a * width..(a + 1) * width], &keys[b * width..(b + 1) * width])
    })
}

fn rows_along(input: &Tensor, dim: i64) -> Result<(Tensor, usize)> {
    let d = normalize_dim(dim, input.dim())?;
    if input.dim() == 0 {
        return Ok((input.detach().reshape_to(&[1, 1])?, 0));
    }
    let n = input.shape()[d];
    match input.shape().iter().filter(|&&size| size == 0).count() {
        0 => {}
        1 if n == 0 => {}
        1 => {
            return Err(runtime_err!(
                "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied"
            ));
        }
        _ => {
            return Err(runtime_err!(
                "Number of zero sized dimensions is more than one, so unique cannot be applied"
            ));
        }
    }
    let width = input.numel().checked_div(n).unwrap_or(0);
    Ok((input.detach().movedim(&[d as i64], &[0])?.reshape_to(&[n, width])?, d))
}

/// An element to compare: whole numbers have more digits than a float.
#[derive(Clone, Copy)]
enum Key {
    Whole(i128),
    Float(f64),
}

impl Key {
    /// The order of those that are equal to themselves, NaN being after all of them.
    fn order(self, other: Key) -> Ordering {
        match (self, other) {
            (Key::Whole(x), Key::Whole(y)) => x.cmp(&y),
            (Key::Float(x), Key::Float(y)) => x.total_cmp(&y),
            _ => Ordering::Equal,
        }
    }

    fn is_nan(self) -> bool {
        matches!(self, Key::Float(x) if x.is_nan())
    }
}

/// Whether a row is less than another, a NaN being neither less nor greater than anything.
fn is_less(a: &[Key], b: &[Key]) -> bool {
    let numbers = a.iter().zip(b).filter(|(x, y)| !x.is_nan() && !y.is_nan());
    numbers.map(|(x, y)| x.order(*y)).find(|order| order.is_ne()) == Some(Ordering::Less)
}

fn compare(a: &[Key], b: &[Key]) -> Ordering {
    a.iter().zip(b).map(|(x, y)| x.order(*y)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn same(a: &[Key], b: &[Key]) -> bool {
    a.iter().zip(b).all(|(x, y)| !x.is_nan() && x.order(*y).is_eq())
}

/// The elements to compare, and how many each row has.
fn keys_of(rows: &Tensor) -> Result<(Vec<Key>, usize)> {
    let (bytes, dtype) = (rows.to_bytes()?, rows.dtype());
    let key = |x: &[u8]| match Scalar::read(dtype, x) {
        // Zeros are equal.
        Scalar::Float(x) => Key::Float(x + 0.0),
        whole => Key::Whole(whole.to_whole(dtype)),
    };
    Ok((bytes.chunks_exact(dtype.size()).map(key).collect(), rows.shape()[1]))
}

/// Runs of equal rows in an order: the first of each, the run each row is in, the runs' lengths.
fn groups(
    operator: &'static str,
    input: &Tensor,
    dim: usize,
    order: &[usize],
    equal: impl Fn(usize, usize) -> bool,
) -> Result<(Tensor, Tensor, Tensor)> {
    let (mut firsts, mut counts): (Vec<i64>, Vec<i64>) = (Vec::new(), Vec::new());
    let mut inverse = vec![0i64; order.len()];
    for (k, &i) in order.iter().enumerate() {
        if k == 0 || !equal(order[k - 1], i) {
            firsts.push(i as i64);
            counts.push(0);
        }
        inverse[i] = firsts.len() as i64 - 1;
        *counts.last_mut().expect("pushed above") += 1;
    }
    let vector = |list: &[i64]| Tensor::from_slice(list, &[list.len()])?.to_device(input.device());
    let values = input.detach().index_select(dim as i64, &vector(&firsts)?)?;
    record_underivable(&values, input, operator)?;
    Ok((values, vector(&inverse)?, vector(&counts)?))
}
