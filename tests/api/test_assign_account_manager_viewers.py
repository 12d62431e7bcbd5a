"""Who may assign an account manager: the super admin, and portfolio managers in their offices; nobody else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gql.db.models import Admin, Customer
from gql.domain.enums import CustomerStatus
from gql.domain.ids import Kind, new_id, to_global_id
from gql.domain.roles import BUILT_IN_ROLES, Level, Permission, Role, Scope
from tests.api.client import Api, Client, gid
from tests.api.mutations import ASSIGN, as_admin, assign, assign_input, codes, shared_lender
from tests.databases import DatabaseKind
from tests.factories import World
from tests.records import current, unchanged

HIDDEN = ["CUSTOMER_NOT_FOUND", "FORBIDDEN"]
SEEN = ["FORBIDDEN"]
REFUSED = {
    "compliance_officer": {"own": SEEN, "someone's": SEEN, "nobody's": SEEN, "elsewhere": SEEN},
    "group_administrator": {"own": SEEN, "someone's": SEEN, "nobody's": SEEN, "elsewhere": HIDDEN},
    "account_manager": {"own": SEEN, "someone's": HIDDEN, "nobody's": SEEN, "elsewhere": HIDDEN},
    "collections_officer": {"own": SEEN, "someone's": SEEN, "nobody's": SEEN, "elsewhere": HIDDEN},
    "team_member": {"own": SEEN, "someone's": SEEN, "nobody's": SEEN, "elsewhere": HIDDEN},
    "auditor": {"own": SEEN, "someone's": SEEN, "nobody's": SEEN, "elsewhere": SEEN},
}
"""What is said to each role that may not assign, by customer. Own: of the viewer's own book, in another office."""


class Lender(NamedTuple):
    """A viewer of each role in one office, the customers whom each may want to assign, and to whom."""

    viewers: dict[str, Admin]
    own: dict[str, Customer]
    customers: dict[str, Customer]
    manager: Admin
    auditor: Admin


async def _build(world: World) -> Lender:
    home, away = await world.office("Lagos"), await world.office("Kano")
    manager = await world.admin("account_manager", office=home)
    viewers = {role: await world.admin(role, office=home) for role in REFUSED}
    return Lender(
        viewers,
        {role: await world.customer(office=away, manager=viewer) for role, viewer in viewers.items()},
        {
            "someone's": await world.customer(office=home, manager=manager),
            "nobody's": await world.customer(office=home),
            "elsewhere": await world.customer(office=away),
        },
        manager,
        await world.admin("auditor", office=home),
    )


@pytest.fixture(scope="module")
def shared(database_kind: DatabaseKind) -> Iterator[tuple[str, Lender]]:
    with shared_lender(database_kind, _build) as lender:
        yield lender


@pytest.mark.parametrize("role", REFUSED)
async def test_a_role_without_the_permission_assigns_nobody(
    shared: tuple[str, Lender], tmp_path: Path, role: str
) -> None:
    """Not even of the own book; and a customer out of sight is none."""
    url, lender = shared
    wanted = {"own": lender.own[role], **lender.customers}

    async with as_admin(url, tmp_path, lender.viewers[role]) as (api, client), unchanged(api.database):
        answers = {whose: codes(await assign(client, customer, lender.manager)) for whose, customer in wanted.items()}
        nowhere = await assign(client, to_global_id(Kind.CUSTOMER, new_id()), lender.manager)
        hidden = [whose for whose, said in answers.items() if said == HIDDEN]
        for whose in hidden:
            assert await assign(client, wanted[whose], lender.manager) == nowhere

    assert answers == REFUSED[role]


async def test_who_may_not_assign_learns_nothing_of_admins(shared: tuple[str, Lender], tmp_path: Path) -> None:
    """Whether one exists, is active or eligible."""
    url, lender = shared
    customer, nobody = lender.customers["nobody's"], to_global_id(Kind.ADMIN, new_id())

    async with as_admin(url, tmp_path, lender.viewers["team_member"]) as (_, client):
        answers = [await assign(client, customer, manager) for manager in (lender.manager, lender.auditor, nobody)]

    assert answers[0] == answers[1] == answers[2]
    assert codes(answers[0]) == ["FORBIDDEN"]


async def test_a_borrower_assigns_nobody(shared: tuple[str, Lender], tmp_path: Path) -> None:
    """Not to themselves, either."""
    url, lender = shared
    customer = lender.customers["nobody's"]

    async with as_admin(url, tmp_path, customer) as (api, client), unchanged(api.database):
        payload = await assign(client, customer, lender.manager)

    assert codes(payload) == ["FORBIDDEN"]
    assert payload["customer"] is None


async def test_nobody_assigns_without_signing_in(shared: tuple[str, Lender], tmp_path: Path) -> None:
    url, lender = shared

    async with as_admin(url, tmp_path, lender.manager) as (api, _), unchanged(api.database):
        answer = await api.anonymous.answer(ASSIGN, assign_input(lender.customers["nobody's"], lender.manager))

    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]


async def _people(world: World) -> dict[str, Any]:
    """A region with a branch, and another region: a customer in each, and an account manager."""
    head = await world.office("Head")
    region, other = await world.office("Region", parent=head), await world.office("Other", parent=head)
    branch = await world.office("Branch", parent=region)
    manager = await world.admin("account_manager", office=other)
    return {
        "head": head,
        "region": region,
        "manager": manager,
        "customers": {
            office.name: await world.customer(office=office, manager=holder)
            for office, holder in ((head, None), (region, manager), (branch, None), (other, manager))
        },
    }


async def test_a_super_admin_assigns_everywhere(api: Api, world: World) -> None:
    people = await _people(world)
    client = await api.sign_in(await world.admin("super_admin", office=people["region"]))
    new = await world.admin("account_manager", office=people["region"])

    for customer in people["customers"].values():
        assert codes(await assign(client, customer, new)) == []


async def test_a_portfolio_manager_assigns_in_their_offices(api: Api, world: World) -> None:
    """The own one and those beneath it, to whomever; other offices' customers are none."""
    people = await _people(world)
    client = await api.sign_in(await world.admin("portfolio_manager", office=people["region"]))
    new = await world.admin("account_manager", office=people["head"])

    answers = {name: codes(await assign(client, customer, new)) for name, customer in people["customers"].items()}

    assert answers == {
        "Head": ["CUSTOMER_NOT_FOUND"],
        "Region": [],
        "Branch": [],
        "Other": ["CUSTOMER_NOT_FOUND"],
    }


async def test_who_gives_a_customer_away_loses_sight_at_once(api: Api, world: World) -> None:
    """The change is told, with the new manager's name, but the customer is none any more: also to `node`."""
    people = await _people(world)
    giver = await world.admin("portfolio_manager", office=people["region"])
    customer = await world.customer(office=people["head"], manager=giver)
    client = await api.sign_in(giver)

    payload = await assign(client, customer, people["manager"])

    assert (codes(payload), payload["changed"], payload["customer"]) == ([], True, None)
    assert payload["assignment"]["accountManager"]["name"] == people["manager"].name
    assert payload["assignment"]["customer"] is None
    assert codes(await assign(client, customer, giver)) == ["CUSTOMER_NOT_FOUND"]
    shown = await client.data(
        "query($id: ID!) { node(id: $id) { id } customer(id: $id) { id } }", {"id": gid(customer)}
    )
    assert shown == {"node": None, "customer": None}


async def test_the_new_manager_sees_the_customer_at_once_and_the_old_one_no_more(api: Api, world: World) -> None:
    people = await _people(world)
    customer, old = people["customers"]["Other"], people["manager"]
    new = await world.admin("account_manager", office=people["head"])
    clients = [await api.sign_in(admin) for admin in (old, new)]
    query = "query($id: ID!) { customer(id: $id) { access { level reason } } }"

    async def seen() -> list[Any]:
        return [(await client.data(query, {"id": gid(customer)}))["customer"] for client in clients]

    full = {"access": {"level": "FULL", "reason": "ACCOUNT_MANAGER"}}
    assert await seen() == [full, None]
    await assign(await api.sign_in(await world.admin("super_admin")), customer, new)
    assert await seen() == [None, full]


_LIMITED_ASSIGNER = Role(
    key="dispatcher",
    name="Dispatcher",
    description="May assign whom they manage, and sees little of the others.",
    permissions=frozenset({Permission.CUSTOMER_READ, Permission.CUSTOMER_ASSIGN, Permission.GROUP_READ}),
    assigned=Level.LIMITED,
    unassigned=Level.FULL,
    scope=Scope.ALL,
)


async def test_the_permission_without_full_access_is_not_enough(api: Api, world: World) -> None:
    """A role of the lender's own, which sees the assigned only in outline: they can be assigned once."""
    await world.role(_LIMITED_ASSIGNER)
    one, two = await world.admin("account_manager"), await world.admin("account_manager")
    customer = await world.customer()
    client = await api.sign_in(await world.admin("dispatcher"))

    first = await assign(client, customer, one)

    assert (first["changed"], first["customer"]["access"], first["customer"]["version"]) == (
        True,
        {"level": "LIMITED"},
        None,
    )
    assert codes(await assign(client, customer, two)) == ["FORBIDDEN"]
    assert (await current(api.database, customer)).account_manager_id == one.id


_ACTIONS = "query($id: ID!) { customer(id: $id) { viewerActions { action allowed reason } } }"


async def _menu(client: Client, customer: Customer) -> dict[str, Any] | None:
    """The menu's entry for assigning; None where the viewer sees no customer."""
    data = await client.data(_ACTIONS, {"id": gid(customer)})
    if data["customer"] is None:
        return None
    [entry] = [a for a in data["customer"]["viewerActions"] if a["action"] == "ASSIGN_ACCOUNT_MANAGER"]
    return dict(entry)


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_the_menu_promises_what_the_mutation_does(api: Api, world: World, role: str) -> None:
    """Allowed just where it then succeeds, and where not, with the sentence of the refusal."""
    home, away = await world.office(), await world.office()
    viewer, manager = await world.admin(role, office=home), await world.admin("account_manager", office=home)
    client = await api.sign_in(viewer)

    for office, status in (
        (home, CustomerStatus.ACTIVE),
        (home, CustomerStatus.ARCHIVED),
        (away, CustomerStatus.ACTIVE),
    ):
        for holder in (viewer, manager, None):
            customer = await world.customer(office=office, manager=holder, status=status)
            entry = await _menu(client, customer)
            payload = await assign(client, customer, manager)
            if entry is None:
                assert "CUSTOMER_NOT_FOUND" in codes(payload)
            else:
                said = [error["message"] for error in payload["userErrors"]]
                assert entry["allowed"] is (said == [])
                assert said == ([] if entry["reason"] is None else [entry["reason"]])
