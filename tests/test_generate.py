"""The generator turns rows into the stub and the page, and `--check` notices when they are stale."""

import ast
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.cpu_only("no tensors")

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import generate  # noqa: E402
from generate import Operator, Param  # noqa: E402

INPUT = Param("input", "Tensor", False, None, False)
DIM = Param("dim", "int", False, None, False)
SIZES = Param("dims", "int[]", False, None, False)
OTHER = Param("other", "Operand", False, None, False)
ALPHA = Param("alpha", "Number", False, "1", True)
EVERY = ("function", "method", "inplace", "out")


def row(name: str, *params: Param, forms=EVERY, returns=(), result="Tensor") -> Operator:
    return Operator(name, "family", "Does it.", params, forms, returns, result, True, f"torch.{name}", "")


def heads(forms, *rows: Operator) -> list[str]:
    """The first lines of the definitions, decorators included."""
    text = "".join(generate.definitions(list(rows), forms))
    ast.parse(text)
    return [line for line in text.splitlines() if line.startswith(("def", "@"))]


def test_a_row_gives_its_forms():
    exp = row("exp", INPUT)
    out = "out: Tensor | None = None"
    assert heads(generate.functions, exp) == [
        f"def exp(input: Tensor, *, {out}) -> Tensor:",
        "def exp_(input: Tensor) -> Tensor:",
    ]
    assert heads(generate.methods, exp) == ["def exp(self) -> Tensor:", "def exp_(self) -> Tensor:"]
    assert heads(generate.methods, row("zeros", SIZES, forms=("function",))) == []


def test_rows_of_one_name_are_overloads():
    method = ("method",)
    largest = row("max", INPUT, DIM, forms=method, returns=("values", "indices"))
    assert heads(generate.methods, row("max", INPUT, forms=method), largest) == [
        "@overload",
        "def max(self) -> Tensor:",
        "@overload",
        "def max(self, dim: _int) -> _ValuesIndices:",
    ]
    assert "class _ValuesIndices(NamedTuple):\n" in list(generate.named_tuples([largest]))


def test_a_list_of_sizes_may_be_spelled_out():
    assert heads(generate.methods, row("permute", INPUT, SIZES, forms=("method",)))[1::2] == [
        "def permute(self, dims: _int | Sequence[_int]) -> Tensor:",
        "def permute(self, *dims: _int) -> Tensor:",
    ]


def test_the_receiver_of_a_method_is_input():
    condition = Param("condition", "Tensor", False, None, False)
    where = row("where", condition, INPUT, OTHER, forms=("method",))
    assert heads(generate.methods, where) == [
        "def where(self, condition: Tensor, other: Tensor | Number) -> Tensor:"
    ]


def test_the_page_marks_keywords():
    line = generate.page_row(row("add", INPUT, OTHER, ALPHA))
    assert line == "| `add(input, other, *, alpha=1)` | Does it. | fmio | yes | torch.add |  |"


def test_check_fails_on_stale_files(tmp_path, monkeypatch):
    template, page = tmp_path / "template.pyi", tmp_path / "page.md"
    template.write_text("# functions of the operator table\n")
    settings = {"ROOT": tmp_path, "STUBS": {tmp_path / "stub.pyi": template}, "PAGE": page}
    for name, value in settings.items():
        monkeypatch.setattr(generate, name, value)
    monkeypatch.setattr(generate, "read_table", lambda: [row("exp", INPUT)])
    monkeypatch.setattr(generate, "formatted", lambda text: text)
    monkeypatch.setattr(sys, "argv", ["generate.py"])
    generate.main()
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    generate.main()
    page.write_text("something else")
    with pytest.raises(SystemExit, match=r"stale: page\.md;"):
        generate.main()
    assert page.read_text() == "something else"
