"""Functions of neural networks."""

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from builtins import str as _str
from collections.abc import Sequence
from typing import overload

from spiraltorch_rs._C import Number, Tensor, _dtype
from spiraltorch_rs.nn._attention import multi_head_attention_forward as multi_head_attention_forward
from spiraltorch_rs.nn._distance_loss import (
    triplet_margin_with_distance_loss as triplet_margin_with_distance_loss,
)

def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: _bool = False,
    momentum: _float = 0.1,
    eps: _float = 1e-5,
) -> Tensor:
    """Each channel brought to mean 0 and variance 1: those of the batch in training, which also move
    the running ones."""

def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: _str = "mean"
) -> Tensor:
    """Minus the log-likelihood of coins with the probabilities `input`."""

def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    reduction: _str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """`binary_cross_entropy` of the sigmoid, without overflow."""

def celu(input: Tensor, alpha: Number = 1.0) -> Tensor:
    """x if positive, else `alpha * (exp(x / alpha) - 1)`: its slope has no jump."""

@overload
def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    groups: _int = 1,
) -> Tensor:
    """The convolution over one dimension."""

@overload
def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _str = "valid",
    dilation: _int | Sequence[_int] = [1],
    groups: _int = 1,
) -> Tensor:
    """The convolution over one dimension, padded to the same size or not at all."""

@overload
def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    groups: _int = 1,
) -> Tensor:
    """The convolution over two dimensions."""

@overload
def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _str = "valid",
    dilation: _int | Sequence[_int] = [1],
    groups: _int = 1,
) -> Tensor:
    """The convolution over two dimensions, padded to the same size or not at all."""

@overload
def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    groups: _int = 1,
) -> Tensor:
    """The convolution over three dimensions."""

@overload
def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _str = "valid",
    dilation: _int | Sequence[_int] = [1],
    groups: _int = 1,
) -> Tensor:
    """The convolution over three dimensions, padded to the same size or not at all."""

def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _int | Sequence[_int] = [0],
    output_padding: _int | Sequence[_int] = [0],
    groups: _int = 1,
    dilation: _int | Sequence[_int] = [1],
) -> Tensor:
    """The transposed convolution over one dimension: the gradient of a convolution."""

def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _int | Sequence[_int] = [0],
    output_padding: _int | Sequence[_int] = [0],
    groups: _int = 1,
    dilation: _int | Sequence[_int] = [1],
) -> Tensor:
    """The transposed convolution over two dimensions: the gradient of a convolution."""

def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: _int | Sequence[_int] = [1],
    padding: _int | Sequence[_int] = [0],
    output_padding: _int | Sequence[_int] = [0],
    groups: _int = 1,
    dilation: _int | Sequence[_int] = [1],
) -> Tensor:
    """The transposed convolution over three dimensions: the gradient of a convolution."""

def cosine_similarity(x1: Tensor, x2: Tensor, dim: _int = 1, eps: _float = 1e-8) -> Tensor:
    """The product of two vectors along a dimension, each brought to length 1."""

def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: _int = -100,
    reduction: _str = "mean",
    label_smoothing: _float = 0.0,
) -> Tensor:
    """`nll_loss` of `log_softmax`; the target holds class indices, or probabilities of the input's
    shape."""

def dropout(input: Tensor, p: _float = 0.5, training: _bool = True) -> Tensor:
    """Zeros with probability `p`; what stays is scaled by 1 / (1 - p)."""

def elu(input: Tensor, alpha: Number = 1.0) -> Tensor:
    """x if positive, else `alpha * (exp(x) - 1)`."""

def embedding(input: Tensor, weight: Tensor, padding_idx: _int | None = None) -> Tensor:
    """The rows of `weight` at the indices; the row `padding_idx` gets no gradient."""

def feature_dropout(input: Tensor, p: _float = 0.5, training: _bool = True) -> Tensor:
    """Whole channels are zero with probability `p`."""

@overload
def gelu(input: Tensor, *, approximate: _str) -> Tensor:
    """Gaussian error linear unit; approximate='tanh' is the cheaper formula."""

@overload
def gelu(input: Tensor) -> Tensor:
    """Gaussian error linear unit, exact: x * Phi(x)."""

def glu(input: Tensor, dim: _int = -1) -> Tensor:
    """The first half along a dimension times the sigmoid of the second."""

def group_norm(
    input: Tensor,
    num_groups: _int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: _float = 1e-5,
) -> Tensor:
    """Channels in groups, each group of each sample brought to mean 0 and variance 1."""

def hardshrink(input: Tensor, lambd: Number = 0.5) -> Tensor:
    """x, but 0 between `-lambd` and `lambd`."""

def hardsigmoid(input: Tensor) -> Tensor:
    """A straight line from 0 at -3 to 1 at 3."""

def hardswish(input: Tensor) -> Tensor:
    """x * hardsigmoid(x)."""

def hardtanh(input: Tensor, min_val: Number = -1.0, max_val: Number = 1.0) -> Tensor:
    """x between `min_val` and `max_val`."""

def huber_loss(
    input: Tensor,
    target: Tensor,
    *,
    reduction: _str = "mean",
    delta: _float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """Half a square up to `delta`, a line above."""

def kl_div(input: Tensor, target: Tensor, *, reduction: _str = "mean", log_target: _bool = False) -> Tensor:
    """What the target's distribution loses by the input's log-probabilities."""

def l1_loss(
    input: Tensor, target: Tensor, *, reduction: _str = "mean", weight: Tensor | None = None
) -> Tensor:
    """The absolute difference."""

def layer_norm(
    input: Tensor,
    normalized_shape: _int | Sequence[_int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: _float = 1e-5,
) -> Tensor:
    """The last dimensions brought to mean 0 and variance 1, then scaled and moved."""

def leaky_relu(input: Tensor, negative_slope: Number = 0.01) -> Tensor:
    """x if positive, else `negative_slope * x`."""

def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`input @ weight.T + bias`."""

def log_softmax(input: Tensor, dim: _int, dtype: _dtype | None = None) -> Tensor:
    """The logarithm of `softmax`."""

def logsigmoid(input: Tensor) -> Tensor:
    """log(sigmoid(x)), without overflow."""

def mse_loss(
    input: Tensor, target: Tensor, *, reduction: _str = "mean", weight: Tensor | None = None
) -> Tensor:
    """The squared difference."""

def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: _int = -100,
    reduction: _str = "mean",
) -> Tensor:
    """Minus the log-probability at the target's class."""

def normalize(input: Tensor, p: _float = 2.0, dim: _int = 1, eps: _float = 1e-12) -> Tensor:
    """Divided by its p-norm along a dimension, which counts as at least `eps`."""

def one_hot(input: Tensor, num_classes: _int = -1) -> Tensor:
    """For each class a one where it is the index's and zeros elsewhere."""

def pad(
    input: Tensor, pad: _int | Sequence[_int], mode: _str = "constant", value: Number | None = None
) -> Tensor:
    """Margins before and after dimensions, from the last one on: of a number, mirrored, repeated or
    circular."""

def pairwise_distance(
    x1: Tensor, x2: Tensor, p: _float = 2.0, eps: _float = 1e-6, keepdim: _bool = False
) -> Tensor:
    """The p-norm of the difference along the last dimension."""

def pdist(input: Tensor, p: _float = 2.0) -> Tensor:
    """The p-norms of the differences of each row with every later one."""

def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """x if positive, else `weight * x`, with one weight or one for each channel (dimension 1)."""

def relu(input: Tensor) -> Tensor:
    """max(x, 0), with gradient 0 at 0."""

def relu6(input: Tensor) -> Tensor:
    """x between 0 and 6."""

def rms_norm(
    input: Tensor,
    normalized_shape: _int | Sequence[_int],
    weight: Tensor | None = None,
    eps: _float | None = None,
) -> Tensor:
    """The last dimensions divided by their root mean square, then scaled."""

def rrelu(
    input: Tensor, lower: _float = 0.125, upper: _float = 0.3333333333333333, training: _bool = False
) -> Tensor:
    """As `leaky_relu` with a slope drawn from [lower, upper] for each element in training, their mean
    otherwise."""

def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: _float = 0.0,
    is_causal: _bool = False,
    *,
    scale: _float | None = None,
    enable_gqa: _bool = False,
) -> Tensor:
    """`softmax(query @ key.T * scale + mask) @ value`."""

def selu(input: Tensor) -> Tensor:
    """`elu` with the scales that keep mean 0 and variance 1."""

def sigmoid(input: Tensor) -> Tensor:
    """1 / (1 + exp(-x))."""

def silu(input: Tensor) -> Tensor:
    """x * sigmoid(x), also called swish."""

def smooth_l1_loss(input: Tensor, target: Tensor, *, reduction: _str = "mean", beta: _float = 1.0) -> Tensor:
    """A square below `beta`, the absolute difference above."""

def softmax(input: Tensor, dim: _int, dtype: _dtype | None = None) -> Tensor:
    """exp(x) over its sum along a dimension."""

def softmin(input: Tensor, dim: _int, dtype: _dtype | None = None) -> Tensor:
    """`softmax` of -x."""

def softplus(input: Tensor, beta: Number = 1.0, threshold: Number = 20.0) -> Tensor:
    """log(1 + exp(beta * x)) / beta; x itself where `beta * x` is above the threshold."""

def softshrink(input: Tensor, lambd: Number = 0.5) -> Tensor:
    """x moved towards zero by `lambd`, 0 in between."""

def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|)."""

def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent."""

def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh(x)."""

def threshold(input: Tensor, threshold: Number, value: Number) -> Tensor:
    """x above the threshold, else `value`."""
