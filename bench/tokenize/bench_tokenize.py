#!/usr/bin/env python3
"""Tokens per second of our tokenization and of Hugging Face's tokenizers, on the same texts, in turns.

    pip install tokenizers==0.23.3
    cmake --preset release -DPROBESWEEP_BENCH=ON && cmake --build build/release --target encode_texts
    python3 bench/tokenize/bench_tokenize.py --ours build/release/bench/encode_texts --datasets CSV... -- FOLDER...

Two sets of texts: the datasets' statements, and the same as documents of 50 kB. One thread and all cores; the best
of several rounds; a ratio of 1 or more means that ours is not slower.
"""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

DOCUMENT_BYTES = 50_000


def statements(paths):
    texts = []
    for path in paths:
        with open(path, newline="", encoding="utf-8") as file:
            texts += [row[0] for row in list(csv.reader(file))[1:]]
    return texts


def documents(texts):
    joined, length = [[]], 0
    for text in texts:
        joined[-1].append(text)
        length += len(text)
        if length > DOCUMENT_BYTES:
            joined.append([])
            length = 0
    return ["\n".join(document) for document in joined if document]


def encode_with_hf(folder, path, rounds):
    """The part that runs in a process of its own: how many threads it uses is settled when it starts."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(folder + "/tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    with open(path, encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    best = float("inf")
    for _ in range(rounds):
        begin = time.perf_counter()
        encodings = tokenizer.encode_batch_fast(texts)
        best = min(best, time.perf_counter() - begin)
    print(json.dumps({"tokens": sum(len(encoding.ids) for encoding in encodings), "seconds": best}))


def run(command, **environment):
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True, env={**os.environ, **environment}).stdout
    return json.loads(output)


def measure(options, folder, path, threads):
    """The best of three turns for each side."""
    ours = [options.ours, "--checkpoint", folder, "--texts", path, "--threads", str(threads)]
    theirs = [sys.executable, __file__, "--hf", folder, path]
    rounds = [(run(ours), run(theirs, RAYON_NUM_THREADS=str(threads))) for _ in range(3)]
    best = [min(side, key=lambda result: result["seconds"]) for side in zip(*rounds)]
    if best[0]["tokens"] != best[1]["tokens"]:
        sys.exit(f"{folder}: {best[0]['tokens']} tokens, but {best[1]['tokens']} by tokenizers")
    return [result["tokens"] / result["seconds"] / 1e6 for result in best]


def main():
    if sys.argv[1:2] == ["--hf"]:
        return encode_with_hf(sys.argv[2], sys.argv[3], rounds=5)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--ours", default="build/release/bench/encode_texts")
    parser.add_argument("--datasets", nargs="+", required=True)
    options = parser.parse_args()
    texts = statements(options.datasets)
    print("tokenizer    texts       threads   ours Mtok/s   tokenizers Mtok/s   ratio")
    with tempfile.TemporaryDirectory() as temporary:
        for name, sample in (("statements", texts), ("documents", documents(texts))):
            path = pathlib.Path(temporary) / name
            path.write_text("".join(json.dumps({"text": text}) + "\n" for text in sample))
            for folder in options.folders:
                for threads in (1, len(os.sched_getaffinity(0))):
                    ours, theirs = measure(options, folder, str(path), threads)
                    label = f"{pathlib.Path(folder).name:12} {name:10} {threads:8}"
                    print(f"{label} {ours:13.2f} {theirs:19.2f} {ours / theirs:7.2f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
