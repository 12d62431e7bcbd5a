"""Top-level errors: the code that each kind gets, and the masking of those that are nobody's to know."""

from typing import Any
from uuid import uuid4

import structlog
from graphql import GraphQLError

from gql.domain.errors import ErrorCode, RequestError
from gql.execution.documents import Stage
from gql.logs import what_failed

_log = structlog.get_logger(__name__)

_CODES = {
    Stage.PARSE: ErrorCode.GRAPHQL_PARSE_FAILED,
    Stage.LIMITS: ErrorCode.QUERY_TOO_COMPLEX,
    Stage.VALIDATION: ErrorCode.GRAPHQL_VALIDATION_FAILED,
    Stage.VARIABLES: ErrorCode.BAD_USER_INPUT,
}


def format_error(error: GraphQLError, stage: Stage) -> dict[str, Any]:
    """The error as the client gets it: the message and a code, or an error ID in place of what went wrong inside."""
    formatted: dict[str, Any] = dict(error.formatted)
    original = error.original_error
    if isinstance(original, RequestError):
        formatted["extensions"] = {"code": original.code}
        return formatted
    if stage in _CODES:
        formatted["extensions"] = {"code": _CODES[stage]}
        return formatted
    formatted["message"] = "Something went wrong on our side. Try again, or report the error ID."
    formatted["extensions"] = {"code": ErrorCode.INTERNAL_SERVER_ERROR, "errorId": log_internal(original or error)}
    return formatted


def log_internal(error: BaseException) -> str:
    """Log what went wrong and where, without the message, and answer the ID that finds it again."""
    error_id = uuid4().hex
    _log.error("internal error", error_id=error_id, **what_failed(error))
    return error_id
