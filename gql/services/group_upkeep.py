"""Groups are kept up by themselves, by whichever process comes first: members leave by their rules soon after a change,
once a day the members of each are looked at, and whoever answers for one is told.

A group whose next batch fails waits, longer each time, while others are looked at; what is done stays done. It is tried
for ever: the members that follow might be those who should leave.
"""

import asyncio
import time
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import Text, and_, cast, or_, select
from sqlalchemy.sql import Select

from gql.db.engine import Database
from gql.db.models import Group, GroupCheck, ProposedRemoval
from gql.domain.enums import GroupStatus
from gql.domain.ids import new_id
from gql.domain.proposed_removals import ProposalStatus
from gql.domain.time import now
from gql.services.group_checks import BATCH, check_batch, start_of_day
from gql.services.group_digests import tell_owners
from gql.services.removal_rules import delay_after, has_rules, next_due, put_off, remove_due
from gql.settings import Settings

PAUSE_SECONDS: Final = 10.0
_GROUPS: Final = 100
_REST: Final = 0.25
"""Of a batch's time, after it: on SQLite, which has one writer, others get their turn."""

_g: Any = Group.__table__.c
_k: Any = GroupCheck.__table__.c
_log = structlog.stdlib.get_logger(__name__)


class GroupUpkeep:
    """Keeps up the groups of one database."""

    def __init__(self, database: Database, *, pause_seconds: float = PAUSE_SECONDS, batch: int = BATCH) -> None:
        self._database = database
        self._pause_seconds = pause_seconds
        self._batch = batch
        self._holder = new_id()

    async def run(self, stop: asyncio.Event) -> None:
        """Work at once and after each pause, until `stop` is set. Goes on after any failure of the database."""
        while not stop.is_set():
            try:
                await self.work(stop)
            except Exception as error:  # what is due stays so, and is looked for after the pause
                _log.warning("groups.not_kept_up", error=type(error).__qualname__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._pause_seconds)

    async def work(self, stop: asyncio.Event | None = None) -> int:
        """Do all that is due; answers how many groups were looked at. Ends early once `stop` is set."""
        await self._remove(stop)
        looked_at = await self._look(stop)
        await self._remove(stop)
        if stop is None or not stop.is_set():
            await tell_owners(self._database)
        return looked_at

    async def _remove(self, stop: asyncio.Event | None) -> None:
        """Those whom a rule removes, a batch of a group at a time."""
        held_up: list[UUID] = []
        while stop is None or not stop.is_set():
            begun = time.monotonic()
            due = await next_due(self._database, held_up)
            if due is None:
                return
            group_id, ids = due
            try:
                if not await remove_due(self._database, group_id, ids):
                    held_up.append(group_id)  # somebody else has them all
            except Exception as error:
                _log.warning("groups.removal_failed", group=str(group_id), error=type(error).__qualname__)
                await put_off(self._database, ids)
            await asyncio.sleep((time.monotonic() - begun) * _REST)

    async def _look(self, stop: asyncio.Event | None) -> int:
        """At the members of all groups of which that is due."""
        looked_at: set[UUID] = set()
        while True:
            due = [row.id for row in await self._database.rows(_due()) if row.id not in looked_at]
            for group_id in due:
                if stop is not None and stop.is_set():
                    return len(looked_at)
                looked_at.add(group_id)
                await self._look_at(group_id, stop)
            if not due:
                return len(looked_at)

    async def _look_at(self, group_id: UUID, stop: asyncio.Event | None) -> None:
        more = True
        while more and not (stop is not None and stop.is_set()):
            begun = time.monotonic()
            try:
                more = await check_batch(self._database, group_id, self._holder, self._batch)
            except Exception as error:
                _log.warning("groups.batch_failed", group=str(group_id), error=type(error).__qualname__)
                await self._put_off(group_id)
                return
            await asyncio.sleep((time.monotonic() - begun) * _REST)

    async def _put_off(self, group_id: UUID) -> None:
        """Leave a group to whoever comes once it has waited, unless somebody else is at it by now."""
        async with self._database.begin() as session:
            await self._database.dialect.insert_if_new(session, GroupCheck, {"group_id": group_id, "failures": 0})
            check = await session.get_one(GroupCheck, group_id, with_for_update=True)
            if check.lease_by in (None, self._holder):
                check.lease_by, check.lease_until = None, now() + delay_after(check.failures)
                check.failures += 1


def _due() -> Select[Any]:
    """Groups whose members were not looked at today, or not to the end, and at which nobody is."""
    moment = now()
    has_rule = and_(_g.criteria.is_not(None), cast(_g.criteria, Text()) != "null")
    undecided = (ProposedRemoval.group_id == _g.id, ProposedRemoval.status == ProposalStatus.PROPOSED)
    is_left_from_a_rule = select(ProposedRemoval.id).where(*undecided).exists()
    not_today = or_(_k.checked_at.is_(None), _k.checked_at < start_of_day(moment))
    is_new = and_(_g.status != GroupStatus.ARCHIVED, or_(has_rule, has_rules(), is_left_from_a_rule), not_today)
    is_free = or_(_k.lease_until.is_(None), _k.lease_until < moment)
    return (
        select(_g.id)
        .outerjoin_from(Group, GroupCheck, _k.group_id == _g.id)
        .where(or_(is_new, _k.began_at.is_not(None)), is_free)
        .order_by(_g.id)
        .limit(_GROUPS)
    )


async def run_group_upkeep(settings: Settings, stop: asyncio.Event) -> None:
    """The same in a process of its own, until `stop` is set."""
    database = Database(settings.database_url, pool_size=1)
    try:
        await GroupUpkeep(database).run(stop)
    finally:
        await database.close()
