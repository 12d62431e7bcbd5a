"""Customers: the record, as far as each viewer sees it."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gql.db.queries.loans import LoansOf
from gql.db.rows import CustomerRow
from gql.domain.audit import BY_AT
from gql.domain.enums import CustomerKind, CustomerStatus, MembershipFlag
from gql.domain.ids import Kind
from gql.domain.listing import (
    BY_ADDED_AT,
    BY_CHANGED_AT,
    BY_DISBURSED_AT,
    BY_OCCURRED_AT,
    BY_SINCE,
    BY_STARTED_AT,
    BY_SUBMITTED_AT,
    BY_UPLOADED_AT,
)
from gql.domain.relations import Relation
from gql.domain.roles import CustomerField
from gql.permissions import SignedInAdmin
from gql.resolvers import customer as resolvers
from gql.resolvers.customer import shows
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.assignment import AssignmentConnection
from gql.schema.audit import AuditEventConnection
from gql.schema.bank_details import BankAccountConnection, Identifier
from gql.schema.brief import CUSTOMER_IN_BRIEF, GROUP_IN_BRIEF
from gql.schema.customer_access import CustomerAccess, CustomerAction
from gql.schema.customer_documents import DocumentConnection
from gql.schema.customer_inputs import CustomerFilter, CustomerOrder
from gql.schema.customer_status import StatusChangeConnection
from gql.schema.fields import (
    After,
    Before,
    First,
    Info,
    Last,
    argument,
    column,
    computed,
    connection,
    given,
    global_id,
    loaded,
    loaded_at,
    loaded_since,
    paging,
    plain,
)
from gql.schema.group import GroupConnection
from gql.schema.interaction import InteractionConnection
from gql.schema.loan import LoanConnection, LoansSummary
from gql.schema.loan_request import LoanRequestConnection
from gql.schema.membership import added_by, added_reason, membership_flag, membership_since, membership_until
from gql.schema.node import Node
from gql.schema.office import Office
from gql.schema.pagination import PageInfo, cursor, page_info, total_count
from gql.schema.profile import CustomerProfile
from gql.schema.related import relation_of_edge
from gql.schema.repayment import RepaymentPerformance
from gql.schema.roots import is_brief, root
from gql.schema.scheduled_assignment import ScheduledAssignment


@open_to("whoever sees the customer", "id number displayName status office accountManager access viewerActions")
@strawberry.type(
    description="A borrower. Fields that the viewer may not see are null, and named in `access.withheldFields`."
)
class Customer(CustomerProfile, Node):
    """Rows are `CustomerRow`."""

    id: strawberry.ID = global_id(Kind.CUSTOMER)
    number: str = column("The short number that staff read out on the phone.")
    name: str = column("The person's first and last name, or the company's.", name="displayName")
    status: CustomerStatus = column("Where they stand with the lender.")
    kind: CustomerKind | None = column("Person or company.", guard=shows(CustomerField.KIND))
    email: str | None = column("Email address.", guard=shows(CustomerField.EMAIL))
    phone: str | None = column("Phone number in E.164.", guard=shows(CustomerField.PHONE))
    office: Office = loaded("office", lambda row: row.office_id, description="The branch that the customer belongs to.")
    account_manager: Admin | None = loaded(
        "admin",
        lambda row: row.account_manager_id,
        description="The one admin responsible for the customer; null where there is none.",
    )
    assignment_history: AssignmentConnection | None = connection(
        "assignment_history",
        lambda row: row.id,
        BY_STARTED_AT,
        guard=shows(CustomerField.ASSIGNMENT_HISTORY),
        description="Who was account manager when, newest first.",
    )
    manager_as_of: Admin | None = loaded_at(
        "manager_as_of",
        lambda row: row.id,
        guard=shows(CustomerField.MANAGER_AS_OF),
        description=(
            "Who was account manager at a moment: from an assignment's `startedAt` on, until its `endedAt`. Null where"
            " nobody was; withheld with `assignmentHistory`. BAD_USER_INPUT for a moment to come."
        ),
    )
    scheduled_assignment: ScheduledAssignment | None = loaded(
        "scheduled_of_customer",
        lambda row: row.id,
        guard=shows(CustomerField.SCHEDULED_ASSIGNMENT),
        description=(
            "Who will be account manager from when on, where that is scheduled; withheld with `assignmentHistory`. "
            "What became of earlier ones is in the root field `scheduledAssignments`."
        ),
    )
    groups: GroupConnection | None = connection(
        "customer_groups",
        lambda row: row.id,
        BY_SINCE,
        guard=shows(CustomerField.GROUPS),
        brief=GROUP_IN_BRIEF,
        description="The groups that the customer is in, newest membership first; its facts are on the edge.",
    )
    loans: LoanConnection | None = connection(
        "loans",
        lambda row: LoansOf(row.id, only_in_arrears=not row.access.is_full),
        BY_DISBURSED_AT,
        guard=shows(CustomerField.LOANS),
        description="The customer's loans, newest first; with limited access, at most those in arrears.",
    )
    loans_summary: LoansSummary | None = loaded(
        "balances",
        lambda row: row.id,
        guard=shows(CustomerField.LOANS_SUMMARY),
        description="The customer's loans in figures.",
    )
    loan_requests: LoanRequestConnection | None = connection(
        "loan_requests",
        lambda row: row.id,
        BY_SUBMITTED_AT,
        guard=shows(CustomerField.LOAN_REQUESTS),
        description="What the customer asked to be lent, newest first.",
    )
    repayment_performance: RepaymentPerformance | None = loaded_since(
        "repayment_performance",
        lambda row: row.id,
        guard=shows(CustomerField.REPAYMENT_PERFORMANCE),
        description="How the customer's loans were repaid since a day, that day and today included.",
    )
    status_history: StatusChangeConnection | None = connection(
        "status_history",
        lambda row: row.id,
        BY_CHANGED_AT,
        guard=shows(CustomerField.STATUS_HISTORY),
        description="How the status changed, newest first.",
    )
    interactions: InteractionConnection | None = connection(
        "interactions",
        lambda row: row.id,
        BY_OCCURRED_AT,
        guard=shows(CustomerField.INTERACTIONS),
        description="Calls, visits, messages, complaints and callbacks that were asked for, newest first.",
    )
    audit_trail: AuditEventConnection | None = connection(
        "audit_trail",
        lambda row: row.id,
        BY_AT,
        guard=shows(CustomerField.AUDIT_TRAIL),
        description="All that was done to the customer, read of them or tried, newest first. Takes `audit.read`.",
    )
    identifiers: list[Identifier] | None = loaded(
        "identifiers",
        lambda row: row.id,
        guard=shows(CustomerField.IDENTIFIERS),
        description="BVN, NIN and the like, masked; at most one of a kind.",
    )
    bank_accounts: BankAccountConnection | None = connection(
        "bank_accounts",
        lambda row: row.id,
        BY_ADDED_AT,
        guard=shows(CustomerField.BANK_ACCOUNTS),
        description="The customer's bank accounts, newest first, their numbers masked.",
    )
    documents: DocumentConnection | None = connection(
        "documents",
        lambda row: row.id,
        BY_UPLOADED_AT,
        guard=shows(CustomerField.DOCUMENTS),
        description="Files of the customer's record, newest first.",
    )
    access: CustomerAccess = computed(lambda row: row, description="How much of the customer the viewer sees.")
    viewer_actions: list[CustomerAction] = loaded(
        "customer_actions",
        lambda row: (row.id, row.access, row.status, row.account_manager_id is None),
        description="What the viewer can do with the customer, and why not.",
    )
    version: int | None = column(
        "Rises with each change of the record or its account manager; pass it as `expectedVersion`.",
        guard=shows(CustomerField.VERSION),
    )
    created_at: datetime | None = column("When the record was created.", guard=shows(CustomerField.CREATED_AT))
    updated_at: datetime | None = column("When the record was last changed.", guard=shows(CustomerField.UPDATED_AT))

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, CustomerRow)


@strawberry.type(description="A customer in a list; of a group or of related ones, with the facts of that.")
class CustomerEdge:
    """Rows are edges."""

    node: Customer = column("The customer.")
    cursor: str = cursor()
    relation: Relation | None = relation_of_edge()
    since: datetime | None = membership_since()
    until: datetime | None = membership_until()
    added_by: Admin | None = added_by()
    reason: str | None = added_reason()
    flag: MembershipFlag | None = membership_flag()


@strawberry.type(description="A page of customers, as far as the viewer sees them.")
class CustomerConnection:
    """Rows are pages."""

    edges: list[CustomerEdge] = column("The customers of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The customers of the whole list whom the viewer sees.")


_SEARCH = (
    "A whole email, phone or customer number, or the beginning of a name or of a last name. Emails and phones that are "
    "withheld match only with `customer.lookup`, and that is recorded. Without `orderBy`, names come by relevance: "
    "those that begin so, then last names that do, then, where the database is PostgreSQL, the 100 most similar ones."
)


@strawberry.type
class CustomerQueries:
    """Root fields."""

    @root(
        Customer | None,
        needs=SignedInAdmin(),
        description="A customer by ID; null where there is none for the viewer.",
    )
    async def customer(self, info: Info, id: Annotated[strawberry.ID, argument("The customer's ID.")]) -> Any:
        """One customer."""
        return await resolvers.customer(info.context, id)

    @root(
        CustomerConnection,
        needs=SignedInAdmin(),
        description="Those whom the viewer sees, by name, or by relevance to a name searched for, unless ordered.",
        brief=CUSTOMER_IN_BRIEF,
    )
    async def customers(
        self,
        info: Info,
        filter: Annotated[CustomerFilter | None, argument("Which customers.")] = strawberry.UNSET,
        search: Annotated[str | None, argument(_SEARCH)] = strawberry.UNSET,
        order_by: Annotated[CustomerOrder | None, argument("How to sort.")] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        """A list."""
        return await resolvers.customers(
            info.context,
            plain(filter),
            given(search),
            plain(order_by),
            paging(first, after, last, before),
            brief=is_brief(info),
        )
