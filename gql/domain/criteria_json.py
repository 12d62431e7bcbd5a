"""Expressions of the rule language as JSON, which is how groups keep them: one key an object.

    {"all": [expr, …]}   {"any": [expr, …]}   {"not": expr}
    {"status": {"in": ["ACTIVE", …]}}
    {"office": {"in": ["<office id>", …], "include_subtree": true}}
    {"product": {"in": ["Payday", …]}}
    {"days_past_due": {"minimum": 1, "maximum": 30}}
    {"outstanding": {"currency": "NGN", "minimum_minor": 0, "maximum_minor": 500000}}
    {"tier": {"in": ["GOLD", null]}}
    {"tag": {"in": ["vip", …]}}
    {"account_age": {"minimum_days": 90, "maximum_days": 365}}

A range may leave one of its ends out.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from gql.domain.back_office import LONGEST_TAG, CustomerTier, normal_tag
from gql.domain.criteria import (
    AccountAge,
    AllOf,
    AnyOf,
    DaysPastDue,
    Expression,
    Not,
    OfficeIn,
    Outstanding,
    Predicate,
    ProductIn,
    StatusIn,
    TagIn,
    TierIn,
    predicates,
)
from gql.domain.enums import CustomerStatus

MOST_NESTED: Final = 5
"""How deep `all`, `any` and `not` may lie in each other where an expression is made anew."""
MOST_PREDICATES: Final = 50
MOST_VALUES: Final = 100
"""In the list of one predicate."""
MOST_DAYS: Final = 36_500
MOST_MINOR: Final = 2**53 - 1
"""As much as every client can read exactly."""
LONGEST_PRODUCT: Final = 200
CURRENCY_LETTERS: Final = 3
_DEEPEST: Final = 20
"""How deep they may lie in what is stored already."""


class MalformedCriteria(ValueError):
    """JSON that is no expression of the language."""


class Bound(StrEnum):
    """What there may be too much of in an expression."""

    NESTING = "NESTING"
    PREDICATES = "PREDICATES"
    VALUES = "VALUES"


class ExcessiveCriteria(ValueError):
    """An expression that is larger than one may be made. `bound` says in what; the message is for people."""

    def __init__(self, bound: Bound, message: str) -> None:
        super().__init__(message)
        self.bound = bound


def parse(source: Any, *, _depth: int = 0) -> Expression:
    """The expression that the JSON says. Raises MalformedCriteria."""
    if _depth > _DEEPEST or not isinstance(source, Mapping) or len(source) != 1:
        raise MalformedCriteria("an expression is an object of one key, nested at most 20 deep")
    ((key, value),) = source.items()
    try:
        match key:
            case "all" | "any":
                if not isinstance(value, list):
                    raise MalformedCriteria(f"{key} has a list")
                parts = tuple(parse(part, _depth=_depth + 1) for part in value)
                return AllOf(parts) if key == "all" else AnyOf(parts)
            case "not":
                return Not(parse(value, _depth=_depth + 1))
            case _:
                return _PREDICATES[key](value)
    except MalformedCriteria:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedCriteria("unknown predicate, or malformed") from error


def _office(value: Any) -> OfficeIn:
    ids = frozenset(UUID(office) for office in _listed(value, "include_subtree"))
    include_subtree = value.get("include_subtree", False)
    if not isinstance(include_subtree, bool):
        raise MalformedCriteria("include_subtree is true or false")
    return OfficeIn(ids, include_subtree)


def _products(value: Any) -> ProductIn:
    products = _listed(value)
    if not all(isinstance(product, str) and 0 < len(product) <= LONGEST_PRODUCT for product in products):
        raise MalformedCriteria("a product is a text")
    return ProductIn(frozenset(products))


def _tags(value: Any) -> TagIn:
    tags = [normal_tag(tag) for tag in _listed(value)]
    if not all(0 < len(tag) <= LONGEST_TAG for tag in tags):
        raise MalformedCriteria("a tag has letters or digits")
    return TagIn(frozenset(tags))


def _outstanding(value: Any) -> Outstanding:
    currency = value["currency"]
    if not isinstance(currency, str) or not is_currency(currency):
        raise MalformedCriteria("a currency has three capital letters")
    ends = {key: end for key, end in value.items() if key != "currency"}
    return Outstanding(currency, *_ends(ends, "minimum_minor", "maximum_minor", MOST_MINOR))


def is_currency(text: str) -> bool:
    """Whether it has the form of an ISO 4217 code."""
    return len(text) == CURRENCY_LETTERS and text.isascii() and text.isalpha() and text.isupper()


_PREDICATES: Final[Mapping[str, Callable[[Any], Predicate]]] = {
    "status": lambda value: StatusIn(frozenset(CustomerStatus(status) for status in _listed(value))),
    "office": _office,
    "product": _products,
    "days_past_due": lambda value: DaysPastDue(*_ends(value, "minimum", "maximum", MOST_DAYS)),
    "outstanding": _outstanding,
    "tier": lambda value: TierIn(frozenset(None if tier is None else CustomerTier(tier) for tier in _listed(value))),
    "tag": _tags,
    "account_age": lambda value: AccountAge(*_ends(value, "minimum_days", "maximum_days", MOST_DAYS)),
}


def _listed(value: Any, *besides: str) -> list[Any]:
    """The list under `in`, of an object that has no other keys than it and these."""
    listed = value["in"]
    if not isinstance(listed, list) or not listed or set(value) - {"in", *besides}:
        raise MalformedCriteria("a predicate has a list under `in`, not empty")
    return listed


def _ends(value: Any, least: str, most: str, largest: int) -> tuple[int | None, int | None]:
    """The ends of a range, of an object that has no other keys, and one of them at least."""
    low, high = value.get(least), value.get(most)
    ends = [end for end in (low, high) if end is not None]
    whole = all(isinstance(end, int) and not isinstance(end, bool) and 0 <= end <= largest for end in ends)
    if set(value) - {least, most} or not ends or not whole or ends != sorted(ends):
        raise MalformedCriteria(f"a range has {least}, {most} or both, from 0 on")
    return low, high


def to_json(expression: Expression) -> dict[str, Any]:
    """What `parse` makes this expression of; lists are sorted, so that equal expressions are the same JSON."""
    match expression:
        case AllOf(parts):
            return {"all": [to_json(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [to_json(part) for part in parts]}
        case Not(part):
            return {"not": to_json(part)}
        case _:
            return _predicate_to_json(expression)


def digest_of(written: dict[str, Any]) -> str:
    """A short name of an expression as JSON, which equal ones share."""
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()


def _predicate_to_json(predicate: Predicate) -> dict[str, Any]:
    match predicate:
        case StatusIn(statuses):
            return {"status": {"in": sorted(statuses)}}
        case OfficeIn(ids, include_subtree):
            return {"office": {"in": sorted(map(str, ids)), "include_subtree": include_subtree}}
        case ProductIn(products):
            return {"product": {"in": sorted(products)}}
        case DaysPastDue(minimum, maximum):
            return {"days_past_due": _range(minimum=minimum, maximum=maximum)}
        case Outstanding(currency, least, most):
            return {"outstanding": {"currency": currency, **_range(minimum_minor=least, maximum_minor=most)}}
        case TierIn(tiers):
            return {"tier": {"in": sorted(tiers, key=lambda tier: (tier is None, tier or ""))}}
        case TagIn(tags):
            return {"tag": {"in": sorted(tags)}}
        case AccountAge(least, most):
            return {"account_age": _range(minimum_days=least, maximum_days=most)}


def _range(**ends: int | None) -> dict[str, int]:
    return {name: end for name, end in ends.items() if end is not None}


def check_bounds(expression: Expression) -> None:
    """Raises ExcessiveCriteria for an expression that is too large to be made anew; stored ones may be larger."""
    if _nesting(expression) > MOST_NESTED:
        raise ExcessiveCriteria(Bound.NESTING, f"AND, OR and NOT may nest {MOST_NESTED} deep at most.")
    asked = list(predicates(expression))
    if len(asked) > MOST_PREDICATES:
        raise ExcessiveCriteria(
            Bound.PREDICATES, f"There are {len(asked)} conditions; at most {MOST_PREDICATES} are allowed."
        )
    longest = max((_values(one) for one in asked), default=0)
    if longest > MOST_VALUES:
        raise ExcessiveCriteria(
            Bound.VALUES, f"A list has {longest} different entries; at most {MOST_VALUES} are allowed."
        )


def _nesting(expression: Expression) -> int:
    match expression:
        case AllOf(parts) | AnyOf(parts):
            return 1 + max((_nesting(part) for part in parts), default=0)
        case Not(part):
            return 1 + _nesting(part)
        case _:
            return 0


def _values(predicate: Predicate) -> int:
    match predicate:
        case StatusIn(values) | OfficeIn(values, _) | ProductIn(values) | TierIn(values) | TagIn(values):
            return len(values)
        case _:
            return 0
