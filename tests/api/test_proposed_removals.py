"""Members who don't meet their group's rule any more: written down when somebody asks, for who decides about them."""

import pytest
from sqlalchemy import update

from gql.db.models import Customer, GroupCheck
from gql.domain.enums import CustomerStatus, GroupStatus, SubjectKind
from gql.domain.ids import Kind, new_id, to_global_id
from gql.domain.roles import BUILT_IN_ROLES, SUPER_ADMIN, Level, Permission, Role, Scope
from gql.domain.viewer import AdminViewer
from gql.services.audit import Actor
from gql.services.drift_checks import CheckGroupDrift, check_group_drift
from gql.services.group_upkeep import GroupUpkeep
from tests.api.client import Api, gid
from tests.api.drifting import ACTIVE_ONLY, CHECK, PROPOSED, by_customer, check, drifted, proposed
from tests.api.keeping_groups import codes, keep, remove
from tests.api.reading import unknown
from tests.factories import World
from tests.records import events, unchanged

KEEPERS = {"super_admin", "compliance_officer", "portfolio_manager", "group_administrator"}
NODE = "query($id: ID!) { node(id: $id) { id ... on ProposedRemoval { status criterion customer { id } } } }"


async def set_status(api: Api, customer: Customer, status: CustomerStatus) -> None:
    """As a change of status would."""
    async with api.database.begin() as session:
        await session.execute(update(Customer).where(Customer.id == customer.id).values(status=status))


async def test_who_does_not_fit_is_written_down_with_what_is_not_met(api: Api, world: World) -> None:
    lagos = await world.office("Lagos")
    keeper = await world.admin("super_admin")
    group, lapsed = await drifted(world, office=lagos)
    client = await api.sign_in(keeper)
    assert await proposed(client, group) == []

    done = await check(client, group)

    assert (codes(done), done["finished"], done["replayed"]) == ([], True, False)
    assert done["group"]["membersCheckedAt"] is not None
    found = await proposed(client, group, "PROPOSED")
    assert by_customer(found) == {gid(one): "PROPOSED" for one in lapsed}
    for one in found:
        assert (one["criterion"], one["group"]) == ("status is ACTIVE", {"id": gid(group)})
        assert (one["decidedAt"], one["decidedBy"], one["reason"], one["keptUntil"]) == (None, None, None, None)
        assert one["membership"]["until"] is None
    assert await proposed(client, group, "KEPT") == []
    [event] = await events(api.database, "group.drift_check_begun")
    assert (event.actor_id, event.subject_id) == (keeper.id, group.id)
    version = "query($id: ID!) { group(id: $id) { version memberCount } }"
    read = await client.data(version, {"id": gid(group)})
    assert read["group"] == {"version": 1, "memberCount": 3}, "nobody is removed by being looked at"


async def test_looking_again_proposes_nobody_twice(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    group, _ = await drifted(world)
    await check(client, group)
    first = await proposed(client, group)
    await check(client, group)
    assert await proposed(client, group) == first


async def test_who_fits_again_is_not_proposed_any_more(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    group, [back, still] = await drifted(world)
    await check(client, group)
    await set_status(api, back, CustomerStatus.ACTIVE)
    await check(client, group)
    assert by_customer(await proposed(client, group)) == {gid(back): "OBSOLETE", gid(still): "PROPOSED"}
    await set_status(api, back, CustomerStatus.INACTIVE)
    await check(client, group)
    again = [one["status"] for one in await proposed(client, group) if one["customer"]["id"] == gid(back)]
    assert again == ["PROPOSED", "OBSOLETE"], "what comes again is proposed again"


async def test_the_criterion_is_the_one_that_is_not_met_now(api: Api, world: World) -> None:
    home, away = await world.office("Lagos"), await world.office("Kano")
    client = await api.sign_in(await world.admin("super_admin"))
    moved = await world.customer(office=away)
    rule = {"all": [ACTIVE_ONLY, {"office": {"in": [str(home.id)]}}]}
    group = await world.group(members=[moved], criteria=rule)
    await check(client, group)
    [first] = await proposed(client, group)
    await set_status(api, moved, CustomerStatus.SUSPENDED)
    await check(client, group)
    [second] = await proposed(client, group)
    assert (first["criterion"], second["criterion"]) == ("office is Lagos", "status is ACTIVE")
    assert first["id"] == second["id"]


async def test_what_is_undecided_ends_with_the_membership(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    group, [gone, still] = await drifted(world)
    await check(client, group)
    assert codes(await remove(client, group, gone)) == []
    assert by_customer(await proposed(client, group)) == {gid(gone): "OBSOLETE", gid(still): "PROPOSED"}


async def test_a_group_whose_rule_is_gone_proposes_nobody(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    group, _ = await drifted(world)
    await check(client, group)
    assert codes(await keep(client, "updateGroup", groupId=gid(group), expectedVersion=1, criteria=None)) == []
    async with unchanged(api.database):
        assert codes(await check(client, group)) == ["NO_CRITERIA"]
    async with api.database.begin() as session:  # as tomorrow
        await session.execute(update(GroupCheck).values(checked_at=None))
    assert await GroupUpkeep(api.database).work() == 1
    assert set(by_customer(await proposed(client, group)).values()) == {"OBSOLETE"}
    assert await GroupUpkeep(api.database).work() == 0


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_only_who_keeps_groups_looks_and_reads(role: str, api: Api, world: World) -> None:
    """The criterion is for who sees the customer in full, as with NOT_ELIGIBLE."""
    office = await world.office()
    group, lapsed = await drifted(world, office=office)
    boss = await api.sign_in(await world.admin("super_admin"))
    client = await api.sign_in(await world.admin(role, office=office))
    if role not in KEEPERS:
        async with unchanged(api.database):
            assert codes(await check(client, group)) == ["FORBIDDEN"]
    assert codes(await check(boss, group)) == []
    [proposal, *_] = await proposed(boss, group)
    read = (await client.data(PROPOSED, {"id": gid(group)}))["group"]["proposedRemovals"]
    node = (await client.data(NODE, {"id": proposal["id"]}))["node"]
    if role in KEEPERS:
        assert codes(await check(client, group)) == []
        assert read["totalCount"] == 2
        told = None if role == "group_administrator" else "status is ACTIVE"
        assert {edge["node"]["criterion"] for edge in read["edges"]} == {told}
        assert {edge["node"]["customer"]["id"] for edge in read["edges"]} == {gid(one) for one in lapsed}
        assert (node["status"], node["criterion"]) == ("PROPOSED", told)
    else:
        assert (read, node) == (None, None)


async def test_who_may_change_members_but_not_read_them_reads_no_proposals(api: Api, world: World) -> None:
    office = await world.office()
    group, _ = await drifted(world, office=office)
    permissions = frozenset({Permission.CUSTOMER_READ, Permission.GROUP_READ, Permission.GROUP_MEMBERS_WRITE})
    role = Role("half", "Half", "Writes members blindly.", permissions, Level.FULL, Level.FULL, Scope.ALL)
    await world.role(role)
    client = await api.sign_in(await world.admin("half", office=office))
    assert codes(await check(client, group)) == []
    assert (await client.data(PROPOSED, {"id": gid(group)}))["group"]["proposedRemovals"] is None
    boss = await api.sign_in(await world.admin("super_admin"))
    [one, *_] = await proposed(boss, group)
    assert (await client.data(NODE, {"id": one["id"]}))["node"] is None


async def test_a_customer_out_of_sight_is_in_no_list_and_no_count(api: Api, world: World) -> None:
    home, away = await world.office(), await world.office()
    near, far = [await world.customer(office=one, status=CustomerStatus.SUSPENDED) for one in (home, away)]
    group = await world.group(members=[near, far], criteria=ACTIVE_ONLY)
    client = await api.sign_in(await world.admin("group_administrator", office=home))

    assert codes(await check(client, group)) == []

    assert by_customer(await proposed(client, group)) == {gid(near): "PROPOSED"}
    boss = await api.sign_in(await world.admin("super_admin"))
    all_of_them = {one["customer"]["id"]: one["id"] for one in await proposed(boss, group)}
    assert all_of_them.keys() == {gid(near), gid(far)}, "they were looked at all the same"
    assert (await client.data(NODE, {"id": all_of_them[gid(far)]}))["node"] is None
    assert (await client.data(NODE, {"id": all_of_them[gid(near)]}))["node"]["customer"] == {"id": gid(near)}


async def test_why_nobody_is_looked_for(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    archived = await world.group(status=GroupStatus.ARCHIVED)
    async with unchanged(api.database):
        assert codes(await check(client, archived)) == ["GROUP_ARCHIVED", "NO_CRITERIA"]
        given = {"input": {"groupId": unknown(Kind.GROUP)}}
        assert codes((await client.data(CHECK, given))["checkGroupDrift"]) == ["GROUP_NOT_FOUND"]
        for wrong in (to_global_id(Kind.CUSTOMER, archived.id), "nothing"):
            assert await client.codes(CHECK, {"input": {"groupId": wrong}}) == ["BAD_USER_INPUT"]


async def test_a_key_has_a_group_looked_at_once(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    group, _ = await drifted(world)
    other, _ = await drifted(world)
    assert not (await check(client, group, idempotencyKey="k"))["replayed"]
    async with unchanged(api.database):
        again = await check(client, group, idempotencyKey="k")
        assert (again["finished"], again["replayed"], again["group"]["id"]) == (True, True, gid(group))
        assert codes(await check(client, other, idempotencyKey="k")) == ["IDEMPOTENCY_CONFLICT"]


async def test_without_sign_in_or_as_a_customer_nothing_happens(api: Api, world: World) -> None:
    group, [customer, _] = await drifted(world)
    own = await api.sign_in(customer)
    async with unchanged(api.database):
        assert await api.anonymous.codes(CHECK, {"input": {"groupId": gid(group)}}) == ["UNAUTHENTICATED"]
        assert codes(await check(own, group)) == ["FORBIDDEN"]


async def test_what_takes_longer_than_a_person_waits_is_done_by_itself(api: Api, world: World) -> None:
    admin = await world.admin("super_admin")
    client = await api.sign_in(admin)
    group, lapsed = await drifted(world, 5)
    viewer = AdminViewer(admin.id, new_id(), admin.office_id, (SUPER_ADMIN,))
    wish, actor = CheckGroupDrift(group.id), Actor(SubjectKind.ADMIN, admin.id)

    done = await check_group_drift(api.database, actor, viewer, wish, patience=0)

    assert not done.finished
    assert await proposed(client, group) == []
    assert await GroupUpkeep(api.database, batch=2).work() == 1
    assert len(await proposed(client, group)) == len(lapsed)
