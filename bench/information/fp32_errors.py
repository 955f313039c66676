#!/usr/bin/env python3
"""Where the published computation of mutual information goes wrong in fp32: the tables of docs/mutual-information.md.

    pip install torch numpy
    python3 bench/information/fp32_errors.py

Samples as layers of a network give them: the labels stand out more from layer to layer, and each layer keeps less of
layer 0. The same samples, rounded to fp32 once, go through the published computation (general inverses) in fp32 and in
fp64, and through the identities that worker/analysis uses, in fp64.
"""
import argparse

import numpy as np
import torch

from bench_information import normalised_kernel

SIGMA, EPSILON = 50.0, 1e-5
LAYERS = 6


def make_layers(rows, features, signal, seed):
    """Standardised samples, fp32, and labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, size=rows).astype(np.float32)
    direction = rng.standard_normal(features)
    state, layers = rng.standard_normal((rows, features)), []
    for layer in range(LAYERS):
        raw = state + signal * layer * np.outer(labels - 0.5, direction)
        layers.append(((raw - raw.mean(axis=0)) / raw.std(axis=0, ddof=1)).astype(np.float32))
        state = 0.9 * state + 0.44 * rng.standard_normal((rows, features))
    return layers, labels[:, None]


def centred_kernel_inverse(z):
    """(H K H + a I)^-1 by Cholesky, and a."""
    rows = len(z)
    squares = (z * z).sum(axis=1)
    kernel = np.expm1(-np.maximum(squares[:, None] + squares - 2 * z @ z.T, 0) / (2 * SIGMA ** 2 * z.shape[1]))
    means = kernel.mean(axis=0)
    a = EPSILON * rows
    factor = np.linalg.cholesky(kernel - means - means[:, None] + means.mean() + a * np.eye(rows))
    half = np.linalg.solve(factor, np.eye(rows))
    return half.T @ half, a


def by_identity(x, t):
    (x_inverse, a), (t_inverse, _) = x, t
    return len(x_inverse) - a * np.trace(x_inverse) - a * np.trace(t_inverse) + a * a * (x_inverse * t_inverse).sum()


def published(sample, dtype):
    """R of one sample, as the published code makes it."""
    return normalised_kernel(torch, torch.from_numpy(sample.astype(dtype)))


def in_fp64(function, *arguments):
    """With torch's constants in fp64 too."""
    torch.set_default_dtype(torch.float64)
    result = function(*arguments)
    torch.set_default_dtype(torch.float32)
    return result


def trace_of_product(x, t):
    return float((x * t.T).sum())


def compare(rows, features, options):
    layers, labels = make_layers(rows, features, options.signal, options.seed)
    general = rows <= options.general_up_to
    others = (layers[0], labels)
    single = [published(other, np.float32) for other in others]
    double = [in_fp64(published, other, np.float64) for other in others] if general else None
    wide = [centred_kernel_inverse(other.astype(np.float64)) for other in others]
    print(f"\n{rows} rows, {features} features, signal {options.signal}\n")
    print("| layer | I(T;X) fp32 | fp64 | identity | I(T;Y) fp32 | fp64 | identity |")
    print("|---|---|---|---|---|---|---|")
    for place, layer in enumerate(layers):
        of_single = published(layer, np.float32)
        of_double = in_fp64(published, layer, np.float64) if general else None
        of_wide = centred_kernel_inverse(layer.astype(np.float64))
        cells = []
        for i in range(2):
            formula = f"{trace_of_product(double[i], of_double):.7f}" if general else "not run"
            cells += [f"{trace_of_product(single[i], of_single):.4f}", formula, f"{by_identity(wide[i], of_wide):.7f}"]
        print(f"| {place} | {' | '.join(cells)} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["1000x128", "5211x128"], help="rows x features")
    parser.add_argument("--signal", type=float, default=0.04, help="by how much labels stand out more in each layer")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--general-up-to", type=int, default=1500, help="rows up to which the formula runs in fp64 too")
    options = parser.parse_args()
    for size in options.sizes:
        compare(*map(int, size.split("x")), options)


if __name__ == "__main__":
    main()
