#!/usr/bin/env python3
"""The tables of docs/findings.md from an export of its sweep: tables.py results.csv > tables.md

Markdown on standard output. Needs protocols released and calibrated; nothing but Python's standard library.
"""

import csv
import sys


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        sys.exit(f"{path}: no rows; export a finished sweep")
    return rows


def number(row, column):
    return float(row[column]) if row[column] else None


def show(value, digits=3, signed=False):
    if value is None:
        return "–"
    return f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"


def interval(row, column, signed=False):
    low, high = number(row, column + "_low"), number(row, column + "_high")
    return f"{show(number(row, column), signed=signed)} ({show(low, signed=signed)} to {show(high, signed=signed)})"


def in_order(rows, column):
    return list(dict.fromkeys(row[column] for row in rows))


def table(titles, lines):
    print("| " + " | ".join(titles) + " |")
    print("|" + "---|" * len(titles))
    for line in lines:
        print("| " + " | ".join(line) + " |")
    print()


class Results:
    def __init__(self, rows):
        self.rows = rows
        self.dimensions = in_order(rows, "dimension")
        self.checkpoints = in_order(rows, "checkpoint")
        self.layers = sorted({int(row["layer"]) for row in rows})
        self.cells = {(r["checkpoint"], r["dimension"], int(r["layer"]), r["protocol"]): r for r in rows}

    def row(self, checkpoint, dimension, layer, protocol="calibrated"):
        return self.cells[checkpoint, dimension, layer, protocol]

    def best_layer(self, checkpoint, dimension, protocol):
        """The layer of the highest accuracy; the lowest of equals."""
        return max(self.layers, key=lambda l: (number(self.row(checkpoint, dimension, l, protocol), "accuracy"), -l))


def last_checkpoint(results):
    last = results.checkpoints[-1]
    print(f"### The last checkpoint, {last}: the best layer by protocol `calibrated`\n")
    lines = []
    for dimension in results.dimensions:
        layer = results.best_layer(last, dimension, "calibrated")
        row = results.row(last, dimension, layer)
        lines.append([
            f"{dimension} ({row['dataset']})", str(layer), interval(row, "accuracy"), show(number(row, "surface_accuracy")),
            interval(row, "above_surface", signed=True), show(number(row, "control_accuracy")), show(number(row, "ece")),
            f"{row['n_test']} rows, {row['n_test_groups']} groups"])
    table(["dimension", "layer", "accuracy (95 %)", "surface", "above surface (95 %)", "control", "ECE", "tested on"], lines)


def protocols(results):
    last = results.checkpoints[-1]
    print(f"### What `released` reports and `calibrated` corrects ({last}, each protocol's best layer)\n")
    lines = []
    for dimension in results.dimensions:
        line = [dimension]
        for protocol in ("released", "calibrated"):
            row = results.row(last, dimension, results.best_layer(last, dimension, protocol), protocol)
            accuracy, surface = number(row, "accuracy"), number(row, "surface_accuracy")
            line += [show(accuracy), show(surface), show(accuracy - surface, signed=True)]
        lines.append(line)
    table(["dimension", "released: accuracy", "surface", "above", "calibrated: accuracy", "surface", "above"], lines)


def training(results):
    print("### Best accuracy above surface over training, protocol `calibrated`\n")
    lines = []
    for checkpoint in results.checkpoints:
        line = [checkpoint]
        for dimension in results.dimensions:
            layer = max(results.layers, key=lambda l: number(results.row(checkpoint, dimension, l), "above_surface"))
            line.append(show(number(results.row(checkpoint, dimension, layer), "above_surface"), signed=True))
        lines.append(line)
    table(["checkpoint"] + results.dimensions, lines)


def information(results):
    layer = results.layers[len(results.layers) // 2]
    print(f"### Mutual information over training, layer {layer}, protocol `calibrated`\n")
    lines = []
    for checkpoint in results.checkpoints:
        for dimension in results.dimensions[:1]:
            row = results.row(checkpoint, dimension, layer)
            lines.append([checkpoint, dimension] + [show(number(row, c), 4) for c in (
                "mi_tx", "mi_tx_null", "mi_tx_p", "mi_ty", "mi_ty_null", "mi_ty_corrected", "mi_ty_p")])
    table(["checkpoint", "dimension", "I(T;X)", "null", "p", "I(T;Y)", "null", "corrected", "p"], lines)
    print("I(T;X) / corrected I(T;Y) of every dimension:\n")
    lines = []
    for checkpoint in results.checkpoints:
        line = [checkpoint]
        for dimension in results.dimensions:
            row = results.row(checkpoint, dimension, layer)
            line.append(f"{show(number(row, 'mi_tx'), 2)} / {show(number(row, 'mi_ty_corrected'), 3)}")
        lines.append(line)
    table(["checkpoint"] + results.dimensions, lines)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    results = Results(read(sys.argv[1]))
    for section in (last_checkpoint, protocols, training, information):
        section(results)


if __name__ == "__main__":
    main()
