//! Which values are one number for a whole tile: those whose operands stand still there. And which are one for each of
//! its rows: where gathered rows begin.

use super::machine::Roles;
use super::plan::{Action, Home, NO_SLOT, Op, Plan, Program, Slot};
use std::borrow::Cow;

/// What decides which slots are one number for all points of a tile.
pub(crate) struct Geometry<'t> {
    pub(crate) roles: Roles,
    /// Most rows of a tile.
    pub(crate) tile_rows: usize,
    pub(crate) row_steps: &'t [isize],
    pub(crate) col_steps: &'t [isize],
    /// Most lanes worked on together, and the steps from one to the next.
    pub(crate) lanes: usize,
    pub(crate) lane_steps: &'t [isize],
}

impl Geometry<'_> {
    /// The slots that are numbers for the whole launch.
    pub(crate) fn scalars<'p>(&self, plan: &'p Plan) -> Cow<'p, [bool]> {
        let still = |a: usize| self.still_in_tile(plan, a);
        if self.roles == Roles::OneRow && !plan.loaded.iter().any(|&a| still(a as usize)) {
            return Cow::Borrowed(&plan.scalars);
        }
        Cow::Owned(self.mark_all(plan))
    }

    /// As [`Geometry::scalars`] for launches where every full access moves, which most are.
    pub(crate) fn usual_scalars(plan: &Plan) -> Vec<bool> {
        let steps = vec![1; plan.dtypes.len() + 1 + plan.coords.len()];
        let (row_steps, col_steps, lane_steps) = (&steps[..], &steps[..], &steps[..]);
        Geometry { roles: Roles::OneRow, tile_rows: 2, row_steps, col_steps, lanes: 1, lane_steps }
            .mark_all(plan)
    }

    fn still_in_tile(&self, plan: &Plan, a: usize) -> bool {
        let hole = a == plan.dtypes.len();
        !hole && self.col_steps[a] == 0 && (self.row_steps[a] == 0 || self.tile_rows == 1)
    }

    fn mark_all(&self, plan: &Plan) -> Vec<bool> {
        let mut scalars: Vec<bool> = plan.homes.iter().map(|h| matches!(h, Home::Uniform(_))).collect();
        for fold in &plan.folds {
            scalars[fold.result as usize] = self.roles == Roles::OneRow;
        }
        for d in 0..plan.rows.len().max(plan.passes.len()) {
            if let Some(program) = plan.rows.get(d) {
                mark(&mut scalars, program, &|a| self.lanes == 1 || self.lane_steps[a] == 0);
            }
            if let Some(program) = plan.passes.get(d) {
                mark(&mut scalars, program, &|a| self.still_in_tile(plan, a));
            }
        }
        scalars
    }
}

fn mark(scalars: &mut [bool], program: &Program, still: &dyn Fn(usize) -> bool) {
    for op in &program.ops {
        let of = |s: Slot| scalars[s as usize];
        let scalar = match op.action {
            Action::Load { access, .. } | Action::Position { access } => still(access as usize),
            Action::Fold(_) => continue,
            _ => op.src.iter().all(|&s| of(s)),
        };
        scalars[op.dst as usize] = scalar;
    }
}

/// The slots that are needed once for each row of a tile, if there are any: only to find where gathered rows begin.
pub(crate) fn narrow(plan: &Plan, roles: Roles, scalars: &[bool], col_steps: &[isize]) -> Option<Vec<bool>> {
    let mut narrow = vec![false; if plan.gathers.is_empty() { 0 } else { plan.homes.len() }];
    let own = |op: &Op| match op.action {
        Action::Load { access, .. } => col_steps[access as usize] == 0,
        // That of a gathered read is where it begins.
        Action::Position { access } => (access as usize) < plan.reads || col_steps[access as usize] == 0,
        Action::Spread => roles == Roles::Rows,
        _ => false,
    };
    for program in plan.passes.iter().filter(|_| !plan.gathers.is_empty()) {
        mark_narrow(&mut narrow, program, scalars, &own);
    }
    narrow.contains(&true).then_some(narrow)
}

fn mark_narrow(narrow: &mut [bool], program: &Program, scalars: &[bool], own: &dyn Fn(&Op) -> bool) {
    let made = |op: &Op| matches!(op.action, Action::Compute { .. } | Action::Displace { .. });
    let by_rows = |narrow: &[bool], op: &Op| {
        op.src.iter().all(|&s| s == NO_SLOT || narrow[s as usize] || scalars[s as usize])
    };
    for op in program.ops.iter().filter(|op| !scalars[op.dst as usize]) {
        narrow[op.dst as usize] = own(op) || made(op) && by_rows(narrow, op);
    }
    let seen = program.writes.iter().map(|w| w.slot).chain(program.kept.iter().copied());
    seen.for_each(|slot| narrow[slot as usize] = false);
    // What somebody wants at every point is made of what is there at every point: until nothing changes.
    let count = |narrow: &[bool]| narrow.iter().filter(|&&n| n).count();
    let mut before = usize::MAX;
    while before != count(narrow) {
        before = count(narrow);
        for op in program.ops.iter().rev() {
            let full = !narrow[op.dst as usize];
            let begins = |k: usize| k == 1 && matches!(op.action, Action::Gather { .. });
            let wanted = op.src.iter().enumerate().filter(|&(k, _)| full && !begins(k));
            wanted.for_each(|(_, &s)| narrow[s as usize] = false);
        }
        for op in program.ops.iter().filter(|op| made(op)) {
            narrow[op.dst as usize] &= by_rows(narrow, op);
        }
    }
}
