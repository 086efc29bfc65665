//! Small copies to the GPU that do not wait for it.
//!
//! The driver copies from ordinary memory only when all earlier work is done. So what is small is first copied to a ring of
//! memory that the driver has pinned; only when the ring is full must somebody wait.

use crate::driver::{Address, Driver, Handle};
use st_kernel::Result;
use std::ptr::null_mut;
use std::sync::{Mutex, PoisonError};

/// Bytes of the ring, and the most that one copy may take of it.
const RING: usize = 4 << 20;
const MOST: usize = 256 << 10;

/// A ring of pinned memory.
pub(crate) struct Staging {
    memory: *mut u8,
    /// Where the free part begins.
    next: Mutex<usize>,
}

// SAFETY: parts of the memory are handed out under the lock, each to one copy.
unsafe impl Send for Staging {}
// SAFETY: as above.
unsafe impl Sync for Staging {}

impl Staging {
    /// Pins memory; the context is current.
    pub(crate) fn new(driver: &Driver) -> Result<Staging> {
        let mut memory = null_mut();
        // SAFETY: `memory` is written. 1: for all contexts.
        driver.check("pinning memory", unsafe { (driver.cuMemHostAlloc)(&raw mut memory, RING, 1) })?;
        Ok(Staging { memory: memory.cast(), next: Mutex::new(0) })
    }

    /// Copies to the GPU in the order of a stream; the bytes may change once this returns.
    pub(crate) fn copy(&self, driver: &Driver, stream: Handle, from: &[u8], to: Address) -> Result<()> {
        let copy = |from: *const u8, bytes: usize| {
            // SAFETY: the target has room, as whoever asks for the copy promises; the source is ordinary memory, which has
            // been read when the call returns, or a part of the ring that nobody else writes before the copy is done.
            driver.check("copying to the GPU", unsafe {
                (driver.cuMemcpyHtoDAsync_v2)(to, from.cast(), bytes, stream)
            })
        };
        if from.len() > MOST {
            return copy(from.as_ptr(), from.len());
        }
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if *next + from.len() > RING {
            // SAFETY: the context is current. Parts of the ring belong to any stream.
            driver.check("waiting for copies", unsafe { (driver.cuCtxSynchronize)() })?;
            *next = 0;
        }
        // SAFETY: the part from `next` on is free and has room.
        let part = unsafe {
            let part = self.memory.add(*next);
            part.copy_from_nonoverlapping(from.as_ptr(), from.len());
            part
        };
        *next += from.len().next_multiple_of(64);
        copy(part, from.len())
    }
}
