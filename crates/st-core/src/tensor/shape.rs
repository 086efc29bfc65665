//! Views: other shapes of the same memory. Each is a new handle on the same cell.

use super::Tensor;
use crate::autograd::Rule;
use st_kernel::view::{Dims, Strides, View, numel};
use st_kernel::{Result, index_err, runtime_err, value_err};

/// A dimension counted from the end if negative. A 0-d tensor counts as having one dimension.
pub fn normalize_dim(dim: i64, rank: usize) -> Result<usize> {
    let n = rank.max(1) as i64;
    if (-n..n).contains(&dim) {
        Ok((if dim < 0 { dim + n } else { dim }) as usize)
    } else {
        Err(index_err!(
            "Dimension out of range (expected to be in range of [{}, {}], but got {dim})",
            -n,
            n - 1
        ))
    }
}

/// A set of dimensions, each once.
pub(crate) fn normalize_dims(dims: &[i64], rank: usize) -> Result<Vec<usize>> {
    let mut out = Vec::with_capacity(dims.len());
    for &d in dims {
        let d = normalize_dim(d, rank)?;
        if out.contains(&d) {
            return Err(runtime_err!("dim {d} appears multiple times in the list of dims"));
        }
        out.push(d);
    }
    Ok(out)
}

impl Tensor {
    /// A view on the tape: `rule` takes the gradient of the view to that of this tensor.
    pub(crate) fn view_as_rule(&self, view: View, rule: impl FnOnce() -> Rule) -> Result<Tensor> {
        let out = self.alias(view);
        crate::autograd::record_view(&out, self, rule)?;
        Ok(out)
    }

    /// Dimension `order[i]` becomes dimension `i`.
    pub fn permute(&self, order: &[i64]) -> Result<Tensor> {
        if order.len() != self.dim() {
            return Err(runtime_err!(
                "permute(dims): the number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = {} is not equal to len(dims) = {}",
                self.dim(),
                order.len()
            ));
        }
        let order = normalize_dims(order, self.dim())?;
        self.view_as_rule(self.0.view.permute(&order), || Rule::Permute(order.iter().copied().collect()))
    }

    /// Swaps two dimensions.
    pub fn transpose(&self, a: i64, b: i64) -> Result<Tensor> {
        let (a, b) = (normalize_dim(a, self.dim())?, normalize_dim(b, self.dim())?);
        let mut order: Vec<i64> = (0..self.dim() as i64).collect();
        if !order.is_empty() {
            order.swap(a, b);
        }
        self.permute(&order)
    }

    /// The transpose of a matrix; vectors stay as they are.
    pub fn t(&self) -> Result<Tensor> {
        match self.dim() {
            0 | 1 => self.transpose(0, 0),
            2 => self.transpose(0, 1),
            n => Err(runtime_err!("t() expects a tensor with <= 2 dimensions, but self is {n}D")),
        }
    }

    /// Broadcasts to `sizes`, where -1 keeps a size.
    pub fn expand(&self, sizes: &[i64]) -> Result<Tensor> {
        let lead = sizes.len().checked_sub(self.dim()).ok_or_else(|| {
            runtime_err!(
                "expand: the number of sizes provided ({}) must be greater or equal to the number of dimensions in the tensor ({})",
                sizes.len(),
                self.dim()
            )
        })?;
        let mut shape = Dims::new();
        for (i, &size) in sizes.iter().enumerate() {
            let own = i.checked_sub(lead).map(|d| self.shape()[d]);
            shape.push(match (size, own) {
                (-1, Some(n)) => n,
                (s, Some(n)) if s >= 0 && (n == 1 || s as usize == n) => s as usize,
                (s, None) if s >= 0 => s as usize,
                _ => {
                    return Err(runtime_err!(
                        "expand: The expanded size of the tensor ({size}) must match the existing size ({}) at non-singleton dimension {i}. Target sizes: {sizes:?}. Tensor sizes: {:?}",
                        own.map_or("none".into(), |n| n.to_string()),
                        self.shape()
                    ));
                }
            });
        }
        super::expect_countable(&shape)?;
        if shape[..] == *self.shape() {
            let same = self.view_as_rule(self.0.view.clone(), || Rule::Reshape)?;
            same.label_grad_fn("expand", 0);
            return Ok(same);
        }
        let mut view = self.0.view.expand(&shape);
        // New dimensions of size one have the steps that `unsqueeze` gives them.
        for d in (0..lead).rev().filter(|&d| shape[d] == 1) {
            view.strides[d] = shape.get(d + 1).map_or(0, |&n| n as isize * view.strides[d + 1]);
        }
        self.view_as_rule(view, || Rule::Expand)
    }

    /// The sizes with a -1 worked out.
    fn infer_shape(&self, sizes: &[i64]) -> Result<Dims> {
        let wrong = || runtime_err!("shape '{sizes:?}' is invalid for input of size {}", self.numel());
        let known: i64 = sizes.iter().filter(|&&s| s != -1).product();
        let free = sizes.iter().filter(|&&s| s == -1).count();
        if free > 1 {
            return Err(runtime_err!(
                "only one dimension can be inferred (be -1), but the shape asked for is {sizes:?}"
            ));
        }
        if sizes.iter().any(|&s| s < -1) {
            return Err(runtime_err!("invalid shape dimension in '{sizes:?}': sizes are not negative"));
        }
        if free == 1 && known == 0 {
            return Err(runtime_err!(
                "cannot reshape tensor of {} elements into shape {sizes:?} because the unspecified dimension size -1 can be any value and is ambiguous{}",
                self.numel(),
                if self.numel() > 0 {
                    format!(": shape '{sizes:?}' is invalid for input of size {}", self.numel())
                } else {
                    String::new()
                }
            ));
        }
        let total = self.numel() as i64;
        let shape: Dims =
            sizes.iter().map(|&s| if s == -1 { (total / known) as usize } else { s as usize }).collect();
        if numel(&shape) == self.numel() { Ok(shape) } else { Err(wrong()) }
    }

    /// The same memory under another shape; an error where strides cannot say so.
    pub fn view(&self, sizes: &[i64]) -> Result<Tensor> {
        let shape = self.infer_shape(sizes)?;
        let view = self.0.view.reshape(&shape).ok_or_else(|| {
            runtime_err!(
                "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead."
            )
        })?;
        self.view_as_rule(view, || Rule::Reshape)
    }

    /// The same elements under another shape: a view where possible, else a copy.
    pub fn reshape(&self, sizes: &[i64]) -> Result<Tensor> {
        let shape = self.infer_shape(sizes)?;
        match self.0.view.reshape(&shape) {
            Some(view) => self.view_as_rule(view, || Rule::Reshape),
            None => {
                let copy = self.contiguous()?;
                // In memory of its own, and so no view of anything.
                let out = copy.alias(View::contiguous(&shape));
                crate::autograd::record(std::slice::from_ref(&out), &[Some(&copy)], || Rule::Reshape)?;
                Ok(out)
            }
        }
    }

    /// Reshape to sizes already known to fit.
    pub(crate) fn reshape_to(&self, shape: &[usize]) -> Result<Tensor> {
        self.reshape(&shape.iter().map(|&n| n as i64).collect::<Vec<_>>())
    }

    /// Broadcasts to a shape; an error where it does not fit.
    pub(crate) fn expand_to(&self, shape: &[usize]) -> Result<Tensor> {
        if self.shape() == shape {
            return Ok(self.clone());
        }
        self.expand(&shape.iter().map(|&n| n as i64).collect::<Vec<_>>())
    }

    /// `start..end` in steps along a dimension, with Python's clamping.
    pub fn slice(&self, dim: i64, start: Option<i64>, end: Option<i64>, step: i64) -> Result<Tensor> {
        if step <= 0 {
            return Err(value_err!("slice step must be positive, got {step}; use flip for reversed order"));
        }
        if self.dim() == 0 {
            return Err(index_err!("slice() cannot be applied to a 0-dim tensor."));
        }
        let dim = normalize_dim(dim, self.dim())?;
        let n = self.shape()[dim] as i64;
        let clamp = |i: i64| (if i < 0 { i + n } else { i }).clamp(0, n);
        let start = clamp(start.unwrap_or(0));
        let end = clamp(end.unwrap_or(n)).max(start);
        let len = (end - start + step - 1) / step;
        let view = self.0.view.slice(dim, start as usize, len as usize, step as isize);
        self.view_as_rule(view, || Rule::Slice { dim, start: start as usize, step: step as usize })
    }

    /// `length` elements from `start` on along a dimension.
    pub fn narrow(&self, dim: i64, start: i64, length: i64) -> Result<Tensor> {
        let d = normalize_dim(dim, self.dim())?;
        let n = *self
            .shape()
            .get(d)
            .ok_or_else(|| runtime_err!("narrow() cannot be applied to a 0-dim tensor."))?
            as i64;
        let from = if start < 0 { start + n } else { start };
        if !(0..=n).contains(&from) {
            return Err(index_err!(
                "start out of range (expected to be in range of [{}, {n}], but got {start})",
                -n
            ));
        }
        if length < 0 {
            return Err(runtime_err!("narrow(): length must be non-negative."));
        }
        if from + length > n {
            return Err(runtime_err!("start ({from}) + length ({length}) exceeds dimension size ({n})."));
        }
        self.slice(d as i64, Some(from), Some(from + length), 1)
    }

    /// The part at an index of a dimension, without that dimension.
    pub fn select(&self, dim: i64, index: i64) -> Result<Tensor> {
        if self.dim() == 0 {
            return Err(index_err!("select() cannot be applied to a 0-dim tensor."));
        }
        let dim = normalize_dim(dim, self.dim())?;
        let n = self.shape()[dim] as i64;
        if !(-n..n).contains(&index) {
            return Err(index_err!("index {index} is out of bounds for dimension {dim} with size {n}"));
        }
        let at = (if index < 0 { index + n } else { index }) as usize;
        self.view_as_rule(self.0.view.select(dim, at), || Rule::Select { dim, index: at })
    }

    /// A dimension of size one before `dim`.
    pub fn unsqueeze(&self, dim: i64) -> Result<Tensor> {
        let dim = normalize_dim(dim, self.dim() + 1)?;
        let mut view = self.0.view.clone();
        let stride = if dim < self.dim() { view.strides[dim] * view.shape[dim] as isize } else { 1 };
        view.shape.insert(dim, 1);
        view.strides.insert(dim, stride);
        self.view_as_rule(view, || Rule::Reshape)
    }

    /// Without dimensions of size one: all of them, or those named.
    pub fn squeeze(&self, dims: Option<&[i64]>) -> Result<Tensor> {
        let named = match dims {
            Some(dims) => normalize_dims(dims, self.dim())?,
            None => (0..self.dim()).collect(),
        };
        let keep: Vec<usize> =
            (0..self.dim()).filter(|d| !(named.contains(d) && self.shape()[*d] == 1)).collect();
        self.view_as_rule(self.0.view.permute(&keep), || Rule::Reshape)
    }

    /// Any strided view of the storage.
    pub fn as_strided(&self, shape: &[usize], strides: &[isize], offset: usize) -> Result<Tensor> {
        let view = View {
            shape: Dims::from_slice(shape),
            strides: Strides::from_slice(strides),
            offset: offset as isize,
        };
        if shape.len() != strides.len() {
            return Err(runtime_err!(
                "as_strided: mismatch in length of strides and shape, got shape {shape:?} and strides {strides:?}"
            ));
        }
        if strides.iter().any(|&s| s < 0) {
            return Err(runtime_err!(
                "as_strided: Negative strides are not supported at the moment, got strides: {strides:?}"
            ));
        }
        let size = self.dtype().size();
        if view.bounds().is_some_and(|(_, high)| high >= self.0.storage.numel as isize) {
            return Err(runtime_err!(
                "setStorage: sizes {shape:?}, strides {strides:?}, storage offset {offset}, and itemsize {size} requiring a storage size of {} are out of bounds for storage of size {}",
                view.bounds().map_or(0, |(_, high)| (high as usize + 1) * size),
                self.0.storage.numel * size
            ));
        }
        let from = self.0.view.clone();
        self.view_as_rule(view.clone(), || Rule::AsStrided(Box::new((from, view))))
    }

    /// Reads memory backwards along some dimensions, for use as an operand only: torch has no negative strides.
    pub(crate) fn reversed(&self, dims: &[usize]) -> View {
        dims.iter().fold(self.0.view.clone(), |v, &d| {
            let n = v.shape[d];
            if n == 0 { v } else { v.slice(d, n - 1, n, -1) }
        })
    }

    /// The diagonal of two dimensions as the last one.
    pub fn diagonal(&self, offset: i64, dim1: i64, dim2: i64) -> Result<Tensor> {
        let (a, b) = (normalize_dim(dim1, self.dim())?, normalize_dim(dim2, self.dim())?);
        if a == b || self.dim() < 2 {
            return Err(runtime_err!("diagonal dimensions cannot be identical {dim1}, {dim2}"));
        }
        let (rows, cols) = (self.shape()[a] as i64, self.shape()[b] as i64);
        let len = if offset >= 0 { rows.min(cols - offset) } else { (rows + offset).min(cols) }.max(0);
        let v = &self.0.view;
        let skip = if len == 0 {
            0
        } else if offset >= 0 {
            offset as isize * v.strides[b]
        } else {
            -offset as isize * v.strides[a]
        };
        let keep: Vec<usize> = (0..self.dim()).filter(|&d| d != a && d != b).collect();
        let mut view = v.permute(&keep);
        view.shape.push(len as usize);
        view.strides.push(v.strides[a] + v.strides[b]);
        view.offset += skip;
        let from = self.0.view.clone();
        self.view_as_rule(view.clone(), || Rule::AsStrided(Box::new((from, view))))
    }
}
