"""From what is summed of the members of each office and account manager to the tables of a group's statistics."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar
from uuid import UUID

from gql.db.group_rows import CurrencyFiguresRow, MemberFiguresRow
from gql.db.loan_rows import RepaymentRow, RiskRow
from gql.domain.repayment import AT_RISK_DAYS
from gql.domain.small_cells import is_small, suppressed_cells

MOST_CELLS: Final = 20
"""Of the offices and of the account managers so many are told, those with most members; the rest are one cell."""

Key = TypeVar("Key", bound=UUID | None)
_NOBODY: Final = UUID(int=0)


@dataclass(slots=True)
class Sums:
    """Of loans in one currency; `customers` have or had at least one each, `owing` have one that isn't repaid."""

    customers: int = 0
    owing: int = 0
    overdue_since: date | None = None
    outstanding_minor: int = 0
    at_risk_minor: tuple[int, ...] = (0,) * len(AT_RISK_DAYS)
    expected_minor: int = 0
    collected_minor: int = 0
    instalments_due: int = 0
    instalments_on_time: int = 0

    def add(self, other: "Sums") -> None:
        """Count other customers' loans, too."""
        self.customers += other.customers
        self.owing += other.owing
        since = [one for one in (self.overdue_since, other.overdue_since) if one is not None]
        self.overdue_since = min(since, default=None)
        self.outstanding_minor += other.outstanding_minor
        self.at_risk_minor = tuple(map(sum, zip(self.at_risk_minor, other.at_risk_minor, strict=True)))
        self.expected_minor += other.expected_minor
        self.collected_minor += other.collected_minor
        self.instalments_due += other.instalments_due
        self.instalments_on_time += other.instalments_on_time

    def row(self, currency: str, suppressed: bool) -> CurrencyFiguresRow:
        """What is told of them."""
        if suppressed:
            return CurrencyFiguresRow(currency, suppressed, None, None)
        risk = RiskRow(currency, self.overdue_since, self.outstanding_minor, self.at_risk_minor)
        paid = (self.expected_minor, self.collected_minor, self.instalments_due, self.instalments_on_time)
        return CurrencyFiguresRow(currency, suppressed, risk, RepaymentRow(currency, *paid))


_NONE: Final = Sums()


@dataclass(slots=True)
class Cell:
    """Of some members."""

    members: int = 0
    counted: int = 0
    active_loans: int = 0
    active_loans_in_arrears: int = 0
    currencies: defaultdict[str, Sums] = field(default_factory=lambda: defaultdict(Sums))

    def add(self, other: "Cell") -> None:
        """Count other members, too."""
        self.members += other.members
        self.counted += other.counted
        self.active_loans += other.active_loans
        self.active_loans_in_arrears += other.active_loans_in_arrears
        for currency, sums in other.currencies.items():
            self.currencies[currency].add(sums)

    def row(self, suppressed: bool, suppressed_currencies: Iterable[str]) -> MemberFiguresRow:
        """What is told of them."""
        if suppressed:
            return MemberFiguresRow(self.members, self.counted, suppressed, None, None, None)
        out = frozenset(suppressed_currencies)
        currencies = [sums.row(currency, currency in out) for currency, sums in sorted(self.currencies.items())]
        loans = (self.active_loans, self.active_loans_in_arrears)
        return MemberFiguresRow(self.members, self.counted, suppressed, *loans, currencies)


def whole(cells: Iterable[Cell]) -> Cell:
    """Cells together."""
    found = Cell()
    for cell in cells:
        found.add(cell)
    return found


def by(cells: Iterable[tuple[Key, Cell]]) -> dict[Key, Cell]:
    """Cells of the same key together."""
    found: defaultdict[Key, Cell] = defaultdict(Cell)
    for key, cell in cells:
        found[key].add(cell)
    return dict(found)


def told(cell: Cell) -> MemberFiguresRow:
    """Figures of all members."""
    small = [name for name, sums in cell.currencies.items() if is_small(sums.customers) or is_small(sums.owing)]
    return cell.row(is_small(cell.counted), small)


def table(cells: Mapping[Key, Cell]) -> tuple[list[tuple[Key, MemberFiguresRow]], MemberFiguresRow | None]:
    """The cells with most members, and all others as one; None where there are no others."""
    ordered = sorted(cells, key=lambda key: (-cells[key].members, key or _NOBODY))
    shown, rest = ordered[:MOST_CELLS], ordered[MOST_CELLS:]
    rows = _rows([*(cells[key] for key in shown), *([whole(cells[key] for key in rest)] if rest else [])])
    return list(zip(shown, rows, strict=False)), rows[-1] if rest else None


def _rows(cells: Sequence[Cell]) -> list[MemberFiguresRow]:
    out = suppressed_cells([cell.counted for cell in cells])
    names = {currency for cell in cells for currency in cell.currencies}
    of_currency = {name: _suppressed([cell.currencies.get(name, _NONE) for cell in cells], out) for name in names}
    return [
        cell.row(place in out, (name for name, places in of_currency.items() if place in places))
        for place, cell in enumerate(cells)
    ]


def _suppressed(of_cells: Sequence[Sums], besides: frozenset[int]) -> frozenset[int]:
    """Where too few have or had loans in a currency, or too few of them still owe: what these owe would be told."""
    out = suppressed_cells([sums.customers for sums in of_cells], besides)
    return out | suppressed_cells([sums.owing for sums in of_cells], out)
