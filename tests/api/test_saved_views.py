"""Saved views: an admin's own lists of customers, kept under names, and read back as they were asked for."""

from typing import Any

from sqlalchemy import update

from gql.db.models import Customer, CustomerTag
from gql.domain.back_office import CustomerTier
from gql.domain.ids import Kind
from tests.api.client import Api, Client, gid
from tests.api.reading import unknown
from tests.factories import World
from tests.records import events

VIEW = """
fragment View on SavedView {
  id name search orderBy { field direction }
  filter {
    status officeId includeSubtree accountManagerId hasAccountManager groupId tier tag
    created { from before } daysPastDue { min max }
  }
}
"""
SAVE = (
    """
mutation($input: SaveViewInput!) { saveView(input: $input) {
  changed replayed savedView { ...View } savedViews { name } userErrors { code field message } } }
"""
    + VIEW
)
DELETE = """
mutation($input: DeleteSavedViewInput!) { deleteSavedView(input: $input) {
  changed replayed savedViews { name } userErrors { code field } } }
"""
MINE = "{ viewer { savedViews { ...View } } }" + VIEW
FILTER: dict[str, Any] = {
    "status": ["ACTIVE", "PENDING"],
    "officeId": None,
    "includeSubtree": True,
    "accountManagerId": None,
    "hasAccountManager": False,
    "groupId": None,
    "tier": ["GOLD"],
    "tag": "vip",
    "created": {"from": "2026-01-01T00:00:00+00:00", "before": None},
    "daysPastDue": {"min": 1, "max": 30},
}
ORDER = {"field": "DAYS_PAST_DUE", "direction": "DESC"}


async def _save(client: Client, **asked: Any) -> dict[str, Any]:
    saved: dict[str, Any] = (await client.data(SAVE, {"input": asked}))["saveView"]
    return saved


async def _mine(client: Client) -> list[dict[str, Any]]:
    views: list[dict[str, Any]] = (await client.data(MINE))["viewer"]["savedViews"]
    return views


async def test_what_is_saved_is_read_back_and_does_what_it_did(api: Api, world: World) -> None:
    """Typed, in the shape that `customers` takes; under the same name it is replaced; another admin has none of it."""
    office = await world.office("Ikeja")
    ada = await world.admin("portfolio_manager", office=office)
    late = await world.customer(office=office, name="Bola Late")
    await world.loan(late, overdue_days=10)
    async with world.database.begin() as session:
        await session.execute(update(Customer).where(Customer.id == late.id).values(tier=CustomerTier.GOLD))
        session.add(CustomerTag(customer_id=late.id, tag="vip"))
    client, other = await api.sign_in(ada), await api.sign_in(await world.admin("super_admin", office=office))

    wanted = FILTER | {"officeId": gid(office)}
    saved = await _save(client, name=" Early  arrears ", filter=wanted, search="bola", orderBy=ORDER)
    assert saved["userErrors"] == []
    [view] = await _mine(client)
    assert view == saved["savedView"]
    assert (view["name"], view["search"], view["orderBy"], view["filter"]) == ("Early arrears", "bola", ORDER, wanted)
    listed = "query($f: CustomerFilter, $s: String, $o: CustomerOrder) { customers(filter: $f, search: $s, orderBy: $o)"
    found = await client.data(
        listed + " { edges { node { displayName } } } }", {"f": view["filter"], "s": view["search"], "o": ORDER}
    )
    assert [edge["node"]["displayName"] for edge in found["customers"]["edges"]] == ["Bola Late"]

    again = await _save(client, name="Early arrears", search="ade")
    assert (again["changed"], again["savedView"]["id"], again["savedView"]["search"]) == (True, view["id"], "ade")
    assert set(again["savedView"]["filter"].values()) == {None}
    assert not (await _save(client, name="Early arrears", search="ade"))["changed"]

    assert await _mine(other) == []
    refused = (await other.data(DELETE, {"input": {"name": "Early arrears"}}))["deleteSavedView"]
    assert [error["code"] for error in refused["userErrors"]] == ["NOT_FOUND"]
    gone = (await client.data(DELETE, {"input": {"name": "Early arrears"}}))["deleteSavedView"]
    assert (gone["changed"], gone["savedViews"], gone["userErrors"]) == (True, [], [])
    recorded = [*await events(api.database, "saved_view.saved"), *await events(api.database, "saved_view.deleted")]
    assert [event.actor_id for event in recorded] == [ada.id] * 3


async def test_a_view_of_what_is_not_there_any_more_gives_an_empty_list(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    await world.customer()
    query = "query($f: CustomerFilter) { customers(filter: $f) { totalCount } }"
    for name, kind in (("groupId", Kind.GROUP), ("officeId", Kind.OFFICE), ("accountManagerId", Kind.ADMIN)):
        saved = await _save(client, name=name, filter={name: unknown(kind)})
        kept = saved["savedView"]["filter"]
        assert await client.data(query, {"f": kept}) == {"customers": {"totalCount": 0}}


async def test_what_the_list_would_not_take_is_not_kept(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    for wrong in (
        {"filter": {"groupId": "nonsense"}},
        {"filter": {"groupId": unknown(Kind.OFFICE)}},
        {"filter": {"daysPastDue": {"min": 3, "max": 2}}},
        {"filter": {"created": {"from": "2026-01-01T00:00:00"}}},
        {"filter": {"nonsense": 1}},
        {"orderBy": {"field": "PASSWORD"}},
        {"search": "..."},
        {"search": ""},
        {"name": " "},
        {"name": "x" * 101},
        {"name": "a\0"},
    ):
        assert await client.codes(SAVE, {"input": {"name": "View"} | wrong}) == ["BAD_USER_INPUT"], wrong
    assert await _mine(client) == []


async def test_fifty_at_most_each_once_under_its_key_and_none_for_customers(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    for number in range(50):
        assert (await _save(client, name=f"View {number:02}"))["userErrors"] == []
    refused = await _save(client, name="One more")
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("LIMIT_REACHED", ["name"])]
    first = await _save(client, name="View 00", search="ada", idempotencyKey="k")
    second = await _save(client, name="View 00", search="ada", idempotencyKey="k")
    assert (first["changed"], first["replayed"]) == (True, False)
    assert (second["changed"], second["replayed"]) == (True, True)
    conflict = await _save(client, name="View 01", search="ada", idempotencyKey="k")
    assert [error["code"] for error in conflict["userErrors"]] == ["IDEMPOTENCY_CONFLICT"]
    assert len(await _mine(client)) == 50

    customer = await api.sign_in(await world.customer())
    assert (await customer.data(MINE))["viewer"]["savedViews"] is None
    assert [error["code"] for error in (await _save(customer, name="Mine"))["userErrors"]] == ["FORBIDDEN"]
