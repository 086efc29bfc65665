//! Gradients: one rule for each kind of node and of view.
//!
//! A gradient is written with recorded tensor operators, so that it can be differentiated again. It has the shape and the
//! dtype of the input it is for.

use super::{Rule, is_grad_enabled, refuse};
use crate::ops::index::IndexPlan;
use crate::ops::pointwise::{Operand, Pointwise, apply};
use crate::ops::{arrange, attention, conv, matmul, reduce, scan, select};
use crate::runtime::has_no_values;
use crate::tensor::Tensor;
use smallvec::{SmallVec, smallvec};
use st_kernel::view::{Dims, View, numel};
use st_kernel::{DType, ReduceOp, Result, Scalar, ScanOp, ScatterOp, runtime_err};

/// What a gradient may look at.
pub(crate) struct Call<'a> {
    /// The inputs that were kept; the list may end after the last of them.
    pub(crate) inputs: &'a [Option<Tensor>],
    /// Shapes and dtypes of the inputs.
    pub(crate) shapes: &'a [(Dims, DType)],
    /// The outputs that were kept; the list may end after the last of them.
    pub(crate) outputs: &'a [Option<Tensor>],
    /// The gradients of the outputs.
    pub(crate) upstream: &'a [Option<Tensor>],
    /// Which inputs want a gradient.
    pub(crate) needs: &'a [bool],
}

/// What must be kept for the gradient: bit `i` stands for input or output `i`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keeps {
    /// The inputs.
    pub(crate) inputs: u64,
    /// The outputs.
    pub(crate) outputs: u64,
}

/// A gradient for each input that has one.
pub(crate) type Gradients = SmallVec<[Option<Tensor>; 3]>;

impl Call<'_> {
    fn kept_input(&self, i: usize) -> Option<&Tensor> {
        self.inputs.get(i)?.as_ref()
    }

    fn kept_output(&self, i: usize) -> Option<&Tensor> {
        self.outputs.get(i)?.as_ref()
    }

    pub(crate) fn input(&self, i: usize) -> &Tensor {
        self.kept_input(i).expect("kept by Rule::keeps")
    }

    pub(crate) fn output(&self, i: usize) -> &Tensor {
        self.kept_output(i).expect("kept by Rule::keeps")
    }

    pub(crate) fn shape(&self, i: usize) -> &[usize] {
        &self.shapes[i].0
    }

    /// The index tensors, which are the inputs from `first` on.
    fn indices(&self, first: usize) -> Vec<Tensor> {
        (first..self.shapes.len()).map(|i| self.input(i).clone()).collect()
    }

    fn zeros(&self, i: usize, dtype: DType) -> Result<Tensor> {
        Tensor::full(self.shape(i), 0, dtype, self.upstream_device())
    }

    fn upstream_device(&self) -> u8 {
        self.upstream.iter().flatten().next().map_or(0, Tensor::device)
    }
}

/// Bits `first..`.
fn from_bit(first: usize) -> u64 {
    u64::MAX << first
}

/// Torch's name of an operator's gradient; `:1` at the end is the overload's number.
pub(super) fn name_of(stem: &str) -> String {
    let (stem, overload) = stem.split_once(':').unwrap_or((stem, "0"));
    let mut name = String::new();
    let mut starts = true;
    for letter in stem.chars() {
        // A word starts after a digit, too: `Log1PBackward0`.
        if letter != '_' {
            name.push(if starts { letter.to_ascii_uppercase() } else { letter });
        }
        starts = letter == '_' || letter.is_ascii_digit();
    }
    format!("{name}Backward{overload}")
}

impl Rule {
    /// The operator's name, if it is not a rule of somebody else's.
    pub(crate) fn stem(&self) -> Option<&'static str> {
        Some(match self {
            Rule::Pointwise(p, _) => p.name,
            Rule::Reshape => "view",
            Rule::Permute(_) => "permute",
            Rule::Expand => "expand",
            Rule::Slice { .. } => "slice",
            Rule::Select { .. } => "select",
            Rule::AsStrided(_) => "as_strided",
            Rule::Flip(_) => "flip",
            Rule::Reduce(ReduceOp::Sum, _) => "sum",
            Rule::Reduce(ReduceOp::Prod, _) => "prod",
            Rule::Reduce(ReduceOp::Max, _) => "amax",
            Rule::Reduce(ReduceOp::Min, _) => "amin",
            Rule::Reduce(ReduceOp::ArgMax, _) => "argmax",
            Rule::Reduce(ReduceOp::ArgMin, _) => "argmin",
            Rule::ExtremeOfAll(ReduceOp::Max) => "max",
            Rule::ExtremeOfAll(_) => "min",
            Rule::Scan(ScanOp::Sum, _) => "cumsum",
            Rule::Scan(ScanOp::Prod, _) => "cumprod",
            Rule::Scan(ScanOp::Max, _) => "cummax",
            Rule::Scan(ScanOp::Min, _) => "cummin",
            Rule::Scan(ScanOp::LogSumExp, _) => "logcumsumexp",
            Rule::Index(_) => "index",
            Rule::Scatter(ScatterOp::Set, _) => "scatter",
            Rule::Scatter(ScatterOp::Add, _) => "scatter_add",
            Rule::Scatter(..) => "scatter_reduce",
            Rule::Assign(_) => "copy_slices",
            Rule::Matmul(_) => "mm",
            Rule::Attention { .. } => "scaled_dot_product_attention",
            Rule::Conv(..) => "convolution",
            Rule::Sort(_) => "sort",
            Rule::Cat(_) => "cat",
            Rule::Pad(_) => "constant_pad_nd",
            Rule::Formula(formula) => formula.name,
            Rule::Custom(_) => return None,
        })
    }

    /// What `grad_fn` is called.
    pub(crate) fn name(&self) -> String {
        match self {
            Rule::Custom(backward) => return backward.name(),
            // Torch's node of writes to views has no operator, and no ending.
            Rule::Assign(_) => return "CopySlices".into(),
            _ => {}
        }
        name_of(self.stem().unwrap_or_default())
    }

    /// What the gradients of the inputs in `needs` read.
    pub(crate) fn keeps(&self, needs: &dyn Fn(usize) -> bool) -> Keeps {
        let inputs = |inputs: u64| Keeps { inputs, outputs: 0 };
        let both = Keeps { inputs: 1, outputs: 1 };
        match self {
            Rule::Pointwise(p, _) => {
                let n = p.expr().inputs.len();
                let read = p.gradients_read(needs);
                Keeps { inputs: read & ((1 << n) - 1), outputs: read >> n & 1 }
            }
            Rule::Reduce(ReduceOp::Prod | ReduceOp::Max | ReduceOp::Min, _) | Rule::ExtremeOfAll(_) => both,
            Rule::Scan(ScanOp::Prod | ScanOp::LogSumExp, _) => both,
            Rule::Scan(ScanOp::Max | ScanOp::Min, _) | Rule::Sort(_) => Keeps { inputs: 0, outputs: 2 },
            Rule::Index(_) => inputs(from_bit(1)),
            Rule::Scatter(ScatterOp::Set, _) => inputs(from_bit(2)),
            Rule::Scatter(ScatterOp::Add, _) => inputs(if needs(1) { from_bit(2) } else { 0 }),
            Rule::Scatter(..) => Keeps { inputs: from_bit(0), outputs: 1 },
            Rule::Attention { .. } => Keeps { inputs: from_bit(0), outputs: 3 },
            Rule::Formula(formula) => formula.keeps,
            Rule::Matmul(_) | Rule::Conv(..) => inputs(u64::from(needs(0)) << 1 | u64::from(needs(1))),
            _ => Keeps::default(),
        }
    }

    /// The gradients of the inputs that want one.
    pub(crate) fn gradient(&self, call: &Call) -> Result<Gradients> {
        if let Rule::Custom(backward) = self {
            return Ok(backward.backward(call.upstream)?.into());
        }
        if let Rule::Formula(formula) = self {
            return (formula.gradient)(call);
        }
        let mut gradients: Gradients = smallvec![None; call.needs.len()];
        // Positions, the second outputs, have no gradient.
        let Some(g) = &call.upstream[0] else { return Ok(gradients) };
        match self {
            Rule::Pointwise(p, scalars) => pointwise(*p, scalars, call, g, &mut gradients)?,
            Rule::Matmul(turned) => matmul_gradients(*turned, call, g, &mut gradients)?,
            Rule::Attention { causal, scale } => {
                attention_gradients(*causal, *scale, call, g, &mut gradients)?
            }
            Rule::Conv(kind, dims) => {
                let (a, b) = (call.kept_input(0), call.kept_input(1));
                let g = g.to_dtype(call.shapes[0].1)?;
                let [first, second] = conv::gradient(*kind, dims, a, b, &g, call.needs)?;
                (gradients[0], gradients[1]) = (first, second);
            }
            Rule::Scatter(op, plan) => scatter(*op, plan, call, g, &mut gradients)?,
            Rule::Assign(view) => assign(view, call, g, &mut gradients)?,
            Rule::Cat(dim) => cat(*dim, call, g, &mut gradients)?,
            _ if call.needs[0] => gradients[0] = self.of_one_input(call, g)?,
            _ => {}
        }
        for (gradient, (_, dtype)) in gradients.iter_mut().zip(call.shapes) {
            if let Some(found) = gradient
                && found.dtype() != *dtype
            {
                *found = found.to_dtype(*dtype)?;
            }
        }
        Ok(gradients)
    }

    /// The gradient where only input 0 has one.
    fn of_one_input(&self, call: &Call, g: &Tensor) -> Result<Option<Tensor>> {
        let shape = call.shape(0);
        Ok(Some(match self {
            Rule::Reshape => g.reshape_to(shape)?,
            Rule::Permute(order) => {
                let mut back = vec![0; order.len()];
                order.iter().enumerate().for_each(|(i, &d)| back[d] = i as i64);
                g.permute(&back)?
            }
            Rule::Expand => g.sum_to(shape)?,
            Rule::Slice { .. } | Rule::Select { .. } => {
                let region = self.region(g.shape()).expect("a part");
                arrange::assembled(shape, &[(region.view(shape), g)])?
            }
            Rule::AsStrided(views) => as_strided(&views.0, &views.1, g)?,
            Rule::Flip(dims) => g.flip(&dims.iter().map(|&d| d as i64).collect::<Vec<_>>())?,
            Rule::Reduce(op, mask) => return reduction(*op, *mask, call, g),
            Rule::ExtremeOfAll(_) => {
                let (x, y) = (call.input(0), call.output(0));
                let both_nan = x.isnan()?.logical_and(&y.isnan()?)?;
                shared(&x.eq(y)?.logical_or(&both_nan)?, &[], g)?
            }
            Rule::Scan(op, axis) => {
                let kept = (call.kept_input(0), call.kept_output(0), call.kept_output(1));
                scan::gradient(*op, *axis as usize, g, kept)?
            }
            Rule::Index(plan) => {
                call.zeros(0, g.dtype())?.scatter_unchecked(ScatterOp::Add, plan, &call.indices(1), g)?
            }
            Rule::Sort(dim) => {
                let plan = crate::ops::index::displace(*dim, shape.len());
                let positions = [call.output(1).clone()];
                call.zeros(0, g.dtype())?.scatter_unchecked(ScatterOp::Set, &plan, &positions, g)?
            }
            Rule::Pad(margins) => {
                let back: Vec<(i64, i64)> = margins.iter().map(|m| (-m.0, -m.1)).collect();
                // (What is cut out of a gradient is not a view of it.)
                g.padded(&back, Scalar::Int(0))?.laid_out_as(g)?
            }
            _ => return Ok(None),
        }))
    }
}

fn pointwise(
    p: Pointwise,
    scalars: &[Option<Scalar>],
    call: &Call,
    g: &Tensor,
    gradients: &mut Gradients,
) -> Result<()> {
    for (i, slot) in gradients.iter_mut().enumerate().filter(|(i, _)| call.needs[*i]) {
        let Some(gradient) = p.gradient(i) else { continue };
        if gradient.passes_on() {
            *slot = Some(g.sum_to(call.shape(i))?);
            continue;
        }
        let operand = |k: &u8| match usize::from(*k) {
            k if k > scalars.len() => Operand::Tensor(g),
            k if k == scalars.len() => Operand::Tensor(call.output(0)),
            k => scalars[k].map_or_else(|| Operand::Tensor(call.input(k)), Operand::Scalar),
        };
        let operands: SmallVec<[Operand; 6]> = gradient.reads.iter().map(operand).collect();
        let found = apply(gradient.pointwise, &operands)?;
        *slot = Some(if found.shape() == call.shape(i) { found } else { found.sum_to(call.shape(i))? });
    }
    Ok(())
}

/// Scatters into storage that is as long as the views reach, and reads it as the input saw it.
fn as_strided(input: &View, output: &View, g: &Tensor) -> Result<Tensor> {
    let reach = |v: &View| v.bounds().map_or(0, |(_, high)| high as usize + 1);
    let storage = [reach(input).max(reach(output))];
    let written = if output.overlaps_itself() {
        let zeros = Tensor::full(&storage, 0, g.dtype(), g.device())?;
        zeros.add_at(output, g)?
    } else {
        arrange::placed(g, &storage, output.clone(), Scalar::Int(0))?
    };
    let shared = if input.overlaps_itself() {
        // Each of the input's elements that are one in memory gets its part of the gradient.
        let zeros = Tensor::full(&storage, 0, g.dtype(), g.device())?;
        let count = zeros.add_at(input, &Tensor::full(&input.shape, 1, g.dtype(), g.device())?)?;
        written.div(&select(&count.eq(0)?, 1, &count)?)?
    } else {
        written
    };
    shared.as_strided(&input.shape, &input.strides, input.offset as usize)
}

fn reduction(op: ReduceOp, mask: u64, call: &Call, g: &Tensor) -> Result<Option<Tensor>> {
    let shape = call.shape(0);
    let kept = reduce::reduced_shape(shape, mask, true);
    let g = g.reshape_to(&kept)?;
    Ok(Some(match op {
        ReduceOp::Sum => g.expand_to(shape)?,
        ReduceOp::Prod => reduce::prod_gradient(call.input(0), &call.output(0).reshape_to(&kept)?, &g, mask)?,
        ReduceOp::Max | ReduceOp::Min => {
            let wins = call.input(0).eq(&call.output(0).reshape_to(&kept)?)?;
            let dims: Vec<i64> = (0..shape.len()).filter(|d| mask >> d & 1 == 1).map(|d| d as i64).collect();
            shared(&wins, &dims, &g)?
        }
        ReduceOp::ArgMax | ReduceOp::ArgMin => return Ok(None),
    }))
}

/// A gradient that those elements share which win over some dimensions.
fn shared(wins: &Tensor, dims: &[i64], g: &Tensor) -> Result<Tensor> {
    let wins = wins.to_dtype(g.dtype())?;
    wins.mul(&g.div(&wins.sum(dims, true)?)?)
}

fn matmul_gradients(turned: [bool; 2], call: &Call, g: &Tensor, gradients: &mut Gradients) -> Result<()> {
    // A product of half precision may have been left unrounded.
    let g = matmul::whole_gradient(call.shape(0), call.shape(1), &g.to_dtype(call.shapes[0].1)?)?;
    if call.needs[0] {
        gradients[0] = Some(matmul::gradient_left(call.shape(0), turned[0], call.input(1), &g)?);
    }
    if call.needs[1] {
        gradients[1] = Some(matmul::gradient_right(call.shape(1), turned[1], call.input(0), &g)?);
    }
    Ok(())
}

fn attention_gradients(
    causal: bool,
    scale: f64,
    call: &Call,
    g: &Tensor,
    gradients: &mut Gradients,
) -> Result<()> {
    let kept = attention::Kept {
        q: call.input(0),
        k: call.input(1),
        v: call.input(2),
        mask: (call.shapes.len() > 3).then(|| call.input(3)),
        out: call.output(0),
        sums: call.output(1),
    };
    let found = attention::gradient(&kept, causal, scale, g)?;
    for (i, gradient) in found.into_iter().enumerate().filter(|(i, _)| call.needs[*i]) {
        gradients[i] = Some(gradient);
    }
    Ok(())
}

fn scatter(
    op: ScatterOp,
    plan: &IndexPlan,
    call: &Call,
    g: &Tensor,
    gradients: &mut Gradients,
) -> Result<()> {
    let at = |t: &Tensor| t.index_unchecked(plan, &call.indices(2), call.shape(1));
    let added =
        |t: &Tensor| call.zeros(0, t.dtype())?.scatter_unchecked(ScatterOp::Add, plan, &call.indices(2), t);
    let (base, source) = match op {
        ScatterOp::Add => (Some(g.clone()), call.needs[1].then(|| at(g)).transpose()?),
        ScatterOp::Set => {
            let hidden = || {
                let nothing = Tensor::full(call.shape(1), 0, g.dtype(), g.device())?;
                g.scatter_unchecked(ScatterOp::Set, plan, &call.indices(2), &nothing)
            };
            (call.needs[0].then(hidden).transpose()?, call.needs[1].then(|| at(g)).transpose()?)
        }
        ScatterOp::Max | ScatterOp::Min => {
            // What equals the result shares the gradient.
            let (base, source, out) = (call.input(0), call.input(1), call.output(0));
            let base_wins = base.eq(out)?.to_dtype(g.dtype())?;
            let source_wins = source.eq(&at(out)?)?.to_dtype(g.dtype())?;
            let share = g.div(&base_wins.add(&added(&source_wins)?)?)?;
            (Some(base_wins.mul(&share)?), Some(source_wins.mul(&at(&share)?)?))
        }
        ScatterOp::Prod => {
            let (base, source, out) = (call.input(0), call.input(1), call.output(0));
            let ones = select(&base.eq(0.0)?, 1.0, base)?;
            let others = ones.scatter_unchecked(ScatterOp::Prod, plan, &call.indices(2), source)?;
            let of_base = g.mul(&others)?.div(&ones)?;
            // A source element that is the only zero at its place has the product of the others.
            let zero = source.eq(0.0)?;
            let zeros = added(&zero.to_dtype(g.dtype())?)?;
            let only = zero.logical_and(&at(&zeros)?.eq(1.0)?)?;
            let filled = select(&only, 1.0, source)?;
            let without = base.scatter_unchecked(ScatterOp::Prod, plan, &call.indices(2), &filled)?;
            let divided = at(&g.mul(out)?)?.div(&select(&zero, 1.0, source)?)?;
            let of_source = select(&only, &at(&g.mul(&without)?)?, &divided)?;
            (Some(of_base), Some(of_products(of_source, &zeros)?))
        }
    };
    gradients[0] = base.filter(|_| call.needs[0]);
    gradients[1] = source.filter(|_| call.needs[1]);
    Ok(())
}

/// The gradient of elements that were multiplied together. Where several of them are zero it is right, and its own is not.
fn of_products(gradient: Tensor, zeros: &Tensor) -> Result<Tensor> {
    let recorded = is_grad_enabled() && gradient.requires_grad();
    let unknown = zeros.is_sample() || has_no_values(zeros.device());
    if !recorded || unknown || !zeros.gt(1.0)?.any(&[], false)?.item()?.to_bool() {
        return Ok(gradient);
    }
    refuse(&gradient, || {
        runtime_err!(
            "scatter_reduce(): Double backward is unsupported for src when >1 zeros in src are scattered to the same position in self"
        )
    })
}

/// What was replaced has no gradient; the rest of it is the value's.
fn assign(view: &View, call: &Call, g: &Tensor, gradients: &mut Gradients) -> Result<()> {
    let g = g.whole()?;
    if call.needs[0] {
        gradients[0] = Some(g.hidden(view)?);
    }
    if call.needs[1] {
        let seen = g.seen(view)?;
        gradients[1] = Some(seen.sum_to(call.shape(1))?);
    }
    Ok(())
}

fn cat(dim: usize, call: &Call, g: &Tensor, gradients: &mut Gradients) -> Result<()> {
    let mut start = 0;
    for (i, slot) in gradients.iter_mut().enumerate() {
        let shape = call.shape(i);
        if numel(shape) == 0 {
            *slot = call.needs[i].then(|| call.zeros(i, g.dtype())).transpose()?;
            continue;
        }
        let n = shape[dim] as i64;
        if call.needs[i] {
            *slot = Some(g.narrow(dim as i64, start, n)?);
        }
        start += n;
    }
    Ok(())
}
