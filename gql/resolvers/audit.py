"""The audit trail, for who may read it."""

from datetime import UTC, datetime
from typing import Any

from gql.context import Context
from gql.db.audit_rows import AuditEventRow
from gql.db.queries.audit_events import list_events
from gql.domain.audit import BY_AT, AuditCriteria, AuditDetail, details_of, shows_subject, subject_global_id
from gql.domain.enums import SubjectKind
from gql.domain.errors import BadUserInput, MalformedId
from gql.domain.ids import Kind, parse_global_id
from gql.domain.paging import Edge, Page
from gql.resolvers.arguments import Arguments, optional_id, optional_set, page_of

_MOST_ACTIONS = 50
_ACTORS = (Kind.ADMIN, Kind.CUSTOMER)


async def audit_events(context: Context, criteria: Arguments, paging: Arguments) -> Page[Edge[AuditEventRow]]:
    """A page of the events that the viewer may read, newest first."""
    actions = optional_set(criteria, "action")
    if actions is not None and len(actions) > _MOST_ACTIONS:
        raise BadUserInput(f"`action` has {len(actions)} entries; at most {_MOST_ACTIONS} are allowed.")
    if any(not action.isprintable() for action in actions or ()):
        raise BadUserInput("`action` holds characters that are in no action's name.")
    wanted = AuditCriteria(
        actor_id=_actor(criteria),
        subject_id=None if criteria.get("subject_id") is None else parse_global_id(criteria["subject_id"])[1],
        customer_id=optional_id(Kind.CUSTOMER, criteria, "customer_id"),
        actions=actions,
        since=_moment(criteria, "since", "from"),
        until=_moment(criteria, "until", "to"),
        denied_only=bool(criteria.get("denied_only")),
    )
    return await list_events(context.database, context.access, wanted, page_of(BY_AT, paging))


def _moment(criteria: Arguments, name: str, called: str) -> datetime | None:
    given: datetime | None = criteria.get(name)
    if given is None:
        return None
    if given.utcoffset() is None:
        raise BadUserInput(f"`{called}` needs a time zone, such as the Z of UTC.")
    try:
        return given.astimezone(UTC)
    except OverflowError:
        raise BadUserInput(f"`{called}` is beyond all time.") from None


def _actor(criteria: Arguments) -> Any:
    if criteria.get("actor_id") is None:
        return None
    kind, key = parse_global_id(criteria["actor_id"])
    if kind not in _ACTORS:
        raise MalformedId(criteria["actor_id"], expected="Admin or Customer")
    return key


def details(row: AuditEventRow) -> list[AuditDetail]:
    """The facts, as far as the viewer may read them."""
    return details_of(row.details, row.access)


def subject_id(row: AuditEventRow) -> str | None:
    """The global ID of what was acted upon, where it has one and the viewer may know it."""
    if row.subject_id is None or not shows_subject(row.subject_kind, row.access):
        return None
    return subject_global_id(row.subject_kind, row.subject_id)


def address(row: AuditEventRow) -> str | None:
    """The client's address: a customer's own is theirs, and for who sees all of the customer."""
    of_customer = row.actor_kind is SubjectKind.CUSTOMER
    return None if of_customer and row.access is not None and not row.access.is_full else row.address
