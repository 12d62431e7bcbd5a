"""Finding people: by relevance to a name, by days past due and time of creation, and in any order."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from json import dumps
from typing import Any

from sqlalchemy import update

from gql.db.models import Admin, Customer, CustomerTag, Office
from gql.domain.back_office import CustomerTier
from gql.domain.enums import CustomerStatus
from tests.api.client import Api, Client, gid
from tests.api.reading import names, shared
from tests.databases import DatabaseKind
from tests.factories import World

LIST = """
query($filter: CustomerFilter, $search: String, $orderBy: CustomerOrder, $first: Int, $after: String, $last: Int,
      $before: String) {
  customers(filter: $filter, search: $search, orderBy: $orderBy, first: $first, after: $after, last: $last,
            before: $before) {
    totalCount
    edges { cursor node { displayName } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
YEAR = 2026
_TIERS = {"Adaeze Okafor": CustomerTier.GOLD, "Bola Okafor": CustomerTier.GOLD, "Chidi Okeafor": CustomerTier.SILVER}


@dataclass(frozen=True)
class Register:
    """A branch whose customers are called alike, and owe for more or less long."""

    office: Office
    boss: Admin
    chief: Admin
    """Of the whole lender."""
    manager: Admin
    collector: Admin
    helper: Admin
    """Of another office, whose customers are of every status but active."""
    stopped: list[Customer]


async def _register(world: World) -> Register:
    office = await world.office("Ikeja")
    boss = await world.admin("portfolio_manager", office=office)
    chief = await world.admin("super_admin", office=office)
    manager = await world.admin("account_manager", office=office)
    for month, (name, mine, days) in enumerate(
        (
            ("Okafor Stores Ltd", False, 0),
            ("Adaeze Okafor", True, 95),
            ("Bola Okafor", False, 31),
            ("Ngozi Okafor Eze", False, 30),
            ("Chidi Okeafor", True, 1),
            ("Zainab Musa", False, 0),
        ),
        start=1,
    ):
        customer = await world.customer(
            name=name,
            office=office,
            manager=manager if mine else None,
            created_at=datetime(YEAR, month, 1, tzinfo=UTC),
        )
        if name != "Okafor Stores Ltd":  # who has no loan at all
            await world.loan(customer, overdue_days=days)
        async with world.database.begin() as session:
            await session.execute(update(Customer).where(Customer.id == customer.id).values(tier=_TIERS.get(name)))
            if name in ("Adaeze Okafor", "Bola Okafor"):
                session.add(CustomerTag(customer_id=customer.id, tag="v i p"))
    collector = await world.admin("collections_officer", office=office)
    elsewhere = await world.office("Yaba")
    helper = await world.admin("group_administrator", office=elsewhere)
    stopped = [
        await world.customer(office=elsewhere, status=status, name=f"Dayo {status.title()}")
        for status in CustomerStatus
        if status is not CustomerStatus.ACTIVE
    ]
    return Register(office, boss, chief, manager, collector, helper, stopped)


register, database_url = shared(_register)


async def _list(client: Client, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(LIST, asked))["customers"]
    return found


async def _walk(client: Client, backward: bool, **asked: Any) -> list[str]:
    """All names, by pages of two."""
    found: list[str] = []
    page: dict[str, Any] = {"last" if backward else "first": 2}
    for _ in range(20):
        listed = await _list(client, **asked, **page)
        found = names(listed) + found if backward else found + names(listed)
        info = listed["pageInfo"]
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            return found
        page |= {"before": info["startCursor"]} if backward else {"after": info["endCursor"]}
    raise AssertionError("the list has no end")


async def test_names_that_begin_so_come_first_then_last_names_then_similar_ones(
    api: Api, register: Register, database_kind: DatabaseKind
) -> None:
    """Page by page it is the same list, either way, and its count says how long it is."""
    client = await api.sign_in(register.boss)
    beginning = ["Okafor Stores Ltd", "Adaeze Okafor", "Bola Okafor"]
    similar = ["Ngozi Okafor Eze", "Chidi Okeafor"] if database_kind == "postgresql" else []
    whole = await _list(client, search="Okafor")
    assert names(whole) == beginning + similar
    assert whole["totalCount"] == len(beginning + similar)
    for backward in (False, True):
        assert await _walk(client, backward, search="Okafor") == beginning + similar
    assert names(await _list(client, search="Okafor", orderBy={"field": "NAME"})) == sorted(beginning)


async def test_a_name_is_found_although_it_is_misspelt(
    api: Api, register: Register, database_kind: DatabaseKind
) -> None:
    """One letter too many, too few, another one, two exchanged: on PostgreSQL. SQLite looks for beginnings only."""
    client = await api.sign_in(register.boss)
    for typed in ("Zainnab", "Zaiab", "Zeinab", "Zainba", "zainab muas", "muss"):
        found = names(await _list(client, search=typed))
        assert found == (["Zainab Musa"] if database_kind == "postgresql" else []), typed
    for nothing_alike in ("Xyzzy", "Qwertz Uiop"):
        assert names(await _list(client, search=nothing_alike)) == []


async def test_similar_names_are_those_that_the_viewer_sees_and_the_filters_let_through(
    api: Api, register: Register, database_kind: DatabaseKind
) -> None:
    client = await api.sign_in(register.manager)  # own book, and nobody's customers of the office
    similar = database_kind == "postgresql"
    assert names(await _list(client, search="Chidy Okeafor")) == (["Chidi Okeafor"] if similar else [])
    nobodys = await _list(client, search="Okafr", filter={"hasAccountManager": False})
    assert set(names(nobodys)) == ({"Bola Okafor", "Ngozi Okafor Eze", "Okafor Stores Ltd"} if similar else set())
    assert names(await _list(client, search="Chidy Okeafor", filter={"status": ["ARCHIVED"]})) == []


async def test_a_cursor_of_another_order_or_of_nothing_is_bad_input_or_a_beginning(
    api: Api, register: Register
) -> None:
    client = await api.sign_in(register.boss)
    ordered = (await _list(client, orderBy={"field": "STATUS"}))["edges"][0]["cursor"]
    relevant = (await _list(client, search="Okafor"))["edges"][0]["cursor"]
    assert await client.codes(LIST, {"search": "Okafor", "after": ordered}) == ["BAD_USER_INPUT"]
    assert await client.codes(LIST, {"orderBy": {"field": "STATUS"}, "after": relevant}) == ["BAD_USER_INPUT"]


async def test_by_days_past_due(api: Api, register: Register) -> None:
    client = await api.sign_in(register.boss)
    for days, expected in (
        ({"min": 90}, ["Adaeze Okafor"]),
        ({"min": 1, "max": 30}, ["Chidi Okeafor", "Ngozi Okafor Eze"]),
        ({"min": 31, "max": 31}, ["Bola Okafor"]),
        ({"max": 0}, ["Okafor Stores Ltd", "Zainab Musa"]),
        ({"min": 0, "max": 1}, ["Chidi Okeafor", "Okafor Stores Ltd", "Zainab Musa"]),
        ({"min": 96}, []),
    ):
        listed = await _list(client, filter={"daysPastDue": days})
        assert (names(listed), listed["totalCount"]) == (expected, len(expected)), days
    everybody = await _list(client)
    for no_bound in ({}, {"min": 0}, {"min": None, "max": None}, None):
        assert (await _list(client, filter={"daysPastDue": no_bound}))["totalCount"] == everybody["totalCount"]


async def test_by_time_of_creation(api: Api, register: Register) -> None:
    client = await api.sign_in(register.boss)
    for created, expected in (
        ({"from": f"{YEAR}-05-01T00:00:00Z"}, ["Chidi Okeafor", "Zainab Musa"]),
        ({"before": f"{YEAR}-02-01T00:00:00Z"}, ["Okafor Stores Ltd"]),
        ({"from": f"{YEAR}-02-01T01:00:00+01:00", "before": f"{YEAR}-03-01T00:00:00Z"}, ["Adaeze Okafor"]),
        ({"from": f"{YEAR}-03-01T00:00:00Z", "before": f"{YEAR}-02-01T00:00:00Z"}, []),
    ):
        assert names(await _list(client, filter={"created": created})) == expected, created


async def test_a_filter_by_what_is_withheld_leaves_those_out_of_whom_it_is(api: Api, register: Register) -> None:
    """An account manager sees an outline of nobody's customers, and all of their own; a collector sees who owes."""
    anything = {"daysPastDue": {"max": 36500}, "created": {"from": "2000-01-01T00:00:00Z"}}
    own = ["Adaeze Okafor", "Chidi Okeafor"]
    manager = await api.sign_in(register.manager)
    for name, value in anything.items():
        assert names(await _list(manager, filter={name: value})) == own, name
    for order in ("CREATED_AT", "UPDATED_AT"):
        assert names(await _list(manager, orderBy={"field": order})) == own, order
    collector = await api.sign_in(register.collector)
    assert names(await _list(collector, filter={"daysPastDue": {"min": 31}})) == ["Adaeze Okafor", "Bola Okafor"]
    assert names(await _list(collector, filter={"created": anything["created"]})) == []


async def test_in_the_order_of_any_column_that_a_console_shows(api: Api, register: Register) -> None:
    """Both ways, page by page, forwards and backwards; whoever has no manager or tier comes last either way."""
    boss, chief = await api.sign_in(register.boss), await api.sign_in(register.chief)
    of_ikeja = ["Adaeze Okafor", "Bola Okafor", "Chidi Okeafor", "Ngozi Okafor Eze", "Okafor Stores Ltd", "Zainab Musa"]
    of_yaba = [f"Dayo {status}" for status in ("Archived", "Blacklisted", "Inactive", "Pending", "Suspended")]
    since = ["Adaeze Okafor", "Bola Okafor", "Ngozi Okafor Eze", "Chidi Okeafor", "Okafor Stores Ltd", "Zainab Musa"]
    tierless, unmanaged = [of_ikeja[3], *of_ikeja[4:]], ["Bola Okafor", *of_ikeja[3:]]
    for client, field, upwards, downwards in (
        (chief, "OFFICE", of_ikeja + of_yaba, (of_ikeja + of_yaba)[::-1]),
        (chief, "STATUS", of_ikeja + of_yaba, (of_ikeja + of_yaba)[::-1]),
        (
            boss,
            "ACCOUNT_MANAGER",
            ["Adaeze Okafor", "Chidi Okeafor", *unmanaged],
            ["Chidi Okeafor", "Adaeze Okafor", *unmanaged[::-1]],
        ),
        (boss, "DAYS_PAST_DUE", since[::-1], since),
        (
            boss,
            "TIER",
            ["Chidi Okeafor", "Adaeze Okafor", "Bola Okafor", *tierless],
            ["Bola Okafor", "Adaeze Okafor", "Chidi Okeafor", *tierless[::-1]],
        ),
    ):
        for direction, expected in (("ASC", upwards), ("DESC", downwards)):
            order = {"field": field, "direction": direction}
            assert (await _list(client, orderBy=order))["totalCount"] == len(expected)
            for backward in (False, True):
                assert await _walk(client, backward, orderBy=order) == expected, (order, backward)
    for field, name in (("EMAIL", "email"), ("PHONE", "phone")):
        for direction in ("ASC", "DESC"):
            by = f"{{field: {field}, direction: {direction}}}"
            query = f"{{ customers(orderBy: {by}) {{ edges {{ node {{ {name} }} }} }} }}"
            listed = [edge["node"][name] for edge in (await chief.data(query))["customers"]["edges"]]
            assert listed == sorted(listed, reverse=direction == "DESC")
            assert len(listed) == len(of_ikeja + of_yaba)


async def test_such_orders_go_with_filters_and_searches(api: Api, register: Register) -> None:
    boss = await api.sign_in(register.boss)
    nobodys, mine = {"hasAccountManager": False}, {"accountManagerId": gid(register.manager)}
    for field, asked, expected in (
        ("TIER", {"search": "Okafor"}, ["Adaeze Okafor", "Bola Okafor", "Okafor Stores Ltd"]),
        ("TIER", {"filter": {"tier": ["SILVER", "GOLD"], **mine}}, ["Chidi Okeafor", "Adaeze Okafor"]),
        (
            "DAYS_PAST_DUE",
            {"filter": {"daysPastDue": {"min": 1, "max": 31}}},
            ["Chidi Okeafor", "Ngozi Okafor Eze", "Bola Okafor"],
        ),
        ("DAYS_PAST_DUE", {"filter": {"daysPastDue": {"max": 0}}}, ["Zainab Musa", "Okafor Stores Ltd"]),
        ("ACCOUNT_MANAGER", {"search": "Okafor", "filter": nobodys}, ["Bola Okafor", "Okafor Stores Ltd"]),
        ("ACCOUNT_MANAGER", {"filter": mine}, ["Adaeze Okafor", "Chidi Okeafor"]),
        ("OFFICE", {"filter": {"tag": "v i p", "officeId": gid(register.office)}}, ["Adaeze Okafor", "Bola Okafor"]),
        ("EMAIL", {"filter": {"status": ["ARCHIVED"]}}, []),
    ):
        listed = await _list(boss, orderBy={"field": field}, **asked)
        assert (names(listed), listed["totalCount"]) == (expected, len(expected)), (field, asked)


async def test_an_order_by_what_is_withheld_leaves_those_out_of_whom_it_is(api: Api, register: Register) -> None:
    """An account manager sees the outline of nobody's customers; a collector everybody's contact and arrears."""
    manager, collector = await api.sign_in(register.manager), await api.sign_in(register.collector)
    everybody = len(names(await _list(collector)))
    for field, of_manager, of_collector in (
        ("EMAIL", 2, everybody),
        ("PHONE", 2, everybody),
        ("DAYS_PAST_DUE", 2, everybody),
        ("TIER", 2, 0),
        ("OFFICE", everybody, everybody),
        ("ACCOUNT_MANAGER", everybody, everybody),
    ):
        for direction in ("ASC", "DESC"):
            order = {"field": field, "direction": direction}
            for client, expected in ((manager, of_manager), (collector, of_collector)):
                listed = await _list(client, orderBy=order)
                assert len(names(listed)) == listed["totalCount"] == expected, (order, expected)


async def test_a_made_up_place_in_a_list_of_sections_is_a_place_or_bad_input(api: Api, register: Register) -> None:
    """Whatever it says: a section that isn't there, a day that is none, a key of the wrong kind."""
    boss = await api.sign_in(register.boss)
    key = "0190a0a0a0a07000800000000000000a"
    for field, name in (("TIER", "tier"), ("DAYS_PAST_DUE", "days_past_due"), ("ACCOUNT_MANAGER", "account_manager")):
        for value in (
            "",
            "0",
            "1",
            "9",
            "x",
            "²",
            "0yesterday",
            "02026-02-30",
            "00001-01-01",
            "4" * 300,
            "1\U0010ffff",
        ):
            cursor = urlsafe_b64encode(dumps([name, value, key, "Ada"]).encode()).decode().rstrip("=")
            for direction, argument in (("ASC", "after"), ("DESC", "before")):
                listed = await _list(boss, orderBy={"field": field, "direction": direction}, **{argument: cursor})
                assert listed["totalCount"] == 6, (field, value)
        for parts in ([name, 1, key, "Ada"], [name, "0", key], [name, "0", "x", "Ada"], [name, "0", key, 7]):
            cursor = urlsafe_b64encode(dumps(parts).encode()).decode().rstrip("=")
            assert await boss.codes(LIST, {"orderBy": {"field": field}, "after": cursor}) == ["BAD_USER_INPUT"], parts


async def test_by_tier_and_tag(api: Api, register: Register) -> None:
    """A tag in any writing; both are the back office's, which is withheld from who sees an outline."""
    boss, manager = await api.sign_in(register.boss), await api.sign_in(register.manager)
    for narrow, all_of_them, own in (
        ({"tier": ["GOLD"]}, ["Adaeze Okafor", "Bola Okafor"], ["Adaeze Okafor"]),
        ({"tier": ["GOLD", "SILVER"]}, ["Adaeze Okafor", "Bola Okafor", "Chidi Okeafor"], None),
        ({"tier": []}, [], []),
        ({"tag": " V.I.P "}, ["Adaeze Okafor", "Bola Okafor"], ["Adaeze Okafor"]),
        ({"tag": "vi"}, [], []),
        ({"tag": "v i p", "status": ["ACTIVE"], "tier": ["GOLD"], "daysPastDue": {"max": 40}}, ["Bola Okafor"], []),
    ):
        listed = await _list(boss, filter=narrow)
        assert (names(listed), listed["totalCount"]) == (all_of_them, len(all_of_them)), narrow
        if own is not None:
            assert names(await _list(manager, filter=narrow)) == own, narrow


async def test_ranges_that_mean_nothing_are_bad_input(api: Api, register: Register) -> None:
    client = await api.sign_in(register.boss)
    for wrong in (
        {"daysPastDue": {"min": -1}},
        {"daysPastDue": {"max": 36_501}},
        {"daysPastDue": {"min": 2, "max": 1}},
        {"created": {"from": "2026-01-01T00:00:00"}},
        {"created": {"before": "yesterday"}},
    ):
        assert await client.codes(LIST, {"filter": wrong}) == ["BAD_USER_INPUT"], wrong


async def test_a_customer_who_cannot_join_a_group_is_found_and_says_why(api: Api, register: Register) -> None:
    """The requirement's troubleshooting: the customer is in the viewer's scope, but not active."""
    client = await api.sign_in(register.helper)
    query = """
    query($search: String!) { customers(search: $search) { edges { node {
        status viewerActions { action allowed reason } } } } }
    """
    for customer in register.stopped:
        for term in (customer.number, customer.name, customer.email):
            edge, *_similar = (await client.data(query, {"search": term}))["customers"]["edges"]
            assert edge["node"]["status"] == customer.status
            [add] = [one for one in edge["node"]["viewerActions"] if one["action"] == "ADD_TO_GROUP"]
            assert not add["allowed"], (customer.status, term)
            assert add["reason"], (customer.status, term)
