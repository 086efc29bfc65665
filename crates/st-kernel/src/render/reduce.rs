//! Reductions: how two partial results are one, and the sum of a group's threads.

use super::ir::{Code, IndexOp, Node, Ref, Shared, Ty, Var};
use crate::dtype::DType;
use crate::kernel::ReduceOp;
use crate::prim::Prim;
use crate::scalar::Scalar;

/// A reduction in progress: the best so far and, for positions, where it was.
pub(super) struct Partial {
    op: ReduceOp,
    /// The dtype of what is reduced.
    dtype: DType,
    value: Var,
    place: Option<Var>,
}

/// The smallest or largest a dtype holds.
pub(super) fn extreme(dtype: DType, largest: bool) -> Scalar {
    match dtype {
        DType::Bool => Scalar::Bool(largest),
        d if d.is_float() => Scalar::Float(if largest { f64::INFINITY } else { f64::NEG_INFINITY }),
        d => Scalar::Int(if largest { d.integers().1 } else { d.integers().0 }),
    }
}

impl Partial {
    /// Nothing has been seen.
    pub(super) fn new(code: &mut Code, op: ReduceOp, dtype: DType) -> Partial {
        let ty = Ty::of(dtype);
        let first = match op {
            ReduceOp::Sum => Scalar::Int(0).cast(dtype),
            ReduceOp::Prod => Scalar::Int(1).cast(dtype),
            ReduceOp::Max | ReduceOp::ArgMax => extreme(dtype, false),
            ReduceOp::Min | ReduceOp::ArgMin => extreme(dtype, true),
        };
        let first = code.constant(first, ty);
        let value = code.declare(first);
        // No point is as far as this, so that the first one seen wins a tie with nothing.
        let nowhere = code.position(i32::MAX as usize);
        let place = finds_place(op).then(|| code.declare(nowhere));
        Partial { op, dtype, value, place }
    }

    /// Multiplies a sum.
    pub(super) fn scale(&self, code: &mut Code, factor: Ref) {
        let so_far = code.get(self.value);
        let scaled = code.prim(Prim::Mul, &[so_far, factor], Ty::of(self.dtype));
        code.set(self.value, scaled);
    }

    /// Takes in a value seen at a point of the inner dimensions.
    pub(super) fn add(&self, code: &mut Code, value: Ref, at: Ref) {
        self.join(code, value, self.place.map(|_| at));
    }

    fn join(&self, code: &mut Code, value: Ref, at: Option<Ref>) {
        let so_far = code.get(self.value);
        let (Some(place), Some(at)) = (self.place, at) else {
            let joined = combined(code, self.op, self.dtype, so_far, value);
            return code.set(self.value, joined);
        };
        let best = code.get(place);
        let wins = beats(code, self.op, self.dtype, (value, at), (so_far, best));
        let value = code.choose(wins, value, so_far);
        let at = code.choose(wins, at, best);
        code.set(self.value, value);
        code.set(place, at);
    }

    /// The result.
    pub(super) fn result(&self, code: &mut Code) -> Ref {
        match self.place {
            Some(place) => {
                let at = code.get(place);
                code.value(Node::Wide(at), Ty::I64)
            }
            None => code.get(self.value),
        }
    }

    /// Joins what the threads of a group of `size` have seen; all of them then have the result. Where they work on several
    /// rows, neighbours have neighbouring ones, and those of a row join what they have seen of it.
    ///
    /// Two steps: some threads join what lies so far apart, then everyone joins what these have. Everything is asked for before
    /// anything is joined, for memory answers late.
    pub(super) fn across(&self, code: &mut Code, size: usize, rows: usize) {
        let few = if size / rows < STEP * STEP { STEP / 2 } else { STEP } * rows;
        let thread = code.thread();
        let values = code.share(Ty::of(self.dtype), size);
        let places = self.place.map(|_| code.share(Ty::I32, size));
        let publish = |code: &mut Code| {
            let value = code.get(self.value);
            code.store_shared(values, thread, value);
            if let (Some(array), Some(place)) = (places, self.place) {
                let at = code.get(place);
                code.store_shared(array, thread, at);
            }
        };
        let take = |code: &mut Code, from: Ref| {
            let value = code.load_shared(values, Ty::of(self.dtype), from);
            let at = places.map(|array: Shared| code.load_shared(array, Ty::I32, from));
            (value, at)
        };
        let join = |code: &mut Code, others: Vec<Ref>| {
            let seen: Vec<_> = others.into_iter().map(|from| take(code, from)).collect();
            seen.into_iter().for_each(|(value, at)| self.join(code, value, at));
        };
        publish(code);
        code.barrier();
        let end = code.position(few);
        let works = code.index(IndexOp::Less, thread, end);
        code.only_if(works, |code| {
            let others = (1..size / few).map(|i| code.plus(thread, i * few)).collect();
            join(code, others);
            publish(code);
        });
        code.barrier();
        let of_row = |code: &mut Code, at: usize| match rows {
            1 => code.position(at),
            _ => {
                let row = code.beside(rows);
                code.plus(row, at)
            }
        };
        let first = of_row(code, 0);
        let (value, at) = take(code, first);
        code.set(self.value, value);
        if let (Some(place), Some(at)) = (self.place, at) {
            code.set(place, at);
        }
        let others = (rows..few).step_by(rows).map(|at| of_row(code, at)).collect();
        join(code, others);
    }

    /// Writes what has been seen of neighbouring rows to the scratch buffer: slot `slot` of each of `all` places, from one of
    /// them on.
    pub(super) fn leave(rows: &[Partial], code: &mut Code, scratch: usize, slot: usize, all: Ref, at: Ref) {
        let stored = rows[0].stored();
        let values: Vec<Ref> = rows.iter().map(|row| row.left(code)).collect();
        let to = in_slot(code, slot, stored, all, at);
        if let (&[a, b, c, d], 4) = (&values[..], stored.size()) {
            code.store_four(scratch, stored, to, [a, b, c, d]);
        } else {
            for (i, value) in values.into_iter().enumerate() {
                let to = code.plus(to, i);
                code.store(scratch, stored, to, value);
            }
        }
        for (i, place) in rows.iter().filter_map(|row| row.place).enumerate() {
            let place = code.get(place);
            let to = in_slot(code, slot + 1, DType::I32, all, at);
            let to = code.plus(to, i);
            code.store(scratch, DType::I32, to, place);
        }
    }

    /// The value so far, as scratch memory holds it.
    fn left(&self, code: &mut Code) -> Ref {
        let value = code.get(self.value);
        match self.dtype {
            DType::Bool => code.value(Node::Cast(DType::Bool, DType::I32, value), Ty::I32),
            _ => value,
        }
    }

    /// Takes in what was left.
    pub(super) fn collect(&self, code: &mut Code, scratch: usize, slot: usize, all: Ref, at: Ref) {
        let stored = self.stored();
        let from = in_slot(code, slot, stored, all, at);
        let value = code.value(Node::Load(scratch, stored, from), Ty::of(stored));
        let value = if self.dtype == DType::Bool {
            code.value(Node::Cast(DType::I32, DType::Bool, value), Ty::Bool)
        } else {
            value
        };
        let place = self.place.map(|_| {
            let from = in_slot(code, slot + 1, DType::I32, all, at);
            code.value(Node::Load(scratch, DType::I32, from), Ty::I32)
        });
        self.join(code, value, place);
    }

    fn stored(&self) -> DType {
        left_as(self.dtype)
    }
}

/// The dtype in which values are left in scratch memory, and parameters handed over: as wide as registers.
pub(super) fn left_as(dtype: DType) -> DType {
    match Ty::of(dtype) {
        Ty::Bool | Ty::I32 => DType::I32,
        Ty::I64 => DType::I64,
        Ty::F32 => DType::F32,
        Ty::F64 => DType::F64,
    }
}

/// Threads that join a group's results in the first step, at most.
const STEP: usize = 16;
/// Slots of the scratch buffer for a reduction: one for the value, one for its place.
pub(super) const SLOTS: usize = 2;
/// Bytes of a slot.
pub(super) const SLOT: usize = 8;

/// Where a slot's element is in the scratch buffer, `all` elements for each slot.
pub(super) fn in_slot(code: &mut Code, slot: usize, dtype: DType, all: Ref, at: Ref) -> Ref {
    let before = code.position(slot * SLOT / dtype.size());
    let first = code.index(IndexOp::Mul, before, all);
    code.index(IndexOp::Add, first, at)
}

fn finds_place(op: ReduceOp) -> bool {
    matches!(op, ReduceOp::ArgMax | ReduceOp::ArgMin)
}

/// Two partial results as one.
pub(super) fn combined(code: &mut Code, op: ReduceOp, dtype: DType, a: Ref, b: Ref) -> Ref {
    let ty = Ty::of(dtype);
    let prim = match (op, dtype) {
        (ReduceOp::Sum | ReduceOp::Max, DType::Bool) => return code.either(a, b),
        (_, DType::Bool) => return code.both(a, b),
        (ReduceOp::Sum, _) => Prim::Add,
        (ReduceOp::Prod, _) => Prim::Mul,
        (ReduceOp::Max | ReduceOp::ArgMax, _) => Prim::Max,
        (ReduceOp::Min | ReduceOp::ArgMin, _) => Prim::Min,
    };
    if dtype == DType::U64 && matches!(prim, Prim::Max | Prim::Min) {
        let operands = [a, b].map(|x| ordered(code, dtype, x));
        let made = code.prim(prim, &operands, ty);
        return ordered(code, dtype, made);
    }
    let made = code.prim(prim, &[a, b], ty);
    super::body::wrapped(code, made, dtype)
}

/// What comes in the order of registers: `uint64` without its first bit, from which that is made again.
pub(super) fn ordered(code: &mut Code, dtype: DType, x: Ref) -> Ref {
    if dtype != DType::U64 {
        return x;
    }
    let first = code.constant(Scalar::Int(i64::MIN), Ty::I64);
    code.prim(Prim::Xor, &[x, first], Ty::I64)
}

/// Whether the first of two values with their places is the one wanted: NaN before all numbers, earlier before later.
fn beats(code: &mut Code, op: ReduceOp, dtype: DType, a: (Ref, Ref), b: (Ref, Ref)) -> Ref {
    let as_number = |code: &mut Code, x: Ref| match dtype {
        DType::Bool => code.value(Node::Cast(DType::Bool, DType::I32, x), Ty::I32),
        _ => x,
    };
    let (x, y) = (as_number(code, a.0), as_number(code, b.0));
    let better = match op {
        ReduceOp::ArgMax => code.prim(Prim::Lt, &[y, x], Ty::Bool),
        _ => code.prim(Prim::Lt, &[x, y], Ty::Bool),
    };
    let same = code.prim(Prim::Eq, &[x, y], Ty::Bool);
    let earlier = code.index(IndexOp::Less, a.1, b.1);
    if !dtype.is_float() {
        let tie = code.both(same, earlier);
        return code.either(better, tie);
    }
    let (x_is, y_is) = (is_number(code, x), is_number(code, y));
    let x_nan = code.prim(Prim::Not, &[x_is], Ty::Bool);
    let y_nan = code.prim(Prim::Not, &[y_is], Ty::Bool);
    let (only_x, both) = (code.both(x_nan, y_is), code.both(x_nan, y_nan));
    let better = code.either(better, only_x);
    let same = code.either(same, both);
    let tie = code.both(same, earlier);
    code.either(better, tie)
}

fn is_number(code: &mut Code, x: Ref) -> Ref {
    code.prim(Prim::Eq, &[x, x], Ty::Bool)
}
