"""Light rows of interactions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gql.domain.interactions import InteractionDirection, InteractionKind


@dataclass(slots=True)
class InteractionRow:
    """An interaction with a customer. Only where the customer's interactions may be seen."""

    id: UUID
    customer_id: UUID
    kind: InteractionKind
    direction: InteractionDirection
    summary: str
    outcome: str | None
    occurred_at: datetime
    logged_at: datetime
    author_id: UUID | None
    next_step: str | None
    due_at: datetime | None
    done_at: datetime | None
    done_by_id: UUID | None
    next_step_outcome: str | None
