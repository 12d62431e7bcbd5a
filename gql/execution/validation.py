"""Validation by the specification's rules, without those that have nothing to look at in a document.

Most documents have no fragments, directives or fields asked for twice, and half of the rules are about these. Whether a
document may have such a thing is seen from its text: each has a character or word of its own, outside of strings too.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentsOnCompositeTypesRule,
    GraphQLError,
    GraphQLSchema,
    KnownDirectivesRule,
    KnownFragmentNamesRule,
    KnownTypeNamesRule,
    NoFragmentCyclesRule,
    NoUndefinedVariablesRule,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    OverlappingFieldsCanBeMergedRule,
    PossibleFragmentSpreadsRule,
    SingleFieldSubscriptionsRule,
    UniqueDirectivesPerLocationRule,
    UniqueFragmentNamesRule,
    UniqueVariableNamesRule,
    VariablesAreInputTypesRule,
    VariablesInAllowedPositionRule,
    specified_rules,
    validate,
)
from graphql.validation import (
    DeferStreamDirectiveLabel,
    DeferStreamDirectiveOnRootField,
    DeferStreamDirectiveOnValidOperationsRule,
    MaxIntrospectionDepthRule,
    StreamDirectiveOnListField,
)

from gql.execution.limits import Structure

Rule = type[ASTValidationRule]

_OF_FRAGMENTS: Final = ("...", "fragment")
_OF_VARIABLES: Final = ("$",)
_OF_DIRECTIVES: Final = ("@",)
_TOLD_BY: Final[Mapping[Rule, Sequence[str]]] = {
    **dict.fromkeys(
        (
            FragmentsOnCompositeTypesRule,
            KnownFragmentNamesRule,
            NoFragmentCyclesRule,
            NoUnusedFragmentsRule,
            PossibleFragmentSpreadsRule,
            UniqueFragmentNamesRule,
        ),
        _OF_FRAGMENTS,
    ),
    **dict.fromkeys(
        (
            NoUndefinedVariablesRule,
            NoUnusedVariablesRule,
            UniqueVariableNamesRule,
            VariablesAreInputTypesRule,
            VariablesInAllowedPositionRule,
        ),
        _OF_VARIABLES,
    ),
    **dict.fromkeys(
        (
            DeferStreamDirectiveLabel,
            DeferStreamDirectiveOnRootField,
            DeferStreamDirectiveOnValidOperationsRule,
            KnownDirectivesRule,
            StreamDirectiveOnListField,
            UniqueDirectivesPerLocationRule,
        ),
        _OF_DIRECTIVES,
    ),
    KnownTypeNamesRule: (*_OF_FRAGMENTS, *_OF_VARIABLES),
    MaxIntrospectionDepthRule: ("__schema", "__type"),
    SingleFieldSubscriptionsRule: ("subscription",),
}
"""What a document must have in its text for a rule to find anything wrong."""
_SIGNS: Final = tuple(sorted({sign for signs in _TOLD_BY.values() for sign in signs}))


def errors_of(
    schema: GraphQLSchema, text: str, document: DocumentNode, structure: Structure, *, hide_suggestions: bool
) -> list[GraphQLError]:
    """At most five things that are wrong with a document of that text; all of the specification's rules hold for it."""
    signs = frozenset(sign for sign in _SIGNS if sign in text)
    may_overlap = structure.repeats or not signs.isdisjoint(_OF_FRAGMENTS)
    return validate(schema, document, _rules(signs, may_overlap), max_errors=5, hide_suggestions=hide_suggestions)


@lru_cache(maxsize=256)
def _rules(signs: frozenset[str], may_overlap: bool) -> Sequence[Rule]:
    return [rule for rule in specified_rules if _applies(rule, signs, may_overlap)]


def _applies(rule: Rule, signs: frozenset[str], may_overlap: bool) -> bool:
    if rule is OverlappingFieldsCanBeMergedRule:
        return may_overlap
    told_by = _TOLD_BY.get(rule)
    return told_by is None or not signs.isdisjoint(told_by)
