"""The engine's exact probes and its identities for mutual information, in torch: several layers at once, on any device.

Probes: Newton's method on sum log(1 + e^z) - y z + |w|^2 / 2, intercept free, over features (rows >= features) or
over rows (their Gram matrix), until no component of the gradient is above 1e-8 n. Informations: docs/mutual-information.md.
"""

import math

import torch

from statements import train_rows

MOST_STEPS = 60


def standardise(values):
    """[layers, rows, features] to fp64, by all rows, ddof 1; constant features become 0."""
    values = values.double()
    spread = values.std(dim=1, keepdim=True)
    return (values - values.mean(dim=1, keepdim=True)) / torch.where(spread == 0, torch.inf, spread)


def solve(matrix, right):
    return torch.cholesky_solve(right, torch.linalg.cholesky(matrix))


def halve_until_lower(objective, start, step):
    """start + t step, t = 1, 1/2, ..., by layer, until no objective is above that of the start."""
    before, scale = objective(start), torch.ones_like(step[:, :1])
    for _ in range(30):
        candidate = start + scale * step
        worse = ~(objective(candidate) <= before + 1e-12 * before.abs())
        if not worse.any():
            break
        scale = torch.where(worse[:, None], scale / 2, scale)
    return candidate


def loss(scores, labels):
    return (torch.nn.functional.softplus(scores) - labels * scores).sum(dim=1)


def fit_by_features(x, labels):
    """Weights [layers, features + 1], the intercept last."""
    layers, rows, features = x.shape
    x = torch.cat([x, x.new_ones(layers, rows, 1)], dim=2)
    penalty = x.new_ones(features + 1)
    penalty[-1] = 0
    weights = x.new_zeros(layers, features + 1)

    def objective(w):
        return loss((x @ w[:, :, None])[:, :, 0], labels) + (penalty * w * w).sum(dim=1) / 2

    for _ in range(MOST_STEPS):
        p = torch.sigmoid((x @ weights[:, :, None])[:, :, 0])
        gradient = (x.mT @ (p - labels)[:, :, None])[:, :, 0] + penalty * weights
        if gradient.abs().max() <= 1e-8 * rows:
            break
        hessian = x.mT @ (x * (p * (1 - p))[:, :, None]) + torch.diag(penalty)
        step = -solve(hessian, gradient[:, :, None])[:, :, 0]
        weights = halve_until_lower(objective, weights, step)
    return weights


def fit_by_rows(x, gram, labels):
    """As fit_by_features, where w = x^T a: the Newton system in a and the intercept c has the size of the rows."""
    layers, rows, _ = x.shape
    unknowns = x.new_zeros(layers, rows + 1)  # a, then c
    identity = torch.eye(rows, dtype=x.dtype, device=x.device)

    def scores(u):
        return (gram @ u[:, :-1, None])[:, :, 0] + u[:, -1:]

    def objective(u):
        z = scores(u)
        return loss(z, labels) + (u[:, :-1] * (z - u[:, -1:])).sum(dim=1) / 2

    for _ in range(MOST_STEPS):
        z = scores(unknowns)
        p = torch.sigmoid(z)
        residual = p - labels + unknowns[:, :-1]
        gradient = (x.mT @ residual[:, :, None])[:, :, 0].abs().amax(dim=1)
        if torch.maximum(gradient, (p - labels).sum(dim=1).abs()).max() <= 1e-8 * rows:
            break
        root = (p * (1 - p)).clamp_min(1e-300).sqrt()  # of W; a = (W^-1 + K)^-1 (W^-1 (y - p) + z - c)
        system = root[:, :, None] * gram * root[:, None, :] + identity
        right = torch.stack([(labels - p) / root + root * z, root], dim=2)
        answers = solve(system, right) * root[:, :, None]
        intercept = answers[:, :, 0].sum(dim=1, keepdim=True) / answers[:, :, 1].sum(dim=1, keepdim=True)
        target = torch.cat([answers[:, :, 0] - intercept * answers[:, :, 1], intercept], dim=1)
        unknowns = halve_until_lower(objective, unknowns, target - unknowns)
    return torch.cat([(x.mT @ unknowns[:, :-1, None])[:, :, 0], unknowns[:, -1:]], dim=1)


def kernel_inverse(gram, features, epsilon=1e-5, sigma=50.0):
    """(H K H + a I)^-1 and a, of standardised rows with this Gram matrix, [layers, rows, rows]."""
    rows = gram.shape[1]
    squares = gram.diagonal(dim1=1, dim2=2)
    distances = (squares[:, :, None] + squares[:, None, :] - 2 * gram).clamp_min(0)
    kernel = torch.expm1(distances / (-2 * sigma ** 2 * features))
    means = kernel.mean(dim=2)
    less_half = means - means.mean(dim=1, keepdim=True) / 2
    kernel -= less_half[:, :, None] + less_half[:, None, :]
    kernel.diagonal(dim1=1, dim2=2).add_(epsilon * rows)
    return torch.cholesky_inverse(torch.linalg.cholesky(kernel)), epsilon * rows


def informations(inverse, first_inverse, a, labels, sigma=50.0):
    """I(T;X) and I(T;Y), [layers] each."""
    rows = labels.numel()
    trace = inverse.diagonal(dim1=1, dim2=2).sum(dim=1)
    first_trace = first_inverse.diagonal().sum()
    with_first = rows - a * first_trace - a * trace + a * a * (inverse * first_inverse).sum(dim=(1, 2))
    centred = labels - labels.mean()
    squared = (centred * centred).sum()
    eigenvalue = -2 * math.expm1(-1 / (2 * sigma ** 2)) * squared
    projected = (inverse @ centred) @ centred / squared
    return with_first, eigenvalue / (eigenvalue + a) * (1 - a * projected)


def analyse(layers, labels, at_once):
    """Accuracy, I(T;X) and I(T;Y) of each layer: lists. `layers`: [rows, features] tensors; the first is X."""
    device = layers[0].device
    labels = torch.tensor(labels, dtype=torch.float64, device=device)
    train = train_rows(labels.numel())
    accuracy, with_first, with_labels, first_inverse = [], [], [], None
    for begin in range(0, len(layers), at_once):
        z = standardise(torch.stack(layers[begin:begin + at_once]))
        x, features = z[:, :train], z.shape[2]
        gram = x @ x.mT
        weights = fit_by_features(x, labels[:train]) if train > features else fit_by_rows(x, gram, labels[:train])
        scores = (z[:, train:] @ weights[:, :-1, None])[:, :, 0] + weights[:, -1:]
        accuracy += ((scores > 0) == (labels[train:] > 0)).double().mean(dim=1).tolist()
        inverse, a = kernel_inverse(gram, features)
        first_inverse = inverse[0].clone() if first_inverse is None else first_inverse
        tx, ty = informations(inverse, first_inverse, a, labels[:train])
        with_first += tx.tolist()
        with_labels += ty.tolist()
    return accuracy, with_first, with_labels
