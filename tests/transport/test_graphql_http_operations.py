"""Operations that are wrong: each kind has its code, a status that fits the media type, and no data."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.api.client import open_api
from tests.transport.conftest import Lender, Wire, refusal

PARSE, INVALID, INPUT = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"
COMPLEX = "QUERY_TOO_COMPLEX"
SIGN_IN = 'signIn(input: { email: "a@b.example", password: "x" }) { accessToken }'
CUSTOMER = "query($id: ID!) { customer(id: $id) { id } }"
PAGE = "query($first: Int) { customers(first: $first) { totalCount } }"
SORTED = "query($order: CustomerOrder) { customers(orderBy: $order) { totalCount } }"

REFUSED: list[tuple[str, str, Mapping[str, Any]]] = [
    (PARSE, "", {}),
    (PARSE, "   # nothing but a remark", {}),
    (PARSE, "{ viewer", {}),
    (PARSE, "\x00", {}),
    (PARSE, "{ customers(search: 'single quotes') { totalCount } }", {}),
    (INVALID, "{ nothing }", {}),
    (INVALID, "{ viewer }", {}),
    (INVALID, "{ customer(id: null) { id } }", {}),
    (INVALID, "{ customer { id } }", {}),
    (INVALID, '{ customers(first: "10") { totalCount } }', {}),
    (INVALID, '{ customers(filter: { status: ["ACTIVE"] }) { totalCount } }', {}),
    (INVALID, "query A { viewer { permissions } } query A { me { id } }", {}),
    (INVALID, "query A { viewer { permissions } } query B { me { id } }", {}),
    (INVALID, "subscription { viewer { permissions } }", {}),
    (INVALID, "{ viewer @nothing { permissions } }", {}),
    (INVALID, "mutation { assignAccountManager { changed } }", {}),
    (INVALID, 'mutation { assignAccountManager(input: { customerId: "x" }) { changed } }', {}),
    (INPUT, CUSTOMER, {}),
    (INPUT, CUSTOMER, {"id": None}),
    (INPUT, CUSTOMER, {"id": ["x"]}),
    (INPUT, CUSTOMER, {"id": 1.5}),
    (INPUT, PAGE, {"first": "10"}),
    (INPUT, PAGE, {"first": 2**40}),
    (INPUT, PAGE, {"first": True}),
    (INPUT, PAGE, {"first": {"value": 10}}),
    (INPUT, SORTED, {"order": {"field": "SHOE_SIZE"}}),
    (INPUT, SORTED, {"order": {"field": "NAME", "nothing": 1}}),
    (INPUT, SORTED, {"order": "NAME"}),
    (COMPLEX, "{" + " viewer { permissions }" * 11 + "}", {}),
    (COMPLEX, f"mutation {{ a: {SIGN_IN} b: {SIGN_IN} }}", {}),
    (COMPLEX, "mutation {" + " signOut { signedOut }" * 6 + "}", {}),
    (COMPLEX, "{ viewer { permissions } } #" + "x" * 15_000, {}),
    (COMPLEX, "{ nodes(ids: " + "[" * 400 + "]" * 400 + ") { id } }", {}),
    (COMPLEX, PAGE, {"first": 5_001}),
]


async def test_a_wrong_operation_has_its_code_and_no_data(wire: Wire) -> None:
    for code, query, variables in REFUSED:
        modern = await wire.ask(query, variables, Accept="application/graphql-response+json")
        assert (modern.status_code, refusal(modern)) == (400, code), query[:80]
        older = await wire.ask(query, variables, Accept="application/json")
        assert (older.status_code, refusal(older)) == (200, code), query[:80]


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_what_was_executed_is_a_200_errors_or_not(wire: Wire, accept: str) -> None:
    """Data that is there in part, or null, is an answer to a good request."""
    for query, data, code in (
        ("{ me { id } viewer { permissions } }", {"me": None}, "FORBIDDEN"),
        ('{ customer(id: "nonsense") { id } }', {"customer": None}, INPUT),
        ("{ customers(first: 0) { totalCount } }", None, INPUT),
        ('query($id: ID = "x") { customer(id: $id) { id } }', {"customer": None}, INPUT),
    ):
        variables = {"id": None} if "$id" in query else {}
        response = await wire.ask(query, variables, Accept=accept)
        answer = response.json()
        assert response.status_code == 200
        assert answer["errors"][0]["extensions"]["code"] == code
        assert answer["data"] is data or answer["data"].items() >= (data or {}).items()


async def test_nobody_reads_only_that_there_is_something_to_sign_in_to(wire: Wire) -> None:
    open_to_all = await wire.ask("{ __typename }", signed_in=False)
    assert open_to_all.json() == {"data": {"__typename": "Query"}}
    for query in ("{ __schema { types { name } } }", '{ __type(name: "Customer") { name } }'):
        response = await wire.ask(query, signed_in=False)
        assert (response.status_code, refusal(response)) == (200, "UNAUTHENTICATED")
    data = await wire.ask("{ viewer { permissions } }", signed_in=False)
    assert data.json()["data"] == {"viewer": None}
    assert data.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


GUESSES = [
    ("{ custmers { totalCount } }", {}, "customers"),
    ("{ customers(serch: 1) { totalCount } }", {}, "search"),
    ("{ customers(orderBy: { field: NAM }) { totalCount } }", {}, "NAME"),
    ("query($o: CustomerOrdr) { customers(orderBy: $o) { totalCount } }", {}, "'CustomerOrder'"),
    (SORTED, {"order": {"feld": "NAME"}}, "'direction'"),
    (SORTED, {"order": {"field": "CREATED"}}, "CREATED_AT"),
    ('{ node(id: "x") { ... on Custmer { id } } }', {}, "'Customer'"),
    ('{ node(id: "x") { email } }', {}, "'Customer'"),
    ('mutation { signIn(input: { emal: "x", password: "y", email: "z" }) { accessTken } }', {}, "accessToken"),
]


@pytest.mark.parametrize(("query", "variables", "near"), GUESSES)
async def test_nobody_learns_a_name_of_the_schema_by_guessing_near_it(
    wire: Wire, query: str, variables: Mapping[str, Any], near: str
) -> None:
    response = await wire.ask(query, variables, signed_in=False)
    assert refusal(response) in (INVALID, INPUT)
    assert near not in response.text
    assert "Did you mean" not in response.text


async def test_an_admin_is_helped_with_a_slip(wire: Wire) -> None:
    response = await wire.ask("{ custmers { totalCount } }")
    assert "Did you mean" in response.json()["errors"][0]["message"]


async def test_whoever_may_not_read_the_schema_is_not_told_what_to_select(wire: Wire) -> None:
    """A rule of the library's suggests a selection although it was asked for no suggestions."""
    anonymous = (await wire.ask("{ viewer }", signed_in=False)).json()["errors"][0]["message"]
    assert "Did you mean" not in anonymous
    assert "must have a selection" in anonymous
    assert "Did you mean" in (await wire.ask("{ viewer }")).json()["errors"][0]["message"]


async def test_an_answer_that_is_too_large_is_told_and_not_sent(quiet_lender: Lender, tmp_path: Path) -> None:
    async with open_api(quiet_lender.database_url, tmp_path, max_response_bytes=10_000) as api:
        client = await api.sign_in(quiet_lender.admin)
        fits = await client.data("{ viewer { permissions } }")
        assert fits["viewer"]["permissions"]
        response = await client.post("{" + " ".join(f"{'a' * 490}{i}: __typename" for i in range(25)) + "}")
        assert (response.status_code, response.json()["data"]) == (200, None)
        assert response.json()["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"
        assert len(response.content) < 1_000
