"""`me.notifications`, `markRead` and `setMyNotificationPreferences`: what customers are told in the app, and how."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from gql.db.models import OwnNotification
from gql.domain.ids import Kind, to_global_id
from gql.domain.notifications import OF_OWN_TEMPLATE, OwnEvent
from gql.domain.time import now
from gql.services.upkeep import Upkeep
from tests.api.client import Api, Client, gid
from tests.api.mutations import assign, codes
from tests.api.reading import unknown
from tests.api.test_notifications import MARK, mark
from tests.api.test_reassign_book import reassign, to, work
from tests.api.test_unassign_account_manager import unassign
from tests.factories import PASSWORD, World
from tests.records import events, outbox, unchanged

LIST = """
query($first: Int, $after: String) { me { notifications(first: $first, after: $after) {
  totalCount unreadCount pageInfo { hasNextPage endCursor } edges { node { id event readAt createdAt } }
} } }
"""
PREFERENCES = "{ me { notificationPreferences { event email inApp emailMayChange } } }"
SET = """
mutation($input: SetMyNotificationPreferencesInput!) {
  setMyNotificationPreferences(input: $input) {
    changed replayed me { id notificationPreferences { event email inApp } } userErrors { code message field }
  }
}
"""
UPDATE_CONTACT = "mutation($input: UpdateMyContactInput!) { updateMyContact(input: $input) { userErrors { code } } }"
TRANSFER = "mutation($input: TransferCustomerInput!) { transferCustomer(input: $input) { userErrors { code } } }"


async def told(client: Client) -> list[dict[str, Any]]:
    """One's own, the latest first."""
    page = (await client.data(LIST, {"first": 100}))["me"]["notifications"]
    nodes = [edge["node"] for edge in page["edges"]]
    assert page["totalCount"] == len(nodes)
    assert page["unreadCount"] == sum(one["readAt"] is None for one in nodes)
    return nodes


async def _set(client: Client, *wanted: tuple[str, bool, bool], **given: Any) -> dict[str, Any]:
    preferences = [{"event": event, "email": email, "inApp": in_app} for event, email, in_app in wanted]
    asked = {"input": {"preferences": preferences} | given}
    payload: dict[str, Any] = (await client.data(SET, asked))["setMyNotificationPreferences"]
    return payload


def my(notification: OwnNotification) -> str:
    """Its global ID."""
    return to_global_id(Kind.MY_NOTIFICATION, notification.id)


async def test_a_customer_is_told_of_whatever_they_are_mailed(api: Api, world: World) -> None:
    """Who looks after them, by one assignment or a job of many, their office, and their own contact."""
    here, there = await world.office(), await world.office()
    boss = await api.sign_in(await world.admin("super_admin"))
    ada, bola = [await world.admin("account_manager", office=here) for _ in range(2)]
    mine, other = [await world.customer(office=here) for _ in range(2)]
    await world.password(mine)
    client = await api.sign_in(mine)

    await assign(boss, mine, ada)
    await unassign(boss, mine, version=2)
    await reassign(boss, customerIds=[gid(mine)], to=to(bola))
    await work(api)
    moved = {"customerId": gid(mine), "officeId": gid(there), "assignment": "KEEP"} | {
        "expectedVersion": 4,
        "reason": "Moved house",
    }
    assert await boss.data(TRANSFER, {"input": moved}) == {"transferCustomer": {"userErrors": []}}
    contact = {"currentPassword": PASSWORD, "phone": "08031234567", "email": "new@home.example"}
    assert await client.data(UPDATE_CONTACT, {"input": contact}) == {"updateMyContact": {"userErrors": []}}

    assert [one["event"] for one in await told(client)] == [
        "CONTACT_CHANGED",
        "OFFICE_CHANGED",
        "MANAGER_ASSIGNED",
        "MANAGER_LEFT",
        "MANAGER_ASSIGNED",
    ]
    ours = {mine.email, "new@home.example"}
    mails = [mail for mail in await outbox(api.database) if mail.recipient in ours]
    assert {OF_OWN_TEMPLATE[mail.template] for mail in mails} == set(OwnEvent)
    assert await told(await api.sign_in(other)) == []


async def test_they_are_paged_marked_and_stay_ones_own(api: Api, world: World) -> None:
    mine, other = [await world.customer() for _ in range(2)]
    first, second, third = [await world.own_notification(mine) for _ in range(3)]
    of_other = await world.own_notification(other)
    client = await api.sign_in(mine)
    page = (await client.data(LIST, {"first": 2}))["me"]["notifications"]
    assert [edge["node"]["id"] for edge in page["edges"]] == [my(third), my(second)]
    assert (page["unreadCount"], page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, 3, True)
    rest = (await client.data(LIST, {"first": 2, "after": page["pageInfo"]["endCursor"]}))["me"]["notifications"]
    assert [edge["node"]["id"] for edge in rest["edges"]] == [my(first)]

    marked = await mark(client, ids=[my(first), my(second)], idempotencyKey="k")

    assert (codes(marked), marked["marked"], marked["unreadCount"], marked["changed"]) == ([], 2, 1, True)
    async with unchanged(api.database):
        assert (await mark(client, ids=[my(second), my(first)], idempotencyKey="k"))["replayed"]
        assert codes(await mark(client, all=True, idempotencyKey="k")) == ["IDEMPOTENCY_CONFLICT"]
        for missing in (my(of_other), unknown(Kind.MY_NOTIFICATION)):
            assert codes(await mark(client, ids=[my(third), missing])) == ["NOT_FOUND"]
        assert await client.codes(MARK, {"input": {"ids": [unknown(Kind.NOTIFICATION)]}}) == ["BAD_USER_INPUT"]
    assert [one["readAt"] is None for one in await told(client)] == [True, False, False]
    everything = await mark(client, all=True)
    assert (everything["marked"], everything["unreadCount"]) == (1, 0)
    assert [one["readAt"] for one in await told(await api.sign_in(other))] == [None]
    boss = await api.sign_in(await world.admin("super_admin"))
    node = "query($id: ID!) { node(id: $id) { id } }"
    assert await boss.data(node, {"id": my(first)}) == {"node": None}


async def test_each_is_told_by_the_ways_that_they_want(api: Api, world: World) -> None:
    """A new contact is always mailed: whoever took the account over could hide it otherwise."""
    boss, ada = [await world.admin(role) for role in ("super_admin", "account_manager")]
    mine, other = [await world.customer() for _ in range(2)]
    client, staff = await api.sign_in(mine), await api.sign_in(boss)
    before = (await client.data(PREFERENCES))["me"]["notificationPreferences"]
    assert [one["event"] for one in before] == [event.value for event in OwnEvent]
    assert all(one["email"] and one["inApp"] for one in before)
    assert [one["event"] for one in before if not one["emailMayChange"]] == ["CONTACT_CHANGED"]

    wanted = (("MANAGER_ASSIGNED", False, True), ("MANAGER_LEFT", True, False))
    done = await _set(client, *wanted, idempotencyKey="k")

    assert (codes(done), done["changed"], done["me"]["id"]) == ([], True, gid(mine))
    now_wanted = {one["event"]: (one["email"], one["inApp"]) for one in done["me"]["notificationPreferences"]}
    assert now_wanted == {
        "MANAGER_ASSIGNED": (False, True),
        "MANAGER_LEFT": (True, False),
        "OFFICE_CHANGED": (True, True),
        "CONTACT_CHANGED": (True, True),
    }
    [event] = await events(api.database, "customer.notification_preferences_set")
    assert (event.actor_id, event.subject_id) == (mine.id, mine.id)
    for customer in (mine, other):
        await assign(staff, customer, ada)
        await unassign(staff, customer, version=2)
    mails = await outbox(api.database)
    for customer, mailed, in_app in ((mine, 1, ["MANAGER_ASSIGNED"]), (other, 2, ["MANAGER_LEFT", "MANAGER_ASSIGNED"])):
        assert sum(mail.recipient == customer.email for mail in mails) == mailed
        assert [one["event"] for one in await told(await api.sign_in(customer))] == in_app
    async with unchanged(api.database):
        assert (await _set(client, *wanted, idempotencyKey="k"))["replayed"]
        assert (await _set(client, *wanted))["changed"] is False
        refused = await _set(client, ("OFFICE_CHANGED", False, False), ("CONTACT_CHANGED", False, True))
        assert (codes(refused), refused["me"]) == (["NOT_ALLOWED"], None)


@pytest.mark.parametrize("role", ["super_admin", "account_manager"])
async def test_staff_have_none_of_these(role: str, api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin(role))
    async with unchanged(api.database):
        assert codes(await _set(client, ("MANAGER_LEFT", True, False))) == ["FORBIDDEN"]
        assert await client.codes(LIST) == ["FORBIDDEN"]


async def test_malformed_or_without_sign_in_nothing_is_kept(api: Api, world: World) -> None:
    client = await api.sign_in(await world.customer())
    one = {"event": "MANAGER_LEFT", "email": True, "inApp": False}
    async with unchanged(api.database):
        for wrong in ([], [one, one], [one | {"event": "GLASS_BROKEN"}]):
            assert await client.codes(SET, {"input": {"preferences": wrong}}) == ["BAD_USER_INPUT"]
        for document, asked in ((SET, {"input": {"preferences": [one]}}), (LIST, {}), (MARK, {"input": {"all": True}})):
            assert await api.anonymous.codes(document, asked) == ["UNAUTHENTICATED"]


async def test_they_are_kept_for_a_while(api: Api, world: World) -> None:
    mine = await world.customer()
    old, fresh = [await world.own_notification(mine) for _ in range(2)]
    async with api.database.begin() as session:
        for one, days in ((old, 181), (fresh, 179)):
            moment = now() - timedelta(days=days)
            await session.execute(update(OwnNotification).where(OwnNotification.id == one.id).values(created_at=moment))
    assert await Upkeep(api.database, api.settings).clear() == {"own_notifications": 1}
    assert [row.id for row in await api.database.rows(select(OwnNotification.id))] == [fresh.id]
