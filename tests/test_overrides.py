"""`__torch_function__` and modes: each program runs in both libraries, and what it tells is compared."""

import warnings
from typing import Any

import pytest
import torch
from reference import DEVICE
from twins import Program, attempt, same, told

import spiraltorch_rs as st

PROGRAMS: list[Program] = []


def both(program: Program) -> Program:
    """A program that must tell the same in both libraries."""
    PROGRAMS.append(program)
    return program


def logging_class(t, log):
    """A subclass that notes what is done with its objects."""

    class Logging(t.Tensor):  # type: ignore[name-defined]
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            log.append((func.__name__, [kind.__name__ for kind in types], len(args)))
            return super().__torch_function__(func, types, args, kwargs or {})

    return Logging


CALLS = """
x + 1 | 1 + x | x - 1 | 1 - x | x * x | x ** 2 | 2 ** x | x @ x | x == 1 | x < 1 | -x | abs(x) | x // 2 | 5 // x
x[0] | x.add(1) | x.add_(1) | t.add(x, 1) | t.cat([x, x]) | t.stack((x, plain)) | x.shape | x.T | x.dtype | x.data
x.sum() | t.max(x, 1) | x.to("cpu") | x.view(4) | x.unbind() | t.zeros_like(x) | x.new_zeros(2) | x.clone() | len(x)
x.detach() | t.where(x > 0, x, x) | t.einsum("ij->i", x) | t.equal(x, x) | plain + x | plain @ x | plain.add(x)
float(x[0, 0]) | bool(x[0, 0]) | x.requires_grad | x.is_leaf | x.tolist() | list(x) | x.unique()
t.nn.functional.linear(x, plain) | t.nn.functional.relu(plain) | t.is_tensor(x) | hash(x) is None | x.split(1) | x.real
"""


@both
def what_a_subclass_sees(t):
    log: list[Any] = []
    logging = logging_class(t, log)
    told = []
    for call in (part.strip() for line in CALLS.strip().splitlines() for part in line.split("|")):
        x = t.tensor([[1.0, 2.0], [3.0, 5.0]]).as_subclass(logging)
        names = {"t": t, "x": x, "plain": t.ones(2, 2), "F": t.nn.functional}
        log.clear()
        result = eval(call, names)
        inner = type(result[0]).__name__ if isinstance(result, (list, tuple)) and result else None
        # Only who was asked for what; one call may be several in one of the libraries.
        of_c = [entry for entry in log if not entry[0].startswith(("_", "fn", "dim", "unbind", "linalg"))]
        told.append((call, type(result).__name__ if inner is None else inner, of_c[:1]))
    return told


@both
def subclasses_stay(t):
    class Mine(t.Tensor):  # type: ignore[name-defined]
        pass

    x = t.ones(2, 3).as_subclass(Mine).requires_grad_()
    y = (x * 2).sum()
    y.backward()
    parameter = t.nn.Parameter(t.ones(2))
    with t._C.DisableTorchFunctionSubclass():
        plain = type(x + 1).__name__
    pair = t.max(x, 1)
    return [
        type(y).__name__,
        plain,
        type(x.grad).__name__,
        type(parameter * 2).__name__,
        type(parameter.data).__name__,
        [type(part).__name__ for part in x.split(1)],
        [type(part).__name__ for part in pair],
        [type(row).__name__ for row in x],
        [type(x @ x.T).__name__, x.shape == (2, 3), x.T.shape == (3, 2)],
        y.detach(),
    ]


@both
def ducks(t):
    class Duck:
        def __init__(self, answer):
            self.answer = answer

        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            mine = [arg for arg in args if isinstance(arg, Duck)]
            return mine[0].answer, func.__name__, len(types), sorted(kwargs or {})

    class Silent:
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return NotImplemented

    class Louder(Duck):
        pass

    quiet, one, two = t.ones(2), Duck("one"), Louder("two")
    overrides = t.overrides
    return [
        t.add(quiet, one),
        t.mul(one, 2),
        t.add(one, two),
        t.sum(one, dim=1),
        quiet.add(two),
        t.nn.functional.softmax(one, dim=0)[0],
        attempt(lambda: t.sin(Silent())),
        attempt(lambda: quiet + Silent()),
        overrides.has_torch_function((quiet, 1)),
        overrides.has_torch_function((quiet, one)),
        overrides.is_tensor_like(one),
        overrides.is_tensor_like(3),
        overrides.handle_torch_function(t.exp, (one,), one)[:2],
        overrides.resolve_name(t.add),
        overrides.resolve_name(t.Tensor.add),
        overrides.resolve_name(t.nn.functional.linear),
        overrides.is_tensor_method_or_property(t.Tensor.add),
        overrides.is_tensor_method_or_property(t.add),
    ]


@both
def modes(t):
    seen = []

    class Watch(t.overrides.TorchFunctionMode):  # type: ignore[name-defined]
        def __init__(self, name):
            super().__init__()
            self.name = name

        def __torch_function__(self, func, types, args=(), kwargs=None):
            seen.append((self.name, func.__name__))
            return func(*args, **(kwargs or {}))

    x = t.ones(2)
    with Watch("outer"):
        x.add(1)
        with Watch("inner"):
            t.exp(x)
        t.zeros(2)
        y = x * 2
    t.exp(x)
    return [seen, y]


@both
def refusals(t):
    class Refuses:
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return NotImplemented

    class Declines(t.overrides.TorchFunctionMode):  # type: ignore[name-defined]
        def __torch_function__(self, func, types, args=(), kwargs=None):
            return NotImplemented

    def refused(function, *args):
        with pytest.raises(TypeError) as told:
            function(*args)
        return str(told.value).partition("\n\nFor more")[0].partition(" object at")[0].rstrip()

    found = [refused(t.mul, Refuses(), Refuses()), refused(t.nn.functional.relu, Refuses())]
    with Declines():
        found += [refused(t.ones, 2), refused(t.add, Refuses(), 1)]
    return found


@both
def wrapped_functions(t):
    calls = []

    class Duck:
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            calls.append(func.__name__)
            return "duck"

    @t.overrides.wrap_torch_function(lambda x, y=None: (x, y))
    def mine(x, y=None):
        return "plain"

    return [mine(t.ones(1)), mine(t.ones(1), Duck()), mine(Duck()), calls]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_programs(program):
    mine, reference = told(program, st), told(program, torch)
    assert all(same(a, b) for a, b in zip(mine, reference, strict=True)), [
        pair for pair in zip(mine, reference, strict=True) if not same(*pair)
    ]


def test_what_can_be_overridden():
    functions = st.overrides.get_overridable_functions()
    assert st.add in functions[st]
    assert st.Tensor.add in functions[st.Tensor]
    assert st.zeros not in functions[st]
    stand_in = st.overrides.get_testing_overrides()[st.add]
    assert stand_in(1, 2) == -1


def test_a_profile_names_ranges_and_kernels(tmp_path):
    with st.profiler.profile() as prof, st.profiler.record_function("forward"):
        (st.ones(8, 8).exp() + 1).sum().item()
    averages = {event.key: event for event in prof.key_averages()}
    kernels = [event for event in prof.events() if event.category == "kernel"]
    assert averages["forward"].count == 1
    assert kernels
    # A GPU's kernels stand on tracks of their own.
    for kernel in kernels if DEVICE[0] == "cpu" else ():
        around = kernel.cpu_parent
        while around.cpu_parent is not None:
            around = around.cpu_parent
        assert around.name == "forward"
    assert averages["forward"].self_cpu_time_total <= averages["forward"].cpu_time_total
    assert "forward" in prof.key_averages().table(sort_by="cpu_time_total", row_limit=5)
    prof.export_chrome_trace(tmp_path / "trace.json")
    assert '"forward"' in (tmp_path / "trace.json").read_text()


def test_a_schedule_is_torchs():
    plan = {"wait": 1, "warmup": 1, "active": 2, "repeat": 2, "skip_first": 1}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = [torch.profiler.schedule(**plan)(step).name for step in range(12)]
    assert [st.profiler.schedule(**plan)(step).name for step in range(12)] == expected
    saved: list[Any] = []
    with st.profiler.profile(schedule=st.profiler.schedule(**plan), on_trace_ready=saved.append) as prof:
        for _ in range(10):
            (st.ones(2) * 2).tolist()
            prof.step()
    assert len(saved) == 2
