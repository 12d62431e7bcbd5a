"""Amounts of money that clients give."""

import re
from collections.abc import Iterator
from typing import Final

from gql.domain.errors import Refusal
from gql.domain.money import Money
from gql.domain.user_errors import invalid

MOST_MINOR: Final = 10**15
"""More than anybody lends; thousands of such amounts still fit the databases' integers."""
_CODE: Final = re.compile(r"[A-Z]{3}")


def amount_refusals(money: Money, *field: str) -> Iterator[Refusal]:
    """Why it is no amount to lend or to pay."""
    if not 0 < money.amount_minor <= MOST_MINOR:
        yield invalid(f"An amount is between 1 and {MOST_MINOR} minor units.", *field, "amountMinor")
    if not _CODE.fullmatch(money.currency):
        yield invalid('A currency is three capital letters of ISO 4217, such as "NGN".', *field, "currency")
