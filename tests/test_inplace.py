"""In-place operators: the same object, the rules of leaves and versions, `out=`, and dtypes that must fit."""

import operator
from functools import partial

import pytest
import torch
from reference import DTYPES, assert_same, assert_same_outcome, collected, pair

import spiraltorch_rs as st

AUGMENTED = ["iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "iand", "ior", "ixor"]


@pytest.mark.parametrize("name", AUGMENTED)
@pytest.mark.parametrize("dtype", DTYPES)
def test_augmented_assignment(dtype, name):
    function = getattr(operator, name)
    with collected() as failures:
        for other in (
            2,
            1.5,
            True,
            torch.tensor([1, 2, 3]),
            torch.tensor(2.0),
            torch.tensor([1.0, 2.0, 3.0]),
        ):
            x, reference = pair(torch.tensor([1, 2, 3]).to(getattr(torch, dtype)))
            mine, theirs = pair(other) if isinstance(other, torch.Tensor) else (other, other)
            with failures(f"{dtype} {name} {other!r}"):
                assert_same_outcome(partial(function, x, mine), partial(function, reference, theirs))


def test_the_object_stays_the_same():
    x = st.ones(3)
    y = x
    x += 1
    x.mul_(3).sub_(1)
    assert x is y
    assert y.tolist() == [5, 5, 5]


@pytest.mark.parametrize(
    "write",
    [
        lambda x: x.add_(1),
        lambda x: x.fill_(1),
        lambda x: x.zero_(),
        lambda x: x.__setitem__(0, 1.0),
        lambda x: x.view(3).mul_(2),
        lambda x: x[0:1].add_(1),
    ],
)
def test_a_leaf_that_wants_gradients_may_not_be_written(write):
    for library in (st, torch):
        x = library.zeros(3, requires_grad=True)
        with pytest.raises(RuntimeError, match="leaf"):
            write(x)
        with library.no_grad():
            write(x)
        assert x.is_leaf
        assert x.requires_grad


def test_a_float_does_not_fit_into_integers():
    x = st.tensor([1, 2])
    with pytest.raises(RuntimeError, match=r"can't be cast"):
        x.add_(1.5)
    with pytest.raises(RuntimeError, match=r"can't be cast"):
        x /= 2
    with pytest.raises(RuntimeError, match=r"can't be cast"):
        st.tensor([True]).add_(1)
    assert x.tolist() == [1, 2]


def test_the_shape_may_not_grow():
    x = st.zeros(3)
    with pytest.raises(RuntimeError, match=r"shape|broadcast"):
        x.add_(st.zeros(2, 3))
    with pytest.raises(RuntimeError, match=r"shape|size"):
        x.copy_(st.zeros(4))


@pytest.mark.parametrize("dtype", DTYPES)
def test_copy_casts_and_broadcasts(dtype):
    for source in DTYPES:
        value = torch.tensor([[0.0], [1.0], [2.0]]).to(getattr(torch, source))
        target = torch.zeros(2, 3, 4).to(getattr(torch, dtype))
        (x, reference), (mine, theirs) = pair(target), pair(value)
        assert x.copy_(mine) is x
        assert_same(x, reference.copy_(theirs), exact=True)


def test_copy_carries_gradients():
    found = []
    for library in (st, torch):
        source = library.tensor([1.0, 2.0, 3.0], requires_grad=True)
        x = library.zeros(2, 3)
        x[1].copy_(source * 2)
        (x * x).sum().backward()
        found.append([x.detach(), source.grad])
    assert_same(*found)


@pytest.mark.parametrize("write", ["x.mul_(2)", "x[0] = 5", "x.detach().zero_()", "x.view(-1)[1:].add_(1)"])
def test_a_write_to_what_backward_needs_is_found(write):
    for library in (st, torch):
        a = library.ones(3, requires_grad=True)
        x = a * 1
        y = (x * x).sum()
        exec(write)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            y.backward()


def test_a_write_to_what_backward_does_not_need_is_fine():
    found = []
    for library in (st, torch):
        a = library.ones(3, requires_grad=True)
        x = a * 2
        y = x + 1
        x.mul_(5)
        z = y.exp().add_(1)
        (x.sum() + y.sum()).backward()
        found.append([a.grad, z.detach()])
    assert_same(*found)


def test_an_output_that_is_kept_may_not_be_written():
    for library in (st, torch):
        a = library.ones(3, requires_grad=True)
        y = a.exp()
        y.add_(1)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            y.sum().backward()


def test_history_of_a_rewritten_tensor():
    found = []
    for library in (st, torch):
        a = library.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
        b = library.tensor([10.0, 20.0], requires_grad=True)
        x = a * 1
        left, right = x[:2], x[2:]
        left.mul_(b)
        right.copy_(left)
        x.add_(a)
        (x * library.tensor([1.0, 2.0, 3.0, 4.0])).sum().backward()
        found.append([x.detach(), left.detach(), a.grad, b.grad])
    assert_same(*found)


def test_out():
    out = st.zeros(3)
    view = out[1:]
    given = st.add(st.ones(3), 2, out=out)
    assert given is out
    assert view.tolist() == [3, 3]
    with pytest.raises(RuntimeError, match=r"can't be cast"):
        st.add(st.ones(2), 0.5, out=st.zeros(2, dtype=st.int64))
    with pytest.raises(RuntimeError, match="out"):
        st.add(st.ones(2, requires_grad=True), 1, out=st.zeros(2))


@pytest.mark.parametrize("shape", [(2, 3), (0,), (5,), (3, 2), (7, 7), ()])
@pytest.mark.filterwarnings("ignore:An output with one or more elements was resized")
def test_out_is_resized(shape):
    found = []
    for library in (st, torch):
        out = library.zeros(shape)
        assert library.add(library.ones(2, 3), 1, out=out) is out
        found.append([out, out.stride()])
    assert_same(*found)


@pytest.mark.filterwarnings("ignore:An output with one or more elements was resized")
def test_out_is_resized_within_its_storage():
    found = []
    for library in (st, torch):
        base = library.zeros(6)
        out = base[1:3]
        library.add(library.ones(3), 1, out=out)
        values, indices = library.empty(0), library.empty(0, dtype=library.int64)
        library.max(library.arange(6.0).reshape(2, 3), 1, out=(values, indices))
        found.append([base, out, values, indices])
    assert_same(*found)


def test_data_is_replaced_without_a_copy():
    found = []
    for library in (st, torch):
        x, y = library.zeros(3, requires_grad=True), library.ones(3)
        (x * 3).sum().backward()
        view, other = x.detach()[1:], library.full((2, 2), 4.0)
        x.data = y
        y.add_(1)
        assert x.data_ptr() == y.data_ptr()
        (x * x).sum().backward()
        found.append([x.detach(), x.grad, view, x.is_leaf, x.requires_grad])
        x.grad = None
        loss = (x * 2).sum()
        x.data = y * 5
        loss.backward()
        found[-1].append(x.grad)
        x.data = other
        found[-1] += [x.detach(), x.is_leaf, x.requires_grad]
    assert_same(*found)


def test_out_casts_to_a_wider_dtype():
    for library in (st, torch):
        out = library.zeros(3, dtype=library.float64)
        library.mul(library.ones(3), 2, out=out)
        assert out.dtype == library.float64
        assert out.tolist() == [2, 2, 2]


@pytest.mark.parametrize(
    "name",
    [
        "fill_",
        "zero_",
        "copy_",
        "masked_fill_",
        "index_add_",
        "index_copy_",
        "index_fill_",
        "scatter_",
        "scatter_add_",
        "index_put_",
        "clamp_",
        "t_",
        "squeeze_",
        "unsqueeze_",
        "transpose_",
    ],
)
def test_named_in_place_methods(name):
    arguments = {
        "fill_": lambda lib: (3,),
        "zero_": lambda lib: (),
        "copy_": lambda lib: (lib.ones(3),),
        "masked_fill_": lambda lib: (lib.eye(3) > 0, 4),
        "index_add_": lambda lib: (0, lib.tensor([0, 0, 2]), lib.ones(3, 3)),
        "index_copy_": lambda lib: (1, lib.tensor([2, 0]), lib.ones(3, 2)),
        "index_fill_": lambda lib: (1, lib.tensor([2, 0]), 8),
        "scatter_": lambda lib: (0, lib.tensor([[0, 1, 2]]), lib.ones(1, 3)),
        "scatter_add_": lambda lib: (0, lib.tensor([[0, 1, 2], [0, 1, 1]]), lib.ones(2, 3)),
        "index_put_": lambda lib: ((lib.tensor([0, 2]), lib.tensor([1, 1])), lib.tensor(5.0)),
        "clamp_": lambda lib: (2, 5),
        "t_": lambda lib: (),
        "squeeze_": lambda lib: (),
        "unsqueeze_": lambda lib: (1,),
        "transpose_": lambda lib: (0, 1),
    }[name]
    found = []
    for library in (st, torch):
        x = library.arange(9.0).reshape(3, 3)
        y = getattr(x, name)(*arguments(library))
        assert y is x
        found.append(x)
    assert_same(*found)


@pytest.mark.parametrize("shape", [(1,), (2,), (3,), (4,), (2, 3), (1, 3), (2, 1), (0,)])
def test_a_part_may_be_written_to_itself(shape):
    x, y = torch.ones(shape), st.ones(shape)
    x[1::2] *= -1.0
    y[1::2] *= -1.0
    assert y.tolist() == x.tolist()


def seen(library, write):
    x = library.arange(3.0).expand(2, 3)
    write(x)
    return x


@pytest.mark.parametrize(
    "write",
    [
        lambda x: x.fill_(3),
        lambda x: x.zero_(),
        lambda x: x.__setitem__((Ellipsis, 0), 0.5),
        lambda x: x.__setitem__(0, 0.5),
        lambda x: x.__setitem__((slice(None), slice(1, None)), 7),
        lambda x: x.add_(1),
        lambda x: x.copy_(x + 1),
    ],
)
def test_a_number_may_be_written_to_elements_that_are_one(write):
    assert_same_outcome(lambda: seen(st, write), lambda: seen(torch, write))


@pytest.mark.parametrize(
    "function",
    [
        lambda t, x, y: x / (y.abs() + 1),
        lambda t, x, y: t.fft.rfft(x).abs(),
        lambda t, x, y: t.nn.functional.normalize(x, dim=0),
        lambda t, x, y: x.logaddexp(y),
        lambda t, x, y: x.lerp(y, 0.3),
    ],
)
def test_results_that_gradients_do_not_need_may_be_written(function):
    def gradients(library):
        x = library.tensor([1.0, -2.0, 3.0], requires_grad=True)
        y = library.tensor([0.5, 1.5, -2.0], requires_grad=True)
        z = function(library, x, y)
        z[0] = 2.0
        z.mul_(3).sum().backward()
        return [x.grad, y.grad]

    for mine, theirs in zip(gradients(st), gradients(torch), strict=True):
        assert (mine is None) == (theirs is None)
        if mine is not None:
            assert_same(mine, theirs)


@pytest.mark.parametrize("write", ["mul_", "unsqueeze_", "squeeze_", "transpose_"])
def test_what_is_written_through_data_is_not_counted(write):
    arguments = {"mul_": (2,), "unsqueeze_": (0,), "transpose_": (0, 1)}.get(write, ())
    found = []
    for library in (st, torch):
        for shared in (False, True):
            x = library.from_numpy(torch.ones(2, 2).numpy())
            x = x if shared else x.clone()
            y = x.requires_grad_().square()
            getattr(x.data, write)(*arguments)
            found.append([x._version, tuple(x.shape)])
            y.sum().backward()
    assert found[:2] == found[2:]


def test_threshold_of_an_expanded_tensor():
    for library in (st, torch):
        x = library.tensor([0.25, 0.75]).expand(3, 2)
        library.nn.functional.threshold(x, 0.5, 0.1, inplace=True)
        library.nn.functional.threshold_(x, 0.5, 0.2)
        assert x.flatten().tolist() == pytest.approx([0.2, 0.75] * 3)


NUMBERS = torch.tensor([[1 + 2j, -0.5j, 3.0], [0.25 - 1j, 2 + 0.5j, -1j]], dtype=torch.complex128)
# What writes in place, and what it starts from; gradients need the old contents, or the new ones.
KEEPING = {
    "complex cumprod": (lambda lib, x: x.cumprod_(1), NUMBERS),
    "complex nan_to_num": (lambda lib, x: x.nan_to_num_(), NUMBERS),
    "complex renorm": (lambda lib, x: x.renorm_(float("inf"), 0, 0.5), NUMBERS),
    "complex augmented": (lambda lib, x: operator.ipow(x, 3), NUMBERS),
    "extreme of one": (
        lambda lib, x: x.scatter_reduce_(0, lib.tensor(0), lib.tensor(0.5), "amax", include_self=False),
        torch.tensor(0.25),
    ),
    "extreme with itself": (
        lambda lib, x: x.scatter_reduce_(0, lib.tensor(0), lib.tensor(0.5), "amin"),
        torch.tensor(0.25),
    ),
}


@pytest.mark.parametrize("what", KEEPING)
def test_what_a_gradient_reads_of_a_written_tensor_is_kept(what):
    write, start = KEEPING[what]

    def gradient(library, x):
        leaf = x.requires_grad_()
        out = write(library, leaf.clone())
        (out.abs() * 2).sum().backward()
        results = (out.detach(), leaf.grad)
        return [library.view_as_real(r) if r.is_complex() else r for r in results]

    mine, theirs = pair(start)
    for ours, expected in zip(gradient(st, mine), gradient(torch, theirs), strict=True):
        assert_same(ours, expected)


@pytest.mark.parametrize("wants_gradient", [False, True])
@pytest.mark.parametrize("inference", [False, True])
def test_resizing_by_mode(inference, wants_gradient):
    outcomes = []
    for library in (torch, st):
        with library.inference_mode(inference):
            x = library.ones(1, 2, 3, requires_grad=wants_gradient)
            try:
                outcomes.append(tuple(x.resize_(1, 2).shape))
            except RuntimeError:
                outcomes.append("refused")
    assert outcomes[1] == outcomes[0]


def test_data_is_not_deleted():
    for library in (torch, st):
        with pytest.raises(RuntimeError, match="Delete tensor instead"):
            del library.ones(2).data
