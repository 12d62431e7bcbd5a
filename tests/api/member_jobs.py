"""Jobs that change a group's members, as a console begins and follows them."""

import csv
from typing import Any

from tests.api.client import Api, Client, gid

ADD_MANY = """
mutation($input: AddGroupMembersInput!) {
  addGroupMembers(input: $input) {
    replayed
    job { id kind status dryRun total done group { id } counts { moved added removed unchanged refused skipped } }
    userErrors { code message field currentMembers maximumMembers }
  }
}
"""
JOB = """
query($id: ID!) {
  job(id: $id) {
    kind status dryRun total done failure undoUntil reason group { id name memberCount }
    counts { moved added removed unchanged refused skipped }
    items(first: 100) {
      totalCount
      edges { node { position line outcome codes to { id } customer { id } membership { id since until reason } } }
    }
  }
}
"""


async def add_many(client: Client, group: Any, **given: Any) -> dict[str, Any]:
    """The payload of `addGroupMembers`."""
    usual = {"groupId": gid(group) if hasattr(group, "id") else group, "reason": "The season begins"}
    payload: dict[str, Any] = (await client.data(ADD_MANY, {"input": usual | given}))["addGroupMembers"]
    return payload


async def member_job(client: Client, job_id: str) -> dict[str, Any]:
    """The job as the client reads it."""
    found: dict[str, Any] = (await client.data(JOB, {"id": job_id}))["job"]
    return found


def counts(**given: int) -> dict[str, int]:
    """What is counted; what isn't said is 0."""
    return dict.fromkeys(("moved", "added", "removed", "unchanged", "refused", "skipped"), 0) | given


def outcomes(job: dict[str, Any]) -> list[tuple[str | None, list[str]]]:
    """What came of each item, in their order."""
    nodes = [edge["node"] for edge in job["items"]["edges"]]
    return [(node["outcome"], node["codes"] or []) for node in nodes]


IMPORT = """
mutation($input: ImportGroupMembersInput!) {
  importGroupMembers(input: $input) {
    replayed job { id kind status dryRun total } link { path expiresAt }
    userErrors { code message field currentMembers maximumMembers }
  }
}
"""
REPORT = """
mutation($input: CreateJobReportInput!) {
  createJobReport(input: $input) { replayed job { id } link { path expiresAt } userErrors { code message field } }
}
"""


async def import_members(client: Client, group: Any, **given: Any) -> dict[str, Any]:
    """The payload of `importGroupMembers`."""
    usual = {"groupId": gid(group) if hasattr(group, "id") else group, "reason": "From the branch's list"}
    payload: dict[str, Any] = (await client.data(IMPORT, {"input": usual | given}))["importGroupMembers"]
    return payload


async def report(client: Client, job_id: str, **given: Any) -> dict[str, Any]:
    """The payload of `createJobReport`."""
    payload: dict[str, Any] = (await client.data(REPORT, {"input": {"jobId": job_id} | given}))["createJobReport"]
    return payload


async def report_lines(api: Api, client: Client, job_id: str) -> list[list[str]]:
    """The rows of a job's report, the heading among them."""
    payload = await report(client, job_id)
    assert payload["userErrors"] == []
    answer = await api.http.get(payload["link"]["path"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))
