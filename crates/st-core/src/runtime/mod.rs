//! Running graphs: devices, plans that are found again, and the rules of when a graph runs.
//!
//! A graph runs when somebody wants a value ([`realize`]), when it has grown long, or when asked ([`flush_all`]). One run
//! happens at a time; other threads go on building their graphs meanwhile.

mod capture;
mod devices;
mod execute;
mod explain;
mod fallback;
mod forks;
mod meta;
mod threads;
mod trace;

pub use capture::{Captured, abort_capture, begin_capture, end_capture, is_capturing};
pub(crate) use capture::{draws, writes};
pub use devices::{Backend, backends, device, device_count, find_device, forked, has_no_values, is_built_in};
pub(crate) use devices::{beside, device_beside, only_cpu};
pub use explain::{Report, StepReport, explain, explain_tensors};
pub use fallback::{Fallback, fallback, set_fallback, set_tell};
pub use st_kernel::{Buffer, Communicator, Device, DeviceInfo, Exchange, ExchangeStep, Streams, Union};
pub use threads::{num_threads, set_num_threads};
pub(crate) use trace::span;
pub use trace::{Detail, Open, TraceEvent, TraceOptions, begin, end, start_trace, stop_trace, tracing};

use crate::graph::{CPU, Cell, DeviceId, Node, Op, any_mutated, created_pending, mutated_pending};
use crate::schedule::{Plan, Snapshot, Step, plan};
use crate::tensor::Tensor;
use smallvec::SmallVec;
use st_kernel::{Error, Kernel, Launch, Program, Result, runtime_err};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

/// A graph this deep runs without being asked.
const LONG: u32 = 1024;
/// Plans that are kept, and their steps, each of which takes half a kilobyte.
const MAX_PLANS: usize = 1024;
const MAX_STEPS: usize = 1 << 16;

/// Plans and kernels that were made before.
#[derive(Default)]
struct Store {
    plans: HashMap<u128, Kept>,
    /// Of all plans.
    steps: usize,
    kernels: HashMap<(DeviceId, Kernel), Arc<dyn Program>>,
    /// Of the steps of all plans: a sequence that grows makes a plan for each length, of mostly equal steps.
    launches: HashSet<Arc<Launch>>,
    clock: u64,
    /// Of the run before: its memory is used again.
    snapshot: Snapshot,
}

struct Kept {
    plan: Arc<Plan>,
    used: u64,
}

static STORE: LazyLock<Mutex<Store>> = LazyLock::new(|| {
    forks::wait_for_runs();
    Mutex::default()
});
static BLOCKING: OnceLock<fn(&mut dyn FnMut())> = OnceLock::new();

/// How often things happened since the program began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Graphs that were planned.
    pub plans: u64,
    /// Graphs whose plan was known.
    pub plan_hits: u64,
    /// Kernels that were compiled.
    pub kernels_compiled: u64,
    /// Kernels that were run.
    pub launches: u64,
}

static PLANS: AtomicU64 = AtomicU64::new(0);
static PLAN_HITS: AtomicU64 = AtomicU64::new(0);
static KERNELS: AtomicU64 = AtomicU64::new(0);
static LAUNCHES: AtomicU64 = AtomicU64::new(0);

/// How often things happened since the program began.
pub fn stats() -> Stats {
    Stats {
        plans: PLANS.load(Relaxed),
        plan_hits: PLAN_HITS.load(Relaxed),
        kernels_compiled: KERNELS.load(Relaxed),
        launches: LAUNCHES.load(Relaxed),
    }
}

/// A language binding says how to run something that takes long, such as with an interpreter's lock released.
pub fn set_blocking(run: fn(&mut dyn FnMut())) {
    let _ = BLOCKING.set(run);
}

/// Runs what these tensors wait for, and all that was written in place.
pub fn realize(tensors: &[Tensor]) -> Result<()> {
    let nodes: Vec<Arc<Node>> =
        tensors.iter().map(|t| t.0.storage.node().0).filter(|n| !n.is_realized()).collect();
    if nodes.is_empty() { Ok(()) } else { run(nodes) }
}

/// Runs everything that tensors made by this thread wait for. What fails does not keep the rest from being run.
pub fn flush_all() -> Result<()> {
    let nodes = created_pending();
    if nodes.is_empty() && !any_mutated() && !is_capturing() {
        return Ok(());
    }
    let outcome = run(nodes.clone());
    if outcome.is_err() {
        for node in nodes.into_iter().filter(|n| !n.is_realized()) {
            // Whoever reads it gets its error.
            let _ = run(vec![node]);
        }
    }
    outcome
}

/// Runs everything and waits until all devices are done.
pub fn synchronize() -> Result<()> {
    flush_all()?;
    if only_cpu() {
        return device(CPU)?.synchronize();
    }
    devices::open_devices().into_iter().try_for_each(|id| device(id)?.synchronize())
}

/// The rule that keeps memory bounded in a loop that never looks at a value: whether a graph so deep runs now.
pub(crate) fn is_long(depth: u32) -> bool {
    depth >= LONG
}

/// Writes a node's value into the very bytes of a cell that somebody else sees.
pub(crate) fn write_through(cell: &Arc<Cell>, node: Arc<Node>, out: u8) -> Result<()> {
    if !node.is_realized() {
        run(vec![node.clone()])?;
    }
    let (old, old_out) = cell.node();
    let (Some(from), Some(to)) = (node.value(out), old.value(old_out)) else {
        return Err(runtime_err!("memory that is shared with another library must be realised"));
    };
    device(cell.device)?.copy(from, to)
}

/// Runs nodes, and what was written in place, in one go.
pub(crate) fn run(mut roots: Vec<Arc<Node>>) -> Result<()> {
    if roots.iter().any(|node| node.is_sample()) {
        return Err(crate::vmap::value_error());
    }
    let wanted = roots.len();
    let mut outcome = Ok(());
    let mut work = || {
        let mut store = STORE.lock().unwrap_or_else(PoisonError::into_inner);
        roots.extend(mutated_pending());
        capture::before_run(&mut roots);
        let open = begin("scheduler", || "run".into());
        outcome = store.run(&roots);
        if outcome.is_err() {
            // A write in place that failed says so when it is read, not to those who want something else.
            outcome = store.run(&roots[..wanted]);
        }
        end(open, Vec::new(), true);
        if outcome.is_ok() {
            outcome = capture::after_run();
        }
    };
    match BLOCKING.get() {
        Some(blocking) => blocking(&mut work),
        None => work(),
    }
    outcome.and(fallback::flush())
}

impl Store {
    /// Runs those that have no value yet, on one device after another.
    fn run(&mut self, roots: &[Arc<Node>]) -> Result<()> {
        let mut done: SmallVec<[DeviceId; 4]> = SmallVec::new();
        while let Some(first) = roots.iter().find(|n| !n.is_realized() && !done.contains(&n.device)) {
            done.push(first.device);
            self.run_on(first.device, roots)?;
        }
        Ok(())
    }

    fn run_on(&mut self, on: DeviceId, roots: &[Arc<Node>]) -> Result<()> {
        let mut snapshot = std::mem::take(&mut self.snapshot);
        snapshot.take(roots.iter().filter(|n| n.device == on && !n.is_realized()));
        let outcome = self.plan(&snapshot, on).and_then(|plan| execute::execute(&plan, &snapshot, on));
        snapshot.clear();
        self.snapshot = snapshot;
        outcome
    }

    fn plan(&mut self, snapshot: &Snapshot, on: DeviceId) -> Result<Arc<Plan>> {
        self.clock += 1;
        let open = begin("scheduler", || "plan".into());
        let fuse = fusion();
        let key = snapshot.fingerprint() ^ u128::from(fuse);
        if let Some(kept) = self.plans.get_mut(&key) {
            kept.used = self.clock;
            PLAN_HITS.fetch_add(1, Relaxed);
            trace::planned(open, "found", &kept.plan, snapshot);
            return Ok(kept.plan.clone());
        }
        PLANS.fetch_add(1, Relaxed);
        let target = device(on)?;
        let kernels = &mut self.kernels;
        let mut compile = |kernel: &Kernel| -> Result<Arc<dyn Program>> {
            let key = (on, kernel.clone());
            if let Some(program) = kernels.get(&key) {
                return Ok(program.clone());
            }
            KERNELS.fetch_add(1, Relaxed);
            explain::log_kernel(kernel);
            let program = span("scheduler", || "compile".into(), || device(on)?.compile(kernel))?;
            kernels.insert(key, program.clone());
            Ok(program)
        };
        let mut plan = plan(snapshot, fuse, target.info(), &mut compile)?;
        plan.steps.iter_mut().for_each(|step| self.share(&mut step.launch));
        let plan = Arc::new(plan);
        explain::log_plan(&plan, snapshot);
        trace::planned(open, "made", &plan, snapshot);
        while !self.plans.is_empty()
            && (self.plans.len() >= MAX_PLANS || self.steps + plan.steps.len() > MAX_STEPS)
        {
            self.forget_oldest();
        }
        self.steps += plan.steps.len();
        self.plans.insert(key, Kept { plan: plan.clone(), used: self.clock });
        Ok(plan)
    }

    /// Makes a launch the one that other steps have, if there is an equal one.
    fn share(&mut self, launch: &mut Arc<Launch>) {
        match self.launches.get(launch) {
            Some(known) => *launch = known.clone(),
            None => drop(self.launches.insert(launch.clone())),
        }
    }

    /// Keeps the half that was used last.
    fn forget_oldest(&mut self) {
        let mut times: Vec<u64> = self.plans.values().map(|k| k.used).collect();
        times.sort_unstable();
        let middle = times[times.len() / 2];
        self.plans.retain(|_, k| k.used > middle);
        self.steps = self.plans.values().map(|k| k.plan.steps.len()).sum();
        self.launches.retain(|launch| Arc::strong_count(launch) > 1);
    }
}

thread_local!(static FUSION: std::cell::Cell<bool> = const { std::cell::Cell::new(true) });

/// Whether graphs run by this thread are fused; turned off only to compare.
pub fn set_fusion(on: bool) -> bool {
    FUSION.replace(on)
}

fn fusion() -> bool {
    FUSION.get()
}

/// The nodes that a step computes.
fn made<'a>(step: &'a Step, snapshot: &'a Snapshot) -> impl Iterator<Item = &'a Arc<Node>> + Clone {
    step.nodes.iter().map(|&n| &snapshot.nodes[n as usize])
}

/// The operators that a step computes, for people.
fn operators(step: &Step, snapshot: &Snapshot) -> String {
    let mut names: Vec<&str> = made(step, snapshot).map(|n| n.operator).collect();
    names.retain(|name| !name.is_empty());
    names.dedup();
    if names.is_empty() { step.label.clone() } else { names.join("+") }
}

/// An error of a run, with the operators that were run and their lines.
fn with_origin(error: Error, step: &Step, snapshot: &Snapshot) -> Error {
    let made = made(step, snapshot);
    let by_index = |n: &&Arc<Node>| matches!(n.op, Op::Gather(_) | Op::Scatter(..));
    // Of a fused kernel only what reads and writes at indices can have met a wrong one.
    let guilty: Vec<&Arc<Node>> = match &error {
        Error::Index(_) if made.clone().any(|n| by_index(&n)) => made.filter(by_index).collect(),
        _ => made.collect(),
    };
    let mut operators: Vec<&str> = guilty.iter().map(|n| n.operator).collect();
    operators.retain(|name| !name.is_empty() && !step.label.contains(name));
    operators.dedup();
    let what = match operators.is_empty() {
        true => step.label.clone(),
        false => format!("{} ({})", operators.join(", "), step.label),
    };
    let mut lines: Vec<&str> = guilty.iter().filter_map(|n| n.origin.as_deref()).collect();
    lines.dedup();
    error.context(&match lines.is_empty() {
        true => format!("while running {what} (ST_DEBUG=1 tells which line asked for it)"),
        false => format!("while running {what}, asked for at {}", lines.join("; ")),
    })
}
