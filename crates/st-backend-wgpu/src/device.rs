//! The device: memory, copies, errors.

use crate::adapter::adapters;
use crate::kept::Kept;
use crate::matrices;
use crate::memory::{Block, WgpuBuffer};
use crate::program::WgpuProgram;
use crate::queue::{COPIED, Clock, Queue};
use st_kernel::pool::{Pool, class_size};
use st_kernel::render::Machine;
use st_kernel::render::windows::Sight;
use st_kernel::{
    Buffer, DType, Device, DeviceInfo, Error, Kernel, MemoryStats, Program, Result, index_err, runtime_err,
    value_err,
};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
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
    /// And attention by them.
    attention: OnceLock<bool>,
    name: String,
    /// Most bytes of a tensor.
    most: u64,
    /// What a kernel sees of one.
    pub(crate) sight: Sight,
    pool: Arc<Pool<Block>>,
    /// What the GPU's driver said that nobody had asked for.
    said: Arc<Mutex<Option<String>>>,
    /// Why the device is gone, if it is.
    lost: Arc<OnceLock<String>>,
    /// What its clock is read with, if it has one.
    clock: Option<Clock>,
    /// Compiled kernels on disk.
    pub(crate) kept: Option<Kept>,
}

const READABLE: BufferUsages =
    BufferUsages::STORAGE.union(BufferUsages::COPY_SRC).union(BufferUsages::COPY_DST);

/// Windows of buffers begin at multiples of this at least, so that what lies by fours still does.
const WINDOWS_BEGIN: u64 = 256;

/// `ST_WGPU_WINDOW` is the most bytes that a kernel shall see of a tensor, to try windows with small ones.
fn window_wanted() -> u64 {
    let wanted = std::env::var("ST_WGPU_WINDOW").ok().and_then(|bytes| bytes.parse().ok());
    wanted.map_or(u64::MAX, |bytes: u64| bytes.max(WINDOWS_BEGIN))
}

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
        let lost: Arc<OnceLock<String>> = Arc::default();
        let (hears, loses) = (said.clone(), lost.clone());
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            hears.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error.to_string());
        }));
        device.set_device_lost_callback(move |_, text| _ = loses.set(text));
        let faults = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("faults"),
            size: 4,
            usage: READABLE,
            mapped_at_creation: false,
        });
        let kept = found.kept(&device);
        let clock = found.has_clock().then(|| Clock::new(&device, &queue));
        let queue = Mutex::new(Queue::new(device.clone(), queue));
        let limits = device.limits();
        let machine = Machine {
            shared_memory: limits.max_compute_workgroup_storage_size as usize,
            threads: limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x)
                as usize,
            cooperative: found.has_matrices(),
            doubles: found.has_doubles(),
            ampere: false,
            hopper: false,
        };
        let info = found.describe(index);
        let step = u64::from(limits.min_storage_buffer_offset_alignment).max(WINDOWS_BEGIN);
        let bound = limits.max_storage_buffer_binding_size.min(window_wanted());
        let sight = Sight { most: bound / step * step, step, windows: info.max_buffers };
        let name = info.name.clone();
        let shared = Shared {
            device,
            queue,
            faults,
            machine,
            matrices: OnceLock::new(),
            attention: OnceLock::new(),
            name,
            most: limits.max_buffer_size,
            sight,
            pool: Arc::default(),
            said,
            lost,
            clock,
            kept,
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
        self.check()?;
        let no_memory =
            |why: String| Error::OutOfMemory(format!("wgpu: no {bytes} bytes on {}: {why}", self.name));
        if size > most {
            return Err(no_memory(format!("a tensor may have {most} bytes there")));
        }
        let memory = match self.pool.take(0, size) {
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
                Block::new(memory)
            }
        };
        Ok(WgpuBuffer::new(memory, bytes, self.pool.clone()))
    }

    /// What the driver complained of since this was last asked.
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(why) = self.lost.get() {
            return Err(runtime_err!(
                "wgpu: {} was lost, and with it the tensors there; other devices go on. {why}",
                self.name
            ));
        }
        match self.said.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(text) => Err(runtime_err!("wgpu: {text}")),
            None => Ok(()),
        }
    }

    /// Waits until the host can read a staged buffer.
    fn wait(&self, staged: &wgpu::Buffer) -> Result<()> {
        staged.map_async(wgpu::MapMode::Read, .., |_| ());
        let waited = self.device.poll(PollType::wait_indefinitely());
        self.check()?;
        waited.map(|_| ()).map_err(|e| runtime_err!("wgpu: {e}"))
    }

    /// Reads a part of a buffer once all work is done; faults of earlier kernels are raised here.
    pub(crate) fn read(
        &self,
        from: Option<(&wgpu::Buffer, u64, u64)>,
        take: impl FnOnce(&[u8]),
    ) -> Result<()> {
        let mut parts = vec![(&self.faults, 0, 4)];
        parts.extend(from);
        let (staged, submission) = self.queue().stage(&parts);
        self.wait(&staged)?;
        self.queue().is_done(submission);
        self.kept.iter().for_each(Kept::save);
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
        self.shared.queue().write(&own(to)?.memory().buffer, from);
        self.shared.check()
    }

    fn download(&self, from: &Buffer, to: &mut [u8]) -> Result<()> {
        let buffer = &own(from)?.memory().buffer;
        if to.is_empty() {
            return self.shared.read(None, |_| ());
        }
        for (i, to) in to.chunks_mut(COPIED).enumerate() {
            let (from, bytes) = ((i * COPIED) as u64, to.len().next_multiple_of(4) as u64);
            let take = |read: &[u8]| to.copy_from_slice(&read[..to.len()]);
            self.shared.read(Some((buffer, from, bytes)), take)?;
        }
        Ok(())
    }

    fn compile(&self, kernel: &Kernel) -> Result<Arc<dyn Program>> {
        let mut machine = self.shared.machine;
        if machine.cooperative {
            let half = matches!(
                kernel,
                Kernel::Matmul { dtype: DType::F16, .. } | Kernel::Attention { dtype: DType::F16, .. }
            );
            let products = || *self.shared.matrices.get_or_init(|| matrices::are_right(&self.shared));
            let attention = || *self.shared.attention.get_or_init(|| matrices::attend_rightly(&self.shared));
            machine.cooperative =
                half && products() && (!matches!(kernel, Kernel::Attention { .. }) || attention());
        }
        Ok(Arc::new(WgpuProgram::new(kernel.clone(), self.shared.clone(), machine)))
    }

    fn synchronize(&self) -> Result<()> {
        if self.shared.queue().is_idle() {
            return self.shared.check();
        }
        self.shared.read(None, |_| ())
    }

    fn timed(&self, work: &mut dyn FnMut() -> Result<()>) -> Result<Duration> {
        let Some(clock) = &self.shared.clock else {
            let started = Instant::now();
            work()?;
            self.synchronize()?;
            return Ok(started.elapsed());
        };
        self.shared.queue().begin_timing(clock);
        let outcome = work();
        let staged = self.shared.queue().end_timing(clock);
        outcome?;
        self.shared.wait(&staged)?;
        let view = staged.get_mapped_range(..).map_err(|e| runtime_err!("wgpu: {e}"))?;
        Ok(clock.between(&view))
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

#[cfg(test)]
impl WgpuDevice {
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

#[cfg(test)]
impl Shared {
    /// Whether kernels may speak of numbers in half precision, and of subgroups.
    pub(crate) fn has_halves(&self) -> bool {
        self.device.features().contains(wgpu::Features::SHADER_F16 | wgpu::Features::SUBGROUP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_device_and_too_large_a_tensor_are_errors() {
        let Ok(device) = WgpuDevice::open(0) else { return eprintln!("skipped: there is no GPU") };
        let bytes = usize::try_from(device.shared.most).expect("a buffer fits into memory") + 1;
        assert!(matches!(device.alloc(bytes), Err(Error::OutOfMemory(_))));
        let buffer = device.alloc(16).expect("a small one is there all the same");
        device.upload(&[7; 16], &buffer).expect("it is written");
        let mut read = [0; 16];
        device.download(&buffer, &mut read).expect("and read");
        assert_eq!(read, [7; 16]);

        device.shared.device.destroy();
        let told = |outcome: Result<()>| outcome.is_err_and(|error| error.message().contains("was lost"));
        assert!(told(device.download(&buffer, &mut read)));
        assert!(told(device.upload(&[1; 16], &buffer)));
        assert!(told(device.alloc(16).map(|_| ())));
        assert!(told(device.synchronize()));
    }

    #[test]
    fn work_takes_time_and_nothing_takes_none() {
        let Ok(device) = WgpuDevice::open(0) else { return eprintln!("skipped: there is no GPU") };
        let buffer = device.alloc(16).expect("there is memory");
        let time = device.timed(&mut || device.upload(&[7; 16], &buffer)).expect("it is timed");
        assert!(time < Duration::from_secs(10));
        device.synchronize().expect("it waits");
        assert!(device.shared.queue().is_idle());
    }
}
