"""The Python examples in the documents run: a page's ```python blocks, top to bottom, in one namespace."""

import re
from pathlib import Path

import pytest

import spiraltorch_rs as st

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
PAGES = [page for page in DOCUMENTS if BLOCK.search(page.read_text())]


@pytest.mark.skipif(not hasattr(st, "tensor"), reason="this build of the package has no tensors yet")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = page.read_text()
    namespace = {"__name__": "__main__"}
    for block in BLOCK.finditer(text):
        # Blank lines in front, so that a traceback shows the line of the page.
        padding = "\n" * text.count("\n", 0, block.start(1))
        exec(compile(padding + block.group(1), str(page), "exec"), namespace)
