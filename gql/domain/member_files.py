"""Files that name customers: CSV with a heading, a customer a line, by ID, number or email, or by several of them."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from gql.domain.contact import normal_email
from gql.domain.errors import MalformedId, Refusal
from gql.domain.ids import Kind, parse_id_of

COLUMNS: Final = ("customerId", "number", "email")
"""What a line can name a customer by; a heading may have other columns beside them, which are not looked at."""
LONGEST_VALUE: Final = 254
_SEPARATORS: Final = ",;\t"
_BY_NAME: Final = {name.lower(): name for name in COLUMNS} | {
    "customer id": "customerId",
    "customer_id": "customerId",
    "id": "customerId",
    "e-mail": "email",
    "customer number": "number",
}


class FileErrorCode(StrEnum):
    """Why a file is of no use, whatever is in it."""

    NOT_WANTED = "NOT_WANTED"
    FORBIDDEN = "FORBIDDEN"


NOT_WANTED: Final = Refusal(FileErrorCode.NOT_WANTED, "This job has its file, or was stopped. Begin another import.")
FORBIDDEN: Final = Refusal(FileErrorCode.FORBIDDEN, "You may not change the members of groups any more.")


class BadFile(Exception):
    """The file can't be taken at all; says why, in a sentence without anything that stands in it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file, the heading being the first, and what it names a customer by: several, one, or nothing."""

    number: int
    customer_id: UUID | None = None
    customer_number: str | None = None
    email: str | None = None

    @property
    def is_valid(self) -> bool:
        """Whether it names anybody."""
        return any(name is not None for name in (self.customer_id, self.customer_number, self.email))


def lines_of(text: Iterable[str]) -> Iterator[Line]:
    """The lines beneath the heading, but empty ones. Raises BadFile, at once or in the midst."""
    lines = iter(text)
    heading = next(lines, "")
    separator = max(_SEPARATORS, key=heading.count)
    columns = _columns(next(csv.reader([heading], delimiter=separator), []))
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        begins = reader.line_num + 2
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise BadFile(f"Line {begins} can't be read. Look for a quotation mark that is not closed.") from None
        if any(value.strip() for value in row):
            yield _line(begins, columns, row)


def _columns(heading: list[str]) -> Mapping[int, str]:
    """Which column has what. Raises BadFile where none names customers, or two the same."""
    found = {place: _BY_NAME.get(name.strip().lower()) for place, name in enumerate(heading)}
    columns = {place: name for place, name in found.items() if name is not None}
    if not columns or len(set(columns.values())) < len(columns):
        raise BadFile(
            "The first line must name the columns. Have one of `number`, `email` and `customerId`, once each."
        )
    return columns


def _line(number: int, columns: Mapping[int, str], row: list[str]) -> Line:
    """What a line names; nothing where one of its values can't be what its column says."""
    given: dict[str, str] = {}
    for place, name in columns.items():
        value = row[place].strip() if place < len(row) else ""
        if len(value) > LONGEST_VALUE or not value.isprintable():
            return Line(number)
        if value:
            given[name] = value
    try:
        customer_id = parse_id_of(Kind.CUSTOMER, given["customerId"]) if "customerId" in given else None
    except MalformedId:
        return Line(number)
    customer_number = given["number"].upper() if "number" in given else None
    return Line(number, customer_id, customer_number, normal_email(given["email"]) if "email" in given else None)
