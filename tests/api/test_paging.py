"""Paging, forwards and backwards, through every list of the API: each row once, in the promised order."""

from typing import Any

import pytest

from tests.api.client import Api, Client
from tests.api.paging_lists import LENGTH, LISTINGS, Listing, Lists, build_lists, document
from tests.api.reading import shared

lists, database_url = shared(build_lists)


async def _client(api: Api, lists: Lists) -> Client:
    return await api.sign_in(lists.manager)


async def _forwards(lists: Lists, listing: Listing, client: Client, size: int) -> list[str]:
    """All IDs, by pages of that size from the start; what the pages say of themselves must be true."""
    found: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = await lists.page(listing, client, first=size, **more)
        found += page.ids
        assert page.has_previous is bool(more)
        assert page.has_next is (len(found) < page.total)
        assert len(page.ids) == min(size, page.total - len(found) + len(page.ids))
        if not page.has_next:
            return found
        more = {"after": page.cursors[-1]}


async def _backwards(lists: Lists, listing: Listing, client: Client, size: int) -> list[str]:
    """The same from the end: each page in the list's own order, before the one that was read before it."""
    found: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = await lists.page(listing, client, last=size, **more)
        found = page.ids + found
        assert page.has_next is bool(more)
        assert page.has_previous is (len(found) < page.total)
        if not page.has_previous:
            return found
        more = {"before": page.cursors[0]}


@pytest.mark.parametrize("name", LISTINGS)
async def test_going_through_a_list_gives_each_row_once_in_order(name: str, api: Api, lists: Lists) -> None:
    """Pages of 13 end where the list ends; pages of 10 don't."""
    listing, client = LISTINGS[name], await _client(api, lists)
    expected = lists.expected(listing)
    for size in (10, 13):
        assert await _forwards(lists, listing, client, size) == expected
        assert await _backwards(lists, listing, client, size) == expected


async def test_a_page_has_twenty_five_rows_where_its_size_is_left_out(api: Api, lists: Lists) -> None:
    client = await _client(api, lists)
    for name, listing in LISTINGS.items():
        page = await lists.page(listing, client)
        expected = lists.expected(listing)
        assert page.ids == expected[:25], name
        assert page.total == len(expected) >= LENGTH
        assert (page.has_next, page.has_previous) == (True, False)


async def test_two_cursors_bound_what_lies_between_them(api: Api, lists: Lists) -> None:
    client = await _client(api, lists)
    for name, listing in LISTINGS.items():
        expected = lists.expected(listing)
        whole = await lists.page(listing, client, first=100)
        after, before = whole.cursors[2], whole.cursors[9]
        for size, ids in (({"first": 3}, expected[3:6]), ({"last": 3}, expected[6:9]), ({"first": 50}, expected[3:9])):
            page = await lists.page(listing, client, after=after, before=before, **size)
            assert (page.ids, page.total) == (ids, len(expected)), name
        crossed = await lists.page(listing, client, after=before, before=after)
        assert crossed.ids == [], name
        beyond = await lists.page(listing, client, after=whole.cursors[-1])
        assert (beyond.ids, beyond.has_next, beyond.has_previous) == ([], False, True), name


async def test_sizes_beyond_the_bounds_are_bad_input(api: Api, lists: Lists) -> None:
    client = await _client(api, lists)
    for name, listing in LISTINGS.items():
        for arguments in ("first: 0", "first: -1", "first: 101", "last: 0", "last: 101", "first: 1, last: 1"):
            codes = await client.codes(document(listing.query, arguments), lists.variables(listing))
            assert codes == ["BAD_USER_INPUT"], (name, arguments)


async def test_a_hundred_rows_are_the_most_and_null_is_as_if_left_out(api: Api, lists: Lists) -> None:
    client, listing = await _client(api, lists), LISTINGS["customers"]
    for arguments in ({"first": 100}, {"last": 100}, {"first": 100, "last": None, "after": None, "before": None}):
        assert (await lists.page(listing, client, **arguments)).ids == lists.expected(listing)
    huge = await client.answer("query($n: Int) { customers(first: $n) { totalCount } }", {"n": 10**30})
    assert [error["extensions"]["code"] for error in huge["errors"]] == ["BAD_USER_INPUT"]
