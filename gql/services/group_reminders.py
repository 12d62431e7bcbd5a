"""Owners of groups are told once that a review is due and once that it is overdue, and now and then what nobody uses.

Each group, and each owner, is told in a transaction of its own that also writes down that they were: nobody is told
twice, whoever else is at it, and what a process was killed over is told at the next look. One that fails stops none of
the others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import Text, Uuid, and_, bindparam, func, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Admin, AdminRole, Group, Role, UnusedGroupDigest
from gql.db.models.base import UTCDateTime
from gql.db.queries.unused_groups import are_unused
from gql.domain.enums import AdminStatus
from gql.domain.group_reviews import GRACE, GroupReviewStatus, in_words, to_tell
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.unused_groups import BETWEEN_DIGESTS, MOST_NAMED
from gql.services.notifications import tell

_BATCH: Final = 100
_MOST_TOLD: Final = 5
"""Of those who keep groups, of one that has no owner: enough for somebody to look."""
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_ID: Final = UUID(int=0)
_TEMPLATES: Final = {
    GroupReviewStatus.DUE: "group_review_due",
    GroupReviewStatus.OVERDUE: "group_review_overdue",
}
_g: Any = Group.__table__.c
_a: Any = Admin.__table__.c
_d: Any = UnusedGroupDigest.__table__.c
_log = structlog.stdlib.get_logger(__name__)

_MOMENT: Final = bindparam("moment", type_=UTCDateTime())
_IS_UNTOLD: Final = or_(
    and_(_g.review_told == GroupReviewStatus.NOT_DUE, _g.next_review_at <= _MOMENT),
    and_(_g.review_told == GroupReviewStatus.DUE, _g.next_review_at <= bindparam("overdue", type_=UTCDateTime())),
)
_OVERDUE: Final = literal_column(f"'{GroupReviewStatus.OVERDUE}'", Text())
"""In the text, as the index has it."""
_REVIEWS: Final = (
    select(_g.id, _g.next_review_at)
    .where(_g.next_review_at <= _MOMENT, _g.review_told != _OVERDUE, _IS_UNTOLD)
    .where(
        tuple_(_g.next_review_at, _g.id)
        > tuple_(bindparam("after_at", type_=UTCDateTime()), bindparam("after_id", type_=Uuid()))
    )
    .order_by(_g.next_review_at, _g.id)
    .limit(_BATCH)
)
_WAS_TOLD: Final = select(_d.admin_id).where(
    _d.admin_id == _a.id, _d.told_at > bindparam("told_since", type_=UTCDateTime())
)
_OWNERS: Final = (
    select(_a.id)
    .where(_a.status == AdminStatus.ACTIVE, _a.id > bindparam("after_id", type_=Uuid()))
    .where(select(_g.id).where(_g.owner_id == _a.id, *are_unused()).exists(), ~_WAS_TOLD.exists())
    .order_by(_a.id)
    .limit(_BATCH)
)
"""Active team members with groups that nobody uses, who weren't told this month; by their IDs."""


class GroupReminders:
    """Tells the owners of one database's groups. `unused_days`: after so many of disuse a group is suggested."""

    def __init__(self, database: Database, unused_days: int) -> None:
        self._database = database
        self._unused = timedelta(days=unused_days)

    async def tell(self, stop: asyncio.Event | None = None) -> Mapping[str, int]:
        """Tell all that is to be told; answers how many groups and owners that was. Ends early once `stop` is set."""
        return {"reviews_told": await self._tell_reviews(stop), "digests_told": await self._tell_unused(stop)}

    async def _tell_reviews(self, stop: asyncio.Event | None) -> int:
        told, after_at, after_id, moment = 0, _LONG_AGO, _FIRST_ID, now()
        while True:
            bound = {"moment": moment, "overdue": moment - GRACE, "after_at": after_at, "after_id": after_id}
            rows = await self._database.rows(_REVIEWS, bound)
            for row in rows:
                if stop is not None and stop.is_set():
                    return told
                after_at, after_id = row.next_review_at, row.id
                told += await self._try(self._tell_review, row.id)
            if len(rows) < _BATCH:
                return told

    async def _tell_unused(self, stop: asyncio.Event | None) -> int:
        told, after_id = 0, _FIRST_ID
        while True:
            moment = now()
            bound = {**self._bound(moment), "told_since": moment - BETWEEN_DIGESTS, "after_id": after_id}
            rows = await self._database.rows(_OWNERS, bound)
            for row in rows:
                if stop is not None and stop.is_set():
                    return told
                after_id = row.id
                told += await self._try(self._tell_owner, row.id)
            if len(rows) < _BATCH:
                return told

    async def _try(self, tell_of: Callable[[AsyncSession, UUID], Awaitable[bool]], key: UUID) -> bool:
        try:
            async with self._database.begin() as session:
                return await tell_of(session, key)
        except Exception as error:
            _log.warning("groups.not_told", key=str(key), error=type(error).__qualname__)
            return False

    async def _tell_review(self, session: AsyncSession, group_id: UUID) -> bool:
        """Tell of one, unless another transaction has the group now, or somebody was quicker."""
        held = self._database.dialect.skip_locked(select(Group).where(Group.id == group_id))
        group = await session.scalar(held)
        status = None if group is None else to_tell(group.review_told, group.next_review_at, now())
        if group is None or group.next_review_at is None or status is None:
            return False
        group.review_told = status
        facts = {
            "group_name": group.name,
            "member_count": group.member_count,
            "due": in_words(group.next_review_at),
            "last_signed": None if group.reviewed_at is None else in_words(group.reviewed_at),
        }
        for admin in await _in_charge(session, group):
            payload = facts | {"name": admin.name, "is_owner": admin.id == group.owner_id}
            tell(session, admin, template=_TEMPLATES[status], subject_id=group.id, payload=payload, group_id=group.id)
        return True

    async def _tell_owner(self, session: AsyncSession, admin_id: UUID) -> bool:
        """Tell an owner what nobody uses, unless another transaction is at it now, or they were told this month."""
        dialect, moment = self._database.dialect, now()
        await dialect.insert_if_new(session, UnusedGroupDigest, {"admin_id": admin_id, "told_at": _LONG_AGO})
        held = select(UnusedGroupDigest).where(UnusedGroupDigest.admin_id == admin_id)
        digest = await session.scalar(dialect.skip_locked(held))
        owner = await session.get_one(Admin, admin_id)
        if digest is None or digest.told_at > moment - BETWEEN_DIGESTS or owner.status is not AdminStatus.ACTIVE:
            return False
        are_theirs, bound = (_g.owner_id == admin_id, *are_unused()), self._bound(moment)
        listed = select(_g.name, _g.last_used_at).where(*are_theirs).order_by(_g.last_used_at, _g.id).limit(MOST_NAMED)
        rows = (await session.execute(listed, bound)).all()
        if not rows:
            return False
        count = await session.scalar(select(func.count()).select_from(Group).where(*are_theirs), bound)
        digest.told_at = moment
        groups = [f"{row.name} (last used on {in_words(row.last_used_at)})" for row in rows]
        payload = {"name": owner.name, "count": count, "groups": groups, "days": self._unused.days}
        tell(session, owner, template="groups_unused", subject_id=admin_id, payload=payload)
        return True

    def _bound(self, moment: datetime) -> dict[str, datetime]:
        return {"unused_since": moment - self._unused, "kept_up_to": moment}


async def _in_charge(session: AsyncSession, group: Group) -> list[Admin]:
    """The owner; where nobody is, or who has left, some of those who may sign, the narrowest roles first."""
    owner = None if group.owner_id is None else await session.get(Admin, group.owner_id)
    if owner is not None and owner.status is AdminStatus.ACTIVE:
        return [owner]
    may_sign = (
        select(Admin, Role.permissions)
        .join(AdminRole, AdminRole.admin_id == Admin.id)
        .join(Role, Role.id == AdminRole.role_id)
        .where(Admin.status == AdminStatus.ACTIVE)
        .order_by(Admin.id)
    )
    found = [
        (len(permissions), number, admin)
        for number, (admin, permissions) in enumerate((await session.execute(may_sign)).all())
        if Permission.GROUP_WRITE in permissions
    ]
    return list(dict.fromkeys(admin for _, _, admin in sorted(found, key=lambda one: one[:2])))[:_MOST_TOLD]
