"""Which media type a client gets: what it ranks highest, the first of equals."""

import pytest

from gql.transport.negotiation import response_type
from tests.transport.conftest import JSON, Wire, refusal

OLD, NEW = "application/json", "application/graphql-response+json"


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("", OLD),
        ("*/*", OLD),
        ("application/*", OLD),
        (OLD, OLD),
        (NEW, NEW),
        (NEW.upper(), NEW),
        (f"{NEW}; charset=utf-8", NEW),
        # By order.
        (f"{NEW}, {OLD}", NEW),
        (f"{OLD}, {NEW}", OLD),
        (f"{NEW},{OLD};q=0.9,*/*;q=0.8", NEW),
        (f"*/*, {NEW}", OLD),
        # By rank.
        (f"{OLD};q=0.8, {NEW}", NEW),
        (f"{OLD};q=0.8, {NEW};q=0.9", NEW),
        (f"{OLD} ; Q=0.8 , {NEW} ; q=0.7", OLD),
        (f"*/*;q=0.1, {NEW};q=0.2", NEW),
        (f"{NEW};version=1;q=0.1, {OLD};q=0.2", OLD),
        # What is there but refused, or is none of ours.
        (f"{NEW};q=0, {OLD}", OLD),
        (f"{NEW};q=0.000, {OLD};q=0.001", OLD),
        (f"text/html, {NEW}", NEW),
        (f"text/event-stream, {OLD}", "text/event-stream"),
        (f"{OLD}, text/event-stream", OLD),
        (f"{NEW}, text/event-stream, {OLD}", NEW),
        (f"text/html;q=1, image/*, {OLD};q=0.1", OLD),
        (f",, ,{NEW}", NEW),
        # What nobody can make sense of ranks nothing.
        (f"{NEW};q=high, {OLD};q=0.1", OLD),
        (f"{NEW};q=nan, {OLD};q=0.1", OLD),
    ],
)
def test_the_client_gets_what_it_ranks_highest(accept: str, given: str) -> None:
    assert response_type(accept) == given


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "text/*",
        f"{NEW};q=0",
        f"{OLD};q=0",
        "application/xml",
        "nonsense",
        ",",
        ";q=1",
    ],
)
async def test_a_client_that_takes_none_of_ours_is_told_so_in_json(wire: Wire, accept: str) -> None:
    assert response_type(accept) is None
    response = await wire.send(b'{"query": "{ __typename }"}', JSON | {"Accept": accept})
    assert (response.status_code, refusal(response)) == (406, "BAD_USER_INPUT")
    assert response.headers["content-type"] == f"{OLD}; charset=utf-8"
    assert NEW in response.json()["errors"][0]["message"]


async def test_what_is_refused_is_not_executed(wire: Wire) -> None:
    body = b'{"query": "mutation { signOut { signedOut } }"}'
    assert (await wire.send(body, JSON | {"Accept": "text/html"})).status_code == 406
    assert (await wire.ask("{ viewer { permissions } }")).json()["data"]["viewer"] is not None


@pytest.mark.parametrize(("accept", "given"), [(NEW, NEW), (OLD, OLD), ("*/*", OLD)])
async def test_the_answer_names_its_media_type(wire: Wire, accept: str, given: str) -> None:
    response = await wire.ask("{ __typename }", Accept=accept)
    assert response.headers["content-type"] == f"{given}; charset=utf-8"


async def test_accept_may_come_in_several_lines(wire: Wire) -> None:
    headers = [("Content-Type", "application/json"), ("Accept", "text/html"), ("Accept", NEW)]
    response = await wire.admin.http.post(
        "http://lenddesk.test/graphql", content=b'{"query": "{ __typename }"}', headers=headers
    )
    assert response.headers["content-type"] == f"{NEW}; charset=utf-8"
