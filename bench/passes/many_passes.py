#!/usr/bin/env python3
"""What the service costs beside the computing: many tiny passes by the engine alone and through the service.

    many_passes.py [--bin DIR] [--pass-stages PROGRAM] [--passes N]

Every pass probes the demo's last checkpoint, under another name each time, for one of the demo's datasets, by
protocol `released`, on one core. The engine alone (pass_stages), then coordinator and one worker, then coordinator
and two workers, all in this run, each on the same passes.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
from servers import Coordinator, processor_seconds  # noqa: E402

DEMO = ROOT / "deploy" / "demo"
DATASET = DEMO / "data" / "reliability.csv"
MOST_OUTSIDE = 0.05
LEAST_SCALING = 1.8

SWEEP = """\
name: {name}
model: tiny
checkpoints:
  - {folder}/step{{0..{last}}}
dimensions:
  - name: reliability
    dataset: {dataset}
analysis:
  protocols: [released]
"""


def make_checkpoints(folder, count):
    source = max((DEMO / "checkpoints").glob("step*"), key=lambda path: int(path.name[4:]))
    folder.mkdir()
    for step in range(count):
        (folder / f"step{step}").symlink_to(source)


def engine_seconds(program, folder, count):
    """Wall seconds of all passes in one process."""
    checkpoints = [folder / f"step{step}" for step in range(count)]
    command = [program, "--threads", "1", "--protocols", "released", "--datasets", DATASET,
               "--checkpoints", *checkpoints]
    run = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True)
    return float(re.search(r"^all passes +(.*)$", run.stdout, re.MULTILINE).group(1).split()[4])


def service_seconds(programs, work, checkpoints, count, workers):
    """Wall seconds from the submission to the last task's end, and processor seconds of the coordinator."""
    folder = work / f"{workers}-workers"
    folder.mkdir()
    sweep = folder / "sweep.yaml"
    sweep.write_text(SWEEP.format(name=f"w{workers}", folder=checkpoints, last=count - 1, dataset=DATASET))
    coordinator = Coordinator(programs / "probesweepd", folder, None)
    coordinator.start()
    client = [programs / "probesweep", "--coordinator", coordinator.address]
    started = []
    try:
        for number in range(workers):
            command = [programs / "probesweep-worker", "--coordinator", coordinator.address, "--threads", "1",
                       "--id", f"w{number}", "--spool", folder / f"spool{number}", "--log-level", "warn"]
            started.append(subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL))
        listed = ""
        while listed.count("idle") < workers:
            time.sleep(0.1)
            listed = subprocess.run(list(map(str, [*client, "worker", "list"])), check=True, text=True,
                                    stdout=subprocess.PIPE).stdout
        processor = processor_seconds(coordinator.pid)
        began = time.monotonic()
        subprocess.run(list(map(str, [*client, "sweep", "submit", sweep, "--watch"])), check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.monotonic() - began, processor_seconds(coordinator.pid) - processor
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()
        coordinator.kill()


def verdict(holds):
    return "PASS" if holds else "MISS"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    build = ROOT / "build" / "release"
    parser.add_argument("--bin", type=pathlib.Path, default=build / "bin")
    parser.add_argument("--pass-stages", type=pathlib.Path, default=build / "bench" / "pass_stages")
    parser.add_argument("--passes", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="probesweep-passes-") as name:
        work = pathlib.Path(name)
        make_checkpoints(work / "checkpoints", options.passes)
        engine = engine_seconds(options.pass_stages, work / "checkpoints", options.passes)
        one, coordinator = service_seconds(options.bin, work, work / "checkpoints", options.passes, 1)
        two, _ = service_seconds(options.bin, work, work / "checkpoints", options.passes, 2)
    outside = 1 - engine / one
    print(f"{options.passes} passes, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"engine alone          {engine:8.1f} s  ({1000 * engine / options.passes:.1f} ms a pass)")
    print(f"service, one worker   {one:8.1f} s  (coordinator {coordinator:.1f} processor seconds)")
    print(f"service, two workers  {two:8.1f} s")
    fits, scales = verdict(outside < MOST_OUTSIDE), verdict(one / two >= LEAST_SCALING)
    print(f"outside the engine    {100 * outside:8.1f} %  bar {100 * MOST_OUTSIDE:.0f} %: {fits}")
    print(f"two workers to one    {one / two:8.2f}    bar {LEAST_SCALING}: {scales}")


if __name__ == "__main__":
    main()
