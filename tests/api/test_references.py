"""Offices and admins are kept between requests, and no request shows less than what was committed when it began."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update

from gql.db.engine import Database
from gql.db.models import Admin, Customer, Office, ReferenceVersion
from gql.db.references import References
from tests.api.client import Api, Client, gid, open_api
from tests.factories import World
from tests.sql_counter import count_statements

LISTED = "{ customers { edges { node { office { name status } accountManager { name email office { name } } } } } }"
VERSION = select(ReferenceVersion.version)


@pytest.fixture
async def lender(api: Api, world: World) -> tuple[Client, Office, Admin]:
    """A super admin's client, and one customer's office and manager."""
    office = await world.office("Ikeja")
    manager = await world.admin("account_manager", office=office, name="Bola Ade")
    await world.customer(office=office, manager=manager)
    return await api.sign_in(await world.admin("super_admin", office=office)), office, manager


@pytest.fixture
async def other_process(database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    """Another server on the same database."""
    async with open_api(database_url, tmp_path) as api:
        yield api


async def _names(client: Client) -> tuple[str, str]:
    [edge] = (await client.data(LISTED))["customers"]["edges"]
    return edge["node"]["office"]["name"], edge["node"]["accountManager"]["name"]


async def test_offices_and_admins_are_read_once(api: Api, lender: tuple[Client, Office, Admin]) -> None:
    """The viewer and the customers, in the second request."""
    client, _, _ = lender
    counts = []
    for _ in range(3):
        with count_statements(api.database) as recorder:
            assert await _names(client) == ("Ikeja", "Bola Ade")
        counts.append(len(recorder))
    assert counts == [4, 2, 2]


async def test_a_change_shows_at_once_here_and_in_other_processes(
    api: Api, other_process: Api, lender: tuple[Client, Office, Admin]
) -> None:
    """Whoever makes it, by whatever way."""
    client, office, manager = lender
    elsewhere = Client(other_process.http, client.headers)
    for step in range(3):
        assert await _names(client) == await _names(elsewhere)
        async with api.database.begin() as session:
            await session.execute(update(Office).where(Office.id == office.id).values(name=f"Office {step}"))
        assert await _names(elsewhere) == await _names(client)
        async with api.database.begin() as session:
            await session.execute(text("UPDATE admins SET name = :name"), {"name": f"Admin {step}"})
        assert await _names(client) == await _names(elsewhere) == (f"Office {step}", f"Admin {step}")
    assert manager.name == "Bola Ade"


async def test_a_change_that_is_not_committed_does_not_show(api: Api, lender: tuple[Client, Office, Admin]) -> None:
    """Nor is what was read meanwhile taken for the new state."""
    client, office, _ = lender
    async with api.database.begin() as session:
        await session.execute(update(Office).where(Office.id == office.id).values(name="Not yet"))
        await session.flush()
        assert (await _names(client))[0] == "Ikeja"
    assert (await _names(client))[0] == "Not yet"


async def test_what_a_slow_request_has_read_is_not_kept_for_a_later_version() -> None:
    """It began before the change, and ended after another request had seen the change."""
    references = References()
    key = Office(id=None).id

    async def slow(keys: object) -> list[str]:
        assert await references.rows("office", [key], 2, fresh) == ["new"]
        return ["old"]

    async def fresh(keys: object) -> list[str]:
        return ["new"]

    assert await references.rows("office", [key], 1, slow) == ["old"]
    assert await references.rows("office", [key], 2, slow) == ["new"]


async def test_each_kind_of_change_raises_the_version(database: Database) -> None:
    world = World(database)
    head = await world.office("Head")
    admin = await world.admin("team_member", office=head)
    seen = [row.version for row in await database.rows(VERSION)]

    async def changed() -> bool:
        seen.append((await database.rows(VERSION))[0].version)
        return bool(seen[-1] > seen[-2])

    office = await world.office("New", parent=head)
    assert await changed()
    for statement in (
        update(Admin).where(Admin.id == admin.id).values(phone="+2348030000000"),
        update(Office).where(Office.id == office.id).values(name="Newer"),
        delete(Office).where(Office.id == office.id),
    ):
        async with database.begin() as session:
            await session.execute(statement)
        assert await changed()
    customer = await world.customer(office=head)
    async with database.begin() as session:
        await session.execute(update(Customer).where(Customer.id == customer.id).values(name="Another"))
    assert not await changed()


async def test_a_cache_without_a_version_keeps_nothing(api: Api, world: World) -> None:
    """A database whose version was lost reads everything each time."""
    office = await world.office("Ikeja")
    client = await api.sign_in(await world.admin("super_admin", office=office))
    async with api.database.begin() as session:
        await session.execute(delete(ReferenceVersion))
    query = "query($id: ID!) { office(id: $id) { name } }"
    for name in ("Ikeja", "Yaba", "Surulere"):
        async with api.database.begin() as session:
            await session.execute(update(Office).values(name=name))
        assert await client.data(query, {"id": gid(office)}) == {"office": {"name": name}}
