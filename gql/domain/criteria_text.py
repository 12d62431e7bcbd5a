"""Expressions of the rule language in words, for people."""

from collections.abc import Mapping
from uuid import UUID

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
from gql.domain.money import Money


def describe(expression: Expression, office_names: Mapping[UUID, str]) -> str:
    """The expression in words, for the person whom it refuses."""
    match expression:
        case AllOf(parts):
            return " and ".join(_bracketed(part, office_names) for part in parts) or "anybody"
        case AnyOf(parts):
            return _or([_bracketed(part, office_names) for part in parts])
        case Not(part):
            return f"not ({describe(part, office_names)})"
        case _:
            return _predicate(expression, office_names)


def _predicate(predicate: Predicate, office_names: Mapping[UUID, str]) -> str:
    match predicate:
        case StatusIn(statuses):
            return "status is " + _or(sorted(statuses))
        case OfficeIn(ids, include_subtree):
            names = _or(sorted(office_names.get(key, "a former office") for key in ids))
            return f"office is {names}" + (" or one beneath" if include_subtree else "")
        case ProductIn(products):
            return f"has an active loan of {_or(sorted(products))}"
        case DaysPastDue(minimum, maximum):
            return f"days past due are {_range(_text(minimum), _text(maximum))}"
        case Outstanding(currency, least, most):
            amounts = (None if end is None else Money(end, currency).amount for end in (least, most))
            return f"outstanding in {currency} is {_range(*amounts)}"
        case TierIn(tiers):
            return "tier is " + _or([*sorted(tier for tier in tiers if tier), *(["none"] if None in tiers else [])])
        case TagIn(tags):
            return f"is tagged {_or(sorted(tags))}"
        case AccountAge(least, most):
            return f"days since the account was opened are {_range(_text(least), _text(most))}"


def _bracketed(part: Expression, office_names: Mapping[UUID, str]) -> str:
    """A part of an `all` or `any`, in brackets where it would otherwise run together with its neighbours."""
    words = describe(part, office_names)
    return f"({words})" if isinstance(part, AllOf | AnyOf) else words


def _or(words: list[str]) -> str:
    return " or ".join(words) if words else "nobody"


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def _range(least: str | None, most: str | None) -> str:
    if least is None:
        return "any" if most is None else f"at most {most}"
    if most is None:
        return f"at least {least}"
    return least if least == most else f"{least} to {most}"


def offices_named(expression: Expression) -> frozenset[UUID]:
    """The offices that the expression speaks of."""
    return frozenset[UUID]().union(*(one.office_ids for one in predicates(expression) if isinstance(one, OfficeIn)))
