//! Images read at places that a grid says: `grid_sample` and `affine_grid`.

use crate::ops::pointwise::{expect_float, flat_in};
use crate::ops::select;
use crate::tensor::Tensor;
use st_kernel::{DType, Result, runtime_err, unsupported, value_err};

/// How elements between the places of an image are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// Weighed by distance.
    Linear,
    /// The nearest.
    Nearest,
    /// A cubic through four neighbours in each dimension.
    Cubic,
}

/// What stands outside of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// Zeros.
    Zeros,
    /// The edge.
    Border,
    /// The image mirrored.
    Reflection,
}

impl Between {
    /// By torch's name or number.
    pub fn parse(name: &str) -> Result<Between> {
        Ok(match name {
            "bilinear" | "0" => Between::Linear,
            "nearest" | "1" => Between::Nearest,
            "bicubic" | "2" => Between::Cubic,
            _ => {
                return Err(value_err!(
                    "nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{name}'"
                ));
            }
        })
    }
}

impl Outside {
    /// By torch's name or number.
    pub fn parse(name: &str) -> Result<Outside> {
        Ok(match name {
            "zeros" | "0" => Outside::Zeros,
            "border" | "1" => Outside::Border,
            "reflection" | "2" => Outside::Reflection,
            _ => {
                return Err(value_err!(
                    "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '{name}'"
                ));
            }
        })
    }
}

/// The input at the places that the last dimension of the grid says, -1 being one end of a dimension and 1 the other.
pub fn grid_sample(
    input: &Tensor,
    grid: &Tensor,
    between: Between,
    outside: Outside,
    align_corners: bool,
) -> Result<Tensor> {
    expect_grid(input, grid)?;
    let n = input.dim() - 2;
    let sampler = Sampler { lengths: &input.shape()[2..], outside, align_corners };
    let image = input.widened()?.flatten(2, -1)?;
    let flat = grid.widened()?.flatten(1, -2)?;
    // The last dimension of the image comes first in the grid.
    let taps = (0..n).map(|d| sampler.taps(&flat.select(-1, (n - 1 - d) as i64)?, d, between));
    let taps = taps.collect::<Result<Vec<_>>>()?;
    let mut sum: Option<Tensor> = None;
    for tap in combined(&taps)? {
        let value = tap.read(&image)?;
        sum = Some(sum.map_or(Ok(value.clone()), |s| s.add(&value))?);
    }
    let shape = [&input.shape()[..2], &grid.shape()[1..=n]].concat();
    let sampled = sum.expect("there are neighbours").reshape_to(&shape)?.to_dtype(input.dtype())?;
    // To the nearest there is no slope, but the grid is on the tape.
    if matches!(between, Between::Nearest) { flat_in(&sampled, grid) } else { Ok(sampled) }
}

fn expect_grid(input: &Tensor, grid: &Tensor) -> Result<()> {
    expect_float("grid_sampler", input)?;
    let (x, g) = (input.shape(), grid.shape());
    let both = || format!("but got input with sizes {x:?} and grid with sizes {g:?}");
    if x.first() != g.first() {
        return Err(runtime_err!(
            "grid_sampler(): expected grid and input to have same batch size, {}",
            both()
        ));
    }
    let n = x.len().saturating_sub(2);
    if g.last() != Some(&n) {
        return Err(runtime_err!(
            "grid_sampler(): expected grid to have size {n} in last dimension, but got grid with sizes {g:?}"
        ));
    }
    if let Some(d) = (2..x.len()).find(|&d| x[d] == 0) {
        return Err(runtime_err!(
            "grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes {x:?} with dimension {d} being empty"
        ));
    }
    if !(4..=5).contains(&x.len()) || x.len() != g.len() {
        return Err(runtime_err!(
            "grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, {}",
            both()
        ));
    }
    if input.dtype() != grid.dtype() {
        return Err(runtime_err!(
            "grid_sampler(): expected input and grid to have same dtype, but input has {} and grid has {}",
            input.dtype(),
            grid.dtype()
        ));
    }
    Ok(())
}

/// Places along a dimension (or all of them, as one) that elements are read at: index, whether it is inside, weight.
struct Tap {
    index: Tensor,
    inside: Option<Tensor>,
    weight: Option<Tensor>,
}

impl Tap {
    /// The elements of an image with one spatial dimension, weighed.
    fn read(&self, image: &Tensor) -> Result<Tensor> {
        let shape = [&image.shape()[..2], &[self.index.shape()[1]]].concat();
        let mut value = image.gather(2, &self.index.unsqueeze(1)?.expand_to(&shape)?)?;
        if let Some(inside) = &self.inside {
            value = select(&inside.unsqueeze(1)?, &value, 0.0)?;
        }
        self.weight.as_ref().map_or(Ok(value.clone()), |w| value.mul(&w.unsqueeze(1)?))
    }
}

/// Every tap of one dimension with every tap of the next.
fn combined(dims: &[(Vec<Tap>, usize)]) -> Result<Vec<Tap>> {
    let both =
        |a: &Option<Tensor>, b: &Option<Tensor>, f: fn(&Tensor, &Tensor) -> Result<Tensor>| match (a, b) {
            (Some(a), Some(b)) => f(a, b).map(Some),
            (a, b) => Ok(a.as_ref().or(b.as_ref()).cloned()),
        };
    let (first, rest) = dims.split_first().expect("an image has dimensions");
    let copy = |t: &Tap| Tap { index: t.index.clone(), inside: t.inside.clone(), weight: t.weight.clone() };
    let mut taps: Vec<Tap> = first.0.iter().map(copy).collect();
    for (next, length) in rest {
        let mut joined = Vec::with_capacity(taps.len() * next.len());
        for a in &taps {
            for b in next {
                joined.push(Tap {
                    index: a.index.mul(*length as i64)?.add(&b.index)?,
                    inside: both(&a.inside, &b.inside, |a, b| a.logical_and(b))?,
                    weight: both(&a.weight, &b.weight, |a, b| a.mul(b))?,
                });
            }
        }
        taps = joined;
    }
    Ok(taps)
}

struct Sampler<'a> {
    lengths: &'a [usize],
    outside: Outside,
    align_corners: bool,
}

impl Sampler<'_> {
    /// The taps of a dimension for coordinates between -1 and 1, and its size.
    fn taps(&self, coordinate: &Tensor, d: usize, between: Between) -> Result<(Vec<Tap>, usize)> {
        let length = self.lengths[d];
        let (size, shifted) = (length as f64, coordinate.add(1.0)?);
        // (As torch computes it; otherwise large images differ in what is rounded.)
        let place = match (self.align_corners, self.lengths.len()) {
            (true, 2) => shifted.mul(0.5 * (size - 1.0))?,
            (false, 2) => shifted.mul(0.5 * size)?.sub(0.5)?,
            (true, _) => shifted.mul(0.5)?.mul(size - 1.0)?,
            (false, _) => shifted.mul(size)?.sub(1.0)?.mul(0.5)?,
        };
        let taps = match between {
            Between::Linear => {
                let place = self.kept(&place, size)?;
                let low = place.detach().floor()?;
                let share = place.sub(&low)?;
                let tap = |at: &Tensor, weight: Tensor| self.tap(at, Some(weight), length);
                vec![tap(&low, share.neg()?.add(1.0)?)?, tap(&low.add(1.0)?, share)?]
            }
            Between::Nearest => vec![self.tap(&self.kept(&place, size)?.detach().round()?, None, length)?],
            Between::Cubic => {
                let low = place.detach().floor()?;
                let weights = cubic_weights(&place.sub(&low)?)?;
                let tap = |(k, weight): (usize, Tensor)| {
                    self.tap(&self.kept(&low.add(k as f64 - 1.0)?, size)?.detach(), Some(weight), length)
                };
                weights.into_iter().enumerate().map(tap).collect::<Result<_>>()?
            }
        };
        Ok((taps, length))
    }

    /// A tap at whole numbers; those outside count as nothing.
    fn tap(&self, at: &Tensor, weight: Option<Tensor>, length: usize) -> Result<Tap> {
        let inside = at.ge(0.0)?.logical_and(&at.lt(length as f64)?)?;
        let index = select(&inside, at, 0.0)?.to_dtype(DType::I64)?;
        // What is outside of a volume is not looked at, however far; of an image it is weighed, in torch too.
        let weight = match weight {
            Some(weight) if self.lengths.len() > 2 => Some(select(&inside, &weight, 0.0)?),
            weight => weight,
        };
        Ok(Tap { index, inside: Some(inside), weight })
    }

    /// Brought back to the image, if the mode says so.
    fn kept(&self, place: &Tensor, size: f64) -> Result<Tensor> {
        match self.outside {
            Outside::Zeros => Ok(place.clone()),
            Outside::Border => clipped(place, size - 1.0),
            Outside::Reflection => {
                let (low, high) = if self.align_corners { (0.0, size - 1.0) } else { (-0.5, size - 0.5) };
                clipped(&reflected(place, low, high)?, size - 1.0)
            }
        }
    }
}

/// Between 0 and `high`; at the ends there is no gradient, as in torch.
fn clipped(place: &Tensor, high: f64) -> Result<Tensor> {
    let below = select(&place.gt(0.0)?, place, 0.0)?;
    select(&below.lt(high)?, &below, high)
}

/// Mirrored at both ends until it is inside.
fn reflected(place: &Tensor, low: f64, high: f64) -> Result<Tensor> {
    let span = high - low;
    if span <= 0.0 {
        return place.mul(0.0);
    }
    let distance = place.sub(low)?.abs()?;
    let flips = distance.detach().div(span)?.floor()?;
    let extra = distance.sub(&flips.mul(span)?)?;
    let even = flips.remainder(2.0)?.eq(0.0)?;
    select(&even, &extra.add(low)?, &extra.neg()?.add(span + low)?)
}

/// The weights of four neighbours, `t` of the way from the second to the third.
fn cubic_weights(t: &Tensor) -> Result<[Tensor; 4]> {
    const A: f64 = -0.75;
    let near = |x: &Tensor| x.mul(A + 2.0)?.sub(A + 3.0)?.mul(x)?.mul(x)?.add(1.0);
    let far = |x: &Tensor| x.mul(A)?.sub(5.0 * A)?.mul(x)?.add(8.0 * A)?.mul(x)?.sub(4.0 * A);
    let rest = t.neg()?.add(1.0)?;
    Ok([far(&t.add(1.0)?)?, near(t)?, near(&rest)?, far(&rest.add(1.0)?)?])
}

/// The grid that [`grid_sample`] reads an image turned, moved or stretched by the matrices `theta` at.
pub fn affine_grid(theta: &Tensor, size: &[i64], align_corners: bool) -> Result<Tensor> {
    if !theta.dtype().is_float() {
        return Err(value_err!("Expected theta to have floating point type, but got {}", theta.dtype()));
    }
    let n = match size.len() {
        4 => 2,
        5 => 3,
        _ => {
            return Err(unsupported!(
                "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size {size:?}."
            ));
        }
    };
    if theta.dim() != 3 || theta.shape()[1..] != [n, n + 1] {
        return Err(value_err!(
            "Expected a batch of {n}D affine matrices of shape Nx{n}x{} for size {size:?}. Got {:?}.",
            n + 1,
            theta.shape()
        ));
    }
    if size.iter().any(|&s| s <= 0) {
        return Err(value_err!("Expected non-zero, positive output size. Got {size:?}"));
    }
    if size[0] != theta.shape()[0] as i64 {
        return Err(runtime_err!(
            "Expected a batch of {} affine matrices, got {}",
            size[0],
            theta.shape()[0]
        ));
    }
    let theta_wide = theta.widened()?;
    let (dtype, device) = (theta_wide.dtype(), theta.device());
    let lengths: Vec<usize> = size[2..].iter().map(|&s| s as usize).collect();
    // Row and column of a matrix times a place: the sum over its coordinates, which come from the last dimension on.
    let mut grid = theta_wide.select(-1, n as i64)?.reshape_to(&with_ones(theta.shape()[0], n, n))?;
    for d in 0..n {
        let count = lengths[d];
        let ends = if count > 1 {
            Tensor::linspace(-1.0, 1.0, count as i64, Some(dtype), device)?
        } else {
            Tensor::zeros(&[1], dtype, device)?
        };
        let ends = if align_corners { ends } else { ends.mul((count as f64 - 1.0) / count as f64)? };
        let mut standing = vec![1; n + 2];
        standing[d + 1] = count;
        let column =
            theta_wide.select(-1, (n - 1 - d) as i64)?.reshape_to(&with_ones(theta.shape()[0], n, n))?;
        grid = grid.add(&ends.reshape_to(&standing)?.mul(&column)?)?;
    }
    grid.to_dtype(theta.dtype())
}

/// `[batch, 1 .., last]` with so many ones.
fn with_ones(batch: usize, ones: usize, last: usize) -> Vec<usize> {
    let mut shape = vec![1; ones + 2];
    (shape[0], shape[ones + 1]) = (batch, last);
    shape
}
