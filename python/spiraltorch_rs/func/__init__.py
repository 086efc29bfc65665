"""Functions of functions: gradients, Jacobians, batching, calls with other parameters."""

from spiraltorch_rs.func._call import functional_call, stack_module_state
from spiraltorch_rs.func._grad import grad, grad_and_value, jvp, linearize, vjp
from spiraltorch_rs.func._jacobian import hessian, jacfwd, jacrev
from spiraltorch_rs.func._module import replace_all_batch_norm_modules_
from spiraltorch_rs.func._vmap import vmap

__all__ = [
    "functional_call",
    "functionalize",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "linearize",
    "replace_all_batch_norm_modules_",
    "stack_module_state",
    "vjp",
    "vmap",
]


def functionalize(func: object, *, remove: str = "mutations") -> object:
    """The function itself: the graph it records has no in-place operators anyway."""
    if remove not in ("mutations", "mutations_and_views"):
        raise RuntimeError(
            "functionalize(f, remove='mutations'): received invalid argument for remove=. "
            f"Valid options are: remove='mutations' or 'mutations_and_views', got {remove!r}"
        )
    return func
