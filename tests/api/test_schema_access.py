"""Which doors are closed to whom: every root field that there is, and the schema itself."""

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    get_introspection_query,
    get_named_type,
    is_required_argument,
)
from graphql.type import is_required_input_field

from gql.domain.ids import Kind
from gql.schema.assembly import build_schema
from tests.api.client import Api
from tests.api.reading import unknown
from tests.factories import World

OPEN_TO_ALL = {"signIn", "refreshSession", "requestPasswordReset", "resetPassword", "acceptInvitation"}
PROBES = ("{ __schema { queryType { name } } }", '{ __type(name: "Customer") { name } }', get_introspection_query())


def _root_fields(operation: str) -> dict[str, GraphQLField]:
    schema = build_schema()._schema
    root = schema.query_type if operation == "query" else schema.mutation_type
    assert root is not None
    fields: dict[str, GraphQLField] = root.fields
    return fields


def _document(operation: str, name: str, field: GraphQLField) -> str:
    """An operation of that field alone, with something for each argument that it requires."""
    given = [f"{arg}: {_literal(str(a.type), a.type)}" for arg, a in field.args.items() if is_required_argument(a)]
    arguments = f"({', '.join(given)})" if given else ""
    return f"{operation} {{ {name}{arguments} {{ __typename }} }}"


def _literal(kind: str, declared: object) -> str:
    if kind.startswith("["):
        return "[]"
    named = get_named_type(declared)  # type: ignore[call-overload]
    if isinstance(named, GraphQLInputObjectType):
        fields = {name: field for name, field in named.fields.items() if is_required_input_field(field)}
        if named.is_one_of:
            fields = dict([next(iter(named.fields.items()))])
        return "{" + ", ".join(f"{name}: {_literal(str(f.type), f.type)}" for name, f in fields.items()) + "}"
    if isinstance(named, GraphQLEnumType):
        values: list[str] = list(named.values)
        return values[0]
    if named.name == "DateTime":
        return '"2026-01-05T09:00:00Z"'
    return "1" if named.name in ("Int", "BigInt") else f'"{unknown(Kind.CUSTOMER)}"'


async def test_every_root_field_but_signing_in_is_closed_to_nobody(api: Api) -> None:
    closed = {"query": set[str](), "mutation": set[str]()}
    for operation, names in closed.items():
        for name, field in _root_fields(operation).items():
            answer = await api.anonymous.answer(_document(operation, name, field))
            codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
            if codes == ["UNAUTHENTICATED"]:
                assert answer["data"] in (None, {name: None})
                names.add(name)
    assert closed["query"] == set(_root_fields("query"))
    assert closed["mutation"] == set(_root_fields("mutation")) - OPEN_TO_ALL


@pytest.mark.parametrize("probe", PROBES, ids=["__schema", "__type", "whole"])
async def test_the_schema_is_for_admins(probe: str, api: Api, world: World) -> None:
    admin, customer = await world.admin(), await world.customer()
    assert await api.anonymous.codes(probe) == ["UNAUTHENTICATED"]
    assert await (await api.sign_in(customer)).codes(probe) == ["FORBIDDEN"]
    assert await (await api.sign_in(admin)).codes(probe) == []


async def test_the_schema_does_not_hide_behind_a_fragment_or_another_field(api: Api) -> None:
    for probe in (
        "{ ...F } fragment F on Query { __schema { queryType { name } } }",
        "{ ... { __schema { queryType { name } } } }",
        "{ __typename also: __schema { types { name } } }",
    ):
        answer = await api.anonymous.answer(probe)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
        assert not answer.get("data")


async def test_a_misspelt_field_is_not_put_right_for_those_who_may_not_read_the_schema(api: Api, world: World) -> None:
    misspelt = "{ custmers { totalCount } }"
    [hint] = (await (await api.sign_in(await world.admin())).answer(misspelt))["errors"]
    assert "customers" in hint["message"]
    for client in (api.anonymous, await api.sign_in(await world.customer())):
        [error] = (await client.answer(misspelt))["errors"]
        assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert "customers" not in error["message"]


async def test_typename_is_free(api: Api) -> None:
    assert await api.anonymous.data("{ __typename }") == {"__typename": "Query"}


async def test_an_admin_without_any_role_sees_the_house_and_nobody_in_it(api: Api, world: World) -> None:
    await world.customers(2)
    client = await api.sign_in(await world.admin(name="Nobody Special"))
    data = await client.data("{ customers { totalCount } admins { totalCount } offices { totalCount } }")
    assert data == {"customers": {"totalCount": 0}, "admins": {"totalCount": 1}, "offices": {"totalCount": 1}}
    for field in ("groups { totalCount }", f'group(id: "{unknown(Kind.GROUP)}") {{ id }}'):
        assert await client.codes(f"{{ {field} }}") == ["FORBIDDEN"]
    office = unknown(Kind.OFFICE)
    assert await client.codes(f'{{ assignableManagers(officeId: "{office}") {{ totalCount }} }}') == ["FORBIDDEN"]
