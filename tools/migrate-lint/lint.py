"""Says what to change in a program written for torch.

python tools/migrate-lint FILES         flags what is not here (errors) or is different (notes), with what to write
python tools/migrate-lint --write       writes the tables of docs/migration.md, which come from the same habits.toml
python tools/migrate-lint --check       fails if they are stale

FILES are files of Python, or folders of them. The exit status is 1 where there are errors.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import checker
import guide
import habits
import names


def sources(given: list[Path]) -> Iterator[Path]:
    """The files, and those in the folders."""
    for path in given:
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def lint(paths: list[Path], with_notes: bool) -> int:
    """Prints what was found; 1 where there are errors."""
    if importlib.util.find_spec(names.PACKAGE) is None:
        sys.exit(
            f"{names.PACKAGE} is not installed here: names are looked up in it (pip install spiraltorch-rs)"
        )
    rows = habits.read()
    errors = notes = 0
    for path in sources(paths):
        try:
            found = checker.check(path.read_text(), rows)
        except SyntaxError as error:
            found = [checker.Finding(error.lineno or 1, 0, "error", "not Python", str(error.msg))]
        for finding in found:
            is_error = finding.severity == "error"
            errors, notes = errors + is_error, notes + (not is_error)
            if is_error or with_notes:
                print(finding.text(str(path)))
    print(f"{errors} to change, {notes} to know; docs/migration.md has the whole table", file=sys.stderr)
    return int(errors > 0)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="migrate-lint", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, help="files or folders")
    parser.add_argument("--no-notes", action="store_true", help="errors only")
    parser.add_argument("--write", action="store_true", help="write the tables of docs/migration.md")
    parser.add_argument(
        "--check", action="store_true", help="fail if the tables of docs/migration.md are stale"
    )
    options = parser.parse_args()
    if options.write or options.check:
        text = guide.PAGE.read_text()
        fresh = guide.page(text, habits.read())
        if options.write:
            guide.PAGE.write_text(fresh)
        elif fresh != text:
            sys.exit(f"{guide.PAGE.name} is stale, run: python tools/migrate-lint --write")
        return 0
    if not options.files:
        parser.error("name files or folders")
    return lint(options.files, not options.no_notes)
