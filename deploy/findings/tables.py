#!/usr/bin/env python3
"""Fills in the tables of a page: tables.py FOLDER DIMENSION,… < findings.md > new.md

FOLDER holds what findings.sh gets from the programs: results.csv, separability-released.txt, separability-calibrated.txt
and DIMENSION.json. A table stands between the lines `<!-- table: NAME -->` and `<!-- end -->`; what is there is replaced.
Python's standard library only.
"""

import csv
import json
import os
import re
import sys

from results import Results, number


def show(value, digits=3, signed=False):
    if value is None:
        return "–"
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    return text.replace("-", "−")


def interval(row, column, signed=False):
    low, high = number(row, column + "_low"), number(row, column + "_high")
    return f"{show(number(row, column), signed=signed)} ({show(low, signed=signed)} to {show(high, signed=signed)})"


def table(titles, lines):
    rows = [titles, ["---"] * len(titles)] + lines
    return "\n".join("| " + " | ".join(row) + " |" for row in rows).replace("| --- ", "|---").replace("--- |", "---|")


def last_checkpoint(results):
    last = results.checkpoints[-1]
    lines = []
    for dimension in results.dimensions:
        layer = results.best_layer(dimension)
        row = results.row(last, dimension, layer)
        lines.append([
            f"{dimension} ({row['dataset']})", str(layer), interval(row, "accuracy"), show(number(row, "surface_accuracy")),
            interval(row, "above_surface", signed=True), show(number(row, "control_accuracy")),
            show(number(row, "majority_accuracy")), show(number(row, "ece")),
            f"{row['n_test']} rows, {row['n_test_groups']} groups"])
    return table(["dimension", "layer", "accuracy (95 %)", "surface", "above surface (95 %)", "control", "commoner label", "ECE",
                  "tested on"], lines)


def cells(results):
    """How many cells (checkpoint × layer) of `calibrated` are above the surface baseline, by estimate and by interval."""
    lines = []
    for dimension in results.dimensions:
        rows = [results.row(c, dimension, l) for c in results.checkpoints for l in results.layers]
        lines.append([dimension, str(len(rows))] + [str(count) for count in (
            sum(number(row, "above_surface") > 0 for row in rows), sum(number(row, "above_surface_low") > 0 for row in rows),
            sum(number(row, "above_surface_high") < 0 for row in rows))])
    return table(["dimension", "cells", "accuracy above surface", "whole interval above", "whole interval below"], lines)


def training(results):
    """Above surface at the layer that is best at the last checkpoint: one layer, so that lines compare."""
    lines = []
    for checkpoint in results.checkpoints:
        lines.append([checkpoint] + [
            interval(results.row(checkpoint, d, results.best_layer(d)), "above_surface", signed=True)
            for d in results.dimensions])
    return table(["checkpoint"] + [f"{d}, layer {results.best_layer(d)}" for d in results.dimensions], lines)


def protocols(results):
    """Each protocol's own best layer, as who uses it would report; and `released` at the layer of `calibrated`."""
    last = results.checkpoints[-1]
    lines = []
    for dimension in results.dimensions:
        own, layer = results.best_layer(dimension, "released"), results.best_layer(dimension)
        released, calibrated = results.row(last, dimension, own, "released"), results.row(last, dimension, layer)
        same_layer = results.row(last, dimension, layer, "released")
        lines.append([
            dimension, str(own), show(number(released, "accuracy")), show(number(released, "surface_accuracy")),
            show(number(released, "above_surface"), signed=True), str(layer), interval(calibrated, "accuracy"),
            show(number(calibrated, "surface_accuracy")), interval(calibrated, "above_surface", signed=True),
            show(number(same_layer, "accuracy")), show(number(same_layer, "above_surface"), signed=True)])
    return table(["dimension", "`released`: layer", "accuracy", "surface", "above", "`calibrated`: layer", "accuracy (95 %)",
                  "surface", "above (95 %)", "`released` at that layer: accuracy", "above"], lines)


# The group rules whose groups can be told from the text alone (docs/dimensions.md).
GROUP_KEYS = {"same_question": lambda text: text.split("\t")[0], "same_text": lambda text: "".join(text.casefold().split())}


def guesses(report):
    """How often the commoner label of a test row's group among the train rows of `released` is the row's own."""
    if report["group_by"] not in GROUP_KEYS:
        return ["–", "–", "–"]
    key = GROUP_KEYS[report["group_by"]]
    with open(report["path"], newline="", encoding="utf-8") as file:
        rows = [(key(row["statement"]), int(row["label"])) for row in csv.DictReader(file)]
    train_rows = int(report["released"]["train_rows"])
    seen = {}
    for group, label in rows[:train_rows]:
        seen.setdefault(group, []).append(label)
    right = wrong = tied = 0
    for group, label in rows[train_rows:]:
        if group in seen:
            share = sum(seen[group]) / len(seen[group])
            tied += share == 0.5
            right += share != 0.5 and (share > 0.5) == (label == 1)
            wrong += share != 0.5 and (share > 0.5) != (label == 1)
    assert right + wrong + tied == report["released"]["shared_test_rows"], report["path"]
    return [str(right), str(wrong), str(tied)]


def shared_groups(reports):
    lines = []
    for report in reports:
        released, grouped = report["released"], report["by_group"]
        lines.append([f"{report['name']} ({report['dataset']})",
                      f"{released['shared_test_rows']:.0f} of {released['test_rows']:.0f}"] + guesses(report) +
                     [show(s[k]["accuracy"]) for k in ("shape", "surface") for s in (released, grouped)])
    return table(["dimension", "test rows whose group was trained on", "its label there: right", "wrong", "tied",
                  "length and capitals, `released`", "groups whole", "with words, `released`", "groups whole"], lines)


def middle_layer(results):
    return results.layers[len(results.layers) // 2]


def information(results):
    layer = middle_layer(results)
    lines = []
    for checkpoint in results.checkpoints:
        rows = [results.row(checkpoint, d, layer) for d in results.dimensions]
        lines.append([checkpoint] + [
            f"{show(number(row, 'mi_tx_corrected'), 2)} / {show(number(row, 'mi_ty_corrected'))}" for row in rows])
    return f"Layer {layer}, I(T;X) / I(T;Y), each minus the mean of its null:\n\n" + table(
        ["checkpoint"] + results.dimensions, lines)


def null(results):
    layer, dimension = middle_layer(results), results.dimensions[0]
    columns = ("mi_tx", "mi_tx_null", "mi_tx_p", "mi_ty", "mi_ty_null", "mi_ty_p")
    lines = []
    for checkpoint in results.checkpoints:
        row = results.row(checkpoint, dimension, layer)
        lines.append([checkpoint] + [show(number(row, c), 3 if c.endswith("_p") else 4) for c in columns])
    cells = [row for cell, row in results.cells.items() if cell[-1] == "calibrated"]
    greatest = [show(max(number(row, c) for row in cells)) for c in ("mi_tx_p", "mi_ty_p")]
    return (f"The greatest p of all {len(cells)} cells: {greatest[0]} for I(T;X), {greatest[1]} for I(T;Y). "
            f"{dimension.capitalize()}, layer {layer}:\n\n" +
            table(["checkpoint", "I(T;X)", "mean of its null", "p", "I(T;Y)", "mean of its null", "p"], lines))


def code_block(path):
    with open(path, encoding="utf-8") as file:
        return "\n".join("    " + line for line in file.read().splitlines())


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, dimensions = sys.argv[1], sys.argv[2].split(",")
    results = Results(os.path.join(folder, "results.csv"))
    reports = []
    for dimension in dimensions:
        with open(os.path.join(folder, f"{dimension}.json"), encoding="utf-8") as file:
            reports.append(json.load(file))
    tables = {function.__name__: function(results)
              for function in (cells, last_checkpoint, training, protocols, information, null)}
    tables["shared_groups"] = shared_groups(reports)
    for protocol in ("released", "calibrated"):
        tables[f"separability_{protocol}"] = code_block(os.path.join(folder, f"separability-{protocol}.txt"))

    def fill(match):
        if match[1] not in tables:
            sys.exit(f"tables.py: the page asks for a table '{match[1]}'; there are: {', '.join(tables)}")
        return f"<!-- table: {match[1]} -->\n\n{tables[match[1]]}\n\n<!-- end -->"

    sys.stdout.write(re.sub(r"<!-- table: (\w+) -->\n.*?<!-- end -->", fill, sys.stdin.read(), flags=re.DOTALL))


if __name__ == "__main__":
    main()
