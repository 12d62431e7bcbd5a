"""A compiled operation: its root fields, and what becomes of their rows.

Anything unexpected (a null where none may be, a failing loader, an error of a root field) raises, and the field is
executed the stock way: a plan has only the answers without errors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, NamedTuple

from graphql import FieldNode, GraphQLField, GraphQLObjectType
from graphql.execution.values import VariableValues

from gql.execution.levels import Levels
from gql.execution.render import Branch
from gql.execution.run import Run, side_by_side


@dataclass(frozen=True, slots=True)
class RootField:
    """A field of a root type: resolved by its own resolver, permissions included."""

    key: str
    resolve: Callable[..., Any]
    nodes: list[FieldNode]
    """Without what is selected beneath."""
    arguments: Callable[[VariableValues], Mapping[str, Any]]
    definition: GraphQLField
    branch: Branch


class Resolved(NamedTuple):
    """What a root field's resolver came to. It is asked once, since it may have effects: a look-up is recorded."""

    value: Any
    error: Exception | None = None

    def get(self) -> Any:
        """The value. Raises what the resolver raised."""
        if self.error is not None:
            raise self.error
        return self.value


@dataclass(frozen=True, slots=True)
class NotPlanned:
    """A root field that only the stock executor answers."""

    key: str


class Plan:
    """A compiled operation on one root type."""

    def __init__(self, root: GraphQLObjectType, fields: Sequence[RootField | tuple[str, str] | NotPlanned]) -> None:
        self.root = root
        self._fields = [field for field in fields if not isinstance(field, NotPlanned)]
        self._roots = [field for field in self._fields if isinstance(field, RootField)]
        self.is_whole = len(self._fields) == len(fields)
        self.branches: Mapping[str, Branch] = {field.key: field.branch for field in self._roots}
        """How each root field's value is rendered, by response key."""

    async def run(self, run: Run, info: Callable[[RootField], Any], resolved: dict[str, Resolved]) -> dict[str, Any]:
        """The data of a whole plan of a query; `info` is what a root field's resolver learns of the operation.

        Puts what root fields came to into `resolved`. Raises whatever stands in the way of an answer without errors.
        """

        async def resolve(root: RootField) -> None:
            try:
                value = root.resolve(None, info(root), **root.arguments(run.variables))
                resolved[root.key] = Resolved(await value if isawaitable(value) else value)
            except Exception as error:  # told once the others have come to something, too
                resolved[root.key] = Resolved(None, error)

        await side_by_side(resolve, self._roots)
        return await self._rendered(run, [resolved[root.key].get() for root in self._roots])

    async def event(self, run: Run, event: Any) -> dict[str, Any]:
        """A subscription's data for one event, which is its only root field's value."""
        return await self._rendered(run, [event])

    async def _rendered(self, run: Run, values: Sequence[Any]) -> dict[str, Any]:
        levels = Levels(run)
        ready = [levels.branch(root.branch, [value]) for root, value in zip(self._roots, values, strict=True)]
        await levels.finish()
        rendered = iter(ready)
        return dict(
            (field.key, next(rendered).column()[0]) if isinstance(field, RootField) else field for field in self._fields
        )
