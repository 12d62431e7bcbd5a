"""GraphQL over HTTP as its working group audits it: graphql-http's own tests of a server, run against ours."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from tests.api.client import KEY, open_api
from tests.transport.conftest import Lender
from tests.transport.listening import listening
from tests.transport.node import install, node, run

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
