"""Record payments on loans, and reverse them."""

from datetime import UTC, datetime

from gql.context import Context
from gql.domain import loan_payments as rules
from gql.domain.errors import BadUserInput
from gql.domain.ids import Kind, parse_id_of
from gql.domain.money import Money
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, required_reason_of, text
from gql.resolvers.customer_changes import ChangePayload, answer
from gql.services.loan_payments import RecordPayment, ReversePayment, record_payment, reverse_payment


async def record(context: Context, arguments: Arguments) -> ChangePayload:
    """Take a payment."""
    wish = RecordPayment(
        loan_id=parse_id_of(Kind.LOAN, arguments["loan_id"]),
        amount=Money(arguments["amount"]["amount_minor"], arguments["amount"]["currency"]),
        method=arguments["method"],
        received_at=_moment(arguments.get("received_at")),
        reference=_reference(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return ChangePayload(user_errors=(rules.MAY_NOT_RECORD,))
    done = record_payment(context.database, context.actor, context.admin, wish)
    return await answer(context, done, loader="loan_payment")


async def reverse(context: Context, arguments: Arguments) -> ChangePayload:
    """Take a payment back."""
    wish = ReversePayment(
        payment_id=parse_id_of(Kind.LOAN_PAYMENT, arguments["payment_id"]),
        reason=required_reason_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return ChangePayload(user_errors=(rules.MAY_NOT_REVERSE,))
    done = reverse_payment(context.database, context.actor, context.admin, wish)
    return await answer(context, done, loader="loan_payment")


def _moment(given: datetime | None) -> datetime | None:
    """In UTC. Raises BadUserInput for a time of no zone, which could be any."""
    if given is None:
        return None
    if given.tzinfo is None:
        raise BadUserInput('`receivedAt` has no time zone. Write it as in "2026-01-31T12:00:00Z".')
    try:
        return given.astimezone(UTC)
    except OverflowError:
        raise BadUserInput("`receivedAt` is beyond the calendar.") from None


def _reference(arguments: Arguments) -> str | None:
    given = text(arguments.get("reference"), "reference", rules.REFERENCE_LONGEST)
    return None if given is None else given.strip()
