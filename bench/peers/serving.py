"""What the peers in Python share: their database connections, statements, and the viewer that a request names."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
from starlette.applications import Starlette
from starlette.requests import Request

VIEWER_HEADER = "x-viewer"
"""Names the viewer, by the admin's ID. A peer believes it: that is all the authentication that it does."""

CONNECTIONS = 10
"""How many each peer has: as many as our server keeps by default."""

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


@cache
def sql(name: str) -> str:
    """A hand-written statement, which PostgreSQL gets without its comment."""
    text = (Path(__file__).parent / "sql" / f"{name}.sql").read_text()
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))


def pool_lifespan(application_name: str) -> Lifespan:
    """A Starlette lifespan with a pool of connections as `app.state.pool`.

    Plans are generic: left to itself, PostgreSQL plans statements with arrays anew each time, up to twice the work.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with asyncpg.create_pool(
            os.environ["DATABASE_URL"],
            min_size=CONNECTIONS,
            max_size=CONNECTIONS,
            max_inactive_connection_lifetime=0,
            reset=_keep,  # else each release costs a statement
            server_settings={"application_name": application_name, "plan_cache_mode": "force_generic_plan"},
        ) as pool:
            app.state.pool = pool
            yield

    return lifespan


async def _keep(_connection: Any) -> None:
    """Nothing: no request leaves anything behind in its connection."""


def viewer_id(request: Request) -> UUID:
    """Who asks."""
    return UUID(request.headers[VIEWER_HEADER])


def amount(minor: int) -> str:
    """Minor units in major ones. The bench's lender has currencies of two decimals only."""
    return f"{minor // 100}.{minor % 100:02d}"


def moment(value: datetime | None) -> Any:
    """As our server writes times."""
    return None if value is None else value.isoformat()
