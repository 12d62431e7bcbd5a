"""Rules that groups keep, as the values that a client would write them with: what `criteria.expression_of` reads."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from gql.db.rows import GroupRow
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
)
from gql.domain.criteria_json import parse
from gql.domain.ids import Kind, to_global_id


def rule_value(row: GroupRow) -> dict[str, Any] | None:
    """Of a group's rule; None where it has none."""
    return None if row.criteria is None else value_of(parse(row.criteria))


def value_of(expression: Expression) -> dict[str, Any]:
    """The JSON value of a `CriteriaInput` that says the same; lists are in a fixed order."""
    match expression:
        case AllOf(parts):
            return {"all": [value_of(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [value_of(part) for part in parts]}
        case Not(part):
            return {"not": value_of(part)}
        case _:
            return _predicate(expression)


def _predicate(predicate: Predicate) -> dict[str, Any]:
    match predicate:
        case StatusIn(statuses):
            return {"status": sorted(statuses)}
        case OfficeIn(ids, include_subtree):
            return {"office": {"ids": _ids(ids), "includeSubtree": include_subtree}}
        case ProductIn(products):
            return {"product": sorted(products)}
        case DaysPastDue(least, most):
            return {"daysPastDue": _range(min=least, max=most)}
        case Outstanding(currency, least, most):
            return {"outstanding": {"currency": currency, **_range(minimumMinor=least, maximumMinor=most)}}
        case TierIn(tiers):
            return {"tier": [*sorted(tier for tier in tiers if tier), *([None] if None in tiers else [])]}
        case TagIn(tags):
            return {"tag": sorted(tags)}
        case AccountAge(least, most):
            return {"accountAge": _range(min=least, max=most)}


def _ids(offices: Iterable[UUID]) -> list[str]:
    return [to_global_id(Kind.OFFICE, key) for key in sorted(offices)]


def _range(**ends: int | None) -> dict[str, int]:
    return {name: end for name, end in ends.items() if end is not None}
