"""BVNs, NINs and the like: recorded sealed, shown masked, told in full to few and on record, found as a whole."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

from sqlalchemy import text, update

from gql.db.engine import Database
from gql.db.models import Base, Customer, Identifier
from gql.domain.enums import CustomerStatus
from gql.domain.identifiers import IdentifierKind
from gql.domain.ids import Kind, parse_global_id
from tests.api.client import Api, Client, gid, open_api
from tests.api.mutations import codes
from tests.api.reading import unknown
from tests.factories import World
from tests.records import events, unchanged
from tests.vaults import VAULT, number_of

BVN, NIN = "22212345678", "71112345678"
SET = """mutation($input: SetIdentifierInput!) { setIdentifier(input: $input) {
  customer { version identifiers { id kind masked recordedBy { name } } }
  identifier { id kind masked customer { id } } changed replayed userErrors { code message field } } }"""
REMOVE = """mutation($input: RemoveIdentifierInput!) { removeIdentifier(input: $input) {
  customer { version identifiers { kind } } replayed userErrors { code message field } } }"""
REVEAL = """mutation($input: RevealIdentifierInput!) { revealIdentifier(input: $input) {
  value customer { id } userErrors { code message field } } }"""
TRAIL = """{ auditEvents(filter: {action: ["customer.identifier_revealed"]}) { edges { node {
  details { field after } } } } }"""
FIND = """query($kind: IdentifierKind!, $value: String!) {
  customers(filter: {identifier: {kind: $kind, value: $value}}) { totalCount edges { node { id } } } }"""


async def record(client: Client, customer: Customer, value: str = BVN, kind: str = "BVN", **more: Any) -> Any:
    """The payload of `setIdentifier`."""
    given = {"customerId": gid(customer), "kind": kind, "value": value} | more
    return (await client.data(SET, {"input": given}))["setIdentifier"]


async def reveal(client: Client, identifier: str, reason: str = "The bank asks.") -> Any:
    """The payload of `revealIdentifier`."""
    return (await client.data(REVEAL, {"input": {"id": identifier, "reason": reason}}))["revealIdentifier"]


async def found(client: Client, value: str, kind: str = "BVN") -> list[str]:
    """The IDs of those who have the identifier."""
    page = (await client.data(FIND, {"kind": kind, "value": value}))["customers"]
    assert page["totalCount"] == len(page["edges"])
    return [edge["node"]["id"] for edge in page["edges"]]


async def raw_rows(database: Database) -> str:
    """All that is in the database, as its driver gives it, and once more with bytes as the text that they may be."""
    rows = [
        row
        for table in Base.metadata.sorted_tables
        for row in await database.rows(text(f"SELECT * FROM {table.name}"))  # noqa: S608 - our own names
    ]
    values = [value for row in rows for value in row]
    return repr(rows) + " ".join(bytes(v).decode("latin-1") for v in values if isinstance(v, bytes | memoryview))


async def test_an_identifier_is_sealed_masked_and_told_in_full_on_record(api: Api, world: World) -> None:
    ada = await world.admin("portfolio_manager", name="Ada")
    client, customer = await api.sign_in(ada), await world.customer()

    payload = await record(client, customer, " 222-1234 5678 ", idempotencyKey="k", expectedVersion=1)

    assert codes(payload) == []
    assert (payload["changed"], payload["customer"]["version"]) == (True, 2)
    [shown] = payload["customer"]["identifiers"]
    assert (shown["kind"], shown["masked"], shown["recordedBy"]) == ("BVN", "•••• 5678", {"name": "Ada"})
    assert payload["identifier"]["id"] == shown["id"]
    again = await record(client, customer, " 222-1234 5678 ", idempotencyKey="k", expectedVersion=1)
    assert (again["replayed"], again["identifier"]["id"]) == (True, shown["id"])
    other = await record(client, customer, NIN, idempotencyKey="k", expectedVersion=1)
    assert codes(other) == ["IDEMPOTENCY_CONFLICT"]

    told = await reveal(client, shown["id"])

    assert (told["value"], told["customer"]["id"]) == (BVN, gid(customer))
    [event] = await events(api.database, "customer.identifier_revealed")
    assert (event.actor_id, event.subject_id) == (ada.id, customer.id)
    assert (event.details["identifier_id"], event.details["reason"]) == (
        str(parse_global_id(shown["id"])[1]),
        "The bank asks.",
    )
    named = await (await api.sign_in(await world.admin("super_admin"))).data(TRAIL)
    [told_of] = named["auditEvents"]["edges"]
    facts = {one["field"]: one["after"] for one in told_of["node"]["details"]}
    assert facts["identifierId"] == shown["id"]  # by the ID that the API knows it by
    rows = await raw_rows(api.database)
    assert BVN not in rows
    assert "5678" in rows
    for value in (" 222-1234 5678 ", BVN):  # nor what can be tried out
        wish = {"customer_id": customer.id, "kind": "BVN", "value": value, "expected_version": 1}
        plain = json.dumps(wish, sort_keys=True, default=str)
        assert hashlib.sha256(plain.encode()).hexdigest() not in rows
        assert hashlib.sha256(value.encode()).hexdigest() not in rows


async def test_a_new_value_takes_the_place_of_the_old_one(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    first = await record(client, customer)
    async with unchanged(api.database, but=["idempotency_keys", "throttles"]):
        same = await record(client, customer)
    second = await record(client, customer, "22287654321")
    assert (same["changed"], second["changed"]) == (False, True)
    assert first["identifier"]["id"] == same["identifier"]["id"] == second["identifier"]["id"]
    assert [one["masked"] for one in second["customer"]["identifiers"]] == ["•••• 4321"]
    assert (await found(client, BVN), await found(client, "22287654321")) == ([], [gid(customer)])
    [_, event] = await events(api.database, "customer.identifier_set")
    assert event.details == {
        "before": {"kind": "BVN", "last_four": "5678"},
        "after": {"kind": "BVN", "last_four": "4321"},
    }
    given = {"identifierId": first["identifier"]["id"], "reason": "Mistyped.", "idempotencyKey": "k"}
    removed = [(await client.data(REMOVE, {"input": given}))["removeIdentifier"] for _ in range(2)]
    assert [(codes(one), one["replayed"]) for one in removed] == [([], False), ([], True)]
    assert removed[0]["customer"] == {"version": 4, "identifiers": []}
    assert codes(await reveal(client, given["identifierId"])) == ["NOT_FOUND"]
    assert await found(client, "22287654321") == []


async def test_refusals_come_together_and_never_repeat_the_value(api: Api, world: World) -> None:
    boss = await world.admin("super_admin")
    client, customer = await api.sign_in(boss), await world.customer()
    archived, other = await world.customer(status=CustomerStatus.ARCHIVED), await world.customer()
    await world.identifier(other, IdentifierKind.BVN, BVN)
    async with unchanged(api.database, but=["throttles"]):
        wrong = await record(client, archived, "2221234567", expectedVersion=9)
        assert codes(wrong) == ["CUSTOMER_ARCHIVED", "VERSION_CONFLICT", "INVALID"]
        assert "2221234567" not in json.dumps(wrong)
        taken = await record(client, customer)
        assert codes(taken) == ["IDENTIFIER_TAKEN"]
        assert "5678" not in json.dumps(taken)
        for kind, value in (("NIN", "7111234567A"), ("PASSPORT", "A1"), ("TAX_ID", "1" * 15), ("BVN", "٢٢٢١٢٣٤٥٦٧٨")):
            assert codes(await record(client, customer, value, kind)) == ["INVALID"]
        assert await client.codes(FIND, {"kind": "BVN", "value": "2221234567"}) == ["BAD_USER_INPUT"]
    assert codes(await record(client, customer, BVN, "NIN")) == []  # of another kind it is another number


async def test_of_many_who_record_one_number_at_once_one_does(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    customers = await world.customers(6)
    payloads = await asyncio.gather(*(record(client, customer) for customer in customers))
    assert sorted(codes(payload) for payload in payloads) == [[]] + [["IDENTIFIER_TAKEN"]] * 5


async def test_whose_number_it_is_is_not_tried_out_unseen(database_url: str, tmp_path: Path) -> None:
    """That somebody else has it is on record as a denied attempt, and so many a minute are tried, even all at once."""
    async with open_api(database_url, tmp_path, identifiers_per_minute=3) as api:
        world = World(api.database)
        manager = await world.admin("account_manager")
        own, unseen = await world.customer(manager=manager), await world.customer(manager=await world.admin())
        await world.identifier(unseen, IdentifierKind.BVN, BVN)
        client = await api.sign_in(manager)
        given = {"customerId": gid(own), "kind": "BVN", "value": BVN}
        answers = await asyncio.gather(*(client.answer(SET, {"input": given}) for _ in range(5)))
        told = [answer["data"]["setIdentifier"] for answer in answers if answer["data"]]
        refused = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
        assert ([codes(payload) for payload in told], refused) == ([["IDENTIFIER_TAKEN"]] * 3, ["RATE_LIMITED"] * 2)
        denied = await events(api.database, "setIdentifier.denied")
        by_code = sorted(event.details["codes"] for event in denied)
        assert by_code == [["IDENTIFIER_TAKEN"]] * 3 + [["RATE_LIMITED"]] * 2
        for event in denied:
            assert (event.denied, event.actor_id, event.subject_id) == (True, manager.id, own.id)
            assert BVN[-4:] not in json.dumps(event.details)
        other = await api.sign_in(await world.admin("super_admin"))  # each has a bound of their own
        assert codes(await record(other, own)) == ["IDENTIFIER_TAKEN"]


async def test_who_may_record_and_who_may_read_in_full(api: Api, world: World) -> None:
    """An account manager records the numbers of the own book, and reads none in full."""
    manager = await world.admin("account_manager")
    own, others = await world.customer(manager=manager), await world.customer(manager=await world.admin())
    kept = {customer.id: await world.identifier(customer, IdentifierKind.NIN) for customer in (own, others)}
    told = {
        # who: recording for the manager's customer, revealing that customer's, somebody else's
        "account_manager": ([], ["FORBIDDEN"], ["NOT_FOUND"]),
        "compliance_officer": (["FORBIDDEN"], [], []),
        "portfolio_manager": ([], [], []),
        "super_admin": ([], [], []),
        "group_administrator": (["FORBIDDEN"], ["NOT_FOUND"], ["NOT_FOUND"]),
        "collections_officer": (["FORBIDDEN"], ["NOT_FOUND"], ["NOT_FOUND"]),
        "team_member": (["FORBIDDEN"], ["NOT_FOUND"], ["NOT_FOUND"]),
        "auditor": (["FORBIDDEN"], ["NOT_FOUND"], ["NOT_FOUND"]),
    }
    for role, expected in told.items():
        client = await api.sign_in(manager if role == "account_manager" else await world.admin(role))
        answers = [await reveal(client, gid(kept[customer.id])) for customer in (own, others)]
        values = [number_of(kept[customer.id]) for customer in (own, others)]
        assert (codes(await record(client, own)), *map(codes, answers)) == expected, role
        shown = [None if codes(answer) else value for answer, value in zip(answers, values, strict=True)]
        assert [answer["value"] for answer in answers] == shown, role
    customer = await api.sign_in(own)
    assert codes(await reveal(customer, gid(kept[own.id]))) == ["FORBIDDEN"]
    assert await api.anonymous.codes(REVEAL, {"input": {"id": gid(kept[own.id]), "reason": "x"}}) == ["UNAUTHENTICATED"]
    nowhere = [unknown(Kind.IDENTIFIER), unknown(Kind.BANK_ACCOUNT), gid(own)]
    client = await api.sign_in(await world.admin("super_admin"))
    assert [codes(await reveal(client, one)) for one in nowhere] == [["NOT_FOUND"]] * 3
    assert await client.codes(REVEAL, {"input": {"id": gid(kept[own.id]), "reason": " "}}) == ["BAD_USER_INPUT"]


async def test_reveals_are_counted_over_a_minute(database_url: str, tmp_path: Path) -> None:
    async with open_api(database_url, tmp_path, reveals_per_minute=2) as api:
        world = World(api.database)
        client = await api.sign_in(await world.admin("super_admin"))
        identifier = await world.identifier(await world.customer())
        answers = await asyncio.gather(
            *(client.answer(REVEAL, {"input": {"id": gid(identifier), "reason": "x"}}) for _ in range(4))
        )
        refused = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
        assert refused == ["RATE_LIMITED"] * 2
        assert len(await events(api.database, "customer.identifier_revealed")) == 2


async def test_a_number_is_found_as_a_whole_and_look_ups_are_on_record(api: Api, world: World) -> None:
    """Who sees only an outline finds with `customer.lookup` alone; the rest find what isn't withheld from them."""
    customer = await world.customer(manager=await world.admin())
    await world.identifier(customer, IdentifierKind.BVN, BVN)
    looks_up = {"super_admin": 0, "portfolio_manager": 0, "group_administrator": 2, "team_member": None}
    for role, recorded in looks_up.items():
        client, before = await api.sign_in(await world.admin(role)), len(await events(api.database, "customer.lookup"))
        expected = [] if recorded is None else [gid(customer)]
        assert await found(client, "222 1234 5678") == expected, role
        assert await found(client, BVN[:-1] + "9") == await found(client, BVN, "NIN") == []
        lookups = (await events(api.database, "customer.lookup"))[before:]
        assert len(lookups) == (3 if recorded else 0), role
        assert all(event.details == {"by": "identifiers"} for event in lookups)


async def test_a_number_that_was_moved_or_whose_key_is_gone_is_not_told(api: Api, world: World) -> None:
    """The client gets a masked error; the event of the attempt stays."""
    client = await api.sign_in(await world.admin("super_admin"))
    one, other = [await world.identifier(customer) for customer in await world.customers(2)]
    async with api.database.begin() as session:
        for to, of in ((one, other), (other, one)):
            await session.execute(update(Identifier).where(Identifier.id == to.id).values(sealed=of.sealed))
    for identifier in (one, other):
        answer = await client.answer(REVEAL, {"input": {"id": gid(identifier), "reason": "x"}})
        assert answer["data"] is None
        [error] = answer["errors"]
        assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert error["message"].startswith("Something went wrong on our side.")
    assert len(await events(api.database, "customer.identifier_revealed")) == 2
    assert VAULT.newest not in json.dumps(answer)
