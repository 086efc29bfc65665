//! Storage cells: where views of the same memory meet.
//!
//! A cell is flat memory whose contents are, right now, those of a node. In-place operators advance it to another node and
//! count its version; every view of it sees the change, as in torch. Most tensors have no view and are never written: a
//! [`Storage`] makes the cell when somebody asks for it, and is an output of a node until then.

use super::pending::{self, Waits};
use super::{Arg, DeviceId, Node};
use crate::lock::Lock;
use st_kernel::{DType, View};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::*};
use std::sync::{Arc, OnceLock};

/// Memory that views share.
pub struct Cell {
    current: Lock<(Arc<Node>, u8)>,
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
        let (dtype, device, waits) = (node.out_dtype(out), node.device, pending::waits(&node));
        let cell = Arc::new(Cell {
            current: Lock::new((node, out)),
            version: AtomicU32::new(0),
            shared: AtomicBool::new(false),
            in_mutated_list: AtomicBool::new(false),
            numel,
            dtype,
            device,
        });
        if waits {
            pending::created(&cell);
        }
        cell
    }

    /// The node it holds now.
    #[inline]
    pub fn node(&self) -> (Arc<Node>, u8) {
        self.current.lock().clone()
    }

    /// How often it has been written.
    pub fn version(&self) -> u32 {
        self.version.load(Acquire)
    }

    /// Advances to another node without counting a write (the same contents, elsewhere).
    pub(crate) fn replace(&self, node: Arc<Node>, out: u8) {
        let old = std::mem::replace(&mut *self.current.lock(), (node, out));
        drop(old);
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
            pending::written(self);
        }
    }

    /// It is no longer among those that have been written and wait.
    pub(super) fn leave_mutated_list(&self) {
        self.in_mutated_list.store(false, Release);
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

impl Waits for Cell {
    fn pending(&self) -> Option<Arc<Node>> {
        let node = self.node().0;
        pending::waits(&node).then_some(node)
    }
}

/// A tensor's storage: an output of a node that nobody else sees, or a cell.
pub struct Storage {
    /// Until there is a cell.
    own: Lock<Option<(Arc<Node>, u8)>>,
    cell: OnceLock<Arc<Cell>>,
    /// Its elements.
    pub numel: usize,
    /// Their type.
    pub dtype: DType,
    /// Where they are.
    pub device: DeviceId,
}

impl Storage {
    /// An output of a node, of so many elements.
    #[inline(always)]
    pub(crate) fn of_node(node: Arc<Node>, out: u8, numel: usize) -> Storage {
        let (dtype, device) = (node.out_dtype(out), node.device);
        Storage { own: Lock::new(Some((node, out))), cell: OnceLock::new(), numel, dtype, device }
    }

    /// Memory that others may see, too.
    pub(crate) fn of_cell(cell: Arc<Cell>) -> Storage {
        let (numel, dtype, device) = (cell.numel, cell.dtype, cell.device);
        Storage { own: Lock::new(None), cell: OnceLock::from(cell), numel, dtype, device }
    }

    /// The cell, from now on if there was none.
    pub fn cell(&self) -> &Arc<Cell> {
        self.cell.get_or_init(|| {
            let (node, out) = self.own.lock().take().expect("a storage has its node or its cell");
            Cell::new(node, out)
        })
    }

    /// The node it holds now, and which output.
    #[inline]
    pub fn node(&self) -> (Arc<Node>, u8) {
        if self.cell.get().is_none()
            && let Some(own) = &*self.own.lock()
        {
            return own.clone();
        }
        // (Where another thread makes the cell just now, this waits for it.)
        self.cell().node()
    }

    /// What it holds now, as an operand seen through `view`.
    pub fn arg(&self, view: Option<Arc<View>>) -> Arg {
        let (node, out) = self.node();
        Arg::Of { node, out, view }
    }

    /// How often it has been written.
    pub fn version(&self) -> u32 {
        self.cell.get().map_or(0, |cell| cell.version())
    }

    /// Whether somebody else than tensors sees this memory.
    #[inline]
    pub fn is_shared(&self) -> bool {
        self.cell.get().is_some_and(|cell| cell.is_shared())
    }

    /// Whether both are the same memory.
    pub(crate) fn is(&self, other: &Storage) -> bool {
        match (self.cell.get(), other.cell.get()) {
            (Some(cell), Some(others)) => Arc::ptr_eq(cell, others),
            _ => std::ptr::eq(self, other),
        }
    }

    /// How many tensors, and saved ones, hold the memory.
    pub(crate) fn holders(&self) -> usize {
        self.cell.get().map_or(1, Arc::strong_count)
    }
}
