"""Refusals that many changes of a customer have, each in its own enum of codes, in the same words."""

from enum import StrEnum
from typing import Final

from gql.domain.errors import Refusal

_CUSTOMER: Final = ("customerId",)
VERSION_CONFLICT: Final = "VERSION_CONFLICT"


def no_such_customer(codes: type[StrEnum]) -> Refusal:
    """There is none for the viewer, whether or not there is one."""
    message = "There is no such customer. Pick one from your list of customers."
    return Refusal(codes["CUSTOMER_NOT_FOUND"], message, _CUSTOMER)


def archived(codes: type[StrEnum], before: str = "changing it") -> Refusal:
    """Nothing of an archived customer changes; `before` says what has to wait."""
    message = f"This customer is archived. Reinstate the customer before {before}."
    return Refusal(codes["CUSTOMER_ARCHIVED"], message, _CUSTOMER)


def stale(codes: type[StrEnum]) -> Refusal:
    """The record isn't what the wisher saw any more."""
    message = "Someone changed this customer since you read it. Look at the present state and try again."
    return Refusal(codes[VERSION_CONFLICT], message, ("expectedVersion",))
