"""Of torchvision: `datasets.MNIST`, a few transforms, `utils.save_image`."""

from . import datasets, transforms, utils

__all__ = ["datasets", "transforms", "utils"]
