"""Programs as graphs in Python: a module is called with stand-ins for tensors, what is done with them is written down
as nodes, and the nodes, changed or not, become a module again. Operators build another graph: `st.explain` shows it.
"""

from spiraltorch_rs.fx import graph, graph_module, interpreter, node, proxy
from spiraltorch_rs.fx._symbolic_trace import Tracer, symbolic_trace, wrap
from spiraltorch_rs.fx.graph import CodeGen, Graph
from spiraltorch_rs.fx.graph_module import GraphModule
from spiraltorch_rs.fx.interpreter import Interpreter, Transformer
from spiraltorch_rs.fx.node import Node, has_side_effect, map_arg
from spiraltorch_rs.fx.proxy import Proxy
from spiraltorch_rs.fx.subgraph_rewriter import replace_pattern

__all__ = [
    "CodeGen",
    "Graph",
    "GraphModule",
    "Interpreter",
    "Node",
    "Proxy",
    "Tracer",
    "Transformer",
    "graph",
    "graph_module",
    "has_side_effect",
    "interpreter",
    "map_arg",
    "node",
    "proxy",
    "replace_pattern",
    "symbolic_trace",
    "wrap",
]
