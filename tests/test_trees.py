"""`torch.utils._pytree`: structures are taken apart, mapped and put together as torch's."""

import collections
import importlib

import pytest
import torch

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("trees are Python's")

Pair = collections.namedtuple("Pair", "left right")
Other = collections.namedtuple("Other", "left right")
OURS, THEIRS = (importlib.import_module(f"{t.__name__}.utils._pytree") for t in (st, torch))

TREES = {
    "leaf": 3,
    "nothing": (),
    "nested": [1, (2, {"a": 3, "b": [4]}), Pair(5, (6, 7))],
    "ordered": collections.OrderedDict(z=1, a=(2, 3)),
    "default": collections.defaultdict(list, b=1, a=[2]),
    "deque": collections.deque([1, [2, 3]], maxlen=4),
    "none": {"a": None, "b": (None, 1)},
}
# Other trees beside each: of the same structure, deeper, in another order, and none of that.
BESIDE = {
    "leaf": [4, [1, 2], {"a": 1}],
    "nothing": [(), [], (1,), 2],
    "nested": [
        [10, (20, {"a": 30, "b": [40]}), Pair(50, (60, 70))],
        [10, (20, {"b": [40], "a": 30}), Pair(50, (60, 70))],
        [(1, 2), ([3], {"a": 30, "b": [{"c": 4}]}), Pair(50, (60, 70))],
        [10, (20, {"a": 30, "c": [40]}), Pair(50, (60, 70))],
        [10, (20, {"a": 30, "b": [40]}), Other(50, (60, 70))],
        [10, (20, {"a": 30, "b": [40]}), (50, (60, 70))],
        [10, (20, {"a": 30, "b": [40, 41]}), Pair(50, (60, 70))],
        (10, (20, {"a": 30, "b": [40]}), Pair(50, (60, 70))),
    ],
    "ordered": [
        {"a": (20, 30), "z": 10},
        collections.OrderedDict(a=(20, 30), z=10),
        collections.defaultdict(int, z=1, a=(4, 5)),
        [1, (2, 3)],
    ],
    "default": [{"a": [20], "b": 10}, collections.defaultdict(set, a=[20], b=10), {"b": 1}],
    "deque": [collections.deque([10, [20, 30]]), [10, [20, 30]]],
    "none": [{"a": 1, "b": (2, 3)}, {"a": None, "b": (None, None)}],
}


def pairs(leaf):
    return isinstance(leaf, tuple)


def outcome(do):
    try:
        return "gives", do()
    except (ValueError, TypeError) as error:
        return "raises", type(error)


@pytest.mark.parametrize("is_leaf", [None, pairs], ids=["all", "tuples"])
@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("over", ["tree_map", "tree_map_with_path"])
def test_a_tree_is_mapped_beside_others(name, is_leaf, over):
    seen = set()
    for beside in BESIDE[name]:
        for rests in ((beside,), (TREES[name], beside)):
            found = [
                outcome(
                    lambda t=t, r=rests: getattr(t, over)(
                        lambda *all: str([str(a) if i == 0 else a for i, a in enumerate(all)]),
                        TREES[name],
                        *r,
                        is_leaf=is_leaf,
                    )
                )
                for t in (OURS, THEIRS)
            ]
            assert found[0] == found[1]
            seen.add(found[0][0])
    assert "gives" in seen


@pytest.mark.parametrize("is_leaf", [None, pairs], ids=["all", "tuples"])
@pytest.mark.parametrize("name", TREES)
def test_leaves_paths_and_questions(name, is_leaf):
    tree = TREES[name]

    def program(t):
        structure = t.tree_structure(tree, is_leaf)
        paths = [(t.keystr(path), leaf) for path, leaf in t.tree_leaves_with_path(tree, is_leaf)]
        asked = [
            getattr(t, f"tree_{of}{only}")(*kinds, lambda leaf: leaf == 2, tree, is_leaf)
            for of in ("all", "any")
            for only, kinds in (("", ()), ("_only", (int,)), ("_only", ((int, tuple),)), ("_only", (pairs,)))
            if kinds != (pairs,)
        ]
        mapped = [
            t.tree_map_only(kinds, lambda leaf: [leaf], tree, is_leaf)
            for kinds in (int, (int, tuple), int | tuple, pairs)
        ]
        called: list[object] = []
        kept = t.tree_map_only_(int, called.append, tree, is_leaf) is tree
        t.tree_map_(called.append, tree, is_leaf=is_leaf)
        counts = structure.num_leaves, structure.num_nodes, structure.num_children
        again = structure.unflatten(range(structure.num_leaves))
        return paths, asked, mapped, kept, called, counts, again, t.tree_leaves(tree, is_leaf)

    assert program(OURS) == program(THEIRS)


def test_what_is_no_class_is_refused():
    for t in (OURS, THEIRS):
        with pytest.raises(TypeError):
            t.map_only(3)


def test_modes():
    from torch.utils import _mode_utils as theirs

    from spiraltorch_rs.utils import _mode_utils as ours

    for modes in ([1, 1, 1], [1, 2], ["a"]):
        assert ours.all_same_mode(modes) == theirs.all_same_mode(modes)
    with ours.no_dispatch():
        assert st.ones(2).sum() == 2
