"""Laws of the rule language of groups, for any rule and any customer."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gql.domain.criteria import AllOf, AnyOf, CustomerFacts, Not, describe, failing, offices_named, parse
from gql.domain.enums import CustomerStatus

OFFICES = [UUID(int=number) for number in range(1, 5)]
NAMES = {office: f"Office {office.int}" for office in OFFICES}


def _status(statuses: list[CustomerStatus]) -> dict[str, Any]:
    return {"status": {"in": [status.value for status in statuses]}}


def _office(offices: list[UUID], beneath: bool) -> dict[str, Any]:
    return {"office": {"in": [str(office) for office in offices], "include_subtree": beneath}}


def _combined(rules: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    several = st.lists(rules, min_size=1, max_size=3)
    return several.map(lambda r: {"all": r}) | several.map(lambda r: {"any": r}) | rules.map(lambda r: {"not": r})


predicates = st.lists(st.sampled_from(CustomerStatus), min_size=1, unique=True).map(_status) | st.builds(
    _office, st.lists(st.sampled_from(OFFICES), min_size=1, unique=True), st.booleans()
)
rules = st.recursive(predicates, _combined, max_leaves=8)
customers = st.builds(
    lambda status, depth: CustomerFacts(status, OFFICES[depth], frozenset(OFFICES[: depth + 1])),
    st.sampled_from(CustomerStatus),
    st.integers(0, len(OFFICES) - 1),
)
"""Their offices lie in one line, each beneath the one before it."""


def _means(source: dict[str, Any], customer: CustomerFacts) -> bool:
    """What a rule says, read from its JSON."""
    [(key, value)] = source.items()
    match key:
        case "all":
            return all(_means(part, customer) for part in value)
        case "any":
            return any(_means(part, customer) for part in value)
        case "not":
            return not _means(value, customer)
        case "status":
            return customer.status.value in value["in"]
    mine = customer.offices if value["include_subtree"] else {customer.office_id}
    return any(str(office) in value["in"] for office in mine)


@given(source=rules, customer=customers)
def test_a_rule_means_what_its_json_says(source: dict[str, Any], customer: CustomerFacts) -> None:
    assert parse(source).holds(customer) is _means(source, customer)


@given(source=rules, customer=customers)
def test_something_stands_in_the_way_just_where_the_rule_does_not_hold(
    source: dict[str, Any], customer: CustomerFacts
) -> None:
    """And that part does not hold either; it is never an `all`, of which a part could be named."""
    rule = parse(source)
    found = failing(rule, customer)

    assert (found is None) is rule.holds(customer)
    if found is not None:
        assert not found.holds(customer)
        assert not isinstance(found, AllOf)


@given(source=rules, customer=customers)
def test_not_turns_a_rule_round(source: dict[str, Any], customer: CustomerFacts) -> None:
    """Twice is not at all; and `all` and `any` are each other's opposites."""
    rule = parse(source)

    assert parse({"not": source}).holds(customer) is not rule.holds(customer)
    assert parse({"not": {"not": source}}).holds(customer) is rule.holds(customer)
    if isinstance(rule, AllOf | AnyOf):
        opposite = AnyOf if isinstance(rule, AllOf) else AllOf
        assert opposite(tuple(Not(part) for part in rule.parts)).holds(customer) is not rule.holds(customer)


@given(source=rules)
def test_a_rule_in_words_names_all_its_offices_and_no_id(source: dict[str, Any]) -> None:
    """A person reads it."""
    rule = parse(source)
    words = describe(rule, NAMES)

    assert all(NAMES[office] in words for office in offices_named(rule))
    assert not any(str(office) in words for office in OFFICES)
    assert words.count("(") == words.count(")")
