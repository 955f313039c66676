#!/usr/bin/env python3
"""The committed corpus is what make_corpus.py writes, to the byte, and tests/attacks/CMakeLists.txt runs all of it."""

import pathlib
import re
import sys
import tempfile

import make_corpus

HERE = pathlib.Path(__file__).resolve().parent


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def main():
    with tempfile.TemporaryDirectory() as fresh:
        make_corpus.write("committed", pathlib.Path(fresh))
        wanted, found = contents(pathlib.Path(fresh)), contents(HERE / "corpus")
    wrong = [name for name in sorted(wanted.keys() | found.keys()) if wanted.get(name) != found.get(name)]
    for name in wrong:
        print(f"corpus/{name} is not what make_corpus.py writes; run: make_corpus.py committed {HERE / 'corpus'}")

    kinds = {case.name.split("/")[0] for case in make_corpus.all_cases()}
    run = set(re.search(r"foreach\(kind ([^)]*)\)", (HERE / "CMakeLists.txt").read_text(encoding="utf-8"))[1].split())
    if kinds != run:
        print(f"CMakeLists.txt runs {sorted(run)}, the corpus has {sorted(kinds)}")
    sys.exit(1 if wrong or kinds != run else 0)


if __name__ == "__main__":
    main()
