#!/usr/bin/env python3
"""Compares `probesweep-worker tokenize` with Hugging Face's tokenizers on random texts from mixed scripts.

    pip install tokenizers==0.23.3
    python3 compare_with_hf.py --worker build/release/bin/probesweep-worker FOLDER...

For each folder: ids with and without special tokens, and the decoded text. Exits with 1 at a difference. With
--auto the other side is transformers' AutoTokenizer, which folders without tokenizer.json need.
"""

import argparse
import itertools
import json
import pathlib
import subprocess
import sys

from random_texts import random_texts


def reference(folder, auto):
    if auto:
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(folder).backend_tokenizer
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def ours(worker, folder, texts, special, decode=True):
    command = [worker, "tokenize", "--checkpoint", str(folder)]
    if decode:
        command.append("--decode")
    if not special:
        command.append("--no-special-tokens")
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    run = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=False)
    if run.returncode != 0:
        return None
    return [json.loads(line) for line in run.stdout.decode().split("\n") if line]


def theirs(tokenizer, texts, special):
    # Not all at once: a batch keeps offsets, masks and pieces of every text.
    for first in range(0, len(texts), 1000):
        for encoding in tokenizer.encode_batch(texts[first : first + 1000], add_special_tokens=special):
            yield {"ids": encoding.ids, "text": tokenizer.decode(encoding.ids, skip_special_tokens=False)}


def differences(worker, folder, tokenizer, texts):
    for special in (True, False):
        answers = ours(worker, folder, texts, special)
        if answers is None:
            yield None
            return
        for text, expected, got in itertools.zip_longest(texts, theirs(tokenizer, texts, special), answers):
            if got != expected:
                yield {"special tokens": special, "text": text, "expected": expected, "got": got}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--worker", default="probesweep-worker")
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=3, help="differences to print for each folder")
    parser.add_argument("--auto", action="store_true", help="compare with transformers' AutoTokenizer")
    options = parser.parse_args()
    failed = False
    for folder in options.folders:
        tokenizer = reference(folder, options.auto)
        special = [token.content for token in tokenizer.get_added_tokens_decoder().values()]
        texts = random_texts(options.texts, options.seed, special)
        found = list(differences(options.worker, folder, tokenizer, texts))
        print(f"{folder}: {len(texts)} texts, {'refused' if None in found else len(found)} differences", flush=True)
        for difference in found[: options.show]:
            print("  " + json.dumps(difference))
        failed = failed or bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
