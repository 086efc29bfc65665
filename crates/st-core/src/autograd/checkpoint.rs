//! Checkpointing: a part of the forward pass whose saved tensors are computed again when they are needed.
//!
//! The forward pass is recorded as usual, but each saved tensor is only a number; the first one asked for runs the function
//! again and collects all of them (torch's non-reentrant checkpoint). So hooks, `grad` and double backward work unchanged.

use super::function::SavedTensor;
use super::{Pack, enable_grad, is_grad_enabled, saved_tensors_hooks};
use crate::tensor::Tensor;
use st_kernel::{Result, runtime_err};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What is checkpointed. It must do the same when called again; random state is restored by the caller's function.
pub type CheckpointFn = Arc<dyn Fn(&[Tensor]) -> Result<Vec<Tensor>> + Send + Sync>;

/// Calls `f` without keeping its intermediates; the backward pass calls it again, only as far as it has to if it may
/// `stop_early`.
pub fn checkpoint(f: CheckpointFn, inputs: &[Tensor], stop_early: bool) -> Result<Vec<Tensor>> {
    if !is_grad_enabled() {
        return f(inputs);
    }
    let saved =
        inputs.iter().map(|t| Ok((SavedTensor::input(t)?, t.requires_grad()))).collect::<Result<_>>()?;
    let frame = Arc::new(Frame {
        f: f.clone(),
        inputs: saved,
        count: AtomicUsize::new(0),
        is_complete: AtomicBool::new(false),
        stop_early,
        values: Mutex::default(),
    });
    let kept = frame.clone();
    let pack: Pack = Arc::new(move |_| {
        let (frame, i) = (kept.clone(), kept.count.fetch_add(1, Ordering::Relaxed));
        Ok(Arc::new(move || frame.value(i)))
    });
    let _hooks = saved_tensors_hooks(pack);
    let outputs = f(inputs);
    frame.is_complete.store(true, Ordering::Relaxed);
    outputs
}

/// One call of a checkpointed function.
struct Frame {
    f: CheckpointFn,
    /// With whether they require gradients.
    inputs: Vec<(SavedTensor, bool)>,
    /// Tensors saved by the first call.
    count: AtomicUsize,
    /// Whether the first call has ended: gradients may be taken inside it.
    is_complete: AtomicBool,
    stop_early: bool,
    /// What the last call saved, as far as it has not been taken.
    values: Mutex<Vec<Option<Tensor>>>,
}

impl Frame {
    fn value(&self, i: usize) -> Result<Tensor> {
        let take =
            || self.values.lock().expect("no panic while the lock is held").get_mut(i).and_then(Option::take);
        if let Some(value) = take() {
            return Ok(value);
        }
        // The lock is free while the user's function runs.
        let values = self.compute()?;
        *self.values.lock().expect("no panic while the lock is held") = values;
        take().ok_or_else(|| runtime_err!("checkpoint: a saved tensor is missing"))
    }

    fn compute(&self) -> Result<Vec<Option<Tensor>>> {
        let _grad = enable_grad();
        let input = |(saved, requires_grad): &(SavedTensor, bool)| {
            saved.unpack()?.detach().requires_grad_(*requires_grad)
        };
        let inputs = self.inputs.iter().map(input).collect::<Result<Vec<_>>>()?;
        let values = Arc::new(Mutex::new(Vec::new()));
        let (list, expected) = (values.clone(), self.count.load(Ordering::Relaxed));
        let last = if self.stop_early { expected } else { usize::MAX };
        let pack: Pack = Arc::new(move |tensor| {
            let tensor = tensor.clone();
            let mut list = list.lock().expect("no panic while the lock is held");
            list.push(Some(tensor.clone()));
            if list.len() >= last {
                // Passes through the user's function, and is no error there.
                return Err(runtime_err!("checkpoint: all that is needed has been computed again"));
            }
            Ok(Arc::new(move || Ok(tensor.clone())))
        });
        let hooks = saved_tensors_hooks(pack);
        let ended = (self.f)(&inputs);
        drop(hooks);
        let values = std::mem::take(&mut *values.lock().expect("no panic while the lock is held"));
        if self.stop_early && values.len() >= expected {
            return Ok(values);
        }
        ended?;
        if self.is_complete.load(Ordering::Relaxed) && values.len() != expected {
            return Err(runtime_err!(
                "checkpoint: A different number of tensors was saved during the original forward and recomputation. Number of tensors saved during forward: {expected}. Number of tensors saved during recomputation: {}",
                values.len()
            ));
        }
        Ok(values)
    }
}
