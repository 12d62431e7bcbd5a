"""`groupsToArchive` and `keepGroup`: what nobody has used for a year, what counts as use, and what is kept."""

from datetime import timedelta
from typing import Any

import pytest

from gql.domain.enums import GroupPurpose, GroupStatus
from gql.domain.ids import Kind
from gql.domain.roles import BUILT_IN_ROLES
from gql.domain.time import now
from tests.api.client import Api, Client, gid
from tests.api.keeping_groups import change, codes, keep, remove, wall_off
from tests.api.mutations import add
from tests.api.reading import moment, unknown
from tests.api.reviewing_groups import KEEP, UNUSED, keep_unused, menu, one, sign, unused
from tests.api.test_export_group_members import export
from tests.api.test_keep_groups import KEEPERS
from tests.factories import World
from tests.records import current, events, unchanged

YEAR, DAY = timedelta(days=365), timedelta(days=1)


async def test_what_nobody_used_for_a_year_is_listed_the_longest_unused_first(api: Api, world: World) -> None:
    """By owner and purpose, too; what is archived is in none."""
    ada, present = await world.admin("group_administrator"), now()
    for name, ago, facts in (
        ("A year", YEAR, {"owner": ada}),
        ("Two years", 2 * YEAR, {"purpose": GroupPurpose.RISK}),
        ("Never begun", YEAR + DAY, {"status": GroupStatus.INACTIVE, "owner": ada, "purpose": GroupPurpose.RISK}),
        ("Suspended", YEAR + 2 * DAY, {"status": GroupStatus.SUSPENDED}),
        ("Nearly a year", YEAR - DAY, {"owner": ada}),
        ("Archived", 3 * YEAR, {"status": GroupStatus.ARCHIVED}),
    ):
        await world.group(name, last_used_at=present - ago, **facts)
    client = await api.sign_in(ada)
    assert await unused(client) == ["Two years", "Suspended", "Never begun", "A year"]
    assert await unused(client, ownerId=gid(ada)) == ["Never begun", "A year"]
    assert await unused(client, purpose=["RISK"]) == ["Two years", "Never begun"]
    assert await unused(client, ownerId=gid(ada), purpose=["RISK"]) == ["Never begun"]
    assert await unused(client, purpose=[]) == []


async def _added(client: Client, group: Any, world: World) -> None:
    assert codes(await add(client, group, await world.customer())) == []


async def _removed(client: Client, group: Any, world: World) -> None:
    member = await world.customer()
    await world.membership(group, member)
    assert codes(await remove(client, group, member)) == []


async def _changed(client: Client, group: Any, world: World) -> None:
    assert codes(await keep(client, "updateGroup", groupId=gid(group), expectedVersion=1, description="Other.")) == []


async def _suspended(client: Client, group: Any, world: World) -> None:
    assert codes(await change(client, "suspendGroup", group)) == []


async def _walled_off(client: Client, group: Any, world: World) -> None:
    assert codes(await wall_off(client, group, await world.group())) == []


async def _reviewed(client: Client, group: Any, world: World) -> None:
    assert codes(await sign(client, group)) == []


async def _exported(client: Client, group: Any, world: World) -> None:
    assert codes(await export(client, group)) == []


@pytest.mark.parametrize("use", [_added, _removed, _changed, _suspended, _walled_off, _reviewed, _exported])
async def test_what_counts_as_use(use: Any, api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    group = await world.group("Dormant", last_used_at=now() - 2 * YEAR, review_days=30, due_at=now())
    assert await unused(client) == ["Dormant"]
    before = now()
    await use(client, group, world)
    assert await unused(client) == []
    last_used = moment((await one(client, group))["lastUsedAt"])
    assert last_used is not None
    assert before <= last_used <= now()


async def test_a_refusal_or_a_look_is_no_use(api: Api, world: World) -> None:
    client, member = await api.sign_in(await world.admin("super_admin")), await world.customer()
    group = await world.group("Dormant", last_used_at=now() - 2 * YEAR, members=[member])
    async with unchanged(api.database):
        assert codes(await add(client, group, member)) == ["ALREADY_MEMBER"]
        assert codes(await keep(client, "updateGroup", groupId=gid(group), expectedVersion=1, name="Dormant")) == []
        await client.data("query($id: ID!) { group(id: $id) { members { totalCount } } }", {"id": gid(group)})
    assert await unused(client) == ["Dormant"]


async def test_a_group_is_kept_for_another_year(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is neither changed nor used by that, and suggested again when the time is over."""
    keeper = await world.admin("portfolio_manager")
    group = await world.group("Harvest 2024", last_used_at=now() - YEAR)
    client = await api.sign_in(keeper)
    assert menu(await one(client, group))["KEEP"] is None
    used_at = (await one(client, group))["lastUsedAt"]

    done = await keep_unused(client, group, expectedVersion=1, idempotencyKey="k")

    assert (codes(done), done["changed"]) == ([], True)
    kept_until = moment(done["group"]["keptUntil"])
    assert kept_until is not None
    assert abs(kept_until - now() - YEAR) < timedelta(minutes=1)
    assert (done["group"]["keptReason"], done["group"]["keptBy"]) == ("Needed each leap year", {"id": gid(keeper)})
    assert (done["group"]["version"], done["group"]["lastUsedAt"]) == (1, used_at)
    assert await unused(client) == []
    [event] = await events(api.database, "group.kept")
    assert (event.actor_id, event.details) == (
        keeper.id,
        {"until": kept_until.isoformat(), "reason": "Needed each leap year"},
    )
    async with unchanged(api.database):
        assert (await keep_unused(client, group, expectedVersion=1, idempotencyKey="k"))["replayed"]
        assert codes(await keep_unused(client, group, idempotencyKey="k")) == ["IDEMPOTENCY_CONFLICT"]
        assert codes(await keep_unused(client, group)) == ["NOT_UNUSED"]
    assert "not suggested for archive before" in (menu(await one(client, group))["KEEP"] or "")
    monkeypatch.setattr("gql.resolvers.group_review.now", lambda: kept_until - timedelta(microseconds=1))
    assert await unused(client) == []
    monkeypatch.setattr("gql.resolvers.group_review.now", lambda: kept_until)
    assert await unused(client) == ["Harvest 2024"]


async def test_to_the_microsecond(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    used_at = now() - YEAR + DAY
    group = await world.group("Nearly", last_used_at=used_at)
    client = await api.sign_in(await world.admin("super_admin"))
    for module in ("gql.services.kept_groups", "gql.resolvers.group_review"):
        monkeypatch.setattr(f"{module}.now", lambda: used_at + YEAR - timedelta(microseconds=1))
    assert await unused(client) == []
    async with unchanged(api.database):
        assert codes(await keep_unused(client, group)) == ["NOT_UNUSED"]
    for module in ("gql.services.kept_groups", "gql.resolvers.group_review"):
        monkeypatch.setattr(f"{module}.now", lambda: used_at + YEAR)
    assert await unused(client) == ["Nearly"]
    assert codes(await keep_unused(client, group)) == []
    assert (await current(api.database, group)).kept_until == used_at + 2 * YEAR


async def test_what_is_accepted_is_archived_and_gone_from_the_list(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("group_administrator"))
    group = await world.group("Dormant", last_used_at=now() - YEAR)
    assert codes(await change(client, "archiveGroup", group)) == []
    assert await unused(client) == []
    async with unchanged(api.database):
        assert codes(await keep_unused(client, group)) == ["GROUP_ARCHIVED"]


async def test_other_refusals_change_nothing(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    group = await world.group(last_used_at=now() - YEAR)
    async with unchanged(api.database):
        stale = await keep_unused(client, group, expectedVersion=2)
        missing = {"input": {"groupId": unknown(Kind.GROUP), "reason": "Needed"}}
        assert codes((await client.data(KEEP, missing))["keepGroup"]) == ["GROUP_NOT_FOUND"]
        for reason in ("", " ", "x" * 501):
            assert await client.codes(KEEP, {"input": {"groupId": gid(group), "reason": reason}}) == ["BAD_USER_INPUT"]
        assert await client.codes(UNUSED, {"filter": {"ownerId": "nobody"}}) == ["BAD_USER_INPUT"]
    assert (codes(stale), stale["group"]["version"]) == (["VERSION_CONFLICT"], 1)


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_only_who_keeps_groups_decides_and_all_staff_see_the_list(role: str, api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin(role))
    group = await world.group("Dormant", last_used_at=now() - YEAR)
    assert await unused(client) == ["Dormant"]
    if role in KEEPERS:
        assert codes(await keep_unused(client, group)) == []
        return
    assert "Ask a group administrator" in (menu(await one(client, group))["KEEP"] or "")
    async with unchanged(api.database):
        assert codes(await keep_unused(client, group)) == ["FORBIDDEN"]


async def test_without_sign_in_or_as_a_customer_there_is_nothing(api: Api, world: World) -> None:
    customer, group = await api.sign_in(await world.customer()), await world.group(last_used_at=now() - YEAR)
    given = {"input": {"groupId": gid(group), "reason": "Needed"}}
    async with unchanged(api.database):
        assert await api.anonymous.codes(KEEP, given) == ["UNAUTHENTICATED"]
        assert codes(await keep_unused(customer, group)) == ["FORBIDDEN"]
        assert await api.anonymous.codes(UNUSED) == ["UNAUTHENTICATED"]
        assert await customer.codes(UNUSED) == ["FORBIDDEN"]
