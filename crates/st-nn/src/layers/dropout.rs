//! Dropout.

use crate::{Layer, Module, Training, Visitor};
use st_core::{Result, Tensor};

/// In training, zeros with probability `p`; what stays is scaled by 1 / (1 - p).
#[derive(Clone, Debug)]
pub struct Dropout {
    p: f64,
    training: Training,
}

impl Dropout {
    /// Drops elements with probability `p`.
    pub fn new(p: f64) -> Dropout {
        Dropout { p, training: Training::default() }
    }
}

impl Module for Dropout {
    fn visit(&self, v: &mut Visitor) {
        v.field("training", &self.training);
    }
}

impl Layer for Dropout {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.dropout(self.p, self.training.get())
    }
}
