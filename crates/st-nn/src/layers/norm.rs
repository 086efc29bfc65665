//! Layers that bring their input to a common size.

use crate::init;
use crate::sizes::Shape;
use crate::{Buffer, Layer, Module, Parameter, Training, Visitor};
use st_core::{DType, Result, Tensor, autograd::no_grad, default_device, value_err};

/// Each channel of a batch brought to mean 0 and variance 1; in use, the running mean and variance of training take the
/// place of the batch's. `N` is how many dimensions follow the channels; `BatchNorm1d` takes `[batch, channels]` too.
#[derive(Clone, Debug)]
pub struct BatchNorm<const N: usize> {
    /// A factor for each channel.
    pub weight: Option<Parameter>,
    /// A summand for each channel.
    pub bias: Option<Parameter>,
    /// The mean of what was seen in training.
    pub running_mean: Buffer,
    /// The variance of what was seen in training.
    pub running_var: Buffer,
    /// How many batches were seen in training.
    pub num_batches_tracked: Buffer,
    training: Training,
    momentum: f64,
    eps: f64,
}

/// Normalises `[batch, channels]` or `[batch, channels, length]`.
pub type BatchNorm1d = BatchNorm<1>;
/// Normalises `[batch, channels, height, width]`.
pub type BatchNorm2d = BatchNorm<2>;
/// Normalises `[batch, channels, depth, height, width]`.
pub type BatchNorm3d = BatchNorm<3>;

impl<const N: usize> BatchNorm<N> {
    /// A layer with weights of one and biases of zero.
    pub fn new(channels: usize) -> Result<BatchNorm<N>> {
        Ok(BatchNorm {
            weight: Some(Parameter::new(init::ones(&[channels])?)?),
            bias: Some(Parameter::new(init::zeros(&[channels])?)?),
            running_mean: Buffer::new(init::zeros(&[channels])?),
            running_var: Buffer::new(init::ones(&[channels])?),
            num_batches_tracked: Buffer::new(Tensor::zeros(&[], DType::I64, default_device())?),
            training: Training::default(),
            momentum: 0.1,
            eps: 1e-5,
        })
    }

    /// The same without weights and biases.
    pub fn without_affine(mut self) -> BatchNorm<N> {
        (self.weight, self.bias) = (None, None);
        self
    }

    /// The share a batch has in the running mean and variance.
    pub fn momentum(mut self, share: f64) -> BatchNorm<N> {
        self.momentum = share;
        self
    }

    /// What is added to the variance.
    pub fn eps(mut self, eps: f64) -> BatchNorm<N> {
        self.eps = eps;
        self
    }
}

impl<const N: usize> Module for BatchNorm<N> {
    fn visit(&self, v: &mut Visitor) {
        v.field("weight", &self.weight)
            .field("bias", &self.bias)
            .field("running_mean", &self.running_mean)
            .field("running_var", &self.running_var)
            .field("num_batches_tracked", &self.num_batches_tracked)
            .field("training", &self.training);
    }
}

impl<const N: usize> Layer for BatchNorm<N> {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let fits = x.dim() == N + 2 || N == 1 && x.dim() == 2;
        if !fits {
            return Err(value_err!("BatchNorm{N}d: expected {} dimensions, got {:?}", N + 2, x.shape()));
        }
        let training = self.training.get();
        if training {
            let _mode = no_grad();
            self.num_batches_tracked.get().in_place(|count| count + 1)?;
        }
        let (weight, bias) = (got(&self.weight), got(&self.bias));
        let (mean, var) = (self.running_mean.get(), self.running_var.get());
        let (w, b) = (weight.as_ref(), bias.as_ref());
        x.batch_norm(Some(&mean), Some(&var), w, b, training, self.momentum, self.eps)
    }
}

/// Everything but the leading dimensions brought to mean 0 and variance 1.
#[derive(Clone, Debug)]
pub struct LayerNorm {
    /// A factor for each element.
    pub weight: Option<Parameter>,
    /// A summand for each element.
    pub bias: Option<Parameter>,
    shape: Shape,
    eps: f64,
}

impl LayerNorm {
    /// Normalises the last dimensions, which have this shape: `LayerNorm::new(128)`, `LayerNorm::new([8, 8])`.
    pub fn new(shape: impl Into<Shape>) -> Result<LayerNorm> {
        let shape = shape.into();
        let weight = Some(Parameter::new(init::ones(&shape.0)?)?);
        let bias = Some(Parameter::new(init::zeros(&shape.0)?)?);
        Ok(LayerNorm { weight, bias, shape, eps: 1e-5 })
    }

    /// The same without a bias.
    pub fn without_bias(mut self) -> LayerNorm {
        self.bias = None;
        self
    }

    /// The same without weights and biases.
    pub fn without_affine(mut self) -> LayerNorm {
        (self.weight, self.bias) = (None, None);
        self
    }

    /// What is added to the variance.
    pub fn eps(mut self, eps: f64) -> LayerNorm {
        self.eps = eps;
        self
    }
}

impl Module for LayerNorm {
    fn visit(&self, v: &mut Visitor) {
        v.field("weight", &self.weight).field("bias", &self.bias);
    }
}

impl Layer for LayerNorm {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (weight, bias) = (got(&self.weight), got(&self.bias));
        x.layer_norm(&self.shape.signed(), weight.as_ref(), bias.as_ref(), self.eps)
    }
}

/// Everything but the leading dimensions divided by its root mean square.
#[derive(Clone, Debug)]
pub struct RmsNorm {
    /// A factor for each element.
    pub weight: Option<Parameter>,
    shape: Shape,
    eps: Option<f64>,
}

impl RmsNorm {
    /// Normalises the last dimensions, which have this shape.
    pub fn new(shape: impl Into<Shape>) -> Result<RmsNorm> {
        let shape = shape.into();
        Ok(RmsNorm { weight: Some(Parameter::new(init::ones(&shape.0)?)?), shape, eps: None })
    }

    /// The same without weights.
    pub fn without_affine(mut self) -> RmsNorm {
        self.weight = None;
        self
    }

    /// What is added to the mean square; the dtype's smallest step at one if nothing is said.
    pub fn eps(mut self, eps: f64) -> RmsNorm {
        self.eps = Some(eps);
        self
    }
}

impl Module for RmsNorm {
    fn visit(&self, v: &mut Visitor) {
        v.field("weight", &self.weight);
    }
}

impl Layer for RmsNorm {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.rms_norm(&self.shape.signed(), got(&self.weight).as_ref(), self.eps)
    }
}

/// Groups of channels of each sample brought to mean 0 and variance 1.
#[derive(Clone, Debug)]
pub struct GroupNorm {
    /// A factor for each channel.
    pub weight: Option<Parameter>,
    /// A summand for each channel.
    pub bias: Option<Parameter>,
    groups: usize,
    eps: f64,
}

impl GroupNorm {
    /// A layer with weights of one and biases of zero.
    pub fn new(groups: usize, channels: usize) -> Result<GroupNorm> {
        if groups == 0 || !channels.is_multiple_of(groups) {
            return Err(value_err!("GroupNorm: {channels} channels must be divisible by groups={groups}"));
        }
        let weight = Some(Parameter::new(init::ones(&[channels])?)?);
        let bias = Some(Parameter::new(init::zeros(&[channels])?)?);
        Ok(GroupNorm { weight, bias, groups, eps: 1e-5 })
    }

    /// The same without weights and biases.
    pub fn without_affine(mut self) -> GroupNorm {
        (self.weight, self.bias) = (None, None);
        self
    }

    /// What is added to the variance.
    pub fn eps(mut self, eps: f64) -> GroupNorm {
        self.eps = eps;
        self
    }
}

impl Module for GroupNorm {
    fn visit(&self, v: &mut Visitor) {
        v.field("weight", &self.weight).field("bias", &self.bias);
    }
}

impl Layer for GroupNorm {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (weight, bias) = (got(&self.weight), got(&self.bias));
        x.group_norm(self.groups as i64, weight.as_ref(), bias.as_ref(), self.eps)
    }
}

fn got(parameter: &Option<Parameter>) -> Option<Tensor> {
    parameter.as_ref().map(|p| p.get())
}
