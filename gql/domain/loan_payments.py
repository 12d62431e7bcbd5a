"""Payments on loans: which can be taken, and taken back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from gql.domain.amounts import amount_refusals
from gql.domain.enums import LoanStatus
from gql.domain.errors import Refusal
from gql.domain.money import Money
from gql.domain.user_errors import CUSTOMER_ARCHIVED, UserErrorCode, invalid, not_allowed, not_found

REFERENCE_LONGEST: Final = 100
_LOAN: Final = "loanId"
_AMOUNT: Final = "amount"
_PAYMENT: Final = "paymentId"

LOAN_NOT_FOUND: Final = not_found("loan", _LOAN)
PAYMENT_NOT_FOUND: Final = not_found("payment", _PAYMENT)
MAY_NOT_RECORD: Final = Refusal(
    UserErrorCode.FORBIDDEN, "You may not record payments on this loan. Ask the customer's account manager.", (_LOAN,)
)
MAY_NOT_REVERSE: Final = Refusal(
    UserErrorCode.FORBIDDEN,
    "You may not reverse payments on this loan. Ask the customer's account manager.",
    (_PAYMENT,),
)
LOAN_OF_ARCHIVED: Final = replace(CUSTOMER_ARCHIVED, field=(_LOAN,))
PAYMENT_OF_ARCHIVED: Final = replace(CUSTOMER_ARCHIVED, field=(_PAYMENT,))
TAKEN: Final = not_allowed(
    "A payment with this reference is on this loan already. Look at it before you record another.", "reference"
)
REVERSED: Final = not_allowed("This payment has been reversed already.", _PAYMENT)


def payment_refusals(
    money: Money, received_at: datetime, now: datetime, *, owed: Money, disbursed_at: datetime
) -> Iterator[Refusal]:
    """Why this can't be a payment on a loan of which `owed` is still to come. Overpayment is not kept: it's refused."""
    malformed = list(amount_refusals(money, _AMOUNT))
    yield from malformed
    if owed.amount_minor == 0:
        yield not_allowed("This loan is paid in full. Nothing more can be paid on it.", _LOAN)
    elif not malformed and money.currency != owed.currency:
        yield invalid(f"The loan is in {owed.currency}. Convert the payment first.", _AMOUNT, "currency")
    elif not malformed and money.amount_minor > owed.amount_minor:
        most = f"{owed.currency} {owed.amount}"
        yield invalid(f"No more than {most} is still to come of this loan. Record that at most.", _AMOUNT)
    if received_at > now:
        yield invalid("A payment can't be received in the future. Record it once it has come.", "receivedAt")
    elif received_at < disbursed_at:
        yield invalid("The loan was not paid out yet then. Look at the date.", "receivedAt")


def status_after(status: LoanStatus, outstanding_minor: int) -> LoanStatus:
    """Where a loan stands once so much is outstanding. What was written off stays so: the loss has been booked."""
    if status is LoanStatus.WRITTEN_OFF:
        return status
    return LoanStatus.ACTIVE if outstanding_minor else LoanStatus.CLOSED
