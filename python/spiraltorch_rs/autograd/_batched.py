"""What `vmap` makes of a user's `Function`: its `vmap` staticmethod is given the batches that samples stand for."""

from __future__ import annotations

from typing import NamedTuple

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.autograd.grad_mode import transforms
from spiraltorch_rs.utils._pytree import broadcast_prefix, tree_flatten, tree_leaves, tree_unflatten

# As `typing.TYPE_CHECKING`, without importing the module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MORE = "For more details, please see https://pytorch.org/docs/main/notes/extending.func.html"
_TWO = (
    "Expected the vmap staticmethod to have two returns, an output and out_dims with pytree structure compatible with "
    "the output. "
)


class VmapInfo(NamedTuple):
    """What a `vmap` staticmethod is told of the batch."""

    batch_size: int
    randomness: str


class Level:
    """A `vmap` whose function is being called: what records it, and from which dimensions its samples are."""

    def __init__(self, batch_size: int, randomness: str) -> None:
        self.info = VmapInfo(batch_size, randomness)
        self.recording = _C._vmap_begin(batch_size, randomness)
        self.samples: list[tuple[Tensor, int]] = []

    def sample(self, batched: Tensor, dim: int = 0) -> Tensor:
        """What stands for an entry of a batch, which is along the first dimension and was along `dim`."""
        made: Tensor = self.recording.sample(batched)
        self.samples.append((made, dim))
        return made

    def is_batched(self, value: Any) -> bool:
        """Whether it depends on the batch."""
        return isinstance(value, Tensor) and bool(self.recording.is_batched(value))

    def batch_of(self, value: Any) -> tuple[Any, int | None]:
        """The batch behind a sample, and its dimension."""
        if not self.is_batched(value):
            return value, None
        dim = next((dim for sample, dim in self.samples if sample is value), 0)
        (whole,) = self.recording.lift([value])
        return (whole.movedim(0, dim) if dim else whole), dim

    def forward(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What the function's `vmap` says of the arguments' batches, as samples again."""
        if any(isinstance(leaf, Tensor) for leaf in tree_leaves(kwargs)):
            raise NotImplementedError(
                "Run vmap on autograd.Function with kwarg-only Tensor args. Please do not pass kwarg-only Tensors to "
                f"autograd.Function. Got: {kwargs}"
            )
        leaves, spec = tree_flatten(args)
        batches, dims = zip(*map(self.batch_of, leaves), strict=True)
        versions = [batch._version if isinstance(batch, Tensor) else None for batch in batches]
        result = function.vmap(
            self.info, tree_unflatten(dims, spec), *tree_unflatten(batches, spec), **kwargs
        )
        if not isinstance(result, tuple):
            raise RuntimeError(f"{_TWO}Got a {type(result)} instead")
        if len(result) != 2:
            raise RuntimeError(f"{_TWO}Got {len(result)} returns instead")
        outputs, structure = tree_flatten(result[0])
        out_dims = broadcast_prefix(result[1], structure)
        if out_dims is None or not all(dim is None or isinstance(dim, int) for dim in out_dims):
            raise RuntimeError(
                "The autograd.Function's vmap staticmethod returned an incompatible (output, out_dims) tuple. Expected "
                f"out_dims={result[1]} to be compatible with the structure of `output`. out_dims has structure "
                f"{tree_flatten(result[1])[1]} but output has structure {structure}. {_MORE}"
            )

        for leaf, batch, dim, version in zip(leaves, batches, dims, versions, strict=True):
            if dim is not None and batch._version != version:  # The function wrote to it.
                leaf.copy_(self.sample(batch.movedim(dim, 0), dim))

        def entry(output: Any, dim: int | None) -> Any:
            if not isinstance(output, Tensor):
                return output
            given = next((leaf for leaf, batch in zip(leaves, batches, strict=True) if batch is output), None)
            if given is not None or dim is None:
                return output if given is None else given
            return self.sample(output.movedim(dim, 0), dim)

        made = [entry(output, dim) for output, dim in zip(outputs, out_dims, strict=True)]
        return tree_unflatten(made, structure)


def level_of(args: Any) -> Level | None:
    """The innermost `vmap` that some of the arguments depend on."""
    leaves = tree_leaves(args)
    levels = reversed(transforms.recordings)
    return next((level for level in levels if any(level.is_batched(leaf) for leaf in leaves)), None)


def expect_transformable(function: Any, has_setup: bool, is_own: bool, level: Level | None) -> None:
    """Refuses, as torch does, what says too little of itself for `grad`, `vmap` and the like."""
    if not has_setup:
        raise RuntimeError(
            "In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, jacrev, ...), it must "
            f"override the setup_context staticmethod. {_MORE}"
        )
    if level is None:
        return
    name = function.__name__
    if function.generate_vmap_rule and is_own:
        raise RuntimeError(
            f"You tried to vmap over {name}, but it has both generate_vmap_rule=True and an overridden vmap "
            "staticmethod. Please set generate_vmap_rule=False or delete the overridden vmap staticmethod to avoid "
            f"ambiguity. {_MORE}"
        )
    if not function.generate_vmap_rule and not is_own:
        raise RuntimeError(
            f"You tried to vmap over {name}, but it does not have vmap support. Please override and implement the "
            f"vmap staticmethod or set generate_vmap_rule=True. {_MORE}"
        )
