"""The peer `strawberry`: as Strawberry's documentation has it, with its caches, data loaders and permission classes.

`python -m bench.peers.strawberry_app` serves it. Nothing but the viewer's header says who asks.
"""

import os
from functools import partial
from typing import Any

import strawberry
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.permission import BasePermission

from bench.peers.facts import permission_names
from bench.peers.serving import CONNECTIONS, viewer_id
from bench.peers.strawberry_loaders import Loaders, customer_seen, customers_seen, members_seen, scope_of
from bench.peers.strawberry_records import Admin, Info
from bench.peers.strawberry_types import Customer, CustomerConnection, CustomerEdge, Group
from bench.serving import serve
from gql.domain.ids import Kind, parse_id_of

_NAME = "strawberry"
_CACHED = 100


class IsSignedIn(BasePermission):
    message = "Sign in."

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        return info.context["scope"] is not None


@strawberry.type
class Viewer:
    permissions: list[str]
    admin: Admin


async def _customers(info: Info, first: int) -> CustomerConnection:
    rows = await customers_seen(info.context["sessions"], info.context["scope"], first + 1)
    edges = [CustomerEdge(node=Customer.of(row), place=(row.name, row.id), membership=None) for row in rows[:first]]
    return CustomerConnection.of(edges, more=len(rows) > first)


async def _customer(info: Info, id: strawberry.ID) -> Customer | None:
    key = parse_id_of(Kind.CUSTOMER, id)
    found = await customer_seen(info.context["sessions"], info.context["scope"], key)
    return None if found is None else Customer.of(found)


async def _group(info: Info, id: strawberry.ID) -> Group | None:
    return Group.of(await info.context["loaders"].groups.load(parse_id_of(Kind.GROUP, id)))


async def _viewer(info: Info) -> Viewer:
    loaders, key = info.context["loaders"], info.context["scope"].viewer
    roles = await loaders.roles.load(key)
    permissions = permission_names({name for role in roles for name in role.permissions})
    return Viewer(permissions=permissions, admin=Admin.of(await loaders.admins.load(key)))


@strawberry.type
class Query:
    """The questions."""

    customers: CustomerConnection = strawberry.field(resolver=_customers, permission_classes=[IsSignedIn])
    customer: Customer | None = strawberry.field(resolver=_customer, permission_classes=[IsSignedIn])
    group: Group | None = strawberry.field(resolver=_group, permission_classes=[IsSignedIn])
    viewer: Viewer | None = strawberry.field(resolver=_viewer, permission_classes=[IsSignedIn])


class _View(GraphQL[Any, Any]):
    def __init__(self) -> None:
        caches = [lambda: ParserCache(maxsize=_CACHED), lambda: ValidationCache(maxsize=_CACHED)]
        schema = strawberry.Schema(Query, extensions=caches)
        super().__init__(schema)
        engine = create_async_engine(
            os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=CONNECTIONS,
            max_overflow=0,
            connect_args={"server_settings": {"application_name": _NAME}},
        )
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    async def get_context(self, request: Any, response: Any) -> Any:
        """The viewer's scope and the loaders, for one request."""
        scope = await scope_of(self._sessions, viewer_id(request))
        return {
            "sessions": self._sessions,
            "scope": scope,
            "loaders": Loaders(self._sessions),
            "members_of": partial(members_seen, self._sessions, scope),
        }


def make_app() -> Starlette:
    """The application."""
    return Starlette(routes=[Route("/graphql", _View())])


if __name__ == "__main__":
    serve(make_app())
