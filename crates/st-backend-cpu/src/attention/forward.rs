//! The result: for each block of queries, blocks of keys one after another under an online softmax.

use super::lanes::{Blend, Exponentials, State};
use super::matrices::Matrices;
use super::scores::{MOST_KEYS, MOST_QUERIES, block, product, room, rounded, rounded_room};
use super::{Float, Inputs, Real, few};
use crate::math::{Math, Unfused};
use crate::pool;
use crate::simd::vectorised;
use std::ops::Range;

/// A checked launch.
pub(super) struct Call<T: Float, O> {
    pub(super) inputs: Inputs<T>,
    pub(super) out: Matrices<O>,
    pub(super) logs: Matrices<T::Acc>,
}

/// Computes it, blocks of queries side by side.
pub(super) fn run<T: Float, O: Float<Acc = T::Acc>>(call: &Call<T, O>) {
    if few::applies(&call.inputs) {
        return few::run(call);
    }
    let sizes = call.inputs.sizes;
    let blocks = sizes.m.div_ceil(MOST_QUERIES);
    pool::for_each(sizes.items * blocks, &|task| {
        // The last blocks first: with causal attention they are the longest.
        let first = (blocks - 1 - task % blocks) * MOST_QUERIES;
        // SAFETY: the block is within the sizes, and no other task has these queries.
        unsafe { call.queries(task / blocks, block(first, MOST_QUERIES, sizes.m)) }
    });
}

impl<T: Float, O: Float<Acc = T::Acc>> Call<T, O> {
    /// # Safety
    /// Item and queries are within the sizes, and nobody else writes their results.
    unsafe fn queries(&self, item: usize, queries: Range<usize>) {
        let (rows, width) = (queries.len(), self.inputs.sizes.dv);
        let (scores, extra, small) = (room(rows), self.inputs.extra_room(rows), rounded_room::<T>());
        let mut state = State::<T::Acc>::new();
        let mut total = vec![T::Acc::default(); rows * width];
        let mut part = vec![T::Acc::default(); rows * width];
        let seen = self.inputs.seen(&queries);
        for first in (0..seen).step_by(MOST_KEYS) {
            let keys = block(first, MOST_KEYS, seen);
            // SAFETY: the block is within the sizes; the working memory is a block's room.
            let scale = unsafe { self.inputs.scores(item, &keys, &queries, scores.ptr(), extra.ptr()) };
            vectorised(Exponentials {
                scores: scores.ptr(),
                keys: keys.len(),
                queries: rows,
                scale,
                state: &mut state,
            });
            // SAFETY: as above; `part` has a row for each query.
            unsafe {
                let shares = rounded(scores.ptr(), &small, keys.len(), rows).transposed();
                let values = self.inputs.v.operand(item, first);
                product([rows, width, keys.len()], shares, values, part.as_mut_ptr(), width);
            }
            if first == 0 {
                std::mem::swap(&mut total, &mut part);
            } else if width > 0 {
                vectorised(Blend { total: &mut total, part: &part, cols: width, factors: &state.change });
            }
        }
        for (i, query) in queries.enumerate() {
            // SAFETY: the caller's promise.
            unsafe { self.finish(item, query, &mut total[i * width..][..width], state.most[i], state.sum[i]) }
        }
    }

    /// Divides a query's row by the sum of its exponentials and writes it.
    ///
    /// # Safety
    /// Item and query are within the sizes, and nobody else writes their results.
    pub(super) unsafe fn finish(
        &self,
        item: usize,
        query: usize,
        row: &mut [T::Acc],
        most: T::Acc,
        sum: T::Acc,
    ) {
        // Without a key all is 0 already.
        let inverse = T::Acc::ONE / if sum == T::Acc::default() { T::Acc::ONE } else { sum };
        row.iter_mut().for_each(|x| *x = *x * inverse);
        // SAFETY: the caller's promise.
        unsafe {
            self.out.write(item, query, row);
            *self.logs.at(item, query, 0) = most + T::Acc::log::<Unfused>(sum);
        }
    }
}
