"""`changeAdminOffice` and `setAdminRoles`: assignments that would become odd are told first, rights obey at once."""

from dataclasses import replace
from typing import Any

from gql.domain.enums import AdminStatus, OfficeStatus
from gql.domain.ids import Kind
from gql.domain.roles import BUILT_IN_ROLES, Permission
from tests.api.client import Api, Client, gid
from tests.api.mutations import reference
from tests.api.reading import unknown
from tests.factories import World
from tests.records import current, events, outbox, unchanged

SELECTION = """
  admin { id status office { name } roles { key } } changed replayed
  userErrors { code message field bookSize customersOutside }
"""
MOVE = f"mutation($input: ChangeAdminOfficeInput!) {{ changeAdminOffice(input: $input) {{ {SELECTION} }} }}"
SET = f"mutation($input: SetAdminRolesInput!) {{ setAdminRoles(input: $input) {{ {SELECTION} }} }}"
SEEN = "{ viewer { permissions } customers { edges { node { displayName } } } }"


async def _change(client: Client, document: str, admin: Any, given: dict[str, Any]) -> dict[str, Any]:
    usual = {"adminId": reference(admin), "reason": "New work"}
    [payload] = (await client.data(document, {"input": usual | given})).values()
    refused = bool(payload["userErrors"])
    assert (payload["admin"] is None) is refused
    assert not (refused and payload["changed"])
    return payload  # type: ignore[no-any-return]


async def move(client: Client, admin: Any, office: Any, **given: Any) -> dict[str, Any]:
    """The payload of `changeAdminOffice`."""
    return await _change(client, MOVE, admin, {"officeId": reference(office), **given})


async def give(client: Client, admin: Any, *roles: str, **given: Any) -> dict[str, Any]:
    """The payload of `setAdminRoles`."""
    return await _change(client, SET, admin, {"roleKeys": list(roles), **given})


def codes(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """The refusals and the fields to mend."""
    assert all(error["message"].endswith(".") for error in payload["userErrors"])
    return [(error["code"], *error["field"]) for error in payload["userErrors"]]


async def seen(client: Client) -> tuple[bool, list[str]]:
    """Whether somebody may change customers, and whom they see."""
    data = await client.data(SEEN)
    people = [edge["node"]["displayName"] for edge in data["customers"]["edges"]]
    return "CUSTOMER_WRITE" in data["viewer"]["permissions"], people


async def test_who_moves_sees_the_new_office_at_once(api: Api, world: World) -> None:
    """By the session that they have."""
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    boss, tobi = await world.admin("super_admin"), await world.admin("team_member", office=lagos)
    client, tobis = await api.sign_in(boss), await api.sign_in(tobi)
    await world.customer(office=lagos, name="Of Lagos")
    await world.customer(office=kano, name="Of Kano")
    assert await seen(tobis) == (True, ["Of Lagos"])

    payload = await move(client, tobi, kano)

    assert (payload["admin"]["office"], payload["changed"], codes(payload)) == ({"name": "Kano"}, True, [])
    assert await seen(tobis) == (True, ["Of Kano"])
    [event] = await events(api.database, "admin.office_changed")
    assert (event.actor_id, event.subject_kind, event.subject_id) == (boss.id, "admin", tobi.id)
    assert event.details == {
        "before": {"office_id": str(lagos.id)},
        "after": {"office_id": str(kano.id)},
        "reason": "New work",
    }
    assert await outbox(api.database) == []
    async with unchanged(api.database):
        assert (await move(client, tobi, kano))["changed"] is False


async def test_who_gets_other_roles_may_and_sees_what_they_say_at_once(api: Api, world: World) -> None:
    """By the session that they have."""
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    boss, tobi = await world.admin("super_admin"), await world.admin("team_member", office=lagos)
    client, tobis = await api.sign_in(boss), await api.sign_in(tobi)
    await world.customer(office=lagos, name="Of Lagos")
    await world.customer(office=kano, name="Of Kano")
    assert await seen(tobis) == (True, ["Of Lagos"])

    payload = await give(client, tobi, "auditor", "account_manager", "auditor")

    assert payload["admin"]["roles"] == [{"key": "account_manager"}, {"key": "auditor"}]
    assert (payload["changed"], codes(payload)) == (True, [])
    assert await seen(tobis) == (False, ["Of Kano", "Of Lagos"])
    [event] = await events(api.database, "admin.roles_changed")
    assert (event.actor_id, event.subject_kind, event.subject_id) == (boss.id, "admin", tobi.id)
    assert event.details == {
        "before": {"roles": ["team_member"]},
        "after": {"roles": ["account_manager", "auditor"]},
        "reason": "New work",
    }
    async with unchanged(api.database):
        assert (await give(client, tobi, "account_manager", "auditor"))["changed"] is False


async def test_a_book_that_would_be_elsewhere_is_told_first(api: Api, world: World) -> None:
    """Customers of the new office and of those beneath it are not odd; the move is made where that is known."""
    lagos, region = await world.office("Lagos"), await world.office("North")
    kano = await world.office("Kano", parent=region)
    client, ada = (
        await api.sign_in(await world.admin("super_admin")),
        await world.admin("account_manager", office=lagos),
    )
    await world.customers(2, office=lagos, manager=ada)
    for office in (region, kano):
        await world.customer(office=office, manager=ada)
    async with unchanged(api.database):
        up, down = await move(client, ada, region), await move(client, ada, kano)
    for payload, outside in ((up, 2), (down, 3)):
        assert codes(payload) == [("BOOK_OUTSIDE_OFFICE", "officeId")]
        assert payload["userErrors"][0]["customersOutside"] == outside
        assert f"{outside} customers of" in payload["userErrors"][0]["message"]
    moved = await move(client, ada, region, acknowledgeWarnings=True)
    assert (moved["changed"], moved["admin"]["office"]) == (True, {"name": "North"})
    within = await world.admin("account_manager", office=lagos)
    await world.customer(office=kano, manager=within)
    assert (await move(client, within, region))["changed"] is True


async def test_who_has_a_book_gets_no_role_that_never_holds_one(api: Api, world: World) -> None:
    """Acknowledging is no way round; with an office that is closed or not there, nothing is."""
    client, ada = await api.sign_in(await world.admin("super_admin")), await world.admin("account_manager")
    await world.customers(2, manager=ada)
    async with unchanged(api.database):
        for roles in (("auditor",), ("account_manager", "compliance_officer")):
            refused = await give(client, ada, *roles)
            assert codes(refused) == [("HAS_BOOK", "roleKeys")]
            assert refused["userErrors"][0]["bookSize"] == 2
    assert (await give(client, ada, "team_member", "portfolio_manager"))["changed"] is True


async def test_why_nobody_is_changed(api: Api, world: World) -> None:
    closed = await world.office(status=OfficeStatus.INACTIVE)
    boss, ada = await world.admin("super_admin"), await world.admin("account_manager")
    client = await api.sign_in(boss)
    await world.customer(manager=ada)
    async with unchanged(api.database):
        for given in ({}, {"acknowledgeWarnings": True}):
            assert codes(await move(client, ada, closed, **given)) == [("OFFICE_INACTIVE", "officeId")]
            assert codes(await move(client, ada, unknown(Kind.OFFICE), **given)) == [("OFFICE_NOT_FOUND", "officeId")]
        assert codes(await move(client, boss, closed)) == [("OWN_ACCOUNT", "adminId"), ("OFFICE_INACTIVE", "officeId")]
        assert codes(await give(client, boss, "auditor")) == [("OWN_ACCOUNT", "adminId")]
        assert codes(await give(client, ada)) == [("NO_ROLE", "roleKeys")]
        both = await give(client, ada, "boss", "auditor")
        assert codes(both) == [("ROLE_NOT_FOUND", "roleKeys"), ("HAS_BOOK", "roleKeys")]
        nobody = unknown(Kind.ADMIN)
        assert codes(await move(client, nobody, closed)) == [("ADMIN_NOT_FOUND", "adminId")]
        assert codes(await give(client, nobody, "auditor")) == [("ADMIN_NOT_FOUND", "adminId")]
        blank = {"adminId": gid(ada), "roleKeys": ["auditor"], "reason": " "}
        assert await client.codes(SET, {"input": blank}) == ["BAD_USER_INPUT"]


async def test_nobody_gives_rights_that_they_have_not(api: Api, world: World) -> None:
    """Neither to others nor to themselves; nor takes any from, or moves, who may do more."""
    permissions = frozenset({Permission.ADMIN_WRITE, *BUILT_IN_ROLES["team_member"].permissions})
    await world.role(replace(BUILT_IN_ROLES["team_member"], key="hr", name="Staff office", permissions=permissions))
    kano, clerk = await world.office(), await world.admin("hr")
    client = await api.sign_in(clerk)
    greater, lesser = await world.admin("auditor"), await world.admin("account_manager")
    async with unchanged(api.database):
        assert codes(await give(client, lesser, "account_manager", "auditor")) == [("ROLE_BEYOND_OWN", "roleKeys")]
        assert codes(await give(client, greater, "account_manager")) == [("ROLE_BEYOND_OWN", "adminId")]
        assert codes(await move(client, greater, kano)) == [("ROLE_BEYOND_OWN", "adminId")]
        assert codes(await move(client, clerk, kano)) == [("OWN_ACCOUNT", "adminId")]
        assert codes(await give(client, clerk, "team_member")) == [("OWN_ACCOUNT", "adminId")]
    assert (await give(client, lesser, "team_member"))["changed"] is True
    assert (await move(client, lesser, kano))["changed"] is True


async def test_only_who_may_change_admins_does(api: Api, world: World) -> None:
    kano, ada, customer = await world.office(), await world.admin("auditor"), await world.customer()
    clients = {role: await api.sign_in(await world.admin(role)) for role in set(BUILT_IN_ROLES) - {"super_admin"}}
    clients |= {"none": await api.sign_in(await world.admin()), "customer": await api.sign_in(customer)}
    async with unchanged(api.database):
        for role, client in clients.items():
            assert codes(await move(client, ada, kano)) == [("FORBIDDEN", "adminId")], role
            assert codes(await give(client, ada, "team_member")) == [("FORBIDDEN", "adminId")], role
        given = {"adminId": gid(ada), "reason": "r"}
        assert await api.anonymous.codes(MOVE, {"input": given | {"officeId": gid(kano)}}) == ["UNAUTHENTICATED"]
        assert await api.anonymous.codes(SET, {"input": given | {"roleKeys": ["auditor"]}}) == ["UNAUTHENTICATED"]
    for operation in ("changeAdminOffice", "setAdminRoles"):
        assert len(await events(api.database, f"{operation}.denied")) == len(clients)


async def test_a_key_repeats_the_answer(api: Api, world: World) -> None:
    """Also for who is INACTIVE, and may be changed before they come back."""
    kano, ada = await world.office("Kano"), await world.admin("auditor", status=AdminStatus.INACTIVE)
    client = await api.sign_in(await world.admin("super_admin"))
    moved, given = await move(client, ada, kano, idempotencyKey="k"), await give(client, ada, "auditor", "team_member")
    assert moved["changed"] is given["changed"] is True
    changed = await give(client, ada, "team_member", idempotencyKey="k")
    async with unchanged(api.database):
        assert await give(client, ada, "team_member", idempotencyKey="k") == changed | {"replayed": True}
        again = await move(client, ada, kano, idempotencyKey="k")
        assert (again["changed"], again["replayed"]) == (True, True)
        other = await move(client, ada, kano, idempotencyKey="k", acknowledgeWarnings=True)
        assert codes(other) == [("IDEMPOTENCY_CONFLICT", "idempotencyKey")]
    assert (await current(api.database, ada)).office_id == kano.id
