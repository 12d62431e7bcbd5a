"""Assignments of one customer at the same moment: each sees what the one before it left."""

import asyncio
from collections import Counter

from gql.db.models import Admin
from tests.api.client import gid
from tests.api.mutations import add, assign, codes
from tests.api.test_unassign_account_manager import unassign
from tests.factories import World
from tests.records import current, events, history, is_chain, memberships, outbox
from tests.services.conftest import RACERS, Crowd


async def managers(world: World) -> list[Admin]:
    return [await world.admin("account_manager") for _ in range(RACERS)]


async def test_assignments_to_different_managers_all_count_one_after_the_other(crowd: Crowd) -> None:
    """No gap, no overlap, one open at the end; each with its version, event and mails."""
    customer, wanted = await crowd.world.customer(), await managers(crowd.world)

    payloads = await asyncio.gather(*(assign(crowd.client, customer, manager) for manager in wanted))

    assert [codes(payload) for payload in payloads] == [[]] * RACERS
    assert all(payload["changed"] for payload in payloads)
    spans = await history(crowd.database, customer)
    assert is_chain(spans)
    assert {span.admin_id for span in spans} == {manager.id for manager in wanted}
    row = await current(crowd.database, customer)
    assert (row.version, row.account_manager_id) == (1 + RACERS, spans[-1].admin_id)
    recorded = await events(crowd.database, "customer.account_manager_assigned")
    told = {event.details["assignment_id"]: event.details["before"]["account_manager_id"] for event in recorded}
    befores = [None, *(str(span.admin_id) for span in spans[:-1])]
    assert told == {str(span.id): before for span, before in zip(spans, befores, strict=True)}
    mails = Counter(message.template for message in await outbox(crowd.database))
    assert mails == {
        "account_manager_assigned_customer": RACERS,
        "account_manager_assigned_manager": RACERS,
        "account_manager_ended_manager": RACERS - 1,
    }


async def test_assignments_to_one_manager_count_once(crowd: Crowd) -> None:
    customer, manager = await crowd.world.customer(), await crowd.world.admin("account_manager")

    payloads = await asyncio.gather(*(assign(crowd.client, customer, manager) for _ in range(RACERS)))

    assert sorted(payload["changed"] for payload in payloads) == [False] * (RACERS - 1) + [True]
    assert len({payload["assignment"]["id"] for payload in payloads}) == 1
    assert len(await history(crowd.database, customer)) == 1
    assert (await current(crowd.database, customer)).version == 2
    assert len(await outbox(crowd.database)) == 2


async def test_of_edits_of_one_version_one_wins(crowd: Crowd) -> None:
    """The others hear of the conflict, and see who won."""
    customer, wanted = await crowd.world.customer(), await managers(crowd.world)

    payloads = await asyncio.gather(*(assign(crowd.client, customer, manager, expectedVersion=1) for manager in wanted))

    won = [payload for payload in payloads if payload["changed"]]
    lost = [payload for payload in payloads if not payload["changed"]]
    assert len(won) == 1
    assert [codes(payload) for payload in lost] == [["VERSION_CONFLICT"]] * (RACERS - 1)
    [span] = await history(crowd.database, customer)
    winner = next(manager for manager in wanted if manager.id == span.admin_id)
    shown = {(payload["customer"]["version"], payload["customer"]["accountManager"]["id"]) for payload in lost}
    assert shown == {(2, gid(winner))}


async def test_of_ends_of_one_version_one_wins(crowd: Crowd) -> None:
    """The customer is left once; who comes later hears of the conflict, though there is nothing to do any more."""
    customer = await crowd.world.customer(manager=await crowd.world.admin("account_manager"))

    payloads = await asyncio.gather(*(unassign(crowd.client, customer) for _ in range(RACERS)))

    assert sorted(payload["changed"] for payload in payloads) == [False] * (RACERS - 1) + [True]
    lost = [payload for payload in payloads if not payload["changed"]]
    assert [codes(payload) for payload in lost] == [["VERSION_CONFLICT"]] * (RACERS - 1)
    [span], row = await history(crowd.database, customer), await current(crowd.database, customer)
    assert (row.version, row.account_manager_id, row.updated_at) == (2, None, span.ended_at)
    assert len(await outbox(crowd.database)) == 2
    assert len(await events(crowd.database, "customer.account_manager_unassigned")) == 1


async def test_an_end_and_a_new_manager_of_one_version_exclude_each_other(crowd: Crowd) -> None:
    """Nobody ends the assignment of somebody whom they have not seen."""
    people, ada = await crowd.world.customers(RACERS), await crowd.world.admin("account_manager")
    before = await crowd.world.admin("account_manager")
    for customer in people:
        await crowd.world.assignment(customer, before)

    payloads = await asyncio.gather(
        *(unassign(crowd.client, customer) for customer in people),
        *(assign(crowd.client, customer, ada, expectedVersion=1) for customer in people),
    )

    for customer, ended, assigned in zip(people, payloads, payloads[RACERS:], strict=False):
        assert {ended["changed"], assigned["changed"]} == {True, False}
        assert codes(ended) + codes(assigned) == ["VERSION_CONFLICT"]
        row = await current(crowd.database, customer)
        assert row.account_manager_id == (ada.id if assigned["changed"] else None)
        assert row.version == 2


async def test_assignments_and_additions_do_not_stand_in_each_others_way(crowd: Crowd) -> None:
    """They lock customers, groups and admins in one order: a crowd of both ends without a deadlock."""
    people, groups = await crowd.world.customers(4), [await crowd.world.group() for _ in range(3)]
    one, two = await crowd.world.admin("account_manager"), await crowd.world.admin("account_manager")

    payloads = await asyncio.gather(
        *(assign(crowd.client, customer, manager) for customer in people for manager in (one, two)),
        *(add(crowd.client, group, customer) for customer in reversed(people) for group in groups),
    )

    assert [codes(payload) for payload in payloads] == [[]] * (4 * 2 + 4 * 3)
    for customer in people:
        assert is_chain(await history(crowd.database, customer))
    for group in groups:
        assert (await current(crowd.database, group)).member_count == len(await memberships(crowd.database, group)) == 4
