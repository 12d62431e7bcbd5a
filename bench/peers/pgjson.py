"""The peer `pgjson`: PostgreSQL writes the JSON, and its text goes to the socket as it is. The physical limit.

`python -m bench.peers.pgjson` serves it. Nothing but the viewer's header says who asks.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.peers.facts import ACTIONS_BY_CASE
from bench.peers.serving import pool_lifespan, sql, viewer_id
from bench.serving import serve
from gql.domain.ids import Kind, parse_id_of
from gql.domain.time import today

_ACTIONS = orjson.dumps(ACTIONS_BY_CASE).decode()
_NAME = "pgjson"

Ask = Callable[[Any, UUID, Mapping[str, Any]], Awaitable[str]]
"""The whole answer from a connection, the viewer's ID and the variables."""


async def customers(connection: Any, viewer: UUID, _variables: Mapping[str, Any]) -> str:
    """A page of 50 customers."""
    return str(await connection.fetchval(sql("pgjson_customers"), viewer, today()))


async def profile(connection: Any, viewer: UUID, variables: Mapping[str, Any]) -> str:
    """One customer, with everything that the profile page shows."""
    key = parse_id_of(Kind.CUSTOMER, variables["id"])
    return str(await connection.fetchval(sql("pgjson_profile"), viewer, today(), key, _ACTIONS))


async def group(connection: Any, viewer: UUID, variables: Mapping[str, Any]) -> str:
    """A group with its first 100 members."""
    return str(await connection.fetchval(sql("pgjson_group"), viewer, parse_id_of(Kind.GROUP, variables["id"])))


async def viewer(connection: Any, who: UUID, _variables: Mapping[str, Any]) -> str:
    """Whoever asks."""
    return str(await connection.fetchval(sql("pgjson_viewer"), who))


def _endpoint(ask: Ask) -> Any:
    async def respond(request: Request) -> Response:
        variables = orjson.loads(await request.body())
        async with request.app.state.pool.acquire() as connection:
            return Response(await ask(connection, viewer_id(request), variables), media_type="application/json")

    return respond


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    async with pool_lifespan(_NAME)(app):
        async with app.state.pool.acquire() as connection:
            await connection.execute(sql("pgjson_functions"))
        yield


def make_app() -> Starlette:
    """The application. Its functions are in the database once it runs."""
    asks: Mapping[str, Ask] = {"customers": customers, "profile": profile, "group": group, "viewer": viewer}
    routes = [Route(f"/{path}", _endpoint(ask), methods=["POST"]) for path, ask in asks.items()]
    return Starlette(routes=routes, lifespan=_lifespan)


if __name__ == "__main__":
    serve(make_app())
