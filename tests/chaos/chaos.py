#!/usr/bin/env python3
"""Runs a sweep while its processes, disks and network fail, and compares it with an undisturbed one.

Needs the built programs and Python's standard library; docs/chaos.md says more. Prints a report; exit 1, with the
seed and what differs, when the sweep did not come to the same."""

import argparse
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

import isolation
import postgres
import schedule
import verdict
from cluster import FAKETIME, SWEEP, Cluster, write_sweep
from disturbances import Disturbances
from run import Stalled, SweepRun

KINDS = {"kill_worker": "worker kills", "kill_coordinator": "coordinator kills", "pause_worker": "worker pauses",
         "pause_coordinator": "coordinator pauses", "crash_postgres": "PostgreSQL crashes",
         "fill_disk": "disk full", "cut_off_workers": "partitions", "lose_packets": "packet loss",
         "jump_clock": "clock jumps"}
NEED_ISOLATION = ("fill_disk", "cut_off_workers", "lose_packets")
# Of the disk that is filled, in memory: what the sweep needs, and as much again.
_DISK_BYTES, _TASK_BYTES = 32 << 20, 20 << 10
SABOTAGE = ("none", "wrong-answer", "lost-row", "doubled-row", "changed-row", "no-retry")


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"), help="the build folder")
    parser.add_argument("--seed", type=int, default=None, help="of what goes wrong and when; default: drawn")
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--dimensions", type=int, default=4, help="tasks of one checkpoint")
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--layer-seconds", type=float, default=0.02, help="of the fake engine")
    parser.add_argument("--failing-share", type=float, default=0.01, help="results that fail by chance")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--standby", action="store_true", help="two coordinators; with --store postgresql")
    defaults = {"kill_worker": 1000, "kill_coordinator": 100, "pause_worker": 10, "pause_coordinator": 3}
    for kind, name in KINDS.items():
        parser.add_argument("--" + kind.replace("_", "-"), type=int, default=defaults.get(kind, 0), metavar="N",
                            help=f"number of {name}; default {defaults.get(kind, 0)}")
    parser.add_argument("--patience", type=float, default=180, help="seconds without any task's end that are too many")
    parser.add_argument("--work", type=pathlib.Path, help="folder for logs and data; default: a temporary one")
    parser.add_argument("--keep", action="store_true", help="keep that folder though nothing unexpected was found")
    parser.add_argument("--report", type=pathlib.Path, help="write the report here, as JSON")
    parser.add_argument("--sabotage", choices=SABOTAGE, default="none", help="break something: the run must fail")
    return complete(parser, parser.parse_args(argv))


def complete(parser, settings):
    if settings.tasks % settings.dimensions != 0:
        parser.error("--tasks must be a multiple of --dimensions")
    if settings.store != "postgresql" and (settings.crash_postgres or settings.standby):
        parser.error("--crash-postgres and --standby need --store postgresql")
    if settings.seed is None:
        settings.seed = random.SystemRandom().getrandbits(32)
    settings.bin = settings.build.resolve() / "bin"
    settings.fake_worker = settings.build.resolve() / "tests" / "fake_worker"
    for program in (settings.bin / "probesweepd", settings.bin / "probesweep", settings.fake_worker):
        if not program.exists():
            parser.error(f"{program} is not built; give --build")
    settings.left_out = []
    settings.counts = {kind: getattr(settings, kind) for kind in KINDS}
    if not isolation.possible():
        leave_out(settings, NEED_ISOLATION, "needs root, and the packages nftables and iproute2")
    if not os.path.exists(FAKETIME):
        leave_out(settings, ("jump_clock",), "needs the package libfaketime")
    settings.isolated = any(settings.counts[kind] for kind in NEED_ISOLATION)
    settings.clock_jumps = settings.counts["jump_clock"] > 0
    return settings


def leave_out(settings, kinds, why):
    for kind in kinds:
        if settings.counts[kind]:
            settings.left_out.append(f"{KINDS[kind]}: {why}")
        settings.counts[kind] = 0


def undisturbed(settings, folder, sweep_file):
    """Export and artifacts of a run in which nothing goes wrong and nothing takes time."""
    cluster = Cluster(settings, folder, folder / "data")
    try:
        run = SweepRun(cluster, sweep_file, settings.tasks, settings.patience)
        run.submit()
        run.finish()
        return cluster.client("results", "export", SWEEP), cluster.client("artifacts", "list", SWEEP)
    finally:
        cluster.end()


def disturbed(settings, folder, sweep_file, expected):
    """Problems and the report of a run in which everything does."""
    data = folder / "data"
    network = disk = None
    if settings.isolated:
        network = isolation.Network()
        isolation.mount_small_disk(data, _DISK_BYTES + settings.tasks * _TASK_BYTES)
        disk = isolation.FullDisk(data)
    database = postgres.Postgres(folder / "postgres") if settings.store == "postgresql" else None
    cluster = Cluster(settings, folder, data, database, settings.layer_seconds)
    disturbances = Disturbances(cluster, schedule.draw(settings.seed, settings.tasks, settings.counts), network, disk)
    run = SweepRun(cluster, sweep_file, settings.tasks, settings.patience, settings.sabotage != "no-retry")
    start = time.monotonic()
    problems = []
    try:
        run.submit()
        run.finish(disturbances)
        disturbances.end_all()
        run.settle()
        if disturbances.left:
            problems.append(f"{disturbances.left} disturbances were still to come when the sweep ended")
        problems += check_results(settings, cluster, expected)
    except (Stalled, RuntimeError) as error:
        problems.append(str(error))
    finally:
        seconds = time.monotonic() - start
        cluster.end()
        if database is not None:
            database.end()
    programs = cluster.coordinators + cluster.workers + cluster.lost
    problems += verdict.check_exits(programs) + verdict.check_alarms(run.counters.totals())
    return problems, report(settings, run, disturbances, programs, seconds)


def check_results(settings, cluster, expected):
    export = verdict.sabotage(cluster.client("results", "export", SWEEP), settings.sabotage)
    artifacts = cluster.client("artifacts", "list", SWEEP)
    return (verdict.check_tasks(cluster.tasks(), settings.tasks) +
            verdict.compare_rows("results", verdict.rows(expected[0]), verdict.rows(export)) +
            verdict.compare_rows("artifacts", sorted((("line", line),) for line in expected[1].splitlines()),
                                 sorted((("line", line),) for line in artifacts.splitlines())))


def report(settings, run, disturbances, programs, seconds):
    exits = {}
    for program in programs:
        for code in program.ended_by_itself:
            kind = program.name.rstrip("0123456789")
            name = f"{'worker' if kind == 'w' else kind} ended by itself with {code}"
            exits[name] = exits.get(name, 0) + 1
    return {"seed": settings.seed, "store": settings.store, "standby": settings.standby, "tasks": settings.tasks,
            "workers": settings.workers, "layer_seconds": settings.layer_seconds,
            **{KINDS[kind]: disturbances.done.get(kind, 0) for kind in KINDS},
            "processes started": sum(program.starts for program in programs), **exits,
            **{name.replace("_", " "): count for name, count in run.counters.totals().items()},
            "results computed again": run.recomputed(), "operator retries": run.retries,
            "seconds": round(seconds, 1), "left out": settings.left_out}


def run_all(settings, folder):
    sweep_file = write_sweep(folder, settings.tasks, settings.dimensions)
    problems, summary = [], {"seed": settings.seed}
    try:
        expected = undisturbed(settings, folder / "undisturbed", sweep_file)
        problems, summary = disturbed(settings, folder / "disturbed", sweep_file, expected)
    except Stalled as error:
        problems.append(f"the undisturbed run: {error}")
    summary["problems"] = problems
    for name, value in summary.items():
        if name != "problems":
            print(f"{name:32} {value if value != [] else 'nothing'}")
    if settings.report is not None:
        settings.report.write_text(json.dumps(summary, indent=1) + "\n")
    return problems


def main(argv):
    settings = parse(argv)
    if settings.isolated:
        isolation.enter()
    folder = settings.work.resolve() if settings.work else pathlib.Path(tempfile.mkdtemp(prefix="chaos-"))
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)  # PostgreSQL's user reads there
    problems = run_all(settings, folder)
    wanted = settings.keep or (problems and settings.sabotage == "none")
    if not wanted:
        shutil.rmtree(folder, ignore_errors=True)
    if problems:
        print(f"chaos.py: seed {settings.seed}: the disturbed sweep differs"
              + (f"; logs are in {folder}" if wanted else ""), file=sys.stderr)
        print("\n".join(problems), file=sys.stderr)
        return 1
    print("the disturbed sweep came to the same results and artifacts as the undisturbed one")
    return 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1:]))
