"""Gray images made on the spot: the file's name is their seed."""

import zlib

import numpy as np


class Image:
    """Pixels."""

    def __init__(self, pixels):
        self.pixels = pixels

    def convert(self, mode):
        return self

    def split(self):
        return self, self, self

    def copy(self):
        return Image(self.pixels.copy())

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.pixels, dtype=dtype)


def open(path):
    """Waves of a direction and a length of their own."""
    random = np.random.default_rng(zlib.crc32(str(path).encode()))
    down, across = np.mgrid[:272, :272]
    a, b = random.uniform(0.02, 0.2, 2)
    return Image((127 + 120 * np.sin(a * down + b * across)).astype(np.uint8))
