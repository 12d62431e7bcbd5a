"""How loans are repaid, as the API tells it: schedules, days past due, what is next, portfolio at risk, performance."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from gql.db.models import Admin, Customer, Loan, LoanInstalment, LoanPayment
from gql.domain.enums import LoanStatus
from gql.domain.ids import new_id
from gql.domain.repayment import PaymentMethod
from gql.domain.time import now, today
from tests.api.client import Api, gid
from tests.api.reading import rows, shared
from tests.factories import World

MINOR = "{ amountMinor currency }"
AT_RISK = "{ amount { amountMinor } ratio }"
READ = f"""
query($id: ID!, $since: Date!) {{
  customer(id: $id) {{
    loans {{ edges {{ node {{
      number daysPastDue nextDue {{ dueOn amount {MINOR} }} loanRequest {{ status }}
      instalments {{ totalCount edges {{ node {{ number dueOn paid {MINOR} status daysPastDue paidOn }} }} }}
      payments {{ totalCount edges {{ node {{ amount {MINOR} method reversalReason loan {{ number }} }} }} }}
    }} }} }}
    loansSummary {{ balances {{
      currency nextDue {{ dueOn amount {MINOR} }}
      portfolioAtRisk {{
        daysPastDue outstanding {MINOR} par1 {AT_RISK} par30 {AT_RISK} par60 {AT_RISK} par90 {AT_RISK}
      }}
    }} }}
    repaymentPerformance(since: $since) {{
      since until
      currencies {{
        currency expected {MINOR} collected {MINOR} collectionRate instalmentsDue instalmentsOnTime onTimeRate
      }}
    }}
  }}
}}
"""


@dataclass(frozen=True)
class Ledger:
    """A debtor with a loan 100 days late, one 35, one punctual, one written off, and one in dollars."""

    portfolio: Admin
    collections: Admin
    team: Admin
    debtor: Customer
    saver: Customer
    loans: dict[str, Loan]


def ago(days: int) -> date:
    """So many days before today."""
    return today() - timedelta(days=days)


async def _loan(
    world: World, customer: Customer, number: str, schedule: list[tuple[int, int, int | None]], **given: Any
) -> Loan:
    """Each instalment as (days ago it was due, how much, days ago it was paid in full or None)."""
    owed = sum(due for _, due, paid in schedule if paid is None)
    usual = {"status": LoanStatus.ACTIVE, "currency": "NGN", "product": "Any", "disbursed_at": now() - timedelta(400)}
    principal = sum(due for _, due, _ in schedule)
    loan = Loan(
        id=new_id(),
        number=number,
        customer_id=customer.id,
        principal_minor=principal,
        outstanding_minor=owed,
        **usual | given,
    )
    async with world.database.begin() as session:
        session.add(loan)
        await session.flush()
        for place, (days, due, paid) in enumerate(schedule, start=1):
            settled = None if paid is None else ago(paid)
            part = {"due_minor": due, "paid_minor": 0 if paid is None else due, "settled_on": settled}
            session.add(LoanInstalment(loan_id=loan.id, sequence=place, due_on=ago(days), **part))
            if paid is not None:
                received = now() - timedelta(days=paid)
                paying = {"amount_minor": due, "received_at": received, "method": PaymentMethod.CARD}
                session.add(LoanPayment(loan_id=loan.id, **paying))
    return loan


async def _ledger(world: World) -> Ledger:
    office = await world.office("Lagos")
    manager = await world.admin("account_manager", office=office)
    debtor, saver = [await world.customer(office=office, manager=manager) for _ in range(2)]
    loans = {
        "very late": await _loan(world, debtor, "L1", [(130, 1_000, 130), (100, 1_000, None), (70, 1_000, None)]),
        "late": await _loan(world, debtor, "L2", [(65, 500, 60), (35, 500, None), (-5, 500, None)]),
        "punctual": await _loan(world, debtor, "L3", [(31, 700, 31), (1, 700, 2), (0, 700, None), (-5, 700, None)]),
        "written off": await _loan(world, debtor, "L4", [(300, 9_000, None)], status=LoanStatus.WRITTEN_OFF),
        "dollars": await _loan(world, debtor, "L5", [(-9, 100, None)], currency="USD"),
    }
    await world.payment(loans["late"], amount=250, received_at=now())
    await world.loan_request(debtor, loan=loans["late"])
    return Ledger(
        portfolio=await world.admin("portfolio_manager", office=office),
        collections=await world.admin("collections_officer", office=office),
        team=await world.admin("team_member", office=office),
        debtor=debtor,
        saver=saver,
        loans=loans,
    )


ledger, database_url = shared(_ledger)


def naira(minor: int) -> dict[str, Any]:
    """An amount in NGN."""
    return {"amountMinor": minor, "currency": "NGN"}


async def _read(api: Api, viewer: Admin, customer: Customer, since: date) -> dict[str, Any]:
    client = await api.sign_in(viewer)
    found: dict[str, Any] = (await client.data(READ, {"id": gid(customer), "since": str(since)}))["customer"]
    return found


async def test_figures_are_those_worked_out_by_hand(api: Api, ledger: Ledger) -> None:
    found = await _read(api, ledger.portfolio, ledger.debtor, ago(65))
    loans = {loan["number"]: loan for loan in rows(found["loans"])}
    assert {number: loan["daysPastDue"] for number, loan in loans.items()} == {
        "L1": 100,
        "L2": 35,
        "L3": 0,
        "L4": 300,
        "L5": 0,
    }
    assert {number: loan["nextDue"] for number, loan in loans.items() if number != "L5"} == {
        "L1": None,
        "L2": {"dueOn": str(ago(-5)), "amount": naira(500)},
        "L3": {"dueOn": str(today()), "amount": naira(700)},
        "L4": None,
    }
    assert [loan["loanRequest"] and loan["loanRequest"]["status"] for loan in loans.values()].count("SUBMITTED") == 1

    ngn, usd = found["loansSummary"]["balances"]
    assert (ngn["currency"], usd["currency"]) == ("NGN", "USD")
    assert ngn["nextDue"] == {"dueOn": str(today()), "amount": naira(700)}
    assert ngn["portfolioAtRisk"] == {
        "daysPastDue": 300,
        "outstanding": naira(2_000 + 1_000 + 1_400),
        "par1": {"amount": {"amountMinor": 3_000}, "ratio": 0.6818},
        "par30": {"amount": {"amountMinor": 3_000}, "ratio": 0.6818},
        "par60": {"amount": {"amountMinor": 2_000}, "ratio": 0.4545},
        "par90": {"amount": {"amountMinor": 2_000}, "ratio": 0.4545},
    }
    assert usd["portfolioAtRisk"]["par1"] == {"amount": {"amountMinor": 0}, "ratio": 0.0}

    performance = found["repaymentPerformance"]
    assert (performance["since"], performance["until"]) == (str(ago(65)), str(today()))
    # Due since then: L2's 500 + 500, L3's three of 700. Came: L2's 500 five days late, L3's two; the reversed one not.
    assert performance["currencies"] == [
        {
            "currency": "NGN",
            "expected": naira(3_100),
            "collected": naira(1_900),
            "collectionRate": 0.6129,
            "instalmentsDue": 4,
            "instalmentsOnTime": 2,
            "onTimeRate": 0.5,
        }
    ]


async def test_a_schedule_says_of_each_instalment_how_far_it_has_come(api: Api, ledger: Ledger) -> None:
    found = await _read(api, ledger.portfolio, ledger.debtor, today())
    [late] = [loan for loan in rows(found["loans"]) if loan["number"] == "L2"]
    assert late["instalments"]["totalCount"] == 3
    first, second, third = rows(late["instalments"])
    assert (first["number"], first["status"], first["paidOn"], first["paid"]) == (1, "PAID", str(ago(60)), naira(500))
    assert (second["status"], second["daysPastDue"], second["paidOn"]) == ("OVERDUE", 35, None)
    assert (third["status"], third["daysPastDue"], third["dueOn"]) == ("PENDING", 0, str(ago(-5)))
    newest, oldest = rows(late["payments"])
    assert (newest["reversalReason"], newest["amount"]) == ("As a test wants it.", naira(250))
    assert (oldest["method"], oldest["reversalReason"], oldest["loan"]) == ("CARD", None, {"number": "L2"})


async def test_who_has_no_loans_has_no_figures_and_a_period_does_not_begin_tomorrow(api: Api, ledger: Ledger) -> None:
    found = await _read(api, ledger.portfolio, ledger.saver, date(1, 1, 1))
    assert found["repaymentPerformance"]["currencies"] == found["loansSummary"]["balances"] == []
    client = await api.sign_in(ledger.portfolio)
    given = {"id": gid(ledger.debtor), "since": str(ago(-1))}
    assert await client.codes(READ, given) == ["BAD_USER_INPUT"]


async def test_a_limited_view_has_the_loans_in_arrears_with_what_is_below_them_and_no_figures(
    api: Api, ledger: Ledger
) -> None:
    """Neither the requests that they came of."""
    found = await _read(api, ledger.collections, ledger.debtor, today())
    assert (found["loansSummary"], found["repaymentPerformance"]) == (None, None)
    loans = {loan["number"]: loan for loan in rows(found["loans"])}
    assert loans.keys() == {"L1", "L2", "L4"}
    assert [loan["loanRequest"] for loan in loans.values()] == [None] * 3
    assert loans["L1"]["instalments"]["totalCount"] == 3
    outline = await _read(api, ledger.team, ledger.debtor, today())
    assert outline == {"loans": None, "loansSummary": None, "repaymentPerformance": None}
