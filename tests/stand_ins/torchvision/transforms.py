"""Transforms of images, which are arrays of bytes here."""

import numpy as np
import torch


class Compose:
    """One after the other."""

    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, image):
        for transform in self.transforms:
            image = transform(image)
        return image


class Lambda:
    """Any function."""

    def __init__(self, lambd):
        self.lambd = lambd

    def __call__(self, image):
        return self.lambd(image)


class ToTensor:
    """Bytes as numbers from 0 to 1, channels first."""

    def __call__(self, image):
        pixels = np.asarray(image, dtype=np.float32) / 255
        return torch.from_numpy(pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1).copy())


class Normalize:
    """Less the mean, divided by the deviation, channel by channel."""

    def __init__(self, mean, std):
        self.mean = torch.tensor(mean).view(-1, 1, 1)
        self.std = torch.tensor(std).view(-1, 1, 1)

    def __call__(self, image):
        return (image - self.mean) / self.std


class CenterCrop:
    """The middle of an image."""

    def __init__(self, size):
        self.size = size

    def __call__(self, image):
        pixels = np.asarray(image)
        top, left = ((n - self.size) // 2 for n in pixels.shape[:2])
        return pixels[top : top + self.size, left : left + self.size]


class Resize:
    """Every so many pixels."""

    def __init__(self, size):
        self.size = size

    def __call__(self, image):
        pixels = np.asarray(image)
        rows, columns = (np.arange(self.size) * n // self.size for n in pixels.shape[:2])
        return pixels[rows][:, columns]
