//! Other arrangements of the same elements: margins, reversal, rotation, repetition, triangles, diagonals, windows.

use super::index::IndexPlan;
use super::join::cat;
use super::layout::of_operands;
use super::pointwise::{Pointwise, apply};
use crate::autograd::Rule;
use crate::graph::{Arg, Args, DeviceId, Node, Op};
use crate::tensor::{Tensor, normalize_dim, normalize_dims};
use smallvec::SmallVec;
use st_kernel::view::{Dims, View, numel};
use st_kernel::{
    DType, Ex, Expr, Result, Scalar, ScatterOp, expr, index_err, runtime_err, unsupported, value_err,
};
use std::sync::Arc;

/// `0, 1 .. n - 1`; an expression until somebody needs memory.
pub(crate) fn positions(n: usize, device: DeviceId) -> Tensor {
    let count = Pointwise::intern("positions", Expr::build(&[], |_| vec![Ex::position()]), None);
    Tensor::from_node(
        Node::new(Op::Pointwise(count), Args::new(), Dims::from_slice(&[n]), DType::I64, device),
        0,
    )
}

/// A tensor filled with a number, with `part` where `view` (of a contiguous tensor of the shape) sees it.
pub(crate) fn placed(part: &Tensor, shape: &[usize], view: View, around: Scalar) -> Result<Tensor> {
    Tensor::full(shape, around, part.dtype(), part.device())?.with(view, part)
}

/// A tensor of zeros with each part where its view sees it; views of a contiguous tensor that share no element.
pub(crate) fn assembled(shape: &[usize], parts: &[(View, &Tensor)]) -> Result<Tensor> {
    let (_, first) = parts[0];
    let seen: usize = parts.iter().map(|(view, _)| view.numel()).sum();
    let base = match seen == numel(shape) {
        true => Tensor::empty(shape, first.dtype(), first.device())?,
        false => Tensor::full(shape, 0, first.dtype(), first.device())?,
    };
    parts.iter().try_fold(base, |base, (view, part)| base.with(view.clone(), part))
}

impl Tensor {
    /// What a view of this whole tensor sees.
    pub(crate) fn seen(&self, view: &View) -> Result<Tensor> {
        let from = self.0.view.clone();
        self.view_as_rule(view.clone(), || Rule::AsStrided(Box::new((from, view.clone()))))
    }

    /// This whole tensor with `part` where a view of it looks.
    fn with(&self, view: View, part: &Tensor) -> Result<Tensor> {
        let args = Args::from_iter([self.arg(), part.arg()]);
        let op = Op::Assign(Box::new(view.clone()));
        let node = Node::new(op, args, Dims::from_slice(self.shape()), self.dtype(), self.device());
        Tensor::record(node, &[Some(self), Some(part)], || Rule::Assign(Box::new(view)))
    }

    /// This whole tensor with zeros where a view of it looks.
    pub(crate) fn hidden(&self, view: &View) -> Result<Tensor> {
        self.with(view.clone(), &Tensor::full(&view.shape, 0, self.dtype(), self.device())?)
    }

    /// This vector with `part` added where a view of it, which may see an element several times, looks.
    pub(crate) fn add_at(&self, view: &View, part: &Tensor) -> Result<Tensor> {
        // A position tensor makes it an ordinary scatter, which has a gradient.
        let mut at = Tensor::full(&view.shape, view.offset as i64, DType::I64, self.device())?;
        for (d, &stride) in view.strides.iter().enumerate() {
            let mut standing = Dims::from_elem(1, view.shape.len());
            standing[d] = view.shape[d];
            let along = positions(view.shape[d], self.device()).reshape_to(&standing)?;
            at = at.add(&along.mul(stride as i64)?)?;
        }
        self.scatter_unchecked(ScatterOp::Add, &IndexPlan::from_elem(None, 1), &[at], part)
    }
}

/// Elements from which on only the margins are filled with a number, one by one, and not all before the rest is written.
const MARGINS_APART: usize = 1 << 18;

/// The parts of a tensor around what lies behind the margins, of size `inner`: none twice.
fn margin_views(shape: &Dims, margins: &[(i64, i64)], inner: &Dims) -> Vec<View> {
    let (mut rest, mut parts) = (View::contiguous(shape), Vec::new());
    for (d, &(before, after)) in margins.iter().enumerate() {
        let (before, after) = (before.max(0) as usize, after.max(0) as usize);
        for (start, size) in [(0, before), (before + inner[d], after)] {
            let part = rest.slice(d, start, size, 1);
            if !part.shape.contains(&0) {
                parts.push(part);
            }
        }
        rest = rest.slice(d, before, inner[d], 1);
    }
    parts
}

/// How margins that are not constant are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PadMode {
    /// Mirrored, the edge not repeated.
    Reflect,
    /// The edge repeated.
    Replicate,
    /// From the other end.
    Circular,
}

impl Tensor {
    /// Margins of a number, given as in torch: `(before, after)` of the last dimension, then of the one before it, and so
    /// on. Negative margins cut.
    pub fn pad_constant(&self, margins: &[(i64, i64)], value: impl Into<Scalar>) -> Result<Tensor> {
        if margins.len() > self.dim() {
            return Err(runtime_err!(
                "Length of pad should be no more than twice the number of dimensions of the input. Pad length is {} while the input has {} dimensions.",
                2 * margins.len(),
                self.dim()
            ));
        }
        let mut pairs: SmallVec<[(i64, i64); 4]> = SmallVec::from_elem((0, 0), self.dim());
        pairs.iter_mut().rev().zip(margins).for_each(|(pair, &margin)| *pair = margin);
        let padded = self.padded(&pairs, value.into())?;
        if padded.shares_storage(self) { padded.copy() } else { Ok(padded) }
    }

    /// As [`Tensor::pad_constant`] with a pair for each dimension in order; a view where nothing is added.
    pub(crate) fn padded(&self, margins: &[(i64, i64)], value: Scalar) -> Result<Tensor> {
        let mut shape = Dims::from_slice(self.shape());
        let adds = margins.iter().any(|&(before, after)| before > 0 || after > 0);
        let read = if adds { self.as_it_is_now() } else { self.clone() };
        let mut inner = read.0.view.clone();
        for (d, &(before, after)) in margins.iter().enumerate() {
            let n = shape[d] as i64;
            if n + before + after < 0 {
                return Err(runtime_err!(
                    "The input size {n}, plus negative padding {before} and {after}, resulted in a negative output size, which is invalid. Check dimension {d} of your input."
                ));
            }
            let kept = (n + before.min(0) + after.min(0)).max(0);
            inner = inner.slice(d, if kept == 0 { 0 } else { (-before).max(0) as usize }, kept as usize, 1);
            shape[d] = (n + before + after) as usize;
        }
        if !adds {
            let starts = margins.iter().enumerate().map(|(d, m)| (d as i64, -m.0));
            return starts.zip(&shape[..]).try_fold(self.clone(), |t, ((d, start), &n)| {
                if n == t.shape()[d as usize] { Ok(t) } else { t.narrow(d, start, n as i64) }
            });
        }
        let mut place = View::contiguous(&shape);
        for (d, &(before, _)) in margins.iter().enumerate() {
            place = place.slice(d, before.max(0) as usize, inner.shape[d], 1);
        }
        let (dtype, device) = (self.dtype(), self.device());
        let written = |base: Arg, place: View, what: Arg| {
            let args = Args::from_iter([base, what]);
            Node::new(Op::Assign(Box::new(place)), args, shape.clone(), dtype, device)
        };
        let base = if numel(&shape) < MARGINS_APART {
            Tensor::full(&shape, value, dtype, device)?.arg()
        } else {
            let mut node = Node::new(Op::Empty, Args::new(), shape.clone(), dtype, device);
            for part in margin_views(&shape, margins, &inner.shape) {
                let filled = Tensor::full(&part.shape, value, dtype, device)?;
                node = written(Arg::whole(node), part, filled.arg());
            }
            Arg::whole(node)
        };
        let node = written(base, place, read.0.storage.arg(Some(Arc::new(inner))));
        Tensor::record(node, &[Some(self)], || Rule::Pad(SmallVec::from_slice(margins)))
    }

    /// Margins taken from the tensor, in the order of [`Tensor::pad_constant`]; torch's rules for which dimensions.
    pub fn pad_from(&self, margins: &[(i64, i64)], mode: PadMode) -> Result<Tensor> {
        let known = matches!((margins.len(), self.dim()), (1, 2 | 3) | (2, 3 | 4) | (3, 4 | 5));
        if !known {
            return Err(unsupported!(
                "Padding size {} is not supported for {}D input tensor.",
                2 * margins.len(),
                self.dim()
            ));
        }
        let mut out = self.clone();
        for (i, &(before, after)) in margins.iter().enumerate() {
            out = out.pad_dim(self.dim() - 1 - i, before, after, mode)?;
        }
        match out.shares_storage(self) {
            true => out.copy(),
            // Margins may be less than nothing.
            false if !out.fills_its_memory() => out.contiguous(),
            false => Ok(out),
        }
    }

    fn pad_dim(&self, dim: usize, before: i64, after: i64, mode: PadMode) -> Result<Tensor> {
        let (d, n) = (dim as i64, self.shape()[dim] as i64);
        let limit = match mode {
            PadMode::Reflect => n - 1,
            PadMode::Circular => n,
            PadMode::Replicate => i64::MAX,
        };
        if before > limit || after > limit {
            return Err(match mode {
                PadMode::Circular => {
                    runtime_err!("Padding value causes wrapping around more than once.")
                }
                _ => runtime_err!(
                    "Argument #4: Padding size should be less than the corresponding input dimension, but got: padding ({before}, {after}) at dimension {dim} of input {:?}",
                    self.shape()
                ),
            });
        }
        let around = mode == PadMode::Circular;
        let least = if around { 0 } else { 1.min(n) };
        if before + after + n < least
            || (mode == PadMode::Replicate && n == 0)
            || (around && before.min(after) < -n)
        {
            return Err(runtime_err!(
                "input (size {n} of dimension {dim}) is too small for padding ({before}, {after})"
            ));
        }
        if before.min(after) < 0 {
            let (before, cut_before, after, cut_after) =
                (before.max(0), (-before).max(0), after.max(0), (-after).max(0));
            if around {
                // What goes around is what is left.
                return self
                    .slice(d, Some(cut_before), Some(n - cut_after), 1)?
                    .pad_dim(dim, before, after, mode);
            }
            let padded = self.pad_dim(dim, before, after, mode)?;
            return padded.slice(d, Some(cut_before), Some(before + n + after - cut_after), 1);
        }
        let margin = |size: i64, front: bool| -> Result<Tensor> {
            match mode {
                PadMode::Reflect => self.narrow(d, if front { 1 } else { n - 1 - size }, size)?.flip(&[d]),
                PadMode::Circular => self.narrow(d, if front { n - size } else { 0 }, size),
                PadMode::Replicate => {
                    let mut shape = Dims::from_slice(self.shape());
                    shape[dim] = size as usize;
                    self.narrow(d, if front { 0 } else { n - 1 }, 1)?.expand_to(&shape)
                }
            }
        };
        let mut parts = Vec::new();
        if before > 0 {
            parts.push(margin(before, true)?);
        }
        parts.push(self.clone());
        if after > 0 {
            parts.push(margin(after, false)?);
        }
        if parts.len() == 1 { Ok(parts.remove(0)) } else { cat(&parts, d) }
    }

    /// The order of elements reversed along dimensions (a copy).
    pub fn flip(&self, dims: &[i64]) -> Result<Tensor> {
        let dims = normalize_dims(dims, self.dim())?;
        let dims: SmallVec<[usize; 4]> = dims.into_iter().filter(|&d| d < self.dim()).collect();
        let copy = Pointwise::intern("flip", Expr::build(&[self.dtype()], |x| vec![x[0]]), None);
        let read = self.as_it_is_now();
        let args = Args::from_iter([read.0.storage.arg(Some(Arc::new(read.reversed(&dims))))]);
        let shape = Dims::from_slice(self.shape());
        let node = Node::new(Op::Pointwise(copy), args, shape, self.dtype(), self.device());
        Tensor::record(node, &[Some(self)], || Rule::Flip(dims))
    }

    /// Reversed along the second dimension.
    pub fn fliplr(&self) -> Result<Tensor> {
        if self.dim() < 2 {
            return Err(runtime_err!("Input must be >= 2-d."));
        }
        self.flip(&[1])
    }

    /// Reversed along the first dimension.
    pub fn flipud(&self) -> Result<Tensor> {
        if self.dim() < 1 {
            return Err(runtime_err!("Input must be >= 1-d."));
        }
        self.flip(&[0])
    }

    /// The transpose as a tensor of its own, its elements in memory as they were: in the order of dimensions that is given.
    fn turned(&self, a: i64, b: i64, order: Option<&[usize]>) -> Result<Tensor> {
        let (one, other) = (normalize_dim(a, self.dim())?, normalize_dim(b, self.dim())?);
        let mut order: Dims = order.map_or_else(|| (0..self.dim()).collect(), Dims::from_slice);
        for d in &mut order {
            *d = if *d == one {
                other
            } else if *d == other {
                one
            } else {
                *d
            };
        }
        self.transpose(a, b)?.copy()?.laid_out(&order)
    }

    /// Turned by `k` right angles from the first of two dimensions towards the second.
    pub fn rot90(&self, k: i64, dims: [i64; 2]) -> Result<Tensor> {
        let [a, b] = dims;
        if self.dim() < 2 {
            return Err(runtime_err!("rot90: expected total dims >= 2, but got total dims = {}", self.dim()));
        }
        if normalize_dim(a, self.dim())? == normalize_dim(b, self.dim())? {
            return Err(runtime_err!(
                "expected rotation dims to be different, but got dim0 = {a} and dim1 = {b}"
            ));
        }
        let order = of_operands(&[self.into()], self.shape());
        let flipped = |dims: &[i64]| {
            let flipped = self.flip(dims)?;
            order.iter().try_fold(flipped, |flipped, order| flipped.laid_out(order))
        };
        match k.rem_euclid(4) {
            1 => flipped(&[b])?.turned(a, b, order.as_deref()),
            2 => flipped(&[a, b]),
            3 => flipped(&[a])?.turned(a, b, order.as_deref()),
            _ => self.copy(),
        }
    }

    /// Elements moved on by `shifts` along dimensions, those at the end to the front; without dimensions, in row-major
    /// order of all elements.
    pub fn roll(&self, shifts: &[i64], dims: &[i64]) -> Result<Tensor> {
        if dims.is_empty() && shifts.len() == 1 {
            return self.reshape(&[-1])?.roll(shifts, &[0])?.reshape_to(self.shape());
        }
        if shifts.is_empty() {
            return Err(runtime_err!("`shifts` required"));
        }
        if shifts.len() != dims.len() {
            return Err(runtime_err!(
                "shifts and dimensions must align. shifts: {}, dims:{}",
                shifts.len(),
                dims.len()
            ));
        }
        if self.dim() == 0 {
            return Err(index_err!("roll: Dimension specified as {} but tensor has no dimensions", dims[0]));
        }
        let mut out = self.clone();
        for (&shift, &dim) in shifts.iter().zip(dims) {
            let d = normalize_dim(dim, self.dim())?;
            let n = self.shape().get(d).copied().unwrap_or(1) as i64;
            let start = if n == 0 { 0 } else { (-shift).rem_euclid(n) };
            if start != 0 {
                out = cat(&[out.narrow(dim, start, n - start)?, out.narrow(dim, 0, start)?], dim)?;
            }
        }
        if out.shares_storage(self) { out.copy() } else { Ok(out) }
    }

    /// Copies side by side, so many along each dimension; new dimensions come first.
    pub fn repeat(&self, times: &[i64]) -> Result<Tensor> {
        let lead = times.len().checked_sub(self.dim()).ok_or_else(|| {
            runtime_err!(
                "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
            )
        })?;
        if let Some(t) = times.iter().find(|&&t| t < 0) {
            return Err(runtime_err!("Trying to create tensor with negative dimension {t}: {times:?}"));
        }
        let own = |i: usize| i.checked_sub(lead).map_or(1, |d| self.shape()[d]);
        let (mut apart, mut wide, mut shape) = (Dims::new(), Dims::new(), Dims::new());
        for (i, &t) in times.iter().enumerate() {
            apart.extend([1, own(i)]);
            wide.extend([t as usize, own(i)]);
            shape.push(t as usize * own(i));
        }
        let repeated = self.reshape_to(&apart)?.expand_to(&wide)?.reshape_to(&shape)?;
        if repeated.shares_storage(self) { repeated.copy() } else { Ok(repeated) }
    }

    /// As [`Tensor::repeat`]; dimensions without a number are not repeated.
    pub fn tile(&self, times: &[i64]) -> Result<Tensor> {
        let missing = self.dim().saturating_sub(times.len());
        self.repeat(&[&vec![1; missing], times].concat())
    }

    /// Each element so many times in place, along a dimension or in row-major order of all elements.
    pub fn repeat_interleave(&self, times: i64, dim: Option<i64>) -> Result<Tensor> {
        let Some(dim) = dim else { return self.reshape(&[-1])?.repeat_interleave(times, Some(0)) };
        let d = normalize_dim(dim, self.dim())?;
        if self.dim() == 0 {
            return Err(st_kernel::index_err!(
                "repeat_interleave: a 0-d tensor has no dimension {dim}; leave dim out"
            ));
        }
        if times < 0 {
            return Err(runtime_err!("repeats can not be negative"));
        }
        let base = self.atleast_1d()?;
        let mut wide = Dims::from_slice(base.shape());
        wide.insert(d + 1, times as usize);
        let mut shape = Dims::from_slice(base.shape());
        shape[d] *= times as usize;
        let repeated = base.unsqueeze(d as i64 + 1)?.expand_to(&wide)?.reshape_to(&shape)?;
        if repeated.shares_storage(self) { repeated.copy() } else { Ok(repeated) }
    }

    /// Each element as many times as its own number says. The numbers must be known, so the graph runs.
    pub fn repeat_interleave_each(&self, times: &Tensor, dim: Option<i64>) -> Result<Tensor> {
        let Some(dim) = dim else { return self.reshape(&[-1])?.repeat_interleave_each(times, Some(0)) };
        if !matches!(times.dtype(), DType::I64 | DType::I32) || times.dim() > 1 {
            return Err(runtime_err!("repeats has to be 0-dim or 1-dim tensor of int64 or int32"));
        }
        let counts = times.to_vec::<i64>()?;
        if counts.iter().any(|&c| c < 0) {
            return Err(runtime_err!("repeats can not be negative"));
        }
        if counts.len() == 1 {
            return self.repeat_interleave(counts[0], Some(dim));
        }
        let d = normalize_dim(dim, self.dim())?;
        let n = self.shape().get(d).copied().unwrap_or(1);
        if counts.len() != n {
            return Err(runtime_err!(
                "repeats must have the same size as input along dim, but got repeats.size(0) = {} and input.size({dim}) = {n}",
                counts.len()
            ));
        }
        let index: Vec<u8> =
            (0i64..).zip(&counts).flat_map(|(i, &c)| (0..c).flat_map(move |_| i.to_ne_bytes())).collect();
        let index = Tensor::from_bytes(&index, &[index.len() / 8], DType::I64, self.device())?;
        self.index_select(dim, &index)
    }

    /// What is on or below a diagonal of the last two dimensions, zeros elsewhere.
    pub fn tril(&self, diagonal: i64) -> Result<Tensor> {
        self.triangle("tril", diagonal, |column, row_end, x| {
            expr::select(expr::le(column, row_end), x, 0.0, x)
        })
    }

    /// What is on or above a diagonal of the last two dimensions, zeros elsewhere.
    pub fn triu(&self, diagonal: i64) -> Result<Tensor> {
        self.triangle("triu", diagonal, |column, row_end, x| {
            expr::select(expr::ge(column, row_end), x, 0.0, x)
        })
    }

    /// `keep` sees the column, the diagonal's column in this row, and the element.
    fn triangle(&self, name: &'static str, diagonal: i64, keep: fn(Ex, Ex, Ex) -> Ex) -> Result<Tensor> {
        let &[.., rows, columns] = self.shape() else {
            return Err(runtime_err!("{name}: input tensor must have at least 2 dimensions"));
        };
        let signature = [self.dtype(), DType::I64, DType::I64, DType::I64];
        let expr = Expr::build(&signature, |x| {
            vec![keep(x[1], expr::call(st_kernel::Prim::Add, &[x[2], x[3]]), x[0])]
        });
        let column = positions(columns, self.device());
        let row = positions(rows, self.device()).unsqueeze(1)?;
        apply(
            Pointwise::intern(name, expr, None),
            &[self.into(), (&column).into(), (&row).into(), diagonal.into()],
        )
    }

    /// A matrix with this vector on a diagonal, or the diagonal of a matrix.
    pub fn diag(&self, diagonal: i64) -> Result<Tensor> {
        match self.dim() {
            1 => self.diag_embed(diagonal, 0, 1),
            2 => self.diagonal(diagonal, 0, 1)?.copy(),
            n => Err(runtime_err!("diag(): Supports 1D or 2D tensors. Got {n}D")),
        }
    }

    /// Matrices in two new dimensions with the last dimension on their diagonals.
    pub fn diag_embed(&self, offset: i64, dim1: i64, dim2: i64) -> Result<Tensor> {
        let rank = self.dim() + 1;
        let (a, b) = (normalize_dim(dim1, rank)?, normalize_dim(dim2, rank)?);
        if a == b {
            return Err(runtime_err!("diagonal dimensions cannot be identical {dim1}, {dim2}"));
        }
        let Some((&n, lead)) = self.shape().split_last() else {
            return Err(runtime_err!("diag_embed: expected at least one dimension"));
        };
        let size = n + offset.unsigned_abs() as usize;
        let mut shape = Dims::from_slice(lead);
        shape.insert(a.min(b), size);
        shape.insert(a.max(b), size);
        let whole = View::contiguous(&shape);
        let keep: Vec<usize> = (0..rank).filter(|&d| d != a && d != b).collect();
        let mut place = whole.permute(&keep);
        place.shape.push(n);
        place.strides.push(whole.strides[a] + whole.strides[b]);
        let (right, down) = (offset.max(0) as isize, (-offset).max(0) as isize);
        place.offset += right * whole.strides[b] + down * whole.strides[a];
        placed(self, &shape, place, Scalar::Int(0))
    }

    /// Windows of a size, a step apart, along a dimension; the window is a new last dimension. A view.
    pub fn unfold(&self, dim: i64, size: i64, step: i64) -> Result<Tensor> {
        let d = normalize_dim(dim, self.dim())?;
        let n = self.shape().get(d).copied().unwrap_or(1) as i64;
        if !(0..=n).contains(&size) {
            return Err(runtime_err!("maximum size for tensor at dimension {d} is {n} but size is {size}"));
        }
        if step <= 0 {
            return Err(runtime_err!("step is {step} but must be > 0"));
        }
        let mut view = self.0.view.clone();
        let stride = view.strides.get(d).copied().unwrap_or(1);
        if self.dim() > 0 {
            view.shape[d] = ((n - size) / step + 1) as usize;
            view.strides[d] *= step as isize;
        }
        view.shape.push(size as usize);
        view.strides.push(stride);
        let from = self.0.view.clone();
        self.view_as_rule(view.clone(), || Rule::AsStrided(Box::new((from, view))))
    }

    /// Dimensions moved to other places; the others keep their order.
    pub fn movedim(&self, from: &[i64], to: &[i64]) -> Result<Tensor> {
        if from.len() != to.len() {
            return Err(runtime_err!(
                "movedim: Invalid source or destination dims: source ({from:?} dims) should contain the same number of dims as destination ({to:?} dims)"
            ));
        }
        let once = |dims: &[i64], name: &str| -> Result<Vec<usize>> {
            let places = dims.iter().map(|&d| normalize_dim(d, self.dim())).collect::<Result<Vec<_>>>()?;
            let repeats = (1..places.len()).any(|i| places[..i].contains(&places[i]));
            if repeats {
                return Err(runtime_err!("movedim: repeated dim in `{name}` ({dims:?})"));
            }
            Ok(places)
        };
        let (from, to) = (once(from, "source")?, once(to, "destination")?);
        if self.dim() == 0 {
            return self.permute(&[]);
        }
        let mut rest = (0..self.dim()).filter(|d| !from.contains(d));
        let order: Vec<i64> = (0..self.dim())
            .map(|place| match to.iter().position(|&t| t == place) {
                Some(i) => from[i] as i64,
                None => rest.next().map_or(0, |d| d as i64),
            })
            .collect();
        self.permute(&order)
    }

    /// Dimensions `start..=end` as one.
    pub fn flatten(&self, start: i64, end: i64) -> Result<Tensor> {
        let (a, b) = (normalize_dim(start, self.dim())?, normalize_dim(end, self.dim())?);
        if a > b {
            return Err(runtime_err!("flatten() has invalid args: start_dim cannot come after end_dim"));
        }
        if self.dim() == 0 {
            return self.reshape_to(&[1]);
        }
        if a == b {
            return Ok(self.clone());
        }
        let one: usize = self.shape()[a..=b].iter().product();
        self.reshape_to(&[&self.shape()[..a], &[one], &self.shape()[b + 1..]].concat())
    }

    /// A dimension as several; -1 stands for what is left.
    pub fn unflatten(&self, dim: i64, sizes: &[i64]) -> Result<Tensor> {
        let d = normalize_dim(dim, self.dim())?;
        let n = self.shape().get(d).copied().unwrap_or(1) as i64;
        let known: i64 = sizes.iter().filter(|&&s| s != -1).product();
        let inferred = |s: i64| if s == -1 && known > 0 { n / known } else { s };
        let sizes: Vec<i64> = sizes.iter().map(|&s| inferred(s)).collect();
        if sizes.iter().product::<i64>() != n {
            return Err(runtime_err!(
                "unflatten: Provided sizes {sizes:?} don't multiply up to the size of dim {d} ({n}) in the input tensor"
            ));
        }
        let own: Vec<i64> = self.shape().iter().map(|&n| n as i64).collect();
        if own.is_empty() {
            return Err(value_err!("unflatten: expected at least one dimension"));
        }
        self.reshape(&[&own[..d], &sizes, &own[d + 1..]].concat())
    }
}
