"""What makes a context manager a decorator as well."""

from collections.abc import Callable
from functools import wraps
from inspect import isclass, isgeneratorfunction
from typing import Any


class ContextDecorator:
    """`with mode():`, `@mode()` and, where a class allows it, `@mode`."""

    def clone(self) -> "ContextDecorator":
        """A fresh one with the same settings, for each call of a decorated function."""
        return type(self)()

    def __enter__(self) -> Any:
        raise NotImplementedError

    def __exit__(self, *error: Any) -> None:
        raise NotImplementedError

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if isclass(function):
            raise TypeError("Cannot decorate classes; it is ambiguous whether only the constructor or all methods are meant")
        if isgeneratorfunction(function):
            return self._generator(function)

        @wraps(function)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)

        return decorated

    def _generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The mode holds while the generator runs, not while its user does."""

        @wraps(function)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            generator = function(*args, **kwargs)
            step: Callable[[], Any] = lambda: generator.send(None)  # noqa: E731
            try:
                while True:
                    with self.clone():
                        item = step()
                    try:
                        sent = yield item
                        step = lambda sent=sent: generator.send(sent)  # noqa: E731
                    except GeneratorExit:
                        with self.clone():
                            generator.close()
                        raise
                    except BaseException as error:
                        step = lambda error=error: generator.throw(error)  # noqa: E731
            except StopIteration as stop:
                return stop.value

        return decorated
