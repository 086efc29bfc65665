//! Differences, integrals by trapezoids, covariances, histograms.

use crate::autograd::torch_name;
use crate::ops::index::IndexPlan;
use crate::ops::join::cat;
use crate::ops::linalg::matrices::Matrices;
use crate::ops::pointwise::{Operand, expect_float};
use crate::ops::select;
use crate::tensor::{Tensor, default_dtype, normalize_dim};
use st_kernel::{DType, Result, Scalar, ScatterOp, runtime_err, unsupported};

/// The n-th differences of neighbours along a dimension.
pub fn diff(x: &Tensor, n: i64, dim: i64, before: Option<&Tensor>, after: Option<&Tensor>) -> Result<Tensor> {
    if x.dim() == 0 {
        return Err(runtime_err!("diff expects input to be at least one-dimensional"));
    }
    if n < 0 {
        return Err(runtime_err!("order must be non-negative but got {n}"));
    }
    let d = normalize_dim(dim, x.dim())? as i64;
    if n == 0 {
        return x.copy();
    }
    if before.into_iter().chain(after).any(|t| t.dim() != x.dim()) {
        return Err(runtime_err!("diff expects prepend or append to be the same dimension as input"));
    }
    let fits = |t: &Tensor| (0..x.dim()).all(|k| k == d as usize || t.shape()[k] == x.shape()[k]);
    if let Some(t) = before.into_iter().chain(after).find(|t| !fits(t)) {
        return Err(runtime_err!(
            "diff expects the shape of tensor to prepend or append to match that of input except along the differencing dimension; input.size() = {:?}, but got tensor.size() = {:?}",
            x.shape(),
            t.shape()
        ));
    }
    let parts: Vec<Tensor> = before.into_iter().chain([x]).chain(after).cloned().collect();
    let mut y = if parts.len() == 1 { x.clone() } else { cat(&parts, d)? };
    let size = y.shape()[d as usize] as i64;
    if n >= size {
        return y.narrow(d, 0, 0)?.copy();
    }
    for k in 0..n {
        let rest = size - k - 1;
        let (low, high) = (y.narrow(d, 0, rest)?, y.narrow(d, 1, rest)?);
        y = if y.dtype() == DType::Bool { high.logical_xor(&low)? } else { high.sub(&low)? };
    }
    Ok(y)
}

/// How far apart samples stand.
pub enum Spacing<'a> {
    /// Equally far.
    Step(Scalar),
    /// At these places.
    Places(&'a Tensor),
}

/// Twice the areas between neighbours along a dimension, from the last dimension on.
fn slices(name: &str, y: &Tensor, spacing: Spacing, dim: usize) -> Result<Tensor> {
    let n = y.shape()[dim] as i64 - 1;
    let d = dim as i64;
    let sum = |y: &Tensor| y.narrow(d, 0, n)?.add(&y.narrow(d, 1, n)?);
    match spacing {
        Spacing::Step(step) => sum(y)?.mul(step),
        Spacing::Places(x) if x.dtype() == DType::Bool => {
            Err(unsupported!("{name}: received a bool input for `x` or `y`, but bool is not supported"))
        }
        Spacing::Places(x) => {
            let x = if y.dtype().is_float() && x.dtype().is_float() { x.widened()? } else { x.clone() };
            let x = match x.dim() {
                1 => {
                    if x.numel() != y.shape()[dim] {
                        return Err(runtime_err!(
                            "{name}: There must be one `x` value for each sample point"
                        ));
                    }
                    let mut standing = vec![1; y.dim()];
                    standing[dim] = x.numel();
                    x.reshape_to(&standing)?
                }
                rank if rank < y.dim() => {
                    let shape = [vec![1; y.dim() - rank], x.shape().to_vec()].concat();
                    x.reshape_to(&shape)?
                }
                _ => x.clone(),
            };
            // Torch counts the dimension of `x` from the front, even where `x` has more of them.
            diff(&x, 1, d, None, None)?.mul(&sum(y)?)
        }
    }
}

fn expect_samples(name: &str, y: &Tensor, dim: i64) -> Result<usize> {
    let d = normalize_dim(dim, y.dim())?;
    if y.dim() == 0 {
        return Err(runtime_err!("{name}: expected at least one dimension"));
    }
    if y.dtype() == DType::Bool {
        return Err(unsupported!("{name}: received a bool input for `x` or `y`, but bool is not supported"));
    }
    Ok(d)
}

/// The integral along a dimension by trapezoids.
pub fn trapezoid(y: &Tensor, spacing: Spacing, dim: i64) -> Result<Tensor> {
    let d = expect_samples("trapezoid", y, dim)?;
    if y.dtype() != y.dtype().compute() && y.dtype().is_float() {
        return trapezoid(&y.widened()?, spacing, dim)?.to_dtype(y.dtype());
    }
    if y.shape()[d] == 0 {
        let mut shape = y.shape().to_vec();
        shape.remove(d);
        return Tensor::zeros(&shape, y.dtype(), y.device());
    }
    match spacing {
        // The sum of bytes is a long; that of two neighbours, which other spacings need, is a byte.
        Spacing::Step(step) => {
            let ends = y.select(d as i64, 0)?.add(&y.select(d as i64, -1)?)?.mul(0.5)?;
            y.sum(&[d as i64], false)?.sub(&ends)?.mul(step)
        }
        places => slices("trapezoid", y, places, d)?.sum(&[d as i64], false)?.div(2.0),
    }
}

/// The integrals up to each sample but the first.
pub fn cumulative_trapezoid(y: &Tensor, spacing: Spacing, dim: i64) -> Result<Tensor> {
    let d = expect_samples("cumulative_trapezoid", y, dim)?;
    if y.dtype() != y.dtype().compute() && y.dtype().is_float() {
        return cumulative_trapezoid(&y.widened()?, spacing, dim)?.to_dtype(y.dtype());
    }
    if y.shape()[d] == 0 {
        return y.div(2.0);
    }
    slices("cumulative_trapezoid", y, spacing, d)?.cumsum(d as i64)?.div(2.0)
}

/// The covariances of rows of samples, which may count several times or be of different importance.
pub(crate) fn cov<M: Matrices>(
    x: &M,
    correction: Scalar,
    counts: Option<&Tensor>,
    importance: Option<&Tensor>,
) -> Result<M> {
    if x.rank() > 2 {
        return Err(runtime_err!(
            "cov(): expected input to have two or fewer dimensions but got an input with {} dimensions",
            x.rank()
        ));
    }
    if x.parts() == DType::Bool {
        return Err(unsupported!("cov(): bool dtype is not supported for input"));
    }
    let (rows, samples) = match *x.extents() {
        [rows, samples] => (rows, samples),
        _ => (1, x.extents().iter().product()),
    };
    let dtype = if x.parts().is_float() { x.parts() } else { default_dtype() };
    let x = M::of_node(x.node().to_dtype(dtype)?.reshape_to(&M::shape_of(&[rows], &[samples]))?);
    let finished = |covariance: M, divisor: &Tensor| {
        let quotient = covariance.node().div(divisor)?;
        // One row has a variance.
        let square = [rows, rows];
        M::of_node(quotient).reshaped(if rows == 1 { &[] } else { &square })
    };
    for (weights, name, whole) in [(counts, "fweights", true), (importance, "aweights", false)] {
        let Some(w) = weights else { continue };
        if w.dim() > 1 {
            return Err(runtime_err!(
                "cov(): expected {name} to have one or fewer dimensions but got {name} with {} dimensions",
                w.dim()
            ));
        }
        if w.dtype().is_float() == whole || w.dtype() == DType::Bool {
            return Err(runtime_err!(
                "cov(): expected {name} to have {} dtype but got {name} with {} dtype",
                if whole { "integral" } else { "floating point" },
                torch_name(w.dtype())
            ));
        }
        if w.numel() != samples {
            return Err(runtime_err!(
                "cov(): expected {name} to have the same numel as there are observations in the input but got {} != {samples}",
                w.numel()
            ));
        }
        let is_wrong = |least: f64| least.is_nan() || least < 0.0;
        if w.numel() > 0 && !w.is_sample() && is_wrong(w.detach().min_all()?.item()?.to_f64()) {
            return Err(runtime_err!("cov(): {name} cannot be negative"));
        }
    }
    let weights = match (counts, importance) {
        (Some(f), Some(a)) => Some(f.mul(a)?),
        (f, a) => f.or(a).cloned(),
    };
    let Some(weights) = weights else {
        let centered = x.minus(&M::of_node(x.node().mean(&[M::place(-1)], true)?))?;
        let divisor = (samples as f64 - correction.to_f64()).max(0.0);
        let divisor = Tensor::full(&[], divisor, dtype, x.node().device())?;
        return finished(centered.product(&centered.daggered()?)?, &divisor);
    };
    let weights = weights.reshape(&[-1])?;
    let total = weights.sum_all()?;
    let divisor = match importance {
        Some(a) if correction.to_f64() != 0.0 => {
            let squares = weights.mul(&a.reshape(&[-1])?)?.sum_all()?;
            total.sub(&squares.div(&total)?.mul(correction)?)?
        }
        _ => total.sub(correction)?,
    };
    let mean = x.weighed(&weights)?.node().sum(&[M::place(-1)], true)?.div(&total)?;
    let centered = x.minus(&M::of_node(mean))?;
    let weighted = M::of_node(centered.weighed(&weights)?.node().to_dtype(centered.parts())?);
    finished(centered.product(&weighted.daggered()?)?, &divisor.clamp_min(0)?)
}

/// Pearson's correlation coefficients of rows of samples.
pub fn corrcoef(x: &Tensor) -> Result<Tensor> {
    if x.dim() > 2 {
        return Err(runtime_err!(
            "corrcoef(): expected input to have two or fewer dimensions but got an input with {} dimensions",
            x.dim()
        ));
    }
    let c = cov(x, Scalar::Int(1), None, None)?;
    if c.dim() == 0 {
        return c.div(&c);
    }
    let deviation = c.diagonal(0, 0, 1)?.sqrt()?;
    let c = c.div(&deviation.unsqueeze(1)?)?.div(&deviation.unsqueeze(0)?)?;
    c.clamp(Some(Operand::Scalar(Scalar::Float(-1.0))), Some(Operand::Scalar(Scalar::Float(1.0))))
}

/// The ends of a range, or of the elements where both are equal.
fn ends(name: &str, x: &Tensor, low: f64, high: f64) -> Result<(f64, f64)> {
    let (mut low, mut high) = (low, high);
    if low == high && x.numel() > 0 {
        let (least, most) = (x.detach().min_all()?, x.detach().max_all()?);
        crate::runtime::realize(&[least.clone(), most.clone()])?;
        (low, high) = (least.item()?.to_f64(), most.item()?.to_f64());
    }
    if low == high {
        (low, high) = (low - 1.0, high + 1.0);
    }
    if !low.is_finite() || !high.is_finite() {
        return Err(runtime_err!("{name}: range of [{low}, {high}] is not finite"));
    }
    if low > high {
        return Err(runtime_err!("{name}: max must be larger than min"));
    }
    Ok((low, high))
}

/// How many elements fall into each of so many equal parts of a range.
pub fn histc(x: &Tensor, bins: i64, low: f64, high: f64) -> Result<Tensor> {
    expect_float("histc", x).map_err(|e| unsupported!("\"histogram_cpu\" not implemented: {e}"))?;
    if bins <= 0 {
        return Err(runtime_err!("histc: bins must be > 0, but got {bins}"));
    }
    let (low, high) = ends("histc", x, low, high)?;
    let x = x.detach().reshape(&[-1])?;
    // As in torch each step is rounded to the elements' dtype.
    let number = |value: f64| Tensor::full(&[], value, x.dtype(), x.device());
    let (least, most) = (number(low)?, number(high)?);
    let place = x.sub(&least)?.mul(&number(bins as f64)?)?.div(&most.sub(&least)?)?.floor()?;
    let inside = x.ge(&least)?.logical_and(&x.le(&most)?)?;
    // (As whole numbers: the last place of many need not be a number of half precision.)
    let place = select(&inside, &place, 0.0)?.to_dtype(DType::I64)?.clamp_min(0)?.clamp_max(bins - 1)?;
    counted(&place, &inside.to_dtype(x.dtype())?, bins as usize)
}

/// The sums of weights by place.
fn counted(place: &Tensor, weights: &Tensor, bins: usize) -> Result<Tensor> {
    let start = Tensor::zeros(&[bins], weights.dtype(), weights.device())?;
    start.scatter_by(ScatterOp::Add, &IndexPlan::from_elem(None, 1), std::slice::from_ref(place), weights)
}

/// Equally spaced edges of a range, or of the elements if none is named.
pub fn histogram_edges(x: &Tensor, bins: i64, range: Option<(f64, f64)>) -> Result<Tensor> {
    expect_float("histogram", x).map_err(|e| unsupported!("\"histogram_cpu\" not implemented: {e}"))?;
    if bins <= 0 {
        return Err(runtime_err!("torch.histogram(): bins must be > 0, but got {bins}"));
    }
    let (low, high) = range.unwrap_or((0.0, 0.0));
    let (low, high) = match range {
        Some((low, high)) if low == high => (low - 0.5, high + 0.5),
        None if x.numel() == 0 => (0.0, 1.0),
        None => {
            let (low, high) = ends("torch.histogram()", x, low, high)?;
            let widened = x.numel() > 0 && x.detach().min_all()?.item()?.to_f64() != low;
            if widened { (low + 0.5, high - 0.5) } else { (low, high) }
        }
        _ => ends("torch.histogram()", x, low, high)?,
    };
    Tensor::linspace(low, high, bins + 1, Some(x.dtype()), x.device())
}

/// The sums of weights between neighbouring edges; the last edge belongs to the last part.
pub fn histogram(x: &Tensor, edges: &Tensor, weight: Option<&Tensor>, density: bool) -> Result<Tensor> {
    if edges.dtype() != x.dtype() {
        return Err(runtime_err!(
            "torch.histogram(): input tensor and bins tensors should have the same dtype, but got input with dtype {} and bins with dtype {}",
            x.dtype(),
            edges.dtype()
        ));
    }
    if edges.dim() != 1 || edges.numel() < 1 {
        return Err(runtime_err!(
            "torch.histogram(): bins tensor should have one dimension and at least one element, but got shape {:?}",
            edges.shape()
        ));
    }
    if let Some(w) = weight
        && (w.shape() != x.shape() || w.dtype() != x.dtype())
    {
        return Err(runtime_err!(
            "torch.histogram(): input tensor and weight tensor should have the same dtype and shape"
        ));
    }
    let bins = edges.numel() as i64 - 1;
    if bins == 0 {
        return Tensor::zeros(&[0], x.dtype(), x.device());
    }
    let (x, edges) = (x.detach().reshape(&[-1])?, edges.detach());
    let inside = x.ge(&edges.select(0, 0)?)?.logical_and(&x.le(&edges.select(0, -1)?)?)?;
    let place =
        edges.searchsorted((&x).into(), true)?.sub(1)?.clamp(Some(0.into()), Some((bins - 1).into()))?;
    let weight = match weight {
        Some(w) => select(&inside, &w.detach().reshape(&[-1])?, 0.0)?,
        None => inside.to_dtype(x.dtype())?,
    };
    let counts = counted(&place, &weight, bins as usize)?;
    if !density {
        return Ok(counts);
    }
    counts.div(&diff(&edges, 1, 0, None, None)?)?.div(&counts.sum_all()?)
}
