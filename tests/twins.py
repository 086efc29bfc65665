"""Programs that run in both libraries, and what they tell compared: for modules and their helpers."""

import math
import re
import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import reference
import torch

import spiraltorch_rs as st

# What a program tells: texts, numbers, and tensors as lists.
Program = Callable[[Any], Any]


def plain(value):
    """Without the library's name, and tensors as rounded lists."""
    if isinstance(value, (st.Tensor, torch.Tensor)):
        return [tuple(value.shape), value.detach().reshape(-1).tolist()]
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, (str, int, float, bool, type(None))):
        return texted(value) if isinstance(value, str) else value
    return texted(repr(value))


def texted(text):
    """Without the library's name and the device under test."""
    return re.sub(
        r" \((wgpu|cuda):\d\)|, device='(wgpu|cuda):\d'", "", text.replace("spiraltorch_rs", "torch")
    )


def attempt(call):
    """The result, or the exception."""
    try:
        return call()
    except Exception as error:
        return error


def told(program, library):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return plain(program(library))


def net(t):
    """Layers, with numbers that are the same in both libraries."""
    nn = t.nn
    model = nn.Sequential(
        OrderedDict(
            a=nn.Linear(2, 3), b=nn.Sequential(nn.BatchNorm1d(3), nn.ReLU()), c=nn.Linear(3, 1, bias=False)
        )
    )
    with t.no_grad():
        for i, parameter in enumerate(model.parameters()):
            count = parameter.numel()
            values = t.arange(count, dtype=t.float32).reshape(parameter.shape)
            parameter.copy_((values * 0.7 + i) % 3 - 1.2)
    return model


def data(t):
    return t.tensor([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.3]])


def same(a, b):
    """Equal, floats within rounding."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, float) and isinstance(b, float):
        # A sum that is zero on paper is a rounding, which depends on the order: GPUs have one of their own.
        zero = 1e-6 if reference.DEVICE[0] == "cpu" else 4e-6
        return math.isclose(a, b, rel_tol=1e-5, abs_tol=zero) or (a != a and b != b)
    return type(a) is type(b) and a == b
