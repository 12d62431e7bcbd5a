"""`activateGroup` to `reinstateGroup`: one table of changes, each with its reason; members stay."""

import pytest

from gql.domain.enums import GroupStatus
from gql.domain.groups import TRANSITIONS, GroupAction, after
from gql.domain.ids import Kind
from gql.domain.roles import BUILT_IN_ROLES
from tests.api.client import Api, gid
from tests.api.keeping_groups import change, codes, document
from tests.api.mutations import add
from tests.api.reading import unknown
from tests.api.test_keep_groups import KEEPERS
from tests.factories import World
from tests.records import current, events, unchanged

MENU = "query($id: ID!) { group(id: $id) { viewerActions { action allowed } } }"
MINE = "{ me { groups { totalCount edges { node { name since } } } } }"


@pytest.mark.parametrize("action", GroupAction)
@pytest.mark.parametrize("status", GroupStatus)
async def test_each_change_from_each_status(action: GroupAction, status: GroupStatus, api: Api, world: World) -> None:
    """As the table says, and as the menu has said before."""
    keeper = await world.admin("group_administrator")
    group = await world.group("Prime borrowers", status=status, members=[await world.customer()])
    client, mutation = await api.sign_in(keeper), f"{action.lower()}Group"
    offered = {
        one["action"]: one["allowed"] for one in (await client.data(MENU, {"id": gid(group)}))["group"]["viewerActions"]
    }
    assert offered[action.value] is (status in TRANSITIONS[action])
    target = after(action, status)
    if target is None or target is status:
        async with unchanged(api.database):
            refused = await change(client, mutation, group)
        assert codes(refused) == ([] if target is status else ["STATUS_NOT_ALLOWED"])
        assert refused["changed"] is False
        return

    done = await change(client, mutation, group, expectedVersion=1, idempotencyKey="k")

    assert (codes(done), done["changed"]) == ([], True)
    assert (done["group"]["status"], done["group"]["statusReason"]) == (target.value, "Season is over")
    assert (done["group"]["statusChangedBy"], done["group"]["version"]) == ({"id": gid(keeper)}, 2)
    assert done["group"]["memberCount"] == 1
    [event] = await events(api.database, "group.status_changed")
    assert event.details == {
        "before": {"status": status.value},
        "after": {"status": target.value},
        "reason": "Season is over",
    }
    async with unchanged(api.database):
        assert (await change(client, mutation, group, expectedVersion=1, idempotencyKey="k"))["replayed"]
        other = await change(client, mutation, group, idempotencyKey="k")
        stale = await change(client, "archiveGroup", group, expectedVersion=1)
    assert codes(other) == ["IDEMPOTENCY_CONFLICT"]
    assert "VERSION_CONFLICT" in codes(stale)
    assert stale["group"]["version"] == 2


async def test_a_group_takes_members_from_its_activation_to_its_suspension(api: Api, world: World) -> None:
    client, group = await api.sign_in(await world.admin("super_admin")), await world.group(status=GroupStatus.INACTIVE)
    people = [await world.customer() for _ in range(3)]
    assert codes(await add(client, group, people[0])) == ["GROUP_NOT_ACTIVE"]
    await change(client, "activateGroup", group)
    assert codes(await add(client, group, people[0])) == []
    await change(client, "suspendGroup", group)
    assert codes(await add(client, group, people[1])) == ["GROUP_SUSPENDED"]
    await change(client, "reinstateGroup", group)
    assert codes(await add(client, group, people[1])) == []
    await change(client, "archiveGroup", group)
    assert codes(await add(client, group, people[2])) == ["GROUP_ARCHIVED"]
    await change(client, "reinstateGroup", group)
    row = await current(api.database, group)
    assert (row.status, row.member_count) == (GroupStatus.INACTIVE, 2)


async def test_members_are_told_of_active_groups_that_they_may_know(api: Api, world: World) -> None:
    """Hidden unless it is said otherwise, and as long as it is active."""
    member, boss = await world.customer(), await api.sign_in(await world.admin("super_admin"))
    await world.group("Watched accounts", members=[member])
    shown = await world.group("Loyal borrowers", members=[member], visible_to_customers=True)
    client = await api.sign_in(member)
    own = (await client.data(MINE))["me"]["groups"]
    assert (own["totalCount"], [edge["node"]["name"] for edge in own["edges"]]) == (1, ["Loyal borrowers"])
    await change(boss, "suspendGroup", shown)
    assert (await client.data(MINE))["me"]["groups"] == {"totalCount": 0, "edges": []}


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_only_who_keeps_groups_changes_their_status(role: str, api: Api, world: World) -> None:
    client, group = await api.sign_in(await world.admin(role)), await world.group()
    if role in KEEPERS:
        assert codes(await change(client, "suspendGroup", group)) == []
        return
    async with unchanged(api.database):
        for action in GroupAction:
            assert codes(await change(client, f"{action.lower()}Group", group)) == ["FORBIDDEN"]


async def test_nothing_there_malformed_or_without_sign_in(api: Api, world: World) -> None:
    boss, customer = await api.sign_in(await world.admin("super_admin")), await api.sign_in(await world.customer())
    group = await world.group()
    async with unchanged(api.database):
        for action in GroupAction:
            mutation = f"{action.lower()}Group"
            assert codes(await change(boss, mutation, group, groupId=unknown(Kind.GROUP))) == ["GROUP_NOT_FOUND"]
            assert codes(await change(customer, mutation, group)) == ["FORBIDDEN"]
            for client, given, expected in (
                (boss, {"groupId": gid(group), "reason": " "}, ["BAD_USER_INPUT"]),
                (api.anonymous, {"groupId": gid(group), "reason": "Over"}, ["UNAUTHENTICATED"]),
            ):
                assert await client.codes(document(mutation), {"input": given}) == expected
