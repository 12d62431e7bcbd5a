"""Who can be registered, and what of a record can be changed: the rules of `createCustomer` and `updateCustomer`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gql.domain.enums import CustomerStatus, OfficeStatus
from gql.domain.errors import Refusal
from gql.domain.names import LONGEST_NAME, is_name
from gql.domain.refusals import archived, no_such_customer, stale


class CustomerErrorCode(StrEnum):
    """Why a customer's record was not made or changed."""

    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"
    CUSTOMER_ARCHIVED = "CUSTOMER_ARCHIVED"
    INVALID_NAME = "INVALID_NAME"
    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_PHONE = "INVALID_PHONE"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    PHONE_TAKEN = "PHONE_TAKEN"
    OFFICE_NOT_FOUND = "OFFICE_NOT_FOUND"
    OFFICE_INACTIVE = "OFFICE_INACTIVE"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


@dataclass(frozen=True, slots=True)
class Contact:
    """Name, email and phone as they are stored; None where what was given can be none."""

    name: str
    email: str | None
    phone: str | None


_CUSTOMER: Final = ("customerId",)
_OFFICE: Final = ("officeId",)

CUSTOMER_NOT_FOUND: Final = no_such_customer(CustomerErrorCode)
CUSTOMER_ARCHIVED: Final = archived(CustomerErrorCode)
MAY_NOT_CHANGE: Final = Refusal(
    CustomerErrorCode.FORBIDDEN, "You may not change this customer. Ask the customer's account manager.", _CUSTOMER
)
MAY_NOT_CREATE: Final = Refusal(
    CustomerErrorCode.FORBIDDEN,
    "You may not register customers of this office. Ask somebody of the office, or its portfolio manager.",
    _OFFICE,
)
_NUMBER: Final = re.compile("[A-Z]{1,4}-?[0-9]{3,}")
_AS_TYPED: Final = re.compile("(?:LD)?[ \N{HYPHEN}-\N{HORIZONTAL BAR}-]*([0-9]{6,})")

EMAIL_TAKEN: Final = Refusal(
    CustomerErrorCode.EMAIL_TAKEN, "Another customer has this email. Search for it, or use another.", ("email",)
)
PHONE_TAKEN: Final = Refusal(
    CustomerErrorCode.PHONE_TAKEN, "Another customer has this phone number. Search for it, or use another.", ("phone",)
)
VERSION_CONFLICT: Final = stale(CustomerErrorCode)


def contact_refusals(contact: Contact) -> Iterator[Refusal]:
    """What of it can't be stored."""
    if not is_name(contact.name):
        message = f"Write a name of 1 to {LONGEST_NAME} characters."
        yield Refusal(CustomerErrorCode.INVALID_NAME, message, ("name",))
    if contact.email is None:
        yield Refusal(CustomerErrorCode.INVALID_EMAIL, "This is not an email address. Correct it.", ("email",))
    if contact.phone is None:
        message = "This is not a phone number. Write it with its country's prefix."
        yield Refusal(CustomerErrorCode.INVALID_PHONE, message, ("phone",))


def office_refusals(status: OfficeStatus | None) -> Iterator[Refusal]:
    """Why nobody can be registered at an office of this status; None is one that isn't there."""
    if status is None:
        message = "There is no such office. Pick one of the list."
        yield Refusal(CustomerErrorCode.OFFICE_NOT_FOUND, message, _OFFICE)
    elif status is not OfficeStatus.ACTIVE:
        message = "This office is not active. Pick one that is."
        yield Refusal(CustomerErrorCode.OFFICE_INACTIVE, message, _OFFICE)


def change_refusals(status: CustomerStatus, version: int, expected_version: int) -> Iterator[Refusal]:
    """Why the record can't be changed now."""
    if status is CustomerStatus.ARCHIVED:
        yield CUSTOMER_ARCHIVED
    if version != expected_version:
        yield VERSION_CONFLICT


def number_of(digits: str) -> str:
    """A customer's number as it is stored and read out."""
    return f"LD-{digits}"


def typed_number(text: str) -> str | None:
    """The number that somebody may mean: with or without the letters and the hyphen. None for what is none."""
    typed = text.strip().upper()
    own = _AS_TYPED.fullmatch(typed)
    if own is not None:
        return number_of(own[1])
    return typed if _NUMBER.fullmatch(typed) else None
