//! Running reductions along one dimension: cumsum, cumprod, cummax, cummin, logcumsumexp.
//!
//! A running value depends on the one before it, so one row alone waits for the latency of an addition at every element.
//! Three ways around: where rows lie side by side in memory (a scan over dim 0), a whole block of them advances with
//! vectors; elsewhere four rows advance together; and a few long rows are cut into pieces of a fixed length, whose totals
//! are scanned first. The pieces depend on the shape only, so the result does not depend on the number of threads.

use crate::element::{Element, with_element};
use crate::math::Fma;
use crate::nest::{Dim, Nest, chunk_size};
use crate::operand::{Shared, operand};
use crate::pool;
use crate::simd::{Loops, vectorised};
use half::{bf16, f16};
use st_kernel::{Buffer, DType, Launch, Program, Result, Scalar, ScanOp, unsupported};
use std::marker::PhantomData;
use std::sync::Arc;

/// Columns that advance together; their running values stay in the first-level cache.
const BLOCK: usize = 1024;
/// Rows that advance together where they do not lie side by side.
const LANES: usize = 4;
/// Length of the pieces of long rows.
const PIECE: usize = 8192;
/// Pieces that are read twice in a row, so that the second time finds them in the second-level cache.
const BATCH: usize = 32;
/// Work below which a second thread does not pay, in elements.
const GRAIN: usize = 16 * 1024;

/// The program of a scan.
pub(crate) fn program(op: ScanOp, dtype: DType) -> Result<Arc<dyn Program>> {
    Ok(match op {
        ScanOp::Sum => with_element!(dtype, T => scan::<T, Sum>()),
        ScanOp::Prod => with_element!(dtype, T => scan::<T, Prod>()),
        ScanOp::Max => with_element!(dtype, T => scan::<T, Max>()),
        ScanOp::Min => with_element!(dtype, T => scan::<T, Min>()),
        ScanOp::LogSumExp => match dtype {
            DType::F16 => scan::<f16, LogSumExp>(),
            DType::BF16 => scan::<bf16, LogSumExp>(),
            DType::F32 => scan::<f32, LogSumExp>(),
            DType::F64 => scan::<f64, LogSumExp>(),
            _ => return Err(unsupported!("cpu: a running log-sum-exp of {dtype}")),
        },
    })
}

fn scan<T: Element, R: Rule<T>>() -> Arc<dyn Program> {
    Arc::new(Scan::<T, R>(PhantomData))
}

/// How running values are combined. The value and the place where it was found are kept apart, so that each vectorises.
trait Rule<T>: Send + Sync + 'static {
    type Value: Copy + Send + Sync;
    type Place: Copy + Send + Sync;
    /// Whether places are wanted.
    const PLACES: bool = false;
    /// The running value of one element.
    fn of(x: T, place: usize) -> (Self::Value, Self::Place);
    /// That of two runs, one after the other.
    fn join(a: (Self::Value, Self::Place), b: (Self::Value, Self::Place)) -> (Self::Value, Self::Place);
    /// What is stored.
    fn value(value: Self::Value) -> T;
    /// What is stored as its place.
    fn place(_: Self::Place) -> i64 {
        0
    }
}

struct Sum;
struct Prod;
struct Max;
struct Min;
struct LogSumExp;

macro_rules! folds {
    ($($rule:ident $join:ident;)*) => {$(
        impl<T: Element> Rule<T> for $rule {
            type Value = T::Wide;
            type Place = ();
            #[inline(always)]
            fn of(x: T, _: usize) -> (T::Wide, ()) { (x.widen(), ()) }
            #[inline(always)]
            fn join(a: (T::Wide, ()), b: (T::Wide, ())) -> (T::Wide, ()) { (T::$join(a.0, b.0), ()) }
            #[inline(always)]
            fn value(value: T::Wide) -> T { T::narrow(value) }
        }
    )*};
}
folds! { Sum wide_add; Prod wide_mul; }

macro_rules! extremes {
    ($($rule:ident |$old:ident, $new:ident| $loses:expr;)*) => {$(
        impl<T: Element> Rule<T> for $rule {
            type Value = T;
            type Place = i64;
            const PLACES: bool = true;
            #[inline(always)]
            fn of(x: T, place: usize) -> (T, i64) { (x, place as i64) }
            #[inline(always)]
            fn join(a: (T, i64), b: (T, i64)) -> (T, i64) {
                // The last of equals wins, and NaN wins over numbers.
                let ($old, $new) = (a.0, b.0);
                let new_wins = $new.is_nan() | (!$old.is_nan() & !$loses);
                (if new_wins { b.0 } else { a.0 }, if new_wins { b.1 } else { a.1 })
            }
            #[inline(always)]
            fn value(value: T) -> T { value }
            #[inline(always)]
            fn place(place: i64) -> i64 { place }
        }
    )*};
}
extremes! { Max |old, new| new.less(old); Min |old, new| old.less(new); }

macro_rules! log_sum_exp {
    ($($t:ident |$x:ident| $widen:expr, |$w:ident| $narrow:expr;)*) => {$(
        impl Rule<$t> for LogSumExp {
            type Value = f64;
            type Place = ();
            #[inline(always)]
            fn of($x: $t, _: usize) -> (f64, ()) { ($widen, ()) }
            #[inline(always)]
            fn join(a: (f64, ()), b: (f64, ())) -> (f64, ()) { (log_add_exp(a.0, b.0), ()) }
            #[inline(always)]
            fn value($w: f64) -> $t { $narrow }
        }
    )*};
}
log_sum_exp! {
    f16 |x| x.to_f64(), |w| f16::from_f64(w);
    bf16 |x| x.to_f64(), |w| bf16::from_f64(w);
    f32 |x| f64::from(x), |w| w as f32;
    f64 |x| x, |w| w;
}

/// log(exp(a) + exp(b)) without overflow.
fn log_add_exp(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    // Equal infinities would give infinity minus infinity.
    if low == high && low.is_infinite() { high } else { high + (low - high).exp().ln_1p() }
}

struct Scan<T, R>(PhantomData<fn(T) -> R>);

/// The three operands: what is read, values, places.
struct Operands<T> {
    read: Shared<T>,
    values: Shared<T>,
    places: Shared<i64>,
}

impl<T> Clone for Operands<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Operands<T> {}

impl<T> Operands<T> {
    /// The same operands `steps` further on.
    fn shifted(self, steps: &[isize]) -> Operands<T> {
        Operands {
            read: Shared::new(self.read.get().wrapping_offset(steps[0])),
            values: Shared::new(self.values.get().wrapping_offset(steps[1])),
            places: Shared::new(self.places.get().wrapping_offset(steps[2])),
        }
    }
}

impl<T: Element, R: Rule<T>> Program for Scan<T, R> {
    fn launch(&self, launch: &Launch, buffers: &[Buffer], _: &[Scalar]) -> Result<()> {
        let Some((&length, outer)) = launch.dims.split_last() else {
            return Err(unsupported!("cpu: a scan without dimensions"));
        };
        if launch.dims.contains(&0) {
            return Ok(());
        }
        let places = if R::PLACES { &launch.writes[1] } else { &launch.writes[0] };
        let accesses = [&launch.reads[0], &launch.writes[0], places];
        let operands = Operands {
            read: operand(buffers, accesses[0], &launch.dims)?,
            values: operand(buffers, accesses[1], &launch.dims)?,
            places: match R::PLACES {
                true => operand(buffers, places, &launch.dims)?,
                false => Shared::new(std::ptr::null_mut()),
            },
        };
        let axis =
            Dim { size: length, steps: accesses.map(|a| a.strides[outer.len()]).into_iter().collect() };
        let mut rows = Nest::new(outer, &accesses).sort_by_step(1).merged();
        if rows.0.last().is_some_and(|d| d.size >= 2 * LANES && d.steps[..] == [1; 3]) {
            let columns = rows.0.pop().expect("looked at above").size;
            scan_columns::<T, R>(operands, &rows, columns, &axis);
        } else if length >= 4 * PIECE && rows.points() < 8 {
            (0..rows.points()).for_each(|row| scan_long::<T, R>(operands.shifted(&rows.at(row, 3)), &axis));
        } else {
            scan_rows::<T, R>(operands, &rows, &axis);
        }
        Ok(())
    }
}

/// Scans rows that lie side by side: `columns` of them at each point of `outer`.
fn scan_columns<T: Element, R: Rule<T>>(operands: Operands<T>, outer: &Nest, columns: usize, axis: &Dim) {
    let least = (GRAIN / axis.size).next_multiple_of(64).max(64);
    let block =
        chunk_size(columns * outer.points(), pool::num_threads(), least).next_multiple_of(64).min(BLOCK);
    let blocks = columns.div_ceil(block);
    pool::for_each(outer.points() * blocks, &|task| {
        let from = task % blocks * block;
        let operands = operands.shifted(&outer.at(task / blocks, 3)).shifted(&[from as isize; 3]);
        vectorised(Columns::<T, R> { operands, columns: block.min(columns - from), axis, rule: PhantomData });
    });
}

struct Columns<'a, T, R> {
    operands: Operands<T>,
    columns: usize,
    axis: &'a Dim,
    rule: PhantomData<R>,
}

impl<T: Element, R: Rule<T>> Loops for Columns<'_, T, R> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        let n = self.columns;
        // SAFETY: `launch` has checked the operands' bounds, and columns of `0..n` at position 0 are within them.
        let first = unsafe { std::slice::from_raw_parts(self.operands.read.get(), n) };
        // The running values live on the stack, where the compiler sees that nothing else points.
        let (mut values, mut places) = ([R::of(first[0], 0).0; BLOCK], [R::of(first[0], 0).1; BLOCK]);
        for i in 0..self.axis.size {
            let steps: [isize; 3] = std::array::from_fn(|k| self.axis.steps[k] * i as isize);
            let Operands { read, values: to, places: to_place } = self.operands.shifted(&steps);
            for j in 0..n {
                // SAFETY: position `i` of column `j` is within the operands' bounds.
                let x = R::of(unsafe { *read.get().add(j) }, i);
                let joined = if i == 0 { x } else { R::join((values[j], places[j]), x) };
                (values[j], places[j]) = joined;
            }
            for (j, &value) in values[..n].iter().enumerate() {
                // SAFETY: as above; no other chunk writes these columns.
                unsafe { *to.get().add(j) = R::value(value) };
            }
            if R::PLACES {
                for (j, &place) in places[..n].iter().enumerate() {
                    // SAFETY: as above.
                    unsafe { *to_place.get().add(j) = R::place(place) };
                }
            }
        }
    }
}

/// A running value and its place.
type State<T, R> = (<R as Rule<T>>::Value, <R as Rule<T>>::Place);

/// A row, or a piece of one: where it is, what comes before it, and the place of its first element.
struct Lane<T, S> {
    operands: Operands<T>,
    before: Option<S>,
    place: usize,
}

/// Scans the rows at the points of `rows`.
fn scan_rows<T: Element, R: Rule<T>>(operands: Operands<T>, rows: &Nest, axis: &Dim) {
    let lane = |row| Lane { operands: operands.shifted(&rows.at(row, 3)), before: None, place: 0 };
    scan_lanes::<T, R>(rows.points(), axis, &lane);
}

/// Scans one long row, batch by batch of pieces: first their totals, then each, continuing what comes before it.
fn scan_long<T: Element, R: Rule<T>>(operands: Operands<T>, axis: &Dim) {
    let pieces = axis.size / PIECE;
    let whole = Dim { size: PIECE, steps: axis.steps.clone() };
    let lane = |piece: usize, before| {
        let place = piece * PIECE;
        let steps: [isize; 3] = std::array::from_fn(|k| axis.steps[k] * place as isize);
        Lane { operands: operands.shifted(&steps), before, place }
    };
    let mut before = None;
    for from in (0..pieces).step_by(BATCH) {
        let count = BATCH.min(pieces - from);
        let mut totals = [None; BATCH];
        let slots = Shared::new(totals.as_mut_ptr());
        pool::for_each(count.div_ceil(LANES), &|task| {
            // Lanes past the end repeat the last piece.
            let piece: [usize; LANES] = std::array::from_fn(|i| (task * LANES + i).min(count - 1));
            let ends = advance::<T, R, LANES, false>(piece.map(|p| lane(from + p, None)), &whole);
            for (piece, end) in piece.into_iter().zip(ends) {
                // SAFETY: only this task writes the slots of its pieces, and they are read when all tasks have ended.
                unsafe { *slots.at(piece as isize) = Some(end) };
            }
        });
        for total in &mut totals[..count] {
            let run = total.take();
            *total = before;
            before = before.zip(run).map_or(run, |(a, b)| Some(R::join(a, b)));
        }
        scan_lanes::<T, R>(count, &whole, &|piece| lane(from + piece, totals[piece]));
    }
    let rest = Dim { size: axis.size % PIECE, steps: axis.steps.clone() };
    if rest.size > 0 {
        advance::<T, R, 1, true>([lane(pieces, before)], &rest);
    }
}

/// Scans `count` lanes of equal length.
fn scan_lanes<T: Element, R: Rule<T>>(
    count: usize,
    axis: &Dim,
    lane: &(dyn Fn(usize) -> Lane<T, State<T, R>> + Sync),
) {
    let least = GRAIN.div_ceil(axis.size).next_multiple_of(LANES);
    let chunk = chunk_size(count, pool::num_threads(), least).next_multiple_of(LANES);
    pool::for_each(count.div_ceil(chunk), &|task| {
        let end = count.min((task + 1) * chunk);
        let mut next = task * chunk;
        while next + LANES <= end {
            advance::<T, R, LANES, true>(std::array::from_fn(|i| lane(next + i)), axis);
            next += LANES;
        }
        for i in next..end {
            advance::<T, R, 1, true>([lane(i)], axis);
        }
    });
}

/// Advances `N` lanes side by side, storing running values if `STORE`; gives the last ones.
fn advance<T: Element, R: Rule<T>, const N: usize, const STORE: bool>(
    lanes: [Lane<T, State<T, R>>; N],
    axis: &Dim,
) -> [State<T, R>; N] {
    // A constant step leaves more registers to the lanes.
    match axis.steps[..] {
        [1, 1, 1] => advance_by::<T, R, N, STORE>(lanes, axis.size, [1; 3]),
        _ => advance_by::<T, R, N, STORE>(lanes, axis.size, std::array::from_fn(|k| axis.steps[k])),
    }
}

#[inline(always)]
fn advance_by<T: Element, R: Rule<T>, const N: usize, const STORE: bool>(
    lanes: [Lane<T, State<T, R>>; N],
    size: usize,
    steps: [isize; 3],
) -> [State<T, R>; N] {
    let (operands, places) =
        (lanes.each_ref().map(|lane| lane.operands), lanes.each_ref().map(|lane| lane.place));
    // SAFETY: `launch` has checked the operands' bounds, `i` is within the axis, and every element has one lane.
    let load =
        |n: usize, i: usize| unsafe { R::of(*operands[n].read.at(i as isize * steps[0]), places[n] + i) };
    let store = |n: usize, i: usize, state: State<T, R>| {
        if STORE {
            // SAFETY: as above.
            unsafe { *operands[n].values.at(i as isize * steps[1]) = R::value(state.0) };
            if R::PLACES {
                // SAFETY: as above; a rule with places has an operand for them.
                unsafe { *operands[n].places.at(i as isize * steps[2]) = R::place(state.1) };
            }
        }
    };
    let mut states: [State<T, R>; N] = std::array::from_fn(|n| {
        let first = load(n, 0);
        lanes[n].before.map_or(first, |before| R::join(before, first))
    });
    (0..N).for_each(|n| store(n, 0, states[n]));
    for i in 1..size {
        // All loads before all stores: lanes are often a multiple of a page apart, where a load seems to need the store.
        (0..N).for_each(|n| states[n] = R::join(states[n], load(n, i)));
        (0..N).for_each(|n| store(n, i, states[n]));
    }
    states
}
