"""What the log says of an operation: the name that its client gives it, its document's hash, codes and the time taken.

Never variables, literals or messages. The same facts are in every line that is logged while it is answered.
"""

import re
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

import structlog

from gql.domain.errors import ErrorCode
from gql.logs import log_about
from gql.services.documents import sha256_of
from gql.transport.request_body import Sent

_log = structlog.get_logger(__name__)

_NAME: Final = re.compile("[_A-Za-z][_0-9A-Za-z]{0,79}")
"""Of an operation, as GraphQL has them, but not of any length. What else a client sends as one is not logged."""


class OperationLog:
    """One request's, from its begin. Costs nothing to speak of until there is something to say."""

    __slots__ = ("_began", "_request_id", "_sent")

    def __init__(self, request_id: str) -> None:
        self._began = time.perf_counter()
        self._request_id = request_id
        self._sent: Sent | None = None
        log_about(self._facts)

    def begins(self, sent: Sent) -> None:
        """It is known now which operation it is."""
        self._sent = sent

    def answered(self, payload: Mapping[str, Any]) -> None:
        """Say so where errors are all or part of the answer, but for those that have lines of their own."""
        if "errors" in payload:
            self.refused(error["extensions"]["code"] for error in payload["errors"])

    def refused(self, codes: Iterable[str]) -> None:
        """Say with which codes, each once."""
        told = sorted({str(code) for code in codes} - {ErrorCode.INTERNAL_SERVER_ERROR.value})
        if told:
            _log.info("operation refused", codes=told, milliseconds=round(1000 * (time.perf_counter() - self._began)))

    def _facts(self) -> Mapping[str, Any]:
        facts: dict[str, Any] = {"request_id": self._request_id}
        if self._sent is not None:
            name = self._sent.operation_name
            facts["operation"] = name if name is not None and _NAME.fullmatch(name) else None
            facts["document"] = self._sent.sha256 or sha256_of(self._sent.query or "")
        return facts
