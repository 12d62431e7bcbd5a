"""`addGroupMember` refuses with every reason at once, says what to do, and then has written nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gql.db.models import Admin, Customer, Group, Office
from gql.domain.enums import CustomerStatus, GroupStatus
from gql.domain.ids import Kind, new_id, to_global_id
from tests.api.client import gid, open_api
from tests.api.mutations import add, as_admin, codes, shared_lender
from tests.databases import DatabaseKind
from tests.factories import World
from tests.records import unchanged


class Lender(NamedTuple):
    """Two viewers, and customers and groups by what is to be said of them."""

    full: Admin
    limited: Admin
    customers: dict[str, Customer]
    groups: dict[str, Group]


async def _groups(world: World, home: Office, customers: dict[str, Customer]) -> dict[str, Group]:
    low = await world.risk_category("Low")
    high = await world.risk_category("High", excludes=[low])
    odd = await world.risk_category("Odd", excludes=[high])
    active, elsewhere = customers["active"], await world.office("Kano")
    one, two = customers["walled"], customers["suspended"]
    in_kano: dict[str, Any] = {"office": {"in": [str(elsewhere.id)], "include_subtree": True}}
    return {
        "open": await world.group("Open", members=[two]),
        "inactive": await world.group(status=GroupStatus.INACTIVE),
        "suspended": await world.group(status=GroupStatus.SUSPENDED),
        "archived": await world.group(status=GroupStatus.ARCHIVED),
        "full": await world.group(maximum=2, members=[one, two]),
        "full of archived": await world.group(status=GroupStatus.ARCHIVED, maximum=1, members=[two]),
        "for Kano": await world.group(criteria={"all": [{"status": {"in": ["ACTIVE"]}}, in_kano]}),
        "low": await world.group("Low risk", risk_category=low, members=[one]),
        "odd": await world.group("Odd ones", risk_category=odd, members=[one]),
        "high": await world.group("High risk", risk_category=high),
        "hopeless": await world.group(
            status=GroupStatus.SUSPENDED, maximum=1, members=[two], risk_category=high, criteria=in_kano
        ),
        "joined": await world.group(members=[active]),
    }


async def _build(world: World) -> Lender:
    home = await world.office("Lagos")
    customers = {status.lower(): await world.customer(office=home, status=status) for status in CustomerStatus}
    customers["walled"] = await world.customer(office=home)
    customers["walled and blacklisted"] = await world.customer(office=home, status=CustomerStatus.BLACKLISTED)
    groups = await _groups(world, home, customers)
    await world.membership(groups["low"], customers["walled and blacklisted"])
    return Lender(
        await world.admin("portfolio_manager", office=home),
        await world.admin("group_administrator", office=home),
        customers,
        groups,
    )


@pytest.fixture(scope="module")
def shared(database_kind: DatabaseKind) -> Iterator[tuple[str, Lender]]:
    with shared_lender(database_kind, _build) as lender:
        yield lender


_KANO = "office is Kano or one beneath"


@pytest.mark.parametrize(
    ("customer", "group", "expected"),
    [
        ("pending", "open", ["CUSTOMER_NOT_ACTIVE"]),
        ("inactive", "open", ["CUSTOMER_NOT_ACTIVE"]),
        ("blacklisted", "open", ["CUSTOMER_BLACKLISTED"]),
        ("archived", "open", ["CUSTOMER_ARCHIVED"]),
        ("suspended", "joined", ["CUSTOMER_SUSPENDED"]),
        ("suspended", "open", ["CUSTOMER_SUSPENDED", "ALREADY_MEMBER"]),
        ("active", "joined", ["ALREADY_MEMBER"]),
        ("active", "inactive", ["GROUP_NOT_ACTIVE"]),
        ("active", "suspended", ["GROUP_SUSPENDED"]),
        ("active", "archived", ["GROUP_ARCHIVED"]),
        ("active", "full", ["GROUP_FULL"]),
        ("active", "full of archived", ["GROUP_ARCHIVED", "GROUP_FULL"]),
        ("active", "for Kano", ["NOT_ELIGIBLE"]),
        ("walled", "high", ["RISK_CATEGORY_CONFLICT", "RISK_CATEGORY_CONFLICT"]),
        ("walled", "full", ["GROUP_FULL", "ALREADY_MEMBER"]),
        (
            "walled and blacklisted",
            "hopeless",
            ["CUSTOMER_BLACKLISTED", "GROUP_SUSPENDED", "GROUP_FULL", "NOT_ELIGIBLE", "RISK_CATEGORY_CONFLICT"],
        ),
    ],
)
async def test_it_is_refused_for_all_its_reasons(
    shared: tuple[str, Lender], tmp_path: Path, customer: str, group: str, expected: list[str]
) -> None:
    """Whoever may add members hears all of them, with full or limited sight of the customer."""
    url, lender = shared

    async with open_api(url, tmp_path) as api:
        for admin in (lender.full, lender.limited):
            client = await api.sign_in(admin)
            async with unchanged(api.database):
                payload = await add(client, lender.groups[group], lender.customers[customer], idempotencyKey="k")
            assert codes(payload) == expected
            for error in payload["userErrors"]:
                assert error["field"] == (["groupId"] if error["code"].startswith("GROUP_") else ["customerId"])


@pytest.mark.parametrize("identifier", ["customerId", "email", "number"])
async def test_a_customer_who_is_not_there_is_not_found(
    shared: tuple[str, Lender], tmp_path: Path, identifier: str
) -> None:
    """The field to mend is the one that was used; an unknown group is told in the same answer."""
    url, lender = shared
    unknown = {"customerId": to_global_id(Kind.CUSTOMER, new_id()), "email": "who@mail.example", "number": "C999999"}
    wish = {identifier: unknown[identifier]}

    async with as_admin(url, tmp_path, lender.full) as (_, client):
        alone = await add(client, lender.groups["open"], **wish)
        with_group = await add(client, to_global_id(Kind.GROUP, new_id()), **wish)

    assert codes(alone) == ["CUSTOMER_NOT_FOUND"]
    assert alone["userErrors"][0]["field"] == [identifier]
    assert codes(with_group) == ["CUSTOMER_NOT_FOUND", "GROUP_NOT_FOUND"]


async def test_an_unknown_group_is_not_found(shared: tuple[str, Lender], tmp_path: Path) -> None:
    url, lender = shared

    async with as_admin(url, tmp_path, lender.full) as (api, client), unchanged(api.database):
        payload = await add(client, to_global_id(Kind.GROUP, new_id()), lender.customers["active"])

    assert codes(payload) == ["GROUP_NOT_FOUND"]


async def test_a_full_group_says_how_full(shared: tuple[str, Lender], tmp_path: Path) -> None:
    """Current and maximum, as numbers and in the sentence."""
    url, lender = shared

    async with as_admin(url, tmp_path, lender.limited) as (_, client):
        [error] = (await add(client, lender.groups["full"], lender.customers["active"]))["userErrors"]

    assert (error["currentMembers"], error["maximumMembers"]) == (2, 2)
    assert "limit has been reached: 2 of 2 members" in error["message"]


@pytest.mark.parametrize(
    ("customer", "group", "sentence"),
    [
        ("active", "joined", "already belongs to this group"),
        ("suspended", "joined", "suspended accounts cannot be added"),
    ],
)
async def test_the_sentences_are_those_of_the_guide(
    shared: tuple[str, Lender], tmp_path: Path, customer: str, group: str, sentence: str
) -> None:
    url, lender = shared

    async with as_admin(url, tmp_path, lender.full) as (_, client):
        [error] = (await add(client, lender.groups[group], lender.customers[customer]))["userErrors"]

    assert sentence in error["message"]


async def test_the_criterion_is_named_to_who_sees_all_of_the_customer(
    shared: tuple[str, Lender], tmp_path: Path
) -> None:
    """It says something of the customer: a limited view hears only that there is one."""
    url, lender = shared
    errors = {}

    for name, admin in (("full", lender.full), ("limited", lender.limited)):
        async with as_admin(url, tmp_path, admin) as (_, client):
            [errors[name]] = (await add(client, lender.groups["for Kano"], lender.customers["active"]))["userErrors"]

    assert errors["full"]["criterion"] == _KANO
    assert _KANO in errors["full"]["message"]
    assert errors["limited"]["criterion"] is None
    assert "Kano" not in errors["limited"]["message"]


async def test_each_conflicting_group_is_named(shared: tuple[str, Lender], tmp_path: Path) -> None:
    """Walls stand from both sides, whichever category was written down first."""
    url, lender = shared

    async with as_admin(url, tmp_path, lender.limited) as (_, client):
        errors = (await add(client, lender.groups["high"], lender.customers["walled"]))["userErrors"]

    assert [error["conflictingGroup"]["id"] for error in errors] == [
        gid(lender.groups[name]) for name in ("low", "odd")
    ]
    assert "“Low risk”" in errors[0]["message"]
    assert "“Odd ones”" in errors[1]["message"]


async def test_facts_stand_only_with_their_reason(shared: tuple[str, Lender], tmp_path: Path) -> None:
    """The numbers with GROUP_FULL, the criterion with NOT_ELIGIBLE, the group with RISK_CATEGORY_CONFLICT."""
    url, lender = shared
    facts = ("currentMembers", "maximumMembers", "criterion", "conflictingGroup")

    async with as_admin(url, tmp_path, lender.full) as (_, client):
        payload = await add(client, lender.groups["hopeless"], lender.customers["walled and blacklisted"])

    assert {error["code"]: {fact for fact in facts if error[fact] is not None} for error in payload["userErrors"]} == {
        "CUSTOMER_BLACKLISTED": set(),
        "GROUP_SUSPENDED": set(),
        "GROUP_FULL": {"currentMembers", "maximumMembers"},
        "NOT_ELIGIBLE": {"criterion"},
        "RISK_CATEGORY_CONFLICT": {"conflictingGroup"},
    }
