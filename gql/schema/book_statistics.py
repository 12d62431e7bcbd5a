"""Figures of a book."""

from datetime import date

import strawberry

from gql.domain.repayment import TREND_DAYS
from gql.schema.access import open_to
from gql.schema.fields import column
from gql.schema.repayment import PortfolioAtRisk, RepaymentPerformance

_OPEN = "whoever may read the book's figures"


@open_to(_OPEN)
@strawberry.type(description="How customers repaid before an admin became their account manager, and since.")
class BookHandover:
    """Rows are `HandoverRow`."""

    day: date = column("The day on which they became the admin's, in UTC.")
    customers: int = column("How many customers it is about: of whom the viewer may read how they repay.")
    before: RepaymentPerformance = column(f"The {TREND_DAYS} days before, whoever was their account manager then.")
    after: RepaymentPerformance = column(
        f"The {TREND_DAYS} days from that day on, as far as they have come, whoever is their account manager now."
    )


@open_to(_OPEN)
@strawberry.type(
    description=(
        "Figures of a book. Sums of money are of those customers only of whom the viewer may read them: `counted` says "
        "how many of the `size` they are."
    )
)
class BookStatistics:
    """Rows are `BookStatisticsRow`."""

    size: int = column("How many customers the book has: a true count, whoever looks.")
    counted: int = column("How many of them the portfolio is about.")
    portfolio: list[PortfolioAtRisk] = column("What the present book owes and how late it is, a currency each.")
    performance: RepaymentPerformance = column(
        "What was due and what came since the day that was asked for, of each customer only while they were the "
        "admin's. Customers who were theirs for a part of the time count, too.",
        name="repaymentPerformance",
    )
    handovers: list[BookHandover] = column("The latest 12 days since then on which they got customers, newest first.")
