//! Buffers, and the pool they go back to when the last handle is dropped.
//!
//! Sizes are rounded up to a few classes for each power of two, so that a buffer that comes back soon serves again. Work
//! is done in the order it is asked for, so memory may be handed out again while earlier work still uses it.

use st_kernel::DeviceBuffer;
use std::any::Any;
use std::collections::HashMap;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Memory of a GPU.
pub(crate) struct WgpuBuffer {
    /// Always there until it is dropped.
    memory: Option<wgpu::Buffer>,
    bytes: usize,
    pool: Arc<Pool>,
}

impl WgpuBuffer {
    pub(crate) fn new(memory: wgpu::Buffer, bytes: usize, pool: Arc<Pool>) -> WgpuBuffer {
        pool.lock().used += memory.size();
        WgpuBuffer { memory: Some(memory), bytes, pool }
    }

    pub(crate) fn memory(&self) -> &wgpu::Buffer {
        self.memory.as_ref().expect("it is taken by drop only")
    }
}

impl DeviceBuffer for WgpuBuffer {
    fn len(&self) -> usize {
        self.bytes
    }
    fn host_ptr(&self) -> Option<NonNull<u8>> {
        None
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Drop for WgpuBuffer {
    fn drop(&mut self) {
        if let Some(memory) = self.memory.take() {
            let mut kept = self.pool.lock();
            kept.used -= memory.size();
            kept.cached += memory.size();
            kept.free.entry(memory.size()).or_default().push(memory);
        }
    }
}

/// Buffers nobody uses, by size.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    free: HashMap<u64, Vec<wgpu::Buffer>>,
    used: u64,
    cached: u64,
}

impl Pool {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A buffer of a class's size, if there is one.
    pub(crate) fn take(&self, size: u64) -> Option<wgpu::Buffer> {
        let mut kept = self.lock();
        let found = kept.free.get_mut(&size)?.pop()?;
        kept.cached -= size;
        Some(found)
    }

    /// Bytes in use, and cached.
    pub(crate) fn stats(&self) -> (u64, u64) {
        let kept = self.lock();
        (kept.used, kept.cached)
    }

    /// Gives what nobody uses back to the system.
    pub(crate) fn clear(&self) {
        let mut kept = self.lock();
        kept.free.clear();
        kept.cached = 0;
    }
}

/// The size of the class that holds so many bytes: powers of two and three steps between them.
pub(crate) fn class_size(bytes: usize) -> u64 {
    let bytes = (bytes as u64).max(256);
    let step = (bytes.next_power_of_two() / 8).max(64);
    bytes.next_multiple_of(step)
}
