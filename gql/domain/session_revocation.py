"""Why a session was not ended."""

from enum import StrEnum

from gql.domain.errors import Refusal


class RevokeErrorCode(StrEnum):
    """Codes of refusals."""

    SESSION_NOT_FOUND = "SESSION_NOT_FOUND"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"


SESSION_NOT_FOUND = Refusal(
    RevokeErrorCode.SESSION_NOT_FOUND,
    "You have no such session, or it has ended already. Look at your list of sessions.",
    ("sessionId",),
)
