//! Sorting: sort, argsort, topk, kthvalue, median, unique. One node gives values and positions.

use super::join::cat;
use super::select;
use crate::autograd::{self, Rule, record_underivable};
use crate::graph::{Args, HostInput, HostOutput, Node, Op};
use crate::ops::linalg::host;
use crate::tensor::{Tensor, normalize_dim};
use st_kernel::view::Dims;
use st_kernel::{DType, ReduceOp, Result, Scalar, index_err, runtime_err, unsupported};
use std::sync::Arc;

impl Tensor {
    /// The `kept` first elements in order along a dimension and where they were; equal ones keep their order.
    fn ordered(&self, dim: usize, descending: bool, kept: usize) -> Result<(Tensor, Tensor)> {
        let mut shape = Dims::from_slice(self.shape());
        shape[dim] = kept;
        let second = Some((shape.clone(), DType::I64));
        let (kind, args) = (Op::Sort(dim as u8, descending, kept), Args::from_iter([self.arg()]));
        let node = Node::with_further(kind, args, (shape, self.dtype()), second, self.device());
        Tensor::record_two(node, &[Some(self)], || Rule::Sort(dim))
    }

    /// A 0-d tensor is sorted as one of a single element.
    fn ordered_0d(&self) -> Result<(Tensor, Tensor)> {
        let (values, positions) = self.reshape_to(&[1])?.ordered(0, false, 1)?;
        Ok((values.reshape_to(&[])?, positions.reshape_to(&[])?))
    }

    /// The elements in order along a dimension and where they were. Always stable; NaN counts as largest.
    pub fn sort(&self, dim: i64, descending: bool, _stable: bool) -> Result<(Tensor, Tensor)> {
        let d = normalize_dim(dim, self.dim())?;
        if self.dim() == 0 { self.ordered_0d() } else { self.ordered(d, descending, self.shape()[d]) }
    }

    /// Where the elements in order along a dimension are.
    pub fn argsort(&self, dim: i64, descending: bool, stable: bool) -> Result<Tensor> {
        Ok(self.sort(dim, descending, stable)?.1)
    }

    /// The elements in order along the first dimension.
    pub fn msort(&self) -> Result<Tensor> {
        Ok(self.sort(0, false, true)?.0)
    }

    /// The `k` largest (or smallest) along a dimension, in order, and where they were.
    pub fn topk(&self, k: i64, dim: i64, largest: bool, _sorted: bool) -> Result<(Tensor, Tensor)> {
        let d = normalize_dim(dim, self.dim())?;
        let n = self.shape().get(d).copied().unwrap_or(1);
        if !(0..=n as i64).contains(&k) {
            return Err(runtime_err!("selected index k out of range"));
        }
        if self.dim() == 0 && k == 1 {
            return self.ordered_0d();
        }
        if self.dim() == 0 {
            return self.reshape_to(&[1])?.topk(k, 0, largest, true);
        }
        self.ordered(d, largest, k as usize)
    }

    /// The `k`-th smallest (counted from 1) along a dimension and where it is.
    pub fn kthvalue(&self, k: i64, dim: i64, keepdim: bool) -> Result<(Tensor, Tensor)> {
        let d = normalize_dim(dim, self.dim())?;
        let n = self.shape().get(d).copied().unwrap_or(1);
        if n == 0 {
            return Err(index_err!("kthvalue(): Expected reduction dim {d} to have non-zero size."));
        }
        if !(1..=n as i64).contains(&k) {
            return Err(runtime_err!("kthvalue(): selected number k out of range for dimension {d}"));
        }
        if self.dim() == 0 {
            return self.ordered_0d();
        }
        expect_no_truth("kthvalue_cpu", self)?;
        if self.device() != 0 {
            return self.kth_stable(k, d, keepdim);
        }
        let at = chosen(self, d, k as usize - 1)?;
        let value = self.gather(d as i64, &at)?;
        let finish = |t: Tensor| if keepdim { Ok(t) } else { t.squeeze(Some(&[d as i64])) };
        Ok((finish(value)?, finish(at)?))
    }

    /// As [`Tensor::kthvalue`]; equal elements count in their order.
    fn kth_stable(&self, k: i64, d: usize, keepdim: bool) -> Result<(Tensor, Tensor)> {
        let (values, positions) = self.ordered(d, false, k as usize)?;
        let last = |t: Tensor| {
            if keepdim { t.narrow(d as i64, k - 1, 1) } else { t.select(d as i64, k - 1) }?.copy()
        };
        Ok((last(values)?, last(positions)?))
    }

    /// The median along a dimension (of two, the smaller; NaN if any is) and where it is.
    pub fn median_dim(&self, dim: i64, keepdim: bool) -> Result<(Tensor, Tensor)> {
        self.middle("median", dim, keepdim, false)
    }

    /// As [`Tensor::median_dim`] of what is not NaN.
    pub fn nanmedian_dim(&self, dim: i64, keepdim: bool) -> Result<(Tensor, Tensor)> {
        self.middle("nanmedian", dim, keepdim, true)
    }

    /// The median of all elements: of two, the smaller; NaN if any is.
    pub fn median(&self) -> Result<Tensor> {
        self.middle_of_all(false)
    }

    /// The median of all elements that are not NaN.
    pub fn nanmedian(&self) -> Result<Tensor> {
        self.middle_of_all(true)
    }

    fn middle_of_all(&self, skip_nan: bool) -> Result<Tensor> {
        expect_no_truth("median_cpu", self)?;
        let value = if self.numel() == 0 {
            Tensor::full(&[], f64::NAN, DType::F64, self.device())?.to_dtype(self.dtype())?
        } else {
            self.detach().reshape(&[-1])?.middle("median", 0, false, skip_nan)?.0
        };
        // Elements that equal it share its gradient, as those of the largest of all do.
        let share = || Rule::ExtremeOfAll(ReduceOp::Max);
        autograd::record(std::slice::from_ref(&value), &[Some(self)], share)?;
        Ok(value)
    }

    /// NaNs are sorted to the end, so their number says which element is in the middle, or that the first NaN is wanted.
    fn middle(&self, name: &str, dim: i64, keepdim: bool, skip_nan: bool) -> Result<(Tensor, Tensor)> {
        let d = normalize_dim(dim, self.dim())?;
        expect_no_truth("median_out", self)?;
        if self.dim() == 0 {
            return self.ordered_0d();
        }
        let n = self.shape()[d] as i64;
        if n == 0 {
            return Err(index_err!("{name}(): Expected reduction dim {d} to have non-zero size."));
        }
        if !self.dtype().is_float() {
            return self.kth_stable((n + 1) / 2, d, keepdim);
        }
        let (values, positions) = self.ordered(d, false, n as usize)?;
        let nans = self.detach().isnan()?.sum(&[dim], true)?;
        let at = if skip_nan {
            // Of k numbers the one at (k - 1) / 2, or the first NaN if there is no number.
            let numbers = nans.neg()?.add(n)?;
            select(&numbers.eq(0)?, 0, &numbers.sub(1)?.floor_divide(2)?)?
        } else {
            select(&nans.eq(0)?, (n - 1) / 2, &nans.neg()?.add(n)?)?
        };
        let (value, position) = (values.gather(dim, &at)?, positions.gather(dim, &at)?);
        if keepdim {
            Ok((value, position))
        } else {
            Ok((value.squeeze(Some(&[dim]))?, position.squeeze(Some(&[dim]))?))
        }
    }
}

/// Where the element is that `k` others along a dimension come before. Of equal ones it is the one that torch finds.
fn chosen(x: &Tensor, d: usize, k: usize) -> Result<Tensor> {
    let rows = x.detach().movedim(&[d as i64], &[-1])?;
    let mut shape = Dims::from_slice(rows.shape());
    let last = shape.len() - 1;
    let n = std::mem::replace(&mut shape[last], 1);
    let run = move |inputs: &[HostInput], outputs: &mut [HostOutput]| {
        let (dtype, size) = (inputs[0].dtype, inputs[0].dtype.size());
        let places = outputs[0].elements::<i64>();
        for (row, place) in inputs[0].bytes.chunks_exact(n * size).zip(places) {
            let elements = row.chunks_exact(size).map(|x| Scalar::read(dtype, x)).enumerate();
            *place = if dtype.is_float() {
                let mut keys: Vec<(f64, usize)> = elements.map(|(i, x)| (x.to_f64(), i)).collect();
                select_in_place(&mut keys, k, |a, b| a > b || (a.is_nan() && !b.is_nan()))
            } else {
                let mut keys: Vec<(i128, usize)> = elements.map(|(i, x)| (x.to_whole(dtype), i)).collect();
                select_in_place(&mut keys, k, |a, b| a > b)
            } as i64;
        }
        Ok(())
    };
    let call = host::Call { name: "kthvalue", params: &[k as u64], run: Arc::new(run) };
    let [at] = host::record(call, &[&rows], [(shape, DType::I64)], || Rule::Reshape)?;
    at.movedim(&[-1], &[d as i64])
}

/// Hoare's selection with the median of three as pivot, step by step as torch takes it: where the `k`-th was at first.
fn select_in_place<T: Copy>(keys: &mut [(T, usize)], k: usize, after: impl Fn(T, T) -> bool) -> usize {
    let (mut low, mut high) = (0, keys.len() - 1);
    while high > low + 1 {
        keys.swap(low + (high - low) / 2, low + 1);
        for (a, b) in [(low + 1, high), (low, high), (low + 1, low)] {
            if after(keys[a].0, keys[b].0) {
                keys.swap(a, b);
            }
        }
        let (mut i, mut j, pivot) = (low + 1, high, keys[low].0);
        loop {
            i += 1;
            while after(pivot, keys[i].0) {
                i += 1;
            }
            j -= 1;
            while after(keys[j].0, pivot) {
                j -= 1;
            }
            if j < i {
                break;
            }
            keys.swap(i, j);
        }
        keys.swap(low, j);
        if j == k {
            return keys[k].1;
        }
        if j < k { low = i } else { high = j - 1 }
    }
    if high == low + 1 && after(keys[low].0, keys[high].0) {
        keys.swap(low, high);
    }
    keys[k].1
}

fn expect_no_truth(name: &str, t: &Tensor) -> Result<()> {
    if t.dtype() == DType::Bool { Err(unsupported!("\"{name}\" not implemented for 'Bool'")) } else { Ok(()) }
}

/// The different elements of a tensor, with where each element went and how often each occurs.
pub struct Unique {
    /// The different elements.
    pub values: Tensor,
    /// For each element of the tensor, its position among the values.
    pub inverse: Tensor,
    /// How often each value occurs.
    pub counts: Tensor,
}

impl Tensor {
    /// The different elements in order. How many there are must be known, so the graph runs.
    pub fn unique(&self) -> Result<Unique> {
        let (sorted, order) = self.detach().reshape(&[-1])?.sort(0, false, true)?;
        let runs = sorted.unique_consecutive()?;
        let inverse =
            Tensor::empty(order.shape(), DType::I64, self.device())?.scatter(0, &order, &runs.inverse)?;
        record_underivable(&runs.values, self, "_unique2")?;
        Ok(Unique { inverse: inverse.reshape_to(self.shape())?, ..runs })
    }

    /// The elements in row-major order without those that equal the one before. The graph runs.
    pub fn unique_consecutive(&self) -> Result<Unique> {
        let flat = self.detach().reshape(&[-1])?;
        let n = flat.numel() as i64;
        let first = Tensor::full(&[n.min(1) as usize], true, DType::Bool, self.device())?;
        let changes = flat.slice(0, Some(1), None, 1)?.ne(&flat.slice(0, None, Some(-1), 1)?)?;
        let starts = cat(&[first, changes], 0)?;
        let at = starts.nonzero()?.reshape(&[-1])?;
        let ends = cat(
            &[
                at.slice(0, Some(1), None, 1)?,
                Tensor::full(&[at.numel().min(1)], n, DType::I64, self.device())?,
            ],
            0,
        )?;
        let values = flat.index_select(0, &at)?;
        record_underivable(&values, self, "unique_consecutive")?;
        Ok(Unique {
            values,
            inverse: starts.cumsum(0)?.sub(1)?.reshape_to(self.shape())?,
            counts: ends.sub(&at)?,
        })
    }
}
