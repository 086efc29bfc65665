"""The base of all distributions."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs._size import Size
from spiraltorch_rs.autograd.grad_mode import no_grad
from spiraltorch_rs.distributions import constraints
from spiraltorch_rs.distributions.utils import broadcast_all, is_number, lazy_property

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

__all__ = ["Distribution", "Elementwise", "ExponentialFamily"]


class Distribution:
    """A batch of distributions: `batch_shape` of them, over events of `event_shape`."""

    has_rsample: Any = False
    has_enumerate_support: Any = False
    _validate_args: Any = __debug__

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Parameters are set by name."""

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether parameters and values are checked where nobody says."""
        if value not in (True, False):
            raise ValueError("set_default_validate_args: expected True or False")
        Distribution._validate_args = value

    def __init__(
        self, batch_shape: Any = (), event_shape: Any = (), validate_args: bool | None = None
    ) -> None:
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            self._st_check_parameters()

    def _st_check_parameters(self) -> None:
        try:
            known = self.arg_constraints
        except NotImplementedError:
            warnings.warn(
                f"{type(self)} does not define `arg_constraints`. Please set `arg_constraints = {{}}` or initialize "
                "the distribution with `validate_args=False` to turn off validation.",
                stacklevel=3,
            )
            return
        for name, constraint in known.items():
            lazy = isinstance(type(self).__dict__.get(name) or getattr(type(self), name, None), lazy_property)
            if constraints.is_dependent(constraint) or (name not in self.__dict__ and lazy):
                continue
            value = getattr(self, name)
            if not bool(constraint.check(value).all()):
                raise ValueError(
                    f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of distribution "
                    f"{self!r} to satisfy the constraint {constraint!r}, but found invalid values:\n{value}"
                )

    @property
    def batch_shape(self) -> Any:
        """The shape of the parameters, without that of events."""
        return self._batch_shape

    @property
    def event_shape(self) -> Any:
        """The shape of a single sample."""
        return self._event_shape

    @property
    def arg_constraints(self) -> Any:
        """The regions that the parameters lie in."""
        raise NotImplementedError

    @property
    def support(self) -> Any:
        """The region that samples lie in."""
        raise NotImplementedError

    @property
    def mean(self) -> Any:
        """The mean."""
        raise NotImplementedError

    @property
    def mode(self) -> Any:
        """The most likely value."""
        raise NotImplementedError(f"{type(self)} does not implement mode")

    @property
    def variance(self) -> Any:
        """The variance."""
        raise NotImplementedError

    @property
    def stddev(self) -> Any:
        """The standard deviation."""
        return self.variance.sqrt()

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The same distribution broadcast to another batch shape."""
        raise NotImplementedError

    def sample(self, sample_shape: Any = ()) -> Any:
        """Samples, off the tape."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        """Samples that are functions of the parameters."""
        raise NotImplementedError

    def sample_n(self, n: int) -> Any:
        """The old name of `sample((n,))`."""
        warnings.warn(
            "`sample_n(n)` will be deprecated. Use `sample((n,))` instead.", FutureWarning, stacklevel=2
        )
        return self.sample(Size((n,)))

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the density, or of the probability."""
        raise NotImplementedError

    def cdf(self, value: Any) -> Any:
        """The probability of at most this value."""
        raise NotImplementedError

    def icdf(self, value: Any) -> Any:
        """The quantile."""
        raise NotImplementedError

    def enumerate_support(self, expand: bool = True) -> Any:
        """All values of a discrete distribution."""
        raise NotImplementedError

    def entropy(self) -> Any:
        """The entropy."""
        raise NotImplementedError

    def perplexity(self) -> Any:
        """The exponential of the entropy."""
        return _C.exp(self.entropy())

    def _extended_shape(self, sample_shape: Any = ()) -> Any:
        return Size((*sample_shape, *self._batch_shape, *self._event_shape))

    def _validate_sample(self, value: Any) -> None:
        if not isinstance(value, Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        first = value.dim() - len(self._event_shape)
        if tuple(value.shape[max(first, 0) :]) != tuple(self._event_shape):
            raise ValueError(
                f"The right-most size of value must match event_shape: {value.shape} vs {self._event_shape}."
            )
        expected = (*self._batch_shape, *self._event_shape)
        for i, j in zip(reversed(tuple(value.shape)), reversed(expected), strict=False):
            if i != 1 and j != 1 and i != j:
                raise ValueError(
                    f"Value is not broadcastable with batch_shape+event_shape: {value.shape} vs {expected}."
                )
        try:
            support = self.support
        except NotImplementedError:
            warnings.warn(
                f"{type(self)} does not define `support` to enable sample validation. Please initialize the "
                "distribution with `validate_args=False` to turn off validation.",
                stacklevel=3,
            )
            return
        if not bool(support.check(value).all()):
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(value.shape)}) to be within the "
                f"support ({support!r}) of the distribution {self!r}, but found invalid values:\n{value}"
            )

    def _st_checked(self, value: Any) -> None:
        if self._validate_args:
            self._validate_sample(value)

    def _get_checked_instance(self, cls: type, _instance: Any = None) -> Any:
        if _instance is None and type(self).__init__ is not cls.__init__:  # type: ignore[misc]
            raise NotImplementedError(
                f"Subclass {type(self).__name__} of {cls.__name__} that defines a custom __init__ method must also "
                "define a custom .expand() method."
            )
        return self.__new__(type(self)) if _instance is None else _instance

    def _st_ready(self, batch_shape: Any, event_shape: Any, validate_args: Any) -> None:
        """Ends `expand`: the parameters have been checked before."""
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        self._validate_args = validate_args

    def __repr__(self) -> str:
        shown = [name for name in self.arg_constraints if name in self.__dict__]
        values = [(name, self.__dict__[name]) for name in shown]
        parts = (f"{name}: {value if value.numel() == 1 else value.size()}" for name, value in values)
        return f"{type(self).__name__}({', '.join(parts)})"


class Elementwise(Distribution):
    """A distribution of single numbers whose parameters broadcast; `_st_parameters` are their names."""

    _st_parameters: ClassVar[Sequence[str]] = ()

    def _st_set(self, validate_args: bool | None, **values: Any) -> None:
        """Takes over the parameters that are given."""
        tensors = broadcast_all(*values.values())
        for name, tensor in zip(values, tensors, strict=True):
            setattr(self, name, tensor)
        plain = all(is_number(value) for value in values.values())
        Distribution.__init__(self, Size() if plain else tensors[0].size(), validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        owner = next(cls for cls in type(self).__mro__ if "_st_parameters" in cls.__dict__)
        new = self._get_checked_instance(owner, _instance)
        for name in self._st_parameters:
            if name in self.__dict__:
                setattr(new, name, self.__dict__[name].expand(Size(batch_shape)))
        new._st_ready(batch_shape, (), self._validate_args)
        return new

    @property
    def _first(self) -> Any:
        return next(self.__dict__[name] for name in self._st_parameters if name in self.__dict__)

    def _new(self, sample_shape: Any) -> Any:
        """Memory for samples."""
        return _C.empty(
            self._extended_shape(sample_shape), dtype=self._first.dtype, device=self._first.device
        )

    def _uniform(self, sample_shape: Any) -> Any:
        """Uniform numbers in the open interval from 0 to 1."""
        kind = _C.finfo(self._first.dtype)
        return self._new(sample_shape).uniform_(kind.tiny, 1)


class ExponentialFamily(Distribution):
    """Densities of the form `exp(<t(x), theta> - F(theta) + k(x))`; entropy and divergence follow from `F`."""

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        raise NotImplementedError

    def _log_normalizer(self, *natural_params: Any) -> Any:
        raise NotImplementedError

    @property
    def _mean_carrier_measure(self) -> Any:
        raise NotImplementedError

    def entropy(self) -> Any:
        """By the gradient of the log normalizer, which is the mean of the statistics."""
        found = -self._mean_carrier_measure
        natural = [p.detach().requires_grad_() for p in self._natural_params]
        normalizer = self._log_normalizer(*natural)
        gradients = _C._grad([normalizer.sum()], natural, create_graph=True)
        found = found + normalizer
        for parameter, gradient in zip(natural, gradients, strict=True):
            product = parameter * gradient
            found = found - product.reshape((*self._batch_shape, -1)).sum(-1)
        return found
