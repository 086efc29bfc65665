"""`install_as_torch` and `python -m spiraltorch_rs.run`: unchanged programs, each in an interpreter of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

SCRIPT = """\
import sys
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor, tensor
from torch.autograd import Function

assert __name__ == "__main__"
x = tensor([-1.0, 2.0], requires_grad=True)
F.relu(x).sum().backward()
assert isinstance(x, Tensor) and isinstance(x, torch.Tensor)
assert torch.nn is nn and nn.functional is F
assert not torch.cuda.is_available()
torch.backends.cudnn.benchmark = True
print(x.grad.tolist(), sys.argv[1:], torch.__version__)
"""


def python(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A run on a machine without a GPU, or as if it had none."""
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=120,
        check=False,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
    )


def with_alias(program: str) -> subprocess.CompletedProcess[str]:
    return python("-c", "import spiraltorch_rs as st\nst.install_as_torch()\n" + program)


def test_script_runs_unchanged(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = python("-m", "spiraltorch_rs.run", str(script), "--epochs", "3")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[0.0, 1.0] ['--epochs', '3'] 2.")


def test_script_imports_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("import torch\nvalue = torch.ones(2).sum().item()\n")
    (tmp_path / "main.py").write_text("from model import value\nprint(value)\n")
    done = python("-m", "spiraltorch_rs.run", str(tmp_path / "main.py"))
    assert done.stdout == "2.0\n", done.stderr
    done = python("-m", "spiraltorch_rs.run", "-m", "main", cwd=tmp_path)
    assert done.stdout == "2.0\n", done.stderr


def test_exit_status_and_usage(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys\nsys.exit(3)\n")
    assert python("-m", "spiraltorch_rs.run", str(script)).returncode == 3
    done = python("-m", "spiraltorch_rs.run")
    assert done.returncode == 1
    assert "usage" in done.stderr


def test_modules_are_ours() -> None:
    done = with_alias(
        "import torch, torch.linalg\n"
        "assert torch.linalg.__dict__['_ours'] is st.linalg\n"
        "assert torch.tensor is st.tensor and torch.float32 is st.float32\n"
        "assert 'relu' in dir(torch.nn.functional)\n"
        "st.install_as_torch()\n"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        ("import torch\ntorch.no_such_name", "AttributeError"),
        ("import torch\ntorch.nn.no_such_name", "AttributeError"),
        ("from torch import no_such_name", "ModuleNotFoundError"),
        ("import torch.no_such_name", "ModuleNotFoundError"),
        ("import torch.nn.no_such_name as x", "ModuleNotFoundError"),
    ],
)
def test_what_is_missing_says_so(program: str, kind: str) -> None:
    done = with_alias(program)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(kind), done.stderr
    assert "no_such_name is not in SpiralTorch" in last
    assert "docs/parity.md" in last


def test_functorch_is_torchs_func() -> None:
    program = (
        "import functorch, torch\n"
        "from functorch import grad\n"
        "print(grad is torch.func.grad, functorch.vmap is torch.func.vmap)"
    )
    assert with_alias(program).stdout.split() == ["True", "True"]


def test_where_a_module_stands_and_what_is_set_without_effect() -> None:
    program = (
        "import os, torch, torch.nn as nn\n"
        "print(os.path.isdir(os.path.dirname(torch.__file__)), os.path.isfile(nn.functional.__file__))\n"
        "torch.backends.opt_einsum.enabled = False\n"
        "torch._dynamo.reset()\n"
        "print(nn.utils.stateless.functional_call(nn.ReLU(), {}, torch.ones(1)).item())\n"
    )
    done = with_alias(program)
    assert done.stdout.split() == ["True", "True", "1.0"], done.stderr


def test_what_is_replaced_for_a_test_comes_back() -> None:
    program = (
        "import torch, torch.linalg, spiraltorch_rs as st\n"
        "from unittest.mock import patch\n"
        "before = st.linalg.cholesky\n"
        "with patch('torch.linalg.cholesky') as fake:\n"
        "    print(st.linalg.cholesky is fake)\n"
        "print(torch.linalg.cholesky is before)\n"
    )
    done = with_alias(program)
    assert done.stdout.split() == ["True", "True"], done.stderr


def test_modules_without_contents_fail_at_the_attribute() -> None:
    done = with_alias("import torch.onnx\nprint('imported')\ntorch.onnx.export")
    assert done.stdout == "imported\n"
    assert "AttributeError: torch.onnx.export is not in SpiralTorch" in done.stderr


def test_missing_names_can_be_asked_for() -> None:
    done = with_alias("import torch\nprint(hasattr(torch, 'no_such_name'), getattr(torch, 'nope', None))")
    assert done.stdout == "False None\n", done.stderr


def test_an_error_inside_a_module_of_ours_is_not_hidden() -> None:
    done = with_alias("import sys\nsys.modules['spiraltorch_rs.cuda'] = None\nimport torch.cuda\n")
    assert done.returncode == 1


def test_torch_that_is_there_already_is_refused() -> None:
    done = python(
        "-c",
        "import sys, types\nsys.modules['torch'] = types.ModuleType('torch')\n"
        "import spiraltorch_rs as st\nst.install_as_torch()\n",
    )
    assert "torch is already imported" in done.stderr


def test_version_is_that_of_the_tests() -> None:
    from spiraltorch_rs._alias import TORCH_VERSION

    pinned = re.search(r"^torch==(\S+)", (ROOT / "requirements/test.txt").read_text(), re.MULTILINE)
    assert pinned
    assert pinned[1] == TORCH_VERSION


def test_names_are_torchs() -> None:
    program = """
import torch
x = torch.ones(2, dtype=torch.float64)
print(torch.float32, x, x.shape, x.type(), torch.ones(1, dtype=torch.complex64).type(), torch.strided)
print(x.max(0))
"""
    done = with_alias(program)
    words = "torch.float32 tensor([1., 1.], dtype=torch.float64) torch.Size([2]) torch.DoubleTensor"
    parts = "torch.return_types.max(\nvalues=tensor(1., dtype=torch.float64),\nindices=tensor(0))"
    assert done.stdout == f"{words} torch.ComplexFloatTensor torch.strided\n{parts}\n", done.stderr


def test_torchaudio_serves_without_its_kernels(tmp_path: Path) -> None:
    # As that package is: its kernels are loaded when it is imported, and an error of theirs is not caught.
    files = {
        "__init__": "from . import _extension\n",
        "_extension/__init__": "import torch\ntorch.ops.load_library('lib/_torchaudio.so')\n",
        "_internal/__init__": "",
        "_internal/module_utils": (
            "def fail_with_message(message):\n"
            "    def decorator(function):\n"
            "        def refuse(*args): raise RuntimeError(function.__name__ + ' ' + message)\n"
            "        return refuse\n"
            "    return decorator\n"
        ),
        "functional": (
            "from torchaudio._extension import _IS_TORCHAUDIO_EXT_AVAILABLE, fail_if_no_align\n"
            "@fail_if_no_align\n"
            "def forced_align(): pass\n"
        ),
    }
    for name, text in files.items():
        path = tmp_path / "torchaudio" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    program = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nfrom torchaudio import functional as F\n"
    done = with_alias(program + "print(F._IS_TORCHAUDIO_EXT_AVAILABLE)\nF.forced_align()")
    assert done.stdout == "False\n", done.stderr
    assert "RuntimeError: forced_align needs kernels" in done.stderr


@pytest.mark.parametrize("kind", ["spawn", "forkserver", "fork"])
def test_processes_that_a_program_starts_have_the_alias(tmp_path: Path, kind: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import torch\n"
        "def show(x):\n"
        "    import torch\n"
        "    print(torch.__version__, x + torch.ones(1), flush=True)\n"
        "if __name__ == '__main__':\n"
        "    import torch.multiprocessing as mp\n"
        f"    process = mp.get_context({kind!r}).Process(target=show, args=(torch.ones(1),))\n"
        "    process.start(), process.join()\n"
    )
    done = python("-m", "spiraltorch_rs.run", str(script))
    assert done.stdout == "2.15.0+spiraltorch tensor([2.])\n", done.stderr


def test_modules_that_torch_has_imported_are_there() -> None:
    # `torch.serialization.add_safe_globals` is called without an import of `torch.serialization`.
    found = python(
        "-W",
        "ignore",
        "-c",
        "import torch, types\n"
        "def inside(module, path=''):\n"
        "    for name, value in list(vars(module).items()):\n"
        "        if isinstance(value, types.ModuleType) and value.__name__ == f'torch.{path}{name}':\n"
        "            yield path + name\n"
        "            if not path:\n"
        "                yield from inside(value, name + '.')\n"
        "print(*inside(torch))\n",
    )
    names = found.stdout.split()
    assert {"serialization", "utils.data"} <= set(names), found.stderr
    done = with_alias(
        "import importlib, operator, sys, torch\n"
        f"for name in {names}:\n"
        "    try: operator.attrgetter(name)(torch)\n"
        "    except AttributeError:\n"
        "        try: importlib.import_module('torch.' + name)\n"
        "        except ImportError: continue\n"
        "        print(name)\n"
    )
    assert (done.stdout, done.stderr) == ("", "")
