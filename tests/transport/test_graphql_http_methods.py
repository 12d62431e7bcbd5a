"""POST is the one way to run an operation; whatever else comes is told so. What every answer carries."""

import re

import pytest

from tests.transport.conftest import JSON, Wire, refusal

GOOD = b'{"query": "{ __typename }"}'


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "QUERY", "SIGNIN"])
async def test_other_methods_are_refused_with_the_ones_that_are_allowed(wire: Wire, method: str) -> None:
    response = await wire.send(GOOD, method=method)
    assert (response.status_code, refusal(response)) == (405, "BAD_USER_INPUT")
    assert response.headers["allow"] == "OPTIONS, POST"


async def test_a_mutation_in_an_address_does_not_run(wire: Wire) -> None:
    """Links and images are fetched by GET: no browser must be led to change something by one."""
    for method in ("GET", "HEAD"):
        response = await wire.send(method=method, path="/graphql?query=mutation{signOut{signedOut}}")
        assert response.status_code == 405
    assert (await wire.ask("{ viewer { permissions } }")).json()["data"]["viewer"] is not None


async def test_head_answers_as_get_would_without_a_body(wire: Wire) -> None:
    response = await wire.send(method="HEAD")
    assert (response.status_code, response.content) == (405, b"")
    assert response.headers["allow"] == "OPTIONS, POST"
    page = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    got, head = [await wire.send(headers=page, method=method) for method in ("GET", "HEAD")]
    assert (head.status_code, head.content) == (got.status_code, b"")


async def test_options_tells_the_methods_and_lets_no_foreign_page_in(wire: Wire) -> None:
    """A browser asks so before it sends a foreign page's request: without an answer to that, it doesn't send it."""
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    response = await wire.send(headers=asked, method="OPTIONS")
    assert (response.status_code, response.content, response.headers["allow"]) == (204, b"", "OPTIONS, POST")
    for answered in (response, await wire.send(GOOD, JSON | asked)):
        assert not [name for name in answered.headers if name.startswith("access-control-")]


ANSWERS = [
    ("POST", JSON, GOOD, 200),
    ("POST", JSON, b'{"query": "{ nothing }"}', 200),
    ("POST", JSON, b'{"query": "{ viewer { admin { id } } }"}', 200),
    ("POST", JSON, b"{", 400),
    ("POST", {}, GOOD, 415),
    ("POST", JSON, b" " * 200_000, 413),
    ("POST", JSON | {"Accept": "text/html"}, GOOD, 406),
    ("GET", {}, b"", 405),
]


@pytest.mark.parametrize(("method", "headers", "body", "status"), ANSWERS)
async def test_every_answer_is_for_its_receiver_alone_and_has_an_id(
    wire: Wire, method: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    responses = [await wire.send(body, headers, method=method) for _ in range(2)]
    for response in responses:
        assert response.status_code == status
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert re.fullmatch("[0-9a-f]{32}", response.headers["x-request-id"])
        assert "server" not in response.headers
    assert len({response.headers["x-request-id"] for response in responses}) == 2


async def test_a_client_does_not_choose_the_id_of_its_request(wire: Wire) -> None:
    """It stands in audit events: it must not be made to name another request."""
    response = await wire.send(GOOD, JSON | {"X-Request-Id": "chosen"})
    assert response.headers["x-request-id"] != "chosen"
