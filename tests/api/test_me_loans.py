"""What a customer owes, as their app shows it."""

from datetime import timedelta

from sqlalchemy import update

from gql.db.models import LoanInstalment
from gql.domain.enums import LoanStatus
from gql.domain.time import today
from tests.api.client import Api
from tests.api.reading import rows
from tests.api.test_me import ME
from tests.factories import World
from tests.sql_counter import count_statements


async def test_the_next_payment_is_the_earliest_of_all_loans_and_what_is_left_of_it(api: Api, world: World) -> None:
    """A loan that was written off is owed all the same, and its owner isn't told of it."""
    customer = await world.customer()
    await world.loan(await world.customer(), overdue_days=90)
    later = await world.loan(customer, instalments=1, currency="USD", principal=70_00)
    written_off = await world.loan(customer, instalments=2, principal=100_00, status=LoanStatus.WRITTEN_OFF)
    sooner = today() + timedelta(days=3)
    async with api.database.begin() as session:
        instalment = (LoanInstalment.loan_id == written_off.id, LoanInstalment.sequence == 1)
        await session.execute(update(LoanInstalment).where(*instalment).values(due_on=sooner, paid_minor=12_34))
    me = (await (await api.sign_in(customer)).data(ME))["me"]
    assert me["nextPayment"] == {
        "loanNumber": written_off.number,
        "dueOn": sooner.isoformat(),
        "overdue": False,
        "amount": {"amount": "37.66", "currency": "NGN"},
    }
    assert [(loan["number"], loan["status"]) for loan in rows(me["loans"])] == [
        (written_off.number, "ACTIVE"),
        (later.number, "ACTIVE"),
    ]


async def test_the_customers_view_takes_as_many_statements_for_many_loans_as_for_one(api: Api, world: World) -> None:
    few, many = [await world.customer() for _ in range(2)]
    for _ in range(10):
        await world.loan(many, instalments=1)
    await world.loan(few, instalments=1)
    counts = set()
    for customer in (few, many):
        client = await api.sign_in(customer)
        with count_statements(api.database) as recorder:
            await client.data(ME)
        counts.add(len(recorder))
    assert counts == {6}, str(recorder)
