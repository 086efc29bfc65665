"""Nested structures of tuples, lists, dictionaries and classes that programs register, as lists of their leaves."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import UnionType

from spiraltorch_rs._size import Size

# Their structures need the same keys, not the same order.
DICTIONARIES = frozenset((dict, OrderedDict, defaultdict))
PyTree = object  # any nest of containers
Context = object  # what is kept of a structure beside its parts

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "GetAttrKey",
    "LeafSpec",
    "MappingKey",
    "SequenceKey",
    "TreeSpec",
    "arg_tree_leaves",
    "key_get",
    "keystr",
    "map_only",
    "register_pytree_node",
    "tree_all",
    "tree_all_only",
    "tree_any",
    "tree_any_only",
    "tree_flatten",
    "tree_flatten_with_path",
    "tree_is_leaf",
    "tree_iter",
    "tree_leaves",
    "tree_leaves_with_path",
    "tree_map",
    "tree_map_",
    "tree_map_only",
    "tree_map_only_",
    "tree_map_with_path",
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

    num_children = property(lambda self: len(self.children))
    num_nodes = property(lambda self: 1 + sum(child.num_nodes for child in self.children))

    def is_leaf(self) -> bool:
        """Whether it stands for a single leaf."""
        return self.type is None

    def child(self, index: int) -> TreeSpec:
        """The structure of a part."""
        return self.children[index]

    def unflatten(self, leaves: Iterable[Any]) -> Any:
        """The structure with these leaves."""
        return tree_unflatten(leaves, self)

    def flatten_up_to(self, tree: Any) -> list[Any]:
        """What another tree of this structure has where this one has leaves: leaves, or trees."""
        if self.type is None:
            return [tree]
        below = zip(self._parts_of(tree), self.children, strict=True)
        return [found for part, child in below for found in child.flatten_up_to(part)]

    def _parts_of(self, tree: Any) -> list[Any]:
        """The parts of a container that is as this one; those of a dictionary in this one's order."""
        kind = _get_node_type(tree)
        dictionaries = self.type in DICTIONARIES and kind in DICTIONARIES
        if kind is not self.type and not dictionaries:
            raise ValueError(f"Node type mismatch; expected {self.type!r}, but got {kind!r}.")
        context, parts = _parts(tree) or (None, [])
        if len(parts) != len(self.children):
            raise ValueError(f"Node arity mismatch; expected {len(self.children)}, but got {len(parts)}.")
        if dictionaries:
            keys = self.context[1] if self.type is defaultdict else self.context
            if set(keys) != set(tree):
                raise ValueError(f"Node keys mismatch; expected {keys}, but got {list(tree)}.")
            return [tree[key] for key in keys]
        if context != self.context and kind is not deque:
            raise ValueError(
                f"Node context mismatch for {self.type!r}; expected {self.context!r}, but got {context!r}."
            )
        return parts

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


class _Key:
    """What leads from a container to a part; each kind has its own name for it."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._value == other._value

    def __hash__(self) -> int:
        return hash((type(self), self._value))

    def __repr__(self) -> str:
        kind = type(self)
        name = next(name for name in vars(kind) if isinstance(vars(kind)[name], property))
        return f"{kind.__name__}({name}={self._value!r})"

    def __str__(self) -> str:
        return f"[{self._value!r}]"

    def get(self, container: Any) -> Any:
        """The part there."""
        return container[self._value]


class SequenceKey(_Key):
    """The place of a part among others in a row."""

    __slots__ = ()
    idx = property(lambda self: self._value)


class MappingKey(_Key):
    """The key of a part."""

    __slots__ = ()
    key = property(lambda self: self._value)


class GetAttrKey(_Key):
    """The name of a part."""

    __slots__ = ()
    name = property(lambda self: self._value)

    def __str__(self) -> str:
        return f".{self._value}"

    def get(self, container: Any) -> Any:
        """The part there."""
        return getattr(container, self._value)


# How a container is taken apart, into parts and a context, and built again from them.
# The last one gives pairs of keys and parts.
NodeDef = namedtuple("NodeDef", "type flatten_fn unflatten_fn flatten_with_keys_fn")
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
    SUPPORTED_NODES[cls] = NodeDef(cls, flatten_fn, unflatten_fn, options.get("flatten_with_keys_fn"))


_register_pytree_node = register_pytree_node


def _dict_flatten(tree: dict[Any, Any]) -> tuple[list[Any], Any]:
    """How a dictionary is taken apart, for classes derived from it."""
    return list(tree.values()), list(tree)


def _dict_flatten_with_keys(tree: dict[Any, Any]) -> tuple[list[tuple[Any, Any]], Any]:
    return [(MappingKey(key), value) for key, value in tree.items()], list(tree)


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
register_pytree_node(Size, lambda tree: (tree, None), lambda parts, _: Size(parts))
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


def tree_flatten_with_path(
    tree: Any, is_leaf: Callable[[Any], bool] | None = None
) -> tuple[list[tuple[tuple[Any, ...], Any]], TreeSpec]:
    """The same, each leaf with the keys that lead to it."""
    return list(_paths(tree, (), is_leaf)), tree_flatten(tree, is_leaf)[1]


def _paths(
    tree: Any, path: tuple[Any, ...], is_leaf: Callable[[Any], bool] | None
) -> Iterator[tuple[tuple[Any, ...], Any]]:
    found = None if is_leaf is not None and is_leaf(tree) else _parts(tree)
    if found is None:
        yield path, tree
        return
    for key, part in _keyed(tree, found):
        yield from _paths(part, (*path, key), is_leaf)


def _keyed(tree: Any, found: tuple[Any, list[Any]]) -> Iterable[tuple[Any, Any]]:
    """The parts of a container with their keys."""
    kind = _get_node_type(tree)
    with_keys = SUPPORTED_NODES[kind].flatten_with_keys_fn
    parts = found[1]
    if with_keys is not None:
        return with_keys(tree)[0]  # type: ignore[no-any-return]
    if isinstance(tree, dict):
        return zip(map(MappingKey, tree), parts, strict=True)
    if kind is namedtuple:
        return zip(map(GetAttrKey, tree._fields), parts, strict=True)
    if not issubclass(kind, list | tuple | deque):
        raise ValueError(f"Did not find a flatten_with_keys_fn for type: {kind}.")
    return zip(map(SequenceKey, range(len(parts))), parts, strict=True)


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


def tree_structure(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> TreeSpec:
    """The structure without its leaves."""
    return tree_flatten(tree, is_leaf)[1]


def tree_map(
    func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: Callable[[Any], bool] | None = None
) -> Any:
    """A tree of the same structure with what a function makes of the leaves.

    >>> tree_map(lambda a, b: a + b, {"a": 1, "b": 2}, {"b": 20, "a": 10})
    {'a': 11, 'b': 22}
    """
    leaves, spec = tree_flatten(tree, is_leaf)
    return tree_unflatten(map(func, leaves, *map(spec.flatten_up_to, rests)), spec)


def tree_map_(
    func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: Callable[[Any], bool] | None = None
) -> Any:
    """Calls a function with each leaf, for what it does to it, and gives the tree back."""
    tree_map(func, tree, *rests, is_leaf=is_leaf)
    return tree


def tree_leaves_with_path(
    tree: Any, is_leaf: Callable[[Any], bool] | None = None
) -> list[tuple[tuple[Any, ...], Any]]:
    """The leaves from left to right, each with the keys that lead to it."""
    return list(_paths(tree, (), is_leaf))


def tree_map_with_path(
    func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: Callable[[Any], bool] | None = None
) -> Any:
    """`tree_map` of a function that is given the keys that lead to a leaf, too."""
    pairs, spec = tree_flatten_with_path(tree, is_leaf)
    others = zip(*map(spec.flatten_up_to, rests), strict=True) if rests else ((),) * len(pairs)
    return tree_unflatten([func(*pair, *group) for pair, group in zip(pairs, others, strict=True)], spec)


def tree_iter(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> Iterator[Any]:
    """The leaves, one after another."""
    return iter(tree_leaves(tree, is_leaf))


def tree_is_leaf(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> bool:
    """Whether it is no container."""
    return (is_leaf is not None and is_leaf(tree)) or _parts(tree) is None


def arg_tree_leaves(*args: Any, **kwargs: Any) -> list[Any]:
    """The leaves of all arguments of a call."""
    return tree_leaves((args, kwargs))


def keystr(kp: Iterable[Any]) -> str:
    """Keys as they are written behind a tree."""
    return "".join(map(str, kp))


def key_get(obj: Any, kp: Iterable[Any]) -> Any:
    """What keys lead to."""
    for key in kp:
        obj = key.get(obj)
    return obj


def _is_one(kinds: Any) -> Callable[[Any], bool]:
    """The question whether something is of some classes, which may be a function that answers it."""
    if isinstance(kinds, type | tuple | UnionType):
        return lambda leaf: isinstance(leaf, kinds)
    if not callable(kinds):
        raise TypeError("Argument must be a type, a tuple of types, or a callable.")
    return kinds  # type: ignore[no-any-return]


def map_only(kinds: Any, /) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Decorates a function of leaves of some classes, so that it leaves others as they are."""
    applies = _is_one(kinds)
    return lambda func: lambda leaf: func(leaf) if applies(leaf) else leaf


def tree_map_only(
    kinds: Any, /, func: Callable[[Any], Any], tree: Any, is_leaf: Callable[[Any], bool] | None = None
) -> Any:
    """`tree_map` for leaves of some classes; the others stay."""
    return tree_map(map_only(kinds)(func), tree, is_leaf=is_leaf)


def tree_map_only_(
    kinds: Any, /, func: Callable[[Any], Any], tree: Any, is_leaf: Callable[[Any], bool] | None = None
) -> Any:
    """`tree_map_` for leaves of some classes."""
    return tree_map_(map_only(kinds)(func), tree, is_leaf=is_leaf)


def tree_all(pred: Callable[[Any], bool], tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> bool:
    """Whether it holds for every leaf."""
    return all(map(pred, tree_leaves(tree, is_leaf)))


def tree_any(pred: Callable[[Any], bool], tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> bool:
    """Whether it holds for some leaf."""
    return any(map(pred, tree_leaves(tree, is_leaf)))


def tree_all_only(
    kinds: Any, /, pred: Callable[[Any], bool], tree: Any, is_leaf: Callable[[Any], bool] | None = None
) -> bool:
    """Whether it holds for every leaf of these classes."""
    return all(pred(leaf) for leaf in filter(_is_one(kinds), tree_leaves(tree, is_leaf)))


def tree_any_only(
    kinds: Any, /, pred: Callable[[Any], bool], tree: Any, is_leaf: Callable[[Any], bool] | None = None
) -> bool:
    """Whether it holds for some leaf of these classes."""
    return any(pred(leaf) for leaf in filter(_is_one(kinds), tree_leaves(tree, is_leaf)))


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
