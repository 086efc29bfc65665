//! What a run did, for people: kernels, what each of them computed, bytes and time.

use super::trace::Detail;
use crate::schedule::{Plan, Snapshot, Step};
use crate::tensor::Tensor;
use st_kernel::{Kernel, Result};
use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// One kernel that ran.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// `loop`, `rows`, `reduce`, `matmul`, `conv`, `scan`, `sort`, `scatter`, or `memory` for an allocation.
    pub kind: &'static str,
    /// The operators it computed: `mul+add+gelu`.
    pub operators: String,
    /// Sizes of its loops.
    pub dims: Vec<usize>,
    /// Bytes read and written.
    pub bytes: usize,
    /// How long it took.
    pub time: Duration,
    /// The line that asked for its last operator, under `ST_DEBUG=1`.
    pub origin: Option<Arc<str>>,
}

/// The kernels of a piece of work, in order.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Each kernel.
    pub steps: Vec<StepReport>,
}

/// The kernels since a moment.
type Recording = Vec<StepReport>;

thread_local!(static STEPS: RefCell<Option<Recording>> = const { RefCell::new(None) });

/// Runs some work and everything it leaves to do, and reports the kernels that this thread had run.
pub fn explain<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, Report)> {
    super::flush_all()?;
    recorded(|| work().and_then(|value| super::flush_all().map(|()| value)))
}

/// Runs what tensors wait for, and reports the kernels.
pub fn explain_tensors(tensors: &[Tensor]) -> Result<Report> {
    recorded(|| super::realize(tensors)).map(|((), report)| report)
}

fn recorded<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, Report)> {
    let outer = STEPS.replace(Some(Vec::new()));
    let result = work();
    let steps = STEPS.replace(outer).unwrap_or_default();
    Ok((result?, Report { steps }))
}

/// What is known of a step's kernel beside its name.
pub(super) fn kernel_details(step: &Step, snapshot: &Snapshot) -> Vec<(&'static str, Detail)> {
    let mut details = vec![
        ("kernel", Detail::Text(step.kind.into())),
        ("loops", Detail::Sizes(step.launch.dims.to_vec())),
        ("bytes", Detail::Number(step.bytes as i64)),
    ];
    details.extend(origin(step, snapshot).map(|line| ("origin", Detail::Text(line.to_string()))));
    details
}

/// The line that asked for a step's last operator.
fn origin(step: &Step, snapshot: &Snapshot) -> Option<Arc<str>> {
    step.nodes.last().and_then(|&n| snapshot.nodes[n as usize].origin.clone())
}

pub(super) fn is_recording() -> bool {
    STEPS.with_borrow(Option::is_some)
}

pub(super) fn record(step: &Step, snapshot: &Snapshot, time: Duration) {
    if step.program.is_some() {
        STEPS.with_borrow_mut(|recording| {
            let Some(steps) = recording else { return };
            steps.push(report(step, snapshot, time));
        });
    }
}

fn report(step: &Step, snapshot: &Snapshot, time: Duration) -> StepReport {
    StepReport {
        kind: step.kind,
        operators: step.label.clone(),
        dims: step.launch.dims.to_vec(),
        bytes: step.bytes,
        time,
        origin: origin(step, snapshot),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: Duration = self.steps.iter().map(|s| s.time).sum();
        let bytes: usize = self.steps.iter().map(|s| s.bytes).sum();
        writeln!(f, "{:>3}  {:<8} {:>10} {:>10}  {:<18} computes", "", "kernel", "time", "memory", "loops")?;
        for (i, step) in self.steps.iter().enumerate() {
            let dims = step.dims.iter().map(usize::to_string).collect::<Vec<_>>().join("x");
            let (time, memory) = (Time(step.time).to_string(), Bytes(step.bytes).to_string());
            write!(
                f,
                "{:>3}  {:<8} {time:>10} {memory:>10}  {dims:<18} {}",
                i + 1,
                step.kind,
                step.operators
            )?;
            match &step.origin {
                Some(line) => writeln!(f, "  [{line}]")?,
                None => writeln!(f)?,
            }
        }
        let kernels = if self.steps.len() == 1 { "kernel" } else { "kernels" };
        write!(f, "{} {kernels}, {} of memory traffic, {}", self.steps.len(), Bytes(bytes), Time(total))
    }
}

struct Bytes(usize);
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n >= 10_000_000 => write!(f, "{:.1} MB", n as f64 / 1e6),
            n if n >= 10_000 => write!(f, "{:.1} kB", n as f64 / 1e3),
            n => write!(f, "{n} B"),
        }
    }
}

struct Time(Duration);
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = self.0.as_secs_f64() * 1e6;
        if us >= 10_000.0 { write!(f, "{:.1} ms", us / 1e3) } else { write!(f, "{us:.1} us") }
    }
}

/// What `ST_LOG` asks for: a list of `plan` and `kernels`.
fn wants(what: &str) -> bool {
    static LOG: LazyLock<String> = LazyLock::new(|| std::env::var("ST_LOG").unwrap_or_default());
    LOG.split(',').any(|word| word.trim() == what)
}

pub(super) fn log_plan(plan: &Plan, snapshot: &Snapshot) {
    if !wants("plan") {
        return;
    }
    eprintln!("plan: {} nodes, {} kernels", snapshot.nodes.len(), plan.steps.len());
    for step in &plan.steps {
        let dims = step.launch.dims.iter().map(usize::to_string).collect::<Vec<_>>().join("x");
        eprintln!("  {:<8} {dims:<18} {:>10}  {}", step.kind, Bytes(step.bytes).to_string(), step.label);
    }
}

pub(super) fn log_kernel(kernel: &Kernel) {
    if !wants("kernels") {
        return;
    }
    let Some(body) = kernel.body() else { return eprintln!("kernel: {kernel:?}") };
    eprintln!(
        "kernel: {} instructions, {} reads, {} stores",
        body.insts.len(),
        body.reads.len(),
        body.stores.len()
    );
    for (i, (inst, dtype)) in body.insts.iter().enumerate() {
        eprintln!("  %{i}: {dtype} = {inst:?}");
    }
}
