#!/usr/bin/env python3
"""Measures whether one coordinator serves a thousand workers: bench/README.md.

Starts probesweepd, and PostgreSQL where that is the store, on loopback, submits sweeps of 100,000 tasks and lets a
thousand simulated workers do them, while their computing takes no processor. Prints one table; exits with 1 when a
bar is missed.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from servers import Coordinator, Fleet, Postgres  # noqa: E402

_SWEEPS = 4
_DIMENSIONS = 5
_WAIT_SECONDS = 180
_BARS_COMMITS = {"sqlite": 1000, "postgresql": 500}


def read_settings():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--store", choices=_BARS_COMMITS, default="sqlite")
    parser.add_argument("--workers", type=int, default=1000)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--rate", type=float,
                        help="commits a second while latencies are measured (default: the store's bar)")
    parser.add_argument("--rows", type=int, nargs=2, default=(16, 64), metavar=("LEAST", "MOST"),
                        help="result rows of a commit (default: 16 64)")
    parser.add_argument("--paced-seconds", type=float, default=30)
    parser.add_argument("--full-seconds", type=float, default=20)
    parser.add_argument("--build", type=pathlib.Path, help="default: build/release")
    parser.add_argument("--folder", type=pathlib.Path, help="where the store lies: a disk, not a tmpfs (default: /tmp)")
    parser.add_argument("--report", type=pathlib.Path, help="write all figures to this file, as JSON")
    parser.add_argument("--keep", action="store_true", help="leave the folder with its logs behind")
    settings = parser.parse_args()
    settings.build = settings.build or pathlib.Path(__file__).resolve().parents[2] / "build" / "release"
    settings.rate = settings.rate or _BARS_COMMITS[settings.store]
    return settings


def write_sweeps(folder, tasks):
    """Files of sweeps over checkpoints that are not there: nobody reads them."""
    files = []
    checkpoints = tasks // (_SWEEPS * _DIMENSIONS)
    for dimension in range(_DIMENSIONS):
        (folder / f"d{dimension}.csv").write_text("statement,label\n" + f"yes {dimension},1\nno {dimension},0\n" * 10)
    for sweep in range(_SWEEPS):
        lines = [f"name: scale{sweep}", "model: simulated", "checkpoints:",
                 f"  - {folder}/model{sweep}/step{{0..{checkpoints - 1}}}", "dimensions:"]
        for dimension in range(_DIMENSIONS):
            lines += [f"  - name: d{dimension}", f"    dataset: d{dimension}.csv"]
        lines.append("analysis: {protocols: [released], keep_probes: false, keep_steering_vectors: false}")
        file = folder / f"sweep{sweep}.yaml"
        file.write_text("\n".join(lines) + "\n")
        files.append(file)
    return files


class Run:
    """One run; `figures` holds what it found."""

    def __init__(self, settings, folder):
        self._settings = settings
        self._folder = folder
        self._postgres = Postgres(folder) if settings.store == "postgresql" else None
        self.coordinator = Coordinator(settings.build / "bin" / "probesweepd", folder,
                                       None if self._postgres is None else self._postgres.uri)
        self._fleet = None
        self.figures = {}

    def measure(self):
        self.coordinator.start()
        self._fleet = Fleet(self._settings.build / "bench" / "simulated_fleet", self._folder,
                            self.coordinator.address, self._settings)
        self._wait("all workers ask for work", lambda s: s["waiting"] == self._settings.workers)
        self._submit()
        self._measure_paced()
        self._measure_restart()
        self._measure_full()
        self._finish()
        self.coordinator.kill()
        self.figures["restart_at_the_end_seconds"] = self.coordinator.start()
        self._check_results()
        self.figures["peak_bytes"] = self.coordinator.peak_bytes
        self.figures["threads"] = self.coordinator.threads

    def end(self):
        if self._fleet is not None:
            self._fleet.end()
        self.coordinator.kill()
        if self._postgres is not None:
            self._postgres.end()

    def _submit(self):
        files = write_sweeps(self._folder, self._settings.tasks)
        began = time.monotonic()
        for file in files:
            self._client("sweep", "submit", file)
        self.figures["submit_seconds"] = time.monotonic() - began
        self._wait("all workers hold leases", lambda s: s["holding"] > 0.9 * self._settings.workers)
        self.figures["all_busy_seconds"] = time.monotonic() - began

    def _measure_paced(self):
        # All began their first pass at once: let them spread.
        time.sleep(3 * self._settings.workers * _DIMENSIONS / self._settings.rate)
        self.figures["paced"] = self._window(self._settings.paced_seconds)

    def _measure_restart(self):
        self.coordinator.kill()
        self._fleet.ask("mark")
        self.figures["restart_seconds"] = self.coordinator.start()
        self._fleet.ask("report")
        status = self._wait("every lease's fate is known", lambda s: s["kept"] + s["lost"] == s["marked"])
        self.figures["leases_at_restart"] = status["marked"]
        self.figures["leases_kept"] = status["kept"]

    def _measure_full(self):
        self._fleet.ask("rate 0")
        # Passes that began before end at their own pace.
        time.sleep(1.5 * self._settings.workers * _DIMENSIONS / self._settings.rate)
        self.figures["full"] = self._window(self._settings.full_seconds)

    def _window(self, seconds):
        """What happens within that time, or until the tasks become scarce."""
        self._fleet.ask("report")
        began = time.monotonic()
        coordinator, fleet = self.coordinator.processor_seconds(), self._fleet.processor_seconds()
        enough = self._settings.tasks - 2 * self._settings.workers * _DIMENSIONS
        while time.monotonic() - began < seconds and self._fleet.ask("status")["commits_ever"] < enough:
            time.sleep(0.2)
        coordinator = self.coordinator.processor_seconds() - coordinator
        fleet = self._fleet.processor_seconds() - fleet
        window = self._fleet.ask("report")
        count = window["commits"]["count"]
        if count == 0:
            raise SystemExit("scale.py: the tasks were done before anything was measured; give more with --tasks")
        return window | {"load": os.getloadavg()[0], "commits_per_second": count / window["seconds"],
                         "rows_per_commit": window["rows"] / count,
                         "coordinator_cores": coordinator / window["seconds"],
                         "fleet_cores": fleet / window["seconds"],
                         "coordinator_ms_per_commit": 1000 * coordinator / count}

    def _finish(self):
        status = self._wait("all tasks are done", lambda s: s["commits_ever"] >= self._settings.tasks - s["marked"])
        deadline = time.monotonic() + _WAIT_SECONDS
        while self._counts() != {"SWEEP_STATE_SUCCEEDED": _SWEEPS}:
            if time.monotonic() > deadline:
                raise SystemExit(f"scale.py: the sweeps do not end: {self._counts()}")
            time.sleep(0.5)
        self.figures["refused"] = status["refused"]

    def _counts(self):
        states = [sweep["state"] for sweep in json.loads(self._client("sweep", "list", "--json"))]
        return {state: states.count(state) for state in states}

    def _check_results(self):
        done = sum(int(sweep["tasks"]["done"]) for sweep in json.loads(self._client("sweep", "list", "--json")))
        self.figures["tasks_done"] = done

    def _wait(self, what, condition):
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            status = self._fleet.ask("status")
            if condition(status):
                return status
            if time.monotonic() > deadline:
                raise SystemExit(f"scale.py: waited in vain until {what}: {status}")
            time.sleep(0.02)

    def _client(self, *arguments):
        command = [self._settings.build / "bin" / "probesweep", "--coordinator", self.coordinator.address, *arguments]
        with open(self._folder / "client.log", "ab") as log:
            return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, stderr=log,
                                  text=True).stdout


def bars(figures, settings):
    """Name, what was measured, its limit, whether it holds."""
    def at_most(name, value, limit, unit):
        return name, f"{value:,.1f} {unit}", f"≤ {limit:,} {unit}", value <= limit

    def at_least(name, value, limit, unit):
        return name, f"{value:,.1f} {unit}", f"≥ {limit:,} {unit}", value >= limit

    paced, full = figures["paced"], figures["full"]
    kept = 100 * figures["leases_kept"] / max(figures["leases_at_restart"], 1)
    return [
        at_most(f"lease, p99, at {paced['commits_per_second']:,.0f} commits/s", paced["leases"]["p99_ms"], 100, "ms"),
        at_least("durable commits", full["commits_per_second"], _BARS_COMMITS[settings.store], "/s"),
        at_most("peak memory", figures["peak_bytes"] / 2**20, 1024, "MiB"),
        at_most("threads", figures["threads"], 64, ""),
        at_most("restart with live leases", figures["restart_seconds"], 5, "s"),
        at_most("restart, every task done", figures["restart_at_the_end_seconds"], 5, "s"),
        at_least("leases kept", kept, 99, "%"),
        at_least("tasks done", figures["tasks_done"], settings.tasks // (_SWEEPS * _DIMENSIONS) * _SWEEPS * _DIMENSIONS,
                 ""),
    ]


def print_window(name, window):
    print(f"{name}: {window['commits_per_second']:,.0f} commits/s of {window['rows_per_commit']:.0f} rows for "
          f"{window['seconds']:.0f} s, load {window['load']:.1f}")
    for call in ("leases", "commits", "heartbeats"):
        figure = window[call]
        if figure["count"]:
            print(f"  {call}: {figure['count']:,}, p50 {figure['p50_ms']:.1f}, p99 {figure['p99_ms']:.1f}, "
                  f"longest {figure['max_ms']:.1f} ms")
    print(f"  processor: coordinator {window['coordinator_cores']:.2f} cores, "
          f"{window['coordinator_ms_per_commit']:.2f} ms a commit; workers {window['fleet_cores']:.2f} cores")
    if window["errors"]:
        print(f"  errors: {window['errors']}")


def main():
    settings = read_settings()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="probesweep-scale-", dir=settings.folder))
    run = Run(settings, folder)
    try:
        run.measure()
    finally:
        run.end()
        if settings.keep:
            print(f"logs in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    figures = run.figures
    if settings.report is not None:
        settings.report.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"{settings.workers:,} workers, {settings.tasks:,} tasks, {settings.store}; submitted in "
          f"{figures['submit_seconds']:.1f} s, all workers busy after {figures['all_busy_seconds']:.1f} s")
    print_window("paced", figures["paced"])
    print_window("as fast as they can", figures["full"])
    print(f"leases at the restart: {figures['leases_at_restart']}, kept {figures['leases_kept']}; commits refused "
          f"as stale: {figures['refused']}\n")
    found = bars(figures, settings)
    for name, value, limit, holds in found:
        print(f"{name:36} {value:>16} {limit:>16}  {'PASS' if holds else 'MISS'}")
    return 0 if all(holds for *_, holds in found) else 1


if __name__ == "__main__":
    sys.exit(main())
