"""One operation from text to answer: document cache → limits → validation → coercion → cost → plan or execution.

What can be known from the text alone is done once per text and kept in a bounded cache.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from itertools import islice
from typing import Any, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationType,
    get_variable_values,
)
from graphql.execution.values import VariableValues

from gql.execution.answers import Result
from gql.execution.documents import Documents, PreparedOperation, Request, RequestFailed, Stage
from gql.execution.executor import ShortCuts, execute_with
from gql.execution.limits import Limits
from gql.execution.subscriptions import EventStream

FormatError = Callable[[GraphQLError, Stage], dict[str, Any]]
"""Makes of an error what the client may know of it."""


Admit = Callable[[int], None]
"""Is told how many nodes an operation may return before it is executed. What it raises ends the request."""


class Outcome(NamedTuple):
    """The answer. `executed` is False where the request itself was wrong, and `data` then is absent.

    The payload is orjson's to write: moments may be `datetime`.
    """

    payload: dict[str, Any]
    executed: bool


class _Ready(NamedTuple):
    """An operation that may be executed."""

    operation: PreparedOperation
    variables: VariableValues


class Pipeline:
    """Runs operations against one schema. Not for threads: it belongs to one event loop."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        format_error: FormatError,
        *,
        documents: int = 48,
        trees: int = 8,
        most_errors: int = 5,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._format_error = format_error
        self._documents = Documents(schema, limits, documents, trees)
        self._most_errors = most_errors

    async def run(
        self, request: Request, context: Any, *, refuse_introspection: Exception | None, admit: Admit | None = None
    ) -> Outcome:
        """Answer one request. `refuse_introspection` is why this viewer may not introspect; None where they may.

        Raises what `admit` raises.
        """
        ready = self._ready(request, refuse_introspection, admit)
        if isinstance(ready, Outcome):
            return ready
        if ready.operation.kind is OperationType.SUBSCRIPTION:
            message = "Ask for a subscription over a WebSocket, or with `Accept: text/event-stream`."
            return self._refusal(ready.operation.refusal(message))
        short_cuts = ShortCuts()
        result = await ready.operation.planned.answer(ready.variables, context, short_cuts)
        if result is None:
            result = await execute_with(
                short_cuts,
                self._schema,
                ready.operation.syntax.tree(),
                root=None,
                context=context,
                variables=request.variables,
                operation=request.operation_name,
            )
        return Outcome(self._payload(result), executed=True)

    async def subscribe(
        self, request: Request, context: Any, *, refuse_introspection: Exception | None, admit: Admit | None = None
    ) -> Outcome | AsyncGenerator[dict[str, Any], None]:
        """The answers to a subscription, as long as it goes on; an Outcome where it doesn't begin.

        What its source raises is the last answer. Raises what `admit` raises.
        """
        ready = self._ready(request, refuse_introspection, admit)
        if isinstance(ready, Outcome):
            return ready
        if ready.operation.kind is not OperationType.SUBSCRIPTION:
            message = "Only subscriptions go on. Send queries and mutations by POST, and accept JSON."
            return self._refusal(ready.operation.refusal(message))
        tree, planned = ready.operation.syntax.tree(), ready.operation.planned
        stream = EventStream(self._schema, tree, planned, ready.variables, request, context)
        refused = await stream.open()
        if refused:
            return Outcome({"errors": self._told(refused)}, executed=False)
        return self._answers(stream)

    async def _answers(self, stream: EventStream) -> AsyncGenerator[dict[str, Any], None]:
        try:
            async with aclosing(stream.results()) as results:
                async for result in results:
                    yield self._payload(result)
        except Exception as error:  # of the source: told and masked as any error
            located = GraphQLError(str(error), original_error=error)
            yield {"errors": [self._format_error(located, Stage.EXECUTION)]}

    def _ready(self, request: Request, refuse_introspection: Exception | None, admit: Admit | None) -> _Ready | Outcome:
        """All that comes before execution."""
        try:
            prepared = self._documents.prepare(request, hide_suggestions=refuse_introspection is not None)
            operation = self._documents.select(prepared, request.operation_name)
            if prepared.introspects and refuse_introspection is not None:
                node, _ = operation.syntax.parsed()
                refusal = GraphQLError(str(refuse_introspection), node, original_error=refuse_introspection)
                raise RequestFailed([refusal], Stage.EXECUTION)
            variables = self._variables(operation, request.variables)
            nodes = self._nodes(operation, variables)
        except RecursionError:
            too_deep = GraphQLError("The document or its variables are nested too deeply.")
            return self._refusal(RequestFailed([too_deep], Stage.LIMITS))
        except RequestFailed as failure:
            return self._refusal(failure)
        if admit is not None:
            admit(nodes)
        return _Ready(operation, variables)

    def _refusal(self, failure: RequestFailed) -> Outcome:
        return Outcome({"errors": [self._format_error(error, failure.stage) for error in failure.errors]}, False)

    def _variables(self, operation: PreparedOperation, variables: Mapping[str, Any]) -> VariableValues:
        """The variables, coerced."""
        coerced = get_variable_values(
            self._schema,
            operation.variables,
            dict(variables),
            max_errors=5,
            hide_suggestions=True,
        )
        if isinstance(coerced, list):
            raise RequestFailed(coerced, Stage.VARIABLES)
        return coerced

    def _nodes(self, operation: PreparedOperation, variables: VariableValues) -> int:
        """How many nodes the operation may return, which the limit allows."""
        nodes = operation.cost.nodes(variables.coerced)
        if nodes > self._limits.nodes:
            most = self._limits.nodes
            message = f"The operation may return {nodes} nodes; at most {most} are allowed. Ask for smaller pages."
            raise RequestFailed([GraphQLError(message)], Stage.LIMITS)
        return nodes

    def _payload(self, result: Result) -> dict[str, Any]:
        errors = self._told(result.errors)
        return {"data": result.data, "errors": errors} if errors else {"data": result.data}

    def _told(self, errors: Iterable[GraphQLError]) -> list[dict[str, Any]]:
        return [self._format_error(error, _stage_of(error)) for error in islice(errors, self._most_errors)]


def _stage_of(error: GraphQLError) -> Stage:
    """VARIABLES where an argument got a value that only execution could refuse, such as null in place of a default."""
    original = error.original_error
    of_the_library = original is None or isinstance(original, GraphQLError)
    return Stage.VARIABLES if of_the_library and error.message.startswith("Argument '") else Stage.EXECUTION
