#!/usr/bin/env python3
"""Generates and scores with the worker and with transformers, and prints where they differ.

    compare_with_transformers.py CHECKPOINT [--worker build/release/bin/probesweep-worker] [--prompts 200] [--seed 1]
                                 [--statements FILE.csv …] [--new-tokens 32] [--speed]

Greedy, fp32, on the CPU. Prompts of unequal lengths: random token ids, or the beginnings of statements (column
`statement`) when files are given. Each is continued plainly and steered (reference.py's STEERINGS); transformers gets
every prompt alone, the worker all at once. Where two continuations part, the gap between the logits of the two tokens
is printed: below 1e-4 it is fp32's rounding. Exit code 0 when all are equal and log-likelihoods are within 1e-4.
--speed compares tokens per second of 32 prompts side by side instead.
"""
import argparse
import csv
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import torch
from safetensors.torch import save_file
from transformers import AutoTokenizer

import reference

HERE = pathlib.Path(__file__).resolve().parent


def random_prompts(count, vocab, rng):
    return [[rng.randrange(vocab) for _ in range(rng.choice((1, 2, 3, 5, 8, 8, 13, 21, 34)))] for _ in range(count)]


def statement_prompts(count, files, tokenizer, rng):
    statements = []
    for file in files:
        with open(file, newline="", encoding="utf-8") as opened:
            statements += [row["statement"] for row in csv.DictReader(opened)]
    prompts = []
    while len(prompts) < count:
        ids = tokenizer(rng.choice(statements))["input_ids"]
        if ids:
            prompts.append(ids[:rng.randint(1, 60)])
    return prompts


def run_worker(options, command, lines, *flags):
    with tempfile.TemporaryDirectory() as folder:
        prompts = pathlib.Path(folder) / "prompts.jsonl"
        prompts.write_text("".join(json.dumps(line) + "\n" for line in lines))
        run = subprocess.run([options.worker, command, "--checkpoint", options.checkpoint, "--prompts", prompts, *flags],
                             stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def steering_flags(file, steerings):
    flags = []
    for steering in steerings:
        flags += ["--steer", file, "--steer-key", "vector", "--steer-layer", str(steering["layer"]),
                  "--alpha", str(steering["alpha"]), "--steer-positions", steering["positions"]]
    return flags


def explain(model, ours, theirs, prompt_tokens, vector, steerings):
    place = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), None)
    if place is None:
        return f"{len(ours)} tokens, transformers has {len(theirs)}"
    logits = reference.next_logits(model, theirs[:place], vector, steerings, prompt_tokens)
    gap = float(logits[theirs[place]] - logits[ours[place]])
    return f"token {place}: {ours[place]}, transformers has {theirs[place]}, whose logit is larger by {gap:.2e}"


def compare_generation(options, model, prompts):
    vector = reference.steering_vector(model, options.seed)
    tokenizer = try_tokenizer(options.checkpoint)
    differences = 0
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "steering.safetensors"
        save_file({"vector": vector}, file)
        for name, steerings in reference.STEERINGS.items():
            ours = run_worker(options, "generate", [{"ids": ids} for ids in prompts], "--max-new-tokens",
                              str(options.new_tokens), *steering_flags(file, steerings))
            assert len(ours) == len(prompts), (len(ours), len(prompts))
            different = 0
            for i, (prompt, line) in enumerate(zip(prompts, ours)):
                theirs = reference.generate(model, prompt, options.new_tokens, vector, steerings)
                text = tokenizer.decode(theirs, skip_special_tokens=True) if tokenizer else None
                if line["ids"] != theirs:
                    different += 1
                    why = explain(model, line["ids"], theirs, len(prompt), vector, steerings)
                    print(f"  {name}, prompt {i}: {why}")
                elif line.get("text") != text:
                    different += 1
                    print(f"  {name}, prompt {i}: text {line.get('text')!r}, transformers has {text!r}")
            print(f"{name}: {len(prompts) - different} of {len(prompts)} equal")
            differences += different
    return differences


def compare_scores(options, model, prompts):
    requests = []
    for prompt in prompts:
        if len(prompt) > 1:
            cut = (len(prompt) + 1) // 2
            requests.append((prompt[:cut], prompt[cut:]))
            greedy = reference.generate(model, prompt[:cut], 3, None, [])[cut:]
            requests.append((prompt[:cut], greedy))
    ours = run_worker(options, "score", [{"context_ids": a, "continuation_ids": b} for a, b in requests])
    worst, wrong = 0.0, 0
    for (context, continuation), line in zip(requests, ours):
        each, greedy = reference.score(model, context, continuation)
        worst = max(worst, abs(line["log_likelihood"] - sum(each)))
        wrong += line["greedy"] != greedy or line["tokens"] != len(continuation)
    print(f"scores: {len(requests)} continuations, largest difference {worst:.1e}, {wrong} with another `greedy`")
    return wrong + (worst > 1e-4) + (len(ours) != len(requests))


def compare_speed(options, model, prompts, new_tokens=128):
    """Seconds beyond those of one new token: loading and starting do not count."""
    prompts = prompts[:32]
    width = max(map(len, prompts))
    ids = torch.tensor([[0] * (width - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])

    def ours(count):
        start = time.monotonic()
        run_worker(options, "generate", [{"ids": ids} for ids in prompts], "--max-new-tokens", str(count),
                   "--ignore-eos")
        return time.monotonic() - start

    def theirs(count):
        start = time.monotonic()
        with torch.no_grad():
            model.generate(ids, attention_mask=mask, do_sample=False, max_new_tokens=count, min_new_tokens=count,
                           pad_token_id=0)
        return time.monotonic() - start

    tokens = len(prompts) * (new_tokens - 1)
    for name, run in (("worker", ours), ("transformers", theirs)):
        seconds = min(run(new_tokens) - run(1) for _ in range(3))
        print(f"{name}: {tokens / seconds:.0f} tokens/s ({torch.get_num_threads()} cores, 32 prompts side by side)")
    return 0


def try_tokenizer(checkpoint):
    has_one = (pathlib.Path(checkpoint) / "tokenizer.json").exists()
    return AutoTokenizer.from_pretrained(checkpoint) if has_one else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("--worker", default=HERE.parents[1] / "build/release/bin/probesweep-worker")
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--statements", nargs="*", default=[])
    parser.add_argument("--new-tokens", type=int, default=32)
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    model = reference.load(options.checkpoint)
    rng = random.Random(options.seed)
    if options.statements:
        prompts = statement_prompts(options.prompts, options.statements, try_tokenizer(options.checkpoint), rng)
    else:
        prompts = random_prompts(options.prompts, model.config.vocab_size, rng)
    if options.speed:
        return compare_speed(options, model, prompts)
    return 1 if compare_generation(options, model, prompts) + compare_scores(options, model, prompts) else 0


if __name__ == "__main__":
    sys.exit(main())
