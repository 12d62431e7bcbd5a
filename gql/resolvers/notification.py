"""A team member's own notifications: listed, marked, and told as they come."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from uuid import UUID

from gql.context import Context
from gql.db.queries.notifications import NotificationsTotal, list_notifications
from gql.db.rows import NoticeRow
from gql.domain import notifications as rules
from gql.domain.errors import BadUserInput, Refusal, Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.listing import BY_CREATED_AT
from gql.domain.notifications import MOST_IDS
from gql.domain.paging import Edge, Page
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, page_of
from gql.services.notifications import NOTIFICATION_RECEIVED, MarkRead, mark_read


@dataclass(frozen=True, slots=True)
class MarkReadPayload:
    """How many were marked; `admin_id` is whose are counted."""

    admin_id: UUID | None = None
    marked: int = 0
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether any wasn't read before."""
        return self.marked > 0


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
    ids = None if given is None else tuple(sorted({parse_id_of(Kind.NOTIFICATION, one) for one in given}))
    if isinstance(context.viewer, CustomerViewer):
        return MarkReadPayload(user_errors=(rules.ONLY_STAFF,))
    admin_id = context.admin.admin_id
    try:
        done = await mark_read(context.database, admin_id, MarkRead(ids, idempotency_key_of(arguments)))
    except Refused as refused:
        return MarkReadPayload(user_errors=refused.refusals)
    context.renew()
    return MarkReadPayload(admin_id, done.count, done.replayed)


async def received(context: Context) -> AsyncGenerator[NoticeRow, None]:
    """Each of one's own from now on, for as long as the session lasts."""
    subscription = await context.database.events.subscribe(NOTIFICATION_RECEIVED, context.admin.admin_id)

    async def coming() -> AsyncGenerator[NoticeRow, None]:
        while True:
            event = await subscription.next()
            await context.check_again()
            [notice] = await context.loaders.batch("notification", None, [event.detail_id])
            if notice is not None:
                yield notice

    return coming()
