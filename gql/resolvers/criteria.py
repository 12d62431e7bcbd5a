"""The rule language of groups: what a client writes as an expression, and what it would let in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gql.context import Context
from gql.db.queries.criteria_previews import CriteriaSample, CriteriaTotal
from gql.domain.back_office import LONGEST_TAG, normal_tag
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
from gql.domain.criteria_json import (
    LONGEST_PRODUCT,
    MOST_MINOR,
    MOST_NESTED,
    Bound,
    ExcessiveCriteria,
    check_bounds,
    is_currency,
)
from gql.domain.criteria_text import describe, offices_named
from gql.domain.errors import BadUserInput, Forbidden
from gql.domain.ids import Kind, parse_id_of
from gql.domain.roles import Permission
from gql.domain.time import today
from gql.resolvers.arguments import Arguments, days_of, sample_size, text

_SAMPLE: Final = 10


@dataclass(frozen=True, slots=True)
class CriteriaPreview:
    """The answer; count and sample are read where they are asked for."""

    description: str
    total: CriteriaTotal
    sample: CriteriaSample


async def preview(context: Context, given: Arguments, first: int | None) -> CriteriaPreview:
    """What a rule would let in. Raises Forbidden and BadUserInput."""
    if not context.admin.may(Permission.GROUP_MEMBERS_WRITE):
        raise Forbidden(f"Your roles don't include the permission {Permission.GROUP_MEMBERS_WRITE.value}.")
    size = sample_size(first, _SAMPLE)
    expression, day = expression_of(given), today()
    words = await in_words(context, expression)
    return CriteriaPreview(words, CriteriaTotal(expression, day), CriteriaSample(expression, day, size))


async def in_words(context: Context, expression: Expression) -> str:
    """The rule for people, with the names of its offices."""
    named = sorted(offices_named(expression))
    offices = await context.loaders.batch("office", None, named) if named else []
    return describe(expression, {office.id: office.name for office in offices if office is not None})


def expression_of(given: Arguments) -> Expression:
    """The `CriteriaInput` as an expression within the bounds of new ones. Raises BadUserInput."""
    try:
        expression = _expression(given, 0)
        check_bounds(expression)
    except ExcessiveCriteria as error:
        raise BadUserInput(f"`criteria` is too large. {error}") from None
    return expression


def _expression(given: Arguments, nesting: int) -> Expression:
    if nesting > MOST_NESTED:  # before the stack ends
        raise ExcessiveCriteria(Bound.NESTING, f"AND, OR and NOT may nest {MOST_NESTED} deep at most.")
    said = {name: value for name, value in given.items() if value is not None}
    if len(said) != 1:
        raise BadUserInput("`criteria`: give exactly one field in each object; join several by `all` or `any`.")
    [(name, value)] = said.items()
    match name:
        case "all":
            return AllOf(_parts(value, name, nesting))
        case "any":
            return AnyOf(_parts(value, name, nesting))
        case "not_":
            return Not(_expression(value, nesting + 1))
        case _:
            return _PREDICATES[name](said)


def _parts(value: Sequence[Arguments], name: str, nesting: int) -> tuple[Expression, ...]:
    return tuple(_expression(part, nesting + 1) for part in _some(value, name))


def _some(values: Sequence[Any], name: str) -> Sequence[Any]:
    """A list that says something."""
    if not values:
        raise BadUserInput(f"`criteria`: the list of `{name}` is empty. Name something, or leave the condition out.")
    return values


def _texts(values: Sequence[str], name: str, longest: int) -> list[str]:
    for value in _some(values, name):
        text(value, name, longest, "Leave it out, or write something.")
    return list(values)


def _office(given: Arguments) -> OfficeIn:
    office = given["office"]
    ids = frozenset(parse_id_of(Kind.OFFICE, one) for one in _some(office["ids"], "ids"))
    return OfficeIn(ids, office["include_subtree"])


def _tags(given: Arguments) -> TagIn:
    tags = frozenset(normal_tag(tag) for tag in _texts(given["tag"], "tag", LONGEST_TAG))
    if not all(tags):
        raise BadUserInput("`tag` needs a letter or a digit.")
    return TagIn(tags)


def _outstanding(given: Arguments) -> Outstanding:
    wanted = given["outstanding"]
    least, most = wanted.get("minimum_minor"), wanted.get("maximum_minor")
    if not is_currency(wanted["currency"]):
        raise BadUserInput("`currency` is an ISO 4217 code of three capital letters, such as NGN.")
    if any(end is not None and not 0 <= end <= MOST_MINOR for end in (least, most)):
        raise BadUserInput(f"`minimumMinor` and `maximumMinor` are between 0 and {MOST_MINOR:,}.")
    if least is not None and most is not None and least > most:
        raise BadUserInput("`minimumMinor` is more than `maximumMinor`.")
    return Outstanding(wanted["currency"], *_an_end("outstanding", least, most))


def _days(given: Arguments, name: str, shown: str) -> tuple[int | None, int | None]:
    return _an_end(shown, *days_of(given, name))


def _an_end(shown: str, least: int | None, most: int | None) -> tuple[int | None, int | None]:
    """A range that says something."""
    if least is None and most is None:
        raise BadUserInput(f"`criteria`: `{shown}` has neither a least nor a most. Give one, or both.")
    return least, most


_PREDICATES: Final[Mapping[str, Callable[[Arguments], Predicate]]] = {
    "status": lambda given: StatusIn(frozenset(_some(given["status"], "status"))),
    "office": _office,
    "product": lambda given: ProductIn(frozenset(_texts(given["product"], "product", LONGEST_PRODUCT))),
    "days_past_due": lambda given: DaysPastDue(*_days(given, "days_past_due", "daysPastDue")),
    "outstanding": _outstanding,
    "tier": lambda given: TierIn(frozenset(_some(given["tier"], "tier"))),
    "tag": _tags,
    "account_age": lambda given: AccountAge(*_days(given, "account_age", "accountAge")),
}
