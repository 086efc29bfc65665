//! Windows that slide over the last dimensions: what pooling, `unfold` and `fold` are made of.
//!
//! The places of a window are looked at one by one: each is a strided view with an element for every window, so that a sum
//! or a maximum over windows is one expression of as many operands as a window has places, computed along rows of memory.
//! The gradient of a sum over windows is a sum over windows again, of the gradient spread out with zeros in between.

use super::arrange::placed;
use super::pointwise::{Operand, Pointwise, apply};
use crate::autograd::{Backward, ModeGuard, apply_custom};
use crate::tensor::Tensor;
use smallvec::SmallVec;
use st_kernel::expr::{gt, is_nan, max, select as choose};
use st_kernel::view::{Dims, View};
use st_kernel::{DType, Ex, Expr, ReduceOp, Result, Scalar};

/// So many places are looked at by one kernel.
const MOST: usize = 16;

/// How windows slide along a dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slide {
    /// Places in a window.
    pub(crate) size: usize,
    /// Steps between windows.
    pub(crate) stride: usize,
    /// Steps between places.
    pub(crate) dilation: usize,
    /// Margin in front of the dimension.
    pub(crate) before: usize,
    /// The dimension's size.
    pub(crate) length: usize,
    /// Windows.
    pub(crate) out: usize,
}

/// One for each of the last dimensions.
pub(crate) type Slides = SmallVec<[Slide; 3]>;

impl Slide {
    /// Each element a window of its own.
    fn still(length: usize) -> Slide {
        Slide { size: 1, stride: 1, dilation: 1, before: 0, length, out: length }
    }

    /// From the first place of a window to its last.
    fn span(&self) -> usize {
        self.dilation * (self.size - 1)
    }

    /// How far the windows reach, margins included.
    fn reach(&self) -> usize {
        self.out.saturating_sub(1) * self.stride + self.span() + 1
    }

    fn margins(&self) -> (i64, i64) {
        (self.before as i64, self.reach().saturating_sub(self.before + self.length) as i64)
    }

    /// Whether there is one window, and it is the whole dimension.
    pub(crate) fn is_whole(&self) -> bool {
        self.out == 1 && self.before == 0 && self.dilation == 1 && self.size == self.length
    }

    /// Whether the windows divide the dimension among them.
    fn is_even(&self) -> bool {
        self.before == 0
            && self.dilation == 1
            && self.size == self.stride
            && self.out * self.size == self.length
    }

    /// Where each window starts; the margin counts as negative.
    fn starts(&self) -> impl Iterator<Item = i64> {
        let (stride, before) = (self.stride as i64, self.before as i64);
        (0..self.out as i64).map(move |o| o * stride - before)
    }

    /// How many steps each window's first place that is no margin is from its start.
    fn first(&self, start: i64) -> i64 {
        let dilation = self.dilation as i64;
        if start >= 0 { 0 } else { (-start + dilation - 1) / dilation * dilation }
    }
}

fn places_of(slides: &[Slide]) -> usize {
    slides.iter().map(|s| s.size).product()
}

/// The tensor with the margins that the windows reach into.
fn framed(x: &Tensor, slides: &[Slide], around: Scalar) -> Result<Tensor> {
    let mut margins = vec![(0, 0); x.dim() - slides.len()];
    margins.extend(slides.iter().map(Slide::margins));
    x.padded(&margins, around)
}

/// For each place of a window, row-major, what all windows see there.
fn places(framed: &Tensor, slides: &[Slide]) -> Result<Vec<Tensor>> {
    let lead = framed.dim() - slides.len();
    let mut seen = vec![framed.clone()];
    for (i, s) in slides.iter().enumerate() {
        let at = |t: &Tensor, k: usize| {
            let start = (k * s.dilation) as i64;
            let end = start + (s.out.saturating_sub(1) * s.stride) as i64 + i64::from(s.out > 0);
            t.slice((lead + i) as i64, Some(start), Some(end), s.stride as i64)
        };
        seen = seen.iter().flat_map(|t| (0..s.size).map(move |k| at(t, k))).collect::<Result<_>>()?;
    }
    Ok(seen)
}

/// All of them by one function, a few at a time.
fn combined(name: &'static str, mut parts: Vec<Tensor>, f: fn(Ex, Ex) -> Ex) -> Result<Tensor> {
    while parts.len() > 1 {
        let layer = parts.chunks(MOST).map(|some| {
            let (dtype, compute) = (some[0].dtype(), some[0].dtype().compute());
            let expr = Expr::build(&vec![dtype; some.len()], |x| {
                let all = x[1..].iter().fold(x[0].cast(compute), |a, b| f(a, b.cast(compute)));
                vec![all.cast(dtype)]
            });
            let operands: Vec<Operand> = some.iter().map(Operand::from).collect();
            apply(Pointwise::intern(name, expr, None), &operands)
        });
        parts = layer.collect::<Result<_>>()?;
    }
    Ok(parts.remove(0))
}

/// The windows of one dimension only.
fn alone(slides: &[Slide], i: usize, done: impl Fn(usize) -> bool) -> Slides {
    let still = |(k, s): (usize, &Slide)| match (k == i, done(k)) {
        (true, _) => *s,
        (false, true) => Slide::still(s.out),
        (false, false) => Slide::still(s.length),
    };
    slides.iter().enumerate().map(still).collect()
}

fn sum_now(x: &Tensor, slides: &[Slide]) -> Result<Tensor> {
    if places_of(slides) <= MOST || slides.iter().filter(|s| s.size > 1).count() == 1 {
        return combined("window_sum", places(&framed(x, slides, Scalar::Int(0))?, slides)?, |a, b| a + b);
    }
    (0..slides.len()).rev().try_fold(x.clone(), |x, i| sum_now(&x, &alone(slides, i, |k| k > i)))
}

/// The gradient of `sum_now`: each element gets what the windows that see it hold.
fn spread_now(g: &Tensor, slides: &[Slide]) -> Result<Tensor> {
    let lead = g.dim() - slides.len();
    let mut out = g.clone();
    for (i, s) in slides.iter().enumerate().filter(|(_, s)| **s != Slide::still(s.length)).rev() {
        let d = lead + i;
        if s.is_even() {
            out = out.repeat_interleave(s.size as i64, Some(d as i64))?;
            continue;
        }
        let apart = s.set_apart(&out, d)?;
        let seen =
            (0..s.size).map(|k| apart.narrow(d as i64, (s.before + k * s.dilation) as i64, s.length as i64));
        out = combined("window_spread", seen.collect::<Result<_>>()?, |a, b| a + b)?;
    }
    Ok(out)
}

impl Slide {
    /// The windows of a dimension where they start, a window's span further on, with zeros in between.
    fn set_apart(&self, g: &Tensor, d: usize) -> Result<Tensor> {
        let mut shape = Dims::from_slice(g.shape());
        shape[d] = self.reach().max(self.before + self.length) + self.span();
        let view = View::contiguous(&shape).slice(d, self.span(), self.out, self.stride as isize);
        placed(g, &shape, view, Scalar::Int(0))
    }
}

/// A linear function of windows; its gradient is the other direction of it.
#[derive(Clone)]
struct Linear {
    kind: LinearKind,
    slides: Slides,
}

#[derive(Clone, Copy)]
enum LinearKind {
    Sum,
    Spread,
    Unfold,
    Fold,
}

impl Linear {
    fn apply(self, x: &Tensor) -> Result<Tensor> {
        let out = {
            let _off = ModeGuard::grad(false);
            match self.kind {
                LinearKind::Sum => sum_now(x, &self.slides),
                LinearKind::Spread => spread_now(x, &self.slides),
                LinearKind::Unfold => unfold_now(x, &self.slides),
                LinearKind::Fold => fold_now(x, &self.slides),
            }?
        };
        let out = if out.shares_storage(x) { out.copy()? } else { out };
        apply_custom(Box::new(self), std::slice::from_ref(x), std::slice::from_ref(&out))?;
        Ok(out)
    }
}

impl Backward for Linear {
    fn name(&self) -> String {
        "WindowsBackward0".into()
    }

    fn backward(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let kind = match self.kind {
            LinearKind::Sum => LinearKind::Spread,
            LinearKind::Spread => LinearKind::Sum,
            LinearKind::Unfold => LinearKind::Fold,
            LinearKind::Fold => LinearKind::Unfold,
        };
        let back = |g: &Tensor| Linear { kind, slides: self.slides.clone() }.apply(g);
        Ok(vec![upstream[0].as_ref().map(back).transpose()?])
    }
}

/// The sums over windows of the last dimensions; margins count as zeros.
pub(crate) fn window_sum(x: &Tensor, slides: &[Slide]) -> Result<Tensor> {
    Linear { kind: LinearKind::Sum, slides: slides.into() }.apply(x)
}

/// What [`window_sum`] is the other way: each element gets the sum of the windows that see it.
pub(crate) fn spread(x: &Tensor, slides: &[Slide]) -> Result<Tensor> {
    Linear { kind: LinearKind::Spread, slides: slides.into() }.apply(x)
}

/// The places of all windows of the last dimensions: dimensions of places come before those of windows.
pub(crate) fn unfold(x: &Tensor, slides: &[Slide]) -> Result<Tensor> {
    Linear { kind: LinearKind::Unfold, slides: slides.into() }.apply(x)
}

/// The sum of what windows hold for each element: [`unfold`] the other way.
pub(crate) fn fold(x: &Tensor, slides: &[Slide]) -> Result<Tensor> {
    Linear { kind: LinearKind::Fold, slides: slides.into() }.apply(x)
}

/// A view in the layout of [`unfold`] of what has the margins already.
fn windows(framed: &Tensor, slides: &[Slide]) -> Tensor {
    let lead = framed.dim() - slides.len();
    let mut view = framed.0.view.clone();
    let strides: Dims = slides.iter().map(|s| s.dilation).collect();
    for (i, s) in slides.iter().enumerate() {
        let step = view.strides[lead + i];
        view.shape[lead + i] = s.size;
        view.strides[lead + i] = step * strides[i] as isize;
        view.shape.push(s.out);
        view.strides.push(step * s.stride as isize);
    }
    framed.alias(view)
}

fn unfold_now(x: &Tensor, slides: &[Slide]) -> Result<Tensor> {
    windows(&framed(x, slides, Scalar::Int(0))?, slides).copy()
}

fn fold_now(x: &Tensor, slides: &[Slide]) -> Result<Tensor> {
    let (n, lead) = (slides.len(), x.dim() - 2 * slides.len());
    let mut apart = x.clone();
    for (i, s) in slides.iter().enumerate() {
        apart = s.set_apart(&apart, lead + n + i)?;
    }
    let mut seen = vec![apart];
    for s in slides {
        // The places' dimension goes; that of windows moves to the end.
        let at = |t: &Tensor, k: usize| {
            let start = s.before + (s.size - 1 - k) * s.dilation;
            let part = t.select(lead as i64, k as i64)?;
            let d = part.dim() - slides.len();
            part.movedim(&[d as i64], &[-1])?.narrow(-1, start as i64, s.length as i64)
        };
        seen = seen.iter().flat_map(|t| (0..s.size).map(move |k| at(t, k))).collect::<Result<_>>()?;
    }
    combined("fold", seen, |a, b| a + b)
}

/// What no element is below.
pub(crate) fn lowest(dtype: DType) -> Scalar {
    if dtype.is_float() { Scalar::Float(f64::NEG_INFINITY) } else { Scalar::Int(dtype.integers().0) }
}

/// The largest of each window of the last dimensions.
pub(crate) fn window_max(x: &Tensor, slides: &[Slide]) -> Result<Tensor> {
    let x = x.detach();
    if places_of(slides) <= MOST || slides.iter().filter(|s| s.size > 1).count() == 1 {
        let seen = places(&framed(&x, slides, lowest(x.dtype()))?, slides)?;
        return combined("window_max", seen, |a, b| max(a, b));
    }
    (0..slides.len()).rev().try_fold(x, |x, i| window_max(&x, &alone(slides, i, |k| k > i)))
}

/// Where in the last dimensions, taken as one, the largest of each window is: the first, or the last NaN.
pub(crate) fn window_argmax(x: &Tensor, slides: &[Slide]) -> Result<Tensor> {
    let x = x.detach();
    if places_of(slides) <= MOST {
        return argmax_at_once(&x, slides);
    }
    // One dimension after another, from the last on; `found` knows where in the dimensions done the largest is.
    let lead = x.dim() - slides.len();
    let (mut values, mut found) = (x.clone(), None);
    for i in (0..slides.len()).rev() {
        let only = alone(slides, i, |k| k > i);
        let along = argmax_along(&values, &only, i, lead)?;
        let below: usize = slides[i + 1..].iter().map(|s| s.length).product();
        let scaled = along.mul(below as i64)?;
        found = Some(match found {
            None => scaled,
            Some(found) => Tensor::gather(&found, (lead + i) as i64, &along)?.add(&scaled)?,
        });
        values = values.gather((lead + i) as i64, &along)?;
    }
    Ok(found.expect("windows have dimensions"))
}

/// Where along dimension `i` of the slides the largest of each window is.
fn argmax_along(x: &Tensor, slides: &[Slide], i: usize, lead: usize) -> Result<Tensor> {
    let s = slides[i];
    if s.size <= MOST {
        // Its index in all of the last dimensions, of which only this one matters.
        let below: usize = slides[i + 1..].iter().map(|s| s.length).product();
        let at = argmax_at_once(x, slides)?;
        return at.floor_divide(below as i64)?.remainder(s.length as i64);
    }
    if s.is_whole() {
        return x.reduce(ReduceOp::ArgMax, &[(lead + i) as i64], true);
    }
    let seen = windows(&framed(x, slides, lowest(x.dtype()))?, slides);
    let place = seen.copy()?.reduce(ReduceOp::ArgMax, &[(lead + i) as i64], true)?;
    let d = lead + i;
    let place = place.reshape_to(&[&x.shape()[..d], &[s.out], &x.shape()[d + 1..]].concat())?;
    let starts: Vec<i64> = s.starts().collect();
    let firsts: Vec<i64> = s.starts().map(|start| start + s.first(start)).collect();
    let standing = standing(d, x.dim(), s.out);
    let at = |list: &[i64]| Tensor::from_slice(list, &standing);
    place.mul(s.dilation as i64)?.add(&at(&starts)?)?.maximum(&at(&firsts)?)
}

/// A shape with one dimension larger than one.
fn standing(d: usize, rank: usize, size: usize) -> Dims {
    let mut shape = Dims::from_elem(1, rank);
    shape[d] = size;
    shape
}

/// One kernel that carries along which place is the largest so far.
fn argmax_at_once(x: &Tensor, slides: &[Slide]) -> Result<Tensor> {
    let (dtype, n) = (x.dtype(), slides.len());
    let seen = places(&framed(x, slides, lowest(dtype))?, slides)?;
    // The steps to each place, and for each window where it starts and where its first place that is no margin is.
    let (mut steps, mut base, mut first) = (vec![0i64], vec![0i64], vec![0i64]);
    for s in slides {
        let length = s.length as i64;
        let each = |of: &[i64], list: &[i64]| -> Vec<i64> {
            of.iter().flat_map(|&a| list.iter().map(move |&b| a * length + b)).collect()
        };
        steps = each(&steps, &(0..s.size).map(|k| (k * s.dilation) as i64).collect::<Vec<_>>());
        base = each(&base, &s.starts().collect::<Vec<_>>());
        first = each(&first, &s.starts().map(|start| s.first(start)).collect::<Vec<_>>());
    }
    let shape: Dims = slides.iter().map(|s| s.out).collect();
    let table = |list: &[i64]| {
        let list: Vec<i32> = list.iter().map(|&i| i as i32).collect();
        Tensor::from_slice(&list, &shape)
    };
    let count = seen.len();
    let mut inputs = vec![dtype; count];
    inputs.extend(std::iter::repeat_n(DType::I32, count + 2));
    let expr = Expr::build(&inputs, |x| {
        let (values, steps, base, first) =
            (&x[..count], &x[count..2 * count], x[2 * count], x[2 * count + 1]);
        let compute = dtype.compute();
        let (mut best, mut at) = (values[0].cast(compute), first);
        let better = |v: Ex, best: Ex| if dtype.is_float() { gt(v, best) | is_nan(v) } else { gt(v, best) };
        for (value, &step) in values[1..].iter().zip(&steps[1..]) {
            let value = value.cast(compute);
            let wins = better(value, best);
            at = choose(wins, step, at, at);
            best = choose(wins, value, best, best);
        }
        vec![(base + at).cast(DType::I64)]
    });
    let tables = [table(&base)?, table(&first)?];
    let mut operands: Vec<Operand> = seen.iter().map(Operand::from).collect();
    operands.extend(steps.iter().map(|&s| Operand::Scalar(Scalar::Int(s))));
    operands.extend(tables.iter().map(Operand::from));
    debug_assert_eq!(shape.len(), n);
    apply(Pointwise::intern("window_argmax", expr, None), &operands)
}

/// Of tensors of one shape, which one's element is the largest: the first, or the last NaN. `places` (which broadcast) say
/// what it is called.
pub(crate) fn argmax_among(mut seen: Vec<Tensor>, mut places: Vec<Tensor>) -> Result<Tensor> {
    while seen.len() > 1 {
        let (mut values, mut names) = (Vec::new(), Vec::new());
        for (some, called) in seen.chunks(MOST).zip(places.chunks(MOST)) {
            let (dtype, compute, count) = (some[0].dtype(), some[0].dtype().compute(), some.len());
            let mut inputs = vec![dtype; count];
            inputs.extend(std::iter::repeat_n(DType::I64, count));
            let winner = |x: &[Ex], name: bool| {
                let (mut best, mut at) = (x[0].cast(compute), x[count]);
                for (value, &place) in x[1..count].iter().zip(&x[count + 1..]) {
                    let value = value.cast(compute);
                    let wins =
                        if dtype.is_float() { gt(value, best) | is_nan(value) } else { gt(value, best) };
                    at = choose(wins, place, at, at);
                    best = choose(wins, value, best, best);
                }
                if name { at } else { best.cast(dtype) }
            };
            let operands: Vec<Operand> = some.iter().chain(called).map(Operand::from).collect();
            let name = Expr::build(&inputs, |x| vec![winner(x, true)]);
            names.push(apply(Pointwise::intern("argmax_among", name, None), &operands)?);
            if seen.len() > MOST {
                let value = Expr::build(&inputs, |x| vec![winner(x, false)]);
                values.push(apply(Pointwise::intern("max_among", value, None), &operands)?);
            }
        }
        if seen.len() <= MOST {
            return Ok(names.remove(0));
        }
        (seen, places) = (values, names);
    }
    let shape = Dims::from_slice(seen[0].shape());
    places.remove(0).expand_to(&shape)
}

/// The elements at positions in the last `n` dimensions, taken as one.
pub(crate) fn taken(x: &Tensor, at: &Tensor, n: usize) -> Result<Tensor> {
    let lead = x.dim() - n;
    let flat = |t: &Tensor| {
        let mut shape = Dims::from_slice(&t.shape()[..lead]);
        shape.push(t.shape()[lead..].iter().product());
        t.reshape_to(&shape)
    };
    let plan = super::index::displace(lead, lead + 1);
    let index = flat(at)?;
    flat(x)?.index_unchecked(&plan, std::slice::from_ref(&index), index.shape())?.reshape_to(at.shape())
}
