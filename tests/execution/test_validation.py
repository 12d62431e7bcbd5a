"""Rules that have nothing to look at are left out, and no document is valid by it: what each rule finds is found."""

import pytest
from graphql import DocumentNode, build_schema, parse, specified_rules, validate

from gql.execution.limits import Limits, check
from gql.execution.validation import errors_of

SCHEMA = build_schema("""
    directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
    directive @stream(if: Boolean! = true, label: String, initialCount: Int = 0) on FIELD
    type Query { cat(name: String, filter: Filter): Cat pet: Pet cats: [Cat!]! must(name: String!): String }
    type Mutation { feed: Cat }
    type Subscription { born: Cat died: Cat }
    interface Pet { name: String }
    type Cat implements Pet { name: String lives: Int }
    type Dog implements Pet { name: String }
    input Filter { name: String }
""")
WITHOUT_MUTATIONS = build_schema("type Query { cat: String }")
BROKEN = {
    "ExecutableDefinitionsRule": "{ pet { name } } type Bird { name: String }",
    "KnownOperationTypesRule": "mutation { feed { name } }",
    "UniqueOperationNamesRule": "query A { pet { name } } query A { cats { name } }",
    "LoneAnonymousOperationRule": "{ pet { name } } { cats { name } }",
    "SingleFieldSubscriptionsRule": "subscription { born { name } died { name } }",
    "KnownTypeNamesRule": "{ pet { ... on Bird { name } } }",
    "FragmentsOnCompositeTypesRule": "{ pet { ... on String { name } } }",
    "VariablesAreInputTypesRule": "query($a: Cat) { cat(name: $a) { name } }",
    "ScalarLeafsRule": "{ pet }",
    "FieldsOnCorrectTypeRule": "{ dog }",
    "UniqueFragmentNamesRule": "{ pet { ...F } } fragment F on Pet { name } fragment F on Cat { name }",
    "KnownFragmentNamesRule": "{ pet { ...F } }",
    "NoUnusedFragmentsRule": "{ pet { name } } fragment F on Pet { name }",
    "PossibleFragmentSpreadsRule": "{ cat { ... on Dog { name } } }",
    "NoFragmentCyclesRule": "{ pet { ...F } } fragment F on Pet { ...F }",
    "UniqueVariableNamesRule": "query($a: String, $a: String) { cat(name: $a) { name } }",
    "NoUndefinedVariablesRule": "{ cat(name: $a) { name } }",
    "NoUnusedVariablesRule": "query($a: String) { pet { name } }",
    "KnownDirectivesRule": "{ pet @loud { name } }",
    "UniqueDirectivesPerLocationRule": "{ pet @skip(if: true) @skip(if: false) { name } }",
    "DeferStreamDirectiveOnRootField": "mutation { ... @defer { feed { name } } }",
    "DeferStreamDirectiveOnValidOperationsRule": "subscription { born { ... @defer { name } } }",
    "DeferStreamDirectiveLabel": "query($a: String) { pet { ... @defer(label: $a) { name } } }",
    "StreamDirectiveOnListField": "{ pet @stream { name } }",
    "KnownArgumentNamesRule": '{ cat(called: "Tom") { name } }',
    "UniqueArgumentNamesRule": '{ cat(name: "Tom", name: "Kit") { name } }',
    "ValuesOfCorrectTypeRule": "{ cat(name: 3) { name } }",
    "ProvidedRequiredArgumentsRule": "{ must }",
    "VariablesInAllowedPositionRule": "query($a: Int) { cat(name: $a) { name } }",
    "OverlappingFieldsCanBeMergedRule": "{ cats { name name: lives } }",
    "UniqueInputFieldNamesRule": '{ cat(filter: { name: "Tom", name: "Kit" }) { name } }',
    "MaxIntrospectionDepthRule": "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
}
OVERLAPPING = (
    "{ cats { name } cats: pet { name } }",
    '{ cat(name: "Tom") { name } cat { name } }',
    "{ cats { name ... { name: lives } } }",
    "{ cats { name ...F } } fragment F on Cat { name: lives }",
)


def _same(document: DocumentNode, text: str) -> list[str]:
    """What is wrong with it by our choice of rules: the same as by all of them."""
    schema = WITHOUT_MUTATIONS if text == BROKEN["KnownOperationTypesRule"] else SCHEMA
    chosen = errors_of(schema, text, document, check(document, Limits()), hide_suggestions=False)
    every = validate(schema, document, max_errors=5)
    assert [str(error) for error in chosen] == [str(error) for error in every]
    return [error.message for error in chosen]


@pytest.mark.parametrize("rule", specified_rules, ids=lambda rule: rule.__name__)
def test_what_a_rule_finds_is_found(rule: type) -> None:
    text = BROKEN[rule.__name__]
    document = parse(text)
    schema = WITHOUT_MUTATIONS if rule.__name__ == "KnownOperationTypesRule" else SCHEMA
    assert validate(schema, document, [rule]), f"{text} breaks the rule"
    assert _same(document, text)


@pytest.mark.parametrize("text", OVERLAPPING)
def test_fields_that_can_not_be_merged_are_found_wherever_they_meet(text: str) -> None:
    assert _same(parse(text), text)
