"""Notes, tags and tiers: who writes them down, in which form, and that a borrower never reads them."""

import asyncio
from typing import Any

import pytest

from gql.db.models import Customer
from gql.domain.enums import CustomerStatus
from tests.api.client import Api, gid
from tests.api.mutations import codes
from tests.api.test_people import send
from tests.factories import World
from tests.records import current, events, unchanged

_BACK_OFFICE = """backOffice { accountManager { name } since assignedBy { name } office { name }
    tier tierReason tierSetBy { name } tierSetAt tags
    notes { totalCount edges { node { text author { name } createdAt } } } }"""
_ANSWER = f"customer {{ version {_BACK_OFFICE} }} changed replayed userErrors {{ code message field }}"
NOTE = (
    f"mutation($input: AddCustomerNoteInput!) {{ addCustomerNote(input: $input) {{ note {{ id text }} {_ANSWER} }} }}"
)
TAGS = f"mutation($input: SetCustomerTagsInput!) {{ setCustomerTags(input: $input) {{ {_ANSWER} }} }}"
TIER = f"mutation($input: SetCustomerTierInput!) {{ setCustomerTier(input: $input) {{ {_ANSWER} }} }}"
READ = f"query($id: ID!) {{ customer(id: $id) {{ {_BACK_OFFICE} }} }}"
GOLD = {"tier": "GOLD", "reason": "Never late."}


async def test_who_looks_after_the_customer_since_when_and_by_whom(api: Api, world: World) -> None:
    boss, first, second = [await world.admin("super_admin", name=name) for name in ("Ngozi", "Ada", "Bola")]
    lagos = await world.office("Lagos")
    nobodys = await world.customer(office=lagos)
    customer = await world.customer(office=lagos, manager=first)
    present = await world.assignment(customer, second, assigned_by=boss)
    client = await api.sign_in(boss)
    found = (await client.data(READ, {"id": gid(customer)}))["customer"]["backOffice"]
    none = (await client.data(READ, {"id": gid(nobodys)}))["customer"]["backOffice"]
    assert found == none | {
        "accountManager": {"name": "Bola"},
        "assignedBy": {"name": "Ngozi"},
        "since": present.started_at.isoformat(),
    }
    assert none == {
        "accountManager": None,
        "since": None,
        "assignedBy": None,
        "office": {"name": "Lagos"},
        "tier": None,
        "tierReason": None,
        "tierSetBy": None,
        "tierSetAt": None,
        "tags": [],
        "notes": {"totalCount": 0, "edges": []},
    }


async def test_notes_are_kept_with_their_author_newest_first(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin", name="Ngozi")), await world.customer()
    first = await send(client, NOTE, customerId=customer, text=" Called.\nWants to pay on Friday. ", idempotencyKey="k")
    second = await send(client, NOTE, customerId=customer, text="Paid — “thank you”.")
    assert first["note"]["text"] == "Called.\nWants to pay on Friday."
    notes = second["customer"]["backOffice"]["notes"]
    assert [edge["node"]["text"] for edge in notes["edges"]] == [second["note"]["text"], first["note"]["text"]]
    assert {edge["node"]["author"]["name"] for edge in notes["edges"]} == {"Ngozi"}
    assert second["customer"]["version"] == 1
    async with unchanged(api.database):
        again = await send(
            client, NOTE, customerId=customer, text=" Called.\nWants to pay on Friday. ", idempotencyKey="k"
        )
        assert (again["replayed"], again["note"]) == (True, first["note"])
        for text in ("", " \n ", "x" * 4001, "a\0b"):
            assert codes(await send(client, NOTE, customerId=customer, text=text)) == ["INVALID"], text[:9]
    told = await events(api.database, "customer.note_added")
    assert len(told) == 2
    assert all("Called" not in str(event.details) for event in told), "what it says is in the note alone"


async def test_tags_are_replaced_in_one_form(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    first = await send(
        client, TAGS, customerId=customer, tags=[" VIP, Lagos ", "vip  LAGOS", "Ṣọlá"], expectedVersion=1
    )
    assert first["customer"]["backOffice"]["tags"] == ["sola", "vip lagos"]
    assert first["customer"]["version"] == 2
    async with unchanged(api.database, but=["audit_events"]):
        assert not (await send(client, TAGS, customerId=customer, tags=["vip lagos", "SOLA"]))["changed"]
        stale = await send(client, TAGS, customerId=customer, tags=[], expectedVersion=1)
        assert (codes(stale), stale["customer"]["version"]) == (["VERSION_CONFLICT"], 2)
        for tags in ([""], ["!?"], ["x" * 41], ["a\nb"]):
            assert codes(await send(client, TAGS, customerId=customer, tags=tags)) == ["INVALID"], tags
        many = [f"tag {number}" for number in range(21)]
        assert codes(await send(client, TAGS, customerId=customer, tags=many)) == ["LIMIT_REACHED"]
    assert (await send(client, TAGS, customerId=customer, tags=many[:20]))["changed"]
    cleared = await send(client, TAGS, customerId=customer, tags=[])
    assert (cleared["customer"]["backOffice"]["tags"], cleared["customer"]["version"]) == ([], 4)
    told = await events(api.database, "customer.tags_set")
    assert told[0].details == {"before": {"tags": []}, "after": {"tags": ["sola", "vip lagos"]}}


async def test_a_tier_is_set_with_its_reason_and_taken_away(api: Api, world: World) -> None:
    boss, customer = await world.admin("super_admin", name="Ngozi"), await world.customer()
    client = await api.sign_in(boss)
    first = await send(client, TIER, customerId=customer, **GOLD)
    found = first["customer"]["backOffice"]
    assert (found["tier"], found["tierReason"], found["tierSetBy"]) == ("GOLD", "Never late.", {"name": "Ngozi"})
    assert (found["tierSetAt"] is not None, first["customer"]["version"]) == (True, 2)
    async with unchanged(api.database, but=["audit_events"]):
        assert not (await send(client, TIER, customerId=customer, tier="GOLD", reason="Again."))["changed"]
        assert codes(await send(client, TIER, customerId=customer, **GOLD, expectedVersion=1)) == ["VERSION_CONFLICT"]
        for given in ({"reason": "No tier."}, {"tier": None, "reason": " "}):
            assert await client.codes(TIER, {"input": {"customerId": gid(customer)} | given}) == ["BAD_USER_INPUT"]
    away = await send(client, TIER, customerId=customer, tier=None, reason="Late twice.")
    assert (away["customer"]["backOffice"]["tier"], away["customer"]["backOffice"]["tierReason"]) == (
        None,
        "Late twice.",
    )
    assert (await current(api.database, customer)).tier is None
    told = [event.details for event in await events(api.database, "customer.tier_set")]
    assert told[1] == {"before": {"tier": "GOLD"}, "after": {"tier": None}, "reason": "Late twice."}


async def test_of_many_tags_at_once_by_one_version_one_wins(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    wishes = [send(client, TAGS, customerId=customer, tags=[f"tag {n}", "same"], expectedVersion=1) for n in range(6)]
    payloads = await asyncio.gather(*wishes)
    assert sorted(payload["changed"] for payload in payloads) == [False] * 5 + [True]
    assert len({tuple(payload["customer"]["backOffice"]["tags"]) for payload in payloads}) == 1


@pytest.mark.parametrize(
    ("document", "given"),
    [(NOTE, {"text": "Called."}), (TAGS, {"tags": ["vip"]}), (TIER, GOLD)],
    ids=["note", "tags", "tier"],
)
async def test_who_may_write_of_whom(api: Api, world: World, document: str, given: dict[str, Any]) -> None:
    office = await world.office()
    manager, colleague = [await world.admin("account_manager", office=office) for _ in range(2)]
    mine: Customer = await world.customer(office=office, manager=manager)
    archived = await world.customer(office=office, manager=manager, status=CustomerStatus.ARCHIVED)
    viewers = {
        ("a colleague", colleague, mine): ["CUSTOMER_NOT_FOUND", "FORBIDDEN"],
        ("who sees all, and writes nothing", await world.admin("compliance_officer"), mine): ["FORBIDDEN"],
        ("who sees the outline", await world.admin("team_member", office=office), mine): ["FORBIDDEN"],
        ("of an archived one", manager, archived): ["CUSTOMER_ARCHIVED"],
    }
    clients = {viewer: await api.sign_in(viewer) for _, viewer, _ in viewers}
    client, borrower = await api.sign_in(manager), await api.sign_in(mine)
    async with unchanged(api.database):
        for (name, viewer, customer), said in viewers.items():
            assert codes(await send(clients[viewer], document, customerId=customer, **given)) == said, name
        bare = document.replace(_ANSWER, "changed replayed userErrors { code message field }")
        bare = bare.replace("note { id text }", "")
        assert codes(await send(borrower, bare, customerId=mine, **given)) == ["FORBIDDEN"]
    assert (await send(client, document, customerId=mine, **given))["changed"]


async def test_an_answer_that_is_told_again_shows_a_note_only_where_it_is_still_seen(api: Api, world: World) -> None:
    """The writer lost the customer to a colleague meanwhile, and sees the outline from then on."""
    office = await world.office()
    writer = await world.admin("team_member", office=office)
    customer = await world.customer(office=office)
    client = await api.sign_in(writer)
    await send(client, NOTE, customerId=customer, text="Called.", idempotencyKey="k")
    await world.assignment(customer, await world.admin("account_manager", office=office))
    again = await send(client, NOTE, customerId=customer, text="Called.", idempotencyKey="k")
    assert (again["replayed"], again["note"], again["customer"]["backOffice"]) == (True, None, None)
