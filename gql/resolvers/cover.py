"""Covers: granted, ended, and what of them is for whom."""

from collections.abc import Awaitable
from dataclasses import dataclass

from gql.context import Context
from gql.db.rows import AdminRow, CoverRow, CustomerRow
from gql.domain import covers as rules
from gql.domain.cover_rights import Parties, may_read_reason, reads_covers
from gql.domain.covers import CoverStatus, status_at
from gql.domain.customer_record import typed_number
from gql.domain.errors import BadUserInput, Refusal, Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.time import now
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, moment_of, optional_id, required_reason_of, text
from gql.services.break_glass import BreakGlass, break_glass
from gql.services.covers import Covered, EndCover, GrantCover, end_cover, grant_cover

_LONGEST_NUMBER = 50


@dataclass(frozen=True, slots=True)
class CoverPayload:
    """The cover as it is now, and the customer whom it opens, or why nothing was done."""

    cover: CoverRow | None = None
    customer: CustomerRow | None = None
    changed: bool = False
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def grant(context: Context, arguments: Arguments) -> CoverPayload:
    """Have a book covered."""
    ends_at = moment_of(arguments, "ends_at")
    assert ends_at is not None  # noqa: S101 - the schema requires it
    wish = GrantCover(
        manager_id=parse_id_of(Kind.ADMIN, arguments["manager_id"]),
        delegate_id=parse_id_of(Kind.ADMIN, arguments["delegate_id"]),
        starts_at=moment_of(arguments, "starts_at"),
        ends_at=ends_at,
        reason=required_reason_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return CoverPayload(user_errors=(rules.FORBIDDEN,))
    most = context.application.settings.cover_days_max
    return await _answer(context, grant_cover(context.database, context.actor, context.admin, wish, most))


async def break_(context: Context, arguments: Arguments) -> CoverPayload:
    """Open a customer."""
    settings = context.application.settings
    customer_id, number = optional_id(Kind.CUSTOMER, arguments, "customer_id"), _number_of(arguments)
    if (customer_id is None) is (number is None):
        raise BadUserInput("Pass `customerId` or `number`: one of them.")
    minutes = arguments.get("minutes")
    wish = BreakGlass(
        customer_id=customer_id,
        number=number,
        minutes=settings.break_glass_minutes_max if minutes is None else minutes,
        reason=required_reason_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return CoverPayload(user_errors=(rules.MAY_NOT_BREAK_GLASS,))
    change = break_glass(
        context.database,
        context.actor,
        context.admin,
        wish,
        most_minutes=settings.break_glass_minutes_max,
        per_minute=settings.lookups_per_minute,
    )
    return await _answer(context, change)


async def end(context: Context, arguments: Arguments) -> CoverPayload:
    """End a cover."""
    wish = EndCover(
        cover_id=parse_id_of(Kind.COVER, arguments["cover_id"]),
        reason=required_reason_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return CoverPayload(user_errors=(rules.MAY_NOT_END,))
    return await _answer(context, end_cover(context.database, context.actor, context.admin, wish))


def _number_of(arguments: Arguments) -> str | None:
    given = text(arguments.get("number"), "number", _LONGEST_NUMBER)
    if given is None:
        return None
    number = typed_number(given)
    if number is None:
        raise BadUserInput("`number` is no customer number. Write it as it is read out, such as LD-12345678.")
    return number


async def _answer(context: Context, change: Awaitable[Covered]) -> CoverPayload:
    try:
        done = await change
    except Refused as refused:
        return CoverPayload(user_errors=refused.refusals)
    await context.renew_viewer()
    cover: CoverRow | None = await context.loaders.one("cover", done.cover_id)
    customer: CustomerRow | None = None
    if cover is not None and cover.customer_id is not None:
        customer = await context.loaders.one("customer", cover.customer_id)
    return CoverPayload(cover, customer, done.changed, done.replayed)


def parties_of(row: CoverRow) -> Parties:
    """Whose cover it is."""
    return Parties(row.delegate_id, row.manager_id, row.granted_by_id, row.access)


def status_of(row: CoverRow) -> CoverStatus:
    """Where the cover stands now."""
    return status_at(now(), row.starts_at, row.ends_at, row.ended_at)


def shows_reasons(row: CoverRow, context: Context) -> bool:
    """Guard of the reasons, which may tell of the customer."""
    return may_read_reason(context.admin, parties_of(row))


def reads_covers_of(row: AdminRow, context: Context) -> bool:
    """Guard of an admin's covers: one's own, or with a permission to read others'."""
    return context.admin.admin_id == row.id or reads_covers(context.admin)
