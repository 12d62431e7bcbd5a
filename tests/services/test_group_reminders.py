"""Owners of groups are told in time, by mail and in the console, and of each thing once, whatever happens meanwhile."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from gql.db.engine import Database
from gql.db.models import Admin, Group, Notification, UnusedGroupDigest
from gql.domain.enums import AdminStatus, GroupStatus, SubjectKind
from gql.domain.group_reviews import GRACE
from gql.domain.roles import SUPER_ADMIN
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import group_reminders, notifications
from gql.services.audit import Actor
from gql.services.group_changes import UpdateGroup, update_group
from gql.services.group_reminders import GroupReminders
from gql.services.group_reviews import SignGroupReview, sign_group_review
from gql.services.upkeep import Upkeep
from gql.settings import Settings
from tests.factories import World
from tests.records import outbox, unchanged

DAY, YEAR = timedelta(days=1), timedelta(days=365)
NOTHING = {"reviews_told": 0, "digests_told": 0}


def reminders(database: Database) -> GroupReminders:
    """As the upkeep has them."""
    return GroupReminders(database, 365)


async def told(database: Database) -> Counter[tuple[Any, str]]:
    """Who was told what within the console; by mail the same."""
    rows = await database.rows(select(Notification.admin_id, Notification.event))
    mails = await outbox(database)
    admins = {row.email: row.id for row in await database.rows(select(Admin.id, Admin.email))}
    templates = {"group_review_due": "GROUP_REVIEW_DUE", "group_review_overdue": "GROUP_REVIEW_OVERDUE"}
    templates["groups_unused"] = "GROUPS_UNUSED"
    by_mail = Counter((admins[mail.recipient], templates[mail.template]) for mail in mails)
    in_console = Counter((row.admin_id, str(row.event.value)) for row in rows)
    assert in_console == by_mail
    return in_console


async def test_an_owner_is_told_once_when_it_falls_due_and_once_when_it_is_overdue(database: Database) -> None:
    world = World(database)
    ada = await world.admin("group_administrator")
    group = await world.group("2026 SME Loans", owner=ada, review_days=30, due_at=now() + DAY)
    async with unchanged(database):
        assert await reminders(database).tell() == NOTHING
    await world.let_time_pass(group, days=1)
    assert await reminders(database).tell() == NOTHING | {"reviews_told": 1}
    assert await told(database) == {(ada.id, "GROUP_REVIEW_DUE"): 1}
    [mail] = await outbox(database)
    assert (mail.payload["group_name"], mail.payload["is_owner"], mail.payload["last_signed"]) == (
        "2026 SME Loans",
        True,
        None,
    )
    [notice] = await database.rows(select(Notification.group_id))
    assert notice.group_id == group.id
    await world.let_time_pass(group, days=6)
    async with unchanged(database):
        assert await reminders(database).tell() == NOTHING
    await world.let_time_pass(group, days=1)
    assert await reminders(database).tell() == NOTHING | {"reviews_told": 1}
    await world.let_time_pass(group, days=365)
    async with unchanged(database):
        assert await reminders(database).tell() == NOTHING
    assert await told(database) == {(ada.id, "GROUP_REVIEW_DUE"): 1, (ada.id, "GROUP_REVIEW_OVERDUE"): 1}


@pytest.mark.parametrize("late", [0, 7])
async def test_each_review_and_each_due_date_is_told_of_anew(database: Database, late: int) -> None:
    """Once it was signed, or has another interval, what was told of it before doesn't count."""
    world = World(database)
    ada = await world.admin("super_admin")
    group = await world.group(owner=ada, review_days=10, due_at=now() - timedelta(days=late))
    actor, viewer = Actor(SubjectKind.ADMIN, ada.id), AdminViewer(ada.id, uuid4(), ada.office_id, (SUPER_ADMIN,))
    event = "GROUP_REVIEW_OVERDUE" if late else "GROUP_REVIEW_DUE"
    for told_before in (0, 1):
        assert await reminders(database).tell() == NOTHING | {"reviews_told": 1}
        assert await told(database) == {(ada.id, event): told_before + 1}
        await sign_group_review(database, actor, viewer, SignGroupReview(group.id, "Looked at."))
        assert await reminders(database).tell() == NOTHING
        await world.let_time_pass(group, days=10 + late)
    assert await reminders(database).tell() == NOTHING | {"reviews_told": 1}
    longer = UpdateGroup(group.id, 1, {"review_interval_days": 10 + late + 1})
    await update_group(database, actor, viewer, longer)
    assert await reminders(database).tell() == NOTHING
    await world.let_time_pass(group, days=1 + late)
    assert await reminders(database).tell() == NOTHING | {"reviews_told": 1}
    assert (await told(database))[ada.id, event] == 4


async def test_what_was_missed_is_told_as_it_is_now(database: Database) -> None:
    """After a long stop: that it is overdue, and not first that it is due."""
    world = World(database)
    ada = await world.admin("group_administrator")
    for _ in range(3):
        await world.group(owner=ada, review_days=30, due_at=now() - GRACE)
    await world.group(owner=ada, review_days=30, due_at=now() - DAY, status=GroupStatus.SUSPENDED)
    for status in (GroupStatus.INACTIVE, GroupStatus.ARCHIVED):
        await world.group(owner=ada, review_days=30, due_at=now() - GRACE, status=status)
    assert await reminders(database).tell() == NOTHING | {"reviews_told": 4}
    assert await told(database) == {(ada.id, "GROUP_REVIEW_OVERDUE"): 3, (ada.id, "GROUP_REVIEW_DUE"): 1}


@pytest.mark.parametrize("has_left", [False, True])
async def test_where_nobody_answers_for_it_some_who_may_sign_are_told(database: Database, *, has_left: bool) -> None:
    """The narrowest roles first, and never more than five; nobody who has left, nor who may not sign."""
    world = World(database)
    for role in ("super_admin", "auditor", "team_member", "portfolio_manager"):
        await world.admin(role)
    await world.admin("group_administrator", status=AdminStatus.INACTIVE)
    keepers = [await world.admin("group_administrator") for _ in range(4)]
    keepers.append(await world.admin("group_administrator", "super_admin"))
    gone = await world.admin("super_admin", status=AdminStatus.INACTIVE) if has_left else None
    await world.group(owner=gone, review_days=30, due_at=now())
    assert await reminders(database).tell() == NOTHING | {"reviews_told": 1}
    assert await told(database) == {(one.id, "GROUP_REVIEW_DUE"): 1 for one in keepers}
    assert not any(mail.payload["is_owner"] for mail in await outbox(database))


async def test_several_at_once_tell_each_once(database: Database) -> None:
    world = World(database)
    owners = [await world.admin("group_administrator") for _ in range(3)]
    for number in range(12):
        owner = owners[number % 3]
        await world.group(owner=owner, review_days=30, due_at=now() - DAY, last_used_at=now() - YEAR)
    await asyncio.gather(*(reminders(database).tell() for _ in range(4)))
    await reminders(database).tell()
    expected = {(owner.id, "GROUP_REVIEW_DUE"): 4 for owner in owners}
    assert await told(database) == expected | {(owner.id, "GROUPS_UNUSED"): 1 for owner in owners}


async def test_one_that_fails_stops_none_of_the_others_and_is_told_later(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the failure is after it was written: then nothing was."""
    world = World(database)
    ada, bola = await world.admin("group_administrator"), await world.admin("group_administrator")
    for owner, name in ((ada, "Breaks"), (bola, "Works")):
        await world.group(name, owner=owner, review_days=30, due_at=now() - DAY, last_used_at=now() - YEAR)
    tell = notifications.tell

    def breaking(session: Any, to: Admin, **facts: Any) -> None:
        tell(session, to, **facts)
        if to.id == ada.id:
            raise OSError("gone")

    monkeypatch.setattr(group_reminders, "tell", breaking)
    assert await reminders(database).tell() == {"reviews_told": 1, "digests_told": 1}
    assert await told(database) == {(bola.id, "GROUP_REVIEW_DUE"): 1, (bola.id, "GROUPS_UNUSED"): 1}
    monkeypatch.setattr(group_reminders, "tell", tell)
    assert await reminders(database).tell() == {"reviews_told": 1, "digests_told": 1}
    assert (await told(database))[ada.id, "GROUP_REVIEW_DUE"] == 1


async def test_many_are_told_a_batch_after_another(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_reminders, "_BATCH", 2)
    monkeypatch.setattr(group_reminders, "_REVIEWS", group_reminders._REVIEWS.limit(2))
    monkeypatch.setattr(group_reminders, "_OWNERS", group_reminders._OWNERS.limit(2))
    world = World(database)
    for _ in range(5):
        owner = await world.admin("group_administrator")
        await world.group(owner=owner, review_days=30, due_at=now() - DAY, last_used_at=now() - YEAR)
    stopped = asyncio.Event()
    stopped.set()
    async with unchanged(database):
        assert await reminders(database).tell(stopped) == NOTHING
    assert await reminders(database).tell() == {"reviews_told": 5, "digests_told": 5}


async def test_an_owner_gets_one_digest_a_month_at_most(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all that they have; the names of twenty."""
    world = World(database)
    ada = await world.admin("group_administrator", name="Ada Obi")
    for number in range(22):
        await world.group(f"Old {number:02}", owner=ada, last_used_at=now() - YEAR - number * DAY)
    await world.group("Used", owner=ada)
    await world.group("Nobody's", last_used_at=now() - YEAR)
    gone = await world.admin("group_administrator", status=AdminStatus.INACTIVE)
    await world.group("Left behind", owner=gone, last_used_at=now() - YEAR)
    assert await reminders(database).tell() == NOTHING | {"digests_told": 1}
    [mail] = await outbox(database)
    assert (mail.recipient, mail.template, mail.payload["count"]) == (ada.email, "groups_unused", 22)
    assert [name.split(" (")[0] for name in mail.payload["groups"]] == [f"Old {n:02}" for n in range(21, 1, -1)]
    [digest] = await database.rows(select(UnusedGroupDigest.admin_id, UnusedGroupDigest.told_at))
    month = timedelta(days=30)

    async def at(moment: datetime) -> int:
        monkeypatch.setattr(group_reminders, "now", lambda: moment)
        return (await reminders(database).tell())["digests_told"]

    async with unchanged(database):
        assert await at(digest.told_at + month - timedelta(microseconds=1)) == 0
    assert await at(digest.told_at + month) == 1
    assert await told(database) == {(ada.id, "GROUPS_UNUSED"): 2}


async def test_what_is_kept_or_decided_is_in_no_digest(database: Database) -> None:
    world = World(database)
    ada = await world.admin("group_administrator")
    kept = await world.group(owner=ada, last_used_at=now() - YEAR)
    await world.group(owner=ada, last_used_at=now() - YEAR, status=GroupStatus.ARCHIVED)
    async with database.begin() as session:
        for_now = {"kept_until": now() + DAY, "kept_reason": "Needed", "kept_by_id": ada.id}
        await session.execute(update(Group).where(Group.id == kept.id).values(for_now))
    async with unchanged(database):
        assert await reminders(database).tell() == NOTHING


async def _until_told(database: Database, mails: int) -> None:
    for _ in range(600):
        if len(await outbox(database)) >= mails:
            return
        await asyncio.sleep(0.05)
    pytest.fail("nobody was told")


async def test_the_upkeep_does_it_by_its_setting(database: Database, database_url: str) -> None:
    world = World(database)
    ada = await world.admin("group_administrator")
    await world.group(owner=ada, review_days=30, due_at=now(), last_used_at=now() - timedelta(days=40))
    stop = asyncio.Event()
    settings = Settings.model_validate({"database_url": database_url, "group_unused_days": 40})
    running = asyncio.create_task(Upkeep(database, settings, pause_seconds=0.01).run(stop))
    await _until_told(database, 2)
    await asyncio.sleep(0.1)
    stop.set()
    await running
    assert await told(database) == {(ada.id, "GROUP_REVIEW_DUE"): 1, (ada.id, "GROUPS_UNUSED"): 1}
