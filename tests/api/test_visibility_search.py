"""Searching by an email or phone that is withheld: as a look-up of the whole value, on record, and not too often."""

from pathlib import Path

import pytest

from gql.db.models import Admin, Customer
from tests.api.client import Api, Client, open_api
from tests.factories import World
from tests.records import events

SEARCH = "query($term: String!) { customers(search: $term) { totalCount edges { node { displayName email phone } } } }"


async def _found(client: Client, term: str) -> list[str]:
    page = (await client.data(SEARCH, {"term": term}))["customers"]
    names = [edge["node"]["displayName"] for edge in page["edges"]]
    assert page["totalCount"] == len(names)
    return names


async def _outlined(world: World) -> Customer:
    """Someone else's customer, of whom the roles below see an outline."""
    return await world.customer(
        name="Bola Ade",
        email="bola@people.example",
        phone="+2348031112222",
        manager=await world.admin("account_manager"),
    )


@pytest.mark.parametrize("role", ["team_member", "auditor"])
async def test_who_may_not_look_up_finds_nobody_by_what_is_withheld(role: str, api: Api, world: World) -> None:
    await _outlined(world)
    client = await api.sign_in(await world.admin(role))
    assert await _found(client, "bola@people.example") == []
    assert await _found(client, "0803 111 2222") == []
    assert await _found(client, "Bola A") == ["Bola Ade"]
    assert await events(api.database, "customer.lookup") == []


async def test_a_look_up_matches_the_whole_value_and_withholds_it_still(api: Api, world: World) -> None:
    customer = await _outlined(world)
    client = await api.sign_in(await world.admin("group_administrator"))
    for term in (customer.email, " BOLA@People.Example ", customer.phone, "0803 111 2222"):
        assert await _found(client, term) == ["Bola Ade"]
    for part in (
        "bola@people",
        "@people.example",
        "bola@people.example.org",
        "0803 111 222",
        "bola@%",
        "%@people.example",
    ):
        assert await _found(client, part) == []
    page = (await client.data(SEARCH, {"term": customer.email}))["customers"]
    assert page["edges"][0]["node"] == {"displayName": "Bola Ade", "email": None, "phone": None}


async def test_a_look_up_stays_within_what_the_viewer_sees(api: Api, world: World) -> None:
    head = await world.office("Head")
    branch = await world.office("Branch", parent=head)
    customer = await world.customer(office=head)
    client = await api.sign_in(await world.admin("group_administrator", office=branch))
    assert await _found(client, customer.email) == []


async def test_each_look_up_is_on_record_without_its_value(api: Api, world: World) -> None:
    """Whether it finds anybody or not."""
    await _outlined(world)
    viewer = await world.admin("group_administrator")
    client = await api.sign_in(viewer)
    for term in ("bola@people.example", "0803 111 2222", "nobody@people.example"):
        await _found(client, term)

    recorded = await events(api.database, "customer.lookup")

    assert [(event.actor_id, event.subject_id) for event in recorded] == [(viewer.id, None)] * 3
    assert [event.details for event in recorded] == [{"by": "email"}, {"by": "phone"}, {"by": "email"}]
    assert not any("people.example" in repr(event) or "111" in repr(event.details) for event in recorded)


@pytest.mark.parametrize("role", ["super_admin", "compliance_officer", "collections_officer"])
async def test_who_sees_the_contacts_anyway_looks_nothing_up(role: str, api: Api, world: World) -> None:
    """A collections officer sees phones and emails of all whom they see at all."""
    customer = await _outlined(world)
    client = await api.sign_in(await world.admin(role))
    assert await _found(client, customer.email) == [customer.name]
    assert await events(api.database, "customer.lookup") == []


async def test_who_looks_up_too_often_has_to_wait_but_nobody_else(api: Api, world: World, tmp_path: Path) -> None:
    customer = await _outlined(world)
    hasty, other = await world.admin("group_administrator"), await world.admin("group_administrator")
    async with open_api(str(api.settings.database_url), tmp_path, lookups_per_minute=2) as strict:
        client = await strict.sign_in(hasty)
        assert [await _found(client, term) for term in (customer.email, customer.phone)] == [["Bola Ade"]] * 2
        assert await client.codes(SEARCH, {"term": customer.email}) == ["RATE_LIMITED"]
        assert await client.codes(SEARCH, {"term": "nobody@people.example"}) == ["RATE_LIMITED"]
        assert await _found(client, "Bola") == await _found(client, customer.number) == ["Bola Ade"]
        assert await _found(await strict.sign_in(other), customer.email) == ["Bola Ade"]
    assert len(await events(api.database, "customer.lookup")) == 3


async def _holding(world: World, role: str) -> tuple[Admin, Customer]:
    """An admin with a customer of their own."""
    viewer = await world.admin(role)
    return viewer, await world.customer(name="Own Customer", email="own@people.example", manager=viewer)


async def test_the_own_book_is_searched_by_everything(api: Api, world: World) -> None:
    """Beside customers of whom the email is withheld, and without a look-up where the role has none."""
    await _outlined(world)
    viewer, own = await _holding(world, "account_manager")
    client = await api.sign_in(viewer)
    for term in (own.email, own.phone, own.number, own.name):
        assert await _found(client, term) == ["Own Customer"]
    assert await events(api.database, "customer.lookup") == []


@pytest.mark.parametrize(
    "beside",
    [
        'customer(id: "nonsense") { id }',
        "me { number }",
        "offices(first: 1) { edges { node { children(first: 0) { totalCount } } } }",
    ],
)
async def test_a_look_up_beside_a_field_that_fails_is_on_record_once(beside: str, api: Api, world: World) -> None:
    """A root field is asked once, by whichever way the answer comes; and its own answer is whole."""
    await _outlined(world)
    client = await api.sign_in(await world.admin("group_administrator"))
    query = "query($term: String!) { found: customers(search: $term) { totalCount } " + beside + " }"
    for times in (1, 2):
        await client.answer(query, {"term": "bola@people.example"})
        assert len(await events(api.database, "customer.lookup")) == times


async def test_look_ups_at_once_are_counted_one_after_another(world: World, api: Api, tmp_path: Path) -> None:
    """Five in one operation, where one is allowed: one is made, and on record. (The list is never null: one error.)"""
    admin = await world.admin("group_administrator")
    url = api.database.url.render_as_string(hide_password=False)
    async with open_api(url, tmp_path, lookups_per_minute=1) as strict:
        client = await strict.sign_in(admin)
        fields = " ".join(f"f{number}: customers(search: $term) {{ totalCount }}" for number in range(5))
        query = "query($term: String!) { " + fields + " }"
        assert await client.codes(query, {"term": "bola@people.example"}) == ["RATE_LIMITED"]
        assert len(await events(strict.database, "customer.lookup")) == 1
