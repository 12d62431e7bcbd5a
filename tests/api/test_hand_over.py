"""`handOverAndDeactivate`: who leaves is out, and all that was theirs is others'; or nothing has changed."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from gql.db.models import Admin, AdminRole, Cover, Customer, Office, Role, ScheduledAssignment
from gql.domain import hand_overs as rules
from gql.domain.enums import AdminStatus, CustomerStatus
from gql.domain.ids import Kind
from gql.domain.roles import PORTFOLIO_MANAGER, Permission
from gql.domain.roles import Role as RoleFacts
from gql.domain.scheduled_assignments import ScheduleStatus
from gql.domain.time import now
from tests.api.client import Api, Client, gid, open_api
from tests.api.mutations import codes
from tests.api.reading import unknown
from tests.api.test_deactivate_admin import activate, deactivate
from tests.api.test_jobs import undo
from tests.api.test_reassign_book import job, managers, to, work
from tests.factories import World
from tests.records import current, events, history, is_chain, outbox, unchanged

HAND_OVER = """
mutation($input: HandOverAndDeactivateInput!) {
  handOverAndDeactivate(input: $input) {
    changed replayed admin { id status }
    job { id kind status total counts { moved } requestedBy { id } }
    counts { moved unassigned scheduledMoved scheduledCancelled dueInteractions coversEnded }
    plan {
      books { admin { id } before after } changedViewers
      sightChanges { admin { id } gainsFull gainsLimited losesFull losesAll }
    }
    userErrors { code message field customers selected counted }
  }
}
"""


async def hand_over(client: Client, admin: Any, **given: Any) -> dict[str, Any]:
    """The payload of `handOverAndDeactivate`."""
    usual = {"adminId": admin if isinstance(admin, str) else gid(admin), "reason": "Ada leaves us"}
    payload: dict[str, Any] = (await client.data(HAND_OVER, {"input": usual | given}))["handOverAndDeactivate"]
    return payload


class Lender:
    """Ada of Yaba leaves; Bola of Yaba has a smaller book, Chi of Abuja a large one, Dele of the head office none."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def build(self) -> "Lender":
        world = self.world
        self.head: Office = await world.office("Head")
        self.yaba, self.abuja = [await world.office(name, parent=self.head) for name in ("Yaba", "Abuja")]
        self.boss = await world.admin("super_admin", office=self.head, name="Ife Boss")
        self.ada, self.bola = [await world.admin("account_manager", office=self.yaba) for _ in range(2)]
        self.chi = await world.admin("account_manager", office=self.abuja)
        self.wards: list[Customer] = [await world.customer(office=self.yaba, manager=self.ada) for _ in range(4)]
        self.wards += [await world.customer(office=self.abuja, manager=self.ada) for _ in range(2)]
        self.archived = await world.customer(office=self.yaba, manager=self.ada, status=CustomerStatus.ARCHIVED)
        self.bolas = await world.customer(office=self.yaba, manager=self.bola)
        self.nobodys = await world.customer(office=self.yaba)
        return self

    async def with_more(self) -> "Lender":
        """What is scheduled, due and covered: to come to Ada, of hers to Chi by her, to her whom Bola has."""
        world = self.world
        self.to_ada = await world.scheduled(self.nobodys, self.ada, self.boss, reason="Priority")
        self.by_ada = await world.scheduled(self.wards[0], self.chi, self.ada)
        self.back_to_ada = await world.scheduled(self.bolas, self.ada, self.boss)
        await world.interaction(self.wards[0], due_at=now())
        self.covered = await world.cover(self.bola, self.ada)
        self.covering = await world.cover(self.ada, self.chi)
        self.other = await world.cover(self.bola, self.chi)
        return self

    @property
    def ids(self) -> list[str]:
        """Of those who need somebody."""
        return [gid(one) for one in self.wards]


async def test_all_that_was_theirs_is_others_at_once(api: Api, world: World) -> None:
    lender = await (await Lender(world).build()).with_more()
    client, ada_s = await api.sign_in(lender.boss), await api.sign_in(lender.ada)

    done = await hand_over(client, lender.ada, to=to(lender.bola, weight=1))

    assert codes(done) == []
    assert (done["changed"], done["plan"], done["admin"]["status"]) == (True, None, "INACTIVE")
    assert done["counts"] == {
        "moved": 6,
        "unassigned": 1,
        "scheduledMoved": 2,
        "scheduledCancelled": 1,
        "dueInteractions": 1,
        "coversEnded": 2,
    }
    assert (done["job"]["kind"], done["job"]["status"], done["job"]["total"]) == ("HAND_OVER", "DONE", 7)
    assert await ada_s.codes("{ admins { totalCount } }") == ["UNAUTHENTICATED"]
    assert await managers(api.database, lender.wards) == {lender.bola.id: 6}
    for customer in lender.wards:
        spans = await history(api.database, customer)
        assert is_chain(spans)
        assert (spans[-1].reason, spans[-1].assigned_by_id) == ("Ada leaves us", lender.boss.id)
    assert (await current(api.database, lender.archived)).account_manager_id is None
    assert all(span.ended_at is not None for span in await history(api.database, lender.archived))
    items = [edge["node"] for edge in (await job(client, done["job"]["id"]))["items"]["edges"]]
    assert {(item["outcome"], item["previousAccountManager"]["id"]) for item in items} == {("MOVED", gid(lender.ada))}
    assert Counter(item["to"] and item["to"]["id"] for item in items) == {gid(lender.bola): 6, None: 1}

    scheduled = [
        await current(api.database, ScheduledAssignment(id=one.id))
        for one in (lender.to_ada, lender.by_ada, lender.back_to_ada)
    ]
    assert [(one.status, one.admin_id, one.scheduled_by_id) for one in scheduled] == [
        (ScheduleStatus.PENDING, lender.bola.id, lender.boss.id),
        (ScheduleStatus.PENDING, lender.chi.id, lender.boss.id),
        (ScheduleStatus.CANCELLED, lender.ada.id, lender.boss.id),
    ]
    covers = [await current(api.database, Cover(id=one.id)) for one in (lender.covered, lender.covering, lender.other)]
    assert [one.ended_at is not None for one in covers] == [True, True, False]

    mails = Counter((mail.template, mail.recipient) for mail in await outbox(api.database))
    assert mails == {
        **{("account_manager_assigned_customer", one.email): 1 for one in lender.wards},
        ("book_changed_manager", lender.bola.email): 1,
        ("job_ended_requester", lender.boss.email): 1,
        ("assignment_scheduled_manager", lender.bola.email): 1,
        ("cover_ended", lender.bola.email): 1,
        ("cover_ended", lender.chi.email): 1,
    }
    [event] = await events(api.database, "admin.handed_over")
    assert (event.actor_id, event.subject_id) == (lender.boss.id, lender.ada.id)
    assert (event.details["moved"], event.details["reason"]) == (6, "Ada leaves us")
    assert len(await events(api.database, "customer.scheduled_assignment_handed_on")) == 2
    [left] = await events(api.database, "admin.deactivated")
    assert left.details["job_id"] == event.details["job_id"]
    async with unchanged(api.database):
        again = await hand_over(client, lender.ada, byOffice=True)
    assert (codes(again), again["changed"], again["job"]) == ([], False, None)


async def test_a_dry_run_says_what_then_happens(api: Api, world: World) -> None:
    """By each of the three ways: counts, books and who sees whom, and nothing is written."""
    lender = await (await Lender(world).build()).with_more()
    client = await api.sign_in(lender.boss)
    moves = [{"customerId": key, "adminId": gid(lender.chi)} for key in [*lender.ids, gid(lender.nobodys)]]
    moves.append({"customerId": gid(lender.bolas), "adminId": gid(lender.bola)})
    ways: list[tuple[dict[str, Any], dict[Any, int]]] = [
        ({"moves": moves}, {lender.chi: 6}),
        ({"to": [*to(lender.bola, count=2), *to(lender.chi, count=4)]}, {lender.bola: 2, lender.chi: 4}),
        ({"byOffice": True}, {lender.bola: 4, lender.chi: 2}),
    ]
    for way, gains in ways:
        async with unchanged(api.database):
            planned = await hand_over(client, lender.ada, **way, dryRun=True, idempotencyKey="k")
        assert (codes(planned), planned["changed"], planned["job"]) == ([], False, None)
        assert planned["admin"]["status"] == "ACTIVE"
        books = {one["admin"]["id"]: one["after"] - one["before"] for one in planned["plan"]["books"]}
        assert {key: number for key, number in books.items() if number} == {
            gid(admin): number for admin, number in gains.items()
        } | {gid(lender.ada): -7}
        sight = {one["admin"]["id"]: one for one in planned["plan"]["sightChanges"]}
        assert sight[gid(lender.ada)]["losesAll"] == 7
        # Bola covers Ada's book and Chi's, and has those customers in full already.
        assert gid(lender.chi) not in sight or sight[gid(lender.chi)]["gainsFull"] == gains[lender.chi]
        assert planned["plan"]["changedViewers"] == len(sight)
    done = await hand_over(client, lender.ada, **ways[-1][0], idempotencyKey="k")
    assert done["counts"] == planned["counts"]
    assert await managers(api.database, lender.wards) == {lender.bola.id: 4, lender.chi.id: 2}
    async with unchanged(api.database):
        again = await hand_over(client, lender.ada, **ways[-1][0], idempotencyKey="k")
        other = await hand_over(client, lender.ada, to=to(lender.bola), idempotencyKey="k")
    assert (again["replayed"], again["job"]["id"], again["counts"]) == (True, done["job"]["id"], done["counts"])
    assert codes(other) == ["IDEMPOTENCY_CONFLICT"]


async def test_by_office_goes_upwards_and_to_the_smallest_book(api: Api, world: World) -> None:
    lender = await Lender(world).build()
    dele = await world.admin("account_manager", office=lender.head)
    lagos = await world.admin("account_manager", office=lender.yaba)
    kano = await world.office("Kano", parent=lender.head)
    far = await world.customer(office=kano, manager=lender.ada)
    await world.customer(office=kano, manager=dele)
    await world.customer(office=lender.abuja, manager=lagos)
    client = await api.sign_in(lender.boss)
    assert codes(await hand_over(client, lender.ada, byOffice=True)) == []
    assert (await current(api.database, far)).account_manager_id == dele.id  # nobody works in Kano
    of_yaba = await managers(api.database, lender.wards[:4])
    assert of_yaba == {lender.bola.id: 2, lagos.id: 2}


async def test_nobody_is_left_to_take_over(api: Api, world: World) -> None:
    """Nothing is done then: neither are some moved, nor is the account ended."""
    lender = await Lender(world).build()
    apart = await world.office("Apart")
    await world.customer(office=apart, manager=lender.ada)
    client = await api.sign_in(lender.boss)
    async with unchanged(api.database):
        refused = await hand_over(client, lender.ada, byOffice=True)
    assert codes(refused) == ["NO_SUCCESSOR"]
    [error] = refused["userErrors"]
    assert (error["customers"], error["field"]) == (1, ["byOffice"])
    assert "Apart" in error["message"]


async def test_refusals_write_nothing(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with its code: who may not, what isn't there, and what doesn't fit."""
    lender = await (await Lender(world).build()).with_more()
    gone = await world.admin("account_manager", status=AdminStatus.INACTIVE)
    auditor, portfolio = await world.admin("auditor"), await world.admin("portfolio_manager", office=lender.head)
    boss, ada, bola = lender.boss, lender.ada, lender.bola
    client, manager, limited = [await api.sign_in(who) for who in (boss, portfolio, auditor)]
    customer = await api.sign_in(lender.wards[0])
    fit = {"to": to(lender.bola)}
    whole = [{"customerId": gid(one), "adminId": gid(lender.chi)} for one in (*lender.wards, lender.nobodys)]
    refused: list[tuple[Client, Any, dict[str, Any], list[str], int | None]] = [
        (manager, ada, fit, ["FORBIDDEN"], None),
        (limited, ada, fit, ["FORBIDDEN"], None),
        (customer, ada, fit, ["FORBIDDEN"], None),
        (client, boss, fit, ["OWN_ACCOUNT"], None),
        (client, unknown(Kind.ADMIN), fit, ["ADMIN_NOT_FOUND"], None),
        (client, ada, {"to": to(lender.bola, count=5)}, ["COUNT_MISMATCH"], None),
        (client, ada, {"to": to(gone, auditor)}, ["ADMIN_INACTIVE", "ADMIN_NOT_ELIGIBLE"], None),
        (client, ada, {"to": [{"adminId": unknown(Kind.ADMIN), "weight": 1}]}, ["ADMIN_NOT_FOUND"], None),
        (client, ada, {"to": to(gone, bola, count=5)}, ["COUNT_MISMATCH", "ADMIN_INACTIVE"], None),
        (client, ada, {"moves": whole}, ["MOVES_INCOMPLETE"], 1),
        (client, ada, {"moves": [{"customerId": one["customerId"], "adminId": gid(gone)} for one in whole]},
         ["MOVES_INCOMPLETE", "ADMIN_INACTIVE"], 1),
        (client, ada, {"moves": [*whole, {"customerId": unknown(Kind.CUSTOMER), "adminId": gid(lender.chi)}]},
         ["NOT_IN_BOOK", "MOVES_INCOMPLETE"], 1),
    ]  # fmt: skip
    malformed: list[dict[str, Any]] = [
        {},
        {"byOffice": False},
        {"byOffice": True, "to": to(lender.bola)},
        {"to": to(lender.bola), "moves": whole},
        {"to": to(ada)},
        {"to": []},
        {"byOffice": True, "reason": " "},
    ]
    document = "mutation($input: HandOverAndDeactivateInput!) { handOverAndDeactivate(input: $input) { changed } }"
    async with unchanged(api.database):
        for who, whom, given, expected, customers in refused:
            for dry_run in (False, True):
                payload = await hand_over(who, whom, **given, dryRun=dry_run)
                assert codes(payload) == expected, given
                assert payload["userErrors"][0]["customers"] == customers
                assert (payload["admin"], payload["counts"], payload["changed"]) == (None, None, False)
        for given in malformed:
            asked = {"input": {"adminId": gid(ada), "reason": "r"} | given}
            assert await client.codes(document, asked) == ["BAD_USER_INPUT"], given
        assert await api.anonymous.codes(document, {"input": {"adminId": gid(ada), "reason": "r"}}) == [
            "UNAUTHENTICATED"
        ]
        monkeypatch.setattr(rules, "MOST_CUSTOMERS", 6)
        assert codes(await hand_over(client, ada, **fit)) == ["BOOK_TOO_LARGE"]
        assert codes(await deactivate(client, ada)) == ["HAS_BOOK", "HAS_SCHEDULED"]


async def test_offices_that_are_not_to_be_chosen_get_nobody(database_url: str, tmp_path: Path) -> None:
    """Where the lender has each customer stay in their office, it is so for a whole book, too."""
    async with open_api(database_url, tmp_path, assignment_scope="office") as api:
        lender = await Lender(World(api.database)).build()
        client = await api.sign_in(lender.boss)
        async with unchanged(api.database):
            refused = [await hand_over(client, lender.ada, to=to(lender.bola), dryRun=dry) for dry in (True, False)]
        for payload in refused:
            assert codes(payload) == ["OUTSIDE_SCOPE"]
            [error] = payload["userErrors"]
            assert (error["customers"], error["field"]) == (2, ["to"])
            assert error["message"].endswith("or hand over by office.")
        kano = await lender.world.office("Kano", parent=lender.abuja)
        await lender.world.customer(office=kano, manager=lender.ada)
        async with unchanged(api.database):
            upwards = await hand_over(client, lender.ada, byOffice=True)
        assert codes(upwards) == ["OUTSIDE_SCOPE"]  # nobody works in Kano
        assert "by office" not in upwards["userErrors"][0]["message"]
        await lender.world.admin("account_manager", office=kano)
        assert codes(await hand_over(client, lender.ada, byOffice=True)) == []
        assert await managers(api.database, lender.wards) == {lender.bola.id: 4, lender.chi.id: 2}


async def test_who_does_not_see_the_whole_book_decides_nothing(api: Api, world: World) -> None:
    """With both permissions, within an office: told how many are elsewhere, and nothing of them."""
    lender = await Lender(world).build()
    deputy = await world.admin("portfolio_manager", "super_admin", office=lender.yaba)
    await _only_role(api, world, deputy)
    client = await api.sign_in(deputy)
    async with unchanged(api.database):
        refused = await hand_over(client, lender.ada, to=to(lender.bola))
    assert codes(refused) == ["BOOK_NOT_IN_SIGHT"]
    assert refused["userErrors"][0]["customers"] == 2


async def _only_role(api: Api, world: World, admin: Admin) -> None:
    """One role that changes admins and account managers, within the office and beneath."""
    role = RoleFacts(
        key="deputy",
        name="Deputy",
        description="Looks after people and customers of a region.",
        permissions=PORTFOLIO_MANAGER.permissions | {Permission.ADMIN_WRITE},
        assigned=PORTFOLIO_MANAGER.assigned,
        unassigned=PORTFOLIO_MANAGER.unassigned,
        scope=PORTFOLIO_MANAGER.scope,
    )
    await world.role(role)
    async with api.database.begin() as session:
        await session.execute(delete(AdminRole).where(AdminRole.admin_id == admin.id))
        role_id = (await session.scalars(select(Role.id).where(Role.key == "deputy"))).one()
        session.add(AdminRole(admin_id=admin.id, role_id=role_id))


async def test_who_comes_back_can_have_the_book_back(api: Api, world: World) -> None:
    """`undoJob` waits for the account; the archived customer stays without an account manager."""
    lender = await Lender(world).build()
    client = await api.sign_in(lender.boss)
    await world.password(lender.ada)
    done = await hand_over(client, lender.ada, to=to(lender.bola))
    async with unchanged(api.database):
        assert codes(await undo(client, done["job"]["id"])) == ["NOT_ALLOWED"]
    await activate(client, lender.ada)
    assert codes(await undo(client, done["job"]["id"])) == []
    await work(api)
    assert await managers(api.database, lender.wards) == {lender.ada.id: 6}
    assert (await current(api.database, lender.archived)).account_manager_id is None


async def test_one_who_has_left_already_hands_over_too(api: Api, world: World) -> None:
    """As a lender's data may be when they come from elsewhere: nobody is with somebody who is gone afterwards."""
    gone = await world.admin("account_manager", status=AdminStatus.INACTIVE)
    bola = await world.admin("account_manager")
    left = await world.customer(manager=gone)
    done = await hand_over(await api.sign_in(await world.admin("super_admin")), gone, to=to(bola))
    assert (done["changed"], done["admin"]["status"], done["counts"]["moved"]) == (True, "INACTIVE", 1)
    assert (await current(api.database, left)).account_manager_id == bola.id
    assert await events(api.database, "admin.deactivated") == []
