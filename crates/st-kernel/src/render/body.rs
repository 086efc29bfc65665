//! The body of a kernel as values: each instruction once, at the point where it is first needed.

use super::ir::{Code, IndexOp, Node, Ref, Ty};
use super::numbers::Numbers;
use crate::device::{Access, Launch};
use crate::dtype::DType;
use crate::expr::{Inst, Val};
use crate::kernel::Body;
use smallvec::SmallVec;

/// The coordinates of a point: a value for each dimension of the launch, as far as they are known.
pub(super) type Point = Vec<Option<Ref>>;

/// How a thread that works on four neighbours reads or writes a buffer for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Lane {
    /// They are neighbours there too, the first at a multiple of four.
    Four,
    /// They have one element in common.
    Same,
    /// Each has an element of its own somewhere.
    Each,
}

/// Threads work on four neighbours along a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Lanes {
    /// The dimension. Its size is a multiple of four, unless rows are ragged.
    pub(super) dim: usize,
    /// For each access, reads first, where the four are.
    pub(super) of: SmallVec<[Lane; 8]>,
    /// If rows begin anywhere: an access whose fours begin at multiples of four, as those of all that are `Four` do with it.
    /// What is before and behind them in a row is worked on one by one.
    pub(super) ragged: Option<usize>,
    /// Whether it is the launch's last dimension.
    is_last: bool,
}

impl Lanes {
    /// The lanes of a launch along a dimension; `None` if its points are no fours.
    pub(super) fn of(launch: &Launch, dim: usize) -> Option<Lanes> {
        if !launch.dims.get(dim)?.is_multiple_of(4) {
            return None;
        }
        let lane = |access: &Access| {
            let others = access.strides.iter().enumerate().filter(|&(d, _)| d != dim).map(|(_, s)| s);
            let whole = |step: &isize| step % 4 == 0;
            let aligned = whole(&access.offset) && others.into_iter().all(whole);
            match access.strides[dim] {
                0 => Lane::Same,
                1 if aligned && access.gather.iter().all(|(_, step)| whole(step)) => Lane::Four,
                _ => Lane::Each,
            }
        };
        let of = launch.reads.iter().chain(&launch.writes).map(lane).collect();
        Some(Lanes { dim, of, ragged: None, is_last: dim + 1 == launch.dims.len() })
    }

    /// The lanes along a dimension whose rows begin anywhere; `None` if nothing lies along it.
    pub(super) fn of_ragged(launch: &Launch, dim: usize) -> Option<Lanes> {
        let accesses = || launch.reads.iter().chain(&launch.writes);
        // How far from a multiple of four each row begins.
        let over = |access: &Access| -> SmallVec<[isize; 8]> {
            let others = access.strides.iter().enumerate().filter(|&(d, _)| d != dim).map(|(_, s)| *s);
            [access.offset].into_iter().chain(others).map(|step| step.rem_euclid(4)).collect()
        };
        let along = |a: &Access| a.strides[dim] == 1 && a.gather.iter().all(|(_, step)| step % 4 == 0);
        let ragged = accesses().position(along)?;
        let first = over(accesses().nth(ragged)?);
        let lane = |access: &Access| match access.strides[dim] {
            0 => Lane::Same,
            _ if along(access) && over(access) == first => Lane::Four,
            _ => Lane::Each,
        };
        let is_last = dim + 1 == launch.dims.len();
        Some(Lanes { dim, of: accesses().map(lane).collect(), ragged: Some(ragged), is_last })
    }
}

/// What is fixed while a kernel is written: its body, its numbers, and the buffer of each access.
pub(super) struct Scope<'a> {
    pub(super) body: &'a Body,
    pub(super) numbers: &'a Numbers,
    /// For each read, whether it is the same at all inner points.
    pub(super) row_reads: &'a [bool],
    /// For each access, reads first, which of the bound buffers it is.
    pub(super) bindings: &'a [u8],
    /// The buffer in which the stages of a kernel leave results for each other.
    pub(super) scratch: usize,
    lanes: Option<&'a Lanes>,
    /// For each instruction, whether it has one value for the four neighbours a thread works on.
    same: Vec<bool>,
}

/// A value for each neighbour that a thread works on; where there is one only, four times the same.
pub(super) type Values = [Ref; 4];

/// The values of a body that are known so far.
pub(super) type Known = Vec<Option<Values>>;

impl<'a> Scope<'a> {
    /// A kernel whose first `outer` dimensions are outer ones.
    pub(super) fn new(
        body: &'a Body,
        numbers: &'a Numbers,
        row_reads: &'a [bool],
        bindings: &'a [u8],
        scratch: usize,
        outer: usize,
        lanes: Option<&'a Lanes>,
    ) -> Scope<'a> {
        let mut same: Vec<bool> = Vec::with_capacity(body.insts.len());
        for (inst, _) in &body.insts {
            let mut all = true;
            inst.operands(|v| all &= same[v.at()]);
            let one = match (lanes, inst) {
                (None, _) => true,
                (Some(lanes), Inst::Load(read) | Inst::Gather(read, _)) => {
                    all && lanes.of[usize::from(*read)] == Lane::Same
                }
                (Some(lanes), Inst::Coord(d)) => usize::from(*d) != lanes.dim,
                (Some(lanes), Inst::Reduce(..)) => all || lanes.dim >= outer,
                (Some(_), Inst::Hole(_)) => false,
                _ => all,
            };
            same.push(one);
        }
        Scope { body, numbers, row_reads, bindings, scratch, lanes, same }
    }

    /// The same for a point without neighbours.
    pub(super) fn alone(&self) -> Scope<'a> {
        Scope { lanes: None, same: vec![true; self.same.len()], ..*self }
    }

    /// On how many neighbours a thread works.
    pub(super) fn width(&self) -> usize {
        if self.lanes.is_some() { 4 } else { 1 }
    }

    /// Whether a read is at the same place at all inner points, but for indices.
    pub(super) fn is_still(&self, read: usize, outer: usize) -> bool {
        let one = |lanes: &&Lanes| lanes.dim == outer && lanes.is_last;
        self.row_reads[read] || self.lanes.filter(one).is_some_and(|lanes| lanes.of[read] == Lane::Same)
    }

    /// An access that says where fours begin, if rows begin anywhere.
    pub(super) fn ragged(&self) -> Option<usize> {
        self.lanes.and_then(|lanes| lanes.ragged)
    }

    /// The dimension along which a thread works on four neighbours.
    pub(super) fn lane_dim(&self) -> Option<usize> {
        self.lanes.map(|lanes| lanes.dim)
    }

    /// The point of neighbour `lane` of the one at `point`.
    pub(super) fn neighbour(&self, code: &mut Code, point: &Point, lane: usize) -> Point {
        let mut point = point.clone();
        if let (Some(dim), 1..) = (self.lane_dim(), lane) {
            let first = point[dim].unwrap_or_else(|| code.position(0));
            let step = code.position(lane);
            point[dim] = Some(code.index(IndexOp::Add, first, step));
        }
        point
    }

    /// Nothing is known yet.
    pub(super) fn nothing(&self) -> Known {
        vec![None; self.body.insts.len()]
    }

    /// The coordinates of point `at` of the dimensions `from..to`, the last of which runs fastest.
    pub(super) fn coordinates(&self, code: &mut Code, at: Ref, from: usize, to: usize, point: &mut Point) {
        let mut rest = at;
        for d in (from..to).rev() {
            if d == from {
                point[d] = Some(rest);
                break;
            }
            let size = code.number(self.numbers.dim(d));
            point[d] = Some(code.index(IndexOp::Rem, rest, size));
            rest = code.index(IndexOp::Div, rest, size);
        }
    }

    /// Where an access is at a point; unknown coordinates count as 0.
    pub(super) fn place(&self, code: &mut Code, access: usize, point: &Point) -> Ref {
        let mut at = code.number(self.numbers.offset(access));
        for (d, coordinate) in point.iter().enumerate() {
            let Some(coordinate) = *coordinate else { continue };
            let stride = code.number(self.numbers.stride(access, d));
            let step = code.index(IndexOp::Mul, coordinate, stride);
            at = code.index(IndexOp::Add, at, step);
        }
        at
    }

    /// Value `v` at a point and its neighbours; what it needs is computed here, unless it is known.
    pub(super) fn values(&self, code: &mut Code, v: Val, point: &Point, known: &mut Known) -> Values {
        if let Some(found) = known[v.at()] {
            return found;
        }
        let made = match &self.body.insts[v.at()].0 {
            _ if self.same[v.at()] => [self.instruction(code, v, point, known, 0); 4],
            Inst::Load(read) if self.are_four(*read, &[]) => self.load_four(code, *read, &[], point, known),
            Inst::Gather(read, index) if self.are_four(*read, index) => {
                self.load_four(code, *read, index, point, known)
            }
            _ => {
                let mut made = Vec::with_capacity(4);
                for lane in 0..4 {
                    let point = self.neighbour(code, point, lane);
                    made.push(self.instruction(code, v, &point, known, lane));
                }
                made.try_into().expect("there are four")
            }
        };
        known[v.at()] = Some(made);
        made
    }

    fn are_four(&self, read: u16, index: &[Val]) -> bool {
        let four = self.lanes.is_some_and(|lanes| lanes.of[usize::from(read)] == Lane::Four);
        four && index.iter().all(|v| self.same[v.at()])
    }

    fn load_four(
        &self,
        code: &mut Code,
        read: u16,
        index: &[Val],
        point: &Point,
        known: &mut Known,
    ) -> Values {
        let at = self.gathered(code, read, index, point, known, 0);
        let read = usize::from(read);
        code.load_four(usize::from(self.bindings[read]), self.body.reads[read], at)
    }

    /// The element of a read at a point.
    pub(super) fn load(&self, code: &mut Code, read: usize, point: &Point) -> Ref {
        let at = self.place(code, read, point);
        let dtype = self.body.reads[read];
        code.value(Node::Load(usize::from(self.bindings[read]), dtype, at), Ty::of(dtype))
    }

    /// Where a read is at a point, displaced by indices.
    fn gathered(
        &self,
        code: &mut Code,
        read: u16,
        index: &[Val],
        point: &Point,
        known: &mut Known,
        lane: usize,
    ) -> Ref {
        let read = usize::from(read);
        let mut at = self.place(code, read, point);
        for (i, &v) in index.iter().enumerate() {
            let wide = self.operand(code, v, point, known, lane);
            at = displaced(code, at, wide, self.numbers.gather(read, i));
        }
        at
    }

    /// A value that neighbour `lane`, whose point this is, needs. Neighbours find all four known.
    fn operand(&self, code: &mut Code, v: Val, point: &Point, known: &mut Known, lane: usize) -> Ref {
        debug_assert!(lane == 0 || known[v.at()].is_some(), "the first neighbour came before");
        self.values(code, v, point, known)[lane]
    }

    /// What an instruction gives neighbour `lane`, whose point this is.
    fn instruction(&self, code: &mut Code, v: Val, point: &Point, known: &mut Known, lane: usize) -> Ref {
        let (inst, dtype) = &self.body.insts[v.at()];
        let ty = Ty::of(*dtype);
        match inst {
            Inst::Const(value) => code.constant(value.cast(*dtype), ty),
            Inst::Call(prim, args) => {
                let args: Vec<Ref> = args
                    .iter()
                    .filter(|&&a| a != Val::NONE)
                    .map(|&a| self.operand(code, a, point, known, lane))
                    .collect();
                let made = code.prim(*prim, &args, ty);
                wrapped(code, made, *dtype)
            }
            Inst::Cast(from) => {
                let value = self.operand(code, *from, point, known, lane);
                let from = self.body.insts[from.at()].1;
                code.value(Node::Cast(from, *dtype, value), ty)
            }
            Inst::Load(read) => {
                let at = self.gathered(code, *read, &[], point, known, lane);
                code.value(Node::Load(usize::from(self.bindings[usize::from(*read)]), *dtype, at), ty)
            }
            Inst::Gather(read, index) => {
                let at = self.gathered(code, *read, index, point, known, lane);
                code.value(Node::Load(usize::from(self.bindings[usize::from(*read)]), *dtype, at), ty)
            }
            Inst::Param(i) => code.value(Node::Param(self.numbers.param(usize::from(*i))), ty),
            Inst::Coord(d) => {
                let zero = code.position(0);
                let coordinate = point[usize::from(*d)].unwrap_or(zero);
                code.value(Node::Wide(coordinate), Ty::I64)
            }
            Inst::Input(_) | Inst::Hole(_) | Inst::Reduce(..) | Inst::Down(_) => {
                unreachable!("{inst:?} is known before it is used")
            }
        }
    }

    /// Writes stores of the body at a point. All values are known before the first is written: its memory may be an operand's
    /// of another one.
    pub(super) fn store_all(
        &self,
        code: &mut Code,
        which: impl IntoIterator<Item = usize> + Clone,
        point: &Point,
        known: &mut Known,
    ) {
        for i in which.clone() {
            self.values(code, self.body.stores[i].value, point, known);
        }
        which.into_iter().for_each(|i| self.store(code, i, point, known));
    }

    /// Writes store `i` at a point and its neighbours.
    fn store(&self, code: &mut Code, i: usize, point: &Point, known: &mut Known) {
        let value = self.body.stores[i].value;
        let made = self.values(code, value, point, known);
        let write = self.numbers.write(i);
        let (buffer, dtype) = (usize::from(self.bindings[write]), self.body.insts[value.at()].1);
        match self.lanes.map(|lanes| lanes.of[write]) {
            Some(Lane::Four) => {
                let at = self.place(code, write, point);
                code.store_four(buffer, dtype, at, made);
            }
            Some(Lane::Each) => {
                for (lane, &value) in made.iter().enumerate() {
                    let point = self.neighbour(code, point, lane);
                    let at = self.place(code, write, &point);
                    code.store(buffer, dtype, at, value);
                }
            }
            Some(Lane::Same) | None => {
                let at = self.place(code, write, point);
                code.store(buffer, dtype, at, made[0]);
            }
        }
    }
}

/// A place displaced by an index, of a size and with a step that stand in these words.
pub(super) fn displaced(code: &mut Code, at: Ref, index: Ref, word: usize) -> Ref {
    let (size, stride) = (code.number(word), code.number(word + 1));
    let index = code.value(Node::Wrapped(index, size), Ty::I32);
    let step = code.index(IndexOp::Mul, index, stride);
    code.index(IndexOp::Add, at, step)
}

/// Narrow integers live in wider registers: what a primitive made of them is brought back into their range.
pub(super) fn wrapped(code: &mut Code, value: Ref, dtype: DType) -> Ref {
    match dtype {
        DType::U8 | DType::I8 | DType::I16 | DType::U16 => {
            code.value(Node::Cast(DType::I32, dtype, value), Ty::I32)
        }
        DType::U32 => code.value(Node::Cast(DType::I64, dtype, value), Ty::I64),
        _ => value,
    }
}
