"""Answer an operation by its plan, where there is one and nothing stands in its way."""

from dataclasses import replace
from typing import Any, Final

from graphql import GraphQLResolveInfo, GraphQLSchema, OperationType, SelectionSetNode
from graphql.execution.values import VariableValues
from graphql.pyutils import is_awaitable

from gql.execution.collect import condition_variables
from gql.execution.compiler import compile_operation
from gql.execution.executor import ShortCuts
from gql.execution.plan import Plan, Resolved, RootField
from gql.execution.run import Run
from gql.execution.syntax import OperationSyntax

MOST_VARIANTS: Final = 8
"""Plans of one operation, for different values of what its conditions ask; others are executed the stock way."""


class Planned:
    """One operation of a document, with the plans that were made of it so far."""

    def __init__(self, schema: GraphQLSchema, syntax: OperationSyntax) -> None:
        operation, fragments = syntax.parsed()
        self._schema = schema
        self._syntax = syntax
        self._bare = replace(operation, selection_set=SelectionSetNode(selections=()))
        self._conditions = condition_variables(operation, fragments.values())
        self._plans: dict[tuple[Any, ...], Plan] = {}

    async def data(self, variables: VariableValues, context: Any, short_cuts: ShortCuts) -> dict[str, Any] | None:
        """A query's data; None where its plan gave way, or doesn't cover all of it.

        `short_cuts` then has what the stock executor can still use of the plan, and why it gave way.
        """
        try:
            plan = self._plan(variables)
            if plan is None:
                return None
            short_cuts.branches = plan.branches
            if self._bare.operation is not OperationType.QUERY or not plan.is_whole:
                return None
            resolved: dict[str, Resolved] = {}
            short_cuts.resolved = resolved
            run = Run(context, variables)
            return await plan.run(run, lambda root: self._info(plan, root, variables, context), resolved)
        except Exception as error:  # whatever it was, the stock executor meets it too, and tells it
            short_cuts.given_up.append(error)
        return None

    async def event(
        self, event: Any, variables: VariableValues, context: Any, short_cuts: ShortCuts
    ) -> dict[str, Any] | None:
        """A subscription's data for one event; None where its plan gave way, or there is none."""
        try:
            plan = self._plan(variables)
            return await plan.event(Run(context, variables), event) if plan is not None and plan.is_whole else None
        except Exception as error:  # whatever it was, the stock executor meets it too, and tells it
            short_cuts.given_up.append(error)
        return None

    def _plan(self, variables: VariableValues) -> Plan | None:
        variant = tuple(variables.coerced.get(name) for name in self._conditions)
        if variant not in self._plans:
            if len(self._plans) >= MOST_VARIANTS:
                return None
            operation, fragments = self._syntax.parsed()
            self._plans[variant] = compile_operation(self._schema, operation, fragments, variables)
        return self._plans[variant]

    def _info(self, plan: Plan, root: RootField, variables: VariableValues, context: Any) -> GraphQLResolveInfo[Any]:
        """What a root field's resolver learns of the operation: all but what is selected, as no tree is kept."""
        return GraphQLResolveInfo(
            field_name=root.nodes[0].name.value,
            field_nodes=root.nodes,
            return_type=root.definition.type,
            parent_type=plan.root,
            path=None,  # type: ignore[arg-type]
            schema=self._schema,
            fragments={},
            root_value=None,
            operation=self._bare,
            variable_values=variables,
            context=context,
            is_awaitable=is_awaitable,
            abort_signal=None,
            async_helpers=None,  # type: ignore[arg-type]
        )
