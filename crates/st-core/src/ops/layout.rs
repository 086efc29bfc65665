//! In which order the elements of a result stand in memory: that of its operands, as in torch.
//!
//! Nodes are row-major, so a result in another order is a permuted view of a node whose dimensions stand in that order.

use super::def::{Output, Value};
use super::pointwise::{Operand, Pointwise};
use crate::autograd::{self, Formula, Rule};
use crate::complex::Complex;
use crate::graph::{Arg, Args, Cell, Node, Op};
use crate::tensor::Tensor;
use smallvec::{SmallVec, smallvec};
use st_kernel::view::{Dims, Strides, View};
use st_kernel::{Expr, Result};
use std::cmp::Ordering;
use std::sync::Arc;

/// The order of a pointwise operator's result, the outermost dimension first; `None` if it is row-major.
///
/// Dimensions are sorted by the strides of the first operand, then of the others where that one has no opinion.
pub(super) fn of_operands(operands: &[Operand], shape: &[usize]) -> Option<Dims> {
    let tensors = operands.iter().filter_map(|o| if let Operand::Tensor(t) = o { Some(*t) } else { None });
    if tensors.clone().all(|t| t.0.operand_view.is_none() || t.is_contiguous()) {
        return None;
    }
    let strides: SmallVec<[Strides; 4]> = tensors.map(|t| t.0.view.expand(shape).strides).collect();
    let compare = |a: usize, b: usize| {
        for strides in strides.iter().filter(|s| s[a] != 0 && s[b] != 0) {
            match strides[a].cmp(&strides[b]) {
                Ordering::Equal if shape[a] > shape[b] => return Ordering::Greater,
                Ordering::Equal => {}
                unequal => return unequal,
            }
        }
        Ordering::Equal
    };
    // By insertion, the innermost first; dimensions that do not compare stay as they are.
    let mut order: Dims = (0..shape.len()).rev().collect();
    for i in 1..order.len() {
        let mut at = i;
        for j in (0..i).rev() {
            match compare(order[j], order[at]) {
                Ordering::Greater => order.swap(j, at),
                Ordering::Less => break,
                Ordering::Equal => continue,
            }
            at = j;
        }
    }
    order.reverse();
    (!order.is_sorted()).then_some(order)
}

impl Tensor {
    /// Whether its elements lie side by side, in whatever order.
    pub(crate) fn fills_its_memory(&self) -> bool {
        let order = of_operands(&[Operand::Tensor(self)], self.shape());
        order.map_or(self.is_contiguous(), |order| self.0.view.permute(&order).is_contiguous())
    }

    /// The same without gaps, in the order of another tensor of as many dimensions.
    pub(crate) fn laid_out_as(self, other: &Tensor) -> Result<Tensor> {
        let order = of_operands(&[Operand::Tensor(other)], other.shape());
        let order = order.unwrap_or_else(|| (0..self.dim()).collect());
        self.laid_out(&order)
    }

    /// This tensor as an operand of a node whose dimensions stand in another order.
    pub(super) fn arg_in(&self, order: &[usize]) -> Arg {
        let own = &self.0.view;
        let lead = order.len() - own.shape.len();
        let mut view = View {
            shape: std::iter::repeat_n(1, lead).chain(own.shape.iter().copied()).collect(),
            strides: std::iter::repeat_n(0, lead).chain(own.strides.iter().copied()).collect(),
            offset: own.offset,
        };
        view = view.permute(order);
        self.alias(view).arg()
    }

    /// The tensor of a node whose dimensions stand in another order.
    pub(crate) fn of_ordered(node: Arc<Node>, order: &[usize]) -> Tensor {
        let view = View::contiguous(node.out_shape(0)).permute(&back(order));
        Tensor::over(Cell::new(node, 0), view)
    }

    /// Whether its elements stand in an order, dimensions of size one as well.
    pub fn stands_in(&self, order: &[usize]) -> bool {
        let seen = self.0.view.permute(order);
        seen.strides == View::contiguous(&seen.shape).strides
    }

    /// The same at the same place of the tape, its elements in another order.
    pub fn laid_out(self, order: &[usize]) -> Result<Tensor> {
        let seen = self.0.view.permute(order);
        if seen.is_contiguous() {
            // Dimensions of size one have the steps of this order, too.
            let usual = View { offset: seen.offset, ..View::contiguous(&seen.shape) };
            if usual == seen || self.base().is_some() {
                return Ok(self);
            }
            let alias = self.alias(usual.permute(&back(order)));
            autograd::same_place(&alias, &self);
            return Ok(alias);
        }
        let dtype = self.dtype();
        let copy = Pointwise::intern("copy", Expr::build(&[dtype], |x| vec![x[0]]), None);
        let shape = self.0.view.permute(order).shape;
        let args = Args::from_iter([self.arg_in(order)]);
        let node = Node::new(Op::Pointwise(copy), args, shape, dtype, self.device());
        let tensor = Tensor::of_ordered(node, order);
        autograd::same_place(&tensor, &self);
        Ok(tensor)
    }
}

/// The order that undoes another.
fn back(order: &[usize]) -> Dims {
    let mut back = Dims::from_elem(0, order.len());
    order.iter().enumerate().for_each(|(at, &d)| back[d] = at);
    back
}

/// Operators of images, whose results have the channels last where the input has.
const OF_IMAGES: [&str; 24] = [
    "adaptive_avg_pool",
    "adaptive_max_pool",
    "avg_pool",
    "channel_shuffle",
    "constant_pad_nd",
    "fractional_max_pool",
    "glu",
    "interpolate",
    "local_response_norm",
    "lp_pool",
    "max_pool",
    "max_unpool",
    "native_batch_norm",
    "native_channel_shuffle",
    "native_group_norm",
    "pad",
    "pixel_shuffle",
    "pixel_unshuffle",
    "prelu",
    "upsample",
    "upsample_bicubic",
    "upsample_bilinear",
    "upsample_nearest",
    "upsample_trilinear",
];

/// Operators that give row-major results, whatever they are made of.
const ROW_MAJOR: [&str; 18] = [
    "alpha_dropout",
    "bernoulli",
    "feature_dropout",
    "gumbel_softmax",
    "instance_norm",
    "layer_norm",
    "log_softmax",
    "logsigmoid",
    "masked_fill",
    "masked_scatter",
    "native_layer_norm",
    "renorm",
    "resize_as",
    "rrelu",
    "softmax",
    "softmin",
    "tril",
    "triu",
];

/// Convolutions follow their weights, too.
const OF_WEIGHTS: [&str; 5] = ["conv2d", "conv3d", "conv_transpose2d", "conv_transpose3d", "convolution"];

/// Operators whose results stand in memory as their input does, whatever it is.
const ALIKE: [&str; 22] = [
    "argsort",
    "clone",
    "diagonal_scatter",
    "dropout",
    "empty_like",
    "flip",
    "fliplr",
    "flipud",
    "full_like",
    "index_fill",
    "index_put",
    "msort",
    "ones_like",
    "put",
    "rand_like",
    "randint_like",
    "randn_like",
    "select_scatter",
    "slice_scatter",
    "sort",
    "to",
    "zeros_like",
];

/// How torch lays out the matrices that an operator gives, result by result: column by column as LAPACK writes them (`c`),
/// row by row (`r`), or as they come (`-`).
fn of_matrices(name: &str, args: &[Value]) -> Option<&'static str> {
    // Systems whose unknown stands left are solved transposed.
    let swapped = |at: usize| matches!(args.get(at), Some(Value::Scalar(left)) if !left.to_bool());
    Some(match name {
        "linalg_solve" | "linalg_solve_ex" if swapped(2) => "r",
        "linalg_lu_solve" if swapped(3) => "r",
        "argwhere"
        | "cholesky"
        | "cholesky_inverse"
        | "cholesky_solve"
        | "geqrf"
        | "inverse"
        | "linalg_cholesky"
        | "linalg_cholesky_ex"
        | "linalg_householder_product"
        | "linalg_inv"
        | "linalg_inv_ex"
        | "linalg_ldl_factor"
        | "linalg_ldl_factor_ex"
        | "linalg_ldl_solve"
        | "linalg_lstsq"
        | "linalg_lu_factor"
        | "linalg_lu_factor_ex"
        | "linalg_lu_solve"
        | "linalg_solve"
        | "linalg_solve_ex"
        | "linalg_solve_triangular"
        | "lu"
        | "lu_solve"
        | "nonzero"
        | "orgqr"
        | "ormqr" => "c",
        "linalg_qr" | "qr" | "triangular_solve" => "cc",
        "linalg_eig" | "linalg_eigh" => "-c",
        "linalg_svd" => "c-c",
        "lu_unpack" => "rrr",
        "svd" => "c-r",
        _ => return None,
    })
}

/// Puts the matrices an operator gave in torch's order.
pub(super) fn as_matrices(name: &'static str, args: &[Value], output: Output) -> Result<Output> {
    match of_matrices(name, args) {
        Some(orders) => in_orders(output, &mut orders.bytes()),
        None => Ok(output),
    }
}

fn in_orders(output: Output, orders: &mut dyn Iterator<Item = u8>) -> Result<Output> {
    // (The parts of a complex number stay together.)
    let mut one = |t: Tensor, inner: usize| {
        let mut order: Dims = (0..t.dim()).collect();
        let Some(wanted @ (b'c' | b'r')) = orders.next() else { return Ok(t) };
        let Some(row) = order.len().checked_sub(2 + inner) else { return Ok(t) };
        if wanted == b'c' {
            order.swap(row, row + 1);
        }
        t.laid_out(&order)
    };
    Ok(match output {
        Output::One(t) => Output::One(one(t, 0)?),
        Output::Complex(z) => Output::Complex(Complex::of_pairs(one(z.pairs().clone(), 1)?)),
        Output::Many(all) => Output::Many(all.into_iter().map(|t| one(t, 0)).collect::<Result<_>>()?),
        Output::Tuple(all) => {
            Output::Tuple(all.into_iter().map(|output| in_orders(output, orders)).collect::<Result<_>>()?)
        }
        plain @ Output::Plain(_) => plain,
    })
}

/// The name without a number of dimensions, and how many the tensor of an image then has; 0 where there is no number.
fn stem_of(name: &str) -> (&str, usize) {
    let stem = name.trim_end_matches("_with_indices");
    let dims = ["1d", "2d", "3d"].iter().position(|end| stem.ends_with(end));
    dims.map_or((stem, 0), |dims| (&stem[..stem.len() - 2], dims + 3))
}

/// Operators whose gradients stand as their results do; those of others stand as what they are made of.
fn leads(name: &str, args: &[Value]) -> bool {
    let (stem, _) = stem_of(name);
    let smooth = ["bilinear", "trilinear", "reflect", "replicate", "circular"];
    OF_WEIGHTS.contains(&name)
        || ["_pool", "_norm", "_shuffle", "_unshuffle", "softmax", "bilinear"]
            .iter()
            .any(|kind| stem.ends_with(kind))
        || ["flip", "roll"].contains(&stem)
        || args.iter().any(|arg| matches!(arg, Value::Text(mode) if smooth.contains(&&**mode)))
}

/// The arguments such that the gradients of images that an operator reads stand in an order; `None` if that is no matter.
pub(super) fn lead(name: &'static str, args: &[Value], order: &Dims) -> Option<Result<Vec<Value>>> {
    let led = |arg: &Value| matches!(arg, Value::Tensor(t) if t.is_tracked() && t.dim() == order.len());
    if !leads(name, args) || !args.iter().take(2).any(led) {
        return None;
    }
    let gradient_in = |(i, arg): (usize, &Value)| match arg {
        Value::Tensor(t) if i < 2 && led(arg) => {
            let (same, order) = (t.alias(t.0.view.clone()), order.clone());
            let laid_out = move |call: &autograd::Call| {
                let gradient = call.upstream[0].clone().map(|gradient| gradient.laid_out(&order));
                Ok(smallvec![gradient.transpose()?])
            };
            let (keeps, gradient) = (autograd::Keeps::default(), Box::new(laid_out));
            let rule = || Rule::Formula(Box::new(Formula { name: "clone", keeps, gradient }));
            autograd::record(std::slice::from_ref(&same), &[Some(t)], rule)?;
            Ok(Value::Tensor(same))
        }
        other => Ok(other.clone()),
    };
    Some(args.iter().enumerate().map(gradient_in).collect())
}

/// Puts what an operator gave in an order.
pub(super) fn follow(order: Dims, args: &[Value], output: Output) -> Result<Output> {
    let is_own = |t: &Tensor| args.iter().any(|arg| matches!(arg, Value::Tensor(a) if a.is(t)));
    let one = |t: Tensor| if t.dim() != order.len() || is_own(&t) { Ok(t) } else { t.laid_out(&order) };
    match output {
        Output::One(tensor) => one(tensor).map(Output::One),
        Output::Many(list) => list.into_iter().map(one).collect::<Result<_>>().map(Output::Many),
        other => Ok(other),
    }
}

/// The order of an operator's results, where that of its arguments decides it.
pub(super) fn wanted(name: &'static str, args: &[Value]) -> Option<Dims> {
    // Whatever the number of dimensions, `avg_pool2d` is one of the images' operators.
    let (stem, dims) = stem_of(name);
    let mut tensors = args.iter().take(2).filter_map(|arg| match arg {
        Value::Tensor(t) => Some(t),
        Value::Tensors(list) if name == "cat" => list.first()?.as_ref(),
        _ => None,
    });
    // Of images of one channel only the steps tell, as both orders are the same memory.
    let is_plain = |t: &Tensor| t.0.operand_view.is_none() && t.shape().get(1) != Some(&1);
    if tensors.clone().all(is_plain) {
        return None;
    }
    let input = tensors.next()?;
    let row_major = || Some((0..input.dim()).collect());
    if ROW_MAJOR.contains(&name) || (name == "roll" && matches!(args.get(2), None | Some(Value::None))) {
        return row_major();
    }
    if ALIKE.contains(&name) {
        return of_operands(&[Operand::Tensor(input)], input.shape());
    }
    match name {
        "cat" => {
            let Some(Value::Tensors(list)) = args.first() else { return None };
            let all = list.iter().flatten().all(|t| channels_last(t).is_some());
            all.then(|| channels_last(input)).flatten()
        }
        // Made of parts put together, as `cat` does it; norms of other things than images.
        "roll" | "group_norm" | "rms_norm" => channels_last(input).or_else(row_major),
        // Batch norms go by where elements stand, whatever the steps of dimensions of one.
        "batch_norm" | "native_batch_norm" => {
            solid_channels_last(input).or_else(|| channels_last(input)).or_else(row_major)
        }
        _ if OF_WEIGHTS.contains(&name) => channels_last(input).or_else(|| channels_last(tensors.next()?)),
        // (Sequences, and images without a batch, have no other order.)
        _ if !OF_IMAGES.contains(&stem) => None,
        _ if dims == 3 || (dims > 0 && dims != input.dim()) || stem == "fractional_max_pool" => row_major(),
        // (Of volumes torch's maximum alone has channels last.)
        _ if dims == 5 && stem.ends_with("_pool") && stem != "max_pool" => row_major(),
        _ if stem.ends_with("_pool") => channels_last(input).or_else(row_major),
        "pad" if matches!(args.get(2), Some(Value::Text(mode)) if mode == "circular") => row_major(),
        _ => channels_last(input),
    }
}

/// As [`channels_last`] of an image without gaps, which is not row-major.
fn solid_channels_last(tensor: &Tensor) -> Option<Dims> {
    let order = last_channels(tensor.dim())?;
    let view = tensor.0.view.permute(order);
    (view.is_contiguous() && !tensor.is_contiguous()).then(|| Dims::from_slice(order))
}

/// The dimensions of an image, its channels last.
fn last_channels(rank: usize) -> Option<&'static [usize]> {
    match rank {
        4 => Some(&[0, 2, 3, 1]),
        5 => Some(&[0, 2, 3, 4, 1]),
        _ => None,
    }
}

/// The order of an image whose channels stand last in memory, if this is one.
fn channels_last(tensor: &Tensor) -> Option<Dims> {
    let (shape, strides) = (tensor.shape(), tensor.strides());
    let order = last_channels(shape.len())?;
    let mut least = 0;
    for &d in order.iter().rev() {
        // An image of one pixel, or of one channel, is row-major as well.
        let ambiguous = d == 0 && least == strides[1];
        if shape[d] == 0 || strides[d] < least || ambiguous || strides[1] == 0 {
            return None;
        }
        least = strides[d] * shape[d].max(1) as isize;
    }
    Some(Dims::from_slice(order))
}
