"""Figures of a group's members."""

from datetime import date
from typing import Annotated, Any

import strawberry

from gql.db.group_rows import MemberFiguresRow
from gql.domain.periods import MOST_PARTS, Interval
from gql.domain.repayment import ratio
from gql.domain.small_cells import SMALLEST_CELL
from gql.execution.declarations import Loaded
from gql.resolvers import group as groups
from gql.resolvers import group_statistics as resolvers
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import Info, argument, column, computed, declared, describe, given, loaded
from gql.schema.office import Office
from gql.schema.repayment import CurrencyRepayment, PortfolioAtRisk

_OPEN = "whoever may read the group's figures"
_TOO_FEW = f"null where `suppressed`: they would be of fewer than {SMALLEST_CELL} customers, or tell of such a few"

describe(
    Interval,
    "How long the parts of a period are.",
    called="StatisticsInterval",
    DAY="A day each, by UTC.",
    WEEK="A week each, from Monday to Sunday.",
    MONTH="A calendar month each.",
)


@open_to(_OPEN)
@strawberry.type(description="Who came into a group and who left it in a part of a period.")
class MembershipChanges:
    """Rows are `MembershipChangesRow`."""

    since: date = column("The first day of the part, in UTC.")
    until: date = column("The last day of the part.")
    joined: int = column("Memberships that began, as far as the viewer may read them.")
    left: int = column("Memberships that ended, as far as the viewer may read them.")


@open_to(_OPEN)
@strawberry.type(description="What some members owe and repay in one currency.")
class CurrencyFigures:
    """Rows are `CurrencyFiguresRow`."""

    currency: str = column("ISO 4217 code.")
    suppressed: bool = column("Whether too few of them have or had loans in this currency to tell more.")
    risk: PortfolioAtRisk | None = column(f"What they owe and how late it is; {_TOO_FEW}.", name="portfolio")
    repayment: CurrencyRepayment | None = column(f"What was due in the period and what came; {_TOO_FEW}.")


def _delinquency(row: MemberFiguresRow) -> float | None:
    if row.active_loans is None or row.active_loans_in_arrears is None:
        return None
    return ratio(row.active_loans_in_arrears, row.active_loans)


@open_to(_OPEN)
@strawberry.type(description="Figures of some members of a group, of whom there are enough.")
class MemberFigures:
    """Rows are `MemberFiguresRow`."""

    members: int = column("How many of them the viewer sees now.")
    counted: int = column("How many of these the other figures are about: of whom the viewer may read what they owe.")
    suppressed: bool = column(
        f"Whether the other figures are left out: they would be of fewer than {SMALLEST_CELL} customers, or tell of "
        "such a few together with what is beside them."
    )
    active_loans: int | None = column(f"Loans being repaid; {_TOO_FEW}.")
    active_loans_in_arrears: int | None = column(f"Those of them with something overdue; {_TOO_FEW}.")
    delinquency_rate: float | None = computed(
        _delinquency, description=f"Their share, to four decimals; null where no loan is being repaid, and {_TOO_FEW}."
    )
    currencies: list[CurrencyFigures] | None = column(
        f"The money, by currency: currencies are never added together; {_TOO_FEW}."
    )


@open_to(_OPEN)
@strawberry.type(description="Figures of a group's members who are one office's.")
class OfficeFigures:
    """Rows are `OfficeFiguresRow`."""

    office: Office = loaded("office", lambda row: row.office_id, description="Whose customers they are now.")
    figures: MemberFigures = column("What they come to.")


@open_to(_OPEN)
@strawberry.type(description="Figures of a group's members who are one account manager's.")
class AccountManagerFigures:
    """Rows are `ManagerFiguresRow`."""

    account_manager: Admin | None = loaded(
        "admin", lambda row: row.account_manager_id, description="Who looks after them now; null where nobody does."
    )
    figures: MemberFigures = column("What they come to.")


@open_to(_OPEN)
@strawberry.type(
    description=(
        "Figures of a group. All are of customers whom the viewer sees; loans, of those only of whom the viewer may "
        "read them one by one: `counted` says how many they are. `memberCount` is the true number of members."
    )
)
class GroupStatistics:
    """Rows are `GroupStatisticsRow`."""

    since: date = column("The first day of the period.")
    until: date = column("The last day of the period.")
    changes: list[MembershipChanges] = column(
        "Who came and who left, in the period's order. Memberships that are over count of customers whom the viewer "
        "sees now, with `audit.read`; otherwise of those of whom the viewer sees past memberships."
    )
    figures: MemberFigures = column("Of all members: what they owe now, and how they repaid in the period.")
    offices: list[OfficeFigures] = column("The same by office, the 20 with most members first.")
    other_offices: MemberFigures | None = column("Of the members of all other offices; null where there are none.")
    managers: list[AccountManagerFigures] = column(
        "The same by account manager, the 20 with most members first; members without one are an entry, too.",
        name="accountManagers",
    )
    other_managers: MemberFigures | None = column(
        "Of the members of all other account managers; null where there are none.", name="otherAccountManagers"
    )


def group_statistics() -> Any:
    """The `statistics` of a group."""

    def resolve(
        root: Any,
        info: Info,
        since: Annotated[date, argument("The first day of the period, in UTC.")],
        until: Annotated[date | None, argument("The last day; today where left out.")] = strawberry.UNSET,
        interval: Annotated[
            Interval, argument(f"Into which parts who came and left is cut: at most {MOST_PARTS} of them.")
        ] = Interval.MONTH,
    ) -> Any:
        arguments = {"since": since, "until": given(until), "interval": interval}
        return info.context.loaders.load("group_statistics", root.id, resolvers.period(arguments))

    return declared(
        Loaded("group_statistics", lambda row: row.id, resolvers.period, groups.reads_members),
        "How many members there are, who came and who left, what they owe and how they repay, by office and account "
        "manager, of customers whom the viewer sees. Null without `group.members.read`.",
        resolve,
    )
