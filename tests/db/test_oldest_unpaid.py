"""A customer's row knows the oldest instalment that isn't paid, whoever writes instalments, and however."""

from datetime import date, timedelta
from uuid import UUID

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
    kept = [row.search_name for row in await database.rows(select(CustomerName.search_name))]
    assert sorted(kept) == ([] if database.is_sqlite else ["sade bello", "sade musa"])
