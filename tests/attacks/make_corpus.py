#!/usr/bin/env python3
"""Writes the corpus of attacks: hostile files, each one change away from a small valid checkpoint.

  make_corpus.py committed FOLDER             what is in tests/attacks/corpus
  make_corpus.py generated FOLDER [CASE...]   the rest: large, or dependent on the zlib of this machine

Both write FOLDER/<kind>/<case>/<file>; "committed" also manifest.json, which run_attacks.py follows. The same on
every machine; needs Python's standard library alone.
"""

import dataclasses
import json
import pathlib
import sys

import archive_attacks
import config_attacks
import pickle_attacks
import safetensors_attacks
import tokenizer_attacks
import valid_cases
from attack_case import MAX_COMMITTED_BYTES

KINDS = ("committed", "generated")


# Seen by `inspect` too, which looks at less of a checkpoint and at all of its tokenizer.
INSPECTED = (
    "safetensors/length_huge", "safetensors/tensors_overlap", "safetensors/shape_overflows", "tensors/tensor_missing",
    "index/absolute", "config/nested", "config/hidden_size_most_of_one_head", "config/num_hidden_layers_most",
    "tokenizer/nested", "tokenizer/id_negative", "pickle/os_system", "pickle/bomb_nested_tuples", "zip/entries_overlap",
    "zip/storage_inflates_a_thousandfold", "legacy/storage_size_huge")


def all_cases():
    modules = (valid_cases, safetensors_attacks, config_attacks, tokenizer_attacks, pickle_attacks, archive_attacks)
    made = [case for module in modules for case in module.cases()]
    cases = {case.name: case for case in made}
    assert len(cases) == len(made), "two cases have one name"
    inspected = [dataclasses.replace(cases[name], name="inspect/" + name.replace("/", "_"), command="inspect")
                 for name in INSPECTED]
    return list(cases.values()) + inspected


def files_of(case, kind):
    """The case's files of that kind: {name: bytes}."""
    return {name: content() if callable(content) else content for name, content in case.files.items()
            if callable(content) == (kind == "generated")}


def manifest(cases):
    return {case.name: {"command": case.command, "text": case.text, "exit_code": case.exit_code, "removes": case.removes,
                        "files": sorted(case.files), "says": case.says} for case in cases}


def write(kind, folder, chosen=None):
    """Writes the files of that kind: of all cases, or of those whose names are in `chosen`."""
    cases = all_cases()
    for case in cases:
        if chosen and case.name not in chosen:
            continue
        for name, content in files_of(case, kind).items():
            assert kind == "generated" or len(content) <= MAX_COMMITTED_BYTES, f"{case.name} is large: make it late"
            path = folder / case.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    if kind == "committed":
        text = json.dumps(manifest(cases), indent=1, ensure_ascii=True)
        (folder / "manifest.json").write_text(text + "\n", encoding="ascii")


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    write(sys.argv[1], folder, sys.argv[3:] or None)


if __name__ == "__main__":
    main()
