"""How customers are related to one another, and to the people who stand by them: guarantors and next of kin."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from gql.domain.enums import CustomerStatus
from gql.domain.errors import Refusal
from gql.domain.names import LONGEST_NAME, is_name
from gql.domain.texts import LONGEST_LINE, is_line
from gql.domain.user_errors import UserErrorCode, invalid, not_allowed

MOST_GUARANTORS: Final = 10
MOST_NEXT_OF_KIN: Final = 5


class Relation(StrEnum):
    """What a related customer is to a customer."""

    EMPLOYER = "EMPLOYER"
    EMPLOYEE = "EMPLOYEE"
    GUARANTOR = "GUARANTOR"
    GUARANTEED = "GUARANTEED"


INVERSE: Final[Mapping[Relation, Relation]] = {
    Relation.EMPLOYER: Relation.EMPLOYEE,
    Relation.EMPLOYEE: Relation.EMPLOYER,
    Relation.GUARANTOR: Relation.GUARANTEED,
    Relation.GUARANTEED: Relation.GUARANTOR,
}
"""What the customer then is to the related one."""

_RELATED: Final = ("relatedCustomerId",)

SELF: Final = invalid("A customer can't be related to themselves. Pick another one.", *_RELATED)
OTHER_NOT_FOUND: Final = Refusal(
    UserErrorCode.CUSTOMER_NOT_FOUND, "There is no such customer. Pick one from your list of customers.", _RELATED
)
OTHER_FORBIDDEN: Final = Refusal(
    UserErrorCode.FORBIDDEN,
    "You may not change the relations of this customer. Ask somebody who sees both customers in full.",
    _RELATED,
)
HAS_EMPLOYER: Final = not_allowed(
    "The employee has another customer as employer already. Take that relation back first: `unrelateCustomers`.",
    *_RELATED,
)
GUARANTOR_IS_ELSEWHERE: Final = not_allowed(
    "This guarantor is a customer whom you may not change. Ask somebody who sees both customers in full.",
    "guarantorId",
)


def about_guarantor(refusals: Iterable[Refusal]) -> Iterator[Refusal]:
    """The same refusals, where the related customer was named as `guarantorCustomerId`."""
    for refusal in refusals:
        yield replace(refusal, field=("guarantorCustomerId",)) if refusal.field == _RELATED else refusal


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who stands by a customer, or a company that does, as the lender can reach them.

    `phone` and `email` are as they are stored; `has_phone` and `has_email` tell whether any were given.
    """

    name: str
    relationship: str | None
    phone: str | None
    email: str | None
    address: str | None
    has_phone: bool
    has_email: bool


def person_refusals(person: Person) -> Iterator[Refusal]:
    """What of it can't be stored."""
    if not is_name(person.name):
        yield invalid(f"Write a name of 1 to {LONGEST_NAME} characters.", "name")
    yield from relationship_refusals(person.relationship)
    if not is_line(person.address):
        yield invalid(f"Write an address of at most {LONGEST_LINE} characters, without line breaks.", "address")
    if person.has_phone and person.phone is None:
        yield invalid("This is not a phone number. Write it with its country's prefix.", "phone")
    if person.has_email and person.email is None:
        yield invalid("This is not an email address. Correct it.", "email")


def relationship_refusals(relationship: str | None) -> Iterator[Refusal]:
    """The same, of what somebody is to the customer."""
    if not is_line(relationship):
        yield invalid(f"Write at most {LONGEST_LINE} characters, such as sister.", "relationship")


def limit_refusals(what: str, present: int, most: int) -> Iterator[Refusal]:
    """Why one more is too many."""
    if present >= most:
        message = f"There are {present} {what} already, and at most {most} are kept. Remove one first."
        yield Refusal(UserErrorCode.LIMIT_REACHED, message, ("customerId",))


def other_refusals(status: CustomerStatus) -> Iterator[Refusal]:
    """Why the related customer can't be."""
    if status is CustomerStatus.ARCHIVED:
        message = "The related customer is archived. Reinstate them first."
        yield Refusal(UserErrorCode.CUSTOMER_ARCHIVED, message, _RELATED)
