"""Tell somebody, by mail and within the console or the app, in the transaction of the change; mark what was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.appending import append
from gql.db.engine import Database
from gql.db.events import Event, publish_with_commit
from gql.db.models import Admin, Notification, OwnNotification
from gql.db.models.base import Base
from gql.domain import notifications as rules
from gql.domain.enums import SubjectKind
from gql.domain.errors import Refused
from gql.domain.ids import new_id
from gql.domain.notification_preferences import Channel, is_muted
from gql.domain.notifications import OF_OWN_TEMPLATE, OF_TEMPLATE, OwnEvent
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer, CustomerViewer
from gql.services.idempotency import Once
from gql.services.outbox import enqueue_mail

NOTIFICATION_RECEIVED: Final = "notification_received"
"""The topic of events: an admin or a customer, and the notification."""


def tell(
    session: AsyncSession,
    to: Admin,
    *,
    template: str,
    subject_id: UUID,
    payload: dict[str, Any],
    customer_id: UUID | None = None,
    job_id: UUID | None = None,
    group_id: UUID | None = None,
) -> None:
    """Tell an admin of something once the session's transaction has committed; never, if it rolls back.

    By the ways that they want, and by mail whatever nobody can do without.

    The mail says what the payload says, as of now. The notification names what it is about, which is shown as far as
    the admin sees it when they look.
    """
    event = OF_TEMPLATE[template]
    if not is_muted(to.muted, event, Channel.EMAIL):
        enqueue_mail(session, template=template, recipient=to.email, subject_id=subject_id, payload=payload)
    if is_muted(to.muted, event, Channel.IN_APP):
        return
    values = {"admin_id": to.id, "event": event, "customer_id": customer_id, "job_id": job_id, "group_id": group_id}
    _notify(session, Notification, to.id, values)


def tell_customer(session: AsyncSession, to: Any, *, template: str, subject_id: UUID, payload: dict[str, Any]) -> None:
    """Tell a customer, in the same way. The notification says what has happened; all else is in `me`.

    `to`: a record, or a row with `id`, `email` and `muted`.
    """
    event = OF_OWN_TEMPLATE[template]
    if not is_muted(to.muted, event, Channel.EMAIL):
        enqueue_mail(session, template=template, recipient=to.email, subject_id=subject_id, payload=payload)
    notify_customer(session, to, event)


def notify_customer(session: AsyncSession, to: Any, event: OwnEvent) -> None:
    """Tell a customer in the app alone: whoever writes the mails decides where they go."""
    if is_muted(to.muted, event, Channel.IN_APP):
        return
    _notify(session, OwnNotification, to.id, {"customer_id": to.id, "event": event})


def _notify(session: AsyncSession, model: type[Base], reader_id: UUID, values: dict[str, Any]) -> None:
    key = new_id()
    append(session, model, {"id": key, "created_at": now(), **values})
    publish_with_commit(session, Event(NOTIFICATION_RECEIVED, reader_id, key))


@dataclass(frozen=True, slots=True)
class MarkRead:
    """The wish: these were read; None is all there are."""

    ids: tuple[UUID, ...] | None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """How many weren't read before. `replayed`: it is the answer that was kept for the idempotency key."""

    count: int
    replayed: bool = False


async def mark_read(database: Database, reader: AdminViewer | CustomerViewer, wish: MarkRead) -> Marked:
    """Mark one's own notifications, all that are named or none.

    Raises Refused (UserErrorCode), and writes nothing then.
    """
    kind, reader_id = reader.subject
    told: Any = Notification if kind is SubjectKind.ADMIN else OwnNotification
    async with database.begin() as session:
        once = Once(session, reader_id, "markRead", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Marked(earlier["count"], replayed=True)
        which = [(told.admin_id if told is Notification else told.customer_id) == reader_id]
        if wish.ids is not None:
            which.append(told.id.in_(wish.ids))
            await _all_there(session, told, which, wish.ids)
        statement = update(told).where(*which, told.read_at.is_(None)).values(read_at=now())
        done: Any = await session.execute(statement.execution_options(synchronize_session=False))
        await once.keep({"count": done.rowcount})
        return Marked(done.rowcount)


async def _all_there(session: AsyncSession, told: Any, which: Sequence[Any], ids: Sequence[UUID]) -> None:
    found = await session.scalar(select(func.count()).select_from(told).where(*which))
    refusals = [*rules.ids_refusals(len(set(ids)), found or 0)]
    if refusals:
        raise Refused(*refusals)
