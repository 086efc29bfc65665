"""What the tests call each operator with: a table of sample arguments by the operator's name.

Pointwise operators whose required parameters are all tensors need no entry (see `operators.py`). An
operator that has neither fails `test_every_operator_has_samples`; one with a test of its own is in ELSEWHERE.
"""

from typing import Any

from samples_functional import FUNCTIONAL
from samples_special import SPECIAL
from samples_structure import STRUCTURE
from sampling import (
    CLASSES,
    CUBE,
    F32,
    F64,
    I64,
    IMAGE,
    MASK,
    ORDER,
    UNIT,
    DType,
    Sample,
    T,
    V,
    X,
    Y,
    call,
    each,
    index,
)

__all__ = ["ELSEWHERE", "SAMPLES", "DType", "Sample", "T", "call", "each", "index"]

POINTWISE = {
    "glu": [call(T((4, 6))), call(T((4, 6)), 0), call(T((4, 6)), dim=-1)],
    "add": [call(X, Y), call(X, V), call(X, 2), call(X, Y, alpha=3)],
    "sub": [call(X, Y), call(X, V), call(X, 2), call(X, Y, alpha=3)],
    "rsub": [call(X, Y), call(X, 2), call(X, Y, alpha=3)],
    "mul": [call(X, Y), call(X, V), call(X, 3)],
    "div": [
        call(X, Y),
        call(X, V),
        call(X, 2),
        call(X, Y, rounding_mode="floor"),
        call(X, Y, rounding_mode="trunc"),
    ],
    "pow": [
        call(X, Y),
        call(X, 2),
        call(X, 3),
        call(X, 0.5),
        call(X, -1),
        call(X, 0),
        call(2.0, X),
        call(X, 2.5),
    ],
    "float_power": [call(X, Y), call(X, 2), call(2, X)],
    "round": [call(X), call(X, decimals=1), call(X, decimals=-1)],
    "clamp": [
        call(X, -1, 1),
        call(X, min=0),
        call(X, max=0.5),
        call(X, 2, -2),
        call(X, T((5,)), T((3, 1))),
        call(X, max=V),
    ],
    "clip": [call(X, -1, 1), call(X, min=0), call(X, max=T((5,)))],
    "clamp_min": [call(X, 0), call(X, V)],
    "clamp_max": [call(X, 0), call(X, V)],
    "lerp": [call(X, Y, 0.3), call(X, Y, 0.8), call(X, Y, T((3, 5), 0, 1))],
    "addcmul": [call(X, Y, V), call(X, Y, V, value=2)],
    "addcdiv": [call(X, Y, T((5,), 1, 3)), call(X, Y, T((5,), 1, 3), value=2)],
    "where": [
        call(MASK, X, Y),
        call(MASK, X, 2),
        call(MASK, 1.5, Y),
        call(T((5,), dtype="bool"), X, T((3, 1))),
    ],
    "masked_fill": [call(X, MASK, 2), call(X, T((5,), dtype="bool"), -1), call(X, MASK, T(()))],
    "nan_to_num": [call(X), call(X, nan=1.0, posinf=2.0, neginf=-2.0)],
    "isclose": [call(X, Y), call(X, X), call(X, Y, rtol=0.5, atol=0.5), call(X, Y, equal_nan=True)],
    "allclose": [call(X, Y), call(X, Y, rtol=10.0, atol=10.0)],
    "equal": [call(X, Y), call(X, T((4, 5)))],
    "polygamma": [call(n, T((3, 5), 0.5, 4)) for n in (0, 1, 2, 3)],
    "mvlgamma": [call(T((3, 5), 3, 6), 3)],
    "logit": [call(UNIT), call(UNIT, eps=0.1)],
    "ldexp": [call(X, T((3, 5), -4, 4, "int32")), call(X, V)],
    "heaviside": [call(X, Y)],
    "threshold": [call(X, 0.5, 2.0), call(X, -0.5, -20)],
    "hardtanh": [call(X), call(X, -0.5, 2.0)],
    **each(call(X), call(X, 0.3), names="elu celu leaky_relu"),
    **each(call(X), call(X, 0.7), names="hardshrink softshrink"),
    "softplus": [call(X), call(X, 2.0, 3.0)],
    "gelu": [call(X), call(X, approximate="tanh")],
    **each(call(X), names="softsign tanhshrink"),
    "prelu": [call(X, T((1,))), call(X, T((5,))), call(T((2, 3, 4)), T((3,)))],
    "rrelu": [call(X), call(X, 0.1, 0.4)],
    "gcd": [call(T((3, 5), 0, 30), T((3, 5), 0, 30))],
    "lcm": [call(T((3, 5), 0, 9), T((3, 5), 0, 9))],
}

CASTS = {
    "to": [
        call(X, F32),
        call(X, F64),
        call(X, I64),
        call(X, DType("bool")),
        call(X, DType("bfloat16")),
        call(X, "cpu"),
    ],
    "type_as": [call(X, T((1,), dtype="float32")), call(X, T((1,), 0, 3, dtype="int16"))],
    **each(
        call(X), names="double float half bfloat16 long int short char byte bool cpu contiguous clone detach"
    ),
}

DIMS = [call(X), call(CUBE, 1), call(CUBE, -1, True), call(CUBE, dim=0, keepdim=True)]
MANY_DIMS = [*DIMS, call(CUBE, (0, 2)), call(CUBE, (0, -1), keepdim=True), call(CUBE, (0, 1, 2))]
ONE_DIM = [call(X, 0), call(CUBE, 1), call(CUBE, -1), call(CUBE, dim=2)]
SPREAD = [
    call(X),
    call(X, unbiased=False),
    call(CUBE, 1),
    call(CUBE, (0, 2)),
    call(CUBE, 2, True, True),
    call(X, dim=1, correction=0),
    call(CUBE, dim=(1, 2), correction=2, keepdim=True),
]

REDUCTIONS = {
    **each(*MANY_DIMS, names="sum mean any all"),
    "nansum": MANY_DIMS,
    "nanmean": MANY_DIMS,
    "prod": [call(T((3, 4), 1, 2)), call(T((2, 3, 4), 1, 3), 1), call(T((2, 3), 1, 3), dim=-1, keepdim=True)],
    **each(*MANY_DIMS, names="amax amin"),
    **each(
        call(ORDER),
        call(ORDER, 0),
        call(ORDER, 1, True),
        call(ORDER, dim=-1),
        call(ORDER, T((6,))),
        names="max min",
    ),
    "aminmax": [call(X), call(X, dim=0), call(CUBE, dim=-1, keepdim=True)],
    **each(call(ORDER), call(ORDER, 0), call(ORDER, 1, True), call(ORDER, dim=-1), names="argmax argmin"),
    **each(*SPREAD, names="var std"),
    **each(*SPREAD, names="var_mean std_mean"),
    "logsumexp": [call(X, 0), call(CUBE, (0, 2)), call(CUBE, -1, True)],
    "norm": [call(X), call(X, 1), call(X, 2, 0), call(X, float("inf"), 1), call(CUBE, 3, -1, True)],
    **each(call(ORDER), call(ORDER, 0), call(ORDER, 1, True), names="median nanmedian"),
    "mode": [call(X, 0)],
    "quantile": [call(ORDER, 0.3), call(ORDER, 0.5, 1)],
    "count_nonzero": [call(X), call(CUBE, 1), call(CUBE, (0, 2))],
    **each(*ONE_DIM, names="cumsum logcumsumexp"),
    "cumprod": [call(T((3, 4), 1, 2), 0), call(T((2, 3, 4), 1, 2), -1)],
    **each(call(ORDER, 0), call(ORDER, -1), names="cummax cummin"),
    "diff": [call(X), call(X, 2), call(X, dim=0)],
    "trace": [call(T((4, 5)))],
    "dist": [call(X, Y), call(X, Y, 1)],
    "bincount": [call(index((20,), 6)), call(index((20,), 6), minlength=9)],
    "histc": [call(T((30,), 0, 1), 5, 0, 1)],
}

COMPOSITES = {
    "positive": [call(X)],
    **each(call(X, 0), call(X, 1), call(CUBE, -2), call(X, dim=-1, dtype=F64), names="softmax log_softmax"),
    "softmin": [call(X, 0), call(X, dim=-1)],
    "layer_norm": [
        call(T((4, 6)), (6,)),
        call(T((2, 3, 4)), (3, 4)),
        call(T((4, 6)), (6,), T((6,)), T((6,))),
        call(T((4, 6)), [6], weight=T((6,)), bias=None, eps=1e-3),
    ],
    "rms_norm": [call(T((4, 6)), (6,), eps=1e-5), call(T((2, 3, 4)), (3, 4), T((3, 4)), 1e-5)],
    "group_norm": [call(IMAGE, 2), call(IMAGE, 4, T((4,)), T((4,)), 1e-3)],
    "instance_norm": [call(IMAGE), call(IMAGE, weight=T((4,)), bias=T((4,)))],
    "batch_norm": [
        call(IMAGE, None, None, training=True),
        call(IMAGE, T((4,)), T((4,), 0.5, 2), T((4,)), T((4,))),
        # (Distinct: of equal rows a batch norm is rounding noise over the root of epsilon, in torch too.)
        call(T((6, 4), distinct=True), None, None, T((4,)), T((4,)), True, 0.1, 1e-3),
    ],
    "local_response_norm": [call(IMAGE, 3)],
    "normalize": [call(X), call(X, p=1.0, dim=0)],
    "linear": [
        call(T((4, 3)), T((5, 3))),
        call(T((2, 4, 3)), T((5, 3)), T((5,))),
        call(T((3,)), T((5, 3)), T((5,))),
    ],
    "bilinear": [call(T((4, 3)), T((4, 2)), T((5, 3, 2)), T((5,)))],
    "pixel_shuffle": [call(IMAGE, 2)],
    "cosine_similarity": [call(X, Y), call(X, Y, 0)],
    "pairwise_distance": [call(X, Y), call(X, Y, 1.0)],
    "cdist": [call(T((3, 4)), T((5, 4)))],
    "scaled_dot_product_attention": [
        call(*[T((2, 2, 5, 4))] * 3),
        call(*[T((2, 2, 5, 4))] * 3, is_causal=True),
        call(*[T((2, 5, 4))] * 3, scale=0.3),
    ],
}

REDUCED = [{}, {"reduction": "sum"}, {"reduction": "none"}]
LOGITS = T((4, 5))


def losses(*args: Any, **kwargs: Any) -> list[Sample]:
    """A loss with each of the three reductions."""
    return [call(*args, **kwargs, **reduced) for reduced in REDUCED]


LOSSES = {
    **each(*losses(X, Y), names="mse_loss l1_loss"),
    "smooth_l1_loss": [*losses(X, Y), call(X, Y, beta=0.5)],
    "huber_loss": [*losses(X, Y), call(X, Y, delta=0.5)],
    "nll_loss": [
        *losses(LOGITS, CLASSES),
        *losses(LOGITS, CLASSES, weight=T((5,), 0.5, 2)),
        call(LOGITS, CLASSES, ignore_index=2),
        call(T((2, 5, 3)), index((2, 3), 5)),
        call(T((5,)), index((), 5)),
    ],
    "cross_entropy": [
        *losses(LOGITS, CLASSES),
        *losses(LOGITS, CLASSES, weight=T((5,), 0.5, 2)),
        call(LOGITS, CLASSES, ignore_index=2),
        *losses(LOGITS, CLASSES, label_smoothing=0.1),
        call(T((2, 5, 3)), index((2, 3), 5)),
        call(LOGITS, T((4, 5), 0, 1)),
        call(T((5,)), index((), 5)),
    ],
    "binary_cross_entropy": [*losses(UNIT, UNIT), call(UNIT, UNIT, weight=T((5,), 0.5, 2))],
    "binary_cross_entropy_with_logits": [
        *losses(LOGITS, UNIT),
        call(LOGITS, UNIT, pos_weight=T((5,), 0.5, 2)),
        call(LOGITS, UNIT, T((5,), 0.5, 2)),
    ],
    "kl_div": [*losses(X, T((3, 5), 0.1, 1)), call(X, Y, reduction="batchmean", log_target=True)],
    "hinge_embedding_loss": [call(X, T((3, 5), 1, 1)), call(X, T((3, 5), -1, -1))],
    "margin_ranking_loss": [call(V, V, T((5,), 1, 1)), call(V, T((5,)), T((5,), -1, -1), margin=0.5)],
    "soft_margin_loss": losses(X, T((3, 5), 1, 1)),
    "cosine_embedding_loss": losses(X, Y, T((3,), 1, 1)),
    "triplet_margin_loss": losses(X, Y, T((3, 5))),
    "poisson_nll_loss": [*losses(X, T((3, 5), 0, 4)), call(X, T((3, 5), 1, 4), full=True)],
    "gaussian_nll_loss": losses(X, Y, T((3, 5), 0.5, 2)),
    "multi_margin_loss": losses(LOGITS, CLASSES),
    "multilabel_soft_margin_loss": losses(LOGITS, T((4, 5), 0, 1)),
}

MATRICES = {
    "matmul": [
        call(T((3, 4)), T((4, 5))),
        call(T((4,)), T((4,))),
        call(T((3, 4)), T((4,))),
        call(T((4,)), T((4, 5))),
        call(T((2, 3, 4)), T((4, 5))),
        call(T((2, 3, 4)), T((2, 4, 5))),
        call(T((2, 1, 3, 4)), T((3, 4, 5))),
        call(T((4,)), T((2, 4, 5))),
        call(T((2, 3, 4)), T((4,))),
    ],
    "mm": [call(T((3, 4)), T((4, 5)))],
    "bmm": [call(T((2, 3, 4)), T((2, 4, 5)))],
    "mv": [call(T((3, 4)), T((4,)))],
    **each(call(V, V), call(V, T((5,))), names="dot vdot"),
    "inner": [call(X, Y), call(V, V)],
    **each(call(T((3,)), T((4,))), names="outer ger"),
    "addmm": [call(T((3, 5)), T((3, 4)), T((4, 5))), call(V, T((3, 4)), T((4, 5)), beta=2, alpha=3)],
    "addmv": [call(T((3,)), T((3, 4)), T((4,))), call(T((3,)), T((3, 4)), T((4,)), beta=2, alpha=3)],
    "addr": [call(T((3, 4)), T((3,)), T((4,)))],
    "baddbmm": [
        call(T((2, 3, 5)), T((2, 3, 4)), T((2, 4, 5))),
        call(V, T((2, 3, 4)), T((2, 4, 5)), beta=2, alpha=3),
    ],
    "addbmm": [call(T((3, 5)), T((2, 3, 4)), T((2, 4, 5)))],
    "einsum": [
        call("ij,jk->ik", T((3, 4)), T((4, 5))),
        call("bij,bjk->bik", T((2, 3, 4)), T((2, 4, 5))),
        call("ii->i", T((4, 4))),
        call("ij->ji", X),
        call("i,j", V, T((3,))),
        call("...ij,...j->...i", T((2, 3, 4)), T((2, 4))),
    ],
    "tensordot": [call(T((2, 3, 4)), T((3, 4, 5))), call(T((2, 3, 4)), T((3, 2, 5)), dims=([1, 0], [0, 1]))],
    "kron": [call(T((2, 3)), T((3, 2)))],
    "cross": [call(T((4, 3)), T((4, 3)), dim=1)],
    "matrix_power": [call(T((3, 3)), 3)],
}


def convolution(n: int, transposed: bool = False) -> list[Sample]:
    """Samples of the n-dimensional convolution: plain, bias, stride, padding, dilation, groups."""
    space, window = (7, 6, 5)[:n], (3, 2, 3)[:n]
    image, weight = T((2, 4, *space)), T((4, 3, *window) if transposed else (6, 4, *window))
    grouped = T((4, 3, *window) if transposed else (6, 2, *window))
    bias = T((3,)) if transposed else T((6,))
    samples = [
        call(image, weight),
        call(image, weight, bias),
        call(image, weight, None, 2, 1),
        call(T((4, *space)), weight, bias),
        call(image, grouped, None, stride=1, padding=1, groups=2),
        call(image, weight, padding=2, dilation=2),
    ]
    if transposed:
        samples.append(call(image, weight, stride=2, output_padding=1))
    else:
        samples += [call(image, weight, padding="same"), call(image, weight, padding="valid")]
    return samples


WINDOWS = {
    **{f"conv{n}d": convolution(n) for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": convolution(n, transposed=True) for n in (1, 2, 3)},
    "max_pool1d": [call(T((2, 3, 8), distinct=True), 2), call(T((2, 3, 8), distinct=True), 3, 2, 1)],
    "max_pool2d": [
        call(T((2, 2, 6, 7), distinct=True), 2),
        call(T((2, 2, 6, 7), distinct=True), (3, 2), 2, 1),
        call(T((2, 2, 6, 7), distinct=True), 2, dilation=2, ceil_mode=True),
    ],
    "avg_pool1d": [call(T((2, 3, 8)), 2), call(T((2, 3, 8)), 3, 2, 1)],
    "avg_pool2d": [call(IMAGE, 2), call(IMAGE, (3, 2), 2, 1, count_include_pad=False)],
    "adaptive_avg_pool1d": [call(T((2, 3, 8)), 3)],
    "adaptive_avg_pool2d": [call(IMAGE, 1), call(IMAGE, (3, 2))],
    "adaptive_max_pool2d": [call(T((2, 2, 6, 7), distinct=True), (3, 2))],
    "interpolate": [call(IMAGE, scale_factor=2), call(IMAGE, size=(3, 4))],
    "pad": [
        call(X, (1, 2)),
        call(X, (1, 2, 0, 1), "constant", 2),
        call(X, (-1, -1)),
        call(IMAGE, (1, 1), value=0.5),
        call(IMAGE, (1, 1, 2, 1), "reflect"),
        call(IMAGE, (1, 1, 2, 1), "replicate"),
        call(IMAGE, (1, 1, 2, 1), "circular"),
    ],
}

# (The layout of the operand matters to `view`; where torch refuses it, so must we.)
SHAPES = {
    **each(call(X, (5, 3)), call(CUBE, (6, -1)), call(CUBE, (-1,)), names="reshape view"),
    "permute": [call(CUBE, (2, 0, 1)), call(CUBE, (0, -1, 1))],
    **each(call(CUBE, 0, 2), call(X, -1, 0), names="transpose swapaxes swapdims"),
    **each(call(X), call(V), names="t ravel"),
    **each(
        call(T((2, 1, 3, 1))),
        call(T((2, 1, 3, 1)), 1),
        call(T((2, 1, 3, 1)), 0),
        call(T((2, 1, 3, 1)), (1, 3)),
        names="squeeze",
    ),
    "unsqueeze": [call(X, 0), call(X, 1), call(X, -1)],
    **each(call(T((3, 1)), (3, 4)), call(V, (2, 3, 5)), names="broadcast_to"),
    "expand": [call(T((3, 1)), (-1, 4)), call(V, (2, 3, 5))],
    **each(call(V, T((3, 5))), names="expand_as"),
    **each(call(T((3, 5)), T((5, 3))), names="view_as reshape_as"),
    "flatten": [call(CUBE), call(CUBE, 1), call(CUBE, 0, 1)],
    "unflatten": [call(T((2, 6)), 1, (2, 3)), call(T((2, 6)), -1, (-1, 2))],
    **each(call(CUBE, 0, 2), call(CUBE, (0, 1), (2, 0)), names="movedim moveaxis"),
    "narrow": [call(X, 0, 1, 2), call(CUBE, -1, 1, 2)],
    "select": [call(X, 0, 1), call(CUBE, -1, -2)],
    "unbind": [call(X), call(CUBE, 2)],
    "split": [call(T((7, 3)), 2), call(T((7, 3)), [3, 4]), call(X, 2, 1), call(X, 2, dim=-1)],
    "chunk": [call(T((7, 3)), 3), call(X, 2, 1)],
    "tensor_split": [call(T((7, 3)), 3), call(T((7, 3)), (1, 4))],
    **each(
        call([X, Y]),
        call([X, T((2, 5))], 0),
        call([CUBE, T((2, 1, 4))], dim=1),
        names="cat concat concatenate",
    ),
    "stack": [call([X, Y]), call([X, Y], 1), call([X, Y], dim=-1)],
    **each(call([X, Y]), call([V, T((5,))]), names="hstack vstack dstack column_stack row_stack"),
    "flip": [call(X, (0,)), call(CUBE, (0, 2)), call(X, [-1])],
    **each(call(X), names="fliplr flipud adjoint"),
    "roll": [call(X, 2), call(X, (1, -2), (0, 1)), call(X, 7, 1)],
    "rot90": [call(X), call(X, 2, (0, 1))],
    "repeat": [call(X, (2, 1)), call(V, (2, 3))],
    "tile": [call(X, (2,)), call(V, (2, 3))],
    "repeat_interleave": [call(X, 2), call(X, 3, 0), call(X, T((5,), 0, 3, "int64"), 1)],
    **each(call(T((4, 5))), call(T((4, 5)), 1), call(T((2, 4, 5)), -2), names="tril triu"),
    "diag": [call(V), call(X), call(X, 1), call(V, -1)],
    "diagonal": [call(X), call(CUBE, 1, 0, 2), call(T((4, 5)), -2)],
    "diag_embed": [call(X), call(X, 1)],
    "diagflat": [call(X)],
    "unfold": [call(T((3, 8)), 1, 3, 2), call(T((2, 3, 6, 6)), 2, 2, 2)],
    "fold": [call(T((2, 8, 9)), (4, 4), 2)],
    "as_strided": [call(T((12,)), (3, 2), (4, 1)), call(T((12,)), (3, 3), (1, 1), 2)],
    "meshgrid": [call(V, T((3,)), indexing="ij"), call(V, T((3,)), indexing="xy")],
    "broadcast_tensors": [call(V, T((3, 1)))],
    **each(call(X), call(V), names="atleast_1d atleast_2d atleast_3d"),
    "block_diag": [call(X, T((2, 2)))],
    "cartesian_prod": [call(V, T((3,)))],
    "numel": [call(X)],
    "dim": [call(X)],
    "size": [call(X), call(X, 1)],
    "element_size": [call(X)],
    **each(call(X), names="is_floating_point is_complex"),
}

INDEXING = {
    "gather": [
        call(X, 0, index((2, 5), 3)),
        call(X, 1, index((3, 2), 5)),
        call(CUBE, -1, index((2, 3, 6), 4)),
    ],
    "take_along_dim": [
        call(X, index((3, 2), 5), 1),
        call(X, index((3, 1), 5), dim=1),
        call(X, index((7,), 15)),
    ],
    "index_select": [call(X, 0, index((4,), 3)), call(X, 1, index((2,), 5)), call(CUBE, -1, index((7,), 4))],
    "take": [call(X, index((2, 4), 15))],
    "scatter": [
        call(T((4, 5)), 0, T((1, 5), 1, 1, "int64"), T((1, 5))),
        call(T((4, 5)), 1, T((4, 1), 2, 2, "int64"), 3),
    ],
    "scatter_add": [
        call(T((4, 5)), 0, index((3, 5), 4), T((3, 5))),
        call(T((4, 5)), 1, index((4, 7), 5), T((4, 7))),
    ],
    "scatter_reduce": [
        call(T((4, 5)), 0, index((3, 5), 4), T((3, 5)), mode, include_self=own)
        for mode in ("sum", "mean", "amax", "amin")
        for own in (True, False)
    ],
    "index_add": [call(X, 0, index((4,), 3), T((4, 5))), call(X, 1, index((2,), 5), T((3, 2)), alpha=2)],
    "index_copy": [call(T((4, 5)), 0, T((1,), 2, 2, "int64"), T((1, 5)))],
    "index_fill": [call(X, 0, index((2,), 3), 2), call(X, 1, index((2,), 5), -1)],
    "index_put": [
        call(X, (index((4,), 3),), T(()), accumulate=True),
        call(X, (T((1,), 1, 1, "int64"), T((1,), 3, 3, "int64")), T((1,))),
    ],
    "masked_select": [call(X, MASK), call(X, T((5,), dtype="bool"))],
    "masked_scatter": [call(X, MASK, T((15,)))],
    "nonzero": [call(X), call(T((2, 3, 4), 0, 1)), call(X, as_tuple=True)],
    "argwhere": [call(T((3, 4), 0, 1))],
    "embedding": [call(index((2, 3), 7), T((7, 4))), call(index((5,), 7), T((7, 4)), padding_idx=2)],
    "one_hot": [call(index((2, 3), 7), 7), call(index((5,), 7))],
    "put": [call(X, T((1,), 3, 3, "int64"), T((1,)))],
    "isin": [call(X, V)],
    "unique": [call(X)],
    "select_scatter": [call(X, V, 0, 1)],
    "slice_scatter": [call(X, T((1, 5)), 0, 1, 2)],
    "diagonal_scatter": [call(T((4, 4)), T((4,)))],
}

SORTING = {
    "sort": [call(ORDER), call(ORDER, 0), call(ORDER, dim=1, descending=True), call(X, stable=True, dim=-1)],
    "argsort": [call(ORDER), call(ORDER, 0, True), call(X, dim=1, stable=True)],
    "msort": [call(ORDER)],
    "topk": [
        call(ORDER, 3),
        call(ORDER, 2, 0),
        call(ORDER, 2, -1, False),
        call(ORDER, 1, dim=1, largest=False),
    ],
    "kthvalue": [call(ORDER, 2), call(ORDER, 3, 0), call(ORDER, 1, -1, True)],
}

CREATION = {
    **each(call((2, 3)), call((0,)), call((), dtype=F64), names="zeros ones"),
    "full": [call((2, 3), 2.5), call((2, 3), 2), call((2,), True), call((2,), 1, dtype=F64)],
    "arange": [call(5), call(1, 9, 2), call(0.0, 1.0, 0.25), call(5, 0, -2), call(3, dtype=F64)],
    "linspace": [call(0, 1, 5), call(-2.0, 3.0, 8, dtype=F64), call(3, 5, 1)],
    "logspace": [call(0, 2, 5), call(0, 3, 4, base=2.0)],
    "eye": [call(3), call(2, 4), call(3, dtype=I64)],
    **each(call(X), call(X, dtype=F64), names="zeros_like ones_like"),
    "full_like": [call(X, 2), call(X, 2.5, dtype=F64)],
    **each(call(X, (2, 2)), names="new_zeros new_ones"),
    "new_full": [call(X, (2, 2), 3)],
    "tril_indices": [call(3, 4)],
    "triu_indices": [call(3, 4)],
    **each(call(5), names="hann_window hamming_window blackman_window bartlett_window"),
}

SAMPLES: dict[str, list[Sample]] = {
    name: samples
    for group in (
        POINTWISE,
        CASTS,
        REDUCTIONS,
        COMPOSITES,
        LOSSES,
        MATRICES,
        WINDOWS,
        SHAPES,
        INDEXING,
        SORTING,
        CREATION,
        SPECIAL,
        STRUCTURE,
        FUNCTIONAL,
    )
    for name, samples in group.items()
}

# Operators whose result is no function of the arguments alone, that make no tensor, or take few values: their test.
ELSEWHERE: dict[str, str] = {
    "_dirichlet_grad": "test_distributions.py",
    **dict.fromkeys(
        "_log_standard_gamma _sample_dirichlet _standard_gamma binomial".split(), "test_random_counts.py"
    ),
    **dict.fromkeys(
        "alpha_dropout/function cauchy_ dropout/function feature_alpha_dropout/function geometric_"
        " log_normal_".split(),
        "test_random.py",
    ),
    "frobenius_norm": "test_linalg.py",
    **dict.fromkeys(
        "cholesky cholesky_inverse cholesky_solve det geqrf inverse logdet lu lu_solve lu_unpack"
        " matrix_exp matrix_power nuclear_norm orgqr ormqr pca_lowrank pinverse qr slogdet svd"
        " svd_lowrank triangular_solve linalg_cholesky linalg_cholesky_ex linalg_cond linalg_det"
        " linalg_eig linalg_eigh linalg_eigvals linalg_eigvalsh linalg_householder_product linalg_inv"
        " linalg_inv_ex linalg_ldl_factor linalg_ldl_factor_ex linalg_ldl_solve linalg_lstsq linalg_lu"
        " linalg_lu_factor linalg_lu_factor_ex linalg_lu_solve linalg_matrix_exp linalg_matrix_power"
        " linalg_matrix_rank linalg_pinv linalg_qr linalg_slogdet linalg_solve linalg_solve_ex"
        " linalg_solve_triangular linalg_svd linalg_svdvals linalg_tensorinv linalg_tensorsolve".split(),
        "test_linalg.py",
    ),
    **dict.fromkeys(
        "stft istft fft_fft fft_ifft fft_rfft fft_irfft fft_hfft fft_ihfft fft_fft2 fft_ifft2"
        " fft_rfft2 fft_irfft2 fft_hfft2 fft_ihfft2 fft_fftn fft_ifftn fft_rfftn fft_irfftn fft_hfftn"
        " fft_ihfftn fft_fftfreq fft_rfftfreq fft_fftshift fft_ifftshift".split(),
        "test_fft.py",
    ),
    **dict.fromkeys(
        "adjoint cdouble cfloat chalf complex conj conj_physical imag is_conj is_neg isreal polar real resolve_conj"
        " resolve_neg vdot view_as_complex view_as_real".split(),
        "test_complex.py",
    ),
    **dict.fromkeys(
        "rand randn randint randperm rand_like randn_like randint_like bernoulli multinomial normal poisson dropout"
        " dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout uniform exponential log_normal geometric"
        " gumbel_softmax native_dropout"
        " cauchy random rrelu manual_seed initial_seed seed bernoulli_ exponential_ feature_dropout normal_ random_"
        " uniform_".split(),
        "test_random.py",
    ),
    **dict.fromkeys(
        "empty empty_like new_empty empty_strided new_empty_strided empty_permuted tensor as_tensor asarray"
        " new_tensor".split(),
        "test_creation.py",
    ),
    **dict.fromkeys("item tolist from_numpy numpy from_dlpack frombuffer".split(), "test_interop.py"),
    **dict.fromkeys("set_ fill zero copy copy_ fill_ zero_".split(), "test_inplace.py"),
    **dict.fromkeys("stride storage_offset is_contiguous data_ptr".split(), "test_views.py"),
    **dict.fromkeys(
        "embedding_bag/function embedding_renorm_ affine_grid_generator pdist".split(), "test_functional.py"
    ),
    **dict.fromkeys("searchsorted bucketize".split(), "test_sort_scan.py"),
    "result_type": "test_promotion.py",
    **dict.fromkeys(
        "_unique2 _unique_dim _unique_consecutive fill_diagonal_ index histogram nextafter pdist"
        " as_strided_scatter".split(),
        "test_names.py",
    ),
}
