"""Angles."""

from __future__ import annotations

import math

from spiraltorch_rs import _C, special
from spiraltorch_rs.autograd.grad_mode import no_grad
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.distribution import Distribution, Elementwise
from spiraltorch_rs.distributions.utils import broadcast_all

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["VonMises"]


def _log_bessel(x: Any, order: int) -> Any:
    """The logarithm of the modified Bessel function."""
    scaled = special.i0e if order == 0 else special.i1e
    return scaled(x).log() + x


class VonMises(Elementwise):
    """Angles around `loc`, as a normal distribution bent into a circle."""

    _st_parameters = ("loc", "concentration")
    arg_constraints = {"loc": constraints.real, "concentration": constraints.positive}  # noqa: RUF012
    support = constraints.real
    has_rsample = False

    def __init__(self, loc: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.concentration = broadcast_all(loc, concentration)
        Distribution.__init__(self, self.loc.shape, validate_args=validate_args)

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        peak = self.concentration * _C.cos(value - self.loc)
        return peak - math.log(2 * math.pi) - _log_bessel(self.concentration, 0)

    def sample(self, sample_shape: Any = ()) -> Any:
        """By the proposals of Best and Fisher, of which at least two in three are accepted: the first of forty."""
        shape = self._extended_shape(sample_shape)
        with no_grad():
            kappa = self.concentration.double()
            tau = 1 + (1 + 4 * kappa.square()).sqrt()
            rho = (tau - (2 * tau).sqrt()) / (2 * kappa)
            wide = _C.where(kappa < 1e-5, 1 / kappa + kappa, (1 + rho.square()) / (2 * rho))
            found = _C.zeros(shape, dtype=_C.float64)
            for _ in range(40):
                u, v, side = _C.rand((3, *shape), dtype=_C.float64).unbind()
                z = _C.cos(math.pi * u)
                f = (1 + wide * z) / (wide + z)
                c = kappa * (wide - f)
                accepted = (c * (2 - c) - v > 0) | ((c / v).log() + 1 - c >= 0)
                found = _C.where(accepted, (side - 0.5).sign() * f.clamp(-1, 1).acos(), found)
            angle = (found + math.pi + self.loc) % (2 * math.pi) - math.pi
            return angle.to(self.loc.dtype)

    @property
    def mean(self) -> Any:
        """The circular one."""
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        """The circular one."""
        return 1 - (_log_bessel(self.concentration, 1) - _log_bessel(self.concentration, 0)).exp()
