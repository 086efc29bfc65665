//! Buffers, from the pool that all backends share.

use st_kernel::pool::{Memory, Pooled};

/// Memory of a tensor.
pub(crate) type WgpuBuffer = Pooled<Block>;

/// A buffer of a GPU.
pub(crate) struct Block(pub(crate) wgpu::Buffer);

impl Memory for Block {
    fn size(&self) -> u64 {
        self.0.size()
    }
}
