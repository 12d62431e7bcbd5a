"""What identifies a person or company to the state and the banks: kinds, their forms, and how they are shown.

No message here repeats a value.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from gql.domain.errors import Refusal
from gql.domain.user_errors import UserErrorCode, invalid

SHOWN: Final = 4
"""Characters at the end that a masked value shows."""


class IdentifierKind(StrEnum):
    """What kind of number it is. A customer has at most one of each."""

    BVN = "BVN"
    NIN = "NIN"
    PASSPORT = "PASSPORT"
    TAX_ID = "TAX_ID"


_FORMS: Final = {
    IdentifierKind.BVN: (re.compile("[0-9]{11}"), "A BVN has 11 digits."),
    IdentifierKind.NIN: (re.compile("[0-9]{11}"), "A NIN has 11 digits."),
    IdentifierKind.PASSPORT: (re.compile("[A-Z0-9]{6,12}"), "A passport's number has 6 to 12 letters and digits."),
    IdentifierKind.TAX_ID: (re.compile("[0-9]{8,14}"), "A tax ID has 8 to 14 digits."),
}
_SEPARATORS: Final = re.compile(r"[\s-]+", re.ASCII)

TAKEN: Final = Refusal(
    UserErrorCode.IDENTIFIER_TAKEN,
    "Another customer has this identifier already. Check it with the customer; if it is right, tell compliance.",
    ("value",),
)
REVEAL_FORBIDDEN: Final = Refusal(
    UserErrorCode.FORBIDDEN,
    "You may not read this in full. Ask a compliance officer or the portfolio manager.",
    ("id",),
)


def normal_identifier(kind: IdentifierKind, value: str) -> str | None:
    """The value as it is sealed and compared, without spaces and hyphens; None for what has not the kind's form."""
    normal = without_separators(value).upper()
    return normal if _FORMS[kind][0].fullmatch(normal) else None


def form_of(kind: IdentifierKind) -> str:
    """What a value of the kind looks like, as a sentence."""
    return _FORMS[kind][1]


def value_refusals(kind: IdentifierKind, normal: str | None) -> Iterator[Refusal]:
    """Why a value can't be taken."""
    if normal is None:
        yield invalid(f"{form_of(kind)} Type it as the document has it.", "value")


def without_separators(value: str) -> str:
    """Without the spaces and hyphens that people put into long numbers."""
    return _SEPARATORS.sub("", value)


def masked(last: str) -> str:
    """How a value is shown of which only the last characters are known; it tells not even how long it is."""
    return f"•••• {last}"
