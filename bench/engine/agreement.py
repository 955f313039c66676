"""Whether two engines found the same."""

from statements import Representations


def relative_rms(path, reference_path, datasets, layers):
    """Of representations, against those of a reference that holds some of the rows: the worst layer's."""
    ours, reference, worst = Representations(path), Representations(reference_path), 0.0
    for layer in layers:
        error = norm = 0.0
        for name in datasets:
            rows, values = reference.rows(name), ours.layer(name, layer)
            if rows is None or values is None:
                continue
            wanted, have = reference.layer(name, layer).double(), ours.rows(name)
            place = {row: i for i, row in enumerate(range(len(values)) if have is None else have.tolist())}
            both = [i for i, row in enumerate(rows.tolist()) if row in place]
            values = values[[place[int(rows[i])] for i in both]].double()
            error += float(((values - wanted[both]) ** 2).sum())
            norm += float((wanted[both] ** 2).sum())
        worst = max(worst, (error / norm) ** 0.5 if norm else 0.0)
    return worst


def values_of(results, checkpoint):
    """{(dataset, layer): values} of a pass's results."""
    return {(r["dataset"], r["layer"]): r["values"] for r in results if r["checkpoint"] == checkpoint}


def differences(ours, theirs):
    """Largest differences over what `theirs`, [(dataset, layer, values)], holds."""
    worst = {}
    for dataset, layer, values in theirs:
        for name, value in values.items():
            worst[name] = max(worst.get(name, 0.0), abs(value - ours[dataset, layer][name]))
    return worst
