//! Reductions whose inner points are walked in several launches, where one would see too much memory: each leaves its results in
//! memory of their own, and another kernel joins these.

use super::loops::levels;
use super::walk::is_simple;
use crate::device::{Access, Launch};
use crate::dtype::DType;
use crate::expr::{Inst, Val};
use crate::kernel::{Body, Kernel, ReduceOp, Store};
use crate::view::{Dims, Strides, contiguous_strides};
use std::collections::HashMap;

/// Such a reduction.
pub struct Fold {
    /// Reduces a part of the inner points.
    pub part: Kernel,
    /// Joins the parts, and stores what waits for them.
    pub rest: Kernel,
    /// Dtypes of the results that a part leaves.
    pub left: Vec<DType>,
    outer: usize,
    /// The stores that a part does, those of the rest, and the reads of the rest.
    in_part: Vec<usize>,
    in_rest: Vec<usize>,
    read: Vec<usize>,
}

/// Most parts.
const MANY: usize = 4096;
/// Parts begin at multiples of this, so that what lies by fours still does.
const GRAIN: usize = 64;

impl Fold {
    /// A kernel as such; `None` if it is none that is walked once, or asks where something was found.
    pub fn of(kernel: &Kernel) -> Option<Fold> {
        let Kernel::Loop { outer, inner: inner @ 1.., row_reads, body } = kernel else { return None };
        let joins =
            |(inst, _): &(Inst, DType)| !matches!(inst, Inst::Reduce(ReduceOp::ArgMax | ReduceOp::ArgMin, _));
        if !is_simple(body) || !body.insts.iter().all(joins) {
            return None;
        }
        let levels = levels(body);
        let (in_part, in_rest): (Vec<usize>, Vec<usize>) =
            (0..body.stores.len()).partition(|&i| levels[body.stores[i].value.at()] == 0);
        let reduced = |at: &usize| matches!(body.insts[*at].0, Inst::Reduce(..));
        let reduced: Vec<usize> = (0..body.insts.len()).filter(reduced).collect();
        let mut part = body.clone();
        part.stores = in_part.iter().map(|&i| body.stores[i].clone()).collect();
        part.stores.extend(reduced.iter().map(|&at| Store { value: Val(at as u32), per_row: true }));
        let (rest, read) = after(body, &in_rest, &reduced);
        Some(Fold {
            part: Kernel::Loop { outer: *outer, inner: *inner, row_reads: row_reads.clone(), body: part },
            rest: Kernel::Loop {
                outer: *outer,
                inner: 1,
                row_reads: (0..rest.reads.len()).map(|i| i < read.len()).collect(),
                body: rest,
            },
            left: reduced.iter().map(|&at| body.insts[at].1).collect(),
            outer: *outer,
            in_part,
            in_rest,
            read,
        })
    }

    /// Whether a part stores nothing but its results.
    pub fn only_sums(&self) -> bool {
        self.in_part.is_empty()
    }

    /// Along which dimension and after how many points of it a launch of so many buffers is cut, so that its parts run.
    pub fn cut(
        &self,
        launch: &Launch,
        buffers: usize,
        runs: impl Fn(&Launch, &Dims) -> bool,
    ) -> Option<(usize, usize)> {
        let reach = |&d: &usize| {
            let far = |a: &Access| a.strides[d].unsigned_abs() * (launch.dims[d] - 1);
            (launch.reads.iter().map(far).max(), std::cmp::Reverse(d))
        };
        let dim = (self.outer..launch.dims.len()).max_by_key(reach)?;
        let size = launch.dims[dim];
        let steps = (1..).map(|i| 1 << i).take_while(|&parts| parts <= size.min(MANY));
        steps
            .map(|parts| {
                let step = size.div_ceil(parts);
                if step < GRAIN { step } else { step.next_multiple_of(GRAIN) }
            })
            .map(|step| (dim, step))
            .find(|&cut| {
                let (launch, first) = self.part(launch, cut, 0, buffers);
                runs(&launch, &first)
            })
    }

    /// How many parts a launch is cut into.
    pub fn parts(launch: &Launch, (dim, step): (usize, usize)) -> usize {
        launch.dims[dim].div_ceil(step)
    }

    /// How many elements each of the results has that the parts leave.
    pub fn len(&self, launch: &Launch, cut: (usize, usize)) -> usize {
        launch.dims[..self.outer].iter().product::<usize>() * Fold::parts(launch, cut)
    }

    /// The launch of a part, whose results are the buffers from number `left` on, and its first point.
    pub fn part(
        &self,
        launch: &Launch,
        (dim, step): (usize, usize),
        part: usize,
        left: usize,
    ) -> (Launch, Dims) {
        let mut first = Dims::from_elem(0, launch.dims.len());
        first[dim] = part * step;
        let mut dims = launch.dims.clone();
        dims[dim] = step.min(launch.dims[dim] - first[dim]);
        let begun =
            |a: &Access| Access { offset: a.offset + first[dim] as isize * a.strides[dim], ..a.clone() };
        let rows: usize = dims[..self.outer].iter().product();
        let mut strides = contiguous_strides(&dims[..self.outer]);
        strides.resize(dims.len(), 0);
        let results = (0..self.left.len()).map(|i| Access {
            buffer: (left + i) as u32,
            offset: (part * rows) as isize,
            strides: strides.clone(),
            gather: Vec::new(),
        });
        let launch = Launch {
            reads: launch.reads.iter().map(begun).collect(),
            writes: self.in_part.iter().map(|&i| begun(&launch.writes[i])).chain(results).collect(),
            ints: launch.ints.clone(),
            dims,
        };
        (launch, first)
    }

    /// The launch that joins so many parts.
    pub fn rest(&self, launch: &Launch, parts: usize, left: usize) -> Launch {
        let outer = &launch.dims[..self.outer];
        let with =
            |strides: &[isize], last: isize| -> Strides { strides.iter().copied().chain([last]).collect() };
        let row = |a: &Access| Access { strides: with(&a.strides[..self.outer], 0), ..a.clone() };
        let rows = outer.iter().product::<usize>() as isize;
        let results = (0..self.left.len()).map(|i| Access {
            buffer: (left + i) as u32,
            offset: 0,
            strides: with(&contiguous_strides(outer), rows),
            gather: Vec::new(),
        });
        Launch {
            dims: outer.iter().copied().chain([parts]).collect(),
            reads: self.read.iter().map(|&i| row(&launch.reads[i])).chain(results).collect(),
            writes: self.in_rest.iter().map(|&i| row(&launch.writes[i])).collect(),
            ints: launch.ints.clone(),
        }
    }
}

/// What is left of a body once its reductions are done, whose results are read after everything else; and what else it reads.
fn after(body: &Body, stores: &[usize], reduced: &[usize]) -> (Body, Vec<usize>) {
    let mut live = vec![false; body.insts.len()];
    stores.iter().for_each(|&i| live[body.stores[i].value.at()] = true);
    for (at, (inst, _)) in body.insts.iter().enumerate().rev() {
        if live[at] && !matches!(inst, Inst::Reduce(..)) {
            inst.operands(|v| live[v.at()] = true);
        }
    }
    let is_read = |read: &usize| {
        let reads =
            |inst: &Inst| matches!(inst, Inst::Load(i) | Inst::Gather(i, _) if usize::from(*i) == *read);
        body.insts.iter().zip(&live).any(|((inst, _), &live)| live && reads(inst))
    };
    let read: Vec<usize> = (0..body.reads.len()).filter(is_read).collect();
    let number = |old: u16| read.iter().position(|&r| r == usize::from(old)).expect("it is read") as u16;
    let mut renamed: HashMap<Val, Val> = HashMap::new();
    let mut insts: Vec<(Inst, DType)> = Vec::new();
    for (at, (inst, dtype)) in body.insts.iter().enumerate().filter(|(at, _)| live[*at]) {
        let inst = match inst {
            Inst::Reduce(op, _) => {
                let result = reduced.iter().position(|&r| r == at).expect("it is one of them");
                insts.push((Inst::Load((read.len() + result) as u16), *dtype));
                Inst::Reduce(*op, Val(insts.len() as u32 - 1))
            }
            Inst::Load(i) => Inst::Load(number(*i)),
            Inst::Gather(i, index) => Inst::Gather(number(*i), index.iter().map(|v| renamed[v]).collect()),
            other => other.map(|v| renamed[&v]),
        };
        insts.push((inst, *dtype));
        renamed.insert(Val(at as u32), Val(insts.len() as u32 - 1));
    }
    let stored = |&i: &usize| Store { value: renamed[&body.stores[i].value], per_row: true };
    let dtypes = read.iter().map(|&i| body.reads[i]).chain(reduced.iter().map(|&at| body.insts[at].1));
    let rest = Body {
        stores: stores.iter().map(stored).collect(),
        reads: dtypes.collect(),
        params: body.params.clone(),
        insts,
    };
    (rest, read)
}
