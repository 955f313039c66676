"""Coordinators, workers and the client as processes on loopback, over a folder of their own."""

import json
import random
import re
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from processes import Supervised, die_with_parent, environment_for

SWEEP = "chaos"
# As short as the coordinator allows, so that a killed worker's tasks are soon given to another.
LEASE_SECONDS = 6
_METRICS_TIMEOUT = 0.5
_PORTS = (15_000, 32_000)
_CLIENT_TIMEOUT = 300
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
_METRIC = re.compile(r"^(\w+(?:\{[^}]*\})?) (\S+)$", re.MULTILINE)


def free_ports(count):
    """Below those that the kernel gives to connections: one of these might take a killed coordinator's port."""
    ports = []
    while len(ports) < count:
        port = random.SystemRandom().randrange(*_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports


def write_sweep(folder, tasks, dimensions):
    """A sweep of that many tasks over checkpoints that hold nothing. Returns its file."""
    checkpoints = tasks // dimensions
    for step in range(checkpoints):
        (folder / "checkpoints" / f"step{step}").mkdir(parents=True)
    lines = [f"name: {SWEEP}", "model: fake", "checkpoints:",
             f"  - checkpoints/step{{0..{checkpoints - 1}}}", "dimensions:"]
    for dimension in range(dimensions):
        (folder / f"d{dimension}.csv").write_text("statement,label\n" + f"yes {dimension},1\nno {dimension},0\n" * 10)
        lines += [f"  - name: d{dimension}", f"    dataset: d{dimension}.csv"]
    file = folder / "sweep.yaml"
    file.write_text("\n".join(lines + ["analysis: {protocols: [released]}", ""]))
    return file


class Cluster:
    """`settings`: see chaos.py. `data`: the coordinator's folder; `postgres`: None for SQLite."""

    def __init__(self, settings, folder, data, postgres=None, layer_seconds=0.0):
        self._settings = settings
        self._folder = folder
        self._layer_seconds = layer_seconds
        self._worker_names = 0
        self.leader = None  # the coordinator that led when it was last seen
        self.lost = []  # workers whose machine never came back
        self.postgres = postgres
        self.clock_file = folder / "clock"
        self.logs = folder / "logs"
        for each in (self.logs, folder / "spool", data):
            each.mkdir(parents=True, exist_ok=True)
        count = 2 if postgres is not None and settings.standby else 1
        ports = free_ports(2 * count)
        self._grpc_ports, self._http_ports = ports[:count], ports[count:]
        self.coordinators = [self._coordinator(i, data) for i in range(count)]
        self.workers = [self.new_worker() for _ in range(settings.workers)]

    def _coordinator(self, index, data):
        # Each worker reaches it at an address of its own, so that one of them can be cut off.
        host = "0.0.0.0" if self._settings.isolated else "127.0.0.1"
        argv = [self._settings.bin / "probesweepd", "--data", data, "--listen", f"{host}:{self._grpc_ports[index]}",
                "--http", f"127.0.0.1:{self._http_ports[index]}", "--lease-ttl", f"{LEASE_SECONDS}s",
                "--heartbeat", "1s"]
        if self._settings.isolated:
            argv.append("--insecure")
        if self.postgres is not None:
            argv += ["--store", self.postgres.uri]
        extra = {}
        if self._settings.clock_jumps:
            self.set_clock(0)
            extra = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(self.clock_file),
                     "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
        name = f"coordinator{index}"
        return Supervised(name, argv, environment_for(self._folder, extra), self.logs / f"{name}.log")

    def set_clock(self, offset_seconds):
        """The coordinators' wall clocks are off by so much, from now on."""
        new = self.clock_file.with_suffix(".new")
        new.write_text(f"{offset_seconds:+d}")
        new.rename(self.clock_file)

    def worker_address(self, number):
        return f"127.0.1.{1 + number % 250}" if self._settings.isolated else "127.0.0.1"

    def new_worker(self):
        """One that was never there before, to be supervised."""
        number = self._worker_names
        self._worker_names += 1
        name = f"w{number}"
        addresses = ",".join(f"{self.worker_address(number)}:{port}" for port in self._grpc_ports)
        argv = [self._settings.fake_worker, "--coordinator", addresses, "--id", name,
                "--spool", self._folder / "spool" / name, "--layer-seconds", self._layer_seconds,
                "--failing-share", self._settings.failing_share if self._layer_seconds else 0]
        if self._layer_seconds and self._settings.sabotage == "wrong-answer":
            argv += ["--wrong-checkpoint", "step1"]
        worker = Supervised(name, argv, environment_for(self._folder), self.logs / f"{name}.log")
        worker.address = self.worker_address(number)
        return worker

    def supervise(self, now):
        if self.postgres is not None:
            self.postgres.supervise(now)
        for program in self.coordinators + self.workers:
            program.supervise(now)

    def end(self):
        for program in self.workers + self.coordinators:
            program.end()

    def client_command(self, *arguments):
        addresses = ",".join(f"127.0.0.1:{port}" for port in self._grpc_ports)
        return [str(self._settings.bin / "probesweep"), "--coordinator", addresses, *map(str, arguments)]

    def start_client(self, *arguments, out=None):
        """The client beside everything else; what it writes goes to a log."""
        with open(self.logs / "client.log", "ab") as log:
            return subprocess.Popen(self.client_command(*arguments), env=environment_for(self._folder),
                                    stdin=subprocess.DEVNULL, stdout=out or log, stderr=log,
                                    preexec_fn=die_with_parent)

    def client(self, *arguments):
        """Standard output of a command that must succeed."""
        with tempfile.TemporaryFile("w+") as out:
            client = self.start_client(*arguments, out=out)
            give_up = time.monotonic() + _CLIENT_TIMEOUT
            while client.poll() is None and time.monotonic() < give_up:
                self.supervise(time.monotonic())
                time.sleep(0.02)
            if client.returncode != 0:
                client.kill()
                raise RuntimeError(f"probesweep {' '.join(map(str, arguments))} ended with {client.returncode}; "
                                   f"see {self.logs}/client.log")
            out.seek(0)
            return out.read()

    def tasks(self):
        return json.loads(self.client("sweep", "get", SWEEP, "--tasks", "--json"))

    def metrics(self, index):
        """Of one coordinator, by name with labels; None when it does not answer."""
        url = f"http://127.0.0.1:{self._http_ports[index]}/metrics"
        try:
            with urllib.request.urlopen(url, timeout=_METRICS_TIMEOUT) as answer:
                text = answer.read().decode()
        except (OSError, urllib.error.URLError):
            return None
        return {name: float(value) for name, value in _METRIC.findall(text)}
