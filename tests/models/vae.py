"""Autoencoders of two kinds: the small one of the tutorials, and one with groups and attention as diffusers has it."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class DiagonalGaussianDistribution:
    def __init__(self, parameters: torch.Tensor):
        self.mean, self.logvar = torch.chunk(parameters, 2, dim=1)
        self.logvar = torch.clamp(self.logvar, -30.0, 20.0)
        self.std = torch.exp(0.5 * self.logvar)
        self.var = torch.exp(self.logvar)

    def sample(self, noise):
        return self.mean + self.std * noise

    def kl(self):
        return 0.5 * torch.sum(torch.pow(self.mean, 2) + self.var - 1.0 - self.logvar, dim=[1, 2, 3])

    def mode(self):
        return self.mean


class ResnetBlock2D(nn.Module):
    def __init__(self, in_channels, out_channels=None, groups=4, eps=1e-6):
        super().__init__()
        out_channels = in_channels if out_channels is None else out_channels
        self.norm1 = nn.GroupNorm(num_groups=groups, num_channels=in_channels, eps=eps, affine=True)
        self.conv1 = nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=1, padding=1)
        self.norm2 = nn.GroupNorm(num_groups=groups, num_channels=out_channels, eps=eps, affine=True)
        self.conv2 = nn.Conv2d(out_channels, out_channels, kernel_size=3, stride=1, padding=1)
        self.nonlinearity = nn.SiLU()
        self.conv_shortcut = None
        if in_channels != out_channels:
            self.conv_shortcut = nn.Conv2d(in_channels, out_channels, kernel_size=1)

    def forward(self, input_tensor):
        hidden = self.conv1(self.nonlinearity(self.norm1(input_tensor)))
        hidden = self.conv2(self.nonlinearity(self.norm2(hidden)))
        if self.conv_shortcut is not None:
            input_tensor = self.conv_shortcut(input_tensor.contiguous())
        return input_tensor + hidden


class AttentionBlock(nn.Module):
    """Attention over the places of a picture, with `einsum` and `baddbmm`."""

    def __init__(self, channels):
        super().__init__()
        self.group_norm = nn.GroupNorm(4, channels, eps=1e-6)
        self.to_qkv = nn.Linear(channels, 3 * channels)
        self.to_out = nn.Linear(channels, channels)

    def forward(self, x):
        batch, channel, height, width = x.shape
        tokens = self.group_norm(x).view(batch, channel, height * width).transpose(1, 2)
        query, key, value = self.to_qkv(tokens).chunk(3, dim=-1)
        empty = torch.empty(batch, height * width, height * width, dtype=query.dtype, device=query.device)
        scores = torch.baddbmm(empty, query, key.transpose(-1, -2), beta=0, alpha=channel**-0.5)
        mixed = torch.einsum("b i j, b j d -> b i d", scores.softmax(dim=-1), value)
        out = self.to_out(mixed).transpose(-1, -2).reshape(batch, channel, height, width)
        return (out + x) / 1.0


class Downsample2D(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2, padding=0)

    def forward(self, x):
        return self.conv(F.pad(x, (0, 1, 0, 1), mode="constant", value=0))


class Upsample2D(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class AutoencoderKL(nn.Module):
    scaling_factor = 0.18215

    def __init__(self, channels=3, latent=2):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, 8, 3, padding=1),
            ResnetBlock2D(8),
            Downsample2D(8),
            ResnetBlock2D(8, 16),
            AttentionBlock(16),
            nn.GroupNorm(4, 16),
            nn.SiLU(),
            nn.Conv2d(16, 2 * latent, 3, padding=1),
        )
        self.quant_conv = nn.Conv2d(2 * latent, 2 * latent, 1)
        self.decoder = nn.Sequential(
            nn.Conv2d(latent, 16, 3, padding=1), ResnetBlock2D(16, 8), Upsample2D(8), ResnetBlock2D(8)
        )
        self.conv_out = nn.Conv2d(8, channels, 3, padding=1)

    def encode(self, x):
        return DiagonalGaussianDistribution(self.quant_conv(self.encoder(x)))

    def decode(self, z):
        if z.shape[0] > 1:
            return torch.cat([self.conv_out(self.decoder(part)) for part in z.split(1)])
        return self.conv_out(self.decoder(z))


class VAE(nn.Module):
    """The one of PyTorch's examples."""

    def __init__(self, size=36, hidden=12, latent=3):
        super().__init__()
        self.size = size
        self.fc1 = nn.Linear(size, hidden)
        self.fc21 = nn.Linear(hidden, latent)
        self.fc22 = nn.Linear(hidden, latent)
        self.fc3 = nn.Linear(latent, hidden)
        self.fc4 = nn.Linear(hidden, size)

    def reparameterize(self, mu, logvar, eps):
        std = torch.exp(0.5 * logvar)
        return eps.mul(std).add_(mu)

    def forward(self, x, eps):
        h1 = F.relu(self.fc1(x.view(-1, self.size)))
        mu, logvar = self.fc21(h1), self.fc22(h1)
        z = self.reparameterize(mu, logvar, eps)
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z)))), mu, logvar


class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.kl = AutoencoderKL()
        self.small = VAE()


def loss_function(recon_x, x, mu, logvar):
    bce = F.binary_cross_entropy(recon_x, x.view(-1, 36), reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return bce + kld


def build():
    return Both()


def inputs(draw):
    return {
        "images": draw.standard_normal((2, 3, 8, 8)),
        "noise": draw.standard_normal((2, 2, 4, 4)),
        "digits": draw.random((5, 1, 6, 6)),
        "eps": draw.standard_normal((5, 3)),
    }


def loss(model, images, noise, digits, eps):
    posterior = model.kl.encode(images)
    decoded = model.kl.decode(posterior.sample(noise))
    recon, mu, logvar = model.small(digits, eps)
    total = F.mse_loss(decoded, images) + 1e-2 * posterior.kl().mean()
    return total + loss_function(recon, digits, mu, logvar) / len(digits), (decoded, recon)


@torch.no_grad()
def extras(model, images, noise, digits, eps):
    latents = model.kl.encode(images).mode() * model.kl.scaling_factor
    pictures = model.kl.decode(latents / model.kl.scaling_factor)
    pictures = (pictures / 2 + 0.5).clamp(0, 1)
    return latents, (pictures * 255).round().cpu().permute(0, 2, 3, 1).float()
