"""Customers by a sealed number of theirs: an identifier or a bank account's, as a whole."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, LargeBinary, bindparam, select

from gql.db.models import BankAccount, Customer, Identifier
from gql.domain.listing import CustomerCriteria, NumberSearch
from gql.domain.roles import CustomerField

_customers = Customer.__table__
_identifiers = Identifier.__table__
_accounts = BankAccount.__table__


class NumberShape(NamedTuple):
    """All of such a search that shows in the SQL."""

    field: CustomerField
    keys: int
    lookup: bool

    def is_hidden(self, withheld: frozenset[CustomerField]) -> bool:
        """Whether it matches no row where these fields are withheld."""
        return self.field in withheld and not self.lookup

    def bound(self, place: int) -> str:
        """The name under which one of the keys' indexes is bound."""
        return f"{self.field.value}_index_{place}"


def number_shape(criteria: CustomerCriteria) -> tuple[NumberShape, ...]:
    """The shapes of the criteria's searches by number."""
    return tuple(shape for shape, _ in _searches(criteria))


def number_parameters(criteria: CustomerCriteria) -> dict[str, Any]:
    """Their bound values."""
    bound: dict[str, Any] = {}
    for shape, search in _searches(criteria):
        bound |= {shape.bound(place): index for place, index in enumerate(search.indexes)}
        if search.kind is not None:
            bound["identifier_kind"] = search.kind
    return bound


def has_number(shape: NumberShape) -> ColumnElement[bool]:
    """Whether the customer has the number. A seek in the index of the numbers, whoever is looked for among."""
    indexes = [bindparam(shape.bound(place), type_=LargeBinary()) for place in range(shape.keys)]
    if shape.field is CustomerField.IDENTIFIERS:
        is_kind = _identifiers.c.kind == bindparam("identifier_kind", type_=_identifiers.c.kind.type)
        found = select(_identifiers.c.customer_id).where(is_kind, _identifiers.c.blind_index.in_(indexes))
    else:
        found = select(_accounts.c.customer_id).where(_accounts.c.blind_index.in_(indexes))
    return _customers.c.id.in_(found)


def _searches(criteria: CustomerCriteria) -> Iterator[tuple[NumberShape, NumberSearch]]:
    of_fields = (
        (CustomerField.IDENTIFIERS, criteria.identifier),
        (CustomerField.BANK_ACCOUNTS, criteria.account_number),
    )
    for field, search in of_fields:
        if search is not None:
            yield NumberShape(field, len(search.indexes), search.lookup), search
