"""Linear systems whose matrix is known by its products with vectors; a vector is a list of tensors."""

from __future__ import annotations

from collections.abc import Callable

from spiraltorch_rs._C import Tensor

__all__ = ["conjugate_gradient", "neumann"]

Vector = list[Tensor]
Solver = Callable[[Callable[[Vector], Vector], Vector], Vector]


def _dot(a: Vector, b: Vector) -> Tensor:
    products = [(x * y).sum() for x, y in zip(a, b, strict=True)]
    total = products[0]
    for product in products[1:]:
        total = total + product
    return total


def _plus(a: Vector, b: Vector, factor: Tensor | float) -> Vector:
    return [x + y * factor for x, y in zip(a, b, strict=True)]


def conjugate_gradient(steps: int = 50, tolerance: float = 1e-8, damping: float = 0.0) -> Solver:
    """Conjugate gradients: for symmetric matrices without negative curvature, in at most `steps` products.

    `damping` is added to the diagonal; the search ends where the residual is `tolerance` times the right side.
    """

    def solve(product: Callable[[Vector], Vector], right: Vector) -> Vector:
        x = [b * 0 for b in right]
        residual = direction = right
        squared = _dot(residual, residual)
        goal = tolerance**2 * float(squared)
        for _ in range(steps):
            if float(squared) <= goal:
                break
            turned = _plus(product(direction), direction, damping)
            curvature = _dot(direction, turned)
            if float(curvature) <= 0:
                # No minimum this way: what was found so far is the best there is.
                break
            length = squared / curvature
            x = _plus(x, direction, length)
            residual = _plus(residual, turned, -length)
            before, squared = squared, _dot(residual, residual)
            direction = _plus(residual, direction, squared / before)
        return x

    return solve


def neumann(steps: int = 50, rate: float = 0.1) -> Solver:
    """The sum of `rate * (1 - rate * matrix)^k`: the steps of gradient descent, seen from its end.

    Converges where `rate` times the largest eigenvalue is below two.
    """

    def solve(product: Callable[[Vector], Vector], right: Vector) -> Vector:
        term = total = right
        for _ in range(steps):
            term = _plus(term, product(term), -rate)
            total = _plus(total, term, 1.0)
        return [x * rate for x in total]

    return solve
