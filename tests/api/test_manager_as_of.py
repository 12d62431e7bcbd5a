"""`customer.managerAsOf`: who was account manager at a moment, to the microsecond."""

from datetime import datetime, timedelta, timezone
from typing import Any

from gql.domain.time import now
from tests.api.client import Api, Client, gid
from tests.api.test_customer_record import ROLES
from tests.factories import World

AS_OF = "query($id: ID!, $at: DateTime!) { customer(id: $id) { managerAsOf(at: $at) { id name office { name } } } }"
INSTANT = timedelta(microseconds=1)
BEGAN = now().replace(microsecond=250_000) - timedelta(days=30)
PASSED_ON, ENDED, BEGAN_AGAIN = (BEGAN + timedelta(days=days) for days in (10, 20, 25))


async def named(client: Client, customer: Any, at: datetime) -> str | None:
    """The name of who was account manager then."""
    found = (await client.data(AS_OF, {"id": gid(customer), "at": at.isoformat()}))["customer"]["managerAsOf"]
    return None if found is None else str(found["name"])


async def test_a_span_holds_from_its_start_on_and_until_its_end(api: Api, world: World) -> None:
    ada, bola = await world.admin("account_manager", name="Ada"), await world.admin("account_manager", name="Bola")
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    await world.assignment(customer, ada, started_at=BEGAN, ended_at=PASSED_ON)
    await world.assignment(customer, bola, started_at=PASSED_ON, ended_at=ENDED)
    await world.assignment(customer, ada, started_at=BEGAN_AGAIN)
    for moment, name in {
        BEGAN - timedelta(days=9_999): None,
        BEGAN - INSTANT: None,
        BEGAN: "Ada",
        PASSED_ON - INSTANT: "Ada",
        PASSED_ON: "Bola",
        ENDED - INSTANT: "Bola",
        ENDED: None,
        BEGAN_AGAIN - INSTANT: None,
        BEGAN_AGAIN: "Ada",
        now(): "Ada",
        now() + timedelta(minutes=4): "Ada",  # a clock that is ahead
        PASSED_ON.astimezone(timezone(timedelta(hours=-9))): "Bola",
    }.items():
        assert await named(client, customer, moment) == name, moment


async def test_each_customer_of_a_list_has_their_own(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    people = [await world.customer(name=f"Customer {number}") for number in range(3)]
    for number, customer in enumerate(people[:2]):
        await world.assignment(customer, await world.admin(name=f"Manager {number}"), started_at=BEGAN)
    document = "query($at: DateTime!) { customers { edges { node { displayName managerAsOf(at: $at) { name } } } } }"
    for moment, of in ((BEGAN, [{"name": "Manager 0"}, {"name": "Manager 1"}, None]), (BEGAN - INSTANT, [None] * 3)):
        found = (await client.data(document, {"at": moment.isoformat()}))["customers"]["edges"]
        assert [edge["node"]["managerAsOf"] for edge in found] == of


async def test_a_moment_that_nobody_can_mean_is_refused(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    for at in ((now() + timedelta(minutes=6)).isoformat(), "2026-01-01T00:00:00", "0001-01-01T00:00:00+01:00"):
        assert await client.codes(AS_OF, {"id": gid(customer), "at": at}) == ["BAD_USER_INPUT"], at
    assert await named(client, customer, datetime.fromisoformat("0001-01-01T00:00:00+00:00")) is None


async def test_who_does_not_see_the_history_is_not_told(api: Api, world: World) -> None:
    """Whatever their role, and whoever the account manager is."""
    home = await world.office()
    ada = await world.admin("account_manager", office=home, name="Ada")
    document = AS_OF.replace("managerAsOf", "assignmentHistory { totalCount } managerAsOf")
    told = set()
    for role in ROLES:
        viewer = await world.admin(role, office=home)
        client = await api.sign_in(viewer)
        for manager in (ada, viewer):
            customer = await world.customer(office=home)
            await world.assignment(customer, manager, started_at=BEGAN)
            found = (await client.data(document, {"id": gid(customer), "at": BEGAN.isoformat()}))["customer"]
            if found is not None:
                assert (found["managerAsOf"] is None) is (found["assignmentHistory"] is None), role
                told.add((role, manager is viewer, found["managerAsOf"] is not None))
    assert {role for role, own, seen in told if seen and not own} == {
        "super_admin",
        "compliance_officer",
        "portfolio_manager",
    }
    assert all(seen for _, own, seen in told if own)
