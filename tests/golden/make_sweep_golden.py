#!/usr/bin/env python3
"""Makes sweep/expected.json: what a sweep of demo checkpoints over sweep/*.csv must find, computed another way.

Needs torch 2.15, transformers 5.24, tokenizers 0.23, scikit-learn 1.9, numpy 2.4. transformers tokenizes and runs
the checkpoints of deploy/demo in fp64; the analysis is make_analysis_golden.py's: the published formulas in fp64 and
scikit-learn's optimum. Nothing of ours takes part. The datasets are rows of an early version of the demo's: one has
more training rows than the model has features, the other fewer.

A list with one entry for each checkpoint, dataset and layer: `acc_converged`, `coef_norm`, `mi_tx`, `mi_ty`,
`steer_scale` (the length of the steering vector) and `steer_dir_first8` (the start of its direction).
"""
import csv
import json
import pathlib

import numpy as np
import torch
from make_analysis_golden import expected_layer
from transformers import AutoTokenizer, GPTNeoXForCausalLM

HERE = pathlib.Path(__file__).resolve().parent
DEMO_CHECKPOINTS = HERE.parent.parent / "deploy" / "demo" / "checkpoints"
CHECKPOINTS = ("step256", "step16000")
STEERING_SHARES = {"reliability": 1.0, "fairness": 0.5}


def last_token_states(checkpoint, texts):
    """The residual stream behind each block at each text's last token: arrays [texts, hidden]."""
    model = GPTNeoXForCausalLM.from_pretrained(checkpoint, dtype=torch.float64, attn_implementation="eager").eval()
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    states = [[] for _ in model.gpt_neox.layers]

    def keep(layer):
        def hook(_module, _inputs, output):
            hidden = output[0] if isinstance(output, tuple) else output
            states[layer].append(hidden[0, -1].numpy().copy())
        return hook

    for i, block in enumerate(model.gpt_neox.layers):
        block.register_forward_hook(keep(i))
    with torch.no_grad():
        for text in texts:
            model(torch.tensor([tokenizer(text)["input_ids"]]))
    return [np.stack(layer) for layer in states]


def read_dataset(name):
    with open(HERE / "sweep" / f"{name}.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["statement"] for row in rows], np.array([int(row["label"]) for row in rows])


def main():
    entries = []
    for checkpoint in CHECKPOINTS:
        for dataset, share in STEERING_SHARES.items():
            texts, labels = read_dataset(dataset)
            layers = [a.astype(np.float64) for a in last_token_states(DEMO_CHECKPOINTS / checkpoint, texts)]
            for i, layer in enumerate(layers):
                found = expected_layer(layers[0], layer, labels, share)
                values, vector = found["values"], np.array(found["steering_vector"])
                entries.append({
                    "checkpoint": checkpoint, "dataset": dataset, "layer": i, "steering_share": share,
                    "n": len(texts), "n_train": values["n_train"], "acc_converged": values["accuracy"],
                    "coef_norm": values["coef_norm"], "mi_tx": values["mi_tx"], "mi_ty": values["mi_ty"],
                    "steer_scale": values["steering_norm"],
                    "steer_dir_first8": (vector / values["steering_norm"])[:8].tolist(),
                })
                print(checkpoint, dataset, i, {k: round(v, 4) for k, v in values.items()})
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    (HERE / "sweep" / "expected.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
