"""Scalars and values that several nouns share."""

from typing import Any, NewType

import strawberry

from gql.domain.money import Money as MoneyValue
from gql.schema.access import open_to
from gql.schema.fields import column, computed

BigInt = NewType("BigInt", int)


def _whole(value: Any) -> int:
    """What a client sends. Raises ValueError for a fraction, which must not be cut off, and beyond 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise ValueError("BigInt takes a whole number of 64 bits at most.")
    return value


BIG_INT = strawberry.scalar(
    name="BigInt",
    description="A whole number beyond 32 bits, as a JSON number. Read it into a 64-bit integer.",
    serialize=int,
    parse_value=_whole,
)


@strawberry.input(description="An exact amount of money.")
class MoneyInput:
    """The argument."""

    amount_minor: BigInt = strawberry.field(description="In minor units: kobo, cents.")
    currency: str = strawberry.field(description="ISO 4217 code.")


def money(minor: str, *, description: str) -> Any:
    """An amount of a row that has a `currency`; `minor` is the attribute with its minor units."""
    return computed(lambda row: MoneyValue(getattr(row, minor), row.currency), description=description)


@open_to("whoever may read the amount")
@strawberry.type(description="An exact amount of money.")
class Money:
    """Rows are `domain.money.Money`."""

    amount: str = column('The exact decimal in major units, such as "1250.00".')
    amount_minor: BigInt = column("The same in minor units: kobo, cents.")
    currency: str = column("ISO 4217 code.")
