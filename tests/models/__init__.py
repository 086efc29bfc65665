"""Models as people write them for torch, small. `load` runs a file with torch, or with its imports changed to ours.

A file gives `build()`, a model; `inputs(draw)`, a batch as numpy arrays; `loss(model, **batch)`, a number and the
outputs it came from. It may give `extras(model, **batch)`, what else the model is used for, as generating or sampling,
and `SINGLE`, what of it is single precision always.
"""

import re
from functools import cache
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parent
NAMES = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))


def with_imports_of(library: str, source: str) -> str:
    """A program for torch as a program for another library: what its user would change."""
    source = re.sub(r"^( *)import torch$", rf"\1import {library} as torch", source, flags=re.MULTILINE)
    return re.sub(r"^( *)(import|from) torch(?=[. ])", rf"\1\2 {library}", source, flags=re.MULTILINE)


@cache
def load(name: str, library: str) -> ModuleType:
    """The model's file, for `torch` or `spiraltorch_rs`."""
    path = FOLDER / f"{name}.py"
    module = ModuleType(f"{library}_{name}", f"{name}, for {library}.")
    exec(compile(with_imports_of(library, path.read_text()), str(path), "exec"), module.__dict__)
    return module
