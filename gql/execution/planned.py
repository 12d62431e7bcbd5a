"""Answer an operation by its plan, where there is one that covers all of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from graphql import GraphQLResolveInfo, GraphQLSchema, OperationType, SelectionSetNode
from graphql.execution.values import VariableValues
from graphql.pyutils import is_awaitable

from gql.execution.answering import Answering
from gql.execution.answers import Result
from gql.execution.collect import Collector, condition_variables
from gql.execution.compiler import compile_operation
from gql.execution.executor import ShortCuts
from gql.execution.plan import Plan, RootField
from gql.execution.run import Run
from gql.execution.selected import Selected, selected_fields
from gql.execution.syntax import OperationSyntax

MOST_VARIANTS: Final = 8
"""Plans of one operation, for different values of what its conditions ask; others are executed by graphql-core."""


class Planned:
    """One operation of a document, with the plans that were made of it so far."""

    def __init__(self, schema: GraphQLSchema, syntax: OperationSyntax) -> None:
        operation, fragments = syntax.parsed()
        self._schema = schema
        self._syntax = syntax
        self._bare = replace(operation, selection_set=SelectionSetNode(selections=()))
        self._conditions = condition_variables(operation, fragments.values())
        self._plans: dict[tuple[Any, ...], Plan] = {}

    async def answer(self, variables: VariableValues, context: Any, short_cuts: ShortCuts) -> Result | None:
        """A query's or mutation's result; None where no plan covers all of it.

        `short_cuts` then has what graphql-core's executor can still use of the plan, and why there is none.
        """
        answering = self._answering(variables, context, short_cuts)
        if answering is None:
            return None
        return await (answering.mutation() if self._bare.operation is OperationType.MUTATION else answering.query())

    async def event(self, event: Any, variables: VariableValues, context: Any, short_cuts: ShortCuts) -> Result | None:
        """A subscription's result for one event, in the same way."""
        answering = self._answering(variables, context, short_cuts)
        return None if answering is None else await answering.event(event)

    def _answering(self, variables: VariableValues, context: Any, short_cuts: ShortCuts) -> Answering | None:
        try:
            plan = self._plan(variables)
        except Exception as error:  # whatever it was, graphql-core's executor meets it too, and tells it
            short_cuts.given_up.append(error)
            return None
        if plan is None:
            return None
        short_cuts.branches = plan.branches
        if not plan.is_whole:
            return None
        return Answering(
            plan,
            lambda: Run(context, variables),
            lambda root: self._info(plan, root, variables, context),
            lambda: self._selected(plan, variables),
        )

    def _plan(self, variables: VariableValues) -> Plan | None:
        variant = tuple(variables.coerced.get(name) for name in self._conditions)
        if variant not in self._plans:
            if len(self._plans) >= MOST_VARIANTS:
                return None
            operation, fragments = self._syntax.parsed()
            self._plans[variant] = compile_operation(self._schema, operation, fragments, variables)
        return self._plans[variant]

    def _selected(self, plan: Plan, variables: VariableValues) -> Mapping[str, Selected]:
        operation, fragments = self._syntax.parsed()
        collector = Collector(self._schema, fragments, variables)
        return {field.key: field for field in selected_fields(collector, plan.root, [operation.selection_set])}

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
