//! The device: memory, copies, errors.

use crate::adapter::adapters;
use crate::matrices;
use crate::memory::{Block, WgpuBuffer};
use crate::program::WgpuProgram;
use crate::queue::Queue;
use st_kernel::pool::{Pool, class_size};
use st_kernel::render::Machine;
use st_kernel::{
    Buffer, DType, Device, DeviceInfo, Error, Kernel, MemoryStats, Program, Result, index_err, runtime_err,
    value_err,
};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use wgpu::{BufferUsages, ErrorFilter, PollType};

/// A GPU.
pub struct WgpuDevice {
    info: DeviceInfo,
    shared: Arc<Shared>,
}

/// What programs and the device have in common.
pub(crate) struct Shared {
    pub(crate) device: wgpu::Device,
    queue: Mutex<Queue>,
    /// A word that kernels set when an index is out of range.
    pub(crate) faults: wgpu::Buffer,
    /// What kernels are written for.
    pub(crate) machine: Machine,
    /// Whether the matrix units were found to be right.
    matrices: OnceLock<bool>,
    name: String,
    /// Most bytes of a tensor.
    most: u64,
    pool: Arc<Pool<Block>>,
    /// What the GPU's driver said that nobody had asked for.
    said: Arc<Mutex<Option<String>>>,
}

const READABLE: BufferUsages =
    BufferUsages::STORAGE.union(BufferUsages::COPY_SRC).union(BufferUsages::COPY_DST);

impl WgpuDevice {
    /// Opens number `index` of [`adapters`].
    pub fn open(index: usize) -> Result<WgpuDevice> {
        let Some(found) = adapters().get(index) else {
            return Err(value_err!(
                "wgpu:{index} does not exist: {} GPUs were found; st.backends() lists them",
                adapters().len()
            ));
        };
        let (device, queue) = found.open()?;
        let said: Arc<Mutex<Option<String>>> = Arc::default();
        let (hears, loses) = (said.clone(), said.clone());
        let note = |said: &Mutex<Option<String>>, text: String| {
            said.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(text);
        };
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| note(&hears, error.to_string())));
        device.set_device_lost_callback(move |_, text| note(&loses, format!("the device was lost: {text}")));
        let faults = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("faults"),
            size: 4,
            usage: READABLE,
            mapped_at_creation: false,
        });
        let queue = Mutex::new(Queue::new(device.clone(), queue));
        let limits = device.limits();
        let machine = Machine {
            shared_memory: limits.max_compute_workgroup_storage_size as usize,
            threads: limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x)
                as usize,
            cooperative: found.has_matrices(),
            ampere: false,
        };
        let most = limits.max_buffer_size.min(limits.max_storage_buffer_binding_size);
        let info = found.describe(index);
        let name = info.name.clone();
        let shared = Shared {
            device,
            queue,
            faults,
            machine,
            matrices: OnceLock::new(),
            name,
            most,
            pool: Arc::default(),
            said,
        };
        Ok(WgpuDevice { info, shared: Arc::new(shared) })
    }
}

impl Shared {
    pub(crate) fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Memory, uninitialised.
    pub(crate) fn alloc(&self, bytes: usize) -> Result<WgpuBuffer> {
        let size = class_size(bytes);
        let most = self.most;
        let no_memory =
            |why: String| Error::OutOfMemory(format!("wgpu: no {bytes} bytes on {}: {why}", self.name));
        if size > most {
            return Err(no_memory(format!("a tensor may have {most} bytes there")));
        }
        let memory = match self.pool.take(size) {
            Some(memory) => memory,
            None => {
                let scope = self.device.push_error_scope(ErrorFilter::OutOfMemory);
                let memory = self.device.create_buffer(&wgpu::BufferDescriptor {
                    label: None,
                    size,
                    usage: READABLE,
                    mapped_at_creation: false,
                });
                if let Some(error) = pollster::block_on(scope.pop()) {
                    return Err(no_memory(error.to_string()));
                }
                Block(memory)
            }
        };
        Ok(WgpuBuffer::new(memory, bytes, self.pool.clone()))
    }

    /// What the driver complained of since this was last asked.
    pub(crate) fn check(&self) -> Result<()> {
        match self.said.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(text) => Err(runtime_err!("wgpu: {text}")),
            None => Ok(()),
        }
    }

    /// Reads the beginning of a buffer once all work is done; faults of earlier kernels are raised here.
    pub(crate) fn read(&self, from: Option<(&wgpu::Buffer, u64)>, take: impl FnOnce(&[u8])) -> Result<()> {
        let mut parts = vec![(&self.faults, 4)];
        parts.extend(from);
        let staged = self.queue().stage(&parts);
        staged.map_async(wgpu::MapMode::Read, .., |_| ());
        self.device.poll(PollType::wait_indefinitely()).map_err(|e| runtime_err!("wgpu: {e}"))?;
        self.check()?;
        let view = staged.get_mapped_range(..).map_err(|e| runtime_err!("wgpu: {e}"))?;
        let (faults, bytes) = view.split_at(4);
        let faulty = faults != [0; 4];
        take(bytes);
        drop(view);
        staged.unmap();
        if faulty {
            self.queue().write(&self.faults, &[0; 4]);
            return Err(index_err!("an index was out of range in a kernel that ran on the GPU before this"));
        }
        Ok(())
    }
}

pub(crate) fn own(buffer: &Buffer) -> Result<&WgpuBuffer> {
    buffer.as_any().downcast_ref().ok_or_else(|| {
        runtime_err!("wgpu: a kernel was given memory of another device; move it with .to(device)")
    })
}

impl Device for WgpuDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn alloc(&self, bytes: usize) -> Result<Buffer> {
        Ok(Arc::new(self.shared.alloc(bytes)?))
    }

    fn upload(&self, from: &[u8], to: &Buffer) -> Result<()> {
        self.shared.queue().write(&own(to)?.memory().0, from);
        self.shared.check()
    }

    fn download(&self, from: &Buffer, to: &mut [u8]) -> Result<()> {
        let bytes = to.len();
        let part = (&own(from)?.memory().0, bytes.next_multiple_of(4) as u64);
        let part = (bytes > 0).then_some(part);
        self.shared.read(part, |read| to.copy_from_slice(&read[..bytes]))
    }

    fn compile(&self, kernel: &Kernel) -> Result<Arc<dyn Program>> {
        let mut machine = self.shared.machine;
        if machine.cooperative {
            let half = matches!(kernel, Kernel::Matmul { dtype: DType::F16, .. });
            machine.cooperative =
                half && *self.shared.matrices.get_or_init(|| matrices::are_right(&self.shared));
        }
        Ok(Arc::new(WgpuProgram::new(kernel.clone(), self.shared.clone(), machine)))
    }

    fn synchronize(&self) -> Result<()> {
        self.shared.read(None, |_| ())
    }

    fn memory_stats(&self) -> MemoryStats {
        self.shared.pool.stats()
    }

    fn reset_peak_memory(&self) {
        self.shared.pool.reset_peak();
    }

    fn empty_cache(&self) {
        let mut queue = self.shared.queue();
        queue.hand_over();
        queue.forget();
        self.shared.pool.clear();
    }
}
