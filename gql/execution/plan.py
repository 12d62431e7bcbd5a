"""A compiled operation: its root fields, and what becomes of their values where nothing goes wrong.

Anything unexpected beneath a root field (a null where none may be, a failing loader) raises: a plan renders only what
has no error, and `gql.execution.careful` does the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, NamedTuple

from graphql import FieldNode, GraphQLField, GraphQLNonNull, GraphQLObjectType

from gql.execution.answers import Answer, failed
from gql.execution.asking import Ask
from gql.execution.levels import Levels
from gql.execution.render import Branch
from gql.execution.run import Run


@dataclass(frozen=True, slots=True)
class RootField:
    """A field of a root type: asked once, permissions included."""

    key: str
    ask: Ask
    nodes: list[FieldNode]
    """Without what is selected beneath."""
    definition: GraphQLField
    branch: Branch

    async def resolved(self, run: Run, info: Callable[["RootField"], Any]) -> "Resolved":
        """Ask the resolver, once, since it may have effects: a look-up is recorded, a mutation changes something.

        `info` tells what it may learn of the operation.
        """
        try:
            value = self.ask(run, lambda: info(self))
            value = await value if isawaitable(value) else value
        except Exception as error:  # told as the field's
            return Resolved(self, None, error)
        return Resolved(self, value, value if isinstance(value, Exception) else None)


class Resolved(NamedTuple):
    """What a root field's resolver came to."""

    field: RootField
    value: Any
    error: Exception | None = None

    def failed(self) -> Answer:
        """The answer of a field whose resolver failed: before anything beneath another root field could."""
        assert self.error is not None  # noqa: S101 - the caller's to know
        answer = failed(self.error, self.field.nodes, -1)
        return answer if isinstance(self.field.definition.type, GraphQLNonNull) else answer.caught()


@dataclass(frozen=True, slots=True)
class NotPlanned:
    """A root field that only graphql-core's executor answers."""

    key: str


class Plan:
    """A compiled operation on one root type."""

    def __init__(self, root: GraphQLObjectType, fields: Sequence[RootField | tuple[str, str] | NotPlanned]) -> None:
        self.root = root
        self.fields = [field for field in fields if not isinstance(field, NotPlanned)]
        """In the answer's order; of `__typename` its key and value."""
        self.roots = [field for field in self.fields if isinstance(field, RootField)]
        self.is_whole = len(self.fields) == len(fields)
        self.branches: Mapping[str, Branch] = {field.key: field.branch for field in self.roots}
        """How each root field's value is rendered, by response key."""


async def rendered(run: Run, resolved: Sequence[Resolved]) -> list[Any]:
    """What becomes of root fields' values. Raises whatever stands in the way of an answer without errors."""
    levels = Levels(run)
    ready = [levels.open(each.field.branch, [each.value]) for each in resolved]
    await levels.finish()
    return [branch.column()[0] for branch in ready]
