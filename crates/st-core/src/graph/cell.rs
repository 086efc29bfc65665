//! Storage cells: where views of the same memory meet.
//!
//! A cell is a tensor's storage: flat memory whose contents are, right now, those of a node. In-place operators advance it
//! to another node and count its version; every view of it sees the change, as in torch.

use super::{Arg, DeviceId, Node};
use st_kernel::{DType, View};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::*};
use std::sync::{Arc, Mutex, Weak};

/// A tensor's storage.
pub struct Cell {
    current: Mutex<(Arc<Node>, u8)>,
    version: AtomicU32,
    /// Somebody else (numpy, DLPack) sees this memory: reads must not be postponed, writes must go to these very bytes.
    shared: AtomicBool,
    in_mutated_list: AtomicBool,
    /// Its elements.
    pub numel: usize,
    /// Their type.
    pub dtype: DType,
    /// Where they are.
    pub device: DeviceId,
}

impl Cell {
    /// A cell that holds an output of a node.
    pub fn new(node: Arc<Node>, out: u8) -> Arc<Cell> {
        let numel = st_kernel::view::numel(node.out_shape(out));
        let waits = !node.is_realized() && !node.is_sample();
        let (dtype, device, pending) = (node.out_dtype(out), node.device, waits);
        let cell = Arc::new(Cell {
            current: Mutex::new((node, out)),
            version: AtomicU32::new(0),
            shared: AtomicBool::new(false),
            in_mutated_list: AtomicBool::new(false),
            numel,
            dtype,
            device,
        });
        if pending {
            CREATED.with_borrow_mut(|list| list.push(&cell));
        }
        cell
    }

    /// The node it holds now.
    #[inline]
    pub fn node(&self) -> (Arc<Node>, u8) {
        self.current.lock().expect("no panic while the lock is held").clone()
    }

    /// Whether what it holds now depends on a sample of a batch, and has no value.
    pub(crate) fn is_sample(&self) -> bool {
        self.current.lock().expect("no panic while the lock is held").0.is_sample()
    }

    /// The node it holds now, if that has still to be run.
    fn pending(&self) -> Option<Arc<Node>> {
        let current = self.current.lock().expect("no panic while the lock is held");
        let waits = !current.0.is_realized() && !current.0.is_sample();
        waits.then(|| current.0.clone())
    }

    /// What it holds now, as an operand seen through `view`.
    pub fn arg(&self, view: Option<Arc<View>>) -> Arg {
        let (node, out) = self.node();
        Arg::Of { node, out, view }
    }

    /// How often it has been written.
    pub fn version(&self) -> u32 {
        self.version.load(Acquire)
    }

    /// Advances to another node without counting a write (the same contents, elsewhere).
    pub(crate) fn replace(&self, node: Arc<Node>, out: u8) {
        *self.current.lock().expect("no panic while the lock is held") = (node, out);
    }

    /// Advances to what an in-place operator made.
    pub(crate) fn write(self: &Arc<Cell>, node: Arc<Node>, out: u8) {
        self.write_unseen(node, out);
        self.bump();
    }

    /// As [`Cell::write`], without counting.
    pub(crate) fn write_unseen(self: &Arc<Cell>, node: Arc<Node>, out: u8) {
        crate::runtime::writes(self);
        self.replace(node, out);
        if !self.in_mutated_list.swap(true, AcqRel) {
            MUTATED.lock().expect("no panic while the lock is held").push(Arc::downgrade(self));
        }
    }

    /// Counts a write.
    pub(crate) fn bump(&self) {
        self.version.fetch_add(1, AcqRel);
    }

    /// Whether somebody else sees this memory.
    pub fn is_shared(&self) -> bool {
        self.shared.load(Acquire)
    }

    /// From now on somebody else sees this memory.
    pub(crate) fn share(&self) {
        self.shared.store(true, Release);
    }

    /// From now on nobody else does.
    pub(crate) fn claim(&self) {
        self.shared.store(false, Release);
    }
}

/// So many waiting tensors of one thread make it run what it has, so that their operands do not pile up.
const MANY: usize = 8192;

/// Cells that were created with work to do, which may be done by now; entries of dropped ones are swept when the list has
/// doubled.
#[derive(Default)]
struct PendingList {
    cells: Vec<Weak<Cell>>,
    sweep_at: usize,
}

/// Whether this thread has so many tensors waiting that they had better be run.
pub(crate) fn too_many_pending() -> bool {
    CREATED.with_borrow(|list| list.sweep_at >= 2 * MANY)
}

impl PendingList {
    fn push(&mut self, cell: &Arc<Cell>) {
        if self.cells.len() >= self.sweep_at.max(256) {
            self.cells.retain(|cell| cell.strong_count() > 0);
            self.sweep_at = self.cells.len() * 2;
        }
        self.cells.push(Arc::downgrade(cell));
    }
}

thread_local!(static CREATED: std::cell::RefCell<PendingList> = std::cell::RefCell::default());
static MUTATED: Mutex<Vec<Weak<Cell>>> = Mutex::new(Vec::new());

/// What this thread's live cells wait for; the list is emptied, for all of it is about to be run.
pub(crate) fn created_pending() -> Vec<Arc<Node>> {
    let mut list = CREATED.take();
    let nodes = list.cells.drain(..).filter_map(|cell| cell.upgrade()?.pending()).collect();
    // The memory is used again, unless it has grown large.
    if list.cells.capacity() <= 1024 {
        CREATED.set(PendingList { cells: list.cells, sweep_at: 0 });
    }
    nodes
}

/// What the cells written in place wait for; the list is emptied.
pub(crate) fn mutated_pending() -> Vec<Arc<Node>> {
    let cells = std::mem::take(&mut *MUTATED.lock().expect("no panic while the lock is held"));
    let listed = cells.iter().filter_map(Weak::upgrade);
    listed.inspect(|c| c.in_mutated_list.store(false, Release)).filter_map(|c| c.pending()).collect()
}
