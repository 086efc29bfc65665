"""Memory shared with numpy and torch: both ways, without a copy, seen at once; pickling, copies, buffers."""

import copy
import io
import pickle
import threading

import numpy as np
import pytest
import torch
from reference import DTYPES, assert_same, collected, name_of, ours, pair

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("memory is shared with numpy and DLPack")

WITH_NUMPY = [name for name in DTYPES if name != "bfloat16"]


@pytest.mark.parametrize("dtype", WITH_NUMPY)
def test_from_numpy_shares(dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    x = st.from_numpy(array)
    assert name_of(x.dtype) == dtype
    array[0, 1] = 0
    assert x[0, 1].item() == 0
    x[1, 2] = 1
    assert array[1, 2] == 1
    assert np.shares_memory(x.numpy(), array)


@pytest.mark.parametrize("dtype", WITH_NUMPY)
def test_numpy_shares(dtype):
    x = st.zeros(2, 3, dtype=getattr(st, dtype))
    array = x.numpy()
    assert array.dtype == dtype
    array[1] = 1
    assert x.sum().item() == 3
    x[0, 0] = 1
    assert array[0, 0] == 1
    x.fill_(0)
    assert not array.any()


def test_numpy_of_views():
    x = st.arange(12.0).reshape(3, 4)
    column = x[:, 1].numpy()
    assert column.strides == (16,)
    column[0] = 50
    assert x[0, 1].item() == 50
    assert x.t().numpy().shape == (4, 3)


def test_strided_arrays_are_shared():
    array = np.arange(24.0).reshape(4, 6)
    x = st.from_numpy(array[::2, 1::2])
    array[2, 3] = -1
    assert x.tolist() == [[1, 3, 5], [13, -1, 17]]
    x.mul_(0)
    assert array[0, 1] == 0
    assert array[0, 0] == 0
    assert array[1, 1] == 7


def test_what_cannot_be_shared_is_refused():
    with pytest.raises(RuntimeError, match="grad"):
        st.ones(2, requires_grad=True).numpy()
    with pytest.raises((TypeError, RuntimeError)):
        st.zeros(2, dtype=st.bfloat16).numpy()
    with pytest.raises((TypeError, RuntimeError)):
        st.from_numpy(np.array(["a"]))
    with pytest.raises((ValueError, RuntimeError)):
        st.from_numpy(np.arange(4)[::-1])
    with pytest.raises(TypeError):
        st.from_numpy([1, 2])


def test_numbers_and_empty_arrays():
    assert st.tensor(np.array(2.5)).item() == 2.5
    assert st.from_numpy(np.array(3)).item() == 3
    assert tuple(st.from_numpy(np.zeros((0, 3))).shape) == (0, 3)
    assert st.tensor(1.5).numpy() == 1.5
    assert st.zeros(2, 0).numpy().shape == (2, 0)


# Memory that its other owner writes after the call: an operator sees the values as of the call.


def test_an_operator_reads_shared_memory_at_the_call():
    array = np.ones(1000, dtype=np.float32)
    x = st.from_numpy(array)
    y = x * 2
    z = x.sum()
    w = x.reshape(10, 100).t() + 1
    array[:] = 100
    assert y.sum().item() == 2000
    assert z.item() == 1000
    assert w.sum().item() == 2000
    assert (x * 2).sum().item() == 200_000


READERS = {
    "index_select": lambda t, x: x.index_select(0, t.tensor([2, 0])),
    "gather": lambda t, x: x.gather(0, t.tensor([[1, 0, 2]])),
    "take": lambda t, x: x.take(t.tensor([4, 1])),
    "list": lambda t, x: x[[2, 1]],
    "mask": lambda t, x: x[x > 3],
    "rows_and_columns": lambda t, x: x[t.tensor([0, 1]), t.tensor([2, 1])],
    "embedding": lambda t, x: t.nn.functional.embedding(t.tensor([[1, 2]]), x),
    "index_of": lambda t, x: t.arange(20.0)[x.long()],
    "scatter": lambda t, x: t.zeros(4, 3).scatter(0, t.tensor([[1, 3, 2]]), x),
    "product": lambda t, x: x @ x.mT,
    "broadcast_product": lambda t, x: x[None].expand(2, 3, 3) @ x,
    "flip": lambda t, x: x.flip(0),
    "pad": lambda t, x: t.nn.functional.pad(x, (1, 2)),
    "cut": lambda t, x: t.nn.functional.pad(x, (-1, 1)),
    "roll": lambda t, x: x.roll(1, 1),
    "rot90": lambda t, x: x.rot90(),
    "cat": lambda t, x: t.cat([x, x.t()]),
    "sort": lambda t, x: x.sort(1, descending=True).values,
    "cumsum": lambda t, x: x.cumsum(0),
    "conv": lambda t, x: t.nn.functional.conv1d(x[None], t.ones(2, 3, 2)),
    "pool": lambda t, x: t.nn.functional.max_pool1d(x[None], 2),
    "unfold": lambda t, x: x.unfold(0, 2, 1) * 1,
    "attention": lambda t, x: t.nn.functional.scaled_dot_product_attention(x[None], x[None], x[None]),
    "interpolate": lambda t, x: t.nn.functional.interpolate(x[None], scale_factor=2),
    "fft": lambda t, x: t.fft.rfft(x).real,
    "where": lambda t, x: t.where(x > 3, x, -x),
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("writer", ["numpy", "in place"])
@pytest.mark.parametrize("given", ["from_numpy", "numpy"])
def test_every_reader_of_shared_memory_reads_at_the_call(given, writer, name):
    def read(library):
        x = library.arange(9.0).reshape(3, 3)
        array = x.numpy()
        if given == "from_numpy":
            array = np.arange(9, dtype=np.float32).reshape(3, 3)
            x = library.from_numpy(array)
        found = READERS[name](library, x)
        if writer == "numpy":
            array[:] = 100
        else:
            x.neg_()
        return found

    assert_same(read(st), read(torch))


def test_a_view_of_shared_memory_reads_at_its_call():
    array = np.arange(10.0)
    x = st.from_numpy(array)
    view = x[2:5]
    array[2] = 100
    y = view + 0
    array[2] = 200
    assert y.tolist() == [100, 3, 4]
    assert view.tolist() == [200, 3, 4]


def test_memory_given_away_by_numpy_is_read_at_the_call():
    x = st.ones(100)
    array = x.numpy()
    y = x + 1
    array[:] = 50
    assert y.tolist() == [2] * 100
    assert x.tolist() == [50] * 100
    x.add_(1)
    assert array[0] == 51, "a write through us is visible at once"


def test_a_loop_that_reuses_a_batch_buffer():
    """The common loader: one array is filled again and again while the graph is still growing."""
    batch, total = np.zeros(64, dtype=np.float32), st.zeros(())
    for step in range(20):
        batch[:] = step
        total = total + st.from_numpy(batch).mean()
    assert total.item() == sum(range(20))


def test_gradients_through_shared_memory():
    array = np.array([1.0, 2.0, 3.0])
    w = st.ones(3, dtype=st.float64, requires_grad=True)
    loss = (st.from_numpy(array) * w).sum()
    array[:] = 0
    loss.backward()
    assert loss.item() == 6


def test_another_thread_may_write_meanwhile():
    """No crash and no torn result of a single element: every value is one that was written."""
    array = np.zeros(1000)
    stop = threading.Event()

    def write():
        value = 0.0
        while not stop.is_set():
            value += 1
            array[:] = value

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(50):
            seen = (st.from_numpy(array) * 1).tolist()
            assert all(value == int(value) for value in seen)
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("dtype", DTYPES)
def test_dlpack_with_torch(dtype):
    kind = getattr(torch, dtype)
    with collected() as failures:
        with failures("from torch"):
            theirs = torch.arange(6).reshape(2, 3).to(kind)
            x = st.from_dlpack(theirs)
            assert_same(x, theirs, exact=True)
            theirs[0, 0] = 1
            assert x[0, 0].item() == 1
        with failures("to torch"):
            x = ours(torch.arange(6).reshape(2, 3).to(kind))
            theirs = torch.from_dlpack(x)
            assert_same(x, theirs, exact=True)
            x[1, 1] = 0
            assert theirs[1, 1].item() == 0
        with failures("strided"):
            assert_same(
                st.from_dlpack(torch.arange(12).to(kind).reshape(3, 4).t()[1:]),
                torch.arange(12).to(kind).reshape(3, 4).t()[1:],
            )


def test_dlpack_with_numpy():
    array = np.arange(4.0)
    x = st.from_dlpack(array)
    array[0] = 9
    assert x.tolist() == [9, 1, 2, 3]
    back = np.from_dlpack(st.arange(3.0))
    assert back.tolist() == [0, 1, 2]
    assert tuple(map(int, st.ones(1).__dlpack_device__())) == (1, 0)


def test_dlpack_keeps_memory_alive():
    theirs = torch.from_dlpack(st.arange(1000.0))
    st.zeros(1000).add_(1).sum().item()
    assert theirs.sum().item() == 499500
    x = st.from_dlpack(torch.arange(1000.0))
    assert x.sum().item() == 499500


def test_dlpack_reads_at_the_call():
    theirs = torch.ones(10)
    y = st.from_dlpack(theirs) * 3
    theirs.zero_()
    assert y.tolist() == [3] * 10


def test_numpy_functions_take_tensors():
    x = st.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert np.asarray(x).tolist() == x.tolist()
    assert np.asarray(x, dtype=np.int64).dtype == np.int64
    assert np.array(x).sum() == 10
    assert (np.ones(2, dtype=np.float32) + x.numpy()).shape == (2, 2)


def test_an_array_beside_a_tensor():
    x = st.ones(2)
    with collected() as failures:
        for name, call in {"t + a": lambda: x + np.float32(2), "a * t": lambda: np.float32(2) * x}.items():
            with failures(name):
                assert isinstance(call(), (st.Tensor, np.ndarray))
                assert [float(value) for value in call()] in ([3, 3], [2, 2])


def test_buffer_protocol():
    x = st.arange(4, dtype=st.int32)
    assert memoryview(x).tolist() == [0, 1, 2, 3]
    assert memoryview(x).format == "i"
    assert st.frombuffer(bytearray(b"\x01\x02\x03"), dtype=st.uint8).tolist() == [1, 2, 3]
    memoryview(x)[0] = 7
    assert x[0].item() == 7


@pytest.mark.parametrize("dtype", DTYPES)
def test_pickle(dtype):
    mine, reference = pair(torch.arange(6).reshape(2, 3).to(getattr(torch, dtype)))
    assert_same(pickle.loads(pickle.dumps(mine)), reference, exact=True)
    again = pickle.loads(pickle.dumps(mine.t()))
    assert_same(again, reference.t(), exact=True)
    assert pickle.loads(pickle.dumps(mine.dtype)) == mine.dtype
    assert pickle.loads(pickle.dumps(mine.device)) == mine.device


def test_pickle_keeps_requires_grad_and_shape_only_of_views():
    x = st.ones(3, requires_grad=True)
    y = pickle.loads(pickle.dumps(x))
    assert y.requires_grad
    assert y.is_leaf
    assert pickle.loads(pickle.dumps({"a": st.tensor(1), "b": [st.zeros(0)]}))["a"].item() == 1


def test_copies():
    x = st.ones(3, requires_grad=True)
    deep = copy.deepcopy(x)
    with st.no_grad():
        x.mul_(5)
    assert deep.tolist() == [1, 1, 1]
    assert deep.requires_grad
    shallow = copy.copy(x)
    assert shallow.tolist() == [5, 5, 5]
    shared = copy.deepcopy([x, x])
    assert shared[0] is shared[1]
    with pytest.raises(RuntimeError, match=r"deepcopy|leaf|leaves|explicitly"):
        copy.deepcopy(x * 2)


def test_save_and_load_with_the_standard_library():
    file = io.BytesIO()
    pickle.dump([st.arange(5), st.rand(2)], file)
    file.seek(0)
    assert pickle.load(file)[0].tolist() == [0, 1, 2, 3, 4]


def test_hash_and_identity():
    x, y = st.ones(2), st.ones(2)
    assert len({x, y, x}) == 2
    assert {x: 1}[x] == 1
