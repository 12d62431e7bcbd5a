"""The schema as a whole: described, declared in one of four ways, guarded by default, and as it is on disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    is_introspection_type,
    is_specified_scalar_type,
)

from gql.domain.roles import CustomerField
from gql.execution.declarations import Column, Root, declaration_of
from gql.schema.access import undeclared
from gql.schema.assembly import build_schema

ROOT = Path(__file__).parents[2]
ROOTS = ("Query", "Mutation", "Subscription")
SCHEMA = build_schema()._schema
OURS = {
    name: kind
    for name, kind in SCHEMA.type_map.items()
    if not is_introspection_type(kind) and not is_specified_scalar_type(kind)
}
SHOWN_TO_WHOEVER_SEES_THE_CUSTOMER = {
    "id",
    "number",
    "displayName",
    "status",
    "office",
    "accountManager",
    "access",
    "viewerActions",
}
GUARDED = {"Customer": {field.value for field in CustomerField} - {"loansInArrears"}}
GUARDED |= {
    "Admin": {"roles", "status", "bookSize", "bookStatistics", "coversGiven", "coversHeld"},
    "Group": {"members", "formerMembers", "statistics", "proposedRemovals", "reviews"},
}


def _fields(kind: type[GraphQLObjectType] | type[GraphQLInterfaceType]) -> Iterator[tuple[str, str, GraphQLField]]:
    for name, ours in OURS.items():
        if isinstance(ours, kind):
            for field_name, field in ours.fields.items():
                yield name, field_name, field


def _described() -> Iterator[tuple[str, str | None]]:
    """Everything in the schema that can have a description."""
    for name, kind in OURS.items():
        yield name, kind.description
        if isinstance(kind, GraphQLEnumType):
            yield from ((f"{name}.{value}", definition.description) for value, definition in kind.values.items())
        if isinstance(kind, GraphQLInputObjectType):
            yield from ((f"{name}.{field}", definition.description) for field, definition in kind.fields.items())
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, of_object in kind.fields.items():
                yield f"{name}.{field}", of_object.description
                yield from ((f"{name}.{field}({arg})", a.description) for arg, a in of_object.args.items())


def test_the_schema_on_disk_is_the_present_one() -> None:
    """`make schema` writes it anew."""
    assert (ROOT / "schema.graphql").read_text().strip() == build_schema().as_str().strip()


def test_everything_has_a_description_that_says_something() -> None:
    poor = [name for name, description in _described() if len((description or "").strip()) <= 10]
    assert poor == []


def test_descriptions_do_not_merely_repeat_the_name() -> None:
    """Letters alone are compared: "The group ID." says no more of `groupId` than its name does."""

    def letters(text: str) -> str:
        return "".join(c for c in text.lower().removeprefix("the ").removeprefix("a ") if c.isalpha())

    empty = [name for name, text in _described() if letters(text or "") == letters(name.rpartition(".")[2])]
    assert empty == []


def test_every_field_declares_who_may_read_it() -> None:
    """By a guard, by its type's `open_to`, or as a root field; `gql/schema/access.py` says what to do about others."""
    assert undeclared(SCHEMA) == []


def test_root_fields_are_roots_and_no_others_are() -> None:
    roots = {(of, name) for of, name, field in _fields(GraphQLObjectType) if isinstance(declaration_of(field), Root)}
    assert roots == {(of, name) for of, name, _ in _fields(GraphQLObjectType) if of in ROOTS}


@pytest.mark.parametrize(("of", "guarded"), GUARDED.items())
def test_what_can_be_withheld_is_guarded_and_nullable(of: str, guarded: set[str]) -> None:
    fields = {name: field for owner, name, field in _fields(GraphQLObjectType) if owner == of}
    with_guard = {name for name, field in fields.items() if getattr(declaration_of(field), "guard", None)}
    assert with_guard == guarded
    for name in guarded:
        assert not str(fields[name].type).endswith("!"), name


def test_a_customers_field_is_withheld_from_a_limited_view_unless_it_is_of_the_outline() -> None:
    """So that a field which is added later does not show more than was decided."""
    fields = {name for of, name, _ in _fields(GraphQLObjectType) if of == "Customer"}
    assert fields == SHOWN_TO_WHOEVER_SEES_THE_CUSTOMER | GUARDED["Customer"]


def test_no_guarded_field_passes_for_a_basic_one() -> None:
    """A guarded attribute looks like any other to an executor that reads attributes directly, but for this."""
    guarded_columns = basic_columns = 0
    for of, name, field in _fields(GraphQLObjectType):
        declaration, definition = declaration_of(field), field.extensions["strawberry-definition"]
        guarded = getattr(declaration, "guard", None) is not None
        assert not (guarded and definition.is_basic_field), f"{of}.{name}"
        if isinstance(declaration, Column):
            guarded_columns += guarded
            basic_columns += definition.is_basic_field
    assert guarded_columns >= 7
    assert basic_columns >= 50
