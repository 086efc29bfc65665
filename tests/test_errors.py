"""Errors: torch's kinds, messages that name the operator and the operands, and a process that goes on."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from reference import collected

import spiraltorch_rs as st

DIVIDES = pytest.mark.cpu_only("the quotient of an integer and zero is a number on GPUs, as in torch")
LATER = pytest.mark.cpu_only("elsewhere a kernel meets wrong values, and one read after it is told so")
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


def _class_targets(t, *sizes):
    return t.zeros(sizes, dtype=t.int64)


# What modules are asked for that they cannot do: the words are those that torch's own tests of modules look for.
OF_MODULES = {
    "eps": (lambda t: t.nn.BatchNorm1d(2, eps=0.0)(t.ones(2, 2)), "eps must be positive"),
    "dim": (lambda t: t.nn.Softmax(dim=True), "dim must be an int or None"),
    "dim of a logarithm": (lambda t: t.nn.LogSoftmax(dim=1.0), "dim must be an int or None"),
    "plane": (
        lambda t: t.nn.MaxPool2d(2)(t.ones(3, 4)),
        "non-empty 3D or 4D (batch mode) tensor expected for input",
    ),
    "target of a margin": (
        lambda t: t.nn.MultiMarginLoss()(t.ones(5, 10), _class_targets(t, 3)),
        "Expected target size [5]",
    ),
    "weight": (
        lambda t: t.nn.NLLLoss(weight=t.ones(3).half())(t.ones(2, 3), _class_targets(t, 2)),
        "expected scalar type Float but found Half",
    ),
    "weight of classes": (
        lambda t: t.nn.functional.cross_entropy(t.ones(2, 3), _class_targets(t, 2), t.ones(3).double()),
        "expected scalar type Float but found Double",
    ),
    "shares that are integers": (
        lambda t: t.nn.CrossEntropyLoss()(t.ones(2, 3), _class_targets(t, 2, 3)),
        "Expected floating point type for target with class probabilities",
    ),
    "classes that are floats": (
        lambda t: t.nn.CrossEntropyLoss()(t.ones(2, 3), t.ones(2)),
        "expected target dtype to be Long or Byte",
    ),
    "ignored share": (
        lambda t: t.nn.CrossEntropyLoss(ignore_index=1)(t.ones(2, 3), t.ones(2, 3)),
        "ignore_index is not supported for floating point target",
    ),
    "rows": (lambda t: t.nn.CrossEntropyLoss()(t.ones(2, 3), t.ones(3)), "to match target batch_size (3)"),
    "places": (
        lambda t: t.nn.CrossEntropyLoss()(t.ones(2, 3, 5), _class_targets(t, 2, 4)),
        "Expected target size",
    ),
    "features": (
        lambda t: t.nn.functional.linear_cross_entropy(t.ones(4, 5), t.ones(2, 3), _class_targets(t, 4)),
        "expected equal input and linear_weight last dimensions (in_features), got 5 and 3, respectively",
    ),
    "features of a layer with its loss": (
        lambda t: t.nn.LinearCrossEntropyLoss(3, 2)(t.ones(4, 5), _class_targets(t, 4)),
        "expected equal input and linear_weight last dimensions (in_features), got 5 and 3, respectively",
    ),
    "row of an embedding": (
        lambda t: t.nn.Embedding(2, 3)(t.tensor([5])).tolist(),
        "index out of range in self",
    ),
    "batch of a state": (
        lambda t: t.nn.LSTMCell(2, 3)(t.ones(4, 2), (t.ones(5, 3), t.ones(5, 3))),
        "Input batch size 4 doesn't match hidden0 batch size 5",
    ),
    "size of a state": (
        lambda t: t.nn.GRUCell(2, 3)(t.ones(4, 2), t.ones(4, 6)),
        "hidden0 has inconsistent hidden_size: got 6, expected 3",
    ),
}


@pytest.mark.parametrize(
    "what",
    [pytest.param(what, marks=LATER) if what == "row of an embedding" else what for what in OF_MODULES],
)
def test_refusals_of_modules_have_torchs_kind_and_words(what):
    call, words = OF_MODULES[what]
    with pytest.raises((RuntimeError, ValueError, IndexError, TypeError)) as expected:
        call(torch)
    with pytest.raises(expected.type) as mine:
        call(st)
    assert words in str(expected.value)
    assert words in str(mine.value)


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
# Ranges are not looked at before they are run.
LATE = {
    "index_select": lambda lib: lib.ones(3).index_select(0, lib.arange(6, 8)),
    "gather": lambda lib: lib.ones(3).gather(0, lib.arange(9, 10)),
    "embedding": lambda lib: lib.nn.functional.embedding(lib.arange(5, 6), lib.ones(3, 2)),
    "index": lambda lib: lib.ones(3)[lib.arange(3, 4)],
    "scatter": lambda lib: lib.zeros(3).scatter(0, lib.arange(4, 5), lib.ones(1)),
    "cross_entropy": lambda lib: lib.nn.functional.cross_entropy(lib.zeros(1, 3), lib.arange(4, 5)),
    "floor_divide": lambda lib: lib.tensor([1]) // (lib.tensor([1]) - 1),
}


@BOTH
@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=DIVIDES if what == "floor_divide" else ()) for what in LATE]
)
def test_a_failure_while_running_leaves_the_process_usable(what, library):
    before = library.arange(4.0) * 2
    for _ in range(3):
        with pytest.raises((RuntimeError, IndexError)):
            (LATE[what](library) + 1).sum().item()
    assert before.tolist() == [0, 2, 4, 6]
    assert (library.ones(1000) @ library.ones(1000)).item() == 1000
    if library is st:
        st.synchronize()


@LATER
def test_a_failed_tensor_fails_again_and_others_do_not():
    good = st.ones(3) * 2
    bad = st.ones(3)[st.arange(4, 5)] + 1
    with pytest.raises((RuntimeError, IndexError)):
        bad.tolist()
    with pytest.raises((RuntimeError, IndexError)):
        (bad * 2).tolist()
    assert (good + 1).tolist() == [3, 3, 3]


@LATER
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


@DIVIDES
@BOTH
@pytest.mark.parametrize("name", ["floor_divide", "remainder", "fmod"])
def test_integers_divided_by_zero(name, library):
    for divisor in (0, library.tensor([1, 0])):
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            getattr(library, name)(library.tensor([3, 4]), divisor).tolist()


@LATER
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
y = x.index_select(0, st.arange(7, 8))  # the guilty line
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


@DIVIDES
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


def pooled_to_nothing(name, rank):
    shape = (1, 4, *[6] * rank)
    return lambda lib: (
        getattr(lib.nn.functional, name)(lib.ones(shape, requires_grad=True), 0).sum().backward()
    )


# In-place activations with negative slopes.
SLOPES = (("elu_", (-2.0,)), ("celu_", (-2.0,)), ("leaky_relu_", (-2.0,)), ("rrelu_", (-2.0, -1.0)))


def written_over(name, numbers):
    return lambda lib: (
        getattr(lib.nn.functional, name)(lib.ones(3, requires_grad=True) * 2, *numbers).sum().backward()
    )


# Calls that torch refuses, and words of its message that programs look for.
def into(lib):
    """A matrix, and a result of whole numbers for what is made of it."""
    return lib.eye(2) * 2, lib.zeros(2, 2).int()


OUTS = {
    "inv": (lambda la, a, out: la.inv(a, out=out), "Expected out tensor to have dtype float, but got int instead"),
    "cholesky": (lambda la, a, out: la.cholesky(a, out=out), "to have dtype float, but got int instead"),
    "det": (lambda la, a, out: la.det(a, out=out), "to have dtype float, but got int instead"),
    "eigvals": (lambda la, a, out: la.eigvals(a, out=out), "Expected eigenvalues to be safely castable"),
    "eig": (lambda la, a, out: la.eig(a, out=(out, out + 0j)), "but got eigenvalues with dtype Int"),
    "pinv": (lambda la, a, out: la.pinv(a, out=out), "but got result with dtype Int"),
    "tensorinv": (lambda la, a, out: la.tensorinv(a, 1, out=out), "but got result with dtype Int"),
    "matrix_rank": (lambda la, a, out: la.matrix_rank(a, out=out.bool()), "but got result with dtype Bool"),
    "matrix_power": (lambda la, a, out: la.matrix_power(a, 2, out=out), "but got result with dtype Int"),
    "norm": (lambda la, a, out: la.norm(a, 2, out=out), "expected out tensor dtype Float but got: Int"),
    "multi_dot": (lambda la, a, out: la.multi_dot([a, a], out=out), "to have dtype float but got int"),
    "vecdot": (lambda la, a, out: la.vecdot(a, a, out=out), "Expected out of dtypeFloat but found Int"),
    "solve_triangular": (
        lambda la, a, out: la.solve_triangular(a, a, upper=True, out=out), "expected scalar type Float but found Int"
    ),
}  # fmt: skip

REFUSED = {
    "addr of a truth": (lambda lib: lib.addr(lib.ones(2, 2), lib.ones(2), lib.ones(2), beta=True), "Boolean beta"),
    "addr of whole numbers": (
        lambda lib: lib.addr(lib.ones(2, 2).int(), lib.ones(2).int(), lib.ones(2).int(), alpha=0.5),
        "argument alpha must not be a floating point number",
    ),
    "alpha": (lambda lib: lib.add(lib.ones(2), 1, alpha=True), "Boolean alpha only supported"),
    "alpha of whole numbers": (lambda lib: lib.sub(lib.ones(2).int(), 1, alpha=0.5), "argument alpha must not be"),
    "addcdiv": (lambda lib: lib.addcdiv(*[lib.ones(2).int()] * 3), "Integer division with addcdiv is no longer"),
    "lerp": (lambda lib: lib.lerp(lib.ones(2).double(), lib.ones(2), 1), "for `end` but got dtype"),
    "movedim": (lambda lib: lib.movedim(lib.ones(2, 3), (0, 0), (0, 1)), "repeated dim in `source`"),
    "alpha that could be whole": (lambda lib: lib.add(lib.ones(2).int(), 1, alpha=1.0), "argument alpha must not be"),
    "roll": (lambda lib: lib.roll(lib.ones(3), ()), "`shifts` required"),
    "strides": (lambda lib: lib.ones(4).as_strided((1,), ()), "mismatch in length of strides and shape"),
    "backwards": (lambda lib: lib.ones(4).as_strided((2,), (-1,)), "Negative strides are not supported"),
    "expand": (lambda lib: lib.ones(2, 3).expand(4, 3), "he expanded size of the tensor (4) must match the existing"),
    "diff": (lambda lib: lib.diff(lib.ones(2, 3), prepend=lib.ones(3, 3)), "expects the shape of tensor to prepend"),
    "dot": (lambda lib: lib.dot(lib.ones(2), lib.ones(2).double()), "expected both vectors to have same dtype"),
    "chain": (lambda lib: lib.linalg.multi_dot([lib.ones(()), lib.ones(2)]), "the first tensor must be 1D or 2D"),
    "eye": (lambda lib: lib.eye(-1), "n must be greater or equal to 0, got -1"),
    "quantile": (lambda lib: lib.quantile(lib.ones(2), -1.0), "q must be in the range [0, 1] but got -1"),
    "histogram": (lambda lib: lib.histogram(lib.ones(2), lib.ones(3).double()), "should have the same dtype"),
    "take along": (
        lambda lib: lib.take_along_dim(lib.ones(2), lib.zeros(2), 0),
        "dtype of indices should be Long",
    ),
    "place in an index": (lambda lib: lib.ones(2, 5)[0, 5], "index 5 is out of bounds for dimension 1 with size 5"),
    "nothing to tell apart": (lambda lib: lib.unique(lib.ones(2, 0), dim=0), "they aren't selected, so unique"),
    "from below bytes": (lambda lib: lib.ones(2, dtype=lib.uint8).random_(-1, 3), "from is out of bounds for"),
    "to beyond truths": (lambda lib: lib.ones(2, dtype=lib.bool).random_(0, 3), "to - 1 is out of bounds for"),
    "neg of another dtype": (lambda lib: lib.neg(lib.ones(2), out=lib.ones(2).double()), "Found dtype Double but"),
    "floor of integers": (lambda lib: lib.floor(lib.tensor([1]), out=lib.ones(1)), "Found dtype Float but"),
    "index of what is written": (lambda lib: (lambda i: i.index_add_(0, i, i.clone()))(lib.tensor([0])), "unsupported"),
    "source that is written": (lambda lib: (lambda x: x.put_(lib.tensor([1]), x[:1]))(lib.ones(3)), "unsupported op"),
    "a complex number as a float": (lambda lib: float(lib.tensor(1.5j)), "value cannot be converted to type double"),
    "no device": (lambda lib: lib.device(-1), "Device index must not be negative"),
    "complex ends": (lambda lib: lib.linspace(0, 1j, 5, dtype=lib.float32), "can't be safely cast to passed"),
    "tensors as numbers": (lambda lib: lib.tensor([lib.tensor([1, 2])]), "only integer tensors of a single element"),
    "too long": (lambda lib: lib.tensor(2**63), "Overflow when unpacking long"),
    "sizes": (lambda lib: lib.Size([1.5]), "takes an iterable of 'int' (item 0 is 'float')"),
    "out of sums": (lambda lib: lib.cumsum(lib.ones(2), 0, dtype=lib.float64, out=lib.ones(2)), "Expected out tensor"),
    "out of places": (lambda lib: lib.nonzero(lib.ones(2), out=lib.ones(2)), "to have scalar type Long"),
    "shifted": (lambda lib: (lambda x: x[1:].copy_(x[:-1]))(lib.ones(9)), "unsupported operation"),
    "no rows": (lambda lib: lib.ones(0, 3).index_select(0, lib.tensor([0])), "indexing axis dim should be positive"),
    "inverse": (lambda lib: lib.linalg.tensorinv(lib.zeros(3, 3), 1), "The diagonal element 1 is zero"),
    "not finite": (lambda lib: lib.linalg.eig(lib.ones(2, 2) / 0), "torch.linalg.eig: input tensor should not contain"),
    "vector": (lambda lib: lib.linalg.norm(lib.ones(3), "fro"), "A must have at least 2 dimensions"),
    "no buffer": (lambda lib: lib.frombuffer([1], dtype=lib.int8), "does not implement Python buffer protocol"),
    "no bytes": (lambda lib: lib.frombuffer(bytearray(), dtype=lib.int8), "both buffer length (0) and count (-1)"),
    "part of an element": (
        lambda lib: lib.frombuffer(bytearray(4), dtype=lib.int16, offset=1),
        "buffer length (3 bytes) after offset (1 bytes) must be",
    ),
    "einsum": (lambda lib: lib.einsum("", []), "at least one operand"),
    **{
        f"einsum of {equation!r}": (lambda lib, e=equation: lib.einsum(e, lib.ones(2), lib.ones(2, 3)), words)
        for equation, words in {
            ". ..,ab": "found '.' for operand 0 that is not part of any ellipsis",
            "... ...,ab": "found '.' for operand 0 for which an ellipsis was already found",
            "a,1b": "invalid subscript given at index 2",
            "a": "more operands were provided than specified in the equation",
            "a,ab,b": "fewer operands were provided than specified in the equation",
            "ab,ab": "the number of subscripts in the equation (2) does not match the number of dimensions (1)",
            "ab...,ab": "the number of subscripts in the equation (2) is more than the number of dimensions (1)",
            "a,ab->... .": "found '.' for output but an ellipsis (...) was already found",
            "a,ab->..": "found '.' for output that is not part of any ellipsis (...)",
            "a,ab->?": "invalid subscript given at index 6",
            "a,ab->aa": "output subscript a appears more than once in the output",
            "a,ab->i": "output subscript i does not appear in the equation for any input operand",
            "a,bb": "subscript b is repeated for operand 1 but the sizes don't match, 3 != 2",
            "b,ab": "subscript b has size 3 for operand 1 which does not broadcast with previously seen size 2",
        }.items()
    },
    **{
        f"out of {name}": (lambda lib, call=call: call(lib.linalg, *into(lib)), words)
        for name, (call, words) in OUTS.items()
    },
    "out of a named dtype": (lambda lib: lib.zeros(2, dtype=lib.int64, out=lib.ones(2)), "does not match dtype of out"),
    "complex dot": (lambda lib: lib.dot(lib.ones(1, 1) * 1j, lib.ones(2)), "1D tensors expected"),
    "complex image": (
        lambda lib: lib.nn.functional.conv2d(lib.ones(1, 1, 2, 2).double(), lib.ones(1, 1, 1, 1) * 1j), "Double"
    ),
    "mask over itself": (lambda lib: (lambda m: m[1:].masked_fill_(m[:-1], False))(lib.ones(3) > 0), "unsupported op"),
    "pivots beyond the rows": (
        lambda lib: lib.linalg.lu_solve(lib.eye(2), lib.tensor([3, 2]).int(), lib.eye(2)), "or equal to LU.size(-2)"
    ),
    "eigenvalues of a matrix": (lambda lib: lib.eye(2).eig(), "deprecated since version 1.9 and is now removed"),
    "alias of another dtype": (
        lambda lib: lib.asarray(lib.ones(2), dtype=lib.int64, copy=False), "with dtype 'Float' into dtype 'Long'"
    ),
    "not contiguous": (
        lambda lib: lib.frombuffer(np.ones((2, 2), "float32").T, dtype=lib.float32), "could not retrieve a contiguous"
    ),
    "parts": (lambda lib: lib.complex(lib.ones(2, dtype=lib.int32), lib.ones(2, dtype=lib.int32)), "got Int and Int"),
    "parts of one dtype": (lambda lib: lib.polar(lib.ones(2), lib.ones(2).double()), "scalar type Double for second"),
    "angles": (lambda lib: lib.polar(lib.ones(2).long(), lib.ones(2).long()), "Half, Float or Double tensors"),
    "permutation of bytes": (lambda lib: lib.randperm(300, dtype=lib.uint8), "cannot be converted to type uint8"),
    "permutation of halves": (lambda lib: lib.randperm(3000, dtype=lib.float16), "greater than 2049 for Half"),
    "a wide range": (lambda lib: lib.ones(2).uniform_(-3e38, 3e38), "which result in to-from to exceed the limit"),
    "beyond half": (lambda lib: lib.ones(2).half().uniform_(-1e6, 1), "from is out of bounds for"),
    "no grid": (lambda lib: lib.meshgrid(indexing="ij"), "meshgrid expects a non-empty TensorList"),
    "grid of dtypes": (lambda lib: lib.meshgrid(lib.ones(2), lib.ones(2).long(), indexing="ij"), "the same dtype"),
    "grid of nothing": (lambda lib: lib.meshgrid(lib.ones(2), indexing=""), 'indexing must be one of "xy" or "ij"'),
    "places in a tuple": (
        lambda lib: lib.nonzero(lib.ones(2), as_tuple=True, out=lib.ones(2)), "the out kwarg when as_tuple is True"
    ),
    "places to split": (
        lambda lib: lib.tensor_split(lib.ones(3, 4), lib.ones(2, 2).long()), "tensor, but got a tensor with 2 dims"
    ),
    "chances": (lambda lib: lib.bernoulli(lib.tensor([2.0])), "Expected p_in >= 0 && p_in <= 1 to be true"),
    "rates": (lambda lib: lib.poisson(lib.tensor([-1.0])), "invalid Poisson rate"),
    "shares": (
        lambda lib: lib.nn.functional.binary_cross_entropy(lib.tensor([2.0]), lib.tensor([1.0])), "between 0 and 1"
    ),
    "classes": (
        lambda lib: lib.nn.functional.multi_margin_loss(lib.ones(2, 3), lib.tensor([9, 0])), "target out of range"
    ),
    "order": (
        lambda lib: lib.searchsorted(lib.ones(2), lib.ones(1), sorter=lib.tensor([5, 0])), "sorter index out of range"
    ),
    "few to scatter": (
        lambda lib: lib.zeros(3).masked_scatter_(lib.tensor([True, True, False]), lib.ones(1)),
        "Number of elements of source < number of ones in mask",
    ),
    "bytes as mask": (
        lambda lib: lib.zeros(3).masked_scatter_(lib.tensor([1, 1, 0]), lib.ones(3)), "only supports boolean masks"
    ),
    "index to add": (
        lambda lib: lib.zeros(2, 3).index_add_(0, lib.tensor([0, 5]), lib.ones(2, 3)), "index 5 is out of bounds"
    ),
    "stride of a view": (
        lambda lib: lib.ones(4, 8)[:, ::2].view(lib.complex64),
        "self.stride(-1) must be 1 to view Float as ComplexFloat (different element sizes), but got 2",
    ),
    "size of a view": (
        lambda lib: lib.ones(4, 3, dtype=lib.complex64).view(lib.complex128), "self.size(-1) must be divisible by 2"
    ),
    "dims of a view": (lambda lib: lib.tensor(1j).view(lib.float32), "self.dim() cannot be 0 to view ComplexFloat as"),
    "no elements to hash": (lambda lib: lib.hash_tensor(lib.ones(0)), "for input.numel() == 0"),
    "no row to hash": (lambda lib: lib.hash_tensor(lib.ones(0, 3), 0), "reduction dim 0 to have non-zero size"),
    "hash": (lambda lib: lib.hash_tensor(lib.ones(3), mode=1), "Unknown hash_tensor mode: 1"),
    "nansum of complex numbers": (lambda lib: lib.nansum(lib.ones(2) * 1j), "nansum on CPU does not support complex"),
    "check": (lambda lib: lib._check(False), "Expected cond to be True, but got False."),
    "check of an index": (lambda lib: lib._check_index(1 < 0, lambda: "how so"), "how so"),
    "check of a value": (lambda lib: lib._check_value(1 < 0, "how so"), "how so"),
    "check of a type": (lambda lib: lib._check_type(1 < 0, "how so"), "how so"),
    "check of a way": (lambda lib: lib._check_not_implemented(1 < 0, "how so"), "how so"),
    "check of a tensor": (lambda lib: lib._check(lib.tensor(True)), "cond must be a bool, but got a Tensor"),
    "check of all": (lambda lib: lib._check_tensor_all(lib.tensor([True, False]), "some"), "some"),
    "check of no tensor": (lambda lib: lib._check_tensor_all(True), "cond must be a tensor, but got <class 'bool'>"),
    "addmm of dtypes": (lambda lib: lib.addmm(lib.ones(2, 2).bool(), *[lib.ones(2, 2)] * 2), "have the same dtype"),
    "addmv of dtypes": (lambda lib: lib.addmv(lib.ones(2).long(), lib.ones(2, 2), lib.ones(2)), "got Long, Float, and"),
    "what is not added": (
        lambda lib: lib.baddbmm(lib.ones(3, 3, 3), *[lib.ones(2, 2, 2)] * 2, beta=0), "must match the existing size"
    ),
    "cross of dtypes": (lambda lib: lib.linalg.cross(lib.ones(3), lib.ones(3).long()), "expected scalar type"),
    "grid of products": (lambda lib: lib.cartesian_prod(lib.ones(2), lib.ones(2).long()), "the same dtype"),
    "mode of distances": (
        lambda lib: lib.cdist(lib.ones(2, 2), lib.ones(2, 2), compute_mode="x"), "not a valid value for compute_mode"
    ),
    "truths to search": (lambda lib: lib.isin(lib.ones(2).bool(), lib.ones(2)), "Unsupported input type encountered"),
    "middle of truths": (lambda lib: lib.median(lib.ones(2).bool()), "not implemented for 'Bool'"),
    "no number as deviation": (lambda lib: lib.ones(2).normal_(0, float("nan")), "but found std "),
    "no number as tolerance": (lambda lib: lib.allclose(lib.ones(2), lib.ones(2), float("nan")), "greater than or"),
    "endless steps": (lambda lib: lib.arange(0, 1, float("inf")), "step must be finite but got inf"),
    "before memory": (lambda lib: lib.ones(2).as_strided((1,), (1,), -1), "invalid storage offset -1"),
    "none to scatter": (
        lambda lib: lib.zeros(3).masked_scatter_(lib.ones(3).bool(), lib.ones(0)), "Number of elements of source <"
    ),
    "real into complex numbers": (lambda lib: lib.zeros(2).cfloat().index_add_(0, lib.tensor([0]), lib.ones(1)), ""),
    "classes in another dtype": (
        lambda lib: lib.nn.functional.cross_entropy(lib.ones(2, 3), lib.zeros(2).int()), "Int"
    ),
    "weights of classes": (
        lambda lib: lib.nn.functional.cross_entropy(lib.ones(2, 3), lib.zeros(2).long(), lib.ones(1, 3)),
        "weight tensor should be defined either for all 3 classes or no classes but got weight tensor of shape: [1, 3]",
    ),
    "weight of a norm": (
        lambda lib: lib.nn.functional.layer_norm(lib.ones(2, 3), (3,), lib.ones(1, 3)), "Expected weight to be of same"
    ),
    "dtype of a norm": (
        lambda lib: lib.nn.functional.layer_norm(lib.ones(2, 3), (3,), lib.ones(3).half()), "mixed dtype (CPU)"
    ),
    "dtype of a factory": (
        lambda lib: lib.zeros(2, dtype=lib.float32, out=lib.ones(2).double()), "does not match dtype of out parameter"
    ),
    "pivots": (
        lambda lib: lib.lu_unpack(lib.ones(3, 3), lib.ones(2).int()), "Expected LU_pivots to have shape [3] but got [2]"
    ),
    "truths in a loss of logits": (
        lambda lib: lib.nn.functional.binary_cross_entropy_with_logits(lib.ones(2), lib.ones(2) > 0), "Subtraction"
    ),
    "integers in a loss of logits": (
        lambda lib: lib.nn.functional.binary_cross_entropy_with_logits(lib.ones(2), lib.ones(2).long()),
        "can't be cast to the desired output type",
    ),
    "integers in a divergence": (
        lambda lib: lib.nn.functional.kl_div(lib.ones(2), lib.ones(2).long()), "Integral inputs not supported"
    ),
    "value of a mirrored margin": (
        lambda lib: lib.nn.functional.pad(lib.ones(1, 3), (1, 1), "reflect", 2.0), "doesn't take in value argument"
    ),
    "an orthogonal matrix of complex reflections": (
        lambda lib: lib.nn.utils.parametrizations.orthogonal(
            lib.nn.Linear(3, 2, dtype=lib.complex64), orthogonal_map="householder"
        ),
        "householder parametrization does not support complex tensors",
    ),
    "index that was just written": (
        lambda lib: lib.zeros(5)[lib.ones(4, dtype=lib.int64).index_fill_(0, lib.tensor([3]), 10)],
        "index 10 is out of bounds for dimension 0 with size 5",
    ),
    "class that was just computed": (
        lambda lib: lib.nn.functional.cross_entropy(lib.ones(2, 3), lib.tensor([1, 2]) + 1), "Target 3 is out of bounds"
    ),
    "row that was just converted": (
        lambda lib: lib.zeros(5, 2).index_select(0, lib.tensor([1.0, 7.0]).long()), "index"
    ),
    "no filters": (
        lambda lib: lib.nn.functional.conv2d(lib.ones(1, 3, 8, 8), lib.ones(0, 3, 3, 3)),
        "expected weight to be at least 1 at dimension 0",
    ),
    "grid of a flat image": (
        lambda lib: lib.nn.functional.grid_sample(lib.ones(1, 2, 2), lib.ones(1, 1, 1, 2), align_corners=True),
        "expected grid to have size 1 in last dimension",
    ),
    "grid of a deep image": (
        lambda lib: lib.nn.functional.grid_sample(lib.ones(1, 1, 2, 2, 2), lib.ones(1, 1, 1, 3), align_corners=True),
        "input and grid with same number of dimensions",
    ),
    "grid of an image without lines": (
        lambda lib: lib.nn.functional.grid_sample(lib.ones(1, 1, 0, 2), lib.ones(1, 1, 1, 2), align_corners=True),
        "but input has sizes [1, 1, 0, 2] with dimension 2 being empty",
    ),
    "a class for each of several": (
        lambda lib: lib.nn.functional.nll_loss(lib.ones(10, 3), lib.ones(10, 2).long()),
        "0D or 1D target tensor expected",
    ),
    "classes of one sample": (
        lambda lib: lib.nn.functional.nll_loss(lib.ones(3), lib.ones(2).long()),
        "For 1D input, 1D target must have size 1",
    ),
    "one class for images": (
        lambda lib: lib.nn.functional.nll_loss(lib.ones(2, 3, 4, 4), lib.ones(2).long()),
        "only batches of spatial targets supported (3D tensors) but got targets of dimension: 1",
    ),
    "classes of other images": (
        lambda lib: lib.nn.functional.nll_loss(lib.ones(2, 3, 4, 4), lib.ones(2, 4, 5).long()),
        "size mismatch (got input: ",
    ),
    "one class for a batch": (
        lambda lib: lib.nn.functional.cross_entropy(lib.ones(2, 3), lib.tensor(1)), "to match target batch_size (0)"
    ),
    "classes of a number": (
        lambda lib: lib.nn.functional.cross_entropy(lib.ones(()), lib.ones(2).long()), "Dimension out of range"
    ),
    "share that was just computed": (
        lambda lib: lib.nn.functional.binary_cross_entropy(lib.tensor([0.5, 0.1]) * 3, lib.ones(2)),
        "all elements of input should be between 0 and 1",
    ),
    "target that was just computed": (
        lambda lib: lib.nn.functional.binary_cross_entropy(lib.ones(2), lib.tensor([0.5, 0.1]) + 1),
        "all elements of target should be between 0 and 1",
    ),
    "window of a fractional pool": (
        lambda lib: lib.nn.functional.fractional_max_pool2d(lib.ones(2, 7, 7), 2, output_size=(3, 9)),
        "pool width 2 too large relative to input width 7",
    ),
    "volume of a fractional pool": (
        lambda lib: lib.nn.functional.fractional_max_pool3d(lib.ones(2, 7, 7, 7), 2, output_size=(9, 3, 3)),
        "pool time 2 too large relative to input time 7",
    ),
    **{
        f"gradient of {name} to nothing": (pooled_to_nothing(name, rank), "to have non-zero size for non-batch")
        for rank in (1, 2, 3)
        for name in (f"adaptive_avg_pool{rank}d", f"adaptive_max_pool{rank}d")
    },
    **{f"gradient of {name}": (written_over(name, slopes), "call out-of-place version") for name, slopes in SLOPES},
    "array in a state": (
        lambda lib: lib.nn.Linear(2, 2, bias=False).load_state_dict({"weight": np.ones((2, 2))}),
        "expected torch.Tensor or Tensor-like object from checkpoint but received <class 'numpy.ndarray'>",
    ),
    "check of a size": (lambda lib: lib._check_is_size(5, "large", max=3), "large"),
}  # fmt: skip


# These look at values, which other devices do not before a kernel runs.
BY_VALUE = {
    "chances",
    "rates",
    "shares",
    "classes",
    "order",
    "few to scatter",
    "index that was just written",
    "class that was just computed",
    "row that was just converted",
    "index to add",
    "share that was just computed",
    "target that was just computed",
}


@pytest.mark.parametrize("what", [pytest.param(w, marks=LATER) if w in BY_VALUE else w for w in REFUSED])
def test_refusals_have_torchs_kind_and_words(what):
    call, words = REFUSED[what]
    kinds = (RuntimeError, ValueError, IndexError, TypeError)
    with pytest.raises(kinds) as expected:
        call(torch)
    with pytest.raises(kinds) as mine:
        call(st)
    assert words in str(expected.value)
    assert words in str(mine.value)
    assert [isinstance(mine.value, k) for k in kinds] == [isinstance(expected.value, k) for k in kinds]


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
