"""A library of books: a schema that has nothing to do with lending, and a pipeline that runs it.

`Library().run("{ books { totalCount } }")` answers with the outcome; each error tells its message and stage.
"""

from collections.abc import Mapping
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig

from gql.execution.documents import Request, Stage
from gql.execution.limits import Limits
from gql.execution.pipeline import Outcome, Pipeline

MANY = 10**6
_EACH: dict[str, Any] = {name: MANY for name in Limits.__slots__ if name != "once"}
UNLIMITED = Limits(**_EACH)
"""A test tightens the limit that it is about."""


class Isbn:
    """A scalar that notes how often literals of it were read: when a document is validated, and when it runs."""

    reads = 0

    @classmethod
    def read(cls, value: Any) -> str:
        """Read one."""
        cls.reads += 1
        return str(value)


@strawberry.interface
class Item:
    """Whatever stands on a shelf."""

    id: strawberry.ID


@strawberry.type
class Author:
    """Authors write books, and books have authors: a cycle to nest queries in."""

    name: str = "Achebe"

    @strawberry.field
    def books(self, first: int | None = None, last: int | None = None) -> "BookConnection":
        """A connection."""
        return BookConnection(edges=[])


@strawberry.type
class Book(Item):
    """A book."""

    title: str = "Things Fall Apart"

    @strawberry.field
    def author(self) -> Author:
        """To-one."""
        return Author()

    @strawberry.field
    def fails(self) -> str:
        """Never answers."""
        raise RuntimeError(f"the shelf of book {self.id} has fallen over")


@strawberry.type
class Disc(Item):
    """The other kind of item."""

    minutes: int = 45


@strawberry.type
class BookEdge:
    """A book in a list."""

    node: Book


@strawberry.type
class BookConnection:
    """A page of books."""

    edges: list[BookEdge]
    total_count: int = 0


@strawberry.input
class Filter:
    """An input that nests without end."""

    title: str | None = None
    any_of: list["Filter"] | None = None
    isbn: Isbn | None = None


def _books(first: int | None = None, last: int | None = None) -> BookConnection:
    return BookConnection(edges=[])


@strawberry.type
class Query:
    """What the library answers."""

    books: BookConnection = strawberry.field(resolver=_books)

    @strawberry.field
    def book(self, id: strawberry.ID) -> Book | None:
        """A book."""
        return Book(id=id)

    @strawberry.field
    def items(self, ids: list[strawberry.ID]) -> list[Item | None]:
        """A book for each ID, a disc for those that begin with d."""
        return [Disc(id=key) if key.startswith("d") else Book(id=key) for key in ids]

    @strawberry.field
    def find(self, filter: Filter) -> int:
        """Finds nothing."""
        return 0


@strawberry.type
class Mutation:
    """What the library does."""

    @strawberry.mutation
    def lend(self, id: strawberry.ID) -> Book:
        """Lend a book."""
        return Book(id=id)

    @strawberry.mutation
    def join(self) -> bool:
        """Become a reader."""
        return True


SCHEMA = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[Book, Disc],
    config=StrawberryConfig(scalar_map={Isbn: strawberry.scalar(name="Isbn", parse_value=Isbn.read)}),
)._schema


def _format(error: GraphQLError, stage: Stage) -> dict[str, Any]:
    return {"message": error.message, "path": error.path, "stage": stage}


class Library:
    """A pipeline over the library's schema."""

    def __init__(self, limits: Limits = UNLIMITED, **options: Any) -> None:
        self.pipeline = Pipeline(SCHEMA, limits, _format, **options)

    async def run(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        operation: str | None = None,
        refuse_introspection: Exception | None = None,
    ) -> Outcome:
        """The outcome of one request."""
        request = Request(query, variables or {}, operation)
        return await self.pipeline.run(request, None, refuse_introspection=refuse_introspection)

    async def data(self, query: str, variables: Mapping[str, Any] | None = None, **options: Any) -> Any:
        """The data of a request that must succeed."""
        outcome = await self.run(query, variables, **options)
        assert "errors" not in outcome.payload, outcome.payload["errors"]
        return outcome.payload["data"]

    async def refusal(
        self, query: str, variables: Mapping[str, Any] | None = None, **options: Any
    ) -> tuple[Stage, str]:
        """The stage at which a request was refused, and the first message. Nothing was executed then."""
        outcome = await self.run(query, variables, **options)
        assert not outcome.executed
        assert "data" not in outcome.payload
        first = outcome.payload["errors"][0]
        return first["stage"], first["message"]
