"""Stores: small values by name, which processes share. They find each other through one.

| store | where the values are |
|---|---|
| `HashStore` | in this process |
| `FileStore` | in a file that all processes see |
| `TCPStore` | in the process that is its master, asked over a connection (`_tcp.py`) |
| `PrefixStore` | in another store, under longer names |

>>> from datetime import timedelta
>>> import spiraltorch_rs.distributed as dist
>>> store = dist.HashStore()
>>> store.set("color", "blue")
>>> store.get("color"), store.add("count", 2), store.add("count", 3)
(b'blue', 2, 5)
>>> store.wait(["size"], timedelta(milliseconds=1))
Traceback (most recent call last):
    ...
spiraltorch_rs.distributed.DistStoreError: wait timeout after 1ms, keys: size
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from threading import Condition

from spiraltorch_rs.distributed._errors import DistStoreError
from spiraltorch_rs.distributed._tcp import Client, Server

__all__ = ["FileStore", "HashStore", "PrefixStore", "Store", "TCPStore"]

DEFAULT_TIMEOUT = timedelta(seconds=300)
# How often a file is looked at.
PAUSE = 0.01


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)


class Store:
    """What all stores have. A subclass says how values are read, and how they are changed with nobody between."""

    def __init__(self) -> None:
        self._timeout = DEFAULT_TIMEOUT

    @property
    def timeout(self) -> timedelta:
        """How long `get` and `wait` wait."""
        return self._timeout

    def set_timeout(self, timeout: timedelta) -> None:
        """Says how long `get` and `wait` wait."""
        self._timeout = timeout

    def has_extended_api(self) -> bool:
        """Whether `append`, `multi_get` and `multi_set` are there."""
        return True

    def set(self, key: str, value: str | bytes) -> None:
        """Sets a value."""
        raise NotImplementedError

    def get(self, key: str) -> bytes:
        """A value; waits until it is set."""
        raise NotImplementedError

    def add(self, key: str, amount: int) -> int:
        """Adds to a number, 0 at first; what it is then."""
        raise NotImplementedError

    def append(self, key: str, value: str | bytes) -> None:
        """Adds bytes to a value's end."""
        raise NotImplementedError

    def check(self, keys: Sequence[str]) -> bool:
        """Whether all of these are set."""
        raise NotImplementedError

    def compare_set(self, key: str, expected_value: str | bytes, desired_value: str | bytes) -> bytes:
        """Sets a value if it is the expected one, or is expected to be empty and not there; what it is then."""
        raise NotImplementedError

    def delete_key(self, key: str) -> bool:
        """Removes a value; whether there was one."""
        raise NotImplementedError

    def num_keys(self) -> int:
        """How many values there are."""
        raise NotImplementedError

    def wait(self, keys: Sequence[str], timeout: timedelta | None = None) -> None:
        """Waits until all of these are set."""
        raise NotImplementedError

    def multi_get(self, keys: Sequence[str]) -> list[bytes]:
        """Several values."""
        return [self.get(key) for key in keys]

    def multi_set(self, keys: Sequence[str], values: Sequence[str | bytes]) -> None:
        """Sets several values."""
        for key, value in zip(keys, values, strict=True):
            self.set(key, value)


def _late(timeout: timedelta, keys: Sequence[str]) -> DistStoreError:
    return DistStoreError(
        f"wait timeout after {timeout // timedelta(milliseconds=1)}ms, keys: {', '.join(keys)}"
    )


class _Table(Store):
    """A store whose values are a dictionary that nobody else has while it is open."""

    def _opened(self) -> AbstractContextManager[dict[str, bytes]]:
        raise NotImplementedError

    def _pause(self, seconds: float) -> None:
        """Until something may have changed."""
        time.sleep(min(seconds, PAUSE))

    def set(self, key: str, value: str | bytes) -> None:
        with self._opened() as table:
            table[key] = _bytes(value)

    def get(self, key: str) -> bytes:
        self.wait([key])
        with self._opened() as table:
            return table[key]

    def add(self, key: str, amount: int) -> int:
        with self._opened() as table:
            total = int(table.get(key, b"0")) + amount
            table[key] = b"%d" % total
            return total

    def append(self, key: str, value: str | bytes) -> None:
        with self._opened() as table:
            table[key] = table.get(key, b"") + _bytes(value)

    def check(self, keys: Sequence[str]) -> bool:
        with self._opened() as table:
            return all(key in table for key in keys)

    def compare_set(self, key: str, expected_value: str | bytes, desired_value: str | bytes) -> bytes:
        with self._opened() as table:
            expected = _bytes(expected_value)
            if table.get(key, b"") == expected and (key in table or not expected):
                table[key] = _bytes(desired_value)
            return table.get(key, expected)

    def delete_key(self, key: str) -> bool:
        with self._opened() as table:
            return table.pop(key, None) is not None

    def num_keys(self) -> int:
        with self._opened() as table:
            return len(table)

    def wait(self, keys: Sequence[str], timeout: timedelta | None = None) -> None:
        timeout = self._timeout if timeout is None else timeout
        end = time.monotonic() + timeout.total_seconds()
        while not self.check(keys):
            left = end - time.monotonic()
            if left <= 0:
                raise _late(timeout, keys)
            self._pause(left)


class HashStore(_Table):
    """Values in this process, for its threads."""

    def __init__(self) -> None:
        super().__init__()
        self._values: dict[str, bytes] = {}
        self._changed = Condition()

    @contextmanager
    def _opened(self) -> Iterator[dict[str, bytes]]:
        with self._changed:
            yield self._values
            self._changed.notify_all()

    def check(self, keys: Sequence[str]) -> bool:
        with self._changed:
            return all(key in self._values for key in keys)

    def _pause(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait(min(seconds, PAUSE))


class FileStore(_Table):
    """Values in a file that all processes see. What is changed is written at its end; a deleted value has no length."""

    def __init__(self, file_name: str, world_size: int = -1) -> None:
        super().__init__()
        self.path = file_name
        self._values: dict[str, bytes] = {}
        self._read = 0

    @contextmanager
    def _opened(self) -> Iterator[dict[str, bytes]]:
        try:
            from fcntl import LOCK_EX, flock
        except ImportError:
            raise NotImplementedError("FileStore: this system has no locks of files; use TCPStore") from None
        with open(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666), "r+b") as file:
            flock(file, LOCK_EX)
            self._catch_up(file.seek(0, os.SEEK_END), file.seek, file.read)
            before = dict(self._values)
            yield self._values
            changed = [key for key in {**before, **self._values} if before.get(key) != self._values.get(key)]
            file.seek(0, os.SEEK_END)
            file.write(b"".join(self._record(key) for key in changed))
            self._read = file.tell()

    def _record(self, key: str) -> bytes:
        name, value = key.encode(), self._values.get(key)
        return struct.pack("<Qq", len(name), -1 if value is None else len(value)) + name + (value or b"")

    def _catch_up(self, end: int, seek: Callable[[int], int], read: Callable[[int], bytes]) -> None:
        """Reads what other processes have written since."""
        if end < self._read:
            self._read, self._values = 0, {}
        seek(self._read)
        while self._read < end:
            name_size, size = struct.unpack("<Qq", read(16))
            name = read(name_size).decode()
            if size < 0:
                self._values.pop(name, None)
            else:
                self._values[name] = read(size)
            self._read += 16 + name_size + max(size, 0)


class TCPStore(Store):
    """Values in the process that is its master. What is said over the connections is what torch's store says, so that
    processes started by torch's launcher find its store.
    """

    def __init__(
        self,
        host_name: str,
        port: int,
        world_size: int | None = None,
        is_master: bool = False,
        timeout: timedelta = DEFAULT_TIMEOUT,
        wait_for_workers: bool = True,
        multi_tenant: bool = False,
        master_listen_fd: int | None = None,
        use_libuv: bool = True,
    ) -> None:
        super().__init__()
        self._timeout = timeout
        self._server = Server.at(port, multi_tenant, master_listen_fd) if is_master else None
        self.host = host_name
        self.port = self._server.port if self._server else port
        self._client = Client(host_name, self.port, timeout.total_seconds())
        self.world_size = world_size
        if wait_for_workers and world_size is not None and world_size > 0:
            self._meet(world_size)

    def _meet(self, world_size: int) -> None:
        """The master goes on when everybody is there."""
        here = self._client.add("init/", 1)
        end = time.monotonic() + self._timeout.total_seconds()
        while self._server and here < world_size:
            if time.monotonic() > end:
                raise DistStoreError(
                    f"Timed out after {self._timeout.total_seconds():.0f} seconds waiting for clients. "
                    f"{here}/{world_size} clients joined."
                )
            time.sleep(PAUSE)
            here = self._client.add("init/", 0)

    @property
    def libuvBackend(self) -> bool:
        """Whether libuv serves it: no, threads of Python do."""
        return False

    @property
    def local_address(self) -> str:
        """The address by which the master's machine sees this one."""
        return self._client.local_address

    def set(self, key: str, value: str | bytes) -> None:
        self._client.set("/" + key, _bytes(value))

    def get(self, key: str) -> bytes:
        self.wait([key])
        return self._client.get("/" + key)

    def add(self, key: str, amount: int) -> int:
        return self._client.add("/" + key, amount)

    def append(self, key: str, value: str | bytes) -> None:
        self._client.append("/" + key, _bytes(value))

    def check(self, keys: Sequence[str]) -> bool:
        return self._client.check(["/" + key for key in keys])

    def compare_set(self, key: str, expected_value: str | bytes, desired_value: str | bytes) -> bytes:
        return self._client.compare_set("/" + key, _bytes(expected_value), _bytes(desired_value))

    def delete_key(self, key: str) -> bool:
        return self._client.delete_key("/" + key)

    def num_keys(self) -> int:
        return self._client.num_keys()

    def wait(self, keys: Sequence[str], timeout: timedelta | None = None) -> None:
        timeout = self._timeout if timeout is None else timeout
        names = ["/" + key for key in keys]
        if not self._client.wait(names, timeout.total_seconds()):
            raise _late(timeout, names)

    def multi_get(self, keys: Sequence[str]) -> list[bytes]:
        self.wait(keys)
        return self._client.multi_get(["/" + key for key in keys])

    def multi_set(self, keys: Sequence[str], values: Sequence[str | bytes]) -> None:
        self._client.multi_set(["/" + key for key in keys], [_bytes(value) for value in values])

    def __repr__(self) -> str:
        return f"TCPStore({self.host}:{self.port})"


class PrefixStore(Store):
    """Another store's values whose names begin with a prefix."""

    def __init__(self, prefix: str, store: Store) -> None:
        super().__init__()
        self.prefix, self.underlying_store = prefix, store

    @property
    def timeout(self) -> timedelta:
        return self.underlying_store.timeout

    def set_timeout(self, timeout: timedelta) -> None:
        self.underlying_store.set_timeout(timeout)

    def _name(self, key: str) -> str:
        return f"{self.prefix}/{key}"

    def _names(self, keys: Sequence[str]) -> list[str]:
        return [self._name(key) for key in keys]

    def set(self, key: str, value: str | bytes) -> None:
        self.underlying_store.set(self._name(key), value)

    def get(self, key: str) -> bytes:
        return self.underlying_store.get(self._name(key))

    def add(self, key: str, amount: int) -> int:
        return self.underlying_store.add(self._name(key), amount)

    def append(self, key: str, value: str | bytes) -> None:
        self.underlying_store.append(self._name(key), value)

    def check(self, keys: Sequence[str]) -> bool:
        return self.underlying_store.check(self._names(keys))

    def compare_set(self, key: str, expected_value: str | bytes, desired_value: str | bytes) -> bytes:
        return self.underlying_store.compare_set(self._name(key), expected_value, desired_value)

    def delete_key(self, key: str) -> bool:
        return self.underlying_store.delete_key(self._name(key))

    def num_keys(self) -> int:
        return self.underlying_store.num_keys()

    def wait(self, keys: Sequence[str], timeout: timedelta | None = None) -> None:
        self.underlying_store.wait(self._names(keys), timeout)

    def multi_get(self, keys: Sequence[str]) -> list[bytes]:
        return self.underlying_store.multi_get(self._names(keys))

    def multi_set(self, keys: Sequence[str], values: Sequence[str | bytes]) -> None:
        self.underlying_store.multi_set(self._names(keys), values)


for _store in (Store, HashStore, FileStore, TCPStore, PrefixStore):
    _store.__module__ = "spiraltorch_rs.distributed"
