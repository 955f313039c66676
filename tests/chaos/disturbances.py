"""Carries out the events of a schedule, and what ends them."""

import heapq
import random

from cluster import LEASE_SECONDS

# Pauses, partitions: longer than a lease, with the slack of a busy machine.
_PAST_THE_LEASE = (LEASE_SECONDS + 1, LEASE_SECONDS + 3)
# Another coordinator leads by then: it waits for 10 s.
_PAST_THE_LEAD = (12, 15)
_RESTART = (0.05, 0.5)
_POSTGRES_RESTART = (0.1, 1.5)
_LOSS = (2.0, 8.0)
_LOSS_PERCENT = (2, 20)
_DISK_FULL = (1.0, 3.0)
# Back by hours, forward by a little: libfaketime shifts the clock that a program reads, but not the one by which the
# kernel wakes it, so that with a clock set forward every wait would take so much longer.
_CLOCK_OFFSETS = (-3 * 3600, 2)
# libfaketime looks for another one each second.
_CLOCK_STANDS = 3
# Of the workers killed, the share whose machine never comes back: another one takes the place.
_LOST_MACHINES = 0.25


class Disturbances:
    """`network` and `disk`: None where they are not isolated (isolation.py)."""

    def __init__(self, cluster, events, network, disk):
        self._cluster = cluster
        self._network = network
        self._disk = disk
        self._waiting = list(events)
        self._due = []  # heap of (time, order, event)
        self._ends = []  # heap of (time, order, what to call)
        self._ended = 0
        self._clock_stands_until = 0
        self._clock_is_ahead = True
        self.done = {}  # how often, by kind

    @property
    def left(self):
        return len(self._waiting) + len(self._due)

    def step(self, now, tasks_done):
        while self._ends and self._ends[0][0] <= now:
            heapq.heappop(self._ends)[2]()
        while self._waiting and self._waiting[0].at <= tasks_done:
            event = self._waiting.pop(0)
            heapq.heappush(self._due, (now + event.delay, event.order, event))
        again = []
        while self._due and self._due[0][0] <= now:
            entry = heapq.heappop(self._due)
            event = entry[2]
            if getattr(self, "_" + event.kind)(random.Random(event.seed), now):
                self.done[event.kind] = self.done.get(event.kind, 0) + 1
            else:  # nobody is there to be hit
                again.append(entry)
        for entry in again:
            heapq.heappush(self._due, entry)

    def end_all(self):
        """Ends what is still going on, early."""
        for _, _, call in sorted(self._ends, key=lambda end: end[:2]):
            call()
        self._ends = []

    def _later(self, when, call):
        self._ended += 1
        heapq.heappush(self._ends, (when, self._ended, call))

    @staticmethod
    def _pick(generator, programs):
        candidates = [program for program in programs if program.alive]
        return generator.choice(candidates) if candidates else None

    def _kill_worker(self, generator, now):
        worker = self._pick(generator, self._cluster.workers)
        if worker is None:
            return False
        worker.kill(now + generator.uniform(*_RESTART))
        if generator.random() < _LOST_MACHINES:
            workers = self._cluster.workers
            self._cluster.lost.append(worker)
            workers[workers.index(worker)] = self._cluster.new_worker()
        return True

    def _kill_coordinator(self, generator, now):
        coordinator = self._pick(generator, self._cluster.coordinators)
        if coordinator is None:
            return False
        coordinator.kill(now + generator.uniform(*_RESTART))
        return True

    def _pause_worker(self, generator, now):
        return self._pause(self._pick(generator, self._cluster.workers), now + generator.uniform(*_PAST_THE_LEASE))

    def _pause_coordinator(self, generator, now):
        """The one that leads."""
        length = generator.uniform(*(_PAST_THE_LEAD if len(self._cluster.coordinators) > 1 else _PAST_THE_LEASE))
        return self._pause(self._cluster.leader, now + length)

    @staticmethod
    def _pause(program, resume_at):
        if program is None or program.paused or not program.alive:
            return False
        program.pause(resume_at)
        return True

    def _crash_postgres(self, generator, now):
        return self._cluster.postgres.crash(now + generator.uniform(*_POSTGRES_RESTART))

    def _fill_disk(self, generator, now):
        self._disk.fill()
        self._later(now + generator.uniform(*_DISK_FULL), self._disk.free)
        return True

    def _cut_off_workers(self, generator, now):
        workers = generator.sample(self._cluster.workers, max(1, len(self._cluster.workers) // 2))
        mend = self._network.cut_off([worker.address for worker in workers])
        self._later(now + generator.uniform(*_PAST_THE_LEASE), mend)
        return True

    def _lose_packets(self, generator, now):
        mend = self._network.lose(generator.randint(*_LOSS_PERCENT))
        self._later(now + generator.uniform(*_LOSS), mend)
        return True

    def _jump_clock(self, generator, now):
        if now < self._clock_stands_until:
            return False
        self._clock_stands_until = now + _CLOCK_STANDS
        self._clock_is_ahead = not self._clock_is_ahead
        back, ahead = _CLOCK_OFFSETS
        self._cluster.set_clock(ahead if self._clock_is_ahead else generator.randint(back, -1))
        return True
