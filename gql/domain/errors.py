"""Errors of the domain.

Two families, as the API has two channels: a `RequestError` ends the request (or the field) with a top-level
error and a code; a `Refusal` is one expected reason why a mutation did nothing, reported in `userErrors`.
"""

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ErrorCode(StrEnum):
    """`extensions.code` of top-level errors."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"
    RATE_LIMITED = "RATE_LIMITED"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    TIMEOUT = "TIMEOUT"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class RequestError(Exception):
    """A failure that is the caller's to know: its message and code reach the client unmasked."""

    code: ErrorCode

    def __init__(self, message: str, code: ErrorCode | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class BadUserInput(RequestError):
    """An argument is malformed."""

    code = ErrorCode.BAD_USER_INPUT


class MalformedId(BadUserInput):
    """A global ID that LendDesk did not issue, or one of another type. Doesn't repeat what was sent."""

    def __init__(self, text: str, expected: str | None = None) -> None:
        wanted = f"of type {expected} " if expected else ""
        super().__init__(f"This is not an ID {wanted}that LendDesk issued. Pass an `id` as you received it.")
        self.text = text


class Unauthenticated(RequestError):
    """Nobody is signed in, or the session has ended."""

    code = ErrorCode.UNAUTHENTICATED

    def __init__(self, message: str = "Sign in to use this field.") -> None:
        super().__init__(message)


class Forbidden(RequestError):
    """The viewer may not use a root field."""

    code = ErrorCode.FORBIDDEN

    def __init__(self, message: str = "Your account may not use this field.") -> None:
        super().__init__(message)


class RateLimited(RequestError):
    """Too many requests of a kind in a time. `retry_after` is in how many seconds the same one can pass."""

    code = ErrorCode.RATE_LIMITED

    def __init__(self, message: str, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PersistedQueryNotFound(RequestError):
    """A document that was sent by its hash isn't known, or isn't one of those that alone may be sent."""

    code = ErrorCode.PERSISTED_QUERY_NOT_FOUND

    def __init__(self, message: str = "This hash is not known. Send the document with it.") -> None:
        super().__init__(message)


class Unavailable(RequestError):
    """A part that we need does not answer; trying again may help."""

    code = ErrorCode.SERVICE_UNAVAILABLE

    def __init__(self, message: str = "The service can't answer right now. Try again in a moment.") -> None:
        super().__init__(message)


class TimedOut(RequestError):
    """The request was given up: what it read is of no use, and what it had begun to write is rolled back.

    A write may have been committed at that very moment, so that a client repeats it under its idempotency key.
    """

    code = ErrorCode.TIMEOUT

    def __init__(self) -> None:
        super().__init__(
            "The request took too long and was given up. Ask for less; repeat a change by its idempotencyKey."
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a mutation did nothing.

    `code` is a member of the mutation's own enum of codes; `field` is the path of the input field to mend,
    starting below `input`; `facts` are what a client may show beside the sentence.
    """

    code: StrEnum
    message: str
    field: tuple[str, ...] | None = None
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)


class Refused(Exception):
    """Raised inside a unit of work to roll it back: the mutation answers these refusals and nothing is written."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(", ".join(refusal.code for refusal in refusals))
        self.refusals = refusals
