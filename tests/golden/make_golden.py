#!/usr/bin/env python3
"""Makes the models of GOLDENS and tokenizer.json with Hugging Face's transformers.

Needs torch 2.15, transformers 5.24, safetensors 0.8. gpt_neox/, gpt2/, opt/ and bloom/ were made the same way, by
transformers 5.17. Arguments: names of GOLDENS; without any, all of them and the tokenizer.

expected.safetensors holds, in fp32: prompt_<i>.input_ids [tokens], prompt_<i>.block_outputs [layers, tokens,
hidden] (the residual stream after each block, before the final norm), prompt_<i>.logits [tokens, vocab].
config.json is written as models before transformers 5 have it, config.v5.json as newer ones do.
"""
import json
import pathlib
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

HERE = pathlib.Path(__file__).resolve().parent

# What each adds to the goldens that transformers 5.17 made: every field that has another form or default there.
GOLDENS = {
    # Sequential residuals, half of each head rotated, another base, the tanh form of gelu, no attention biases.
    "gpt_neox_sequential": {
        "model_type": "gpt_neox",
        "architectures": ["GPTNeoXForCausalLM"],
        "vocab_size": 96,
        "hidden_size": 24,
        "num_hidden_layers": 3,
        "num_attention_heads": 3,
        "intermediate_size": 60,
        "hidden_act": "gelu_new",
        "attention_bias": False,
        "rotary_pct": 0.5,
        "rotary_emb_base": 5000,
        "use_parallel_residual": False,
        "layer_norm_eps": 1e-3,
        "max_position_embeddings": 64,
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
    },
    # Scores divided by the layer's number alone, an MLP of its own width, an unembedding of its own, names
    # without a prefix.
    "gpt2_scaled": {
        "model_type": "gpt2",
        "architectures": ["GPT2LMHeadModel"],
        "vocab_size": 96,
        "n_embd": 24,
        "n_layer": 3,
        "n_head": 3,
        "n_inner": 40,
        "n_positions": 32,
        "activation_function": "gelu",
        "layer_norm_epsilon": 1e-3,
        "scale_attn_weights": False,
        "scale_attn_by_inverse_layer_idx": True,
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
    },
    # As OPT-350m: norms after each half, embeddings of another width with projections, the older prefix.
    "opt_post_norm": {
        "model_type": "opt",
        "architectures": ["OPTForCausalLM"],
        "vocab_size": 96,
        "hidden_size": 24,
        "ffn_dim": 40,
        "num_hidden_layers": 3,
        "num_attention_heads": 3,
        "max_position_embeddings": 32,
        "activation_function": "relu",
        "do_layer_norm_before": False,
        "word_embed_proj_dim": 16,
        "pad_token_id": 1,
        "torch_dtype": "float32",
    },
    # No biases, norms without weights, none at the end, an unembedding of its own.
    "opt_bare": {
        "model_type": "opt",
        "architectures": ["OPTForCausalLM"],
        "vocab_size": 96,
        "hidden_size": 24,
        "ffn_dim": 40,
        "num_hidden_layers": 3,
        "num_attention_heads": 3,
        "max_position_embeddings": 32,
        "activation_function": "gelu",
        "enable_bias": False,
        "layer_norm_elementwise_affine": False,
        "_remove_final_layer_norm": True,
        "tie_word_embeddings": False,
        "pad_token_id": 1,
        "torch_dtype": "float32",
    },
    # A number of heads that is no power of two, residuals taken after the norms, the field names of the
    # published models, tensor names without a prefix.
    "bloom_six_heads": {
        "model_type": "bloom",
        "architectures": ["BloomForCausalLM"],
        "vocab_size": 96,
        "n_embed": 24,
        "n_layer": 3,
        "num_attention_heads": 6,
        "layer_norm_epsilon": 1e-3,
        "apply_residual_connection_post_layernorm": True,
        "pretraining_tp": 2,
        "seq_length": 2048,
        "torch_dtype": "float32",
    },
}
# How older repositories begin their tensors' names instead.
OLDER_PREFIX = {"gpt2_scaled": ("transformer.", ""), "opt_post_norm": ("model.decoder.", "decoder."),
                "bloom_six_heads": ("transformer.", "")}
PROMPT_LENGTHS = (1, 2, 7, 12, 12, 23)


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def make_model(config):
    """Weights far from their usual start: every norm, bias and head must matter."""
    model = AutoModelForCausalLM.from_config(config).eval()
    generator = torch.Generator().manual_seed(20261124)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            is_norm = "norm" in name or ".ln_" in name
            centre = 1.0 if is_norm and name.endswith("weight") else 0.0
            spread = 0.1 if parameter.dim() == 1 else 0.3
            parameter.copy_(centre + spread * torch.randn(parameter.shape, generator=generator))
    return model


def run(model, ids):
    """Block outputs by hooks: the last entry of `hidden_states` is after the final norm."""
    base = model.get_decoder()
    blocks = base.h if hasattr(base, "h") else base.layers
    outputs = []
    hooks = [block.register_forward_hook(lambda module, inputs, output: outputs.append(
        output[0] if isinstance(output, tuple) else output)) for block in blocks]
    with torch.no_grad():
        logits = model(ids.unsqueeze(0)).logits[0]
    for hook in hooks:
        hook.remove()
    return torch.stack([output.reshape(len(ids), -1) for output in outputs]), logits


def save_weights(model, prefixes, path):
    with tempfile.TemporaryDirectory() as saved:  # whose tensors have their published names
        model.save_pretrained(saved)
        tensors = load_file(pathlib.Path(saved) / "model.safetensors")
    newer, older = prefixes
    save_file({older + name[len(newer):] if name.startswith(newer) else name: tensor
               for name, tensor in tensors.items()}, path, {"format": "pt"})


def make(name, old_style):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    config = AutoConfig.for_model(**old_style)
    model = make_model(config)
    write_json(folder / "config.json", old_style)
    write_json(folder / "config.v5.json", json.loads(config.to_json_string(use_diff=False)))
    save_weights(model, OLDER_PREFIX.get(name, ("", "")), folder / "model.safetensors")

    generator = torch.Generator().manual_seed(7)
    expected = {}
    for i, length in enumerate(PROMPT_LENGTHS):
        ids = torch.randint(0, config.vocab_size, (length,), generator=generator)
        blocks, logits = run(model, ids)
        assert blocks.shape == (config.num_hidden_layers, length, config.hidden_size), blocks.shape
        expected |= {f"prompt_{i}.input_ids": ids, f"prompt_{i}.block_outputs": blocks.contiguous(),
                     f"prompt_{i}.logits": logits.contiguous()}
    save_file(expected, folder / "expected.safetensors", {"format": "pt"})


def make_tokenizer():
    """One token per printable ASCII character: ids below the models' 96."""
    vocab = {"<unk>": 0} | {chr(32 + i): 1 + i for i in range(95)}
    write_json(HERE / "tokenizer.json", {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
        "pre_tokenizer": None, "post_processor": None, "decoder": None,
        "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                  "ignore_merges": False, "vocab": vocab, "merges": []}})


if __name__ == "__main__":
    for golden in sys.argv[1:] or GOLDENS:
        make(golden, GOLDENS[golden])
    if not sys.argv[1:]:
        make_tokenizer()
