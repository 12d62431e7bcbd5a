"""A compiled query: its root fields, and what becomes of their rows.

Anything unexpected (a null where none may be, a failing loader, an error of a root field) raises, and the operation is
executed the stock way: a plan has only the answers without errors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import FieldNode, GraphQLField
from graphql.execution.values import VariableValues

from gql.execution.levels import Levels
from gql.execution.render import Branch
from gql.execution.run import Run, side_by_side


@dataclass(frozen=True, slots=True)
class RootField:
    """A field of the query type: resolved by its own resolver, permissions included."""

    key: str
    resolve: Callable[..., Any]
    nodes: list[FieldNode]
    arguments: Callable[[VariableValues], Mapping[str, Any]]
    definition: GraphQLField
    branch: Branch


class Plan:
    """A compiled query operation."""

    def __init__(self, fields: Sequence[RootField | tuple[str, str]]) -> None:
        self._fields = fields
        self._roots = [field for field in fields if isinstance(field, RootField)]

    async def run(self, run: Run) -> dict[str, Any]:
        """The data. Raises whatever stands in the way of an answer without errors."""
        values = await side_by_side(lambda root: self._root(root, run), self._roots)
        levels = Levels(run)
        ready = [levels.branch(root.branch, [value]) for root, value in zip(self._roots, values, strict=True)]
        await levels.finish()
        rendered = iter(ready)
        return dict(
            (field.key, next(rendered).column()[0]) if isinstance(field, RootField) else field for field in self._fields
        )

    @staticmethod
    async def _root(root: RootField, run: Run) -> Any:
        value = root.resolve(None, run.info(root), **root.arguments(run.variables))
        return await value if isawaitable(value) else value
