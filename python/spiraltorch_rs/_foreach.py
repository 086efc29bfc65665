"""`torch._foreach_*`: an operator on each tensor of a list, as torch's optimizers and gradient clipping call them.

Nothing is launched here: each call records a node, and the scheduler puts neighbours into one kernel anyway.

>>> import spiraltorch_rs as st
>>> st._foreach_add([st.zeros(2), st.ones(1)], 2)
(tensor([2., 2.]), tensor([3.]))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from spiraltorch_rs import _C, linalg
from spiraltorch_rs._C import Tensor

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_UNARY = (
    "abs acos asin atan ceil cos cosh erf erfc exp expm1 floor frac lgamma log log10 log1p log2 neg reciprocal round "
    "rsqrt sigmoid sign sin sinh sqrt tan tanh trunc"
).split()
_BINARY = "add clamp_max clamp_min div maximum minimum mul pow sub".split()
_POINTWISE = "addcdiv addcmul".split()

# What the second operand is called where it is no `other`.
_SECOND = ("scalar", "scalars", "exponent")
# Those whose second operand may be a tensor for all, and what a number is compared by.
_OF_ONE_TENSOR = ("add", "div", "mul", "sub")
_OF_NUMBERS = {"maximum": "clamp_min", "minimum": "clamp_max"}


def _expect_tensors(name: str, tensors: Any) -> None:
    if not isinstance(tensors, (list, tuple)):
        raise TypeError(
            f"{name}(): argument 'self' (position 1) must be tuple of Tensors, not {type(tensors).__name__}"
        )
    if not tensors:
        raise RuntimeError("Tensor list must have at least one tensor.")
    for i, tensor in enumerate(tensors):
        if not isinstance(tensor, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(tensor).__name__}")


def _expect_as_many(tensors: Sequence[Any], others: Sequence[Any]) -> None:
    if len(others) == len(tensors):
        return
    if others and isinstance(others[0], Tensor):
        raise RuntimeError(
            f"Tensor lists must have the same number of tensors, got {len(tensors)} and {len(others)}"
        )
    raise RuntimeError("Tensor list must have same number of elements as scalar list.")


def _for_each(tensors: Sequence[Any], other: Any) -> list[Any]:
    """An operand for each tensor: those of a list, or the same one again and again."""
    if not isinstance(other, (list, tuple)):
        return [other] * len(tensors)
    _expect_as_many(tensors, other)
    return list(other)


def _scalars(tensors: Sequence[Any], given: Any) -> list[Any]:
    """A factor for each tensor; a tensor of one dimension is a list of numbers."""
    if isinstance(given, Tensor):
        if given.dim() != 1:
            raise RuntimeError(
                f"Expected packed scalar Tensor to be of dimension 1. Got {given.dim()} instead."
            )
        if not given.is_contiguous():
            raise RuntimeError("Expected scalars to be contiguous.")
        if len(given) != len(tensors):
            raise RuntimeError(
                f"Expected length of scalars to match input of length {len(tensors)} but got {len(given)} instead."
            )
        return list(given.tolist())
    return _for_each(tensors, given)


def _named(name: str, doc: str, function: Any) -> Any:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


def _both(name: str, calls: Callable[..., Iterable[Callable[[str], Any]]]) -> None:
    """Defines the form that gives new tensors and the one that writes into those of the first list.

    `calls` checks the arguments and gives a function for each tensor, which takes the ending of the method's name.
    """

    def new(*args: Any, **kwargs: Any) -> Any:
        return tuple(call("") for call in calls(*args, **kwargs))

    def written(*args: Any, **kwargs: Any) -> Any:
        for call in list(calls(*args, **kwargs)):
            call("_")
        return args[0] if args else kwargs["self"]

    globals()[f"_foreach_{name}"] = _named(f"_foreach_{name}", f"`{name}` of each tensor.", new)
    globals()[f"_foreach_{name}_"] = _named(f"_foreach_{name}_", f"`{name}_` of each tensor.", written)


def _method(tensor: Tensor, name: str, *args: Any, **kwargs: Any) -> Callable[[str], Any]:
    return lambda ending: getattr(tensor, name + ending)(*args, **kwargs)


def _unary(name: str) -> None:
    def calls(self: Any) -> Any:
        _expect_tensors(f"_foreach_{name}", self)
        return [_method(tensor, name) for tensor in self]

    _both(name, calls)


def _operation(tensor: Tensor, name: str, operand: Any, kwargs: dict[str, Any]) -> Callable[[str], Any]:
    if not isinstance(operand, Tensor):
        return _method(tensor, _OF_NUMBERS.get(name, name), operand, **kwargs)
    if name in ("maximum", "minimum"):
        function = getattr(_C, name)
        return lambda ending: function(tensor, operand, out=tensor) if ending else function(tensor, operand)
    return _method(tensor, name, operand, **kwargs)


def _binary(name: str) -> None:
    full = f"_foreach_{name}"

    def calls(self: Any, other: Any = None, *, alpha: Any = 1, **by_name: Any) -> Any:
        for keyword in by_name:
            if keyword not in _SECOND or other is not None or len(by_name) > 1:
                raise TypeError(f"{full}() got an unexpected keyword argument '{keyword}'")
            other = by_name[keyword]
        if name == "pow" and isinstance(self, (int, float, complex)):
            _expect_tensors(full, other)
            return [lambda _, t=tensor, base=self: _C.pow(base, t) for tensor in other]
        if isinstance(self, (list, tuple)) and isinstance(other, (list, tuple)) and not self:
            _expect_tensors(full, self)
        if not isinstance(self, (list, tuple)) or not isinstance(
            other, (list, tuple, Tensor, int, float, complex)
        ):
            raise TypeError(
                f"{full}() received an invalid combination of arguments - "
                f"got ({type(self).__name__}, {type(other).__name__}), but expected a list of tensors and a number, "
                "a tensor, or a list of either"
            )
        _expect_tensors(full, self)
        if isinstance(other, Tensor):
            if name not in _OF_ONE_TENSOR:
                raise TypeError(f"{full}(): one tensor for all is not among the signatures")
            if other.dim() > 0:
                raise RuntimeError(
                    f"scalar tensor expected to be 0 dim but it has {other.dim()} dimensions "
                    f"and {other.numel()} elements."
                )
        kwargs = {"alpha": alpha} if name in ("add", "sub") and alpha != 1 else {}
        operands = _for_each(self, other)
        return [
            _operation(tensor, name, operand, kwargs) for tensor, operand in zip(self, operands, strict=True)
        ]

    _both(name, calls)


def _pointwise(name: str) -> None:
    def calls(self: Any, tensor1: Any, tensor2: Any, value: Any = 1, *, scalars: Any = None) -> Any:
        _expect_tensors(f"_foreach_{name}", self)
        _expect_as_many(self, tensor1)
        _expect_as_many(self, tensor2)
        values = _scalars(self, value if scalars is None else scalars)
        return [
            _method(tensor, name, first, second, value=factor)
            for tensor, first, second, factor in zip(self, tensor1, tensor2, values, strict=True)
        ]

    _both(name, calls)


def _lerp_calls(self: Any, tensors1: Any, weight: Any = None, *, weights: Any = None) -> Any:
    _expect_tensors("_foreach_lerp", self)
    _expect_as_many(self, tensors1)
    shares = _for_each(self, weight if weights is None else weights)
    return [
        _method(tensor, "lerp", end, share) for tensor, end, share in zip(self, tensors1, shares, strict=True)
    ]


for _name in _UNARY:
    _unary(_name)
for _name in _BINARY:
    _binary(_name)
for _name in _POINTWISE:
    _pointwise(_name)
_both("lerp", _lerp_calls)


def _foreach_norm(self: Any, ord: Any = 2, dtype: Any = None) -> tuple[Tensor, ...]:
    """The norm of each tensor, all its elements in a row."""
    _expect_tensors("_foreach_norm", self)
    return tuple(linalg.vector_norm(tensor, ord, dtype=dtype) for tensor in self)


def _foreach_powsum(self: Any, ord: Any = 2, dtype: Any = None) -> tuple[Tensor, ...]:
    """The sum of each tensor's elements' sizes to a power: what a norm is the root of."""
    _expect_tensors("_foreach_powsum", self)
    return tuple(tensor.to(dtype or tensor.dtype).abs().pow(ord).sum() for tensor in self)


def _foreach_max(self: Any) -> tuple[Tensor, ...]:
    """The largest element of each tensor."""
    _expect_tensors("_foreach_max", self)
    return tuple(tensor.max() for tensor in self)


def _foreach_mm(self: Any, mat2: Any) -> tuple[Tensor, ...]:
    """The matrix product of each pair."""
    _expect_tensors("_foreach_mm", self)
    _expect_as_many(self, mat2)
    return tuple(left.mm(right) for left, right in zip(self, mat2, strict=True))


def _foreach_clone(self: Any, *, memory_format: Any = None) -> tuple[Tensor, ...]:
    """A copy of each tensor."""
    _expect_tensors("_foreach_clone", self)
    return tuple(tensor.clone(memory_format=memory_format) for tensor in self)


def _foreach_copy_(self: Any, src: Any, non_blocking: bool = False) -> Any:
    """The elements of each tensor of the second list, put into that of the first."""
    _expect_tensors("_foreach_copy_", self)
    _expect_as_many(self, src)
    for tensor, source in zip(self, src, strict=True):
        tensor.copy_(source)
    return self


def _foreach_zero_(self: Any) -> Any:
    """Each tensor filled with zeros."""
    _expect_tensors("_foreach_zero_", self)
    for tensor in self:
        tensor.zero_()
    return self
