"""What makes context managers decorators, under the name that libraries know."""

from spiraltorch_rs.autograd._decorator import ContextDecorator as _DecoratorContextManager

__all__ = ["_DecoratorContextManager"]
