"""What the log says of an operation: the name that its client gives it, its document's hash, codes and the time taken.

Never variables, literals or messages. What is noted here is also in the line of an error inside (`gql.errors`).
"""

import re
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

import structlog

from gql.domain.errors import ErrorCode
from gql.services.documents import sha256_of
from gql.transport.request_body import Sent

_log = structlog.get_logger(__name__)

_NAME: Final = re.compile("[_A-Za-z][_0-9A-Za-z]{0,79}")
"""Of an operation, as GraphQL has them, but not of any length. What else a client sends as one is not logged."""


class OperationLog:
    """One request's, from its begin."""

    def __init__(self, request_id: str) -> None:
        self._began = time.perf_counter()
        structlog.contextvars.clear_contextvars()  # of what ran before in the same task
        structlog.contextvars.bind_contextvars(request_id=request_id)

    def answered(self, payload: Mapping[str, Any]) -> None:
        """Say so where errors are all or part of the answer, but for those that have lines of their own."""
        self.refused(error["extensions"]["code"] for error in payload.get("errors", ()))

    def refused(self, codes: Iterable[str]) -> None:
        """Say with which codes, each once."""
        told = sorted({str(code) for code in codes} - {ErrorCode.INTERNAL_SERVER_ERROR.value})
        if told:
            _log.info("operation refused", codes=told, milliseconds=round(1000 * (time.perf_counter() - self._began)))


def note_operation(sent: Sent) -> None:
    """Have all that is logged from here on, in this task, say which operation it is about."""
    name = sent.operation_name
    structlog.contextvars.bind_contextvars(
        operation=name if name is not None and _NAME.fullmatch(name) else None,
        document=sent.sha256 or sha256_of(sent.query or ""),
    )
