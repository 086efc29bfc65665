//! Losses. The elements are rows of the table ([`super::super::table`]); here are reductions, weights and classes.

use crate::autograd::torch_name;
use crate::ops::arrange::positions;
use crate::ops::index::known_elements;
use crate::ops::matmul::linear;
use crate::ops::pointwise::expect_float;
use crate::ops::select;
use crate::tensor::{Tensor, normalize_dim};
use st_kernel::{DType, Error, Result, index_err, runtime_err, value_err};

/// How the losses of elements become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// They do not.
    None,
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
}

impl Reduction {
    /// By torch's name.
    pub fn parse(name: &str) -> Result<Reduction> {
        match name {
            "none" => Ok(Reduction::None),
            "mean" => Ok(Reduction::Mean),
            "sum" => Ok(Reduction::Sum),
            other => {
                Err(value_err!("{other} is not a valid value for reduction; 'none', 'mean' and 'sum' are"))
            }
        }
    }

    /// By torch's number.
    pub fn numbered(number: i64) -> Result<Reduction> {
        match number {
            1 => Ok(Reduction::Mean),
            2 => Ok(Reduction::Sum),
            _ => Ok(Reduction::None),
        }
    }

    /// Of the elements' losses.
    pub fn apply(self, losses: &Tensor) -> Result<Tensor> {
        match self {
            Reduction::None => Ok(losses.clone()),
            Reduction::Mean => losses.mean(&[], false),
            Reduction::Sum => losses.sum_all(),
        }
    }

    /// Of weighted losses: a mean is divided by the sum of the weights.
    fn apply_weighted(self, losses: &Tensor, weights: &Tensor) -> Result<Tensor> {
        match self {
            Reduction::Mean => {
                // Of nothing it is NaN, but has no gradient.
                let total = weights.sum_all()?;
                let mean = losses.sum_all()?.div(&select(&total.eq(0)?, 1, &total)?)?;
                select(&total.eq(0)?, f64::NAN, &mean)
            }
            _ => self.apply(losses),
        }
    }
}

/// The reduction, which older programs say in two truth values.
pub(crate) fn chosen(average: Option<bool>, reduce: Option<bool>, reduction: &str) -> Result<Reduction> {
    match (average.unwrap_or(true), reduce.unwrap_or(true)) {
        _ if average.is_none() && reduce.is_none() => Reduction::parse(reduction),
        (_, false) => Ok(Reduction::None),
        (true, true) => Ok(Reduction::Mean),
        (false, true) => Ok(Reduction::Sum),
    }
}

/// Refuses weights of another shape than the input's.
pub(crate) fn expect_weight_of(input: &Tensor, weight: &Tensor) -> Result<()> {
    if weight.shape() == input.shape() {
        return Ok(());
    }
    Err(value_err!("Weights and input must have the same size."))
}

/// As [`reduced`]; a mean is divided by the sum of the weights, which have the input's shape.
pub(crate) fn weighed(
    losses: impl FnOnce(&Tensor, &Tensor) -> Result<Tensor>,
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    reduction: Reduction,
) -> Result<Tensor> {
    let Some(weight) = weight else { return reduced(losses, input, target, None, reduction) };
    expect_weight_of(input, weight)?;
    if reduction != Reduction::Mean {
        return reduced(losses, input, target, Some(weight), reduction);
    }
    let dtype = input.dtype().promote(target.dtype()).promote(weight.dtype());
    let dtype = if dtype.is_float() { dtype } else { crate::default_dtype() };
    let float = |t: &Tensor| t.to_dtype(dtype.compute());
    let wide = float(weight)?;
    let exact = input.dtype().is_float() || target.dtype().is_float();
    // Integers are subtracted and weighed as such, whatever wraps around.
    let losses = if exact {
        losses(&float(input)?, &float(target)?)?.mul(&wide)?
    } else {
        float(&losses(input, target)?.mul(weight)?)?
    };
    losses.sum_all()?.div(&wide.sum_all()?)?.to_dtype(dtype)
}

/// The losses of elements, weighted and reduced; half precision is rounded once, at the end.
pub fn reduced(
    losses: impl FnOnce(&Tensor, &Tensor) -> Result<Tensor>,
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    reduction: Reduction,
) -> Result<Tensor> {
    let dtype = input.dtype().promote(target.dtype());
    let losses = losses(&input.widened()?, &target.widened()?)?;
    let weighted = weight.map_or(Ok(losses.clone()), |w| losses.mul(w))?;
    let loss = reduction.apply(&weighted)?;
    // A sum of small integers is an `int64`.
    if dtype.is_float() { loss.to_dtype(dtype) } else { Ok(loss) }
}

/// What the target's distribution loses by the input's log-probabilities.
pub fn kl_div(input: &Tensor, target: &Tensor, reduction: Reduction, log_target: bool) -> Result<Tensor> {
    if !input.dtype().is_float() || !target.dtype().is_float() {
        return Err(runtime_err!("kl_div: Integral inputs not supported; convert them with .to(dtype)"));
    }
    let losses = |x: &Tensor, t: &Tensor| if log_target { x.kl_log_element(t) } else { x.kl_element(t) };
    reduced(losses, input, target, None, reduction)
}

/// [`kl_div`] with torch's reduction 'batchmean': the sum over the first dimension's size.
pub(crate) fn kl_div_of_batch(input: &Tensor, target: &Tensor, log_target: bool) -> Result<Tensor> {
    let batch = input.shape().first().copied().unwrap_or(1);
    kl_div(input, target, Reduction::Sum, log_target)?.div(batch as f64)
}

/// Class indices against the class dimension of some values.
struct Classes {
    /// Where the class is the target's, with the class dimension.
    hot: Tensor,
    /// Where the target counts, without it.
    counts: Tensor,
    dim: i64,
}

impl Classes {
    fn new(name: &str, values: &Tensor, target: &Tensor, ignore_index: i64) -> Result<Classes> {
        let d = usize::from(values.dim() > 1);
        let mut expected = values.shape().to_vec();
        if expected.is_empty() {
            return Err(value_err!("{name}: expected at least one dimension, the classes, in the input"));
        }
        let classes = expected.remove(d);
        // One sample's class may be a number or a list of it.
        let target = &if d == 0 && *target.shape() == [1] { target.squeeze(None)? } else { target.clone() };
        if target.shape() != expected {
            return Err(unfit_target(name, values.shape(), target.shape(), &expected));
        }
        if !matches!(target.dtype(), DType::I64 | DType::U8) {
            return Err(runtime_err!(
                "{name}: expected target dtype to be Long or Byte, but got {}; convert it with .long()",
                torch_name(target.dtype())
            ));
        }
        let target = target.to_dtype(DType::I64)?;
        let counts = target.ne(ignore_index)?;
        let target = in_range(&target, &counts, classes, ignore_index)?.unsqueeze(d as i64)?;
        let mut standing = vec![1; values.dim()];
        standing[d] = classes;
        let hot = positions(classes, values.device()).reshape_to(&standing)?.eq(&target)?;
        Ok(Classes { hot, counts, dim: d as i64 })
    }

    /// The value at the target's class, 0 where the target does not count. A comparison instead of an indexed read: its
    /// gradient is pointwise, so that it fuses with that of softmax.
    fn pick(&self, values: &Tensor) -> Result<Tensor> {
        self.counted(&select(&self.hot, values, 0.0)?.sum(&[self.dim], false)?)
    }

    /// 0 where the target does not count.
    fn counted(&self, picked: &Tensor) -> Result<Tensor> {
        select(&self.counts, picked, 0.0)
    }

    /// Minus the values at the target's class, weighted, and what a mean of them is divided by.
    fn losses(&self, values: &Tensor, weight: Option<&Tensor>) -> Result<(Tensor, Tensor)> {
        self.weighed(self.pick(values)?.neg()?, weight)
    }

    /// The losses of logits. Of many they are the logarithms of sums of exponentials without what stands at the target's
    /// class: neither these nor their gradients walk the rows once more; of few, that costs less than another kernel.
    fn losses_of_logits(&self, logits: &Tensor, weight: Option<&Tensor>) -> Result<(Tensor, Tensor)> {
        const MANY: usize = 1 << 18;
        if logits.numel() < MANY {
            return self.losses(&logits.log_softmax(self.dim, None)?, weight);
        }
        let (low, _) = logits.lowered(self.dim)?;
        let all = low.exp()?.sum(&[self.dim], false)?.log()?;
        let losses = all.sub(&select(&self.hot, &low, 0.0)?.sum(&[self.dim], false)?)?;
        self.weighed(self.counted(&losses)?, weight)
    }

    /// Losses times their weights, and these.
    fn weighed(&self, losses: Tensor, weight: Option<&Tensor>) -> Result<(Tensor, Tensor)> {
        match weight {
            None => self.counts.to_dtype(losses.dtype()).map(|weights| (losses, weights)),
            Some(weight) => {
                let weights = self.pick(&self.standing(weight)?)?;
                Ok((losses.mul(&weights)?, weights))
            }
        }
    }

    /// A vector of classes along the class dimension.
    fn standing(&self, weight: &Tensor) -> Result<Tensor> {
        let mut shape = vec![1; self.hot.dim()];
        shape[self.dim as usize] = weight.numel();
        if *weight.shape() != [self.hot.shape()[self.dim as usize]] {
            return Err(runtime_err!(
                "weight tensor should be defined either for all {} classes or no classes but got weight tensor of shape: {:?}",
                self.hot.shape()[self.dim as usize],
                weight.shape()
            ));
        }
        weight.widened()?.reshape_to(&shape)
    }
}

/// What is wrong with a target of another shape than expected, by torch's rules for each rank of the input.
#[cold]
fn unfit_target(name: &str, input: &[usize], target: &[usize], expected: &[usize]) -> Error {
    match (input.len(), expected.first(), target.first()) {
        (1, _, Some(n)) if target.len() == 1 => {
            value_err!("{name}: For 1D input, 1D target must have size 1, but got target size: {n}")
        }
        (2.., rows, given) if rows != given => value_err!(
            "{name}: Expected input batch_size ({}) to match target batch_size ({}).",
            input[0],
            given.copied().unwrap_or(0)
        ),
        (1 | 2, ..) => runtime_err!(
            "{name}: 0D or 1D target tensor expected, multi-target not supported: target size {expected:?} for input {input:?}, got {target:?}"
        ),
        (4, ..) if target.len() != 3 => runtime_err!(
            "{name}: only batches of spatial targets supported (3D tensors) but got targets of dimension: {}",
            target.len()
        ),
        (4, ..) => runtime_err!("{name}: size mismatch (got input: {input:?}, target: {target:?})"),
        _ => runtime_err!("{name}: Expected target size {expected:?} for input {input:?}, got {target:?}"),
    }
}

/// The target itself, if every class that counts is one; those not known yet are looked at by the run.
fn in_range(target: &Tensor, counts: &Tensor, classes: usize, ignore_index: i64) -> Result<Tensor> {
    if let Some(known) = known_elements(target)? {
        let wrong = |&i: &i64| i != ignore_index && !(0..classes as i64).contains(&i);
        return match known.into_iter().find(wrong) {
            Some(i) => Err(index_err!("Target {i} is out of bounds.")),
            None => Ok(target.clone()),
        };
    }
    // Counted from the end is out of range here.
    let counted = select(counts, target, 0)?;
    let counted = select(&counted.lt(0)?, classes as i64, &counted)?;
    // One zero, seen as often as there are classes: reading it is what finds an index out of range.
    let zeros = Tensor::zeros(&[1], DType::I64, target.device())?.expand_to(&[classes])?;
    counted.add(&zeros.take(&counted)?)
}

fn expect_dtype_of_weight(name: &str, input: &Tensor, weight: Option<&Tensor>) -> Result<()> {
    let dtype = torch_name(input.dtype());
    match weight.map(|weight| torch_name(weight.dtype())) {
        Some(given) if given != dtype => {
            Err(runtime_err!("{name}: expected scalar type {dtype} but found {given} for the weight"))
        }
        _ => Ok(()),
    }
}

/// Minus the log-probability at the target's class.
pub fn nll_loss(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    ignore_index: i64,
    reduction: Reduction,
) -> Result<Tensor> {
    expect_float("nll_loss", input)?;
    expect_dtype_of_weight("nll_loss", input, weight)?;
    let logs = input.widened()?;
    let classes = Classes::new("nll_loss", &logs, target, ignore_index)?;
    let (losses, weights) = classes.losses(&logs, weight)?;
    reduction.apply_weighted(&losses, &weights)?.to_dtype(input.dtype())
}

/// `nll_loss` of `log_softmax`; the target holds class indices, or probabilities of the input's shape.
pub fn cross_entropy(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    ignore_index: i64,
    reduction: Reduction,
    label_smoothing: f64,
) -> Result<Tensor> {
    expect_float("cross_entropy", input)?;
    if !(0.0..=1.0).contains(&label_smoothing) {
        return Err(runtime_err!("label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}"));
    }
    let dim = i64::from(input.dim() != 1);
    let shares = expect_kind_of_target(input, target, ignore_index)?;
    normalize_dim(dim, input.dim())?;
    let wide = input.widened()?;
    let dtype = if shares { input.dtype().promote(target.dtype()) } else { input.dtype() };
    let loss = if shares {
        let logs = wide.log_softmax(dim, None)?;
        // Beside a wider target, torch's logarithms are rounded to the input's dtype.
        let logs = if dtype == input.dtype() { logs } else { logs.to_dtype(input.dtype())? };
        probable_classes(&logs, target, weight, reduction, label_smoothing)
    } else {
        expect_dtype_of_weight("cross_entropy", input, weight)?;
        let classes = Classes::new("cross_entropy", &wide, target, ignore_index)?;
        let (mut losses, weights) = classes.losses_of_logits(&wide, weight)?;
        if label_smoothing > 0.0 {
            let logs = wide.log_softmax(dim, None)?;
            let weighted = weight.map_or(Ok(logs.clone()), |w| logs.mul(&classes.standing(w)?))?;
            let even = classes.counted(&weighted.sum(&[dim], false)?)?;
            let share = label_smoothing / logs.shape()[dim as usize] as f64;
            losses = losses.mul(1.0 - label_smoothing)?.sub(&even.mul(share)?)?;
        }
        reduction.apply_weighted(&losses, &weights)
    };
    loss?.to_dtype(dtype)
}

/// Whether a target of `cross_entropy` holds shares of the classes, as one of the input's shape does.
fn expect_kind_of_target(input: &Tensor, target: &Tensor, ignore_index: i64) -> Result<bool> {
    let (dtype, alike) = (target.dtype(), target.shape() == input.shape());
    if let ([rows, _, ..], Some(given)) = (input.shape(), target.shape().first())
        && rows != given
    {
        return Err(value_err!("Expected input batch_size ({rows}) to match target batch_size ({given})."));
    }
    match (dtype.is_float(), alike) {
        (true, true) if ignore_index >= 0 => {
            Err(runtime_err!("ignore_index is not supported for floating point target"))
        }
        (false, true) => Err(runtime_err!(
            "Expected floating point type for target with class probabilities, got {}; convert it with .to(dtype)",
            torch_name(dtype)
        )),
        (true, false) => Err(runtime_err!(
            "expected target dtype to be Long or Byte, but got {}; convert it with .long(), or give one share for each class",
            torch_name(dtype)
        )),
        (float, _) => Ok(float),
    }
}

/// [`cross_entropy`] of `input @ weight.T + bias`, whose classes are the weight's first dimension.
#[expect(clippy::too_many_arguments, reason = "torch's signature")]
pub fn linear_cross_entropy(
    input: &Tensor,
    linear_weight: &Tensor,
    target: &Tensor,
    linear_bias: Option<&Tensor>,
    weight: Option<&Tensor>,
    ignore_index: Option<i64>,
    reduction: Reduction,
    label_smoothing: f64,
) -> Result<Tensor> {
    let (Some((&width, outputs)), Some((_, batch))) =
        (linear_weight.shape().split_last(), input.shape().split_last())
    else {
        return Err(runtime_err!("linear_cross_entropy: expected an input and a weight with dimensions"));
    };
    if outputs.is_empty() {
        return Err(runtime_err!("expected linear_weight with dimensionality at least 2, got 1"));
    }
    if let Some(bias) = linear_bias.filter(|bias| bias.shape() != outputs) {
        return Err(runtime_err!(
            "expected linear_bias shape {}, got {}",
            tuple(outputs),
            tuple(bias.shape())
        ));
    }
    if outputs.len() > 1 && batch.is_empty() {
        return Err(runtime_err!(
            "K-dimensional loss defined by linear_weight shape {} requires batched input, (N, {width}), got unbatched input with shape {}",
            tuple(linear_weight.shape()),
            tuple(input.shape())
        ));
    }
    if input.dim() > 2 {
        return Err(runtime_err!("expected input with dimensionality 1 or 2, got {}", input.dim()));
    }
    if target.dtype().is_float() && ignore_index.is_some() {
        return Err(runtime_err!("ignore_index cannot be specified when target contains probabilities"));
    }
    let ignore_index = ignore_index.unwrap_or(-100);
    if input.shape().last() != Some(&width) {
        return Err(runtime_err!(
            "expected equal input and linear_weight last dimensions (in_features), got {} and {width}, respectively",
            input.shape().last().copied().unwrap_or(0)
        ));
    }
    let rows = linear_weight.reshape(&[-1, width as i64])?;
    let bias = linear_bias.map(|b| b.reshape(&[-1])).transpose()?;
    let logits = linear(input, &rows, bias.as_ref())?.reshape_to(&[batch, outputs].concat())?;
    cross_entropy(&logits, target, weight, ignore_index, reduction, label_smoothing)
}

/// Sizes as Python writes them.
fn tuple(sizes: &[usize]) -> String {
    match sizes {
        [one] => format!("({one},)"),
        _ => format!("({})", sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    }
}

fn probable_classes(
    logs: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    reduction: Reduction,
    label_smoothing: f64,
) -> Result<Tensor> {
    let dim = i64::from(logs.dim() > 1);
    let classes = logs.shape()[dim as usize];
    let mut shares = target.clone();
    if label_smoothing > 0.0 {
        shares = shares.mul(1.0 - label_smoothing)?.add(label_smoothing / classes as f64)?;
    }
    let mut terms = logs.mul(&shares)?;
    if let Some(weight) = weight {
        let mut shape = vec![1; logs.dim()];
        shape[dim as usize] = weight.numel();
        terms = terms.mul(&weight.reshape_to(&shape)?)?;
    }
    let losses = terms.sum(&[dim], false)?.neg()?;
    match reduction {
        Reduction::Mean => losses.sum_all()?.div(losses.numel() as f64),
        _ => reduction.apply(&losses),
    }
}
