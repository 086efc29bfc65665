//! Lifted tensors on the tape: their gradient is the sample's gradient, lifted.

use super::record::Recording;
use crate::autograd::{self, Backward, Edge, Work, grad_of_edges, is_grad_enabled};
use crate::graph::{Arg, Cell};
use crate::tensor::Tensor;
use st_kernel::view::{Dims, View};
use st_kernel::{DType, Result};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

impl Recording {
    /// What a function computed from samples, for the whole batch: each with the batch as its first dimension.
    pub fn lift(self: &Arc<Self>, outputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let lifted = outputs.iter().map(|out| self.lift_tensor(out)).collect::<Result<Vec<_>>>()?;
        if is_grad_enabled() {
            self.record(outputs, &lifted)?;
        }
        Ok(lifted)
    }

    fn lift_tensor(&self, out: &Tensor) -> Result<Tensor> {
        let (arg, lifted) = self.lift_arg(&out.arg())?;
        let Arg::Of { node, out: number, .. } = &arg else { unreachable!("a tensor's operand is a node") };
        let mut view = arg.strided();
        if !lifted {
            // The same for every entry.
            view.shape.insert(0, self.batch);
            view.strides.insert(0, 0);
        }
        let seen = Tensor::over(Cell::new(node.clone(), *number), view);
        // Memory of its own where nobody may see that it is one for all.
        if seen.0.view.overlaps_itself() { seen.copy() } else { Ok(seen) }
    }

    fn record(self: &Arc<Self>, outputs: &[Tensor], lifted: &[Tensor]) -> Result<()> {
        let roots: Vec<(Edge, Dims, DType)> = outputs.iter().filter_map(root).collect();
        let targets: Vec<Target> =
            ends(&roots, self.since).into_iter().filter_map(|end| self.target(end)).collect();
        if targets.is_empty() {
            return Ok(());
        }
        let ways = targets.iter().map(|t| (t.to.clone(), t.shape.clone(), t.dtype)).collect();
        let differentiable: Vec<bool> = outputs.iter().map(|out| out.edge().is_some()).collect();
        let (recording, outputs) = (self.clone(), outputs.to_vec());
        let kept = Kept { recording, outputs, targets };
        let rule = Box::new(Lift(Mutex::new(Some(Arc::new(kept)))));
        let marked: Vec<(&Tensor, bool)> = lifted.iter().zip(differentiable).collect();
        autograd::record_edges(rule, ways, &marked)
    }

    /// Where the gradient that arrives at an end of the sample's tape goes.
    fn target(&self, (from, shape, dtype): (Edge, Dims, DType)) -> Option<Target> {
        let batched = match &from.node.work {
            Work::Accumulate(leaf, _) => self.batch_behind(leaf),
            Work::Rule(_) => None,
        };
        Some(match batched {
            Some(batched) => {
                let shape = Dims::from_slice(batched.shape());
                Target { to: batched.edge()?, from, shape, dtype, shared: false }
            }
            None => Target { to: from.clone(), from, shape, dtype, shared: true },
        })
    }
}

/// An end of the sample's tape.
struct Target {
    from: Edge,
    to: Edge,
    shape: Dims,
    dtype: DType,
    /// All entries share it: their gradients are summed.
    shared: bool,
}

fn root(out: &Tensor) -> Option<(Edge, Dims, DType)> {
    Some((out.edge()?, Dims::from_slice(out.shape()), out.dtype()))
}

/// Where the tape behind some edges ends: at leaves, and at nodes made before `since`.
fn ends(roots: &[(Edge, Dims, DType)], since: u64) -> Vec<(Edge, Dims, DType)> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut waiting = roots.to_vec();
    while let Some((edge, shape, dtype)) = waiting.pop() {
        let end = edge.node.id < since || matches!(edge.node.work, Work::Accumulate(..));
        if !seen.insert((edge.node.id, if end { edge.out } else { 0 })) {
            continue;
        }
        if end {
            found.push((edge, shape, dtype));
            continue;
        }
        for (next, (shape, dtype)) in edge.node.edges.iter().zip(&edge.node.shapes) {
            waiting.extend(next.clone().map(|next| (next, shape.clone(), *dtype)));
        }
    }
    found
}

/// Whether a gradient of `outputs` depends on what was on the tape before `since`, or on leaves other than `inside`.
pub fn leads_outside(outputs: &[Tensor], since: u64, inside: &[Tensor]) -> bool {
    let roots: Vec<_> = outputs.iter().filter_map(root).collect();
    ends(&roots, since).iter().any(|(edge, ..)| match &edge.node.work {
        Work::Accumulate(leaf, _) => !inside.iter().any(|i| i.is(leaf)),
        Work::Rule(_) => true,
    })
}

struct Kept {
    recording: Arc<Recording>,
    outputs: Vec<Tensor>,
    targets: Vec<Target>,
}

/// The gradient of lifted tensors.
struct Lift(Mutex<Option<Arc<Kept>>>);

impl Backward for Lift {
    fn name(&self) -> String {
        "VmapBackward0".into()
    }

    fn backward(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let kept = self.0.lock().expect("no panic while the lock is held").clone();
        kept.ok_or_else(autograd::released_error)?.backward(upstream)
    }

    fn release(&self) {
        let old = self.0.lock().expect("no panic while the lock is held").take();
        drop(old);
    }
}

impl Kept {
    fn backward(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let recording = &self.recording;
        let (mut outputs, mut gradients) = (Vec::new(), Vec::new());
        for (out, gradient) in self.outputs.iter().zip(upstream) {
            if let (Some(gradient), true) = (gradient, out.edge().is_some()) {
                outputs.push(out.clone());
                gradients.push(Some(recording.sample(gradient)?));
            }
        }
        let from: Vec<Option<Edge>> = self.targets.iter().map(|t| Some(t.from.clone())).collect();
        let found = grad_of_edges(&outputs, &from, &gradients, is_grad_enabled())?;
        if is_grad_enabled() {
            return self.lifted_together(&found);
        }
        found
            .iter()
            .zip(&self.targets)
            .map(|(g, target)| g.as_ref().map(|g| self.lifted(g, target)).transpose())
            .collect()
    }

    /// As one node of the tape.
    fn lifted_together(&self, found: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let some: Vec<Tensor> = found.iter().flatten().cloned().collect();
        let mut lifted = self.recording.lift(&some)?.into_iter();
        let mut one = |(gradient, target): (&Option<Tensor>, &Target)| {
            let Some(lifted) = gradient.as_ref().and_then(|_| lifted.next()) else { return Ok(None) };
            if target.shared { lifted.sum(&[0], false).map(Some) } else { Ok(Some(lifted)) }
        };
        found.iter().zip(&self.targets).map(&mut one).collect()
    }

    fn lifted(&self, gradient: &Tensor, target: &Target) -> Result<Tensor> {
        if !target.shared {
            return self.recording.lift_tensor(gradient);
        }
        let Arg::Of { node, view, .. } = gradient.arg() else { unreachable!("a tensor's operand is a node") };
        match self.recording.summed(&node)? {
            Some(summed) => {
                let view = view.map_or_else(|| View::contiguous(gradient.shape()), |view| (*view).clone());
                Ok(Tensor::over(Cell::new(summed, 0), view))
            }
            None => self.recording.lift_tensor(gradient)?.sum(&[0], false),
        }
    }
}
