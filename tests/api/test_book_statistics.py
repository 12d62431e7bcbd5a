"""Figures of tenures and of books, against sums over every instalment and payment that are worked out here."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from gql.db.models import Admin, Customer, Loan, LoanInstalment, LoanPayment
from gql.domain.enums import LoanStatus
from gql.domain.ids import new_id
from gql.domain.repayment import TREND_DAYS, Received, allocate
from gql.domain.time import now, today
from tests.api.client import Api, gid
from tests.api.reading import rows, shared
from tests.factories import World

_DAYS = 130
_CUSTOMERS = 12
_PERFORMANCE = """{ since until currencies {
    currency expected { amountMinor } collected { amountMinor } instalmentsDue instalmentsOnTime } }"""
TENURES = f"""
query($id: ID!, $since: Date!) {{ customer(id: $id) {{
    repaymentPerformance(since: $since) {_PERFORMANCE}
    assignmentHistory(first: 50) {{ edges {{ node {{
        id accountManager {{ id }} startedAt endedAt repaymentPerformance {_PERFORMANCE} }} }} }} }} }}
"""
BOOK = f"""
query($id: ID!, $since: Date!) {{ admin(id: $id) {{ bookSize bookStatistics(since: $since) {{
    size counted
    portfolio {{ outstanding {{ amountMinor currency }} daysPastDue par1 {{ amount {{ amountMinor }} }}
        par30 {{ amount {{ amountMinor }} }} par90 {{ amount {{ amountMinor }} ratio }} }}
    repaymentPerformance {_PERFORMANCE}
    handovers {{ day customers before {_PERFORMANCE} after {_PERFORMANCE} }} }} }} }}
"""
Figures = dict[str, Counter[str]]
"""By currency."""


@dataclass(frozen=True)
class Span:
    """Somebody's tenure; `ends` None for the present one."""

    manager: Admin
    begins: datetime
    ends: datetime | None

    def has_day(self, day: date) -> bool:
        """Whether it stood at the end of the day."""
        end = datetime.combine(day + timedelta(days=1), time.min, UTC)
        return self.begins < end and (self.ends is None or end <= self.ends)

    def has_moment(self, moment: datetime) -> bool:
        """Whether it stood then."""
        return self.begins <= moment and (self.ends is None or moment < self.ends)


@dataclass
class Debtor:
    """A customer with all that was due and came."""

    customer: Customer
    spans: list[Span] = field(default_factory=list)
    due: list[tuple[str, LoanInstalment]] = field(default_factory=list)
    came: list[tuple[str, LoanPayment]] = field(default_factory=list)

    def figures(self, has_day: Callable[[date], bool], has_moment: Callable[[datetime], bool]) -> Figures:
        """What was due on such days and came at such moments."""
        found: Figures = {}
        for currency, one in self.due:
            if one.due_on <= today() and has_day(one.due_on):
                counted = found.setdefault(currency, Counter())
                counted["expected"] += one.due_minor
                if one.due_on < today():
                    counted["due"] += 1
                    counted["on time"] += one.settled_on is not None and one.settled_on <= one.due_on
        for currency, payment in self.came:
            if payment.reversed_at is None and has_moment(payment.received_at):
                found.setdefault(currency, Counter())["collected"] += payment.amount_minor
        return found


@dataclass(frozen=True)
class Bank:
    """Debtors who went from hand to hand."""

    managers: list[Admin]
    viewers: dict[str, Admin]
    debtors: list[Debtor]


Period = tuple[Callable[[date], bool], Callable[[datetime], bool]]
"""Of days, and of moments."""


def _during(spans: Sequence[Span], since: date = date.min) -> Period:
    """While one of the spans stood, from a day on."""

    def has_day(day: date) -> bool:
        return day >= since and any(span.has_day(day) for span in spans)

    def has_moment(moment: datetime) -> bool:
        return moment.date() >= since and any(span.has_moment(moment) for span in spans)

    return has_day, has_moment


def _outside(spans: Sequence[Span]) -> Period:
    """While none of the spans stood."""
    has_day, has_moment = _during(spans)
    return lambda day: not has_day(day), lambda moment: not has_moment(moment)


def _between(first: date, last: date) -> Period:
    """Both days and all between them."""
    return lambda day: first <= day <= last, lambda moment: first <= moment.date() <= last


def _at(days_ago: int, hour: int) -> datetime:
    return datetime.combine(today() - timedelta(days=days_ago), time(hour), UTC)


async def _loan(world: World, draw: Random, debtor: Debtor, currency: str) -> None:
    """A monthly schedule, with payments that come when they like; some are reversed.

    Some of both fall on the very day or moment at which the customer changed hands.
    """
    edges = [span.begins for span in debtor.spans] or [_at(_DAYS // 2, 0)]
    dues = [draw.randint(100, 900) for _ in range(draw.randint(2, 5))]
    first = draw.choice([draw.randint(20, _DAYS), (today() - draw.choice(edges).date()).days])
    paid, payments, received = 0, [], []
    usual = [_at(draw.randint(1, _DAYS), draw.randint(0, 23)) for _ in range(draw.randint(0, 4))]
    for moment in sorted([*usual, draw.choice(edges)]):
        amount = draw.randint(50, 600)
        reversed_at = now() if draw.random() < 0.2 else None
        if reversed_at is None and paid + amount > sum(dues):
            continue
        paid += 0 if reversed_at else amount
        if reversed_at is None:
            received.append(Received(moment.date(), amount))
        payments.append((amount, moment, reversed_at))
    loan = Loan(
        id=new_id(),
        number=f"L{draw.getrandbits(60)}",
        customer_id=debtor.customer.id,
        product="Any",
        status=LoanStatus.ACTIVE,
        currency=currency,
        principal_minor=sum(dues),
        outstanding_minor=sum(dues) - paid,
        disbursed_at=_at(_DAYS + 9, 0),
    )
    async with world.database.begin() as session:
        session.add(loan)
        await session.flush()
        for place, (due, got) in enumerate(zip(dues, allocate(dues, received), strict=True)):
            day = today() - timedelta(days=first - 30 * place)
            part = {"due_minor": due, "paid_minor": got.paid_minor, "settled_on": got.settled_on}
            one = LoanInstalment(loan_id=loan.id, sequence=place + 1, due_on=day, **part)
            debtor.due.append((currency, one))
            session.add(one)
        for amount, moment, reversed_at in payments:
            why = "Never came." if reversed_at else None
            payment = LoanPayment(
                loan_id=loan.id, amount_minor=amount, received_at=moment, reversed_at=reversed_at, reversal_reason=why
            )
            debtor.came.append((currency, payment))
            session.add(payment)


async def _bank(world: World) -> Bank:
    draw = Random(7)
    lagos = await world.office("Lagos")
    managers = [await world.admin("account_manager", office=lagos) for _ in range(3)]
    viewers = {
        key: await world.admin(key, office=lagos)
        for key in ("super_admin", "portfolio_manager", "auditor", "team_member", "collections_officer")
    }
    debtors = []
    for number in range(_CUSTOMERS):
        moments = sorted(_at(draw.randint(1, _DAYS), draw.choice((0, 0, 9, 23))) for _ in range(4))
        last = [*managers, None][number % 4]
        customer = await world.customer(office=lagos, created_at=_at(_DAYS, 0))
        debtor = Debtor(customer)
        for begins, ends in zip(moments, [*moments[1:], None], strict=True):
            manager = last if ends is None else draw.choice([*managers, None])
            if manager is None or begins == ends:
                continue
            if ends is None:
                await world.assignment(customer, manager, started_at=begins)
            else:
                await world.assignment(customer, manager, started_at=begins, ended_at=ends)
            debtor.spans.append(Span(manager, begins, ends))
        for currency in draw.choice((["NGN"], ["NGN", "NGN"], ["NGN", "USD"], [])):
            await _loan(world, draw, debtor, currency)
        debtors.append(debtor)
    return Bank(managers, viewers, debtors)


bank, database_url = shared(_bank)


def _sum(each: Iterable[Figures]) -> Figures:
    found: Figures = {}
    for figures in each:
        for currency, counted in figures.items():
            found.setdefault(currency, Counter()).update(counted)
    return {currency: counted for currency, counted in found.items() if +counted}


def _told(performance: dict[str, Any]) -> Figures:
    """What the API says, in the words used here."""
    found = {
        one["currency"]: Counter(
            {
                "expected": one["expected"]["amountMinor"],
                "collected": one["collected"]["amountMinor"],
                "due": one["instalmentsDue"],
                "on time": one["instalmentsOnTime"],
            }
        )
        for one in performance["currencies"]
    }
    return {currency: counted for currency, counted in found.items() if +counted}


async def test_a_tenure_has_what_fell_within_it_and_the_whole_is_the_sum(api: Api, bank: Bank) -> None:
    client = await api.sign_in(bank.viewers["portfolio_manager"])
    seen = 0
    for debtor in bank.debtors:
        given = {"id": gid(debtor.customer), "since": str(today() - timedelta(days=3 * _DAYS))}
        found = (await client.data(TENURES, given))["customer"]
        tenures = rows(found["assignmentHistory"])
        assert len(tenures) == len(debtor.spans)
        for tenure, span in zip(reversed(tenures), debtor.spans, strict=True):
            assert _told(tenure["repaymentPerformance"]) == _sum([debtor.figures(span.has_day, span.has_moment)])
            assert tenure["repaymentPerformance"]["since"] == str(span.begins.date())
            assert tenure["repaymentPerformance"]["until"] == str(today() if span.ends is None else span.ends.date())
            seen += bool(_told(tenure["repaymentPerformance"]))
        nobodys = debtor.figures(*_outside(debtor.spans))
        of_tenures = [_told(tenure["repaymentPerformance"]) for tenure in tenures]
        assert _told(found["repaymentPerformance"]) == _sum([*of_tenures, nobodys])
    assert seen > _CUSTOMERS  # or there was nothing to add up


async def test_figures_of_a_book_are_those_of_the_days_on_which_it_was_held(api: Api, bank: Bank) -> None:
    client, since = await api.sign_in(bank.viewers["portfolio_manager"]), today() - timedelta(days=70)
    for manager in bank.managers:
        found = (await client.data(BOOK, {"id": gid(manager), "since": str(since)}))["admin"]
        book = [one for one in bank.debtors if one.customer.account_manager_id == manager.id]
        statistics = found["bookStatistics"]
        assert statistics["size"] == statistics["counted"] == found["bookSize"] == len(book) > 0
        held = [(debtor, span) for debtor in bank.debtors for span in debtor.spans if span.manager is manager]
        expected = _sum(debtor.figures(*_during([span], since)) for debtor, span in held)
        assert _told(statistics["repaymentPerformance"]) == expected != {}
        owed: Counter[str] = Counter()
        for debtor in book:
            for currency, one in debtor.due:
                owed[currency] += one.due_minor - one.paid_minor
        told = [each["outstanding"] for each in statistics["portfolio"]]
        assert {one["currency"]: one["amountMinor"] for one in told} == dict(owed)
        days = Counter(span.begins.date() for _, span in held if span.begins.date() >= since)
        assert {one["day"]: one["customers"] for one in statistics["handovers"]} == {
            str(day): days[day] for day in sorted(days, reverse=True)[:12]
        }
        for handover in statistics["handovers"]:
            day = date.fromisoformat(handover["day"])
            who = [debtor for debtor, span in held if span.begins.date() == day]
            for name, first, last in (
                ("before", day - timedelta(days=TREND_DAYS), day - timedelta(days=1)),
                ("after", day, min(today(), day + timedelta(days=TREND_DAYS - 1))),
            ):
                span_of_days = (handover[name]["since"], handover[name]["until"])
                assert span_of_days == (str(first), str(last))
                within = _sum(debtor.figures(*_between(first, last)) for debtor in who)
                assert _told(handover[name]) == within


async def test_arrears_of_a_book_are_the_sum_of_its_customers(api: Api, bank: Bank) -> None:
    client = await api.sign_in(bank.viewers["super_admin"])
    risks = """query($id: ID!) { customer(id: $id) { loansSummary { balances { portfolioAtRisk {
        outstanding { currency } par1 { amount { amountMinor } } par30 { amount { amountMinor } }
        par90 { amount { amountMinor } } } } } } }"""
    for manager in bank.managers:
        expected: Counter[tuple[str, str]] = Counter()
        for debtor in bank.debtors:
            if debtor.customer.account_manager_id == manager.id:
                found = (await client.data(risks, {"id": gid(debtor.customer)}))["customer"]["loansSummary"]
                for one in (balance["portfolioAtRisk"] for balance in found["balances"]):
                    for par in ("par1", "par30", "par90"):
                        expected[one["outstanding"]["currency"], par] += one[par]["amount"]["amountMinor"]
        given = {"id": gid(manager), "since": str(today())}
        statistics = (await client.data(BOOK, given))["admin"]["bookStatistics"]
        told = {
            (one["outstanding"]["currency"], par): one[par]["amount"]["amountMinor"]
            for one in statistics["portfolio"]
            for par in ("par1", "par30", "par90")
        }
        assert told == dict(expected)


async def test_who_may_read_them_and_whose_customers_count(api: Api, bank: Bank) -> None:
    """One's own and with `workload.read`; sums are of customers whose loans the viewer sees, sizes are true."""
    manager, since = bank.managers[0], str(today() - timedelta(days=70))
    size = sum(one.customer.account_manager_id == manager.id for one in bank.debtors)
    for who, counted in (
        (manager, size),
        (bank.viewers["super_admin"], size),
        (bank.viewers["auditor"], 0),
        (bank.viewers["team_member"], None),
        (bank.viewers["collections_officer"], None),
        (bank.managers[1], None),
    ):
        client = await api.sign_in(who)
        found = (await client.data(BOOK, {"id": gid(manager), "since": since}))["admin"]["bookStatistics"]
        if counted is None:
            assert found is None, who.name
            continue
        assert (found["size"], found["counted"]) == (size, counted), who.name
        if not counted:
            assert (found["portfolio"], found["handovers"]) == ([], []), who.name
            assert found["repaymentPerformance"]["currencies"] == [], who.name
    future = {"id": gid(manager), "since": str(today() + timedelta(days=1))}
    assert await (await api.sign_in(manager)).codes(BOOK, future) == ["BAD_USER_INPUT"]


async def test_former_account_managers_see_no_figures_of_what_they_lost(api: Api, bank: Bank) -> None:
    """Their own tenures are told by whoever sees the customer now: to the manager who left them, nothing is."""
    former, debtor = next(
        (span.manager, debtor)
        for debtor in bank.debtors
        for span in debtor.spans
        if span.ends is not None and debtor.customer.account_manager_id not in (None, span.manager.id)
    )
    client = await api.sign_in(former)
    given = {"id": gid(debtor.customer), "since": str(today() - timedelta(days=70))}
    assert (await client.data(TENURES, given))["customer"] is None
    others = [one for one in bank.debtors if one.customer.account_manager_id == former.id]
    found = (await client.data(BOOK, {"id": gid(former), "since": given["since"]}))["admin"]["bookStatistics"]
    since = today() - timedelta(days=70)
    expected = _sum(
        one.figures(*_during([span for span in one.spans if span.manager is former], since)) for one in others
    )
    assert _told(found["repaymentPerformance"]) == expected
