"""What the lender and its customers had to do with each other, and what of it is due."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.interaction_rows import InteractionRow
from gql.domain.ids import Kind
from gql.domain.interactions import InteractionDirection, InteractionKind
from gql.permissions import SignedInAdmin
from gql.resolvers import interaction as resolvers
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

describe(
    InteractionKind,
    "How the lender and a customer met.",
    CALL="They spoke by phone, or tried to.",
    VISIT="At the branch, at home, or at the customer's business.",
    MESSAGE="One wrote to the other: by mail, letter or chat.",
    COMPLAINT="The customer complained, in whatever way.",
    CALLBACK_REQUEST="The customer asked in their app to be called. Only they make these: `requestCallback`.",
)
describe(
    InteractionDirection,
    "Who came to whom.",
    INBOUND="The customer to the lender.",
    OUTBOUND="The lender to the customer.",
)


@open_to(
    "whoever sees the customer's interactions",
    "id customer kind direction summary outcome occurredAt loggedAt author nextStep dueAt doneAt doneBy "
    "nextStepOutcome",
)
@strawberry.type(
    description="One dealing with a customer. Never changed, but for closing what was to be done next: `doneAt`."
)
class Interaction(Node):
    """Rows are `InteractionRow`."""

    id: strawberry.ID = global_id(Kind.INTERACTION)
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer", lambda row: row.customer_id, description="The customer, as far as the viewer sees them."
    )
    kind: InteractionKind = column("How they met.")
    direction: InteractionDirection = column("Who came to whom.")
    summary: str = column("What was said or done.")
    outcome: str | None = column("What came of it.")
    occurred_at: datetime = column("When it was.")
    logged_at: datetime = column("When it was put on record.")
    author: Admin | None = loaded(
        "admin", lambda row: row.author_id, description="Who put it on record; null where the customer did."
    )
    next_step: str | None = column("What is to be done next.")
    due_at: datetime | None = column("Until when; set where `nextStep` is.")
    done_at: datetime | None = column("When that was closed; null while it is due, or where nothing was to be done.")
    done_by: Admin | None = loaded("admin", lambda row: row.done_by_id, description="Who closed it.")
    next_step_outcome: str | None = column("What came of the next step.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, InteractionRow)


@strawberry.type(description="An interaction in a list.")
class InteractionEdge:
    """Rows are edges."""

    node: Interaction = column("The interaction.")
    cursor: str = cursor()


@strawberry.type(description="A page of interactions.")
class InteractionConnection:
    """Rows are pages."""

    edges: list[InteractionEdge] = column("The interactions of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The interactions of the whole list that the viewer sees.")


@strawberry.input(description="Which interactions to list of those that are due; everything given must hold.")
class DueInteractionFilter:
    """The argument."""

    mine: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of customers whose account manager the viewer is."
    )
    account_manager_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of customers whose account manager this admin is."
    )
    office_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of customers of this office."
    )
    due_before: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="Only what is due before this time, such as the end of the day."
    )


@strawberry.type
class InteractionQueries:
    """Root fields."""

    @root(
        InteractionConnection,
        needs=SignedInAdmin(),
        description=(
            "What is still to be done after an interaction, the soonest first, of customers whom the viewer sees in "
            "full; what is overdue leads the list."
        ),
    )
    async def due_interactions(
        self,
        info: Info,
        filter: Annotated[DueInteractionFilter | None, argument("Which interactions.")] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        """A list."""
        return await resolvers.due(info.context, plain(filter), paging(first, after, last, before))
