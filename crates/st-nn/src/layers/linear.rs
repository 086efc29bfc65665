//! The linear layer.

use crate::init::{self, usual_bound};
use crate::{Layer, Module, Parameter, Visitor};
use st_core::functional::linear;
use st_core::{Result, Tensor};

/// `x @ weight.T + bias`.
#[derive(Clone, Debug)]
pub struct Linear {
    /// `[outputs, inputs]`.
    pub weight: Parameter,
    /// `[outputs]`.
    pub bias: Option<Parameter>,
}

impl Linear {
    /// A layer with weights and biases uniform in +- 1 / sqrt(inputs).
    pub fn new(inputs: usize, outputs: usize) -> Result<Linear> {
        let bound = usual_bound(inputs);
        let draw = |shape: &[usize]| Parameter::new(init::uniform(shape, -bound, bound)?);
        Ok(Linear { weight: draw(&[outputs, inputs])?, bias: Some(draw(&[outputs])?) })
    }

    /// The same without a bias.
    pub fn without_bias(mut self) -> Linear {
        self.bias = None;
        self
    }
}

impl Module for Linear {
    fn visit(&self, v: &mut Visitor) {
        v.field("weight", &self.weight).field("bias", &self.bias);
    }
}

impl Layer for Linear {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let bias = self.bias.as_ref().map(|b| b.get());
        linear(x, &self.weight.get(), bias.as_ref())
    }
}
