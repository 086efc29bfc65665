//! What this thread did and when: calls, named ranges, plans, kernels and memory, on one clock.
//!
//! A device that records its own work tells it when the recording ends, and each kernel there knows the step that asked for
//! it. Of other devices a kernel is the time that its launch takes.

use super::{device, devices::open_devices, explain::kernel_details};
use crate::graph::DeviceId;
use crate::schedule::{Plan, Snapshot, Step};
use st_kernel::{Activity, Result, runtime_err};
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

/// What is recorded beside times.
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceOptions {
    /// The shapes of operands.
    pub shapes: bool,
    /// What memory is taken and given back.
    pub memory: bool,
    /// The user's lines.
    pub stacks: bool,
    /// What GPUs tell of their own work.
    pub devices: bool,
}

/// Something more about an event.
#[derive(Clone, Debug)]
pub enum Detail {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
    /// Texts.
    Texts(Vec<String>),
    /// Sizes.
    Sizes(Vec<usize>),
    /// Shapes.
    Shapes(Vec<Vec<usize>>),
}

/// Something that happened, from start to end in nanoseconds since the recording began.
#[derive(Clone, Debug, Default)]
pub struct TraceEvent {
    /// In the words of Chrome's traces: `cpu_op`, `user_annotation`, `scheduler`, `launch`, `kernel`, `gpu_memcpy` ...
    pub category: &'static str,
    /// What happened.
    pub name: String,
    /// When it began.
    pub start: i64,
    /// When it was over.
    pub end: i64,
    /// The GPU that did it; none if this thread did.
    pub device: Option<usize>,
    /// The GPU's stream.
    pub stream: u64,
    /// Links a call of the driver with what it asked for.
    pub link: u64,
    /// What else is known.
    pub details: Vec<(&'static str, Detail)>,
}

struct Recording {
    began: Instant,
    options: TraceOptions,
    events: Vec<TraceEvent>,
    /// Bytes in use on the devices that memory was taken from.
    in_use: Vec<(DeviceId, u64)>,
    /// Devices that record their own work.
    telling: Vec<DeviceId>,
}

thread_local!(static RECORDING: RefCell<Option<Recording>> = const { RefCell::new(None) });
/// Threads that record.
static RECORDINGS: AtomicUsize = AtomicUsize::new(0);

/// An event that has begun; nothing where nothing is recorded.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Open(Option<usize>);

impl Recording {
    fn now(&self) -> i64 {
        self.began.elapsed().as_nanos() as i64
    }
}

fn with<T>(f: impl FnOnce(&mut Recording) -> T) -> Option<T> {
    if RECORDINGS.load(Relaxed) == 0 {
        return None;
    }
    RECORDING.with_borrow_mut(|recording| recording.as_mut().map(f))
}

/// What this thread records, if it does.
#[inline]
pub fn tracing() -> Option<TraceOptions> {
    with(|recording| recording.options)
}

/// Records what this thread does from here on; what waits is run first.
pub fn start_trace(options: TraceOptions) -> Result<()> {
    if tracing().is_some() {
        return Err(runtime_err!("Profiler is already enabled on this thread"));
    }
    super::flush_all()?;
    let mut telling = Vec::new();
    let began = Instant::now();
    let in_use = open_devices().into_iter().filter(|_| options.memory);
    let in_use = in_use.map(|id| Ok((id, device(id)?.memory_stats().in_use))).collect::<Result<_>>()?;
    for id in open_devices().into_iter().filter(|_| options.devices) {
        if let Some(activities) = device(id)?.activities() {
            device(id)?.synchronize()?;
            activities.start(began)?;
            telling.push(id);
        }
    }
    RECORDING.set(Some(Recording { began, options, events: Vec::new(), in_use, telling }));
    RECORDINGS.fetch_add(1, Relaxed);
    Ok(())
}

/// What happened since then, in the order in which it began; what waits is run first.
pub fn stop_trace() -> Result<Vec<TraceEvent>> {
    let flushed = super::flush_all();
    let Some(mut recording) = RECORDING.take() else { return Ok(Vec::new()) };
    RECORDINGS.fetch_sub(1, Relaxed);
    let now = recording.now();
    recording.events.iter_mut().filter(|event| event.end < event.start).for_each(|event| event.end = now);
    let mut told = Vec::new();
    for &id in &recording.telling {
        device(id)?.synchronize()?;
        told.extend(device(id)?.activities().map(|a| a.stop()).transpose()?.unwrap_or_default());
    }
    let told: Vec<TraceEvent> = told.into_iter().map(|a| explained(a, &recording.events)).collect();
    recording.events.extend(told);
    flushed.map(|()| recording.events)
}

/// What a device did, by the name of the step that asked for it.
fn explained(activity: Activity, events: &[TraceEvent]) -> TraceEvent {
    let Activity { category, name, start, end, device, stream, link, of, numbers } = activity;
    let asked = (of as usize).checked_sub(1).and_then(|at| events.get(at));
    let mut details: Vec<(&'static str, Detail)> =
        numbers.into_iter().map(|(name, number)| (name, Detail::Number(number))).collect();
    let (name, own) = match asked {
        Some(step) if category == "kernel" => {
            details.extend(step.details.iter().cloned());
            (step.name.clone(), Some(name))
        }
        _ => (name, None),
    };
    details.extend(own.map(|own| ("function", Detail::Text(own))));
    TraceEvent { category, name, start, end, device, stream, link, details }
}

/// Something begins.
pub fn begin(category: &'static str, name: impl FnOnce() -> String) -> Open {
    Open(with(|recording| {
        let (start, name) = (recording.now(), name());
        recording.events.push(TraceEvent { category, name, start, end: -1, ..TraceEvent::default() });
        recording.events.len() - 1
    }))
}

/// Something is over. If it is only worth telling for what happened inside and nothing did, it is forgotten.
pub fn end(open: Open, details: Vec<(&'static str, Detail)>, only_if_inner: bool) {
    let Open(Some(at)) = open else { return };
    memory();
    with(|recording| {
        let now = recording.now();
        if only_if_inner && at + 1 == recording.events.len() {
            recording.events.pop();
        } else if let Some(event) = recording.events.get_mut(at) {
            event.end = now;
            event.details.extend(details);
        }
    });
}

/// Some work under a name.
pub(crate) fn span<T>(category: &'static str, name: impl FnOnce() -> String, work: impl FnOnce() -> T) -> T {
    let open = begin(category, name);
    let result = work();
    end(open, Vec::new(), false);
    result
}

/// A plan was found or made.
pub(super) fn planned(open: Open, how: &'static str, plan: &Plan, snapshot: &Snapshot) {
    let Open(Some(at)) = open else { return };
    with(|recording| recording.events[at].name = format!("plan {how}"));
    let kernels = plan.steps.iter().filter(|s| s.program.is_some()).map(|s| s.label.clone()).collect();
    let nodes = Detail::Number(snapshot.nodes.len() as i64);
    end(open, vec![("nodes", nodes), ("kernels", Detail::Texts(kernels))], false);
}

/// Runs a step's kernel.
pub(super) fn kernel(
    step: &Step,
    snapshot: &Snapshot,
    on: DeviceId,
    work: &mut dyn FnMut() -> Result<()>,
) -> Result<()> {
    let Some(tells) = with(|recording| recording.telling.contains(&on)) else { return work() };
    let (device, details) = (device(on)?, kernel_details(step, snapshot));
    let Some(activities) = device.activities() else {
        let open = begin("kernel", || step.label.clone());
        let time = device.timed(work);
        end(open, details, false);
        let took = time?.as_nanos() as i64;
        with(|recording| open.0.map(|at| recording.events[at].start = recording.events[at].end - took));
        return Ok(());
    };
    let open = begin("launch", || step.label.clone());
    with(|recording| open.0.map(|at| recording.events[at].details.extend(details)));
    if tells {
        activities.attribute(open.0.map_or(0, |at| at as u64 + 1))?;
    }
    let outcome = work();
    if tells {
        activities.attribute(0)?;
    }
    end(open, Vec::new(), false);
    outcome
}

/// Memory of a device has been taken or given back.
pub(super) fn memory_of(on: DeviceId) {
    with(|recording| {
        if recording.options.memory && recording.in_use.iter().all(|(known, _)| *known != on) {
            recording.in_use.push((on, 0));
        }
    });
    memory();
}

/// Tells what has been taken or given back since the last look.
fn memory() {
    with(|recording| {
        let now = recording.now();
        for (on, before) in &mut recording.in_use {
            let Ok(device) = device(*on) else { continue };
            let stats = device.memory_stats();
            let change = stats.in_use as i64 - *before as i64;
            *before = stats.in_use;
            if change == 0 {
                continue;
            }
            let gpu = device.info().kind == "cuda";
            let number = Detail::Number;
            recording.events.push(TraceEvent {
                category: "cpu_instant_event",
                name: "[memory]".into(),
                start: now,
                end: now,
                details: vec![
                    ("Bytes", number(change)),
                    ("Total Allocated", number(stats.in_use as i64)),
                    ("Total Reserved", number((stats.in_use + stats.cached) as i64)),
                    ("Device Type", number(gpu.into())),
                    ("Device Id", number(if gpu { device.info().index as i64 } else { -1 })),
                ],
                ..TraceEvent::default()
            });
        }
    });
}
