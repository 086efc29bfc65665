"""Checks one operator with one dtype: torch's own samples, called in both libraries.

Aspects: `forward`, `reference` (the same with torch's further samples), `backward`, `double` (the gradient's gradient),
`method`, `inplace`, `out`, `errors` (calls that torch refuses), `refused` (dtypes that torch has not). An aspect that
torch does not have is left out.
"""

from __future__ import annotations

import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.testing._internal.common_device_type import tol
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.opinfo.core import BinaryUfuncInfo, DecorateInfo, UnaryUfuncInfo

import spiraltorch_rs as st

from . import carry
from .carry import Different, Measure, Missing, Tolerance, map_tensors, our_argument, tensors_in

# Gradients are sums of products of what the forward pass rounded.
SCALES = {"backward": 4.0, "double": 16.0}
# Wrappers of torch's test suite, kernels without a public name, and layouts that docs/parity.md excludes.
SKIPPED = ("jiterator", "to_sparse", "sparse.", "ops.", "_", "chalf")
# Torch counts up to 9 in steps of one from wherever the argument is: for -1e30 it never gets there.
ENDLESS = ("polygamma", "special.polygamma", "special.zeta")
# What stands in a tensor nobody wrote to is open.
UNSET = ("empty", "resize")


@dataclass
class Aspect:
    """What was seen of one aspect: calls that agreed, calls, the largest error, the first disagreements."""

    good: int = 0
    calls: int = 0
    error: float = 0.0
    notes: list[str] = field(default_factory=list)

    def add(self, error: float | None, note: str = "") -> None:
        """One call's outcome: its error, or None and why it is wrong."""
        self.calls += 1
        if error is None:
            if len(self.notes) < 6:
                self.notes.append(note)
        else:
            self.good += 1
            self.error = max(self.error, error)


def label(op: Any) -> str:
    """`std.unbiased`: an operator's name and the variant of its samples."""
    return f"{op.name}[{op.variant_test_name}]" if op.variant_test_name else str(op.name)


def operators() -> dict[str, Any]:
    """Torch's descriptions of operators that are ours to have, by label."""
    skipped = (op for op in op_db if not op.name.startswith("__") and op.name.startswith(SKIPPED))
    names = {id(op) for op in skipped}
    return {label(op): op for op in op_db if id(op) not in names}


def dtypes(op: Any, complex_too: bool = False) -> list[str]:
    """The dtypes it is checked with; those torch refuses, too."""
    supported = op.supported_dtypes("cpu")
    return carry.DTYPES + [
        name for name in carry.COMPLEX if complex_too and getattr(torch, name) in supported
    ]


def lookup(root: Any, dotted: str) -> Any:
    """`root.linalg.inv`, or None."""
    for part in dotted.split("."):
        root = getattr(root, part, None)
    return root


def rebound(function: Callable[..., Any]) -> Callable[..., Any]:
    """A Python function of torch's test suite that calls us where it calls torch."""
    code = function.__code__
    names = {"torch": st, "np": __import__("numpy"), "F": lookup(st, "nn.functional")}
    scope = {**function.__globals__, **{k: v for k, v in names.items() if k in function.__globals__}}
    return types.FunctionType(code, scope, None, function.__defaults__, function.__closure__)


def unseeded(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of torch's test suite without the seed that it sets before each call."""
    if not isinstance(function, types.FunctionType) or "wrapper_set_seed" not in function.__code__.co_names:
        return function
    scope = {**function.__globals__, "wrapper_set_seed": lambda op, *args, **kwargs: op(*args, **kwargs)}
    return types.FunctionType(function.__code__, scope, None, function.__defaults__, function.__closure__)


def sorted_stably(input: torch.Tensor, dim: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """Ours is always stable."""
    return torch.sort(input, dim=dim, descending=descending, stable=True)


def smallest(input: torch.Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """`torch.kthvalue` itself on the CPU; on GPUs ours takes the first of equal values."""
    if carry.ON[0] == "cpu":
        return torch.kthvalue(input, k, dim, keepdim)
    found = sorted_stably(input, dim) if input.dim() else (input, torch.zeros((), dtype=torch.long))
    if not input.dim():
        return found
    chosen = tuple(part.narrow(dim, k - 1, 1) for part in found)
    return chosen if keepdim else tuple(part.squeeze(dim) for part in chosen)


def largest(input: torch.Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """`torch.topk` that takes the first of equal values."""
    if not input.dim():
        return torch.topk(input, k)
    return tuple(part.narrow(dim, 0, k) for part in sorted_stably(input, dim, largest))


def commonest(input: torch.Tensor, dim: int = -1, keepdim: bool = False) -> Any:
    """`torch.mode` with the last of equal values, as torch's sort leaves them in short rows."""
    values, indices = torch.mode(input, dim, keepdim=True)
    if not input.dim():
        return values, indices
    shape = [1] * input.dim()
    shape[dim] = -1
    places = torch.arange(input.shape[dim]).reshape(shape).expand(input.shape)
    same = (input == values) | ((input != input) & (values != values))
    found = values, places.masked_fill(~same, -1).amax(dim, keepdim=True)
    return found if keepdim else tuple(part.squeeze(dim) for part in found)


# Torch leaves open which of equal values comes first; these say it.
STABLE: dict[str, Callable[..., Any]] = {
    "sort": sorted_stably,
    "argsort": lambda *args, **kwargs: sorted_stably(*args, **kwargs)[1],
    "msort": lambda input: sorted_stably(input, 0)[0],
    "kthvalue": smallest,
    "topk": largest,
    "mode": commonest,
}


def our_function(op: Any) -> Callable[..., Any] | None:
    """Our function for torch's; None if there is none."""
    name = op.name
    if name.startswith("__"):
        return getattr(st.Tensor, name, None)
    found = lookup(st, name)
    if lookup(torch, name) is op.op:
        return found if callable(found) else None
    bare = name.rpartition(".")[2]
    if found is None and not any(hasattr(st.Tensor, method) for method in (bare, bare + "_")):
        return None
    if isinstance(op.op, types.MethodDescriptorType):
        return getattr(st.Tensor, name, None)
    return rebound(op.op) if isinstance(op.op, types.FunctionType) else found


def tolerances(op: Any) -> dict[torch.dtype, Tolerance]:
    """The usual tolerances, or what torch's tests allow this operator."""
    allowed = dict(carry.TOLERANCES)
    for info in op.decorators:
        if not isinstance(info, DecorateInfo):
            continue
        for decorator in info.decorators:
            for dtype, tolerance in getattr(decorator, "d", {}).items():
                if dtype in allowed and isinstance(tolerance, tol) and info.device_type in (None, "cpu"):
                    relative, absolute = allowed[dtype]
                    allowed[dtype] = (max(relative, tolerance.rtol), max(absolute, tolerance.atol))
    return allowed


@dataclass
class Call:
    """A call's arguments in a library."""

    input: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def apply(self, function: Callable[..., Any]) -> Any:
        return function(self.input, *self.args, **self.kwargs)

    def parts(self) -> Any:
        return [self.input, self.args, self.kwargs]


def copied(tensor: torch.Tensor) -> torch.Tensor:
    """A copy in the same layout."""
    if tensor.numel() == 0 or tensor.layout != torch.strided:
        return tensor.detach().clone()
    whole = tensor.detach().as_strided((carry.storage_size(tensor),), (1,), 0).clone()
    return whole.as_strided(tensor.shape, tensor.stride(), tensor.storage_offset())


def torch_call(sample: Any) -> Call:
    """The sample's call, with leaves of its own where it asks for gradients."""
    memo: dict[int, torch.Tensor] = {}

    def fresh(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in memo:
            memo[id(tensor)] = copied(tensor).requires_grad_(tensor.requires_grad)
        return memo[id(tensor)]

    return Call(*map_tensors([sample.input, sample.args, sample.kwargs], fresh))


def our_call(call: Call) -> Call:
    """The same call for us."""
    return Call(*our_argument(call.parts(), {}))


def wide_call(call: Call, integers: torch.dtype | None = None) -> Call:
    """The same call in the next wider types; those of `integers`, which torch makes singles of, in doubles."""
    memo: dict[int, torch.Tensor] = {}
    wider = dict(carry.WIDER)
    if integers is not None and integers not in wider:
        wider[integers] = torch.float64

    def widened(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in memo:
            wide = tensor.detach().to(wider.get(tensor.dtype, tensor.dtype))
            memo[id(tensor)] = wide.requires_grad_(tensor.requires_grad)
        return memo[id(tensor)]

    def kind(value: Any) -> Any:
        return carry.WIDER.get(value, value) if isinstance(value, torch.dtype) else value

    args, kwargs = tuple(map(kind, call.args)), {k: kind(v) for k, v in call.kwargs.items()}
    return Call(*map_tensors([call.input, args, kwargs], widened))


def quietly(function: Callable[[], Any]) -> Any:
    """The result of a call of torch's, or None."""
    try:
        return function()
    except Exception:
        return None


def said(error: BaseException) -> str:
    """An exception in a line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:300]


class Checker:
    """One operator, one dtype."""

    def __init__(
        self, op: Any, dtype: str, limit: int, progress: Callable[[str], None], references: bool = True
    ) -> None:
        self.references = references
        self.op, self.dtype, self.limit = op, getattr(torch, dtype), limit
        self.progress = progress
        floating = self.dtype.is_floating_point or self.dtype.is_complex or self.dtype == torch.bool
        self.integers = None if floating else self.dtype
        self.ours = our_function(op)
        self.theirs: Callable[..., Any] = STABLE.get(op.name, op.op)
        pointwise = isinstance(op, (UnaryUfuncInfo, BinaryUfuncInfo))
        self.measure = Measure(tolerances(op), sums=not pointwise)
        # The gradient of what was broadcast is a sum.
        self.gradient_measure = Measure(tolerances(op), sums=True)
        self.aspects: dict[str, Aspect] = {}
        self.random = False

    def run(self) -> dict[str, Aspect]:
        """All aspects."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.check_all()
        return self.aspects

    def check_all(self) -> None:
        """Every aspect that torch has."""
        if self.dtype not in self.op.supported_dtypes("cpu"):
            for number, sample in enumerate(self.samples_of_another_dtype()):
                self.progress(f"refused {number}: {sample.summary()[:200]}")
                self.check_error(sample, "refused")
            return
        # These samples take gradients where torch has them.
        differentiable = self.dtype in self.op.supported_backward_dtypes("cpu") and self.op.supports_autograd
        for number, sample in enumerate(self.samples(differentiable)):
            self.progress(f"sample {number}: {sample.summary()[:200]}")
            self.check(sample, differentiable)
        for number, sample in enumerate(self.reference_inputs()):
            self.progress(f"reference {number}: {sample.summary()[:200]}")
            self.check_reference(sample)
        if self.dtype in (torch.float32, torch.int64, torch.bool):
            for number, wrong in enumerate(self.error_inputs()):
                self.progress(f"error {number}: {wrong.sample_input.summary()[:200]}")
                self.check_error(wrong.sample_input)

    def samples(self, requires_grad: bool) -> Iterator[Any]:
        """At most so many of torch's samples, spread evenly; the second half in odd layouts where that matters."""
        torch.manual_seed(0)
        drawn = quietly(lambda: list(self.op.sample_inputs("cpu", self.dtype, requires_grad=requires_grad)))
        drawn = drawn or []
        step = max(1.0, len(drawn) / self.limit)
        chosen = [drawn[int(i * step)] for i in range(min(self.limit, len(drawn)))]
        yield from chosen
        if self.op.name.startswith(("view", "as_strided", "resize")):
            return
        for sample in chosen[: max(2, self.limit // 4)]:
            moved = quietly(sample.noncontiguous)
            if moved is not None:
                yield moved

    def samples_of_another_dtype(self) -> Iterator[Any]:
        """Samples of a dtype that torch has, in this one, which it has not."""
        kind = next(
            (k for k in (torch.float32, torch.int64, torch.bool) if k in self.op.supported_dtypes("cpu")),
            None,
        )
        torch.manual_seed(0)
        drawn = quietly(lambda: list(self.op.sample_inputs("cpu", kind))) or []

        def changed(tensor: torch.Tensor) -> torch.Tensor:
            return tensor.to(self.dtype) if tensor.dtype == kind else tensor

        for sample in drawn[:2]:
            sample.input, sample.args, sample.kwargs = map_tensors(
                [sample.input, sample.args, sample.kwargs], changed
            )
            yield sample

    def reference_inputs(self) -> Iterator[Any]:
        """Torch's further samples: odd layouts, large, small and special values, more shapes. Values only."""
        if self.op.reference_inputs_func is None or not self.references or self.op.name in ENDLESS:
            return
        torch.manual_seed(0)
        drawn = quietly(lambda: list(self.op.reference_inputs("cpu", self.dtype))) or []
        step = max(1.0, len(drawn) / (2 * self.limit))
        yield from (drawn[int(i * step)] for i in range(min(2 * self.limit, len(drawn))))

    def check_reference(self, sample: Any) -> None:
        """The result alone."""
        theirs = torch_call(sample)
        expected = quietly(lambda: theirs.apply(self.theirs))
        if expected is None:
            return

        def wider() -> Any:
            return quietly(lambda: wide_call(theirs, self.integers).apply(self.theirs))

        def reference() -> float:
            assert self.ours is not None
            actual = our_call(theirs).apply(self.ours)
            return self.compare_results(sample, actual, expected, wider)

        self.attempt("reference", sample, reference)

    def error_inputs(self) -> Iterator[Any]:
        """Calls that torch refuses, those of one dtype."""
        found = quietly(lambda: list(self.op.error_inputs("cpu"))) if self.op.error_inputs_func else None
        kinds = {torch.bool: (torch.bool,), torch.int64: carry.FLOATS}
        for wrong in found or []:
            first = next(iter(tensors_in([wrong.sample_input.input, wrong.sample_input.args])), None)
            kind = torch.float32 if first is None else first.dtype
            if self.dtype == torch.bool and kind != torch.bool:
                continue
            if self.dtype == torch.int64 and kind in (torch.bool, *kinds[torch.int64]):
                continue
            if self.dtype == torch.float32 and kind not in carry.FLOATS:
                continue
            yield wrong

    def aspect(self, name: str) -> Aspect:
        """Its record."""
        return self.aspects.setdefault(name, Aspect())

    def attempt(self, name: str, sample: Any, check: Callable[[], float]) -> bool:
        """Notes what a check found; whether it found nothing wrong."""
        try:
            self.aspect(name).add(check())
        except Missing:
            return False
        except Different as wrong:
            if "values differ" in str(wrong) and self.is_random(sample):
                self.aspect(name).add(0.0)
                return True
            self.aspect(name).add(None, f"{wrong} | {sample.summary()[:240]}")
            return False
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            self.aspect(name).add(None, f"{said(error)} | {sample.summary()[:240]}")
            return False
        return True

    def is_random(self, sample: Any) -> bool:
        """Whether torch itself gives other values for another seed, or values nobody wrote."""
        if self.random or any(word in self.op.name for word in UNSET):
            return True
        function = unseeded(self.op.op)
        results = []
        for seed in range(1, 9):
            torch.manual_seed(seed)
            results.append(quietly(lambda: tensors_in([torch_call(sample).apply(function)])))
        first = results[0] or []
        self.random = any(
            not torch.equal(a.nan_to_num(0.125), b.nan_to_num(0.125))
            for other in results[1:]
            for a, b in zip(first, other or [], strict=False)
            if a.shape == b.shape
        )
        return self.random

    def check(self, sample: Any, differentiable: bool) -> None:
        """Every aspect of a sample."""
        theirs = torch_call(sample)
        try:
            expected = theirs.apply(self.theirs)
        except Exception:
            return
        wide: list[Any] = []

        def wider() -> Any:
            if not wide:
                wide.append(quietly(lambda: wide_call(theirs, self.integers).apply(self.theirs)))
            return wide[0]

        state: dict[str, Any] = {}

        def forward() -> float:
            state["call"] = our_call(theirs)
            assert self.ours is not None
            state["actual"] = actual = state["call"].apply(self.ours)
            return self.compare_results(sample, actual, expected, wider)

        good = self.attempt("forward", sample, forward)
        if "actual" not in state:
            return
        if differentiable and good and not self.random:
            self.check_gradients(sample, theirs, state["call"], expected, state["actual"])
        if not good:
            return
        self.check_variants(sample, expected, wider)

    def compare_results(self, sample: Any, actual: Any, expected: Any, wider: Callable[[], Any]) -> float:
        """As `carry.compare`; where the result is open (a vector's sign), what torch's test makes of it."""
        try:
            return carry.compare(actual, expected, 1.0, self.measure, wider)
        except Different as wrong:
            process = sample.output_process_fn_grad
            if "values differ" not in str(wrong) or not self.is_linear_algebra():
                raise
            carry.compare(actual, expected, 1.0, self.measure, wider, values=False)
            made, wanted = rebound(process)(actual), process(expected)
            return carry.compare(made, wanted, 1.0, self.measure, lambda: process(wider()))

    def is_linear_algebra(self) -> bool:
        """Whether the result may be one of several that are right."""
        words = "svd qr eig eigh lstsq lu pca ldl geqrf triangular symeig ormqr householder cholesky".split()
        return any(word in self.op.name for word in words)

    def check_gradients(self, sample: Any, theirs: Call, mine: Call, expected: Any, actual: Any) -> None:
        """Gradients of the outputs with respect to every leaf, and their gradients."""
        process = sample.output_process_fn_grad
        leaves = [t for t in tensors_in(theirs.parts()) if t.requires_grad]
        my_leaves = [t for t in tensors_in(mine.parts(), st.Tensor) if t.requires_grad]
        outputs = quietly(lambda: [t for t in tensors_in([process(expected)]) if t.requires_grad])
        if not outputs or not leaves or len(leaves) != len(my_leaves):
            return
        double = self.op.supports_gradgrad and self.dtype in (torch.float32, torch.float64)
        ups = [self.upstream(t, 1 + i) for i, t in enumerate(outputs)]
        grads = quietly(lambda: gradients(torch, outputs, leaves, ups, double))
        if grads is None:
            return

        def wider() -> Any:
            return quietly(lambda: self.wide_gradients(sample, theirs, len(outputs)))

        state: dict[str, Any] = {}

        def backward() -> float:
            made = tensors_in([rebound(process)(actual)], st.Tensor)
            made = [t for t in made if t.requires_grad]
            if len(made) != len(outputs):
                raise Different(f"{len(made)} results with a gradient where torch gives {len(outputs)}")
            mine = gradients(st, made, my_leaves, [carry.ours(u) for u in ups], double)
            state["mine"] = mine
            return self.compare_gradients(mine, grads, SCALES["backward"], wider)

        if not self.attempt("backward", sample, backward) or not double:
            return
        chosen = [i for i, g in enumerate(grads) if g is not None and g.requires_grad]
        if not chosen:
            return
        seconds_up = [self.upstream(grads[i], 11 + i) for i in chosen]
        seconds = quietly(lambda: gradients(torch, [grads[i] for i in chosen], leaves, seconds_up, False))
        if seconds is None:
            return

        def double_backward() -> float:
            firsts = state["mine"]
            kept = [k for k, i in enumerate(chosen) if firsts[i] is not None and firsts[i].requires_grad]
            if not kept:
                if all(s is None or not bool(s.any()) for s in seconds):
                    return 0.0
                raise Different("the gradient has no gradient")
            mine = gradients(
                st,
                [firsts[chosen[k]] for k in kept],
                my_leaves,
                [carry.ours(seconds_up[k]) for k in kept],
                False,
            )
            return self.compare_gradients(mine, seconds, SCALES["double"], wide_seconds)

        def wide_seconds() -> Any:
            return quietly(lambda: self.wide_gradients(sample, theirs, len(outputs), chosen))

        self.attempt("double", sample, double_backward)

    def upstream(self, like: torch.Tensor, seed: int) -> torch.Tensor:
        """A gradient to begin with, the same at every run."""
        generator = torch.Generator().manual_seed(seed)
        drawn = torch.rand(like.shape, generator=generator, dtype=torch.float64) + 0.5
        return drawn.to(like.dtype)

    def wide_gradients(
        self, sample: Any, theirs: Call, count: int, second: list[int] | None = None
    ) -> list[Any] | None:
        """Torch's gradients in the next wider type, or the gradients of those that `second` names."""
        call = wide_call(theirs)
        leaves = [t for t in tensors_in(call.parts()) if t.requires_grad]
        outputs = tensors_in([sample.output_process_fn_grad(call.apply(self.theirs))])
        outputs = [t for t in outputs if t.requires_grad]
        if len(outputs) != count:
            return None
        narrow = [self.upstream(t.detach().to(self.dtype), 1 + i) for i, t in enumerate(outputs)]
        ups = [u.to(t.dtype) for u, t in zip(narrow, outputs, strict=True)]
        found = gradients(torch, outputs, leaves, ups, second is not None)
        if second is None:
            return found
        seconds_up = [
            self.upstream(found[i].detach().to(self.dtype), 11 + i).to(found[i].dtype) for i in second
        ]
        return gradients(torch, [found[i] for i in second], leaves, seconds_up, False)

    def compare_gradients(
        self, mine: list[Any], grads: list[Any], scale: float, wider: Callable[[], Any]
    ) -> float:
        """As `carry.compare`; no gradient is a gradient of zeros."""
        largest = 0.0
        for i, (actual, expected) in enumerate(zip(mine, grads, strict=True)):
            if expected is None or actual is None:
                other = actual if expected is None else expected
                values = theirs_or_none(other)
                if values is not None and bool((values != 0).any()):
                    raise Different(f"gradient {i} is {'missing' if actual is None else 'not zero'}")
                continue

            def one(i: int = i) -> Any:
                whole = wider()
                return None if whole is None else whole[i]

            largest = max(largest, carry.compare(actual, expected, scale, self.gradient_measure, one))
        return largest

    def check_variants(self, sample: Any, expected: Any, wider: Callable[[], Any]) -> None:
        """The method, the in-place form and `out=`."""
        name = self.op.name.rpartition(".")[2]
        if not isinstance(sample.input, torch.Tensor) or name.startswith("__"):
            return
        method = self.op.method_variant
        if isinstance(method, (types.MethodDescriptorType, types.FunctionType)) and hasattr(
            torch.Tensor, name
        ):
            self.attempt("method", sample, lambda: self.method(sample, name, expected, wider))
        in_place = getattr(self.op.inplace_variant, "__name__", None)
        if in_place and not sample.broadcasts_input and hasattr(torch.Tensor, in_place):
            self.check_in_place(sample, in_place)
        if self.op.supports_out and isinstance(expected, torch.Tensor):
            self.check_out(sample, expected, wider)

    def method(self, sample: Any, name: str, expected: Any, wider: Callable[[], Any]) -> float:
        """`x.name(...)` gives what the function gives."""
        call = our_call(detached(sample))
        theirs = detached(sample)
        wanted = quietly(lambda: getattr(theirs.input, name)(*theirs.args, **theirs.kwargs))
        if wanted is None:
            return 0.0
        wanted = expected if self.op.name in STABLE else wanted
        return self.compare_results(
            sample, getattr(call.input, name)(*call.args, **call.kwargs), wanted, wider
        )

    def check_in_place(self, sample: Any, name: str) -> None:
        """`x.name_(...)` writes what torch writes and gives back its object."""
        theirs, before = detached(sample), sample.input.detach().clone()
        theirs.input = before.clone()
        try:
            getattr(theirs.input, name)(*theirs.args, **theirs.kwargs)
        except Exception:
            return

        def wider() -> Any:
            return quietly(lambda: wide_call(detached(sample)).apply(self.theirs))

        def in_place() -> float:
            call = our_call(detached(sample))
            call.input = carry.ours(before)
            result = getattr(call.input, name)(*call.args, **call.kwargs)
            if result is not call.input:
                raise Different(f"{name} does not give back its tensor")
            return carry.compare(result, theirs.input, 1.0, self.measure, wider)

        self.attempt("inplace", sample, in_place)

    def check_out(self, sample: Any, expected: torch.Tensor, wider: Callable[[], Any]) -> None:
        """`out=` writes there and gives back its object."""
        out = expected.detach().clone()
        theirs = detached(sample)
        try:
            self.op.op(theirs.input, *theirs.args, **theirs.kwargs, out=out)
        except Exception:
            return

        def into_out() -> float:
            call = our_call(detached(sample))
            mine = carry.ours(torch.zeros_like(out))
            assert self.ours is not None
            result = self.ours(call.input, *call.args, **call.kwargs, out=mine)
            if result is not mine:
                raise Different("out= is not what is given back")
            return carry.compare(result, out, 1.0, self.measure, wider)

        self.attempt("out", sample, into_out)

    def check_error(self, sample: Any, name: str = "errors") -> None:
        """Where torch raises, we raise the same kind."""
        theirs = torch_call(sample)
        try:
            theirs.apply(self.op.op)
            return
        except Exception as error:
            kind = error

        def refused() -> float:
            call = our_call(theirs)
            try:
                assert self.ours is not None
                for result in tensors_in([call.apply(self.ours)], st.Tensor):
                    result.tolist()
            except Missing:
                raise
            except Exception as mine:
                if related(mine, kind):
                    return 0.0
                raise Different(f"{said(mine)} where torch raises {said(kind)[:160]}") from None
            if name == "refused":  # we may have a dtype that torch has not
                return 0.0
            raise Different(f"no error where torch raises {said(kind)[:160]}")

        self.attempt(name, sample, refused)


def related(mine: BaseException, kind: BaseException) -> bool:
    """Whether who catches torch's exception catches ours."""
    names = {cls.__name__ for cls in type(mine).__mro__}
    return type(kind).__name__ in names or isinstance(mine, type(kind))


def theirs_or_none(value: Any) -> torch.Tensor | None:
    """A tensor of either library as torch's."""
    if value is None or isinstance(value, torch.Tensor):
        return value
    return carry.theirs(value)


def detached(sample: Any) -> Call:
    """The sample's call without gradients."""
    return Call(*map_tensors([sample.input, sample.args, sample.kwargs], copied))


def gradients(library: Any, outputs: list[Any], leaves: list[Any], ups: list[Any], create: bool) -> list[Any]:
    """`autograd.grad` of either library."""
    found = library.autograd.grad(
        outputs, leaves, grad_outputs=ups, create_graph=create, retain_graph=True, allow_unused=True
    )
    return list(found)
