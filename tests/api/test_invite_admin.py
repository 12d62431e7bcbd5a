"""`inviteAdmin`: an account that waits, and a link by mail; by whom, and why not."""

import asyncio
import quopri
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gql.domain.enums import AdminStatus, OfficeStatus
from gql.domain.ids import Kind, to_global_id
from gql.domain.roles import BUILT_IN_ROLES, Permission
from tests.api.client import Api, Client, gid
from tests.api.links import deliver, let_tokens_age, tokens_sent
from tests.api.test_accept_invitation import accept
from tests.factories import World
from tests.records import events, outbox, unchanged

INVITE = """
mutation($input: InviteAdminInput!) {
  inviteAdmin(input: $input) {
    admin { id name email status office { name } roles { key } }
    userErrors { code message field }
  }
}
"""


async def invite(client: Client, office: Any, **changes: Any) -> dict[str, Any]:
    """The payload of an invitation of Ngozi, or with these facts changed."""
    facts = {
        "email": "Ngozi@Lender.example",
        "name": " Ngozi Eze ",
        "officeId": gid(office) if hasattr(office, "id") else office,
        "roleKeys": ["auditor"],
    }
    payload: dict[str, Any] = (await client.data(INVITE, {"input": facts | changes}))["inviteAdmin"]
    assert (payload["admin"] is None) is bool(payload["userErrors"])
    return payload


def _codes(payload: dict[str, Any]) -> set[tuple[str, str | None]]:
    return {(error["code"], (error["field"] or [None])[0]) for error in payload["userErrors"]}


async def test_a_team_member_is_invited_by_mail(api: Api, world: World) -> None:
    lagos = await world.office("Lagos")
    boss = await world.admin("super_admin", name="Boss")
    client = await api.sign_in(boss)

    payload = await invite(client, lagos, roleKeys=["auditor", "team_member"])

    assert payload["admin"] == {
        "id": payload["admin"]["id"],
        "name": "Ngozi Eze",
        "email": "ngozi@lender.example",
        "status": "INVITED",
        "office": {"name": "Lagos"},
        "roles": [{"key": "auditor"}, {"key": "team_member"}],
    }
    [token] = await tokens_sent(api.database)
    [mail] = await deliver(api)
    text = quopri.decodestring(mail.encode()).decode()
    assert "To: ngozi@lender.example" in text
    assert "Boss has made an account for you" in text
    assert text.count(f"http://localhost:3000/invitation#token={token}") == 2
    [event] = await events(api.database, "admin.invited")
    assert (event.actor_id, to_global_id(Kind.ADMIN, event.subject_id)) == (boss.id, payload["admin"]["id"])
    assert event.details == {"office_id": str(lagos.id), "roles": ["auditor", "team_member"]}
    assert token not in repr(await outbox(api.database)) + repr(event)


@pytest.mark.parametrize("role", sorted(set(BUILT_IN_ROLES) - {"super_admin"}))
async def test_only_who_may_change_admins_invites(api: Api, world: World, role: str) -> None:
    lagos, client = await world.office(), await api.sign_in(await world.admin(role))
    async with unchanged(api.database):
        assert _codes(await invite(client, lagos)) == {("FORBIDDEN", None)}


async def test_customers_and_nobody_invite_nobody(api: Api, world: World) -> None:
    lagos, customer = await world.office(), await api.sign_in(await world.customer())
    async with unchanged(api.database):
        assert _codes(await invite(customer, lagos)) == {("FORBIDDEN", None)}
        given = {"email": "a@b.example", "name": "A", "officeId": gid(lagos), "roleKeys": ["auditor"]}
        assert await api.anonymous.codes(INVITE, {"input": given}) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"email": "no address"}, ("INVALID_EMAIL", "email")),
        ({"email": "nul\0@lender.example"}, ("INVALID_EMAIL", "email")),
        ({"name": "  "}, ("INVALID_NAME", "name")),
        ({"name": "x" * 201}, ("INVALID_NAME", "name")),
        ({"name": "two\nlines"}, ("INVALID_NAME", "name")),
        ({"roleKeys": []}, ("NO_ROLE", "roleKeys")),
        ({"roleKeys": ["auditor", "boss"]}, ("ROLE_NOT_FOUND", "roleKeys")),
        ({"officeId": to_global_id(Kind.OFFICE, UUID(int=7))}, ("OFFICE_NOT_FOUND", "officeId")),
    ],
    ids=str,
)
async def test_a_bad_value_is_refused_and_nothing_is_written(
    api: Api, world: World, changes: dict[str, Any], refused: tuple[str, str]
) -> None:
    lagos, client = await world.office(), await api.sign_in(await world.admin("super_admin"))
    async with unchanged(api.database):
        assert _codes(await invite(client, lagos, **changes)) == {refused}


async def test_all_that_is_wrong_is_told_at_once(api: Api, world: World) -> None:
    closed = await world.office(status=OfficeStatus.INACTIVE)
    client = await api.sign_in(await world.admin("super_admin"))
    async with unchanged(api.database):
        refused = await invite(client, closed, email="", name="", roleKeys=["boss"])
    assert {code for code, _ in _codes(refused)} == {
        "INVALID_EMAIL",
        "INVALID_NAME",
        "OFFICE_INACTIVE",
        "ROLE_NOT_FOUND",
    }


@pytest.mark.parametrize("status", [AdminStatus.ACTIVE, AdminStatus.INACTIVE])
async def test_an_email_that_is_taken_is_told(api: Api, world: World, status: AdminStatus) -> None:
    lagos, client = await world.office(), await api.sign_in(await world.admin("super_admin"))
    await world.admin("auditor", email="ngozi@lender.example", status=status)
    async with unchanged(api.database):
        assert _codes(await invite(client, lagos)) == {("EMAIL_TAKEN", "email")}


async def test_nobody_makes_an_account_that_may_do_more_than_their_own(api: Api, world: World) -> None:
    permissions = frozenset({Permission.ADMIN_WRITE, *BUILT_IN_ROLES["team_member"].permissions})
    await world.role(replace(BUILT_IN_ROLES["team_member"], key="hr", name="Staff office", permissions=permissions))
    lagos, client = await world.office(), await api.sign_in(await world.admin("hr"))
    async with unchanged(api.database):
        for role in ("super_admin", "auditor"):
            assert _codes(await invite(client, lagos, roleKeys=["team_member", role])) == {
                ("ROLE_BEYOND_OWN", "roleKeys")
            }
    assert (await invite(client, lagos, roleKeys=["team_member"]))["userErrors"] == []


async def test_inviting_again_sends_a_new_link_which_ends_the_older_one(api: Api, world: World) -> None:
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    client = await api.sign_in(await world.admin("super_admin"))
    first = await invite(client, lagos)
    again = await invite(client, kano, name="Ngozi Eze-Obi", roleKeys=["team_member"])

    assert again["admin"] == first["admin"] | {
        "name": "Ngozi Eze-Obi",
        "office": {"name": "Kano"},
        "roles": [{"key": "team_member"}],
    }
    older, newer = await tokens_sent(api.database)
    async with unchanged(api.database):
        assert [error["code"] for error in (await accept(api, older))["userErrors"]] == ["INVALID_TOKEN"]
    assert (await accept(api, newer))["userErrors"] == []
    async with unchanged(api.database):
        assert _codes(await invite(client, lagos)) == {("EMAIL_TAKEN", "email")}


async def test_an_invitation_lasts_72_hours_and_can_be_renewed(api: Api, world: World) -> None:
    lagos, client = await world.office(), await api.sign_in(await world.admin("super_admin"))
    await invite(client, lagos)
    [token] = await tokens_sent(api.database)
    await let_tokens_age(api.database, timedelta(hours=71))
    assert [error["code"] for error in (await accept(api, token, "short"))["userErrors"]] == ["INVALID_PASSWORD"]
    await let_tokens_age(api.database, timedelta(hours=2))
    assert [error["code"] for error in (await accept(api, token))["userErrors"]] == ["INVALID_TOKEN"]
    await invite(client, lagos)
    assert (await accept(api, (await tokens_sent(api.database))[-1]))["userErrors"] == []


async def test_a_key_invites_once(api: Api, world: World) -> None:
    lagos, client = await world.office(), await api.sign_in(await world.admin("super_admin"))
    first = await invite(client, lagos, idempotencyKey="k")
    async with unchanged(api.database):
        assert await invite(client, lagos, idempotencyKey="k") == first
        conflict = await invite(client, lagos, idempotencyKey="k", name="Somebody else")
    assert _codes(conflict) == {("IDEMPOTENCY_CONFLICT", "idempotencyKey")}
    assert len(await outbox(api.database)) == 1


async def test_of_several_at_once_one_account_comes_and_one_link_works(api: Api, world: World) -> None:
    lagos, client = await world.office(), await api.sign_in(await world.admin("super_admin"))
    payloads = await asyncio.gather(*(invite(client, lagos) for _ in range(4)))
    assert len({payload["admin"]["id"] for payload in payloads}) == 1
    tokens = await tokens_sent(api.database)
    answers = [await accept(api, token) for token in tokens]
    assert len(tokens) == 4
    assert [answer["userErrors"] for answer in answers].count([]) == 1


async def test_who_is_invited_gets_no_link_to_reset_a_password(api: Api, world: World) -> None:
    lagos, client = await world.office(), await api.sign_in(await world.admin("super_admin"))
    await invite(client, lagos)
    request = 'mutation { requestPasswordReset(input: {email: "ngozi@lender.example"}) { accepted } }'
    assert await api.anonymous.data(request) == {"requestPasswordReset": {"accepted": True}}
    assert [message.template for message in await outbox(api.database)] == ["invitation"]
