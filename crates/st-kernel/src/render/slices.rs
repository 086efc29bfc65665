//! Slices of matrices in shared memory, and the products of two of them: what matrix products and attention are made of.
//!
//! A slice is some lines of a matrix over `DEPTH` steps of the sum: rows of the left operand, columns of the right one. It
//! goes from memory to the registers of all threads and from there to shared memory, where lines are neighbours, so that
//! a thread reads four at a time. Of a square of results each thread makes 4 x 4 or 8 x 8.

use super::body::{Point, Scope};
use super::ir::{Code, IndexOp, Ref, Shared, Ty, Var};
use super::matmul::Types;
use crate::device::{Access, Launch};
use crate::scalar::Scalar;

/// Threads along each side of a square.
pub(super) const SIDE: usize = 16;
/// The threads of a group that works on a square.
pub(super) const TILE_THREADS: usize = SIDE * SIDE;
/// Lines of a square between two that a thread has together: its lines are fours so far apart.
const APART: usize = 4 * SIDE;
/// Steps of a slice.
pub(super) const DEPTH: usize = 16;
/// Steps that are written in a row: all 16 of them took a sixth longer on an H100.
const UNROLLED: usize = 4;

/// The words between two steps of a slice whose threads have so many lines each, a multiple of four: more than it has
/// lines, which spreads the words of a line over the banks.
pub(super) fn pitch(each: usize) -> usize {
    SIDE * each + 4
}

/// The words of a slice.
pub(super) fn words(each: usize) -> usize {
    DEPTH * pitch(each)
}

/// How a matrix lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Along {
    /// Steps are neighbours and can be read by fours.
    FourSteps,
    /// Lines are neighbours and can be read by fours.
    FourLines,
    /// Steps are neighbours.
    Steps,
    /// Lines are neighbours, or nothing is.
    Lines,
}

impl Along {
    /// How a read lies whose lines and steps are along these dimensions.
    pub(super) fn of(launch: &Launch, access: &Access, line: usize, step: usize) -> Along {
        let four = |d: usize| {
            let others = access.strides.iter().enumerate().all(|(i, s)| i == d || s % 4 == 0);
            launch.dims[d].is_multiple_of(4) && access.offset % 4 == 0 && others
        };
        match (access.strides[line], access.strides[step]) {
            (_, 1) if four(step) => Along::FourSteps,
            (1, _) if four(line) => Along::FourLines,
            (_, 1) => Along::Steps,
            _ => Along::Lines,
        }
    }

    fn by_four(self) -> bool {
        matches!(self, Along::FourSteps | Along::FourLines)
    }
}

/// Slices of a matrix on their way to shared memory.
pub(super) struct Slices<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) types: Types,
    pub(super) read: usize,
    /// The dimensions of lines and steps.
    pub(super) dims: [usize; 2],
    pub(super) along: Along,
    /// Lines of a thread.
    pub(super) each: usize,
    /// Whether all of a slice is always there.
    pub(super) whole: bool,
    /// The registers of a thread.
    pub(super) held: Vec<Var>,
    pub(super) shared: Shared,
}

impl<'a> Slices<'a> {
    /// Registers of a thread for a slice.
    pub(super) fn registers(code: &mut Code, each: usize) -> Vec<Var> {
        let zero = code.constant(Scalar::Float(0.0), Ty::F32);
        (0..each * DEPTH / SIDE).map(|_| code.declare(zero)).collect()
    }

    /// Which line and step of a slice a thread fetches at a turn: the first of four where there are fours.
    fn place(&self, code: &mut Code, turn: usize) -> (Ref, Ref) {
        let thread = code.thread();
        let at = code.plus(thread, turn * TILE_THREADS);
        let neighbours = match self.along {
            Along::FourSteps => DEPTH / 4,
            Along::Steps => DEPTH,
            Along::FourLines => SIDE * self.each / 4,
            Along::Lines => SIDE * self.each,
        };
        let neighbours = code.position(neighbours);
        let (slow, fast) =
            (code.index(IndexOp::Div, at, neighbours), code.index(IndexOp::Rem, at, neighbours));
        let fast = if self.along.by_four() { code.times(fast, 4) } else { fast };
        match self.along {
            Along::FourSteps | Along::Steps => (slow, fast),
            Along::FourLines | Along::Lines => (fast, slow),
        }
    }

    fn turns(&self) -> impl Iterator<Item = (usize, &[Var])> {
        self.held.chunks(if self.along.by_four() { 4 } else { 1 }).enumerate()
    }

    /// Reads a thread's share of the slice that begins at a line and a step; at lines or steps beyond the last there are
    /// zeros.
    pub(super) fn fetch(
        &self,
        code: &mut Code,
        point: &Point,
        (first, lines): (Ref, Ref),
        (p, steps): (Ref, Ref),
    ) {
        for (turn, held) in self.turns() {
            let (line, step) = self.place(code, turn);
            let (line, step) = (code.index(IndexOp::Add, first, line), code.index(IndexOp::Add, p, step));
            let fetch = |code: &mut Code| {
                let mut point = point.clone();
                (point[self.dims[0]], point[self.dims[1]]) = (Some(line), Some(step));
                let from = self.scope.place(code, self.read, &point);
                let values = match held.len() {
                    4 => self.types.load_four(code, self.scope, self.read, from).to_vec(),
                    _ => vec![self.types.load(code, self.scope, self.read, from)],
                };
                held.iter().zip(values).for_each(|(&var, value)| code.set(var, value));
            };
            if self.whole {
                fetch(code);
                continue;
            }
            let zero = self.types.zero(code);
            held.iter().for_each(|&var| code.set(var, zero));
            let in_lines = code.index(IndexOp::Less, line, lines);
            let in_steps = code.index(IndexOp::Less, step, steps);
            let inside = code.both(in_lines, in_steps);
            code.only_if(inside, fetch);
        }
    }

    /// Writes a thread's registers to shared memory, to a slice that begins after so many fours.
    pub(super) fn put(&self, code: &mut Code, base: Ref) {
        let pitch = pitch(self.each);
        for (turn, held) in self.turns() {
            let (line, step) = self.place(code, turn);
            let values: Vec<Ref> = held.iter().map(|&var| code.get(var)).collect();
            let fours = self.along == Along::FourLines;
            let (line, unit) = if fours { (code.fours(line), 4) } else { (line, 1) };
            let row = code.times(step, pitch / unit);
            let at = code.index(IndexOp::Add, row, line);
            let base = code.times(base, 4 / unit);
            let at = code.index(IndexOp::Add, base, at);
            if fours {
                code.store_shared_four(self.shared, at, values.try_into().expect("there are four"));
                continue;
            }
            for (i, value) in values.into_iter().enumerate() {
                let at = code.plus(at, i * pitch);
                code.store_shared(self.shared, at, value);
            }
        }
    }
}

/// A slice in shared memory: the array, and after how many fours the slice begins.
pub(super) type Placed = (Shared, Ref);

/// The thread's place in its square: down and across.
pub(super) fn thread(code: &mut Code) -> [Ref; 2] {
    let (thread, side) = (code.thread(), code.position(SIDE));
    [code.index(IndexOp::Div, thread, side), code.index(IndexOp::Rem, thread, side)]
}

/// Which line of its square a thread's line `i` is, beyond the first of the thread.
pub(super) fn line(i: usize) -> usize {
    i / 4 * APART + i % 4
}

/// Adds the products of two slices to a thread's sums.
pub(super) fn multiply(code: &mut Code, slices: [Placed; 2], each: usize, sums: &[Var]) {
    let (from, to, some) = (code.position(0), code.position(DEPTH), code.position(UNROLLED));
    code.count(from, to, some, |code, steps| {
        let offset = code.times(steps, pitch(each) / 4);
        let slices = slices.map(|(array, base)| (array, code.index(IndexOp::Add, base, offset)));
        (0..UNROLLED).for_each(|step| add_step(code, slices, each, step, sums));
    });
}

fn add_step(code: &mut Code, slices: [Placed; 2], each: usize, step: usize, sums: &[Var]) {
    let places = thread(code);
    let mut lines = slices.iter().zip(places).map(|(&(array, base), place)| -> Vec<Ref> {
        let first = code.index(IndexOp::Add, base, place);
        let four = |h: usize| {
            let at = code.plus(first, (step * pitch(each) + line(4 * h)) / 4);
            code.load_shared_four(array, at)
        };
        (0..each / 4).flat_map(four).collect()
    });
    let (rows, columns) = (lines.next().expect("two"), lines.next().expect("two"));
    drop(lines);
    for (i, &sum) in sums.iter().enumerate() {
        code.add_product(sum, rows[i / each], columns[i % each]);
    }
}
