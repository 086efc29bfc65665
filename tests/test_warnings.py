"""What torch warns of, this warns of: the same number of warnings, of the same category, that begin alike."""

import warnings

import numpy as np
import pytest
import torch

import spiraltorch_rs as st

torch.set_warn_always(True)  # those that torch gives once belong to whichever test comes first


def ones(t, *sizes, grad=False):
    return t.ones(sizes, requires_grad=grad)


def F(t):
    return t.nn.functional


def dropout(name, rank):
    return lambda t: getattr(F(t), name)(ones(t, *range(2, 2 + rank)), training=False)


CALLS = {
    "softmax": lambda t: F(t).softmax(ones(t, 2, 3)),
    "log_softmax": lambda t: F(t).log_softmax(ones(t, 3)),
    "softmin": lambda t: F(t).softmin(ones(t, 2, 3, 4)),
    "Softmax": lambda t: t.nn.Softmax()(ones(t, 2, 3)),
    "softmax dim": lambda t: F(t).softmax(ones(t, 2, 3), dim=0),
    "kl_div mean": lambda t: F(t).kl_div(ones(t, 3), ones(t, 3)),
    "kl_div batchmean": lambda t: F(t).kl_div(ones(t, 3), ones(t, 3), reduction="batchmean"),
    "KLDivLoss": lambda t: t.nn.KLDivLoss()(ones(t, 3), ones(t, 3)),
    "grid_sample": lambda t: F(t).grid_sample(ones(t, 1, 1, 4, 4), ones(t, 1, 2, 2, 2)),
    "grid_sample said": lambda t: F(t).grid_sample(
        ones(t, 1, 1, 4, 4), ones(t, 1, 2, 2, 2), align_corners=False
    ),
    "affine_grid": lambda t: F(t).affine_grid(ones(t, 1, 2, 3), [1, 1, 4, 4]),
    "affine_grid of one": lambda t: F(t).affine_grid(ones(t, 1, 2, 3), [1, 1, 2, 1], align_corners=True),
    "affine_grid of some": lambda t: F(t).affine_grid(ones(t, 1, 2, 3), [1, 1, 2, 2], align_corners=True),
    "complex module": lambda t: t.nn.Linear(2, 2).to(t.complex64),
    "tensor": lambda t: t.tensor(ones(t, 2)),
    "as_tensor": lambda t: t.as_tensor(ones(t, 2)),
    "new_tensor": lambda t: ones(t, 2).new_tensor(ones(t, 2)),
    "cross": lambda t: t.cross(ones(t, 3, 3), ones(t, 3, 3)),
    "cross dim": lambda t: t.cross(ones(t, 3, 3), ones(t, 3, 3), dim=1),
    "T 0": lambda t: t.ones(()).T,
    "T 1": lambda t: ones(t, 3).T,
    "T 2": lambda t: ones(t, 3, 2).T,
    "T 3": lambda t: ones(t, 3, 2, 1).T,
    "H 0": lambda t: t.ones(()).H,
    **{
        f"{name} {rank}": dropout(name, rank)
        for name in ("dropout1d", "dropout2d", "dropout3d")
        for rank in ((2, 3) if name == "dropout1d" else (2, 3, 4, 5))
    },
    "Dropout2d 3": lambda t: t.nn.Dropout2d().eval()(ones(t, 2, 3, 4)),
    "mask of bytes": lambda t: ones(t, 3)[t.tensor([1, 0, 1], dtype=t.uint8)],
    "std": lambda t: ones(t, 1).std(),
    "var dim": lambda t: ones(t, 3, 1).var(-1),
    "var correction": lambda t: t.var(ones(t, 3, 4), correction=12),
    "var unbiased": lambda t: t.var(ones(t, 1), unbiased=False),
    "std_mean": lambda t: t.std_mean(ones(t, 1)),
    "std of some": lambda t: ones(t, 3).std(),
    "grad": lambda t: (ones(t, 2, grad=True) * 2).grad,
    "grad of leaf": lambda t: ones(t, 2, grad=True).grad,
    "float": lambda t: float(ones(t, 1, grad=True)),
    "item": lambda t: ones(t, 1, grad=True).item(),
    "cycle": lambda t: ones(t, 1, grad=True).square().sum().backward(create_graph=True),
    "stft": lambda t: t.stft(ones(t, 40), 8, return_complex=True),
    "stft window": lambda t: t.stft(ones(t, 40), 8, window=ones(t, 8), return_complex=True),
    "istft": lambda t: t.istft(t.ones(5, 11, dtype=t.complex64), 8),
    "range": lambda t: t.range(0, 3),
    "chain_matmul": lambda t: t.chain_matmul(ones(t, 2, 3), ones(t, 3, 2)),
    "lu": lambda t: t.lu(t.eye(3)),
    "lu_solve": lambda t: t.lu_solve(ones(t, 3, 1), *t.linalg.lu_factor(t.eye(3))),
    "linalg.lu_solve": lambda t: t.linalg.lu_solve(*t.linalg.lu_factor(t.eye(3)), ones(t, 3, 1)),
    "triangular_solve": lambda t: t.triangular_solve(ones(t, 3, 1), t.eye(3)),
    "upsample": lambda t: F(t).upsample(ones(t, 1, 1, 4, 4), scale_factor=2),
    "upsample_nearest": lambda t: F(t).upsample_nearest(ones(t, 1, 1, 4, 4), scale_factor=2),
    "upsample_bilinear": lambda t: F(t).upsample_bilinear(ones(t, 1, 1, 4, 4), scale_factor=2),
    "sizes": lambda t: F(t).mse_loss(ones(t, 3), ones(t, 3, 1)),
    "size_average": lambda t: F(t).mse_loss(ones(t, 3), ones(t, 3), size_average=False),
    "reduce": lambda t: F(t).soft_margin_loss(ones(t, 3), ones(t, 3), reduce=False),
    "MSELoss": lambda t: t.nn.MSELoss(size_average=True),
    "NLLLoss2d": lambda t: t.nn.NLLLoss2d(),
    "detect_anomaly": lambda t: t.autograd.detect_anomaly(),
    "set_detect_anomaly": lambda t: t.autograd.set_detect_anomaly(False),
    "checkpoint": lambda t: t.utils.checkpoint.checkpoint(t.sin, ones(t, 1, grad=True)),
    "checkpoint said": lambda t: t.utils.checkpoint.checkpoint(
        t.sin, ones(t, 1, grad=True), use_reentrant=False
    ),
    "checkpoint_sequential": lambda t: t.utils.checkpoint.checkpoint_sequential(
        [t.sin, t.cos, t.exp], 3, ones(t, 1, grad=True)
    ),
    "read only": lambda t: t.from_numpy(np.broadcast_to(np.ones(1), (3,))),
    "repeated": lambda t: ones(t, 1).expand(3).index_fill_(0, t.tensor([0]), 1),
}


def told(call, library):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call(library)
    # On GPUs the suite asks to be told what the host does.
    said = [w for w in caught if "is an algorithm of the host" not in str(w.message)]
    return [(w.category, str(w.message).replace("`", "").split()[:3]) for w in said]


@pytest.mark.parametrize("name", CALLS)
def test_warnings_are_torchs(name):
    expected = told(CALLS[name], torch)
    found = told(CALLS[name], st)
    assert [category for category, _ in found] == [category for category, _ in expected]
    assert [words for _, words in found] == [words for _, words in expected]


def test_the_line_is_the_users():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        st.ones(3).T  # noqa: B018
    assert caught[0].filename == __file__
