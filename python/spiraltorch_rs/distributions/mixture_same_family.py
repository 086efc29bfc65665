"""Mixtures."""

from __future__ import annotations

from spiraltorch_rs._size import Size
from spiraltorch_rs.autograd.grad_mode import no_grad
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.categorical import Categorical
from spiraltorch_rs.distributions.distribution import Distribution

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["MixtureSameFamily"]


class MixtureSameFamily(Distribution):
    """One of the components along the last batch dimension, chosen by a `Categorical`."""

    arg_constraints: Any = {}  # noqa: RUF012
    has_rsample = False

    def __init__(
        self, mixture_distribution: Any, component_distribution: Any, validate_args: bool | None = None
    ) -> None:
        if not isinstance(mixture_distribution, Categorical):
            raise ValueError(
                " The Mixture distribution needs to be an  instance of torch.distributions.Categorical"
            )
        if not isinstance(component_distribution, Distribution):
            raise ValueError(
                "The Component distribution need to be an instance of torch.distributions.Distribution"
            )
        ours, theirs = mixture_distribution.batch_shape, component_distribution.batch_shape[:-1]
        for a, b in zip(reversed(ours), reversed(theirs), strict=False):
            if a != 1 and b != 1 and a != b:
                raise ValueError(
                    f"`mixture_distribution.batch_shape` ({ours}) is not compatible with "
                    f"`component_distribution.batch_shape`({theirs})"
                )
        count = component_distribution.batch_shape[-1]
        if mixture_distribution.logits.shape[-1] != count:
            raise ValueError(
                f"`mixture_distribution component` ({mixture_distribution.logits.shape[-1]}) does not equal "
                f"`component_distribution.batch_shape[-1]` ({count})"
            )
        self._mixture_distribution, self._component_distribution = (
            mixture_distribution,
            component_distribution,
        )
        self._num_component = count
        self._event_ndims = len(component_distribution.event_shape)
        super().__init__(theirs, component_distribution.event_shape, validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(MixtureSameFamily, _instance)
        new._component_distribution = self._component_distribution.expand(
            Size((*batch_shape, self._num_component))
        )
        new._mixture_distribution = self._mixture_distribution.expand(Size(batch_shape))
        new._num_component, new._event_ndims = self._num_component, self._event_ndims
        new._st_ready(batch_shape, self.event_shape, self._validate_args)
        return new

    @constraints.dependent_property()
    def support(self) -> Any:
        return constraints.MixtureSameFamilyConstraint(self._component_distribution.support)

    @property
    def mixture_distribution(self) -> Any:
        """What chooses."""
        return self._mixture_distribution

    @property
    def component_distribution(self) -> Any:
        """What is chosen from."""
        return self._component_distribution

    @property
    def _weights(self) -> Any:
        probs = self.mixture_distribution.probs
        return probs.reshape((*probs.shape, *(1 for _ in range(self._event_ndims))))

    @property
    def mean(self) -> Any:
        return (self._weights * self.component_distribution.mean).sum(-1 - self._event_ndims)

    @property
    def variance(self) -> Any:
        dim = -1 - self._event_ndims
        inside = (self._weights * self.component_distribution.variance).sum(dim)
        apart = (self.component_distribution.mean - self.mean.unsqueeze(dim)).square()
        return inside + (self._weights * apart).sum(dim)

    def _over(self, value: Any) -> Any:
        return value.unsqueeze(-1 - self._event_ndims)

    def cdf(self, value: Any) -> Any:
        found = self.component_distribution.cdf(self._over(value))
        return (found * self.mixture_distribution.probs).sum(-1)

    def log_prob(self, value: Any) -> Any:
        self._st_checked(value)
        found = self.component_distribution.log_prob(self._over(value))
        return (found + self.mixture_distribution.logits.log_softmax(-1)).logsumexp(-1)

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            dim = len(sample_shape) + len(self.batch_shape)
            chosen = self.mixture_distribution.expand(self.batch_shape).sample(sample_shape)
            drawn = self.component_distribution.sample(sample_shape)
            places = chosen.reshape((*chosen.shape, 1, *(1 for _ in self.event_shape)))
            places = places.expand((*chosen.shape, 1, *self.event_shape))
            return drawn.gather(dim, places).squeeze(dim)

    def __repr__(self) -> str:
        return f"MixtureSameFamily(\n  {self.mixture_distribution},\n  {self.component_distribution})"
