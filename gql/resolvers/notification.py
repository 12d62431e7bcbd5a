"""One's own notifications: listed, marked, and told as they come."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gql.context import Context
from gql.db.queries.notifications import NotificationsTotal, list_notifications
from gql.db.rows import NoticeRow, OwnNoticeRow
from gql.domain.errors import BadUserInput, Forbidden, Refusal, Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.listing import BY_CREATED_AT
from gql.domain.notifications import MOST_IDS
from gql.domain.paging import Edge, Page
from gql.domain.roles import Permission
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, page_of
from gql.services.notifications import NOTIFICATION_RECEIVED, MarkRead, mark_read


@dataclass(frozen=True, slots=True)
class MarkReadPayload:
    """How many were marked; `reader_id` is whose are counted."""

    reader_id: UUID | None = None
    marked: int = 0
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether any wasn't read before."""
        return self.marked > 0


def reads_groups(row: NoticeRow, context: Context) -> bool:
    """Guard of which group a notification is about."""
    return context.admin.may(Permission.GROUP_READ)


async def notifications(context: Context, criteria: Arguments, paging: Arguments) -> Page[Edge[NoticeRow]]:
    """A page of one's own. They name nobody: a customer is read where `customer` is asked for."""
    admin_id = context.admin.admin_id
    wanted = NotificationsTotal(admin_id, bool(criteria.get("unread_only")), criteria.get("event"))
    return await list_notifications(context.database, wanted, page_of(BY_CREATED_AT, paging))


async def mark(context: Context, arguments: Arguments) -> MarkReadPayload:
    """Mark one's own as read."""
    given, is_all = arguments.get("ids"), bool(arguments.get("all"))
    if is_all == (given is not None):
        raise BadUserInput("Say which were read: pass `ids`, or `all: true`.")
    if given is not None and not 1 <= len(given) <= MOST_IDS:
        raise BadUserInput(f"`ids` has {len(given)} entries; between 1 and {MOST_IDS} are allowed.")
    viewer = context.viewer
    reader = viewer if isinstance(viewer, CustomerViewer) else context.admin
    kind = Kind.MY_NOTIFICATION if isinstance(reader, CustomerViewer) else Kind.NOTIFICATION
    ids = None if given is None else tuple(sorted({parse_id_of(kind, one) for one in given}))
    try:
        done = await mark_read(context.database, reader, MarkRead(ids, idempotency_key_of(arguments)))
    except Refused as refused:
        return MarkReadPayload(user_errors=refused.refusals)
    context.renew()
    return MarkReadPayload(context.actor.id, done.count, done.replayed)


async def received(context: Context) -> AsyncGenerator[NoticeRow, None]:
    """Each of an admin's own from now on, for as long as the session lasts."""
    return await _coming(context, context.admin.admin_id, "notification")


async def received_by_customer(context: Context) -> AsyncGenerator[OwnNoticeRow, None]:
    """The same of a customer's own."""
    if not isinstance(context.viewer, CustomerViewer):
        raise Forbidden
    return await _coming(context, context.viewer.customer_id, "own_notification")


async def _coming(context: Context, reader_id: UUID, loader: str) -> AsyncGenerator[Any, None]:
    subscription = await context.database.events.subscribe(NOTIFICATION_RECEIVED, reader_id)

    async def coming() -> AsyncGenerator[Any, None]:
        while True:
            event = await subscription.next()
            await context.check_again()
            [notice] = await context.loaders.batch(loader, None, [event.detail_id])
            if notice is not None:
                yield notice

    return coming()
