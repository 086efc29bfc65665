//! Memory at the edge to other libraries: tensors over memory somebody else owns, storages as a whole.

use super::Tensor;
use crate::autograd::torch_name;
use crate::graph::{Cell, DeviceId, Node};
use crate::runtime;
use st_backend_cpu::external_buffer;
use st_kernel::view::{Dims, Strides, View};
use st_kernel::{Buffer, DType, Owner, Result, runtime_err, value_err};
use std::ptr::NonNull;

/// Memory seen as elements of another size, the last dimension growing or shrinking with it; the names are for errors.
pub(crate) fn of_other_size(view: &View, sizes: [usize; 2], names: [&str; 2]) -> Result<View> {
    let ([own, new], what) =
        (sizes, || format!("to view {} as {} (different element sizes)", names[0], names[1]));
    let (Some(&last), Some(&step)) = (view.shape.last(), view.strides.last()) else {
        return Err(runtime_err!("self.dim() cannot be 0 {}", what()));
    };
    let (times, parts) = if own > new { (own / new, 1) } else { (1, new / own) };
    let expect_whole = |name: String, n: usize| {
        if n.is_multiple_of(parts) {
            return Ok(());
        }
        Err(runtime_err!("self.{name} must be divisible by {parts} {}, but got {n}", what()))
    };
    expect_whole("size(-1)".into(), last)?;
    if step != 1 {
        return Err(runtime_err!("self.stride(-1) must be 1 {}, but got {step}", what()));
    }
    expect_whole("storage_offset()".into(), view.offset as usize)?;
    let lead = view.strides.len() - 1;
    for (d, step) in view.strides[..lead].iter().enumerate() {
        expect_whole(format!("stride({d})"), step.unsigned_abs())?;
    }
    let scaled = |n: isize| n * times as isize / parts as isize;
    let mut seen = View {
        shape: view.shape.clone(),
        strides: view.strides.iter().map(|&s| scaled(s)).collect(),
        offset: scaled(view.offset),
    };
    seen.shape[lead] = last * times / parts;
    seen.strides[lead] = 1;
    Ok(seen)
}

/// Bytes that a kernel reads at once at most, and begins at multiples of.
const ALIGNED: u64 = 16;

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
        owner: Owner,
    ) -> Result<Tensor> {
        if !first.addr().get().is_multiple_of(dtype.size()) {
            return Err(value_err!("the memory is not aligned for {dtype}; make a copy of it first"));
        }
        Tensor::over_memory((shape, strides, 0), dtype, 0, |bytes| {
            // SAFETY: the caller's promise, for the elements up to the last one that is reached.
            Ok(unsafe { external_buffer(first, bytes, owner) })
        })
    }

    /// A tensor of another device over memory that another library has there, as [`from_foreign`](Tensor::from_foreign).
    ///
    /// # Safety
    /// What `from_foreign` asks for, of the device's memory.
    pub unsafe fn from_foreign_on(
        device: DeviceId,
        first: u64,
        shape: &[usize],
        strides: &[isize],
        dtype: DType,
        owner: Owner,
    ) -> Result<Tensor> {
        if !first.is_multiple_of(dtype.size() as u64) {
            return Err(value_err!("the memory is not aligned for {dtype}; make a copy of it first"));
        }
        // Kernels read several elements at once where memory begins as theirs does; what is before `first` they leave alone.
        let before = first % ALIGNED;
        let offset = before as usize / dtype.size();
        Tensor::over_memory((shape, strides, offset), dtype, device, |bytes| {
            // SAFETY: as above.
            unsafe { runtime::device(device)?.foreign(first - before, bytes, owner) }
        })
    }

    /// A tensor whose elements somebody else sees, in a buffer of so many bytes.
    fn over_memory(
        (shape, strides, offset): (&[usize], &[isize], usize),
        dtype: DType,
        device: DeviceId,
        buffer: impl FnOnce(usize) -> Result<Buffer>,
    ) -> Result<Tensor> {
        if strides.iter().any(|&s| s < 0) {
            return Err(value_err!(
                "strides {strides:?}: negative strides are not supported; make a copy of the array first"
            ));
        }
        let offset = offset as isize;
        let view = View { shape: Dims::from_slice(shape), strides: Strides::from_slice(strides), offset };
        let count = view.bounds().map_or(0, |(_, last)| last as usize + 1);
        let cell = Cell::new(Node::leaf(buffer(count * dtype.size())?, &[count], dtype, device), 0);
        cell.share();
        Ok(Tensor::over(cell, view))
    }

    /// The same bytes as elements of another dtype: the last dimension grows or shrinks with the elements' size. Both see
    /// each other's writes, as with memory of another library; it is not on the tape. Bools of other bytes than 0 and 1
    /// are a copy: kernels count on those two.
    pub fn view_dtype(&self, dtype: DType) -> Result<Tensor> {
        if dtype == self.dtype() {
            return Ok(self.detach());
        }
        if dtype == DType::Bool && self.numel() > 0 && !runtime::has_no_values(self.device()) {
            let bytes = self.view_dtype(DType::U8)?;
            if bytes.max_all()?.to_scalar::<u8>()? > 1 {
                return bytes.ne(0);
            }
        }
        let sizes = [self.dtype().size(), dtype.size()];
        let mut seen = self.0.view.clone();
        if sizes[0] != sizes[1] {
            seen = of_other_size(&seen, sizes, [torch_name(self.dtype()), torch_name(dtype)])?;
        }
        if self.numel() == 0 {
            return Tensor::empty(&seen.shape, dtype, self.device());
        }
        let buffer = self.detach().share_storage()?;
        let start = buffer.host_ptr().map_or(0, |start| start.addr().get());
        if !start.is_multiple_of(dtype.size()) {
            return Err(value_err!("the memory is not aligned for {dtype}; make a copy of it first"));
        }
        let count = buffer.len() / dtype.size();
        let cell = Cell::new(Node::leaf(buffer, &[count], dtype, self.device()), 0);
        cell.share();
        Ok(Tensor::over(cell, seen))
    }

    /// The same elements in memory of the host that a device copies from by itself; others may see it, so it is written in place.
    pub fn pinned(&self, device: DeviceId) -> Result<Tensor> {
        let bytes = self.to_bytes()?;
        let (start, owner) = runtime::device(device)?.pinned(bytes.len())?;
        // SAFETY: there is room for as many bytes as were asked for, which nobody else has.
        unsafe { start.copy_from_nonoverlapping(NonNull::from(&bytes[..]).cast(), bytes.len()) };
        let strides = View::contiguous(self.shape()).strides;
        // SAFETY: the owner keeps the memory, all of which has been written.
        unsafe { Tensor::from_foreign(start, self.shape(), &strides, self.dtype(), owner) }
    }

    /// The owner of this tensor's memory leaves it to us: operators on it are postponed as on any other.
    pub fn claim_storage(&self) {
        self.0.storage.cell().claim();
    }

    /// From now on its storage, for all who see it, is the memory of another one with the same contents, which others
    /// write as well.
    pub fn move_storage(&self, to: &Tensor) -> Result<()> {
        let (cell, there) = (self.0.storage.cell(), to.0.storage.cell());
        if (cell.numel, cell.dtype, cell.device) != (there.numel, there.dtype, there.device) {
            return Err(runtime_err!("move_storage: the other memory holds something else"));
        }
        let (node, out) = there.node();
        cell.replace(node, out);
        cell.share();
        Ok(())
    }

    /// Whether its elements are in memory, so that looking at them runs nothing.
    pub fn is_realized(&self) -> bool {
        self.0.storage.node().0.is_realized()
    }

    /// Equal for tensors that share memory, and only for them, while they live.
    pub fn storage_id(&self) -> usize {
        std::sync::Arc::as_ptr(self.0.storage.cell()) as usize
    }

    /// All of the storage as a vector, not on the tape.
    pub fn flat_storage(&self) -> Tensor {
        self.alias(View::contiguous(&[self.0.storage.numel]))
    }
}
