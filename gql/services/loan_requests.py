"""Put in loan requests, review and decide them, withdraw them."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import LoanRequest
from gql.domain import loan_requests as rules
from gql.domain.amounts import amount_refusals
from gql.domain.ids import new_id
from gql.domain.loan_requests import RequestAction, RequestStatus
from gql.domain.money import Money
from gql.domain.roles import CustomerField, Permission
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, customer_to_change, refuse
from gql.services.idempotency import Once
from gql.services.removal_rules import loans_have_changed

_OPERATIONS: Final = {
    RequestAction.REVIEW: "reviewLoanRequest",
    RequestAction.APPROVE: "decideLoanRequest",
    RequestAction.DECLINE: "decideLoanRequest",
    RequestAction.WITHDRAW: "withdrawLoanRequest",
}


@dataclass(frozen=True, slots=True)
class SubmitRequest:
    """The wish: this much, for that."""

    customer_id: UUID
    product: str
    amount: Money
    purpose: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """The wish. `expected_status` is what the wisher saw; `reason` is None for the beginning of a review."""

    action: RequestAction
    request_id: UUID
    reason: str | None = None
    expected_status: RequestStatus | None = None
    idempotency_key: str | None = None


async def submit_request(database: Database, actor: Actor, viewer: AdminViewer, wish: SubmitRequest) -> Recorded:
    """Put in a request of a customer. Raises Refused (UserErrorCode), with every reason at once, and writes nothing."""
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "submitLoanRequest", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(wish.customer_id, UUID(earlier["request_id"]), replayed=True)
        customer = await customer_to_change(
            session, viewer, wish.customer_id, Permission.CUSTOMER_WRITE, forbidden=rules.MAY_NOT_SUBMIT
        )
        refuse((*rules.lending_refusals(customer.status, "customerId"), *amount_refusals(wish.amount, "amount")))
        request = LoanRequest(
            id=new_id(),
            customer_id=customer.id,
            office_id=customer.office_id,
            account_manager_id=customer.account_manager_id,
            product=wish.product,
            amount_minor=wish.amount.amount_minor,
            currency=wish.amount.currency,
            purpose=wish.purpose,
            status=RequestStatus.SUBMITTED,
            submitted_by_id=viewer.admin_id,
            submitted_at=now(),
        )
        session.add(request)
        facts = {"product": wish.product, "amount_minor": wish.amount.amount_minor, "currency": wish.amount.currency}
        _record(session, actor, request, "loan_request.submitted", {"after": facts | {"status": request.status}})
        await once.keep({"request_id": str(request.id)})
        return Recorded(customer.id, request.id)


async def change_request(database: Database, actor: Actor, viewer: AdminViewer, wish: ChangeRequest) -> Recorded:
    """Take a request to another status, by the one table of transitions.

    Raises Refused (UserErrorCode), with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, _OPERATIONS[wish.action], wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(UUID(earlier["customer_id"]), wish.request_id, replayed=True)
        of_request = LoanRequest.id == wish.request_id
        customer = await customer_to_change(
            session,
            viewer,
            await session.scalar(select(LoanRequest.customer_id).where(of_request)),
            Permission.CUSTOMER_WRITE,
            forbidden=rules.FORBIDDEN,
            missing=rules.REQUEST_NOT_FOUND,
            sees=lambda access: access.shows(CustomerField.LOAN_REQUESTS),
        )
        request = (await session.scalars(select(LoanRequest).where(of_request).with_for_update())).one()
        is_stale = wish.expected_status is not None and wish.expected_status is not request.status
        refuse(
            (
                *rules.customer_refusals(wish.action, customer.status),
                *((rules.STALE,) if is_stale else ()),
                *rules.transition_refusals(wish.action, request.status, request.submitted_by_id, viewer.admin_id),
            )
        )
        before = request.status
        _change(request, viewer.admin_id, wish)
        if wish.action in (RequestAction.DECLINE, RequestAction.WITHDRAW):
            await loans_have_changed(session, database.dialect, customer.id)
        details = {"before": {"status": before}, "after": {"status": request.status}, "reason": wish.reason}
        _record(session, actor, request, f"loan_request.{request.status.lower()}", details)
        await once.keep({"customer_id": str(customer.id)})
        return Recorded(customer.id, request.id)


def _change(request: LoanRequest, admin_id: UUID, wish: ChangeRequest) -> None:
    moment = max(now(), request.review_started_at or request.submitted_at)  # a clock set back does not change the order
    request.status = rules.TRANSITIONS[wish.action][request.status]
    if wish.action is RequestAction.REVIEW:
        request.reviewer_id, request.review_started_at = admin_id, moment
    else:
        request.decided_by_id, request.decided_at, request.decision_reason = admin_id, moment, wish.reason


def _record(session: AsyncSession, actor: Actor, request: LoanRequest, action: str, details: dict[str, Any]) -> None:
    details = {"loan_request_id": str(request.id), **details}
    audit.record(session, actor, action, subject_kind="customer", subject_id=request.customer_id, details=details)
