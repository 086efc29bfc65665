//! Convolutions over one, two or three dimensions, and transposed ones.
//!
//! There are three node kinds (output from input, and the gradients of input and weight), each the gradient of the other
//! two; a transposed convolution is the second of them.

use crate::autograd::{Rule, torch_name};
use crate::graph::{Args, ConvDims, Node, Op};
use crate::tensor::Tensor;
use smallvec::SmallVec;
use st_kernel::view::Dims;
use st_kernel::{ConvKind, DType, Result, runtime_err, value_err};

/// What is put around the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Padding {
    /// As many zeros as keep the size.
    Same,
    /// Nothing.
    Valid,
    /// So many zeros on both sides of each dimension; one number serves all of them.
    Sizes(SmallVec<[i64; 3]>),
}

/// The settings of a convolution. A list of one number serves all dimensions.
#[derive(Clone, Debug)]
pub struct ConvOptions {
    /// Steps between windows.
    pub stride: SmallVec<[i64; 3]>,
    /// What is put around the input.
    pub padding: Padding,
    /// Steps inside a window.
    pub dilation: SmallVec<[i64; 3]>,
    /// Groups of channels that do not see each other.
    pub groups: i64,
    /// Transposed: what is added to one side of the output's sizes.
    pub output_padding: SmallVec<[i64; 3]>,
}

impl Default for ConvOptions {
    fn default() -> ConvOptions {
        let (one, zero) = (SmallVec::from_slice(&[1]), SmallVec::from_slice(&[0]));
        ConvOptions {
            stride: one.clone(),
            padding: Padding::Valid,
            dilation: one,
            groups: 1,
            output_padding: zero,
        }
    }
}

/// A convolution node: one of the three kinds, on contiguous operands.
pub fn convolve(kind: ConvKind, dims: &ConvDims, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    convolve_as(a.dtype(), kind, dims, a, b)
}

/// As [`convolve`], rounded to a dtype: half precision that a bias follows is not rounded yet.
fn convolve_as(dtype: DType, kind: ConvKind, dims: &ConvDims, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = (a.contiguous()?, b.contiguous()?);
    let sizes = |first: usize, second: usize, i: usize| -> Dims {
        [first, second].into_iter().chain(dims.spatial.iter().map(|s| s[i])).collect()
    };
    let shape = match kind {
        ConvKind::Forward => sizes(dims.batch, dims.groups * dims.c_out, 2),
        ConvKind::Input => sizes(dims.batch, dims.groups * dims.c_in, 0),
        ConvKind::Weight => sizes(dims.groups * dims.c_out, dims.c_in, 1),
    };
    let args = Args::from_iter([a.arg(), b.arg()]);
    let node = Node::new(Op::Conv(kind, Box::new(dims.clone())), args, shape, dtype, a.device());
    Tensor::record(node, &[Some(&a), Some(&b)], || Rule::Conv(kind, Box::new(dims.clone())))
}

/// The convolution (cross-correlation) of `[batch, channels, sizes..]` (or without the batch) with
/// `[channels out, channels in / groups, kernel..]`, over as many dimensions as the weight has sizes.
pub fn conv(input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, options: &ConvOptions) -> Result<Tensor> {
    let call = Call::new("conv", input, weight, bias, options)?;
    let (input, sides) = call.padded(input)?;
    let &[out_channels, c_in] = &weight.shape()[..2] else { unreachable!("the weight's rank was checked") };
    let groups = options.groups as usize;
    call.expect_groups(out_channels, groups)?;
    call.expect_channels(&input, c_in * groups, format!("Given groups={groups}"))?;
    call.expect_bias(out_channels)?;
    let mut spatial = SmallVec::new();
    for (d, &pad) in sides.iter().enumerate() {
        let (size, kernel) = (input.shape()[d + 2], weight.shape()[d + 2]);
        let (stride, dilation) = (call.stride[d], call.dilation[d]);
        let reach = dilation * kernel.saturating_sub(1) + 1;
        if kernel == 0 || reach > size + 2 * pad {
            return Err(call.too_small(&input, &sides));
        }
        spatial.push([size, kernel, (size + 2 * pad - reach) / stride + 1, stride, pad, dilation]);
    }
    let dims = ConvDims { batch: input.shape()[0], groups, c_in, c_out: out_channels / groups, spatial };
    let out = convolve_as(call.dtype(), ConvKind::Forward, &dims, &input, weight)?;
    // As in torch, of no channels none are made.
    call.finished(if c_in == 0 { out.narrow(1, 0, 0)? } else { out })
}

/// The transposed convolution of `[batch, channels, sizes..]` (or without the batch) with
/// `[channels in, channels out / groups, kernel..]`: the gradient of a convolution for its input.
pub fn conv_transpose(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    options: &ConvOptions,
) -> Result<Tensor> {
    let call = Call::new("conv_transpose", input, weight, bias, options)?;
    let pads = match &options.padding {
        Padding::Sizes(sizes) => call.list("padding", sizes, 0)?,
        Padding::Valid => vec![0; call.rank],
        Padding::Same => {
            return Err(value_err!("conv_transpose: padding='same' is not supported; give sizes"));
        }
    };
    let extra = call.list("output_padding", &options.output_padding, 0)?;
    let input = if call.unbatched { input.unsqueeze(0)? } else { input.clone() };
    let &[in_channels, c_in] = &weight.shape()[..2] else { unreachable!("the weight's rank was checked") };
    let groups = options.groups as usize;
    call.expect_groups(in_channels, groups)?;
    call.expect_channels(&input, in_channels, "Given transposed=1".into())?;
    call.expect_bias(c_in * groups)?;
    let mut spatial = SmallVec::new();
    for d in 0..call.rank {
        let (size, kernel) = (input.shape()[d + 2], weight.shape()[d + 2]);
        let (stride, dilation) = (call.stride[d], call.dilation[d]);
        if extra[d] >= stride.max(dilation) {
            return Err(runtime_err!(
                "output padding must be smaller than either stride or dilation, but got output_padding: {extra:?} stride: {:?} dilation: {:?}",
                call.stride,
                call.dilation
            ));
        }
        let full = (size.max(1) - 1) * stride + dilation * (kernel.max(1) - 1) + 1 + extra[d];
        let made = full.checked_sub(2 * pads[d]).filter(|&n| n > 0).ok_or_else(|| {
            runtime_err!(
                "Given input size per channel: {:?}. Calculated output size per channel would be too small",
                &input.shape()[2..]
            )
        })?;
        spatial.push([made, kernel, size, stride, pads[d], dilation]);
    }
    let dims = ConvDims { batch: input.shape()[0], groups, c_in, c_out: in_channels / groups, spatial };
    call.finished(convolve_as(call.dtype(), ConvKind::Input, &dims, &input, weight)?)
}

/// What both directions check and know.
struct Call<'a> {
    rank: usize,
    unbatched: bool,
    weight: &'a Tensor,
    bias: Option<&'a Tensor>,
    padding: &'a Padding,
    stride: Vec<usize>,
    dilation: Vec<usize>,
}

impl<'a> Call<'a> {
    fn new(
        name: &'static str,
        input: &Tensor,
        weight: &'a Tensor,
        bias: Option<&'a Tensor>,
        options: &'a ConvOptions,
    ) -> Result<Call<'a>> {
        let rank = weight.dim().wrapping_sub(2);
        if !(1..=3).contains(&rank) {
            return Err(runtime_err!(
                "{name}: expected a weight of 3 to 5 dimensions, got shape {:?}",
                weight.shape()
            ));
        }
        if input.dim() != rank + 1 && input.dim() != rank + 2 {
            return Err(runtime_err!(
                "Expected {}D (unbatched) or {}D (batched) input to {name}{rank}d, but got input of size: {:?}",
                rank + 1,
                rank + 2,
                input.shape()
            ));
        }
        if options.groups <= 0 {
            return Err(runtime_err!("non-positive groups is not supported"));
        }
        for other in [Some(weight), bias].into_iter().flatten() {
            if other.dtype() != input.dtype() {
                return Err(runtime_err!(
                    "Input type ({}) and weight or bias type ({}) should be the same; convert one with .to(dtype)",
                    torch_name(input.dtype()),
                    torch_name(other.dtype())
                ));
            }
            if other.device() != input.device() {
                return Err(runtime_err!(
                    "{name}: expected all tensors on the same device; move them with .to(device) first"
                ));
            }
        }
        let unbatched = input.dim() == rank + 1;
        let (stride, dilation) = (Vec::new(), Vec::new());
        let mut call = Call { rank, unbatched, weight, bias, padding: &options.padding, stride, dilation };
        call.stride = call.list("stride", &options.stride, 1)?;
        call.dilation = call.list("dilation", &options.dilation, 1)?;
        Ok(call)
    }

    /// One number for each dimension, none below `least`.
    fn list(&self, what: &str, values: &[i64], least: i64) -> Result<Vec<usize>> {
        let values = if values.len() == 1 { vec![values[0]; self.rank] } else { values.to_vec() };
        if values.len() != self.rank {
            return Err(runtime_err!(
                "expected {what} to be a single integer value or a list of {} values to match the convolution dimensions, but got {what}={values:?}",
                self.rank
            ));
        }
        if values.iter().any(|&v| v < least) {
            return Err(match what {
                "stride" => runtime_err!("non-positive stride is not supported"),
                "dilation" => runtime_err!("dilation should be greater than zero"),
                _ => runtime_err!("negative {what} is not supported"),
            });
        }
        Ok(values.into_iter().map(|v| v as usize).collect())
    }

    /// The batched input and the zeros on both sides of its dimensions; what is uneven is put around it here.
    fn padded(&self, input: &Tensor) -> Result<(Tensor, Vec<usize>)> {
        let input = if self.unbatched { input.unsqueeze(0)? } else { input.clone() };
        match self.padding {
            Padding::Valid => Ok((input, vec![0; self.rank])),
            Padding::Sizes(sizes) => Ok((input, self.list("padding", sizes, 0)?)),
            Padding::Same => {
                if self.stride.iter().any(|&s| s != 1) {
                    return Err(runtime_err!("padding='same' is not supported for strided convolutions"));
                }
                let total = |d: usize| self.dilation[d] * self.weight.shape()[d + 2].saturating_sub(1);
                let extra: Vec<(i64, i64)> =
                    (0..self.rank).rev().map(|d| (0, (total(d) % 2) as i64)).collect();
                Ok((input.pad_constant(&extra, 0.0)?, (0..self.rank).map(|d| total(d) / 2).collect()))
            }
        }
    }

    fn expect_groups(&self, channels: usize, groups: usize) -> Result<()> {
        let shape = self.weight.shape();
        let wanted = match () {
            () if channels < groups => "at least",
            () if !channels.is_multiple_of(groups) => "divisible by",
            () => return Ok(()),
        };
        Err(runtime_err!(
            "Given groups={groups}, expected weight to be {wanted} {groups} at dimension 0, but got weight of size {shape:?} instead"
        ))
    }

    fn expect_channels(&self, input: &Tensor, expected: usize, given: String) -> Result<()> {
        let got = input.shape()[1];
        if got == expected {
            return Ok(());
        }
        let shape = if self.unbatched { &input.shape()[1..] } else { input.shape() };
        Err(runtime_err!(
            "{given}, weight of size {:?}, expected input{shape:?} to have {expected} channels, but got {got} channels instead",
            self.weight.shape()
        ))
    }

    fn expect_bias(&self, channels: usize) -> Result<()> {
        match self.bias {
            Some(bias) if bias.shape() != [channels] => Err(runtime_err!(
                "Given weight of size {:?}, expected bias to be 1-dimensional with {channels} elements, but got bias of size {:?} instead",
                self.weight.shape(),
                bias.shape()
            )),
            _ => Ok(()),
        }
    }

    fn too_small(&self, input: &Tensor, pads: &[usize]) -> st_kernel::Error {
        let by = |sizes: Vec<usize>| sizes.iter().map(|n| n.to_string()).collect::<Vec<_>>().join(" x ");
        let padded = (0..self.rank).map(|d| input.shape()[d + 2] + 2 * pads[d]).collect();
        let reach =
            (0..self.rank).map(|d| self.dilation[d] * self.weight.shape()[d + 2].saturating_sub(1) + 1);
        runtime_err!(
            "Calculated padded input size per channel: ({}). Kernel size: ({}). Kernel size can't be greater than actual input size",
            by(padded),
            by(reach.collect())
        )
    }

    /// Half precision that a bias follows is rounded after it.
    fn dtype(&self) -> DType {
        if self.bias.is_some() { self.weight.dtype().compute() } else { self.weight.dtype() }
    }

    /// Adds the bias and drops the batch that was not there.
    fn finished(&self, out: Tensor) -> Result<Tensor> {
        let out = match self.bias {
            Some(bias) => {
                let bias = if out.shape()[1] == 0 { &bias.narrow(0, 0, 0)? } else { bias };
                let mut shape = Dims::from_elem(1, self.rank + 1);
                shape[0] = bias.numel();
                out.add(&bias.reshape_to(&shape)?)?.to_dtype(self.weight.dtype())?
            }
            None => out,
        };
        if self.unbatched { out.squeeze(Some(&[0])) } else { Ok(out) }
    }
}

/// The gradients of a convolution node for its two operands. Each kind is linear in both, so they are the other two kinds.
pub(crate) fn gradient(
    kind: ConvKind,
    dims: &ConvDims,
    a: Option<&Tensor>,
    b: Option<&Tensor>,
    g: &Tensor,
    needs: &[bool],
) -> Result<[Option<Tensor>; 2]> {
    use ConvKind::{Forward, Input, Weight};
    let kept = "kept by Rule::keeps";
    // Of `y = conv(x, w)`: which kind gives each operand's gradient, and whether g comes first there.
    let first = || match kind {
        Forward => convolve(Input, dims, g, b.expect(kept)),
        Input => convolve(Forward, dims, g, b.expect(kept)),
        Weight => convolve(Forward, dims, b.expect(kept), g),
    };
    let second = || match kind {
        Forward => convolve(Weight, dims, g, a.expect(kept)),
        Input => convolve(Weight, dims, a.expect(kept), g),
        Weight => convolve(Input, dims, a.expect(kept), g),
    };
    Ok([needs[0].then(first).transpose()?, needs[1].then(second).transpose()?])
}
