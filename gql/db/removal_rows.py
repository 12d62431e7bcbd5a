"""Light rows of what is proposed about a group's members."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gql.domain.policies import Access
from gql.domain.proposed_removals import ProposalStatus


@dataclass(slots=True)
class ProposedRemovalRow:
    """That a customer should leave a group. `access`: what the viewer sees of them now."""

    id: UUID
    group_id: UUID
    membership_id: UUID
    customer_id: UUID
    status: ProposalStatus
    found_at: datetime
    decided_at: datetime | None
    decided_by_id: UUID | None
    reason: str | None
    kept_until: datetime | None
    criterion: dict[str, Any]
    access: Access
