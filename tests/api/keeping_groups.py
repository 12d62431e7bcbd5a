"""The mutations of groups as a console sends them."""

from typing import Any

from tests.api.client import Client, gid

GROUP = """
  id name status statusReason statusChangedAt statusChangedBy { id } purpose description criteriaText memberCount
  minimumMembers maximumMembers capacityMode riskCategory owner { id } sensitivity visibleToCustomers
  reviewIntervalDays version
"""
_REST = "changed replayed warnings { code message } userErrors { code message field currentMembers }"
REMOVE = """
mutation($input: RemoveGroupMemberInput!) {
  removeGroupMember(input: $input) {
    group { id memberCount } membership { id since until removedBy { id } removalReason customer { id } }
    replayed warnings { code message } userErrors { code message field }
  }
}
"""
TERMS = {
    "name": "2026 SME Loans",
    "purpose": "PRODUCT",
    "description": "Small firms with a loan of this year's terms.",
    "criteriaText": "Six months of trading records.",
}


def document(mutation: str) -> str:
    """Of one of the mutations that change a group."""
    kind = f"{mutation[0].upper()}{mutation[1:]}Input!"
    return f"mutation($input: {kind}) {{ {mutation}(input: $input) {{ group {{ {GROUP} }} {_REST} }} }}"


async def keep(client: Client, mutation: str, **given: Any) -> dict[str, Any]:
    """The payload of one of them."""
    payload: dict[str, Any] = (await client.data(document(mutation), {"input": given}))[mutation]
    return payload


async def change(client: Client, mutation: str, group: Any, **more: Any) -> dict[str, Any]:
    """The payload of a change of a group's status."""
    return await keep(client, mutation, **({"groupId": gid(group), "reason": "Season is over"} | more))


CATEGORY = """
mutation($input: KINDInput!) { NAME(input: $input) {
  category { id name description excludes { id } } changed replayed userErrors { code message field }
} }
"""


async def categorise(client: Client, mutation: str, **given: Any) -> dict[str, Any]:
    """The payload of `createRiskCategory` or `updateRiskCategory`."""
    kind = f"{mutation[0].upper()}{mutation[1:]}"
    text = CATEGORY.replace("KIND", kind).replace("NAME", mutation)
    payload: dict[str, Any] = (await client.data(text, {"input": given}))[mutation]
    return payload


async def wall_off(client: Client, group: Any, *others: Any, **more: Any) -> dict[str, Any]:
    """The payload of `setGroupExclusions`."""
    usual = {"expectedVersion": 1, "reason": "Kept apart"}
    excluded = {"groupId": gid(group), "excludedGroupIds": [gid(other) for other in others]}
    return await keep(client, "setGroupExclusions", **(usual | excluded | more))


async def remove(client: Client, group: Any, customer: Any = None, **more: Any) -> dict[str, Any]:
    """The payload of `removeGroupMember`."""
    named = {} if customer is None else {"customerId": gid(customer)}
    given = {"groupId": gid(group), "reason": "Paid back"} | named | more
    payload: dict[str, Any] = (await client.data(REMOVE, {"input": given}))["removeGroupMember"]
    return payload


def codes(payload: dict[str, Any]) -> list[str]:
    """The codes of the refusals, each of which says what to do."""
    errors = payload["userErrors"]
    assert all(error["message"].endswith(".") and error["field"] for error in errors)
    assert not (errors and payload.get("changed"))
    return [error["code"] for error in errors]
