//! Memory at the edge to other libraries: tensors over memory somebody else owns, storages as a whole.

use super::Tensor;
use crate::graph::{Cell, Node};
use st_backend_cpu::external_buffer;
use st_kernel::view::{Dims, Strides, View};
use st_kernel::{DType, Result, runtime_err, value_err};
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

    /// The same bytes as elements of another dtype: the last dimension grows or shrinks with the elements' size. Both see
    /// each other's writes, as with memory of another library; it is not on the tape.
    pub fn view_dtype(&self, dtype: DType) -> Result<Tensor> {
        if dtype == self.dtype() {
            return self.view(&self.shape().iter().map(|&n| n as i64).collect::<Vec<_>>());
        }
        let (own, new) = (self.dtype().size(), dtype.size());
        let (mut shape, mut strides) = (self.shape().to_vec(), self.strides().to_vec());
        if own != new {
            let what = || format!("to view {} as {dtype} (different element sizes)", self.dtype());
            let (Some(last), Some(step)) = (shape.last_mut(), strides.pop()) else {
                return Err(runtime_err!("self.dim() cannot be 0 {}", what()));
            };
            if step != 1 && *last != 1 {
                return Err(runtime_err!("self.stride(-1) must be 1 {}, but got {step}", what()));
            }
            let (times, parts) = if own > new { (own / new, 1) } else { (1, new / own) };
            let whole = |n: usize| n.is_multiple_of(parts);
            let uneven = |name: String, n: usize| {
                runtime_err!("self.{name} must be divisible by {parts} {}, but got {n}", what())
            };
            if !whole(*last) {
                return Err(uneven("size(-1)".into(), *last));
            }
            if !whole(self.storage_offset()) {
                return Err(uneven("storage_offset()".into(), self.storage_offset()));
            }
            if let Some(d) = strides.iter().position(|s| !whole(s.unsigned_abs())) {
                return Err(uneven(format!("stride({d})"), strides[d].unsigned_abs()));
            }
            *last = *last * times / parts;
            strides.iter_mut().for_each(|s| *s = *s * times as isize / parts as isize);
            strides.push(1);
        }
        if self.numel() == 0 {
            return Tensor::empty(&shape, dtype, self.device());
        }
        let buffer = self.detach().share_storage()?;
        let start = buffer.host_ptr().ok_or_else(|| {
            runtime_err!(
                "view: the memory of {} is not the host's; move the tensor with .cpu() first",
                self.dtype()
            )
        })?;
        // SAFETY: the first element lies in the storage.
        let first = unsafe { start.add(self.storage_offset() * own) };
        // SAFETY: the same bytes as this tensor's elements, in a buffer that the owner keeps; shared storage is written in place.
        unsafe { Tensor::from_foreign(first, &shape, &strides, dtype, Box::new(buffer)) }
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
