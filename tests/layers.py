"""The table of layers that tests/test_layers.py builds in both libraries: constructor, arguments, inputs."""

from typing import Any, NamedTuple

import torch


class X(NamedTuple):
    """An input: a shape, and what is in it."""

    shape: tuple[int, ...]
    kind: str = "normal"


class Layer(NamedTuple):
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    inputs: tuple[X, ...]
    loose: float = 64


def L(name: str, *args: Any, inputs: Any = (4, 6), loose: float = 64, **kwargs: Any) -> Layer:
    """A row: an input is a shape, or a shape and a kind; several are a list."""
    listed = inputs if isinstance(inputs, list) else [inputs]
    made = tuple(X(*one) if one and isinstance(one[0], tuple) else X(one) for one in listed)
    return Layer(name, args, kwargs, made, loose)


IMAGE1, IMAGE2, IMAGE3 = (2, 4, 9), (2, 4, 9, 8), (2, 4, 5, 6, 7)
IMAGES = {1: IMAGE1, 2: IMAGE2, 3: IMAGE3}

LAYERS = [
    L("Identity", 3, unused=2),
    L("Linear", 6, 5),
    L("Linear", 6, 5, bias=False, inputs=(2, 3, 6)),
    L("Linear", 6, 5, inputs=(6,)),
    L("Bilinear", 3, 4, 5, inputs=[(2, 3), (2, 4)]),
    L("Bilinear", 3, 4, 5, bias=False, inputs=[(2, 3), (2, 4)]),
    L("Flatten", inputs=IMAGE2),
    L("Flatten", 0, 1, inputs=IMAGE2),
    L("Unflatten", 1, (2, 3)),
    L("PReLU"),
    L("PReLU", 4, init=0.1, inputs=IMAGE2),
    L("Softmax", 1),
    L("Softmax", inputs=(2, 3, 4)),
    L("LogSoftmax", dim=-1),
    L("Softmin", 0),
    L("Softmax2d", inputs=IMAGE2),
    L("Embedding", 10, 3, inputs=((4, 5), "index10")),
    L("Embedding", 10, 3, padding_idx=-2, inputs=((4, 5), "index10")),
    L("Embedding", 10, 3, max_norm=1.0, norm_type=1.5, inputs=((4, 5), "index10")),
    L("Embedding", 10, 3, scale_grad_by_freq=True, inputs=((4, 5), "index10")),
    L("EmbeddingBag", 10, 3, mode="sum", inputs=((4, 5), "index10")),
    L("EmbeddingBag", 10, 3, padding_idx=2, inputs=((4, 5), "index10")),
    L("EmbeddingBag", 10, 3, mode="max", inputs=((4, 5), "index10")),
    L("LayerNorm", 6),
    L("LayerNorm", (4, 6), bias=False, inputs=(2, 4, 6)),
    L("LayerNorm", [6], elementwise_affine=False, eps=1e-3),
    L("RMSNorm", 6),
    L("RMSNorm", (4, 6), eps=1e-3, elementwise_affine=False, inputs=(2, 4, 6)),
    L("GroupNorm", 2, 4, inputs=IMAGE2),
    L("GroupNorm", 4, 4, affine=False, inputs=IMAGE1),
    L("GroupNorm", 1, 4, bias=False, inputs=IMAGE1),
    L("BatchNorm1d", 6),
    L("BatchNorm1d", 4, momentum=None, affine=False, inputs=IMAGE1),
    L("BatchNorm1d", 4, track_running_stats=False, inputs=IMAGE1),
    L("BatchNorm2d", 4, eps=1e-3, momentum=0.3, inputs=IMAGE2),
    L("BatchNorm3d", 4, bias=False, inputs=IMAGE3),
    L("LocalResponseNorm", 3, alpha=0.1, inputs=IMAGE2),
    L("CosineSimilarity", inputs=[(3, 4), (3, 4)]),
    L("PairwiseDistance", 1.5, keepdim=True, inputs=[(3, 4), (3, 4)]),
    L("PixelShuffle", 2, inputs=(2, 8, 3, 2)),
    L("PixelUnshuffle", 2, inputs=(2, 2, 4, 6)),
    L("ChannelShuffle", 2, inputs=IMAGE2),
    L("Unfold", 3, padding=1, stride=2, inputs=IMAGE2),
    L("Fold", (4, 5), 2, inputs=(2, 12, 12)),
    L("Upsample", scale_factor=2, inputs=IMAGE2),
    L("Upsample", size=(5, 7), mode="bilinear", inputs=IMAGE2),
    L("Upsample", scale_factor=(1.5, 2.0), mode="bicubic", align_corners=True, inputs=IMAGE2),
    L("UpsamplingNearest2d", scale_factor=3, inputs=IMAGE2),
    L("UpsamplingBilinear2d", size=6, inputs=IMAGE2),
]

for (
    name
) in """ReLU SELU SiLU Mish Hardsigmoid Hardswish ReLU6 ELU CELU LeakyReLU Hardtanh Threshold""".split():
    first = (0.1, 20.0) if name == "Threshold" else ()
    LAYERS += [L(name, *first), L(name, *first, inplace=True)]
LAYERS += [L(name) for name in "Sigmoid Tanh LogSigmoid Softsign Tanhshrink GLU GELU Softplus".split()]
LAYERS += [
    L("ELU", 0.5),
    L("CELU", 0.5),
    L("LeakyReLU", 0.3),
    L("Hardtanh", -0.5, 0.2),
    L("GLU", 0),
    L("GELU", approximate="tanh"),
    L("Hardshrink", 0.3),
    L("Softshrink"),
    L("Softplus", 2, 1),
]

for n, image in IMAGES.items():
    LAYERS += [
        L(f"Conv{n}d", 4, 6, 3, inputs=image),
        L(f"Conv{n}d", 4, 6, 3, stride=2, padding=1, groups=2, bias=False, inputs=image),
        L(f"Conv{n}d", 4, 4, 3, 1, "same", 1, 4, inputs=image),
        L(f"Conv{n}d", 4, 2, 2, padding="valid", dilation=2, inputs=image[1:]),
        L(f"ConvTranspose{n}d", 4, 6, 3, inputs=image),
        L(f"ConvTranspose{n}d", 4, 6, 3, 2, 1, 1, 2, False, 1, inputs=image),
        L(f"InstanceNorm{n}d", 4, inputs=image),
        L(f"InstanceNorm{n}d", 4, affine=True, track_running_stats=True, inputs=image),
        L(f"InstanceNorm{n}d", 4, affine=True, bias=False, inputs=image[1:]),
        L(f"MaxPool{n}d", 2, inputs=image),
        L(f"MaxPool{n}d", 3, stride=2, padding=1, ceil_mode=True, return_indices=True, inputs=image),
        L(f"AvgPool{n}d", 2, inputs=image),
        L(f"AvgPool{n}d", 3, stride=2, padding=1, ceil_mode=True, count_include_pad=False, inputs=image),
        L(f"LPPool{n}d", 2, 2, inputs=image),
        L(f"AdaptiveMaxPool{n}d", 3, inputs=image),
        L(f"AdaptiveAvgPool{n}d", 3, inputs=image),
        L(f"ConstantPad{n}d", 1, 3.5, inputs=image),
        L(f"ZeroPad{n}d", tuple(range(2 * n)), inputs=image),
        L(f"ReflectionPad{n}d", 2, inputs=image),
        L(f"ReplicationPad{n}d", 2, inputs=image),
        L(f"CircularPad{n}d", 2, inputs=image),
        *(
            L(f"Conv{n}d", 4, 3, 3, padding=1, padding_mode=mode, inputs=image)
            for mode in ("reflect", "replicate", "circular")
        ),
    ]

LAYERS += [
    L(name, p, inputs=shape)
    for name, shape in [
        ("Dropout", (4, 6)),
        ("Dropout1d", IMAGE1),
        ("Dropout2d", IMAGE2),
        ("Dropout3d", IMAGE3),
    ]
    for p in (0.0, 1.0)
]
LAYERS += [L("AlphaDropout", 0.0), L("FeatureAlphaDropout", 0.0, inputs=IMAGE2)]

for kind in ("LSTM", "GRU", "RNN"):
    more = {"nonlinearity": "relu"} if kind == "RNN" else {}
    LAYERS += [
        L(kind, 3, 4, inputs=(5, 2, 3), loose=512),
        L(kind, 3, 4, 2, bidirectional=True, batch_first=True, inputs=(2, 5, 3), loose=512, **more),
        L(kind, 3, 4, bias=False, inputs=(5, 3), loose=512),
        L(kind + "Cell", 3, 4, inputs=(2, 3)),
        L(kind + "Cell", 3, 4, bias=False, inputs=(3,), **more),
    ]
LAYERS += [
    L("LSTM", 3, 5, 2, proj_size=2, bidirectional=True, inputs=(4, 2, 3), loose=512),
    L("LSTM", 3, 5, proj_size=2, bias=False, inputs=(4, 2, 3), loose=512),
]

SEQUENCE, MEMORY = (5, 2, 8), (7, 2, 8)
LAYERS += [
    L("MultiheadAttention", 8, 2, inputs=[SEQUENCE] * 3),
    L("MultiheadAttention", 8, 2, inputs=[SEQUENCE, MEMORY, MEMORY]),
    L("MultiheadAttention", 8, 4, bias=False, batch_first=True, inputs=[SEQUENCE] * 3),
    L("MultiheadAttention", 8, 2, add_bias_kv=True, add_zero_attn=True, inputs=[SEQUENCE, MEMORY, MEMORY]),
    L("MultiheadAttention", 8, 2, kdim=3, vdim=5, inputs=[SEQUENCE, (7, 2, 3), (7, 2, 5)]),
    L("MultiheadAttention", 8, 2, inputs=[(5, 8)] * 3),
    L("TransformerEncoderLayer", 8, 2, 16, 0.0, inputs=SEQUENCE, loose=512),
    L(
        "TransformerEncoderLayer",
        8,
        2,
        16,
        0.0,
        "gelu",
        norm_first=True,
        bias=False,
        inputs=SEQUENCE,
        loose=512,
    ),
    L("TransformerDecoderLayer", 8, 2, 16, 0.0, inputs=[SEQUENCE, MEMORY], loose=512),
    L(
        "TransformerDecoderLayer",
        8,
        2,
        16,
        0.0,
        norm_first=True,
        batch_first=True,
        inputs=[SEQUENCE, (5, 3, 8)],
        loose=512,
    ),
    L("Transformer", 8, 2, 2, 2, 16, 0.0, inputs=[SEQUENCE, MEMORY], loose=2048),
    L("Transformer", 8, 2, 1, 1, 16, 0.0, batch_first=True, inputs=[(2, 5, 8), (2, 7, 8)], loose=2048),
    L("AdaptiveLogSoftmaxWithLoss", 16, 12, [4, 8], inputs=[(6, 16), ((6,), "index12")]),
    L("AdaptiveLogSoftmaxWithLoss", 16, 12, [4, 8], 2.0, head_bias=True, inputs=[(16,), ((), "index12")]),
]

PAIR = [(4, 6), (4, 6)]
CLASSES = [(4, 6), ((4,), "index6")]
SIGNS = [(4, 6), ((4, 6), "sign")]
LAYERS += [
    L(name, reduction=reduction, inputs=inputs)
    for reduction in ("mean", "sum", "none")
    for name, inputs in [
        ("L1Loss", PAIR),
        ("MSELoss", PAIR),
        ("SmoothL1Loss", PAIR),
        ("HuberLoss", PAIR),
        ("CrossEntropyLoss", CLASSES),
        ("NLLLoss", CLASSES),
        ("PoissonNLLLoss", [(4, 6), ((4, 6), "unit")]),
        ("GaussianNLLLoss", [(4, 6), (4, 6), ((4, 6), "unit")]),
        ("KLDivLoss", [(4, 6), ((4, 6), "unit")]),
        ("BCELoss", [((4, 6), "unit"), ((4, 6), "unit")]),
        ("BCEWithLogitsLoss", [(4, 6), ((4, 6), "unit")]),
        ("HingeEmbeddingLoss", SIGNS),
        ("SoftMarginLoss", SIGNS),
        ("MultiLabelMarginLoss", [(4, 6), ((4, 6), "index6")]),
        ("MultiLabelSoftMarginLoss", [(4, 6), ((4, 6), "unit")]),
        ("MultiMarginLoss", CLASSES),
        ("CosineEmbeddingLoss", [(4, 6), (4, 6), ((4,), "sign")]),
        ("MarginRankingLoss", [(4,), (4,), ((4,), "sign")]),
        ("TripletMarginLoss", [(4, 6)] * 3),
        ("TripletMarginWithDistanceLoss", [(4, 6)] * 3),
        ("CTCLoss", [(8, 2, 5), ((2, 3), "label5"), ((2,), "length8"), ((2,), "length3")]),
    ]
]
LAYERS += [
    L("CrossEntropyLoss", label_smoothing=0.1, ignore_index=2, inputs=CLASSES),
    L("KLDivLoss", reduction="batchmean", log_target=True, inputs=PAIR),
    L("SmoothL1Loss", beta=0.3, inputs=PAIR),
    L("HuberLoss", delta=0.3, inputs=PAIR),
    L("MultiMarginLoss", p=2, margin=0.5, inputs=CLASSES),
    L("TripletMarginLoss", margin=0.5, p=1.0, swap=True, inputs=[(4, 6)] * 3),
    L("LinearCrossEntropyLoss", 6, 5, bias=True, inputs=[(4, 6), ((4,), "index5")]),
    L("LinearCrossEntropyLoss", 6, 5, bias=True, out_features=(2, 3), inputs=[(4, 6), ((4, 2, 3), "index5")]),
]


def tensor(x: X) -> torch.Tensor:
    """An input's values."""
    if x.kind == "normal":
        return torch.randn(x.shape)
    if x.kind == "unit":
        return torch.rand(x.shape) * 0.8 + 0.1
    if x.kind == "sign":
        return torch.randint(0, 2, x.shape) * 2.0 - 1.0
    number = int(x.kind.strip("abcdefghijklmnopqrstuvwxyz"))
    if x.kind.startswith("length"):
        return torch.full(x.shape, number)
    return torch.randint(1 if x.kind.startswith("label") else 0, number, x.shape)
