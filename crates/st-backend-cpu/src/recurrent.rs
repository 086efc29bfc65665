//! The steps of an LSTM in single precision: what follows from the state, after one product has done all that follows
//! from the input.
//!
//! A thread has some of the units for the whole sequence: their weights stay in its cache, packed, and no thread waits
//! for another more than once in a step.

use crate::gemm::{Operand, Packed, RowsAt, WIDTH};
use crate::math::{Fma, Math};
use crate::pool;
use crate::simd::{Loops, vectorised};
use std::mem::MaybeUninit;
use std::ops::Range;

/// Gates of a unit, in the order of their rows: in, forget, cell, out.
const GATES: usize = 4;
/// Units of a vector.
const LANES: usize = 16;

/// A sequence of steps over a batch.
#[derive(Clone, Debug)]
pub struct Steps {
    /// How many entries of the batch each step has: the first ones.
    pub sizes: Vec<usize>,
    /// Whether the last step comes first.
    pub backwards: bool,
    /// How many units there are.
    pub units: usize,
}

/// Where a step's rows are, and those of the step before it.
struct At {
    /// The first row.
    start: usize,
    rows: usize,
    /// The first row of the step before.
    before: usize,
    /// How many rows that step had; the state of others is the first one.
    old: usize,
}

impl Steps {
    /// The steps in the order in which they are done.
    fn order(&self) -> Vec<At> {
        let mut start = 0;
        let mut all: Vec<(usize, usize)> = Vec::with_capacity(self.sizes.len());
        for &rows in &self.sizes {
            all.push((start, rows));
            start += rows;
        }
        if self.backwards {
            all.reverse();
        }
        let before = [(0, 0)].into_iter().chain(all.clone());
        all.into_iter()
            .zip(before)
            .map(|((start, rows), (before, old))| At { start, rows, before, old: old.min(rows) })
            .collect()
    }

    /// All rows, and whether the operands have as many as they must.
    fn checked(&self, from: &Inputs) -> usize {
        let (rows, units, batch) = (self.sizes.iter().sum::<usize>(), self.units, self.batch());
        assert_eq!(from.gates.len(), rows * GATES * units, "gates of every step");
        assert_eq!(from.weight.len(), GATES * units * units, "a square for each gate");
        assert_eq!([from.state.len(), from.cell.len()], [batch * units; 2], "a state for each entry");
        rows * units
    }

    fn batch(&self) -> usize {
        self.sizes.iter().copied().max().unwrap_or(0)
    }

    /// The row of each entry's last step.
    fn last_rows(&self) -> Vec<usize> {
        let mut last = vec![0; self.batch()];
        for at in self.order() {
            (0..at.rows).for_each(|r| last[r] = at.start + r);
        }
        last
    }
}

/// What [`forward`] reads: rows of `units` numbers, of gates four times as many.
pub struct Inputs<'a> {
    /// What the input makes of the gates at every step.
    pub gates: &'a [f32],
    /// The first state.
    pub state: &'a [f32],
    /// The first state of the cells.
    pub cell: &'a [f32],
    /// A row for each gate of each unit.
    pub weight: &'a [f32],
}

/// Memory to be filled.
pub type Empty<'a> = &'a mut [MaybeUninit<f32>];

/// What [`forward`] makes.
pub struct Outputs<'a> {
    /// The state after every step.
    pub states: Empty<'a>,
    /// The gates, open or closed, of every step.
    pub gates: Empty<'a>,
    /// The cells after every step.
    pub cells: Empty<'a>,
    /// The last state of each entry.
    pub last_state: Empty<'a>,
    /// Its last cells.
    pub last_cell: Empty<'a>,
}

/// Does all steps.
pub fn forward(steps: &Steps, from: &Inputs, to: &mut Outputs) {
    let (units, all) = (steps.units, steps.checked(from));
    assert_eq!(
        [to.states.len(), to.cells.len(), to.gates.len()],
        [all, all, GATES * all],
        "room for every step"
    );
    let weights: Vec<Packed> = (0..GATES)
        .map(|gate| {
            let rows = &from.weight[gate * units * units..][..units * units];
            // SAFETY: a square of numbers, read transposed.
            unsafe { Packed::new(transposed(rows, units), units, units) }
        })
        .collect();
    let (gates, states, cells) = (Shared::new(to.gates), Shared::new(to.states), Shared::new(to.cells));
    for at in steps.order() {
        for_units(units, &|panel| {
            let (first, columns) = (panel * WIDTH, weights[0].columns(panel));
            for (gate, weight) in weights.iter().enumerate() {
                let to = |row: usize| RowsAt {
                    at: gates.at((at.start + row) * GATES * units + gate * units + first),
                    step: GATES * units,
                };
                let old = RowsAt { at: states.at(at.before * units).cast_const(), step: units };
                let new = RowsAt { at: from.state[at.old * units..].as_ptr(), step: units };
                // SAFETY: results are this thread's gates of this step; states are those of steps that are done.
                unsafe {
                    weight.times(panel, old, at.old, to(0), false);
                    weight.times(panel, new, at.rows - at.old, to(at.old), false);
                }
            }
            vectorised(Rows(0..at.rows, |row: usize| {
                let here = (at.start + row) * units + first;
                let base = (at.start + row) * GATES * units + first;
                // SAFETY: this thread's units of this step, and cells of steps that are done.
                unsafe {
                    let before = match row < at.old {
                        true => cells.part((at.before + row) * units + first, columns),
                        false => &from.cell[row * units + first..][..columns],
                    };
                    OpenGates {
                        of_input: [0, 1, 2, 3].map(|gate| &from.gates[base + gate * units..][..columns]),
                        gates: [0, 1, 2, 3].map(|gate| gates.part_mut(base + gate * units, columns)),
                        before,
                        cell: cells.empty(here, columns),
                        state: states.empty(here, columns),
                    }
                }
            }));
        });
    }
    for (entry, row) in steps.last_rows().into_iter().enumerate() {
        let (own, last) = (entry * units..(entry + 1) * units, row * units..(row + 1) * units);
        to.last_state[own.clone()].copy_from_slice(&to.states[last.clone()]);
        to.last_cell[own].copy_from_slice(&to.cells[last]);
    }
}

/// What [`backward`] reads besides what [`forward`] read and made.
pub struct Upstream<'a> {
    /// Gradients of the states of all steps.
    pub states: &'a [f32],
    /// The gates and the cells that [`forward`] made, and the states.
    pub made: [&'a [f32]; 3],
}

/// What [`backward`] makes.
pub struct Downstream<'a> {
    /// Gradients of the gates.
    pub gates: Empty<'a>,
    /// Given the gradient of the last state, makes that of the first.
    pub state: &'a mut [f32],
    /// As `state`, of the cells.
    pub cell: &'a mut [f32],
    /// The state before every step, which the weight's gradient is made of.
    pub before: Empty<'a>,
}

/// The gradients of all steps.
pub fn backward(steps: &Steps, from: &Inputs, upstream: &Upstream, to: &mut Downstream) {
    let (units, all) = (steps.units, steps.checked(from));
    let [open, cells, states] = upstream.made;
    assert_eq!([to.gates.len(), to.before.len()], [GATES * all, all], "room for every step");
    assert_eq!(
        [to.state.len(), to.cell.len()],
        [from.state.len(), from.cell.len()],
        "a gradient for each entry"
    );
    let rows = Operand { ptr: from.weight.as_ptr(), batch: &[], row: units as isize, col: 1 };
    // SAFETY: as many rows as there are gates.
    let weight = unsafe { Packed::new(rows, GATES * units, units) };
    let (gates, state, cell) = (Shared::new(to.gates), Shared::new(to.state), Shared::new(to.cell));
    let through_weight = |at: &At, panel: usize| {
        let of_gates = RowsAt { at: gates.at(at.start * GATES * units).cast_const(), step: GATES * units };
        let of_state = RowsAt { at: state.at(panel * WIDTH), step: units };
        // SAFETY: all gates of that step are done; the units of the state are this thread's.
        unsafe { weight.times(panel, of_gates, at.rows, of_state, false) }
    };
    let order = steps.order();
    for (i, at) in order.iter().enumerate().rev() {
        for_units(units, &|panel| {
            if let Some(later) = order.get(i + 1) {
                through_weight(later, panel);
            }
            let (first, columns) = (panel * WIDTH, weight.columns(panel));
            vectorised(Rows(0..at.rows, |row: usize| {
                let here = (at.start + row) * units + first;
                let base = (at.start + row) * GATES * units + first;
                let before = match row < at.old {
                    true => &cells[(at.before + row) * units + first..][..columns],
                    false => &from.cell[row * units + first..][..columns],
                };
                // SAFETY: this thread's units.
                unsafe {
                    CloseGates {
                        open: [0, 1, 2, 3].map(|gate| &open[base + gate * units..][..columns]),
                        cell: &cells[here..][..columns],
                        before,
                        upstream: &upstream.states[here..][..columns],
                        to_state: state.part(row * units + first, columns),
                        to_cell: cell.part_mut(row * units + first, columns),
                        gates: [0, 1, 2, 3].map(|gate| gates.empty(base + gate * units, columns)),
                    }
                }
            }));
        });
    }
    if let Some(first) = order.first() {
        for_units(units, &|panel| through_weight(first, panel));
    }
    for at in &order {
        let (old, new) = (at.old * units, at.rows * units);
        let to = &mut to.before[at.start * units..][..new];
        fill(&mut to[..old], &states[at.before * units..]);
        fill(&mut to[old..], &from.state[old..]);
    }
}

/// Rows as columns.
fn transposed(rows: &[f32], units: usize) -> Operand<'static, f32> {
    Operand { ptr: rows.as_ptr(), batch: &[], row: 1, col: units as isize }
}

/// Runs `f` for each panel of units; the same thread has the same ones where it can.
fn for_units(units: usize, f: &(dyn Fn(usize) + Sync)) {
    let panels = units.div_ceil(WIDTH);
    let chunks = pool::num_threads().min(panels);
    pool::for_each(chunks, &|chunk| {
        (panels * chunk / chunks..panels * (chunk + 1) / chunks).for_each(f);
    });
}

/// Memory whose parts are different threads'.
#[derive(Clone, Copy)]
struct Shared(*mut f32);

// SAFETY: an address; using it is unsafe and says what it needs.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

impl Shared {
    fn new<T>(slice: &mut [T]) -> Shared {
        Shared(slice.as_mut_ptr().cast())
    }

    fn at(self, first: usize) -> *mut f32 {
        self.0.wrapping_add(first)
    }

    /// # Safety
    /// Inside the memory, and nobody writes it meanwhile.
    #[inline(always)]
    unsafe fn part<'a>(self, first: usize, count: usize) -> &'a [f32] {
        // SAFETY: promised by the caller.
        unsafe { std::slice::from_raw_parts(self.at(first), count) }
    }

    /// # Safety
    /// Inside the memory, and nobody else uses it meanwhile.
    #[inline(always)]
    unsafe fn part_mut<'a>(self, first: usize, count: usize) -> &'a mut [f32] {
        // SAFETY: promised by the caller.
        unsafe { std::slice::from_raw_parts_mut(self.at(first), count) }
    }

    /// # Safety
    /// As [`Shared::part_mut`].
    #[inline(always)]
    unsafe fn empty<'a>(self, first: usize, count: usize) -> Empty<'a> {
        // SAFETY: promised by the caller.
        unsafe { std::slice::from_raw_parts_mut(self.at(first).cast(), count) }
    }
}

/// A loop over units: a vector of them at a time, and one at a time at the end.
trait Units {
    /// How many there are.
    fn count(&self) -> usize;
    /// Does `N` units from `first` on.
    fn run<F: Fma, const N: usize>(&mut self, first: usize);
}

/// Units of several rows.
struct Rows<M>(Range<usize>, M);

impl<U: Units, M: Fn(usize) -> U> Loops for Rows<M> {
    #[inline(always)]
    fn run<F: Fma>(self) {
        for row in self.0 {
            let mut units = (self.1)(row);
            let whole = units.count() / LANES * LANES;
            for first in (0..whole).step_by(LANES) {
                units.run::<F, LANES>(first);
            }
            for first in whole..units.count() {
                units.run::<F, 1>(first);
            }
        }
    }
}

/// `N` numbers from `first` on.
#[inline(always)]
fn take<const N: usize>(from: &[f32], first: usize) -> [f32; N] {
    let mut out = [0.0; N];
    out.copy_from_slice(&from[first..first + N]);
    out
}

/// The same of several; a closure would not get the instructions of the loop it is called from.
#[inline(always)]
fn take_all<const N: usize>(from: &[&[f32]; 4], first: usize) -> [[f32; N]; 4] {
    [take(from[0], first), take(from[1], first), take(from[2], first), take(from[3], first)]
}

/// Fills memory with the first of some numbers.
#[inline(always)]
fn fill(to: Empty, from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, &x)| _ = to.write(x));
}

#[inline(always)]
fn put<const N: usize>(to: Empty, first: usize, values: [f32; N]) {
    fill(&mut to[first..first + N], &values);
}

/// From what input and state make of the gates to the new cell and state.
struct OpenGates<'a> {
    of_input: [&'a [f32]; GATES],
    gates: [&'a mut [f32]; GATES],
    before: &'a [f32],
    cell: Empty<'a>,
    state: Empty<'a>,
}

impl Units for OpenGates<'_> {
    #[inline(always)]
    fn count(&self) -> usize {
        self.cell.len()
    }

    #[inline(always)]
    fn run<F: Fma, const N: usize>(&mut self, first: usize) {
        let x = take_all::<N>(&self.of_input, first);
        let [i, f, g, o] = &self.gates;
        let [mut i, mut f, mut g, mut o] = take_all::<N>(&[i, f, g, o], first);
        let before = take::<N>(self.before, first);
        let (mut cell, mut state) = ([0.0; N], [0.0; N]);
        for u in 0..N {
            i[u] = Math::sigmoid::<F>(x[0][u] + i[u]);
            f[u] = Math::sigmoid::<F>(x[1][u] + f[u]);
            g[u] = Math::tanh::<F>(x[2][u] + g[u]);
            o[u] = Math::sigmoid::<F>(x[3][u] + o[u]);
            cell[u] = f[u] * before[u] + i[u] * g[u];
            state[u] = o[u] * Math::tanh::<F>(cell[u]);
        }
        for (to, values) in self.gates.iter_mut().zip([i, f, g, o]) {
            to[first..first + N].copy_from_slice(&values);
        }
        put(self.cell, first, cell);
        put(self.state, first, state);
    }
}

/// The gradients of the gates' sums, and of the cell before.
struct CloseGates<'a> {
    open: [&'a [f32]; GATES],
    cell: &'a [f32],
    before: &'a [f32],
    upstream: &'a [f32],
    to_state: &'a [f32],
    to_cell: &'a mut [f32],
    gates: [Empty<'a>; GATES],
}

impl Units for CloseGates<'_> {
    #[inline(always)]
    fn count(&self) -> usize {
        self.cell.len()
    }

    #[inline(always)]
    fn run<F: Fma, const N: usize>(&mut self, first: usize) {
        let [mut i, mut f, mut g, mut o] = take_all::<N>(&self.open, first);
        let [cell, before, upstream, to_state] =
            take_all::<N>(&[self.cell, self.before, self.upstream, self.to_state], first);
        let mut to_cell = take::<N>(self.to_cell, first);
        for u in 0..N {
            let (bent, to_state) = (Math::tanh::<F>(cell[u]), upstream[u] + to_state[u]);
            let through = to_cell[u] + to_state * o[u] * (1.0 - bent * bent);
            to_cell[u] = through * f[u];
            let (di, dg) = (through * g[u] * i[u] * (1.0 - i[u]), through * i[u] * (1.0 - g[u] * g[u]));
            f[u] = through * before[u] * f[u] * (1.0 - f[u]);
            o[u] = to_state * bent * o[u] * (1.0 - o[u]);
            (i[u], g[u]) = (di, dg);
        }
        for (to, values) in self.gates.iter_mut().zip([i, f, g, o]) {
            put(to, first, values);
        }
        self.to_cell[first..first + N].copy_from_slice(&to_cell);
    }
}
