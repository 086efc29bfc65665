"""`spiraltorch_rs.distributed`: processes on this machine, beside torch's."""

import json
import math
import os
import subprocess
import sys
import textwrap
import time
from datetime import timedelta
from pathlib import Path

import pytest
import ranks
import torch
import torch.distributed

import spiraltorch_rs as st
import spiraltorch_rs.distributed as dist

pytestmark = pytest.mark.cpu_only("processes on the CPU; those on GPUs are tested where there are two")

HERE = Path(__file__).parent
# A process hangs if it takes longer: a busy machine needs half a minute to import torch.
SECONDS = 150


def start(*arguments: object, **environment: str) -> subprocess.Popen[str]:
    """A Python process with one thread, whose output is kept."""
    told = os.environ | {"OMP_NUM_THREADS": "1", "SPIRALTORCH_BANNER": "0", **environment}
    started = subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        env=told,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    STARTED.append(started)
    return started


STARTED: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def _nobody_stays():
    """A test that fails leaves no process behind."""
    yield
    while STARTED:
        STARTED.pop().kill()


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """How a process ended, and what it printed; one that hangs is ended, too."""
    try:
        out, err = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        pytest.fail(f"a process hangs\n{out}\n{err}")
    return process.returncode, out, err


def alike(ours, torchs) -> bool:
    if isinstance(ours, list) and isinstance(torchs, list):
        return len(ours) == len(torchs) and all(map(alike, ours, torchs))
    if isinstance(ours, dict) and isinstance(torchs, dict):
        return ours.keys() == torchs.keys() and all(alike(ours[key], torchs[key]) for key in ours)
    if isinstance(ours, float) and isinstance(torchs, float):
        return math.isclose(ours, torchs, rel_tol=1e-5, abs_tol=1e-5)
    return type(ours) is type(torchs) and ours == torchs


@pytest.fixture(scope="module", params=[2, 3])
def outcomes(request, tmp_path_factory):
    """What all cases gave in each of so many processes."""
    folder = tmp_path_factory.mktemp("ranks")
    processes = [start(HERE / "ranks.py", rank, request.param, folder) for rank in range(request.param)]
    for code, _, err in map(ended, processes):
        assert code == 0, err
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(request.param)]


@pytest.mark.parametrize("name", ranks.CASES)
def test_ranks_do_what_torchs_do(outcomes, name):
    for rank, both in enumerate(outcomes):
        ours, torchs = both["ours"][name], both["torch"][name]
        assert alike(ours, torchs), f"rank {rank}: {ours}, torch: {torchs}"


def test_no_case_is_an_error_only(outcomes):
    """A case that torch refuses compares nothing."""
    for both in outcomes:
        for name, torchs in both["torch"].items():
            is_error = isinstance(torchs, list) and torchs and str(torchs[0]).endswith("Error")
            assert not is_error or name == "unfinished", (name, torchs)


# ---- without a group ----


@pytest.mark.parametrize(
    "use",
    [
        lambda lib: lib.distributed.get_rank(),
        lambda lib: lib.distributed.get_world_size(),
        lambda lib: lib.distributed.all_reduce(lib.ones(1)),
        lambda lib: lib.distributed.barrier(),
        lambda lib: lib.distributed.new_group([0]),
        lambda lib: lib.nn.parallel.DistributedDataParallel(lib.nn.Linear(1, 1)),
        lambda lib: lib.utils.data.DistributedSampler([1, 2, 3]),
        lambda lib: lib.distributed.init_process_group("gloo", store=lib.distributed.HashStore()),
        lambda lib: lib.distributed.init_process_group(
            "gloo", store=lib.distributed.HashStore(), rank=0, world_size=1, init_method="env://"
        ),
        lambda lib: lib.distributed.init_process_group(
            "gloo", init_method="nowhere://", rank=0, world_size=1
        ),
        lambda lib: lib.distributed.init_process_group("gloo", init_method="tcp://127.0.0.1:1234"),
        lambda lib: lib.distributed.init_process_group("gloo", timeout=3),
    ],
)
def test_use_without_a_group_is_torchs_error(use, monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises((ValueError, RuntimeError, AssertionError, TypeError)) as torchs:
        use(torch)
    with pytest.raises(torchs.type) as ours:
        use(st)
    assert str(ours.value) == str(torchs.value)


def test_questions_need_no_group():
    for name in ("is_available", "is_initialized", "is_torchelastic_launched", "is_gloo_available"):
        assert getattr(dist, name)() == getattr(torch.distributed, name)(), name


def test_an_environment_that_says_too_little(monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
        with pytest.raises(ValueError, match="expected, but not set") as torchs:
            torch.distributed.init_process_group("gloo")
        with pytest.raises(ValueError, match="expected, but not set") as ours:
            dist.init_process_group("gloo")
        assert str(ours.value) == str(torchs.value)
        monkeypatch.setenv(name, "0")


def test_a_group_of_one_may_be_made_again():
    for _ in range(2):
        dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
        x = st.arange(3)
        dist.all_reduce(x)
        assert x.tolist() == [0, 1, 2]
        assert dist.is_initialized()
        dist.destroy_process_group()
    assert not dist.is_initialized()


two_gpus = pytest.mark.skipif(st.cuda.device_count() < 2, reason="needs two GPUs of NVIDIA and NCCL")


@two_gpus
def test_ranks_on_gpus_do_what_torchs_do(tmp_path):
    processes = [start(HERE / "ranks.py", rank, 2, tmp_path, "nccl") for rank in range(2)]
    for code, _, err in map(ended, processes):
        assert code == 0, err
    for rank in range(2):
        both = json.loads((tmp_path / f"{rank}.json").read_text())
        different = [name for name in both["ours"] if not alike(both["ours"][name], both["torch"][name])]
        assert not different, [(name, both["ours"][name], both["torch"][name]) for name in different]


def test_nccl_without_a_gpu_says_what_is_missing():
    if st.cuda.is_available():
        pytest.skip("there is a GPU")
    dist.init_process_group("nccl", store=dist.HashStore(), rank=0, world_size=1)
    try:
        with pytest.raises(RuntimeError, match="No backend type associated with device type cpu"):
            dist.all_reduce(st.ones(1))
        with pytest.raises(RuntimeError, match="cuda"):
            dist.barrier()
    finally:
        dist.destroy_process_group()
    assert not dist.is_nccl_available()


# ---- failures ----

PROGRAM = """
import os, sys, time
from datetime import timedelta
import spiraltorch_rs as st, spiraltorch_rs.distributed as dist
rank = int(sys.argv[1])
where, timeout = "file://" + sys.argv[2], timedelta(seconds={seconds})
dist.init_process_group("gloo", init_method=where, rank=rank, world_size=2, timeout=timeout)
dist.barrier()
x = st.ones(100_000)
try:
{body}
except dist.DistBackendError as error:
    assert isinstance(error, RuntimeError)
    print(error)
"""


def two_ranks(tmp_path, body: str, seconds: float = 50) -> list[tuple[int, str, str]]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(seconds=seconds, body=textwrap.indent(textwrap.dedent(body), "    ")))
    return list(map(ended, [start(program, rank, tmp_path / "store") for rank in range(2)]))


@pytest.mark.parametrize(
    "wait",
    [
        "dist.all_reduce(x)",
        "dist.recv(x, 1)",
        "dist.recv(x)",
        "dist.all_reduce(x, async_op=True).wait()",
        "dist.barrier()",
    ],
)
def test_a_peer_that_died_is_an_error(tmp_path, wait):
    before = time.monotonic()
    (code, out, err), (died, _, _) = two_ranks(
        tmp_path, f"if rank == 1: os._exit(9)\n{wait}\nprint('no error')"
    )
    assert (died, code) == (9, 0), err
    assert "Connection closed by peer: rank 1" in out
    assert time.monotonic() - before < 45


ON_GPUS = """
import os, sys
from datetime import timedelta
import spiraltorch_rs as st, spiraltorch_rs.distributed as dist
rank, how = int(sys.argv[1]), sys.argv[3]
st.cuda.set_device(rank)
where, timeout = "file://" + sys.argv[2], timedelta(seconds=3)
dist.init_process_group("nccl", init_method=where, rank=rank, world_size=2, timeout=timeout)
x = st.ones(100_000, device="cuda")
if how == "joined":
    dist.distributed_c10d._get_default_group()._of("cuda")
elif how == "worked":
    dist.all_reduce(x)
    assert x.sum().item() == 200_000
if rank == 1:
    os._exit(9)
try:
    dist.all_reduce(x)
    print("no error", x.sum().item())
except (RuntimeError, dist.DistStoreError) as error:
    print(type(error).__name__, error)
try:
    dist.all_reduce(x)
    print("no error")
except (dist.DistBackendError, dist.DistStoreError) as error:
    print(type(error).__name__, error)
print(st.ones(10, device="cuda").sum().item())
"""


@two_gpus
@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("apart", "wait timeout"),
        ("joined", "Timed out waiting 3000ms"),
        ("worked", "Timed out waiting 3000ms"),
    ],
)
def test_a_gpu_whose_peer_died_does_not_wait_for_ever(tmp_path, how, says):
    """Whether it never came, came and did nothing, or worked before: an error in time, and the GPU goes on."""
    program = tmp_path / "program.py"
    program.write_text(ON_GPUS)
    started = [start(program, rank, tmp_path / "store", how) for rank in range(2)]
    (code, out, err), (died, _, _) = map(ended, started)
    assert (died, code) == (9, 0), err
    first, again, after = out.splitlines()
    assert says in first, out
    assert says in again, out
    assert after == "10.0"


def test_a_peer_that_does_not_come_is_an_error_in_time(tmp_path):
    body = "if rank == 1: time.sleep(2.5)\nelse: dist.all_reduce(x)"
    (code, out, err), _ = two_ranks(tmp_path, body, seconds=1)
    assert code == 0, err
    assert "Timed out waiting 1000ms" in out
    assert "rank 1" in out


def test_ranks_that_ask_for_different_things_are_told(tmp_path):
    body = "dist.all_reduce(st.ones(3 + rank))"
    outcomes = two_ranks(tmp_path, body)
    assert any("same size and dtype" in out for _, out, _ in outcomes), outcomes
    assert all(code == 0 for code, _, _ in outcomes), outcomes


def test_who_is_missing_at_the_start_is_named(tmp_path):
    with pytest.raises(dist.DistNetworkError, match=r"ranks \[1\] did not connect to rank 0"):
        dist.init_process_group(
            "gloo",
            init_method=f"file://{tmp_path}/store",
            rank=0,
            world_size=2,
            timeout=timedelta(seconds=0.3),
        )
    assert not dist.is_initialized()


# ---- stores ----


def exercise(library, store, other) -> list[object]:
    """What a store and another view of it say."""
    wait = timedelta(milliseconds=50)
    said = [store.set("a", "1"), other.get("a"), store.add("n", 5), other.add("n", -2), store.get("n")]
    said += [other.check(["a", "n"]), other.check(["a", "b"]), store.wait(["a"], wait)]
    said += [
        store.compare_set("c", "", "x"),
        other.compare_set("c", "y", "z"),
        store.compare_set("c", "x", "z"),
    ]
    said += [store.delete_key("a"), other.delete_key("a"), store.check(["a"])]
    with pytest.raises(RuntimeError):
        store.wait(["never"], wait)
    # (It answers after somebody has waited in vain.)
    said += [other.get("c"), store.timeout == other.timeout]
    store.multi_set(["x", "y"], ["1", "2"])
    # (What has been sent is seen by others once the same connection has had an answer.)
    said += [other.multi_get(["x", "y"]), store.append("x", "23"), store.get("x"), other.get("x")]
    return said


def test_stores_say_what_torchs_say(tmp_path):
    for make in (
        lambda d: [d.HashStore()] * 2,
        lambda d: [d.PrefixStore("p", store) for store in [d.HashStore()] * 2],
    ):
        ours, torchs = make(dist), make(torch.distributed)
        assert exercise(st, *ours) == exercise(torch, *torchs)
    assert exercise(st, *[dist.FileStore(f"{tmp_path}/file", 2)] * 2) == exercise(st, *[dist.HashStore()] * 2)
    two = [dist.FileStore(f"{tmp_path}/two", 2) for _ in range(2)]
    assert exercise(st, *two) == exercise(st, *[dist.HashStore()] * 2)


@pytest.mark.parametrize("serves", [dist, torch.distributed], ids=["ours", "torchs"])
@pytest.mark.parametrize("asks", [dist, torch.distributed], ids=["ours", "torchs"])
def test_each_librarys_clients_speak_with_each_librarys_server(serves, asks):
    server = serves.TCPStore("127.0.0.1", 0, None, True, timedelta(seconds=10), wait_for_workers=False)
    client = asks.TCPStore(
        "127.0.0.1", server.port, None, False, timedelta(seconds=10), wait_for_workers=False
    )
    assert exercise(st, server, client) == exercise(st, *[dist.HashStore()] * 2)
    keys = client.num_keys()
    client.set("new", b"\x00\xff")
    assert server.get("new") == b"\x00\xff"
    assert server.num_keys() == keys + 1


def test_a_store_that_nobody_serves():
    with pytest.raises(dist.DistNetworkError, match="timed out after 200ms while trying to connect"):
        dist.TCPStore("127.0.0.1", 1, 1, False, timedelta(milliseconds=200))


def test_a_master_waits_for_its_workers():
    with pytest.raises(dist.DistStoreError, match="1/2 clients joined"):
        dist.TCPStore("127.0.0.1", 0, 2, True, timedelta(milliseconds=100))


# ---- parameters that are shared out ----

SHARES = """
import spiraltorch_rs.distributed.fsdp as fsdp
from spiraltorch_rs.distributed.fsdp import _flat
gathered = []
gather = _flat.Flat.whole
_flat.Flat.whole = lambda self, *dtype: gathered.append(self.each) or gather(self, *dtype)
Unit = fsdp.FullyShardedDataParallel
nn = st.nn
for strategy, times in (("FULL_SHARD", 2), ("SHARD_GRAD_OP", 1)):
    how = dict(sharding_strategy=fsdp.ShardingStrategy[strategy])
    model = nn.Sequential(*[Unit(nn.Sequential(nn.Linear(50, 50), nn.Tanh()), **how) for _ in range(3)])
    optimizer = st.optim.Adam(model.parameters())
    gathered.clear()
    model(st.ones(2, 50)).sum().backward()
    optimizer.step()
    whole = 50 * 50 + 50
    assert [p.numel() for p in model.parameters()] == [whole // 2] * 3
    assert all(s["exp_avg"].numel() == whole // 2 for s in optimizer.state.values())
    # (The first unit's input wants no gradient, so its weight is not needed again.)
    print(strategy, len(gathered), 3 * times - (times == 2))
    assert all(flat._again is None for unit in model for flat in unit._flats)
with Unit.summon_full_params(model):
    model[0].module[0].bias.data.fill_(rank + 1.0)
state = model.state_dict()
print(sorted(set(state["0.0.bias"].tolist())))
with Unit.state_dict_type(model, fsdp.StateDictType.FULL_STATE_DICT, fsdp.FullStateDictConfig(rank0_only=True)):
    print(len(model.state_dict()))
half = Unit(nn.Linear(4, 2), mixed_precision=fsdp.MixedPrecision(param_dtype=st.bfloat16))
result = half(st.ones(1, 4))
result.float().sum().backward()
print(result.dtype, [p.grad.dtype for p in half.parameters()])
"""


def test_parameters_gradients_and_states_are_shared_out(tmp_path):
    for rank, (code, out, err) in enumerate(two_ranks(tmp_path, SHARES)):
        assert code == 0, err
        shared, kept, bias, names, dtypes = out.splitlines()
        assert len(set(shared.split()[1:])) == len(set(kept.split()[1:])) == 1, out
        # Each rank's writes are kept for its own part; the bias lies in the second.
        assert bias == "[2.0]"
        assert names == ("6" if rank == 0 else "0")
        assert dtypes == f"{st.bfloat16} [{st.float32}]"


# ---- starting processes ----

REPORT = """
import os, sys, spiraltorch_rs as st, spiraltorch_rs.distributed as dist
dist.init_process_group("gloo")
x = st.tensor([float(dist.get_rank() + 1)])
dist.all_reduce(x)
names = "RANK LOCAL_RANK WORLD_SIZE LOCAL_WORLD_SIZE GROUP_RANK TORCHELASTIC_RESTART_COUNT".split()
assert dist.is_torchelastic_launched() and dist.get_node_local_rank() == dist.get_rank()
print(f"{sys.argv[1:]} {[os.environ[name] for name in names]} {x.item()}\\n", end="", flush=True)
dist.destroy_process_group()
"""


def launch(launcher: str, tmp_path: Path, program: str, *options: str) -> tuple[int, str, str]:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(program))
    return ended(start("-m", launcher, *options, script, "--argument", "3"))


@pytest.mark.parametrize("launcher", ["spiraltorch_rs.distributed.run", "torch.distributed.run"])
def test_launchers_start_ranks(tmp_path, launcher):
    """Ours, and torch's: a program of ours finds its place with both."""
    code, out, err = launch(launcher, tmp_path, REPORT, "--standalone", "--nproc-per-node", "2")
    assert code == 0, err
    expected = [f"['--argument', '3'] ['{r}', '{r}', '2', '2', '0', '0'] 3.0" for r in range(2)]
    assert sorted(out.splitlines()) == expected


def test_the_launcher_names_who_failed_first_and_ends_the_others(tmp_path):
    program = """
    import os, sys, time
    if os.environ["RANK"] == "1":
        sys.exit(7)
    time.sleep(50)
    """
    before = time.monotonic()
    code, _, err = launch("spiraltorch_rs.distributed.run", tmp_path, program, "--nproc_per_node=2")
    assert code == 1
    assert time.monotonic() - before < 45
    assert "script.py FAILED" in err
    assert "rank      : 1 (local_rank: 1)" in err
    assert "exitcode  : 7" in err


def test_the_launcher_starts_again(tmp_path):
    program = """
    import os, sys, spiraltorch_rs as st, spiraltorch_rs.distributed as dist
    dist.init_process_group("gloo")
    dist.barrier()
    attempt = os.environ["TORCHELASTIC_RESTART_COUNT"]
    print(f"attempt {attempt}\\n", end="", flush=True)
    sys.exit(attempt == "0" and dist.get_rank() == 0)
    """
    options = ("--nproc-per-node", "2", "--max-restarts", "1", "--shutdown-timeout", "5")
    code, out, err = launch("spiraltorch_rs.distributed.run", tmp_path, program, *options)
    assert code == 0, err
    assert out.count("attempt 1") == 2


def test_launchers_of_two_machines_meet(tmp_path):
    """Two of them on this machine; who keeps the store is told by the rank."""
    script = tmp_path / "script.py"
    script.write_text(REPORT.replace("dist.get_node_local_rank() == dist.get_rank()", "True"))
    with dist._tcp.socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    options = [
        "-m",
        "spiraltorch_rs.distributed.run",
        "--nnodes",
        "2",
        "--master-addr",
        "127.0.0.1",
        "--master-port",
        port,
    ]
    both = [start(*options, "--node-rank", node, script) for node in (1, 0)]
    outcomes = list(map(ended, both))
    assert [code for code, _, _ in outcomes] == [0, 0], outcomes
    assert [out for _, out, _ in outcomes] == [f"[] ['{r}', '0', '2', '1', '{r}', '0'] 3.0\n" for r in (1, 0)]


def test_a_spawned_process_that_fails_is_told(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            """
            import os, time
            from spiraltorch_rs.multiprocessing import ProcessExitedException, ProcessRaisedException, spawn

            def work(rank, how):
                if rank == 1:
                    if how == "raise":
                        raise ValueError("a reason")
                    os._exit(3)
                time.sleep(50)

            if __name__ == "__main__":
                for how, kind in (("raise", ProcessRaisedException), ("exit", ProcessExitedException)):
                    try:
                        spawn(work, (how,), nprocs=2)
                    except kind as error:
                        print(error.error_index, "a reason" in str(error), getattr(error, "exit_code", None))
            """
        )
    )
    code, out, err = ended(start(program))
    assert (code, out) == (0, "1 True None\n1 False 3\n"), err


# ---- samplers ----


@pytest.mark.parametrize("size", [1, 2, 7, 10])
@pytest.mark.parametrize("replicas", [1, 2, 3, 4])
@pytest.mark.parametrize("drop_last", [False, True])
def test_samplers_share_the_data_as_torchs(size, replicas, drop_last):
    for rank in range(replicas):
        options = {"num_replicas": replicas, "rank": rank, "drop_last": drop_last}
        ours, torchs = (
            lib.utils.data.DistributedSampler(range(size), shuffle=False, **options) for lib in (st, torch)
        )
        assert list(ours) == list(torchs)
        assert len(ours) == len(torchs)


def test_shuffled_samplers_cover_the_data_anew_in_each_epoch():
    samplers = [st.utils.data.DistributedSampler(range(12), 3, rank, seed=5) for rank in range(3)]
    epochs = []
    for epoch in range(2):
        for sampler in samplers:
            sampler.set_epoch(epoch)
        epochs.append([list(sampler) for sampler in samplers])
        assert sorted(i for share in epochs[-1] for i in share) == list(range(12))
    assert epochs[0] != epochs[1]
