"""The subjects: our server and its peers, how each is started and asked, and how its answers become comparable."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from bench.measure import body_of
from bench.operations import Name, Operation
from bench.own_server import OWN_SERVER
from bench.peers import postgraphile

NODE = Path(__file__).parent / "node"
"""Where the peers in JavaScript are, with their packages."""


class SubjectName(StrEnum):
    """The subjects, by the names that the command line takes."""

    OURS = "ours"
    WITHOUT_PLANS = "ours-without-plans"
    HANDWRITTEN = "handwritten"
    HANDWRITTEN_AUTH = "handwritten+auth"
    PGJSON = "pgjson"
    STRAWBERRY = "strawberry"
    MERCURIUS = "mercurius"
    POSTGRAPHILE = "postgraphile"


Request = Callable[[Operation], tuple[str, bytes]]
"""A question as the path and the JSON body of a POST."""

Normal = Callable[[Operation, Any], Any]
"""The data of an answer in the shape of our server's."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A server to measure. Its connections to the database bear `application_name`."""

    name: SubjectName
    what: str
    command: Sequence[str]
    request: Request
    application_name: str
    normal: Normal = lambda _operation, data: data

    @property
    def needs_node(self) -> bool:
        """Whether it is one of those in JavaScript."""
        return self.command[0] == "node"


def _graphql(operation: Operation) -> tuple[str, bytes]:
    return "/graphql", body_of(operation.document, operation.variables)


def _endpoint(operation: Operation) -> tuple[str, bytes]:
    return f"/{operation.name}", orjson.dumps(operation.variables)


def _python(module: str, *arguments: str) -> Sequence[str]:
    return (sys.executable, "-m", f"bench.peers.{module}", *arguments)


SUBJECTS: Sequence[Subject] = (
    Subject(
        SubjectName.OURS,
        "the real server: sign-in check, row scope, withholding, limits",
        OWN_SERVER,
        _graphql,
        "lenddesk",
    ),
    Subject(
        SubjectName.WITHOUT_PLANS,
        "the same without compiled plans: graphql-core, with the executor that reads plain leaves directly",
        _python("without_plans"),
        _graphql,
        "lenddesk",
    ),
    Subject(
        SubjectName.HANDWRITTEN,
        "an endpoint for each question: Starlette, asyncpg, orjson, hand-written SQL and assembling; no sign-in check",
        _python("handwritten"),
        _endpoint,
        "handwritten",
    ),
    Subject(
        SubjectName.HANDWRITTEN_AUTH,
        "the same, with the token's signature verified and session and roles asked from the database each time",
        _python("handwritten", "auth"),
        _endpoint,
        "handwritten+auth",
    ),
    Subject(
        SubjectName.PGJSON,
        "PostgreSQL writes the JSON, one statement a question, and its text goes to the socket; no sign-in check",
        _python("pgjson"),
        _endpoint,
        "pgjson",
    ),
    Subject(
        SubjectName.STRAWBERRY,
        "Strawberry as documented: ORM entities, data loaders, permission classes, both caches; no sign-in check",
        _python("strawberry_app"),
        _graphql,
        "strawberry",
    ),
    Subject(
        SubjectName.MERCURIUS,
        "Mercurius with graphql-jit (jit: 1), hand-written resolvers and loaders over pg; no sign-in check",
        ("node", str(NODE / "mercurius.js")),
        _graphql,
        "mercurius",
    ),
    Subject(
        SubjectName.POSTGRAPHILE,
        "PostGraphile 5 with row-level security for the row scope; documents of its own schema; no sign-in check",
        ("node", str(NODE / "postgraphile.js")),
        postgraphile.request,
        "postgraphile",
        postgraphile.normal,
    ),
)

QUESTIONS = (Name.CUSTOMERS, Name.PROFILE, Name.GROUP, Name.VIEWER)
"""What all subjects answer."""
