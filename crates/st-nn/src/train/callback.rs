//! What a trainer tells, and to whom.

use crate::Module;
use st_core::Result;

/// Whether training goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It does.
    Continue,
    /// It ends after this epoch, or this step.
    Stop,
}

/// How training stands.
pub struct Moment<'a> {
    /// The model.
    pub model: &'a dyn Module,
    /// The epoch, counted from 0.
    pub epoch: usize,
    /// How many epochs there will be.
    pub epochs: usize,
    /// Steps of the optimizer so far, in all epochs.
    pub step: u64,
    /// The loss: of the step, or the mean of the epoch.
    pub loss: f64,
    /// The learning rate of the first group.
    pub lr: f64,
}

/// What an epoch came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Epoch {
    /// Which one, counted from 0.
    pub epoch: usize,
    /// The mean of its batches' losses.
    pub loss: f64,
    /// Steps of the optimizer in a second.
    pub steps_per_second: f64,
    /// The trainer's metrics after it, by their names.
    pub metrics: Vec<(String, f64)>,
}

impl Epoch {
    /// A metric, or the loss by the name `loss`.
    pub fn metric(&self, name: &str) -> Option<f64> {
        let found = self.metrics.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
        found.or_else(|| (name == "loss").then_some(self.loss))
    }
}

/// Is called as training goes on. Every method may be left out.
pub trait Callback {
    /// Before an epoch.
    fn epoch_begins(&mut self, _at: &Moment) -> Result<()> {
        Ok(())
    }

    /// After a step of the optimizer.
    fn step_done(&mut self, _at: &Moment) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// After an epoch and its metrics.
    fn epoch_done(&mut self, _at: &Moment, _result: &Epoch) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// When training has ended.
    fn training_done(&mut self, _model: &dyn Module) -> Result<()> {
        Ok(())
    }
}
