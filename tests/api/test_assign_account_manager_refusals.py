"""`assignAccountManager` refuses with every reason at once, and then has written nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gql.db.models import Admin, Customer
from gql.domain.enums import AdminStatus, CustomerStatus, OfficeStatus
from gql.domain.ids import Kind, new_id, to_global_id
from tests.api.client import gid, open_api
from tests.api.mutations import as_admin, assign, codes, shared_lender
from tests.databases import DatabaseKind
from tests.factories import World
from tests.records import unchanged

CUSTOMER, MANAGER, VERSION = ["customerId"], ["accountManagerId"], ["expectedVersion"]


class Lender(NamedTuple):
    """A super admin, and customers and admins by what is to be said of them."""

    boss: Admin
    customers: dict[str, str]
    admins: dict[str, str]


async def _build(world: World) -> Lender:
    home = await world.office("Lagos")
    closed = await world.office("Jos", status=OfficeStatus.INACTIVE)
    ada = await world.admin("account_manager", office=home)
    admins = {
        "able": ada,
        "invited": await world.admin("account_manager", office=home, status=AdminStatus.INVITED),
        "inactive": await world.admin("account_manager", office=home, status=AdminStatus.INACTIVE),
        "auditor": await world.admin("auditor", office=home),
        "compliance": await world.admin("compliance_officer", office=home),
        "manager and auditor": await world.admin("account_manager", "auditor", office=home),
        "of a closed office": await world.admin("account_manager", office=closed),
        "hopeless": await world.admin("compliance_officer", office=closed, status=AdminStatus.INACTIVE),
    }
    customers = {
        "active": await world.customer(office=home, manager=ada),
        "archived": await world.customer(office=home, status=CustomerStatus.ARCHIVED),
    }
    return Lender(
        await world.admin("super_admin", office=home),
        {name: gid(customer) for name, customer in customers.items()}
        | {"unknown": to_global_id(Kind.CUSTOMER, new_id())},
        {name: gid(admin) for name, admin in admins.items()} | {"unknown": to_global_id(Kind.ADMIN, new_id())},
    )


@pytest.fixture(scope="module")
def shared(database_kind: DatabaseKind) -> Iterator[tuple[str, Lender]]:
    with shared_lender(database_kind, _build) as lender:
        yield lender


Expected = dict[str, list[str]]
_HOPELESS: Expected = {"ADMIN_INACTIVE": MANAGER, "ADMIN_NOT_ELIGIBLE": MANAGER, "OFFICE_INACTIVE": MANAGER}


@pytest.mark.parametrize(
    ("customer", "manager", "version", "expected"),
    [
        ("unknown", "able", None, {"CUSTOMER_NOT_FOUND": CUSTOMER}),
        ("archived", "able", None, {"CUSTOMER_ARCHIVED": CUSTOMER}),
        ("active", "unknown", None, {"ADMIN_NOT_FOUND": MANAGER}),
        ("active", "invited", None, {"ADMIN_INACTIVE": MANAGER}),
        ("active", "inactive", None, {"ADMIN_INACTIVE": MANAGER}),
        ("active", "auditor", None, {"ADMIN_NOT_ELIGIBLE": MANAGER}),
        ("active", "compliance", None, {"ADMIN_NOT_ELIGIBLE": MANAGER}),
        ("active", "manager and auditor", None, {"ADMIN_NOT_ELIGIBLE": MANAGER}),
        ("active", "of a closed office", None, {"OFFICE_INACTIVE": MANAGER}),
        ("active", "able", 2, {"VERSION_CONFLICT": VERSION}),
        ("active", "able", 0, {"VERSION_CONFLICT": VERSION}),
        ("unknown", "unknown", 2, {"CUSTOMER_NOT_FOUND": CUSTOMER, "ADMIN_NOT_FOUND": MANAGER}),
        ("unknown", "hopeless", None, {"CUSTOMER_NOT_FOUND": CUSTOMER, **_HOPELESS}),
        ("archived", "hopeless", 1, {"CUSTOMER_ARCHIVED": CUSTOMER, **_HOPELESS}),
        ("archived", "hopeless", 7, {"CUSTOMER_ARCHIVED": CUSTOMER, "VERSION_CONFLICT": VERSION, **_HOPELESS}),
    ],
)
async def test_it_is_refused_for_all_its_reasons(
    shared: tuple[str, Lender], tmp_path: Path, customer: str, manager: str, version: int | None, expected: Expected
) -> None:
    """Each with its own code and the field to mend, so that nobody mends one thing after the other."""
    url, lender = shared
    wish: dict[str, Any] = {"reason": "Why not", "idempotencyKey": "k", "expectedVersion": version}

    async with as_admin(url, tmp_path, lender.boss) as (api, client), unchanged(api.database):
        payload = await assign(client, lender.customers[customer], lender.admins[manager], **wish)

    assert codes(payload) == list(expected)
    assert {error["code"]: error["field"] for error in payload["userErrors"]} == expected


async def test_a_stale_edit_is_answered_with_the_present_state(shared: tuple[str, Lender], tmp_path: Path) -> None:
    """So that the console can show what has happened meanwhile; other refusals show no customer."""
    url, lender = shared
    customer, able = lender.customers["active"], lender.admins["able"]

    async with as_admin(url, tmp_path, lender.boss) as (_, client):
        stale = await assign(client, customer, able, expectedVersion=0)
        refused = await assign(client, customer, lender.admins["auditor"])

    assert stale["customer"]["id"] == customer
    assert stale["customer"]["version"] == 1
    assert stale["customer"]["accountManager"]["id"] == able
    assert refused["customer"] is None


class Tree(NamedTuple):
    """Head office → region → branch, and another region; a customer of the region; an able admin of each office."""

    boss: Admin
    regional: Admin
    customer: Customer
    admins: dict[str, str]


async def _build_tree(world: World) -> Tree:
    head = await world.office("Head")
    region = await world.office("Region", parent=head)
    branch = await world.office("Branch", parent=region)
    other = await world.office("Other", parent=head)
    offices = {"head": head, "region": region, "branch": branch, "other": other}
    return Tree(
        await world.admin("super_admin", office=head),
        await world.admin("portfolio_manager", office=region),
        await world.customer(office=region),
        {name: gid(await world.admin("account_manager", office=office)) for name, office in offices.items()},
    )


@pytest.fixture(scope="module")
def tree(database_kind: DatabaseKind) -> Iterator[tuple[str, Tree]]:
    with shared_lender(database_kind, _build_tree) as tree:
        yield tree


@pytest.mark.parametrize(
    ("scope", "assigner", "allowed"),
    [
        ("any", "boss", {"head", "region", "branch", "other"}),
        ("any", "regional", {"head", "region", "branch", "other"}),
        ("office", "boss", {"region"}),
        ("office", "regional", {"region"}),
        ("ancestors", "boss", {"head", "region"}),
        ("ancestors", "regional", {"head", "region"}),
        ("assigner", "boss", {"head", "region", "branch", "other"}),
        ("assigner", "regional", {"region", "branch"}),
    ],
)
async def test_the_setting_says_which_offices_may_take_a_customer(
    tree: tuple[str, Tree], tmp_path: Path, scope: str, assigner: str, allowed: set[str]
) -> None:
    """Any, the customer's own, those above it too, or those whose customers the assigner manages."""
    url, lender = tree
    answers = {}

    async with open_api(url, tmp_path, assignment_scope=scope) as api:
        client = await api.sign_in(getattr(lender, assigner))
        for office, manager in lender.admins.items():
            answers[office] = codes(await assign(client, lender.customer, manager))

    assert answers == {office: [] if office in allowed else ["OUTSIDE_SCOPE"] for office in lender.admins}


async def test_the_wrong_office_is_told_together_with_the_rest(shared: tuple[str, Lender], tmp_path: Path) -> None:
    """Six reasons against one wish."""
    url, lender = shared

    async with (
        as_admin(url, tmp_path, lender.boss, assignment_scope="office") as (api, client),
        unchanged(api.database),
    ):
        payload = await assign(client, lender.customers["archived"], lender.admins["hopeless"], expectedVersion=9)

    assert set(codes(payload)) == {"CUSTOMER_ARCHIVED", "VERSION_CONFLICT", "OUTSIDE_SCOPE", *_HOPELESS}
