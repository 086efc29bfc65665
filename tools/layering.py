"""Holds the arrows of ARCHITECTURE.md, the file size limit and the lines-of-code budget; prints the table.

Data flows one way (Python -> core -> kernels -> devices), so a crate may know only what stands to its right.
Run by `make lint`; tests/test_layering.py checks that each rule bites. Needs the standard library only.
"""

import argparse
import ast
import io
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINE_LIMIT = 800
SOURCE_ROOTS = ("crates", "bindings", "python", "tests", "tools", "examples")
SOURCE_SUFFIXES = {".rs", ".py", ".pyi", ".wgsl", ".cu", ".metal", ".c", ".h", ".go", ".js", ".ts", ".sh"}

# What a reference to one of our crates, or to pyo3, looks like in Rust.
REFERENCE = re.compile(r"\b(st_\w+|pyo3)(?=::|\s*[;{]|\s+as\b)")

# Operators share these with what a backend is asked for: primitives (exp), node kinds (matmul), plain words.
SHARED_NAMES = set(
    """
    abs add and attention ceil const conv convolution cos custom div eq erf exp exp2 floor fold gather lgamma load log
    log2 lt matmul max min mod mul ne neg not or pointwise pow random reciprocal reduce rem round scan scatter select
    shl shr sign sin sort sqrt sub tan tanh trunc view where xor
    bool byte char double float half int long normal pad repeat short split take tile to
    """.split()
)
# The beginning of a table row: `relu(input) {`, `power "pow" (input, other) {`, `"mm" "(input: Tensor)"`.
ROW = re.compile(
    r"""^\ {4}(?: "(\w+)"\s+["A-Z] | \w+\ "(\w+)"\ \( | (\w+)\([^"()]*\)\ \{ )""", re.MULTILINE | re.VERBOSE
)


def may_import(crate: str, target: str) -> bool:
    """Whether `crate` may depend on our crate `target`."""
    if crate == "st-kernel":
        return False
    if crate.startswith("st-backend-"):
        return target == "st-kernel"
    if crate in ("st-emulator", "st-host"):
        return target in ("st-kernel", "st-backend-cpu")
    if crate == "st-core":
        return target in ("st-kernel", "st-host") or target.startswith("st-backend-")
    return target not in ("st-kernel", "st-host") and not target.startswith("st-backend-")


def crates(root: Path) -> dict[str, Path]:
    """Our crates by name, wherever their Cargo.toml stands."""
    manifests = [*root.glob("crates/*/Cargo.toml"), *root.glob("bindings/*/Cargo.toml")]
    return {tomllib.loads(m.read_text())["package"]["name"]: m.parent for m in sorted(manifests)}


def dependencies(manifest: dict[str, object]) -> Iterator[str]:
    """Every crate a manifest names: normal, build and dev dependencies, those of single targets too."""
    for key, table in manifest.items():
        if key in ("dependencies", "build-dependencies", "dev-dependencies") and isinstance(table, dict):
            for name, spec in table.items():
                yield str(spec.get("package", name)) if isinstance(spec, dict) else name
        elif key == "target" and isinstance(table, dict):
            for per_target in table.values():
                yield from dependencies(per_target)


def is_binding(crate_dir: Path) -> bool:
    """Whether a crate is a language binding."""
    return crate_dir.parent.name == "bindings"


def arrow_violations(root: Path) -> Iterator[str]:
    """Dependencies and paths in the code that point to the left, and pyo3 outside the bindings."""
    ours = crates(root)
    for crate, folder in ours.items():
        named = dict.fromkeys(dependencies(tomllib.loads((folder / "Cargo.toml").read_text())), "Cargo.toml")
        for file in sorted(folder.rglob("*.rs")):
            for used in REFERENCE.findall(strip_comments(file.read_text())):
                named.setdefault(used.replace("_", "-"), str(file.relative_to(root)))
        for target, place in named.items():
            known = target in ours and target != crate
            if known and (is_binding(ours[target]) or not may_import(crate, target)):
                yield f"{crate} may not use {target} ({place})"
            if target == "pyo3" and not is_binding(folder):
                yield f"{crate} may not use pyo3: only bindings may ({place})"


def strip_comments(text: str) -> str:
    """Rust text without its line comments."""
    return re.sub(r"//.*", "", text)


def operator_names(root: Path) -> set[str]:
    """The operators a backend must not know: rows of the table whose names stand for nothing else."""
    rows = "".join(file.read_text() for file in sorted(root.glob("crates/st-core/src/ops/table/*.rs")))
    return {next(filter(None, names)) for names in ROW.findall(rows)} - SHARED_NAMES


def backend_violations(root: Path) -> Iterator[str]:
    """Files of a backend that are named after an operator."""
    names = operator_names(root)
    for crate, folder in crates(root).items():
        if crate.startswith("st-backend-"):
            for file in sorted((folder / "src").rglob("*")):
                if file.stem in names:
                    yield f"{file.relative_to(root)}: a backend knows no operators, name it for what it does"


def source_files(root: Path) -> Iterator[Path]:
    """Every file people read and write, outputs left out."""
    for folder in SOURCE_ROOTS:
        for file in sorted((root / folder).rglob("*")):
            # What a build or the renderer wrote nobody reads top to bottom.
            is_output = not {"target", "snapshots"}.isdisjoint(file.relative_to(root).parts)
            if file.suffix in SOURCE_SUFFIXES and file.is_file() and not is_output:
                yield file


def size_violations(root: Path, excused: dict[str, str]) -> Iterator[str]:
    """Files over the limit without a reason, and reasons that are no longer needed."""
    long = set()
    for file in source_files(root):
        lines = len(file.read_text().splitlines())
        if lines > LINE_LIMIT:
            name = file.relative_to(root).as_posix()
            long.add(name)
            if not excused.get(name, "").strip():
                yield f"{name}: {lines} lines, the limit is {LINE_LIMIT}; split it, or give tables a reason"
    for name in sorted(set(excused) - long):
        yield f"{name}: listed as a long file but is not one; drop the entry"


def rust_code_lines(text: str) -> int:
    """Lines of code without blanks, comments and `#[cfg(test)]` modules."""
    # rustfmt closes a module at the indent where it opened, so no parser is needed.
    count, skip_until = 0, None
    lines = iter(strip_comments(text).splitlines())
    for line in lines:
        if skip_until is not None:
            skip_until = None if line.rstrip() == skip_until else skip_until
        elif line.strip() == "#[cfg(test)]":
            following = next(lines, "")
            if following.rstrip().endswith("{"):
                skip_until = following[: len(following) - len(following.lstrip())] + "}"
        elif line.strip():
            count += 1
    return count


def python_code_lines(text: str) -> int:
    """Lines that hold a token of code: no blanks, comments or docstrings."""
    documentation: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                documentation.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.string.strip() and token.type != tokenize.COMMENT:
            code.update(range(token.start[0], token.end[0] + 1))
    return len(code - documentation)


def code_lines(root: Path) -> dict[str, int]:
    """Lines of code of each crate and of the Python package."""
    counted = {
        folder.relative_to(root).as_posix() if is_binding(folder) else crate: sum(
            rust_code_lines(file.read_text()) for file in (folder / "src").rglob("*.rs")
        )
        for crate, folder in crates(root).items()
    }
    counted["python"] = sum(python_code_lines(file.read_text()) for file in (root / "python").rglob("*.py"))
    return counted


def budget_violations(counted: dict[str, int], budget: dict[str, int]) -> Iterator[str]:
    """Rooms over their budget, without one, or budgets without a room."""
    for room, lines in counted.items():
        if room not in budget:
            yield f"{room} has no budget in tools/loc_budget.toml"
        elif lines > budget[room]:
            yield f"{room}: {lines} lines of code, the budget is {budget[room]} (tools/loc_budget.toml)"
    for room in sorted(set(budget) - set(counted)):
        yield f"{room} has a budget but does not exist"


def table(counted: dict[str, int], budget: dict[str, int]) -> str:
    """Lines of code against the budget, one room a line."""
    rows = [f"{'lines of code':<18}{'used':>9}{'budget':>9}"]
    for room, used in [*counted.items(), ("all", sum(counted.values()))]:
        limit = budget.get(room, sum(budget.values()))
        rows.append(f"{room:<18}{used:>9,}{limit:>9,}")
    return "\n".join(rows)


def main() -> int:
    """Print the table and every violation; 1 when there is one."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    config = tomllib.loads((ROOT / "tools/loc_budget.toml").read_text())
    counted = code_lines(ROOT)
    print(table(counted, config["budget"]))
    violations = [
        *arrow_violations(ROOT),
        *backend_violations(ROOT),
        *size_violations(ROOT, config["long-files"]),
        *budget_violations(counted, config["budget"]),
    ]
    for violation in violations:
        print(f"error: {violation}", file=sys.stderr)
    return bool(violations)


if __name__ == "__main__":
    sys.exit(main())
