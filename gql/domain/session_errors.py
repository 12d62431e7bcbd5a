"""Why a sign-in, a refresh or a sign-out did nothing."""

from enum import StrEnum


class SessionErrorCode(StrEnum):
    """Codes of refusals. Each says the least that its rightful user needs: one code whatever was wrong."""

    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    INVALID_REFRESH_TOKEN = "INVALID_REFRESH_TOKEN"  # noqa: S105 - a code, no token
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
