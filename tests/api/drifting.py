"""Members who don't fit any more, as a console looks for them and decides about them."""

from typing import Any

from gql.domain.enums import CustomerStatus
from tests.api.client import Client, gid
from tests.factories import World

ACTIVE_ONLY = {"status": {"in": ["ACTIVE"]}}
"""A rule as it is stored."""
PROPOSED = """
query($id: ID!, $status: ProposedRemovalStatus) { group(id: $id) { membersCheckedAt
  proposedRemovals(status: $status, first: 100) { totalCount edges { node {
    id status criterion foundAt decidedAt decidedBy { id } reason keptUntil group { id } membership { id until }
    customer { id }
  } } }
} }
"""
CHECK = """
mutation($input: CheckGroupDriftInput!) { checkGroupDrift(input: $input) {
  group { id membersCheckedAt } finished replayed userErrors { code message field }
} }
"""


async def check(client: Client, group: Any, **more: Any) -> dict[str, Any]:
    """The payload of `checkGroupDrift`."""
    given = {"input": {"groupId": gid(group)} | more}
    payload: dict[str, Any] = (await client.data(CHECK, given))["checkGroupDrift"]
    return payload


async def proposed(client: Client, group: Any, status: str | None = None) -> list[dict[str, Any]]:
    """A group's proposals, the last found first; as many as are counted."""
    found = (await client.data(PROPOSED, {"id": gid(group), "status": status}))["group"]["proposedRemovals"]
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"] for edge in found["edges"]]


def by_customer(proposals: list[dict[str, Any]]) -> dict[str, str]:
    """The status of each customer's proposal, of those whom the viewer sees."""
    return {one["customer"]["id"]: one["status"] for one in proposals}


async def drifted(world: World, how_many: int = 2, **facts: Any) -> tuple[Any, list[Any]]:
    """A group of one who fits and so many who don't; and these."""
    fits = await world.customer(**facts)
    lapsed = await world.customers(how_many, status=CustomerStatus.SUSPENDED, **facts)
    return await world.group(members=[fits, *lapsed], criteria=ACTIVE_ONLY), lapsed


DECIDE = """
mutation($input: DecideProposedRemovalsInput!) { decideProposedRemovals(input: $input) {
  group { id memberCount }
  outcomes { proposalId outcome message proposal { id status decidedBy { id } reason keptUntil membership {
    until removedBy { id } removalReason
  } } }
  changed replayed warnings { code message } userErrors { code message field }
} }
"""


async def decide(
    client: Client, group: Any, proposals: list[dict[str, Any]], decision: str = "ACCEPT", **more: Any
) -> dict[str, Any]:
    """The payload of `decideProposedRemovals`."""
    given = {"groupId": gid(group), "proposalIds": [one["id"] for one in proposals], "decision": decision}
    wish = {"reason": "Looked at together"} | given | more
    payload: dict[str, Any] = (await client.data(DECIDE, {"input": wish}))["decideProposedRemovals"]
    return payload


def outcomes(payload: dict[str, Any]) -> list[str]:
    """What came of each, with a sentence for a person."""
    assert all(one["message"].endswith(".") for one in payload["outcomes"])
    return [one["outcome"] for one in payload["outcomes"]]
