//! Work that was asked for and not yet handed to the GPU.
//!
//! Handing work over costs tens of microseconds, so launches are collected in one pass until somebody wants a result or
//! there are enough of them. The numbers of all launches of a pass stand in one buffer.

use crate::program::Pipeline;
use smallvec::SmallVec;
use std::collections::HashMap;
use std::num::NonZeroU64;
use std::sync::Arc;
use wgpu::{BindGroup, BindGroupEntry, BindingResource, BufferUsages, CommandEncoder, ComputePass};

/// Launches that are handed over together.
const MANY: usize = 64;
/// Groups of threads that keep a GPU busy for longer than handing them over takes: so much is not collected.
const MUCH: usize = 8192;
/// Bytes for the numbers of a pass.
const NUMBERS: u64 = 256 << 10;

/// Sets of bound buffers that are remembered: programs that repeat themselves bind the same ones again and again.
const REMEMBERED: usize = 4096;

/// A pipeline and the buffers bound to it.
type Bound = (wgpu::ComputePipeline, SmallVec<[wgpu::Buffer; 8]>);

/// The waiting work of a device.
pub(crate) struct Queue {
    device: wgpu::Device,
    queue: wgpu::Queue,
    /// The pass ends before its encoder does.
    pass: Option<ComputePass<'static>>,
    encoder: Option<CommandEncoder>,
    launches: usize,
    /// Groups of the waiting launches.
    groups: usize,
    numbers: Vec<u8>,
    numbers_buffer: wgpu::Buffer,
    alignment: usize,
    bound: HashMap<Bound, BindGroup>,
}

/// A launch that is ready.
pub(crate) struct Ready<'a> {
    pub(crate) pipeline: &'a Pipeline,
    pub(crate) buffers: SmallVec<[wgpu::Buffer; 8]>,
    pub(crate) faults: &'a wgpu::Buffer,
    pub(crate) numbers: &'a [u32],
    pub(crate) groups: (u32, u32),
}

impl Queue {
    pub(crate) fn new(device: wgpu::Device, queue: wgpu::Queue) -> Queue {
        let alignment = device.limits().min_uniform_buffer_offset_alignment as usize;
        let numbers_buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("numbers"),
            size: NUMBERS,
            usage: BufferUsages::UNIFORM | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Queue {
            device,
            queue,
            pass: None,
            encoder: None,
            launches: 0,
            groups: 0,
            numbers: Vec::new(),
            numbers_buffer,
            alignment,
            bound: HashMap::new(),
        }
    }

    /// A launch's buffers as they are bound.
    fn bind(&mut self, ready: &Ready, bytes: usize) -> BindGroup {
        let key = (ready.pipeline.pipeline.clone(), ready.buffers.clone());
        if let Some(found) = self.bound.get(&key) {
            return found.clone();
        }
        let numbers = BindingResource::Buffer(wgpu::BufferBinding {
            buffer: &self.numbers_buffer,
            offset: 0,
            size: NonZeroU64::new(bytes as u64),
        });
        let buffers = ready.buffers.iter().map(|b| b.as_entire_binding());
        let faults = ready.pipeline.faults.then(|| ready.faults.as_entire_binding());
        let entries: SmallVec<[BindGroupEntry; 10]> = buffers
            .chain([numbers])
            .chain(faults)
            .enumerate()
            .map(|(i, resource)| BindGroupEntry { binding: i as u32, resource })
            .collect();
        let made = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &ready.pipeline.layout,
            entries: &entries,
        });
        if self.bound.len() >= REMEMBERED {
            self.bound.clear();
        }
        self.bound.insert(key, made.clone());
        made
    }

    /// Forgets which buffers were bound, so that their memory can be given back.
    pub(crate) fn forget(&mut self) {
        self.bound.clear();
    }

    /// Adds a launch.
    pub(crate) fn launch(&mut self, ready: &Ready) {
        let bytes = (4 * ready.numbers.len()).next_multiple_of(16);
        if self.numbers.len() + bytes > NUMBERS as usize {
            self.hand_over();
        }
        let bound = self.bind(ready, bytes);
        let offset = self.numbers.len();
        self.numbers.extend(ready.numbers.iter().flat_map(|word| word.to_ne_bytes()));
        self.numbers.resize((offset + bytes).next_multiple_of(self.alignment), 0);
        let pass = self.pass.get_or_insert_with(|| {
            let encoder =
                self.encoder.get_or_insert_with(|| self.device.create_command_encoder(&Default::default()));
            encoder.begin_compute_pass(&Default::default()).forget_lifetime()
        });
        pass.set_pipeline(&ready.pipeline.pipeline);
        pass.set_bind_group(0, &bound, &[offset as u32]);
        pass.dispatch_workgroups(ready.groups.0, ready.groups.1, 1);
        self.launches += 1;
        self.groups += ready.groups.0 as usize * ready.groups.1 as usize;
        if self.launches >= MANY || self.groups >= MUCH {
            self.hand_over();
        }
    }

    /// Hands all waiting work to the GPU.
    pub(crate) fn hand_over(&mut self) {
        self.pass = None;
        let Some(encoder) = self.encoder.take() else { return };
        if !self.numbers.is_empty() {
            self.queue.write_buffer(&self.numbers_buffer, 0, &self.numbers);
            self.numbers.clear();
        }
        self.queue.submit([encoder.finish()]);
        self.launches = 0;
        self.groups = 0;
    }

    /// Writes memory, after all work that was asked for before.
    pub(crate) fn write(&mut self, to: &wgpu::Buffer, bytes: &[u8]) {
        self.hand_over();
        let whole = bytes.len() / 4 * 4;
        self.queue.write_buffer(to, 0, &bytes[..whole]);
        if whole < bytes.len() {
            let mut last = [0; 4];
            last[..bytes.len() - whole].copy_from_slice(&bytes[whole..]);
            self.queue.write_buffer(to, whole as u64, &last);
        }
    }

    /// Copies the beginnings of buffers into a fresh one that the host can read, after all work asked for before.
    pub(crate) fn stage(&mut self, parts: &[(&wgpu::Buffer, u64)]) -> Arc<wgpu::Buffer> {
        self.pass = None;
        let size = parts.iter().map(|(_, bytes)| bytes).sum();
        let staged = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("staging"),
            size,
            usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let encoder =
            self.encoder.get_or_insert_with(|| self.device.create_command_encoder(&Default::default()));
        let mut at = 0;
        for (from, bytes) in parts {
            encoder.copy_buffer_to_buffer(from, 0, &staged, at, *bytes);
            at += bytes;
        }
        self.hand_over();
        Arc::new(staged)
    }
}
