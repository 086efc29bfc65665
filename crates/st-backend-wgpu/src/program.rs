//! Kernels: compiled once for each class of launches, and launched.

use crate::device::{Shared, own};
use crate::queue::Ready;
use smallvec::SmallVec;
use st_kernel::render::{Class, arranged, groups, numbers::Numbers, reach, shader, wgsl};
use st_kernel::{Buffer, Kernel, Launch, Program, Result, Scalar, runtime_err};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use wgpu::{BindGroupEntry, BindGroupLayoutEntry, BindingType, BufferBindingType, ErrorFilter, ShaderStages};

/// Groups along one side of a dispatch.
const SIDE: usize = 65_535;

/// A kernel on a GPU.
pub(crate) struct WgpuProgram {
    kernel: Kernel,
    shared: Arc<Shared>,
    pipelines: Mutex<HashMap<Class, Arc<Pipeline>>>,
}

/// A kernel compiled for a class.
struct Pipeline {
    pipeline: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
    numbers: Numbers,
    buffers: usize,
}

impl WgpuProgram {
    pub(crate) fn new(kernel: Kernel, shared: Arc<Shared>) -> WgpuProgram {
        WgpuProgram { kernel, shared, pipelines: Mutex::default() }
    }

    fn pipeline(&self, class: &Class, launch: &Launch) -> Result<Arc<Pipeline>> {
        let mut pipelines = self.pipelines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = pipelines.get(class) {
            return Ok(found.clone());
        }
        let made = Arc::new(Pipeline::new(&self.kernel, class, launch, &self.shared.device)?);
        pipelines.insert(class.clone(), made.clone());
        Ok(made)
    }
}

impl Pipeline {
    fn new(kernel: &Kernel, class: &Class, launch: &Launch, device: &wgpu::Device) -> Result<Pipeline> {
        let shader = shader(kernel, class, launch)?;
        let text = wgsl::render(&shader)?;
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
        let layout = layout(device, shader.buffers);
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
            cache: None,
        });
        match pollster::block_on(scope.pop()) {
            None => Ok(Pipeline { pipeline, layout, numbers: shader.numbers, buffers: shader.buffers }),
            Some(error) => Err(runtime_err!("wgpu: a kernel does not compile: {error}")),
        }
    }
}

/// The bindings of a kernel: its buffers, the launch's numbers, the word of faults.
fn layout(device: &wgpu::Device, buffers: usize) -> wgpu::BindGroupLayout {
    let entry = |binding: usize, ty, has_dynamic_offset| BindGroupLayoutEntry {
        binding: binding as u32,
        visibility: ShaderStages::COMPUTE,
        ty: BindingType::Buffer { ty, has_dynamic_offset, min_binding_size: None },
        count: None,
    };
    let storage = BufferBindingType::Storage { read_only: false };
    let mut entries: Vec<_> = (0..buffers).map(|i| entry(i, storage, false)).collect();
    entries.push(entry(buffers, BufferBindingType::Uniform, true));
    entries.push(entry(buffers + 1, storage, false));
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries })
}

impl Program for WgpuProgram {
    fn launch(&self, launch: &Launch, buffers: &[Buffer], params: &[Scalar]) -> Result<()> {
        let (launch, class) = arranged(&self.kernel, launch);
        let count = groups(&self.kernel, &class, &launch);
        if count == 0 {
            return Ok(());
        }
        if count > SIDE * SIDE {
            return Err(runtime_err!("wgpu: a launch of {count} groups is more than a GPU counts"));
        }
        reach::check(&self.kernel, &launch, |b| buffers.get(b as usize).map(|b| b.len()))?;
        let pipeline = self.pipeline(&class, &launch)?;
        let numbers = pipeline.numbers.fill(&launch, class.outer, params)?;
        let size = (4 * numbers.len()).next_multiple_of(16) as u64;
        let memory: SmallVec<[&wgpu::Buffer; 8]> =
            buffers[..pipeline.buffers].iter().map(|b| Ok(own(b)?.memory())).collect::<Result<_>>()?;
        let mut queue = self.shared.queue();
        let numbers_part = wgpu::BufferBinding {
            buffer: queue.numbers_buffer(),
            offset: 0,
            size: std::num::NonZeroU64::new(size),
        };
        let resources = memory
            .iter()
            .map(|b| b.as_entire_binding())
            .chain([wgpu::BindingResource::Buffer(numbers_part), self.shared.faults.as_entire_binding()]);
        let entries: SmallVec<[BindGroupEntry; 10]> = resources
            .enumerate()
            .map(|(i, resource)| BindGroupEntry { binding: i as u32, resource })
            .collect();
        let bound = self.shared.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.layout,
            entries: &entries,
        });
        drop(entries);
        let across = count.min(SIDE);
        queue.launch(&Ready {
            pipeline: &pipeline.pipeline,
            buffers: &bound,
            numbers: &numbers,
            groups: (across as u32, count.div_ceil(across) as u32),
        });
        drop(queue);
        self.shared.check()
    }
}
