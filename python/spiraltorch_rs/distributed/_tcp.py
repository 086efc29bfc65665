"""The connections of `TCPStore`: a server that keeps the values, and clients that ask it.

A question is a byte, a `Kind`, and its operands; texts and values have their length, eight bytes, in front. This is
what torch's store says, too.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Sequence
from enum import IntEnum
from threading import Condition, Lock, Thread

from spiraltorch_rs.distributed._errors import DistNetworkError, DistStoreError

# What a client says first.
MAGIC = 0x3C85F7CE
# How often a waiting client is asked whether it still waits, and how long one that nobody answers waits to ask again.
LOOK = 0.1
RETRY = 0.05
GO_ON, CANCELED = 0, 1


class Kind(IntEnum):
    """Questions."""

    VALIDATE = 0
    SET = 1
    COMPARE_SET = 2
    GET = 3
    ADD = 4
    CHECK = 5
    WAIT = 6
    NUM_KEYS = 7
    DELETE = 8
    APPEND = 9
    MULTI_GET = 10
    MULTI_SET = 11
    CANCEL_WAIT = 12
    PING = 13


def receive(connection: socket.socket, size: int) -> bytes:
    """So many bytes; an error if the other side ends before."""
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = connection.recv_into(view)
        if not count:
            raise ConnectionError("Connection was closed by the other side")
        view = view[count:]
    return bytes(data)


def text(value: bytes) -> bytes:
    """Bytes with their length in front."""
    return struct.pack("<Q", len(value)) + value


class Reader:
    """What a connection says, in order."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def byte(self) -> int:
        return receive(self._connection, 1)[0]

    def integer(self) -> int:
        (value,) = struct.unpack("<q", receive(self._connection, 8))
        return int(value)

    def nonce(self) -> bytes:
        return receive(self._connection, 4)

    def value(self) -> bytes:
        return receive(self._connection, self.integer())

    def values(self) -> list[bytes]:
        return [self.value() for _ in range(self.integer())]


class Server:
    """The values, and a thread for each client."""

    def __init__(self, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self._listener = listener
        self._values: dict[bytes, bytes] = {}
        self._changed = Condition()
        Thread(target=self._accept, name="store", daemon=True).start()

    @staticmethod
    def at(port: int, shared: bool = False, descriptor: int | None = None) -> Server:
        """A server at a port, or at a socket that listens already; a shared one may be there."""
        if shared and port in _shared_servers:
            return _shared_servers[port]
        if descriptor is not None:
            return Server(socket.socket(fileno=descriptor))
        try:
            has_both = socket.has_dualstack_ipv6()
            family = socket.AF_INET6 if has_both else socket.AF_INET
            listener = socket.create_server(("", port), family=family, backlog=2048, dualstack_ipv6=has_both)
        except OSError as error:
            raise DistNetworkError(
                f"The server socket has failed to listen on any local network address. port: {port}: {error}"
            ) from error
        server = Server(listener)
        if shared:
            _shared_servers[server.port] = server
        return server

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Thread(target=self._serve, args=(connection,), name="store client", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        read = Reader(connection)
        with connection:
            try:
                if read.byte() != Kind.VALIDATE or read.nonce() != struct.pack("<I", MAGIC):
                    return
                while True:
                    answer = self._answer(Kind(read.byte()), read, connection)
                    if answer:
                        connection.sendall(answer)
            except (OSError, ValueError):
                # The client has gone, or is none.
                return

    def _answer(self, kind: Kind, read: Reader, connection: socket.socket) -> bytes:
        match kind:
            case Kind.PING:
                return read.nonce()
            case Kind.WAIT:
                return self._wait(read.values(), connection)
            case Kind.CANCEL_WAIT:
                return bytes([CANCELED])
            case Kind.MULTI_SET:
                pairs = [(read.value(), read.value()) for _ in range(read.integer())]
                return self._write(pairs)
            case Kind.SET:
                return self._write([(read.value(), read.value())])
            case Kind.CHECK | Kind.MULTI_GET:
                names = read.values()
                with self._changed:
                    if kind == Kind.CHECK:
                        return bytes([not all(name in self._values for name in names)])
                    return b"".join(text(self._values.get(name, b"")) for name in names)
            case Kind.NUM_KEYS:
                with self._changed:
                    return struct.pack("<q", len(self._values))
            case _:
                return self._change(kind, read)

    def _write(self, pairs: Sequence[tuple[bytes, bytes]]) -> bytes:
        with self._changed:
            self._values.update(pairs)
            self._changed.notify_all()
        return b""

    def _change(self, kind: Kind, read: Reader) -> bytes:
        """Questions about one value."""
        name = read.value()
        operands = {Kind.COMPARE_SET: 2, Kind.APPEND: 1}
        given = [read.value() for _ in range(operands.get(kind, 0))]
        amount = read.integer() if kind == Kind.ADD else 0
        with self._changed:
            values, answer = self._values, b""
            if kind == Kind.GET:
                return text(values.get(name, b""))
            if kind == Kind.ADD:
                total = int(values.get(name, b"0")) + amount
                values[name], answer = b"%d" % total, struct.pack("<q", total)
            elif kind == Kind.DELETE:
                answer = struct.pack("<q", values.pop(name, None) is not None)
            elif kind == Kind.APPEND:
                values[name] = values.get(name, b"") + given[0]
            elif kind == Kind.COMPARE_SET:
                expected, desired = given
                if values.get(name) == expected or (name not in values and not expected):
                    values[name] = desired
                answer = text(values.get(name, expected))
            self._changed.notify_all()
            return answer

    def _wait(self, names: list[bytes], connection: socket.socket) -> bytes:
        with self._changed:
            while not all(name in self._values for name in names):
                self._changed.wait(LOOK)
                if select.select([connection], [], [], 0)[0]:
                    # It does not wait any longer, or has gone: what it says is read next.
                    return b""
        return bytes([GO_ON])


# Those that several stores of this process may use, by their port.
_shared_servers: dict[int, Server] = {}


class Client:
    """A connection to a server."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._lock = Lock()
        self._connection = self._connect(host, port, timeout)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = Reader(self._connection)
        self.local_address: str = self._connection.getsockname()[0]

    @staticmethod
    def _connect(host: str, port: int, timeout: float) -> socket.socket:
        """Tries until somebody is there who answers."""
        end = time.monotonic() + timeout
        while True:
            left = end - time.monotonic()
            try:
                connection = socket.create_connection((host, port), max(left, 0.001))
                connection.sendall(
                    struct.pack("<BI", Kind.VALIDATE, MAGIC) + struct.pack("<BI", Kind.PING, 1)
                )
                if receive(connection, 4) == struct.pack("<I", 1):
                    connection.settimeout(None)
                    return connection
                connection.close()
            except (OSError, ConnectionError) as error:
                if time.monotonic() + RETRY > end:
                    raise DistNetworkError(
                        f"The client socket has timed out after {timeout * 1000:.0f}ms while trying to connect to "
                        f"({host}, {port}): {error}"
                    ) from error
            time.sleep(RETRY)

    def _ask(self, kind: Kind, *operands: bytes) -> None:
        try:
            self._connection.sendall(bytes([kind]) + b"".join(operands))
        except OSError as error:
            raise DistNetworkError(f"the store's master has gone: {error}") from error

    def _asked(self, kind: Kind, operands: Sequence[bytes], answer: str) -> object:
        """Asks, and reads an answer by the reader's method of that name."""
        with self._lock:
            self._ask(kind, *operands)
            try:
                return getattr(self._read, answer)()
            except OSError as error:
                raise DistNetworkError(f"the store's master has gone: {error}") from error

    def _value(self, kind: Kind, *operands: bytes) -> bytes:
        value = self._asked(kind, operands, "value")
        assert isinstance(value, bytes)
        return value

    def _integer(self, kind: Kind, *operands: bytes, answer: str = "integer") -> int:
        value = self._asked(kind, operands, answer)
        assert isinstance(value, int)
        return value

    def set(self, key: str, value: bytes) -> None:
        with self._lock:
            self._ask(Kind.SET, text(key.encode()), text(value))

    def get(self, key: str) -> bytes:
        return self._value(Kind.GET, text(key.encode()))

    def add(self, key: str, amount: int) -> int:
        return self._integer(Kind.ADD, text(key.encode()), struct.pack("<q", amount))

    def append(self, key: str, value: bytes) -> None:
        with self._lock:
            self._ask(Kind.APPEND, text(key.encode()), text(value))

    def check(self, keys: Sequence[str]) -> bool:
        return self._integer(Kind.CHECK, self._names(keys), answer="byte") == GO_ON

    def compare_set(self, key: str, expected: bytes, desired: bytes) -> bytes:
        return self._value(Kind.COMPARE_SET, text(key.encode()), text(expected), text(desired))

    def delete_key(self, key: str) -> bool:
        return self._integer(Kind.DELETE, text(key.encode())) > 0

    def num_keys(self) -> int:
        return self._integer(Kind.NUM_KEYS)

    def multi_get(self, keys: Sequence[str]) -> list[bytes]:
        with self._lock:
            self._ask(Kind.MULTI_GET, self._names(keys))
            return [self._read.value() for _ in keys]

    def multi_set(self, keys: Sequence[str], values: Sequence[bytes]) -> None:
        pairs = b"".join(text(key.encode()) + text(value) for key, value in zip(keys, values, strict=True))
        with self._lock:
            self._ask(Kind.MULTI_SET, struct.pack("<Q", len(keys)) + pairs)

    @staticmethod
    def _names(keys: Sequence[str]) -> bytes:
        return struct.pack("<Q", len(keys)) + b"".join(text(key.encode()) for key in keys)

    def wait(self, keys: Sequence[str], timeout: float) -> bool:
        """Whether all are set in time."""
        with self._lock:
            self._ask(Kind.WAIT, self._names(keys))
            try:
                if select.select([self._connection], [], [], timeout)[0]:
                    return self._read.byte() == GO_ON
                self._ask(Kind.CANCEL_WAIT)
                if self._read.byte() == CANCELED:
                    return False
                # The answer and the cancellation have crossed; that is answered, too.
                return self._read.byte() == CANCELED
            except OSError as error:
                raise DistStoreError(f"the store's master has gone: {error}") from error
