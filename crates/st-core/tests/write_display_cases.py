"""Writes display_cases.txt: tensors and what torch prints for them; tests/display.rs reads the file.

A case is a line `dtype sizes options tape : elements` (the elements repeat until the tensor is full), torch's
text, and `---`. A number as argument asks for so many random cases, for a closer look than the committed one.
"""

import math
import random
import sys
from pathlib import Path

import torch

FLOATS = ["float16", "bfloat16", "float32", "float64"]
INTEGERS = ["uint8", "int8", "int16", "int32", "int64"]
SPECIAL = [0.0, -0.0, math.inf, -math.inf, math.nan]
SHAPES = [(), (1,), (5,), (40,), (2, 3), (3, 1, 2), (0,), (0, 3), (2, 0, 1), (1, 1, 1, 2), (4, 30), (2, 40)]
LARGE = [(1001,), (40, 40), (3, 400), (2, 7, 100), (8, 6, 7, 5), (500, 3), (9, 9, 9, 2, 1)]
OPTIONS = (
    ["precision=4"] * 3
    + """
    precision=2 precision=0 precision=8 sci_mode=True sci_mode=False edgeitems=1 edgeitems=2 edgeitems=0
    threshold=5 threshold=inf linewidth=40 linewidth=5 linewidth=200
    threshold=3,edgeitems=1,precision=1 threshold=0,edgeitems=0 edgeitems=5,linewidth=120
""".split()
)


def elements(dtype: str, count: int) -> list[float]:
    """Numbers of one character: whole, ordinary, of one magnitude, of many, or special ones between them."""
    if dtype == "bool":
        return [random.randrange(2) for _ in range(count)]
    if dtype in INTEGERS:
        info = torch.iinfo(getattr(torch, dtype))
        reach = random.choice([9, 100, 10**6, 2**63 - 1])
        return [random.randint(max(info.min, -reach), min(info.max, reach)) for _ in range(count)]
    scale = 10.0 ** random.randint(-12, 12)
    numbers = {
        "whole": lambda: float(random.randint(-20, 20)),
        "large whole": lambda: float(random.randint(-(10**9), 10**9)),
        "ordinary": lambda: random.gauss(0, 1),
        "scaled": lambda: random.gauss(0, 1) * scale,
        "many magnitudes": lambda: random.gauss(0, 1) * 10.0 ** random.randint(-40, 38),
        "ties": lambda: random.randint(-99, 99) / 32,
        "special": lambda: random.choice(SPECIAL),
    }
    make = numbers[random.choice(list(numbers))]
    specials = random.choice([0, 0, 0.3, 0.9])
    return [random.choice(SPECIAL) if random.random() < specials else make() for _ in range(count)]


def parse(options: str) -> dict[str, object]:
    """`precision=2,sci_mode=True` as keywords of set_printoptions."""
    value = {"True": True, "False": False, "inf": math.inf}
    pairs = [option.split("=") for option in options.split(",")]
    return {name: value[text] if text in value else int(text) for name, text in pairs}


def case(dtype: str, shape: tuple[int, ...], options: str) -> str:
    """One case as the file has it."""
    numbers = elements(dtype, min(max(math.prod(shape), 1), 12))
    numbers = torch.tensor(numbers, dtype=getattr(torch, dtype)).tolist()
    full = torch.tensor(numbers * (math.prod(shape) // len(numbers) + 1), dtype=getattr(torch, dtype))
    tensor = full[: math.prod(shape)].reshape(shape)
    tape = "requires_grad=True" if dtype in FLOATS and random.random() < 0.3 else "-"
    tensor.requires_grad_(tape != "-")
    torch.set_printoptions(profile="default")
    torch.set_printoptions(**parse(options))
    sizes = ",".join(map(str, shape)) or "scalar"
    spelled = " ".join(map(repr, map(float if dtype in FLOATS else int, numbers)))
    return f"{dtype} {sizes} {options} {tape} : {spelled}\n{tensor!r}\n---\n"


def main() -> None:
    random.seed(0)
    cases = [case("float32", shape, "precision=4") for shape in SHAPES]
    cases += [case(dtype, (2, 3), "precision=4") for dtype in ["bool", *INTEGERS, *FLOATS]]
    cases += [case(random.choice(FLOATS), shape, "precision=4") for shape in LARGE]
    for _ in range(40 if len(sys.argv) < 2 else int(sys.argv[1])):
        dtype = random.choice(["bool", *INTEGERS, *FLOATS, *FLOATS])
        cases.append(case(dtype, random.choice(SHAPES * 2 + LARGE), random.choice(OPTIONS)))
    Path(__file__).with_name("display_cases.txt").write_text("".join(cases))


if __name__ == "__main__":
    main()
