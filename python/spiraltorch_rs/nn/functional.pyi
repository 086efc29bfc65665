"""Functions of neural networks."""

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from builtins import str as _str
from collections.abc import Sequence
from typing import overload

from spiraltorch_rs._C import (
    Number,
    Tensor,
    _dtype,
)
from spiraltorch_rs.nn._attention import multi_head_attention_forward as multi_head_attention_forward
from spiraltorch_rs.nn._loss import (
    triplet_margin_with_distance_loss as triplet_margin_with_distance_loss,
)

def adaptive_avg_pool1d(input: Tensor, output_size: _int | Sequence[_int]) -> Tensor:
    """The means of so many nearly equal parts of the last dimension."""

def adaptive_avg_pool2d(input: Tensor, output_size: _int | Sequence[_int | None] | None) -> Tensor:
    """The means of so many nearly equal parts of the last two dimensions."""

def adaptive_avg_pool3d(input: Tensor, output_size: _int | Sequence[_int | None] | None) -> Tensor:
    """The means of so many nearly equal parts of the last three dimensions."""

def adaptive_max_pool1d(
    input: Tensor, output_size: _int | Sequence[_int], return_indices: _bool = False
) -> Tensor:
    """The largest of so many nearly equal parts of the last dimension; with `return_indices` also where
    it is."""

def adaptive_max_pool1d_with_indices(
    input: Tensor, output_size: _int | Sequence[_int], return_indices: _bool = False
) -> tuple[Tensor, ...]:
    """The largest of so many nearly equal parts of the last dimension, and where it is."""

def adaptive_max_pool2d(
    input: Tensor, output_size: _int | Sequence[_int | None] | None, return_indices: _bool = False
) -> Tensor:
    """The largest of so many nearly equal parts of the last two dimensions; with `return_indices` also
    where it is."""

def adaptive_max_pool2d_with_indices(
    input: Tensor, output_size: _int | Sequence[_int | None] | None, return_indices: _bool = False
) -> tuple[Tensor, ...]:
    """The largest of so many nearly equal parts of the last two dimensions, and where it is."""

def adaptive_max_pool3d(
    input: Tensor, output_size: _int | Sequence[_int | None] | None, return_indices: _bool = False
) -> Tensor:
    """The largest of so many nearly equal parts of the last three dimensions; with `return_indices`
    also where it is."""

def adaptive_max_pool3d_with_indices(
    input: Tensor, output_size: _int | Sequence[_int | None] | None, return_indices: _bool = False
) -> tuple[Tensor, ...]:
    """The largest of so many nearly equal parts of the last three dimensions, and where it is."""

def affine_grid(theta: Tensor, size: _int | Sequence[_int], align_corners: _bool | None = None) -> Tensor:
    """The grid that reads an image turned, moved or stretched by matrices."""

def alpha_dropout(input: Tensor, p: _float = 0.5, training: _bool = False, inplace: _bool = False) -> Tensor:
    """What `selu` goes to on the left with probability `p`, scaled so that mean and variance stay."""

def avg_pool1d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    ceil_mode: _bool = False,
    count_include_pad: _bool = True,
) -> Tensor:
    """The mean of windows over one dimension."""

def avg_pool2d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    ceil_mode: _bool = False,
    count_include_pad: _bool = True,
    divisor_override: _int | None = None,
) -> Tensor:
    """The mean of windows over two dimensions."""

def avg_pool3d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    ceil_mode: _bool = False,
    count_include_pad: _bool = True,
    divisor_override: _int | None = None,
) -> Tensor:
    """The mean of windows over three dimensions."""

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

def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`input1 @ weight[k] @ input2 + bias[k]` for every k."""

def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: _bool | None = None,
    reduce: _bool | None = None,
    reduction: _str = "mean",
) -> Tensor:
    """Minus the log-likelihood of coins with the probabilities `input`."""

def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: _bool | None = None,
    reduce: _bool | None = None,
    reduction: _str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """`binary_cross_entropy` of the sigmoid, without overflow."""

def celu(input: Tensor, alpha: Number = 1.0, inplace: _bool = False) -> Tensor:
    """x if positive, else `alpha * (exp(x / alpha) - 1)`: its slope has no jump."""

def celu_(input: Tensor, alpha: Number = 1.0) -> Tensor:
    """x if positive, else `alpha * (exp(x / alpha) - 1)`: its slope has no jump."""

def channel_shuffle(input: Tensor, groups: _int) -> Tensor:
    """The channels of all groups in turns."""

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

def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: _int = 0) -> Tensor:
    """The convolution over time of `[time, batch, channel]`."""

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

def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: _float = 0.0,
    size_average: _bool | None = None,
    reduce: _bool | None = None,
    reduction: _str = "mean",
) -> Tensor:
    """The angle between pairs where the target is 1, how similar they are beyond the margin where it is
    -1."""

def cosine_similarity(x1: Tensor, x2: Tensor, dim: _int = 1, eps: _float = 1e-8) -> Tensor:
    """The product of two vectors along a dimension, each brought to length 1."""

def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: _bool | None = None,
    ignore_index: _int = -100,
    reduce: _bool | None = None,
    reduction: _str = "mean",
    label_smoothing: _float = 0.0,
) -> Tensor:
    """`nll_loss` of `log_softmax`; the target holds class indices, or probabilities of the input's
    shape."""

@overload
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: _int | Sequence[_int],
    target_lengths: _int | Sequence[_int],
    blank: _int = 0,
    reduction: _str = "mean",
    zero_infinity: _bool = False,
) -> Tensor:
    """Minus the log-probability of the target among all sequences of labels."""

@overload
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Tensor,
    target_lengths: Tensor,
    blank: _int = 0,
    reduction: _str = "mean",
    zero_infinity: _bool = False,
) -> Tensor:
    """Minus the log-probability of the target among all sequences of labels."""

def dropout(input: Tensor, p: _float = 0.5, training: _bool = True, inplace: _bool = False) -> Tensor:
    """Zeros with probability `p`; what stays is scaled by 1 / (1 - p)."""

def dropout1d(input: Tensor, p: _float = 0.5, training: _bool = True, inplace: _bool = False) -> Tensor:
    """Whole channels of lines are zero with probability `p`."""

def dropout2d(input: Tensor, p: _float = 0.5, training: _bool = True, inplace: _bool = False) -> Tensor:
    """Whole channels of images are zero with probability `p`."""

def dropout3d(input: Tensor, p: _float = 0.5, training: _bool = True, inplace: _bool = False) -> Tensor:
    """Whole channels of volumes are zero with probability `p`."""

def elu(input: Tensor, alpha: Number = 1.0, inplace: _bool = False) -> Tensor:
    """x if positive, else `alpha * (exp(x) - 1)`."""

def elu_(input: Tensor, alpha: Number = 1.0) -> Tensor:
    """x if positive, else `alpha * (exp(x) - 1)`."""

def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: _int | None = None,
    max_norm: _float | None = None,
    norm_type: _float = 2.0,
    scale_grad_by_freq: _bool = False,
    sparse: _bool = False,
) -> Tensor:
    """The rows of `weight` at the indices; the row `padding_idx` gets no gradient, rows longer than
    `max_norm` are scaled down in place."""

def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: _float | None = None,
    norm_type: _float = 2.0,
    scale_grad_by_freq: _bool = False,
    mode: _str = "mean",
    sparse: _bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: _bool = False,
    padding_idx: _int | None = None,
) -> Tensor:
    """The rows of `weight` at the indices of each bag as one row."""

def feature_alpha_dropout(
    input: Tensor, p: _float = 0.5, training: _bool = False, inplace: _bool = False
) -> Tensor:
    """As `alpha_dropout` for whole channels."""

def fold(
    input: Tensor,
    output_size: _int | Sequence[_int],
    kernel_size: _int | Sequence[_int],
    dilation: _int | Sequence[_int] = [1],
    padding: _int | Sequence[_int] = [0],
    stride: _int | Sequence[_int] = [1],
) -> Tensor:
    """The image whose elements are the sums of what columns hold for them."""

def fractional_max_pool2d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    output_size: _int | Sequence[_int] | None = None,
    output_ratio: _float | Sequence[_float] | None = None,
    return_indices: _bool = False,
    _random_samples: Tensor | None = None,
) -> Tensor:
    """The largest of windows at random places; with `return_indices` also where it is."""

def fractional_max_pool2d_with_indices(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    output_size: _int | Sequence[_int] | None = None,
    output_ratio: _float | Sequence[_float] | None = None,
    return_indices: _bool = False,
    _random_samples: Tensor | None = None,
) -> tuple[Tensor, ...]:
    """The largest of windows at random places, and where it is."""

def fractional_max_pool3d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    output_size: _int | Sequence[_int] | None = None,
    output_ratio: _float | Sequence[_float] | None = None,
    return_indices: _bool = False,
    _random_samples: Tensor | None = None,
) -> Tensor:
    """The largest of windows at random places; with `return_indices` also where it is."""

def fractional_max_pool3d_with_indices(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    output_size: _int | Sequence[_int] | None = None,
    output_ratio: _float | Sequence[_float] | None = None,
    return_indices: _bool = False,
    _random_samples: Tensor | None = None,
) -> tuple[Tensor, ...]:
    """The largest of windows at random places, and where it is."""

def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | Number,
    full: _bool = False,
    eps: _float = 1e-6,
    reduction: _str = "mean",
) -> Tensor:
    """Minus the log-likelihood of normal numbers with a mean and a variance for each."""

@overload
def gelu(input: Tensor, *, approximate: _str) -> Tensor:
    """Gaussian error linear unit; approximate='tanh' is the cheaper formula."""

@overload
def gelu(input: Tensor) -> Tensor:
    """Gaussian error linear unit, exact: x * Phi(x)."""

def glu(input: Tensor, dim: _int = -1) -> Tensor:
    """The first half along a dimension times the sigmoid of the second."""

def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: _str = "bilinear",
    padding_mode: _str = "zeros",
    align_corners: _bool | None = None,
) -> Tensor:
    """The input at the places a grid says: -1 and 1 are the ends of a dimension."""

def group_norm(
    input: Tensor,
    num_groups: _int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: _float = 1e-5,
) -> Tensor:
    """Channels in groups, each group of each sample brought to mean 0 and variance 1."""

def gumbel_softmax(
    logits: Tensor, tau: _float = 1.0, hard: _bool = False, eps: _float = 1e-10, dim: _int = -1
) -> Tensor:
    """A softmax that chooses at random; `hard` gives ones and zeros with the gradient of the soft
    choice."""

def hardshrink(input: Tensor, lambd: _float = 0.5) -> Tensor:
    """x, but 0 between `-lambd` and `lambd`."""

def hardsigmoid(input: Tensor, inplace: _bool = False) -> Tensor:
    """A straight line from 0 at -3 to 1 at 3."""

def hardswish(input: Tensor, inplace: _bool = False) -> Tensor:
    """x * hardsigmoid(x)."""

def hardtanh(input: Tensor, min_val: Number = -1.0, max_val: Number = 1.0, inplace: _bool = False) -> Tensor:
    """x between `min_val` and `max_val`."""

def hardtanh_(input: Tensor, min_val: Number = -1.0, max_val: Number = 1.0) -> Tensor:
    """x between `min_val` and `max_val`."""

def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: _float = 1.0,
    size_average: _bool | None = None,
    reduce: _bool | None = None,
    reduction: _str = "mean",
) -> Tensor:
    """The distance where the target is 1, by how much it falls short of the margin where it is -1."""

def huber_loss(
    input: Tensor, target: Tensor, reduction: _str = "mean", delta: _float = 1.0, weight: Tensor | None = None
) -> Tensor:
    """Half a square up to `delta`, a line above."""

def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: _bool = True,
    momentum: _float = 0.1,
    eps: _float = 1e-5,
) -> Tensor:
    """Each channel of each sample brought to mean 0 and variance 1."""

def interpolate(
    input: Tensor,
    size: _int | Sequence[_int] | None = None,
    scale_factor: _float | Sequence[_float] | None = None,
    mode: _str = "nearest",
    align_corners: _bool | None = None,
    recompute_scale_factor: _bool | None = None,
    antialias: _bool = False,
) -> Tensor:
    """The input at other sizes of its spatial dimensions."""

def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: _bool | None = None,
    reduce: _bool | None = None,
    reduction: _str = "mean",
    log_target: _bool = False,
) -> Tensor:
    """What the target's distribution loses by the input's log-probabilities."""

def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: _bool | None = None,
    reduce: _bool | None = None,
    reduction: _str = "mean",
    weight: Tensor | None = None,
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

def leaky_relu(input: Tensor, negative_slope: Number = 0.01, inplace: _bool = False) -> Tensor:
    """x if positive, else `negative_slope * x`."""

def leaky_relu_(input: Tensor, negative_slope: Number = 0.01) -> Tensor:
    """x if positive, else `negative_slope * x`."""

def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`input @ weight.T + bias`."""

def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: _str = "mean",
    ignore_index: _int | None = None,
    label_smoothing: _float = 0.0,
) -> Tensor:
    """`cross_entropy` of `input @ linear_weight.T + linear_bias`."""

def local_response_norm(
    input: Tensor, size: _int, alpha: _float = 0.0001, beta: _float = 0.75, k: _float = 1.0
) -> Tensor:
    """Divided by a power of the mean square of neighbouring channels."""

def log_softmax(
    input: Tensor, dim: _int | None = None, _stacklevel: _int = 3, dtype: _dtype | None = None
) -> Tensor:
    """The logarithm of `softmax`."""

def logsigmoid(input: Tensor) -> Tensor:
    """log(sigmoid(x)), without overflow."""

def lp_pool1d(
    input: Tensor,
    norm_type: Number,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    ceil_mode: _bool = False,
) -> Tensor:
    """The norm of windows over one dimension."""

def lp_pool2d(
    input: Tensor,
    norm_type: Number,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    ceil_mode: _bool = False,
) -> Tensor:
    """The norm of windows over two dimensions."""

def lp_pool3d(
    input: Tensor,
    norm_type: Number,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    ceil_mode: _bool = False,
) -> Tensor:
    """The norm of windows over three dimensions."""

def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: _float = 0.0,
    size_average: _bool | None = None,
    reduce: _bool | None = None,
    reduction: _str = "mean",
) -> Tensor:
    """By how much `target` times the difference falls short of the margin."""

def max_pool1d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    ceil_mode: _bool = False,
    return_indices: _bool = False,
) -> Tensor:
    """The largest of windows over one dimension; with `return_indices` also where it is."""

def max_pool1d_with_indices(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    ceil_mode: _bool = False,
    return_indices: _bool = False,
) -> tuple[Tensor, ...]:
    """The largest of windows over one dimension, and where it is."""

def max_pool2d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    ceil_mode: _bool = False,
    return_indices: _bool = False,
) -> Tensor:
    """The largest of windows over two dimensions; with `return_indices` also where it is."""

def max_pool2d_with_indices(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    ceil_mode: _bool = False,
    return_indices: _bool = False,
) -> tuple[Tensor, ...]:
    """The largest of windows over two dimensions, and where it is."""

def max_pool3d(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    ceil_mode: _bool = False,
    return_indices: _bool = False,
) -> Tensor:
    """The largest of windows over three dimensions; with `return_indices` also where it is."""

def max_pool3d_with_indices(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    dilation: _int | Sequence[_int] = [1],
    ceil_mode: _bool = False,
    return_indices: _bool = False,
) -> tuple[Tensor, ...]:
    """The largest of windows over three dimensions, and where it is."""

def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    output_size: _int | Sequence[_int] | None = None,
) -> Tensor:
    """Zeros, with the elements where the indices of a pooling say."""

def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    output_size: _int | Sequence[_int] | None = None,
) -> Tensor:
    """Zeros, with the elements where the indices of a pooling say."""

def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: _int | Sequence[_int],
    stride: _int | Sequence[_int] | None = None,
    padding: _int | Sequence[_int] = [0],
    output_size: _int | Sequence[_int] | None = None,
) -> Tensor:
    """Zeros, with the elements where the indices of a pooling say."""

def mish(input: Tensor, inplace: _bool = False) -> Tensor:
    """x * tanh(log(1 + exp(x)))."""

def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: _bool | None = None,
    reduce: _bool | None = None,
    reduction: _str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """The squared difference."""

def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: _int = 1,
    margin: _float = 1.0,
    weight: Tensor | None = None,
    size_average: _bool | None = None,
    reduce: _bool | None = None,
    reduction: _str = "mean",
) -> Tensor:
    """By how much other classes come too near to the target's."""

def multilabel_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: _bool | None = None,
    reduce: _bool | None = None,
    reduction: _str = "mean",
) -> Tensor:
    """By how much other classes come too near to those of the target."""

def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: _bool | None = None,
    reduce: _bool | None = None,
    reduction: _str = "mean",
) -> Tensor:
    """The mean over classes of what a coin for each loses."""

def native_channel_shuffle(input: Tensor, groups: _int) -> Tensor:
    """The channels of all groups in turns."""

def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: _bool | None = None,
    ignore_index: _int = -100,
    reduce: _bool | None = None,
    reduction: _str = "mean",
) -> Tensor:
    """Minus the log-probability at the target's class."""

def normalize(
    input: Tensor, p: _float = 2.0, dim: _int | Sequence[_int] = [1], eps: _float = 1e-12
) -> Tensor:
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
    """The p-norms of the differences of all pairs of rows."""

def pixel_shuffle(input: Tensor, upscale_factor: _int) -> Tensor:
    """Channels become pixels."""

def pixel_unshuffle(input: Tensor, downscale_factor: _int) -> Tensor:
    """Pixels become channels."""

def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: _bool = True,
    full: _bool = False,
    size_average: _bool | None = None,
    eps: _float = 1e-8,
    reduce: _bool | None = None,
    reduction: _str = "mean",
) -> Tensor:
    """Minus the log-likelihood of counts."""

def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """x if positive, else `weight * x`, with one weight or one for each channel (dimension 1)."""

def relu(input: Tensor, inplace: _bool = False) -> Tensor:
    """max(x, 0), with gradient 0 at 0."""

def relu6(input: Tensor, inplace: _bool = False) -> Tensor:
    """x between 0 and 6."""

def relu_(input: Tensor) -> Tensor:
    """max(x, 0), with gradient 0 at 0."""

def rms_norm(
    input: Tensor,
    normalized_shape: _int | Sequence[_int],
    weight: Tensor | None = None,
    eps: _float | None = None,
) -> Tensor:
    """The last dimensions divided by their root mean square, then scaled."""

def rrelu(
    input: Tensor,
    lower: _float = 0.125,
    upper: _float = 0.3333333333333333,
    training: _bool = False,
    inplace: _bool = False,
) -> Tensor:
    """As `leaky_relu` with a slope drawn from [lower, upper] for each element in training, their mean
    otherwise."""

def rrelu_(
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

def selu(input: Tensor, inplace: _bool = False) -> Tensor:
    """`elu` with the scales that keep mean 0 and variance 1."""

def selu_(input: Tensor) -> Tensor:
    """`elu` with the scales that keep mean 0 and variance 1."""

def sigmoid(input: Tensor) -> Tensor:
    """1 / (1 + exp(-x))."""

def sigmoid_(input: Tensor) -> Tensor:
    """1 / (1 + exp(-x))."""

def silu(input: Tensor, inplace: _bool = False) -> Tensor:
    """x * sigmoid(x), also called swish."""

def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: _bool | None = None,
    reduce: _bool | None = None,
    reduction: _str = "mean",
    beta: _float = 1.0,
) -> Tensor:
    """A square below `beta`, the absolute difference above."""

def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: _bool | None = None,
    reduce: _bool | None = None,
    reduction: _str = "mean",
) -> Tensor:
    """log(1 + exp(-target * input))."""

def softmax(
    input: Tensor, dim: _int | None = None, _stacklevel: _int = 3, dtype: _dtype | None = None
) -> Tensor:
    """exp(x) over its sum along a dimension."""

def softmin(
    input: Tensor, dim: _int | None = None, _stacklevel: _int = 3, dtype: _dtype | None = None
) -> Tensor:
    """`softmax` of -x."""

def softplus(input: Tensor, beta: Number = 1.0, threshold: Number = 20.0) -> Tensor:
    """log(1 + exp(beta * x)) / beta; x itself where `beta * x` is above the threshold."""

def softshrink(input: Tensor, lambd: _float = 0.5) -> Tensor:
    """x moved towards zero by `lambd`, 0 in between."""

def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|); of integers, as in torch, the divisor is one, too."""

def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent."""

def tanh_(input: Tensor) -> Tensor:
    """The hyperbolic tangent."""

def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh(x), as torch the difference of what is left of the tangent in the input's dtype."""

def threshold(input: Tensor, threshold: Number, value: Number, inplace: _bool = False) -> Tensor:
    """x above the threshold, else `value`."""

def threshold_(input: Tensor, threshold: Number, value: Number) -> Tensor:
    """x above the threshold, else `value`."""

def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: _float = 1.0,
    p: _float = 2.0,
    eps: _float = 1e-6,
    swap: _bool = False,
    size_average: _bool | None = None,
    reduce: _bool | None = None,
    reduction: _str = "mean",
) -> Tensor:
    """By how much the negative is not as much farther from the anchor than the positive as it shall
    be."""

def unfold(
    input: Tensor,
    kernel_size: _int | Sequence[_int],
    dilation: _int | Sequence[_int] = [1],
    padding: _int | Sequence[_int] = [0],
    stride: _int | Sequence[_int] = [1],
) -> Tensor:
    """The windows of an image as columns."""

def upsample(
    input: Tensor,
    size: _int | Sequence[_int] | None = None,
    scale_factor: _float | Sequence[_float] | None = None,
    mode: _str = "nearest",
    align_corners: _bool | None = None,
) -> Tensor:
    """`interpolate` by its old name."""

def upsample_bilinear(
    input: Tensor,
    size: _int | Sequence[_int] | None = None,
    scale_factor: _float | Sequence[_float] | None = None,
) -> Tensor:
    """`interpolate` with mode='bilinear' and aligned corners."""

def upsample_nearest(
    input: Tensor,
    size: _int | Sequence[_int] | None = None,
    scale_factor: _float | Sequence[_float] | None = None,
) -> Tensor:
    """`interpolate` with mode='nearest'."""
