"""`share_memory_`: what one process writes, the others see, as torch's."""

import gc
import multiprocessing
import pickle
from pathlib import Path

import pytest
import torch
from twins import same, told

import spiraltorch_rs as st
from spiraltorch_rs.multiprocessing import reductions

pytestmark = pytest.mark.cpu_only("processes share the host's memory")

DTYPES = "float32 float64 float16 bfloat16 int64 uint8 bool complex64".split()


def count(model, tensors):
    """What a process does to what it is given."""
    library = st if isinstance(tensors[0], st.Tensor) else torch
    with library.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)
    for x in tensors:
        if x.dtype == library.bool:
            x.logical_not_()
        else:
            x.mul_(2)
            x[1:].add_(3)


def written(t, how):
    """Everything that a process wrote to: parameters, tensors of all dtypes, views of them."""
    multi = multiprocessing.get_context(how)
    model = t.nn.Sequential(t.nn.Linear(2, 3), t.nn.Linear(3, 2))
    with t.no_grad():
        for parameter in model.parameters():
            parameter.fill_(0.5)
    views = model[0].weight.data.t(), model[0].bias[1:]
    model.share_memory()
    tensors = [t.arange(6).reshape(2, 3).to(getattr(t, name)) for name in DTYPES]
    parts = [x.t()[1:] for x in tensors]
    for x in parts:  # the whole storage moves, for all of its views
        x.share_memory_()
    assert all(x.is_shared() and x.untyped_storage().is_shared() for x in [*tensors, *model.parameters()])
    assert not t.ones(1).is_shared()
    processes = [multi.Process(target=count, args=(model, parts)) for _ in range(2)]
    for process in processes:
        process.start()
        process.join()
    found = [*model.parameters(), *views, *tensors, *parts]
    return [x.detach().resolve_conj().to(t.complex128) for x in found], [
        p.requires_grad for p in model.parameters()
    ]


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_writes_of_other_processes_are_seen(how):
    assert same(*(told(lambda t: written(t, how), t) for t in (st, torch)))


def test_operators_go_on_as_before():
    def program(t):
        x = t.arange(6.0, requires_grad=True)
        y = x * 2
        x.data.share_memory_()
        (x * y).sum().backward()
        optimizer = t.optim.Adagrad([x], lr=0.5)
        optimizer.share_memory()
        optimizer.step()
        return (
            x,
            x.grad,
            optimizer.state[x]["sum"],
            optimizer.state[x]["sum"].is_shared(),
            x.share_memory_() is x,
        )

    assert same(told(program, st), told(program, torch))


def test_the_memory_goes_with_its_tensors():
    before = set(reductions._files.values())
    x = st.ones(4).share_memory_()
    (path,) = set(reductions._files.values()) - before
    part = x[1:]
    del x
    gc.collect()
    assert Path(path).exists()
    assert part.is_shared()
    del part
    gc.collect()
    assert not Path(path).exists()
    assert path not in reductions._files.values()


def test_plain_pickles_are_copies():
    x = st.ones(4).share_memory_()
    y = pickle.loads(pickle.dumps(x))
    y += 1
    assert not y.is_shared()
    assert x.tolist() == [1] * 4


def test_what_cannot_be_shared_stays():
    empty = st.ones(0).share_memory_()
    assert not empty.is_shared()
    assert not st.ones(2, device="meta").share_memory_().is_shared()
    with pytest.raises(RuntimeError, match="move_storage"):
        st.ones(2)._move_storage(st.ones(3))
