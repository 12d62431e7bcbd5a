"""Global IDs: what was encoded comes back, and nothing else is taken."""

from base64 import b64encode, urlsafe_b64encode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.domain.errors import BadUserInput, ErrorCode, MalformedId
from gql.domain.ids import Kind, new_id, parse_global_id, parse_id_of, to_global_id

KEY = UUID("0192f0e0-0000-7000-8000-0000000000ff")
GOOD = to_global_id(Kind.CUSTOMER, KEY)
# 0xfb 0xef and 0xff are where the two base64 alphabets differ.
WITH_DASHES = UUID(bytes=b"\xfb\xef\xbe" * 5 + b"\xff")


@given(kind=st.sampled_from(Kind), key=st.uuids())
def test_an_id_comes_back_as_it_went(kind: Kind, key: UUID) -> None:
    """Kind and key, in 24 characters that a URL takes as they are."""
    text = to_global_id(kind, key)

    assert parse_global_id(text) == (kind, key)
    assert parse_id_of(kind, text) == key
    assert len(text) == 24
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1",
        GOOD[:-1],
        GOOD + "A",
        GOOD + "=",
        GOOD[:-2] + "==",
        GOOD[:-1] + " ",
        GOOD[:-1] + "\n",
        GOOD[:-1] + "é",
        GOOD[:-1] + "\x00",
        GOOD[:-1] + "!",
        "\ud800" * 24,
        str(KEY),
        KEY.hex[:24],
        "a" * 24,
        "x" * 100_000,
        urlsafe_b64encode(b"zz" + KEY.bytes).decode(),
        urlsafe_b64encode(b"CU" + KEY.bytes).decode(),
        b64encode(b"cu" + WITH_DASHES.bytes).decode(),
        b64encode(b"Customer:1" + b" " * 8).decode(),
        "' OR 1=1; DROP TABLE cust",
    ],
)
def test_whatever_was_not_issued_is_refused(text: str) -> None:
    """As the caller's mistake, in words that don't repeat what was sent."""
    with pytest.raises(MalformedId) as refused:
        parse_global_id(text)

    assert isinstance(refused.value, BadUserInput)
    assert refused.value.code is ErrorCode.BAD_USER_INPUT
    assert len(text) < 8 or text not in refused.value.message


@given(text=st.text(max_size=30) | st.text(min_size=24, max_size=24, alphabet=st.characters(max_codepoint=127)))
def test_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    """And what parses is what its parts encode to: an ID has one spelling."""
    try:
        kind, key = parse_global_id(text)
    except MalformedId:
        return
    assert to_global_id(kind, key) == text


@pytest.mark.parametrize("other", [kind for kind in Kind if kind is not Kind.CUSTOMER])
def test_an_id_of_another_type_is_refused(other: Kind) -> None:
    """The message names the type that was wanted."""
    with pytest.raises(MalformedId, match="of type Customer"):
        parse_id_of(Kind.CUSTOMER, to_global_id(other, KEY))


def test_new_ids_are_uuid7_and_sort_by_time() -> None:
    """So that rows inserted together lie together."""
    made = [new_id() for _ in range(1000)]

    assert {key.version for key in made} == {7}
    assert made == sorted(made)
    assert len(set(made)) == len(made)
