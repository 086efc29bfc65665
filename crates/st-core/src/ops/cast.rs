//! Copies: to another dtype, to row-major order, to another device.

use super::pointwise::{Pointwise, apply};
use crate::autograd::{Backward, Rule};
use crate::graph::{DeviceId, Node};
use crate::runtime;
use crate::tensor::Tensor;
use st_kernel::{Buffer, DType, Expr, Result, runtime_err};
use std::sync::OnceLock;

impl Tensor {
    /// As another dtype; itself if it has it already.
    pub fn to_dtype(&self, dtype: DType) -> Result<Tensor> {
        if dtype == self.dtype() { Ok(self.clone()) } else { self.copied("to", dtype) }
    }

    /// In row-major order; itself if it is already.
    pub fn contiguous(&self) -> Result<Tensor> {
        if self.is_contiguous() { Ok(self.clone()) } else { self.copied("contiguous", self.dtype()) }
    }

    /// A copy of the data (torch's `clone`; Rust's `clone` copies the handle).
    pub fn copy(&self) -> Result<Tensor> {
        self.copied("clone", self.dtype())
    }

    /// On another device; itself if it is there already.
    pub fn to_device(&self, device: DeviceId) -> Result<Tensor> {
        self.to_device_when(device, false)
    }

    /// On another device; with `later` pinned memory is still read by it when this returns.
    fn to_device_when(&self, device: DeviceId, later: bool) -> Result<Tensor> {
        if device == self.device() {
            return Ok(self.clone());
        }
        let there = runtime::device(device)?;
        let buffer = match self.taken_beside(device)? {
            Some(buffer) => buffer,
            None => self.with_bytes(|bytes| {
                let buffer = there.alloc(bytes.len())?;
                if later {
                    there.upload_later(bytes, &buffer)?
                } else {
                    there.upload(bytes, &buffer)?
                }
                Ok(buffer)
            })?,
        };
        let node = Node::leaf(buffer, self.shape(), self.dtype(), device);
        Tensor::record(node, &[Some(self)], || Rule::Custom(Box::new(ToDevice { from: self.device() })))
    }

    /// A copy in the memory of another device of the same kind, if it can be made without the host.
    fn taken_beside(&self, device: DeviceId) -> Result<Option<Buffer>> {
        if self.device() == 0 || device == 0 || self.numel() == 0 || runtime::has_no_values(device) {
            return Ok(None);
        }
        let (here, there) = (runtime::device(self.device())?, runtime::device(device)?);
        if here.info().kind != there.info().kind {
            return Ok(None);
        }
        let dense = self.detach().copy()?;
        let (from, to) = (dense.storage()?, there.alloc(self.numel() * self.dtype().size())?);
        Ok(there.copy_from(here, &from, &to)?.then_some(to))
    }

    /// Torch's `to`: where and what is named changes; a copy is made if nothing does and one is asked for.
    pub(crate) fn moved(&self, device: Option<DeviceId>, dtype: Option<DType>, copy: bool) -> Result<Tensor> {
        self.moved_when(device, dtype, copy, false)
    }

    /// Torch's `to` with `non_blocking`.
    pub(crate) fn moved_when(
        &self,
        device: Option<DeviceId>,
        dtype: Option<DType>,
        copy: bool,
        later: bool,
    ) -> Result<Tensor> {
        let cast = self.to_dtype(dtype.unwrap_or(self.dtype()))?;
        let device_changes = device.is_some_and(|device| device != self.device());
        if device_changes && runtime::is_capturing() {
            expect_pinned(&cast, device.unwrap_or(0))?;
        }
        let moved = cast.to_device_when(device.unwrap_or(self.device()), later)?;
        if copy && moved.is(self) { self.copy() } else { Ok(moved) }
    }

    fn copied(&self, name: &'static str, dtype: DType) -> Result<Tensor> {
        const N: usize = DType::ALL.len();
        // `to`, `contiguous` and `clone` are one expression for a pair of dtypes.
        static CASTS: [[OnceLock<Pointwise>; N]; N] = [const { [const { OnceLock::new() }; N] }; N];
        let make = || Pointwise::intern("to", Expr::build(&[self.dtype()], |x| vec![x[0].cast(dtype)]), None);
        let cast = *CASTS[self.dtype() as usize][dtype as usize].get_or_init(make);
        apply(cast.named(name), &[self.into()])
    }
}

/// While a graph is recorded only pinned memory is copied to its device: a replay reads it again.
fn expect_pinned(source: &Tensor, device: DeviceId) -> Result<()> {
    let start = if source.device() == 0 { source.storage()?.host_ptr() } else { None };
    let device = runtime::device(device)?;
    if start.is_some_and(|start| device.is_pinned(start.as_ptr())) {
        return Ok(());
    }
    Err(runtime_err!(
        "Cannot copy between CPU and CUDA tensors during CUDA graph capture unless the CPU tensor is pinned. Please use tensor.pin_memory() or allocate the tensor with pin_memory=True."
    ))
}

/// The gradient of a move goes back.
struct ToDevice {
    from: DeviceId,
}

impl Backward for ToDevice {
    fn name(&self) -> String {
        "ToDeviceBackward".into()
    }

    fn backward(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        upstream.iter().map(|g| g.as_ref().map(|g| g.to_device(self.from)).transpose()).collect()
    }
}
