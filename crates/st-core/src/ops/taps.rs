//! Weighed sums along a dimension: each new element reads a few of the old ones. Resizing and uneven means are these.
//!
//! The gradient is such a sum again, with the table turned round, so nothing is scattered.

use super::select;
use crate::autograd::{Backward, ModeGuard, apply_custom};
use crate::tensor::Tensor;
use st_kernel::view::Dims;
use st_kernel::{DType, Result};
use std::sync::Arc;

/// So many taps are read one by one; more of them at once, along a dimension of their own.
const MOST: usize = 48;

/// For each new element, which old ones it reads and what they weigh.
pub(crate) struct Taps {
    /// How many old elements there are.
    pub(crate) length: usize,
    /// For each new one, positions and weights.
    pub(crate) rows: Vec<Vec<(usize, f64)>>,
}

impl Taps {
    /// Of each old element, by which new ones it is read.
    fn transposed(&self) -> Taps {
        let mut rows = vec![Vec::new(); self.length];
        for (i, row) in self.rows.iter().enumerate() {
            row.iter()
                .filter(|(_, weight)| *weight != 0.0)
                .for_each(|&(at, weight)| rows[at].push((i, weight)));
        }
        Taps { length: self.rows.len(), rows }
    }

    fn most(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// The sums along dimension `d`; rows that have fewer taps than others read something that does not count.
    fn apply(&self, x: &Tensor, d: usize) -> Result<Tensor> {
        let (out, most) = (self.rows.len(), self.most());
        let mut shape = Dims::from_slice(x.shape());
        shape[d] = out;
        if most == 0 || out == 0 {
            return Tensor::zeros(&shape, x.dtype(), x.device());
        }
        if most > MOST {
            return self.apply_at_once(x, d, most);
        }
        let mut standing = Dims::from_elem(1, x.dim());
        standing[d] = out;
        let mut sum: Option<Tensor> = None;
        for k in 0..most {
            let tap = |row: &Vec<(usize, f64)>| row.get(k).copied();
            let index: Vec<i64> = self.rows.iter().map(|r| tap(r).map_or(0, |(at, _)| at as i64)).collect();
            let weights: Vec<f64> = self.rows.iter().map(|r| tap(r).map_or(0.0, |(_, w)| w)).collect();
            let part = x.index_select(d as i64, &Tensor::from_slice(&index, &[out])?)?;
            let weight = Tensor::from_slice(&weights, &standing)?.to_dtype(x.dtype())?;
            let weighed = part.mul(&weight)?;
            let part = match self.rows.iter().all(|r| r.len() > k) {
                true => weighed,
                false => select(&weight.eq(0.0)?, 0.0, &weighed)?,
            };
            sum = Some(sum.map_or(Ok(part.clone()), |s| s.add(&part))?);
        }
        Ok(sum.expect("there are taps"))
    }

    fn apply_at_once(&self, x: &Tensor, d: usize, most: usize) -> Result<Tensor> {
        let padded = |k: usize, row: &Vec<(usize, f64)>| row.get(k).copied().unwrap_or((0, 0.0));
        let all: Vec<(usize, f64)> =
            self.rows.iter().flat_map(|r| (0..most).map(move |k| padded(k, r))).collect();
        let index: Vec<i64> = all.iter().map(|&(at, _)| at as i64).collect();
        let weights: Vec<f64> = all.iter().map(|&(_, w)| w).collect();
        let out = self.rows.len();
        let last =
            x.transpose(d as i64, -1)?.index_select(-1, &Tensor::from_slice(&index, &[out * most])?)?;
        let apart = last.unflatten(-1, &[out as i64, most as i64])?;
        let weights = Tensor::from_slice(&weights, &[out, most])?.to_dtype(x.dtype())?;
        let weighed = select(&weights.eq(0.0)?, 0.0, &apart.mul(&weights)?)?;
        weighed.sum(&[-1], false)?.transpose(d as i64, -1)?.contiguous()
    }
}

/// The weighed sums of a tensor's elements along dimension `d`.
pub(crate) fn weighed(x: &Tensor, d: usize, taps: Arc<Taps>) -> Result<Tensor> {
    let out = {
        let _off = ModeGuard::grad(false);
        taps.apply(x, d)?
    };
    debug_assert!(x.dtype() != DType::Bool);
    apply_custom(Box::new(Weighed { taps, d }), std::slice::from_ref(x), std::slice::from_ref(&out))?;
    Ok(out)
}

struct Weighed {
    taps: Arc<Taps>,
    d: usize,
}

impl Backward for Weighed {
    fn name(&self) -> String {
        "WeighedBackward0".into()
    }

    fn backward(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let back = |g: &Tensor| weighed(g, self.d, Arc::new(self.taps.transposed()));
        Ok(vec![upstream[0].as_ref().map(back).transpose()?])
    }
}
