"""The packages of the peers in JavaScript: installed as locked, once for each state of the lock."""

import hashlib
import shutil
import subprocess

from bench import BenchFailed
from bench.peers.measuring import Tell
from bench.peers.subjects import NODE

_MARK = NODE / "node_modules" / ".lock.sha256"


def has_node() -> bool:
    """Whether this machine can run them."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def install_packages(tell: Tell) -> None:
    """Install the packages, unless those of the present lock are there. Raises BenchFailed."""
    lock = hashlib.sha256((NODE / "package-lock.json").read_bytes()).hexdigest()
    if _MARK.exists() and _MARK.read_text() == lock:
        return
    tell("Installing the packages of the peers in JavaScript ...")
    npm = shutil.which("npm") or "npm"
    done = subprocess.run([npm, "ci", "--loglevel", "error"], cwd=NODE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchFailed(f"npm could not install the packages: {done.stderr[-1000:]}")
    _MARK.write_text(lock)
