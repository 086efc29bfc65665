//! Training ends when it no longer helps.

use super::callback::{Callback, Epoch, Flow, Moment};
use crate::module::{Module, StateDict};
use st_core::{Result, value_err};

/// Ends training when a metric has not become better for some epochs.
pub struct EarlyStopping {
    metric: String,
    /// 1 where larger is better, else -1.
    sign: f64,
    patience: usize,
    min_delta: f64,
    restores: bool,
    best: Option<f64>,
    best_state: Option<StateDict>,
    waited: usize,
}

impl EarlyStopping {
    /// Watches a metric that should become small; `loss` is that of training.
    pub fn lowest(metric: &str) -> EarlyStopping {
        EarlyStopping {
            metric: metric.to_owned(),
            sign: -1.0,
            patience: 3,
            min_delta: 0.0,
            restores: false,
            best: None,
            best_state: None,
            waited: 0,
        }
    }

    /// Watches a metric that should become large.
    pub fn highest(metric: &str) -> EarlyStopping {
        EarlyStopping { sign: 1.0, ..EarlyStopping::lowest(metric) }
    }

    /// How many epochs without a better value it waits; three if nothing is said.
    pub fn patience(mut self, epochs: usize) -> EarlyStopping {
        self.patience = epochs;
        self
    }

    /// How much better a value must be to count.
    pub fn min_delta(mut self, delta: f64) -> EarlyStopping {
        self.min_delta = delta;
        self
    }

    /// In the end, the model gets the parameters of its best epoch.
    pub fn restore_best(mut self) -> EarlyStopping {
        self.restores = true;
        self
    }
}

impl Callback for EarlyStopping {
    fn epoch_done(&mut self, at: &Moment, result: &Epoch) -> Result<Flow> {
        let value = result.metric(&self.metric).ok_or_else(|| {
            value_err!("EarlyStopping: the trainer has no metric {}; add it with .metric()", self.metric)
        })?;
        let value = value * self.sign;
        if self.best.is_none_or(|best| value > best + self.min_delta) {
            (self.best, self.waited) = (Some(value), 0);
            if self.restores {
                let copied = |(name, tensor): (_, st_core::Tensor)| Ok((name, tensor.copy()?));
                self.best_state =
                    Some(at.model.state_dict().into_iter().map(copied).collect::<Result<StateDict>>()?);
            }
            return Ok(Flow::Continue);
        }
        self.waited += 1;
        Ok(if self.waited > self.patience { Flow::Stop } else { Flow::Continue })
    }

    fn training_done(&mut self, model: &dyn Module) -> Result<()> {
        match self.best_state.take() {
            Some(best) => model.load_state_dict(&best),
            None => Ok(()),
        }
    }
}
