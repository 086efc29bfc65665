"""Helpers."""

from spiraltorch_rs.utils import checkpoint as checkpoint

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from spiraltorch_rs._C import Tensor
    from spiraltorch_rs.utils import data as data
    from spiraltorch_rs.utils import dlpack as dlpack
    from spiraltorch_rs.utils import hooks as hooks


def __getattr__(name: str) -> object:
    # Imported when they are first used: `import spiraltorch_rs` stays fast.
    if name in (
        "_contextlib",
        "_foreach_utils",
        "_mode_utils",
        "_pytree",
        "data",
        "deterministic",
        "dlpack",
        "flop_counter",
        "hooks",
        "model_zoo",
        "tensorboard",
        "weak",
    ):
        from importlib import import_module

        return import_module(f"spiraltorch_rs.utils.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def swap_tensors(t1: "Tensor", t2: "Tensor") -> None:
    """Each of two tensors becomes the other, for everybody who has them.

    >>> import spiraltorch_rs as st
    >>> a, b = st.zeros(1), st.ones(2)
    >>> st.utils.swap_tensors(a, b)
    >>> a, b
    (tensor([1., 1.]), tensor([0.]))
    """
    t1._swap(t2)
    t1.__class__, t2.__class__ = t2.__class__, t1.__class__
    t1.__dict__, t2.__dict__ = t2.__dict__, t1.__dict__
