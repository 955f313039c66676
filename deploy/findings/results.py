"""Reads an export of the sweep of docs/findings.md; for tables.py and figures.py. Python's standard library only."""

import csv
import sys


def number(row, column):
    return float(row[column]) if row[column] else None


def in_order(rows, column):
    return list(dict.fromkeys(row[column] for row in rows))


class Results:
    """The rows by cell. Checkpoints are in training order, dimensions as in the sweep file."""

    def __init__(self, path):
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if not rows:
            sys.exit(f"{path}: no rows; export a finished sweep")
        self.dimensions = in_order(rows, "dimension")
        self.checkpoints = in_order(rows, "checkpoint")
        self.layers = sorted({int(row["layer"]) for row in rows})
        self.cells = {(r["checkpoint"], r["dimension"], int(r["layer"]), r["protocol"]): r for r in rows}

    def row(self, checkpoint, dimension, layer, protocol="calibrated"):
        return self.cells[checkpoint, dimension, layer, protocol]

    def best_layer(self, dimension, protocol="calibrated"):
        """The layer of the highest accuracy at the last checkpoint; the lowest of equals."""
        last = self.checkpoints[-1]
        return max(self.layers, key=lambda l: (number(self.row(last, dimension, l, protocol), "accuracy"), -l))
