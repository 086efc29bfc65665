"""The type stub names what the extension module has, no more and no less."""

import ast
from pathlib import Path

import pytest

from spiraltorch_rs import _C

pytestmark = pytest.mark.cpu_only("no tensors")

TREE = ast.parse((Path(__file__).resolve().parent.parent / "python/spiraltorch_rs/_C.pyi").read_text())
CLASSES = {node.name: node for node in TREE.body if isinstance(node, ast.ClassDef)}


def defined(body: list[ast.stmt]) -> set[str]:
    """The functions, classes and variables of a module or class, type aliases left out."""
    names = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            is_alias = isinstance(node.annotation, ast.Name) and node.annotation.id == "TypeAlias"
            names |= set() if is_alias else {node.target.id}
    return names


def is_named_tuple(name: str) -> bool:
    """Whether a class of the stub only describes a result."""
    return name in CLASSES and any(
        isinstance(b, ast.Name) and b.id == "NamedTuple" for b in CLASSES[name].bases
    )


def test_the_module():
    stub = {name for name in defined(TREE.body) if not is_named_tuple(name)}
    real = {name for name in vars(_C) if not name.startswith("__") or name == "__version__"}
    assert sorted(stub - real) == []
    assert sorted(real - stub) == []


@pytest.mark.parametrize("name", [name for name in CLASSES if not is_named_tuple(name)])
def test_a_class(name):
    stub = {member for member in defined(CLASSES[name].body) if not member.startswith("__")}
    real = {member for member in vars(getattr(_C, name)) if not member.startswith("__")}
    assert sorted(stub - real) == []
    assert sorted(real - stub) == []
