"""Why an admin sees a customer as they do: rule by rule and field by field, for compliance."""

from typing import Annotated, Any

import strawberry

from gql.domain.policies import AccessReason
from gql.domain.roles import Level, Permission, Scope
from gql.permissions import SignedInAdmin
from gql.resolvers import access_explanation as resolvers
from gql.schema.access import open_to
from gql.schema.admin import Admin, Role
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, computed, describe
from gql.schema.roots import root

_ASKER = "whoever has audit.read, of customers whom they see"

describe(
    Scope,
    "Of which offices' customers a role speaks.",
    "RoleScope",
    OWN_OFFICE="Those of the office where the admin works.",
    SUBTREE="Those of that office and all beneath it.",
    ALL="Those of every office.",
)


@open_to(_ASKER)
@strawberry.type(description="A rule that was asked: of a role, or that whoever holds the open assignment sees all.")
class AccessRule:
    """Rows are `domain.explaining.Rule`."""

    role: Role | None = column("Whose rule it is; null for the rule of the open assignment, which comes first.")
    scope: Scope | None = column("Of which offices' customers it speaks; null for the rule of the open assignment.")
    speaks_of: AccessReason = column("Which line of the rule was asked.")
    applies: bool = column("Whether it has a say here.")
    decides: bool = column("Whether its answer is the highest, which counts; of several roles, each that gives it.")
    level: Level = column("What it gives here; NONE where it doesn't apply.")
    shown_when_limited: list[str] = column("The fields that the role shows besides, wherever it gives LIMITED.")
    why: str = column("Why it applies or doesn't, and what it gives.")


@open_to(_ASKER)
@strawberry.type(description="Whether one field of Customer is shown to the admin.")
class FieldSight:
    """Rows are `domain.explaining.FieldSight`."""

    field: str = column("The field's name.")
    shown: bool = column("Whether it is; otherwise it is null.")
    because: str = column("The rule or permission that opens or closes it.")


@open_to(_ASKER)
@strawberry.type(description="Whether the admin may do to the customer what a permission is for.")
class PermittedChange:
    """Rows are `domain.explaining.Change`."""

    permission: Permission = column("What the roles would have to grant, or the open assignment.")
    allowed: bool = column("Whether access and permissions allow it. The customer's status may still forbid it.")
    because: str = column("The rule or permission that allows it, or what is missing.")


@open_to(_ASKER)
@strawberry.type(
    description=(
        "What the rules give an admin on a customer, and why: the decision itself, taken apart. "
        "Nothing of it can be used while `signsIn` is false."
    )
)
class AccessExplanation:
    """Rows are `Explained`."""

    customer: Customer = column("The customer, as far as the asking viewer sees them.")
    admin: Admin = column("Whose access it is.")
    level: Level = computed(lambda row: row.of.access.level, description="How much the rules let the admin see.")
    reason: AccessReason = computed(
        lambda row: row.of.access.reason, description="By which rule; or, with NONE, which one gave nothing."
    )
    summary: str = column("The answer for people, in a sentence or two.")
    signs_in: bool = column("Whether the admin may sign in: ACTIVE. Anybody else sees nothing at all.")
    signed_in: bool = column("Whether the admin has a session now; without one, they see nothing until they sign in.")
    rules: list[AccessRule] = computed(
        lambda row: row.of.rules,
        description="All rules that were asked: that of the open assignment, then the admin's roles.",
    )
    fields: list[FieldSight] = computed(
        lambda row: row.of.fields, description="Field by field; those of the outline come first."
    )
    may_change: list[PermittedChange] = computed(
        lambda row: row.of.may_change, description="Permission by permission, as far as it depends on the customer."
    )


@strawberry.type
class AccessExplanationQueries:
    """Root fields."""

    @root(
        AccessExplanation | None,
        needs=SignedInAdmin(Permission.AUDIT_READ),
        description=(
            "Which rules give an admin FULL, LIMITED or NONE on a customer, field by field. Null where the viewer "
            "doesn't see the customer, and where there is no such admin. Takes `audit.read`; that it was asked, by "
            "whom and about whom, is on record as `customer.access_explained`."
        ),
    )
    async def explain_access(
        self,
        info: Info,
        customer_id: Annotated[strawberry.ID, argument("The customer's ID.")],
        admin_id: Annotated[strawberry.ID, argument("Whose access to explain.")],
    ) -> Any:
        """One explanation."""
        return await resolvers.explain_access(info.context, customer_id, admin_id)
