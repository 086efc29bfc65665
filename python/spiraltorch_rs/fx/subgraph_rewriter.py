"""Finding a small graph within a large one, and putting another in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from spiraltorch_rs.fx._symbolic_trace import Tracer
from spiraltorch_rs.fx.graph import Graph
from spiraltorch_rs.fx.graph_module import GraphModule
from spiraltorch_rs.fx.node import Node, map_arg

__all__ = ["Match", "replace_pattern"]


class Match(NamedTuple):
    """Where a pattern was found: its last node, and which node of the graph each node of the pattern is."""

    anchor: Node
    nodes_map: dict[Node, Node]


def _graph_of(program: Any) -> Graph:
    if isinstance(program, Graph):
        return program
    return program.graph if isinstance(program, GraphModule) else Tracer().trace(program)


def _fits(pattern: Any, found: Any, known: dict[Node, Node]) -> bool:
    """Whether something of a graph is what the pattern says; `known` takes up what stands for what."""
    if isinstance(pattern, Node):
        if pattern in known:
            return known[pattern] is found
        if pattern.op == "placeholder":
            known[pattern] = found
            return True
        if not isinstance(found, Node) or pattern.op != found.op or pattern.target != found.target:
            return False
        known[pattern] = found
        return _fits(pattern.args, found.args, known) and _fits(pattern.kwargs, found.kwargs, known)
    if isinstance(pattern, list | tuple):
        same = isinstance(found, list | tuple) and len(pattern) == len(found)
        return same and all(_fits(p, f, known) for p, f in zip(pattern, found, strict=True))
    if isinstance(pattern, dict):
        return (
            isinstance(found, dict)
            and pattern.keys() == found.keys()
            and all(_fits(value, found[key], known) for key, value in pattern.items())
        )
    return type(pattern) is type(found) and bool(pattern == found)


def _closed(pattern: Graph, known: dict[Node, Node], last: Node) -> bool:
    """Whether nobody outside uses what goes with the pattern."""
    inner = {
        known[node] for node in pattern.nodes if node in known and node.op not in ("placeholder", "output")
    }
    return all(node is last or set(node.users) <= inner for node in inner)


def replace_pattern(
    gm: GraphModule, pattern: Callable[..., Any] | GraphModule, replacement: Callable[..., Any] | GraphModule
) -> list[Match]:
    """Puts `replacement` in the place of all that does what `pattern` does: where it was found.

    >>> import spiraltorch_rs as st
    >>> module = st.fx.symbolic_trace(lambda x: st.relu(x) + 1)
    >>> _ = st.fx.replace_pattern(module, lambda x: st.relu(x), lambda x: st.neg(x))
    >>> module(st.ones(2))
    tensor([0., 0.])
    """
    small, other = _graph_of(pattern), _graph_of(replacement)
    wanted = small.output_node().args[0]
    if not isinstance(wanted, Node):
        raise NotImplementedError("replace_pattern: the pattern has to return one value")
    matches: list[Match] = []
    gone: set[Node] = set()
    for last in [node for node in gm.graph.nodes if node.users]:
        known: dict[Node, Node] = {}
        if (
            last in gone
            or last.op == "output"
            or not _fits(wanted, last, known)
            or not _closed(small, known, last)
        ):
            continue
        inner = [
            known[node] for node in small.nodes if node in known and node.op not in ("placeholder", "output")
        ]
        if gone.intersection(inner):
            continue
        given = [known.get(node) for node in small.nodes if node.op == "placeholder"]
        _put(gm.graph, other, given, last)
        gone.update(inner)
        for node in reversed(inner):
            gm.graph.erase_node(node)
        matches.append(Match(last, known))
    gm.recompile()
    return matches


def _put(graph: Graph, replacement: Graph, given: list[Any], last: Node) -> None:
    """Copies nodes before the first that uses `last`, and lets all who do use their result."""
    values: dict[Node, Any] = {}
    taken = iter(given)
    with graph.inserting_before(min(last.users)):
        for node in replacement.nodes:
            if node.op == "placeholder":
                values[node] = next(taken)
            elif node.op != "output":
                values[node] = graph.node_copy(node, values.__getitem__)
    result = map_arg(replacement.output_node().args[0], values.__getitem__)
    last.replace_all_uses_with(result)
