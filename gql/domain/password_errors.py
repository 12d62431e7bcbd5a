"""Why a password was not set by a link from a mail."""

from enum import StrEnum

from gql.domain.errors import Refusal


class PasswordErrorCode(StrEnum):
    """Codes of refusals."""

    INVALID_TOKEN = "INVALID_TOKEN"  # noqa: S105 - a code, no token
    INVALID_PASSWORD = "INVALID_PASSWORD"  # noqa: S105 - a code, no password
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"


INVALID_TOKEN = Refusal(
    PasswordErrorCode.INVALID_TOKEN, "This link was used before, or is too old. Ask for a new one.", ("token",)
)


def invalid_password(flaw: str, field: str) -> Refusal:
    """A password that may not be set, and the sentence why."""
    return Refusal(PasswordErrorCode.INVALID_PASSWORD, flaw, (field,))
