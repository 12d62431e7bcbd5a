"""Documents: parsed, held to the limits, validated, and their plans kept for as long as there is room."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from graphql import GraphQLError, GraphQLSchema, OperationType, VariableDefinitionNode, parse

from gql.execution.cost import OperationCost
from gql.execution.limits import Limits, TooComplex, check
from gql.execution.planned import Planned
from gql.execution.syntax import OperationSyntax, Tree, Trees
from gql.execution.validation import errors_of


class Stage(Enum):
    """Where an error arose, for whoever gives it a code."""

    PARSE = "parse"
    LIMITS = "limits"
    VALIDATION = "validation"
    VARIABLES = "variables"
    EXECUTION = "execution"


class Request(NamedTuple):
    """What a client sent."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None
    is_registered: bool = False
    """Whether somebody has looked the document over before: of the limits it then knows that of nodes only."""


@dataclass(frozen=True, slots=True)
class PreparedOperation:
    """One operation of a document, and what is kept of it from request to request."""

    kind: OperationType
    variables: Sequence[VariableDefinitionNode]
    syntax: OperationSyntax
    cost: OperationCost
    planned: Planned

    def refusal(self, message: str) -> "RequestFailed":
        """For an operation that is valid, and came by a way that its kind doesn't go."""
        return RequestFailed([GraphQLError(message, self.syntax.parsed()[0])], Stage.VALIDATION)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that parsed, kept within the limits and is valid."""

    operations: Mapping[str | None, PreparedOperation]
    introspects: bool


class RequestFailed(Exception):
    """A request that can't be executed: what is wrong with it, and where that was found."""

    def __init__(self, errors: Sequence[GraphQLError], stage: Stage) -> None:
        super().__init__(stage.value)
        self.errors = errors
        self.stage = stage


class Documents:
    """The documents of one schema, the `most` that were asked for last."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, most: int, most_trees: int) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, Prepared] = OrderedDict()
        self._trees = Trees(most_trees)
        self._most = most

    def prepare(self, request: Request, *, hide_suggestions: bool) -> Prepared:
        """The document of a request, ready for any number of them. Raises RequestFailed."""
        query = request.query
        known = self._kept.get(query)
        if known is not None:
            self._kept.move_to_end(query)
            return known
        limits = self._limits if not request.is_registered else self._limits.lifted()
        prepared = self._analyse(query, limits, hide_suggestions=hide_suggestions)
        self._kept[query] = prepared
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return prepared

    def _analyse(self, query: str, limits: Limits, *, hide_suggestions: bool) -> Prepared:
        if len(query) > limits.characters:
            message = f"The document has {len(query)} characters; at most {limits.characters} are allowed."
            raise RequestFailed([GraphQLError(message)], Stage.LIMITS)
        try:
            document = parse(query, max_lexical_tokens=limits.tokens)
            structure = check(document, limits)
        except GraphQLError as error:
            # The parser's own bounds are told apart from syntax errors by how their message ends, and by nothing else.
            stage = Stage.LIMITS if error.message.endswith("Parsing aborted.") else Stage.PARSE
            raise RequestFailed([error], stage) from None
        except TooComplex as error:
            raise RequestFailed([GraphQLError(str(error))], Stage.LIMITS) from None
        errors = errors_of(self._schema, query, document, structure, hide_suggestions=hide_suggestions)
        if errors:
            raise RequestFailed(
                [_unsuggestive(error) for error in errors] if hide_suggestions else errors, Stage.VALIDATION
            )
        tree = Tree.of(document)
        self._trees.add(query, tree)
        operations = {name: self._operation(query, name, tree) for name in tree.operations}
        return Prepared(operations, structure.introspects)

    def _operation(self, query: str, name: str | None, tree: Tree) -> PreparedOperation:
        node, syntax = tree.operations[name], OperationSyntax(self._trees, query, name)
        cost, planned = OperationCost(self._schema, syntax), Planned(self._schema, syntax)
        return PreparedOperation(node.operation, node.variable_definitions or (), syntax, cost, planned)

    @staticmethod
    def select(prepared: Prepared, name: str | None) -> PreparedOperation:
        """The operation of that name, or the only one. Raises RequestFailed."""
        if name is None and len(prepared.operations) == 1:
            return next(iter(prepared.operations.values()))
        operation = prepared.operations.get(name) if name is not None else None
        if operation is None:
            message = "Pass `operationName`: the document has several operations, or none of that name."
            raise RequestFailed([GraphQLError(message)], Stage.VALIDATION)
        return operation


def _unsuggestive(error: GraphQLError) -> GraphQLError:
    """Without what one rule suggests although it was asked not to: that a field needs a selection."""
    message, _, suggestion = error.message.partition(" Did you mean ")
    return GraphQLError(message, error.nodes) if suggestion else error
