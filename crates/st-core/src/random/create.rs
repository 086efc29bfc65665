//! Random tensors as Rust programs ask for them, of a generator's numbers or of the global one's.

use super::{Generator, Like, integers, normal_of, permutation, uniform};
use crate::graph::DeviceId;
use crate::tensor::{Tensor, expect_countable};
use st_kernel::{DType, Result};

impl Generator {
    fn like(&self, shape: &[usize], dtype: DType, device: DeviceId) -> Result<Like> {
        expect_countable(shape)?;
        Ok(Like { shape: shape.to_vec(), dtype, device, generator: self.clone() })
    }

    /// Uniform in [low, high).
    pub fn uniform(
        &self,
        low: f64,
        high: f64,
        shape: &[usize],
        dtype: DType,
        device: DeviceId,
    ) -> Result<Tensor> {
        uniform(&self.like(shape, dtype, device)?, low, high)
    }

    /// Normal with a mean and a deviation.
    pub fn normal(
        &self,
        mean: f64,
        std: f64,
        shape: &[usize],
        dtype: DType,
        device: DeviceId,
    ) -> Result<Tensor> {
        normal_of(&self.like(shape, dtype, device)?, mean, std)
    }

    /// Integers from `low` on, below `high`.
    pub fn integers(&self, low: i64, high: i64, shape: &[usize], device: DeviceId) -> Result<Tensor> {
        integers(&self.like(shape, DType::I64, device)?, low, high)
    }

    /// The integers below n in random order.
    pub fn permutation(&self, n: usize, device: DeviceId) -> Result<Tensor> {
        permutation(n, &self.like(&[n], DType::I64, device)?)
    }
}

/// Random numbers of the global generator, which [`manual_seed`](crate::random::manual_seed) seeds.
///
/// ```
/// # fn main() -> st_core::Result<()> {
/// use st_core::{DType, Tensor, random::manual_seed};
/// manual_seed(7);
/// let first = Tensor::randn(&[2, 3], DType::F32, 0)?;
/// manual_seed(7);
/// let again = Tensor::randn(&[2, 3], DType::F32, 0)?;
/// assert_eq!(first.to_vec::<f32>()?, again.to_vec::<f32>()?);
/// # Ok(()) }
/// ```
impl Tensor {
    /// Uniform in [0, 1).
    pub fn rand(shape: &[usize], dtype: DType, device: DeviceId) -> Result<Tensor> {
        Tensor::uniform(0.0, 1.0, shape, dtype, device)
    }

    /// Normal with mean 0 and deviation 1.
    pub fn randn(shape: &[usize], dtype: DType, device: DeviceId) -> Result<Tensor> {
        Tensor::normal(0.0, 1.0, shape, dtype, device)
    }

    /// Uniform in [low, high).
    pub fn uniform(low: f64, high: f64, shape: &[usize], dtype: DType, device: DeviceId) -> Result<Tensor> {
        Generator::global().uniform(low, high, shape, dtype, device)
    }

    /// Normal with a mean and a deviation.
    pub fn normal(mean: f64, std: f64, shape: &[usize], dtype: DType, device: DeviceId) -> Result<Tensor> {
        Generator::global().normal(mean, std, shape, dtype, device)
    }

    /// Integers from `low` on, below `high`.
    pub fn randint(low: i64, high: i64, shape: &[usize], device: DeviceId) -> Result<Tensor> {
        Generator::global().integers(low, high, shape, device)
    }

    /// The integers below n in random order.
    pub fn randperm(n: usize, device: DeviceId) -> Result<Tensor> {
        Generator::global().permutation(n, device)
    }
}
