"""`MNIST` with digits made on the spot: a bright block at a place of its own for each class, and noise."""

import os

import numpy as np
import torch


class MNIST(torch.utils.data.Dataset):
    """As many images as the variable `STAND_IN_IMAGES` says."""

    def __init__(self, root, train=True, transform=None, target_transform=None, download=False):
        self.transform, self.target_transform = transform, target_transform
        count = int(os.environ.get("STAND_IN_IMAGES", "256"))
        random = np.random.default_rng(0 if train else 1)
        targets = random.integers(0, 10, count)
        images = random.integers(0, 60, (count, 28, 28))
        for image, target in zip(images, targets, strict=True):
            row, column = divmod(int(target), 4)
            image[2 + 8 * row : 9 + 8 * row, 1 + 7 * column : 7 + 7 * column] += 180
        self.data = torch.from_numpy(images.astype(np.uint8))
        self.targets = torch.from_numpy(targets.astype(np.int64))

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, index):
        image, target = self.data[index].numpy(), int(self.targets[index])
        image = image if self.transform is None else self.transform(image)
        target = target if self.target_transform is None else self.target_transform(target)
        return image, target
