"""Random rules of the language of groups and random customers, and what a rule means, read from its JSON alone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from hypothesis import strategies as st

from gql.domain.back_office import CustomerTier
from gql.domain.enums import CustomerStatus, LoanStatus

OFFICES: Final = [UUID(int=number) for number in range(1, 6)]
PARENTS: Final = (None, 0, 1, 0, None)
"""Of each office, by its place: the first three lie beneath each other."""
_PRODUCTS = ("Salary loan", "Payday", "SME")
_CURRENCIES = ("NGN", "USD")
_TAGS = ("vip", "farmer", "do not call")
_DAYS = (0, 1, 2, 30, 31)
_SUMS = (0, 1, 500, 501, 1000, 2**40)


@dataclass(frozen=True)
class DrawnLoan:
    """A loan."""

    product: str
    currency: str
    status: LoanStatus
    outstanding_minor: int


@dataclass(frozen=True)
class Person:
    """A customer by what rules ask about."""

    status: CustomerStatus
    office: int
    tier: CustomerTier | None
    due: int | None
    """Days since the oldest unpaid instalment was due; less than 0 where that is to come, None without any."""
    age: int
    """Days since the record was created; -1 for a clock that is ahead."""
    second: int
    """Of the day on which it was."""
    loans: tuple[DrawnLoan, ...]
    tags: frozenset[str]

    def created_at(self, today: date) -> datetime:
        """The moment, on that day."""
        return datetime.combine(today - timedelta(days=self.age), time(), UTC) + timedelta(seconds=self.second)

    def oldest_unpaid_due_on(self, today: date) -> date | None:
        """The day."""
        return None if self.due is None else today - timedelta(days=self.due)


def offices_above(place: int | None) -> list[int]:
    """An office and all above it, by their places."""
    return [] if place is None else [place, *offices_above(PARENTS[place])]


people = st.builds(
    Person,
    status=st.sampled_from(CustomerStatus),
    office=st.integers(0, len(OFFICES) - 1),
    tier=st.none() | st.sampled_from(CustomerTier),
    due=st.none() | st.sampled_from((-5, *_DAYS)),
    age=st.sampled_from((-1, *_DAYS)),
    second=st.sampled_from((0, 43_200, 86_399)),
    loans=st.lists(
        st.builds(
            DrawnLoan,
            product=st.sampled_from(_PRODUCTS),
            currency=st.sampled_from(_CURRENCIES),
            status=st.sampled_from((LoanStatus.ACTIVE, *LoanStatus)),
            outstanding_minor=st.sampled_from(_SUMS),
        ),
        max_size=3,
    ).map(tuple),
    tags=st.frozensets(st.sampled_from(_TAGS)),
)


def _listed(name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.lists(values, min_size=1, max_size=3).map(lambda some: {name: {"in": some}})


def _ends(least: str, most: str, numbers: tuple[int, ...]) -> st.SearchStrategy[dict[str, int]]:
    both = st.lists(st.sampled_from(numbers), min_size=2, max_size=2).map(sorted)
    return (
        both.map(lambda ends: {least: ends[0], most: ends[1]})
        | st.sampled_from(numbers).map(lambda end: {least: end})
        | st.sampled_from(numbers).map(lambda end: {most: end})
    )


def _office(offices: list[UUID], beneath: bool) -> dict[str, Any]:
    return {"office": {"in": [str(office) for office in offices], "include_subtree": beneath}}


def _combined(rules: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    several = st.lists(rules, max_size=3)
    return several.map(lambda r: {"all": r}) | several.map(lambda r: {"any": r}) | rules.map(lambda r: {"not": r})


predicates = st.one_of(
    _listed("status", st.sampled_from([status.value for status in CustomerStatus])),
    st.builds(_office, st.lists(st.sampled_from(OFFICES), min_size=1, unique=True), st.booleans()),
    _listed("product", st.sampled_from((*_PRODUCTS, "No such"))),
    _ends("minimum", "maximum", _DAYS).map(lambda ends: {"days_past_due": ends}),
    st.builds(
        lambda currency, ends: {"outstanding": {"currency": currency, **ends}},
        st.sampled_from((*_CURRENCIES, "EUR")),
        _ends("minimum_minor", "maximum_minor", _SUMS),
    ),
    _listed("tier", st.sampled_from([None, *(tier.value for tier in CustomerTier)])),
    _listed("tag", st.sampled_from((*_TAGS, "no such"))),
    _ends("minimum_days", "maximum_days", _DAYS).map(lambda ends: {"account_age": ends}),
)
rules = st.recursive(predicates, _combined, max_leaves=8)
"""As JSON."""


def means(source: dict[str, Any], person: Person) -> bool:
    """What a rule says of a customer."""
    [(key, value)] = source.items()
    match key:
        case "all":
            return all(means(part, person) for part in value)
        case "any":
            return any(means(part, person) for part in value)
        case "not":
            return not means(value, person)
        case "office":
            mine = offices_above(person.office) if value["include_subtree"] else [person.office]
            return any(str(OFFICES[place]) in value["in"] for place in mine)
        case "days_past_due" | "outstanding" | "account_age":
            return _in_range(key, value, person)
    return any(word in value["in"] for word in _words(key, person))


def _words(key: str, person: Person) -> list[str | None]:
    """What a customer has of that which a rule lists."""
    products = [loan.product for loan in person.loans if loan.status is LoanStatus.ACTIVE]
    words: dict[str, list[Any]] = {
        "status": [person.status.value],
        "product": products,
        "tier": [person.tier and person.tier.value],
        "tag": list(person.tags),
    }
    return words[key]


def _in_range(key: str, value: dict[str, Any], person: Person) -> bool:
    owed = [loan for loan in person.loans if (loan.status, loan.currency) == (LoanStatus.ACTIVE, value.get("currency"))]
    numbers = {
        "days_past_due": max(person.due or 0, 0),
        "outstanding": sum(loan.outstanding_minor for loan in owed),
        "account_age": max(person.age, 0),
    }
    least = next((end for name, end in value.items() if name.startswith("minimum")), 0)
    most = next((end for name, end in value.items() if name.startswith("maximum")), numbers[key])
    return bool(least <= numbers[key] <= most)
