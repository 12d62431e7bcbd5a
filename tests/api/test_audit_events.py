"""`auditEvents` and a customer's audit trail: what was done by whom, to those who may know."""

from dataclasses import dataclass
from typing import Any

from gql.db.models import Admin, AuditEvent, Customer, Loan, Office
from gql.domain.ids import Kind, to_global_id
from gql.domain.roles import Level, Permission, Role, Scope
from tests.api.client import Api, Client, gid
from tests.api.reading import moment, rows, shared, unknown
from tests.factories import World
from tests.sql_counter import count_statements

EVENTS = """
query Events($filter: AuditEventFilter, $first: Int) {
  auditEvents(filter: $filter, first: $first) { totalCount edges { node { ...Event } } }
}
fragment Event on AuditEvent {
  id at action denied subjectKind subjectId requestId address
  actor { kind admin { name } customer { displayName } }
  customer { displayName }
  details { field before after withheld }
}
"""
TRAIL = """
query Trail($id: ID!) { customer(id: $id) {
  access { withheldFields } auditTrail(first: 2) { totalCount edges { node { action customer { id } } } }
} }
"""
CHANGED = {
    "before": {"name": "Ade", "phone": "+2348030000001", "income": 5},
    "after": {"name": "Ada", "phone": "+2348030000002", "income": 7},
    "reason": "Typing error",
}
REGIONAL = Role(
    key="regional_auditor",
    name="Regional auditor",
    description="Reads the audit trail of an office's customers.",
    permissions=frozenset({Permission.CUSTOMER_READ, Permission.AUDIT_READ}),
    assigned=Level.LIMITED,
    unassigned=Level.FULL,
    scope=Scope.OWN_OFFICE,
)


@dataclass(frozen=True)
class Trail:
    """Two offices with a customer each, and one event of every kind."""

    office: Office
    boss: Admin
    auditor: Admin
    regional: Admin
    team: Admin
    here: Customer
    """Somebody's, in the regional auditor's office."""
    nobodys: Customer
    """In the same office."""
    away: Customer
    loan: Loan
    events: dict[str, AuditEvent]

    def ids(self, *names: str) -> list[str]:
        """The global IDs of events, newest first."""
        made = sorted((self.events[name] for name in names or self.events), key=lambda one: one.at, reverse=True)
        return [gid(event) for event in made]


async def _build(world: World) -> Trail:
    head, away = await world.office("Head"), await world.office("Away")
    await world.role(REGIONAL)
    boss = await world.admin("super_admin", office=head, name="Sade")
    manager = await world.admin("account_manager", office=head)
    here = await world.customer(office=head, manager=manager, name="Here")
    nobodys, far = await world.customer(office=head, name="Nobody's"), await world.customer(office=away, name="Far")
    loan = await world.loan(here)
    group = await world.group("Savers")
    of_loan: dict[str, Any] = {"subject_kind": "loan", "subject_id": loan.id}
    of_group: dict[str, Any] = {"subject_kind": "group", "subject_id": group.id}
    events = {
        "changed": await world.event(about=here, actor=boss, details=CHANGED),
        "changed nobody's": await world.event(about=nobodys, actor=boss, details=CHANGED),
        "changed away": await world.event(about=far, actor=boss, details=CHANGED),
        "of a loan": await world.event("loan.written_off", about=here, actor=manager, details={"amount": 5}, **of_loan),
        "of a loan of nobody known": await world.event("loan.seen", **of_loan),
        "joined": await world.event("group.member_added", about=here, actor=boss, **of_group),
        "signed in": await world.event(
            "session.started", about=here, actor=here, subject_kind="session", subject_id=here.id
        ),
        "invited": await world.event("admin.invited", actor=boss, subject_kind="admin", subject_id=manager.id),
        "denied": await world.event("assignAccountManager.denied", about=far, actor=manager, denied=True),
        "denied sign-in": await world.event("signIn.denied", subject_kind="admin", subject_id=boss.id, denied=True),
        "looked up": await world.event("customer.lookup", actor=manager, details={"by": "email"}),
    }
    auditor = await world.admin("auditor", office=head)
    regional = await world.admin(REGIONAL.key, office=head)
    team = await world.admin("team_member", office=head)
    return Trail(head, boss, auditor, regional, team, here, nobodys, far, loan, events)


trail, database_url = shared(_build)


async def _listed(client: Client, **criteria: Any) -> list[dict[str, Any]]:
    found = (await client.data(EVENTS, {"filter": criteria}))["auditEvents"]
    assert found["totalCount"] == len(found["edges"])
    return rows(found)


async def test_events_are_listed_newest_first_by_every_filter(api: Api, trail: Trail) -> None:
    """To who sees everybody: all of them, and any two filters together."""
    client, events = await api.sign_in(trail.boss), trail.events
    manager = to_global_id(Kind.ADMIN, events["denied"].actor_id or trail.boss.id)
    about_here = ("changed", "of a loan", "joined", "signed in")
    for criteria, names in (
        ({}, tuple(events)),
        ({"actorId": manager}, ("of a loan", "denied", "looked up")),
        ({"actorId": gid(trail.here)}, ("signed in",)),
        ({"subjectId": gid(trail.loan)}, ("of a loan", "of a loan of nobody known")),
        ({"customerId": gid(trail.here)}, about_here),
        ({"action": ["customer.updated"]}, ("changed", "changed nobody's", "changed away")),
        ({"action": ["customer.lookup", "admin.invited", "nothing"]}, ("looked up", "invited")),
        ({"action": []}, ()),
        ({"deniedOnly": True}, ("denied", "denied sign-in")),
        ({"customerId": gid(trail.here), "action": ["customer.updated", "loan.written_off"]}, ("changed", "of a loan")),
        ({"customerId": gid(trail.away), "deniedOnly": True}, ("denied",)),
        ({"customerId": unknown(Kind.CUSTOMER)}, ()),
        (
            {"from": events["joined"].at.isoformat(), "to": events["denied"].at.isoformat()},
            ("joined", "signed in", "invited"),
        ),
    ):
        found = await _listed(client, **criteria)
        assert [event["id"] for event in found] == (trail.ids(*names) if names else []), criteria


async def test_an_event_says_who_did_what_to_whom_from_where(api: Api, trail: Trail) -> None:
    client = await api.sign_in(trail.boss)
    [found] = await _listed(client, customerId=gid(trail.here), action=["customer.updated"])
    assert moment(found.pop("at")) == trail.events["changed"].at
    assert found == {
        "id": gid(trail.events["changed"]),
        "action": "customer.updated",
        "denied": False,
        "subjectKind": "customer",
        "subjectId": gid(trail.here),
        "requestId": "a request",
        "address": "192.0.2.1",
        "actor": {"kind": "ADMIN", "admin": {"name": "Sade"}, "customer": None},
        "customer": {"displayName": "Here"},
        "details": [
            {"field": "name", "before": "Ade", "after": "Ada", "withheld": False},
            {"field": "phone", "before": "+2348030000001", "after": "+2348030000002", "withheld": False},
            {"field": "income", "before": "5", "after": "7", "withheld": False},
            {"field": "reason", "before": None, "after": "Typing error", "withheld": False},
        ],
    }


async def test_a_limited_view_of_the_customer_withholds_what_the_trail_would_tell(api: Api, trail: Trail) -> None:
    """The auditor sees all events, and no more of a customer than everywhere else."""
    client = await api.sign_in(trail.auditor)
    found = {event["id"]: event for event in await _listed(client)}
    assert list(found) == trail.ids()

    changed = found[gid(trail.events["changed"])]
    assert changed["details"] == [
        {"field": "name", "before": "Ade", "after": "Ada", "withheld": False},
        *({"field": name, "before": None, "after": None, "withheld": True} for name in ("phone", "income", "reason")),
    ]
    assert (changed["subjectId"], changed["customer"]) == (gid(trail.here), {"displayName": "Here"})
    for name in ("of a loan", "joined"):
        assert found[gid(trail.events[name])]["subjectId"] is None, name
    assert found[gid(trail.events["signed in"])]["address"] is None
    assert found[gid(trail.events["looked up"])]["details"][0]["after"] == "email"


async def test_events_about_customers_out_of_sight_are_not_there(api: Api, trail: Trail) -> None:
    """By any filter, count or ID: to who sees an office, limited where the customer is somebody's."""
    client = await api.sign_in(trail.regional)
    seen = ("changed", "changed nobody's", "of a loan", "joined", "signed in", "invited", "denied sign-in", "looked up")
    found = {event["id"]: event for event in await _listed(client)}
    assert list(found) == trail.ids(*seen)
    assert found[gid(trail.events["changed"])]["details"][1]["withheld"]
    assert not found[gid(trail.events["changed nobody's"])]["details"][1]["withheld"]
    assert await _listed(client, customerId=gid(trail.away)) == []
    assert await _listed(client, subjectId=gid(trail.away)) == []
    assert [e["id"] for e in await _listed(client, deniedOnly=True)] == trail.ids("denied sign-in")

    nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    answered = (await client.data(nodes, {"ids": trail.ids()}))["nodes"]
    assert [node["id"] for node in answered if node] == trail.ids(*seen)


async def test_a_customers_trail_has_the_events_about_them(api: Api, trail: Trail) -> None:
    """Newest first, for full access and the permission; with limited access it is withheld, and the list has them."""
    boss, auditor = await api.sign_in(trail.boss), await api.sign_in(trail.auditor)
    found = (await boss.data(TRAIL, {"id": gid(trail.here)}))["customer"]
    assert found["auditTrail"]["totalCount"] == 4
    assert [event["action"] for event in rows(found["auditTrail"])] == ["session.started", "group.member_added"]
    assert {event["customer"]["id"] for event in rows(found["auditTrail"])} == {gid(trail.here)}

    found = (await auditor.data(TRAIL, {"id": gid(trail.here)}))["customer"]
    assert found["auditTrail"] is None
    assert "auditTrail" in found["access"]["withheldFields"]

    team = await api.sign_in(trail.team)  # without the permission, but with full access
    found = (await team.data(TRAIL, {"id": gid(trail.nobodys)}))["customer"]
    assert (found["auditTrail"], found["access"]["withheldFields"]) == (None, [])
    [event, *_] = trail.ids()
    assert (await team.data("query($id: ID!) { node(id: $id) { id } }", {"id": event}))["node"] is None


async def test_malformed_filters_are_refused_in_words(api: Api, trail: Trail) -> None:
    client = await api.sign_in(trail.boss)
    for criteria in (
        {"actorId": "nonsense"},
        {"actorId": gid(trail.office)},
        {"subjectId": "nonsense"},
        {"customerId": gid(trail.boss)},
        {"from": "2026-01-01T00:00:00"},
        {"to": "0001-01-01T00:00:00+14:00"},
        {"action": ["a"] * 10 + [str(n) for n in range(51)]},
        {"action": ["a\0b"]},
    ):
        assert await client.codes(EVENTS, {"filter": criteria}) == ["BAD_USER_INPUT"], criteria


async def test_statements_do_not_grow_with_events(api: Api, trail: Trail) -> None:
    client = await api.sign_in(trail.boss)
    await client.data(EVENTS)  # offices and admins are kept from then on
    counts = []
    for first in (8, 11):
        with count_statements(api.database) as recorder:
            await client.data(EVENTS, {"first": first})
        counts.append(len(recorder))
    assert counts[0] == counts[1] <= 5, counts
    with count_statements(api.database) as recorder:
        await client.data("{ customers { edges { node { auditTrail { totalCount edges { node { action } } } } } } }")
    assert len(recorder) == 4, str(recorder)
