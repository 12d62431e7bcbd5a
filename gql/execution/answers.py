"""Values with what went wrong beneath them, and how far up each failure takes null, as the specification has it under
"Handling Execution Errors".

Paths are relative, so that an answer that several rows share is made once: whoever puts it somewhere adds the way
there.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from graphql import FieldNode, GraphQLError, located_error

Key = str | int


class Failure(NamedTuple):
    """An error of a field, or of an item of its list."""

    error: Exception
    nodes: Sequence[FieldNode]
    """The field's, all that were merged into it: an error tells the place of each."""
    level: int
    """How many loaders were waited for before it; less than 0 where the root field itself failed."""
    path: tuple[Key, ...] = ()
    """From the value that has the failure beneath it."""

    def below(self, key: Key) -> "Failure":
        """The same, from the object or list that has that value at the key."""
        return self._replace(path=(key, *self.path))

    def located(self) -> GraphQLError:
        """The error as clients are told it, with its place in the document and in the answer."""
        return located_error(self.error, self.nodes, self.path)


class Answer(NamedTuple):
    """A value and the failures beneath it, in the order of their places in the answer."""

    value: Any
    failures: Sequence[Failure] = ()
    bubbling: Failure | None = None
    """The one of them for which this value may not be null: whatever holds the value is null, or bubbles in turn."""

    def caught(self) -> "Answer":
        """The answer of a position that may be null."""
        return self if self.bubbling is None else Answer(None, self.failures)


Part = tuple[Key, Answer]
"""A field of an object or an item of a list."""


class Result(NamedTuple):
    """What an operation, or an event, came to. Errors are made as they are asked for: few of them are told."""

    data: dict[str, Any] | None
    errors: Iterable[GraphQLError] = ()


def failed(error: Exception, nodes: Sequence[FieldNode], level: int) -> Answer:
    """Of a position that has no value: its failure bubbles, unless the position catches it."""
    failure = Failure(error, nodes, level)
    return Answer(None, (failure,), failure)


def gathered(value: Any, parts: Sequence[Part]) -> Answer:
    """The object or list that is made of these parts.

    Of several parts that bubble, the one counts that failed first: by level, and then by its place. What would have
    failed on later levels is of no account, since the value was null by then.
    """
    bubbling = [answer.bubbling.level for _, answer in parts if answer.bubbling is not None]
    last = min(bubbling) if bubbling else None
    told: list[Failure] = []
    first: Failure | None = None
    for key, answer in parts:
        for failure in answer.failures:
            if last is not None and failure.level > last:
                continue
            below = failure.below(key)
            if failure is answer.bubbling:
                if first is not None:
                    continue
                first = below
            told.append(below)
    return Answer(value if first is None else None, told, first)


def in_turn(value: Any, parts: Sequence[Part]) -> Answer:
    """The same of parts each of which began when the one before had ended; none began after one that bubbles."""
    told = [failure.below(key) for key, answer in parts for failure in answer.failures]
    bubbling = next((answer.bubbling.below(key) for key, answer in parts if answer.bubbling is not None), None)
    return Answer(value if bubbling is None else None, told, bubbling)


def result(answer: Answer) -> Result:
    """Of a root type's answer, which is null where anything bubbles."""
    return Result(answer.value, (failure.located() for failure in answer.failures))
