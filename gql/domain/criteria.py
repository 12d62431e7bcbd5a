"""The rule language of a group's criteria: who fits, checked by a machine.

An expression is JSON in the group's row, one key an object:

    {"all": [expr, …]}   {"any": [expr, …]}   {"not": expr}
    {"status": {"in": ["ACTIVE", …]}}
    {"office": {"in": ["<office id>", …], "include_subtree": true}}

`parse` makes a typed expression of it, which tells whether a customer fits and which predicate stands in the way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gql.domain.enums import CustomerStatus


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What predicates may ask about a customer. `offices` has the customer's office and all those above it."""

    status: CustomerStatus
    office_id: UUID
    offices: frozenset[UUID]


class MalformedCriteria(ValueError):
    """JSON that is no expression of the language."""


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


Expression = StatusIn | OfficeIn | AllOf | AnyOf | Not

_DEEPEST = 20


def parse(source: Any, *, _depth: int = 0) -> Expression:
    """The expression that the JSON says. Raises MalformedCriteria."""
    if _depth > _DEEPEST or not isinstance(source, Mapping) or len(source) != 1:
        raise MalformedCriteria("an expression is an object of one key, nested at most 20 deep")
    ((key, value),) = source.items()
    try:
        match key:
            case "all":
                return AllOf(tuple(parse(part, _depth=_depth + 1) for part in value))
            case "any":
                return AnyOf(tuple(parse(part, _depth=_depth + 1) for part in value))
            case "not":
                return Not(parse(value, _depth=_depth + 1))
            case "status":
                return StatusIn(frozenset(CustomerStatus(status) for status in _listed(value, "in")))
            case "office":
                ids = frozenset(UUID(office) for office in _listed(value, "in", "include_subtree"))
                include_subtree = value.get("include_subtree", False)
                if not isinstance(include_subtree, bool):
                    raise MalformedCriteria("include_subtree is true or false")
                return OfficeIn(ids, include_subtree)
    except MalformedCriteria:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedCriteria(f"malformed {key}") from error
    raise MalformedCriteria("unknown predicate")


def _listed(value: Any, *keys: str) -> list[Any]:
    """The list under `in`, of an object that has no other keys than these."""
    listed = value["in"]
    if not isinstance(listed, list) or not listed or set(value) - set(keys):
        raise MalformedCriteria("a predicate has a list under `in`, not empty")
    return listed


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


def describe(expression: Expression, office_names: Mapping[UUID, str]) -> str:
    """The expression in words, for the person whom it refuses."""
    match expression:
        case StatusIn(statuses):
            return "status is " + _or(sorted(statuses))
        case OfficeIn(ids, include_subtree):
            names = _or(sorted(office_names.get(key, "a former office") for key in ids))
            return f"office is {names}" + (" or one beneath" if include_subtree else "")
        case AllOf(parts):
            return " and ".join(_bracketed(part, office_names) for part in parts)
        case AnyOf(parts):
            return _or([_bracketed(part, office_names) for part in parts])
        case Not(part):
            return f"not ({describe(part, office_names)})"


def _bracketed(part: Expression, office_names: Mapping[UUID, str]) -> str:
    """A part of an `all` or `any`, in brackets where it would otherwise run together with its neighbours."""
    words = describe(part, office_names)
    return f"({words})" if isinstance(part, AllOf | AnyOf) else words


def _or(words: list[str]) -> str:
    return " or ".join(words) if words else "nothing"


def offices_named(expression: Expression) -> frozenset[UUID]:
    """The offices that the expression speaks of."""
    match expression:
        case OfficeIn(ids, _):
            return ids
        case AllOf(parts) | AnyOf(parts):
            return frozenset().union(*(offices_named(part) for part in parts))
        case Not(part):
            return offices_named(part)
        case _:
            return frozenset()
