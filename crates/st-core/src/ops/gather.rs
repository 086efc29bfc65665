//! Reading and writing at indices, the named operators: gather, scatter, index_select, index_add, take, embedding ...

use super::index::{IndexPlan, displace, known_elements};
use super::pointwise::{Operand, expect_fits};
use super::{arrange, select};
use crate::autograd::torch_name;
use crate::runtime;
use crate::tensor::{Tensor, normalize_dim};
use st_kernel::view::{Dims, broadcast, numel};
use st_kernel::{DType, Error, Result, Scalar, ScatterOp, index_err, runtime_err, value_err};

/// How [`Tensor::scatter_reduce`] combines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combine {
    /// `sum`.
    Sum,
    /// `prod`.
    Prod,
    /// `mean`.
    Mean,
    /// `amax`.
    Max,
    /// `amin`.
    Min,
}

impl Combine {
    /// By torch's name.
    pub fn parse(name: &str) -> Result<Combine> {
        Ok(match name {
            "sum" => Combine::Sum,
            "prod" => Combine::Prod,
            "mean" => Combine::Mean,
            "amax" | "max" => Combine::Max,
            "amin" | "min" => Combine::Min,
            _ => {
                return Err(runtime_err!(
                    "reduce argument must be either sum, prod, mean, amax or amin, got {name}"
                ));
            }
        })
    }

    fn op(self) -> ScatterOp {
        match self {
            Combine::Sum | Combine::Mean => ScatterOp::Add,
            Combine::Prod => ScatterOp::Prod,
            Combine::Max => ScatterOp::Max,
            Combine::Min => ScatterOp::Min,
        }
    }

    /// What combining starts from where the tensor itself does not count.
    fn identity(self, dtype: DType) -> Scalar {
        match self {
            Combine::Sum | Combine::Mean => Scalar::Int(0),
            Combine::Prod => Scalar::Int(1),
            Combine::Max if dtype.is_float() => Scalar::Float(f64::NEG_INFINITY),
            Combine::Min if dtype.is_float() => Scalar::Float(f64::INFINITY),
            Combine::Max => Scalar::Int(dtype.integers().0),
            Combine::Min => Scalar::Int(dtype.integers().1),
        }
    }
}

impl Tensor {
    /// A 0-d tensor as one of a single element, for operators along a dimension.
    fn at_least_1d(&self) -> Result<Tensor> {
        if self.dim() == 0 { self.reshape_to(&[1]) } else { Ok(self.clone()) }
    }

    /// `out[i][j][k] = self[index[i][j][k]][j][k]` for dimension 0, and so on.
    pub fn gather(&self, dim: i64, index: &Tensor) -> Result<Tensor> {
        let index = from_front(index, self, dim, |m| runtime_err!("{m}"))?;
        self.gather_either_end(dim, &index)
    }

    /// As [`Tensor::gather`]; negative indices count from the end.
    fn gather_either_end(&self, dim: i64, index: &Tensor) -> Result<Tensor> {
        let d = normalize_dim(dim, self.dim())?;
        // Of no indices, the dtype does not matter.
        let index = &if index.numel() == 0 { index.to_dtype(DType::I64)? } else { index.clone() };
        self.expect_index("gather", d, index, None)?;
        let source = self.at_least_1d()?;
        if index.numel() == 0 && index.dim() != self.dim() {
            return self.reshape(&[-1])?.gather(0, &index.reshape(&[-1])?)?.reshape_to(index.shape());
        }
        let plan = if index.dim() == 0 { IndexPlan::from_elem(None, 1) } else { displace(d, source.dim()) };
        source.index_by(&plan, std::slice::from_ref(index), index.shape())
    }

    /// As [`Tensor::gather`] after broadcasting against the index; without a dimension, in row-major order of all elements.
    pub fn take_along_dim(&self, index: &Tensor, dim: Option<i64>) -> Result<Tensor> {
        let Some(dim) = dim else { return self.reshape(&[-1])?.gather(0, &index.reshape(&[-1])?) };
        if index.dim() != self.dim() {
            return Err(runtime_err!(
                "torch.take_along_dim(): input and indices should have the same number of dimensions, but got {} dimensions for input, and {} dimensions for indices",
                self.dim(),
                index.dim()
            ));
        }
        if index.dtype() != DType::I64 {
            return Err(runtime_err!(
                "torch.take_along_dim(): dtype of indices should be Long but got {}",
                torch_name(index.dtype())
            ));
        }
        if self.dim() == 0 {
            return Err(index_err!("Dimension specified as {dim} but tensor has no dimensions"));
        }
        let d = normalize_dim(dim, self.dim())?;
        let with = |shape: &[usize], other: &[usize]| {
            let mut open = Dims::from_slice(shape);
            open[d] = 1;
            let mut fitted = broadcast(&open, &{
                let mut o = Dims::from_slice(other);
                o[d] = 1;
                o
            })
            .ok_or_else(|| {
                runtime_err!("take_along_dim: the shapes {shape:?} and {other:?} do not broadcast")
            })?;
            fitted[d] = shape[d];
            Ok(fitted)
        };
        let source = self.expand_to(&with(self.shape(), index.shape())?)?;
        source.gather_either_end(dim, &index.expand_to(&with(index.shape(), self.shape())?)?)
    }

    /// The parts at the indices of a dimension.
    pub fn index_select(&self, dim: i64, index: &Tensor) -> Result<Tensor> {
        let d = normalize_dim(dim, self.dim())?;
        if index.dim() > 1 {
            return Err(index_err!("index_select(): Index is supposed to be a vector"));
        }
        expect_whole("index_select", index)?;
        if self.dim() == 0 {
            return self.at_least_1d()?.index_select(0, index)?.reshape_to(&[]);
        }
        if self.dim() > 1 && self.shape()[d] == 0 && index.numel() > 0 {
            return Err(runtime_err!("self indexing axis dim should be positive"));
        }
        let index = from_front(index, self, dim, |m| index_err!("{m}"))?;
        let (shape, index) = self.along(d, &index)?;
        self.index_by(&displace(d, self.dim()), &[index], &shape)
    }

    /// The elements at row-major positions.
    pub fn take(&self, index: &Tensor) -> Result<Tensor> {
        if index.dtype() != DType::I64 {
            let got = torch_name(index.dtype());
            return Err(runtime_err!("take(): Expected a long tensor for index, but got {got}"));
        }
        let flat = self.reshape(&[-1])?;
        flat.index_by(&IndexPlan::from_elem(None, 1), std::slice::from_ref(index), index.shape())
    }

    /// A copy with `self[index[i][j]][j] = source[i][j]` for dimension 0, and so on.
    pub fn scatter<'a>(&self, dim: i64, index: &Tensor, source: impl Into<Operand<'a>>) -> Result<Tensor> {
        self.scatter_with("scatter", ScatterOp::Set, dim, index, source.into())
    }

    /// As [`Tensor::scatter`], adding.
    pub fn scatter_add(&self, dim: i64, index: &Tensor, source: &Tensor) -> Result<Tensor> {
        self.scatter_with("scatter_add", ScatterOp::Add, dim, index, source.into())
    }

    /// As [`Tensor::scatter`], combining; what is there counts too if `include_self`.
    pub fn scatter_reduce<'a>(
        &self,
        dim: i64,
        index: &Tensor,
        source: impl Into<Operand<'a>>,
        how: Combine,
        include_self: bool,
    ) -> Result<Tensor> {
        let name = "scatter_reduce";
        let base = if include_self {
            self.clone()
        } else {
            self.scatter_with(name, ScatterOp::Set, dim, index, how.identity(self.dtype()).into())?
        };
        let source = source.into();
        let combined = base.scatter_with(name, how.op(), dim, index, source)?;
        if let (false, Combine::Max | Combine::Min, Operand::Tensor(source)) = (include_self, how, source) {
            return self.sharing_ties(combined, dim, index, source);
        }
        if how != Combine::Mean {
            return Ok(combined);
        }
        let start = Tensor::full(self.shape(), i64::from(include_self), self.dtype(), self.device())?;
        let count = start.scatter_with(name, ScatterOp::Add, dim, index, Scalar::Int(1).into())?;
        let count = select(&count.eq(0)?, 1, &count)?;
        if self.dtype().is_float() { combined.div(&count) } else { combined.floor_divide(&count) }
    }

    /// The part of a source that an index asks for.
    fn part_at(&self, index: &Tensor) -> Result<Tensor> {
        (0..self.dim().min(index.dim()))
            .try_fold(self.clone(), |t, d| t.narrow(d as i64, 0, index.shape()[d] as i64))?
            .reshape_to(index.shape())
    }

    /// The extremes that were found without `self`, which as in torch takes its share of the gradient where it equals them.
    fn sharing_ties(&self, found: Tensor, dim: i64, index: &Tensor, source: &Tensor) -> Result<Tensor> {
        if !found.requires_grad() {
            return Ok(found);
        }
        let out = found.detach();
        let number = |truth: Tensor| truth.to_dtype(out.dtype());
        let wins = number(source.detach().part_at(index)?.eq(&out.gather(dim, index)?)?)?;
        let wins = Tensor::zeros(out.shape(), out.dtype(), out.device())?.scatter_add(dim, index, &wins)?;
        let share = wins.div(&wins.add(&number(self.detach().eq(&out)?)?)?)?;
        found.passed(&select(&wins.eq(0.0)?, 1.0, &share)?)
    }

    fn scatter_with(
        &self,
        name: &str,
        op: ScatterOp,
        dim: i64,
        index: &Tensor,
        source: Operand,
    ) -> Result<Tensor> {
        let d = normalize_dim(dim, self.dim())?;
        if index.numel() == 0 && index.dim().max(1) != self.dim().max(1) {
            // Whatever its shape, it writes nothing.
            return self.copy();
        }
        let index = &match index.numel() {
            // Of no indices, the dtype does not matter.
            0 => index.to_dtype(DType::I64)?,
            _ => from_front(index, self, dim, |m| runtime_err!("{m}"))?,
        };
        let source = match source {
            Operand::Tensor(t) => {
                if t.dtype() != self.dtype() {
                    return Err(runtime_err!(
                        "{name}(): Expected self.dtype to be equal to src.dtype, got {} and {}; convert the source with .to(dtype)",
                        self.dtype(),
                        t.dtype()
                    ));
                }
                self.expect_index(name, d, index, Some(t))?;
                t.part_at(index)?
            }
            Operand::Scalar(s) => {
                self.expect_index(name, d, index, None)?;
                Tensor::full(index.shape(), s, self.dtype(), self.device())?
            }
        };
        let base = self.at_least_1d()?;
        let plan = if index.dim() == 0 { IndexPlan::from_elem(None, 1) } else { displace(d, base.dim()) };
        base.scatter_by(op, &plan, std::slice::from_ref(index), &source)?.reshape_to(self.shape())
    }

    /// A copy with `alpha` times the parts of `source` added at the indices of a dimension.
    pub fn index_add(
        &self,
        dim: i64,
        index: &Tensor,
        source: &Tensor,
        alpha: impl Into<Scalar>,
    ) -> Result<Tensor> {
        let alpha = alpha.into();
        expect_fits("index_add", alpha, self.dtype())?;
        let alpha = alpha.cast(self.dtype());
        let scaled = if alpha.to_f64() == 1.0 { source.clone() } else { source.mul(alpha)? };
        self.write_parts("index_add", ScatterOp::Add, dim, index, &scaled)
    }

    /// A copy with the parts at the indices of a dimension replaced by those of `source`.
    pub fn index_copy(&self, dim: i64, index: &Tensor, source: &Tensor) -> Result<Tensor> {
        self.write_parts("index_copy", ScatterOp::Set, dim, index, source)
    }

    /// A copy with the parts at the indices of a dimension filled with a number.
    pub fn index_fill<'a>(&self, dim: i64, index: &Tensor, value: impl Into<Operand<'a>>) -> Result<Tensor> {
        let base = self.at_least_1d()?;
        let d = normalize_dim(dim, self.dim())?;
        if index.dtype() != DType::I64 {
            return Err(index_err!("index_fill_(): Expected dtype int64 for index."));
        }
        if index.dim() > 1 {
            return Err(runtime_err!("Index has to be a vector/scalar"));
        }
        let (shape, index) = base.along(d, index)?;
        let value = self.filling(value.into())?;
        let plan = displace(d, base.dim());
        if value.requires_grad() {
            // An index that stands there twice writes once, and passes the gradient once.
            let none = Tensor::zeros(base.shape(), DType::Bool, self.device())?;
            let all = Tensor::ones(&shape, DType::Bool, self.device())?;
            let written = none.scatter_by(ScatterOp::Set, &plan, &[index], &all)?;
            return base.fill_where(&written, &value)?.reshape_to(self.shape());
        }
        base.scatter_by(ScatterOp::Set, &plan, &[index], &value.expand_to(&shape)?)?.reshape_to(self.shape())
    }

    fn write_parts(
        &self,
        name: &str,
        op: ScatterOp,
        dim: i64,
        index: &Tensor,
        source: &Tensor,
    ) -> Result<Tensor> {
        let d = normalize_dim(dim, self.dim())?;
        if index.dim() > 1 {
            return Err(index_err!("{name}(): Index should have dimension 1 or 0 (got {})", index.dim()));
        }
        expect_whole(name, index)?;
        if self.dtype() != source.dtype() {
            return Err(runtime_err!(
                "{name}(): self ({}) and source ({}) must have the same scalar type",
                self.dtype(),
                source.dtype()
            ));
        }
        let (base, parts) = (self.at_least_1d()?, source.at_least_1d()?);
        // Torch adds to vectors by other code than to matrices.
        let kind = |m: String| match name {
            "index_add" if self.dim() > 1 => runtime_err!("{m}"),
            "index_add" => index_err!("index out of range in self: {m}"),
            _ => index_err!("{name}_(): {m}"),
        };
        let size = self.shape().get(d).copied().unwrap_or(1) as i64;
        if let Some(i) = known_elements(index)?.into_iter().flatten().find(|i| !(0..size).contains(i)) {
            return Err(kind(format!("index {i} is out of bounds for dimension {d} with size {size}")));
        }
        let index = &from_front(index, self, dim, kind)?;
        let (shape, at) = base.along(d, index)?;
        if parts.shape() != &shape[..] && !(source.dim() == 0 && numel(&shape) == 1) {
            return Err(runtime_err!(
                "{name}(): source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = {:?} source.shape = {:?} and {} indices",
                self.shape(),
                source.shape(),
                index.numel()
            ));
        }
        base.scatter_by(op, &displace(d, base.dim()), &[at], &parts.reshape_to(&shape)?)?
            .reshape_to(self.shape())
    }

    /// The shape with the size of dimension `d` replaced by the index's, and the index standing along that dimension.
    fn along(&self, d: usize, index: &Tensor) -> Result<(Dims, Tensor)> {
        let mut shape = Dims::from_slice(self.shape());
        shape[d] = index.numel();
        let mut standing = Dims::from_elem(1, self.dim());
        standing[d] = index.numel();
        Ok((shape, index.reshape_to(&standing)?))
    }

    /// A number or a 0-d tensor as a 0-d tensor of this one's dtype and device.
    pub(crate) fn filling(&self, value: Operand) -> Result<Tensor> {
        match value {
            Operand::Scalar(s) => Tensor::full(&[], s, self.dtype(), self.device()),
            Operand::Tensor(t) if t.dim() == 0 => t.to_dtype(self.dtype()),
            Operand::Tensor(t) => Err(runtime_err!(
                "only a 0-dimensional value tensor is supported, but got a tensor with {} dimension(s).",
                t.dim()
            )),
        }
    }

    /// Torch's rules for the shapes of gather and scatter.
    fn expect_index(&self, name: &str, dim: usize, index: &Tensor, source: Option<&Tensor>) -> Result<()> {
        if index.numel() == 0 {
            return Ok(());
        }
        expect_whole(name, index)?;
        if index.dim().max(1) != self.dim().max(1) {
            return Err(runtime_err!(
                "Index tensor must have the same number of dimensions as {} tensor",
                if source.is_some() || name.starts_with("scatter") { "self" } else { "input" }
            ));
        }
        if let Some(source) = source
            && index.dim().max(1) != source.dim().max(1)
        {
            return Err(runtime_err!("Index tensor must have the same number of dimensions as src tensor"));
        }
        let fits = |of: &[usize], d: usize| index.shape()[d] <= of.get(d).copied().unwrap_or(1);
        for d in 0..index.dim() {
            if (d == dim || fits(self.shape(), d)) && source.is_none_or(|s| fits(s.shape(), d)) {
                continue;
            }
            return Err(match source {
                None => runtime_err!(
                    "Size does not match at dimension {d} expected index {:?} to be no larger than self {:?} apart from dimension {dim}",
                    index.shape(),
                    self.shape()
                ),
                Some(source) => runtime_err!(
                    "Expected index {:?} to be no larger than self {:?} apart from dimension {dim} and to be no larger size than src {:?}",
                    index.shape(),
                    self.shape(),
                    source.shape()
                ),
            });
        }
        Ok(())
    }

    /// Positions of the elements that are not zero, a row for each. How many there are must be known, so the graph runs.
    pub fn nonzero(&self) -> Result<Tensor> {
        let truth = self.detach().to_dtype(DType::Bool)?.to_bytes()?;
        let count = truth.iter().filter(|&&b| b != 0).count();
        let (outer, width) = self.shape().split_last().map_or((&[][..], 1), |(&n, outer)| (outer, n.max(1)));
        let (dim, mut line) = (self.dim(), Dims::from_elem(0, outer.len()));
        // The last place of a row is written in any case and kept if something is there: no branch to guess wrongly, but
        // room for one row more.
        let mut rows = vec![[0; 8]; (count + 1) * dim];
        let mut end = 0;
        for truth in truth.chunks_exact(width).filter(|_| dim > 0) {
            let first = end;
            for (i, &b) in truth.iter().enumerate() {
                rows[end + dim - 1] = (i as i64).to_ne_bytes();
                end += if b != 0 { dim } else { 0 };
            }
            for row in rows[first..end].chunks_exact_mut(dim) {
                row.iter_mut().zip(&line).for_each(|(to, &at)| *to = (at as i64).to_ne_bytes());
            }
            for (at, &n) in line.iter_mut().zip(outer).rev() {
                *at = (*at + 1) % n;
                if *at != 0 {
                    break;
                }
            }
        }
        let rows = &rows.as_flattened()[..8 * count * dim];
        Tensor::from_bytes(rows, &[count, dim], DType::I64, self.device())
    }

    /// As [`Tensor::nonzero`], a tensor of positions for each dimension.
    pub fn nonzero_as_tuple(&self) -> Result<Vec<Tensor>> {
        let positions = if self.dim() == 0 { self.reshape_to(&[1])?.nonzero()? } else { self.nonzero()? };
        (0..positions.shape()[1]).map(|d| positions.select(1, d as i64)?.contiguous()).collect()
    }

    /// The elements where a mask, broadcast against this tensor, is true.
    pub fn masked_select(&self, mask: &Tensor) -> Result<Tensor> {
        if mask.dtype() != DType::Bool {
            return Err(runtime_err!("masked_select: expected BoolTensor for mask, got {}", mask.dtype()));
        }
        let shape = broadcast(self.shape(), mask.shape()).ok_or_else(|| {
            runtime_err!(
                "masked_select: the shapes {:?} and {:?} do not broadcast",
                self.shape(),
                mask.shape()
            )
        })?;
        let at = mask.expand_to(&shape)?.nonzero_as_tuple()?;
        let plan = IndexPlan::from_elem(None, shape.len().max(1));
        self.expand_to(&shape)?.at_least_1d()?.index_unchecked(&plan, &at, at[0].shape())
    }

    /// A copy with the places where a mask is true filled by the first elements of `source`, in row-major order.
    pub fn masked_scatter(&self, mask: &Tensor, source: &Tensor) -> Result<Tensor> {
        if mask.dtype() != DType::Bool {
            return Err(runtime_err!(
                "masked_scatter_ only supports boolean masks, but got mask with dtype {}",
                torch_name(mask.dtype())
            ));
        }
        if source.dtype() != self.dtype() {
            return Err(runtime_err!(
                "masked_scatter: expected self and source to have same dtypes but got {} and {}",
                torch_name(self.dtype()),
                torch_name(source.dtype())
            ));
        }
        let shape = broadcast(self.shape(), mask.shape()).ok_or_else(|| {
            runtime_err!(
                "masked_scatter: the shapes {:?} and {:?} do not broadcast",
                self.shape(),
                mask.shape()
            )
        })?;
        let (base, mask) = (self.expand_to(&shape)?, mask.expand_to(&shape)?);
        let few = "Number of elements of source < number of ones in mask";
        if known_elements(&mask)?.is_some_and(|known| known.iter().sum::<i64>() > source.numel() as i64) {
            return Err(runtime_err!("{few}"));
        }
        if numel(&shape) == 0 || source.numel() == 0 {
            // Nothing says so later.
            if !mask.is_sample() && mask.any(&[], false)?.item()?.to_bool() {
                return Err(runtime_err!("{few}"));
            }
            return base.copy();
        }
        // Where the mask is false any element does.
        let rank = mask.reshape(&[-1])?.cumsum(0)?.sub(1)?.reshape_to(&shape)?;
        select(&mask, &source.take(&select(&mask, &rank, 0)?)?, &base)
    }
}

pub(crate) fn expect_whole(name: &str, index: &Tensor) -> Result<()> {
    match index.dtype() {
        DType::I64 | DType::I32 => Ok(()),
        other => Err(runtime_err!("{name}(): Expected dtype int32/int64 for index, got {other}")),
    }
}

/// Indices where torch counts none from the end. What is not known yet and is negative is moved out of range, so that the
/// run finds it.
fn from_front(index: &Tensor, of: &Tensor, dim: i64, error: impl FnOnce(String) -> Error) -> Result<Tensor> {
    let dim = normalize_dim(dim, of.dim())?;
    let size = of.shape().get(dim).copied().unwrap_or(1);
    match known_elements(index)? {
        None if matches!(index.dtype(), DType::I64 | DType::I32) => {
            select(&index.lt(0)?, &index.sub(size as i64)?, index)
        }
        known => match known.into_iter().flatten().find(|&i| i < 0) {
            Some(i) => Err(error(format!("index {i} is out of bounds for dimension {dim} with size {size}"))),
            None => Ok(index.clone()),
        },
    }
}

/// The rows of `weight` at the indices; the row `padding_idx` gets no gradient.
pub fn embedding(indices: &Tensor, weight: &Tensor, padding_idx: Option<i64>) -> Result<Tensor> {
    let &[rows, width] = weight.shape() else {
        return Err(runtime_err!("'weight' must be 2-D, got shape {:?}", weight.shape()));
    };
    if !matches!(indices.dtype(), DType::I64 | DType::I32) {
        return Err(runtime_err!(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got {} instead (while checking arguments for embedding)",
            indices.dtype()
        ));
    }
    let indices = &from_front(indices, weight, 0, |_| index_err!("index out of range in self"))?;
    let mut shape = Dims::from_slice(indices.shape());
    shape.push(width);
    let plan = IndexPlan::from_iter([None, Some(indices.dim() as u8)]);
    let column = indices.unsqueeze(-1)?;
    let found = weight.index_by(&plan, std::slice::from_ref(&column), &shape);
    let found = found.map_err(|error| match error {
        Error::Index(_) => index_err!("index out of range in self"),
        other => other,
    })?;
    let Some(padding) = padding_idx else { return Ok(found) };
    let n = rows as i64;
    if !(-n..n).contains(&padding) {
        return Err(value_err!("Padding_idx must be within num_embeddings"));
    }
    let padding = if padding < 0 { padding + n } else { padding };
    // Equal values on both sides; only one is on the tape.
    select(&column.eq(padding)?, &found.detach(), &found)
}

/// For each class a one where it is the index's and zeros elsewhere, along a new last dimension.
pub fn one_hot(indices: &Tensor, num_classes: Option<usize>) -> Result<Tensor> {
    if indices.dtype() != DType::I64 {
        return Err(runtime_err!(
            "one_hot is only applicable to index tensor of type LongTensor, got {}",
            indices.dtype()
        ));
    }
    let classes = match num_classes {
        None | Some(0) if indices.numel() == 0 => {
            return Err(runtime_err!("Can not infer total number of classes from empty tensor."));
        }
        Some(n) => n,
        None => {
            let (low, high) = (indices.min_all()?, indices.max_all()?);
            runtime::realize(&[low.clone(), high.clone()])?;
            if low.item()?.to_i64() < 0 {
                return Err(runtime_err!("Class values must be non-negative."));
            }
            high.item()?.to_i64() as usize + 1
        }
    };
    for i in known_elements(indices)?.into_iter().flatten() {
        if i < 0 {
            return Err(runtime_err!("Class values must be non-negative."));
        }
        if i >= classes as i64 {
            return Err(runtime_err!("Class values must be smaller than num_classes."));
        }
    }
    let class = arrange::positions(classes, indices.device());
    indices.unsqueeze(-1)?.eq(&class)?.to_dtype(DType::I64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_the_ends_of_the_range() {
        assert_eq!(DType::I8.integers(), (i64::from(i8::MIN), i64::from(i8::MAX)));
        assert_eq!(DType::I64.integers(), (i64::MIN, i64::MAX));
        assert_eq!(DType::U8.integers(), (0, i64::from(u8::MAX)));
    }
}
