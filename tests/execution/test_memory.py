"""What is kept of a document is freed with it: clients send ever new ones, and the collector seldom runs."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from graphql import OperationDefinitionNode, get_variable_values, parse

from gql.execution.compiler import compile_operation
from gql.execution.render import ObjectRenderer
from gql.schema.assembly import build_schema

SCHEMA = build_schema()._schema
QUERY = """
    query { customers(first: 5) {
        edges { cursor node { number office { name } access { level } viewerActions { action } } }
        pageInfo { endCursor }
    } }
"""


@pytest.fixture
def without_collector() -> Iterator[None]:
    """Nothing but reference counts frees memory in this test."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_collector")
def test_a_plan_that_was_used_is_freed_when_it_is_given_up() -> None:
    """Its generated functions included: they once kept themselves alive."""
    [operation] = parse(QUERY).definitions
    assert isinstance(operation, OperationDefinitionNode)
    variables = get_variable_values(SCHEMA, operation.variable_definitions or (), {})
    assert not isinstance(variables, list)
    plan = compile_operation(SCHEMA, operation, {}, variables)
    page = plan.branches["customers"].below
    assert isinstance(page, ObjectRenderer)
    functions = [weakref.ref(made) for made in _used(page)]
    assert len(functions) > 1
    del plan, page
    assert [function for function in functions if function() is not None] == []


def _used(renderer: ObjectRenderer) -> list[object]:
    """The functions that rendering makes, of the selection and of those beneath."""
    below = [branch.below for branch in renderer.branches if isinstance(branch.below, ObjectRenderer)]
    return [*renderer.functions, *(made for each in below for made in _used(each))]
