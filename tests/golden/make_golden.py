#!/usr/bin/env python3
"""Makes the models of GOLDENS and tokenizer.json with Hugging Face's transformers.

Needs torch 2.15, transformers 5.24, safetensors 0.8. The models that are not in GOLDENS were made the same way, by
transformers 5.17. Arguments: names of GOLDENS; without any, all of them and the tokenizer.

expected.safetensors holds, in fp32: prompt_<i>.input_ids [tokens], prompt_<i>.block_outputs [layers, tokens,
hidden] (the residual stream after each block, before the final norm), prompt_<i>.logits [tokens, vocab];
steering.vector [hidden]; greedy.plain and greedy.steered: prompt 3 continued by 12 greedy tokens, whatever ends a
text, the latter with 3.0 × the vector added to block 1's output at the last position of every forward pass.
config.json is written as models before transformers 5 have it, config.v5.json as newer ones do.
"""
import copy
import json
import pathlib
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

HERE = pathlib.Path(__file__).resolve().parent

# Every field that has another form or default than gpt_neox/: sequential residuals, half of each head rotated,
# another base, the tanh form of gelu, no biases in the attention.
GPT_NEOX = {
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
# What Llama's kin differ from: small, with fewer heads of keys than of queries.
LLAMA = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "vocab_size": 96,
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 12,
    "intermediate_size": 40,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "max_position_embeddings": 64,
    "tie_word_embeddings": False,
    "torch_dtype": "float32",
}


def without(config, *fields):
    return {key: value for key, value in config.items() if key not in fields}


# What layer norms, rotations of a share of each head and other defaults leave of it.
LLAMA_FIELDS = ("head_dim", "hidden_act", "rms_norm_eps", "rope_theta", "tie_word_embeddings")
LAYER_NORM_LLAMA = without(LLAMA, *LLAMA_FIELDS) | {
    "hidden_size": 32, "hidden_act": "gelu", "layer_norm_eps": 1e-3, "partial_rotary_factor": 0.5,
    "qk_layernorm": True, "rope_theta": 5000.0, "tie_word_embeddings": True,
}
FALCON = {
    "model_type": "falcon",
    "architectures": ["FalconForCausalLM"],
    "vocab_size": 96,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "torch_dtype": "float32",
}
# With pairs on the ramp, where truncating its ends shows.
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64, "beta_fast": 4.0}
# What each adds to the goldens that transformers 5.17 made: every field that has another form or default there.
GOLDENS = {
    "gpt_neox_sequential": GPT_NEOX,
    # An odd number of dimensions: 3 of 10.
    "gpt_neox_odd": GPT_NEOX | {"hidden_size": 20, "num_attention_heads": 2, "rotary_pct": 0.3,
                                "num_hidden_layers": 2, "use_parallel_residual": True},
    # A scaling of the half of a head that is rotated.
    "gpt_neox_yarn": GPT_NEOX | {"hidden_size": 32, "num_attention_heads": 1, "num_hidden_layers": 2,
                                 "max_position_embeddings": 256, "rope_scaling": YARN},
    "llama_linear": LLAMA | {"num_key_value_heads": 1, "hidden_act": "gelu_pytorch_tanh",
                             "rope_scaling": {"type": "linear", "factor": 4.0}},
    # Prompts shorter and longer than the 16 positions beyond which the base grows; none of exactly 16, for which
    # transformers' answer depends on what it was asked before.
    "llama_dynamic": LLAMA | {"max_position_embeddings": 16, "rope_scaling": {"type": "dynamic", "factor": 2.0}},
    "llama_yarn": LLAMA | {"max_position_embeddings": 256,
                          "rope_scaling": YARN | {"mscale": 1.5, "mscale_all_dim": 0.5, "truncate": False}},
    # No window, said by null; heads not hidden_size / num_attention_heads wide.
    "mistral_full": LLAMA | {"model_type": "mistral", "architectures": ["MistralForCausalLM"],
                             "head_dim": 8, "sliding_window": None, "tie_word_embeddings": True},
    # All four projections with biases.
    "qwen3": LLAMA | {"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"], "attention_bias": True,
                      "rope_theta": 1000000.0, "tie_word_embeddings": True},
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
    # Every option away from its default but the form of the weights' names; a window shorter than the prompts.
    "mixtral": LLAMA | {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "head_dim": 8,
                        "hidden_act": "gelu_new", "rms_norm_eps": 1e-3, "sliding_window": 6,
                        "num_local_experts": 5, "num_experts_per_tok": 3, "router_jitter_noise": 0.1,
                        "tie_word_embeddings": True},
    # What is left out has its default, the base of the rotations too; one expert for each token.
    "mixtral_stacked": without(LLAMA, "rope_theta", "rms_norm_eps", "head_dim")
                       | {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"],
                          "num_local_experts": 3, "num_experts_per_tok": 1},
    "olmoe": LLAMA | {"model_type": "olmoe", "architectures": ["OlmoeForCausalLM"], "head_dim": 6,
                      "rms_norm_eps": 1e-3, "attention_bias": True, "clip_qkv": 0.9, "norm_topk_prob": True,
                      "num_experts": 5, "num_experts_per_tok": 2, "tie_word_embeddings": True},
    "olmoe_stacked": without(LLAMA, "num_key_value_heads", "head_dim")
                     | {"model_type": "olmoe", "architectures": ["OlmoeForCausalLM"], "num_experts": 9},
    # As the published ones: tied, one head of keys and values, "gelu" that means its tanh form.
    "gemma": without(LLAMA, "tie_word_embeddings")
             | {"model_type": "gemma", "architectures": ["GemmaForCausalLM"], "num_key_value_heads": 1,
                "hidden_act": "gelu", "hidden_activation": None},
    "gemma_untied": LLAMA | {"model_type": "gemma", "architectures": ["GemmaForCausalLM"], "head_dim": 8,
                             "hidden_act": "relu", "rms_norm_eps": 1e-3, "attention_bias": True},
    # As falcon-7b: one head of keys and values, one norm for both halves; an MLP of its own width, an unembedding
    # of its own.
    "falcon": FALCON | {"hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 3, "num_kv_heads": 3,
                        "ffn_hidden_size": 40, "multi_query": True, "parallel_attn": True,
                        "new_decoder_architecture": False, "alibi": False, "bias": False,
                        "layer_norm_epsilon": 1e-3, "rope_theta": 5000.0, "tie_word_embeddings": False},
    # As falcon-40b: groups of heads, two norms; biases, another activation, a scaling.
    "falcon_grouped": FALCON | {"num_kv_heads": 2, "new_decoder_architecture": True, "bias": True,
                                "activation": "gelu_pytorch_tanh",
                                "rope_scaling": {"type": "linear", "factor": 2.0}},
    # As falcon-11B: groups of heads with one norm.
    "falcon_one_norm": FALCON | {"num_kv_heads": 2, "num_ln_in_parallel_attn": 1,
                                 "new_decoder_architecture": True, "tie_word_embeddings": False},
    # As falcon-rw-1b: linear biases, of so many heads that some are no powers of two, and show that they are
    # rounded; sequential halves, keys and values for each head; the older name of the width, tensor names without
    # a prefix.
    "falcon_alibi": without(FALCON, "hidden_size")
                    | {"n_embed": 24, "num_attention_heads": 12, "alibi": True, "bias": True,
                       "multi_query": False, "parallel_attn": False},
    "phi": without(LLAMA, *LLAMA_FIELDS)
           | {"model_type": "phi", "architectures": ["PhiForCausalLM"], "num_attention_heads": 3,
              "num_key_value_heads": None, "head_dim": 12},
    # Norms of queries and keys; another share of each head, base and activation; tied but for the bias; tensor
    # names without a prefix.
    "phi_normed": LAYER_NORM_LLAMA | {"model_type": "phi", "architectures": ["PhiForCausalLM"],
                                      "partial_rotary_factor": 0.25},
    # As stablelm-2-1_6b: sequential halves, biases of queries, keys and values.
    "stablelm": without(LLAMA, *LLAMA_FIELDS)
                | {"model_type": "stablelm", "architectures": ["StableLmForCausalLM"], "hidden_size": 32,
                   "num_attention_heads": 2, "num_key_value_heads": 1, "use_qkv_bias": True},
    # As stablelm-2-12b: parallel halves, a norm of each head's own.
    "stablelm_parallel": LAYER_NORM_LLAMA | {"model_type": "stablelm", "architectures": ["StableLmForCausalLM"],
                                             "use_parallel_residual": True},
}
# Saved under the names that transformers 5 gives the weights in memory: all experts' in one tensor.
STACKED = ("mixtral_stacked", "olmoe_stacked")
# How older repositories begin their tensors' names instead.
OLDER_PREFIX = {"gpt2_scaled": ("transformer.", ""), "opt_post_norm": ("model.decoder.", "decoder."),
                "bloom_six_heads": ("transformer.", ""), "falcon_alibi": ("transformer.", ""),
                "gpt_neox_yarn": ("gpt_neox.", ""), "phi_normed": ("model.", "")}
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


def blocks_of(model):
    base = model.get_decoder()
    return base.h if hasattr(base, "h") else base.layers


def run(model, ids):
    """Block outputs by hooks: the last entry of `hidden_states` is after the final norm."""
    outputs = []
    hooks = [block.register_forward_hook(lambda module, inputs, output: outputs.append(
        output[0] if isinstance(output, tuple) else output)) for block in blocks_of(model)]
    with torch.no_grad():
        logits = model(ids.unsqueeze(0)).logits[0]
    for hook in hooks:
        hook.remove()
    return torch.stack([output.reshape(len(ids), -1) for output in outputs]), logits


def continue_greedily(model, ids, change=None):
    def add(module, inputs, output):
        (output[0] if isinstance(output, tuple) else output)[:, -1] += change
    hooks = [] if change is None else [blocks_of(model)[1].register_forward_hook(add)]
    model.generation_config.eos_token_id = None
    with torch.no_grad():
        continued = model.generate(ids.unsqueeze(0), attention_mask=torch.ones_like(ids).unsqueeze(0),
                                   do_sample=False, max_new_tokens=12)[0]
    for hook in hooks:
        hook.remove()
    return continued


def save_weights(model, prefixes, path):
    """Under the published names, but with an older prefix."""
    with tempfile.TemporaryDirectory() as saved:  # whose tensors have their published names
        model.save_pretrained(saved)
        tensors = load_file(pathlib.Path(saved) / "model.safetensors")
    newer, older = prefixes
    save_file({older + name[len(newer):] if name.startswith(newer) else name: tensor
               for name, tensor in tensors.items()}, path, {"format": "pt"})


def make(name, old_style):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    config = AutoConfig.for_model(**copy.deepcopy(old_style))
    model = make_model(config)
    write_json(folder / "config.json", old_style)
    write_json(folder / "config.v5.json", json.loads(config.to_json_string(use_diff=False)))
    if name in STACKED:
        save_file(model.state_dict(), folder / "model.safetensors", {"format": "pt"})
    else:
        save_weights(model, OLDER_PREFIX.get(name, ("", "")), folder / "model.safetensors")

    generator = torch.Generator().manual_seed(7)
    expected = {}
    for i, length in enumerate(PROMPT_LENGTHS):
        ids = torch.randint(0, config.vocab_size, (length,), generator=generator)
        blocks, logits = run(model, ids)
        assert blocks.shape == (config.num_hidden_layers, length, config.hidden_size), blocks.shape
        expected |= {f"prompt_{i}.input_ids": ids, f"prompt_{i}.block_outputs": blocks.contiguous(),
                     f"prompt_{i}.logits": logits.contiguous()}
    vector = torch.randn(config.hidden_size, generator=generator)
    expected |= {"steering.vector": vector,
                 "greedy.plain": continue_greedily(model, expected["prompt_3.input_ids"]),
                 "greedy.steered": continue_greedily(model, expected["prompt_3.input_ids"], 3.0 * vector)}
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
