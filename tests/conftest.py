"""What every test shares: torch as the reference, one seed, and the device under test."""

import random

import pytest
import reference
import torch
from hypothesis import settings

SEED = 0

# The same examples at every run, and no time limit for one example: the machine may be busy.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--device", default="cpu", help="the device the tests run on (default: cpu)")


@pytest.fixture(scope="session")
def device(request: pytest.FixtureRequest) -> str:
    """The device given by --device."""
    return request.config.getoption("--device")


def pytest_configure(config: pytest.Config) -> None:
    reference.DEVICE[0] = config.getoption("--device")


@pytest.fixture(autouse=True)
def seed() -> None:
    """Start every test from the same random state."""
    random.seed(SEED)
    torch.manual_seed(SEED)
