//! The body of a kernel as values: each instruction once, at the point where it is first needed.

use super::ir::{Code, IndexOp, Node, Ref, Ty};
use super::numbers::Numbers;
use crate::dtype::DType;
use crate::expr::{Inst, Val};
use crate::kernel::Body;

/// The coordinates of a point: a value for each dimension of the launch, as far as they are known.
pub(super) type Point = Vec<Option<Ref>>;

/// What is fixed while a kernel is written: its body, its numbers, and the buffer of each access.
pub(super) struct Scope<'a> {
    pub(super) body: &'a Body,
    pub(super) numbers: &'a Numbers,
    /// For each read, whether it is the same at all inner points.
    pub(super) row_reads: &'a [bool],
    /// For each access, reads first, which of the bound buffers it is.
    pub(super) bindings: &'a [u8],
}

/// The values of a body that are known so far.
pub(super) type Known = Vec<Option<Ref>>;

impl Scope<'_> {
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

    /// Value `v` at a point; what it needs is computed here, unless it is known.
    pub(super) fn value(&self, code: &mut Code, v: Val, point: &Point, known: &mut Known) -> Ref {
        if let Some(found) = known[v.at()] {
            return found;
        }
        let (inst, dtype) = &self.body.insts[v.at()];
        let made = self.instruction(code, inst, *dtype, point, known);
        known[v.at()] = Some(made);
        made
    }

    fn instruction(
        &self,
        code: &mut Code,
        inst: &Inst,
        dtype: DType,
        point: &Point,
        known: &mut Known,
    ) -> Ref {
        let ty = Ty::of(dtype);
        match inst {
            Inst::Const(value) => code.constant(value.cast(dtype), ty),
            Inst::Call(prim, args) => {
                let args: Vec<Ref> = args
                    .iter()
                    .filter(|&&a| a != Val::NONE)
                    .map(|&a| self.value(code, a, point, known))
                    .collect();
                let made = code.prim(*prim, &args, ty);
                wrapped(code, made, dtype)
            }
            Inst::Cast(from) => {
                let value = self.value(code, *from, point, known);
                let from = self.body.insts[from.at()].1;
                code.value(Node::Cast(from, dtype, value), ty)
            }
            Inst::Load(read) => {
                let read = usize::from(*read);
                let at = self.place(code, read, point);
                code.value(Node::Load(usize::from(self.bindings[read]), dtype, at), ty)
            }
            Inst::Gather(read, index) => {
                let read = usize::from(*read);
                let mut at = self.place(code, read, point);
                for (i, &v) in index.iter().enumerate() {
                    let wide = self.value(code, v, point, known);
                    let word = self.numbers.gather(read, i);
                    at = displaced(code, at, wide, word);
                }
                code.value(Node::Load(usize::from(self.bindings[read]), dtype, at), ty)
            }
            Inst::Param(i) => code.value(Node::Param(self.numbers.param(usize::from(*i))), ty),
            Inst::Coord(d) => {
                let zero = code.position(0);
                let coordinate = point[usize::from(*d)].unwrap_or(zero);
                code.value(Node::Wide(coordinate), Ty::I64)
            }
            Inst::Input(_) | Inst::Hole(_) | Inst::Reduce(..) => {
                unreachable!("{inst:?} is known before it is used")
            }
        }
    }

    /// Writes store `i` at a point.
    pub(super) fn store(&self, code: &mut Code, i: usize, point: &Point, known: &mut Known) {
        let value = self.body.stores[i].value;
        let made = self.value(code, value, point, known);
        let write = self.numbers.write(i);
        let at = self.place(code, write, point);
        code.store(usize::from(self.bindings[write]), self.body.insts[value.at()].1, at, made);
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
        DType::U8 | DType::I8 | DType::I16 => code.value(Node::Cast(DType::I32, dtype, value), Ty::I32),
        _ => value,
    }
}
