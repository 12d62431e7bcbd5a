"""Who may read a field that has no guard, declared type by type, so that nothing is open by oversight.

A field is guarded where it is made (`guard=`), or its type names it as open, or all of its type is. What only carries
other things from one place to the next is as open as what it carries, and named here once. Root fields ask for
themselves (`needs=`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from graphql import GraphQLObjectType, GraphQLSchema, is_introspection_type

from gql.execution.declarations import Root, declaration_of

CARRIERS: Final[Mapping[str, str]] = {
    "Payload": "whoever sent the mutation",
    "UserError": "whoever sent the mutation",
    "Warning": "whoever sent the mutation",
    "Connection": "whoever may read the list, which has what its viewer sees",
    "Edge": "whoever may read the list, which has what its viewer sees",
    "PageInfo": "whoever may read the list, which has what its viewer sees",
}
"""How the names of such types end, and to whom all of their fields are open."""

_ATTRIBUTE: Final = "__open_to__"
Class = TypeVar("Class", bound=type)


@dataclass(frozen=True, slots=True)
class Openness:
    """To whom, in words, and which fields by their GraphQL names; None for all, of a type that is a mere value."""

    audience: str
    fields: frozenset[str] | None

    def covers(self, field: str) -> bool:
        """Whether the field is declared to be open."""
        return self.fields is None or field in self.fields


def open_to(audience: str, fields: str | None = None) -> Callable[[Class], Class]:
    """Declare which fields of a type are open, to whoever has got hold of one; without `fields`, all of them are."""

    def declare(cls: Class) -> Class:
        setattr(cls, _ATTRIBUTE, Openness(audience, None if fields is None else frozenset(fields.split())))
        return cls

    return declare


def undeclared(schema: GraphQLSchema) -> list[str]:
    """What is wrong with the declarations: a sentence for each field without one, and for each that names no field."""
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    return [
        problem
        for kind in schema.type_map.values()
        if isinstance(kind, GraphQLObjectType) and not is_introspection_type(kind)
        for problem in (_of_root(kind) if kind in roots else _of_type(kind))
    ]


def _of_root(kind: GraphQLObjectType) -> Iterator[str]:
    for name, field in kind.fields.items():
        definition = (field.extensions or {}).get("strawberry-definition")
        if not isinstance(declaration_of(field), Root) or not (definition and definition.extensions):
            yield f"{kind.name}.{name} doesn't say whom it needs: declare it by `root` or `stream`."


def _of_type(kind: GraphQLObjectType) -> Iterator[str]:
    openness = _openness(kind)
    for name, field in kind.fields.items():
        declaration = declaration_of(field)
        if declaration is None:
            yield f"{kind.name}.{name} is not declared in one of the ways of gql/schema/fields.py."
        elif declaration.guard is None and not (openness and openness.covers(name)):
            yield f"{kind.name}.{name} has no policy: give it a guard, or name it in the type's `open_to`."
    for name in sorted((openness.fields or frozenset()) - kind.fields.keys() if openness else ()):
        yield f"{kind.name} declares {name} as open, and has no such field."


def _openness(kind: GraphQLObjectType) -> Openness | None:
    definition = (kind.extensions or {}).get("strawberry-definition")
    declared: Openness | None = vars(definition.origin).get(_ATTRIBUTE) if definition else None
    if declared is not None:
        return declared
    carried = next((to for ending, to in CARRIERS.items() if kind.name.endswith(ending)), None)
    return None if carried is None else Openness(carried, None)
