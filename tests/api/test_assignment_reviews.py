"""`assignmentReviews` and `confirmAssignment`: who wants a look, told to who sees them, and signed by somebody else."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select, update

from gql.db.models import Admin, AssignmentConfirmation, Customer, Office
from gql.domain.enums import AdminStatus, CustomerStatus
from gql.domain.ids import Kind
from gql.domain.time import now
from tests.api.client import Api, Client, gid
from tests.api.mutations import assign, codes
from tests.api.reading import unknown
from tests.api.test_reassign_book import reassign, to, work
from tests.api.test_unassign_account_manager import unassign
from tests.factories import World
from tests.records import current, events, outbox, unchanged

REVIEWS = """
query($filter: AssignmentReviewFilter, $first: Int, $after: String, $last: Int, $before: String) {
  assignmentReviews(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
    edges { node { reasons lastReviewedAt customer { id displayName } } }
  }
}
"""
CONFIRM = """
mutation($input: ConfirmAssignmentInput!) {
  confirmAssignment(input: $input) {
    changed replayed customer { id version }
    assignment { id confirmations { confirmedBy { id } confirmedAt note } } userErrors { code message field }
  }
}
"""
LONG_AGO = timedelta(days=200)


async def reviews(client: Client, **given: Any) -> dict[str, list[str]]:
    """The reasons by the customers' IDs, of one whole page in order; its count is theirs."""
    page = (await client.data(REVIEWS, {"first": 100, "filter": given}))["assignmentReviews"]
    assert page["totalCount"] == len(page["edges"])
    moments = [edge["node"]["lastReviewedAt"] for edge in page["edges"]]
    assert moments == sorted(moments)
    return {edge["node"]["customer"]["id"]: edge["node"]["reasons"] for edge in page["edges"]}


async def confirm(client: Client, customer: Any, version: int = 1, **given: Any) -> dict[str, Any]:
    """The payload of `confirmAssignment`."""
    whom = customer if isinstance(customer, str) else gid(customer)
    asked = {"customerId": whom, "expectedVersion": version} | given
    payload: dict[str, Any] = (await client.data(CONFIRM, {"input": asked}))["confirmAssignment"]
    return payload


async def reviewed(api: Api, customer: Customer, at: datetime) -> None:
    """As if somebody had last looked then."""
    async with api.database.begin() as session:
        await session.execute(update(Customer).where(Customer.id == customer.id).values(manager_reviewed_at=at))


async def test_who_wants_a_look_and_why(api: Api, world: World) -> None:
    """Each customer once, with all reasons; archived ones, and those whose history isn't seen, are left out."""
    head = await world.office()
    lagos, abuja = await world.office(parent=head), await world.office(parent=head)
    boss = await world.admin("super_admin", office=head)
    ada, chi = await world.admin("account_manager", office=lagos), await world.admin("account_manager", office=abuja)
    gone = await world.admin("account_manager", office=abuja, status=AdminStatus.INACTIVE)
    above = await world.admin("account_manager", office=head)
    fine, late, nobodys, left, elsewhere, by_head = [
        await world.customer(office=lagos, manager=manager) for manager in (ada, ada, None, gone, chi, above)
    ]
    archived = await world.customer(office=lagos, manager=gone, status=CustomerStatus.ARCHIVED)
    for customer in (fine, nobodys, left, elsewhere, by_head, archived):
        await reviewed(api, customer, now() - timedelta(days=1))
    await reviewed(api, late, now() - LONG_AGO)
    await reviewed(api, left, now() - LONG_AGO)
    client = await api.sign_in(boss)

    assert await reviews(client) == {
        gid(late): ["UNREVIEWED"],
        gid(left): ["INACTIVE_MANAGER", "OUTSIDE_OFFICE", "UNREVIEWED"],
        gid(nobodys): ["NO_MANAGER"],
        gid(elsewhere): ["OUTSIDE_OFFICE"],
    }
    assert set(await reviews(client, reasons=["NO_MANAGER", "INACTIVE_MANAGER"])) == {gid(nobodys), gid(left)}
    assert set(await reviews(client, reasons=["UNREVIEWED"])) == {gid(late), gid(left)}
    assert await reviews(client, reasons=[]) == {}
    assert set(await reviews(client, reasons=["UNREVIEWED"], unreviewedForDays=201)) == set()
    assert set(await reviews(client, accountManagerId=gid(ada))) == {gid(late)}
    assert set(await reviews(client, officeId=gid(abuja))) == set()
    of_ada = await api.sign_in(ada)  # sees nobody's of the office in part, which has no history for her
    assert await reviews(of_ada) == {gid(late): ["UNREVIEWED"]}
    assert await reviews(await api.sign_in(await world.admin("auditor"))) == {}
    assert await reviews(await api.sign_in(await world.admin("portfolio_manager", office=abuja))) == {}
    for days in (0, 4_000):
        assert await client.codes(REVIEWS, {"filter": {"unreviewedForDays": days}}) == ["BAD_USER_INPUT"]
    assert await (await api.sign_in(fine)).codes(REVIEWS) == ["FORBIDDEN"]
    assert await api.anonymous.codes(REVIEWS) == ["UNAUTHENTICATED"]


class RandomLender:
    """Offices in a tree, managers of whom some have left, and what is right to be told of each customer."""

    def __init__(self, api: Api, world: World) -> None:
        self.api, self.world, self.random = api, world, Random("reviews")
        self.parents: dict[Any, Any] = {}
        self.offices: list[Office] = []
        self.right: dict[str, tuple[Office, list[str]]] = {}
        """Of each customer, by ID."""

    async def build(self) -> "RandomLender":
        world, random = self.world, self.random
        for number in range(5):
            parent = random.choice(self.offices) if number else None
            self.offices.append(await world.office(parent=parent))
            self.parents[self.offices[-1].id] = parent and parent.id
        managers: list[Admin | None] = [None]
        for _ in range(5):
            standing = random.choice([AdminStatus.ACTIVE, AdminStatus.ACTIVE, AdminStatus.INACTIVE])
            office = random.choice(self.offices)
            managers.append(await world.admin("account_manager", office=office, status=standing))
        for _ in range(40):
            office, manager, is_late = random.choice(self.offices), random.choice(managers), random.random() < 0.3
            status = random.choice([CustomerStatus.ACTIVE, CustomerStatus.SUSPENDED, CustomerStatus.ARCHIVED])
            customer = await world.customer(office=office, manager=manager, status=status)
            ago = LONG_AGO if is_late else timedelta(hours=random.randint(1, 5))
            await reviewed(self.api, customer, now() - ago)
            is_kept = status is not CustomerStatus.ARCHIVED
            self.right[gid(customer)] = office, self._reasons(office, manager, is_late) if is_kept else []
        return self

    def above(self, office_id: Any) -> set[Any]:
        """The office and all above it."""
        found = set()
        while office_id is not None:
            found.add(office_id)
            office_id = self.parents[office_id]
        return found

    def _reasons(self, office: Office, manager: Admin | None, is_late: bool) -> list[str]:
        if manager is None:
            return ["NO_MANAGER"]
        found = ["INACTIVE_MANAGER"] if manager.status is AdminStatus.INACTIVE else []
        found += [] if manager.office_id in self.above(office.id) else ["OUTSIDE_OFFICE"]
        return found + (["UNREVIEWED"] if is_late else [])


async def test_random_lenders_are_told_as_the_rule_says(api: Api, world: World) -> None:
    """By pages of three, both ways, whatever is asked for: as one by one by what the reasons mean."""
    lender = await RandomLender(api, world).build()
    assert {len(found) for _, found in lender.right.values()} == {0, 1, 2, 3}
    regional = lender.offices[1]
    everybody = await api.sign_in(await world.admin("super_admin"))
    some = await api.sign_in(await world.admin("portfolio_manager", office=regional))
    all_reasons = ["NO_MANAGER", "INACTIVE_MANAGER", "OUTSIDE_OFFICE", "UNREVIEWED"]
    for client, is_regional in ((everybody, False), (some, True)):
        for wanted in (all_reasons, *([one] for one in all_reasons), ["INACTIVE_MANAGER", "UNREVIEWED"]):
            right = {
                key: found
                for key, (office, found) in lender.right.items()
                if set(found) & set(wanted) and (not is_regional or regional.id in lender.above(office.id))
            }
            assert await reviews(client, reasons=wanted) == right
            forwards = await _paged(client, wanted, "first", "after", "hasNextPage", "endCursor")
            assert forwards == await _paged(client, wanted, "last", "before", "hasPreviousPage", "startCursor")
            assert sorted(forwards) == sorted(right)


async def _paged(client: Client, wanted: list[str], size: str, bound: str, more: str, place: str) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        variables = {"filter": {"reasons": wanted}, size: 3} | ({} if cursor is None else {bound: cursor})
        page = (await client.data(REVIEWS, variables))["assignmentReviews"]
        ids = [edge["node"]["customer"]["id"] for edge in page["edges"]]
        found = found + ids if size == "first" else ids + found
        if not page["pageInfo"][more]:
            return found
        cursor = page["pageInfo"][place]


async def test_a_signed_review_is_on_record_and_due_again_later(api: Api, world: World) -> None:
    boss, ada = await world.admin("super_admin"), await world.admin("account_manager")
    customer = await world.customer(manager=ada)
    await reviewed(api, customer, now() - LONG_AGO)
    client = await api.sign_in(boss)
    assert set(await reviews(client)) == {gid(customer)}

    done = await confirm(client, customer, note="Visited, all is well", idempotencyKey="k")

    assert (codes(done), done["changed"], done["customer"]) == ([], True, {"id": gid(customer), "version": 1})
    [signed] = done["assignment"]["confirmations"]
    assert (signed["confirmedBy"], signed["note"]) == ({"id": gid(boss)}, "Visited, all is well")
    assert await reviews(client) == {}
    [event] = await events(api.database, "customer.assignment_confirmed")
    assert (event.actor_id, event.subject_id) == (boss.id, customer.id)
    assert await outbox(api.database) == []
    async with unchanged(api.database):
        again = await confirm(client, customer, note="Visited, all is well", idempotencyKey="k")
        other = await confirm(client, customer, idempotencyKey="k")
    assert (again["replayed"], again["assignment"]["id"]) == (True, done["assignment"]["id"])
    assert codes(other) == ["IDEMPOTENCY_CONFLICT"]
    await confirm(client, customer, note="Once more")
    of_ada = "query($id: ID!) { customer(id: $id) { assignmentHistory { edges { node { confirmations { note } } } } } }"
    history = (await (await api.sign_in(ada)).data(of_ada, {"id": gid(customer)}))["customer"]["assignmentHistory"]
    assert history["edges"][0]["node"]["confirmations"] == [{"note": "Once more"}, {"note": "Visited, all is well"}]


async def test_every_decision_about_who_it_is_counts_as_a_review(api: Api, world: World) -> None:
    """Assigning, ending that, and a job."""
    boss, ada, bola = [await world.admin(role) for role in ("super_admin", "account_manager", "account_manager")]
    people = [await world.customer(manager=ada) for _ in range(3)]
    for customer in people:
        await reviewed(api, customer, now() - LONG_AGO)
    client, before = await api.sign_in(boss), now()
    assigned, ended, moved = people
    assert codes(await assign(client, assigned, bola)) == []
    assert codes(await unassign(client, ended)) == []
    await reassign(client, customerIds=[gid(moved)], to=to(bola))
    await work(api)
    for customer in people:
        assert (await current(api.database, customer)).manager_reviewed_at >= before
    assert await reviews(client) == {gid(ended): ["NO_MANAGER"]}


async def test_refusals_sign_nothing(api: Api, world: World) -> None:
    """Who may not, whom it isn't for, and what can't be right."""
    boss, manager = await world.admin("super_admin"), await world.admin("portfolio_manager")
    ada, gone = await world.admin("account_manager"), await world.admin("auditor", status=AdminStatus.INACTIVE)
    mine, own = await world.customer(manager=ada), await world.customer(manager=manager)
    nobodys, left = await world.customer(), await world.customer(manager=gone)
    archived = await world.customer(manager=ada, status=CustomerStatus.ARCHIVED)
    client, of_manager, of_ada, customer = [await api.sign_in(who) for who in (boss, manager, ada, mine)]
    async with unchanged(api.database):
        for who, whom, version, expected in (
            (client, unknown(Kind.CUSTOMER), 1, ["CUSTOMER_NOT_FOUND"]),
            (of_ada, mine, 1, ["FORBIDDEN"]),
            (customer, mine, 1, ["FORBIDDEN"]),
            (of_manager, own, 1, ["NOT_ALLOWED"]),
            (client, nobodys, 1, ["NOT_ALLOWED"]),
            (client, left, 1, ["NOT_ALLOWED"]),
            (client, archived, 1, ["CUSTOMER_ARCHIVED"]),
            (client, mine, 7, ["VERSION_CONFLICT"]),
        ):
            payload = await confirm(who, whom, version)
            assert (codes(payload), payload["changed"], payload["assignment"]) == (expected, False, None)
        assert await api.anonymous.codes(CONFIRM, {"input": {"customerId": gid(mine), "expectedVersion": 1}}) == [
            "UNAUTHENTICATED"
        ]
        asked = {"customerId": gid(mine), "expectedVersion": 1, "note": "x" * 501}
        assert await client.codes(CONFIRM, {"input": asked}) == ["BAD_USER_INPUT"]
    assert await api.database.rows(select(AssignmentConfirmation.id)) == []
