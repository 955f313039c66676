#!/usr/bin/env python3
"""Makes analysis/: small problems, and what protocol `released` must find in them, computed another way.

Needs numpy 2.4, scikit-learn 1.9, safetensors 0.8. Everything here is the published formula in fp64, with general
inverses and scikit-learn's optimum: none of the short cuts that worker/analysis takes.

representations.safetensors: <problem>.layer_<l>, fp32 [statements, hidden].
expected.json: a list of problems: name, statements, hidden, labels, steering_share, and for each layer the values
by their column's name and `steering_vector`.
"""
import json
import pathlib

import numpy as np
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

HERE = pathlib.Path(__file__).resolve().parent / "analysis"
LAYERS = 3
SIGMA, EPSILON = 50.0, 1e-5


def standardize(a):
    """(x - mean) / std over all rows, ddof 1; a constant feature becomes 0."""
    constant = (a == a[0]).all(axis=0)
    std = a.std(axis=0, ddof=1)
    return np.where(constant, 0.0, (a - a.mean(axis=0)) / np.where(constant, 1.0, std))


def normalised_kernel(x):
    """R = Kc (Kc + eps m I)^-1 with K = exp(-D / (2 sigma^2 dim)), Kc = K H."""
    m, dim = x.shape
    distances = ((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=2)
    kernel = np.exp(-distances / (2 * SIGMA ** 2 * dim))
    centred = kernel @ (np.eye(m) - np.ones((m, m)) / m)
    return centred @ np.linalg.inv(centred + EPSILON * m * np.eye(m))


def information(x, t):
    return float(np.trace(normalised_kernel(x) @ normalised_kernel(t)))


def fit_probe(z, y):
    probe = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(z, y)
    w, b = probe.coef_[0], float(probe.intercept_[0])
    residual = 1 / (1 + np.exp(-(z @ w + b))) - y
    gradient = np.append(z.T @ residual + w, residual.sum())
    assert np.abs(gradient).max() < 1e-10, np.abs(gradient).max()
    return w, b


def steering_vector(a, y, rows):
    difference = a[:rows][y[:rows] == 1].mean(axis=0) - a[:rows][y[:rows] == 0].mean(axis=0)
    direction = difference / np.linalg.norm(difference)
    norm = (a @ direction).std(ddof=1)
    return float(norm), norm * direction


def expected_layer(first, a, y, share):
    train = int(0.8 * len(y))
    z, z_first = standardize(a), standardize(first)
    w, b = fit_probe(z[:train], y[:train])
    scores = z[train:] @ w + b
    norm, vector = steering_vector(a, y, int(share * len(y)))
    majority = 1 if y[:train].mean() >= 0.5 else 0
    return {
        "values": {
            "n_train": train,
            "n_test": len(y) - train,
            "accuracy": float(((scores > 0) == (y[train:] == 1)).mean()),
            "auroc": float(roc_auc_score(y[train:], scores)),
            "coef_norm": float(np.linalg.norm(w)),
            "intercept": b,
            "mi_tx": information(z_first[:train], z[:train]),
            "mi_ty": information(y[:train, None].astype(np.float64), z[:train]),
            "steering_norm": norm,
            "activation_norm": float(np.linalg.norm(a, axis=1).mean()),
            "majority_accuracy": float((y[train:] == majority).mean()),
        },
        "steering_vector": vector.tolist(),
    }


def make_representations(rng, labels, hidden, constant):
    """Layer by layer the labels stand out more; features differ in scale and centre, as activations do."""
    n = len(labels)
    layers = []
    state = rng.normal(size=(n, hidden))
    direction = rng.normal(size=hidden) / np.sqrt(hidden)
    scale, centre = np.exp(rng.normal(size=hidden)), 3 * rng.normal(size=hidden)
    for layer in range(LAYERS):
        state = state + 0.5 * rng.normal(size=(n, hidden)) + np.outer(labels - 0.5, direction) * (1 + layer)
        representations = (state * scale + centre).astype(np.float32)
        if constant is not None:
            representations[:, constant] = np.float32(0.1)
        layers.append(representations)
    return layers


def main():
    rng = np.random.default_rng(20261124)
    tensors, problems = {}, []
    for name, n, hidden, share, constant in (("more_rows", 115, 12, 0.5, None), ("more_features", 41, 48, 1.0, None),
                                             ("constant_feature", 60, 16, 0.5, 5)):
        labels = rng.integers(0, 2, size=n)
        layers = make_representations(rng, labels, hidden, constant)
        wide = [layer.astype(np.float64) for layer in layers]
        tensors |= {f"{name}.layer_{i}": layer for i, layer in enumerate(layers)}
        problems.append({"name": name, "statements": n, "hidden": hidden, "steering_share": share,
                         "labels": labels.tolist(),
                         "layers": [expected_layer(wide[0], a, labels, share) for a in wide]})
    HERE.mkdir(exist_ok=True)
    save_file(tensors, HERE / "representations.safetensors")
    (HERE / "expected.json").write_text(json.dumps(problems, separators=(",", ":")) + "\n", encoding="utf-8")
    for problem in problems:
        for i, layer in enumerate(problem["layers"]):
            print(problem["name"], i, {k: round(v, 5) for k, v in layer["values"].items()})


if __name__ == "__main__":
    main()
