"""Small models of torchvision, transformers, diffusers and timm: `python zoo.py torch FILE`, or `ours` for the alias.

Writes the outputs and gradients of each to FILE, or its error. Weights are drawn by their names, the same everywhere.
"""

import logging
import pickle
import sys
import traceback
import warnings
import zlib

import numpy as np

TEXT = {
    "vocab_size": 99,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 40,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
GROUPED = {**TEXT, "num_key_value_heads": 2}
PICTURE = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 40,
    "image_size": 32,
    "patch_size": 8,
}
SEQUENCES = {
    "vocab_size": 99,
    "d_model": 32,
    **{f"{part}_{what}": 2 for part in ("encoder", "decoder") for what in ("layers", "attention_heads")},
    "encoder_ffn_dim": 40,
    "decoder_ffn_dim": 40,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 1,
}
BLOCKS = {"block_out_channels": (16, 32), "layers_per_block": 1, "norm_num_groups": 4}

# Library, class, settings (of transformers: of its configuration), inputs by name.
MODELS = {
    "resnet18": ("torchvision", "resnet18", {"num_classes": 7}, "x=image64"),
    "mobilenet_v3_small": ("torchvision", "mobilenet_v3_small", {"num_classes": 7}, "x=image64"),
    "shufflenet": ("torchvision", "shufflenet_v2_x0_5", {"num_classes": 7}, "x=image64"),
    "bert": ("transformers", "BertForMaskedLM", TEXT, "input_ids attention_mask labels"),
    "roberta": (
        "transformers",
        "RobertaForMaskedLM",
        {**TEXT, "pad_token_id": 1},
        "input_ids attention_mask labels",
    ),
    "gpt2": (
        "transformers",
        "GPT2LMHeadModel",
        {"vocab_size": 99, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64},
        "input_ids attention_mask labels",
    ),
    "llama": ("transformers", "LlamaForCausalLM", GROUPED, "input_ids attention_mask labels"),
    "llama eager": (
        "transformers",
        "LlamaForCausalLM",
        {**GROUPED, "attn_implementation": "eager"},
        "input_ids attention_mask labels",
    ),
    "mistral": ("transformers", "MistralForCausalLM", GROUPED, "input_ids attention_mask labels"),
    "qwen2": ("transformers", "Qwen2ForCausalLM", GROUPED, "input_ids attention_mask labels"),
    "gemma2": (
        "transformers",
        "Gemma2ForCausalLM",
        {**GROUPED, "head_dim": 8},
        "input_ids attention_mask labels",
    ),
    "mixtral": (
        "transformers",
        "MixtralForCausalLM",
        {**GROUPED, "num_local_experts": 4},
        "input_ids labels",
    ),
    "mamba": ("transformers", "MambaForCausalLM", {**TEXT, "state_size": 4}, "input_ids"),
    "t5": (
        "transformers",
        "T5ForConditionalGeneration",
        {
            "vocab_size": 99,
            "d_model": 32,
            "d_ff": 40,
            "num_layers": 2,
            "num_heads": 4,
            "d_kv": 8,
            "decoder_start_token_id": 0,
        },
        "input_ids labels",
    ),
    "bart": ("transformers", "BartForConditionalGeneration", SEQUENCES, "input_ids labels"),
    "whisper": (
        "transformers",
        "WhisperForConditionalGeneration",
        {**SEQUENCES, "num_mel_bins": 8, "max_source_positions": 20, "max_target_positions": 20},
        "input_features=mel decoder_input_ids=input_ids",
    ),
    "vit": ("transformers", "ViTForImageClassification", PICTURE, "pixel_values=image32"),
    "swin": (
        "transformers",
        "SwinModel",
        {
            "image_size": 32,
            "patch_size": 2,
            "embed_dim": 16,
            "depths": [1, 2],
            "num_heads": [2, 2],
            "window_size": 2,
        },
        "pixel_values=image32",
    ),
    "clip": (
        "transformers",
        "CLIPModel",
        {"text_config": {**TEXT, "eos_token_id": 2}, "vision_config": PICTURE},
        "input_ids pixel_values=image32",
    ),
    "unet": (
        "diffusers",
        "UNet2DModel",
        {
            **BLOCKS,
            "sample_size": 16,
            "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
            "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
        },
        "sample=image16 timestep",
    ),
    "conditional unet": (
        "diffusers",
        "UNet2DConditionModel",
        {
            **BLOCKS,
            "sample_size": 16,
            "in_channels": 3,
            "cross_attention_dim": 8,
            "attention_head_dim": 4,
            "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
            "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
        },
        "sample=image16 timestep encoder_hidden_states=text",
    ),
    "autoencoder": (
        "diffusers",
        "AutoencoderKL",
        {
            **BLOCKS,
            "down_block_types": ("DownEncoderBlock2D",) * 2,
            "up_block_types": ("UpDecoderBlock2D",) * 2,
        },
        "sample=image16",
    ),
    "timm vit": ("timm", "vit_tiny_patch16_224", {"img_size": 32, "num_classes": 5}, "x=image32"),
    "timm convnext": ("timm", "convnext_atto", {"num_classes": 5}, "x=image64"),
    "timm ghostnet": ("timm", "ghostnet_050", {"num_classes": 5}, "x=image64"),
}


def made(torch, library, name, settings):
    """A model with weights by their names."""
    module = __import__(library)
    if library == "torchvision":
        model = getattr(module.models, name)(weights=None, **settings)
    elif library == "timm":
        model = module.create_model(name, pretrained=False, **settings)
    elif library == "transformers":
        kind = getattr(module, name)
        model = kind(kind.config_class(**settings))
    else:
        model = getattr(module, name)(**settings)
    with torch.no_grad():
        for path, parameter in model.named_parameters():
            values = np.random.default_rng(zlib.crc32(path.encode())).standard_normal(tuple(parameter.shape))
            scale = max(parameter[0].numel(), 1) ** -0.5 if parameter.dim() > 1 else 0.02
            middle = float(parameter.dim() == 1 and path.endswith("weight"))
            parameter.copy_(torch.from_numpy(np.asarray(middle + scale * values, dtype="float32")))
    return model.eval()


def batch(torch, words):
    """Inputs by their names; `x=image64` is an image, given as x."""
    draw = np.random.default_rng(1)
    mask = np.ones((2, 9), dtype="int64")
    mask[1, 6:] = 0
    values = {
        "input_ids": draw.integers(5, 90, (2, 9)),
        "labels": draw.integers(5, 90, (2, 9)),
        "attention_mask": mask,
        "timestep": np.array([3, 7]),
        "mel": draw.standard_normal((2, 8, 40)).astype("float32"),
        "text": draw.standard_normal((2, 5, 8)).astype("float32"),
        **{f"image{n}": draw.standard_normal((2, 3, n, n)).astype("float32") for n in (16, 32, 64)},
    }
    pairs = (word.partition("=") for word in words.split())
    return {name: torch.from_numpy(values[which or name]) for name, _, which in pairs}


def tensors(torch, value, path=""):
    """The floating-point tensors in what a model gives."""
    if isinstance(value, torch.Tensor):
        if value.is_floating_point():
            yield path, value
    elif hasattr(value, "items"):
        for key, part in value.items():
            yield from tensors(torch, part, f"{path}/{key}")
    elif isinstance(value, (tuple, list)):
        for i, part in enumerate(value):
            yield from tensors(torch, part, f"{path}/{i}")


def run(torch, library, name, settings, words):
    """What a model gives for a batch, and the gradients."""
    model = made(torch, library, name, settings)
    inputs = batch(torch, words)
    given = (inputs.pop("x"),) if "x" in inputs else ()
    outputs = dict(tensors(torch, model(*given, **inputs)))
    loss = sum((value.float() ** 2).mean() for value in outputs.values() if value.requires_grad)
    loss.backward()
    gradients = {f"grad {n}": p.grad for n, p in model.named_parameters() if p.grad is not None}
    return {n: np.asarray(v.detach().numpy()) for n, v in (outputs | gradients).items()}


def main(which, path):
    """Runs all models that can be imported."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    if which == "ours":
        import spiraltorch_rs

        spiraltorch_rs.install_as_torch()
    import torch

    torch.manual_seed(0)
    told = {}
    for label, row in MODELS.items():
        try:
            told[label] = run(torch, *row)
        except ModuleNotFoundError as error:
            told[label] = error.name if error.name == row[0] else traceback.format_exc()
        except Exception:
            told[label] = traceback.format_exc()
    with open(path, "wb") as file:
        pickle.dump(told, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
