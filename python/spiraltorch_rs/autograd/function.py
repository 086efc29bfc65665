"""Functions with gradients written by the user."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd import _jvp
from spiraltorch_rs.autograd.grad_mode import _Mode, no_grad, tangents, transforms

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from spiraltorch_rs.autograd._batched import Level


__all__ = ["Function", "FunctionCtx", "InplaceFunction", "NestedIOFunction", "once_differentiable"]


class FunctionCtx:
    """What `forward` leaves for `backward`."""

    def __init__(self) -> None:
        self.needs_input_grad: tuple[bool, ...] = ()
        self.materialize_grads = True
        self._to_save: tuple[Tensor | None, ...] = ()
        self._saved: list[Any] = []
        self._dirty: tuple[Tensor, ...] = ()
        self._non_differentiable: tuple[Tensor, ...] = ()
        # Shapes, dtypes and devices.
        self._outputs: list[tuple[tuple[int, ...], Any, Any]] = []
        self._is_tensor: list[bool] = []
        # Outputs that were marked as not differentiable, and whether they have gradients of zero.
        self._marked: list[bool] = []
        self._materialize_non_diff_grads = True
        self._released = False
        # What `jvp` sees as `saved_tensors`, and whether it is running.
        self._for_forward: tuple[Tensor | None, ...] = ()
        self._in_jvp = False
        self._knows_tangents = False

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Saves inputs, outputs or other tensors; a later write to them is noticed."""
        self._to_save = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Saves tensors that `jvp` reads as `saved_tensors`."""
        for tensor in tensors:
            if tensor is not None and not isinstance(tensor, Tensor):
                raise TypeError(
                    f"save_for_forward expects all arguments to be tensors; got {type(tensor).__name__}"
                )
        self._for_forward = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """These inputs were written in place."""
        self._dirty = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """These outputs have no gradient."""
        self._non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether `backward` sees zeros (the default) or `None` for outputs without gradient."""
        self.materialize_grads = value

    def mark_shared_storage(self, *pairs: Any) -> None:
        """Accepted and not needed: views know what they share."""

    @property
    def saved_variables(self) -> tuple[Tensor | None, ...]:
        """The old name of `saved_tensors`."""
        return self.saved_tensors

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What `save_for_backward` saved; in `jvp`, what `save_for_forward` did."""
        if self._in_jvp:
            return self._for_forward
        if self._released:
            raise RuntimeError(
                "Trying to backward through the graph a second time (or directly access saved tensors after "
                "they have already been freed). Saved intermediate values of the graph are freed when you "
                "call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward "
                "through the graph a second time or if you need to access saved tensors after calling "
                "backward."
            )
        return tuple(None if saved is None else saved.unpack() for saved in self._saved)

    def _release(self) -> None:
        if self._saved:
            self._saved = []
            self._released = True

    def _save(self, inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
        for i, tensor in enumerate(self._to_save):
            if tensor is None:
                self._saved.append(None)
                continue
            if not isinstance(tensor, Tensor):
                kind = type(tensor).__name__
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {i} is of type {kind}"
                )
            fresh = not any(tensor is given for given in inputs) or any(
                tensor is dirty for dirty in self._dirty
            )
            number = next((i for i, out in enumerate(outputs) if out is tensor), None) if fresh else None
            self._saved.append(_C._save(tensor) if number is None else _C._save(tensor, number))
        self._to_save = ()


class _Unrecorded(_Mode):
    """As `no_grad`, in forward mode too."""

    _wanted = (False, None)


_SAVED_AS_IT_IS = (
    "An input that has been returned as-is as output is being saved for backward. This is not supported if you "
    "override setup_context. You should return and save a view of the input instead, e.g. with x.view_as(x) or setup "
    "ctx inside the forward function itself."
)


def _is_in(tensor: Any, some: tuple[Any, ...]) -> bool:
    return any(tensor is one for one in some)


class Function:
    """A function with a gradient of its own: subclasses define the static methods `forward` and `backward`.

    >>> import spiraltorch_rs as st
    >>> class Cube(st.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x * x
    ...     @staticmethod
    ...     def backward(ctx, gradient):
    ...         (x,) = ctx.saved_tensors
    ...         return gradient * 3 * x * x
    >>> x = st.tensor(2.0, requires_grad=True)
    >>> Cube.apply(x).backward()
    >>> x.grad
    tensor(12.)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all static, so you should "
            "invoke them on the class itself. Instantiating an autograd function will raise an error in a future "
            "version of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
        )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._backward_cls = _C._node_class(f"{cls.__name__}Backward")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What functions of very old programs are called by."""
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd "
            "function with static forward method: give it `@staticmethod`s with a context, and call `apply`."
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Computes the result; the first argument is the context unless `setup_context` is defined."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Fills the context after a `forward` without one."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """From the gradients of the outputs to those of the arguments."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    @staticmethod
    def vjp(ctx: Any, *grad_outputs: Any) -> Any:
        """Another name for `backward`."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """From the tangents of the arguments to those of the outputs."""
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."
        )

    @staticmethod
    def vmap(info: Any, in_dims: Any, *args: Any) -> Any:
        """From batches to batches and their dimensions; not needed with `generate_vmap_rule`."""
        raise NotImplementedError("vmap is not implemented by this autograd.Function.")

    generate_vmap_rule = False
    # The class of its nodes on the tape.
    _backward_cls: Any = None
    # Whether transforms take it as it is: those of this package.
    _st_is_ours = False

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Calls `forward` and puts it on the tape."""
        has_setup = cls.setup_context is not Function.setup_context
        if has_setup:
            args, kwargs = cls._st_with_defaults(args, kwargs)
        level = cls._st_vmap_level(args) if transforms.depth and not cls._st_is_ours else None
        ctx = FunctionCtx()
        ctx.needs_input_grad = tuple(isinstance(arg, Tensor) and arg.requires_grad for arg in args)
        moving = _jvp.tangents_of(args) if tangents.depth else []
        with _Unrecorded():
            if not has_setup:
                result = cls.forward(ctx, *args, **kwargs)
            else:
                result = cls.forward(*args, **kwargs) if level is None else level.forward(cls, args, kwargs)
                cls.setup_context(ctx, args, result)
        single = not isinstance(result, tuple)
        given = (result,) if single else result
        outputs = cls._st_distinct(ctx, args, given)
        if _C.is_grad_enabled() and any(ctx.needs_input_grad):
            # (What was marked is what `forward` gave, not the view that stands for it.)
            marked = [_is_in(out, ctx._non_differentiable) for out in given if isinstance(out, Tensor)]
            moved = _jvp.pushed(cls, ctx, args, moving, outputs, given) if moving else []
            ctx._marked = marked
            cls._st_record(ctx, args, outputs, [not is_marked for is_marked in marked])
            for out, tangent in moved:
                _jvp.remember(out, tangent)
        return outputs[0] if single else outputs

    @classmethod
    def _st_with_defaults(
        cls, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of a `forward` without context, all of them, as `setup_context` sees them."""
        if not kwargs and not cls.forward.__defaults__:
            return args, {}
        from inspect import signature  # slow to import

        bound = signature(cls.forward).bind(*args, **kwargs)
        bound.apply_defaults()
        # (Outside of transforms what is given by name only does not arrive, and is refused, as in torch.)
        return bound.args, bound.kwargs if transforms.depth else {}

    @classmethod
    def _st_vmap_level(cls, args: tuple[Any, ...]) -> Level | None:
        """Whose batches the function's own `vmap` is to be given; an error for what no transform can take."""
        from spiraltorch_rs.autograd import _batched

        level = _batched.level_of(args)
        is_own, has_setup = cls.vmap is not Function.vmap, cls.setup_context is not Function.setup_context
        _batched.expect_transformable(cls, has_setup, is_own, level)
        return level if is_own else None

    @classmethod
    def _st_distinct(
        cls, ctx: FunctionCtx, args: tuple[Any, ...], outputs: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """An input returned as it is becomes a view: its own history must not change."""
        inputs = tuple(arg for arg in args if isinstance(arg, Tensor))
        if not all(_is_in(tensor, inputs) for tensor in ctx._dirty):
            warnings.warn(
                f"{cls.__name__}: ctx.mark_dirty() received a tensor that was not an input; only inputs that were "
                "written in place need it",
                stacklevel=3,
            )
        for tensor in ctx._dirty:  # However it was written: through numpy nobody else counts it.
            _C._increment_version(tensor)
        has_setup = cls.setup_context is not Function.setup_context
        unrecorded = not _C.is_grad_enabled()
        distinct, given = [], []
        for out in outputs:
            if isinstance(out, Tensor) and not _is_in(out, ctx._dirty):
                if _is_in(out, inputs):
                    if has_setup and _is_in(out, (*ctx._to_save, *ctx._for_forward)):
                        raise RuntimeError(_SAVED_AS_IT_IS)
                    is_apart = cls._st_is_ours or (unrecorded and out.requires_grad)
                    is_apart = is_apart or _is_in(out, ctx._non_differentiable)
                    with _Unrecorded():
                        out = out.detach() if is_apart else out.view_as(out)
                given.append(out)
            distinct.append(out)
        if given and not cls._st_is_ours:
            is_on_tape = not unrecorded and any(ctx.needs_input_grad)
            _C._mark_of_function(given, is_on_tape and len(given) > 1)
        return tuple(distinct)

    @classmethod
    def _st_record(
        cls, ctx: FunctionCtx, args: tuple[Any, ...], outputs: tuple[Any, ...], differentiable: list[bool]
    ) -> None:
        places = [i for i, arg in enumerate(args) if isinstance(arg, Tensor)]
        results = [out for out in outputs if isinstance(out, Tensor)]
        ctx._outputs = [(tuple(out.shape), out.dtype, out.device) for out in results]
        ctx._is_tensor = [isinstance(out, Tensor) for out in outputs]
        ctx._save(args, tuple(results))

        def backward(*gradients: Any) -> tuple[Any, ...]:
            if tangents.walk == "known" and ctx._knows_tangents:
                return (None,) * len(places)
            if tangents.walk == "linear" and cls.jvp is not Function.jvp:
                return _jvp.transposed(cls, ctx, args_count, likes, gradients)
            return cls._st_gradients(ctx, args_count, places, gradients)

        args_count = len(args)
        likes = {i: args[i].detach() for i in places} if cls.jvp is not Function.jvp else {}
        name = f"{cls.__name__}Backward"
        node = _C._record(
            name, backward, ctx._release, [args[i] for i in places], results, differentiable, ctx
        )
        ctx.next_functions = () if node is None else node.next_functions  # type: ignore[attr-defined]

    @classmethod
    def _st_gradients(
        cls, ctx: FunctionCtx, count: int, places: list[int], upstream: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        if ctx.materialize_grads:
            upstream = tuple(
                _C.zeros(shape, dtype=dtype, device=device)
                if gradient is None and (ctx._materialize_non_diff_grads or not is_marked)
                else gradient
                for gradient, (shape, dtype, device), is_marked in zip(
                    upstream, ctx._outputs, ctx._marked, strict=True
                )
            )
        # Outputs that are no tensors have no gradient, but their place among the arguments.
        gradients = iter(upstream)
        upstream = tuple(next(gradients) if is_tensor else None for is_tensor in ctx._is_tensor)
        if cls.backward is not Function.backward and cls.vjp is not Function.vjp:
            raise RuntimeError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only "
                "implement one of them."
            )
        rule = cls.vjp if cls.backward is Function.backward else cls.backward
        given = rule(ctx, *upstream)
        given = given if isinstance(given, tuple) else (given,)
        if len(given) > count and all(gradient is None for gradient in given[count:]):
            given = given[:count]
        if len(given) != count:
            raise RuntimeError(
                f"function {cls.__name__}Backward returned an incorrect number of gradients "
                f"(expected {count}, got {len(given)})"
            )
        for i, gradient in enumerate(given):
            if gradient is not None and i not in places:
                raise RuntimeError(
                    f"function {cls.__name__}Backward returned a gradient different from None at "
                    f"position {i + 1}, but the corresponding forward input was not a Variable"
                )
        return tuple(given[i] for i in places)


class InplaceFunction(Function):
    """A function that may write its input; `mark_dirty` says so. Kept for old programs."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace


class NestedIOFunction(Function):
    """The old name of a function whose arguments hold tensors in lists and tuples."""


def once_differentiable(function: Callable[..., Any]) -> Callable[..., Any]:
    """For a `backward` that cannot be differentiated again: a second derivative is an error."""

    @wraps(function)
    def wrapper(ctx: Any, *gradients: Any) -> Any:
        with no_grad():
            given = function(ctx, *gradients)
        recorded = _C.is_grad_enabled() and any(isinstance(g, Tensor) and g.requires_grad for g in gradients)
        if not recorded:
            return given
        outputs = given if isinstance(given, tuple) else (given,)
        marked = tuple(None if g is None else _Refuse.apply(g.detach().requires_grad_()) for g in outputs)
        return marked if isinstance(given, tuple) else marked[0]

    return wrapper


class _Refuse(Function):
    """A gradient that must not be differentiated."""

    _st_is_ours = True

    @staticmethod
    def forward(ctx: Any, gradient: Any) -> Any:
        return gradient.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        raise RuntimeError(
            "trying to differentiate twice a function that was marked with @once_differentiable"
        )
