"""The operator table as the tests see it: rows by name, and sample calls drawn for a dtype and a layout."""

import functools
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from reference import FLOATS, laid_out, ours, pair
from samples import ELSEWHERE, SAMPLES, DType, Sample, T, call

import spiraltorch_rs as st

Row = dict[str, Any]
# The bits of a row's forms; a row without any is a part of other rows.
FORMS = {"function": 1, "method": 2, "inplace": 4, "out": 8, "functional": 16}
ROOMS = FORMS["function"] | FORMS["method"] | FORMS["functional"]
# Torch's functions that take no number as second operand, though ours do.
TENSORS_ONLY = set(
    "atan2 fmax fmin heaviside hypot logaddexp logaddexp2 logical_and logical_or logical_xor maximum"
    " minimum".split()
)
# Wider than a vector register of any dtype, and no multiple of one.
AUTOMATIC = [(5, 37)]


@functools.cache
def table() -> dict[str, list[Row]]:
    """The public rows by name; rows of one name are overloads.

    Rows that appear elsewhere than the first of their name are functions of their own: torch's own `batch_norm`
    takes its arguments in another order than that of `nn.functional`. They have the room after a `/`.
    """
    rows: dict[str, list[Row]] = {}
    for row in filter(lambda row: row["forms"], st._C._table()):
        name = row["name"]
        if name in rows and not rows[name][0]["forms"] & row["forms"] & ROOMS:
            name += "/" + next(
                room for room in ("functional", "function", "method") if row["forms"] & FORMS[room]
            )
        rows.setdefault(name, []).append(row)
    return rows


def bare(name: str) -> str:
    """The name without the room."""
    return name.partition("/")[0]


def names(tested: bool = True) -> list[str]:
    """Operators with samples, or those without."""
    return sorted(name for name in table() if bool(samples(name)) == tested)


def forms(name: str) -> set[str]:
    """Where an operator appears: function, method, inplace, out, functional."""
    return {form for row in table()[name] for form, bit in FORMS.items() if row["forms"] & bit}


def is_pointwise(name: str) -> bool:
    """Whether an operator is an expression over primitives."""
    return all(row["pointwise"] for row in table()[name])


def required(name: str) -> list[str]:
    """The kinds of the parameters that must be given."""
    signature = table()[name][0]["signature"]
    inside = signature[signature.index("(") + 1 : signature.rindex(")")]
    parameters = [word.strip() for word in re.split(r",(?![^\[(]*[\])])", inside)]
    return [
        p.partition(":")[2].strip() for p in parameters if ":" in p and "=" not in p and not p.endswith("?")
    ]


def samples(name: str) -> list[Sample]:
    """The table's samples, or tensors for every required parameter of a pointwise operator."""
    if name in ELSEWHERE or (bare(name) in ELSEWHERE and name not in SAMPLES):
        return []
    if name in SAMPLES:
        return SAMPLES[name]
    kinds = required(name)
    if not is_pointwise(name) or not set(kinds) <= {"Tensor", "Operand"}:
        return []
    made = [call(*(T(shape) for _ in kinds)) for shape in AUTOMATIC]
    if len(kinds) == 2:
        made += [call(T((5, 37)), T((37,))), call(T((3, 1)), T((1, 4)))]
    if len(kinds) > 1 and kinds[-1] == "Operand" and name not in TENSORS_ONLY:
        made.append(call(*(T((5, 37)) for _ in kinds[1:]), 2))
    return made


def reference(name: str) -> Callable[..., Any]:
    """Torch's function of the same meaning; its method where there is no such function."""
    found: Any = torch
    for part in table()[name][0]["torch"].split(".")[1:]:
        found = getattr(found, part, None)
    if isinstance(found, torch.dtype) or not callable(found):
        return getattr(torch.Tensor, bare(name))
    return found


def mine(name: str) -> Callable[..., Any]:
    """Our function: of the package, of nn.functional, or the method."""
    where, name = forms(name), bare(name)
    for namespace in ("fft", "linalg", "special"):
        if name.startswith(f"{namespace}_"):
            return getattr(getattr(st, namespace), name.removeprefix(f"{namespace}_"))
    if "function" in where:
        return getattr(st, name)
    if "functional" in where:
        return getattr(st.nn.functional, name)
    return lambda self, *args, **kwargs: getattr(self, name)(*args, **kwargs)


def draw(spec: T, dtype: str, domain: tuple[float, float], generator: torch.Generator) -> torch.Tensor:
    """A torch tensor as `spec` says."""
    low = domain[0] if spec.low is None else spec.low
    high = domain[1] if spec.high is None else spec.high
    kind = getattr(torch, spec.dtype or dtype)
    if spec.distinct:
        count = torch.Size(spec.shape).numel()
        return torch.randperm(count, generator=generator).reshape(spec.shape).to(kind)
    if kind == torch.bool:
        return torch.randint(0, 2, spec.shape, generator=generator).bool()
    if kind.is_floating_point:
        uniform = torch.rand(spec.shape, generator=generator, dtype=torch.float64)
        return (low + (high - low) * uniform).to(kind)
    # The integers of the domain; small, so that products stay in range.
    lowest, highest = max(-(-low // 1), 0 if kind == torch.uint8 else -9), min(high // 1, 9)
    lowest = min(lowest, highest)
    if spec.dtype is not None:
        lowest, highest = low, high
    return torch.randint(int(lowest), int(highest) + 1, spec.shape, generator=generator).to(kind)


class Case(NamedTuple):
    """A call in both libraries: what it is, the arguments, and the leaves that gradients reach."""

    what: str
    ours: tuple[tuple[Any, ...], dict[str, Any]]
    torch: tuple[tuple[Any, ...], dict[str, Any]]
    leaves: list[tuple[Any, torch.Tensor]]


def case(name: str, sample: Sample, dtype: str, layout: str, requires_grad: bool = False) -> Case:
    """Draws a sample's tensors, the same for both libraries and at every run."""
    generator = torch.Generator().manual_seed(zlib.crc32(f"{name}{sample}".encode()))
    domain = tuple(table()[name][0]["domain"])
    leaves: list[tuple[Any, torch.Tensor]] = []

    def tensors(spec: T) -> tuple[Any, torch.Tensor]:
        value = draw(spec, dtype, domain, generator)
        if spec.dtype is not None:
            return pair(value)
        base, views = laid_out(value, layout)
        leaf = requires_grad and dtype in FLOATS
        two = pair(base, leaf)
        if leaf:
            leaves.append(two)
        return views(two[0]), views(two[1])

    def both(argument: Any) -> tuple[Any, Any]:
        if isinstance(argument, T):
            return tensors(argument)
        if isinstance(argument, DType):
            return getattr(st, argument.name), getattr(torch, argument.name)
        if isinstance(argument, (list, tuple)) and any(isinstance(part, T) for part in argument):
            kind = type(argument)
            parts = [both(part) for part in argument]
            return kind(part[0] for part in parts), kind(part[1] for part in parts)
        return argument, argument

    args = [both(argument) for argument in sample.args]
    kwargs = {key: both(argument) for key, argument in sample.kwargs.items()}
    sides = [(tuple(a[side] for a in args), {k: v[side] for k, v in kwargs.items()}) for side in (0, 1)]
    return Case(f"{layout} {sample}", sides[0], sides[1], leaves)


def cases(name: str, dtype: str, layouts: tuple[str, ...], requires_grad: bool = False) -> Iterator[Case]:
    """Every sample of an operator in every layout."""
    for sample in samples(name):
        for layout in layouts:
            if layout == "expanded" and any(isinstance(arg, T) and arg.distinct for arg in sample.args):
                continue  # its rows would no longer be distinct
            yield case(name, sample, dtype, layout, requires_grad)


def as_ours(values: list[torch.Tensor]) -> list[Any]:
    """Copies of torch tensors as ours."""
    return [ours(value) for value in values]
