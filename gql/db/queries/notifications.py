"""One's own notifications, and what an admin doesn't want to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, func, select, union_all

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Admin, Notification, OwnNotification
from gql.db.queries import keyset
from gql.db.queries.records import Records
from gql.db.rows import NoticeRow, OwnNoticeRow
from gql.domain.notifications import MOST_COUNTED, NotificationEvent
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import AccessMap

_c = Notification.__table__.c
_own_c = OwnNotification.__table__.c
_COLUMNS = (_c.id, _c.event, _c.customer_id, _c.job_id, _c.group_id, _c.created_at, _c.read_at)


@dataclass(frozen=True, slots=True)
class NotificationsTotal:
    """Counts all that `list_notifications` has."""

    admin_id: UUID
    unread_only: bool
    event: NotificationEvent | None


def _matches(total: NotificationsTotal) -> list[ColumnElement[bool]]:
    predicates = [_c.admin_id == bindparam("recipient", type_=Uuid())]
    if total.unread_only:
        predicates.append(_c.read_at.is_(None))
    if total.event is not None:
        predicates.append(_c.event == bindparam("event", type_=_c.event.type))
    return predicates


def _bound(total: NotificationsTotal) -> dict[str, Any]:
    return {"recipient": total.admin_id} | ({} if total.event is None else {"event": total.event})


async def list_notifications(database: Database, total: NotificationsTotal, page: PageRequest) -> Page[Edge[NoticeRow]]:
    """A page of those that `total` counts, the latest first. One statement."""
    shape = keyset.shape_of(page)
    statement = keyset.within(select(*_COLUMNS).where(*_matches(total)), shape, _c.created_at, _c.id)
    statement = statement.order_by(*keyset.order_of(shape)(_c)).limit(bindparam("page_rows"))
    rows = await database.rows(statement, keyset.parameters(page) | _bound(total))
    return keyset.to_page(page, [keyset.edge(NoticeRow(*row), page.sort) for row in rows], total)


async def count_notifications(database: Database, total: NotificationsTotal) -> int:
    """How many `list_notifications` has in all."""
    counted = select(func.count()).select_from(Notification).where(*_matches(total))
    return int((await database.rows(counted, _bound(total)))[0][0])


@lru_cache(maxsize=8)
def _own(dialect: Dialect) -> Select[Any]:
    return select(*_COLUMNS).where(dialect.is_one_of(_c.id, "ids"), _c.admin_id == bindparam("recipient", type_=Uuid()))


async def notifications_by_id(database: Database, access: AccessMap, ids: Sequence[UUID]) -> list[NoticeRow | None]:
    """The viewer's own; None for anybody else's."""
    rows = await database.rows(_own(database.dialect), {"ids": list(ids), "recipient": access.admin_id})
    found = {row.id: NoticeRow(*row) for row in rows}
    return [found.get(key) for key in ids]


OWN_NOTIFICATIONS: Final = Records(
    select(_own_c.id, _own_c.customer_id, _own_c.event, _own_c.created_at, _own_c.read_at),
    _own_c.customer_id,
    OwnNoticeRow,
)
"""Each customer's, for themselves: nobody else is ever asked for them."""


_MUTED: Final = select(Admin.__table__.c.muted).where(Admin.__table__.c.id == bindparam("recipient", type_=Uuid()))


async def muted_of(database: Database, admin_id: UUID) -> list[str]:
    """What an admin doesn't want to be told."""
    [row] = await database.rows(_MUTED, {"recipient": admin_id})
    muted: list[str] = row.muted
    return muted


@lru_cache(maxsize=2)
def _unread() -> Select[Any]:
    reader = bindparam("recipient", type_=Uuid())
    of_staff = select(_c.id).where(_c.admin_id == reader, _c.read_at.is_(None))
    of_customers = select(_own_c.id).where(_own_c.customer_id == reader, _own_c.read_at.is_(None))
    return select(func.count()).select_from(union_all(of_staff, of_customers).limit(MOST_COUNTED).subquery())


async def unread_counts(database: Database, reader_ids: Sequence[UUID]) -> list[int]:
    """How many each admin or customer has not read, up to MOST_COUNTED.

    A statement each, and only ever one's own are asked for.
    """
    return [int((await database.rows(_unread(), {"recipient": key}))[0][0]) for key in reader_ids]
