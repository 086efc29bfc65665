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
    let (inputs, output) = match equation.split_once("->") {
        Some((inputs, output)) => (inputs, Some(output)),
        None => (equation, None),
    };
    if operands.is_empty() {
        return Err(runtime_err!("einsum(): must provide at least one operand"));
    }
    let terms = subscripts(inputs, 0, true)?;
    if terms.len() != operands.len() {
        let which = if operands.len() < terms.len() { "fewer" } else { "more" };
        return Err(runtime_err!("einsum(): {which} operands were provided than specified in the equation"));
    }
    let mut parts = Vec::new();
    for (i, (term, tensor)) in terms.iter().zip(operands).enumerate() {
        parts.push(without_repeats(i, tensor, labels_of(i, term, tensor.dim())?)?);
    }
    expect_sizes(&parts)?;
    let wanted = match output {
        Some(text) => {
            let dots = parts.iter().flat_map(|p| &p.labels).filter(|&&l| l >= ELLIPSIS).max();
            let dots = dots.map_or(0, |l| l - ELLIPSIS + 1);
            with_dots(&subscripts(text, inputs.len() + 2, false)?[0], dots)
        }
        None => implied_output(&terms, &parts),
    };
    for (i, label) in wanted.iter().enumerate() {
        let letter = char::from_u32(*label).unwrap_or('.');
        if wanted[..i].contains(label) {
            return Err(runtime_err!(
                "einsum(): output subscript {letter} appears more than once in the output"
            ));
        }
        if !parts.iter().any(|p| p.labels.contains(label)) {
            return Err(runtime_err!(
                "einsum(): output subscript {letter} does not appear in the equation for any input operand"
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
    if a.dtype() != b.dtype() {
        return Err(runtime_err!(
            "tensordot: both inputs should have same dtype; convert them with .to(dtype)"
        ));
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

/// The subscripts of each operand, or those of the output, which begin at `from` in the equation; [`ELLIPSIS`] for `...`.
fn subscripts(text: &str, from: usize, of_operands: bool) -> Result<Vec<Vec<u32>>> {
    let mut terms = vec![vec![]];
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let operand = terms.len() - 1;
        let term = terms.last_mut().expect("there is one from the start");
        match c {
            ' ' => {}
            ',' if of_operands => terms.push(vec![]),
            '.' if term.contains(&ELLIPSIS) => {
                return Err(match of_operands {
                    true => runtime_err!(
                        "einsum(): found '.' for operand {operand} for which an ellipsis was already found"
                    ),
                    false => {
                        runtime_err!("einsum(): found '.' for output but an ellipsis (...) was already found")
                    }
                });
            }
            '.' if text[at..].starts_with("...") => {
                term.push(ELLIPSIS);
                at += 2;
            }
            '.' => {
                let whose = if of_operands { format!("operand {operand}") } else { "output".into() };
                return Err(runtime_err!(
                    "einsum(): found '.' for {whose} that is not part of any ellipsis (...)"
                ));
            }
            c if c.is_ascii_alphabetic() => term.push(u32::from(c)),
            _ => {
                return Err(runtime_err!(
                    "einsum(): invalid subscript given at index {} in the equation string, subscripts must be in [a-zA-Z]",
                    from + at
                ));
            }
        }
        at += c.len_utf8();
    }
    Ok(terms)
}

/// A label for each dimension; `...` takes those that no letter takes, the last one always the same label.
fn labels_of(operand: usize, term: &[u32], rank: usize) -> Result<Vec<u32>> {
    let letters = term.iter().filter(|&&l| l != ELLIPSIS).count();
    let wrong = |how: &str| {
        runtime_err!(
            "einsum(): the number of subscripts in the equation ({letters}) {how} the number of dimensions ({rank}) for operand {operand}"
        )
    };
    match rank.checked_sub(letters) {
        Some(dots) if letters < term.len() => Ok(with_dots(term, dots as u32)),
        Some(0) => Ok(term.to_vec()),
        None if letters < term.len() => Err(wrong("is more than")),
        _ => Err(runtime_err!("{} and no ellipsis was given", wrong("does not match"))),
    }
}

/// Subscripts with as many labels for `...` as it stands for dimensions.
fn with_dots(term: &[u32], dots: u32) -> Vec<u32> {
    let all = |l: u32| if l == ELLIPSIS { (0..dots).rev().map(|i| ELLIPSIS + i).collect() } else { vec![l] };
    term.iter().flat_map(|&l| all(l)).collect()
}

/// Without an arrow: what `...` stands for, then the letters that occur once, sorted.
fn implied_output(terms: &[Vec<u32>], parts: &[Labelled]) -> Vec<u32> {
    let all = || parts.iter().flat_map(|p| p.labels.iter().copied());
    let mut dots: Vec<u32> = all().filter(|&l| l >= ELLIPSIS).collect();
    dots.sort_unstable_by(|a, b| b.cmp(a));
    dots.dedup();
    let once = |l: u32| terms.iter().flatten().filter(|&&c| c == l).count() == 1;
    let mut letters: Vec<u32> = all().filter(|&l| l < ELLIPSIS && once(l)).collect();
    letters.sort_unstable();
    dots.into_iter().chain(letters).collect()
}

/// Sizes of one letter agree in all operands, or are one.
fn expect_sizes(parts: &[Labelled]) -> Result<()> {
    let mut seen: Vec<(u32, usize)> = Vec::new();
    for (operand, part) in parts.iter().enumerate() {
        for (&label, &size) in part.labels.iter().zip(part.tensor.shape()) {
            match seen.iter_mut().find(|(l, _)| *l == label) {
                None => seen.push((label, size)),
                Some((_, before)) if *before == 1 => *before = size,
                Some((_, before)) if size != 1 && size != *before => {
                    let what = match char::from_u32(label).filter(|_| label < ELLIPSIS) {
                        Some(letter) => format!("subscript {letter}"),
                        None => "dimension covered by ellipsis".into(),
                    };
                    return Err(runtime_err!(
                        "einsum(): {what} has size {size} for operand {operand} which does not broadcast with previously seen size {before}"
                    ));
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}

/// The diagonal of dimensions with one label.
fn without_repeats(operand: usize, tensor: &Tensor, mut labels: Vec<u32>) -> Result<Labelled> {
    let mut tensor = tensor.clone();
    while let Some((i, j)) =
        (0..labels.len()).find_map(|j| Some((labels[..j].iter().position(|l| *l == labels[j])?, j)))
    {
        if tensor.shape()[i] != tensor.shape()[j] {
            return Err(runtime_err!(
                "einsum(): subscript {} is repeated for operand {operand} but the sizes don't match, {} != {}",
                char::from_u32(labels[j]).unwrap_or('.'),
                tensor.shape()[j],
                tensor.shape()[i]
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
        let size = if n == 1 { m } else { n };
        a.widen(label, size)?;
        b.widen(label, size)?;
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
