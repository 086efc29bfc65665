//! Convolutions over one, two or three dimensions.

use crate::init::{self, usual_bound};
use crate::sizes::Sizes;
use crate::{Layer, Module, Parameter, Visitor};
use st_core::functional::{ConvOptions, Padding, conv};
use st_core::{Result, Tensor, value_err};

/// A convolution of `[batch, channels, sizes..]`, or of that without the batch, over `N` dimensions.
///
/// ```
/// # fn main() -> st_core::Result<()> {
/// use st_core::{DType, Tensor};
/// use st_nn::{Conv2d, Layer};
/// let layer = Conv2d::new(3, 16, 3)?.stride(2).padding(1);
/// let y = layer.forward(&Tensor::zeros(&[8, 3, 32, 32], DType::F32, 0)?)?;
/// assert_eq!(y.shape(), [8, 16, 16, 16]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Conv<const N: usize> {
    /// `[outputs, inputs / groups, kernel..]`.
    pub weight: Parameter,
    /// `[outputs]`.
    pub bias: Option<Parameter>,
    options: ConvOptions,
}

/// A convolution over one dimension.
pub type Conv1d = Conv<1>;
/// A convolution over two dimensions.
pub type Conv2d = Conv<2>;
/// A convolution over three dimensions.
pub type Conv3d = Conv<3>;

impl<const N: usize> Conv<N> {
    /// A layer with weights and biases uniform in +- 1 / sqrt(weights of an output).
    pub fn new(inputs: usize, outputs: usize, kernel: impl Into<Sizes<N>>) -> Result<Conv<N>> {
        Conv::grouped(inputs, outputs, kernel, 1)
    }

    /// A layer whose groups of channels do not see each other.
    pub fn grouped(
        inputs: usize,
        outputs: usize,
        kernel: impl Into<Sizes<N>>,
        groups: usize,
    ) -> Result<Conv<N>> {
        if groups == 0 || !inputs.is_multiple_of(groups) || !outputs.is_multiple_of(groups) {
            return Err(value_err!(
                "Conv: {inputs} input and {outputs} output channels must be divisible by groups={groups}"
            ));
        }
        let shape = [&[outputs, inputs / groups], &kernel.into().0[..]].concat();
        let bound = usual_bound(shape[1..].iter().product());
        let draw = |shape: &[usize]| Parameter::new(init::uniform(shape, -bound, bound)?);
        let options = ConvOptions { groups: groups as i64, ..ConvOptions::default() };
        Ok(Conv { weight: draw(&shape)?, bias: Some(draw(&[outputs])?), options })
    }

    /// The same without a bias.
    pub fn without_bias(mut self) -> Conv<N> {
        self.bias = None;
        self
    }

    /// Steps between windows.
    pub fn stride(mut self, steps: impl Into<Sizes<N>>) -> Conv<N> {
        self.options.stride = steps.into().signed().into_iter().collect();
        self
    }

    /// Zeros on both sides of each dimension.
    pub fn padding(mut self, zeros: impl Into<Sizes<N>>) -> Conv<N> {
        self.options.padding = Padding::Sizes(zeros.into().signed().into_iter().collect());
        self
    }

    /// As many zeros as keep the size.
    pub fn same_padding(mut self) -> Conv<N> {
        self.options.padding = Padding::Same;
        self
    }

    /// Steps inside a window.
    pub fn dilation(mut self, steps: impl Into<Sizes<N>>) -> Conv<N> {
        self.options.dilation = steps.into().signed().into_iter().collect();
        self
    }
}

impl<const N: usize> Module for Conv<N> {
    fn visit(&self, v: &mut Visitor) {
        v.field("weight", &self.weight).field("bias", &self.bias);
    }
}

impl<const N: usize> Layer for Conv<N> {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let bias = self.bias.as_ref().map(|b| b.get());
        conv(x, &self.weight.get(), bias.as_ref(), &self.options)
    }
}
