"""`previewCriteria`: how many customers a rule would let in, and some of them; never what is withheld of whom."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from gql.db.models import Admin, Customer, Office
from gql.domain.back_office import CustomerTier
from gql.domain.enums import CustomerStatus
from gql.domain.ids import Kind
from gql.domain.roles import BUILT_IN_ROLES, CustomerField, Level, Permission, Role, Scope
from gql.domain.time import today
from tests.api.client import Api, Client, gid
from tests.api.mutations import add
from tests.api.reading import shared, unknown
from tests.factories import World
from tests.profiles import tags
from tests.records import events, unchanged
from tests.sql_counter import count_statements

PREVIEW = """
query($criteria: CriteriaInput!, $first: Int) {
  previewCriteria(criteria: $criteria, first: $first) {
    count description sample { id displayName phone backOffice { tier } } } }
"""
_KEEPS_GROUPS = frozenset({Permission.CUSTOMER_READ, Permission.GROUP_READ, Permission.GROUP_MEMBERS_WRITE})
_COLLECTOR = Role(
    key="collector",
    name="Collector",
    description="Keeps groups, and sees who is in arrears.",
    permissions=_KEEPS_GROUPS,
    assigned=Level.LIMITED,
    unassigned=Level.LIMITED,
    scope=Scope.SUBTREE,
    shown_when_limited=frozenset({CustomerField.ARREARS, CustomerField.LOANS_SUMMARY}),
)
_BLIND = Role(
    key="blind",
    name="Blind",
    description="Adds to groups, and may not read them.",
    permissions=_KEEPS_GROUPS - {Permission.GROUP_READ},
    assigned=Level.FULL,
    unassigned=Level.FULL,
    scope=Scope.ALL,
)

OUTLINE: dict[str, dict[str, Any]] = {
    "status": {"status": ["ACTIVE"]},
    "not status": {"not": {"status": ["PENDING"]}},
    "nothing of it": {"all": [{"not": {"status": ["PENDING"]}}, {"any": [{"status": ["ACTIVE"]}]}]},
}
"""Rules that whoever sees a customer may ask; all of the branch's customers fit these, and those below."""
OF_FULL: dict[str, dict[str, Any]] = {
    "product": {"product": ["SME loan", "no such"]},
    "outstanding": {"outstanding": {"currency": "NGN", "minimumMinor": 300_000, "maximumMinor": 300_000}},
    "tier": {"tier": ["GOLD"]},
    "tag": {"tag": ["VIP, Lagos"]},
    "age": {"accountAge": {"min": 20, "max": 20}},
    "not tier": {"not": {"tier": ["SILVER", None]}},
    "in any": {"any": [{"status": ["ACTIVE"]}, {"tier": ["PLATINUM"]}]},
}
PAST_DUE: dict[str, dict[str, Any]] = {
    "past due": {"daysPastDue": {"min": 10, "max": 10}},
    "not past due": {"not": {"daysPastDue": {"max": 9}}},
}
HERE, EVERYWHERE = {"someone's", "nobody's", "beneath"}, {"someone's", "nobody's", "beneath", "elsewhere", "own"}
OWN = {"own"}
"""Of the viewer's book, in another office. Those of all the other viewers' books are left out here."""
FITTING = {
    "super_admin": (EVERYWHERE, EVERYWHERE, EVERYWHERE),
    "compliance_officer": (EVERYWHERE, EVERYWHERE, EVERYWHERE),
    "portfolio_manager": (HERE | OWN, HERE | OWN, HERE | OWN),
    "group_administrator": (HERE | OWN, OWN, OWN),
    "collector": (HERE | OWN, OWN, HERE | OWN),
}
"""Whom each role finds by the outline, by what takes a full view, and by days past due."""
FORBIDDEN = ["account_manager", "collections_officer", "team_member", "auditor", "blind"]


@dataclass(frozen=True)
class Branch:
    """Customers all alike, in every relation to viewers of one office; one of each viewer's book."""

    lagos: Office
    ikeja: Office
    viewers: dict[str, Admin]
    customers: dict[str, Customer]
    own: dict[str, Customer]
    odd: Customer
    """Pending, of no tier, without loans or tags, and elsewhere."""


async def _build(world: World) -> Branch:
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    ikeja = await world.office("Ikeja", parent=lagos)
    for role in (_COLLECTOR, _BLIND):
        await world.role(role)
    keys = [*BUILT_IN_ROLES, "collector", "blind"]
    viewers = {key: await world.admin(key, office=lagos) for key in keys}
    manager = await world.admin("account_manager", office=lagos)
    created = datetime.combine(today() - timedelta(days=20), time(12), UTC)

    async def alike(name: str, office: Office, manager: Admin | None) -> Customer:
        customer = await world.customer(name=name, office=office, manager=manager, created_at=created)
        await world.loan(customer, principal=300_000, overdue_days=10, product="SME loan")
        await tags(world, customer, "vip lagos")
        async with world.database.begin() as session:
            (await session.get_one(Customer, customer.id)).tier = CustomerTier.GOLD
        return customer

    customers = {
        "someone's": await alike("Ada", lagos, manager),
        "nobody's": await alike("Bola", lagos, None),
        "beneath": await alike("Chidi", ikeja, manager),
        "elsewhere": await alike("Dayo", kano, manager),
    }
    own = {key: await alike(f"Own {key}", kano, viewer) for key, viewer in viewers.items()}
    odd = await world.customer(name="Zed", office=kano, manager=manager, status=CustomerStatus.PENDING)
    return Branch(lagos, ikeja, viewers, customers, own, odd)


branch, database_url = shared(_build)


async def _preview(client: Client, criteria: dict[str, Any], first: int | None = 100) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(PREVIEW, {"criteria": criteria, "first": first}))["previewCriteria"]
    return found


def _whose(branch: Branch, role: str, preview: dict[str, Any]) -> set[str]:
    """Whom a preview has, but for customers of other viewers' books."""
    named = {gid(customer): whose for whose, customer in branch.customers.items()}
    named |= {gid(customer): f"of {key}" for key, customer in branch.own.items()} | {gid(branch.own[role]): "own"}
    found = [named[one["id"]] for one in preview["sample"]]
    assert preview["count"] == len(found) == len(set(found))
    return {whose for whose in found if not whose.startswith("of ")}


@pytest.mark.parametrize("role", FITTING)
async def test_a_role_is_told_of_customers_of_whom_it_may_know_what_is_asked(
    api: Api, branch: Branch, role: str
) -> None:
    """Alone, within NOT, and where the rule would hold without it."""
    client = await api.sign_in(branch.viewers[role])
    sets: tuple[dict[str, dict[str, Any]], ...] = (OUTLINE, OF_FULL, PAST_DUE)
    for rules, whom in zip(sets, FITTING[role], strict=True):
        for name, rule in rules.items():
            assert _whose(branch, role, await _preview(client, rule)) == whom, name
    for name, rule in (OF_FULL | PAST_DUE).items():
        both = {"any": [rule, {"not": rule}]}
        within_full, past_due = FITTING[role][1:]
        seen = await _preview(client, both)
        odd = [one for one in seen["sample"] if one["id"] == gid(branch.odd)]
        others = {
            **seen,
            "sample": [one for one in seen["sample"] if one not in odd],
            "count": seen["count"] - len(odd),
        }
        assert _whose(branch, role, others) == (past_due if name in PAST_DUE else within_full), name


@pytest.mark.parametrize("role", FORBIDDEN)
async def test_a_role_that_keeps_no_groups_previews_nothing(api: Api, branch: Branch, role: str) -> None:
    """Refused before the rule is looked at, and on record."""
    client = await api.sign_in(branch.viewers[role])
    rules: list[dict[str, Any]] = [OUTLINE["status"], {"tag": []}]
    for rule in rules:
        assert await client.codes(PREVIEW, {"criteria": rule}) == ["FORBIDDEN"]
    denied = await events(api.database, "previewCriteria.denied")
    assert branch.viewers[role].id in {event.actor_id for event in denied}


async def test_who_has_not_signed_in_and_customers_preview_nothing(api: Api, branch: Branch) -> None:
    assert await api.anonymous.codes(PREVIEW, {"criteria": OUTLINE["status"]}) == ["UNAUTHENTICATED"]
    customer = await api.sign_in(branch.customers["someone's"])
    assert await customer.codes(PREVIEW, {"criteria": OUTLINE["status"]}) == ["FORBIDDEN"]


async def test_offices_are_asked_for_alone_and_with_those_beneath(api: Api, branch: Branch) -> None:
    """And the rule is told in words, with their names."""
    client = await api.sign_in(branch.viewers["group_administrator"])
    for beneath, whom in ((False, {"someone's", "nobody's"}), (True, HERE)):
        rule = {"office": {"ids": [gid(branch.lagos)], "includeSubtree": beneath}}
        preview = await _preview(client, {"all": [rule, {"not": {"status": ["ARCHIVED"]}}]})
        assert _whose(branch, "group_administrator", preview) == whom
        suffix = " or one beneath" if beneath else ""
        assert preview["description"] == f"office is Lagos{suffix} and not (status is ARCHIVED)"
    nowhere = await _preview(client, {"office": {"ids": [unknown(Kind.OFFICE)]}})
    assert nowhere == {"count": 0, "sample": [], "description": "office is a former office"}


async def test_a_sample_is_the_first_by_name_and_as_far_as_each_is_seen(api: Api, branch: Branch) -> None:
    """Ten unless told otherwise; fields that are withheld are null as anywhere."""
    client = await api.sign_in(branch.viewers["group_administrator"])
    preview = await _preview(client, OUTLINE["status"], first=3)
    assert [one["displayName"] for one in preview["sample"]] == ["Ada", "Bola", "Chidi"]
    assert {one["phone"] for one in preview["sample"]} == {None}
    assert {str(one["backOffice"]) for one in preview["sample"]} == {"None"}
    assert preview["count"] == 4
    boss = await api.sign_in(branch.viewers["super_admin"])
    for first, size in ((None, 10), (100, 4 + len(branch.own))):
        assert len((await _preview(boss, OUTLINE["status"], first=first))["sample"]) == size
    answer = await boss.data("{ previewCriteria(criteria: {tier: [GOLD]}) { sample { id } } }")
    assert len(answer["previewCriteria"]["sample"]) == 10


async def test_a_sample_costs_what_it_may_return(api: Api, branch: Branch) -> None:
    """The lists of a hundred customers are a hundred lists."""
    client = await api.sign_in(branch.viewers["super_admin"])
    below = "groups(first: 100) { edges { node { id } } }"
    text = f"{{ previewCriteria(criteria: {{status: [ACTIVE]}}, first: 100) {{ sample {{ {below} }} }} }}"
    assert await client.codes(text) == ["QUERY_TOO_COMPLEX"]
    assert await client.codes(text.replace("first: 100) { sample", "first: 1) { sample")) == []
    # Without a size it is ten, and no more is paid for; the same below twenty-five would be too much.
    members = "groups(first: 100) { edges { node { members(first: 2) { totalCount } } } }"
    for first, codes in (("", []), (", first: 25", ["QUERY_TOO_COMPLEX"])):
        text = f"{{ previewCriteria(criteria: {{status: [ACTIVE]}}{first}) {{ sample {{ {members} }} }} }}"
        assert await client.codes(text) == codes


async def test_only_what_is_asked_for_is_read(api: Api, branch: Branch) -> None:
    """A preview writes nothing but what a role's reads leave on record."""
    client = await api.sign_in(branch.viewers["super_admin"])
    counted = []
    async with unchanged(api.database):
        for fields in ("description", "count", "sample { id }", "count sample { id }"):
            with count_statements(api.database) as statements:
                await client.data(f"{{ previewCriteria(criteria: {{status: [ACTIVE]}}) {{ {fields} }} }}")
            counted.append(len(statements))
    assert [more - counted[0] for more in counted] == [0, 1, 1, 2]


async def test_reads_of_an_audited_role_are_on_record(api: Api, branch: Branch) -> None:
    """Of whom the sample shows; a number names nobody."""
    client = await api.sign_in(branch.viewers["compliance_officer"])
    rule = {"all": [{"office": {"ids": [gid(branch.ikeja)]}}, OUTLINE["status"]]}
    await api.app.state.reads.flush()
    before = len(await events(api.database, "customer.read"))
    await client.data("query($c: CriteriaInput!) { previewCriteria(criteria: $c) { count } }", {"c": rule})
    await api.app.state.reads.flush()
    assert len(await events(api.database, "customer.read")) == before
    await _preview(client, rule)
    await api.app.state.reads.flush()
    [read] = (await events(api.database, "customer.read"))[before:]
    assert read.subject_id == branch.customers["beneath"].id


async def test_who_does_not_fit_is_refused_by_the_same_rule(api: Api, branch: Branch) -> None:
    """And is told by which part of it, where the customer is seen in full."""
    world = World(api.database)
    rule = {"all": [{"status": {"in": ["ACTIVE"]}}, {"days_past_due": {"maximum": 9}}, {"tag": {"in": ["x"]}}]}
    group = await world.group(name="Punctual", criteria=rule)
    for role, criterion in (("super_admin", "days past due are at most 9"), ("group_administrator", None)):
        client = await api.sign_in(branch.viewers[role])
        [error] = (await add(client, group, branch.customers["someone's"]))["userErrors"]
        assert (error["code"], error["criterion"]) == ("NOT_ELIGIBLE", criterion)
