"""Ready-made parametrizations: orthogonal, weight norm, spectral norm."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd import no_grad
from spiraltorch_rs.nn.modules._shared import F
from spiraltorch_rs.nn.modules.conv import _ConvTransposeNd
from spiraltorch_rs.nn.modules.module import Module
from spiraltorch_rs.nn.utils import parametrize
from spiraltorch_rs.nn.utils.weight_norm import norm_except_dim

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]


def _linalg() -> Any:
    from spiraltorch_rs import linalg

    return linalg


def _identity_like(x: Tensor, n: int, k: int) -> Tensor:
    return _C.eye(n, k, dtype=x.dtype, device=x.device).expand(*x.shape[:-2], n, k)


def _reflected(vectors: Tensor, tau: Tensor) -> Tensor:
    """The product of reflections at vectors, which stand below the diagonal."""
    n, k = vectors.size(-2), vectors.size(-1)
    lower = vectors.tril(-1) + _identity_like(vectors, n, k)
    product = _identity_like(vectors, n, k)
    for j in reversed(range(k)):
        v = lower[..., j : j + 1]
        product = product - tau[..., j : j + 1, None] * v @ (v.mT @ product)
    return product


def _reflections(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """The vectors (below the diagonal) and factors whose reflections make a matrix triangular."""
    rest, columns, factors = matrix, [], []
    for j in range(matrix.size(-1)):
        x = rest[..., j:, j]
        first, length = x[..., :1], x.norm(2, -1, keepdim=True)
        end = _C.where(first >= 0, -length, length)
        flat = length == first.abs()  # nothing below the diagonal
        tau = _C.where(flat, 0.0, (end - first) / _C.where(flat, 1.0, end)).to(x.dtype)
        below = x[..., 1:] / _C.where(flat, 1.0, first - end)
        head = _C.where(flat, first, end)
        v = _C.cat([_C.zeros_like(rest[..., :j, j]), _C.ones_like(first), below], -1).unsqueeze(-1)
        columns.append(_C.cat([rest[..., :j, j], head, below], -1))
        factors.append(tau)
        rest = rest - tau.unsqueeze(-1) * v @ (v.mT @ rest)
    return _C.stack(columns, -1), _C.cat(factors, -1)


def _is_orthogonal(q: Tensor) -> bool:
    n, k = q.size(-2), q.size(-1)
    eps = 10.0 * n * _C.finfo(q.dtype).eps
    return bool(_C.allclose(q.mH @ q, _identity_like(q, k, k), atol=eps))


def _made_orthogonal(matrix: Tensor) -> Tensor:
    if matrix.is_complex():
        q, r = _linalg().qr(matrix)
        return q * r.diagonal(0, -2, -1).sgn().unsqueeze(-2)  # type: ignore[no-any-return]
    triangular, tau = _reflections(matrix)
    signs = triangular.diagonal(0, -2, -1).sgn().unsqueeze(-2)
    return _reflected(triangular, tau) * signs


class _Orthogonal(Module):
    """A matrix as the orthogonal one that another stands for."""

    base: Any

    def __init__(self, weight: Tensor, orthogonal_map: str, *, use_trivialization: bool = True) -> None:
        super().__init__()
        self.shape = weight.shape
        self.orthogonal_map = orthogonal_map
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, x: Tensor) -> Tensor:
        wide = x.size(-2) < x.size(-1)
        x = x.mT if wide else x
        n, k = x.size(-2), x.size(-1)
        if self.orthogonal_map == "householder":
            a = x.tril(-1)
            tau = 2.0 / (1.0 + (a * a).sum(-2))
            q = _reflected(a, tau) * x.diagonal(0, -2, -1).int().unsqueeze(-2)
        else:
            x = x.tril()
            if n != k:
                x = _C.cat([x, x.new_zeros((*x.shape[:-2], n, n - k))], -1)
            skew = x - x.mH
            if self.orthogonal_map == "matrix_exp":
                q = _linalg().matrix_exp(skew)
            else:
                one = _identity_like(skew, n, n)
                q = _linalg().solve(one - skew * 0.5, one + skew * 0.5)
            q = q[..., :k] if n != k else q
        if hasattr(self, "base"):
            q = self.base @ q
        return q.mT if wide else q

    def right_inverse(self, q: Tensor) -> Tensor:
        """What gives this matrix, or the orthogonal one next to it."""
        if q.shape != self.shape:
            raise ValueError(
                f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of shape {q.shape}."
            )
        with no_grad():
            given, wide = q, q.size(-2) < q.size(-1)
            q = q.mT if wide else q
            n, k = q.size(-2), q.size(-1)
            if not hasattr(self, "base"):
                if self.orthogonal_map != "householder":
                    raise NotImplementedError(
                        "It is not possible to assign to the matrix exponential or the Cayley parametrizations when "
                        "use_trivialization=False."
                    )
                a, tau = _reflections(q)
                diagonal = a.diagonal(0, -2, -1)
                signs = diagonal.sign() * _C.where(tau == 0.0, -1.0, 1.0).to(a.dtype)
                # The vectors below the diagonal, and on it the signs that make the product this matrix.
                a = a.tril(-1) + a.triu(1) + signs.unsqueeze(-2) * _identity_like(a, n, k)
                return a.mT if wide else a
            if n == k:
                q = q.clone() if _is_orthogonal(q) else _made_orthogonal(q)
            else:
                more = _C.randn(*q.shape[:-2], n, n - k, dtype=q.dtype, device=q.device)
                q = _made_orthogonal(_C.cat([q, more], -1))
            self.base = q
            return -_identity_like(given, given.size(-2), given.size(-1)).contiguous()


def _weight(module: Any, name: str) -> Tensor:
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    return weight


def orthogonal(
    module: Any,
    name: str = "weight",
    orthogonal_map: str | None = None,
    *,
    use_trivialization: bool = True,
) -> Any:
    """Keeps a matrix orthogonal."""
    weight = _weight(module, name)
    if weight.ndim < 2:
        raise ValueError(f"Expected a matrix or batch of matrices. Got a tensor of {weight.ndim} dimensions.")
    if orthogonal_map is None:
        orthogonal_map = "matrix_exp" if weight.size(-2) == weight.size(-1) else "householder"
    if orthogonal_map not in ("matrix_exp", "cayley", "householder"):
        raise ValueError(
            f'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: {orthogonal_map}'
        )
    if orthogonal_map == "householder" and weight.is_complex():
        raise ValueError("The householder parametrization does not support complex tensors.")
    made = _Orthogonal(weight, orthogonal_map, use_trivialization=use_trivialization)
    return parametrize.register_parametrization(module, name, made, unsafe=True)


class _WeightNorm(Module):
    """A weight as a direction and a length."""

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Tensor:
        return weight_v * (weight_g / norm_except_dim(weight_v, 2, self.dim))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Length and direction."""
        return norm_except_dim(weight, 2, self.dim), weight


def weight_norm(module: Any, name: str = "weight", dim: int = 0) -> Any:
    """Makes a weight a direction and a length, which are learned each by itself."""
    parametrize.register_parametrization(module, name, _WeightNorm(dim), unsafe=True)

    def from_old_names(state_dict: Any, prefix: str, *_: Any) -> None:
        old = [f"{prefix}{name}_g", f"{prefix}{name}_v"]
        if all(key in state_dict for key in old):
            for i, key in enumerate(old):
                state_dict[f"{prefix}parametrizations.{name}.original{i}"] = state_dict.pop(key)

    module._register_load_state_dict_pre_hook(from_old_names)
    return module


class _SpectralNorm(Module):
    """A weight divided by its largest singular value, which is estimated on the way."""

    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        n = weight.ndim
        if not -n <= dim < n:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [-{n}, {n - 1}] but got {dim})"
            )
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.dim = dim if dim >= 0 else dim + n
        self.eps = eps
        if n > 1:
            self.n_power_iterations = n_power_iterations
            matrix = self._as_matrix(weight.detach())
            for name, size in zip(("_u", "_v"), matrix.shape, strict=True):
                begin = matrix.new_empty(size).normal_(0, 1)
                self.register_buffer(name, F.normalize(begin, dim=0, eps=eps))
            self._iterate(matrix, 15)

    def _as_matrix(self, weight: Tensor) -> Tensor:
        if self.dim != 0:
            weight = weight.movedim(self.dim, 0)
        return weight.flatten(1)

    def _iterate(self, matrix: Tensor, count: int) -> None:
        with no_grad():
            for _ in range(count):
                self._u = F.normalize(matrix.mv(self._v), dim=0, eps=self.eps)
                self._v = F.normalize(matrix.t().mv(self._u), dim=0, eps=self.eps)

    def forward(self, weight: Tensor) -> Tensor:
        if weight.ndim == 1:
            return F.normalize(weight, dim=0, eps=self.eps)  # type: ignore[no-any-return]
        matrix = self._as_matrix(weight)
        if self.training:
            self._iterate(matrix.detach(), self.n_power_iterations)
        u, v = self._u.clone(), self._v.clone()
        return weight / u.dot(matrix.mv(v))

    def right_inverse(self, value: Tensor) -> Tensor:
        """The weight itself: its length does not matter."""
        return value


def spectral_norm(
    module: Any,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Any:
    """Divides a weight by its largest singular value."""
    weight = _weight(module, name)
    if dim is None:
        dim = 1 if isinstance(module, _ConvTransposeNd) else 0
    made = _SpectralNorm(weight, n_power_iterations, dim, eps)
    return parametrize.register_parametrization(module, name, made)
