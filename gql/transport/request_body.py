"""From the bytes of a POST to a GraphQL request. Whatever is wrong with them has a status, a code and a sentence."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request as HttpRequest

from gql.domain.errors import ErrorCode


class Sent(NamedTuple):
    """What a client sent: a document as text, by its SHA-256 (in hex), or as both."""

    query: str | None
    sha256: str | None
    variables: Mapping[str, Any]
    operation_name: str | None
    wants_cost: bool = False


_SHA256 = re.compile("[0-9a-f]{64}")
_DOCUMENT_ID = re.compile("sha256:([0-9a-f]{64})")


class BadRequest(Exception):
    """The HTTP request itself is wrong."""

    def __init__(self, status: int, message: str, code: ErrorCode = ErrorCode.BAD_USER_INPUT) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code


async def read_request(http: HttpRequest, *, most_bytes: int) -> Sent:
    """The GraphQL request in the body. Raises BadRequest."""
    wrong = _wrong_with(http.headers.get("content-type", ""))
    if wrong is not None:
        raise BadRequest(415, wrong)
    if http.headers.get("content-encoding", "identity").lower() != "identity":
        raise BadRequest(415, "Send the body uncompressed.")
    return _parse(await _read(http, most_bytes))


@lru_cache(maxsize=256)
def _wrong_with(content_type: str) -> str | None:
    media_type, _, parameters = content_type.partition(";")
    if media_type.strip().lower() != "application/json":
        return "Send `Content-Type: application/json`."
    for parameter in parameters.lower().split(";"):
        name, _, charset = parameter.strip().partition("=")
        if name == "charset" and charset.strip('"') not in ("utf-8", "utf8"):
            return "Send JSON in UTF-8."
    return None


async def _read(http: HttpRequest, most_bytes: int) -> bytes:
    """The body, as long as it stays within the bound, announced or not."""
    announced = http.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > 18 or int(announced) > most_bytes):
        raise _too_large(most_bytes)
    body = bytearray()
    while True:
        message = await http.receive()
        if message["type"] != "http.request":
            raise BadRequest(400, "The body ended before it was whole.")
        body += message.get("body", b"")
        if len(body) > most_bytes:
            raise _too_large(most_bytes)
        if not message.get("more_body", False):
            return bytes(body)


def _too_large(most_bytes: int) -> BadRequest:
    return BadRequest(413, f"The body may have {most_bytes} bytes at most.", ErrorCode.PAYLOAD_TOO_LARGE)


def _parse(body: bytes) -> Sent:
    try:
        sent: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest(400, "The body is not JSON.") from None
    if not isinstance(sent, dict):
        raise BadRequest(400, "The body must be a JSON object. Batches of operations are not supported.")
    return sent_of(sent)


def sent_of(sent: Mapping[str, Any]) -> Sent:
    """A GraphQL request as JSON has it. Raises BadRequest."""
    query, variables = sent.get("query"), sent.get("variables")
    operation_name, extensions = sent.get("operationName"), sent.get("extensions")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest(400, "`variables` must be an object.")
    if operation_name is not None and not isinstance(operation_name, str):
        raise BadRequest(400, "`operationName` must be a string.")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest(400, "`extensions` must be an object.")
    extensions = extensions or {}
    sha256 = _hash(sent.get("documentId"), extensions.get("persistedQuery"))
    if not isinstance(query, str) and (query is not None or sha256 is None):
        raise BadRequest(400, "`query` must be a string: the text of a GraphQL document.")
    return Sent(query, sha256, variables or {}, operation_name, extensions.get("cost") is True)


def _hash(document_id: Any, persisted: Any) -> str | None:
    """The SHA-256 that stands for a document, in either of the two places where clients put it."""
    if document_id is not None:
        found = _DOCUMENT_ID.fullmatch(document_id) if isinstance(document_id, str) else None
        if found is None:
            raise BadRequest(400, "`documentId` must be `sha256:` and 64 hexadecimal digits in lower case.")
        return found[1]
    if persisted is None:
        return None
    sha256 = persisted.get("sha256Hash") if isinstance(persisted, dict) and persisted.get("version") == 1 else None
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise BadRequest(
            400, "`extensions.persistedQuery` must have version 1 and a `sha256Hash` of 64 hexadecimal digits."
        )
    return sha256
