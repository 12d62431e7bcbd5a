"""Subscriptions: where the events of one come from, and how each is answered: by plan, or else by graphql-core."""

from collections.abc import AsyncGenerator, Sequence
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema
from graphql.execution import Executor, create_source_event_stream
from graphql.execution.values import VariableValues

from gql.execution.answers import Result
from gql.execution.documents import Request
from gql.execution.executor import ShortCuts, execute_with
from gql.execution.planned import Planned
from gql.execution.syntax import Tree


class EventStream:
    """One subscription that is open. The context's loaders are renewed by its source, event by event."""

    def __init__(
        self,
        schema: GraphQLSchema,
        tree: Tree,
        planned: Planned,
        variables: VariableValues,
        request: Request,
        context: Any,
    ) -> None:
        self._planned = planned
        self._variables = variables
        self._context = context
        self._request = request
        self._schema = schema
        self._tree = tree
        self._source: Any = None

    async def open(self) -> Sequence[GraphQLError]:
        """Ask the root field for its events; why it refused, where it did."""
        request = self._request
        executor = Executor.build(
            self._schema,
            self._tree.document,
            context_value=self._context,
            raw_variable_values=dict(request.variables),
            operation_name=request.operation_name,
        )
        if isinstance(executor, list):
            return executor
        source = create_source_event_stream(executor)
        source = await source if isawaitable(source) else source
        if isinstance(source, ExecutionResult):
            return source.errors or ()
        self._source = source
        return ()

    async def results(self) -> AsyncGenerator[Result, None]:
        """The answer to each event. Raises what the source raises."""
        try:
            async for event in self._source:
                yield await self._answer(event)
        finally:
            await self._source.aclose()

    async def _answer(self, event: Any) -> Result:
        short_cuts = ShortCuts()
        result = await self._planned.event(event, self._variables, self._context, short_cuts)
        if result is not None:
            return result
        return await execute_with(
            short_cuts,
            self._schema,
            self._tree,
            root=event,
            context=self._context,
            variables=self._request.variables,
            operation=self._request.operation_name,
        )
