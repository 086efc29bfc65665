//! Kernels: compiled once for each class of launches, and launched.

use crate::device::{Shared, own};
use crate::kept::Kept;
use crate::queue::Ready;
use smallvec::SmallVec;
use st_kernel::render::{Class, Machine, arranged, groups, numbers::Numbers, reach, shader, wgsl};
use st_kernel::{Buffer, Kernel, Launch, Program, Result, Scalar, runtime_err, unsupported};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use wgpu::{BindGroupLayoutEntry, BindingType, BufferBindingType, ErrorFilter, ShaderStages};

/// Groups along one side of a dispatch.
const SIDE: usize = 65_535;

/// A kernel on a GPU.
pub(crate) struct WgpuProgram {
    kernel: Kernel,
    shared: Arc<Shared>,
    machine: Machine,
    pipelines: Mutex<HashMap<Class, Arc<Pipeline>>>,
}

/// A kernel compiled for a class.
pub(crate) struct Pipeline {
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
        WgpuProgram { kernel, shared, machine, pipelines: Mutex::default() }
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
                Ok(Pipeline {
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

/// The memory of a launch's buffers, each once, and the launch with its buffers numbered so: memory may be bound for reading
/// and for writing only if it is bound once.
fn distinct<'a>(
    launch: &'a Launch,
    buffers: &'a [Buffer],
) -> Result<(Cow<'a, Launch>, SmallVec<[&'a wgpu::Buffer; 8]>)> {
    let mut memory: SmallVec<[&wgpu::Buffer; 8]> = SmallVec::new();
    let mut number: SmallVec<[u32; 8]> = SmallVec::new();
    for buffer in buffers {
        let own = &own(buffer)?.memory().0;
        let at = memory.iter().position(|&m| m == own).unwrap_or(memory.len());
        if at == memory.len() {
            memory.push(own);
        }
        number.push(at as u32);
    }
    if memory.len() == buffers.len() {
        return Ok((Cow::Borrowed(launch), memory));
    }
    let mut launch = launch.clone();
    launch.reads.iter_mut().chain(&mut launch.writes).for_each(|a| a.buffer = number[a.buffer as usize]);
    Ok((Cow::Owned(launch), memory))
}

impl Program for WgpuProgram {
    fn launch(&self, launch: &Launch, buffers: &[Buffer], params: &[Scalar]) -> Result<()> {
        reach::check(&self.kernel, launch, |b| buffers.get(b as usize).map(|b| b.len()))?;
        let (launch, memory) = distinct(launch, buffers)?;
        let work = arranged(&self.kernel, &launch, &self.machine)?;
        let scratch = (work.scratch > 0).then(|| self.shared.alloc(work.scratch)).transpose()?;
        for step in &work.stages {
            let count = groups(&self.kernel, step, &work.launch);
            if count == 0 {
                return Ok(());
            }
            if count > SIDE * SIDE {
                return Err(runtime_err!("wgpu: a launch of {count} groups is more than a GPU counts"));
            }
            let pipeline = self.pipeline(&step.class, &work.launch)?;
            let numbers = pipeline.numbers.fill(&work.launch, step.class.outer, step.parts, params)?;
            let memory = memory[..pipeline.buffers].iter().copied();
            let across = count.min(SIDE);
            self.shared.queue().launch(&Ready {
                pipeline: &pipeline,
                buffers: memory.chain(scratch.as_ref().map(|s| &s.memory().0)).cloned().collect(),
                faults: &self.shared.faults,
                numbers: &numbers,
                groups: (across as u32, count.div_ceil(across) as u32),
            });
        }
        self.shared.check()
    }

    fn kernel(&self) -> Option<&Kernel> {
        Some(&self.kernel)
    }
}
