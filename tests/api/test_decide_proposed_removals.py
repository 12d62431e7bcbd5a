"""`decideProposedRemovals`: out of the group, or kept for a reason, each as far as that is still to decide."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from gql.db.models import Customer, ProposedRemoval
from gql.domain.enums import CustomerStatus, GroupStatus
from gql.domain.ids import Kind, to_global_id
from gql.domain.roles import BUILT_IN_ROLES
from gql.domain.time import now
from tests.api.client import Api, Client, gid
from tests.api.drifting import ACTIVE_ONLY, DECIDE, check, decide, drifted, outcomes, proposed
from tests.api.keeping_groups import codes, keep, remove
from tests.api.mutations import add
from tests.api.reading import unknown
from tests.api.test_proposed_removals import KEEPERS, set_status
from tests.factories import World
from tests.records import current, events, memberships, unchanged


async def looked_at(client: Client, group: Any) -> list[dict[str, Any]]:
    """What is proposed once the group was looked at, by the customers' IDs."""
    assert codes(await check(client, group)) == []
    return sorted(await proposed(client, group, "PROPOSED"), key=lambda one: one["customer"]["id"])


async def test_who_is_accepted_is_out_and_on_record(api: Api, world: World) -> None:
    keeper = await world.admin("group_administrator")
    client = await api.sign_in(keeper)
    group, lapsed = await drifted(world, 3)
    first, second, third = await looked_at(client, group)

    done = await decide(client, group, [second, first])

    assert (codes(done), done["changed"], done["replayed"]) == ([], True, False)
    assert outcomes(done) == ["REMOVED", "REMOVED"]
    assert [one["proposalId"] for one in done["outcomes"]] == [second["id"], first["id"]], "in the order of the wish"
    assert done["group"] == {"id": gid(group), "memberCount": 2}
    for one in done["outcomes"]:
        told = one["proposal"]
        assert (told["status"], told["decidedBy"], told["reason"], told["keptUntil"]) == (
            "ACCEPTED",
            {"id": gid(keeper)},
            "Looked at together",
            None,
        )
        membership = told["membership"]
        assert (membership["removedBy"], membership["removalReason"]) == ({"id": gid(keeper)}, "Looked at together")
        assert membership["until"] is not None
    assert [one["id"] for one in await proposed(client, group, "PROPOSED")] == [third["id"]]
    recorded = await events(api.database, "group.member_removed")
    assert {event.customer_id for event in recorded} <= {one.id for one in lapsed}
    assert {to_global_id(Kind.PROPOSED_REMOVAL, _key(event)) for event in recorded} == {first["id"], second["id"]}
    assert {(event.actor_id, event.subject_id) for event in recorded} == {(keeper.id, group.id)}


def _key(event: Any) -> UUID:
    return UUID(event.details["proposal_id"])


async def test_who_is_kept_stays_and_is_not_proposed_again_for_the_same(api: Api, world: World) -> None:
    """Until they fit in between, or another criterion is not met, or the time is over."""
    home, away = await world.office("Lagos"), await world.office("Kano")
    keeper = await world.admin("super_admin")
    client = await api.sign_in(keeper)
    lapsed = await world.customer(office=home, status=CustomerStatus.SUSPENDED)
    rule = {"all": [{"office": {"in": [str(home.id)]}}, ACTIVE_ONLY]}
    group = await world.group(members=[lapsed], criteria=rule)

    done = await decide(client, group, await looked_at(client, group), "KEEP")

    assert (outcomes(done), done["group"]["memberCount"]) == (["KEPT"], 1)
    told = done["outcomes"][0]["proposal"]
    assert (told["status"], told["decidedBy"], told["reason"]) == ("KEPT", {"id": gid(keeper)}, "Looked at together")
    assert datetime.fromisoformat(told["keptUntil"]) - now() > timedelta(days=89)
    [event] = await events(api.database, "group.member_kept")
    assert (event.actor_id, event.customer_id, event.details["reason"]) == (keeper.id, lapsed.id, "Looked at together")
    assert await looked_at(client, group) == []
    await _move(api, lapsed, away.id)
    [other] = await looked_at(client, group)
    assert other["criterion"] == "office is Lagos"
    await _move(api, lapsed, home.id)
    assert await looked_at(client, group) == [], "the one that they were kept for is still no reason"
    await set_status(api, lapsed, CustomerStatus.ACTIVE)
    assert await looked_at(client, group) == []
    await set_status(api, lapsed, CustomerStatus.SUSPENDED)
    [again] = await looked_at(client, group)
    assert again["criterion"] == "status is ACTIVE"
    assert outcomes(await decide(client, group, [again], "KEEP")) == ["KEPT"]
    assert await looked_at(client, group) == []
    async with api.database.begin() as session:
        is_kept = ProposedRemoval.kept_until > now()
        await session.execute(update(ProposedRemoval).where(is_kept).values(kept_until=now() - timedelta(days=1)))
    assert len(await looked_at(client, group)) == 1


async def _move(api: Api, customer: Customer, office_id: Any) -> None:
    async with api.database.begin() as session:
        await session.execute(update(Customer).where(Customer.id == customer.id).values(office_id=office_id))


async def test_who_comes_back_was_kept_in_another_membership(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    group, [lapsed] = await drifted(world, 1)
    await decide(client, group, await looked_at(client, group), "KEEP")
    await remove(client, group, lapsed)
    await set_status(api, lapsed, CustomerStatus.ACTIVE)
    assert codes(await add(client, group, lapsed)) == []
    await set_status(api, lapsed, CustomerStatus.SUSPENDED)
    assert len(await looked_at(client, group)) == 1


@pytest.mark.parametrize("decision", ["ACCEPT", "KEEP"])
async def test_of_what_is_not_to_be_decided_any_more_each_is_told(decision: str, api: Api, world: World) -> None:
    """And the others are decided all the same."""
    client = await api.sign_in(await world.admin("super_admin"))
    group, lapsed = await drifted(world, 5)
    other, _ = await drifted(world, 1)
    by_id = {one["customer"]["id"]: one for one in await looked_at(client, group)}
    still, removed, kept, fits, left = [by_id[gid(one)] for one in lapsed]
    [elsewhere] = await looked_at(client, other)
    await decide(client, group, [removed])
    await decide(client, group, [kept], "KEEP")
    await set_status(api, lapsed[3], CustomerStatus.ACTIVE)
    await remove(client, group, lapsed[4])
    missing = {"id": unknown(Kind.PROPOSED_REMOVAL)}

    done = await decide(client, group, [removed, kept, fits, left, elsewhere, missing, still], decision)

    decided = {"ACCEPT": "REMOVED", "KEEP": "KEPT"}[decision]
    expected = ["ALREADY_DECIDED", "ALREADY_DECIDED", "FITS_AGAIN", "MEMBERSHIP_ENDED", "NOT_FOUND", "NOT_FOUND"]
    assert (outcomes(done), done["changed"]) == ([*expected, decided], True)
    shown = [one["proposal"] and one["proposal"]["status"] for one in done["outcomes"]]
    assert shown[:4] == ["ACCEPTED", "KEPT", "OBSOLETE", "OBSOLETE"]
    assert shown[5] is None
    assert done["group"]["memberCount"] == (3 if decision == "ACCEPT" else 4)
    still_in = [one for one in await memberships(api.database, group) if one.until is None]
    assert (await current(api.database, group)).member_count == len(still_in)
    async with unchanged(api.database):
        again = await decide(client, group, [removed, kept, fits, left, missing, still], decision)
        assert not again["changed"]
        assert outcomes(again) == [*expected[:4], "NOT_FOUND", "ALREADY_DECIDED"]


async def test_who_fits_because_the_rule_has_changed_stays(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    group, lapsed = await drifted(world, 2)
    one, two = await looked_at(client, group)
    rule = {"status": ["ACTIVE", "SUSPENDED"]}
    assert codes(await keep(client, "updateGroup", groupId=gid(group), expectedVersion=1, criteria=rule)) == []
    assert outcomes(await decide(client, group, [one])) == ["FITS_AGAIN"]
    assert codes(await keep(client, "updateGroup", groupId=gid(group), expectedVersion=2, criteria=None)) == []
    assert outcomes(await decide(client, group, [two])) == ["FITS_AGAIN"]
    assert (await current(api.database, group)).member_count == 1 + len(lapsed)


async def test_members_of_a_group_that_is_archived_can_still_go(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    group, _ = await drifted(world, 1)
    found = await looked_at(client, group)
    assert codes(await keep(client, "archiveGroup", groupId=gid(group), reason="Over")) == []
    assert outcomes(await decide(client, group, found)) == ["REMOVED"]
    assert (await current(api.database, group)).status is GroupStatus.ARCHIVED


async def test_a_customer_out_of_sight_is_like_one_who_is_not_there(api: Api, world: World) -> None:
    home, away = await world.office(), await world.office()
    near, far = [await world.customer(office=one, status=CustomerStatus.SUSPENDED) for one in (home, away)]
    group = await world.group(members=[near, far], criteria=ACTIVE_ONLY)
    boss = await api.sign_in(await world.admin("super_admin"))
    limited = await api.sign_in(await world.admin("group_administrator", office=home))
    by_id = {one["customer"]["id"]: one for one in await looked_at(boss, group)}
    async with unchanged(api.database):
        hidden = await decide(limited, group, [by_id[gid(far)]])
        absent = await decide(limited, group, [{"id": unknown(Kind.PROPOSED_REMOVAL)}])
    same = [
        {key: value for key, value in one["outcomes"][0].items() if key != "proposalId"} for one in (hidden, absent)
    ]
    assert same[0] == same[1]
    both = await decide(limited, group, [by_id[gid(far)], by_id[gid(near)]])
    assert outcomes(both) == ["NOT_FOUND", "REMOVED"]
    assert both["group"]["memberCount"] == 1


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_only_who_keeps_groups_decides(role: str, api: Api, world: World) -> None:
    office = await world.office()
    group, _ = await drifted(world, 1, office=office)
    boss = await api.sign_in(await world.admin("super_admin"))
    client = await api.sign_in(await world.admin(role, office=office))
    found = await looked_at(boss, group)
    if role in KEEPERS:
        assert outcomes(await decide(client, group, found)) == ["REMOVED"]
        return
    async with unchanged(api.database):
        for decision in ("ACCEPT", "KEEP"):
            refused = await decide(client, group, found, decision)
            assert (codes(refused), refused["outcomes"], refused["group"]) == (["FORBIDDEN"], [], None)


async def test_why_nothing_is_decided(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    group, [customer] = await drifted(world, 1)
    own = await api.sign_in(customer)
    [one] = await looked_at(client, group)
    given = {"groupId": gid(group), "proposalIds": [one["id"]], "decision": "ACCEPT", "reason": "Out"}
    async with unchanged(api.database):
        nowhere = {"input": given | {"groupId": unknown(Kind.GROUP)}}
        assert codes((await client.data(DECIDE, nowhere))["decideProposedRemovals"]) == ["GROUP_NOT_FOUND"]
        assert await api.anonymous.codes(DECIDE, {"input": given}) == ["UNAUTHENTICATED"]
        assert codes(await decide(own, group, [one])) == ["FORBIDDEN"]
        many = [unknown(Kind.PROPOSED_REMOVAL) for _ in range(101)]
        wrongs: list[dict[str, Any]] = [
            {"reason": " "},
            {"reason": "x" * 501},
            {"proposalIds": []},
            {"proposalIds": [one["id"], one["id"]]},
            {"proposalIds": many},
            {"proposalIds": [gid(group)]},
            {"groupId": one["id"]},
        ]
        for wrong in wrongs:
            assert await client.codes(DECIDE, {"input": given | wrong}) == ["BAD_USER_INPUT"], wrong


async def test_a_key_decides_once(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    people = await world.customers(2, status=CustomerStatus.SUSPENDED)
    group = await world.group(members=people, criteria=ACTIVE_ONLY, minimum=2)
    one, two = await looked_at(client, group)
    done = await decide(client, group, [one], idempotencyKey="k")
    assert [warning["code"] for warning in done["warnings"]] == ["BELOW_MINIMUM"]
    async with unchanged(api.database):
        again = await decide(client, group, [one], idempotencyKey="k")
        assert again == done | {"replayed": True}
        assert codes(await decide(client, group, [two], idempotencyKey="k")) == ["IDEMPOTENCY_CONFLICT"]
        assert codes(await decide(client, group, [one], "KEEP", idempotencyKey="k")) == ["IDEMPOTENCY_CONFLICT"]


async def test_the_statements_do_not_depend_on_how_many_are_decided(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    numbers = set()
    for how_many in (1, 30):
        group, _ = await drifted(world, how_many)
        found = await looked_at(client, group)
        sent: list[str] = []
        end = api.database.listen(lambda statement, _parameters, to=sent: to.append(statement))  # type: ignore[misc]
        assert set(outcomes(await decide(client, group, found))) == {"REMOVED"}
        end()
        numbers.add(len(sent))
    assert len(numbers) == 1
