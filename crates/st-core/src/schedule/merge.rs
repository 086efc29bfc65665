//! Groups that become one: what follows from a reduction goes to the kernel that makes it beside another one.
//!
//! A norm's weight and bias have gradients that are summed together, and each is followed by a step of an optimizer. Then
//! there are two groups over the columns, the first of which has taken in the sums.

use super::access::{Access, AccessId, Space};
use super::group::{Anchor, Builder, Group, GroupId, MAX_COST, NUMBER, Place, Use};
use smallvec::SmallVec;

impl Builder<'_> {
    /// Moves all work of a group of loops over the rows of another group into that one, if nothing speaks against it.
    pub(super) fn merge(&mut self, from: GroupId, into: GroupId) -> bool {
        let (a, b) = (&self.groups[from], &self.groups[into]);
        let fits = from != into
            && a.anchor == Anchor::Loop
            && !a.space.has_inner()
            && !a.space.frozen
            && !b.space.frozen
            && a.base.is_none()
            && b.base.is_none()
            && a.space.dims[..] == b.space.dims[..b.space.outer]
            && a.cost + b.cost <= MAX_COST
            && a.loads + a.stores.len() + b.loads + b.stores.len() < self.most
            && !self.reaches(from, into)
            && !self.reaches(into, from);
        if fits {
            self.move_all(from, into);
        }
        fits
    }

    fn move_all(&mut self, from: GroupId, into: GroupId) {
        let empty = Group::new(Anchor::Loop, Space::new(&[]));
        let old = std::mem::replace(&mut self.groups[from], empty);
        let space = &mut self.groups[into].space;
        let still = space.dims.len() - space.outer;
        let moved: Vec<AccessId> = (old.space.accesses.iter())
            .map(|Access { offset, strides }| {
                let strides = strides.iter().copied().chain(std::iter::repeat_n(0, still)).collect();
                space.add(Access { offset: *offset, strides })
            })
            .collect();
        let known = |access: AccessId| access == NUMBER || (access as usize) < moved.len();
        let there = |access: AccessId| if access == NUMBER { NUMBER } else { moved[access as usize] };
        let group = &mut self.groups[into];
        for ((item, access), operands) in old.operands {
            // What was tried in vain has left entries, too.
            if known(access) && operands.iter().copied().all(known) {
                let operands = operands.into_iter().map(there).collect();
                group.operands.entry((item, there(access))).or_insert(operands);
            }
        }
        group.stores.extend(old.stores.into_iter().map(|mut stored| {
            stored.access = there(stored.access);
            stored
        }));
        group.members.extend(old.members);
        group.cost += old.cost;
        group.loads += old.loads;
        for other in old.waits_for {
            if !group.waits_for.contains(&other) {
                group.waits_for.push(other);
            }
        }
        for place in self.places.iter_mut().filter(|place| **place == Place::Stored(from)) {
            *place = Place::Stored(into);
        }
        for other in &mut self.groups {
            if let Some(at) = other.waits_for.iter().position(|&g| g == from) {
                other.waits_for.swap_remove(at);
                if !other.waits_for.contains(&into) {
                    other.waits_for.push(into);
                }
            }
        }
        for uses in &mut self.uses {
            let mut all: SmallVec<[Use; 2]> = SmallVec::new();
            let twice = [from, into].iter().all(|g| uses.iter().any(|u| u.group == *g));
            for u in uses.iter() {
                let u = match u.group == from {
                    true => Use { group: into, access: u.access.map(there) },
                    false => *u,
                };
                if !all.contains(&u) {
                    all.push(u);
                }
            }
            self.groups[into].loads -= usize::from(twice);
            *uses = all;
        }
    }
}
