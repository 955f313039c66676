#!/usr/bin/env python3
"""Makes the goldens of hf_olmo with the code of OLMo's authors, whose class transformers has not.

Needs torch 2.15, safetensors 0.8, and ai2-olmo 0.6 with omegaconf (pip install --no-deps ai2-olmo omegaconf
antlr4-python3-runtime==4.9.3); what else ai2-olmo imports is for training and is replaced by nothing. The layout is
that of make_golden.py; config.json leaves out what has its default, config.v5.json has every field of ModelConfig.
Arguments: names of GOLDENS; without any, all of them.
"""
import dataclasses
import pathlib
import sys
from unittest.mock import MagicMock

import torch
from safetensors.torch import save_file

for unused in ("boto3", "botocore", "botocore.config", "botocore.exceptions", "cached_path", "cached_path.schemes",
               "datasets", "google", "google.api_core", "google.api_core.exceptions", "google.api_core.retry",
               "google.auth", "google.cloud", "google.cloud.storage", "importlib_resources",
               "importlib_resources.abc", "requests", "torchmetrics"):
    sys.modules[unused] = MagicMock()
from olmo.config import ModelConfig  # noqa: E402
from olmo.model import OLMo  # noqa: E402

from make_golden import PROMPT_LENGTHS, write_json  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
HEAD = {"model_type": "hf_olmo", "architectures": ["OLMoForCausalLM"]}
GOLDENS = {
    # As OLMo-1B: norms without weights, no biases, tied, a padded vocabulary.
    "hf_olmo": {
        "d_model": 24, "n_heads": 3, "n_layers": 2, "mlp_ratio": 4, "rope": True, "include_bias": False,
        "layer_norm_with_affine": False, "bias_for_layer_norm": False, "attention_layer_norm_with_affine": False,
        "vocab_size": 90, "embedding_size": 96, "weight_tying": True,
    },
    # Every option away from its default that has another form, but those of the next.
    "hf_olmo_biased": {
        "d_model": 24, "n_heads": 4, "n_kv_heads": 2, "n_layers": 3, "mlp_hidden_size": 60, "rope": True,
        "rope_theta": 500, "rope_full_precision": False, "clip_qkv": 0.8, "attention_layer_norm": True,
        "layer_norm_eps": 1e-3, "weight_tying": False, "vocab_size": 96, "embedding_size": None,
        "layer_norm_type": "low_precision",
    },
    # As OLMo-7B of July 2024 and later ones: RMS norms, here also after attention and MLP, one key and value head.
    "hf_olmo_rms": {
        "d_model": 32, "n_heads": 4, "n_layers": 2, "mlp_hidden_size": 40, "rope": True, "include_bias": False,
        "multi_query_attention": True, "layer_norm_type": "rms", "bias_for_layer_norm": True, "norm_after": True,
        "attention_layer_norm": True, "attention_layer_norm_with_affine": False, "weight_tying": False,
        "vocab_size": 90, "embedding_size": 96,
    },
}


def make_model(config):
    model = OLMo(config).eval()
    generator = torch.Generator().manual_seed(20261124)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            is_norm = "norm" in name or ".ln_" in name
            centre = 1.0 if is_norm and name.endswith("weight") else 0.0
            spread = 0.1 if parameter.dim() == 1 else 0.3
            parameter.copy_(centre + spread * torch.randn(parameter.shape, generator=generator))
    return model


def run(model, ids):
    outputs = []
    hooks = [block.register_forward_hook(lambda module, inputs, output: outputs.append(output[0][0]))
             for block in model.transformer.blocks]
    with torch.no_grad():
        logits = model(ids.unsqueeze(0)).logits[0]
    for hook in hooks:
        hook.remove()
    return torch.stack(outputs), logits


def continue_greedily(model, ids, change=None):
    """By 12 tokens, without a cache: what a cached pass adds to its last position, each pass here adds to that
    position and to those that earlier passes had last."""
    first = len(ids) - 1

    def add(module, inputs, output):
        output[0][:, first:] += change
    hooks = [] if change is None else [model.transformer.blocks[1].register_forward_hook(add)]
    with torch.no_grad():
        for _ in range(12):
            ids = torch.cat([ids, model(ids.unsqueeze(0)).logits[0, -1].argmax().view(1)])
    for hook in hooks:
        hook.remove()
    return ids


def make(name, fields):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    config = ModelConfig(**fields, flash_attention=False, init_device="cpu")
    model = make_model(config)
    whole = {key: getattr(value, "value", value) for key, value in dataclasses.asdict(config).items()}
    write_json(folder / "config.json", HEAD | fields)
    write_json(folder / "config.v5.json", HEAD | whole)
    # As its class for transformers names them.
    save_file({"model." + key: tensor for key, tensor in model.state_dict().items()}, folder / "model.safetensors",
              {"format": "pt"})
    generator = torch.Generator().manual_seed(7)
    expected = {}
    for i, length in enumerate(PROMPT_LENGTHS):
        ids = torch.randint(0, config.vocab_size, (length,), generator=generator)
        blocks, logits = run(model, ids)
        expected |= {f"prompt_{i}.input_ids": ids, f"prompt_{i}.block_outputs": blocks.contiguous(),
                     f"prompt_{i}.logits": logits.contiguous()}
    vector = torch.randn(config.d_model, generator=generator)
    expected |= {"steering.vector": vector,
                 "greedy.plain": continue_greedily(model, expected["prompt_3.input_ids"]),
                 "greedy.steered": continue_greedily(model, expected["prompt_3.input_ids"], 3.0 * vector)}
    save_file(expected, folder / "expected.safetensors", {"format": "pt"})


if __name__ == "__main__":
    for golden in sys.argv[1:] or GOLDENS:
        make(golden, GOLDENS[golden])
