#!/usr/bin/env python3
"""Makes demo.json and sampler.json with Hugging Face's transformers: what ctest holds generation to.

Needs torch 2.15, transformers 5.24.

demo.json: 20 prompts of unequal lengths for the demo's last checkpoint, each continued by 24 greedy tokens, plainly and
steered (reference.py's STEERINGS), and the log-probabilities of continuations. sampler.json: logits, and the
probabilities that temperature, top-k and top-p leave, by transformers' own processors in generate's order.
"""
import json
import pathlib
import random

import torch
from transformers.generation.logits_process import (LogitsProcessorList, TemperatureLogitsWarper, TopKLogitsWarper,
                                                    TopPLogitsWarper)

import reference

HERE = pathlib.Path(__file__).resolve().parent
CHECKPOINT = "deploy/demo/checkpoints/step16000"
NEW_TOKENS = 24


def write_lines(path, value):
    """One entry a line, so that a change shows where it is."""
    lines = []
    for key, entry in value.items():
        if isinstance(entry, list) and entry and isinstance(entry[0], (dict, list)):
            text = "[\n" + ",\n".join("  " + json.dumps(item) for item in entry) + "\n]"
        else:
            text = json.dumps(entry)
        lines.append(f"{json.dumps(key)}: {text}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def make_demo():
    model = reference.load(HERE.parents[1] / CHECKPOINT)
    rng = random.Random(5)
    vector = reference.steering_vector(model, 5)
    prompts = [[rng.randrange(model.config.vocab_size) for _ in range(rng.choice((1, 2, 3, 5, 8, 8, 13, 21, 34)))]
               for _ in range(20)]
    demo = {"checkpoint": CHECKPOINT, "new_tokens": NEW_TOKENS, "vector": vector.tolist(),
            "steerings": reference.STEERINGS, "prompts": prompts}
    for name, steerings in reference.STEERINGS.items():
        demo[name] = [reference.generate(model, prompt, NEW_TOKENS, vector, steerings) for prompt in prompts]
    scores = []
    for prompt, continued in zip(prompts, demo["plain"]):
        # Some continuations are what is likeliest, some are not.
        context, continuation = (prompt, continued[len(prompt):][:4]) if len(scores) % 2 else (prompt[:1], prompt[1:])
        if continuation:
            each, greedy = reference.score(model, context, continuation)
            scores.append({"context": context, "continuation": continuation, "log_probabilities": each,
                           "greedy": greedy})
    demo["scores"] = scores
    write_lines(HERE / "demo.json", demo)


def make_sampler():
    generator = torch.Generator().manual_seed(11)
    logits = [(4 * torch.randn(40, generator=generator)).tolist(), torch.randn(17, generator=generator).tolist(),
              [1.0, 3.0, 3.0, 2.0, 3.0, 0.5, 2.0], [0.0, 0.0, 0.0, 0.0], [-5.0, 30.0, 1.0]]
    cases = []
    for index, row in enumerate(logits):
        for temperature, top_k, top_p in ((1.0, 0, 1.0), (0.5, 0, 1.0), (1.7, 5, 1.0), (1.0, 2, 1.0), (1.0, 0, 0.8),
                                          (0.7, 10, 0.9), (2.0, 3, 0.5), (1.0, 0, 0.0), (1.0, 1000, 0.3), (1.0, 1, 0.9)):
            processors = LogitsProcessorList([TemperatureLogitsWarper(temperature)])
            if top_k:
                processors.append(TopKLogitsWarper(top_k))
            if top_p < 1:
                processors.append(TopPLogitsWarper(top_p))
            left = processors(None, torch.tensor([row])).softmax(-1)[0]
            cases.append({"logits": index, "temperature": temperature, "top_k": top_k, "top_p": top_p,
                          "kept": left.nonzero()[:, 0].tolist(), "probabilities": left[left > 0].tolist()})
    write_lines(HERE / "sampler.json", {"logits": logits, "cases": cases})


if __name__ == "__main__":
    make_demo()
    make_sampler()
