"""The tables of a group's statistics: what is told of cells, and of currencies within them."""

from uuid import UUID

from gql.db.group_rows import MemberFiguresRow
from gql.db.queries.group_cells import MOST_CELLS, Cell, Sums, by, table, told, whole


def _cell(members: int, counted: int | None = None, **currencies: tuple[int, int]) -> Cell:
    """By currency: how many have or had loans, and how many still owe, 100 each."""
    cell = Cell(members, members if counted is None else counted)
    for name, (customers, owing) in currencies.items():
        cell.currencies[name] = Sums(customers, owing, outstanding_minor=100 * owing)
    return cell


def _told(row: MemberFiguresRow) -> dict[str, int | None] | None:
    """What is owed in each currency; None where it is left out."""
    if row.currencies is None:
        return None
    return {one.currency: None if one.risk is None else one.risk.outstanding_minor for one in row.currencies}


def test_what_few_still_owe_is_left_out_however_many_have_repaid() -> None:
    """Or the sum would be theirs; where nobody owes anything, it is told."""
    assert _told(told(_cell(30, NGN=(20, 5), USD=(20, 1), EUR=(20, 0), XOF=(4, 0), KES=(4, 4)))) == {
        "EUR": 0,
        "KES": None,
        "NGN": 500,
        "USD": None,
        "XOF": None,
    }


def test_a_currency_is_left_out_where_the_other_cells_would_tell_it() -> None:
    """Of two cells without it neither tells what few in the other owe, and what is left over may be the other one."""
    cells = {UUID(int=1): _cell(40, NGN=(30, 30), USD=(9, 9)), UUID(int=2): _cell(30, NGN=(20, 20), USD=(20, 3))}
    rows, others = table(cells)
    assert [_told(row) for _, row in rows] == [{"NGN": 3_000, "USD": None}, {"NGN": 2_000, "USD": None}]
    assert others is None
    cells[UUID(int=3)] = _cell(35, NGN=(3, 3), USD=(30, 30))
    rows, _ = table(cells)
    assert [(key.int, _told(row)) for key, row in rows] == [
        (1, {"NGN": 3_000, "USD": None}),
        (3, {"NGN": None, "USD": 3_000}),
        (2, {"NGN": None, "USD": None}),
    ]


def test_a_cell_that_is_left_out_has_no_currency_told() -> None:
    rows, _ = table({UUID(int=1): _cell(40, NGN=(30, 30)), UUID(int=2): _cell(6, NGN=(6, 6)), None: _cell(50, 2)})
    assert [(key and key.int, row.suppressed, _told(row)) for key, row in rows] == [
        (None, True, None),
        (1, False, {"NGN": 3_000}),
        (2, True, None),
    ]


def test_what_is_left_over_is_a_cell_too_that_tells_nothing_by_itself() -> None:
    """Of 21 offices the last has few: with it the smallest of the others is left out."""
    cells = {UUID(int=number + 1): _cell(100 - number) for number in range(MOST_CELLS)}
    rows, others = table(cells | {UUID(int=99): _cell(3)})
    assert others is not None
    assert (others.members, others.suppressed) == (3, True)
    assert [row.suppressed for _, row in rows] == [False] * (MOST_CELLS - 1) + [True]
    rows, others = table(cells | {UUID(int=98 + more): _cell(3) for more in range(2)})
    assert others is not None
    assert (others.members, others.suppressed) == (6, False)
    assert not any(row.suppressed for _, row in rows)


def test_cells_add_up() -> None:
    one, other = UUID(int=1), UUID(int=2)
    cells = [(one, _cell(5, 4, NGN=(3, 2))), (other, _cell(7, NGN=(1, 1), USD=(2, 2))), (one, _cell(1))]
    found = by(cells)
    assert (found[one].members, found[one].counted) == (6, 5)
    all_of_them = whole(cell for _, cell in cells)
    assert (all_of_them.members, all_of_them.counted) == (13, 12)
    naira = all_of_them.currencies["NGN"]
    assert (naira.customers, naira.owing, naira.outstanding_minor) == (4, 3, 300)
