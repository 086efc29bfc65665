//! Places in sorted sequences, and counts: searchsorted, bucketize, bincount.

use super::Operand;
use super::index::IndexPlan;
use super::select;
use crate::runtime;
use crate::tensor::Tensor;
use st_kernel::view::Dims;
use st_kernel::{DType, Result, ScatterOp, runtime_err, unsupported};

impl Tensor {
    /// How many elements of this tensor's last dimension, which is sorted, stand before each value: those smaller, and
    /// with `right` the equal ones too. The other dimensions are the values' own, or there are none.
    pub fn searchsorted(&self, values: Operand, right: bool) -> Result<Tensor> {
        let (places, values) = self.search_shapes(values)?;
        let n = *places.shape().last().ok_or_else(|| {
            runtime_err!(
                "searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension"
            )
        })?;
        // A binary search of all values at once: the answer lies in low..=high.
        let mut low = Tensor::full(values.shape(), 0, DType::I64, self.device())?;
        let mut high = low.full_like(n)?;
        for _ in 0..usize::BITS - n.leading_zeros() {
            let middle = low.add(&high)?.floor_divide(2)?;
            let found = places.gather_last(&middle.clamp_max(n as i64 - 1)?)?;
            // A NaN comes after every number.
            let before = if right { found.gt(&values)? } else { found.ge(&values)? }.logical_not()?;
            let before = before.logical_and(&low.lt(&high)?)?;
            low = select(&before, &middle.add(1)?, &low)?;
            high = select(&before, &high, &middle)?;
        }
        Ok(low)
    }

    /// The sequence and the values, if their shapes and dtypes are such that values can be looked for.
    fn search_shapes(&self, values: Operand) -> Result<(Tensor, Tensor)> {
        let (sorted, values) = match values {
            Operand::Scalar(number) => {
                // Beyond the sequence's integers it wraps, as in torch.
                let dtype = crate::ops::result_type(&[self.into(), number.into()]);
                (self.detach().to_dtype(dtype)?, Tensor::full(&[], number.cast(dtype), dtype, self.device())?)
            }
            Operand::Tensor(values) => {
                let common = self.dtype().promote(values.dtype());
                (self.detach().to_dtype(common)?, values.detach().to_dtype(common)?)
            }
        };
        let lead = |t: &Tensor| Dims::from_slice(&t.shape()[..t.dim().saturating_sub(1)]);
        if self.dim() > 1 && (values.dim() != self.dim() || lead(&values) != lead(self)) {
            return Err(runtime_err!(
                "searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor {:?} and input value tensor {:?}",
                self.shape(),
                values.shape()
            ));
        }
        Ok((sorted, values))
    }

    /// The elements at positions of the last dimension; the other dimensions are walked together, or there are none.
    fn gather_last(&self, positions: &Tensor) -> Result<Tensor> {
        let mut plan: IndexPlan = (0..self.dim() as u8 - 1).map(Some).collect();
        plan.push(None);
        self.index_by(&plan, std::slice::from_ref(positions), positions.shape())
    }

    /// How often each number from 0 on occurs, or the sum of the weights it occurs with. The graph runs.
    pub fn bincount(&self, weights: Option<&Tensor>, minlength: i64) -> Result<Tensor> {
        if self.dtype().is_float() {
            return Err(unsupported!(
                "\"bincount\" not implemented for {}; convert it with .long()",
                self.dtype()
            ));
        }
        if self.dim() != 1 {
            return Err(runtime_err!("bincount only supports 1-d non-negative integral inputs."));
        }
        if minlength < 0 {
            return Err(runtime_err!("minlength should be >= 0"));
        }
        if weights.is_some_and(|w| w.shape() != self.shape()) {
            return Err(runtime_err!("weights should be 1-d and have the same length as input"));
        }
        let mut bins = minlength;
        if self.numel() > 0 {
            let (low, high) = (self.min_all()?, self.max_all()?);
            runtime::realize(&[low.clone(), high.clone()])?;
            if low.item()?.to_i64() < 0 {
                return Err(runtime_err!("bincount only supports 1-d non-negative integral inputs."));
            }
            bins = bins.max(high.item()?.to_i64() + 1);
        }
        let ones = || Tensor::ones(self.shape(), DType::I64, self.device());
        let counted = match weights {
            Some(w) if w.dtype() == DType::F32 => w.detach(),
            Some(w) => w.detach().to_dtype(DType::F64)?,
            None => ones()?,
        };
        let start = Tensor::zeros(&[bins as usize], counted.dtype(), self.device())?;
        let at = [self.to_dtype(DType::I64)?];
        start.scatter_by(ScatterOp::Add, &IndexPlan::from_elem(None, 1), &at, &counted)
    }
}
