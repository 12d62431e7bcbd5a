"""Documents that ask for everything, made from the schema: a field that is added later is asked for, too.

`whole` makes one document for a root field, with every field of every type that it leads to; `paths` one for each way
from a root field to a type, with all that the type has. No way goes through a type twice, so there are finitely many.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
)

Arguments = Mapping[str, str]
"""The arguments of a root field as literals, by name."""
_TAKES = {
    ("Customer", "repaymentPerformance"): '(since: "1997-01-01")',
    # Days before and after a handover of 1997 would be other rows' canaries.
    ("Admin", "bookStatistics"): '(since: "2026-01-01")',
    ("Group", "statistics"): '(since: "2026-01-01")',
    ("Customer", "managerAsOf"): '(at: "2026-01-01T00:00:00Z")',
}
"""The required arguments of fields below."""
_Step = tuple[GraphQLObjectType, str]
"""A type, which may be one of several that an interface stands for, and a field of it."""
Way = Sequence[_Step]
"""Fields that lead from a root field to a type."""
_WAYS = 12


@dataclass
class _Node:
    """What is selected in a document: a field or a fragment, and what is selected below it."""

    text: str
    type: GraphQLNamedType
    below: list["_Node"] = field(default_factory=list)

    def __str__(self) -> str:
        if is_leaf_type(self.type):
            return self.text
        return f"{self.text} {{ {' '.join(map(str, self.below)) or '__typename'} }}"

    def add(self, of: GraphQLObjectType, name: str) -> "_Node":
        """Select a field of the type, or of one of the types that it stands for."""
        definition, takes = of.fields[name], _TAKES.get((of.name, name), "")
        is_told = takes or not any(is_required_argument(a) for a in definition.args.values())
        assert is_told, f"say what {of.name}.{name} takes"
        child = _Node(f"{name}{takes}", get_named_type(definition.type))
        if of is self.type:
            self.below.append(child)
            return child
        child.text = (
            f"{of.name}_{name}: {name}{takes}"  # types that an interface stands for differ in what a name means
        )
        fragment = next((one for one in self.below if one.type is of), None)
        if fragment is None:
            fragment = _Node(f"... on {of.name}", of)
            self.below.append(fragment)
        fragment.below.append(child)
        return child


class Documents:
    """The documents of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    def whole(
        self, operation: str, name: str, root: GraphQLField, arguments: Arguments, *, levels: int | None = None
    ) -> str:
        """Each type in full where it comes first, breadth first, and its leaves wherever it comes.

        Down to so many levels, if they are given.
        """
        return f"{operation} Whole {{ {self._filled(name, root, arguments, (), levels)} }}"

    def ends(
        self, operation: str, name: str, root: GraphQLField, arguments: Arguments, ways: Sequence[Way]
    ) -> Iterator[str]:
        """What is near the end of each way, several ways to a document: a server then has a third of the work.

        All of a document begin with the same root field, so who is refused one way there is refused them all.
        """
        for start in range(0, len(ways), _WAYS):
            together = ways[start : start + _WAYS]
            tops = [self._filled(name, root, arguments, way, 1) for way in together]
            yield f"{operation} Ends {{ {' '.join(f'way{at}: {top}' for at, top in enumerate(tops))} }}"

    def _filled(self, name: str, root: GraphQLField, arguments: Arguments, way: Way, levels: int | None) -> _Node:
        node = top = _root(name, root, arguments)
        for step in way:
            node = node.add(*step)
        expanded = {of.name for of, _ in way}
        waiting = deque([(node, 0)])
        while waiting:
            node, level = waiting.popleft()
            for of in self._objects(node.type):
                is_first = of.name not in expanded and (levels is None or level < levels)
                expanded.add(of.name)
                fields = [name for name, one in of.fields.items() if is_first or is_leaf_type(get_named_type(one.type))]
                waiting += [(node.add(of, name), level + 1) for name in fields]
        return top

    def paths(self, operation: str, name: str, root: GraphQLField, arguments: Arguments) -> Iterator[str]:
        """All leaves at the end of a way, and those of the types right below."""
        start = get_named_type(root.type)
        for way in self._ways(start, frozenset({start.name})):
            node = top = _root(name, root, arguments)
            for step in way:
                node = node.add(*step)
            for of in self._objects(node.type):
                for below in [node.add(of, name) for name in of.fields]:
                    for kind in self._objects(below.type):
                        for name_of_leaf in _leaves(kind):
                            below.add(kind, name_of_leaf)
            yield f"{operation} Path {{ {top} }}"

    def ways_to(self, name: str, root: GraphQLField) -> list[Way]:
        """The ways from the root field that end at the type of that name, without any detour through it."""
        start = get_named_type(root.type)
        ways = self._ways(start, frozenset({start.name}))
        return [way for way in ways if way and get_named_type(way[-1][0].fields[way[-1][1]].type).name == name]

    def _ways(self, start: GraphQLNamedType, met: frozenset[str]) -> Iterator[Way]:
        yield ()
        for of in self._objects(start):
            for name, definition in of.fields.items():
                to = get_named_type(definition.type)
                if not is_leaf_type(to) and to.name not in met:
                    yield from (((of, name), *rest) for rest in self._ways(to, met | {of.name, to.name}))

    def _objects(self, kind: GraphQLNamedType) -> Sequence[GraphQLObjectType]:
        """The object types that a type is or stands for; none for leaves."""
        if is_abstract_type(kind):
            return self._schema.get_possible_types(kind)
        return [kind] if isinstance(kind, GraphQLObjectType) else []


def _leaves(of: GraphQLObjectType) -> list[str]:
    return [name for name, one in of.fields.items() if is_leaf_type(get_named_type(one.type))]


def _root(name: str, root: GraphQLField, arguments: Arguments) -> _Node:
    given = ", ".join(f"{argument}: {literal}" for argument, literal in arguments.items())
    return _Node(f"{name}({given})" if given else name, get_named_type(root.type))
