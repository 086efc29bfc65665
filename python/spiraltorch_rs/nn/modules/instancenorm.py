"""Instance normalisation: each channel of each sample by itself."""

from __future__ import annotations

import warnings
from typing import Any

from spiraltorch_rs._C import Tensor
from spiraltorch_rs.nn.modules._norm_base import _LazyNormBase, _NormBase, check_dims
from spiraltorch_rs.nn.modules._shared import F

__all__ = [
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
]


class _InstanceNorm(_NormBase):
    _spatial = 0

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def _get_no_batch_dim(self) -> int:
        return self._spatial + 1

    def _check_input_dim(self, input: Tensor) -> None:
        check_dims(input, self._spatial + 1, self._spatial + 2)

    def _normalized(self, input: Tensor) -> Tensor:
        return F.instance_norm(  # type: ignore[no-any-return]
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: Any,
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        if local_metadata.get("version", None) is None and not self.track_running_stats:
            old = [prefix + name for name in ("running_mean", "running_var") if prefix + name in state_dict]
            if old:
                names = " and ".join(f'"{key}"' for key in old)
                name = type(self).__name__
                error_msgs.append(
                    f"Unexpected running stats buffer(s) {names} for {name} with track_running_stats=False. Remove "
                    f"these keys from state_dict, or set track_running_stats=True in {name}."
                )
                for key in old:
                    state_dict.pop(key)
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )

    def forward(self, input: Tensor) -> Tensor:
        self._check_input_dim(input)
        batched = input.dim() == self._spatial + 2
        channel = 1 if batched else 0
        if input.size(channel) != self.num_features:
            if self.affine:
                raise ValueError(
                    f"expected input's size at dim={channel} to match num_features ({self.num_features}), but got: "
                    f"{input.size(channel)}."
                )
            warnings.warn(
                f"input's size at dim={channel} does not match num_features. You can silence this warning by not "
                "passing in num_features, which is not used because affine=False",
                stacklevel=2,
            )
        return self._normalized(input) if batched else self._normalized(input.unsqueeze(0)).squeeze(0)


class InstanceNorm1d(_InstanceNorm):
    """Each channel of each sample of a 3D input brought to mean 0 and variance 1."""

    _spatial = 1


class InstanceNorm2d(_InstanceNorm):
    """Each channel of each sample of a 4D input brought to mean 0 and variance 1."""

    _spatial = 2


class InstanceNorm3d(_InstanceNorm):
    """Each channel of each sample of a 5D input brought to mean 0 and variance 1."""

    _spatial = 3


class _LazyInstanceNorm(_LazyNormBase, _InstanceNorm):
    def initialize_parameters(self, input: Tensor) -> None:
        super().initialize_parameters(input.unsqueeze(0) if input.dim() == self._spatial + 1 else input)


class LazyInstanceNorm1d(_LazyInstanceNorm):
    """`InstanceNorm1d` whose `num_features` the first input tells."""

    cls_to_become = InstanceNorm1d
    _spatial = 1


class LazyInstanceNorm2d(_LazyInstanceNorm):
    """`InstanceNorm2d` whose `num_features` the first input tells."""

    cls_to_become = InstanceNorm2d
    _spatial = 2


class LazyInstanceNorm3d(_LazyInstanceNorm):
    """`InstanceNorm3d` whose `num_features` the first input tells."""

    cls_to_become = InstanceNorm3d
    _spatial = 3
