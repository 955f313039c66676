"""Sets the memory plan of `probesweep-worker inspect` beside the peak that a pass really has.

    python3 bench/plan/plan_peaks.py --bin build/release/bin --bench build/release/bench
        --tokenizers DIR --datasets DIR [--checkpoint DIR ...] [--only NAME ...] [--keep DIR]

Makes random checkpoints of several shapes (numpy), has each planned, runs a pass over it in a process of its own,
and prints one table. DIR of --tokenizers has llama2/ and gpt_neox/, that of --datasets the CSV files named below.
"""
import argparse
import csv
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

import numpy

ALL = ["truthfulqa_train", "confaide", "toxigen", "stereoset", "sst2"]
BOTH = ["released", "calibrated"]


def llama(layers, hidden, intermediate, heads, shared, vocab=32000):
    config = {"model_type": "llama", "hidden_size": hidden, "intermediate_size": intermediate,
              "num_attention_heads": heads, "num_key_value_heads": shared, "num_hidden_layers": layers,
              "vocab_size": vocab, "rms_norm_eps": 1e-5, "hidden_act": "silu", "rope_theta": 10000.0,
              "max_position_embeddings": 4096, "tie_word_embeddings": True}
    width, keys = hidden, hidden // heads * shared
    shapes = {"model.embed_tokens.weight": (vocab, hidden), "model.norm.weight": (hidden,)}
    for layer in range(layers):
        block = f"model.layers.{layer}."
        shapes.update({
            block + "self_attn.q_proj.weight": (width, hidden), block + "self_attn.k_proj.weight": (keys, hidden),
            block + "self_attn.v_proj.weight": (keys, hidden), block + "self_attn.o_proj.weight": (hidden, width),
            block + "mlp.gate_proj.weight": (intermediate, hidden),
            block + "mlp.up_proj.weight": (intermediate, hidden),
            block + "mlp.down_proj.weight": (hidden, intermediate),
            block + "input_layernorm.weight": (hidden,), block + "post_attention_layernorm.weight": (hidden,)})
    return "llama2", config, shapes


def mixtral(layers, hidden, intermediate, heads, shared, experts, vocab=32000):
    tokenizer, config, shapes = llama(layers, hidden, intermediate, heads, shared, vocab)
    config.update({"model_type": "mixtral", "num_local_experts": experts, "num_experts_per_tok": 2})
    for layer in range(layers):
        block = f"model.layers.{layer}."
        for name in ("gate", "up", "down"):
            del shapes[f"{block}mlp.{name}_proj.weight"]
        moe = block + "block_sparse_moe."
        shapes[moe + "gate.weight"] = (experts, hidden)
        for expert in range(experts):
            shapes[f"{moe}experts.{expert}.w1.weight"] = (intermediate, hidden)
            shapes[f"{moe}experts.{expert}.w3.weight"] = (intermediate, hidden)
            shapes[f"{moe}experts.{expert}.w2.weight"] = (hidden, intermediate)
    return tokenizer, config, shapes


def neox(layers, hidden, heads, vocab=50304):
    config = {"model_type": "gpt_neox", "hidden_size": hidden, "intermediate_size": 4 * hidden,
              "num_attention_heads": heads, "num_hidden_layers": layers, "vocab_size": vocab,
              "layer_norm_eps": 1e-5, "hidden_act": "gelu", "rotary_pct": 0.25, "rotary_emb_base": 10000,
              "max_position_embeddings": 2048, "use_parallel_residual": True, "tie_word_embeddings": False}
    shapes = {"gpt_neox.embed_in.weight": (vocab, hidden), "gpt_neox.final_layer_norm.weight": (hidden,),
              "gpt_neox.final_layer_norm.bias": (hidden,), "embed_out.weight": (vocab, hidden)}
    for layer in range(layers):
        block = f"gpt_neox.layers.{layer}."
        for name, rows, columns in (("attention.query_key_value", 3 * hidden, hidden),
                                    ("attention.dense", hidden, hidden),
                                    ("mlp.dense_h_to_4h", 4 * hidden, hidden),
                                    ("mlp.dense_4h_to_h", hidden, 4 * hidden)):
            shapes[f"{block}{name}.weight"] = (rows, columns)
            shapes[f"{block}{name}.bias"] = (rows,)
        for name in ("input_layernorm", "post_attention_layernorm"):
            shapes[f"{block}{name}.weight"] = (hidden,)
            shapes[f"{block}{name}.bias"] = (hidden,)
    return "gpt_neox", config, shapes


# name: shape, datasets, rows of each (0: all), protocols, threads
SETTINGS = {
    "llama 2048, 1 thread": (llama(3, 2048, 5632, 32, 32), ["stereoset"], 200, BOTH, 1),
    "llama 2048": (llama(3, 2048, 5632, 32, 32), ["stereoset", "confaide"], 300, BOTH, 2),
    "llama 2048, released": (llama(3, 2048, 5632, 32, 32), ["stereoset"], 600, ["released"], 2),
    "llama 4096 of 8 key heads": (llama(2, 4096, 14336, 32, 8), ["confaide"], 150, BOTH, 2),
    "llama 4096": (llama(2, 4096, 11008, 32, 32), ["sst2"], 150, ["paper"], 2),
    "neox 768, kernels": (neox(2, 768, 12), ["toxigen"], 0, ["released"], 2),
    "neox 768, several datasets": (neox(3, 768, 12), ALL, 800, BOTH, 2),
    "neox 2048": (neox(3, 2048, 16), ["truthfulqa_train"], 1000, ["calibrated"], 2),
    "mixtral 1024, 8 experts": (mixtral(3, 1024, 3584, 16, 8, 8), ["stereoset"], 500, BOTH, 2),
}


def write_checkpoint(folder, shape, tokenizers):
    tokenizer, config, shapes = shape
    os.makedirs(folder)
    for name in os.listdir(os.path.join(tokenizers, tokenizer)):
        if name != "expected.jsonl":
            shutil.copyfile(os.path.join(tokenizers, tokenizer, name), os.path.join(folder, name))
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file)
    random = numpy.random.default_rng(0)
    header, offset = {}, 0
    for name, dims in shapes.items():
        size = 2 * int(numpy.prod(dims))
        header[name] = {"dtype": "F16", "shape": list(dims), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(folder, "model.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, dims in shapes.items():
            if "norm" in name:
                values = numpy.full(dims, 0.0 if name.endswith("bias") else 1.0, numpy.float16)
            else:
                values = (random.standard_normal(dims, numpy.float32) * 0.02).astype(numpy.float16)
            file.write(values.tobytes())


def planned(arguments, folder, datasets, protocols, threads):
    command = [os.path.join(arguments.bin, "probesweep-worker"), "inspect", "--json", "--checkpoint", folder,
               "--threads", str(threads), "--dataset", *datasets, "--protocols", *protocols]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["plan"]


def measured(arguments, folder, datasets, protocols, threads):
    """Peak resident bytes of one pass, and what it printed."""
    command = [os.path.join(arguments.bench, "pass_stages"), "--checkpoints", folder, "--threads", str(threads),
               "--datasets", *datasets, "--protocols", *protocols]
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(child.pid, 0)
        if status != 0:
            sys.exit(f"{' '.join(command)} failed")
        return usage.ru_maxrss * 1024


def shortened(path, rows, folder):
    """A copy with every k-th row, so that it has about so many."""
    with open(path, newline="", encoding="utf-8") as file:
        header, *records = list(csv.reader(file))
    short = os.path.join(folder, os.path.basename(path))
    with open(short, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header] + records[:: max(1, len(records) // rows)])
    return short


def row(arguments, name, folder, datasets, rows, protocols, threads):
    paths = [os.path.join(arguments.datasets, dataset + ".csv") for dataset in datasets]
    with tempfile.TemporaryDirectory() as scratch:
        if rows > 0:
            paths = [shortened(path, rows, scratch) for path in paths]
        compare(arguments, name, folder, paths, protocols, threads)


def compare(arguments, name, folder, paths, protocols, threads):
    plan = planned(arguments, folder, paths, protocols, threads)
    peak = measured(arguments, folder, paths, protocols, threads)
    predicted = plan["memory_bytes"]["peak"]
    mib = 1 << 20
    parts = ", ".join(f"{key} {value // mib}" for key, value in plan["memory_bytes"].items() if key != "peak")
    print(f"| {name} | {predicted / mib:.0f} | {peak / mib:.0f} | {predicted / peak:.2f} | {parts} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    for flag in ("--bin", "--bench", "--tokenizers", "--datasets"):
        parser.add_argument(flag, required=True)
    parser.add_argument("--checkpoint", action="append", default=[], help="a checkpoint that there is; all datasets")
    parser.add_argument("--only", action="append", default=[], help="names of settings; default: all")
    parser.add_argument("--keep", help="folder in which the checkpoints stay")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.only if name not in SETTINGS]
    if unknown:
        parser.error(f"no such setting: {unknown}; there are {list(SETTINGS)}")
    print("| setting | plan, MiB | peak, MiB | plan / peak | parts of the plan, MiB |\n|---|---|---|---|---|")
    for folder in arguments.checkpoint:
        for protocols in (["released"], BOTH):
            name = f"{os.path.basename(os.path.dirname(os.path.abspath(folder)))}, {' + '.join(protocols)}"
            row(arguments, name, folder, ALL, 0, protocols, 2)
    with tempfile.TemporaryDirectory() as scratch:
        for number, (name, (shape, datasets, rows, protocols, threads)) in enumerate(SETTINGS.items()):
            if arguments.only and name not in arguments.only:
                continue
            folder = os.path.join(arguments.keep or scratch, f"setting_{number}")
            if not os.path.exists(folder):
                write_checkpoint(folder, shape, arguments.tokenizers)
            row(arguments, name, folder, datasets, rows, protocols, threads)
            if not arguments.keep:
                shutil.rmtree(folder)


if __name__ == "__main__":
    main()
