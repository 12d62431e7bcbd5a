"""Whatever is paid and reversed on a loan, its rows are those of a recount, and SQL gives the figures of the rules."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from gql.db.engine import Database
from gql.db.models import Admin, Customer, Loan, LoanInstalment, LoanPayment
from gql.db.queries.loans import LOANS, balances_of
from gql.db.queries.repayment import next_due_of_balances, next_due_of_loans, performances_of, risks_of_balances
from gql.domain import repayment as rules
from gql.domain.enums import LoanStatus, SubjectKind
from gql.domain.errors import Refused
from gql.domain.ids import new_id
from gql.domain.money import Money
from gql.domain.repayment import AT_RISK_DAYS, Instalment, PaymentMethod, Received
from gql.domain.roles import SUPER_ADMIN
from gql.domain.time import today
from gql.domain.viewer import AdminViewer
from gql.services.audit import Actor
from gql.services.loan_payments import RecordPayment, ReversePayment, record_payment, reverse_payment
from tests.databases import DatabaseKind, fresh_database
from tests.factories import World

CURRENCIES = ("NGN", "USD")
loans_drawn = st.lists(
    st.tuples(
        st.sampled_from(CURRENCIES),
        st.lists(st.tuples(st.integers(-120, 60), st.integers(1, 5)), min_size=1, max_size=4),
        st.booleans(),
    ),
    min_size=1,
    max_size=3,
)
"""Of each loan the currency, its instalments (in how many days due, and how much), and whether it was written off."""
payments = st.tuples(st.just("pay"), st.integers(0, 2), st.integers(1, 6), st.integers(0, 130))
reversals = st.tuples(st.just("reverse"), st.integers(0, 2), st.integers(0, 9), st.just(0))
histories = st.lists(payments | reversals, max_size=8)
DISBURSED = datetime.combine(today() - timedelta(days=200), time.min, UTC)


@dataclass
class Lender:
    """Who takes payments."""

    database: Database
    world: World
    boss: Admin

    @property
    def viewer(self) -> AdminViewer:
        """The same, as services know them."""
        return AdminViewer(self.boss.id, uuid4(), self.boss.office_id, (SUPER_ADMIN,))

    @property
    def actor(self) -> Actor:
        """The same, as the audit knows them."""
        return Actor(SubjectKind.ADMIN, self.boss.id)

    async def pay(self, loan: Loan, amount: int, days_ago: int) -> UUID | None:
        """Through the service; the payment, or None where it was refused."""
        received = datetime.combine(today() - timedelta(days=days_ago), time.min, UTC)
        wish = RecordPayment(loan.id, Money(amount, loan.currency), PaymentMethod.CASH, received)
        try:
            return (await record_payment(self.database, self.actor, self.viewer, wish)).record_id
        except Refused:
            return None

    async def reverse(self, payment_id: UUID) -> bool:
        """The same; whether it was reversed."""
        try:
            await reverse_payment(self.database, self.actor, self.viewer, ReversePayment(payment_id, "bounced"))
        except Refused:
            return False
        return True


async def _lender(url: str) -> Lender:
    database = Database(url)
    world = World(database)
    return Lender(database, world, await world.admin("super_admin"))


async def _lend(
    lender: Lender, customer: Customer, drawn: Sequence[tuple[str, list[tuple[int, int]], bool]]
) -> list[Loan]:
    made = []
    for number, (currency, schedule, written_off) in enumerate(drawn):
        owed = sum(due for _, due in schedule)
        loan = Loan(
            id=new_id(),
            number=f"{customer.number}-{number}",
            customer_id=customer.id,
            product="Any",
            status=LoanStatus.WRITTEN_OFF if written_off else LoanStatus.ACTIVE,
            currency=currency,
            principal_minor=owed,
            outstanding_minor=owed,
            disbursed_at=DISBURSED,
        )
        made.append(loan)
        async with lender.database.begin() as session:
            session.add(loan)
            await session.flush()
            for place, (days, due) in enumerate(sorted(schedule), start=1):
                day = today() + timedelta(days=days)
                session.add(LoanInstalment(loan_id=loan.id, sequence=place, due_on=day, due_minor=due, paid_minor=0))
    return made


@dataclass
class Stood:
    """What the test itself knows of a loan: the payments that stand, by the order in which they came."""

    payments: dict[UUID, tuple[date, int]]

    def received(self) -> list[Received]:
        """In that order."""
        ordered = sorted(self.payments.items(), key=lambda item: (item[1][0], item[0]))
        return [Received(*payment) for _, payment in ordered]


async def _live_through(lender: Lender, loans: list[Loan], history: Iterable[tuple[str, int, int, int]]) -> list[Stood]:
    stood = [Stood({}) for _ in loans]
    ever: list[tuple[int, UUID]] = []
    for event, which, number, days_ago in history:
        place = which % len(loans)
        if event == "pay":
            loan, paid = loans[place], sum(amount for _, amount in stood[place].payments.values())
            payment_id = await lender.pay(loan, number, days_ago)
            assert (payment_id is not None) == (number <= loan.principal_minor - paid), "taken up to what is owed"
            if payment_id is not None:
                stood[place].payments[payment_id] = (today() - timedelta(days=days_ago), number)
                ever.append((place, payment_id))
        elif ever:
            place, payment_id = ever[number % len(ever)]
            assert await lender.reverse(payment_id) == (payment_id in stood[place].payments), "once"
            stood[place].payments.pop(payment_id, None)
    return stood


async def _schedule(database: Database, loan: Loan) -> list[Instalment]:
    c = LoanInstalment.__table__.c
    columns = (c.due_on, c.due_minor, c.paid_minor, c.settled_on)
    rows = await database.rows(select(*columns).where(c.loan_id == loan.id).order_by(c.sequence))
    return [Instalment(*row) for row in rows]


async def _agree(lender: Lender, customer: Customer, loans: list[Loan], stood: list[Stood], since: date) -> None:
    """The rows are those of a recount, and every statement gives the figures of the pure rules."""
    database, day = lender.database, today()
    schedules = [await _schedule(database, loan) for loan in loans]
    now = {row.id: row for row in await database.rows(select(*Loan.__table__.c))}
    for loan, schedule, stands in zip(loans, schedules, stood, strict=True):
        recount = rules.allocate([one.due_minor for one in schedule], stands.received())
        assert [(one.paid_minor, one.settled_on) for one in schedule] == recount
        outstanding = sum(one.rest_minor for one in schedule)
        assert now[loan.id].outstanding_minor == outstanding
        repaid = LoanStatus.ACTIVE if outstanding else LoanStatus.CLOSED
        assert now[loan.id].status == (loan.status if loan.status is LoanStatus.WRITTEN_OFF else repaid)

    keys = [loan.id for loan in loans]
    late = [rules.overdue(schedule, day) for schedule in schedules]
    rows = await LOANS.by_id_for_anybody(database, keys)
    assert [row and (row.overdue_minor, row.overdue_since) for row in rows] == late
    is_active = [now[key].status == LoanStatus.ACTIVE for key in keys]
    ahead = [rules.next_due(one, day) if active else None for one, active in zip(schedules, is_active, strict=True)]
    assert [row and (row.due_on, row.amount_minor) for row in await next_due_of_loans(database, keys)] == ahead

    [performance] = await performances_of(database, [customer.id], since)
    found = {row.currency: row for row in performance.currencies}
    of_balances = {row.currency: row for row in (await balances_of(database, [customer.id]))[0]}
    pairs = [(customer.id, currency) for currency in CURRENCIES]
    risks, nexts = await risks_of_balances(database, pairs), await next_due_of_balances(database, pairs)
    for currency, risk, coming in zip(CURRENCIES, risks, nexts, strict=True):
        mine = [place for place, loan in enumerate(loans) if loan.currency == currency]
        active = [place for place in mine if is_active[place]]
        owed = {place: now[keys[place]].outstanding_minor for place in active}
        assert risk.outstanding_minor == sum(owed.values())
        assert risk.overdue_since == min((one for p in mine if (one := late[p].since) is not None), default=None)
        assert list(risk.at_risk_minor) == [
            sum(owed[place] for place in active if rules.is_at_risk(late[place].since, day, days))
            for days in AT_RISK_DAYS
        ]
        together = rules.next_due([one for place in active for one in schedules[place]], day)
        assert (coming and (coming.due_on, coming.amount_minor)) == together
        arrears = of_balances[currency].arrears_minor if mine else 0
        assert arrears == sum(late[place].amount_minor for place in mine)

        instalments = [one for place in mine for one in schedules[place]]
        received = [one for place in mine for one in stood[place].received()]
        due, on_time = rules.punctuality(instalments, since, day)
        figures = (rules.expected(instalments, since, day), rules.collected(received, since, day), due, on_time)
        if currency in found:
            row = found[currency]
            sql = (row.expected_minor, row.collected_minor, row.instalments_due, row.instalments_on_time)
            assert sql == figures
        else:
            assert figures == (0, 0, 0, 0)


def test_figures_follow_any_history(database_kind: DatabaseKind) -> None:
    """Of payments and reversals on several loans, in two currencies, back-dated too."""
    with fresh_database(database_kind) as url, asyncio.Runner() as runner:
        lender = runner.run(_lender(url))

        async def lives(
            drawn: Sequence[tuple[str, list[tuple[int, int]], bool]],
            history: Iterable[tuple[str, int, int, int]],
            days: int,
        ) -> None:
            customer = await lender.world.customer()
            loans = await _lend(lender, customer, drawn)
            stood = await _live_through(lender, loans, history)
            await _agree(lender, customer, loans, stood, today() - timedelta(days=days))

        @settings(max_examples=20)
        @given(drawn=loans_drawn, history=histories, days=st.integers(0, 140))
        def holds(
            drawn: list[tuple[str, list[tuple[int, int]], bool]], history: list[tuple[str, int, int, int]], days: int
        ) -> None:
            runner.run(lives(drawn, history, days))

        try:
            holds()
        finally:
            runner.run(lender.database.close())


async def test_payments_at_once_never_pay_more_than_is_owed(database: Database) -> None:
    """Ten payments of 30 race for a loan of 100: three are taken, whatever their order."""
    world = World(database)
    boss = await world.admin("super_admin")
    lender = Lender(database, world, boss)
    loan = await world.loan(await world.customer(), principal=100, instalments=4, disbursed_at=DISBURSED)
    taken = [key for key in await asyncio.gather(*(lender.pay(loan, 30, 0) for _ in range(10))) if key is not None]
    assert len(taken) == 3
    assert [one.paid_minor for one in await _schedule(database, loan)] == [25, 25, 25, 15]
    [row] = await database.rows(select(Loan.outstanding_minor).where(Loan.id == loan.id))
    assert row.outstanding_minor == 10

    reversed_ones = await asyncio.gather(*(lender.reverse(key) for key in [*taken, *taken]))
    assert sorted(reversed_ones) == [False] * 3 + [True] * 3
    assert [one.paid_minor for one in await _schedule(database, loan)] == [0] * 4
    stands = select(LoanPayment.id).where(LoanPayment.reversed_at.is_(None))
    assert await database.rows(stands) == []
