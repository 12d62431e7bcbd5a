"""A customer's row knows the oldest instalment that isn't paid, whoever writes instalments, and however."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from gql.db.engine import Database
from gql.db.models import Customer, CustomerName, LoanInstalment
from gql.domain.time import today
from tests.factories import World


async def _oldest(database: Database, customer_id: UUID) -> date | None:
    c = Customer.__table__.c
    [[found]] = await database.rows(select(c.oldest_unpaid_due_on).where(c.id == customer_id))
    assert found is None or isinstance(found, date)
    return found


async def test_it_follows_what_is_lent_paid_taken_back_and_removed(database: Database) -> None:
    """Of all loans of the customer, and of nobody else's."""
    world = World(database)
    customer, other = await world.customers(2)
    due = today() + timedelta(days=30)
    assert await _oldest(database, customer.id) is None
    loan = await world.loan(customer, instalments=2)
    assert await _oldest(database, customer.id) == due
    late = await world.loan(customer, instalments=1, overdue_days=10)
    assert await _oldest(database, customer.id) == today() - timedelta(days=10)
    await world.loan(other, overdue_days=99)

    for paid_minor, expected in ((300_000_00, due), (1, today() - timedelta(days=10))):
        async with database.begin() as session:
            await session.execute(
                update(LoanInstalment).values(paid_minor=paid_minor).where(LoanInstalment.loan_id == late.id)
            )
        assert await _oldest(database, customer.id) == expected
    async with database.begin() as session:
        await session.execute(update(LoanInstalment).values(due_on=due).where(LoanInstalment.loan_id == late.id))
    assert await _oldest(database, customer.id) == due

    async with database.begin() as session:
        await session.execute(delete(LoanInstalment).where(LoanInstalment.loan_id.in_([loan.id, late.id])))
    assert await _oldest(database, customer.id) is None
    assert await _oldest(database, other.id) == today() - timedelta(days=99)


async def test_names_are_kept_once_for_the_search_of_similar_ones(database: Database) -> None:
    """On PostgreSQL; SQLite has no such search."""
    [customer, *_] = await World(database).customers(3, name="Ṣadé Bello")
    async with database.begin() as session:
        await session.execute(update(Customer).where(Customer.id == customer.id).values(search_name="sade musa"))
        await session.execute(update(Customer).where(Customer.id == customer.id).values(version=2))
    assert await _names(database) == ([] if database.is_sqlite else ["sade bello", "sade musa"])


async def test_a_name_that_nobody_has_any_more_is_not_kept(database: Database) -> None:
    """Whether it was changed, or the customer's row was removed; while another has it, it stays."""
    if database.is_sqlite:
        pytest.skip("keeps no names")
    one, other = await World(database).customers(2, name="Ṣadé Bello")
    await _rename(database, one, "sade musa")
    assert await _names(database) == ["sade bello", "sade musa"]
    await _rename(database, other, "zainab obi")
    assert await _names(database) == ["sade musa", "zainab obi"]
    async with database.begin() as session:
        await session.execute(delete(Customer).where(Customer.id == one.id))
    assert await _names(database) == ["zainab obi"]


async def test_names_that_come_and_go_at_once_are_those_that_customers_have(database: Database) -> None:
    """Nobody who comes while the name's last holder gives it up is lost to the search."""
    if database.is_sqlite:
        pytest.skip("keeps no names")
    world = World(database)
    swapping = await world.customers(6, name="Ada Bello")
    for turn in range(6):
        pairs = zip(swapping, ("ada bello", "zainab obi") * 3, strict=True)
        names = [(customer, name if turn % 2 else f"{name} {turn}") for customer, name in pairs]
        renames = (_rename(database, customer, name) for customer, name in names)
        await asyncio.gather(*renames, world.customer(name="Ada Bello" if turn % 2 else "Zainab Obi"))
        have = await database.rows(select(Customer.search_name).distinct())
        assert await _names(database) == sorted(row.search_name for row in have), turn


async def test_who_brings_a_name_holds_it_against_who_gives_it_up(database: Database) -> None:
    """The race, step by step: the second transaction waits for the first one, and sees its customer then."""
    if database.is_sqlite:
        pytest.skip("keeps no names")
    world = World(database)
    last, coming = await world.customer(name="Ada Bello"), await world.customer(name="Zainab Obi")
    async with database.begin() as session:
        await session.execute(update(Customer).where(Customer.id == coming.id).values(search_name="ada bello"))
        leaving = asyncio.create_task(_rename(database, last, "musa ali"))
        done, _ = await asyncio.wait({leaving}, timeout=0.3)
        assert not done
    await leaving
    assert await _names(database) == ["ada bello", "musa ali"]


async def _names(database: Database) -> list[str]:
    return sorted(row.search_name for row in await database.rows(select(CustomerName.search_name)))


async def _rename(database: Database, customer: Customer, name: str) -> None:
    async with database.begin() as session:
        await session.execute(update(Customer).where(Customer.id == customer.id).values(search_name=name))
