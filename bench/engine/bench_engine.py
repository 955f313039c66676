#!/usr/bin/env python3
"""The engine against three rivals, in one run, on the same checkpoints and token ids: speed, and agreement beside it.

    pip install torch transformers scikit-learn safetensors
    cmake --preset release -DPROBESWEEP_BENCH=ON && cmake --build build/release --target engine_forward engine_pass
    python3 bench/engine/bench_engine.py --checkpoints DIR... --datasets CSV...

Rivals, all in Python, by the interpreter that runs this script:
  published  statements one by one in fp32, scikit-learn's probes, mutual information by general inverses in fp32
  tuned      sorted by length, padded batches of the best of several sizes, sdpa; then as published
  exact      tuned, then the engine's exact probes and its identities in torch: on a GPU, unless --exact asks for it

Ours is what a worker does: tokenizing, reading, forward, analysis by protocol `released`. Rivals get token ids. What takes
too long is measured in part and scaled: forward passes over statements drawn from all, by tokens; analyses over some
layers of all datasets, by layers; rivals over some checkpoints, by their number. The notes say what was. Other work on
the machine spoils the figures.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from agreement import differences, relative_rms, values_of

HERE = pathlib.Path(__file__).resolve().parent


def run(command):
    command = [str(part) for part in command]
    print("+", " ".join(command), file=sys.stderr, flush=True)
    subprocess.run(command, check=True, stdout=sys.stderr)


def spread(count, wanted):
    """`wanted` of 0 .. count - 1, evenly, the last among them."""
    wanted = min(count, wanted)
    return [(i + 1) * count // wanted - 1 for i in range(wanted)]


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, pathlib.Path(folder)
        self.cuda = options.device.startswith("cuda")
        self.threads = options.threads or len(os.sched_getaffinity(0))
        self.exact = self.cuda or options.exact
        count = len(options.checkpoints)
        self.sampled = [options.checkpoints[i] for i in spread(count, options.sample_checkpoints)]
        self.ours = None  # what engine_pass found, of all checkpoints
        self.measured = {}  # sampled checkpoint -> part -> figures

    def whole_passes(self):
        options = self.options
        if options.forward_only:  # our executor writes the ids; one pass for each checkpoint
            config = json.loads((pathlib.Path(self.sampled[0]) / "config.json").read_text())
            depth = next(config[key] for key in ("num_hidden_layers", "n_layer", "n_layers") if key in config)
            self.kept_layers = sorted({0, *spread(depth, options.sample_layers)})
            return
        run([options.bench / "engine_pass", "--checkpoints", *options.checkpoints, "--datasets", *options.datasets,
             "--threads", self.threads, "--device", options.device, "--write-ids", self.folder / "ids",
             "--json", self.folder / "ours.json"])
        self.ours = json.loads((self.folder / "ours.json").read_text())
        self.depth = 1 + max(result["layer"] for result in self.ours["results"])
        self.layers = spread(self.depth, options.sample_layers)  # that rivals analyse
        self.kept_layers = sorted({0, *self.layers})

    def path(self, checkpoint, name):
        return self.folder / f"{self.options.checkpoints.index(checkpoint)}.{name}"

    def our_forward(self, checkpoint, kept):
        """The executor alone. On a GPU the representations come from a pass that is not timed."""
        if self.cuda:
            run([self.options.bench / "engine_pass", "--checkpoints", checkpoint, "--datasets", *self.options.datasets,
                 "--device", self.options.device, "--representations", kept])
            return None
        out = self.path(checkpoint, "forward.json")
        run([self.options.bench / "engine_forward", "--checkpoint", checkpoint, "--datasets", *self.options.datasets,
             "--threads", self.threads, "--representations", kept, "--layers", *self.kept_layers, "--json", out,
             "--write-ids", self.folder / "ids", *(["--ablations"] if self.options.ablations else [])])
        return json.loads(out.read_text())["runs"][0]

    def rival(self, checkpoint, part, *arguments):
        out = self.path(checkpoint, f"{part}.json")
        run([sys.executable, HERE / "rivals.py", part, "--checkpoint", checkpoint, "--ids", self.folder / "ids",
             "--out", out, "--threads", self.threads, "--device", self.options.device, *arguments])
        return json.loads(out.read_text())

    def measure(self, checkpoint):
        options = self.options
        ours, published, tuned = (self.path(checkpoint, name) for name in ("ours", "published", "tuned"))
        budgets = options.budgets or ([8192, 16384, 32768] if self.cuda else [512, 1024, 2048, 4096])
        figures = {"ours": self.our_forward(checkpoint, ours)}
        figures["tuned"] = self.rival(
            checkpoint, "tuned", "--statements", options.tuned_statements, "--representations", tuned, "--layers",
            *self.kept_layers, "--dtype", "bfloat16" if self.cuda else "float32", "--budgets", *budgets,
            *(["--exact"] if self.exact else []))
        figures["published"] = self.rival(checkpoint, "one_by_one", "--statements", options.published_statements,
                                          "--representations", published)
        if not options.forward_only:
            figures["analysis"] = self.rival(checkpoint, "analysis", "--layers", *self.layers, "--input",
                                             ours if options.tuned_statements else tuned)
        names = [pathlib.Path(path).stem for path in options.datasets]
        figures["rms"] = {name: relative_rms(path, published, names, self.kept_layers)
                          for name, path in (("ours", ours), ("tuned", tuned))}
        self.measured[checkpoint] = figures

    def total(self, part, key):
        """Of all checkpoints, by those that were measured."""
        many = len(self.options.checkpoints) / len(self.sampled)
        return many * sum(figures[part][key] for figures in self.measured.values())

    def rival_forward(self, part):
        tokens = self.measured[self.sampled[0]]["ours"]["tokens"] if self.ours is None else self.ours["runs"][0]["tokens"]
        many = len(self.options.checkpoints) / len(self.sampled)
        return many * sum(figures[part]["forward"] * tokens / figures[part]["tokens"]
                          for figures in self.measured.values())

    def our_row(self):
        if self.ours is None:
            return {"load": self.total("ours", "load"), "forward": self.total("ours", "forward"),
                    "whole": self.total("ours", "wall")}
        passes = self.ours["runs"]
        forward = sum(p["forward"] for p in passes) / self.threads if self.cuda else self.total("ours", "forward")
        return {"load": sum(p["load"] for p in passes), "whole": sum(p["wall"] for p in passes), "forward": forward,
                "analysis": sum(p["analyse"] for p in passes) / self.threads}

    def rows(self):
        """[(name, {column: seconds})] of all checkpoints."""
        analysis = {}
        if self.ours is not None:
            scale = self.depth / len(self.layers)
            analysis = {key: scale * self.total("analysis", key) for key in ("probes", "informations")}
            analysis["analysis"] = sum(analysis.values())
        rows = [("ours", self.our_row())]
        for name, part in (("published", "published"), ("tuned + scikit-learn", "tuned")):
            rows.append((name, {"load": self.total(part, "load"), "forward": self.rival_forward(part), **analysis}))
        if self.exact:
            rows.append(("tuned + exact", {"load": self.total("tuned", "load"), "forward": self.rival_forward("tuned"),
                                           "analysis": self.total("tuned", "exact")}))
        for _, row in rows[1:]:
            row["whole"] = row["load"] + row["forward"] + row.get("analysis", 0)
        return rows

    def print_table(self):
        columns = ("load", "forward", "probes", "informations", "analysis", "whole")
        rows = self.rows()
        print(f"{'':100}{'times ours':>18}")
        print(f"{'seconds':22}" + "".join(f"{column:>13}" for column in columns) + f"{'whole':>9}{'forward':>9}")
        for name, row in rows:
            cells = "".join(f"{row[column]:13.2f}" if column in row else " " * 13 for column in columns)
            print(f"{name:22}{cells}{row['whole'] / rows[0][1]['whole']:9.1f}{row['forward'] / rows[0][1]['forward']:9.1f}")
        if not self.exact and self.ours is not None:
            print(f"{'tuned + exact':22}{'no GPU':>13}")

    def print_notes(self):
        options, figures = self.options, self.measured[self.sampled[-1]]
        tuned, published = figures["tuned"], figures["published"]
        ours = figures["ours"] or self.ours["runs"][-1]
        print(f"\n{len(options.checkpoints)} checkpoint(s), {ours['tokens']} tokens each, {ours['computed']} after sharing; "
              f"{self.threads} thread(s), {options.device}; torch {tuned['release']}")
        print(f"rivals measured on {len(self.sampled)} checkpoint(s): one by one {published['statements']} statements, "
              f"{published['tokens']} tokens; tuned {tuned['statements']} statements, {tuned['tokens']} tokens, batches of "
              f"{tuned['budget']}" + (f"; analysis of layers {self.layers} of {self.depth}" if self.ours else "") +
              "; all scaled to the whole")
        if self.ours is not None:
            print("our analysis runs beside the forward: its processor time over the cores; whole is the wall time")
        if not self.cuda:
            print(f"our forward, by itself, reaches {100 * ours['share_of_sgemm']:.0f} % of sgemm's rate in this run, "
                  f"{100 * ours['share_by_processor']:.0f} % by processor time; peak {ours['peak_mib']:.0f} MiB, "
                  f"tuned {tuned['peak_mib']:.0f} MiB")
        for checkpoint in self.sampled:
            self.print_agreement(checkpoint)

    def print_agreement(self, checkpoint):
        figures, name = self.measured[checkpoint], pathlib.Path(checkpoint).name
        print(f"\nagreement on {name}")
        print(f"  representations against fp32 one by one, relative RMS of the worst of layers {self.kept_layers}: "
              f"ours {figures['rms']['ours']:.1e}, tuned {figures['rms']['tuned']:.1e}")
        if self.ours is None:
            return
        ours, results = values_of(self.ours["results"], name), figures["analysis"]["results"]
        accuracy = differences(ours, [(r["dataset"], r["layer"], {"accuracy": r["accuracy"]}) for r in results])
        print(f"  accuracy, ours against scikit-learn's default fit: at most {accuracy['accuracy']:.4f} apart")
        checked = [r for r in results if r["checks"]]
        if checked:
            formula = [(r["dataset"], r["layer"], dict(zip(("mi_tx", "mi_ty"), r["checks"]))) for r in checked]
            mine = differences(ours, formula)
            theirs = differences({(r["dataset"], r["layer"]): r for r in checked}, formula)
            print(f"  mutual information against the formula in fp64, {len(checked)} cases: I(T;X) ours within "
                  f"{mine['mi_tx']:.1e}, published {theirs['mi_tx']:.1e}; I(T;Y) {mine['mi_ty']:.1e}, "
                  f"{theirs['mi_ty']:.1e}")
        if self.exact:
            found = [(dataset, layer, {key: column[layer] for key, column in values.items()})
                     for dataset, values in figures["tuned"]["exact_results"].items() for layer in range(self.depth)]
            print("  ours against exact in torch, all layers: " +
                  ", ".join(f"{key} within {value:.1e}" for key, value in differences(ours, found).items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=pathlib.Path, default=HERE.parent.parent / "build/release/bench",
                        help="folder of engine_pass and engine_forward")
    parser.add_argument("--checkpoints", nargs="+", required=True, help="of one shape")
    parser.add_argument("--datasets", nargs="+", required=True, help="CSV files")
    parser.add_argument("--device", default="cpu", help="cpu, cuda:0")
    parser.add_argument("--threads", type=int, default=0, help="0: all cores")
    parser.add_argument("--exact", action="store_true", help="the third rival on the CPU too")
    parser.add_argument("--budgets", type=int, nargs="*", help="padded tokens of a batch, to try")
    parser.add_argument("--published-statements", type=int, default=300, help="of one by one; 0: all")
    parser.add_argument("--tuned-statements", type=int, default=0, help="of tuned; 0: all")
    parser.add_argument("--sample-layers", type=int, default=2, help="that scikit-learn and the published code analyse")
    parser.add_argument("--sample-checkpoints", type=int, default=1, help="that rivals are measured on")
    parser.add_argument("--forward-only", action="store_true", help="nothing is analysed")
    parser.add_argument("--ablations", action="store_true",
                        help="run our executor without each of its economies too (its table is on stderr)")
    parser.add_argument("--keep", help="folder to leave all figures in")
    options = parser.parse_args()
    if options.tuned_statements and (options.exact or options.device.startswith("cuda")):
        parser.error("the exact rival analyses what tuned has run: leave --tuned-statements out")
    if options.forward_only and options.device.startswith("cuda"):
        parser.error("--forward-only is for the CPU: engine_forward computes there alone")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        bench = Bench(options, folder)
        bench.whole_passes()
        for checkpoint in bench.sampled:
            bench.measure(checkpoint)
        bench.print_table()
        bench.print_notes()


if __name__ == "__main__":
    main()
