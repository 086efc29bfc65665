//! The device: memory, copies, errors.

use crate::activities::Marks;
use crate::driver::{Address, Attribute, Driver, Handle, device_count, driver};
use crate::graphs::Pools;
use crate::memory::{Block, handle};
use crate::peers::Peers;
use crate::pinned::Pinned;
use crate::program::CudaProgram;
use crate::staging::Staging;
use crate::streams::{Made, chosen};
use crate::{blas, compiler, nccl, padding};
use st_kernel::pool::{Memory, Pool, Pooled, class_size};
use st_kernel::render::Machine;
use st_kernel::{
    Activities, Buffer, Communicator, DType, Device, DeviceInfo, Error, Graphs, Kernel, MemoryStats, Owner,
    Program, Repeated, Result, Stream, Streams, index_err, runtime_err, value_err,
};
use std::any::Any;
use std::ffi::c_int;
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// What attention by matrix units needs for its widest rows.
const MUCH_SHARED_MEMORY: usize = 96 << 10;

/// What torch tells of a GPU by these names, and the driver's numbers of it.
const PROPERTIES: [(&str, c_int); 19] = [
    ("max_threads_per_block", 1),
    ("shared_memory_per_block", 8),
    ("total_constant_memory", 9),
    ("warp_size", 10),
    ("regs_per_block", 12),
    ("clock_rate", 13),
    ("multi_processor_count", 16),
    ("is_integrated", 18),
    ("pci_bus_id", 33),
    ("pci_device_id", 34),
    ("memory_clock_rate", 36),
    ("memory_bus_width", 37),
    ("L2_cache_size", 38),
    ("max_threads_per_multi_processor", 39),
    ("pci_domain_id", 50),
    ("shared_memory_per_multiprocessor", 81),
    ("regs_per_multiprocessor", 82),
    ("is_multi_gpu_board", 84),
    ("shared_memory_per_block_optin", 97),
];

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
    pub(crate) context: Handle,
    /// Which GPU it is.
    pub(crate) index: usize,
    pub(crate) gpu: c_int,
    pub(crate) streams: Made,
    /// Who gathers calls has it: the stream that records them, 0 before it is made.
    pub(crate) turns: Mutex<Stream>,
    pub(crate) pinned: Pinned,
    /// A word of the host's memory that kernels set when an index is out of range, and its address for them.
    faults: &'static AtomicU32,
    pub(crate) faults_address: Address,
    pub(crate) machine: Machine,
    /// The kind of GPU, such as `sm_90a`.
    pub(crate) kind: String,
    name: String,
    pub(crate) pool: Arc<Pool<Block>>,
    pub(crate) pools: Pools,
    pub(crate) marks: Marks,
    pub(crate) peers: Peers,
    staging: Staging,
    /// Why results of collectives are nothing, until somebody has heard it.
    lost: Mutex<Option<String>>,
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
            hopper: (major, minor) == (9, 0),
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
                nccl::version().map_or_else(|_| "no NCCL".into(), |v| format!("NCCL {v}")),
            ],
            dtypes: DType::ALL
                .into_iter()
                .filter(|d| !matches!(d, DType::U16 | DType::U32 | DType::U64))
                .collect(),
            // A launch's parameters are 4 KB, of which its numbers take most.
            max_buffers: 64,
            line: padding::WHOLE,
            sums_down: true,
            adds_bias: true,
        };
        let name = info.name.clone();
        let (mut context, mut faults, mut faults_address) = (null_mut(), null_mut(), 0);
        // SAFETY: what is asked for is written; the context is current when the others are made.
        unsafe {
            let check = |code| driver.check(&format!("opening {name}"), code);
            check((driver.cuDevicePrimaryCtxRetain)(&raw mut context, gpu))?;
            check((driver.cuCtxSetCurrent)(context))?;
            // 3: for all contexts, and the GPU can write it.
            check((driver.cuMemHostAlloc)(&raw mut faults, 4, 3))?;
            check((driver.cuMemHostGetDevicePointer_v2)(&raw mut faults_address, faults, 0))?;
        }
        // SAFETY: four bytes that are never given back; the driver aligns memory to pages.
        let faults = unsafe { AtomicU32::from_ptr(faults.cast()) };
        faults.store(0, Relaxed);
        // Hopper's own instructions are there only if they are asked for.
        let own = if machine.hopper { "a" } else { "" };
        let kind = format!("sm_{major}{minor}{own}");
        let (pool, staging) = (Arc::default(), Staging::new(driver)?);
        let (streams, pinned) = (Made::default(), Pinned::default());
        let shared = Shared {
            driver,
            context,
            index,
            gpu,
            streams,
            turns: Mutex::default(),
            pinned,
            faults,
            faults_address,
            machine,
            kind,
            name,
            pool,
            pools: Pools::default(),
            marks: Marks::default(),
            peers: Peers::default(),
            staging,
            lost: Mutex::default(),
        };
        Ok(CudaDevice { info, shared: Arc::new(shared) })
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Copies to the GPU; whether the bytes are read only later, for they are pinned.
    fn send(&self, from: &[u8], to: &Buffer, later: bool) -> Result<bool> {
        let (shared, to) = (&self.shared, own(to)?.memory());
        shared.enter()?;
        shared.visit(to, true)?;
        if shared.is_recording() {
            return shared.send_each_time(from, to.address(), later).map(|()| false);
        }
        if !shared.is_pinned(from.as_ptr()) {
            return shared.staging.copy(shared.driver, shared.stream(), from, to.address()).map(|()| false);
        }
        // SAFETY: the buffer holds as many bytes; pinned memory is not given away before the mark has passed.
        let code = unsafe {
            let bytes = from.as_ptr().cast();
            (shared.driver.cuMemcpyHtoDAsync_v2)(to.address(), bytes, from.len(), shared.stream())
        };
        shared.driver.check("copying to the GPU", code)?;
        shared.mark_copied(from.as_ptr())?;
        Ok(true)
    }
}

impl Shared {
    /// Makes this GPU the one that the calling thread talks to.
    pub(crate) fn enter(&self) -> Result<()> {
        // SAFETY: the context lives as long as the process.
        self.driver.check("choosing the GPU", unsafe { (self.driver.cuCtxSetCurrent)(self.context) })
    }

    /// The stream that the calling thread works in, by its number.
    pub(crate) fn order(&self) -> Stream {
        chosen(self.index)
    }

    /// Memory, uninitialised. The calling thread has entered.
    pub(crate) fn alloc(&self, bytes: usize) -> Result<CudaBuffer> {
        let (home, size) = (self.order(), class_size(bytes));
        let fresh = || Block::new(self.driver, self.context, home, size);
        let _turn = self.turn();
        let pool = self.pool();
        let memory = match pool.take(home, size) {
            Some(memory) => Some(memory),
            None => match fresh()? {
                Some(memory) => Some(memory),
                None => {
                    // What was gathered may use it.
                    self.settle();
                    self.pool.clear();
                    fresh()?
                }
            },
        };
        let memory = memory.ok_or_else(|| {
            Error::OutOfMemory(format!(
                "cuda: no {bytes} bytes on {}: tensors of this process take {} bytes of it",
                self.name,
                self.stats().in_use
            ))
        })?;
        Ok(Pooled::new(memory, bytes, pool))
    }

    /// What tensors and graphs hold.
    fn stats(&self) -> MemoryStats {
        let mut stats = self.pool.stats();
        self.pools.add_to(&mut stats);
        stats
    }

    /// Waits for all work of a stream; what went wrong in it is raised here.
    pub(crate) fn wait(&self, stream: Handle) -> Result<()> {
        self.expect_no_recording()?;
        // SAFETY: the stream is this context's own.
        let code = unsafe { (self.driver.cuStreamSynchronize)(stream) };
        self.driver.check("a kernel that ran before this", code)?;
        self.raise_faults()
    }

    /// Has whoever waits next hear why results are nothing.
    pub(crate) fn lose(&self, why: &str) {
        *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.to_owned());
    }

    /// Raises what kernels found wrong.
    pub(crate) fn raise_faults(&self) -> Result<()> {
        if let Some(why) = self.lost.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(runtime_err!("{why}"));
        }
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
        if self.send(from, to, false)? { self.shared.wait(self.shared.stream()) } else { Ok(()) }
    }

    fn upload_later(&self, from: &[u8], to: &Buffer) -> Result<()> {
        self.send(from, to, true).map(|_| ())
    }

    fn copy(&self, from: &Buffer, to: &Buffer) -> Result<()> {
        let (shared, bytes) = (&self.shared, from.len().min(to.len()));
        let (from, to) = (own(from)?.memory(), own(to)?.memory());
        shared.enter()?;
        shared.visit(from, false)?;
        shared.visit(to, true)?;
        // SAFETY: both buffers hold as many bytes.
        let code = unsafe {
            (shared.driver.cuMemcpyDtoDAsync_v2)(to.address(), from.address(), bytes, shared.stream())
        };
        shared.driver.check("copying on the GPU", code)
    }

    fn download(&self, from: &Buffer, to: &mut [u8]) -> Result<()> {
        let (shared, from) = (&self.shared, own(from)?.memory());
        shared.expect_no_recording()?;
        shared.enter()?;
        if from.home() != shared.order() {
            // Whoever reads a value does not know in which stream it was made.
            shared.driver.order(shared.stream(), handle(from.home()))?;
        }
        from.visit(shared.order(), false)?;
        let (bytes, length) = (to.as_mut_ptr().cast(), to.len());
        // SAFETY: the buffer holds as many bytes; `to` is not touched before the wait has ended.
        let code =
            unsafe { (shared.driver.cuMemcpyDtoHAsync_v2)(bytes, from.address(), length, shared.stream()) };
        shared.driver.check("copying from the GPU", code)?;
        shared.wait(shared.stream())
    }

    fn compile(&self, kernel: &Kernel) -> Result<Arc<dyn Program>> {
        Ok(Arc::new(CudaProgram::new(kernel.clone(), self.shared.clone())))
    }

    fn repeated(&self, kept: &mut Repeated, work: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        self.do_again(kept, work)
    }

    fn synchronize(&self) -> Result<()> {
        let shared = &self.shared;
        shared.expect_no_recording()?;
        shared.enter()?;
        // SAFETY: the context is current.
        let code = unsafe { (shared.driver.cuCtxSynchronize)() };
        shared.driver.check("a kernel that ran before this", code)?;
        shared.raise_faults()
    }

    fn memory_stats(&self) -> MemoryStats {
        self.shared.stats()
    }

    fn reset_peak_memory(&self) {
        self.shared.pool.reset_peak();
    }

    fn empty_cache(&self) {
        // A GPU that cannot be entered has nothing to give back.
        if self.shared.enter().is_ok() {
            self.shared.settle();
            let _turn = self.shared.turn();
            self.shared.pool.clear();
        }
    }

    fn free_memory(&self) -> Option<u64> {
        let shared = &self.shared;
        let (mut free, mut total) = (0, 0);
        shared.enter().ok()?;
        // SAFETY: both are written; the context is current.
        match unsafe { (shared.driver.cuMemGetInfo_v2)(&raw mut free, &raw mut total) } {
            0 => Some(free as u64),
            _ => None,
        }
    }

    fn properties(&self) -> Vec<(&'static str, i64)> {
        let known = |&(name, number): &(&'static str, c_int)| {
            let value = self.shared.driver.attribute_number(self.shared.gpu, number).ok()?;
            Some((name, value as i64))
        };
        PROPERTIES.iter().filter_map(known).collect()
    }

    fn streams(&self) -> Option<&dyn Streams> {
        Some(self)
    }

    fn meeting(&self) -> Result<Vec<u8>> {
        nccl::meeting()
    }

    fn join(&self, meeting: &[u8], size: usize, rank: usize) -> Result<Arc<dyn Communicator>> {
        Ok(Arc::new(nccl::Place::new(self.shared.clone(), meeting, size, rank)?))
    }

    fn graphs(&self) -> Option<&dyn Graphs> {
        Some(self)
    }

    fn activities(&self) -> Option<&dyn Activities> {
        Some(self)
    }

    fn copy_from(&self, device: &dyn Device, from: &Buffer, to: &Buffer) -> Result<bool> {
        match device.as_any().and_then(|device| device.downcast_ref::<CudaDevice>()) {
            Some(device) => device.shared.copy_to(own(from)?.memory(), &self.shared, own(to)?.memory()),
            None => Ok(false),
        }
    }

    fn reaches(&self, other: &dyn Device) -> bool {
        let other = other.as_any().and_then(|device| device.downcast_ref::<CudaDevice>());
        other.is_some_and(|other| self.shared.reaches(&other.shared).unwrap_or(false))
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }

    fn pinned(&self, bytes: usize) -> Result<(NonNull<u8>, Owner)> {
        self.shared.enter()?;
        self.shared.pin(bytes)
    }

    fn is_pinned(&self, at: *const u8) -> bool {
        self.shared.is_pinned(at)
    }

    unsafe fn foreign(&self, address: u64, bytes: usize, owner: Owner) -> Result<Buffer> {
        let shared = &self.shared;
        let block = Block::foreign(shared.driver, shared.context, (address, bytes as u64), owner);
        Ok(Arc::new(Pooled::new(block, bytes, shared.pool.clone())))
    }
}
