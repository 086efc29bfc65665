"""Runs torch's samples through us, operator by dtype, in worker processes that may crash or hang."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

TOOLS = Path(__file__).resolve().parent.parent
START_SECONDS = 300

Job = dict[str, Any]
Record = dict[str, Any]


class Worker:
    """A worker process; started again when it has died."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """A fresh process."""
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the process
        self.process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", "parity.worker"],
            cwd=TOOLS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )
        self.lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self.read, args=(self.process, self.lines), daemon=True).start()
        if self.answer(START_SECONDS) is None:
            raise RuntimeError(f"the worker does not start: {self.last_words()}")

    def read(self, process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
        """Hands on what the process prints, then None."""
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    def answer(self, seconds: float) -> Any:
        """The next answer; None if the process ended, an empty one if it took too long."""
        try:
            line = self.lines.get(timeout=seconds)
        except queue.Empty:
            return {}
        return None if line is None else json.loads(line)

    def last_words(self) -> str:
        """The end of what the process wrote to its error stream."""
        self.errors.seek(0)
        return " ".join(self.errors.read()[-600:].split())

    def stop(self) -> None:
        """Ends the process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def run(self, job: Job) -> Record:
        """A job's record, whatever happens."""
        if self.process is None:
            self.start()
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        record: Record = {"op": job["op"], "dtype": job["dtype"]}
        at, end = "", time.monotonic() + self.seconds
        while True:
            answer = self.answer(max(0.0, end - time.monotonic()))
            if answer is None:
                record["crash"] = f"crash at {at}: {self.last_words()}"
            elif not answer:
                record["crash"] = f"hang at {at}"
            elif "at" in answer:
                at = answer["at"]
                continue
            else:
                record.update(answer)
                return record
            self.stop()
            return record


def run(jobs: Iterable[Job], workers: int, seconds: float, done: Callable[[Record], None]) -> None:
    """Runs the jobs on so many workers; each record is handed to `done`."""
    waiting = list(jobs)[::-1]
    lock = threading.Lock()

    def drive() -> None:
        worker = Worker(seconds)
        while True:
            with lock:
                if not waiting:
                    break
                job = waiting.pop()
            record = worker.run(job)
            with lock:
                done(record)
        worker.stop()

    threads = [threading.Thread(target=drive) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
