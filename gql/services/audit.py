"""Append audit events, in the transaction of what they record."""

from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.appending import append
from gql.db.models import AuditEvent
from gql.domain.enums import SubjectKind
from gql.domain.time import now

DEACTIVATED: Final = "admin.deactivated"
"""The action of the event by which a team member's account ends: it says who did that."""


class Actor(NamedTuple):
    """Who acts, in which request, from where."""

    kind: SubjectKind
    id: UUID | None
    request_id: str | None = None
    address: str | None = None


def record(
    session: AsyncSession,
    actor: Actor,
    action: str,
    *,
    subject_kind: str,
    subject_id: UUID | None,
    details: dict[str, Any] | None = None,
    customer_id: UUID | None = None,
    denied: bool = False,
) -> None:
    """Append one event. `details` holds facts before and after, as JSON; never a secret or a searched value.

    `customer_id` is whom the event is about where that is neither the subject, nor the `customer_id` of the details,
    nor the actor: only who sees that customer sees the event.
    """
    about = customer_id or customer_of(actor, subject_kind, subject_id, details or {})
    values = {
        "at": now(),
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "action": action,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "details": details or {},
        "request_id": actor.request_id,
        "customer_id": about,
        "address": actor.address,
        "denied": denied,
    }
    append(session, AuditEvent, values)


def customer_of(actor: Actor, subject_kind: str, subject_id: UUID | None, details: dict[str, Any]) -> UUID | None:
    """The customer whom an event is about, as far as the event tells by itself."""
    if subject_kind == "customer" and subject_id is not None:
        return subject_id
    if "customer_id" in details:
        return UUID(str(details["customer_id"]))
    return actor.id if actor.kind is SubjectKind.CUSTOMER else None
