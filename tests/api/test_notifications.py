"""`notifications` and `markRead`: who is told what within the console, of whom they still see, and nobody else."""

from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from gql.db.models import Admin, Notification
from gql.domain.enums import AdminStatus
from gql.domain.ids import Kind
from gql.domain.notifications import OF_TEMPLATE
from gql.domain.time import now
from gql.services.upkeep import Upkeep
from tests.api.client import Api, Client, gid
from tests.api.covering import break_glass, end, grant
from tests.api.mutations import assign, codes
from tests.api.reading import unknown
from tests.api.test_reassign_book import reassign, to, work
from tests.api.test_unassign_account_manager import unassign
from tests.factories import World
from tests.records import outbox, unchanged

LIST = """
query($filter: NotificationFilter, $first: Int, $after: String) {
  notifications(filter: $filter, first: $first, after: $after) {
    totalCount unreadCount pageInfo { hasNextPage endCursor }
    edges { node { id event readAt createdAt customer { id displayName } job { id reason items { totalCount } } } }
  }
}
"""
MARK = """
mutation($input: MarkReadInput!) {
  markRead(input: $input) { marked unreadCount changed replayed userErrors { code message field } }
}
"""
NODE = "query($id: ID!) { node(id: $id) { ... on Notification { event } } }"


async def told(client: Client, **given: Any) -> list[dict[str, Any]]:
    """One's own, the latest first; the count is theirs."""
    page = (await client.data(LIST, {"first": 100, "filter": given}))["notifications"]
    nodes = [edge["node"] for edge in page["edges"]]
    assert page["totalCount"] == len(nodes)
    assert [one["createdAt"] for one in nodes] == sorted((one["createdAt"] for one in nodes), reverse=True)
    return nodes


async def mark(client: Client, **given: Any) -> dict[str, Any]:
    """The payload of `markRead`."""
    payload: dict[str, Any] = (await client.data(MARK, {"input": given}))["markRead"]
    return payload


async def test_each_is_told_of_what_concerns_them(api: Api, world: World) -> None:
    """And sees whom it is about as long as they see the customer; whoever gets a mail gets one of these."""
    lagos = await world.office()
    boss, ada, bola = [
        await world.admin(role, office=lagos) for role in ("super_admin", "account_manager", "account_manager")
    ]
    mine = await world.customer(office=lagos, manager=ada)
    client, of_ada, of_bola = [await api.sign_in(who) for who in (boss, ada, bola)]

    assert codes(await assign(client, mine, bola)) == []

    [gained], [lost] = await told(of_bola), await told(of_ada)
    assert (gained["event"], gained["customer"]["id"], gained["readAt"]) == ("CUSTOMER_ASSIGNED", gid(mine), None)
    assert (lost["event"], lost["customer"]) == ("CUSTOMER_LEFT", None)
    await unassign(client, mine, version=2)
    await reassign(client, customerIds=[gid(mine)], to=to(ada))
    await work(api)
    await grant(client, ada, bola)
    [by_job, covered] = reversed([one for one in await told(of_ada) if one["event"] != "CUSTOMER_LEFT"])
    assert (by_job["event"], by_job["job"]["reason"], by_job["job"]["items"]) == (
        "BOOK_CHANGED",
        "Ada moves to Abuja",
        None,
    )
    assert covered["event"] == "COVER_GRANTED"
    assert [one["event"] for one in await told(client)] == ["JOB_ENDED"]
    staff = {admin.email: admin.id for admin in (boss, ada, bola)}
    mails = Counter(
        (staff[mail.recipient], OF_TEMPLATE[mail.template])
        for mail in await outbox(api.database)
        if mail.recipient in staff
    )
    rows = await api.database.rows(select(Notification.admin_id, Notification.event))
    assert Counter((row.admin_id, row.event) for row in rows) == mails


async def test_covers_and_broken_glass_are_told(api: Api, world: World) -> None:
    office = await world.office()
    ada, bola = [await world.admin("account_manager", office=office) for _ in range(2)]
    opener = await world.admin("collections_officer", office=office)
    mine = await world.customer(office=office, manager=ada)
    boss = await api.sign_in(await world.admin("super_admin", office=office))
    cover = (await grant(boss, ada, bola))["cover"]
    await end(boss, cover)
    await break_glass(await api.sign_in(opener), mine)
    events = [one["event"] for one in await told(await api.sign_in(ada))]
    assert events == ["GLASS_BROKEN", "COVER_ENDED", "COVER_GRANTED"]
    assert [one["event"] for one in await told(await api.sign_in(bola))] == ["COVER_ENDED", "COVER_GRANTED"]


async def _some(world: World, admin: Admin, count: int = 3) -> list[Notification]:
    """So many, the oldest first."""
    return [await world.notification(admin) for _ in range(count)]


async def test_they_are_counted_marked_and_stay_ones_own(api: Api, world: World) -> None:
    ada, bola = [await world.admin("account_manager") for _ in range(2)]
    first, second, third = await _some(world, ada)
    [of_bola] = await _some(world, bola, 1)
    client, boss = await api.sign_in(ada), await api.sign_in(await world.admin("super_admin"))
    assert [one["id"] for one in await told(client)] == [gid(third), gid(second), gid(first)]
    page = (await client.data(LIST, {"first": 2}))["notifications"]
    assert (page["unreadCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    rest = (await client.data(LIST, {"first": 2, "after": page["pageInfo"]["endCursor"]}))["notifications"]
    assert [edge["node"]["id"] for edge in rest["edges"]] == [gid(first)]

    marked = await mark(client, ids=[gid(first), gid(second)], idempotencyKey="k")

    assert (codes(marked), marked["marked"], marked["unreadCount"], marked["changed"]) == ([], 2, 1, True)
    async with unchanged(api.database):
        again = await mark(client, ids=[gid(second), gid(first)], idempotencyKey="k")
        other = await mark(client, all=True, idempotencyKey="k")
    assert (again["replayed"], again["marked"], codes(other)) == (True, 2, ["IDEMPOTENCY_CONFLICT"])
    assert [one["id"] for one in await told(client, unreadOnly=True)] == [gid(third)]
    assert await told(client, event="GLASS_BROKEN") == []
    when_read = {one["id"]: one["readAt"] for one in await told(client)}
    everything = await mark(client, all=True)
    assert (everything["marked"], everything["unreadCount"]) == (1, 0)
    assert (await told(client))[-1]["readAt"] == when_read[gid(first)], "it stays as it was"
    assert (await mark(client, all=True))["changed"] is False
    assert [one["id"] for one in await told(await api.sign_in(bola), unreadOnly=True)] == [gid(of_bola)]
    assert await told(boss) == []
    for who, seen in ((client, {"event": "COVER_ENDED"}), (boss, None)):
        assert (await who.data(NODE, {"id": gid(first)}))["node"] == seen


async def test_refusals_mark_nothing(api: Api, world: World) -> None:
    """Somebody else's are not there; nothing of one's own is marked with them."""
    ada, bola = [await world.admin("account_manager") for _ in range(2)]
    [mine], [others] = await _some(world, ada, 1), await _some(world, bola, 1)
    client, customer = await api.sign_in(ada), await api.sign_in(await world.customer())
    async with unchanged(api.database):
        for missing in (gid(others), unknown(Kind.NOTIFICATION)):
            assert codes(await mark(client, ids=[gid(mine), missing])) == ["NOT_FOUND"]
        own = gid(mine)
        malformed: list[dict[str, Any]] = [{}, {"ids": []}, {"ids": [own], "all": True}, {"all": False}]
        for given in (*malformed, {"ids": [own] * 101}):
            assert await client.codes(MARK, {"input": given}) == ["BAD_USER_INPUT"], given
        assert await api.anonymous.codes(MARK, {"input": {"all": True}}) == ["UNAUTHENTICATED"]
        assert await api.anonymous.codes(LIST) == ["UNAUTHENTICATED"]
        assert await customer.codes(LIST) == ["FORBIDDEN"]


async def test_nobody_who_has_left_is_told(api: Api, world: World) -> None:
    gone = await world.admin("account_manager", status=AdminStatus.INACTIVE)
    mine, bola = await world.customer(manager=gone), await world.admin("account_manager")
    await assign(await api.sign_in(await world.admin("super_admin")), mine, bola)
    assert [row.admin_id for row in await api.database.rows(select(Notification.admin_id))] == [bola.id]


async def test_a_refused_change_tells_nobody(api: Api, world: World) -> None:
    mine, bola = await world.customer(), await world.admin("account_manager")
    client = await api.sign_in(await world.admin("super_admin"))
    async with unchanged(api.database):
        assert codes(await assign(client, mine, bola, expectedVersion=9)) == ["VERSION_CONFLICT"]


async def test_they_are_kept_for_a_while(api: Api, world: World) -> None:
    ada = await world.admin("account_manager")
    old, fresh = await _some(world, ada, 2)
    async with api.database.begin() as session:
        for one, days in ((old, 181), (fresh, 179)):
            moment = now() - timedelta(days=days)
            await session.execute(update(Notification).where(Notification.id == one.id).values(created_at=moment))
    assert await Upkeep(api.database, api.settings).clear() == {"notifications": 1}
    assert [one["id"] for one in await told(await api.sign_in(ada))] == [gid(fresh)]
