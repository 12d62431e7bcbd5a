"""A lender full of canaries behind a real server, and all that the server logs at its most talkative."""

import asyncio
import io
import select
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.api.client import KEY
from tests.databases import DatabaseKind, fresh_database
from tests.leaks.lender import TOKEN_MINUTES, Lender, build
from tests.patience import PATIENCE
from tests.transport.listening import Listening, listening
from tests.vaults import DATA_KEY

WITHOUT_LIMITS: dict[str, Any] = {
    f"limit_{name}": 10**9
    for name in ("characters", "tokens", "depth", "aliases", "root_fields", "fields", "typenames", "repeats", "nodes")
} | {"points_per_minute": 0, "lookups_per_minute": 10**9, "reveals_per_minute": 10**9, "max_response_bytes": 10**8}
"""Documents that ask for everything are larger than any that a client may send."""
SETTINGS = WITHOUT_LIMITS | {"access_token_minutes": TOKEN_MINUTES}


@dataclass
class Watched:
    """A server, what it has logged, and whose lender it serves."""

    lender: Lender
    server: Listening
    http: httpx.Client
    log: io.StringIO
    folder: Path
    _idle: list[HTTPConnection] = field(default_factory=list)

    def post(self, viewer: str, query: str | None, variables: Any = None, **more: Any) -> httpx.Response:
        """A request by the viewer; `accept`, `headers` and `extensions` may be given."""
        headers = self.lender.headers(viewer) | more.pop("headers", {})
        headers |= {"Accept": more.pop("accept", "application/json")}
        body = {"query": query, "variables": variables or {}, **more}
        return self._sent(orjson.dumps(body), headers | {"Content-Type": "application/json"})

    def _sent(self, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """By http.client: httpx would take a quarter of the CPU time of all that is asked here."""
        connection = self._idle.pop() if self._idle else HTTPConnection(self.server.host, self.server.port, PATIENCE)
        if connection.sock is not None and select.select([connection.sock], [], [], 0)[0]:
            connection.close()  # as the server did: it then connects anew
        connection.request("POST", "/graphql", body, dict(headers))
        answer = connection.getresponse()
        content, more = answer.read(), {"reason_phrase": answer.reason.encode()}
        self._idle.append(connection)
        return httpx.Response(answer.status, headers=answer.getheaders(), content=content, extensions=more)

    def close(self) -> None:
        """End the connections."""
        for connection in self._idle:
            connection.close()

    def found(self, *responses: httpx.Response) -> set[str]:
        """The canaries in all that came back."""
        pieces = [piece for r in responses for piece in (r.content, str(r.headers.raw), r.reason_phrase)]
        return self.lender.canaries.found_in(*pieces)

    @property
    def logged(self) -> set[str]:
        """The canaries in the log."""
        return self.lender.canaries.found_in(self.log.getvalue())


@contextmanager
def watching(kind: DatabaseKind, folder: Path, **settings: Any) -> Iterator[Watched]:
    """A lender of one's own."""
    log = io.StringIO()
    with fresh_database(kind) as url:
        lender = asyncio.run(build(url))
        with (
            listening(url, folder, log=log, secret_key=KEY, data_keys=DATA_KEY, **(SETTINGS | settings)) as server,
            httpx.Client(base_url=server.url, timeout=PATIENCE) as http,
        ):
            watched = Watched(lender, server, http, log, folder)
            yield watched
            watched.close()


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The module's, whose tests only read. What leaks by one database leaks by the other: one will do."""
    with watching("sqlite", tmp_path_factory.mktemp("watched")) as one:
        yield one


@pytest.fixture
def watch(tmp_path: Path) -> Callable[..., AbstractContextManager[Watched]]:
    """For a lender of the test's own, with settings."""
    return lambda **settings: watching("sqlite", tmp_path, **settings)
