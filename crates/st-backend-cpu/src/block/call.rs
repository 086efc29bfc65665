//! How a loop over a block is called, and how one source becomes a clone for each instruction set.
//!
//! A block is about a thousand points, more where registers are few. A loop reads its operands from registers (dense arrays of one number for each
//! point, or one number for all) and writes another register; it never reads what it writes, so LLVM vectorises it.

use super::faults::Faults;
use crate::isa::Isa;
use crate::math::{Fma, Fused};
use std::mem::MaybeUninit;

/// Loops on registers may compute up to the next multiple of this, so that vectors have no ragged end.
pub(crate) const PADDING: usize = 64;

/// What a loop is told.
pub(crate) struct Call<'a> {
    /// Where the results go.
    pub(crate) dst: *mut u8,
    /// The operands.
    pub(crate) src: [*const u8; 3],
    /// Which operands are one number for all points.
    pub(crate) scalar: [bool; 3],
    /// Number of points.
    pub(crate) n: usize,
    /// The same points as a grid of `rows` x `cols`.
    pub(crate) rows: usize,
    /// See `rows`.
    pub(crate) cols: usize,
    /// Steps in memory along rows and columns, in elements, for loops that touch memory.
    pub(crate) steps: [isize; 2],
    /// Loops around the grid, which is then one of many: how often each runs, and its step in memory.
    pub(crate) nest: &'a [(usize, isize)],
    /// Numbers a loop may need besides: a position, an index's size and stride.
    pub(crate) aux: [i64; 2],
    /// Where a loop reports what is wrong with its operands.
    pub(crate) faults: &'a Faults,
}

/// Most loops around the grid of a call.
pub(crate) const MOST_LOOPS: usize = 4;

/// A walk over the grids of a call. Not a function that is called for each: that would be compiled for any machine.
pub(crate) struct Grids<'a> {
    nest: &'a [(usize, isize)],
    counts: [usize; MOST_LOOPS],
    left: usize,
    points: usize,
    next: (usize, isize),
}

impl Iterator for Grids<'_> {
    type Item = (usize, isize);

    #[inline(always)]
    fn next(&mut self) -> Option<(usize, isize)> {
        self.left = self.left.checked_sub(1)?;
        let this = self.next;
        self.next.0 += self.points;
        for (done, &(count, step)) in self.counts[..self.nest.len()].iter_mut().zip(self.nest).rev() {
            *done += 1;
            if *done < count {
                self.next.1 += step;
                break;
            }
            *done = 0;
            self.next.1 -= (count as isize - 1) * step;
        }
        Some(this)
    }
}

/// A loop compiled for one instruction set.
///
/// # Safety
/// The machine has the instruction set, the operands and results are valid for the call's points and of the types the
/// loop was made for, and results overlap no operand.
pub(crate) type Step = unsafe fn(&Call<'_>);

/// The source of a loop.
pub(crate) trait BlockLoop {
    /// # Safety
    /// As [`Step`].
    unsafe fn run<F: Fma>(call: &Call<'_>);
}

/// Machine types of registers.
pub(crate) trait Elem: Copy + PartialEq + PartialOrd + Default + Send + Sync + 'static {}
impl Elem for f32 {}
impl Elem for f64 {}
impl Elem for i32 {}
impl Elem for i64 {}
impl Elem for u8 {}

macro_rules! shell {
    ($name:ident, $fma:ty $(, $features:literal)?) => {
        /// # Safety
        /// As [`Step`].
        $(#[target_feature(enable = $features)])?
        unsafe fn $name<L: BlockLoop>(call: &Call<'_>) {
            // SAFETY: the caller promises what the loop needs.
            unsafe { L::run::<$fma>(call) }
        }
    };
}
#[cfg(target_arch = "x86_64")]
shell!(avx512, Fused, "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,f16c,bmi1,bmi2");
#[cfg(target_arch = "x86_64")]
shell!(avx2, Fused, "avx2,fma,f16c,bmi1,bmi2");
#[cfg(target_arch = "x86_64")]
shell!(baseline, crate::math::Unfused);
#[cfg(not(target_arch = "x86_64"))]
shell!(baseline, Fused);

/// The clone of a loop for `isa`.
pub(crate) fn clone_for<L: BlockLoop>(isa: Isa) -> Step {
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 | Isa::Amx => avx512::<L>,
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => avx2::<L>,
        _ => baseline::<L>,
    }
}

impl Call<'_> {
    /// The first point of each grid, and how far it is in memory from the first grid.
    #[inline(always)]
    pub(crate) fn grids(&self) -> Grids<'_> {
        let left = self.nest.iter().map(|&(count, _)| count).product();
        Grids { nest: self.nest, counts: [0; MOST_LOOPS], left, points: self.rows * self.cols, next: (0, 0) }
    }

    /// Rows and columns of a grid; one row, if the rows follow one another as their elements do.
    #[inline(always)]
    pub(crate) fn lines(&self) -> (usize, usize) {
        let [row_step, col_step] = self.steps;
        match row_step == self.cols as isize * col_step {
            true => (1, self.rows * self.cols),
            false => (self.rows, self.cols),
        }
    }

    /// Operand `k` as a whole register.
    ///
    /// # Safety
    /// It is one, of this type.
    #[inline(always)]
    pub(crate) unsafe fn vector<A: Elem>(&self, k: usize) -> &[A] {
        // SAFETY: promised by the caller.
        unsafe { std::slice::from_raw_parts(self.src[k].cast(), self.n) }
    }

    /// Operand `k` as the number it is at every point (or at the first).
    ///
    /// # Safety
    /// It is of this type.
    #[inline(always)]
    pub(crate) unsafe fn number<A: Elem>(&self, k: usize) -> A {
        // SAFETY: promised by the caller; a block has at least one point.
        unsafe { *self.src[k].cast() }
    }

    /// The results.
    ///
    /// # Safety
    /// There is room for them.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)] // The call carries the address, it does not own the results.
    pub(crate) unsafe fn out<D: Elem>(&self) -> &mut [MaybeUninit<D>] {
        // SAFETY: promised by the caller.
        unsafe { std::slice::from_raw_parts_mut(self.dst.cast(), self.n) }
    }
}

/// `f` of one operand at each point. The slices are parameters so that LLVM knows they do not overlap.
#[inline(always)]
pub(crate) fn each<A: Elem, D: Elem>(out: &mut [MaybeUninit<D>], a: &[A], mut f: impl FnMut(A) -> D) {
    for (out, &a) in out.iter_mut().zip(a) {
        out.write(f(a));
    }
}

/// `f` of two operands at each point.
#[inline(always)]
pub(crate) fn each2<A: Elem, B: Elem, D: Elem>(
    out: &mut [MaybeUninit<D>],
    a: &[A],
    b: &[B],
    mut f: impl FnMut(A, B) -> D,
) {
    for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
        out.write(f(a, b));
    }
}

/// A loop of one operand.
///
/// # Safety
/// As [`Step`].
#[inline(always)]
pub(crate) unsafe fn map1<A: Elem, D: Elem>(call: &Call<'_>, f: impl Fn(A) -> D) {
    // SAFETY: promised by the caller. A scalar operand has a scalar result, so `n` is 1 then.
    unsafe { each(call.out(), call.vector(0), f) }
}

/// A loop of two operands, each a register or one number.
///
/// # Safety
/// As [`Step`].
#[inline(always)]
pub(crate) unsafe fn map2<A: Elem, B: Elem, D: Elem>(call: &Call<'_>, f: impl Fn(A, B) -> D) {
    // SAFETY: promised by the caller.
    unsafe {
        match (call.scalar[0], call.scalar[1]) {
            (false, true) => {
                let b = call.number(1);
                each(call.out(), call.vector(0), |a| f(a, b));
            }
            (true, false) => {
                let a = call.number(0);
                each(call.out(), call.vector(1), |b| f(a, b));
            }
            // Two scalar operands have a scalar result, so `n` is 1 then.
            _ => each2(call.out(), call.vector(0), call.vector(1), f),
        }
    }
}

/// A loop of three operands, each a register or one number.
///
/// # Safety
/// As [`Step`].
#[inline(always)]
pub(crate) unsafe fn map3<A: Elem>(call: &Call<'_>, f: impl Fn(A, A, A) -> A) {
    // SAFETY: promised by the caller.
    unsafe {
        match call.scalar {
            [false, false, false] => each3(call.out(), call.vector(0), call.vector(1), call.vector(2), f),
            [false, true, false] => {
                let b = call.number(1);
                each2(call.out(), call.vector(0), call.vector(2), |a, c| f(a, b, c));
            }
            [false, false, true] => {
                let c = call.number(2);
                each2(call.out(), call.vector(0), call.vector(1), |a, b| f(a, b, c));
            }
            [false, true, true] => {
                let (b, c) = (call.number(1), call.number(2));
                each(call.out(), call.vector(0), |a| f(a, b, c));
            }
            _ => spread3(call, f),
        }
    }
}

#[inline(always)]
fn each3<A: Elem>(out: &mut [MaybeUninit<A>], a: &[A], b: &[A], c: &[A], f: impl Fn(A, A, A) -> A) {
    for (((out, &a), &b), &c) in out.iter_mut().zip(a).zip(b).zip(c) {
        out.write(f(a, b, c));
    }
}

/// As [`map3`] for the rarer kinds of operands: numbers are spread over short arrays.
///
/// # Safety
/// As [`Step`].
#[inline(always)]
unsafe fn spread3<A: Elem>(call: &Call<'_>, f: impl Fn(A, A, A) -> A) {
    const SHORT: usize = 64;
    // SAFETY: promised by the caller; every operand has one number at least.
    let (out, first) = unsafe { (call.out(), [0, 1, 2].map(|k| call.number::<A>(k))) };
    let spread = first.map(|x| [x; SHORT]);
    for start in (0..out.len()).step_by(SHORT) {
        let len = SHORT.min(out.len() - start);
        // SAFETY: operands that are registers have `n` numbers.
        let part = |k: usize| unsafe {
            if call.scalar[k] { &spread[k][..len] } else { &call.vector::<A>(k)[start..start + len] }
        };
        each3(&mut out[start..start + len], part(0), part(1), part(2), &f);
    }
}

/// As [`map2`] for functions too long to be spelled three times: scalar operands are spread over short arrays.
///
/// # Safety
/// As [`Step`].
#[inline(always)]
pub(crate) unsafe fn map2_long<A: Elem, D: Elem>(call: &Call<'_>, f: impl Fn(A, A) -> D) {
    const SHORT: usize = 64;
    // SAFETY: promised by the caller.
    let (out, first) = unsafe { (call.out(), [call.number::<A>(0), call.number::<A>(1)]) };
    let spread = first.map(|x| [x; SHORT]);
    for start in (0..out.len()).step_by(SHORT) {
        let len = SHORT.min(out.len() - start);
        // SAFETY: operands that are registers have `n` numbers.
        let part = |k: usize| unsafe {
            if call.scalar[k] { &spread[k][..len] } else { &call.vector::<A>(k)[start..start + len] }
        };
        each2(&mut out[start..start + len], part(0), part(1), &f);
    }
}
