"""A diffusion model as diffusers writes it: a U-Net told the time and a text, a schedule of noise, sampling."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def get_timestep_embedding(timesteps, embedding_dim, max_period=10000):
    assert len(timesteps.shape) == 1, "Timesteps should be a 1d-array"
    half_dim = embedding_dim // 2
    exponent = -math.log(max_period) * torch.arange(
        start=0, end=half_dim, dtype=torch.float32, device=timesteps.device
    )
    emb = torch.exp(exponent / half_dim)
    emb = timesteps[:, None].float() * emb[None, :]
    emb = torch.cat([torch.sin(emb), torch.cos(emb)], dim=-1)
    emb = torch.cat([emb[:, half_dim:], emb[:, :half_dim]], dim=-1)
    if embedding_dim % 2 == 1:
        emb = torch.nn.functional.pad(emb, (0, 1, 0, 0))
    return emb


class ResnetBlock(nn.Module):
    def __init__(self, in_channels, out_channels, temb_channels, groups=4):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, in_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.time_emb_proj = nn.Linear(temb_channels, 2 * out_channels)
        self.norm2 = nn.GroupNorm(groups, out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        same = in_channels == out_channels
        self.conv_shortcut = nn.Identity() if same else nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x, temb):
        hidden = self.conv1(F.silu(self.norm1(x)))
        temb = self.time_emb_proj(F.silu(temb))[:, :, None, None]
        scale, shift = torch.chunk(temb, 2, dim=1)
        hidden = self.norm2(hidden) * (1 + scale) + shift
        return self.conv_shortcut(x) + self.conv2(F.silu(hidden))


class CrossAttention(nn.Module):
    def __init__(self, query_dim, context_dim=None, heads=2, dim_head=4):
        super().__init__()
        context_dim = query_dim if context_dim is None else context_dim
        self.heads = heads
        self.to_q = nn.Linear(query_dim, heads * dim_head, bias=False)
        self.to_k = nn.Linear(context_dim, heads * dim_head, bias=False)
        self.to_v = nn.Linear(context_dim, heads * dim_head, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(heads * dim_head, query_dim), nn.Dropout(0.0)])

    def forward(self, x, context=None, mask=None):
        context = x if context is None else context
        batch = x.shape[0]
        query, key, value = (
            layer(source).view(batch, -1, self.heads, layer.out_features // self.heads).transpose(1, 2)
            for layer, source in ((self.to_q, x), (self.to_k, context), (self.to_v, context))
        )
        out = F.scaled_dot_product_attention(
            query, key, value, attn_mask=mask, dropout_p=0.0, is_causal=False
        )
        out = out.transpose(1, 2).reshape(batch, -1, query.shape[1] * query.shape[-1]).to(query.dtype)
        for layer in self.to_out:
            out = layer(out)
        return out


class GEGLU(nn.Module):
    def __init__(self, dim_in, dim_out):
        super().__init__()
        self.proj = nn.Linear(dim_in, dim_out * 2)

    def forward(self, x):
        x, gate = self.proj(x).chunk(2, dim=-1)
        return x * F.gelu(gate)


class Transformer2D(nn.Module):
    def __init__(self, channels, context_dim):
        super().__init__()
        self.norm = nn.GroupNorm(4, channels, eps=1e-6)
        self.proj_in = nn.Conv2d(channels, channels, 1)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(channels) for _ in range(3))
        self.attn1 = CrossAttention(channels)
        self.attn2 = CrossAttention(channels, context_dim)
        self.ff = nn.Sequential(
            GEGLU(channels, 2 * channels), nn.Dropout(0.0), nn.Linear(2 * channels, channels)
        )
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x, context, mask):
        batch, channels, height, width = x.shape
        residual = x
        x = self.proj_in(self.norm(x)).permute(0, 2, 3, 1).reshape(batch, height * width, channels)
        x = self.attn1(self.norm1(x)) + x
        x = self.attn2(self.norm2(x), context, mask) + x
        x = self.ff(self.norm3(x)) + x
        x = x.reshape(batch, height, width, channels).permute(0, 3, 1, 2).contiguous()
        return self.proj_out(x) + residual


class UNet2DConditionModel(nn.Module):
    def __init__(self, in_channels=2, channels=(8, 16), context_dim=6):
        super().__init__()
        low, high = channels
        time_dim = 4 * low
        self.low = low
        self.time_embedding = nn.Sequential(
            nn.Linear(low, time_dim), nn.SiLU(), nn.Linear(time_dim, time_dim)
        )
        self.conv_in = nn.Conv2d(in_channels, low, kernel_size=3, padding=(1, 1))
        self.down = ResnetBlock(low, low, time_dim)
        self.downsample = nn.Conv2d(low, low, 3, stride=2, padding=1)
        self.mid1 = ResnetBlock(low, high, time_dim)
        self.attention = Transformer2D(high, context_dim)
        self.mid2 = ResnetBlock(high, high, time_dim)
        self.upsample = nn.Conv2d(high, high, 3, padding=1)
        self.up = ResnetBlock(high + low, low, time_dim)
        self.conv_norm_out = nn.GroupNorm(num_channels=low, num_groups=4, eps=1e-5)
        self.conv_out = nn.Conv2d(low, in_channels, 3, padding=1)

    def forward(self, sample, timestep, encoder_hidden_states, encoder_attention_mask=None):
        if not torch.is_tensor(timestep):
            timestep = torch.tensor([timestep], dtype=torch.long, device=sample.device)
        elif timestep.ndim == 0:
            timestep = timestep[None].to(sample.device)
        timesteps = timestep.expand(sample.shape[0])
        emb = self.time_embedding(get_timestep_embedding(timesteps, self.low).to(dtype=sample.dtype))
        mask = None
        if encoder_attention_mask is not None:
            mask = (1 - encoder_attention_mask.to(sample.dtype)) * -10000.0
            mask = mask.unsqueeze(1).unsqueeze(1)
        sample = skip = self.down(self.conv_in(sample), emb)
        sample = self.mid1(self.downsample(sample), emb)
        sample = self.mid2(self.attention(sample, encoder_hidden_states, mask), emb)
        sample = self.upsample(F.interpolate(sample, size=skip.shape[2:], mode="nearest"))
        sample = self.up(torch.cat([sample, skip], dim=1), emb)
        return self.conv_out(F.silu(self.conv_norm_out(sample)))


class Scheduler:
    """The noise of each time, scaled-linear in its variance; steps as DDIM and DDPM take them."""

    def __init__(self, num_train_timesteps=50, beta_start=0.00085, beta_end=0.012):
        self.betas = (
            torch.linspace(beta_start**0.5, beta_end**0.5, num_train_timesteps, dtype=torch.float32) ** 2
        )
        self.alphas_cumprod = torch.cumprod(1.0 - self.betas, dim=0)
        self.timesteps = torch.arange(0, num_train_timesteps, 10).flip(0)

    def add_noise(self, original, noise, timesteps):
        alphas_cumprod = self.alphas_cumprod.to(device=original.device, dtype=original.dtype)
        sqrt_alpha = alphas_cumprod[timesteps] ** 0.5
        sqrt_one_minus = (1 - alphas_cumprod[timesteps]) ** 0.5
        sqrt_alpha = sqrt_alpha.flatten()
        sqrt_one_minus = sqrt_one_minus.flatten()
        while len(sqrt_alpha.shape) < len(original.shape):
            sqrt_alpha = sqrt_alpha.unsqueeze(-1)
            sqrt_one_minus = sqrt_one_minus.unsqueeze(-1)
        return sqrt_alpha * original + sqrt_one_minus * noise

    def step(self, output, timestep, sample):
        previous = int(timestep) - 10
        alpha = self.alphas_cumprod[timestep].to(sample.dtype)
        before = (
            self.alphas_cumprod[previous].to(sample.dtype) if previous >= 0 else torch.tensor(1.0).to(sample)
        )
        clean = ((sample - (1 - alpha) ** 0.5 * output) / alpha**0.5).clamp(-3, 3)
        return before**0.5 * clean + (1 - before) ** 0.5 * output


# What is computed in single precision whatever the model's dtype is.
SINGLE = "the loss and the noise's schedule"


def build():
    return UNet2DConditionModel()


def inputs(draw):
    mask = draw.integers(0, 2, (2, 5)) | [[1, 0, 0, 0, 0]]
    return {
        "images": draw.standard_normal((2, 2, 9, 8)),
        "noise": draw.standard_normal((2, 2, 9, 8)),
        "timesteps": draw.integers(0, 50, 2),
        "text": draw.standard_normal((2, 5, 6)),
        "mask": mask,
    }


def loss(model, images, noise, timesteps, text, mask):
    noisy = Scheduler().add_noise(images, noise, timesteps)
    predicted = model(noisy, timesteps, text, encoder_attention_mask=mask)
    return F.mse_loss(predicted.float(), noise.float(), reduction="none").mean(
        dim=[1, 2, 3]
    ).mean(), predicted


@torch.no_grad()
def extras(model, images, noise, timesteps, text, mask):
    # Sampling with guidance: with the text and without it in one batch.
    scheduler, sample = Scheduler(), noise
    context = torch.cat([torch.zeros_like(text), text])
    for t in scheduler.timesteps:
        both = model(torch.cat([sample] * 2), t, encoder_hidden_states=context)
        without, with_text = both.chunk(2)
        sample = scheduler.step(without + 2.0 * (with_text - without), t, sample)
    return sample
