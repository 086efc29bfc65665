"""Samples of `nn.functional`: pooling, images, losses with margins, embeddings, recurrent networks, norms.

As in `samples.py`; names with a `/` are a second row of a name, such as torch's own `batch_norm` beside that of
`nn.functional`.
"""

import itertools
from typing import Any

from sampling import Sample, T, call, each, index

LINE, IMAGE, VOLUME = T((2, 3, 9)), T((2, 3, 7, 6)), T((2, 2, 5, 4, 6))
SPACES = {1: (9,), 2: (7, 6), 3: (5, 4, 6)}
REDUCED: list[dict[str, Any]] = [
    {},
    {"reduction": "sum"},
    {"reduction": "none"},
    {"reduce": False},
    {"size_average": False},
]
PLAIN = REDUCED[:3]


def pooled(n: int, distinct: bool) -> list[Sample]:
    """Windows of every kind over n dimensions."""
    image = T((2, 2, *SPACES[n]), distinct=distinct)
    one = T((3, *SPACES[n]), distinct=distinct)
    samples = [
        call(image, 2),
        call(image, 3, 2, 1),
        call(image, (3, 2, 3)[:n], 1),
        call(image, 2, 3, 1, ceil_mode=True),
        call(one, 2, 1),
        call(image, (4, 3, 4)[:n], 2, 1),
    ]
    if distinct:
        samples += [
            call(image, 2, 1, 1, 2),
            call(image, 3, 2, 1, return_indices=True),
            call(image, 2, dilation=2, ceil_mode=True, return_indices=True),
            call(image, SPACES[n]),
        ]
    else:
        samples += [
            call(image, 3, 2, 1, count_include_pad=False),
            call(image, SPACES[n]),
            call(image, 2, 2, 1, True, False),
        ]
        samples += [call(image, 2, divisor_override=3)] * (n > 1)
    return samples


def adapted(n: int, distinct: bool) -> list[Sample]:
    """Even and uneven parts of n dimensions."""
    image = T((2, 2, *SPACES[n]), distinct=distinct)
    samples = [call(image, 1), call(image, 3), call(image, 4), call(T((2, *SPACES[n]), distinct=distinct), 2)]
    if n > 1:
        samples += [call(image, (2, 3, 4)[:n]), call(image, (None, 3, 2)[:n]), call(image, (11, 7, 8)[:n])]
    if distinct:
        samples += [call(image, 3, return_indices=True), call(image, 4, return_indices=True)]
    return samples


def fractional(n: int) -> list[Sample]:
    """Windows at places that are given."""
    image = T((2, 2, *SPACES[n]), distinct=True)
    places = T((2, 2, n), 0, 1)
    return [
        call(image, 2, output_size=2, _random_samples=places),
        call(image, 2, output_ratio=(0.5, 0.6, 0.7)[:n], _random_samples=places, return_indices=True),
    ]


POOLING = {
    **{f"avg_pool{n}d": pooled(n, False) for n in (1, 2, 3)},
    **{f"max_pool{n}d": pooled(n, True) for n in (1, 2, 3)},
    **{
        f"max_pool{n}d_with_indices": [call(T((2, 2, *SPACES[n]), distinct=True), 3, 2, 1)] for n in (1, 2, 3)
    },
    **{f"adaptive_avg_pool{n}d": adapted(n, False) for n in (1, 2, 3)},
    **{f"adaptive_max_pool{n}d": adapted(n, True) for n in (1, 2, 3)},
    **{
        f"adaptive_max_pool{n}d_with_indices": [call(T((2, 2, *SPACES[n]), distinct=True), 2)]
        for n in (1, 2, 3)
    },
    "adaptive_max_pool1d/function": [call(T((2, 3, 9), distinct=True), 4)],
    **{f"fractional_max_pool{n}d": fractional(n) for n in (2, 3)},
    **{f"fractional_max_pool{n}d_with_indices": fractional(n)[:1] for n in (2, 3)},
    **{
        f"lp_pool{n}d": [
            call(T((2, 3, *SPACES[n]), 0.5, 2), 2, 2),
            call(T((2, 3, *SPACES[n]), 0.5, 2), 3.0, 3, 2),
        ]
        for n in (1, 2, 3)
    },
    "max_unpool1d": [call(T((1, 1, 1)), T((1, 1, 1), 1, 1, "int64"), 2)],
    "max_unpool2d": [call(T((1, 1, 1, 1)), T((1, 1, 1, 1), 2, 2, "int64"), 2)],
    "max_unpool3d": [call(T((1, 1, 1, 1, 1)), T((1, 1, 1, 1, 1), 5, 5, "int64"), 2)],
}

MODES = {1: ("linear",), 2: ("bilinear", "bicubic"), 3: ("trilinear",)}


def resized(n: int) -> list[Sample]:
    """Every mode over n dimensions, larger and smaller."""
    image = T((2, 2, *SPACES[n]))
    samples = [
        call(image, mode=mode, **how)
        for mode, how in itertools.product(
            ("nearest", "nearest-exact", "area"),
            ({"size": 4}, {"scale_factor": 2}, {"scale_factor": 1.7}, {"size": 11}),
        )
    ]
    samples += [
        call(image, mode=mode, align_corners=corners, **how)
        for mode, corners, how in itertools.product(
            MODES[n],
            (None, False, True),
            ({"size": 4}, {"scale_factor": 2.3}, {"scale_factor": 0.6, "recompute_scale_factor": True}),
        )
    ]
    if n == 2:
        samples += [
            call(image, size=(4, 9), mode=mode, align_corners=corners, antialias=True)
            for mode, corners in itertools.product(MODES[2], (False, True))
        ]
    return samples


def gridded() -> list[Sample]:
    """Every mode of reading at a grid, inside and outside of the image."""
    grids = {2: T((2, 4, 3, 2), -1.5, 1.5), 3: T((2, 3, 4, 2, 3), -1.5, 1.5)}
    images = {2: IMAGE, 3: VOLUME}
    return [
        call(images[n], grids[n], mode, padding, corners)
        for n, mode, padding, corners in itertools.product(
            (2, 3), ("bilinear", "nearest"), ("zeros", "border", "reflection"), (False, True)
        )
    ] + [
        call(IMAGE, grids[2], "bicubic", padding, corners)
        for padding, corners in itertools.product(("zeros", "border", "reflection"), (False, True))
    ]


IMAGES = {
    "interpolate": [sample for n in (1, 2, 3) for sample in resized(n)],
    "upsample": [call(IMAGE, scale_factor=2), call(IMAGE, 5, mode="bilinear")],
    "upsample_nearest": [call(IMAGE, scale_factor=2)],
    "upsample_bilinear": [call(IMAGE, size=(4, 9))],
    "grid_sample": gridded(),
    "grid_sampler": [call(IMAGE, T((2, 4, 3, 2), -1, 1), 0, 1, True)],
    "affine_grid": [
        call(T((2, 2, 3)), (2, 3, 4, 5), True),
        call(T((2, 2, 3)), (2, 3, 1, 5), False),
        call(T((2, 3, 4)), (2, 3, 4, 2, 5), False),
    ],
    "unfold/functional": [
        call(IMAGE, 2),
        call(IMAGE, (3, 2), 2, 1, (1, 2)),
        call(T((3, 7, 6)), 3, padding=1, stride=2),
    ],
    "fold": [
        call(T((2, 8, 9)), (4, 4), 2),
        call(T((2, 18, 24)), (7, 6), 3, padding=1, stride=(2, 1), dilation=1),
        call(T((8, 9)), 4, 2),
    ],
    "pixel_shuffle": [call(T((2, 12, 3, 2)), 2), call(T((9, 3, 2)), 3)],
    "pixel_unshuffle": [call(T((2, 3, 4, 6)), 2), call(T((1, 3, 6)), 3)],
    **each(call(T((2, 6, 3, 2)), 3), call(T((2, 6, 3)), 2), names="channel_shuffle native_channel_shuffle"),
    "conv_tbc": [call(T((7, 2, 3)), T((3, 3, 4)), T((4,)), 1), call(T((7, 2, 3)), T((3, 3, 4)), T((4,)))],
    "bilinear": [
        call(T((4, 3)), T((4, 2)), T((5, 3, 2)), T((5,))),
        call(T((2, 4, 3)), T((2, 4, 2)), T((5, 3, 2))),
    ],
}


def reduced(*args: Any, ways: list[dict[str, Any]] = REDUCED, **kwargs: Any) -> list[Sample]:
    """A loss with each reduction."""
    return [call(*args, **kwargs, **how) for how in ways]


X, Y, Z = T((4, 5)), T((4, 5)), T((4, 5))
SIGNS = [T((4, 5), 1, 1), T((4, 5), -1, -1)]
SIGN = [T((4,), 1, 1), T((4,), -1, -1)]
CLASSES = index((4,), 5)
LOGS = T((7, 2, 4), -3, -0.5)
LABELS = T((2, 3), 1, 3, "int64")

LOSSES = {
    "margin_ranking_loss": [s for sign in SIGNS for s in reduced(X, Y, sign, margin=0.5)],
    "hinge_embedding_loss": [s for sign in SIGNS for s in reduced(X, sign, margin=0.7)],
    "cosine_embedding_loss": [s for sign in SIGN for s in reduced(X, Y, sign, margin=0.2)],
    "soft_margin_loss": [s for sign in SIGNS for s in reduced(X, sign)],
    "triplet_margin_loss": [*reduced(X, Y, Z), call(X, Y, Z, margin=0.5, p=1, swap=True)],
    "multi_margin_loss": [
        *reduced(X, CLASSES),
        call(X, CLASSES, 2, 0.5, T((5,), 0.5, 2)),
        call(T((5,)), index((), 5)),
    ],
    "multilabel_margin_loss": [
        *reduced(X, T((4, 5), -1, 4, "int64")),
        call(T((5,)), T((5,), -1, 4, "int64")),
    ],
    "multilabel_soft_margin_loss": [
        *reduced(X, T((4, 5), 0, 1)),
        call(X, T((4, 5), 0, 1), weight=T((5,), 0.5, 2)),
    ],
    "poisson_nll_loss": [
        *reduced(X, T((4, 5), 0, 4)),
        call(X, T((4, 5), 0, 4), full=True),
        call(T((4, 5), 0.5, 3), T((4, 5), 0, 4), log_input=False, eps=1e-3),
    ],
    "gaussian_nll_loss": [
        *reduced(X, Y, T((4, 5), 0.5, 2), ways=PLAIN),
        call(X, Y, T((4, 1), 0.5, 2), full=True),
        call(X, Y, T((4,), 0.5, 2)),
        call(X, Y, 0.7),
    ],
    "ctc_loss": [
        *reduced(LOGS, LABELS, (7, 7), (3, 2), ways=PLAIN),
        call(LOGS, LABELS, (7, 5), (3, 2), zero_infinity=True),
        call(LOGS, T((5,), 1, 3, "int64"), (7, 6), (3, 2), reduction="sum"),
        call(LOGS, LABELS, T((2,), 7, 7, "int64"), T((2,), 2, 2, "int64")),
        call(T((7, 4), -3, -0.5), T((3,), 1, 3, "int64"), (7,), (3,)),
        call(LOGS, LABELS, (7, 7), (3, 0), blank=0),
    ],
    "linear_cross_entropy": [
        call(T((4, 3)), T((5, 3)), CLASSES),
        call(T((4, 3)), T((5, 3)), CLASSES, linear_bias=T((5,)), label_smoothing=0.1, reduction="sum"),
    ],
    "margin_ranking_loss/function": [call(X, Y, SIGNS[0], 0.5, 2)],
    "hinge_embedding_loss/function": [call(X, SIGNS[1], 0.7, 0)],
    "cosine_embedding_loss/function": [call(X, Y, SIGN[1], 0.2, 1)],
    "triplet_margin_loss/function": [call(X, Y, Z, 1.0, 2.0, 1e-6, True, 2)],
    "poisson_nll_loss/function": [call(X, T((4, 5), 0, 4), True, False, 1e-8, 2)],
    "binary_cross_entropy_with_logits/function": [call(X, T((4, 5), 0, 1), None, T((5,), 0.5, 2), 1)],
    "kl_div/function": [call(X, T((4, 5), 0.1, 1), 2), call(X, Y, 0, log_target=True)],
    "ctc_loss/function": [call(LOGS, LABELS, (7, 7), (3, 2), 0, 2, True)],
    "mse_loss": [*reduced(X, Y), call(X, Y, weight=T((4, 5), 0.5, 2)), call(X, T((5,)))],
    "l1_loss": [*reduced(X, Y), call(X, Y, weight=T((4, 5), 0.5, 2))],
    "huber_loss": [*reduced(X, Y, ways=PLAIN), call(X, Y, delta=0.5, weight=T((4, 5), 0.5, 2))],
}

TABLE = T((7, 4))
EMBEDDINGS = {
    "embedding": [
        call(index((2, 3), 7), TABLE),
        call(index((5,), 7), TABLE, padding_idx=2),
        call(index((9,), 7), TABLE, -1, scale_grad_by_freq=True),
    ],
    "embedding/function": [call(TABLE, index((2, 3), 7), 2, True)],
    "embedding_bag": [
        *(call(index((3, 4), 7), TABLE, mode=mode) for mode in ("sum", "mean", "max")),
        *(
            call(index((6,), 7), TABLE, T((1,), 0, 0, "int64"), mode=mode, padding_idx=1)
            for mode in ("sum", "mean", "max")
        ),
        call(index((3, 4), 7), TABLE, mode="sum", per_sample_weights=T((3, 4))),
        call(index((3, 4), 7), TABLE, mode="mean", scale_grad_by_freq=True),
    ],
}

NORMS = {
    "instance_norm": [
        call(IMAGE),
        call(IMAGE, None, None, T((3,)), T((3,))),
        call(IMAGE, T((3,)), T((3,), 0.5, 2), use_input_stats=False),
    ],
    "instance_norm/function": [
        call(LINE, T((3,)), T((3,)), T((3,)), T((3,), 0.5, 2), False, 0.1, 1e-3, False)
    ],
    "batch_norm/function": [
        call(LINE, T((3,)), T((3,)), T((3,)), T((3,), 0.5, 2), False, 0.1, 1e-3, False),
        call(LINE, None, None, None, None, True, 0.1, 1e-3, False),
    ],
    "native_batch_norm": [call(LINE, T((3,)), T((3,)), None, None, True, 0.1, 1e-3)],
    "layer_norm/function": [call(T((4, 6)), (6,), T((6,)), T((6,)), 1e-3, False)],
    "group_norm/function": [call(T((2, 4, 3)), 2, T((4,)), T((4,)), 1e-3, False)],
    "native_layer_norm": [call(T((4, 2, 6)), (2, 6), T((2, 6)), None, 1e-3)],
    "native_group_norm": [call(T((2, 4, 3)), T((4,)), T((4,)), 2, 4, 3, 2, 1e-3)],
    "local_response_norm": [call(IMAGE, 3), call(LINE, 2, 0.1, 0.5, 2.0)],
    **{
        f"{name}/functional": [call(X, 0), call(T((2, 3, 4))), call(X, dim=-1)]
        for name in ("softmax", "log_softmax")
    },
    "softmin": [call(X, 0), call(X, dim=-1), call(T((2, 3, 4)))],
    "convolution": [
        call(LINE, T((4, 3, 2)), T((4,)), [2], [1], [1], False, [0], 1),
        call(IMAGE, T((3, 2, 2, 2)), None, [2, 2], [0, 1], [1, 1], True, [1, 0], 1),
    ],
    "constant_pad_nd": [call(X, (1, 2)), call(X, (1, -1, 0, 2), 1.5)],
}


def network(gates: int, layers: int, both_ways: bool, packed: bool = False) -> Sample:
    """A recurrent network and a sequence for it."""
    ways, width, hidden = 1 + both_ways, 3, 2
    params = []
    for layer in range(layers):
        read = width if layer == 0 else hidden * ways
        # Small, as trained weights are: large ones make rounding errors grow from step to step.
        own = [
            T((gates * hidden, read), -0.7, 0.7),
            T((gates * hidden, hidden), -0.7, 0.7),
            T((gates * hidden,)),
            T((gates * hidden,)),
        ]
        params += own * ways
    state = T((layers * ways, 2, hidden))
    states: Any = [state, T((layers * ways, 2, hidden))] if gates == 4 else state
    sequence = [T((8, width)), T((4,), 2, 2, "int64")] if packed else [T((4, 2, width))]
    settings: list[Any] = [True, layers, 0.0, True, both_ways] + ([] if packed else [False])
    return call(*sequence, states, params, *settings)


CELLS = {"rnn_tanh": 1, "rnn_relu": 1, "gru": 3, "lstm": 4}
RECURRENT = {
    **{
        name: [network(gates, 1, False), network(gates, 2, True), network(gates, 1, True, packed=True)]
        for name, gates in CELLS.items()
    },
    **{
        f"{name}_cell": [
            call(
                T((2, 3)),
                [T((2, 4)), T((2, 4))] if gates == 4 else T((2, 4)),
                T((4 * gates, 3)),
                T((4 * gates, 4)),
                *(T((4 * gates,)), T((4 * gates,))),
            )
        ]
        for name, gates in CELLS.items()
    },
}

FUNCTIONAL = {**POOLING, **IMAGES, **LOSSES, **EMBEDDINGS, **NORMS, **RECURRENT}
