"""Helpers."""

from spiraltorch_rs.utils import checkpoint as checkpoint

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from spiraltorch_rs.utils import data as data
    from spiraltorch_rs.utils import hooks as hooks


def __getattr__(name: str) -> object:
    # Imported when they are first used: `import spiraltorch_rs` stays fast.
    if name in ("_pytree", "data", "hooks", "model_zoo"):
        from importlib import import_module

        return import_module(f"spiraltorch_rs.utils.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
