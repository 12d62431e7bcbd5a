"""Loan requests: from which status to which, who decides, and why not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from gql.domain.enums import CustomerStatus
from gql.domain.errors import Refusal
from gql.domain.policies import Access, may_change
from gql.domain.roles import Permission
from gql.domain.user_errors import CUSTOMER_ARCHIVED, UserErrorCode, not_allowed, not_found


class RequestStatus(StrEnum):
    """Where a loan request stands."""

    SUBMITTED = "SUBMITTED"
    UNDER_REVIEW = "UNDER_REVIEW"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


class RequestAction(StrEnum):
    """What can be done to a loan request."""

    REVIEW = "REVIEW"
    APPROVE = "APPROVE"
    DECLINE = "DECLINE"
    WITHDRAW = "WITHDRAW"


class RequestDecision(StrEnum):
    """How a request can be decided."""

    APPROVE = "APPROVE"
    DECLINE = "DECLINE"


_S = RequestStatus
TRANSITIONS: Final[Mapping[RequestAction, Mapping[RequestStatus, RequestStatus]]] = {
    RequestAction.REVIEW: {_S.SUBMITTED: _S.UNDER_REVIEW},
    RequestAction.APPROVE: {_S.UNDER_REVIEW: _S.APPROVED},
    RequestAction.DECLINE: {_S.UNDER_REVIEW: _S.DECLINED},
    RequestAction.WITHDRAW: {_S.SUBMITTED: _S.WITHDRAWN, _S.UNDER_REVIEW: _S.WITHDRAWN},
}
"""From which status to which. What is decided or withdrawn stays so: who wants it otherwise submits another request."""

BY_ANOTHER: Final = frozenset({RequestAction.REVIEW, RequestAction.APPROVE, RequestAction.DECLINE})
"""What whoever submitted the request may not do: four eyes see each loan."""

PRODUCT_LONGEST: Final = 100

_WORDS: Final = {
    RequestAction.REVIEW: "taken under review",
    RequestAction.APPROVE: "approved",
    RequestAction.DECLINE: "declined",
    RequestAction.WITHDRAW: "withdrawn",
}
_REQUEST: Final = ("requestId",)

REQUEST_NOT_FOUND: Final = not_found("loan request", *_REQUEST)
FORBIDDEN: Final = Refusal(
    UserErrorCode.FORBIDDEN, "You may not change this customer's loan requests. Ask their account manager.", _REQUEST
)
MAY_NOT_SUBMIT: Final = Refusal(
    UserErrorCode.FORBIDDEN,
    "You may not submit loan requests of this customer. Ask their account manager.",
    ("customerId",),
)
OWN_REQUEST: Final = Refusal(
    UserErrorCode.FORBIDDEN, "You submitted this request. Somebody else must review and decide it.", _REQUEST
)
STALE: Final = Refusal(
    UserErrorCode.VERSION_CONFLICT,
    "Someone changed this request since you read it. Look at the present state and try again.",
    ("expectedStatus",),
)


@dataclass(frozen=True, slots=True)
class RequestActionState:
    """An action, and, where it isn't allowed, the sentence that says why."""

    action: RequestAction
    reason: str | None

    @property
    def allowed(self) -> bool:
        """Whether the action would be refused for no reason known beforehand."""
        return self.reason is None


def transition_refusals(
    action: RequestAction, status: RequestStatus, submitted_by: UUID | None, actor: UUID
) -> Iterator[Refusal]:
    """Why this actor can't do it to a request of this status."""
    if status not in TRANSITIONS[action]:
        sources = ", ".join(_spoken(source) for source in TRANSITIONS[action])
        yield not_allowed(
            f"A request that is {_spoken(status)} can't be {_WORDS[action]}; one of these can: {sources}.", *_REQUEST
        )
    if action in BY_ANOTHER and submitted_by == actor:
        yield OWN_REQUEST


def request_actions(
    permissions: frozenset[Permission], access: Access, status: RequestStatus, submitted_by: UUID | None, actor: UUID
) -> list[RequestActionState]:
    """All actions on a request that the viewer sees."""
    may = may_change(permissions, access, Permission.CUSTOMER_WRITE)
    found = []
    for action in RequestAction:
        refusal = next(transition_refusals(action, status, submitted_by, actor), None) if may else FORBIDDEN
        found.append(RequestActionState(action, refusal.message if refusal else None))
    return found


def lending_refusals(status: CustomerStatus, field: str) -> Iterator[Refusal]:
    """Why nobody lends to a customer of this status; `field` names the customer, or their request."""
    if status is CustomerStatus.ARCHIVED:
        yield replace(CUSTOMER_ARCHIVED, field=(field,))
    elif status not in (CustomerStatus.PENDING, CustomerStatus.ACTIVE):
        yield not_allowed(
            f"A customer who is {status.lower()} gets no loan. Change the customer's status first.", field
        )


def submit_refusal(permissions: frozenset[Permission], access: Access, status: CustomerStatus) -> Refusal | None:
    """Why a request can't be submitted for a customer, so far as is known beforehand."""
    if not may_change(permissions, access, Permission.CUSTOMER_WRITE):
        return MAY_NOT_SUBMIT
    return next(lending_refusals(status, "customerId"), None)


def customer_refusals(action: RequestAction, status: CustomerStatus) -> Iterator[Refusal]:
    """Why it can't be done to a request of a customer of this status: who gets no loan can be told so."""
    if action is RequestAction.APPROVE or status is CustomerStatus.ARCHIVED:
        yield from lending_refusals(status, "requestId")


def _spoken(status: RequestStatus) -> str:
    return status.lower().replace("_", " ")
