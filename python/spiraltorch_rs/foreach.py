"""`torch.foreach`: an operator on each tensor of a list; `_foreach_*` under public names.

>>> import spiraltorch_rs as st
>>> st.foreach.mul([st.ones(2), st.ones(1)], [2, 3])
(tensor([2., 2.]), tensor([3.]))
"""

from __future__ import annotations

from spiraltorch_rs import _foreach

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_PREFIX = "_foreach_"
# Those that torch has under the older name only.
_PRIVATE = ("powsum",)

__all__ = sorted(
    name.removeprefix(_PREFIX)
    for name in vars(_foreach)
    if name.startswith(_PREFIX) and not name.removeprefix(_PREFIX).startswith(_PRIVATE)
)


def __getattr__(name: str) -> Callable[..., object]:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    function: Callable[..., object] = getattr(_foreach, _PREFIX + name)
    return function


def __dir__() -> list[str]:
    return list(__all__)
