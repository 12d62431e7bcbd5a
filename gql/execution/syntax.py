"""Syntax trees, of which only those needed last are kept: one takes more than the plan of its document does.

A plan doesn't need it. The careful walk does, for errors below a root field, and graphql-core for introspection, and so
does whatever depends on variables that came with new values: where the tree is gone by then, the text is parsed again.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import DocumentNode, FragmentDefinitionNode, Node, OperationDefinitionNode, parse

from gql.execution.plain import PlainLeaves


@dataclass(frozen=True, slots=True)
class Tree:
    """A document's tree, and what is remembered of its nodes."""

    document: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode]
    fragments: Mapping[str, FragmentDefinitionNode]
    plain: PlainLeaves = field(default_factory=PlainLeaves)
    """The plain leaves of its selections, as far as executions have met them."""

    @classmethod
    def of(cls, document: DocumentNode) -> "Tree":
        """Of a document that was parsed. Its tokens are let go."""
        _forget_tokens(document)
        return cls(
            document,
            {
                definition.name.value if definition.name else None: definition
                for definition in document.definitions
                if isinstance(definition, OperationDefinitionNode)
            },
            {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)},
        )


class Trees:
    """The trees of the `most` documents that needed theirs last, by their texts."""

    def __init__(self, most: int) -> None:
        self._kept: OrderedDict[str, Tree] = OrderedDict()
        self._most = most

    def add(self, text: str, tree: Tree) -> None:
        """Keep it, and give up the one that was needed least lately."""
        self._kept[text] = tree
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def of(self, text: str) -> Tree:
        """The tree of a document that has parsed before."""
        tree = self._kept.get(text)
        if tree is None:
            tree = Tree.of(parse(text))
            self.add(text, tree)
        else:
            self._kept.move_to_end(text)
        return tree


@dataclass(frozen=True, slots=True)
class OperationSyntax:
    """An operation of a document, by its name: what keeps this keeps no tree."""

    trees: Trees
    text: str
    name: str | None

    def tree(self) -> Tree:
        """The document's."""
        return self.trees.of(self.text)

    def parsed(self) -> tuple[OperationDefinitionNode, Mapping[str, FragmentDefinitionNode]]:
        """The operation, and the document's fragments."""
        tree = self.tree()
        return tree.operations[self.name], tree.fragments


def _forget_tokens(node: Node) -> None:
    """Let go of the parser's tokens: a third of a tree's memory, and rings that only the collector frees.

    Errors are located by where nodes begin.
    """
    if node.loc is not None:
        node.loc.start_token = node.loc.end_token = None  # type: ignore[assignment]
    for key in node.keys:
        below = getattr(node, key, None)
        for child in below if isinstance(below, list | tuple) else (below,):
            if isinstance(child, Node):
                _forget_tokens(child)
