"""The audit trail: who did what to whom, or tried to."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.audit_rows import AuditEventRow
from gql.domain.enums import SubjectKind
from gql.domain.ids import Kind
from gql.domain.roles import Permission
from gql.permissions import SignedInAdmin
from gql.resolvers import audit as resolvers
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import (
    After,
    Before,
    First,
    Info,
    Last,
    argument,
    column,
    computed,
    describe,
    global_id,
    loaded,
    paging,
    plain,
)
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count
from gql.schema.roots import root

if TYPE_CHECKING:
    from gql.schema.customer import Customer

_READERS = "whoever has audit.read, of events about customers whom they see"

describe(
    SubjectKind,
    "Who an audit event's actor is.",
    called="AuditActorKind",
    ADMIN="A team member.",
    CUSTOMER="A borrower, in the web or mobile app.",
    SYSTEM="Nobody who was signed in: the operator's commands, or a client that hadn't proved who it was.",
)


@open_to(_READERS)
@strawberry.type(description="Who did something, or tried to.")
class AuditActor:
    """Rows are `AuditEventRow`."""

    kind: SubjectKind = computed(lambda row: row.actor_kind, description="What they are.")
    admin: Admin | None = loaded(
        "admin",
        lambda row: row.actor_id if row.actor_kind is SubjectKind.ADMIN else None,
        description="The team member; null for others.",
    )
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer",
        lambda row: row.actor_id if row.actor_kind is SubjectKind.CUSTOMER else None,
        description="The customer, as far as the viewer sees them; null for others.",
    )


@open_to(_READERS)
@strawberry.type(description="One fact of an audit event.")
class AuditDetail:
    """Rows are `domain.audit.AuditDetail`."""

    field: str = column("What it is, such as `status`, `reason` or `codes`.")
    before: str | None = column("What it was; null where there was nothing, or it is no change. IDs are global ones.")
    after: str | None = column("What it is since, as text, or as JSON where it is more than one value.")
    withheld: bool = column("Whether both are null because the viewer's view of the customer withholds them.")


@open_to(_READERS, "id at action denied actor subjectKind subjectId customer details requestId address")
@strawberry.type(description="Something that was done, or tried in vain. Never changed, and sealed soon after.")
class AuditEvent(Node):
    """Rows are `AuditEventRow`."""

    id: strawberry.ID = global_id(Kind.AUDIT_EVENT)
    at: datetime = column("When it was done or tried.")
    action: str = column(
        "What was done, such as `customer.status_changed`; of a denied attempt, the operation's name and `.denied`."
    )
    denied: bool = column("Whether it was refused, and nothing done.")
    actor: AuditActor = computed(lambda row: row, description="Who did it.")
    subject_kind: str = column("What it was done to, such as `customer`, `group` or `session`.")
    subject_id: strawberry.ID | None = computed(
        resolvers.subject_id,
        description=(
            "The ID of what it was done to, for `node`; of a denied attempt, as it was sent, whether or not there is "
            "one. Null where there is none, and of a record of a customer whom the viewer sees with limited access."
        ),
    )
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer", lambda row: row.customer_id, description="The customer whom it is about; null where it is none."
    )
    details: list[AuditDetail] = computed(
        resolvers.details,
        description="Facts before and after. No secrets; and no more than the viewer's view of the customer shows.",
    )
    request_id: str | None = column("The request, as in its answer's `X-Request-Id` and in the log.")
    address: str | None = computed(
        resolvers.address, description="The client's address; a customer's own with full access to the customer only."
    )

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, AuditEventRow)


@strawberry.type(description="An audit event in a list.")
class AuditEventEdge:
    """Rows are edges."""

    node: AuditEvent = column("The event of this edge.")
    cursor: str = cursor()


@strawberry.type(description="A page of audit events.")
class AuditEventConnection:
    """Rows are pages."""

    edges: list[AuditEventEdge] = column("The events of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The events of the whole list.")


@strawberry.input(description="Which audit events to list; everything given must hold.")
class AuditEventFilter:
    """The argument."""

    actor_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of this admin or customer."
    )
    subject_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those done to this record, or tried."
    )
    customer_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those about this customer, or a record of theirs."
    )
    action: list[str] | None = strawberry.field(default=strawberry.UNSET, description="Only these actions: at most 50.")
    since: datetime | None = strawberry.field(default=strawberry.UNSET, name="from", description="Only from then on.")
    until: datetime | None = strawberry.field(default=strawberry.UNSET, name="to", description="Only before that.")
    denied_only: bool | None = strawberry.field(default=strawberry.UNSET, description="Only denied attempts.")


@strawberry.type
class AuditQueries:
    """Root fields."""

    @root(
        AuditEventConnection,
        needs=SignedInAdmin(Permission.AUDIT_READ),
        description=(
            "The audit trail, newest first, but for events about customers whom the viewer doesn't see. "
            "Takes `audit.read`."
        ),
    )
    async def audit_events(
        self,
        info: Info,
        filter: Annotated[AuditEventFilter | None, argument("Which events.")] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        """A list."""
        return await resolvers.audit_events(info.context, plain(filter), paging(first, after, last, before))
