"""Members who no longer fit their group's rule, and what its keeper has decided about some of them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from gql.demo.customers import DemoCustomer
from gql.demo.plan import Draw, Plan
from gql.domain.enums import CustomerStatus
from gql.domain.proposed_removals import KEPT_FOR, ProposalStatus

_KEPT = 0.3
_REASONS = ("Comes back within the month", "Agreed with the branch", "A dispute is being settled")


class ProposalRow(NamedTuple):
    """A row of proposed_removals."""

    id: UUID
    group_id: UUID
    membership_id: UUID
    customer_id: UUID
    criterion_id: UUID
    status: ProposalStatus
    found_at: datetime
    decided_at: datetime | None
    decided_by_id: UUID | None
    reason: str | None
    kept_until: datetime | None


class Drift(NamedTuple):
    """The group whose members are looked at: all active, it says."""

    group_id: UUID
    criterion_id: UUID
    keeper_id: UUID

    def proposals(
        self, draw: Draw, plan: Plan, customer: DemoCustomer, memberships: Sequence[tuple[UUID, UUID, datetime]]
    ) -> Iterator[ProposalRow]:
        """About a customer's open memberships, each with its ID, group and beginning."""
        if customer.row.status is CustomerStatus.ACTIVE:
            return
        for membership_id, group_id, since in memberships:
            if group_id == self.group_id:
                found = draw.moment(max(since, plan.now - timedelta(days=20)), plan.now)
                decided = draw.moment(found, plan.now) if draw.chance(_KEPT) else None
                yield ProposalRow(
                    draw.id_at(found),
                    group_id,
                    membership_id,
                    customer.row.id,
                    self.criterion_id,
                    ProposalStatus.PROPOSED if decided is None else ProposalStatus.KEPT,
                    found,
                    decided,
                    None if decided is None else self.keeper_id,
                    None if decided is None else draw.pick(_REASONS),
                    None if decided is None else decided + KEPT_FOR,
                )
