//! Where the lines of matrices begin that only one run sees.
//!
//! Matrix units are several times as fast on lines that begin at multiples of some bytes, and a vocabulary of 50,257 words
//! has none that do. A node's memory is row-major for whoever may look at it; but what a run makes, reads and drops can lie
//! as the device likes it, if every kernel that touches it walks along lines or from line to line.

use super::group::Group;
use super::item::Item;
use super::lower::{Lowered, Value, Work};
use super::snapshot::Standing;
use smallvec::SmallVec;
use st_kernel::view::numel;
use st_kernel::{Access, Kernel, Launch};
use std::collections::HashSet;

/// Matrices of fewer elements are not worth it.
const LARGE: usize = 1 << 20;
/// And lines of fewer, which would grow too much.
const LONG: usize = 256;

/// Bytes that caches hold together. Kernels that write over what they read are half again as slow where two lines share such
/// a piece: measured on an H100.
const CACHED: usize = 128;

/// Gives large matrices of products whose lines do not begin at multiples of `whole` bytes lines that do, where nobody can
/// tell.
pub(super) fn align(items: &mut [Item], groups: &[Group], lowered: &mut [Option<Lowered>], whole: usize) {
    let mut found: SmallVec<[Value; 4]> = SmallVec::new();
    for work in lowered.iter().flatten() {
        let Work::Kernel(Kernel::Matmul { dtype, .. }) = &work.work else { continue };
        for &value in work.buffers.iter().filter(|_| dtype.size() == 2) {
            if is_ragged(items, value, whole) && !found.contains(&value) {
                found.push(value);
            }
        }
    }
    // What is written over must lie as it did, and so must what becomes of it.
    let written: HashSet<Value> =
        groups.iter().filter_map(|g| g.base).flat_map(|(base, result)| [base, (result, 0)]).collect();
    for value in found.into_iter().filter(|value| !written.contains(value)) {
        let line = *items[value.0].shape.last().expect("a matrix has lines");
        let pitch = line.next_multiple_of(whole.max(CACHED) / items[value.0].dtype.size());
        if moved(lowered, value, [line, pitch]).is_some() {
            items[value.0].pitch = Some(pitch);
        }
    }
}

/// Whether a value is a large matrix of half precision, of this run alone, whose lines begin anywhere.
fn is_ragged(items: &[Item], (item, out): Value, whole: usize) -> bool {
    let item = &items[item];
    let line = item.shape.last().copied().unwrap_or(0);
    item.standing == Standing::Passing
        && out == 0
        && item.outputs() == 1
        && item.dtype.size() == 2
        && line >= LONG
        && item.numel() >= LARGE
        && !(line * item.dtype.size()).is_multiple_of(whole)
}

/// Moves all accesses of a value from lines one after the other to lines so far apart; `None`, and nothing is moved, if
/// some kernel walks it otherwise.
fn moved(lowered: &mut [Option<Lowered>], value: Value, lines: [usize; 2]) -> Option<()> {
    let mut new: Vec<(usize, Vec<Access>, Vec<Access>)> = Vec::new();
    for (id, work) in lowered.iter().enumerate() {
        let Some(work) = work else { continue };
        let Some(buffer) = work.buffers.iter().position(|v| *v == value) else { continue };
        let Work::Kernel(Kernel::Loop { .. } | Kernel::Matmul { .. }) = work.work else { return None };
        let Launch { dims, reads, writes, .. } = &work.launch;
        let all = |accesses: &[Access]| -> Option<Vec<Access>> {
            let own = |a: &Access| {
                if a.buffer as usize == buffer { apart(a, dims, lines) } else { Some(a.clone()) }
            };
            accesses.iter().map(own).collect()
        };
        new.push((id, all(reads)?, all(writes)?));
    }
    for (id, reads, writes) in new {
        let work = lowered[id].as_mut().expect("it was lowered");
        (work.launch.reads, work.launch.writes) = (reads, writes);
        if let Work::Kernel(Kernel::Matmul { .. }) = work.work {
            work.launch.ints.extend(work.buffers.iter().position(|v| *v == value));
        }
    }
    Some(())
}

/// An access of lines one after the other as one of lines so far apart, if it stays on each of them.
fn apart(access: &Access, dims: &[usize], [line, pitch]: [usize; 2]) -> Option<Access> {
    if numel(dims) == 0 {
        return None;
    }
    let mut furthest = 0;
    // Steps are of whole lines or along one; how far they go is added up.
    let mut step = |stride: isize, count: usize| {
        let stride = usize::try_from(stride).ok()?;
        let (down, along) = (stride / line, stride % line);
        furthest += along * count;
        Some((down * pitch + along) as isize)
    };
    let offset = step(access.offset, 1)?;
    let strides = access.strides.iter().zip(dims).map(|(&s, &n)| step(s, n - 1)).collect::<Option<_>>()?;
    let gather =
        access.gather.iter().map(|&(n, s)| Some((n, step(s, n.checked_sub(1)?)?))).collect::<Option<_>>()?;
    (furthest < line).then_some(Access { buffer: access.buffer, offset, strides, gather })
}

#[cfg(test)]
mod tests {
    use super::*;
    use st_kernel::view::{Dims, View};

    const LINES: [usize; 2] = [10, 16];

    /// Where the points of a launch of these dimensions are, in order.
    fn places(access: &Access, dims: &[usize]) -> Vec<isize> {
        let place = |i: usize| {
            let mut rest = i;
            let steps = access.strides.iter().zip(dims).rev().map(|(s, &n)| {
                let at = (rest % n) as isize * s;
                rest /= n;
                at
            });
            access.offset + steps.sum::<isize>()
        };
        (0..numel(dims)).map(place).collect()
    }

    fn seen(view: &View) -> (Access, Dims) {
        let access =
            Access { buffer: 0, offset: view.offset, strides: view.strides.clone(), gather: Vec::new() };
        (access, view.shape.clone())
    }

    #[test]
    fn views_along_lines_and_down_them_meet_the_same_elements() {
        let whole = View::contiguous(&[6, 10]);
        let views = [
            whole.clone(),
            whole.permute(&[1, 0]),
            whole.slice(0, 1, 3, 2),
            whole.slice(1, 3, 4, 1),
            View::contiguous(&[2, 3, 10]),
            View::contiguous(&[6, 5, 2]),
        ];
        for view in &views {
            let (access, dims) = seen(view);
            let moved = apart(&access, &dims, LINES).expect("it stays on its lines");
            let expected = |at: &isize| at / 10 * 16 + at % 10;
            let before = places(&access, &dims);
            assert_eq!(places(&moved, &dims), before.iter().map(expected).collect::<Vec<_>>(), "{view:?}");
        }
    }

    #[test]
    fn views_that_leave_their_lines_are_refused() {
        let whole = View::contiguous(&[6, 10]);
        let backwards = whole.slice(0, 5, 6, -1);
        for view in [View::contiguous(&[60]), View::contiguous(&[3, 20]), backwards] {
            let (access, dims) = seen(&view);
            assert!(apart(&access, &dims, LINES).is_none(), "{view:?}");
        }
    }
}
