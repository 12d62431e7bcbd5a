"""A viewer's own sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, or_, select

from gql.db.engine import Database
from gql.db.models import Session
from gql.db.models.base import UTCDateTime
from gql.domain.time import now

MOST_LISTED: Final = 100


@dataclass(frozen=True, slots=True)
class SessionsOf:
    """Whose sessions: an admin's or a customer's, as seen from one of them."""

    subject_id: UUID
    current_id: UUID


@dataclass(slots=True)
class SessionRow:
    """A session that lasts."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    current: bool


_LAST_USED = func.coalesce(Session.last_used_at, Session.created_at, type_=UTCDateTime())
# Of both kinds of owners, whose IDs are different: each side is a seek in an index of its own.
_SESSIONS = (
    select(Session.id, Session.created_at, _LAST_USED.label("used_at"))
    .where(
        or_(Session.admin_id == bindparam("subject_id", type_=Uuid()), Session.customer_id == bindparam("subject_id")),
        Session.revoked_at.is_(None),
        Session.expires_at > bindparam("now", type_=UTCDateTime()),
    )
    .order_by(_LAST_USED.desc(), Session.id.desc())
    .limit(MOST_LISTED)
)


async def sessions_of(database: Database, owners: Sequence[SessionsOf]) -> list[list[SessionRow]]:
    """The sessions of each owner that last, the last used first; at most MOST_LISTED."""
    found = []
    for owner in owners:
        rows = await database.rows(_SESSIONS, {"subject_id": owner.subject_id, "now": now()})
        found.append([SessionRow(row.id, row.created_at, row.used_at, row.id == owner.current_id) for row in rows])
    return found
