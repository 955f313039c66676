#!/usr/bin/env python3
"""Makes random weights for every config.json beside this script, and what transformers computes with them.

The configurations are those that the repositories of that name publish, field by field, but for their sizes: hidden
and intermediate sizes, layers, heads (which keep their ratio to the heads of keys and values), the vocabulary, the
number of experts, and the number of learned positions. Their names of tensors, their older buffers and their number
formats are the published ones too; weights are rounded to that format before anything is computed, in fp32.

expected.safetensors holds prompt_<i>.input_ids [tokens] and, of its last token, prompt_<i>.block_outputs [layers,
hidden] (without the final norm) and prompt_<i>.logits [vocab].

Needs torch 2.15, transformers 5.24, safetensors 0.8. Arguments: names of folders; without any, all of them.
"""
import json
import pathlib
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, LlamaConfig, OlmoConfig

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "golden"))
from make_golden import make_model, run  # noqa: E402

PROMPT_LENGTHS = (5, 14)
# How these repositories begin their tensors' names instead.
OLDER_PREFIX = {"gpt2": ("transformer.", ""), "gpt2-medium": ("transformer.", ""), "gpt2-xl": ("transformer.", ""),
                "bloom-560m": ("transformer.", ""), "bloom-7b1": ("transformer.", ""),
                "opt-350m": ("model.decoder.", "decoder.")}


def stored_type(fields):
    return getattr(torch, fields.get("torch_dtype", "float32"))


def as_transformers_olmo(fields):
    """The same arithmetic as a model that transformers has: hf_olmo's own class is in its authors' package."""
    config = {"vocab_size": fields["embedding_size"], "hidden_size": fields["d_model"],
              "num_hidden_layers": fields["n_layers"], "num_attention_heads": fields["n_heads"],
              "intermediate_size": (fields["mlp_hidden_size"] or fields["mlp_ratio"] * fields["d_model"]) // 2,
              "tie_word_embeddings": fields["weight_tying"], "pad_token_id": fields["pad_token_id"],
              "bos_token_id": None, "eos_token_id": None}
    if fields["layer_norm_type"] == "rms":
        return LlamaConfig(**config, rms_norm_eps=fields["layer_norm_eps"])
    return OlmoConfig(**config, clip_qkv=fields["clip_qkv"])


def read_config(folder, fields):
    if fields["model_type"] == "hf_olmo":
        return as_transformers_olmo(fields)
    config = AutoConfig.from_pretrained(folder)
    # Outside the small vocabulary torch refuses it; it is not read by any arithmetic here.
    if config.pad_token_id is not None and config.pad_token_id >= config.vocab_size:
        config.pad_token_id = None
    return config


def published_tensors(model):
    with tempfile.TemporaryDirectory() as saved:
        model.save_pretrained(saved)
        return load_file(pathlib.Path(saved) / "model.safetensors")


def as_hf_olmo(tensors, layers):
    """OLMo's own names and fused projections, as transformers' converter takes them apart."""
    stored = {"model.transformer.wte.weight": tensors.pop("model.embed_tokens.weight")}
    if "lm_head.weight" in tensors:
        stored["model.transformer.ff_out.weight"] = tensors.pop("lm_head.weight")
    if "model.norm.weight" in tensors:
        stored["model.transformer.ln_f.weight"] = tensors.pop("model.norm.weight")
    for layer in range(layers):
        def take(name):
            return tensors.pop(f"model.layers.{layer}.{name}.weight")

        block = f"model.transformer.blocks.{layer}."
        stored[block + "att_proj.weight"] = torch.cat([take(f"self_attn.{part}_proj") for part in "qkv"])
        stored[block + "attn_out.weight"] = take("self_attn.o_proj")
        stored[block + "ff_proj.weight"] = torch.cat([take("mlp.up_proj"), take("mlp.gate_proj")])
        stored[block + "ff_out.weight"] = take("mlp.down_proj")
        if f"model.layers.{layer}.input_layernorm.weight" in tensors:
            stored[block + "attn_norm.weight"] = take("input_layernorm")
            stored[block + "ff_norm.weight"] = take("post_attention_layernorm")
    assert not tensors, tensors.keys()
    return stored


def older_buffers(name, config, dtype):
    """Masks and frequencies that older versions of transformers saved, on fewer positions."""
    buffers = {}
    for layer in range(config.num_hidden_layers):
        mask = torch.ones(8, 8, dtype=torch.bool).tril().view(1, 1, 8, 8)
        if name.startswith("pythia"):
            attention = f"gpt_neox.layers.{layer}.attention."
            buffers |= {attention + "bias": mask, attention + "masked_bias": torch.tensor(-1e4, dtype=dtype),
                        attention + "rotary_emb.inv_freq": torch.ones(3, dtype=dtype)}
        if name.startswith("gpt2"):
            buffers[f"h.{layer}.attn.bias"] = mask.to(dtype)
        if name in ("Amber", "Llama-2-7b-hf"):
            buffers[f"model.layers.{layer}.self_attn.rotary_emb.inv_freq"] = torch.ones(3, dtype=dtype)
    return buffers


def make(folder):
    fields = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    dtype = stored_type(fields)
    config = read_config(folder, fields)
    config.dtype = torch.float32
    model = make_model(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.to(dtype))

    tensors = {name: tensor.to(dtype) for name, tensor in published_tensors(model).items()}
    if fields["model_type"] == "hf_olmo":
        tensors = as_hf_olmo(tensors, config.num_hidden_layers)
    newer, older = OLDER_PREFIX.get(folder.name, ("", ""))
    tensors = {older + name[len(newer):] if name.startswith(newer) else name: tensor
               for name, tensor in tensors.items()}
    save_file(tensors | older_buffers(folder.name, config, dtype), folder / "model.safetensors", {"format": "pt"})

    generator = torch.Generator().manual_seed(7)
    expected = {}
    for i, length in enumerate(PROMPT_LENGTHS):
        ids = torch.randint(0, config.vocab_size, (length,), generator=generator)
        blocks, logits = run(model, ids)
        expected |= {f"prompt_{i}.input_ids": ids, f"prompt_{i}.block_outputs": blocks[:, -1].contiguous(),
                     f"prompt_{i}.logits": logits[-1].contiguous()}
    save_file(expected, folder / "expected.safetensors", {"format": "pt"})


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(path.parent.name for path in HERE.glob("*/config.json")):
        make(HERE / name)
