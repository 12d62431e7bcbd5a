"""Append audit events, in the transaction of what they record."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.models import AuditEvent
from gql.domain.enums import SubjectKind
from gql.domain.time import now


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which request."""

    kind: SubjectKind
    id: UUID | None
    request_id: str | None = None


def record(
    session: AsyncSession,
    actor: Actor,
    action: str,
    *,
    subject_kind: str,
    subject_id: UUID | None,
    details: dict[str, Any] | None = None,
) -> None:
    """Append one event. `details` holds facts before and after, as JSON; never a secret or a searched value."""
    session.add(
        AuditEvent(
            at=now(),
            actor_kind=actor.kind,
            actor_id=actor.id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            details=details or {},
            request_id=actor.request_id,
        )
    )
