#!/usr/bin/env python3
"""Makes information/expected.json: what the published formulas of dependence give on small problems, some hard.

    python3 tests/golden/make_information_golden.py

Needs numpy and mpmath; takes a few minutes. Everything here is the formula itself in fp64, with distances from
differences and general inverses: none of the short cuts that worker/analysis takes. `exact_mi_tx` and `exact_mi_ty`
are the same formulas in 40 digits, where a problem has at most 100 rows: they tell how many of the digits of fp64 are
right. Where `fp64_loses_digits` is true, those are not enough to be compared with.

The samples are not stored. Whoever reads expected.json makes them anew from each problem's numbers:

  u(k), k = 0, 1, ...   SplitMix64 started at `seed`: state += 0x9E3779B97F4A7C15; z = state;
                        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9; z = (z ^ z >> 27) * 0x94D049BB133111EB; z ^= z >> 31,
                        all modulo 2^64; u(k) = (z >> 11) * 2^-52 - 1, in [-1, 1), without rounding.
  x[i, j], e[i, j], l[i]  the next u's: x row by row, then e row by row (as many columns as t), then one l for each row.
  copies        rows i of x, e and l become row i - i mod copies: that many rows are equal.
  t[i, j]       coupling * (t_of_x == "square" ? x[i, j mod x's columns]^2 : x[i, j mod x's columns])
                + (1 - coupling) * e[i, j], from left to right.
  constant      of both samples, that many first columns become 0.25.
  spread        columns j of both are multiplied by spread^j, by repeated multiplication.
  scale, offset both become scale * value + offset.
  labels        1 where l[i] + t[i, last column before all of this but copies and coupling] < label_below; then the first
                `label_ones` rows become 1, and the next `label_zeros` rows 0.
"""
import json
import pathlib

import mpmath
import numpy as np

HERE = pathlib.Path(__file__).resolve().parent / "information"
MASK = (1 << 64) - 1

DEFAULTS = {"rows": 60, "x_features": 10, "t_features": 10, "sigma": 50.0, "epsilon": 1e-5,
            "scale_by_dimension": True, "copies": 1, "coupling": 0.5, "t_of_x": "itself", "constant": 0, "spread": 1.0,
            "scale": 1.7, "offset": 0.0, "label_below": 0.0, "label_ones": 1, "label_zeros": 1,
            "fp64_loses_digits": False}

PROBLEMS = [
    {"name": "as published"},
    {"name": "many more rows than features", "rows": 260, "x_features": 3, "t_features": 3},
    {"name": "more features than rows", "rows": 40, "x_features": 150, "t_features": 96},
    {"name": "every row four times", "copies": 4},
    {"name": "every row four times, more features than rows", "rows": 32, "copies": 4, "x_features": 50, "t_features": 50},
    {"name": "all rows equal", "rows": 30, "copies": 30, "label_ones": 9},
    {"name": "half of the features constant", "constant": 5},
    {"name": "all features constant", "constant": 10},
    {"name": "no row of label 0", "label_below": 9.0, "label_zeros": 0},
    {"name": "no row of label 1", "label_below": -9.0, "label_ones": 0},
    {"name": "one row of label 1", "label_below": -9.0, "label_ones": 1},
    {"name": "tiny variance", "scale": 1e-6},
    {"name": "huge variance", "scale": 1e6},
    {"name": "features of very different variance", "spread": 10.0, "scale": 1e-4},
    {"name": "far from zero", "offset": 1000.0},
    {"name": "a narrow kernel", "sigma": 0.5, "rows": 90, "x_features": 2, "t_features": 3, "t_of_x": "square",
     "coupling": 0.9},
    {"name": "a wide kernel", "sigma": 5e3},
    {"name": "a small regularisation", "epsilon": 3e-6},
    {"name": "a regularisation too small for a general inverse", "epsilon": 1e-8, "fp64_loses_digits": True},
    {"name": "a large regularisation", "epsilon": 0.5},
    {"name": "not scaled by the features", "scale_by_dimension": False, "sigma": 5.0, "x_features": 40},
    {"name": "one sample", "coupling": 1.0},
    {"name": "two rows", "rows": 2, "x_features": 3, "t_features": 3},
]


def uniforms(seed):
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        yield (z >> 11) * 2.0 ** -52 - 1.0


def draw(source, *shape):
    return np.array([next(source) for _ in range(int(np.prod(shape)))]).reshape(shape)


def make_samples(p):
    source = uniforms(p["seed"])
    m, x_features, t_features = p["rows"], p["x_features"], p["t_features"]
    x, e, l = draw(source, m, x_features), draw(source, m, t_features), draw(source, m)
    first = np.arange(m) - np.arange(m) % p["copies"]
    x, e, l = x[first], e[first], l[first]
    of_x = x[:, np.arange(t_features) % x_features]
    if p["t_of_x"] == "square":
        of_x = of_x * of_x
    t = p["coupling"] * of_x + (1 - p["coupling"]) * e
    labels = (l + t[:, -1] < p["label_below"]).astype(np.float64)
    labels[:p["label_ones"]] = 1
    labels[p["label_ones"]:p["label_ones"] + p["label_zeros"]] = 0
    for sample in (x, t):
        sample[:, :p["constant"]] = 0.25
        power = 1.0
        for j in range(sample.shape[1]):
            sample[:, j] *= power
            power *= p["spread"]
        sample *= p["scale"]
        sample += p["offset"]
    return x, t, labels


def gaussian_kernel(z, p):
    distances = ((z[:, None, :] - z[None, :, :]) ** 2).sum(axis=2)
    return np.exp(-distances / (2 * p["sigma"] ** 2 * (z.shape[1] if p["scale_by_dimension"] else 1)))


def centring(m):
    return np.eye(m) - np.ones((m, m)) / m


def normalised(z, p):
    """R = Kc (Kc + eps m I)^-1, Kc = K H."""
    m = len(z)
    centred = gaussian_kernel(z, p) @ centring(m)
    return centred @ np.linalg.inv(centred + p["epsilon"] * m * np.eye(m))


def information(x, t, p):
    return np.trace(normalised(x, p) @ normalised(t, p))


def exact_normalised(z, p):
    m, dim = len(z), z.shape[1] if p["scale_by_dimension"] else 1
    width = 2 * mpmath.mpf(p["sigma"]) ** 2 * dim
    rows = [[mpmath.mpf(float(value)) for value in row] for row in z]
    kernel = mpmath.ones(m, m)
    for i in range(m):
        for j in range(i):
            distance = mpmath.fsum((a - b) ** 2 for a, b in zip(rows[i], rows[j]))
            kernel[i, j] = kernel[j, i] = mpmath.exp(-distance / width)
    centred = kernel * (mpmath.eye(m) - mpmath.ones(m, m) / m)
    return centred * mpmath.inverse(centred + mpmath.mpf(p["epsilon"]) * m * mpmath.eye(m))


def exact_information(x, t, y, p):
    """I(T;X) and I(T;Y)."""
    with mpmath.workdps(40):
        r = exact_normalised(t, p)
        m = len(t)
        return [float(mpmath.fsum(other[i, j] * r[j, i] for i in range(m) for j in range(m)))
                for other in (exact_normalised(x, p), exact_normalised(y, p))]


def biased(k, l):
    m = len(k)
    return np.trace(k @ centring(m) @ l @ centring(m)) / (m - 1) ** 2


def unbiased(k, l):
    """HSIC_1 of Song et al. 2012, Feature Selection via Dependence Maximization."""
    m = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    totals = k.sum() * l.sum() / ((m - 1) * (m - 2))
    return (np.trace(k @ l) + totals - 2 / (m - 2) * (k @ l).sum()) / (m * (m - 3))


def debiased_cka(x, t):
    """None where it is not defined: a sample's own HSIC is 0, as that of labels of which one differs."""
    constant = min(np.ptp(x, axis=0).max(), np.ptp(t, axis=0).max()) == 0
    if constant or len(x) < 4:
        return None
    x, t = x - x.mean(axis=0), t - t.mean(axis=0)
    k, l = x @ x.T, t @ t.T
    own = [unbiased(k, k), unbiased(l, l)]
    if own[0] < 1e-12 * np.mean(k * k) or own[1] < 1e-12 * np.mean(l * l):
        return None
    return float(unbiased(k, l) / np.sqrt(own[0] * own[1]))


def solve(p):
    x, t, labels = make_samples(p)
    y = labels[:, None]
    linear = [z @ z.T for z in (x - x.mean(axis=0), t - t.mean(axis=0), y)]
    gaussian = [gaussian_kernel(z, p) for z in (x, t, y)]
    exact = exact_information(x, t, y, p) if len(x) <= 100 else (None, None)
    return {"ones": int(labels.sum()), "exact_mi_tx": exact[0], "exact_mi_ty": exact[1],
            "mi_tx": float(information(x, t, p)), "mi_ty": float(information(y, t, p)),
            "hsic_tx": float(biased(gaussian[0], gaussian[1])), "hsic_ty": float(biased(gaussian[2], gaussian[1])),
            "linear_hsic_tx": float(biased(linear[0], linear[1])),
            "linear_hsic_ty": float(biased(linear[2], linear[1])),
            "cka_tx": debiased_cka(x, t), "cka_ty": debiased_cka(y, t)}


def main():
    problems = []
    for place, changes in enumerate(PROBLEMS):
        p = {**DEFAULTS, **changes, "seed": 1000 + place}
        problems.append({**p, "expected": solve(p)})
        print(f"{p['name']:50}", {k: v and float(f"{v:.6g}") for k, v in problems[-1]["expected"].items()}, flush=True)
    HERE.mkdir(exist_ok=True)
    text = ",\n".join(json.dumps(problem) for problem in problems)
    (HERE / "expected.json").write_text(f"[\n{text}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
