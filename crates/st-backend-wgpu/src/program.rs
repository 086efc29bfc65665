//! Kernels: compiled once for each class of launches, and launched.

use crate::device::{Shared, own};
use crate::kept::Kept;
use crate::memory::{Block, Part};
use crate::pieces::InPieces;
use crate::queue::Bound;
use smallvec::SmallVec;
use st_kernel::render::{Arranged, Class, Machine, arranged, groups, numbers::Numbers, reach, shader, wgsl};
use st_kernel::{Buffer, Kernel, Launch, Program, Result, Scalar, runtime_err, unsupported};
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use wgpu::{BindGroupLayoutEntry, BindingType, BufferBindingType, ErrorFilter, ShaderStages};

/// Groups along one side of a dispatch.
const SIDE: usize = 65_535;

/// A kernel on a GPU.
pub(crate) struct WgpuProgram {
    kernel: Kernel,
    pub(crate) shared: Arc<Shared>,
    pub(crate) machine: Machine,
    pipelines: Mutex<HashMap<Class, Arc<Pipeline>>>,
    in_pieces: OnceLock<Box<InPieces>>,
    recent: Mutex<VecDeque<Recent>>,
}

/// For each buffer of a launch its bytes, and which of those that are distinct it is.
type Asked = SmallVec<[(usize, u32); 8]>;

/// Launches that a program remembers: programs that repeat themselves ask for the same ones again and again.
const REMEMBERED: usize = 32;

/// A launch that was asked for, and what is run for it.
struct Recent {
    asked: Asked,
    launch: Launch,
    ready: Arc<Ready>,
}

/// A launch up to its memory and parameters.
pub(crate) struct Ready {
    stages: SmallVec<[Stage; 1]>,
    /// Bytes of scratch memory.
    scratch: usize,
}

struct Stage {
    pipeline: Arc<Pipeline>,
    /// Its numbers, without parameters.
    numbers: Vec<u32>,
    groups: (u32, u32),
}

/// A kernel compiled for a class.
pub(crate) struct Pipeline {
    /// No other pipeline has this number.
    pub(crate) id: u64,
    pub(crate) pipeline: wgpu::ComputePipeline,
    pub(crate) layout: wgpu::BindGroupLayout,
    numbers: Numbers,
    /// How many of the launch's buffers are bound.
    buffers: usize,
    /// Whether the word of faults is bound too.
    pub(crate) faults: bool,
}

impl WgpuProgram {
    pub(crate) fn new(kernel: Kernel, shared: Arc<Shared>, machine: Machine) -> WgpuProgram {
        WgpuProgram {
            kernel,
            shared,
            machine,
            pipelines: Mutex::default(),
            in_pieces: OnceLock::new(),
            recent: Mutex::default(),
        }
    }

    fn pipeline(&self, class: &Class, launch: &Launch) -> Result<Arc<Pipeline>> {
        let mut pipelines = self.pipelines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = pipelines.get(class) {
            return Ok(found.clone());
        }
        let made = Arc::new(Pipeline::new(&self.kernel, class, launch, &self.shared)?);
        pipelines.insert(class.clone(), made.clone());
        Ok(made)
    }

    /// What it computes.
    pub(crate) fn described(&self) -> &Kernel {
        &self.kernel
    }

    /// What it becomes where a launch sees too much at once.
    pub(crate) fn in_pieces(&self) -> &InPieces {
        self.in_pieces.get_or_init(|| Box::new(InPieces::new(&self.kernel, &self.shared, self.machine)))
    }

    /// Makes a launch ready to run.
    pub(crate) fn ready(&self, work: &Arranged) -> Result<Ready> {
        let mut ready = Ready { stages: SmallVec::new(), scratch: work.scratch };
        for step in &work.stages {
            let count = groups(&self.kernel, step, &work.launch);
            if count == 0 {
                break;
            }
            if count > SIDE * SIDE {
                return Err(runtime_err!("wgpu: a launch of {count} groups is more than a GPU counts"));
            }
            let pipeline = self.pipeline(&step.class, &work.launch)?;
            let numbers = pipeline.numbers.of_launch(&work.launch, step.class.outer, step.parts)?;
            let across = count.min(SIDE);
            let groups = (across as u32, count.div_ceil(across) as u32);
            ready.stages.push(Stage { pipeline, numbers, groups });
        }
        Ok(ready)
    }

    /// Runs all stages of a launch on what it sees of its buffers.
    pub(crate) fn run(&self, ready: &Ready, memory: &[Part], params: &[Scalar]) -> Result<()> {
        let scratch = (ready.scratch > 0).then(|| self.shared.alloc(ready.scratch)).transpose()?;
        let scratch = scratch.as_ref().map(|s| Part::whole(s.memory(), self.shared.sight.most));
        let mut numbers = Vec::new();
        for Stage { pipeline, numbers: own, groups } in &ready.stages {
            numbers.clone_from(own);
            pipeline.numbers.add_params(params, &mut numbers)?;
            self.shared.queue().launch(&Bound {
                pipeline,
                memory: memory[..pipeline.buffers].iter().copied().chain(scratch).collect(),
                faults: &self.shared.faults,
                numbers: &numbers,
                groups: *groups,
            });
        }
        Ok(())
    }

    /// Makes a launch ready, or finds it among the last ones; `None` if it must be run in pieces.
    fn recent(&self, asked: &Asked, launch: &Launch) -> Result<Option<Arc<Ready>>> {
        let known = |r: &&Recent| r.asked == *asked && r.launch == *launch;
        let lock = || self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = lock().iter().find(known) {
            return Ok(Some(found.ready.clone()));
        }
        reach::check(&self.kernel, launch, |b| asked.get(b as usize).map(|(bytes, _)| *bytes))?;
        let distinct = renumbered(launch, asked);
        let work = arranged(&self.kernel, &distinct, &self.machine)?;
        let most = self.shared.sight.most;
        let fits = |bytes: usize| bytes as u64 <= most && bytes <= i32::MAX as usize;
        if !asked.iter().all(|(bytes, _)| fits(*bytes)) || work.scratch as u64 > most {
            return Ok(None);
        }
        let ready = Arc::new(self.ready(&work)?);
        let mut recent = lock();
        if recent.len() >= REMEMBERED {
            recent.pop_front();
        }
        recent.push_back(Recent { asked: asked.clone(), launch: launch.clone(), ready: ready.clone() });
        Ok(Some(ready))
    }
}

impl Pipeline {
    fn new(kernel: &Kernel, class: &Class, launch: &Launch, shared: &Shared) -> Result<Pipeline> {
        let device = &shared.device;
        let shader = shader(kernel, class, launch)?;
        if shader.has_doubles() && !shared.machine.doubles {
            return Err(unsupported!(
                "float64 is not available on this device: it lacks doubles or 64-bit integers; convert tensors with .float()"
            ));
        }
        let text = wgsl::render(&shader);
        #[cfg(test)]
        let text = if shared.machine.cooperative { text } else { crate::twin::of(&text) };
        let scope = device.push_error_scope(ErrorFilter::Validation);
        let descriptor = wgpu::ShaderModuleDescriptor {
            label: None,
            source: wgpu::ShaderSource::Wgsl(Cow::Borrowed(&text)),
        };
        // SAFETY: the renderer guards every access by the launch's sizes and writes loops that end; launches check
        // that what they reach is inside the buffers.
        let module = unsafe {
            device.create_shader_module_trusted(descriptor, wgpu::ShaderRuntimeChecks::unchecked())
        };
        let layout = layout(device, &shader.writes, shader.faults);
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some(wgsl::ENTRY),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants: &[],
                zero_initialize_workgroup_memory: false,
            },
            cache: shared.kept.as_ref().map(|kept| &kept.pipelines),
        });
        match pollster::block_on(scope.pop()) {
            None => {
                shared.kept.iter().for_each(Kept::added);
                static NEXT: AtomicU64 = AtomicU64::new(0);
                Ok(Pipeline {
                    id: NEXT.fetch_add(1, Relaxed),
                    pipeline,
                    layout,
                    numbers: shader.numbers,
                    buffers: shader.buffers,
                    faults: shader.faults,
                })
            }
            Some(error) => Err(runtime_err!("wgpu: a kernel does not compile: {error}")),
        }
    }
}

/// The bindings of a kernel: its buffers, the launch's numbers and, if it may find a wrong index, the word of faults.
///
/// What is only read is bound as such, so that kernels that read the same memory need not wait for each other.
fn layout(device: &wgpu::Device, writes: &[bool], faults: bool) -> wgpu::BindGroupLayout {
    let entry = |binding: usize, ty, has_dynamic_offset| BindGroupLayoutEntry {
        binding: binding as u32,
        visibility: ShaderStages::COMPUTE,
        ty: BindingType::Buffer { ty, has_dynamic_offset, min_binding_size: None },
        count: None,
    };
    let storage = |written: bool| BufferBindingType::Storage { read_only: !written };
    let mut entries: Vec<_> =
        writes.iter().enumerate().map(|(i, &written)| entry(i, storage(written), false)).collect();
    entries.push(entry(writes.len(), BufferBindingType::Uniform, true));
    entries.extend(faults.then(|| entry(writes.len() + 1, storage(true), false)));
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries })
}

/// The memory of a launch's buffers, each once: memory may be bound for reading and for writing only if it is bound once.
fn distinct(buffers: &[Buffer]) -> Result<(Asked, SmallVec<[&Block; 8]>)> {
    let mut memory: SmallVec<[&Block; 8]> = SmallVec::new();
    let mut asked = Asked::new();
    for buffer in buffers {
        let own = own(buffer)?.memory();
        let at = memory.iter().position(|m| m.id == own.id).unwrap_or(memory.len());
        if at == memory.len() {
            memory.push(own);
        }
        asked.push((buffer.len(), at as u32));
    }
    Ok((asked, memory))
}

/// A launch whose buffers are those that are distinct.
fn renumbered<'a>(launch: &'a Launch, asked: &Asked) -> Cow<'a, Launch> {
    if asked.iter().enumerate().all(|(i, (_, at))| *at == i as u32) {
        return Cow::Borrowed(launch);
    }
    let mut launch = launch.clone();
    launch.reads.iter_mut().chain(&mut launch.writes).for_each(|a| a.buffer = asked[a.buffer as usize].1);
    Cow::Owned(launch)
}

impl Program for WgpuProgram {
    fn launch(&self, launch: &Launch, buffers: &[Buffer], params: &[Scalar]) -> Result<()> {
        let (asked, memory) = distinct(buffers)?;
        match self.recent(&asked, launch)? {
            Some(ready) => {
                let most = self.shared.sight.most;
                let parts: SmallVec<[Part; 8]> = memory.iter().map(|m| Part::whole(m, most)).collect();
                self.run(&ready, &parts, params)?;
            }
            None => self.run_in_pieces(&renumbered(launch, &asked), &memory, params)?,
        }
        self.shared.check()
    }

    fn kernel(&self) -> Option<&Kernel> {
        Some(&self.kernel)
    }
}
