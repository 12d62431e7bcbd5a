"""Loans and what a customer owes: exact money, currencies apart, and of arrears what was due before today."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import update

from gql.db.models import Admin, Customer, Loan, LoanInstalment, Office
from gql.domain.enums import LoanStatus
from gql.domain.time import today
from tests.api.client import Api, gid
from tests.api.reading import moment, rows, shared
from tests.factories import World

MONEY = "{ amount amountMinor currency }"
LOAN = f"id number product status disbursedAt inArrears principal {MONEY} outstanding {MONEY} arrears {MONEY}"
LOANS = f"""
query($id: ID!) {{
  customer(id: $id) {{
    loans {{ totalCount edges {{ node {{ {LOAN} }} }} }}
    loansSummary {{
      loans activeLoans loansInArrears
      balances {{ currency loans activeLoans loansInArrears outstanding {MONEY} arrears {MONEY} }}
    }}
  }}
}}
"""
HUGE = 9_007_199_254_740_993
"""The first whole number that a float can't hold."""


@dataclass(frozen=True)
class Ledger:
    """A debtor with loans of every kind, and one without any."""

    office: Office
    portfolio: Admin
    collections: Admin
    team: Admin
    debtor: Customer
    saver: Customer
    overdue: Loan
    punctual: Loan
    due_today: Loan
    closed: Loan
    yen: Loan
    dinar: Loan


async def _ledger(world: World) -> Ledger:
    office = await world.office("Lagos")
    manager = await world.admin("account_manager", office=office)
    debtor, saver = [await world.customer(office=office, manager=manager) for _ in range(2)]
    due_today = await world.loan(debtor, principal=70, instalments=1)
    async with world.database.begin() as session:
        of_loan = LoanInstalment.loan_id == due_today.id
        await session.execute(update(LoanInstalment).where(of_loan).values(due_on=today()))
    return Ledger(
        office=office,
        portfolio=await world.admin("portfolio_manager", office=office),
        collections=await world.admin("collections_officer", office=office),
        team=await world.admin("team_member", office=office),
        debtor=debtor,
        saver=saver,
        overdue=await world.loan(debtor, principal=400_00, instalments=4, paid=1, overdue_days=35),
        punctual=await world.loan(debtor, principal=HUGE, instalments=1),
        due_today=due_today,
        closed=await world.loan(
            debtor, principal=5_05, instalments=1, paid=1, status=LoanStatus.CLOSED, currency="USD"
        ),
        yen=await world.loan(debtor, principal=1500, instalments=1, overdue_days=1, currency="JPY", product="Car loan"),
        dinar=await world.loan(debtor, principal=1_234, instalments=1, currency="KWD", status=LoanStatus.WRITTEN_OFF),
    )


ledger, database_url = shared(_ledger)


def money(amount: str, minor: int, currency: str = "NGN") -> dict[str, Any]:
    """Money as the API writes it."""
    return {"amount": amount, "amountMinor": minor, "currency": currency}


async def _loans(api: Api, viewer: Admin, customer: Customer) -> dict[str, Any]:
    client = await api.sign_in(viewer)
    found: dict[str, Any] = (await client.data(LOANS, {"id": gid(customer)}))["customer"]
    return found


async def test_a_loan_shows_what_was_lent_what_is_left_and_what_is_overdue(api: Api, ledger: Ledger) -> None:
    found = rows((await _loans(api, ledger.portfolio, ledger.debtor))["loans"])
    loan = next(loan for loan in found if loan["id"] == gid(ledger.overdue))
    assert moment(loan.pop("disbursedAt")) == ledger.overdue.disbursed_at
    assert loan == {
        "id": gid(ledger.overdue),
        "number": ledger.overdue.number,
        "product": "Salary loan",
        "status": "ACTIVE",
        "inArrears": True,
        "principal": money("400.00", 400_00),
        "outstanding": money("300.00", 300_00),
        "arrears": money("200.00", 200_00),
    }


async def test_what_is_due_today_is_not_overdue_yet(api: Api, ledger: Ledger) -> None:
    found = rows((await _loans(api, ledger.portfolio, ledger.debtor))["loans"])
    in_arrears = {loan["id"]: loan["inArrears"] for loan in found}
    assert in_arrears[gid(ledger.due_today)] is in_arrears[gid(ledger.punctual)] is False
    assert in_arrears[gid(ledger.overdue)] is in_arrears[gid(ledger.yen)] is True


async def test_loans_come_newest_first_and_all_are_counted(api: Api, ledger: Ledger) -> None:
    loans = (await _loans(api, ledger.portfolio, ledger.debtor))["loans"]
    newest_first = (ledger.dinar, ledger.yen, ledger.closed, ledger.punctual, ledger.overdue, ledger.due_today)
    assert [loan["id"] for loan in rows(loans)] == [gid(loan) for loan in newest_first]
    assert loans["totalCount"] == 6
    statuses = [loan["status"] for loan in rows(loans)]
    assert statuses == ["WRITTEN_OFF", "ACTIVE", "CLOSED", "ACTIVE", "ACTIVE", "ACTIVE"]


async def test_money_is_exact_whatever_its_size_and_has_the_decimals_of_its_currency(api: Api, ledger: Ledger) -> None:
    principals = [loan["principal"] for loan in rows((await _loans(api, ledger.portfolio, ledger.debtor))["loans"])]
    assert principals == [
        money("1.234", 1_234, "KWD"),
        money("1500", 1500, "JPY"),
        money("5.05", 5_05, "USD"),
        money("90071992547409.93", HUGE),
        money("400.00", 400_00),
        money("0.70", 70),
    ]


async def test_the_summary_keeps_currencies_apart(api: Api, ledger: Ledger) -> None:
    summary = (await _loans(api, ledger.portfolio, ledger.debtor))["loansSummary"]
    balances = {balance.pop("currency"): balance for balance in summary.pop("balances")}
    assert summary == {"loans": 6, "activeLoans": 4, "loansInArrears": 2}
    assert list(balances) == ["JPY", "KWD", "NGN", "USD"]
    owed = 300_00 + HUGE + 70
    assert balances["NGN"] == {
        "loans": 3,
        "activeLoans": 3,
        "loansInArrears": 1,
        "outstanding": money("90071992547710.63", owed),
        "arrears": money("200.00", 200_00),
    }
    assert balances["JPY"] == {
        "loans": 1,
        "activeLoans": 1,
        "loansInArrears": 1,
        "outstanding": money("1500", 1500, "JPY"),
        "arrears": money("1500", 1500, "JPY"),
    }
    assert balances["USD"]["outstanding"] == balances["USD"]["arrears"] == money("0.00", 0, "USD")
    assert (balances["USD"]["loans"], balances["USD"]["activeLoans"]) == (1, 0)


async def test_who_owes_nothing_has_no_balances(api: Api, ledger: Ledger) -> None:
    found = await _loans(api, ledger.portfolio, ledger.saver)
    assert found == {
        "loans": {"totalCount": 0, "edges": []},
        "loansSummary": {"loans": 0, "activeLoans": 0, "loansInArrears": 0, "balances": []},
    }


async def test_collections_see_the_loans_in_arrears_and_no_others(api: Api, ledger: Ledger) -> None:
    found = await _loans(api, ledger.collections, ledger.debtor)
    assert [loan["id"] for loan in rows(found["loans"])] == [gid(ledger.yen), gid(ledger.overdue)]
    assert found["loans"]["totalCount"] == 2
    assert found["loansSummary"] is None
    assert (await _loans(api, ledger.collections, ledger.saver))["loans"] == {"totalCount": 0, "edges": []}


async def test_who_sees_an_outline_only_sees_no_loans(api: Api, ledger: Ledger) -> None:
    assert await _loans(api, ledger.team, ledger.debtor) == {"loans": None, "loansSummary": None}


@pytest.mark.parametrize(("viewer", "seen"), [("portfolio", "all"), ("collections", "overdue"), ("team", "none")])
async def test_a_loan_by_its_id_is_seen_by_whoever_sees_it_below_its_customer(
    viewer: str, seen: str, api: Api, ledger: Ledger
) -> None:
    client = await api.sign_in(getattr(ledger, viewer))
    loans = (ledger.overdue, ledger.yen, ledger.punctual, ledger.closed)
    found = await client.data(
        "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Loan { number inArrears } } }",
        {"ids": [gid(loan) for loan in loans]},
    )
    count = {"all": 4, "overdue": 2, "none": 0}[seen]
    assert [node and node["number"] for node in found["nodes"]] == [
        loan.number if place < count else None for place, loan in enumerate(loans)
    ]
