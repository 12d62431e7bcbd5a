"""A small server for the GraphiQL page: the real page and files, and a scripted API behind POST /graphql."""

import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import uvicorn
from graphql import build_schema, graphql_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gql.transport.graphiql.page import graphiql_page, graphiql_routes, wants_page

PASSWORD = "correct horse battery"
SCHEMA = build_schema(
    """
    type Query {
      "Whoever makes the request."
      viewer: Viewer
    }
    type Mutation {
      signIn(input: SignInInput!): TokenPayload!
      refreshSession(input: RefreshSessionInput!): TokenPayload!
      signOut: SignOutPayload!
    }
    enum Audience { ADMIN CUSTOMER }
    input SignInInput { email: String! password: String! audience: Audience = ADMIN }
    input RefreshSessionInput { refreshToken: String! }
    type TokenPayload {
      accessToken: String
      refreshToken: String
      expiresAt: String
      viewer: Viewer
      userErrors: [UserError!]!
    }
    type SignOutPayload { userErrors: [UserError!]! }
    type UserError { code: String! message: String! }
    type Viewer { admin: Admin customer: Customer permissions: [String!]! }
    type Admin { name: String! email: String! }
    type Customer { displayName: String! }
    """
)
ANONYMOUS = {"errors": [{"message": "Sign in first.", "extensions": {"code": "UNAUTHENTICATED"}}]}


@dataclass
class ScriptedApi:
    """Answers sign-in, renewal, sign-out and `viewer`; refuses everything else to whoever has no valid token."""

    lifetime: timedelta = timedelta(minutes=10)
    valid: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The viewer of each access token that is accepted."""
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The viewer of each refresh token that is accepted; each works once."""
    operations: list[str] = field(default_factory=list)
    """The name of each operation received."""
    issued: int = 0

    def expire_access(self) -> None:
        """No access token is accepted any more; sessions live on."""
        self.valid.clear()

    def end_sessions(self) -> None:
        """As when an admin is deactivated."""
        self.valid.clear()
        self.sessions.clear()

    async def get(self, request: Request) -> Response:
        """The page for a browser."""
        return await graphiql_page(request) if wants_page(request) else Response(status_code=405)

    async def post(self, request: Request) -> Response:
        """One operation."""
        body = await request.json()
        query, name = body["query"], body.get("operationName") or ""
        viewer = self.valid.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        self.operations.append(name or query.split("(")[0].split("{")[0].strip())
        open_to_all = "signIn(" in query or "refreshSession(" in query
        if viewer is None and not open_to_all:
            return JSONResponse(ANONYMOUS)
        answer = graphql_sync(
            SCHEMA, query, self._root(viewer), variable_values=body.get("variables"), operation_name=name or None
        )
        return JSONResponse(answer.formatted)

    def _root(self, viewer: dict[str, Any] | None) -> dict[str, Any]:
        return {
            "viewer": viewer,
            "signIn": lambda _info, **arguments: self._sign_in(**arguments["input"]),
            "refreshSession": lambda _info, **arguments: self._refresh(**arguments["input"]),
            "signOut": lambda _info: self._sign_out(),
        }

    def _sign_in(self, email: str, password: str, audience: str) -> dict[str, Any]:
        if password != PASSWORD:
            return self._tokens(None)
        if audience == "ADMIN":
            return self._tokens({"admin": {"name": "Adaeze Okafor", "email": email}, "permissions": ["customer.read"]})
        return self._tokens({"customer": {"displayName": "Tunde Bello"}, "permissions": []})

    def _tokens(self, viewer: dict[str, Any] | None) -> dict[str, Any]:
        if viewer is None:
            return {"userErrors": [{"code": "INVALID_CREDENTIALS", "message": "The email or the password is wrong."}]}
        self.issued += 1
        access, refresh = f"access-{self.issued}", f"refresh-{self.issued}"
        self.valid[access] = self.sessions[refresh] = viewer
        expires = (datetime.now(UTC) + self.lifetime).isoformat()
        return {
            "accessToken": access,
            "refreshToken": refresh,
            "expiresAt": expires,
            "viewer": viewer,
            "userErrors": [],
        }

    def _refresh(self, refreshToken: str) -> dict[str, Any]:  # noqa: N803  (the name of the input's field)
        return self._tokens(self.sessions.pop(refreshToken, None))

    def _sign_out(self) -> dict[str, Any]:
        self.end_sessions()
        return {"userErrors": []}


def scripted_app(api: ScriptedApi) -> Starlette:
    """The page, its files and the scripted API."""
    return Starlette(
        routes=[
            Route("/graphql", api.get, methods=["GET"]),
            Route("/graphql", api.post, methods=["POST"]),
            *graphiql_routes(),
        ]
    )


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """The app on a free port of 127.0.0.1; yields its address. Stopped, and waited for, at the end."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@asynccontextmanager
async def http_client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client that calls the app without a socket."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lender.test") as client:
        yield client
