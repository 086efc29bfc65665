//! Connectionist temporal classification: the probability of all ways to spell a target in a sequence of labels.
//!
//! The recursion over time works on all samples and all states at once, in logarithms. States are the labels with a blank
//! before, between and after them.

use super::Reduction;
use crate::ops::arrange::positions;
use crate::ops::index::known_elements;
use crate::ops::pointwise::expect_float;
use crate::ops::select;
use crate::tensor::Tensor;
use st_kernel::{DType, Result, Scalar, runtime_err};

/// Minus the logarithm of the target's probability; `lengths` are those of inputs and targets.
pub fn ctc_loss(
    log_probs: &Tensor,
    targets: &Tensor,
    lengths: [&[i64]; 2],
    blank: i64,
    reduction: Reduction,
    zero_infinity: bool,
) -> Result<Tensor> {
    expect_float("ctc_loss", log_probs)?;
    if log_probs.dim() == 2 {
        let many = log_probs.unsqueeze(1)?;
        let targets = if targets.dim() == 1 { targets.unsqueeze(0)? } else { targets.clone() };
        let losses = sample_losses(&many, &targets, lengths, blank, zero_infinity)?;
        let losses = if reduction == Reduction::None { losses.reshape_to(&[])? } else { losses };
        return reduced(&losses, lengths[1], reduction, log_probs.dtype());
    }
    if log_probs.dim() != 3 {
        return Err(runtime_err!(
            "ctc_loss: log_probs must have 2 dimensions (time, classes) or 3 (time, batch, classes), got {:?}",
            log_probs.shape()
        ));
    }
    let losses = sample_losses(log_probs, targets, lengths, blank, zero_infinity)?;
    reduced(&losses, lengths[1], reduction, log_probs.dtype())
}

/// A mean is one of losses per label.
fn reduced(losses: &Tensor, target_lengths: &[i64], reduction: Reduction, dtype: DType) -> Result<Tensor> {
    let losses = match reduction {
        Reduction::Mean => {
            let labels: Vec<i64> = target_lengths.iter().map(|&n| n.max(1)).collect();
            losses.div(&Tensor::from_slice(&labels, losses.shape())?.to_dtype(losses.dtype())?)?
        }
        _ => losses.clone(),
    };
    reduction.apply(&losses)?.to_dtype(dtype)
}

fn sample_losses(
    log_probs: &Tensor,
    targets: &Tensor,
    [input_lengths, target_lengths]: [&[i64]; 2],
    blank: i64,
    zero_infinity: bool,
) -> Result<Tensor> {
    let &[steps, batch, classes] = log_probs.shape() else { unreachable!("the rank was checked") };
    check(log_probs, targets, [input_lengths, target_lengths], blank)?;
    let x = log_probs.widened()?;
    let labels = padded_labels(targets, target_lengths, blank)?;
    let (labels, can_skip) = states(&labels, blank)?;
    let count = labels.shape()[1];
    // The logarithms of the states' probabilities at all times.
    let all = labels.unsqueeze(0)?.expand_to(&[steps, batch, count])?;
    let emitted = if classes == 0 { x.clone() } else { x.gather(2, &all)? };
    let start = positions(count, x.device()).lt(2)?;
    let nothing = f64::NEG_INFINITY;
    let mut alpha = select(&start, &emitted.select(0, 0)?, nothing)?;
    let ragged = input_lengths.iter().any(|&n| n != steps as i64);
    let ends = Tensor::from_slice(input_lengths, &[batch, 1])?;
    for t in 1..steps as i64 {
        // Two states that nobody comes from in front, so that earlier states are views.
        let framed = alpha.padded(&[(0, 0), (2, 0)], Scalar::Float(nothing))?;
        let from = |back: i64| framed.narrow(1, 2 - back, count as i64);
        let skipped = select(&can_skip, &from(2)?, nothing)?;
        let next = from(0)?.log_add3(&from(1)?, &skipped)?.add(&emitted.select(0, t)?)?;
        alpha = if ragged { select(&ends.gt(t)?, &next, &alpha)? } else { next };
    }
    let ways = final_ways(&alpha, target_lengths)?;
    let empty = Tensor::from_slice(input_lengths, &[batch])?.eq(0)?;
    let spelled: Vec<f64> = target_lengths.iter().map(|&n| if n == 0 { 0.0 } else { nothing }).collect();
    let spelled = Tensor::from_slice(&spelled, &[batch])?.to_dtype(x.dtype())?;
    let mut losses =
        if input_lengths.contains(&0) { select(&empty, &spelled, &ways)? } else { ways }.neg()?;
    if x.requires_grad() && crate::autograd::is_grad_enabled() {
        // Torch's gradient takes the inputs for logarithms of softmax, whose own gradient it anticipates: zero in value.
        let time = positions(steps, x.device()).reshape_to(&[steps, 1])?;
        let alive = time.lt(&ends.reshape_to(&[1, batch])?)?.unsqueeze(2)?;
        let mass = select(&alive, &x.exp()?, 0.0)?.sum(&[0, 2], false)?;
        let still = mass.sub(&mass.detach())?;
        losses = losses.add(&still)?;
        if !zero_infinity {
            // Infinity times zero: a target that cannot be spelled has no gradient.
            losses = losses.mul(&still.mul(0.0)?.add(1.0)?)?;
        }
    }
    if zero_infinity { select(&losses.isposinf()?, 0.0, &losses) } else { Ok(losses) }
}

/// Torch's rules for the arguments.
fn check(log_probs: &Tensor, targets: &Tensor, [inputs, labels]: [&[i64]; 2], blank: i64) -> Result<()> {
    let &[steps, batch, classes] = log_probs.shape() else { unreachable!("the rank was checked") };
    if !matches!(targets.dtype(), DType::I64 | DType::I32) {
        return Err(runtime_err!("ctc_loss: targets must be int64 or int32, got {}", targets.dtype()));
    }
    if !(0..classes as i64).contains(&blank) {
        return Err(runtime_err!("blank must be in label range"));
    }
    if inputs.len() != batch || labels.len() != batch {
        return Err(runtime_err!(
            "input_lengths and target_lengths must be of size batch_size {batch}, got {} and {}",
            inputs.len(),
            labels.len()
        ));
    }
    if steps == 0 || batch == 0 {
        return Err(runtime_err!("log_probs tensor must not be empty"));
    }
    if let Some(&n) = inputs.iter().find(|&&n| n > steps as i64 || n < 0) {
        return Err(runtime_err!(
            "Expected input_lengths to have value between 0 and {steps}, but got value {n} (while checking arguments for ctc_loss_cpu)"
        ));
    }
    let longest = labels.iter().copied().max().unwrap_or(0);
    if labels.iter().any(|&n| n < 0) {
        return Err(runtime_err!(
            "Expected target_lengths to have value at least 0 (while checking arguments for ctc_loss_cpu)"
        ));
    }
    let fits = match *targets.shape() {
        [all] => all as i64 == labels.iter().sum::<i64>(),
        [rows, columns] => rows == batch && columns as i64 >= longest,
        _ => false,
    };
    if fits {
        return Ok(());
    }
    Err(runtime_err!(
        "Expected tensor to have size at least {longest} at dimension 1, but got size {:?} for targets (while checking arguments for ctc_loss_cpu)",
        targets.shape()
    ))
}

/// A row of labels for each sample, blanks at the end.
fn padded_labels(targets: &Tensor, lengths: &[i64], blank: i64) -> Result<Tensor> {
    let longest = lengths.iter().copied().max().unwrap_or(0);
    let batch = lengths.len();
    let targets = targets.to_dtype(DType::I64)?;
    let rows = if targets.dim() == 2 {
        targets.narrow(1, 0, longest)?
    } else if targets.numel() == 0 {
        Tensor::zeros(&[batch, longest as usize], DType::I64, targets.device())?
    } else {
        let mut start = 0;
        let mut index = Vec::new();
        for &n in lengths {
            index.extend((0..longest).map(|i| if i < n { start + i } else { 0 }));
            start += n;
        }
        targets.take(&Tensor::from_slice(&index, &[batch, longest as usize])?)?
    };
    let counted =
        positions(longest as usize, targets.device()).lt(&Tensor::from_slice(lengths, &[batch, 1])?)?;
    let rows = select(&counted, &rows, blank)?;
    for label in known_elements(&rows)?.into_iter().flatten() {
        if label < 0 {
            return Err(runtime_err!("ctc_loss: labels must not be negative, got {label}"));
        }
    }
    Ok(rows)
}

/// The labels with blanks around them, and to which states one may come past a blank: those with another label than the
/// one before.
fn states(labels: &Tensor, blank: i64) -> Result<(Tensor, Tensor)> {
    let &[batch, longest] = labels.shape() else { unreachable!("a row for each sample") };
    let blanks = labels.full_like(blank)?;
    let turns = crate::ops::join::stack(&[blanks, labels.clone()], 2)?.reshape_to(&[batch, 2 * longest])?;
    let last = Tensor::full(&[batch, 1], blank, DType::I64, labels.device())?;
    let all = crate::ops::join::cat(&[turns, last], 1)?;
    let before = all.padded(&[(0, 0), (2, -2)], Scalar::Int(blank))?;
    let can_skip = all.ne(&before)?.logical_and(&all.ne(blank)?)?;
    Ok((all, can_skip))
}

/// The logarithm of what arrived at the last label or the blank after it.
fn final_ways(alpha: &Tensor, target_lengths: &[i64]) -> Result<Tensor> {
    let at = |list: Vec<i64>| {
        alpha.gather(1, &Tensor::from_slice(&list, &[target_lengths.len(), 1])?)?.squeeze(Some(&[1]))
    };
    let blank = at(target_lengths.iter().map(|&n| 2 * n).collect())?;
    let label = at(target_lengths.iter().map(|&n| (2 * n - 1).max(0)).collect())?;
    let some = Tensor::from_slice(
        &target_lengths.iter().map(|&n| n > 0).collect::<Vec<bool>>(),
        &[target_lengths.len()],
    )?;
    let label = select(&some, &label, f64::NEG_INFINITY)?;
    blank.log_add3(&label, &label.full_like(f64::NEG_INFINITY)?)
}
