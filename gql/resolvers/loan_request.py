"""Loan requests: the queue, what a viewer can do with one, and the changes."""

from typing import Final
from uuid import UUID

from gql.context import Context
from gql.db.loan_rows import LoanRequestRow
from gql.db.queries import loan_requests as reads
from gql.db.queries.loan_requests import RequestCriteria
from gql.domain import loan_requests as rules
from gql.domain.errors import BadUserInput, Refusal
from gql.domain.ids import Kind, parse_id_of
from gql.domain.listing import BY_SUBMITTED_AT
from gql.domain.loan_requests import RequestAction, RequestActionState
from gql.domain.money import Money
from gql.domain.paging import Edge, Page, Sort
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import (
    LONGEST_REASON,
    Arguments,
    idempotency_key_of,
    optional_id,
    optional_set,
    page_of,
    required_reason_of,
    required_text,
)
from gql.resolvers.customer_changes import ChangePayload, answer
from gql.services.loan_requests import ChangeRequest, SubmitRequest, change_request, submit_request

_QUEUE: Final = Sort(BY_SUBMITTED_AT.name, BY_SUBMITTED_AT.type)


def actions_of(row: LoanRequestRow, context: Context) -> list[RequestActionState]:
    """What the viewer can do with the request."""
    admin = context.admin
    access = context.access.to(row.customer_id, row.account_manager_id, row.office_id)
    return rules.request_actions(admin.permissions, access, row.status, row.submitted_by_id, admin.admin_id)


async def queue(context: Context, criteria: Arguments, direction: str, paging: Arguments) -> Page[Edge[LoanRequestRow]]:
    """A page of the requests that the viewer sees."""
    wanted = RequestCriteria(
        statuses=optional_set(criteria, "status"),
        account_manager_id=_manager_of(context, criteria),
        office_id=optional_id(Kind.OFFICE, criteria, "office_id"),
    )
    page = page_of(_QUEUE, paging, {"direction": direction})
    found = await reads.list_requests(context.database, context.access, wanted, page)
    await context.note_customers_read(edge.node.customer_id for edge in found.edges)
    return found


def _manager_of(context: Context, criteria: Arguments) -> UUID | None:
    manager_id = optional_id(Kind.ADMIN, criteria, "account_manager_id")
    if not criteria.get("mine"):
        return manager_id
    if manager_id is not None:
        raise BadUserInput("Pass `mine` or `accountManagerId`, not both.")
    return context.admin.admin_id


async def submit(context: Context, arguments: Arguments) -> ChangePayload:
    """Put in a request."""
    wish = SubmitRequest(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        product=_written(arguments, "product", rules.PRODUCT_LONGEST),
        amount=Money(arguments["amount"]["amount_minor"], arguments["amount"]["currency"]),
        purpose=_written(arguments, "purpose", LONGEST_REASON),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return _refused(rules.MAY_NOT_SUBMIT)
    change = submit_request(context.database, context.actor, context.admin, wish)
    return await answer(context, change, loader="loan_request")


async def decide(context: Context, arguments: Arguments) -> ChangePayload:
    """Approve or decline a request."""
    return await change(context, RequestAction(arguments["decision"].value), arguments)


async def change(context: Context, action: RequestAction, arguments: Arguments) -> ChangePayload:
    """Take a request to another status."""
    wish = ChangeRequest(
        action=action,
        request_id=parse_id_of(Kind.LOAN_REQUEST, arguments["request_id"]),
        reason=None if action is RequestAction.REVIEW else required_reason_of(arguments),
        expected_status=arguments.get("expected_status"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return _refused(rules.FORBIDDEN)
    done = change_request(context.database, context.actor, context.admin, wish)
    return await answer(context, done, loader="loan_request", record_id=wish.request_id)


def _refused(refusal: Refusal) -> ChangePayload:
    return ChangePayload(user_errors=(refusal,))


def _written(arguments: Arguments, name: str, longest: int) -> str:
    return required_text(arguments, name, longest).strip()
