"""Functions whose arguments are too free for the operator table, or whose results depend on flags."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from operator import not_

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs._dispatch import overridable
from spiraltorch_rs._size import Size

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "_addmm_activation",
    "_aminmax",
    "_assert",
    "_assert_async",
    "_shape_as_tensor",
    "as_strided_",
    "broadcast_shapes",
    "einsum",
    "get_device",
    "get_device_module",
    "gradient",
    "grid_sampler",
    "grid_sampler_2d",
    "grid_sampler_3d",
    "histogramdd",
    "lobpcg",
    "meshgrid",
    "sym_float",
    "sym_int",
    "sym_ite",
    "sym_max",
    "sym_min",
    "sym_not",
    "sym_sum",
    "tensordot",
    "to_dlpack",
    "unique",
    "unique_consecutive",
]


def _assert(condition: object, message: str) -> None:
    """Raises unless the condition holds: what models say instead of `assert` for the sake of tracers."""
    if type(condition) not in (bool, Tensor) and _C._has_torch_function(condition):
        return _C._torch_function(_assert, (condition,), (condition, message), {})  # type: ignore[no-any-return]
    assert condition, message


def _assert_async(input: Tensor, assert_msg: str = "Expected Tensor with single nonzero value") -> None:
    """Raises unless the one element of a tensor is true."""
    if not input:
        raise RuntimeError(assert_msg)


def _shape_as_tensor(self: Tensor) -> Tensor:
    """The sizes as a tensor of integers."""
    return _C.tensor(list(self.shape), dtype=_C.int64)


def get_device_module(device: Any = None) -> Any:
    """The module that is named as a kind of device; without one, of the accelerator, or the CPU's."""
    from importlib import import_module

    from spiraltorch_rs.accelerator import current_accelerator

    kind = _C.device(device) if device is not None else current_accelerator() or _C.device("cpu")
    try:
        return import_module(f"spiraltorch_rs.{kind.type}")
    except ModuleNotFoundError:
        raise RuntimeError(
            f"Device '{kind.type}' does not have a corresponding module registered as 'torch.{kind.type}'."
        ) from None


# In torch they take numbers that a tracer does not know yet.
sym_float, sym_max, sym_min, sym_not, sym_sum = float, max, min, not_, sum


def sym_int(a: Any) -> int:
    """The whole part of a number."""
    return int(a)


def sym_ite(b: object, t: Any, f: Any) -> Any:
    """One of two values."""
    return t if b else f


def _addmm_activation(
    input: Tensor,
    mat1: Tensor,
    mat2: Tensor,
    *,
    beta: float = 1,
    alpha: float = 1,
    use_gelu: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """`addmm` with what follows it in a layer."""
    from spiraltorch_rs.nn.functional import gelu

    product: Tensor = _C.addmm(input, mat1, mat2, beta=beta, alpha=alpha)
    found = gelu(product) if use_gelu else product.relu()
    if out is None:
        return found
    out.resize_(found.shape).copy_(found)
    return out


def _aminmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """`aminmax` by its former name."""
    _warn(
        "_aminmax is deprecated as of PyTorch 1.11 and will be removed in a future release. Use aminmax instead."
    )
    return _C.aminmax(input, dim=dim, keepdim=keepdim)


_warned: set[str] = set()


def _warn(text: str) -> None:
    """A warning that is given once, or always if that was asked for."""
    from spiraltorch_rs._settings import is_warn_always_enabled

    if text not in _warned or is_warn_always_enabled():
        _warned.add(text)
        warnings.warn(text, UserWarning, stacklevel=3)


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """Grids of coordinates from vectors of them; the first dimension is the first vector's with `indexing="ij"`."""
    if indexing is None:
        _warn(
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument: "
            'indexing="ij" is what is done without it.'
        )
    given = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
    if not given:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    if any(isinstance(tensor, Tensor) and tensor.dtype != given[0].dtype for tensor in given):
        raise RuntimeError("meshgrid expects all tensors to have the same dtype")
    if any(isinstance(tensor, Tensor) and tensor.device != given[0].device for tensor in given):
        raise RuntimeError("meshgrid expects all tensors to have the same device")
    found: tuple[Tensor, ...] = _C.meshgrid(*given, indexing=indexing or "ij")
    return found


def hash_tensor(
    input: Tensor,
    dim: int | Sequence[int] | None = (),
    *,
    keepdim: bool = False,
    mode: int = 0,
    out: Tensor | None = None,
) -> Tensor:
    """The exclusive or of the elements' bits, as 64-bit numbers, along dimensions (all if none are given)."""
    if mode != 0:
        raise RuntimeError(f"Unknown hash_tensor mode: {mode}")
    if input.is_complex():
        raise NotImplementedError('"xor_sum_cpu" not implemented for complex tensors; use view_as_real()')
    bits = input.double() if input.is_floating_point() else input
    bits = bits.view(_C.int64) if bits.element_size() == 8 else bits.long()
    given = (dim,) if isinstance(dim, int) else tuple(dim or ())
    if not given and input.numel() == 0:
        raise RuntimeError(
            "hash_tensor: Expected reduction dim to be specified for input.numel() == 0. "
            "Specify the reduction dim with the 'dim' argument."
        )
    # As a sum does, this checks the dimensions.
    shape = bits.sum(given, keepdim=keepdim).shape
    dims = sorted({d % max(bits.dim(), 1) for d in given} or range(bits.dim()))
    for d in dims if bits.dim() else ():
        if given and bits.size(d) == 0:
            raise IndexError(f"hash_tensor: Expected reduction dim {d} to have non-zero size.")
        while (n := bits.size(d)) > 1:
            halves = bits.narrow(d, 0, n // 2) ^ bits.narrow(d, n // 2, n // 2)
            bits = _C.cat([halves, bits.narrow(d, n - 1, 1)], d) if n % 2 else halves
    found = _C.zeros(shape, dtype=_C.int64)
    if bits.numel():
        found ^= bits.reshape(shape)
    found = found.view(_C.uint64)
    if out is None:
        return found
    if out.dtype != found.dtype:
        raise RuntimeError(f"Expected result to be of dtype uint64, but got {out.dtype}")
    return out.resize_(found.shape).copy_(found)


# As tests and older programs call it.
_segment_reduce = _C.segment_reduce


def broadcast_shapes(*shapes: int | Sequence[int]) -> Size:
    """The shape that tensors of these shapes broadcast to."""
    lists = [[shape] if isinstance(shape, int) else shape for shape in shapes]
    if not all(hasattr(shape, "__len__") for shape in lists):
        raise RuntimeError(
            f"Input shapes should be of type ints, a tuple of ints, or a list of ints, got {shapes}"
        )
    result = [1] * max(map(len, lists), default=0)
    for shape in lists:
        for back, size in enumerate(reversed(shape), 1):
            if size < 0:
                raise RuntimeError(
                    f"Trying to create tensor with negative dimension ({size}): ({', '.join(map(str, shape))})"
                )
            if size != 1 and result[-back] not in (1, size):
                raise RuntimeError(
                    "Shape mismatch: objects cannot be broadcast to a single shape: "
                    f"{', '.join(str(tuple(s)) for s in lists)}"
                )
            if size != 1:
                result[-back] = size
    return Size(result)


def einsum(*args: Any) -> Tensor:
    """Products summed over indices: `einsum("ij,jk->ik", a, b)` or `einsum(a, [0, 1], b, [1, 2], [0, 2])`."""
    if len(args) < 2 or (len(args) == 2 and isinstance(args[1], (list, tuple)) and not args[1]):
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand and its "
            "subscripts list"
        )
    if isinstance(args[0], str):
        equation, operands = args[0], args[1:]
    else:
        # Operands and lists of numbers in turn; one more list is for the result.
        operands = args[: len(args) // 2 * 2 : 2]
        equation = ",".join(_subscripts(numbers) for numbers in args[1::2])
        if len(args) % 2:
            equation += "->" + _subscripts(args[-1])
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    return _C.einsum(equation, *operands)


def _subscripts(numbers: Sequence[Any]) -> str:
    """Numbers of indices as letters, those of torch: A to Z, then a to z."""
    letters = ""
    for number in numbers:
        if number is Ellipsis:
            letters += "..."
        elif isinstance(number, int) and 0 <= number < 52:
            letters += chr(ord("A") + number) if number < 26 else chr(ord("a") + number - 26)
        else:
            raise ValueError(
                "einsum(): subscript in subscript list is not within the valid range [0, 52), "
                f"or not an Ellipsis: {number!r}"
            )
    return letters


@overridable
def tensordot(a: Tensor, b: Tensor, dims: Any = 2, out: Tensor | None = None) -> Tensor:
    """Products summed over the last `dims` dimensions of `a` and the first of `b`, or over two lists of dimensions."""
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, (list, tuple)):
        if len(dims) == 1:
            dims = dims[0]
        else:
            first, second = ([d] if isinstance(d, int) else list(d) for d in dims)
            return _C.tensordot(a, b, first, second, out=out)
    if not isinstance(dims, int):
        raise RuntimeError(
            "tensordot expects dims to be int or tuple[list[int], list[int]] or list[list[int]] containing"
            f" two lists, but got dims={dims}"
        )
    return _C.tensordot(a, b, dims, out=out)


def _chosen(found: Any, inverse: bool, counts: bool) -> Any:
    """Those parts of (values, inverse, counts) that are wanted."""
    if not inverse and not counts:
        return found[0]
    return tuple(part for part, wanted in zip(found, (True, inverse, counts), strict=True) if wanted)


@overridable
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The different elements, or the different parts along a dimension, in order."""
    found = _C._unique2(input) if dim is None else _C._unique_dim(input, dim)
    return _chosen(found, return_inverse, return_counts)


@overridable
def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The elements, or the parts along a dimension, without those that equal the one before."""
    return _chosen(_C._unique_consecutive(input, dim), return_inverse, return_counts)


def _dims_of(input: Tensor, dim: int | Sequence[int] | None) -> list[int]:
    if dim is None:
        return list(range(input.dim()))
    dims = [dim] if isinstance(dim, int) else list(dim)
    for d in dims:
        if not -max(input.dim(), 1) <= d < max(input.dim(), 1):
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-input.dim()}, {input.dim() - 1}],"
                f" but got {d})"
            )
    dims = [d % max(input.dim(), 1) for d in dims]
    for twice in [d for i, d in enumerate(dims) if d in dims[:i]]:
        raise RuntimeError(f"dim {twice} appears multiple times in the list of dims")
    return dims


@overridable
def gradient(
    input: Tensor,
    *,
    spacing: Any = 1,
    dim: int | Sequence[int] | None = None,
    edge_order: int = 1,
) -> tuple[Tensor, ...]:
    """The derivatives along dimensions by differences; `spacing` has distances or places of the samples."""
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    if input.dtype == _C.uint8:
        raise NotImplementedError("torch.gradient does not support uint8 input.")
    dims = _dims_of(input, dim)
    spacing = 1 if spacing is None else spacing
    steps = list(spacing) if isinstance(spacing, (list, tuple)) else [spacing] * len(dims)
    if len(steps) != len(dims):
        raise RuntimeError(
            f"torch.gradient expected spacing to be unspecified, a scalar {'' if dim is None else 'or a list '}"
            f"of the length of the number of dimensions ({len(dims)}), but got {len(steps)}"
        )
    for step in steps:
        if isinstance(step, Tensor) and step.device != input.device:
            raise RuntimeError(
                "torch.gradient expected each tensor to be on the same device, but got devices "
                f"{step.device} and {input.device}!"
            )
    return tuple(_gradient_along(input, d, step, edge_order) for d, step in zip(dims, steps, strict=True))


def _gradient_along(input: Tensor, dim: int, step: Any, edge_order: int) -> Tensor:
    n = input.shape[dim] if input.dim() else 1
    if n <= edge_order:
        raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")

    def part(start: int, count: int) -> Tensor:
        return input.narrow(dim, start, count)

    if isinstance(step, Tensor):
        if step.dim() != 1 or step.numel() != n:
            raise RuntimeError(
                "torch.gradient expected each element of spacing to have one place for each sample of its"
                f" dimension, {n}, but got shape {tuple(step.shape)}"
            )
        h = step.diff().reshape([-1 if d == dim else 1 for d in range(input.dim())])
        before, after = h.narrow(dim, 0, n - 2), h.narrow(dim, 1, n - 2)
        both = before + after
        inner = (
            part(0, n - 2) * (-after / (before * both))
            + part(1, n - 2) * ((after - before) / (before * after))
            + part(2, n - 2) * (before / (after * both))
        )
        first, last = h.narrow(dim, 0, 1), h.narrow(dim, n - 2, 1)
        if edge_order == 2:
            second, before_last = h.narrow(dim, 1, 1), h.narrow(dim, n - 3, 1)
    else:
        inner = (part(2, n - 2) - part(0, n - 2)) / (2 * step)
        first = last = second = before_last = step
    if edge_order == 1:
        low = (part(1, 1) - part(0, 1)) / first
        high = (part(n - 1, 1) - part(n - 2, 1)) / last
    else:
        low = _edge(part(0, 1), part(1, 1), part(2, 1), first, second)
        high = -_edge(part(n - 1, 1), part(n - 2, 1), part(n - 3, 1), last, before_last)
    return _C.cat([low, inner, high], dim)


def _edge(y0: Tensor, y1: Tensor, y2: Tensor, h1: Any, h2: Any) -> Tensor:
    """The derivative at the first of three samples, by the parabola through them."""
    both = h1 + h2
    slope: Tensor = y0 * (-(h1 + both) / (h1 * both)) + y1 * (both / (h1 * h2)) + y2 * (-h1 / (h2 * both))
    return slope


def histogramdd(
    input: Tensor,
    bins: Any,
    *,
    range: Sequence[float] | None = None,
    weight: Tensor | None = None,
    density: bool = False,
) -> Any:
    """How many points, or which sum of weights, fall into each cell of a grid; points are rows."""
    if input.dim() < 2:
        raise RuntimeError(
            f"torch.histogramdd(): input tensor should have at least 2 dimensions, but got {input.dim()}"
        )
    axes = input.shape[-1]
    points = input.detach().reshape(-1, axes)
    given = [bins] * axes if isinstance(bins, int) else list(bins)
    if len(given) != axes:
        raise RuntimeError(
            "histogramdd: The size of bins must be equal to the innermost dimension of the input."
        )
    if range is not None and len(range) != 2 * axes:
        raise RuntimeError(
            f"torch.histogramdd(): for a {axes}-dimensional histogram range should have {2 * axes} elements"
        )
    edges = []
    for axis, one in enumerate(given):
        if isinstance(one, Tensor):
            edges.append(one)
        else:
            ends = None if range is None else (range[2 * axis], range[2 * axis + 1])
            edges.append(_C.histogram(points[:, axis].contiguous(), one, range=ends).bin_edges)
    weights = _C.ones(points.shape[0], dtype=input.dtype) if weight is None else weight.detach().reshape(-1)
    place = _C.zeros(points.shape[0], dtype=_C.int64)
    inside = _C.ones(points.shape[0], dtype=_C.bool)
    sizes = [edge.numel() - 1 for edge in edges]
    for axis, edge in enumerate(edges):
        x = points[:, axis].contiguous()
        inside = inside & (x >= edge[0]) & (x <= edge[-1])
        at = (_C.searchsorted(edge.contiguous(), x, right=True) - 1).clamp(0, sizes[axis] - 1)
        place = place * sizes[axis] + at
    counts = _C.zeros(Size(sizes).numel(), dtype=input.dtype)
    counts = counts.index_add(0, place, _C.where(inside, weights, _C.zeros_like(weights))).reshape(sizes)
    if density:
        counts = counts / counts.sum()
        for axis, edge in enumerate(edges):
            counts = counts / edge.diff().reshape([-1 if d == axis else 1 for d in _indices(axes)])
    from spiraltorch_rs import return_types

    return return_types.histogramdd((counts, tuple(edges)))


_indices = range


def as_strided_(
    input: Tensor, size: Sequence[int], stride: Sequence[int], storage_offset: int | None = None
) -> Tensor:
    """The tensor, which becomes a strided view of its storage."""
    return input.as_strided_(size, stride, storage_offset)


def get_device(input: Tensor) -> int:
    """The number of the tensor's device; -1 is the CPU."""
    return input.get_device()


def to_dlpack(tensor: Tensor) -> object:
    """A capsule of DLPack with the tensor's memory."""
    return tensor.__dlpack__()


def lobpcg(
    A: Tensor,
    k: int | None = None,
    B: Tensor | None = None,
    X: Tensor | None = None,
    n: int | None = None,
    iK: Tensor | None = None,
    niter: int | None = None,
    tol: float | None = None,
    largest: bool | None = None,
    method: str | None = None,
    tracker: None = None,
    ortho_iparams: dict[str, int] | None = None,
    ortho_fparams: dict[str, float] | None = None,
    ortho_bparams: dict[str, bool] | None = None,
) -> tuple[Tensor, Tensor]:
    """The `k` largest (or smallest) eigenvalues of symmetric matrices, `A v = l B v`, and their vectors.

    Torch finds them by iteration from a guess `X`; here all are computed, so that guesses and limits are not needed.

    >>> import spiraltorch_rs as st
    >>> st.lobpcg(st.tensor([1.0, 5.0, 3.0, 2.0]).diag(), k=1)[0]
    tensor([5.])
    """
    if A.dim() < 2 or A.shape[-1] != A.shape[-2]:
        raise ValueError(f"lobpcg: expected square matrices, but got shape {tuple(A.shape)}")
    k = k if k is not None else (1 if X is None else X.shape[-1])
    # (Both triangles count, as where the matrix is multiplied with.)
    A = (A + A.mH) / 2
    eigh = _C._namespaces["linalg"]["eigh"]
    if B is None:
        values, vectors = eigh(A)
    else:
        # With B = L L^H, the inverse of L from both sides makes it an ordinary problem.
        factor = _C._namespaces["linalg"]["cholesky"](B)
        solve = _C._namespaces["linalg"]["solve_triangular"]
        half = solve(factor, A, upper=False)
        values, vectors = eigh(solve(factor, half.mH, upper=False))
        vectors = solve(factor.mH, vectors, upper=True)
    # (Eigenvalues come in rising order; the largest are wanted first.)
    if largest is False:
        return values[..., :k], vectors[..., :k]
    return values.flip(-1)[..., :k], vectors.flip(-1)[..., :k]


def grid_sampler(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:
    """`nn.functional.grid_sample`, which has words for the numbers of the modes."""
    sampled: Tensor = _C._namespaces["functional"]["grid_sample"](
        input,
        grid,
        ("bilinear", "nearest", "bicubic")[interpolation_mode],
        ("zeros", "border", "reflection")[padding_mode],
        align_corners,
    )
    return sampled


grid_sampler_2d = grid_sampler_3d = grid_sampler
