"""Asking the subjects: each started in a process of its own, each question as a request that can be sent as a load."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from bench import BenchFailed
from bench.load import Target, make_request
from bench.measure import WHO, Console
from bench.operations import Name, Operation, find_operations
from bench.own_server import Running, running
from bench.peers.equality import first_difference
from bench.peers.facts import ACTIONS_BY_CASE
from bench.peers.postgres import DatabaseServer, folder_of_peers
from bench.peers.serving import CONNECTIONS, VIEWER_HEADER
from bench.peers.subjects import QUESTIONS, Subject, SubjectName
from gql.domain.ids import Kind, parse_id_of


@dataclass(frozen=True, slots=True)
class Asked:
    """A running subject, and who asks it."""

    subject: Subject
    server: Running
    token: str
    viewer: str

    @property
    def headers(self) -> Mapping[str, str]:
        """Those beside the access token."""
        return {VIEWER_HEADER: self.viewer}

    def answer(self, operation: Operation) -> bytes:
        """The body of the answer, which must be a 200 without errors."""
        path, body = self.subject.request(operation)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}", **self.headers}
        try:
            response = httpx.post(self.server.url + path, content=body, headers=headers, timeout=60)
        except httpx.HTTPError as error:
            raise BenchFailed(f"{self.subject.name} can't be reached: {error}") from error
        answer = orjson.loads(response.content) if response.status_code == 200 else {}
        if "data" not in answer or "errors" in answer:
            raise BenchFailed(f"{self.subject.name} answered {response.status_code}: {response.text[:1000]}")
        return response.content

    def data(self, operation: Operation) -> Any:
        """The data of the answer, in the shape of our server's."""
        return self.subject.normal(operation, orjson.loads(self.answer(operation))["data"])

    def target(self, operation: Operation) -> Target:
        """The question as a load."""
        path, body = self.subject.request(operation)
        url = self.server.url + path
        return Target(url, make_request(url, self.token, body, self.headers), len(self.answer(operation)))


@dataclass(frozen=True, slots=True)
class Panel:
    """All subjects, running, and what to ask them. The first subject is our server."""

    asked: Sequence[Asked]
    operations: Sequence[Operation]


@contextmanager
def panel(database: DatabaseServer, subjects: Sequence[Subject], names: Sequence[Name] = QUESTIONS) -> Iterator[Panel]:
    """The subjects, running on that database while the block does, with our server as the first of them."""
    environment = environment_for(database)
    with ExitStack() as stack:
        servers = [(one, stack.enter_context(running(one.command, environment))) for one in subjects]
        ours = next(server for subject, server in servers if subject.name is SubjectName.OURS)
        console = stack.enter_context(Console(ours.url, WHO))
        found = console.ask("{ viewer { admin { id } } }", {})["viewer"]["admin"]["id"]
        viewer = str(parse_id_of(Kind.ADMIN, found))
        operations = [operation for operation in find_operations(console.ask) if operation.name in names]
        yield Panel([Asked(subject, server, console.token, viewer) for subject, server in servers], operations)


def environment_for(database: DatabaseServer) -> Mapping[str, str]:
    """What the subjects' processes are told."""
    return os.environ | {
        "DATABASE_URL": database.url,
        "DATABASE_POOL_SIZE": str(CONNECTIONS),
        "VAR_DIR": str(folder_of_peers()),
        "PEERS_ACTIONS": orjson.dumps(ACTIONS_BY_CASE).decode(),
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
    }


def check_equality(asked: Panel) -> None:
    """Raises BenchFailed with the first difference, where a subject doesn't say what our server says."""
    ours, *others = asked.asked
    for operation in asked.operations:
        expected = ours.data(operation)
        for other in others:
            difference = first_difference(expected, other.data(operation))
            if difference is not None:
                raise BenchFailed(
                    f"{other.subject.name} answers {operation.name} differently. First difference:\n{difference}"
                )
