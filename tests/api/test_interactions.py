"""Dealings with customers: who puts them on record, what is due, and who closes it."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from gql.db.models import Customer, Interaction
from gql.domain.enums import CustomerStatus
from gql.domain.ids import Kind
from gql.domain.interactions import InteractionKind
from gql.domain.roles import CustomerField, Level, Permission, Role, Scope
from gql.domain.time import now
from tests.api.client import Api, Client, gid
from tests.api.mutations import assign, codes
from tests.api.reading import moment, rows, unknown
from tests.factories import World
from tests.records import current, events, unchanged

LOG = """
mutation($input: LogInteractionInput!) {
  logInteraction(input: $input) {
    customer { id version }
    interaction {
      id kind direction summary outcome occurredAt loggedAt author { name } nextStep dueAt doneAt doneBy { name }
      nextStepOutcome customer { id }
    }
    replayed userErrors { code message field }
  }
}
"""
COMPLETE = """
mutation($input: CompleteInteractionInput!) {
  completeInteraction(input: $input) {
    customer { id } interaction { id doneAt doneBy { name } nextStepOutcome } changed replayed
    userErrors { code message field }
  }
}
"""
DUE = """
query($filter: DueInteractionFilter) {
  dueInteractions(filter: $filter) { totalCount edges { node { id summary nextStep dueAt customer { number } } } }
}
"""
LIST = "query($id: ID!) { customer(id: $id) { interactions { totalCount edges { node { summary } } } } }"
ROLES = (
    "super_admin",
    "compliance_officer",
    "portfolio_manager",
    "group_administrator",
    "account_manager",
    "collections_officer",
    "team_member",
    "auditor",
)
MAY_LOG = {
    "super_admin": {"own book", "someone's", "nobody's", "elsewhere"},
    "portfolio_manager": {"own book", "someone's", "nobody's"},
    "team_member": {"own book", "nobody's"},
}
"""The others: whom they look after themselves."""


async def log(client: Client, customer: Customer | str, **given: Any) -> dict[str, Any]:
    """The payload of `logInteraction`; a call to the customer unless told otherwise."""
    whose = customer if isinstance(customer, str) else gid(customer)
    usual = {"customerId": whose, "kind": "CALL", "direction": "OUTBOUND", "summary": "Asked after the shop."}
    payload: dict[str, Any] = (await client.data(LOG, {"input": usual | given}))["logInteraction"]
    return payload


async def complete(client: Client, interaction: Any, **given: Any) -> dict[str, Any]:
    """The payload of `completeInteraction`."""
    which = interaction if isinstance(interaction, str) else gid(interaction)
    variables = {"input": {"interactionId": which, "outcome": "Called; pays on Friday."} | given}
    payload: dict[str, Any] = (await client.data(COMPLETE, variables))["completeInteraction"]
    return payload


async def due(client: Client, **filtered: Any) -> list[str]:
    """The summaries of what is due, in the order of the list, which says how many there are."""
    page = (await client.data(DUE, {"filter": filtered}))["dueInteractions"]
    assert page["totalCount"] == len(page["edges"])
    return [node["summary"] for node in rows(page)]


async def test_a_call_is_put_on_record_with_what_is_next_and_closed_when_that_is_done(api: Api, world: World) -> None:
    manager = await world.admin("account_manager", name="Bola Ade")
    client, customer = await api.sign_in(manager), await world.customer(manager=manager)
    yesterday, next_week = now() - timedelta(days=1), now() + timedelta(days=7)

    payload = await log(
        client,
        customer,
        outcome="Pays next week.",
        occurredAt=yesterday.isoformat(),
        nextStep="Call again.",
        dueAt=next_week.isoformat(),
    )

    assert codes(payload) == []
    made = payload["interaction"]
    assert (moment(made["occurredAt"]), moment(made["dueAt"])) == (yesterday, next_week)
    assert (made["kind"], made["direction"], made["summary"]) == ("CALL", "OUTBOUND", "Asked after the shop.")
    assert (made["outcome"], made["nextStep"], made["author"]["name"]) == ("Pays next week.", "Call again.", "Bola Ade")
    assert (made["doneAt"], made["doneBy"], made["nextStepOutcome"]) == (None, None, None)
    assert payload["customer"] == {"id": gid(customer), "version": 1}
    assert await due(client) == await due(client, mine=True) == ["Asked after the shop."]

    closed = await complete(client, made["id"])
    assert closed["changed"]
    assert closed["interaction"]["doneBy"] == {"name": "Bola Ade"}
    assert closed["interaction"]["nextStepOutcome"] == "Called; pays on Friday."
    assert await due(client) == []
    [logged], [completed] = [
        await events(api.database, f"customer.interaction_{what}") for what in ("logged", "completed")
    ]
    assert logged.subject_id == completed.subject_id == customer.id
    assert logged.details["after"]["due_at"] == next_week.isoformat()
    assert completed.details["after"]["done_at"] is not None
    assert "shop" not in str(logged.details)


async def test_the_list_is_newest_first_by_when_it_was(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    for days, summary in ((2, "second"), (9, "first"), (0, "third")):
        occurred = (now() - timedelta(days=days)).isoformat()
        assert codes(await log(client, customer, summary=summary, occurredAt=occurred)) == []
    listed = (await client.data(LIST, {"id": gid(customer)}))["customer"]["interactions"]
    assert [node["summary"] for node in rows(listed)] == ["third", "second", "first"]
    assert listed["totalCount"] == 3


async def test_all_that_is_wrong_is_told_at_once(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    past, future = (now() - timedelta(days=1)).isoformat(), (now() + timedelta(days=1)).isoformat()
    async with unchanged(api.database):
        wrong = await log(client, customer, kind="CALLBACK_REQUEST", occurredAt=future, dueAt=past)
        open_end = await log(client, customer, nextStep="Call again.")
        far = await log(client, customer, nextStep="Call again.", dueAt=(now() + timedelta(days=900)).isoformat())
        nobody = await log(client, unknown(Kind.CUSTOMER))
    assert [error["field"] for error in wrong["userErrors"]] == [["kind"], ["occurredAt"], ["nextStep"], ["dueAt"]]
    assert set(codes(wrong)) == {"INVALID"}
    assert [error["field"] for error in open_end["userErrors"]] == [["dueAt"]]
    assert [error["field"] for error in far["userErrors"]] == [["dueAt"]]
    assert codes(nobody) == ["CUSTOMER_NOT_FOUND"]


MALFORMED = (
    {"summary": " "},
    {"summary": "x" * 2_001},
    {"outcome": "x" * 501},
    {"nextStep": "\0"},
    {"occurredAt": "2026-01-05T09:00:00"},
    {"dueAt": "0001-01-01T00:00:00+14:00"},
)


async def test_malformed_values_end_the_request(api: Api, world: World) -> None:
    """A time without an offset, too: it could be any of a day's."""
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    usual = {"customerId": gid(customer), "kind": "CALL", "direction": "INBOUND", "summary": "We spoke."}
    async with unchanged(api.database):
        for given in MALFORMED:
            assert await client.codes(LOG, {"input": usual | given}) == ["BAD_USER_INPUT"], given


async def test_a_clock_that_is_ahead_a_little_puts_nothing_into_the_future(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    made = (await log(client, customer, occurredAt=(now() + timedelta(minutes=2)).isoformat()))["interaction"]
    assert made["occurredAt"] == made["loggedAt"]


async def test_who_may_log_and_close(api: Api, world: World) -> None:
    """Whoever holds the customer may, whatever their role; `viewerActions` has told it."""
    for role in ROLES:
        await _may_log_and_close_as_said(api, world, role)


async def _may_log_and_close_as_said(api: Api, world: World, role: str) -> None:
    home, away = await world.office(), await world.office()
    viewer, someone = await world.admin(role, office=home), await world.admin("account_manager", office=home)
    customers = {
        "own book": await world.customer(office=away, manager=viewer),
        "someone's": await world.customer(office=home, manager=someone),
        "nobody's": await world.customer(office=home),
        "elsewhere": await world.customer(office=away),
    }
    client = await api.sign_in(viewer)
    seen_in_full = set()
    for whose, customer in customers.items():
        open_one = await world.interaction(customer, summary=f"{role}: {whose}", due_at=world.moment())
        document = "query($id: ID!) { customer(id: $id) { access { level } viewerActions { action reason } } }"
        seen = (await client.data(document, {"id": gid(customer)}))["customer"]
        if seen and seen["access"]["level"] == "FULL":
            seen_in_full.add(f"{role}: {whose}")
        if whose in MAY_LOG.get(role, {"own book"}):
            assert codes(await log(client, customer)) == codes(await complete(client, open_one)) == [], (role, whose)
            assert (await current(api.database, open_one)).done_by_id == viewer.id
            await world.interaction(customer, summary=f"{role}: {whose}", due_at=world.moment())
        else:
            logged, closed = await log(client, customer), await complete(client, open_one)
            [left] = await api.database.rows(
                select(Interaction.__table__).where(Interaction.customer_id == customer.id)
            )
            assert (left.id, left.done_at) == (open_one.id, None), (role, whose)
            assert codes(logged)[0] == ("FORBIDDEN" if seen else "CUSTOMER_NOT_FOUND"), (role, whose)
            is_shown = seen and seen["access"]["level"] == "FULL"
            assert codes(closed)[0] == ("FORBIDDEN" if is_shown else "NOT_FOUND"), (role, whose)
        told = {} if seen is None else {a["action"]: a["reason"] for a in seen["viewerActions"]}
        assert seen is None or (told["LOG_INTERACTION"] is None) is (whose in MAY_LOG.get(role, {"own book"}))
    assert {one for one in await due(client) if one.startswith(f"{role}: ")} == seen_in_full


async def test_nobody_and_customers_log_nothing(api: Api, world: World) -> None:
    customer = await world.customer()
    open_one = await world.interaction(customer, due_at=world.moment())
    borrower = await api.sign_in(customer)
    given = {"customerId": gid(customer), "kind": "CALL", "direction": "INBOUND", "summary": "They called."}
    to_close = {"interactionId": gid(open_one), "outcome": "Done."}
    async with unchanged(api.database):
        assert await api.anonymous.codes(LOG, {"input": given}) == ["UNAUTHENTICATED"]
        assert await api.anonymous.codes(COMPLETE, {"input": to_close}) == ["UNAUTHENTICATED"]
        for document, wish in ((LOG, given), (COMPLETE, to_close)):
            [payload] = (await borrower.data(document, {"input": wish})).values()
            assert [error["code"] for error in payload["userErrors"]] == ["FORBIDDEN"]
        assert await borrower.codes(DUE) == ["FORBIDDEN"]


async def test_an_archived_customer_takes_nothing_new_and_lets_what_is_due_be_closed(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    customer = await world.customer(status=CustomerStatus.ARCHIVED)
    open_one = await world.interaction(customer, due_at=world.moment())
    async with unchanged(api.database):
        assert codes(await log(client, customer)) == ["CUSTOMER_ARCHIVED"]
    assert (await complete(client, open_one))["changed"]


async def test_what_is_closed_or_was_never_due_stays_as_it_is(api: Api, world: World) -> None:
    first, second = await world.admin("super_admin"), await world.admin("super_admin")
    client, customer = await api.sign_in(second), await world.customer()
    closed = await world.interaction(customer, due_at=world.moment(), done_by=first)
    never = await world.interaction(customer)
    async with unchanged(api.database):
        again = await complete(client, closed)
        assert codes(await complete(client, never)) == ["NOT_ALLOWED"]
        assert codes(await complete(client, unknown(Kind.INTERACTION))) == ["NOT_FOUND"]
    assert (again["changed"], again["interaction"]["doneBy"]) == (False, {"name": first.name})


async def test_of_many_who_close_it_at_once_one_does(api: Api, world: World) -> None:
    customer = await world.customer()
    open_one = await world.interaction(customer, due_at=world.moment())
    clients = [await api.sign_in(await world.admin("super_admin")) for _ in range(4)]
    payloads = await asyncio.gather(*(complete(client, open_one) for client in clients))
    assert sorted(payload["changed"] for payload in payloads) == [False] * 3 + [True]
    assert len({payload["interaction"]["doneBy"]["name"] for payload in payloads}) == 1
    assert len(await events(api.database, "customer.interaction_completed")) == 1


async def test_who_loses_the_customer_while_closing_it_closes_nothing(api: Api, world: World) -> None:
    """Whoever waits for a change of account manager is looked at again after it, by what they see then."""
    lagos = await world.office("Lagos")
    ada = await world.admin("account_manager", "team_member", office=lagos)  # which still shows her the customer
    bola = await world.admin("account_manager", office=lagos)
    customer = await world.customer(office=lagos, manager=ada)
    open_one = await world.interaction(customer, due_at=world.moment())
    client = await api.sign_in(ada)
    async with api.database.begin() as session:
        given = update(Customer).where(Customer.id == customer.id).values(account_manager_id=bola.id)
        await session.execute(given)
        closing = asyncio.create_task(complete(client, open_one))
        await asyncio.sleep(0.2)
    assert codes(await closing) == ["NOT_FOUND"]
    assert (await current(api.database, open_one)).done_at is None


async def test_a_key_repeats_both(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    tomorrow = (now() + timedelta(days=1)).isoformat()
    wish = {"nextStep": "Call again.", "dueAt": tomorrow, "idempotencyKey": "k"}
    first = await log(client, customer, **wish)
    closed = await complete(client, first["interaction"]["id"], idempotencyKey="k")
    async with unchanged(api.database):
        again = await log(client, customer, **wish)
        closed_again = await complete(client, first["interaction"]["id"], idempotencyKey="k")
        assert codes(await log(client, customer, **wish, summary="Another.")) == ["IDEMPOTENCY_CONFLICT"]
    assert (again["interaction"]["id"], again["replayed"]) == (first["interaction"]["id"], True)
    assert closed_again == closed | {"replayed": True}


async def test_what_is_due_comes_soonest_first_and_by_filters(api: Api, world: World) -> None:
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    bola, chidi = await world.admin("account_manager", office=lagos), await world.admin("account_manager", office=kano)
    times = [world.moment() for _ in range(4)]
    bolas = await world.customer(office=lagos, manager=bola)
    await world.interaction(bolas, summary="third", due_at=times[2])
    await world.interaction(bolas, summary="first", due_at=times[0])
    await world.interaction(await world.customer(office=kano, manager=chidi), summary="second", due_at=times[1])
    await world.interaction(await world.customer(office=kano), summary="fourth", due_at=times[3])
    await world.interaction(bolas, summary="closed", due_at=times[0], done_by=bola)
    await world.interaction(bolas, summary="nothing next")
    boss, holder = await api.sign_in(await world.admin("super_admin")), await api.sign_in(bola)

    def iso(at: datetime) -> str:
        return at.isoformat()

    assert await due(boss) == ["first", "second", "third", "fourth"]
    assert await due(boss, mine=True) == []
    assert await due(boss, accountManagerId=gid(chidi)) == ["second"]
    assert await due(boss, officeId=gid(kano)) == ["second", "fourth"]
    assert await due(boss, dueBefore=iso(times[2])) == ["first", "second"]
    assert await due(boss, dueBefore=iso(times[2]), officeId=gid(lagos), accountManagerId=gid(bola)) == ["first"]
    assert await due(holder) == await due(holder, mine=True) == ["first", "third"]
    assert await due(holder, accountManagerId=gid(chidi)) == []
    given = {"filter": {"mine": True, "accountManagerId": gid(bola)}}
    assert await boss.codes(DUE, given) == ["BAD_USER_INPUT"]
    assert await boss.codes(DUE, {"filter": {"dueBefore": "2026-01-05T09:00:00"}}) == ["BAD_USER_INPUT"]


async def test_what_is_due_goes_with_the_customer_to_whoever_looks_after_them(api: Api, world: World) -> None:
    """A new account manager has it on the list at once, the former one has it no more; what is closed stays behind."""
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    bola, chidi = [await world.admin("account_manager", office=lagos) for _ in range(2)]
    there = await api.sign_in(await world.admin("portfolio_manager", office=kano))
    customer = await world.customer(office=lagos, manager=bola)
    await world.interaction(customer, summary="open", due_at=world.moment())
    closed = await world.interaction(customer, due_at=world.moment(), done_by=bola)
    boss, former, present = [await api.sign_in(who) for who in (await world.admin("super_admin"), bola, chidi)]
    assert (await due(former), await due(present), await due(there)) == (["open"], [], [])

    assert (await assign(boss, customer, chidi))["changed"]
    assert (await due(former), await due(present), await due(there)) == ([], ["open"], [])
    moved = {"customerId": gid(customer), "officeId": gid(kano), "assignment": "END", "reason": "Moved house."}
    transfer = "mutation($input: TransferCustomerInput!) { transferCustomer(input: $input) { changed } }"
    assert (await boss.data(transfer, {"input": moved}))["transferCustomer"]["changed"]
    assert (await due(former), await due(present), await due(there)) == ([], [], ["open"])
    row = await current(api.database, closed)
    assert (row.office_id, row.account_manager_id) == (lagos.id, bola.id)


async def test_a_role_of_the_lenders_own_may_show_interactions_to_a_limited_view(api: Api, world: World) -> None:
    """Shown, and not for them to write."""
    await world.role(
        Role(
            key="listener",
            name="Listener",
            description="Listens in.",
            permissions=frozenset({Permission.CUSTOMER_READ, Permission.CUSTOMER_WRITE}),
            assigned=Level.LIMITED,
            unassigned=Level.LIMITED,
            scope=Scope.ALL,
            shown_when_limited=frozenset({CustomerField.INTERACTIONS}),
        )
    )
    client, customer = await api.sign_in(await world.admin("listener")), await world.customer()
    open_one = await world.interaction(customer, summary="open", due_at=world.moment())
    assert await due(client) == ["open"]
    assert codes(await complete(client, open_one)) == codes(await log(client, customer)) == ["FORBIDDEN"]


async def test_reading_what_is_due_is_on_record_for_roles_whose_reads_are(api: Api, world: World) -> None:
    """Also where nothing of the customer is selected."""
    client, customer = await api.sign_in(await world.admin("compliance_officer")), await world.customer()
    await world.interaction(customer, due_at=world.moment())
    await client.data("{ dueInteractions { edges { node { summary } } } }")
    await api.app.state.reads.flush()
    assert [event.subject_id for event in await events(api.database, "customer.read")] == [customer.id]


async def test_the_database_takes_one_open_request_to_be_called_and_no_half_closed_row(api: Api, world: World) -> None:
    """Behind the rules."""
    customer, admin = await world.customer(), await world.admin()
    callback = InteractionKind.CALLBACK_REQUEST
    await world.interaction(customer, kind=callback, due_at=world.moment(), done_by=admin)
    await world.interaction(customer, kind=callback, due_at=world.moment())
    with pytest.raises(IntegrityError):
        await world.interaction(customer, kind=callback, due_at=world.moment())
    half = update(Interaction).where(Interaction.id == (await world.interaction(customer)).id).values(next_step="Call.")
    async with api.database.begin() as session:
        with pytest.raises(IntegrityError):
            await session.execute(half)
        await session.rollback()
