"""Scalars and values that several nouns share."""

from typing import NewType

import strawberry

from gql.schema.access import open_to
from gql.schema.fields import column

BigInt = NewType("BigInt", int)
BIG_INT = strawberry.scalar(
    name="BigInt",
    description="A whole number beyond 32 bits, as a JSON number. Read it into a 64-bit integer.",
    serialize=int,
    parse_value=int,
)


@open_to("whoever may read the amount")
@strawberry.type(description="An exact amount of money.")
class Money:
    """Rows are `domain.money.Money`."""

    amount: str = column('The exact decimal in major units, such as "1250.00".')
    amount_minor: BigInt = column("The same in minor units: kobo, cents.")
    currency: str = column("ISO 4217 code.")
