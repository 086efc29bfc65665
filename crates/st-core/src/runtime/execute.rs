//! Carrying out a plan.

use super::{LAUNCHES, capture, device, explain, fallback, operators, trace, with_origin};
use crate::graph::DeviceId;
use crate::schedule::{HOST, Make, Plan, Snapshot, Step};
use smallvec::SmallVec;
use st_kernel::{Buffer, Error, Result, Scalar, runtime_err};
use std::sync::atomic::Ordering::Relaxed;

type Slots = SmallVec<[Option<Buffer>; 8]>;

/// Runs all steps and gives the nodes their buffers. After a failure the nodes that were computed keep what they got, so
/// that trying again starts from there.
pub(super) fn execute(plan: &Plan, snapshot: &Snapshot, on: DeviceId) -> Result<()> {
    let mut slots: Slots = SmallVec::from_elem(None, plan.slots);
    for &(slot, node, out) in &plan.given {
        slots[slot as usize] = snapshot.nodes[node as usize].value(out).cloned();
        capture::reads(&snapshot.nodes[node as usize], out);
    }
    let mut done = 0;
    let mut work = || {
        plan.steps.iter().try_for_each(|step| {
            run_step(step, snapshot, on, &mut slots)?;
            done += 1;
            Ok(())
        })
    };
    let result = if explain::is_recording() || trace::tracing().is_some() {
        work()
    } else {
        match plan.kept.try_lock() {
            Ok(mut kept) => device(on)?.repeated(&mut kept, &mut work),
            // Another thread runs the same plan: nobody waits for that.
            Err(_) => work(),
        }
    };
    if result.is_err() && done == plan.steps.len() {
        // The device was given the work, and refused it.
        done = 0;
    }
    // One of these may write into a copy that an earlier step made: that has memory, but not its value.
    let unmade: Vec<u32> = plan.steps[done..].iter().flat_map(|s| &s.nodes).copied().collect();
    for outcome in plan.outcomes.iter().filter(|o| !unmade.contains(&o.node)) {
        if outcome.wanted || result.is_err() {
            let found: Option<SmallVec<[Buffer; 2]>> =
                outcome.slots.iter().map(|&slot| slots[slot as usize].clone()).collect();
            let mut found = found.into_iter().flatten();
            if let Some(first) = found.next() {
                snapshot.nodes[outcome.node as usize].realize(first, found);
                capture::makes(&snapshot.nodes[outcome.node as usize]);
            }
        }
    }
    result
}

fn run_step(step: &Step, snapshot: &Snapshot, on: DeviceId, slots: &mut Slots) -> Result<()> {
    let mut work = || launch(step, snapshot, on, slots).map_err(|e| with_origin(e, step, snapshot));
    if explain::is_recording() {
        let time = device(on)?.timed(&mut work)?;
        explain::record(step, snapshot, time);
    } else {
        work()?;
    }
    step.frees.iter().for_each(|&slot| slots[slot as usize] = None);
    trace::memory_of(on);
    Ok(())
}

fn launch(step: &Step, snapshot: &Snapshot, on: DeviceId, slots: &mut Slots) -> Result<()> {
    for &(slot, make) in &step.makes {
        slots[slot as usize] = Some(match make {
            Make::Alloc(bytes) => alloc(on, bytes)?,
            Make::Take(from) => slots[from as usize].clone().ok_or_else(lost)?,
        });
    }
    let Some(program) = &step.program else { return Ok(()) };
    let buffers: SmallVec<[Buffer; 6]> =
        step.buffers.iter().map(|&s| slots[s as usize].clone().ok_or_else(lost)).collect::<Result<_>>()?;
    let params: SmallVec<[Scalar; 4]> = step.params.iter().map(|p| p.value(snapshot)).collect();
    LAUNCHES.fetch_add(1, Relaxed);
    if on != 0 && step.kind == HOST {
        fallback::to_host(&operators(step, snapshot), on)?;
    }
    trace::memory_of(on);
    let mut work = || program.launch(&step.launch, &buffers, &params);
    match (trace::kernel(step, snapshot, on, &mut work), program.kernel()) {
        (Err(refused @ Error::Unsupported(_)), Some(kernel)) if on != 0 => {
            let work = (&*step.launch, &buffers[..], &params[..]);
            fallback::to_cpu(refused, &operators(step, snapshot), on, kernel, work)
        }
        (outcome, _) => outcome,
    }
}

/// Memory of the device; when there is none left, what the cache holds is given back first.
fn alloc(on: DeviceId, bytes: usize) -> Result<Buffer> {
    let device = device(on)?;
    match device.alloc(bytes) {
        Err(Error::OutOfMemory(_)) => {
            device.empty_cache();
            device.alloc(bytes)
        }
        other => other,
    }
}

fn lost() -> Error {
    runtime_err!("the plan of the run lost a buffer; please report this")
}
