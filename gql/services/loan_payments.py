"""Record payments on loans, and reverse them: what is paid of each instalment follows from the payments that stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Customer, Loan, LoanInstalment, LoanPayment
from gql.domain import loan_payments as rules
from gql.domain.enums import CustomerStatus, LoanStatus
from gql.domain.errors import Refusal
from gql.domain.ids import new_id
from gql.domain.money import Money
from gql.domain.policies import Access
from gql.domain.repayment import PaymentMethod, Received, allocate
from gql.domain.roles import CustomerField, Permission
from gql.domain.time import now, today
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, customer_to_change, refuse
from gql.services.idempotency import Once
from gql.services.removal_rules import loans_have_changed


@dataclass(frozen=True, slots=True)
class RecordPayment:
    """The wish. `received_at` None is this moment."""

    loan_id: UUID
    amount: Money
    method: PaymentMethod
    received_at: datetime | None = None
    reference: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class ReversePayment:
    """The wish."""

    payment_id: UUID
    reason: str
    idempotency_key: str | None = None


async def record_payment(database: Database, actor: Actor, viewer: AdminViewer, wish: RecordPayment) -> Recorded:
    """Take a payment, oldest instalment first; the loan is closed with the last of it.

    The loan's row is held from the look at what is still to come to the end: of concurrent payments each sees what the
    one before it left. Raises Refused (UserErrorCode), with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "recordPayment", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return _told_again(earlier)
        customer = await _customer_of_loan(
            session, viewer, wish.loan_id, forbidden=rules.MAY_NOT_RECORD, missing=rules.LOAN_NOT_FOUND
        )
        loan = await _locked(session, wish.loan_id)
        moment = now()
        refuse((*_refusals(customer, loan, wish, moment), *await _same_reference(session, loan, wish.reference)))
        payment = LoanPayment(
            id=new_id(),
            loan_id=loan.id,
            amount_minor=wish.amount.amount_minor,
            received_at=wish.received_at or moment,
            method=wish.method,
            reference=wish.reference,
            recorded_by_id=viewer.admin_id,
        )
        session.add(payment)
        await _settle(session, actor, loan, payment, "loan.payment_recorded", {})
        if loan.status is LoanStatus.CLOSED:
            await loans_have_changed(session, database.dialect, customer.id)
        await once.keep(_answer(loan, payment))
        return Recorded(customer.id, payment.id)


async def reverse_payment(database: Database, actor: Actor, viewer: AdminViewer, wish: ReversePayment) -> Recorded:
    """Take a payment back: it is marked, and the others are allotted anew; a loan that it had closed is open again.

    Raises Refused (UserErrorCode), with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "reversePayment", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return _told_again(earlier)
        loan_id = await session.scalar(select(LoanPayment.loan_id).where(LoanPayment.id == wish.payment_id))
        customer = await _customer_of_loan(
            session, viewer, loan_id, forbidden=rules.MAY_NOT_REVERSE, missing=rules.PAYMENT_NOT_FOUND
        )
        payment = await session.get_one(LoanPayment, wish.payment_id, with_for_update=True)
        loan = await _locked(session, payment.loan_id)
        is_archived = customer.status is CustomerStatus.ARCHIVED
        refuse(
            (
                *((rules.PAYMENT_OF_ARCHIVED,) if is_archived else ()),
                *((rules.REVERSED,) if payment.reversed_at is not None else ()),
            )
        )
        payment.reversed_at, payment.reversed_by_id = now(), viewer.admin_id
        payment.reversal_reason = wish.reason
        await _settle(session, actor, loan, payment, "loan.payment_reversed", {"reason": wish.reason})
        await once.keep(_answer(loan, payment))
        return Recorded(customer.id, payment.id)


async def _customer_of_loan(
    session: AsyncSession, viewer: AdminViewer, loan_id: UUID | None, *, forbidden: Refusal, missing: Refusal
) -> Customer:
    """The customer, locked, whose loan the viewer sees and may change."""
    overdue = exists().where(
        LoanInstalment.loan_id == Loan.id,
        LoanInstalment.due_on < today(),
        LoanInstalment.paid_minor < LoanInstalment.due_minor,
    )
    found = (await session.execute(select(Loan.customer_id, overdue).where(Loan.id == loan_id))).one_or_none()
    customer_id, in_arrears = found or (None, False)

    def sees(access: Access) -> bool:
        return access.shows(CustomerField.LOANS) and (access.is_full or in_arrears)

    permission = Permission.CUSTOMER_WRITE
    return await customer_to_change(
        session, viewer, customer_id, permission, forbidden=forbidden, missing=missing, sees=sees
    )


async def _locked(session: AsyncSession, loan_id: UUID) -> Loan:
    return (await session.scalars(select(Loan).where(Loan.id == loan_id).with_for_update())).one()


def _refusals(customer: Customer, loan: Loan, wish: RecordPayment, moment: datetime) -> Iterator[Refusal]:
    if customer.status is CustomerStatus.ARCHIVED:
        yield rules.LOAN_OF_ARCHIVED
    owed, received_at = Money(loan.outstanding_minor, loan.currency), wish.received_at or moment
    yield from rules.payment_refusals(wish.amount, received_at, moment, owed=owed, disbursed_at=loan.disbursed_at)


async def _same_reference(session: AsyncSession, loan: Loan, reference: str | None) -> list[Refusal]:
    """Whether a payment that stands has this reference: the same money twice."""
    if reference is None:
        return []
    same = select(LoanPayment.id).where(*_stands(loan), LoanPayment.reference == reference)
    return [] if await session.scalar(same) is None else [rules.TAKEN]


def _stands(loan: Loan) -> tuple[ColumnElement[bool], ...]:
    return LoanPayment.loan_id == loan.id, LoanPayment.reversed_at.is_(None)


async def _settle(
    session: AsyncSession, actor: Actor, loan: Loan, payment: LoanPayment, action: str, more: dict[str, Any]
) -> None:
    """Allot the payments that stand to the schedule, anew and exactly, and put it on record."""
    before = {"status": loan.status, "outstanding_minor": loan.outstanding_minor}
    of_loan = select(LoanInstalment).where(LoanInstalment.loan_id == loan.id)
    schedule = (await session.scalars(of_loan.order_by(LoanInstalment.due_on, LoanInstalment.sequence))).all()
    received = await _received(session, loan)
    for instalment, allocated in zip(schedule, allocate([one.due_minor for one in schedule], received), strict=True):
        instalment.paid_minor, instalment.settled_on = allocated
    loan.outstanding_minor = sum(one.due_minor - one.paid_minor for one in schedule)
    loan.status = rules.status_after(loan.status, loan.outstanding_minor)
    details = {
        "loan_id": str(loan.id),
        "payment_id": str(payment.id),
        "amount_minor": payment.amount_minor,
        "currency": loan.currency,
        "before": before,
        "after": {"status": loan.status, "outstanding_minor": loan.outstanding_minor},
        **more,
    }
    audit.record(session, actor, action, subject_kind="customer", subject_id=loan.customer_id, details=details)


async def _received(session: AsyncSession, loan: Loan) -> list[Received]:
    """The payments that stand, in the order in which they came."""
    came = select(LoanPayment.received_at, LoanPayment.amount_minor).where(*_stands(loan))
    rows = await session.execute(came.order_by(LoanPayment.received_at, LoanPayment.id))
    return [Received(received_at.astimezone(UTC).date(), amount) for received_at, amount in rows]


def _answer(loan: Loan, payment: LoanPayment) -> dict[str, Any]:
    return {"customer_id": str(loan.customer_id), "payment_id": str(payment.id)}


def _told_again(earlier: dict[str, Any]) -> Recorded:
    return Recorded(UUID(earlier["customer_id"]), UUID(earlier["payment_id"]), replayed=True)
