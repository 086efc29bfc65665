//! How the work of [`loops`](super::loops) is given to threads.

use super::Machine;
use super::THREADS;
use super::body::{Lane, Lanes};
use super::loops::levels;
use super::reduce::{SLOT, SLOTS};
use super::transposes::Turn;
use crate::device::{Access, Launch};
use crate::expr::Inst;
use crate::kernel::Body;
use std::borrow::Cow;

/// Who works on an outer point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Workers {
    /// One thread.
    One,
    /// A group of threads.
    Group,
}

/// How the work of loops is given to threads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Walk {
    pub(super) workers: Workers,
    pub(super) lanes: Option<Lanes>,
    /// Threads of a group.
    pub(super) threads: usize,
    /// How many neighbouring rows a group works on.
    pub(super) side: usize,
    /// If a row is kept in registers: how often each thread takes its share of it.
    pub(super) kept: Option<usize>,
    /// Whether each result of a single point has a group of its own.
    pub(super) apart: bool,
    /// Whether a group works on all rows of a block, whose columns it sums.
    pub(super) down: bool,
    /// How many points, or fours of them, a thread of pointwise work has, and one of a group asks for before it needs any.
    pub(super) times: usize,
}

/// Outer points up to this number leave a GPU idle if each has one thread only.
const FEW_ROWS: usize = 4096;
/// So many of them keep it busy with a group for each.
const MANY_ROWS: usize = 512;
/// A thread walks so many inner points as quickly as a group gets together.
const SHORT_ROW: usize = 32;
/// Results of parts that a thread joins as quickly, and how many each of a group joins.
const FEW_PARTS: usize = 8;
const EACH: usize = 4;
/// Rows whose results of a part are read together: as many as memory hands over at once.
const SIDE: usize = 8;
/// Threads of a group that works on a short row.
const FEW_THREADS: usize = 64;
/// Threads that go together.
const WARP: usize = 32;
/// Longest columns that a group walks whole, some neighbours together, and points of all of them: parts take a second kernel.
const SHORT_COLUMN: usize = 1 << 11;
const FEW_COLUMNS: usize = 1 << 20;
/// So few groups that not all of a GPU works: each has twice as many threads.
const FEW_GROUPS: usize = 1 << 7;
/// Points below this number are so few that it does not matter how they are read: then a kernel is short to compile.
const FEW_POINTS: usize = 1 << 14;
/// Points of pointwise work from which on a thread has so many fours of them, as long as the body is short.
const MANY_POINTS: usize = 1 << 22;
const TIMES: usize = 2;
/// Points of a long row that is not kept and has no fours.
const AHEAD: usize = 4;
/// Points of a row from which on it is walked again from a cache, if few enough rows are walked at once.
const LONG_ROW: usize = 1 << 14;
/// Most instructions of a body that is written four times, for four neighbours.
const LIGHT: usize = 48;
/// Most instructions of a row that is kept, all points of a thread together.
const KEPT: usize = 1600;
/// Most elements of a row that a thread keeps, all reads together.
const REGISTERS: usize = 48;
/// Elements of all reads that a thread keeps in few enough registers for so many threads.
const MOST_HELD: usize = 32;
const RESIDENT: usize = 1024;
/// Threads that a split reduction should have, and points each of them should have left.
const MANY_THREADS: usize = 1 << 18;
const WORTH: usize = 16;
/// Instructions of a body from which on a thread needs more registers: five eighths of them are there at once.
const HEAVY: usize = 16;

impl Walk {
    /// The best way through a launch.
    pub(super) fn of(outer: usize, body: &Body, launch: &Launch, machine: &Machine) -> Walk {
        let (rows, inner) = launch.dims.split_at(outer);
        let (rows, points): (usize, usize) = (rows.iter().product(), inner.iter().product());
        let one = |lanes| Walk { lanes, ..Walk::new(Workers::One, THREADS) };
        let lanes = |dim: Option<usize>| {
            let lanes = Lanes::of(launch, dim?)?;
            let pays = lanes.of[..launch.reads.len()].contains(&Lane::Four) || launch.reads.is_empty();
            (pays && rows * points >= FEW_POINTS && repeated(body) <= LIGHT).then_some(lanes)
        };
        let last = launch.dims.len().checked_sub(1);
        if inner.is_empty() {
            let stores_four = |l: &Lanes| l.of[launch.reads.len()..].iter().all(|&lane| lane == Lane::Four);
            let lanes = lanes(last).filter(stores_four);
            let many = lanes.is_some() && rows >= MANY_POINTS && body.insts.len() <= LIGHT / TIMES;
            let times = if many { TIMES } else { 1 };
            let is_read = |w: &Access| launch.reads.iter().any(|r| r.buffer == w.buffer);
            let apart = rows == 1 && body.insts.len() > LIGHT && !launch.writes.iter().any(is_read);
            return Walk { times, apart, ..one(lanes) };
        }
        if body.insts.iter().any(|(inst, _)| matches!(inst, Inst::Down(_))) {
            return Walk::down(points, launch, machine);
        }
        if points <= SHORT_ROW {
            return one(None);
        }
        let simple = is_simple(body);
        let down = runs_down(outer, launch) && simple;
        if down || rows > FEW_ROWS && !along_rows(outer, launch) {
            let walk = one(lanes(outer.checked_sub(1)));
            let short = points <= SHORT_COLUMN && rows * points <= FEW_COLUMNS && rows.is_multiple_of(SIDE);
            return match down && short && walk.parts(outer, body, launch) > 1 {
                true => Walk { times: AHEAD, ..Walk::beside(rows, points, body, machine) },
                false => walk,
            };
        }
        let lanes = lanes(last);
        let (width, walks) = (if lanes.is_some() { 4 } else { 1 }, if simple { 1 } else { walks(body) });
        let kept = |threads: usize| {
            let times = points.div_ceil(threads * width).next_power_of_two();
            let elements = times * width;
            let fits = elements * body.reads.len() <= REGISTERS && elements * body.insts.len() <= KEPT;
            let pays = walks > 1 && rows * points >= FEW_POINTS && threads <= machine.threads;
            (fits && pays).then_some((threads, Some(times)))
        };
        let usual = if points <= FEW_THREADS * width { FEW_THREADS } else { THREADS };
        // A small group waits less for its own threads, and others work meanwhile if there are enough rows.
        let small =
            |threads: &usize| rows > FEW_ROWS && points <= threads * width * AHEAD && *threads < usual;
        let sizes = [FEW_THREADS, 2 * FEW_THREADS].into_iter().filter(small);
        if let (1, Some(_), Some(threads)) = (walks, &lanes, sizes.clone().next()) {
            let times = points.div_ceil(threads * width);
            return Walk { lanes, times, ..Walk::new(Workers::Group, threads) };
        }
        let found = sizes.chain([usual, 2 * THREADS, 4 * THREADS]).find_map(kept);
        let long = if walks > 1 && points >= LONG_ROW { machine.threads.min(2 * THREADS) } else { usual };
        let (threads, kept) = found.unwrap_or((long, None));
        let far = kept.is_none() && rows * points >= FEW_POINTS && points >= AHEAD * threads;
        let ragged = far && lanes.is_none() && inner.len() == 1 && repeated(body) <= LIGHT;
        let lanes = if ragged { last.and_then(|dim| Lanes::of_ragged(launch, dim)) } else { lanes };
        let times = match &lanes {
            None if far && body.insts.len() <= AHEAD * LIGHT => AHEAD,
            Some(lanes) if far && (lanes.ragged.is_some() || walks > 1) => TIMES,
            _ => 1,
        };
        Walk { lanes, kept, times, ..Walk::new(Workers::Group, threads) }
    }

    /// A walk without anything that makes it quick.
    fn new(workers: Workers, threads: usize) -> Walk {
        Walk { workers, lanes: None, threads, side: 1, kept: None, apart: false, down: false, times: 1 }
    }

    /// A group for neighbouring rows of so many points, whose sums have room in shared memory.
    fn beside(rows: usize, points: usize, body: &Body, machine: &Machine) -> Walk {
        let most = if rows <= SIDE * FEW_GROUPS { 4 * THREADS } else { 2 * THREADS };
        let room = (machine.shared_memory / (SLOTS * SLOT * reductions(body)).max(1)).max(FEW_THREADS);
        let most = machine.threads.min(most).min(1 << room.ilog2());
        let threads = (SIDE * (points / EACH).next_power_of_two()).clamp(FEW_THREADS, most);
        Walk { side: SIDE, ..Walk::new(Workers::Group, threads) }
    }

    /// A group for each block of rows: each thread keeps its points of a row, and the sums down their columns.
    fn down(points: usize, launch: &Launch, machine: &Machine) -> Walk {
        let lanes = Lanes::of(launch, launch.dims.len() - 1);
        let width = if lanes.is_some() { 4 } else { 1 };
        let threads =
            points.div_ceil(TIMES * width).next_multiple_of(WARP).clamp(FEW_THREADS, machine.threads);
        let kept = Some(points.div_ceil(threads * width));
        Walk { lanes, kept, down: true, ..Walk::new(Workers::Group, threads) }
    }

    /// On how many neighbours a thread works.
    fn width(&self) -> usize {
        if self.lanes.is_some() { 4 } else { 1 }
    }

    /// Whether a thread's neighbours are different rows.
    pub(super) fn rows_together(&self, outer: usize) -> usize {
        if self.lanes.as_ref().is_some_and(|lanes| lanes.dim < outer) { 4 } else { 1 }
    }

    /// How many parts the inner points are reduced in: more than one if the rows alone leave threads idle.
    pub(super) fn parts(&self, outer: usize, body: &Body, launch: &Launch) -> usize {
        let (rows, inner) = launch.dims.split_at(outer);
        let (rows, points): (usize, usize) = (rows.iter().product(), inner.iter().product());
        if inner.is_empty() || self.side > 1 || self.down || !is_simple(body) || rows * points < FEW_POINTS {
            return 1;
        }
        let (threads, share) = match self.workers {
            Workers::One => (rows / self.rows_together(outer), WORTH),
            Workers::Group => (rows * self.threads, WORTH * self.threads * self.width()),
        };
        if threads * 2 > MANY_THREADS {
            return 1;
        }
        let heavy = self.workers == Workers::One && repeated(body) > HEAVY;
        let many = if heavy { MANY_THREADS / 8 * 5 } else { MANY_THREADS };
        (many / threads.max(1)).min(points / share).max(1)
    }

    /// The way to join the results of so many parts.
    pub(super) fn of_rest(rows: usize, parts: usize, body: &Body, machine: &Machine) -> Walk {
        let few = if rows < SIDE { SHORT_ROW } else { FEW_PARTS };
        match parts {
            _ if parts <= few => Walk::new(Workers::One, THREADS),
            _ if rows < SIDE => Walk::new(Workers::Group, THREADS),
            _ => Walk::beside(rows, parts, body, machine),
        }
    }

    /// Groups that should be there at once: while one waits for its row, another one computes.
    pub(super) fn resident(&self, body: &Body) -> usize {
        let held: usize = self.kept.map_or(0, |times| times * self.width() * body.reads.len());
        let narrow = body.insts.iter().all(|(_, dtype)| dtype.size() <= 4);
        if (1..=MOST_HELD).contains(&held) && narrow && !self.down {
            (RESIDENT / self.threads).max(1)
        } else {
            1
        }
    }

    /// How many groups a launch has.
    pub(super) fn groups(&self, outer: usize, parts: usize, launch: &Launch) -> usize {
        let points = launch.dims[..outer].iter().product::<usize>() * parts;
        match self.workers {
            Workers::Group if self.down => points / launch.dims[outer - 1],
            Workers::Group => points.div_ceil(self.side),
            Workers::One if self.apart => launch.writes.len(),
            Workers::One if launch.dims.len() == outer => {
                (points / self.width()).div_ceil(self.threads * self.times)
            }
            Workers::One => (points / self.rows_together(outer)).div_ceil(self.threads),
        }
    }
}

/// Pointwise work whose dimensions are one wherever everything walks them as one: their coordinates cost divisions.
pub(super) fn joined<'a>(body: &Body, launch: &'a Launch) -> Cow<'a, Launch> {
    let mut joined = Cow::Borrowed(launch);
    if body.insts.iter().any(|(inst, _)| matches!(inst, Inst::Coord(_))) {
        return joined;
    }
    for d in (1..launch.dims.len()).rev() {
        let n = joined.dims[d] as isize;
        let mut accesses = joined.reads.iter().chain(&joined.writes);
        if accesses.all(|a| a.strides[d - 1] == a.strides[d] * n) {
            let one = joined.to_mut();
            one.dims[d] *= one.dims[d - 1];
            one.dims.remove(d - 1);
            one.reads.iter_mut().chain(&mut one.writes).for_each(|a| _ = a.strides.remove(d - 1));
        }
    }
    joined
}

/// Whether groups walk the rows of pointwise work: long ones that begin anywhere, by fours between their ends.
pub(super) fn by_rows(body: &Body, launch: &Launch) -> bool {
    let Some((&row, rows)) = launch.dims.split_last() else { return false };
    let last = rows.len();
    let all_four = |lanes: Lanes| lanes.of[launch.reads.len()..].iter().all(|&lane| lane == Lane::Four);
    rows.iter().product::<usize>() >= MANY_ROWS
        && row >= AHEAD * THREADS
        && !row.is_multiple_of(4)
        && body.insts.len() <= LIGHT
        && Turn::of(body, launch).is_none()
        && Lanes::of_ragged(launch, last).is_some_and(all_four)
}

/// Whether some read has neighbours along the rows, which are not all the same.
fn along_rows(outer: usize, launch: &Launch) -> bool {
    let (last, rows) = (launch.dims.len() - 1, 0..outer);
    launch.reads.iter().any(|r| r.strides[last].abs() == 1 && rows.clone().any(|d| r.strides[d] != 0))
}

/// Whether what is read lies down the columns: neighbouring rows are neighbours in memory.
fn runs_down(outer: usize, launch: &Launch) -> bool {
    let Some(dim) = outer.checked_sub(1) else { return false };
    let down = |r: &Access| r.strides[dim].abs() == 1;
    launch.dims[dim] >= SHORT_ROW && launch.reads.iter().any(down) && !along_rows(outer, launch)
}

/// Whether there is one walk: what is stored at every point waits for no reduction, so that it is stored on the way.
pub(super) fn is_simple(body: &Body) -> bool {
    let levels = levels(body);
    levels.iter().max() == Some(&1) && body.stores.iter().all(|s| s.per_row || levels[s.value.at()] == 0)
}

/// How often a row is walked that is not walked once.
fn walks(body: &Body) -> usize {
    let each = body.stores.iter().any(|s| !s.per_row);
    levels(body).into_iter().max().unwrap_or(0) + usize::from(each)
}

/// How many instructions are written for each of the neighbours that a thread works on.
fn repeated(body: &Body) -> usize {
    let (simple, levels) = (is_simple(body), levels(body));
    let mut needed = vec![false; body.insts.len()];
    body.stores.iter().filter(|s| !s.per_row).for_each(|s| needed[s.value.at()] = true);
    for (i, (inst, _)) in body.insts.iter().enumerate().rev() {
        if needed[i] || matches!(inst, Inst::Reduce(..)) {
            inst.operands(|v| needed[v.at()] = true);
        }
    }
    needed.into_iter().zip(levels).filter(|&(needed, level)| needed && (level == 0 || !simple)).count()
}

/// Bytes of scratch memory that a split reduction of so many rows needs.
pub(super) fn scratch(body: &Body, rows: usize, parts: usize) -> usize {
    reductions(body) * SLOTS * SLOT * rows * parts
}

fn reductions(body: &Body) -> usize {
    body.insts.iter().filter(|(inst, _)| matches!(inst, Inst::Reduce(..))).count()
}
