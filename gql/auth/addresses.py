"""The email addresses that accounts are found by."""

import re

from gql.domain.contact import normal_email

_LONGEST = 254
_SHAPE = re.compile(r"[^\s@<>(),;:\"\\]+@[^\s@<>(),;:\"\\.]+(?:\.[^\s@<>(),;:\"\\.]+)+")


def address_of(text: str) -> str | None:
    """The address as it is stored and compared: stripped, in lower case. None for what can't be an address.

    Nothing that a database can't hold as text (a NUL, half a surrogate pair) is an address.
    """
    address = normal_email(text)
    if len(address) > _LONGEST or not address.isprintable() or not _SHAPE.fullmatch(address):
        return None
    return address
