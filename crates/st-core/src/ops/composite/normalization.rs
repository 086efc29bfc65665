//! Softmax and the norms of layers.
//!
//! The maximum is detached: softmax does not depend on it, so its gradient is exactly zero and need not be computed.

use crate::autograd::{self, Call, Formula, Gradients, Keeps, Rule, no_grad};
use crate::ops::pointwise::expect_float;
use crate::ops::select;
use crate::ops::window::{Slide, window_sum};
use crate::tensor::{Tensor, normalize_dim};
use smallvec::smallvec;
use st_kernel::{DType, Result, runtime_err, value_err};

impl Tensor {
    /// In the dtype half precision is computed in.
    pub(crate) fn widened(&self) -> Result<Tensor> {
        self.to_dtype(self.dtype().compute())
    }

    /// Moved below zero along a dimension by the (finite) maximum there, so that `exp` does not overflow.
    pub(crate) fn lowered(&self, dim: i64) -> Result<(Tensor, Tensor)> {
        let top = self.detach().reduce(st_kernel::ReduceOp::Max, &[dim], true)?;
        Ok((self.sub(&top)?, top))
    }

    fn softmax_input(&self, name: &str, dim: i64, dtype: Option<DType>) -> Result<(Tensor, DType)> {
        let input = self.to_dtype(dtype.unwrap_or(self.dtype()))?;
        expect_float(name, &input)?;
        normalize_dim(dim, input.dim())?;
        Ok((input.widened()?, input.dtype()))
    }

    /// exp(x) over its sum along a dimension.
    pub fn softmax(&self, dim: i64, dtype: Option<DType>) -> Result<Tensor> {
        let (x, out) = self.softmax_input("softmax", dim, dtype)?;
        if x.numel() == 0 {
            return x.exp()?.to_dtype(out);
        }
        let e = x.lowered(dim)?.0.exp()?;
        e.div(&e.sum(&[dim], true)?)?.to_dtype(out)
    }

    /// As `softmax`, zeros where all of a row is -inf: rows of attention that are masked away.
    pub(crate) fn softmax_or_zero(&self, dim: i64) -> Result<Tensor> {
        let top = self.detach().reduce(st_kernel::ReduceOp::Max, &[dim], true)?;
        let top = select(&top.isneginf()?, 0.0, &top)?;
        let e = self.sub(&top)?.exp()?;
        let sum = e.sum(&[dim], true)?;
        e.div(&select(&sum.eq(0.0)?, 1.0, &sum)?)
    }

    /// The logarithm of `softmax`.
    pub fn log_softmax(&self, dim: i64, dtype: Option<DType>) -> Result<Tensor> {
        let (x, out) = self.softmax_input("log_softmax", dim, dtype)?;
        if x.numel() == 0 {
            return x.exp()?.to_dtype(out);
        }
        let (low, _) = x.lowered(dim)?;
        low.sub(&low.exp()?.sum(&[dim], true)?.log()?)?.to_dtype(out)
    }

    /// `softmax` of -x.
    pub fn softmin(&self, dim: i64, dtype: Option<DType>) -> Result<Tensor> {
        self.neg()?.softmax(dim, dtype)
    }

    /// The logarithm of the sum of exponentials over some dimensions.
    pub fn logsumexp(&self, dims: &[i64], keepdim: bool) -> Result<Tensor> {
        let float =
            if self.dtype().is_float() { self.clone() } else { self.to_dtype(crate::default_dtype())? };
        let x = float.widened()?;
        if x.numel() == 0 {
            return x.exp()?.sum(dims, keepdim)?.log()?.to_dtype(float.dtype());
        }
        let top = x.detach().reduce(st_kernel::ReduceOp::Max, dims, true)?;
        let top = select(&top.isinf()?, 0.0, &top)?;
        let sum = x.sub(&top)?.exp()?.sum(dims, true)?.log()?.add(&top)?;
        let out = sum.to_dtype(float.dtype())?;
        if keepdim {
            return Ok(out);
        }
        let all: Vec<i64> = (0..self.dim() as i64).collect();
        out.squeeze(Some(if dims.is_empty() { &all } else { dims }))
    }

    /// The last `normalized_shape.len()` dimensions brought to mean 0 and variance 1, then scaled and moved.
    pub fn layer_norm(
        &self,
        normalized_shape: &[i64],
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
        eps: f64,
    ) -> Result<Tensor> {
        let dims = self.normalized_dims("layer_norm", normalized_shape)?;
        self.expect_parameters(weight, bias, &self.shape()[self.dim() - dims.len()..])?;
        let norm = Norm { name: "native_layer_norm", dims, eps };
        norm.of(&self.widened()?, weight, bias)?[0].to_dtype(self.dtype())
    }

    /// The last dimensions divided by their root mean square, then scaled.
    pub fn rms_norm(
        &self,
        normalized_shape: &[i64],
        weight: Option<&Tensor>,
        eps: Option<f64>,
    ) -> Result<Tensor> {
        let dims = self.normalized_dims("rms_norm", normalized_shape)?;
        expect_shape("weight", weight, &self.shape()[self.dim() - dims.len()..])?;
        let x = self.widened()?;
        let eps = eps.unwrap_or(match self.dtype() {
            DType::F64 => f64::EPSILON,
            DType::F32 => f64::from(f32::EPSILON),
            DType::BF16 => f64::from(half::bf16::EPSILON),
            _ => f64::from(half::f16::EPSILON),
        });
        let normal = x.mul(&x.square()?.mean(&dims, true)?.add(eps)?.rsqrt()?)?;
        affine(normal, weight, None)?.to_dtype(self.dtype())
    }

    fn normalized_dims(&self, name: &str, normalized_shape: &[i64]) -> Result<Vec<i64>> {
        expect_float(name, self)?;
        let n = normalized_shape.len();
        let tail = self.dim().checked_sub(n).map(|from| &self.shape()[from..]);
        let fits =
            tail.is_some_and(|tail| tail.iter().map(|&s| s as i64).eq(normalized_shape.iter().copied()));
        if n == 0 {
            return Err(runtime_err!(
                "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []"
            ));
        }
        if !fits {
            return Err(runtime_err!(
                "Given normalized_shape={normalized_shape:?}, expected input with shape [*, {normalized_shape:?}], but got input of size {:?}",
                self.shape()
            ));
        }
        Ok(((self.dim() - n) as i64..self.dim() as i64).collect())
    }

    /// Channels in groups, each group of each sample brought to mean 0 and variance 1.
    pub fn group_norm(
        &self,
        groups: i64,
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
        eps: f64,
    ) -> Result<Tensor> {
        let [out, ..] = self.grouped_norm(groups, weight, bias, eps)?;
        Ok(out)
    }

    /// `group_norm` with means and variances of shape `[batch, groups, 1, 1]`, in the dtype they are computed in.
    fn grouped_norm(
        &self,
        groups: i64,
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
        eps: f64,
    ) -> Result<[Tensor; 3]> {
        expect_float("group_norm", self)?;
        let &[batch, channels, ..] = self.shape() else {
            return Err(runtime_err!(
                "Expected at least 2 dimensions for input tensor but received {}",
                self.dim()
            ));
        };
        if batch > 0 && self.numel() == 0 {
            return Err(runtime_err!(
                "Expected {} to be greater than 0, got input of shape {:?}",
                if channels == 0 { "number of channels" } else { "HxW" },
                self.shape()
            ));
        }
        let members = (batch * channels).checked_div(groups.max(0) as usize).unwrap_or(0);
        if members * self.shape()[2..].iter().product::<usize>() == 1 {
            return Err(st_kernel::value_err!(
                "Expected more than 1 value per channel when training, got input size {:?}",
                self.shape()
            ));
        }
        if groups <= 0 || channels as i64 % groups != 0 {
            return Err(runtime_err!(
                "Expected number of channels in input to be divisible by num_groups, but got input of shape {:?} and num_groups={groups}",
                self.shape()
            ));
        }
        self.expect_parameters(weight, bias, &[channels])?;
        let groups = groups as usize;
        let members = channels / groups;
        let points = self.numel().checked_div(batch * channels).unwrap_or(0);
        let grouped = self.widened()?.reshape_to(&[batch, groups, members, points])?;
        let standing =
            |v: Option<&Tensor>| v.map(|v| self.channel(v)?.reshape_to(&[1, groups, members, 1])).transpose();
        let norm = Norm { name: "native_group_norm", dims: vec![2, 3], eps };
        let [out, mean, var] = norm.of(&grouped, standing(weight)?.as_ref(), standing(bias)?.as_ref())?;
        Ok([out.reshape_to(self.shape())?.to_dtype(self.dtype())?, mean, var])
    }

    /// Each channel of each sample brought to mean 0 and variance 1, by its own statistics or the running ones.
    #[expect(clippy::too_many_arguments, reason = "torch's signature")]
    pub fn instance_norm(
        &self,
        running_mean: Option<&Tensor>,
        running_var: Option<&Tensor>,
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
        use_input_stats: bool,
        momentum: f64,
        eps: f64,
    ) -> Result<Tensor> {
        expect_float("instance_norm", self)?;
        if !use_input_stats {
            if running_mean.is_none() || running_var.is_none() {
                return Err(runtime_err!(
                    "Expected running_mean and running_var to be defined when use_input_stats is false"
                ));
            }
            if self.numel() == 0 {
                return self.mul(1.0);
            }
            return self.batch_norm(running_mean, running_var, weight, bias, false, momentum, eps);
        }
        if self.dim() < 3 {
            return Err(runtime_err!(
                "instance_norm: expected at least 3 dimensions, got {:?}",
                self.shape()
            ));
        }
        let norm = Norm { name: "instance_norm", dims: (2..self.dim() as i64).collect(), eps };
        let [weight, bias] = self.channels(weight, bias)?;
        let [out, mean, var] = norm.of(&self.widened()?, weight.as_ref(), bias.as_ref())?;
        if running_mean.is_some() || running_var.is_some() {
            let count = self.shape()[2..].iter().product::<usize>() as f64;
            let over_batch = |t: &Tensor| t.detach().mean(&[0], false)?.reshape(&[-1]);
            move_running(running_mean, &over_batch(&mean)?, momentum)?;
            move_running(running_var, &over_batch(&var)?.mul(count / (count - 1.0))?, momentum)?;
        }
        out.to_dtype(self.dtype())
    }

    /// Divided by a power of the mean square of neighbouring channels.
    pub fn local_response_norm(&self, size: i64, alpha: f64, beta: f64, k: f64) -> Result<Tensor> {
        if self.dim() < 3 {
            return Err(value_err!(
                "Expected 3D or higher dimensionality                          input (got {} dimensions)",
                self.dim()
            ));
        }
        if self.numel() == 0 {
            return Ok(self.clone());
        }
        if size <= 0 {
            return Err(runtime_err!("local_response_norm: expected a positive size, got {size}"));
        }
        let x = self.widened()?;
        let still = |n: usize| Slide { size: 1, stride: 1, dilation: 1, before: 0, length: n, out: n };
        let mut slides: Vec<Slide> = self.shape()[1..].iter().map(|&n| still(n)).collect();
        // (Beyond the channels there are zeros only.)
        let before = (size as usize / 2).min(self.shape()[1]);
        let after = (size as usize - 1 - size as usize / 2).min(self.shape()[1]);
        slides[0] = Slide { size: before + 1 + after, before, ..slides[0] };
        let sums = window_sum(&x.square()?, &slides)?;
        let means = if x.dtype().is_float() {
            sums.div(size as f64)?
        } else {
            sums.div_rounded(size, Some("trunc"))?
        };
        let out = x.div(&means.mul(alpha)?.add(k)?.pow(beta)?)?;
        if self.dtype().is_float() { out.to_dtype(self.dtype()) } else { Ok(out) }
    }

    /// `layer_norm` with the means and the inverse deviations.
    pub fn native_layer_norm(
        &self,
        normalized_shape: &[i64],
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
        eps: f64,
    ) -> Result<(Tensor, Tensor, Tensor)> {
        let dims = self.normalized_dims("layer_norm", normalized_shape)?;
        self.expect_parameters(weight, bias, &self.shape()[self.dim() - dims.len()..])?;
        let norm = Norm { name: "native_layer_norm", dims, eps };
        let [out, mean, var] = norm.of(&self.widened()?, weight, bias)?;
        let scale = var.detach().add(eps)?.rsqrt()?;
        let narrow = |x: Tensor| x.to_dtype(self.dtype());
        Ok((narrow(out)?, narrow(mean.detach())?, narrow(scale)?))
    }

    /// `group_norm` with the means and the inverse deviations of the groups.
    pub fn native_group_norm(
        &self,
        groups: i64,
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
        eps: f64,
    ) -> Result<(Tensor, Tensor, Tensor)> {
        let [out, mean, var] = self.grouped_norm(groups, weight, bias, eps)?;
        let groups = |x: Tensor| x.flatten(1, -1)?.to_dtype(self.dtype());
        Ok((out, groups(mean)?, groups(var.add(eps)?.rsqrt()?)?))
    }

    /// `batch_norm` with the means and the inverse deviations of the batch; nothing if it was not looked at.
    #[expect(clippy::too_many_arguments, reason = "torch's signature")]
    pub fn native_batch_norm(
        &self,
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
        running_mean: Option<&Tensor>,
        running_var: Option<&Tensor>,
        training: bool,
        momentum: f64,
        eps: f64,
    ) -> Result<(Tensor, Tensor, Tensor)> {
        let out = self.batch_norm(running_mean, running_var, weight, bias, training, momentum, eps)?;
        let x = self.detach().widened()?;
        let dtype = weight.map_or(self.dtype(), Tensor::dtype);
        if !training {
            let nothing = Tensor::zeros(&[0], dtype, self.device())?;
            return Ok((out, nothing.clone(), nothing));
        }
        let dims: Vec<i64> = (0..self.dim() as i64).filter(|&d| d != 1).collect();
        let mean = x.mean(&dims, true)?;
        let scale = x.sub(&mean)?.square()?.mean(&dims, false)?.add(eps)?.rsqrt()?;
        Ok((out, mean.reshape(&[-1])?.to_dtype(dtype)?, scale.to_dtype(dtype)?))
    }

    /// Each channel brought to mean 0 and variance 1: those of the batch in training, which also move the running ones.
    #[expect(clippy::too_many_arguments, reason = "torch's signature")]
    pub fn batch_norm(
        &self,
        running_mean: Option<&Tensor>,
        running_var: Option<&Tensor>,
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
        training: bool,
        momentum: f64,
        eps: f64,
    ) -> Result<Tensor> {
        expect_float("batch_norm", self)?;
        if self.dim() == 1 && self.numel() == 0 {
            return self.mul(1.0);
        }
        if self.dim() < 2 {
            return Err(runtime_err!("batch_norm: expected at least 2 dimensions, got {:?}", self.shape()));
        }
        if !training {
            let (Some(mean), Some(var)) = (running_mean, running_var) else {
                return Err(runtime_err!(
                    "batch_norm: expected running_mean and running_var to be defined when training=False"
                ));
            };
            let (mean, var) = (self.channel(&mean.widened()?)?, self.channel(&var.widened()?)?);
            let normal = self.widened()?.sub(&mean)?.mul(&var.add(eps)?.rsqrt()?)?;
            let [weight, bias] = self.channels(weight, bias)?;
            return affine(normal, weight.as_ref(), bias.as_ref())?.to_dtype(self.dtype());
        }
        let count = self.numel() / self.shape()[1].max(1);
        if count == 1 {
            let shape = self.shape();
            return Err(value_err!(
                "Expected more than 1 value per channel when training, got input size {shape:?}"
            ));
        }
        let dims = (0..self.dim() as i64).filter(|&d| d != 1).collect();
        let norm = Norm { name: "native_batch_norm", dims, eps };
        let [weight, bias] = self.channels(weight, bias)?;
        let [out, mean, var] = norm.of(&self.widened()?, weight.as_ref(), bias.as_ref())?;
        if count > 0 {
            let unbiased = count as f64 / (count as f64 - 1.0);
            move_running(running_mean, &mean.detach(), momentum)?;
            move_running(running_var, &var.detach().mul(unbiased)?, momentum)?;
        }
        out.to_dtype(self.dtype())
    }

    /// Weights and biases of channels, standing along dimension 1 of this.
    fn channels(&self, weight: Option<&Tensor>, bias: Option<&Tensor>) -> Result<[Option<Tensor>; 2]> {
        let standing = |v: Option<&Tensor>| v.map(|v| self.channel(v)).transpose();
        Ok([standing(weight)?, standing(bias)?])
    }

    /// Refuses weights and biases of another shape, and of another dtype unless they are singles beside halves.
    fn expect_parameters(
        &self,
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
        shape: &[usize],
    ) -> Result<()> {
        expect_shape("weight", weight, shape)?;
        expect_shape("bias", bias, shape)?;
        let kind = self.dtype();
        let is_singles = |t: &Tensor| t.dtype() == DType::F32 && kind.compute() == DType::F32;
        match [weight, bias].into_iter().flatten().find(|t| t.dtype() != kind && !is_singles(t)) {
            None => Ok(()),
            Some(other) => Err(runtime_err!(
                "mixed dtype (CPU): expect parameter to have scalar type of Float or that of the input, {kind}, but got {}",
                other.dtype()
            )),
        }
    }

    /// A vector of channels, standing along dimension 1 of this.
    fn channel(&self, vector: &Tensor) -> Result<Tensor> {
        let mut shape = vec![1; self.dim()];
        shape[1] = self.shape()[1];
        if vector.numel() != shape[1] {
            return Err(runtime_err!(
                "expected a vector of {} elements, one for each channel, got shape {:?}",
                shape[1],
                vector.shape()
            ));
        }
        vector.reshape_to(&shape)
    }
}

fn expect_shape(name: &str, parameter: Option<&Tensor>, shape: &[usize]) -> Result<()> {
    match parameter {
        Some(given) if given.shape() != shape => Err(runtime_err!(
            "Expected {name} to be of same shape as normalized_shape, but got {name} of shape {:?} and normalized_shape = {shape:?}",
            given.shape()
        )),
        _ => Ok(()),
    }
}

/// `running += momentum * (seen - running)`, in place.
fn move_running(running: Option<&Tensor>, seen: &Tensor, momentum: f64) -> Result<()> {
    let Some(running) = running else { return Ok(()) };
    let old = running.detach();
    let moved = old.mul(1.0 - momentum)?.add(&seen.reshape_to(running.shape())?.mul(momentum)?)?;
    running.copy_(&moved)?;
    Ok(())
}

fn affine(normal: Tensor, weight: Option<&Tensor>, bias: Option<&Tensor>) -> Result<Tensor> {
    // Widened here, so that their gradients are summed before they are rounded.
    let wide = |v: Option<&Tensor>| v.map(Tensor::widened).transpose();
    let (weight, bias) = (wide(weight)?, wide(bias)?);
    let scaled = weight.map_or(Ok(normal.clone()), |w| normal.mul(&w))?;
    bias.map_or(Ok(scaled.clone()), |b| scaled.add(&b))
}

/// Brings some dimensions to mean 0 and variance 1, then scales and moves them.
///
/// One node of the tape: its gradient in closed form needs two sums over the dimensions, both in one pass over memory.
struct Norm {
    name: &'static str,
    dims: Vec<i64>,
    eps: f64,
}

impl Norm {
    /// The result, the means and the variances; weight and bias stand along the dimensions they are for.
    fn of(self, x: &Tensor, weight: Option<&Tensor>, bias: Option<&Tensor>) -> Result<[Tensor; 3]> {
        // Widened before the node, so that their gradients are summed before they are rounded.
        let wide = |v: Option<&Tensor>| v.map(Tensor::widened).transpose();
        let (weight, bias) = (wide(weight)?, wide(bias)?);
        let (weight, bias) = (weight.as_ref(), bias.as_ref());
        let outs = {
            let _mode = no_grad();
            let mean = x.mean(&self.dims, true)?;
            let centered = x.sub(&mean)?;
            let var = centered.square()?.mean(&self.dims, true)?;
            let normal = centered.mul(&var.add(self.eps)?.rsqrt()?)?;
            [affine(normal, weight, bias)?, mean, var]
        };
        autograd::record(&outs, &[Some(x), weight, bias], || {
            let keeps = Keeps { inputs: 0b11, outputs: 0b110 };
            let name = self.name;
            Rule::Formula(Box::new(Formula {
                name,
                keeps,
                gradient: Box::new(move |call| self.gradient(call)),
            }))
        })?;
        Ok(outs)
    }

    fn gradient(&self, call: &Call) -> Result<Gradients> {
        let (x, mean, var) = (call.input(0), call.output(1), call.output(2));
        let count = (x.numel() / mean.numel().max(1)) as f64;
        let centered = x.sub(mean)?;
        let [out, to_mean, to_var] = [0, 1, 2].map(|i| call.upstream[i].as_ref());
        let mut parts: Vec<Tensor> = Vec::new();
        let mut gradients: Gradients = smallvec![None, None, None];
        if let Some(g) = out {
            let mut scale = var.add(self.eps)?.rsqrt()?;
            let normal = centered.mul(&scale)?;
            // A weight that is the same for all of a sum is a factor of it, and the sums are those of weight and bias.
            let apart = (1..3).all(|i| expands(call.shape(i), mean.shape()));
            let weight = call.inputs.get(1).and_then(Option::as_ref);
            let weighted = weight.filter(|_| !apart).map_or(Ok(g.clone()), |w| g.mul(w))?;
            if let Some(weight) = weight.filter(|_| apart) {
                scale = scale.mul(weight)?;
            }
            let sum = weighted.sum(&self.dims, true)?;
            let product = weighted.mul(&normal)?.sum(&self.dims, true)?;
            let common = sum.div(count)?.add(&normal.mul(&product.div(count)?)?)?;
            parts.push(weighted.sub(&common)?.mul(&scale)?);
            if call.needs[1] {
                let products = if apart { product } else { g.mul(&normal)? };
                gradients[1] = Some(products.sum_to(call.shape(1))?);
            }
            if call.needs[2] {
                gradients[2] = Some(if apart { sum } else { g.clone() }.sum_to(call.shape(2))?);
            }
        }
        if let Some(g) = to_mean {
            parts.push(g.div(count)?.expand_to(x.shape())?);
        }
        if let Some(g) = to_var {
            parts.push(centered.mul(&g.mul(2.0 / count)?)?);
        }
        gradients[0] = parts.into_iter().map(Ok).reduce(|a, b| a?.add(&b?)).transpose()?;
        Ok(gradients)
    }
}

/// Whether a shape is broadcast to another along leading and unit dimensions only.
fn expands(shape: &[usize], to: &[usize]) -> bool {
    shape.len() <= to.len()
        && shape.iter().rev().zip(to.iter().rev()).all(|(&from, &to)| from == 1 || from == to)
}
