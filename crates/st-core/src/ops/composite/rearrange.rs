//! Tensors put together and parts of them replaced: block diagonals, products of sets, copies with a view overwritten.

use crate::graph::DeviceId;
use crate::ops::join::{cat, meshgrid, stack};
use crate::tensor::{Tensor, normalize_dim};
use st_kernel::{DType, Result, Scalar, index_err, runtime_err, unsupported};

/// The tensors as blocks on the diagonal of a matrix of zeros.
pub fn block_diag(tensors: &[Tensor]) -> Result<Tensor> {
    let mut blocks = Vec::new();
    for (i, t) in tensors.iter().enumerate() {
        blocks.push(match t.dim() {
            0..=2 => t.atleast_2d()?,
            n => {
                return Err(runtime_err!(
                    "torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has {n} dimensions"
                ));
            }
        });
    }
    let Some(dtype) = tensors.iter().map(Tensor::dtype).reduce(DType::promote) else {
        return Tensor::empty(&[1, 0], crate::tensor::default_dtype(), crate::tensor::default_device());
    };
    let width: i64 = blocks.iter().map(|t| t.shape()[1] as i64).sum();
    let mut left = 0;
    let mut rows = Vec::new();
    for block in &blocks {
        let own = block.shape()[1] as i64;
        rows.push(block.to_dtype(dtype)?.padded(&[(0, 0), (left, width - left - own)], Scalar::Int(0))?);
        left += own;
    }
    cat(&rows, 0)?.copy()
}

/// Every choice of one element of each vector, a row for each.
pub fn cartesian_prod(tensors: &[Tensor]) -> Result<Tensor> {
    if let Some(t) = tensors.iter().find(|t| t.dim() != 1) {
        return Err(runtime_err!("Expect a 1D vector, but got shape {:?}", t.shape()));
    }
    match tensors {
        [] => Err(runtime_err!("cartesian_prod expects at least one vector")),
        [one] => Ok(one.clone()),
        several => {
            let columns =
                meshgrid(several, "ij")?.iter().map(|t| t.reshape(&[-1])).collect::<Result<Vec<_>>>()?;
            stack(&columns, 1)
        }
    }
}

/// Every choice of `r` elements of a vector in its order, a row for each.
pub fn combinations(vector: &Tensor, r: i64, with_replacement: bool) -> Result<Tensor> {
    if vector.dim() != 1 {
        return Err(runtime_err!("Expect a 1D vector, but got shape {:?}", vector.shape()));
    }
    if r < 0 {
        return Err(runtime_err!("Expect a non-negative number, but got {r}"));
    }
    if r == 0 {
        return Tensor::empty(&[0], vector.dtype(), vector.device());
    }
    let (n, r) = (vector.numel(), r as usize);
    let step = usize::from(!with_replacement);
    // (As torch, which counts rows of all elements and then leaves some out.)
    if n > 1 && u32::try_from(r).ok().and_then(|r| (n as i64).checked_pow(r)).is_none() {
        return Err(runtime_err!(
            "combinations: numel: integer multiplication overflow of {n} to the power of {r}"
        ));
    }
    if n == 0 || step * (r - 1) >= n {
        return vector.narrow(0, 0, 0)?.copy()?.reshape_to(&[0, r]);
    }
    let mut chosen: Vec<usize> = (0..r).map(|i| i * step).collect();
    let mut all: Vec<u8> = Vec::new();
    let mut count = 0;
    while chosen.iter().all(|&at| at < n) {
        chosen.iter().for_each(|&at| all.extend_from_slice(&(at as i64).to_ne_bytes()));
        count += 1;
        // The last place that can still move on; those after it start over behind it.
        let Some(place) = (0..r).rev().find(|&i| chosen[i] + 1 + (r - 1 - i) * step < n) else { break };
        let next = chosen[place] + 1;
        (place..r).for_each(|i| chosen[i] = next + (i - place) * step);
    }
    let at = Tensor::from_bytes(&all, &[count * r], DType::I64, vector.device())?;
    vector.index_select(0, &at)?.reshape_to(&[count, r])
}

/// Rows and columns of a triangle of a matrix: the lower one up to a diagonal, or the upper one from it on.
pub fn triangle_indices(
    rows: i64,
    columns: i64,
    offset: i64,
    lower: bool,
    dtype: DType,
    device: DeviceId,
) -> Result<Tensor> {
    if rows < 0 || columns < 0 {
        return Err(runtime_err!("row and col must be non-negative, got {rows} and {columns}"));
    }
    let (mut down, mut along) = (Vec::new(), Vec::new());
    // Rows without a column are passed over.
    let (first, last) = match (columns, lower) {
        (0, _) => (0, 0),
        (_, true) => (offset.saturating_neg().clamp(0, rows), rows),
        (_, false) => (0, columns.saturating_sub(offset).clamp(0, rows)),
    };
    for row in first..last {
        let diagonal = row.saturating_add(offset);
        let part =
            if lower { 0..(diagonal + 1).clamp(0, columns) } else { diagonal.clamp(0, columns)..columns };
        for column in part {
            down.extend_from_slice(&row.to_ne_bytes());
            along.extend_from_slice(&column.to_ne_bytes());
        }
    }
    let count = down.len() / size_of::<i64>();
    down.append(&mut along);
    Tensor::from_bytes(&down, &[2, count], DType::I64, device)?.to_dtype(dtype)
}

impl Tensor {
    /// A copy with what a view of it sees replaced.
    pub fn with_part(
        &self,
        name: &str,
        part: &Tensor,
        view: impl FnOnce(&Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let copy = self.copy()?;
        let seen = view(&copy)?;
        if seen.shape() != part.shape() {
            return Err(runtime_err!(
                "expected src to have a size equal to the {name} of self. src size = {:?}, {name} size = {:?}",
                part.shape(),
                seen.shape()
            ));
        }
        seen.copy_(part)?;
        Ok(copy)
    }

    /// Divided along a dimension, as `hsplit` and its kin do.
    pub fn split_evenly(&self, name: &str, sections: i64, dim: usize) -> Result<Vec<Tensor>> {
        let n = self.shape()[dim] as i64;
        if sections <= 0 || n % sections != 0 {
            return Err(runtime_err!(
                "torch.{name} attempted to split along dimension {dim}, but the size of the dimension {n} is not divisible by the split_size {sections}!"
            ));
        }
        self.tensor_split(sections, dim as i64)
    }

    /// The dimension that `hsplit`, `vsplit` or `dsplit` divides.
    pub fn split_dimension(&self, name: &str) -> Result<usize> {
        let (least, dim) = match name {
            "hsplit" => (1, usize::from(self.dim() > 1)),
            "vsplit" => (2, 0),
            _ => (3, 2),
        };
        if self.dim() < least {
            return Err(runtime_err!(
                "torch.{name} requires a tensor with at least {least} dimension, but got a tensor with {} dimensions!",
                self.dim()
            ));
        }
        Ok(dim)
    }

    /// A copy with the elements of a source at row-major positions, replaced or added.
    pub fn put(&self, index: &Tensor, source: &Tensor, accumulate: bool) -> Result<Tensor> {
        if index.dtype() != DType::I64 {
            return Err(runtime_err!("put_(): Expected a long tensor for index, but got {}", index.dtype()));
        }
        if source.dtype() != self.dtype() {
            return Err(runtime_err!(
                "put_(): self and source expected to have the same dtype, but got self.dtype = {} and source.dtype = {}",
                self.dtype(),
                source.dtype()
            ));
        }
        if index.numel() != source.numel() {
            return Err(index_err!(
                "put_(): Expected source and index to have the same number of elements, but got source.numel() = {}, index.numel() = {}",
                source.numel(),
                index.numel()
            ));
        }
        if self.numel() == 0 && index.numel() > 0 {
            return Err(index_err!("put_(): Tried to put elements into an empty tensor"));
        }
        let flat = self.reshape(&[-1])?;
        let put = flat.index_put(&[Some(index.reshape(&[-1])?)], &source.reshape(&[-1])?, accumulate)?;
        put.reshape_to(self.shape())
    }

    /// Parts along a dimension whose norm is too large, made smaller.
    pub fn renorm(&self, p: f64, dim: i64, most: f64) -> Result<Tensor> {
        let x = self.widened()?;
        x.mul(&x.renorm_factor(p, dim, most)?)?.to_dtype(self.dtype())
    }

    /// What each slice of a dimension is multiplied by, so that its p-norm is at most so large.
    pub(crate) fn renorm_factor(&self, p: f64, dim: i64, most: f64) -> Result<Tensor> {
        if self.dim() < 2 {
            return Err(runtime_err!(
                "renorm: input needs at least 2 dimensions, got {} dimensions",
                self.dim()
            ));
        }
        if p <= 0.0 || most < 0.0 || most.is_nan() {
            return Err(runtime_err!(
                "renorm: non-positive-norm not supported, or expected maxnorm to be >= 0 but got {most}"
            ));
        }
        let d = normalize_dim(dim, self.dim())?;
        let others: Vec<i64> = (0..self.dim()).filter(|&k| k != d).map(|k| k as i64).collect();
        let norm = self.norm(p, &others, true)?;
        let factor = norm.add(1e-7)?.reciprocal()?.mul(most)?;
        crate::ops::select(&norm.gt(most)?, &factor, 1.0)
    }

    /// Whether each element is among those of another tensor.
    pub fn isin(&self, among: &Tensor) -> Result<Tensor> {
        if [self, among].iter().any(|t| t.dtype() == DType::Bool) {
            return Err(unsupported!("Unsupported input type encountered for isin(): Bool"));
        }
        let wide = crate::ops::result_type(&[self.into(), among.into()]);
        let (x, among) = (self.detach().to_dtype(wide)?, among.detach().to_dtype(wide)?.reshape(&[-1])?);
        if among.numel() == 0 {
            return Tensor::full(self.shape(), false, DType::Bool, self.device());
        }
        if among.numel() <= 16 {
            return x.unsqueeze(-1)?.eq(&among)?.any(&[-1], false)?.to_dtype(DType::Bool);
        }
        let (sorted, _) = among.sort(0, false, false)?;
        let at = sorted.searchsorted((&x).into(), false)?.clamp_max(among.numel() as i64 - 1)?;
        sorted.take(&at)?.eq(&x)
    }
}
