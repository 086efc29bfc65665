"""Nested structures of tuples, lists, dictionaries and classes that programs register, as lists of their leaves."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterable, Sequence

PyTree = object  # any nest of containers
Context = object  # what is kept of a structure beside its parts

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "LeafSpec",
    "TreeSpec",
    "register_pytree_node",
    "tree_all",
    "tree_all_only",
    "tree_any",
    "tree_any_only",
    "tree_flatten",
    "tree_leaves",
    "tree_map",
    "tree_map_only",
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


class LeafSpec(TreeSpec):
    """The structure of a single leaf."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(None, None, ())


_LEAF = LeafSpec()


# How a container is taken apart, into parts and a context, and built again from them.
NodeDef = namedtuple("NodeDef", "type flatten_fn unflatten_fn")
# Containers of Python's, and those that programs register.
SUPPORTED_NODES: dict[Any, NodeDef] = {}


def register_pytree_node(
    cls: type,
    flatten_fn: Callable[[Any], tuple[Iterable[Any], Any]],
    unflatten_fn: Callable[[list[Any], Any], Any],
    **options: Any,
) -> None:
    """From here on instances of a class are structures: `flatten_fn(it)` gives the parts and a context."""
    if cls in SUPPORTED_NODES:
        raise ValueError(
            f"{cls} is already registered as pytree node. Overwriting the node is not supported."
        )
    SUPPORTED_NODES[cls] = NodeDef(cls, flatten_fn, unflatten_fn)


_register_pytree_node = register_pytree_node


def _dict_flatten(tree: dict[Any, Any]) -> tuple[list[Any], Any]:
    """How a dictionary is taken apart, for classes derived from it."""
    return list(tree.values()), list(tree)


def _dict_flatten_with_keys(tree: dict[Any, Any]) -> tuple[list[tuple[Any, Any]], Any]:
    return list(tree.items()), list(tree)


def _dict_unflatten(values: Iterable[Any], context: Any) -> dict[Any, Any]:
    return dict(zip(context, values, strict=True))


def _named(parts: list[Any], kind: Any) -> Any:
    # Named tuples of Python's, and results with named parts, which take a sequence.
    return kind._make(parts) if hasattr(kind, "_make") else kind(parts)


register_pytree_node(tuple, lambda tree: (tree, None), lambda parts, _: tuple(parts))
register_pytree_node(list, lambda tree: (tree, None), lambda parts, _: parts)
register_pytree_node(dict, _dict_flatten, _dict_unflatten)
register_pytree_node(
    OrderedDict, _dict_flatten, lambda parts, keys: OrderedDict(_dict_unflatten(parts, keys))
)
register_pytree_node(deque, lambda tree: (tree, tree.maxlen), deque)
register_pytree_node(namedtuple, lambda tree: (tree, type(tree)), _named)  # type: ignore[arg-type]
register_pytree_node(
    defaultdict,
    lambda tree: (tree.values(), (tree.default_factory, list(tree))),
    lambda parts, context: defaultdict(context[0], _dict_unflatten(parts, context[1])),
)


def _get_node_type(tree: Any) -> Any:
    """What a tree is registered as; named tuples are one kind."""
    return namedtuple if isinstance(tree, tuple) and hasattr(tree, "_fields") else type(tree)


def _parts(tree: Any) -> tuple[Any, list[Any]] | None:
    """What a container is made of: the context to build it again, and its parts; `None` for a leaf."""
    node = SUPPORTED_NODES.get(_get_node_type(tree))
    if node is None:
        return None
    parts, context = node.flatten_fn(tree)
    return context, list(parts)


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
    return TreeSpec(_get_node_type(tree), context, [_flatten(part, leaves, is_leaf) for part in parts])


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
    return SUPPORTED_NODES[spec.type].unflatten_fn(parts, spec.context)


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


def tree_map_only(kinds: Any, function: Callable[[Any], Any], tree: Any) -> Any:
    """The same for leaves that are instances of some classes; the others stay."""
    return tree_map(lambda leaf: function(leaf) if isinstance(leaf, kinds) else leaf, tree)


def tree_all(predicate: Callable[[Any], bool], tree: Any) -> bool:
    """Whether it holds for every leaf."""
    return all(map(predicate, tree_leaves(tree)))


def tree_any(predicate: Callable[[Any], bool], tree: Any) -> bool:
    """Whether it holds for some leaf."""
    return any(map(predicate, tree_leaves(tree)))


def tree_all_only(kinds: Any, predicate: Callable[[Any], bool], tree: Any) -> bool:
    """Whether it holds for every leaf of these classes."""
    return all(predicate(leaf) for leaf in tree_leaves(tree) if isinstance(leaf, kinds))


def tree_any_only(kinds: Any, predicate: Callable[[Any], bool], tree: Any) -> bool:
    """Whether it holds for some leaf of these classes."""
    return any(predicate(leaf) for leaf in tree_leaves(tree) if isinstance(leaf, kinds))


def broadcast_prefix(prefix: Any, spec: TreeSpec) -> list[Any] | None:
    """A leaf of `prefix` for each leaf of a structure that it is the beginning of; `None` if it is not."""
    if spec.type is None:
        return [prefix]
    parts = _parts(prefix)
    if parts is None:
        return [prefix] * spec.num_leaves
    if _get_node_type(prefix) is not spec.type or len(parts[1]) != len(spec.children):
        return None
    found: list[Any] = []
    for part, child in zip(parts[1], spec.children, strict=True):
        below = broadcast_prefix(part, child)
        if below is None:
            return None
        found.extend(below)
    return found
