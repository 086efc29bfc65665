//! Memory of the host that a GPU copies from by itself.
//!
//! A copy may still read it when its tensor is gone: it serves again once the marks behind its copies have passed.

use crate::device::Shared;
use crate::driver::{Address, Handle, WITHOUT_TIME};
use st_kernel::pool::class_size;
use st_kernel::{Owner, Result};
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr::{NonNull, null_mut, with_exposed_provenance_mut};
use std::sync::{Arc, Mutex, PoisonError};

/// All pinned memory of a GPU, by its address.
#[derive(Default)]
pub(crate) struct Pinned(Mutex<BTreeMap<usize, Piece>>);

struct Piece {
    size: usize,
    used: bool,
    /// The mark behind the last copy from it.
    copied: Option<usize>,
}

/// Keeps a piece for a tensor.
struct Keeper {
    shared: Arc<Shared>,
    start: usize,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let mut pieces = self.shared.pinned.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(piece) = pieces.get_mut(&self.start) {
            piece.used = false;
        }
    }
}

impl Shared {
    /// A piece of pinned memory. The calling thread has entered.
    pub(crate) fn pin(self: &Arc<Shared>, bytes: usize) -> Result<(NonNull<u8>, Owner)> {
        let size = class_size(bytes) as usize;
        let mut pieces = self.pinned.0.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: marks of this context.
        let is_over = |mark: usize| unsafe { (self.driver.cuEventQuery)(event(mark)) == 0 };
        let free = pieces.iter_mut().find(|(_, p)| !p.used && p.size == size && p.copied.is_none_or(is_over));
        let start = if let Some((start, piece)) = free {
            piece.used = true;
            *start
        } else {
            let mut memory: *mut c_void = null_mut();
            // SAFETY: `memory` is written. 1: for all contexts.
            let code = unsafe { (self.driver.cuMemHostAlloc)(&raw mut memory, size, 1) };
            self.driver.check("pinning memory", code)?;
            pieces.insert(memory.expose_provenance(), Piece { size, used: true, copied: None });
            memory.addr()
        };
        drop(pieces);
        let memory = NonNull::new(with_exposed_provenance_mut(start)).expect("the driver gave it");
        Ok((memory, Box::new(Keeper { shared: self.clone(), start })))
    }

    /// Whether an address is in pinned memory.
    pub(crate) fn is_pinned(&self, at: *const u8) -> bool {
        let pieces = self.pinned.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = pieces.range(..=at.addr()).next_back();
        found.is_some_and(|(start, piece)| piece.used && at.addr() < start + piece.size)
    }

    /// Records a copy that every replay makes: of pinned memory as it is then if `later`, else of the bytes as they are now.
    pub(crate) fn send_each_time(self: &Arc<Shared>, from: &[u8], to: Address, later: bool) -> Result<()> {
        let mut start = from.as_ptr();
        if !(later && self.is_pinned(start)) {
            let (memory, owner) = self.pin(from.len())?;
            // SAFETY: there is room for as many bytes as were asked for, which nobody else has.
            unsafe { memory.copy_from_nonoverlapping(NonNull::from(from).cast(), from.len()) };
            self.keep(owner);
            start = memory.as_ptr();
        }
        // SAFETY: the buffer holds as many bytes; the graph keeps the memory, or the user does, as in torch.
        let code = unsafe { (self.driver.cuMemcpyHtoDAsync_v2)(to, start.cast(), from.len(), self.stream()) };
        self.driver.check("copying to the GPU", code)
    }

    /// A copy from pinned memory has been asked for.
    pub(crate) fn mark_copied(&self, at: *const u8) -> Result<()> {
        let mut pieces = self.pinned.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((_, piece)) = pieces.range_mut(..=at.addr()).next_back() else { return Ok(()) };
        let mark = match piece.copied {
            Some(mark) => mark,
            None => *piece.copied.insert(self.driver.event(WITHOUT_TIME)?.expose_provenance()),
        };
        // SAFETY: an event and a stream of this context.
        let code = unsafe { (self.driver.cuEventRecord)(event(mark), self.stream()) };
        self.driver.check("marking a copy", code)
    }
}

fn event(mark: usize) -> Handle {
    with_exposed_provenance_mut(mark)
}
