//! One renderer for all GPUs: from a [`Kernel`] to the text of a program.
//!
//! | module | what it holds |
//! |---|---|
//! | [`ir`] | the language kernels are written in: typed values, about a dozen kinds of statement |
//! | [`numbers`] | the sizes, strides and parameters a launch hands over, and where each stands |
//! | `body`, `reduce` | the values of a kernel's body; reductions by one thread or by a group |
//! | `slices` | matrices in shared memory, and their products |
//! | `loops`, `transposes`, `matmul`, `tiles`, `conv`, `attention`, `scans`, `sorts`, `scatter` | the kinds of kernel |
//! | [`reach`] | whether a launch stays inside its buffers |
//! | [`windows`], [`folds`] | launches in pieces, where a device shows only so much of a buffer |
//! | `text` | the walk over values and statements, and what a dialect says |
//! | [`wgsl`], [`c`] | the dialects: WGSL; CUDA C, HIP C and Metal |
//! | `c::flash` | attention by the matrix units of NVIDIA's GPUs |
//! | `wgsl::cooperative`, `wgsl::mixing`, `wgsl::unmixing` | products, attention and its gradients by matrix units as WGSL has them |
//! | `functions` | the functions that kernels call, in each dialect |
//!
//! A kernel is written once, in the language of [`ir`]; a dialect is spelling only. Launches of a [`Class`] share the text;
//! [`arranged`] says which classes a launch belongs to, one for each stage of its work.

mod attention;
mod body;
pub mod c;
mod conv;
pub mod folds;
mod functions;
pub mod ir;
mod loops;
mod matmul;
pub mod numbers;
pub mod reach;
mod reduce;
mod scans;
mod scatter;
mod slices;
mod sorts;
mod text;
mod tiles;
mod transposes;
mod walk;
pub mod wgsl;
pub mod windows;

#[cfg(test)]
mod tests;

use crate::device::Launch;
use crate::dtype::DType;
use crate::error::Result;
use crate::kernel::{Body, Kernel};
use attention::Attend;
use body::Scope;
use c::flash::Flash;
use ir::{Code, Node, Stmt, Ty};
use matmul::{Types, is_tiled};
use numbers::Numbers;
use scatter::{Listed, Lists};
use smallvec::{SmallVec, smallvec};
use sorts::Round;
use std::borrow::Cow;
use tiles::Cut;
use transposes::Turn;
use walk::Walk;
use wgsl::cooperative::Cooperative;
use wgsl::mixing::Mixing;
use wgsl::unmixing::Unmixing;

/// Threads of a group, where the kernel's kind does not say otherwise.
pub const THREADS: usize = 256;

/// What of a machine kernels depend on.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    /// Bytes of memory that a group shares.
    pub shared_memory: usize,
    /// Most threads of a group.
    pub threads: usize,
    /// Whether its matrix units multiply half precision as [`wgsl`] has them.
    pub cooperative: bool,
    /// Whether it computes in double precision.
    pub doubles: bool,
    /// Whether its matrix units are those of NVIDIA's from Ampere on, as CUDA C has them.
    pub ampere: bool,
    /// Whether they are Hopper's, and its groups of warps share registers.
    pub hopper: bool,
}

/// What of a launch a kernel's text depends on: launches of one class share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Class {
    /// Dimensions of the launch.
    pub rank: usize,
    /// How many of them, the first ones, count outer points.
    pub outer: usize,
    /// For each access, reads first, which of the launch's buffers it is.
    pub bindings: SmallVec<[u8; 8]>,
    /// What of the work this is.
    pub stage: Stage,
    method: Method,
}

/// What of a launch's work a kernel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// All of it.
    Whole,
    /// Each part of a row's points, or of a product's steps, leaves its results in scratch memory.
    Parts,
    /// These results are joined, and the work is finished.
    Rest,
}

/// How the work is given to threads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Method {
    /// A thread for each outer point.
    Points,
    /// Loops.
    Walk(Walk),
    /// Pointwise work in squares.
    Turn(Turn),
    /// A product by tiles.
    Cut(Cut),
    /// A product by matrix units.
    Cooperative(Cooperative),
    /// A pass of attention.
    Attend(Attend),
    /// A pass of attention by matrix units.
    Flash(Flash),
    /// Attention by matrix units as WGSL has them.
    Mixing(Mixing),
    /// A pass of its gradients by these.
    Unmixing(Unmixing),
    /// A group for each line of a scan, by fours or not.
    Lines(bool),
    /// A thread for each part of a line.
    Columns,
    /// A round of a sort by bits.
    Round(Round),
    /// A pass of a scatter by lists.
    Listed(Listed),
}

/// The text of a kernel before it has a dialect.
pub struct Shader {
    pub(crate) code: Code,
    pub(crate) body: Vec<Stmt>,
    /// A product by matrix units in place of these, and the buffers of its operands.
    pub(crate) matrices: Option<(Cooperative, [usize; 2])>,
    /// Attention by matrix units in place of these, and the buffer of each access.
    pub(crate) flash: Option<(Flash, SmallVec<[u8; 8]>)>,
    /// The same in WGSL.
    pub(crate) mixing: Option<(Mixing, SmallVec<[u8; 8]>)>,
    /// And its gradients.
    pub(crate) unmixing: Option<(Unmixing, SmallVec<[u8; 8]>)>,
    /// Bytes of shared memory that a launch asks for, besides what the text declares.
    pub shared: usize,
    /// Threads of a group.
    pub threads: usize,
    /// Groups that a processor should have registers for at once, where that is worth some care with them.
    pub resident: usize,
    /// Where its numbers stand.
    pub numbers: Numbers,
    /// How many of the launch's buffers are bound.
    pub buffers: usize,
    /// For each bound buffer whether it is written. One more than the launch's is scratch memory.
    pub writes: Vec<bool>,
    /// Whether it may find a wrong index.
    pub faults: bool,
}

impl Shader {
    /// Whether it computes in double precision.
    pub fn has_doubles(&self) -> bool {
        self.code.nodes.iter().any(|(_, ty)| *ty == Ty::F64)
    }
}

/// A kernel of a launch.
pub struct Step {
    /// What it is.
    pub class: Class,
    /// In how many parts the work is split; for a sort, the first of the bits that it is about.
    pub parts: usize,
}

/// A launch as its kernels are written for it.
pub struct Arranged<'a> {
    /// The launch, its dimensions perhaps in another order.
    pub launch: Cow<'a, Launch>,
    /// The kernels that are run, one after the other.
    pub stages: SmallVec<[Step; 3]>,
    /// Bytes of scratch memory that the stages need.
    pub scratch: usize,
}

/// The classes of a launch.
pub fn arranged<'a>(kernel: &Kernel, launch: &'a Launch, machine: &Machine) -> Result<Arranged<'a>> {
    let (launch, outer) = match kernel {
        Kernel::Scatter { .. } => {
            let (launch, outer) = scatter::arranged(launch);
            (Cow::Owned(launch), outer)
        }
        Kernel::Loop { inner: 0, body, .. } => {
            let launch = walk::joined(body, launch);
            let rank = launch.dims.len();
            let outer = if walk::by_rows(body, &launch) { rank - 1 } else { rank };
            (launch, outer)
        }
        _ => (Cow::Borrowed(launch), kernel.outer(launch.dims.len())),
    };
    let accesses = launch.reads.iter().chain(&launch.writes);
    let bindings: SmallVec<[u8; 8]> = accesses.map(|access| access.buffer as u8).collect();
    let rank = launch.dims.len();
    let rows: usize = launch.dims[..outer].iter().product();
    // Each method with its stage: work in parts has two.
    type Methods = SmallVec<[(Stage, Method, usize); 3]>;
    let in_stages = |method: Method, parts: usize, rest: Method| -> Methods {
        match parts {
            1 => smallvec![(Stage::Whole, method, 1)],
            _ => smallvec![(Stage::Parts, method, parts), (Stage::Rest, rest, parts)],
        }
    };
    let (methods, scratch): (Methods, usize) = match kernel {
        Kernel::Loop { inner: 0, body, .. } => {
            let turn = Turn::of(body, &launch).map(Method::Turn);
            let method = turn.unwrap_or_else(|| Method::Walk(Walk::of(outer, body, &launch, machine)));
            (smallvec![(Stage::Whole, method, 1)], 0)
        }
        Kernel::Loop { body, .. } => {
            let walk = Walk::of(outer, body, &launch, machine);
            let parts = walk.parts(outer, body, &launch);
            let rest = Method::Walk(Walk::of_rest(rows, parts, body, machine));
            (in_stages(Method::Walk(walk), parts, rest), walk::scratch(body, rows, parts))
        }
        Kernel::Matmul { batch, dtype, acc, .. } if is_tiled(*acc) => {
            let (cut, parts) = Cut::of(*batch, &launch, machine);
            let rest = Method::Cut(cut.clone());
            let half = machine.cooperative && *dtype == DType::F16;
            match Cooperative::of(*batch, &launch).filter(|_| half) {
                Some((matrices, parts)) => {
                    let matrices = (Stage::Parts, Method::Cooperative(matrices), parts);
                    let rest = (Stage::Rest, rest, parts);
                    (smallvec![matrices, rest], tiles::scratch(*batch, &launch, parts))
                }
                None => (in_stages(Method::Cut(cut), parts, rest), tiles::scratch(*batch, &launch, parts)),
            }
        }
        Kernel::Attention { backward, dtype, mask, causal } => {
            attention::check(*mask, machine)?;
            let mut passes: Methods = Attend::of(*backward, mask.is_some(), &launch)
                .into_iter()
                .map(|pass| (pass.stage, Method::Attend(pass), 1))
                .collect();
            let flash = (machine.ampere && mask.is_none())
                .then(|| Flash::of(*backward, *dtype, *causal, &launch, machine))
                .flatten();
            if let Some(flash) = flash {
                // What comes before the gradients stays.
                passes.truncate(usize::from(*backward));
                let stage = if *backward { Stage::Rest } else { Stage::Whole };
                passes.extend(flash.into_iter().map(|pass| (stage, Method::Flash(pass), 1)));
            }
            if machine.cooperative && *dtype == DType::F16 {
                by_matrices(&mut passes, (*backward, *mask, *causal), &launch, machine.shared_memory);
            }
            (passes, attention::scratch(*backward, &launch))
        }
        Kernel::Scan { dtype, .. } => match scans::parts(*dtype, &launch) {
            Some(parts) if parts > 1 => {
                (in_stages(Method::Columns, parts, Method::Columns), scans::scratch(&launch, parts))
            }
            None if scans::by_group(&launch) => {
                (smallvec![(Stage::Whole, Method::Lines(scans::by_fours(&launch)), 1)], 0)
            }
            _ => (smallvec![(Stage::Whole, Method::Points, 1)], 0),
        },
        Kernel::Sort { dtype, .. } if sorts::by_bits(&launch) => {
            let rounds = sorts::rounds(*dtype, &launch);
            let stage = if rounds.len() == 1 { Stage::Whole } else { Stage::Rest };
            let methods = rounds.into_iter().map(|(round, bit)| (stage, Method::Round(round), bit));
            (methods.collect(), sorts::scratch(&launch))
        }
        Kernel::Scatter { .. } if Listed::of(&launch, outer).is_some() => {
            let passes = Listed::of(&launch, outer).into_iter().flatten();
            let methods = passes.map(|pass| (Stage::Rest, Method::Listed(pass), 1)).collect();
            (methods, Listed::scratch(&launch, outer))
        }
        _ => (smallvec![(Stage::Whole, Method::Points, 1)], 0),
    };
    let step = |(stage, method, parts)| Step {
        class: Class { rank, outer, bindings: bindings.clone(), stage, method },
        parts,
    };
    let stages: SmallVec<[Step; 3]> = methods.into_iter().map(step).collect();
    let scratch = if stages.len() > 1 { scratch } else { 0 };
    Ok(Arranged { launch, stages, scratch })
}

/// Puts attention by matrix units as WGSL has them in the place of its passes, where they can.
fn by_matrices(
    passes: &mut SmallVec<[(Stage, Method, usize); 3]>,
    (backward, mask, causal): (bool, Option<DType>, bool),
    launch: &Launch,
    shared_memory: usize,
) {
    if backward {
        if let Some(gradients) = Unmixing::of(mask, causal, launch, shared_memory) {
            // What comes before them stays.
            passes.truncate(1);
            passes.extend(gradients.map(|pass| (Stage::Rest, Method::Unmixing(pass), 1)));
        }
        return;
    }
    let mixing = Mixing::of(mask, causal, launch).filter(|mixing| mixing.shared() <= shared_memory);
    if let Some(mixing) = mixing {
        *passes = smallvec![(Stage::Whole, Method::Mixing(mixing), 1)];
    }
}

/// How many groups a stage of a launch has.
pub fn groups(kernel: &Kernel, step: &Step, launch: &Launch) -> usize {
    let class = &step.class;
    let parts = if class.stage == Stage::Parts { step.parts } else { 1 };
    let points: usize = launch.dims[..class.outer].iter().product();
    match &class.method {
        Method::Points => points.div_ceil(THREADS),
        Method::Round(round) => sorts::groups(*round, launch),
        Method::Listed(pass) => pass.groups(launch, class.outer),
        Method::Lines(_) => points,
        Method::Columns => (points * step.parts).div_ceil(THREADS),
        Method::Walk(walk) => walk.groups(class.outer, parts, launch),
        Method::Turn(turn) => turn.groups(launch),
        Method::Attend(attend) => attend.groups(launch),
        Method::Flash(flash) => flash.groups(launch),
        Method::Mixing(mixing) => mixing.groups(launch),
        Method::Unmixing(unmixing) => unmixing.groups(launch),
        Method::Cooperative(matrices) => matrices.groups(launch, parts),
        Method::Cut(cut) => {
            let Kernel::Matmul { batch, .. } = kernel else { unreachable!("products are cut") };
            match class.stage {
                Stage::Rest => cut.groups_of_rest(*batch, launch),
                _ => cut.groups(*batch, parts, launch),
            }
        }
    }
}

/// Writes a kernel for launches of a class.
pub fn shader(kernel: &Kernel, class: &Class, launch: &Launch) -> Result<Shader> {
    let numbers = Numbers::of(kernel, class.rank, launch.ints.len());
    let mut code = Code::new();
    let empty = Body::default();
    let row_reads = match kernel {
        Kernel::Loop { row_reads, .. } => &row_reads[..],
        _ => &[],
    };
    let body = kernel.body().unwrap_or(&empty);
    let (lanes, threads) = match &class.method {
        Method::Walk(walk) => (walk.lanes.as_ref(), walk.threads),
        Method::Cut(cut) => (cut.lanes.as_ref(), slices::TILE_THREADS),
        Method::Attend(attend) => (None, attend.threads()),
        Method::Cooperative(matrices) => (None, matrices.threads()),
        Method::Flash(flash) => (None, flash.threads()),
        Method::Mixing(mixing) => (None, mixing.threads()),
        Method::Unmixing(unmixing) => (None, unmixing.threads()),
        Method::Round(_) => (None, sorts::SORTERS),
        Method::Points | Method::Turn(_) | Method::Lines(_) | Method::Columns | Method::Listed(_) => {
            (None, THREADS)
        }
    };
    let buffers = class.bindings.iter().map(|&b| usize::from(b) + 1).max().unwrap_or(0);
    let scope = Scope::new(body, &numbers, row_reads, &class.bindings, buffers, class.outer, lanes);
    match (kernel, &class.method) {
        (Kernel::Loop { .. }, Method::Walk(walk)) => {
            let (outer, inner) = (class.outer, class.rank - class.outer);
            loops::write(&mut code, &scope, outer, inner, walk, class.stage);
        }
        (_, Method::Turn(turn)) => turn.write(&mut code, &scope, threads),
        (Kernel::Matmul { batch, dtype, acc, .. }, method) => {
            let types = Types { operand: *dtype, acc: *acc };
            match method {
                // Its text is the dialect's.
                Method::Cooperative(_) => {}
                Method::Cut(cut) => tiles::write(&mut code, &scope, *batch, types, cut, class.stage),
                _ => matmul::write_simple(&mut code, &scope, *batch, types, threads),
            }
        }
        (Kernel::Conv { kind, spatial, dtype, acc, .. }, _) => {
            conv::write(&mut code, &scope, *kind, *spatial, Types { operand: *dtype, acc: *acc }, threads);
        }
        (Kernel::Scan { op, dtype }, method) => {
            let fours = *method == Method::Lines(true);
            let scan = scans::Scan { scope: &scope, op: *op, dtype: *dtype, fours };
            match method {
                Method::Lines(_) => scan.write_by_group(&mut code, threads),
                Method::Columns => scan.write_parts(&mut code, class.stage, threads),
                _ => scan.write(&mut code, threads),
            }
        }
        (Kernel::Sort { descending, dtype }, method) => {
            let sort = sorts::Sort { scope: &scope, descending: *descending, dtype: *dtype };
            match method {
                Method::Round(round) => sort.write_round(&mut code, *round),
                _ => sort.write(&mut code, threads),
            }
        }
        (Kernel::Scatter { op, dtype, indices }, method) => {
            let (op, dtype, indices, outer) = (*op, *dtype, *indices, class.outer);
            match method {
                Method::Listed(pass) => {
                    Lists { scope: &scope, op, dtype, indices, outer }.write(&mut code, *pass, threads);
                }
                _ => scatter::write(&mut code, &scope, op, dtype, indices, outer, threads),
            }
        }
        (Kernel::Attention { dtype, mask, causal, .. }, Method::Attend(attend)) => {
            let types = Types { operand: *dtype, acc: dtype.compute() };
            attend.write(&mut code, &scope, types, *mask, *causal);
        }
        // Its text is the dialect's.
        (Kernel::Attention { .. }, Method::Flash(_) | Method::Mixing(_) | Method::Unmixing(_)) => {}
        (Kernel::Loop { .. } | Kernel::Attention { .. }, method) => {
            unreachable!("{method:?} of another kind")
        }
    }
    let (body, code) = code.finish();
    let mut writes = vec![false; buffers + usize::from(class.stage != Stage::Whole)];
    body.iter().for_each(|stmt| {
        stmt.each(&mut |stmt| {
            if let Stmt::Store(buffer, ..) | Stmt::StoreFour(buffer, ..) = stmt {
                writes[*buffer] = true;
            }
        });
    });
    let matrices = match &class.method {
        Method::Cooperative(matrices) => {
            writes[buffers] = true;
            Some((matrices.clone(), [0, 1].map(|operand| usize::from(class.bindings[operand]))))
        }
        _ => None,
    };
    if let Method::Flash(_) | Method::Mixing(_) | Method::Unmixing(_) = &class.method {
        let written = (0..).map(|i| numbers.write(i)).take_while(|&i| i < class.bindings.len());
        written.for_each(|i| writes[usize::from(class.bindings[i])] = true);
    }
    let flash = match &class.method {
        Method::Flash(flash) => Some((flash.clone(), class.bindings.clone())),
        _ => None,
    };
    let mixing = match &class.method {
        Method::Mixing(mixing) => Some((mixing.clone(), class.bindings.clone())),
        _ => None,
    };
    let unmixing = match &class.method {
        Method::Unmixing(unmixing) => Some((unmixing.clone(), class.bindings.clone())),
        _ => None,
    };
    let shared = flash.as_ref().map_or(0, |(flash, _)| flash.shared());
    let resident = match &class.method {
        Method::Walk(walk) => walk.resident(kernel.body().unwrap_or(&empty)),
        _ => 1,
    };
    let faults = code.nodes.iter().any(|(node, _)| matches!(node, Node::Wrapped(..)));
    Ok(Shader {
        code,
        body,
        matrices,
        flash,
        mixing,
        unmixing,
        shared,
        threads,
        resident,
        numbers,
        buffers,
        writes,
        faults,
    })
}
