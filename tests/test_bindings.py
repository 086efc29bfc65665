"""The edges of the extension module: other libraries' memory, pickles, users' functions, errors, threads."""

import copy
import pickle
import random
import threading
import weakref

import numpy as np
import pytest
import torch

import spiraltorch_rs as st
from spiraltorch_rs.utils.checkpoint import checkpoint


class Marked(st.Tensor):
    """A subclass, as `nn.Parameter` is one."""


@pytest.mark.cpu_only("memory is shared")
def test_numpy_and_the_tensor_see_each_others_writes():
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    x = st.from_numpy(array)
    array[0, 0] = 9
    assert x[0, 0].item() == 9
    x.T.mul_(2)
    assert array.tolist() == [[18, 2, 4], [6, 8, 10]]
    y = st.rand(3, 4)
    seen = y.T.numpy()
    y.add_(1)
    assert (seen == np.array(y.tolist(), np.float32).T).all()


@pytest.mark.cpu_only("memory is shared")
@pytest.mark.parametrize(
    "dtype", ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
)
def test_dtypes_survive_numpy_and_dlpack(dtype):
    array = np.array([0, 1, 1]).astype(dtype)
    x = st.tensor(array)
    assert x.dtype is getattr(st, dtype)
    assert x.numpy().dtype == array.dtype
    assert np.from_dlpack(x).dtype == array.dtype
    assert torch.from_dlpack(x).tolist() == st.from_dlpack(torch.from_numpy(array)).tolist() == array.tolist()


@pytest.mark.cpu_only("memory is shared")
def test_dlpack_shares_memory_with_strides():
    theirs = torch.arange(6.0).reshape(2, 3).t()
    ours = st.from_dlpack(theirs)
    theirs[2, 1] = 7
    assert ours.stride() == (1, 3)
    assert ours.tolist() == theirs.tolist()
    x = st.rand(2, 2)
    torch.from_dlpack(x)[0, 0] = 3
    assert x[0, 0].item() == 3


def test_tensors_of_one_storage_share_it_after_pickle_and_deepcopy():
    base = st.rand(6)
    for again in (lambda pair: pickle.loads(pickle.dumps(pair)), copy.deepcopy):
        whole, part = again((base, base[2:4]))
        whole[2] = 9
        assert part[0].item() == 9
        assert base[2].item() != 9


def test_subclasses_keep_class_attributes_and_gradients():
    marked = st._C._make_subclass(Marked, st.ones(2), True)
    marked.note = "kept"
    for again in (copy.deepcopy(marked), pickle.loads(pickle.dumps(marked))):
        assert type(again) is Marked
        assert again.requires_grad
        assert again.note == "kept"
    assert weakref.ref(marked)() is marked
    assert type(marked * 2) is Marked


class Cube(st.autograd.Function):
    """x ** 3."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * 3 * x * x


def test_users_functions_have_every_derivative():
    x = st.tensor(2.0, requires_grad=True)
    (first,) = st.autograd.grad(Cube.apply(x), x, create_graph=True)
    (second,) = st.autograd.grad(first, x)
    assert (first.item(), second.item()) == (12, 12)
    y = Cube.apply(x)
    y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_an_exception_of_a_hook_arrives_as_it_is():
    x = st.rand(3, requires_grad=True)
    nothing: dict[str, float] = {}
    handle = x.register_hook(lambda gradient: nothing["mine"])
    with pytest.raises(KeyError, match="mine"):
        x.sum().backward()
    handle.remove()
    x.sum().backward()
    assert x.grad.tolist() == [1, 1, 1]


def test_modes_hold_in_blocks_functions_and_generators():
    @st.no_grad()
    def generator():
        yield st.is_grad_enabled()

    @st.inference_mode
    def inference():
        return st.is_inference_mode_enabled()

    for inside in generator():
        assert not inside
        assert st.is_grad_enabled()
    assert inference() is True
    assert not st.is_inference_mode_enabled()


def test_checkpoint_calls_again_with_the_same_random_numbers():
    x = st.rand(16, requires_grad=True)
    masks = []

    def noisy(x):
        mask = st.rand(16)
        masks.append(mask.tolist())
        return (x * x * mask).exp()

    checkpoint(noisy, x).sum().backward()
    assert len(masks) == 2
    assert masks[0] == masks[1]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: st.exp([1]),
            TypeError,
            r"exp\(\): argument 'input' \(position 1\) must be Tensor, not list",
        ),
        (lambda: st.exp(), TypeError, "missing 1 required positional argument"),
        (lambda: st.exp(st.ones(1), shift=2), TypeError, "unexpected keyword argument 'shift'"),
        (lambda: st.ones(2) + "a", TypeError, "unsupported operand"),
        (lambda: st.ones(2)["a"], IndexError, "only integers, slices"),
        (lambda: st.ones(2)[2], IndexError, "out of bounds"),
        (lambda: st.tensor([[1, 2], [3]]), ValueError, r"expected sequence of length 2 at dim 1 \(got 1\)"),
        (lambda: st.tensor(2**63), ValueError, "Overflow"),
        (lambda: bool(st.ones(2)), RuntimeError, "ambiguous"),
        (lambda: st.ones(2, requires_grad=True).numpy(), RuntimeError, "requires grad"),
        (lambda: st._C._panic(), RuntimeError, "internal error in _panic; please report"),
    ],
)
def test_errors_have_torchs_kinds(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_objects_keep_their_identity():
    x = st.ones(2)
    same = x
    same += 1
    assert same is x
    assert x.add_(1) is x
    assert x.contiguous() is x
    assert st.as_tensor(x) is x
    assert (x == None) is False  # noqa: E711
    assert hash(x) == hash(x)


def test_threads_compute_at_the_same_time():
    results = []

    def work():
        for _ in range(20):
            x = st.from_numpy(np.ones(100, np.float32)).requires_grad_()
            (x * x).exp().sum().backward()
            results.append(x.grad.sum().item())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == 80
    assert len(set(results)) == 1


def test_no_panic_crosses_whatever_the_arguments():
    choose = random.Random(0)
    messages = []
    values = [
        lambda: choose.choice(
            [None, True, -1, 0, 3, 2**62, -(2**63), 0.5, float("nan"), "sum", {}, slice(0, 1)]
        ),
        lambda: choose.choice([[], [1, 2], [0], (-1, 0), st.float32, object(), np.ones(2)]),
        lambda: choose.choice(
            [
                st.rand(2, 3),
                st.tensor(1),
                st.ones(2, dtype=st.complex128),
                1j,
                st.arange(3),
                st.zeros(0, 3),
                st.ones(2, 2, dtype=st.bool),
            ]
        ),
        lambda: [st.ones(2), st.ones(2)],
    ]
    skipped = {
        "_panic",
        "set_num_threads",
        "set_default_dtype",
        "set_printoptions",
        "manual_seed",
        "set_rng_state",
    }
    builtin = type(st.exp)
    functions = [
        f for n, f in vars(st._C).items() if isinstance(f, builtin) and n[0] != "_" and n not in skipped
    ]
    names = [n for n in dir(st.Tensor) if n not in dir(object)]
    for _ in range(3000):
        arguments = [choose.choice(values)() for _ in range(choose.randint(0, 4))]
        function, tensor = choose.choice(functions), st.rand(2, 3, dtype=choose.choice([None, st.complex64]))
        try:
            if choose.random() < 0.5:
                function = getattr(tensor, choose.choice(names))
            if callable(function):
                function(*arguments)
        except Exception as error:
            messages.append(f"{function} {error}")
    assert not [message for message in messages if "internal error" in message]
