"""Why a sign-in or a refresh did nothing."""

from enum import StrEnum


class SessionErrorCode(StrEnum):
    """Codes of refusals. Each says the least that its rightful user needs: one code whatever was wrong."""

    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    INVALID_REFRESH_TOKEN = "INVALID_REFRESH_TOKEN"  # noqa: S105 - a code, no token
