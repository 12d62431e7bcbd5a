"""Answer an operation by its plan, where there is one and nothing stands in its way."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import FragmentDefinitionNode, GraphQLResolveInfo, GraphQLSchema, OperationDefinitionNode
from graphql.execution.values import VariableValues
from graphql.pyutils import is_awaitable

from gql.execution.collect import condition_variables
from gql.execution.compiler import NotCompilable, compile_query
from gql.execution.plan import Plan, RootField
from gql.execution.run import Run

MOST_VARIANTS: Final = 8
"""Plans of one operation, for different values of what its conditions ask; others are executed the stock way."""


class Planned:
    """One operation of a document, with the plans that were made of it so far."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._fragments = dict(fragments)
        self._conditions = condition_variables(operation, self._fragments.values())
        self._plans: dict[tuple[Any, ...], Plan | None] = {}

    async def data(self, variables: VariableValues, context: Any) -> dict[str, Any] | None:
        """The operation's data; None where there is no plan.

        Raises whatever the plan met that it has no answer for, a refusal of a root field for instance: the stock
        executor then says what was wrong, and where.
        """
        plan = self._plan(variables)
        if plan is None:
            return None
        return await plan.run(Run(context, variables, lambda root: self._info(root, variables, context)))

    def _plan(self, variables: VariableValues) -> Plan | None:
        variant = tuple(variables.coerced.get(name) for name in self._conditions)
        if variant not in self._plans:
            if len(self._plans) >= MOST_VARIANTS:
                return None
            self._plans[variant] = self._compile(variables)
        return self._plans[variant]

    def _compile(self, variables: VariableValues) -> Plan | None:
        try:
            return compile_query(self._schema, self._operation, self._fragments, variables)
        except NotCompilable:
            return None

    def _info(self, root: RootField, variables: VariableValues, context: Any) -> GraphQLResolveInfo[Any]:
        """What a root field's resolver learns of the operation."""
        parent = self._schema.query_type
        assert parent is not None  # noqa: S101 - or there would be no plan
        return GraphQLResolveInfo(
            field_name=root.nodes[0].name.value,
            field_nodes=root.nodes,
            return_type=root.definition.type,
            parent_type=parent,
            path=None,  # type: ignore[arg-type]
            schema=self._schema,
            fragments=self._fragments,
            root_value=None,
            operation=self._operation,
            variable_values=variables,
            context=context,
            is_awaitable=is_awaitable,
            abort_signal=None,
            async_helpers=None,  # type: ignore[arg-type]
        )
