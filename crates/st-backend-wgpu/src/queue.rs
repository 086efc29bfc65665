//! Work that was asked for and not yet handed to the GPU.
//!
//! Handing work over costs tens of microseconds, so launches are collected in one pass until somebody wants a result or
//! there are enough of them. The numbers of all launches of a pass stand in one buffer.

use crate::memory::Part;
use crate::program::Pipeline;
use smallvec::SmallVec;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::num::NonZeroU64;
use std::time::Duration;
use wgpu::{BindGroup, BindGroupEntry, BindingResource, BufferUsages, CommandEncoder, ComputePass};

/// Launches that are handed over together.
const MANY: usize = 64;
/// Groups of threads that keep a GPU busy for longer than handing them over takes: so much is not collected.
const MUCH: usize = 8192;
/// Bytes for the numbers of a pass.
const NUMBERS: u64 = 256 << 10;

/// Sets of bound buffers that are remembered: programs that repeat themselves bind the same ones again and again.
const REMEMBERED: usize = 4096;

/// Most bytes that are copied from or to the host in one go: as much of the host's memory is needed beside.
pub(crate) const COPIED: usize = 256 << 20;

/// A pipeline and the memory bound to it, by number, beginning and size.
type Key = (u64, SmallVec<[(u64, u64, u64); 8]>);

/// A hash of few numbers that nobody chooses to make collide.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(byte.into()));
    }
    fn write_u64(&mut self, number: u64) {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15; // 2^64 over the golden ratio
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(ODD);
    }
    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}

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
    bound: HashMap<Key, BindGroup, BuildHasherDefault<Mixed>>,
    /// How often work was handed over, and up to which time it is known to be done.
    handed: u64,
    done: u64,
    /// Whether work is being timed, and collected until that ends.
    timing: bool,
}

/// What the device's clock is read with.
pub(crate) struct Clock {
    times: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    /// Nanoseconds of a tick.
    tick: f64,
}

impl Clock {
    pub(crate) fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Clock {
        let times = device.create_query_set(&wgpu::QuerySetDescriptor {
            label: Some("times"),
            ty: wgpu::QueryType::Timestamp,
            count: 2,
        });
        let resolved = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("times"),
            size: 16,
            usage: BufferUsages::QUERY_RESOLVE | BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        Clock { times, resolved, tick: f64::from(queue.get_timestamp_period()) }
    }

    /// The time between two that were read.
    pub(crate) fn between(&self, bytes: &[u8]) -> Duration {
        let time = |at: usize| u64::from_ne_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
        Duration::from_nanos((time(8).saturating_sub(time(0)) as f64 * self.tick) as u64)
    }
}

/// A launch and its memory.
pub(crate) struct Bound<'a> {
    pub(crate) pipeline: &'a Pipeline,
    pub(crate) memory: SmallVec<[Part<'a>; 8]>,
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
            bound: HashMap::default(),
            handed: 0,
            done: 0,
            timing: false,
        }
    }

    /// Whether all work that was asked for is known to be done.
    pub(crate) fn is_idle(&self) -> bool {
        self.encoder.is_none() && self.handed == self.done
    }

    /// What was handed over up to here is done.
    pub(crate) fn is_done(&mut self, handed: u64) {
        self.done = self.done.max(handed);
    }

    /// Begins to time the work that is asked for from here on.
    pub(crate) fn begin_timing(&mut self, clock: &Clock) {
        self.hand_over();
        self.timing = true;
        self.encoder().write_timestamp(&clock.times, 0);
    }

    /// Ends it, and gives a buffer with both times that the host can read.
    pub(crate) fn end_timing(&mut self, clock: &Clock) -> wgpu::Buffer {
        self.timing = false;
        self.pass = None;
        let encoder = self.encoder();
        encoder.write_timestamp(&clock.times, 1);
        encoder.resolve_query_set(&clock.times, 0..2, &clock.resolved, 0);
        self.stage(&[(&clock.resolved, 0, 16)]).0
    }

    fn encoder(&mut self) -> &mut CommandEncoder {
        self.encoder.get_or_insert_with(|| self.device.create_command_encoder(&Default::default()))
    }

    /// A launch's buffers as they are bound.
    fn bind(&mut self, ready: &Bound, bytes: usize) -> BindGroup {
        let parts = ready.memory.iter().map(|part| (part.memory.id, part.from, part.bytes));
        let key = (ready.pipeline.id, parts.collect());
        if let Some(found) = self.bound.get(&key) {
            return found.clone();
        }
        let numbers = BindingResource::Buffer(wgpu::BufferBinding {
            buffer: &self.numbers_buffer,
            offset: 0,
            size: NonZeroU64::new(bytes as u64),
        });
        let memory = ready.memory.iter().map(|part| {
            BindingResource::Buffer(wgpu::BufferBinding {
                buffer: &part.memory.buffer,
                offset: part.from,
                size: NonZeroU64::new(part.bytes),
            })
        });
        let faults = ready.pipeline.faults.then(|| ready.faults.as_entire_binding());
        let entries: SmallVec<[BindGroupEntry; 10]> = memory
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
    pub(crate) fn launch(&mut self, ready: &Bound) {
        let bytes = (4 * ready.numbers.len()).next_multiple_of(16);
        if self.numbers.len() + bytes > NUMBERS as usize {
            self.hand_over();
        }
        let bound = self.bind(ready, bytes);
        let offset = self.numbers.len();
        self.numbers.resize((offset + bytes).next_multiple_of(self.alignment), 0);
        let places = self.numbers[offset..].chunks_exact_mut(4);
        places.zip(ready.numbers).for_each(|(place, word)| place.copy_from_slice(&word.to_ne_bytes()));
        if self.pass.is_none() {
            let pass = self.encoder().begin_compute_pass(&Default::default()).forget_lifetime();
            self.pass = Some(pass);
        }
        let pass = self.pass.as_mut().expect("it has begun");
        pass.set_pipeline(&ready.pipeline.pipeline);
        pass.set_bind_group(0, &bound, &[offset as u32]);
        pass.dispatch_workgroups(ready.groups.0, ready.groups.1, 1);
        self.launches += 1;
        self.groups += ready.groups.0 as usize * ready.groups.1 as usize;
        if !self.timing && (self.launches >= MANY || self.groups >= MUCH) {
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
        self.handed += 1;
        self.launches = 0;
        self.groups = 0;
    }

    /// Writes memory, after all work that was asked for before.
    pub(crate) fn write(&mut self, to: &wgpu::Buffer, bytes: &[u8]) {
        self.hand_over();
        self.handed += 1;
        let (whole, rest) = bytes.split_at(bytes.len() / 4 * 4);
        for (i, part) in whole.chunks(COPIED).enumerate() {
            self.queue.write_buffer(to, (i * COPIED) as u64, part);
            if part.len() == COPIED {
                self.queue.submit([]);
            }
        }
        if !rest.is_empty() {
            let mut last = [0; 4];
            last[..rest.len()].copy_from_slice(rest);
            self.queue.write_buffer(to, whole.len() as u64, &last);
        }
    }

    /// Copies parts of buffers, each its first byte and how many, into a fresh one that the host can read, after all work asked
    /// for before; gives the number of that handing over too.
    pub(crate) fn stage(&mut self, parts: &[(&wgpu::Buffer, u64, u64)]) -> (wgpu::Buffer, u64) {
        self.pass = None;
        let size = parts.iter().map(|(_, _, bytes)| bytes).sum();
        let staged = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("staging"),
            size,
            usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let encoder = self.encoder();
        let mut at = 0;
        for (buffer, from, bytes) in parts {
            encoder.copy_buffer_to_buffer(buffer, *from, &staged, at, *bytes);
            at += bytes;
        }
        self.hand_over();
        (staged, self.handed)
    }
}
