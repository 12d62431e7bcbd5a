"""Tell whoever answers for a group what became of it by itself: once for all that happened in an hour or so."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import Select

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Admin, Customer, DueRemoval, Group, GroupCheck, Membership, ProposedRemoval
from gql.db.visibility import is_visible, parameters, shapes_of
from gql.domain.enums import AdminStatus
from gql.domain.proposed_removals import READ_BY, ProposalStatus
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.services.notifications import tell
from gql.services.viewers_now import viewer_now

EVERY: Final = timedelta(hours=1)
_GROUPS: Final = 100

_c: Any = Customer.__table__.c
_k: Any = GroupCheck.__table__.c
_m: Any = Membership.__table__.c
_p: Any = ProposedRemoval.__table__.c
_log = structlog.stdlib.get_logger(__name__)


async def note_to_tell(session: AsyncSession, dialect: Dialect, group_id: UUID, moment: datetime) -> None:
    """Something has happened in a held group, from this moment on, that its owner should know."""
    await dialect.insert_if_new(session, GroupCheck, {"group_id": group_id, "failures": 0})
    first = update(GroupCheck).where(GroupCheck.group_id == group_id, GroupCheck.tell_since.is_(None))
    await session.execute(first.values(tell_since=moment).execution_options(synchronize_session=False))


async def tell_owners(database: Database) -> int:
    """Tell of all groups with which nobody is busy any more; answers of how many. One that fails stops no other."""
    told = 0
    for row in await database.rows(_to_tell()):
        try:
            told += await _tell_of(database, row.group_id)
        except Exception as error:
            _log.warning("groups.not_told", key=str(row.group_id), error=type(error).__qualname__)
    return told


async def _tell_of(database: Database, group_id: UUID) -> bool:
    """Tell of one, unless another transaction is at it now, or somebody was quicker."""
    async with database.begin() as session:
        held = _to_tell().with_only_columns(GroupCheck).where(_k.group_id == group_id)
        check = await session.scalar(database.dialect.skip_locked(held))
        if check is None or check.tell_since is None:
            return False
        await _tell(session, database.dialect, check)
        check.tell_since, check.told_at = None, now()
        return True


def _to_tell() -> Select[Any]:
    moment = now()
    due = (DueRemoval.group_id == _k.group_id, DueRemoval.try_at <= moment)
    return (
        select(_k.group_id)
        .where(
            _k.tell_since.is_not(None), _k.began_at.is_(None), ~select(DueRemoval.membership_id).where(*due).exists()
        )
        .where(or_(_k.told_at.is_(None), _k.told_at <= moment - EVERY))
        .limit(_GROUPS)
    )


async def _tell(session: AsyncSession, dialect: Dialect, check: GroupCheck) -> None:
    """Count what the owner may see, and tell of it: nobody else is told, and of nobody out of their sight."""
    group = await session.get_one(Group, check.group_id)
    owner = None if group.owner_id is None else await session.get(Admin, group.owner_id)
    if owner is None or owner.status is not AdminStatus.ACTIVE:
        return
    viewer = await viewer_now(session, owner.id)
    seen, bound = is_visible(dialect, shapes_of(viewer.access)), dict(parameters(viewer.access))
    removed = proposed = 0
    if viewer.may(Permission.GROUP_READ) and viewer.may(Permission.GROUP_MEMBERS_READ):
        by_rule = (_m.group_id == group.id, _m.until >= check.tell_since, _m.removed_by_id.is_(None))
        left = select(func.count()).select_from(Membership).join(Customer, _c.id == _m.customer_id)
        removed = await session.scalar(left.where(*by_rule, _m.removal_reason.is_not(None), seen), bound) or 0
    if all(map(viewer.may, READ_BY)):
        new = (_p.group_id == group.id, _p.found_at >= check.tell_since, _p.status == ProposalStatus.PROPOSED)
        listed = select(func.count()).select_from(ProposedRemoval).join(Customer, _c.id == _p.customer_id)
        proposed = await session.scalar(listed.where(*new, seen), bound) or 0
    if removed or proposed:
        facts = {"name": owner.name, "group_name": group.name, "removed": removed, "proposed": proposed}
        tell(session, owner, template="group_drifted_owner", subject_id=group.id, payload=facts, group_id=group.id)
