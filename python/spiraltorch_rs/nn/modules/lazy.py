"""Modules whose parameters get their shapes from the first input."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs.nn.parameter import is_lazy

__all__ = ["LazyModuleMixin"]


class LazyModuleMixin:
    """Makes a module lazy: before its first forward pass it calls `initialize_parameters`."""

    # The class it is once it knows its shapes.
    cls_to_become: type[Any] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        me: Any = self
        self._load_hook = me._register_load_state_dict_pre_hook(self._lazy_load_hook)
        self._initialize_hook = me.register_forward_pre_hook(type(self)._infer_parameters, with_kwargs=True)

    def initialize_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Gives the parameters their shapes, from the arguments of `forward`."""
        raise NotImplementedError(f"initialize_parameters is not implemented for {type(self).__name__}")

    def has_uninitialized_params(self) -> bool:
        """Whether a parameter or buffer has no shape yet."""
        me: Any = self
        return any(is_lazy(one) for one in (*me._parameters.values(), *me._buffers.values()))

    def _lazy_load_hook(self, state_dict: Any, prefix: str, *_: Any) -> None:
        """Shapes may come from a state dict, too."""
        me: Any = self
        for name, mine in (*me._parameters.items(), *me._buffers.items()):
            theirs = state_dict.get(prefix + name)
            if theirs is not None and is_lazy(mine) and not is_lazy(theirs):
                mine.materialize(theirs.shape)

    def _infer_parameters(self, args: Any, kwargs: Any = None) -> None:
        me: Any = self
        me.initialize_parameters(*args, **(kwargs or {}))
        if self.has_uninitialized_params():
            raise RuntimeError(f"module {me._get_name()} has not been fully initialized")
        me._initialize_hook.remove()
        me._load_hook.remove()
        del me._initialize_hook, me._load_hook
        if self.cls_to_become is not None:
            me.__class__ = self.cls_to_become

    def _replicate_for_data_parallel(self) -> Any:
        raise RuntimeError("Modules with uninitialized parameters can't be used with `DataParallel`.")
