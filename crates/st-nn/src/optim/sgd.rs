//! Stochastic gradient descent.

use super::{Rule, State, decayed};
use st_core::{Result, Tensor};

/// Steps against the gradient, or against a running sum of gradients.
#[derive(Clone, Debug)]
pub struct Sgd {
    /// The learning rate.
    pub lr: f64,
    /// What the running sum keeps at each step.
    pub momentum: f64,
    /// How much less than all of a gradient is added to the running sum.
    pub dampening: f64,
    /// A share of the parameter that is added to its gradient.
    pub weight_decay: f64,
    /// Whether a step looks ahead along the running sum.
    pub nesterov: bool,
}

impl Sgd {
    /// Plain descent with a learning rate.
    pub fn new(lr: f64) -> Sgd {
        Sgd { lr, ..Sgd::default() }
    }
}

impl Default for Sgd {
    fn default() -> Sgd {
        Sgd { lr: 1e-3, momentum: 0.0, dampening: 0.0, weight_decay: 0.0, nesterov: false }
    }
}

impl Rule for Sgd {
    fn lr(&self) -> f64 {
        self.lr
    }

    fn set_lr(&mut self, lr: f64) {
        self.lr = lr;
    }

    fn update(&self, parameter: &Tensor, grad: &Tensor, state: &mut State) -> Result<()> {
        let grad = decayed(grad, parameter, self.weight_decay)?;
        if self.momentum == 0.0 {
            return parameter.in_place(|p| p - &(grad * self.lr)?);
        }
        let velocity = match state.tensors.get("momentum_buffer") {
            Some(velocity) => {
                velocity.in_place(|v| (v * self.momentum)? + (&grad * (1.0 - self.dampening))?)?;
                velocity.clone()
            }
            None => state.tensor("momentum_buffer", || grad.copy())?,
        };
        let step = if self.nesterov { (grad + (velocity * self.momentum)?)? } else { velocity };
        parameter.in_place(|p| p - &(step * self.lr)?)
    }
}
