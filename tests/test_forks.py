"""Processes that fork while threads of theirs compute: the children compute as well."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

import spiraltorch_rs as st

pytestmark = [
    pytest.mark.cpu_only("a forked process has no GPU"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks"),
]


def ends_well(child: int, seconds: float) -> bool:
    """Whether the child has ended in time, and with what it should; if not, it is killed."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status == 0
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def test_children_of_a_process_whose_threads_compute() -> None:
    over = threading.Event()

    def compute() -> None:
        x = st.randn(64, 64)
        while not over.is_set():
            ((x @ x).tanh() + x[::2].sum()).sum().item()

    threads = [threading.Thread(target=compute) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            time.sleep(0.02)
            child = os.fork()
            if child == 0:
                x = st.ones(400, 200)
                os._exit(0 if (x @ x.T).sum().item() == 400 * 400 * 200 else 1)
            assert ends_well(child, 20)
    finally:
        over.set()
        for thread in threads:
            thread.join()
