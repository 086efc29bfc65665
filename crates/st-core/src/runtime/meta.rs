//! The device `meta`: tensors that have a shape, a dtype and a place on the tape, and no values.
//!
//! Its memory is a number of bytes and its kernels do nothing, so that every operator, view and gradient works on it as on
//! any device, and only who asks for a value gets an error.

use st_kernel::{
    Buffer, DType, Device, DeviceBuffer, DeviceInfo, Kernel, Launch, MemoryStats, Program, Result, Scalar,
    unsupported,
};
use std::any::Any;
use std::ptr::NonNull;
use std::sync::Arc;

/// The device's kind.
pub(super) const NAME: &str = "meta";

/// The device.
pub(super) struct Meta {
    info: DeviceInfo,
}

impl Meta {
    pub(super) fn new() -> Meta {
        Meta {
            info: DeviceInfo {
                kind: NAME,
                index: 0,
                name: "shapes without values".into(),
                memory: None,
                abilities: Vec::new(),
                dtypes: DType::ALL.to_vec(),
                max_buffers: usize::MAX,
                line: 1,
                sums_down: false,
                adds_bias: false,
            },
        }
    }
}

/// So many bytes that are not there.
struct Nothing(usize);

impl DeviceBuffer for Nothing {
    fn len(&self) -> usize {
        self.0
    }

    fn host_ptr(&self) -> Option<NonNull<u8>> {
        None
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A kernel that is not run.
struct NotRun;

impl Program for NotRun {
    fn launch(&self, _: &Launch, _: &[Buffer], _: &[Scalar]) -> Result<()> {
        Ok(())
    }
}

impl Device for Meta {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn alloc(&self, bytes: usize) -> Result<Buffer> {
        Ok(Arc::new(Nothing(bytes)))
    }

    fn upload(&self, _: &[u8], _: &Buffer) -> Result<()> {
        Ok(())
    }

    fn download(&self, _: &Buffer, _: &mut [u8]) -> Result<()> {
        Err(unsupported!(
            "Cannot copy out of meta tensor; no data! module.to_empty() gives a module memory on another device"
        ))
    }

    fn compile(&self, _: &Kernel) -> Result<Arc<dyn Program>> {
        Ok(Arc::new(NotRun))
    }

    fn synchronize(&self) -> Result<()> {
        Ok(())
    }

    fn memory_stats(&self) -> MemoryStats {
        MemoryStats::default()
    }

    fn reset_peak_memory(&self) {}

    fn empty_cache(&self) {}
}
