"""Models of libraries that import torch themselves run under the alias, and give what they give with torch.

The libraries are not among what the tests need: `pip install --no-deps torchvision transformers diffusers timm`, and
what they need besides torch. Without them the tests are skipped.
"""

import importlib.util
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from zoo import MODELS

PROGRAM = Path(__file__).resolve().parent / "zoo.py"
LIBRARIES = {row[0] for row in MODELS.values()}
SECONDS = 900

pytestmark = [
    pytest.mark.skipif(
        not any(importlib.util.find_spec(name) for name in LIBRARIES),
        reason="no library of models is installed",
    ),
    pytest.mark.timeout(SECONDS * 2),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What all models give, with ours and with torch."""

    def run(which):
        path = tmp_path_factory.mktemp("zoo") / which
        command = [sys.executable, str(PROGRAM), which, str(path)]
        subprocess.run(command, check=True, timeout=SECONDS, capture_output=True)
        return pickle.loads(path.read_bytes())

    return run("ours"), run("torch")


@pytest.mark.parametrize("label", MODELS)
def test_a_model_gives_what_it_gives_with_torch(label, told):
    ours, theirs = (results[label] for results in told)
    if isinstance(theirs, str):
        pytest.skip(f"does not run with torch: {theirs[-200:]}")
    assert not isinstance(ours, str), ours[-2000:]
    assert list(ours) == list(theirs)
    largest = max(np.abs(value).max() for name, value in theirs.items() if name.startswith("grad"))
    for name, expected in theirs.items():
        actual, is_gradient = ours[name], name.startswith("grad")
        assert actual.shape == expected.shape
        scale = max(
            np.abs(expected[np.isfinite(expected)]).max(initial=0), 1e-2 * largest if is_gradient else 1e-3
        )
        apart = np.where(actual == expected, 0, np.abs(actual - expected)).max()
        assert apart <= (1e-3 if is_gradient else 1e-4) * scale, f"{name}: {apart / scale:.1e} apart"
