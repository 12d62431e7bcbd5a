"""Random documents of our schema, seasoned so that they find rows and use all of the language.

hypothesis-graphql knows types; it knows neither our IDs nor what a page is. The seasoning puts known IDs, names and
page sizes in place of random ones, and adds aliases, fragments, duplicates, `__typename`, `@include` and `@skip`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_object_type,
    parse,
    parse_value,
    print_ast,
    visit,
)
from hypothesis import strategies as st
from hypothesis_graphql import queries

_NOUN_OF = {"officeId": "office", "parentId": "office", "accountManagerId": "admin", "groupId": "group"}
_NOUN_OF_ARGUMENT = {"officeId": "office", "customerId": "customer", "adminId": "admin"}

_RULES = (
    "{ status: [ACTIVE, PENDING] }",
    "{ not: { tier: [GOLD, null] } }",
    '{ any: [{ tag: ["vip"] }, { daysPastDue: { min: 1 } }] }',
    '{ all: [{ outstanding: { currency: "NGN", minimumMinor: 1 } }, { accountAge: { max: 9000 } }] }',
    "{ all: [] }",
)
"""Of which exactly one field must be given: hypothesis-graphql gives several."""

VARIABLES = {"yes": True, "no": False}


def documents(
    schema: GraphQLSchema, sdl: str, ids: Mapping[str, Sequence[str]], searches: Sequence[str]
) -> st.SearchStrategy[str]:
    """Query documents with the variables of VARIABLES; `ids` are global IDs that exist, by noun."""
    days = st.dates(date(2020, 1, 1), date(2026, 1, 1)).map(lambda day: StringValueNode(value=day.isoformat()))
    moments = days.map(lambda day: StringValueNode(value=f"{day.value}T12:00:00Z"))
    sums = st.integers(0, 2**40).map(lambda number: IntValueNode(value=str(number)))
    scalars = {"Date": days, "DateTime": moments, "BigInt": sums}
    plain = queries(sdl, allow_null=False, allow_x00=False, print_ast=print_ast, custom_scalars=scalars)
    return st.builds(
        lambda text, number: season(schema, text, Random(number), ids, searches),
        plain,
        st.integers(0, 2**32),
    )


def season(
    schema: GraphQLSchema, text: str, random: Random, ids: Mapping[str, Sequence[str]], searches: Sequence[str]
) -> str:
    """The document with values that find something, and more of the language in it."""
    types = TypeInfo(schema)
    document: DocumentNode = visit(parse(text), TypeInfoVisitor(types, _Values(types, random, ids, searches)))
    types = TypeInfo(schema)
    document = visit(document, TypeInfoVisitor(types, _Language(types, random)))
    return print_ast(document)


class _Values(Visitor):
    """Puts in place of random argument values some that find rows."""

    def __init__(
        self, types: TypeInfo, random: Random, ids: Mapping[str, Sequence[str]], searches: Sequence[str]
    ) -> None:
        super().__init__()
        self._types, self._random, self._ids, self._searches = types, random, ids, searches

    def leave_field(self, node: FieldNode, *_: Any) -> Any:
        """The ID of a root field; page sizes: one of the two, small; cursors seldom."""
        arguments = {argument.name.value: argument for argument in node.arguments or ()}
        if "id" in arguments:
            arguments["id"] = _with(arguments["id"], value=self._id(node.name.value))
        if arguments.keys() & {"first", "last", "after", "before"}:
            page = [arguments.pop(name, None) for name in ("first", "last", "after", "before")]
            if self._random.random() < 0.05:
                arguments |= {a.name.value: a for a in page[2:] if a is not None}
            name = self._random.choice(("first", "first", "last"))
            size = IntValueNode(value=str(self._random.randint(1, 4)))
            arguments[name] = ArgumentNode(name=NameNode(value=name), value=size)
        return _with(node, arguments=tuple(arguments.values()))

    def leave_argument(self, node: ArgumentNode, *_: Any) -> Any:
        """Lists of IDs, searches, rules, the office to pick from, and whose access to whom is to be explained."""
        name = node.name.value
        if name == "ids":
            every = [i for ids in self._ids.values() for i in ids]
            some = self._random.choices(every, k=self._random.randint(0, 4))
            return _with(node, value=ListValueNode(values=tuple(StringValueNode(value=i) for i in some)))
        if name == "search":
            return _with(node, value=StringValueNode(value=self._random.choice(self._searches)))
        if name == "criteria":
            return _with(node, value=parse_value(self._random.choice(_RULES)))
        noun = _NOUN_OF_ARGUMENT.get(name)
        return node if noun is None else _with(node, value=self._id(noun))

    def leave_object_field(self, node: Any, *_: Any) -> Any:
        """IDs in filters."""
        noun = _NOUN_OF.get(node.name.value)
        return node if noun is None else _with(node, value=self._id(noun))

    def _id(self, noun: str) -> ValueNode:
        """An ID of the noun; of any where it is `node`, and seldom no ID at all."""
        if self._random.random() < 0.05:
            return StringValueNode(value="no such ID")
        nouns = [noun] if noun in self._ids else list(self._ids)
        return StringValueNode(value=self._random.choice(self._ids[self._random.choice(nouns)]))


class _Language(Visitor):
    """Adds what hypothesis-graphql leaves out."""

    def __init__(self, types: TypeInfo, random: Random) -> None:
        super().__init__()
        self._types, self._random = types, random

    def leave_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> OperationDefinitionNode:
        """Declare the variables that conditions use."""
        boolean = NamedTypeNode(name=NameNode(value="Boolean"))
        definitions = tuple(
            VariableDefinitionNode(
                variable=VariableNode(name=NameNode(value=name)),
                type=boolean,
                default_value=BooleanValueNode(value=value),
                directives=(),
            )
            for name, value in VARIABLES.items()
        )
        mentions = SelectionSetNode(selections=(*node.selection_set.selections, *(_typename(n) for n in VARIABLES)))
        return OperationDefinitionNode(
            operation=OperationType.QUERY, variable_definitions=definitions, directives=(), selection_set=mentions
        )

    def leave_selection_set(self, node: SelectionSetNode, _key: Any, parent: Any, *_: Any) -> SelectionSetNode:
        """Shuffle in duplicates, `__typename`, inline fragments."""
        selections: list[SelectionNode] = []
        for selection in node.selections:
            selections.append(selection)
            if self._random.random() < 0.1:
                selections.append(selection)  # the same key twice
        if self._random.random() < 0.2:
            selections.insert(self._random.randrange(len(selections) + 1), _plain_typename())
        if self._random.random() < 0.15 and is_object_type(self._types.get_parent_type()):
            cut = self._random.randrange(len(selections))
            inner = SelectionSetNode(selections=tuple(selections[cut:]))
            selections[cut:] = [InlineFragmentNode(type_condition=None, directives=(), selection_set=inner)]
        return SelectionSetNode(selections=tuple(selections))

    def leave_field(self, node: FieldNode, *_: Any) -> FieldNode:
        """Aliases that can't collide, and conditions."""
        if node.name.value.startswith("__") or get_named_type(self._types.get_type()) is None:
            return node
        if self._random.random() < 0.1:
            alias = NameNode(value=f"{node.name.value}_{self._random.randrange(10**6)}")
            node = _with(node, alias=alias)
        if self._random.random() < 0.1:
            node = _with(node, directives=(self._condition(),))
        return node

    def _condition(self) -> DirectiveNode:
        variable = VariableNode(name=NameNode(value=self._random.choice(tuple(VARIABLES))))
        argument = ArgumentNode(name=NameNode(value="if"), value=variable)
        return DirectiveNode(name=NameNode(value=self._random.choice(("include", "skip"))), arguments=(argument,))


def _typename(variable: str) -> FieldNode:
    """`__typename` that uses a variable, so that none is unused."""
    condition = DirectiveNode(
        name=NameNode(value="include"),
        arguments=(ArgumentNode(name=NameNode(value="if"), value=VariableNode(name=NameNode(value=variable))),),
    )
    return FieldNode(
        alias=NameNode(value=f"if_{variable}"), name=NameNode(value="__typename"), arguments=(), directives=(condition,)
    )


def _plain_typename() -> FieldNode:
    return FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())


def _with(node: Any, **changes: Any) -> Any:
    """A copy of a node with other parts."""
    parts = {key: getattr(node, key) for key in node.keys}
    return type(node)(**(parts | changes))
