"""Laws of the rule language of groups, for any rule and any customer."""

from collections import Counter
from typing import Any

from hypothesis import given

from gql.domain.criteria import AllOf, AnyOf, CustomerFacts, Not, account_age, failing
from gql.domain.criteria_json import parse
from gql.domain.criteria_text import describe, offices_named
from gql.domain.enums import LoanStatus
from gql.domain.repayment import days_past_due
from gql.domain.time import today
from tests.criteria_cases import OFFICES, Person, means, offices_above, people, rules

NAMES = {office: f"Office {office.int}" for office in OFFICES}


def facts(person: Person) -> CustomerFacts:
    """All that can be asked about the customer."""
    day = today()
    active = [loan for loan in person.loans if loan.status is LoanStatus.ACTIVE]
    owed: Counter[str] = Counter()
    for loan in active:
        owed[loan.currency] += loan.outstanding_minor
    return CustomerFacts(
        status=person.status,
        office_id=OFFICES[person.office],
        offices=frozenset(OFFICES[place] for place in offices_above(person.office)),
        products=frozenset(loan.product for loan in active),
        days_past_due=days_past_due(person.oldest_unpaid_due_on(day), day),
        outstanding=owed,
        tier=person.tier,
        tags=person.tags,
        account_age=account_age(person.created_at(day), day),
    )


@given(source=rules, person=people)
def test_a_rule_means_what_its_json_says(source: dict[str, Any], person: Person) -> None:
    assert parse(source).holds(facts(person)) is means(source, person)


@given(source=rules, person=people)
def test_something_stands_in_the_way_just_where_the_rule_does_not_hold(source: dict[str, Any], person: Person) -> None:
    """And that part does not hold either; it is never an `all`, of which a part could be named."""
    rule = parse(source)
    found = failing(rule, facts(person))

    assert (found is None) is rule.holds(facts(person))
    if found is not None:
        assert not found.holds(facts(person))
        assert not isinstance(found, AllOf)


@given(source=rules, person=people)
def test_not_turns_a_rule_round(source: dict[str, Any], person: Person) -> None:
    """Twice is not at all; and `all` and `any` are each other's opposites."""
    rule = parse(source)

    assert parse({"not": source}).holds(facts(person)) is not rule.holds(facts(person))
    assert parse({"not": {"not": source}}).holds(facts(person)) is rule.holds(facts(person))
    if isinstance(rule, AllOf | AnyOf):
        opposite = AnyOf if isinstance(rule, AllOf) else AllOf
        assert opposite(tuple(Not(part) for part in rule.parts)).holds(facts(person)) is not rule.holds(facts(person))


@given(source=rules)
def test_a_rule_in_words_names_all_its_offices_and_no_id(source: dict[str, Any]) -> None:
    """A person reads it."""
    rule = parse(source)
    words = describe(rule, NAMES)

    assert all(NAMES[office] in words for office in offices_named(rule))
    assert not any(str(office) in words for office in OFFICES)
    assert "None" not in words
    assert words.count("(") == words.count(")")
