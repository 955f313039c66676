#!/usr/bin/env python3
"""Makes gpt_neox_sequential/ and tokenizer.json with Hugging Face's transformers.

Needs torch 2.15, transformers 5.24, safetensors 0.8. gpt_neox/ was made the same way, by transformers 5.17.

expected.safetensors holds, in fp32: prompt_<i>.input_ids [tokens], prompt_<i>.block_outputs [layers, tokens,
hidden] (the residual stream after each block, before the final norm), prompt_<i>.logits [tokens, vocab].
config.json is written as models before transformers 5 have it, config.v5.json as newer ones do.
"""
import json
import pathlib
import shutil
import tempfile

import torch
from safetensors.torch import save_file
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

HERE = pathlib.Path(__file__).resolve().parent

# Every field that has another form or default than gpt_neox/: sequential residuals, half of each head rotated,
# another base, the tanh form of gelu, no biases in the attention.
OLD_STYLE = {
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
}
PROMPT_LENGTHS = (1, 2, 7, 12, 12, 23)


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def make_model(config):
    """Weights far from their usual start: every norm, bias and head must matter."""
    model = GPTNeoXForCausalLM(config).eval()
    generator = torch.Generator().manual_seed(20261124)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            centre = 1.0 if "norm" in name and name.endswith("weight") else 0.0
            spread = 0.1 if parameter.dim() == 1 else 0.3
            parameter.copy_(centre + spread * torch.randn(parameter.shape, generator=generator))
    return model


def run(model, ids):
    """Block outputs by hooks: the last entry of `hidden_states` is after the final norm."""
    outputs = []
    hooks = [layer.register_forward_hook(lambda module, inputs, output: outputs.append(
        output[0] if isinstance(output, tuple) else output)) for layer in model.gpt_neox.layers]
    with torch.no_grad():
        logits = model(ids.unsqueeze(0)).logits[0]
    for hook in hooks:
        hook.remove()
    return torch.stack([output.reshape(len(ids), -1) for output in outputs]), logits


def make_sequential():
    folder = HERE / "gpt_neox_sequential"
    folder.mkdir(exist_ok=True)
    config = GPTNeoXConfig(**{key: value for key, value in OLD_STYLE.items() if key != "model_type"})
    assert config.rope_parameters["rope_theta"] == 5000, config.rope_parameters
    assert config.rope_parameters["partial_rotary_factor"] == 0.5, config.rope_parameters
    model = make_model(config)
    write_json(folder / "config.json", OLD_STYLE)
    write_json(folder / "config.v5.json", json.loads(config.to_json_string(use_diff=False)))
    with tempfile.TemporaryDirectory() as saved:  # whose tensors have their published names
        model.save_pretrained(saved)
        shutil.copyfile(pathlib.Path(saved) / "model.safetensors", folder / "model.safetensors")

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
    make_sequential()
    make_tokenizer()
