//! Writes elements at indexed places, several to one place combined in row-major order of the source.
//!
//! Two elements can meet only if they differ along *serial* dimensions, those in which the write does not step by itself
//! (an index takes its place). Every other dimension may be walked in any order and shared among threads, so the loops are
//! arranged: a parallel dimension outside, serial ones in their order, and innermost, if there is one, a dimension no index
//! depends on, whose whole row goes to one place with vectors.

use crate::element::{Element, with_element};
use crate::math::Fma;
use crate::nest::{Dim, Nest, chunk_size};
use crate::operand::{Shared, operand};
use crate::pool;
use crate::simd::{Loops, vectorised};
use st_kernel::view::View;
use st_kernel::{
    Access, Buffer, DType, Error, Launch, Program, Result, Scalar, ScatterOp, Strides, index_err, runtime_err,
};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

/// Elements for which a second thread pays.
const GRAIN: usize = 8 * 1024;
/// Bytes of a row below which threads would write the same cache lines.
const LINE: usize = 128;
/// Width of the parts of an inner loop whose elements go to different places.
const COLUMNS: usize = 64;

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
            let read = operand(buffers, access, &launch.dims)?;
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
        job.run::<R>()
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

/// An index tensor, and what it indexes.
#[derive(Clone, Copy)]
struct Index {
    read: Shared<i64>,
    size: i64,
    stride: isize,
}

impl Index {
    /// The index at a position as it counts from the front, and whether it is in range.
    #[inline(always)]
    fn at(self, at: isize) -> (i64, bool) {
        // SAFETY: `launch` has checked the bounds of the operand.
        let i = unsafe { *self.read.at(at) };
        let wrapped = if i < 0 { i.wrapping_add(self.size) } else { i };
        (wrapped, (wrapped as u64) < self.size as u64)
    }

    fn error(self, at: isize) -> Error {
        // SAFETY: as above.
        let i = unsafe { *self.read.at(at) };
        index_err!("index {i} is out of bounds for a dimension with size {}", self.size)
    }
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

    /// Whether all of the inner loop goes to one place.
    fn by_rows(&self) -> bool {
        self.inner.steps[2..].iter().all(|&step| step == 0)
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
    fn run<R: Rule>(&self) -> Result<()> {
        let Plan { outer, inner, split } = &self.plan;
        let (points, threads) = (outer.points(), pool::num_threads());
        match split {
            Split::No => self.walk::<R>(0..points, 0..inner.size),
            Split::Outer => {
                let size = outer.0[0].size;
                let each = points / size;
                let chunk = chunk_size(size, threads, GRAIN.div_ceil(each * inner.size));
                pool::try_for_each(size.div_ceil(chunk), &|task| {
                    let end = size.min((task + 1) * chunk);
                    self.walk::<R>(task * chunk * each..end * each, 0..inner.size)
                })
            }
            Split::Inner => {
                let least = GRAIN.div_ceil(points).max(LINE / size_of::<T>());
                // Rows: few parts, because each walks the indices again. Elements: narrow ones, whose places stay cached.
                let wanted = if self.plan.by_rows() { inner.size.div_ceil(threads) } else { COLUMNS };
                let chunk = wanted.max(least);
                pool::try_for_each(inner.size.div_ceil(chunk), &|task| {
                    self.walk::<R>(0..points, task * chunk..inner.size.min((task + 1) * chunk))
                })
            }
        }
    }

    /// Scatters a part of the outer points and of the inner loop, up to the first index that is out of range.
    fn walk<R: Rule>(&self, points: Range<usize>, part: Range<usize>) -> Result<()> {
        let (by_rows, steps) = (self.plan.by_rows(), &self.plan.inner.steps[2..]);
        let mut walks: Vec<Walk> =
            self.indices.iter().zip(steps).map(|(&index, &step)| Walk { index, at: 0, step }).collect();
        let mut result = Ok(());
        self.plan.outer.walk(points, 2 + self.indices.len(), |at| {
            if result.is_err() {
                return;
            }
            walks.iter_mut().zip(&at[2..]).for_each(|(walk, &at)| walk.at = at);
            result = match walks[..] {
                _ if by_rows => self.row::<R>(at, &part),
                // The usual case, compiled for one index.
                [one] => self.elements::<R>(&[one], at, &part),
                ref all => self.elements::<R>(all, at, &part),
            };
        });
        result
    }

    /// Scatters part of a row to one place.
    fn row<R: Rule>(&self, at: &[isize], part: &Range<usize>) -> Result<()> {
        let (steps, start) = (&self.plan.inner.steps, part.start as isize);
        let mut to = at[1] + start * steps[1];
        for (index, &at) in self.indices.iter().zip(&at[2..]) {
            let (i, in_range) = index.at(at);
            if !in_range {
                return Err(index.error(at));
            }
            to += i as isize * index.stride;
        }
        vectorised(Row::<T, R> {
            read: Shared::new(self.read.get().wrapping_offset(at[0] + start * steps[0])),
            write: Shared::new(self.write.get().wrapping_offset(to)),
            steps: [steps[0], steps[1]],
            count: part.len(),
            rule: PhantomData,
        });
        Ok(())
    }

    /// Scatters elements that go to different places.
    #[inline(always)]
    fn elements<R: Rule>(&self, walks: &[Walk], at: &[isize], part: &Range<usize>) -> Result<()> {
        // Copies, which stores to the target cannot change.
        let (read, write, steps) = (self.read, self.write, &self.plan.inner.steps);
        let (read_at, read_step, write_at, write_step) = (at[0], steps[0], at[1], steps[1]);
        for j in part.start as isize..part.end as isize {
            let mut to = write_at + j * write_step;
            for walk in walks {
                let at = walk.at + j * walk.step;
                let (i, in_range) = walk.index.at(at);
                if !in_range {
                    return Err(walk.index.error(at));
                }
                to += i as isize * walk.index.stride;
            }
            // SAFETY: `launch` has checked the source's bounds and those of the target, and this loop every index.
            unsafe {
                let to = write.at(to);
                *to = R::combine(*to, *read.at(read_at + j * read_step));
            }
        }
        Ok(())
    }
}

/// An index along the inner loop.
#[derive(Clone, Copy)]
struct Walk {
    index: Index,
    at: isize,
    step: isize,
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
    fn run<F: Fma>(self) {
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
