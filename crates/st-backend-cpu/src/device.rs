//! The device: memory, copies, and a program for each kind of kernel.

use crate::memory::{self, CpuBuffer};
use crate::{attention, block, convolution, matmul, scan, scatter, sort, system};
use st_kernel::{
    Buffer, DType, Device, DeviceInfo, Kernel, MemoryStats, Program, Repeated, Result, runtime_err,
};
use std::sync::Arc;

/// The CPU. Kernels run within the call that launches them.
pub struct CpuDevice {
    info: DeviceInfo,
}

impl CpuDevice {
    /// The machine's CPU, as one device.
    pub fn new() -> CpuDevice {
        CpuDevice {
            info: DeviceInfo {
                kind: "cpu",
                index: 0,
                name: system::cpu_name(),
                memory: Some(system::memory()),
                abilities: system::abilities(),
                dtypes: DType::ALL.to_vec(),
                max_buffers: usize::MAX,
                line: 1,
                sums_down: false,
                adds_bias: false,
            },
        }
    }
}

impl Default for CpuDevice {
    fn default() -> Self {
        CpuDevice::new()
    }
}

impl Device for CpuDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn alloc(&self, bytes: usize) -> Result<Buffer> {
        Ok(Arc::new(CpuBuffer::new(bytes)?))
    }

    fn upload(&self, from: &[u8], to: &Buffer) -> Result<()> {
        let to = CpuBuffer::of(to)?;
        if from.len() > to.bytes() {
            return Err(runtime_err!("cpu: upload of {} bytes to a buffer of {}", from.len(), to.bytes()));
        }
        // SAFETY: the buffer holds as many bytes, and nobody else uses memory that is being written.
        unsafe { to.ptr().copy_from(from.as_ptr(), from.len()) };
        Ok(())
    }

    fn download(&self, from: &Buffer, to: &mut [u8]) -> Result<()> {
        let from = CpuBuffer::of(from)?;
        if to.len() > from.bytes() {
            return Err(runtime_err!(
                "cpu: download of {} bytes from a buffer of {}",
                to.len(),
                from.bytes()
            ));
        }
        // SAFETY: the buffer holds as many bytes, and nobody writes memory that is being read.
        unsafe { from.ptr().copy_to(to.as_mut_ptr(), to.len()) };
        Ok(())
    }

    fn compile(&self, kernel: &Kernel) -> Result<Arc<dyn Program>> {
        match kernel {
            Kernel::Loop { .. } => block::compile(kernel),
            Kernel::Matmul { batch, dtype, acc, body } => matmul::program(*batch, *dtype, *acc, body),
            Kernel::Conv { kind, spatial, dtype, acc, body } => {
                convolution::program(*kind, *spatial, *dtype, *acc, body)
            }
            Kernel::Attention { backward, dtype, mask, causal } => {
                attention::program(*backward, *dtype, *mask, *causal)
            }
            Kernel::Scan { op, dtype } => scan::program(*op, *dtype),
            Kernel::Sort { descending, dtype } => Ok(sort::program(*descending, *dtype)),
            Kernel::Scatter { op, dtype, indices } => Ok(scatter::program(*op, *dtype, *indices)),
        }
    }

    fn repeated(&self, _kept: &mut Repeated, work: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        memory::another_run();
        work()
    }

    fn synchronize(&self) -> Result<()> {
        Ok(())
    }

    fn memory_stats(&self) -> MemoryStats {
        memory::memory_stats()
    }

    fn reset_peak_memory(&self) {
        memory::reset_peak();
    }

    fn empty_cache(&self) {
        memory::empty_cache();
    }
}
