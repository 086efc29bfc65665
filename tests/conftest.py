"""What every test shares: torch as the reference, one seed, and the device under test."""

import random
import zlib
from collections.abc import Iterator
from functools import wraps
from typing import Any

import pytest
import reference
import torch
from hypothesis import settings

import spiraltorch_rs as st

SEED = 0

# Files that are run whole beside a sample of the others: they take seconds, on a program that stands in for a GPU too.
WHOLE = {
    f"test_{name}"
    for name in "data engine layout lstm module nn_utils overrides random safetensors sort_scan testing trainer".split()
}

# The same examples at every run, and no time limit for one example: the machine may be busy.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--device", default="cpu", help="the device the tests run on (default: cpu)")
    parser.addoption(
        "--sample", type=int, default=1, help="one of so many tests, always the same ones; some files whole"
    )


@pytest.fixture(scope="session")
def device(request: pytest.FixtureRequest) -> str:
    """The device given by --device."""
    return request.config.getoption("--device")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "cpu_only(reason): skipped on other devices")
    reference.DEVICE[0] = config.getoption("--device")
    if reference.DEVICE[0] == "cpu":
        return
    backend = next(b for b in st.backends() if b.name == reference.DEVICE[0].partition(":")[0])
    if not backend.usable:
        pytest.exit(f"no tests on {reference.DEVICE[0]}: {backend.why_not}", returncode=0)
    # Algorithms of the host may run there; a missing kernel is a failure.
    st.set_fallback("warn")
    config.addinivalue_line("filterwarnings", "ignore:.*is an algorithm of the host")
    config.addinivalue_line("filterwarnings", "error:.*has no kernel")
    # What modules make when they are read is there, too.
    st.set_default_device(reference.DEVICE[0])
    # The tests compare arrays of numpy, which are in the host's memory.
    for name in ("numpy", "__array__"):
        setattr(st.Tensor, name, from_anywhere(getattr(st.Tensor, name)))


def from_anywhere(method: Any) -> Any:
    """A method of tensors of the CPU, for those of every device."""

    @wraps(method)
    def of_copy(self: Any, *args: Any, **kwargs: Any) -> Any:
        return method(self if self.device.type in ("cpu", "meta") else self.cpu(), *args, **kwargs)

    return of_copy


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    share = config.getoption("--sample")
    items[:] = [
        item for item in items if zlib.crc32(item.nodeid.encode()) % share == 0 or item.path.stem in WHOLE
    ]
    if config.getoption("--device") == "cpu":
        return
    for item in items:
        mark = item.get_closest_marker("cpu_only")
        if mark is not None:
            item.add_marker(pytest.mark.skip(reason=f"on the CPU only: {mark.args[0]}"))


@pytest.fixture(autouse=True)
def default_device(device: str) -> Iterator[None]:
    """What a test makes is on the device under test."""
    yield
    if device != "cpu":
        st.set_default_device(device)


@pytest.fixture(autouse=True)
def seed() -> None:
    """Start every test from the same random state."""
    random.seed(SEED)
    torch.manual_seed(SEED)
