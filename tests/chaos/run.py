"""One sweep from its submission to its last task, disturbed or not."""

import dataclasses
import re
import time

from cluster import SWEEP

_TICK = 0.05
_DONE = 'probesweep_tasks{state="done"}'
_QUARANTINED = 'probesweep_tasks{state="quarantined"}'
_LEADS = "probesweep_leadership_epoch"
# Metrics that start at 0 with each coordinator.
_COUNTED = {"leases_lost": "probesweep_leases_lost_total", "stale_commits_refused": "probesweep_stale_commits_total",
            "nondeterminism_alarms": "probesweep_nondeterminism_total",
            "digest_conflicts": "probesweep_checkpoint_digest_conflicts_total"}
_COMPUTED = re.compile(r"fake engine: computed ")


class Stalled(Exception):
    """No task ended for too long."""


class Counters:
    """Sums of the coordinators' counters over all their lives. What one counted after it was last asked, and
    before it was killed, is not seen."""

    def __init__(self):
        self._now = {}  # by coordinator and start

    def see(self, coordinator, metrics):
        self._now[coordinator.name, coordinator.starts] = {
            name: int(metrics.get(metric, 0)) for name, metric in _COUNTED.items()}

    def totals(self):
        return {name: sum(life[name] for life in self._now.values()) for name in _COUNTED}


@dataclasses.dataclass
class Progress:
    done: int = 0
    quarantined: int = 0


class SweepRun:
    def __init__(self, cluster, sweep_file, tasks, patience, retries=True):
        self._cluster = cluster
        self._sweep_file = sweep_file
        self._tasks = tasks
        self._patience = patience
        self._retries_allowed = retries
        self._client = None
        self._next_retry = 0.0
        self.counters = Counters()
        self.progress = Progress()
        self.retries = 0

    def submit(self):
        """Waits until a coordinator serves; nothing goes wrong yet."""
        submit = None
        give_up = time.monotonic() + self._patience
        while submit is None or submit.returncode != 0:
            self._cluster.supervise(time.monotonic())
            if time.monotonic() > give_up:
                raise Stalled("the sweep could not be submitted")
            if submit is None or submit.poll() not in (None, 0):
                submit = self._cluster.start_client("sweep", "submit", self._sweep_file)
            time.sleep(_TICK)
            submit.poll()

    def finish(self, disturbances=None):
        """Until every task is done; raises Stalled when none ends for too long."""
        changed = time.monotonic()
        while self.progress.done < self._tasks:
            now = time.monotonic()
            self._cluster.supervise(now)
            before = dataclasses.replace(self.progress)
            self._look()
            if self.progress != before:
                changed = now
            if disturbances is not None:
                disturbances.step(now, self.progress.done)
            self._retry_when_needed(now)
            if now - changed > self._patience:
                raise Stalled(f"no task ended for {self._patience} s; {self.progress.done} of {self._tasks} are done, "
                              f"{self.progress.quarantined} failed")
            time.sleep(_TICK)

    def settle(self):
        """Until nothing is paused or down and the last command has ended."""
        programs = self._cluster.coordinators + self._cluster.workers
        give_up = time.monotonic() + self._patience
        while any(program.paused or not program.alive for program in programs) or self._client_runs():
            if time.monotonic() > give_up:
                raise Stalled("not all programs are running when the sweep has ended")
            self._cluster.supervise(time.monotonic())
            time.sleep(_TICK)

    def recomputed(self):
        """Results that were computed beyond one a task."""
        logs = self._cluster.logs.glob("w*.log")
        computed = sum(len(_COMPUTED.findall(log.read_text(errors="replace"))) for log in logs)
        return computed - self.progress.done

    def _look(self):
        """Asks the coordinator that leads."""
        best = None
        for index, coordinator in enumerate(self._cluster.coordinators):
            if not coordinator.alive or coordinator.paused:
                continue
            metrics = self._cluster.metrics(index)
            if metrics is None:
                continue
            self.counters.see(coordinator, metrics)
            if best is None or metrics.get(_LEADS, 0) > best.get(_LEADS, 0):
                best = metrics
                self._cluster.leader = coordinator
        # One that stands by, or is not done starting, knows of no task; and a task that is done stays so.
        if best is not None and best.get(_LEADS, 0) > 0:
            self.progress = Progress(max(self.progress.done, int(best.get(_DONE, 0))),
                                     int(best.get(_QUARANTINED, 0)))

    def _client_runs(self):
        if self._client is None or self._client.poll() is None:
            return self._client is not None
        self.retries += 1 if self._client.returncode == 0 else 0
        self._client = None
        return False

    def _retry_when_needed(self, now):
        """As an operator would: a task that lost its workers too often goes back to the queue."""
        if self._client_runs():
            return
        if self.progress.quarantined > 0 and self._retries_allowed and now >= self._next_retry:
            self._client = self._cluster.start_client("sweep", "retry", SWEEP)
            self._next_retry = now + 2
