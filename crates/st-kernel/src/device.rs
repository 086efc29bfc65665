//! The seam to a device: memory, compiled kernels, launches. Nothing here knows an operator.

use crate::activity::Activities;
use crate::dtype::DType;
use crate::error::Result;
use crate::exchange::Communicator;
use crate::kernel::Kernel;
use crate::runtime_err;
use crate::scalar::Scalar;
use crate::streams::{Graphs, Streams};
use crate::view::{Dims, Strides};
use std::any::Any;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a device is and can do.
#[derive(Clone, Debug)]
pub struct DeviceInfo {
    /// The backend: `cpu`, `cuda`, `wgpu`, `hip`, `mps`.
    pub kind: &'static str,
    /// Which of its kind.
    pub index: usize,
    /// The product's name.
    pub name: String,
    /// Bytes of memory, where the driver tells.
    pub memory: Option<u64>,
    /// What it can do, for people: instruction sets, matrix units.
    pub abilities: Vec<String>,
    /// Dtypes it computes.
    pub dtypes: Vec<DType>,
    /// Most buffers a kernel may touch.
    pub max_buffers: usize,
    /// Bytes at whose multiples lines of matrices in half precision are best begun; 1 where it does not matter.
    pub line: usize,
    /// Whether its kernels sum down columns while they walk rows ([`Inst::Down`](crate::Inst::Down)).
    pub sums_down: bool,
    /// Whether its products add a bias that is as narrow as their operands without another kernel.
    pub adds_bias: bool,
}

/// A piece of device memory; it goes back to its device's cache when the last handle is dropped.
pub trait DeviceBuffer: Send + Sync + Any {
    /// Bytes.
    fn len(&self) -> usize;
    /// Whether it holds nothing.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Its address, where the host can read and write it.
    fn host_ptr(&self) -> Option<NonNull<u8>>;
    /// Its address, where other libraries know it by one: the host's memory and CUDA's.
    fn address(&self) -> Option<u64> {
        self.host_ptr().map(|start| start.addr().get() as u64)
    }
    /// Whether somebody else owns the memory and may read or write it at any time.
    fn is_foreign(&self) -> bool {
        false
    }
    /// For the owning device.
    fn as_any(&self) -> &dyn Any;
}

/// Who keeps memory that is not a device's own.
pub type Owner = Box<dyn Any + Send + Sync>;

/// A shared handle of device memory.
pub type Buffer = Arc<dyn DeviceBuffer>;

/// How a kernel reads or writes a buffer along the launch's dimensions, in elements.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// Which of the launch's buffers.
    pub buffer: u32,
    /// Position of the first element.
    pub offset: isize,
    /// Step for each of the launch's dimensions.
    pub strides: Strides,
    /// For a gathered read, `(size, stride)` of each index.
    pub gather: Vec<(usize, isize)>,
}

impl Access {
    /// The first and the last element that it may touch.
    pub fn reach(&self, dims: &[usize]) -> (isize, isize) {
        let (mut low, mut high) = (self.offset, self.offset);
        let mut reach = |n: usize, step: isize| {
            let far = (n as isize - 1).max(0) * step;
            if far < 0 { low += far } else { high += far }
        };
        dims.iter().zip(&self.strides).for_each(|(&n, &s)| reach(n, s));
        self.gather.iter().for_each(|&(n, s)| reach(n, s));
        (low, high)
    }

    /// Refuses an access that leaves its buffer of `len` elements; what is unsafe in devices relies on it.
    pub fn check_reach(&self, dims: &[usize], len: usize) -> Result<()> {
        if dims.len() > self.strides.len() {
            return Err(runtime_err!(
                "an access has {} strides for {} dimensions",
                self.strides.len(),
                dims.len()
            ));
        }
        let (low, high) = self.reach(dims);
        // Nothing is read from a dimension without elements: every index is outside.
        if (low < 0 || high >= len as isize) && self.gather.iter().all(|g| g.0 != 0) {
            return Err(runtime_err!("an access reaches elements {low} to {high} of a buffer of {len}"));
        }
        Ok(())
    }
}

/// The run-time half of a kernel: sizes, accesses and other numbers. Parameters and buffers come beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Launch {
    /// Sizes of the loop dimensions, outer first.
    pub dims: Dims,
    /// One for each read of the kernel.
    pub reads: Vec<Access>,
    /// One for each store of the kernel.
    pub writes: Vec<Access>,
    /// Other numbers, as the kernel's kind says.
    pub ints: Vec<usize>,
}

/// What a device keeps of a run, for the next time.
pub type Repeated = Option<Box<dyn Any + Send + Sync>>;

/// A compiled kernel.
pub trait Program: Send + Sync {
    /// Runs it. A write may be the buffer of a read only where both access the same element at every point.
    fn launch(&self, launch: &Launch, buffers: &[Buffer], params: &[Scalar]) -> Result<()>;
    /// What it was compiled from, where another device may do it when this one refuses.
    fn kernel(&self) -> Option<&Kernel> {
        None
    }
}

/// What a device's memory holds, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryStats {
    /// In tensors, rounded up to size classes.
    pub in_use: u64,
    /// Waiting for reuse.
    pub cached: u64,
    /// The most that was in use at once since this was last forgotten.
    pub peak: u64,
}

/// A device.
pub trait Device: Send + Sync {
    /// What it is.
    fn info(&self) -> &DeviceInfo;
    /// Uninitialised memory.
    fn alloc(&self, bytes: usize) -> Result<Buffer>;
    /// Copies from the host.
    fn upload(&self, from: &[u8], to: &Buffer) -> Result<()>;
    /// Copies from the host without waiting, where the bytes are [pinned](Device::pinned): whoever asked keeps them as they are
    /// until the device has done it.
    fn upload_later(&self, from: &[u8], to: &Buffer) -> Result<()> {
        self.upload(from, to)
    }
    /// Copies all bytes of a buffer to another one that is as long.
    fn copy(&self, from: &Buffer, to: &Buffer) -> Result<()> {
        let mut bytes = vec![0; from.len()];
        self.download(from, &mut bytes)?;
        self.upload(&bytes, to)
    }
    /// Copies to the host, waiting for the work that writes the buffer.
    fn download(&self, from: &Buffer, to: &mut [u8]) -> Result<()>;
    /// Makes a kernel ready to launch.
    fn compile(&self, kernel: &Kernel) -> Result<Arc<dyn Program>>;
    /// Does the work of a run that may come again: what it asks for may be kept, and handed over as a whole.
    fn repeated(&self, _kept: &mut Repeated, work: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        work()
    }
    /// Waits for everything launched.
    fn synchronize(&self) -> Result<()>;
    /// How long some work takes, all of it; by the device's own clock if it has one.
    fn timed(&self, work: &mut dyn FnMut() -> Result<()>) -> Result<Duration> {
        let started = Instant::now();
        work()?;
        self.synchronize()?;
        Ok(started.elapsed())
    }
    /// What its memory holds.
    fn memory_stats(&self) -> MemoryStats;
    /// Forgets how much was in use at most.
    fn reset_peak_memory(&self);
    /// Gives cached memory back to the system.
    fn empty_cache(&self);
    /// How much of its memory nobody uses, this process or another, where the driver tells.
    fn free_memory(&self) -> Option<u64> {
        None
    }
    /// What else it is, in numbers with names.
    fn properties(&self) -> Vec<(&'static str, i64)> {
        Vec::new()
    }
    /// Its streams, if it has more than one.
    fn streams(&self) -> Option<&dyn Streams> {
        None
    }
    /// Bytes by which devices of several processes find each other.
    fn meeting(&self) -> Result<Vec<u8>> {
        Err(runtime_err!("{} has no collectives", self.info().kind))
    }
    /// A place among them; all ranks ask at the same time.
    fn join(&self, _meeting: &[u8], _size: usize, _rank: usize) -> Result<Arc<dyn Communicator>> {
        Err(runtime_err!("{} has no collectives", self.info().kind))
    }
    /// How its work is recorded to be done again, if it can be.
    fn graphs(&self) -> Option<&dyn Graphs> {
        None
    }
    /// What it tells of its own work, if it does.
    fn activities(&self) -> Option<&dyn Activities> {
        None
    }
    /// Fills a buffer with that of another device of its kind without the host; says whether it could.
    fn copy_from(&self, _device: &dyn Device, _from: &Buffer, _to: &Buffer) -> Result<bool> {
        Ok(false)
    }
    /// Whether it reads and writes another device's memory itself.
    fn reaches(&self, _other: &dyn Device) -> bool {
        false
    }
    /// For devices of the same kind.
    fn as_any(&self) -> Option<&dyn Any> {
        None
    }
    /// Memory of the host that it copies from by itself, and who keeps it.
    fn pinned(&self, _bytes: usize) -> Result<(NonNull<u8>, Owner)> {
        Err(runtime_err!("{} has no pinned memory of the host", self.info().kind))
    }
    /// Whether an address of the host's is in such memory.
    fn is_pinned(&self, _at: *const u8) -> bool {
        false
    }
    /// Memory of this device that another library has allocated.
    ///
    /// # Safety
    /// So many bytes from the address on stay valid for reads and writes until the owner is dropped.
    unsafe fn foreign(&self, _address: u64, _bytes: usize, _owner: Owner) -> Result<Buffer> {
        Err(runtime_err!("{} does not use other libraries' memory", self.info().kind))
    }
}
