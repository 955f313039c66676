#!/usr/bin/env python3
"""Runs one fuzz target for a while: run_fuzzer.py --program FUZZER --target NAME --work FOLDER [--seconds N] [--seed N]

First come the inputs that earlier runs found to fail (FOLDER/findings), then new ones, beginning with the attack corpus
and the golden checkpoints. Inputs that reach new code are kept in FOLDER/corpus. Ends with 1 when an input crashes,
breaks what the target says must hold, leaks, takes longer than TIMEOUT or more than MEMORY_MB, or makes one allocation
above ALLOCATION_MB.
"""

import argparse
import pathlib
import subprocess
import sys

import make_seeds

TESTS = pathlib.Path(__file__).resolve().parent.parent
DICTIONARIES = {"safetensors": "json.dict", "config": "json.dict", "tokenizer": "json.dict", "torch_file": "torch.dict",
                "pickle": "torch.dict"}
LARGEST_INPUT = 32768
TIMEOUT = 20  # seconds for one input; with sanitizers, beside other tests
MEMORY_MB = 2048  # sanitizers keep freed memory
ALLOCATION_MB = 64  # a thousand times the largest input


def fuzz(options, findings):
    work = options.work
    make_seeds.write(options.target, [TESTS / "attacks/corpus", TESTS / "golden"], work / "seeds")
    (work / "corpus").mkdir(parents=True, exist_ok=True)
    return subprocess.run([
        options.program, f"-max_total_time={options.seconds}", f"-seed={options.seed}", f"-max_len={LARGEST_INPUT}",
        f"-timeout={TIMEOUT}", f"-rss_limit_mb={MEMORY_MB}", f"-malloc_limit_mb={ALLOCATION_MB}",
        f"-artifact_prefix={findings}/", f"-dict={TESTS / 'fuzz' / DICTIONARIES[options.target]}", "-print_final_stats=1",
        str(work / "corpus"), str(work / "seeds")], check=False).returncode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--target", required=True, choices=sorted(DICTIONARIES))
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    findings = options.work / "findings"
    findings.mkdir(parents=True, exist_ok=True)
    # A finding stays one until it is mended: the test is run once more when it failed.
    known = sorted(map(str, findings.iterdir()))
    limits = [f"-timeout={TIMEOUT}", f"-rss_limit_mb={MEMORY_MB}", f"-malloc_limit_mb={ALLOCATION_MB}"]
    if known and subprocess.run([options.program, *limits, *known], check=False).returncode != 0:
        sys.exit(1)
    sys.exit(1 if fuzz(options, findings) != 0 else 0)


if __name__ == "__main__":
    main()
