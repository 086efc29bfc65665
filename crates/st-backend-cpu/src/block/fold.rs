//! Loops that reduce: over the points of a row (horizontal) or over rows of lanes (vertical).
//!
//! Both end in *cells*, one for each lane: a wide running value (`f64` or `i64`) followed, for the arg kinds, by a
//! position. Blocks are summed in a fixed order of lanes, so results do not depend on who runs them.

use super::call::{BlockLoop, Call, Elem, Step, clone_for};
use super::class::{Class, Stored, with_class, with_stored};
use super::memory::spread_step;
use super::prims::{larger, smaller};
use crate::isa::Isa;
use crate::math::Fma;
use st_kernel::{DType, ReduceOp, Scalar};
use std::array::from_fn;
use std::hint::black_box;
use std::marker::PhantomData;

/// The loops of one reduction.
pub(crate) struct FoldSteps {
    /// Makes a register of a value that is one number.
    pub(crate) spread: Step,
    /// Joins each row of the grid `src[0]` into its cell at `dst`; `aux[0]` is the position of the first point.
    pub(crate) rows: Step,
    /// Joins the points of `src[0]` into as many lanes at `dst`; `aux[0]` is the position of the first row.
    pub(crate) lanes: Step,
    /// Joins the grid of lanes `src[0]` into the `cols` cells at `dst`; `aux[0]` is the position of lane 0.
    pub(crate) flush: Step,
    /// Joins the cells `src[0]` into those at `dst`.
    pub(crate) merge: Step,
    /// The values of the cells `src[0]`, as registers of the result.
    pub(crate) finish: Step,
    /// What lanes start from: the bits of a register.
    pub(crate) lane_start: u64,
    /// Bytes of a lane.
    pub(crate) lane_size: usize,
    /// What cells start from: the bits of a wide value.
    pub(crate) cell_start: u64,
    /// Whether positions are kept.
    pub(crate) arg: bool,
}

/// The loops of `op` on values of `dtype`.
pub(crate) fn fold_steps(op: ReduceOp, dtype: DType, isa: Isa) -> FoldSteps {
    match op {
        ReduceOp::Sum if dtype == DType::Bool => joined::<Most>(dtype, isa),
        ReduceOp::Prod if dtype == DType::Bool => joined::<Least>(dtype, isa),
        ReduceOp::Sum => joined::<Sum>(dtype, isa),
        ReduceOp::Prod => joined::<Product>(dtype, isa),
        ReduceOp::Max => joined::<Most>(dtype, isa),
        ReduceOp::Min => joined::<Least>(dtype, isa),
        ReduceOp::ArgMax => argued::<Most>(dtype, isa),
        ReduceOp::ArgMin => argued::<Least>(dtype, isa),
    }
}

fn joined<J: Joins>(dtype: DType, isa: Isa) -> FoldSteps {
    let (lane_start, cell_start) = J::start(dtype);
    with_class!(Class::of(dtype), T => FoldSteps {
        spread: spread_step(Class::of(dtype), isa),
        rows: clone_for::<Rows<J, T>>(isa),
        lanes: clone_for::<Lanes<J, T>>(isa),
        flush: clone_for::<Flush<J, T>>(isa),
        merge: clone_for::<Merge<J, <T as Widen>::Wide>>(isa),
        finish: with_stored!(dtype, M => clone_for::<Finish<M>>(isa)),
        lane_start,
        lane_size: Class::of(dtype).size(),
        cell_start,
        arg: false,
    })
}

fn argued<J: Joins>(dtype: DType, isa: Isa) -> FoldSteps {
    let (lane_start, cell_start) = J::start(dtype);
    with_class!(Class::of(dtype), T => FoldSteps {
        spread: spread_step(Class::of(dtype), isa),
        rows: clone_for::<ArgRows<J, T>>(isa),
        lanes: clone_for::<ArgLanes<J, T>>(isa),
        flush: clone_for::<ArgFlush<J, T>>(isa),
        merge: clone_for::<ArgMerge<J, <T as Widen>::Wide>>(isa),
        finish: clone_for::<FinishArg>(isa),
        lane_start,
        lane_size: Class::of(dtype).size(),
        cell_start,
        arg: true,
    })
}

/// A register type, the wide type its reductions end in, and the type its lanes' positions have.
trait Widen: Elem {
    type Wide: Elem + Arithmetic;
    type Place: Elem + Place;
    fn widen(self) -> Self::Wide;
    fn narrow(wide: Self::Wide) -> Self;
}

macro_rules! widen {
    ($($t:ty => $wide:ty, $place:ty: |$x:ident| $narrow:expr;)+) => {$(
        impl Widen for $t {
            type Wide = $wide;
            type Place = $place;
            #[inline(always)]
            fn widen(self) -> $wide { self.into() }
            #[inline(always)]
            fn narrow($x: $wide) -> $t { $narrow }
        }
    )+};
}
widen! {
    f32 => f64, i32: |x| x as f32;
    f64 => f64, i64: |x| x;
    i32 => i64, i32: |x| x as i32;
    i64 => i64, i64: |x| x;
    u8 => i64, i32: |x| x as u8;
}

/// Positions within a few blocks, as wide as the values beside them.
trait Place {
    fn from_i64(i: i64) -> Self;
    fn to_i64(self) -> i64;
}
impl Place for i32 {
    #[inline(always)]
    fn from_i64(i: i64) -> i32 {
        i as i32
    }
    #[inline(always)]
    fn to_i64(self) -> i64 {
        i64::from(self)
    }
}
impl Place for i64 {
    #[inline(always)]
    fn from_i64(i: i64) -> i64 {
        i
    }
    #[inline(always)]
    fn to_i64(self) -> i64 {
        self
    }
}

/// Sums and products that wrap on integers.
trait Arithmetic: Elem {
    const ZERO: Self;
    const ONE: Self;
    const LOWEST: Self;
    const HIGHEST: Self;
    fn sum(self, b: Self) -> Self;
    fn product(self, b: Self) -> Self;
}
macro_rules! arithmetic {
    ($($t:ty: $lowest:expr, $highest:expr, |$a:ident, $b:ident| $sum:expr, $product:expr;)+) => {$(
        impl Arithmetic for $t {
            const ZERO: $t = 0 as $t;
            const ONE: $t = 1 as $t;
            const LOWEST: $t = $lowest;
            const HIGHEST: $t = $highest;
            #[inline(always)]
            fn sum(self, $b: $t) -> $t { let $a = self; $sum }
            #[inline(always)]
            fn product(self, $b: $t) -> $t { let $a = self; $product }
        }
    )+};
}
arithmetic! {
    f32: f32::NEG_INFINITY, f32::INFINITY, |a, b| a + b, a * b;
    f64: f64::NEG_INFINITY, f64::INFINITY, |a, b| a + b, a * b;
    i32: i32::MIN, i32::MAX, |a, b| a.wrapping_add(b), a.wrapping_mul(b);
    i64: i64::MIN, i64::MAX, |a, b| a.wrapping_add(b), a.wrapping_mul(b);
    u8: u8::MIN, u8::MAX, |a, b| a.wrapping_add(b), a.wrapping_mul(b);
}

/// A way to join two values.
trait Joins: 'static {
    fn join<T: Arithmetic>(a: T, b: T) -> T;
    /// Whether `a` beats `b` (for extremes only); NaN beats every number.
    fn beats<T: Elem>(a: T, b: T) -> bool;
    /// A value that changes no other.
    fn neutral_of<T: Arithmetic>() -> T;
    /// The neutral value of a dtype.
    fn neutral(dtype: DType) -> Scalar;
    /// [`Joins::neutral`] as the bits of a register and of a wide value.
    fn start(dtype: DType) -> (u64, u64) {
        let neutral = Self::neutral(dtype);
        let double = neutral.to_f64().to_bits();
        match Class::of(dtype) {
            Class::F32 => (u64::from((neutral.to_f64() as f32).to_bits()), double),
            Class::F64 => (double, double),
            _ => (neutral.to_i64() as u64, neutral.to_i64() as u64),
        }
    }
}

macro_rules! joins {
    ($($name:ident: |$a:ident, $b:ident| $join:expr, $beats:expr, $least:ident, |$dtype:ident| $neutral:expr;)+) => {$(
        struct $name;
        impl Joins for $name {
            #[inline(always)]
            fn join<T: Arithmetic>($a: T, $b: T) -> T { $join }
            #[inline(always)]
            #[allow(clippy::eq_op)] // Only NaN differs from itself.
            fn beats<T: Elem>($a: T, $b: T) -> bool { $beats }
            #[inline(always)]
            fn neutral_of<T: Arithmetic>() -> T { T::$least }
            fn neutral($dtype: DType) -> Scalar { $neutral }
        }
    )+};
}
joins! {
    Sum: |a, b| a.sum(b), a > b, ZERO, |_dtype| Scalar::Int(0);
    Product: |a, b| a.product(b), a > b, ONE, |_dtype| Scalar::Int(1);
    Most: |a, b| larger(b, a), (a > b) | ((a != a) & (b == b)), LOWEST, |dtype| extremes(dtype).0;
    Least: |a, b| smaller(b, a), (a < b) | ((a != a) & (b == b)), HIGHEST, |dtype| extremes(dtype).1;
}

/// The lowest and the highest value of a dtype.
fn extremes(dtype: DType) -> (Scalar, Scalar) {
    let int = |low: i64, high: i64| (Scalar::Int(low), Scalar::Int(high));
    match dtype {
        DType::Bool => int(0, 1),
        DType::U8 => int(0, 255),
        DType::I8 => int(-128, 127),
        DType::I16 => int(i64::from(i16::MIN), i64::from(i16::MAX)),
        DType::I32 => int(i64::from(i32::MIN), i64::from(i32::MAX)),
        DType::U16 | DType::U32 => int(dtype.integers().0, dtype.integers().1),
        // (What stands for the numbers from 2^63 on is negative.)
        DType::I64 | DType::U64 => int(i64::MIN, i64::MAX),
        _ => (Scalar::Float(f64::NEG_INFINITY), Scalar::Float(f64::INFINITY)),
    }
}

/// Bytes fetched ahead: of short runs on the way, of one this long at its end.
const AHEAD: usize = 2 << 10;
const LONG_RUN: usize = 16 << 10;

/// Lanes that are joined side by side.
const FEW: usize = 16;

/// Joins a run of numbers: lanes of every sixteenth in their own type, then the lanes in the wide one.
#[inline(always)]
fn join_run<J: Joins, T: Widen + Arithmetic>(run: &[T], start: T::Wide) -> T::Wide {
    if run.len() < FEW {
        return run.iter().fold(start, |sum, &x| J::join(sum, x.widen()));
    }
    let (parts, ragged) = run.as_chunks::<FEW>();
    // Four sets of lanes keep enough additions under way.
    let (fours, rest) = parts.as_chunks::<4>();
    let neutral = [J::neutral_of::<T>(); FEW];
    let (mut a, mut b, mut c, mut d) = (neutral, neutral, neutral, neutral);
    let long = size_of_val(run) >= LONG_RUN;
    for four in fours {
        if !long {
            prefetch_from(four.as_ptr().cast::<i8>().wrapping_add(AHEAD), size_of_val(four));
        }
        a = join_few::<J, T>(a, &four[0]);
        b = join_few::<J, T>(b, &four[1]);
        c = join_few::<J, T>(c, &four[2]);
        d = join_few::<J, T>(d, &four[3]);
    }
    if long {
        prefetch_from(run.as_ptr_range().end.cast(), AHEAD);
    }
    let mut few = join_few::<J, T>(join_few::<J, T>(a, &b), &join_few::<J, T>(c, &d));
    for part in rest {
        few = join_few::<J, T>(few, part);
    }
    // Seen together with what follows, LLVM would vectorise the loops above by the pairs that are joined below.
    let mut wide = black_box(few).map(Widen::widen);
    wide.iter_mut().zip(ragged).for_each(|(lane, &x)| *lane = J::join(*lane, x.widen()));
    let eight: [T::Wide; 8] = from_fn(|k| J::join(wide[k], wide[k + 8]));
    let four: [T::Wide; 4] = from_fn(|k| J::join(eight[k], eight[k + 4]));
    J::join(start, J::join(J::join(four[0], four[2]), J::join(four[1], four[3])))
}

/// Fetches what is read soon; behind a run, most often, lies the next one.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn prefetch_from(at: *const i8, bytes: usize) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    for line in (0..bytes).step_by(64) {
        // SAFETY: a prefetch reads nothing; it may name any address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at.wrapping_add(line)) }
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn prefetch_from(_: *const i8, _: usize) {}

/// Lane by lane; arrays passed by value stay in machine registers.
#[inline(always)]
fn join_few<J: Joins, T: Arithmetic>(a: [T; FEW], b: &[T; FEW]) -> [T; FEW] {
    from_fn(|k| J::join(a[k], b[k]))
}

struct Rows<J, T>(PhantomData<(J, T)>);

impl<J: Joins, T: Widen + Arithmetic> BlockLoop for Rows<J, T> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        let cells: *mut T::Wide = call.dst.cast();
        // SAFETY: the caller promises a cell for each row.
        unsafe {
            for (r, row) in call.vector::<T>(0).chunks_exact(call.cols).enumerate() {
                *cells.add(r) = join_run::<J, T>(row, *cells.add(r));
            }
        }
    }
}

struct Lanes<J, T>(PhantomData<(J, T)>);

impl<J: Joins, T: Widen + Arithmetic> BlockLoop for Lanes<J, T> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        // SAFETY: the caller promises a lane for each point, started before.
        unsafe {
            let lanes = std::slice::from_raw_parts_mut(call.dst.cast::<T>(), call.n);
            join_into::<J, T>(lanes, call.vector(0));
        }
    }
}

#[inline(always)]
fn join_into<J: Joins, T: Arithmetic>(lanes: &mut [T], run: &[T]) {
    for (lane, &x) in lanes.iter_mut().zip(run) {
        *lane = J::join(*lane, x);
    }
}

struct Flush<J, T>(PhantomData<(J, T)>);

impl<J: Joins, T: Widen + Arithmetic> BlockLoop for Flush<J, T> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        // SAFETY: the caller promises `rows` x `cols` lanes and `cols` cells.
        unsafe {
            let cells = std::slice::from_raw_parts_mut(call.dst.cast::<T::Wide>(), call.cols);
            for row in call.vector::<T>(0).chunks_exact(call.cols) {
                for (cell, &lane) in cells.iter_mut().zip(row) {
                    *cell = J::join(*cell, lane.widen());
                }
            }
        }
    }
}

struct Merge<J, W>(PhantomData<(J, W)>);

impl<J: Joins, W: Arithmetic> BlockLoop for Merge<J, W> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        // SAFETY: the caller promises as many cells on both sides.
        unsafe {
            join_into::<J, W>(std::slice::from_raw_parts_mut(call.dst.cast(), call.n), call.vector(0));
        }
    }
}

struct Finish<M>(PhantomData<M>);

impl<M: Stored<Reg: Widen>> BlockLoop for Finish<M> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        // SAFETY: the caller promises `n` cells and room for as many registers.
        unsafe {
            let cells: &[<M::Reg as Widen>::Wide] = call.vector(0);
            for (out, &cell) in call.out::<M::Reg>().iter_mut().zip(cells) {
                out.write(M::store(M::Reg::narrow(cell)).load());
            }
        }
    }
}

struct ArgRows<J, T>(PhantomData<(J, T)>);

impl<J: Joins, T: Widen + Arithmetic> BlockLoop for ArgRows<J, T> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        let cells: *mut T::Wide = call.dst.cast();
        let places = call.src[1].cast::<i64>().cast_mut();
        // SAFETY: the caller promises a cell and a place for each row.
        unsafe {
            for (r, row) in call.vector::<T>(0).chunks_exact(call.cols).enumerate() {
                let best = row_best::<J, T>(row);
                if J::beats(best.widen(), *cells.add(r)) {
                    *cells.add(r) = best.widen();
                    *places.add(r) = call.aux[0] + first_of(row, best) as i64;
                }
            }
        }
    }
}

/// Where `best` first stands in a row that has it.
#[inline(always)]
#[allow(clippy::eq_op)] // Only NaN differs from itself.
fn first_of<T: Elem>(row: &[T], best: T) -> usize {
    const STRIDE: usize = 64;
    let is_best = |x: T| (x == best) | ((best != best) & (x != x));
    let has_best = |part: &[T]| part.iter().fold(false, |has, &x| has | is_best(x));
    let before = row.chunks(STRIDE).take_while(|part| !has_best(part)).count() * STRIDE;
    before + row[before..].iter().take_while(|x| !is_best(**x)).count()
}

#[inline(always)]
fn row_best<J: Joins, T: Widen + Arithmetic>(row: &[T]) -> T {
    T::narrow(join_run::<J, T>(row, row[0].widen()))
}

struct ArgLanes<J, T>(PhantomData<(J, T)>);

impl<J: Joins, T: Widen + Arithmetic> BlockLoop for ArgLanes<J, T> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        // SAFETY: the caller promises a lane and a place for each point, started before.
        unsafe {
            let lanes = std::slice::from_raw_parts_mut(call.dst.cast::<T>(), call.n);
            let places = std::slice::from_raw_parts_mut(call.src[1].cast::<T::Place>().cast_mut(), call.n);
            take_best::<J, T>(lanes, places, call.vector(0), T::Place::from_i64(call.aux[0]));
        }
    }
}

#[inline(always)]
fn take_best<J: Joins, T: Widen>(lanes: &mut [T], places: &mut [T::Place], run: &[T], here: T::Place) {
    for ((lane, place), &x) in lanes.iter_mut().zip(places).zip(run) {
        let better = J::beats(x, *lane);
        *lane = if better { x } else { *lane };
        *place = if better { here } else { *place };
    }
}

struct ArgFlush<J, T>(PhantomData<(J, T)>);

impl<J: Joins, T: Widen> BlockLoop for ArgFlush<J, T> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        // SAFETY: the caller promises `rows` x `cols` lanes and places, and `cols` cells and places.
        unsafe {
            let lane_places = std::slice::from_raw_parts(call.src[2].cast::<T::Place>(), call.n);
            let cells = std::slice::from_raw_parts_mut(call.dst.cast::<T::Wide>(), call.cols);
            let places = std::slice::from_raw_parts_mut(call.src[1].cast::<i64>().cast_mut(), call.cols);
            let rows = call.vector::<T>(0).chunks_exact(call.cols).zip(lane_places.chunks_exact(call.cols));
            for (r, (row, lane_places)) in rows.enumerate() {
                flush_row::<J, T>(cells, places, row, lane_places, call.aux[0] + r as i64);
            }
        }
    }
}

#[inline(always)]
fn flush_row<J: Joins, T: Widen>(
    cells: &mut [T::Wide],
    places: &mut [i64],
    row: &[T],
    lane_places: &[T::Place],
    first: i64,
) {
    let lanes = row.iter().zip(lane_places);
    for ((cell, place), (&lane, &at)) in cells.iter_mut().zip(places).zip(lanes) {
        take_earliest::<J, _>(cell, place, lane.widen(), first + at.to_i64());
    }
}

struct ArgMerge<J, W>(PhantomData<(J, W)>);

impl<J: Joins, W: Elem> BlockLoop for ArgMerge<J, W> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        let cells: *mut W = call.dst.cast();
        let (places, more): (*mut i64, *const i64) =
            (call.src[1].cast::<i64>().cast_mut(), call.src[2].cast());
        // SAFETY: the caller promises `n` cells and places on both sides.
        unsafe {
            for (i, &cell) in call.vector::<W>(0).iter().enumerate() {
                take_earliest::<J, W>(&mut *cells.add(i), &mut *places.add(i), cell, *more.add(i));
            }
        }
    }
}

/// The better of two candidates; of equal ones the earlier.
#[inline(always)]
#[allow(clippy::eq_op)] // Only NaN differs from itself.
fn take_earliest<J: Joins, W: Elem>(best: &mut W, place: &mut i64, x: W, at: i64) {
    let tie = (x == *best) | ((x != x) & (*best != *best));
    let take = J::beats(x, *best) | (tie & (at < *place));
    *best = if take { x } else { *best };
    *place = if take { at } else { *place };
}

struct FinishArg;

impl BlockLoop for FinishArg {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        // SAFETY: the caller promises `n` places and room for as many registers.
        unsafe {
            std::ptr::copy_nonoverlapping(call.src[1].cast::<i64>(), call.dst.cast::<i64>(), call.n);
        }
    }
}
