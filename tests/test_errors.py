"""Errors: torch's kinds, messages that name the operator and the operands, and a process that goes on."""

import os
import subprocess
import sys

import pytest
import torch
from reference import collected

import spiraltorch_rs as st

BOTH = pytest.mark.parametrize("library", [st, torch], ids=["ours", "torch"])
REFUSALS = (RuntimeError, TypeError, IndexError)


def conv2d(library, image, weight):
    return library.nn.functional.conv2d(library.ones(*image), library.ones(*weight))


# What is wrong, the kind of error, and words of ours that the message must hold.
WRONG = {
    "broadcast": (lambda lib: lib.ones(2, 3) + lib.ones(4), RuntimeError, ["add", "3", "4"]),
    "matmul": (lambda lib: lib.ones(2, 3) @ lib.ones(4, 5), RuntimeError, ["mat", "3", "4"]),
    "mixed matmul": (lambda lib: lib.ones(2, 2) @ lib.ones(2, 2).double(), RuntimeError, ["mat", "float64"]),
    "cat": (lambda lib: lib.cat([lib.ones(2, 3), lib.ones(2, 4)]), RuntimeError, ["cat", "3", "4"]),
    "stack": (lambda lib: lib.stack([lib.ones(2), lib.ones(3)]), RuntimeError, ["stack", "2", "3"]),
    "nothing to join": (lambda lib: lib.cat([]), (RuntimeError, ValueError), ["cat"]),
    "reshape": (lambda lib: lib.ones(6).reshape(4, 2), RuntimeError, ["6", "4"]),
    "two unknown sizes": (lambda lib: lib.ones(6).reshape(-1, -1), RuntimeError, ["-1"]),
    "permute": (lambda lib: lib.ones(2, 3).permute(0, 0), RuntimeError, ["permute"]),
    "expand": (lambda lib: lib.ones(2, 3).expand(4, 3), RuntimeError, ["expand", "4"]),
    "axis": (lambda lib: lib.ones(2, 3).sum(5), IndexError, ["5", "-2", "1"]),
    "negative axis": (lambda lib: lib.ones(2, 3).softmax(-3), IndexError, ["-3"]),
    "index": (lambda lib: lib.ones(2, 3)[5], IndexError, ["5", "2"]),
    "gather": (lambda lib: lib.ones(2, 3).gather(0, lib.zeros(2)), REFUSALS, ["gather", "int64"]),
    "bits of floats": (lambda lib: lib.ones(2) & lib.ones(2), RuntimeError, ["bitwise_and"]),
    "difference of truths": (lambda lib: lib.tensor([True]) - lib.tensor([True]), RuntimeError, ["sub", "bool"]),
    "mean of integers": (lambda lib: lib.tensor([1, 2]).mean(), RuntimeError, ["mean"]),
    "truth of many": (lambda lib: bool(lib.ones(2)), RuntimeError, ["ambiguous"]),
    "item of many": (lambda lib: lib.ones(2).item(), RuntimeError, ["2"]),
    "no function": (lambda lib: lib.no_such_function, AttributeError, ["no_such_function"]),
    "no method": (lambda lib: lib.ones(1).no_such_method, AttributeError, ["no_such_method"]),
    "missing argument": (lambda lib: lib.add(lib.ones(1)), TypeError, ["add", "other"]),
    "too many arguments": (lambda lib: lib.exp(lib.ones(1), 2, 3), TypeError, ["exp"]),
    "unknown keyword": (lambda lib: lib.exp(lib.ones(1), banana=1), TypeError, ["exp", "banana"]),
    "wrong type": (lambda lib: lib.exp("a"), TypeError, ["exp", "str"]),
    "wrong operand": (lambda lib: lib.ones(1) + "a", TypeError, []),
    "wrong dtype argument": (lambda lib: lib.ones(1, dtype="float32"), TypeError, ["dtype"]),
    "wrong device": (lambda lib: lib.ones(1, device="banana"), RuntimeError, ["banana"]),
    "negative size": (lambda lib: lib.ones(-1), RuntimeError, ["-1"]),
    "conv": (lambda lib: conv2d(lib, (1, 3, 4, 4), (2, 5, 3, 3)), RuntimeError, ["conv2d", "3", "5"]),
    "repeat": (lambda lib: lib.ones(2, 3).repeat(2), RuntimeError, ["repeat"]),
    "split": (lambda lib: lib.ones(5).split([2, 2]), RuntimeError, ["split", "5"]),
    "squeeze": (lambda lib: lib.ones(2).squeeze(4), IndexError, ["4"]),
    "topk": (lambda lib: lib.ones(2).topk(3), RuntimeError, ["k"]),
    "view dtype": (lambda lib: lib.ones(2, 3).t().view(6), RuntimeError, ["view"]),
    "in place dtype": (lambda lib: lib.tensor([1]).add_(0.5), RuntimeError, ["cast"]),
}  # fmt: skip


@BOTH
@pytest.mark.parametrize("what", WRONG)
def test_kinds_and_words(what, library):
    call, kinds, words = WRONG[what]
    with pytest.raises(kinds) as caught:
        call(library)
    if library is st:
        missing = [word for word in words if word not in str(caught.value)]
        assert missing == [], str(caught.value)


# Failures that only show while a graph runs: what is wrong is computed there.
LATE = {
    "index_select": lambda lib: lib.ones(3).index_select(0, lib.tensor([0, 6]) + 1),
    "gather": lambda lib: lib.ones(3).gather(0, lib.tensor([8]) + 1),
    "embedding": lambda lib: lib.nn.functional.embedding(lib.tensor([4]) + 1, lib.ones(3, 2)),
    "index": lambda lib: lib.ones(3)[lib.tensor([2]) + 1],
    "scatter": lambda lib: lib.zeros(3).scatter(0, lib.tensor([3]) + 1, lib.ones(1)),
    "cross_entropy": lambda lib: lib.nn.functional.cross_entropy(lib.zeros(1, 3), lib.tensor([3]) + 1),
    "floor_divide": lambda lib: lib.tensor([1]) // (lib.tensor([1]) - 1),
}


@BOTH
@pytest.mark.parametrize("what", LATE)
def test_a_failure_while_running_leaves_the_process_usable(what, library):
    before = library.arange(4.0) * 2
    for _ in range(3):
        with pytest.raises((RuntimeError, IndexError)):
            (LATE[what](library) + 1).sum().item()
    assert before.tolist() == [0, 2, 4, 6]
    assert (library.ones(1000) @ library.ones(1000)).item() == 1000
    if library is st:
        st.synchronize()


def test_a_failed_tensor_fails_again_and_others_do_not():
    good = st.ones(3) * 2
    bad = st.ones(3)[st.tensor([4]) + 1] + 1
    with pytest.raises((RuntimeError, IndexError)):
        bad.tolist()
    with pytest.raises((RuntimeError, IndexError)):
        (bad * 2).tolist()
    assert (good + 1).tolist() == [3, 3, 3]


@pytest.mark.parametrize("name", ["index_fill", "scatter"])
def test_a_failed_write_into_a_copy_is_no_value(name):
    """The base lives on, so a copy of it is written: made before the failure, it must not pass for the result."""
    base = st.ones(3) * 2
    index = st.arange(3).mul(4)  # unknown until it runs
    bad = getattr(base, name)(0, index, 7.0)
    for _ in range(2):
        with pytest.raises((RuntimeError, IndexError)):
            bad.tolist()
    assert base.tolist() == [2, 2, 2]


@BOTH
@pytest.mark.parametrize("name", ["floor_divide", "remainder", "fmod"])
def test_integers_divided_by_zero(name, library):
    for divisor in (0, library.tensor([1, 0])):
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            getattr(library, name)(library.tensor([3, 4]), divisor).tolist()


def test_a_failure_names_its_operator():
    with collected() as failures:
        for what in LATE:
            with failures(what), pytest.raises((RuntimeError, IndexError)) as caught:
                LATE[what](st).sum().item()
            with failures(what):
                assert what in str(caught.value), str(caught.value)


PROGRAM = """
import spiraltorch_rs as st
x = st.ones(3)
y = x.index_select(0, st.tensor([6]) + 1)  # the guilty line
z = y + 1
try:
    z.tolist()
except (IndexError, RuntimeError) as error:
    print(error)
"""


def test_debug_names_the_line(tmp_path):
    script = tmp_path / "guilty.py"
    script.write_text(PROGRAM)
    environment = {**os.environ, "ST_DEBUG": "1"}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=environment, check=True
    )
    assert "guilty.py" in done.stdout
    assert "4" in done.stdout.split("guilty.py", 1)[1][:20], "the line of index_select"


DIVISIONS = {
    "//": lambda lib, x, y: x // y,
    "%": lambda lib, x, y: x % y,
    "fmod": lambda lib, x, y: lib.fmod(x, y),
    "trunc": lambda lib, x, y: lib.div(x, y, rounding_mode="trunc"),
}


@pytest.mark.parametrize("divide", DIVISIONS.values(), ids=DIVISIONS)
def test_integers_divided_by_zero_are_a_runtime_error(divide):
    for library in (st, torch):
        for zero in (library.tensor([1, 0]), 0):
            with pytest.raises(RuntimeError, match="ZeroDivisionError"):
                divide(library, library.tensor([3, 4]), zero).tolist()


HUGE = {
    "zeros": lambda lib, n: lib.zeros(n, n),
    "ones": lambda lib, n: lib.ones(n, n),
    "empty": lambda lib, n: lib.empty(n, n),
    "full": lambda lib, n: lib.full((n, n), 1.0),
    "rand": lambda lib, n: lib.rand(n, n),
    "eye": lambda lib, n: lib.eye(n, n),
    "arange": lambda lib, n: lib.arange(n << 22),
    "linspace": lambda lib, n: lib.linspace(0, 1, n << 22),
    "expand": lambda lib, n: lib.zeros(1).expand(n, n) + 1,
    "add": lambda lib, n: lib.zeros(1).expand(n, 1) + lib.zeros(1).expand(n),
}


@BOTH
@pytest.mark.parametrize("what", HUGE)
def test_more_elements_than_can_be_counted_are_refused_at_the_call(what, library):
    with pytest.raises(RuntimeError) as caught:
        HUGE[what](library, 2**40)
    if library is st:
        assert what in str(caught.value)
        assert "fewer elements" in str(caught.value)


def test_memory_that_cannot_be_had_is_an_error():
    with pytest.raises((RuntimeError, MemoryError)):
        (st.rand(2**45) * 2).tolist()
    assert st.ones(2).tolist() == [1, 1]
