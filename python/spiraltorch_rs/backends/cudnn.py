"""Torch's switches of a library that we do not use. They may be set; results are the same and deterministic anyway."""

enabled = False
benchmark = False
deterministic = True
allow_tf32 = False


def is_available() -> bool:
    """Whether the library is used: never."""
    return False
