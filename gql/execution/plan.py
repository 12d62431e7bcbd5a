"""A compiled query: which values each level needs, and how its rows become JSON-ready dicts.

A selection handles all rows that reach it at once: values first, one loader call per loaded field, then one generated
function that makes the dicts. Anything unexpected (a null where none may be, a failing loader, an error of a root
field) raises, and the operation is executed the stock way: a plan has only the answers without errors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import FieldNode, GraphQLField
from graphql.execution.values import VariableValues

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

    async def run(self, run: Run) -> dict[str, Any]:
        """The data. Raises whatever stands in the way of an answer without errors."""
        roots = [f for f in self._fields if isinstance(f, RootField)]
        rendered = iter(await side_by_side(lambda root: self._root(root, run), roots) if roots else ())
        return dict((f.key, next(rendered)) if isinstance(f, RootField) else f for f in self._fields)

    @staticmethod
    async def _root(root: RootField, run: Run) -> Any:
        value = root.resolve(None, run.info(root), **root.arguments(run.variables))
        if isawaitable(value):
            value = await value
        [rendered] = await root.branch.load_and_render([value], run)
        return rendered
