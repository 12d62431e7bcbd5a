"""Loans, and what a customer owes."""

from datetime import datetime
from operator import attrgetter
from typing import Any

import strawberry

from gql.db.rows import LoanRow
from gql.domain.enums import LoanStatus
from gql.domain.ids import Kind
from gql.domain.listing import BY_RECEIVED_AT, BY_SEQUENCE
from gql.domain.money import Money as MoneyValue
from gql.domain.repayment import days_past_due
from gql.domain.time import today
from gql.schema.access import open_to
from gql.schema.fields import column, computed, connection, global_id, loaded
from gql.schema.loan_request import LoanRequest
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count
from gql.schema.repayment import LoanInstalmentConnection, LoanPaymentConnection, NextDue, PortfolioAtRisk
from gql.schema.scalars import Money


@open_to(
    "whoever sees the customer's loans",
    "id number product status principal outstanding arrears inArrears daysPastDue nextDue instalments payments "
    "disbursedAt loanRequest",
)
@strawberry.type(description="Money lent to a customer.")
class Loan(Node):
    """Rows are `LoanRow`."""

    id: strawberry.ID = global_id(Kind.LOAN)
    number: str = column("The number that staff read out.")
    product: str = column("The loan product.")
    status: LoanStatus = column("Where the loan stands.")
    principal: Money = computed(lambda row: MoneyValue(row.principal_minor, row.currency), description="What was lent.")
    outstanding: Money = computed(
        lambda row: MoneyValue(row.outstanding_minor, row.currency),
        description="What the instalments still want, due or not.",
    )
    arrears: Money = computed(
        lambda row: MoneyValue(row.overdue_minor, row.currency),
        description="What was due before today and has not come.",
    )
    in_arrears: bool = computed(lambda row: row.overdue_minor > 0, description="Whether anything is overdue.")
    days_past_due: int = computed(
        lambda row: days_past_due(row.overdue_since, today()),
        description="Days since the oldest instalment that is overdue was due; 0 where none is.",
    )
    next_due: NextDue | None = loaded(
        "next_due",
        lambda row: row.id,
        description=(
            "What is to be paid next, today or later, without what is overdue; null where nothing is to come or the "
            "loan isn't being repaid."
        ),
    )
    instalments: LoanInstalmentConnection = connection(
        "instalments", lambda row: row.id, BY_SEQUENCE, description="The schedule, in its order."
    )
    payments: LoanPaymentConnection = connection(
        "payments", lambda row: row.id, BY_RECEIVED_AT, description="What came, newest first; reversed ones too."
    )
    disbursed_at: datetime = column("When the money was paid out.")
    loan_request: LoanRequest | None = loaded(
        "loan_request_of_loan",
        lambda row: row.id,
        description="The request that the loan came of; null where there was none or the viewer doesn't see it.",
    )

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, LoanRow)


@strawberry.type(description="A loan in a list.")
class LoanEdge:
    """Rows are edges."""

    node: Loan = column("The loan of this edge.")
    cursor: str = cursor()


@strawberry.type(description="A page of loans.")
class LoanConnection:
    """Rows are pages."""

    edges: list[LoanEdge] = column("The loans of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The loans of the whole list that the viewer sees.")


@open_to("whoever may read the summary")
@strawberry.type(description="What a customer owes in one currency.")
class LoanBalance:
    """Rows are `BalanceRow`."""

    currency: str = column("ISO 4217 code.")
    loans: int = column("Loans in this currency, closed ones too.")
    active_loans: int = column("Loans being repaid.")
    loans_in_arrears: int = column("Loans with something overdue.")
    outstanding: Money = computed(
        lambda row: MoneyValue(row.outstanding_minor, row.currency), description="What is still to come."
    )
    arrears: Money = computed(
        lambda row: MoneyValue(row.arrears_minor, row.currency), description="What is overdue of it."
    )
    next_due: NextDue | None = loaded(
        "balance_next_due",
        lambda row: (row.customer_id, row.currency),
        description="What is to be paid next on all loans that are being repaid, as of `Loan.nextDue`.",
    )
    portfolio_at_risk: PortfolioAtRisk = loaded(
        "balance_risk",
        lambda row: (row.customer_id, row.currency),
        description="How much of what is still to come is late, and how late.",
    )


def _sum_of(name: str, description: str) -> Any:
    """Over all currencies, of which nearly everybody has one."""
    of = attrgetter(name)
    return computed(lambda rows: of(rows[0]) if len(rows) == 1 else sum(map(of, rows)), description=description)


@open_to("whoever sees the customer's summary")
@strawberry.type(description="All of a customer's loans in figures.")
class LoansSummary:
    """Rows are lists of `BalanceRow`."""

    loans: int = _sum_of("loans", "Loans, closed ones too.")
    active_loans: int = _sum_of("active_loans", "Loans being repaid.")
    loans_in_arrears: int = _sum_of("loans_in_arrears", "Loans with something overdue.")
    balances: list[LoanBalance] = computed(
        lambda rows: rows, description="The money, by currency: currencies are never added together."
    )
