//! The result for few queries, as one makes token after token: a row of scores for each, whose lanes are keys.

use super::forward::Call;
use super::lanes::Shares;
use super::scores::{LANES, product};
use super::{Float, Inputs};
use crate::gemm::{self, Operand};
use crate::pool;
use crate::scratch::Scratch;
use crate::simd::vectorised;

/// With as many queries or more, vectors are better filled by queries.
const FEW: usize = 5;

/// Whether the queries are few and see all keys.
pub(super) fn applies<T: Float>(inputs: &Inputs<T>) -> bool {
    inputs.sizes.m < FEW && inputs.mask.is_none() && !inputs.causal
}

/// Computes it, items side by side.
pub(super) fn run<T: Float, O: Float<Acc = T::Acc>>(call: &Call<T, O>) {
    // SAFETY: the items are within the sizes, and each is one task's.
    pool::for_each(call.inputs.sizes.items, &|item| unsafe { call.item(item) });
}

impl<T: Float, O: Float<Acc = T::Acc>> Call<T, O> {
    /// # Safety
    /// The item is within the sizes, and nobody else writes its results.
    unsafe fn item(&self, item: usize) {
        let sizes = self.inputs.sizes;
        let ld = sizes.n.next_multiple_of(LANES);
        let scores = Scratch::<T::Acc>::new(sizes.m * ld);
        let mut total = vec![T::Acc::default(); sizes.m * sizes.dv];
        let (q, k) = (self.inputs.q.operand(item, 0), self.inputs.k.operand(item, 0));
        // SAFETY: the caller's promise; there is room for rows of `ld` scores, all of which are written.
        let rows = unsafe {
            product([sizes.m, sizes.n, sizes.d], q, k.transposed(), scores.ptr(), ld);
            for row in 0..sizes.m {
                scores.ptr().add(row * ld + sizes.n).write_bytes(0, ld - sizes.n);
            }
            std::slice::from_raw_parts_mut(scores.ptr(), sizes.m * ld)
        };
        let mut state = [(T::Acc::default(), T::Acc::default()); FEW];
        for (row, state) in rows.chunks_exact_mut(ld.max(1)).zip(&mut state) {
            vectorised(Shares { scores: row, keys: sizes.n, scale: self.inputs.scale, state });
        }
        let small = narrowed::<T>(rows);
        let shares = if T::SUMS_ARE_RESULTS { scores.ptr().cast::<T>() } else { small.ptr() };
        let shares = Operand { ptr: shares.cast_const(), batch: &[], row: ld as isize, col: 1 };
        // SAFETY: the caller's promise; `total` has a row for each query.
        unsafe {
            let values = self.inputs.v.operand(item, 0);
            product([sizes.m, sizes.dv, sizes.n], shares, values, total.as_mut_ptr(), sizes.dv);
        }
        for (query, (most, sum)) in state.into_iter().take(sizes.m).enumerate() {
            // SAFETY: the caller's promise.
            unsafe { self.finish(item, query, &mut total[query * sizes.dv..][..sizes.dv], most, sum) }
        }
    }
}

/// Numbers rounded to `T`, unless they have that type already.
fn narrowed<T: Float>(numbers: &[T::Acc]) -> Scratch<T> {
    let room = Scratch::<T>::new(if T::SUMS_ARE_RESULTS { 0 } else { numbers.len() });
    if !T::SUMS_ARE_RESULTS {
        // SAFETY: this is its size.
        let to = unsafe { std::slice::from_raw_parts_mut(room.ptr(), numbers.len()) };
        <T as gemm::Element>::narrow(numbers, to);
    }
    room
}
