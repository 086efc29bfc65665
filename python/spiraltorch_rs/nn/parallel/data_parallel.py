"""`DataParallel`, for scripts that wrap their model in it: one device does the work."""

from __future__ import annotations

from typing import Any

from spiraltorch_rs.nn.modules.module import Module

__all__ = ["DataParallel"]


class DataParallel(Module):
    """Calls the module that it holds; the state's names begin with `module.`, as torch's."""

    def __init__(
        self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0
    ) -> None:
        super().__init__()
        self.module = module
        self.dim = dim
        self.device_ids: list[Any] = list(device_ids) if device_ids else []
        if len(self.device_ids) > 1:
            raise NotImplementedError(
                f"DataParallel(): one device at a time is supported, got device_ids={self.device_ids}"
            )
        self.output_device = output_device

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)
