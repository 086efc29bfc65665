//! Sums of gradients, which wait for all that belongs to them where that saves work.
//!
//! What was used in parts - the steps of a sequence, the gates of a cell - gets its gradient in parts: they are put side
//! by side once, where a sum of as many tensors of the whole size would cost the square of their number. And a matrix
//! that many small products share, as the weight of a recurrent layer, gets one product of all their rows. What was used
//! often is summed up by fours, which are a third of the operators.

use super::{Rule, is_grad_enabled};
use crate::ops::pointwise::{DtypeRule, Operand, PointwiseRow};
use crate::ops::{arrange, join, matmul};
use crate::tensor::Tensor;
use smallvec::SmallVec;
use st_kernel::view::{Dims, View};
use st_kernel::{DType, Result};
use std::collections::BTreeMap;

/// A part of a tensor along one dimension: `len` indices from `start` on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Region {
    dim: usize,
    start: usize,
    step: usize,
    len: usize,
    /// Whether the part is an index, without the dimension.
    is_index: bool,
}

impl Region {
    /// What the view of a whole tensor of this shape sees.
    pub(super) fn view(&self, shape: &[usize]) -> View {
        let whole = View::contiguous(shape);
        match self.is_index {
            true => whole.select(self.dim, self.start),
            false => whole.slice(self.dim, self.start, self.len, self.step as isize),
        }
    }

    /// Where it ends, as if it had no gaps.
    fn end(&self) -> usize {
        self.start + (self.len.max(1) - 1) * self.step + 1
    }

    /// Whether two parts, the other of which begins no earlier, surely have nothing in common.
    fn is_apart(&self, later: &Region) -> bool {
        let interleaved = self.step == later.step && !(later.start - self.start).is_multiple_of(self.step);
        self.dim == later.dim && (self.end() <= later.start || interleaved)
    }
}

impl Rule {
    /// The part of the input that the output was, of this shape; None where it was no part.
    pub(super) fn region(&self, output: &[usize]) -> Option<Region> {
        match *self {
            Rule::Slice { dim, start, step } => {
                Some(Region { dim, start, step, len: output[dim], is_index: false })
            }
            Rule::Select { dim, index } => {
                Some(Region { dim, start: index, step: 1, len: 1, is_index: true })
            }
            _ => None,
        }
    }
}

/// So many gradients are added by one operator, where nobody asks how it was done.
const AT_ONCE: usize = 4;
static FOUR: PointwiseRow =
    PointwiseRow::new("add", DtypeRule::Number, |x| x[0] + x[1] + x[2] + x[3], None, AT_ONCE);

/// The gradient of one tensor, as it comes together.
#[derive(Default)]
pub(super) struct Sum {
    /// What is added in this order.
    whole: SmallVec<[Tensor; AT_ONCE]>,
    parts: Option<Box<Parts>>,
    products: Option<Box<Products>>,
}

struct Parts {
    shape: (Dims, DType),
    /// Equal regions are added; the others wait, in order.
    gradients: BTreeMap<Region, Tensor>,
}

/// The gradient of a matrix of this shape: the sum of all `left^T right`, which are as many pairs of rows.
pub(super) struct Products {
    shape: (Dims, DType),
    /// Whether the matrix was laid out by columns.
    turned: bool,
    left: Vec<Tensor>,
    right: Vec<Tensor>,
}

impl Products {
    pub(super) fn new(shape: (Dims, DType), turned: bool, left: Tensor, right: Tensor) -> Products {
        Products { shape, turned, left: vec![left], right: vec![right] }
    }

    /// The gradient of the matrix whose transpose this one is.
    pub(super) fn transposed(self, shape: (Dims, DType)) -> Products {
        Products { shape, turned: !self.turned, left: self.right, right: self.left }
    }

    fn total(self) -> Result<Tensor> {
        let (shape, dtype) = &self.shape;
        let rows = |parts: &[Tensor]| if let [one] = parts { Ok(one.clone()) } else { join::cat(parts, 0) };
        matmul::gradient_right(shape, self.turned, &rows(&self.left)?, &rows(&self.right)?)?.to_dtype(*dtype)
    }
}

/// Whether it pays to put these rows and those of other products side by side, rather than to add what they give.
pub(super) fn are_few_rows(rows: usize, matrix: &[usize]) -> bool {
    matches!(*matrix, [k, n] if 2 * rows * (k + n) <= k * n)
}

impl Sum {
    /// Adds the gradient of the whole tensor.
    pub(super) fn add(&mut self, gradient: Tensor) -> Result<()> {
        self.whole.push(gradient);
        if self.whole.len() == AT_ONCE || is_grad_enabled() {
            let sum = self.take_whole()?;
            self.whole.extend(sum);
        }
        Ok(())
    }

    fn take_whole(&mut self) -> Result<Option<Tensor>> {
        let all = std::mem::take(&mut self.whole);
        if let [first, others @ ..] = &all[..]
            && all.len() == AT_ONCE
            && !is_grad_enabled()
            && first.dtype().compute() == first.dtype()
            && others.iter().all(|t| t.dtype() == first.dtype() && t.shape() == first.shape())
        {
            let operands: SmallVec<[Operand; AT_ONCE]> = all.iter().map(Operand::Tensor).collect();
            return FOUR.apply(&operands).map(Some);
        }
        all.into_iter().try_fold(None, |sum, gradient| plus(sum, gradient).map(Some))
    }

    /// Adds the gradient of a part of a tensor of this shape.
    pub(super) fn add_part(&mut self, shape: &(Dims, DType), region: Region, gradient: Tensor) -> Result<()> {
        let none = || Box::new(Parts { shape: shape.clone(), gradients: BTreeMap::new() });
        let parts = &mut self.parts.get_or_insert_with(none).gradients;
        let sum = plus(parts.remove(&region), gradient)?;
        parts.insert(region, sum);
        Ok(())
    }

    /// Adds the gradient of a matrix, as products of rows.
    pub(super) fn add_products(&mut self, more: Products) {
        match &mut self.products {
            None => self.products = Some(Box::new(more)),
            Some(products) => {
                products.left.extend(more.left);
                products.right.extend(more.right);
            }
        }
    }

    /// The products, if there is nothing else.
    pub(super) fn take_products(&mut self) -> Option<Products> {
        if !self.whole.is_empty() || self.parts.is_some() {
            return None;
        }
        self.products.take().map(|products| *products)
    }

    /// The sum of all.
    pub(super) fn total(mut self) -> Result<Option<Tensor>> {
        let mut total = self.take_whole()?;
        if let Some(products) = self.products {
            total = Some(plus(total, products.total()?)?);
        }
        let Some(parts) = self.parts else { return Ok(total) };
        let (shape, _) = &parts.shape;
        for layer in layers(parts.gradients) {
            let seen: Vec<_> =
                layer.iter().map(|(region, gradient)| (region.view(shape), gradient)).collect();
            total = Some(plus(total, arrange::assembled(shape, &seen)?)?);
        }
        Ok(total)
    }
}

fn plus(sum: Option<Tensor>, gradient: Tensor) -> Result<Tensor> {
    match sum {
        None => Ok(gradient),
        Some(sum) => sum.add(&gradient),
    }
}

/// Parts in as few groups as a walk in their order finds, so that those of a group have nothing in common.
fn layers(parts: BTreeMap<Region, Tensor>) -> Vec<Vec<(Region, Tensor)>> {
    let mut layers: Vec<Vec<(Region, Tensor)>> = Vec::new();
    for (region, gradient) in parts {
        // Regions come by their beginnings, and only interleaved ones reach past the next one's.
        let fits = |layer: &&mut Vec<(Region, Tensor)>| layer.iter().rev().all(|(r, _)| r.is_apart(&region));
        match layers.iter_mut().find(fits) {
            Some(layer) => layer.push((region, gradient)),
            None => layers.push(vec![(region, gradient)]),
        }
    }
    layers
}
