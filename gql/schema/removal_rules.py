"""When members leave a group by themselves."""

from typing import Any

import strawberry

from gql.domain.enums import CustomerStatus
from gql.schema.access import open_to
from gql.schema.fields import computed

_GRADUATION = (
    "Whether members leave once all their loans are paid back, some of it while they were members, and no request for "
    "another is pending."
)


@open_to("whoever may read the group")
@strawberry.type(description="When members leave a group by themselves, soon after what they name.")
class GroupRemovalRules:
    """Rows are `GroupRow`."""

    statuses: list[CustomerStatus] = computed(
        lambda row: [CustomerStatus(status) for status in row.removal_statuses],
        description="Which statuses of a customer take them out.",
    )
    on_loan_graduation: bool = computed(lambda row: row.removes_graduated, description=_GRADUATION)


def removal_rules() -> Any:
    """`removalRules` of a group."""
    return computed(
        lambda row: row,
        description="When members leave by themselves; what ended a membership so is its `removalReason`.",
    )


@strawberry.input(description="When members leave a group by themselves.")
class RemovalRulesInput:
    """The argument."""

    statuses: list[CustomerStatus] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Which statuses of a customer take them out: of INACTIVE, SUSPENDED, BLACKLISTED and ARCHIVED.",
    )
    on_loan_graduation: bool | None = strawberry.field(default=strawberry.UNSET, description=_GRADUATION)
