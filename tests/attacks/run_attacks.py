#!/usr/bin/env python3
"""Runs the worker on every attack of the corpus and checks that it refuses it as it should.

  run_attacks.py --worker PROGRAM --work FOLDER [--show] [KIND[/CASE]...]

Each case must end with the exit code of the manifest (3: refused input) and say on standard error what the manifest
lists, the file and the reason; within TIME_LIMIT; and with at most 4 times the size of its files, plus ALLOWANCE, more
memory than the same command takes for the valid checkpoint. Nothing that a pickle asks for may have run. FOLDER is
emptied and filled with the generated part of the corpus. --show prints what each case says.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading

from pickle_attacks import SIGN

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
TIME_LIMIT = 10  # seconds; a refusal takes about half of one
MEMORY_FACTOR = 4
# Above the valid checkpoint's peak: buffers of fixed size, pages of code that only a refusal needs, and the noise of
# one process, which is some 2 MB.
ALLOWANCE = 16 << 20
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
LONGEST_MESSAGE = 4000  # a message that quotes the file without end hides the reason


class Outcome:
    def __init__(self, exit_code, err, peak):
        self.exit_code, self.err, self.peak = exit_code, err, peak


def run(argv, folder, text):
    """Runs argv in `folder` and waits for it with wait4, which tells its peak memory."""
    (folder / "prompts.jsonl").write_text(json.dumps({"text": text}) + "\n", encoding="utf-8")
    with open(folder / "prompts.jsonl", "rb") as stdin, open(folder / "stderr", "w+b") as stderr:
        process = subprocess.Popen(argv, cwd=folder, stdin=stdin, stdout=subprocess.DEVNULL, stderr=stderr)
        timer = threading.Timer(TIME_LIMIT, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        stderr.seek(0)
        return Outcome(process.returncode, stderr.read().decode("utf-8", "replace"), usage.ru_maxrss * 1024)


class Attacks:
    def __init__(self, worker, work):
        self.worker, self.work = worker, work
        self.manifest = json.loads((CORPUS / "manifest.json").read_text(encoding="ascii"))
        self.valid_peaks = {}

    def lay_out(self, name):
        """A folder with the valid checkpoint as the case changes it, and the size of what the case brings."""
        case = self.manifest[name]
        folder = self.work / "run"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(CORPUS / "valid/checkpoint", folder / "checkpoint")
        for removed in case["removes"]:
            (folder / "checkpoint" / removed).unlink()
        size = 0
        for file in case["files"]:
            committed = CORPUS / name / file
            source = committed if committed.exists() else self.work / "generated" / name / file
            shutil.copyfile(source, folder / "checkpoint" / file)
            size += source.stat().st_size
        return folder, size

    def outcome(self, name):
        case = self.manifest[name]
        folder, size = self.lay_out(name)
        argv = [self.worker, case["command"], "--checkpoint", "checkpoint"]
        if case["command"] == "forward":
            argv += ["--prompts", "prompts.jsonl", "--out", "out.safetensors", "--logits", "--threads", "1"]
        outcome = run(argv, folder, case["text"])
        outcome.size = size
        outcome.code_has_run = any(SIGN in files for _, _, files in os.walk(folder))
        return outcome

    def valid_peak(self, command):
        """The most memory that the command takes for the valid checkpoint, of three runs."""
        if command not in self.valid_peaks:
            name = {"forward": "valid/checkpoint", "tokenize": "valid/tokenizer", "inspect": "valid/inspect"}[command]
            self.valid_peaks[command] = max(self.outcome(name).peak for _ in range(3))
        return self.valid_peaks[command]

    def faults(self, name, outcome):
        """What is wrong with the outcome; empty: nothing."""
        case = self.manifest[name]
        if outcome.exit_code == -9:
            yield f"still ran after {TIME_LIMIT} s, or was killed for memory"
        elif outcome.exit_code != case["exit_code"]:
            yield f"exit code {outcome.exit_code}, not {case['exit_code']}"
        if case["exit_code"] != 0:
            for words in case["says"]:
                if words not in outcome.err:
                    yield f"does not say {words!r}"
            if len(outcome.err) > LONGEST_MESSAGE:
                yield f"says {len(outcome.err)} characters"
            if CONTROL.search(outcome.err):
                yield "says control characters, which a terminal would obey"
        more = outcome.peak - self.valid_peak(case["command"])
        allowed = MEMORY_FACTOR * outcome.size + ALLOWANCE
        if case["exit_code"] != 0 and more > allowed:
            yield f"took {more >> 20} MB more than the valid checkpoint; {allowed >> 20} MB are allowed"
        if outcome.code_has_run:
            yield "the code in the pickle has run"


def chosen_cases(manifest, wanted):
    chosen = [name for name in manifest if not wanted or name in wanted or name.split("/")[0] in wanted]
    if not chosen:
        sys.exit(f"no case of the corpus is {', '.join(wanted)}")
    return chosen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", required=True, type=os.path.abspath)
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    attacks = Attacks(options.worker, options.work.resolve())
    chosen = chosen_cases(attacks.manifest, options.cases)
    # By another process: what this one holds of memory counts as that of those it starts.
    subprocess.run([sys.executable, HERE / "make_corpus.py", "generated", options.work / "generated", *chosen], check=True)

    failed = 0
    for name in chosen:
        outcome = attacks.outcome(name)
        faults = list(attacks.faults(name, outcome))
        failed += bool(faults)
        if faults or options.show:
            print(f"{'FAILED' if faults else 'ok'} {name}: {'; '.join(faults)}\n    {outcome.err[:600].strip()}", flush=True)
    print(f"{len(chosen)} cases, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
