//! A radix sort of packed keys, from the lowest digit to the highest; each pass keeps the order of the one before.

use super::key::Packed;
use crate::operand::Shared;
use crate::pool;
use crate::scratch::Scratch;

/// How often each digit's value occurs.
type Counts = [u32; 256];

/// Sorts with the help of a spare array of the same length; the result is in one of the two.
pub(super) fn sort<'a, P: Packed>(keys: &'a mut [P], spare: &'a Scratch<P>, threads: usize) -> &'a [P] {
    let length = keys.len();
    let piece = length.div_ceil(threads);
    let pieces = length.div_ceil(piece);
    let mut counts = vec![[[0; 256]; 8]; pieces];
    let slots = Shared::new(counts.as_mut_ptr());
    let (from, to) = (Shared::new(keys.as_mut_ptr()), Shared::new(spare.ptr()));
    pool::for_each(pieces, &|i| {
        // SAFETY: every task has its own counts, and keys are only read.
        let (counts, keys) = unsafe { (&mut *slots.at(i as isize), part(from, i * piece, piece, length)) };
        count_all(keys, counts);
    });
    let (mut from, mut to) = (from, to);
    let mut moved = false;
    for digit in 0..P::DIGITS {
        if (0..256).any(|value| counts.iter().map(|c| c[digit][value] as usize).sum::<usize>() == length) {
            continue; // All keys agree on this digit.
        }
        if moved && pieces > 1 {
            recount(from, length, piece, digit, &mut counts);
        }
        place(&mut counts, digit);
        let slots = Shared::new(counts.as_mut_ptr());
        pool::for_each(pieces, &|i| {
            // SAFETY: every task has its own counts; keys are read, and each goes to a place of its own.
            unsafe {
                let next = &mut (*slots.at(i as isize))[digit];
                for &key in part(from, i * piece, piece, length) {
                    let slot = &mut next[key.digit(digit)];
                    to.at(*slot as isize).write(key);
                    *slot += 1;
                }
            }
        });
        std::mem::swap(&mut from, &mut to);
        moved = true;
    }
    // SAFETY: the last pass wrote all of it, or it is the array that was given.
    unsafe { std::slice::from_raw_parts(from.get(), length) }
}

/// The keys of one piece.
///
/// # Safety
/// `keys` are `length` written keys that nobody writes while the part is in use.
unsafe fn part<'a, P>(keys: Shared<P>, start: usize, piece: usize, length: usize) -> &'a [P] {
    // SAFETY: the caller's promise, and the part ends within `length`.
    unsafe { std::slice::from_raw_parts(keys.at(start as isize), piece.min(length - start)) }
}

fn count_all<P: Packed>(keys: &[P], counts: &mut [Counts; 8]) {
    for key in keys {
        for (digit, counts) in counts.iter_mut().enumerate().take(P::DIGITS) {
            counts[key.digit(digit)] += 1;
        }
    }
}

/// Counts one digit again, because the keys have moved from piece to piece.
fn recount<P: Packed>(
    keys: Shared<P>,
    length: usize,
    piece: usize,
    digit: usize,
    counts: &mut [[Counts; 8]],
) {
    let slots = Shared::new(counts.as_mut_ptr());
    pool::for_each(counts.len(), &|i| {
        // SAFETY: every task has its own counts, and keys are only read.
        let (counts, keys) =
            unsafe { (&mut (*slots.at(i as isize))[digit], part(keys, i * piece, piece, length)) };
        counts.fill(0);
        keys.iter().for_each(|key| counts[key.digit(digit)] += 1);
    });
}

/// Turns the counts of a digit into the place of each piece's first key of each value.
fn place(counts: &mut [[Counts; 8]], digit: usize) {
    let mut next = 0;
    for value in 0..256 {
        for piece in counts.iter_mut() {
            next += std::mem::replace(&mut piece[digit][value], next);
        }
    }
}
