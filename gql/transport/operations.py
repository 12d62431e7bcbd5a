"""What all transports do with an operation, once they know what was sent and by whom: document, budget, execution."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

import orjson

from gql.context import Context
from gql.db.engine import Database
from gql.domain.errors import ErrorCode, Forbidden, RequestError, Unauthenticated
from gql.domain.viewer import AdminViewer, Anonymous, Viewer
from gql.execution.documents import Request
from gql.execution.pipeline import Outcome, Pipeline
from gql.settings import Settings
from gql.transport.budget import Budget, Charge
from gql.transport.documents import Documents
from gql.transport.error_answers import error_payload
from gql.transport.operation_log import OperationLog
from gql.transport.request_body import Sent


class Operations:
    """One process's. Raises RequestError for what was sent by a hash that isn't known, or is beyond the budget."""

    def __init__(self, database: Database, settings: Settings, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._budget = Budget(settings.points_per_minute)
        self._documents = Documents(database, only_registered=settings.only_registered_documents)
        self._most_bytes = settings.max_response_bytes

    async def run(self, sent: Sent, context: Context) -> Outcome:
        """Execute a query or mutation."""
        charges: list[Charge] = []
        outcome = await self._pipeline.run(
            await self._request(sent, context),
            context,
            refuse_introspection=_refusal_of_introspection(context.viewer),
            admit=lambda nodes: self._charge(context, nodes, charges),
        )
        if sent.wants_cost and charges:
            outcome.payload["extensions"] = {"cost": charges[0]._asdict()}
        return outcome

    async def subscribe(self, sent: Sent, context: Context) -> Outcome | AsyncGenerator[dict[str, Any], None]:
        """Begin a subscription: its answers, or why there are none."""
        return await self._pipeline.subscribe(
            await self._request(sent, context),
            context,
            refuse_introspection=_refusal_of_introspection(context.viewer),
            admit=lambda nodes: self._charge(context, nodes, []),
        )

    def json_of(self, payload: Mapping[str, Any], log: OperationLog) -> bytes:
        """An answer as it is sent, unless it is too large: then what was done stays done, and the client is told."""
        body = orjson.dumps(payload)
        if len(body) <= self._most_bytes:
            log.answered(payload)
            return body
        log.refused([ErrorCode.PAYLOAD_TOO_LARGE])
        message = (
            f"The answer has {len(body)} bytes; at most {self._most_bytes} are allowed. Ask for fewer fields or rows."
        )
        return orjson.dumps({"data": None} | error_payload(message, ErrorCode.PAYLOAD_TOO_LARGE))

    async def _request(self, sent: Sent, context: Context) -> Request:
        text, is_registered = await self._documents.find(sent, remember=context.actor.id is not None)
        return Request(text, sent.variables, sent.operation_name, is_registered)

    def _charge(self, context: Context, nodes: int, charges: list[Charge]) -> None:
        user = context.actor.id
        if user is not None:  # others can do nothing but sign in, which has bounds of its own
            charges.append(self._budget.charge(user, nodes))


def _refusal_of_introspection(viewer: Viewer) -> RequestError | None:
    """Only admins may ask what the schema is."""
    match viewer:
        case AdminViewer():
            return None
        case Anonymous(reason=reason):
            return Unauthenticated(reason) if reason else Unauthenticated("Sign in to read the schema.")
    return Forbidden("The schema is for admins.")
