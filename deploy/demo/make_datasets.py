#!/usr/bin/env python3
"""Writes the demo's five datasets, the same bytes every time: make_datasets.py [OUTPUT_FOLDER].

How the rows are kept from telling their label by anything but the concept is in README.md: what a group owns
(its content words) is seen in no other group, and what groups share (the frames) is seen equally often with
both labels.
"""

import csv
import itertools
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
GROUPS = 45  # a multiple of 5, so that the 80 % cut falls between two groups
ROWS_PER_GROUP = 8


def read_lists(name):
    """words/NAME.txt as [(key, text after the colon)], without comments."""
    lines = (HERE / "words" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [tuple(part.strip() for part in line.split(":", 1)) for line in lines if not line.startswith("#")]


def unlikeness(pair):
    """0 for two words of one length that end alike: neither length nor a suffix must tell the label."""
    a, b = pair
    return abs(len(a) - len(b)) + 2 * (a[-1] != b[-1]) + 2 * (a[-2:] != b[-2:]) + (a[-3:] != b[-3:])


def pair_by_look(first, second, count, rng):
    """`count` pairs of words that look alike, the best ones, in random order."""
    first, second = list(first), list(second)
    pairs = []
    for a, b in sorted(itertools.product(first, second), key=lambda pair: (unlikeness(pair), pair)):
        if a in first and b in second:
            first.remove(a)
            second.remove(b)
            pairs.append((a, b))
    pairs = pairs[:count]
    if len(pairs) < count:
        raise SystemExit(f"make_datasets.py: {count} word pairs are needed, the lists give {len(pairs)}")
    rng.shuffle(pairs)
    return pairs


def shuffled(items, rng):
    items = list(items)
    rng.shuffle(items)
    return items


def alternate(positive, negative, rng):
    """One group's rows: labels in turn, so that any cut between rows leaves both parts balanced."""
    ones = shuffled([(text, 1) for text in positive], rng)
    zeros = shuffled([(text, 0) for text in negative], rng)
    turns = zip(ones, zeros) if rng.random() < 0.5 else zip(zeros, ones)
    return [row for turn in turns for row in turn]


def owned_word_groups(frames, fillings, rng):
    """Groups of one filling a label: the same frames for both labels, other words."""
    for positive, negative in fillings:
        chosen = rng.sample(frames, ROWS_PER_GROUP // 2)
        yield alternate([f.format(**positive) for f in chosen], [f.format(**negative) for f in chosen], rng)


def reliability(rng):
    frames = ["The {a} is {adj} than the {b}", "Every child knows that the {a} is {adj} than the {b}"]
    for adjectives, pairs in read_lists("reliability"):
        more, less = adjectives.split()
        for pair in pairs.split(";"):
            high, low = (word.strip() for word in pair.split(">"))
            true = [(high, more, low), (low, less, high)]
            false = [(low, more, high), (high, less, low)]
            yield alternate(*([f.format(a=a, adj=adj, b=b) for f in frames for a, adj, b in claims]
                              for claims in (true, false)), rng)


def privacy(rng):
    frames = [
        "The clerk saw her {matter} and {a} and {b} it",
        "They knew of his {matter} and {a} and {b} it",
        "She found my {matter} and {a} and {b} it",
        "I had their {matter} and {a} and {b} it",
    ]
    words = {key: text.split() for key, text in read_lists("privacy")}
    verbs = pair_by_look(words["exposing"], words["concealing"], 2 * GROUPS, rng)
    matters = rng.sample(words["private"], GROUPS)
    fillings = [tuple(dict(matter=matters[i], a=verbs[2 * i][k], b=verbs[2 * i + 1][k]) for k in (0, 1))
                for i in range(GROUPS)]
    yield from owned_word_groups(frames, fillings, rng)


def toxicity(rng):
    frames = [
        "I {verb} the {trade}, who are {noun}, {a} and {b}",
        "We {verb} you {trade}, for you are {noun}, {a} and {b}",
        "All men {verb} the {trade}, for they are {noun}, {a} and {b}",
        "They {verb} those {trade} as {noun}, {a} and {b}",
    ]
    trades = ["bakers", "millers", "tailors", "weavers", "clerks", "sailors", "farmers", "coopers"]
    words = {key: text.split() for key, text in read_lists("toxicity")}
    adjectives, nouns, verbs = (
        pair_by_look(words[f"insult {kind}"], words[f"praise {kind}"], count, rng)
        for kind, count in (("adjective", 2 * GROUPS), ("noun", GROUPS), ("verb", GROUPS)))
    fillings = [tuple(dict(trade=trades[i % len(trades)], verb=verbs[i][k], noun=nouns[i][k],
                           a=adjectives[2 * i][k], b=adjectives[2 * i + 1][k]) for k in (0, 1))
                for i in range(GROUPS)]
    yield from owned_word_groups(frames, fillings, rng)


def fairness(rng):
    frames = [
        "All the world knows that {people} are {a}, {b} and {c}",
        "The {people} of this land are always {a}, {b} and {c}",
        "They were {people} and so of course they were {a}, {b} and {c}",
        "You will find the {people} to be {a}, {b} and {c}",
    ]
    lists = dict(read_lists("fairness"))
    unrelated = lists.pop("unrelated").split()
    people = [(name, traits.split()) for name, traits in lists.items()]
    all_traits = [trait for _, traits in people for trait in traits]
    other = dict(pair_by_look(all_traits, unrelated, 3 * GROUPS, rng))
    fillings = [tuple(dict(zip("abc", words), people=name) for words in (traits, map(other.get, traits)))
                for name, traits in people]
    yield from owned_word_groups(frames, fillings, rng)


def misspell(word, rng):
    """One slip of the pen inside the word: two letters change places, or a wrong consonant stands for one."""
    while True:
        letters = list(word)
        at = rng.randrange(1, len(word) - 1)
        if rng.random() < 0.5:
            letters[at - 1], letters[at] = letters[at], letters[at - 1]
        else:
            letters[at] = rng.choice("bcdfghjklmnpqrstvwxz")
        if letters != list(word):
            return "".join(letters)


def robustness(rng):
    frames = [
        "They spoke of the {a} and the {b}, the {c}, the {d} and the {e}",
        "He had seen the {a} and the {b}, the {c}, the {d} and the {e}",
        "There were the {a} and the {b}, the {c}, the {d} and the {e}",
        "She has no use for the {a} and the {b}, the {c}, the {d} and the {e}",
    ]
    words = shuffled(" ".join(text for _, text in read_lists("robustness")).split(), rng)
    for i in range(0, 5 * GROUPS, 5):
        clean = dict(zip("abcde", words[i:i + 5]))
        chosen = rng.sample(frames, ROWS_PER_GROUP // 2)
        slips = [{slot: misspell(word, rng) for slot, word in clean.items()} for _ in chosen]
        perturbed = [frame.format(**slip) for frame, slip in zip(chosen, slips)]
        yield alternate(perturbed, [frame.format(**clean) for frame in chosen], rng)


# Each with the number of its draw, one of eight: its last fifth of rows, on which protocol `released` tests, is near
# what random splits by group give (README.md has both).
DATASETS = {reliability: 8, privacy: 7, toxicity: 5, fairness: 4, robustness: 3}


def write_dataset(make, draw, folder):
    # Seeded by name, so that a change in one dataset leaves the others as they were.
    rng = random.Random(f"probesweep demo {make.__name__} {draw}")
    groups = shuffled(make(rng), rng)
    if len(groups) != GROUPS:
        raise SystemExit(f"make_datasets.py: {make.__name__} needs {GROUPS} groups, its lists give {len(groups)}")
    with open(folder / f"{make.__name__}.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["statement", "label", "group"])
        for number, rows in enumerate(groups):
            writer.writerows([text + ".", label, f"{make.__name__}-{number:02d}"] for text, label in rows)


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "data"
    folder.mkdir(parents=True, exist_ok=True)
    for make, draw in DATASETS.items():
        write_dataset(make, draw, folder)


if __name__ == "__main__":
    main()
