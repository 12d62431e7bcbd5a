"""The one form in which every error is told, GraphQL's or HTTP's: JSON with a sentence and a code."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gql.domain.errors import ErrorCode
from gql.transport.negotiation import JSON

JSON_IN_UTF8 = f"{JSON}; charset=utf-8"


def error_payload(message: str, code: ErrorCode) -> dict[str, Any]:
    """GraphQL's answer to a request that was not executed: errors, and no data."""
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def error_answer(
    status: int,
    message: str,
    code: ErrorCode = ErrorCode.BAD_USER_INPUT,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The same as an HTTP answer."""
    return Response(orjson.dumps(error_payload(message, code)), status, headers, media_type=JSON_IN_UTF8)


async def http_error(_request: Request, error: Exception) -> Response:
    """Starlette's own refusals: an address that isn't there, a method that isn't taken."""
    if not isinstance(error, HTTPException):
        raise error
    messages = {404: "There is nothing at this address. The API is at /graphql.", 405: "This method is not taken here."}
    message = messages.get(error.status_code, "The request can't be answered.")
    return error_answer(error.status_code, message, headers=error.headers)
