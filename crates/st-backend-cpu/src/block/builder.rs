//! Writes the steps of a plan and gives their values places.

use super::call::Step;
use super::cast::cast_step;
use super::class::{Class, is_native};
use super::fold::fold_steps;
use super::memory::{displace_step, gather_step, load_step, position_step, spread_step, store_step};
use super::plan::{
    Action, Facts, Fold, Home, Level, NO_SLOT, Op, Plan, Program, Reduction, Register, Slot, Write,
    call_step, cost,
};
use super::prims::pair_step;
use crate::isa::Isa;
use st_kernel::{Body, DType, Inst, Prim, Result, Scalar, Val};
use std::collections::HashMap;

/// Computing a full value again is cheaper than keeping it up to this cost.
const CHEAP: usize = 5;

/// The place of a register before it has one.
const UNPLACED: u32 = u32::MAX;

/// The work of [`super::plan::compile`].
pub(crate) struct Builder<'a> {
    body: &'a Body,
    facts: &'a Facts,
    /// Whether there are rows to reduce.
    inner: bool,
    isa: Isa,
    plan: Plan,
    /// Slots of uniform values and per-row values, which every program sees.
    shared: Vec<Option<Slot>>,
    /// Slots of values that are kept, once a pass has made them.
    kept: Vec<Option<Slot>>,
    keep: Vec<bool>,
    /// Slots of the program being written.
    local: Vec<Option<Slot>>,
    program: Program,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(body: &'a Body, facts: &'a Facts, inner: bool, isa: Isa) -> Builder<'a> {
        let n = body.insts.len();
        let mut plan = Plan { reads: body.reads.len(), dtypes: body.reads.clone(), ..Plan::default() };
        plan.homes.push(Home::Uniform(0));
        plan.constants.push(0);
        plan.dtypes.extend(body.stores.iter().map(|s| body.insts[s.value.at()].1));
        plan.touched = vec![false; plan.dtypes.len()];
        for (inst, _) in &body.insts {
            if let Inst::Coord(d) = inst
                && !plan.coords.contains(d)
            {
                plan.coords.push(*d);
            }
        }
        let slots = vec![None; n];
        Builder {
            body,
            facts,
            inner,
            isa,
            plan,
            shared: slots.clone(),
            kept: slots.clone(),
            keep: vec![false; n],
            local: slots,
            program: Program::default(),
        }
    }

    /// The finished plan.
    pub(crate) fn finish(self) -> Plan {
        self.plan
    }

    /// Marks the expensive full values that more than one pass needs; the first of them keeps the value.
    pub(crate) fn choose_kept(&mut self, folds: &[Reduction]) {
        let mut seen = vec![false; self.body.insts.len()];
        for pass in 0..=self.facts.last {
            let mut wanted: Vec<Val> = folds.iter().filter(|f| f.pass == pass).map(|f| f.value).collect();
            if pass == self.facts.last {
                wanted.extend(self.body.stores.iter().filter(|s| !s.per_row).map(|s| s.value));
            }
            let mut here = vec![false; seen.len()];
            while let Some(v) = wanted.pop() {
                if self.facts.level[v.at()] != Level::Full || std::mem::replace(&mut here[v.at()], true) {
                    continue;
                }
                if seen[v.at()] && self.cost_again(v) > CHEAP {
                    self.keep[v.at()] = true;
                } else {
                    self.body.insts[v.at()].0.operands(|u| wanted.push(u));
                }
            }
            seen.iter_mut().zip(here).for_each(|(seen, here)| *seen |= here);
        }
    }

    /// Cost of computing a full value from memory and per-row values.
    fn cost_again(&self, v: Val) -> usize {
        let (mut total, mut stack) = (0, vec![v]);
        let mut seen = std::collections::HashSet::new();
        while let Some(v) = stack.pop() {
            if seen.insert(v) && self.facts.level[v.at()] == Level::Full {
                let (inst, dtype) = &self.body.insts[v.at()];
                total += cost(inst, *dtype);
                inst.operands(|u| stack.push(u));
            }
        }
        total
    }

    /// Writes the program that computes full values in pass `pass`.
    pub(crate) fn pass_program(&mut self, pass: usize, folds: &[Reduction]) -> Result<()> {
        self.local.fill(None);
        for fold in folds {
            let src = self.full(fold.value)?;
            let steps = fold_steps(fold.op, fold.dtype, self.isa);
            let spread = self.register(self.class(fold.value), true);
            self.op(Action::Fold(fold.index as u16), steps.rows, spread, [src, NO_SLOT, NO_SLOT]);
            let result = self.row_slot(fold.at);
            debug_assert_eq!(self.plan.folds.len(), fold.index);
            self.plan.folds.push(Fold { pass, steps, result });
        }
        if pass == self.facts.last {
            let pointwise = !self.inner;
            self.writes(|per_row| pointwise || !per_row, |b, v| b.full(v))?;
        }
        let program = self.end_program();
        self.plan.passes.push(program);
        Ok(())
    }

    /// Writes the program that computes per-row values of depth `depth`, and after the last pass stores them.
    pub(crate) fn row_program(&mut self, depth: usize) -> Result<()> {
        self.local.fill(None);
        for i in 0..self.body.insts.len() {
            let reduced = matches!(self.body.insts[i].0, Inst::Reduce(..));
            if self.facts.level[i] == Level::Row && self.facts.depth[i] == depth && !reduced {
                self.row(Val(i as u32))?;
            }
        }
        if depth == self.facts.last + 1 {
            self.writes(|per_row| per_row, |b, v| b.row(v))?;
        }
        let program = self.end_program();
        self.plan.rows.push(program);
        Ok(())
    }

    fn writes(
        &mut self,
        wanted: impl Fn(bool) -> bool,
        mut slot_of: impl FnMut(&mut Self, Val) -> Result<Slot>,
    ) -> Result<()> {
        for (i, store) in self.body.stores.iter().enumerate() {
            if !wanted(store.per_row) {
                continue;
            }
            let slot = slot_of(self, store.value)?;
            let dtype = self.dtype(store.value);
            let access = self.plan.reads + i;
            self.plan.touched[access] = true;
            let first = self.program.writes.iter().all(|w| w.slot != slot);
            let made = self
                .program
                .ops
                .iter()
                .any(|op| op.dst == slot && matches!(op.action, Action::Compute { .. }));
            let register = matches!(self.plan.homes[slot as usize], Home::Register(_));
            self.program.writes.push(Write {
                access: access as u16,
                slot,
                step: store_step(dtype, self.isa),
                direct: first && made && register && is_native(dtype),
            });
        }
        Ok(())
    }

    fn dtype(&self, v: Val) -> DType {
        self.body.insts[v.at()].1
    }

    fn class(&self, v: Val) -> Class {
        Class::of(self.dtype(v))
    }

    /// The slot of a value at every point, computing it if this pass has not.
    fn full(&mut self, v: Val) -> Result<Slot> {
        if let Some(slot) = self.local[v.at()] {
            return Ok(slot);
        }
        let slot = match self.facts.level[v.at()] {
            Level::Uniform => self.uniform(v)?,
            Level::Row => {
                let row = self.row_slot(v);
                let dst = self.register(self.class(v), false);
                self.op(Action::Spread, spread_step(self.class(v), self.isa), dst, [row, NO_SLOT, NO_SLOT]);
                dst
            }
            Level::Full => match self.kept[v.at()] {
                Some(slot) => {
                    self.program.kept.push(slot);
                    slot
                }
                None => {
                    let slot = self.compute(v, &mut |b, u| b.full(u))?;
                    self.keep_if_chosen(v, slot);
                    slot
                }
            },
        };
        self.local[v.at()] = Some(slot);
        Ok(slot)
    }

    /// Gives a value that later passes want its place in the row's memory instead of a register.
    fn keep_if_chosen(&mut self, v: Val, slot: Slot) {
        if self.keep[v.at()] {
            self.plan.homes[slot as usize] =
                Home::Kept(self.plan.kept_values as u16, self.class(v).size() as u8);
            self.plan.kept_values += 1;
            self.kept[v.at()] = Some(slot);
            self.program.kept.push(slot);
        }
    }

    /// The slot of a per-row value, computing it if no earlier program has.
    fn row(&mut self, v: Val) -> Result<Slot> {
        if self.facts.level[v.at()] == Level::Uniform {
            return self.uniform(v);
        }
        if let Some(slot) = self.shared[v.at()] {
            return Ok(slot);
        }
        let slot = self.compute(v, &mut |b, u| b.row(u))?;
        self.plan.homes[slot as usize] = Home::Row(self.plan.row_values as u16);
        self.plan.row_values += 1;
        self.shared[v.at()] = Some(slot);
        Ok(slot)
    }

    fn row_slot(&mut self, v: Val) -> Slot {
        if let Some(slot) = self.shared[v.at()] {
            return slot;
        }
        let slot = self.slot(Home::Row(self.plan.row_values as u16));
        self.plan.row_values += 1;
        self.shared[v.at()] = Some(slot);
        slot
    }

    /// The slot of a uniform value; its steps go into the uniform program.
    fn uniform(&mut self, v: Val) -> Result<Slot> {
        if let Some(slot) = self.shared[v.at()] {
            return Ok(slot);
        }
        let slot = match &self.body.insts[v.at()] {
            (Inst::Const(c), dtype) => {
                self.plan.constants.push(bits(*c, *dtype));
                self.slot(Home::Uniform(self.plan.constants.len() as u16 - 1))
            }
            (Inst::Param(p), dtype) => {
                self.plan.constants.push(0);
                let place = self.plan.constants.len() as u16 - 1;
                self.plan.params.push((*p, *dtype, place));
                self.slot(Home::Uniform(place))
            }
            _ => {
                let mut operands = Vec::new();
                self.body.insts[v.at()].0.operands(|u| operands.push(u));
                for u in operands {
                    self.uniform(u)?;
                }
                let writing = std::mem::replace(&mut self.program, std::mem::take(&mut self.plan.uniform));
                let made = self.compute(v, &mut |b, u| b.uniform(u));
                self.plan.uniform = std::mem::replace(&mut self.program, writing);
                self.settle_uniform();
                made?
            }
        };
        self.shared[v.at()] = Some(slot);
        Ok(slot)
    }

    /// Gives the results of the uniform program places among the uniform values.
    fn settle_uniform(&mut self) {
        for op in &self.plan.uniform.ops {
            let home = &mut self.plan.homes[op.dst as usize];
            if let Home::Register(_) = home {
                *home = Home::Uniform(self.plan.constants.len() as u16);
                self.plan.constants.push(0);
            }
        }
    }

    /// Ends the program: gives its values registers, each free again after its last use.
    fn end_program(&mut self) -> Program {
        let mut program = std::mem::take(&mut self.program);
        self.join_pairs(&mut program);
        for op in &mut program.ops {
            if let Action::Load { stored, .. } = &mut op.action {
                *stored = program.writes.iter().any(|w| w.slot == op.dst);
            }
        }
        let mut last_use = HashMap::new();
        let mut tops = [0, self.plan.register_bytes[1]];
        for (i, op) in program.ops.iter().enumerate() {
            last_use.extend(op.src.iter().chain([&op.dst]).map(|s| (*s, i)));
        }
        last_use.extend(program.writes.iter().map(|w| (w.slot, usize::MAX)));
        let mut free: Vec<Register> = Vec::new();
        for (i, op) in program.ops.iter().enumerate() {
            if let Home::Register(register) = &mut self.plan.homes[op.dst as usize]
                && register.at == UNPLACED
            {
                let fits = |f: &Register| !register.rare && f.class.size() == register.class.size();
                register.at = match free.iter().rposition(fits) {
                    Some(k) => free.remove(k).at,
                    None => {
                        let top = &mut tops[register.rare as usize];
                        *top += register.class.size() as u32;
                        *top - register.class.size() as u32
                    }
                };
            }
            // The result has its place by now: it never takes that of an operand.
            for &slot in op.src.iter().chain([&op.dst]).filter(|s| **s != NO_SLOT && last_use[*s] == i) {
                if let Home::Register(register) = self.plan.homes[slot as usize]
                    && !register.rare
                    && !free.iter().any(|f| f.at == register.at)
                {
                    free.push(register);
                }
            }
        }
        for (bytes, top) in self.plan.register_bytes.iter_mut().zip(tops) {
            *bytes = (*bytes).max(top);
        }
        program
    }

    /// Joins a step and the only one that uses its result into one loop, where there is one for both.
    fn join_pairs(&self, program: &mut Program) {
        let mut uses: HashMap<Slot, usize> = HashMap::new();
        let used = program.ops.iter().flat_map(|op| op.src).chain(program.writes.iter().map(|w| w.slot));
        used.for_each(|slot| *uses.entry(slot).or_default() += 1);
        let mut makers: HashMap<Slot, usize> = HashMap::new();
        let mut gone = vec![false; program.ops.len()];
        for i in 0..program.ops.len() {
            let Some((second, class)) = program.ops[i].prim else { continue };
            for k in 0..2 {
                let (slot, other) = (program.ops[i].src[k], program.ops[i].src[1 - k]);
                let Some(&maker) = makers.get(&slot).filter(|_| uses[&slot] == 1) else { continue };
                let Some((first, _)) = program.ops[maker].prim.filter(|(_, of)| *of == class) else {
                    continue;
                };
                let [mut a, mut b, _] = program.ops[maker].src;
                // Loops are written for a number in the second place, by which dividing has a loop of its own.
                let is_number = |slot: Slot| matches!(self.plan.homes[slot as usize], Home::Uniform(_));
                if matches!(first, Prim::Mul | Prim::Add) && is_number(a) {
                    (a, b) = (b, a);
                }
                let step = pair_step(first, second, class, self.isa);
                let Some(step) = step.filter(|_| first != Prim::Div || !is_number(b)) else { continue };
                let op = &mut program.ops[i];
                (op.step, op.src, op.prim) = (step, [a, b, other], None);
                gone[maker] = true;
                break;
            }
            let dst = program.ops[i].dst;
            if matches!(self.plan.homes[dst as usize], Home::Register(_)) {
                makers.insert(dst, i);
            }
        }
        let mut gone = gone.into_iter();
        program.ops.retain(|_| !gone.next().unwrap_or_default());
    }

    /// Writes the steps of an instruction; `operand` gives the slots of what it uses.
    fn compute(&mut self, v: Val, operand: &mut dyn FnMut(&mut Self, Val) -> Result<Slot>) -> Result<Slot> {
        let (inst, dtype) = &self.body.insts[v.at()];
        let (class, isa) = (Class::of(*dtype), self.isa);
        self.plan.cost += cost(inst, *dtype);
        match inst {
            Inst::Load(r) => Ok(self.load(*r, *dtype)),
            Inst::Hole(i) => {
                self.plan.hole_size = dtype.size();
                Ok(self.load((self.plan.dtypes.len() + *i as usize) as u16, *dtype))
            }
            Inst::Coord(d) => {
                let place = self.plan.coords.iter().position(|c| c == d).expect("collected at the start");
                let access = (self.plan.dtypes.len() + 1 + place) as u16;
                Ok(self.made(Class::I64, Action::Position { access }, position_step(isa), [NO_SLOT; 3]))
            }
            Inst::Gather(r, index) => {
                self.plan.touched[*r as usize] = true;
                self.plan.gathers.push((*r, index.len() as u16));
                let start = Action::Position { access: *r };
                let mut at = self.made(Class::I64, start, position_step(isa), [NO_SLOT; 3]);
                for (k, v) in index.iter().enumerate() {
                    let mut i = operand(self, *v)?;
                    if self.class(*v) != Class::I64 {
                        let widen = cast_step(self.class(*v), DType::I64, isa);
                        i = self.made(
                            Class::I64,
                            Action::Compute { pad: false },
                            widen,
                            [i, NO_SLOT, NO_SLOT],
                        );
                    }
                    let displace = Action::Displace { read: *r, index: k as u16 };
                    at = self.made(Class::I64, displace, displace_step(isa), [at, i, NO_SLOT]);
                }
                Ok(self.made(
                    class,
                    Action::Gather { read: *r },
                    gather_step(*dtype, isa),
                    [NO_SLOT, at, NO_SLOT],
                ))
            }
            Inst::Cast(u) => {
                let src = [operand(self, *u)?, NO_SLOT, NO_SLOT];
                let float = |c: Class| matches!(c, Class::F32 | Class::F64);
                let pad = float(class) && float(self.class(*u));
                Ok(self.made(class, Action::Compute { pad }, cast_step(self.class(*u), *dtype, isa), src))
            }
            Inst::Call(prim, args) => {
                let mut src = [NO_SLOT; 3];
                let mut last = class;
                for (slot, &arg) in src.iter_mut().zip(args).filter(|(_, a)| **a != Val::NONE) {
                    *slot = operand(self, arg)?;
                    last = self.class(arg);
                }
                let pad = matches!(last, Class::F32 | Class::F64);
                let step = call_step(*prim, last, *dtype, isa)?;
                let mut slot = self.made(class, Action::Compute { pad }, step, src);
                if let Some(op) = self.program.ops.last_mut() {
                    op.prim = Some((*prim, last));
                }
                if may_leave(*prim, *dtype) {
                    let fit = cast_step(class, *dtype, isa);
                    slot = self.made(class, Action::Compute { pad }, fit, [slot, NO_SLOT, NO_SLOT]);
                }
                Ok(slot)
            }
            other => unreachable!("{other:?} has a place of its own"),
        }
    }

    fn load(&mut self, access: u16, dtype: DType) -> Slot {
        if let Some(touched) = self.plan.touched.get_mut(access as usize) {
            *touched = true;
        }
        let class = Class::of(dtype);
        let load = Action::Load { access, native: is_native(dtype), stored: false };
        self.made(class, load, load_step(dtype, self.isa), [NO_SLOT; 3])
    }

    /// Appends a step with a result of its own.
    fn made(&mut self, class: Class, action: Action, step: Step, src: [Slot; 3]) -> Slot {
        // Memory that is a register as it stands is seldom copied into one.
        let rare = matches!(action, Action::Load { native: true, .. });
        let dst = self.register(class, rare);
        self.op(action, step, dst, src);
        dst
    }

    fn op(&mut self, action: Action, step: Step, dst: Slot, src: [Slot; 3]) {
        self.program.ops.push(Op { action, step, dst, src, prim: None });
    }

    /// A slot whose register is chosen when the program is complete.
    fn register(&mut self, class: Class, rare: bool) -> Slot {
        self.slot(Home::Register(Register { at: UNPLACED, class, rare }))
    }

    fn slot(&mut self, home: Home) -> Slot {
        self.plan.homes.push(home);
        self.plan.homes.len() as Slot - 1
    }
}

/// Whether a primitive on a narrow dtype may give what the dtype cannot hold.
fn may_leave(prim: Prim, dtype: DType) -> bool {
    use Prim::*;
    let narrow = !is_native(dtype);
    let closed = match prim {
        Max | Min | Lt | Le | Eq | Select | And | Or | Xor | Shr | Fmod => true,
        Neg | Abs | CopySign | Floor | Ceil | Trunc | Round => dtype.is_float(),
        _ => false,
    };
    narrow && !closed
}

/// A number as a register has it.
pub(crate) fn bits(value: Scalar, dtype: DType) -> u64 {
    let value = value.cast(dtype);
    match Class::of(dtype) {
        Class::F32 => u64::from((value.to_f64() as f32).to_bits()),
        Class::F64 => value.to_f64().to_bits(),
        Class::I64 => value.to_i64() as u64,
        Class::I32 => u64::from(value.to_i64() as i32 as u32),
        Class::Bool => u64::from(value.to_bool()),
    }
}
