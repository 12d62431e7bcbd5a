"""One operation from text to answer: document cache → limits → validation → coercion → cost → plan or execution.

What can be known from the text alone is done once per text and kept in a bounded cache.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from inspect import isawaitable
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    execute,
    get_variable_values,
    parse,
    validate,
)
from graphql.execution.values import VariableValues

from gql.execution.cost import OperationCost
from gql.execution.executor import ShortCutExecutor, ShortCuts
from gql.execution.limits import Limits, TooComplex, check
from gql.execution.planned import Planned

_log = logging.getLogger(__name__)


class Stage(Enum):
    """Where an error arose, for whoever gives it a code."""

    PARSE = "parse"
    LIMITS = "limits"
    VALIDATION = "validation"
    VARIABLES = "variables"
    EXECUTION = "execution"


FormatError = Callable[[GraphQLError, Stage], dict[str, Any]]
"""Makes of an error what the client may know of it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None
    is_registered: bool = False
    """Whether somebody has looked the document over before: of the limits it then knows that of nodes only."""


Admit = Callable[[int], None]
"""Is told how many nodes an operation may return before it is executed. What it raises ends the request."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer. `executed` is False where the request itself was wrong, and `data` then is absent.

    The payload is orjson's to write: moments may be `datetime`.
    """

    payload: dict[str, Any]
    executed: bool


@dataclass(frozen=True, slots=True)
class PreparedOperation:
    """One operation of a document, and what is kept of it from request to request."""

    node: OperationDefinitionNode
    cost: OperationCost
    planned: Planned


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that parsed, kept within the limits and is valid."""

    document: DocumentNode
    operations: Mapping[str | None, PreparedOperation]
    introspects: bool


class _RequestFailed(Exception):
    def __init__(self, errors: Sequence[GraphQLError], stage: Stage) -> None:
        super().__init__(stage.value)
        self.errors = errors
        self.stage = stage


class Pipeline:
    """Runs operations against one schema. Not for threads: it belongs to one event loop."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        format_error: FormatError,
        *,
        documents: int = 100,
        most_errors: int = 5,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._format_error = format_error
        self._documents: OrderedDict[str, Prepared] = OrderedDict()
        self._most_documents = documents
        self._most_errors = most_errors

    async def run(
        self, request: Request, context: Any, *, refuse_introspection: Exception | None, admit: Admit | None = None
    ) -> Outcome:
        """Answer one request. `refuse_introspection` is why this viewer may not introspect; None where they may.

        Raises what `admit` raises.
        """
        try:
            prepared = self._prepare(request, hide_suggestions=refuse_introspection is not None)
            operation = self._select(prepared, request.operation_name)
            if prepared.introspects and refuse_introspection is not None:
                refusal = GraphQLError(str(refuse_introspection), operation.node, original_error=refuse_introspection)
                raise _RequestFailed([refusal], Stage.EXECUTION)
            variables = self._variables(operation, request.variables)
            nodes = self._nodes(operation, variables)
        except RecursionError:
            too_deep = GraphQLError("The document or its variables are nested too deeply.")
            return Outcome({"errors": [self._format_error(too_deep, Stage.LIMITS)]}, executed=False)
        except _RequestFailed as failure:
            errors = [self._format_error(error, failure.stage) for error in failure.errors]
            return Outcome({"errors": errors}, executed=False)
        if admit is not None:
            admit(nodes)
        short_cuts = ShortCuts()
        data = await operation.planned.data(variables, context, short_cuts)
        if data is not None:
            return Outcome({"data": data}, executed=True)
        return await self._execute(prepared, request, context, short_cuts)

    def _prepare(self, request: Request, *, hide_suggestions: bool) -> Prepared:
        query = request.query
        known = self._documents.get(query)
        if known is not None:
            self._documents.move_to_end(query)
            return known
        limits = self._limits if not request.is_registered else self._limits.lifted()
        prepared = self._analyse(query, limits, hide_suggestions=hide_suggestions)
        self._documents[query] = prepared
        if len(self._documents) > self._most_documents:
            self._documents.popitem(last=False)
        return prepared

    def _analyse(self, query: str, limits: Limits, *, hide_suggestions: bool) -> Prepared:
        if len(query) > limits.characters:
            message = f"The document has {len(query)} characters; at most {limits.characters} are allowed."
            raise _RequestFailed([GraphQLError(message)], Stage.LIMITS)
        try:
            document = parse(query, max_lexical_tokens=limits.tokens)
            introspects = check(document, limits)
        except GraphQLError as error:
            # The parser's own bounds are told apart from syntax errors by how their message ends, and by nothing else.
            stage = Stage.LIMITS if error.message.endswith("Parsing aborted.") else Stage.PARSE
            raise _RequestFailed([error], stage) from None
        except TooComplex as error:
            raise _RequestFailed([GraphQLError(str(error))], Stage.LIMITS) from None
        errors = validate(self._schema, document, max_errors=5, hide_suggestions=hide_suggestions)
        if errors:
            raise _RequestFailed(
                [_unsuggestive(error) for error in errors] if hide_suggestions else errors, Stage.VALIDATION
            )
        _forget_tokens(document)
        fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        operations = {
            d.name.value if d.name else None: PreparedOperation(
                d, OperationCost(self._schema, d, fragments), Planned(self._schema, d, fragments)
            )
            for d in document.definitions
            if isinstance(d, OperationDefinitionNode)
        }
        return Prepared(document, operations, introspects)

    @staticmethod
    def _select(prepared: Prepared, name: str | None) -> PreparedOperation:
        if name is None and len(prepared.operations) == 1:
            return next(iter(prepared.operations.values()))
        operation = prepared.operations.get(name) if name is not None else None
        if operation is None:
            message = "Pass `operationName`: the document has several operations, or none of that name."
            raise _RequestFailed([GraphQLError(message)], Stage.VALIDATION)
        return operation

    def _variables(self, operation: PreparedOperation, variables: Mapping[str, Any]) -> VariableValues:
        """The variables, coerced."""
        coerced = get_variable_values(
            self._schema,
            operation.node.variable_definitions or (),
            dict(variables),
            max_errors=5,
            hide_suggestions=True,
        )
        if isinstance(coerced, list):
            raise _RequestFailed(coerced, Stage.VARIABLES)
        return coerced

    def _nodes(self, operation: PreparedOperation, variables: VariableValues) -> int:
        """How many nodes the operation may return, which the limit allows."""
        nodes = operation.cost.nodes(variables.coerced)
        if nodes > self._limits.nodes:
            most = self._limits.nodes
            message = f"The operation may return {nodes} nodes; at most {most} are allowed. Ask for smaller pages."
            raise _RequestFailed([GraphQLError(message)], Stage.LIMITS)
        return nodes

    async def _execute(self, prepared: Prepared, request: Request, context: Any, short_cuts: ShortCuts) -> Outcome:
        running = execute(
            self._schema,
            prepared.document,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
            executor_class=ShortCutExecutor,
            short_cuts=short_cuts,
        )
        result: ExecutionResult = await running if isawaitable(running) else running
        payload: dict[str, Any] = {"data": result.data}
        if result.errors:
            payload["errors"] = [
                self._format_error(error, _stage_of(error)) for error in result.errors[: self._most_errors]
            ]
        elif short_cuts.given_up:
            failures = sorted({type(failure).__qualname__ for failure in short_cuts.given_up})
            _log.error("a plan failed where the stock executor did not: %s", ", ".join(failures))
        return Outcome(payload, executed=True)


def _unsuggestive(error: GraphQLError) -> GraphQLError:
    """Without what one rule suggests although it was asked not to: that a field needs a selection."""
    message, _, suggestion = error.message.partition(" Did you mean ")
    return GraphQLError(message, error.nodes) if suggestion else error


def _stage_of(error: GraphQLError) -> Stage:
    """VARIABLES where an argument got a value that only execution could refuse, such as null in place of a default."""
    original = error.original_error
    of_the_library = original is None or isinstance(original, GraphQLError)
    return Stage.VARIABLES if of_the_library and error.message.startswith("Argument '") else Stage.EXECUTION


def _forget_tokens(node: Node) -> None:
    """Let go of the parser's tokens: a third of a document's memory, and rings that only the collector frees.

    Errors are located by where nodes begin.
    """
    if node.loc is not None:
        node.loc.start_token = node.loc.end_token = None  # type: ignore[assignment]
    for key in node.keys:
        below = getattr(node, key, None)
        for child in below if isinstance(below, list | tuple) else (below,):
            if isinstance(child, Node):
                _forget_tokens(child)
