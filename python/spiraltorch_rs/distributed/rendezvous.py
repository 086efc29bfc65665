"""How processes find each other: `env://`, `tcp://host:port`, `file:///path` give a store, a rank and a count."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import ParseResult, parse_qs, urlparse

from spiraltorch_rs.distributed.store import DEFAULT_TIMEOUT, FileStore, PrefixStore, Store, TCPStore

__all__ = ["register_rendezvous_handler", "rendezvous"]

Found = Iterator[tuple[Store, int, int]]
Handler = Callable[..., Found]

_handlers: dict[str, Handler] = {}


def register_rendezvous_handler(scheme: str, handler: Handler) -> None:
    """Has a function find the others where an address begins with `scheme://`."""
    if scheme in _handlers:
        raise RuntimeError(f"Rendezvous handler for {scheme}:// already registered")
    _handlers[scheme] = handler


def rendezvous(url: str, rank: int = -1, world_size: int = -1, **kwargs: Any) -> Found:
    """Finds the others; what is given goes before what the address or the environment says."""
    if not isinstance(url, str):
        raise RuntimeError(f"`url` must be a string. {type(url)}: {url}")
    scheme = urlparse(url).scheme
    if scheme not in _handlers:
        raise RuntimeError(f"No rendezvous handler for {scheme}://")
    return _handlers[scheme](url, rank=rank, world_size=world_size, **kwargs)


def _error(way: str, why: str) -> ValueError:
    return ValueError(f"Error initializing torch.distributed using {way}:// rendezvous: {why}")


def _given(way: str, at: ParseResult, rank: int, world_size: int) -> tuple[int, int]:
    """The rank and the count, from the arguments or from behind the address."""
    said = {
        name: int(values[0]) for name, values in parse_qs(at.query).items() if name in ("rank", "world_size")
    }
    rank = rank if rank >= 0 else said.get("rank", -1)
    world_size = world_size if world_size >= 0 else said.get("world_size", -1)
    if rank < 0:
        raise _error(way, "rank parameter missing")
    if world_size < 0:
        raise _error(way, "world size parameter missing")
    return rank, world_size


def _file(url: str, rank: int = -1, world_size: int = -1, **kwargs: Any) -> Found:
    at = urlparse(url)
    if not at.path:
        raise _error("file", "path missing")
    rank, world_size = _given("file", at, rank, world_size)
    yield FileStore(at.path, world_size), rank, world_size


def _tcp(
    url: str, rank: int = -1, world_size: int = -1, timeout: timedelta = DEFAULT_TIMEOUT, **kwargs: Any
) -> Found:
    at = urlparse(url)
    if not at.port:
        raise _error("tcp", "port number missing")
    rank, world_size = _given("tcp", at, rank, world_size)
    yield _store(at.hostname or "", at.port, rank, world_size, timeout), rank, world_size


def _env(
    url: str, rank: int = -1, world_size: int = -1, timeout: timedelta = DEFAULT_TIMEOUT, **kwargs: Any
) -> Found:
    def said(name: str) -> str:
        if name not in os.environ:
            raise _error("env", f"environment variable {name} expected, but not set")
        return os.environ[name]

    rank = rank if rank >= 0 else int(said("RANK"))
    world_size = world_size if world_size >= 0 else int(said("WORLD_SIZE"))
    host, port = said("MASTER_ADDR"), int(said("MASTER_PORT"))
    yield _store(host, port, rank, world_size, timeout), rank, world_size


def _store(host: str, port: int, rank: int, world_size: int, timeout: timedelta) -> Store:
    """Rank 0's store, or the launcher's: there each try of one that starts processes again has names of its own."""
    if os.environ.get("TORCHELASTIC_USE_AGENT_STORE") != "True":
        return TCPStore(host, port, world_size, rank == 0, timeout, multi_tenant=True)
    attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    return PrefixStore(f"/worker/attempt_{attempt}", TCPStore(host, port, world_size, False, timeout))


for _scheme, _handler in (("env", _env), ("file", _file), ("tcp", _tcp)):
    register_rendezvous_handler(_scheme, _handler)
