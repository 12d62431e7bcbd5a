"""SQL that is compiled, and documents that are validated, once in a process of tests, not once for each test.

An engine keeps what it compiles to itself, and each test has engines of its own; the same few hundred statements would
take a fifth of all tests' CPU time. They depend on the kind of database and nothing else. An application remembers
which documents are valid, and each test has an application of its own; the schema is the same for all.
"""

from functools import wraps
from typing import Any
from unittest.mock import patch
from weakref import WeakKeyDictionary

from graphql import DocumentNode, GraphQLError, GraphQLSchema
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import LRUCache

from gql.db import engine, postgres_reads
from gql.execution import documents, validation
from gql.execution.limits import Structure

_STATEMENTS = 2_000


def compile_once() -> None:
    """Have all engines of this process that `gql.db.engine` makes share what they compile, for good."""
    for dialect in (PGDialect_asyncpg, SQLiteDialect_aiosqlite):
        # A dialect is part of the keys of SQLAlchemy's caches, those of its mappers included.
        patch.object(dialect, "__eq__", lambda self, other: type(self) is type(other)).start()
        patch.object(dialect, "__hash__", lambda self: hash(type(self))).start()
    _share_caches_of_engines()
    _share_prepared_reads()
    _share_what_is_valid()


def _share_caches_of_engines() -> None:
    compiled = LRUCache[Any, Any](_STATEMENTS)

    @wraps(create_async_engine)
    def create_sharing(*arguments: Any, **options: Any) -> AsyncEngine:
        made = create_async_engine(*arguments, **options)
        made.update_execution_options(compiled_cache=compiled)
        return made

    patch.object(engine, "create_async_engine", create_sharing).start()


def _share_prepared_reads() -> None:
    init, prepared = postgres_reads.PostgresReads.__init__, WeakKeyDictionary[Any, Any]()

    def init_sharing(self: postgres_reads.PostgresReads, *arguments: Any) -> None:
        init(self, *arguments)
        self._prepared = prepared

    patch.object(postgres_reads.PostgresReads, "__init__", init_sharing).start()


def _share_what_is_valid() -> None:
    errors_of, valid = validation.errors_of, set[str]()

    def errors_of_new(
        schema: GraphQLSchema, text: str, document: DocumentNode, structure: Structure, *, hide_suggestions: bool
    ) -> list[GraphQLError]:
        from gql.schema.assembly import build_schema  # which takes long, and has been imported where it matters

        is_ours = schema is build_schema()._schema
        if is_ours and text in valid:
            return []
        errors = errors_of(schema, text, document, structure, hide_suggestions=hide_suggestions)
        if is_ours and not errors:
            valid.add(text)
        return errors

    patch.object(documents, "errors_of", errors_of_new).start()
