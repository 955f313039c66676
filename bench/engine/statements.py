"""What every program here reads and writes: token ids of statements, and representations by dataset and layer."""

import glob
import json
import pathlib
import random


def read_ids(folder):
    """{dataset: ([token ids], [labels])} of a folder of JSON lines."""
    datasets = {}
    for path in sorted(glob.glob(f"{folder}/*.jsonl")):
        rows = [json.loads(line) for line in open(path)]
        datasets[pathlib.Path(path).stem] = [row["ids"] for row in rows], [row["label"] for row in rows]
    return datasets


def choose(datasets, count, seed=0):
    """Some statements of all, as sorted (dataset, row) pairs, each as likely as any other; 0 means all."""
    places = [(name, row) for name, (ids, _) in datasets.items() for row in range(len(ids))]
    return sorted(places if count == 0 or count >= len(places) else random.Random(seed).sample(places, count))


def tokens_of(datasets, places):
    return sum(len(datasets[name][0][row]) for name, row in places)


def train_rows(count):
    """Of the published split: the first four fifths."""
    return int(0.8 * count)


class Representations:
    """Of one model: `<dataset>.layer_<l>`, fp32 [rows, hidden], and `<dataset>.rows` where they are not all. A file, or a
    folder of <dataset>.layer_<l>.safetensors with all rows, as engine_pass writes it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def layer(self, dataset, layer):
        if self.path.is_dir():
            return self._get(self.path / f"{dataset}.layer_{layer}.safetensors", f"layer_{layer}")
        return self._get(self.path, f"{dataset}.layer_{layer}")

    def rows(self, dataset):
        """None where all rows are there, or none is."""
        return None if self.path.is_dir() else self._get(self.path, f"{dataset}.rows")

    @staticmethod
    def _get(path, name):
        from safetensors import safe_open

        with safe_open(path, "pt") as file:
            return file.get_tensor(name) if name in file.keys() else None
