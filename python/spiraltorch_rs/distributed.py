"""Training on many machines is not here: what programs ask before they use it.

`is_available()` is false, as in torch built without it, so that programs which ask take their way for one process.
"""

__all__ = ["is_available", "is_initialized", "is_torchelastic_launched"]


def is_available() -> bool:
    """Whether processes can be joined: no."""
    return False


def is_initialized() -> bool:
    """Whether this process is one of a group: no."""
    return False


def is_torchelastic_launched() -> bool:
    """Whether torch's launcher started this process: no."""
    return False
