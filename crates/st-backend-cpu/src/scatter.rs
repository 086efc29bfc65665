//! Writes elements at indexed places, several to one place combined in row-major order of the source.
//!
//! Two elements can meet only if they differ along *serial* dimensions, those in which the write does not step by itself
//! (an index takes its place). Every other dimension may be walked in any order and shared among threads, so the loops are
//! arranged: a parallel dimension outside, serial ones in their order, and innermost, if there is one, a dimension no index
//! depends on, whose whole row goes to one place with vectors.

use crate::element::{Element, with_element};
use crate::nest::{Dim, Nest, chunk_size};
use crate::operand::{Shared, operand};
use crate::pool;
use crate::simd::{Loops, vectorised};
use st_kernel::view::View;
use st_kernel::{
    Access, Buffer, DType, Launch, Program, Result, Scalar, ScatterOp, Strides, index_err, runtime_err,
};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

/// Elements for which a second thread pays.
const GRAIN: usize = 8 * 1024;
/// Bytes of a row below which threads would write the same cache lines.
const LINE: usize = 128;
/// Elements of an inner loop whose places are computed together.
const BLOCK: usize = 256;

/// The program of a scatter.
pub(crate) fn program(op: ScatterOp, dtype: DType, indices: usize) -> Arc<dyn Program> {
    match op {
        ScatterOp::Set => with_element!(dtype, T => scatter::<T, Set>(indices)),
        ScatterOp::Add => with_element!(dtype, T => scatter::<T, Add>(indices)),
        ScatterOp::Prod => with_element!(dtype, T => scatter::<T, Prod>(indices)),
        ScatterOp::Max => with_element!(dtype, T => scatter::<T, Max>(indices)),
        ScatterOp::Min => with_element!(dtype, T => scatter::<T, Min>(indices)),
    }
}

fn scatter<T: Element, R: Rule>(indices: usize) -> Arc<dyn Program> {
    Arc::new(Scatter::<T, R> { indices, types: PhantomData })
}

/// How a value is combined with what is there.
trait Rule: Send + Sync + 'static {
    fn combine<T: Element>(old: T, new: T) -> T;
}

macro_rules! rules {
    ($($rule:ident |$old:pat_param, $new:ident| $e:expr;)*) => {$(
        struct $rule;
        impl Rule for $rule {
            #[inline(always)]
            fn combine<T: Element>($old: T, $new: T) -> T { $e }
        }
    )*};
}
rules! {
    Set |_, new| new;
    Add |old, new| old.add(new);
    Prod |old, new| old.mul(new);
    Max |old, new| old.max(new);
    Min |old, new| old.min(new);
}

struct Scatter<T, R> {
    indices: usize,
    types: PhantomData<fn(T) -> R>,
}

impl<T: Element, R: Rule> Program for Scatter<T, R> {
    fn launch(&self, launch: &Launch, buffers: &[Buffer], _: &[Scalar]) -> Result<()> {
        if launch.ints.len() != 2 * self.indices || launch.reads.len() != 1 + self.indices {
            return Err(runtime_err!(
                "cpu: a scatter by {} indices needs the size and stride of each",
                self.indices
            ));
        }
        if launch.dims.contains(&0) {
            return Ok(());
        }
        let mut indices = Vec::with_capacity(self.indices);
        for (access, of) in launch.reads[1..].iter().zip(launch.ints.chunks_exact(2)) {
            let read = operand::<i64>(buffers, access, &launch.dims)?;
            check(read, &Nest::new(&launch.dims, &[access]), of[0])?;
            indices.push(Index { read, size: of[0] as i64, stride: of[1] as isize });
        }
        let target = target_view(launch);
        let whole = Access { strides: target.strides.clone(), ..launch.writes[0].clone() };
        let accesses: Vec<&Access> =
            launch.reads[..1].iter().chain(&launch.writes[..1]).chain(&launch.reads[1..]).collect();
        let job = Job::<T> {
            read: operand(buffers, &launch.reads[0], &launch.dims)?,
            write: operand(buffers, &whole, &target.shape)?,
            indices,
            plan: Plan::new(Nest::new(&launch.dims, &accesses).merged(), !target.overlaps_itself()),
        };
        job.run::<R>();
        Ok(())
    }
}

/// All the places an element may go to: along the dimensions the write steps in, and along each index.
fn target_view(launch: &Launch) -> View {
    let access = &launch.writes[0];
    let own =
        launch.dims.iter().copied().zip(access.strides.iter().copied()).filter(|(_, stride)| *stride != 0);
    let indexed = launch.ints.chunks_exact(2).map(|of| (of[0], of[1] as isize));
    let (shape, strides) = own.chain(indexed).unzip();
    View { shape, strides, offset: access.offset }
}

/// Reports the first index that is out of range.
fn check(read: Shared<i64>, loops: &Nest, size: usize) -> Result<()> {
    let mut outer = Nest(loops.0.iter().filter(|dim| dim.steps[0] != 0).cloned().collect()).merged();
    let inner = outer.0.pop().unwrap_or(Dim { size: 1, steps: Strides::from_elem(0, 1) });
    let chunk = chunk_size(outer.points(), pool::num_threads(), GRAIN.div_ceil(inner.size));
    pool::try_for_each(outer.points().div_ceil(chunk), &|task| {
        let mut result = Ok(());
        outer.walk(task * chunk..outer.points().min((task + 1) * chunk), 1, |at| {
            let row = Shared::new(read.get().wrapping_offset(at[0]));
            if result.is_ok() {
                result = check_row(row, &inner, size as i64);
            }
        });
        result
    })
}

fn check_row(row: Shared<i64>, dim: &Dim, size: i64) -> Result<()> {
    // SAFETY: `launch` has checked the bounds of the operand.
    let index = |i: usize| unsafe { *row.at(i as isize * dim.steps[0]) };
    let wrong = |i: i64| i < -size || i >= size;
    // Looking for any first, and for which only then, vectorises.
    if !(0..dim.size).fold(false, |any, i| any | wrong(index(i))) {
        return Ok(());
    }
    let first = (0..dim.size).map(index).find(|&i| wrong(i)).unwrap_or_default();
    Err(index_err!("index {first} is out of bounds for a dimension with size {size}"))
}

/// An index tensor, and what it indexes.
struct Index {
    read: Shared<i64>,
    size: i64,
    stride: isize,
}

/// The loops in the order they run.
#[derive(Debug)]
struct Plan {
    outer: Nest,
    inner: Dim,
    /// Which loop threads share.
    split: Split,
}

#[derive(Debug, PartialEq)]
enum Split {
    No,
    /// The outermost.
    Outer,
    Inner,
}

impl Plan {
    /// Arranges the loops; `disjoint` if different positions along write and indices are different places.
    fn new(loops: Nest, disjoint: bool) -> Plan {
        let mut dims = loops.0;
        let parallel = |dim: &Dim| disjoint && dim.steps[1] != 0;
        let row = |dim: &Dim| parallel(dim) && dim.steps[2..].iter().all(|&step| step == 0);
        let best_row =
            (0..dims.len()).filter(|&i| row(&dims[i])).min_by_key(|&i| dims[i].steps[1].unsigned_abs());
        let inner = match best_row.or(dims.len().checked_sub(1)) {
            Some(i) => dims.remove(i),
            None => Dim { size: 1, steps: Strides::from_elem(0, 2) },
        };
        let shared = (0..dims.len()).filter(|&i| parallel(&dims[i])).max_by_key(|&i| dims[i].size);
        let split = match shared {
            Some(i) if dims[i].size >= pool::num_threads() => {
                dims[..=i].rotate_right(1);
                Split::Outer
            }
            _ if parallel(&inner) => Split::Inner,
            _ => Split::No,
        };
        Plan { outer: Nest(dims), inner, split }
    }
}

/// A launch.
struct Job<T> {
    read: Shared<T>,
    write: Shared<T>,
    indices: Vec<Index>,
    plan: Plan,
}

impl<T: Element> Job<T> {
    fn run<R: Rule>(&self) {
        let Plan { outer, inner, split } = &self.plan;
        let (points, threads) = (outer.points(), pool::num_threads());
        match split {
            Split::No => self.walk::<R>(0..points, 0..inner.size),
            Split::Outer => {
                let size = outer.0[0].size;
                let each = points / size;
                let chunk = chunk_size(size, threads, GRAIN.div_ceil(each * inner.size));
                pool::for_each(size.div_ceil(chunk), &|task| {
                    let end = size.min((task + 1) * chunk);
                    self.walk::<R>(task * chunk * each..end * each, 0..inner.size);
                });
            }
            Split::Inner => {
                let least = GRAIN.div_ceil(points).max(LINE / size_of::<T>());
                // As few parts as there are threads, because each walks the indices again.
                let chunk = inner.size.div_ceil(threads).max(least);
                pool::for_each(inner.size.div_ceil(chunk), &|task| {
                    self.walk::<R>(0..points, task * chunk..inner.size.min((task + 1) * chunk));
                });
            }
        }
    }

    /// Scatters a part of the outer points and of the inner loop.
    fn walk<R: Rule>(&self, points: Range<usize>, part: Range<usize>) {
        let inner = &self.plan.inner;
        let by_rows = inner.steps[2..].iter().all(|&step| step == 0);
        self.plan.outer.walk(points, 2 + self.indices.len(), |at| {
            if by_rows {
                let to = at[1] + self.displaced(&at[2..]);
                self.row::<R>(at[0], to, &part);
            } else {
                self.elements::<R>(at, &part);
            }
        });
    }

    /// How far the indices at a point move the write.
    fn displaced(&self, at: &[isize]) -> isize {
        let one = |(index, &at): (&Index, &isize)| {
            // SAFETY: `launch` has checked the bounds of the index.
            let i = unsafe { *index.read.at(at) };
            (if i < 0 { i + index.size } else { i }) as isize * index.stride
        };
        self.indices.iter().zip(at).map(one).sum()
    }

    /// Scatters part of a row to one place.
    fn row<R: Rule>(&self, from: isize, to: isize, part: &Range<usize>) {
        let (steps, start) = (&self.plan.inner.steps, part.start as isize);
        vectorised(Row::<T, R> {
            read: Shared::new(self.read.get().wrapping_offset(from + start * steps[0])),
            write: Shared::new(self.write.get().wrapping_offset(to + start * steps[1])),
            steps: [steps[0], steps[1]],
            count: part.len(),
            rule: PhantomData,
        });
    }

    /// Scatters elements that go to different places.
    fn elements<R: Rule>(&self, at: &[isize], part: &Range<usize>) {
        let steps = &self.plan.inner.steps;
        let mut moved = [0isize; BLOCK];
        for start in part.clone().step_by(BLOCK) {
            let moved = &mut moved[..BLOCK.min(part.end - start)];
            moved.fill(start as isize * steps[1] + at[1]);
            for (k, index) in self.indices.iter().enumerate() {
                let (at, step) = (at[2 + k] + start as isize * steps[2 + k], steps[2 + k]);
                for (j, moved) in moved.iter_mut().enumerate() {
                    // SAFETY: `launch` has checked the bounds of the index.
                    let i = unsafe { *index.read.at(at + j as isize * step) };
                    *moved += (if i < 0 { i + index.size } else { i }) as isize * index.stride;
                }
            }
            for (j, moved) in moved.iter().enumerate() {
                let from = at[0] + (start + j) as isize * steps[0];
                // SAFETY: `launch` has checked the source's bounds, those of the target, and every index.
                unsafe {
                    let to = self.write.at(moved + j as isize * steps[1]);
                    *to = R::combine(*to, *self.read.at(from));
                }
            }
        }
    }
}

struct Row<T, R> {
    read: Shared<T>,
    write: Shared<T>,
    steps: [isize; 2],
    count: usize,
    rule: PhantomData<R>,
}

impl<T: Element, R: Rule> Loops for Row<T, R> {
    #[inline(always)]
    fn run(self) {
        let each = |read_step: isize, write_step: isize| {
            for j in 0..self.count as isize {
                // SAFETY: `launch` has checked the source's bounds, those of the target, and every index.
                unsafe {
                    let to = self.write.at(j * write_step);
                    *to = R::combine(*to, *self.read.at(j * read_step));
                }
            }
        };
        // Constant steps let the compiler use vectors.
        match self.steps {
            [1, 1] => each(1, 1),
            [0, 1] => each(0, 1),
            [read, write] => each(read, write),
        }
    }
}
