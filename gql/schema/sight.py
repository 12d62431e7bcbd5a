"""Who would gain and who would lose sight of customers: what each dry run tells."""

import strawberry

from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import column, loaded

_ASKER = "whoever sent the mutation"


@open_to(_ASKER)
@strawberry.type(description="How many customers an admin would see otherwise than now.")
class SightChange:
    """Rows are `SightChange` of the domain."""

    admin: Admin = loaded("admin", lambda row: row.admin_id, description="Who sees them.")
    gains_full: int = column("Whom they would see in full, and don't now.")
    gains_limited: int = column("Whom they would see in part, and don't see at all now.")
    loses_full: int = column("Whom they see in full now, and would see in part.")
    loses_all: int = column("Whom they see now, and wouldn't see at all.")


@open_to(_ASKER)
@strawberry.type(
    description="What another account manager, or none, would change as things are now. Nothing was written."
)
class AssignmentPlan:
    """Rows are `AssignmentPlan` of the services."""

    changes: bool = column("Whether it would change anything: false where it is so already.")
    sight_changes: list[SightChange] = column(
        "Who would gain and lose sight of the customer: up to 100 admins, by when their accounts were made."
    )
    changed_viewers: int = column("How many admins would see the customer otherwise than now, or no more.")
