"""By which rules of its own a group loses members: by their status, and once their loans are paid back."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gql.domain.enums import CustomerStatus
from gql.domain.errors import Refusal
from gql.domain.groups import GroupErrorCode


class RemovalRule(StrEnum):
    """What a membership was ended by."""

    STATUS = "STATUS"
    LOAN_GRADUATION = "LOAN_GRADUATION"


LEAVING: Final = frozenset(
    {CustomerStatus.INACTIVE, CustomerStatus.SUSPENDED, CustomerStatus.BLACKLISTED, CustomerStatus.ARCHIVED}
)
"""Statuses that can take a member out: those of who could not join."""
_FIELD: Final = ("removalRules",)
NOT_LEAVING: Final = Refusal(
    GroupErrorCode.INVALID,
    "Members leave by these statuses alone: INACTIVE, SUSPENDED, BLACKLISTED, ARCHIVED. Leave the others out.",
    _FIELD,
)
LOANS_WITHHELD: Final = Refusal(
    GroupErrorCode.FORBIDDEN,
    "Whoever reads who left would learn whose loans are paid back, which you don't see of all customers. Have this "
    "rule made by somebody who does, such as a portfolio manager.",
    _FIELD,
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """That a member leaves, and why."""

    rule: RemovalRule
    reason: str
    """As the membership keeps it."""


@dataclass(frozen=True, slots=True)
class RemovalRules:
    """A group's."""

    statuses: frozenset[str]
    on_graduation: bool

    @property
    def remove_anybody(self) -> bool:
        """Whether there is any rule."""
        return bool(self.statuses) or self.on_graduation

    def leaving(self, status: CustomerStatus, *, has_graduated: bool) -> Leaving | None:
        """Why a member leaves; None for who stays."""
        if status.value in self.statuses:
            return Leaving(RemovalRule.STATUS, f"By the group's rule: the customer is {status.lower()}.")
        if self.on_graduation and has_graduated:
            return Leaving(RemovalRule.LOAN_GRADUATION, "By the group's rule: the customer's loans are paid back.")
        return None


def status_refusals(statuses: Collection[str]) -> Iterator[Refusal]:
    """Why these can't be a rule."""
    if not LEAVING.issuperset(statuses):
        yield NOT_LEAVING
