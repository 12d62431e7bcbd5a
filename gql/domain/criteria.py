"""The rule language of groups: predicates about one customer, joined by AND, OR and NOT.

An expression is made by `gql.domain.criteria_json.parse` and told in words by `gql.domain.criteria_text.describe`. It
is answered for one customer here (`holds`, `failing`), and for all of them by `gql.db.queries.criteria`, as SQL; both
mean the same, which a test proves with random expressions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Final
from uuid import UUID

from gql.domain.back_office import CustomerTier
from gql.domain.enums import CustomerStatus
from gql.domain.policies import Access
from gql.domain.roles import CustomerField


class Fact(Enum):
    """What a customer's own row does not say, and takes a statement to find out."""

    OFFICES = "the offices above the customer's"
    LOANS = "the loans that are being repaid"
    TAGS = "the tags"


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What predicates may ask about a customer, as of one day.

    `offices` has the customer's office and all those above it; `products` those of active loans, and `outstanding` what
    these still want, in minor units by currency. Facts that nobody asks for (`facts_asked`) may be left empty.
    """

    status: CustomerStatus
    office_id: UUID
    offices: frozenset[UUID] = frozenset()
    products: frozenset[str] = frozenset()
    days_past_due: int = 0
    outstanding: Mapping[str, int] = field(default_factory=dict)
    tier: CustomerTier | None = None
    tags: frozenset[str] = frozenset()
    account_age: int = 0
    """In days; see `account_age`."""


def account_age(created_at: datetime, today: date) -> int:
    """The days since the day, in UTC, on which the record was created; never less than 0."""
    return max(0, (today - created_at.date()).days)


@dataclass(frozen=True, slots=True)
class StatusIn:
    """The customer's status is one of these."""

    statuses: frozenset[CustomerStatus]

    def holds(self, facts: CustomerFacts) -> bool:
        """Whether the customer fits."""
        return facts.status in self.statuses


@dataclass(frozen=True, slots=True)
class OfficeIn:
    """The customer's office is one of these, or, with `include_subtree`, lies beneath one."""

    office_ids: frozenset[UUID]
    include_subtree: bool

    def holds(self, facts: CustomerFacts) -> bool:
        """Whether the customer fits."""
        if self.include_subtree:
            return not self.office_ids.isdisjoint(facts.offices)
        return facts.office_id in self.office_ids


@dataclass(frozen=True, slots=True)
class ProductIn:
    """The customer has an active loan of one of these products."""

    products: frozenset[str]

    def holds(self, facts: CustomerFacts) -> bool:
        """Whether the customer fits."""
        return not self.products.isdisjoint(facts.products)


@dataclass(frozen=True, slots=True)
class DaysPastDue:
    """The customer's oldest unpaid instalment has been due for so many days; 0 where none is overdue."""

    minimum: int | None
    maximum: int | None

    def holds(self, facts: CustomerFacts) -> bool:
        """Whether the customer fits."""
        return _within(facts.days_past_due, self.minimum, self.maximum)


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What the customer's active loans in this currency still want, together: 0 without any."""

    currency: str
    minimum_minor: int | None
    maximum_minor: int | None

    def holds(self, facts: CustomerFacts) -> bool:
        """Whether the customer fits."""
        return _within(facts.outstanding.get(self.currency, 0), self.minimum_minor, self.maximum_minor)


@dataclass(frozen=True, slots=True)
class TierIn:
    """The customer's tier is one of these; None stands for a customer without one."""

    tiers: frozenset[CustomerTier | None]

    def holds(self, facts: CustomerFacts) -> bool:
        """Whether the customer fits."""
        return facts.tier in self.tiers


@dataclass(frozen=True, slots=True)
class TagIn:
    """The customer has at least one of these tags, which are in their normal form."""

    tags: frozenset[str]

    def holds(self, facts: CustomerFacts) -> bool:
        """Whether the customer fits."""
        return not self.tags.isdisjoint(facts.tags)


@dataclass(frozen=True, slots=True)
class AccountAge:
    """The customer's record was created so many days ago."""

    minimum_days: int | None
    maximum_days: int | None

    def holds(self, facts: CustomerFacts) -> bool:
        """Whether the customer fits."""
        return _within(facts.account_age, self.minimum_days, self.maximum_days)


def _within(number: int, least: int | None, most: int | None) -> bool:
    return (least is None or number >= least) and (most is None or number <= most)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Each part holds; of none, true."""

    parts: tuple["Expression", ...]

    def holds(self, facts: CustomerFacts) -> bool:
        """Whether the customer fits."""
        return all(part.holds(facts) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some part holds; of none, false."""

    parts: tuple["Expression", ...]

    def holds(self, facts: CustomerFacts) -> bool:
        """Whether the customer fits."""
        return any(part.holds(facts) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Expression"

    def holds(self, facts: CustomerFacts) -> bool:
        """Whether the customer fits."""
        return not self.part.holds(facts)


Predicate = StatusIn | OfficeIn | ProductIn | DaysPastDue | Outstanding | TierIn | TagIn | AccountAge
Expression = Predicate | AllOf | AnyOf | Not


def predicates(expression: Expression) -> Iterator[Predicate]:
    """All predicates of an expression, from left to right."""
    match expression:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from predicates(part)
        case Not(part):
            yield from predicates(part)
        case _:
            yield expression


def failing(expression: Expression, facts: CustomerFacts) -> Expression | None:
    """The part that a person would name as the one in the way: the first of an `all` that fails. None if all holds."""
    if expression.holds(facts):
        return None
    if isinstance(expression, AllOf):
        for part in expression.parts:
            found = failing(part, facts)
            if found is not None:
                return found
    return expression


def facts_asked(expression: Expression) -> frozenset[Fact]:
    """What must be found out to tell whether a customer fits, besides the customer's own row."""
    return frozenset(fact for one in predicates(expression) for fact in Fact if _asks(one, fact))


def _asks(predicate: Predicate, fact: Fact) -> bool:
    match predicate:
        case OfficeIn(_, include_subtree):
            return include_subtree and fact is Fact.OFFICES
        case ProductIn() | Outstanding():
            return fact is Fact.LOANS
        case TagIn():
            return fact is Fact.TAGS
        case _:
            return False


def may_be_told(expression: Expression, access: Access) -> bool:
    """Whether somebody with this access may learn which of these customers fit: nothing that is asked is withheld.

    Where a view is limited, a role that shows loans shows only those in arrears, and never what all of them want.
    """
    asked = list(predicates(expression))
    if not access.is_full and any(isinstance(one, ProductIn | Outstanding) for one in asked):
        return False
    return all(access.shows(_TOLD_BY[type(one)]) for one in asked if type(one) in _TOLD_BY)


_TOLD_BY: Final[Mapping[type, CustomerField]] = {
    ProductIn: CustomerField.LOANS,
    DaysPastDue: CustomerField.ARREARS,
    Outstanding: CustomerField.LOANS_SUMMARY,
    TierIn: CustomerField.BACK_OFFICE,
    TagIn: CustomerField.BACK_OFFICE,
    AccountAge: CustomerField.CREATED_AT,
}
"""What whoever learns that a predicate holds, learns of the customer; status and office are everybody's to see."""
