"""Schedules, payments, and how loans are repaid."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.loan_rows import InstalmentRow, PaymentRow
from gql.domain import repayment as rules
from gql.domain.ids import Kind
from gql.domain.money import Money as MoneyValue
from gql.domain.repayment import InstalmentStatus, PaymentMethod
from gql.domain.time import today
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import column, computed, global_id, loaded
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count
from gql.schema.scalars import Money, money

if TYPE_CHECKING:
    from gql.schema.loan import Loan

_SEE_THE_LOAN = "whoever sees the loan"


def _loan() -> Any:
    return loaded("loan", lambda row: row.loan_id, description="The loan; null where it isn't there any more.")


@open_to(_SEE_THE_LOAN)
@strawberry.type(description="What is to be paid next.")
class NextDue:
    """Rows are `NextDueRow`."""

    due_on: date = column("On which day.")
    amount: Money = money("amount_minor", description="All that is to be paid on that day.")


@open_to(_SEE_THE_LOAN, "id loan number dueOn due paid outstanding status daysPastDue paidOn")
@strawberry.type(
    description="One part of a loan's schedule. Payments pay the oldest first, whatever they were meant for."
)
class LoanInstalment(Node):
    """Rows are `InstalmentRow`."""

    id: strawberry.ID = global_id(Kind.LOAN_INSTALMENT)
    loan: Annotated["Loan", strawberry.lazy("gql.schema.loan")] | None = _loan()
    number: int = computed(lambda row: row.sequence, description="Its place in the schedule, from 1 on.")
    due_on: date = column("The day by the end of which it is to be paid.")
    due: Money = money("due_minor", description="What is to be paid.")
    paid: Money = money("paid_minor", description="What has come of it.")
    outstanding: Money = computed(
        lambda row: MoneyValue(row.due_minor - row.paid_minor, row.currency), description="What is still to come of it."
    )
    status: InstalmentStatus = computed(
        lambda row: rules.status_of(row.due_minor - row.paid_minor, row.due_on, today()),
        description="How far it has come.",
    )
    days_past_due: int = computed(
        lambda row: rules.days_past_due(row.due_on if row.paid_minor < row.due_minor else None, today()),
        description="Days since it was due, where it is overdue; otherwise 0.",
    )
    settled_on: date | None = column("The day on which all of it had come.", name="paidOn")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, InstalmentRow)


@strawberry.type(description="An instalment in a list.")
class LoanInstalmentEdge:
    """Rows are edges."""

    node: LoanInstalment = column("The instalment.")
    cursor: str = cursor()


@strawberry.type(description="A page of a schedule.")
class LoanInstalmentConnection:
    """Rows are pages."""

    edges: list[LoanInstalmentEdge] = column("The instalments of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The instalments of the whole schedule.")


@open_to(_SEE_THE_LOAN, "id loan amount receivedAt method reference recordedBy reversedAt reversedBy reversalReason")
@strawberry.type(description="Money that came back. A payment that is reversed stays, and counts for nothing.")
class LoanPayment(Node):
    """Rows are `PaymentRow`."""

    id: strawberry.ID = global_id(Kind.LOAN_PAYMENT)
    loan: Annotated["Loan", strawberry.lazy("gql.schema.loan")] | None = _loan()
    amount: Money = money("amount_minor", description="How much money came.")
    received_at: datetime = column("When it came.")
    method: PaymentMethod = column("How it came.")
    reference: str | None = column("What the bank's or the till's record says; one that stands is the loan's only one.")
    recorded_by: Admin | None = loaded(
        "admin", lambda row: row.recorded_by_id, description="Who recorded it; null where it came by itself."
    )
    reversed_at: datetime | None = column("When it was reversed; null where it stands.")
    reversed_by: Admin | None = loaded("admin", lambda row: row.reversed_by_id, description="Who reversed it.")
    reversal_reason: str | None = column("Why it was reversed.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, PaymentRow)


@strawberry.type(description="A payment in a list.")
class LoanPaymentEdge:
    """Rows are edges."""

    node: LoanPayment = column("The payment.")
    cursor: str = cursor()


@strawberry.type(description="A page of payments.")
class LoanPaymentConnection:
    """Rows are pages."""

    edges: list[LoanPaymentEdge] = column("The payments of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The payments on the loan, reversed ones too.")


@open_to("whoever may read the summary")
@strawberry.type(description="What is still to come of the loans that are so late, and its share of all.")
class AmountAtRisk:
    """Rows are pairs of what is at risk and all that is still to come, as `Money`."""

    amount: Money = computed(lambda pair: pair[0], description="All that is still to come of these loans, due or not.")
    ratio: float | None = computed(
        lambda pair: rules.ratio(pair[0].amount_minor, pair[1].amount_minor),
        description="The share of what is still to come, to four decimals; null where nothing is.",
    )


def _at_risk(place: int) -> Any:
    days = rules.AT_RISK_DAYS[place]
    return computed(
        lambda row: (
            MoneyValue(row.at_risk_minor[place], row.currency),
            MoneyValue(row.outstanding_minor, row.currency),
        ),
        description=f"Of the loans that are {days} days past due or more.",
    )


@open_to("whoever may read the summary")
@strawberry.type(
    description="How late a customer's loans in one currency are. Amounts are of loans being repaid, interest included."
)
class PortfolioAtRisk:
    """Rows are `RiskRow`."""

    days_past_due: int = computed(
        lambda row: rules.days_past_due(row.overdue_since, today()),
        description="Of the loan that is the longest past due, one that was written off too; 0 where none is.",
    )
    outstanding: Money = money("outstanding_minor", description="What is still to come: the whole of the shares.")
    par1: AmountAtRisk = _at_risk(0)
    par30: AmountAtRisk = _at_risk(1)
    par60: AmountAtRisk = _at_risk(2)
    par90: AmountAtRisk = _at_risk(3)


@open_to("whoever may read the customer's performance")
@strawberry.type(description="How a customer's loans in one currency were repaid in a period.")
class CurrencyRepayment:
    """Rows are `RepaymentRow`."""

    currency: str = column("ISO 4217 code.")
    expected: Money = money("expected_minor", description="What was due in the period by the schedules, paid or not.")
    collected: Money = money("collected_minor", description="What came in the period, whenever it was due.")
    collection_rate: float | None = computed(
        lambda row: rules.ratio(row.collected_minor, row.expected_minor),
        description=(
            "Collected against expected, to four decimals: more than 1 where arrears were made good or money came "
            "early; null where nothing was due."
        ),
    )
    instalments_due: int = column("Instalments due in the period, but for those that may be paid today still.")
    instalments_on_time: int = column("Those of them that were paid in full on the day or before.")
    on_time_rate: float | None = computed(
        lambda row: rules.ratio(row.instalments_on_time, row.instalments_due),
        description="Their share, to four decimals; null where none was due.",
    )


@open_to("whoever may read the customer's performance")
@strawberry.type(description="How a customer's loans were repaid in a period, written-off and closed ones too.")
class RepaymentPerformance:
    """Rows are `PerformanceRow`."""

    since: date = column("The first day of the period.")
    until: date = column("The last day: today, in UTC; of an assignment that has ended, the day of its end.")
    currencies: list[CurrencyRepayment] = column(
        "The currencies in which something was due or came, each by itself: they are never added together."
    )
