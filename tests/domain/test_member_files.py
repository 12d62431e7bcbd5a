"""Files of customers: what their lines name, whatever spreadsheet wrote them."""

import csv
from io import StringIO
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.domain.ids import Kind, to_global_id
from gql.domain.member_files import BadFile, Line, lines_of
from gql.domain.spreadsheets import harmless

ID = UUID(int=7)
GLOBAL_ID = to_global_id(Kind.CUSTOMER, ID)


def read(text: str) -> list[Line]:
    """The lines of a whole file."""
    return list(lines_of(StringIO(text, newline="")))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_line_names_a_customer_by_what_it_gives(separator: str, end: str) -> None:
    rows = [
        ["Name", "NUMBER", "e-mail", "Customer ID"],
        ["Ada, the first", " c000001 ", "", ""],
        ["", "", " Ada@Example.com", ""],
        ["", "", "", ""],
        ["x\ny", "C000002", "b@example.com", GLOBAL_ID],
        ["short", "C000003"],
    ]
    buffer = StringIO(newline="")
    csv.writer(buffer, delimiter=separator, lineterminator=end).writerows(rows)
    assert read(buffer.getvalue()) == [
        Line(2, customer_number="C000001"),
        Line(3, email="ada@example.com"),
        Line(5, ID, "C000002", "b@example.com"),
        Line(7, customer_number="C000003"),  # the name before it took two lines
    ]


@pytest.mark.parametrize(
    ("heading", "value"),
    [
        ("customerId", "C000001"),
        ("customerId", to_global_id(Kind.GROUP, ID)),
        ("number", "C" * 300),
        ("email", "a\x00b@example.com"),
        ("number", ""),
    ],
)
def test_a_line_that_names_nobody_is_told_of(heading: str, value: str) -> None:
    assert read(f"{heading},other\n{value},x\n") == [Line(2)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "name,phone\nAda,1",
        "number,number\n1,2\n",
        "number,customer number\n1,2\n",
        'number\n"C000001\n',
        "C1\n",
    ],
)
def test_a_file_that_can_not_be_read_says_so_without_repeating_it(text: str) -> None:
    with pytest.raises(BadFile) as raised:
        read(text)
    assert raised.value.message.endswith(".")
    assert "Ada" not in raised.value.message


def test_a_heading_alone_has_no_lines() -> None:
    assert read("number\n\n , \n"[:8]) == []


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8), max_size=4),
    st.integers(1, 40),
)
def test_whatever_stands_beside_is_not_looked_at(others: list[str], count: int) -> None:
    """Quoted as any writer quotes it; and the numbers come in their order."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([*(f"column {n}" for n in range(len(others))), "number"])
    for n in range(count):
        writer.writerow([*others, f"C{n:06}"])
    assert [line.customer_number for line in read(buffer.getvalue())] == [f"C{n:06}" for n in range(count)]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1", "@SUM(A1)", " =1", "\t=1", "\uff1d1", "'=1", '"=1', "\nx", "+234 x", "\t"]
)
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Ada Obi", "+2348031234567", "C000001", "a=b", "O'Neil", "", "2026-01-05", "Ọlá"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
