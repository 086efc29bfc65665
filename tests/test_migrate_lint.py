"""The checker of programs written for torch flags what is not here or different, and the guide is made of its table."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.cpu_only("no tensors")

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "tools/migrate-lint"
sys.path.insert(0, str(TOOL))

import checker  # noqa: E402
import guide  # noqa: E402
import habits  # noqa: E402

HABITS = habits.read()


def found(program: str) -> list[tuple[int, str, str]]:
    """Line, severity and name of what is flagged."""
    return [(f.line, f.severity, f.what) for f in checker.check(program, HABITS)]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("import torch\ntorch.ones(2).relu()", []),
        ("import torch\ntorch.quantize_per_tensor", [(2, "error", "torch.quantize_per_tensor")]),
        ("import torch as t\nt.sparse.mm(a, b)", [(2, "error", "torch.sparse.mm")]),
        ("import torch.nn.functional as F\nF.relu(x)\nF.rleu(x)", [(3, "error", "torch.nn.functional.rleu")]),
        ("from torch import nn\nnn.Nothing()", [(2, "error", "torch.nn.Nothing")]),
        ("from torch.nn import Linear, Nothing", [(1, "error", "torch.nn.Nothing")]),
        ("import spiraltorch_rs as st\nst.ones(1)\nst.nope", [(3, "error", "torch.nope")]),
        ("import torch.distributed.rpc", [(1, "error", "torch.distributed.rpc")]),
        ("import torch\nx = torch.ones(2)\nx.to_sparse()", [(3, "error", ".to_sparse")]),
        ("def f(x):\n    return x.cuda()", [(2, "note", ".cuda")]),
        ("import torch\ntorch.zeros(2, names=None)", [(2, "error", "torch.zeros(names)")]),
        ("import torch\ntorch.load(f, weights_only=True)", []),
        (
            "import torch\ntorch.load(f, weights_only=False)",
            [(2, "note", "torch.load(weights_only=False)")],
        ),
        ("import torch\nx.view(torch.int32)\nx.view(2, -1)", [(2, "note", ".view(dtype)")]),
        ("from torch import nn\nnn.Linear(2, 3, biass=True)", [(2, "error", "torch.nn.Linear(biass=)")]),
        ("import pytorch_lightning as pl", [(1, "error", "pytorch_lightning")]),
        ("import numpy as np\nnp.no_such_thing", []),
    ],
)
def test_what_is_flagged(program, expected):
    assert found(program) == expected


def test_a_name_bound_to_something_else_is_not_torchs():
    assert found("import torch\ndef f(torch):\n    return torch.nothing\ntorch.nope") == [
        (4, "error", "torch.nope")
    ]
    assert found("import torch\nimport mine as torch\ntorch.nope") == []
    assert found("def f():\n    import torch\ntorch.nope") == []


def test_a_program_with_another_way_gets_a_note():
    program = "try:\n    import torch.utils.bottleneck\nexcept ImportError:\n    import torch.export\n"
    assert found(program) == [(2, "note", "torch.utils.bottleneck"), (4, "error", "torch.export")]


def test_a_slip_is_corrected():
    (finding,) = checker.check("import torch\ntorch.softmx(x, 0)", HABITS)
    assert "torch.softmax" in finding.remedy


def test_remedies_come_from_the_table():
    rows = {habit.here for habit in HABITS}
    (finding,) = checker.check("import torch.utils.bottleneck", HABITS)
    assert finding.remedy in rows
    assert finding.topic == "Profilers"


def test_every_habit_that_is_not_the_same_is_flagged():
    for habit in HABITS:
        for name in habit.names:
            assert found(f"import {name}"), name
        for name in habit.imports:
            assert found(f"from {name} import anything"), name
        for name in habit.methods:
            assert found(f"x.{name}"), name


def test_names_that_the_table_calls_missing_are_missing():
    import names

    for habit in HABITS:
        for name in habit.names if habit.status == "missing" else ():
            assert not name.startswith("torch") or names.resolve(name)[1], f"{name} is here"


def test_models_of_the_tests_are_clean():
    done = subprocess.run(
        [sys.executable, str(TOOL), str(ROOT / "tests/models")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_command(tmp_path):
    (tmp_path / "old.py").write_text("import torch\ntorch.sparse_coo_tensor(i, v)\nx.cuda()\n")
    (tmp_path / "broken.py").write_text("def f(:\n")
    command = [sys.executable, str(TOOL), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    first, second, third = done.stdout.splitlines()
    assert first.startswith(f"{tmp_path / 'broken.py'}:1:1: error: not Python")
    assert second.startswith(f"{tmp_path / 'old.py'}:2:1: error: torch.sparse_coo_tensor: ")
    assert third.startswith(f"{tmp_path / 'old.py'}:3:1: note: .cuda: ")
    without = subprocess.run([*command, "--no-notes"], capture_output=True, text=True, check=False)
    assert without.stdout.splitlines() == [first, second]


def test_the_guide_is_made_of_the_table():
    text = guide.PAGE.read_text()
    assert guide.page(text, HABITS) == text
    stale = text.replace("| not here |", "| here |", 1)
    assert stale != text
    assert guide.page(stale, HABITS) == text


def test_a_row_says_how_it_is_known():
    with pytest.raises(ValueError, match="flagged by something"):
        habits.Habit("Topic", "a habit", "a remedy", "missing")
    with pytest.raises(ValueError, match="status"):
        habits.Habit("Topic", "a habit", "a remedy", "wrong", names=["torch.x"])
