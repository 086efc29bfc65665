//! Variance, norms, distances and sums that skip NaN.

use crate::ops::pointwise::{expect_float, result_type};
use crate::ops::select;
use crate::tensor::{Tensor, normalize_dim};
use st_kernel::view::broadcast;
use st_kernel::{DType, ReduceOp, Result, runtime_err};

impl Tensor {
    /// How many elements a reduction over these dimensions takes.
    fn count_over(&self, dims: &[i64]) -> Result<usize> {
        if dims.is_empty() {
            return Ok(self.numel());
        }
        let size = |&d: &i64| Ok(self.shape().get(normalize_dim(d, self.dim())?).copied().unwrap_or(1));
        dims.iter().map(size).product()
    }

    /// An error if the dimensions have no elements to choose one from.
    fn expect_some(&self, name: &str, dims: &[i64]) -> Result<()> {
        if self.count_over(dims)? == 0 {
            return Err(runtime_err!(
                "{name}: over no elements (shape {:?}, dimensions {dims:?}) the largest, the smallest and negative powers have no value",
                self.shape()
            ));
        }
        Ok(())
    }

    /// Variance and mean over some dimensions (all if none are named), in the dtype computed in.
    fn wide_var_mean(
        &self,
        name: &str,
        dims: &[i64],
        correction: f64,
        keepdim: bool,
    ) -> Result<(Tensor, Tensor)> {
        expect_float(name, self)?;
        let x = self.widened()?;
        let count = self.count_over(dims)? as f64;
        let mean = x.mean(dims, true)?;
        let var = x.sub(&mean)?.square()?.sum(dims, keepdim)?.div((count - correction).max(0.0))?;
        let mean = if keepdim { mean } else { mean.reshape_to(var.shape())? };
        Ok((var, mean))
    }

    /// The variance over some dimensions, divided by the count less `correction`.
    pub fn var(&self, dims: &[i64], correction: f64, keepdim: bool) -> Result<Tensor> {
        self.wide_var_mean("var", dims, correction, keepdim)?.0.to_dtype(self.dtype())
    }

    /// The root of `var`.
    pub fn std(&self, dims: &[i64], correction: f64, keepdim: bool) -> Result<Tensor> {
        self.wide_var_mean("std", dims, correction, keepdim)?.0.norm_root()?.to_dtype(self.dtype())
    }

    /// Variance and mean.
    pub fn var_mean(&self, dims: &[i64], correction: f64, keepdim: bool) -> Result<(Tensor, Tensor)> {
        let (var, mean) = self.wide_var_mean("var_mean", dims, correction, keepdim)?;
        Ok((var.to_dtype(self.dtype())?, self.running_mean(&mean, dims)?.to_dtype(self.dtype())?))
    }

    /// Standard deviation and mean.
    pub fn std_mean(&self, dims: &[i64], correction: f64, keepdim: bool) -> Result<(Tensor, Tensor)> {
        let (var, mean) = self.wide_var_mean("std_mean", dims, correction, keepdim)?;
        Ok((
            var.norm_root()?.to_dtype(self.dtype())?,
            self.running_mean(&mean, dims)?.to_dtype(self.dtype())?,
        ))
    }

    /// A mean as torch has it beside the variance: it takes differences from the mean so far, so that an infinity stays one
    /// only where the last element alone is infinite.
    fn running_mean(&self, mean: &Tensor, dims: &[i64]) -> Result<Tensor> {
        if self.count_over(dims)? < 2 {
            return Ok(mean.clone());
        }
        let endless = |x: &Tensor| x.detach().abs()?.eq(f64::INFINITY);
        let infinities = endless(self)?;
        let mut last = infinities.clone();
        for d in if dims.is_empty() { (0..self.dim() as i64).collect() } else { dims.to_vec() } {
            last = last.narrow(d, -1, 1)?;
        }
        let last = last.to_dtype(DType::I64)?.reshape_to(mean.shape())?;
        let before = infinities.sum(dims, true)?.reshape_to(mean.shape())?.sub(&last)?;
        let lost = endless(mean)?.logical_and(&before.gt(0)?)?;
        select(&lost, &mean.add(f64::NAN)?, mean)
    }

    /// The p-norm of the elements over some dimensions, all if none are named. Where it is 0 its gradient is 0.
    pub fn norm(&self, p: f64, dims: &[i64], keepdim: bool) -> Result<Tensor> {
        expect_float("norm", self)?;
        if p.is_infinite() || p < 0.0 {
            self.expect_some("norm", dims)?;
        }
        let x = self.widened()?;
        let norm = match p {
            2.0 => x.square()?.sum(dims, keepdim)?.norm_root(),
            1.0 => x.abs()?.sum(dims, keepdim),
            // On the tape, with a gradient of zeros.
            0.0 => x.sign()?.fill_where(&x.ne(0.0)?, 1.0)?.sum(dims, keepdim),
            f64::INFINITY => x.abs()?.reduce(ReduceOp::Max, dims, keepdim),
            f64::NEG_INFINITY => x.abs()?.reduce(ReduceOp::Min, dims, keepdim),
            _ => x.abs()?.norm_power(p)?.sum(dims, keepdim)?.norm_power(1.0 / p),
        };
        norm?.to_dtype(self.dtype())
    }

    /// Divided by its p-norm along a dimension, which counts as at least `eps`.
    pub fn normalize(&self, p: f64, dims: &[i64], eps: f64) -> Result<Tensor> {
        self.div(&self.norm(p, dims, true)?.clamp_min(eps)?)
    }

    /// The sum of what is not NaN.
    pub fn nansum(&self, dims: &[i64], keepdim: bool) -> Result<Tensor> {
        if !self.dtype().is_float() {
            return self.sum(dims, keepdim);
        }
        select(&self.isnan()?, 0.0, self)?.sum(dims, keepdim)
    }

    /// The mean of what is not NaN.
    pub fn nanmean(&self, dims: &[i64], keepdim: bool) -> Result<Tensor> {
        expect_float("nanmean", self)?;
        let count = self.isnan()?.logical_not()?.sum(dims, keepdim)?;
        self.widened()?.nansum(dims, keepdim)?.div(&count)?.to_dtype(self.dtype())
    }

    /// The p-norm of the difference.
    pub fn dist(&self, other: &Tensor, p: f64) -> Result<Tensor> {
        self.sub(other)?.norm(p, &[], false)
    }

    /// The product of the two vectors along a dimension, each brought to length 1.
    pub fn cosine_similarity(&self, other: &Tensor, dim: i64, eps: f64) -> Result<Tensor> {
        let common = result_type(&[self.into(), other.into()]);
        if !common.is_float() {
            expect_float("cosine_similarity", self)?;
        }
        if eps.is_nan() || eps < 0.0 {
            return Err(runtime_err!("cosine_similarity: eps must be non-negative, got: {eps}"));
        }
        let shape = broadcast(self.shape(), other.shape()).ok_or_else(|| {
            runtime_err!(
                "cosine_similarity: the shapes {:?} and {:?} do not broadcast",
                self.shape(),
                other.shape()
            )
        })?;
        let unit = |t: &Tensor| {
            let t = t.to_dtype(common)?.expand_to(&shape)?.widened()?;
            let length = t.norm(2.0, &[dim], true)?;
            // As in torch, the bound of the length has no part in the gradient.
            let bound = length.clamp_min(eps)?.sub(&length)?.detach();
            t.div(&length.add(&bound)?)
        };
        unit(self)?.mul(&unit(other)?)?.sum(&[dim], false)?.to_dtype(common)
    }

    /// The p-norm of the difference along the last dimension; `eps` is added to every difference.
    pub fn pairwise_distance(&self, other: &Tensor, p: f64, eps: f64, keepdim: bool) -> Result<Tensor> {
        self.sub(other)?.add(eps)?.norm(p, &[-1], keepdim)
    }

    /// The sum of the diagonal of a matrix.
    pub fn trace(&self) -> Result<Tensor> {
        if self.dim() != 2 {
            return Err(runtime_err!("trace: expected a matrix, but got tensor with dim {}", self.dim()));
        }
        self.diagonal(0, 0, 1)?.sum_all()
    }

    /// Every element of one vector times every element of another.
    pub fn outer(&self, other: &Tensor) -> Result<Tensor> {
        if self.dim() != 1 || other.dim() != 1 {
            return Err(runtime_err!(
                "outer: Expected 1-D arguments, but got {}-D and {}-D",
                self.dim(),
                other.dim()
            ));
        }
        self.unsqueeze(1)?.mul(&other.unsqueeze(0)?)
    }
}
