"""Pages: the bounds of a request, and cursors that come back as they went or are refused."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.domain.errors import BadUserInput
from gql.domain.paging import PageRequest, Position, Sort, decode_cursor, encode_cursor, page_request

BY_NAME = Sort("name", str)
BY_COUNT = Sort("member_count", int)
BY_TIME = Sort("created_at", datetime)
KEY = UUID("0192f0e0-0000-7000-8000-0000000000ff")

names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
counts = st.integers(-(2**63), 2**63 - 1)
times = st.datetimes(timezones=st.just(UTC))


def forged(*parts: Any) -> str:
    """A cursor with any content, spelt like ours."""
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@given(
    place=st.tuples(st.just(BY_NAME), names)
    | st.tuples(st.just(BY_COUNT), counts)
    | st.tuples(st.just(BY_TIME), times),
    key=st.uuids(),
)
def test_a_cursor_comes_back_as_it_went(place: tuple[Sort, Any], key: Any) -> None:
    """For each type of key, to the last microsecond."""
    sort, value = place
    position = Position(value, key)

    assert decode_cursor(sort, encode_cursor(sort, position), "after") == position


@pytest.mark.parametrize(
    ("sort", "text"),
    [
        (BY_NAME, ""),
        (BY_NAME, "!"),
        (BY_NAME, "é"),
        (BY_NAME, "25"),
        (BY_NAME, "A" * 100_001),
        (BY_NAME, encode_cursor(BY_TIME, Position(datetime(2026, 1, 1, tzinfo=UTC), KEY))),
        (BY_NAME, forged("name", "Ada")),
        (BY_NAME, forged("name", "Ada", "no key")),
        (BY_NAME, forged("name", "Ada", 7)),
        (BY_NAME, forged("name", None, KEY.hex)),
        (BY_NAME, forged("name", ["Ada"], KEY.hex)),
        (BY_NAME, forged("name", "A\0a", KEY.hex)),
        (BY_NAME, forged("name", "A\ud800a", KEY.hex)),
        (BY_NAME, forged("name", 7, KEY.hex)),
        (BY_COUNT, forged("member_count", "7", KEY.hex)),
        (BY_COUNT, forged("member_count", 7.5, KEY.hex)),
        (BY_COUNT, forged("member_count", 2**63, KEY.hex)),
        (BY_TIME, forged("created_at", "yesterday", KEY.hex)),
        (BY_TIME, forged("created_at", "2026-01-01T00:00:00", KEY.hex)),
        (BY_TIME, forged("created_at", "0001-01-01T00:00:00+14:00", KEY.hex)),
    ],
)
def test_any_other_cursor_is_refused(sort: Sort, text: str) -> None:
    """Before it reaches a database; the message names the argument, and doesn't repeat what was sent."""
    with pytest.raises(BadUserInput, match="`before` is not a cursor") as refused:
        decode_cursor(sort, text, "before")

    assert len(text) < 3 or text not in refused.value.message


def test_a_page_is_25_forwards_unless_asked_otherwise() -> None:
    """And backwards with `last`."""
    assert page_request(BY_NAME, None, None, None, None) == PageRequest(25, BY_NAME)
    assert page_request(BY_NAME, 100, None, None, None) == PageRequest(100, BY_NAME)
    assert page_request(BY_NAME, None, None, 1, None) == PageRequest(1, BY_NAME, backward=True)


def test_a_page_lies_between_its_cursors() -> None:
    """Both may be given, whatever the direction."""
    ada, bola = Position("Ada", KEY), Position("Bola", KEY)

    page = page_request(BY_NAME, None, encode_cursor(BY_NAME, ada), 5, encode_cursor(BY_NAME, bola))

    assert page == PageRequest(5, BY_NAME, backward=True, after=ada, before=bola)


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        (0, None, "`first` must be between 1 and 100"),
        (-1, None, "`first` must be between 1 and 100"),
        (101, None, "`first` must be between 1 and 100"),
        (None, 0, "`last` must be between 1 and 100"),
        (None, 101, "`last` must be between 1 and 100"),
        (5, 5, "`first` or `last`, not both"),
    ],
)
def test_a_page_has_bounds(first: int | None, last: int | None, message: str) -> None:
    """1 to 100, in one direction."""
    with pytest.raises(BadUserInput, match=message):
        page_request(BY_NAME, first, None, last, None)
