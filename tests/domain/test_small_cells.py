"""What is left out of a table, so that nothing of a few customers is told, nor can be worked out from the rest."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.domain.small_cells import SMALLEST_CELL, is_small, suppressed_cells

tables = st.lists(st.integers(0, 12), max_size=8)


@pytest.mark.parametrize(
    ("customers", "left_out"),
    [
        ([], set()),
        ([0, 0], set()),
        ([5, 9, 6], set()),
        ([3], {0}),
        ([4, 9], {0, 1}),
        ([20, 9, 4], {1, 2}),
        ([20, 9, 4, 3], {2, 3}),
        ([20, 9, 2, 1], {1, 2, 3}),
        ([20, 0, 4, 9], {2, 3}),
        ([1, 1, 1], {0, 1, 2}),
    ],
)
def test_small_cells_are_left_out_with_what_would_tell_them(customers: Sequence[int], left_out: set[int]) -> None:
    assert suppressed_cells(customers) == left_out


@given(customers=tables, besides=st.frozensets(st.integers(0, 7)))
def test_the_sum_less_what_is_told_is_not_that_of_few(customers: list[int], besides: frozenset[int]) -> None:
    """Whatever the table: unless all of it is left out, when the sum is told by itself or not."""
    besides &= frozenset(range(len(customers)))
    out = suppressed_cells(customers, besides)
    assert all(customers[place] for place in out)
    assert {place for place, number in enumerate(customers) if number and (is_small(number) or place in besides)} <= out
    if any(map(is_small, customers)) and any(number for place, number in enumerate(customers) if place not in out):
        assert len(out) > 1
        assert sum(customers[place] for place in out) >= SMALLEST_CELL


@given(customers=tables)
def test_no_more_is_left_out_than_has_to_be(customers: list[int]) -> None:
    """Without the largest of what is left out besides the small cells, it would be too little."""
    out = suppressed_cells(customers)
    more = sorted(customers[place] for place in out if not is_small(customers[place]))
    assert bool(out) == any(map(is_small, customers))
    if more:
        kept = sorted(customers[place] for place in out)[:-1]
        assert len(kept) < 2 or sum(kept) < SMALLEST_CELL
