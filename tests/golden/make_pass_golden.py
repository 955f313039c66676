#!/usr/bin/env python3
"""Makes pass/: what a whole pass over gpt_neox/ must come to, from the text to the numbers.

Needs torch 2.15, transformers 5.24 and what make_analysis_golden.py needs. Representations are transformers' own,
at each statement's last token; tokens are those of tokenizer.json: one per character.

dataset.csv: the statements. expected.json: for each layer the values by their column's name and
`steering_vector`, for steering_share 0.5.
"""
import csv
import json
import pathlib
import random

import numpy as np
import torch
from transformers import GPTNeoXForCausalLM

from make_analysis_golden import expected_layer
from make_golden import run

HERE = pathlib.Path(__file__).resolve().parent
ROWS = 70


def make_statements():
    """Short made-up sentences; those of label 1 end in other words, most of the time."""
    rng = random.Random(20261124)
    words = ["mild", "tea", "rain, again", "a \"no\"", "old paper", "late", "seven", "so be it"]
    endings = {0: ["away", "along", "here.", "today"], 1: ["never!", "not?", "below", "none"]}
    for row in range(ROWS):
        label = rng.randint(0, 1)
        ending = rng.choice(endings[label if rng.random() < 0.8 else 1 - label])
        text = " ".join(rng.sample(words, rng.randint(1, 3)) + [ending])
        yield (text[:60], label) if row != ROWS - 1 else ("tea", label)


def main():
    folder = HERE / "pass"
    folder.mkdir(exist_ok=True)
    statements = list(make_statements())
    with open(folder / "dataset.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([("statement", "label"), *statements])
    vocab = json.loads((HERE / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    model = GPTNeoXForCausalLM.from_pretrained(HERE / "gpt_neox", dtype=torch.float32,
                                               attn_implementation="eager").eval()
    rows = [run(model, torch.tensor([vocab[c] for c in text]))[0][:, -1] for text, _ in statements]
    layers = torch.stack(rows, dim=1).double().numpy()  # [layers, statements, hidden]
    labels = np.array([label for _, label in statements])
    expected = [expected_layer(layers[0], a, labels, 0.5) for a in layers]
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n", encoding="utf-8")
    for layer in expected:
        print({k: round(v, 5) for k, v in layer["values"].items()})


if __name__ == "__main__":
    main()
