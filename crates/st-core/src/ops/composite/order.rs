//! Quantiles and modes: statistics of sorted elements.

use crate::ops::pointwise::Operand;
use crate::ops::select;
use crate::tensor::{Tensor, normalize_dim};
use st_kernel::{DType, Result, ScanOp, index_err, runtime_err};

/// How a quantile between two elements is made of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    Linear,
    Lower,
    Higher,
    Midpoint,
    Nearest,
}

impl Between {
    fn parse(name: &str, word: &str) -> Result<Between> {
        Ok(match word {
            "linear" => Between::Linear,
            "lower" => Between::Lower,
            "higher" => Between::Higher,
            "midpoint" => Between::Midpoint,
            "nearest" => Between::Nearest,
            other => {
                return Err(runtime_err!(
                    "{name}() interpolation must be one of linear, lower, higher, midpoint or nearest, but got {other}"
                ));
            }
        })
    }
}

/// The elements that a share `q` of the others is below, along a dimension or of all elements.
pub fn quantile(
    x: &Tensor,
    q: Operand,
    dim: Option<i64>,
    keepdim: bool,
    interpolation: &str,
    skip_nan: bool,
) -> Result<Tensor> {
    let name = if skip_nan { "nanquantile" } else { "quantile" };
    let between = Between::parse(name, interpolation)?;
    if !matches!(x.dtype(), DType::F32 | DType::F64) {
        return Err(runtime_err!("{name}() input tensor must be either float or double dtype"));
    }
    if x.numel() == 0 {
        return Err(runtime_err!("{name}() input tensor must be non-empty"));
    }
    let q = shares(name, x, q)?;
    let rank = x.dim();
    let d = dim.map(|dim| normalize_dim(dim, rank)).transpose()?;
    // The elements to choose from stand in the last dimension.
    let (rows, last) = match d {
        Some(d) if rank > 0 => (x.movedim(&[d as i64], &[-1])?, x.shape()[d]),
        _ => (x.reshape(&[-1])?, x.numel()),
    };
    let (sorted, _) = rows.sort(-1, false, false)?;
    let nan = rows.detach().isnan()?;
    let top = if skip_nan {
        let numbers = nan.logical_not()?.sum(&[-1], true)?;
        numbers.sub(1)?.clamp_min(0)?.to_dtype(DType::F64)?
    } else {
        Tensor::full(&[1], last as f64 - 1.0, DType::F64, x.device())?
    };
    // In double precision, as torch does: a share in single precision need not be a whole number of places.
    let mut place = q.reshape(&[-1])?.to_dtype(DType::F64)?.mul(&top)?;
    if !skip_nan {
        // NaNs are sorted to the end, where the answer is one.
        place = select(&nan.any(&[-1], true)?.to_dtype(DType::Bool)?, last as f64 - 1.0, &place)?;
    }
    let at = |t: &Tensor| sorted.gather(-1, &t.to_dtype(DType::I64)?);
    let value = match between {
        Between::Lower => at(&place.floor()?)?,
        Between::Higher => at(&place.ceil()?)?,
        Between::Nearest => at(&place.round()?)?,
        Between::Linear | Between::Midpoint => {
            let below = place.floor()?;
            let (low, high) = (at(&below)?, at(&place.ceil()?)?);
            if between == Between::Midpoint {
                low.lerp(&high, 0.5)?
            } else {
                low.lerp(&high, &place.sub(&below)?.to_dtype(x.dtype())?)?
            }
        }
    };
    placed(&value, &q, d, x, keepdim)
}

/// The shares as a tensor of the elements' dtype.
fn shares(name: &str, x: &Tensor, q: Operand) -> Result<Tensor> {
    let outside = || runtime_err!("{name}() q values must be in the range [0, 1]");
    match q {
        Operand::Scalar(q) => {
            let value = q.to_f64();
            if (0.0..=1.0).contains(&value) {
                Tensor::full(&[], value, x.dtype(), x.device())
            } else {
                Err(runtime_err!("{name}() q must be in the range [0, 1] but got {value}"))
            }
        }
        Operand::Tensor(q) => {
            if q.dtype() != x.dtype() {
                return Err(runtime_err!("{name}() q tensor must be same dtype as the input tensor"));
            }
            if q.dim() > 1 {
                return Err(runtime_err!("{name}() q must be a scalar or 1D tensor"));
            }
            let inside = q.detach().ge(0.0)?.logical_and(&q.detach().le(1.0)?)?;
            if q.numel() > 0 && !inside.all(&[], false)?.item()?.to_bool() {
                return Err(outside());
            }
            Ok(q.clone())
        }
    }
}

/// The quantiles, which stand in the last dimension, where torch has them: first if there are several.
fn placed(value: &Tensor, q: &Tensor, d: Option<usize>, x: &Tensor, keepdim: bool) -> Result<Tensor> {
    let several = q.dim() == 1;
    let first = if value.dim() > 1 { value.movedim(&[-1], &[0])? } else { value.clone() };
    let mut shape: Vec<usize> = if several { vec![q.numel()] } else { Vec::new() };
    match d {
        _ if x.dim() == 0 => {}
        Some(d) => {
            let sizes = x.shape().iter().enumerate();
            shape.extend(sizes.filter(|&(k, _)| keepdim || k != d).map(|(k, &n)| if k == d { 1 } else { n }));
        }
        None if keepdim => shape.extend(vec![1; x.dim()]),
        None => {}
    }
    first.reshape_to(&shape)
}

/// The most frequent element along a dimension, the smallest of several, and where it is last.
pub fn mode(x: &Tensor, dim: i64, keepdim: bool) -> Result<(Tensor, Tensor)> {
    let d = normalize_dim(dim, x.dim())?;
    if x.dim() == 0 {
        return Ok((x.copy()?, Tensor::zeros(&[], DType::I64, x.device())?));
    }
    let n = x.shape()[d] as i64;
    if n == 0 {
        return Err(index_err!("mode(): Expected reduction dim {d} to have non-zero size."));
    }
    let rows = x.detach().movedim(&[d as i64], &[-1])?;
    let rows = if rows.dtype() == DType::Bool { rows.to_dtype(DType::U8)? } else { rows };
    let (sorted, order) = rows.sort(-1, false, true)?;
    // How many equal elements stand up to each place: the distance to where their run starts.
    let place = super::products::counting(n as usize, x);
    let changes = sorted.narrow(-1, 1, n - 1)?.ne(&sorted.narrow(-1, 0, n - 1)?)?;
    let starts = select(&changes.padded_front()?, &place, 0)?;
    let starts = starts.scan(ScanOp::Max, -1)?.0;
    let run = place.sub(&starts)?;
    let end = run.argmax(Some(-1), true)?;
    let at = order.gather(-1, &end)?.movedim(&[-1], &[d as i64])?;
    let value = x.gather(d as i64, &at)?;
    if keepdim {
        Ok((value, at))
    } else {
        Ok((value.squeeze(Some(&[d as i64]))?, at.squeeze(Some(&[d as i64]))?))
    }
}

impl Tensor {
    /// With a false in front of the last dimension.
    fn padded_front(&self) -> Result<Tensor> {
        self.pad_constant(&[(1, 0)], false)
    }
}
