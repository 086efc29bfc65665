//! The loop of training: epochs, steps, metrics, checkpoints.

use super::callback::{Callback, Epoch, Flow, Moment};
use super::progress::Lines;
use crate::data::{Batch, DataLoader, Dataset};
use crate::module::{Module, StateDict};
use crate::optim::{Constant, LrScheduler, Optimizer, Rule, Schedule, clip_grad_norm};
use crate::safetensors;
use st_core::random::{Generator, State as Draws};
use st_core::{Result, Tensor, autograd::no_grad, runtime_err};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Trains a model.
pub struct Trainer<'a, M, R> {
    model: &'a M,
    optimizer: Optimizer<R>,
    scheduler: LrScheduler<Box<dyn Fn(u64) -> f64 + 'a>>,
    settings: Settings,
    metrics: Vec<Metric<'a, M>>,
    callbacks: Vec<Box<dyn Callback + 'a>>,
    /// Epochs done.
    epoch: usize,
    /// Steps done.
    step: u64,
}

/// A name and how to measure it.
type Metric<'a, M> = (String, Box<dyn Fn(&M) -> Result<f64> + 'a>);

struct Settings {
    epochs: usize,
    clip: Option<f64>,
    accumulate: usize,
    checkpoint: Option<PathBuf>,
    quiet: bool,
}

impl<'a, M: Module, R: Rule> Trainer<'a, M, R> {
    /// A trainer of one epoch.
    pub fn new(model: &'a M, mut optimizer: Optimizer<R>) -> Trainer<'a, M, R> {
        let scheduler = LrScheduler::new(&mut optimizer, boxed(Constant));
        let settings = Settings { epochs: 1, clip: None, accumulate: 1, checkpoint: None, quiet: false };
        let (metrics, callbacks) = (Vec::new(), Vec::new());
        Trainer { model, optimizer, scheduler, settings, metrics, callbacks, epoch: 0, step: 0 }
    }

    /// How often it goes through the data.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.settings.epochs = epochs;
        self
    }

    /// Gradients are scaled so that their norm is at most this.
    pub fn clip_grad_norm(mut self, max: f64) -> Self {
        self.settings.clip = Some(max);
        self
    }

    /// The optimizer steps by the mean gradient of so many batches.
    pub fn accumulate(mut self, batches: usize) -> Self {
        self.settings.accumulate = batches.max(1);
        self
    }

    /// Learning rates follow a schedule, step by step.
    pub fn schedule(mut self, schedule: impl Schedule + 'a) -> Self {
        self.scheduler = LrScheduler::new(&mut self.optimizer, boxed(schedule));
        self
    }

    /// Measures something after each epoch. Layers do then what they do when the model is used, and nothing is recorded.
    pub fn metric(mut self, name: &str, measure: impl Fn(&M) -> Result<f64> + 'a) -> Self {
        self.metrics.push((name.to_owned(), Box::new(measure)));
        self
    }

    /// Calls something as training goes on.
    pub fn callback(mut self, callback: impl Callback + 'a) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Saves everything to this file after each epoch; see [`save`](Trainer::save).
    pub fn checkpoint(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.checkpoint = Some(path.into());
        self
    }

    /// Prints no lines.
    pub fn quiet(mut self) -> Self {
        self.settings.quiet = true;
        self
    }

    /// Goes on from a checkpoint. What comes then is, bit for bit, what would have come without the break; only what
    /// callbacks have seen is not in the file.
    pub fn resume(mut self, path: impl AsRef<Path>) -> Result<Self> {
        self.load(path.as_ref())?;
        Ok(self)
    }

    /// The model.
    pub fn model(&self) -> &'a M {
        self.model
    }

    /// The optimizer.
    pub fn optimizer(&self) -> &Optimizer<R> {
        &self.optimizer
    }

    /// Trains until all epochs are done or a callback ends it; gives what the epochs came to. `loss` makes the loss of a
    /// batch. Called again with more epochs, it goes on.
    pub fn fit<D>(
        &mut self,
        data: &DataLoader<D>,
        loss: impl Fn(&M, &Batch<D>) -> Result<Tensor>,
    ) -> Result<Vec<Epoch>>
    where
        D: Dataset + 'static,
        Batch<D>: 'static,
    {
        if !self.settings.quiet {
            self.callbacks.insert(0, Box::new(Lines));
        }
        let outcome = self.run(data, &loss);
        if !self.settings.quiet {
            self.callbacks.remove(0);
        }
        outcome
    }

    fn run<D>(
        &mut self,
        data: &DataLoader<D>,
        loss: &dyn Fn(&M, &Batch<D>) -> Result<Tensor>,
    ) -> Result<Vec<Epoch>>
    where
        D: Dataset + 'static,
        Batch<D>: 'static,
    {
        let mut history = Vec::new();
        let mut flow = Flow::Continue;
        while self.epoch < self.settings.epochs && flow == Flow::Continue {
            let (result, after_steps) = self.one_epoch(data, loss)?;
            let after_epoch = self.told(result.loss, |callback, at| callback.epoch_done(at, &result))?;
            flow = if after_steps == Flow::Stop { after_steps } else { after_epoch };
            history.push(result);
            self.epoch += 1;
            if let Some(path) = self.settings.checkpoint.clone() {
                self.save(&path)?;
            }
        }
        let Trainer { model, callbacks, .. } = self;
        callbacks.iter_mut().try_for_each(|callback| callback.training_done(*model))?;
        Ok(history)
    }

    fn one_epoch<D>(
        &mut self,
        data: &DataLoader<D>,
        loss: &dyn Fn(&M, &Batch<D>) -> Result<Tensor>,
    ) -> Result<(Epoch, Flow)>
    where
        D: Dataset + 'static,
        Batch<D>: 'static,
    {
        self.model.train();
        self.told(f64::NAN, |callback, at| callback.epoch_begins(at).map(|()| Flow::Continue))?;
        data.set_epoch(self.epoch as u64);
        let (begin, first_step) = (Instant::now(), self.step);
        let (mut total, mut batches, mut flow) = (0.0, 0, Flow::Continue);
        let mut waiting = data.iter();
        while waiting.len() > 0 && flow == Flow::Continue {
            let count = self.settings.accumulate.min(waiting.len());
            let losses = self.one_step(waiting.by_ref().take(count), count, loss)?;
            total += losses;
            batches += count;
            flow = self.told(losses / count as f64, |callback, at| callback.step_done(at))?;
        }
        let seconds = begin.elapsed().as_secs_f64();
        let result = Epoch {
            epoch: self.epoch,
            loss: total / batches as f64,
            steps_per_second: (self.step - first_step) as f64 / seconds,
            metrics: self.measured()?,
        };
        Ok((result, flow))
    }

    /// A step of the optimizer by some batches; the sum of their losses.
    fn one_step<B>(
        &mut self,
        batches: impl Iterator<Item = Result<B>>,
        count: usize,
        loss: &dyn Fn(&M, &B) -> Result<Tensor>,
    ) -> Result<f64> {
        self.optimizer.zero_grad()?;
        let mut losses = Vec::new();
        for batch in batches {
            let loss = loss(self.model, &batch?)?;
            if count == 1 {
                loss.backward()?
            } else {
                (&loss / count as f64)?.backward()?
            }
            losses.push(loss.detach());
        }
        if let Some(max) = self.settings.clip {
            clip_grad_norm(&self.optimizer.parameters(), max)?;
        }
        // The losses are computed by the same run.
        self.optimizer.step()?;
        self.step += 1;
        self.scheduler.step(&mut self.optimizer);
        losses.iter().map(Tensor::to_scalar::<f64>).sum()
    }

    fn measured(&self) -> Result<Vec<(String, f64)>> {
        let _layers = self.model.evaluating();
        let _mode = no_grad();
        self.metrics.iter().map(|(name, measure)| Ok((name.clone(), measure(self.model)?))).collect()
    }

    /// Tells every callback; training stops if one says so.
    fn told(&mut self, loss: f64, tell: impl Fn(&mut dyn Callback, &Moment) -> Result<Flow>) -> Result<Flow> {
        let at = Moment {
            model: self.model,
            epoch: self.epoch,
            epochs: self.settings.epochs,
            step: self.step,
            loss,
            lr: self.optimizer.groups().first().map_or(0.0, |group| group.rule.lr()),
        };
        let mut flow = Flow::Continue;
        for callback in &mut self.callbacks {
            if tell(&mut **callback, &at)? == Flow::Stop {
                flow = Flow::Stop;
            }
        }
        Ok(flow)
    }

    /// Writes model, optimizer, progress and the state of the global random numbers to a safetensors file.
    pub fn save(&self, path: &Path) -> Result<()> {
        let draws = Generator::global().state();
        let mut all = StateDict::new();
        for (name, number) in [
            ("trainer.epoch", self.epoch as i64),
            ("trainer.step", self.step as i64),
            ("trainer.random_key", draws.key as i64),
            ("trainer.random_offset", draws.offset as i64),
        ] {
            all.insert(name.to_owned(), Tensor::of(number)?);
        }
        let mut add = |prefix: &str, state: StateDict| {
            all.extend(state.into_iter().map(|(name, tensor)| (format!("{prefix}.{name}"), tensor)));
        };
        add("model", self.model.state_dict());
        add("optimizer", self.optimizer.state_dict()?);
        safetensors::save(&all, path)
    }

    /// Reads what [`save`](Trainer::save) has written.
    pub fn load(&mut self, path: &Path) -> Result<()> {
        let all = safetensors::load(path)?;
        let number = |name: &str| -> Result<i64> {
            let found = all.get(&format!("trainer.{name}"));
            found.ok_or_else(|| runtime_err!("{} is no trainer's checkpoint", path.display()))?.to_scalar()
        };
        let part = |prefix: &str| -> StateDict {
            let own = |(name, tensor): (&String, &Tensor)| {
                Some((name.strip_prefix(prefix)?.strip_prefix('.')?.to_owned(), tensor.clone()))
            };
            all.iter().filter_map(own).collect()
        };
        let (epoch, step) = (number("epoch")? as usize, number("step")? as u64);
        let draws = Draws { key: number("random_key")? as u64, offset: number("random_offset")? as u64 };
        self.model.load_state_dict(&part("model"))?;
        self.optimizer.load_state_dict(&part("optimizer"))?;
        self.scheduler.seek(&mut self.optimizer, step);
        Generator::global().set_state(draws);
        (self.epoch, self.step) = (epoch, step);
        Ok(())
    }
}

fn boxed<'a>(schedule: impl Schedule + 'a) -> Box<dyn Fn(u64) -> f64 + 'a> {
    Box::new(move |step| schedule.factor(step))
}
