#!/usr/bin/env python3
"""Checks every C++ file of the tree with clang's thread-safety analysis: thread_safety.py [--jobs N] [PATH...]

Configures the preset clang-thread-safety, makes what other files include (the generated protobuf code, the precompiled
header), and parses each file of its compile_commands.json with the flags found there, without making code: a third
of what the whole build takes. First it shows that the analysis is at work: canaries/unguarded.cc must be refused.
"""
import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = TREE / "build/clang-thread-safety"
CANARY = TREE / "tests/sanitizers/canaries/unguarded.cc"


def configure():
    run = lambda *command: subprocess.run(command, cwd=TREE, check=True, stdout=subprocess.DEVNULL)
    run("cmake", "--preset", "clang-thread-safety", "-DPROBESWEEP_BENCH=ON")
    run("cmake", "--build", BUILD, "--target", "ps_proto", "ps_torch_pch")


def parse_only(entry, file=None):
    """The command of an entry of compile_commands.json that stops after the analysis."""
    words = shlex.split(entry["command"])
    while words[0].split("/")[-1] != "clang++-14":  # the launcher: ccache
        words.pop(0)
    out = words.index("-o")
    del words[out : out + 2]
    words.remove("-c")
    words[words.index(entry["file"])] = str(file or entry["file"])
    return words + ["-fsyntax-only", "-Werror=thread-safety"]


def check(entry, file=None):
    done = subprocess.run(parse_only(entry, file), cwd=entry["directory"], capture_output=True, text=True)
    return done.returncode, done.stderr


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--jobs", type=int, default=os.cpu_count(), help="files at a time")
    options.add_argument("paths", nargs="*", help="only these files of the tree, and those below these folders")
    arguments = options.parse_args()

    configure()
    entries = [e for e in json.loads((BUILD / "compile_commands.json").read_text())
               if BUILD not in pathlib.Path(e["file"]).parents]
    code, errors = check(next(e for e in entries if e["file"].endswith("/common/repeating_task.cc")), CANARY)
    if code == 0 or "requires holding mutex" not in errors:
        sys.exit(f"clang does not refuse {CANARY}: the analysis is not at work\n{errors}")

    if arguments.paths:
        wanted = {(TREE / path).resolve() for path in arguments.paths}
        entries = [e for e in entries if wanted & {pathlib.Path(e["file"]), *pathlib.Path(e["file"]).parents}]
    if not entries:
        sys.exit("the build has no such file: " + ", ".join(arguments.paths))
    bad = 0
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for entry, (code, errors) in zip(entries, pool.map(check, entries)):
            if code != 0:
                bad += 1
                print(f"{os.path.relpath(entry['file'], TREE)}\n{errors}", flush=True)
    print(f"{len(entries)} files, {bad} with findings")
    sys.exit(bad != 0)


if __name__ == "__main__":
    main()
