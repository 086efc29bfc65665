"""Intel's graphics processors, of which torch knows more: what programs ask before they use one."""


def device_count() -> int:
    """How many devices can be used: WebGPU finds Intel's, as `wgpu`."""
    return 0


def is_available() -> bool:
    """Whether one can be used."""
    return False
