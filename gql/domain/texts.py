"""What can be written in a field: text that people can read and databases can hold."""

import re
from typing import Final

LONGEST_LINE: Final = 200
LONGEST_PROSE: Final = 4_000

_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


def line_of(text: str | None) -> str | None:
    """A line as it is stored: stripped; None where nothing is left."""
    return None if text is None else text.strip() or None


def is_line(text: str | None, longest: int = LONGEST_LINE) -> bool:
    """Whether a line can be stored: nothing, or printable and not too long."""
    return text is None or (len(text) <= longest and text.isprintable())


def is_prose(text: str) -> bool:
    """Whether several lines can be stored: not empty, printable between the breaks, and not too long."""
    lines = text.replace("\t", " ").splitlines()
    return bool(text.strip()) and len(text) <= LONGEST_PROSE and all(line.isprintable() for line in lines)


def is_currency(text: str) -> bool:
    """Whether it is of the form of an ISO 4217 code."""
    return _CURRENCY.fullmatch(text) is not None


def is_country(text: str) -> bool:
    """Whether it is of the form of an ISO 3166 code of two letters."""
    return _COUNTRY.fullmatch(text) is not None
