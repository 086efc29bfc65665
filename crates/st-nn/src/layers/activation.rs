//! Activations: layers without parameters.

use crate::{Layer, Module, Visitor};
use st_core::{Result, Tensor};

/// Layers that are a method of the tensor.
macro_rules! activations {
    ($($(#[$doc:meta])* $name:ident $(($($setting:ident: $t:ty),*))? => |$x:ident| $forward:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name $(($(pub $t),*))?;

        impl Module for $name {
            fn visit(&self, _: &mut Visitor) {}
        }

        impl Layer for $name {
            fn forward(&self, $x: &Tensor) -> Result<Tensor> {
                $(let $name($($setting),*) = *self;)?
                $forward
            }
        }
    )*};
}

activations! {
    /// max(x, 0).
    Relu => |x| x.relu();
    /// x * Phi(x), the Gaussian error linear unit.
    Gelu => |x| x.gelu();
    /// [`Gelu`] approximated by a hyperbolic tangent.
    GeluTanh => |x| x.gelu_tanh();
    /// x * sigmoid(x), also called swish.
    Silu => |x| x.silu();
    /// The hyperbolic tangent.
    Tanh => |x| x.tanh();
    /// 1 / (1 + exp(-x)).
    Sigmoid => |x| x.sigmoid();
    /// x, or a slope times x where that is negative.
    LeakyRelu(slope: f64) => |x| x.leaky_relu(slope);
    /// x, or alpha * (exp(x) - 1) where that is negative.
    Elu(alpha: f64) => |x| x.elu(alpha);
    /// exp(x) over its sum along a dimension.
    Softmax(dim: i64) => |x| x.softmax(dim, None);
    /// The logarithm of [`Softmax`].
    LogSoftmax(dim: i64) => |x| x.log_softmax(dim, None);
}
