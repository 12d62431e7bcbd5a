"""GraphQL documents in files, as clients' builds leave them: one in a `.graphql` file, many in a `.json` manifest."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, validate

from gql.services.documents import Document


class NotDocuments(Exception):
    """A file holds something else, or a document that the schema can't answer; the message names file and reason."""


def read_documents(paths: Iterable[Path], schema: GraphQLSchema) -> list[Document]:
    """The documents of files, and of the `.graphql` and `.json` files in folders, all valid. Raises NotDocuments.

    A manifest is a JSON object from SHA-256 to text, as Relay's compiler writes it, or has a list of `operations` with
    a `body` and an `id` each, as Apollo's tools write it. Hashes must be those of the texts.
    """
    return [_valid(path, text, schema) for path in _files(paths) for text in _texts(path)]


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix in (".graphql", ".json"))
        elif path.is_file():
            yield path
        else:
            raise NotDocuments(f"{path}: there is no such file.")


def _texts(path: Path) -> Sequence[str]:
    try:
        text = path.read_text(encoding="utf-8")
        return [text] if path.suffix != ".json" else list(_of_manifest(path, json.loads(text)))
    except ValueError as error:  # of the decoder of either
        raise NotDocuments(f"{path}: {error}.") from None


def _of_manifest(path: Path, manifest: Any) -> Iterator[str]:
    if isinstance(manifest, dict) and isinstance(manifest.get("operations"), list):
        entries = [(entry.get("id"), entry.get("body")) for entry in manifest["operations"] if isinstance(entry, dict)]
    elif isinstance(manifest, dict):
        entries = list(manifest.items())
    else:
        entries = []
    if not entries:
        raise NotDocuments(f"{path}: this is no manifest of documents.")
    for sha256, text in entries:
        if not isinstance(text, str) or Document(text, "").sha256 != sha256:
            raise NotDocuments(f"{path}: {sha256} is not the SHA-256 of its document.")
        yield text


def _valid(path: Path, text: str, schema: GraphQLSchema) -> Document:
    try:
        document = parse(text)
    except GraphQLError as error:
        raise NotDocuments(f"{path}: {error.message}.") from None
    errors = validate(schema, document, max_errors=1)
    if errors:
        raise NotDocuments(f"{path}: {errors[0].message}")
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return Document(text, ", ".join(node.name.value if node.name else "(unnamed)" for node in operations))
