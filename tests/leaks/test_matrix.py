"""Every field of the schema, asked for by everybody over each transport: nobody gets more than is theirs to see."""

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import orjson
import pytest

from gql.domain import policies
from gql.domain.policies import Access
from tests.leaks.asking import ends, nears, wholes
from tests.leaks.conftest import Watched
from tests.leaks.lender import KINDS, VIEWERS, seen_by
from tests.transport.subscribing import socket

EVENTS = "text/event-stream"
ENDS = 4
LEAD_EVERYWHERE = ("viewer", "me", "nodes", "customer")
"""Together these lead to all that there is."""


def test_who_asks_for_everything_by_post_finds_all_that_is_theirs_to_see_and_nothing_else(watched: Watched) -> None:
    """Each document is everybody's before the next one comes: there are more than a server keeps plans of."""
    found: dict[str, set[str]] = {viewer: set() for viewer in VIEWERS}
    for document in (*wholes(watched.lender), *nears(watched.lender)):
        for viewer in VIEWERS:
            found[viewer] |= watched.found(watched.post(viewer, document))
    differences = {viewer: found[viewer] ^ seen_by(viewer) for viewer in VIEWERS}
    assert differences == {viewer: set() for viewer in VIEWERS}
    assert watched.logged == set()


@pytest.mark.parametrize("part", range(ENDS))
def test_no_way_leads_to_more_of_a_customer(part: int, watched: Watched) -> None:
    """In parts, for several processes to share."""
    for document in ends(watched.lender)[part::ENDS]:
        for viewer in VIEWERS:
            assert watched.found(watched.post(viewer, document)) <= seen_by(viewer), (viewer, document)
    assert watched.logged == set()


@pytest.mark.parametrize("viewer", KINDS)
def test_the_same_by_a_documents_hash(viewer: str, watched: Watched) -> None:
    """Whoever it was that told the server the text."""
    answers = []
    for document in wholes(watched.lender, *LEAD_EVERYWHERE):
        known = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(document.encode()).hexdigest()}}
        watched.post("planner", document, extensions=known)
        answers.append(watched.post(viewer, None, extensions=known))
    of_lists = {"customer.search_name", "customer.manager_reviewed_at"}  # of searches, by cursors, and of reviews
    of_lists |= {"risk category.id", "risk category.description"}
    assert watched.found(*answers) == seen_by(viewer) - of_lists
    assert watched.logged == set()


@pytest.mark.parametrize("viewer", KINDS)
def test_who_asks_for_everything_as_events_finds_nothing(viewer: str, watched: Watched) -> None:
    """Queries are not answered so, and their refusal tells nothing."""
    answers = [watched.post(viewer, document, accept=EVENTS) for document in wholes(watched.lender, *LEAD_EVERYWHERE)]
    assert {answer.status_code for answer in answers} == {400}
    assert watched.found(*answers) == set()
    assert watched.logged == set()


@pytest.mark.parametrize("viewer", KINDS)
def test_who_asks_for_everything_over_a_socket_finds_nothing(viewer: str, watched: Watched) -> None:
    async def told() -> list[Any]:
        token = watched.lender.tokens.get(viewer)
        async with socket(watched.server) as client:
            await client.init(token)
            if viewer in ("deactivated", "anonymous"):
                return [await client.closed(), client.connection.close_reason]
            messages = [await client.receive()]
            for document in wholes(watched.lender, *LEAD_EVERYWHERE):
                await client.subscribe({"query": document})
                messages.append(await client.receive())
                assert messages[-1]["type"] == "error"
            return messages

    assert watched.lender.canaries.found_in(orjson.dumps(asyncio.run(told()))) == set()
    assert watched.logged == set()


@pytest.mark.parametrize("viewer", ["auditor", "another_manager"])
def test_the_matrix_notices_a_filter_that_is_skipped(
    viewer: str, watch: Callable[..., AbstractContextManager[Watched]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it would prove nothing: withheld fields shown to the one, invisible customers to the other."""
    if viewer == "auditor":
        monkeypatch.setattr(policies, "_EVERYTHING", frozenset())
        policies._access.cache_clear()
    else:
        monkeypatch.setattr(Access, "is_visible", True)
    with watch() as watched:
        more = watched.found(
            *(watched.post(viewer, document) for document in wholes(watched.lender, "nodes"))
        ) - seen_by(viewer)
    policies._access.cache_clear()
    assert {"customer.id", "customer.name"} <= more if viewer == "another_manager" else "customer.email" in more
