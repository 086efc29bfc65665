//! What has been asked for and not been run: the tensors of each thread that wait, and the memory that was written.

use super::{Cell, Node};
use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// A holder of a node that may have still to be run.
pub(crate) trait Waits: Send + Sync {
    /// The node it holds now, if that has still to be run.
    fn pending(&self) -> Option<Arc<Node>>;
}

/// Whether a node has still to be run; what depends on a sample of a batch never is.
#[inline]
pub(crate) fn waits(node: &Node) -> bool {
    !node.is_realized() && !node.is_sample()
}

/// So many waiting tensors of one thread make it run what it has, so that their operands do not pile up.
const MANY: usize = 8192;
/// The list is swept when it has doubled, but not before it has so many entries: each keeps a dropped tensor's place in memory.
const FEW: usize = 16;

/// Holders that were created with work to do, which may be done by now; entries of dropped ones are swept.
#[derive(Default)]
struct Created {
    holders: Vec<Weak<dyn Waits>>,
    sweep_at: usize,
}

thread_local!(static CREATED: RefCell<Created> = RefCell::default());
static WRITTEN: Mutex<Vec<Weak<Cell>>> = Mutex::new(Vec::new());

impl Created {
    #[inline]
    fn push(&mut self, holder: Weak<dyn Waits>) {
        if self.holders.len() >= self.sweep_at.max(FEW) {
            self.holders.retain(|holder| holder.strong_count() > 0);
            self.sweep_at = self.holders.len() * 2;
        }
        self.holders.push(holder);
    }
}

/// Remembers a holder that was created with work to do.
#[inline]
pub(crate) fn created<T: Waits + 'static>(holder: &Arc<T>) {
    let holder: Weak<dyn Waits> = Arc::<T>::downgrade(holder);
    CREATED.with_borrow_mut(|list| list.push(holder));
}

/// Remembers a cell that was written in place.
pub(super) fn written(cell: &Arc<Cell>) {
    WRITTEN.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(cell));
}

/// Whether this thread has so many tensors waiting that they had better be run.
pub(crate) fn too_many_pending() -> bool {
    CREATED.with_borrow(|list| list.sweep_at >= 2 * MANY)
}

/// What this thread's live tensors wait for; the list is emptied, for all of it is about to be run.
pub(crate) fn created_pending() -> Vec<Arc<Node>> {
    let mut list = CREATED.take();
    let nodes = list.holders.drain(..).filter_map(|holder| holder.upgrade()?.pending()).collect();
    // The memory is used again, unless it has grown large.
    if list.holders.capacity() <= 1024 {
        CREATED.set(Created { holders: list.holders, sweep_at: 0 });
    }
    nodes
}

/// Whether there are cells that were written in place since the last run.
pub(crate) fn any_mutated() -> bool {
    !WRITTEN.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
}

/// What the cells written in place wait for; the list is emptied.
pub(crate) fn mutated_pending() -> Vec<Arc<Node>> {
    let cells = std::mem::take(&mut *WRITTEN.lock().unwrap_or_else(PoisonError::into_inner));
    let listed = cells.iter().filter_map(Weak::upgrade);
    listed.inspect(|cell| cell.leave_mutated_list()).filter_map(|cell| cell.pending()).collect()
}
