"""What can be known from a document's text is worked out once per text, and not remembered without bound.

The library's scalar tells when its literals are read: once more where a document is validated than where it only runs.
"""

from dataclasses import replace

import pytest

from gql.execution.documents import Stage
from tests.execution.library import UNLIMITED, Isbn, Library


def document(name: str) -> str:
    """A valid document with one literal in it."""
    return f'query {name} {{ find(filter: {{ isbn: "978" }}) }}'


async def reads_of(library: Library, query: str) -> int:
    """How often running the document read its literal."""
    before = Isbn.reads
    await library.data(query)
    return Isbn.reads - before


@pytest.fixture
async def known() -> int:
    """How often the literal is read in a document that is known already."""
    library = Library()
    await library.data(document("Known"))
    return await reads_of(library, document("Known"))


async def test_a_second_run_of_a_document_does_not_validate_it_again(known: int) -> None:
    library = Library()
    first = await reads_of(library, document("A"))
    assert first > known
    assert await reads_of(library, document("A")) == known
    assert await reads_of(library, document("A") + " ") == first  # another text is another document


async def test_the_documents_used_last_are_kept_and_no_more(known: int) -> None:
    library = Library(documents=2)
    for name in ("A", "B", "A", "C"):  # which forgets B
        await library.data(document(name))
    assert await reads_of(library, document("A")) == known
    assert await reads_of(library, document("C")) == known
    assert await reads_of(library, document("B")) > known
    assert await reads_of(library, document("A")) > known


async def test_documents_that_are_refused_take_no_place(known: int) -> None:
    library = Library(replace(UNLIMITED, aliases=1), documents=1)
    await library.data(document("A"))
    for query, stage in (
        ("{ find(", Stage.PARSE),
        ("{ nothing }", Stage.VALIDATION),
        ("{ a: __typename b: __typename }", Stage.LIMITS),
    ):
        assert (await library.refusal(query))[0] is stage
    assert await reads_of(library, document("A")) == known


async def test_a_document_is_refused_however_often_it_comes() -> None:
    library = Library()
    for _ in range(3):
        assert (await library.refusal("{ nothing }"))[0] is Stage.VALIDATION


async def test_a_known_document_keeps_its_secrets_from_whoever_may_not_introspect() -> None:
    """The cache is shared between viewers: what one may do with a document says nothing about another."""
    library, query = Library(), "{ __schema { queryType { name } } }"
    refusal = PermissionError("not for you")
    await library.data(query)
    assert (await library.refusal(query, refuse_introspection=refusal))[1] == "not for you"
    await library.data(query)
