"""Networks and disks that may be broken without harm to the machine: namespaces of our own (root only)."""

import os
import shutil
import subprocess
import sys

# Set in the script's environment once it is inside.
_INSIDE = "CHAOS_IN_NAMESPACES"


def possible():
    return os.geteuid() == 0 and all(shutil.which(program) for program in ("unshare", "nft", "ip"))


def enter():
    """Runs the script again in network and mount namespaces that vanish with it; returns inside them."""
    if os.environ.get(_INSIDE):
        _run("ip", "link", "set", "lo", "up")
        return
    os.environ[_INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--net", "--mount", "--propagation", "private", sys.executable, *sys.argv])


def mount_small_disk(folder, size_bytes):
    folder.mkdir(parents=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={size_bytes},mode=755", "chaos", folder)


class FullDisk:
    """A file that takes all that is left of a disk."""

    def __init__(self, folder):
        self._file = folder / "ballast"

    def fill(self):
        with open(self._file, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 16))
            except OSError:
                pass  # full

    def free(self):
        self._file.unlink(missing_ok=True)


class Network:
    """Rules on the namespace's loopback: packets that vanish. Each call returns what ends it."""

    def __init__(self):
        _run("nft", "add", "table", "inet", "chaos")
        self._chains = 0

    def cut_off(self, addresses):
        """Everything to and from these addresses is lost."""
        return self._drop([("ip", side, address) for address in addresses for side in ("saddr", "daddr")])

    def lose(self, percent):
        """So many packets of all are lost, by chance."""
        return self._drop([("numgen", "random", "mod", "100", "<", percent)])

    def _drop(self, matches):
        self._chains += 1
        chain = ("inet", "chaos", f"input{self._chains}")
        _run("nft", "add", "chain", *chain, "{ type filter hook input priority 0; }")
        for match in matches:
            _run("nft", "add", "rule", *chain, *match, "drop")

        def mend():
            _run("nft", "flush", "chain", *chain)
            _run("nft", "delete", "chain", *chain)
        return mend


def _run(*command):
    subprocess.run([str(word) for word in command], check=True)
