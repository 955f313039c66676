"""Refuses datasets whose label could be told without the concept: check_datasets.py DATA_FOLDER.

The cues looked for: class balance in each part, groups on both sides of the 80 % cut, length, capitals,
punctuation, and single words that are seen in several groups.
"""

import collections
import csv
import pathlib
import re
import statistics
import sys

COLUMNS = ["statement", "label", "group"]


def capitals(text):
    return sum(letter.isupper() for letter in text)


def punctuation(text):
    return sum(letter in ".,;:!?'\"-" for letter in text)


def balance_faults(rows):
    cuts = {"all rows": rows, "the first 80 %": rows[:len(rows) * 4 // 5], "the last 20 %": rows[len(rows) * 4 // 5:],
            "the first half": rows[:len(rows) // 2]}
    for name, part in cuts.items():
        ones = sum(row["label"] == "1" for row in part)
        if 2 * ones != len(part):
            yield f"{name}: {ones} of {len(part)} rows have label 1"


def group_faults(rows):
    order = [row["group"] for row in rows]
    starts = [group for i, group in enumerate(order) if i == 0 or order[i - 1] != group]
    if len(starts) != len(set(starts)):
        yield "a group's rows are not adjacent"
    cut = len(rows) * 4 // 5
    if set(order[:cut]) & set(order[cut:]):
        yield "a group is on both sides of the 80 % cut"
    for group in starts:
        labels = [row["label"] for row in rows if row["group"] == group]
        if labels.count("1") * 2 != len(labels):
            yield f"group {group} is not balanced"


def best_threshold_accuracy(rows, measure):
    """The accuracy of the best rule `measure above (or below) a threshold means label 1`, on all rows."""
    best = 0.5
    for threshold in {measure(row["statement"]) for row in rows}:
        hits = sum((measure(row["statement"]) >= threshold) == (row["label"] == "1") for row in rows)
        best = max(best, hits / len(rows), 1 - hits / len(rows))
    return best


def form_faults(rows):
    means = [statistics.mean(len(row["statement"]) for row in rows if row["label"] == label) for label in "01"]
    if abs(means[0] - means[1]) > 0.03 * statistics.mean(means):
        yield f"mean length differs between the labels: {means[0]:.1f} and {means[1]:.1f} characters"
    for name, measure in {"length": len, "capitals": capitals, "punctuation": punctuation,
                          "number of words": lambda text: len(text.split())}.items():
        accuracy = best_threshold_accuracy(rows, measure)
        if accuracy > 0.57:
            yield f"{name} alone tells {accuracy:.0%} of the labels"


def word_faults(rows):
    """A word in two groups or more must be seen equally often with both labels."""
    groups = collections.defaultdict(set)
    counts = collections.defaultdict(collections.Counter)
    for row in rows:
        for word in re.findall(r"\w+", row["statement"].lower()):
            groups[word].add(row["group"])
            counts[word][row["label"]] += 1
    for word, seen in sorted(counts.items()):
        if len(groups[word]) > 1 and seen["0"] != seen["1"]:
            yield f"'{word}' is in {len(groups[word])} groups, {seen['0']} times with label 0 and {seen['1']} with 1"


def faults(path):
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        rows = list(reader)
    if reader.fieldnames != COLUMNS:
        return [f"columns {reader.fieldnames}, not {COLUMNS}"]
    found = []
    if not 300 <= len(rows) <= 400:
        found.append(f"{len(rows)} rows, not 300 to 400")
    if {row["label"] for row in rows} != {"0", "1"}:
        return found + ["labels are not 0 and 1"]
    repeated = [text for text, times in collections.Counter(row["statement"] for row in rows).items() if times > 1]
    found += [f"twice there: {text}" for text in repeated]
    for check in (balance_faults, group_faults, form_faults, word_faults):
        found += check(rows)
    return found


def main():
    paths = sorted(pathlib.Path(sys.argv[1]).glob("*.csv"))
    found = [f"{path.name}: {fault}" for path in paths for fault in faults(path)]
    if not paths:
        found = [f"{sys.argv[1]} holds no dataset"]
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
