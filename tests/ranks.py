"""What several processes do together, with this library and with torch: `python ranks.py RANK SIZE FOLDER [nccl]`.

Each case is a function of a library, its `distributed`, a rank and how many there are. What it gives, or the error it
raises, is written to FOLDER/RANK.json by both libraries; `test_distributed.py` compares.
"""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

CASES: dict[str, Callable[[Any, Any, int, int], Any]] = {}
DTYPES = "float32 float64 float16 bfloat16 int8 uint8 int32 int64 bool".split()
OPS = "SUM PRODUCT MIN MAX BAND BOR BXOR".split()


def case(function: Callable[[Any, Any, int, int], Any]) -> Callable[[Any, Any, int, int], Any]:
    CASES[function.__name__] = function
    return function


def own(lib: Any, rank: int, shape: tuple[int, ...] = (5,), dtype: str = "float32") -> Any:
    """A tensor that is another one on each rank."""
    count = 1
    for n in shape:
        count *= n
    return (lib.arange(count) * (3 + rank) % 7 + rank).view(shape).to(getattr(lib, dtype))


def plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if hasattr(value, "tolist"):
        value = value.detach()
        if value.is_complex():
            return [[one.real, one.imag] for one in value.reshape(-1).tolist()]
        return value.float().tolist() if str(value.dtype).endswith("float16") else value.tolist()
    return value


def attempt(function: Callable[[], Any]) -> Any:
    """The kind of error, and what it says."""
    try:
        return plain(function())
    except Exception as error:
        return [type(error).__name__, str(error)]


# ---- collectives ----

for _dtype in DTYPES:
    for _op in OPS:
        if _op.startswith("B") and ("float" in _dtype or _dtype == "bool"):
            continue

        def _reduces(lib: Any, dist: Any, rank: int, size: int, dtype: str = _dtype, op: str = _op) -> Any:
            x = own(lib, rank, dtype=dtype)
            dist.all_reduce(x, op=getattr(dist.ReduceOp, op))
            return x

        CASES[f"all_reduce_{_dtype}_{_op}"] = _reduces

    def _moves(lib: Any, dist: Any, rank: int, size: int, dtype: str = _dtype) -> Any:
        x, gathered = own(lib, rank, dtype=dtype), [own(lib, 9, dtype=dtype) for _ in range(size)]
        dist.all_gather(gathered, x)
        dist.broadcast(x, size - 1)
        return x, gathered

    CASES[f"broadcast_and_all_gather_{_dtype}"] = _moves


@case
def mean(lib, dist, rank, size):
    x = own(lib, rank)
    dist.all_reduce(x, dist.ReduceOp.AVG)
    return x


@case
def complex_sum(lib, dist, rank, size):
    x = lib.complex(own(lib, rank), own(lib, rank + 1))
    dist.all_reduce(x)
    dist.broadcast(x, 1)
    return x


@case
def other_layouts(lib, dist, rank, size):
    base = own(lib, rank, (4, 6))
    turned, part = base.t(), own(lib, rank, (6, 4))[::2, 1:3]
    dist.all_reduce(turned)
    gathered = [lib.zeros(2, 3).t() for _ in range(size)]
    dist.all_gather(gathered, part)
    return base, turned, part, gathered


@case
def empty_and_scalar(lib, dist, rank, size):
    nothing, number = lib.zeros(0, 3), lib.tensor(rank + 1.0)
    dist.all_reduce(nothing)
    dist.all_reduce(number)
    return nothing, number


@case
def long_tensors(lib, dist, rank, size):
    """Longer than a message, and not divisible."""
    x = own(lib, rank, (1_500_007,))
    y = own(lib, rank, (1_100_003,), "float64")
    dist.all_reduce(x)
    dist.broadcast(y, 1)
    return [x.double().sum(), x[::99_991], y[-5:]]


@case
def into_one_tensor(lib, dist, rank, size):
    out, part = lib.zeros(size * 2, 3), lib.zeros(2, 3)
    dist.all_gather_into_tensor(out, own(lib, rank, (2, 3)))
    dist.reduce_scatter_tensor(part, own(lib, rank, (size * 2, 3)))
    listed = lib.zeros(2, 2)
    dist.reduce_scatter(listed, [own(lib, rank + i, (2, 2)) for i in range(size)], dist.ReduceOp.MAX)
    return out, part, listed


@case
def to_one_and_from_one(lib, dist, rank, size):
    x = own(lib, rank)
    dist.reduce(x, 1)
    gathered = [lib.zeros(2) for _ in range(size)] if rank == 1 else None
    dist.gather(own(lib, rank, (2,)), gathered, dst=1)
    got = lib.zeros(2)
    dist.scatter(got, [own(lib, i, (2,)) for i in range(size)] if rank == 0 else None, src=0)
    return x if rank == 1 else None, gathered, got


@case
def all_to_all(lib, dist, rank, size):
    listed = [lib.zeros(2, 2) for _ in range(size)]
    dist.all_to_all(listed, [own(lib, rank + peer, (2, 2)) for peer in range(size)])
    even = lib.zeros(size * 2, 2)
    dist.all_to_all_single(even, own(lib, rank, (size * 2, 2)))
    uneven = lib.zeros(size * (rank + 1))
    counts = [peer + 1 for peer in range(size)]
    dist.all_to_all_single(uneven, own(lib, rank, (sum(counts),)), [rank + 1] * size, counts)
    return listed, even, uneven


@case
def messages(lib, dist, rank, size):
    after, before = (rank + 1) % size, (rank - 1) % size
    first, second = lib.zeros(3), lib.zeros(2, 2)
    begun = [
        dist.irecv(second, before, tag=7),
        dist.irecv(first, before, tag=5),
        dist.isend(own(lib, rank, (3,)), after, tag=5),
        dist.isend(own(lib, rank, (2, 2)), after, tag=7),
    ]
    for one in begun:
        one.wait()
    batch = lib.zeros(4)
    operations = [dist.P2POp(dist.isend, own(lib, rank, (4,)), after), dist.P2POp(dist.irecv, batch, before)]
    for one in dist.batch_isend_irecv(operations):
        one.wait()
    sources = []
    if rank == 0:
        for _ in range(size - 1):
            got = lib.zeros(1)
            sources.append([dist.recv(got), int(got.item())])
    else:
        dist.send(lib.full((1,), float(rank)), 0)
    return first, second, batch, sorted(sources)


@case
def objects(lib, dist, rank, size):
    value = {"rank": rank, "text": "x" * rank}
    everybody, shared = [None] * size, [rank, "of", rank]
    dist.all_gather_object(everybody, value)
    dist.broadcast_object_list(shared, 1)
    gathered = [None] * size if rank == 0 else None
    dist.gather_object(value, gathered, 0)
    own_entry = [None]
    dist.scatter_object_list(own_entry, [[i, "entry"] for i in range(size)] if rank == 0 else None, 0)
    return everybody, shared, gathered, own_entry


@case
def later(lib, dist, rank, size):
    xs = [own(lib, rank + i, (1000,)) for i in range(4)]
    begun = [dist.all_reduce(x, async_op=True) for x in xs]
    waited = [one.wait() for one in reversed(begun)]
    number = lib.tensor([float(rank)])
    future = dist.all_reduce(number, async_op=True).get_future().then(lambda done: done.value()[0] * 2)
    return xs, waited, begun[0].is_completed(), future.wait()


@case
def groups(lib, dist, rank, size):
    first, last = dist.new_group([0, 1]), dist.new_group([size - 1])
    x = own(lib, rank)
    if rank < 2:
        dist.all_reduce(x, group=first)
        dist.broadcast(x, group=first, group_src=1)
        y = lib.zeros(1)
        if rank == 0:
            dist.send(lib.ones(1), 1, group=first)
        else:
            dist.recv(y, 0, group=first)
        y = [
            y,
            dist.get_process_group_ranks(first),
            dist.get_global_rank(first, 1),
            dist.get_group_rank(first, 0),
        ]
    return (
        x,
        y if rank < 2 else None,
        [dist.get_rank(one) for one in (first, last, None)],
        [dist.get_world_size(one) for one in (first, last, None)],
        dist.get_backend(),
        dist.is_initialized(),
    )


@case
def gradients_are_not_needed(lib, dist, rank, size):
    x = lib.ones(2, requires_grad=True)
    dist.all_reduce(x)
    return x, x.requires_grad, x.grad_fn is None


@case
def barriers(lib, dist, rank, size):
    dist.barrier()
    dist.monitored_barrier(timeout=timedelta(seconds=20))
    work = dist.barrier(async_op=True)
    return work.wait()


@case
def errors(lib, dist, rank, size):
    """What is refused before anything is sent."""
    t = lib.ones(2)
    asked = {
        "no tensor": lambda: dist.all_reduce(3),
        "no list": lambda: dist.all_gather(3, t),
        "to itself": lambda: dist.send(t, rank),
        "nothing to scatter": lambda: dist.scatter(t, None, src=rank),
        "too much to scatter": lambda: dist.scatter(t, [t] * size, src=(rank + 1) % size),
        "nowhere to gather": lambda: dist.gather(t, None, dst=rank),
        "too much to gather": lambda: dist.gather(t, [t] * size, dst=(rank + 1) % size),
        "bits of floats": lambda: dist.all_reduce(t, dist.ReduceOp.BAND),
        "twice": lambda: dist.init_process_group("gloo"),
        "no such rank": lambda: dist.new_group([0, 99]),
        "product of complex": lambda: dist.all_reduce(lib.complex(t, t), dist.ReduceOp.PRODUCT),
        "no operation": lambda: dist.P2POp(print, t, 0),
        "no operations": lambda: dist.batch_isend_irecv([1]),
        "no local rank": dist.get_node_local_rank,
    }
    return {name: attempt(function) for name, function in asked.items()}


@case
def kinds_of_errors(lib, dist, rank, size):
    """Whose words differ: torch names its backend."""
    t = lib.ones(2)
    asked = {
        "short list": lambda: dist.all_gather([t], t),
        "other sizes": lambda: dist.all_gather([lib.ones(i + 1) for i in range(size)], t),
        "wrong size": lambda: dist.all_gather_into_tensor(lib.ones(5), t),
        "wrong dtype": lambda: dist.all_gather_into_tensor(lib.ones(2 * size, dtype=lib.int64), t),
        "no such root": lambda: dist.broadcast(t, 77),
    }
    return {name: attempt(function)[0] for name, function in asked.items()}


# ---- models ----


class Model:
    """The same weights for both libraries."""

    def __new__(cls, lib: Any, unused: bool = False, rank: int = 0) -> Any:
        nn = lib.nn

        class Net(nn.Module):  # type: ignore[name-defined,misc]
            def __init__(self) -> None:
                super().__init__()
                self.first, self.norm, self.second = nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 3)
                self.extra = nn.Linear(8, 3) if unused else None

            def forward(self, x: Any, branch: bool = False) -> Any:
                x = lib.relu(self.norm(self.first(x)))
                return self.extra(x) if branch and self.extra else self.second(x)

        return filled(lib, Net(), rank)


def batch(lib: Any, rank: int, step: int) -> Any:
    return ((lib.arange(24) * (rank * 5 + step + 3)) % 13 / 6 - 1).view(6, 4).float()


def trained(lib: Any, model: Any, optimizer: Any, rank: int, steps: int = 3, **forward: Any) -> Any:
    losses = []
    for step in range(steps):
        optimizer.zero_grad()
        loss = model(batch(lib, rank, step), **forward).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@case
def data_parallel(lib, dist, rank, size):
    model = lib.nn.parallel.DistributedDataParallel(Model(lib, rank=rank), bucket_cap_mb=0.0001)
    optimizer = lib.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    losses = trained(lib, model, optimizer, rank)
    model.eval()
    with lib.no_grad():
        result = model(batch(lib, rank, 9))
    return losses, model.state_dict(), result


@case
def data_parallel_in_one_bucket(lib, dist, rank, size):
    model = lib.nn.parallel.DistributedDataParallel(
        Model(lib, rank=rank), gradient_as_bucket_view=True, broadcast_buffers=False
    )
    return trained(
        lib, model, lib.optim.AdamW(model.parameters(), lr=0.01, eps=0.1), rank
    ), model.state_dict()


@case
def no_sync(lib, dist, rank, size):
    model = lib.nn.parallel.DistributedDataParallel(Model(lib))
    with model.no_sync():
        model(batch(lib, rank, 0)).square().mean().backward()
    alone = [p.grad.clone() for p in model.parameters()]
    model(batch(lib, rank, 1)).square().mean().backward()
    return alone, [p.grad for p in model.parameters()]


@case
def unused_parameters(lib, dist, rank, size):
    model = lib.nn.parallel.DistributedDataParallel(Model(lib, unused=True), find_unused_parameters=True)
    model(batch(lib, rank, 0)).square().mean().backward()
    nobody = [p.grad is None for p in model.module.extra.parameters()]
    model.zero_grad()
    # Another branch on each rank.
    model(batch(lib, rank, 0), branch=rank == 0).square().mean().backward()
    return nobody, [p.grad for p in model.parameters()]


@case
def unfinished(lib, dist, rank, size):
    model = lib.nn.parallel.DistributedDataParallel(Model(lib, unused=True))
    model(batch(lib, rank, 0)).square().mean().backward()
    return [one[:90] for one in attempt(lambda: model(batch(lib, rank, 0)))]


@case
def communication_hook(lib, dist, rank, size):
    model = lib.nn.parallel.DistributedDataParallel(Model(lib))

    def halved(state, bucket):
        work = dist.all_reduce(bucket.buffer() / state, async_op=True)
        return work.get_future().then(lambda done: done.value()[0])

    model.register_comm_hook(2.0, halved)
    model(batch(lib, rank, 0)).square().mean().backward()
    return [p.grad for p in model.parameters()]


@case
def transformer(lib, dist, rank, size):
    """Many parameters in many buckets, which travel while the backward pass goes on."""
    layer = lib.nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    model = filled(lib, lib.nn.TransformerEncoder(layer, 3, enable_nested_tensor=False), rank)
    model = lib.nn.parallel.DistributedDataParallel(model, bucket_cap_mb=0.001)
    optimizer = lib.optim.AdamW(model.parameters(), lr=0.01, eps=0.1)
    losses = []
    for step in range(3):
        optimizer.zero_grad()
        x, y = (batch(lib, rank, of).view(1, 3, 8) for of in (step, 7))
        loss = (model(x) - y).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, model.state_dict()


@case
def wrong_wrappings(lib, dist, rank, size):
    DDP, Linear = lib.nn.parallel.DistributedDataParallel, lib.nn.Linear
    kinds = [attempt(lambda: DDP(lib.nn.ReLU())), attempt(lambda: DDP(Linear(1, 1), device_ids=[0, 1]))[:1]]
    different = attempt(lambda: DDP(lib.nn.Sequential(*[Linear(1, 1)] * (rank + 1), *[Linear(1, 1)] * rank)))
    return kinds, different[:1]


def filled(lib: Any, net: Any, rank: int) -> Any:
    """The same weights for both libraries, others on each rank: those of rank 0 count."""
    with lib.no_grad():
        for i, p in enumerate(net.parameters()):
            p.copy_(((lib.arange(p.numel()) * (i + 2) % 11 - 5) / 10 + rank).view(p.shape))
    return net


def layers(lib: Any, rank: int) -> Any:
    nn = lib.nn
    net = nn.Sequential(
        nn.Linear(4, 9), nn.Tanh(), nn.Sequential(nn.Linear(9, 7), nn.GELU()), nn.Linear(7, 3)
    )
    return filled(lib, net, rank)


def shared_out(lib: Any, rank: int, strategy: str = "FULL_SHARD", wraps: bool = True) -> Any:
    """Ours with its parameters shared out; torch's, which would want a GPU, with all of them in each process."""
    if lib.__name__ == "torch":
        return lib.nn.parallel.DistributedDataParallel(layers(lib, rank))
    from spiraltorch_rs.distributed import fsdp
    from spiraltorch_rs.distributed.fsdp.wrap import ModuleWrapPolicy

    return fsdp.FullyShardedDataParallel(
        layers(lib, rank),
        sharding_strategy=fsdp.ShardingStrategy[strategy],
        auto_wrap_policy=ModuleWrapPolicy({lib.nn.Linear}) if wraps else None,
        sync_module_states=True,
    )


def whole_state(lib: Any, model: Any) -> Any:
    return (model.module if lib.__name__ == "torch" else model).state_dict()


for _strategy in ("FULL_SHARD", "SHARD_GRAD_OP", "NO_SHARD"):
    for _wraps in (True, False):

        def _shares(
            lib: Any, dist: Any, rank: int, size: int, strategy: str = _strategy, wraps: bool = _wraps
        ) -> Any:
            model = shared_out(lib, rank, strategy, wraps)
            losses = trained(lib, model, lib.optim.AdamW(model.parameters(), lr=0.01, eps=0.1), rank)
            return losses, whole_state(lib, model)

        CASES[f"shared_out_{_strategy}_{'in_units' if _wraps else 'as_one'}"] = _shares


@case
def shared_out_with_gradients_that_add_up(lib, dist, rank, size):
    model = shared_out(lib, rank)
    optimizer = lib.optim.SGD(model.parameters(), lr=0.1)
    with model.no_sync():
        model(batch(lib, rank, 0)).square().mean().backward()
    model(batch(lib, rank, 1)).square().mean().backward()
    parameters = list(model.parameters())
    clip = getattr(model, "clip_grad_norm_", None)
    norm = clip(0.3) if clip else lib.nn.utils.clip_grad_norm_(parameters, 0.3)
    optimizer.step()
    return norm, whole_state(lib, model)


@case
def shared_out_from_a_file(lib, dist, rank, size):
    model = shared_out(lib, rank)
    target = model.module if lib.__name__ == "torch" else model
    target.load_state_dict(layers(lib, 0.25).state_dict())
    wrong = attempt(lambda: target.load_state_dict({"0.weight": lib.ones(9, 4), "else": lib.ones(1)}))
    model.eval()
    with lib.no_grad():
        return model(batch(lib, rank, 0)), whole_state(lib, model), wrong[0]


@case
def samplers(lib, dist, rank, size):
    data = lib.utils.data.TensorDataset(lib.arange(11))
    sampler = lib.utils.data.DistributedSampler(data, shuffle=False)
    loader = lib.utils.data.DataLoader(data, batch_size=2, sampler=sampler)
    return len(sampler), [one[0] for one in loader]


# What torch's NCCL has no words for: bits, messages from anybody, tensors in other orders.
NOT_ON_GPUS = {"messages", "other_layouts", "barriers", "errors", "kinds_of_errors", "samplers"}


def is_for(name: str, backend: str) -> bool:
    return backend == "gloo" or not (name in NOT_ON_GPUS or name.endswith(("BAND", "BOR", "BXOR")))


def run(rank: int, size: int, folder: Path, backend: str = "gloo") -> None:
    import torch

    import spiraltorch_rs as st

    torch.set_num_threads(1)
    outcomes: dict[str, dict[str, Any]] = {}
    for name, lib in (("torch", torch), ("ours", st)):
        __import__(f"{lib.__name__}.distributed")
        dist = lib.distributed
        if backend == "nccl":
            lib.cuda.set_device(rank)
            lib.set_default_device(f"cuda:{rank}")
        dist.init_process_group(
            backend,
            init_method=f"file://{folder}/{name}",
            rank=rank,
            world_size=size,
            timeout=timedelta(seconds=100),
        )
        outcomes[name] = {
            key: attempt(partial(function, lib, dist, rank, size))
            for key, function in CASES.items()
            if is_for(key, backend)
        }
        dist.barrier()
        dist.destroy_process_group()
    (folder / f"{rank}.json").write_text(json.dumps(outcomes))


if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:])
