"""A U-Net for segmentation, both ways up: transposed convolution, and interpolation with padding to the skip's size."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class DoubleConv(nn.Module):
    def __init__(self, in_channels, out_channels, mid_channels=None):
        super().__init__()
        if not mid_channels:
            mid_channels = out_channels
        self.double_conv = nn.Sequential(
            nn.Conv2d(in_channels, mid_channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(mid_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(mid_channels, out_channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, x):
        return self.double_conv(x)


class Up(nn.Module):
    def __init__(self, in_channels, out_channels, bilinear):
        super().__init__()
        if bilinear:
            self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
            self.conv = DoubleConv(in_channels + in_channels // 2, out_channels, in_channels // 2)
        else:
            self.up = nn.ConvTranspose2d(in_channels, in_channels // 2, kernel_size=2, stride=2)
            self.conv = DoubleConv(in_channels, out_channels)

    def forward(self, x1, x2):
        x1 = self.up(x1)
        dy = x2.size()[2] - x1.size()[2]
        dx = x2.size()[3] - x1.size()[3]
        x1 = F.pad(x1, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])
        return self.conv(torch.cat([x2, x1], dim=1))


class UNet(nn.Module):
    def __init__(self, channels=3, classes=4):
        super().__init__()
        self.inc = DoubleConv(channels, 4)
        self.down1 = nn.Sequential(nn.MaxPool2d(2), DoubleConv(4, 8))
        self.down2 = nn.Sequential(nn.MaxPool2d(2), DoubleConv(8, 16))
        self.up1 = Up(16, 8, bilinear=False)
        self.up2 = Up(8, 4, bilinear=True)
        self.outc = nn.Conv2d(4, classes, kernel_size=1)

    def forward(self, x):
        x1 = self.inc(x)
        x2 = self.down1(x1)
        x3 = self.down2(x2)
        return self.outc(self.up2(self.up1(x3, x2), x1))


def dice(chances, target, epsilon=1e-6):
    """Overlap of masks, a mean over pictures and classes."""
    both = 2 * (chances * target).sum(dim=(-1, -2))
    either = chances.sum(dim=(-1, -2)) + target.sum(dim=(-1, -2))
    either = torch.where(either == 0, both, either)
    return ((both + epsilon) / (either + epsilon)).mean()


# What is computed in single precision whatever the model's dtype is.
SINGLE = "the overlap of masks"


def build():
    return UNet()


def inputs(draw):
    return {"images": draw.standard_normal((2, 3, 21, 18)), "masks": draw.integers(0, 4, (2, 21, 18))}


def loss(model, images, masks):
    logits = model(images)
    target = F.one_hot(masks, 4).permute(0, 3, 1, 2).float()
    overlap = dice(F.softmax(logits, dim=1).float(), target)
    return F.cross_entropy(logits, masks) + 1 - overlap, logits


def extras(model, images, masks):
    model.eval()
    with torch.no_grad():
        logits = F.interpolate(model(images), size=(32, 32), mode="bicubic", align_corners=False)
        chosen = logits.argmax(dim=1)
        small = F.interpolate(chosen[:, None].float(), scale_factor=0.5, mode="nearest")
    return logits, small
