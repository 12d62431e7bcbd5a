"""Lists that are asked for what lists show most read no more than that, and show it as whole rows do, to everybody."""

from typing import Any

import pytest

from gql.schema.brief import CUSTOMER_IN_BRIEF, GROUP_IN_BRIEF
from tests.api.client import Api, Client, gid
from tests.api.visibility_world import VIEWERS, Lender
from tests.sql_counter import count_statements

pytestmark = pytest.mark.asyncio(loop_scope="session")

_BELOW = {
    "office": "{ id name }",
    "accountManager": "{ id name }",
    "groups": "(first: 3) { totalCount edges { cursor since node { id name } } }",
    "loans": "(first: 3) { totalCount edges { cursor node { number } } }",
    "loansSummary": "{ loans balances { outstanding { amount } } }",
}
CUSTOMER = " ".join(f"{name} {_BELOW.get(name, '')}" for name in sorted(CUSTOMER_IN_BRIEF))
GROUP = " ".join(sorted(GROUP_IN_BRIEF))
PAGE = "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"

PATHS = {
    "customers": ("customers(first: 5) { %s edges { cursor node { %s } } }", CUSTOMER, "createdAt"),
    "customers, the last ones": ("customers(last: 3) { %s edges { cursor node { %s } } }", CUSTOMER, "updatedAt"),
    "members": ("group(id: $id) { members(first: 5) { %s edges { since node { %s } } } }", CUSTOMER, "kind"),
    "members without facts of the membership": (
        "group(id: $id) { members(first: 5) { %s edges { cursor node { %s } } } }",
        CUSTOMER,
        "version",
    ),
    "groups without facts of the membership": (
        "customers(first: 5) { edges { node { id groups(first: 3) { %s edges { cursor node { %s } } } } } }",
        GROUP,
        "reviewIntervalDays",
    ),
    "groups": (
        "customers(first: 5) { edges { node { id groups(first: 3) { %s edges { since node { %s } } } } } }",
        GROUP,
        "criteriaText",
    ),
}
"""The list, what is asked of its nodes, and a field that whole rows alone have."""


async def ask(client: Client, lender: Lender, document: str) -> Any:
    variables = {"id": gid(lender.group)} if "$id" in document else {}
    return await client.data(f"query{'($id: ID!)' if variables else ''} {{ {document} }}", variables)


def without(found: Any, name: str) -> Any:
    """The same without the values of that key."""
    if isinstance(found, dict):
        return {key: without(value, name) for key, value in found.items() if key != name}
    return [without(each, name) for each in found] if isinstance(found, list) else found


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_brief_rows_say_what_whole_rows_say(lender: Lender, lender_api: Api, viewer: str) -> None:
    client = await lender.sign_in(lender_api, viewer)
    for path, fields, more in PATHS.values():
        brief = await ask(client, lender, path % (PAGE, fields))
        assert brief == without(await ask(client, lender, path % (PAGE, f"{fields} more: {more}")), "more"), path


@pytest.mark.parametrize("name", PATHS)
async def test_they_are_read_where_nothing_else_is_asked_for(lender: Lender, lender_api: Api, name: str) -> None:
    """In whatever way: by aliases, fragments, and twice the same field."""
    path, fields, more = PATHS[name]
    column = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in more)
    client = await lender.sign_in(lender_api, "super_admin")

    async def reads_it(selected: str) -> bool:
        with count_statements(lender_api.database) as recorder:
            await ask(client, lender, path % ("pageInfo { hasNextPage }", selected))
        lists = [each for each in recorder.statements if "FROM customers" in each or "FROM memberships" in each]
        return any(f".{column}" in statement for statement in lists)

    kind = "Group" if name.startswith("groups") else "Customer"
    assert not await reads_it(fields)
    assert not await reads_it(f"__typename another: id ... on Node {{ id }} ... on {kind} {{ {fields} }}")
    assert await reads_it(f"id ... on {kind} {{ it: {more} }}")
    assert await reads_it(f"id {more} @include(if: true)")
    assert not await reads_it(f"id {more} @skip(if: true)")


@pytest.mark.parametrize("name", ["members", "groups"])
async def test_facts_of_the_membership_are_read_where_they_are_asked_for(
    lender: Lender, lender_api: Api, name: str
) -> None:
    client = await lender.sign_in(lender_api, "super_admin")
    path, _, _ = PATHS[f"{name} without facts of the membership"]
    for edge, facts in (("__typename", False), ("since", True), ("addedBy { id }", True)):
        edges = path.replace("edges { cursor", f"edges {{ cursor {edge}")
        with count_statements(lender_api.database) as recorder:
            await ask(client, lender, edges % ("pageInfo { hasNextPage }", "id"))
        assert any(".added_by_id" in each for each in recorder.statements if "FROM memberships" in each) is facts, edge


async def test_an_order_by_what_they_lack_works(lender: Lender, lender_api: Api) -> None:
    client = await lender.sign_in(lender_api, "super_admin")
    listed = "customers(first: 4, orderBy: { field: CREATED_AT, direction: DESC }) { %s edges { cursor node { %s } } }"
    brief = await ask(client, lender, listed % (PAGE, "id"))
    assert len(brief["customers"]["edges"]) == 4
    assert brief == without(await ask(client, lender, listed % (PAGE, "id kind")), "kind")
