"""What a process keeps of the documents that it is sent: plans of many, syntax trees of few."""

import gc

from graphql import SelectionSetNode

from tests.api.client import Api
from tests.factories import World

_TREES = 16
_SELECTION_SETS = 5
"""In each of the documents below."""


def document(number: int) -> str:
    """No two numbers give the same document."""
    return f"query Q{number} {{ customers(first: 5) {{ edges {{ node {{ number office {{ name }} }} }} }} }}"


def selection_sets() -> int:
    """How many there are in this process, in all trees and parts of trees."""
    gc.collect()
    return sum(isinstance(each, SelectionSetNode) and bool(each.selections) for each in gc.get_objects())


async def test_the_trees_of_the_documents_used_last_are_kept_and_no_more(api: Api, world: World) -> None:
    """A tree takes more than a plan does, and nothing that is kept for longer holds on to a part of one."""
    client = await api.sign_in(await world.admin("super_admin"))
    before = selection_sets()
    for number in range(2 * _TREES):
        await client.data(document(number))
    for number in range(2 * _TREES):  # by plans that are there already
        await client.data(document(number))
    assert selection_sets() - before <= _TREES * _SELECTION_SETS


async def test_what_needs_the_tree_of_an_earlier_document_finds_it_again(api: Api, world: World) -> None:
    """An error is told with its place, and a page of another size is estimated and answered."""
    client = await api.sign_in(await world.admin("super_admin"))
    query = "query Sized($n: Int!) {\n  customers(first: $n) { totalCount }\n}"
    await client.data(query, {"n": 5})
    for number in range(2 * _TREES):
        await client.data(document(number))
    assert await client.data(query, {"n": 6}) == {"customers": {"totalCount": 0}}
    for number in range(2 * _TREES):
        await client.data(document(number))
    [error] = (await client.answer(query, {"n": -1}))["errors"]
    assert error["locations"] == [{"line": 2, "column": 3}]
