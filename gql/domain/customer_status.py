"""The life of a customer with the lender: which change of status is allowed from where, and what comes of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gql.domain.enums import CustomerStatus
from gql.domain.errors import Refusal
from gql.domain.refusals import no_such_customer, stale


class StatusAction(StrEnum):
    """What can be done to a customer's status."""

    ACTIVATE = "ACTIVATE"
    DEACTIVATE = "DEACTIVATE"
    SUSPEND = "SUSPEND"
    BLACKLIST = "BLACKLIST"
    ARCHIVE = "ARCHIVE"
    REINSTATE = "REINSTATE"


class StatusErrorCode(StrEnum):
    """Why a customer's status was not changed."""

    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"
    STATUS_NOT_ALLOWED = "STATUS_NOT_ALLOWED"
    HAS_OPEN_LOANS = "HAS_OPEN_LOANS"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


class StatusEffect(StrEnum):
    """What else a change of status does."""

    MEMBERSHIPS_FLAGGED = "MEMBERSHIPS_FLAGGED"
    MEMBERSHIPS_UNFLAGGED = "MEMBERSHIPS_UNFLAGGED"
    SESSIONS_ENDED = "SESSIONS_ENDED"


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect, and how many records it touched: at least one."""

    effect: StatusEffect
    count: int

    @property
    def message(self) -> str:
        """A sentence for a person."""
        return _SENTENCES[self.effect].format(count=self.count)


_S = CustomerStatus
TRANSITIONS: Final[Mapping[StatusAction, Mapping[CustomerStatus, CustomerStatus]]] = {
    StatusAction.ACTIVATE: {_S.PENDING: _S.ACTIVE, _S.INACTIVE: _S.ACTIVE},
    StatusAction.DEACTIVATE: {_S.ACTIVE: _S.INACTIVE},
    StatusAction.SUSPEND: dict.fromkeys((_S.PENDING, _S.ACTIVE, _S.INACTIVE), _S.SUSPENDED),
    StatusAction.BLACKLIST: dict.fromkeys((_S.PENDING, _S.ACTIVE, _S.INACTIVE, _S.SUSPENDED), _S.BLACKLISTED),
    StatusAction.ARCHIVE: dict.fromkeys((_S.PENDING, _S.INACTIVE, _S.SUSPENDED, _S.BLACKLISTED), _S.ARCHIVED),
    StatusAction.REINSTATE: {_S.SUSPENDED: _S.ACTIVE, _S.BLACKLISTED: _S.INACTIVE, _S.ARCHIVED: _S.INACTIVE},
}
"""From which status to which. Who was blacklisted or archived comes back inactive: to lend again is a decision more."""

_WORDS: Final = {
    StatusAction.ACTIVATE: "activated",
    StatusAction.DEACTIVATE: "deactivated",
    StatusAction.SUSPEND: "suspended",
    StatusAction.BLACKLIST: "blacklisted",
    StatusAction.ARCHIVE: "archived",
    StatusAction.REINSTATE: "reinstated",
}
_SENTENCES: Final = {
    StatusEffect.MEMBERSHIPS_FLAGGED: "Memberships of groups that are flagged now: {count}. Look at each of them.",
    StatusEffect.MEMBERSHIPS_UNFLAGGED: "Memberships of groups that are not flagged any more: {count}.",
    StatusEffect.SESSIONS_ENDED: "Sessions in the customer's app that have ended: {count}.",
}
_CUSTOMER: Final = ("customerId",)

CUSTOMER_NOT_FOUND: Final = no_such_customer(StatusErrorCode)
FORBIDDEN: Final = Refusal(
    StatusErrorCode.FORBIDDEN,
    "You may not change this customer's status. Ask a compliance officer or the portfolio manager.",
    _CUSTOMER,
)
HAS_OPEN_LOANS: Final = Refusal(
    StatusErrorCode.HAS_OPEN_LOANS,
    "This customer has loans that are not closed. Close them before archiving the customer.",
    _CUSTOMER,
)
VERSION_CONFLICT: Final = stale(StatusErrorCode)


def after(action: StatusAction, status: CustomerStatus) -> CustomerStatus | None:
    """The status that a change leads to: the present one where nothing is to do, None where it is not allowed."""
    targets = TRANSITIONS[action]
    if status in targets:
        return targets[status]
    return status if status in targets.values() else None


def status_refusals(action: StatusAction, status: CustomerStatus) -> Iterator[Refusal]:
    """Why the change is not allowed from this status."""
    if after(action, status) is None:
        sources = ", ".join(sorted(source.lower() for source in TRANSITIONS[action]))
        message = (
            f"A customer who is {status.lower()} can't be {_WORDS[action]}; one of these can: {sources}. "
            "Change the status to one of them first."
        )
        yield Refusal(StatusErrorCode.STATUS_NOT_ALLOWED, message, _CUSTOMER)


def has_already(status: CustomerStatus) -> Refusal:
    """Nothing is to do."""
    return Refusal(StatusErrorCode.STATUS_NOT_ALLOWED, f"This customer is {status.lower()} already.", _CUSTOMER)
