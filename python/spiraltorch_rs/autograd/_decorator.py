"""What makes a context manager a decorator as well."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ContextDecorator:
    """`with mode():`, `@mode()` and, where a class allows it, `@mode`."""

    def clone(self) -> ContextDecorator:
        """A fresh one with the same settings, for each call of a decorated function."""
        return type(self)()

    def __enter__(self) -> Any:
        raise NotImplementedError

    def __exit__(self, *error: Any) -> None:
        raise NotImplementedError

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if isinstance(function, type):
            import warnings

            warnings.warn(
                "Decorating classes is deprecated and will be disabled in future versions: decorate functions or "
                "methods. What it does, decorating `__init__` does as well.",
                FutureWarning,
                stacklevel=2,
            )
            return lambda *args, **kwargs: self._calling(function, args, kwargs)
        from inspect import isgeneratorfunction  # slow to import

        if isgeneratorfunction(function):
            return self._generator(function)

        @wraps(function)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)

        return decorated

    def _calling(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        with self.clone():
            return function(*args, **kwargs)

    def _generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The mode holds while the generator runs, not while its user does."""

        @wraps(function)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            generator = function(*args, **kwargs)
            resume, value = generator.send, None
            try:
                while True:
                    with self.clone():
                        item = resume(value)
                    try:
                        resume, value = generator.send, (yield item)
                    except GeneratorExit:
                        with self.clone():
                            generator.close()
                        raise
                    except BaseException as error:
                        resume, value = generator.throw, error
            except StopIteration as stop:
                return stop.value

        return decorated
