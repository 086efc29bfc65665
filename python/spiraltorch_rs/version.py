"""What programs ask about the build: the version, and whose libraries it was built with."""

from spiraltorch_rs._C import __version__

__all__ = ["__version__", "cuda", "debug", "git_version", "hip", "xpu"]

# Kernels of our own: nobody's libraries.
cuda: str | None = None
hip: str | None = None
xpu: str | None = None
git_version = ""
debug = False
