//! Small kernels over the same points that become one: a GPU takes about a microsecond from one to the next.
//!
//! What is left of the sums that one kernel makes ([`columns`](super::columns)) is done together, with the optimizer's steps that
//! follow. So are casts of weights, some at a time, and the biases that products want as narrow as their operands: each was rounded
//! where it was added, for which libraries' products take another kernel.

use super::access::Space;
use super::group::{Anchor, FEW, Group, GroupId, Stored, reaches};
use super::item::{Item, ItemId};
use super::lower::{Lowered, Work};
use st_kernel::view::{Dims, Strides, contiguous_strides};
use st_kernel::{Access, Body, DType, Inst, Kernel, Launch, Store, Val};

/// Has one kernel of loops do what another one does over as many points, with at most so many buffers, if neither waits for the
/// other; whether it does.
pub(super) fn unite(
    groups: &mut [Group],
    lowered: &mut [Option<Lowered>],
    into: GroupId,
    from: GroupId,
    most: usize,
) -> bool {
    let (Some(a), Some(b)) = (&lowered[into], &lowered[from]) else { return false };
    let (Work::Kernel(Kernel::Loop { outer, .. }), Work::Kernel(Kernel::Loop { outer: other, .. })) =
        (&a.work, &b.work)
    else {
        return false;
    };
    let waits = |a, b| reaches(groups.len(), |g| &groups[g].waits_for, a, b);
    let fits = outer == other
        && a.launch.dims == b.launch.dims
        && a.buffers.len() + b.buffers.len() <= most
        && groups[into].base.is_none()
        && groups[from].base.is_none()
        && !waits(into, from)
        && !waits(from, into);
    if fits {
        let work = lowered[from].take().expect("it is there");
        append(lowered[into].as_mut().expect("it is there"), work);
        let old = std::mem::replace(&mut groups[from], Group::new(Anchor::Loop, Space::new(&[])));
        let group = &mut groups[into];
        group.stores.extend(old.stores);
        group.members.extend(old.members);
        group.waits_for.extend(old.waits_for);
        for wait in groups.iter_mut().flat_map(|group| &mut group.waits_for).filter(|wait| **wait == from) {
            *wait = into;
        }
        groups.iter_mut().for_each(|group| once_each(&mut group.waits_for));
    }
    fits
}

fn once_each(waits_for: &mut Vec<GroupId>) {
    waits_for.sort_unstable();
    waits_for.dedup();
}

/// Writes a kernel's work behind another one's.
fn append(into: &mut Lowered, from: Lowered) {
    let Lowered { work: Work::Kernel(Kernel::Loop { row_reads, body, .. }), launch, buffers, params } = from
    else {
        unreachable!("they are loops")
    };
    let Work::Kernel(Kernel::Loop { row_reads: known, body: all, .. }) = &mut into.work else {
        unreachable!("they are loops")
    };
    let (insts, first) = (all.insts.len() as u32, into.buffers.len() as u32);
    let (reads, numbers) = (all.reads.len() as u16, all.params.len() as u16);
    let value = |v: Val| Val(v.0 + insts);
    all.insts.extend(body.insts.into_iter().map(|(inst, dtype)| {
        let inst = match inst.map(value) {
            Inst::Load(read) => Inst::Load(read + reads),
            Inst::Gather(read, index) => Inst::Gather(read + reads, index),
            Inst::Param(at) => Inst::Param(at + numbers),
            other => other,
        };
        (inst, dtype)
    }));
    all.stores.extend(body.stores.into_iter().map(|s| Store { value: value(s.value), ..s }));
    all.reads.extend(body.reads);
    all.params.extend(body.params);
    known.extend(row_reads);
    let moved = |access: Access| Access { buffer: access.buffer + first, ..access };
    into.launch.reads.extend(launch.reads.into_iter().map(moved));
    into.launch.writes.extend(launch.writes.into_iter().map(moved));
    into.buffers.extend(buffers);
    into.params.extend(params);
    into.compact();
}

/// Casts of large memory that one kernel does: what is cast early takes memory meanwhile.
const CASTS: usize = 4;

/// Has casts of what is in memory before the run done together that are of as many elements.
pub(super) fn unite_casts(groups: &mut [Group], lowered: &mut [Option<Lowered>], most: usize) {
    let is_cast = |work: &Lowered| match &work.work {
        Work::Kernel(Kernel::Loop { inner: 0, body, .. }) => {
            matches!(body.insts[..], [(Inst::Load(_), _), (Inst::Cast(_), _)])
        }
        _ => false,
    };
    let ready = |g: &GroupId| groups[*g].waits_for.is_empty() && lowered[*g].as_ref().is_some_and(is_cast);
    let mut casts: Vec<GroupId> = (0..groups.len()).filter(ready).collect();
    casts.sort_by_key(|&g| groups[g].stores[0].item);
    let mut open: Vec<(GroupId, usize)> = Vec::new();
    for g in casts {
        let points: usize = lowered[g].iter().flat_map(|work| &work.launch.dims).product();
        let limit = if points <= FEW { most } else { CASTS };
        let takes = |&&mut (into, count): &&mut (GroupId, usize)| {
            count < limit && unite(groups, lowered, into, g, most)
        };
        match open.iter_mut().find(takes) {
            Some((_, count)) => *count += 1,
            None => open.push((g, 1)),
        }
    }
}

/// Has biases that products round rounded before.
pub(super) fn round_biases(
    items: &mut Vec<Item>,
    groups: &mut Vec<Group>,
    lowered: &mut Vec<Option<Lowered>>,
) {
    for g in 0..groups.len() {
        let Some(bias) = lowered[g].as_ref().and_then(|work| Bias::of(work, items)) else { continue };
        let rounding = bias.take(lowered[g].as_mut().expect("a product"), items);
        let [from, item] = [0, 1].map(|i| rounding.buffers[i].0);
        let mut group = Group::new(Anchor::Loop, Space::new(&rounding.launch.dims));
        group.stores.push(Stored { item, access: 0, into: item });
        let is_cast = |&m: &ItemId| matches!(&items[m].operands[..], [operand] if operand.item == from);
        if let Some(at) = groups[g].members.iter().position(is_cast) {
            group.members.push(groups[g].members.remove(at));
        }
        let own = groups.len();
        groups[g].waits_for.push(own);
        groups.push(group);
        lowered.push(Some(rounding));
    }
}

/// A bias that a product rounds to its operands' dtype.
struct Bias {
    read: usize,
    /// The instruction that rounds it, and the one that reads it.
    cast: Val,
    load: Val,
    dtype: DType,
    column: usize,
}

impl Bias {
    /// The first one of a product whose bias is memory that it reads only so.
    fn of(work: &Lowered, items: &[Item]) -> Option<Bias> {
        let Work::Kernel(Kernel::Matmul { batch, dtype, body, .. }) = &work.work else { return None };
        let launch = &work.launch;
        body.insts.iter().enumerate().find_map(|(cast, &(ref inst, to))| {
            let Inst::Cast(load) = *inst else { return None };
            let (Inst::Load(read), from) = body.insts[load.at()] else { return None };
            let (read, column) = (usize::from(read), batch + 1);
            let access = &launch.reads[read];
            let by_column = access.strides.iter().enumerate().all(|(d, &step)| (step != 0) == (d == column));
            let narrows = to == *dtype && from.is_float() && from.size() > to.size();
            let touching = launch.reads.iter().chain(&launch.writes).filter(|a| a.buffer == access.buffer);
            let is_only = touching.count() == 1 && users(body, load) == 1;
            let is_there = items[work.buffers[access.buffer as usize].0].is_memory();
            (narrows && by_column && is_only && is_there).then_some(Bias {
                read,
                cast: Val(cast as u32),
                load,
                dtype: to,
                column,
            })
        })
    }

    /// Takes the rounding out of a product, which reads what the kernel makes that is given back.
    fn take(&self, work: &mut Lowered, items: &mut Vec<Item>) -> Lowered {
        let Work::Kernel(Kernel::Matmul { body, .. }) = &mut work.work else { unreachable!("a product") };
        let from = std::mem::replace(&mut body.reads[self.read], self.dtype);
        body.insts[self.load.at()].1 = self.dtype;
        body.insts.remove(self.cast.at());
        let renamed = |v: Val| match v {
            v if v == self.cast => self.load,
            Val(at) if at > self.cast.0 => Val(at - 1),
            v => v,
        };
        body.insts.iter_mut().for_each(|(inst, _)| *inst = inst.map(renamed));
        body.stores.iter_mut().for_each(|s| s.value = renamed(s.value));
        let columns = Dims::from_slice(&work.launch.dims[self.column..=self.column]);
        let access = &mut work.launch.reads[self.read];
        let step = std::mem::replace(&mut access.strides[self.column], 1);
        let offset = std::mem::take(&mut access.offset);
        let bias = work.buffers[access.buffer as usize];
        items.push(Item::passing(&columns, self.dtype, items[bias.0].device));
        let rounded = (items.len() - 1, 0);
        work.buffers[access.buffer as usize] = rounded;
        let line = |buffer, offset, strides| Access { buffer, offset, strides, gather: Vec::new() };
        let body = Body {
            insts: vec![(Inst::Load(0), from), (Inst::Cast(Val(0)), self.dtype)],
            reads: vec![from],
            params: Vec::new(),
            stores: vec![Store { value: Val(1), per_row: false }],
        };
        let launch = Launch {
            reads: vec![line(0, offset, Strides::from_slice(&[step]))],
            writes: vec![line(1, 0, contiguous_strides(&columns))],
            dims: columns,
            ints: Vec::new(),
        };
        let kernel = Kernel::Loop { outer: 1, inner: 0, row_reads: vec![false], body };
        Lowered { work: Work::Kernel(kernel), launch, buffers: vec![bias, rounded], params: Vec::new() }
    }
}

/// How many instructions and stores use a value.
fn users(body: &Body, v: Val) -> usize {
    let mut count = body.stores.iter().filter(|s| s.value == v).count();
    body.insts.iter().for_each(|(inst, _)| inst.operands(|operand| count += usize::from(operand == v)));
    count
}
