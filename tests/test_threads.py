"""Several Python threads: shared tensors, gradients, independent modes, and the GIL released while a graph runs."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("the threads are its own")

BOTH = pytest.mark.parametrize("library", [st, torch], ids=["ours", "torch"])
THREADS = 8


def in_threads(work, count=THREADS):
    """The results of `work(i)`, started together."""
    barrier = threading.Barrier(count)

    def start(i):
        barrier.wait()
        return work(i)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(start, range(count)))


@BOTH
def test_each_thread_its_own_graph(library):
    def work(i):
        x = library.full((100,), float(i), requires_grad=True)
        for _ in range(50):
            y = (x * x + 1).sum()
            x.grad = None
            y.backward()
        return y.item(), x.grad[0].item()

    assert in_threads(work) == [(100 * (i * i + 1), 2 * i) for i in range(THREADS)]


@BOTH
def test_many_readers_of_one_lazy_tensor(library):
    for _ in range(20):
        x = (library.arange(1000.0) + 1).sqrt().exp().log().square()
        assert in_threads(lambda i, x=x: round(x.sum().item())) == [500500] * THREADS


@BOTH
def test_backward_from_several_threads_adds_up(library):
    w = library.ones(10, requires_grad=True)
    results = in_threads(lambda i: (w * i).sum())
    for result in results:
        result.backward()
    assert w.grad.tolist() == [sum(range(THREADS))] * 10


@BOTH
def test_modes_belong_to_their_thread(library):
    seen = []
    with library.no_grad():
        thread = threading.Thread(target=lambda: seen.append(library.is_grad_enabled()))
        thread.start()
        thread.join()
        assert not library.is_grad_enabled()
    assert seen == [True]


@BOTH
def test_writers_of_different_parts(library):
    x = library.zeros(THREADS, 100)

    def work(i):
        for _ in range(20):
            x[i].add_(i)

    in_threads(work)
    assert x.sum(1).tolist() == [20 * 100 * i for i in range(THREADS)]


@BOTH
def test_an_error_stays_in_its_thread(library):
    def work(i):
        if i % 2:
            with pytest.raises((RuntimeError, IndexError)):
                library.ones(3)[library.tensor([i + 10])].tolist()
            return 0
        return (library.ones(1000) * i).sum().item()

    assert in_threads(work) == [0 if i % 2 else 1000 * i for i in range(THREADS)]


def test_the_gil_is_free_while_a_graph_runs():
    a = st.rand(1200, 1200)
    st.realize(a)
    st.synchronize()
    ticks = 0
    running = threading.Event()
    done = threading.Event()

    def count():
        nonlocal ticks
        running.set()
        while not done.is_set():
            ticks += 1
            time.sleep(0.0005)

    thread = threading.Thread(target=count)
    thread.start()
    running.wait()
    ticks = 0
    start = time.perf_counter()
    b = a
    for _ in range(12):
        b = b @ a * 1e-3
    b.sum().item()
    seconds = time.perf_counter() - start
    seen = ticks
    done.set()
    thread.join()
    assert seen > seconds / 0.05, f"{seen} ticks in {seconds:.2f} s"


def test_the_number_of_threads_does_not_change_results():
    before = st.get_num_threads()
    x = st.randn(300, 257)
    try:
        found = []
        for count in (1, 2, 3):
            st.set_num_threads(count)
            assert st.get_num_threads() == count
            found.append([(x.t() @ x).tolist(), x.softmax(1).sum(0).tolist(), x.sum().item()])
        assert found[0] == found[1] == found[2]
    finally:
        st.set_num_threads(before)
    with pytest.raises((RuntimeError, ValueError)):
        st.set_num_threads(0)
