//! Memory at the edge to other libraries: tensors over memory somebody else owns, storages as a whole.

use super::Tensor;
use crate::graph::{Cell, Node};
use st_backend_cpu::external_buffer;
use st_kernel::view::{Dims, Strides, View};
use st_kernel::{DType, Result, value_err};
use std::any::Any;
use std::ptr::NonNull;

impl Tensor {
    /// A CPU tensor over memory of another owner, such as an array of numpy's. Both see each other's writes; `owner` is
    /// dropped when no tensor and no pending operator needs the memory.
    ///
    /// # Safety
    /// The elements that `shape` and `strides` (in elements) reach from `first` on must be initialised and stay valid for
    /// reads and writes until `owner` is dropped; nobody may write them while an operator reads them.
    pub unsafe fn from_foreign(
        first: NonNull<u8>,
        shape: &[usize],
        strides: &[isize],
        dtype: DType,
        owner: Box<dyn Any + Send + Sync>,
    ) -> Result<Tensor> {
        if strides.iter().any(|&s| s < 0) {
            return Err(value_err!(
                "strides {strides:?}: negative strides are not supported; make a copy of the array first"
            ));
        }
        if !first.addr().get().is_multiple_of(dtype.size()) {
            return Err(value_err!("the memory is not aligned for {dtype}; make a copy of it first"));
        }
        let view = View { shape: Dims::from_slice(shape), strides: Strides::from_slice(strides), offset: 0 };
        let count = view.bounds().map_or(0, |(_, last)| last as usize + 1);
        // SAFETY: the caller's promise, for the elements up to the last one that is reached.
        let buffer = unsafe { external_buffer(first, count * dtype.size(), owner) };
        let cell = Cell::new(Node::leaf(buffer, &[count], dtype, 0), 0);
        cell.share();
        Ok(Tensor::over(cell, view))
    }

    /// The owner of this tensor's memory leaves it to us: operators on it are postponed as on any other.
    pub fn claim_storage(&self) {
        self.0.cell.claim();
    }

    /// Whether its elements are in memory, so that looking at them runs nothing.
    pub fn is_realized(&self) -> bool {
        self.0.cell.node().0.is_realized()
    }

    /// Equal for tensors that share memory, and only for them, while they live.
    pub fn storage_id(&self) -> usize {
        std::sync::Arc::as_ptr(&self.0.cell) as usize
    }

    /// All of the storage as a vector, not on the tape.
    pub fn flat_storage(&self) -> Tensor {
        self.alias(View::contiguous(&[self.0.cell.numel]))
    }
}
