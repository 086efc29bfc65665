"""`repr` is torch's, with the library's name in place of torch's."""

import re

import pytest
import torch
from reference import DTYPES, collected, pair

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("other devices print their name, too")

OURS = repr(st.float32).removesuffix("float32")


def as_torch(text: str) -> str:
    """Our text with torch's names; the names of backward nodes are our own."""
    return re.sub(r"grad_fn=<\w+>", "grad_fn=<...>", text.replace(OURS, "torch."))


def expected(text: str) -> str:
    return re.sub(r"grad_fn=<\w+>", "grad_fn=<...>", text)


nan, inf = float("nan"), float("inf")
VALUES = {
    "number": torch.tensor(1.5),
    "whole number": torch.tensor(2.0),
    "integer": torch.tensor(7),
    "truth": torch.tensor(True),
    "vector": torch.tensor([1.0, 2.0, 3.0]),
    "fractions": torch.tensor([0.1, 0.25, 1 / 3]),
    "negative": torch.tensor([-1.5, 0.0, 22.25]),
    "large": torch.tensor([1e8, 1.0]),
    "larger": torch.tensor([1e10, 1e-10, 0.0]),
    "small": torch.tensor([1e-5, 2e-5]),
    "wide": torch.tensor([0.001, 1000.0]),
    "wider": torch.tensor([0.001, 100000.0]),
    "whole and large": torch.tensor([1.0, 123456.0]),
    "special": torch.tensor([nan, inf, -inf, -0.0, 1.0]),
    "only special": torch.tensor([nan, inf]),
    "special and fractions": torch.tensor([nan, 0.5]),
    "integers": torch.tensor([[1, -20], [300, 4]]),
    "extreme integers": torch.tensor([2**62, -(2**62)]),
    "truths": torch.tensor([True, False]),
    "matrix": torch.arange(12.0).reshape(3, 4) / 7,
    "cube": torch.arange(24).reshape(2, 3, 4),
    "four": torch.arange(16.0).reshape(2, 2, 2, 2),
    "long": torch.arange(2000),
    "long floats": torch.arange(2000.0) / 3,
    "large matrix": torch.arange(40_000.0).reshape(200, 200),
    "long rows": torch.arange(3000).reshape(3, 1000),
    "many short rows": torch.arange(3000).reshape(1000, 3),
    "a line to wrap": torch.arange(60.0) * 1.5,
    "empty": torch.zeros(0),
    "empty matrix": torch.zeros(0, 3),
    "empty integers": torch.zeros(2, 0, dtype=torch.int64),
    "view": torch.arange(12.0).reshape(3, 4).t()[1:],
    "denormal": torch.tensor([1e-45, 1.0]),
}


@pytest.mark.parametrize("what", VALUES)
def test_values(what):
    mine, reference = pair(VALUES[what])
    assert as_torch(repr(mine)) == expected(repr(reference))
    assert as_torch(str(mine)) == expected(str(reference))


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes(dtype):
    with collected() as failures:
        for value in (
            torch.tensor([0, 1, 2]),
            torch.tensor(1),
            torch.zeros(0),
            torch.tensor([[1.25, 100.0]]),
        ):
            mine, reference = pair(value.to(getattr(torch, dtype)))
            with failures(str(value)):
                assert as_torch(repr(mine)) == expected(repr(reference))
    assert as_torch(repr(getattr(st, dtype))) == repr(getattr(torch, dtype))


def test_gradients_are_told():
    mine, reference = pair(torch.tensor([1.0, 2.5]), requires_grad=True)
    for view in (lambda x: x, lambda x: x * 2, lambda x: x.sum(), lambda x: (x * 2).detach(), lambda x: x[0]):
        assert as_torch(repr(view(mine))) == expected(repr(view(reference)))
    assert re.search(r"grad_fn=<MulBackward0?>", repr(mine * 2))


@pytest.mark.parametrize(
    "options",
    [
        {"precision": 2},
        {"threshold": 5, "edgeitems": 2},
        {"linewidth": 40},
        {"sci_mode": True},
        {"sci_mode": False},
    ],
    ids=str,
)
def test_options(options):
    values = [torch.arange(60.0) / 7, torch.tensor([1e-6, 1.0]), torch.arange(64).reshape(8, 8)]
    try:
        st.set_printoptions(**options)
        torch.set_printoptions(**options)
        for value in values:
            mine, reference = pair(value)
            assert as_torch(repr(mine)) == expected(repr(reference))
    finally:
        st.set_printoptions(profile="default")
        torch.set_printoptions(profile="default")


@pytest.mark.parametrize("spec", ["", ".2f", "8.3e", "g"])
def test_format_of_numbers(spec):
    mine, reference = pair(torch.tensor(3.14159))
    assert format(mine, spec) == format(reference, spec)
    assert f"{st.tensor([1, 2])}" == "tensor([1, 2])"
    assert as_torch(f"{st.empty((), device='meta')}") == f"{torch.empty((), device='meta')}"
    with pytest.raises(TypeError):
        format(st.ones(2), ".2f")


def test_shapes_devices_and_results():
    mine, reference = pair(torch.zeros(2, 3))
    assert as_torch(repr(mine.shape)) == repr(reference.shape)
    assert repr(mine.device) == repr(reference.device)
    assert str(mine.device) == "cpu"
    assert as_torch(repr(mine.max(0))) == repr(reference.max(0))
