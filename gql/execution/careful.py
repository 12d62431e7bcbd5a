"""The careful walk: an operation's answer where something in it goes wrong, field by field, with every error's place.

Plans run as if nothing could fail. Where something does, the values that they have loaded are walked once more, from
the root fields' values down, as the specification's CompleteValue has it: each failure is kept where it arose, and
takes null up to the nearest position that may be null. What is still to be loaded is loaded level by level, as plans
do it. Where graphql-core has a message, it is told in the same words.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from graphql import GraphQLError, GraphQLList, GraphQLNonNull, GraphQLOutputType, is_leaf_type
from graphql.pyutils import inspect, is_iterable

from gql.execution.answers import Answer, Part, failed, gathered
from gql.execution.declarations import Loaded
from gql.execution.run import Failed, LoadersFailed, Run
from gql.execution.selected import Selected

_NULL = Answer(None)


class CarefulWalk:
    """One walk over one run's values. No root field is resolved, and no loader asked again for what it has answered."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._is_waiting = False
        self._shared: dict[tuple[Selected, Hashable], Answer] = {}

    async def answers(self, roots: Sequence[tuple[Selected, Any]]) -> list[Answer]:
        """Of root fields with their values."""
        while True:
            answers = [self._position(field, field.definition.type, value, 0) for field, value in roots]
            if not self._is_waiting:
                return answers
            # What has been found so far is incomplete, and found again with the values of one more level.
            self._is_waiting = False
            self._shared.clear()
            with suppress(LoadersFailed):
                await self._run.load()

    def _position(self, field: Selected, of_type: GraphQLOutputType, value: Any, level: int) -> Answer:
        """Of a field or of a list's item: where it may be null, no failure goes further up."""
        is_nullable = not isinstance(of_type, GraphQLNonNull)
        try:
            answer = self._completed(field, of_type, value, level)
        except Exception as error:  # whatever it was, it is this position's failure
            answer = failed(error, field.nodes, level)
        return answer.caught() if is_nullable else answer

    def _completed(self, field: Selected, of_type: GraphQLOutputType, value: Any, level: int) -> Answer:
        if isinstance(value, Exception):
            raise value
        if isinstance(of_type, GraphQLNonNull):
            if value is None:
                raise TypeError(f"Cannot return null for non-nullable field {field.parent}.{field.name}.")
            of_type = of_type.of_type
        if value is None:
            return _NULL
        if isinstance(of_type, GraphQLList):
            return self._list(field, of_type, value, level)
        return Answer(_leaf(of_type, value)) if is_leaf_type(of_type) else self._object(field, value, level)

    def _list(self, field: Selected, of_type: GraphQLList[Any], values: Any, level: int) -> Answer:
        if not is_iterable(values):
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{field.parent}.{field.name}'.")
        items = enumerate(values)
        parts = _until_null(
            ((number, self._position(field, of_type.of_type, item, level)) for number, item in items), level
        )
        return gathered([answer.value for _, answer in parts], parts)

    def _object(self, field: Selected, row: Any, level: int) -> Answer:
        object_type = field.object_type(row)
        parts = _until_null(((below.key, self._field(below, row, level)) for below in field.below(object_type)), level)
        return gathered({key: answer.value for key, answer in parts}, parts)

    def _field(self, field: Selected, row: Any, level: int) -> Answer:
        if field.name == "__typename":
            return Answer(field.parent.name)
        if isinstance(field.declaration, Loaded):
            return self._loaded(field, field.declaration, row, level)
        of_type = field.definition.type
        try:
            value = field.value(row, self._run.context)
        except Exception as error:  # told by the position
            value = error
        return self._position(field, of_type, value, level)

    def _loaded(self, field: Selected, declaration: Loaded, row: Any, level: int) -> Answer:
        of_type = field.definition.type
        try:
            key = self._key(field, declaration, row)
            if key is None:
                return self._position(field, of_type, None, level)
            known = self._run.want(field.source, (key,))
        except Exception as error:  # told by the position
            return self._position(field, of_type, error, level)
        if key not in known:
            self._is_waiting = True
            return _NULL
        answer = self._shared.get((field, key))
        if answer is None:
            value = known[key]
            value = value.error if isinstance(value, Failed) else value
            answer = self._shared[field, key] = self._position(field, of_type, value, level + 1)
        return answer

    def _key(self, field: Selected, declaration: Loaded, row: Any) -> Hashable | None:
        field.arguments  # noqa: B018 - malformed ones are told of fields that nobody may read, too
        if declaration.guard is not None and not declaration.guard(row, self._run.context):
            return None
        return declaration.key(row)


def _until_null(parts: Iterable[Part], level: int) -> list[Part]:
    """The parts up to the first that makes null of the whole before anything more is loaded."""
    return list(_taken(iter(parts), level))


def _taken(parts: Iterator[Part], level: int) -> Iterator[Part]:
    for part in parts:
        yield part
        bubbling = part[1].bubbling
        if bubbling is not None and bubbling.level <= level:
            return


def _leaf(of_type: Any, value: Any) -> Any:
    completed = of_type.coerce_output_value(value)
    if completed is None:
        coercion = f"{inspect(of_type)}.coerce_output_value({inspect(value)})"
        raise TypeError(f"Expected `{coercion}` to return non-nullable value, returned: None")
    return completed
