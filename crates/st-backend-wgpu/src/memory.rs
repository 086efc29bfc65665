//! Buffers, from the pool that all backends share.

use st_kernel::pool::{Memory, Pooled};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Memory of a tensor.
pub(crate) type WgpuBuffer = Pooled<Block>;

/// A buffer of a GPU.
pub(crate) struct Block {
    pub(crate) buffer: wgpu::Buffer,
    /// No other buffer has or had this number.
    pub(crate) id: u64,
}

impl Block {
    pub(crate) fn new(buffer: wgpu::Buffer) -> Block {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Block { buffer, id: NEXT.fetch_add(1, Relaxed) }
    }
}

impl Memory for Block {
    fn size(&self) -> u64 {
        self.buffer.size()
    }
    /// Bound buffers are remembered, and found if a program asks for the same ones again.
    fn number(&self) -> u64 {
        self.id
    }
}

/// A part of a buffer, as it is bound.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) memory: &'a Block,
    pub(crate) from: u64,
    pub(crate) bytes: u64,
}

impl<'a> Part<'a> {
    /// A buffer from its beginning on, as far as a binding goes.
    pub(crate) fn whole(memory: &'a Block, most: u64) -> Part<'a> {
        Part { memory, from: 0, bytes: memory.size().min(most) }
    }
}
