"""The launcher: `python -m spiraltorch_rs.distributed.run --nproc-per-node 2 script.py arguments`, as `torchrun`.

Each process finds its place in the environment: `RANK`, `LOCAL_RANK`, `WORLD_SIZE`, `MASTER_ADDR`, `MASTER_PORT` and
others. The first machine's launcher keeps the store, so the port is never taken by somebody else. If a process fails,
the others are ended, and the launcher says which one was the first.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from spiraltorch_rs.distributed.store import TCPStore

POLL = 0.05
DEFAULT_PORT = 29500


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m spiraltorch_rs.distributed.run",
        description="Starts a program in several processes that work together.",
    )

    def add(name: str, **about: object) -> None:
        # Both spellings, and the environment's `PET_NAME`, as torch.
        spelled = name.replace("-", "_")
        if about.get("action") != "store_true":
            about["default"] = os.environ.get(f"PET_{spelled.upper()}", about.get("default"))
        both = dict.fromkeys([f"--{name}", f"--{spelled}"])
        parser.add_argument(*both, dest=spelled, **about)  # type: ignore[arg-type]

    add("nproc-per-node", default="1", help="processes of this machine: a number, auto, gpu or cpu")
    add("nnodes", default="1", help="machines")
    add(
        "node-rank",
        default=None,
        help="which of the machines this is; without it they are counted as they come",
    )
    add("standalone", action="store_true", help="one machine, a free port")
    add("master-addr", default="127.0.0.1", help="the first machine")
    add("master-port", type=int, default=None, help=f"its port ({DEFAULT_PORT} unless there is one machine)")
    add("rdzv-endpoint", default="", help="the first machine and its port, HOST:PORT")
    add("rdzv-backend", default="static", help="accepted: static, c10d")
    add("rdzv-id", default="none", help="a name of this run")
    add("rdzv-conf", default="", help="accepted")
    add("max-restarts", type=int, default=0, help="how often all processes are started again (one machine)")
    add("monitor-interval", type=float, default=0.1, help="accepted")
    add("start-method", default="spawn", help="accepted")
    add("role", default="default", help="a name of these processes")
    add("local-addr", default=None, help="accepted")
    add("log-dir", default=None, help="a folder for what processes print, see --redirects")
    add("redirects", default="0", help="3: what processes print goes to files in --log-dir only")
    add("shutdown-timeout", type=float, default=30.0, help="seconds until those that do not end are killed")
    parser.add_argument(
        "-m", "--module", action="store_true", help="the program is a module, as with python -m"
    )
    add("no-python", action="store_true", help="the program is not Python's")
    add(
        "as-torch",
        action="store_true",
        help="the program is written for torch: its `import torch` gives SpiralTorch",
    )
    parser.add_argument("training_script", help="the program")
    parser.add_argument("training_script_args", nargs=argparse.REMAINDER, help="its arguments")
    return parser


def _count(asked: str) -> int:
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    import spiraltorch_rs as st

    gpus = st.cuda.device_count() if asked in ("gpu", "auto") else 0
    if asked == "gpu" and not gpus:
        raise ValueError("Cuda is not available.")
    if asked in ("gpu", "cpu", "auto"):
        return gpus or os.cpu_count() or 1
    raise ValueError(f"Unsupported nproc_per_node value: {asked}")


def _is_here(host: str) -> bool:
    """Whether a name or an address is this machine's."""
    try:
        address = socket.getaddrinfo(host, None)[0][4][0]
        with socket.socket(socket.AF_INET6 if ":" in str(address) else socket.AF_INET) as probe:
            probe.bind((str(address), 0))
        return True
    except OSError:
        return False


@dataclass
class Failure:
    """The first process that failed."""

    rank: int
    local_rank: int
    pid: int
    code: int
    when: datetime

    def __str__(self) -> str:
        how = f"exitcode  : {self.code} (pid: {self.pid})"
        if self.code < 0:
            how += f"\n  traceback : Signal {-self.code} ({signal.Signals(-self.code).name}) received by PID {self.pid}"
        return (
            f"[0]:\n  time      : {self.when:%Y-%m-%d_%H:%M:%S}\n  host      : {socket.gethostname()}\n"
            f"  rank      : {self.rank} (local_rank: {self.local_rank})\n  {how}"
        )


class Launcher:
    """The processes of this machine."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.count = _count(options.nproc_per_node)
        self.nodes = int(str(options.nnodes).split(":")[-1])
        self.processes: list[subprocess.Popen[bytes]] = []
        host, _, port = options.rdzv_endpoint.partition(":")
        self.host = "127.0.0.1" if options.standalone else host or options.master_addr
        alone = options.standalone or self.nodes == 1
        self.port = int(port or options.master_port or (0 if alone else DEFAULT_PORT))
        if options.standalone:
            self.nodes, self.port = 1, 0
        self.run_id = options.rdzv_id if options.rdzv_id != "none" else uuid.uuid4().hex
        self.node, self.store = self._join()
        self.port = self.store.port

    def _join(self) -> tuple[int, TCPStore]:
        """This machine's number, and the store, which the first machine keeps."""
        node = None if self.options.node_rank is None else int(self.options.node_rank)
        if self.nodes == 1:
            node = 0
        keeps = node == 0 if node is not None else _is_here(self.host)
        patience = timedelta(minutes=15)
        store = TCPStore(self.host, self.port, None, keeps, patience, wait_for_workers=False)
        if node is None:
            node = store.add("launcher/nodes", 1) - 1
        if node >= self.nodes:
            raise ValueError(f"machine {node + 1} of {self.nodes} machines")
        return node, store

    def environment(self, local_rank: int, attempt: int) -> dict[str, str]:
        """What a process is told."""
        rank, size = self.node * self.count + local_rank, self.nodes * self.count
        told = {
            "RANK": rank,
            "LOCAL_RANK": local_rank,
            "WORLD_SIZE": size,
            "LOCAL_WORLD_SIZE": self.count,
            "GROUP_RANK": self.node,
            "GROUP_WORLD_SIZE": self.nodes,
            "ROLE_RANK": rank,
            "ROLE_WORLD_SIZE": size,
            "ROLE_NAME": self.options.role,
            "MASTER_ADDR": self.host,
            "MASTER_PORT": self.port,
            "TORCHELASTIC_RESTART_COUNT": attempt,
            "TORCHELASTIC_MAX_RESTARTS": self.options.max_restarts,
            "TORCHELASTIC_RUN_ID": self.run_id,
            "TORCHELASTIC_USE_AGENT_STORE": True,
        }
        own = os.environ.copy()
        if self.count > 1:
            # As torch: processes of one machine do not take the cores from each other.
            own.setdefault("OMP_NUM_THREADS", "1")
        return own | {name: str(value) for name, value in told.items()}

    def command(self) -> list[str]:
        """What each process runs."""
        options = self.options
        program = [options.training_script, *options.training_script_args]
        if options.no_python:
            return program
        as_torch = ["-m", "spiraltorch_rs.run"] if options.as_torch else []
        return [sys.executable, "-u", *as_torch, *(["-m"] if options.module else []), *program]

    def start(self, attempt: int) -> None:
        """Starts the processes."""
        self.processes = []
        for local_rank in range(self.count):
            environment = self.environment(local_rank, attempt)
            with ExitStack() as files:
                streams = self._streams(files, f"attempt_{attempt}/{local_rank}")
                self.processes.append(subprocess.Popen(self.command(), env=environment, **streams))

    def _streams(self, files: ExitStack, folder: str) -> dict[str, Any]:
        """Where a process prints: here, or to files."""
        if not self.options.log_dir or self.options.redirects == "0":
            return {}
        place = Path(self.options.log_dir) / folder
        place.mkdir(parents=True, exist_ok=True)
        return {
            name: files.enter_context((place / f"{name}.log").open("wb")) for name in ("stdout", "stderr")
        }

    def watch(self) -> Failure | None:
        """Waits until all have ended well, or one has not."""
        while True:
            codes = [process.poll() for process in self.processes]
            for local_rank, code in enumerate(codes):
                if code:
                    rank = self.node * self.count + local_rank
                    return Failure(rank, local_rank, self.processes[local_rank].pid, code, datetime.now())
            if all(code == 0 for code in codes):
                return None
            time.sleep(POLL)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Ends those that still run: asks, then kills."""
        running = [process for process in self.processes if process.poll() is None]
        for process in running:
            process.send_signal(number)
        end = time.monotonic() + self.options.shutdown_timeout
        for process in running:
            try:
                process.wait(max(end - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def run(self) -> Failure | None:
        """Starts and watches them, again if that is asked for."""
        tries = self.options.max_restarts + 1 if self.nodes == 1 else 1
        failure: Failure | None = None
        for attempt in range(tries):
            self.start(attempt)
            failure = self.watch()
            self.stop()
            if failure is None:
                break
        if self.nodes > 1:
            self._leave()
        return failure

    def _leave(self) -> None:
        """The store stays until all machines are done."""
        self.store.add("launcher/done", 1)
        while self.node == 0 and self.store.add("launcher/done", 0) < self.nodes:
            time.sleep(POLL)


def main(arguments: list[str] | None = None) -> None:
    """Runs the launcher; its exit code is 1 if a process failed."""
    options = _parser().parse_args(arguments)
    launcher = Launcher(options)

    def ended(number: int, frame: FrameType | None) -> None:
        launcher.stop(number)
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ended)
    failure = launcher.run()
    if failure is not None:
        line = "=" * 60
        print(
            f"{line}\n{options.training_script} FAILED\n{'-' * 60}",
            f"Root Cause (first observed failure):\n{failure}\n{line}",
            sep="\n",
            file=sys.stderr,
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
