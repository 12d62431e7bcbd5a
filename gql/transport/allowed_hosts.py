"""Which names this server answers to.

A page of another name that was made to resolve to our address (DNS rebinding) gets nothing, and no link or cache can
be poisoned by a name that a client made up.
"""

from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from gql.transport.error_answers import error_answer

_ANY = "*"
PROBES = frozenset({"/livez", "/readyz"})
"""Load balancers ask these by address, and they tell nothing that depends on the name."""

_MISDIRECTED = "This server does not answer to this host name. Its operator lists those it does in ALLOWED_HOSTS."


def allowed_hosts(configured: str, listening_on: str) -> frozenset[str]:
    """The names: those of the setting, separated by commas, and the address listened on."""
    names = {name.strip().lower() for name in configured.split(",")} - {""}
    listening = f"[{listening_on}]" if ":" in listening_on else listening_on
    return frozenset({*names, listening.lower()})


class AllowedHosts:
    """Refuses what is for another host: 421, or 400 where the Host header is missing or there are several."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan" or _ANY in self._hosts or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        named = [value for name, value in scope["headers"] if name == b"host"]
        if len(named) == 1 and _without_port(named[0]) in self._hosts:
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # before it was accepted: a 403
            return
        status, message = (421, _MISDIRECTED) if len(named) == 1 else (400, "Send one Host header.")
        await error_answer(status, message)(scope, receive, send)


@lru_cache(maxsize=64)
def _without_port(sent: bytes) -> str:
    host = sent.decode("latin-1")
    name, colon, port = host.rpartition(":")
    return (name if colon and (port.isdecimal() or not port) else host).lower()
