//! What attention makes and is only copied to its place is made there.
//!
//! Its results are mostly wanted with the heads side by side, for a projection. If nobody else sees them, they are made in that
//! order, and whoever reads the copy reads them.
//!
//! Queries, keys and values are mostly three views of one projection, whose gradient is put together of theirs by three
//! writes into new memory. If nobody else reads them, attention's kernel writes into that memory itself.

use super::group::{Anchor, Group, GroupId};
use super::item::{Item, ItemId};
use super::lower::{Lowered, Value, Work};
use super::snapshot::Standing;
use crate::graph::Op;
use smallvec::SmallVec;
use st_kernel::view::Strides;
use st_kernel::{Access, Inst, Kernel};

/// Has attention write its results and gradients where they are wanted.
pub(super) fn place(items: &mut [Item], groups: &mut [Group], lowered: &mut [Option<Lowered>]) {
    for a in 0..groups.len() {
        let Anchor::Alone(item) = groups[a].anchor else { continue };
        let Op::Attention { backward, .. } = items[item].op else { continue };
        if !backward {
            let found = Turned::of(items, groups, lowered, a, item);
            found.into_iter().for_each(|found| found.apply(items, lowered, item));
            continue;
        }
        let Some(found) = Placed::of(items, groups, lowered, a, item) else { continue };
        let work = lowered[a].as_mut().expect("its copies read it");
        let into = work.buffers.len() - usize::from(items[item].outputs());
        work.buffers.truncate(into);
        work.buffers.push((found.base, 0));
        work.launch.writes = found.writes;
        work.launch.writes.iter_mut().for_each(|write| write.buffer = into as u32);
        groups[a].waits_for.push(found.maker);
        items[item].is_elsewhere = true;
        found.copies.into_iter().for_each(|copy| lowered[copy] = None);
    }
}

/// Results in the order of a copy of them.
struct Turned {
    copy: GroupId,
    copied: ItemId,
    /// The accesses of the results, as the kernels have them that make and read them.
    writes: (GroupId, Access),
    reads: Vec<(GroupId, usize, Access)>,
}

impl Turned {
    fn of(
        items: &[Item],
        groups: &[Group],
        lowered: &[Option<Lowered>],
        a: GroupId,
        item: ItemId,
    ) -> Option<Turned> {
        let (work, value) = (lowered[a].as_ref()?, (item, 0));
        let passing = |item: ItemId| items[item].standing == Standing::Passing;
        let as_copied = |copy: GroupId, access: &Access, of: &Lowered| {
            let turned = moved(lowered[copy].as_ref()?, value, access, &of.launch.dims)?;
            Some(Access { buffer: access.buffer, ..turned })
        };
        let (copy, write) =
            (0..groups.len()).find_map(|g| Some((g, as_copied(g, &work.launch.writes[0], work)?)))?;
        let [stored] = &groups[copy].stores[..] else { return None };
        let copied = stored.item;
        let alone = |(id, group): (GroupId, &Group)| {
            let into = group.stores.iter().any(|s| s.into == copied) && id != copy;
            !into && group.base.is_none_or(|(base, _)| base.0 != copied && base.0 != item)
        };
        let is_all = write.offset == 0 && items[copied].numel() == items[item].numel();
        if !passing(item) || !passing(copied) || !is_all || !groups.iter().enumerate().all(alone) {
            return None;
        }
        let mut reads = Vec::new();
        for (g, of) in lowered.iter().enumerate().filter(|&(g, _)| g != a && g != copy) {
            let Some(of) = of else { continue };
            let Some(buffer) = of.buffers.iter().position(|v| *v == value) else { continue };
            if !matches!(of.work, Work::Kernel(Kernel::Attention { .. })) || of.buffers.contains(&(copied, 0))
            {
                return None;
            }
            for (i, read) in of.launch.reads.iter().enumerate().filter(|(_, r)| r.buffer as usize == buffer) {
                reads.push((g, i, as_copied(copy, read, of)?));
            }
        }
        Some(Turned { copy, copied, writes: (a, write), reads })
    }

    fn apply(self, items: &mut [Item], lowered: &mut [Option<Lowered>], item: ItemId) {
        lowered[self.copy] = None;
        items[self.copied].is_elsewhere = true;
        let (a, write) = self.writes;
        lowered[a].iter_mut().for_each(|work| work.launch.writes[0] = write.clone());
        for (g, i, read) in self.reads {
            lowered[g].iter_mut().for_each(|work| work.launch.reads[i] = read.clone());
        }
        for value in lowered.iter_mut().flatten().flat_map(|work| &mut work.buffers) {
            if *value == (self.copied, 0) {
                *value = (item, 0);
            }
        }
    }
}

/// Where gradients go.
struct Placed {
    /// The memory that the copies write into, and the group that makes it.
    base: ItemId,
    maker: GroupId,
    copies: SmallVec<[GroupId; 3]>,
    writes: Vec<Access>,
}

impl Placed {
    fn of(
        items: &[Item],
        groups: &[Group],
        lowered: &[Option<Lowered>],
        a: GroupId,
        item: ItemId,
    ) -> Option<Placed> {
        let work = lowered[a].as_ref()?;
        let passing = |item: ItemId| items[item].standing == Standing::Passing;
        let users = |item: ItemId| -> SmallVec<[GroupId; 3]> {
            let reads = |&g: &GroupId| {
                let touches = lowered[g].iter().flat_map(|l| &l.buffers).any(|value| value.0 == item);
                let stores = groups[g].stores.iter().any(|s| s.item == item);
                (touches || groups[g].base.is_some_and(|(base, _)| base.0 == item)) && !stores
            };
            (0..groups.len()).filter(reads).collect()
        };
        let copies = users(item);
        if !passing(item) || copies.len() != work.launch.writes.len() {
            return None;
        }
        // They write one after the other into memory that nobody else sees meanwhile.
        let (mut ordered, mut last) = (SmallVec::<[GroupId; 3]>::new(), None);
        let is_new = |item: ItemId| matches!(items[item].op, Op::Empty) && passing(item);
        while ordered.len() < copies.len() {
            let follows = |&&g: &&GroupId| {
                let Some(((base, _), _)) = groups[g].base else { return false };
                last.map_or_else(|| is_new(base), |last| base == last && passing(base))
            };
            let &next = copies.iter().filter(|g| !ordered.contains(g)).find(follows)?;
            let ((base, _), result) = groups[next].base?;
            (users(base)[..] == [next]).then_some(())?;
            ordered.push(next);
            last = Some(result);
        }
        let ((base, _), _) = groups[ordered[0]].base?;
        let maker = groups.iter().position(|g| g.stores.iter().any(|s| s.item == base))?;
        let to = |write: &Access| {
            let value = work.buffers[write.buffer as usize];
            copies.iter().find_map(|&g| moved(lowered[g].as_ref()?, value, write, &work.launch.dims))
        };
        let writes = work.launch.writes.iter().map(to).collect::<Option<_>>()?;
        Some(Placed { base, maker, copies, writes })
    }
}

/// The access of what a kernel that only copies writes, over the dimensions of the write that it reads.
fn moved(copy: &Lowered, value: Value, write: &Access, dims: &[usize]) -> Option<Access> {
    let Work::Kernel(Kernel::Loop { inner: 0, body, .. }) = &copy.work else { return None };
    let ([read], [to], [(Inst::Load(0), _)]) =
        (&copy.launch.reads[..], &copy.launch.writes[..], &body.insts[..])
    else {
        return None;
    };
    let same = copy.buffers[read.buffer as usize] == value && read.offset == write.offset;
    if !same || !read.gather.is_empty() {
        return None;
    }
    let mut left: SmallVec<[usize; 6]> =
        (0..copy.launch.dims.len()).filter(|&d| copy.launch.dims[d] != 1).collect();
    let mut strides = Strides::from_elem(0, dims.len());
    for (d, &stride) in write.strides.iter().enumerate().filter(|&(d, &s)| s != 0 && dims[d] != 1) {
        let own = |&e: &usize| copy.launch.dims[e] == dims[d] && read.strides[e] == stride;
        let found = left.iter().position(own)?;
        strides[d] = to.strides[left.remove(found)];
    }
    left.is_empty().then(|| Access { buffer: 0, offset: to.offset, strides, gather: Vec::new() })
}
