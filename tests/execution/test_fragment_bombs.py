"""Fragments that spread fragments: a few hundred bytes that stand for more fields than there are atoms.

A walk that visits each spread would not end within the life of this test run; the pipeline answers at once.
"""

from collections.abc import Callable

import pytest

from gql.execution.documents import Stage
from gql.execution.limits import Limits
from tests.execution.library import Library


def doubling(levels: int) -> str:
    """Each fragment spreads the next one twice."""
    chain = "".join(f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(levels))
    return f"{{ ...F0 }} {chain} fragment F{levels} on Query {{ books {{ totalCount }} }}"


def below_aliases(levels: int) -> str:
    """Each fragment spreads the next one below two fields of different names, so that nothing merges."""
    chain = "".join(
        f"fragment F{i} on Author {{ a{i}: books {{ edges {{ node {{ author {{ ...F{i + 1} }} }} }} }}"
        f" b{i}: books {{ edges {{ node {{ author {{ ...F{i + 1} }} }} }} }} }}"
        for i in range(levels)
    )
    return f"{{ book(id: 1) {{ author {{ ...F0 }} }} }} {chain} fragment F{levels} on Author {{ name }}"


def in_inline_fragments(levels: int) -> str:
    """Each fragment spreads the next one twice in inline fragments, and the operations are several."""
    chain = "".join(f"fragment F{i} on Query {{ ... {{ ...F{i + 1} }} ... {{ ...F{i + 1} }} }}" for i in range(levels))
    ends = f"fragment F{levels} on Query {{ books {{ totalCount }} }}"
    return f"query A {{ ...F0 }} query B {{ ...F1 }} {chain} {ends}"


@pytest.mark.parametrize("levels", [12, 24, 40, 60])
@pytest.mark.parametrize("shape", [doubling, below_aliases, in_inline_fragments])
async def test_a_fragment_bomb_is_refused_at_once(shape: Callable[[int], str], levels: int) -> None:
    library = Library(Limits(characters=100_000, tokens=10_000, operations=5))
    stage, message = await library.refusal(shape(levels), operation="A" if shape is in_inline_fragments else None)
    assert stage is Stage.LIMITS
    assert len(message) < 200


@pytest.mark.parametrize("links", [1, 2, 3, 40])
async def test_fragments_that_spread_each_other_in_a_circle_are_invalid(links: int) -> None:
    circle = "".join(f"fragment F{i} on Query {{ ...F{(i + 1) % links} ...F0 }}" for i in range(links))
    stage, message = await Library().refusal(f"{{ ...F0 }} {circle}")
    assert stage is Stage.VALIDATION
    assert "within itself" in message


async def test_a_circle_may_not_hide_what_it_spreads_besides() -> None:
    bomb = doubling(60).removeprefix("{ ...F0 }")
    stage, _ = await Library(Limits()).refusal(f"{{ ...C }} fragment C on Query {{ ...C ...F0 }} {bomb}")
    assert stage is Stage.LIMITS


async def test_a_long_chain_of_fragments_is_fine() -> None:
    """As long as the tokens last: each link is one spread, nothing multiplies."""
    links = 120
    chain = "".join(f"fragment F{i} on Query {{ ...F{i + 1} }}" for i in range(links))
    library = Library(Limits())
    assert await library.data(f"{{ ...F0 }} {chain} fragment F{links} on Query {{ __typename }}") == {
        "__typename": "Query"
    }


async def test_the_estimate_of_nodes_does_not_follow_each_spread() -> None:
    """Structurally within the limits (each spread merges), but 2^60 ways to reach the page of one book."""
    generous = Limits(characters=100_000, tokens=10_000, fields=10**30, root_fields=10**30)
    stage, message = await Library(generous).refusal(doubling(60))
    assert (stage, "nodes" in message) == (Stage.LIMITS, True)
