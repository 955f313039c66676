"""What the benchmark runs against: a coordinator, PostgreSQL, and the fleet, as processes on loopback."""

import ctypes
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_PATIENCE = 60
_LOOK_SECONDS = 0.01
_POSTGRES_USER = "postgres"
_TICKS = os.sysconf("SC_CLK_TCK")


def _die_with_parent():
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _environment(folder):
    """This one's, less what would configure our programs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PROBESWEEP_")}
    return environment | {"XDG_CONFIG_HOME": str(folder / "no-configuration")}


def _start(argv, folder, log, **more):
    with open(folder / log, "ab") as out:
        return subprocess.Popen([str(argument) for argument in argv], env=_environment(folder), stderr=out,
                                preexec_fn=_die_with_parent, **({"stdin": subprocess.DEVNULL, "stdout": out} | more))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processor_seconds(pid):
    """User and system time of a process and of all its threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


class Coordinator:
    """probesweepd over a data folder; killed and started again at one address."""

    def __init__(self, program, folder, store):
        self._folder = folder
        self._ready_file = folder / "ready.json"
        self.address = f"127.0.0.1:{free_port()}"
        self._http = f"127.0.0.1:{free_port()}"
        self._argv = [program, "--data", folder / "data", "--listen", self.address, "--http", self._http,
                      "--ready-file", self._ready_file, "--log-level", "warn", "--audit-log", folder / "audit.jsonl"]
        if store is not None:
            self._argv += ["--store", store]
        self._process = None
        self._watcher = None
        self.peak_bytes = 0  # of all its processes
        self.threads = 0

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        """Returns the seconds until it served."""
        began = time.monotonic()
        self._ready_file.unlink(missing_ok=True)
        self._process = _start(self._argv, self._folder, "coordinator.log")
        while not self._serves():
            if self._process.poll() is not None or time.monotonic() - began > _PATIENCE:
                raise SystemExit(f"the coordinator does not start; see {self._folder}/coordinator.log")
            time.sleep(_LOOK_SECONDS)
        served = time.monotonic() - began
        self._watcher = threading.Thread(target=self._watch, args=(self._process,), daemon=True)
        self._watcher.start()
        return served

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._watcher is not None:
            self._watcher.join()

    def processor_seconds(self):
        return processor_seconds(self.pid)

    def _serves(self):
        if not self._ready_file.exists():
            return False
        try:
            with urllib.request.urlopen(f"http://{self._http}/readyz", timeout=_PATIENCE) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def _watch(self, process):
        while process.poll() is None:
            try:
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            except OSError:
                return
            fields = dict(line.split(":", 1) for line in status.splitlines())
            if "VmHWM" in fields:  # a process that has ended has none
                self.peak_bytes = max(self.peak_bytes, int(fields["VmHWM"].split()[0]) * 1024)
                self.threads = max(self.threads, int(fields["Threads"]))
            time.sleep(0.1)


class Postgres:
    """A PostgreSQL server as Debian's package sets one up, over a folder of its own and a Unix socket; as the user
    `postgres` when root runs this, since PostgreSQL refuses root."""

    def __init__(self, folder):
        programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
        if not programs:
            raise SystemExit("--store postgresql needs the package postgresql-15")
        self._programs = programs[-1]
        self._folder = folder / "postgres"
        self._folder.mkdir()
        if os.geteuid() == 0:
            folder.chmod(0o755)
            user = pwd.getpwnam(_POSTGRES_USER)
            os.chown(self._folder, user.pw_uid, user.pw_gid)
        subprocess.run(self._command("initdb", "--pgdata", self._folder / "data", "--username", _POSTGRES_USER,
                                     "--auth", "trust", "--encoding", "UTF8", "--locale", "C"),
                       check=True, stdout=subprocess.DEVNULL)
        self._process = _start(self._command("postgres", "-D", self._folder / "data", "-k", self._folder, "-c",
                                             "listen_addresses="), folder, "postgres.log")
        began = time.monotonic()
        ready = self._command("pg_isready", "--quiet", "--host", self._folder)
        while subprocess.run(ready, check=False).returncode != 0:
            if time.monotonic() - began > _PATIENCE:
                raise SystemExit(f"PostgreSQL does not start; see {folder}/postgres.log")
            time.sleep(0.1)
        subprocess.run(self._command("createdb", "--host", self._folder, "--username", _POSTGRES_USER, "scale"),
                       check=True)
        self.uri = f"postgresql:///scale?user={_POSTGRES_USER}&host={self._folder}"

    def end(self):
        self._process.send_signal(signal.SIGINT)
        self._process.wait()

    def _command(self, program, *arguments):
        command = [str(self._programs / program), *map(str, arguments)]
        if os.geteuid() != 0:
            return command
        # Changing the user takes away that the program dies with this script: setpriv gives it back.
        return [shutil.which("setpriv"), f"--reuid={_POSTGRES_USER}", f"--regid={_POSTGRES_USER}", "--init-groups",
                "--pdeathsig=KILL", *command]


class Fleet:
    """simulated_fleet, which answers each command with a line of JSON."""

    def __init__(self, program, folder, address, settings):
        self._process = _start([program, "--coordinator", address, "--workers", settings.workers,
                                "--least-rows", settings.rows[0], "--most-rows", settings.rows[1],
                                "--rate", settings.rate],
                               folder, "fleet.log", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, command):
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the fleet ended; see fleet.log")
        return json.loads(line)

    def processor_seconds(self):
        return processor_seconds(self._process.pid)

    def end(self):
        self._process.kill()
        self._process.wait()
