//! Layers, with torch's names for their parameters, its first values and its defaults.

mod activation;
mod attention;
mod container;
mod conv;
mod dropout;
mod embedding;
mod linear;
mod norm;
mod pool;
mod recurrent;
mod transformer;

pub use activation::{Elu, Gelu, GeluTanh, LeakyRelu, LogSoftmax, Relu, Sigmoid, Silu, Softmax, Tanh};
pub use attention::MultiheadAttention;
pub use container::{Flatten, Func, Sequential};
pub use conv::{Conv, Conv1d, Conv2d, Conv3d};
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use linear::Linear;
pub use norm::{BatchNorm, BatchNorm1d, BatchNorm2d, BatchNorm3d, GroupNorm, LayerNorm, RmsNorm};
pub use pool::{
    AdaptiveAvgPool, AdaptiveAvgPool1d, AdaptiveAvgPool2d, AvgPool, AvgPool1d, AvgPool2d, MaxPool, MaxPool1d,
    MaxPool2d,
};
pub use recurrent::{Gru, Lstm, RecurrentConfig};
pub use transformer::TransformerEncoderLayer;
