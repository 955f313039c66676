#!/usr/bin/env python3
"""Takes each guard out of the coordinator in turn and looks whether the simulation notices.

    tests/simulation/mutants.py --worlds 400 > table.md

Works in a copy of the tree, in a folder of its own, with a build of its own (ccache makes it short). For every guard: how
many worlds it takes until one has a violation, and the first of them. Exit code 1 when a mutant survives. The table is
that of docs/simulation.md.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Name, what happens without it, and the edits that take it out: file, what stands there, what takes its place.
EDITS_OF_UNIQUENESS = [
    ("server/store/sql_outcomes.cc", "if (existing.count(key) != 0 || !written", "if (!written"),
    ("server/store/sql_outcomes.cc", '"INSERT INTO result_sets', '"INSERT OR REPLACE INTO result_sets'),
    ("server/store/sql_rows.cc", '"INSERT INTO outcomes', '"INSERT OR REPLACE INTO outcomes'),
]
MUTANTS = [
    ("claim check", "a commit is accepted whatever its lease, epoch and incarnation",
     [("server/service/core_workers.cc",
       "if (same) return absl::OkStatus();\n  return absl::AbortedError",
       "repeated = task.state == TaskState::kDone;\n  if (true) return absl::OkStatus();\n  return absl::AbortedError")]),
    ("claim check and state machine", "the same, and the state machine takes it from any state",
     [("server/service/core_workers.cc",
       "if (same) return absl::OkStatus();\n  return absl::AbortedError",
       "repeated = task.state == TaskState::kDone;\n  if (true) return absl::OkStatus();\n  return absl::AbortedError"),
      ("server/domain/task.cc",
       "if (!IsHeldUnder(task, e.lease_id)) return false;",
       "")]),
    ("repeated commits", "a commit that comes again is taken for a new one",
     [("server/service/core_workers.cc",
       "repeated = same && task.state != TaskState::kLeased;",
       "repeated = false;")]),
    ("uniqueness of results", "a later result takes the place of the first", EDITS_OF_UNIQUENESS),
    ("terminal states", "what is done can be cancelled",
     [("server/domain/task.cc",
       "bool operator()(const event::Cancelled&) const {\n    if (IsTerminal(task.state)) return false;",
       "bool operator()(const event::Cancelled&) const {"),
      ("server/service/core_sweeps.cc",
       "if (!IsTerminal(task.state)) Must(",
       "Must(")]),
    ("leadership", "a transaction does not ask whether its coordinator still leads",
     [("server/store/sql_store.cc",
       "PS_RETURN_IF_ERROR(HoldLeadership(writer, leadership_->epoch()));",
       "(void)HoldLeadership(writer, leadership_->epoch());")]),
    ("stored before answered", "requests are answered although the store refused",
     [("server/service/core.cc",
       "for (auto& reply : replies) reply(stored);",
       "for (auto& reply : replies) reply(absl::OkStatus());")]),
    ("memory follows the store", "changes that the store refused stay in memory",
     [("server/service/core.cc",
       "    stored = broken_;\n    RecoverStore();",
       "    stored = broken_;\n    broken_ = absl::OkStatus();")]),
    ("ends of leases", "a lease ends neither by its time nor for want of progress",
     [("server/scheduling/lease_policy.cc",
       "if (now >= lease.expires)",
       "if (false && now >= lease.expires)"),
      ("server/scheduling/lease_policy.cc",
       "if (now >= lease.last_progress",
       "if (false && now >= lease.last_progress")]),
    ("leases after a restart", "a restarted coordinator forgets who holds what",
     [("server/service/core.cc",
       "fleet_.Reset(std::move(workers), LeasesOf(state_));",
       "fleet_.Reset(std::move(workers), std::vector<probesweep::server::Lease>(0 * LeasesOf(state_).size()));")]),
    ("request ids", "a request that comes twice makes two sweeps",
     [("server/service/core_sweeps.cc",
       "if (const SweepEntry* known = state_.FindRequest(request_id); known != nullptr) {",
       "if (const SweepEntry* known = nullptr; known != nullptr) {")]),
    ("spool replay", "a restarted worker does not send what its spool holds",
     [("tests/simulation/worker_process.cc",
       "if (spool_.empty()) return Register();",
       "spool_.clear();\n  if (spool_.empty()) return Register();")]),
]


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def build(folder):
    result = run(["cmake", "--build", str(folder / "build/release"), "--target", "simulate"])
    return None if result.returncode == 0 else result.stdout[-3000:]


def simulate(folder, worlds, store):
    result = run([str(folder / "build/release/tests/simulate"), "--count", str(worlds), "--folder", store,
                  "--stop-at-violation"])
    lines = [line.strip() for line in result.stdout.splitlines()]
    seed = next((re.match(r"seed (\S+):", line).group(1) for line in lines if line.startswith("seed ")), None)
    what = next((lines[i + 1] for i, line in enumerate(lines) if line.startswith("seed ")), None)
    return seed, re.sub(r"(sw|ls)-[0-9a-f]+(-\d+)?", r"\1-…", what or "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=400)
    parser.add_argument("--only", nargs="*", help="of these names")
    parser.add_argument("--store", default="/dev/shm/probesweep-mutants", help="folder for the worlds' store, in memory: "
                        "it is written at every step; emptied")
    options = parser.parse_args()
    survivors = []
    with tempfile.TemporaryDirectory() as parent:
        folder = pathlib.Path(parent) / "tree"
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns("build", ".git", "demo-output"))
        configured = run(["cmake", "--preset", "release"], cwd=folder)
        problem = configured.stdout if configured.returncode else build(folder)
        if problem:
            sys.exit(problem)
        store = options.store
        seed, what = simulate(folder, options.worlds, store)
        if seed is not None:
            sys.exit(f"without any mutation, seed {seed}: {what}")
        print("| guard | without it | caught in world | by |\n|---|---|---|---|")
        for name, loss, edits in MUTANTS:
            if options.only and name not in options.only:
                continue
            originals = {path: (folder / path).read_text() for path, _, _ in edits}
            for path, old, new in edits:
                text = (folder / path).read_text()
                if old not in text:
                    sys.exit(f"{name}: {path} does not hold what this script takes out; mend the script")
                (folder / path).write_text(text.replace(old, new))
            problem = build(folder)
            if problem:
                sys.exit(f"{name}: {problem}")
            seed, what = simulate(folder, options.worlds, store)
            for path, text in originals.items():
                (folder / path).write_text(text)
            print(f"| {name} | {loss} | {seed or 'none'} | {what} |", flush=True)
            if seed is None:
                survivors.append(name)
    if survivors:
        sys.exit("not noticed: " + ", ".join(survivors))


if __name__ == "__main__":
    main()
