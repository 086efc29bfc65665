"""Whether Apple's graphics processors can be used."""

from spiraltorch_rs.mps import is_available


def is_built() -> bool:
    """Whether this package was built with them."""
    return is_available()


__all__ = ["is_available", "is_built"]
