"""`activateCustomer` to `reinstateCustomer`: one table of changes, what comes of each, and who may make them."""

import asyncio
from typing import Any

import pytest

from gql.db.models import Customer
from gql.domain.customer_status import TRANSITIONS, StatusAction
from gql.domain.enums import CustomerStatus, LoanStatus
from gql.domain.roles import Level, Permission, Role, Scope
from tests.api.client import Api, Client, gid
from tests.api.links import WHO
from tests.api.mutations import codes
from tests.factories import World
from tests.records import current, events, unchanged

SELECTION = """
  customer { status version viewerActions { action allowed reason } statusHistory(first: 1) { totalCount edges { node {
    action statusBefore statusAfter reason changedBy { name } changedAt } } } }
  changed replayed effects { effect count message } userErrors { code message field }
"""
MEMBERSHIPS = "query($id: ID!) { customer(id: $id) { groups { edges { flag } } } }"


async def change(client: Client, what: StatusAction, customer: Any, **more: Any) -> dict[str, Any]:
    """The payload."""
    mutation = f"{what.lower()}Customer"
    given = {"customerId": gid(customer) if hasattr(customer, "id") else customer, "reason": "As agreed."} | more
    document = f"mutation($input: {what.capitalize()}CustomerInput!) {{ {mutation}(input: $input) {{ {SELECTION} }} }}"
    payload: dict[str, Any] = (await client.data(document, {"input": given}))[mutation]
    return payload


async def offered(client: Client, customer: Customer) -> dict[str, str | None]:
    """The reason against each change, as `viewerActions` tells it beforehand; None where it is allowed."""
    document = "query($id: ID!) { customer(id: $id) { viewerActions { action allowed reason } } }"
    actions = (await client.data(document, {"id": gid(customer)}))["customer"]["viewerActions"]
    assert all(action["allowed"] is (action["reason"] is None) for action in actions)
    return {action["action"]: action["reason"] for action in actions}


@pytest.mark.parametrize("status", CustomerStatus)
async def test_the_table_of_changes_holds_and_is_told_beforehand(
    api: Api, world: World, status: CustomerStatus
) -> None:
    boss = await world.admin("compliance_officer", name="Ngozi")
    client = await api.sign_in(boss)
    for what in StatusAction:
        customer = await world.customer(status=status)
        beforehand = await offered(client, customer)
        if status in TRANSITIONS[what]:
            payload = await change(client, what, customer)
            after = TRANSITIONS[what][status].value
            assert beforehand[what] is None
            assert (payload["changed"], payload["customer"]["status"], payload["customer"]["version"]) == (
                True,
                after,
                2,
            )
            history = payload["customer"]["statusHistory"]
            assert history["totalCount"] == 1
            node = history["edges"][0]["node"]
            assert node.pop("changedAt")
            assert node == {
                "action": what,
                "statusBefore": status,
                "statusAfter": after,
                "reason": "As agreed.",
                "changedBy": {"name": "Ngozi"},
            }
            row = await current(api.database, customer)
            assert (row.status, row.status_reason, row.status_changed_by_id) == (after, "As agreed.", boss.id)
            [event] = [e for e in await events(api.database, "customer.status_changed") if e.subject_id == customer.id]
            assert (event.details["before"], event.details["after"]) == ({"status": status}, {"status": after})
        else:
            async with unchanged(api.database, but=["audit_events"]):
                payload = await change(client, what, customer)
            has_it = status in TRANSITIONS[what].values()
            assert beforehand[what] is not None
            assert codes(payload) == ([] if has_it else ["STATUS_NOT_ALLOWED"])
            assert payload["changed"] is False


async def test_who_is_archived_owes_nothing(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    debtor, repaid = await world.customers(2, status=CustomerStatus.INACTIVE)
    await world.loan(debtor)
    await world.loan(repaid, status=LoanStatus.CLOSED)
    async with unchanged(api.database):
        beforehand = (await offered(client, debtor))["ARCHIVE"]
        refused = await change(client, StatusAction.ARCHIVE, debtor)
        assert codes(refused) == ["HAS_OPEN_LOANS"]
        assert refused["userErrors"][0]["message"] == beforehand
    assert (await offered(client, repaid))["ARCHIVE"] is None
    assert (await change(client, StatusAction.ARCHIVE, repaid))["customer"]["status"] == "ARCHIVED"


async def test_a_blacklisting_flags_memberships_and_ends_sessions_and_is_taken_back(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("compliance_officer"))
    customer, other = await world.customers(2)
    groups = [await world.group(members=[customer, other]) for _ in range(2)]
    former = await world.group()
    await world.membership(former, customer, since=world.moment(), until=world.moment())
    phone, others_phone = await api.sign_in(customer), await api.sign_in(other)

    payload = await change(client, StatusAction.BLACKLIST, customer)

    effects = [(effect["effect"], effect["count"]) for effect in payload["effects"]]
    assert effects == [("MEMBERSHIPS_FLAGGED", 2), ("SESSIONS_ENDED", 1)]
    assert all(str(effect["count"]) in effect["message"] for effect in payload["effects"])
    assert await flags(client, customer) == ["CUSTOMER_BLACKLISTED"] * len(groups)
    assert await flags(client, other) == [None, None]
    assert (await phone.codes(WHO), await others_phone.codes(WHO)) == (["UNAUTHENTICATED"], [])

    back = await change(client, StatusAction.REINSTATE, customer)

    assert [(effect["effect"], effect["count"]) for effect in back["effects"]] == [("MEMBERSHIPS_UNFLAGGED", 2)]
    assert back["customer"]["status"] == "INACTIVE"
    assert await flags(client, customer) == [None, None]
    assert await phone.codes(WHO) == ["UNAUTHENTICATED"]


async def test_who_comes_back_from_the_blacklist_by_way_of_the_archive_is_not_flagged_either(
    api: Api, world: World
) -> None:
    client = await api.sign_in(await world.admin("compliance_officer"))
    customer = await world.customer()
    await world.group(members=[customer])
    await change(client, StatusAction.BLACKLIST, customer)
    await change(client, StatusAction.ARCHIVE, customer)
    assert await flags(client, customer) == ["CUSTOMER_BLACKLISTED"]

    back = await change(client, StatusAction.REINSTATE, customer)

    assert [(effect["effect"], effect["count"]) for effect in back["effects"]] == [("MEMBERSHIPS_UNFLAGGED", 1)]
    assert await flags(client, customer) == [None]


async def flags(client: Client, customer: Customer) -> list[str | None]:
    """Those of the customer's memberships."""
    found = (await client.data(MEMBERSHIPS, {"id": gid(customer)}))["customer"]["groups"]["edges"]
    return [edge["flag"] for edge in found]


async def test_a_stale_version_changes_nothing_and_shows_the_present_state(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    customer = await world.customer()
    await change(client, StatusAction.SUSPEND, customer, expectedVersion=1)
    async with unchanged(api.database):
        payload = await change(client, StatusAction.REINSTATE, customer, expectedVersion=1)
    assert codes(payload) == ["VERSION_CONFLICT"]
    assert (payload["customer"]["status"], payload["customer"]["version"]) == ("SUSPENDED", 2)


async def test_of_two_changes_at_once_by_one_version_one_is_made(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    customer = await world.customer()
    wishes = [StatusAction.SUSPEND, StatusAction.BLACKLIST, StatusAction.DEACTIVATE] * 3
    payloads = await asyncio.gather(*(change(client, what, customer, expectedVersion=1) for what in wishes))
    assert sorted(payload["changed"] for payload in payloads) == [False] * 8 + [True]
    assert (await current(api.database, customer)).version == 2
    assert len(await events(api.database, "customer.status_changed")) == 1


async def test_a_key_repeats_the_answer_with_its_effects(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    customer, other = await world.customers(2)
    await world.group(members=[customer])
    first = await change(client, StatusAction.BLACKLIST, customer, idempotencyKey="k")
    async with unchanged(api.database):
        again = await change(client, StatusAction.BLACKLIST, customer, idempotencyKey="k")
        conflict = await change(client, StatusAction.BLACKLIST, other, idempotencyKey="k")
    assert again == first | {"replayed": True}
    assert codes(conflict) == ["IDEMPOTENCY_CONFLICT"]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "\0"])
async def test_a_change_needs_a_reason(api: Api, world: World, reason: str) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    customer = await world.customer()
    given = {"input": {"customerId": gid(customer), "reason": reason}}
    document = "mutation($input: SuspendCustomerInput!) { suspendCustomer(input: $input) { changed } }"
    async with unchanged(api.database):
        answer = await client.answer(document, given)
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "Leave it out" not in error["message"], "what is required can't be left out"


HIDDEN, SEEN, DONE = ["CUSTOMER_NOT_FOUND", "FORBIDDEN"], ["FORBIDDEN"], list[str]()
SAID = {
    "super_admin": {"own": DONE, "someone's": DONE, "nobody's": DONE, "elsewhere": DONE},
    "compliance_officer": {"own": DONE, "someone's": DONE, "nobody's": DONE, "elsewhere": DONE},
    "portfolio_manager": {"own": DONE, "someone's": DONE, "nobody's": DONE, "elsewhere": ["CUSTOMER_NOT_FOUND"]},
    "group_administrator": {"own": SEEN, "someone's": SEEN, "nobody's": SEEN, "elsewhere": HIDDEN},
    "account_manager": {"own": SEEN, "someone's": HIDDEN, "nobody's": SEEN, "elsewhere": HIDDEN},
    "collections_officer": {"own": SEEN, "someone's": SEEN, "nobody's": SEEN, "elsewhere": HIDDEN},
    "team_member": {"own": SEEN, "someone's": SEEN, "nobody's": SEEN, "elsewhere": HIDDEN},
    "auditor": {"own": SEEN, "someone's": SEEN, "nobody's": SEEN, "elsewhere": SEEN},
}
"""What is said to each role, by customer. Own: of the viewer's own book, in another office."""


@pytest.mark.parametrize("role", SAID)
async def test_who_may_change_whose_status(api: Api, world: World, role: str) -> None:
    home, away = await world.office("Lagos"), await world.office("Kano")
    viewer, someone = await world.admin(role, office=home), await world.admin("account_manager", office=home)
    customers = {
        "own": await world.customer(office=away, manager=viewer),
        "someone's": await world.customer(office=home, manager=someone),
        "nobody's": await world.customer(office=home),
        "elsewhere": await world.customer(office=away),
    }
    client = await api.sign_in(viewer)
    for whose, customer in customers.items():
        said = SAID[role][whose]
        if said == DONE:
            assert await offered(client, customer) | {"SUSPEND": None} == await offered(client, customer)
            assert (await change(client, StatusAction.SUSPEND, customer))["changed"]
            continue
        async with unchanged(api.database, but=["audit_events"]):
            payload = await change(client, StatusAction.SUSPEND, customer)
        assert codes(payload) == said, whose
        if said == SEEN:
            assert (await offered(client, customer))["SUSPEND"] == payload["userErrors"][0]["message"]


async def test_the_permission_is_not_enough_without_full_access(api: Api, world: World) -> None:
    """As a role of the lender's own may have it."""
    watcher = await world.role(
        Role(
            key="watcher",
            name="Watcher",
            description="Sees outlines.",
            permissions=frozenset({Permission.CUSTOMER_READ, Permission.CUSTOMER_STATUS}),
            assigned=Level.LIMITED,
            unassigned=Level.LIMITED,
            scope=Scope.ALL,
        )
    )
    client, customer = await api.sign_in(await world.admin(watcher.key)), await world.customer()
    async with unchanged(api.database):
        payload = await change(client, StatusAction.SUSPEND, customer)
    assert codes(payload) == SEEN
    assert (await offered(client, customer))["SUSPEND"] == payload["userErrors"][0]["message"]


async def test_nobody_and_customers_change_nothing(api: Api, world: World) -> None:
    customer = await world.customer()
    errors = "userErrors { code message field }"
    document = f"mutation($input: BlacklistCustomerInput!) {{ blacklistCustomer(input: $input) {{ {errors} }} }}"
    given = {"input": {"customerId": gid(customer), "reason": "None of theirs."}}
    borrower = await api.sign_in(customer)
    async with unchanged(api.database):
        assert await api.anonymous.codes(document, given) == ["UNAUTHENTICATED"]
        assert codes((await borrower.data(document, given))["blacklistCustomer"]) == ["FORBIDDEN"]
