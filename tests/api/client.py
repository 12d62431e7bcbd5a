"""A client of the API: posts GraphQL over HTTP to the application, as whoever the test wants to be."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from gql.app import create_app
from gql.auth.tokens import AccessTokens
from gql.db.engine import Database
from gql.db.models import Admin, Customer, Session
from gql.domain.enums import SubjectKind
from gql.domain.ids import Kind, new_id, to_global_id
from gql.domain.time import now
from gql.settings import Settings
from tests.vaults import DATA_KEY

KEY = "a signing key of the tests, long enough"
_SERVER = "http://lenddesk.test"
_ENDPOINT = f"{_SERVER}/graphql"


@dataclass
class Client:
    """One viewer's client."""

    http: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)

    async def post(self, query: str, variables: Mapping[str, Any] | None = None, **headers: str) -> httpx.Response:
        """The raw HTTP response."""
        body = {"query": query, "variables": dict(variables or {})}
        return await self.http.post(_ENDPOINT, json=body, headers=self.headers | headers)

    async def answer(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The whole GraphQL answer: data and errors."""
        response = await self.post(query, variables)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def data(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The data of an operation that must have no errors."""
        answer = await self.answer(query, variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def codes(self, query: str, variables: Mapping[str, Any] | None = None) -> list[str]:
        """The codes of the top-level errors."""
        answer = await self.answer(query, variables)
        return [error["extensions"]["code"] for error in answer.get("errors", [])]


@dataclass
class Api:
    """The application of one test."""

    app: Starlette
    http: httpx.AsyncClient
    settings: Settings

    @property
    def database(self) -> Database:
        """The application's own database object, to count its statements."""
        database: Database = self.app.state.database
        return database

    @property
    def anonymous(self) -> Client:
        """Nobody's client."""
        return Client(self.http)

    async def sign_in(self, who: Admin | Customer) -> Client:
        """A client with a session of that admin or customer."""
        is_admin = isinstance(who, Admin)
        session = Session(
            id=new_id(),
            admin_id=who.id if is_admin else None,
            customer_id=None if is_admin else who.id,
            created_at=now(),
            expires_at=now() + timedelta(hours=1),
        )
        async with self.database.begin() as transaction:
            transaction.add(session)
        kind = SubjectKind.ADMIN if is_admin else SubjectKind.CUSTOMER
        token = AccessTokens(KEY, timedelta(minutes=10)).issue(kind, who.id, session.id)
        return Client(self.http, {"Authorization": f"Bearer {token.text}"})


@asynccontextmanager
async def open_api(database_url: str, var_dir: Path, **settings: Any) -> AsyncIterator[Api]:
    """The application on a database, without a dispatcher unless the settings say so."""
    made = Settings.model_validate(
        {
            "database_url": database_url,
            "secret_key": KEY,
            "data_keys": DATA_KEY,
            "var_dir": var_dir,
            "outbox_in_server": False,
            "allowed_hosts": "lenddesk.test",
            "points_per_minute": 0,
        }
        | settings
    )
    app = create_app(made)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=_SERVER) as http,
    ):
        yield Api(app, http, made)


def gid(record: Any) -> str:
    """The global ID of a model object."""
    [kind] = (kind for kind in Kind if kind.type_name == type(record).__name__)
    return to_global_id(kind, record.id)
