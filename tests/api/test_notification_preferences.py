"""`notificationPreferences` and `setNotificationPreferences`: told as one wants, but for what nobody can do without."""

from typing import Any

from sqlalchemy import select

from gql.db.models import Admin, Notification
from tests.api.client import Api, Client
from tests.api.covering import grant
from tests.api.mutations import assign, codes
from tests.factories import World
from tests.records import events, outbox, unchanged

PREFERENCES = "{ notificationPreferences { event email inApp emailMayChange } }"
SET = """
mutation($input: SetNotificationPreferencesInput!) {
  setNotificationPreferences(input: $input) {
    changed replayed preferences { event email inApp } userErrors { code message field }
  }
}
"""
ALWAYS = {"COVER_GRANTED", "COVER_ENDED", "GLASS_BROKEN"}


async def _set(client: Client, *wanted: tuple[str, bool, bool], **given: Any) -> dict[str, Any]:
    preferences = [{"event": event, "email": email, "inApp": in_app} for event, email, in_app in wanted]
    asked = {"input": {"preferences": preferences} | given}
    payload: dict[str, Any] = (await client.data(SET, asked))["setNotificationPreferences"]
    return payload


async def _told(api: Api, admin: Admin) -> tuple[list[str], list[str]]:
    """The mails to somebody by template, and the notifications by event."""
    rows = await api.database.rows(select(Notification.event).where(Notification.admin_id == admin.id))
    mails = [mail.template for mail in await outbox(api.database) if mail.recipient == admin.email]
    return mails, [row.event for row in rows]


async def test_each_is_told_by_the_ways_that_they_want(api: Api, world: World) -> None:
    """From then on, of those events alone, and nobody else is told otherwise."""
    boss, ada, bola = [await world.admin(role) for role in ("super_admin", "account_manager", "account_manager")]
    client, of_ada = await api.sign_in(boss), await api.sign_in(ada)
    before = (await of_ada.data(PREFERENCES))["notificationPreferences"]
    assert all(one["email"] and one["inApp"] for one in before)
    assert {one["event"] for one in before if not one["emailMayChange"]} == ALWAYS

    done = await _set(of_ada, ("CUSTOMER_ASSIGNED", False, True), ("CUSTOMER_LEFT", True, False), idempotencyKey="k")

    assert (codes(done), done["changed"]) == ([], True)
    wanted = {one["event"]: (one["email"], one["inApp"]) for one in done["preferences"]}
    assert wanted == dict.fromkeys(wanted, (True, True)) | {
        "CUSTOMER_ASSIGNED": (False, True),
        "CUSTOMER_LEFT": (True, False),
    }
    [event] = await events(api.database, "admin.notification_preferences_set")
    assert (event.actor_id, event.subject_id) == (ada.id, ada.id)
    one, another = await world.customer(), await world.customer()
    await assign(client, one, ada)
    await assign(client, one, bola)
    await assign(client, another, bola)
    assert await _told(api, ada) == (["account_manager_ended_manager"], ["CUSTOMER_ASSIGNED"])
    assert await _told(api, bola) == (["account_manager_assigned_manager"] * 2, ["CUSTOMER_ASSIGNED"] * 2)
    async with unchanged(api.database):
        again = await _set(
            of_ada, ("CUSTOMER_ASSIGNED", False, True), ("CUSTOMER_LEFT", True, False), idempotencyKey="k"
        )
        other = await _set(of_ada, ("CUSTOMER_LEFT", True, True), idempotencyKey="k")
        same = await _set(of_ada, ("CUSTOMER_LEFT", True, False))
    assert (again["replayed"], codes(other), same["changed"]) == (True, ["IDEMPOTENCY_CONFLICT"], False)
    await _set(of_ada, ("CUSTOMER_ASSIGNED", True, True))
    now = {one["event"]: one["email"] for one in (await of_ada.data(PREFERENCES))["notificationPreferences"]}
    assert now["CUSTOMER_ASSIGNED"]


async def test_who_else_sees_ones_customers_is_always_told_by_mail(api: Api, world: World) -> None:
    boss, ada, bola = [await world.admin(role) for role in ("super_admin", "account_manager", "account_manager")]
    of_ada = await api.sign_in(ada)
    async with unchanged(api.database):
        for event in ALWAYS:
            refused = await _set(of_ada, ("CUSTOMER_LEFT", False, False), (event, False, True))
            assert (codes(refused), refused["preferences"]) == (["NOT_ALLOWED"], None)
    assert codes(await _set(of_ada, ("COVER_GRANTED", True, False))) == []
    await grant(await api.sign_in(boss), ada, bola)
    assert await _told(api, ada) == (["cover_granted"], [])


async def test_refusals_keep_nothing(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("auditor"))
    customer = await api.sign_in(await world.customer())
    one = {"event": "CUSTOMER_LEFT", "email": True, "inApp": False}
    async with unchanged(api.database):
        assert codes(await _set(customer, ("CUSTOMER_LEFT", True, False))) == ["FORBIDDEN"]
        assert await customer.codes(PREFERENCES) == ["FORBIDDEN"]
        for wrong in ([], [one, one]):
            assert await client.codes(SET, {"input": {"preferences": wrong}}) == ["BAD_USER_INPUT"]
        for document, asked in ((SET, {"input": {"preferences": [one]}}), (PREFERENCES, {})):
            assert await api.anonymous.codes(document, asked) == ["UNAUTHENTICATED"]
