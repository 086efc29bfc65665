"""Lists and dictionaries among the arguments of nodes: nodes know who uses them, so nobody changes these in place."""

from __future__ import annotations

from typing import Any, NoReturn

from spiraltorch_rs.utils._pytree import register_pytree_node

__all__ = ["immutable_dict", "immutable_list"]


def _refuse(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
    raise TypeError(
        f"'{type(self).__name__}' object does not support mutation. If you are attempting to modify the kwargs or args "
        "of a torch.fx.Node object, instead create a new copy of it and assign the copy to the node"
    )


class immutable_list(list[Any]):
    """A list that stays as it is."""

    append = extend = insert = pop = remove = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self))

    def __reduce__(self) -> Any:
        return immutable_list, (tuple(self),)


class immutable_dict(dict[str, Any]):
    """A dictionary that stays as it is."""

    clear = pop = popitem = update = setdefault = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> Any:
        return immutable_dict, (tuple(self.items()),)


register_pytree_node(immutable_list, lambda kept: (list(kept), None), lambda parts, _: immutable_list(parts))
register_pytree_node(
    immutable_dict,
    lambda kept: (list(kept.values()), list(kept)),
    lambda parts, keys: immutable_dict(zip(keys, parts, strict=True)),
)
