//! Launches in pieces, for devices that show a kernel no more than so many bytes of a buffer at once.
//!
//! A launch is halved along dimensions whose points are independent until every piece sees what it touches of each buffer
//! through a window. A kernel that asks for coordinates gets those where a piece begins as parameters.

use super::reach::each;
use super::{Machine, arranged};
use crate::device::Launch;
use crate::dtype::DType;
use crate::error::Result;
use crate::expr::{Inst, Val};
use crate::kernel::{Body, Kernel};
use crate::prim::Prim;
use crate::scalar::Scalar;
use crate::unsupported;
use crate::view::Dims;
use smallvec::{SmallVec, smallvec};

/// What a device shows a kernel.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    /// Most bytes of a window.
    pub most: u64,
    /// A window begins at a multiple of this.
    pub step: u64,
    /// Most windows of a kernel.
    pub windows: usize,
}

/// What a piece sees of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Which of the launch's buffers.
    pub buffer: u32,
    /// The first byte.
    pub from: u64,
    /// How many.
    pub bytes: u64,
}

/// A part of a launch.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Its buffers are the windows, and positions are those in them.
    pub launch: Launch,
    /// What it sees.
    pub windows: SmallVec<[Window; 8]>,
    /// The coordinates of its first point.
    pub first: Dims,
}

/// A launch of more pieces has better be written otherwise.
const MANY: usize = 4096;
/// Pieces begin at multiples of this, so that what lies by fours still does.
const GRAIN: usize = 64;
/// What numbers of kernels count.
const COUNTED: u64 = i32::MAX as u64;

/// The pieces of a launch over buffers of so many bytes (others are long enough), in row-major order. Its first point has coordinates of its own.
pub fn pieces(
    kernel: &Kernel,
    (launch, first): (&Launch, &Dims),
    sizes: &[u64],
    machine: &Machine,
    sight: &Sight,
) -> Result<Vec<Piece>> {
    let mut found = Vec::new();
    let mut waiting = vec![(launch.clone(), first.clone())];
    while let Some((launch, first)) = waiting.pop() {
        let (windows, wide) = seen(kernel, &launch, sizes, sight)?;
        let (outer, inner) = launch.dims.split_at(kernel.outer(launch.dims.len()));
        let counted = |dims: &[usize]| dims.iter().map(|&n| n as u64).product::<u64>() <= COUNTED;
        let inner_is_counted =
            !matches!(kernel, Kernel::Loop { .. } | Kernel::Scatter { .. }) || counted(inner);
        if wide.is_empty() && counted(outer) && inner_is_counted {
            let scratch = arranged(kernel, &launch, machine)?.scratch as u64;
            if scratch <= sight.most {
                found.push(Piece { launch: through(launch, &windows), windows: alone(windows), first });
                continue;
            }
        }
        let many = found.len() + waiting.len() >= MANY;
        let dim = widest(kernel, &launch, &wide).filter(|_| !many).ok_or_else(|| {
            unsupported!(
                "a kernel of this device sees {} bytes of a tensor at once, and this work needs more; give it parts of the tensor",
                sight.most
            )
        })?;
        let half = launch.dims[dim] / 2;
        let half = Some(half.next_multiple_of(GRAIN)).filter(|&at| at < launch.dims[dim]).unwrap_or(half);
        let (mut low, mut high, mut later) = (launch.clone(), launch, first.clone());
        low.dims[dim] = half;
        high.dims[dim] -= half;
        let skip = |a: &mut crate::Access| a.offset += half as isize * a.strides[dim];
        high.reads.iter_mut().chain(&mut high.writes).for_each(skip);
        later[dim] += half;
        waiting.extend([(high, later), (low, first)]);
    }
    Ok(found)
}

/// An access's window, and the size of its elements.
type Seen = Option<(Window, u64)>;

/// The window of each access, and those that do not fit. Memory that is both read and written is seen through one window only.
fn seen(kernel: &Kernel, launch: &Launch, sizes: &[u64], sight: &Sight) -> Result<(Vec<Seen>, Vec<usize>)> {
    let reads = launch.reads.len();
    let mut own: Vec<Seen> = vec![None; reads + launch.writes.len()];
    each(kernel, launch, |i, dtype, access, dims| {
        let (low, high) = access.reach(dims);
        let size = dtype.size() as u64;
        let from = low.max(0) as u64 * size / sight.step * sight.step;
        let to = ((high.max(0) as u64 + 1) * size).next_multiple_of(sight.step);
        let size_of = sizes.get(access.buffer as usize).copied().unwrap_or(u64::MAX);
        let bytes = to.min(size_of).saturating_sub(from);
        own[i] = Some((Window { buffer: access.buffer, from, bytes }, size));
        Ok(())
    })?;
    let fits = |(window, size): &(Window, u64)| window.bytes <= sight.most && window.bytes / size <= COUNTED;
    let joined: Vec<Seen> = own.iter().map(|seen| seen.map(|(w, size)| (join(w, &own), size))).collect();
    let touched = |all: &[Seen], buffer: u32| all.iter().flatten().any(|(window, _)| window.buffer == buffer);
    let is_mixed = |buffer: u32| touched(&own[..reads], buffer) && touched(&own[reads..], buffer);
    let best = |i: usize| {
        let (own, joined) = (own[i]?, joined[i]?);
        Some(if fits(&joined) || is_mixed(own.0.buffer) { joined } else { own })
    };
    let best: Vec<Seen> = (0..own.len()).map(best).collect();
    let too_many = alone(best.clone()).len() > sight.windows.max(sizes.len());
    let wide = |i: &usize| best[*i].is_some_and(|seen| too_many || !fits(&seen));
    let wide = (0..own.len()).filter(wide).collect();
    Ok((best, wide))
}

/// What all accesses of a window's buffer see.
fn join(window: Window, all: &[Seen]) -> Window {
    let same = all.iter().flatten().map(|(w, _)| w).filter(|w| w.buffer == window.buffer);
    let (from, to) = same.fold((window.from, window.from + window.bytes), |(from, to), w| {
        (from.min(w.from), to.max(w.from + w.bytes))
    });
    Window { from, bytes: to - from, ..window }
}

/// Each window once.
fn alone(windows: Vec<Seen>) -> SmallVec<[Window; 8]> {
    let mut found: SmallVec<[Window; 8]> = smallvec![];
    for (window, _) in windows.into_iter().flatten() {
        if !found.contains(&window) {
            found.push(window);
        }
    }
    found
}

/// A launch whose accesses go through windows.
fn through(mut launch: Launch, windows: &[Seen]) -> Launch {
    let all = alone(windows.to_vec());
    for (access, seen) in launch.reads.iter_mut().chain(&mut launch.writes).zip(windows) {
        // What is not touched is bound to anything.
        let (at, offset) = seen.map_or((0, 0), |(window, size)| {
            let at = all.iter().position(|w| *w == window).expect("it is one of them");
            (at, access.offset - (window.from / size) as isize)
        });
        access.buffer = at as u32;
        access.offset = offset;
        // Nobody steps along a dimension of one, and the step may be more than a kernel counts.
        let single = |d: usize| launch.dims.get(d) == Some(&1);
        let strides = access.strides.iter_mut().enumerate().filter(|(d, _)| single(*d));
        strides.filter(|(_, s)| s.unsigned_abs() as u64 > COUNTED).for_each(|(_, s)| *s = 0);
    }
    launch
}

/// The dimension along which accesses that see too much reach furthest, if halving it leaves two launches that are one after the
/// other what the whole one is.
fn widest(kernel: &Kernel, launch: &Launch, wide: &[usize]) -> Option<usize> {
    let free = match kernel {
        Kernel::Attention { .. } => kernel.outer(launch.dims.len()) - 1,
        Kernel::Sort { .. } => launch.dims.len() - 1,
        Kernel::Conv { .. } => 0,
        _ => kernel.outer(launch.dims.len()),
    };
    // Several points of a scatter may meet at a place: they come in their order.
    let meets = |d: usize| matches!(kernel, Kernel::Scatter { .. }) && launch.writes[0].strides[d] == 0;
    let in_order = |d: usize| !meets(d) || (0..d).all(|before| !meets(before) || launch.dims[before] == 1);
    let accesses: Vec<_> = launch.reads.iter().chain(&launch.writes).collect();
    let reach = |d: usize| {
        let far = |&i: &usize| accesses[i].strides[d].unsigned_abs() * (launch.dims[d] - 1);
        (wide.iter().map(far).max().unwrap_or(1), launch.dims[d])
    };
    let splits = |d: &usize| launch.dims[*d] > 1 && in_order(*d) && reach(*d).0 > 0;
    (0..free).filter(splits).max_by_key(|&d| (reach(d), std::cmp::Reverse(d)))
}

/// A kernel that knows where a piece begins, and the dimensions along which it is told by parameters, the last ones; `None` if the
/// kernel does not ask where it is.
pub fn placed(kernel: &Kernel) -> Option<(Kernel, SmallVec<[u8; 4]>)> {
    let mut kernel = kernel.clone();
    let (Kernel::Loop { body, .. } | Kernel::Matmul { body, .. } | Kernel::Conv { body, .. }) = &mut kernel
    else {
        return None;
    };
    let mut dims: SmallVec<[u8; 4]> = smallvec![];
    let mut insts: Vec<(Inst, DType)> = Vec::with_capacity(body.insts.len() + 2);
    let mut renamed: Vec<Val> = Vec::with_capacity(body.insts.len());
    for (inst, dtype) in &body.insts {
        insts.push((inst.map(|v| renamed[v.at()]), *dtype));
        if let Inst::Coord(d) = inst {
            let at = dims.iter().position(|known| known == d).unwrap_or(dims.len());
            if at == dims.len() {
                dims.push(*d);
            }
            let inside = Val(insts.len() as u32 - 1);
            insts.push((Inst::Param((body.params.len() + at) as u16), DType::I64));
            insts.push((Inst::Call(Prim::Add, [inside, Val(inside.0 + 1), Val::NONE]), DType::I64));
        }
        renamed.push(Val(insts.len() as u32 - 1));
    }
    if dims.is_empty() {
        return None;
    }
    body.params.extend(dims.iter().map(|_| DType::I64));
    let stores = body.stores.iter().cloned().map(|mut store| {
        store.value = renamed[store.value.at()];
        store
    });
    *body = Body { stores: stores.collect(), insts, ..std::mem::take(body) };
    Some((kernel, dims))
}

impl Piece {
    /// The parameters that tell where it begins along some dimensions.
    pub fn place(&self, dims: &[u8]) -> impl Iterator<Item = Scalar> {
        dims.iter().map(|&d| Scalar::from(self.first[usize::from(d)] as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Access;
    use crate::kernel::Store;
    use crate::view::numel;

    const MACHINE: Machine = Machine {
        shared_memory: 48 << 10,
        threads: 1024,
        cooperative: false,
        ampere: false,
        hopper: false,
        doubles: true,
    };
    const SIGHT: Sight = Sight { most: 4096, step: 256, windows: 6 };

    /// Reads added up, and coordinates, at every point of so many dimensions.
    fn sum(rank: usize, dtypes: &[DType]) -> Kernel {
        let mut insts: Vec<(Inst, DType)> = vec![(Inst::Coord(0), DType::I64)];
        insts.extend(dtypes.iter().enumerate().map(|(i, &d)| (Inst::Load(i as u16), d)));
        let stores = (0..=dtypes.len() as u32).map(|i| Store { value: Val(i), per_row: false }).collect();
        let body = Body { insts, reads: dtypes.to_vec(), params: vec![], stores };
        Kernel::Loop { outer: rank, inner: 0, row_reads: vec![false; dtypes.len()], body }
    }

    fn access(buffer: u32, offset: isize, strides: &[isize]) -> Access {
        Access { buffer, offset, strides: strides.iter().copied().collect(), gather: Vec::new() }
    }

    /// Where each access stands at each point of a launch, in bytes of the whole buffer, with the point's first coordinate.
    fn touched(launch: &Launch, first: &Dims, sizes: &[usize], windows: Option<&[Window]>) -> Vec<Vec<i64>> {
        let point = |mut at: usize| {
            let mut point: Vec<usize> = vec![0; launch.dims.len()];
            for (c, n) in point.iter_mut().zip(&launch.dims).rev() {
                (*c, at) = (at % n, at / n);
            }
            point
        };
        let place = |point: &[usize], (access, size): (&Access, &usize)| {
            let steps = point.iter().zip(&access.strides).map(|(&c, &s)| c as isize * s);
            let (at, size) = ((access.offset + steps.sum::<isize>()) as i64, *size as i64);
            windows.map_or(at * size, |windows| {
                let window = windows[access.buffer as usize];
                assert!(at >= 0 && (at + 1) * size <= window.bytes as i64, "an access leaves its window");
                window.from as i64 + at * size
            })
        };
        let accesses = || launch.reads.iter().chain(&launch.writes).zip(sizes);
        let at = |i: usize| {
            let point = point(i);
            let begin = point.first().map_or(0, |c| (c + first[0]) as i64);
            std::iter::once(begin).chain(accesses().map(|pair| place(&point, pair))).collect()
        };
        (0..numel(&launch.dims)).map(at).collect()
    }

    #[test]
    fn pieces_touch_what_the_launch_does_through_windows() {
        let dims = |dims: &[usize]| dims.iter().copied().collect::<Dims>();
        let cases: [(&[usize], &[DType], Vec<Access>); 5] = [
            (&[9001], &[DType::F32], vec![access(0, 3, &[1]), access(1, 0, &[1]), access(2, 5, &[2])]),
            (
                &[70, 90],
                &[DType::U8],
                vec![access(0, 0, &[1, 70]), access(1, 0, &[90, 1]), access(2, 0, &[90, 1])],
            ),
            (
                &[40, 60],
                &[DType::F16],
                vec![access(0, 0, &[0, 1]), access(1, 7, &[60, 1]), access(2, 0, &[60, 1])],
            ),
            // Two parts of a buffer that are far apart, one of them backwards; and memory that is read and written.
            (
                &[3000],
                &[DType::F32; 2],
                vec![
                    access(0, 0, &[1]),
                    access(0, 9000, &[-1]),
                    access(1, 0, &[1]),
                    access(2, 0, &[1]),
                    access(3, 0, &[1]),
                ],
            ),
            (&[3000], &[DType::F32], vec![access(1, 0, &[1]), access(0, 0, &[1]), access(1, 0, &[1])]),
        ];
        for (shape, dtypes, accesses) in cases {
            let (reads, writes) = accesses.split_at(dtypes.len());
            let launch =
                Launch { dims: dims(shape), reads: reads.to_vec(), writes: writes.to_vec(), ints: vec![] };
            let sizes: Vec<usize> = dtypes
                .iter()
                .copied()
                .chain([DType::I64])
                .chain(dtypes.iter().copied())
                .map(DType::size)
                .collect();
            let kernel = sum(shape.len(), dtypes);
            let first = Dims::from_elem(0, shape.len());
            let found = pieces(&kernel, (&launch, &first), &[1 << 20; 4], &MACHINE, &SIGHT)
                .expect("there are pieces");
            assert!(found.len() > 1);
            assert!(
                found
                    .iter()
                    .flat_map(|p| &p.windows)
                    .all(|w| w.bytes <= SIGHT.most && w.from % SIGHT.step == 0)
            );
            let mut points: Vec<Vec<i64>> =
                found.iter().flat_map(|p| touched(&p.launch, &p.first, &sizes, Some(&p.windows))).collect();
            let mut expected = touched(&launch, &first, &sizes, None);
            points.sort_unstable();
            expected.sort_unstable();
            assert_eq!(points, expected);
        }
    }

    #[test]
    fn what_sees_too_much_at_every_point_is_refused() {
        let far = Launch {
            dims: [3000].into_iter().collect(),
            reads: vec![access(0, 9000, &[1])],
            writes: vec![access(1, 0, &[1]), access(0, 0, &[1])],
            ints: vec![],
        };
        let outcome =
            pieces(&sum(1, &[DType::F32]), (&far, &Dims::from_elem(0, 1)), &[1 << 20; 2], &MACHINE, &SIGHT);
        assert!(matches!(outcome, Err(crate::Error::Unsupported(_))));
    }

    #[test]
    fn a_kernel_is_told_where_it_is() {
        let (kernel, dims) = placed(&sum(1, &[DType::F32])).expect("it asks for a coordinate");
        assert_eq!(&dims[..], &[0]);
        let Kernel::Loop { body, .. } = kernel else { panic!("it is another kernel") };
        assert_eq!(body.params, [DType::I64]);
        assert!(matches!(
            body.insts[body.stores[0].value.at()].0,
            Inst::Call(Prim::Add, [Val(0), Val(1), _])
        ));
        assert!(matches!(body.insts[body.stores[1].value.at()].0, Inst::Load(0)));
    }
}
