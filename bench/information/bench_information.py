#!/usr/bin/env python3
"""Seconds of both mutual informations of one layer: ours, and the published computation in fp32, on the same samples.

    pip install torch numpy
    cmake --preset release -DPROBESWEEP_BENCH=ON && cmake --build build/release --target information_layers
    python3 bench/information/bench_information.py --ours build/release/bench/information_layers

The published code (arXiv 2402.19465) works out I(T;X) and I(T;Y) apart, each with two kernels, two general inverses
and the trace of a product, in fp32 on the CPU; this script does the same with torch. Ours factors X once for each
dimension, so that a layer costs one factorisation; what X costs is printed beside it. Rounds are taken in turns, and
the best of each side counts. Where others use the machine too, --threads 1 and the core-seconds tell most.
"""
import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np


def make_samples(path, rows, features):
    """X, T (standardised, fp32 [rows, features]) and labels, which lean on a few directions of T, one after another."""
    rng = np.random.default_rng(20261125)
    x = rng.standard_normal((rows, features), dtype=np.float32)
    t = 0.6 * x + 0.8 * rng.standard_normal((rows, features), dtype=np.float32)
    labels = (t[:, :4].sum(axis=1) + rng.standard_normal(rows, dtype=np.float32) > 0).astype(np.float32)
    with open(path, "wb") as file:
        for sample in (x, t):
            file.write(np.ascontiguousarray((sample - sample.mean(axis=0)) / sample.std(axis=0, ddof=1)).tobytes())
        file.write(labels.tobytes())


def read_samples(path, rows, features):
    values = np.fromfile(path, dtype=np.float32)
    cut = rows * features
    return values[:cut].reshape(rows, features), values[cut:2 * cut].reshape(rows, features), values[2 * cut:, None]


def normalised_kernel(torch, z, sigma=50.0, epsilon=1e-5):
    """R = Kc (Kc + eps m I)^-1 with K = exp(-D / (2 sigma^2 dim)), Kc = K H."""
    rows = z.shape[0]
    squares = (z * z).sum(dim=1)
    distances = (squares[:, None] - 2 * torch.mm(z, z.T) + squares[None, :]).abs()
    kernel = torch.exp(-distances / (2 * sigma ** 2 * z.shape[1]))
    centred = torch.mm(kernel, torch.eye(rows) - torch.ones(rows, rows) / rows)
    return torch.mm(centred, torch.inverse(centred + epsilon * rows * torch.eye(rows)))


def information(torch, x, t):
    return float((normalised_kernel(torch, x) * normalised_kernel(torch, t).T).sum())


def run_published(path, rows, features, threads):
    """The part that runs in a process of its own, so that its memory is its own."""
    import torch

    torch.set_num_threads(threads)
    x, t, labels = (torch.from_numpy(sample) for sample in read_samples(path, rows, features))
    information(torch, x[:64], t[:64])  # libraries load here
    begin, core_begin = time.perf_counter(), time.process_time()
    values = {"mi_tx": information(torch, x, t), "mi_ty": information(torch, labels, t)}
    seconds, core_seconds = time.perf_counter() - begin, time.process_time() - core_begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"layer_seconds": seconds, "layer_core_seconds": core_seconds, "peak_mib": peak, **values}))


def run(command):
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def best(results):
    return min(results, key=lambda result: result["layer_seconds"])


def report(ours, published):
    print(f"{'':26}{'published, fp32':>18}{'ours, fp64':>14}")
    print(f"{'seconds for one layer':26}{published['layer_seconds']:18.2f}{ours['layer_seconds']:14.2f}")
    print(f"{'  X, once a dimension':26}{'':18}{ours['x_seconds']:14.2f}")
    print(f"{'core-seconds for it':26}{published['layer_core_seconds']:18.2f}{ours['layer_core_seconds']:14.2f}")
    for name in ("mi_tx", "mi_ty"):
        print(f"{name:26}{published[name]:18.6f}{ours[name]:14.6f}")
    print(f"{'peak MiB':26}{published['peak_mib']:18.0f}{ours['peak_mib']:14.0f}")
    layer, both = ours["layer_seconds"], ours["layer_seconds"] + ours["x_seconds"]
    cores = published["layer_core_seconds"] / ours["layer_core_seconds"]
    print(f"ratio {published['layer_seconds'] / layer:.1f}, of core-seconds {cores:.1f}; with X, as for one layer alone, "
          f"{published['layer_seconds'] / both:.1f}; over 32 layers "
          f"{32 * published['layer_seconds'] / (32 * layer + ours['x_seconds']):.1f}")


def main():
    if sys.argv[1:2] == ["--published"]:
        return run_published(sys.argv[2], *map(int, sys.argv[3:6]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", default="build/release/bench/information_layers")
    parser.add_argument("--rows", type=int, default=5211)
    parser.add_argument("--features", type=int, default=4096)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    shape = [str(options.rows), str(options.features)]
    with tempfile.TemporaryDirectory() as temporary:
        path = str(pathlib.Path(temporary) / "samples")
        make_samples(path, options.rows, options.features)
        ours, published = [], []
        for _ in range(options.rounds):
            ours.append(run([options.ours, "--samples", path, "--rows", shape[0], "--features", shape[1],
                             "--threads", str(options.threads)]))
            published.append(run([sys.executable, __file__, "--published", path, *shape, str(options.threads)]))
    report(best(ours), best(published))
    return 0


if __name__ == "__main__":
    sys.exit(main())
