"""graphql-core's executor with short cuts: for operations that plans don't cover whole, such as introspection.

The value of a root field is rendered by its plan where that has no error; the plain leaves of a row are read at once,
and other declared fields without a resolver's detour. Whatever goes wrong on a short cut is done again the long way,
which says what is wrong, and where.
"""

import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any, TypeGuard

from graphql import (
    ExecutionResult,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    execute,
)
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.pyutils import Path

from gql.execution.answers import Result
from gql.execution.direct import direct_resolvers
from gql.execution.levels import Levels
from gql.execution.plain import GroupedFields, Plain, PlainLeaves
from gql.execution.render import Branch
from gql.execution.run import Run
from gql.execution.syntax import Tree

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class ShortCuts:
    """What is known of one execution beforehand, and what became of it."""

    branches: Mapping[str, Branch] = field(default_factory=dict)
    """How root fields are rendered, by response key."""
    plain: PlainLeaves = field(default_factory=PlainLeaves)
    """Those of the tree that is executed."""
    given_up: list[Exception] = field(default_factory=list)
    """Why there was no plan, or no short cut."""


def _is_awaitable(value: Any) -> TypeGuard[Awaitable[Any]]:
    """graphql-core asks this of each value. Its own also finds coroutines that are generators, as nobody writes now."""
    return hasattr(value, "__await__")


async def execute_with(
    short_cuts: ShortCuts,
    schema: GraphQLSchema,
    tree: Tree,
    *,
    root: Any,
    context: Any,
    variables: Mapping[str, Any],
    operation: str | None,
) -> Result:
    """Execute an operation by graphql-core, with these short cuts. `root` is None, or the event of a subscription."""
    short_cuts.plain = tree.plain
    running = execute(
        schema,
        tree.document,
        root_value=root,
        context_value=context,
        variable_values=dict(variables),
        operation_name=operation,
        executor_class=ShortCutExecutor,
        middleware=direct_resolvers(schema),
        is_awaitable=_is_awaitable,
        short_cuts=short_cuts,
    )
    result: ExecutionResult = await running if isawaitable(running) else running
    if not result.errors and short_cuts.given_up:
        failures = sorted({type(failure).__qualname__ for failure in short_cuts.given_up})
        _log.error("a short cut failed where the long way did not: %s", ", ".join(failures))
    return Result(result.data, result.errors or ())


class ShortCutExecutor(ExecutorThrowingOnIncremental):
    """Takes them. One execution's, as graphql-core has it."""

    def __init__(self, *args: Any, short_cuts: ShortCuts, **options: Any) -> None:
        super().__init__(*args, **options)
        self._short_cuts = short_cuts
        self._selections: dict[tuple[GraphQLObjectType, int], tuple[GroupedFields, Plain, GroupedFields]] = {}

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFields,
        position_context: None,
    ) -> Any:
        """Make one object's dict: its plain leaves at once, the rest field by field."""
        stock = super().execute_fields
        if path is None:
            return stock(parent_type, source_value, path, grouped_field_set, position_context)
        plain, others = self._split(parent_type, grouped_field_set)
        try:
            made = plain.make(source_value, self.context_value)
        except Exception as error:  # whatever it was, the long way meets it too
            self._short_cuts.given_up.append(error)
            return stock(parent_type, source_value, path, grouped_field_set, position_context)
        if not others:
            return made
        rest: Any = stock(parent_type, source_value, path, others, position_context)
        return _together(made, rest) if self.is_awaitable(rest) else made | rest

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
        ready = levels.open(branch, [value])
        await levels.finish()
        return ready.column()[0]

    def _split(self, parent: GraphQLObjectType, fields: GroupedFields) -> tuple[Plain, GroupedFields]:
        """A selection's plain leaves, and its other fields. Looked for once an execution: rows share the selection."""
        key = parent, id(fields)
        if key not in self._selections:
            plain = self._short_cuts.plain.of(parent, fields)
            others = {name: details for name, details in fields.items() if name in plain.others}
            self._selections[key] = fields, plain, others  # with the fields, so that their id stays theirs
        return self._selections[key][1:]


async def _together(made: dict[str, Any], rest: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    return made | await rest
