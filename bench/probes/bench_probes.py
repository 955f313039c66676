#!/usr/bin/env python3
"""Seconds of our exact probe and of scikit-learn's default fit, on the same features, in turns.

    pip install scikit-learn
    cmake --preset release -DPROBESWEEP_BENCH=ON && cmake --build build/release --target fit_probes
    python3 bench/probes/bench_probes.py --ours build/release/bench/fit_probes

Features as representations have them: their spread along the j-th direction falls as j^-(decay/2), every feature mixes
all directions, then each is standardised; labels hang on some directions and on chance, and are separable, since there
are about as many features as rows. --features and --labels (.npy) measure real ones instead.

One layer by itself has all cores, ours and scikit-learn's; ours on one core, as in a pass, is printed beside it. Of many
layers ours takes one core for each, and scikit-learn fits one after the other with all cores. Both print wall and
processor seconds: on a machine that others use, the latter are the ones to compare.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time


def synthetic(rows, columns, decay):
    import numpy as np

    random = np.random.default_rng(0)
    spread = (np.arange(1, columns + 1) ** (-decay / 2)).astype(np.float32)
    strengths = random.standard_normal((rows, columns), dtype=np.float32)
    mixing = random.standard_normal((columns, columns), dtype=np.float32)
    x = ((strengths * spread) @ mixing).astype(np.float64)
    told = min(200, columns)
    score = strengths[:, :told] @ random.standard_normal(told).astype(np.float32)
    y = score / score.std() + random.standard_normal(rows) > 0
    return (x - x.mean(axis=0)) / x.std(axis=0, ddof=1), y.astype(np.float64)


def fit_with_sklearn(folder, solver, repeats):
    """The part that runs in a process of its own: how many threads it uses is settled when it starts."""
    import warnings

    import numpy as np
    import sklearn
    from sklearn.linear_model import LogisticRegression

    x, y = np.load(f"{folder}/x.npy"), np.load(f"{folder}/y.npy")
    options = {} if solver == "default" else {"solver": solver, "tol": 1e-10, "max_iter": 1000}
    warnings.simplefilter("ignore")  # stopping at 100 iterations is the default's habit
    before, begin = time.process_time(), time.perf_counter()
    for _ in range(repeats):
        probe = LogisticRegression(**options).fit(x, y)
    result = {"seconds": time.perf_counter() - begin, "processor": time.process_time() - before,
              "iterations": int(probe.n_iter_[0]), "release": sklearn.__version__}
    probe.coef_[0].tofile(f"{folder}/{solver}.bin")
    print(json.dumps(result))


def run(command):
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def ours(options, folder, shape, layers, jobs, *more):
    return run([options.ours, *more, "--features", f"{folder}/x.bin", "--labels", f"{folder}/y.bin", "--rows", str(shape[0]),
                "--columns", str(shape[1]), "--layers", str(layers), "--jobs", str(jobs), "--weights",
                f"{folder}/ours.bin"])


def difference(folder, name):
    import numpy as np

    theirs, probe = np.fromfile(f"{folder}/{name}.bin"), np.fromfile(f"{folder}/ours.bin")
    return abs(theirs - probe).max() / abs(theirs).max()


def report(name, theirs, mine):
    print(f"{name}: scikit-learn {theirs['seconds']:.2f} s wall, {theirs['processor']:.2f} s processor; "
          f"ours {mine['seconds']:.2f} s wall, {mine['processor']:.2f} s processor, peak {mine['peak_mib']} MiB; "
          f"ratio {theirs['seconds'] / mine['seconds']:.2f} wall, {theirs['processor'] / mine['processor']:.2f} "
          "processor", flush=True)


def main():
    if sys.argv[1:2] == ["--sklearn"]:
        return fit_with_sklearn(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True)
    parser.add_argument("--rows", type=int, default=5211)
    parser.add_argument("--columns", type=int, default=4096)
    parser.add_argument("--decay", type=float, default=1.0)
    parser.add_argument("--layers", type=int, default=32)
    parser.add_argument("--sklearn-layers", type=int, default=4, help="of which scikit-learn fits; scaled to --layers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--features", help=".npy, fp64 [rows, columns]")
    parser.add_argument("--labels", help=".npy, fp64 [rows]")
    parser.add_argument("--optimum", action="store_true", help="also compare with newton-cholesky (slow)")
    options = parser.parse_args()
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        if options.features:
            x, y = np.load(options.features), np.load(options.labels)
        else:
            x, y = synthetic(options.rows, options.columns, options.decay)
        np.save(f"{folder}/x.npy", x), np.save(f"{folder}/y.npy", y)
        x.tofile(f"{folder}/x.bin"), y.tofile(f"{folder}/y.bin")
        cores = len(os.sched_getaffinity(0))
        script = [sys.executable, str(pathlib.Path(__file__)), "--sklearn", folder]
        rounds = [(run([*script, "default", "1"]), ours(options, folder, x.shape, 1, 1, "--all-cores"),
                   ours(options, folder, x.shape, 1, 1)) for _ in range(options.rounds)]
        theirs, mine, alone = (min(side, key=lambda result: result["seconds"]) for side in zip(*rounds))
        print(f"{x.shape[0]} rows, {x.shape[1]} features, {cores} cores, scikit-learn {theirs['release']}; "
              f"iterations {theirs['iterations']} and {mine['iterations']}")
        report("one layer", theirs, mine)
        report("one layer, ours on one core", theirs, alone)
        theirs = run([*script, "default", str(options.sklearn_layers)])
        mine = ours(options, folder, x.shape, options.layers, cores)
        scale = options.layers / options.sklearn_layers
        theirs = {key: theirs[key] * scale for key in ("seconds", "processor")}
        report(f"{options.layers} layers", theirs, mine)
        print(f"scikit-learn's default ends {difference(folder, 'default'):.1e} of the largest weight from the optimum")
        if options.optimum:
            slow = run([*script, "newton-cholesky", "1"])
            print(f"newton-cholesky, tol 1e-10: {slow['seconds']:.1f} s, {difference(folder, 'newton-cholesky'):.1e} "
                  "of its largest weight from ours")


if __name__ == "__main__":
    main()
