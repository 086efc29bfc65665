//! Fusion: which nodes are computed by which kernel.
//!
//! One pass from the results back to the operands. A [`Group`] is a kernel to be: loop dimensions and the values it
//! stores. When a node's turn comes, all its users have their places, so it is known which groups want it and through
//! which accesses. It is then computed inside those groups, or stored by one of them on the way, or gets a group of its
//! own. A node is never computed where that could make two groups wait for each other.

use super::access::{Access, AccessId, Space};
use super::item::{Item, ItemId, rounds_product};
use super::snapshot::Standing;
use crate::graph::Op;
use smallvec::SmallVec;
use st_kernel::view::{View, contiguous_strides, numel};
use std::collections::HashMap;

/// The number of a group.
pub(super) type GroupId = usize;

/// Most work at a point of a fused kernel.
pub(super) const MAX_COST: usize = 600;
/// Work at a point from which on it is not done twice.
const HEAVY: usize = 6;
/// Work at a point that is done again where it saves storing a value as large as what it is made of.
const LIGHT: usize = 8;
/// And where what it is made of is narrower: an exponential of logits in half precision.
const WIDENED: usize = 16;
/// Results that the epilogue of a product may store: with more, as an optimiser's step has, loops of their own walk the
/// memory so much better than the product's tiles that writing the product and reading it again costs less.
const MOST_AFTER_PRODUCT: usize = 2;
/// Elements so few that it does not matter how they are spread.
pub(super) const FEW: usize = 1 << 14;

/// Where a node's value comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is memory, or nobody wants it, or its turn has not come.
    Given,
    /// Computed by every group that uses it.
    Inline,
    /// Computed and stored by one group; others load it.
    Stored(GroupId),
}

/// What kind of kernel a group becomes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// Loops.
    Loop,
    /// A product or a convolution, and loops over its result.
    Result(ItemId),
    /// A kernel that does one thing: scan, sort, scatter, or only allocate.
    Alone(ItemId),
}

/// A value that a group stores.
pub(super) struct Stored {
    pub(super) item: ItemId,
    pub(super) access: AccessId,
    /// Whose memory it is stored in: its own, or that of a later write to other elements of the same memory.
    pub(super) into: ItemId,
}

/// A kernel to be.
pub(super) struct Group {
    pub(super) anchor: Anchor,
    pub(super) space: Space,
    pub(super) stores: Vec<Stored>,
    /// The memory it writes into, and the item that this becomes.
    pub(super) base: Option<((ItemId, u8), ItemId)>,
    /// For an item computed here at an access: the accesses of its operands.
    pub(super) operands: HashMap<(ItemId, AccessId), SmallVec<[AccessId; 4]>>,
    /// Groups whose results it loads.
    pub(super) waits_for: Vec<GroupId>,
    /// What it computes, users first.
    pub(super) members: Vec<ItemId>,
    /// How many values it needs that it does not compute.
    pub(super) loads: usize,
    pub(super) cost: usize,
}

impl Group {
    pub(super) fn new(anchor: Anchor, space: Space) -> Group {
        Group {
            anchor,
            space,
            stores: Vec::new(),
            base: None,
            operands: HashMap::new(),
            waits_for: Vec::new(),
            members: Vec::new(),
            loads: 0,
            cost: 0,
        }
    }
}

/// How a group uses an item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) group: GroupId,
    /// Through which access; `None` if it needs the item in memory.
    pub(super) access: Option<AccessId>,
}

/// What computing an item again would take.
struct Again {
    /// Elements up to which an operand does not count.
    large: usize,
    work: usize,
    loads: usize,
    /// Bytes of an element of what is loaded.
    width: usize,
}

/// An operand that is a number has no access.
pub(super) const NUMBER: AccessId = AccessId::MAX;

pub(super) struct Grouping {
    pub(super) groups: Vec<Group>,
    pub(super) places: Vec<Place>,
}

/// Fuses, so that a kernel touches at most so many buffers; or, for comparison, gives every node a kernel of its own.
pub(super) fn group(items: &[Item], fuse: bool, most: usize) -> Grouping {
    let mut builder = Builder {
        items,
        fuse,
        most,
        groups: Vec::new(),
        places: vec![Place::Given; items.len()],
        uses: vec![SmallVec::new(); items.len()],
        reductions: Vec::new(),
    };
    (0..items.len()).rev().for_each(|i| builder.place(i));
    Grouping { groups: builder.groups, places: builder.places }
}

pub(super) struct Builder<'a> {
    pub(super) items: &'a [Item],
    fuse: bool,
    /// Most buffers of a kernel.
    pub(super) most: usize,
    pub(super) groups: Vec<Group>,
    pub(super) places: Vec<Place>,
    pub(super) uses: Vec<SmallVec<[Use; 2]>>,
    /// Reductions that have their place, for others over the same rows.
    reductions: Vec<(ItemId, GroupId)>,
}

impl Builder<'_> {
    fn place(&mut self, i: ItemId) {
        let item = &self.items[i];
        let unused = self.uses[i].is_empty() && item.standing != Standing::Wanted;
        if item.is_memory() || item.is_number() || unused {
            return;
        }
        match &item.op {
            Op::Pointwise(_) | Op::Gather(_) => self.place_pointwise(i),
            Op::Reduce(_, mask) => self.place_reduce(i, *mask),
            Op::Matmul | Op::Conv(..) => self.place_result(i),
            Op::Assign(view) => self.place_assign(i, view),
            _ => self.place_alone(i),
        }
    }

    // --- Pointwise work ---

    fn place_pointwise(&mut self, i: ItemId) {
        let uses = self.uses[i].clone();
        let users = distinct(&uses);
        let in_memory = uses.iter().any(|u| u.access.is_none());
        let wanted = self.items[i].standing == Standing::Wanted;
        let cheap = self.is_cheap(i);
        // What a product is rounded to is half of its sums: rows that are reduced read that.
        let rounds = rounds_product(self.items, i);
        let has_rows = |g: &GroupId| rounds && self.groups[*g].space.has_inner();
        let rows: SmallVec<[GroupId; 4]> = users.iter().copied().filter(has_rows).collect();
        let apart = !rows.is_empty();
        let inline = self.fuse
            && !apart
            && !wanted
            && !in_memory
            && (users.len() == 1 || cheap)
            && uses.iter().all(|u| self.may_compute(u.group, i, u.access));
        if inline && self.compute_everywhere(i, &uses) {
            self.places[i] = Place::Inline;
            return;
        }
        let fit = |g: &GroupId| self.fuse && !rows.contains(g) && !self.walks_across(*g, i, &uses);
        let able: SmallVec<[GroupId; 4]> = users.into_iter().filter(fit).collect();
        let home = able.into_iter().find(|&g| self.can_store(g, i, &uses) && self.compute_in(i, g, &uses));
        match home {
            Some(g) => self.store(i, g, self.access_in(g, &uses)),
            None if self.fuse && !apart && self.join_neighbour(i) => {}
            None => {
                let g = self.new_group(Anchor::Loop, Space::new(&self.items[i].shape));
                let access = self.groups[g].space.add_view(&View::contiguous(&self.items[i].shape));
                let own = [Use { group: g, access: Some(access) }];
                assert!(self.compute_in(i, g, &own), "a row-major loop has its coordinates");
                self.store(i, g, access);
            }
        }
    }

    /// Computes an item in a group that does not use it, but reads the same values element by element: a result and the
    /// gradients of what it was made of.
    fn join_neighbour(&mut self, i: ItemId) -> bool {
        let users = distinct(&self.uses[i]);
        let cost = self.items[i].cost();
        let count = self.items[i].numel();
        for source in self.read_by_element(i) {
            for shared in self.uses[source].clone() {
                let (g, Some(access)) = (shared.group, shared.access) else { continue };
                let group = &self.groups[g];
                let fits = group.anchor == Anchor::Loop
                    && group.cost + cost <= MAX_COST
                    && group.space.covers(access, 0..group.space.dims.len(), count)
                    && users.iter().all(|&h| !self.reaches(g, h));
                if fits && self.compute_in(i, g, &[shared]) {
                    self.store(i, g, access);
                    return true;
                }
            }
        }
        false
    }

    /// What an item reads in its own order, directly or one pointwise step away.
    fn read_by_element(&self, i: ItemId) -> SmallVec<[ItemId; 6]> {
        let direct = |i: ItemId| {
            let count = self.items[i].numel();
            let whole = move |o: &&super::item::Operand| {
                o.out == 0
                    && !self.items[o.item].is_number()
                    && o.view.is_whole(count)
                    && self.items[o.item].numel() == count
            };
            self.items[i].operands.iter().filter(whole).map(|o| o.item)
        };
        let mut found: SmallVec<[ItemId; 6]> = direct(i).collect();
        for o in found.clone() {
            if matches!(self.items[o].op, Op::Pointwise(_)) && !self.items[o].is_memory() {
                found.extend(direct(o));
            }
        }
        found
    }

    /// Worth computing again in every group rather than storing and loading it: little work on little memory.
    fn is_cheap(&self, i: ItemId) -> bool {
        let item = &self.items[i];
        if !matches!(item.op, Op::Pointwise(_)) {
            return false;
        }
        let mut found = Again { large: item.numel() / 4, work: 0, loads: 0, width: item.dtype.size() };
        self.cost_again(i, &mut found, 0);
        let limit = match found.loads {
            0 => HEAVY,
            _ if found.width < item.dtype.size() => WIDENED,
            _ => LIGHT,
        };
        found.work <= limit && found.loads <= 1
    }

    /// Adds up what computing an item again would take.
    fn cost_again(&self, i: ItemId, found: &mut Again, depth: usize) {
        let item = &self.items[i];
        found.work += item.cost();
        for operand in &item.operands {
            let source = &self.items[operand.item];
            if source.is_number() || source.numel() <= found.large {
                continue;
            }
            let light = matches!(source.op, Op::Pointwise(_)) && depth < 4 && found.work <= WIDENED;
            // A product is stored whoever uses it, if not in its own dtype.
            let stored =
                matches!(source.op, Op::Matmul) && source.out_dtype(operand.out).size() < found.width;
            if source.is_memory() || stored {
                found.loads += 1;
                found.width = source.out_dtype(operand.out).size();
            } else if light && source.standing == Standing::Passing {
                self.cost_again(operand.item, found, depth + 1);
            } else {
                // Somebody has to store it first.
                found.loads += 2;
            }
        }
    }

    /// Whether a group may compute an item through an access: not too much work, not often again.
    fn may_compute(&mut self, g: GroupId, i: ItemId, access: Option<AccessId>) -> bool {
        let Some(access) = access else { return false };
        let cost = self.items[i].cost();
        let group = &self.groups[g];
        if matches!(group.anchor, Anchor::Alone(_)) || group.cost + cost > MAX_COST {
            return false;
        }
        if cost < HEAVY && matches!(self.items[i].op, Op::Pointwise(_)) {
            return true;
        }
        if let Some(outer) = self.rows_for(g, i, access) {
            self.groups[g].space.outer = outer;
        }
        let space = &self.groups[g].space;
        let per_row = space.has_inner() && space.is_per_row(access);
        let points = if per_row { numel(&space.dims[..space.outer]) } else { space.points() };
        points < 2 * self.items[i].numel()
    }

    /// Whether a group that uses an item can store it as well: it meets each element once, and no circle comes of it.
    fn can_store(&mut self, g: GroupId, i: ItemId, uses: &[Use]) -> bool {
        let Some(access) = single(g, uses) else { return false };
        let group = &self.groups[g];
        let fits = !matches!(group.anchor, Anchor::Alone(_))
            && group.cost + self.items[i].cost() <= MAX_COST
            && distinct(uses).into_iter().all(|h| h == g || !self.reaches(g, h));
        if !fits {
            return false;
        }
        let (space, count) = (&group.space, self.items[i].numel());
        let rows = self.rows_for(g, i, access).filter(|&outer| space.covers(access, 0..outer, count));
        if let Some(outer) = rows {
            self.groups[g].space.outer = outer;
            return true;
        }
        space.covers(access, 0..space.dims.len(), count)
            || space.has_inner() && space.is_per_row(access) && space.covers(access, 0..space.outer, count)
    }

    fn access_in(&self, g: GroupId, uses: &[Use]) -> AccessId {
        uses.iter().find_map(|u| u.access.filter(|_| u.group == g)).expect("the group uses the item")
    }

    /// Whether a group's kernel may touch the operands of one more item: devices bind a limited number of buffers.
    fn has_room(&self, g: GroupId, i: ItemId) -> bool {
        let group = &self.groups[g];
        let buffers = group.loads + group.stores.len() + self.items[i].operands.len() + 1;
        group.members.is_empty() || buffers <= self.most
    }

    /// What computing an item in a group takes: once for each of its accesses there.
    fn cost_in(&self, g: GroupId, i: ItemId, uses: &[Use]) -> usize {
        self.items[i].cost() * uses.iter().filter(|u| u.group == g).count()
    }

    /// Whether a group can take that on as well; its first member it has to.
    fn has_time(&self, g: GroupId, i: ItemId, uses: &[Use]) -> bool {
        let group = &self.groups[g];
        group.members.is_empty() || group.cost + self.cost_in(g, i, uses) <= MAX_COST
    }

    fn compute_everywhere(&mut self, i: ItemId, uses: &[Use]) -> bool {
        let carried: Vec<bool> = distinct(uses).into_iter().map(|g| self.carry(i, g, uses)).collect();
        if carried.contains(&false) {
            return false;
        }
        distinct(uses).into_iter().for_each(|g| self.adopt(i, g, uses));
        true
    }

    fn compute_in(&mut self, i: ItemId, g: GroupId, uses: &[Use]) -> bool {
        let done = self.carry(i, g, uses);
        if done {
            self.adopt(i, g, uses);
        }
        done
    }

    /// Carries the accesses of an item over to its operands in a group that uses it.
    fn carry(&mut self, i: ItemId, g: GroupId, uses: &[Use]) -> bool {
        if !self.has_room(g, i) || !self.has_time(g, i, uses) {
            return false;
        }
        let item = &self.items[i];
        let views: SmallVec<[View; 4]> = item
            .operands
            .iter()
            .filter(|o| !self.items[o.item].is_number())
            .map(|o| o.view.expand(&item.shape))
            .collect();
        let group = &mut self.groups[g];
        for u in uses.iter().filter(|u| u.group == g) {
            let Some(access) = u.access else { return false };
            let Some(through) = group.space.through(access, &item.shape, &views) else { return false };
            let mut through = through.into_iter();
            let all = item.operands.iter().map(|o| {
                if self.items[o.item].is_number() {
                    NUMBER
                } else {
                    through.next().expect("one for each view")
                }
            });
            group.operands.insert((i, access), all.collect());
        }
        true
    }

    /// Makes an item a member of a group that has its accesses, and tells its operands who uses them.
    fn adopt(&mut self, i: ItemId, g: GroupId, uses: &[Use]) {
        let item = &self.items[i];
        let gathered = matches!(item.op, Op::Gather(_));
        if self.uses[i].iter().any(|u| u.group == g) {
            self.groups[g].loads -= 1;
        }
        self.groups[g].members.push(i);
        self.groups[g].cost += self.cost_in(g, i, uses);
        for u in uses.iter().filter(|u| u.group == g) {
            let Some(access) = u.access else { continue };
            let accesses = self.groups[g].operands[&(i, access)].clone();
            for (k, (operand, access)) in item.operands.iter().zip(accesses).enumerate() {
                if access != NUMBER {
                    let plain = !(gathered && k == 0) && operand.out == 0;
                    self.add_use(operand.item, g, plain.then_some(access));
                }
            }
        }
    }

    // --- Reductions ---

    fn place_reduce(&mut self, i: ItemId, mask: u64) {
        // A second walk over the memory costs more than a kernel of its own for what only follows the reduction.
        let follows = |g: GroupId| self.groups[g].space.points() <= self.items[i].numel();
        let users = distinct(&self.uses[i]);
        let beside =
            if self.fuse && users.iter().copied().all(follows) { self.sibling(i, mask) } else { None };
        if let Some(g) = beside {
            // Best of all, that is done there, too.
            let merged = matches!(users[..], [user] if self.merge(user, g));
            if !merged && self.join_sibling(i, mask, g) {
                return;
            }
        }
        let uses = self.uses[i].clone();
        let home = distinct(&uses).into_iter().find(|&g| self.fuse && self.join_reduction(i, mask, g, &uses));
        if let Some(g) = home {
            self.reductions.push((i, g));
            let access = self.access_in(g, &uses);
            let leaves = self.items[i].standing == Standing::Wanted
                || distinct(&uses).len() > 1
                || uses.iter().any(|u| u.access.is_none());
            if leaves {
                self.store(i, g, access);
            } else {
                self.places[i] = Place::Inline;
            }
            return;
        }
        if self.fuse && self.sibling(i, mask).is_some_and(|g| self.join_sibling(i, mask, g)) {
            return;
        }
        let item = &self.items[i];
        let (kept, reduced) = self.operand_axes(i, mask);
        let sizes = |axes: &[usize]| -> SmallVec<[usize; 4]> {
            axes.iter().map(|&a| item.operands[0].view.shape[a]).collect()
        };
        let mut space = Space::new(&sizes(&kept));
        space.append_inner(&sizes(&reduced));
        let g = self.new_group(Anchor::Loop, space);
        let strides =
            contiguous_strides(&sizes(&kept)).into_iter().chain(reduced.iter().map(|_| 0)).collect();
        let access = self.groups[g].space.add(Access { offset: 0, strides });
        let own = [Use { group: g, access: Some(access) }];
        assert!(self.carry_reduction(i, mask, g, access), "a row-major loop has its coordinates");
        self.adopt(i, g, &own);
        self.store(i, g, access);
        self.reductions.push((i, g));
    }

    /// The group of another reduction over the same rows of the same memory.
    fn sibling(&self, i: ItemId, mask: u64) -> Option<GroupId> {
        let item = &self.items[i];
        let (kept, reduced) = self.operand_axes(i, mask);
        let shape = &item.operands[0].view.shape;
        let same = |dims: &[usize], axes: &[usize]| {
            let wide = |n: &usize| *n != 1;
            dims.iter().copied().filter(wide).eq(axes.iter().map(|&a| shape[a]).filter(wide))
        };
        let users = distinct(&self.uses[i]);
        let is_one = |&(other, g): &(ItemId, GroupId)| {
            let group = &self.groups[g];
            group.anchor == Anchor::Loop
                && same(&group.space.dims[..group.space.outer], &kept)
                && same(&group.space.dims[group.space.outer..], &reduced)
                && group.cost + HEAVY <= MAX_COST
                && self.has_room(g, i)
                && self.share_memory(i, other)
                && users.iter().all(|&h| !self.reaches(g, h))
        };
        self.reductions.iter().find(|r| is_one(r)).map(|&(_, g)| g)
    }

    /// Computes a reduction beside another one, so that their memory is read once.
    fn join_sibling(&mut self, i: ItemId, mask: u64, g: GroupId) -> bool {
        let space = &self.groups[g].space;
        let rows = contiguous_strides(&space.dims[..space.outer]);
        let strides = rows.into_iter().chain(space.dims[space.outer..].iter().map(|_| 0)).collect();
        let before = self.groups[g].space.clone();
        let access = self.groups[g].space.add(Access { offset: 0, strides });
        if !self.carry_reduction(i, mask, g, access) {
            self.groups[g].space = before;
            return false;
        }
        self.adopt(i, g, &[Use { group: g, access: Some(access) }]);
        self.store(i, g, access);
        true
    }

    /// Whether two reductions read the same large memory, directly or one pointwise step away.
    fn share_memory(&self, a: ItemId, b: ItemId) -> bool {
        let sources = |i: ItemId| -> SmallVec<[ItemId; 6]> {
            let operand = self.items[i].operands[0].item;
            let beyond =
                matches!(self.items[operand].op, Op::Pointwise(_)) && !self.items[operand].is_memory();
            let further = self.items[operand].operands.iter().filter(|_| beyond).map(|o| o.item);
            [operand].into_iter().chain(further).filter(|&s| self.items[s].numel() > FEW).collect()
        };
        let first = sources(a);
        sources(b).iter().any(|s| first.contains(s))
    }

    fn operand_axes(&self, i: ItemId, mask: u64) -> (SmallVec<[usize; 4]>, SmallVec<[usize; 4]>) {
        let (kept, reduced) = self.items[i].axes(mask);
        debug_assert_eq!(kept.len() + reduced.len(), self.items[i].operands[0].view.shape.len());
        (kept, reduced)
    }

    /// Computes a reduction inside a group that uses it, if the group's loops are, or can become, those of the reduction.
    fn join_reduction(&mut self, i: ItemId, mask: u64, g: GroupId, uses: &[Use]) -> bool {
        let item = &self.items[i];
        let Some(access) = single(g, uses) else { return false };
        let rows = item.numel();
        let (_, reduced) = self.operand_axes(i, mask);
        let sizes: SmallVec<[usize; 4]> = reduced.iter().map(|&a| item.operands[0].view.shape[a]).collect();
        let row = numel(&sizes);
        let free = self.groups[g].anchor == Anchor::Loop
            && self.groups[g].cost < MAX_COST
            && self.has_room(g, i)
            && !self.groups[g].space.frozen
            && distinct(uses).into_iter().all(|h| h == g || !self.reaches(g, h));
        if !free {
            return false;
        }
        let before = self.groups[g].space.clone();
        let space = &self.groups[g].space;
        let joins = if space.has_inner() {
            space.is_per_row(access)
                && space.covers(access, 0..space.outer, rows)
                && space.inner_points() == row
        } else if space.covers(access, 0..space.dims.len(), rows) {
            self.groups[g].space.append_inner(&sizes);
            true
        } else if let Some(outer) = self.row_of(g, access)
            && self.groups[g].space.covers(access, 0..outer, rows)
            && numel(&self.groups[g].space.dims[outer..]) == row
        {
            self.groups[g].space.outer = outer;
            true
        } else {
            false
        };
        if joins && self.carry_reduction(i, mask, g, access) {
            self.adopt(i, g, &[Use { group: g, access: Some(access) }]);
            return true;
        }
        self.groups[g].space = before;
        false
    }

    /// Carries the access of a reduction's result over to its operand, which moves along the inner dimensions too.
    fn carry_reduction(&mut self, i: ItemId, mask: u64, g: GroupId, access: AccessId) -> bool {
        let (kept, reduced) = self.operand_axes(i, mask);
        let order: SmallVec<[usize; 4]> = kept.iter().chain(&reduced).copied().collect();
        let view = self.items[i].operands[0].view.permute(&order);
        let row: usize = reduced.iter().map(|&a| self.items[i].operands[0].view.shape[a]).product();
        let space = &mut self.groups[g].space;
        let outer = space.outer;
        let inner = contiguous_strides(&space.dims[outer..]);
        let rows = space.access(access);
        let strides = rows.strides[..outer].iter().map(|s| s * row as isize).chain(inner).collect();
        let whole = space.add(Access { offset: rows.offset * row as isize, strides });
        let Some(through) = space.through(whole, &view.shape.clone(), &[view]) else { return false };
        self.groups[g].operands.insert((i, access), through);
        true
    }

    // --- Products, convolutions ---

    fn place_result(&mut self, i: ItemId) {
        let uses = self.uses[i].clone();
        let home = distinct(&uses).into_iter().find(|&g| self.fuse && self.takes_result(i, g, &uses));
        let shape = self.items[i].shape.clone();
        let g = match home {
            Some(g) => {
                let leaves = self.items[i].standing == Standing::Wanted
                    || distinct(&uses).len() > 1
                    || uses.iter().any(|u| u.access.is_none());
                let access = self.access_in(g, &uses);
                if leaves {
                    self.store(i, g, access);
                } else {
                    self.places[i] = Place::Inline;
                }
                g
            }
            None => {
                let g = self.new_group(Anchor::Loop, Space::new(&shape));
                let access = self.groups[g].space.add_view(&View::contiguous(&shape));
                self.store(i, g, access);
                g
            }
        };
        self.groups[g].anchor = Anchor::Result(i);
        self.groups[g].space.frozen = true;
        self.groups[g].members.push(i);
        let items = self.items;
        items[i].operands.iter().for_each(|o| self.add_use(o.item, g, None));
    }

    /// Whether a group of loops can become the epilogue of a product.
    fn takes_result(&mut self, i: ItemId, g: GroupId, uses: &[Use]) -> bool {
        let Some(access) = single(g, uses) else { return false };
        let group = &self.groups[g];
        let plain = group.anchor == Anchor::Loop && !group.space.has_inner() && !group.space.frozen;
        plain
            && group.stores.len() <= MOST_AFTER_PRODUCT
            && self.has_room(g, i)
            && group.space.covers(access, 0..group.space.dims.len(), self.items[i].numel())
            && group.space.points() > 0
            && distinct(uses).into_iter().all(|h| h == g || !self.reaches(g, h))
            && self.groups[g].space.refactor(access, &self.items[i].shape)
    }

    // --- Everything else ---

    /// Writes a value at a view of the base's memory, or of a copy of it.
    fn place_assign(&mut self, i: ItemId, view: &View) {
        let items = self.items;
        let (base, value) = (&items[i].operands[0], &items[i].operands[1]);
        let joined = self.next_write(i, view);
        let (g, into) = joined.unwrap_or_else(|| (self.new_group(Anchor::Loop, Space::new(&view.shape)), i));
        let access = self.groups[g].space.add_view(view);
        self.groups[g].members.push(i);
        self.groups[g].base = Some(((base.item, base.out), into));
        if joined.is_some() {
            self.places[i] = Place::Inline;
            self.groups[g].loads -= 1;
            self.groups[g].stores.push(Stored { item: i, access, into });
        } else {
            self.store(i, g, access);
        }
        self.add_use(base.item, g, None);
        if items[value.item].is_number() {
            self.groups[g].operands.insert((i, access), SmallVec::from_slice(&[NUMBER, NUMBER]));
            return;
        }
        let from = self.groups[g].space.add_view(&value.view);
        self.groups[g].operands.insert((i, access), SmallVec::from_slice(&[NUMBER, from]));
        self.add_use(value.item, g, (value.out == 0).then_some(from));
    }

    /// The group that writes into the memory that a write leaves, if it can do this write too: as many elements, others,
    /// made of what it reads anyway. So the gradients of the gates of a cell are one kernel. And what that memory becomes.
    fn next_write(&self, i: ItemId, view: &View) -> Option<(GroupId, ItemId)> {
        let [Use { group: g, access: None }] = self.uses[i][..] else { return None };
        let (items, group) = (self.items, &self.groups[g]);
        let (base, into) = group.base?;
        let value = &items[i].operands[1];
        let passing = |i: ItemId| items[i].standing == Standing::Passing;
        let own = matches!(items[value.item].op, Op::Pointwise(_))
            && !items[value.item].is_number()
            && passing(value.item)
            && self.uses[value.item].is_empty();
        let fits = self.fuse
            && own
            && base == (i, 0)
            && passing(i)
            && group.anchor == Anchor::Loop
            && !group.space.has_inner()
            && group.space.dims == view.shape
            && group.cost + items[value.item].cost() <= MAX_COST
            && self.has_room(g, i);
        let apart = |s: &Stored| match &items[s.item].op {
            Op::Assign(other) => other.is_apart(view),
            _ => s.into != into,
        };
        (fits && group.stores.iter().all(apart) && self.reads_what(g, value.item)).then_some((g, into))
    }

    /// Whether a group reads something that an item is made of, a few pointwise steps away.
    fn reads_what(&self, g: GroupId, i: ItemId) -> bool {
        const STEPS: u8 = 6;
        let mut waiting: SmallVec<[(ItemId, u8); 16]> = SmallVec::from_slice(&[(i, 0)]);
        while let Some((at, steps)) = waiting.pop() {
            let item = &self.items[at];
            for o in item.operands.iter().filter(|o| self.items[o.item].numel() == item.numel()) {
                if self.uses[o.item].iter().any(|u| u.group == g && u.access.is_some()) {
                    return true;
                }
                let source = &self.items[o.item];
                if matches!(source.op, Op::Pointwise(_)) && !source.is_memory() && steps < STEPS {
                    waiting.push((o.item, steps + 1));
                }
            }
        }
        false
    }

    fn place_alone(&mut self, i: ItemId) {
        let g = self.new_group(Anchor::Alone(i), Space::new(&[]));
        self.groups[g].members.push(i);
        self.store(i, g, NUMBER);
        let items = self.items;
        if let Op::Scatter(..) = items[i].op {
            let base = &items[i].operands[0];
            self.groups[g].base = Some(((base.item, base.out), i));
        }
        items[i].operands.iter().for_each(|o| self.add_use(o.item, g, None));
    }

    fn new_group(&mut self, anchor: Anchor, space: Space) -> GroupId {
        self.groups.push(Group::new(anchor, space));
        self.groups.len() - 1
    }

    /// Has a group store an item; all other users load it.
    fn store(&mut self, i: ItemId, g: GroupId, access: AccessId) {
        self.places[i] = Place::Stored(g);
        self.groups[g].stores.push(Stored { item: i, access, into: i });
        for h in distinct(&self.uses[i]) {
            if h != g && !self.groups[h].waits_for.contains(&g) {
                self.groups[h].waits_for.push(g);
            }
        }
    }

    fn add_use(&mut self, i: ItemId, group: GroupId, access: Option<AccessId>) {
        let new = Use { group, access };
        if self.uses[i].iter().all(|u| u.group != group) {
            self.groups[group].loads += 1;
        }
        if !self.uses[i].contains(&new) {
            self.uses[i].push(new);
        }
    }

    /// Whether a group waits for another, directly or through others.
    pub(super) fn reaches(&self, from: GroupId, to: GroupId) -> bool {
        reaches(self.groups.len(), |g| &self.groups[g].waits_for, from, to)
    }
}

/// Whether one of so many groups waits for another, directly or through others.
pub(super) fn reaches<'a>(
    count: usize,
    waits_for: impl Fn(GroupId) -> &'a [GroupId],
    from: GroupId,
    to: GroupId,
) -> bool {
    let mut seen = vec![false; count];
    let mut waiting = vec![from];
    while let Some(g) = waiting.pop() {
        if g == to {
            return true;
        }
        if !std::mem::replace(&mut seen[g], true) {
            waiting.extend_from_slice(waits_for(g));
        }
    }
    false
}

/// The groups among uses, each once.
fn distinct(uses: &[Use]) -> SmallVec<[GroupId; 4]> {
    let mut groups: SmallVec<[GroupId; 4]> = SmallVec::new();
    for u in uses {
        if !groups.contains(&u.group) {
            groups.push(u.group);
        }
    }
    groups
}

/// The access of a group that uses an item through one only.
pub(super) fn single(g: GroupId, uses: &[Use]) -> Option<AccessId> {
    let mut own = uses.iter().filter(|u| u.group == g);
    let first = own.next()?.access?;
    own.next().is_none().then_some(first)
}
