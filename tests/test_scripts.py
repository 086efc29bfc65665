"""Scripts that others wrote for torch, run unchanged: PyTorch's examples, with data made here.

They are not part of this repository: the environment variable ST_EXAMPLES says where a checkout of
github.com/pytorch/examples is. What they import besides torch and download is in the folder `stand_ins`.
"""

import math
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

EXAMPLES = os.environ.get("ST_EXAMPLES", "")
STAND_INS = Path(__file__).resolve().parent / "stand_ins"
SECONDS = 280

pytestmark = [
    pytest.mark.skipif(
        not EXAMPLES, reason="ST_EXAMPLES does not say where PyTorch's examples are checked out"
    ),
    pytest.mark.timeout(SECONDS + 20),
]


def nothing(folder: Path) -> None:
    """A script that brings its data."""


def text(folder: Path) -> None:
    """Three texts in which each word follows from the one before."""
    words, draw = "the cat sees a dog and then it runs far away from here".split(), random.Random(0)
    for name, lines in (("train", 120), ("valid", 30), ("test", 30)):
        starts = (draw.randrange(4) for _ in range(lines))
        (folder / f"{name}.txt").write_text("\n".join(" ".join(words[start:]) for start in starts))


def waves(folder: Path) -> None:
    """As the example's own generator, but short."""
    program = (
        "import numpy as np, torch\n"
        "x = np.arange(40.0) + np.random.default_rng(0).integers(-80, 80, (8, 1))\n"
        "torch.save(np.sin(x / 20), open('traindata.pt', 'wb'))\n"
    )
    (folder / "make.py").write_text(program)
    done = run(folder, "make.py")
    assert done.returncode == 0, done.stderr


def pictures(folder: Path) -> None:
    """Names of files: the stand-in for PIL makes a picture of each."""
    for part, count in (("train", 8), ("test", 2)):
        images = folder / "dataset/BSDS300/images" / part
        images.mkdir(parents=True)
        for i in range(count):
            (images / f"{i}.png").touch()


def results(folder: Path) -> None:
    """Where a script writes."""
    (folder / "results").mkdir(exist_ok=True)


class Script(NamedTuple):
    """A script, its arguments, what must be there, what stands before the numbers that must fall, files it leaves."""

    path: str
    arguments: str = ""
    prepare: Callable[[Path], None] = nothing
    falling: str = ""
    leaves: str = ""


WORDS = "--data . --emsize 16 --nhid 16 --batch_size 4 --bptt 7 --epochs 2 --log-interval 20 --lr 5"
IMAGES = "--batch-size 16 --log-interval 4"
PICTURES = "--upscale_factor 2 --batchSize 4 --nEpochs 2 --threads 0"
SCRIPTS = [
    Script("mnist/main.py", f"{IMAGES} --epochs 1 --save-model", nothing, "Loss: ", "mnist_cnn.pt"),
    Script("mnist_rnn/main.py", f"{IMAGES} --epochs 2", nothing, "Loss: "),
    Script("mnist_forward_forward/main.py", "--epochs 3 --train_size 128 --test_size 64"),
    Script("vae/main.py", "--epochs 2 --batch-size 64", results, "Average loss: ", "results/sample_2.png"),
    Script("word_language_model/main.py", f"{WORDS} --model LSTM", text, "loss ", "model.pt"),
    Script("word_language_model/main.py", f"{WORDS} --model GRU --tied", text, "loss "),
    Script("word_language_model/main.py", f"{WORDS} --model RNN_TANH", text, "loss "),
    Script("word_language_model/main.py", f"{WORDS} --model Transformer", text, "loss "),
    Script("time_sequence_prediction/train.py", "--steps 2", waves, "loss: "),
    Script("reinforcement_learning/reinforce.py"),
    Script("reinforcement_learning/actor_critic.py"),
    Script("super_resolution/main.py", PICTURES, pictures, "Avg. Loss: "),
    Script("regression/main.py", "", nothing, "Loss: "),
]


def run(folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The script under the alias, in its folder."""
    environment = {**os.environ, "PYTHONPATH": str(STAND_INS), "STAND_IN_IMAGES": "128"}
    return subprocess.run(
        [sys.executable, "-m", "spiraltorch_rs.run", script, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.path} {script.arguments[-20:]}")
def test_script(script: Script, tmp_path: Path) -> None:
    source = Path(EXAMPLES) / script.path
    if not source.exists():
        pytest.skip(f"this checkout has no {script.path}")
    folder = tmp_path / "script"
    shutil.copytree(source.parent, folder, dirs_exist_ok=True)
    script.prepare(folder)
    done = run(folder, source.name, *script.arguments.split())
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-1500:]
    if script.falling:
        found = [float(n) for n in re.findall(re.escape(script.falling) + r"\s*([\d.einfa-]+)", done.stdout)]
        assert found, done.stdout[-500:]
        assert all(map(math.isfinite, found))
        assert len(found) == 1 or found[-1] < found[0]
    if script.leaves:
        assert (folder / script.leaves).stat().st_size > 0
