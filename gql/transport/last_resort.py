"""The outermost layer: whatever happens inside, there is an answer, it carries the headers, and it tells no secret."""

import asyncio
from collections.abc import Awaitable, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gql.domain.errors import ErrorCode, Unavailable
from gql.errors import log_internal
from gql.transport.error_answers import error_answer
from gql.transport.security_headers import Header, completed


class LastResort:
    """Answers for an application that failed before it began its answer; one that failed later is cut off."""

    def __init__(self, app: ASGIApp, headers: Sequence[Header]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        def send_completed(message: Message) -> Awaitable[None]:
            nonlocal begun
            if not begun:
                begun = True
                message["headers"] = completed(message["headers"], self._headers)
            return send(message)

        try:
            await self._app(scope, receive, send_completed)
        except asyncio.CancelledError:
            # The server stops and won't wait any longer. This is the outermost frame of its task, which ends here.
            if begun:
                raise
            stopping = Unavailable()
            answer = error_answer(503, stopping.message, stopping.code, {"Retry-After": "1", "Connection": "close"})
            await answer(scope, receive, send_completed)
        except Exception as error:
            error_id = log_internal(error)
            if begun:
                raise AnswerCutOff(error_id) from None
            message = f"Something went wrong on our side. Report the error ID {error_id}."
            await error_answer(500, message, ErrorCode.INTERNAL_SERVER_ERROR)(scope, receive, send_completed)


class AnswerCutOff(Exception):
    """An answer failed midway, and its connection must not go on. Holds the error ID that is in the log."""
