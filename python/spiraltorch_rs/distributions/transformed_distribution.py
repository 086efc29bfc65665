"""Functions of random numbers."""

from __future__ import annotations

from spiraltorch_rs._size import Size
from spiraltorch_rs.autograd.grad_mode import no_grad
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.distribution import Distribution
from spiraltorch_rs.distributions.independent import Independent
from spiraltorch_rs.distributions.transforms import ComposeTransform, Transform
from spiraltorch_rs.distributions.utils import _sum_rightmost

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["TransformedDistribution"]


class TransformedDistribution(Distribution):
    """What transforms make of a distribution's samples."""

    arg_constraints: Any = {}  # noqa: RUF012

    def __init__(self, base_distribution: Any, transforms: Any, validate_args: bool | None = None) -> None:
        if isinstance(transforms, Transform):
            transforms = [transforms]
        if not isinstance(transforms, list):
            raise ValueError(f"transforms must be a Transform or list, but was {transforms}")
        if not all(isinstance(part, Transform) for part in transforms):
            raise ValueError("transforms must be a Transform or a list of Transforms")
        self.transforms = transforms
        shape = Size((*base_distribution.batch_shape, *base_distribution.event_shape))
        base_dim = len(base_distribution.event_shape)
        whole = ComposeTransform(transforms)
        if len(shape) < whole.domain.event_dim:
            raise ValueError(
                f"base_distribution needs to have shape with size at least {whole.domain.event_dim}, but got {shape}."
            )
        after = Size(whole.forward_shape(shape))
        before = Size(whole.inverse_shape(after))
        if shape != before:
            base_distribution = base_distribution.expand(before[: len(before) - base_dim])
        coupled = whole.domain.event_dim - base_dim
        if coupled > 0:
            base_distribution = Independent(base_distribution, coupled)
        self.base_dist = base_distribution
        change = whole.codomain.event_dim - whole.domain.event_dim
        cut = len(after) - max(whole.codomain.event_dim, base_dim + change)
        super().__init__(after[:cut], after[cut:], validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(TransformedDistribution, _instance)
        shape: Any = Size((*batch_shape, *self.event_shape))
        for part in reversed(self.transforms):
            shape = part.inverse_shape(shape)
        new.base_dist = self.base_dist.expand(Size(shape[: len(shape) - len(self.base_dist.event_shape)]))
        new.transforms = self.transforms
        new._st_ready(batch_shape, self.event_shape, self._validate_args)
        return new

    @constraints.dependent_property(is_discrete=False)
    def support(self) -> Any:
        if not self.transforms:
            return self.base_dist.support
        found = self.transforms[-1].codomain
        more = len(self.event_shape) - found.event_dim
        return constraints.independent(found, more) if more > 0 else found

    @property
    def has_rsample(self) -> Any:
        return self.base_dist.has_rsample

    def _forward(self, x: Any) -> Any:
        for part in self.transforms:
            x = part(x)
        return x

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            return self._forward(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self._forward(self.base_dist.rsample(sample_shape))

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        dim = len(self.event_shape)
        found: Any = 0.0
        for part in reversed(self.transforms):
            before = part.inv(value)
            dim += part.domain.event_dim - part.codomain.event_dim
            jacobian = part.log_abs_det_jacobian(before, value)
            found = found - _sum_rightmost(jacobian, dim - part.domain.event_dim)
            value = before
        return found + _sum_rightmost(self.base_dist.log_prob(value), dim - len(self.base_dist.event_shape))

    def _monotonize_cdf(self, value: Any) -> Any:
        """Turned round where the transforms fall."""
        sign: Any = 1
        for part in self.transforms:
            sign = sign * part.sign
        return value if isinstance(sign, int) and sign == 1 else sign * (value - 0.5) + 0.5

    def cdf(self, value: Any) -> Any:
        for part in reversed(self.transforms):
            value = part.inv(value)
        if self._validate_args:
            self.base_dist._validate_sample(value)
        return self._monotonize_cdf(self.base_dist.cdf(value))

    def icdf(self, value: Any) -> Any:
        return self._forward(self.base_dist.icdf(self._monotonize_cdf(value)))
