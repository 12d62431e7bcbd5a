"""Who may add members to groups: those who keep groups, as far as they see the customer; nobody else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gql.db.models import Admin, Customer, Group
from gql.domain.enums import CustomerStatus, GroupStatus
from gql.domain.ids import Kind, new_id, to_global_id
from gql.domain.roles import BUILT_IN_ROLES, CustomerField, Level, Permission, Role, Scope
from tests.api.client import Api, Client, gid, open_api
from tests.api.mutations import ADD, add, add_input, as_admin, codes, shared_lender
from tests.databases import DatabaseKind
from tests.factories import World
from tests.records import events, unchanged

HIDDEN = ["CUSTOMER_NOT_FOUND", "FORBIDDEN"]
SEEN = ["FORBIDDEN"]
REFUSED = {
    "account_manager": {"own": SEEN, "someone's": HIDDEN, "nobody's": SEEN, "elsewhere": HIDDEN},
    "collections_officer": {"own": SEEN, "someone's": SEEN, "nobody's": SEEN, "elsewhere": HIDDEN},
    "team_member": {"own": SEEN, "someone's": SEEN, "nobody's": SEEN, "elsewhere": HIDDEN},
    "auditor": {"own": SEEN, "someone's": SEEN, "nobody's": SEEN, "elsewhere": SEEN},
}
"""What is said to each role that may not add members, by customer. Own: of the viewer's own book, in another office."""
NOWHERE = ["CUSTOMER_NOT_FOUND"]
GRANTED = {
    "super_admin": {"own": [], "someone's": [], "nobody's": [], "elsewhere": []},
    "compliance_officer": {"own": [], "someone's": [], "nobody's": [], "elsewhere": []},
    "portfolio_manager": {"own": [], "someone's": [], "nobody's": [], "elsewhere": NOWHERE},
    "group_administrator": {"own": [], "someone's": [], "nobody's": [], "elsewhere": NOWHERE},
}
"""The same for those who may."""


class Lender(NamedTuple):
    """A viewer of each role in one office, the customers whom each may want to add, and a group."""

    viewers: dict[str, Admin]
    own: dict[str, Customer]
    customers: dict[str, Customer]
    groups: dict[str, Group]


async def _build(world: World) -> Lender:
    home, away = await world.office("Lagos"), await world.office("Kano")
    viewers = {role: await world.admin(role, office=home) for role in BUILT_IN_ROLES}
    manager = await world.admin("account_manager", office=home)
    return Lender(
        viewers,
        {role: await world.customer(office=away, manager=viewer) for role, viewer in viewers.items()},
        {
            "someone's": await world.customer(office=home, manager=manager),
            "nobody's": await world.customer(office=home),
            "elsewhere": await world.customer(office=away),
        },
        {role: await world.group() for role in BUILT_IN_ROLES},
    )


@pytest.fixture(scope="module")
def shared(database_kind: DatabaseKind) -> Iterator[tuple[str, Lender]]:
    with shared_lender(database_kind, _build) as lender:
        yield lender


async def _answers(client: Client, lender: Lender, role: str) -> dict[str, list[str]]:
    wanted = {"own": lender.own[role], **lender.customers}
    return {whose: codes(await add(client, lender.groups[role], customer)) for whose, customer in wanted.items()}


@pytest.mark.parametrize("role", REFUSED)
async def test_a_role_without_the_permission_adds_nobody(shared: tuple[str, Lender], tmp_path: Path, role: str) -> None:
    """Not even of the own book; and a customer out of sight is none."""
    url, lender = shared

    async with as_admin(url, tmp_path, lender.viewers[role]) as (api, client), unchanged(api.database):
        assert await _answers(client, lender, role) == REFUSED[role]


@pytest.mark.parametrize("role", GRANTED)
async def test_who_keeps_groups_adds_whom_they_see(shared: tuple[str, Lender], tmp_path: Path, role: str) -> None:
    """In full or in outline; by whichever identifier, a customer out of sight is the same as none."""
    url, lender = shared

    async with as_admin(url, tmp_path, lender.viewers[role]) as (_, client):
        answers = await _answers(client, lender, role)
        hidden, group = lender.customers["elsewhere"], lender.groups[role]
        if answers["elsewhere"] == NOWHERE:
            for real, invented in (
                ({"customerId": gid(hidden)}, {"customerId": to_global_id(Kind.CUSTOMER, new_id())}),
                ({"email": hidden.email}, {"email": "nobody@mail.example"}),
                ({"number": hidden.number}, {"number": "C999999"}),
            ):
                assert await add(client, group, **real) == await add(client, group, **invented)

    assert answers == GRANTED[role]


async def test_who_may_not_add_learns_nothing_of_the_group(shared: tuple[str, Lender], tmp_path: Path) -> None:
    """Nor of the pair: not whether the customer is in it, or would be let in."""
    url, lender = shared
    customer = lender.customers["nobody's"]

    async with open_api(url, tmp_path) as api:
        world = World(api.database)
        closed = await world.group("Closed", status=GroupStatus.ARCHIVED, maximum=1, members=[customer])
        payload = await add(await api.sign_in(lender.viewers["auditor"]), closed, customer)

    assert codes(payload) == ["FORBIDDEN"]


async def test_a_borrower_adds_nobody(shared: tuple[str, Lender], tmp_path: Path) -> None:
    url, lender = shared
    customer = lender.customers["nobody's"]

    async with as_admin(url, tmp_path, customer) as (api, client), unchanged(api.database):
        for wish in ({"customerId": gid(customer)}, {"email": customer.email}, {"number": customer.number}):
            assert codes(await add(client, lender.groups["auditor"], **wish)) == ["FORBIDDEN"]


async def test_nobody_adds_without_signing_in(shared: tuple[str, Lender], tmp_path: Path) -> None:
    url, lender = shared
    wish = add_input(lender.groups["auditor"], lender.customers["nobody's"])

    async with open_api(url, tmp_path) as api, unchanged(api.database):
        answer = await api.anonymous.answer(ADD, wish)

    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]


async def test_an_email_that_is_withheld_is_looked_up_on_record(api: Api, world: World) -> None:
    """Whoever may look customers up adds them by it; each try is an audit event, and never says the email."""
    client = await api.sign_in(await world.admin("group_administrator"))
    customer, group = await world.customer(), await world.group()

    assert codes(await add(client, group, email=customer.email)) == []
    async with unchanged_but_lookups(api):
        assert codes(await add(client, group, email="nobody@mail.example")) == ["CUSTOMER_NOT_FOUND"]

    lookups = await events(api.database, "customer.lookup")
    assert [event.details for event in lookups] == [{"by": "email"}] * 2


def unchanged_but_lookups(api: Api) -> Any:
    """As `unchanged`, but for the audit events of look-ups, which stay whatever came of them."""
    return unchanged(api.database, but=["audit_events"])


async def test_look_ups_of_withheld_emails_are_limited(api: Api, world: World, tmp_path: Path) -> None:
    """So that nobody tries a list of addresses; who sees all emails is not counted."""
    limited, full = await world.admin("group_administrator"), await world.admin("compliance_officer")
    group, customer = await world.group(), await world.customer()

    async with open_api(str(api.settings.database_url), tmp_path, lookups_per_minute=2) as strict:
        client = await strict.sign_in(limited)
        tries = [await client.codes(ADD, add_input(group, email=f"{n}@mail.example")) for n in range(2)]
        async with unchanged(strict.database):
            third = await client.codes(ADD, add_input(group, email=customer.email))
        assert codes(await add(client, group, number=customer.number)) == []
        unlimited = [await add(await strict.sign_in(full), group, email=f"{n}@mail.example") for n in range(3)]

    assert tries == [[], []]
    assert third == ["RATE_LIMITED"]
    assert [codes(payload) for payload in unlimited] == [["CUSTOMER_NOT_FOUND"]] * 3
    assert len(await events(api.database, "customer.lookup")) == 2


def _keeper(*permissions: Permission) -> Role:
    """A role of the lender's own that keeps groups, sees customers in outline, and may look nobody up."""
    return Role(
        key="keeper",
        name="Keeper",
        description="Keeps groups.",
        permissions=frozenset(
            {Permission.CUSTOMER_READ, Permission.GROUP_READ, Permission.GROUP_MEMBERS_WRITE, *permissions}
        ),
        assigned=Level.LIMITED,
        unassigned=Level.LIMITED,
        scope=Scope.ALL,
        shown_when_limited=frozenset[CustomerField](),
    )


async def test_who_may_not_look_up_finds_nobody_by_a_withheld_email(api: Api, world: World) -> None:
    """The same answer as for an email that isn't there; the number is no secret."""
    await world.role(_keeper())
    client = await api.sign_in(await world.admin("keeper"))
    customer, group = await world.customer(), await world.group()

    async with unchanged(api.database):
        real = await add(client, group, email=customer.email)
        invented = await add(client, group, email="nobody@mail.example")
    assert codes(real) == ["CUSTOMER_NOT_FOUND"]
    assert real == invented
    assert codes(await add(client, group, number=customer.number)) == []


@pytest.mark.parametrize(("permissions", "named"), [([], False), ([Permission.GROUP_MEMBERS_READ], True)])
async def test_a_conflicting_group_is_named_to_who_sees_the_customer_in_it(
    api: Api, world: World, permissions: list[Permission], named: bool
) -> None:
    """In the customer's groups, or among the group's members; others hear only that there is a conflict."""
    await world.role(_keeper(*permissions))
    client = await api.sign_in(await world.admin("keeper"))
    low = await world.risk_category("Low")
    customer = await world.customer()
    conflicting = await world.group("Bankrupts", risk_category=low, members=[customer])
    high = await world.group(risk_category=await world.risk_category("High", excludes=[low]))

    payload = await add(client, high, customer)

    assert codes(payload) == ["RISK_CATEGORY_CONFLICT"]
    [error] = payload["userErrors"]
    assert error["conflictingGroup"] == ({"id": gid(conflicting)} if named else None)
    assert ("Bankrupts" in error["message"]) is named


_MENUS = """
query($customer: ID!, $group: ID!) {
  customer(id: $customer) { viewerActions { action allowed reason } }
  group(id: $group) { viewerActions { action allowed reason } }
}
"""


async def _reasons(client: Client, customer: Customer, group: Group) -> set[str] | None:
    """Why the menus of customer and group say no; None where the viewer sees no customer."""
    data = await client.data(_MENUS, {"customer": gid(customer), "group": gid(group)})
    if data["customer"] is None:
        return None
    entries = [*data["customer"]["viewerActions"], *data["group"]["viewerActions"]]
    mine = [entry for entry in entries if entry["action"] in ("ADD_TO_GROUP", "ADD_MEMBER")]
    assert len(mine) == 2
    assert all(entry["allowed"] is (entry["reason"] is None) for entry in mine)
    return {entry["reason"] for entry in mine} - {None}


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_the_menus_promise_what_the_mutation_does(api: Api, world: World, role: str) -> None:
    """Allowed just where it then succeeds, and where not, with the sentences of the refusal."""
    home, away = await world.office(), await world.office()
    client = await api.sign_in(await world.admin(role, office=home))
    someone = await world.customer(office=home)

    open_to_all, suspended = await world.group(), await world.group(status=GroupStatus.SUSPENDED)
    full = await world.group(maximum=1, members=[someone])
    for group, office, status in (
        (open_to_all, home, CustomerStatus.ACTIVE),
        (open_to_all, home, CustomerStatus.ARCHIVED),
        (open_to_all, away, CustomerStatus.ACTIVE),
        (open_to_all, away, CustomerStatus.ARCHIVED),
        (suspended, home, CustomerStatus.ACTIVE),
        (suspended, home, CustomerStatus.PENDING),
        (full, home, CustomerStatus.ACTIVE),
    ):
        customer = await world.customer(office=office, status=status)
        reasons = await _reasons(client, customer, group)
        payload = await add(client, group, customer)
        if reasons is None:
            assert "CUSTOMER_NOT_FOUND" in codes(payload)
        else:
            assert reasons == {error["message"] for error in payload["userErrors"]}
            assert (payload["membership"] is not None) is (not reasons)
