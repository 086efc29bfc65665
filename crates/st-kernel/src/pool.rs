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
    /// Of memory that is free, what has the smallest number serves first; of equal numbers, what came back last. So programs
    /// that repeat themselves get the same memory again.
    fn number(&self) -> u64 {
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
            let free = kept.free.entry((memory.home(), memory.size())).or_default();
            let behind = free.partition_point(|other| other.number() >= memory.number());
            free.insert(behind, memory);
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
    /// The last one of each serves first.
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

/// Bytes from which on memory is not given away lightly.
const LARGE: u64 = 32 << 20;

/// The size of the class that holds so many bytes: powers of two and three steps between them, fifteen for large ones.
pub fn class_size(bytes: usize) -> u64 {
    let bytes = (bytes as u64).max(256);
    let steps = if bytes < LARGE { 8 } else { 32 };
    let step = (bytes.next_power_of_two() / steps).max(64);
    bytes.next_multiple_of(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bytes(u64);

    impl Memory for Bytes {
        fn size(&self) -> u64 {
            self.0
        }
    }

    struct Numbered(u64);

    impl Memory for Numbered {
        fn size(&self) -> u64 {
            256
        }
        fn number(&self) -> u64 {
            self.0
        }
    }

    #[test]
    fn the_smallest_number_serves_first_whatever_came_back_last() {
        let pool: Arc<Pool<Numbered>> = Arc::default();
        let held = [3, 1, 4, 2].map(|number| Pooled::new(Numbered(number), 256, pool.clone()));
        drop(held);
        let taken: Vec<u64> = std::iter::from_fn(|| pool.take(0, 256)).map(|memory| memory.0).collect();
        assert_eq!(taken, [1, 2, 3, 4]);
    }

    #[test]
    fn the_peak_is_that_of_all_pools_at_one_time() {
        let first: Arc<Pool<Bytes>> = Arc::default();
        let second = Arc::new(first.beside());
        let held = |pool: &Arc<Pool<Bytes>>, bytes: u64| Pooled::new(Bytes(bytes), 1, pool.clone());
        drop(held(&first, 1000));
        let kept = held(&second, 600);
        assert_eq!([first.stats().peak, second.stats().peak], [1000; 2]);
        let more = held(&first, 500);
        assert_eq!([first.stats().peak, first.stats().in_use, second.stats().in_use], [1100, 500, 600]);
        drop(more);
        first.reset_peak();
        assert_eq!([first.stats().peak, second.stats().cached], [600, 0]);
        drop(kept);
        assert_eq!([second.stats().in_use, second.stats().cached, first.stats().cached], [0, 600, 1500]);
    }

    #[test]
    fn classes_hold_what_they_are_for_and_waste_little() {
        for bytes in [1, 256, 257, 1 << 20, (1 << 20) + 1, LARGE as usize, 823_410_688, 154_389_504] {
            let class = class_size(bytes);
            assert!(class >= bytes as u64 && class_size(class as usize) == class, "{bytes}");
            let most = if bytes as u64 >= LARGE { bytes / 16 } else { bytes / 4 + 256 };
            assert!(class <= (bytes + most) as u64, "{bytes} bytes take {class}");
        }
    }
}
