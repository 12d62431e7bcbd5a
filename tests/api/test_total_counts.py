"""`totalCount` counts the list that it stands in, whatever else the operation counts."""

from tests.api.client import Api, gid
from tests.factories import World


async def test_counts_of_different_lists_below_one_parent_are_kept_apart(api: Api, world: World) -> None:
    head = await world.office("Head")
    for name in ("North", "South", "West"):
        await world.office(name, parent=head)
    viewer = await world.admin("auditor", office=head)
    client = await api.sign_in(viewer)
    query = "query($id: ID!) { office(id: $id) { children { totalCount } admins { totalCount } } }"
    data = await client.data(query, {"id": gid(head)})
    assert data == {"office": {"children": {"totalCount": 3}, "admins": {"totalCount": 1}}}
