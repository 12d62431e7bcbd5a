"""graphql-core's executor with short cuts: for what plans don't answer, which is mutations, introspection and errors.

The value of a root field is rendered by its plan where that has no error; plain leaves are read without a resolver's
detour. Whatever goes wrong on a short cut is done again the long way, which says what is wrong, and where.
"""

import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    execute,
    get_named_type,
    is_leaf_type,
)
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.pyutils import Path

from gql.execution.declarations import Column, Computed, declaration_of
from gql.execution.leaves import Complete, completer
from gql.execution.levels import Levels
from gql.execution.plan import Resolved
from gql.execution.read import reader
from gql.execution.render import Branch, Value
from gql.execution.run import Run

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class ShortCuts:
    """What is known of one execution beforehand, and what became of it."""

    branches: Mapping[str, Branch] = field(default_factory=dict)
    """How root fields are rendered, by response key."""
    resolved: Mapping[str, Resolved] = field(default_factory=dict)
    """Root fields that a plan has resolved before it gave way: they are not resolved again."""
    given_up: list[Exception] = field(default_factory=list)
    """Why plans gave way."""


_Leaf = tuple[Value, Complete]


async def execute_with(
    short_cuts: ShortCuts,
    schema: GraphQLSchema,
    document: DocumentNode,
    *,
    root: Any,
    context: Any,
    variables: Mapping[str, Any],
    operation: str | None,
) -> ExecutionResult:
    """Execute an operation by graphql-core, with these short cuts. `root` is None, or the event of a subscription."""
    running = execute(
        schema,
        document,
        root_value=root,
        context_value=context,
        variable_values=dict(variables),
        operation_name=operation,
        executor_class=ShortCutExecutor,
        short_cuts=short_cuts,
    )
    result: ExecutionResult = await running if isawaitable(running) else running
    if not result.errors and short_cuts.given_up:
        failures = sorted({type(failure).__qualname__ for failure in short_cuts.given_up})
        _log.error("a plan failed where the stock executor did not: %s", ", ".join(failures))
    return result


class ShortCutExecutor(ExecutorThrowingOnIncremental):
    """Takes them. One execution's, as graphql-core has it."""

    def __init__(self, *args: Any, short_cuts: ShortCuts, **options: Any) -> None:
        super().__init__(*args, **options)
        self._short_cuts = short_cuts
        self._leaves: dict[tuple[GraphQLObjectType, str], _Leaf | None] = {}

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: Any,
        path: Path,
        position_context: None,
    ) -> Any:
        """Resolve and complete one field."""
        name = field_details_list[0].node.name.value
        if path.prev is None:
            if path.key in self._short_cuts.resolved:
                return self._complete_resolved(parent_type, name, field_details_list, path)
        else:
            leaf = self._leaf(parent_type, name)
            if leaf is not None:
                value, complete = leaf
                try:
                    return complete(value(source, self.context_value))
                except Exception as error:  # whatever it was, the long way meets it too
                    self._short_cuts.given_up.append(error)
        return super().execute_field(parent_type, source, field_details_list, path, position_context)

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: None,
    ) -> Any:
        """Complete a value of the return type, or of a type within it."""
        of_root_field = path.prev is None and return_type is info.return_type
        branch = self._short_cuts.branches.get(str(path.key)) if of_root_field else None
        stock = super().complete_value
        if branch is None:
            return stock(return_type, field_details_list, info, path, result, position_context)

        async def by_plan() -> Any:
            try:
                return await self._rendered(branch, result)
            except Exception as error:  # whatever it was, the long way meets it too
                self._short_cuts.given_up.append(error)
            completed = stock(return_type, field_details_list, info, path, result, position_context)
            return await completed if self.is_awaitable(completed) else completed

        return by_plan()

    async def _rendered(self, branch: Branch, value: Any) -> Any:
        levels = Levels(Run(self.context_value, self.variable_values))
        ready = levels.branch(branch, [value])
        await levels.finish()
        return ready.column()[0]

    def _complete_resolved(
        self, parent_type: GraphQLObjectType, name: str, field_details_list: Any, path: Path
    ) -> Awaitable[Any]:
        definition = parent_type.fields[name]
        nodes = [details.node for details in field_details_list]
        info = self.build_resolve_info(definition, nodes, parent_type, path)

        async def resolved() -> Any:
            return self._short_cuts.resolved[str(path.key)].get()

        return self.complete_awaitable_value(definition.type, field_details_list, info, path, resolved(), None)

    def _leaf(self, parent_type: GraphQLObjectType, name: str) -> _Leaf | None:
        """How a plain leaf is read, guard included; None for any other field."""
        key = parent_type, name
        if key not in self._leaves:
            definition = parent_type.fields.get(name)
            declaration = None if definition is None else declaration_of(definition)
            self._leaves[key] = None
            if (
                definition is not None
                and isinstance(declaration, Column | Computed)
                and is_leaf_type(get_named_type(definition.type))
            ):
                self._leaves[key] = reader(definition, declaration), completer(definition.type)
        return self._leaves[key]
