"""Data sets, samplers and loaders, against torch's where both can say the same."""

# ruff: noqa: B023 (the functions are called before the loop goes on)

import collections
import gc
import os
import pickle
import random
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from reference import assert_same, assert_same_outcome

import spiraltorch_rs as st

D: Any = st.utils.data
T: Any = torch.utils.data
warnings.filterwarnings("ignore", message=".*will create.*")
FORKED = pytest.mark.cpu_only("workers are forked, and a forked process has no GPU")


def with_workers(*numbers: int) -> Any:
    """A test for each number of workers."""
    cases = [pytest.param(n, marks=FORKED) if n else n for n in numbers]
    return pytest.mark.parametrize("workers", cases)


class Squares(D.Dataset):
    """Numbers and their squares."""

    def __init__(self, n=20, fail=None, die=None, slow=0.0):
        self.n, self.fail, self.die, self.slow = n, fail, die, slow

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        if i == self.fail:
            raise KeyError(f"no element {i}")
        if i == self.die:
            os._exit(3)
        time.sleep(self.slow)
        return st.tensor([float(i), float(i) ** 2]), i


class Counting(D.IterableDataset):
    """Numbers, of which every worker gives its share."""

    def __init__(self, n=20):
        self.n = n

    def __iter__(self):
        info = D.get_worker_info()
        first, step = (0, 1) if info is None else (info.id, info.num_workers)
        return iter(range(first, self.n, step))


def numbers(loader):
    return [batch[1].tolist() for batch in loader]


Point = collections.namedtuple("Point", ["x", "y"])
BATCHES = [
    [1, 2, 3],
    [1.5, 2.5],
    [True, False],
    ["a", "b"],
    [b"a", b"b"],
    [(1, 2.0), (3, 4.0)],
    [[1, "x"], [2, "y"]],
    [{"a": 1, "b": (2.0, "t")}, {"a": 3, "b": (4.0, "u")}],
    [Point(1, 2.0), Point(3, 4.0)],
    [np.float32(1.5), np.float32(2.5)],
    [np.int16(1), np.int16(2)],
    [np.arange(3), np.arange(3) + 1],
    [np.array(1.0), np.array(2.0)],
    [collections.OrderedDict(a=1), collections.OrderedDict(a=2)],
    [[1, 2], [3]],
    [object, object],
    [np.array(["a"]), np.array(["b"])],
    [{1}, {2}],
    [[], []],
]


@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_collate(batch):
    def plain(value):
        if isinstance(value, dict):
            return [type(value).__name__, *((key, plain(value[key])) for key in value)]
        if isinstance(value, (list, tuple)):
            return [type(value).__name__, *map(plain, value)]
        if isinstance(value, (st.Tensor, torch.Tensor)):
            return [str(value.dtype).rpartition(".")[2], value.tolist()]
        return value

    assert_same_outcome(lambda: plain(D.default_collate(batch)), lambda: plain(T.default_collate(batch)))
    if "object" not in str(batch):
        assert_same_outcome(lambda: plain(D.default_convert(batch)), lambda: plain(T.default_convert(batch)))


def test_collate_tensors():
    rows = [torch.randn(2, 3) for _ in range(4)]
    assert_same(D.default_collate([st.tensor(row.numpy()) for row in rows]), T.default_collate(rows))


def test_datasets():
    a, b = D.TensorDataset(st.arange(4), st.ones(4)), D.TensorDataset(st.arange(10, 13), st.zeros(3))
    both = a + b
    assert len(both) == 7
    assert [int(both[i][0]) for i in (0, 3, 4, -1)] == [0, 3, 10, 12]
    with pytest.raises(ValueError, match="exceed"):
        both[-8]
    stacked = D.StackDataset(x=Squares(3), y=range(3))
    assert stacked[2]["y"] == 2
    assert [row["y"] for row in stacked.__getitems__([2, 0])] == [2, 0]
    assert D.StackDataset(range(3), range(3)).__getitems__([1]) == [(1, 1)]
    chained = Counting(3) + Counting(2)
    assert list(chained) == [0, 1, 2, 0, 1]
    subset = D.Subset(range(10), [3, 5])
    assert subset[1] == 5
    assert subset.__getitems__([1, 0]) == [5, 3]
    for wrong in (
        lambda d: d.StackDataset(),
        lambda d: d.StackDataset(range(2), range(3)),
        lambda d: d.StackDataset(range(2), x=range(2)),
        lambda d: d.ConcatDataset([]),
        lambda d: d.random_split(range(5), [2, 2]),
        lambda d: d.random_split(range(5), [1.5, -0.5]),
        lambda d: d.Dataset()[0],
    ):
        assert_same_outcome(lambda: wrong(D), lambda: wrong(T))


def test_random_split():
    generator = st.Generator().manual_seed(3)
    parts = D.random_split(range(10), [0.55, 0.45], generator)
    assert [len(part) for part in parts] == [len(p) for p in T.random_split(range(10), [0.55, 0.45])]
    assert sorted(i for part in parts for i in part) == list(range(10))
    again = D.random_split(range(10), [0.55, 0.45], st.Generator().manual_seed(3))
    assert [list(part) for part in again] == [list(part) for part in parts]


def test_samplers():
    assert list(D.SequentialSampler(range(3))) == [0, 1, 2]
    assert sorted(D.RandomSampler(range(50))) == list(range(50))
    assert len(list(D.RandomSampler(range(3), num_samples=8))) == 8
    assert set(D.RandomSampler(range(3), replacement=True, num_samples=50)) == {0, 1, 2}
    # A loop that never ends asks for more than memory has.
    endless = iter(D.RandomSampler(range(3), replacement=True, num_samples=10**10))
    assert {next(endless) for _ in range(100)} == {0, 1, 2}
    assert len(list(D.RandomSampler(range(3), replacement=True, num_samples=70))) == 70
    assert sorted(D.SubsetRandomSampler([4, 7, 9])) == [4, 7, 9]
    drawn = list(D.WeightedRandomSampler([0.0, 1.0, 3.0], 400))
    assert 0 not in drawn
    assert 240 < sum(i == 2 for i in drawn) < 360
    for last in (False, True):
        mine, wanted = D.BatchSampler(range(7), 3, last), T.BatchSampler(range(7), 3, last)
        assert list(mine) == list(wanted)
        assert len(mine) == len(wanted)
    for rank, last in [(0, False), (1, False), (2, True)]:
        settings = {"num_replicas": 3, "rank": rank, "shuffle": False, "drop_last": last}
        assert list(D.DistributedSampler(range(10), **settings)) == list(
            T.DistributedSampler(range(10), **settings)
        )
    for wrong in (
        lambda d: d.RandomSampler(range(0)),
        lambda d: d.RandomSampler(range(3), replacement=1),
        lambda d: d.BatchSampler(range(3), 0, False),
        lambda d: d.BatchSampler(range(3), 2, 1),
        lambda d: d.WeightedRandomSampler([[1.0]], 1),
        lambda d: d.WeightedRandomSampler([1.0], 0),
    ):
        assert_same_outcome(lambda: wrong(D), lambda: wrong(T))


@with_workers(0, 2)
@pytest.mark.parametrize("last", [False, True])
def test_loader_is_torchs(workers, last):
    class Theirs(T.Dataset):
        def __len__(self):
            return 17

        def __getitem__(self, i):
            return torch.tensor([float(i), float(i) ** 2]), i

    settings = {"batch_size": 4, "drop_last": last, "num_workers": workers}
    mine = D.DataLoader(Squares(17), **settings)
    wanted = list(T.DataLoader(Theirs(), batch_size=4, drop_last=last))
    for _ in range(2):
        assert_same(list(mine), wanted)
    assert len(mine) == len(wanted)


@with_workers(0, 2)
def test_order_repeats_with_a_generator(workers):
    def order():
        loader = D.DataLoader(
            Squares(), 3, shuffle=True, num_workers=workers, generator=st.Generator().manual_seed(5)
        )
        return numbers(loader), numbers(loader)

    first = order()
    assert first == order()
    assert first[0] != first[1]
    st.manual_seed(1)
    a = numbers(D.DataLoader(Squares(), 3, shuffle=True))
    st.manual_seed(1)
    assert numbers(D.DataLoader(Squares(), 3, shuffle=True)) == a


@with_workers(0, 1, 3)
def test_iterable(workers):
    loader = D.DataLoader(Counting(20), batch_size=3, num_workers=workers)
    found = [batch.tolist() for batch in loader]
    assert sorted(i for batch in found for i in batch) == list(range(20))
    if workers < 2:
        assert found == [b.tolist() for b in T.DataLoader(range(20), batch_size=3)]
    alone = D.DataLoader(Counting(5), batch_size=None, num_workers=workers)
    assert sorted(alone) == list(range(5))


@FORKED
@pytest.mark.parametrize("persistent", [False, True])
def test_more_samples_than_were_said_are_told(persistent):
    class Says(Counting):
        def __len__(self):
            return 2

    loader = D.DataLoader(Says(3), None, num_workers=1, persistent_workers=persistent)
    samples = iter(loader)
    assert len(loader) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [int(next(samples)) for _ in range(2)] == [0, 1]
    with pytest.warns(UserWarning, match="but 3 samples have been fetched"):
        next(samples)


@FORKED
def test_persistent_workers():
    loader = D.DataLoader(Squares(), 3, num_workers=2, persistent_workers=True)
    first = numbers(loader)
    pids = [process.pid for process in loader._iterator._processes]
    assert numbers(loader) == first
    next(iter(loader))  # an epoch that is left
    assert numbers(loader) == first
    assert [process.pid for process in loader._iterator._processes] == pids
    assert all(process.is_alive() for process in loader._iterator._processes)
    iterable = D.DataLoader(Counting(7), 2, num_workers=2, persistent_workers=True)
    for _ in range(2):
        assert sorted(i for batch in iterable for i in batch.tolist()) == list(range(7))


def about_me(_):
    info = D.get_worker_info()
    return info.id, info.num_workers, info.seed, random.random(), float(st.rand(1)), float(np.random.rand())


def begin(worker):
    st.worker_began = worker


class Asked(D.Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, i):
        return about_me(i), st.worker_began


@FORKED
def test_workers_know_themselves():
    assert D.get_worker_info() is None
    loader = D.DataLoader(
        Asked(), batch_size=None, num_workers=2, worker_init_fn=begin, collate_fn=lambda x: x
    )
    found = list(loader)
    assert [info[0] for info, _ in found] == [0, 1, 0, 1]
    assert [began for _, began in found] == [0, 1, 0, 1]
    assert found[0][0][2] + 1 == found[1][0][2]
    for place in (3, 4, 5):
        assert found[0][0][place] != found[1][0][place], "workers draw different random numbers"


@with_workers(0, 2)
def test_errors_of_workers(workers):
    loader = D.DataLoader(Squares(fail=7), 2, num_workers=workers)
    with pytest.raises(KeyError, match="no element 7") as caught:
        list(loader)
    if workers:
        assert "worker process" in str(caught.value)
        assert "Original Traceback" in str(caught.value)
        assert "__getitem__" in str(caught.value)


@FORKED
def test_a_worker_that_dies(monkeypatch):
    monkeypatch.setattr(D._utils.worker, "POLL_SECONDS", 0.3)
    with pytest.raises(RuntimeError, match="exited unexpectedly"):
        list(D.DataLoader(Squares(die=5), 2, num_workers=2))


@FORKED
def test_timeout():
    with pytest.raises(RuntimeError, match="timed out"):
        list(D.DataLoader(Squares(4, slow=3.0), 2, num_workers=1, timeout=0.3))


@FORKED
def test_a_loader_that_is_left():
    begin = time.monotonic()
    for batch in D.DataLoader(Squares(1000), 2, num_workers=2):
        assert len(batch[1]) == 2
        break
    assert time.monotonic() - begin < 4


@FORKED
def test_out_of_order():
    loader = D.DataLoader(Squares(), 2, num_workers=2, in_order=False)
    assert sorted(i for batch in numbers(loader) for i in batch) == list(range(20))


@pytest.mark.parametrize(
    "settings",
    [
        {"num_workers": -1},
        {"timeout": -1},
        {"prefetch_factor": 2},
        {"persistent_workers": True},
        {"sampler": range(3), "shuffle": True},
        {"batch_sampler": [[0]], "batch_size": 2},
        {"batch_size": None, "drop_last": True},
        {"multiprocessing_context": "fork"},
        {"num_workers": 1, "multiprocessing_context": "nonsense"},
    ],
    ids=str,
)
def test_wrong_settings(settings):
    assert_same_outcome(
        lambda: D.DataLoader(range(3), **settings), lambda: T.DataLoader(range(3), **settings)
    )


def test_fixed_settings():
    loader = D.DataLoader(range(3))
    with pytest.raises(ValueError, match="should not be set"):
        loader.batch_size = 2
    with pytest.raises(ValueError, match="IterableDataset"):
        D.DataLoader(Counting(), shuffle=True)


def test_rows_of_tensors_are_gathered_at_once():
    x, y = torch.randn(7, 3, 2), torch.arange(7)
    mine = D.TensorDataset(st.tensor(x.numpy()), st.tensor(y.numpy()))
    wanted = list(T.DataLoader(T.TensorDataset(x, y), batch_size=3))
    assert_same(list(D.DataLoader(mine, batch_size=3)), wanted)
    assert_same(list(D.DataLoader(D.Subset(mine, range(7)), batch_size=3)), wanted)
    assert_same(
        list(D.DataLoader(mine, batch_size=3, collate_fn=lambda rows: D.default_collate(list(rows)))), wanted
    )
    assert [len(rows) for rows in D.DataLoader(mine, batch_size=3, collate_fn=list)] == [3, 3, 1]

    class Halves(D.TensorDataset):
        def __getitem__(self, i):
            return self.tensors[0][i] * 0.5

    assert_same(next(iter(D.DataLoader(Halves(*mine.tensors), batch_size=3))), x[:3] * 0.5)


def test_a_batch_sampler_and_a_loader_of_arrays():
    data = np.arange(12, dtype=np.float32).reshape(6, 2)
    loader = D.DataLoader(data, batch_sampler=[[0, 2], [5]])
    assert [batch.tolist() for batch in loader] == [[[0, 1], [4, 5]], [[10, 11]]]


class Large(D.Dataset):
    """Elements that are worth shared memory, in several dtypes and layouts."""

    def __len__(self):
        return 8

    def __getitem__(self, i):
        base = st.arange(12_000).reshape(60, 200) + i
        one = base.float()
        return {"a": one, "b": [one.bfloat16().t(), (base % 2).bool()], "c": one.double()[:, ::2], "d": i}


def shared_folders():
    return set(Path("/dev/shm").glob("spiraltorch-*")) if Path("/dev/shm").is_dir() else set()


@FORKED
@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_large_batches_go_through_shared_memory(context):
    """What workers make is what is made here; it can be written to; nothing is left of the files."""
    before = shared_folders()
    wanted = list(D.DataLoader(Large(), 3))
    loader = D.DataLoader(Large(), 3, num_workers=2, multiprocessing_context=context)
    for found, expected in zip(loader, wanted, strict=True):
        for mine, plain in zip(leaves(found), leaves(expected), strict=True):
            assert mine.dtype == plain.dtype
            assert st.equal(mine, plain)
        found["a"].mul_(2)
        assert st.equal(found["a"], expected["a"] * 2)
    del found
    for _ in loader:
        break
    gc.collect()
    assert shared_folders() <= before


def leaves(batch):
    return [batch["a"], *batch["b"], batch["c"], batch["d"]]


@pytest.mark.cpu_only("memory of the host is shared")
def test_what_goes_through_shared_memory(tmp_path):
    """Large tensors do, and what parameters hold; small ones, views of more and leaves are pickled as what they are."""
    shared = D._utils.shared
    large, small = st.arange(100_000), st.arange(3)
    data = [
        large,
        small,
        large[:50_000],
        st.nn.Parameter(st.ones(20_000)),
        st.zeros(20_000, requires_grad=True),
    ]
    text = shared.dumps(data, str(tmp_path))
    assert len(list(tmp_path.iterdir())) == 2
    found = pickle.loads(text)
    assert list(tmp_path.iterdir()) == []
    assert all(st.equal(a, b) for a, b in zip(found, data, strict=True))
    assert isinstance(found[3], st.nn.Parameter)
    assert found[4].requires_grad
    assert len(shared.dumps([large], str(tmp_path))) < 1000
    assert len(shared.dumps([large], str(tmp_path / "nowhere"))) > 800_000, (
        "where no file can be, it is pickled"
    )


@pytest.mark.cpu_only("memory of the host is shared")
def test_batches_of_torch_are_taken_over():
    """A loader of torch's feeds us: its batches' memory is ours, without a copy."""
    x = torch.arange(12.0).reshape(6, 2)
    for (batch,) in T.DataLoader(T.TensorDataset(x), batch_size=3):
        mine = st.from_dlpack(batch)
        assert mine.data_ptr() == batch.data_ptr()
        assert_same(mine * 2, batch * 2)


@FORKED
def test_workers_that_persist_end_with_their_loader():
    begin = time.monotonic()
    for _ in range(3):
        for workers in (1, 2):
            loader = D.DataLoader(range(6), num_workers=workers, persistent_workers=True)
            assert len(list(loader)) == len(list(loader)) == 6
            processes = loader._iterator._processes
            del loader
            assert not any(process.is_alive() for process in processes)
    # (A worker that nobody ends waits for seconds.)
    assert time.monotonic() - begin < 5


STUBBORN = """
import signal, sys
import spiraltorch_rs as st
# What trainers do; a worker inherits it, and a signal does not end it.
signal.signal(signal.SIGTERM, lambda *_: None)
loader = st.utils.data.DataLoader(range(6), num_workers=2, persistent_workers=True)
print(len(list(loader)))
if sys.argv[1] == "shut down":
    loader._iterator._shutdown_workers()
    print(any(process.is_alive() for process in loader._iterator._processes))
"""


@FORKED
@pytest.mark.parametrize("how", ["left", "shut down"])
def test_a_program_ends_although_workers_heed_no_signal(how):
    done = subprocess.run(
        [sys.executable, "-c", STUBBORN, how], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["6"] + ["False"] * (how == "shut down")


def test_several_elements_come_in_the_form_the_data_set_gives_them():
    def rows(t):
        class Rows(t.utils.data.Dataset):  # type: ignore[name-defined]
            def __len__(self):
                return 7

            def __getitems__(self, places):
                return t.tensor(places), len(places)

        return Rows()

    def batches(t):
        together = list(t.utils.data.DataLoader(rows(t), 3, collate_fn=lambda batch: batch))
        return [(places.tolist(), count) for places, count in together]

    assert batches(st) == batches(torch)
    stacked = lambda t: t.utils.data.StackDataset(rows(t)).__getitems__([0, 1, 2])  # noqa: E731
    assert_same_outcome(lambda: stacked(st), lambda: stacked(torch))


@pytest.mark.parametrize("seed", [0, 5, 2**32 + 1, 2**63 - 1])
def test_numpy_begins_in_workers_as_in_torchs(seed):
    from torch.utils.data._utils.worker import _generate_state as theirs

    from spiraltorch_rs.utils.data._utils.worker import _generate_state as mine

    assert [mine(seed, worker) for worker in (0, 1, 9)] == [theirs(seed, worker) for worker in (0, 1, 9)]
