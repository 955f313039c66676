"""A PostgreSQL server over a folder of its own, that can be made to crash."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time

from processes import die_with_parent

_USER = "postgres"
_STARTUP_SECONDS = 60


def program_folder():
    """Debian keeps the programs of each version in a folder that is not in PATH; None without PostgreSQL."""
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders else None


class Postgres:
    """As the user `postgres` when root runs this, since PostgreSQL refuses root."""

    def __init__(self, folder):
        self._programs = program_folder()
        if self._programs is None:
            raise SystemExit("chaos.py: --store postgresql needs the package postgresql-15")
        self._folder = folder
        self._process = None
        self._start_at = None
        folder.mkdir(parents=True)
        if os.geteuid() == 0:
            user = pwd.getpwnam(_USER)
            os.chown(folder, user.pw_uid, user.pw_gid)
        subprocess.run(self._command("initdb", "--pgdata", folder / "data", "--username", _USER, "--auth", "trust",
                                     "--encoding", "UTF8", "--locale", "C", "--no-sync"),
                       check=True, stdout=subprocess.DEVNULL)
        self.start()
        self._wait()
        subprocess.run(self._command("createdb", "--host", folder, "--username", _USER, "chaos"), check=True)

    @property
    def uri(self):
        return f"postgresql:///chaos?user={_USER}&host={self._folder}"

    def start(self):
        # Killed processes lose nothing without fsync; only machines do.
        with open(self._folder.parent / "postgres.log", "ab") as log:
            self._process = subprocess.Popen(
                self._command("postgres", "-D", self._folder / "data", "-k", self._folder, "-c", "listen_addresses=",
                              "-c", "fsync=off"), stdout=log, stderr=log, preexec_fn=die_with_parent)
        self._start_at = None

    def crash(self, restart_at):
        """What `pg_ctl stop -m immediate` does: every process of it dies at once; started at `restart_at`.
        False when it is down already."""
        if self._start_at is not None:
            return False
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()
        self._start_at = restart_at
        return True

    def supervise(self, now):
        if self._start_at is not None and now >= self._start_at:
            self.start()

    def end(self):
        if self._start_at is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()

    def _wait(self):
        give_up = time.monotonic() + _STARTUP_SECONDS
        ready = self._command("pg_isready", "--quiet", "--host", self._folder)
        while subprocess.run(ready, check=False).returncode != 0:
            if time.monotonic() > give_up:
                raise SystemExit(f"chaos.py: PostgreSQL does not start; see {self._folder.parent}/postgres.log")
            time.sleep(0.1)

    def _command(self, program, *arguments):
        command = [str(self._programs / program), *map(str, arguments)]
        if os.geteuid() != 0:
            return command
        # Changing the user takes away that the program dies with this script: setpriv gives it back.
        return [shutil.which("setpriv"), f"--reuid={_USER}", f"--regid={_USER}", "--init-groups",
                "--pdeathsig=KILL", *command]
