"""The package as a user gets it: names, metadata, wheel, and what an import costs."""

import importlib.metadata
import re
import statistics
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("the package as it is installed")

ROOT = Path(__file__).resolve().parent.parent
WORKSPACE = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]
# The newest last: `pip install .` leaves its own there too.
WHEELS = sorted(
    (ROOT / "target/wheels").glob("spiraltorch_rs-*.whl"), key=lambda wheel: wheel.stat().st_mtime
)

# Prints the seconds and the growth of resident memory in bytes that the statement in argv costs. The peak
# (ru_maxrss) would start at the parent's, hence /proc.
COST = """
import os, sys, time
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
before, start = resident(), time.perf_counter()
exec(sys.argv[1])
print(time.perf_counter() - start, resident() - before)
"""


def run_python(*arguments: str) -> str:
    """The output of a fresh interpreter that sees installed packages only."""
    done = subprocess.run([sys.executable, "-I", *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def test_version_is_the_workspace_version():
    assert st.__version__ == WORKSPACE["version"]
    assert importlib.metadata.version("spiraltorch-rs") == WORKSPACE["version"]


def test_metadata():
    metadata = importlib.metadata.metadata("spiraltorch-rs")
    assert metadata["License-Expression"] == WORKSPACE["license"] == "AGPL-3.0-or-later"
    assert metadata["Requires-Python"] == ">=3.11"
    required = [line for line in metadata.get_all("Requires-Dist") or [] if "extra ==" not in line]
    assert required == []


def test_the_two_pyproject_files_describe_one_package():
    at_root, at_crate = (
        tomllib.loads((ROOT / folder / "pyproject.toml").read_text()) for folder in (".", "bindings/st-py")
    )
    at_crate["project"]["readme"] = Path(at_crate["project"]["readme"]).name
    assert at_root["project"] == at_crate["project"]
    assert at_root["build-system"] == at_crate["build-system"]
    assert at_root["tool"]["maturin"]["module-name"] == at_crate["tool"]["maturin"]["module-name"]


@pytest.mark.skipif(not WHEELS, reason="no wheel in target/wheels: `make test` builds one")
def test_wheel_is_small_abi3_and_complete():
    wheel = WHEELS[-1]
    assert re.search(r"-cp311-abi3-", wheel.name)
    assert wheel.stat().st_size < 10e6
    names = set(zipfile.ZipFile(wheel).namelist())
    package = [f for f in (ROOT / "python").rglob("*") if f.suffix in (".py", ".pyi", ".typed")]
    assert {f.relative_to(ROOT / "python").as_posix() for f in package} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_import_leaves_optional_packages_alone():
    loaded = run_python("-c", "import sys, spiraltorch_rs; print(*sys.modules)").split()
    assert not {"numpy", "torch", "sklearn", "ctypes"} & set(loaded)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads memory from /proc")
def test_import_is_quick_and_small():
    costs = [run_python("-c", COST, "import spiraltorch_rs").split() for _ in range(7)]
    assert statistics.median(float(seconds) for seconds, _ in costs) <= 0.060
    assert statistics.median(int(grown) for _, grown in costs) <= 40e6
