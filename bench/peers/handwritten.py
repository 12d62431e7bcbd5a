"""The peer `handwritten`: an endpoint for each question, with hand-written SQL and assembling, on asyncpg and orjson.

`python -m bench.peers.handwritten` serves it and believes the viewer's header. With `auth` as its argument it instead
verifies the access token and asks the database for session and roles, as our server does with each request.
"""

import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.peers.assembling import balances_of, customer_in_list, group_with_members, profile_of, viewer_of
from bench.peers.serving import pool_lifespan, sql, viewer_id
from bench.serving import bench_settings, serve
from gql.auth.tokens import AccessTokens
from gql.domain.ids import Kind, parse_id_of
from gql.domain.paging import Position, Sort, encode_cursor
from gql.domain.time import now, today

Answer = Callable[[Any, UUID, Mapping[str, Any]], Awaitable[Any]]
"""Answers the data of a question from a connection, the viewer's ID and the variables."""

_BY_NAME = Sort("name", str)


class Unauthorized(Exception):
    """The token's session has ended, or its admin may not read customers."""


async def customers(connection: Any, viewer: UUID, _variables: Mapping[str, Any]) -> Any:
    """A page of 50 customers."""
    rows = await connection.fetch(sql("customers"), viewer, 51)
    page = rows[:50]
    ids = [row["id"] for row in page]
    groups = by_customer(await connection.fetch(sql("groups_of"), ids))
    balances = by_customer(await connection.fetch(sql("balances"), ids, today()))
    cursors = [encode_cursor(_BY_NAME, Position(row["name"], row["id"])) for row in page]
    edges = [
        {"cursor": cursor, "node": customer_in_list(row, groups[row["id"]], balances[row["id"]])}
        for cursor, row in zip(cursors, page, strict=True)
    ]
    page_info = {"hasNextPage": len(rows) > 50, "endCursor": cursors[-1] if cursors else None}
    return {"customers": {"edges": edges, "pageInfo": page_info}}


def by_customer(rows: Sequence[Any]) -> defaultdict[UUID, list[Any]]:
    """Rows by their customer, in their order."""
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row["customer_id"]].append(row)
    return found


async def profile(connection: Any, viewer: UUID, variables: Mapping[str, Any]) -> Any:
    """One customer, with everything that the profile page shows."""
    key = parse_id_of(Kind.CUSTOMER, variables["id"])
    customer = await connection.fetchrow(sql("profile"), viewer, key)
    if customer is None:
        return {"customer": None}
    return {
        "customer": profile_of(
            customer,
            viewer,
            history=await connection.fetch(sql("history"), [key]),
            memberships=await connection.fetch(sql("memberships"), [key]),
            loans=await connection.fetch(sql("loans"), [key], today()),
            balances=balances_of(await connection.fetch(sql("balances"), [key], today()), with_arrears=False),
        )
    }


async def group(connection: Any, viewer: UUID, variables: Mapping[str, Any]) -> Any:
    """A group with its first 100 members."""
    key = parse_id_of(Kind.GROUP, variables["id"])
    found = await connection.fetchrow(sql("group"), key)
    if found is None:
        return {"group": None}
    return {"group": group_with_members(found, await connection.fetch(sql("members"), viewer, key, 101))}


async def viewer(connection: Any, who: UUID, _variables: Mapping[str, Any]) -> Any:
    """Whoever asks."""
    return {"viewer": viewer_of(await connection.fetch(sql("viewer"), who))}


def endpoint(answer: Answer, check: Callable[[Any, Request], Awaitable[UUID]]) -> Any:
    """A question as an HTTP endpoint: variables as the JSON body, the data of the answer as JSON."""

    async def respond(request: Request) -> Response:
        variables = orjson.loads(await request.body())
        async with request.app.state.pool.acquire() as connection:
            who = await check(connection, request)
            data = await answer(connection, who, variables)
        return Response(orjson.dumps({"data": data}), media_type="application/json")

    return respond


async def believe(_connection: Any, request: Request) -> UUID:
    """No authentication."""
    return viewer_id(request)


def session_check() -> Callable[[Any, Request], Awaitable[UUID]]:
    """Authentication as our server's: the token's signature, then session, admin and roles from the database."""
    settings = bench_settings()
    tokens = AccessTokens(settings.signing_key, timedelta(minutes=settings.access_token_minutes))

    async def check(connection: Any, request: Request) -> UUID:
        claims = tokens.verify(request.headers["authorization"].removeprefix("Bearer "))
        roles = await connection.fetch(sql("session"), claims.session_id, claims.subject_id, now())
        if not any("customer.read" in orjson.loads(role["permissions"]) for role in roles if role["key"]):
            raise Unauthorized
        return claims.subject_id

    return check


QUESTIONS: Mapping[str, Answer] = {"customers": customers, "profile": profile, "group": group, "viewer": viewer}


def make_app(name: str, *, with_auth: bool) -> Starlette:
    """The application; its connections bear the name."""
    check = session_check() if with_auth else believe
    routes = [Route(f"/{path}", endpoint(answer, check), methods=["POST"]) for path, answer in QUESTIONS.items()]
    return Starlette(routes=routes, lifespan=pool_lifespan(name))


if __name__ == "__main__":
    auth = sys.argv[1:] == ["auth"]
    serve(make_app("handwritten+auth" if auth else "handwritten", with_auth=auth))
