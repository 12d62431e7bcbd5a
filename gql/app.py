"""The Starlette application: nothing but wiring."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route, WebSocketRoute

from gql.auth.passwords import Passwords
from gql.auth.tokens import AccessTokens
from gql.context import Application
from gql.db.engine import Database
from gql.delivery.worker import make_dispatcher
from gql.errors import format_error
from gql.execution.limits import Limits
from gql.execution.pipeline import Pipeline
from gql.schema.assembly import build_schema
from gql.services.denials import Denials
from gql.services.group_upkeep import GroupUpkeep
from gql.services.invitations import Invitations
from gql.services.job_runner import JobRunner
from gql.services.own_contact import OwnContact
from gql.services.password_resets import PasswordResets
from gql.services.reads import ReadRecorder
from gql.services.scheduled_starts import ScheduledStarts
from gql.services.sealing import Sealer
from gql.services.sessions import Sessions
from gql.services.throttles import Throttles
from gql.services.upkeep import Upkeep
from gql.settings import Settings
from gql.transport.allowed_hosts import AllowedHosts, allowed_hosts
from gql.transport.document_transfer import PATH as DOCUMENTS
from gql.transport.document_transfer import document_transfer
from gql.transport.error_answers import http_error
from gql.transport.graphiql.page import graphiql_routes
from gql.transport.graphql_http import GraphQLEndpoint
from gql.transport.health import Health
from gql.transport.last_resort import LastResort
from gql.transport.member_exports import PATH as EXPORTS
from gql.transport.member_exports import member_exports
from gql.transport.member_files import PATH as MEMBER_FILES
from gql.transport.member_files import member_files
from gql.transport.operations import Operations
from gql.transport.protocol import ON_STOP
from gql.transport.security_headers import security_headers
from gql.transport.short_way import ShortWay
from gql.transport.streams import Streams
from gql.transport.websocket import GraphQLSockets
from gql.vault.links import Links
from gql.vault.sealing import Vault
from gql.vault.stores import store_of

_API: Final = "/graphql"


def create_app(settings: Settings) -> Starlette:
    """The server's application. Connections are opened with the first request and closed at the end of its lifespan."""
    database = Database(settings.database_url, pool_size=settings.database_pool_size)
    passwords = Passwords(settings.password_hash_concurrency)
    tokens = AccessTokens(settings.signing_key, timedelta(minutes=settings.access_token_minutes))
    reads, denials = ReadRecorder(database), Denials(database, settings.denials_per_minute)
    sessions = Sessions(database, passwords, tokens, settings)
    resets = PasswordResets(database, passwords, settings)
    invitations = Invitations(database, passwords, sessions, settings)
    own_contact = OwnContact(database, passwords, settings)
    vault = Vault(settings.data_key_ring)
    links = Links(settings.signing_key, timedelta(minutes=settings.document_link_minutes))
    store = store_of(settings.document_store, settings.var_dir / "documents")
    throttles = Throttles(database, settings.signing_key)
    application = Application(
        settings=settings,
        database=database,
        sessions=sessions,
        password_resets=resets,
        invitations=invitations,
        reads=reads,
        own_contact=own_contact,
        denials=denials,
        vault=vault,
        links=links,
        store=store,
        throttles=throttles,
    )
    pipeline = Pipeline(build_schema()._schema, _limits(settings), format_error)
    operations, streams = Operations(database, settings, pipeline), Streams(database)
    endpoint = GraphQLEndpoint(application, tokens, operations, streams)
    sockets = GraphQLSockets(application, tokens, operations, streams)
    health = Health(database)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        stop = asyncio.Event()
        working = [asyncio.create_task(part.run(stop)) for part in (reads, denials, streams)]
        if settings.outbox_in_server:
            working.append(asyncio.create_task(make_dispatcher(settings, database).run(stop)))
            working.append(asyncio.create_task(Upkeep(database, settings).run(stop)))
            working.append(asyncio.create_task(GroupUpkeep(database).run(stop)))
            working.append(asyncio.create_task(Sealer(database, settings).run(stop)))
            starts = ScheduledStarts(database, settings.assignment_scope)
            working.append(asyncio.create_task(starts.run(stop)))
            working.append(asyncio.create_task(JobRunner(database, settings).run(stop)))
        try:
            yield {ON_STOP: streams.end_all}
        finally:
            stop.set()
            await asyncio.gather(*working)
            passwords.close()
            await database.close()

    app = Starlette(
        routes=[
            Route(_API, endpoint),
            WebSocketRoute(_API, sockets),
            Route(DOCUMENTS, document_transfer(application)),
            Route(MEMBER_FILES, member_files(application)),
            Route(EXPORTS, member_exports(application)),
            Route("/livez", health.live),
            Route("/readyz", health.ready),
            *graphiql_routes(),
        ],
        middleware=[
            Middleware(LastResort, headers=security_headers(over_tls=settings.served_over_tls)),
            Middleware(AllowedHosts, hosts=allowed_hosts(settings.allowed_hosts, settings.host)),
            Middleware(ShortWay, path=_API, endpoint=endpoint),
        ],
        exception_handlers={HTTPException: http_error},
        lifespan=lifespan,
    )
    app.state.database = database
    app.state.reads, app.state.denials = reads, denials
    return app


def _limits(settings: Settings) -> Limits:
    return Limits(
        characters=settings.limit_characters,
        tokens=settings.limit_tokens,
        depth=settings.limit_depth,
        aliases=settings.limit_aliases,
        root_fields=settings.limit_root_fields,
        directives=settings.limit_directives,
        operations=settings.limit_operations,
        fields=settings.limit_fields,
        typenames=settings.limit_typenames,
        repeats=settings.limit_repeats,
        nodes=settings.limit_nodes,
        mutations=settings.limit_mutations,
        once=frozenset({"signIn"}),
    )
