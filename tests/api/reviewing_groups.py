"""Reviews of groups, and groups that nobody uses, as a console asks for them."""

from typing import Any

from tests.api.client import Client, gid

REVIEW = "review { status dueAt lastSignedAt lastSignedBy { id } }"
SIGN = f"""
mutation($input: SignGroupReviewInput!) {{ signGroupReview(input: $input) {{
  group {{ id version lastUsedAt {REVIEW} }}
  review {{ signedAt signedBy {{ id }} dueAt note memberCount joinedCount removedCount }}
  changed replayed warnings {{ code }} userErrors {{ code message field }}
}} }}
"""
KEEP = """
mutation($input: KeepGroupInput!) { keepGroup(input: $input) {
  group { id version lastUsedAt keptUntil keptReason keptBy { id } } changed replayed warnings { code }
  userErrors { code message field }
} }
"""
DUE = f"""
query($filter: GroupReviewFilter, $first: Int, $after: String, $last: Int, $before: String) {{
  groupReviews(filter: $filter, first: $first, after: $after, last: $last, before: $before) {{
    totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} edges {{ node {{ id name {REVIEW} }} }}
  }}
}}
"""
UNUSED = """
query($filter: UnusedGroupFilter, $first: Int, $after: String, $last: Int, $before: String) {
  groupsToArchive(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { node { id name lastUsedAt } }
  }
}
"""
SHEET = """
query($id: ID!) { groupReviewSheet(groupId: $id) { group { id } since joined left misfits } }
"""
ONE = f"""
query($id: ID!) {{ group(id: $id) {{
  {REVIEW} lastUsedAt keptUntil viewerActions {{ action allowed reason }}
  reviews {{ totalCount edges {{ node {{ note signedBy {{ id }} memberCount joinedCount removedCount dueAt }} }} }}
}} }}
"""


async def sign(client: Client, group: Any, **more: Any) -> dict[str, Any]:
    """The payload of `signGroupReview`."""
    given = {"groupId": gid(group), "note": "All of them still belong in it."} | more
    payload: dict[str, Any] = (await client.data(SIGN, {"input": given}))["signGroupReview"]
    return payload


async def keep_unused(client: Client, group: Any, **more: Any) -> dict[str, Any]:
    """The payload of `keepGroup`."""
    given = {"groupId": gid(group), "reason": "Needed each leap year"} | more
    payload: dict[str, Any] = (await client.data(KEEP, {"input": given}))["keepGroup"]
    return payload


async def due(client: Client, **criteria: Any) -> list[str]:
    """The names of the groups whose review is due, or of those that are wanted; the count is theirs."""
    page = (await client.data(DUE, {"filter": criteria}))["groupReviews"]
    names = [edge["node"]["name"] for edge in page["edges"]]
    assert page["totalCount"] == len(names)
    return names


async def unused(client: Client, **criteria: Any) -> list[str]:
    """The names of the groups that are suggested for archive."""
    page = (await client.data(UNUSED, {"filter": criteria}))["groupsToArchive"]
    names = [edge["node"]["name"] for edge in page["edges"]]
    assert page["totalCount"] == len(names)
    return names


async def one(client: Client, group: Any) -> dict[str, Any]:
    """A group with its reviews and what can be done with it."""
    found: dict[str, Any] = (await client.data(ONE, {"id": gid(group)}))["group"]
    return found


def menu(group: dict[str, Any]) -> dict[str, str | None]:
    """Of each action why it isn't allowed."""
    return {action["action"]: action["reason"] for action in group["viewerActions"]}
