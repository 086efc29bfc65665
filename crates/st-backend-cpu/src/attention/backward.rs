//! The gradients: probabilities are computed again, block by block, from the logarithms that forward has kept.
//!
//! With many items each is one task, which computes a block once for all three gradients. With few, blocks of keys are
//! tasks for the gradients of k and v, and then blocks of queries for that of q. Sums have the same order either way.

use super::lanes::{Dots, Gradients, Sum};
use super::matrices::Matrices;
use super::scores::{LD, MOST_KEYS, MOST_QUERIES, block, product, room, rounded, rounded_room};
use super::{Float, Inputs};
use crate::gemm::Operand;
use crate::operand::Shared;
use crate::pool;
use crate::scratch::Scratch;
use crate::simd::vectorised;
use std::ops::Range;

/// A checked launch.
pub(super) struct Call<T: Float, O> {
    pub(super) inputs: Inputs<T>,
    pub(super) out: Matrices<O>,
    pub(super) logs: Matrices<T::Acc>,
    pub(super) grad: Matrices<T>,
    pub(super) grad_q: Matrices<O>,
    pub(super) grad_k: Matrices<O>,
    pub(super) grad_v: Matrices<O>,
}

/// Computes the gradients.
pub(super) fn run<T: Float, O: Float<Acc = T::Acc>>(call: Call<T, O>) {
    let sizes = call.inputs.sizes;
    let dots = Scratch::new(sizes.items * sizes.m);
    let backward = Backward { call, dots: Shared::new(dots.ptr()) };
    // SAFETY: tasks are within the sizes and write different rows of the gradients.
    unsafe {
        pool::for_each(sizes.items, &|item| backward.dots(item));
        if sizes.items >= 2 * pool::num_threads() {
            return pool::for_each(sizes.items, &|item| backward.item(item));
        }
        let key_blocks = sizes.n.div_ceil(MOST_KEYS);
        pool::for_each(sizes.items * key_blocks, &|task| {
            let keys = block(task % key_blocks * MOST_KEYS, MOST_KEYS, sizes.n);
            backward.keys(task / key_blocks, keys, &mut Work::new(&backward.call.inputs), None);
        });
        let query_blocks = sizes.m.div_ceil(MOST_QUERIES);
        pool::for_each(sizes.items * query_blocks, &|task| {
            let queries = block(task % query_blocks * MOST_QUERIES, MOST_QUERIES, sizes.m);
            backward.queries(task / query_blocks, queries, &mut Work::new(&backward.call.inputs));
        });
    }
}

struct Backward<T: Float, O> {
    call: Call<T, O>,
    /// For each query of each item, the product of its result with the result's gradient.
    dots: Shared<T::Acc>,
}

/// A task's working memory.
struct Work<T: Float> {
    scores: Scratch<T::Acc>,
    grads: Scratch<T::Acc>,
    extra: Scratch<T::Acc>,
    small_scores: Scratch<T>,
    small_grads: Scratch<T>,
    part: Vec<T::Acc>,
}

impl<T: Float> Work<T> {
    fn new(inputs: &Inputs<T>) -> Work<T> {
        let queries = inputs.sizes.m;
        let (scores, grads, extra) = (room(queries), room(queries), inputs.extra_room(queries));
        Work {
            scores,
            grads,
            extra,
            small_scores: rounded_room(),
            small_grads: rounded_room(),
            part: Vec::new(),
        }
    }

    /// Adds a product to `total`, which has its shape.
    unsafe fn add(&mut self, total: &mut [T::Acc], shape: [usize; 3], a: Operand<T>, b: Operand<T>) {
        let [m, n, _] = shape;
        self.part.resize(self.part.len().max(m * n), T::Acc::default());
        // SAFETY: the caller promises what a product needs; `part` has room for it.
        unsafe { product(shape, a, b, self.part.as_mut_ptr(), n) };
        vectorised(Sum { total, part: &self.part[..m * n] });
    }
}

/// Probabilities and the gradients of unscaled scores of a block, keys as rows.
struct Block<'a, T> {
    shares: Operand<'a, T>,
    grads: Operand<'a, T>,
}

impl<T: Float, O: Float<Acc = T::Acc>> Backward<T, O> {
    unsafe fn dots(&self, item: usize) {
        let sizes = self.call.inputs.sizes;
        let mut rows = [(); 2].map(|()| vec![T::Acc::default(); MOST_QUERIES * sizes.dv]);
        for first in (0..sizes.m).step_by(MOST_QUERIES) {
            let queries = block(first, MOST_QUERIES, sizes.m);
            let [outs, grads] = &mut rows;
            for (i, query) in queries.clone().enumerate() {
                let row = i * sizes.dv..(i + 1) * sizes.dv;
                // SAFETY: within the sizes.
                unsafe {
                    self.call.out.read(item, query, &mut outs[row.clone()]);
                    self.call.grad.read(item, query, &mut grads[row]);
                }
            }
            // SAFETY: there is one for each query of each item, and no other task has this item.
            let dots = unsafe {
                let first = self.dots.get().add(item * sizes.m + first);
                std::slice::from_raw_parts_mut(first, queries.len())
            };
            vectorised(Dots { rows: [outs, grads], cols: sizes.dv, dots });
        }
    }

    /// All gradients of one item.
    unsafe fn item(&self, item: usize) {
        let sizes = self.call.inputs.sizes;
        let mut grad_q = vec![T::Acc::default(); sizes.m * sizes.d];
        let mut work = Work::new(&self.call.inputs);
        for first in (0..sizes.n).step_by(MOST_KEYS) {
            // SAFETY: the caller's promise.
            unsafe { self.keys(item, block(first, MOST_KEYS, sizes.n), &mut work, Some(&mut grad_q)) };
        }
        for query in 0..sizes.m {
            // SAFETY: the caller's promise.
            unsafe { self.call.grad_q.write(item, query, &grad_q[query * sizes.d..][..sizes.d]) };
        }
    }

    /// The gradients of some keys and their values. What these keys add to the gradient of q goes to `grad_q`, if given.
    unsafe fn keys(
        &self,
        item: usize,
        keys: Range<usize>,
        work: &mut Work<T>,
        mut grad_q: Option<&mut Vec<T::Acc>>,
    ) {
        let Call { inputs, grad, grad_k, grad_v, .. } = &self.call;
        let sizes = inputs.sizes;
        let mut total_k = vec![T::Acc::default(); keys.len() * sizes.d];
        let mut total_v = vec![T::Acc::default(); keys.len() * sizes.dv];
        for first in (0..sizes.m).step_by(MOST_QUERIES) {
            let queries = block(first, MOST_QUERIES, sizes.m);
            let keys = keys.start..keys.end.min(inputs.seen(&queries));
            if keys.is_empty() {
                continue;
            }
            let (count, rows) = (keys.len(), queries.len());
            // SAFETY: the caller's promise; totals have the shapes of the products.
            unsafe {
                let block = self.block(item, &keys, &queries, work);
                let (grad, q) = (grad.operand(item, first), inputs.q.operand(item, first));
                work.add(&mut total_v[..count * sizes.dv], [count, sizes.dv, rows], block.shares, grad);
                work.add(&mut total_k[..count * sizes.d], [count, sizes.d, rows], block.grads, q);
                if let Some(grad_q) = &mut grad_q {
                    let total = &mut grad_q[first * sizes.d..][..rows * sizes.d];
                    self.add_to_queries(total, item, &keys, rows, &block, work);
                }
            }
        }
        for (i, key) in keys.enumerate() {
            // SAFETY: the caller's promise.
            unsafe {
                grad_k.write(item, key, &total_k[i * sizes.d..][..sizes.d]);
                grad_v.write(item, key, &total_v[i * sizes.dv..][..sizes.dv]);
            }
        }
    }

    /// The gradients of some queries.
    unsafe fn queries(&self, item: usize, queries: Range<usize>, work: &mut Work<T>) {
        let inputs = &self.call.inputs;
        let (width, rows) = (inputs.sizes.d, queries.len());
        let mut total = vec![T::Acc::default(); rows * width];
        let seen = inputs.seen(&queries);
        for first in (0..seen).step_by(MOST_KEYS) {
            let keys = block(first, MOST_KEYS, seen);
            // SAFETY: the caller's promise.
            unsafe {
                let block = self.block(item, &keys, &queries, work);
                self.add_to_queries(&mut total, item, &keys, rows, &block, work);
            }
        }
        for (i, query) in queries.enumerate() {
            // SAFETY: the caller's promise.
            unsafe { self.call.grad_q.write(item, query, &total[i * width..][..width]) };
        }
    }

    unsafe fn add_to_queries(
        &self,
        total: &mut [T::Acc],
        item: usize,
        keys: &Range<usize>,
        rows: usize,
        block: &Block<T>,
        work: &mut Work<T>,
    ) {
        let inputs = &self.call.inputs;
        let shape = [rows, inputs.sizes.d, keys.len()];
        // SAFETY: the caller's promise.
        unsafe { work.add(total, shape, block.grads.transposed(), inputs.k.operand(item, keys.start)) }
    }

    /// Computes a block again.
    unsafe fn block(
        &self,
        item: usize,
        keys: &Range<usize>,
        queries: &Range<usize>,
        work: &Work<T>,
    ) -> Block<'static, T> {
        let Call { inputs, logs, grad, .. } = &self.call;
        let (count, rows) = (keys.len(), queries.len());
        let (scores, grads) = (work.scores.ptr(), work.grads.ptr());
        let (mut own_logs, mut own_dots) = ([T::Acc::default(); LD], [T::Acc::default(); LD]);
        // SAFETY: the caller's promise; the working memory is a block's room.
        unsafe {
            for (i, query) in queries.clone().enumerate() {
                own_logs[i] = *logs.at(item, query, 0);
                own_dots[i] = *self.dots.get().add(item * inputs.sizes.m + query);
            }
            let pending = inputs.scores(item, keys, queries, scores, work.extra.ptr());
            let (v, grad) = (inputs.v.operand(item, keys.start), grad.operand(item, queries.start));
            product([count, rows, inputs.sizes.dv], v, grad.transposed(), grads, LD);
            vectorised(Gradients {
                scores,
                grads,
                keys: count,
                queries: rows,
                pending,
                scale: inputs.scale,
                logs: &own_logs,
                dots: &own_dots,
            });
            Block {
                shares: rounded(scores, &work.small_scores, count, rows),
                grads: rounded(grads, &work.small_grads, count, rows),
            }
        }
    }
}
