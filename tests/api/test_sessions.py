"""`viewer.sessions`, `revokeSession` and `revokeOtherSessions`: one's own sessions, and nobody else's."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from gql.db.models import Admin, Customer, Session
from gql.domain.enums import AdminStatus
from gql.domain.ids import Kind, to_global_id
from gql.domain.time import now
from tests.api.client import Api, Client
from tests.api.links import REFRESH, WHO, try_to_sign_in, with_token
from tests.api.reading import moment, unknown
from tests.auth.accounts import begin_session, set_admin_status
from tests.factories import World
from tests.records import events, unchanged

SESSIONS = "{ viewer { sessions { id createdAt lastUsedAt current } } }"
REVOKE = """
mutation($id: ID!) { revokeSession(input: {sessionId: $id}) { revoked userErrors { code message field } } }
"""
REVOKE_OTHERS = "mutation { revokeOtherSessions { revokedSessions userErrors { code } } }"
NOT_FOUND = [("SESSION_NOT_FOUND", ["sessionId"])]


async def _signed_in(api: Api, world: World, who: Admin | Customer) -> tuple[Client, dict[str, Any]]:
    """A client that has signed in, and its tokens."""
    tokens = await try_to_sign_in(api, who.email, audience=type(who).__name__.upper())
    return with_token(api, tokens["accessToken"]), tokens


async def _sessions(client: Client) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await client.data(SESSIONS))["viewer"]["sessions"]
    return listed


async def _revoke(client: Client, session_id: str) -> dict[str, Any]:
    payload: dict[str, Any] = (await client.data(REVOKE, {"id": session_id}))["revokeSession"]
    assert payload["revoked"] is not bool(payload["userErrors"])
    return payload


def _codes(payload: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


async def test_a_viewer_sees_their_own_lasting_sessions_the_last_used_first(api: Api, world: World) -> None:
    ada, eve = await world.admin("super_admin"), await world.admin("super_admin")
    await world.password(ada)
    await begin_session(api.database, eve)
    await begin_session(api.database, ada, lasts=timedelta(seconds=-1))
    phone, phones = await _signed_in(api, world, ada)
    laptop, _ = await _signed_in(api, world, ada)

    on_laptop, on_phone = await _sessions(laptop)
    assert (on_laptop["current"], on_phone["current"]) == (True, False)
    assert on_phone["createdAt"] == on_phone["lastUsedAt"]

    await api.anonymous.data(REFRESH, {"token": phones["refreshToken"]})
    listed = await _sessions(phone)
    assert [(each["id"], each["current"]) for each in listed] == [(on_phone["id"], True), (on_laptop["id"], False)]
    used, created = moment(listed[0]["lastUsedAt"]), moment(listed[0]["createdAt"])
    assert used is not None
    assert created is not None
    assert used > created


async def test_a_customer_sees_their_own_too(api: Api, world: World) -> None:
    chidi = await world.customer()
    await world.password(chidi)
    client, _ = await _signed_in(api, world, chidi)
    [only] = await _sessions(client)
    assert only["current"]
    assert (await _revoke(client, only["id"]))["revoked"]
    assert await client.codes(SESSIONS) == ["UNAUTHENTICATED"]


async def test_a_session_that_is_revoked_ends_at_once_with_its_refresh_token(api: Api, world: World) -> None:
    ada = await world.admin("auditor")
    await world.password(ada)
    lost, tokens = await _signed_in(api, world, ada)
    client, _ = await _signed_in(api, world, ada)
    [_, other] = await _sessions(client)

    assert (await _revoke(client, other["id"]))["revoked"]

    assert await lost.codes(WHO) == ["UNAUTHENTICATED"]
    refused = (await api.anonymous.data(REFRESH, {"token": tokens["refreshToken"]}))["refreshSession"]
    assert refused["userErrors"] == [{"code": "INVALID_REFRESH_TOKEN"}]
    assert [each["current"] for each in await _sessions(client)] == [True]
    [event] = await events(api.database, "session.revoked")
    assert (event.actor_id, to_global_id(Kind.SESSION, event.subject_id)) == (ada.id, other["id"])
    async with unchanged(api.database):
        assert _codes(await _revoke(client, other["id"])) == NOT_FOUND


async def test_a_session_revoked_under_a_key_is_revoked_once(api: Api, world: World) -> None:
    """The same again is answered alike; another session under that key is not touched."""
    ada = await world.admin("auditor")
    client = await api.sign_in(ada)
    first, second = [to_global_id(Kind.SESSION, (await begin_session(api.database, ada)).id) for _ in range(2)]
    keyed = """mutation($id: ID!) { revokeSession(input: {sessionId: $id, idempotencyKey: "k"}) {
        revoked replayed userErrors { code message field } } }"""

    done = (await client.data(keyed, {"id": first}))["revokeSession"]
    async with unchanged(api.database):
        again = (await client.data(keyed, {"id": first}))["revokeSession"]
        other = (await client.data(keyed, {"id": second}))["revokeSession"]

    assert done == {"revoked": True, "replayed": False, "userErrors": []}
    assert again == {"revoked": True, "replayed": True, "userErrors": []}
    assert (other["revoked"], _codes(other)) == (False, [("IDEMPOTENCY_CONFLICT", ["idempotencyKey"])])


async def test_nobody_ends_the_sessions_of_others(api: Api, world: World) -> None:
    """Not even a super admin by this mutation; and they are as good as not there."""
    boss, ada, chidi = await world.admin("super_admin"), await world.admin("auditor"), await world.customer()
    client = await api.sign_in(boss)
    ended = await begin_session(api.database, boss, lasts=timedelta(seconds=-1))
    others = [await begin_session(api.database, ada), await begin_session(api.database, chidi), ended]
    async with unchanged(api.database):
        for session in others:
            assert _codes(await _revoke(client, to_global_id(Kind.SESSION, session.id))) == NOT_FOUND
        assert _codes(await _revoke(client, unknown(Kind.SESSION))) == NOT_FOUND
        assert await client.codes(REVOKE, {"id": unknown(Kind.ADMIN)}) == ["BAD_USER_INPUT"]


async def test_all_others_are_ended_and_this_one_lasts(api: Api, world: World) -> None:
    ada, eve = await world.admin("auditor"), await world.admin("auditor")
    client, eves = await api.sign_in(ada), await api.sign_in(eve)
    others = [await api.sign_in(ada) for _ in range(2)]

    assert await client.data(REVOKE_OTHERS) == {"revokeOtherSessions": {"revokedSessions": 2, "userErrors": []}}

    for other in others:
        assert await other.codes(WHO) == ["UNAUTHENTICATED"]
    assert await client.codes(WHO) == await eves.codes(WHO) == []
    assert len(await events(api.database, "session.revoked")) == 2
    async with unchanged(api.database):
        assert (await client.data(REVOKE_OTHERS))["revokeOtherSessions"]["revokedSessions"] == 0


async def test_nobody_has_no_sessions(api: Api) -> None:
    for document in (SESSIONS, REVOKE_OTHERS):
        assert await api.anonymous.codes(document) == ["UNAUTHENTICATED"]
    assert await api.anonymous.codes(REVOKE, {"id": unknown(Kind.SESSION)}) == ["UNAUTHENTICATED"]


async def test_a_session_is_no_record_of_the_lender(api: Api, world: World) -> None:
    ada = await world.admin("super_admin")
    client = await api.sign_in(ada)
    [own] = await _sessions(client)
    assert await client.data("query($id: ID!) { node(id: $id) { id } }", {"id": own["id"]}) == {"node": None}


async def test_who_was_deactivated_is_out_of_every_session_by_the_next_request(api: Api, world: World) -> None:
    ada = await world.admin("auditor")
    await world.password(ada)
    signed_in = [await _signed_in(api, world, ada) for _ in range(2)]
    await set_admin_status(api.database, ada, AdminStatus.INACTIVE)
    async with unchanged(api.database):
        for client, tokens in signed_in:
            assert await client.codes(WHO) == ["UNAUTHENTICATED"]
            refused = (await api.anonymous.data(REFRESH, {"token": tokens["refreshToken"]}))["refreshSession"]
            assert refused["userErrors"] == [{"code": "INVALID_REFRESH_TOKEN"}]


async def test_at_most_a_hundred_are_listed(api: Api, world: World) -> None:
    ada = await world.admin("auditor")
    client = await api.sign_in(ada)
    moment = now()
    async with api.database.begin() as transaction:
        for _ in range(101):
            transaction.add(Session(admin_id=ada.id, created_at=moment, expires_at=moment + timedelta(hours=1)))
        await transaction.flush()
        await transaction.execute(update(Session).values(last_used_at=moment))
    assert len(await _sessions(client)) == 100
