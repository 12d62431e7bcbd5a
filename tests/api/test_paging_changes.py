"""Lists that change while somebody pages through them: nothing comes twice, and nothing that was there is left out."""

from typing import Any
from uuid import UUID

from sqlalchemy import update

from gql.db.models import Admin, Office
from tests.api.client import Api, gid
from tests.api.paging_lists import read_page
from tests.factories import World

BY_NAME = "{ customers(PAGE) ROWS }"
NEWEST_FIRST = "{ customers(orderBy: {field: CREATED_AT, direction: DESC}, PAGE) ROWS }"
MEMBERS = "query($id: ID!) { group(id: $id) { members(PAGE) ROWS } }"


async def test_customers_who_come_between_two_pages_move_nobody(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    b, d, f, h = [await world.customer(name=name) for name in "BDFH"]
    first = await read_page(client, BY_NAME, {}, first=2)
    await world.customer(name="A")
    c, g = await world.customer(name="C"), await world.customer(name="G")
    second = await read_page(client, BY_NAME, {}, first=10, after=first.cursors[-1])
    assert [first.ids, second.ids] == [[gid(b), gid(d)], [gid(f), gid(g), gid(h)]]
    back = await read_page(client, BY_NAME, {}, last=10, before=second.cursors[0])
    assert back.ids[1:] == [gid(b), gid(c), gid(d)]


async def test_new_customers_stand_before_the_first_page_of_a_list_with_the_newest_first(
    api: Api, world: World
) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    one, two, three = await world.customers(3)
    first = await read_page(client, NEWEST_FIRST, {}, first=2)
    [four] = await world.customers(1)
    second = await read_page(client, NEWEST_FIRST, {}, first=2, after=first.cursors[-1])
    assert [first.ids, second.ids] == [[gid(three), gid(two)], [gid(one)]]
    newer = await read_page(client, NEWEST_FIRST, {}, last=10, before=first.cursors[0])
    assert (newer.ids, newer.has_previous, newer.has_next) == ([gid(four)], False, True)


async def test_who_shares_a_name_is_told_apart_by_age(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    namesakes = await world.customers(3, name="Ada Obi")
    first = await read_page(client, BY_NAME, {}, first=2)
    namesakes += await world.customers(1, name="Ada Obi")
    second = await read_page(client, BY_NAME, {}, first=2, after=first.cursors[-1])
    assert first.ids + second.ids == [gid(customer) for customer in namesakes]


async def test_a_new_member_does_not_push_another_onto_the_next_page(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    one, two, three, four = await world.customers(4)
    group = await world.group(members=[one, two, three])
    first = await read_page(client, MEMBERS, {"id": gid(group)}, first=2)
    await world.membership(group, four)
    second = await read_page(client, MEMBERS, {"id": gid(group)}, first=2, after=first.cursors[-1])
    assert [first.ids, second.ids] == [[gid(three), gid(two)], [gid(one)]]
    assert (second.total, second.has_next) == (4, False)


async def test_who_is_called_otherwise_between_two_pages_takes_only_their_own_rows_along(
    api: Api, world: World
) -> None:
    """An office, and an account manager: the others' customers come once each, and the list ends."""
    client = await api.sign_in(await world.admin("super_admin"))
    for order in ("OFFICE", "ACCOUNT_MANAGER"):
        query = f'{{ customers(orderBy: {{field: {order}}}, search: "{order}", PAGE) ROWS }}'
        offices = [await world.office(f"{order} {letter}") for letter in "BDF"]
        managers = [await world.admin(office=offices[0], name=f"{order} {letter}") for letter in "BDF"]
        customers = [
            await world.customer(name=f"{order} {number}", office=office, manager=manager)
            for office, manager in zip(offices, managers, strict=True)
            for number in range(3)
        ]
        ids = [gid(customer) for customer in customers]
        table, whose = (Office, offices[1].id) if order == "OFFICE" else (Admin, managers[1].id)

        async def rename(letter: str, table: Any = table, whose: UUID = whose, order: str = order) -> None:
            async with world.database.begin() as session:
                await session.execute(update(table).where(table.id == whose).values(name=f"{order} {letter}"))

        for letter, more in (("A", ids[6:]), ("Z", [*ids[6:], *ids[3:6]])):
            first = await read_page(client, query, {}, first=5)
            assert first.ids == ids[:5]
            await rename(letter)
            rest = await read_page(client, query, {}, first=100, after=first.cursors[-1])
            assert (rest.ids, rest.has_next) == (more, False), (order, letter)
            await rename("D")
