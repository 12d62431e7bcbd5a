"""How the customers' statuses came about."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from gql.demo.customers import CustomerRow
from gql.demo.plan import Draw
from gql.domain.customer_status import StatusAction
from gql.domain.enums import CustomerStatus

_ACTIVATED = "Identity and address checked"
_RESTED = "No business any more"
WAYS = {
    CustomerStatus.PENDING: (),
    CustomerStatus.ACTIVE: (StatusAction.ACTIVATE,),
    CustomerStatus.INACTIVE: (StatusAction.ACTIVATE, StatusAction.DEACTIVATE),
    CustomerStatus.SUSPENDED: (StatusAction.ACTIVATE, StatusAction.SUSPEND),
    CustomerStatus.BLACKLISTED: (StatusAction.ACTIVATE, StatusAction.BLACKLIST),
    CustomerStatus.ARCHIVED: (StatusAction.ACTIVATE, StatusAction.DEACTIVATE, StatusAction.ARCHIVE),
}
"""By the present status: what was done since the customer came as PENDING."""
_LEADS_TO = {
    StatusAction.ACTIVATE: CustomerStatus.ACTIVE,
    StatusAction.DEACTIVATE: CustomerStatus.INACTIVE,
    StatusAction.SUSPEND: CustomerStatus.SUSPENDED,
    StatusAction.BLACKLIST: CustomerStatus.BLACKLISTED,
    StatusAction.ARCHIVE: CustomerStatus.ARCHIVED,
}


class StatusChangeRow(NamedTuple):
    """A row of customer_status_changes."""

    id: UUID
    customer_id: UUID
    action: StatusAction
    status_before: CustomerStatus
    status_after: CustomerStatus
    reason: str
    changed_by_id: UUID
    changed_at: datetime


def status_changes(draw: Draw, customer: CustomerRow) -> Iterator[StatusChangeRow]:
    """The history that ends with the present status; none for one who is as registered."""
    way, by = WAYS[customer.status], customer.status_changed_by_id
    if by is None:
        return
    moments = sorted(draw.moment(customer.created_at, customer.status_changed_at) for _ in way[1:])
    reasons = [*(_ACTIVATED, _RESTED)[: len(way) - 1], customer.status_reason or _ACTIVATED]
    passed = [CustomerStatus.PENDING, *(_LEADS_TO[action] for action in way)]
    for action, (before, after), reason, moment in zip(
        way, pairwise(passed), reasons, [*moments, customer.status_changed_at], strict=True
    ):
        yield StatusChangeRow(draw.id_at(moment), customer.id, action, before, after, reason, by, moment)
