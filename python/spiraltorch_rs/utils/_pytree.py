"""Nested structures of tuples, lists, dictionaries and classes that programs register, as lists of their leaves."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterable, Sequence

Context = object  # what is kept of a structure beside its parts

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "TreeSpec",
    "register_pytree_node",
    "tree_flatten",
    "tree_leaves",
    "tree_map",
    "tree_structure",
    "tree_unflatten",
]


class TreeSpec:
    """The structure of a tree without its leaves."""

    __slots__ = ("children", "context", "num_leaves", "type")

    def __init__(self, kind: Any, context: Any, children: Sequence[TreeSpec]) -> None:
        self.type = kind
        self.context = context
        self.children = tuple(children)
        self.num_leaves: int = sum(child.num_leaves for child in children) if kind is not None else 1

    def is_leaf(self) -> bool:
        """Whether it stands for a single leaf."""
        return self.type is None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TreeSpec) and (
            (self.type, self.context, self.children) == (other.type, other.context, other.children)
        )

    def __hash__(self) -> int:
        return hash((self.type, str(self.context), self.children))

    def __repr__(self) -> str:
        if self.is_leaf():
            return "*"
        return f"TreeSpec({self.type.__name__}, {self.context}, {list(self.children)})"


_LEAF = TreeSpec(None, None, ())
# Classes of programs: to parts and a context, and back.
_REGISTERED: dict[
    type, tuple[Callable[[Any], tuple[Iterable[Any], Any]], Callable[[list[Any], Any], Any]]
] = {}


def register_pytree_node(
    cls: type,
    flatten_fn: Callable[[Any], tuple[Iterable[Any], Any]],
    unflatten_fn: Callable[[list[Any], Any], Any],
    **options: Any,
) -> None:
    """From here on instances of a class are structures: `flatten_fn(it)` gives the parts and a context."""
    if cls in _REGISTERED:
        raise ValueError(
            f"{cls} is already registered as pytree node. Overwriting the node is not supported."
        )
    _REGISTERED[cls] = (flatten_fn, unflatten_fn)


_register_pytree_node = register_pytree_node


def _dict_flatten(tree: dict[Any, Any]) -> tuple[list[Any], Any]:
    """How a dictionary is taken apart, for classes derived from it."""
    return list(tree.values()), list(tree)


def _dict_flatten_with_keys(tree: dict[Any, Any]) -> tuple[list[tuple[Any, Any]], Any]:
    return list(tree.items()), list(tree)


def _dict_unflatten(values: Iterable[Any], context: Any) -> dict[Any, Any]:
    return dict(zip(context, values, strict=True))


def _is_namedtuple(tree: Any) -> bool:
    return isinstance(tree, tuple) and hasattr(tree, "_fields")


def _parts(tree: Any) -> tuple[Any, list[Any]] | None:
    """What a container is made of: the context to build it again, and its parts; `None` for a leaf."""
    kind = type(tree)
    if _is_namedtuple(tree):
        return kind, list(tree)
    if kind in (tuple, list):
        return None, list(tree)
    if kind in (dict, OrderedDict):
        return list(tree), list(tree.values())
    if kind is defaultdict:
        return (tree.default_factory, list(tree)), list(tree.values())
    if kind is deque:
        return tree.maxlen, list(tree)
    if kind in _REGISTERED:
        parts, context = _REGISTERED[kind][0](tree)
        return context, list(parts)
    return None


def tree_flatten(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> tuple[list[Any], TreeSpec]:
    """The leaves from left to right, and the structure without them.

    >>> tree_flatten({"a": 1, "b": (2, [3])})[0]
    [1, 2, 3]
    """
    leaves: list[Any] = []
    return leaves, _flatten(tree, leaves, is_leaf)


def _flatten(tree: Any, leaves: list[Any], is_leaf: Callable[[Any], bool] | None) -> TreeSpec:
    found = None if is_leaf is not None and is_leaf(tree) else _parts(tree)
    if found is None:
        leaves.append(tree)
        return _LEAF
    context, parts = found
    kind = namedtuple if _is_namedtuple(tree) else type(tree)
    return TreeSpec(kind, context, [_flatten(part, leaves, is_leaf) for part in parts])


def tree_unflatten(leaves: Iterable[Any], treespec: TreeSpec) -> Any:
    """The other way round."""
    leaves = list(leaves)
    if len(leaves) != treespec.num_leaves:
        raise ValueError(
            f"tree_unflatten: {len(leaves)} leaves were given for a structure of {treespec.num_leaves}"
        )
    return _build(iter(leaves), treespec)


def _build(leaves: Any, spec: TreeSpec) -> Any:
    if spec.type is None:
        return next(leaves)
    parts = [_build(leaves, child) for child in spec.children]
    if spec.type is namedtuple:
        # Named tuples of Python's, and results with named parts, which take a sequence.
        return spec.context._make(parts) if hasattr(spec.context, "_make") else spec.context(parts)
    if spec.type in (dict, OrderedDict):
        return spec.type(zip(spec.context, parts, strict=True))
    if spec.type is defaultdict:
        return defaultdict(spec.context[0], zip(spec.context[1], parts, strict=True))
    if spec.type is deque:
        return deque(parts, maxlen=spec.context)
    if spec.type in _REGISTERED:
        return _REGISTERED[spec.type][1](parts, spec.context)
    return spec.type(parts)


def tree_leaves(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> list[Any]:
    """The leaves from left to right."""
    return tree_flatten(tree, is_leaf)[0]


def tree_structure(tree: Any) -> TreeSpec:
    """The structure without its leaves."""
    return tree_flatten(tree)[1]


def tree_map(function: Callable[..., Any], tree: Any, *rests: Any) -> Any:
    """A tree of the same structure with what a function makes of the leaves."""
    leaves, spec = tree_flatten(tree)
    others = [tree_flatten(rest)[0] for rest in rests]
    return tree_unflatten([function(*group) for group in zip(leaves, *others, strict=True)], spec)


def broadcast_prefix(prefix: Any, spec: TreeSpec) -> list[Any] | None:
    """A leaf of `prefix` for each leaf of a structure that it is the beginning of; `None` if it is not."""
    if spec.type is None:
        return [prefix]
    parts = _parts(prefix)
    if parts is None:
        return [prefix] * spec.num_leaves
    kind = namedtuple if _is_namedtuple(prefix) else type(prefix)
    if kind is not spec.type or len(parts[1]) != len(spec.children):
        return None
    found: list[Any] = []
    for part, child in zip(parts[1], spec.children, strict=True):
        below = broadcast_prefix(part, child)
        if below is None:
            return None
        found.extend(below)
    return found
