"""The programs in examples/ run and learn, at a tiny size; the demo trains, saves, and finds its model again."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.cpu_only("the programs choose their device themselves")

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

# What each gives: a score that is large, or a loss that is small, when it has learned.
LEARNED = {
    "cnn": lambda accuracy: accuracy > 0.6,
    "diffusion": lambda distance: distance < 0.35,
    "dqn": lambda length: length > 5,
    "gan": lambda distance: distance < 0.6,
    "gpt": lambda accuracy: accuracy > 0.5,
    "hypergradient": lambda accuracy: accuracy > 0.5,
    "lora": lambda accuracy: accuracy > 0.7,
    "lstm_text": lambda loss: loss < 1.5,
    "mlp": lambda accuracy: accuracy > 0.9,
    "vae": lambda loss: loss < 35,
}


def test_every_example_is_tried():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {*LEARNED, "digits"}


@pytest.mark.parametrize("name", LEARNED)
def test_example(name, capsys):
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
        assert LEARNED[name](module.main(tiny=True))
    finally:
        del sys.modules[spec.name]
    printed = capsys.readouterr()
    assert printed.out or printed.err, "it says what it does"


def test_demo(tmp_path):
    program = [sys.executable, str(EXAMPLES / "digits.py"), "--tiny", "--folder", str(tmp_path)]
    done = subprocess.run(program, check=True, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    for name, title in (("cnn", "Convolutional network"), ("vit", "Vision transformer")):
        assert "<svg" in (tmp_path / name / "report.html").read_text()
        row = next(line for line in reversed(lines) if line.startswith(title))
        again = next(line for line in lines if f"{name}/last.pt" in line)
        # Accuracy and speed of ours, then of torch; what a fresh process finds is ours.
        figures = re.findall(r"[\d.,]+%?", row)
        assert len(figures) == 4
        assert re.findall(r"[\d.]+%", again) == figures[:1]
    assert done.stderr.count("epoch 2/2") == 2
