"""Programs as a supervisor sees them: started, killed, paused, and started again whenever they ended."""

import ctypes
import os
import signal
import subprocess

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def die_with_parent():
    """For preexec_fn: whatever happens to this script, no process is left behind."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def environment_for(folder, extra=None):
    """This one's, less what would configure our programs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PROBESWEEP_")}
    environment["XDG_STATE_HOME"] = str(folder / "state")
    environment["XDG_CONFIG_HOME"] = str(folder / "no-configuration")
    environment.update(extra or {})
    return environment


class Supervised:
    """A program that is started again a moment after it ended, as systemd or Slurm would."""

    RESTART_DELAY = 0.3

    def __init__(self, name, argv, environment, log):
        self.name = name
        self.argv = [str(argument) for argument in argv]
        self.environment = environment
        self.log = log
        self.process = None
        self.starts = 0
        self.ended_by_itself = []  # exit codes; -N: signal N
        self._start_at = 0.0
        self._resume_at = None

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    @property
    def paused(self):
        return self._resume_at is not None

    def supervise(self, now):
        """Starts what is due, resumes what was paused long enough."""
        if self.process is not None and self.process.poll() is not None:
            self.ended_by_itself.append(self.process.returncode)
            self._forget(now + self.RESTART_DELAY)
        if self.process is None and now >= self._start_at:
            self._start()
        if self._resume_at is not None and now >= self._resume_at:
            self.process.send_signal(signal.SIGCONT)
            self._resume_at = None

    def kill(self, restart_at):
        """SIGKILL; started again at `restart_at`."""
        self.process.kill()
        self.process.wait()
        self._forget(restart_at)

    def pause(self, resume_at):
        self.process.send_signal(signal.SIGSTOP)
        self._resume_at = resume_at

    def end(self):
        """For good, at the end of a run."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.argv, env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, preexec_fn=die_with_parent)
        self.starts += 1

    def _forget(self, start_at):
        self.process = None
        self._start_at = start_at
        self._resume_at = None
