"""Jobs that change a group's members, as a console begins and follows them."""

from typing import Any

from tests.api.client import Client, gid

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
