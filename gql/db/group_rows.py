"""Light rows of a group's statistics."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from gql.db.loan_rows import RepaymentRow, RiskRow


@dataclass(slots=True)
class MembershipChangesRow:
    """How many memberships began and ended from a day to another, both included."""

    since: date
    until: date
    joined: int
    left: int


@dataclass(slots=True)
class CurrencyFiguresRow:
    """What is owed and repaid in one currency; None where too few customers have loans in it."""

    currency: str
    suppressed: bool
    risk: RiskRow | None
    repayment: RepaymentRow | None


@dataclass(slots=True)
class MemberFiguresRow:
    """Figures of some of a group's members. All but the two counts are None where they stand for too few customers."""

    members: int
    counted: int
    """Of whom the viewer may read what they owe: all other figures are about them."""
    suppressed: bool
    active_loans: int | None
    active_loans_in_arrears: int | None
    currencies: list[CurrencyFiguresRow] | None


@dataclass(slots=True)
class OfficeFiguresRow:
    """Of the members whose office it is."""

    office_id: UUID
    figures: MemberFiguresRow


@dataclass(slots=True)
class ManagerFiguresRow:
    """Of the members whose account manager it is; None for those who have none."""

    account_manager_id: UUID | None
    figures: MemberFiguresRow


@dataclass(slots=True)
class GroupStatisticsRow:
    """Figures of a group's members, as far as the viewer sees them. Lists have the cells with most members first."""

    since: date
    until: date
    changes: list[MembershipChangesRow]
    figures: MemberFiguresRow
    offices: list[OfficeFiguresRow]
    other_offices: MemberFiguresRow | None
    managers: list[ManagerFiguresRow]
    other_managers: MemberFiguresRow | None
