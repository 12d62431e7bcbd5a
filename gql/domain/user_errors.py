"""Why plain mutations do nothing: one enum for all whose reasons need no names of their own."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from gql.domain.enums import CustomerStatus
from gql.domain.errors import Refusal
from gql.domain.refusals import archived, no_such_customer, stale


class UserErrorCode(StrEnum):
    """Reasons that any change of a record may have."""

    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"
    NOT_FOUND = "NOT_FOUND"
    CUSTOMER_ARCHIVED = "CUSTOMER_ARCHIVED"
    INVALID = "INVALID"
    NOT_ALLOWED = "NOT_ALLOWED"
    LIMIT_REACHED = "LIMIT_REACHED"
    IDENTIFIER_TAKEN = "IDENTIFIER_TAKEN"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


CUSTOMER_NOT_FOUND: Final = no_such_customer(UserErrorCode)
CUSTOMER_ARCHIVED: Final = archived(UserErrorCode)
FORBIDDEN: Final = Refusal(
    UserErrorCode.FORBIDDEN, "You may not change this customer. Ask the customer's account manager.", ("customerId",)
)
VERSION_CONFLICT: Final = stale(UserErrorCode)


def not_found(what: str, *field: str) -> Refusal:
    """No such record for the viewer, whether or not there is one; `what` names its kind."""
    return Refusal(UserErrorCode.NOT_FOUND, f"There is no such {what}. Look at the present list.", field)


def invalid(message: str, *field: str) -> Refusal:
    """A value that can't be taken; the message says what would do."""
    return Refusal(UserErrorCode.INVALID, message, field)


def not_allowed(message: str, *field: str) -> Refusal:
    """What the record's present state rules out; the message says what to do first."""
    return Refusal(UserErrorCode.NOT_ALLOWED, message, field or None)


def change_refusals(status: CustomerStatus, version: int, expected_version: int | None) -> Iterator[Refusal]:
    """Why nothing below a customer can be changed now."""
    if status is CustomerStatus.ARCHIVED:
        yield CUSTOMER_ARCHIVED
    if expected_version is not None and version != expected_version:
        yield VERSION_CONFLICT
