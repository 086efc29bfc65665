"""Writes what follows from the operator table: the stubs of its functions and methods, and docs/operators.md.

The table stands in Rust (crates/st-core/src/ops); a small Rust program prints it as JSON, so that no wheel is
needed. What is not in the table is in the templates in tools/stubs. With `--check` nothing is written, and
the exit status says whether the files are what the table gives today.
"""

import argparse
import json
import keyword
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TABLE = "cargo run --quiet --locked --package st-core --example operator_table".split()
NAMESPACES = ("fft", "linalg", "special")
STUBS = {
    ROOT / "python/spiraltorch_rs/_C.pyi": ROOT / "tools/stubs/handwritten.pyi",
    ROOT / "python/spiraltorch_rs/nn/functional.pyi": ROOT / "tools/stubs/functional.pyi",
    **{ROOT / f"python/spiraltorch_rs/{name}.pyi": ROOT / f"tools/stubs/{name}.pyi" for name in NAMESPACES},
}
PAGE = ROOT / "docs/operators.md"

# How a stub spells what parameters take and rows give. An underscore marks names that operators have, too.
ANNOTATIONS = {
    "Tensor": "Tensor",
    "Operand": "Tensor | Number",
    "Tensor[]": "Sequence[Tensor]",
    "Number": "Number",
    "int": "_int",
    "int[]": "_int | Sequence[_int]",
    "int?[]": "_int | Sequence[_int | None] | None",
    "float[]": "_float | Sequence[_float]",
    "float": "_float",
    "bool": "_bool",
    "str": "_str",
    "dtype": "_dtype",
    "device": "DeviceLike",
    "Generator": "Generator",
}
RESULTS = {**ANNOTATIONS, "Tensor[]": "tuple[Tensor, ...]"}


@dataclass(frozen=True)
class Param:
    """A parameter of an operator."""

    name: str
    kind: str
    optional: bool
    default: str | None
    keyword_only: bool
    variadic: bool = False

    def annotated(self) -> str:
        """As the stub has it: `dim: _int = -1`."""
        name = f"{self.name}_" if keyword.iskeyword(self.name) else self.name
        if self.variadic:
            return f"*{name}: _int"
        annotation = ANNOTATIONS[self.kind] + (" | None" if self.optional else "")
        is_literal = self.kind not in ("dtype", "device") or self.default == "None"
        usual = "" if self.default is None else f" = {self.default if is_literal else '...'}"
        return f"{name}: {annotation}{usual}"

    def plain(self) -> str:
        """As the page has it: `dim=-1`."""
        return self.name if self.default is None else f"{self.name}={self.default}"


@dataclass(frozen=True)
class Operator:
    """A row of the operator table."""

    name: str
    family: str
    doc: str
    params: tuple[Param, ...]
    forms: tuple[str, ...]
    returns: tuple[str, ...]
    result: str
    differentiable: bool
    torch: str
    onnx: str
    alias_of: str = ""
    namespace: str = ""

    def result_annotation(self) -> str:
        """What the stub says the operator gives."""
        return tuple_name(self.returns) if self.returns else RESULTS[self.result]

    def without_receiver(self) -> tuple[Param, ...]:
        """The parameters of the method: the tensor it is called on is `input`, or else the first one."""
        tensors = [p for p in self.params if p.kind in ("Tensor", "Operand")]
        receiver = next((p for p in tensors if p.name == "input"), tensors[0])
        return tuple(p for p in self.params if p is not receiver)


def read_table() -> list[Operator]:
    """The rows, as the Rust program prints them: one JSON object a line."""
    printed = subprocess.run(TABLE, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [read_row(json.loads(line)) for line in printed.splitlines()]


def read_row(row: dict[str, Any]) -> Operator:
    """A row from its JSON."""
    params = tuple(Param(**param) for param in row.pop("params"))
    forms, returns = tuple(row.pop("forms")), tuple(row.pop("returns"))
    if row["namespace"]:
        forms = tuple(form for form in forms if form in ("function", "out"))
    return Operator(params=params, forms=forms, returns=returns, **row)


# ---- the stub ----


def tuple_name(fields: tuple[str, ...]) -> str:
    """The name of a result with named fields: `_ValuesIndices`."""
    return "_" + "".join(field.title().replace("_", "") for field in fields)


def named_tuples(rows: Iterable[Operator]) -> Iterator[str]:
    """The classes of results with named fields."""
    for fields in sorted({row.returns for row in rows if row.returns}):
        yield f"class {tuple_name(fields)}(NamedTuple):\n"
        yield from (f"    {field}: Tensor\n" for field in fields)


def spellings(params: tuple[Param, ...]) -> Iterator[tuple[Param, ...]]:
    """The parameters; once more with `*sizes` where a list of integers may be given as several arguments."""
    yield params
    positional = [p for p in params if not p.keyword_only]
    if len(positional) == 1 and positional[0].kind == "int[]":
        yield tuple(replace(p, variadic=True) if p is positional[0] else p for p in params)


def arguments(params: Iterable[Param], receiver: str = "", out: str = "") -> str:
    """What stands between the parentheses of a `def`."""
    words, starred = [receiver] if receiver else [], False
    for param in params:
        if param.keyword_only and not starred:
            words.append("*")
        starred |= param.keyword_only or param.variadic
        words.append(param.annotated())
    if out:
        words += [out] if starred else ["*", out]
    return ", ".join(words)


def quoted(doc: str) -> str:
    """A docstring, wrapped where its line would be too long."""
    return "\n".join(textwrap.wrap(f'"""{doc}"""', 100))


def out_argument(row: Operator) -> str:
    """The keyword `out`, where a row has it."""
    if "out" not in row.forms:
        return ""
    return f"out: {'tuple[Tensor, ...]' if row.returns else 'Tensor'} | None = None"


def functions(row: Operator) -> Iterator[tuple[str, str]]:
    """Names and heads of the functions a row gives."""
    out = out_argument(row)
    for params in spellings(row.params) if not row.namespace else ():
        if "function" in row.forms:
            yield row.name, f"({arguments(params, out=out)}) -> {row.result_annotation()}"
        if "inplace" in row.forms:
            yield f"{row.name}_", f"({arguments(params)}) -> Tensor"


def functionals(row: Operator) -> Iterator[tuple[str, str]]:
    """Names and heads of the functions of `nn.functional` a row gives."""
    if "functional" in row.forms:
        inplace = (Param("inplace", "bool", False, "False", False),) if "argument" in row.forms else ()
        yield row.name, f"({arguments(row.params + inplace)}) -> {row.result_annotation()}"
        if "inplace" in row.forms:
            yield f"{row.name}_", f"({arguments(row.params)}) -> Tensor"


def functions_of(namespace: str) -> Callable[[Operator], Iterator[tuple[str, str]]]:
    """Names and heads of the functions of a namespace: `linalg_inv` is `linalg.inv`."""

    def heads(row: Operator) -> Iterator[tuple[str, str]]:
        if row.namespace == namespace:
            name = row.name.removeprefix(f"{namespace}_")
            yield name, f"({arguments(row.params, out=out_argument(row))}) -> {row.result_annotation()}"

    return heads


def methods(row: Operator) -> Iterator[tuple[str, str]]:
    """Names and heads of the methods a row gives."""
    if not {"method", "inplace"} & set(row.forms):
        return
    for params in spellings(row.without_receiver()):
        if "method" in row.forms:
            yield row.name, f"({arguments(params, 'self')}) -> {row.result_annotation()}"
        if "inplace" in row.forms:
            yield f"{row.name}_", f"({arguments(params, 'self')}) -> Tensor"


def definitions(
    rows: list[Operator], forms: Callable[[Operator], Iterator[tuple[str, str]]]
) -> Iterator[str]:
    """The `def`s of one scope, rows of one name as overloads."""
    by_name: dict[str, dict[str, str]] = {}
    for row in rows:
        for name, head in forms(row):
            by_name.setdefault(name, {}).setdefault(head, row.doc)
    for name, heads in sorted(by_name.items()):
        for head, doc in heads.items():
            overload = "@overload\n" if len(heads) > 1 else ""
            yield f"{overload}def {name}{head}:\n{textwrap.indent(quoted(doc), '    ')}\n"


def stub(template: str, rows: list[Operator]) -> str:
    """The text of a stub: its template with the table's part put in at the marks."""
    parts = {
        "    # methods of the operator table\n": textwrap.indent("".join(definitions(rows, methods)), "    "),
        "# functions of the operator table\n": "".join(definitions(rows, functions)),
        "# results of the operator table\n": "".join(named_tuples(rows)),
        "# names of results\n": (
            "from spiraltorch_rs._C import "
            + ", ".join(sorted({tuple_name(row.returns) for row in rows if row.returns}))
            + "\n"
        ),
        "# functions of nn.functional\n": "".join(definitions(rows, functionals)),
        **{f"# functions of {name}\n": "".join(definitions(rows, functions_of(name))) for name in NAMESPACES},
    }
    for mark, part in parts.items():
        template = template.replace(mark, part)
    return formatted(template)


def formatted(text: str) -> str:
    """A stub without imports it does not need, as `ruff format` wants it."""
    for step in ("check --select F401,I001 --fix", "format"):
        ruff = [sys.executable, "-m", "ruff", *step.split(), "--quiet", "--stdin-filename", "stub.pyi", "-"]
        text = subprocess.run(
            ruff, cwd=ROOT, input=text, stdout=subprocess.PIPE, text=True, check=True
        ).stdout
    return text


# ---- the page ----

PAGE_HEAD = """\
# Operators

The rows of the operator table, `crates/st-core/src/ops/table`. `tools/generate.py` writes this page.
A row has these forms: **f** a function `st.name(x)`, **m** a method `x.name()`, **i** in place `x.name_()`,
**o** with `out=`, **F** in `st.nn.functional`.
"""
FORM_LETTERS = {"function": "f", "method": "m", "inplace": "i", "out": "o", "functional": "F"}


def page(rows: list[Operator]) -> str:
    """The text of docs/operators.md: a table for each family."""
    lines = [PAGE_HEAD]
    own = [row for row in rows if not row.alias_of]
    for family, members in groupby(own, lambda row: row.family):
        lines += [f"## {family.replace('_', ' ').capitalize()}", ""]
        lines += ["| operator | meaning | forms | gradient | torch | ONNX |", "|---|---|---|---|---|---|"]
        lines += [page_row(row) for row in sorted(members, key=lambda row: row.name)]
        lines.append("")
    lines += ["## Other names", "", "| name | operator |", "|---|---|"]
    lines += sorted({f"| `{row.name}` | `{row.alias_of}` |" for row in rows if row.alias_of})
    lines.append("")
    return "\n".join(lines)


def page_row(row: Operator) -> str:
    """A line of a table."""
    params = [p.plain() for p in row.params if not p.keyword_only]
    keywords = [p.plain() for p in row.params if p.keyword_only]
    signature = ", ".join(params + (["*", *keywords] if keywords else []))
    forms = "".join(letter for form, letter in FORM_LETTERS.items() if form in row.forms)
    cells = [
        f"`{row.name}({signature})`",
        row.doc,
        forms,
        "yes" if row.differentiable else "",
        row.torch,
        row.onnx,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


# ---- the command ----


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Write the stub and the page that follow from the operator table."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is stale")
    check = parser.parse_args().check
    rows = [row for row in read_table() if row.forms]
    texts = {path: stub(template.read_text(), rows) for path, template in STUBS.items()}
    stale = []
    for path, text in {**texts, PAGE: page(rows)}.items():
        if path.exists() and path.read_text() == text:
            continue
        stale.append(str(path.relative_to(ROOT)))
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if check and stale:
        sys.exit(f"stale: {', '.join(stale)}; the operator table gives others, run: python tools/generate.py")
    if stale:
        print(f"wrote {', '.join(stale)}")


if __name__ == "__main__":
    main()
