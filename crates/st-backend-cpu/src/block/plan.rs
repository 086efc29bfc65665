//! From a body to loops on registers: which value is computed when, and where it lives.
//!
//! A value is *uniform* (the same at every point), *per row*, or *full*. Reductions divide the work on a row into
//! passes: a full value of depth `d` needs results of `d` reductions below one another, so it can be computed in pass
//! `d` at the earliest. Per-row values are computed between the passes. A later pass computes a full value again
//! unless that is expensive; then the pass that made it first keeps it for the whole row.

use super::builder::Builder;
use super::call::Step;
use super::class::Class;
use super::fold::FoldSteps;
use super::scalars::Geometry;
use crate::isa::{Isa, isa};
use st_kernel::{Body, DType, Error, Inst, Prim, ReduceOp, Result, Val, runtime_err, unsupported};

/// Where the values of a slot live.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Home {
    /// Number `.0` of the launch's uniform values.
    Uniform(u16),
    /// Per-row value `.0`.
    Row(u16),
    /// Value `.0` of those kept for a whole row, with its size in bytes.
    Kept(u16, u8),
    /// A dense array of one number for each point of a block.
    Register(Register),
}

/// A register of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Register {
    /// Bytes of the registers before it, for each point of a block.
    pub(crate) at: u32,
    pub(crate) class: Class,
    /// Most launches do without it. Such registers lie behind the others and are no other value's, so that what was
    /// copied into one for a tile is still there for the next.
    pub(crate) rare: bool,
}

/// A value in a program: an index into [`Plan::homes`].
pub(crate) type Slot = u16;

/// Stands for an unused operand; a slot like any other, holding the number 0.
pub(crate) const NO_SLOT: Slot = 0;

/// What a step does around its loop.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    /// Registers to register; with `pad` the loop may run past the last point.
    Compute { pad: bool },
    /// Memory to register; `native` memory is used in place where it is contiguous. A value that is `stored` as it is must
    /// not be written over before.
    Load { access: u16, native: bool, stored: bool },
    /// Positions of an access, or a coordinate.
    Position { access: u16 },
    /// Moves the positions of a gathered read by one of its indices.
    Displace { read: u16, index: u16 },
    /// Reads at positions.
    Gather { read: u16 },
    /// A per-row value to every point of its row.
    Spread,
    /// Reduction number `.0`.
    Fold(u16),
}

/// One step of a program.
pub(crate) struct Op {
    pub(crate) action: Action,
    pub(crate) step: Step,
    pub(crate) dst: Slot,
    pub(crate) src: [Slot; 3],
    /// The primitive it is, if nothing else, and the class of its operands.
    pub(crate) prim: Option<(Prim, Class)>,
}

/// A value written to memory at the end of a program.
pub(crate) struct Write {
    pub(crate) access: u16,
    pub(crate) slot: Slot,
    pub(crate) step: Step,
    /// The loop that computes the value may write memory itself.
    pub(crate) direct: bool,
}

/// Steps run for a block of points.
#[derive(Default)]
pub(crate) struct Program {
    pub(crate) ops: Vec<Op>,
    pub(crate) writes: Vec<Write>,
    /// Slots whose values are kept for the row.
    pub(crate) kept: Vec<Slot>,
}

/// One reduction.
pub(crate) struct Fold {
    pub(crate) pass: usize,
    pub(crate) steps: FoldSteps,
    /// Where the result goes; a per-row slot.
    pub(crate) result: Slot,
}

/// A compiled body.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) homes: Vec<Home>,
    /// Constants, at their places among the uniform values.
    pub(crate) constants: Vec<u64>,
    /// Parameters: index, class and place among the uniform values.
    pub(crate) params: Vec<(u16, DType, u16)>,
    /// Computes the uniform values once for a launch.
    pub(crate) uniform: Program,
    /// `rows[d]` computes per-row values before pass `d`; the last one writes per-row results.
    pub(crate) rows: Vec<Program>,
    /// Computes full values.
    pub(crate) passes: Vec<Program>,
    pub(crate) folds: Vec<Fold>,
    /// Bytes of the registers for each point of a block: of the usual ones, of the rare ones.
    pub(crate) register_bytes: [u32; 2],
    /// Most points of a block.
    pub(crate) block: usize,
    pub(crate) row_values: usize,
    pub(crate) kept_values: usize,
    /// Dtypes of the reads, then of the writes.
    pub(crate) dtypes: Vec<DType>,
    pub(crate) reads: usize,
    /// Which of the reads and writes are per row.
    pub(crate) per_row: Vec<bool>,
    /// Which of the reads and writes this plan touches.
    pub(crate) touched: Vec<bool>,
    /// Gathered reads and their numbers of indices.
    pub(crate) gathers: Vec<(u16, u16)>,
    /// Accesses that full values load from.
    pub(crate) loaded: Vec<u16>,
    /// Which slots are one number for a tile in most launches.
    pub(crate) scalars: Vec<bool>,
    /// The loop dimensions whose coordinates are used.
    pub(crate) coords: Vec<u8>,
    /// Bytes of an element of the kernel's own result.
    pub(crate) hole_size: usize,
    /// Rough cost of a point, in additions.
    pub(crate) cost: usize,
}

impl Plan {
    /// Whether full values are made of per-row ones.
    pub(crate) fn spreads(&self) -> bool {
        self.passes.iter().flat_map(|pass| &pass.ops).any(|op| matches!(op.action, Action::Spread))
    }
}

/// How the dimensions of a body are to be understood.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// Number of outer dimensions.
    pub(crate) outer: usize,
    /// Whether there are inner dimensions to reduce over.
    pub(crate) inner: bool,
    /// Reads that are per row.
    pub(crate) row_reads: &'a [bool],
    /// Whether values may be kept from one pass to another.
    pub(crate) keep: bool,
}

/// How far a value depends on the point.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Level {
    Uniform,
    Row,
    Full,
}

/// What is known of each instruction before steps are written.
pub(crate) struct Facts {
    pub(crate) level: Vec<Level>,
    pub(crate) depth: Vec<usize>,
    /// The pass that makes the stores of full values: the last one, because a store may overwrite what is read.
    pub(crate) last: usize,
}

/// Compiles a body.
pub(crate) fn compile(body: &Body, frame: Frame<'_>) -> Result<Plan> {
    check(body)?;
    let body = &without_idle_casts(body);
    let facts = Facts::of(body, frame);
    let isa = isa();
    let folds = reductions(body, &facts);
    let mut builder = Builder::new(body, &facts, frame.inner, isa);
    if frame.keep {
        builder.choose_kept(&folds);
    }
    if frame.inner {
        for pass in 0..=facts.last {
            builder.row_program(pass)?;
            let here: Vec<_> = folds.iter().copied().filter(|f| f.pass == pass).collect();
            builder.pass_program(pass, &here)?;
        }
        builder.row_program(facts.last + 1)?;
    } else {
        builder.pass_program(0, &[])?;
    }
    let mut plan = builder.finish();
    plan.per_row = frame.row_reads.to_vec();
    plan.per_row.resize(body.reads.len(), false);
    plan.per_row.extend(body.stores.iter().map(|s| frame.inner && s.per_row));
    let loads = plan.passes.iter().flat_map(|p| &p.ops).filter_map(|op| match op.action {
        Action::Load { access, .. } | Action::Position { access } => Some(access),
        _ => None,
    });
    plan.loaded = loads.collect();
    let memory: usize = (0..plan.dtypes.len())
        .filter(|&a| plan.touched[a] && !plan.per_row[a])
        .map(|a| plan.dtypes[a].size())
        .sum();
    plan.block = block_size(plan.register_bytes[0] as usize, memory);
    plan.scalars = Geometry::usual_scalars(&plan);
    Ok(plan)
}

/// As many points as fit in the first-level cache, with the bytes of their registers and of what is read and written.
fn block_size(registers: usize, memory: usize) -> usize {
    const ROOM: usize = 40 << 10;
    const LEAST: usize = 256;
    const MOST: usize = 4096;
    // What goes through no register, as what is only summed, may come in longer blocks: rows of 4096 share them.
    let most = if registers == 0 { 2 * MOST } else { MOST };
    let points = (ROOM / (registers + memory).max(1)).clamp(LEAST, most);
    points / LEAST * LEAST
}

/// The body with operands taken from before a cast that changes no register, such as `bfloat16` to `float32`.
fn without_idle_casts(body: &Body) -> Body {
    let mut from: Vec<Val> = (0..body.insts.len() as u32).map(Val).collect();
    for (i, (inst, dtype)) in body.insts.iter().enumerate() {
        if let Inst::Cast(v) = inst {
            let source = body.insts[v.at()].1;
            if source == *dtype || Class::of(source) == Class::of(*dtype) && source.size() < dtype.size() {
                from[i] = from[v.at()];
            }
        }
    }
    let insts = body.insts.iter().map(|(inst, dtype)| (inst.map(|v| from[v.at()]), *dtype)).collect();
    Body { insts, ..body.clone() }
}

/// A reduction as it stands in the body.
#[derive(Clone, Copy)]
pub(crate) struct Reduction {
    pub(crate) index: usize,
    pub(crate) at: Val,
    pub(crate) op: ReduceOp,
    pub(crate) value: Val,
    /// Dtype of what is reduced: of the result, where that is no position.
    pub(crate) dtype: DType,
    pub(crate) pass: usize,
}

/// The reductions in the order of their passes.
fn reductions(body: &Body, facts: &Facts) -> Vec<Reduction> {
    let reduces = body.insts.iter().enumerate().filter_map(|(i, (inst, _))| match inst {
        Inst::Reduce(op, value) => {
            let arg = matches!(op, ReduceOp::ArgMax | ReduceOp::ArgMin);
            let dtype = body.insts[if arg { value.at() } else { i }].1;
            let pass = facts.depth[value.at()];
            Some(Reduction { index: 0, at: Val(i as u32), op: *op, value: *value, dtype, pass })
        }
        _ => None,
    });
    let mut reductions: Vec<Reduction> = reduces.collect();
    reductions.sort_by_key(|r| r.pass);
    reductions.iter_mut().enumerate().for_each(|(i, r)| r.index = i);
    reductions
}

impl Facts {
    fn of(body: &Body, frame: Frame<'_>) -> Facts {
        let n = body.insts.len();
        let mut facts = Facts { level: vec![Level::Uniform; n], depth: vec![0; n], last: 0 };
        let read_level = |i: u16| {
            let row = frame.inner && frame.row_reads.get(i as usize).copied().unwrap_or(false);
            if row { Level::Row } else { Level::Full }
        };
        for (i, (inst, _)) in body.insts.iter().enumerate() {
            let (mut level, mut depth) = match inst {
                Inst::Load(r) | Inst::Gather(r, _) => (read_level(*r), 0),
                Inst::Coord(d) if frame.inner && (*d as usize) < frame.outer => (Level::Row, 0),
                Inst::Coord(_) | Inst::Hole(_) => (Level::Full, 0),
                _ => (Level::Uniform, 0),
            };
            inst.operands(|v| {
                level = level.max(facts.level[v.at()]);
                depth = depth.max(facts.depth[v.at()]);
            });
            if let Inst::Reduce(..) = inst {
                facts.last = facts.last.max(depth);
                (level, depth) = (Level::Row, depth + 1);
            }
            (facts.level[i], facts.depth[i]) = (level, depth);
        }
        let full = body.stores.iter().filter(|s| !s.per_row || !frame.inner);
        facts.last = full.map(|s| facts.depth[s.value.at()]).fold(facts.last, usize::max);
        facts
    }
}

/// Instructions and accesses of a kernel: each takes a few slots, whose numbers are small.
const MOST: usize = 1 << 14;

/// Refuses bodies whose types do not fit; the loops rely on it.
fn check(body: &Body) -> Result<()> {
    let size = body.insts.len() + body.reads.len() + body.stores.len();
    if size > MOST {
        return Err(unsupported!("cpu: a kernel of {size} instructions, {MOST} are the most"));
    }
    let wrong = |i: usize, why: &str| runtime_err!("instruction {i} of a kernel's body {why}");
    for (i, (inst, dtype)) in body.insts.iter().enumerate() {
        let mut early = true;
        inst.operands(|v| early &= v.at() < i);
        if !early {
            return Err(wrong(i, "uses a later one"));
        }
        let dtype_of = |v: &Val| body.insts[v.at()].1;
        let fits = match inst {
            Inst::Input(_) | Inst::Down(_) => false,
            Inst::Load(r) => body.reads.get(*r as usize) == Some(dtype),
            Inst::Gather(r, index) => {
                body.reads.get(*r as usize) == Some(dtype) && index.iter().all(|v| dtype_of(v).is_int())
            }
            Inst::Param(p) => body.params.get(*p as usize) == Some(dtype),
            Inst::Coord(_) => *dtype == DType::I64,
            Inst::Call(prim, args) => {
                call_fits(*prim, &args.map(|a| (a != Val::NONE).then(|| dtype_of(&a))), *dtype)
            }
            Inst::Reduce(ReduceOp::ArgMax | ReduceOp::ArgMin, _) => *dtype == DType::I64,
            Inst::Reduce(_, v) => dtype_of(v) == *dtype,
            Inst::Hole(i) => *i == 0,
            Inst::Const(_) | Inst::Cast(_) => true,
        };
        if !fits {
            return Err(wrong(i, &format!("does not fit its operands: {inst:?} of {dtype}")));
        }
    }
    match body.stores.iter().all(|s| s.value.at() < body.insts.len()) {
        true => Ok(()),
        false => Err(runtime_err!("a store of a kernel's body has no value")),
    }
}

fn call_fits(prim: Prim, args: &[Option<DType>; 3], dtype: DType) -> bool {
    use st_kernel::prim::ResultType;
    let def = prim.def();
    let given: Vec<DType> = args.iter().map_while(|a| *a).collect();
    let Some(&last) = given.last() else { return false };
    let result = match def.result {
        ResultType::Same => last,
        ResultType::Bool => DType::Bool,
        ResultType::I64 => DType::I64,
    };
    let values = if prim == Prim::Select { &given[1..] } else { &given[..] };
    given.len() == def.arity
        && values.iter().all(|&d| Class::of(d) == Class::of(last))
        && (prim != Prim::Select || given[0] == DType::Bool)
        && Class::of(result) == Class::of(dtype)
}

/// Additions a step is worth.
pub(crate) fn cost(inst: &Inst, dtype: DType) -> usize {
    use Prim::*;
    let light = |prim: &Prim| {
        matches!(
            prim,
            Add | Sub
                | Mul
                | Div
                | Neg
                | Abs
                | Max
                | Min
                | Lt
                | Le
                | Eq
                | And
                | Or
                | Xor
                | Not
                | Shl
                | Shr
                | Select
                | Floor
                | Ceil
                | Trunc
                | Round
                | Sqrt
                | Rsqrt
                | CopySign
        )
    };
    let heavy = match inst {
        Inst::Call(prim, _) => !light(prim),
        Inst::Gather(..) => true,
        _ => false,
    };
    let wide = if dtype.size() == 8 { 2 } else { 1 };
    wide * if heavy { 8 } else { 1 }
}

/// The loop of a primitive, or why there is none.
pub(crate) fn call_step(prim: Prim, class: Class, dtype: DType, isa: Isa) -> Result<Step, Error> {
    super::prims::prim_step(prim, class, isa)
        .ok_or_else(|| unsupported!("the CPU has no {} on {dtype}", prim.def().name))
}
