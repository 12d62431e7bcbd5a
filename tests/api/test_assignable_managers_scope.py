"""`assignableManagers` under the setting that narrows whom an assigner may pick."""

from pathlib import Path

from tests.api.client import gid, open_api
from tests.factories import World


async def test_a_narrowed_scope_offers_nobody_outside_the_assigners_sight(database_url: str, tmp_path: Path) -> None:
    """With ASSIGNMENT_SCOPE=assigner the mutation would refuse them, so the list must not offer them."""
    async with open_api(database_url, tmp_path, assignment_scope="assigner") as api:
        world = World(api.database)
        here, elsewhere = await world.office("Here"), await world.office("Elsewhere")
        near = await world.admin("account_manager", office=here)
        await world.admin("account_manager", office=elsewhere)
        client = await api.sign_in(await world.admin("portfolio_manager", office=here))
        query = 'query($id: ID!) { assignableManagers(officeId: $id, search: "Admin") { edges { node { id } } } }'
        offered = [await client.data(query, {"id": gid(office)}) for office in (here, elsewhere)]
        ids = [[edge["node"]["id"] for edge in data["assignableManagers"]["edges"]] for data in offered]
        assert gid(near) in ids[0]
        assert ids[1] == []
