"""Files of a customer's record: kinds, names, and what bytes may be in one."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from gql.domain.errors import Refusal
from gql.domain.user_errors import UserErrorCode, invalid

MOST: Final = 200
"""Documents of one customer, those counted that are still to be sent."""

_LONGEST_NAME: Final = 150
_BEGINNINGS: Final = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}
"""How files of these types begin; no others are taken, whatever they are said to be."""
LONGEST_BEGINNING: Final = max(map(len, _BEGINNINGS.values()))

LIMIT_REACHED: Final = Refusal(
    UserErrorCode.LIMIT_REACHED,
    f"A customer has {MOST} documents at most. Remove those that are not needed any more.",
    ("customerId",),
)


class DocumentKind(StrEnum):
    """What a document is kept for."""

    IDENTITY = "IDENTITY"
    ADDRESS = "ADDRESS"
    INCOME = "INCOME"
    BANK_STATEMENT = "BANK_STATEMENT"
    AGREEMENT = "AGREEMENT"
    PHOTO = "PHOTO"
    OTHER = "OTHER"


def content_type_of(beginning: bytes) -> str | None:
    """The type of a file that begins so; None for any that isn't taken."""
    return next((kind for kind, start in _BEGINNINGS.items() if beginning.startswith(start)), None)


def normal_name(name: str) -> str:
    """A file's name without the folders that some clients send along, and with single spaces."""
    return " ".join(name.replace("\\", "/").rpartition("/")[2].split())


def name_refusals(normal: str) -> Iterator[Refusal]:
    """Why a name can't be taken."""
    if not normal.strip(".") or len(normal) > _LONGEST_NAME or not normal.isprintable():
        yield invalid(f"Write a file's name of 1 to {_LONGEST_NAME} characters, such as passport.pdf.", "name")
