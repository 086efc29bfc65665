//! Columns that are summed by the kernel that walks the rows.
//!
//! A norm's gradient walks rows. The gradients of its weight and bias, and of the bias of the product before it, are sums down
//! the columns of what that kernel reads or makes. It leaves these sums for each block of its rows, and their kernels only join
//! them: nothing is read again, and what only they wanted is not stored.

use super::beside::unite;
use super::group::{Group, GroupId, Stored, reaches};
use super::item::{Item, ItemId};
use super::lower::{Lowered, Param, Value, Work};
use super::snapshot::Standing;
use smallvec::SmallVec;
use st_kernel::render::folds::Fold;
use st_kernel::view::{Dims, Strides};
use st_kernel::{Access, Body, DType, Inst, Kernel, Launch, ReduceOp, Store, Val};
use std::ops::RangeInclusive;

/// Blocks that keep a GPU busy, about; and rows of one, so that their sums are much less than the rows.
const BLOCKS: usize = 1 << 10;
const ROWS: usize = 4;
/// Columns whose sums a group's threads can hold.
const COLUMNS: RangeInclusive<usize> = 64..=4096;

/// Lets kernels that walk rows sum down columns for those that would only read the same again.
pub(super) fn join(
    items: &mut Vec<Item>,
    groups: &mut [Group],
    lowered: &mut [Option<Lowered>],
    most: usize,
) {
    for a in 0..groups.len() {
        let Some(mut rows) = lowered[a].as_ref().and_then(Rows::of) else { continue };
        let old = lowered[a].take().expect("it was lowered");
        let (mut made, mut rests): (Vec<ItemId>, Vec<GroupId>) = (Vec::new(), Vec::new());
        for b in 0..groups.len() {
            let Some(columns) = lowered[b].as_mut().filter(|work| rows.meets(work)) else { continue };
            if reaches(groups.len(), |g| &groups[g].waits_for, a, b) {
                continue;
            }
            let Some(fold) = rows.take(&old, columns) else { continue };
            let sums: Vec<ItemId> =
                fold.left.iter().map(|&dtype| rows.partial(items, groups, b, dtype)).collect();
            columns.launch = fold.rest(&columns.launch, rows.blocks(), columns.buffers.len());
            columns.work = Work::Kernel(fold.rest);
            columns.buffers.extend(sums.iter().map(|&item| (item, 0)));
            columns.compact();
            if !groups[b].waits_for.contains(&a) {
                groups[b].waits_for.push(a);
            }
            made.extend(sums);
            rests.push(b);
        }
        let access = groups[a].stores[0].access;
        groups[a].stores.extend(made.iter().map(|&item| Stored { item, access, into: item }));
        lowered[a] = Some(if made.is_empty() { old } else { rows.finish(old, &made) });
        if !made.is_empty() {
            drop_unread(items, groups, lowered, a);
        }
        if let [first, others @ ..] = &rests[..] {
            others.iter().for_each(|&b| _ = unite(groups, lowered, *first, b, most));
        }
    }
}

/// A kernel that walks rows, with what else it is to sum.
struct Rows {
    body: Body,
    params: Vec<Param>,
    rows: usize,
    columns: usize,
    /// Rows of a block.
    each: usize,
}

impl Rows {
    /// A kernel over enough rows that no point's place matters to.
    fn of(work: &Lowered) -> Option<Rows> {
        let Work::Kernel(Kernel::Loop { outer: 1, inner: 1, body, .. }) = &work.work else { return None };
        let &[rows, columns] = &work.launch.dims[..] else { return None };
        let each = (ROWS..=rows / BLOCKS).rev().find(|&each| rows.is_multiple_of(each))?;
        let any = |is: fn(&Inst) -> bool| body.insts.iter().any(|(inst, _)| is(inst));
        let fits = COLUMNS.contains(&columns)
            && any(|inst| matches!(inst, Inst::Reduce(..)))
            && !any(|inst| matches!(inst, Inst::Coord(_)));
        fits.then(|| Rows { body: body.clone(), params: work.params.clone(), rows, columns, each })
    }

    fn blocks(&self) -> usize {
        self.rows / self.each
    }

    /// Whether another kernel walks the same points down their columns.
    fn meets(&self, work: &Lowered) -> bool {
        work.launch.dims[..] == [self.columns, self.rows]
    }

    /// Takes over what another kernel sums, if that only reads what is here: how the rest of it is done.
    fn take(&mut self, old: &Lowered, columns: &Lowered) -> Option<Fold> {
        let Work::Kernel(kernel @ Kernel::Loop { outer: 1, inner: 1, body, .. }) = &columns.work else {
            return None;
        };
        let fold = Fold::of(kernel).filter(Fold::only_sums)?;
        let (insts, params) = (self.body.insts.len(), self.params.len());
        let sums = self.write(old, columns, body);
        if sums.is_none() {
            self.body.insts.truncate(insts);
            self.body.params.truncate(params);
            self.params.truncate(params);
        }
        self.body.stores.extend(sums?.into_iter().map(|value| Store { value, per_row: false }));
        Some(fold)
    }

    /// Writes what another body sums behind this one's.
    fn write(&mut self, old: &Lowered, columns: &Lowered, body: &Body) -> Option<Vec<Val>> {
        let mut needed = vec![false; body.insts.len()];
        for (i, (inst, _)) in body.insts.iter().enumerate().rev() {
            if needed[i] || matches!(inst, Inst::Reduce(..)) {
                inst.operands(|v| needed[v.at()] = true);
            }
        }
        let mut known = vec![Val::NONE; body.insts.len()];
        let mut sums = Vec::new();
        for (i, (inst, dtype)) in body.insts.iter().enumerate() {
            match inst {
                Inst::Reduce(ReduceOp::Sum, value) if *dtype == DType::F32 && !needed[i] => {
                    sums.push(self.inst(Inst::Down(known[value.at()]), *dtype));
                }
                Inst::Reduce(..) => return None,
                _ if !needed[i] => {}
                Inst::Load(read) => known[i] = self.seen(old, columns, usize::from(*read), *dtype)?,
                Inst::Param(at) => known[i] = self.param(columns.params[usize::from(*at)], *dtype),
                Inst::Const(_) | Inst::Call(..) | Inst::Cast(_) => {
                    known[i] = self.inst(inst.map(|v| known[v.at()]), *dtype);
                }
                _ => return None,
            }
        }
        Some(sums)
    }

    /// What another kernel reads down the columns and this one reads or stores along the rows.
    fn seen(&mut self, old: &Lowered, columns: &Lowered, read: usize, dtype: DType) -> Option<Val> {
        let read = &columns.launch.reads[read];
        let turned: SmallVec<[isize; 2]> = read.strides.iter().rev().copied().collect();
        let same = |a: &Access| {
            old.buffers[a.buffer as usize] == columns.buffers[read.buffer as usize]
                && a.offset == read.offset
                && a.strides[..] == turned[..]
                && a.gather.is_empty()
                && read.gather.is_empty()
        };
        if let Some(i) = old.launch.reads.iter().position(same) {
            return Some(self.inst(Inst::Load(i as u16), dtype));
        }
        let store = &self.body.stores[old.launch.writes.iter().position(same)?];
        (!store.per_row && self.body.insts[store.value.at()].1 == dtype).then_some(store.value)
    }

    fn param(&mut self, param: Param, dtype: DType) -> Val {
        let at = self.params.iter().position(|p| *p == param).unwrap_or_else(|| {
            self.params.push(param);
            self.body.params.push(dtype);
            self.params.len() - 1
        });
        self.inst(Inst::Param(at as u16), dtype)
    }

    fn inst(&mut self, inst: Inst, dtype: DType) -> Val {
        let insts = &mut self.body.insts;
        let at = insts.iter().position(|known| *known == (inst.clone(), dtype)).unwrap_or_else(|| {
            insts.push((inst, dtype));
            insts.len() - 1
        });
        Val(at as u32)
    }

    /// A value for the sums of each block.
    fn partial(&self, items: &mut Vec<Item>, groups: &[Group], of: GroupId, dtype: DType) -> ItemId {
        let device = items[groups[of].stores[0].item].device;
        items.push(Item::passing(&[self.blocks(), self.columns], dtype, device));
        items.len() - 1
    }

    /// The kernel block by block, with the sums that it makes.
    fn finish(self, old: Lowered, made: &[ItemId]) -> Lowered {
        let Work::Kernel(Kernel::Loop { row_reads, .. }) = old.work else { unreachable!("it walks rows") };
        let Rows { body, params, rows, columns, each } = self;
        let split = |a: Access| Access {
            strides: Strides::from_slice(&[a.strides[0] * each as isize, a.strides[0], a.strides[1]]),
            ..a
        };
        let mut buffers = old.buffers;
        let sums = (buffers.len()..).take(made.len()).map(|buffer| Access {
            buffer: buffer as u32,
            offset: 0,
            strides: Strides::from_slice(&[columns as isize, 0, 1]),
            gather: Vec::new(),
        });
        let launch = Launch {
            dims: Dims::from_slice(&[rows / each, each, columns]),
            reads: old.launch.reads.into_iter().map(split).collect(),
            writes: old.launch.writes.into_iter().map(split).chain(sums).collect(),
            ints: old.launch.ints,
        };
        buffers.extend(made.iter().map(|&item| (item, 0)));
        Lowered {
            work: Work::Kernel(Kernel::Loop { outer: 2, inner: 1, row_reads, body }),
            launch,
            buffers,
            params,
        }
    }
}

/// Strikes off what a kernel stores and nobody reads any more.
fn drop_unread(items: &[Item], groups: &mut [Group], lowered: &mut [Option<Lowered>], a: GroupId) {
    let is_read = |value: Value| {
        let others = || (0..groups.len()).filter(|&g| g != a);
        others().any(|g| lowered[g].iter().any(|work| work.buffers.contains(&value)))
            || groups.iter().any(|g| g.base.is_some_and(|(base, result)| base == value || result == value.0))
            || others().any(|g| groups[g].stores.iter().any(|s| s.into == value.0))
    };
    let is_kept =
        |s: &Stored| s.into != s.item || items[s.item].standing != Standing::Passing || is_read((s.item, 0));
    let kept: Vec<bool> = groups[a].stores.iter().map(is_kept).collect();
    let work = lowered[a].as_mut().expect("it was lowered");
    let Work::Kernel(Kernel::Loop { body, .. }) = &mut work.work else { unreachable!("it walks rows") };
    let mut each = kept.iter();
    groups[a].stores.retain(|_| *each.next().expect("one for each"));
    let mut each = kept.iter();
    body.stores.retain(|_| *each.next().expect("one for each"));
    let mut each = kept.iter();
    work.launch.writes.retain(|_| *each.next().expect("one for each"));
    work.compact();
}
