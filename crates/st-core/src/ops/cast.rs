//! Copies: to another dtype, to row-major order, to another device.

use super::pointwise::{Pointwise, apply};
use crate::autograd::{Backward, Rule};
use crate::graph::{DeviceId, Node};
use crate::runtime;
use crate::tensor::Tensor;
use st_kernel::{DType, Expr, Result};
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
        let buffer = self.with_bytes(|bytes| {
            let buffer = there.alloc(bytes.len())?;
            if later {
                there.upload_later(bytes, &buffer)?
            } else {
                there.upload(bytes, &buffer)?
            }
            Ok(buffer)
        })?;
        let node = Node::leaf(buffer, self.shape(), self.dtype(), device);
        Tensor::record(node, &[Some(self)], || Rule::Custom(Box::new(ToDevice { from: self.device() })))
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
