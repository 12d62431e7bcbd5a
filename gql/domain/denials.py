"""Which refusals are denied attempts: somebody asked for what they may not do or see."""

from collections.abc import Iterable
from typing import Final

from gql.domain.errors import ErrorCode

_DENIED: Final = frozenset({"FORBIDDEN", "OUTSIDE_SCOPE", "INVALID_CREDENTIALS", "IDENTIFIER_TAKEN"})
"""The last tells of a customer whom the viewer may not see; whoever tries numbers must leave traces."""
_REQUEST: Final = frozenset({ErrorCode.FORBIDDEN, ErrorCode.RATE_LIMITED})


def is_denied(codes: Iterable[str], subject_kind: str | None) -> bool:
    """Whether a mutation with these codes in its `userErrors` was a denied attempt.

    `subject_kind` is of what was named by its ID. Nobody mistypes an ID, and what isn't in sight is not told from what
    isn't there: so that is denied, too. An email or a number that is nobody's is not.
    """
    not_there = {"CUSTOMER_NOT_FOUND": subject_kind == "customer", "NOT_FOUND": subject_kind is not None}
    return any(code in _DENIED or not_there.get(code, False) for code in codes)


def is_denied_request(code: str) -> bool:
    """Whether a root field that ended with this top-level error was one: what may not be used, or not so often."""
    return code in _REQUEST
