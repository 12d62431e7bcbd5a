"""A demo lender behind a real server process, one for each database, and clients of it."""

import asyncio
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest

from gql.db.engine import Database
from gql.demo import PASSWORD, SMALLEST, seed
from tests.command import COMMAND, environment
from tests.databases import DatabaseKind, fresh_database
from tests.delivery.mailserver import parse
from tests.patience import PATIENCE

SIGN_IN = """
    mutation SignIn($email: String!, $password: String!, $audience: Audience) {
      signIn(input: { email: $email, password: $password, audience: $audience }) { accessToken userErrors { code } }
    }
"""


class NotInTime(AssertionError):
    """Something that should have happened by itself did not."""


def wait_until(holds: Any, what: str, seconds: float = PATIENCE) -> Any:
    """Ask until the answer is true, and return it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = holds()
        if found:
            return found
        time.sleep(0.05)
    raise NotInTime(f"{what} within {seconds} seconds")


@dataclass
class App:
    """A single-page application: posts JSON, with the token that it got when somebody signed in."""

    http: httpx.Client
    token: str | None = None

    def post(self, query: str, variables: Mapping[str, Any] | None = None) -> httpx.Response:
        """The raw response."""
        headers = {"Accept": "application/graphql-response+json, application/json;q=0.9"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        return self.http.post("/graphql", json={"query": query, "variables": variables or {}}, headers=headers)

    def data(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The data of an operation that must go well."""
        response = self.post(query, variables)
        answer = response.json()
        assert (response.status_code, answer.get("errors")) == (200, None), answer
        return answer["data"]


@dataclass
class Server:
    """A `lenddesk serve` process on a port of its own."""

    process: subprocess.Popen[bytes]
    url: str
    folder: Path
    database_url: str
    http: httpx.Client

    def anonymous(self) -> App:
        """Nobody's application."""
        return App(self.http)

    def sign_in(self, email: str, audience: str = "ADMIN", password: str = PASSWORD) -> App:
        """Somebody's application."""
        app = self.anonymous()
        payload = app.data(SIGN_IN, {"email": email, "password": password, "audience": audience})["signIn"]
        assert payload["userErrors"] == []
        app.token = payload["accessToken"]
        return app

    @property
    def log(self) -> str:
        """What the process has logged."""
        return (self.folder / "server.log").read_text()

    def mails(self) -> list[EmailMessage]:
        """The mails under VAR_DIR/mail, oldest first."""
        return [parse(file.read_bytes()) for file in sorted((self.folder / "mail").glob("*.eml"))]

    def close(self) -> None:
        """Close the connections, and end the process where it still runs."""
        self.http.close()
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(
    database_url: str, folder: Path, *, host: str = "127.0.0.1", options: Sequence[str] = (), **settings: str
) -> Iterator[Server]:
    """A server that has begun to answer; killed at the end, unless it has ended by then."""
    port = free_port(host)
    variables = environment(database_url, folder, HOST=host, PORT=str(port), **settings)
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen([COMMAND, "serve", *options], cwd=folder, env=variables, stdout=log, stderr=log)
    url = f"http://{host}:{port}"
    server = Server(process, url, folder, database_url, httpx.Client(base_url=url, timeout=PATIENCE))
    try:
        wait_until(lambda: process.poll() is not None or takes_connections(host, port), "the server answers")
        assert process.poll() is None, server.log
        yield server
    finally:
        server.close()


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port


def takes_connections(host: str, port: int) -> bool:
    """Whether a server listens there: ours does once it can answer."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def demo(database_kind: DatabaseKind, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The smallest demo lender, served. To start a process takes seconds, so that all tests have one."""
    folder = tmp_path_factory.mktemp("demo")
    with fresh_database(database_kind) as url:
        asyncio.run(_seed(url))
        with serving(url, folder) as server:
            yield server


async def _seed(database_url: str) -> None:
    database = Database(database_url)
    try:
        await seed(database, customers=SMALLEST)
    finally:
        await database.close()
