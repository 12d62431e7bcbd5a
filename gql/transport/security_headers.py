"""What every answer carries, whatever it answers: for its receiver alone, framed by nobody, never guessed at."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]

_ALWAYS: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
# One year. Without includeSubDomains: what else is served beneath this name is not ours to promise.
_OVER_TLS: Header = (b"strict-transport-security", b"max-age=31536000")


def security_headers(*, over_tls: bool) -> tuple[Header, ...]:
    """The headers, names in lower case. `over_tls`: clients must never come by plain HTTP again."""
    return (*_ALWAYS, _OVER_TLS) if over_tls else _ALWAYS


class SecurityHeaders:
    """Adds to each answer of an application the headers that it has not set itself, as GraphiQL's page does."""

    def __init__(self, app: ASGIApp, headers: Iterable[Header]) -> None:
        self._app = app
        self._headers = tuple(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message["headers"]
                names = {name for name, _ in own}
                message["headers"] = [*own, *(header for header in self._headers if header[0] not in names)]
            await send(message)

        await self._app(scope, receive, send_with_headers)
