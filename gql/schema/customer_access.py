"""What a viewer sees of a customer and can do with them."""

import strawberry

from gql.domain.actions import CustomerActionName
from gql.domain.policies import AccessReason
from gql.domain.roles import Level
from gql.resolvers import customer as resolvers
from gql.schema.access import open_to
from gql.schema.fields import column, computed


@open_to("whoever sees the customer")
@strawberry.type(description="How much of a customer the viewer sees, and why.")
class CustomerAccess:
    """Rows are `CustomerRow`."""

    level: Level = computed(lambda row: row.access.level, description="How much the viewer sees.")
    reason: AccessReason = computed(lambda row: row.access.reason, description="By which rule.")
    withheld_fields: list[str] = computed(
        for_viewer=resolvers.withheld_fields,
        description="The fields of Customer that are null because they are withheld.",
    )


@open_to("whoever sees the customer")
@strawberry.type(description="What the viewer can do with a customer.")
class CustomerAction:
    """Rows are `Action`."""

    action: CustomerActionName = column("What can be done.")
    allowed: bool = column("Whether the viewer can do it now, as far as is known beforehand.")
    reason: str | None = column("Where it isn't allowed: why, and what to do.")
