"""How many floating-point operations a program asks for: products, convolutions and attention, as torch counts."""

from __future__ import annotations

import math
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from spiraltorch_rs._C import Tensor
from spiraltorch_rs.nn import Module
from spiraltorch_rs.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from spiraltorch_rs.overrides import TorchFunctionMode

__all__ = ["FlopCounterMode"]


def _product(out: Tensor, a: Tensor, b: Tensor, *_: Any) -> int:
    # (A matrix times a vector is not counted.)
    return 2 * out.numel() * a.shape[-1] if a.dim() > 1 and b.dim() > 1 else 0


def _linear(out: Tensor, input: Tensor, *_: Any) -> int:
    return 2 * out.numel() * input.shape[-1] if input.dim() > 1 else 0


def _convolution(out: Tensor, input: Tensor, weight: Tensor, *_: Any) -> int:
    return 2 * out.numel() * weight[0].numel()


def _transposed(out: Tensor, input: Tensor, weight: Tensor, *_: Any) -> int:
    return 2 * input.numel() * weight[0].numel()


def _attention(out: Tensor, query: Tensor, key: Tensor, value: Tensor, *_: Any) -> int:
    pairs = query.shape[:-1].numel() * key.shape[-2]
    return int(2 * pairs * (query.shape[-1] + value.shape[-1]))


def _heads(outs: Any, query: Tensor, key: Tensor, value: Tensor, width: int, *_: Any) -> int:
    """Of layers of attention: what comes in and goes out is of one width each."""
    many = query.shape[1] if query.dim() == 3 else 1
    rows, columns = query.shape[0], key.shape[0]
    outside = 2 * query.numel() + key.numel() + value.numel()
    return int(2 * outside * width + 4 * many * rows * columns * width)


def _einsum(out: Tensor, equation: str, *operands: Any) -> int:
    given = operands[0] if isinstance(operands[0], list | tuple) else operands
    terms, arrow, kept = equation.replace(" ", "").partition("->")
    sizes: dict[str, int] = {}
    for term, tensor in zip(terms.split(","), given, strict=True):
        sizes.update(zip(reversed(term), reversed(tensor.shape), strict=False))
    summed = [n for c, n in sizes.items() if c.isalpha() and (c not in kept if arrow else terms.count(c) > 1)]
    return 2 * out.numel() * math.prod(summed) if len(given) > 1 and summed else 0


def _recurrent(outs: Any, input: Tensor, hidden: Any, weights: Any, *_: Any) -> int:
    points = input.numel() // int(input.shape[-1])
    return int(2 * points * sum(w.numel() for w in weights if w.dim() == 2))


_RULES: dict[str, Callable[..., int]] = {
    **dict.fromkeys("mm bmm matmul __matmul__".split(), _product),
    **dict.fromkeys("addmm baddbmm".split(), lambda out, _, a, b, *rest: _product(out, a, b)),
    **dict.fromkeys("conv1d conv2d conv3d".split(), _convolution),
    **dict.fromkeys("conv_transpose1d conv_transpose2d conv_transpose3d".split(), _transposed),
    **dict.fromkeys("lstm gru rnn_tanh rnn_relu".split(), _recurrent),
    "linear": _linear,
    "einsum": _einsum,
    "scaled_dot_product_attention": _attention,
    "multi_head_attention_forward": _heads,
}


def _short(number: int) -> str:
    """As 1.500K."""
    step = min(max(len(str(abs(number))) - 1, 0) // 3, 4)
    return f"{number / 1000**step:.3f}{['', 'K', 'M', 'B', 'T'][step]}" if step else str(number)


class FlopCounterMode(TorchFunctionMode):
    """Within it, operations are counted: for all of the program and for each module, forwards and backwards.

    >>> import spiraltorch_rs as st
    >>> with st.utils.flop_counter.FlopCounterMode(display=False) as counter:
    ...     _ = st.nn.Linear(3, 4)(st.ones(2, 3))
    >>> counter.get_total_flops()
    48
    """

    def __init__(
        self,
        mods: Any = None,
        depth: int = 2,
        display: bool = True,
        custom_mapping: dict[Any, Callable[..., int]] | None = None,
    ) -> None:
        if mods is not None:
            warnings.warn("mods argument is not needed anymore, you can stop passing it", stacklevel=2)
        self.depth, self.display, self._custom = depth, display, custom_mapping or {}
        self.flop_counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._names: dict[int, str] = {}
        self._inside = ["Global"]
        self._hooks: list[Any] = []

    def __enter__(self) -> FlopCounterMode:
        self.flop_counts.clear()
        self._hooks = [
            register_module_forward_pre_hook(self._enter_module),
            register_module_forward_hook(self._leave_module, always_call=True),
        ]
        super().__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        for hook in self._hooks:
            hook.remove()
        self._names.clear()
        if self.display:
            print(self.get_table(self.depth))

    def _enter_module(self, module: Module, inputs: Any) -> None:
        if id(module) not in self._names:
            root = type(module).__name__
            for name, part in module.named_modules():
                self._names[id(part)] = f"{root}.{name}" if name else root
        self._inside.append(self._names[id(module)])

    def _leave_module(self, module: Module, inputs: Any, output: Any) -> None:
        self._inside.pop()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        name, given = getattr(func, "__name__", ""), [*args, *(kwargs or {}).values()]
        rule = self._custom.get(func)
        count = rule(*args, **(kwargs or {}), out_val=found) if rule else 0
        if name in _RULES and not rule:
            count = _RULES[name](found, *given)
        if count:
            self._counted(name, count, set(self._inside), found, given)
        return found

    def _counted(self, name: str, count: int, places: set[str], found: Any, given: list[Any]) -> None:
        """Notes it, and lets the gradient note its own: a product for each factor that wants one."""

        def note(name: str, count: int) -> None:
            for place in places:
                self.flop_counts[place][name] += count

        note(name, count)
        result = found[0] if isinstance(found, tuple) else found
        if result.requires_grad:
            tensors = [t for t in given if isinstance(t, Tensor) and t.dim() > 1]
            times = sum(t.requires_grad for t in tensors[:2]) or 2
            result.register_hook(lambda gradient: note(f"{name}_backward", times * count))

    def get_total_flops(self) -> int:
        """All that was counted."""
        return sum(self.flop_counts["Global"].values())

    def get_flop_counts(self) -> dict[str, dict[str, int]]:
        """What was counted, by module and operator."""
        return {place: dict(counts) for place, counts in self.flop_counts.items()}

    def get_table(self, depth: int | None = None) -> str:
        """What was counted, as a table; it needs the `tabulate` package."""
        import tabulate  # type: ignore[import-untyped]

        limit, total = depth or self.depth, self.get_total_flops() or 1
        # (What a module of all of the program counts is not shown twice.)
        hidden = (
            {"Global"} if any("." not in place for place in self.flop_counts if place != "Global") else ()
        )
        rows = []
        for place in sorted(place for place in self.flop_counts if place not in hidden):
            if place.count(".") < limit:
                counts = self.flop_counts[place]
                lines = [(place, sum(counts.values())), *((f"- {name}", n) for name, n in counts.items())]
                rows += [(title, _short(n), f"{100 * n / total:.2f}%") for title, n in lines]
        return str(
            tabulate.tabulate(
                rows, headers=["Module", "FLOP", "% Total"], colalign=("left", "right", "right")
            )
        )
