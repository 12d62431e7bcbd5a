"""Tell a team member, by mail and within the console, in the transaction of the change; and mark what was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.events import Event, publish_with_commit
from gql.db.models import Admin, Notification
from gql.domain import notifications as rules
from gql.domain.errors import Refused
from gql.domain.ids import new_id
from gql.domain.notification_preferences import Channel, is_muted
from gql.domain.notifications import OF_TEMPLATE
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode
from gql.services.idempotency import Once
from gql.services.outbox import enqueue_mail

NOTIFICATION_RECEIVED: Final = "notification_received"
"""The topic of events: an admin, and the notification."""


def tell(
    session: AsyncSession,
    to: Admin,
    *,
    template: str,
    subject_id: UUID,
    payload: dict[str, Any],
    customer_id: UUID | None = None,
    job_id: UUID | None = None,
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
    notification = Notification(
        id=new_id(),
        admin_id=to.id,
        event=event,
        customer_id=customer_id,
        job_id=job_id,
        created_at=now(),
    )
    session.add(notification)
    publish_with_commit(session, Event(NOTIFICATION_RECEIVED, to.id, notification.id))


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


async def mark_read(database: Database, admin_id: UUID, wish: MarkRead) -> Marked:
    """Mark an admin's own notifications, all that are named or none.

    Raises Refused (UserErrorCode), and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, admin_id, "markRead", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Marked(earlier["count"], replayed=True)
        which = [Notification.admin_id == admin_id]
        if wish.ids is not None:
            which.append(Notification.id.in_(wish.ids))
            await _all_there(session, which, wish.ids)
        statement = update(Notification).where(*which, Notification.read_at.is_(None)).values(read_at=now())
        done: Any = await session.execute(statement.execution_options(synchronize_session=False))
        await once.keep({"count": done.rowcount})
        return Marked(done.rowcount)


async def _all_there(session: AsyncSession, which: Sequence[Any], ids: Sequence[UUID]) -> None:
    found = await session.scalar(select(func.count()).select_from(Notification).where(*which))
    refusals = [*rules.ids_refusals(len(set(ids)), found or 0)]
    if refusals:
        raise Refused(*refusals)
