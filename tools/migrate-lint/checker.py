"""Reads a program and flags what is not here or is different, by the table of habits and by the package itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import names
from habits import Habit

PAGE = "docs/parity.md"
ROOTS = ("torch", names.PACKAGE)
DTYPES = """
bfloat16 bool byte double float float16 float32 float64 half int int8 int16 int32 int64 long short uint8
""".split()


@dataclass(frozen=True, order=True)
class Finding:
    """Something to change, or to know."""

    line: int
    column: int
    severity: str
    what: str
    remedy: str
    topic: str = ""

    def text(self, path: str) -> str:
        """As compilers say it."""
        where = f"{path}:{self.line}:{self.column + 1}"
        return f"{where}: {self.severity}: {self.what}: {self.remedy}" + (
            f" [{self.topic}]" * bool(self.topic)
        )


def check(source: str, habits: list[Habit]) -> list[Finding]:
    """What is to be changed or known in a program, from top to bottom."""
    checker = Checker(habits)
    checker.visit(ast.parse(source))
    return sorted(set(checker.findings))


class Checker(ast.NodeVisitor):
    """Follows the names that imports bind, and looks at every attribute and call."""

    def __init__(self, habits: list[Habit]) -> None:
        self.habits = habits
        self.findings: list[Finding] = []
        self.bound: dict[str, str] = {}
        self.guarded = False

    # ---- findings ----

    def flag(self, node: ast.AST, severity: str, what: str, remedy: str, topic: str = "") -> None:
        if self.guarded and severity == "error":
            severity, remedy = "note", f"{remedy} (the program seems to have another way)"
        self.findings.append(
            Finding(getattr(node, "lineno", 1), getattr(node, "col_offset", 0), severity, what, remedy, topic)
        )

    def flag_habit(self, node: ast.AST, what: str, habit: Habit) -> None:
        severity = "error" if habit.status == "missing" else "note"
        self.flag(node, severity, what, re.sub(r"\[(\S+)\]\(\1\)", r"docs/\1", habit.here), habit.topic)

    def look_up(self, node: ast.AST, dotted: str) -> None:
        """A name of torch's, written out in full."""
        habit = self.longest(dotted, "names") or self.longest(dotted, "imports")
        if habit:
            self.flag_habit(node, dotted, habit)
            return
        if not dotted.startswith("torch"):
            return
        _, missing = names.resolve(dotted)
        if missing:
            close = names.similar(missing)
            hint = f"did you mean {close}?" if close else f"{PAGE} lists what is there"
            self.flag(node, "error", missing, f"not in SpiralTorch; {hint}")

    def longest(self, dotted: str, kind: str) -> Habit | None:
        """The habit whose mark is the longest beginning of a name."""
        found = [
            (len(mark), habit)
            for habit in self.habits
            for mark in getattr(habit, kind)
            if f"{dotted}.".startswith(f"{mark}.")
        ]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    # ---- what names stand for ----

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            dotted = as_torch(alias.name)
            if dotted != "torch":
                self.look_up(node, dotted)
            top = alias.name.partition(".")[0]
            self.bind(alias.asname or top, dotted if alias.asname else as_torch(top))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level or not node.module:
            return
        module = as_torch(node.module)
        for alias in node.names:
            if alias.name == "*":
                self.look_up(node, module)
                continue
            dotted = f"{module}.{alias.name}"
            self.look_up(node, dotted)
            self.bind(alias.asname or alias.name, dotted)

    def bind(self, name: str, dotted: str) -> None:
        """A name stands for a part of torch from here on, or, bound to something else, no longer."""
        if dotted.partition(".")[0] == "torch":
            self.bound[name] = dotted
        else:
            self.bound.pop(name, None)

    @contextmanager
    def scope(self, arguments: ast.arguments | None) -> Iterator[None]:
        """A function: what it imports ends with it, and its arguments hide names."""
        outside = dict(self.bound)
        if arguments is not None:
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            for argument in [*every, arguments.vararg, arguments.kwarg]:
                if argument is not None:
                    self.bound.pop(argument.arg, None)
        try:
            yield
        finally:
            self.bound = outside

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for outer in (*node.decorator_list, node.args, *filter(None, [node.returns])):
            self.visit(outer)
        with self.scope(node.args):
            for statement in node.body:
                self.visit(statement)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        with self.scope(node.args):
            self.visit(node.body)

    def visit_Try(self, node: ast.Try) -> None:
        kinds = {n.id for h in node.handlers for n in ast.walk(h.type or h) if isinstance(n, ast.Name)}
        before = self.guarded
        self.guarded = before or bool(
            kinds & {"ImportError", "ModuleNotFoundError", "AttributeError", "Exception"}
        )
        for statement in node.body:
            self.visit(statement)
        self.guarded = before
        for part in (*node.handlers, *node.orelse, *node.finalbody):
            self.visit(part)

    def dotted(self, node: ast.expr) -> str:
        """`torch.a.b` for an expression that names a part of torch, else ''."""
        if isinstance(node, ast.Name):
            return self.bound.get(node.id, "")
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            return f"{base}.{node.attr}" if base else ""
        return ""

    # ---- what programs say ----

    def visit_Attribute(self, node: ast.Attribute) -> None:
        dotted = self.dotted(node)
        if dotted:
            self.look_up(node, dotted)
            return
        for habit in self.habits:
            if node.attr in habit.methods:
                self.flag_habit(node, f".{node.attr}", habit)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        dotted = self.dotted(node.func)
        given = {k.arg: k.value for k in node.keywords if k.arg}
        method = node.func.attr if isinstance(node.func, ast.Attribute) and not dotted else ""
        has_dtype = any(map(self.is_dtype, (*node.args, *given.values())))
        for habit in self.habits:
            for mark in habit.keywords:
                callee, _, argument = mark.partition(": ")
                name, _, value = argument.partition("=")
                if callee in ("*", dotted) and name in given and (not value or says(given[name], value)):
                    self.flag_habit(node, f"{dotted or 'call'}({argument})", habit)
            if has_dtype and method in habit.methods_with_dtype:
                self.flag_habit(node, f".{method}(dtype)", habit)
        if dotted and not self.longest(dotted, "names"):
            marked = {
                m.partition(": ")[2] for h in self.habits for m in h.keywords if m.startswith(f"{dotted}:")
            }
            for name in names.refused_keywords(dotted, [k for k in given if k not in marked]):
                self.flag(node, "error", f"{dotted}({name}=)", "this argument is not in SpiralTorch")
        self.generic_visit(node)

    def is_dtype(self, node: ast.expr) -> bool:
        """Whether an expression names a dtype of torch's."""
        module, _, name = self.dotted(node).rpartition(".")
        return module == "torch" and name in DTYPES


def says(node: ast.expr, literal: str) -> bool:
    """Whether an expression is a literal."""
    return ast.unparse(node) == ast.unparse(ast.parse(literal, mode="eval").body)


def as_torch(dotted: str) -> str:
    """A module's name with `torch` in the place of ours."""
    top, dot, rest = dotted.partition(".")
    return f"torch{dot}{rest}" if top in ROOTS else dotted
