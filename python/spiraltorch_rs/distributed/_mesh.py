"""Connections between all processes, and messages over them.

A message has a channel (a group of processes) and a tag. A thread for each connection reads all the time, straight into
the memory of whoever waits for the message, or into memory of its own if nobody does yet: so whoever sends never waits
for the other side to ask.
"""

from __future__ import annotations

import contextlib
import hmac
import secrets
import socket
import struct
import time
from collections import deque
from collections.abc import Iterable
from threading import Condition, Event, Thread

from spiraltorch_rs.distributed._errors import DistBackendError, DistNetworkError
from spiraltorch_rs.distributed.store import PrefixStore, Store, TCPStore

# What stands before a message: its channel, its tag, and how many bytes follow.
HEADER = struct.Struct("<QqQ")
# The tag of a message that says: a collective of this channel has failed, and why.
FAILURE = -(1 << 62)
# What is read by one call of the system.
MOST = 1 << 30
# A stream of Linux's and macOS' sockets is read until it is full.
WHOLE = getattr(socket, "MSG_WAITALL", 0)

Key = tuple[int, int, int]


class Receive:
    """A message that somebody waits for: where it goes, and whether it has come."""

    def __init__(self, source: int, view: memoryview) -> None:
        self.source, self.view = source, view
        self._done = Event()
        self._error: str | None = None

    def finish(self, error: str | None = None) -> None:
        """It has come, or never will."""
        self._error = error
        self._done.set()

    def is_done(self) -> bool:
        """Whether it has."""
        return self._done.is_set()

    def wait(self, timeout: float) -> None:
        """Waits until it has; an error if it will not, or does not in time."""
        if not self._done.wait(timeout):
            raise DistBackendError(
                f"Timed out waiting {timeout * 1000:.0f}ms for recv operation to complete: "
                f"rank {self.source} has sent nothing"
            )
        if self._error is not None:
            raise DistBackendError(self._error)


def fill(connection: socket.socket, view: memoryview) -> None:
    """Reads until memory is full."""
    while view:
        count = connection.recv_into(view, min(len(view), MOST), WHOLE)
        if not count:
            raise ConnectionError("it has closed the connection")
        view = view[count:]


class Mesh:
    """This process's connections to all others."""

    def __init__(self, store: Store, rank: int, size: int, timeout: float) -> None:
        self.rank, self.size, self.timeout = rank, size, timeout
        self._links: dict[int, socket.socket] = {}
        self._sending = {peer: Condition() for peer in range(size)}
        self._changed = Condition()
        # Messages nobody has asked for yet, and those who wait; why a peer, or a channel, has nothing more to say.
        self._stored: dict[Key, deque[bytearray]] = {}
        self._wanted: dict[Key, deque[Receive]] = {}
        self._gone: dict[int, str] = {}
        self._failed: dict[int, str] = {}
        self._is_closed = False
        if size > 1:
            self._connect(store)
        for peer, link in self._links.items():
            Thread(target=self._listen, args=(peer, link), name=f"rank {peer}", daemon=True).start()

    # ---- meeting ----

    def _connect(self, store: Store) -> None:
        """Calls those of lower rank, and is called by the others. A secret tells them from strangers."""
        if self.rank == 0:
            store.set("secret", secrets.token_hex(16))
        address = local_address(store)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.create_server((address, 0), family=family, backlog=self.size) as listener:
            store.set(f"address/{self.rank}", f"{address} {listener.getsockname()[1]}")
            secret = store.get("secret")
            for peer in range(self.rank):
                self._links[peer] = self._call(store.get(f"address/{peer}").decode(), secret)
            end = time.monotonic() + self.timeout
            while len(self._links) < self.size - 1:
                listener.settimeout(max(end - time.monotonic(), 0.001))
                try:
                    link, _ = listener.accept()
                except TimeoutError:
                    missing = sorted(set(range(self.size)) - set(self._links) - {self.rank})
                    raise DistNetworkError(
                        f"Gloo connectFullMesh failed: ranks {missing} did not connect to rank {self.rank} within "
                        f"{self.timeout:.0f} seconds"
                    ) from None
                self._welcome(link, secret)
        for link in self._links.values():
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link.settimeout(None)
            with contextlib.suppress(OSError, AttributeError):
                # A peer that stands still stops a send after this long.
                seconds = struct.pack("ll", int(self.timeout), int(self.timeout % 1 * 1e6))
                link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, seconds)

    def _call(self, address: str, secret: bytes) -> socket.socket:
        host, port = address.split()
        try:
            link = socket.create_connection((host, int(port)), self.timeout)
        except OSError as error:
            raise DistNetworkError(f"rank {self.rank} cannot connect to {host}:{port}: {error}") from error
        link.sendall(secret + struct.pack("<I", self.rank))
        return link

    def _welcome(self, link: socket.socket, secret: bytes) -> None:
        hello = bytearray(len(secret) + 4)
        try:
            link.settimeout(self.timeout)
            fill(link, memoryview(hello))
        except OSError:
            link.close()
            return
        if hmac.compare_digest(bytes(hello[:-4]), secret):
            self._links[struct.unpack("<I", hello[-4:])[0]] = link
        else:
            link.close()

    # ---- sending ----

    def send(self, peer: int, channel: int, tag: int, data: memoryview | bytes) -> None:
        """Sends a message. The memory may be written again afterwards."""
        if peer == self.rank:
            self._deliver((peer, channel, tag), bytearray(data))
            return
        header = HEADER.pack(channel, tag, len(data))
        try:
            with self._sending[peer]:
                self._links[peer].sendall(header)
                self._links[peer].sendall(data)
        except BlockingIOError:
            raise DistBackendError(
                f"Timed out waiting {self.timeout * 1000:.0f}ms for send operation to complete: "
                f"rank {peer} reads nothing"
            ) from None
        except OSError as error:
            raise DistBackendError(self._gone.get(peer) or self._why(peer, error)) from error

    def fail(self, peers: Iterable[int], channel: int, why: str) -> None:
        """Tells others that a collective of a channel has failed here, so that they do not wait for it."""
        for peer in peers:
            if peer != self.rank and peer not in self._gone:
                with contextlib.suppress(DistBackendError):
                    self.send(peer, channel, FAILURE, why.encode())

    # ---- receiving ----

    def receive(self, peer: int, channel: int, tag: int, view: memoryview) -> Receive:
        """Asks for a message, which goes to this memory."""
        wanted = Receive(peer, view)
        key = (peer, channel, tag)
        with self._changed:
            stored = self._stored.get(key)
            if stored:
                self._fill(wanted, stored.popleft())
                if not stored:
                    del self._stored[key]
            elif peer in self._gone or channel in self._failed:
                wanted.finish(self._failed.get(channel) or self._gone[peer])
            else:
                self._wanted.setdefault(key, deque()).append(wanted)
        return wanted

    def receive_any(self, peers: list[int], channel: int, tag: int, view: memoryview, timeout: float) -> int:
        """Waits for a message of whoever sends one first: who it was."""
        with self._changed:

            def find() -> int | None:
                return next((peer for peer in peers if self._stored.get((peer, channel, tag))), None)

            if not self._changed.wait_for(
                lambda: find() is not None or channel in self._failed or self._gone.keys() >= set(peers),
                timeout,
            ):
                raise DistBackendError(
                    f"Timed out waiting {timeout * 1000:.0f}ms for recv operation to complete"
                )
            source = find()
        if source is None:
            raise DistBackendError(self._failed.get(channel) or "; ".join(self._gone.values()))
        self.receive(source, channel, tag, view).wait(timeout)
        return source

    def _fill(self, wanted: Receive, data: bytearray) -> None:
        if len(data) != len(wanted.view):
            wanted.finish(self._uneven(wanted.source, len(data), len(wanted.view)))
            return
        wanted.view[:] = data
        wanted.finish()

    def _uneven(self, source: int, got: int, expected: int) -> str:
        return (
            f"rank {source} sent {got} bytes where rank {self.rank} expects {expected}: do all ranks call the same "
            "collectives in the same order, with tensors of the same size and dtype?"
        )

    def _deliver(self, key: Key, data: bytearray) -> None:
        """A message that was read to memory of its own."""
        with self._changed:
            wanted = self._next(key)
            if wanted is not None:
                self._fill(wanted, data)
            else:
                self._stored.setdefault(key, deque()).append(data)
                self._changed.notify_all()

    def _next(self, key: Key) -> Receive | None:
        """The first who waits for a message, if anybody does."""
        waiting = self._wanted.get(key)
        if not waiting:
            return None
        first = waiting.popleft()
        if not waiting:
            del self._wanted[key]
        return first

    def _listen(self, peer: int, link: socket.socket) -> None:
        header = memoryview(bytearray(HEADER.size))
        wanted: Receive | None = None
        try:
            while True:
                fill(link, header)
                channel, tag, size = HEADER.unpack(header)
                key = (peer, channel, tag)
                with self._changed:
                    wanted = self._next(key)
                if wanted is not None and len(wanted.view) == size:
                    fill(link, wanted.view)
                    wanted.finish()
                    wanted = None
                    continue
                if wanted is not None:
                    wanted.finish(self._uneven(peer, size, len(wanted.view)))
                data = bytearray(size)
                fill(link, memoryview(data))
                if tag == FAILURE:
                    self._end(f"rank {peer}: {data.decode()}", channel=channel)
                elif wanted is None:
                    self._deliver(key, data)
                wanted = None
        except (OSError, ValueError) as error:
            why = self._why(peer, error)
            self._end(why, peer=peer)
            if wanted is not None:
                wanted.finish(why)
            if self._is_closed:
                link.close()

    def _end(self, why: str, peer: int | None = None, channel: int | None = None) -> None:
        """Nothing more comes from a peer, or over a channel: tells those who wait for it."""
        with self._changed:
            if peer is not None:
                self._gone[peer] = why
            if channel is not None:
                self._failed[channel] = why
            for key in [key for key in self._wanted if key[0] == peer or key[1] == channel]:
                for wanted in self._wanted.pop(key):
                    wanted.finish(why)
            self._changed.notify_all()

    def _why(self, peer: int, error: Exception) -> str:
        if self._is_closed:
            return "the process group was destroyed"
        return f"Connection closed by peer: rank {peer} has ended, or the network fails ({error})"

    def close(self) -> None:
        """Says that nothing more comes from here. What others have sent is read until they say so, too."""
        self._is_closed = True
        for link in self._links.values():
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_WR)


def local_address(store: Store) -> str:
    """The address by which other processes reach this one."""
    while isinstance(store, PrefixStore):
        store = store.underlying_store
    if isinstance(store, TCPStore):
        address = store.local_address.removeprefix("::ffff:")
        # The master itself may know its store by an address that is no other machine's.
        if not (address in ("127.0.0.1", "::1") and store.host not in ("127.0.0.1", "::1", "localhost")):
            return address
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "127.0.0.1"
