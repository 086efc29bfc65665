//! RMSprop.

use super::{Rule, State, decayed};
use st_core::{Result, Tensor};

/// Steps by the gradient over the root of its running square.
#[derive(Clone, Debug)]
pub struct RmsProp {
    /// The learning rate.
    pub lr: f64,
    /// What the running square keeps at each step.
    pub alpha: f64,
    /// What is added to the root.
    pub eps: f64,
    /// A share of the parameter that is added to its gradient.
    pub weight_decay: f64,
    /// What a running sum of steps keeps at each step.
    pub momentum: f64,
    /// Whether the square of the running mean is taken off the running square.
    pub centered: bool,
}

impl RmsProp {
    /// RMSprop with a learning rate and torch's settings otherwise.
    pub fn new(lr: f64) -> RmsProp {
        RmsProp { lr, ..RmsProp::default() }
    }
}

impl Default for RmsProp {
    fn default() -> RmsProp {
        RmsProp { lr: 1e-2, alpha: 0.99, eps: 1e-8, weight_decay: 0.0, momentum: 0.0, centered: false }
    }
}

impl Rule for RmsProp {
    fn lr(&self) -> f64 {
        self.lr
    }

    fn set_lr(&mut self, lr: f64) {
        self.lr = lr;
    }

    fn update(&self, parameter: &Tensor, grad: &Tensor, state: &mut State) -> Result<()> {
        let grad = decayed(grad, parameter, self.weight_decay)?;
        let square = state.tensor("square_avg", || parameter.zeros_like())?;
        square.in_place(|square| square.mul(self.alpha)?.addcmul(&grad, &grad, 1.0 - self.alpha))?;
        let spread = if self.centered {
            let mean = state.tensor("grad_avg", || parameter.zeros_like())?;
            mean.in_place(|mean| mean.lerp(&grad, 1.0 - self.alpha))?;
            square.addcmul(&mean, &mean, -1.0)?
        } else {
            square
        };
        let deviation = (spread.sqrt()? + self.eps)?;
        if self.momentum == 0.0 {
            return parameter.in_place(|p| p.addcdiv(&grad, &deviation, -self.lr));
        }
        let velocity = state.tensor("momentum_buffer", || parameter.zeros_like())?;
        velocity.in_place(|v| v.mul(self.momentum)?.addcdiv(&grad, &deviation, 1.0))?;
        parameter.in_place(|p| p - &(velocity * self.lr)?)
    }
}
