"""Loan requests, and the queue of them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.loan_rows import LoanRequestRow
from gql.domain.ids import Kind
from gql.domain.loan_requests import RequestAction, RequestStatus
from gql.permissions import SignedInAdmin
from gql.resolvers import loan_request as resolvers
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.enums import OrderDirection
from gql.schema.fields import (
    After,
    Before,
    First,
    Info,
    Last,
    argument,
    column,
    computed,
    global_id,
    loaded,
    paging,
    plain,
)
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count
from gql.schema.roots import root
from gql.schema.scalars import Money, money

if TYPE_CHECKING:
    from gql.schema.customer import Customer
    from gql.schema.loan import Loan


@open_to("whoever sees the request")
@strawberry.type(description="What the viewer can do with a loan request.")
class LoanRequestAction:
    """Rows are `RequestActionState`."""

    action: RequestAction = column("What can be done.")
    allowed: bool = column("Whether the viewer can do it now, as far as is known beforehand.")
    reason: str | None = column("Where it isn't allowed: why, and what to do.")


@open_to(
    "whoever sees the customer's requests",
    "id customer product amount purpose status submittedBy submittedAt reviewer reviewStartedAt decidedBy decidedAt "
    "decisionReason loan viewerActions",
)
@strawberry.type(description="What a customer asks to be lent, and what became of it.")
class LoanRequest(Node):
    """Rows are `LoanRequestRow`."""

    id: strawberry.ID = global_id(Kind.LOAN_REQUEST)
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer", lambda row: row.customer_id, description="The customer who asks."
    )
    product: str = column("The loan product.")
    amount: Money = money("amount_minor", description="What is asked for.")
    purpose: str = column("What the money is for.")
    status: RequestStatus = column("Where the request stands; pass it as `expectedStatus`.")
    submitted_by: Admin | None = loaded(
        "admin", lambda row: row.submitted_by_id, description="Who put it in; null for the customer themselves."
    )
    submitted_at: datetime = column("When it was put in.")
    reviewer: Admin | None = loaded("admin", lambda row: row.reviewer_id, description="Who took it under review.")
    review_started_at: datetime | None = column("When it was taken under review.")
    decided_by: Admin | None = loaded(
        "admin", lambda row: row.decided_by_id, description="Who approved, declined or withdrew it."
    )
    decided_at: datetime | None = column("When that was.")
    decision_reason: str | None = column("Why it was decided so.")
    loan: Annotated["Loan", strawberry.lazy("gql.schema.loan")] | None = loaded(
        "loan", lambda row: row.loan_id, description="The loan that came of it; null until it is paid out."
    )
    viewer_actions: list[LoanRequestAction] = computed(
        for_viewer=resolvers.actions_of, description="What the viewer can do with the request, and why not."
    )

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, LoanRequestRow)


@strawberry.type(description="A loan request in a list.")
class LoanRequestEdge:
    """Rows are edges."""

    node: LoanRequest = column("The request.")
    cursor: str = cursor()


@strawberry.type(description="A page of loan requests.")
class LoanRequestConnection:
    """Rows are pages."""

    edges: list[LoanRequestEdge] = column("The requests of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The requests of the whole list that the viewer sees.")


@strawberry.input(description="Which loan requests to list; everything given must hold.")
class LoanRequestFilter:
    """The argument."""

    status: list[RequestStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of these statuses."
    )
    account_manager_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of customers whose account manager this admin is."
    )
    office_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of customers of this office."
    )
    mine: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="True: only those of the viewer's own book, as an account manager's queue.",
    )


@strawberry.type
class LoanRequestQueries:
    """Root fields."""

    @root(
        LoanRequestConnection,
        needs=SignedInAdmin(),
        description="The requests of all customers whose requests the viewer sees, oldest first: the queue.",
    )
    async def loan_requests(
        self,
        info: Info,
        filter: Annotated[LoanRequestFilter | None, argument("Which requests.")] = strawberry.UNSET,
        direction: Annotated[
            OrderDirection, argument("By when they were put in: the oldest first, or the newest.")
        ] = OrderDirection.ASC,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        """The queue."""
        return await resolvers.queue(info.context, plain(filter), direction, paging(first, after, last, before))
