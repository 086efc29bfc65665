"""Kullback-Leibler divergences: the registry, and those of a family with itself."""

from __future__ import annotations

from collections.abc import Callable

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["kl_divergence", "register_kl"]

_KL_REGISTRY: dict[tuple[type, type], Callable[[Any, Any], Any]] = {}
_FOUND: dict[tuple[type, type], Any] = {}


def register_kl(type_p: type, type_q: type) -> Callable[[Any], Any]:
    """A decorator for the divergence of a pair of classes; the nearest classes are taken.

    >>> import spiraltorch_rs as st
    >>> class Mine(st.distributions.Normal): ...
    >>> @st.distributions.register_kl(Mine, Mine)
    ... def divergence(p, q):
    ...     return st.zeros(())
    >>> st.distributions.kl_divergence(Mine(0.0, 1.0), Mine(1.0, 1.0))
    tensor(0.)
    """
    for given, name in ((type_p, "type_p"), (type_q, "type_q")):
        # (Programs register classes that need not be derived from ours, as long as what is made of them is.)
        if not isinstance(given, type):
            raise TypeError(f"Expected {name} to be a Distribution subclass but got {given}")

    def decorator(function: Any) -> Any:
        _KL_REGISTRY[type_p, type_q] = function
        _FOUND.clear()
        return function

    return decorator


def _nearest(type_p: type, type_q: type) -> Any:
    """The function for the nearest base classes, those of p counting first."""
    fits = [pair for pair in _KL_REGISTRY if issubclass(type_p, pair[0]) and issubclass(type_q, pair[1])]
    if not fits:
        return None

    def distance(pair: tuple[type, type]) -> tuple[int, int]:
        return type_p.__mro__.index(pair[0]), type_q.__mro__.index(pair[1])

    return _KL_REGISTRY[min(fits, key=distance)]


def kl_divergence(p: Any, q: Any) -> Any:
    """The divergence of `p` from `q`.

    >>> import spiraltorch_rs as st
    >>> normal = st.distributions.Normal
    >>> st.distributions.kl_divergence(normal(0.0, 1.0), normal(1.0, 1.0))
    tensor(0.5000)
    """
    pair = type(p), type(q)
    if pair not in _FOUND:
        _FOUND[pair] = _nearest(*pair)
    if _FOUND[pair] is None:
        raise NotImplementedError(
            f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}"
        )
    return _FOUND[pair](p, q)


from spiraltorch_rs.distributions import _kl_mixed as _kl_mixed  # noqa: E402
from spiraltorch_rs.distributions import _kl_same as _kl_same  # noqa: E402
