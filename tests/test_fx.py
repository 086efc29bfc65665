"""Programs written down as graphs: the same text, nodes and results as torch's."""

import copy
import math
import operator
import pickle
import types

import pytest
import torch
from reference import assert_same, ours
from twins import attempt, same, told

import spiraltorch_rs as st
from spiraltorch_rs.fx.passes.shape_prop import ShapeProp as OurShapes

pytestmark = pytest.mark.cpu_only("programs in Python, whatever the device")


def branches(t):
    class Branches(t.nn.Module):  # type: ignore[name-defined]
        def __init__(self):
            super().__init__()
            self.lin = t.nn.Linear(3, 3)
            self.w = t.nn.Parameter(t.ones(3))
            self.seq = t.nn.Sequential(t.nn.ReLU(), t.nn.Linear(3, 2))
            self.register_buffer("b", t.ones(2))

        def forward(self, x, y: int = 2, *rest, z=None, **more):
            a = self.lin(x) + self.w
            a = t.nn.functional.relu(a, inplace=False) * math.sqrt(4)
            q = t.cat([a, a], dim=1)[:, 1:4]
            n = q.size(0)
            first, _ = q.chunk(2, 1)
            r = self.seq(a).view(n, -1).float() + self.b
            t1 = 1 - r
            product = r @ r.t()
            return {"k": t.softmax(r, -1), "p": (product, None, 1.5, "s"), "o": [r[..., None], first, -t1]}

    return Branches()


def function(t):
    def both(a, b=True):
        return t.where(a > 0, a, b) + ~a.bool()

    return both


def symbols(t):
    def many(x, y):
        z = ((x + 1) * y - x / 2) ** 2 // y % 3
        z += 1
        z @= y
        low, high = z.shape[0], z.size(-1)
        return z.new_zeros(low, high), (z == x) | (z != y) & (x < y) ^ (x >= y), abs(-z), z.T, z.to(t.float64)

    return many


def constants(t):
    inside = t.arange(3.0)

    def with_tensor(x):
        return x + inside, t.zeros(3, dtype=x.dtype), t.ones_like(x)

    return with_tensor


def sequence(t):
    return t.nn.Sequential(t.nn.Conv2d(1, 2, 3), t.nn.BatchNorm2d(2), t.nn.ReLU(), t.nn.Flatten())


INPUTS = {
    branches: (torch.arange(6.0).reshape(2, 3),),
    function: (torch.tensor([-1.0, 0.0, 2.0]),),
    symbols: (torch.ones(2, 2), torch.tensor([[1.0, 2.0], [3.0, 4.0]])),
    constants: (torch.ones(3),),
    # (Far apart and without a middle, as the norm would make much of rounding.)
    sequence: (torch.arange(25.0).mul(7).remainder(11).reshape(1, 1, 5, 5),),
}


def twin(make):
    """The module in both libraries, with the same numbers."""
    mine, other = make(st), make(torch)
    if isinstance(other, torch.nn.Module):
        mine.load_state_dict({key: ours(value) for key, value in other.state_dict().items()})
    return mine, other


leaves = st.utils._pytree.tree_leaves


@pytest.mark.parametrize("make", INPUTS, ids=lambda make: make.__name__)
def test_programs_are_written_as_torch_writes_them(make):
    mine, other = (t.fx.symbolic_trace(m) for t, m in zip((st, torch), twin(make), strict=True))
    assert mine.code == other.code
    assert str(mine.graph).replace("spiraltorch_rs", "torch") == str(other.graph)
    told = [
        [
            (n.op, n.name, n.type, sorted(map(str, n.users)), list(map(str, n.all_input_nodes)))
            for n in m.graph.nodes
        ]
        for m in (mine, other)
    ]
    assert told[0] == told[1]
    mine.graph.lint()
    expected = leaves(other(*INPUTS[make]))
    for run in (mine, st.fx.Interpreter(mine).run):
        assert_same(leaves(run(*map(ours, INPUTS[make]))), expected)


@pytest.mark.parametrize("make", [branches, sequence, function], ids=lambda make: make.__name__)
@pytest.mark.parametrize(
    "again",
    [
        copy.deepcopy,
        lambda m: pickle.loads(pickle.dumps(m)),
        lambda m: st.fx.GraphModule(m, m.graph),
        lambda m: st.fx.Transformer(m).transform(),
    ],
    ids=["copied", "pickled", "from its graph", "transformed"],
)
def test_copies_do_what_the_first_does(make, again):
    module = st.fx.symbolic_trace(twin(make)[0])
    made = again(module)
    inputs = [ours(value) for value in INPUTS[make]]
    assert_same_ours(made(*inputs), module(*inputs))
    assert list(made.state_dict()) == list(module.state_dict())
    assert type(made) is not type(module)


def assert_same_ours(one, other):
    pairs = zip(leaves(one), leaves(other), strict=True)
    assert all(st.equal(a, b) if isinstance(a, st.Tensor) else a == b for a, b in pairs)


@pytest.mark.parametrize(
    "program",
    [
        lambda x: x if x.sum() > 0 else -x,
        lambda x: list(x),
        lambda x: len(x),
        lambda x: x in [1],
        lambda x: int(x),
        lambda x: math.floor(x).real.missing(object()),
    ],
)
def test_what_depends_on_values_is_refused_as_by_torch(program):
    def refused(t):
        return type(attempt(lambda: t.fx.symbolic_trace(program))).__name__

    assert refused(st) == refused(torch)


def changed(t):
    """The texts of programs after changes of their graphs."""
    module = t.fx.symbolic_trace(lambda x, y: t.relu(x) + t.relu(y) * t.sigmoid(t.relu(x)))
    matches = t.fx.replace_pattern(module, lambda x: t.relu(x), lambda x: t.tanh(x) - 1)
    yield len(matches), module.code
    graph = module.graph
    node = next(n for n in graph.nodes if n.target is t.tanh)
    with graph.inserting_after(node):
        first = graph.call_method("neg", (node,))
    with graph.inserting_before(graph.output_node()):
        graph.call_function(t.add, (first, 1), {"alpha": 2})
    node.replace_all_uses_with(first, lambda user: user is not first)
    module.recompile()
    yield module.code
    yield graph.eliminate_dead_code(), graph.eliminate_dead_code()
    graph.lint()
    last = graph.output_node()
    last.args = ((last.args[0], [node, {"k": first}]),)
    yield module.recompile().src, str(graph)
    yield t.fx.symbolic_trace(function(t), concrete_args={"b": False}).code

    class Other(t.fx.Transformer):  # type: ignore[name-defined]
        def call_function(self, target, args, kwargs):
            return super().call_function(t.cos if target is t.tanh else target, args, kwargs)

    yield Other(module).transform().code
    module.print_readable()
    made = t.fx.Graph()
    a = made.placeholder("a", t.Tensor)
    b = made.placeholder("b", default_value=3)
    made.call_module("sub.0", (a,), {"k": b})
    made.output(made.get_attr("sub.w"), type_expr=t.Tensor)
    yield str(made), made.python_code("self").src
    with pytest.raises(RuntimeError):
        made.erase_node(a)
    with pytest.raises(RuntimeError):
        graph.erase_node(node)
    with pytest.raises(TypeError):
        last.args[0][1].append(1)


def test_graphs_are_changed_as_torch_changes_them(capsys):
    def program(t):
        texts = [str(each) for each in changed(t)]
        return texts, [
            line.rstrip() for line in capsys.readouterr().out.split("\n") if "stacktrace" not in line and line
        ]

    assert same(told(program, st), told(program, torch))


def test_tracers_decide_what_is_looked_into():
    def program(t):
        class Deep(t.fx.Tracer):  # type: ignore[name-defined]
            def is_leaf_module(self, m, qualname):
                return not isinstance(m, t.nn.Softsign) and super().is_leaf_module(m, qualname)

            def create_node(self, kind, target, args, kwargs, name=None, type_expr=None):
                node = super().create_node(kind, target, args, kwargs, name, type_expr)
                node.tag = kind
                return node

        graph = Deep().trace(t.nn.Sequential(t.nn.ReLU(), t.nn.Softsign()))
        return [(n.op, n.tag, n.name) for n in graph.nodes]

    mine, other = program(st), program(torch)
    assert [row for row in mine if row[0] != "call_function"] == [
        row for row in other if row[0] != "call_function"
    ]
    assert any(row[0] == "call_function" for row in mine)


MARKED = """
t.fx.wrap("len")

@t.fx.wrap
def twice(x):
    return x * len(x)

def forward(x):
    return twice(x) + len(x)
"""


def test_marked_functions_are_not_looked_into():
    def program(t):
        module = types.ModuleType("marked")
        module.t = t
        exec(MARKED, module.__dict__)
        traced = t.fx.symbolic_trace(module.forward)
        return [(n.op, n.name) for n in traced.graph.nodes], traced(t.ones(3)), "len" in module.__dict__

    assert same(told(program, st), told(program, torch))


def test_shapes_are_noted():
    from torch.fx.passes.shape_prop import ShapeProp as TheirShapes

    def program(t, shapes):
        module = t.fx.symbolic_trace(lambda x: (x.t().contiguous(), t.cat([x, x]).double()))
        shapes(module).propagate(t.ones(2, 3))
        return [
            (tuple(m.shape), str(m.dtype)[-7:], m.stride, m.requires_grad)
            for m in (n.meta.get("tensor_meta") for n in module.graph.nodes if n.op != "output")
        ]

    assert program(st, OurShapes) == program(torch, TheirShapes)


def test_modules_of_a_graph_come_and_go():
    def program(t):
        module = t.fx.symbolic_trace(sequence(t))
        return [
            module.add_submodule("new.inner", t.nn.ReLU()),
            [name for name, _ in module.named_modules()],
            module.delete_submodule("new.inner"),
            module.delete_submodule("none.such"),
            module.delete_all_unused_submodules(),
            [name for name, _ in module.named_modules()],
        ]

    assert program(st) == program(torch)


@pytest.mark.parametrize("name", ["add", "matmul", "getitem", "iadd", "and_", "rshift", "invert"])
def test_symbols_are_symbols(name):
    function = getattr(operator, name)

    def program(t):
        graph = t.fx.Graph()
        a, b = graph.placeholder("a"), graph.placeholder("b")
        graph.output(graph.call_function(function, (a,) if name == "invert" else (a, b)))
        return graph.python_code("self").src

    assert program(st) == program(torch)
