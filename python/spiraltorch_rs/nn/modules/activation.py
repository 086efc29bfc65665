"""Activations: functions of each value, and softmax."""

from __future__ import annotations

import warnings
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.nn import init
from spiraltorch_rs.nn.modules._attention import MultiheadAttention
from spiraltorch_rs.nn.modules._shared import F
from spiraltorch_rs.nn.modules.module import Module
from spiraltorch_rs.nn.parameter import Parameter

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "MultiheadAttention",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
]


class _Activation(Module):
    """An activation that may write over its input."""

    _function = ""
    inplace = False

    def _settings(self) -> dict[str, Any]:
        """What the function is given beside the input."""
        return {}

    def forward(self, input: Tensor) -> Tensor:
        options = {"inplace": True} if self.inplace else {}
        function = getattr(F, self._function)
        return function(input, *self._settings().values(), **options)  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        parts = [f"{name}={value}" for name, value in self._settings().items()]
        return ", ".join([*parts, *(["inplace=True"] if self.inplace else [])])


class _Switchable(_Activation):
    """An activation whose only setting is whether it writes over its input."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace


class ReLU(_Switchable):
    """x if positive, else 0."""

    _function = "relu"


class SELU(_Switchable):
    """`elu`, scaled so that mean and variance tend to 0 and 1."""

    _function = "selu"


class SiLU(_Switchable):
    """x * sigmoid(x)."""

    _function = "silu"


class Mish(_Switchable):
    """x * tanh(softplus(x))."""

    _function = "mish"


class Hardsigmoid(_Switchable):
    """A sigmoid of straight lines."""

    _function = "hardsigmoid"

    def extra_repr(self) -> str:
        return ""


class Hardswish(_Switchable):
    """`x * hardsigmoid(x)`."""

    _function = "hardswish"

    def extra_repr(self) -> str:
        return ""


class Sigmoid(_Activation):
    """1 / (1 + exp(-x))."""

    _function = "sigmoid"


class Tanh(_Activation):
    """The hyperbolic tangent."""

    _function = "tanh"


class LogSigmoid(_Activation):
    """The logarithm of the sigmoid."""

    _function = "logsigmoid"


class Softsign(_Activation):
    """x / (1 + abs(x))."""

    _function = "softsign"


class Tanhshrink(_Activation):
    """x - tanh(x)."""

    _function = "tanhshrink"


class Threshold(_Activation):
    """x above a threshold, else a value."""

    _function = "threshold"

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold, self.value, self.inplace = threshold, value, inplace

    def _settings(self) -> dict[str, Any]:
        return {"threshold": self.threshold, "value": self.value}


class RReLU(_Activation):
    """x if positive, else x times a random slope."""

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def _settings(self) -> dict[str, Any]:
        return {"lower": self.lower, "upper": self.upper}

    def forward(self, input: Tensor) -> Tensor:
        options = {"inplace": True} if self.inplace else {}
        return F.rrelu(  # type: ignore[no-any-return]
            input, self.lower, self.upper, self.training, **options
        )


class Hardtanh(_Activation):
    """x between two bounds."""

    _function = "hardtanh"

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        super().__init__()
        for old, new, value in (("min_value", "min_val", min_value), ("max_value", "max_val", max_value)):
            if value is not None:
                warnings.warn(
                    f"keyword argument `{old}` is deprecated and rename to `{new}`",
                    FutureWarning,
                    stacklevel=2,
                )
        self.min_val = min_val if min_value is None else min_value
        self.max_val = max_val if max_value is None else max_value
        self.inplace = inplace
        if self.max_val <= self.min_val:
            raise AssertionError("max_val must be larger than min_val")

    def _settings(self) -> dict[str, Any]:
        return {"min_val": self.min_val, "max_val": self.max_val}


class ReLU6(Hardtanh):
    """x between 0 and 6."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class ELU(_Activation):
    """x if positive, else `alpha * (exp(x) - 1)`."""

    _function = "elu"

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def _settings(self) -> dict[str, Any]:
        return {"alpha": self.alpha}


class CELU(ELU):
    """`elu` whose slope has no jump."""

    _function = "celu"


class LeakyReLU(_Activation):
    """x if positive, else x times a small slope."""

    _function = "leaky_relu"

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope, self.inplace = negative_slope, inplace

    def _settings(self) -> dict[str, Any]:
        return {"negative_slope": self.negative_slope}


class GLU(_Activation):
    """The first half along a dimension times the sigmoid of the second."""

    _function = "glu"

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def _settings(self) -> dict[str, Any]:
        return {"dim": self.dim}


class GELU(_Activation):
    """x times the share of normally distributed numbers below it."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        return F.gelu(input, approximate=self.approximate)  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class _Shrink(_Activation):
    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def _settings(self) -> dict[str, Any]:
        return {"lambd": self.lambd}

    def extra_repr(self) -> str:
        return str(self.lambd)


class Hardshrink(_Shrink):
    """x, but 0 near 0."""

    _function = "hardshrink"


class Softshrink(_Shrink):
    """x brought nearer to 0."""

    _function = "softshrink"


class Softplus(_Activation):
    """log(1 + exp(x)), smoothly a rectifier."""

    _function = "softplus"

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def _settings(self) -> dict[str, Any]:
        return {"beta": self.beta, "threshold": self.threshold}


class PReLU(Module):
    """x if positive, else x times a slope that is learned."""

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(_C.empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """The slope as it was in the beginning."""
        init.constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        return F.prelu(input, self.weight)  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


def _softmax_dim(name: str, dim: int | None, ndim: int) -> int:
    """The dimension, or the one that torch chooses where none is named."""
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=4,
    )
    return 0 if ndim in (0, 1, 3) else 1


class _Softmax(Module):
    _function = ""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        if dim is not None and (isinstance(dim, bool) or not isinstance(dim, int)):
            raise TypeError(f"dim must be an int or None, got: {type(dim)}")
        self.dim = dim

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.__dict__.setdefault("dim", None)

    def forward(self, input: Tensor) -> Tensor:
        dim = _softmax_dim(self._function, self.dim, input.dim())
        return getattr(F, self._function)(input, dim)  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Softmax(_Softmax):
    """Positive numbers that add up to 1 along a dimension."""

    _function = "softmax"


class Softmin(_Softmax):
    """`Softmax` of the negated input."""

    _function = "softmin"


class LogSoftmax(_Softmax):
    """The logarithm of `Softmax`."""

    _function = "log_softmax"


class Softmax2d(Module):
    """`Softmax` over the channels of an image."""

    def forward(self, input: Tensor) -> Tensor:
        if input.dim() not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead")
        return F.softmax(input, -3)  # type: ignore[no-any-return]
