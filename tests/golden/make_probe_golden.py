#!/usr/bin/env python3
"""Makes probes/: what scikit-learn finds on 40 problems that both sides make from integers alone.

    python3 make_probe_golden.py problems                     writes probes/problems.json, the parameters below
    python3 make_probe_golden.py sklearn-1.2                  with scikit-learn 1.2.1, SciPy 1.10 (Debian 12's)
    python3 make_probe_golden.py sklearn-1.9                  with scikit-learn 1.9.1, SciPy 1.17 (PyPI's)

Each of the latter two writes probes/<name>.json: for each problem `default` (LogisticRegression as it comes, but for
C), and 1.9 also `optimum` (newton-cholesky, tol 1e-10): n_iter, intercept, norm, and up to 24 coefficients evenly
spaced over all. `default` also has `moves`: by how much of the largest the coefficients change when the rows are given
in the other order, which changes nothing but rounding. Run with one thread (OMP_NUM_THREADS=1): BLAS adds in another
order otherwise.

A problem (tests/unit/worker/analysis/probe_problems.cc makes the same): the numbers of SplitMix64 from `seed` are, in
order, weights [features], loadings [features], then for each row its common factor, its noise and its features. A
draw's four 16-bit parts, added and centred, are near to normal. All is integer but the last step, a power of two.
"""
import json
import pathlib
import sys
import warnings

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent / "probes"
KEPT = 24

#  rows, features, c, spread, shared, noise, offset, scale, duplicated, constant
TABLE = [
    # plenty of rows, noisy labels
    (200, 5, 1, 0, 0, 2, 0, 0, 0, 0),
    (500, 10, 1, 0, 0, 3, 0, 0, 0, 0),
    (1000, 20, 1, 0, 1, 8, 0, 0, 0, 0),
    (2000, 40, 1, 0, 0, 12, 0, 0, 0, 0),
    (1500, 64, 1, 0, 2, 8, 0, 0, 0, 0),
    (800, 100, 1, 0, 0, 20, 0, 0, 0, 0),
    (600, 192, 1, 0, 1, 14, 0, 0, 0, 0),
    (2000, 192, 1, 0, 3, 14, 0, 0, 0, 0),
    # separable
    (200, 5, 1, 0, 0, 0, 0, 0, 0, 0),
    (500, 30, 1, 0, 0, 0, 0, 0, 0, 0),
    (300, 100, 1, 0, 1, 0, 0, 0, 0, 0),
    (1000, 200, 1, 0, 2, 0, 0, 0, 0, 0),
    (400, 300, 1, 0, 0, 0, 0, 0, 0, 0),
    # fewer rows than features
    (20, 50, 1, 0, 0, 4, 0, 0, 0, 0),
    (50, 200, 1, 0, 1, 8, 0, 0, 0, 0),
    (100, 400, 1, 0, 2, 16, 0, 0, 0, 0),
    (150, 600, 1, 0, 0, 0, 0, 0, 0, 0),
    (64, 64, 1, 0, 0, 4, 0, 0, 0, 0),
    (6, 3, 1, 0, 0, 0, 0, 0, 0, 0),
    (8, 1, 1, 0, 0, 2, 0, 0, 0, 0),
    # strength of the penalty
    (300, 20, 0.0001, 0, 0, 3, 0, 0, 0, 0),
    (300, 20, 0.01, 0, 0, 3, 0, 0, 0, 0),
    (300, 20, 100, 0, 0, 3, 0, 0, 0, 0),
    (300, 20, 10000, 0, 0, 4, 0, 0, 0, 0),
    (120, 60, 10, 0, 1, 6, 0, 0, 0, 0),
    # features of very different scales, down to 2^-spread of the first
    (400, 12, 1, 4, 0, 3, 0, 0, 0, 0),
    (400, 12, 1, 10, 0, 3, 0, 0, 0, 0),
    (600, 50, 1, 8, 2, 6, 0, 0, 0, 0),
    (1000, 100, 1, 6, 0, 10, 0, 0, 0, 0),
    # one common factor that outweighs the rest, as representations have it
    (500, 40, 1, 0, 16, 6, 0, 0, 0, 0),
    (800, 128, 1, 3, 40, 10, 0, 0, 0, 0),
    (200, 300, 1, 2, 20, 8, 0, 0, 0, 0),
    # features far from zero
    (400, 20, 1, 0, 0, 4, 3, 0, 0, 0),
    (400, 20, 1, 0, 0, 4, -20, 0, 0, 0),
    # all features large or small
    (300, 25, 1, 0, 0, 4, 0, 5, 0, 0),
    (300, 25, 1, 0, 1, 4, 0, -5, 0, 0),
    (300, 25, 1, 0, 0, 4, 0, -12, 0, 0),
    # duplicated rows, constant features, both
    (400, 30, 1, 0, 0, 5, 0, 0, 1, 0),
    (400, 30, 1, 0, 1, 5, 0, 0, 0, 3),
    (100, 150, 1, 0, 1, 8, 0, 0, 1, 4),
]
FIELDS = ["rows", "features", "c", "spread", "shared", "noise", "offset", "scale", "duplicated", "constant"]


def parameters():
    return [dict(zip(FIELDS, row), seed=place + 1) for place, row in enumerate(TABLE)]


def split_mix(seed, count):
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def centred(draws):
    parts = [(draws >> np.uint64(shift)) & np.uint64(0xFFFF) for shift in (0, 16, 32, 48)]
    return sum(part.astype(np.int64) for part in parts) - 131070


def make(problem):
    n, d = problem["rows"], problem["features"]
    draws = centred(split_mix(problem["seed"], 2 * d + n * (d + 2)))
    weights, loadings = draws[:d], draws[d : 2 * d]
    rows = draws[2 * d :].reshape(n, d + 2)
    factor, noise, z = rows[:, 0], rows[:, 1], rows[:, 2:]
    score = z @ weights + noise * (problem["noise"] * 32768)
    values = z + ((factor[:, None] * loadings[None, :] * problem["shared"]) >> 17) + problem["offset"] * 32768
    exponents = problem["scale"] - 15 - problem["spread"] * np.arange(d) // d
    x = np.ldexp(values.astype(np.float64), exponents)
    y = (score > 0).astype(np.float64)
    if problem["constant"]:
        x[:, d - problem["constant"] :] = 1.0
    if problem["duplicated"]:
        half = n // 2
        x[half : 2 * half], y[half : 2 * half] = x[:half], y[:half]
    return x, y


def summary(probe):
    coefficients = probe.coef_[0]
    kept = np.linspace(0, len(coefficients) - 1, min(KEPT, len(coefficients))).astype(int)
    return {"n_iter": int(probe.n_iter_[0]), "intercept": float(probe.intercept_[0]),
            "norm": float(np.linalg.norm(coefficients)), "at": kept.tolist(),
            "coefficients": coefficients[kept].tolist()}


def fit(problem, reverse=False, **options):
    from sklearn.linear_model import LogisticRegression

    x, y = make(problem)
    assert 0 < y.sum() < len(y), problem
    if reverse:
        x, y = np.ascontiguousarray(x[::-1]), np.ascontiguousarray(y[::-1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stopping at 100 iterations is part of what is compared
        return LogisticRegression(C=problem["c"], **options).fit(x, y)


def default_fit(problem):
    probe, other = fit(problem), fit(problem, reverse=True)
    moves = np.abs(probe.coef_ - other.coef_).max() / np.abs(probe.coef_).max()
    return {**summary(probe), "moves": float(moves)}


def write(name, value):
    entries = ",\n".join(json.dumps(entry) for entry in value)
    (HERE / f"{name}.json").write_text(f"[\n{entries}\n]\n", encoding="utf-8")


def main():
    name = sys.argv[1]
    if name == "problems":
        return write(name, parameters())
    import sklearn

    if not sklearn.__version__.startswith(name.split("-")[1] + "."):
        sys.exit(f"this is scikit-learn {sklearn.__version__}, not {name}")
    results = []
    for problem in parameters():
        result = {"default": default_fit(problem)}
        if name == "sklearn-1.9":
            result["optimum"] = summary(fit(problem, solver="newton-cholesky", tol=1e-10, max_iter=1000))
        results.append(result)
    write(name, results)


if __name__ == "__main__":
    main()
