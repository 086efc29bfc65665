//! Pooling over the last one or two dimensions.

use crate::sizes::Sizes;
use crate::{Layer, Module, Visitor};
use st_core::functional::{PoolOptions, adaptive_avg_pool, avg_pool, max_pool};
use st_core::{Result, Tensor};

/// The windows of a pooling layer.
#[derive(Clone, Copy, Debug)]
struct Windows<const N: usize> {
    kernel: [i64; N],
    stride: [i64; N],
    padding: [i64; N],
}

impl<const N: usize> Windows<N> {
    fn new(kernel: Sizes<N>) -> Windows<N> {
        Windows { kernel: kernel.signed(), stride: kernel.signed(), padding: [0; N] }
    }

    fn options(&self) -> PoolOptions<'_> {
        let Windows { kernel, stride, padding } = self;
        PoolOptions { kernel, stride, padding, ..PoolOptions::default() }
    }
}

macro_rules! pools {
    ($($(#[$doc:meta])* $name:ident => |$x:ident, $options:ident| $forward:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<const N: usize>(Windows<N>);

        impl<const N: usize> $name<N> {
            /// Windows of this size, side by side.
            pub fn new(kernel: impl Into<Sizes<N>>) -> $name<N> {
                $name(Windows::new(kernel.into()))
            }

            /// Steps between windows.
            pub fn stride(mut self, steps: impl Into<Sizes<N>>) -> $name<N> {
                self.0.stride = steps.into().signed();
                self
            }

            /// Margins on both sides of each dimension.
            pub fn padding(mut self, margins: impl Into<Sizes<N>>) -> $name<N> {
                self.0.padding = margins.into().signed();
                self
            }
        }

        impl<const N: usize> Module for $name<N> {
            fn visit(&self, _: &mut Visitor) {}
        }

        impl<const N: usize> Layer for $name<N> {
            fn forward(&self, $x: &Tensor) -> Result<Tensor> {
                let $options = self.0.options();
                $forward
            }
        }
    )*};
}

pools! {
    /// The largest of each window.
    MaxPool => |x, options| max_pool("max_pool", x, N, &options);
    /// The mean of each window, margins counting as zeros.
    AvgPool => |x, options| avg_pool("avg_pool", x, N, &options, true, None);
}

/// The largest of windows of one dimension.
pub type MaxPool1d = MaxPool<1>;
/// The largest of windows of two dimensions.
pub type MaxPool2d = MaxPool<2>;
/// The mean of windows of one dimension.
pub type AvgPool1d = AvgPool<1>;
/// The mean of windows of two dimensions.
pub type AvgPool2d = AvgPool<2>;

/// The mean of so many nearly equal parts of each of the last `N` dimensions.
#[derive(Clone, Copy, Debug)]
pub struct AdaptiveAvgPool<const N: usize>(Sizes<N>);

/// The mean of parts of one dimension.
pub type AdaptiveAvgPool1d = AdaptiveAvgPool<1>;
/// The mean of parts of two dimensions.
pub type AdaptiveAvgPool2d = AdaptiveAvgPool<2>;

impl<const N: usize> AdaptiveAvgPool<N> {
    /// So many parts, whatever the input's sizes.
    pub fn new(parts: impl Into<Sizes<N>>) -> AdaptiveAvgPool<N> {
        AdaptiveAvgPool(parts.into())
    }
}

impl<const N: usize> Module for AdaptiveAvgPool<N> {
    fn visit(&self, _: &mut Visitor) {}
}

impl<const N: usize> Layer for AdaptiveAvgPool<N> {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        adaptive_avg_pool("adaptive_avg_pool", x, N, &self.0.signed().map(Some))
    }
}
