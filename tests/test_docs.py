"""The examples in documents and docstrings run.

A page's ```python blocks run top to bottom, in one namespace.
"""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("the examples in pages and docstrings are written for it")

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
MODULES = ["spiraltorch_rs", *(m.name for m in pkgutil.walk_packages(st.__path__, "spiraltorch_rs."))]
PAGES = [page for page in DOCUMENTS if BLOCK.search(page.read_text())]
# What changes `import torch` cannot be tried where torch is imported.
ALONE = ("spiraltorch_rs._alias",)
# What cannot be imported without another package.
NEEDS = {"spiraltorch_rs.utils.tensorboard": "tensorboard"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = page.read_text()
    namespace = {"__name__": "__main__"}
    for block in BLOCK.finditer(text):
        # Blank lines in front, so that a traceback shows the line of the page.
        padding = "\n" * text.count("\n", 0, block.start(1))
        exec(compile(padding + block.group(1), str(page), "exec"), namespace)


@pytest.mark.parametrize("name", [name for name in MODULES if name != "spiraltorch_rs._C"])
def test_docstring_examples(name):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    if name in ALONE:
        program = f"import doctest, importlib; print(doctest.testmod(importlib.import_module({name!r})))"
        printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert "failed=0" in printed.stdout
        return
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0
