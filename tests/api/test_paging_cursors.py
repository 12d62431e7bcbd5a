"""Cursors: opaque, good for the list and order that they came from, and refused where they are anything else."""

from base64 import urlsafe_b64encode
from json import dumps
from typing import Any

import pytest

from tests.api.client import Api
from tests.api.paging_lists import LISTINGS, Lists, build_lists, document
from tests.api.reading import shared

lists, database_url = shared(build_lists)

KEY = "0190a0a0a0a07000800000000000000a"


def _forged(*parts: Any) -> str:
    """A cursor as it is written inside, with any content."""
    return urlsafe_b64encode(dumps(list(parts)).encode()).decode().rstrip("=")


MALFORMED = (
    "",
    "x",
    "nonsense",
    "%%%",
    "é",
    "\0",
    "0" * 5000,
    urlsafe_b64encode(b"\xff\xfe").decode(),
    urlsafe_b64encode(b"[" * 5000).decode(),
    urlsafe_b64encode(b"{}").decode(),
    _forged("name"),
    _forged("name", "Ada", KEY, "more"),
    _forged("name", "Ada", "no key"),
    _forged("name", "Ada", 7),
    _forged("name", None, KEY),
    _forged("name", 7, KEY),
    _forged("name", ["Ada"], KEY),
    _forged("name", "\0", KEY),
    _forged("name", "\ud800", KEY),
    _forged("member_count", "many", KEY),
    _forged("member_count", 2**63, KEY),
    _forged("member_count", -(10**400), KEY),
    _forged("member_count", 1.5, KEY),
    _forged("created_at", "yesterday", KEY),
    _forged("created_at", "2026-01-05", KEY),
    _forged("created_at", "2026-01-05T08:00:00", KEY),
    _forged("created_at", "2026-01-05T08:00:00+01:00", KEY),
    _forged("email", "a", KEY),
    _forged("name; drop table customers", "Ada", KEY),
)


@pytest.mark.parametrize("name", ["customers by creation", "groups by size", "members"])
async def test_a_malformed_cursor_is_bad_input(name: str, api: Api, lists: Lists) -> None:
    client = await api.sign_in(lists.manager)
    listing = LISTINGS[name]
    for argument in ("after", "before"):
        for cursor in MALFORMED:
            query = document(listing.query, f"{argument}: {dumps(cursor)}")
            [error] = (await client.answer(query, lists.variables(listing)))["errors"]
            assert error["extensions"]["code"] == "BAD_USER_INPUT", (argument, cursor)
            assert f"`{argument}`" in error["message"]


@pytest.mark.parametrize(
    ("of", "used_in"),
    [
        ("customers", "customers by creation"),
        ("customers by creation", "customers"),
        ("groups", "groups by size"),
        ("groups by creation", "groups by change"),
        ("groups by change", "groups"),
        ("groups by size", "groups by creation"),
        ("members", "book"),
        ("loans", "history"),
        ("history", "members"),
    ],
)
async def test_a_cursor_of_another_order_is_bad_input(of: str, used_in: str, api: Api, lists: Lists) -> None:
    client = await api.sign_in(lists.manager)
    cursor = (await lists.page(LISTINGS[of], client, first=1)).cursors[0]
    listing = LISTINGS[used_in]
    for argument in ("after", "before"):
        query = document(listing.query, f"{argument}: {dumps(cursor)}")
        assert await client.codes(query, lists.variables(listing)) == ["BAD_USER_INPUT"]


async def test_a_cursor_stays_good_when_its_row_is_gone(api: Api, lists: Lists) -> None:
    """It names a place in an order, not a row: one made up between two rows parts the list there."""
    client = await api.sign_in(lists.manager)
    listing = LISTINGS["customers"]
    expected = lists.expected(listing)
    place = _forged("name", "B", KEY)
    before = await lists.page(listing, client, last=100, before=place)
    after = await lists.page(listing, client, first=100, after=place)
    assert before.ids + after.ids == expected
    assert before.ids
    assert after.ids


async def test_cursors_tell_a_client_nothing_to_rely_on(api: Api, lists: Lists) -> None:
    """Opaque: letters, digits, - and _ only, all different, and the same each time."""
    client = await api.sign_in(lists.manager)
    for listing in LISTINGS.values():
        cursors = (await lists.page(listing, client, first=100)).cursors
        assert len(set(cursors)) == len(cursors)
        assert all(cursor.replace("-", "").replace("_", "").isalnum() and cursor.isascii() for cursor in cursors)
        assert (await lists.page(listing, client, first=100)).cursors == cursors
