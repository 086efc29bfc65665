//! Learning rates that change: a [`Schedule`] is a factor for each step, so that going on after a break needs the step's
//! number only.

use super::{Optimizer, Rule};
use std::f64::consts::PI;

/// What the learning rates of the beginning are multiplied by at a step. Functions of the step are schedules.
pub trait Schedule {
    /// The factor at a step, counted from 0.
    fn factor(&self, step: u64) -> f64;
}

impl<F: Fn(u64) -> f64> Schedule for F {
    fn factor(&self, step: u64) -> f64 {
        self(step)
    }
}

/// One, always.
#[derive(Clone, Copy, Debug)]
pub struct Constant;

impl Schedule for Constant {
    fn factor(&self, _: u64) -> f64 {
        1.0
    }
}

/// `gamma` to the power of how often `every` steps have passed.
#[derive(Clone, Copy, Debug)]
pub struct StepLr {
    /// Steps without a change.
    pub every: u64,
    /// The factor of a change.
    pub gamma: f64,
}

impl Schedule for StepLr {
    fn factor(&self, step: u64) -> f64 {
        self.gamma.powf((step / self.every.max(1)) as f64)
    }
}

/// `gamma` to the power of the step.
#[derive(Clone, Copy, Debug)]
pub struct Exponential {
    /// The factor of a step.
    pub gamma: f64,
}

impl Schedule for Exponential {
    fn factor(&self, step: u64) -> f64 {
        self.gamma.powf(step as f64)
    }
}

/// Half a cosine from 1 down to `floor`, where it stays.
#[derive(Clone, Copy, Debug)]
pub struct Cosine {
    /// Steps until the floor.
    pub steps: u64,
    /// The last factor.
    pub floor: f64,
}

impl Schedule for Cosine {
    fn factor(&self, step: u64) -> f64 {
        let done = step.min(self.steps) as f64 / self.steps.max(1) as f64;
        self.floor + (1.0 - self.floor) * (1.0 + (PI * done).cos()) / 2.0
    }
}

/// A straight line up to 1 in so many steps; then another schedule, from its beginning.
#[derive(Clone, Copy, Debug)]
pub struct WarmUp<S> {
    /// Steps until 1.
    pub steps: u64,
    /// What comes then.
    pub then: S,
}

impl<S: Schedule> Schedule for WarmUp<S> {
    fn factor(&self, step: u64) -> f64 {
        if step < self.steps {
            return (step + 1) as f64 / (self.steps + 1) as f64;
        }
        self.then.factor(step - self.steps)
    }
}

/// Sets an optimizer's learning rates by a schedule.
///
/// ```
/// # fn main() -> st_core::Result<()> {
/// use st_nn::{Linear, Module, optim::{LrScheduler, Optimizer, Sgd, StepLr}};
/// let mut optimizer = Optimizer::new(Linear::new(2, 1)?.parameters(), Sgd::new(0.8));
/// let mut scheduler = LrScheduler::new(&mut optimizer, StepLr { every: 2, gamma: 0.5 });
/// let mut rates = Vec::new();
/// for _ in 0..5 {
///     rates.push(optimizer.groups()[0].rule.lr);
///     scheduler.step(&mut optimizer);
/// }
/// assert_eq!(rates, [0.8, 0.8, 0.4, 0.4, 0.2]);
/// # Ok(()) }
/// ```
pub struct LrScheduler<S> {
    schedule: S,
    base: Vec<f64>,
    step: u64,
}

impl<S: Schedule> LrScheduler<S> {
    /// Takes the optimizer's learning rates for those of factor 1, and sets those of the first step.
    pub fn new<R: Rule>(optimizer: &mut Optimizer<R>, schedule: S) -> LrScheduler<S> {
        let base = optimizer.groups().iter().map(|group| group.rule.lr()).collect();
        let mut scheduler = LrScheduler { schedule, base, step: 0 };
        scheduler.seek(optimizer, 0);
        scheduler
    }

    /// Sets the learning rates of the next step.
    pub fn step<R: Rule>(&mut self, optimizer: &mut Optimizer<R>) {
        self.seek(optimizer, self.step + 1);
    }

    /// Sets the learning rates of any step, such as the one training goes on from.
    pub fn seek<R: Rule>(&mut self, optimizer: &mut Optimizer<R>, step: u64) {
        self.step = step;
        let factor = self.schedule.factor(step);
        for (group, base) in optimizer.groups_mut().iter_mut().zip(&self.base) {
            group.rule.set_lr(base * factor);
        }
    }
}
