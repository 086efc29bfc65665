//! Sums of products written with letters: `einsum` and `tensordot`.
//!
//! Operands are multiplied two by two, each time as one batched matrix product: letters of both that are wanted later are
//! its batch, letters of both that are not are summed over, the others are its rows and columns.

use super::matmul::product;
use crate::tensor::{Tensor, normalize_dims};
use st_kernel::{Result, runtime_err};

/// What stands for `...`: labels from here on, which no letter has.
const ELLIPSIS: u32 = 0x11_0000;

/// A tensor with a label for each dimension.
struct Labelled {
    tensor: Tensor,
    labels: Vec<u32>,
}

/// Torch's `einsum`: `"bik,bkj->bij"`, with `...` for any number of broadcast dimensions.
pub fn einsum(equation: &str, operands: &[Tensor]) -> Result<Tensor> {
    let equation: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
    let (inputs, output) = match equation.split_once("->") {
        Some((inputs, output)) => (inputs, Some(output)),
        None => (&equation[..], None),
    };
    let terms: Vec<&str> = inputs.split(',').collect();
    if operands.is_empty() || terms.len() != operands.len() {
        return Err(runtime_err!(
            "einsum(): the equation '{equation}' has {} operands but {} were given",
            terms.len(),
            operands.len()
        ));
    }
    let mut parts = Vec::new();
    for (term, tensor) in terms.iter().zip(operands) {
        parts.push(without_repeats(tensor, labels_of(term, tensor.dim())?)?);
    }
    let wanted = match output {
        Some(term) => {
            let dots = parts.iter().flat_map(|p| &p.labels).filter(|&&l| l >= ELLIPSIS).max();
            let dots = if term.contains("...") { dots.map_or(0, |l| l - ELLIPSIS + 1) } else { 0 };
            labels_of(term, term.replace("...", "").chars().count() + dots as usize)?
        }
        None => implied_output(inputs, &parts),
    };
    for (i, label) in wanted.iter().enumerate() {
        if wanted[..i].contains(label) || !parts.iter().any(|p| p.labels.contains(label)) {
            return Err(runtime_err!(
                "einsum(): each label of the output of '{equation}' must occur there once and in some operand"
            ));
        }
    }
    let mut parts = parts.into_iter();
    let mut result = parts.next().expect("there is an operand");
    let mut rest: Vec<Labelled> = parts.collect();
    rest.reverse();
    while let Some(next) = rest.pop() {
        let later = |label: &u32| wanted.contains(label) || rest.iter().any(|p| p.labels.contains(label));
        result = contract(result, next, &later)?;
    }
    let gone: Vec<i64> = positions(&result.labels, |l| !wanted.contains(l));
    if !gone.is_empty() {
        result.tensor = result.tensor.sum(&gone, false)?;
        result.labels.retain(|l| wanted.contains(l));
    }
    result.tensor.permute(&order_of(&result.labels, &wanted))
}

/// Products summed over the last dimensions of the one and the first of the other.
pub fn tensordot(a: &Tensor, b: &Tensor, dims: usize) -> Result<Tensor> {
    if dims > a.dim().min(b.dim()) {
        return Err(runtime_err!(
            "tensordot: expects dims < ndim_a or ndim_b, got {dims} for {} and {}",
            a.dim(),
            b.dim()
        ));
    }
    let last: Vec<i64> = (a.dim() - dims..a.dim()).map(|d| d as i64).collect();
    tensordot_over(a, b, &last, &(0..dims as i64).collect::<Vec<_>>())
}

/// Products summed over pairs of dimensions.
pub fn tensordot_over(a: &Tensor, b: &Tensor, dims_a: &[i64], dims_b: &[i64]) -> Result<Tensor> {
    let (over_a, over_b) = (normalize_dims(dims_a, a.dim())?, normalize_dims(dims_b, b.dim())?);
    if over_a.len() != over_b.len() {
        return Err(runtime_err!("tensordot: both dimension lists should have same length"));
    }
    // Beside a dimension of size one, the other is summed by itself.
    let pairs = || over_a.iter().zip(&over_b);
    let alone = |t: &Tensor, of: &[usize], beside: &Tensor, at: &[usize]| -> Result<Option<Tensor>> {
        let pairs = of.iter().zip(at);
        let sums = pairs.filter(|(p, q)| t.shape()[**p] != 1 && beside.shape()[**q] == 1);
        let dims: Vec<i64> = sums.map(|(p, _)| *p as i64).collect();
        if dims.is_empty() { Ok(None) } else { t.sum(&dims, true)?.to_dtype(t.dtype()).map(Some) }
    };
    let (summed_a, summed_b) = (alone(a, &over_a, b, &over_b)?, alone(b, &over_b, a, &over_a)?);
    let (a, b) = (summed_a.as_ref().unwrap_or(a), summed_b.as_ref().unwrap_or(b));
    if let Some((p, q)) = pairs().find(|(p, q)| a.shape()[**p] != b.shape()[**q]) {
        return Err(runtime_err!(
            "tensordot: contracted dimensions need to match, but first has size {} in dim {p} and second has size {} in dim {q}",
            a.shape()[*p],
            b.shape()[*q]
        ));
    }
    let labels_a: Vec<u32> = (0..a.dim() as u32).collect();
    let fresh = |d: usize| (a.dim() + d) as u32;
    let labels_b: Vec<u32> = (0..b.dim())
        .map(|d| over_b.iter().position(|&q| q == d).map_or(fresh(d), |i| over_a[i] as u32))
        .collect();
    let summed: Vec<u32> = over_a.iter().map(|&d| d as u32).collect();
    let left = Labelled { tensor: a.clone(), labels: labels_a };
    let right = Labelled { tensor: b.clone(), labels: labels_b };
    Ok(contract(left, right, &|l| !summed.contains(l))?.tensor)
}

/// A label for each dimension; `...` takes those that no letter takes, the last one always the same label.
fn labels_of(term: &str, rank: usize) -> Result<Vec<u32>> {
    let wrong = || runtime_err!("einsum(): '{term}' does not fit an operand of {rank} dimensions");
    let letters = |part: &str| -> Result<Vec<u32>> {
        match part.chars().all(|c| c.is_ascii_alphabetic()) {
            true => Ok(part.chars().map(u32::from).collect()),
            false => {
                Err(runtime_err!("einsum(): invalid subscript in '{term}', subscripts must be in [a-zA-Z]"))
            }
        }
    };
    let Some((before, after)) = term.split_once("...") else {
        let labels = letters(term)?;
        return if labels.len() == rank { Ok(labels) } else { Err(wrong()) };
    };
    let (mut labels, after) = (letters(before)?, letters(after)?);
    let dots = rank.checked_sub(labels.len() + after.len()).ok_or_else(wrong)?;
    labels.extend((0..dots as u32).rev().map(|i| ELLIPSIS + i));
    labels.extend(after);
    Ok(labels)
}

/// Without an arrow: what `...` stands for, then the letters that occur once, sorted.
fn implied_output(inputs: &str, parts: &[Labelled]) -> Vec<u32> {
    let all = || parts.iter().flat_map(|p| p.labels.iter().copied());
    let mut dots: Vec<u32> = all().filter(|&l| l >= ELLIPSIS).collect();
    dots.sort_unstable_by(|a, b| b.cmp(a));
    dots.dedup();
    let once = |l: u32| inputs.chars().filter(|&c| u32::from(c) == l).count() == 1;
    let mut letters: Vec<u32> = all().filter(|&l| l < ELLIPSIS && once(l)).collect();
    letters.sort_unstable();
    dots.into_iter().chain(letters).collect()
}

/// The diagonal of dimensions with one label.
fn without_repeats(tensor: &Tensor, mut labels: Vec<u32>) -> Result<Labelled> {
    let mut tensor = tensor.clone();
    while let Some((i, j)) =
        (0..labels.len()).find_map(|j| Some((labels[..j].iter().position(|l| *l == labels[j])?, j)))
    {
        if tensor.shape()[i] != tensor.shape()[j] {
            return Err(runtime_err!(
                "einsum(): a subscript is repeated for dimensions of sizes {} and {}",
                tensor.shape()[i],
                tensor.shape()[j]
            ));
        }
        tensor = tensor.diagonal(0, i as i64, j as i64)?;
        let label = labels.remove(j);
        labels.remove(i);
        labels.push(label);
    }
    Ok(Labelled { tensor, labels })
}

/// The product of two, summed over the labels of both, or of one of them, that are not needed later.
fn contract(mut a: Labelled, mut b: Labelled, later: &dyn Fn(&u32) -> bool) -> Result<Labelled> {
    a.sum_lonely(&b.labels, later)?;
    b.sum_lonely(&a.labels, later)?;
    fit(&mut a, &mut b)?;
    let both: Vec<u32> = a.labels.iter().copied().filter(|l| b.labels.contains(l)).collect();
    let (batch, summed): (Vec<u32>, Vec<u32>) = both.iter().partition(|l| later(l));
    let rows: Vec<u32> = a.labels.iter().copied().filter(|l| !both.contains(l)).collect();
    let columns: Vec<u32> = b.labels.iter().copied().filter(|l| !both.contains(l)).collect();
    let left = a.grouped(&batch, &rows, &summed)?;
    let right = b.grouped(&batch, &summed, &columns)?;
    let labels: Vec<u32> = [batch, rows, columns].concat();
    let size = |l: &u32| a.size(*l).or(b.size(*l)).expect("a label of one of them");
    let shape: Vec<usize> = labels.iter().map(size).collect();
    // Without a sum it is a broadcast product, which is computed together with what comes before and after it.
    let made = if summed.is_empty() { left.mul(&right)? } else { product(&left, &right)? };
    Ok(Labelled { tensor: made.reshape_to(&shape)?, labels })
}

/// A size of one broadcasts to the other operand's size.
fn fit(a: &mut Labelled, b: &mut Labelled) -> Result<()> {
    for label in a.labels.clone() {
        let (Some(n), Some(m)) = (a.size(label), b.size(label)) else { continue };
        if n != m && n != 1 && m != 1 {
            return Err(runtime_err!(
                "einsum(): operands do not broadcast with remapped shapes: a subscript has sizes {n} and {m}"
            ));
        }
        a.widen(label, n.max(m))?;
        b.widen(label, n.max(m))?;
    }
    Ok(())
}

impl Labelled {
    fn size(&self, label: u32) -> Option<usize> {
        self.labels.iter().position(|&l| l == label).map(|d| self.tensor.shape()[d])
    }

    fn widen(&mut self, label: u32, size: usize) -> Result<()> {
        let mut shape = self.tensor.shape().to_vec();
        shape.iter_mut().zip(&self.labels).filter(|(_, l)| **l == label).for_each(|(n, _)| *n = size);
        self.tensor = self.tensor.expand_to(&shape)?;
        Ok(())
    }

    /// Sums over labels that nobody else has and nobody needs.
    fn sum_lonely(&mut self, others: &[u32], later: &dyn Fn(&u32) -> bool) -> Result<()> {
        let lonely = |l: &u32| !others.contains(l) && !later(l);
        let dims = positions(&self.labels, lonely);
        if !dims.is_empty() {
            self.tensor = self.tensor.sum(&dims, false)?;
            self.labels.retain(|l| !lonely(l));
        }
        Ok(())
    }

    /// As a batch of matrices.
    fn grouped(&self, batch: &[u32], rows: &[u32], columns: &[u32]) -> Result<Tensor> {
        let sizes =
            |labels: &[u32]| labels.iter().map(|&l| self.size(l).expect("its own label")).collect::<Vec<_>>();
        let order = order_of(&self.labels, &[batch, rows, columns].concat());
        let mut shape = sizes(batch);
        shape.extend([sizes(rows).iter().product::<usize>(), sizes(columns).iter().product()]);
        self.tensor.permute(&order)?.reshape_to(&shape)
    }
}

fn positions(labels: &[u32], which: impl Fn(&u32) -> bool) -> Vec<i64> {
    (0i64..).zip(labels).filter(|(_, l)| which(l)).map(|(d, _)| d).collect()
}

/// Where each wanted label is.
fn order_of(labels: &[u32], wanted: &[u32]) -> Vec<i64> {
    wanted
        .iter()
        .map(|w| labels.iter().position(|l| l == w).expect("a label of the operand") as i64)
        .collect()
}
