//! Adam and AdamW.

use super::{Rule, State, decayed, zeros_for};
use st_core::{Result, Tensor};

/// Steps by the gradient's running mean over the root of its running square.
#[derive(Clone, Debug)]
pub struct Adam {
    /// The learning rate.
    pub lr: f64,
    /// What the running mean and the running square keep at each step.
    pub betas: (f64, f64),
    /// What is added to the root.
    pub eps: f64,
    /// A share of the parameter that is added to its gradient.
    pub weight_decay: f64,
}

impl Adam {
    /// Adam with a learning rate and torch's settings otherwise.
    pub fn new(lr: f64) -> Adam {
        Adam { lr, ..Adam::default() }
    }
}

impl Default for Adam {
    fn default() -> Adam {
        Adam { lr: 1e-3, betas: (0.9, 0.999), eps: 1e-8, weight_decay: 0.0 }
    }
}

impl Rule for Adam {
    fn lr(&self) -> f64 {
        self.lr
    }

    fn set_lr(&mut self, lr: f64) {
        self.lr = lr;
    }

    fn update(&self, parameter: &Tensor, grad: &Tensor, state: &mut State) -> Result<()> {
        let grad = decayed(grad, parameter, self.weight_decay)?;
        let (beta1, beta2) = self.betas;
        let mean = state.tensor("exp_avg", || zeros_for(parameter))?;
        let square = state.tensor("exp_avg_sq", || zeros_for(parameter))?;
        let grad = grad.to_dtype(mean.dtype())?;
        mean.in_place(|mean| mean.lerp(&grad, 1.0 - beta1))?;
        square.in_place(|square| square.mul(beta2)?.addcmul(&grad, &grad, 1.0 - beta2))?;
        let steps = state.step as f64;
        let unbiased = (square.sqrt()? / (1.0 - beta2.powf(steps)).sqrt())?;
        let size = self.lr / (1.0 - beta1.powf(steps));
        parameter.in_place(|p| p.addcdiv(&mean, &(unbiased + self.eps)?, -size))
    }
}

/// [`Adam`] whose weight decay does not go through the gradient.
#[derive(Clone, Debug)]
pub struct AdamW {
    /// The learning rate.
    pub lr: f64,
    /// What the running mean and the running square keep at each step.
    pub betas: (f64, f64),
    /// What is added to the root.
    pub eps: f64,
    /// The share of itself, times the learning rate, that a parameter loses at each step.
    pub weight_decay: f64,
}

impl AdamW {
    /// AdamW with a learning rate and torch's settings otherwise.
    pub fn new(lr: f64) -> AdamW {
        AdamW { lr, ..AdamW::default() }
    }
}

impl Default for AdamW {
    fn default() -> AdamW {
        AdamW { lr: 1e-3, betas: (0.9, 0.999), eps: 1e-8, weight_decay: 1e-2 }
    }
}

impl Rule for AdamW {
    fn lr(&self) -> f64 {
        self.lr
    }

    fn set_lr(&mut self, lr: f64) {
        self.lr = lr;
    }

    fn update(&self, parameter: &Tensor, grad: &Tensor, state: &mut State) -> Result<()> {
        if self.weight_decay != 0.0 {
            parameter.in_place(|p| p * (1.0 - self.lr * self.weight_decay))?;
        }
        let AdamW { lr, betas, eps, .. } = *self;
        Adam { lr, betas, eps, weight_decay: 0.0 }.update(parameter, grad, state)
    }
}
