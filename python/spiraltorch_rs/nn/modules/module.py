"""`Module`: a tree of layers with parameters, buffers and hooks, as torch has it."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

from spiraltorch_rs import _C, __future__
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd import no_grad
from spiraltorch_rs.nn.modules._call import CallsHooks
from spiraltorch_rs.nn.modules._hooks import (
    Flags,
    Hooks,
    register_module_backward_hook,
    register_module_buffer_registration_hook,
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_full_backward_hook,
    register_module_full_backward_pre_hook,
    register_module_module_registration_hook,
    register_module_parameter_registration_hook,
)
from spiraltorch_rs.nn.modules._state import (
    _EXTRA_STATE_KEY_SUFFIX as _EXTRA_STATE_KEY_SUFFIX,
)
from spiraltorch_rs.nn.modules._state import HasState, _IncompatibleKeys
from spiraltorch_rs.nn.parameter import Buffer, Parameter, is_lazy
from spiraltorch_rs.utils import swap_tensors

__all__ = [
    "Module",
    "_IncompatibleKeys",
    "register_module_backward_hook",
    "register_module_buffer_registration_hook",
    "register_module_forward_hook",
    "register_module_forward_pre_hook",
    "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook",
    "register_module_module_registration_hook",
    "register_module_parameter_registration_hook",
]

# Hooks of all modules (`_hooks`).
_global_buffer_registration_hooks: Hooks = OrderedDict()
_global_module_registration_hooks: Hooks = OrderedDict()
_global_parameter_registration_hooks: Hooks = OrderedDict()
_global_backward_pre_hooks: Hooks = OrderedDict()
_global_backward_hooks: Hooks = OrderedDict()
_global_forward_pre_hooks: Hooks = OrderedDict()
_global_forward_hooks: Hooks = OrderedDict()
_global_forward_hooks_always_called: Flags = OrderedDict()
_global_forward_hooks_with_kwargs: Flags = OrderedDict()
# Whether `_global_backward_hooks` holds full hooks; None while it never held any.
_global_is_full_backward_hook: bool | None = None

# What an instance has from the start; modules pickled before a field was there get it when they are loaded.
_FIELDS: dict[str, Callable[[], Any]] = {
    "training": lambda: True,
    "_parameters": dict,
    "_buffers": dict,
    "_non_persistent_buffers_set": set,
    "_backward_pre_hooks": OrderedDict,
    "_backward_hooks": OrderedDict,
    "_is_full_backward_hook": lambda: None,
    "_forward_hooks": OrderedDict,
    "_forward_hooks_with_kwargs": OrderedDict,
    "_forward_hooks_always_called": OrderedDict,
    "_forward_pre_hooks": OrderedDict,
    "_forward_pre_hooks_with_kwargs": OrderedDict,
    "_state_dict_hooks": OrderedDict,
    "_state_dict_pre_hooks": OrderedDict,
    "_load_state_dict_pre_hooks": OrderedDict,
    "_load_state_dict_post_hooks": OrderedDict,
    "_modules": dict,
}


def _indented(text: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *("  " + line if line.strip() else "" for line in rest)])


def _type_name(value: Any) -> str:
    if isinstance(value, Tensor):
        return str(value.type())
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")


class Module(HasState, CallsHooks):
    """The base of all layers: subclasses define `forward`.

    >>> import spiraltorch_rs as st
    >>> class Double(st.nn.Module):
    ...     def forward(self, x):
    ...         return x * 2
    >>> Double()(st.ones(2))
    tensor([2., 2.])
    """

    dump_patches: bool = False
    call_super_init: bool = False
    training: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        name = type(self).__name__
        if not self.call_super_init and kwargs:
            raise TypeError(f"{name}.__init__() got an unexpected keyword argument '{next(iter(kwargs))}'")
        if not self.call_super_init and args:
            raise TypeError(f"{name}.__init__() takes 1 positional argument but {len(args) + 1} were given")
        for field, make in _FIELDS.items():
            object.__setattr__(self, field, make())
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def _forward_unimplemented(self, *input: Any) -> Any:
        """What a call computes; subclasses say it."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    forward: Callable[..., Any] = _forward_unimplemented

    # Registration.

    def _st_check_name(self, name: Any, kind: str, table: str) -> None:
        if table not in self.__dict__:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {_type_name(name)}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain "."')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if hasattr(self, name) and name not in self.__dict__[table]:
            raise KeyError(f"attribute '{name}' already exists")

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Adds a tensor that is no parameter; unless it is `persistent`, the state dict leaves it out."""
        self._st_check_name(name, "buffer", "_buffers")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{_type_name(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        for hook in _global_buffer_registration_hooks.values():
            changed = hook(self, name, tensor)
            tensor = tensor if changed is None else changed
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Adds a parameter."""
        self._st_check_name(name, "parameter", "_parameters")
        if param is None:
            self._parameters[name] = None
            return
        if not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{_type_name(param)}' object to parameter '{name}' "
                "(torch.nn.Parameter or None required)"
            )
        if param.grad_fn is not None:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly. "
                f"To express '{name}' as a function of another Tensor, compute the value in the forward() method."
            )
        for hook in _global_parameter_registration_hooks.values():
            changed = hook(self, name, param)
            param = param if changed is None else changed
        self._parameters[name] = param

    def add_module(self, name: str, module: Module | None) -> None:
        """Adds a child."""
        if not isinstance(module, Module) and module is not None:
            raise TypeError(f"{_type_name(module)} is not a Module subclass")
        self._st_check_name(name, "module", "_modules")
        self._modules[name] = self._st_registered_module(name, module)

    def register_module(self, name: str, module: Module | None) -> None:
        """The same as `add_module`."""
        self.add_module(name, module)

    def _st_registered_module(self, name: str, module: Any) -> Any:
        for hook in _global_module_registration_hooks.values():
            changed = hook(self, name, module)
            module = module if changed is None else changed
        return module

    # Attributes.

    def __getattr__(self, name: str) -> Any:
        # (Written out, for programs come here for every parameter and child they touch.)
        mine = self.__dict__
        if "_parameters" in mine and name in mine["_parameters"]:
            return mine["_parameters"][name]
        if "_modules" in mine and name in mine["_modules"]:
            return mine["_modules"][name]
        if "_buffers" in mine and name in mine["_buffers"]:
            return mine["_buffers"][name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def _st_forget(self, name: str, *tables: str) -> None:
        """An attribute is one of: a plain one, a parameter, a buffer, a child."""
        for entries in (self.__dict__, *(self.__dict__.get(table) for table in tables)):
            if entries is not None and name in entries:
                if isinstance(entries, set):
                    entries.discard(name)
                else:
                    del entries[name]

    def __setattr__(self, name: str, value: Any) -> None:
        mine = self.__dict__
        if isinstance(value, Parameter):
            if "_parameters" not in mine:
                raise AttributeError("cannot assign parameters before Module.__init__() call")
            self._st_forget(name, "_buffers", "_modules", "_non_persistent_buffers_set")
            self.register_parameter(name, value)
        elif name in mine.get("_parameters", ()):
            if value is not None:
                raise TypeError(
                    f"cannot assign '{_type_name(value)}' as parameter '{name}' "
                    "(torch.nn.Parameter or None expected)"
                )
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            if "_modules" not in mine:
                raise AttributeError("cannot assign module before Module.__init__() call")
            self._st_forget(name, "_parameters", "_buffers", "_non_persistent_buffers_set")
            mine["_modules"][name] = self._st_registered_module(name, value)
        elif name in mine.get("_modules", ()):
            if value is not None:
                raise TypeError(
                    f"cannot assign '{_type_name(value)}' as child module '{name}' (torch.nn.Module or None expected)"
                )
            mine["_modules"][name] = self._st_registered_module(name, value)
        elif isinstance(value, Buffer) or name in mine.get("_buffers", ()):
            self._st_set_buffer(name, value)
        else:
            object.__setattr__(self, name, value)

    def _st_set_buffer(self, name: str, value: Any) -> None:
        if "_buffers" not in self.__dict__:
            raise AttributeError("cannot assign buffer before Module.__init__() call")
        if value is not None and not isinstance(value, Tensor):
            raise TypeError(
                f"cannot assign '{_type_name(value)}' as buffer '{name}' "
                "(torch.nn.Buffer, torch.Tensor or None expected)"
            )
        if isinstance(value, Buffer):
            self._st_forget(name, "_parameters", "_modules")
            self.register_buffer(name, value, getattr(value, "persistent", True))
            return
        for hook in _global_buffer_registration_hooks.values():
            changed = hook(self, name, value)
            value = value if changed is None else changed
        self._buffers[name] = value

    def __delattr__(self, name: str) -> None:
        if name in self._parameters:
            del self._parameters[name]
        elif name in self._buffers:
            del self._buffers[name]
            self._non_persistent_buffers_set.discard(name)
        elif name in self._modules:
            del self._modules[name]
        else:
            object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = [*dir(type(self)), *self.__dict__, *self._parameters, *self._modules, *self._buffers]
        return sorted({name for name in names if not name[0].isdigit()})

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for field, make in _FIELDS.items():
            self.__dict__.setdefault(field, make())

    # The tree.

    def _st_at(self, target: str) -> Module:
        module: Any = self
        for name in target.split(".") if target else ():
            if not hasattr(module, name):
                raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
            module = getattr(module, name)
            if not isinstance(module, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return module  # type: ignore[no-any-return]

    def get_submodule(self, target: str) -> Module:
        """The module at a path such as `layers.0.linear`."""
        return self._st_at(target)

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Puts a module at a path; with `strict`, one must be there already."""
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        if not isinstance(module, Module):
            raise ValueError(f'"module" is not an nn.Module, found {type(module)}')
        path, _, name = target.rpartition(".")
        parent = self._st_at(path)
        if strict and not hasattr(parent, name):
            raise AttributeError(f"{type(parent).__name__} has no attribute `{name}`")
        if hasattr(parent, name) and not isinstance(getattr(parent, name), Module):
            raise AttributeError(f"`{name}` is not an nn.Module")
        setattr(parent, name, module)

    def _st_member(self, target: str, table: str, what: str) -> Any:
        path, _, name = target.rpartition(".")
        module = self._st_at(path)
        if not hasattr(module, name):
            raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
        if name not in getattr(module, table):
            raise AttributeError(f"`{name}` is not {what}")
        return getattr(module, name)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a path such as `layers.0.weight`."""
        return self._st_member(target, "_parameters", "an nn.Parameter")  # type: ignore[no-any-return]

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a path."""
        return self._st_member(target, "_buffers", "a buffer")  # type: ignore[no-any-return]

    def named_modules(
        self, memo: set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module and all below, each with its path."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                path = prefix + ("." if prefix else "") + name
                yield from module.named_modules(memo, path, remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """This module and all below."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The children, each once, with their names."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Module]:
        """The children, each once."""
        for _, module in self.named_children():
            yield module

    def _named_members(
        self,
        get_members_fn: Callable[[Any], Iterable[tuple[str, Any]]],
        prefix: str = "",
        recurse: bool = True,
        remove_duplicate: bool = True,
    ) -> Iterator[tuple[str, Any]]:
        # Members may be made for the question: they are kept, so that no other one gets their place in memory.
        seen: dict[int, Any] = {}
        modules: Iterable[tuple[str, Any]] = [(prefix, self)]
        if recurse:
            modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        for path, module in modules:
            for name, member in get_members_fn(module):
                if member is None or id(member) in seen:
                    continue
                if remove_duplicate:
                    seen[id(member)] = member
                yield path + ("." if path else "") + name, member

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters, each with its path."""
        yield from self._named_members(lambda m: m._parameters.items(), prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, for an optimizer."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """The buffers, each with its path."""
        yield from self._named_members(lambda m: m._buffers.items(), prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Calls a function with every module below, then with this one."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # Modes and conversions.

    def train(self, mode: bool = True) -> Self:
        """Sets the mode of training (dropout, norms) here and below."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """Sets the mode of evaluation here and below."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Whether the parameters record gradients."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients, or sets them to zero."""
        for parameter in self.parameters():
            if parameter.grad is None:
                continue
            if set_to_none:
                parameter.grad = None
            else:
                parameter.grad = parameter.grad.detach()
                parameter.grad.zero_()

    def _apply(self, fn: Callable[[Any], Any], recurse: bool = True) -> Self:
        if recurse:
            for module in self.children():
                module._apply(fn)
        for name, parameter in self._parameters.items():
            if parameter is None:
                continue
            old = parameter.grad
            with no_grad():
                changed = fn(parameter)
                grad = None if old is None else fn(old).requires_grad_(old.requires_grad)
            other = changed is not parameter
            if other and __future__.get_swap_module_params_on_conversion():
                parameter.grad = None
                swap_tensors(parameter, Parameter(changed, parameter.requires_grad))
            elif other and (
                changed.is_complex() != parameter.is_complex()
                or __future__.get_overwrite_module_params_on_conversion()
            ):
                parameter = self._parameters[name] = Parameter(changed, parameter.requires_grad)
            elif other:
                parameter.data = changed
            if grad is not None:
                parameter.grad = grad
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Moves and casts parameters and buffers, as `Tensor.to`; a dtype is for floating-point ones."""
        device, dtype, non_blocking, order = _parsed_to(*args, **kwargs)
        if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
            )
        if dtype is not None and dtype.is_complex:
            warnings.warn(
                "Complex modules are a new feature: some modules might not work as expected with complex parameters or "
                "buffers.",
                stacklevel=2,
            )

        def convert(tensor: Any) -> Any:
            cast = dtype if tensor.is_floating_point() or tensor.is_complex() else None
            if is_lazy(tensor):
                if cast is not None:
                    tensor.data = tensor.data.to(cast)
                return tensor
            of_images = {"memory_format": order} if order is not None and tensor.dim() in (4, 5) else {}
            return tensor.to(device=device, dtype=cast, non_blocking=non_blocking, **of_images)

        return self._apply(convert)

    def to_empty(self, *, device: Any, recurse: bool = True) -> Self:
        """Moves to a device without the values."""
        return self._apply(lambda t: _C.empty_like(t, device=device), recurse=recurse)

    def _st_cast(self, dtype: Any) -> Self:
        return self._apply(lambda t: t.to(dtype) if t.is_floating_point() else t)

    def type(self, dst_type: Any) -> Self:
        """Casts all parameters and buffers."""
        return self._apply(lambda t: t.type(dst_type))

    def float(self) -> Self:
        """Casts floating-point parameters and buffers to float32."""
        return self._st_cast(_C.float32)

    def double(self) -> Self:
        """Casts floating-point parameters and buffers to float64."""
        return self._st_cast(_C.float64)

    def half(self) -> Self:
        """Casts floating-point parameters and buffers to float16."""
        return self._st_cast(_C.float16)

    def bfloat16(self) -> Self:
        """Casts floating-point parameters and buffers to bfloat16."""
        return self._st_cast(_C.bfloat16)

    def cpu(self) -> Self:
        """Moves to the CPU."""
        return self._apply(lambda t: t.cpu())

    def cuda(self, device: Any = None) -> Self:
        """Moves to a CUDA device."""
        index = device if isinstance(device, int) or device is None else _C.device(device).index
        return self.to("cuda" if index is None else f"cuda:{index}")

    def share_memory(self) -> Self:
        """Moves parameters and buffers to memory that other processes see, as their writes."""
        return self._apply(lambda t: t.share_memory_())

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Accepted: graphs are compiled anyway."""

    # Printing.

    def _get_name(self) -> str:
        return self.__class__.__name__

    def extra_repr(self) -> str:
        """What is printed between the parentheses."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [f"({name}): {_indented(repr(module))}" for name, module in self._modules.items()]
        if len(lines) == 1 and not children:
            return f"{self._get_name()}({lines[0]})"
        if not lines and not children:
            return f"{self._get_name()}()"
        return f"{self._get_name()}(\n  " + "\n  ".join([*lines, *children]) + "\n)"


def _parsed_to(*args: Any, **kwargs: Any) -> tuple[Any, Any, bool, Any]:
    """Device, dtype, `non_blocking` and `memory_format` from what `Tensor.to` accepts."""
    names = ("device", "dtype", "non_blocking", "memory_format", "tensor")
    for name in kwargs:
        if name not in names:
            error = RuntimeError if name == "copy" else TypeError
            raise error(f"to() received an invalid combination of arguments - got an unexpected {name!r}")
    device, dtype = kwargs.get("device"), kwargs.get("dtype")
    non_blocking = bool(kwargs.get("non_blocking", False))
    given = list(args)
    example = kwargs.get("tensor")
    if given and isinstance(given[0], Tensor):
        example = given.pop(0)
    if example is not None:
        device, dtype = example.device, example.dtype
    elif given:
        first = given.pop(0)
        if isinstance(first, _C.dtype):
            dtype = first
        else:
            device = first
            if given and not (given[0] is None or isinstance(given[0], _C.dtype)):
                raise TypeError(
                    "to() received an invalid combination of arguments - after a device comes a dtype, got "
                    f"{type(given[0]).__name__}"
                )
            if given:
                dtype = given.pop(0)
    if given:
        non_blocking = bool(given.pop(0))
    place = None if device is None else _C.device(device)
    return place, dtype, non_blocking, kwargs.get("memory_format")
