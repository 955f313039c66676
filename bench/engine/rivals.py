#!/usr/bin/env python3
"""One rival's part of a pass over one checkpoint, in a process of its own; bench_engine.py runs it.

    rivals.py one_by_one|tuned|analysis --checkpoint DIR --ids DIR --out FILE.json ...

one_by_one: each statement alone through transformers in fp32 with output_hidden_states, as published.
tuned: sorted by length, padded batches of the best of several sizes, sdpa, no more kept than last tokens; with
--exact also the exact analysis in torch of all that was run.
analysis: of representations that were written before: scikit-learn's probes and the published mutual information.
"""

import argparse
import json
import resource
import sys
import time
import warnings
from pathlib import Path

import torch
from statements import Representations, choose, read_ids, tokens_of, train_rows

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "information"))
from bench_information import information  # noqa: E402


class Model:
    """A checkpoint's blocks in transformers, and the last token's state behind each, before any final norm."""

    def __init__(self, options):
        import transformers

        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        self.device, dtype = torch.device(options.device), getattr(torch, options.dtype)
        with torch.device("meta"):  # libraries load here
            transformers.AutoModel.from_config(transformers.AutoConfig.from_pretrained(options.checkpoint))
        begin = time.perf_counter()
        model = transformers.AutoModel.from_pretrained(options.checkpoint, dtype=dtype)
        self.model = model.to(self.device).eval()
        self.synchronise()
        self.load_seconds = time.perf_counter() - begin
        self.blocks = next(m for m in self.model.modules() if isinstance(m, torch.nn.ModuleList))

    def synchronise(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def one_by_one(self, ids):
        """fp32 [layers, hidden] of one statement."""
        last = []
        hook = self.blocks[-1].register_forward_hook(lambda _, __, out: last.append(first(out)))
        states = self.model(torch.tensor([ids], device=self.device), output_hidden_states=True,
                            use_cache=False).hidden_states
        hook.remove()
        return torch.stack([state[0, -1] for state in [*states[1:-1], last[0]]])

    def batch(self, statements):
        """fp32 [layers, statements, hidden]. Padding stands behind the statements, which a causal model never sees."""
        longest = max(map(len, statements))
        padded = torch.tensor([ids + [0] * (longest - len(ids)) for ids in statements], device=self.device)
        last = torch.tensor([len(ids) - 1 for ids in statements], device=self.device)
        rows, kept = torch.arange(len(statements), device=self.device), []
        hooks = [block.register_forward_hook(lambda _, __, out: kept.append(first(out)[rows, last].float()))
                 for block in self.blocks]
        self.model(padded, use_cache=False)
        for hook in hooks:
            hook.remove()
        return torch.stack(kept)


def first(output):
    return output[0] if isinstance(output, tuple) else output


def batches(datasets, places, budget):
    """Places by length, in batches of at most `budget` padded tokens."""
    batch = []
    for place in sorted(places, key=lambda place: len(datasets[place[0]][0][place[1]])):
        longest = len(datasets[place[0]][0][place[1]])
        if batch and (len(batch) + 1) * longest > budget:
            yield batch
            batch = []
        batch.append(place)
    yield batch


def by_dataset(places, states):
    """{dataset: (rows, [layers, rows, hidden])} of what was run in any order: rows ascending."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    states, groups = states[:, order], {}
    for name in sorted({name for name, _ in places}):
        index = [k for k, i in enumerate(order) if places[i][0] == name]
        groups[name] = [places[order[k]][1] for k in index], states[:, index]
    return groups


def save(path, groups, layers):
    from safetensors.torch import save_file

    tensors = {}
    for name, (rows, states) in groups.items():
        tensors[f"{name}.rows"] = torch.tensor(rows)
        for layer in layers:
            tensors[f"{name}.layer_{layer}"] = states[layer].float().cpu().contiguous()
    save_file(tensors, path)


def run_one_by_one(options, datasets):
    model, places = Model(options), choose(datasets, options.statements)
    for name, row in places[:3]:
        model.one_by_one(datasets[name][0][row])  # libraries load here
    model.synchronise()
    begin = time.perf_counter()
    states = torch.stack([model.one_by_one(datasets[name][0][row]) for name, row in places], dim=1)
    model.synchronise()
    seconds = time.perf_counter() - begin
    save(options.representations, by_dataset(places, states), range(len(model.blocks)))
    return {"load": model.load_seconds, "forward": seconds, "tokens": tokens_of(datasets, places),
            "statements": len(places), "layers": len(model.blocks)}


def run_tuned(options, datasets):
    model, places = Model(options), choose(datasets, options.statements)

    def timed(some, budget):
        model.synchronise()
        begin, order, states = time.perf_counter(), [], []
        for batch in batches(datasets, some, budget):
            states.append(model.batch([datasets[name][0][row] for name, row in batch]))
            order += batch
        model.synchronise()
        return time.perf_counter() - begin, order, torch.cat(states, dim=1)

    trial = choose(datasets, options.trial, seed=1)
    timed(trial[:20], options.budgets[0])  # libraries load here
    trials = {budget: timed(trial, budget)[0] for budget in options.budgets}
    best = min(trials, key=trials.get)
    seconds, order, states = timed(places, best)
    figures = {"load": model.load_seconds, "forward": seconds, "tokens": tokens_of(datasets, places),
               "statements": len(places), "layers": len(model.blocks), "budget": best, "trials": trials}
    groups = by_dataset(order, states)
    if options.exact:
        figures.update(run_exact(model, datasets, groups))
    save(options.representations, groups, options.layers)
    return figures


def run_exact(model, datasets, groups):
    from exact_analysis import analyse

    at_once = 8 if model.device.type == "cuda" else 1
    found, begin = {}, time.perf_counter()
    for name, (_, states) in groups.items():
        columns = analyse(list(states.float()), datasets[name][1], at_once)
        found[name] = dict(zip(("accuracy", "mi_tx", "mi_ty"), columns))
    return {"exact": time.perf_counter() - begin, "exact_results": found}


def probe(z, labels):
    from sklearn.linear_model import LogisticRegression

    train = train_rows(len(labels))
    warnings.simplefilter("ignore")  # stopping at 100 iterations is the default's habit
    fitted = LogisticRegression().fit(z[:train], labels[:train])
    return float(fitted.score(z[train:], labels[train:]))


def published_standardise(values):
    spread = values.std(dim=0)
    return (values - values.mean(dim=0)) / torch.where(spread == 0, torch.inf, spread)


def both_informations(x, t, labels):
    return information(torch, x, t), information(torch, labels[:, None], t)


def formula(x, t, labels):
    """The published formula as it is, in fp64."""
    torch.set_default_dtype(torch.float64)
    values = both_informations(x.double(), t.double(), labels.double())
    torch.set_default_dtype(torch.float32)
    return values


def run_analysis(options, datasets):
    """On the CPU in fp32, as published. `checks`: the formula in fp64, of datasets for which it is quick."""
    kept = Representations(options.input)
    probe(torch.randn(10, 2).numpy(), [0, 1] * 5)  # libraries load here
    seconds, results = {"probes": 0.0, "informations": 0.0}, []
    for name, (_, labels) in datasets.items():
        train, y = train_rows(len(labels)), torch.tensor(labels, dtype=torch.float32)
        x = published_standardise(kept.layer(name, 0).float())[:train]
        for layer in options.layers:
            z = published_standardise(kept.layer(name, layer).float())
            begin = time.perf_counter()
            accuracy = probe(z.numpy(), labels)
            middle = time.perf_counter()
            tx, ty = both_informations(x, z[:train], y[:train])
            end = time.perf_counter()
            seconds["probes"] += middle - begin
            seconds["informations"] += end - middle
            checks = formula(x, z[:train], y[:train]) if train <= options.most_rows else None
            results.append({"dataset": name, "layer": layer, "accuracy": accuracy, "mi_tx": tx, "mi_ty": ty,
                            "rows": train, "checks": checks})
    return {**seconds, "layers": len(options.layers), "results": results}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rival", choices=("one_by_one", "tuned", "analysis"))
    parser.add_argument("--checkpoint")
    parser.add_argument("--ids", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--statements", type=int, default=0, help="drawn from all; 0: all")
    parser.add_argument("--trial", type=int, default=300, help="statements that batch sizes are tried on")
    parser.add_argument("--budgets", type=int, nargs="*", default=[1024, 2048, 4096, 8192])
    parser.add_argument("--layers", type=int, nargs="*", default=[])
    parser.add_argument("--exact", action="store_true")
    parser.add_argument("--representations", help="file to write")
    parser.add_argument("--input", help="representations to analyse")
    parser.add_argument("--most-rows", type=int, default=2000, help="train rows up to which the formula is checked")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    run = {"one_by_one": run_one_by_one, "tuned": run_tuned, "analysis": run_analysis}[options.rival]
    with torch.inference_mode():
        figures = run(options, read_ids(options.ids))
    figures["processor"] = time.process_time()
    figures["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures["release"] = torch.__version__
    Path(options.out).write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
