"""A field that doesn't say who may read it is found, and named, however it came into the schema."""

from typing import Any

import pytest
import strawberry

from gql.permissions import Anyone
from gql.schema.access import open_to, undeclared
from gql.schema.fields import column, computed, loaded
from gql.schema.roots import root


@open_to("whoever asks", "title")
@strawberry.type
class Book:
    """Declares all of its fields, one as open, one as guarded."""

    title: str = column("What it is called.")
    margin: str | None = column("What is written beside it.", guard=lambda row, context: False)


@strawberry.type
class WithBareAnnotation(Book):
    """As strawberry has it."""

    price: int


@strawberry.type
class WithPlainField(Book):
    """The same, with a description."""

    price: int = strawberry.field(description="What it costs.")


@strawberry.type
class WithResolver(Book):
    """The same, with a resolver."""

    @strawberry.field
    def price(self) -> int:
        """What it costs."""
        return 1


@open_to("whoever asks", "title")
@strawberry.type
class WithColumn(Book):
    """One of our ways to declare it, with neither guard nor openness."""

    price: int = column("What it costs.")


@open_to("whoever asks", "title")
@strawberry.type
class WithComputed(Book):
    """Another."""

    price: int = computed(lambda row: 1, description="What it costs.")


@open_to("whoever asks", "title")
@strawberry.type
class WithLoaded(Book):
    """And another."""

    price: int = loaded("price", lambda row: row.id, description="What it costs.")


@strawberry.type
class BookPayload:
    """Carries a book, by a bare annotation."""

    price: int


@open_to("whoever asks", "title cover")
@strawberry.type
class WithoutCover(Book):
    """Declares what it hasn't."""


def problems(kind: Any) -> list[str]:
    """What is found in a schema that has a root field of this type."""

    @strawberry.type
    class Query:
        @root(kind | None, needs=Anyone(), description="Something to read.")
        async def found(self) -> Any:
            """Never called."""

    return undeclared(strawberry.Schema(query=Query)._schema)


def test_what_is_declared_is_in_order() -> None:
    assert problems(Book) == []


@pytest.mark.parametrize("kind", [WithBareAnnotation, WithPlainField, WithResolver, BookPayload])
def test_a_field_of_strawberrys_own_making_is_named(kind: Any) -> None:
    assert f"{kind.__name__}.price is not declared in one of the ways of gql/schema/fields.py." in problems(kind)


@pytest.mark.parametrize("kind", [WithColumn, WithComputed, WithLoaded])
def test_a_field_with_neither_guard_nor_openness_is_named(kind: Any) -> None:
    expected = f"{kind.__name__}.price has no policy: give it a guard, or name it in the type's `open_to`."
    assert problems(kind) == [expected]


def test_openness_is_not_inherited() -> None:
    """A type that is like another may show more."""
    assert any("WithBareAnnotation.title has no policy" in problem for problem in problems(WithBareAnnotation))


def test_a_declaration_of_what_there_is_not_is_named() -> None:
    assert problems(WithoutCover) == ["WithoutCover declares cover as open, and has no such field."]


def test_a_root_field_that_asks_nobody_is_named() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def found(self) -> str:
            """Something to read."""
            return ""

    [problem] = undeclared(strawberry.Schema(query=Query)._schema)
    assert problem.startswith("Query.found doesn't say whom it needs")
