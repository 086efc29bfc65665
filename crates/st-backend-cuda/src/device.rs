//! The device: memory, copies, errors.

use crate::driver::{Address, Attribute, Driver, Handle, device_count, driver};
use crate::memory::Block;
use crate::program::CudaProgram;
use crate::staging::Staging;
use crate::{blas, compiler};
use st_kernel::pool::{Pool, Pooled, class_size};
use st_kernel::render::Machine;
use st_kernel::{
    Buffer, DType, Device, DeviceInfo, Error, Kernel, MemoryStats, Program, Result, index_err, runtime_err,
    value_err,
};
use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What attention by matrix units needs for its widest rows.
const MUCH_SHARED_MEMORY: usize = 96 << 10;

/// Memory of a tensor.
pub(crate) type CudaBuffer = Pooled<Block>;

/// A GPU of NVIDIA.
pub struct CudaDevice {
    info: DeviceInfo,
    shared: Arc<Shared>,
}

/// What programs and the device have in common.
pub(crate) struct Shared {
    pub(crate) driver: &'static Driver,
    context: Handle,
    /// All work is done in the order of this stream.
    pub(crate) stream: Handle,
    /// A word of the host's memory that kernels set when an index is out of range, and its address for them.
    faults: &'static AtomicU32,
    pub(crate) faults_address: Address,
    pub(crate) machine: Machine,
    /// The kind of GPU, such as `sm_90`.
    pub(crate) kind: String,
    name: String,
    pool: Arc<Pool<Block>>,
    staging: Staging,
}

// SAFETY: the driver's handles may be used by any thread that has made their context its current one.
unsafe impl Send for Shared {}
// SAFETY: as above; the driver's functions may be called by several threads at once.
unsafe impl Sync for Shared {}

impl CudaDevice {
    /// Opens GPU number `index`.
    pub fn open(index: usize) -> Result<CudaDevice> {
        let driver = driver().map_err(|why| runtime_err!("cuda: {why}"))?;
        let count = device_count().map_err(|why| runtime_err!("cuda: {why}"))?;
        if index >= count {
            return Err(value_err!(
                "cuda:{index} does not exist: {count} GPUs were found; st.backends() lists them"
            ));
        }
        let gpu = driver.gpu(index)?;
        let is = |attribute| driver.attribute(gpu, attribute);
        let (major, minor) = (is(Attribute::Major)?, is(Attribute::Minor)?);
        let machine = Machine {
            shared_memory: is(Attribute::SharedMemory)?,
            threads: is(Attribute::ThreadsOfAGroup)?,
            cooperative: false,
            doubles: true,
            ampere: major >= 8 && is(Attribute::MostSharedMemory)? >= MUCH_SHARED_MEMORY,
        };
        let nvrtc = compiler::version().map_or_else(|_| "no NVRTC".into(), |v| format!("NVRTC {v}"));
        let info = DeviceInfo {
            kind: "cuda",
            index,
            name: driver.name(gpu)?,
            memory: Some(driver.total_memory(gpu)?),
            abilities: vec![
                format!("sm_{major}{minor}"),
                format!("{} multiprocessors", is(Attribute::Processors)?),
                nvrtc,
                if blas::is_there() { "cuBLASLt".into() } else { "no cuBLASLt".into() },
            ],
            dtypes: DType::ALL
                .into_iter()
                .filter(|d| !matches!(d, DType::U16 | DType::U32 | DType::U64))
                .collect(),
            // A launch's parameters are 4 KB, of which its numbers take most.
            max_buffers: 64,
        };
        let name = info.name.clone();
        let (mut context, mut stream, mut faults, mut faults_address) =
            (null_mut(), null_mut(), null_mut(), 0);
        // SAFETY: what is asked for is written; the context is current when the others are made.
        unsafe {
            let check = |code| driver.check(&format!("opening {name}"), code);
            check((driver.cuDevicePrimaryCtxRetain)(&raw mut context, gpu))?;
            check((driver.cuCtxSetCurrent)(context))?;
            // 1: it does not wait for the default stream, which other libraries may use.
            check((driver.cuStreamCreate)(&raw mut stream, 1))?;
            // 3: for all contexts, and the GPU can write it.
            check((driver.cuMemHostAlloc)(&raw mut faults, 4, 3))?;
            check((driver.cuMemHostGetDevicePointer_v2)(&raw mut faults_address, faults, 0))?;
        }
        // SAFETY: four bytes that are never given back; the driver aligns memory to pages.
        let faults = unsafe { AtomicU32::from_ptr(faults.cast()) };
        faults.store(0, Relaxed);
        let kind = format!("sm_{major}{minor}");
        let (pool, staging) = (Arc::default(), Staging::new(driver)?);
        let shared =
            Shared { driver, context, stream, faults, faults_address, machine, kind, name, pool, staging };
        Ok(CudaDevice { info, shared: Arc::new(shared) })
    }
}

impl Shared {
    /// Makes this GPU the one that the calling thread talks to.
    pub(crate) fn enter(&self) -> Result<()> {
        // SAFETY: the context lives as long as the process.
        self.driver.check("choosing the GPU", unsafe { (self.driver.cuCtxSetCurrent)(self.context) })
    }

    /// Memory, uninitialised. The calling thread has entered.
    pub(crate) fn alloc(&self, bytes: usize) -> Result<CudaBuffer> {
        let size = class_size(bytes);
        let fresh = || Block::new(self.driver, self.context, size);
        let memory = match self.pool.take(size) {
            Some(memory) => Some(memory),
            None => match fresh()? {
                Some(memory) => Some(memory),
                None => {
                    self.pool.clear();
                    fresh()?
                }
            },
        };
        let memory = memory.ok_or_else(|| {
            Error::OutOfMemory(format!(
                "cuda: no {bytes} bytes on {}: tensors of this process take {} bytes of it",
                self.name,
                self.pool.stats().in_use
            ))
        })?;
        Ok(Pooled::new(memory, bytes, self.pool.clone()))
    }

    /// Waits for all work; what went wrong in it is raised here.
    fn wait(&self) -> Result<()> {
        // SAFETY: the stream is this context's own.
        let code = unsafe { (self.driver.cuStreamSynchronize)(self.stream) };
        self.driver.check("a kernel that ran before this", code)?;
        match self.faults.swap(0, Relaxed) {
            0 => Ok(()),
            _ => Err(index_err!("an index was out of range in a kernel that ran on the GPU before this")),
        }
    }
}

pub(crate) fn own(buffer: &Buffer) -> Result<&CudaBuffer> {
    buffer.as_any().downcast_ref().ok_or_else(|| {
        runtime_err!("cuda: a kernel was given memory of another device; move it with .to(device)")
    })
}

impl Device for CudaDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn alloc(&self, bytes: usize) -> Result<Buffer> {
        self.shared.enter()?;
        Ok(Arc::new(self.shared.alloc(bytes)?))
    }

    fn upload(&self, from: &[u8], to: &Buffer) -> Result<()> {
        let (shared, to) = (&self.shared, own(to)?.memory().address());
        shared.enter()?;
        shared.staging.copy(shared.driver, shared.stream, from, to)
    }

    fn download(&self, from: &Buffer, to: &mut [u8]) -> Result<()> {
        let (shared, from) = (&self.shared, own(from)?.memory().address());
        shared.enter()?;
        // SAFETY: the buffer holds as many bytes; `to` is not touched before the wait has ended.
        let code = unsafe {
            (shared.driver.cuMemcpyDtoHAsync_v2)(to.as_mut_ptr().cast(), from, to.len(), shared.stream)
        };
        shared.driver.check("copying from the GPU", code)?;
        shared.wait()
    }

    fn compile(&self, kernel: &Kernel) -> Result<Arc<dyn Program>> {
        Ok(Arc::new(CudaProgram::new(kernel.clone(), self.shared.clone())))
    }

    fn synchronize(&self) -> Result<()> {
        self.shared.enter()?;
        self.shared.wait()
    }

    fn memory_stats(&self) -> MemoryStats {
        self.shared.pool.stats()
    }

    fn reset_peak_memory(&self) {
        self.shared.pool.reset_peak();
    }

    fn empty_cache(&self) {
        // A GPU that cannot be entered has nothing to give back.
        if self.shared.enter().is_ok() {
            self.shared.pool.clear();
        }
    }
}
