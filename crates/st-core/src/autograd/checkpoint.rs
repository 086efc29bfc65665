//! Checkpointing: a part of the forward pass whose saved tensors are computed again when they are needed.
//!
//! The forward pass is recorded as usual, but each saved tensor is only a number; the first one asked for runs the function
//! again and collects all of them (torch's non-reentrant checkpoint). So hooks, `grad` and double backward work unchanged.

use super::function::SavedTensor;
use super::{Pack, enable_grad, is_grad_enabled, saved_tensors_hooks};
use crate::tensor::Tensor;
use st_kernel::{Result, runtime_err};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What is checkpointed. It must do the same when called again; random state is restored by the caller's function.
pub type CheckpointFn = Arc<dyn Fn(&[Tensor]) -> Result<Vec<Tensor>> + Send + Sync>;

/// Calls `f` without keeping its intermediates; the backward pass calls it again.
pub fn checkpoint(f: CheckpointFn, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    if !is_grad_enabled() {
        return f(inputs);
    }
    let saved =
        inputs.iter().map(|t| Ok((SavedTensor::input(t)?, t.requires_grad()))).collect::<Result<_>>()?;
    let frame =
        Arc::new(Frame { f: f.clone(), inputs: saved, count: AtomicUsize::new(0), values: Mutex::default() });
    let pack: Pack = Arc::new(move |_| {
        let (frame, i) = (frame.clone(), frame.count.fetch_add(1, Ordering::Relaxed));
        Ok(Arc::new(move || frame.value(i)))
    });
    let _hooks = saved_tensors_hooks(pack);
    f(inputs)
}

/// One call of a checkpointed function.
struct Frame {
    f: CheckpointFn,
    /// With whether they require gradients.
    inputs: Vec<(SavedTensor, bool)>,
    /// Tensors saved by the first call.
    count: AtomicUsize,
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
        let list = values.clone();
        let pack: Pack = Arc::new(move |tensor| {
            let tensor = tensor.clone();
            list.lock().expect("no panic while the lock is held").push(Some(tensor.clone()));
            Ok(Arc::new(move || Ok(tensor.clone())))
        });
        let hooks = saved_tensors_hooks(pack);
        (self.f)(&inputs)?;
        drop(hooks);
        let values = std::mem::take(&mut *values.lock().expect("no panic while the lock is held"));
        let expected = self.count.load(Ordering::Relaxed);
        if values.len() != expected {
            return Err(runtime_err!(
                "checkpoint: A different number of tensors was saved during the original forward and recomputation. Number of tensors saved during forward: {expected}. Number of tensors saved during recomputation: {}",
                values.len()
            ));
        }
        Ok(values)
    }
}
