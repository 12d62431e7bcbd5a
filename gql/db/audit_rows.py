"""Light rows of the audit trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gql.domain.enums import SubjectKind
from gql.domain.policies import Access


@dataclass(slots=True)
class AuditEventRow:
    """An event that the viewer may read. `access` is how much of the customer whom it is about; None for nobody's."""

    id: UUID
    at: datetime
    actor_kind: SubjectKind
    actor_id: UUID | None
    action: str
    subject_kind: str
    subject_id: UUID | None
    details: dict[str, Any]
    request_id: str | None
    customer_id: UUID | None
    address: str | None
    denied: bool
    access: Access | None
