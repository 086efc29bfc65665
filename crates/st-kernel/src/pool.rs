//! A cache of device memory: what tensors give back serves again.
//!
//! Sizes are rounded up to a few classes for each power of two, so that memory that comes back soon serves again. A stream's
//! work is done in the order it is asked for, so memory may be handed out again while earlier work still uses it.

use crate::device::{DeviceBuffer, MemoryStats};
use crate::streams::Stream;
use std::any::Any;
use std::collections::HashMap;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A piece of a device's memory. Dropping it gives it back to the system.
pub trait Memory: Send + Sync + 'static {
    /// Bytes.
    fn size(&self) -> u64;
    /// In which stream's order it is used: it serves again only there.
    fn home(&self) -> Stream {
        0
    }
    /// Its address, where other libraries know it by one.
    fn address(&self) -> Option<u64> {
        None
    }
    /// Whether it is another library's: it is never kept.
    fn is_foreign(&self) -> bool {
        false
    }
    /// No tensor needs it any more: what other streams still do with it comes before what its own one does next.
    fn leave(&self) {}
}

/// Memory of a tensor: it goes back to the pool when it is dropped.
pub struct Pooled<M: Memory> {
    /// Always there until it is dropped.
    memory: Option<M>,
    bytes: usize,
    pool: Arc<Pool<M>>,
}

impl<M: Memory> Pooled<M> {
    /// So many bytes of some memory, which is the pool's from now on.
    pub fn new(memory: M, bytes: usize, pool: Arc<Pool<M>>) -> Pooled<M> {
        if !memory.is_foreign() {
            pool.lock().stats.in_use += memory.size();
            let mut together = pool.together();
            together.in_use += memory.size();
            together.peak = together.peak.max(together.in_use);
        }
        Pooled { memory: Some(memory), bytes, pool }
    }

    /// The memory.
    pub fn memory(&self) -> &M {
        self.memory.as_ref().expect("it is taken by drop only")
    }
}

impl<M: Memory> DeviceBuffer for Pooled<M> {
    fn len(&self) -> usize {
        self.bytes
    }
    fn host_ptr(&self) -> Option<NonNull<u8>> {
        None
    }
    fn address(&self) -> Option<u64> {
        self.memory().address()
    }
    fn is_foreign(&self) -> bool {
        self.memory().is_foreign()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl<M: Memory> Drop for Pooled<M> {
    fn drop(&mut self) {
        if let Some(memory) = self.memory.take() {
            memory.leave();
            if memory.is_foreign() {
                return;
            }
            self.pool.together().in_use -= memory.size();
            let mut kept = self.pool.lock();
            kept.stats.in_use -= memory.size();
            kept.stats.cached += memory.size();
            kept.free.entry((memory.home(), memory.size())).or_default().push(memory);
        }
    }
}

/// Memory nobody uses, by stream and size.
pub struct Pool<M> {
    kept: Mutex<Kept<M>>,
    together: Arc<Mutex<Together>>,
}

/// What the pools of a device have in use together, now and at most.
#[derive(Default)]
struct Together {
    in_use: u64,
    peak: u64,
}

struct Kept<M> {
    free: HashMap<(Stream, u64), Vec<M>>,
    stats: MemoryStats,
}

impl<M> Default for Pool<M> {
    fn default() -> Pool<M> {
        let kept = Mutex::new(Kept { free: HashMap::new(), stats: MemoryStats::default() });
        Pool { kept, together: Arc::default() }
    }
}

impl<M> Pool<M> {
    fn lock(&self) -> MutexGuard<'_, Kept<M>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn together(&self) -> MutexGuard<'_, Together> {
        self.together.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another pool of the same device.
    pub fn beside(&self) -> Pool<M> {
        Pool { together: self.together.clone(), ..Pool::default() }
    }

    /// Memory of a stream and of a class's size, if there is some.
    pub fn take(&self, home: Stream, size: u64) -> Option<M> {
        let mut kept = self.lock();
        let found = kept.free.get_mut(&(home, size))?.pop()?;
        kept.stats.cached -= size;
        Some(found)
    }

    /// What is in use, and what is cached; at most, by all pools of the device.
    pub fn stats(&self) -> MemoryStats {
        MemoryStats { peak: self.together().peak, ..self.lock().stats }
    }

    /// Forgets how much was in use at most.
    pub fn reset_peak(&self) {
        let mut together = self.together();
        together.peak = together.in_use;
    }

    /// Gives what nobody uses back to the system.
    pub fn clear(&self) {
        let mut kept = self.lock();
        let free = std::mem::take(&mut kept.free);
        kept.stats.cached = 0;
        drop(kept);
        // Only now: giving memory back may take long.
        drop(free);
    }
}

/// The size of the class that holds so many bytes: powers of two and three steps between them.
pub fn class_size(bytes: usize) -> u64 {
    let bytes = (bytes as u64).max(256);
    let step = (bytes.next_power_of_two() / 8).max(64);
    bytes.next_multiple_of(step)
}
