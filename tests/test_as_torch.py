"""Small programs, found by random walks, that run with torch and with this library and must not be told apart.

What is compared: values, dtypes, shapes, what is on the tape, which tensors are one object or see the same memory, how
results stand in memory, and the kinds of refusals.
"""

from typing import Any

import pytest
import torch
from reference import assert_same_outcome

import spiraltorch_rs as st


def run(library: Any, program: str) -> Any:
    """The value of a program's last line; `t` is the library in it."""
    *lines, last = [line.strip() for line in program.split(";")]
    names = {"t": library, "F": library.nn.functional, "nan": float("nan")}
    exec("\n".join(lines), names)
    return eval(last, names)


def assert_alike(program: str) -> None:
    assert_same_outcome(lambda: run(st, program), lambda: run(torch, program))


PRODUCTS = {
    "addmm": ((2, 3), (2, 4), (4, 3)),
    "addmv": ((2,), (2, 4), (4,)),
    "addr": ((2, 3), (2,), (3,)),
    "baddbmm": ((5, 2, 3), (5, 2, 4), (5, 4, 3)),
    "addbmm": ((2, 3), (5, 2, 4), (5, 4, 3)),
}


@pytest.mark.parametrize("dtype", ["float32", "float16", "complex64"])
@pytest.mark.parametrize("alpha", [0, 1, 0.5])
@pytest.mark.parametrize("beta", [0, 0.0, 1])
@pytest.mark.parametrize("name", PRODUCTS)
def test_a_factor_of_zero_leaves_an_operand_on_the_tape(
    name: str, beta: float, alpha: float, dtype: str
) -> None:
    full = [f"t.full({shape}, 1.5, dtype=t.{dtype}, requires_grad=True)" for shape in PRODUCTS[name]]
    program = f"x, y, z = {', '.join(full)}; out = t.{name}(x, y, z, beta={beta}, alpha={alpha})"
    assert_alike(f"{program}; (out, *t.autograd.grad(out.abs().sum(), (x, y, z)))")
    if beta == 0 and dtype != "complex64":
        assert_alike(f"{program}; type(out.grad_fn).__name__")
    nothing = program.replace("1.5", "nan", 1)
    if beta == 0:
        assert_alike(f"{nothing}; (out, t.autograd.grad(out.abs().sum(), x)[0])")


@pytest.mark.parametrize("factor", ["alpha", "beta"])
@pytest.mark.parametrize("name", PRODUCTS)
def test_real_products_have_real_factors(name: str, factor: str) -> None:
    for number in ("", " * 1j"):
        ones = ", ".join(f"t.ones({shape}){number}" for shape in PRODUCTS[name])
        assert_alike(f"t.{name}({ones}, {factor}=2j)")


@pytest.mark.parametrize("call", ["addcmul(x, x, x, value=1j)", "addcdiv(x, x, x, value=1j)"])
def test_real_quotients_have_real_factors(call: str) -> None:
    assert_alike(f"x = t.ones(2); t.{call}")
    assert_alike(f"x = t.ones(2) * 1j; t.{call}")


EMPTY = """
x = t.ones(0, requires_grad=True), t.ones(0, requires_grad=True); t.autograd.grad(t.cat(x).sum(), x)
x = t.ones(0, requires_grad=True), t.ones(2, 3, requires_grad=True); t.autograd.grad(t.cat(x, 1).sum(), x)
x = t.ones(0, 3, requires_grad=True); t.autograd.grad(t.stack([x, x]).sum(), x)
x = t.ones(0), t.ones(0).long(); t.cat(x, 5)
x, y = (t.ones(0, requires_grad=True) for _ in "xy"); t.autograd.grad(t.put(x, x.detach().long(), y).sum(), (x, y))
x = t.ones(3, requires_grad=True); i = t.ones(0).long(); t.autograd.grad(t.put(x, i, t.ones(0)).sum(), x)
x = t.ones(2, 0); x.data.mul_(2); x._version
x = t.ones(2, 0); x.mul_(2); x._version
"""


@pytest.mark.parametrize("program", EMPTY.strip().splitlines())
def test_tensors_without_elements(program: str) -> None:
    assert_alike(program)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize(
    "call", ["mean()", "mean(0)", "mean(1, keepdim=True)", "view(-1).mean()", "mean((0, 1))", "t().mean(0)"]
)
def test_gradients_of_means_may_be_written(call: str, dtype: str) -> None:
    program = f"x = t.arange(6, dtype=t.{dtype}).reshape(2, 3).requires_grad_(); y = x.{call}"
    assert_alike(
        f"{program}; g, = t.autograd.grad(y.sum(), x); (g.stride(), g.mul_(2), type(y.grad_fn).__name__)"
    )
    assert_alike(
        f"{program}; g, = t.autograd.grad(y.pow(3).sum(), x, create_graph=True); t.autograd.grad(g.pow(2).sum(), x)"
    )


@pytest.mark.parametrize(
    "call",
    [
        "unique(x)",
        "unique(x, dim=0)",
        "unique_consecutive(x)",
        "unique_consecutive(x, dim=0)",
        "unique(x, True, True)[0]",
    ],
)
def test_different_elements_have_no_derivative(call: str) -> None:
    program = f"x = t.tensor([1.0, 2.0, 2.0], requires_grad=True); y = t.{call}"
    assert_alike(f"{program}; (y, type(y.grad_fn).__name__, y.requires_grad)")
    assert_alike(f"{program}; y.sum().backward()")


WRITES = """
x = t.arange(6.0).reshape(2, 3).requires_grad_(); x.view(-1).mul_(2)
x = t.arange(6.0).reshape(2, 3).requires_grad_(); x[0].add_(1)
x = t.arange(6.0).reshape(2, 3).requires_grad_(); x.add_(1)
x = t.ones(2, 2).t().requires_grad_(); x.T.zero_()
x = t.zeros(4); y = x[:2]; w = t.ones(2, requires_grad=True); y.add_(w); (x.requires_grad, x)
x = (t.ones(3, requires_grad=True) * 2)[1:]; x.add_(1)
x = t.ones(1, 3, requires_grad=True); t.add(t.ones(1), t.ones(1), out=x)
x = t.ones(1, 3, requires_grad=True); t.add(t.ones(1, 3), t.ones(1, 3), out=x)
"""


@pytest.mark.parametrize("program", WRITES.strip().splitlines())
def test_views_of_leaves_are_not_written(program: str) -> None:
    assert_alike(program)


SIZES = [(), (1,), (1, 1), (1, 3), (3, 1), (2, 2)]
FRESH = """
cumprod(x, -1); cumprod(x, 0); cumsum(x, 0); prod(x); prod(x, 0); prod(x, 0, keepdim=True); sum(x, 0, keepdim=True)
channel_shuffle(x[None, None], 1); nn.functional.channel_shuffle(x[None, None], 1)
logsumexp(x, 0); cat([x]); stack([x])
scatter(x, 0, i, x); scatter_add(x, 0, i, x); index_add(x, 0, i[:0], x[:0]) if x.dim() == 1 else x * 1; clone(x)
nn.functional.max_pool1d(x[None], 1) if x.is_floating_point() else x * 1; nn.functional.avg_pool1d(x[None], 1)
median(x)
mode(x, 0)[0] if not x.is_complex() else x * 1; sort(x)[0]
kron(x, x); tile(x, ()); roll(x, 0); flip(x, ()); diff(x, 0); put(x, i.reshape(-1)[:0], x.reshape(-1)[:0])
flatten(x); ravel(x); atleast_1d(x); atleast_2d(x); squeeze(x); reshape(x, x.shape)
conj(x) if not x.is_complex() else x * 1
"""


@pytest.mark.parametrize("dtype", ["float32", "complex64", "int64"])
@pytest.mark.parametrize(
    "call", [call.strip() for call in FRESH.replace("\n", ";").split(";") if call.strip()]
)
def test_results_are_operands_only_where_torchs_are(call: str, dtype: str) -> None:
    for size in SIZES:
        program = f"x = t.ones({size}, dtype=t.{dtype}); i = t.zeros({size}).long(); y = t.{call}"
        assert_alike(f"{program}; (y is x, y.data_ptr() == x.data_ptr(), y.storage_offset())")
        assert_alike(
            f"{program}; y.untyped_storage().nbytes() == y.numel() * y.element_size() or y.data_ptr() == x.data_ptr()"
        )


OWN = """
t.arange(3.0).logsumexp(0); t.arange(6.0).reshape(2, 3).median(0)[0]; t.tensor([3, 1, 2]).median(0)[0]
t.arange(3.0).index_add(0, t.tensor([0]), t.ones(1)); t.arange(3.0).scatter(0, t.tensor([0]), t.ones(1))
t.kron(t.ones(2), t.ones(2)); t.ones(2, 2).prod(0); t.mode(t.ones(2, 2))[0]; t.arange(6.0).reshape(2, 3).select(0, 1)
t.ones(2, 3).sum(0); t.ones(2, 3).t(); t.ones(2, 3).reshape(-1); t.ones(2, 3)[..., 0]
"""


@pytest.mark.parametrize("call", [call.strip() for call in OWN.replace("\n", ";").split(";") if call.strip()])
def test_what_an_operator_makes_is_no_view(call: str) -> None:
    assert_alike(f"x = {call}; x._is_view()")
    assert_alike(f"x = {call}; x.detach_(); x")
    program = (
        f"w = t.ones(6, requires_grad=True); x = {call}; x.add_(w[: x.numel()].reshape(x.shape)); x.mul_(2)"
    )
    assert_alike(f"{program}; t.autograd.grad(x.sum(), w)")


KINDS = """
t.full((2,), 1j, dtype=t.float32)
t.full((2,), 1j)
t.full_like(t.ones(2), 1j)
t.full_like(t.ones(2), 1j, dtype=t.complex64)
t.full_like(t.ones(2) * 1j, 2, dtype=t.float32)
t.ones(2).new_full((2,), 1j)
t.ones(2).new_full((2,), 1j, dtype=t.complex64)
t.tensor(2.0).adjoint()
t.tensor(2j).adjoint()
t.ones(2).mT
t.ones(2).adjoint()
t.tensor([1j]).softmax(0)
t.lerp(t.tensor([1]), t.tensor([2]), 0.5)
t.lerp(t.tensor([True]), t.tensor([True]), 0.5)
t.tensor([1], dtype=t.uint8).lerp_(t.tensor([2], dtype=t.uint8), 0.5)
t.tensordot(t.tensor([1, 2]), t.tensor([1.0, 2.0]), 0)
t.tensordot(t.ones(2), t.ones(2).double(), 0)
t.ones(2, 2, dtype=t.complex64).fill_diagonal_(3)
t.ones(3, 2, dtype=t.complex64).fill_diagonal_(3 + 1j, wrap=True)
t.ones(3, 2, dtype=t.complex64).t().fill_diagonal_(3j)
x = t.ones(2, 2) * 1j; y = x.requires_grad_() * 1; y.fill_diagonal_(3j); t.autograd.grad((y * y).abs().sum(), x)
"""


@pytest.mark.parametrize("program", KINDS.strip().splitlines())
def test_values_and_refusals(program: str) -> None:
    assert_alike(program)


@pytest.mark.parametrize("base", ["reshape(3, 4).t()", "reshape(4, 3)", "reshape(2, 2, 3).permute(2, 0, 1)"])
@pytest.mark.parametrize(
    "call",
    [
        "diagonal_scatter(x, t.zeros_like(x.diagonal()))",
        "select_scatter(x, t.zeros_like(x[0]), 0, 0)",
        "slice_scatter(x, t.zeros_like(x[:1]), 0, 0, 1)",
        "index_put(x, (t.tensor([0]),), t.tensor(3.0))",
        "put(x, t.tensor([0]), t.tensor([1.0]))",
    ],
)
def test_what_replaces_a_part_keeps_the_order_in_memory(base: str, call: str) -> None:
    assert_alike(f"x = t.arange(12.0).{base}; y = t.{call}; (y, y.stride())")


LOSSES = """
F.multilabel_soft_margin_loss(t.arange(5.0), t.full((1, 5), 0.3))
F.multilabel_soft_margin_loss(t.arange(5.0), t.full((5,), 0.3), weight=t.full((1, 5), 2.0))
F.multilabel_soft_margin_loss(t.ones(2, 5), t.full((3, 2, 5), 0.3), reduction="none")
F.multilabel_soft_margin_loss(t.ones(()), t.ones(()))
F.soft_margin_loss(t.ones(5).half(), t.full((5,), 0.3))
F.soft_margin_loss(t.ones(5), t.full((5,), 0.3).double())
F.soft_margin_loss(t.ones(5), t.ones(()))
F.soft_margin_loss(t.ones(5).long(), t.ones(5))
F.soft_margin_loss(t.ones(()), t.ones(5))
F.soft_margin_loss(t.ones(5), t.ones(5, 1))
F.cosine_similarity(t.ones(3), t.ones(3), 0, -1.0)
F.cosine_similarity(t.ones(3), t.ones(3), 0, nan)
t.combinations(t.arange(4.0), 5)
t.combinations(t.arange(4.0), 3, True)
t.combinations(t.arange(4.0), 70)
t.combinations(t.ones(1), 70, True)
t.combinations(t.ones(0), 3, True)
x = t.ones(1, requires_grad=True); t.autograd.grad(t.combinations(x, 4).sum(), x)
"""


@pytest.mark.parametrize("program", LOSSES.strip().splitlines())
def test_shapes_and_sizes_beyond_the_usual(program: str) -> None:
    assert_alike(program)


def test_too_many_combinations_are_refused() -> None:
    # (Torch takes all memory.)
    with pytest.raises(RuntimeError, match="overflow"):
        st.combinations(st.arange(2.0), 2**31, True)


CAST = """
z.to(t.bool); z.bool(); z.type(t.bool); z.type_as(t.ones(1).bool()); z.to(t.ones(1).bool()); t.zeros(6).bool().copy_(z)
z.to(t.bool, copy=True); z.to(t.float64); z.to(t.int32); t.zeros(6).copy_(z); z.real.to(t.float16); t.logical_not(z)
"""


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize(
    "call", [call.strip() for call in CAST.replace("\n", ";").split(";") if call.strip()]
)
def test_a_complex_number_is_true_where_it_is_not_zero(call: str, dtype: str) -> None:
    assert_alike(f"z = t.tensor([0j, 1j, -0.5j, 2, 0.25j, 1.5 - 1j], dtype=t.{dtype}); {call}")
    assert_alike(
        f"z = t.tensor([[0j, 1j], [2j, 0j]], dtype=t.{dtype}); x = t.zeros(2, 2).bool(); x[:] = z.t(); x"
    )
